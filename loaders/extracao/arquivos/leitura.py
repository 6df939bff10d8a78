"""Reads the lines of a received file: each becomes a row of text columns or a reject.

A file without control characters and blank lines, whose quotes stand around fields only, goes
through Arrow's reader; any other through Python's, line by line where a batch has anything odd in
it. A file of which some lines are in another encoding goes through Python's, too. Both give exact
line numbers. Only with Python's can a line never swallow the next one: where
fewer rows and rejects come out of Arrow's than there are lines, the file is read again.
"""

import csv
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as csv_arrow

from loaders.extracao.arquivos.exame import e_utf8
from loaders.extracao.arquivos.recebido import UTF8, WINDOWS, Recebido
from loaders.extracao.arquivos.recebimento import LINHA_MAXIMA

BLOCO = 2 * LINHA_MAXIMA
"""Bytes read at a time; no line is longer, not even when Latin-1 has become UTF-8. One of
Windows-1252 may be: then Python's reader reads the file."""

CONTROLES = re.compile(r"[\x00-\x08\x0b-\x1f]")
COM_CONTROLES = "control character or line break inside the line"
MOTIVOS_DE_ASPAS = {
    "unexpected end of data": "unclosed quote",
    "expected after": "text after a closing quote",
}

SEM_NOME = ""
"""The name of a last column that has none, and holds nothing."""
COM_TEXTO = "text after the last column"
OUTRA_CODIFICACAO = "not in the encoding of most lines of the file"
CORTADA = (
    "cut off: the file has no final line end, and the last value of its last line is shorter than"
    " that of every other line"
)

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
    cortadas: Collection[int] = (),
) -> Iterator[pa.RecordBatch]:
    """Read a received file.

    Args:
        recebido: the file.
        separador: what stands between its columns.
        no_arquivo: the columns in the order of the file; the last one may be `SEM_NOME`.
        contrato: the columns in the order wanted.
        rejeitar: told of each line that is not a row; blank lines are not told of.
        cortadas: lines that are rejected as cut off if they are rows, by their number in the copy
            from 0.

    Yields:
        Batches of the wanted columns as text, and `_linha`.

    Raises:
        LinhasEngolidas: what was yielded is wrong; with `so_ao_redor` false it will be right.
    """

    def numerar_e_rejeitar(linha: int, bruta: str, motivo: str) -> None:
        rejeitar(numero_da_linha(recebido, linha), bruta, motivo)

    for lote in _ler_da_copia(recebido, separador, no_arquivo, contrato, numerar_e_rejeitar):
        yield _numerado(recebido, _sem_cortadas(recebido, lote, cortadas, numerar_e_rejeitar))


def _ler_da_copia(
    recebido: Recebido,
    separador: str,
    no_arquivo: Sequence[str],
    contrato: Sequence[str],
    rejeitar: Rejeitar,
) -> Iterator[pa.RecordBatch]:
    """The same, by the quickest reader that suffices; numbers are those of the copy, from 0."""
    # A last column without a name is not looked at by the quick reader: it has to be empty.
    vazia = no_arquivo[-1] != SEM_NOME or recebido.com_ultimo_vazio == recebido.lidas
    if not (recebido.simples and vazia):
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


def numero_da_linha(recebido: Recebido, linha: int) -> int:
    """The number that a line of the copy has in the delivery, from 1."""
    parte = bisect_right(recebido.saltos, linha, key=lambda salto: salto[0]) - 1
    return linha + recebido.saltos[parte][1] + 1


def _numerado(recebido: Recebido, lote: pa.RecordBatch) -> pa.RecordBatch:
    """The same for the lines of a batch, which lie in one part or in several."""
    linhas = lote.column("_linha")
    if not len(linhas):
        return lote
    comecos = [comeco for comeco, _ in recebido.saltos]
    trechos = []
    de, ultima = 0, linhas[-1].as_py()
    while de < len(linhas):
        parte = bisect_right(comecos, linhas[de].as_py()) - 1
        ate = len(linhas)
        if parte + 1 < len(comecos) and comecos[parte + 1] <= ultima:
            ate = pc.sum(pc.less(linhas, comecos[parte + 1])).as_py()
        trechos.append(pc.add(linhas[de:ate], recebido.saltos[parte][1] + 1))
        de = ate
    return lote.set_column(lote.num_columns - 1, "_linha", pa.concat_arrays(trechos))


def _sem_cortadas(
    recebido: Recebido, lote: pa.RecordBatch, cortadas: Collection[int], rejeitar: Rejeitar
) -> pa.RecordBatch:
    """The rows of a batch but those of lines that were cut off."""
    if not cortadas:
        return lote
    fora = pc.is_in(lote.column("_linha"), pa.array(sorted(cortadas), pa.int64()))
    for linha in lote.column("_linha").filter(fora).to_pylist():
        with recebido.copia.open("rb") as copia:
            copia.seek(recebido.incertas[linha])
            bruta = copia.readline().removesuffix(b"\n")
        rejeitar(linha, bruta.decode(recebido.codificacao, "backslashreplace"), CORTADA)
    return lote.filter(pc.invert(fora))


