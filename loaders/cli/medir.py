"""Commands on metrics: `lastro metrics`."""

from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.nucleo.configuracao import configuracao
from loaders.projeto import metricas


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Examples: lastro metrics list metrics\n\n"
    "lastro metrics query --metrics par30 --group-by metric_time__month\n\n" + CODIGOS,
)
def metrics(
    comando: Annotated[
        list[str], typer.Argument(help="A command of MetricFlow and its options (mf --help).")
    ],
) -> None:
    """Ask MetricFlow about the metrics of the marts (docs/metrics.md); wants `make metrics`."""
    raise typer.Exit(metricas.perguntar(configuracao(), comando))
