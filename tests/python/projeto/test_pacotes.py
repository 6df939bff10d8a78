"""The project's own dbt packages, and the module that installs them.

The dbt project below runs against `packages/`. To run it against others, the hub's say, set
LASTRO_TEST_PACKAGES to the folder that holds them: the same results are expected.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from comandos_quentes import quentes

from loaders import PROJETO
from loaders.nucleo.erros import LastroError
from loaders.projeto.pacotes import MARCA, PACOTES, instalar

USO = re.compile(r"\b(dbt_utils|dbt_expectations)\.([a-z]\w*)")


# --- what the project uses is what packages/ offers ----------------------------------------------


def usados() -> set[str]:
    """Macros and tests of the two packages that the project's SQL and YAML name."""
    achados: set[tuple[str, str]] = set()
    for pasta in ("models", "snapshots", "macros", "seeds", "tests", "analyses"):
        for arquivo in (PROJETO / pasta).rglob("*"):
            if arquivo.suffix == ".sql":
                texto = re.sub(r"\{#.*?#\}|--[^\n]*", "", arquivo.read_text(), flags=re.DOTALL)
                achados |= set(USO.findall(texto))
            elif arquivo.suffix in (".yml", ".yaml"):
                achados |= set(
                    USO.findall(" ".join(nomes_de_testes(yaml.safe_load(arquivo.read_text()))))
                )
    return {f"{pacote}.{macro}" for pacote, macro in achados}


def nomes_de_testes(no: Any) -> list[str]:
    """The names of the generic tests in a YAML document, at whatever depth."""
    if isinstance(no, list):
        return [nome for item in no for nome in nomes_de_testes(item)]
    if not isinstance(no, dict):
        return []
    nomes = []
    for chave, valor in no.items():
        if chave in ("tests", "data_tests") and isinstance(valor, list):
            nomes += [item if isinstance(item, str) else " ".join(map(str, item)) for item in valor]
            nomes += [str(item["test_name"]) for item in valor if "test_name" in item]
        nomes += nomes_de_testes(valor)
    return nomes


def oferecidos() -> set[str]:
    """Macros and tests that packages/ defines, helpers left out."""
    achados = set()
    for pacote in PACOTES:
        for arquivo in (PROJETO / "packages" / pacote / "macros").rglob("*.sql"):
            nomes = re.findall(r"\{%-?\s*(?:macro|test)\s+([a-z]\w*)\(", arquivo.read_text())
            assert nomes == [arquivo.stem], f"{arquivo}: one macro a file, named after it"
            achados.add(f"{pacote}.{arquivo.stem}")
    return achados


def test_the_packages_offer_exactly_what_the_project_uses() -> None:
    assert usados() == oferecidos()


def test_every_macro_is_documented() -> None:
    documentados = {
        f"{pacote}.{macro['name'].removeprefix('test_')}"
        for pacote in PACOTES
        for macro in yaml.safe_load(
            (PROJETO / "packages" / pacote / "macros" / "_macros.yml").read_text()
        )["macros"]
        if macro["description"] and all(a["description"] for a in macro["arguments"])
    }
    assert documentados == oferecidos()


# --- installing ----------------------------------------------------------------------------------


