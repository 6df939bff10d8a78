"""dbt as the loaders call it: the settings it reads, and a command in a process of its own."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from loaders import PROJETO
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ConstrucaoFalhou

PROGRAMAS = Path(sys.executable).parent
"""Where `dbt` and `lastro` stand: beside the Python that runs this."""
COMECA_NO = re.compile(r"(\d+) of (\d+) START (.+?)[ .]*(?:\[RUN\])?$")
"""What dbt says where it begins a model, a test, a seed."""
FASES = ("Unable to do partial parsing", "Found ", "Building catalog")
"""How the texts begin that name what dbt does between these."""


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
        "LASTRO_LAKE_URI": config.lago,
        "LASTRO_LAKE_USER": config.usuario_lago,
        "LASTRO_LAKE_PASSWORD": config.senha_lago,
        "LASTRO_LAKE_WAREHOUSE": config.pasta_lago,
    }
    return {nome: valor for nome, valor in variaveis.items() if valor is not None}


def pasta_alvo() -> Path:
    """Where dbt writes its artifacts."""
    return PROJETO / os.environ.get("DBT_TARGET_PATH", "target")


def ouvir_dbt(evento: Any) -> None:
    """Say what dbt does, as a callback of a dbt that runs in this process."""
    _dizer_evento(evento.info.msg)


def _dizer_evento(mensagem: str) -> None:
    """Say what dbt does, where its log says that it begins a node or a phase."""
    if no := COMECA_NO.match(mensagem):
        andamento.dizer(f"dbt, {no[1]} of {no[2]}: {no[3]}")
    elif mensagem.startswith(FASES):
        andamento.dizer(f"dbt: {mensagem.splitlines()[0]}")


@contextlib.contextmanager
def neste_processo(config: Configuracao, alvo: str | None = None) -> Iterator[Callable[..., None]]:
    """A dbt of this process, for several commands in a row, or for a session that is to stay.

    Args:
        config: the settings.
        alvo: the target of profiles.yml, where it is not the warehouse of the settings.

    Yields:
        What runs a command with its options; it raises ConstrucaoFalhou where that fails.
    """
    andamento.dizer("dbt: reading the project")
    from dbt.cli.main import dbtRunner  # takes a second, which other commands need not wait for

    os.environ.update(ambiente(config))
    executor = dbtRunner(callbacks=[ouvir_dbt])
    # Nobody reads the artifacts, and writing them takes longer than an extraction.
    antes = ["--quiet", "--no-use-colors", "--no-write-json"]
    depois = ["--project-dir", str(PROJETO), "--profiles-dir", str(PROJETO)]
    depois += ["--target", alvo] if alvo else []

    def dbt(*argumentos: str) -> None:
        if not executor.invoke([*antes, *argumentos, *depois]).success:
            raise ConstrucaoFalhou(
                f"dbt {argumentos[0]} failed; see the message above and logs/dbt.log."
            )

    with contextlib.chdir(PROJETO):
        yield dbt


def _programa(nome: str) -> str:
    return str(PROGRAMAS / nome)


def rodar(config: Configuracao, programa: str, *argumentos: str) -> str:
    """The same as `saida_de`, of which it returns the last line."""
    return saida_de(config, programa, *argumentos).strip().rpartition("\n")[2]


def seguir_dbt(config: Configuracao, *argumentos: str) -> str:
    """Run dbt in a process of its own, and say on the way what it does.

    Args:
        config: the settings.
        argumentos: the command and its options; not those of the log.

    Returns:
        What it says to a person, as plain text.

    Raises:
        ConstrucaoFalhou: it failed; the message holds the end of what it said.
    """
    andamento.dizer(f"dbt {argumentos[0]}: reading the project")
    linhas: list[str] = []
    comando = [_programa("dbt"), "--log-format", "json", "--no-use-colors", *argumentos]
    with subprocess.Popen(  # noqa: S603 - a program of this environment
        comando,
        cwd=PROJETO,
        env={**os.environ, **ambiente(config)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as dbt:
        for linha in dbt.stdout or ():
            try:
                mensagem = str(json.loads(linha)["info"]["msg"])
            except (ValueError, TypeError, KeyError):  # what a plugin or a library prints
                mensagem = linha.rstrip("\n")
            linhas.append(mensagem)
            _dizer_evento(mensagem)
    texto = "\n".join(linhas)
    if dbt.returncode:
        raise ConstrucaoFalhou(f"dbt {argumentos[0]} failed:\n{texto[-6000:]}")
    return texto


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
        [_programa(programa), *argumentos],
        cwd=PROJETO,
        env={**os.environ, **ambiente(config)},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if feito.returncode:
        raise ConstrucaoFalhou(f"{programa} failed:\n{feito.stdout[-4000:]}{feito.stderr[-2000:]}")
    return feito.stdout
