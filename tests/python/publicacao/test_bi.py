"""BI tools as docs/bi.md has them connect: an area's user finds what it may read, and no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import ArmazemDeTeste

from loaders.publicacao import acessos

pyodbc = pytest.importorskip("pyodbc", exc_type=ImportError, reason="no unixodbc is installed")
DRIVERS = sorted(Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))


@contextmanager
def _de_ana(armazem: ArmazemDeTeste, area: str) -> Iterator[Any]:
    """The connection of a user who has an area's role and no more, as a tool opens it by ODBC."""
    with psycopg.connect(armazem.servidor.dsn("armazem"), autocommit=True) as conexao:
        conexao.execute(
            "drop role if exists ana_do_bi;"
            " create role ana_do_bi login password 'so para o teste';"
            f" grant lastro_leitor_{area} to ana_do_bi"
        )
    onde = armazem.ambiente
    ligacao = pyodbc.connect(
        f"Driver={DRIVERS[0]};Server={onde['PGHOST']};Port={onde['PGPORT']};Database=armazem;"
        "Uid=ana_do_bi;Pwd=so para o teste;ReadOnly=1"
    )
    try:
        yield ligacao
    finally:
        ligacao.close()
        with psycopg.connect(armazem.servidor.dsn("armazem"), autocommit=True) as conexao:
            conexao.execute("drop role ana_do_bi")


@pytest.mark.skipif(not DRIVERS, reason="Debian's odbc-postgresql is not installed")
def test_por_odbc_uma_area_le_o_seu_e_nada_mais(publicado: ArmazemDeTeste) -> None:
    if publicado.motor == "duckdb":
        pytest.skip("a file is opened by DuckDB's own drivers")
    with _de_ana(publicado, "risco") as ligacao:
        cursor = ligacao.cursor()
        vistas = {f"{t.table_schem}.{t.table_name}" for t in cursor.tables(tableType="VIEW")}
        assert {f"pub_{tabela}" for tabela in acessos.areas()["risco"].le} <= vistas
        colunas = {c.column_name: c for c in cursor.columns(schema="pub_core", table="fact_fatura")}
        assert colunas["valor_fatura"].type_name == "numeric"
        lidas = cursor.execute("select * from pub_risco.book_fatura order by 1, 2").fetchall()
        assert [tuple(linha) for linha in lidas] == publicado.linhas(
            "select * from risco.book_fatura order by 1, 2"
        )
        nomes = cursor.execute("select count(nome_associado) from pub_core.dim_associado")
        assert tuple(nomes.fetchone()) == (0,), "a class that the area does not see"
        for proibida in ("core.fact_fatura", "pub_core.movimento_flat", "raw_sicooperative.cartao"):
            with pytest.raises(pyodbc.Error, match="permission denied"):
                cursor.execute(f"select 1 from {proibida}")
            ligacao.rollback()
