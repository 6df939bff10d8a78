"""Where files are delivered: a folder or an S3 prefix, and the quarantine inside it.

S3 is reached through fsspec. Address, credentials and region come from the environment, as boto
reads them (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION,
AWS_PROFILE).
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import fsspec
from botocore.exceptions import BotoCoreError, ClientError

from loaders.erros import FonteIndisponivel
from loaders.falhas import ponto_de_falha
from loaders.pastas import apagar_restos, dar_dono, gravar_no_disco, pasta_de_trabalho

QUARENTENA = "quarentena"
MOTIVO = ".motivo.txt"
MARCA = ".movendo.json"
PREFIXO_DA_TROCA = ".lastro-troca-"
ENTRADA_E_SAIDA = (OSError, BotoCoreError, ClientError)
"""What reading a folder or a bucket may raise."""


def absoluto(endereco: str) -> str:
    """An address that means the same from any folder."""
    return endereco if "://" in endereco else str(Path(endereco).absolute())


class Local:
    """A place where files are delivered."""

    def __init__(self, endereco: str) -> None:
        """Know the place; nothing is read yet.

        Args:
            endereco: a folder, or `s3://bucket/prefix`.

        Raises:
            FonteIndisponivel: it is neither.
        """
        protocolo, separador, _ = endereco.partition("://")
        if separador and protocolo not in ("s3", "file"):
            raise FonteIndisponivel(f"{endereco}: only folders and s3:// addresses can be read.")
        self.endereco = endereco.rstrip("/") or "/"
        self.remoto = protocolo == "s3" and bool(separador)
        # Listings are read anew each time; instances are not shared with other code.
        opcoes: dict[str, Any] = {"skip_instance_cache": True}
        if self.remoto:
            opcoes["use_listings_cache"] = False
        with falando_de(endereco):
            self.sistema, caminho = fsspec.core.url_to_fs(self.endereco, **opcoes)
        self.caminho = caminho.rstrip("/")

    def listar(self) -> list[str]:
        """The names of the files that lie directly in it.

        Raises:
            FonteIndisponivel: it does not exist or cannot be read.
        """
        with falando_de(self.endereco):
            return self._listar(self.caminho)

    @contextmanager
    def abrir(self, nome: str) -> Iterator[IO[bytes]]:
        """Open a file for reading."""
        caminho = f"{self.caminho}/{nome}"
        abrir = self.sistema.open if self.remoto else open
        with abrir(caminho, "rb") as aberto:
            yield cast(IO[bytes], aberto)

    def existe(self, nome: str) -> bool:
        """Whether there is a file of that name."""
        return bool(self.sistema.exists(f"{self.caminho}/{nome}"))

    def quarentena(self) -> list[str]:
        """The names of the files in quarantine."""
        pasta = f"{self.caminho}/{QUARENTENA}"
        return self._listar(pasta) if self.sistema.exists(pasta) else []

    def _listar(self, pasta: str) -> list[str]:
        entradas = self.sistema.ls(pasta, detail=True)
        if [e["name"] for e in entradas if e["type"] == "file"] == [pasta]:
            raise NotADirectoryError(pasta)
        return sorted(
            e["name"].rpartition("/")[2]
            for e in entradas
            if e["type"] != "directory" and not e["name"].endswith("/")
        )

    def escrever(self, nome: str, texto: str) -> None:
        """Write a small text file into the quarantine, making that if it is not there."""
        pasta = f"{self.caminho}/{QUARENTENA}"
        if not self.remoto:
            self.sistema.makedirs(pasta, exist_ok=True)
        self.sistema.pipe_file(f"{pasta}/{nome}", texto.encode())

    def ler(self, nome: str) -> str:
        """Read a small text file in the quarantine."""
        return str(self.sistema.cat_file(f"{self.caminho}/{QUARENTENA}/{nome}").decode())

    def apagar(self, nome: str) -> None:
        """Delete a file in the quarantine."""
        self.sistema.rm_file(f"{self.caminho}/{QUARENTENA}/{nome}")

    def marca(self, nome: str) -> object:
        """What changes when a file is written."""
        if self.remoto:
            return self.sistema.info(f"{self.caminho}/{nome}").get("ETag")
        lido = Path(f"{self.caminho}/{nome}").stat()
        return lido.st_ino, lido.st_size, lido.st_mtime_ns

    def substituir(self, nome: str, novo: Path, marca: object) -> bool:
        """Put another content in a file's place, at once; a reader finds the old one or the new.

        Args:
            nome: the file.
            novo: the content.
            marca: the file's mark when it was read.

        Returns:
            Whether it was still the same; else nothing is done.

        Raises:
            LastroError: the new file cannot be given the old one's owner.
        """
        caminho = f"{self.caminho}/{nome}"
        if self.remoto:
            if self.marca(nome) != marca:
                return False
            self.sistema.put_file(str(novo), caminho)
            return True
        atual = Path(caminho)
        apagar_restos(atual.parent, PREFIXO_DA_TROCA)
        with pasta_de_trabalho(atual.parent, PREFIXO_DA_TROCA) as trabalho:
            copia = Path(shutil.copyfile(novo, trabalho / atual.name))
            dar_dono(copia, atual.stat())
            gravar_no_disco(copia)
            ponto_de_falha("esquecer.antes_de_substituir")
            if self.marca(nome) != marca:
                return False
            os.replace(copia, atual)
            return True

    def mover(self, nome: str, destino: str) -> None:
        """Move a file into the quarantine."""
        de, para = f"{self.caminho}/{nome}", f"{self.caminho}/{QUARENTENA}/{destino}"
        if self.remoto:
            self.sistema.copy(de, para)
            ponto_de_falha("arquivo.entre_copiar_e_apagar")
            self.sistema.rm_file(de)
        else:
            self.sistema.mv(de, para)


@contextmanager
def falando_de(endereco: str) -> Iterator[None]:
    """Say in one message what went wrong with a place."""
    try:
        yield
    except FileNotFoundError as erro:
        raise FonteIndisponivel(f"{endereco} does not exist, or nothing is in it.") from erro
    except NotADirectoryError as erro:
        raise FonteIndisponivel(f"{endereco} is not a folder.") from erro
    except ENTRADA_E_SAIDA as erro:
        raise FonteIndisponivel(f"{endereco} cannot be read: {por_que(erro)}") from erro


def por_que(erro: BaseException) -> str:
    """What a failed read or write says, on one line."""
    texto = erro.strerror if isinstance(erro, OSError) else None
    return " ".join((texto or str(erro) or type(erro).__name__).split())


@dataclass(frozen=True)
class Recusa:
    """A refused file on its way into the quarantine.

    Attributes:
        nome: the file.
        carga: the load that refused it.
        motivo: why.
        destino: its name in the quarantine.
    """

    nome: str
    carga: int
    motivo: str
    destino: str


class Quarentena:
    """Moves refused files, such that a move that was interrupted can be ended.

    A mark is written before the refusal is committed and deleted after the file and its reason are
    in place. A mark without its committed refusal means nothing.
    """

    def __init__(self, local: Local) -> None:
        """The quarantine of a place."""
        self.local = local

    def anunciar(self, nome: str, carga: int, motivo: str) -> Recusa:
        """Write the mark of a file that is about to be refused."""
        destino = f"{carga}-{nome}" if nome in self.local.quarentena() else nome
        recusa = Recusa(nome, carga, motivo, destino)
        self.local.escrever(nome + MARCA, json.dumps({"carga": carga, "destino": destino}))
        return recusa

    def anunciadas(self) -> Iterator[tuple[str, int, str]]:
        """The files that are marked: name, load and name in the quarantine."""
        for marca in self.local.quarentena():
            if marca.endswith(MARCA):
                dados = json.loads(self.local.ler(marca))
                yield marca.removesuffix(MARCA), int(dados["carga"]), str(dados["destino"])

    def esquecer(self, nome: str) -> None:
        """Delete a mark whose refusal was never committed."""
        self.local.apagar(nome + MARCA)

    def mover(self, recusa: Recusa) -> None:
        """Move the file, write its reason beside it and delete the mark."""
        ponto_de_falha("arquivo.antes_de_mover")
        if self.local.existe(recusa.nome):
            self.local.mover(recusa.nome, recusa.destino)
        ponto_de_falha("arquivo.depois_de_mover")
        self.local.escrever(
            recusa.destino + MOTIVO, f"load {recusa.carga} refused this file: {recusa.motivo}\n"
        )
        ponto_de_falha("arquivo.depois_do_motivo")
        self.local.apagar(recusa.nome + MARCA)
