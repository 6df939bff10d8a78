"""The command `lastro`."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from loaders import __version__
from loaders.cli.terminal import a_vista, em_json, erros, preparar_saidas, saida, tabela
from loaders.contratos import Fonte, fontes
from loaders.contratos.padroes import periodo
from loaders.controle import auditoria
from loaders.controle.cargas import Carga
from loaders.controle.tabelas import Progresso
from loaders.exportacao import livro as exportacao_livro
from loaders.exportacao import movimento_flat as exportacao
from loaders.extracao import chave_cartao
from loaders.extracao.arquivos import carregar as de_arquivos
from loaders.extracao.arquivos.escritas import PONTO, VIRGULA
from loaders.extracao.arquivos.recebimento import SEM_FIM
from loaders.extracao.postgres import sicooperative
from loaders.nucleo import andamento, chaves, imprevistos
from loaders.nucleo.configuracao import Configuracao, configuracao
from loaders.nucleo.erros import AuditoriaQuebrada, FonteIndisponivel, FonteRecusada, LastroError
from loaders.projeto import historia
from loaders.publicacao import publicar as publicacao
from loaders.publicacao.situacao import livro_da_carteira, situacao
from loaders.publicacao.versoes import Versao
from loaders.titulares import entregar, esquecer, mapa

CODIGOS = (
    "Exit codes: 0 done; 1 unexpected, a wrong setting or a full disk; 2 wrong usage; 3 the"
    " source's content was refused; 4 the source cannot be reached; 5 the warehouse cannot be"
    " opened or is being written; 6 dbt failed or the warehouse has not been built; 7 a"
    " publication was refused; 8 the audit log is not whole; 9 done, but its end could not be"
    " noted in the audit log."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Loads the sources of the warehouse, replays its history, publishes and exports it.",
    epilog=CODIGOS,
)
carregar = typer.Typer(
    no_args_is_help=True, help="Land a source in its raw schema.", epilog=CODIGOS
)
verificar = typer.Typer(
    no_args_is_help=True, help="Say what a load would do, and change nothing.", epilog=CODIGOS
)
exportar = typer.Typer(no_args_is_help=True, help="Write an extract to files.", epilog=CODIGOS)
app.add_typer(carregar, name="load")
app.add_typer(verificar, name="check")
app.add_typer(exportar, name="export")
auditar = typer.Typer(no_args_is_help=True, help="The log of who did what.", epilog=CODIGOS)
app.add_typer(auditar, name="audit")


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


@carregar.command(
    "sicooperative",
    epilog="""Examples:\n
    lastro load sicooperative --dsn postgresql://reader@db/SiCooperativeDB\n
    lastro load sicooperative --full\n
    lastro load sicooperative --as-of 2025-07-01T06:00:00Z\n
    The password is best given in SICOOPERATIVE_DSN, which other users of the machine do not see.

"""
    + CODIGOS,
)
def carregar_sicooperative(
    dsn: Annotated[
        str | None,
        typer.Option(help="libpq address of the database; default: SICOOPERATIVE_DSN."),
    ] = None,
    completa: Annotated[
        bool,
        typer.Option("--full", help="Compare every movement, whatever the fingerprints say."),
    ] = False,
    dias_recentes: Annotated[
        int | None,
        typer.Option(
            "--recent-days",
            metavar="N",
            min=1,
            help="Fingerprint the newest N days only; of older days compare the number of rows.",
        ),
    ] = None,
    instante: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"],
            help="Moment the content stands for (a restored backup), as 2025-07-01T06:00:00Z; UTC "
            "where no zone is given. Default: the source's clock.",
        ),
    ] = None,
    aceitar_reducao: Annotated[
        bool,
        typer.Option("--allow-shrink", help="Accept a table that lost more than half its rows."),
    ] = False,
    nova_chave: Annotated[
        bool,
        typer.Option("--new-card-key", help="Accept another key: every card gets a new token."),
    ] = False,
) -> None:
    """Extract the cooperative's database: what is new, changed or gone since the last time."""
    config = configuracao()
    endereco = dsn or config.sicooperative_dsn
    if not endereco:
        raise typer.BadParameter("give --dsn or set SICOOPERATIVE_DSN", param_hint="--dsn")
    if instante is not None:
        instante = instante.replace(tzinfo=instante.tzinfo or UTC).astimezone(UTC)
    opcoes = sicooperative.Opcoes(instante, completa, dias_recentes, aceitar_reducao, nova_chave)
    with a_vista():
        cargas = sicooperative.carregar(config, endereco, opcoes, andamento.linhas_lidas)
    tabela(
        f"sicooperative, as of {cargas[0].extraido_em:%Y-%m-%d %H:%M:%S} UTC",
        ("load", "table", "rows in source", "read", "landed", "status", "format"),
        [
            (c.id, c.origem, c.linhas_origem, c.lidas, c.gravadas, c.status, c.formato)
            for c in cargas
        ],
        abaixo=("format",),
    )


