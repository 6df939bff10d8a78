"""Texts and names as they stand in SQL: what others call something is never a statement."""

import re


def literal(texto: str) -> str:
    """A text as a literal."""
    return "'" + texto.replace("'", "''") + "'"


def identificador(nome: str) -> str:
    """A name, quoted."""
    return '"' + nome.replace('"', '""') + '"'


NADA = ("", "null", "nan", "\\n", "#n/a", "#n/d", "#ref!", "#value!")
"""What says that there is no value, in lower case and without spaces around (macro em_branco)."""


def diz_nada(texto: str) -> bool:
    """Whether a text holds nothing but spaces of any kind, or a word that says that it is none."""
    return texto.strip().lower() in NADA


def em_branco(texto: str) -> str:
    """Whether an SQL expression is null or says nothing, by the spaces that the macro knows.

    A bare `trim` takes other spaces off on each engine.
    """
    so_texto = f"lower(trim(both ' ' || chr(9) || chr(160) from coalesce({texto}, '')))"
    return f"{so_texto} in ({', '.join(map(literal, NADA))})"


def separar(tabela: str) -> tuple[str, str]:
    """Schema and name of a table that SQL calls so, quoted or not."""
    partes = re.findall(r'"((?:[^"]|"")*)"|([^".]+)', tabela)
    esquema, nome = (citado.replace('""', '"') or simples for citado, simples in partes)
    return esquema, nome
