"""Code that changes what is kept from build to build: it is computed anew, never mixed."""

import pytest
from apoio_copia import Copia, copia
from conftest import ArmazemDeTeste

__all__ = ["copia"]

MUDANCAS = {
    "macros/texto/limpar_texto.sql": (
        "espacos_simples(em_maiusculas(texto)) }}), '')",
        "espacos_simples(em_maiusculas(texto)) }}) || '!', '!')",
    ),
    "models/core/fact_fatura.sql": ("select * from fact_fatura", "select * from fact_fatura -- x"),
}
"""A macro that decides descriptions two views above the fact, and a table of which the books read
columns that are not in the fingerprint of their inputs."""


@pytest.mark.nightly_on("duckdb")
def test_o_codigo_que_muda_vale_para_todas_as_linhas(copia: Copia) -> None:
    armazem = copia.armazem
    for arquivo, (antes, depois) in MUDANCAS.items():
        texto = (copia.projeto / arquivo).read_text()
        assert antes in texto
        copia.escrever(arquivo, texto.replace(antes, depois))
    (seed,) = copia.projeto.glob("seeds/*/mapa_estado_civil.csv")
    seed.write_text(seed.read_text() + "CONJUGE,CASADO\n")
    linhas = (
        "select id_movimentacao_cartao, data_hora_atualizacao_registro from core.fact_movimentacao"
    )
    velhas = dict(armazem.linhas(linhas))
    comando = (
        *("run", "--select", "stg_sicooperative__movimentacao_cartao"),
        *("int_movimentacao__ate_a_extracao_aplicada", "fact_movimentacao"),
        *("fact_fatura", "book_fatura"),
    )
    dito = copia.rodar("dbt", "--no-use-colors", *comando).stdout
    assert dito.count("fact_movimentacao: its code, or code upstream of it, is not that") == 1
    assert dito.count("book_fatura 20") == dito.count(": its query changed") == 12
    ditas = "select count(*) from core.fact_movimentacao where descricao_movimentacao not like '%!'"
    assert armazem.linhas(ditas) == [(0,)], "rows of the code of before"
    novas = dict(armazem.linhas(linhas))
    assert novas.keys() == velhas.keys()
    (quando,) = set(novas.values())
    assert quando > max(velhas.values()), "the time at which the table was made anew"

    dito = copia.rodar("dbt", "--no-use-colors", *comando).stdout
    assert "its code" not in dito
    assert "its query changed" not in dito
    assert dict(armazem.linhas(linhas)) == novas

    aviso = "snap_sicooperative__associado: its code, or a seed that it reads, changed since"
    historia = "select * from snapshots.snap_sicooperative__associado order by dbt_scd_id"
    antes_dela = armazem.linhas(historia)
    assert aviso in copia.rodar("dbt", "--no-use-colors", "snapshot").stdout
    assert armazem.linhas(historia) == antes_dela


def test_o_que_ninguem_anotou_se_refaz(armazem: ArmazemDeTeste) -> None:
    """As an older version left the warehouse."""
    notas = "select tabela, impressao from controle.codigos_aplicados"
    antes = armazem.linhas(notas)
    assert "core.fact_movimentacao" in [tabela for tabela, _ in antes]
    armazem.executar(
        "delete from controle.codigos_aplicados where tabela = 'core.fact_movimentacao'"
    )
    dito = armazem.dbt("run", "--select", "fact_movimentacao").stdout
    assert "fact_movimentacao: its code" in dito
    assert sorted(armazem.linhas(notas)) == sorted(antes)
