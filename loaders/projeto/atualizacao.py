"""What an upgrade leaves to the next build, or to a person: tables of other code, and old names."""

import json
from dataclasses import dataclass

from loaders.armazem import abrir_para_ler
from loaders.contratos import fontes
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.projeto import manifesto
from loaders.projeto.ambiente_dbt import rodar

DE_PASSAGEM = ("__dbt_tmp", "__dbt_backup", "__dbt_intermediate")
"""How the names end of what an interrupted build of dbt left."""


@dataclass(frozen=True)
class Sobra:
    """A table or view in a schema of dbt's that no node of the project makes.

    Attributes:
        tabela: its schema and name.
        agora: what makes it now, by another name; None where nothing says so.
    """

    tabela: str
    agora: str | None


@dataclass(frozen=True)
class Pendencias:
    """What is left after an upgrade.

    Attributes:
        refeitos: tables that the next build makes anew, whole, as other code wrote them.
        historias: histories of which other code made the versions that stand.
        sobras: tables and views that nothing makes any more.
    """

    refeitos: list[str]
    historias: list[str]
    sobras: list[Sobra]


def pendencias(config: Configuracao) -> Pendencias:
    """What of the models is of an older version, in a warehouse that lacks nothing.

    Raises:
        ConstrucaoFalhou: dbt cannot read the project.
        ArmazemIndisponivel: the warehouse cannot be opened.
    """
    sobras = _sobras(config)
    andamento.dizer("asking dbt which tables other code wrote")
    dito = json.loads(
        rodar(
            config,
            "dbt",
            *("--quiet", "--no-use-colors", "--no-write-json"),
            *("run-operation", "mostrar_codigos_mudados"),
        )
    )
    return Pendencias(dito["modelos"], dito["historias"], sobras)


def _sobras(config: Configuracao) -> list[Sobra]:
    esquemas = manifesto.esquemas(config)  # dbt is asked before the warehouse is held
    nos = manifesto.nos(config)
    feitas = {(n.esquema, n.nome) for n in nos}
    feitas |= {(t.esquema, t.nome) for f in fontes().values() for t in f.tabelas}
    renomeadas = {(n.esquema, nome): f"{n.esquema}.{n.nome}" for n in nos for nome in n.antes}
    if (armazem := abrir_para_ler(config, "lastro upgrade")) is None:
        return []
    with armazem:
        ha = {(esquema, tabela) for esquema, tabela, _ in armazem.linhas(armazem.COLUNAS)}
    return [
        Sobra(f"{armazem.esquema(esquema)}.{nome}", renomeadas.get((esquema, nome)))
        for esquema in esquemas
        for nome in sorted(t for e, t in ha if e == armazem.esquema(esquema))
        if (esquema, nome) not in feitas and not nome.endswith(DE_PASSAGEM)
    ]
