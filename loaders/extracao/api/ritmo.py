"""How fast a partner is asked, how long is waited after a failure, and when it is left alone."""

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PACIENCIA = 15 * 60
"""Seconds: a partner that asks to wait longer is asked again by another load."""


class Balde:
    """A bucket of tokens, of which each call takes one.

    In no minute there are more calls than the limit. It begins empty, so that a load that was
    killed, and is run again at once, does not ask faster, either.
    """

    def __init__(self, por_minuto: int, rajada: int) -> None:
        """Begin empty.

        Args:
            por_minuto: calls in any minute.
            rajada: how many of them may come at once.
        """
        self.rajada = rajada
        self.por_segundo = (por_minuto - rajada + 1) / 60
        self.fichas = 0.0
        self.visto = time.monotonic()

    def falta(self) -> float:
        """Seconds until there is a token."""
        agora = time.monotonic()
        self.fichas = min(self.rajada, self.fichas + (agora - self.visto) * self.por_segundo)
        self.visto = agora
        return max(0.0, (1 - self.fichas) / self.por_segundo)

    def tomar(self) -> float:
        """Wait for a token and take it; return how long that took."""
        comeco = time.monotonic()
        while (falta := self.falta()) > 0:
            time.sleep(falta)
        self.fichas -= 1
        return time.monotonic() - comeco


class Disjuntor:
    """Leaves a partner alone that failed so many times on end; then one call shows how it is."""

    def __init__(self, falhas: int, segundos: float, seguidas: int = 0, resta: float = 0) -> None:
        """Begin where the last load ended.

        Args:
            falhas: after how many failures on end it opens.
            segundos: for so long.
            seguidas: how many there were.
            resta: for how many seconds it is open still.
        """
        self.falhas = falhas
        self.segundos = segundos
        self.seguidas = seguidas
        self.aberto_ate = time.monotonic() + resta

    @property
    def resta(self) -> float:
        """Seconds for which it is open still."""
        return max(0.0, self.aberto_ate - time.monotonic())

    @property
    def desistiu(self) -> bool:
        """Whether the call after the pause failed, too."""
        return self.seguidas > self.falhas

    def notar(self, falhou: bool) -> None:
        """Note what became of a call."""
        self.seguidas = self.seguidas + 1 if falhou else 0
        if self.seguidas >= self.falhas:
            self.aberto_ate = time.monotonic() + self.segundos


def recuo(tentativa: int, base: float, maximo: float) -> float:
    """Seconds to wait after so many failures, with jitter so that many loads do not meet again."""
    return min(maximo, base * float(2**tentativa)) * random.uniform(0.5, 1)  # noqa: S311 - no secret


def pedido_de_espera(cabecalhos: Mapping[str, str]) -> float:
    """Seconds that `Retry-After` asks for: a number, or a moment by the partner's own clock."""
    dito = cabecalhos.get("retry-after", "").strip()
    if dito.isascii() and dito.isdigit():
        return float(dito[:9])
    ate, agora = _momento(dito), _momento(cabecalhos.get("date", "")) or datetime.now(UTC)
    return max(0.0, (ate - agora).total_seconds()) if ate else 0.0


def _momento(texto: str) -> datetime | None:
    try:
        momento = parsedate_to_datetime(texto)
    except (TypeError, ValueError, OverflowError):
        return None
    return momento.replace(tzinfo=momento.tzinfo or UTC)
