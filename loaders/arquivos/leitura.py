"""Reads the lines of a received file: each becomes a row of text columns or a reject.

A file without control characters and blank lines, whose quotes stand around fields only, goes
through Arrow's reader; any other through Python's, line by line where a batch has anything odd in
it. Both give exact line numbers. Only with Python's can a line never swallow the next one: where
fewer rows and rejects come out of Arrow's than there are lines, the file is read again.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv as csv_arrow

from loaders.arquivos.recebimento import LINHA_MAXIMA, Recebido

BLOCO = 2 * LINHA_MAXIMA
"""Bytes read at a time; no line is longer, not even when Latin-1 has become UTF-8."""

PRIMEIRA_LINHA = 2
"""Number of the first line after the header."""

CONTROLES = re.compile(r"[\x00-\x08\x0b-\x1f]")
COM_CONTROLES = "control character or line break inside the line"
MOTIVOS_DE_ASPAS = {
    "unexpected end of data": "unclosed quote",
    "expected after": "text after a closing quote",
}

Rejeitar = Callable[[int, str, str], None]
"""Told the line's number, its text and why it could not be read."""


class LinhasEngolidas(Exception):
    """A quote that was not closed made the quick reader take several lines for one."""


def ler(
    recebido: Recebido,
    separador: str,
    no_arquivo: Sequence[str],
    contrato: Sequence[str],
    rejeitar: Rejeitar,
) -> Iterator[pa.RecordBatch]:
    """Read a received file.

    Args:
        recebido: the file.
        separador: what stands between its columns.
        no_arquivo: the columns in the order of the file.
        contrato: the columns in the order wanted.
        rejeitar: told of each line that is not a row; blank lines are not told of.

    Yields:
        Batches of the wanted columns as text, and `_linha`.

    Raises:
        LinhasEngolidas: what was yielded is wrong; with `so_ao_redor` false it will be right.
    """
    if not recebido.simples:
        yield from _ler_com_cuidado(recebido, separador, no_arquivo, contrato, rejeitar)
        return
    contadas = 0

    def contar(linha: int, bruta: str, motivo: str) -> None:
        nonlocal contadas
        contadas += 1
        rejeitar(linha, bruta, motivo)

    try:
        for lote in _ler_simples(recebido, separador, no_arquivo, contrato, contar):
            contadas += lote.num_rows
            yield lote
    except pa.ArrowInvalid as erro:
        raise LinhasEngolidas from erro
    if contadas != recebido.lidas:
        raise LinhasEngolidas


def contar_colunas(esperadas: int, achadas: int) -> str:
    """The reason of a line with too few or too many columns."""
    return f"expected {esperadas} columns, found {achadas}"


