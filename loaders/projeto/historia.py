"""Replays extractions through the dbt snapshots, in order, and rebuilds history from raw.

A dbt snapshot sees one state of each key a run, so several extractions between two builds are
replayed one by one. Which extraction a run applies is read from `controle.cargas` and
`snapshots.extracoes_aplicadas`, to which the snapshot adds a row in its own transaction. Of which
table's extractions a snapshot is stands in its YAML (`meta: {fonte: …, origem: …}`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yaml

from loaders import PROJETO
from loaders.armazem import Armazem, abrir
from loaders.controle import auditoria
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha
from loaders.projeto import manifesto
from loaders.projeto.ambiente_dbt import neste_processo


@dataclass(frozen=True)
class Historia:
    """A dbt snapshot, and the table whose extractions it applies.

    Attributes:
        snapshot: its name.
        fonte: the source.
        origem: the source's table.
    """

    snapshot: str
    fonte: str
    origem: str


def historias() -> tuple[Historia, ...]:
    """Every snapshot of the project that is replayed, by name.

    Raises:
        KeyError: a snapshot's YAML says no `fonte` or no `origem`.
    """
    achadas = []
    for arquivo in sorted((PROJETO / "snapshots").rglob("*.yml")):
        for dita in yaml.safe_load(arquivo.read_text(encoding="utf-8"))["snapshots"]:
            meta = dita["config"]["meta"]
            achadas.append(Historia(dita["name"], meta["fonte"], meta["origem"]))
    return tuple(sorted(achadas, key=lambda h: h.snapshot))


def pendentes(armazem: Armazem) -> dict[str, int]:
    """How many extractions each snapshot has not applied yet, by its name."""
    aplicadas = f"{armazem.esquema('snapshots')}.extracoes_aplicadas"
    faltam = {}
    with armazem.transacao():
        ha_aplicadas = aplicadas in {f"{e}.{t}" for e, t, _ in armazem.linhas(armazem.COLUNAS)}
        if ha_aplicadas:
            armazem.vistoriar([aplicadas])
        for historia in historias():
            depois_de = (
                f"extraido_em > coalesce((select max(extraido_em) from {aplicadas} where snapshot ="
                f" '{historia.snapshot}'), cast('0001-01-01 00:00:00+00' as timestamptz))"
            )
            faltam[historia.snapshot] = int(
                armazem.valor(
                    f"select count(distinct extraido_em) from {armazem.esquema('controle')}.cargas"
                    f" where fonte = '{historia.fonte}' and origem = '{historia.origem}'"
                    " and status in ('ok', 'sem_novidade')"
                    f" and {depois_de if ha_aplicadas else 'true'}"
                )
            )
    return faltam


@auditoria.auditada("snapshot", resultado=lambda aplicadas: {"extracoes": aplicadas})
def reproduzir(config: Configuracao, progresso: Callable[[int, int], None]) -> int:
    """Apply every extraction that a snapshot has not seen, oldest first, one snapshot at a time.

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
        faltam = pendentes(armazem)
        if armazem.partilhado:  # keep the write lock: two replays at once would apply one twice
            aplicar(config, faltam, progresso)
    if not armazem.partilhado:  # dbt opens the file itself, and its own lock keeps others out
        aplicar(config, faltam, progresso)
    return sum(faltam.values())


def aplicar(
    config: Configuracao,
    faltam: Mapping[str, int],
    progresso: Callable[[int, int], None],
    alvo: str | None = None,
) -> None:
    """Have dbt apply so many extractions of each snapshot, one by one, in this process.

    Args:
        config: the settings.
        faltam: how many wait for each snapshot.
        progresso: told how many of how many were applied, after each.
        alvo: the target of profiles.yml, where it is not the warehouse of the settings.

    Raises:
        ConstrucaoFalhou: dbt failed; what was applied before stays.
    """
    com_espera = [snapshot for snapshot, quantas in faltam.items() if quantas]
    if not com_espera:
        return
    nao_sao_modelos = [f"resource_type:{t}" for t in ("snapshot", "test", "unit_test")]
    feitas, total = 0, sum(faltam.values())
    with neste_processo(config, alvo) as dbt:
        acima = [f"+{snapshot}" for snapshot in com_espera]
        dbt("build", "--select", *acima, "--exclude", *nao_sao_modelos)
        for snapshot in com_espera:
            for _ in range(faltam[snapshot]):
                ponto_de_falha("historia.antes_da_extracao")
                dbt("snapshot", "--select", snapshot)
                ponto_de_falha("historia.depois_da_extracao")
                feitas += 1
                progresso(feitas, total)


@auditoria.auditada("rebuild")
def descartar(config: Configuracao) -> None:
    """Drop every schema that a build makes, so that the next one starts from raw_* and controle."""
    esquemas = manifesto.esquemas(config)
    with abrir(config, "lastro rebuild") as armazem, armazem.transacao():
        for esquema in esquemas:
            armazem.executar(f"drop schema if exists {armazem.esquema(esquema)} cascade")
