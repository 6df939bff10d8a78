"""Writing PostgreSQL's files anew, so that they hold nothing that was deleted."""

import functools
from collections.abc import Iterable
from typing import Any

import psycopg

from loaders.armazem.sessao_postgres import conectar
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel
from loaders.nucleo.espera import conseguir

ANTIGOS = """
    select 'server process ' || pid || coalesce(', since ' || to_char(xact_start, 'HH24:MI:SS'), '')
    from pg_stat_activity
    where greatest(age(backend_xmin), age(backend_xid)) > age(%(xid)s::xid)
        and pid <> pg_backend_pid()
        and (datname is null or datname = current_database())
    union all
    select 'replication slot ' || slot_name from pg_replication_slots
    where greatest(age(xmin), age(catalog_xmin)) > age(%(xid)s::xid)
    union all
    select 'prepared transaction ' || gid from pg_prepared_xacts
    where age(transaction) > age(%(xid)s::xid) and database = current_database()
"""
"""Whoever may still see what a transaction deleted, for whom a vacuum keeps it."""


def _compactada(conexao: psycopg.Connection[tuple[Any, ...]], tabela: str) -> bool:
    avisos: list[str | None] = []

    def anotar(aviso: psycopg.errors.Diagnostic) -> None:
        avisos.append(aviso.message_primary)

    conexao.add_notice_handler(anotar)
    try:
        conexao.execute(f"vacuum (full, analyze) {tabela}")
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        conexao.remove_notice_handler(anotar)
    if avisos:  # what a user may not vacuum is passed over with a warning
        raise ArmazemIndisponivel(
            f"PostgreSQL did not write {tabela} anew, so what was deleted stays in its file:"
            f" {avisos[0]}. Run the same command as the owner of the database and its tables."
        )
    return True


def compactar(config: Configuracao, tabelas: Iterable[str]) -> None:
    """Vacuum tables in full, and let the planner's samples of their values be new ones.

    Args:
        config: the settings.
        tabelas: schema and name of each, quoted.

    Raises:
        ArmazemIndisponivel: somebody reads one, or may see what was deleted, for longer than
            `config.espera` seconds.
    """
    with conectar(config, "lastro forget") as conexao:
        conexao.execute("set lock_timeout = '200ms'; set client_min_messages = warning")
        _esperar_antigos(config, conexao)
        for tabela in (*sorted(tabelas), "pg_catalog.pg_statistic"):
            if not conseguir(
                functools.partial(_compactada, conexao, tabela), config.espera, pausa=0.5
            ):
                raise ArmazemIndisponivel(
                    f"{tabela} is read, and has been for more than {config.espera:.0f} s,"
                    " so what was deleted stays in its file. Run the same command again when"
                    " the reader has ended."
                )


def _esperar_antigos(config: Configuracao, conexao: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Wait until nobody may see what was deleted: a vacuum would keep it for them."""
    xid = conexao.execute("select pg_current_xact_id()::xid::text").fetchall()[0][0]
    antigos: list[str] = []

    def nenhum() -> bool:
        antigos[:] = [quem for (quem,) in conexao.execute(ANTIGOS, {"xid": xid}).fetchall()]
        return not antigos

    if not conseguir(nenhum, config.espera, pausa=0.1, por="older readers to end"):
        raise ArmazemIndisponivel(
            "What was deleted stays in the files of PostgreSQL for those who began before it"
            f" was: {', '.join(antigos[:5])}; waited {config.espera:.0f} s. Run the same"
            " command again when they have ended."
        )
