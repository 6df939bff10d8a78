"""Replays the lake's extractions through the dbt snapshot on Spark, in order."""

from collections.abc import Callable

from loaders.contratos import DO_DBT, fontes
from loaders.controle import auditoria
from loaders.controle.tabelas import tabela_de_controle
from loaders.lago import catalogo as do_lago
from loaders.nucleo.configuracao import Configuracao
from loaders.projeto import historia

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
    total = pendentes(config)
    historia.aplicar(config, total, progresso, ALVO)
    return total


def pendentes(config: Configuracao) -> int:
    """How many extractions in the lake the snapshot has not applied yet."""
    catalogo = do_lago.abrir(config)
    cargas = tabela_de_controle("cargas")
    aplicadas = fontes()[DO_DBT].tabela("extracoes_aplicadas")
    nome = (config.prefixo + cargas.esquema, cargas.nome)
    if not catalogo.table_exists(nome):
        return 0
    linhas = (
        catalogo.load_table(nome)
        .scan(
            "fonte = 'sicooperative' and origem = 'associado' and status in ('ok', 'sem_novidade')",
            selected_fields=("extraido_em",),
        )
        .to_arrow()
    )
    extraidas = set(linhas["extraido_em"].to_pylist())
    nome = (config.prefixo + aplicadas.esquema, aplicadas.nome)
    if catalogo.table_exists(nome):
        vistas = (
            catalogo.load_table(nome)
            .scan(f"snapshot = '{historia.SNAPSHOT}'", selected_fields=("extraido_em",))
            .to_arrow()["extraido_em"]
            .to_pylist()
        )
        extraidas = {e for e in extraidas if not vistas or e > max(vistas)}
    return len(extraidas)
