"""Reads a source PostgreSQL database: one consistent snapshot, read only, streamed as Arrow."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any, Self

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loaders.contratos import ILEGIVEIS, Tabela
from loaders.contratos.tipos import em_arrow
from loaders.extracao.derivacoes import base
from loaders.extracao.postgres import catalogo, posicoes, sqlstate
from loaders.extracao.postgres.consultas import (
    SEM_DATA,
    Lida,
    no_calendario,
)
from loaders.extracao.postgres.posicoes import Posicao, Retrato
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada

VERSAO_MINIMA = 140_000
"""PostgreSQL 14, the first that hashes whole rows."""

SENHA_ESPALHADA = re.compile(r"postgres(ql)?://([^@/]*@[^@/]*@|[^@/]*/[^?]*@)")
"""An address in which an @ or / that is not encoded lets a password run into host or database."""


class FonteCaiu(FonteIndisponivel):
    """The source did not answer, or stopped answering: trying again may help."""


@dataclass(frozen=True)
class Dia:
    """What the source says of one day of a table: rows, sum of the amounts (BRL), fingerprint."""

    dia: str
    linhas: int
    valor: Decimal | None
    impressao: str | None


class FontePostgres:
    """One read-only, repeatable-read transaction on the source. A context manager.

    Attributes:
        onde: host and database, for messages.
        lidas: how each table is read, by its name in the contract; known by `verificar`.
        ausentes: tables that the contract calls optional, and that are not there.
        retrato: the moment and the position of the snapshot.
        versao: the server's version.
    """

    def __init__(self, dsn: str) -> None:
        """Connect and open the snapshot.

        Args:
            dsn: libpq URI or keyword string; it is never repeated in a message.

        Raises:
            FonteCaiu: the server does not answer or is not ready.
            FonteIndisponivel: the address cannot be read or the server refuses the connection.
            FonteRecusada: the server is older than those that can be read.
        """
        try:
            if SENHA_ESPALHADA.match(dsn):
                raise psycopg.ProgrammingError
            partes = {k: str(v) for k, v in conninfo_to_dict(dsn).items() if v is not None}
        except psycopg.ProgrammingError:
            raise FonteIndisponivel(
                "The address of the source database cannot be read. It is written "
                "postgresql://user:password@host:5432/database (in a password, characters such "
                "as @ / : are percent-encoded)."
            ) from None
        self.onde = f"{partes.get('host', 'local')}/{partes.get('dbname', '?')}"
        self.lidas: dict[str, Lida] = {}
        self.ausentes: list[str] = []
        self.so_legiveis: set[str] = set()
        """Tables of which is known that the contract's types hold every value, in this snapshot."""
        padroes = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_count": "3"}
        try:
            self.conexao = adbc.connect(
                make_conninfo(
                    **{**padroes, **partes, "application_name": "lastro", "client_encoding": "UTF8"}
                )
            )
        except adbc.Error as erro:
            raise self.traduzir(erro, conectando=True) from erro
        self.cursor = self.conexao.cursor()
        try:
            self.versao = self._conferir_versao()
            self.caminho = [
                str(e)
                for (e,) in self.linhas("select cast(unnest(current_schemas(false)) as text)")
            ]
            self.retrato = self._abrir_retrato()
        except BaseException:
            self.__exit__()
            raise

    def _conferir_versao(self) -> str:
        numero, versao = self.linhas(
            "select cast(current_setting('server_version_num') as int),"
            " current_setting('server_version')"
        )[0]
        if numero < VERSAO_MINIMA:
            raise FonteRecusada(
                f"The source {self.onde} is PostgreSQL {versao}; 14 or newer can be read. "
                "Nothing was landed."
            )
        return str(versao).split()[0]

    def _abrir_retrato(self) -> Retrato:
        """Open the snapshot, between two looks at how far the server is."""
        antes = self._posicao()
        self._comecar()
        instante, replica = self.linhas(posicoes.INSTANTE)[0]
        depois = self._posicao() if antes else None
        if depois is not None and antes is not None and depois.antes_de(antes):
            antes = depois  # two servers behind one address: the second look was at the snapshot's
        return Retrato(instante and instante.astimezone(UTC), bool(replica), depois, antes)

    def _posicao(self) -> Posicao | None:
        try:
            sistema, lsn = self.linhas(posicoes.CONSULTA)[0]
        except FonteCaiu:
            raise
        except FonteIndisponivel:  # a service that keeps it to itself
            return None
        return Posicao(str(sistema), int(lsn))

    def _comecar(self) -> None:
        """Begin a transaction, after the one that is open.

        Tables are named with their schema, whatever the role's search path is, and temporary ones,
        which a shared session may have left, come last. With row security off, the server refuses a
        query that a policy would filter.
        """
        try:
            self.conexao.rollback()
        except adbc.Error as erro:
            raise self.traduzir(erro) from erro
        for ajuste in (
            "transaction isolation level repeatable read, read only",
            "local datestyle = 'ISO'",
            "local timezone = 'UTC'",
            "local standard_conforming_strings = on",
            "local idle_in_transaction_session_timeout = 0",
            "local row_security = off",
            "local search_path = public, pg_temp",
        ):
            self.executar(f"set {ajuste}")

    def traduzir(self, erro: BaseException, conectando: bool = False) -> FonteIndisponivel:
        """The error of the driver, as one that says what to do and whether to try again."""
        resposta = sqlstate.entender(erro, conectando)
        tipo = FonteCaiu if resposta.passageira else FonteIndisponivel
        return tipo(
            f"The source {self.onde} {resposta.que}: {sqlstate.palavras(erro)}\n"
            f"Nothing was landed. {resposta.fazer}"
        )

    def executar(self, sql: str) -> None:
        """Run a statement, of which the answer stays to be fetched."""
        try:
            self.cursor.execute(sql)
        except (adbc.Error, pa.ArrowException, OSError) as erro:
            raise self.traduzir(erro) from erro

    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a small query and return all its rows."""
        self.executar(sql)
        try:
            return [tuple(linha) for linha in self.cursor.fetchall()]
        except (adbc.Error, pa.ArrowException, OSError) as erro:
            raise self.traduzir(erro) from erro

    def verificar(self, tabelas: Sequence[Tabela]) -> None:
        """Compare tables, columns, types, keys and rights with the contract; all that differs.

        Raises:
            FonteRecusada: something differs; the message names each table and column.
            FonteIndisponivel: this role may read a part only.
        """
        achado = catalogo.conferir(self.linhas, tabelas, self.caminho)
        if achado.formas:
            fonte = tabelas[0].fonte
            raise FonteRecusada(
                "The source does not fit its contract; nothing was landed:\n  "
                + "\n  ".join(achado.formas)
                + f"\nMend the source, or change the contract in models/staging/{fonte}/"
                f"_{fonte}__sources.yml (a column added there is landed from the next load "
                "on) and the models that read it."
            )
        if achado.direitos:
            raise FonteIndisponivel(
                f"The source {self.onde} shows this role a part of the contract only; nothing was "
                "landed:\n  " + "\n  ".join(achado.direitos) + f"\n{sqlstate.SEM_DIREITO.fazer}"
            )
        self.lidas, self.ausentes = achado.lidas, achado.ausentes

    def contar(self, tabela: Tabela) -> int:
        """Rows of a table, counted by the source."""
        total, ilegiveis = self.linhas(self.lidas[tabela.nome].contar())[0]
        if not ilegiveis:
            self.so_legiveis.add(tabela.nome)
        return int(total)

    def contar_de(
        self, tabela: Tabela, donos: Mapping[str, Collection[str]]
    ) -> tuple[int, Decimal]:
        """Rows and amounts (BRL) of some people, by the columns that say whose they are."""
        if not donos:
            return 0, Decimal(0)
        linhas, valor = self.linhas(self.lidas[tabela.nome].contar_de(donos))[0]
        return int(linhas), Decimal(valor)

    def dias(self, tabela: Tabela, dias_recentes: int | None) -> list[Dia]:
        """Count, sum and fingerprint of a table by day, computed by the source.

        The fingerprint is the sum of the 64-bit hashes of the day's whole rows, so it does not
        depend on their order. PostgreSQL's hash of a number leaves out the sign, which is therefore
        hashed beside it. Its hash of a row is a weighted sum of the hashes of the columns; summed
        as it is, it would not see two rows swap a value, so it is hashed again (as a seed, which
        keeps all of its bits). No row travels.

        What has no day of the years 1 to 9999 has the day `SEM_DATA`, and NaN adds nothing to a
        sum: so they land (see `ler`).

        Args:
            tabela: a table read incrementally.
            dias_recentes: ask for sums and fingerprints of so many days up to the newest that is
                not in the future only; of older days for the count, which an index on the date
                answers alone.
        """
        lida = self.lidas[tabela.nome]
        respostas = self.linhas(lida.por_dia(dias_recentes))
        if any(valor == "NaN" for _, _, valor, _ in respostas):
            sem_nan = dict(self.linhas(lida.sem_nan_por_dia()))
            respostas = [(d, n, v and sem_nan[d], i) for d, n, v, i in respostas]
        elif (
            dias_recentes is None
            and all(no_calendario(d) or d == SEM_DATA for d, *_ in respostas)
            and lida.condicoes.keys() <= lida.que_os_dias_mostram
        ):
            self.so_legiveis.add(tabela.nome)
        return _juntar_sem_data(
            [Dia(d, n, None if v is None else Decimal(v), i) for d, n, v, i in respostas]
        )

    def ler(self, tabela: Tabela, dias: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Stream a table's rows, or those of some days, in the contract's Arrow types.

        PostgreSQL knows days and amounts that no other engine has: infinity, years before 1 and
        after 9999, NaN. They are null in their columns, and stand as text in `_ilegiveis`. Looking
        for them costs the source a third of the reading, so it is not done where `contar` or
        `dias` found that there are none.

        Args:
            tabela: the table.
            dias: the days to read (`YYYY-MM-DD` or `SEM_DATA`); None reads all rows.

        Yields:
            Batches with the contract's columns, those read to derive others from (`base`),
            `_ilegiveis` and `_linha`, the row's ordinal from 1.

        Raises:
            FonteCaiu: the connection was lost on the way.
        """
        lida = self.lidas[tabela.nome]
        try:
            self.cursor.execute(lida.ler(dias, tabela.nome in self.so_legiveis))
            for lote in self._lotes():
                yield _tipar(lote, lida)
        except (adbc.Error, pa.ArrowException, OSError) as erro:
            if sqlstate.codigo(erro) in sqlstate.SEM_UNICODE:
                raise self._sem_unicode(lida) from erro
            raise self.traduzir(erro) from erro

    def _lotes(self) -> Iterator[pa.RecordBatch]:
        """The answer, from the driver's own reader: that of fetch_record_batch loses SQLSTATEs."""
        return iter(self.cursor._results.reader)

    def _sem_unicode(self, lida: Lida) -> FonteRecusada:
        """Which columns hold text that cannot be told as UTF-8, and in how many rows."""
        self._comecar()
        codificacao, problemas = catalogo.sem_unicode(self.linhas, self._comecar, lida)
        return FonteRecusada(
            f"The source's encoding is {codificacao}, and some of its text cannot be written as "
            "UTF-8; nothing was landed:\n  "
            + "\n  ".join(problemas)
            + "\nCorrect these rows, or move the source to a database of the encoding in which its "
            "text really is written (create database ... encoding 'LATIN1')."
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, which ends the snapshot."""
        self.cursor.close()
        self.conexao.close()


def _tipar(lote: pa.RecordBatch, lida: Lida) -> pa.RecordBatch:
    """The batch in the contract's types: the driver brings numeric as text."""
    vetores, campos = [], []

    def juntar(nome: str, tipo: pa.DataType) -> None:
        vetor = lote.column(nome)
        if isinstance(vetor, pa.ExtensionArray):
            vetor = vetor.storage
        vetores.append(vetor if vetor.type == tipo else pc.cast(vetor, tipo))
        campos.append(pa.field(nome, tipo))

    for coluna in lida.colunas:
        juntar(coluna.nome, em_arrow(coluna.tipo))
    for coluna in lida.bases:
        juntar(base(coluna.nome), pa.string())
    nulos = pa.nulls(lote.num_rows, pa.string())
    vetores += [
        lote.column(ILEGIVEIS) if ILEGIVEIS in lote.schema.names else nulos,
        lote.column("_linha"),
    ]
    campos += [pa.field(ILEGIVEIS, pa.string()), pa.field("_linha", pa.int64())]
    return pa.record_batch(vetores, schema=pa.schema(campos))


def _juntar_sem_data(dias: Sequence[Dia]) -> list[Dia]:
    """Days of which all that are of no year from 1 to 9999 are one, with those of no day."""
    juntos = [d for d in dias if no_calendario(d.dia)]
    sem = [d for d in dias if not no_calendario(d.dia)]
    if sem:
        valores = [d.valor for d in sem if d.valor is not None]
        impressao = sum(int(d.impressao or 0) for d in sem)
        linhas = sum(d.linhas for d in sem)
        juntos.append(Dia(SEM_DATA, linhas, sum(valores, Decimal(0)), str(impressao)))
    return juntos
