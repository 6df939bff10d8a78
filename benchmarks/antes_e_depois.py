"""Measures loads with two checkouts of the project, in turns: a large file, and a database.

Both sides of a ratio run in one go, so a busy machine disturbs them alike; the best of each counts.
Whole commands are timed, with the second that Python takes to start.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import duckdb
import psycopg
from cargas_de_arquivos import ARQUIVO, GERAR

from loaders.demo import gerador, servidor

BANCO = "banco_antes_e_depois"
MOVIMENTACOES = 1_000_000


def carregar(
    projeto: Path, casa: Path, motor: str, dele: dict[str, str], argumentos: tuple[str, ...]
) -> float:
    """Load with one checkout; returns seconds."""
    casa.mkdir(exist_ok=True)
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
    inicio = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "loaders.cli", "load", *argumentos],
        cwd=projeto,
        env=ambiente,
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - inicio


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
    tamanho = gerador.Tamanho(movimentacoes=MOVIMENTACOES)
    rodando.criar_banco("fonte")
    gerador.preencher(rodando.dsn("fonte"), 0, tamanho)
    do_banco = ("sicooperative", "--dsn", rodando.dsn("fonte"))
    # The second extraction finds nothing new, and is all comparison.
    cargas = {
        "file": ("pod_cartoes", str(entregas)),
        "database, first": do_banco,
        "database, again": do_banco,
        "database, --full": (*do_banco, "--full"),
    }
    segundos: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    lados = [("antes", opcoes.antes.resolve()), ("depois", opcoes.depois.resolve())]
    for volta in range(opcoes.voltas):
        for motor in ("duckdb", "postgres"):
            for lado, projeto in lados[:: -1 if volta % 2 else 1]:
                with psycopg.connect(rodando.dsn(), autocommit=True) as conexao:
                    conexao.execute(f"drop database if exists {BANCO} with (force)")
                    conexao.execute(f"create database {BANCO}")
                    conexao.execute("checkpoint")
                casa = opcoes.pasta / "casa"
                shutil.rmtree(casa, ignore_errors=True)
                for nome, argumentos in cargas.items():
                    levou = carregar(projeto, casa, motor, dele, argumentos)
                    segundos[nome, motor, lado].append(levou)
    servidor.remover(opcoes.pasta / "servidor")
    for nome in cargas:
        for motor in ("duckdb", "postgres"):
            antes, depois = (min(segundos[nome, motor, lado]) for lado, _ in lados)
            print(
                f"{nome}, {motor}: {antes:.2f} s before, {depois:.2f} s after,"
                f" ratio {depois / antes:.3f}"
            )


if __name__ == "__main__":
    main()
