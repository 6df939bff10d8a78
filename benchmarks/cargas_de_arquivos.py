"""Measures the load of one large file against the bare engines and against dlt.

Every measurement runs in a fresh process, whose peak memory is read when it ends. What is compared
is measured in turns, several times, and the best of each counts: so a busy machine disturbs both
sides of a ratio alike. Nothing here fails because something was slow.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import medicao
import psycopg

from loaders.demo import servidor

ARQUIVO = "tb_faturas_202401.csv"
BANCO = "banco_arquivos"
COLUNAS = (
    "id_fatura",
    "id_cliente",
    "data_emissao",
    "data_vencimento",
    "valor_fatura",
    "valor_pagamento_minimo",
)
DE_TEXTO = ", ".join(f"{coluna} text" for coluna in COLUNAS)
TODAS = (
    "select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by"
    " a.attnum) from pg_attribute as a where a.attrelid = to_regclass('raw_pod_cartoes.faturas')"
    " and a.attnum > 0 and not a.attisdropped"
)
"""The columns of the raw table, as they are defined."""
GERAR = """
    copy (
        select
            'F' || lpad(cast(i as varchar), 9, '0') as id_fatura,
            'C' || (hash(i) % 500000) as id_cliente,
            cast(date '2024-01-01' + cast(hash(i * 3) % 31 as int) as date) as data_emissao,
            cast(date '2024-02-01' + cast(hash(i * 5) % 28 as int) as date) as data_vencimento,
            cast((hash(i * 7) % 1000000) / 100 as decimal(15, 2)) as valor_fatura,
            cast((hash(i * 7) % 1000000) / 1000 as decimal(15, 2)) as valor_pagamento_minimo
        from range({linhas}) as t (i)
    ) to '{arquivo}' (header{opcoes})
"""
LIMITE = "1GB"
DLT = """
import json, sys, time
import dlt
from dlt.sources.filesystem import filesystem, read_csv_duckdb
pasta, arquivo, destino = sys.argv[1:]
destinos = {
    "duckdb": lambda: dlt.destinations.duckdb(pasta + "/dlt.duckdb"),
    "postgres": lambda: dlt.destinations.postgres(destino),
}
escolhido = destinos["postgres" if destino else "duckdb"]()
inicio = time.perf_counter()
pipeline = dlt.pipeline(
    "carga", destination=escolhido, dataset_name="arquivos", pipelines_dir=pasta
)
origem = filesystem(bucket_url="file://" + pasta, file_glob=arquivo)
leitor = read_csv_duckdb(chunk_size=100_000, use_pyarrow=True, all_varchar=True)
origem = (origem | leitor).with_name("faturas")
pipeline.run(origem, write_disposition="append")
linhas = pipeline.last_trace.last_normalize_info.row_counts["faturas"]
print(json.dumps({"segundos": time.perf_counter() - inicio, "lidas": linhas}))
"""


# What runs in a fresh process. Each says how long the work took, without the start of Python.


def _carregar(pasta: str, limite: str | None = None) -> dict[str, Any]:
    """One file, as `lastro load pod_cartoes` does it."""
    from loaders.contratos import fontes
    from loaders.extracao.arquivos.carregar import Opcoes, carregar
    from loaders.nucleo.configuracao import configuracao

    if limite:
        os.environ["LASTRO_DUCKDB_MEMORY"] = limite
    inicio = time.perf_counter()
    (carga,) = carregar(configuracao(), fontes()["pod_cartoes"], pasta, Opcoes()).cargas
    if carga.status != "ok":
        raise SystemExit(carga.mensagem)
    return {"segundos": time.perf_counter() - inicio, "lidas": carga.gravadas}


def _duckdb_puro(arquivo: str, banco: str) -> dict[str, Any]:
    """The bare engine: DuckDB reads the file into a table of text columns."""
    import duckdb

    inicio = time.perf_counter()
    with duckdb.connect(banco) as conexao:
        sql = f"create table faturas as select * from read_csv('{arquivo}', all_varchar = true)"
        linhas = conexao.execute(sql).fetchall()[0][0]
    return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


def _postgres_puro(arquivo: str, dsn: str, colunas: str = DE_TEXTO) -> dict[str, Any]:
    """The bare engine: PostgreSQL's COPY of the file into a table of its columns."""
    inicio = time.perf_counter()
    with psycopg.connect(dsn) as conexao:
        conexao.execute(f"create table faturas ({colunas})")
        cursor = conexao.cursor()
        with (
            open(arquivo, "rb") as bruto,
            cursor.copy("copy faturas from stdin (format csv, header)") as copia,
        ):
            while bloco := bruto.read(2**20):
                copia.write(bloco)
        linhas = cursor.rowcount
    return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


TAREFAS: dict[str, Callable[..., dict[str, Any]]] = {
    "carregar": _carregar,
    "duckdb_puro": _duckdb_puro,
    "postgres_puro": _postgres_puro,
}


# What measures


@dataclass(frozen=True)
class Medida:
    """One run: the work, its process's peak memory, and the rows it read."""

    segundos: float
    pico_mb: float
    linhas: int


