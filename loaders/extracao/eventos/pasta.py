"""Files of JSON Lines in a folder or under s3://, as Firehose and the sinks of Kafka leave them.

A file is a partition, called by the SHA-256 of its bytes: under another name it is the same one.
Its lines are the offsets. Nothing is moved or written there.
"""

import fnmatch
import hashlib
import os
import stat
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from loaders.extracao.arquivos.descompressao import ConteudoQuebrado, Descompressao, compressao
from loaders.extracao.arquivos.locais import BLOCO, DE_QUEM_ESCREVEU, Aberto, Local
from loaders.extracao.arquivos.lugar_que_falha import ENTRADA_E_SAIDA, falando_de, por_que
from loaders.extracao.eventos.endereco import Endereco
from loaders.extracao.eventos.transporte import LARGURA, Atraso, Bloco, Lacuna, Lugar
from loaders.nucleo.erros import FonteIndisponivel
from loaders.nucleo.nomes import escapar
from loaders.nucleo.pasta_aberta import PastaAberta
from loaders.nucleo.pastas import pasta_temporaria

LINHA_MAXIMA = 64_000_000
"""Bytes of a line of which more are not read."""
REVER, REVER_NO_S3, VEZES = 2.0, 30.0, 10
"""Seconds after which new files are looked for, while the folder is followed; and how many times as
long as such a look takes, at least."""
MARCA_UTF8 = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Arquivo:
    """A file as it lies there.

    Attributes:
        nome: its way from the folder.
        marca: what changes when it is written.
        em: when it was last written, in microseconds since 1970.
    """

    nome: str
    marca: str
    em: int

    @property
    def dito(self) -> str:
        """The name as it is stored and shown."""
        return escapar(self.nome)


class _Medido:
    """A stream that hashes what passes."""

    def __init__(self, bruto: Aberto) -> None:
        self.bruto = bruto
        self.resumo = hashlib.sha256()

    def read(self, quantos: int = -1) -> bytes:
        bloco = self.bruto.read(quantos)
        self.resumo.update(bloco)
        return bloco


@dataclass
class _EmLeitura:
    """A file that is being read, from a copy of its lines.

    Attributes:
        arquivo: the file.
        copia: its lines, decompressed.
        lugar: how far it was read.
        numero: the same, in lines.
    """

    arquivo: Arquivo
    copia: IO[bytes]
    lugar: Lugar
    numero: int = 0


