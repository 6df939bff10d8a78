"""Sandboxes: no prefix makes one warehouse's schema another's, for `lastro` and for dbt alike."""

import itertools
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from comandos_quentes import quentes
from pydantic import ValidationError

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.nucleo.configuracao import Configuracao
from loaders.publicacao.modelos import modelos

BONS = ("", "ana_", "a", "time_de_risco_", "rawdata_", "publico_", "x_pub", "raw", "pgsql_")
RUINS = (
    "pub_", "raw_", "ana_pub_", "ana_raw_", "pg_", "pg_ana_", "conhecido_ate_20240310t120000_",
    "conhecido_ate_20240310t120000_500000_", "ana_conhecido_ate_20240310t120000_", "conhecido_ate_",
    "conhecido_ate_x_bia_", "current", "v20261122_134500", "v20261122_134500_2", "Ana_", "1ana_",
    "_ana_", "ana-", "ana ", "ana_\n", "aná_", 'ana"', "a" * 25,
)  # fmt: skip


def aceito(prefixo: str) -> bool:
    try:
        return Configuracao(_env_file=None, LASTRO_SCHEMA_PREFIX=prefixo).prefixo == prefixo  # type: ignore[call-arg]
    except ValidationError as erro:
        assert "may not begin with pg_" in str(erro)
        return False


@pytest.mark.parametrize("prefixo", BONS + RUINS)
def test_um_prefixo_que_toma_o_nome_de_outro_e_recusado(prefixo: str) -> None:
    assert aceito(prefixo) == (prefixo in BONS)


def test_nenhum_esquema_de_uma_caixa_e_de_outra() -> None:
    """Of all names that the project makes: what stands before one that ends like another."""
    simples = {f.esquema for f in fontes().values()}
    simples |= {m.esquema for m in modelos().values()}
    simples |= {"staging", "intermediate", "quarentena", "publicacao"}
    versao = "v20261122_134500"
    publicados = {f"pub_{e}" for e in simples}
    conhecidos = {f"conhecido_ate_20240310t120000_{e}" for e in simples}
    todos = simples | publicados | conhecidos | {f"{e}_{versao}" for e in publicados}
    tomam = {a.removesuffix(b) for a, b in itertools.permutations(todos, 2) if a.endswith(b)}
    assert {"pub_", "conhecido_ate_20240310t120000_"} <= tomam
    for prefixo in tomam:
        assert not aceito(prefixo), prefixo
        assert not aceito(f"a_{prefixo}"), prefixo


class Devolvido(Exception):
    """What a macro returns, as dbt does it."""


def do_macro(prefixo: str) -> str | None:
    """What the macro returns of a prefix; nothing where it refuses it."""

    def devolver(valor: str) -> None:
        raise Devolvido(valor)

    def recusar(texto: str) -> None:
        assert texto.startswith("LASTRO_SCHEMA_PREFIX: ")
        raise LookupError

    ambiente = jinja2.Environment(extensions=["jinja2.ext.do"])
    macros = ambiente.from_string((PROJETO / "macros" / "generate_schema_name.sql").read_text())
    contexto = {
        "env_var": lambda _nome, _senao: prefixo,
        "modules": SimpleNamespace(re=re),
        "exceptions": SimpleNamespace(raise_compiler_error=recusar),
        "return": devolver,
    }
    try:
        macros.make_module(contexto).prefixo_de_esquemas()  # type: ignore[attr-defined]
    except LookupError:
        return None
    except Devolvido as devolvido:
        return str(devolvido)
    raise AssertionError("it returns nothing")


@pytest.mark.parametrize("prefixo", BONS + RUINS)
def test_o_macro_recusa_os_mesmos(prefixo: str) -> None:
    assert do_macro(prefixo) == (prefixo if prefixo in BONS else None)


def test_o_dbt_para_antes_de_ler(tmp_path: Path) -> None:
    arquivo = tmp_path / "lastro.duckdb"
    feito = subprocess.run(
        [quentes().pasta / "dbt", "--no-use-colors", "build", "--select", "dim_data"],
        cwd=PROJETO,
        env={
            "PATH": "/usr/bin:/bin",
            "LASTRO_DUCKDB": str(arquivo),
            "LASTRO_SCHEMA_PREFIX": "pub_",
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
        capture_output=True,
        text=True,
    )
    assert feito.returncode == 2, feito.stdout
    assert "LASTRO_SCHEMA_PREFIX: a prefix is" in feito.stdout
    assert not arquivo.exists()
