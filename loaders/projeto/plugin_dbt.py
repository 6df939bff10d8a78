"""What dbt does before and after it opens the DuckDB warehouse, as profiles.yml asks it to."""

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from loaders.nucleo import arquivo_duckdb, privados
from loaders.nucleo.erros import LastroError

LINHAS_POR_GRUPO = 51_200
"""Rows of a row group in tables that dbt writes, a multiple of 2,048; DuckDB's own are 122,880. One
thread compresses and reads a group: a wide table of a single one would keep but one busy."""
A_PARTE = "lastro_a_parte"


class Plugin(BasePlugin):
    """Refuses a file that DuckDB would confuse with a schema, and keeps the file private.

    Attributes:
        caminho: the warehouse's file.
        grupo: number of the group that may read it.
        novo: whether dbt made it.
    """

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the settings; `grupo` and `prefixo` are those of profiles.yml."""
        self.caminho = Path(self.creds.path) if self.creds else Path()
        try:
            arquivo_duckdb.conferir_nome(self.caminho, plugin_config["prefixo"])
            self.grupo = privados.numero_do_grupo(str(plugin_config["grupo"]))
        except ValueError as erro:
            raise DbtRuntimeError(f"LASTRO_DUCKDB: {erro}.") from erro
        except LastroError as erro:
            raise DbtRuntimeError(str(erro)) from erro

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Before the file is opened."""
        try:
            arquivo_duckdb.antes_de_abrir(self.caminho)
        except (OSError, LastroError) as erro:
            raise DbtRuntimeError(str(erro)) from erro
        self.novo = not self.caminho.exists()

    def configure_connection(self, conn: Any) -> None:
        """After it was opened."""
        try:
            arquivo_duckdb.depois_de_abrir(self.caminho, self.grupo, self.novo)
        except LastroError as erro:
            raise DbtRuntimeError(str(erro)) from erro
        _em_grupos_menores(conn, self.caminho)


def _em_grupos_menores(conn: Any, caminho: Path) -> None:
    """Attach the file anew, for only so can be said how many rows a group has."""
    (nome,) = conn.execute("select current_database()").fetchone()
    onde = str(caminho).replace("'", "''")
    conn.execute(f"attach ':memory:' as {A_PARTE}")
    conn.execute(f"use {A_PARTE}")
    conn.execute(f'detach "{nome}"')
    conn.execute(f"attach '{onde}' as \"{nome}\" (row_group_size {LINHAS_POR_GRUPO})")
    conn.execute(f'use "{nome}"')
    conn.execute(f"detach {A_PARTE}")
