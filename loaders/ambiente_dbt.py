"""dbt as the loaders call it: the settings it reads, and a command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from loaders import PROJETO
from loaders.configuracao import Configuracao
from loaders.erros import ConstrucaoFalhou


def ambiente(config: Configuracao) -> dict[str, str]:
    """The settings as the environment variables that profiles.yml reads, in the project's root.

    They are written as dbt itself would find them (the file as it was given, no empty prefix): dbt
    parses the whole project again whenever one of them differs from the run before.
    """
    variaveis = {
        "LASTRO_TARGET": config.alvo,
        "LASTRO_DUCKDB": str(config.arquivo_duckdb),
        "LASTRO_DUCKDB_MEMORY": config.memoria_duckdb,
        "LASTRO_SCHEMA_PREFIX": config.prefixo or None,
        "LASTRO_FILE_GROUP": config.grupo_dos_arquivos,
        "PGHOST": config.pg_host,
        "PGPORT": str(config.pg_porta),
        "PGUSER": config.pg_usuario,
        "PGPASSWORD": config.pg_senha,
        "PGDATABASE": config.pg_banco,
        "LASTRO_PG_ROLE": config.papel_pg,
    }
    return {nome: valor for nome, valor in variaveis.items() if valor is not None}


def rodar(config: Configuracao, programa: str, *argumentos: str) -> str:
    """The same as `saida_de`, of which it returns the last line."""
    return saida_de(config, programa, *argumentos).strip().rpartition("\n")[2]


def saida_de(config: Configuracao, programa: str, *argumentos: str) -> str:
    """Run a command of this environment in a process of its own.

    Not in this process: dbt keeps the DuckDB file open for as long as its process lives.

    Args:
        config: the settings.
        programa: `dbt` or `lastro`.
        argumentos: its arguments.

    Returns:
        What it printed.

    Raises:
        ConstrucaoFalhou: it failed; the message holds the end of what it printed.
    """
    feito = subprocess.run(  # noqa: S603 - a program of this environment
        [str(Path(sys.executable).parent / programa), *argumentos],
        cwd=PROJETO,
        env={**os.environ, **ambiente(config)},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if feito.returncode:
        raise ConstrucaoFalhou(f"{programa} failed:\n{feito.stdout[-4000:]}{feito.stderr[-2000:]}")
    return feito.stdout
