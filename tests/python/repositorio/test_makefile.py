"""What `make` says of its targets, and which SQL `make lint` looks at."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ArmazemDeTeste

from loaders import PROJETO

TUDO = ["models", "tests/data", "analyses"]
ARVORE = {
    "macros/a.sql": "{% macro a() %}1{% endmacro %}\n{% macro solta() %}2{% endmacro %}\n",
    "macros/b.sql": "{% macro b() -%}{{ a() }}{%- endmacro %}\n",
    "macros/c.sql": "{% macro c() %}{{ adapter.dispatch('c')() }}{% endmacro %}\n"
    "{% macro duckdb__c() %}3{% endmacro %}\n",
    "models/core/com_b.sql": "select {{ b() }}\n",
    "models/core/com_c.sql": "select {{ c() }}\n",
    "models/core/sem.sql": "select 1\n",
    "models/core/sem.yml": "version: 2\n",
    "tests/data/com_a.sql": "select {{ a() }}\n",
    ".sqlfluff": "[sqlfluff]\n",
    "README.md": "x\n",
}


def make(
    *argumentos: str, onde: Path = PROJETO, **ambiente: str
) -> subprocess.CompletedProcess[str]:
    herdado = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *argumentos], cwd=onde, env=herdado | ambiente, capture_output=True, text=True
    )


def ajuda() -> dict[str, str]:
    """The targets with what `make` says of them."""
    dita = re.findall(r"^  ([a-z-]+) +(\S.*)$", make().stdout, re.M)
    return dict(dita)


def test_cada_alvo_da_ajuda_existe_e_cada_alvo_tem_ajuda() -> None:
    texto = (PROJETO / "Makefile").read_text(encoding="utf-8")
    declarados = {a for li in re.findall(r"^\.PHONY: (.*)$", texto, re.M) for a in li.split()}
    assert declarados - {"lint-dbt", "lint-python", "lint-sql"} == set(ajuda())
    for alvo in ajuda():
        assert make("-n", alvo).returncode == 0, alvo


def test_clean_apaga_o_que_diz_e_nada_mais(tmp_path: Path) -> None:
    shutil.copy(PROJETO / "Makefile", tmp_path)
    ignoradas = re.findall(r"^(\w\S*)/$", (PROJETO / ".gitignore").read_text(), re.M)
    assert {"site", "landing", "warehouse", "dbt_packages"} <= set(ignoradas)
    for pasta in (*ignoradas, ".lastro/demo", ".lastro/audit", "docs"):
        (tmp_path / pasta).mkdir(parents=True)
        (tmp_path / pasta / "algo").touch()
    (tmp_path / ".lastro" / "card.key").touch()
    antes = {str(a.relative_to(tmp_path)) for a in tmp_path.rglob("algo")}
    assert make("clean", onde=tmp_path).returncode == 0
    depois = {str(a.relative_to(tmp_path)) for a in tmp_path.rglob("algo")}
    ditas = {f"{pasta}/algo" for pasta in re.findall(r"(\w+)/", ajuda()["clean"])}
    assert antes - depois == ditas | {".lastro/demo/algo"}
    assert "the sample's server" in ajuda()["clean"]
    assert (tmp_path / ".lastro" / "card.key").exists()


def test_o_codigo_de_saida_esta_na_ultima_linha(armazem_vazio: ArmazemDeTeste) -> None:
    """As README and operations say: make ends with 2, and names the code."""
    if armazem_vazio.motor != "duckdb":
        pytest.skip("of make, not of an engine")
    feito = make("publish", **armazem_vazio.ambiente)
    assert feito.returncode == 2
    assert "Nothing was built here yet" in feito.stderr
    assert re.search(r"Makefile:\d+: publish\] Error 7$", feito.stderr.strip())


@pytest.fixture
def arvore(tmp_path: Path) -> Path:
    """A small project under git: on a branch, which is where main is."""
    for nome, texto in ARVORE.items():
        (tmp_path / nome).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / nome).write_text(texto)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "x")
    git(tmp_path, "checkout", "-q", "-b", "ramo")
    return tmp_path


def git(onde: Path, *argumentos: str) -> None:
    quem = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *quem, *argumentos], cwd=onde, check=True, capture_output=True)


def escolhidos(onde: Path, **ambiente: str) -> list[str]:
    herdado = {k: v for k, v in os.environ.items() if k not in ("CI", "ALL")}
    feito = subprocess.run(
        ["python3", PROJETO / ".ci" / "sql_a_conferir.py"],
        cwd=onde, env=herdado | ambiente, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return feito.stdout.split()


@pytest.mark.parametrize(
    ("mudado", "texto", "esperados"),
    [
        (None, "", []),
        ("README.md", "y", []),
        ("models/core/sem.yml", "y", []),
        ("models/core/sem.sql", "select 2", ["models/core/sem.sql"]),
        ("models/core/novo.sql", "select 2", ["models/core/novo.sql"]),
        ("models/core/sem.sql", None, []),
        ("macros/a.sql", "{% macro a() %}2{% endmacro %}",
         ["models/core/com_b.sql", "tests/data/com_a.sql"]),
        ("macros/a.sql", None, ["models/core/com_b.sql", "tests/data/com_a.sql"]),
        ("macros/b.sql", "{% macro outro() %}2{% endmacro %}", ["models/core/com_b.sql"]),
        ("macros/c.sql", "{% macro duckdb__c() %}4{% endmacro %}", ["models/core/com_c.sql"]),
        (".sqlfluff", "y", TUDO),
        ("requirements-dev.txt", "y", TUDO),
    ],
)  # fmt: skip
def test_lint_olha_o_que_difere_de_main(
    arvore: Path, mudado: str | None, texto: str | None, esperados: list[str]
) -> None:
    """Whether it was committed or not; a macro stands for all that calls it."""
    if mudado is not None and texto is None:
        (arvore / mudado).unlink()
    elif mudado is not None:
        (arvore / mudado).write_text(f"{texto}\n")
    assert escolhidos(arvore) == esperados
    if mudado is not None:
        git(arvore, "add", "-A")
        git(arvore, "commit", "-q", "-m", "y")
        assert escolhidos(arvore) == esperados


def test_lint_olha_tudo_onde_se_pede_ou_nao_se_sabe(arvore: Path) -> None:
    assert escolhidos(arvore, CI="true") == TUDO
    assert escolhidos(arvore, ALL="1") == TUDO
    git(arvore, "branch", "-q", "-D", "main")
    assert escolhidos(arvore) == TUDO
    shutil.rmtree(arvore / ".git")
    assert escolhidos(arvore, GIT_CEILING_DIRECTORIES=str(arvore.parent)) == TUDO


def test_ci_olha_tudo() -> None:
    assert "\nmake test ALL=1\n" in (PROJETO / ".ci" / "run").read_text()
    for alvo in ("lint-sql", "test"):
        assert "ALL=1 python .ci/sql_a_conferir.py" in make("-n", alvo, "ALL=1").stdout
