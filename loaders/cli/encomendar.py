"""The command that orders a single item of an API: `lastro request`."""

from typing import Annotated

import typer

from loaders.cli.base import CODIGOS, app
from loaders.cli.fontes import fonte_de_nome
from loaders.cli.lago import espelhada
from loaders.cli.tela_fontes import mostrar_chamadas
from loaders.cli.terminal import a_vista
from loaders.contratos import API
from loaders.extracao import fontes as situacao_das_fontes
from loaders.extracao.api.encomenda import encomendar
from loaders.nucleo.configuracao import configuracao


@app.command(
    epilog="Example: lastro request bureau score id_pedido=P1 modelo=M1 motivo=analise\n\n"
    + CODIGOS
)
def request(
    fonte: Annotated[str, typer.Argument(metavar="SOURCE", help="A source with an API.")],
    tabela: Annotated[str, typer.Argument(metavar="TABLE", help="One of its tables.")],
    campos: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE", help="The order, as the contract has it.")
    ],
) -> None:
    """Order one item of an API and land it; the same order of a day is never bought twice."""
    config = configuracao()
    escolhida = fonte_de_nome(fonte)
    tabelas = {t.nome: t for t in escolhida.de_tipo(API)}
    if tabela not in tabelas:
        raise typer.BadParameter(
            f"{fonte} has, of APIs: {', '.join(tabelas) or 'none'}", param_hint="TABLE"
        )
    pares = [campo.partition("=") for campo in campos]
    if any(not igual for _, igual, _ in pares):
        raise typer.BadParameter("give each field as FIELD=VALUE", param_hint="FIELD=VALUE")
    if not (url := config.url_de(fonte)):
        variavel = situacao_das_fontes.variavel(escolhida, API)
        raise typer.BadParameter(f"set {variavel}", param_hint="SOURCE")
    dados = {nome: valor for nome, _, valor in pares}
    with espelhada(config):
        with a_vista():
            carga = encomendar(config, escolhida, url, tabelas[tabela], dados)
        mostrar_chamadas(fonte, "", [carga])
