"""A place where a source and a warehouse are measured side by side, and the lines that come of it.

Every measurement runs in a fresh process, whose peak memory is read when it ends. Tasks are
functions of a benchmark's own (`TAREFAS`), which calls itself with the name of one.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import medicao
import psycopg
from psycopg import sql

from loaders.demo import servidor

Tarefa = Callable[..., dict[str, Any]]
"""Says how long its work took, without the start of Python, and how many rows it read."""


@dataclass(frozen=True)
class Medida:
    """One run: the work, its whole process, the process's peak memory, and the rows it read."""

    segundos: float
    processo: float
    pico_mb: float
    linhas: int = 0

    def do_processo(self) -> "Medida":
        """The measurement of the whole process instead of the work."""
        return replace(self, segundos=self.processo)


def melhor(medidas: Sequence[Medida]) -> Medida:
    """The fastest of several runs, with the largest memory of all."""
    rapida = min(medidas, key=lambda m: m.segundos)
    return replace(rapida, pico_mb=max(m.pico_mb for m in medidas))


def soma(medidas: Sequence[Medida]) -> Medida:
    """Several runs one after the other, as one."""
    return Medida(
        sum(m.segundos for m in medidas),
        sum(m.processo for m in medidas),
        max(m.pico_mb for m in medidas),
        sum(m.linhas for m in medidas),
    )


@dataclass(frozen=True)
class Linha:
    """One line of the results.

    Attributes:
        tamanho: of what was measured.
        motor: the warehouse.
        nome: what was measured.
        medida: what it took.
        base: what the ratio divides by.
        alvo: what the ratio should be at most.
        teto_mb: what the peak memory should be at most.
    """

    tamanho: int
    motor: str
    nome: str
    medida: Medida
    base: Medida | None = None
    alvo: float | None = None
    teto_mb: float | None = None

    @property
    def razao(self) -> float | None:
        """How many times the base it took."""
        return None if self.base is None else self.medida.segundos / self.base.segundos

    def celulas(self) -> tuple[str, ...]:
        """The line as it is shown."""
        m = self.medida
        alvos, cumpridos = [], []
        if self.razao is not None and self.alvo is not None:
            alvos.append(f"≤ {self.alvo:.3g}")
            cumpridos.append(self.razao <= self.alvo)
        if self.teto_mb is not None:
            alvos.append(f"peak ≤ {self.teto_mb:,.0f} MB")
            cumpridos.append(m.pico_mb <= self.teto_mb)
        situacao = ("met" if all(cumpridos) else "missed") if cumpridos else ""
        return (
            f"{self.tamanho:,}",
            self.motor,
            self.nome,
            f"{m.segundos:.2f}",
            f"{m.processo:.1f}",
            f"{m.linhas / m.segundos:,.0f}" if m.linhas else "",
            f"{m.pico_mb:.0f}",
            "" if self.razao is None else f"{self.razao:.2f}",
            ", ".join(alvos),
            situacao,
        )


def cabecalho(tamanho: str) -> tuple[str, ...]:
    """The head of the table of lines; the first column is named."""
    return (
        tamanho,
        "warehouse",
        "what",
        "seconds",
        "process s",
        "rows/s",
        "peak MB",
        "ratio",
        "target",
        "",
    )


ALINHAMENTOS = ("--:", "---", "---", *["--:"] * 6, "---")
LARGURAS = (11, 9, 52, 8, 9, 10, 7, 6, 22, 6)
NUMEROS = (0, *range(3, 9))