class FormaDecimal(StrEnum):
    """How a file writes its amounts."""

    ponto = PONTO
    virgula = VIRGULA


Onde = Annotated[
    str | None,
    typer.Argument(
        metavar="LOCATION",
        help="Folder or s3://bucket/prefix that holds the files; default: POD_CARTOES_LOCATION.",
    ),
]
Esperados = Annotated[
    list[str] | None,
    typer.Option("--expect", metavar="YYYYMM", help="Fail if a file of this month is missing."),
]
AceitarReducao = Annotated[
    bool,
    typer.Option(
        "--allow-shrink", help="Accept a file with less than half the rows of the one it corrects."
    ),
]
Decimal_ = Annotated[
    FormaDecimal | None,
    typer.Option(
        "--decimal", help="How amounts are written (point or comma) in files that do not show it."
    ),
]
Manter = Annotated[
    int | None,
    typer.Option(
        "--keep",
        metavar="N",
        min=1,
        help="Delete all but the newest N versions; the current one and those read now stay.",
    ),
]
ComoJson = Annotated[bool, typer.Option("--json", help="Machine-readable, everything.")]
MUITOS_EXEMPLOS = """Examples:\n
    lastro {comando} pod_cartoes\n
    lastro {comando} pod_cartoes /data/landing --expect 202402\n
    lastro {comando} pod_cartoes s3://bucket/landing/pod_cartoes\n
    S3 is found by AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and what else boto reads.

"""


@carregar.command("pod_cartoes", epilog=MUITOS_EXEMPLOS.format(comando="load") + CODIGOS)
def carregar_pod_cartoes(
    local: Onde = None,
    esperados: Esperados = None,
    aceitar_reducao: AceitarReducao = False,
    decimal: Decimal_ = None,
) -> None:
    """Land the card issuer's monthly files; refused ones move to LOCATION/quarentena."""
    _pod_cartoes(de_arquivos.carregar, "", local, esperados, aceitar_reducao, decimal)


@verificar.command("pod_cartoes", epilog=MUITOS_EXEMPLOS.format(comando="check") + CODIGOS)
def verificar_pod_cartoes(
    local: Onde = None,
    esperados: Esperados = None,
    aceitar_reducao: AceitarReducao = False,
    decimal: Decimal_ = None,
) -> None:
    """Say what `load pod_cartoes` would do; files and warehouse stay as they are."""
    _pod_cartoes(
        de_arquivos.conferir, "check, nothing was changed: ", local, esperados, aceitar_reducao,
        decimal,
    )  # fmt: skip


