"""Commands on people: `lastro forget`, `lastro export-person`."""

import sys
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.lago import REFAZER
from loaders.cli.terminal import a_vista, em_json, erros, saida
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import configuracao
from loaders.titulares import entregar, esquecer, mapa


def _de_pessoas(fonte: str) -> str:
    if fonte not in mapa.fontes_com_titulares():
        raise typer.BadParameter(f"one of {', '.join(mapa.fontes_com_titulares())}")
    return fonte


FonteDePessoas = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", callback=_de_pessoas, help="The source that knows the person."
    ),
]
OutrosLocais = Annotated[
    list[str] | None,
    typer.Option(
        "--in",
        metavar="LOCATION",
        help="Search the delivered files of this folder or s3:// address too; those ever loaded"
        " from are searched anyway.",
    ),
]


@app.command(
    epilog="Examples:\n\n    lastro forget sicooperative A-000014\n\n"
    "    lastro forget pod_cartoes - < ids.txt\n\n" + CODIGOS
)
def forget(
    fonte: FonteDePessoas,
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="Who, by the source's id; - reads one a line."),
    ],
    locais: OutrosLocais = None,
) -> None:
    """Erase people from the warehouse, its versions, delivered files and exports, for good."""
    if ids == ["-"]:
        ids = [linha.rstrip("\r\n") for linha in sys.stdin]

    with a_vista():
        feito = esquecer.esquecer(
            configuracao(),
            fonte,
            ids,
            locais or (),
            lambda o_que: andamento.dizer(f"erasing: {o_que}"),
        )
    quantas = {
        "rows of the warehouse": sum(feito.tabelas.values()),
        "rows of published versions": sum(feito.versoes.values()),
        "lines of delivered files": sum(feito.arquivos.values()),
        "exports written again": len(feito.exportacoes),
    }
    saida.print(
        f"{feito.pessoas} people erased: "
        + ", ".join(f"{n:,} {o_que}" for o_que, n in quantas.items())
        + "; now run `make build publish`",
        markup=False,
    )
    if feito.lago is not None:
        saida.print(REFAZER, markup=False)
    if feito.ausentes:
        erros.print(f"not there, so not searched: {', '.join(feito.ausentes)}", markup=False)
    if feito.outros:
        erros.print(
            "other warehouses in this database or its lake hold the source, too; run it for each"
            f" LASTRO_SCHEMA_PREFIX: {', '.join(map(repr, feito.outros))}",
            markup=False,
        )


@app.command(
    "export-person", epilog="Example: lastro export-person pod_cartoes 42 > 42.json\n\n" + CODIGOS
)
def exportar_pessoa(
    fonte: FonteDePessoas,
    id_: Annotated[str, typer.Argument(metavar="ID", help="Who, by the source's id.")],
    locais: OutrosLocais = None,
) -> None:
    """Print everything that is held about one person as JSON."""
    with a_vista():
        tudo = entregar.entregar(configuracao(), fonte, id_, locais or ())
    print(em_json(tudo))
