"""Commands on the lake: `lastro lake`."""

from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.terminal import a_vista, saida
from loaders.lago import espelho, historia
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import configuracao


def _extracoes(feitas: int, total: int) -> None:
    andamento.dizer("replaying extractions on Spark", feitas, total)


@app.command(
    epilog="Example: .venv-spark/bin/lastro lake --replay && .venv-spark/bin/dbt build --target"
    " spark\n\n" + CODIGOS
)
def lake(
    reproduzir: Annotated[
        bool,
        typer.Option("--replay", help="Then replay on Spark what its history has not seen yet."),
    ] = False,
) -> None:
    """Copy the loads that the lake does not have yet into its Iceberg tables, for Spark."""
    config = configuracao()
    with a_vista():
        copiadas = espelho.espelhar(config)
        aplicadas = historia.reproduzir(config, _extracoes) if reproduzir else 0
    saida.print(f"{copiadas} loads copied" if copiadas else "no load waits")
    if reproduzir:
        saida.print(f"{aplicadas} extractions applied" if aplicadas else "no extraction waits")
