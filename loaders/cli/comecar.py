"""Commands to begin with: `lastro demo`, `lastro key`."""

from pathlib import Path
from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.desenhar import PAGINAS
from loaders.cli.tela_situacao import mostrar_livro, mostrar_situacao
from loaders.cli.terminal import a_vista, saida, tabela
from loaders.extracao import derivacoes
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import configuracao
from loaders.publicacao.situacao import situacao
from loaders.publicacao.versoes import Versao


@app.command(epilog="Examples: lastro demo --to saida\n\nlastro demo --spark\n\n" + CODIGOS)
def demo(
    pasta: Annotated[Path, typer.Option("--to", help="Folder for movimento_flat.")] = Path("saida"),
    paginas: Annotated[Path, typer.Option("--pages", help="Folder for the dashboard.")] = PAGINAS,
    no_spark: Annotated[
        bool, typer.Option("--spark", help="Build and publish in a lake, on Spark (docs/spark.md).")
    ] = False,
) -> None:
    """Run the demonstration: sources, loads, build, tests, publication, extract, dashboard."""
    from loaders.demo import roteiro  # brings a database server along, which no other command needs

    config = configuracao()
    if no_spark:
        with a_vista():
            versao = roteiro.executar_no_spark(config, _contar)
        _mostrar_no_lago(versao)
        return
    with a_vista():
        roteiro.executar(config, pasta, paginas, _contar)
        estado = situacao(config)
    mostrar_situacao(estado, cargas=4)
    mostrar_livro(config)
    saida.print(
        f"\nWhere to look next: open {paginas}/index.html; {pasta}/movimento_flat.csv; `make docs`"
        " for the catalogue; `.venv/bin/lastro book`; `make status`; README.md, 'Your own"
        " database'.",
        markup=False,
    )


def _contar(passo: str) -> None:
    saida.print(passo, markup=False)


def _mostrar_no_lago(versao: Versao) -> None:
    """What people read in the lake now."""
    tabela(
        f"Published in the lake, {versao.nome}",
        ("table", "rows", "BRL"),
        [(nome, medida.linhas, medida.valor) for nome, medida in versao.tabelas.items()],
    )
    saida.print(
        "\nWhere to look next: the namespaces pub_<area>; `make demo-spark` again, which changes"
        " nothing; docs/spark.md.",
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
