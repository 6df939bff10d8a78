"""A reader that never rests: `python leitor_continuo.py DUCKDB_FILE_OR_DSN STOP_FILE RESULT_FILE`.

Asks for the version and for the rows of two tables, in one statement and in several of one
transaction (PostgreSQL) or on one open file (DuckDB), until the stop file is there; writes what was
answered, how often, and how long each answer took, as JSON.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import psycopg

PAPEL = "lastro_leitor_risco"
VERSAO = "select versao from publicacao.versao"
CONTAGENS = (
    "select count(*) from pub_core.fact_fatura",
    "select count(*) from pub_core.fact_pagamento",
)
LARGA = "select * from pub_risco.book_fatura_cliente limit 1"
DE_UMA_VEZ = f"select ({VERSAO}), ({CONTAGENS[0]}), ({CONTAGENS[1]})"


def no_duckdb(arquivo: str) -> tuple[object, ...]:
    with duckdb.connect(arquivo, read_only=True) as conexao:
        junto = conexao.execute(DE_UMA_VEZ).fetchall()[0]
        separado = tuple(conexao.execute(q).fetchall()[0][0] for q in (VERSAO, *CONTAGENS))
    assert junto == separado, "one open file gave two versions"
    return junto


def no_postgres(dsn: str) -> tuple[object, ...]:
    with psycopg.connect(dsn, autocommit=True) as conexao:
        conexao.execute(f"set role {PAPEL}")
        # Planning this takes longer than a switch: it must not see a version without rows.
        assert conexao.execute(LARGA).fetchall(), "an empty book"
        junto = conexao.execute(DE_UMA_VEZ).fetchall()[0]
        conexao.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with conexao.transaction():
            separado = tuple(conexao.execute(q).fetchall()[0][0] for q in (VERSAO, *CONTAGENS))
            de_novo = conexao.execute(DE_UMA_VEZ).fetchall()[0]
    assert separado == de_novo, "one transaction saw two versions"
    return junto


def main(onde: str, parar: Path, resultado: Path) -> None:
    ler = no_postgres if onde.startswith("postgresql:") else no_duckdb
    respostas: Counter[tuple[object, ...]] = Counter()
    erros: Counter[str] = Counter()
    demoras = []
    while not parar.exists():
        inicio = time.perf_counter()
        try:
            respostas[ler(onde)] += 1
        except Exception as erro:
            erros[f"{type(erro).__name__}: {erro}"] += 1
        demoras.append(time.perf_counter() - inicio)
    resultado.write_text(
        json.dumps(
            {
                "respostas": [[*r, n] for r, n in respostas.items()],
                "erros": erros,
                "demoras": demoras,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