def contar_colunas(esperadas: int, achadas: int) -> str:
    """The reason of a line with too few or too many columns."""
    return f"expected {esperadas} columns, found {achadas}"


class _EmUtf8:
    """A stream that turns an encoding of one byte a letter into UTF-8."""

    closed = False

    def __init__(self, bruto: IO[bytes], codificacao: str) -> None:
        self.bruto = bruto
        self.codificacao = codificacao

    def read(self, quantos: int) -> bytes:
        return self.bruto.read(max(1, quantos // 3)).decode(self.codificacao).encode()


def _ler_simples(
    recebido: Recebido,
    separador: str,
    no_arquivo: Sequence[str],
    contrato: Sequence[str],
    rejeitar: Rejeitar,
) -> Iterator[pa.RecordBatch]:
    puladas: deque[int] = deque()

    def pular(linha: Any) -> str:
        numero = linha.number - 1
        puladas.append(numero)
        rejeitar(numero, linha.text, contar_colunas(linha.expected_columns, linha.actual_columns))
        return "skip"

    with recebido.copia.open("rb") as bruto:
        utf8 = recebido.codificacao == UTF8
        fluxo = bruto if utf8 else _EmUtf8(bruto, recebido.codificacao)
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
        proxima = 0
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
    sem_nome = no_arquivo[-1] == SEM_NOME
    primeira = 0
    with recebido.copia.open("rb") as bruto:
        while brutas := bruto.readlines(BLOCO):
            linhas = _decodificadas(brutas, primeira, recebido, rejeitar)
            linhas_de_dados = _todas_de_uma_vez(linhas, separador, largura, sem_nome)
            if linhas_de_dados is None:
                pares = list(_uma_a_uma(linhas, primeira, separador, largura, sem_nome, rejeitar))
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


def _decodificadas(
    brutas: list[bytes], primeira: int, recebido: Recebido, rejeitar: Rejeitar
) -> list[str]:
    """Lines as text, without their ends; those in another encoding are rejected, and blank."""
    if not recebido.mista or all(map(bytes.isascii, brutas)):
        return b"".join(brutas).decode(recebido.codificacao).split("\n")[:-1]
    linhas = []
    for numero, com_fim in enumerate(brutas, primeira):
        bruta = com_fim[:-1]
        if bruta.isascii() or e_utf8(bruta) == (recebido.codificacao == UTF8):
            linhas.append(bruta.decode(recebido.codificacao))
        else:
            outra = WINDOWS if recebido.codificacao == UTF8 else UTF8
            rejeitar(numero, mostrada(bruta.decode(outra, "backslashreplace")), OUTRA_CODIFICACAO)
            linhas.append("")
    return linhas


def mostrada(linha: str) -> str:
    r"""A line whose control characters stand as `\x00`."""
    return CONTROLES.sub(lambda c: f"\\x{ord(c[0]):02x}", linha)


def _todas_de_uma_vez(
    linhas: list[str], separador: str, largura: int, sem_nome: bool
) -> list[list[str]] | None:
    """The rows of a batch, or nothing if any of its lines has to be looked at by itself."""
    if CONTROLES.search("\n".join(linhas)):
        return None
    try:
        achadas = list(csv.reader(linhas, delimiter=separador, strict=True))
    except csv.Error:
        return None
    # A quote that swallowed a line makes fewer rows than lines, never as many.
    certas = len(achadas) == len(linhas) and all(len(campos) == largura for campos in achadas)
    if sem_nome and certas:
        certas = not any(campos[-1] for campos in achadas)
    return achadas if certas else None


def _uma_a_uma(
    linhas: list[str],
    primeira: int,
    separador: str,
    largura: int,
    sem_nome: bool,
    rejeitar: Rejeitar,
) -> Iterator[tuple[int, list[str]]]:
    for numero, linha in enumerate(linhas, primeira):
        if not linha:
            continue
        if CONTROLES.search(linha):
            rejeitar(numero, mostrada(linha), COM_CONTROLES)
            continue
        try:
            (campos,) = csv.reader([linha], delimiter=separador, strict=True)
        except csv.Error as erro:
            motivo = next((m for t, m in MOTIVOS_DE_ASPAS.items() if t in str(erro)), "bad quotes")
            rejeitar(numero, linha, motivo)
            continue
        if len(campos) != largura:
            rejeitar(numero, linha, contar_colunas(largura, len(campos)))
        elif sem_nome and campos[-1]:
            rejeitar(numero, linha, COM_TEXTO)
        else:
            yield numero, campos
