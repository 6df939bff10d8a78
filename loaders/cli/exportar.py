"""Commands that write extracts: `lastro export`."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, exportar
from loaders.cli.terminal import a_vista, saida
from loaders.exportacao import amostra, livro, movimento_flat
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


def _dias(texto: str) -> list[date]:
    """Days with commas between."""
    try:
        return [date.fromisoformat(dia.strip()) for dia in texto.split(",")]
    except ValueError as erro:
        raise typer.BadParameter(
            f"'{texto}': write days as 2026-01-01,2026-02-01", param_hint="--ref-datas"
        ) from erro


@exportar.command(
    "amostra", epilog="Example: lastro export amostra --to /data/training\n\n" + CODIGOS
)
def exportar_amostra(
    pasta: Annotated[
        Path, typer.Option("--to", help="Folder of its own to write to; made if missing.")
    ],
    ref_datas: Annotated[
        str | None,
        typer.Option(
            "--ref-datas",
            metavar="DAY,DAY…",
            help="Reference dates; all of the sample if left out.",
        ),
    ] = None,
    tudo: Annotated[
        bool,
        typer.Option("--all", help="Also rows of no use to a model: see their column exclusao."),
    ] = False,
) -> None:
    """Write the modelling sample as Parquet, by dt_base and particao, and _manifest.json."""
    dias = _dias(ref_datas) if ref_datas is not None else None
    with a_vista():
        feita = amostra.exportar_amostra(configuracao(), pasta, dias, tudo)
    partes = ", ".join(f"{linhas} {parte}" for parte, linhas in feita.linhas.items())
    total = sum(feita.linhas.values())
    saida.print(f"{total} rows of {len(feita.ref_datas)} ref_dates in {pasta}: {partes}")