@dataclass
class Bancada:
    """The server and the folder in which everything happens, for one engine.

    Attributes:
        pasta: the folder.
        origem: the server, of sources and of the PostgreSQL warehouse.
        motor: the engine of the warehouse.
        programa: file of the benchmark, whose tasks are run.
        modelo_da_fonte: name of the database that a fresh source is a copy of.
    """

    pasta: Path
    origem: servidor.Servidor
    motor: str
    programa: str
    modelo_da_fonte: str = ""
    ambiente: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Set the environment of every process."""
        self.ambiente = medicao.ambiente(
            self.motor,
            self.origem.dsn(self.banco),
            LASTRO_DUCKDB=str(self.arquivo),
            LASTRO_CARD_KEY="a key that only the benchmarks know",
            DBT_TARGET_PATH=str(self.pasta / f"target_{self.motor}"),
            DBT_LOG_PATH=str(self.pasta / "logs"),
        )

    @property
    def arquivo(self) -> Path:
        """The DuckDB file; dbt writes its stem into the views."""
        return self.pasta / "armazem" / "lastro.duckdb"

    @property
    def banco(self) -> str:
        """The database of the PostgreSQL warehouse."""
        return "banco_armazem"

    @property
    def dsn(self) -> str:
        """Its address."""
        return self.origem.dsn(self.banco)

    def tarefa(self, nome: str, **argumentos: Any) -> Medida:
        """Run a task in a fresh process."""
        comando = (sys.executable, self.programa, "--tarefa", nome, json.dumps(argumentos))
        texto, duracao, pico = medicao.rodar(comando, self.ambiente)
        feito = json.loads(texto.splitlines()[-1])
        return Medida(feito["segundos"], duracao, pico, feito.get("lidas", 0))

    def dbt(self, *argumentos: str, nos: Sequence[str] = ()) -> Medida:
        """Run dbt; the work is that of the models `nos`, if they are among what ran."""
        programa = str(Path(sys.executable).parent / "dbt")
        comando = (programa, "--quiet", "--no-use-colors", *argumentos)
        _, duracao, pico = medicao.rodar(comando, self.ambiente)
        deles = [s for no, s in self.segundos_dos_nos().items() if no in nos] if nos else []
        return Medida(sum(deles) if deles else duracao, duracao, pico)

    def segundos_dos_nos(self) -> dict[str, float]:
        """What each model of the last run of dbt took, by its name."""
        lidos = json.loads(Path(self.ambiente["DBT_TARGET_PATH"], "run_results.json").read_text())
        return {
            n["unique_id"].split(".")[-1]: n["execution_time"]
            for n in lidos["results"]
            if n["unique_id"].startswith("model.")
        }

    def lastro(self, *argumentos: str) -> Medida:
        """Run `lastro`."""
        comando = (sys.executable, "-m", "loaders.cli", *argumentos)
        _, duracao, pico = medicao.rodar(comando, self.ambiente)
        return Medida(duracao, duracao, pico)

    def administrar(self, comando: str, *nomes: str) -> None:
        """Run a statement about databases, whose names stand for its `{}`."""
        with psycopg.connect(self.origem.dsn(), autocommit=True) as conexao:
            conexao.execute(sql.SQL(comando).format(*map(sql.Identifier, nomes)))

    def fonte_nova(self) -> str:
        """Return the address of a fresh copy of the source."""
        self.administrar("drop database if exists {} with (force)", "banco_fonte")
        self.administrar(
            "create database {} template {} strategy file_copy",
            "banco_fonte",
            self.modelo_da_fonte,
        )
        return self.origem.dsn("banco_fonte")

    def copia_simples(self, dsn: str, tabelas: Sequence[str], **exatas: str) -> Medida:
        """Copy tables of a source into an empty warehouse; `exatas` are casts of their columns."""
        if self.motor == "postgres":
            self.esvaziar()
            return self.tarefa("copiar_para_postgres", dsn=dsn, destino=self.dsn, tabelas=tabelas)
        pasta = self.pasta / "copia"
        shutil.rmtree(pasta, ignore_errors=True)
        pasta.mkdir(parents=True)
        arquivo = str(pasta / "copia.duckdb")
        return self.tarefa(
            "copiar_para_duckdb", dsn=dsn, arquivo=arquivo, tabelas=tabelas, exatas=exatas
        )

    def esvaziar(self) -> None:
        """Start with no warehouse."""
        if self.motor == "duckdb":
            shutil.rmtree(self.arquivo.parent, ignore_errors=True)
            self.arquivo.parent.mkdir(parents=True)
        else:
            self.administrar("drop database if exists {} with (force)", self.banco)
            self.administrar("create database {}", self.banco)

    def guardar(self, nome: str) -> None:
        """Keep the warehouse as it is under a name."""
        self._copiar(self.arquivo, self.pasta / nome, self.banco, f"banco_{nome}")

    def repor(self, nome: str) -> None:
        """Bring back the warehouse that was kept under a name."""
        self._copiar(self.pasta / nome, self.arquivo, f"banco_{nome}", self.banco)

    def _copiar(self, arquivo: Path, copia: Path, banco: str, banco_copia: str) -> None:
        if self.motor == "duckdb":
            copia.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(arquivo, copia)
            return
        self.administrar("drop database if exists {} with (force)", banco_copia)
        self.administrar("create database {} template {} strategy file_copy", banco_copia, banco)

    def limpar(self, *guardados: str) -> None:
        """Delete everything but the source's model, and what was kept under names."""
        for banco in ("banco_fonte", self.banco, *(f"banco_{nome}" for nome in guardados)):
            self.administrar("drop database if exists {} with (force)", banco)
        for pasta in ("armazem", "juncao", "copia"):
            shutil.rmtree(self.pasta / pasta, ignore_errors=True)
        for nome in guardados:
            (self.pasta / nome).unlink(missing_ok=True)


