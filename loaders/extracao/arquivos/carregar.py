"""Lands the files of a source, each exactly once."""

from loaders.contratos import Fonte
from loaders.controle.tabelas import Progresso
from loaders.extracao.arquivos import pod_cartoes
from loaders.extracao.arquivos.pod_cartoes import Opcoes, Resultado
from loaders.nucleo.configuracao import Configuracao

__all__ = ["Opcoes", "Resultado", "carregar", "conferir"]


def _nada(_arquivo: str, _linhas: int) -> None: ...


def carregar(
    config: Configuracao,
    fonte: Fonte,
    endereco: str,
    opcoes: Opcoes,
    progresso: Progresso = _nada,
) -> Resultado:
    """Land them."""
    return pod_cartoes.carregar(config, endereco, opcoes, progresso)


def conferir(
    config: Configuracao,
    fonte: Fonte,
    endereco: str,
    opcoes: Opcoes,
    progresso: Progresso = _nada,
) -> Resultado:
    """Look at them."""
    return pod_cartoes.conferir(config, endereco, opcoes, progresso)
