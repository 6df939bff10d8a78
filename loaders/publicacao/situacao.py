"""What the warehouse holds: the last loads, rejects, waiting extractions, the reconciliation."""

from datetime import date
from typing import Any

from loaders.armazem import Armazem, abrir_completo
from loaders.armazem.sql import identificador, literal
from loaders.contratos import API, EVENTOS, carregaveis
from loaders.controle import posicoes
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ConstrucaoFalhou
from loaders.projeto import manifesto
from loaders.projeto.historia import pendentes
from loaders.publicacao import construcao

DA_CARGA = (
    "_carga_id",
    "fonte",
    "origem",
    "entidade",
    "entrega",
    "status",
    "lidas",
    "gravadas",
    "rejeitadas",
    "extraido_em",
    "fim",
    "formato",
    "mensagem",
)
"""What is shown of each load."""

QUARENTENA = "quarentena"
CLASSES = (
    "_carga_id",
    "linhas_arquivo",
    "linhas_rejeitadas",
    "linhas_raw",
    "linhas_substituidas",
    "linhas_quarentena",
    "linhas_duplicadas",
    "linhas_staging",
    "linhas_mart",
    "valor_mart",
    "diferenca_linhas",
    "diferenca_valor",
)
"""What is shown of each row of a reconciliation."""


PARTES = (
    "_carga_id",
    "origem",
    "linhas_arquivo",
    "percentual_rejeitado",
    "percentual_quarentena",
    "percentual_duplicado",
    "percentual_orfao",
    "alertas",
)
"""What is shown of each delivery."""


DIAS = ("tabela", "data", "linhas_novas", "linhas_alteradas", "linhas_excluidas")
"""What is shown of each past day that an extraction changed."""


def _registros(armazem: Armazem, sql: str, nomes: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict(zip(nomes, linha, strict=True)) for linha in armazem.linhas(sql)]


def _tabelas(armazem: Armazem, esquema: str) -> list[str]:
    """The tables of a schema that can be counted; of the quarantine its views, too.

    A view is computed when it is counted. What was set aside is worth it; all of staging would
    take as long as a build.
    """
    vistas = "" if esquema == QUARENTENA else " and not vista"
    return [
        str(nome)
        for (nome,) in armazem.linhas(
            f"select tabela from ({armazem.CONTAVEIS}) as c (esquema, tabela, vista)"
            f" where esquema = '{armazem.esquema(esquema)}'{vistas} order by tabela"
        )
    ]


def _reconciliacoes(armazem: Armazem) -> dict[str, set[str]]:
    """The tables of the reconciliations, each with its columns."""
    colunas: dict[str, set[str]] = {tabela: set() for tabela in _tabelas(armazem, "reconciliacao")}
    for tabela, coluna in armazem.linhas(
        f"select tabela, coluna from ({armazem.COLUNAS}) as c (esquema, tabela, coluna)"
        f" where esquema = '{armazem.esquema('reconciliacao')}'"
    ):
        colunas.get(tabela, set()).add(coluna)
    return colunas


def _divergencias(armazem: Armazem) -> list[dict[str, Any]]:
    """In what the sources disagree with themselves: rows by reconciliation and class."""
    achadas = []
    for tabela, colunas in _reconciliacoes(armazem).items():
        especie = next((c for c in ("classe", "operacao") if c in colunas), None)
        if especie is None:
            continue
        agora = " and ultima_extracao" if "ultima_extracao" in colunas else ""
        consulta = (
            f"select {especie}, count(*) from {armazem.esquema('reconciliacao')}.{tabela}"
            f" where {especie} <> 'ok'{agora} group by {especie} order by {especie}"
        )
        for classe, linhas in armazem.linhas(consulta):
            achadas.append({"tabela": tabela, "classe": classe, "linhas": linhas})
    return achadas


def _sem_entregas() -> str:
    """SQL: whether a load is of an API or of events, which are no deliveries."""
    delas = [t for f in carregaveis() for tipo in (API, EVENTOS) for t in f.de_tipo(tipo)]
    pares = [f"({literal(t.fonte)}, {literal(t.nome)})" for t in delas]
    return f"(fonte, entidade) in ({', '.join(pares)})" if pares else "false"


