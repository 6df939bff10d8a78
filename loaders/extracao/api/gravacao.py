"""Writes one page: rows, what is no row, the calls, how far the sweep is, and the load itself.

All of it in one transaction, so that whatever dies when, the next load goes on from what is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.armazem import Armazem
from loaders.armazem.sql import literal
from loaders.contratos import Tabela
from loaders.contratos.api import Api
from loaders.controle.cargas import Carga, atualizar
from loaders.controle.tabelas import gravar, qualificada
from loaders.extracao.esquecidos import Esquecidos
from loaders.nucleo.falhas import ponto_de_falha

LIDO = "lido"
"""Temporary table: the rows of a page."""
DE_ESQUECIDO = "of somebody who was erased (lastro forget); its text was not kept"


@dataclass(frozen=True)
class Posicao:
    """How far a table was read (`controle.cursores`).

    Attributes:
        cursor: where a sweep that was interrupted goes on; None where none was.
        publicado_ate: up to where the last sweep that ended has seen.
        visto_ate: the same of the one that was interrupted.
    """

    cursor: str | None = None
    publicado_ate: datetime | None = None
    visto_ate: datetime | None = None


@dataclass
class Lote:
    """What is written at once.

    Attributes:
        linhas: rows, with the loader's columns but `_operacao`.
        recusados: what is no row: its place in the answer, its text, and why.
        chamadas: the calls that were made for it.
    """

    linhas: list[dict[str, Any]] = field(default_factory=list)
    recusados: list[tuple[int, str, str]] = field(default_factory=list)
    chamadas: list[dict[str, Any]] = field(default_factory=list)


class Gravacao:
    """Writes the pages of one table."""

    def __init__(
        self, armazem: Armazem, tabela: Tabela, api: Api, chamadas: Tabela, esquecidos: Esquecidos
    ) -> None:
        """Nothing is written yet."""
        self.armazem = armazem
        self.tabela = tabela
        self.api = api
        self.chamadas = chamadas
        self.esquecidos = esquecidos
        self.raw = armazem.qualificado(tabela)
        self.colunas = [c.nome for c in tabela.de_conteudo]
        self.esquema = pa.schema(
            [(c.nome, c.arrow) for c in tabela.colunas if c.nome != "_operacao"]
        )

    def posicao(self) -> Posicao:
        """How far the table was read."""
        linhas = self.armazem.linhas(
            "select cursor, publicado_ate, visto_ate from"
            f" {qualificada(self.armazem, 'cursores')} where {self._dela}"
        )
        return Posicao(*linhas[0]) if linhas else Posicao()

    def gravar(self, lote: Lote, carga: Carga, posicao: Posicao | None) -> None:
        """Write a page, and commit it.

        Args:
            lote: what it holds.
            carga: the load, which counts it.
            posicao: how far the sweep is; None where it stays as it was.
        """
        with self.armazem.transacao():
            ponto_de_falha("api.antes_de_gravar")
            self.por(lote, carga)
            if posicao is not None:
                self._guardar(posicao)
            atualizar(self.armazem, carga)
            ponto_de_falha("api.antes_do_commit")
        ponto_de_falha("api.depois_do_commit")

    def por(self, lote: Lote, carga: Carga) -> None:
        """Write rows, what is none, and calls, inside a transaction, and count them."""
        self.armazem.resguardar([self.raw])
        if (dados := self._sem_esquecidos(lote, carga)).num_rows:
            self.armazem.anexar_temporaria(
                LIDO, pa.RecordBatchReader.from_batches(self.esquema, [dados])
            )
            carga.gravadas += self.armazem.executar(
                self._das_que_sao_novas() if self.api.ordem else self._das_que_diferem()
            )
            self.armazem.executar(f"drop table {LIDO}")
        carga.rejeitadas += self._por_recusados(lote.recusados, carga)
        if lote.chamadas:
            esquema = pa.schema([(c.nome, c.arrow) for c in self.chamadas.colunas])
            self.armazem.anexar(
                self.armazem.qualificado(self.chamadas),
                pa.Table.from_pylist(lote.chamadas, schema=esquema).to_reader(),
            )

    def _sem_esquecidos(self, lote: Lote, carga: Carga) -> pa.RecordBatch:
        dados = pa.RecordBatch.from_pylist(lote.linhas, schema=self.esquema)
        fora = self.esquecidos.deles(self.tabela, dados) if lote.linhas else None
        if fora is None:
            return dados
        carga.suprimidas += pc.sum(fora).as_py() or 0
        return dados.filter(pc.invert(fora))

    def _das_que_sao_novas(self) -> str:
        """The statement that lands each content of a key once, whenever and however often it came.

        What is listed by its publication says itself which of two states is the newer one. So the
        rows are a function of the set of answers, in whatever order they came.
        """
        chave = ", ".join(self.tabela.chave)
        mesma = " and ".join(f"a.{c} = l.{c}" for c in self.tabela.chave)
        # By the key first: PostgreSQL has no hash for what may be null.
        outras = [c for c in self.colunas if c not in self.tabela.chave]
        igual = " and ".join(["true", *(f"a.{c} is not distinct from l.{c}" for c in outras)])
        return f"""
            insert into {self.raw} ({self._todas}, _operacao)
            with vezes as (
                select
                    *,
                    row_number() over (
                        partition by {", ".join(self.colunas)} order by _linha
                    ) as _vez
                from {LIDO}
            ),
            novas as (
                select l.* from vezes as l
                where
                    _vez = 1
                    and not exists (select 1 from {self.raw} as a where {mesma} and {igual})
            )
            select
                {self._todas},
                case
                    when exists (select 1 from {self.raw} as a where {mesma})
                        or row_number() over (partition by {chave} order by _linha) > 1
                        then 'alteracao'
                    else 'inclusao'
                end
            from novas as l
        """

    def _das_que_diferem(self) -> str:
        """The statement that lands what differs from the newest state of its key."""
        chave = ", ".join(self.tabela.chave)
        mesma = " and ".join(f"a.{c} = l.{c}" for c in self.tabela.chave)
        difere = " or ".join(f"l.{c} is distinct from a.{c}" for c in self.colunas)
        de_l = ", ".join(f"l.{c}" for c in self.esquema.names)
        return f"""
            insert into {self.raw} ({self._todas}, _operacao)
            with ultimas as (
                select *, row_number() over (partition by {chave} order by _linha desc) as _vez
                from {LIDO}
            ),
            estados as (
                select
                    *,
                    row_number() over (
                        partition by {chave} order by _carga_id desc, _linha desc
                    ) as _vez
                from {self.raw}
                where ({chave}) in (select {chave} from {LIDO})
            )
            select {de_l}, case when a._operacao is null then 'inclusao' else 'alteracao' end
            from ultimas as l
            left join estados as a on {mesma} and a._vez = 1
            where l._vez = 1 and (a._operacao is null or {difere})
        """

    @property
    def _todas(self) -> str:
        return ", ".join(self.esquema.names)

    @property
    def _dela(self) -> str:
        return f"fonte = '{self.tabela.fonte}' and chave = '{self.tabela.nome}'"

    def _guardar(self, posicao: Posicao) -> None:
        cursores = qualificada(self.armazem, "cursores")
        self.armazem.resguardar([cursores], muda=True)
        self.armazem.executar(f"delete from {cursores} where {self._dela}")
        linha = {"fonte": self.tabela.fonte, "chave": self.tabela.nome}
        agora = {"atualizado_em": datetime.now(UTC)}
        gravar(self.armazem, "cursores", [linha | vars(posicao) | agora])

    def _por_recusados(self, recusados: Sequence[tuple[int, str, str]], carga: Carga) -> int:
        """Set aside what is no row, once: a sweep meets it again; return how many are new."""
        if not recusados:
            return 0
        lista = self.esquecidos.lista
        textos = [
            (onde, "" if lista and lista.em_linha(texto) else texto, motivo)
            for onde, texto, motivo in recusados
        ]
        rejeicoes, cargas = (qualificada(self.armazem, n) for n in ("rejeicoes", "cargas"))
        sabidos = {
            (texto, motivo)
            for texto, motivo in self.armazem.linhas(
                f"select r.linha_bruta, r.motivo from {rejeicoes} as r"
                f" inner join {cargas} as c on r._carga_id = c._carga_id"
                f" where c.fonte = '{self.tabela.fonte}' and c.origem = '{self.tabela.nome}'"
                f" and r.linha_bruta in ({', '.join(literal(t) for _, t, _ in textos)})"
            )
        }
        novos: dict[tuple[str, str], dict[str, Any]] = {}
        for onde, texto, motivo in textos:
            motivo = motivo if texto else f"{motivo}; {DE_ESQUECIDO}"
            if (texto, motivo) not in sabidos:
                novos.setdefault(
                    (texto, motivo),
                    {
                        "_carga_id": carga.id,
                        "_arquivo": self.api.caminho,
                        "_linha": onde,
                        "linha_bruta": texto,
                        "motivo": motivo,
                    },
                )
        if novos:
            gravar(self.armazem, "rejeicoes", list(novos.values()))
        return len(novos)
