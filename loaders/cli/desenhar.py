"""Commands that show what is published: `lastro dashboard`, `lastro catalog`."""

from pathlib import Path
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.terminal import a_vista, saida
from loaders.nucleo.configuracao import configuracao

PAGINAS = Path("site/painel")
"""Where pages are written unless the user says otherwise."""


@app.command(epilog="Example: lastro dashboard --to /some/folder\n\n" + CODIGOS)
def dashboard(
    pasta: Annotated[Path, typer.Option("--to", help="Folder; made if missing.")] = PAGINAS,
) -> None:
    """Draw a page for each area from the published version; no page asks another host."""
    from loaders.painel import painel  # brings templates along, which no other command needs

    with a_vista():
        escrito = painel.escrever(configuracao(), pasta)
    for area, graficos in escrito.graficos.items():
        saida.print(f"{pasta / area}.html: {graficos} charts", markup=False)
    saida.print(f"open {escrito.inicio}", markup=False)


@app.command(epilog="Example: lastro catalog --to /some/folder\n\n" + CODIGOS)
def catalog(
    pasta: Annotated[Path, typer.Option("--to", help="Folder; made if missing.")] = Path("site"),
) -> None:
    """Write the catalogue: a page for each published table, for each area, and the documents."""
    from loaders.catalogo import catalogo  # brings templates along, which no other command needs

    with a_vista():
        feito = catalogo.escrever(configuracao(), pasta)
    saida.print(f"{feito.tabelas} tables described: open {feito.inicio}", markup=False)
