"""What a contract may say of a column, and how dbt's words and lastro's stand in one place."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import pyarrow as pa
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    model_validator,
)

from loaders.contratos import pessoal, tipos
from loaders.contratos.pessoal import Marca

NOME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
FECHADO = ConfigDict(extra="forbid", frozen=True)
DO_DBT = {
    "fonte": {
        "name", "description", "schema", "tables", "tags", "freshness", "loaded_at_field",
        "loader", "data_tests", "config", "overrides", "quoting", "database",
    },
    "tabela": {
        "name", "description", "columns", "data_tests", "tests", "tags", "freshness", "identifier",
        "loaded_at_field", "config", "quoting", "external",
    },
    "coluna": {
        "name", "description", "data_type", "data_tests", "tests", "tags", "config", "quote",
    },
}  # fmt: skip
"""Keys of dbt; what they mean is for dbt to judge."""
DERIVADO = {"tamanho": "bigint"}
"""The types of what derivations make that is no text."""
DE_FORA = ("fonte", "esquema")
"""What a table has from its source, and cannot say itself."""


def _nome(texto: str) -> str:
    if not NOME.fullmatch(texto) or texto in tipos.RESERVADAS:
        raise ValueError(
            f"{texto!r} cannot be a name in the warehouse: up to 63 lower-case letters, digits and"
            " _, beginning with a letter, no word of SQL; its name in the source is `na_fonte`"
        )
    return texto


def _tipo(texto: str) -> str:
    tipos.em_arrow(texto)
    return texto.replace(", ", ",")


def _lido(texto: str) -> str:
    if texto not in ("date", "timestamp") and tipos.partes_decimais(texto) is None:
        raise ValueError(f"{texto!r} is none of date, timestamp and decimal(precision,scale)")
    return texto


def uma_ou_varias(dito: object) -> object:
    """A key that may be one text, as several."""
    return (dito,) if isinstance(dito, str) else dito


Nome = Annotated[str, AfterValidator(_nome)]
Nomes = Annotated[tuple[Nome, ...], BeforeValidator(uma_ou_varias)]
Textos = Annotated[tuple[str, ...], BeforeValidator(uma_ou_varias)]


def aplanar(dados: Any, do_dbt: set[str], apelidos: Mapping[str, str]) -> Any:
    """One level of what dbt and lastro say of the same thing, by lastro's names.

    Args:
        dados: what stands in the file.
        do_dbt: the keys of dbt; what they say is dropped,
        apelidos: unless it is these, by dbt's name.

    Raises:
        ValueError: a key is neither dbt's nor lastro's.
    """
    if not isinstance(dados, dict) or not all(isinstance(c, str) for c in dados):
        return dados
    if desconhecidas := sorted(dados.keys() - do_dbt):
        if "meta" in desconhecidas:
            raise ValueError("meta stands under `config:`")
        raise ValueError(f"unknown: {', '.join(desconhecidas)}; what is lastro's stands under"
                         " `config: meta:`")  # fmt: skip
    config = dados.get("config") or {}
    meta = config.get("meta") or {} if isinstance(config, dict) else config
    if not isinstance(meta, dict):
        raise ValueError("`config: meta:` holds keys with values")
    if de_fora := sorted(meta.keys() & {*apelidos.values(), *DE_FORA}):
        raise ValueError(f"unknown in `meta`: {', '.join(de_fora)}")
    return {apelido: dados[c] for c, apelido in apelidos.items() if c in dados} | meta


class Coluna(BaseModel):
    """One column of a raw table.

    Attributes:
        nome: its name.
        tipo: its SQL type.
        na_fonte: its name in the source, where that is another one.
        derivada_de: the source's column that it is made of. The source's own need not land.
        derivacao: how it is made (`extracao/derivacoes.py`).
        le_como: of a file's column, whose type is text: what the text is (`decimal(15,2)`, `date`,
            `timestamp`); None where it is read as it stands.
        pessoal, motivo, apagado, chave_de, ids_de, texto: what it tells of a person (`marca`).
    """

    model_config = FECHADO

    nome: Nome
    tipo: Annotated[str, AfterValidator(_tipo)]
    na_fonte: str | None = None
    derivada_de: str | None = None
    derivacao: Literal["token", "mascara", "json_permitido", "resumo", "tamanho"] | None = None
    le_como: Annotated[str, AfterValidator(_lido)] | None = None
    pessoal: str | None = None
    motivo: str | None = None
    apagado: str | None = None
    chave_de: str | None = None
    ids_de: str | None = None
    texto: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _do_dbt(cls, dados: Any) -> Any:
        return aplanar(dados, DO_DBT["coluna"], {"name": "nome", "data_type": "tipo"})

    @model_validator(mode="after")
    def _coerente(self) -> Self:
        if (self.derivada_de is None) != (self.derivacao is None):
            raise ValueError("`derivada_de` and `derivacao` go together")
        if self.derivacao and self.tipo != (feito := DERIVADO.get(self.derivacao, tipos.TEXTO)):
            raise ValueError(f"what `derivacao: {self.derivacao}` makes is {feito}")
        if self.derivada_de and self.na_fonte:
            raise ValueError("a derived column has no `na_fonte`: `derivada_de` names the source's")
        _ = self.marca
        return self

    @cached_property
    def marca(self) -> Marca | None:
        """What it tells of a person, where it says so itself."""
        return pessoal.ler(self.model_dump(include={"pessoal", *pessoal.CHAVES}))

    @property
    def da_fonte(self) -> bool:
        """Whether the source itself holds the column."""
        return not self.nome.startswith("_") and self.derivada_de is None

    @property
    def origem(self) -> str:
        """Its name in the source."""
        return self.na_fonte or self.nome

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type in which the column travels."""
        return tipos.em_arrow(self.tipo)
