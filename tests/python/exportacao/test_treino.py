"""What is trained on the demonstration's sample, as docs/training.py does it, with scikit-learn."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import oraculo_amostra
import pytest
from conftest import PROJETO, ArmazemDeTeste

from loaders.demo import faturas
from loaders.projeto import livro

pytestmark = pytest.mark.slow

EXEMPLO = PROJETO / "docs" / "training.py"
REFERENCIA = "2026-07-01"
"""The day on which the demonstration ends."""


@pytest.fixture(scope="module")
def exemplo() -> ModuleType:
    """The example as a module."""
    if importlib.util.find_spec("sklearn") is None:
        pytest.fail("scikit-learn is not here: make .venv/pronto-bench")
    especie = importlib.util.spec_from_file_location("training", EXEMPLO)
    assert especie is not None and especie.loader is not None
    modulo = importlib.util.module_from_spec(especie)
    especie.loader.exec_module(modulo)
    return modulo


@pytest.fixture
def amostra(
    exemplo: ModuleType, armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> tuple[ArmazemDeTeste, Path]:
    """The demonstration's card files, built at their last day; and the exported sample."""
    if armazem_vazio.motor == "postgres":
        pytest.skip("the same files: test_exportar_amostra.py compares them")
    entregas = tmp_path / "pod_cartoes"
    faturas.preparar(entregas, True)
    armazem_vazio.lastro("load", "pod_cartoes", str(entregas), esperado=3)
    armazem_vazio.dbt(
        "build", "--exclude-resource-type", "unit_test",
        "--vars", f"{{data_referencia: {REFERENCIA}}}",
    )  # fmt: skip
    armazem_vazio.lastro("export", "amostra", "--to", str(tmp_path / "amostra"))
    return armazem_vazio, tmp_path / "amostra"


def test_exemplo_de_treino(exemplo: Any, amostra: tuple[ArmazemDeTeste, Path]) -> None:
    armazem, pasta = amostra
    feito = subprocess.run(
        [sys.executable, str(EXEMPLO), str(pasta)], capture_output=True, text=True, check=True
    )
    print(feito.stdout)
    medidas = re.findall(
        r"^(logistic regression|gradient boosting) +(validacao|fora_do_tempo)"
        r" +(\d\.\d+) +(\d\.\d+)$",
        feito.stdout,
        re.M,
    )
    assert len(medidas) == 4
    for modelo, parte, auc, ks in medidas:
        assert 0.7 < float(auc) < 0.95, f"{modelo}, {parte}: habits last, and change"
        assert 0.3 < float(ks) < 0.9
    # Ten rows for each model: nearly as many were bad as was said, and more where it was said.
    tabelas = re.findall(r"^ *\d+ +(\d+) +(\d+\.\d) +(\d+\.\d)$", feito.stdout, re.M)
    assert len(tabelas) == 20
    for dela in (tabelas[:10], tabelas[10:]):
        quantas = [int(n) for n, _, _ in dela]
        ditas, foram = ([float(li[i]) for li in dela] for i in (1, 2))
        assert max(quantas) - min(quantas) <= 1
        assert ditas == sorted(ditas)
        assert abs(sum(ditas) - sum(foram)) / 10 < 4
        assert foram[9] > 3 * max(foram[0], 1)
    do_warehouse_e_do_scikit_learn(exemplo, armazem, pasta)


def do_warehouse_e_do_scikit_learn(exemplo: Any, armazem: ArmazemDeTeste, pasta: Path) -> None:
    """AUC, Gini and KS of every variable: those of poder_variaveis are scikit-learn's."""
    linhas = exemplo.pd.read_parquet(pasta)
    linhas = linhas[linhas["particao"] == "desenvolvimento"]
    poder = {li["nome"]: li for li in armazem.registros("select * from risco.poder_variaveis")}
    assert len(poder) == 1010
    com_area = 0
    for variavel in livro.variaveis():
        nome = variavel["nome"]
        preenchidas = linhas[linhas[nome].notna()]
        dela = poder[nome]
        assert dela["qtd"] == len(linhas)
        assert dela["qtd_mau"] + dela["qtd_bom"] == len(preenchidas)
        if preenchidas["alvo"].nunique() < 2:
            assert dela["auc"] is None and dela["ks"] is None
            continue
        valores = preenchidas[nome].to_numpy()
        if nome.endswith("percentual_pago_media"):
            valores = exemplo.np.round(valores, 9)
        auc, ks = exemplo.separation(preenchidas["alvo"], valores)
        assert dela["auc"] == pytest.approx(auc, rel=1e-12), nome
        assert dela["gini"] == pytest.approx(2 * auc - 1, rel=1e-9, abs=1e-12), nome
        assert dela["ks"] == pytest.approx(ks, rel=1e-9, abs=1e-12), nome
        com_area += 1
    assert com_area > 900


def test_medidas_com_empates(exemplo: Any) -> None:
    """The example's measures are those of the definition, ties half, in either direction."""
    for maus, bons in (
        ([1, 2, 3, 3], [1, 3, 3]),
        ([0.5] * 4, [0.5] * 7),
        ([1, 2], [3, 4]),
        ([3, 4, 4], [1, 1, 4]),
    ):
        alvo = exemplo.pd.Series([1] * len(maus) + [0] * len(bons))
        auc, ks = exemplo.separation(alvo, exemplo.np.array([*maus, *bons], dtype=float))
        assert auc == pytest.approx(oraculo_amostra.area(maus, bons))
        assert ks == pytest.approx(oraculo_amostra.distancia(maus, bons))
