"""What the commands share: the applications they hang on, exit codes, common options."""

from typing import Annotated

import typer

CODIGOS = (
    "Exit codes: 0 done; 1 unexpected, a wrong setting or a full disk; 2 wrong usage; 3 the"
    " source's content was refused; 4 the source cannot be reached; 5 the warehouse cannot be"
    " opened, is being written or is of an older version; 6 dbt failed or the warehouse has not"
    " been built; 7 a publication was refused; 8 the audit log is not whole; 9 done, but its end"
    " could not be noted in the audit log."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Loads the sources of the warehouse, replays its history, publishes and exports it.",
    epilog=CODIGOS,
)
exportar = typer.Typer(no_args_is_help=True, help="Write an extract to files.", epilog=CODIGOS)
app.add_typer(exportar, name="export")
auditar = typer.Typer(no_args_is_help=True, help="The log of who did what.", epilog=CODIGOS)
app.add_typer(auditar, name="audit")

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
