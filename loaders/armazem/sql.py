"""Texts and names as they stand in SQL: what others call something is never a statement."""


def literal(texto: str) -> str:
    """A text as a literal."""
    return "'" + texto.replace("'", "''") + "'"


def identificador(nome: str) -> str:
    """A name, quoted."""
    return '"' + nome.replace('"', '""') + '"'
