"""Where files were loaded from and extracts written to, as the warehouse itself remembers it.

Who is to be erased is looked for there, whichever user loaded or exported.
"""

from datetime import UTC, datetime

from loaders.armazem import Armazem, abrir, abrir_sem_escritores
from loaders.controle.tabelas import existe, gravar, qualificada
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ConstrucaoFalhou


def anotar(armazem: Armazem, acao: str, lugar: str) -> None:
    """Remember a place before anything is read from it or written to it.

    Args:
        armazem: the warehouse, outside a transaction.
        acao: the command (`load <source>`, `export book`).
        lugar: the folder, absolute, or the address.
    """
    if lugar not in anotados(armazem, acao):
        linha = {"acao": acao, "lugar": lugar, "anotado_em": datetime.now(UTC)}
        with armazem.transacao():
            gravar(armazem, "lugares", [linha])


def abrir_anotado(config: Configuracao, acao: str, lugar: str) -> Armazem:
    """Open the warehouse for an extract to a place that it remembers, beside others who read.

    The first extract to a place writes that down, for which nobody else may have the file open.

    Raises:
        ConstrucaoFalhou: nothing was loaded yet.
        ArmazemIndisponivel: it cannot be opened.
    """
    armazem = abrir_sem_escritores(config, f"lastro {acao}")
    if armazem is None:
        raise ConstrucaoFalhou(
            "Nothing was loaded and built here yet: run `lastro load` and `make build` (or"
            " `dbt build`)."
        )
    if not armazem.partilhado and lugar not in anotados(armazem, acao):
        armazem.fechar()
        armazem = abrir(config, f"lastro {acao}")
    try:
        anotar(armazem, acao, lugar)
    except BaseException:
        armazem.fechar()
        raise
    return armazem


def anotados(armazem: Armazem, acao: str) -> list[str]:
    """The places of a command, in the order in which they were first used."""
    if not existe(armazem, "lugares"):  # as an older version left the warehouse
        return []
    lidos = armazem.linhas(
        f"select acao, lugar from {qualificada(armazem, 'lugares')} order by anotado_em"
    )
    return list(dict.fromkeys(lugar for dela, lugar in lidos if dela == acao))
