"""Replays extractions through the dbt snapshot, in order, and rebuilds history from raw.

A dbt snapshot sees one state of each key a run, so several extractions between two builds are
replayed one by one. Which extraction a run applies is read from `controle.cargas` and
`snapshots.extracoes_aplicadas`, to which the snapshot adds a row in its own transaction.
"""

from collections.abc import Callable

from loaders.armazem import Armazem, abrir
from loaders.controle import auditoria
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha
from loaders.projeto import manifesto
from loaders.projeto.ambiente_dbt import neste_processo

SNAPSHOT = "snap_sicooperative__associado"


def pendentes(armazem: Armazem) -> int:
    """How many extractions the snapshot has not applied yet."""
    aplicadas = f"{armazem.esquema('snapshots')}.extracoes_aplicadas"
    depois_de = "true"
    with armazem.transacao():
        if aplicadas in {f"{e}.{t}" for e, t, _ in armazem.linhas(armazem.COLUNAS)}:
            armazem.vistoriar([aplicadas])
            depois_de = (
                f"extraido_em > coalesce((select max(extraido_em) from {aplicadas}"
                f" where snapshot = '{SNAPSHOT}'), cast('0001-01-01 00:00:00+00' as timestamptz))"
            )
        return int(
            armazem.valor(
                f"select count(distinct extraido_em) from {armazem.esquema('controle')}.cargas"
                " where fonte = 'sicooperative' and origem = 'associado'"
                f" and status in ('ok', 'sem_novidade') and {depois_de}"
            )
        )


@auditoria.auditada("snapshot", resultado=lambda aplicadas: {"extracoes": aplicadas})
def reproduzir(config: Configuracao, progresso: Callable[[int, int], None]) -> int:
    """Apply every extraction that the snapshot has not seen, oldest first.

    Args:
        config: the settings.
        progresso: told how many of how many were applied, after each.

    Returns:
        The number of extractions applied.

    Raises:
        ConstrucaoFalhou: dbt failed; what was applied before stays, the rest is applied by the
            next run.
    """
    with abrir(config, "lastro snapshot") as armazem:
        total = pendentes(armazem)
        if armazem.partilhado:  # keep the write lock: two replays at once would apply one twice
            aplicar(config, total, progresso)
    if not armazem.partilhado:  # dbt opens the file itself, and its own lock keeps others out
        aplicar(config, total, progresso)
    return total


def aplicar(
    config: Configuracao,
    total: int,
    progresso: Callable[[int, int], None],
    alvo: str | None = None,
) -> None:
    """Have dbt apply so many extractions, one by one, in this process.

    Args:
        config: the settings.
        total: how many wait.
        progresso: told how many of how many were applied, after each.
        alvo: the target of profiles.yml, where it is not the warehouse of the settings.

    Raises:
        ConstrucaoFalhou: dbt failed; what was applied before stays.
    """
    if total == 0:
        return
    nao_sao_modelos = [f"resource_type:{t}" for t in ("snapshot", "test", "unit_test")]
    with neste_processo(config, alvo) as dbt:
        dbt("build", "--select", f"+{SNAPSHOT}", "--exclude", *nao_sao_modelos)
        for feitas in range(1, total + 1):
            ponto_de_falha("historia.antes_da_extracao")
            dbt("snapshot", "--select", SNAPSHOT)
            ponto_de_falha("historia.depois_da_extracao")
            progresso(feitas, total)


@auditoria.auditada("rebuild")
def descartar(config: Configuracao) -> None:
    """Drop every schema that a build makes, so that the next one starts from raw_* and controle."""
    esquemas = manifesto.esquemas(config)
    with abrir(config, "lastro rebuild") as armazem, armazem.transacao():
        for esquema in esquemas:
            armazem.executar(f"drop schema if exists {armazem.esquema(esquema)} cascade")