@pytest.fixture
def projeto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with packages/ and packages.yml, whose hub refuses every connection."""
    pasta = tmp_path / "projeto"
    shutil.copytree(PROJETO / "packages", pasta / "packages")
    shutil.copyfile(PROJETO / "packages.yml", pasta / "packages.yml")
    for variavel in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(variavel, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    return pasta


def conteudo(pasta: Path) -> dict[str, bytes]:
    """Every file under a folder."""
    return {str(p.relative_to(pasta)): p.read_bytes() for p in pasta.rglob("*") if p.is_file()}


def conferir_copias(projeto: Path) -> None:
    """Both packages are whole copies, and dbt would look into no other folder."""
    instalados = projeto / "dbt_packages"
    for nome in PACOTES:
        copia = conteudo(instalados / nome)
        assert copia.pop(MARCA)
        assert copia == conteudo(projeto / "packages" / nome)
    pastas = {p.name for p in instalados.iterdir() if p.is_dir()}
    assert pastas == set(PACOTES)


def do_hub(projeto: Path, nome: str) -> Path:
    """Put in place a package that looks as `dbt deps` leaves it."""
    pasta = projeto / "dbt_packages" / nome
    (pasta / "macros").mkdir(parents=True)
    (pasta / "dbt_project.yml").write_text(f"name: '{nome}'\nversion: '1.3.3'\n")
    (pasta / "macros" / "x.sql").write_text("{% macro x() %}{% endmacro %}")
    return pasta


def dbt_de_mentira(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpo: str) -> None:
    """A real program in the place of dbt, for what only a reachable or a hung hub would show."""
    pasta = tmp_path / "bin"
    pasta.mkdir()
    (pasta / "dbt").write_text(f"#!/bin/sh\n{corpo}\n")
    (pasta / "dbt").chmod((pasta / "dbt").stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(pasta / "python"))


BAIXA = """
while [ "$1" != --project-dir ]; do shift; done
cd "$2" || exit 1
for p in {pacotes}; do
    mkdir -p dbt_packages/$p/macros
    printf 'name: %s\\nversion: "9.9"\\n' $p > dbt_packages/$p/dbt_project.yml