@dataclass(frozen=True)
class Linha:
    """One line of the results.

    Attributes:
        motor: the warehouse.
        nome: what was measured.
        medida: the measurement.
        razao: how often the bare engine's time it took, or how often it is as fast as dlt.
        alvo: what the ratio should be, as text.
        cumprido: whether it is.
    """

    motor: str
    nome: str
    medida: Medida
    razao: float | None = None
    alvo: str = ""
    cumprido: bool | None = None

    def celulas(self) -> tuple[str, ...]:
        """The line as it is shown."""
        m = self.medida
        return (
            self.motor,
            self.nome,
            f"{m.segundos:.2f}",
            f"{m.linhas / m.segundos:,.0f}",
            f"{m.pico_mb:.0f}",
            "" if self.razao is None else f"{self.razao:.2f}",
            self.alvo,
            {None: "", True: "met", False: "missed"}[self.cumprido],
        )


CABECALHO = ("warehouse", "what", "seconds", "rows/s", "peak MB", "ratio", "target", "")
LARGURAS = (9, 36, 8, 10, 7, 6, 11, 6)
NUMEROS = range(2, 6)


class Bancada:
    """The server and the folder in which everything happens."""

    def __init__(self, pasta: Path, onde: servidor.Servidor, dlt: str | None) -> None:
        """Keep the place; `dlt` is a Python that can import dlt."""
        self.pasta = pasta
        self.servidor = onde
        self.dlt = dlt
        self.dsn = onde.dsn(BANCO)

    def esvaziar(self) -> None:
        """Start with no warehouse."""
        shutil.rmtree(self.pasta / "armazem", ignore_errors=True)
        (self.pasta / "armazem").mkdir(parents=True)
        with psycopg.connect(self.servidor.dsn(), autocommit=True) as conexao:
            conexao.execute(f"drop database if exists {BANCO} with (force)")
            conexao.execute(f"create database {BANCO}")

    def tarefa(self, nome: str, motor: str, **argumentos: Any) -> Medida:
        """Run a task in a fresh process, into an empty warehouse."""
        comando = [sys.executable, __file__, "--tarefa", nome, json.dumps(argumentos)]
        return self._medir(comando, motor)

    def com_todas_as_colunas(self, motor: str) -> Medida:
        """PostgreSQL's COPY of what the load before this wrote, all its columns."""
        arquivo, definidas = self.pasta / "todas.csv", self.pasta / "todas.sql"
        if not (arquivo.exists() and definidas.exists()):
            with psycopg.connect(self.dsn) as conexao, arquivo.open("wb") as aberto:
                (colunas,) = conexao.execute(TODAS).fetchone() or ("",)
                with conexao.cursor().copy(
                    "copy raw_pod_cartoes.faturas to stdout (format csv, header)"
                ) as copia:
                    for bloco in copia:
                        aberto.write(bloco)
            definidas.write_text(colunas)
        return self.tarefa(
            "postgres_puro", motor,
            arquivo=str(arquivo), dsn=self.dsn, colunas=definidas.read_text(),
        )  # fmt: skip

    def com_dlt(self, motor: str) -> Medida:
        """Let dlt load the file."""
        trabalho = self.pasta / "dlt"
        shutil.rmtree(trabalho, ignore_errors=True)
        trabalho.mkdir()
        os.link(self.pasta / "entregas" / ARQUIVO, trabalho / ARQUIVO)
        destino = self.dsn if motor == "postgres" else ""
        comando = [str(self.dlt), "-c", DLT, str(trabalho), ARQUIVO, destino]
        try:
            return self._medir(comando, motor)
        finally:
            shutil.rmtree(trabalho)

    def _medir(self, comando: list[str], motor: str) -> Medida:
        self.esvaziar()
        ambiente = medicao.ambiente(
            motor,
            self.dsn,
            LASTRO_DUCKDB=str(self.pasta / "armazem" / "lastro.duckdb"),
            RUNTIME__DLTHUB_TELEMETRY="false",
            RUNTIME__LOG_LEVEL="ERROR",
        )
        texto, _, pico = medicao.rodar(comando, ambiente, self.pasta)
        feito = json.loads(texto.splitlines()[-1])
        return Medida(feito["segundos"], pico, feito["lidas"])


def _melhor(medidas: Sequence[Medida]) -> Medida:
    """The fastest of several runs, with the largest memory of all."""
    rapida = min(medidas, key=lambda m: m.segundos)
    return Medida(rapida.segundos, max(m.pico_mb for m in medidas), rapida.linhas)


