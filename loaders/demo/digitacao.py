"""How people type: cases, accents, blanks, and now and then something that means nothing."""

import unicodedata
from collections.abc import Callable
from random import Random

from loaders.demo import vocabulario as v


def digitar(sorteio: Random, texto: str) -> str:
    """Return the text as somebody in a hurry types it."""
    if sorteio.random() < 0.3:
        texto = _sem_acentos(texto)
    caixas: tuple[Callable[[str], str], ...] = (str, str, str.upper, str.lower, str.capitalize)
    texto = sorteio.choice(caixas)(texto)
    if sorteio.random() < 0.08:
        texto = texto.replace(" ", "  ", 1)
    antes, depois = sorteio.choices((("", ""), ("", " "), (" ", ""), ("  ", " ")), (75, 14, 8, 3))[
        0
    ]
    return antes + texto + depois


def digitar_ou_nao(sorteio: Random, texto: str) -> str | None:
    """Return the text as typed, or now and then nothing, or something that means nothing."""
    sorte = sorteio.random()
    if sorte < 0.02:
        return sorteio.choice(v.VAZIOS)
    return sorteio.choice(v.NAO_MAPEAVEIS) if sorte < 0.025 else digitar(sorteio, texto)


def redigitar(texto: str | None) -> str:
    """Return the same value in another typing."""
    if texto in v.NAO_MAPEAVEIS:
        return texto
    return f" {(texto or '').strip().swapcase()}  "


def _sem_acentos(texto: str) -> str:
    return unicodedata.normalize("NFD", texto).encode("ascii", "ignore").decode()


def nome_impresso(sorteio: Random, nome: str) -> str:
    """Return a name as a card shows it: no accents, middle names as initials, rarely in lower."""
    primeiro, *resto = _sem_acentos(nome).upper().split()
    iniciais = [palavra[0] for palavra in resto[:-1] if palavra.lower() not in v.PARTICULAS]
    impresso = " ".join([primeiro, *iniciais, *resto[-1:]])[:26]
    return sorteio.choices((impresso, impresso.lower(), impresso + " "), (88, 8, 4))[0]
