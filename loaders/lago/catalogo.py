"""The lake's catalogue, as pyiceberg opens it: Iceberg's own on PostgreSQL, or a REST one.

pyiceberg comes with `make spark` alone, and is imported nowhere else.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyarrow as pa

from loaders.contratos import Coluna
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LagoIndisponivel, LastroError

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

NOME = "lago"
"""What the catalogue is called; profiles.yml calls it the same, as the tables are kept by it."""
JDBC = "jdbc:postgresql://"
PROPRIEDADES = {"format-version": "2", "write.parquet.compression-codec": "zstd"}
EM_UTC = pa.timestamp("us", tz="UTC")
COMANDO = ".venv-spark/bin/lastro lake"
"""What writes to the lake from the environment that can."""
PASTA = "lastro.pasta"
"""Property of an open catalogue: the folder or address of the lake's files."""
CAMADAS = BRUTA, CURADA, REFINADA = "raw", "curated", "refined"
"""The layers, folders of the lake; of what a build makes the macro camada_do_lago tells which."""


def abrir(config: Configuracao) -> "Catalog":
    """Open the catalogue that the settings name.

    Raises:
        LagoIndisponivel: no catalogue is set, pyiceberg is not there, or nothing answers.
    """
    if not config.lago or not config.pasta_lago:
        raise LagoIndisponivel(
            "No lake is set: LASTRO_LAKE_URI is its catalogue's address, LASTRO_LAKE_WAREHOUSE"
            " where its files are (docs/spark.md)."
        )
    try:
        from pyiceberg.catalog import load_catalog
    except ImportError as erro:
        raise LagoIndisponivel(
            "The lake needs pyiceberg, which this environment does not have. `make spark` makes one"
            f" that does: {COMANDO}"
        ) from erro
    pasta = onde_ficam(config.pasta_lago)
    propriedades = {"warehouse": pasta, PASTA: pasta}
    if pasta.startswith("s3://"):  # found as deliveries are, by what boto reads
        propriedades["py-io-impl"] = "pyiceberg.io.fsspec.FsspecFileIO"
    if config.lago.startswith(JDBC):
        usuario = quote(config.usuario_lago or "", safe="")
        senha = quote(config.senha_lago or "", safe="")
        propriedades |= {
            "type": "sql",
            "uri": f"postgresql+psycopg2://{usuario}:{senha}@{config.lago.removeprefix(JDBC)}",
        }
    else:
        propriedades |= {"type": "rest", "uri": config.lago}
        if config.senha_lago:
            propriedades["credential"] = f"{config.usuario_lago or ''}:{config.senha_lago}"
    try:
        catalogo = load_catalog(NOME, **propriedades)
        catalogo.list_namespaces()
    except Exception as erro:  # every catalogue has errors of its own
        raise LagoIndisponivel(
            f"The lake's catalogue {config.lago} does not answer ({type(erro).__name__}). Check"
            " LASTRO_LAKE_URI, LASTRO_LAKE_USER and LASTRO_LAKE_PASSWORD."
        ) from erro
    return catalogo


def onde_ficam(pasta: str) -> str:
    """The address of the lake's files, as pyiceberg wants it."""
    return (pasta if "://" in pasta else f"file://{pasta}").rstrip("/")


@contextlib.contextmanager
def explicado(o_que: str) -> Iterator[None]:
    """Say of what goes wrong inside that it does; catalogues and stores have errors of their own.

    Args:
        o_que: what is being done, as a sentence begins: `Copying into the lake`.

    Raises:
        LagoIndisponivel: something went wrong that is no message of lastro already.
    """
    try:
        yield
    except LastroError:
        raise
    except Exception as erro:
        dito = (str(erro).splitlines() or [""])[0][:300]
        raise LagoIndisponivel(
            f"{o_que} failed, {type(erro).__name__}: {dito}\nNothing that counts is half done: run"
            " this again when the lake answers."
        ) from erro


def esquema_no_lago(colunas: Sequence[Coluna]) -> pa.Schema:
    """The columns of a table as the lake keeps them.

    Spark has one type for points in time, and it is one with a zone: a `timestamp` is kept in UTC.
    """
    return pa.schema(
        [(c.nome, EM_UTC if c.arrow == pa.timestamp("us") else c.arrow) for c in colunas]
    )


def tabela(
    catalogo: "Catalog",
    nome: tuple[str, str],
    colunas: Sequence[Coluna],
    propriedades: Mapping[str, str] | None = None,
) -> "Table":
    """A table of the lake with the columns of its contract, made or widened where they are missing.

    Args:
        catalogo: the open catalogue.
        nome: its namespace and its name.
        colunas: the columns; one of the load's time parts the table by month.
        propriedades: properties that a new one gets, in the commit that makes it.
    """
    esquema = esquema_no_lago(colunas)
    if not catalogo.table_exists(nome):
        return criar(catalogo, nome, esquema, BRUTA, propriedades)
    feita = catalogo.load_table(nome)
    if not set(esquema.names) <= {campo.name for campo in feita.schema().fields}:
        with feita.update_schema() as mudanca:
            mudanca.union_by_name(esquema)
    return feita


def criar(
    catalogo: "Catalog",
    nome: tuple[str, str],
    esquema: pa.Schema,
    camada: str,
    propriedades: Mapping[str, str] | None = None,
) -> "Table":
    """Make a table, in the folder of its layer.

    Args:
        catalogo: the open catalogue.
        nome: its namespace and its name.
        esquema: its columns; one of the load's time parts the table by month.
        camada: its layer.
        propriedades: properties beside those of every table.
    """
    from pyiceberg.exceptions import NamespaceAlreadyExistsError
    from pyiceberg.transforms import MonthTransform

    with contextlib.suppress(NamespaceAlreadyExistsError):
        catalogo.create_namespace(nome[0])
    lugar = "/".join((catalogo.properties[PASTA], camada, *nome))
    todas = PROPRIEDADES | dict(propriedades or {})
    with catalogo.create_table_transaction(nome, esquema, lugar, properties=todas) as nova:
        if PARTIDA in esquema.names:
            with nova.update_spec() as partes:
                partes.add_field(PARTIDA, MonthTransform(), f"{PARTIDA}_month")
    return catalogo.load_table(nome)


PARTIDA = "_carregado_em"
"""The column by whose month a raw table is parted."""
