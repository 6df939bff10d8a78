"""What dbt does before and after it opens the DuckDB warehouse, as profiles.yml asks it to."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from loaders.nucleo import arquivo_duckdb, privados
from loaders.nucleo.erros import LastroError

LINHAS_POR_GRUPO = 51_200
"""Rows of a row group in tables that dbt writes, a multiple of 2,048; DuckDB's own are 122,880. One
thread compresses and reads a group: a wide table of a single one would keep but one busy."""
A_PARTE = "lastro_a_parte"
T = TypeVar("T")


class Plugin(BasePlugin):
    """Refuses a file that DuckDB would confuse with a schema, and keeps the file private.

    Attributes:
        caminho: the warehouse's file.
        grupo: number of the group that may read it.
        novo: whether dbt made it.
        guarda: holds the file until dbt has it open, too.
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
        """Before the file is opened: wait while another process, which may follow events, has it.

        What is opened here with the same settings is what dbt gets, so that nobody comes between.
        """
        try:
            arquivo_duckdb.antes_de_abrir(self.caminho)
        except (OSError, LastroError) as erro:
            raise DbtRuntimeError(str(erro)) from erro
        self.novo = not self.caminho.exists()
        self.guarda = _quando_der(lambda: duckdb.connect(creds.path, config=config))

    def configure_connection(self, conn: Any) -> None:
        """After it was opened."""
        try:
            arquivo_duckdb.depois_de_abrir(self.caminho, self.grupo, self.novo)
        except LastroError as erro:
            raise DbtRuntimeError(str(erro)) from erro
        finally:
            self.guarda.close()
        _em_grupos_menores(conn, self.caminho)


def _quando_der(abrir: Callable[[], T]) -> T:
    """Open the file, waiting as `lastro` does while another process has it open."""
    espera = float(os.environ.get("LASTRO_LOCK_WAIT") or 60)
    limite = time.monotonic() + espera
    while True:
        try:
            return abrir()
        except duckdb.IOException as erro:
            dono = re.search(r"Conflicting lock is held in (.*?) \(PID (\d+)\)", str(erro))
            if dono is None:
                raise
            if time.monotonic() >= limite:
                raise DbtRuntimeError(
                    f"The warehouse is in use by process {dono[2]} ({dono[1]}); waited"
                    f" {espera:.0f} s. Try again when it has ended, or raise LASTRO_LOCK_WAIT."
                ) from erro
            time.sleep(0.05)


def _em_grupos_menores(conn: Any, caminho: Path) -> None:
    """Attach the file anew, for only so can be said how many rows a group has."""
    (nome,) = conn.execute("select current_database()").fetchone()
    onde = str(caminho).replace("'", "''")
    conn.execute(f"attach ':memory:' as {A_PARTE}")
    conn.execute(f"use {A_PARTE}")
    conn.execute(f'detach "{nome}"')
    _quando_der(
        lambda: conn.execute(f"attach '{onde}' as \"{nome}\" (row_group_size {LINHAS_POR_GRUPO})")
    )
    conn.execute(f'use "{nome}"')
    conn.execute(f"detach {A_PARTE}")
