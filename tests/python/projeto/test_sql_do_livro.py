"""`lastro book-sql` prints what the book really runs: its rows are those of the table."""

import pytest
from conftest import ArmazemDeTeste

from loaders.projeto.sql_do_livro import livros


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("qual", [0, -1], ids=["carteira", "cliente"])
def test_a_consulta_da_as_linhas_da_tabela(armazem: ArmazemDeTeste, qual: int) -> None:
    livro = livros(armazem.config)[qual]
    ((ref_date, linhas),) = armazem.linhas(
        f"select max(ref_date), count(*) filter (where ref_date = (select max(ref_date)"
        f" from risco.{livro})) from risco.{livro}"
    )
    sql = armazem.lastro("book-sql", str(ref_date), "--book", livro).stdout
    # Doubles that were added in another order have other last digits.
    colunas = [
        f"cast({c} as decimal(25, 9)) as {c}" if tipo.startswith("double") else c
        for c, tipo in armazem.linhas(
            "select column_name, lower(data_type) from information_schema.columns"
            f" where table_schema = 'risco' and table_name = '{livro}' order by ordinal_position"
        )
    ]
    lista = ", ".join(colunas)
    assert armazem.linhas(
        f"with lida as (select {lista} from ({sql}) as q),"
        f" tabela as (select {lista} from risco.{livro} where ref_date = '{ref_date}')"
        " select (select count(*) from lida),"
        " (select count(*) from (select * from lida intersect all select * from tabela) as i)"
    ) == [(linhas, linhas)]


def test_um_livro_que_nao_ha_e_dito(armazem: ArmazemDeTeste) -> None:
    dito = armazem.lastro("book-sql", "2026-07-01", "--book", "fact_fatura", esperado=1).stderr
    assert "fact_fatura is none of book_fatura, book_fatura_cliente" in dito
    armazem.lastro("book-sql", "ontem", esperado=2)
