"""What the person at the terminal sees: tables that fit, and what is being done just now.

A terminal, or whoever sets COLUMNS, gets lines of that width, broken between words. Elsewhere a
line is as long as it must be, so that what reads it finds a row on one line.
"""

import io
import json
import os
import re
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from loaders.nucleo import andamento
from loaders.nucleo.nomes import visivel

VAO = "  "
"""What stands between two columns."""
LARGURA_DE_TEXTO = 30
"""Columns of text are folded to so many letters where a table is wider than its lines."""
RECUO = "      "
"""What stands before a note below a row."""
NUMERO = re.compile(r"-?[\d,]+(\.\d+)?")
"""What stands at the right of its column."""
SILENCIO = 10.0
"""Seconds after which a log that is no terminal is told what is being done."""


class _Terminal(Console):
    """Shows texts of whatever origin: nothing in them moves the cursor or hides what is there."""

    def print(self, *objetos: Any, **opcoes: Any) -> None:
        """Print, with all but line ends escaped that is no printable text."""
        textos = (
            "\n".join(map(visivel, o.split("\n"))) if isinstance(o, str) else o for o in objetos
        )
        with nullcontext() if self.stderr else _fora_da_linha():
            super().print(*textos, **opcoes)


def _dita() -> bool:
    """Whether somebody says how wide a line of the output may be."""
    return sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()