class _DeLatin1:
    """A stream that turns Latin-1 into UTF-8."""

    closed = False

    def __init__(self, bruto: IO[bytes]) -> None:
        self.bruto = bruto

    def read(self, quantos: int) -> bytes:
        return self.bruto.read(max(1, quantos // 2)).decode("latin-1").encode()


def _ler_simples(
    recebido: Recebido,
    separador: str,
    no_arquivo: Sequence[str],
    contrato: Sequence[str],
    rejeitar: Rejeitar,
) -> Iterator[pa.RecordBatch]:
    puladas: deque[int] = deque()

    def pular(linha: Any) -> str:
        numero = linha.number + PRIMEIRA_LINHA - 1
        puladas.append(numero)
        rejeitar(numero, linha.text, contar_colunas(linha.expected_columns, linha.actual_columns))
        return "skip"

    with recebido.copia.open("rb") as bruto:
        fluxo = bruto if recebido.codificacao == "utf-8" else _DeLatin1(bruto)
        leitor = csv_arrow.open_csv(
            pa.PythonFile(fluxo, mode="r"),
            # One thread, or rejects would come without their line; the engine has the other cores.
            csv_arrow.ReadOptions(
                column_names=list(no_arquivo), use_threads=False, block_size=BLOCO
            ),
            csv_arrow.ParseOptions(
                delimiter=separador,
                quote_char='"' if recebido.aspas else False,
                invalid_row_handler=pular,
            ),
            csv_arrow.ConvertOptions(
                column_types=dict.fromkeys(no_arquivo, pa.string()),
                include_columns=list(contrato),
                check_utf8=False,
            ),
        )
        proxima = PRIMEIRA_LINHA
        for lote in leitor:
            linhas, proxima = _numerar(proxima, lote.num_rows, puladas)
            yield lote.append_column("_linha", linhas)


def _numerar(primeira: int, quantas: int, puladas: deque[int]) -> tuple[pa.Array, int]:
    """The numbers of the next rows, which leave out the lines that were skipped."""
    trechos = []
    while quantas:
        while puladas and puladas[0] == primeira:
            puladas.popleft()
            primeira += 1
        ate = primeira + quantas
        if puladas:
            ate = min(ate, puladas[0])
        trechos.append(pa.arange(primeira, ate))
        quantas -= ate - primeira
        primeira = ate
    return (pa.concat_arrays(trechos) if trechos else pa.array([], pa.int64())), primeira


def _ler_com_cuidado(
    recebido: Recebido,
    separador: str,
    no_arquivo: Sequence[str],
    contrato: Sequence[str],
    rejeitar: Rejeitar,
) -> Iterator[pa.RecordBatch]:
    csv.field_size_limit(LINHA_MAXIMA)
    posicoes = [no_arquivo.index(c) for c in contrato]
    largura = len(no_arquivo)
    primeira = PRIMEIRA_LINHA
    with recebido.copia.open("rb") as bruto:
        while brutas := bruto.readlines(BLOCO):
            texto = b"".join(brutas).decode(recebido.codificacao)
            linhas = texto.split("\n")[:-1]
            linhas_de_dados = _todas_de_uma_vez(texto, linhas, separador, largura)
            if linhas_de_dados is None:
                pares = list(_uma_a_uma(linhas, primeira, separador, largura, rejeitar))
                numeros = pa.array([numero for numero, _ in pares], pa.int64())
                linhas_de_dados = [campos for _, campos in pares]
            else:
                numeros = pa.arange(primeira, primeira + len(linhas))
            primeira += len(linhas)
            if linhas_de_dados:
                colunas = list(zip(*linhas_de_dados, strict=True))
                yield pa.record_batch(
                    [*(pa.array(colunas[p], pa.string()) for p in posicoes), numeros],
                    names=[*contrato, "_linha"],
                )


def _todas_de_uma_vez(
    texto: str, linhas: list[str], separador: str, largura: int
) -> list[list[str]] | None:
    """The rows of a batch, or nothing if any of its lines has to be looked at by itself."""
    if CONTROLES.search(texto):
        return None
    try:
        achadas = list(csv.reader(linhas, delimiter=separador, strict=True))
    except csv.Error:
        return None
    # A quote that swallowed a line makes fewer rows than lines, never as many.
    certas = len(achadas) == len(linhas) and all(len(campos) == largura for campos in achadas)
    return achadas if certas else None


def _uma_a_uma(
    linhas: list[str], primeira: int, separador: str, largura: int, rejeitar: Rejeitar
) -> Iterator[tuple[int, list[str]]]:
    for numero, linha in enumerate(linhas, primeira):
        if not linha:
            continue
        if CONTROLES.search(linha):
            mostrada = CONTROLES.sub(lambda c: f"\\x{ord(c[0]):02x}", linha)
            rejeitar(numero, mostrada, COM_CONTROLES)
            continue
        try:
            (campos,) = csv.reader([linha], delimiter=separador, strict=True)
        except csv.Error as erro:
            motivo = next((m for t, m in MOTIVOS_DE_ASPAS.items() if t in str(erro)), "bad quotes")
            rejeitar(numero, linha, motivo)
            continue
        if len(campos) == largura:
            yield numero, campos
        else:
            rejeitar(numero, linha, contar_colunas(largura, len(campos)))
