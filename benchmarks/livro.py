"""Measures the book of invoices: against writing it, other ways to compute it, size and engine.

The facts are made in SQL and put where dbt expects them, so that only the book is built; for the
comparison with Spark they are written as the card issuer's files. What is compared is measured in
one run, one after the other. Nothing here fails because it was slow.
"""

import argparse
import importlib.util
import json
import multiprocessing
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import medicao
import psycopg

from loaders.demo import servidor
from loaders.projeto import livro

FATURAS = """
    create or replace table core.fact_fatura as
    with sorteadas as (
        select i, m, hash(i * 1000 + m) as h
        from range({meses}) as s (m), range({clientes}) as t (i)
    )
    select
        m || '-' || i as id_fatura,
        'C' || lpad(cast(hash(i) % 100000000 as varchar), 8, '0') || i as id_cliente,
        cast(date '{fim}' - to_months({meses} - m) + to_days(cast(h % 28 as integer)) as date)
            as data_emissao,
        cast(data_emissao + 10 as date) as data_vencimento,
        cast((5000 + (h // 1000) % 300000) / 100.0 as decimal(15, 2)) as valor_fatura,
        cast(valor_fatura * 0.15 as decimal(15, 2)) as valor_pagamento_minimo,
        h
    from sorteadas
"""
PAGAMENTOS = """
    create or replace table core.fact_pagamento as
    select
        id_fatura || '/' || parte as id_pagamento, id_fatura, id_cliente, data_pagamento,
        cast(valor as decimal(15, 2)) as valor_pagamento, true as fatura_encontrada
    from (
        select
            id_fatura, id_cliente, 1 as parte,
            cast(data_vencimento + cast((h // 7) % 12 as integer) - 8 as date) as data_pagamento,
            case (h // 13) % 10
                when 0 then valor_pagamento_minimo
                when 1 then valor_fatura * 0.5
                when 2 then valor_fatura * 0.05
                when 3 then valor_fatura * 1.05
                else valor_fatura
            end as valor
        from core.fact_fatura
        where (h // 17) % 12 <> 0
        union all
        select
            id_fatura, id_cliente, 2,
            cast(data_vencimento + cast((h // 23) % 60 as integer) as date), valor_fatura * 0.2
        from core.fact_fatura
        where (h // 13) % 10 in (1, 2) and (h // 17) % 12 <> 0
    )
"""
COM_PAGAMENTOS = """
    create or replace table core.fact_fatura as
    with dias as (
        select id_fatura, data_pagamento, sum(valor_pagamento) as valor, count(*) as quantos
        from core.fact_pagamento group by all
    ),
    somados as (
        select *, sum(valor) over (partition by id_fatura order by data_pagamento) as acumulado
        from dias
    ),
    pagas as (
        select
            s.id_fatura, sum(valor) as valor_pago, sum(quantos) as quantos,
            max(data_pagamento) as ultimo,
            min(data_pagamento) filter (where acumulado >= f.valor_pagamento_minimo) as minimo
        from somados as s join core.fact_fatura as f using (id_fatura) group by 1
    )
    select
        f.* exclude (h),
        cast(coalesce(valor_pago, 0) as decimal(18, 2)) as valor_pago,
        cast(coalesce(quantos, 0) as integer) as quantidade_pagamentos,
        ultimo as data_ultimo_pagamento, minimo as data_minimo_atingido
    from core.fact_fatura as f left join pagas as p using (id_fatura)
"""
ENTREGAS = """
    create schema staging;
    create table staging.base_pod_cartoes__entregas as select cast('faturas' as text) as entidade
"""
"""Of the deliveries the book only asks whether there was one of invoices."""
REF_DATE = date(2024, 1, 1)
MEMORIA = "3GB"
"""What the project gives DuckDB (LASTRO_DUCKDB_MEMORY), given to the write as well."""
APOIO = ("int_livro__calculados", "int_livro__impressao_do_dia", "int_livro__ref_datas")
LIVRO = "book_fatura_cliente"
MODELOS = (LIVRO, *(f"{LIVRO}_{janela}" for janela in livro.definicao()["janelas"]))
"""The book and its windows: one is the table and the others views, or the reverse."""
CTE = "__dbt__cte__int_livro__fatura_na_ref_data"
ARQUIVOS = (
    (
        "faturas",
        "data_emissao",
        "id_fatura, id_cliente, data_emissao, data_vencimento, valor_fatura,"
        " valor_pagamento_minimo",
    ),
    (
        "pagamentos",
        "data_pagamento",
        "id_pagamento, id_fatura, id_cliente, data_pagamento, valor_pagamento",
    ),
)
NO_POSTGRES = """
    create schema core;
    create table core.fact_fatura (
        id_fatura text, id_cliente text, data_emissao date, data_vencimento date,
        valor_fatura decimal(15, 2), valor_pagamento_minimo decimal(15, 2),
        valor_pago decimal(18, 2), quantidade_pagamentos integer, data_ultimo_pagamento date,
        data_minimo_atingido date
    );
    create table core.fact_pagamento (
        id_pagamento text, id_fatura text, id_cliente text, data_pagamento date,
        valor_pagamento decimal(15, 2), fatura_encontrada boolean
    )
"""