def _pod_cartoes(
    fazer: Callable[
        [Configuracao, Fonte, str, de_arquivos.Opcoes, Progresso], de_arquivos.Resultado
    ],
    titulo: str,
    local: str | None,
    esperados: list[str] | None,
    aceitar_reducao: bool,
    decimal: FormaDecimal | None,
) -> None:
    """Load or check, print what became of each file, and fail if something is amiss."""
    meses = {texto: periodo(texto) for texto in esperados or ()}
    if None in meses.values():
        raise typer.BadParameter("give a month as YYYYMM", param_hint="--expect")
    config = configuracao()
    onde = local or config.local_de("pod_cartoes")
    opcoes = de_arquivos.Opcoes(
        tuple(m for m in meses.values() if m), aceitar_reducao, decimal and decimal.value
    )
    with a_vista():
        resultado = fazer(config, fontes()["pod_cartoes"], onde, opcoes, andamento.linhas_lidas)
    tabela(
        f"pod_cartoes, {titulo}{onde}",
        ("file", "format", "rows", "rejected", "status", "message"),
        [
            (c.origem, c.formato, c.gravadas, _com_parte(c), c.status, c.mensagem)
            for c in resultado.cargas
        ],
        abaixo=("format", "message"),
    )
    if resultado.ignorados:
        saida.print(f"\nnot files of this source: {', '.join(resultado.ignorados)}", markup=False)
    if dito := _resumo(resultado.cargas):
        saida.print(f"\n{dito}", markup=False)
    _conferir_resultado(onde, resultado)


def _com_parte(carga: Carga) -> int | str:
    """The rejected lines, with their share of those of the file."""
    if not carga.rejeitadas:
        return 0
    return f"{carga.rejeitadas} ({_percentual(carga.rejeitadas, carga.lidas)})"


def _percentual(algumas: int, todas: int) -> str:
    return f"{100 * algumas / todas:.1f} %" if algumas * 1000 >= todas else "< 0.1 %"


def _resumo(cargas: Sequence[Carga]) -> str:
    """What the files that were landed lost on the way, and what is odd about them, on a line."""
    novas = [c for c in cargas if c.status == "ok"]
    if not novas:
        return ""
    lidas, rejeitadas = sum(c.lidas for c in novas), sum(c.rejeitadas for c in novas)
    dito = f"{rejeitadas} of {lidas} lines rejected"
    if rejeitadas:
        dito += f" ({_percentual(rejeitadas, lidas)})"
    sem_fim = [c.origem for c in novas if SEM_FIM in str(c.formato).split(", ")]
    return dito + (f"; {SEM_FIM}: {', '.join(sem_fim)}" if sem_fim else "")


def _conferir_resultado(onde: str, resultado: de_arquivos.Resultado) -> None:
    """Fail if a file was refused, is missing, is not called like one or could not be read.

    Raises:
        FonteRecusada: a file was refused, is missing or is not called like one.
        FonteIndisponivel: a file could not be read.
    """
    recusados = [c.origem for c in resultado.cargas if c.status == "rejeitado"]
    com_erro = [c.origem for c in resultado.cargas if c.status == "erro"]
    problemas = []
    if resultado.parecidos:
        ditos = [f"\n  {nome}: {fazer}" for nome, fazer in resultado.parecidos]
        problemas.append(
            f"Not read, and left where they are in {onde}, since they seem to be of this source and"
            f" are not called so:{''.join(ditos)}"
        )
    if resultado.ausentes:
        problemas.append(f"Expected and missing in {onde}: {', '.join(resultado.ausentes)}.")
    if recusados:
        problemas.append(
            f"{len(recusados)} of {len(resultado.cargas)} files refused: {', '.join(recusados)}."
        )
    if com_erro:
        problemas.append(f"{len(com_erro)} files could not be read: {', '.join(com_erro)}.")
    if resultado.parecidos or resultado.ausentes or recusados:
        raise FonteRecusada("\n".join(problemas))
    if com_erro:
        raise FonteIndisponivel("\n".join(problemas))


