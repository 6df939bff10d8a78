"""The warehouse as a loader sees it: raw tables to append to, one transaction at a time."""

import os

from loaders.armazem.base import Armazem
from loaders.armazem.duck import ArmazemDuckDB
from loaders.armazem.postgres import ArmazemPostgres
from loaders.nucleo.configuracao import Configuracao

__all__ = ["Armazem", "abrir", "abrir_completo", "abrir_para_ler", "abrir_sem_escritores"]


def abrir(config: Configuracao, quem: str) -> Armazem:
    """Open the warehouse for writing and create the tables of every source that are missing.

    Args:
        config: the settings; `alvo` chooses the engine.
        quem: what opens it, as others are told while they wait (`lastro load sicooperative`).

    Raises:
        ArmazemIndisponivel: it cannot be opened, or another writer held it for longer than
            `config.espera` seconds; the message says who. Or its tables hold what others put there
            to run with this user's rights.
    """
    armazem: Armazem = (
        ArmazemDuckDB(config, quem) if config.alvo == "duckdb" else ArmazemPostgres(config, quem)
    )
    try:
        armazem.criar_tabelas()
        with armazem.transacao():
            armazem.desconfiar()
    except BaseException:
        armazem.fechar()
        raise
    return armazem


def abrir_para_ler(config: Configuracao, quem: str) -> Armazem | None:
    """Open the warehouse without the right to write; nothing if nothing was ever loaded.

    Args:
        config: the settings; `alvo` chooses the engine.
        quem: what opens it.

    Raises:
        ArmazemIndisponivel: it cannot be opened; a DuckDB file also while another writes to it.
    """
    if config.alvo == "duckdb" and not _ha_arquivo(config):
        return None
    armazem: Armazem = (
        ArmazemDuckDB(config, quem, escrita=False)
        if config.alvo == "duckdb"
        else ArmazemPostgres(config, quem, escrita=False)
    )
    try:
        colunas = armazem.linhas(
            "select column_name from information_schema.columns where table_name = 'cargas'"
            f" and column_name = 'entrega' and table_schema = '{armazem.esquema('controle')}'"
        )
        if colunas:
            with armazem.transacao():
                armazem.desconfiar()
            return armazem
    except BaseException:
        armazem.fechar()
        raise
    armazem.fechar()
    return None


def _ha_arquivo(config: Configuracao) -> bool:
    """Whether something stands in the file's place; of what cannot be one, opening it says why."""
    try:
        os.lstat(config.caminho_duckdb)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def abrir_completo(config: Configuracao, quem: str) -> Armazem | None:
    """The same, for who reads whatever this version keeps: what an older one left is completed.

    Raises:
        ArmazemIndisponivel: as `abrir_para_ler`; as `abrir` where something is missing.
    """
    armazem = abrir_para_ler(config, quem)
    if armazem is None or armazem.completo():
        return armazem
    armazem.fechar()
    abrir(config, quem).fechar()
    return abrir_para_ler(config, quem)


def abrir_sem_escritores(config: Configuracao, quem: str) -> Armazem | None:
    """The same while nobody writes to it: who only reads may have a DuckDB file open beside this.

    Raises:
        ArmazemIndisponivel: as `abrir`.
    """
    armazem = abrir_completo(config, quem)
    if armazem is None or not armazem.partilhado:
        return armazem
    armazem.fechar()
    return abrir(config, quem)  # with the lock of the sandbox
