"""Looks at a delivery's bytes as they pass: encoding, line ends, header, quotes, last lines."""

import re
from collections.abc import Sequence

from loaders.extracao.arquivos.recebido import LATIN1, WINDOWS, Recebido
from loaders.nucleo.nomes import escapar

MARCA_UTF8 = b"\xef\xbb\xbf"
MARCAS_UTF16 = (b"\xff\xfe", b"\xfe\xff")
INDEFINIDOS = frozenset(b"\x81\x8d\x8f\x90\x9d")
"""What is no sign in Windows-1252."""
DIZ_SEPARADOR = re.compile(rb'"?sep=(.)"?', re.IGNORECASE)
"""What Excel writes before the header: the separator, `sep=;`."""
_TODOS = frozenset(range(256))
_C1 = frozenset(range(0x80, 0xA0))
_MENOS_C0 = bytes(_TODOS - (frozenset(range(32)) - frozenset(b"\t\n\r")))
_MENOS_C1 = bytes(_TODOS - _C1)
_MENOS_CONTINUACAO = bytes(_TODOS - frozenset(range(0x80, 0xC0)))
_LETRA_UTF8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
ILEGIVEL = "it is neither UTF-8, Latin-1 nor Windows-1252 text"
UTF16 = "it is UTF-16 text, which is not read; have it exported as UTF-8"


def _so_ao_redor(linhas: bytes, separador: bytes) -> bool:
    """Whether each quote either begins or ends a field, and as many begin as end."""
    bordas = b"\n" + linhas.replace(separador, b"\n")
    comecam, acabam = bordas.count(b'\n"'), bordas.count(b'"\n')
    return comecam == acabam and comecam + acabam == bordas.count(b'"') and b'\n"\n' not in bordas


