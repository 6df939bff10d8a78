"""Reads JSON Lines: each line is an object with the contract's columns as keys, or a reject."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.contratos import Tabela
from loaders.contratos.tabela import como_cabecalho
from loaders.extracao.arquivos.cabecalho import diferencas
from loaders.extracao.arquivos.entrega import Leitura
from loaders.extracao.arquivos.escritas import PONTO
from loaders.extracao.arquivos.leitura import (
    BLOCO,
    OUTRA_CODIFICACAO,
    Rejeitar,
    mostrada,
    numero_da_linha,
)
from loaders.extracao.arquivos.recebido import UTF8, WINDOWS
from loaders.extracao.arquivos.recebimento import receber
from loaders.extracao.arquivos.textos import Numero, SemTexto, do_json
from loaders.nucleo.erros import FonteRecusada


class NaoELinha(ValueError):
    """A line that is no row; the message says why."""


class LinhasJson:
    """A JSON Lines file, or several parts of one."""

    SEM_LINHAS = "it has no rows"
    forma_decimal: str | None = PONTO

    def __init__(self, tabela: Tabela, leitura: Leitura, copia: Path) -> None:
        """Receive it.

        Args:
            tabela: its contract.
            leitura: the delivery.
            copia: file to write.

        Raises:
            OSError: it cannot be read.
        """
        self.contrato = list(tabela.do_cabecalho)
        self.recebido = receber(leitura, copia, leitura.em_partes, separadores=())
        self.sha256, self.tamanho = self.recebido.sha256, self.recebido.tamanho
        self.lidas, self.problema = self.recebido.lidas, self.recebido.problema
        self.vazio = not self.lidas
        self.sem_fim = self.recebido.sem_fim

    def formato(self) -> list[str]:
        """What was found so far, as readable parts."""
        return [*self.recebido.formato(), "json lines"]

    def conferir(self) -> None:
        """See that it is UTF-8, as JSON is; columns are those of each line.

        Raises:
            FonteRecusada: it is not.
        """
        if self.recebido.codificacao != UTF8:
            raise FonteRecusada("it is no UTF-8 text, as JSON is")

    def lotes(self, rejeitar: Rejeitar) -> Iterator[pa.RecordBatch]:
        """The contract's columns as text, by their names in a file, and `_linha`."""
        numero = 0
        with self.recebido.copia.open("rb") as copia:
            while brutas := copia.readlines(BLOCO):
                linhas: list[list[Any]] = []
                for bruta in (b.removesuffix(b"\n") for b in brutas):
                    onde, numero = numero_da_linha(self.recebido, numero), numero + 1
                    if not bruta:
                        continue
                    try:
                        linhas.append([*self._linha(bruta), onde])
                    except UnicodeDecodeError:
                        texto = bruta.decode(WINDOWS, "backslashreplace")
                        rejeitar(onde, mostrada(texto), OUTRA_CODIFICACAO)
                    except (NaoELinha, SemTexto) as erro:
                        rejeitar(onde, mostrada(bruta.decode()), str(erro))
                if linhas:
                    *colunas, numeros = zip(*linhas, strict=True)
                    yield pa.record_batch(
                        [*(pa.array(c, pa.string()) for c in colunas), pa.array(numeros)],
                        names=[*self.contrato, "_linha"],
                    )

    def _linha(self, bruta: bytes) -> list[str | None]:
        objeto = ler_objeto(bruta.decode())
        if problemas := diferencas(list(objeto), self.contrato):
            raise NaoELinha("; ".join(problemas))
        return [do_json(objeto[c]) for c in self.contrato]


def ler_objeto(texto: str) -> dict[str, Any]:
    """A line as an object, its keys as headers are compared, its numbers as they are written.

    Raises:
        NaoELinha: it is none, or has a key twice.
    """
    return {como_cabecalho(chave): valor for chave, valor in ler_como_escrito(texto).items()}


def ler_como_escrito(texto: str) -> dict[str, Any]:
    """A line as an object, its keys and numbers as they are written.

    Raises:
        NaoELinha: it is none, or has a key twice.
    """
    try:
        lido = json.loads(
            texto, parse_int=Numero, parse_float=Numero, parse_constant=_recusar,
            object_pairs_hook=_Pares,
        )  # fmt: skip
    except (ValueError, RecursionError):
        raise NaoELinha("no JSON") from None
    if not isinstance(lido, _Pares):
        raise NaoELinha("no JSON object")
    vezes = Counter(como_cabecalho(chave) for chave, _ in lido)
    if repetidas := sorted(c for c, n in vezes.items() if n > 1):
        conhecidas = [c for c in repetidas if c.isascii() and c.isidentifier()]
        raise NaoELinha(f"more than once: {', '.join(conhecidas) or 'a key'}")
    return {chave: _sem_pares(valor) for chave, valor in lido}


class _Pares(list[tuple[str, Any]]):
    """The keys and values of an object, none of them lost."""


def _sem_pares(valor: Any) -> Any:
    if isinstance(valor, _Pares):
        return {chave: _sem_pares(v) for chave, v in valor}
    return [_sem_pares(v) for v in valor] if isinstance(valor, list) else valor


def _recusar(_: str) -> None:
    raise ValueError
