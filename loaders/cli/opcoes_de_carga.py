"""The options of `lastro load` and `lastro check`, and which of them a kind of source has."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from loaders.contratos import API, ARQUIVOS, EVENTOS, POSTGRES, Fonte
from loaders.contratos.padroes import periodo
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.escritas import PONTO, VIRGULA
from loaders.extracao.eventos.carregar import Opcoes as OpcoesDeEventos
from loaders.extracao.postgres.extracao import Opcoes as OpcoesDeBanco


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

Seguir = Annotated[
    bool,
    typer.Option(
        "--follow",
        help="Of events: go on, and land what comes within seconds, until Ctrl-C or SIGTERM.",
    ),
]
AceitarLacuna = Annotated[
    bool,
    typer.Option(
        "--accept-gap",
        help="Of events: go on behind what a log no longer has, and note what is missing.",
    ),
]

So = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="TABLE",
        help="Load these tables only. Those of one database, or of one place with files, come"
        " together.",
    ),
]


def tipos_pedidos(fonte: Fonte, so: list[str] | None) -> tuple[str, ...]:
    """The ways in which the tables that were asked for come; all where none was named.

    Raises:
        BadParameter: the source has no such table.
    """
    lidas = {t.nome: t.tipo for t in fonte.tabelas if t.tipo}
    if outras := sorted(set(so or ()) - lidas.keys()):
        raise typer.BadParameter(
            f"{', '.join(outras)}: {fonte.nome} has {', '.join(lidas)}", param_hint="--only"
        )
    return tuple(t for t in fonte.tipos if not so or t in {lidas[n] for n in so})


def opcoes_de_banco(
    instante: datetime | None,
    completa: bool,
    dias_recentes: int | None,
    aceitar_reducao: bool,
    nova_chave: bool,
) -> OpcoesDeBanco:
    """What was asked of the load of a database; a moment without a zone is of UTC."""
    if instante is not None:
        instante = instante.replace(tzinfo=instante.tzinfo or UTC).astimezone(UTC)
    return OpcoesDeBanco(instante, completa, dias_recentes, aceitar_reducao, nova_chave)


def opcoes_de_arquivos(
    esperados: list[str] | None, aceitar_reducao: bool, decimal: FormaDecimal | None
) -> OpcoesDeArquivos:
    """What was asked of the load of files.

    Raises:
        BadParameter: a month is none.
    """
    meses = {texto: periodo(texto) for texto in esperados or ()}
    if None in meses.values():
        raise typer.BadParameter("give a month as YYYYMM", param_hint="--expect")
    return OpcoesDeArquivos(
        tuple(m for m in meses.values() if m), aceitar_reducao, decimal and decimal.value
    )


def conferir_opcoes(
    fonte: Fonte,
    local: str | None,
    dsn: str | None,
    banco: OpcoesDeBanco,
    arquivos: OpcoesDeArquivos,
    eventos: OpcoesDeEventos,
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
        EVENTOS: {"--follow": eventos.seguir, "--accept-gap": eventos.aceita_lacunas},
    }  # fmt: skip
    do_que = {ARQUIVOS: "files", POSTGRES: "a database", API: "an API", EVENTOS: "events"}
    for tipo, opcoes in ditas.items():
        for nome, dita in opcoes.items():
            if dita and tipo not in fonte.tipos:
                raise typer.BadParameter(
                    f"{nome} is for {do_que[tipo]}; {fonte.nome} is read from"
                    f" {' and '.join(do_que[t] for t in fonte.tipos)}",
                    param_hint=nome,
                )