class Pasta:
    """One folder, with all that is below it."""

    def __init__(self, endereco: Endereco, expansao: int, quais: str) -> None:
        """Nothing is read yet.

        Args:
            endereco: a folder or an `s3://` address.
            expansao: how many times its size a file may have when it is decompressed.
            quais: what names of files look like that hold events.

        Raises:
            FonteIndisponivel: it is neither.
        """
        self.topico = endereco.topico
        self.local = Local(endereco.onde, expansao)
        self.quais = quais
        self.problemas: dict[str, str] = {}
        self.seguir = False
        self.ver_em = 0.0
        self.lugares: dict[str, Lugar] = {}
        self.vistos: dict[str, str] = {}
        """By name of each file that need not be read: its mark."""
        self.esperam: deque[Arquivo] = deque()
        self.aberto: _EmLeitura | None = None
        self.pilha = ExitStack()
        self.temporaria = self.pilha.enter_context(pasta_temporaria())

    @property
    def terminado(self) -> bool:
        """Whether all files were read that were there when it was begun."""
        return self.aberto is None and not self.esperam

    def comecar(self, lugares: Mapping[str, Lugar], seguir: bool) -> list[Lacuna]:
        """Begin behind what was read (see `Transporte`)."""
        self.seguir, self.lugares = seguir, dict(lugares)
        self.vistos = {
            lugar.arquivo: lugar.marca
            for lugar in lugares.values()
            if lugar.arquivo and lugar.marca and lugar.encerrada
        }
        self._largar()
        self.esperam.clear()
        nomes = self._ver()
        idas = [
            lugar
            for lugar in lugares.values()
            if not lugar.encerrada and lugar.arquivo not in nomes
        ]
        ainda = self._de_outro_nome() if idas else set()
        return [
            Lacuna(
                self.topico,
                lugar.posicao,
                None,
                f"{self.local.endereco}, {lugar.arquivo}: what comes after line"
                f" {int(lugar.posicao or 0)}, up to which it was read; the file is gone",
                replace(lugar, encerrada=True),
            )
            for lugar in idas
            if lugar.particao not in ainda
        ]

    def ler(self, quantas: int, segundos: float) -> list[Bloco]:
        """What comes next (see `Transporte`)."""
        limite = time.monotonic() + segundos
        blocos: list[Bloco] = []
        resta = quantas
        while resta > 0 and not (blocos and time.monotonic() > limite):
            if self.aberto is None and not self.esperam:
                if not self.seguir or blocos:
                    break
                if time.monotonic() > self.ver_em:
                    self._ver()
                elif (espera := limite - time.monotonic()) > 0:
                    time.sleep(min(0.05, espera))
                else:
                    break
                continue
            bloco = self._ler_do_aberto(resta) if self.aberto else self._abrir(self.esperam[0])
            if bloco is not None:
                blocos.append(bloco)
                resta -= len(bloco.corpos)
        return blocos

    def atrasos(self) -> list[Atraso]:
        """How many files were not read yet."""
        with suppress(FonteIndisponivel):
            self._ver()
        faltam = len(self.esperam) + (self.aberto is not None)
        lidos = sum(lugar.encerrada for lugar in self.lugares.values())
        dito = f"{lidos} files" + (f", {faltam} wait" if faltam else "")
        return [Atraso(self.topico, dito, None, None, None if faltam else 0, None)]

    def fechar(self) -> None:
        """Throw the copies away."""
        self._largar()
        self.pilha.close()

    def _largar(self) -> None:
        if self.aberto:
            self.aberto.copia.close()
            self.aberto = None

    def _de_outro_nome(self) -> set[str]:
        """What the files are that wait: one that was half read may have got another name."""
        achados = set()
        for arquivo in self.esperam:
            with suppress(ConteudoQuebrado, *ENTRADA_E_SAIDA):
                achados.add(self._copiar(arquivo, self.temporaria / "linhas"))
        return achados

    def _ver(self) -> set[str | None]:
        """Look for files that are to be read; return the names of all that there are."""
        comeco = time.monotonic()
        with falando_de(self.local.endereco):
            achados = sorted(self._arquivos(), key=lambda a: a.nome)
            if not achados and not self.lugares and not self.seguir:
                self.local.listar()  # of a folder that is not there it says so
        esperam = {a.nome for a in self.esperam}
        for achado in achados:
            if achado.nome not in esperam and self.vistos.get(achado.dito) != achado.marca:
                self.esperam.append(achado)
        demorou = time.monotonic() - comeco
        pausa = max(REVER_NO_S3 if self.local.remoto else REVER, VEZES * demorou)
        self.ver_em = time.monotonic() + pausa
        return {a.dito for a in achados}

    def _arquivos(self) -> Iterator[Arquivo]:
        todos = self._no_s3() if self.local.remoto else self._nas_pastas()
        for arquivo in todos:
            *pastas, nome = arquivo.nome.split("/")
            alheio = any(p.startswith(DE_QUEM_ESCREVEU) for p in (*pastas, nome))
            if not alheio and fnmatch.fnmatchcase(nome, self.quais):
                yield arquivo

    def _no_s3(self) -> Iterator[Arquivo]:
        raiz = self.local.caminho
        for caminho, dito in self.local.sistema.find(raiz, detail=True).items():
            if dito["type"] == "file" and (nome := caminho.removeprefix(f"{raiz}/")):
                em = dito["LastModified"].astimezone(UTC)
                yield Arquivo(nome, f"{dito['size']} {dito.get('ETag')}", _microssegundos(em))

    def _nas_pastas(self) -> Iterator[Arquivo]:
        with PastaAberta.abrir(self.local.caminho or "/") as raiz:
            yield from _abaixo(raiz, "")

    def _abrir(self, arquivo: Arquivo) -> Bloco | None:
        """Copy the lines of a file that is read next; what cannot be read is left to another time.

        Returns:
            Nothing is to be landed of a file that was read before; but its name is.
        """
        copia = self.temporaria / "linhas"
        try:
            sha256 = self._copiar(arquivo, copia)
        except (ConteudoQuebrado, *ENTRADA_E_SAIDA) as erro:
            self.problemas[arquivo.dito] = (
                str(erro) if isinstance(erro, ConteudoQuebrado) else por_que(erro)
            )
            self._passar(arquivo)
            return None
        self.problemas.pop(arquivo.dito, None)
        conhecido = self.lugares.get(sha256, Lugar(sha256))
        lugar = replace(conhecido, arquivo=arquivo.dito, marca=arquivo.marca)
        if lugar.encerrada:
            self.lugares[sha256] = lugar
            self._passar(arquivo)
            return Bloco(self.topico, [], [], [], lugar)
        aberta = copia.open("rb")
        self.aberto = _EmLeitura(arquivo, aberta, lugar)
        for _ in range(int(lugar.posicao or 0)):
            _linha(aberta)
            self.aberto.numero += 1
        return None

    def _copiar(self, arquivo: Arquivo, copia: Path) -> str:
        """Decompress a file into another one, and return the hash of its bytes.

        Raises:
            OSError: it cannot be read, or was written to meanwhile.
            ConteudoQuebrado: it cannot be decompressed.
        """
        with self.local.abrir(arquivo.nome) as entregue, copia.open("wb") as destino:
            medido = _Medido(entregue)
            forma = compressao(arquivo.nome)
            if forma:
                for bloco in Descompressao(medido, forma, entregue.expandido):
                    destino.write(bloco)
            while bloco := medido.read(BLOCO):
                if not forma:
                    destino.write(bloco)
        return medido.resumo.hexdigest()

    def _ler_do_aberto(self, quantas: int) -> Bloco:
        em_leitura = self.aberto
        if em_leitura is None:
            raise ValueError("no file is being read")
        deslocamentos: list[str] = []
        corpos: list[bytes | None] = []
        acabou = False
        while len(corpos) < quantas and not acabou:
            linha = _linha(em_leitura.copia)
            if linha is None:
                acabou = True
                continue
            if em_leitura.numero == 0:
                linha = linha.removeprefix(MARCA_UTF8)
            em_leitura.numero += 1
            if linha := linha.strip(b" \t\r\n"):
                deslocamentos.append(f"{em_leitura.numero:0{LARGURA}d}")
                corpos.append(linha)
        em_leitura.lugar = replace(
            em_leitura.lugar,
            posicao=f"{em_leitura.numero:0{LARGURA}d}",
            encerrada=acabou,
            em_dia_em=datetime.now(UTC) if acabou else None,
        )
        self.lugares[em_leitura.lugar.particao] = em_leitura.lugar
        arquivo = em_leitura.arquivo
        if acabou:
            self._largar()
            self._passar(arquivo)
        recebidos = [arquivo.em] * len(corpos)
        return Bloco(self.topico, deslocamentos, recebidos, corpos, em_leitura.lugar)

    def _passar(self, arquivo: Arquivo) -> None:
        """Go on to the next file."""
        self.vistos[arquivo.dito] = arquivo.marca
        self.esperam.popleft()


