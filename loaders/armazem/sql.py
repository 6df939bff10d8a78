"""Texts and names as they stand in SQL: what others call something is never a statement."""

import re


def literal(texto: str) -> str:
    """A text as a literal."""
    return "'" + texto.replace("'", "''") + "'"


def identificador(nome: str) -> str:
    """A name, quoted."""
    return '"' + nome.replace('"', '""') + '"'


def em_branco(texto: str) -> str:
    """Whether a text is null, or nothing but spaces, tabs and no-break spaces (macro em_branco).

    A bare `trim` takes other spaces off on each engine.
    """
    sem_espacos = f"replace(replace(replace({texto}, ' ', ''), chr(9), ''), chr(160), '')"
    return f"coalesce({sem_espacos}, '') = ''"


def separar(tabela: str) -> tuple[str, str]:
    """Schema and name of a table that SQL calls so, quoted or not."""
    partes = re.findall(r'"((?:[^"]|"")*)"|([^".]+)', tabela)
    esquema, nome = (citado.replace('""', '"') or simples for citado, simples in partes)
    return esquema, nome
