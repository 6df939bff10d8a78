"""What loaders share when they write: the control tables, and streams into the warehouse."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from loaders.armazem import Armazem
from loaders.contratos import DO_CONTROLE, Tabela, fontes

Progresso = Callable[[str, int], None]
"""Told the table or file and the rows read so far."""


def tabela_de_controle(nome: str) -> Tabela:
    """One of the tables of the schema `controle`."""
    return fontes()[DO_CONTROLE].tabela(nome)


def qualificada(armazem: Armazem, nome: str) -> str:
    """The qualified name of one of the tables of `controle`."""
    return armazem.qualificado(tabela_de_controle(nome))


def existe(armazem: Armazem, nome: str) -> bool:
    """Whether one of the tables of `controle` is there: who only reads does not make it."""
    tabela = tabela_de_controle(nome)
    return bool(
        armazem.linhas(
            f"select 1 from ({armazem.COLUNAS}) as c (esquema, tabela, coluna)"
            f" where esquema = '{armazem.esquema(tabela.esquema)}' and tabela = '{tabela.nome}'"
            " limit 1"
        )
    )


def proximo_id(armazem: Armazem) -> int:
    """The number of the next load."""
    return int(
        armazem.valor(
            f"select coalesce(max(_carga_id), 0) + 1 from {qualificada(armazem, 'cargas')}"
        )
    )


def gravar(armazem: Armazem, nome: str, linhas: Sequence[dict[str, Any]]) -> None:
    """Append rows to one of the tables of `controle`; columns that they lack are null."""
    tabela = tabela_de_controle(nome)
    esquema = pa.schema([(c.nome, c.arrow) for c in tabela.colunas])
    dados = pa.Table.from_pylist(list(linhas), schema=esquema)
    armazem.anexar(armazem.qualificado(tabela), dados.to_reader())


def escrever(
    lotes: Iterator[pa.RecordBatch],
    esquema: pa.Schema,
    gravar_em: Callable[[pa.RecordBatchReader], None],
) -> None:
    """Hand a stream to the engine, which hides what went wrong in it behind its own error."""
    falha: list[BaseException] = []

    def vigiados() -> Iterator[pa.RecordBatch]:
        try:
            yield from lotes
        except BaseException as erro:
            falha.append(erro)
            raise

    try:
        gravar_em(pa.RecordBatchReader.from_batches(esquema, vigiados()))
    except Exception as erro:
        if falha:
            raise falha[0] from erro
        raise


def com_constantes(
    lotes: Iterable[pa.RecordBatch], esquema: pa.Schema, constantes: Mapping[str, Any]
) -> Iterator[pa.RecordBatch]:
    """Rows in the order of a schema, with the columns that are the same in all of them."""
    blocos = {nome: pa.array([], esquema.field(nome).type) for nome in constantes}
    tamanho = 0
    for lote in lotes:
        if tamanho < lote.num_rows:
            tamanho = lote.num_rows
            for nome, valor in constantes.items():
                blocos[nome] = pa.repeat(pa.scalar(valor, esquema.field(nome).type), tamanho)
        vetores = [
            blocos[nome][: lote.num_rows] if nome in blocos else lote.column(nome)
            for nome in esquema.names
        ]
        yield pa.record_batch(vetores, schema=esquema)
