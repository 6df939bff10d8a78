"""The warehouse as a loader sees it: raw tables to append to, one transaction at a time."""

from loaders.armazem.base import Armazem
from loaders.armazem.duck import ArmazemDuckDB
from loaders.armazem.postgres import ArmazemPostgres
from loaders.configuracao import Configuracao

__all__ = ["Armazem", "abrir"]


def abrir(config: Configuracao, quem: str) -> Armazem:
    """Open the warehouse for writing and create the tables of every source that are missing.

    Args:
        config: the settings; `alvo` chooses the engine.
        quem: what opens it, as others are told while they wait (`lastro load sicooperative`).

    Raises:
        ArmazemIndisponivel: it cannot be opened, or another writer held it for longer than
            `config.espera` seconds; the message says who.
    """
    armazem: Armazem = (
        ArmazemDuckDB(config, quem) if config.alvo == "duckdb" else ArmazemPostgres(config, quem)
    )
    armazem.criar_tabelas()
    return armazem
