"""A lake of its own for one test, and what runs in Spark's environment."""

import os
import pickle
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.demo.servidor import Servidor

PYTHON = PROJETO / ".venv-spark" / "bin" / "python"
AJUSTES = """
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.log.level ERROR
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""
"""For few rows: to plan and to compile a query takes longer than to run it."""
LER = """
import pickle, sys
from loaders.lago import catalogo
from loaders.nucleo.configuracao import configuracao
la = catalogo.abrir(configuracao())
lidas = {}
for esquema, in la.list_namespaces():
    for nome in la.list_tables(esquema):
        linhas = la.load_table(nome).scan().to_arrow().to_pylist()
        lidas[".".join(nome)] = [tuple(linha.values()) for linha in linhas]
sys.stdout.buffer.write(pickle.dumps(lidas))
"""


@dataclass
class Lago:
    """An empty catalogue in a database of its own, and a folder."""

    ambiente: dict[str, str]

    def lastro(
        self, *argumentos: str, esperado: int = 0, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `lastro` of Spark's environment."""
        comando = [str(PYTHON.with_name("lastro")), *argumentos]
        todo = {**self.ambiente, **ambiente}
        feito = subprocess.run(comando, cwd=PROJETO, env=todo, capture_output=True, text=True)
        assert feito.returncode == esperado, feito.stdout[-2000:] + feito.stderr[-4000:]
        return feito

    def linhas(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of each table in the lake."""
        comando = [str(PYTHON), "-c", LER]
        feito = subprocess.run(
            comando, cwd=PROJETO, env=self.ambiente, capture_output=True, check=True
        )
        lidas: dict[str, list[tuple[Any, ...]]] = pickle.loads(feito.stdout)
        return lidas


def criar(armazem: ArmazemDeTeste, servidor: Servidor, pasta: Path) -> Lago:
    """An empty lake beside a warehouse."""
    with psycopg.connect(servidor.dsn(), autocommit=True) as conexao:
        conexao.execute("drop database if exists lago with (force)")
    servidor.criar_banco("lago")
    (pasta / "conf").mkdir()
    (pasta / "conf" / "spark-defaults.conf").write_text(AJUSTES)
    endereco = urlsplit(servidor.dsn("lago"))
    return Lago({
        **armazem.ambiente,
        "LASTRO_LAKE_URI": f"jdbc:postgresql://{endereco.hostname}:{endereco.port}/lago",
        "LASTRO_LAKE_USER": str(endereco.username),
        "LASTRO_LAKE_PASSWORD": str(endereco.password),
        "LASTRO_LAKE_WAREHOUSE": str(pasta / "lago"),
        "LASTRO_SPARK_MASTER": "local[2]",
        "SPARK_CONF_DIR": str(pasta / "conf"),
        "DBT_TARGET_PATH": str(pasta / "target"),
        "DBT_LOG_PATH": str(pasta / "logs"),
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
    })  # fmt: skip
