"""README.pt-BR.md says what README.md says: headings, commands, tables, links and numbers."""

import re
from collections.abc import Callable

import pytest

from loaders import PROJETO

IDIOMA = re.compile(r"^\[(?:Em português|In English)\]\(README\S*\)$", re.M)


def _titulos(texto: str) -> list[int]:
    return [len(nivel) for nivel in re.findall(r"^(#+) ", texto, re.M)]


def _comandos(texto: str) -> list[str]:
    blocos = re.findall(r"^```sh\n(.*?)^```", texto, re.M | re.S)
    return [re.sub(r"\s*#.*", "", linha) for bloco in blocos for linha in bloco.splitlines()]


def _tabelas(texto: str) -> list[int]:
    return [linha.count("|") for linha in texto.splitlines() if linha.startswith("|")]


def _ligacoes(texto: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", IDIOMA.sub("", texto))


def _codigo(texto: str) -> list[str]:
    fora = re.sub(r"^```.*?^```", "", texto, flags=re.M | re.S)
    return sorted(set(re.findall(r"`([^`]+)`", fora)))


def _numeros(texto: str) -> list[str]:
    fora = re.sub(r"^```.*?^```", "", texto, flags=re.M | re.S)
    return sorted(re.sub("[.,]", "", n) for n in re.findall(r"\d[\d.,]*\d", fora))


@pytest.mark.parametrize(
    "parte", [_titulos, _comandos, _tabelas, _ligacoes, _codigo, _numeros], ids=lambda f: f.__name__
)
def test_diz_o_mesmo(parte: Callable[[str], list[object]]) -> None:
    ingles, portugues = (
        (PROJETO / nome).read_text(encoding="utf-8") for nome in ("README.md", "README.pt-BR.md")
    )
    assert IDIOMA.search(ingles) and IDIOMA.search(portugues)
    assert parte(ingles) == parte(portugues)
    assert parte(ingles)
