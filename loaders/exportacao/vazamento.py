"""Whether variables of the customer book know what happened on their ref_date or later.

They are counted again from the facts of the days before it, in another way than the book's: the
running sum of the payments of those days alone says what was paid and when the minimum was reached.
A row into which anything later went has another count, sum or delay in some window.
"""

from datetime import date

from loaders.armazem import Armazem
from loaders.nucleo.erros import ConstrucaoFalhou
from loaders.projeto import livro

FATOS = ("core.fact_fatura", "core.fact_pagamento")
"""What is counted, schema and name."""
RECONTADAS = ("qtd_faturas", "valor_fatura_soma", "valor_pago_soma", "dias_atraso_max")
"""Of all invoices of each window. What an invoice, a payment and a day met can leak into."""


def figuras() -> list[str]:
    """The variables that are counted again."""
    return [f"{janela}_geral_{c}" for janela in livro.definicao()["janelas"] for c in RECONTADAS]


def conferir(armazem: Armazem, ref_date: date) -> int:
    """Count the variables of a ref_date again, of every customer of the sample.

    Args:
        armazem: the open warehouse, inside the transaction in which the sample is read.
        ref_date: the day.

    Returns:
        How many rows were compared.

    Raises:
        ConstrucaoFalhou: some differ.
    """
    ((linhas, diferem),) = armazem.linhas(_consulta(armazem, ref_date))
    if diferem:
        raise ConstrucaoFalhou(
            f"{diferem:,} of {linhas:,} customers at {ref_date} have variables that are not those"
            " of the invoices and payments before that day. Nothing was written. Run `make rebuild`"
            " (or `dbt build --full-refresh`), then export again."
        )
    return int(linhas)


def _consulta(armazem: Armazem, ref_date: date) -> str:
    fatura, pagamento = (f"{armazem.esquema(fato)}" for fato in FATOS)
    risco, dia = armazem.esquema("risco"), f"date '{ref_date}'"
    recontadas, diferentes = [], []
    for janela, dados in livro.definicao()["janelas"].items():  # the largest comes last
        na_janela = f"data_emissao >= cast({dia} - interval '{dados['meses']} months' as date)"
        recontadas += [
            f"count(*) filter (where {na_janela}) as {janela}_geral_qtd_faturas",
            f"sum(valor_fatura) filter (where {na_janela}) as {janela}_geral_valor_fatura_soma",
            f"sum(pago) filter (where {na_janela}) as {janela}_geral_valor_pago_soma",
            f"max(dias) filter (where {na_janela}) as {janela}_geral_dias_atraso_max",
        ]
    for figura in figuras():
        diferentes.append(f"l.{figura} is distinct from r.{figura}")
    return f"""
        with emitidas as (
            select id_fatura, id_cliente, data_emissao, data_vencimento, valor_fatura,
                valor_pagamento_minimo as minimo
            from {fatura}
            where data_emissao < {dia} and {na_janela}
        ),
        pagos as (
            select p.id_fatura, p.data_pagamento, sum(p.valor_pagamento) as valor
            from {pagamento} as p
            inner join emitidas as e on p.id_fatura = e.id_fatura
            where p.fatura_encontrada and p.data_pagamento < {dia}
            group by p.id_fatura, p.data_pagamento
        ),
        somados as (
            select
                id_fatura,
                data_pagamento,
                sum(valor) over (partition by id_fatura order by data_pagamento) as ate
            from pagos
        ),
        cumpridas as (
            select
                e.id_fatura,
                max(s.ate) as pago,
                min(s.data_pagamento) filter (where s.ate >= e.minimo) as em
            from emitidas as e
            inner join somados as s on e.id_fatura = s.id_fatura
            group by e.id_fatura
        ),
        conhecidas as (
            select
                e.id_cliente,
                e.data_emissao,
                e.valor_fatura,
                coalesce(c.pago, 0) as pago,
                case
                    when c.em is not null then greatest(c.em - e.data_vencimento, 0)
                    when e.minimo = 0 then 0
                    else greatest({dia} - e.data_vencimento, 0)
                end as dias
            from emitidas as e
            left join cumpridas as c on e.id_fatura = c.id_fatura
        ),
        recontadas as (
            select id_cliente, {", ".join(recontadas)}
            from conhecidas
            group by id_cliente
        )
        select count(*), count(*) filter (where {" or ".join(diferentes)})
        from {risco}.amostra_modelagem as a
        inner join {risco}.book_fatura_cliente as l
            on a.ref_date = l.ref_date and a.id_cliente = l.id_cliente
        left join recontadas as r on a.id_cliente = r.id_cliente
        where a.ref_date = {dia}
    """
