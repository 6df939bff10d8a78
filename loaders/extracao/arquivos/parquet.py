"""Reads Parquet files: their columns are typed, and land as text like those of all files."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.contratos import Tabela
from loaders.contratos.tabela import como_cabecalho
from loaders.extracao.arquivos.cabecalho import conferir_colunas
from loaders.extracao.arquivos.descompressao import BLOCO
from loaders.extracao.arquivos.entrega import Leitura
from loaders.extracao.arquivos.escritas import PONTO
from loaders.extracao.arquivos.leitura import Rejeitar
from loaders.extracao.arquivos.textos import do_arrow, em_json
from loaders.nucleo.erros import FonteRecusada
from loaders.nucleo.nomes import escapar

LOTE = 65_536
"""Rows read at a time."""
QUEBRADO = "its Parquet data is broken or cut off: it did not come whole"
NAO_E_TEXTO = "a text with a NUL"


class Parquet:
    """A Parquet file, or several parts of one."""

    SEM_LINHAS = "it has no rows"
    forma_decimal: str | None = PONTO
    sem_fim = 0

    def __init__(self, tabela: Tabela, leitura: Leitura, copia: Path) -> None:
        """Receive it.

        Args:
            tabela: its contract.
            leitura: the delivery.
            copia: how the files are called, but for a number, in which it is kept.

        Raises:
            OSError: it cannot be read.
        """
        self.contrato = list(tabela.do_cabecalho)
        self.em_partes = leitura.em_partes
        self.problema: str | None = None
        self.tamanho = self.lidas = 0
        self.compressoes: set[str] = set()
        self.partes: list[tuple[str, Path]] = []
        resumo = hashlib.sha256()
        for nome, aberto in leitura:
            parte = copia.with_name(f"{copia.name}{len(self.partes)}")
            with parte.open("wb") as destino:
                while bloco := aberto.read(BLOCO):
                    resumo.update(bloco)
                    self.tamanho += destino.write(bloco)
            self.partes.append((escapar(nome.rpartition("/")[2]), parte))
            self._ver(parte, aberto.expandido)
        self.sha256 = resumo.hexdigest()
        self.vazio = not self.tamanho
        if self.problema:
            self.lidas = 0

    def _ver(self, parte: Path, expandido: int | None) -> None:
        """Note how many rows a part has, or that it is broken."""
        try:
            with aberto(parte) as arquivo:
                dados = arquivo.metadata
                grupos = [dados.row_group(n) for n in range(dados.num_row_groups)]
                self.lidas += dados.num_rows
                self.compressoes |= {
                    g.column(c).compression.lower() for g in grupos for c in range(g.num_columns)
                }
                if expandido and sum(g.total_byte_size for g in grupos) > expandido:
                    self.problema = (
                        f"decompressed it has more than {expandido:,} bytes, which is more than"
                        " LASTRO_MAX_EXPANSION allows"
                    )
        except FonteRecusada as erro:
            self.problema = self.problema or str(erro)

    def formato(self) -> list[str]:
        """What was found so far, as readable parts."""
        partes = [f"{len(self.partes)} parts"] if self.em_partes else []
        return [*partes, "parquet", *sorted(self.compressoes - {"uncompressed"})]

    def conferir(self) -> None:
        """See that each part has the columns of its contract.

        Raises:
            FonteRecusada: one has not.
        """
        for _, parte in self.partes:
            with aberto(parte) as arquivo:
                conferir_colunas(nomes_das_colunas(arquivo), self.contrato)

    def lotes(self, rejeitar: Rejeitar) -> Iterator[pa.RecordBatch]:
        """The contract's columns as text, by their names in a file, and `_linha`: from 1.

        Raises:
            FonteRecusada: it is broken, or a column holds what is no text.
        """
        for lote in self._lidos():
            yield self._sem_nulos_no_texto(lote, rejeitar)

    def _lidos(self) -> Iterator[pa.RecordBatch]:
        primeira = 1
        for _, parte in self.partes:
            with aberto(parte) as arquivo:
                colunas = nomes_das_colunas(arquivo)
                onde = [colunas.index(c) for c in self.contrato]
                for lote in arquivo.iter_batches(LOTE, use_threads=False):
                    linhas = pa.arange(primeira, primeira + lote.num_rows)
                    primeira += lote.num_rows
                    textos = [do_arrow(lote.column(n)) for n in onde]
                    yield pa.record_batch([*textos, linhas], names=[*self.contrato, "_linha"])

    def _sem_nulos_no_texto(self, lote: pa.RecordBatch, rejeitar: Rejeitar) -> pa.RecordBatch:
        """The rows of a batch but those with a NUL, which PostgreSQL has in no text."""
        fora = pa.repeat(False, lote.num_rows)
        for nome in self.contrato:
            com_nulo = pc.match_substring(lote.column(nome), "\0")
            fora = pc.or_(fora, pc.fill_null(com_nulo, False))
        if not fora.true_count:
            return lote
        for linha in lote.filter(fora).to_pylist():
            rejeitar(linha.pop("_linha"), em_json(linha), NAO_E_TEXTO)
        return lote.filter(pc.invert(fora))


@contextmanager
def aberto(parte: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file to be read.

    Raises:
        FonteRecusada: it is none, or broken, or it is found to be so while it is read.
    """
    try:
        with pq.ParquetFile(parte) as arquivo:
            yield arquivo
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise FonteRecusada(QUEBRADO) from None


def nomes_das_colunas(arquivo: pq.ParquetFile) -> list[str]:
    """The names of a file's columns, as those of all files are compared."""
    return [como_cabecalho(nome) for nome in arquivo.schema_arrow.names]
