"""A warehouse on which a check tries what a load would do, and takes all of it back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from loaders.armazem import Armazem, abrir, abrir_como_esta, abrir_para_ler, estrutura
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.pastas import pasta_temporaria


class _Desfazer(Exception):
    """Ends a transaction of which nothing is to stay."""


@contextmanager
def transacao_de_ensaio(armazem: Armazem) -> Iterator[None]:
    """A transaction in which all tables are there, and of which nothing stays."""
    with suppress(_Desfazer), armazem.transacao():
        estrutura.criar_tabelas(armazem)
        yield
        raise _Desfazer


@contextmanager
def armazem_de_ensaio(config: Configuracao, quem: str) -> Iterator[tuple[Armazem, Configuracao]]:
    """The warehouse; where nothing was ever loaded, one of its own, which is thrown away.

    Raises:
        ArmazemIndisponivel: it cannot be opened.
    """
    if (ha := abrir_para_ler(config, quem)) is not None:
        ha.fechar()
    with ExitStack() as pilha:
        armazem = abrir_como_esta(config, quem)
        if armazem is None:
            pasta = pilha.enter_context(pasta_temporaria())
            avulso = {"alvo": "duckdb", "prefixo": "", "arquivo_duckdb": pasta / "check.duckdb"}
            config = config.model_copy(update=avulso)
            armazem = abrir(config, quem)
        yield pilha.enter_context(armazem), config
