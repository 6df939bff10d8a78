"""Measures the book on a Spark cluster of two workers, beside DuckDB, and what that means for more.

Run by Spark's environment, which has both engines: `.venv-spark/bin/python benchmarks/lago.py`. The
cluster is two workers of one core each on this machine. From what its tasks say of themselves a
plan for fifty million customers is computed; and a customer with a million invoices is added, to
see what one key that outweighs all others costs. Nothing here fails because it was slow.
"""

import argparse
import json
import shutil
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

import medicao
import psutil
import psycopg
import pyarrow as pa
from livro import REF_DATE, Bancada, a_parte

from loaders.demo import aglomerado, servidor
from loaders.lago import catalogo
from loaders.nucleo.configuracao import Configuracao

CATALOGO = "lago"
FATOS = ("core.fact_fatura", "core.fact_pagamento", "staging.base_pod_cartoes__entregas")
LINHAS_POR_VEZ = 1_000_000
AJUSTES = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.log.level ERROR
spark.executor.memory {memoria}
spark.sql.shuffle.partitions {particoes}
spark.eventLog.enabled true
spark.eventLog.dir file://{eventos}
"""
CLIENTES_POR_PARTICAO = 8_000
"""Of a shuffle: its largest task then sorts and adds up within the memory of a small worker."""
MUITAS = 1_000_000
UMA_GRANDE = f"""
    create temp table dela as select * from core.fact_fatura order by id_fatura limit {MUITAS};
    insert into core.fact_pagamento by name
    select p.* replace ('x' || p.id_pagamento as id_pagamento, 'x' || p.id_fatura as id_fatura,
        'GRANDE' as id_cliente)
    from core.fact_pagamento as p where p.id_fatura in (select id_fatura from dela);
    insert into core.fact_fatura by name
    select * replace ('x' || id_fatura as id_fatura, 'GRANDE' as id_cliente) from dela
