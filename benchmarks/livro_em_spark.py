"""The textbook PySpark job that the book is compared with: files in, a wide GROUP BY, Parquet out.

It is written as such jobs usually are: each variable an aggregate with a condition over the joined
invoices. It has 665 of the 1,010 variables (five windows, all invoices and the six classes of
value, 19 aggregates each), takes every value as it comes, judges no row and reconciles nothing. Run
by `livro.py`, or alone: `python livro_em_spark.py FOLDER_OF_FILES OUTPUT REF_DATE`.
"""

import sys
import time
from datetime import date
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

JANELAS = (1, 3, 6, 9, 12)
CLASSES = ("sem_pagamento", "insuficiente", "minimo", "parcial", "total", "excedente")
AGREGACOES = {"soma": f.sum, "media": f.avg, "max": f.max, "min": f.min}
MEDIDAS = {
    "valor_fatura": ("soma", "media", "max", "min"),
    "valor_pagamento_minimo": ("soma", "media", "max", "min"),
    "valor_pago": ("soma", "media", "max", "min"),
    "dias_atraso": ("media", "max", "min"),
    "percentual_pago": ("media", "max", "min"),
}
FATURAS = (
    "id_fatura string, id_cliente string, data_emissao date, data_vencimento date,"
    " valor_fatura decimal(15,2), valor_pagamento_minimo decimal(15,2)"
)
PAGAMENTOS = (
    "id_pagamento string, id_fatura string, id_cliente string, data_pagamento date,"
    " valor_pagamento decimal(15,2)"
)


def classificar(faturas: DataFrame, pagamentos: DataFrame, ref_date: date) -> DataFrame:
    """One row per invoice of the last 12 months with what was paid before the ref_date."""
    r = f.lit(ref_date)
    pagas = (
        pagamentos.where(f.col("data_pagamento") < r)
        .groupBy("id_fatura")
        .agg(f.sum("valor_pagamento").alias("pago"), f.max("data_pagamento").alias("ultimo"))
    )
    conhecidas = faturas.where(
        (f.col("data_emissao") < r) & (f.col("data_emissao") >= f.add_months(r, -12))
    )
    pago, minimo, total = (
        f.col(c) for c in ("valor_pago", "valor_pagamento_minimo", "valor_fatura")
    )
    ate = f.when(pago >= minimo, f.col("ultimo")).otherwise(r)
    return (
        conhecidas.join(pagas, "id_fatura", "left")
        .withColumn("valor_pago", f.coalesce("pago", f.lit(0).cast("decimal(18,2)")))
        .withColumn("dias_atraso", f.greatest(f.datediff(ate, "data_vencimento"), f.lit(0)))
        .withColumn("percentual_pago", 100 * pago / f.when(total != 0, total))
        .withColumn(
            "classe",
            f.when(pago == 0, "sem_pagamento")
            .when(pago < minimo, "insuficiente")
            .when(pago > total, "excedente")
            .when(pago == total, "total")
            .when(pago == minimo, "minimo")
            .otherwise("parcial"),
        )
    )


def variaveis(ref_date: date) -> list[Column]:
    """The aggregates, each with its window and class as a condition."""
    colunas = []
    for n in JANELAS:
        na_janela = f.col("data_emissao") >= f.add_months(f.lit(ref_date), -n)
        for classe in (None, *CLASSES):
            condicao = na_janela if classe is None else na_janela & (f.col("classe") == classe)
            prefixo = f"u{n}m_" + ("geral" if classe is None else f"valor_{classe}")
            colunas.append(f.count(f.when(condicao, 1)).alias(f"{prefixo}_qtd_faturas"))
            colunas += [
                AGREGACOES[a](f.when(condicao, f.col(medida))).alias(f"{prefixo}_{medida}_{a}")
                for medida, agregacoes in MEDIDAS.items()
                for a in agregacoes
            ]
    return colunas


def main(pasta: str, saida: str, ref_date: date) -> None:
    """Run the job in one process with two threads; print the seconds without Spark's start."""
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "8g")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    inicio = time.perf_counter()
    leitor = spark.read.option("header", True)
    faturas = leitor.schema(FATURAS).csv(f"{pasta}/tb_faturas_*.csv")
    pagamentos = leitor.schema(PAGAMENTOS).csv(f"{pasta}/tb_pagamentos_*.csv")
    livro = classificar(faturas, pagamentos, ref_date)
    livro = livro.groupBy("id_cliente").agg(*variaveis(ref_date))
    livro.write.mode("overwrite").parquet(saida)
    print(time.perf_counter() - inicio)


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2])), date.fromisoformat(sys.argv[3]))