@exportar.command(
    "movimento_flat",
    epilog="Example: lastro export movimento_flat --to /data/extracts\n\n" + CODIGOS,
)
def exportar_movimento_flat(
    pasta: Annotated[Path, typer.Option("--to", help="Folder to write to; made if missing.")],
    numeros_em_claro: Annotated[
        bool,
        typer.Option("--show-card-numbers", help="Write card numbers in full instead of masked."),
    ] = False,
) -> None:
    """Write movimento_flat.csv (`;`, UTF-8, header) and movimento_flat.parquet."""
    with a_vista():
        feito = exportacao.exportar_movimento_flat(configuracao(), pasta, numeros_em_claro)
    saida.print(f"{feito.linhas} rows in {feito.csv} and {feito.parquet.name}")


@exportar.command("book", epilog="Example: lastro export book --to /data/books\n\n" + CODIGOS)
def exportar_livros(
    pasta: Annotated[Path, typer.Option("--to", help="Folder to write to; made if missing.")],
) -> None:
    """Write both books as Parquet, partitioned by dt_base, and manifest.json."""
    with a_vista():
        feitos = exportacao_livro.exportar_livros(configuracao(), pasta)
    for feito in feitos:
        saida.print(
            f"{feito.linhas} rows of {len(feito.ref_datas)} ref_dates in {pasta / feito.nome}"
        )


@app.command(
    epilog="Examples:\n\n    lastro status --wide | less -S\n\n"
    "    lastro status --json | jq .reconciliacao\n\n" + CODIGOS
)
def status(
    como_json: ComoJson = False,
    larga: Annotated[
        bool, typer.Option("--wide", help="Every column, and every load instead of the newest.")
    ] = False,
) -> None:
    """Show the last loads, rejects, waiting extractions and the reconciliation."""
    config = configuracao()
    with a_vista():
        estado = situacao(config)
    if como_json:
        print(em_json(estado, _sem_forma_em_json))
        return
    if not estado["camadas"]:
        saida.print(
            f"Nothing was loaded yet into the warehouse {config.armazem}. `lastro load`"
            " makes it; README.md, 'Your own database', says how.",
            markup=False,
        )
        return
    mostrar_situacao(estado, larga)


def _sem_forma_em_json(valor: Any) -> Any:
    if isinstance(valor, datetime):
        return valor.astimezone(UTC).isoformat()
    if isinstance(valor, Decimal):
        return str(valor)
    raise TypeError(type(valor).__name__)


def mostrar_situacao(estado: dict[str, Any], larga: bool = False, cargas: int = 8) -> None:
    """Print the state as tables: rows by layer, loads, rejects, reconciliation.

    Args:
        estado: what `situacao` found.
        larga: show every column and every row.
        cargas: how many of the newest loads to show otherwise.
    """
    limite = None if larga else cargas
    tabela(
        f"Rows by layer ({estado['armazem']})",
        ("schema", "table", "rows"),
        [(e, t, n) for e, tabelas in estado["camadas"].items() for t, n in tabelas.items()],
    )
    _mostrar_cargas(estado["cargas"], limite, larga)
    if estado["entregas"]:
        tabela(
            "Deliveries in files",
            ("source", "entity", "deliveries", "first", "last", "rows", "refused"),
            [tuple(e.values()) for e in estado["entregas"]],
        )
    if partes := estado["partes"]:
        tabela(
            "Shares of a delivery (newest, and those above a limit; % of its lines)",
            ("file", "lines", "rejected", "quarantine", "duplicate", "orphan", "above"),
            [
                tuple(p.values())[1:]
                for n, p in enumerate(partes)
                if limite is None or n < limite or p["alertas"]
            ],
        )
    if rejeicoes := estado["rejeicoes"]:
        tabela(
            _parte("Rejected lines", rejeicoes, limite),
            ("load", "file", "lines"),
            [tuple(r.values()) for r in rejeicoes[:limite]],
        )
    _mostrar_reconciliacao(estado["reconciliacao"], limite, larga)
    if estado["extracoes_pendentes"]:
        saida.print(
            f"\n{estado['extracoes_pendentes']} extractions wait for the snapshot: run "
            "`.venv/bin/lastro snapshot`, then `dbt build`"
        )
    if not larga:
        saida.print("\nAll columns and all loads: `lastro status --wide`, or `--json`")


