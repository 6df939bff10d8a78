"""The third engine: everything builds on Spark, every table is DuckDB's, row by row; what people
read of it; and what is left of somebody who is erased."""

import json
import pickle
import signal
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from apoio_lago import BRUTAS, PYTHON, Lago, alguem, conferir_espelho, lago, so_duckdb
from conftest import ArmazemDeTeste
from entre_motores import DO_RELOGIO, Doubles, conferir, tipos

from loaders import PROJETO
from loaders.publicacao.acessos import areas

__all__ = ["lago"]

pytestmark = pytest.mark.spark

EM_SPARK = {
    "text": "string", "uuid": "string", "timestamptz": "timestamp", "double precision": "double",
    "integer": "int",
}  # fmt: skip
DE_CADA_MOTOR = {("snapshots.extracoes_aplicadas", "codigo")}
"""Columns that hold a fingerprint of the code, the adapter's macros included."""
CAMADAS = {
    "raw": {*BRUTAS, "controle"},
    "curated": {"staging", "intermediate", "snapshots", "quarentena", "core", "reconciliacao"},
    "refined": {
        "compliance", "credito", "financeiro", "marketing", "plataforma", "risco",
        "publicacao", *(f"pub_{area}" for area in areas()),
    },
}  # fmt: skip


def _conteudo(linhas: list[tuple[Any, ...]], exatas: int) -> tuple[list[Any], list[Doubles]]:
    """Rows in an order that both engines give, and the columns in double precision apart."""
    em_texto = [
        tuple(str(v) if isinstance(v, UUID) else v for v in linha[:exatas]) + linha[exatas:]
        for linha in linhas
    ]
    em_texto.sort(key=lambda linha: [str(valor) for valor in linha[:exatas]])
    doubles = [Doubles(coluna) for coluna in list(zip(*em_texto, strict=True))[exatas:]]
    return [linha[:exatas] for linha in em_texto], doubles


@so_duckdb
def test_o_spark_guarda_o_mesmo(armazem: ArmazemDeTeste, lago: Lago, tmp_path: Path) -> None:
    """One build is compared, published, and forgets somebody: a build takes minutes."""
    colunas = tipos(armazem)
    pedidas: dict[str, list[str]] = {}
    exatas: dict[str, int] = {}
    for tabela, dela in colunas.items():
        doubles = [c for c, tipo in dela.items() if tipo == "double precision"]
        outras = [c for c in dela if c not in DO_RELOGIO and c not in doubles]
        pedidas[tabela] = [c for c in outras if (tabela, c) not in DE_CADA_MOTOR] + doubles
        exatas[tabela] = len(pedidas[tabela]) - len(doubles)
    pedido, resposta = tmp_path / "tabelas.pickle", tmp_path / "linhas.pickle"
    pedido.write_bytes(pickle.dumps(pedidas))
    feito = subprocess.run(
        [
            str(PYTHON),
            str(PROJETO / "tests" / "python" / "no_spark.py"),
            str(pedido),
            str(resposta),
        ],
        cwd=PROJETO,
        env=lago.ambiente,
        capture_output=True,
        text=True,
    )
    assert feito.returncode == 0, feito.stdout[-8000:] + feito.stderr[-4000:]
    diferem = []
    for tabela, (tipos_de_la, la) in pickle.loads(resposta.read_bytes()).items():
        esperados = [colunas[tabela][c] for c in pedidas[tabela]]
        assert tipos_de_la == [EM_SPARK.get(t, t) for t in esperados], tabela
        lidas = [
            f"{c} at time zone 'UTC'" if colunas[tabela][c] == "timestamptz" else c
            for c in pedidas[tabela]
        ]
        aqui = armazem.linhas(f"select {', '.join(lidas)} from {tabela}")
        linhas_la, doubles_la = _conteudo(la, exatas[tabela])
        linhas_aqui, doubles_aqui = _conteudo(aqui, exatas[tabela])
        nomes = pedidas[tabela][exatas[tabela] :]
        try:
            conferir(f"{tabela} on Spark and DuckDB", linhas_la, linhas_aqui)
            for nome, um, outro in zip(nomes, doubles_la, doubles_aqui, strict=bool(la)):
                conferir(f"{tabela}.{nome} on Spark and DuckDB", um, outro)
        except AssertionError as erro:
            diferem.append(str(erro))
    assert not diferem, "\n".join(diferem)
    assert lago.camadas() == CAMADAS
    _morta_e_de_novo_publica(lago)
    _esquece(lago, armazem)


def _morta_e_de_novo_publica(lago: Lago) -> None:
    """A publication that is killed while it tags, or while it switches, goes on."""
    for ponto in ("publicacao.entre_areas", "publicacao.antes_de_apontar"):
        lago.lastro("lake", "publish", esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto)
    assert "rows" in lago.lastro("lake", "publish").stdout
    ultima, anterior = json.loads(lago.lastro("lake", "versions", "--json").stdout)
    assert (ultima["corrente"], ultima["danos"]) == (True, [])
    assert (anterior["corrente"], anterior["danos"]) == (False, [])
    assert "holds the same" in lago.lastro("lake", "publish").stdout


def _esquece(lago: Lago, armazem: ArmazemDeTeste) -> None:
    """Of somebody who is erased the lake holds nothing, whatever Spark made of them."""
    associado, agulhas = alguem(armazem)
    assert {a for achadas in lago.vestigios(agulhas).values() for a in achadas} == set(agulhas)
    dito = lago.lastro("forget", "sicooperative", associado).stdout.replace("\n", " ")
    assert "dbt build --target spark" in dito
    assert lago.vestigios(agulhas) == {}
    conferir_espelho(lago, armazem)
