"""The warehouse as a loader sees it: raw tables to append to, one transaction at a time."""

import os

from loaders.armazem import estrutura
from loaders.armazem.base import Armazem
from loaders.armazem.duck import ArmazemDuckDB
from loaders.armazem.postgres import ArmazemPostgres
from loaders.nucleo.configuracao import Configuracao

__all__ = [
    "Armazem",
    "abrir",
    "abrir_como_esta",
    "abrir_completo",
    "abrir_para_ler",
    "abrir_sem_escritores",
]


def abrir(config: Configuracao, quem: str) -> Armazem:
    """Open the warehouse for writing and create the tables of every source that are missing.

    Args:
        config: the settings; `alvo` chooses the engine.
        quem: what opens it, as others are told while they wait (`lastro load sicooperative`).

    Raises:
        ArmazemAntigo: an older version made it; `lastro upgrade` completes it.
        ArmazemIndisponivel: it cannot be opened, or another writer held it for longer than
            `config.espera` seconds; the message says who. Or its tables hold what others put there
            to run with this user's rights.
    """
    armazem = _aberto(config, quem)
    try:
        with armazem.transacao():
            estrutura.criar_tabelas(armazem)
        with armazem.transacao():
            armazem.desconfiar()
            estrutura.recusar_antigo(estrutura.atualizacoes_pedidas(armazem))
    except BaseException:
        armazem.fechar()
        raise
    return armazem


def abrir_como_esta(config: Configuracao, quem: str) -> Armazem | None:
    """Open the warehouse for writing, of whatever version, and make no table; None where none is.

    Raises:
        ArmazemIndisponivel: as `abrir`.
    """
    if config.alvo == "duckdb" and not _ha_arquivo(config):
        return None
    armazem = _aberto(config, quem)
    try:
        if not estrutura.comecado(armazem, estrutura.existentes(armazem)):
            armazem.fechar()
            return None
        with armazem.transacao():
            armazem.desconfiar()
    except BaseException:
        armazem.fechar()
        raise
    return armazem


def _aberto(config: Configuracao, quem: str, escrita: bool = True) -> Armazem:
    motor = ArmazemDuckDB if config.alvo == "duckdb" else ArmazemPostgres
    return motor(config, quem, escrita)


def abrir_para_ler(config: Configuracao, quem: str) -> Armazem | None:
    """Open the warehouse without the right to write; nothing if nothing was ever loaded.

    Args:
        config: the settings; `alvo` chooses the engine.
        quem: what opens it.

    Raises:
        ArmazemAntigo: an older version made it.
        ArmazemIndisponivel: it cannot be opened; a DuckDB file also while another writes to it.
    """
    if config.alvo == "duckdb" and not _ha_arquivo(config):
        return None
    armazem = _aberto(config, quem, escrita=False)
    try:
        ha = estrutura.existentes(armazem)
        if estrutura.comecado(armazem, ha):
            estrutura.recusar_antigo(estrutura.faltas(armazem, ha))
            with armazem.transacao():
                armazem.desconfiar()
                estrutura.recusar_antigo(estrutura.atualizacoes_pedidas(armazem))
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
    """The same, for who reads the tables of all sources: those of a new one are made.

    Raises:
        ArmazemIndisponivel: as `abrir_para_ler`; as `abrir` where a table is missing.
    """
    armazem = abrir_para_ler(config, quem)
    if armazem is None or estrutura.completo(armazem):
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
