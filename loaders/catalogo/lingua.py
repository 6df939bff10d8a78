"""What pages say in each language: their own words, and the descriptions of tables and columns.

Descriptions are written once, in English, beside what they describe; `molde/descricoes.po` has the
Portuguese of each. Those of the books are in both languages where they stand.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po

MOLDES = Path(__file__).with_name("molde")
PORTUGUES, INGLES = "pt", "en"
DESCRICOES = MOLDES / "descricoes.po"
NAS_DUAS = ". / "
"""Between the Portuguese and the English of a description that is written in both."""


@cache
def rotulos() -> dict[str, dict[str, Any]]:
    """What pages say by themselves, by language."""
    lidos: dict[str, dict[str, Any]] = yaml.safe_load((MOLDES / "rotulos.yml").read_text("utf-8"))
    return lidos


@cache
def traducoes() -> dict[str, str]:
    """The Portuguese of each description that is written in English."""
    with DESCRICOES.open("rb") as aberto:
        return {str(m.id): str(m.string) for m in read_po(aberto, abort_invalid=True) if m.id}


def dita(descricao: str, lingua: str) -> str:
    """A description in a language; in its own where nobody translated it."""
    if NAS_DUAS in descricao:
        portugues, ingles = descricao.split(NAS_DUAS, maxsplit=1)
        return f"{portugues}." if lingua == PORTUGUES else ingles
    return traducoes().get(descricao, descricao) if lingua == PORTUGUES else descricao


def primeira_frase(descricao: str) -> str:
    """Up to its first full stop."""
    return re.split(r"(?<=[.])\s", descricao, maxsplit=1)[0]
