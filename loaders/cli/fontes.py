"""Commands on sources: `lastro load`, `lastro check`, `lastro sources`."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from loaders.cli.base import CODIGOS, ComoJson, app
from loaders.cli.lago import espelhada
from loaders.cli.opcoes_de_carga import (
    AceitarLacuna,
    AceitarReducao,
    Completa,
    Decimal_,
    DiasRecentes,
    Dsn,
    Esperados,
    Instante,
    NovaChave,
    Onde,
    Origem,
    Seguir,
    So,
    conferir_opcoes,
    opcoes_de_arquivos,
    opcoes_de_banco,
    tipos_pedidos,
)
from loaders.cli.sinais import ate_um_sinal
from loaders.cli.tela_fontes import (
    conferir_eventos,
    conferir_resultado,
    mostrar_arquivos,
    mostrar_chamadas,
    mostrar_eventos,
    mostrar_tabelas,
)
from loaders.cli.terminal import a_vista, em_json, erros, saida, tabela
from loaders.contratos import API, ARQUIVOS, EVENTOS, POSTGRES, Fonte, carregaveis, fontes
from loaders.contratos.leitura import nomes
from loaders.extracao import fontes as situacao_das_fontes
from loaders.extracao.api import carregar as de_api
from loaders.extracao.api.carregar import Opcoes as OpcoesDeApi
from loaders.extracao.arquivos import carregar as de_arquivos
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.carregar import Resultado
from loaders.extracao.eventos import carregar as de_eventos
from loaders.extracao.eventos.carregar import Opcoes as OpcoesDeEventos
from loaders.extracao.postgres import carregar as de_postgres
from loaders.extracao.postgres.extracao import Opcoes as OpcoesDeBanco
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao, configuracao
from loaders.nucleo.erros import LastroError

EXEMPLOS = """Examples:\n
    lastro {comando} sicooperative --dsn postgresql://reader@db/SiCooperativeDB\n
    lastro {comando} sicooperative --full\n
    lastro {comando} pod_cartoes /data/landing --expect 202402\n
    lastro {comando} pod_cartoes s3://bucket/landing/pod_cartoes\n
    A password is best given in <SOURCE>_DSN, which other users of the machine do not see.
    S3 is found by AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and what else boto reads.

