"""The sample's time: whole seconds since 2025-01-01 00:00 UTC, and what its days are like."""

# Made-up data want to be repeatable, not secret.

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from random import Random

ETAPAS: tuple[datetime, ...] = (
    datetime(2026, 5, 1, 6, tzinfo=UTC),
    datetime(2026, 7, 1, 6, tzinfo=UTC),
)
INICIO = date(2025, 1, 1)
DIAS = 546  # to 2026-06-30
DIA = 86_400
FUSO = 3 * 3_600  # São Paulo is three hours behind UTC all the time
NUNCA = 1 << 40
ANTES, DEPOIS = (int((e - datetime(2025, 1, 1, tzinfo=UTC)).total_seconds()) for e in ETAPAS)
"""The two stages, as moments."""

_DATAS = [str(INICIO + timedelta(days=n)) for n in range(DIAS + 60)]
_HORAS = [f" {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}+00" for s in range(DIA)]
# Few at night, most around noon and after work, by hour of the local day.
_MOVIMENTO = (2, 1, 1, 1, 1, 2, 5, 9, 12, 14, 16, 20, 24, 18, 14, 14, 16, 20, 24, 22, 16, 12, 8, 4)


def escrito(momento: int) -> str:
    """Return a moment as PostgreSQL reads it."""
    return _DATAS[momento // DIA] + _HORAS[momento % DIA]


def iso(momento: int) -> str:
    """Return a moment as JSON has it."""
    return f"{escrito(momento)[:-3].replace(' ', 'T')}Z"


def momento(dia: int, segundo: int) -> int:
    """Return the moment of a second of a local day, days counted from 2025-01-01."""
    return dia * DIA + segundo + FUSO


def dia_local(momento: int) -> int:
    """Return the local day of a moment."""
    return (momento - FUSO) // DIA


def data(dia: int) -> date:
    """Return the date of a day."""
    return INICIO + timedelta(days=dia)


def dia_da_semana(dia: int) -> int:
    """Return 0 for Monday to 6 for Sunday."""
    return (dia + INICIO.weekday()) % 7


def dia_util(dia: int, mais: int = 0) -> int:
    """Return the first weekday from a day on, and so many weekdays behind it."""
    while True:
        while dia_da_semana(dia) >= 5:
            dia += 1
        if not mais:
            return dia
        dia, mais = dia + 1, mais - 1


def somar_meses(dia: int, meses: int) -> int:
    """Return the same day of a later month, or the last one of it."""
    partida = data(dia)
    meses += partida.month - 1
    ano, mes = partida.year + meses // 12, meses % 12 + 1
    ultimo = (date(ano + mes // 12, mes % 12 + 1, 1) - timedelta(days=1)).day
    return (date(ano, mes, min(partida.day, ultimo)) - INICIO).days


def primeiros_dos_meses() -> list[int]:
    """Return the first day of each month."""
    return [somar_meses(0, n) for n in range(18)]


def horas(sorteio: Random, quantas: int = 10_000) -> list[int]:
    """Return seconds of the local day to be drawn from."""
    sorteadas = sorteio.choices(range(24), _MOVIMENTO, k=quantas)
    return [hora * 3_600 + int(sorteio.random() * 3_600) for hora in sorteadas]


def repartir(total: int, pesos: Sequence[float]) -> list[int]:
    """Share a number among days by their weights, to the last one."""
    limites = list(accumulate(pesos, initial=0))
    cortes = [int(total * limite / limites[-1]) for limite in limites]
    return [fim - inicio for inicio, fim in pairwise(cortes)]