"""
PLANO = 50_000_000
NUCLEOS_DO_PLANO = 64
MB = 1024**2
CABECALHO = ("customers", "engine", "what", "seconds", "CPU s", "peak MB", "shuffled MB",
             "spilled MB", "longest task s", "median task s", "stored MB")  # fmt: skip
LARGURAS = (11, 16, 34, 8, 8, 8, 11, 10, 14, 13, 9)
NUMEROS = (0, *range(3, 11))
Dizer = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True)
class Medida:
    """What one build of the book took.

    Attributes:
        segundos: from the start of the book's first model to the end of the process.
        pico_mb: highest memory of an executor's process; DuckDB: of dbt's.
        processador: seconds of processor of all tasks.
        trocados_mb: what tasks wrote for other tasks.
        derramados_mb: what did not fit in memory and went to disk.
        mais_longa: seconds of the longest task of the stage that took most.
        mediana: seconds of the middle task of that stage.
        guardados_mb: the files of the book.
        particoes: tasks of a shuffle.
    """

    segundos: float
    pico_mb: float
    processador: float = 0
    trocados_mb: float = 0
    derramados_mb: float = 0
    mais_longa: float = 0
    mediana: float = 0
    guardados_mb: float = 0
    particoes: int = 0

    def celulas(self, clientes: int, motor: str, nome: str) -> tuple[str, ...]:
        """The line as it is shown; what only Spark says is empty for DuckDB."""
        do_spark = (f"{self.trocados_mb:,.0f}", f"{self.derramados_mb:,.0f}",
                    f"{self.mais_longa:.1f}", f"{self.mediana:.1f}",
                    f"{self.guardados_mb:,.0f}") if self.particoes else ("",) * 5  # fmt: skip
        processador = f"{self.processador:,.0f}" if self.particoes else ""
        return (f"{clientes:,}", motor, nome, f"{self.segundos:.1f}", processador,
                f"{self.pico_mb:,.0f}", *do_spark)  # fmt: skip


@dataclass
class NoLago(Bancada):
    """The same facts in a lake, and a cluster that builds the book of them."""

    trabalhadores: int
    memoria: str
    mestre: str = ""

    @property
    def do_spark(self) -> Path:
        """The folder of the lake and of the cluster."""
        return self.pasta / "spark"

    def ambiente(self, motor: str) -> dict[str, str]:
        """The environment of every process; of Spark with the lake's settings."""
        banco = urlsplit(self.onde.dsn(CATALOGO))
        return {
            **super().ambiente(motor),
            "LASTRO_LAKE_URI": f"{catalogo.JDBC}{banco.hostname}:{banco.port}/{CATALOGO}",
            "LASTRO_LAKE_USER": str(banco.username),
            "LASTRO_LAKE_PASSWORD": str(banco.password),
            "LASTRO_LAKE_WAREHOUSE": str(self.do_spark / "lago"),
            "LASTRO_SPARK_MASTER": self.mestre,
            "LASTRO_SPARK_MEMORY": "2g",
            "SPARK_CONF_DIR": str(self.do_spark),
        }

    def levar_ao_lago(self) -> None:
        """An empty catalogue, and the facts of the DuckDB file in it."""
        shutil.rmtree(self.do_spark, ignore_errors=True)
        self.do_spark.mkdir()
        with psycopg.connect(self.onde.dsn(), autocommit=True) as conexao:
            conexao.execute(f"drop database if exists {CATALOGO} with (force)")
        self.onde.criar_banco(CATALOGO)
        la = catalogo.abrir(Configuracao(_env_file=None, **self.ambiente("duckdb")))
        with self.abrir() as aqui:
            for fato in FATOS:
                la.create_namespace_if_not_exists(fato.partition(".")[0])
                leitor = aqui.sql(f"from {fato}").to_arrow_reader(LINHAS_POR_VEZ)
                tabela = la.create_table(fato, leitor.schema)
                for lote in leitor:
                    tabela.append(pa.Table.from_batches([lote]))

    def construir_no_spark(self) -> Medida:
        """Build the book on the cluster."""
        eventos = self.do_spark / "eventos"
        eventos.mkdir()
        particoes = max(8, -(-self.clientes // CLIENTES_POR_PARTICAO))
        self.do_spark.joinpath("spark-defaults.conf").write_text(
            AJUSTES.format(memoria=self.memoria, particoes=particoes, eventos=eventos)
        )
        python = Path(sys.executable)
        cluster = aglomerado.iniciar(python, self.do_spark, self.trabalhadores, self.memoria)
        with cluster as la, medicao.pico(lambda: maior_dos_filhos(la.trabalhadores)) as pico:
            self.mestre = la.endereco
            segundos, _, _ = self.construir("spark", [REF_DATE])
        guardados = sum(
            arquivo.stat().st_size
            for arquivo in self.do_spark.joinpath("lago", "refined", "risco").rglob("*.parquet")
        )
        return Medida(segundos, pico[0], **das_tarefas(eventos),
                      guardados_mb=guardados / MB, particoes=particoes)  # fmt: skip


def maior_dos_filhos(processos: list["Popen[bytes]"]) -> float:
    """The bytes of the largest child of some processes."""
    maior = 0
    for processo in processos:
        with suppress(psutil.Error):
            for filho in psutil.Process(processo.pid).children():
                maior = max(maior, filho.memory_info().rss)
    return maior


def das_tarefas(eventos: Path) -> dict[str, float]:
    """What Spark's own log says of the tasks: processor, shuffles, spills, the longest of them."""
    processador = trocados = derramados = 0
    duracoes: dict[tuple[str, int], list[float]] = defaultdict(list)
    for registro in eventos.iterdir():
        for linha in registro.read_text().splitlines():
            evento = json.loads(linha)
            if evento["Event"] != "SparkListenerTaskEnd" or "Task Metrics" not in evento:
                continue
            medidas, tarefa = evento["Task Metrics"], evento["Task Info"]
            processador += medidas["Executor CPU Time"]
            trocados += medidas["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            derramados += medidas["Disk Bytes Spilled"]
            duracoes[registro.name, evento["Stage ID"]].append(
                (tarefa["Finish Time"] - tarefa["Launch Time"]) / 1000
            )
    de_uma = max(duracoes.values(), key=sum)
    return {
        "processador": processador / 1e9,
        "trocados_mb": trocados / MB,
        "derramados_mb": derramados / MB,
        "mais_longa": max(de_uma),
        "mediana": statistics.median(de_uma),
    }


def plano(clientes: int, medida: Medida) -> str:
    """What as many customers as `PLANO` would take, in proportion to a measured build."""
    vezes = PLANO / clientes
    horas = medida.processador * vezes / 3600
    # The driver starts and commits once, whatever the size; what tasks compute grows with it.
    minutos = 60 * horas / NUCLEOS_DO_PLANO
    pontos = [
        f"- {vezes * medida.particoes:,.0f} partitions of a shuffle"
        f" ({CLIENTES_POR_PARTICAO:,} customers each), {vezes * medida.trocados_mb / 1024:,.0f} GB"
        f" shuffled and {vezes * medida.derramados_mb / 1024:,.0f} GB spilled: local disks",
        f"- {vezes * medida.guardados_mb / 1024:,.1f} GB of files for each ref_date",
        f"- {horas:,.1f} core hours for each ref_date: {minutos:,.0f} minutes on"
        f" {NUCLEOS_DO_PLANO} cores, where disks and network keep up",
    ]
    return "\n".join(pontos)


def no_spark(b: NoLago) -> Medida:
    """The book on the cluster, of the facts as they are now."""
    b.levar_ao_lago()
    return b.construir_no_spark()


def medir(opcoes: argparse.Namespace, pasta: Path, onde: servidor.Servidor, dizer: Dizer) -> str:
    """All customers on both engines, then fewer without and with one that outweighs them.

    Returns:
        The plan, as Markdown.
    """
    motor = f"spark, {opcoes.trabalhadores} workers"
    tudo = NoLago(pasta, onde, opcoes.clientes, opcoes.trabalhadores, opcoes.memoria)
    a_parte(tudo.gerar, 13)
    segundos, _, pico = tudo.construir("duckdb", [REF_DATE])
    dizer(Medida(segundos, pico).celulas(tudo.clientes, "duckdb", "book_fatura_cliente"))
    de_todos = no_spark(tudo)
    dizer(de_todos.celulas(tudo.clientes, motor, "book_fatura_cliente"))

    menos = NoLago(pasta, onde, opcoes.desigual, opcoes.trabalhadores, opcoes.memoria)
    a_parte(menos.gerar, 13)
    dizer(no_spark(menos).celulas(menos.clientes, motor, "without the large customer"))
    with menos.abrir() as conexao:
        conexao.execute(UMA_GRANDE)
    dizer(no_spark(menos).celulas(menos.clientes + 1, motor, f"one with {MUITAS:,} invoices"))
    return plano(tudo.clientes, de_todos)


def main() -> None:
    """Measure, show each line as it comes, and write the results."""
    leitor = medicao.leitor("Measures the book on a Spark cluster.", "_lago")
    leitor.add_argument("--clientes", type=int, default=1_000_000, help="customers")
    leitor.add_argument(
        "--desigual", type=int, default=100_000, help="customers beside a large one"
    )
    leitor.add_argument("--trabalhadores", type=int, default=2, help="workers of one core")
    leitor.add_argument("--memoria", default="1600m", help="heap of a worker, as Spark writes it")
    opcoes = leitor.parse_args()
    linhas: list[tuple[str, ...]] = []

    def dizer(celulas: tuple[str, ...]) -> None:
        linhas.append(celulas)
        medicao.mostrar(celulas, LARGURAS, NUMEROS)

    pasta = opcoes.pasta.resolve()
    onde = servidor.iniciar(pasta)
    try:
        medicao.mostrar(CABECALHO, LARGURAS, NUMEROS)
        planejado = medir(opcoes, pasta, onde, dizer)
    finally:
        onde.parar()
        shutil.rmtree(pasta / "spark", ignore_errors=True)
        (pasta / "livro.duckdb").unlink(missing_ok=True)
    alinhamentos = ["--:" if i in NUMEROS else "---" for i in range(len(CABECALHO))]
    notas = [
        f"{opcoes.trabalhadores} workers of one core, {opcoes.memoria} of heap each, on the machine"
        " that also runs the driver and the catalogue; peak: of the largest executor's process"
    ]
    texto = medicao.relatorio(
        "Results: the book on a cluster", "lago.py", ("pyspark", "duckdb", "dbt-spark"), notas,
        [CABECALHO, alinhamentos, *linhas],
    )  # fmt: skip
    opcoes.saida.write_text(f"{texto}\n## Planned: {PLANO:,} customers\n\n{planejado}\n", "utf-8")
    print(f"written to {opcoes.saida}")


if __name__ == "__main__":
    main()
