"""Lands the files of a source in its raw schema, each exactly once.

One transaction a file: its rows, the lines that are no rows, and its row of `controle.cargas` are
there together or not at all. What makes a file as a whole unfit (docs/decisions.md) is refused and
moved to the quarantine of the place it was delivered to; the other files go on.
"""

from contextlib import ExitStack

from loaders.armazem import abrir, abrir_para_ler
from loaders.contratos import Fonte
from loaders.controle import auditoria
from loaders.controle.tabelas import Progresso
from loaders.extracao.arquivos.gravacao import Gravacao
from loaders.extracao.arquivos.locais import Local, absoluto
from loaders.extracao.arquivos.passagem import Opcoes, Passagem, Resultado
from loaders.extracao.arquivos.recusas import Recusas
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.nomes import visivel

__all__ = ["Opcoes", "Resultado", "carregar", "conferir"]


def _nada(_arquivo: str, _linhas: int) -> None:
    """Nobody wants to know how far it is."""


@auditoria.auditada(
    lambda fonte, *_: f"load {fonte.nome}",
    pedido=lambda _fonte, endereco, opcoes, _progresso=None: {
        "onde": visivel(absoluto(endereco)), "opcoes": repr(opcoes),
    },
    resultado=lambda feito: {"cargas": {c.id: c.status for c in feito.cargas}},
)  # fmt: skip
def carregar(
    config: Configuracao,
    fonte: Fonte,
    endereco: str,
    opcoes: Opcoes,
    progresso: Progresso = _nada,
) -> Resultado:
    """Land every file of a place that is not there yet; move the refused ones to its quarantine.

    Args:
        config: the settings.
        fonte: the source's contract.
        endereco: a folder or an `s3://` address.
        opcoes: what the operator asked for.
        progresso: told of each batch that was read.

    Raises:
        FonteIndisponivel: the place cannot be read.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    local = Local(endereco, config.expansao_maxima)
    with abrir(config, f"lastro load {fonte.nome}") as armazem:
        concluidas = Recusas(armazem, fonte.nome, local).concluir()
        resultado = Gravacao(config, fonte, armazem, local, opcoes, progresso).executar()
        resultado.cargas[:0] = concluidas
        return resultado


def conferir(
    config: Configuracao,
    fonte: Fonte,
    endereco: str,
    opcoes: Opcoes,
    progresso: Progresso = _nada,
) -> Resultado:
    """Say what `carregar` would do, and change nothing, neither in the place nor the warehouse.

    Args:
        config: the settings.
        fonte: the source's contract.
        endereco: a folder or an `s3://` address.
        opcoes: what the operator asked for.
        progresso: told of each batch that was read.

    Raises:
        FonteIndisponivel: the place cannot be read.
        ArmazemIndisponivel: the warehouse cannot be read.
    """
    local = Local(endereco, config.expansao_maxima)
    armazem = abrir_para_ler(config, f"lastro check {fonte.nome}")
    with ExitStack() as pilha:
        if armazem is not None:
            pilha.enter_context(armazem)
        return Passagem(config, fonte, armazem, local, opcoes, progresso).executar()