def _parte(titulo: str, todas: Sequence[Any], limite: int | None) -> str:
    """A title that says how much is shown of how much."""
    if limite is None or len(todas) <= limite:
        return f"{titulo} ({len(todas)})"
    return f"{titulo} (newest {limite} of {len(todas):,})"


def _mostrar_cargas(cargas: list[dict[str, Any]], limite: int | None, larga: bool) -> None:
    nomes = {
        "_carga_id": "load", "fonte": "source", "origem": "origin", "status": "status",
        "gravadas": "landed", "rejeitadas": "rejected",
    }  # fmt: skip
    if larga:
        nomes |= {
            "lidas": "read", "extraido_em": "as of (UTC)", "fim": "ended (UTC)",
            "entidade": "entity", "entrega": "delivery", "formato": "format",
        }  # fmt: skip
    nomes["mensagem"] = "message"
    tabela(
        _parte("Last loads", cargas, limite),
        tuple(nomes.values()),
        [[_em_texto(c[nome]) for nome in nomes] for c in cargas[:limite]],
        abaixo=("format", "message") if larga else ("message",),
    )


def _em_texto(valor: Any) -> Any:
    return f"{valor:%Y-%m-%d %H:%M:%S}" if isinstance(valor, datetime) else valor


def _mostrar_reconciliacao(
    conferidas: list[dict[str, Any]], limite: int | None, larga: bool
) -> None:
    """A table for each reconciliation: its newest loads, those that differ, and the sum of all."""
    nomes = {
        "_carga_id": "load", "linhas_arquivo": "lines", "linhas_rejeitadas": "rejected",
        "linhas_substituidas": "superseded", "linhas_quarentena": "quarantine",
        "linhas_duplicadas": "duplicate", "linhas_mart": "mart",
    }  # fmt: skip
    if larga:
        nomes |= {
            "linhas_raw": "raw", "linhas_staging": "staging", "valor_mart": "amount (BRL)",
            "diferenca_linhas": "rows that differ", "diferenca_valor": "amount that differs",
        }  # fmt: skip
    diferentes = list(filter(_diferenca, conferidas))
    for nome in dict.fromkeys(r["tabela"] for r in conferidas):
        dela = [r for r in conferidas if r["tabela"] == nome]
        mostradas = [r for n, r in enumerate(dela) if limite is None or n < limite or _diferenca(r)]
        somadas = [coluna for coluna in nomes if coluna != "_carga_id"]
        tabela(
            _parte(f"Reconciliation, {nome}", dela, limite),
            (*nomes.values(), "difference"),
            [
                *([*(r[coluna] for coluna in nomes), _diferenca(r)] for r in mostradas),
                ["all", *(sum(r[coluna] or 0 for r in dela) for coluna in somadas), ""],
            ],
            abaixo=("difference",),
        )
    if conferidas:
        saida.print(f"\n{len(conferidas)} loads reconciled, {len(diferentes)} with a difference")


def _diferenca(linha: dict[str, Any]) -> str:
    if not linha["diferenca_linhas"] and not linha["diferenca_valor"]:
        return ""
    return f"differs by {linha['diferenca_linhas']} rows and {linha['diferenca_valor']} BRL"


@app.command(epilog="Example: lastro book\n\n" + CODIGOS)
def book() -> None:
    """Show the newest portfolio book as it stands in the warehouse, a column for each period."""
    mostrar_livro(configuracao())


def mostrar_livro(config: Configuracao) -> None:
    """Print the newest portfolio book: a row for each variable, a column for each period."""
    with a_vista():
        ref_date, periodos, linhas = livro_da_carteira(config)
    tabela(
        f"Portfolio book at {ref_date} (risco.book_fatura)",
        ("variable", *periodos),
        [[nome, *map(_numero, valores)] for nome, *valores in linhas],
    )


