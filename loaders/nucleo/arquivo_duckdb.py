"""The file of the DuckDB warehouse: what it may be called, and that it is private.

Loaders use it, and dbt through `plugin_dbt`, so it imports little.
"""

import re
import stat
from pathlib import Path

from loaders import PROJETO
from loaders.nucleo import privados
from loaders.nucleo.erros import ArmazemIndisponivel

ESQUEMAS = (
    "controle", "core", "intermediate", "quarentena", "reconciliacao", "snapshots", "staging",
)  # fmt: skip
"""The project's schemas, without the prefix of a sandbox, those of sources and areas."""

DO_DUCKDB = ("information_schema", "main", "memory", "pg_catalog", "system", "temp")
"""Schemas and catalogs that are there before anything is made."""

DO_LASTRO = ("lastro_copia", "lastro_publicada")
"""As what the loaders attach files beside the warehouse."""


def conferir_nome(arquivo: Path, prefixo: str) -> None:
    """DuckDB calls the catalog after the file, up to its first dot, and a name must mean one thing.

    Args:
        arquivo: the file, as it was given.
        prefixo: the sandbox's.

    Raises:
        ValueError: it may not be called so.
    """
    nome = arquivo.name.lstrip(".").split(".")[0]
    if not re.fullmatch(r"[\w -]+", nome) or re.search(r"[?#\\]|^\w+:", str(arquivo)):
        raise ValueError(
            "the warehouse's file may be called by letters, digits, _, - and spaces, and its"
            " folders may not have ?, # or \\ in their names"
        )
    tomados = {prefixo + esquema for esquema in _esquemas()} | {*DO_DUCKDB, *DO_LASTRO}
    if nome.casefold() in tomados:
        raise ValueError(
            f"the warehouse's file may not be called {nome}, as a schema or a catalog is: DuckDB"
            " could not tell them apart. Give it another name"
        )


def _esquemas() -> set[str]:
    """The project's schemas: each source and each area has a folder."""
    modelos = PROJETO / "models"
    fontes = {f"raw_{pasta.name}" for pasta in (modelos / "staging").iterdir()}
    return {*ESQUEMAS, *fontes, *(pasta.name for pasta in (modelos / "marts").iterdir())}


def antes_de_abrir(caminho: Path) -> None:
    """Make its folder if it is missing, and see that DuckDB makes no file that others read.

    Raises:
        ArmazemIndisponivel: it is no file. Of a pipe DuckDB would wait for ever.
        OSError: its folder cannot be made or read.
    """
    privados.restringir()
    with privados.como_o_usuario():
        caminho.parent.mkdir(parents=True, exist_ok=True)
    if caminho.exists() and not stat.S_ISREG(caminho.stat().st_mode):
        raise ArmazemIndisponivel(
            f"The warehouse {caminho} cannot be opened: it is no regular file. Check LASTRO_DUCKDB."
        )


def depois_de_abrir(caminho: Path, grupo: int | None, novo: bool) -> None:
    """Give the file its mode; one that was there keeps what its owner took away.

    Args:
        caminho: the file.
        grupo: who else may read it.
        novo: whether it was made just now.

    Raises:
        LastroError: it is to have a group of which the user is no member.
    """
    if novo:
        privados.proteger(caminho, grupo)
    for ao_lado in ("", ".wal", ".tmp"):
        privados.estreitar(Path(f"{caminho}{ao_lado}"), grupo)
