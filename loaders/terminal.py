"""What the person at the terminal sees: quiet tables, progress only where somebody looks on."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from loaders.controle import Progresso
from loaders.nomes import visivel


class _Terminal(Console):
    """Shows texts of whatever origin: nothing in them moves the cursor or hides what is there."""

    def print(self, *objetos: Any, **opcoes: Any) -> None:
        """Print, with all but line ends escaped that is no printable text."""
        textos = (
            "\n".join(map(visivel, o.split("\n"))) if isinstance(o, str) else o for o in objetos
        )
        super().print(*textos, **opcoes)


saida = _Terminal(highlight=False, soft_wrap=not sys.stdout.isatty())
erros = _Terminal(stderr=True, highlight=False, soft_wrap=True)


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


def tabela(titulo: str, colunas: Sequence[str], linhas: Sequence[Sequence[Any]]) -> None:
    """Print a table: drawn on a terminal, plain columns elsewhere."""
    titulo = visivel(titulo)
    celulas = [
        ["" if valor is None else _celula(str(valor)) for valor in linha] for linha in linhas
    ]
    if not saida.is_terminal:
        larguras = [
            max(len(c), *(len(linha[i]) for linha in celulas), 0) if celulas else len(c)
            for i, c in enumerate(colunas)
        ]
        print(f"\n{titulo}")
        for linha in [list(colunas), *celulas]:
            print("  ".join(v.ljust(n) for v, n in zip(linha, larguras, strict=True)).rstrip())
        return
    desenho = Table(
        title=Text(titulo, style="bold"), title_justify="left", box=None, padding=(0, 1)
    )
    for i, coluna in enumerate(colunas):
        numerica = bool(linhas) and all(isinstance(li[i], int | float) for li in linhas)
        desenho.add_column(coluna, justify="right" if numerica else "left", overflow="fold")
    for linha in celulas:
        desenho.add_row(*map(Text, linha))
    saida.print()
    saida.print(desenho)


def _celula(texto: str) -> str:
    """A text on one line, without what a terminal would obey."""
    return visivel(" ".join(linha.strip() for linha in texto.split("\n")))


@contextmanager
def progresso_de_leitura() -> Iterator[Progresso]:
    """A line per table or file that counts rows as they are read; nothing where nobody looks."""
    if not erros.is_terminal:
        yield lambda _tabela, _linhas: None
        return
    colunas = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*colunas, console=erros, transient=True) as barra:
        tarefas: dict[str, Any] = {}

        def progresso(nome: str, linhas: int) -> None:
            if nome not in tarefas:
                tarefas[nome] = barra.add_task(nome, total=None)
            barra.update(tarefas[nome], completed=linhas)

        yield progresso


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