@dataclass(frozen=True)
class Linha:
    """One line of the results.

    Attributes:
        clientes: customers with an invoice in each month.
        motor: what computed it.
        nome: what was measured.
        segundos: how long it took.
        pico_mb: peak memory of its process (PostgreSQL: of the server); 0 where not measured.
        razao: the ratio that has a target, or that says something.
        alvo: what the ratio or the memory should be, as text.
        cumprido: whether it is.
    """

    clientes: int
    motor: str
    nome: str
    segundos: float
    pico_mb: float = 0
    razao: float | None = None
    alvo: str = ""
    cumprido: bool | None = None

    def celulas(self) -> tuple[str, ...]:
        """The line as it is shown."""
        return (
            f"{self.clientes:,}",
            self.motor,
            self.nome,
            f"{self.segundos:.1f}",
            f"{self.pico_mb:,.0f}" if self.pico_mb else "",
            "" if self.razao is None else f"{self.razao:.2f}",
            self.alvo,
            {None: "", True: "met", False: "missed"}[self.cumprido],
        )


CABECALHO = ("customers", "engine", "what", "seconds", "peak MB", "ratio", "target", "")
LARGURAS = (10, 10, 52, 8, 8, 7, 20, 6)
NUMEROS = (0, 3, 4, 5)
Dizer = Callable[[Linha], None]