def _entregas(armazem: Armazem) -> list[dict[str, Any]]:
    """The deliveries by file: how many, from when to when, their rows, and files still refused."""
    nomes = ("fonte", "entidade", "entregas", "primeira", "ultima", "linhas", "recusados")
    return _registros(
        armazem,
        f"""
        with arquivos as (
            select
                *,
                max(case when status in ('ok', 'sem_novidade') then _carga_id else 0 end) over (
                    partition by fonte, entidade, coalesce(entrega, origem)
                ) as ultima_aceita
            from {armazem.esquema("controle")}.cargas
            where
                entidade is not null
                and extraido_em is null
                and status in ('ok', 'sem_novidade', 'rejeitado')
                and not {_sem_entregas()}
        ),
        aceitas as (
            select fonte, entidade, entrega, gravadas,
                row_number() over (
                    partition by fonte, entidade, entrega order by _carga_id desc
                ) as ordem
            from arquivos
            where status = 'ok'
        ),
        recusados as (
            select fonte, entidade, count(distinct coalesce(entrega, origem)) as recusados
            from arquivos
            where status = 'rejeitado' and _carga_id > ultima_aceita
            group by fonte, entidade
        ),
        correntes as (
            select
                fonte, entidade, count(*) as entregas,
                min(case when entrega <> 'historico' then entrega end) as primeira,
                max(case when entrega <> 'historico' then entrega end) as ultima,
                sum(gravadas) as linhas
            from aceitas
            where ordem = 1
            group by fonte, entidade
        )
        select
            coalesce(c.fonte, r.fonte), coalesce(c.entidade, r.entidade),
            coalesce(c.entregas, 0), c.primeira, c.ultima, cast(coalesce(c.linhas, 0) as bigint),
            coalesce(r.recusados, 0)
        from correntes as c
        full join recusados as r on c.fonte = r.fonte and c.entidade = r.entidade
        order by 1, 2
        """,
        nomes,
    )


def _contadas(
    armazem: Armazem, esquemas: list[str]
) -> tuple[dict[str, dict[str, int]], list[dict[str, Any]]]:
    """The rows of each table by schema, and the rows of all reconciliations."""
    tabelas = {
        (esquema, tabela): f"{armazem.esquema(esquema)}.{identificador(tabela)}"
        for esquema in esquemas
        for tabela in _tabelas(armazem, esquema)
    }
    armazem.vistoriar(tabelas.values())
    camadas: dict[str, dict[str, int]] = {esquema: {} for esquema in esquemas}
    for n, ((esquema, tabela), nome) in enumerate(tabelas.items()):
        andamento.dizer(f"counting {esquema}.{tabela}", n, len(tabelas))
        camadas[esquema][tabela] = int(armazem.valor(f"select count(*) from {nome}"))
    consulta = f"select {', '.join(CLASSES)} from {{}} order by _carga_id desc"
    reconciliacao = [
        {"tabela": tabela, **linha}
        for tabela, colunas in _reconciliacoes(armazem).items()
        if colunas.issuperset(CLASSES)
        for linha in _registros(armazem, consulta.format(tabelas["reconciliacao", tabela]), CLASSES)
    ]
    return camadas, reconciliacao


def _partes(armazem: Armazem) -> list[dict[str, Any]]:
    """How much of each current delivery was lost on its way, newest first."""
    return _registros(
        armazem,
        f"select {', '.join(PARTES)} from {armazem.esquema('quarentena')}.entregas"
        " order by _carga_id desc",
        PARTES,
    )


def _dias_alterados(armazem: Armazem) -> list[dict[str, Any]]:
    """The past days that the newest extraction changed, newest first."""
    return _registros(
        armazem,
        f"select {', '.join(DIAS)} from {armazem.esquema('reconciliacao')}.rec_dias_alterados"
        " order by data desc, tabela",
        DIAS,
    )


