"""The contract with each source: the tables and columns named in its dbt sources file.

One file serves both sides: dbt documents, tests and creates the raw tables from it; the loaders
check the source against it and land exactly those columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any

import pyarrow as pa
import yaml

from loaders import PROJETO
from loaders.nucleo.erros import LastroError

TIPOS_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "bigint": pa.int64(),
}


ILEGIVEIS = "_ilegiveis"
"""Column of a raw table that is read from a database: what its typed columns cannot hold, as text
(`<column>=<value>`, separated by `; `). There the typed columns are null."""

DO_DBT = "historia"
"""The source that dbt itself writes, beside its snapshots."""
DO_CONTROLE = "controle"
"""The source in which lastro says what was done."""


@dataclass(frozen=True)
class Coluna:
    """One column of a raw table: its name, its SQL type, and the source column it derives from."""

    nome: str
    tipo: str
    derivada_de: str | None = None

    @property
    def da_fonte(self) -> bool:
        """Whether the source itself holds the column."""
        return not self.nome.startswith("_") and self.derivada_de is None

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type in which the column travels."""
        if self.tipo.startswith("decimal("):
            precisao, escala = self.tipo[len("decimal(") : -1].split(",")
            return pa.decimal128(int(precisao), int(escala))
        return TIPOS_ARROW[self.tipo]


@dataclass(frozen=True)
class Tabela:
    """One raw table and how the loader reads its origin.

    Attributes:
        titular: the column whose value says of which person a row is, itself or through the table
            whose key it is; none where rows are about nobody.
        esquema_origem: the schema in which the source has it; None where the contract says nothing.
        visao: the source may show it by a view, a materialized view or a foreign table.
        fim_exigido: whether a file without a line end at its end is refused.
    """

    esquema: str
    nome: str
    colunas: tuple[Coluna, ...]
    chave: str | None = None
    incremental: bool = False
    dia: str | None = None
    valor: str | None = None
    arquivo: str | None = None
    titular: str | None = None
    valores: tuple[str, ...] = ()
    datas: tuple[str, ...] = ()
    esquema_origem: str | None = None
    visao: bool = False
    fim_exigido: bool = False

    @property
    def acham(self) -> frozenset[str]:
        """The columns by which a row is found: its own key, and whose it is."""
        return frozenset(c for c in (self.chave, self.titular) if c)

    @property
    def da_fonte(self) -> tuple[Coluna, ...]:
        """The columns that the source holds."""
        return tuple(c for c in self.colunas if c.da_fonte)

    @property
    def de_conteudo(self) -> tuple[Coluna, ...]:
        """The columns that make the content of a row: the source's and those derived from it."""
        return tuple(c for c in self.colunas if not c.nome.startswith("_") or c.nome == ILEGIVEIS)


def _tabela(esquema: str, esquema_origem: str | None, dados: dict[str, Any]) -> Tabela:
    meta = dados.get("config", {}).get("meta", {})
    return Tabela(
        esquema=esquema,
        nome=dados["name"],
        colunas=tuple(
            Coluna(
                c["name"],
                c["data_type"],
                c.get("config", {}).get("meta", {}).get("derivada_de"),
            )
            for c in dados["columns"]
        ),
        chave=meta.get("chave"),
        incremental=meta.get("leitura") == "incremental",
        dia=meta.get("dia"),
        valor=meta.get("valor"),
        arquivo=meta.get("arquivo"),
        titular=meta.get("titular"),
        valores=tuple(meta.get("valores", ())),
        datas=tuple(meta.get("datas", ())),
        esquema_origem=esquema_origem,
        visao=meta.get("visao", False),
        fim_exigido=_fim_exigido(dados["name"], meta.get("fim_de_linha")),
    )


def _fim_exigido(tabela: str, dito: object) -> bool:
    if dito not in (None, "exigido"):
        raise LastroError(
            f"The contract of {tabela} says `fim_de_linha: {dito}`; it may say `exigido`, or"
            " nothing where a last line without an end is accepted."
        )
    return dito is not None


@cache
def fontes() -> dict[str, tuple[Tabela, ...]]:
    """Every source and its tables, by source name; `esquema` is without the sandbox prefix.

    Raises:
        LastroError: a contract says what it cannot; or a person's id in one source has the name of
            a key in another.
    """
    resultado = {}
    for arquivo in sorted((PROJETO / "models").rglob("*__sources.yml")):
        for fonte in yaml.safe_load(arquivo.read_text(encoding="utf-8"))["sources"]:
            esquema = fonte["schema"].rpartition("}}")[2].strip()
            na_origem = fonte.get("config", {}).get("meta", {}).get("esquema_origem")
            resultado[fonte["name"]] = tuple(
                _tabela(esquema, na_origem, t) for t in fonte["tables"]
            )
    _conferir_chaves(resultado)
    return resultado


def _conferir_chaves(todas: Mapping[str, Sequence[Tabela]]) -> None:
    """Refuse two sources that share a column by which somebody's rows are found.

    A model that descends from both could not tell the ids of one from those of the other: whoever
    is erased from one source would be erased from the other's rows, too.
    """
    for (uma, dela), (outra, da_outra) in combinations(todas.items(), 2):
        for tabela, vizinha in product(dela, da_outra):
            comuns = tabela.acham & vizinha.acham
            if comuns and (tabela.titular or vizinha.titular):
                nomes = ", ".join(sorted(comuns))
                raise LastroError(
                    f"The sources {uma} and {outra} both have the key or holder column {nomes}, in"
                    f" {uma}.{tabela.nome} and {outra}.{vizinha.nome}. A model of both could not"
                    " tell whose row is meant: give it another name in the contract of one"
                    " (`meta: {chave, titular}` in models/**/*__sources.yml)."
                )
