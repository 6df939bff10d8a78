"""Commands that replay the history: `lastro snapshot`, `lastro rebuild`."""

from loaders.cli.base import CODIGOS, app
from loaders.cli.terminal import a_vista, saida
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import configuracao
from loaders.projeto import historia


def _extracoes(feitas: int, total: int) -> None:
    andamento.dizer("replaying extractions", feitas, total)


@app.command(epilog="Example: lastro snapshot && dbt build\n\n" + CODIGOS)
def snapshot() -> None:
    """Replay every extraction that the history has not seen yet, in order."""
    with a_vista():
        aplicadas = historia.reproduzir(configuracao(), _extracoes)
    saida.print(f"{aplicadas} extractions applied" if aplicadas else "no extraction waits")


@app.command(epilog="Example: lastro rebuild && dbt build\n\n" + CODIGOS)
def rebuild() -> None:
    """Drop what builds made, and replay the history from its beginning."""
    config = configuracao()
    with a_vista():
        historia.descartar(config)
        aplicadas = historia.reproduzir(config, _extracoes)
    saida.print(f"{aplicadas} extractions applied; now run `dbt build`")