def situacao(config: Configuracao) -> dict[str, Any]:
    """The state of the warehouse, as plain values; nothing is written to it.

    Args:
        config: the settings.

    Returns:
        `armazem` (engine), `cargas` (newest first, without files that had not changed), `entregas`
        (files by entity), `logs` (of events: how far each was read), `rejeicoes`,
        `extracoes_pendentes`, `reconciliacao` (one entry per load, newest first), `divergencias`
        (rows in which a source disagrees with itself, by reconciliation and class),
        `dias_alterados` (past days that the newest extraction changed, newest first), `partes` (of
        each delivery what was rejected, set aside, duplicated or orphaned, in percent, newest
        first) and `camadas` (rows of each table by schema, and of quarantine's views). All are
        empty where nothing was ever loaded.

    Raises:
        ArmazemIndisponivel: the warehouse cannot be opened.
    """
    estado = _de_nada(config)
    if (armazem := abrir_completo(config, "lastro status")) is None:
        return estado
    armazem.fechar()  # dbt is asked before the warehouse is held
    de_raw = (f.esquema for f in carregaveis())
    esquemas = [*de_raw, *manifesto.esquemas(config)]
    if (armazem := abrir_completo(config, "lastro status")) is None:
        return estado
    with armazem:
        controle = armazem.esquema("controle")
        ultimas = _registros(
            armazem,
            f"select {', '.join(DA_CARGA)} from {controle}.cargas"
            " where extraido_em is not null or status <> 'sem_novidade' order by _carga_id desc",
            DA_CARGA,
        )
        rejeicoes = _registros(
            armazem,
            "select r._carga_id, r._arquivo, count(distinct r._linha)"
            f" from {controle}.rejeicoes as r group by r._carga_id, r._arquivo"
            " order by r._carga_id desc",
            ("_carga_id", "_arquivo", "linhas"),
        )
        entregas = _entregas(armazem)
        dos_logs = posicoes.logs(armazem)
        with armazem.transacao():
            camadas, reconciliacao = _contadas(armazem, esquemas)
            divergencias = _divergencias(armazem)
            ha = camadas.get("reconciliacao", ())
            dias = _dias_alterados(armazem) if "rec_dias_alterados" in ha else []
            partes = _partes(armazem) if "entregas" in camadas.get(QUARENTENA, ()) else []
        esperam = sum(pendentes(armazem).values())
    return estado | {
        "cargas": ultimas,
        "entregas": entregas,
        "logs": dos_logs,
        "rejeicoes": rejeicoes,
        "extracoes_pendentes": esperam,
        "reconciliacao": reconciliacao,
        "divergencias": divergencias,
        "dias_alterados": dias,
        "partes": partes,
        "camadas": camadas,
    }


def _de_nada(config: Configuracao) -> dict[str, Any]:
    return {
        "armazem": config.alvo,
        "cargas": [],
        "entregas": [],
        "logs": [],
        "rejeicoes": [],
        "extracoes_pendentes": 0,
        "reconciliacao": [],
        "divergencias": [],
        "dias_alterados": [],
        "partes": [],
        "camadas": {},
    }


def livro_da_carteira(config: Configuracao) -> tuple[date, list[str], list[list[Any]]]:
    """The newest portfolio book, turned so that each period is a column.

    It is read as an export would be: what one build left, whose tests passed.

    Args:
        config: the settings.

    Returns:
        Its ref_date; the periods, shortest first; one list per variable: its name, then its value
        in each period (counts, BRL, percentages and days, as in risco.book_fatura).

    Raises:
        ConstrucaoFalhou: there is no book yet, or it is empty, or the last build runs or failed.
        ArmazemIndisponivel: the warehouse cannot be opened.
    """
    if (aberto := abrir_completo(config, "lastro book")) is None:
        raise ConstrucaoFalhou(
            "Nothing was loaded and built here yet: run `lastro load` and `make build` (or"
            " `dbt build`)."
        )
    chaves = {"ref_date", "periodo", "inicio_janela", "fim_janela"}
    with aberto as armazem, construcao.leitura(aberto, "risco", ("book_fatura",)):
        risco = armazem.esquema("risco")
        variaveis = [
            str(nome)
            for (nome,) in armazem.linhas(
                "select column_name from information_schema.columns"
                f" where table_schema = '{risco}' and table_name = 'book_fatura'"
                " order by ordinal_position"
            )
            if nome not in chaves
        ]
        linhas = armazem.linhas(
            f"select ref_date, periodo, {', '.join(variaveis)} from {risco}.book_fatura"
            f" where ref_date = (select max(ref_date) from {risco}.book_fatura)"
            " order by inicio_janela desc"
        )
    if not linhas:
        raise ConstrucaoFalhou(
            "The book is empty: no invoice was ever loaded. Load some (`lastro load pod_cartoes`)"
            " and build."
        )
    datas, periodos, *valores = zip(*linhas, strict=True)
    por_variavel = zip(variaveis, valores, strict=True)
    return datas[0], list(periodos), [[nome, *do_periodo] for nome, do_periodo in por_variavel]
