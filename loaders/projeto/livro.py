"""Writes the YAML of the books from the one definition that also makes their columns.

The definition is a dbt macro (`macros/livro/definicao_do_livro.sql`), so the models expand it while
dbt compiles them; here the same macros are read with plain Jinja. `python -m
loaders.projeto.livro` writes the files, `--check` only says which of them are out of date.
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from loaders import PROJETO
from loaders.projeto import gerados

MACROS = PROJETO / "macros" / "livro"
MODELOS = PROJETO / "models" / "marts" / "risco"
AVISO = (
    "# Written by `python -m loaders.projeto.livro` from macros/livro/definicao_do_livro.sql and"
    " variaveis_da_carteira.sql.\n# Change those, run it, and commit both.\n"
)

Variavel = dict[str, str]


class _Retorno(Exception):
    """What a macro hands to dbt's `return`."""

    def __init__(self, valor: Any) -> None:
        self.valor = valor


def _devolver(valor: Any) -> None:
    raise _Retorno(valor)


@cache
def _ambiente() -> Environment:
    ambiente = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    ambiente.globals.update({"return": _devolver, "execute": True})
    ambiente.globals["definicao_do_livro"] = _macro("definicao_do_livro")
    return ambiente


def _macro(nome: str) -> Callable[..., Any]:
    """The macro that stands alone in the file of its name, answering what it returns in dbt."""

    def chamar(*argumentos: Any) -> Any:
        texto = (MACROS / f"{nome}.sql").read_text(encoding="utf-8")
        try:
            getattr(_ambiente().from_string(texto).module, nome)(*argumentos)
        except _Retorno as retorno:
            return retorno.valor
        raise AssertionError(f"the macro {nome} returns nothing")

    return chamar


def definicao() -> dict[str, Any]:
    """Windows, slices, measures, aggregations and what is left out, as the macro gives them."""
    resultado: dict[str, Any] = _macro("definicao_do_livro")()
    return resultado


def variaveis(janela: str | None = None) -> list[Variavel]:
    """The variables of the customer book in the order of its columns.

    Args:
        janela: one window (`u3m`); all where it is left out.
    """
    resultado: list[Variavel] = _macro("variaveis_do_livro")(janela)
    return resultado


def variaveis_da_carteira() -> list[Variavel]:
    """The variables of the portfolio book in the order of its columns."""
    resultado: list[Variavel] = _macro("variaveis_da_carteira")()
    return resultado


def _coluna(nome: str, tipo: str, descricao: str, nulo: bool = True, testes: str = "") -> str:
    linhas = [f"      - name: {nome}", f'        description: "{descricao}"']
    linhas.append(f"        data_type: {tipo}")
    if not nulo:
        linhas.append("        constraints: [{type: not_null, warn_unsupported: false}]")
    if testes:
        linhas.append(f"        data_tests: {testes}")
    return "\n".join(linhas) + "\n"


def _de_variaveis(lista: list[Variavel]) -> str:
    return "".join(
        _coluna(v["nome"], v["tipo"], f"{v['descricao']} / {v['descricao_ingles']}") for v in lista
    )


def _chaves(testes: str = "") -> str:
    return _coluna(
        "ref_date", "date", "{{ doc('ref_date') }}", nulo=False, testes=testes
    ) + _coluna("id_cliente", "text", "{{ doc('id_cliente') }}", nulo=False, testes=testes)


def _modelo(nome: str, descricao: str, meta: str, colunas: str, testes: str) -> str:
    linhas = "".join(f"      {linha}\n" for linha in descricao.splitlines())
    return (
        f"{AVISO}\nversion: 2\n\nmodels:\n  - name: {nome}\n    description: >\n{linhas}"
        f"    config:\n      meta: {{{meta}}}\n    columns:\n{colunas}"
        f"    data_tests:\n{testes}"
    )


UNICO = """      - dbt_utils.unique_combination_of_columns:
          arguments:
            combination_of_columns: [{colunas}]
"""
JANELA = """      - celulas_do_livro_fecham:
          arguments: {{janela: {janela}}}
"""


def arquivos() -> dict[Path, str]:
    """Every file that this module writes, with its content."""
    unico = UNICO.format(colunas="ref_date, id_cliente")
    resultado = {}
    for janela, dados in definicao()["janelas"].items():
        nome = f"book_fatura_cliente_{janela}"
        resultado[MODELOS / f"{nome}.yml"] = _modelo(
            nome,
            "One row per ref_date and customer (id_cliente) with an invoice in the 12 months before"
            f"\nit: the variables of the window of {dados['meses']} month"
            f"{'s' if dados['meses'] > 1 else ''}. A part of book_fatura_cliente, which is\n"
            "what to read: PostgreSQL cannot hold all windows in one row.",
            f'grao: "ref_date, id_cliente", valor: {janela}_geral_valor_fatura_soma',
            _chaves("[not_null]") + _de_variaveis(variaveis(janela)),
            unico + JANELA.format(janela=janela),
        )
    total = len(variaveis())
    partes = ", ".join(f"book_fatura_cliente_{janela}" for janela in definicao()["janelas"])
    resultado[MODELOS / "book_fatura_cliente.yml"] = _modelo(
        "book_fatura_cliente",
        "One row per ref_date and customer (id_cliente) with an invoice in the 12 months before"
        f"\nit: {total:,} variables, named u{{n}}m_{{slice}}_{{measure}}_{{aggregation}}. Counts"
        "\nare 0 and other measures null where there is no invoice. dicionario_variaveis explains"
        "\neach.",
        'grao: "ref_date, id_cliente", '
        f"reune: {{chaves: [ref_date, id_cliente], partes: [{partes}]}}",
        _chaves() + _de_variaveis(variaveis()),
        """      - dbt_utils.equal_rowcount:
          arguments:
            compare_model: ref('book_fatura_cliente_u12m')
          # Two empty tables are equal, and an empty one differs from one that is not.
          config:
            fail_calc: "coalesce(sum(coalesce(diff_count, count_a, count_b)), 0)"
""",
    )
    resultado[MODELOS / "book_fatura.yml"] = _modelo(
        "book_fatura",
        "One row per ref_date and window (periodo): the portfolio as it was known just before the\n"
        "ref_date. A window without an invoice has a row too, with counts and sums 0 and the rest"
        " null.",
        'grao: "ref_date, periodo", valor: valor_total_faturas',
        _coluna("ref_date", "date", "{{ doc('ref_date') }}", nulo=False)
        + _coluna(
            "periodo",
            "text",
            "Window before the ref_date: U1M, U3M, U6M, U9M or U12M.",
            nulo=False,
            testes="[{accepted_values: {arguments: {values: ["
            + ", ".join(j.upper() for j in definicao()["janelas"])
            + "]}}}]",
        )
        + _coluna("inicio_janela", "date", "First day of issue in the window.", nulo=False)
        + _coluna(
            "fim_janela", "date", "End of the window, itself not in it: the ref_date.", nulo=False
        )
        + _de_variaveis(variaveis_da_carteira()),
        UNICO.format(colunas="ref_date, periodo"),
    )
    return resultado


if __name__ == "__main__":
    sys.exit(gerados.gravar(arquivos(), sys.argv[1:]))
