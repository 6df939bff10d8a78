"""A delivery that is being read, whichever place it lies in: a file, or a folder of parts."""

import hashlib
from collections.abc import Iterator

from loaders.extracao.arquivos.locais import BLOCO, MUDOU, Aberto, EmEscrita, Local


class Leitura:
    """A delivery that is being read: a file, or the parts of a folder one after the other.

    Attributes:
        marca: what changes when it is written; known at the end.
        em_partes: whether it is a folder.
    """

    def __init__(self, local: Local, nome: str) -> None:
        """Look at what it is.

        Raises:
            OSError: a folder of which not all parts are there.
        """
        self.local = local
        self.nome = nome
        self.partes = local.partes(nome)
        self.em_partes = self.partes is not None
        self.marca: object = None

    def __iter__(self) -> Iterator[tuple[str, Aberto]]:
        """Each part's name and content; open until the next one is asked for.

        Raises:
            OSError: one cannot be read; or it is not what was there at the beginning any more.
        """
        marcas: list[object] = []
        tamanho = 0
        for parte in [self.nome] if self.partes is None else self.partes:
            with self.local.abrir(parte) as aberto:
                tamanho += aberto.tamanho
                aberto.expandido = self.local.expandido(tamanho)
                yield parte, aberto
            marcas.append(aberto.marca)
        if self.partes is None:
            self.marca = marcas[0]
            return
        self.marca = tuple(zip(self.partes, marcas, strict=True))
        if self.local.marca(self.nome) != self.marca:
            raise EmEscrita(MUDOU)


def resumo(local: Local, nome: str) -> tuple[str, object]:
    """The SHA-256 of a delivery, in hexadecimal, and its mark.

    Raises:
        OSError: it cannot be read.
    """
    calculo = hashlib.sha256()
    leitura = Leitura(local, nome)
    for _, aberto in leitura:
        while bloco := aberto.read(BLOCO):
            calculo.update(bloco)
    return calculo.hexdigest(), leitura.marca
