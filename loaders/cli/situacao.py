"""Commands that show how things stand: `lastro status`, `lastro book`."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from loaders.cli.base import CODIGOS, ComoJson, app
from loaders.cli.tela_situacao import mostrar_livro, mostrar_situacao
from loaders.cli.terminal import a_vista, em_json, saida
from loaders.nucleo.configuracao import configuracao
from loaders.projeto.sql_do_livro import sql_do_livro
from loaders.publicacao.situacao import situacao


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
    if isinstance(valor, date | Decimal):
        return str(valor)
    raise TypeError(type(valor).__name__)


@app.command(epilog="Example: lastro book\n\n" + CODIGOS)
def book() -> None:
    """Show the newest portfolio book as it stands in the warehouse, a column for each period."""
    mostrar_livro(configuracao())


@app.command(
    "book-sql",
    epilog="Example: lastro book-sql 2026-07-01 --book book_fatura_cliente\n\n" + CODIGOS,
)
def book_sql(
    ref_date: Annotated[
        datetime, typer.Argument(metavar="REF_DATE", formats=["%Y-%m-%d"], help="YYYY-MM-DD.")
    ],
    livro: Annotated[
        str,
        typer.Option(
            "--book",
            help="book_fatura, or book_fatura_cliente; on PostgreSQL its windows, _u1m to _u12m.",
        ),
    ] = "book_fatura",
) -> None:
    """Print the SQL that a book really runs for one ref_date, to read it and to try it."""
    with a_vista():
        sql = sql_do_livro(configuracao(), livro, ref_date.date())
    print(sql)
