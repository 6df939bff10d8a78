"""What `make demo-spark` calls, at its size, twice: a build after a build changes nothing."""

import subprocess
from pathlib import Path

import pytest
from apoio_lago import PYTHON
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.demo import servidor

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def test_duas_vezes(postgres: servidor.Servidor, tmp_path: Path) -> None:
    lugar = ArmazemDeTeste("duckdb", tmp_path, postgres)
    demo = tmp_path / "demo"
    ambiente = {**lugar.ambiente, "LASTRO_DEMO_DIR": str(demo)}

    def demonstrar() -> tuple[str, str]:
        """The steps, and below them the tables as they are published, with rows and amounts."""
        feito = subprocess.run(
            [str(PYTHON.with_name("lastro")), "demo", "--spark"],
            cwd=PROJETO, env=ambiente, capture_output=True, text=True,
        )  # fmt: skip
        assert feito.returncode == 0, feito.stdout[-8000:] + feito.stderr[-4000:]
        assert "ERROR=0" in feito.stdout
        passos, _, tabelas = feito.stdout.partition("Published in the lake")
        return passos, tabelas

    try:
        passos, tabelas = demonstrar()
        assert " published\n" in passos
        assert "core.fact_movimentacao" in tabelas
        passos, de_novo = demonstrar()
    finally:
        servidor.remover(demo)
    assert "lake: 0 loads copied" in passos
    assert "is published already" in passos
    assert de_novo == tabelas
