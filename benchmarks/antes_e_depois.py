"""Measures the load of one large file with two checkouts of the project, in turns.

Both sides of a ratio run in one go, so a busy machine disturbs them alike; the best of each counts.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import duckdb
import psycopg
from cargas_de_arquivos import ARQUIVO, GERAR

from loaders.demo import servidor

BANCO = "banco_antes_e_depois"
CARREGAR = """
import sys, time
from loaders import pod_cartoes
from loaders.configuracao import Configuracao
config = Configuracao(_env_file=None)
inicio = time.perf_counter()
feito = pod_cartoes.carregar(config, sys.argv[1], pod_cartoes.Opcoes())
assert feito.cargas[0].status == "ok", feito.cargas[0].mensagem
print(time.perf_counter() - inicio)
"""


def carregar(projeto: Path, entregas: Path, casa: Path, motor: str, dele: dict[str, str]) -> float:
    """Load into an empty warehouse with one checkout; returns seconds, without Python's start."""
    shutil.rmtree(casa, ignore_errors=True)
    casa.mkdir()
    chave = "a key of the benchmark alone"
    ambiente = {
        **os.environ, **dele,
        "PYTHONPATH": str(projeto),
        "LASTRO_TARGET": motor,
        "LASTRO_DUCKDB": str(casa / "armazem.duckdb"),
        "LASTRO_AUDIT_LOG": str(casa / "log"),
        "LASTRO_AUDIT_HEAD": str(casa / "cabeca"),
        "LASTRO_AUDIT_KEY": chave,
        "LASTRO_CARD_KEY": chave,
    }  # fmt: skip
    os.sync()
    feito = subprocess.run(
        [sys.executable, "-c", CARREGAR, str(entregas)],
        cwd=projeto,
        env=ambiente,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(feito.stdout)


def main() -> None:
    """Measure, and print a line an engine."""
    pedido = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    pedido.add_argument("--antes", type=Path, required=True, help="an older checkout")
    pedido.add_argument("--depois", type=Path, default=Path.cwd(), help="default: this one")
    pedido.add_argument("--pasta", type=Path, required=True, help="for files and a server")
    pedido.add_argument("--linhas", type=int, default=10_000_000)
    pedido.add_argument("--voltas", type=int, default=2)
    opcoes = pedido.parse_args()
    entregas = opcoes.pasta / "entregas"
    entregas.mkdir(parents=True, exist_ok=True)
    arquivo = entregas / ARQUIVO
    duckdb.sql(GERAR.format(linhas=opcoes.linhas, arquivo=arquivo, opcoes=""))
    rodando = servidor.iniciar(opcoes.pasta / "servidor")
    dele = {
        "PGHOST": servidor.ENDERECO, "PGPORT": str(rodando.porta), "PGUSER": rodando.usuario,
        "PGPASSWORD": rodando.senha, "PGDATABASE": BANCO,
    }  # fmt: skip
    segundos: dict[tuple[str, str], list[float]] = defaultdict(list)
    lados = [("antes", opcoes.antes.resolve()), ("depois", opcoes.depois.resolve())]
    for volta in range(opcoes.voltas):
        for motor in ("duckdb", "postgres"):
            for lado, projeto in lados[:: -1 if volta % 2 else 1]:
                with psycopg.connect(rodando.dsn(), autocommit=True) as conexao:
                    conexao.execute(f"drop database if exists {BANCO} with (force)")
                    conexao.execute(f"create database {BANCO}")
                    conexao.execute("checkpoint")
                casa = opcoes.pasta / "casa"
                segundos[motor, lado].append(carregar(projeto, entregas, casa, motor, dele))
    servidor.remover(opcoes.pasta / "servidor")
    for motor in ("duckdb", "postgres"):
        antes, depois = (min(segundos[motor, lado]) for lado, _ in lados)
        print(f"{motor}: {antes:.2f} s before, {depois:.2f} s after, ratio {depois / antes:.3f}")


if __name__ == "__main__":
    main()
