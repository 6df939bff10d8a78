"""What of a PostgreSQL source passes for which type of a contract, and how it is read.

A value that its column cannot hold must never be lost, nor stop the rest: where a type of the
source has such values, a condition tells them from the others, and they land as text
(`_ilegiveis`). A type that would lose something of every value, or whose meaning is not certain, is
refused by name.
"""

import re
from dataclasses import dataclass

from loaders.contratos import tipos

ENUM, CITEXT, DOMINIO = "enum", "citext", "domain"
NUMERICO = re.compile(r"numeric(?:\((\d+),(\d+)\))?")
SEM_FUSO, COM_FUSO = "without time zone", "with time zone"

TEXTOS = re.compile(r"text|character varying(\(\d+\))?")
"""What is text already."""
EM_TEXTO = re.compile(
    rf"character\(\d+\)|name|uuid|{ENUM}|{CITEXT}|smallint|integer|bigint|jsonb?|inet|cidr|macaddr8?"
)
"""What has one way to be written, and is written so where the contract says `text`."""
COMPARA_DE_OUTRO_MODO = re.compile(rf"character\(\d+\)|{CITEXT}|jsonb?")
"""What PostgreSQL holds to be equal, or cannot hash, though its text differs."""

INTEIROS = {"smallint": 5, "integer": 10, "bigint": 19}
"""Types of whole numbers, each wider than the one before, with the digits they may have."""


@dataclass(frozen=True)
class NaFonte:
    """The type of a source's column.

    Attributes:
        forma: as format_type writes it, of a domain the type it is of; or `enum`, `citext`.
        dito: as a message calls it.
        deterministica: whether equal texts are the same bytes.
    """

    forma: str
    dito: str
    deterministica: bool = True


@dataclass(frozen=True)
class Passagem:
    """How a column is read.

    Attributes:
        valor: SQL of its value in the contract's type, with `{}` for the column.
        condicao: SQL, with `{}`, that holds for values that the type has; None where it has all.
        impressao: SQL, with `{}`, of what tells two contents apart.
    """

    valor: str = "{}"
    condicao: str | None = None
    impressao: str = "{}"


SO_SEM_NAN = Passagem(condicao="{} <> 'NaN'")
"""A number that fits, unless it is none."""


def passagem(tipo: str, na_fonte: NaFonte) -> Passagem | None:
    """How a column of the source becomes one of the contract; None where it does not fit.

    Args:
        tipo: the contract's type.
        na_fonte: the source's.
    """
    forma = na_fonte.forma
    if tipo == tipos.TEXTO:
        return _em_texto(na_fonte)
    if decimais := tipos.partes_decimais(tipo):
        return _em_decimal(decimais, forma)
    if tipo in INTEIROS and forma in INTEIROS:
        cabe = INTEIROS[forma] <= INTEIROS[tipo]
        return Passagem("{}" if forma == tipo else f"cast({{}} as {tipo})") if cabe else None
    if tipo == "double precision" and forma in ("real", "double precision"):
        return Passagem("{}" if forma == tipo else "cast({} as double precision)")
    if tipo == "boolean" and forma == "boolean":
        return Passagem()
    if tipo == "time" and forma.startswith("time") and forma.endswith(SEM_FUSO):
        return Passagem(condicao="({} < '24:00')") if not forma.startswith("timestamp") else None
    return _em_dia(tipo, forma)


def _em_texto(na_fonte: NaFonte) -> Passagem | None:
    forma = na_fonte.forma
    if TEXTOS.fullmatch(forma):
        return Passagem(impressao="{}" if na_fonte.deterministica else '{} collate "C"')
    if not EM_TEXTO.fullmatch(forma):
        return None
    texto = "cast({} as text)"
    outro = COMPARA_DE_OUTRO_MODO.fullmatch(forma) or not na_fonte.deterministica
    return Passagem(texto, impressao=f'{texto} collate "C"' if outro else "{}")


def _em_decimal(decimais: tuple[int, int], forma: str) -> Passagem | None:
    precisao, escala = decimais
    tipo = f"numeric({precisao},{escala})"
    if forma in INTEIROS:
        cabe = INTEIROS[forma] <= precisao - escala
        return Passagem(f"cast({{}} as {tipo})") if cabe else None
    achado = NUMERICO.fullmatch(forma)
    if achado is None:
        return None
    if (
        achado[1] is None
    ):  # any number: those that fit are told one by one, NaN and infinity are none
        return Passagem(
            f"cast({{0}} as {tipo})",
            f"({{0}} = round({{0}}, {escala}) and abs({{0}}) < 1e{precisao - escala})",
        )
    inteiros = int(achado[1]) - int(achado[2])
    if int(achado[2]) > escala or inteiros > precisao - escala:
        return None
    return SO_SEM_NAN


def _em_dia(tipo: str, forma: str) -> Passagem | None:
    """Days and moments; infinity, and years before 1 and after 9999, are of no other engine."""
    no_calendario = "({0} >= '0001-01-01' and {0} < '10000-01-01')"
    momento = forma.startswith("timestamp")
    if tipo == "timestamp" and forma == "date":
        return Passagem("cast({} as timestamp)", no_calendario)
    iguais = {
        "date": forma == "date",
        "timestamp": momento and forma.endswith(SEM_FUSO),
        "timestamptz": momento and forma.endswith(COM_FUSO),
    }
    return Passagem(condicao=no_calendario) if iguais.get(tipo) else None


def recusa(tipo: str, na_fonte: NaFonte) -> str:
    """What a message says of a column that does not fit."""
    dito = f"is {na_fonte.dito}, the contract says {tipo}"
    if na_fonte.forma == "bytea":
        return f"{dito}; bytes are not landed: name it in `ignoradas`"
    if tipo == "timestamptz" and na_fonte.forma.endswith(SEM_FUSO):
        return f"{dito}; which zone it is of is not known: say `timestamp`"
    return dito
