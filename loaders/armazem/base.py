"""What both engines share: names of schemas, transactions, small reads."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import pyarrow as pa

from loaders.contratos import DO_DBT, Tabela, fontes
from loaders.nucleo.configuracao import Configuracao


def do_armazem() -> list[Tabela]:
    """The tables of all sources but that of dbt, which makes its own, in a schema that it owns."""
    return [t for f in fontes().values() if f.nome != DO_DBT for t in f.tabelas]


class Armazem(ABC):
    """A warehouse opened by its only writer. Used as a context manager, which closes it."""

    COLUNAS = "select table_schema, table_name, column_name from information_schema.columns"
    """Schema, table and column of everything that is there."""

    TIPOS = (
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
    )
    """The same with the type of each column, as `do_catalogo` reads it."""

    GUARDADAS: str
    """The same of the tables that hold rows, without views and temporary tables, and with: the type
    of a column that holds text, whether it may not be null, whether the engine fills the table
    itself (a materialized view), whether the user may read it, and whether it is another user's."""

    CONTAVEIS = (
        "select table_schema, table_name, table_type = 'VIEW' from information_schema.tables"
    )
    """Schema and table of what can be counted without running what another user wrote, and whether
    it is a view, which has to be computed for that."""

    partilhado: bool
    """Whether dbt can work in it while a loader has it open."""

    def __init__(self, config: Configuracao) -> None:
        """Keep the settings; the engine's class connects."""
        self.config = config

    def esquema(self, nome: str) -> str:
        """The schema's name with the sandbox prefix."""
        return self.config.prefixo + nome

    def qualificado(self, tabela: Tabela) -> str:
        """The raw table's name, qualified by its schema."""
        return f"{self.esquema(tabela.esquema)}.{tabela.nome}"

    def de_fontes(self) -> list[str]:
        """The tables of all sources, those of `controle` among them; not what dbt writes."""
        return [self.qualificado(t) for t in do_armazem()]

    def valor(self, sql: str) -> Any:
        """The only value of a query that gives one row and one column."""
        return self.linhas(sql)[0][0]

    @contextmanager
    def transacao(self) -> Iterator[None]:
        """All that is done inside is committed together, or not at all."""
        self.iniciar()
        try:
            yield
        except BaseException:
            self.desfazer()
            raise
        self.confirmar()

    @contextmanager
    def transacao_sozinha(self, _tabelas: Sequence[str]) -> Iterator[None]:
        """The same, while nobody else reads or writes some tables (schema and name, quoted).

        Raises:
            ArmazemIndisponivel: somebody did for longer than `config.espera` seconds.
        """
        with self.transacao():
            yield

    @contextmanager
    def transacao_de_leitura(self, _tabelas: Sequence[str]) -> Iterator[None]:
        """All queries inside see one state of some tables and views, whatever is built meanwhile.

        Raises:
            ArmazemIndisponivel: a build held one of them for longer than `config.espera` seconds.
        """
        with self.transacao():
            yield

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection; what was not committed is undone."""
        self.fechar()

    def conferir_esquema(self, esquema: str) -> None:  # noqa: B027 - files have one user
        """See that a schema in which a table is to be made is nobody else's.

        Raises:
            ArmazemIndisponivel: it is.
        """

    def desconfiar(self) -> None:  # noqa: B027 - an embedded engine has one user
        """Look at the tables of all sources, in a transaction, before anything is read of them.

        Raises:
            CodigoAlheio: something on one would run with this user's rights.
        """

    def vistoriar(  # noqa: B027 - an embedded engine has one user
        self, tabelas: Iterable[str]
    ) -> None:
        """See to it, inside a transaction, that reading tables runs nothing that others wrote.

        Args:
            tabelas: schema and name of each, as SQL writes them.

        Raises:
            CodigoAlheio: there is something; the message names it.
        """

    def resguardar(  # noqa: B027 - an embedded engine has one user
        self, tabelas: Iterable[str], muda: bool = False
    ) -> None:
        """Hold tables, inside a transaction, and see to it that writing runs nothing of others.

        `anexar` does so itself; statements that change rows are preceded by it.

        Args:
            tabelas: schema and name of each, as SQL writes them.
            muda: whether rows are changed or deleted, not only added.

        Raises:
            CodigoAlheio: there is something; the message names it.
        """

    @abstractmethod
    def soltar(self) -> None:
        """Let others write until `retomar`; outside a transaction. Nothing is asked meanwhile."""

    @abstractmethod
    def retomar(self, espera: float) -> None:
        """Be the only writer again, of whatever others left.

        Args:
            espera: seconds to wait for another writer.

        Raises:
            ArmazemOcupado: another one writes for longer than that.
        """

    @abstractmethod
    def iniciar(self) -> None:
        """Begin a transaction."""

    @abstractmethod
    def confirmar(self) -> None:
        """Commit the transaction."""

    @abstractmethod
    def desfazer(self) -> None:
        """Roll the transaction back."""

    @abstractmethod
    def executar(self, sql: str) -> int:
        """Run a statement; return the number of rows it wrote (0 where that has no meaning)."""

    @abstractmethod
    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""

    @abstractmethod
    def leitor(self, sql: str) -> pa.RecordBatchReader:
        """Run a query and return its rows as a stream of Arrow batches."""

    @abstractmethod
    def anexar(self, destino: str, dados: pa.RecordBatchReader) -> None:
        """Append a stream of Arrow batches to a table `schema.name`, matching columns by name."""

    @abstractmethod
    def anexar_temporaria(self, nome: str, dados: pa.RecordBatchReader) -> None:
        """Write a stream of Arrow batches to a temporary table, in place of one of that name."""

    def atualizar_estatisticas(self, tabela: Tabela) -> None:  # noqa: B027 - most need nothing
        """Let the engine's planner know of what was just landed, where it does not by itself."""

    @abstractmethod
    def compactar(self, tabelas: Iterable[str]) -> None:
        """Write tables anew, so that the engine's files hold nothing that was deleted from them.

        Outside a transaction. Where the engine has one file for all, the warehouse is closed then.

        Args:
            tabelas: schema and name of each, quoted.

        Raises:
            ArmazemIndisponivel: a reader holds a table for longer than `config.espera` seconds.
        """

    @abstractmethod
    def fechar(self) -> None:
        """Close the connection."""
