"""Tells a last line that was cut off from one whose writer never ends the last line.

A line that lacks columns is a reject anyway. One that has them all may have lost the end of its
last value: that shows only where it is an amount or a day, and shorter than in every other line.
"""

import mmap
import re
from collections.abc import Collection, Sequence

from loaders.extracao.arquivos.recebido import Recebido

INTEIROS = {
    "valor": (rb"[.,]\d\d",),
    "data": (rb"\d{4}-\d\d-\d\d", rb"\d\d/\d\d/\d{4}", rb"\d\d:\d\d:\d\d"),
}
"""How a whole value ends, by what it is."""


def cortadas(
    recebido: Recebido,
    separador: str,
    no_arquivo: list[str],
    valores: Collection[str],
    datas: Collection[str],
) -> set[int]:
    """The last lines, of a part too, of which the end was lost; by their number in the copy.

    Args:
        recebido: the file.
        separador: what stands between its columns.
        no_arquivo: the columns in the order of the file.
        valores: those that hold amounts.
        datas: those that hold days.
    """
    ultima = no_arquivo[-1]
    tipo = "valor" if ultima in valores else "data" if ultima in datas else None
    if not recebido.incertas or tipo is None:
        return set()
    with (
        recebido.copia.open("rb") as aberta,
        mmap.mmap(aberta.fileno(), 0, access=mmap.ACCESS_READ) as copia,
    ):
        curtas: dict[bool, set[int]] = {False: set(), True: set()}
        menos = set()
        for numero, onde in recebido.incertas.items():
            fim = copia.find(b"\n", onde)
            menos.add(fim)
            linha = copia[onde:fim].rstrip(b" ")
            if not re.search(_um_de((*INTEIROS[tipo], b'"')) + b"$", linha):
                curtas[linha.endswith(separador.encode())].add(numero)
        achadas = set()
        for vazia, numeros in curtas.items():
            passa = b"" if vazia else separador.encode()
            if numeros and _os_outros_inteiros(copia, tipo, passa, menos):
                achadas |= numeros
        return achadas


def _um_de(fins: Sequence[bytes]) -> bytes:
    return b"(?:" + b"|".join(fins) + b")"


def _os_outros_inteiros(copia: mmap.mmap, tipo: str, separador: bytes, menos: set[int]) -> bool:
    """Whether the last value of every line but some is whole.

    Args:
        copia: the lines.
        tipo: what the value is.
        separador: what a line ends with of which the value is blank, which has no say then.
        menos: where the lines end that are asked about.
    """
    if not re.search(_um_de(INTEIROS[tipo]) + b'"?\n', copia):
        return False
    passam = [*INTEIROS[tipo], rb"\n", rb"\A", *([separador] if separador else [])]
    # It looks back from each line end, so that no line has to be taken out of the whole.
    olhares = (b"(?<!" + fim + aspas + rb"\n)" for fim in passam for aspas in (b"", b'"', b'""'))
    outros = re.compile(rb"\n" + b"".join(olhares)).finditer(copia)
    return all(outro.start() in menos for outro in outros)
