"""Commands to begin with: `lastro demo`, `lastro key`."""

from pathlib import Path
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.tela_situacao import mostrar_livro, mostrar_situacao
from loaders.cli.terminal import a_vista, saida
from loaders.extracao import derivacoes
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import configuracao
from loaders.publicacao.situacao import situacao


@app.command(epilog="Example: lastro demo --to saida\n\n" + CODIGOS)
def demo(
    pasta: Annotated[Path, typer.Option("--to", help="Folder for movimento_flat.")] = Path("saida"),
) -> None:
    """Run the demonstration: sample sources, loads, build, tests, publication, extract."""
    from loaders.demo import roteiro  # brings a database server along, which no other command needs

    config = configuracao()
    with a_vista():
        roteiro.executar(config, pasta, lambda passo: saida.print(passo, markup=False))
        estado = situacao(config)
    mostrar_situacao(estado, cargas=4)
    mostrar_livro(config)
    saida.print(
        f"\nWhere to look next: {pasta}/movimento_flat.csv; `make docs` for the catalogue; "
        "`.venv/bin/lastro book`; `make status`; README.md, 'Your own database'.",
        markup=False,
    )


@app.command(epilog="Example: lastro key\n\n" + CODIGOS)
def key() -> None:
    """Make the private key file of the card-number tokens, if there is no key."""
    config = configuracao()
    if config.chave_cartao:
        saida.print("LASTRO_CARD_KEY is set; no file is needed")
        return
    caminho = config.caminho_chave_cartao
    feito = chaves.criar_arquivo(caminho)
    derivacoes.ler_chave(config)  # a file that holds no key is said, and not that it is there
    saida.print(f"{caminho} {'made; keep a copy in a safe place' if feito else 'is there already'}")