def _abaixo(pasta: PastaAberta, onde: str) -> Iterator[Arquivo]:
    """The files of a folder and of those in it; links to folders are none."""
    for nome, e_pasta in pasta.listar().items():
        if e_pasta:
            if not nome.startswith(DE_QUEM_ESCREVEU):
                with pasta.dentro(nome) as dentro:
                    yield from _abaixo(dentro, f"{onde}{nome}/")
            continue
        with suppress(FileNotFoundError):  # it has just been taken away, or is a link to nothing
            lido = os.stat(nome, dir_fd=pasta.descritor)
            if not stat.S_ISREG(lido.st_mode):
                continue
            marca = f"{lido.st_size} {lido.st_mtime_ns}"
            yield Arquivo(f"{onde}{nome}", marca, lido.st_mtime_ns // 1000)


def _linha(copia: IO[bytes]) -> bytes | None:
    """The next line, of one that is too long its beginning; nothing at the end."""
    linha = copia.readline(LINHA_MAXIMA)
    if not linha:
        return None
    resto = linha
    while len(resto) == LINHA_MAXIMA and not resto.endswith(b"\n"):
        resto = copia.readline(LINHA_MAXIMA)
    return linha


def _microssegundos(momento: datetime) -> int:
    return int(momento.timestamp() * 1_000_000)
