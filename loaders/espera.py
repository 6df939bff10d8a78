"""Waiting for what others hold."""

import time
from collections.abc import Callable


def conseguir(tentar: Callable[[], bool], segundos: float, pausa: float) -> bool:
    """Try until it succeeds or the time is up; say whether it succeeded.

    Args:
        tentar: answers whether it succeeded; called at least once.
        segundos: how long to try.
        pausa: seconds between two tries.
    """
    limite = time.monotonic() + segundos
    while not tentar():
        if time.monotonic() >= limite:
            return False
        time.sleep(pausa)
    return True
