"""Streams that are made in a thread of their own, while who reads them is at work."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def adiantado(fluxo: Iterator[T]) -> Iterator[T]:
    """Give what a stream gives, with the next element under way while one is being used.

    Args:
        fluxo: the stream; none of its elements may be None.
    """
    with ThreadPoolExecutor(1) as fio:
        proximo = fio.submit(next, fluxo, None)
        while (elemento := proximo.result()) is not None:
            proximo = fio.submit(next, fluxo, None)
            yield elemento
