"""The lake holds each load once, in the folder of its layer, and nobody who was erased."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest
from apoio_lago import BRUTAS, Lago, alguem, conferir_espelho, criar, lago, so_duckdb
from apoio_s3 import s3
from conftest import ArmazemDeTeste, Fonte

from loaders.demo.servidor import Servidor

__all__ = ["lago", "s3"]

pytestmark = pytest.mark.spark

DE_OUTROS = """
from pyarrow import schema, string, table
from loaders.lago import catalogo
from loaders.nucleo.configuracao import configuracao
la = catalogo.abrir(configuracao())
nomes = [("ana_raw_sicooperative", "associado"), ("ana_controle", "cargas"), ("bi", "copia")]
for nome in nomes:
    feita = catalogo.criar(la, nome, schema({"quem": string()}), "curated")
    feita.append(table({"quem": ["somebody else"]}))
"""


@pytest.mark.parametrize("ponto", ["lago.antes_do_commit", "lago.entre_tabelas"])
def test_morta_e_de_novo_cada_carga_esta_uma_vez(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, postgres: Servidor, tmp_path: Path, ponto: str
) -> None:
    armazem_vazio.carregar(fonte)
    lago = criar(armazem_vazio, postgres, tmp_path)
    lago.lastro("lake", esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto)
    assert "loads copied" in lago.lastro("lake").stdout
    conferir_espelho(lago, armazem_vazio)
    assert "no load waits" in lago.lastro("lake").stdout
    conferir_espelho(lago, armazem_vazio)
    assert lago.camadas() == {"raw": {*BRUTAS, "controle"}}


@so_duckdb
def test_uma_carga_termina_no_lago(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, postgres: Servidor, tmp_path: Path
) -> None:
    """What was loaded stays where the lake fails, and the next load brings both."""
    lago = criar(armazem_vazio, postgres, tmp_path)
    carga = ("load", "sicooperative", "--dsn", fonte.dsn)
    fechado = lago.lastro(*carga, esperado=5, LASTRO_LAKE_PASSWORD="wrong").stderr.replace(
        "\n", " "
    )
    assert "stays loaded" in fechado and "`.venv-spark/bin/lastro lake`" in fechado
    assert armazem_vazio.linhas("select count(*) from raw_sicooperative.associado")[0][0] > 0
    sem_ele = armazem_vazio.lastro(*carga, esperado=5, **lago.ajustes).stderr.replace("\n", " ")
    assert "stays loaded" in sem_ele and ".venv-spark/bin/lastro lake" in sem_ele
    assert "loads copied into the lake" in lago.lastro(*carga).stdout
    conferir_espelho(lago, armazem_vazio)
    recusada = lago.lastro(
        "load", "sicooperative", "--dsn", "postgresql://127.0.0.1:1/x", esperado=4
    )
    assert "1 loads copied" in recusada.stdout, "that it failed is a row of the list, too"


@so_duckdb
def test_o_lago_de_outro_armazem_e_recusado(lago: Lago, armazem: ArmazemDeTeste) -> None:
    lago.lastro("lake")
    armazem.executar("update controle.cargas set inicio = inicio - interval 1 day")
    assert "another warehouse" in lago.lastro("lake", esperado=5).stderr.replace("\n", " ")


@so_duckdb
def test_um_apagamento_chega_ao_lago(lago: Lago, armazem: ArmazemDeTeste) -> None:
    """Killed at any moment the same command ends the same; what is not ours stays, and is named."""
    lago.lastro("lake")
    lago.python(DE_OUTROS)
    associado, agulhas = alguem(armazem)
    assert {a for achadas in lago.vestigios(agulhas).values() for a in achadas} == set(agulhas)
    apaga = ("forget", "sicooperative", associado)
    for ponto in ("lago.ao_tirar", "lago.ao_apagar", "lago.entre_tabelas"):
        lago.lastro(*apaga, esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto)
    feito = lago.lastro(*apaga, esperado=3)
    dito = feito.stderr.replace("\n", " ")
    assert "the namespace bi of the lake" in dito and "the namespace ana_" not in dito
    assert lago.vestigios(agulhas) == {}
    assert set(lago.vestigios(["somebody else"])) != set()
    lago.python(DE_OUTROS.partition("for nome in")[0] + "[la.drop_table(nome) for nome in nomes]")
    conferir_espelho(lago, armazem)


@so_duckdb
def test_no_s3(lago: Lago, armazem: ArmazemDeTeste, s3: str) -> None:
    do_s3 = {n: v for n, v in os.environ.items() if n.startswith("AWS_")}
    sistema = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    sistema.mkdir(s3)
    no_balde = replace(
        lago, ambiente={**lago.ambiente, **do_s3, "LASTRO_LAKE_WAREHOUSE": f"{s3}/lago/"}
    )
    no_balde.lastro("lake")
    associado, _ = alguem(armazem)
    antes = set(sistema.find(s3))
    assert antes and all(chave.startswith("entregas/lago/raw/") for chave in antes)
    no_balde.lastro("forget", "sicooperative", associado)
    assert set(sistema.find(s3)).isdisjoint(antes)
    conferir_espelho(no_balde, armazem)


@so_duckdb
def test_sem_pyiceberg_o_lago_e_esquecido_depois(lago: Lago, armazem: ArmazemDeTeste) -> None:
    assert "make spark" in armazem.lastro("lake", esperado=5, **lago.ajustes).stderr
    assert "LASTRO_LAKE_URI" in armazem.lastro("lake", esperado=5).stderr
    lago.lastro("lake")
    associado, agulhas = alguem(armazem)
    feito = armazem.lastro("forget", "sicooperative", associado, esperado=3, **lago.ajustes)
    dito = feito.stderr.replace("\n", " ")
    assert f"the lake {lago.ajustes['LASTRO_LAKE_URI']}" in dito
    assert "`.venv-spark/bin/lastro lake` takes them out" in dito
    assert lago.vestigios(agulhas) != {}
    assert "people were erased" in lago.lastro("lake").stdout.replace("\n", " ")
    assert lago.vestigios(agulhas) == {}
    conferir_espelho(lago, armazem)
