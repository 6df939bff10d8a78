"""Commands on the lake: `lastro lake`, those of its versions, and what a load does with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, ComoJson, Manter, app
from loaders.cli.publicar import Aceitar, MudancaMaxima, contar_publicacao, mostrar_versoes
from loaders.cli.terminal import a_vista, erros, saida
from loaders.lago import espelho, historia
from loaders.lago.catalogo import COMANDO
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao, configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, LagoIndisponivel, LastroError
from loaders.publicacao import publicar as publicacao

REFAZER = (
    "the lake was emptied, and holds the loads of the warehouse as it is now;"
    f" `{COMANDO} --replay` and `dbt build --target spark` make its built tables again"
)


def _extracoes(feitas: int, total: int) -> None:
    andamento.dizer("replaying extractions on Spark", feitas, total)


def _copiar(config: Configuracao) -> None:
    """Copy what is new, and say so."""
    with a_vista():
        feito = espelho.espelhar(config)
    if feito.esvaziado:
        saida.print(f"people were erased since the lake was filled: {REFAZER}", markup=False)
    saida.print(f"{feito.cargas} loads copied into the lake" if feito.cargas else "no load waits")


@contextmanager
def espelhada(config: Configuracao) -> Iterator[None]:
    """What loads land inside is then copied into the lake, where one is set.

    A load that failed may have landed something, and its error is the one that counts.

    Raises:
        LagoIndisponivel: all was loaded, and the lake did not take it.
    """
    da_carga: LastroError | None = None
    try:
        yield
    except LastroError as erro:
        da_carga = erro
    if config.lago:
        try:
            _copiar(config)
        except ArmazemIndisponivel as erro:
            dito = (
                f"What was loaded stays loaded, and is not in the lake yet: {erro}\n`{COMANDO}`"
                " copies it later, and so does the next load."
            )
            if da_carga is None:
                raise LagoIndisponivel(dito) from erro
            erros.print(f"lastro: {dito}", markup=False)
    if da_carga is not None:
        raise da_carga


lago = typer.Typer(invoke_without_command=True, epilog=CODIGOS)
app.add_typer(lago, name="lake")


@lago.callback(
    epilog="Examples:\n\n    .venv-spark/bin/lastro lake --replay && .venv-spark/bin/dbt build"
    " --target spark\n\n    .venv-spark/bin/lastro lake publish --keep 7\n\n" + CODIGOS
)
def lake(
    contexto: typer.Context,
    reproduzir: Annotated[
        bool,
        typer.Option("--replay", help="Then replay on Spark what its history has not seen yet."),
    ] = False,
) -> None:
    """Copy the loads that the lake does not have yet into its Iceberg tables, for Spark."""
    if contexto.invoked_subcommand:
        if reproduzir:
            raise typer.BadParameter("it goes with no other command", param_hint="--replay")
        return
    config = configuracao()
    _copiar(config)
    if reproduzir:
        with a_vista():
            aplicadas = historia.reproduzir(config, _extracoes)
        saida.print(f"{aplicadas} extractions applied" if aplicadas else "no extraction waits")


@lago.command(epilog="Example: .venv-spark/bin/lastro lake publish --keep 7\n\n" + CODIGOS)
def publish(
    aceitar: Aceitar = False, mudanca_maxima: MudancaMaxima = None, manter: Manter = None
) -> None:
    """Publish what the last build on Spark left, if it passed its tests."""
    with a_vista():
        feita = publicacao.publicar(configuracao(), aceitar, mudanca_maxima, manter, no_lago=True)
    contar_publicacao(feita)


@lago.command(epilog="Example: .venv-spark/bin/lastro lake versions\n\n" + CODIGOS)
def versions(como_json: ComoJson = False, manter: Manter = None) -> None:
    """List the versions that are published in the lake, newest first."""
    mostrar_versoes(como_json, manter, no_lago=True)


@lago.command(epilog="Example: .venv-spark/bin/lastro lake rollback\n\n" + CODIGOS)
def rollback(
    versao: Annotated[
        str | None,
        typer.Argument(
            metavar="[VERSION]",
            help="One of `lastro lake versions`; without it the one before the current.",
        ),
    ] = None,
) -> None:
    """Make another version the one that people read in the lake."""
    config = configuracao()
    with a_vista():
        corrente = publicacao.voltar(config, versao or publicacao.anterior(config), no_lago=True)
    saida.print(f"{corrente.nome} is current", markup=False)
