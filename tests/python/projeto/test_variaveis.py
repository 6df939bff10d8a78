"""What a person may write for a variable: every type that YAML makes of it."""

import pprint

import pytest
import yaml
from conftest import ArmazemDeTeste

from loaders import PROJETO

DIA, MEIA_NOITE = "2025-08-20", "2025-08-20 00:00:00"
LIDOS = {
    "2025-08-20": (DIA, MEIA_NOITE),
    "'2025-08-20'": (DIA, MEIA_NOITE),
    "' 2025-08-20 '": (DIA, MEIA_NOITE),
    "2025-08-20 00:00:00": (DIA, MEIA_NOITE),
    "2025-08-20T00:00:00Z": (DIA, MEIA_NOITE),
    "'2025-08-20T00:00'": (DIA, MEIA_NOITE),
    "2025-08-20 12:30:00": ("", "2025-08-20 12:30:00"),
    "2025-08-20 12:30:00.250": ("", "2025-08-20 12:30:00.25"),
    "'2025-08-20 12:30:00+00:00'": ("", "2025-08-20 12:30:00"),
    "2025-08-20 00:00:00.000001": ("", "2025-08-20 00:00:00.000001"),
    "2024-02-29": ("2024-02-29", "2024-02-29 00:00:00"),
    "1900-01-01": ("1900-01-01", "1900-01-01 00:00:00"),
    "1899-12-31": ("", "1899-12-31 00:00:00"),
    "2025-08-20 00:00:00-03:00": ("", ""),
    "'2025-02-29'": ("", ""),
    "'2025-02-30'": ("", ""),
    "'2025-08-20 24:00:00'": ("", ""),
    "'9999-12-31'": ("", ""),
    "2025-8-2": ("", ""),
    "20/08/2025": ("", ""),
    "20250820": ("", ""),
    "2025": ("", ""),
    "2025.5": ("", ""),
    "true": ("", ""),
    "yesterday": ("", ""),
    "[2025-08-20]": ("", ""),
    "{a: 2025-08-20}": ("", ""),
    "null": ("", ""),
    "''": ("", ""),
}
"""As it is written in --vars: the day and the moment that are read; empty where it is none."""
VARIAVEIS = (
    "{ref_datas: [2026-02-01, 2026-01-01 12:30:00.25, '2025-12-01', 20251101], data_referencia:"
    " 2025-08-20, conhecido_ate: 2024-03-10 12:00:00Z, x: {y: [null, true, 1.5, it''s]}}"
)


@pytest.fixture
def lugar_lido(lugar: ArmazemDeTeste) -> ArmazemDeTeste:
    """A place where dbt has parsed the project, on one engine: none is asked here."""
    if lugar.motor != "duckdb":
        pytest.skip("read before any engine is asked")
    return lugar


def _modelo(lugar: ArmazemDeTeste, texto: str) -> str:
    return lugar.dbt("--quiet", "compile", "--inline", texto).stdout


def test_cada_tipo_de_yaml_e_um_dia_um_momento_ou_nada(lugar_lido: ArmazemDeTeste) -> None:
    escritos = f"[{', '.join(LIDOS)}]".replace('"', '\\"')
    lido = _modelo(
        lugar_lido,
        f'{{%- for v in fromyaml("{escritos}") %}}{{{{ dia_lido(v) }}}}|'
        "{{ momento_lido(v) }};{%- endfor %}",
    )
    linhas = [tuple(li.strip().split("|")) for li in lido.split(";") if "|" in li]
    assert dict(zip(LIDOS, linhas, strict=True)) == LIDOS


def test_o_que_se_anota_e_o_que_foi_dito(lugar_lido: ArmazemDeTeste) -> None:
    """A publication gives dbt the build's variables back; of other types, dbt would parse again."""
    dito = yaml.safe_load(VARIAVEIS)
    anotado = _modelo(lugar_lido, f'{{{{ toyaml(fromyaml("{VARIAVEIS}"), sort_keys=true) }}}}')
    assert pprint.pformat(yaml.safe_load(anotado)) == pprint.pformat(dito)
    outra_vez = yaml.safe_dump(yaml.safe_load(anotado))
    assert pprint.pformat(yaml.safe_load(outra_vez)) == pprint.pformat(dito)


def test_dias_sem_aspas_chegam_ao_livro(lugar_lido: ArmazemDeTeste) -> None:
    """The variables themselves: days of two types, and a null, which is none."""
    variaveis = (
        "--vars",
        "{ref_datas: [2026-02-01, 2026-01-01 00:00:00], conhecido_ate: null,"
        " data_referencia: 2025-08-20}",
    )
    compilado = lugar_lido.dbt("compile", "--select", "int_livro__ref_datas", *variaveis).stdout
    assert "cast('2026-02-01' as date)" in compilado
    assert "cast('2026-01-01' as date)" in compilado
    lista = lugar_lido.dbt(
        "--quiet", "ls", "--select", "dim_conta", "--resource-type", "model", *variaveis
    ).stdout  # fmt: skip
    assert lista.split() == ["lastro.core.dim_conta"], "there without conhecido_ate"


def test_cada_variavel_esta_nas_paginas() -> None:
    paginas = (PROJETO / "docs" / "operations.md").read_text(encoding="utf-8")
    for nome in ("ref_datas", "data_referencia", "conhecido_ate"):
        assert f"`{nome}`" in paginas
