"""Commands that write extracts: `lastro export`."""

from pathlib import Path
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, exportar
from loaders.cli.terminal import a_vista, saida
from loaders.exportacao import livro, movimento_flat
from loaders.nucleo.configuracao import configuracao


@exportar.command(
    "movimento_flat",
    epilog="Example: lastro export movimento_flat --to /data/extracts\n\n" + CODIGOS,
)
def exportar_movimento_flat(
    pasta: Annotated[Path, typer.Option("--to", help="Folder to write to; made if missing.")],
    numeros_em_claro: Annotated[
        bool,
        typer.Option("--show-card-numbers", help="Write card numbers in full instead of masked."),
    ] = False,
) -> None:
    """Write movimento_flat.csv (`;`, UTF-8, header) and movimento_flat.parquet."""
    with a_vista():
        feito = movimento_flat.exportar_movimento_flat(configuracao(), pasta, numeros_em_claro)
    saida.print(f"{feito.linhas} rows in {feito.csv} and {feito.parquet.name}")


@exportar.command("book", epilog="Example: lastro export book --to /data/books\n\n" + CODIGOS)
def exportar_livros(
    pasta: Annotated[Path, typer.Option("--to", help="Folder to write to; made if missing.")],
) -> None:
    """Write both books as Parquet, partitioned by dt_base, and manifest.json."""
    with a_vista():
        feitos = livro.exportar_livros(configuracao(), pasta)
    for feito in feitos:
        saida.print(
            f"{feito.linhas} rows of {len(feito.ref_datas)} ref_dates in {pasta / feito.nome}"
        )
