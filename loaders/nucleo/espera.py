"""Waiting for what others hold."""

import time
from collections.abc import Callable

from loaders.nucleo import andamento


def conseguir(tentar: Callable[[], bool], segundos: float, pausa: float, por: str = "") -> bool:
    """Try until it succeeds or the time is up; say whether it succeeded.

    Args:
        tentar: answers whether it succeeded; called at least once.
        segundos: how long to try.
        pausa: seconds between two tries.
        por: what is waited for, as it is said to who looks on.
    """
    limite = time.monotonic() + segundos
    while not tentar():
        if time.monotonic() >= limite:
            return False
        if por:
            andamento.dizer(f"waiting for {por}")
        time.sleep(pausa)
    return True