def _numero(valor: Any) -> str:
    if valor is None:
        return ""
    return f"{valor:,}" if isinstance(valor, int) else f"{valor:,.2f}"


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


@app.command(epilog="Examples: lastro publish --keep 7\n\nlastro publish --accept\n\n" + CODIGOS)
def publish(
    aceitar: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Publish although a table moved by more than allowed, or much of a delivery is "
            "rejected or in quarantine (LASTRO_MAX_LOSS, 0.15).",
        ),
    ] = False,
    mudanca_maxima: Annotated[
        float | None,
        typer.Option(
            "--max-change",
            metavar="SHARE",
            min=0.0001,
            help="Share by which rows or key amounts of a table may move against the current "
            "version; default: LASTRO_MAX_CHANGE, 0.2.",
        ),
    ] = None,
    manter: Manter = None,
) -> None:
    """Publish what the last build left, if it passed its tests."""
    with a_vista():
        feita = publicacao.publicar(configuracao(), aceitar, mudanca_maxima, manter)
    _contar_publicacao(feita)


def _contar_publicacao(feita: publicacao.Publicada) -> None:
    """Print what became of a publication."""
    versao = feita.versao
    if feita.nova:
        saida.print(f"{versao.nome} published: {versao.linhas:,} rows", markup=False)
        for mudanca in versao.mudancas:
            saida.print(f"  {mudanca}", markup=False)
    else:
        saida.print(f"{versao.nome} holds the same already", markup=False)
    _contar_poda(feita.apagadas, feita.poupadas)


def _contar_poda(apagadas: list[str], poupadas: list[str]) -> None:
    if apagadas:
        saida.print(f"deleted: {', '.join(apagadas)}", markup=False)
    if poupadas:
        saida.print(
            f"kept, because somebody reads or depends on them: {', '.join(poupadas)}", markup=False
        )


@app.command(epilog="Example: lastro versions --json | jq '.[].nome'\n\n" + CODIGOS)
def versions(
    como_json: ComoJson = False,
    manter: Manter = None,
) -> None:
    """List the published versions, newest first."""
    config = configuracao()
    with a_vista():
        podadas = publicacao.podar(config, manter) if manter is not None else ([], [])
        corrente, todas = publicacao.listar(config)
        danos = publicacao.danos(config)
    if como_json:
        lidas = [
            {
                **json.loads(v.em_json()),
                "corrente": v.nome == corrente,
                "danos": danos.get(v.nome, []),
            }
            for v in todas
        ]
        print(em_json(lidas))
        return
    tabela(
        "Published versions",
        ("version", "current", "published (UTC)", "rows", "revision", "loads", "moved"),
        [_linha_da_versao(v, corrente) for v in todas],
        abaixo=("loads", "moved"),
    )
    for nome, faltas in danos.items():
        mais = f" and {len(faltas) - 5} more" if len(faltas) > 5 else ""
        saida.print(
            f"\n{nome} is not whole: {', '.join(faltas[:5])}{mais}; `lastro publish` mends it or"
            " makes a new version",
            markup=False,
        )
    _contar_poda(*podadas)


def _linha_da_versao(versao: Versao, corrente: str | None) -> tuple[Any, ...]:
    return (
        versao.nome,
        "yes" if versao.nome == corrente else "",
        f"{versao.publicada_em:%Y-%m-%d %H:%M:%S}",
        versao.linhas,
        versao.revisao,
        "loads: " + ", ".join(f"{fonte} {carga}" for fonte, carga in versao.cargas.items()),
        "moved: " + ("; ".join(versao.mudancas) or ("nothing" if versao.anterior else "first")),
    )


@app.command(epilog="Example: lastro rollback v20261122_134500\n\n" + CODIGOS)
def rollback(
    versao: Annotated[str, typer.Argument(metavar="VERSION", help="One of `lastro versions`.")],
) -> None:
    """Make another published version the one that people read."""
    with a_vista():
        corrente = publicacao.voltar(configuracao(), versao)
    saida.print(f"{corrente.nome} is current", markup=False)


