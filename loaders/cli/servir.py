"""The command that serves dashboards: `lastro bi`."""

import time
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.sinais import ate_um_sinal
from loaders.cli.terminal import a_vista, saida
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import configuracao


@app.command(epilog="Example: lastro bi --port 8088\n\n" + CODIGOS)
def bi(
    porta: Annotated[int, typer.Option("--port", min=1024, max=65535, help="On 127.0.0.1.")] = 8088,
) -> None:
    """Serve Apache Superset on what is published, until Ctrl-C (docs/bi.md); wants `make bi`."""
    from loaders.bi import servico  # brings a server along, which no other command needs

    with a_vista():
        andamento.dizer("setting Superset up: it takes about half a minute")
        with (
            servico.preparado(configuracao()) as superset,
            servico.servido(superset, porta) as feito,
        ):
            senha = f"password {superset.senha}" if superset.senha else "its password stays"
            saida.print(f"{feito.url} user {superset.usuario}, {senha}", markup=False)
            with ate_um_sinal() as basta:
                while feito.vive and not basta():
                    time.sleep(0.2)
