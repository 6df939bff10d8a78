"""House style that `make lint` does not look at: SQL in PostgreSQL's dialect, modules of one job.

The templater compiles against a database, so this stands here, where a server runs.
"""

import subprocess
from pathlib import Path

import pytest
from conftest import AVISOS_PERMITIDOS, BIN, ArmazemDeTeste

from loaders import PROJETO
from loaders.demo import servidor

MAIOR_MODULO = 350
"""Lines of a module of loaders/."""


def lint_e_parse(postgres: servidor.Servidor, pasta: Path, *onde: str) -> None:
    """Nothing found by the linter, no warning or deprecation of dbt."""
    postgres.criar_banco("armazem")
    lugar = ArmazemDeTeste("postgres", pasta, postgres)
    feito = subprocess.run(
        [BIN / "sqlfluff", "lint", "--dialect", "postgres", *onde],
        cwd=PROJETO,
        env={**lugar.ambiente, "PATH": f"{BIN}:{lugar.ambiente['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert feito.returncode == 0, feito.stdout + feito.stderr
    lugar.dbt("parse", "--warn-error-options", AVISOS_PERMITIDOS)


@pytest.mark.slow
def test_sqlfluff_e_parse_no_dialeto_do_postgres(
    postgres: servidor.Servidor, tmp_path: Path
) -> None:
    """What is written differs little between the dialects: three models stand for the rest here."""
    tres = ("dim_associado", "fact_movimentacao", "fact_transacao")
    lint_e_parse(postgres, tmp_path, *(f"models/core/{nome}.sql" for nome in tres))


@pytest.mark.slow
def test_sqlfluff_em_tudo_no_dialeto_do_postgres(
    postgres: servidor.Servidor, tmp_path: Path
) -> None:
    lint_e_parse(postgres, tmp_path, "models", "tests/data")


def test_um_modulo_tem_um_trabalho() -> None:
    """What is longer has two: give the other one a module of its own, with a sentence on it."""
    linhas = {
        str(modulo.relative_to(PROJETO)): len(modulo.read_text("utf-8").splitlines())
        for modulo in (PROJETO / "loaders").rglob("*.py")
    }
    assert len(linhas) > 100
    assert {modulo: n for modulo, n in linhas.items() if n > MAIOR_MODULO} == {}


def test_o_indice_dos_testes_e_as_pastas() -> None:
    """tests/README.md names each file of tests in its folder; folders are those of loaders/."""
    pasta = PROJETO / "tests" / "python"
    ha = {str(a.relative_to(pasta)) for a in pasta.rglob("test_*.py")}
    ditos, onde = set(), ""
    for linha in (PROJETO / "tests" / "README.md").read_text("utf-8").splitlines():
        celulas = [c.strip(" `") for c in linha.strip("|").split("|")]
        if len(celulas) == 6 and celulas[1].startswith("test_"):
            onde = celulas[0] or onde
            assert f"{onde}/{celulas[1]}" not in ditos
            ditos.add(f"{onde}/{celulas[1]}")
    assert ditos == ha
    for arquivo in ha:
        pasta_dele = arquivo.rpartition("/")[0]
        de_loaders = (PROJETO / "loaders" / pasta_dele / "__init__.py").exists()
        assert pasta_dele in ("modelos", "repositorio") or de_loaders, arquivo
