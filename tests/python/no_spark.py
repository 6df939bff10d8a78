"""What runs in Spark's environment, one JVM in one process: mirror, replay, build, read.

`python no_spark.py tables.pickle rows.pickle`: the first file holds, for each table, its columns;
the second then holds, for each table, the types of its columns and its rows.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from loaders.lago import espelho, historia
from loaders.nucleo.configuracao import configuracao

Linhas = list[tuple[Any, ...]]


def construir() -> None:
    """All of the project, with every test."""
    config = configuracao()
    assert espelho.espelhar(config), "nothing was mirrored"
    assert espelho.espelhar(config) == 0, "what is in the lake is mirrored again"
    assert historia.reproduzir(config, lambda _feitas, _total: None)
    assert historia.pendentes(config) == 0
    argumentos = ["--no-use-colors", "build", "--target", historia.ALVO]
    feito = dbtRunner().invoke(argumentos)
    assert feito.success, feito.exception or "see above"


def ler(tabelas: dict[str, list[str]]) -> dict[str, tuple[list[str], Linhas]]:
    """The types and the rows of some columns of each table."""
    spark = SparkSession.builder.getOrCreate()
    lidas: dict[str, tuple[list[str], Linhas]] = {}
    for tabela, colunas in tabelas.items():
        dados = spark.sql(f"select {', '.join(colunas)} from {tabela}")
        tipos = [tipo for _, tipo in dados.dtypes]
        lidas[tabela] = (tipos, [tuple(linha) for linha in dados.collect()])
    return lidas


if __name__ == "__main__":
    pedidas, resultado = map(Path, sys.argv[1:])
    construir()
    resultado.write_bytes(pickle.dumps(ler(pickle.loads(pedidas.read_bytes()))))