@app.command(epilog="Example: lastro grants\n\n" + CODIGOS)
def grants() -> None:
    """Make PostgreSQL's roles, and all grants those of acessos.yml; `publish` does so, too."""
    with a_vista():
        publicacao.conceder(configuracao())
    saida.print("roles and grants are those of acessos.yml")


@auditar.command("verify", epilog="Example: lastro audit verify\n\n" + CODIGOS)
def verificar_auditoria() -> None:
    """Look for lines of the audit log that were edited, moved or taken away, the last one too."""
    config = configuracao()
    with a_vista():
        achado = auditoria.conferir(config)
    if achado.problemas:
        lista = "\n  ".join(achado.problemas[:20])
        raise AuditoriaQuebrada(f"{config.caminho_auditoria} is not whole:\n  {lista}")
    saida.print(f"{achado.linhas} lines, whole", markup=False)
    for interrompida in achado.interrompidas:
        saida.print(f"  {interrompida}", markup=False)


def _de_pessoas(fonte: str) -> str:
    if fonte not in mapa.fontes_com_titulares():
        raise typer.BadParameter(f"one of {', '.join(mapa.fontes_com_titulares())}")
    return fonte


FonteDePessoas = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", callback=_de_pessoas, help="The source that knows the person."
    ),
]
OutrosLocais = Annotated[
    list[str] | None,
    typer.Option(
        "--in",
        metavar="LOCATION",
        help="Search the delivered files of this folder or s3:// address too; those ever loaded"
        " from are searched anyway.",
    ),
]


@app.command(
    epilog="Examples:\n\n    lastro forget sicooperative A-000014\n\n"
    "    lastro forget pod_cartoes - < ids.txt\n\n" + CODIGOS
)
def forget(
    fonte: FonteDePessoas,
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="Who, by the source's id; - reads one a line."),
    ],
    locais: OutrosLocais = None,
) -> None:
    """Erase people from the warehouse, its versions, delivered files and exports, for good."""
    if ids == ["-"]:
        ids = [linha.rstrip("\r\n") for linha in sys.stdin]

    with a_vista():
        feito = esquecer.esquecer(
            configuracao(),
            fonte,
            ids,
            locais or (),
            lambda o_que: andamento.dizer(f"erasing: {o_que}"),
        )
    quantas = {
        "rows of the warehouse": sum(feito.tabelas.values()),
        "rows of published versions": sum(feito.versoes.values()),
        "lines of delivered files": sum(feito.arquivos.values()),
        "exports written again": len(feito.exportacoes),
    }
    saida.print(
        f"{feito.pessoas} people erased: "
        + ", ".join(f"{n:,} {o_que}" for o_que, n in quantas.items())
        + "; now run `make build publish`",
        markup=False,
    )
    if feito.ausentes:
        erros.print(f"not there, so not searched: {', '.join(feito.ausentes)}", markup=False)
    if feito.outros:
        erros.print(
            "other warehouses in this database hold the source, too; run it for each"
            f" LASTRO_SCHEMA_PREFIX: {', '.join(map(repr, feito.outros))}",
            markup=False,
        )


@app.command(
    "export-person", epilog="Example: lastro export-person pod_cartoes 42 > 42.json\n\n" + CODIGOS
)
def exportar_pessoa(
    fonte: FonteDePessoas,
    id_: Annotated[str, typer.Argument(metavar="ID", help="Who, by the source's id.")],
    locais: OutrosLocais = None,
) -> None:
    """Print everything that is held about one person as JSON."""
    with a_vista():
        tudo = entregar.entregar(configuracao(), fonte, id_, locais or ())
    print(em_json(tudo))


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
    chave_cartao.ler(config)  # a file that holds no key is said, and not that it is there
    saida.print(f"{caminho} {'made; keep a copy in a safe place' if feito else 'is there already'}")


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


if __name__ == "__main__":
    main()
