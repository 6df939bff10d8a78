"""Commands on sources: `lastro load`, `lastro check`, `lastro sources`."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from loaders import PROJETO
from loaders.cli.base import CODIGOS, ComoJson, app
from loaders.cli.tela_fontes import conferir_resultado, mostrar_arquivos, mostrar_tabelas
from loaders.cli.terminal import a_vista, em_json, erros, saida, tabela
from loaders.contratos import ARQUIVOS, POSTGRES, Fonte, carregaveis, fontes
from loaders.contratos.leitura import nomes
from loaders.contratos.padroes import periodo
from loaders.extracao import fontes as situacao_das_fontes
from loaders.extracao.arquivos import carregar as de_arquivos
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.carregar import Resultado
from loaders.extracao.arquivos.esboco import olhar as olhar_arquivos
from loaders.extracao.arquivos.escritas import PONTO, VIRGULA
from loaders.extracao.postgres import carregar as de_postgres
from loaders.extracao.postgres.esboco import olhar as olhar_banco
from loaders.extracao.postgres.extracao import Opcoes as OpcoesDeBanco
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao, configuracao, nome_da_variavel
from loaders.nucleo.erros import LastroError
from loaders.projeto import rascunho, rascunho_de_arquivos, rascunho_de_banco


class FormaDecimal(StrEnum):
    """How a file writes its amounts."""

    ponto = PONTO
    virgula = VIRGULA


Origem = Annotated[
    str | None,
    typer.Argument(metavar="SOURCE", help="One of `lastro sources`."),
]
Onde = Annotated[
    str | None,
    typer.Argument(
        metavar="LOCATION",
        help="Of files: the folder or s3://bucket/prefix that holds them; default:"
        " <SOURCE>_LOCATION.",
    ),
]
Dsn = Annotated[
    str | None,
    typer.Option(help="Of a database: its libpq address; default: <SOURCE>_DSN."),
]
Completa = Annotated[
    bool,
    typer.Option("--full", help="Of a database: compare every row, whatever fingerprints say."),
]
DiasRecentes = Annotated[
    int | None,
    typer.Option(
        "--recent-days",
        metavar="N",
        min=1,
        help="Of a database: fingerprint the newest N days only; of older ones compare the number"
        " of rows.",
    ),
]
Instante = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"],
        help="Of a database: moment the content stands for (a restored backup), as"
        " 2025-07-01T06:00:00Z; UTC where no zone is given. Default: the source's clock.",
    ),
]
NovaChave = Annotated[
    bool,
    typer.Option(
        "--new-card-key", help="Of a database: accept another key; every card gets a new token."
    ),
]
AceitarReducao = Annotated[
    bool,
    typer.Option(
        "--allow-shrink",
        help="Accept a table, or a file that corrects another, with less than half of its rows.",
    ),
]
Esperados = Annotated[
    list[str] | None,
    typer.Option(
        "--expect", metavar="YYYYMM", help="Of files: fail if a file of this month is missing."
    ),
]
Decimal_ = Annotated[
    FormaDecimal | None,
    typer.Option(
        "--decimal",
        help="Of files: how amounts are written (point or comma) where a file does not show it.",
    ),
]
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
    dsn: Dsn = None,
    completa: Completa = False,
    dias_recentes: DiasRecentes = None,
    instante: Instante = None,
    nova_chave: NovaChave = False,
    aceitar_reducao: AceitarReducao = False,
    esperados: Esperados = None,
    decimal: Decimal_ = None,
) -> None:
    """Land what is new, changed or gone in a source; refused files move to LOCATION/quarentena."""
    config = configuracao()
    banco = _opcoes_de_banco(instante, completa, dias_recentes, aceitar_reducao, nova_chave)
    arquivos = _opcoes_de_arquivos(esperados, aceitar_reducao, decimal)
    if todas:
        if fonte or dsn:
            raise typer.BadParameter("it loads all sources from where their settings say")
        _todas(config, banco, arquivos)
        return
    _rodar(config, _fonte(fonte), local, dsn, banco, arquivos, confere=False)


@app.command(epilog=EXEMPLOS.format(comando="check") + CODIGOS)
def check(
    fonte: Origem = None,
    local: Onde = None,
    dsn: Dsn = None,
    completa: Completa = False,
    dias_recentes: DiasRecentes = None,
    instante: Instante = None,
    nova_chave: NovaChave = False,
    aceitar_reducao: AceitarReducao = False,
    esperados: Esperados = None,
    decimal: Decimal_ = None,
) -> None:
    """Say what `load` would do; source, files and warehouse stay as they are."""
    banco = _opcoes_de_banco(instante, completa, dias_recentes, aceitar_reducao, nova_chave)
    arquivos = _opcoes_de_arquivos(esperados, aceitar_reducao, decimal)
    _rodar(configuracao(), _fonte(fonte), local, dsn, banco, arquivos, confere=True)


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


def _fonte(nome: str | None) -> Fonte:
    if nome is None:
        raise typer.BadParameter(f"name a source: {nomes(carregaveis())}", param_hint="SOURCE")
    fonte = fontes().get(nome)
    if fonte is None or not fonte.carregavel:
        raise typer.BadParameter(
            f"{nome} is none of the sources: {nomes(carregaveis())}", param_hint="SOURCE"
        )
    return fonte


def _opcoes_de_banco(
    instante: datetime | None,
    completa: bool,
    dias_recentes: int | None,
    aceitar_reducao: bool,
    nova_chave: bool,
) -> OpcoesDeBanco:
    if instante is not None:
        instante = instante.replace(tzinfo=instante.tzinfo or UTC).astimezone(UTC)
    return OpcoesDeBanco(instante, completa, dias_recentes, aceitar_reducao, nova_chave)


def _opcoes_de_arquivos(
    esperados: list[str] | None, aceitar_reducao: bool, decimal: FormaDecimal | None
) -> OpcoesDeArquivos:
    meses = {texto: periodo(texto) for texto in esperados or ()}
    if None in meses.values():
        raise typer.BadParameter("give a month as YYYYMM", param_hint="--expect")
    return OpcoesDeArquivos(
        tuple(m for m in meses.values() if m), aceitar_reducao, decimal and decimal.value
    )


def _conferir_opcoes(
    fonte: Fonte,
    local: str | None,
    dsn: str | None,
    banco: OpcoesDeBanco,
    arquivos: OpcoesDeArquivos,
) -> None:
    """Refuse what says nothing of a source of this kind: it would be passed over in silence."""
    ditas: dict[str, dict[str, object]] = {
        ARQUIVOS: {
            "LOCATION": local, "--expect": arquivos.esperados, "--decimal": arquivos.forma_decimal,
        },
        POSTGRES: {
            "--dsn": dsn, "--full": banco.completa, "--recent-days": banco.dias_recentes,
            "--as-of": banco.instante, "--new-card-key": banco.nova_chave_cartao,
        },
    }  # fmt: skip
    do_que = {ARQUIVOS: "files", POSTGRES: "a database"}
    for tipo, opcoes in ditas.items():
        for nome, dita in opcoes.items():
            if dita and tipo not in fonte.tipos:
                raise typer.BadParameter(
                    f"{nome} is for {do_que[tipo]}; {fonte.nome} is read from"
                    f" {' and '.join(do_que[t] for t in fonte.tipos)}",
                    param_hint=nome,
                )


def _rodar(
    config: Configuracao,
    fonte: Fonte,
    local: str | None,
    dsn: str | None,
    banco: OpcoesDeBanco,
    arquivos: OpcoesDeArquivos,
    confere: bool,
) -> None:
    """Load a source, or only say what a load would do, in each way in which it comes."""
    _conferir_opcoes(fonte, local, dsn, banco, arquivos)
    titulo = "check, nothing was changed: " if confere else ""
    if ARQUIVOS in fonte.tipos:
        fazer = de_arquivos.conferir if confere else de_arquivos.carregar
        _de_arquivos(fazer, titulo, config, fonte, local, arquivos)
    if POSTGRES in fonte.tipos:
        extrair = de_postgres.conferir if confere else de_postgres.carregar
        _de_postgres(extrair, titulo, config, fonte, dsn, banco)


def _todas(config: Configuracao, banco: OpcoesDeBanco, arquivos: OpcoesDeArquivos) -> None:
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


@app.command(
    epilog="Examples:\n\n    lastro contract banco --dsn postgresql://reader@db/Banco\n\n"
    "    lastro contract tarifas --files /data/landing\n\n" + CODIGOS
)
def contract(
    nome: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the new source.")],
    dsn: Dsn = None,
    local: Annotated[
        str | None,
        typer.Option("--files", metavar="LOCATION", help="Folder or s3:// address of its files."),
    ] = None,
    esquema: Annotated[
        str, typer.Option("--schema", help="Of a database: schema of its tables.")
    ] = "public",
) -> None:
    """Draft a new source: contract, staging models and YAML; nothing is overwritten."""
    config = configuracao()
    endereco = dsn or config.dsn_de(nome)
    if local and dsn:
        raise typer.BadParameter("a draft is of a database or of files", param_hint="--files")
    if not local and not endereco:
        variavel = nome_da_variavel(nome, None, "DSN")
        raise typer.BadParameter(f"give --dsn or --files, or set {variavel}", param_hint="--dsn")
    with a_vista():
        if local:
            especies = olhar_arquivos(local, config.expansao_maxima)
            arquivos = rascunho_de_arquivos.rascunhar(nome, especies, fontes())
        else:
            achadas = olhar_banco(str(endereco), esquema)
            arquivos = rascunho_de_banco.rascunhar(nome, esquema, achadas, fontes())
    rascunho.gravar(arquivos)
    for arquivo in arquivos:
        saida.print(str(arquivo.relative_to(PROJETO)), markup=False)
    saida.print(
        f"\n{len(arquivos)} files drafted. Edit them: keys, what is personal, whose a row is and"
        f" how large tables are read was guessed. Then: lastro check {nome}",
        markup=False,
    )
