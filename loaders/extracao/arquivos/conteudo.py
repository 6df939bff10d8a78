"""What a delivered file holds, whatever its format: rows of text, each with its line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from loaders.contratos import Tabela
from loaders.contratos.padroes import Formato
from loaders.extracao.arquivos.cabecalho import ler_cabecalho, mostrado
from loaders.extracao.arquivos.cortes import cortadas
from loaders.extracao.arquivos.entrega import Leitura
from loaders.extracao.arquivos.escritas import CENTAVOS
from loaders.extracao.arquivos.leitura import SEM_NOME, LinhasEngolidas, Rejeitar, ler
from loaders.extracao.arquivos.linhas_json import LinhasJson
from loaders.extracao.arquivos.parquet import Parquet
from loaders.extracao.arquivos.recebimento import receber


class Conteudo(Protocol):
    """A delivery that was received.

    Attributes:
        sha256: of the bytes as delivered, those of all parts one after the other.
        tamanho: their number.
        lidas: rows and lines that are none; 0 where they cannot be told apart.
        problema: why the content cannot be read at all, or nothing.
        vazio: whether it holds nothing.
        sem_fim: how many last lines, one of each part, have no line end.
        forma_decimal: how amounts are written where no text shows it; nothing where texts may
            differ.
        SEM_LINHAS: what is said of one without rows.
    """

    SEM_LINHAS: str

    sha256: str
    tamanho: int
    lidas: int
    problema: str | None
    vazio: bool
    sem_fim: int
    forma_decimal: str | None

    def formato(self) -> list[str]:
        """What was found so far, as readable parts."""

    def conferir(self) -> None:
        """See that it has the columns of its contract.

        Raises:
            FonteRecusada: it has not.
        """

    def lotes(self, rejeitar: Rejeitar) -> Iterator[pa.RecordBatch]:
        """The contract's columns as text, by their names in a file, and `_linha`.

        Args:
            rejeitar: told of each line that is not a row.

        Raises:
            LidoErrado: what was yielded is wrong; read again it will be right.
            FonteRecusada: it is broken.
        """


class LidoErrado(Exception):
    """The quick reader was deceived; the careful one will not be."""


class Csv:
    """A CSV file, or several parts of one."""

    SEM_LINHAS = "it has only a header"
    forma_decimal: str | None = None

    def __init__(self, tabela: Tabela, leitura: Leitura, copia: Path) -> None:
        """Receive it.

        Args:
            tabela: its contract.
            leitura: the delivery.
            copia: file to write.

        Raises:
            OSError: it cannot be read.
        """
        self.tabela = tabela
        self.contrato = list(tabela.do_cabecalho)
        self.recebido = receber(leitura, copia, leitura.em_partes, tabela.separadores)
        self.sha256, self.tamanho = self.recebido.sha256, self.recebido.tamanho
        self.lidas, self.problema = self.recebido.lidas, self.recebido.problema
        self.vazio = not self.recebido.cabecalho.strip() and not self.lidas
        self.sem_fim = self.recebido.sem_fim
        self.separador = ""
        self.colunas: list[str] = []

    def formato(self) -> list[str]:
        """What was found so far, as readable parts."""
        partes = self.recebido.formato()
        if self.colunas:
            partes.append(f"separator {mostrado(self.separador)}")
            partes += ["quoted"] if self.recebido.aspas else []
            partes += ["empty last column"] if self.colunas[-1] == SEM_NOME else []
        return partes

    def conferir(self) -> None:
        """See that its header is that of its contract.

        Raises:
            FonteRecusada: it is not.
        """
        self.separador, self.colunas = ler_cabecalho(
            self.recebido, self.contrato, self.tabela.separadores
        )

    def lotes(self, rejeitar: Rejeitar) -> Iterator[pa.RecordBatch]:
        """The contract's columns as text, by their names in a file, and `_linha`.

        Raises:
            LidoErrado: what was yielded is wrong; read again it will be right.
        """
        centavos = [c for c, partes in self.tabela.escalas.items() if partes[1] == CENTAVOS[1]]
        nomes = [self.tabela.do_cabecalho.get(c, c) for c in self.colunas]
        fora = cortadas(self.recebido, self.separador, nomes, centavos, self.tabela.datas)
        try:
            yield from ler(
                self.recebido, self.separador, self.colunas, self.contrato, rejeitar, fora
            )
        except LinhasEngolidas as erro:
            self.recebido.so_ao_redor = False
            raise LidoErrado from erro


def receber_conteudo(tabela: Tabela, leitura: Leitura, pasta: Path) -> Conteudo:
    """Receive a delivery.

    Args:
        tabela: its contract.
        leitura: the delivery.
        pasta: a folder for what is made of it.

    Raises:
        OSError: it cannot be read.
    """
    formatos: dict[Formato, type[Csv | Parquet | LinhasJson]] = {
        "csv": Csv, "parquet": Parquet, "jsonl": LinhasJson,
    }  # fmt: skip
    return formatos[tabela.padrao.formato](tabela, leitura, pasta / "copia")
