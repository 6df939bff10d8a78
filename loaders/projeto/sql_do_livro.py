"""The SQL that a book really runs for one ref_date, for people to read and to try.

dbt compiles the model; the marks that its materialisation replaces (macros/livro/lote_do_livro.sql)
are replaced here, with all customers in one batch.
"""

import json
import re
from datetime import date

from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.projeto.ambiente_dbt import saida_de
from loaders.projeto.livro import definicao


def livros(config: Configuracao) -> tuple[str, ...]:
    """The tables that are computed by ref_date on the engine (macro `livro_numa_tabela`)."""
    if config.alvo == "duckdb":
        return ("book_fatura", "book_fatura_cliente")
    return ("book_fatura", *(f"book_fatura_cliente_{j}" for j in definicao()["janelas"]))


def sql_do_livro(config: Configuracao, livro: str, ref_date: date) -> str:
    """The query.

    Args:
        config: the settings; the SQL is that of their engine.
        livro: one of `livros`.
        ref_date: the day.

    Raises:
        LastroError: there is no such book.
        ConstrucaoFalhou: dbt cannot compile it.
    """
    if livro not in livros(config):
        raise LastroError(f"{livro} is none of {', '.join(livros(config))}.")
    andamento.dizer("asking dbt for the query")
    dito = saida_de(
        config, "dbt", "--quiet", "--no-use-colors", "--log-format", "text", "compile",
        "--select", f"{livro},resource_type:model", "--output", "json",
    )  # fmt: skip
    sql = str(json.loads(dito[dito.index("{") :])["compiled"])
    for marca, valor in {
        r"/\*ref_date\*/'[^']*'": f"'{ref_date}'",
        r"/\*lotes\*/\d+": "1",
        r"/\*lote\*/\d+": "0",
    }.items():
        sql = re.sub(marca, valor, sql)
    return sql
