"""The server warehouse: PostgreSQL, written through ADBC's COPY path."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from loaders.armazem import alheio, compactacao
from loaders.armazem.base import Armazem
from loaders.armazem.sessao_postgres import endereco_da_sessao, nao_abre, onde_fica
from loaders.contratos import Tabela
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, ArmazemOcupado
from loaders.nucleo.espera import conseguir

DONO = """
    select coalesce(a.application_name, '?'), a.pid, to_char(a.backend_start, 'HH24:MI:SS')
    from pg_locks as l
    inner join pg_stat_activity as a on l.pid = a.pid
    where l.locktype = 'advisory' and l.granted
        and l.database = (select oid from pg_database where datname = current_database())
        and (cast(l.classid as bigint) << 32) | cast(l.objid as bigint) = {trava}
"""
ACRESCENTANDO, MUDANDO = "row exclusive", "share row exclusive"
"""Locks that keep out what would run with a row that is added, or changed. The first lets in
tables below one, to which no new row goes."""
ESPERA_ESGOTADA = "55P03"
"""SQLSTATE of a lock that was not to be had in time."""
SENDO_REFEITA = "42P01"
"""SQLSTATE of a table that is not there: dbt takes a view away with the table below it."""


class ArmazemPostgres(Armazem):
    """The warehouse in a PostgreSQL database."""

    # information_schema shows only what the user has a right to.
    _DE_COLUNAS = (
        " from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        " where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'p')"
    )
    COLUNAS = "select n.nspname::text, c.relname::text, a.attname::text" + _DE_COLUNAS
    TIPOS = (
        "select n.nspname::text, c.relname::text, a.attname::text,"
        " format_type(a.atttypid, a.atttypmod)" + _DE_COLUNAS
    )
    GUARDADAS = (
        "select n.nspname::text, c.relname::text, a.attname::text, case when t.typcategory = 'S'"
        " then format_type(a.atttypid, a.atttypmod) end, a.attnotnull, c.relkind = 'm',"
        " has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')"
        f" and not row_security_active(c.oid), {alheio.DE_OUTRO}"
        " from pg_attribute as a"
        " inner join pg_class as c on a.attrelid = c.oid"
        " inner join pg_roles as d on c.relowner = d.oid"
        " inner join pg_type as t on a.atttypid = t.oid"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        " where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'm')"
        " and not starts_with(n.nspname, 'pg_') and n.nspname <> 'information_schema'"
    )
    CONTAVEIS = (
        "select n.nspname::text, c.relname::text, c.relkind = 'v' from pg_class as c"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        " inner join pg_roles as d on c.relowner = d.oid"
        f" where (c.relkind in ('r', 'p') or c.relkind in ('v', 'm') and not ({alheio.DE_OUTRO}))"
        " and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')"
        " and not row_security_active(c.oid)"
    )
    partilhado = True

    def __init__(self, config: Configuracao, quem: str, escrita: bool = True) -> None:
        """Connect; to write, take the lock of the sandbox, waiting while another holds it."""
        super().__init__(config)
        self.fontes_de_outros = False
        """Whether another user owns tables of the sources, and could put something on them."""
        self.olhada = False
        """Whether that was looked at in the transaction under way."""
        self.resguardadas: dict[str, str] = {}
        """The tables that the transaction under way holds, and how."""
        try:
            self.conexao = adbc.connect(endereco_da_sessao(config, quem))
        except adbc.Error as erro:
            raise nao_abre(config, erro) from erro
        self.cursor = self.conexao.cursor()
        self.executar("set client_min_messages = warning")
        self.conexao.commit()
        self.quem = quem
        if escrita:
            try:
                self.retomar(config.espera)
            except ArmazemOcupado:
                self.fechar()
                raise

    @property
    def _trava(self) -> str:
        """SQL: the number of the sandbox's lock."""
        return f"hashtextextended('lastro:{self.config.prefixo}', 0)"

    def soltar(self) -> None:
        """Let go of the lock of the sandbox."""
        self.valor(f"select pg_advisory_unlock({self._trava})")
        self.confirmar()

    def retomar(self, espera: float) -> None:
        """Take the lock of the sandbox."""

        def tomada() -> bool:
            feita = bool(self.valor(f"select pg_try_advisory_lock({self._trava})"))
            self.confirmar()
            return feita

        if not conseguir(tomada, espera, pausa=0.2, por="another writer to end"):
            donos = self.linhas(DONO.format(trava=self._trava))
            self.confirmar()
            dono = "{} (server process {}, since {} UTC)".format(*donos[0]) if donos else "?"
            raise ArmazemOcupado(
                f"The warehouse {onde_fica(self.config)} is being written by {dono}; waited "
                f"{espera:.0f} s for {self.quem}. Try again when it has ended, or "
                "raise LASTRO_LOCK_WAIT."
            )

    def iniciar(self) -> None:
        """Begin a transaction: the driver opens one with the first statement."""

    def confirmar(self) -> None:
        """Commit the transaction."""
        self.conexao.commit()
        self._esquecer()

    def desfazer(self) -> None:
        """Roll the transaction back."""
        self.conexao.rollback()
        self._esquecer()

    def _esquecer(self) -> None:
        """What was held is held no more."""
        self.resguardadas.clear()
        self.olhada = False

    def _olhar(self) -> None:
        """A transaction that reads tables of others begins with a look at them, and holds them."""
        if self.fontes_de_outros and not self.olhada:
            self.olhada = True
            self.vistoriar(self.de_fontes())

    def resguardar(self, tabelas: Iterable[str], muda: bool = False) -> None:
        """Lock them so that nobody puts anything on them, then look at what is there."""
        modo = MUDANDO if muda else ACRESCENTANDO
        novas = [t for t in tabelas if self.resguardadas.get(t) not in (modo, MUDANDO)]
        if novas:
            self.executar(f"lock table {', '.join(novas)} in {modo} mode")
            self.vistoriar(novas)
            self.resguardadas |= dict.fromkeys(novas, modo)

    @contextlib.contextmanager
    def transacao_sozinha(self, tabelas: Sequence[str]) -> Iterator[None]:
        """Wait for statements of dbt that are under way; those that come later wait for this."""
        with self.transacao():
            self._travar_tabelas(tabelas, "access exclusive", "read committed")
            yield

    @contextlib.contextmanager
    def transacao_de_leitura(self, tabelas: Sequence[str]) -> Iterator[None]:
        """Keep a build from replacing them, and see what was there at the first query."""
        with self.transacao():
            self._travar_tabelas(tabelas, "access share", "repeatable read")
            yield

    def _travar_tabelas(self, tabelas: Sequence[str], modo: str, isolamento: str) -> None:
        """Begin a transaction that holds tables, and those of which views among them are made."""

        def travadas() -> bool:
            self.desfazer()
            try:  # these come before the first query of the transaction
                self.cursor.execute(f"set transaction isolation level {isolamento}")
                self.cursor.execute("set local lock_timeout = '200ms'")
                self.cursor.execute(f"lock table {', '.join(tabelas)} in {modo} mode")
            except adbc.Error as erro:
                self.desfazer()
                if erro.sqlstate not in (ESPERA_ESGOTADA, SENDO_REFEITA):
                    raise
                return False
            self.cursor.execute("reset lock_timeout")
            return True

        if not conseguir(travadas, self.config.espera, pausa=0.5, por="builds and readers to end"):
            raise ArmazemIndisponivel(
                f"The warehouse {onde_fica(self.config)} is being built or read; waited"
                f" {self.config.espera:.0f} s. Run the same command again when that has ended, or"
                " raise LASTRO_LOCK_WAIT."
            )
        self.vistoriar(tabelas)

    def desconfiar(self) -> None:
        """Look at the tables of the sources, now and in each transaction if others own some."""
        tabelas = self.de_fontes()
        self.vistoriar(tabelas)
        self.fontes_de_outros = alheio.ha_de_outros(self.linhas, tabelas)

    def conferir_esquema(self, esquema: str) -> None:
        """Who owns a schema may drop what is in it, and put something of the same name there."""
        donos = self.linhas(
            "select d.rolname from pg_namespace as n inner join pg_roles as d on n.nspowner = d.oid"
            f" where n.nspname = '{esquema}' and {alheio.DE_OUTRO}"
        )
        if donos:
            raise ArmazemIndisponivel(
                f"The schema {esquema} belongs to {donos[0][0]}, who could replace what is made in"
                f" it. Log in as {donos[0][0]}, or have it dropped; nothing was made."
            )

    def vistoriar(self, tabelas: Iterable[str]) -> None:
        """Hold the tables of others until the transaction ends, and look at what is on them."""
        nomes = list(tabelas)
        alheio.segurar(self.linhas, self.executar, nomes)
        alheio.recusar(self.linhas, nomes)

    def executar(self, sql: str) -> int:
        """Run a statement; return the number of rows it wrote."""
        self._olhar()
        self.cursor.execute(sql)
        return max(int(self.cursor.rowcount), 0)

    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        self._olhar()
        self.cursor.execute(sql)
        colunas = []
        for coluna in self.cursor.fetch_arrow_table().itercolumns():
            valores = coluna.to_pylist()
            if isinstance(coluna.type, pa.OpaqueType):  # numeric travels as text
                valores = [None if v is None else Decimal(v) for v in valores]
            colunas.append(valores)
        return list(zip(*colunas, strict=True))

    def leitor(self, sql: str) -> pa.RecordBatchReader:
        """Run a query and return its rows as a stream of Arrow batches."""
        self._olhar()
        self.cursor.execute(sql)
        return self.cursor.fetch_record_batch()

    def anexar(self, destino: str, dados: pa.RecordBatchReader) -> None:
        """Append a stream of Arrow batches to a table."""
        self.resguardar([destino])
        esquema, nome = destino.split(".")
        self.cursor.adbc_ingest(nome, dados, mode="append", db_schema_name=esquema)

    def anexar_temporaria(self, nome: str, dados: pa.RecordBatchReader) -> None:
        """Write a stream of Arrow batches to a temporary table."""
        self.executar(f"drop table if exists pg_temp.{nome}")
        self.cursor.adbc_ingest(nome, dados, mode="create", temporary=True)

    def atualizar_estatisticas(self, tabela: Tabela) -> None:
        """Analyze the table: without it a build right after a first load plans blindly."""
        self.executar(f"analyze {self.qualificado(tabela)}")

    def compactar(self, tabelas: Iterable[str]) -> None:
        """Vacuum them in full, and let the planner's samples of their values be new ones."""
        compactacao.compactar(self.config, tabelas)

    def fechar(self) -> None:
        """Close the connection, which also lets go of the write lock."""
        self.cursor.close()
        self.conexao.close()
