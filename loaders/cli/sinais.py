"""Commands that go on until somebody says that it is enough."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

FIM = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def ate_um_sinal() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, or SIGTERM came: the first ends nothing by itself."""
    vindos: list[int] = []

    def notar(sinal: int, _quadro: FrameType | None) -> None:
        vindos.append(sinal)
        for cada, antes in anteriores.items():
            signal.signal(cada, antes)

    anteriores = {sinal: signal.getsignal(sinal) for sinal in FIM}
    for sinal in FIM:
        signal.signal(sinal, notar)
    try:
        yield lambda: bool(vindos)
    finally:
        for sinal, antes in anteriores.items():
            signal.signal(sinal, antes)
