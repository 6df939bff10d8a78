"""Puts the sample where loads find it: a database in one transaction, a file whole."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import psycopg
from psycopg import sql

Linhas = Callable[[str], Iterable[str]]
"""The rows of a table, each a line of COPY's text format."""


def escrever(
    dsn: str, tabelas: Mapping[str, tuple[str, str]], marca: str, planejar: Callable[[], Linhas]
) -> None:
    """Fill a database, unless its mark says that this is what it holds.

    Args:
        dsn: the database, empty or filled by this function.
        tabelas: of each table its columns, and what is added once its rows are in. The first one
            bears the mark, as its comment.
        marca: what tells this content from all others.
        planejar: makes up the rows; asked only where they are to be written.

    Raises:
        ValueError: the database holds tables of somebody else.
    """
    primeira = next(iter(tabelas))
    with psycopg.connect(dsn) as conexao:
        achadas = conexao.execute(
            "select relname, obj_description(oid, 'pg_class') from pg_class"
            " where relnamespace = 'public'::regnamespace and relname = any(%s)",
            [list(tabelas)],
        ).fetchall()
        marcas: dict[str, str | None] = dict(achadas)
        if marcas and not marcas.get(primeira):
            raise ValueError("This database holds tables of another source.")
        if marcas.get(primeira) == marca:
            return
        linhas = planejar()
        conexao.execute("set local timezone = 'UTC'; set local maintenance_work_mem = '256MB'")
        for tabela in reversed([*tabelas]):
            conexao.execute(f"drop table if exists {tabela} cascade")
        for tabela, (colunas, _) in tabelas.items():
            conexao.execute(f"create table {tabela} ({colunas})")
            with conexao.cursor().copy(f"copy {tabela} from stdin (freeze)") as copia:
                for bloco in _blocos(linhas(tabela)):
                    copia.write(bloco)
        for tabela, (_, chaves) in tabelas.items():
            conexao.execute(f"alter table {tabela} {chaves}")
        conexao.execute(f"analyze {', '.join(tabelas)}")
        comentario = sql.SQL("comment on table {} is {}")
        conexao.execute(comentario.format(sql.Identifier(primeira), sql.Literal(marca)))


def gravar(destino: Path, conteudo: bytes, quando: float | None = None) -> None:
    """Put a file in its place whole: a load may be looking.

    Args:
        destino: the file; its folder is there.
        conteudo: its bytes.
        quando: when it was written, as it is to seem (seconds since 1970); now where left out.
    """
    parte = destino.with_name(f".{destino.name}.parte")
    parte.write_bytes(conteudo)
    if quando is not None:
        os.utime(parte, (quando, quando))
    parte.replace(destino)


def _blocos(linhas: Iterable[str]) -> Iterator[str]:
    restantes = iter(linhas)
    while bloco := "".join(islice(restantes, 2_000)):
        yield bloco