# What runs in a fresh process, whatever is measured.


def _carregar(
    dsn: str, fonte: str, instante: str | None, dias_recentes: int | None = None
) -> dict[str, Any]:
    """One extraction, as `lastro load` does it."""
    from loaders.contratos import fontes
    from loaders.extracao.postgres import carregar as de_postgres
    from loaders.extracao.postgres.extracao import Opcoes
    from loaders.nucleo.configuracao import configuracao

    quando = datetime.fromisoformat(instante) if instante else None
    opcoes = Opcoes(instante=quando, dias_recentes=dias_recentes)
    inicio = time.perf_counter()
    cargas = de_postgres.carregar(configuracao(), fontes()[fonte], dsn, opcoes)
    return {
        "segundos": time.perf_counter() - inicio,
        "lidas": sum(c.lidas for c in cargas),
        "gravadas": sum(c.gravadas for c in cargas),
    }


def _copiar_para_duckdb(
    dsn: str, arquivo: str, tabelas: Sequence[str], exatas: Mapping[str, str]
) -> dict[str, Any]:
    """The lower bound of a first load: PostgreSQL's COPY as Arrow, inserted as it comes."""
    import adbc_driver_postgresql.dbapi as adbc
    import duckdb

    inicio = time.perf_counter()
    linhas = 0
    with adbc.connect(dsn) as fonte, fonte.cursor() as cursor, duckdb.connect(arquivo) as destino:
        destino.execute("begin transaction")
        for tabela in tabelas:
            cursor.execute(f"select * from {tabela}")
            dados = cursor.fetch_record_batch()
            colunas = ", ".join(
                f'cast("{c}" as {exatas[c]}) as "{c}"' if c in exatas else f'"{c}"'
                for c in dados.schema.names
            )
            feito = destino.execute(f"create table {tabela} as select {colunas} from dados")
            linhas += feito.fetchall()[0][0]
        destino.execute("commit")
    return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


def _copiar_para_postgres(dsn: str, destino: str, tabelas: Sequence[str]) -> dict[str, Any]:
    """The same bound with PostgreSQL as the warehouse: COPY out, COPY in."""
    inicio = time.perf_counter()
    linhas = 0
    with psycopg.connect(dsn) as fonte, psycopg.connect(destino) as armazem:
        for tabela in tabelas:
            colunas = fonte.execute(
                "select quote_ident(attname), format_type(atttypid, atttypmod) from pg_attribute"
                " where attrelid = to_regclass(%s) and attnum > 0 order by attnum",
                [tabela],
            ).fetchall()
            tipos = ", ".join(f"{nome} {tipo}" for nome, tipo in colunas)
            armazem.execute(f"create table {tabela} ({tipos})")
            with (
                fonte.cursor().copy(f"copy {tabela} to stdout (format binary)") as saida,
                armazem.cursor() as cursor,
            ):
                with cursor.copy(f"copy {tabela} from stdin (format binary)") as entrada:
                    for bloco in saida:
                        entrada.write(bloco)
                linhas += cursor.rowcount
    return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


TAREFAS: dict[str, Tarefa] = {
    "carregar": _carregar,
    "copiar_para_duckdb": _copiar_para_duckdb,
    "copiar_para_postgres": _copiar_para_postgres,
}


def executar(dsn: str, *comandos: str) -> None:
    """Run statements in a database, one transaction each."""
    with psycopg.connect(dsn, autocommit=True) as conexao:
        for comando in comandos:
            conexao.execute(comando)
