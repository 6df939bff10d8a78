"""Measures the extraction and the fact against plain lower bounds, at several sizes.

What is compared is measured in turns, several times, and the best of each counts: so a busy machine
disturbs both sides of a ratio alike. Nothing here fails because something was slow.
"""

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from typing import Any

import bancada
import medicao
import psycopg
from bancada import Bancada, Linha, Medida

from loaders.demo import gerador, servidor

TABELAS = ("associado", "conta", "cartao", "movimentacao_cartao")
FATO = "fact_movimentacao"
CABECALHO = bancada.cabecalho("movements")
UMA_SEMANA_DEPOIS = "2026-07-08T06:00:00+00:00"

# Ids are random hexadecimal digits: those below this one are one in a hundred.
NOVAS = """
    insert into movimentacao_cartao
    select
        md5('{lote}' || id_movimentacao_cartao), id_cartao, descricao_movimentacao,
        valor_movimentacao, {dia}
    from movimentacao_cartao
    where id_movimentacao_cartao < '{ate}'
"""
UM_POR_CENTO, POUCAS = "028f5c28f5c28f5c", "001"
NA_ULTIMA_SEMANA = (
    "date_trunc('second', timestamp '2026-07-01'"
    " + (data_movimentacao - timestamp '2024-07-01') / 105)"
)
EM_TODOS_OS_DIAS = "data_movimentacao"
MUDAR_ASSOCIADOS = """
    update associado
    set escolaridade
        = case when escolaridade ilike '%superior%' then 'Ensino Médio' else 'Superior Completo' end
    where right(id_associado, 1) = '{digito}'
"""
DIGITOS = ("3", "7")
JUNCAO = """
    create table fato_simples as
    select
        coalesce(v.sk_associado, cast('00000000-0000-0000-0000-000000000000' as uuid))
            as sk_associado,
        coalesce(t.sk_conta, cast('00000000-0000-0000-0000-000000000000' as uuid)) as sk_conta,
        coalesce(t.sk_cartao, cast('00000000-0000-0000-0000-000000000000' as uuid)) as sk_cartao,
        cast(
            date_part('year', m.data_movimentacao) * 10000
            + date_part('month', m.data_movimentacao) * 100
            + date_part('day', m.data_movimentacao) as integer
        ) as sk_data,
        m.id_movimentacao_cartao,
        m.descricao_movimentacao,
        m.valor_movimentacao,
        m.data_movimentacao as data_hora_movimentacao,
        timestamp '2026-01-01' as data_hora_atualizacao_registro,
        m._carga_id
    from raw_sicooperative.movimentacao_cartao as m
    left join titulares as t on m.id_cartao = t.id_cartao
    left join versoes as v
        on
            t.id_associado = v.id_associado
            and m.data_movimentacao >= v.valido_de
            and m.data_movimentacao < v.recebe_movimentos_ate
"""
PREPARAR_JUNCAO = (
    "create table titulares as select * from intermediate.int_cartao__titular",
    "create table versoes as select id_associado, sk_associado, valido_de, recebe_movimentos_ate"
    " from intermediate.int_associado__versoes",
)


# What runs in a fresh process. Each says how long the work took, without the start of Python.


