"""What a source PostgreSQL server's errors mean, by SQLSTATE: what to do, and whether to try again.

A server's words are in its own language, so they are read only where there is no code: while a
connection is made, libpq passes on the words alone.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

SEM_UNICODE = ("22021", "22P05")
"""Text that cannot be told as UTF-8: bytes that are none, signs that it does not have."""

COM_VALORES = ("22", "23", "P0")
"""Errors over a value, and those that somebody's own function words."""

LUGARES = re.compile(
    r"FATAL: |\[libpq\] |Failed to connect: |Query was: .*|LINE \d+: .*", re.DOTALL
)
"""What the driver puts around a server's words; the query could hold ids."""

AINDA_NAO = re.compile(
    r"starting up|shutting down|recovery|too many|remaining connection slots|terminating connection"
    r"|o sistema de banco de dados está|muitos clientes"
)
"""A server that is there and will take connections, in its two likely languages."""


class Resposta(NamedTuple):
    """What an error means.

    Attributes:
        passageira: the same may go well in a moment.
        que: what the source did, as a verb.
        fazer: what to do.
    """

    passageira: bool
    que: str
    fazer: str


CAIU = Resposta(
    True,
    "does not answer",
    "Check that the server runs and can be reached, then run the same command again.",
)
RECUSOU = Resposta(
    False, "refused", "Check the user, password and database, and that pg_hba.conf lets it in."
)
SEM_DIREITO = Resposta(
    False,
    "refused",
    "Grant this role SELECT on the tables of the contract. Where row-level security is on, it also "
    "needs BYPASSRLS, or to own tables on which it is not forced.",
)
DANIFICADA = Resposta(
    False,
    "cannot read its own data",
    "Its disk, memory or files are at fault: show the server's log to its administrator.",
)
OUTRA = Resposta(
    False,
    "ended a query with an error",
    "The server's log says more; show it to its administrator.",
)

POR_CODIGO: Mapping[str, Resposta] = {
    "08": CAIU,
    "0A": Resposta(
        False,
        "cannot do what is asked of it",
        "Lastro reads PostgreSQL 14 or newer; a replica shows no unlogged table.",
    ),
    "22": Resposta(
        False,
        "holds a value that it cannot compute with",
        "Its message may hold the value, so it is not repeated; the server's log has it.",
    ),
    "25P03": CAIU,
    "25P04": Resposta(
        False,
        "ended the transaction, which took too long",
        "Raise transaction_timeout for this role, or read a replica.",
    ),
    "28": RECUSOU,
    "3D": RECUSOU,
    "40": Resposta(
        True,
        "cancelled the query, as the replica had to apply changes",
        "Run the same command again. If it happens often, set hot_standby_feedback = on or raise "
        "max_standby_streaming_delay on the replica, or read the primary.",
    ),
    "42501": SEM_DIREITO,
    "42P01": Resposta(
        True,
        "lost a table while it was read",
        "Somebody changes its tables just now: run the same command again.",
    ),
    "53": Resposta(
        False,
        "has no room for the query",
        "Memory, disk or temp_file_limit of the server do not suffice: its administrator raises "
        "them, or read a replica; --recent-days asks less of it.",
    ),
    "53300": Resposta(
        True,
        "has no connection left",
        "Run the same command again when others have ended, or raise the role's CONNECTION LIMIT "
        "or the server's max_connections.",
    ),
    "55000": Resposta(
        False,
        "cannot show a table yet",
        "A materialized view that was never refreshed has no rows: refresh it.",
    ),
    "55P03": Resposta(
        True,
        "could not read a table that somebody else holds",
        "Run the same command again when the change of that table has ended.",
    ),
    "57": CAIU,
    "57014": Resposta(
        False,
        "cancelled the query",
        "Its statement_timeout is too short for this role, or an administrator cancelled it. Raise "
        "it (alter role ... set statement_timeout = '1h'); --recent-days asks less of the source.",
    ),
    "57P04": RECUSOU,
    "58": DANIFICADA,
    "HV": Resposta(
        False,
        "could not read a foreign table",
        "Check the server behind it, or read the tables where they are.",
    ),
    "XX001": DANIFICADA,
    "XX002": DANIFICADA,
}


def codigo(erro: BaseException) -> str | None:
    """The SQLSTATE of an error of the driver; none where no server answered."""
    return getattr(erro, "sqlstate", None)


def entender(erro: BaseException, conectando: bool) -> Resposta:
    """What an error means; while connecting, that of a server that answers is a refusal."""
    if estado := codigo(erro):
        return POR_CODIGO.get(estado) or POR_CODIGO.get(estado[:2]) or OUTRA
    texto = str(erro)
    if conectando and "FATAL: " in texto and not AINDA_NAO.search(texto):
        return RECUSOU
    return CAIU


def palavras(erro: BaseException) -> str:
    """What the server said, on one line, without the query; its code where that may hold values."""
    estado = codigo(erro) or ""
    if estado.startswith(COM_VALORES):
        return f"SQLSTATE {estado}"
    detalhes = getattr(erro, "details", None) or ()
    ditas = next((valor for nome, valor in detalhes if "MESSAGE_PRIMARY" in str(nome)), None)
    texto = ditas.decode(errors="replace") if ditas else re.sub(r"^[A-Z_]+: ", "", str(erro))
    return " ".join(LUGARES.sub("", texto).split())[:300]
