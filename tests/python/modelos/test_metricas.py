"""What MetricFlow answers for each saved query is what the mart says."""

import csv
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.projeto import metricas

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not metricas.PYTHON.exists(), reason="make metrics was not run"),
]
DO_MART = {
    "inadimplencia_por_janela": (
        "select ref_date, periodo, percentual_inadimplencia, valor_inadimplente,"
        " valor_total_faturas from risco.book_fatura"
    ),
    "carteira_por_mes": (
        "select cast(date_trunc('month', data_base) as date), carteira_ativa, contratos_ativos,"
        " par30, par90 from risco.par"
    ),
    "aprovacao_por_mes": (
        "select mes_decisao, produto, sum(qtd_decidido), sum(qtd_aprovado),"
        " 1.0 * sum(qtd_aprovado) / nullif(sum(qtd_decidido), 0)"
        " from credito.aprovacao_por_faixa group by 1, 2"
    ),
    "pagamentos_por_metodo": (
        "select cast(date_trunc('month', data) as date), metodo, sum(qtd_liquidado),"
        " sum(valor_liquidado),"
        " 1.0 * sum(qtd_liquidado) / nullif(sum(qtd_liquidado + qtd_falha), 0)"
        " from financeiro.pagamento_diario group by 1, 2"
    ),
}
COLUNAS = {
    "inadimplencia_por_janela": (
        "metric_time__day", "livro__periodo", "inadimplencia", "valor_inadimplente",
        "valor_faturado",
    ),
    "carteira_por_mes": (
        "metric_time__month", "carteira_ativa", "emprestimos_ativos", "par30", "par90",
    ),
    "aprovacao_por_mes": (
        "metric_time__month", "decisao__produto", "pedidos_decididos", "pedidos_aprovados",
        "taxa_aprovacao",
    ),
    "pagamentos_por_metodo": (
        "metric_time__month", "dia_de_pagamento__metodo", "pagamentos_liquidados",
        "valor_liquidado", "taxa_sucesso_pagamentos",
    ),
}  # fmt: skip


@contextmanager
def _no_ambiente(armazem: ArmazemDeTeste, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as aqui:
        for nome, valor in armazem.ambiente.items():
            aqui.setenv(nome, valor)
        yield


@contextmanager
def _sozinho() -> Iterator[None]:
    """Not beside the other engine's tests: MetricFlow reads what dbt wrote for the last one."""
    (PROJETO / "target").mkdir(exist_ok=True)  # in a fresh clone nobody asked dbt yet
    with (PROJETO / "target" / ".metricas").open("w") as trava:
        fcntl.flock(trava, fcntl.LOCK_EX)
        yield


def _valor(texto: Any) -> Any:
    """A cell of a CSV or of a mart: a day, a number, or text."""
    dito = "" if texto is None else str(texto)
    try:
        return round(float(dito), 6)
    except ValueError:
        return dito.partition(" ")[0].partition("T")[0] if dito[:4].isdigit() else dito


@pytest.mark.parametrize("consulta", sorted(DO_MART))
def test_a_metrica_e_o_que_o_mart_diz(
    armazem: ArmazemDeTeste, consulta: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arquivo = tmp_path / "resposta.csv"
    with _no_ambiente(armazem, monkeypatch), _sozinho():
        pedido = ["query", "--saved-query", consulta, "--csv", str(arquivo)]
        assert metricas.perguntar(armazem.config, pedido) == 0
    with arquivo.open(encoding="utf-8", newline="") as aberto:
        lidas = [tuple(_valor(li[c]) for c in COLUNAS[consulta]) for li in csv.DictReader(aberto)]
    esperadas = [tuple(map(_valor, linha)) for linha in armazem.linhas(DO_MART[consulta])]
    assert len(lidas) > 5
    assert sorted(lidas, key=str) == sorted(esperadas, key=str)