saida = _Terminal(highlight=False, soft_wrap=not _dita())
erros = _Terminal(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def preparar_saidas() -> None:
    """Let no letter stop a command, whatever the locale: a file or a pipe gets UTF-8.

    A terminal keeps its encoding, and so does who asks for one with PYTHONIOENCODING.
    """
    for corrente in (sys.stdout, sys.stderr):
        if isinstance(corrente, io.TextIOWrapper):
            fica = corrente.isatty() or os.environ.get("PYTHONIOENCODING")
            corrente.reconfigure(
                encoding=None if fica else "utf-8",
                errors="backslashreplace",
            )


def _largura() -> int | None:
    """Letters that fit on a line of the output; none where nobody says."""
    return saida.width if saida.is_terminal or _dita() else None


@dataclass(frozen=True)
class _Coluna:
    nome: str
    celulas: list[str]
    numerica: bool
    largura: int

    def linha(self, n: int | None) -> list[str]:
        """The heading, or a cell, on as many lines as it takes."""
        texto = self.nome if n is None else self.celulas[n]
        if cell_len(texto) <= self.largura:
            partes = [texto]
        else:
            partes = [
                pedaco
                for linha in textwrap.wrap(
                    texto, self.largura, break_long_words=False, break_on_hyphens=False
                )
                for pedaco in chop_cells(linha, self.largura)
            ]
        vazios = [" " * (self.largura - cell_len(parte)) for parte in partes]
        return [
            vazio + parte if self.numerica else parte + vazio
            for parte, vazio in zip(partes, vazios, strict=True)
        ]


def tabela(
    titulo: str,
    colunas: Sequence[str],
    linhas: Sequence[Sequence[Any]],
    abaixo: Sequence[str] = (),
) -> None:
    """Print a table no wider than the line: what does not fit beside comes below, all of it.

    Args:
        titulo: what it shows; says how much of it, where it is a part.
        colunas: the headings.
        linhas: the cells of each row; None is an empty one.
        abaixo: the columns that are written as notes below their row, long texts. Of columns that
            are still too many the rest is another table, which begins with the first column, too.
    """
    largura = _largura()
    notas = [colunas.index(nome) for nome in abaixo]
    textos = [["" if v is None else _celula(str(v)) for v in linha] for linha in linhas]
    lado_a_lado = []
    for i, nome in enumerate(colunas):
        if i not in notas:
            celulas = [linha[i] for linha in textos]
            numerica = any(celulas) and all(NUMERO.fullmatch(c) for c in celulas if c)
            precisa = max(map(cell_len, (nome, *celulas)))
            lado_a_lado.append(_Coluna(nome, celulas, numerica, precisa))
    saida.print(Text(f"\n{visivel(titulo)}", style="bold"), soft_wrap=largura is None)
    for parte, bloco in enumerate(_blocos(lado_a_lado, largura)):
        if parte:
            _imprimir("")
        _imprimir(_lado_a_lado(bloco, None))
        for n, linha in enumerate(textos):
            _imprimir(_lado_a_lado(bloco, n))
            for nota in (linha[i] for i in notas if linha[i] and not parte):
                _imprimir(_nota(nota, largura))


def _blocos(colunas: list[_Coluna], largura: int | None) -> list[list[_Coluna]]:
    """The columns in as few tables as fit, each of which begins with the first column."""
    if largura is None or _juntas(colunas) <= largura:
        return [colunas]
    primeira, *demais = (
        c if c.numerica else _estreitada(c, max(LARGURA_DE_TEXTO, cell_len(c.nome)))
        for c in colunas
    )
    blocos = [[primeira]]
    for coluna in demais:
        if len(blocos[-1]) > 1 and _juntas([*blocos[-1], coluna]) > largura:
            blocos.append([primeira])
        blocos[-1].append(coluna)
    return blocos


def _juntas(colunas: Sequence[_Coluna]) -> int:
    return sum(c.largura for c in colunas) + len(VAO) * (len(colunas) - 1)


def _estreitada(coluna: _Coluna, maximo: int) -> _Coluna:
    return _Coluna(coluna.nome, coluna.celulas, coluna.numerica, min(coluna.largura, maximo))


def _lado_a_lado(colunas: Sequence[_Coluna], n: int | None) -> str:
    """A row of a table, as lines."""
    celulas = [coluna.linha(n) for coluna in colunas]
    altura = max(map(len, celulas))
    return "\n".join(
        VAO.join(
            celula[i] if i < len(celula) else " " * coluna.largura
            for coluna, celula in zip(colunas, celulas, strict=True)
        ).rstrip()
        for i in range(altura)
    )


def _nota(texto: str, largura: int | None) -> str:
    """A text below its row."""
    if largura is None:
        return RECUO + texto
    return textwrap.fill(
        texto, largura, initial_indent=RECUO, subsequent_indent=RECUO, break_on_hyphens=False
    )


def _imprimir(texto: str) -> None:
    """Print lines as they are; nothing of them is a style."""
    saida.print(texto, markup=False, emoji=False, soft_wrap=True)


def _celula(texto: str) -> str:
    """A text on one line, without what a terminal would obey."""
    return visivel(" ".join(linha.strip() for linha in texto.split("\n")))


class _Linha:
    """The line of a terminal that says what is being done; it goes away when it is done."""

    def __init__(self) -> None:
        texto = TextColumn(
            "{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)
        )
        self._barra = Progress(
            SpinnerColumn(), texto, TimeElapsedColumn(),
            console=erros, transient=True, redirect_stdout=False, redirect_stderr=False,
            expand=True,
        )  # fmt: skip
        self._tarefa: TaskID | None = None

    def mostrar(self, passo: str) -> None:
        """Show another step; the seconds beside it are those of all."""
        if self._tarefa is None:
            self._tarefa = self._barra.add_task(visivel(passo), total=None)
            self._barra.start()
        self._barra.update(self._tarefa, description=visivel(passo))

    @contextmanager
    def fora(self) -> Iterator[None]:
        """Take the line away while something else is printed."""
        if self._tarefa is None:
            yield
            return
        self._barra.stop()
        try:
            yield
        finally:
            self._barra.start()

    def fechar(self) -> None:
        self._barra.stop()


class _Diario:
    """What a log that is no terminal is told: a line now and then, and none of what is short."""

    def __init__(self) -> None:
        self._passo = ""
        self._inicio = time.monotonic()
        self._fim = threading.Event()
        self._fio = threading.Thread(target=self._escrever, daemon=True)
        self._fio.start()

    def mostrar(self, passo: str) -> None:
        """Note another step."""
        self._passo = passo

    def _escrever(self) -> None:
        while not self._fim.wait(SILENCIO):
            if self._passo:
                ate_agora = time.monotonic() - self._inicio
                erros.print(f"[{ate_agora:5.0f} s] {self._passo}", markup=False)

    def fechar(self) -> None:
        self._fim.set()
        self._fio.join(1)


_na_tela: _Linha | None = None


@contextmanager
def _fora_da_linha() -> Iterator[None]:
    """Print where the line that says what is being done does not stand just then."""
    if _na_tela is None:
        yield
        return
    with _na_tela.fora():
        yield


def anima() -> bool:
    """Whether a line of stderr can be drawn over."""
    return sys.stderr.isatty() and not erros.is_dumb_terminal


@contextmanager
def a_vista() -> Iterator[None]:
    """Show on stderr what is being done inside, as `andamento` hears it."""
    global _na_tela
    mostrador: _Linha | _Diario
    if anima():
        mostrador = _na_tela = _Linha()
    else:
        mostrador = _Diario()
    try:
        with andamento.ouvido(mostrador.mostrar):
            yield
    finally:
        _na_tela = None
        mostrador.fechar()


def em_json(tudo: Any, outros: Callable[[Any], Any] = str) -> str:
    r"""Values as JSON for people to read: letters as they are, what a terminal obeys as `\u009b`.

    Args:
        tudo: the values.
        outros: what becomes of those that JSON has no form for.
    """
    texto = json.dumps(tudo, default=outros, ensure_ascii=False, indent=2)
    linhas = (linha if linha.isprintable() else _so_visivel(linha) for linha in texto.split("\n"))
    return "\n".join(linhas)


def _so_visivel(linha: str) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in linha)