@dataclass
class Bancada:
    """The folder and the PostgreSQL server in which everything happens, for one size."""

    pasta: Path
    onde: servidor.Servidor
    clientes: int

    @property
    def arquivo(self) -> Path:
        """The DuckDB file."""
        return self.pasta / "livro.duckdb"

    def abrir(self) -> duckdb.DuckDBPyConnection:
        """Open the DuckDB file, without a progress bar among the results."""
        conexao = duckdb.connect(str(self.arquivo))
        conexao.execute("set enable_progress_bar = false")
        return conexao

    def ambiente(self, motor: str) -> dict[str, str]:
        """The environment of every process."""
        return medicao.ambiente(
            motor,
            self.onde.dsn("livro"),
            LASTRO_DUCKDB=str(self.arquivo),
            DBT_TARGET_PATH=str(self.pasta / f"target_{motor}"),
            DBT_LOG_PATH=str(self.pasta / "logs"),
        )

    def gerar(self, meses: int) -> None:
        """Make the facts: an invoice a customer and month, in the order in which files bring them.

        The last month is the one before the ref_date.
        """
        self.arquivo.unlink(missing_ok=True)
        with self.abrir() as conexao:
            conexao.execute(f"create schema core; {ENTREGAS}")
            conexao.execute(FATURAS.format(clientes=self.clientes, meses=meses, fim=REF_DATE))
            conexao.execute(PAGAMENTOS)
            conexao.execute(COM_PAGAMENTOS)

    def esvaziar(self) -> None:
        """Take away what dbt built, so that it builds all of it again."""
        with self.abrir() as conexao:
            conexao.execute(
                "drop schema if exists risco cascade; drop schema if exists intermediate cascade"
            )

    def construir(self, motor: str, ref_datas: Sequence[date], *, tudo: bool = False) -> Any:
        """Build the book with dbt in a process of its own.

        Returns:
            Seconds from the start of its first model to the end of the process, in which DuckDB
            writes what it put off; those of the whole process; its peak memory in MB.
        """
        ambiente = self.ambiente(motor)
        dbt = [str(Path(sys.executable).parent / "dbt"), "--quiet", "run"]
        nos = [f"+{m}" for m in MODELOS] if tudo else [*APOIO, *MODELOS]
        datas = ", ".join(d.isoformat() for d in ref_datas)
        _, processo, pico = medicao.rodar(
            [*dbt, "--select", *nos, "--vars", f"{{ref_datas: [{datas}]}}"], ambiente
        )
        fim = datetime.now(UTC)
        resultados = Path(ambiente["DBT_TARGET_PATH"], "run_results.json").read_text()
        inicio = min(
            datetime.fromisoformat(tempo["started_at"])
            for no in json.loads(resultados)["results"]
            if no["unique_id"].split(".")[-1] in MODELOS
            for tempo in no["timing"]
        )
        return (fim - inicio).total_seconds(), processo, pico

    def arquivos(self) -> Path:
        """The facts as the card issuer's monthly files."""
        entregas = self.pasta / "entregas"
        shutil.rmtree(entregas, ignore_errors=True)
        entregas.mkdir()
        with duckdb.connect(str(self.arquivo), read_only=True) as conexao:
            for entidade, data, colunas in ARQUIVOS:
                fato = f"core.fact_{entidade.removesuffix('s')}"
                meses = conexao.execute(
                    f"select distinct strftime({data}, '%Y%m') from {fato} order by 1"
                ).fetchall()
                for (mes,) in meses:
                    conexao.execute(
                        f"copy (select {colunas} from {fato} where strftime({data}, '%Y%m')"
                        f" = '{mes}') to '{entregas}/tb_{entidade}_{mes}.csv' (header)"
                    )
        return entregas

    def levar_ao_postgres(self) -> None:
        """The same facts in the server warehouse."""
        dsn = self.onde.dsn("livro")
        with psycopg.connect(self.onde.dsn(), autocommit=True) as conexao:
            conexao.execute("drop database if exists livro with (force)")
            conexao.execute("create database livro")
        with (
            duckdb.connect(str(self.arquivo), read_only=True) as origem,
            psycopg.connect(dsn, autocommit=True) as destino,
        ):
            destino.execute(f"{NO_POSTGRES}; {ENTREGAS}")
            for fato in ("core.fact_fatura", "core.fact_pagamento"):
                medicao.copiar_ao_postgres(origem, fato, destino, fato)
            destino.execute("analyze")


def escrever(b: Bancada) -> float:
    """Write one table of the book's shape and content: no project can be faster than this."""
    with b.abrir() as conexao:
        conexao.execute(f"set memory_limit = '{MEMORIA}'; create schema igual")
        inicio = time.perf_counter()
        conexao.execute(
            f"create table igual.copia as from risco.{LIVRO} where ref_date = date '{REF_DATE}'"
        )
        segundos = time.perf_counter() - inicio
        conexao.execute("drop schema igual cascade")
    return segundos


