"""What a full disk or a server that says no means to the person at the terminal.

The engines and the system have an error of their own for each, under which it may lie hidden (a
commit that failed, a stream that ended early). Only what they say of themselves is repeated: what
they say of rows may hold a person's data.
"""

import re
from collections.abc import Iterator

from loaders.nucleo.erros import ArmazemIndisponivel, LastroError

DO_DISCO = re.compile(
    r"no space left on device|disk quota exceeded|read-only file system|file too large"
    r"|input/output error",
    re.IGNORECASE,
)
ARQUIVO = re.compile(r'\bfile "([^"\n]+)"')
DITO = re.compile(r"(?:ERROR|FATAL|PANIC):\s+(.+)")

SEM_MEMORIA = "OutOfMemoryException"
"""DuckDB's error where neither memory nor the disk beside its file has room for what it sorts."""
CAIU = re.compile(
    r"server closed the connection|no connection to the server|terminating connection"
)

DO_SERVIDOR = {
    "08": "Look whether the server runs",
    "25006": "Take the read-only setting off the database or the user, or go to its primary",
    "40": "Somebody else was changing the same: wait until that has ended",
    "42501": "This user or its role may not do that: mend its rights",
    "53": "Make room on the server",
    "55P03": "Somebody else holds it: wait until that has ended",
    "57014": "If nobody ended it, raise statement_timeout for this user",
    "57P": "Look whether the server runs",
}
"""What to do about the errors of a server that are about itself, by how their SQLSTATE begins."""


def traduzir(erro: BaseException) -> LastroError | None:
    """The error as one that says what to do; none if it is none of these."""
    for elo in _cadeia(erro):
        if achado := _do_servidor(elo) or _do_sistema(elo):
            return achado
    return None


def _cadeia(erro: BaseException | None) -> Iterator[BaseException]:
    """An error, and those from which it came or in the handling of which it happened."""
    while erro is not None:
        yield erro
        erro = erro.__cause__ or erro.__context__


def _do_sistema(erro: BaseException) -> LastroError | None:
    texto = str(erro)
    if type(erro).__name__ == SEM_MEMORIA:
        return LastroError(
            "DuckDB has not enough memory, or not enough room beside its file for what it puts"
            " aside. Nothing half done was kept: raise LASTRO_DUCKDB_MEMORY or make room, then run"
            " the same command again."
        )
    if (dito := DO_DISCO.search(texto)) is None:
        return None
    nomeado = ARQUIVO.search(texto)
    onde = getattr(erro, "filename", None) or (nomeado and nomeado[1]) or "What is to be written"
    return LastroError(
        f"{onde} does not get onto the disk: {dito[0].lower()}. Nothing half done was kept: make"
        " room there (or mend the disk), then run the same command again."
    )


def _do_servidor(erro: BaseException) -> LastroError | None:
    texto = str(erro)
    estado = getattr(erro, "sqlstate", None) or ("08006" if CAIU.search(texto) else "")
    conselho = next((c for inicio, c in DO_SERVIDOR.items() if estado.startswith(inicio)), None)
    if conselho is None:
        return None
    achado = DITO.search(texto)
    dito = (achado[1] if achado else (texto.splitlines() or [""])[0]).strip().rstrip(".")
    return ArmazemIndisponivel(
        f"The PostgreSQL warehouse says: {dito}. Nothing half done was kept. {conselho}, then run"
        " the same command again."
    )
