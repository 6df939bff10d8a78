"""The third engine: each load is mirrored once, everything builds on Spark, and every table is
DuckDB's, row by row."""

import pickle
import signal
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from apoio_lago import PYTHON, Lago, criar
from conftest import ArmazemDeTeste, Fonte
from entre_motores import DO_RELOGIO, Doubles, conferir, tipos

from loaders import PROJETO
from loaders.demo.servidor import Servidor

pytestmark = pytest.mark.spark
so_duckdb = pytest.mark.parametrize("lugar", ["duckdb"], indirect=True)

EM_SPARK = {
    "text": "string", "uuid": "string", "timestamptz": "timestamp", "double precision": "double",
    "integer": "int",
}  # fmt: skip
DE_CADA_MOTOR = {("snapshots.extracoes_aplicadas", "codigo")}
"""Columns that hold a fingerprint of the code, the adapter's macros included."""
BRUTAS = ("raw_pod_cartoes", "raw_sicooperative")


@pytest.fixture
def lago(armazem: ArmazemDeTeste, postgres: Servidor, tmp_path: Path) -> Lago:
    """An empty lake beside the built warehouse."""
    return criar(armazem, postgres, tmp_path)


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


def _conferir(lago: Lago, armazem: ArmazemDeTeste) -> None:
    """Every row of raw and every load is in the lake, once."""
    la = lago.linhas()
    tabelas = armazem.linhas(
        "select table_schema, table_name from information_schema.tables"
        f" where table_schema in {BRUTAS}"
    )
    assert {tuple(nome.split(".")) for nome in la} == {
        *tabelas, ("controle", "cargas"), ("controle", "rejeicoes"),
    }  # fmt: skip
    for nome, linhas in la.items():
        aqui = armazem.linhas(f"select * from {nome}")
        # a column that came later stands last there, and in its place in the contract here
        assert sorted(map(_em_texto, linhas)) == sorted(map(_em_texto, aqui)), nome


def _em_texto(linha: tuple[Any, ...]) -> list[str]:
    """A row without the order of its columns; the lake's times all have a zone, UTC."""
    return sorted(str(valor).removesuffix("+00:00") for valor in linha)


@pytest.mark.parametrize("ponto", ["lago.antes_do_commit", "lago.entre_tabelas"])
def test_morta_e_de_novo_cada_carga_esta_uma_vez(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, postgres: Servidor, tmp_path: Path, ponto: str
) -> None:
    armazem_vazio.carregar(fonte)
    lago = criar(armazem_vazio, postgres, tmp_path)
    lago.lastro("lake", esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto)
    assert "loads copied" in lago.lastro("lake").stdout
    _conferir(lago, armazem_vazio)
    assert "no load waits" in lago.lastro("lake").stdout
    _conferir(lago, armazem_vazio)


@so_duckdb
def test_o_lago_de_outro_armazem_e_recusado(lago: Lago, armazem: ArmazemDeTeste) -> None:
    lago.lastro("lake")
    armazem.executar("update controle.cargas set inicio = inicio - interval 1 day")
    assert "another warehouse" in lago.lastro("lake", esperado=5).stderr.replace("\n", " ")


@so_duckdb
def test_um_lago_de_antes_de_um_apagamento_e_recusado(lago: Lago, armazem: ArmazemDeTeste) -> None:
    lago.lastro("lake")
    ((associado,),) = armazem.linhas("select min(id_associado) from core.dim_conta")
    deles = {nome: v for nome, v in lago.ambiente.items() if nome.startswith("LASTRO_LAKE_")}
    feito = armazem.lastro("forget", "sicooperative", associado, esperado=3, **deles)
    assert f"the lake {deles['LASTRO_LAKE_URI']}" in feito.stderr.replace("\n", " ")
    assert "erased" in lago.lastro("lake", esperado=5).stderr


@so_duckdb
def test_sem_pyiceberg_a_mensagem_diz_o_que_fazer(lago: Lago, armazem: ArmazemDeTeste) -> None:
    deles = {nome: v for nome, v in lago.ambiente.items() if nome.startswith("LASTRO_LAKE_")}
    assert "make spark" in armazem.lastro("lake", esperado=5, **deles).stderr
    assert "LASTRO_LAKE_URI" in armazem.lastro("lake", esperado=5).stderr