def lado_a_lado(b: Bancada, vezes: int) -> tuple[float, float, float]:
    """The book and the write of it in turns.

    Returns:
        The best seconds of each, and the highest peak of the book in MB.
    """
    livros, picos, escritas = [], [], []
    for _ in range(vezes):
        a_parte(b.esvaziar)
        segundos, _, pico = b.construir("duckdb", [REF_DATE])
        livros.append(segundos)
        picos.append(pico)
        escritas.append(a_parte(escrever, b))
    return min(livros), max(picos), min(escritas)


def de_uma_vez(b: Bancada) -> float:
    """The textbook: one GROUP BY over the classified invoices, a condition in each aggregate."""
    definicao = livro.definicao()
    compilada = b.pasta.joinpath(
        f"target_duckdb/compiled/lastro/models/marts/risco/{LIVRO}.sql"
    ).read_text()
    inicio_cte = compilada.index(CTE)
    cte = compilada[inicio_cte : compilada.index("faturas as (", inicio_cte)]
    cte = cte.rstrip().rstrip(",").removesuffix("with").rstrip().rstrip(",")
    cte = cte.replace("/*ref_date*/'1900-01-01'", f"'{REF_DATE}'")
    colunas = []
    for v in livro.variaveis():
        recorte = definicao["recortes"][v["recorte"]]
        condicao = f"menor_janela <= {definicao['janelas'][v['janela']]['meses']}"
        if recorte["coluna"]:
            condicao += f" and {recorte['coluna']} = '{recorte['classe']}'"
        funcao = {"contagem": "count", "soma": "sum", "media": "avg"}.get(
            v["agregacao"], v["agregacao"]
        )
        argumento = "*" if funcao == "count" else v["medida"]
        colunas.append(f"{funcao}({argumento}) filter (where {condicao}) as {v['nome']}")
    consulta = f"with {cte} select id_cliente, {', '.join(colunas)} from {CTE} group by id_cliente"
    with b.abrir() as conexao:
        inicio = time.perf_counter()
        conexao.execute(f"create table de_uma_vez as {consulta}")
        segundos = time.perf_counter() - inicio
        conexao.execute("drop table de_uma_vez")
    return segundos


def do_arquivo_ao_livro(b: Bancada, entregas: Path) -> float:
    """Files to book with the project's own commands, each a process, into an empty warehouse."""
    guardado = b.arquivo.rename(b.pasta / "guardado.duckdb")
    try:
        carregar = [sys.executable, "-m", "loaders.cli", "load", "pod_cartoes", str(entregas)]
        _, carga, _ = medicao.rodar(carregar, b.ambiente("duckdb"))
        _, construcao, _ = b.construir("duckdb", [REF_DATE], tudo=True)
    finally:
        guardado.replace(b.arquivo)
    return carga + construcao


def com_spark(b: Bancada, entregas: Path, spark: str) -> float:
    """The textbook PySpark job over the same files, Spark's start with it."""
    programa = Path(__file__).with_name("livro_em_spark.py")
    saida = b.pasta / "spark"
    comando = [spark, str(programa), str(entregas), str(saida), REF_DATE.isoformat()]
    _, segundos, _ = medicao.rodar(comando, b.ambiente("duckdb"))
    shutil.rmtree(saida)
    return segundos


