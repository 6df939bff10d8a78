"""The file of one area: its tables, as columns and rights say, and what is said of them."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from loaders.armazem import Armazem
from loaders.armazem.sql import identificador
from loaders.armazem.sql import literal as texto
from loaders.nucleo.erros import PublicacaoRecusada
from loaders.nucleo.pastas import literal
from loaders.publicacao.acessos import Area
from loaders.publicacao.base import dizer_copia
from loaders.publicacao.construcao import MANDA_CONSTRUIR
from loaders.publicacao.modelos import Modelo, modelos
from loaders.publicacao.versoes import Versao

Comentarios = dict[str, dict[str | None, str]]
"""By table (schema and name), and by column; that of the table itself is under none."""
ANEXO = "lastro_publicada"
"""How the file of an area is called while it is written."""
FORMATO = "v1.0.0"
"""Storage version of the files: what older readers open, too."""


def comentarios(armazem: Armazem) -> Comentarios:
    """What dbt wrote beside the public tables of the warehouse."""
    lidos = armazem.linhas(
        "select schema_name, table_name, column_name, comment from duckdb_columns()"
        " where database_name = current_database() and comment is not null"
        " union all select schema_name, table_name, null, comment from duckdb_tables()"
        " where database_name = current_database() and comment is not null"
        " union all select schema_name, view_name, null, comment from duckdb_views()"
        " where database_name = current_database() and comment is not null"
    )
    achados: Comentarios = {}
    for esquema, tabela, coluna, comentario in lidos:
        achados.setdefault(f"{esquema}.{tabela}", {})[coluna] = comentario
    prefixo = armazem.config.prefixo
    resultado = {m.tabela: achados.get(f"{prefixo}{m.tabela}", {}) for m in modelos().values()}
    for modelo in modelos().values():
        for parte in modelo.tabelas_das_partes:  # dbt comments on their columns alone
            resultado[modelo.tabela] = resultado[parte] | resultado[modelo.tabela]
    return resultado


def _comentar(armazem: Armazem, modelo: Modelo, tipo: str, ditos: dict[str | None, str]) -> None:
    """Say of a published table or view, and of its columns, what dbt says of them."""
    publicado = f"{ANEXO}.pub_{modelo.tabela}"
    for coluna in (None, *(c.nome for c in modelo.colunas)):
        if comentario := ditos.get(coluna):
            onde = f"column {publicado}.{coluna}" if coluna else f"{tipo} {publicado}"
            armazem.executar(f"comment on {onde} is {texto(comentario)}")


def forma(area: Area, ditos: Comentarios) -> str:
    """A fingerprint of all that decides on the file of an area, but for the rows of its tables."""
    tabelas = [
        (
            m.tabela,
            [(c.nome, c.tipo, c.obrigatoria, area.mascarada(c.pessoal)) for c in m.colunas],
            m.partes,
            m.chave,
            [[coluna, dito] for coluna, dito in ditos[m.tabela].items()],
        )
        for m in area.modelos()
    ]
    return hashlib.sha256(json.dumps([FORMATO, tabelas]).encode()).hexdigest()


def novas(areas: Mapping[str, Area], mantidas: Mapping[str, set[str]]) -> list[Modelo]:
    """The tables that some of these areas read and whose rows have to be copied for it."""
    return list({
        modelo.tabela: modelo
        for nome, area in areas.items()
        for modelo in area.modelos()
        if not modelo.partes and modelo.tabela not in mantidas[nome]
    }.values())  # fmt: skip


def mantida(modelo: Modelo, mantidas: Collection[str]) -> bool:
    """Whether a table, or all that it is made of, is among those that stay."""
    return set(modelo.tabelas_das_partes or (modelo.tabela,)) <= set(mantidas)


def ligar(de: Path, para: Path) -> None:
    """Give a file another name, or make a copy where the file system knows no links."""
    try:
        os.link(de, para)
    except OSError as erro:
        if erro.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV):
            raise
        shutil.copy2(de, para)


def escrever(
    armazem: Armazem,
    area: Area,
    arquivo: Path,
    versao: Versao,
    ditos: Comentarios,
    mantidas: Collection[str],
) -> None:
    """Write the file of one area; where it is there, all but the tables that stay.

    Raises:
        PublicacaoRecusada: a column that its contract calls not null is null in a row.
    """
    do_armazem = identificador(armazem.valor("select current_catalog()"))
    armazem.executar(
        f"attach '{literal(arquivo)}' as {ANEXO} (read_write, storage_version '{FORMATO}')"
    )
    try:
        armazem.executar(f"create schema if not exists {ANEXO}.publicacao")
        armazem.executar(
            f"create or replace table {ANEXO}.publicacao.versao as select '{versao.nome}'"
            f" as versao, cast('{versao.publicada_em.isoformat()}' as timestamptz) as publicada_em"
        )
        inteiros = {parte: m for m in area.modelos() for parte in m.tabelas_das_partes}
        for modelo in area.modelos():
            if modelo.tabela in inteiros or mantida(modelo, mantidas):
                continue
            destino = f"{ANEXO}.pub_{modelo.tabela}"
            armazem.executar(f"create schema if not exists {ANEXO}.pub_{modelo.esquema}")
            definidas = ", ".join(
                f"{c.nome} {c.tipo}"
                + (" not null" if c.obrigatoria and not area.mascarada(c.pessoal) else "")
                for c in modelo.colunas
            )
            dizer_copia(versao, modelo, arquivo.stem)
            colunas = ", ".join(
                "null" if area.mascarada(c.pessoal) else c.nome for c in modelo.colunas
            )
            origem = f"{do_armazem}.{armazem.esquema(modelo.esquema)}.{modelo.nome}"
            armazem.executar(f"create or replace table {destino} ({definidas})")
            # Rows of a key stand together, so that looking one up reads little of the file.
            ordem = f" order by {', '.join(modelo.chave)}" if modelo.chave else ""
            armazem.executar(f"insert into {destino} select {colunas} from {origem}{ordem}")
        armazem.executar(f"use {ANEXO}")  # its name is another one when the file is opened
        with armazem.transacao():  # else each comment would wait for the disk
            for modelo in area.modelos():
                if mantida(modelo, mantidas):
                    continue
                tipo = "table"
                if inteiro := inteiros.get(modelo.tabela):
                    tipo = "view"
                    colunas = ", ".join(c.nome for c in modelo.colunas)
                    armazem.executar(
                        f"create or replace view pub_{modelo.tabela} as"
                        f" select {colunas} from pub_{inteiro.tabela}"
                    )
                _comentar(armazem, modelo, tipo, ditos[modelo.tabela])
    except duckdb.ConstraintException as erro:
        raise PublicacaoRecusada(
            f"{modelo.tabela} holds no value where its contract says not_null. Test that column, or"
            f" take the constraint away. {MANDA_CONSTRUIR}"
        ) from erro
    finally:
        armazem.executar(f"use {do_armazem}; detach {ANEXO}")
