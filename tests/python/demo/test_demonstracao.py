"""`lastro demo`, which `make run` calls: the whole way, twice; the second changes nothing."""

import re
from pathlib import Path

import duckdb
import pytest
from apoio_plantadas import achadas
from conftest import PEQUENO, POUCAS_CONTAS, POUCAS_FATURAS, POUCOS_PEDIDOS, ArmazemDeTeste

from loaders.demo import credito, fintech, roteiro, servidor
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.publicacao.situacao import livro_da_carteira

POUCO = roteiro.Medidas(PEQUENO, POUCAS_CONTAS, POUCOS_PEDIDOS, POUCAS_FATURAS)
SEM_CONTROLE = "table_schema not in ('controle', 'information_schema', 'pg_catalog')"


def _conteudo(arquivo: Path) -> dict[str, tuple[int, str]]:
    """Rows and an order-free checksum of every table outside controle."""
    with duckdb.connect(str(arquivo), read_only=True) as conexao:
        tabelas = conexao.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            f" where {SEM_CONTROLE} order by 1"
        ).fetchall()
        return {
            nome: conexao.execute(
                f"select count(*), cast(sum(cast(hash(t) as hugeint)) as varchar) from {nome} as t"
            ).fetchall()[0]
            for (nome,) in tabelas
        }


def plantadas(medidas: roteiro.Medidas = roteiro.DA_DEMONSTRACAO) -> dict[str, list[str]]:
    """What is wrong in FintechDB and CreditoDB, as the sample lists it."""
    da_conta = fintech.falhas(medidas.digital)
    dos_pedidos = credito.falhas(medidas.pedidos, medidas.digital)
    return {onde: sorted(ids) for onde, ids in {**da_conta, **dos_pedidos}.items() if ids}


def test_acha_se_o_plantado_e_nada_mais(armazem: ArmazemDeTeste) -> None:
    assert achadas(armazem.linhas) == plantadas(POUCO)


def _plantadas_e_mais_nada(
    arquivo: Path, medidas: roteiro.Medidas = roteiro.DA_DEMONSTRACAO
) -> None:
    """What the reconciliations found in the sample's databases is what was planted there."""
    with duckdb.connect(str(arquivo), read_only=True) as conexao:
        assert achadas(lambda sql: conexao.execute(sql).fetchall()) == plantadas(medidas)


@pytest.mark.slow
def test_demonstracao_duas_vezes(
    postgres: servidor.Servidor,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Loads, builds, tests and exports a small sample; again, no row outside controle changes."""
    pasta = tmp_path_factory.mktemp("demonstracao")
    lugar = ArmazemDeTeste("duckdb", pasta, postgres)
    ambiente = {**lugar.ambiente, "LASTRO_DEMO_DIR": str(pasta / "demo")}
    for nome, valor in ambiente.items():
        monkeypatch.setenv(nome, valor)
    config = Configuracao(_env_file=None, **ambiente)  # type: ignore[arg-type]
    saida = pasta / "saida"
    vezes = []
    sinais: list[str] = []
    try:
        for _ in range(2):
            passos: list[str] = []
            with andamento.ouvido(sinais.append):
                roteiro.executar(config, saida, saida / "painel", passos.append, POUCO)
            extrato = (saida / "movimento_flat.csv").read_bytes()
            vezes.append((_conteudo(lugar.arquivo), extrato))
            assert any("ERROR=0" in passo for passo in passos)
    finally:
        servidor.remover(pasta / "demo")
    for sinal in (
        r"reading movimentacao_cartao, [\d,]+ rows", r"reading tb_faturas_\d+\S+, [\d,]+ rows",
        r"dbt, \d+ of \d+: .* core\.fact_fatura", r"copying core\.fact_fatura for risco, .* rows",
        r"writing movimento_flat\.csv, [\d,]+ rows",
    ):  # fmt: skip
        assert any(re.fullmatch(sinal, dito) for dito in sinais), sinal
    antes = vezes[0][0]
    assert antes["core.fact_movimentacao"][0] > 5_000
    assert antes["core.dim_associado"][0] > antes["raw_sicooperative.conta"][0]
    assert antes["raw_fintech.transactions"][0] > POUCAS_CONTAS.lancamentos
    assert antes["risco.book_fatura"][0] == 12 * 5
    assert antes["risco.book_fatura_cliente"][0] > 0
    assert vezes[1] == vezes[0]
    _plantadas_e_mais_nada(lugar.arquivo, POUCO)
    ref_date, periodos, linhas = livro_da_carteira(config)
    assert (ref_date, periodos) == (roteiro.DATA_REFERENCIA, ["U1M", "U3M", "U6M", "U9M", "U12M"])
    total = next(valores for nome, *valores in linhas if nome == "total_faturas")
    de_periodo = dict(zip(periodos, total, strict=True))
    assert 0 < de_periodo["U1M"] < de_periodo["U12M"]


@pytest.mark.slow
def test_demonstracao_inteira(
    postgres: servidor.Servidor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What `make run` calls, at its size, twice."""
    pasta = tmp_path_factory.mktemp("demonstracao_inteira")
    lugar = ArmazemDeTeste("duckdb", pasta, postgres)
    demo = str(pasta / "demo")
    saida = pasta / "saida"
    try:
        opcoes = ("--to", str(saida), "--pages", str(saida / "painel"))
        primeira = lugar.lastro("demo", *opcoes, LASTRO_DEMO_DIR=demo)
        antes = _conteudo(lugar.arquivo)
        segunda = lugar.lastro("demo", *opcoes, LASTRO_DEMO_DIR=demo)
    finally:
        servidor.remover(Path(demo))
    for saida_de in (primeira.stdout, segunda.stdout):
        assert "0 with a difference" in saida_de
        assert "ERROR=0" in saida_de
        assert "Portfolio book at 2026-07-01" in saida_de
        assert re.search("rec_partidas +meia_partida +[0-9]+", saida_de)
    _plantadas_e_mais_nada(lugar.arquivo)
    assert antes["core.fact_movimentacao"][0] >= 200_000
    assert antes["core.fact_fatura"][0] >= 90_000
    assert antes["raw_fintech.transactions"][0] >= 300_000
    assert _conteudo(lugar.arquivo) == antes
