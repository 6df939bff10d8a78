"""The same extractions give the same warehouse on DuckDB and PostgreSQL, row by row."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from apoio_historia import cenario_construido
from conftest import ArmazemDeTeste
from entre_motores import DO_RELOGIO, Doubles, EntreMotores, tipos


def conteudo(armazem: ArmazemDeTeste) -> dict[str, list[Any]]:
    """Every table: its columns in order with their types, then its rows, sorted.

    Columns in double precision stand by themselves, in the order of all that is exact.
    """
    resultado: dict[str, list[Any]] = {}
    for tabela, colunas in tipos(armazem).items():
        resultado[f"types of {tabela}"] = list(colunas.items())
        doubles = [coluna for coluna, tipo in colunas.items() if tipo == "double precision"]
        lidas = [c for c in colunas if c not in DO_RELOGIO and c not in doubles]
        if "saiu_em" in colunas:
            lidas.append("saiu_em is null")
        if tabela == "snapshots.extracoes_aplicadas":  # the only point in time with a zone
            lidas[lidas.index("extraido_em")] = "extraido_em at time zone 'UTC'"
        exatas = len(lidas)
        linhas = armazem.linhas(f"select {', '.join(lidas + doubles)} from {tabela}")
        linhas.sort(key=lambda linha: [str(valor) for valor in linha[:exatas]])
        resultado[tabela] = [linha[:exatas] for linha in linhas]
        for numero, coluna in enumerate(doubles, start=exatas):
            resultado[f"{tabela}.{coluna}"] = Doubles(linha[numero] for linha in linhas)
    return resultado


def _demonstracao(request: pytest.FixtureRequest, _lugar: ArmazemDeTeste) -> ArmazemDeTeste:
    armazem: ArmazemDeTeste = request.getfixturevalue("armazem")
    return armazem


def _cenario(_request: pytest.FixtureRequest, lugar: ArmazemDeTeste) -> ArmazemDeTeste:
    return cenario_construido(lugar)


@pytest.mark.parametrize("estado", [_demonstracao, _cenario])
def test_os_motores_guardam_o_mesmo(
    request: pytest.FixtureRequest,
    lugar: ArmazemDeTeste,
    entre_motores: EntreMotores,
    estado: Callable[[pytest.FixtureRequest, ArmazemDeTeste], ArmazemDeTeste],
) -> None:
    tudo = conteudo(estado(request, lugar))
    tabelas = {
        "core.dim_associado", "core.dim_cartao", "core.dim_conta", "core.dim_data",
        "core.fact_movimentacao", "core.movimento_flat", "quarentena.movimentacao_cartao",
        "quarentena.movimentacao_cartao_historico", "reconciliacao.rec_movimentacoes",
        "snapshots.extracoes_aplicadas", "snapshots.snap_sicooperative__associado",
    }  # fmt: skip
    assert tabelas <= tudo.keys()
    vazias = {tabela for tabela in tabelas if not tudo[tabela]}
    assert not {tabela for tabela in vazias if not tabela.startswith("quarentena.")}
    assert estado is _demonstracao or not vazias
    if estado is _demonstracao:
        assert len(tudo["risco.estabilidade_variaveis"]) > 10_000
        assert len(tudo["risco.book_fatura_cliente"]) > 1_000
    entre_motores.comparar(estado.__name__, lugar.motor, tudo)


def test_chaves_tem_16_bytes(armazem: ArmazemDeTeste) -> None:
    chaves = [
        (tabela, coluna, tipo)
        for tabela, colunas in tipos(armazem).items()
        for coluna, tipo in colunas.items()
        if coluna.startswith("sk_")
    ]
    assert len(chaves) == 33, "each dimension's own, and those of facts and marts"
    for tabela, coluna, tipo in chaves:
        if coluna.startswith("sk_data"):
            assert tipo == "integer", tabela
            continue
        assert tipo == "uuid", f"{tabela}.{coluna}"
        for (valor,) in armazem.linhas(f"select {coluna} from {tabela} limit 5"):
            assert isinstance(valor, UUID)
            assert len(valor.bytes) == 16


@pytest.mark.slow
def test_cada_regra_vale_no_postgres(armazem: ArmazemDeTeste) -> None:
    """The unit tests of the models, which every run asks of DuckDB."""
    if armazem.motor == "duckdb":
        pytest.skip("its build has run them")
    armazem.dbt("test", "--select", "test_type:unit")
