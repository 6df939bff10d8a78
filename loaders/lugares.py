"""Where files were loaded from and extracts written to, as the warehouse itself remembers it.

Who is to be erased is looked for there, whichever user loaded or exported.
"""

from datetime import UTC, datetime

from loaders.armazem import Armazem
from loaders.controle import existe, gravar, qualificada


def anotar(armazem: Armazem, acao: str, lugar: str) -> None:
    """Remember a place before anything is read from it or written to it.

    Args:
        armazem: the warehouse, outside a transaction.
        acao: the command (`load pod_cartoes`, `export book`).
        lugar: the folder, absolute, or the address.
    """
    if lugar not in anotados(armazem, acao):
        linha = {"acao": acao, "lugar": lugar, "anotado_em": datetime.now(UTC)}
        with armazem.transacao():
            gravar(armazem, "lugares", [linha])


def anotados(armazem: Armazem, acao: str) -> list[str]:
    """The places of a command, in the order in which they were first used."""
    if not existe(armazem, "lugares"):  # as an older version left the warehouse
        return []
    lidos = armazem.linhas(
        f"select acao, lugar from {qualificada(armazem, 'lugares')} order by anotado_em"
    )
    return list(dict.fromkeys(lugar for dela, lugar in lidos if dela == acao))
