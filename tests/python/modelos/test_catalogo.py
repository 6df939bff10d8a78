"""The YAML beside the models against what stands in the warehouse, in both directions."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ArmazemDeTeste

PROPRIOS = "lastro"


@pytest.fixture
def manifesto(armazem: ArmazemDeTeste) -> dict[str, Any]:
    """dbt's manifest of the project as it was built."""
    caminho = Path(armazem.ambiente["DBT_TARGET_PATH"]) / "manifest.json"
    lido: dict[str, Any] = json.loads(caminho.read_text(encoding="utf-8"))
    return lido


def relacoes(manifesto: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The project's models, seeds, snapshots and sources, by `schema.table`."""
    nos = [
        no
        for no in (*manifesto["nodes"].values(), *manifesto["sources"].values())
        if no["package_name"] == PROPRIOS
        and no["config"].get("materialized") != "ephemeral"
        and no["resource_type"] in ("model", "seed", "snapshot", "source")
    ]
    return {
        f"{no['schema']}.{no.get('identifier') or no.get('alias') or no['name']}": no for no in nos
    }


def construidas(armazem: ArmazemDeTeste) -> dict[str, list[str]]:
    """The columns of every table and view, in order."""
    resultado: dict[str, list[str]] = {}
    for esquema, tabela, coluna in armazem.linhas(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema not in ('information_schema', 'pg_catalog')"
        " order by table_schema, table_name, ordinal_position"
    ):
        resultado.setdefault(f"{esquema}.{tabela}", []).append(coluna)
    return resultado


def test_cada_coluna_documentada_existe_e_cada_existente_e_documentada(
    armazem: ArmazemDeTeste, manifesto: dict[str, Any]
) -> None:
    documentadas = relacoes(manifesto)
    existentes = construidas(armazem)
    assert {no["resource_type"] for no in documentadas.values()} == {
        "model", "seed", "snapshot", "source",
    }  # fmt: skip
    assert set(existentes) - set(documentadas) == set(), "built, and no YAML names it"
    assert set(documentadas) - set(existentes) == set(), "in YAML, and not built"
    diferencas = {}
    for nome, no in documentadas.items():
        no_yaml, na_tabela = list(no["columns"]), existentes[nome]
        if set(no_yaml) != set(na_tabela):
            diferencas[nome] = {
                "documented, not built": sorted(set(no_yaml) - set(na_tabela)),
                "built, not documented": sorted(set(na_tabela) - set(no_yaml)),
            }
    assert diferencas == {}


def test_colunas_de_contratos_estao_na_ordem_da_tabela(
    armazem: ArmazemDeTeste, manifesto: dict[str, Any]
) -> None:
    existentes = construidas(armazem)
    contratadas = {
        nome: no
        for nome, no in relacoes(manifesto).items()
        if no["resource_type"] == "model" and no["contract"]["enforced"]
    }
    assert {nome.split(".")[0] for nome in contratadas} == {
        "compliance", "core", "credito", "financeiro", "marketing", "plataforma", "reconciliacao",
        "risco",
    }  # fmt: skip
    for nome, no in contratadas.items():
        assert list(no["columns"]) == existentes[nome], nome
        assert all(coluna["data_type"] for coluna in no["columns"].values()), nome
        assert no["group"], nome
        assert no["access"] == "public", nome


def test_tudo_tem_descricao(manifesto: dict[str, Any]) -> None:
    vazias = []
    for nome, no in relacoes(manifesto).items():
        vazias += [nome] * (not no["description"].strip())
        vazias += [
            f"{nome}.{coluna['name']}"
            for coluna in no["columns"].values()
            if not coluna["description"].strip()
        ]
        if no["resource_type"] == "source":
            vazias += [no["source_name"]] * (not no["source_description"].strip())
    assert vazias == []


def test_exposicoes_tem_descricao_e_dono(manifesto: dict[str, Any]) -> None:
    exposicoes = {e["name"]: e for e in manifesto["exposures"].values()}
    assert "movimento_flat" in exposicoes
    for nome, exposicao in exposicoes.items():
        assert exposicao["description"].strip(), nome
        assert exposicao["owner"]["name"] or exposicao["owner"]["email"], nome
        assert exposicao["depends_on"]["nodes"], nome


def test_cada_macro_e_cada_argumento_tem_descricao(manifesto: dict[str, Any]) -> None:
    """One body per engine stands behind a dispatched macro; the macro itself is described."""
    macros = {
        macro["name"]: macro
        for macro in manifesto["macros"].values()
        if macro["package_name"] == PROPRIOS and not macro["name"].startswith("test_")
    }
    despachadas = {
        m["name"]
        for m in manifesto["macros"].values()
        if f"adapter.dispatch('{m['name']}'" in m["macro_sql"]
    }
    problemas = []
    for nome, macro in macros.items():
        motor, _, comum = nome.partition("__")
        if motor in ("default", "duckdb", "postgres", "spark") and comum in despachadas:
            continue
        if not macro["description"].strip():
            problemas.append(f"{nome}: no description")
        if nome.startswith("materialization_"):  # takes no arguments
            continue
        assinatura = re.search(rf"macro\s+{nome}\s*\(([^)]*)\)", macro["macro_sql"])
        assert assinatura is not None, nome
        aceitos = [a.split("=")[0].strip() for a in assinatura[1].split(",") if a.strip()]
        descritos = {a["name"]: a["description"] for a in macro["arguments"]}
        problemas += [
            f"{nome}({argumento}): not described"
            for argumento in aceitos
            if not (descritos.get(argumento) or "").strip()
        ]
        problemas += [f"{nome}({a}): no such argument" for a in descritos.keys() - set(aceitos)]
    assert problemas == []
