"""The command for a warehouse of an older version: `lastro upgrade`."""

from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.terminal import a_vista, saida
from loaders.controle import atualizacao
from loaders.nucleo.configuracao import Configuracao, configuracao
from loaders.projeto.atualizacao import Pendencias, pendencias


@app.command(
    epilog="Examples:\n\n    lastro upgrade --dry-run\n\n    lastro upgrade && make build publish"
    "\n\n" + CODIGOS
)
def upgrade(
    so_mostrar: Annotated[
        bool, typer.Option("--dry-run", help="Say what is missing, and change nothing.")
    ] = False,
) -> None:
    """Give a warehouse of an older version what this one keeps, and say what is left to do.

    Tables and columns are added; what older loads left empty and is known is filled in. Nothing is
    dropped, and no row of a source is changed.
    """
    config = configuracao()
    with a_vista():
        feito = atualizacao.conferir(config) if so_mostrar else atualizacao.atualizar(config)
        if feito is None:
            saida.print(
                f"Nothing was loaded yet into the warehouse {config.armazem}.", markup=False
            )
            return
        _mostrar(feito, so_mostrar)
        if so_mostrar and feito:
            saida.print("Nothing was changed. Which models are made anew is said after it.")
            return
        deixado = pendencias(config)
    _mostrar_pendencias(deixado)
    _mostrar_passos(config, feito, deixado)


def _mostrar(feito: atualizacao.Atualizada, so_mostrar: bool) -> None:
    if not feito:
        saida.print("The warehouse has all that this version keeps.")
    for falta in feito.faltavam:
        dito = "is missing" if so_mostrar else "added"
        depois = ", null in the rows that are there" if falta.coluna else ", empty"
        saida.print(f"{dito}: {falta}{'' if so_mostrar else depois}", markup=False)
    for nome, linhas in feito.mudadas.items():
        quantas = "to be changed" if so_mostrar else f"{linhas:,} rows changed"
        mudanca = atualizacao.ATUALIZACOES[nome]
        saida.print(f"{quantas}: controle.{mudanca.tabela}, {mudanca.o_que}", markup=False)


def _mostrar_pendencias(deixado: Pendencias) -> None:
    for tabela in deixado.refeitos:
        saida.print(f"made anew, whole, by the next build: {tabela}", markup=False)
    for tabela in deixado.historias:
        saida.print(
            f"of other code: {tabela}. Its versions stay as they are, later ones follow the new"
            " code; `make rebuild` applies it to the whole past",
            markup=False,
        )
    for sobra in deixado.sobras:
        dito = f"is {sobra.agora} now" if sobra.agora else "is made by no model"
        saida.print(
            f"left as it is: {sobra.tabela} {dito}. Drop it when nobody reads it any more",
            markup=False,
        )


def _mostrar_passos(
    config: Configuracao, feito: atualizacao.Atualizada, deixado: Pendencias
) -> None:
    passos = []
    if config.alvo == "postgres" and any(f.coluna is None for f in feito.faltavam):
        passos.append("`lastro grants`, if services have roles of their own")
    if feito or deixado.refeitos:
        passos.append("`make build publish`")
    if passos:
        saida.print(f"Now run {', then '.join(passos)}.", markup=False)