def medir(b: Bancada, motor: str, vezes: int, dizer: Callable[[Linha], None]) -> None:
    """Measure everything on one engine."""
    entregas, com_aspas = b.pasta / "entregas", b.pasta / "com_aspas"
    arquivo = str(entregas / ARQUIVO)
    corridas: dict[str, Callable[[], Medida]] = {
        "bare": lambda: (
            b.tarefa("duckdb_puro", motor, arquivo=arquivo, banco=str(b.pasta / "armazem" / "x"))
            if motor == "duckdb"
            else b.tarefa("postgres_puro", motor, arquivo=arquivo, dsn=b.dsn)
        ),
        "load": lambda: b.tarefa("carregar", motor, pasta=str(entregas)),
        "quoted": lambda: b.tarefa("carregar", motor, pasta=str(com_aspas)),
    }
    if motor == "postgres":
        corridas["all"] = lambda: b.com_todas_as_colunas(motor)
    if motor == "duckdb":
        corridas["limited"] = lambda: b.tarefa(
            "carregar", motor, pasta=str(entregas), limite=LIMITE
        )
    if b.dlt:
        corridas["dlt"] = lambda: b.com_dlt(motor)
    medidas = defaultdict(list)
    for _ in range(vezes):
        for nome, correr in corridas.items():
            medidas[nome].append(correr())
    melhores = {nome: _melhor(achadas) for nome, achadas in medidas.items()}
    puro, carga = melhores["bare"], melhores["load"]
    nome_puro = "bare engine: " + ("read_csv into a table" if motor == "duckdb" else "COPY")
    dizer(Linha(motor, nome_puro, puro))
    razao, alvo, nome_carga = carga.segundos / puro.segundos, 1.5, "load pod_cartoes"
    if todas := melhores.get("all"):
        dizer(Linha(motor, "COPY of all ten columns of raw", todas, todas.segundos / puro.segundos))
        razao, alvo = carga.segundos / todas.segundos, 1.05
        nome_carga += ": ratio to all ten"
    dizer(Linha(motor, nome_carga, carga, razao, f"≤ {alvo:g}", razao <= alvo))
    quoted = melhores["quoted"]
    dizer(Linha(motor, "load, every field quoted", quoted, quoted.segundos / puro.segundos))
    if "limited" in melhores:
        limitada = melhores["limited"]
        dizer(
            Linha(motor, f"load, DuckDB limited to {LIMITE}", limitada, limitada.segundos
                  / puro.segundos, "peak ≤ 2 GB", limitada.pico_mb <= 2048)
        )  # fmt: skip
    if "dlt" in melhores:
        dlt = melhores["dlt"]
        vezes_dlt, alvo = dlt.segundos / carga.segundos, 1.5 if motor == "duckdb" else 3.0
        dizer(
            Linha(motor, "dlt (ratio: dlt / load)", dlt, vezes_dlt, f"≥ {alvo:g}",
                  vezes_dlt >= alvo)
        )  # fmt: skip


def relatar(linhas: Sequence[Linha], quantas: int, vezes: int, postgres: str) -> str:
    """The results as a Markdown document."""
    return medicao.relatorio(
        "Results: one large file",
        "cargas_de_arquivos.py",
        ("duckdb", "pyarrow", "adbc-driver-postgresql"),
        (f"PostgreSQL {postgres}", f"{quantas:,} rows in one file, best of {vezes}"),
        [CABECALHO, ("---", "---", *["--:"] * 4, "---", "---"), *(li.celulas() for li in linhas)],
    )


def _gerar(pasta: Path, linhas: int) -> None:
    import duckdb

    for nome, opcoes in (("entregas", ""), ("com_aspas", ", force_quote *")):
        (pasta / nome).mkdir(parents=True, exist_ok=True)
        duckdb.execute(GERAR.format(linhas=linhas, arquivo=pasta / nome / ARQUIVO, opcoes=opcoes))


def _argumentos() -> argparse.Namespace:
    analisador = medicao.leitor("Measures the load of one large file.", "_arquivos")
    analisador.add_argument("--linhas", type=int, default=10_000_000, help="rows in the file")
    analisador.add_argument(
        "--motores", nargs="+", choices=("duckdb", "postgres"), default=["duckdb", "postgres"]
    )
    analisador.add_argument("--vezes", type=int, default=3, help="runs of which the best counts")
    analisador.add_argument("--dlt", help="a Python that can import dlt, to compare with it")
    analisador.add_argument("--tarefa", nargs=2, help=argparse.SUPPRESS)
    return analisador.parse_args()


def main() -> None:
    """Measure, show each line as it comes, and write the results."""
    argumentos = _argumentos()
    if argumentos.tarefa:
        nome, valores = argumentos.tarefa
        print(json.dumps(TAREFAS[nome](**json.loads(valores))))
        return
    linhas: list[Linha] = []

    def dizer(linha: Linha) -> None:
        linhas.append(linha)
        medicao.mostrar(linha.celulas(), LARGURAS, NUMEROS)

    pasta = argumentos.pasta.resolve()
    _gerar(pasta, argumentos.linhas)
    onde = servidor.iniciar(pasta)
    try:
        medicao.mostrar(CABECALHO, LARGURAS, NUMEROS)
        bancada = Bancada(pasta, onde, argumentos.dlt)
        for motor in argumentos.motores:
            medir(bancada, motor, argumentos.vezes, dizer)
        bancada.esvaziar()
        postgres = medicao.versao_do_postgres(onde.dsn())
        relatorio = relatar(linhas, argumentos.linhas, argumentos.vezes, postgres)
        argumentos.saida.write_text(relatorio, encoding="utf-8")
        print(f"written to {argumentos.saida}")
    finally:
        onde.parar()


if __name__ == "__main__":
    main()