done
"""


def test_without_the_hub_the_own_packages_are_copied(projeto: Path) -> None:
    linha = instalar(projeto, limite=3)  # dbt itself gives up after eight
    assert "dbt_utils (the project's own)" in linha
    assert "dbt_expectations (the project's own)" in linha
    assert "`dbt deps`" in linha
    assert "\n" not in linha
    conferir_copias(projeto)
    # Again: nothing to do, so nothing is tried and nothing is written.
    antes = {p: p.stat().st_mtime_ns for p in (projeto / "dbt_packages").glob("*/**/*")}
    assert instalar(projeto, limite=0) == linha
    assert {p: p.stat().st_mtime_ns for p in (projeto / "dbt_packages").glob("*/**/*")} == antes


def test_installed_packages_are_left_alone(projeto: Path) -> None:
    for nome in PACOTES:
        do_hub(projeto, nome)
    antes = conteudo(projeto / "dbt_packages")
    linha = instalar(projeto, limite=0)
    assert linha == (
        "dbt packages in use: dbt_utils 1.3.3 (the hub's), dbt_expectations 1.3.3 (the hub's)."
    )
    depois = conteudo(projeto / "dbt_packages")
    assert depois.pop("__lastro.lock") == b""
    assert depois == antes


def test_one_package_of_the_hub_stays_beside_one_copy(projeto: Path) -> None:
    antes = conteudo(do_hub(projeto, "dbt_utils"))
    linha = instalar(projeto, limite=0)
    assert "dbt_utils 1.3.3 (the hub's), dbt_expectations (the project's own)" in linha
    assert conteudo(projeto / "dbt_packages" / "dbt_utils") == antes


@pytest.mark.parametrize("estrago", ["source_changed", "file_lost", "file_changed", "file_added"])
def test_a_copy_that_differs_is_refreshed(projeto: Path, estrago: str) -> None:
    instalar(projeto, limite=0)
    copia = projeto / "dbt_packages" / "dbt_utils" / "macros"
    if estrago == "source_changed":
        (projeto / "packages" / "dbt_utils" / "macros" / "novo.sql").write_text("{# #}")
    elif estrago == "file_lost":
        (copia / "accepted_range.sql").unlink()
    elif estrago == "file_changed":
        (copia / "accepted_range.sql").write_text("")
    else:
        (copia / "velho.sql").write_text("{# #}")
    instalar(projeto, limite=0)
    conferir_copias(projeto)


def test_half_made_folders_are_repaired(projeto: Path) -> None:
    instalados = projeto / "dbt_packages"
    (instalados / "dbt_utils" / "macros").mkdir(parents=True)
    do_hub(projeto, "dbt_expectations").joinpath("dbt_project.yml").write_text("name: other\n")
    do_hub(projeto, "dbt-utils-1.3.3").joinpath("dbt_project.yml").write_text("name: dbt_utils\n")
    (instalados / "godatadriven-dbt-date-abc").mkdir()
    (instalados / "__lastro" / "dbt_utils").mkdir(parents=True)
    instalar(projeto, limite=0)
    conferir_copias(projeto)


def test_a_broken_link_and_a_file_in_the_way_are_replaced(projeto: Path) -> None:
    (projeto / "dbt_packages").mkdir()
    (projeto / "dbt_packages" / "dbt_utils").symlink_to(projeto / "nowhere")
    (projeto / "dbt_packages" / "dbt_expectations").write_text("")
    instalar(projeto, limite=0)
    conferir_copias(projeto)


def test_what_the_hub_gives_is_used(
    projeto: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instalar(projeto, limite=0)
    shutil.rmtree(projeto / "dbt_packages" / "dbt_expectations")
    dbt_de_mentira(
        tmp_path, monkeypatch, BAIXA.format(pacotes="dbt_date dbt_utils dbt_expectations")
    )
    linha = instalar(projeto)
    assert "dbt_utils 9.9 (the hub's), dbt_expectations 9.9 (the hub's)" in linha
    assert (projeto / "dbt_packages" / "dbt_date" / "dbt_project.yml").is_file()


@pytest.mark.parametrize(
    "corpo",
    [
        BAIXA.format(pacotes="dbt_date dbt_utils"),
        BAIXA.format(pacotes="dbt_utils dbt_expectations") + "exit 1",
        BAIXA.format(pacotes="dbt_utils dbt_expectations") + "kill -9 $$",
    ],
    ids=["one_missing", "failed", "killed"],
)
def test_a_download_that_did_not_end_well_is_dropped(
    projeto: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpo: str
) -> None:
    dbt_de_mentira(tmp_path, monkeypatch, corpo)
    instalar(projeto)
    conferir_copias(projeto)


def test_a_hung_hub_is_given_up_with_everything_it_started(
    projeto: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dbt_de_mentira(tmp_path, monkeypatch, f"sleep 60 & echo $! > {tmp_path}/filho\nwait")
    inicio = time.monotonic()
    instalar(projeto, limite=0.5)
    assert time.monotonic() - inicio < 5
    conferir_copias(projeto)
    filho = int((tmp_path / "filho").read_text())
    for _ in range(50):
        estado = Path(f"/proc/{filho}/stat")
        if not estado.exists() or estado.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the child of the killed dbt still runs")


def test_killed_and_run_again(projeto: Path) -> None:
    programa = (
        "import sys; from pathlib import Path; from loaders.projeto.pacotes import instalar;"
        "instalar(Path(sys.argv[1]), 0)"
    )
    for atraso in (0.05, 0.07, 0.08, 0.09, 0.1, 0.12):
        processo = subprocess.Popen([sys.executable, "-c", programa, str(projeto)], cwd=PROJETO)
        time.sleep(atraso)
        processo.kill()
        processo.wait()
    instalar(projeto, limite=0)
    conferir_copias(projeto)


def test_nothing_to_install_is_said_in_one_message(projeto: Path) -> None:
    shutil.rmtree(projeto / "packages")
    with pytest.raises(LastroError, match=r"dbt_utils is missing.*`dbt deps`"):
        instalar(projeto, limite=0)


# --- what the macros and tests give --------------------------------------------------------------


def linhas(colunas: str, *valores: str) -> str:
    """A query of literal rows: `linhas("a integer, b text", "1, 'x'", "null, null")`."""
    nomes, tipos = zip(*(coluna.split(None, 1) for coluna in colunas.split(", ")), strict=True)
    selecoes = []
    for linha in valores:
        partes = zip(linha.split(", "), tipos, nomes, strict=True)
        selecoes.append("select " + ", ".join(f"cast({v} as {t}) as {n}" for v, t, n in partes))
    return "\nunion all\n".join(selecoes)


FAIXAS = "g integer, de integer, ate integer"
MODELOS = {
    "chaves": """
        select i, {{ dbt_utils.generate_surrogate_key(['a']) }} as k1,
            {{ dbt_utils.generate_surrogate_key(['a', 'b']) }} as k2,
            {{ dbt_utils.generate_surrogate_key(["b", "coalesce(a, 'z')", 'i', 'd']) }} as k4
        from ("""
    + linhas(
        "i integer, a text, b text, d date",
        "1, 'x', 'y', '2024-02-29'",
        "2, 'x-', 'y', null",
        "3, 'x', '-y', null",
        "4, null, 'y', null",
        "5, '', 'y', null",
        "6, null, null, null",
        "7, 'ç ã ''', '-', '1999-12-31'",
    )
    + ") as dados",
    "dias": "{{ dbt_utils.date_spine('day', \"cast('2024-02-27' as date)\","
    " \"cast('2024-03-02' as date)\") }}",
    "meses": "{{ dbt_utils.date_spine(datepart='month', start_date=\"cast('2023-11-30' as date)\","
    " end_date=\"cast('2024-04-01' as date)\") }}",
    "horas": "select * from ({{ dbt_utils.date_spine('hour',"
    " \"cast('2024-01-01 22:30:00' as timestamp)\", \"cast('2024-01-02 01:15:00' as timestamp)\")"
    " }}) as horas",
    "um_dia": "{{ dbt_utils.date_spine('day', \"cast('2024-02-29' as date)\","
    " \"cast('2024-03-01' as date)\") }}",
    "dia_nenhum": "{{ dbt_utils.date_spine('day', \"cast('2024-03-01' as date)\","
    " \"cast('2024-03-01' as date)\") }}",
    "dia_ao_contrario": "{{ dbt_utils.date_spine('day', \"cast('2024-03-02' as date)\","
    " \"cast('2024-03-01' as date)\") }}",
    "numeros": linhas(
        "n decimal(5,2), t text", "0, 'a'", "1, 'b'", "10, 'A1'", "10, 'b'", "null, null"
    ),
    "quase": linhas("n decimal(5,2), t text", "-0.01, 'a'", "10.01, ''", "null, 'c d'"),
    "pares": linhas("a integer, b text", "1, 'x'", "1, 'y'", "2, 'x'", "null, 'x'"),
    "pares_repetidos": linhas(
        "a integer, b text", "1, 'x'", "1, 'x'", "1, 'x'", "null, 'x'", "null, 'x'", "2, 'x'"
    ),
    "textos": linhas("t text", "'a1'", "'b22'"),
    "vazio": "select * from (" + linhas("n integer, t text", "1, 'a'") + ") as d where n is null",
    "tres": linhas("n integer, t text", "1, 'a'", "1, 'b'", "2, 'a'"),
    "outros_tres": linhas("n integer, t text", "1, 'c'", "2, 'd'", "2, 'e'"),
    "sem_o_dois": linhas("n integer, t text", "1, 'c'", "1, 'd'", "3, 'e'"),
    "com_nulo": linhas("n integer, t text", "null, 'a'", "null, 'b'", "1, 'b'"),
    "seguidas": linhas(FAIXAS, "1, 0, 5", "1, 5, 9", "2, 3, 4"),
    "com_vao": linhas(FAIXAS, "1, 0, 5", "1, 6, 9", "2, 1, 2", "2, 4, 8"),
    "sobrepostas": linhas(FAIXAS, "1, 0, 6", "1, 5, 9", "2, 3, 4"),
    "de_tamanho_zero": linhas(FAIXAS, "1, 0, 5", "1, 5, 5", "1, 5, 9"),
    "invertida": linhas(FAIXAS, "1, 5, 4", "2, 0, 9"),
    "repetidas": linhas(FAIXAS, "1, 0, 5", "1, 0, 5"),
    "sem_fim": linhas(FAIXAS, "1, 0, 5", "1, 5, null", "2, null, 3", "2, 4, 5"),
}

U, E = "dbt_utils.", "dbt_expectations."
UNICA, INTERVALO = U + "unique_combination_of_columns", U + "accepted_range"
VERDADE, CONTAGEM, FAIXA = (
    U + "expression_is_true",
    U + "equal_rowcount",
    U + "mutually_exclusive_ranges",
)
REGEX, COLUNAS, CONJUNTO = (
    E + "expect_column_values_to_match_regex",
    E + "expect_table_columns_to_match_ordered_list",
    E + "expect_column_distinct_values_to_be_in_set",
)
EXTREMOS = {"lower_bound_column": "de", "upper_bound_column": "ate"}
POR_G = EXTREMOS | {"partition_by": "g"}
ESTRITA = {"fail_calc": "coalesce(sum(coalesce(diff_count, count_a, count_b)), 0)"}
ERRO = "error"

# (model, column or none, test, its arguments, failures expected on DuckDB [and on PostgreSQL])
CASOS: list[tuple[str, str | None, str, dict[str, Any], Any]] = [
    ("pares", None, UNICA, {"combination_of_columns": ["a", "b"]}, 0),
    ("pares", None, UNICA, {"combination_of_columns": ["a", "b"], "quote_columns": True}, 0),
    ("pares", None, UNICA, {"combination_of_columns": ["b"]}, 1),
    ("pares_repetidos", None, UNICA, {"combination_of_columns": ["a", "b"]}, 2),
    ("vazio", None, UNICA, {"combination_of_columns": ["n"]}, 0),
    ("numeros", "n", INTERVALO, {"min_value": 0, "max_value": 10}, 0),
    ("numeros", "n", INTERVALO, {"min_value": 0, "max_value": 10, "inclusive": False}, 3),
    ("numeros", "n", INTERVALO, {"min_value": 0}, 0),
    ("numeros", "n", INTERVALO, {"min_value": 0, "inclusive": False}, 1),
    ("numeros", "n", INTERVALO, {"max_value": 10, "inclusive": False}, 2),
    ("numeros", "n", INTERVALO, {"max_value": "(select max(n) from {{ ref('tres') }})"}, 2),
    ("numeros", "n", INTERVALO, {"max_value": "cast(null as integer)"}, 0),
    ("numeros", "n", INTERVALO, {"min_value": 5, "max_value": "cast(null as integer)"}, 2),
    ("numeros", "n", INTERVALO, {}, 0),
    ("quase", "n", INTERVALO, {"min_value": 0, "max_value": 10}, 2),
    ("numeros", None, VERDADE, {"expression": "n >= 0"}, 0),
    ("numeros", None, VERDADE, {"expression": "n > 0 or n < 0"}, 1),
    ("numeros", "n", VERDADE, {"expression": "<= 10"}, 0),
    ("quase", "n", VERDADE, {"expression": "between 0 and 10"}, 2),
    ("quase", "n", VERDADE, {"expression": "is not null"}, 1),
    ("tres", None, CONTAGEM, {"compare_model": "ref('outros_tres')"}, 0),
    ("tres", None, CONTAGEM, {"compare_model": "ref('numeros')"}, 2),
    (
        "tres",
        None,
        CONTAGEM,
        {"compare_model": "ref('outros_tres')", "group_by_columns": ["n"]},
        2,
    ),
    ("tres", None, CONTAGEM, {"compare_model": "ref('tres')", "group_by_columns": ["n", "t"]}, 0),
    # A group, or a whole relation, that one side lacks is no difference to it.
    ("tres", None, CONTAGEM, {"compare_model": "ref('sem_o_dois')", "group_by_columns": ["n"]}, 0),
    ("com_nulo", None, CONTAGEM, {"compare_model": "ref('tres')", "group_by_columns": ["n"]}, 1),
    ("tres", None, CONTAGEM, {"compare_model": "ref('vazio')"}, 0),
    ("vazio", None, CONTAGEM, {"compare_model": "ref('tres')"}, 0),
    # With the calculation packages/README.md gives, it is, and two empty ones are equal.
    ("tres", None, CONTAGEM, {"compare_model": "ref('vazio')", "config": ESTRITA}, 3),
    ("vazio", None, CONTAGEM, {"compare_model": "ref('tres')", "config": ESTRITA}, 3),
    ("vazio", None, CONTAGEM, {"compare_model": "ref('vazio')", "config": ESTRITA}, 0),
    ("seguidas", None, FAIXA, POR_G, 0),
    ("seguidas", None, FAIXA, POR_G | {"gaps": "not_allowed"}, 0),
    ("seguidas", None, FAIXA, POR_G | {"gaps": "required"}, 1),
    ("seguidas", None, FAIXA, EXTREMOS, 1),
    ("com_vao", None, FAIXA, POR_G, 0),
    ("com_vao", None, FAIXA, POR_G | {"gaps": "not_allowed"}, 2),
    ("com_vao", None, FAIXA, POR_G | {"gaps": "required"}, 0),
    ("com_vao", None, FAIXA, EXTREMOS | {"partition_by": "g, de"}, 0),
    ("sobrepostas", None, FAIXA, POR_G, 1),
    ("de_tamanho_zero", None, FAIXA, POR_G, 1),
    ("de_tamanho_zero", None, FAIXA, POR_G | {"zero_length_range_allowed": True}, 0),
    ("invertida", None, FAIXA, POR_G, 1),
    ("invertida", None, FAIXA, POR_G | {"zero_length_range_allowed": True}, 1),
    ("sem_fim", None, FAIXA, POR_G, (2, 3)),
    ("vazio", None, FAIXA, {"lower_bound_column": "n", "upper_bound_column": "n"}, 0),
    ("textos", "t", REGEX, {"regex": "^[a-z][0-9]{1,2}$"}, 0),
    ("textos", "t", REGEX, {"regex": "^[a-z][0-9]$"}, 1),
    ("textos", "t", REGEX, {"regex": "2", "row_condition": "t <> 'a1' or t is null"}, 0),
    ("textos", "t", REGEX, {"regex": "^(a)?(b)?[0-9]+$"}, 0),
    ("textos", "t", REGEX, {"regex": "^[A-Z]"}, 2),
    ("textos", "t", REGEX, {"regex": "^[A-Z]", "flags": "i"}, 0),
    ("textos", "t", REGEX, {"regex": "^[a-z]\\d+$", "is_raw": True}, 0),
    ("textos", "t", REGEX, {"regex": "x*"}, 0),
    ("numeros", "t", REGEX, {"regex": "^[a-zA-Z]"}, (0, 1)),
    ("numeros", "t", REGEX, {"regex": "^[a-z]$", "row_condition": "t is not null"}, 1),
    ("quase", "t", REGEX, {"regex": "^[a-z]$"}, 2),
    ("pares", None, COLUNAS, {"column_list": ["a", "b"]}, 0),
    ("pares", None, COLUNAS, {"column_list": ["A", "b"]}, 0),
    ("pares", None, COLUNAS, {"column_list": ["A", "b"], "transform": "lower"}, 0),
    ("pares", None, COLUNAS, {"column_list": ["A", "b"], "transform": "trim"}, 2),
    ("pares", None, COLUNAS, {"column_list": ["b", "a"]}, 4),
    ("pares", None, COLUNAS, {"column_list": ["a"]}, 1),
    ("pares", None, COLUNAS, {"column_list": ["a", "b", "c"]}, 1),
    ("pares", None, COLUNAS, {"column_list": ["c", "a", "b"]}, 5),
    ("textos", "t", CONJUNTO, {"value_set": ["a1", "b22", "c"]}, 0),
    ("textos", "t", CONJUNTO, {"value_set": ["a1", "a1"]}, 1),
    ("textos", "t", CONJUNTO, {"value_set": ["A1"]}, 2),
    ("textos", "t", CONJUNTO, {"value_set": ["a1"], "row_condition": "t < 'b'"}, 0),
    ("tres", "n", CONJUNTO, {"value_set": [1, 2, 3], "quote_values": False}, 0),
    ("tres", "n", CONJUNTO, {"value_set": [2], "quote_values": False}, 1),
    ("com_nulo", "n", CONJUNTO, {"value_set": [1], "quote_values": False}, 1),
    (
        "com_nulo",
        "n",
        CONJUNTO,
        {"value_set": [1], "quote_values": False, "row_condition": "n is not null"},
        0,
    ),
    ("vazio", "t", CONJUNTO, {"value_set": ["a"]}, 0),
]


def montar(pasta: Path, pacotes: Path, perfil: dict[str, Any]) -> None:
    """Write a dbt project with every model and every case, on the packages of a folder."""
    (pasta / "models").mkdir(parents=True)
    for pacote in (p for p in pacotes.iterdir() if p.is_dir()):
        shutil.copytree(pacote, pasta / "dbt_packages" / pacote.name)
    shutil.copyfile(PROJETO / "packages.yml", pasta / "packages.yml")
    arquivos: dict[str, Any] = {
        "profiles.yml": {"prova": {"target": "prova", "outputs": {"prova": perfil}}},
        "dbt_packages/sem_nulos/dbt_project.yml": {"name": "sem_nulos", "config-version": 2},
        "dbt_project.yml": {
            "name": "prova",
            "version": "1.0",
            "config-version": 2,
            "profile": "prova",
            "models": {"+materialized": "table"},
            # The keys once more, in a package of their own, where the variable is set.
            "vars": {"sem_nulos": {"surrogate_key_treat_nulls_as_empty_strings": True}},
            "flags": {"send_anonymous_usage_stats": False, "validate_macro_args": True},
        },
    }
    modelos: dict[str, dict[str, Any]] = {}
    for numero, (modelo, coluna, teste, argumentos, _) in enumerate(CASOS):
        no = modelos.setdefault(modelo, {"name": modelo, "data_tests": [], "columns": []})
        if coluna is not None:
            no["columns"].append({"name": coluna, "data_tests": []})
            no = no["columns"][-1]
        corpo: dict[str, Any] = {"name": f"caso_{numero}", "arguments": dict(argumentos)}
        corpo["config"] = corpo["arguments"].pop("config", {})
        no["data_tests"].append({teste: corpo})
    arquivos["models/modelos.yml"] = {"version": 2, "models": list(modelos.values())}
    sem_nulos = pasta / "dbt_packages" / "sem_nulos" / "models" / "chaves_sem_nulos.sql"
    sem_nulos.parent.mkdir(parents=True)
    sem_nulos.write_text(MODELOS["chaves"])
    for nome, documento in arquivos.items():
        (pasta / nome).write_text(yaml.safe_dump(documento, sort_keys=False))
    for nome, sql in MODELOS.items():
        (pasta / "models" / f"{nome}.sql").write_text(sql)


def dbt(pasta: Path, *argumentos: str) -> tuple[dict[str, tuple[str, int | None]], str]:
    """Run dbt, and give each node's status and failures, and what dbt said."""
    ambiente = {nome: valor for nome, valor in os.environ.items() if not nome.startswith("DBT_")}
    saida = subprocess.run(
        [str(quentes().pasta / "dbt"), *argumentos, "--no-use-colors", "--show-all-deprecations"],
        cwd=pasta,
        env=ambiente | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_PROFILES_DIR": str(pasta)},
        capture_output=True,
        text=True,
    ).stdout
    resultado = pasta / "target" / "run_results.json"
    assert resultado.is_file(), saida
    return {
        no["unique_id"].split(".")[2]: (no["status"], no["failures"])
        for no in json.loads(resultado.read_text())["results"]
    }, saida


def divergencias(resultados: dict[str, tuple[str, int | None]], motor: int) -> list[str]:
    """The cases whose failures are not the expected ones, on DuckDB (0) or PostgreSQL (1)."""
    erradas = []
    for numero, (modelo, _, teste, argumentos, falhas) in enumerate(CASOS):
        esperado = falhas[motor] if isinstance(falhas, tuple) else falhas
        estado, achado = resultados[f"caso_{numero}"]
        if (estado, achado) != ("pass" if esperado == 0 else "fail", esperado):
            erradas.append(f"{teste} on {modelo} {argumentos}: {estado} {achado}, not {esperado}")
    return erradas


class Prova:
    """The project of this section, built once on DuckDB."""

    def __init__(self, pasta: Path) -> None:
        """Build it, run every test and read what it made."""
        self.banco = str(pasta / "banco.duckdb")
        pacotes = Path(os.environ.get("LASTRO_TEST_PACKAGES", PROJETO / "packages"))
        perfil = {"type": "duckdb", "path": self.banco, "schema": "prova", "threads": 4}
        montar(pasta, pacotes, perfil)
        self.resultados, self.saida = dbt(pasta, "build")
        self.chaves = self.ler("select * from prova.chaves order by i")
        self.espinhas = {
            nome: self.ler(f"select * from prova.{nome} order by 1")
            for nome in ("dias", "meses", "horas", "um_dia")
        }
        self.tipo = self.ler("select column_name, column_type from (describe prova.dias)")
        self.chaves_sem_nulos = self.ler("select * from prova.chaves_sem_nulos order by i")

    def ler(self, consulta: str) -> list[tuple[Any, ...]]:
        """Read from the database that dbt built."""
        with duckdb.connect(self.banco, read_only=True) as conexao:
            return conexao.execute(consulta).fetchall()


@pytest.fixture(scope="module")
def prova(tmp_path_factory: pytest.TempPathFactory) -> Prova:
    return Prova(tmp_path_factory.mktemp("prova") / "projeto")


def test_each_generic_test_fails_on_as_many_rows_as_the_hubs(prova: Prova) -> None:
    assert divergencias(prova.resultados, motor=0) == []


def test_dbt_has_nothing_to_deprecate_or_warn_of(prova: Prova) -> None:
    assert not re.search("WARNING|[Dd]eprecat", prova.saida), prova.saida


def chave(*campos: str | None, nulo: str = "_dbt_utils_surrogate_key_null_") -> str:
    texto = "-".join(nulo if campo is None else campo for campo in campos)
    return hashlib.md5(texto.encode()).hexdigest()


@pytest.mark.parametrize("nulo", ["_dbt_utils_surrogate_key_null_", ""])
def test_surrogate_keys(prova: Prova, nulo: str) -> None:
    dados = [
        ("x", "y", "2024-02-29"),
        ("x-", "y", None),
        ("x", "-y", None),
        (None, "y", None),
        ("", "y", None),
        (None, None, None),
        ("ç ã '", "-", "1999-12-31"),
    ]
    assert (prova.chaves_sem_nulos if nulo == "" else prova.chaves) == [
        (
            i,
            chave(a, nulo=nulo),
            chave(a, b, nulo=nulo),
            chave(b, "z" if a is None else a, str(i), d, nulo=nulo),
        )
        for i, (a, b, d) in enumerate(dados, start=1)
    ]


def test_date_spines(prova: Prova) -> None:
    esperadas = {
        "dias": ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"],
        "meses": ["2023-11-30", "2023-12-30", "2024-01-30", "2024-02-29", "2024-03-30"],
        "horas": ["2024-01-01 22:30", "2024-01-01 23:30", "2024-01-02 00:30"],
        "um_dia": ["2024-02-29"],
    }
    assert prova.espinhas == {
        nome: [(datetime.fromisoformat(valor),) for valor in valores]
        for nome, valores in esperadas.items()
    }
    assert prova.tipo == [("date_day", "TIMESTAMP")]


def test_a_spine_of_no_period_stops_the_build(prova: Prova) -> None:
    assert prova.resultados["dia_nenhum"][0] == ERRO
    assert prova.resultados["dia_ao_contrario"][0] == ERRO