class Exame:
    """Looks at the bytes as they pass."""

    def __init__(self, recebido: Recebido, separadores: Sequence[str]) -> None:
        """Begin.

        Args:
            recebido: where what is found is noted.
            separadores: what may stand between columns; none where the lines have no header.
        """
        self.recebido = recebido
        self.separadores = separadores
        self.separador = b","
        self.escritos = 0
        self.fora = 0
        self.conta_vazios: bool | None = None if separadores else False
        self.utf8 = True
        self.talvez_utf8 = self.utf16 = self.c0 = False
        self.c1: set[int] = set()
        self.crlf = self.lf = 0

    def comecar(self, nome: str) -> None:
        """The next bytes are those of another part."""
        self.nome = nome.rpartition("/")[2]
        self.comeco = True
        self.antes_dos_dados = bool(self.separadores)
        if not self.separadores:
            self.recebido.saltos.append((self.recebido.linhas, 0))
        self.separador_dito: bytes | None = None
        self.incerta: tuple[int, int] | None = None

    def examinar(self, linhas: bytes) -> bytes:
        """Note what whole lines hold; return them as the copy keeps them."""
        recebido = self.recebido
        if self.comeco:
            self.comeco = False
            self.utf16 = self.utf16 or linhas.startswith(MARCAS_UTF16)
            if linhas.startswith(MARCA_UTF8):
                linhas, recebido.com_marca = linhas[len(MARCA_UTF8) :], True
        cortada = not linhas.endswith(b"\n")
        inteira = linhas.endswith(b"\r")
        if cortada:
            linhas += b"\n"
        quantas = linhas.count(b"\n")
        self.lf += quantas - (cortada and not inteira)
        if b"\r" in linhas:
            crlf = linhas.count(b"\r\n")
            self.crlf += crlf
            self.lf -= crlf
            linhas = linhas.replace(b"\r\n", b"\n")
            recebido.controles = recebido.controles or b"\r" in linhas
        self.c0 = self.c0 or bool(linhas.translate(None, _MENOS_C0))
        if not linhas.isascii():
            self._ver_codificacao(linhas)
        while self.antes_dos_dados and linhas:
            primeira, _, linhas = linhas.partition(b"\n")
            quantas -= 1
            self._ver_cabecalho(primeira)
        if cortada and linhas:
            recebido.sem_fim += 1
            self.incerta = None if inteira else (recebido.linhas, self.escritos)
        if linhas and self.conta_vazios is not False:
            self._contar_vazios(linhas)
        recebido.linhas += quantas
        if b'"' in linhas:
            recebido.aspas = True
            recebido.so_ao_redor = recebido.so_ao_redor and _so_ao_redor(linhas, self.separador)
        if linhas.startswith(b"\n") or b"\n\n" in linhas:
            recebido.em_branco += sum(not linha for linha in linhas.split(b"\n")[:-1])
        self.escritos += len(linhas)
        return linhas

    def _ver_cabecalho(self, linha: bytes) -> None:
        """Take a part's header, or the line of the separator before it, out of the lines."""
        recebido = self.recebido
        self.fora += 1
        dito = DIZ_SEPARADOR.fullmatch(linha) if self.separador_dito is None else None
        if dito:
            self.separador_dito = dito[1]
            return
        self.antes_dos_dados = False
        separador = self.separador_dito.decode(LATIN1) if self.separador_dito else None
        if not recebido.saltos:
            recebido.cabecalho, recebido.separador_dito = linha, separador
            self.separador = self.separador_dito or separador_de(linha, self.separadores)
        elif (linha, separador) != (recebido.cabecalho, recebido.separador_dito):
            recebido.problema = recebido.problema or (
                f"the header of {escapar(self.nome)} is not that of the parts before it"
            )
        recebido.saltos.append((recebido.linhas, self.fora))

    def _contar_vazios(self, linhas: bytes) -> None:
        if self.conta_vazios is None:
            primeira = linhas.lstrip(b"\n").partition(b"\n")[0]
            if not primeira:
                return
            primeiras = (self.recebido.cabecalho.rstrip(), primeira)
            self.conta_vazios = any(
                linha.removesuffix(b'""').endswith(self.separador) for linha in primeiras
            )
        if self.conta_vazios:
            for vazia in (b"\n", b'""\n'):
                self.recebido.com_ultimo_vazio += linhas.count(self.separador + vazia)

    def _ver_codificacao(self, linhas: bytes) -> None:
        """Note what lines with other letters than those of ASCII may be."""
        try:
            linhas.decode()
        except UnicodeDecodeError:
            self.utf8 = False
            self.c1.update(linhas.translate(None, _MENOS_C1))
            if self.talvez_utf8 or not linhas.translate(None, _MENOS_CONTINUACAO):
                return
            self.talvez_utf8 = _LETRA_UTF8.search(linhas) is not None
        else:
            self.talvez_utf8 = True

    def terminar(self, provada: bool) -> None:
        """A part has ended; what has no line end there may be cut off, unless that is proved."""
        if self.incerta and not provada:
            numero, onde = self.incerta
            self.recebido.incertas[numero] = onde

    def concluir(self) -> None:
        """Say in which encoding the delivery is, or that it is in none."""
        recebido = self.recebido
        recebido.controles = recebido.controles or self.c0
        recebido.quebras = tuple(n for n, q in (("lf", self.lf), ("crlf", self.crlf)) if q)
        cabecalho = recebido.cabecalho
        if self.utf16 or cabecalho.count(b"\0") * 3 > len(cabecalho):
            recebido.problema = recebido.problema or UTF16
        elif not self.utf8:
            if self.talvez_utf8:
                em_utf8, outras = self._contar_codificacoes()
                recebido.mista = bool(em_utf8 and outras)
            else:
                em_utf8, outras = 0, 1
            if em_utf8 and em_utf8 == outras:
                recebido.problema = recebido.problema or (
                    f"as many of its lines are UTF-8 as are not ({outras} each)"
                )
            if em_utf8 < outras:
                recebido.codificacao = WINDOWS if self.c1 else LATIN1
                if self.c0 or self.c1 & INDEFINIDOS or recebido.com_marca:
                    recebido.problema = recebido.problema or ILEGIVEL
        if b"\0" in cabecalho:
            recebido.problema = recebido.problema or ILEGIVEL

    def _contar_codificacoes(self) -> tuple[int, int]:
        """How many lines with other letters than ASCII's are UTF-8, and how many are not."""
        em_utf8 = outras = 0
        self.c1 = set()
        with self.recebido.copia.open("rb") as copia:
            for linha in copia:
                if linha.isascii():
                    continue
                if e_utf8(linha):
                    em_utf8 += 1
                else:
                    outras += 1
                    self.c1.update(linha.translate(None, _MENOS_C1))
        return em_utf8, outras


def separador_de(cabecalho: bytes, separadores: Sequence[str]) -> bytes:
    """What separates the columns of a header, if it is one.

    No column of a contract holds any of them: with one, the header is separated by it or unfit. The
    comma comes last, as it may stand in what is no header.
    """
    possiveis = sorted((s.encode() for s in separadores), key=lambda s: s == b",")
    return next((s for s in possiveis if s in cabecalho), possiveis[-1])


def e_utf8(linha: bytes) -> bool:
    """Whether a line is well-formed UTF-8."""
    try:
        linha.decode()
    except UnicodeDecodeError:
        return False
    return True
