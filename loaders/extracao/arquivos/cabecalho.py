"""The columns of a delivered file, held against those of its contract."""

import csv
import re
from collections.abc import Sequence

from loaders.contratos.tabela import como_cabecalho
from loaders.extracao.arquivos.exame import ILEGIVEL
from loaders.extracao.arquivos.leitura import SEM_NOME
from loaders.extracao.arquivos.recebido import Recebido
from loaders.nucleo.erros import FonteRecusada

ESTRANHAS_MOSTRADAS = 5
NOME_DE_COLUNA = re.compile(r"[a-z_]{1,40}")


def ler_cabecalho(
    recebido: Recebido, contrato: Sequence[str], separadores: tuple[str, ...]
) -> tuple[str, list[str]]:
    """The separator of a CSV file, and its columns in the order of the file.

    Args:
        recebido: the file.
        contrato: the columns that it has to have.
        separadores: what may stand between them.

    Raises:
        FonteRecusada: the header is not that of the contract. No text of the file is repeated that
            does not look like the name of a column: a file without a header begins with data.
    """
    try:
        texto = recebido.cabecalho.decode(recebido.codificacao)
    except UnicodeDecodeError:
        raise FonteRecusada(ILEGIVEL) from None
    if "\r" in texto:
        raise FonteRecusada("its lines are not ended by LF or CRLF")
    if dito := recebido.separador_dito:
        if dito not in separadores:
            raise FonteRecusada(
                f"its first line says that {dito!r} separates its columns;"
                f" {' and '.join(map(mostrado, separadores))} are read"
            )
        separadores = (dito,)
    candidatos = [(s, nomes_do_cabecalho(texto, s)) for s in separadores]
    separador, colunas = max(candidatos, key=lambda c: len(set(c[1]) & set(contrato)))
    if not set(colunas) & set(contrato):
        raise FonteRecusada(
            f"its first line is not a header: none of the columns {', '.join(contrato)} is in it,"
            f" separated by {' or '.join(map(mostrado, separadores))}"
        )
    sem_nome = colunas[-1] == SEM_NOME
    if sem_nome:
        del colunas[-1]
    conferir_colunas(colunas, contrato)
    if recebido.com_ultimo_vazio and (
        sem_nome or _todas_tem_uma_vazia_a_mais(recebido, separador, len(colunas))
    ):
        colunas.append(SEM_NOME)
    return separador, colunas


def mostrado(separador: str) -> str:
    """A separator, as messages write it."""
    return "tab" if separador == "\t" else separador


def conferir_colunas(colunas: Sequence[str], contrato: Sequence[str]) -> None:
    """See that a file has the columns of its contract, each once, and no others.

    Raises:
        FonteRecusada: it has not; the message names them, where they look like names.
    """
    if problemas := diferencas(colunas, contrato):
        raise FonteRecusada(f"its columns are not those of the contract ({'; '.join(problemas)})")


def diferencas(colunas: Sequence[str], contrato: Sequence[str]) -> list[str]:
    """What is missing, there more than once, or unknown of some columns, in words."""
    problemas = []
    if faltam := [c for c in contrato if c not in colunas]:
        problemas.append(f"missing: {', '.join(faltam)}")
    if repetidas := sorted({c for c in colunas if c in contrato and list(colunas).count(c) > 1}):
        problemas.append(f"more than once: {', '.join(repetidas)}")
    estranhas = [
        c if NOME_DE_COLUNA.fullmatch(c) else f"column {n}"
        for n, c in enumerate(colunas, 1)
        if c not in contrato
    ]
    if estranhas:
        demais = len(estranhas) - ESTRANHAS_MOSTRADAS
        mostradas = ", ".join(estranhas[:ESTRANHAS_MOSTRADAS])
        problemas.append(f"unknown: {mostradas}" + (f" and {demais} more" if demais > 0 else ""))
    return problemas


def _todas_tem_uma_vazia_a_mais(recebido: Recebido, separador: str, colunas: int) -> bool:
    """Whether every line has all columns and then a separator, which the header has not."""
    if recebido.com_ultimo_vazio < recebido.lidas - recebido.sem_fim:
        return False
    with recebido.copia.open(
        encoding=recebido.codificacao, errors="replace", newline="\n"
    ) as copia:
        primeira = next(linha for linha in copia if linha != "\n")
    return len(nomes_do_cabecalho(primeira, separador)) == colunas + 1


def nomes_do_cabecalho(cabecalho: str, separador: str) -> list[str]:
    """The names in a header line, as they are compared; quotes may stand around them."""
    try:
        (campos,) = csv.reader([cabecalho.rstrip("\n")], delimiter=separador, strict=True)
    except (csv.Error, ValueError):
        campos = cabecalho.split(separador)
    return list(map(como_cabecalho, campos))
