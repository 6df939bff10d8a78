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
        """Note a fault."""
        self._plantadas[especie].append((desde, id_))

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
            yield (
                f"{h[i : i + 8]}-{h[i + 8 : i + 12]}-{h[i + 12 : i + 16]}"
                f"-{h[i + 16 : i + 20]}-{h[i + 20 : i + 32]}"
            )


def reais(centavos: int) -> str:
    """Return an amount that is not negative, as PostgreSQL reads it."""
    return f"{centavos // 100}.{centavos % 100:02d}"


def parte(total: int, divisor: int) -> int:
    """Return a share of a total, and at least two."""
    return max(2, total // divisor)
