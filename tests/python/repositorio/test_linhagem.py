"""A column that descends from personal data says so, or `make lint` names the way it came."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJETO

from loaders.contratos import pessoal
from loaders.contratos.pessoal import Marca

FORA = (".*", "target", "logs", "warehouse", "published", "saida", "landing", "benchmarks")
BASE = "{{ ref('base_sicooperative__associado') }}"
MODELOS = {
    "sonda_sem": f"select id_associado, upper(nome) as apelido from {BASE}",
    "sonda_depois": "select 'x' as quem union all select apelido from {{ ref('sonda_sem') }}",
    "sonda_faixa": f"""
        select f.faixa_etaria as faixa from {BASE} as a
        left join {{{{ ref('faixas_etarias') }}}} as f
            on extract(year from a.data_nascimento) between f.idade_de and f.idade_ate
    """,
    "sonda_com": f"""
        select
            id_associado, nome as apelido, count(nome) over () as quantos, nome is null as sem_nome,
            row_number() over (partition by nome order by data_nascimento) as posicao,
            case when id_associado = '1' then 'o primeiro' end as qual
        from {BASE}
    """,
    "sonda_nao": f"select length(nome) as letras, min(nome) as menor from {BASE} group by 1",
    "sonda_ilegivel": f"select nome from (({BASE}",
    "sonda_calada": f"select nome from (({BASE}",
    "sonda_de_macro": f"select {{{{ sonda_qual() }}}} as qual from {BASE}",
}
MACRO = (
    "{{% macro sonda_qual() -%}}{{{{ sonda_coluna() }}}}{{%- endmacro %}}"
    "{{% macro sonda_coluna() -%}}{}{{%- endmacro %}}"
)
DESCRITO = """
version: 2
models:
  - name: sonda_sem
    columns: [{name: id_associado}, {name: apelido}]
  - name: sonda_depois
    columns: [{name: quem}]
  - name: sonda_faixa
    columns: [{name: faixa}]
  - name: sonda_com
    columns:
      - {name: apelido, config: {meta: {pessoal: nome}}}
      - {name: quantos}
  - name: sonda_nao
    columns:
      - {name: letras, config: {meta: {pessoal: nao}}}
      - {name: menor, config: {meta: {pessoal: nao, motivo: only a test}}}
  - name: sonda_ilegivel
    columns: [{name: nome}]
  - name: sonda_calada
    config: {meta: {sem_linhagem: only a test}}
    columns: [{name: nome, config: {meta: {pessoal: nome}}}]
  - name: sonda_de_macro
    columns: [{name: qual}]
"""
DE_NOME = (
    "raw_sicooperative.associado.nome → base_sicooperative__associado.nome → sonda_sem.apelido"
)
DE_DIA = (
    "raw_sicooperative.associado.data_nascimento → base_sicooperative__associado.data_nascimento"
)


@pytest.mark.slow
def test_a_linhagem_de_uma_coluna_sem_marca_e_dita(tmp_path: Path) -> None:
    projeto = tmp_path / "projeto"
    shutil.copytree(PROJETO, projeto, ignore=shutil.ignore_patterns(*FORA))
    alvo = "target/lint-dbt"
    if (PROJETO / alvo).exists():  # what `make lint` found is where this begins
        shutil.copytree(PROJETO / alvo, projeto / alvo)
    ambiente = os.environ | {
        "PYTHONPATH": str(projeto),
        "LASTRO_TARGET": "duckdb",
        "LASTRO_DUCKDB": f"{alvo}/lint.duckdb",
        "DBT_TARGET_PATH": alvo,
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }

    def ditas(esperado: int) -> list[str]:
        feito = subprocess.run(
            [sys.executable, str(PROJETO / ".ci/linhagem.py")],
            cwd=projeto, env=ambiente, capture_output=True, text=True,
        )  # fmt: skip
        assert feito.returncode == esperado, feito.stdout + feito.stderr
        return [li.partition(": ")[2] for li in feito.stdout.splitlines()]

    assert ditas(0) == []
    sondas = projeto / "models/staging/sondas"
    sondas.mkdir()
    for nome, sql in MODELOS.items():
        (sondas / f"{nome}.sql").write_text(sql, encoding="utf-8")
    (sondas / "_sondas__models.yml").write_text(DESCRITO, encoding="utf-8")
    (projeto / "macros/sonda.sql").write_text(MACRO.format("1"), encoding="utf-8")
    achadas = ditas(1)
    sem = "has no mark `pessoal`, and descends from personal data"
    esperadas = [
        f"sonda_depois.quem {sem}: {DE_NOME} → sonda_depois.quem",
        f"sonda_faixa.faixa {sem}: {DE_DIA} → sonda_faixa.faixa",
        "sonda_nao.letras: `pessoal: nao` goes with a `motivo`, and nothing else does",
        f"sonda_sem.apelido {sem}: {DE_NOME}",
    ]
    assert [d for d in achadas if not d.startswith("sonda_ilegivel ")] == esperadas
    (ilegivel,) = [d for d in achadas if d.startswith("sonda_ilegivel ")]
    assert re.match(
        r"sonda_ilegivel cannot be followed: .+ `meta: \{sem_linhagem: <why>\}`", ilegivel
    )
    # What was found then is kept, and not for a model whose macros changed.
    assert ditas(1) == achadas
    (projeto / "macros/sonda.sql").write_text(MACRO.format("nome"), encoding="utf-8")
    (nova,) = {*ditas(1)} - {*achadas}
    assert nova.startswith(f"sonda_de_macro.qual {sem}")


def test_a_lint_segue_a_linhagem() -> None:
    assert "python .ci/linhagem.py" in (PROJETO / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("meta", "porque"),
    [
        ({"pessoal": "telefone"}, "`pessoal: telefone` is none of nome, documento"),
        ({"lgpd": "nome"}, "`lgpd` is called `pessoal` now"),
        ({"pessoal": "nao"}, "goes with a `motivo`"),
        ({"pessoal": "nome", "motivo": "x"}, "goes with a `motivo`"),
        ({"pessoal": "nao", "motivo": " "}, "`motivo` is a text"),
        ({"apagado": "NAO INFORMADO"}, "`apagado` goes with `pessoal`"),
        ({"pessoal": "chave", "apagado": "x"}, "`apagado` says nothing"),
        ({"pessoal": "nome", "chave_de": "id"}, "`chave_de` goes with `pessoal: chave`"),
        ({"pessoal": "livre", "texto": "json"}, "`texto: json` is none of linha, diferencas"),
    ],
)
def test_uma_marca_que_nao_pode_ser(meta: dict[str, str], porque: str) -> None:
    with pytest.raises(ValueError, match=re.escape(porque)):
        pessoal.ler(meta)


def test_o_que_uma_marca_diz() -> None:
    assert pessoal.ler({"grao": "id"}) is None
    assert pessoal.ler({"pessoal": "nome", "grao": "id"}) == Marca("nome")
    assert Marca("perfil", apagado="NAO INFORMADO").some
    assert not Marca("livre", texto="linha").some
    assert not Marca("chave", chave_de="id_associado").some
