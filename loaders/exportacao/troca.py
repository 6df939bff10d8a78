"""A folder of files takes the place of the one before by one step, the replacing of one link.

What an export shows in the user's folder are links that go through that one, `.lastro-atual`, into
a folder that was written beside it, whole. A reader finds the old files or the new ones, never some
of each.
"""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from loaders.nucleo import privados
from loaders.nucleo.erros import LastroError
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import apagar_restos, gravar_no_disco

ATUAL = ".lastro-atual"
"""The link that is replaced."""


@dataclass(frozen=True)
class Troca:
    """How one export calls what it leaves in a folder.

    Attributes:
        do_que: what it is an export of, for messages.
        prefixo: how the names of its folders begin.
        do_trabalho: the same while one is being written.
        falhas: how the names of its failpoints begin.
    """

    do_que: str
    prefixo: str
    do_trabalho: str
    falhas: str

    def conferir(self, pasta: Path, nomes: Iterable[str]) -> None:
        """See that what stands in the place of the links are links that such an export made.

        Args:
            pasta: the user's folder.
            nomes: the links.

        Raises:
            LastroError: something else is there; the message names it.
        """
        proprias = {nome: re.escape(f"{ATUAL}/{nome}") for nome in nomes}
        proprias[ATUAL] = re.escape(self.prefixo) + "[^/]+"
        for nome, para in proprias.items():
            ligacao = pasta / nome
            if os.path.lexists(ligacao) and not (
                ligacao.is_symlink() and re.fullmatch(para, os.readlink(ligacao))
            ):
                raise LastroError(
                    f"{ligacao} is not from an export of the {self.do_que}; move it away."
                )

    def em_uso(self, pasta: Path) -> set[str]:
        """The folder to which the links point now, if any."""
        ligacao = pasta / ATUAL
        return {os.readlink(ligacao)} if ligacao.is_symlink() else set()

    def apontar(self, pasta: Path, trabalho: Path, nomes: Collection[str]) -> None:
        """Give what was written its name, make the links that are missing, and switch.

        Args:
            pasta: the user's folder.
            trabalho: the folder that was written in it.
            nomes: the links, which are files and folders in it.
        """
        nova = pasta / trabalho.name.replace(self.do_trabalho, self.prefixo)
        privados.abrir_ao_usuario(trabalho)
        for caminho in (*trabalho.rglob("*"), trabalho):
            gravar_no_disco(caminho)
        trabalho.rename(nova)
        for nome in nomes:
            if not (pasta / nome).is_symlink():
                (pasta / nome).symlink_to(Path(ATUAL) / nome)
        ligacao = nova / ATUAL
        ligacao.symlink_to(nova.name)
        ponto_de_falha(f"{self.falhas}.antes_de_trocar")
        os.replace(ligacao, pasta / ATUAL)
        ponto_de_falha(f"{self.falhas}.depois_de_trocar")

    def apagar_anteriores(self, pasta: Path, poupar: Collection[str] = ()) -> None:
        """Take away the folders to which the links do not point.

        Args:
            pasta: the user's folder.
            poupar: names of those that stay all the same.
        """
        apagar_restos(pasta, self.prefixo, poupar={*poupar, *self.em_uso(pasta)})
