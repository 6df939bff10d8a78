"""A look at the whole audit log: what was edited, moved or taken away."""

import fcntl
import hmac
import json
import os
from dataclasses import dataclass
from typing import Any

from loaders.controle.cadeia import (
    ILEGIVEL,
    INICIO,
    INTERROMPIDA,
    Ponta,
    cabeca_lida,
    chave_do_registro,
    mac_da_linha,
    ponta_lida,
    resto_dito,
    selo_da_cabeca,
    texto_da_linha,
    travar,
)
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.nucleo.pastas import abrir_regular


@dataclass(frozen=True)
class Conferencia:
    """What a look at the whole log found.

    Attributes:
        linhas: how many lines there are.
        problemas: what was edited, moved or taken away; nothing where the log is whole.
        interrompidas: what writers that were killed left of their lines; no problem.
    """

    linhas: int
    problemas: list[str]
    interrompidas: list[str]


def conferir(config: Configuracao) -> Conferencia:
    """Look at every line and at the head.

    Raises:
        LastroError: there is no log, or no key.
    """
    caminho = config.caminho_auditoria
    try:
        arquivo = os.fdopen(abrir_regular(caminho), "rb")
    except FileNotFoundError:
        raise LastroError(f"There is no audit log at {caminho}; see LASTRO_AUDIT_LOG.") from None
    except OSError as erro:
        raise LastroError(
            f"The audit log {caminho} cannot be read: {erro.strerror}; see LASTRO_AUDIT_LOG."
        ) from erro
    andamento.dizer(f"reading {caminho}")
    with arquivo:
        chave = chave_do_registro(config)
        travar(config, arquivo, fcntl.LOCK_SH)
        cabeca = cabeca_lida(config)
        leitura = _Leitura(chave, cabeca[0].numero if cabeca else 0)
        for onde, bruta in enumerate(arquivo, 1):
            leitura.ver(onde, bruta)
    leitura.acabar()
    problema = _problema_da_cabeca(config, chave, cabeca, leitura)
    problemas = leitura.problemas + ([problema] if problema else [])
    return Conferencia(leitura.linhas, problemas, leitura.interrompidas)


class _Leitura:
    """The chain as far as it was followed, line by line.

    Attributes:
        linhas: how many lines it has.
        ponta: the last of them.
        selada: the one of the number that the head seals, if it was met.
        sobras: what is no line, with the number of each, since the last that is one.
        problemas: what was edited, moved or taken away.
        interrompidas: what killed writers left.
    """

    def __init__(self, chave: bytes, numero_selado: int) -> None:
        self.chave, self.numero_selado = chave, numero_selado
        self.linhas = 0
        self.ponta = INICIO
        self.selada = INICIO
        self.sobras: list[tuple[int, bytes]] = []
        self.problemas: list[str] = []
        self.interrompidas: list[str] = []

    def ver(self, onde: int, bruta: bytes) -> None:
        """Follow the chain to the next line of the file."""
        try:
            lida = json.loads(bruta)
            achada = ponta_lida(lida)
            # As it was written, to the byte: of two equal keys only the last one is read.
            inteira = bruta.removesuffix(b"\n") + b"\n" == texto_da_linha(lida)
            del lida["mac"]
        except ILEGIVEL:
            self.sobras.append((onde, bruta))
            return
        self.linhas += 1
        if achada.numero != self.ponta.numero + 1:
            self.problemas.append(
                f"line {onde} is number {achada.numero}, after {self.ponta.numero}: "
                "lines are missing, doubled or moved before it"
            )
        elif not inteira or not hmac.compare_digest(
            achada.mac, mac_da_linha(self.chave, self.ponta.mac, lida)
        ):
            self.problemas.append(f"line {onde} (number {achada.numero}) was edited")
        elif lida.get("acao") == INTERROMPIDA:
            self._fechar(onde, achada.numero, lida.get("detalhes"))
        self.problemas += [f"line {n} is not a line of this log" for n, _ in self.sobras]
        self.sobras = []
        self.ponta = achada
        if achada.numero == self.numero_selado:
            self.selada = achada

    def _fechar(self, onde: int, numero: int, ditas: Any) -> None:
        """Compare what stands before a line with the interrupted write of which it tells."""
        if not self.sobras or ditas != resto_dito(self._bytes_das_sobras()):
            self.problemas.append(
                f"line {onde} (number {numero}) tells of an interrupted write, and what stands"
                " before it is something else"
            )
            return
        self.interrompidas.append(
            f"line {self.sobras[0][0]}: {ditas['bytes']} bytes of a write that was interrupted,"
            f" as number {numero} says"
        )
        self.sobras = []

    def acabar(self) -> None:
        """What stands at the end and is no line: if the head seals it, it is missed there."""
        if self.sobras:
            quanto = resto_dito(self._bytes_das_sobras())["bytes"]
            self.interrompidas.append(
                f"line {self.sobras[0][0]}: {quanto} bytes of a write that was interrupted; the"
                " next line to be noted will say so"
            )

    def _bytes_das_sobras(self) -> bytes:
        return b"".join(bruta for _, bruta in self.sobras)


def _problema_da_cabeca(
    config: Configuracao, chave: bytes, cabeca: tuple[Ponta, str] | None, leitura: _Leitura
) -> str | None:
    """What is wrong with the head, or with the end of the log by what it says."""
    if cabeca is None:
        return f"the head {config.caminho_cabeca} is missing or unreadable; see LASTRO_AUDIT_HEAD"
    ponta, selo = cabeca
    if not hmac.compare_digest(selo.encode(), selo_da_cabeca(chave, ponta).encode()):
        return f"the head {config.caminho_cabeca} was edited"
    if leitura.selada != ponta:
        return (
            f"the head seals number {ponta.numero}, and the log ends with number"
            f" {leitura.ponta.numero}: its last lines are missing or edited"
        )
    return None