def a_parte(funcao: Callable[..., Any], *argumentos: Any) -> Any:
    """Call in a process of its own: memory that this one ever held counts as its children's."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(funcao, *argumentos).result()


def medir(b: Bancada, opcoes: argparse.Namespace, dizer: Dizer) -> float:
    """What is measured at one size on DuckDB.

    Returns:
        Seconds that the book took.
    """

    def linha(nome: str, segundos: float, pico: float = 0, **resto: Any) -> None:
        dizer(Linha(b.clientes, resto.pop("motor", "duckdb"), nome, segundos, pico, **resto))

    a_parte(b.gerar, 13)
    livro_, pico, uma = lado_a_lado(b, opcoes.vezes)
    linha("write one table of the same shape", uma)
    vezes = livro_ / uma
    linha("book_fatura_cliente: ratio to the write", livro_, pico,
          razao=vezes, alvo="≤ 1.2", cumprido=vezes <= 1.2)  # fmt: skip
    if not opcoes.sem_group_by:
        segundos = a_parte(de_uma_vez, b)
        vezes = segundos / livro_
        linha("textbook GROUP BY: ratio to the book", segundos,
              razao=vezes, alvo="≥ 12", cumprido=vezes >= 12)  # fmt: skip
    entregas = a_parte(b.arquivos)
    ida = do_arquivo_ao_livro(b, entregas)
    linha("files to book: load and dbt run", ida)
    if opcoes.spark:
        segundos = com_spark(b, entregas, opcoes.spark)
        vezes = segundos / ida
        linha("files to 665 variables: ratio to files to book", segundos, motor="pyspark",
              razao=vezes, alvo="≥ 5", cumprido=vezes >= 5)  # fmt: skip
    if not opcoes.sem_postgres:
        a_parte(b.levar_ao_postgres)
        with medicao.pico(lambda: medicao.memoria_do_servidor(b.onde)) as pico_do_servidor:
            segundos, _, _ = b.construir("postgres", [REF_DATE])
        linha("book_fatura_cliente: ratio to DuckDB", segundos, pico_do_servidor[0],
              motor="postgres", razao=segundos / livro_, alvo="peak ≤ 2 GB",
              cumprido=pico_do_servidor[0] <= 2048)  # fmt: skip
    return livro_


def medir_historia(b: Bancada, meses: int, dizer: Dizer) -> None:
    """So many ref_dates, and then one more."""
    a_parte(b.gerar, 13 + meses)
    datas = [date(2024 - (m + 12) // 12, 12 - m % 12, 1) for m in range(meses)]
    inteira, _, pico = b.construir("duckdb", datas)
    dizer(Linha(b.clientes, "duckdb", f"{meses} ref_dates", inteira, pico))
    segundos, _, pico = b.construir("duckdb", [REF_DATE])
    vezes = segundos / inteira
    dizer(Linha(b.clientes, "duckdb", f"one more: ratio to the {meses}", segundos, pico, vezes,
                "≤ 0.167", vezes <= 1 / 6))  # fmt: skip


def medir_grande(b: Bancada, opcoes: argparse.Namespace, pequeno: float, dizer: Dizer) -> None:
    """Ten times the customers."""
    a_parte(b.gerar, 13)
    segundos, pico, uma = lado_a_lado(b, opcoes.vezes)
    dizer(Linha(b.clientes, "duckdb", "write one table of the same shape", uma))
    vezes = segundos / uma
    dizer(Linha(b.clientes, "duckdb", "book_fatura_cliente: ratio to the write", segundos, pico,
                vezes, "≤ 1.4, peak ≤ 3 GB", vezes <= 1.4 and pico <= 3072))  # fmt: skip
    dizer(Linha(b.clientes, "duckdb", "the same: ratio to a tenth", segundos, pico,
                segundos / pequeno, "≤ 12", segundos / pequeno <= 12))  # fmt: skip


def desenhar(linhas: Sequence[Linha], destino: Path) -> None:
    """A plot of all lines: seconds on a logarithmic axis."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams.update({"svg.hashsalt": "lastro", "svg.fonttype": "none"})
    cores = {"duckdb": "#1f6f8b", "postgres": "#5b4b8a", "pyspark": "#c8553d"}
    figura, eixo = pyplot.subplots(figsize=(9, 0.42 * len(linhas) + 1))
    unicas = {f"{li.nome.split(':')[0]} ({li.clientes:,}, {li.motor})": li for li in linhas}
    nomes, linhas = list(unicas), list(unicas.values())
    barras = eixo.barh(
        range(len(linhas)), [li.segundos for li in linhas], color=[cores[li.motor] for li in linhas]
    )
    eixo.bar_label(barras, labels=[f"{li.segundos:,.1f} s" for li in linhas], padding=3, fontsize=8)
    eixo.set_yticks(range(len(linhas)), nomes, fontsize=8)
    eixo.invert_yaxis()
    eixo.set_xscale("log")
    eixo.set_xlabel("seconds, logarithmic")
    eixo.margins(x=0.15)
    for lado in ("top", "right"):
        eixo.spines[lado].set_visible(False)
    figura.tight_layout()
    figura.savefig(destino, metadata={"Date": None})