"""


@app.command(epilog=EXEMPLOS.format(comando="load") + "    lastro load --all\n\n" + CODIGOS)
def load(
    fonte: Origem = None,
    local: Onde = None,
    todas: Annotated[
        bool, typer.Option("--all", help="Load every source whose address is set, one by one.")
    ] = False,
    so: So = None,
    dsn: Dsn = None,
    completa: Completa = False,
    dias_recentes: DiasRecentes = None,
    instante: Instante = None,
    nova_chave: NovaChave = False,
    aceitar_reducao: AceitarReducao = False,
    esperados: Esperados = None,
    decimal: Decimal_ = None,
    seguir: Seguir = False,
    aceitar_lacuna: AceitarLacuna = False,
) -> None:
    """Land what is new, changed or gone in a source; refused files move to LOCATION/quarentena."""
    config = configuracao()
    banco = opcoes_de_banco(instante, completa, dias_recentes, aceitar_reducao, nova_chave)
    arquivos = opcoes_de_arquivos(esperados, aceitar_reducao, decimal)
    if todas:
        if fonte or dsn or so or seguir:
            raise typer.BadParameter("it loads all sources from where their settings say")
        with espelhada(config):
            _todas(config, banco, arquivos, OpcoesDeEventos(aceita_lacunas=aceitar_lacuna))
        return
    eventos = OpcoesDeEventos(tuple(so or ()), aceitar_lacuna, seguir)
    with espelhada(config):
        _rodar(
            config, fonte_de_nome(fonte), local, so, dsn, banco, arquivos, eventos, confere=False
        )


@app.command(epilog=EXEMPLOS.format(comando="check") + CODIGOS)
def check(
    fonte: Origem = None,
    local: Onde = None,
    so: So = None,
    dsn: Dsn = None,
    completa: Completa = False,
    dias_recentes: DiasRecentes = None,
    instante: Instante = None,
    nova_chave: NovaChave = False,
    aceitar_reducao: AceitarReducao = False,
    esperados: Esperados = None,
    decimal: Decimal_ = None,
    aceitar_lacuna: AceitarLacuna = False,
) -> None:
    """Say what `load` would do; source, files and warehouse stay as they are."""
    banco = opcoes_de_banco(instante, completa, dias_recentes, aceitar_reducao, nova_chave)
    arquivos = opcoes_de_arquivos(esperados, aceitar_reducao, decimal)
    eventos = OpcoesDeEventos(tuple(so or ()), aceitar_lacuna)
    _rodar(
        configuracao(), fonte_de_nome(fonte), local, so, dsn, banco, arquivos, eventos,
        confere=True,
    )  # fmt: skip


@app.command(epilog="Example: lastro sources --json | jq '.[].onde'\n\n" + CODIGOS)
def sources(como_json: ComoJson = False) -> None:
    """List the sources: tables, how each is read, its address without password, its last load."""
    with a_vista():
        todas = situacao_das_fontes.situadas(configuracao())
    linhas = [
        {
            "fonte": s.tabela.fonte,
            "tabela": s.tabela.nome,
            "leitura": s.leitura,
            "onde": s.onde,
            "ultima_carga": s.ultima,
        }
        for s in todas
    ]
    if como_json:
        print(em_json(linhas))
        return
    for nome in dict.fromkeys(linha["fonte"] for linha in linhas):
        dela = [linha for linha in linhas if linha["fonte"] == nome]
        for onde in dict.fromkeys(linha["onde"] for linha in dela):
            tabela(
                f"{nome}, {onde}",
                ("table", "read", "last load (UTC)"),
                [
                    (d["tabela"], d["leitura"], f"{d['ultima_carga']:%Y-%m-%d %H:%M:%S}"
                     if d["ultima_carga"] else "")
                    for d in dela
                    if d["onde"] == onde
                ],
            )  # fmt: skip


def fonte_de_nome(nome: str | None) -> Fonte:
    """A source that a loader reads.

    Raises:
        BadParameter: there is none of that name.
    """
    if nome is None:
        raise typer.BadParameter(f"name a source: {nomes(carregaveis())}", param_hint="SOURCE")
    fonte = fontes().get(nome)
    if fonte is None or not fonte.carregavel:
        raise typer.BadParameter(
            f"{nome} is none of the sources: {nomes(carregaveis())}", param_hint="SOURCE"
        )
    return fonte


def _rodar(
    config: Configuracao,
    fonte: Fonte,
    local: str | None,
    so: list[str] | None,
    dsn: str | None,
    banco: OpcoesDeBanco,
    arquivos: OpcoesDeArquivos,
    eventos: OpcoesDeEventos,
    confere: bool,
) -> None:
    """Load a source, or only say what a load would do, in each way in which it comes."""
    conferir_opcoes(fonte, local, dsn, banco, arquivos, eventos)
    tipos = tipos_pedidos(fonte, so)
    if eventos.seguir:
        if so and tipos != (EVENTOS,):
            raise typer.BadParameter("only events are followed", param_hint="--follow")
        _de_eventos(de_eventos.seguir, "", config, fonte, eventos)
        return
    titulo = "check, nothing was changed: " if confere else ""
    # Files that a source may come without are asked for only where somebody said where they are.
    de_arquivos_dela = fonte.de_tipo(ARQUIVOS) if ARQUIVOS in tipos else ()
    if de_arquivos_dela and (
        local
        or config.ha_local_de(fonte.nome, fonte.no_nome(ARQUIVOS))
        or not all(t.opcional for t in de_arquivos_dela)
    ):
        fazer = de_arquivos.conferir if confere else de_arquivos.carregar
        _de_arquivos(fazer, titulo, config, fonte, local, arquivos)
    if POSTGRES in tipos:
        extrair = de_postgres.conferir if confere else de_postgres.carregar
        _de_postgres(extrair, titulo, config, fonte, dsn, banco)
    if API in tipos:
        pedir = de_api.conferir if confere else de_api.carregar
        _de_api(pedir, titulo, config, fonte, OpcoesDeApi(tuple(so or ())))
    if EVENTOS in tipos:
        ler = de_eventos.conferir if confere else de_eventos.carregar
        _de_eventos(ler, titulo, config, fonte, eventos)


def _todas(
    config: Configuracao, banco: OpcoesDeBanco, arquivos: OpcoesDeArquivos, eventos: OpcoesDeEventos
) -> None:
    """Load each source that has an address; one that fails does not stop the others.

    Raises:
        LastroError: the first that failed; all are told of.
    """
    feitas = list(situacao_das_fontes.configuradas(config))
    falhas: list[LastroError] = []
    for fonte, tipo in feitas:
        try:
            if tipo == ARQUIVOS:
                _de_arquivos(de_arquivos.carregar, "", config, fonte, None, arquivos)
            elif tipo == API:
                _de_api(de_api.carregar, "", config, fonte, OpcoesDeApi())
            elif tipo == EVENTOS:
                _de_eventos(de_eventos.carregar, "", config, fonte, eventos)
            else:
                _de_postgres(de_postgres.carregar, "", config, fonte, None, banco)
        except LastroError as erro:
            erros.print(f"lastro: {fonte.nome}: {erro}", markup=False)
            falhas.append(erro)
    for fonte in carregaveis():
        for tipo in fonte.tipos:
            if (fonte, tipo) not in feitas:
                saida.print(
                    f"{fonte.nome}: not loaded, {situacao_das_fontes.variavel(fonte, tipo)} is not"
                    " set",
                    markup=False,
                )
    if falhas:
        raise type(falhas[0])(f"{len(falhas)} of {len(feitas)} sources were not loaded whole.")


def _de_postgres(
    fazer: Callable[..., list[Any]],
    titulo: str,
    config: Configuracao,
    fonte: Fonte,
    dsn: str | None,
    opcoes: OpcoesDeBanco,
) -> None:
    endereco = dsn or config.dsn_de(fonte.nome, fonte.no_nome(POSTGRES))
    if not endereco:
        variavel = situacao_das_fontes.variavel(fonte, POSTGRES)
        raise typer.BadParameter(f"give --dsn or set {variavel}", param_hint="--dsn")
    with a_vista():
        cargas = fazer(config, fonte, endereco, opcoes, andamento.linhas_lidas)
    mostrar_tabelas(fonte.nome, titulo, cargas)


def _de_api(
    fazer: Callable[..., list[Any]],
    titulo: str,
    config: Configuracao,
    fonte: Fonte,
    opcoes: OpcoesDeApi,
) -> None:
    url = config.url_de(fonte.nome)
    if not url:
        variavel = situacao_das_fontes.variavel(fonte, API)
        raise typer.BadParameter(f"set {variavel}", param_hint="SOURCE")
    with a_vista():
        cargas = fazer(config, fonte, url, opcoes, andamento.linhas_lidas)
    mostrar_chamadas(fonte.nome, titulo, cargas)


def _de_eventos(
    fazer: Callable[..., de_eventos.Resultado],
    titulo: str,
    config: Configuracao,
    fonte: Fonte,
    opcoes: OpcoesDeEventos,
) -> None:
    with a_vista():
        if opcoes.seguir:
            with ate_um_sinal() as parar:
                resultado = fazer(config, fonte, opcoes, parar, andamento.linhas_lidas)
        else:
            resultado = fazer(config, fonte, opcoes, andamento.linhas_lidas)
    mostrar_eventos(fonte.nome, titulo, resultado)
    conferir_eventos(resultado)


def _de_arquivos(
    fazer: Callable[..., Resultado],
    titulo: str,
    config: Configuracao,
    fonte: Fonte,
    local: str | None,
    opcoes: OpcoesDeArquivos,
) -> None:
    onde = local or config.local_de(fonte.nome, fonte.no_nome(ARQUIVOS))
    with a_vista():
        resultado = fazer(config, fonte, onde, opcoes, andamento.linhas_lidas)
    mostrar_arquivos(fonte.nome, titulo, onde, resultado)
    conferir_resultado(onde, resultado)
