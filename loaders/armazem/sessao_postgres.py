"""A session of the PostgreSQL warehouse: what every one has, whatever the server says otherwise."""

from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel

SESSAO = {
    # Nobody's schema stands before pg_catalog; all other names are qualified.
    "search_path": "pg_catalog",
    # What a policy would filter is refused by the server, and no policy is asked.
    "row_security": "off",
    "timezone": "UTC",
    "datestyle": "ISO,YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "default_transaction_isolation": "read\\ committed",
    "idle_in_transaction_session_timeout": "0",
}
"""What every session has, whatever the server, the database, the user or PGTZ say otherwise: how
values are read and written as text decides fingerprints (as in macros/cross_db/fixar_sessao.sql),
and a transaction may have to wait for a slow source."""


def endereco_da_sessao(config: Configuracao, quem: str) -> str:
    """The address with the session's settings, as libpq takes it.

    Args:
        config: the settings.
        quem: what opens it, as the server's administrator sees it.
    """
    sessao = SESSAO | {"lock_timeout": str(int(min(max(1000 * config.espera, 1), 2**31 - 1)))}
    if config.papel_pg:
        sessao["role"] = config.papel_pg
    return make_conninfo(
        host=config.pg_host,
        port=config.pg_porta,
        user=config.pg_usuario,
        password=config.pg_senha,
        dbname=config.pg_banco,
        application_name=quem[:60],
        connect_timeout=10,
        client_encoding="UTF8",
        options=" ".join(f"-c {nome}={valor}" for nome, valor in sessao.items()),
    )


def nao_abre(config: Configuracao, erro: Exception) -> ArmazemIndisponivel:
    """What is raised where the warehouse cannot be opened."""
    return ArmazemIndisponivel(
        f"The PostgreSQL warehouse {onde_fica(config)} cannot be opened:"
        f" {' '.join(str(erro).split())[:400]}\n"
        "Check PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE, and that the server is running."
    )


def onde_fica(config: Configuracao) -> str:
    """Host, port and database, as messages name it."""
    return f"{config.pg_host}:{config.pg_porta}/{config.pg_banco}"


def conectar(config: Configuracao, quem: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection without the warehouse's lock, each statement a transaction of its own.

    Args:
        config: the settings.
        quem: what opens it, as the server's administrator sees it.

    Raises:
        ArmazemIndisponivel: it cannot be opened.
    """
    try:
        return psycopg.connect(endereco_da_sessao(config, quem), autocommit=True)
    except psycopg.OperationalError as erro:
        raise nao_abre(config, erro) from erro
