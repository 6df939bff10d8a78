"""The command `lastro`: one module a group of commands, and what happens when one fails."""

import os
import sys
from typing import Annotated

import typer

from loaders import __version__
from loaders.cli import (
    atualizar,
    auditar,
    comecar,
    desenhar,
    encomendar,
    exportar,
    fontes,
    historia,
    lago,
    medir,
    pessoas,
    publicar,
    rascunhar,
    servir,
    situacao,
)
from loaders.cli.base import app
from loaders.cli.terminal import erros, preparar_saidas
from loaders.nucleo import imprevistos
from loaders.nucleo.erros import LastroError

__all__ = [
    "app",
    "atualizar",
    "auditar",
    "comecar",
    "desenhar",
    "encomendar",
    "exportar",
    "fontes",
    "historia",
    "lago",
    "main",
    "medir",
    "pessoas",
    "publicar",
    "rascunhar",
    "servir",
    "situacao",
]


def _versao(mostrar: bool) -> None:
    if mostrar:
        print(f"lastro {__version__}")
        raise typer.Exit


@app.callback()
def _raiz(
    _versao: Annotated[
        bool, typer.Option("--version", callback=_versao, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


def _dizer(texto: str, erro: BaseException) -> None:
    """Print what went wrong, and what was noted of it on its way."""
    notas = getattr(erro, "__notes__", ())
    erros.print("lastro: " + "\n".join((texto, *notas)), markup=False)


def main() -> None:
    """Run the command; a failure is one message on stderr and an exit code."""
    preparar_saidas()
    try:
        app()
    except LastroError as erro:
        _dizer(str(erro), erro)
        sys.exit(erro.codigo)
    except KeyboardInterrupt:
        erros.print("lastro: stopped; nothing half done was kept")
        sys.exit(130)
    except Exception as erro:
        if os.environ.get("LASTRO_DEBUG"):
            raise
        if conhecido := imprevistos.traduzir(erro):
            _dizer(str(conhecido), erro)
            sys.exit(conhecido.codigo)
        if isinstance(erro, OSError) and erro.strerror and erro.filename is not None:
            _dizer(f"{erro.filename}: {erro.strerror}; nothing half done was kept.", erro)
            sys.exit(1)
        _dizer(
            f"unexpected {type(erro).__name__}; nothing half done was kept. Set LASTRO_DEBUG=1 to"
            " see where it happened.",
            erro,
        )
        sys.exit(1)
