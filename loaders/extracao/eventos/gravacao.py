"""Writes what was read: rows, what is no row, how far the log was read, and the load itself.

All of it in one transaction. So each message is in the warehouse once, whatever dies when: the next
reader begins where this transaction says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.armazem import Armazem
from loaders.armazem.sql import literal
from loaders.contratos import Tabela
from loaders.controle.cargas import Carga, atualizar
from loaders.controle.tabelas import gravar, qualificada
from loaders.extracao.esquecidos import Esquecidos
from loaders.extracao.eventos.transporte import Lacuna, Lugar
from loaders.nucleo.falhas import ponto_de_falha

DE_ESQUECIDO = "of somebody who was erased (lastro forget); its text was not kept"
POR_VEZ = 500
"""Partitions that one statement names."""
Onde = tuple[str, str]
"""A log and one of its partitions."""


@dataclass(frozen=True)
class Recusada:
    """A message that is no row.

    Attributes:
        topico: the log.
        particao: its partition.
        deslocamento: where it stands there.
        numero: the same among the messages of the load.
        texto: what it says.
        motivo: why it is none.
    """

    topico: str
    particao: str
    deslocamento: str
    numero: int
    texto: str
    motivo: str


@dataclass
class Lote:
    """What is written at once.

    Attributes:
        linhas: the values of a row, by the columns of the leitor.
        origens: of each row log, partition, position, and the microsecond at which it came.
        recusadas: what is no row.
        lugares: how far each partition is read then.
        lacunas: what is missing before it.
    """

    linhas: list[list[Any]] = field(default_factory=list)
    origens: list[tuple[str, str, str, int]] = field(default_factory=list)
    recusadas: list[Recusada] = field(default_factory=list)
    lugares: dict[Onde, Lugar] = field(default_factory=dict)
    lacunas: list[Lacuna] = field(default_factory=list)
    bytes: int = 0

    @property
    def mensagens(self) -> int:
        """How many there are."""
        return len(self.linhas) + len(self.recusadas)


class Gravacao:
    """Writes the events of one table."""

    def __init__(self, armazem: Armazem, tabela: Tabela, nomes: list[str]) -> None:
        """Nothing is written yet.

        Args:
            armazem: the warehouse.
            tabela: the table.
            nomes: the columns of the rows that are given, in their order.
        """
        self.armazem = armazem
        self.tabela = tabela
        self.raw = armazem.qualificado(tabela)
        tipos = {c.nome: c.arrow for c in tabela.colunas}
        self.nomes = [*nomes, "_topico", "_particao", "_deslocamento", "_recebido_em"]
        self.esquema = pa.schema(
            [(n, tipos[n]) for n in (*self.nomes, "_carga_id", "_carregado_em")]
        )

    def lugares(self, onde: Iterable[Onde] | None = None) -> dict[Onde, Lugar]:
        """How far the table was read, as the warehouse says.

        Args:
            onde: these partitions only.
        """
        quais = ["true"] if onde is None else list(_condicoes(onde))
        return {
            (topico, resto[0]): Lugar(*resto)
            for estes in quais
            for topico, *resto in self.armazem.linhas(
                "select topico, particao, posicao, encerrada, em_dia_em, marca, arquivo"
                f" from {qualificada(self.armazem, 'posicoes')} where {self._dela} and {estes}"
            )
        }

    def gravar(self, lote: Lote, carga: Carga, esquecidos: Esquecidos) -> None:
        """Write what was read, and commit it."""
        with self.armazem.transacao():
            ponto_de_falha("eventos.antes_de_gravar")
            self.por(lote, carga, esquecidos)
            atualizar(self.armazem, carga)
            ponto_de_falha("eventos.antes_do_commit")
        ponto_de_falha("eventos.depois_do_commit")

    def por(self, lote: Lote, carga: Carga, esquecidos: Esquecidos) -> None:
        """Write all but the load, inside a transaction, and count it."""
        tabelas = [qualificada(self.armazem, n) for n in ("rejeicoes", "lacunas")]
        self.armazem.resguardar([self.raw, *tabelas])
        mudam = [qualificada(self.armazem, n) for n in ("posicoes", "cargas")]
        self.armazem.resguardar(mudam, muda=True)
        carga.lidas += lote.mensagens
        dados = self._dados(lote, carga)
        fora = esquecidos.deles(self.tabela, dados) if lote.linhas else None
        if fora is not None:
            carga.suprimidas += pc.sum(fora).as_py() or 0
            dados = dados.filter(pc.invert(fora))
        if dados.num_rows:
            carga.gravadas += dados.num_rows
            self.armazem.anexar(self.raw, pa.RecordBatchReader.from_batches(self.esquema, [dados]))
        if lote.recusadas:
            carga.rejeitadas += len(lote.recusadas)
            gravar(self.armazem, "rejeicoes", [self._recusa(r, carga, esquecidos)
                                               for r in lote.recusadas])  # fmt: skip
        if lote.lacunas:
            gravar(self.armazem, "lacunas", [self._lacuna(falta, carga) for falta in lote.lacunas])
        ponto_de_falha("eventos.antes_das_posicoes")
        self._guardar(lote.lugares)

    def guardar(self, lugares: Mapping[Onde, Lugar]) -> None:
        """Write how far partitions were read of which nothing is to be landed, and commit it."""
        with self.armazem.transacao():
            self._guardar(lugares)

    def _dados(self, lote: Lote, carga: Carga) -> pa.RecordBatch:
        quantas = len(lote.linhas)
        colunas = list(zip(*lote.linhas, strict=True)) or [()] * (len(self.nomes) - 4)
        origens = list(zip(*lote.origens, strict=True)) or [()] * 4
        vetores = [
            pa.array(valores, self.esquema.field(nome).type)
            for nome, valores in zip(self.nomes, (*colunas, *origens), strict=True)
        ]
        agora = datetime.now(UTC)
        for nome, valor in (("_carga_id", carga.id), ("_carregado_em", agora)):
            vetores.append(pa.repeat(pa.scalar(valor, self.esquema.field(nome).type), quantas))
        return pa.record_batch(vetores, schema=self.esquema)

    @property
    def _dela(self) -> str:
        return f"fonte = '{self.tabela.fonte}' and tabela = '{self.tabela.nome}'"

    def _guardar(self, lugares: Mapping[Onde, Lugar]) -> None:
        if not lugares:
            return
        posicoes = qualificada(self.armazem, "posicoes")
        self.armazem.resguardar([posicoes], muda=True)
        for estes in _condicoes(lugares):
            self.armazem.executar(f"delete from {posicoes} where {self._dela} and {estes}")
        comuns = {
            "fonte": self.tabela.fonte,
            "tabela": self.tabela.nome,
            "atualizado_em": datetime.now(UTC),
        }
        gravar(
            self.armazem,
            "posicoes",
            [{**vars(lugar), **comuns, "topico": topico} for (topico, _), lugar in lugares.items()],
        )

    def _lacuna(self, lacuna: Lacuna, carga: Carga) -> dict[str, Any]:
        return {
            "fonte": self.tabela.fonte,
            "tabela": self.tabela.nome,
            "topico": lacuna.topico,
            "particao": lacuna.lugar.particao,
            "de": lacuna.de,
            "ate": lacuna.ate,
            "descricao": lacuna.dita,
            "_carga_id": carga.id,
            "aceita_em": datetime.now(UTC),
        }

    @staticmethod
    def _recusa(recusada: Recusada, carga: Carga, esquecidos: Esquecidos) -> dict[str, Any]:
        texto, motivo = recusada.texto, recusada.motivo
        if texto and esquecidos.lista and esquecidos.lista.em_linha(texto):
            texto, motivo = "", f"{motivo}; {DE_ESQUECIDO}"
        return {
            "_carga_id": carga.id,
            "_arquivo": f"{recusada.topico}/{recusada.particao}",
            "_linha": recusada.numero,
            "linha_bruta": texto,
            "motivo": motivo,
            "_deslocamento": recusada.deslocamento,
        }


def _condicoes(onde: Iterable[Onde]) -> Iterator[str]:
    """SQL: whether a row of `posicoes` is of some partitions; a condition for so many at once."""
    pares = [f"({literal(topico)}, {literal(particao)})" for topico, particao in onde]
    for n in range(0, len(pares), POR_VEZ):
        yield f"(topico, particao) in ({', '.join(pares[n : n + POR_VEZ])})"
