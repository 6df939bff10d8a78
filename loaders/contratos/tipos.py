"""The types a contract may give a column, and what each is in Arrow.

They are those that every engine of the warehouse holds alike. What of a source passes for which of
them is the business of the engine that reads it (`extracao/postgres/tipos.py`).
"""

import re

import pyarrow as pa

TEXTO = "text"
DECIMAL = re.compile(r"decimal\(([1-9]\d?), ?(\d\d?)\)")
PRECISAO_MAXIMA = 38
"""Digits of a decimal that all engines hold."""

ARROW: dict[str, pa.DataType] = {
    TEXTO: pa.string(),
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double precision": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
"""All but decimals."""

NO_CATALOGO = {
    "varchar": TEXTO,
    "double": "double precision",
    "time without time zone": "time",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}
"""What the engines call a type otherwise."""

RESERVADAS = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and any array as asc asymmetric authorization both case cast check
        collate column constraint create current_date current_time current_timestamp current_user
        default deferrable desc describe distinct do else end except false fetch for foreign from
        grant group having in initially intersect into lambda lateral leading limit localtime
        localtimestamp not null offset on only or order pivot placing primary qualify references
        returning select session_user show some summarize symmetric system_user table then to
        trailing true union unique unpivot user using variadic when where window with
        """,
    )
)
"""Words that DuckDB or PostgreSQL take for SQL's own where a name is expected."""


def partes_decimais(tipo: str) -> tuple[int, int] | None:
    """Precision and scale of a decimal type; nothing of another type."""
    achado = DECIMAL.fullmatch(tipo)
    if achado is None:
        return None
    precisao, escala = int(achado[1]), int(achado[2])
    return (precisao, escala) if escala <= precisao <= PRECISAO_MAXIMA else None


def do_catalogo(dito: str) -> str:
    """The contract's type of a column, by what an engine's catalog calls it."""
    dito = dito.lower()
    return NO_CATALOGO.get(dito, dito.replace("numeric(", "decimal("))


def em_arrow(tipo: str) -> pa.DataType:
    """The Arrow type in which a column travels.

    Raises:
        ValueError: a contract cannot have this type.
    """
    if partes := partes_decimais(tipo):
        return pa.decimal128(*partes)
    if tipo not in ARROW:
        raise ValueError(f"{tipo!r} is none of {', '.join(ARROW)} and decimal(precision,scale)")
    return ARROW[tipo]
