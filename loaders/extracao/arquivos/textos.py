"""What a typed file holds, as the text in which it lands: exact, and one way for each value."""

import json
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

ALGARISMOS = 400
"""Digits beyond which a number is none: `1e999999999` would fill the memory."""


class Numero(str):
    """A number of a JSON text, as it is written there."""

    __slots__ = ()


class SemTexto(ValueError):
    """A value that no text of the warehouse can hold; the message says why."""


def numero(texto: str) -> str:
    """A number in plain notation; every digit stays, and none is added but zeros.

    Raises:
        SemTexto: it has more digits than any column holds.
    """
    if "e" not in texto and "E" not in texto:
        return texto
    try:
        valor = Decimal(texto)
    except InvalidOperation:
        raise SemTexto("a number with too many digits") from None
    if abs(valor.adjusted()) > ALGARISMOS:
        raise SemTexto("a number with too many digits")
    return format(valor, "f")


def em_json(valor: Any) -> str:
    """A nested value as JSON, with numbers as they are written."""
    if isinstance(valor, Numero):
        return str(valor)
    if isinstance(valor, dict):
        return "{" + ",".join(f"{em_json(str(c))}:{em_json(v)}" for c, v in valor.items()) + "}"
    if isinstance(valor, (list, tuple)):
        return "[" + ",".join(map(em_json, valor)) + "]"
    if isinstance(valor, Decimal):
        return format(valor, "f")
    if isinstance(valor, (datetime, date, time)):
        return json.dumps(valor.isoformat())
    if isinstance(valor, bytes):
        return json.dumps(valor.decode(), ensure_ascii=False)
    return json.dumps(valor, ensure_ascii=False)


def do_json(valor: Any) -> str | None:
    """A value of a JSON object, as the text in which it lands.

    Raises:
        SemTexto: no text can hold it.
    """
    if valor is None:
        return None
    if isinstance(valor, Numero):
        return numero(valor)
    texto = valor if isinstance(valor, str) else em_json(valor)
    if "\0" in texto or (not texto.isascii() and any("\ud800" <= c <= "\udfff" for c in texto)):
        raise SemTexto("a text with a NUL, or with half of a letter")
    return texto


def do_arrow(coluna: pa.Array) -> pa.StringArray:
    """A column as text: decimals plain, days and times ISO, nested values JSON, null null.

    Raises:
        pa.ArrowInvalid: it holds bytes that are no UTF-8.
        UnicodeDecodeError: the same, in a nested value.
    """
    if pt.is_dictionary(coluna.type):
        coluna = coluna.dictionary_decode()
    tipo = coluna.type
    if pt.is_null(tipo):
        return pa.nulls(len(coluna), pa.string())
    if pt.is_date(tipo):
        return coluna.cast(pa.date32()).cast(pa.string())
    if pt.is_timestamp(tipo):
        em_utc = coluna.cast(pa.timestamp(tipo.unit, "UTC")) if tipo.tz else coluna
        return _sem_zeros(pc.replace_substring(em_utc.cast(pa.string()), " ", "T"))
    if pt.is_time(tipo):
        return _sem_zeros(coluna.cast(pa.string()))
    if pt.is_float16(tipo):
        return _numeros(coluna.cast(pa.float32()))
    if pt.is_decimal(tipo) or pt.is_floating(tipo):
        return _numeros(coluna)
    if pt.is_nested(tipo) or pt.is_duration(tipo) or pt.is_interval(tipo):
        lidos = coluna.to_pylist()
        return pa.array([None if v is None else em_json(v) for v in lidos], pa.string())
    return coluna.cast(pa.string())


def _numeros(coluna: pa.Array) -> pa.StringArray:
    textos = coluna.cast(pa.string())
    if not pc.any(pc.match_substring_regex(textos, "[0-9][eE]")).as_py():
        return textos
    return pa.array([None if t is None else numero(t) for t in textos.to_pylist()], pa.string())


def _sem_zeros(textos: pa.StringArray) -> pa.StringArray:
    """Times without zeros at the end of their fraction, and without one of zeros alone."""
    textos = pc.replace_substring_regex(textos, r"([.][0-9]*?)0+(Z?)$", r"\1\2")
    return pc.replace_substring_regex(textos, r"[.](Z?)$", r"\1")