def relatar(linhas: Sequence[Linha], postgres: str, notas: Sequence[str], destino: Path) -> None:
    """Write the results so far as a Markdown document."""
    texto = medicao.relatorio(
        "Results: the book",
        "livro.py",
        ("duckdb", "dbt-core", "dbt-duckdb", "dbt-postgres"),
        (
            f"PostgreSQL {postgres}, one invoice a customer and month,"
            f" {len(livro.variaveis()):,} variables; the book and the write of it"
            " in turns, the best of each; the rest single runs",
            *notas,
        ),
        [CABECALHO, ("--:", "---", "---", *["--:"] * 3, "---", "---"),
         *(li.celulas() for li in linhas)],
    )  # fmt: skip
    desenho = destino.with_suffix(".svg").name
    destino.write_text(f"{texto}\n![Seconds of each line]({desenho})\n", encoding="utf-8")


def _argumentos() -> argparse.Namespace:
    leitor = medicao.leitor("Measures the book of invoices.", "_livro")
    leitor.add_argument("--clientes", type=int, default=100_000, help="customers")
    leitor.add_argument("--vezes", type=int, default=3, help="turns of the book and of the write")
    leitor.add_argument("--historia", type=int, default=24, help="ref_dates of history; 0: none")
    leitor.add_argument("--sem-group-by", action="store_true", help="leave the textbook out")
    leitor.add_argument("--sem-postgres", action="store_true", help="leave PostgreSQL out")
    leitor.add_argument("--sem-grande", action="store_true", help="leave ten times as many out")
    leitor.add_argument(
        "--nota", action="append", default=[], help="what the results should say of this run"
    )
    leitor.add_argument(
        "--spark",
        default=sys.executable if importlib.util.find_spec("pyspark") else "",
        help="a Python that can import pyspark, to compare with it",
    )
    return leitor.parse_args()


def main() -> None:
    """Measure, show each line as it comes, and write the results."""
    opcoes = _argumentos()
    linhas: list[Linha] = []
    pasta = opcoes.pasta.resolve()
    onde = servidor.iniciar(pasta)
    postgres = medicao.versao_do_postgres(onde.dsn())

    def dizer(linha: Linha) -> None:
        linhas.append(linha)
        medicao.mostrar(linha.celulas(), LARGURAS, NUMEROS)
        relatar(linhas, postgres, opcoes.nota, opcoes.saida)

    try:
        medicao.mostrar(CABECALHO, LARGURAS, NUMEROS)
        bancada = Bancada(pasta, onde, opcoes.clientes)
        livro_ = medir(bancada, opcoes, dizer)
        if opcoes.historia:
            medir_historia(bancada, opcoes.historia, dizer)
        if not opcoes.sem_grande:
            medir_grande(Bancada(pasta, onde, opcoes.clientes * 10), opcoes, livro_, dizer)
    finally:
        onde.parar()
        for resto in ("livro.duckdb", "entregas"):
            alvo = pasta / resto
            shutil.rmtree(alvo, ignore_errors=True) if alvo.is_dir() else alvo.unlink(True)
    if importlib.util.find_spec("matplotlib"):
        desenhar(linhas, opcoes.saida.with_suffix(".svg"))
    print(f"written to {opcoes.saida}")


if __name__ == "__main__":
    main()
