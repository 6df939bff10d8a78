"""The views that people read in the lake, as Spark's SQL: a namespace an area, masks in the text.

Spark knows no roles that a view could ask. So each area has views of its own, in which a column of
a class that it does not see is null. They read the tag of the current version: another version
moves the tag, and the views stay as they are for as long as columns and declaration do.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from loaders.lago.catalogo import NOME, REFINADA
from loaders.lago.limpeza import DOS_LEITORES
from loaders.publicacao import acessos
from loaders.publicacao.acessos import Area
from loaders.publicacao.modelos import Modelo

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table

PUBLICADA = "publicada"
"""The tag of each table that the views read: its rows in the current version."""
Tabelas = Mapping[str, "Table"]
"""The tables that hold the rows of a version, by schema and name without the sandbox prefix."""


def comandos(prefixo: str, pasta: str, tabelas: Tabelas) -> list[str]:
    """What makes all views of a version, in the order in which they need each other.

    Args:
        prefixo: the sandbox prefix.
        pasta: the folder or address of the lake's files.
        tabelas: the tables of the version.
    """
    # A session remembers tables, and these got their tag outside of it.
    feitos = [f"refresh table {NOME}.{prefixo}{tabela}" for tabela in tabelas]
    for nome, area in acessos.areas().items():
        esquema = _esquema_de(prefixo, nome)
        feitos.append(f"create namespace if not exists {NOME}.{esquema}")
        for modelo in area.modelos():
            if consulta := _consulta(prefixo, esquema, area, modelo, tabelas):
                lugar = _texto("/".join((pasta, REFINADA, esquema, modelo.nome)))
                feitos.append(
                    f"create or replace view {NOME}.{esquema}.{modelo.nome}"
                    f"{_ditos(modelo, tabelas)} tblproperties ('location' = {lugar})"
                    f" as {consulta}"
                )
    return feitos


def declaradas(prefixo: str) -> list[str]:
    """The views that an area may have, by namespace and name.

    Args:
        prefixo: the sandbox prefix.
    """
    return [
        f"{_esquema_de(prefixo, nome)}.{modelo.nome}"
        for nome, area in acessos.areas().items()
        for modelo in area.modelos()
    ]


def _esquema_de(prefixo: str, area: str) -> str:
    return f"{prefixo}{DOS_LEITORES}{area}"


def _consulta(
    prefixo: str, esquema: str, area: Area, modelo: Modelo, tabelas: Tabelas
) -> str | None:
    """What a view selects; none where the version has not all of it."""
    if modelo.partes:
        partes = [f"{modelo.esquema}.{parte}" for parte in modelo.partes]
        return modelo.reuniao(f"{NOME}.{esquema}") if {*partes} <= tabelas.keys() else None
    if modelo.tabela not in tabelas:
        return None
    # `if` keeps the type of what it hides
    colunas = ", ".join(
        f"if(false, {c}, null) as {c}" if area.mascarada(classe) else c
        for c, classe in _colunas(modelo, tabelas[modelo.tabela])
    )
    origem = f"{NOME}.{prefixo}{modelo.tabela}"
    return f"select {colunas} from {origem} version as of '{PUBLICADA}'"


def _colunas(modelo: Modelo, tabela: "Table") -> Iterator[tuple[str, str | None]]:
    """The columns that model and version have, each with its class of personal data."""
    da_versao = {campo.name for campo in _esquema(tabela).fields}
    return ((c.nome, c.pessoal) for c in modelo.colunas if c.nome in da_versao)


def _esquema(tabela: "Table") -> "Schema":
    """The columns of the rows that the tag names, which may be others than the table's now."""
    retrato = tabela.snapshot_by_name(PUBLICADA)
    return tabela.schemas()[retrato.schema_id]


def _ditos(modelo: Modelo, tabelas: Tabelas) -> str:
    """The columns of a view in brackets, with what dbt said of them and of the table."""
    if modelo.partes:
        return ""
    tabela = tabelas[modelo.tabela]
    docs = {campo.name: campo.doc for campo in _esquema(tabela).fields}
    colunas = ", ".join(
        f"{c} comment {_texto(docs[c])}" if docs[c] else c for c, _ in _colunas(modelo, tabela)
    )
    da_tabela = tabela.properties.get("comment")
    return f" ({colunas})" + (f" comment {_texto(da_tabela)}" if da_tabela else "")


def _texto(dito: str) -> str:
    """A text as Spark's SQL writes it."""
    return "'" + dito.replace("\\", "\\\\").replace("'", "\\'") + "'"
