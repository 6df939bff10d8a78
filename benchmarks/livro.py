"""Measures the book of invoices against plain lower and upper bounds.

The facts are made in SQL and put where dbt expects them, so that only the book is built. What is
compared is measured in one run, one after the other. Nothing here fails because it was slow.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders import PROJETO, livro

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
MODELOS = ("int_livro__calculados", "int_livro__impressao_do_dia", "int_livro__ref_datas")
TABELAS = tuple(f"book_fatura_cliente_{janela}" for janela in livro.definicao()["janelas"])


def gerar(arquivo: Path, clientes: int, meses: int, fim: date) -> None:
    """Make the facts: an invoice a customer and month, in the order in which files bring them."""
    arquivo.unlink(missing_ok=True)
    with duckdb.connect(str(arquivo)) as conexao:
        conexao.execute("create schema core")
        conexao.execute(FATURAS.format(clientes=clientes, meses=meses, fim=fim))
        conexao.execute(PAGAMENTOS)
        conexao.execute(COM_PAGAMENTOS)


def construir(arquivo: Path, ref_datas: list[date]) -> dict[str, float]:
    """Build the book with dbt in a process of its own; seconds from its first table to its last."""
    destino = arquivo.parent / "target"
    ambiente = os.environ | {
        "LASTRO_TARGET": "duckdb",
        "LASTRO_DUCKDB": str(arquivo),
        "DBT_TARGET_PATH": str(destino),
        "DBT_LOG_PATH": str(arquivo.parent / "logs"),
    }
    datas = ", ".join(d.isoformat() for d in ref_datas)
    dbt = [str(Path(sys.executable).parent / "dbt"), "--quiet", "run"]
    comando = [*dbt, "--select", *MODELOS, *TABELAS, "--vars", f"{{ref_datas: [{datas}]}}"]
    processo = subprocess.Popen(comando, cwd=PROJETO, env=ambiente)
    _, codigo, uso = os.wait4(processo.pid, 0)
    if codigo:
        raise SystemExit(f"dbt failed: {codigo}")
    nos = {
        r["unique_id"].split(".")[-1]: [
            datetime.fromisoformat(t[k])
            for t in r["timing"]
            for k in ("started_at", "completed_at")
        ]
        for r in json.loads((destino / "run_results.json").read_text())["results"]
    }
    tempos = [t for nome in TABELAS for t in nos[nome]]
    return {
        "segundos": (max(tempos) - min(tempos)).total_seconds(),
        "pico_mb": uso.ru_maxrss / 1024,
    }


def escrever_igual(arquivo: Path, ref_date: date) -> float:
    """The lower bound: write tables of the same shape and content, two at a time as dbt does."""
    from concurrent.futures import ThreadPoolExecutor

    with duckdb.connect(str(arquivo)) as conexao:
        conexao.execute("create schema if not exists igual")

        def copiar(tabela: str) -> None:
            with conexao.cursor() as cursor:
                cursor.execute(
                    f"create or replace table igual.{tabela} as from risco.{tabela}"
                    f" where ref_date = date '{ref_date}'"
                )

        inicio = time.perf_counter()
        with ThreadPoolExecutor(2) as executor:
            list(executor.map(copiar, TABELAS))
        segundos = time.perf_counter() - inicio
        conexao.execute("drop schema igual cascade")
    return segundos


def de_uma_vez(arquivo: Path, ref_date: date) -> float:
    """The textbook: one GROUP BY over the classified invoices, a condition in each aggregate."""
    definicao = livro.definicao()
    compilada = (
        arquivo.parent / "target/compiled/lastro/models/marts/risco/book_fatura_cliente_u12m.sql"
    ).read_text()
    inicio_cte = compilada.index("__dbt__cte__int_livro__fatura_na_ref_data")
    fim_cte = compilada.index("faturas as (", inicio_cte)
    cte = compilada[inicio_cte:fim_cte].rstrip().rstrip(",").removesuffix("with").rstrip()
    cte = cte.rstrip(",").replace("/*ref_date*/'1900-01-01'", f"'{ref_date}'")
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
    with duckdb.connect(str(arquivo)) as conexao:
        inicio = time.perf_counter()
        conexao.execute(f"create or replace table igual as {consulta}")
        segundos = time.perf_counter() - inicio
        conexao.execute("drop table igual")
    return segundos


CTE = "__dbt__cte__int_livro__fatura_na_ref_data"


def medir(clientes: int, pasta: Path, com_uma_vez: bool, historia: int) -> list[dict[str, Any]]:
    """All lines of one size."""
    ref_date = date(2024, 1, 1)
    arquivo = pasta / f"livro_{clientes}.duckdb"
    gerar(arquivo, clientes, 13 + historia, date(2024, 1, 1))
    livro_ = construir(arquivo, [ref_date])
    igual = escrever_igual(arquivo, ref_date)
    linhas = [
        {"what": "write tables of the same shape", "seconds": igual},
        {
            "what": "book_fatura_cliente, one ref_date",
            "seconds": livro_["segundos"],
            "peak": livro_["pico_mb"],
            "ratio": livro_["segundos"] / igual,
            "target": "≤ 1.5",
        },
    ]
    if com_uma_vez:
        segundos = de_uma_vez(arquivo, ref_date)
        linhas.append(
            {
                "what": "textbook single GROUP BY",
                "seconds": segundos,
                "ratio": segundos / livro_["segundos"],
                "target": "≥ 12",
            }
        )
    if historia:
        meses = [date(2022 + (m - 1) // 12, (m - 1) % 12 + 1, 1) for m in range(1, historia + 1)]
        inteira = construir(arquivo, meses)
        mais_um = construir(arquivo, [date(2024, 2, 1)])
        linhas.append({"what": f"{historia} ref_dates", "seconds": inteira["segundos"]})
        linhas.append(
            {
                "what": "one more month",
                "seconds": mais_um["segundos"],
                "ratio": mais_um["segundos"] / inteira["segundos"],
                "target": "≤ 0.17",
            }
        )
    return [{"customers": clientes, **linha} for linha in linhas]


def main() -> None:
    """Measure, and write `resultados_livro.md`."""
    leitor = argparse.ArgumentParser(description=__doc__)
    leitor.add_argument("--clientes", type=int, nargs="+", default=[100_000])
    leitor.add_argument("--pasta", type=Path, help="where to work; default: a temporary folder")
    leitor.add_argument("--historia", type=int, default=0, help="ref_dates of history to build")
    leitor.add_argument("--sem-group-by", action="store_true", help="leave the textbook out")
    opcoes = leitor.parse_args()
    pasta = opcoes.pasta or Path(tempfile.mkdtemp(prefix="lastro-bench-"))
    pasta.mkdir(parents=True, exist_ok=True)
    linhas = []
    try:
        for clientes in opcoes.clientes:
            linhas += medir(clientes, pasta, not opcoes.sem_group_by, opcoes.historia)
    finally:
        if not opcoes.pasta:
            shutil.rmtree(pasta, ignore_errors=True)
    memoria = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cabecalho = [
        "# Results of the book",
        "",
        "Written by `livro.py`; README.md says how to read it.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memoria:.0f} GB,"
        f" {platform.system()} {platform.machine()}, duckdb {duckdb.__version__}",
        "",
        "| customers | what | seconds | peak MB | ratio | target |",
        "| --: | --- | --: | --: | --: | --- |",
    ]
    corpo = [
        f"| {li['customers']:,} | {li['what']} | {li['seconds']:.1f} | {li.get('peak', 0):.0f} |"
        f" {li.get('ratio', 0):.2f} | {li.get('target', '')} |".replace("| 0 |", "|  |").replace(
            "| 0.00 |", "|  |"
        )
        for li in linhas
    ]
    texto = "\n".join(cabecalho + corpo) + "\n"
    (PROJETO / "benchmarks" / "resultados_livro.md").write_text(texto, encoding="utf-8")
    print(texto)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
