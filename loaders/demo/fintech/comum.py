"""What all parts of the sample are made of: sizes, versions of rows, ids, planted faults.

A row of a table is a list of versions, each a line of COPY's text format with the moments from and
until which the database shows it. Only what one of the two stages shows is kept.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from loaders.demo.fintech.calendario import ANTES, DEPOIS, NUNCA

NULO = r"\N"
Versao = tuple[int, int, str]
Lancamento = tuple[int, int, str, int, int, int]
"""A version of an entry, the account, and what it adds to its balance and to what is reserved."""
Vida = tuple[tuple[int, str], ...]
"""The statuses of something, each with the moment at which it begins."""


@dataclass(frozen=True)
class Tamanho:
    """How many rows the last stage shows."""

    usuarios: int = 5_000
    contas: int = 6_000
    lancamentos: int = 300_000
    pagamentos: int = 40_000
    emprestimos: int = 3_000
    chamadas: int = 60_000
    auditorias: int = 100_000

    def __post_init__(self) -> None:
        """Refuse sizes that leave no room for every planted fault."""
        if not 100 <= self.usuarios <= self.contas:
            raise ValueError("At least 100 users, and as many accounts as users.")
        if min(self.pagamentos, self.chamadas, self.auditorias) < 500 or self.emprestimos < 200:
            raise ValueError("At least 500 payments, calls and audit lines, and 200 loans.")


@dataclass
class Falhas:
    """What is planted: ids by `<reconciliation>/<kind>`, with the moment from which each shows."""

    _plantadas: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def plantar(self, especie: str, id_: str, desde: int) -> None:
        """Note a fault; an id in hexadecimal digits alone is noted as PostgreSQL writes it."""
        self._plantadas[especie].append((desde, com_tracos(id_) if len(id_) == 32 else id_))

    def ate(self, momento: int) -> dict[str, list[str]]:
        """Return what shows at a moment, ids in order."""
        return {
            especie: sorted(id_ for desde, id_ in ids if desde <= momento)
            for especie, ids in sorted(self._plantadas.items())
        }


@dataclass
class Auditoria:
    """What the parts tell the source's audit log: moment, entity, id, action, data, who."""

    fatos: list[tuple[int, str, str, str, str, str]] = field(default_factory=list)

    def anotar(
        self, quando: int, entidade: str, id_: str, acao: str, dados: str, quem: str
    ) -> None:
        """Note a fact, unless it lies behind the last stage."""
        if quando <= DEPOIS:
            self.fatos.append((quando, entidade, id_, acao, dados, quem))


def visivel(desde: int, ate: int) -> bool:
    """Say whether a stage shows what lasts from one moment until another."""
    return desde <= ANTES < ate or desde <= DEPOIS < ate


def por_etapa(versoes: list[Versao], antes: str | None, depois: str | None) -> None:
    """Add a row as it stands at each stage; None where it is not there."""
    if antes == depois:
        if antes is not None:
            versoes.append((0, NUNCA, antes))
        return
    if antes is not None:
        versoes.append((0, DEPOIS, antes))
    if depois is not None:
        versoes.append((DEPOIS, NUNCA, depois))


def uuids(sorteio: Random) -> Iterator[str]:
    """Yield ids as PostgreSQL writes them, without end."""
    while True:
        h = sorteio.randbytes(16 * 256).hex()
        for i in range(0, len(h), 32):
            yield com_tracos(h[i : i + 32])


def em_hexa(sorteio: Random) -> Iterator[str]:
    """Yield ids as PostgreSQL reads them, without end, in half the time."""
    while True:
        yield from sorteio.randbytes(16 * 256).hex("-", 16).split("-")


def com_tracos(h: str) -> str:
    """Return an id as PostgreSQL writes it."""
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def reais(centavos: int) -> str:
    """Return an amount that is not negative, as PostgreSQL reads it."""
    return f"{centavos // 100}.{centavos % 100:02d}"


def parte(total: int, divisor: int) -> int:
    """Return a share of a total, and at least two."""
    return max(2, total // divisor)
