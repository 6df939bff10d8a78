"""Reads one published version with the rights of an area, as that area's BI tool does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
from psycopg import errors

from loaders.armazem.sessao_postgres import conectar
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.publicacao.direitos import papel_do_leitor
from loaders.publicacao.versoes import Versao


@dataclass(frozen=True)
class Leitor:
    """A connection that sees what one area may see of one version.

    Attributes:
        conexao: DuckDB's or psycopg's.
        prefixo: what stands before a table's schema.
        sufixo: what stands after it.
    """

    conexao: Any
    prefixo: str
    sufixo: str = ""

    def tabela(self, nome: str) -> str:
        """How the version calls a table, given by its schema and name in the warehouse."""
        esquema, _, tabela = nome.partition(".")
        return f"{self.prefixo}pub_{esquema}{self.sufixo}.{tabela}"

    def linhas(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query, each by the names of its columns."""
        cursor = self.conexao.execute(sql)
        nomes = [coluna[0] for coluna in cursor.description]
        return [dict(zip(nomes, linha, strict=True)) for linha in cursor.fetchall()]


@contextmanager
def leitor(config: Configuracao, versao: Versao, area: str) -> Iterator[Leitor]:
    """Open a version for an area; a publication meanwhile changes nothing of what is read.

    Args:
        config: the settings.
        versao: the version.
        area: whose rights to read with.

    Raises:
        ArmazemIndisponivel: the server cannot be reached.
        LastroError: the version's file is not there, or the user may not read as that area does.
    """
    if config.alvo == "duckdb":
        arquivo = config.caminho_publicado / versao.nome / f"{area}.duckdb"
        try:
            aberto = duckdb.connect(str(arquivo), read_only=True)
        except duckdb.IOException as erro:
            raise LastroError(f"{arquivo} cannot be read: {erro}") from erro
        with aberto:
            yield Leitor(aberto, "")
        return
    papel = papel_do_leitor(config.prefixo, area)
    with conectar(config, "lastro dashboard") as conexao:
        try:
            conexao.execute(f"set role {papel}")
        except errors.InsufficientPrivilege as erro:
            raise LastroError(
                f"{config.pg_usuario} may not read as {area} does. Have an administrator run:\n"
                f"  grant {papel} to {config.pg_usuario}"
            ) from erro
        yield Leitor(conexao, config.prefixo, f"_{versao.nome}")