def _gerar(dsn: str, movimentos: int) -> dict[str, Any]:
    """Fill a source; as many movements an associado as in the demonstration."""
    tamanho = gerador.Tamanho(
        associados=max(100, movimentos // 100),
        contas=max(150, movimentos * 3 // 200),
        cartoes=max(225, movimentos * 9 // 400),
        movimentacoes=movimentos,
    )
    inicio = time.perf_counter()
    gerador.preencher(dsn, len(gerador.ETAPAS) - 1, tamanho)
    return {"segundos": time.perf_counter() - inicio}


def _juntar_no_duckdb(arquivo: str) -> dict[str, Any]:
    """The lower bound of the fact: raw movements joined to prepared tables, in plain DuckDB."""
    import duckdb

    with duckdb.connect(arquivo) as conexao:
        for comando in ("titulares", "versoes", "fato_simples"):
            conexao.execute(f"drop table if exists {comando}")
        for comando in PREPARAR_JUNCAO:
            conexao.execute(comando)
        conexao.execute("checkpoint")
        inicio = time.perf_counter()
        linhas = conexao.execute(JUNCAO).fetchall()[0][0]
        return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


def _juntar_no_postgres(dsn: str) -> dict[str, Any]:
    """The same bound in plain PostgreSQL."""
    with psycopg.connect(dsn, autocommit=True) as conexao:
        for comando in ("titulares", "versoes", "fato_simples"):
            conexao.execute(f"drop table if exists {comando}")
        for comando in (*PREPARAR_JUNCAO, "analyze titulares", "analyze versoes"):
            conexao.execute(comando)
        inicio = time.perf_counter()
        linhas = conexao.execute(JUNCAO).rowcount
        return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


TAREFAS: dict[str, bancada.Tarefa] = {
    **bancada.TAREFAS,
    "gerar": _gerar,
    "juntar_no_duckdb": _juntar_no_duckdb,
    "juntar_no_postgres": _juntar_no_postgres,
}


# What measures


def _mudar_origem(dsn: str, digito: str) -> None:
    """Let one associado in ten change and a few late movements arrive."""
    bancada.executar(dsn, NOVAS.format(lote=f"poucas {digito}", dia=EM_TODOS_OS_DIAS, ate=POUCAS))
    bancada.executar(dsn, MUDAR_ASSOCIADOS.format(digito=digito))


def medir(b: Bancada, movimentos: int, vezes: int, dizer: Callable[[Linha], None]) -> None:
    """Measure everything for one size on one engine."""

    def linha(
        nome: str,
        medidas: Sequence[Medida],
        base: Medida | None = None,
        alvo: float | None = None,
    ) -> Medida:
        melhor = bancada.melhor(medidas)
        dizer(Linha(movimentos, b.motor, nome, melhor, base, alvo))
        return melhor

    def carregar(instante: str, dias: int | None = None) -> Medida:
        return b.tarefa(
            "carregar", dsn=dsn, fonte="sicooperative", instante=instante, dias_recentes=dias
        )

    dsn = b.fonte_nova()
    etapas = [etapa.isoformat() for etapa in gerador.ETAPAS]
    duas_vezes = 2.0

    # First load, in turns with the plain copy.
    copias, cargas = [], []
    for _ in range(vezes):
        b.esvaziar()
        copias.append(b.copia_simples(dsn, TABELAS, valor_movimentacao="decimal(10, 2)"))
        b.esvaziar()
        cargas.append(carregar(etapas[0]))
    copia = linha("plain copy of the four tables", copias)
    linha("first load", cargas, copia, duas_vezes)

    # Two more extractions with changed associados and a few movements, so that the fact meets
    # several versions.
    for digito, etapa in zip(DIGITOS, etapas[1:], strict=True):
        _mudar_origem(dsn, digito)
        carregar(etapa)
    for nome, dias in (("load, nothing new", None), ("load --recent-days 90, nothing new", 90)):
        linha(nome, [carregar(etapas[-1], dias) for _ in range(vezes)], copia)
    linha("lastro snapshot, three extractions", [b.lastro("snapshot")])
    b.dbt("parse")
    inicial = b.dbt("build", nos=[FATO])
    linha("dbt build, everything, from nothing", [inicial.do_processo()])

    # The fact, in turns with the bare join.
    b.guardar("base")
    juncoes, fatos = [], [inicial]
    if b.motor == "duckdb":
        outra = b.pasta / "juncao" / "lastro.duckdb"
        shutil.rmtree(outra.parent, ignore_errors=True)
        outra.parent.mkdir(parents=True)
        shutil.copyfile(b.arquivo, outra)
    for _ in range(vezes):
        if b.motor == "duckdb":
            juncoes.append(b.tarefa("juntar_no_duckdb", arquivo=str(outra)))
        else:
            juncoes.append(b.tarefa("juntar_no_postgres", dsn=b.dsn))
        fatos.append(b.dbt("run", "--select", FATO, "--full-refresh", nos=[FATO]))
    juncao = linha("bare SQL join", juncoes)
    cheio = linha(f"{FATO}, full refresh", fatos, juncao, duas_vezes)

    # 1 % more movements: late ones on every day, then, from a fresh source, in the newest week.
    bancada.executar(dsn, NOVAS.format(lote="novas", dia=EM_TODOS_OS_DIAS, ate=UM_POR_CENTO))
    b.repor("base")
    linha("load, 1 % new movements on all days", [carregar(UMA_SEMANA_DEPOIS)], copia)
    dsn = b.fonte_nova()
    for digito in DIGITOS:
        _mudar_origem(dsn, digito)
    bancada.executar(dsn, NOVAS.format(lote="novas", dia=NA_ULTIMA_SEMANA, ate=UM_POR_CENTO))
    for nome, dias in (
        ("load --recent-days 90, 1 % new movements in a week", 90),
        ("load, 1 % new movements in a week", None),
    ):
        medidas = []
        for _ in range(vezes):
            b.repor("base")
            medidas.append(carregar(UMA_SEMANA_DEPOIS, dias))
        linha(nome, medidas, copia)
    linha("lastro snapshot, one extraction", [b.lastro("snapshot")])
    b.guardar("novidade")
    medidas = []
    for _ in range(vezes):
        b.repor("novidade")
        # With its views: on PostgreSQL the snapshot's run took them away when it made theirs anew.
        medidas.append(b.dbt("run", "--select", f"+{FATO}", nos=[FATO]))
    linha(f"{FATO}, 1 % new movements", medidas, cheio, 0.1)
    linha(
        f"{FATO}, nothing new",
        [b.dbt("run", "--select", FATO, nos=[FATO]) for _ in range(vezes)],
        cheio,
    )
    b.repor("novidade")
    linha("dbt build, everything, 1 % new movements", [b.dbt("build")])


def relatar(linhas: Sequence[Linha], vezes: int, postgres: str) -> str:
    """The results as a Markdown document."""
    return medicao.relatorio(
        "Results",
        "extracao_e_fato.py",
        ("duckdb", "pyarrow", "adbc-driver-postgresql", "dbt-core", "dbt-duckdb"),
        (f"PostgreSQL {postgres}", f"best of {vezes}"),
        [CABECALHO, bancada.ALINHAMENTOS, *(li.celulas() for li in linhas)],
    )


def _argumentos() -> argparse.Namespace:
    analisador = medicao.leitor("Measures the extraction and the fact.")
    analisador.add_argument(
        "--movimentos", type=int, nargs="+", default=[200_000, 5_000_000], help="sizes to measure"
    )
    analisador.add_argument(
        "--motores", nargs="+", choices=("duckdb", "postgres"), default=["duckdb", "postgres"]
    )
    analisador.add_argument("--vezes", type=int, default=3, help="runs of which the best counts")
    analisador.add_argument("--tarefa", nargs=2, help=argparse.SUPPRESS)
    return analisador.parse_args()


def main() -> None:
    """Measure, show each line as it comes, and write the results."""
    argumentos = _argumentos()
    if argumentos.tarefa:
        nome, valores = argumentos.tarefa
        print(json.dumps(TAREFAS[nome](**json.loads(valores))))
        return
    linhas: list[Linha] = []

    def dizer(linha: Linha) -> None:
        linhas.append(linha)
        medicao.mostrar(linha.celulas(), bancada.LARGURAS, bancada.NUMEROS)

    pasta = argumentos.pasta.resolve()
    origem = servidor.iniciar(pasta)
    try:
        medicao.mostrar(CABECALHO, bancada.LARGURAS, bancada.NUMEROS)
        for movimentos in argumentos.movimentos:
            for motor in argumentos.motores:
                nome = f"sicooperative_{movimentos}"
                b = Bancada(pasta, origem, motor, __file__, nome)
                origem.criar_banco(nome)
                b.tarefa("gerar", dsn=origem.dsn(nome), movimentos=movimentos)
                try:
                    medir(b, movimentos, argumentos.vezes, dizer)
                finally:
                    b.limpar("base", "novidade")
        versao = medicao.versao_do_postgres(origem.dsn())
        argumentos.saida.write_text(relatar(linhas, argumentos.vezes, versao), encoding="utf-8")
        print(f"written to {argumentos.saida}")
    finally:
        origem.parar()


if __name__ == "__main__":
    main()
