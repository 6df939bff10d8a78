"""Delivered files whose values have types, JSON Lines and Parquet, without some people."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.contratos import ARQUIVOS, Tabela
from loaders.extracao.arquivos.linhas_json import NaoELinha, ler_como_escrito, ler_objeto
from loaders.extracao.arquivos.locais import Local
from loaders.extracao.arquivos.parquet import LOTE, aberto, nomes_das_colunas
from loaders.extracao.arquivos.textos import SemTexto, do_arrow, do_json, em_json
from loaders.nucleo.erros import FonteRecusada
from loaders.titulares.entregues import Contrato, NaoPesquisado, Texto, receber
from loaders.titulares.mapa import tabelas_da
from loaders.titulares.trocas import Trocas


def _tabela(fonte: str, no_arquivo: Collection[str]) -> Tabela | None:
    """The table about people whose files have just these columns; nothing where none has."""
    return next(
        (
            tabela
            for tabela in tabelas_da(fonte)
            if tabela.tipo == ARQUIVOS and tabela.do_cabecalho.keys() == set(no_arquivo)
        ),
        None,
    )


class LinhasJson(Texto):
    """A JSON Lines file."""

    def _contrato(self, trocas: Trocas) -> Contrato | None:
        return Objetos(trocas.fonte)


@dataclass(frozen=True)
class Objetos:
    """How the lines of a JSON Lines file are read: each says by itself what it has."""

    fonte: str

    def ler(self, linha: str) -> tuple[dict[str, str], str] | None:
        """The fields by column, empty where null, and which says whose they are; or nothing."""
        try:
            objeto = ler_objeto(linha)
            tabela = _tabela(self.fonte, objeto)
            if tabela is None:
                return None
            textos = {tabela.do_cabecalho[c]: do_json(valor) for c, valor in objeto.items()}
        except (NaoELinha, SemTexto):
            return None
        campos = {coluna: texto or "" for coluna, texto in textos.items()}
        return campos, str(tabela.titular)

    def apagar(self, linha: str, trocas: Trocas) -> str:
        """The line without the people; other values stand as they were written."""
        lida = self.ler(linha)
        if lida is None:
            return trocas.em_linha(linha)
        campos, _ = lida
        objeto = ler_como_escrito(linha)
        novos: dict[str, Any] = {
            no_arquivo: trocas.token(coluna, campo)
            for no_arquivo, (coluna, campo) in zip(objeto, campos.items(), strict=True)
            if campo in trocas.chaves.get(coluna, ())
        }
        return em_json(objeto | novos) if novos else linha


class Parquet:
    """A Parquet file; its rows are shown as JSON."""

    def __init__(self, local: Local, nome: str, pasta: Path) -> None:
        """Receive it.

        Raises:
            NaoPesquisado: it cannot be read.
        """
        self.bruto = pasta / "bruto"
        lido, self.outros_nomes = receber(local, nome, self.bruto)
        self.marca = lido.marca
        try:
            with aberto(self.bruto) as arquivo:
                self.colunas = nomes_das_colunas(arquivo)
        except FonteRecusada as erro:
            raise NaoPesquisado(str(erro)) from erro

    def linhas(self, trocas: Trocas) -> Iterator[tuple[str, str, str | None]]:
        """Each row as it is and without the people."""
        for lote, novas in self._lotes(trocas):
            antes = [do_arrow(coluna).to_pylist() for coluna in lote.columns]
            depois = [
                novas[n].to_pylist() if n in novas else coluna for n, coluna in enumerate(antes)
            ]
            for linha in zip(zip(*antes, strict=True), zip(*depois, strict=True), strict=True):
                velha, nova = (em_json(dict(zip(self.colunas, li, strict=True))) for li in linha)
                yield velha, nova, None

    def deles(self, trocas: Trocas) -> Iterator[dict[str, str]]:
        """The rows of the people, by column; none in a file that is not of the source's form."""
        tabela = _tabela(trocas.fonte, self.colunas)
        if tabela is None:
            return
        nomes = [tabela.do_cabecalho[c] for c in self.colunas]
        titular = str(tabela.titular)
        ids = pa.array(sorted(trocas.chaves.get(titular, ())), pa.string())
        for lote, _ in self._lotes(trocas):
            donos = do_arrow(lote.column(nomes.index(titular)))
            dele = lote.filter(pc.is_in(donos, ids))
            textos = [do_arrow(coluna).to_pylist() for coluna in dele.columns]
            for linha in zip(*textos, strict=True):
                campos = zip(nomes, linha, strict=True)
                yield {coluna: texto for coluna, texto in campos if texto is not None}

    def reescrever(self, trocas: Trocas, novo: Path) -> int:
        """Write the file without the people; returns how many rows named them.

        A column that named somebody becomes one of text: no number is a token.
        """
        quantas = 0
        quais: set[int] = set()
        for lote, novas in self._lotes(trocas):
            quais |= novas.keys()
            mudou = pa.repeat(False, lote.num_rows)
            for n, nova in novas.items():
                igual = pc.fill_null(pc.equal(nova, do_arrow(lote.column(n))), True)
                mudou = pc.or_(mudou, pc.invert(igual))
            quantas += mudou.true_count
        if not quantas:
            return 0
        with aberto(self.bruto) as arquivo:
            esquema = arquivo.schema_arrow
            comprimido = arquivo.metadata.row_group(0).column(0).compression
        for n in quais:
            esquema = esquema.set(n, esquema.field(n).with_type(pa.string()))
        # What Pandas says of the types would be wrong of a column that became text.
        dados = {c: v for c, v in (esquema.metadata or {}).items() if c != b"pandas"}
        esquema = esquema.with_metadata(dados or None)
        with pq.ParquetWriter(novo, esquema, compression=comprimido) as destino:
            for lote, novas in self._lotes(trocas):
                colunas = [
                    novas.get(n, do_arrow(coluna)) if n in quais else coluna
                    for n, coluna in enumerate(lote.columns)
                ]
                destino.write_batch(pa.record_batch(colunas, schema=esquema))
        return quantas

    def _lotes(self, trocas: Trocas) -> Iterator[tuple[pa.RecordBatch, dict[int, pa.Array]]]:
        """The rows, and the columns that name somebody as they are without the people.

        Raises:
            NaoPesquisado: it is broken.
        """
        tokens = self._tokens(trocas)
        try:
            with aberto(self.bruto) as arquivo:
                for lote in arquivo.iter_batches(LOTE, use_threads=False):
                    novas = {}
                    for n, nome in enumerate(self.colunas):
                        if not tokens.get(nome):
                            continue
                        textos = do_arrow(lote.column(n))
                        achados = pc.is_in(textos, pa.array(sorted(tokens[nome]), pa.string()))
                        if achados.true_count:
                            trocados = [tokens[nome][t] for t in textos.filter(achados).to_pylist()]
                            postos = pa.array(trocados, pa.string())
                            novas[n] = pc.replace_with_mask(textos, achados, postos)
                    yield lote, novas
        except FonteRecusada as erro:
            raise NaoPesquisado(str(erro)) from erro

    def _tokens(self, trocas: Trocas) -> dict[str, dict[str, str]]:
        """What stands for which value, by column; of a file that is no table's, in any column."""
        if tabela := _tabela(trocas.fonte, self.colunas):
            return {
                no_arquivo: {v: trocas.token(coluna, v) for v in trocas.chaves.get(coluna, ())}
                for no_arquivo, coluna in tabela.do_cabecalho.items()
            }
        de_qualquer = {valor: token for _, valor, token in trocas.linhas()}
        return dict.fromkeys(self.colunas, de_qualquer)
