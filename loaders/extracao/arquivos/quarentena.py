"""The quarantine of a place: refused files move there, each with its reason beside it.

What is on its way is noted in `controle`, where who delivers cannot write; names come from the
place's own listings, never from what a file says.
"""

import itertools
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loaders.extracao.arquivos.entrega import resumo
from loaders.extracao.arquivos.locais import COMPLETA, QUARENTENA, EmEscrita, Local
from loaders.nucleo import nomes
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pasta_aberta import PastaAberta
from loaders.nucleo.privados import como_o_usuario

MOTIVO = ".motivo.txt"
DA_PASTA = "/"
"""How the name of an object ends, after that of a folder, with which tools show an empty one."""


class Quarentena:
    """The quarantine of a place."""

    def __init__(self, local: Local) -> None:
        """Know the place; nothing is read or made yet."""
        self.local = local
        self.caminho = f"{local.caminho}/{QUARENTENA}"

    def destino(self, nome: str, carga: int) -> str:
        """A name for a file that no other has there; with its reason's it fits into a folder.

        Args:
            nome: the file's own name, which it keeps where it can.
            carga: the load that refuses it, whose number comes before it where it cannot.

        Raises:
            OSError: what has the quarantine's name is no plain folder, or it cannot be made.
        """
        with self._ocupado() as ocupado:
            prefixos = itertools.chain(
                ("", f"{carga}-"), (f"{carga}-{n}-" for n in itertools.count(2))
            )
            candidatos = (
                nomes.conferir(nomes.encurtar(prefixo + nome, nomes.MAXIMO - len(MOTIVO)))
                for prefixo in prefixos
            )
            return next(candidato for candidato in candidatos if not ocupado(candidato))

    @contextmanager
    def _ocupado(self) -> Iterator[Callable[[str], bool]]:
        """Whether a name is taken, or could get no reason beside it."""
        if self.local.remoto:
            achados = set(self.local.quarentena())
            yield achados.__contains__
            return
        with self._aberta() as (_, pasta):

            def ocupado(nome: str) -> bool:
                motivo = pasta.lstat(nome + MOTIVO)
                return pasta.lstat(nome) is not None or (
                    motivo is not None and stat.S_ISDIR(motivo.st_mode)
                )

            yield ocupado

    @contextmanager
    def _aberta(self) -> Iterator[tuple[PastaAberta, PastaAberta]]:
        """The place and the quarantine in it, made if it is not there."""
        with (
            como_o_usuario(),  # who delivers finds there what was refused
            PastaAberta.abrir(self.local.caminho or "/") as entregas,
            entregas.dentro(QUARENTENA, criar=True) as pasta,
        ):
            yield entregas, pasta

    def mover(self, nome: str, destino: str, marca: object) -> None:
        """Move a file of the place there.

        Args:
            nome: the file.
            destino: its name there.
            marca: the file's mark when it was refused.

        Raises:
            OSError: it cannot be moved, or is another file by now.
        """
        if self.local.marca(nome) != marca:
            raise EmEscrita("another file has its name by now")
        if self.local.remoto:
            self._mover_no_s3(nome, destino)
            return
        with self._aberta() as (entregas, pasta):
            entregas.mover(nome, pasta, destino)

    def _mover_no_s3(self, nome: str, destino: str) -> None:
        """Copy, then delete; what says that a folder is whole is copied last and deleted first."""
        de, para = f"{self.local.caminho}/{nome}", f"{self.caminho}/{nomes.conferir(destino)}"
        dentro = self._de_dentro(nome)
        for parte in dentro:
            if parte == DA_PASTA:
                continue
            self.local.sistema.cp_file(f"{de}{parte}", f"{para}{parte}")
            ponto_de_falha("arquivo.entre_copias")
        ponto_de_falha("arquivo.entre_copiar_e_apagar")
        for parte in reversed(dentro):
            self.local.sistema.rm_file(f"{de}{parte}")
            ponto_de_falha("arquivo.entre_apagadas")

    def _de_dentro(self, nome: str) -> list[str]:
        """What follows the name of an object in those of all that belong to it."""
        dentro = self.local.de_dentro(nome)
        if dentro is None:
            return [""]
        caminho = f"{self.local.caminho}/{nome}"
        achadas = [a.removeprefix(caminho) for a in self.local.sistema.find(caminho)]
        return sorted(achadas, key=lambda parte: (parte == f"/{COMPLETA}", parte))

    def pela_metade(self, destino: str) -> bool:
        """Whether a folder there is what a killed move left, which had not copied all of it."""
        if not self.local.remoto:
            return False  # moved at once
        dentro = self.local.de_dentro(f"{QUARENTENA}/{destino}")
        return dentro is not None and COMPLETA not in dentro

    def apagar_resto(self, nome: str, destino: str) -> None:
        """Delete what a killed move left of a folder that is there: what it has copied.

        Raises:
            OSError: it cannot be deleted.
        """
        if not self.local.remoto or COMPLETA in (self.local.de_dentro(nome) or {COMPLETA: False}):
            return
        for parte in self._de_dentro(nome):
            copiada = f"{QUARENTENA}/{destino}{parte}"
            if parte == DA_PASTA or (
                self.local.sistema.exists(f"{self.local.caminho}/{copiada}")
                and resumo(self.local, f"{nome}{parte}")[0] == resumo(self.local, copiada)[0]
            ):
                self.local.sistema.rm_file(f"{self.local.caminho}/{nome}{parte}")

    def explicar(self, destino: str, motivo: str) -> None:
        """Write beside a file why it is there.

        Raises:
            OSError: it cannot be written.
        """
        nome = nomes.conferir(destino + MOTIVO)
        if self.local.remoto:
            self.local.sistema.pipe_file(f"{self.caminho}/{nome}", motivo.encode())
            return
        with self._aberta() as (_, pasta):
            pasta.gravar(nome, lambda aberto: aberto.write(motivo.encode()))
