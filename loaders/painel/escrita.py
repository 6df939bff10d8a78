"""Numbers, days and words as they are written in Brazil."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_currency, format_currency, format_decimal

from loaders.painel.quadro import Forma

LINGUA = "pt_BR"
SEM_VALOR = "\N{EN DASH}"
GRANDE = Decimal(100_000)
"""BRL from which a large number is shortened."""

UNIDADES = {"percentual": "%", "horas": "h", "segundos": "s", "milissegundos": "ms"}
"""What stands behind a number of each form."""


def escrito(valor: Any, forma: Forma) -> str:
    """A value as a reader sees it; a dash where there is none."""
    if valor is None:
        return SEM_VALOR
    if forma == "texto":
        return str(valor)
    if forma == "sim_ou_nao":
        return "sim" if valor else "não"
    if forma in ("dia", "mes", "instante"):
        return _dia(valor, forma)
    if forma == "reais":
        return str(format_currency(valor, "BRL", locale=LINGUA))
    if forma == "inteiro":
        return str(format_decimal(valor, "#,##0", locale=LINGUA))
    casas = "#,##0.00" if forma == "decimal" else "#,##0.0"
    numero = format_decimal(valor, casas, locale=LINGUA)
    return f"{numero} {UNIDADES[forma]}" if forma in UNIDADES else str(numero)


def resumido(valor: Any, forma: Forma) -> str:
    """The same for a large number: millions are called so."""
    if valor is not None and forma == "reais" and abs(valor) >= GRANDE:
        return str(format_compact_currency(valor, "BRL", locale=LINGUA, fraction_digits=1))
    return escrito(valor, forma)


def _dia(valor: date | datetime, forma: Forma) -> str:
    if forma == "instante":
        return f"{format_datetime(valor, 'dd/MM/y HH:mm', locale=LINGUA)} UTC"
    return str(format_date(valor, "MMM/y" if forma == "mes" else "dd/MM/y", locale=LINGUA)).replace(
        ".", ""
    )
