"""Compares what a source holds with the newest state of each key in raw, in the warehouse."""

from collections.abc import Sequence

from loaders.contratos import Tabela
from loaders.controle.supressao import TOKEN
from loaders.extracao.postgres.consultas import no_calendario

LIDO, MUDANCA = "lido", "mudanca"
"""Temporary tables: what was read, and what of it differs."""


def nao_esquecida(tabela: Tabela, de: str = "") -> str:
    """SQL: whether a row of raw is of nobody who was erased.

    Args:
        tabela: its contract.
        de: how the statement calls the table, with a dot.
    """
    coluna = tabela.chave_simples or tabela.titular
    return f"not starts_with({de}{coluna}, '{TOKEN}')" if tabela.titular else "true"


def saldo(tabela: Tabela, raw: str) -> str:
    """The query of the rows that raw holds of a source, by what was landed and taken away."""
    return (
        "select coalesce(sum(case _operacao when 'inclusao' then 1 when 'retorno' then 1"
        f" when 'exclusao' then -1 else 0 end), 0) from {raw} where {nao_esquecida(tabela)}"
    )


def diferencas(tabela: Tabela, raw: str, lidas: int, dias: Sequence[str] | None) -> str:
    """The statement that puts what differs into `MUDANCA`.

    Args:
        tabela: its contract.
        raw: its raw table, qualified.
        lidas: how many rows `LIDO` has.
        dias: the days that were read; None where all rows were.
    """
    colunas = [c.nome for c in tabela.de_conteudo]
    lidas_ = ", ".join(f"l.{c}" for c in colunas)
    difere = " or ".join(
        f"l.{c} is distinct from a.{c}" for c in colunas if c not in tabela.chave
    )  # fmt: skip
    so_a_chave = ", ".join(
        f"a.{c.nome}" if c.nome in tabela.chave else f"cast(null as {c.tipo})"
        for c in tabela.de_conteudo
    )
    chave = ", ".join(tabela.chave)
    da_atual = ", ".join(f"a.{c}" for c in tabela.chave)
    mesma = " and ".join(f"l.{c} = a.{c}" for c in tabela.chave)
    sem_atual = f"a.{tabela.chave[0]} is null"
    do_periodo, tocada = "true", "true"
    if dias is not None:
        datas = [f"date '{d}'" for d in dias if no_calendario(d)]
        partes = [f"cast({tabela.dia} as date) in ({', '.join(datas)})"] if datas else []
        partes += [f"{tabela.dia} is null"] if len(datas) < len(dias) else []
        do_periodo = f"({' or '.join(partes)})"
        tocada = (
            f"({chave}) in (select {chave} from {LIDO} union"
            f" select {chave} from {raw} where {do_periodo})"
        )
    return f"""
        create temporary table {MUDANCA} as
        with estados as (
            select *, row_number() over (partition by {chave} order by _carga_id desc) as ordem
            from {raw}
            where {tocada}
        ),
        atuais as (
            select * from estados where ordem = 1
        )
        select
            {lidas_},
            case
                when {sem_atual} then 'inclusao'
                when a._operacao = 'exclusao' then 'retorno'
                else 'alteracao'
            end as _operacao,
            l._linha
        from {LIDO} as l
        left join atuais as a on {mesma}
        where {sem_atual} or a._operacao = 'exclusao' or {difere}
        union all
        select
            {so_a_chave},
            'exclusao',
            {lidas} + row_number() over (order by {da_atual})
        from atuais as a
        where
            a._operacao <> 'exclusao'
            and {nao_esquecida(tabela, "a.")}
            and {do_periodo}
            and not exists (select 1 from {LIDO} as l where {mesma})
    """
