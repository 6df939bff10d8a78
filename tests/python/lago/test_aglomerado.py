"""A cluster builds what one machine does: a master and two workers on loopback."""

import subprocess
from pathlib import Path

import pytest
from apoio_lago import PYTHON, Lago, lago, so_duckdb
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.demo import aglomerado

__all__ = ["lago"]

pytestmark = [pytest.mark.spark, pytest.mark.slow]
TABELA = "staging.base_pod_cartoes__faturas"


@so_duckdb
def test_dois_trabalhadores_constroem(lago: Lago, armazem: ArmazemDeTeste, tmp_path: Path) -> None:
    lago.lastro("lake")
    with aglomerado.iniciar(PYTHON, tmp_path, 2, "1g") as cluster:
        dbt = subprocess.run(
            [str(PYTHON.with_name("dbt")), "build", "--target", "spark", "--select",
             f"+{TABELA.partition('.')[2]}", "--exclude-resource-type", "unit_test"],
            cwd=PROJETO, env={**lago.ambiente, "LASTRO_SPARK_MASTER": cluster.endereco},
            capture_output=True, text=True,
        )  # fmt: skip
        assert dbt.returncode == 0, dbt.stdout[-4000:]
        for registro in cluster.registros:
            assert "Asked to launch executor" in registro.read_text(errors="replace")
    assert len(lago.linhas()[TABELA]) == armazem.linhas(f"select count(*) from {TABELA}")[0][0] > 0
