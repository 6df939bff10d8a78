"""Loads as `controle.cargas` knows them, whichever way their source is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from loaders import __version__
from loaders.armazem import Armazem
from loaders.armazem.sql import literal
from loaders.controle.tabelas import gravar, qualificada

AUSENTE = "ausente"
"""Status of what the contract calls optional, and the source does not have: nothing is stored."""
PARCIAL = "parcial"
"""Status of a load that a partner or a kill ended before its end: what it landed stays."""
EM_CURSO, SEGUIDA = "em_curso", "seguida"
"""Statuses of a load of `--follow`: it grows, so that no model reads it yet; and it has ended. No
build or publication waits for either."""


@dataclass
class Carga:
    """One row of `controle.cargas`, while it is being made.

    Attributes:
        id: its number.
        fonte: the source.
        origem: the table, or the file's name as it is shown and stored; `*` where it came to none.
        inicio: when it began (UTC).
        entidade: the raw table; None where the load came to none.
        entrega: which delivery a file is.
        suprimidas: rows left out, since they are of people who were erased.
        ilegiveis: rows with values that their columns cannot hold.
        posicao: how far the source's snapshot goes.
        nome: of a file: its name as the place knows it, of whatever bytes.
        marca: of a file: what changes when it is written; None where it could not be read.
    """

    id: int
    fonte: str
    origem: str
    inicio: datetime
    entidade: str | None = None
    entrega: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    lidas: int = 0
    rejeitadas: int = 0
    suprimidas: int = 0
    gravadas: int = 0
    ilegiveis: int = 0
    linhas_origem: int | None = None
    valor_origem: Decimal | None = None
    formato: str | None = None
    forma_decimal: str | None = None
    forma_data: str | None = None
    extraido_em: datetime | None = None
    posicao: str | None = None
    status: str = "erro"
    mensagem: str | None = None
    nome: str = ""
    marca: object = None

    def linha(self) -> dict[str, Any]:
        """The row as it is stored."""
        return {
            "_carga_id": self.id,
            "fonte": self.fonte,
            "origem": self.origem,
            "entidade": self.entidade,
            "entrega": self.entrega,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "lidas": self.lidas,
            "rejeitadas": self.rejeitadas,
            "gravadas": self.gravadas,
            "linhas_origem": self.linhas_origem,
            "valor_origem": self.valor_origem,
            "formato": self.formato,
            "forma_decimal": self.forma_decimal,
            "forma_data": self.forma_data,
            "extraido_em": self.extraido_em,
            "posicao_origem": self.posicao,
            "inicio": self.inicio,
            "fim": datetime.now(UTC),
            "status": self.status,
            "mensagem": self.mensagem,
            "versao_loader": __version__,
        }


def registrar(armazem: Armazem, cargas: Iterable[Carga]) -> None:
    """Store loads, inside a transaction."""
    gravar(armazem, "cargas", [c.linha() for c in cargas if c.status != AUSENTE])


def atualizar(armazem: Armazem, carga: Carga) -> None:
    """Store, inside a transaction, how far a load is that lands its rows in several of them."""
    cargas = qualificada(armazem, "cargas")
    armazem.resguardar([cargas], muda=True)
    textos = {"formato": carga.formato, "status": carga.status, "mensagem": carga.mensagem}
    numeros = {n: getattr(carga, n) for n in ("lidas", "rejeitadas", "gravadas")}
    mudados = [f"{c} = {'null' if v is None else literal(v)}" for c, v in textos.items()]
    mudados += [f"{c} = {int(n)}" for c, n in numeros.items()]
    mudados.append(f"fim = cast('{datetime.now(UTC).isoformat()}' as timestamptz)")
    if not armazem.executar(
        f"update {cargas} set {', '.join(mudados)} where _carga_id = {carga.id}"
    ):
        registrar(armazem, [carga])
