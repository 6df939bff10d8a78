"""The command blocks of the documents, and the programs that they name."""

import re
import shlex
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from loaders import PROJETO

DOCUMENTOS = (
    PROJETO / "README.md",
    PROJETO / "CONTRIBUTING.md",
    *sorted((PROJETO / "docs").glob("*.md")),
)
CERCA = re.compile(r"^(```+)(\w*)\s*$")
MARCA = re.compile(r"<!--\s*not run(?:\s+`([^`]+)`)?:\s*(.+?)\s*-->", re.S)
"""Before a block: why it, or those of its commands that begin so, are not run by the tests."""
COMENTARIO = re.compile(r"\s#\s.*$")
LINGUAGENS = {"sh", "", "sql", "yaml"}
"""Of what else stands in a block nobody says whether it is true."""


@dataclass(frozen=True)
class Bloco:
    """A block of commands.

    Attributes:
        arquivo: the document, from the project's root.
        linha: the line on which it begins.
        texto: what stands in it.
        marcas: beginnings of commands that are not run, with the reason.
    """

    arquivo: str
    linha: int
    texto: str
    marcas: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.arquivo}:{self.linha}"

    @property
    def comandos(self) -> list[str]:
        """Its commands, one a line, without what a comment says beside them."""
        inteiras = self.texto.replace("\\\n", " ").splitlines()
        linhas = (COMENTARIO.sub("", linha).strip() for linha in inteiras)
        return [linha for linha in linhas if linha and not linha.startswith("#")]

    def motivo(self, comando: str) -> str | None:
        """Why the command is not run; none if it is."""
        return next((m for inicio, m in self.marcas.items() if comando.startswith(inicio)), None)


def _do_documento(arquivo: Path) -> list[Bloco]:
    linhas = arquivo.read_text(encoding="utf-8").splitlines()
    nome = str(arquivo.relative_to(PROJETO))
    blocos, n, texto_antes = [], 0, ""
    while n < len(linhas):
        cerca = CERCA.match(linhas[n])
        if cerca is None:
            texto_antes = f"{texto_antes}\n{linhas[n]}"
            n += 1
            continue
        fim = linhas.index(cerca[1], n + 1)
        assert cerca[2] in LINGUAGENS, f"{nome}:{n + 1}: a block of {cerca[2]}"
        if cerca[2] == "sh":
            antes = re.search(r"(?:<!--(?:(?!-->).)*-->\s*)+\Z", texto_antes, re.S)
            marcas = {c: m for c, m in MARCA.findall(antes[0] if antes else "")}
            blocos.append(Bloco(nome, n + 1, "\n".join(linhas[n + 1 : fim]), marcas))
        texto_antes = ""
        n = fim + 1
    return blocos


@cache
def blocos() -> list[Bloco]:
    """Every block of commands, in the order in which one reads."""
    return [bloco for arquivo in DOCUMENTOS for bloco in _do_documento(arquivo)]


def nomeados() -> list[tuple[str, list[str]]]:
    """Where a document names a command of `lastro`, `make` or `dbt`, in prose or in a block."""
    achados = []
    for arquivo in DOCUMENTOS:
        for n, linha in enumerate(arquivo.read_text(encoding="utf-8").splitlines(), 1):
            for trecho in re.findall(r"`([^`]+)`", linha):
                achados.append((f"{arquivo.relative_to(PROJETO)}:{n}", trecho))
    achados += [(str(bloco), comando) for bloco in blocos() for comando in bloco.comandos]
    resultado = []
    for onde, texto in achados:
        try:
            palavras = shlex.split(texto)
        except ValueError:  # an apostrophe, as in prose
            continue
        while palavras and re.match(r"[A-Z_]+=", palavras[0]):
            palavras.pop(0)
        if palavras and palavras[0].removeprefix(".venv/bin/") in ("lastro", "make", "dbt"):
            palavras[0] = palavras[0].removeprefix(".venv/bin/")
            resultado.append((onde, palavras))
    return resultado
