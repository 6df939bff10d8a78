"""Replays the lake's extractions through the dbt snapshots on Spark, in order."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from loaders.contratos import DO_DBT, fontes
from loaders.controle import auditoria
from loaders.controle.tabelas import tabela_de_controle
from loaders.lago import catalogo as do_lago
from loaders.nucleo.configuracao import Configuracao
from loaders.projeto import historia

if TYPE_CHECKING:
    from pyiceberg.table import Table

ALVO = "spark"
"""The target in profiles.yml."""


@auditoria.auditada("lake replay", resultado=lambda aplicadas: {"extracoes": aplicadas})
def reproduzir(config: Configuracao, progresso: Callable[[int, int], None]) -> int:
    """Apply every extraction in the lake that its history has not seen, oldest first.

    Args:
        config: the settings.
        progresso: told how many of how many were applied, after each.

    Returns:
        The number of extractions applied.

    Raises:
        LagoIndisponivel: the lake cannot be opened.
        ConstrucaoFalhou: dbt failed; what was applied before stays.
    """
    faltam = pendentes(config)
    historia.aplicar(config, faltam, progresso, ALVO)
    return sum(faltam.values())


def pendentes(config: Configuracao) -> dict[str, int]:
    """How many extractions in the lake each snapshot has not applied yet, by its name."""
    catalogo = do_lago.abrir(config)
    cargas = tabela_de_controle("cargas")
    aplicadas = fontes()[DO_DBT].tabela("extracoes_aplicadas")
    nome = (config.prefixo + cargas.esquema, cargas.nome)
    if not catalogo.table_exists(nome):
        return {}
    das_cargas = catalogo.load_table(nome)
    nome = (config.prefixo + aplicadas.esquema, aplicadas.nome)
    das_aplicadas = catalogo.load_table(nome) if catalogo.table_exists(nome) else None
    faltam = {}
    for esta in historia.historias():
        extraidas = _momentos(
            das_cargas,
            f"fonte = '{esta.fonte}' and origem = '{esta.origem}'"
            " and status in ('ok', 'sem_novidade')",
        )
        vistas = das_aplicadas and _momentos(das_aplicadas, f"snapshot = '{esta.snapshot}'")
        faltam[esta.snapshot] = sum(not vistas or e > max(vistas) for e in extraidas)
    return faltam


def _momentos(tabela: "Table", onde: str) -> set[datetime]:
    lidas = tabela.scan(onde, selected_fields=("extraido_em",)).to_arrow()
    return set(lidas["extraido_em"].to_pylist())
