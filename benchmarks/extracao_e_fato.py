"""Measures the extraction and the fact against plain lower bounds, at several sizes.

Every measurement runs in a fresh process, whose peak memory is read when it ends. What is compared
is measured in turns, several times, and the best of each counts: so a busy machine disturbs both
sides of a ratio alike. Nothing here fails because something was slow.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import medicao
import psycopg
from psycopg import sql

from loaders.demo import gerador, servidor

TABELAS = ("associado", "conta", "cartao", "movimentacao_cartao")
FATO = "fact_movimentacao"
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


def _carregar(dsn: str, instante: str | None, dias_recentes: int | None) -> dict[str, Any]:
    """One extraction, as `lastro load sicooperative` does it."""
    from loaders.contratos import fontes
    from loaders.extracao.postgres import carregar as de_postgres
    from loaders.extracao.postgres.extracao import Opcoes
    from loaders.nucleo.configuracao import configuracao

    quando = datetime.fromisoformat(instante) if instante else None
    opcoes = Opcoes(instante=quando, dias_recentes=dias_recentes)
    inicio = time.perf_counter()
    cargas = de_postgres.carregar(configuracao(), fontes()["sicooperative"], dsn, opcoes)
    return {
        "segundos": time.perf_counter() - inicio,
        "lidas": sum(c.lidas for c in cargas),
        "gravadas": sum(c.gravadas for c in cargas),
    }


def _copiar_para_duckdb(dsn: str, arquivo: str) -> dict[str, Any]:
    """The lower bound of a first load: PostgreSQL's COPY as Arrow, inserted as it comes."""
    import adbc_driver_postgresql.dbapi as adbc
    import duckdb

    inicio = time.perf_counter()
    linhas = 0
    with adbc.connect(dsn) as fonte, fonte.cursor() as cursor, duckdb.connect(arquivo) as destino:
        destino.execute("begin transaction")
        for tabela in TABELAS:
            cursor.execute(f"select * from {tabela}")
            dados = cursor.fetch_record_batch()
            colunas = ", ".join(
                f"cast({c} as decimal(10, 2)) as {c}" if c == "valor_movimentacao" else c
                for c in dados.schema.names
            )
            feito = destino.execute(f"create table {tabela} as select {colunas} from dados")
            linhas += feito.fetchall()[0][0]
        destino.execute("commit")
    return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


def _copiar_para_postgres(dsn: str, destino: str) -> dict[str, Any]:
    """The same bound with PostgreSQL as the warehouse: COPY out, COPY in."""
    inicio = time.perf_counter()
    linhas = 0
    with psycopg.connect(dsn) as fonte, psycopg.connect(destino) as armazem:
        for tabela in TABELAS:
            colunas = fonte.execute(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute"
                " where attrelid = to_regclass(%s) and attnum > 0 order by attnum",
                [tabela],
            ).fetchall()
            tipos = ", ".join(f"{nome} {tipo}" for nome, tipo in colunas)
            armazem.execute(f"drop table if exists simples_{tabela}")
            armazem.execute(f"create table simples_{tabela} ({tipos})")
            de = f"copy {tabela} to stdout (format binary)"
            para = f"copy simples_{tabela} from stdin (format binary)"
            with (
                fonte.cursor().copy(de) as saida,
                armazem.cursor() as cursor,
            ):
                with cursor.copy(para) as entrada:
                    for bloco in saida:
                        entrada.write(bloco)
                linhas += cursor.rowcount
    return {"segundos": time.perf_counter() - inicio, "lidas": linhas}


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


TAREFAS: dict[str, Callable[..., dict[str, Any]]] = {
    "gerar": _gerar,
    "carregar": _carregar,
    "copiar_para_duckdb": _copiar_para_duckdb,
    "copiar_para_postgres": _copiar_para_postgres,
    "juntar_no_duckdb": _juntar_no_duckdb,
    "juntar_no_postgres": _juntar_no_postgres,
}


# What measures


@dataclass(frozen=True)
class Medida:
    """One run: the work, its whole process, the process's peak memory, and the rows it read."""

    segundos: float
    processo: float
    pico_mb: float
    linhas: int = 0


@dataclass(frozen=True)
class Linha:
    """One line of the results; `base` is what the ratio divides by."""

    movimentos: int
    motor: str
    nome: str
    medida: Medida
    base: Medida | None = None
    alvo: float | None = None

    @property
    def razao(self) -> float | None:
        """How many times the base it took."""
        return None if self.base is None else self.medida.segundos / self.base.segundos

    def celulas(self) -> tuple[str, ...]:
        """The line as it is shown."""
        m = self.medida
        situacao = ""
        if self.razao is not None and self.alvo is not None:
            situacao = "met" if self.razao <= self.alvo else "missed"
        return (
            f"{self.movimentos:,}",
            self.motor,
            self.nome,
            f"{m.segundos:.2f}",
            f"{m.processo:.1f}",
            f"{m.linhas / m.segundos:,.0f}" if m.linhas else "",
            f"{m.pico_mb:.0f}",
            "" if self.razao is None else f"{self.razao:.2f}",
            "" if self.alvo is None else f"≤ {self.alvo:g}",
            situacao,
        )


CABECALHO = (
    "movements",
    "warehouse",
    "what",
    "seconds",
    "process s",
    "rows/s",
    "peak MB",
    "ratio",
    "target",
    "",
)
LARGURAS = (11, 9, 52, 8, 9, 10, 7, 6, 6, 6)
NUMEROS = (0, *range(3, 9))


def _melhor(medidas: Sequence[Medida]) -> Medida:
    """The fastest of several runs, with the largest memory of all."""
    rapida = min(medidas, key=lambda m: m.segundos)
    return Medida(rapida.segundos, rapida.processo, max(m.pico_mb for m in medidas), rapida.linhas)


@dataclass
class Bancada:
    """The server and the folder in which everything happens, for one size and one engine."""

    pasta: Path
    origem: servidor.Servidor
    movimentos: int
    motor: str
    ambiente: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Set the environment of every process."""
        self.ambiente = medicao.ambiente(
            self.motor,
            self.origem.dsn(self.banco),
            LASTRO_DUCKDB=str(self.arquivo),
            LASTRO_CARD_KEY="a key that only the benchmarks know",
            DBT_TARGET_PATH=str(self.pasta / f"target_{self.motor}"),
            DBT_LOG_PATH=str(self.pasta / "logs"),
        )

    @property
    def arquivo(self) -> Path:
        """The DuckDB file; dbt writes its stem into the views."""
        return self.pasta / "armazem" / "lastro.duckdb"

    @property
    def banco(self) -> str:
        """The database of the PostgreSQL warehouse."""
        return "banco_armazem"

    def tarefa(self, nome: str, **argumentos: Any) -> Medida:
        """Run a task in a fresh process."""
        comando = (sys.executable, __file__, "--tarefa", nome, json.dumps(argumentos))
        texto, duracao, pico = medicao.rodar(comando, self.ambiente)
        feito = json.loads(texto.splitlines()[-1])
        return Medida(feito["segundos"], duracao, pico, feito.get("lidas", 0))

    def dbt(self, *argumentos: str) -> Medida:
        """Run dbt; the work is that of the fact's node, if it is among what ran."""
        programa = str(Path(sys.executable).parent / "dbt")
        comando = (programa, "--quiet", "--no-use-colors", *argumentos)
        _, duracao, pico = medicao.rodar(comando, self.ambiente)
        nos = json.loads(Path(self.ambiente["DBT_TARGET_PATH"], "run_results.json").read_text())
        do_fato = [
            n["execution_time"]
            for n in nos["results"]
            if n["unique_id"].startswith("model.") and n["unique_id"].endswith(FATO)
        ]
        return Medida(do_fato[0] if do_fato else duracao, duracao, pico)

    def lastro(self, *argumentos: str) -> Medida:
        """Run `lastro`."""
        comando = (sys.executable, "-m", "loaders.cli", *argumentos)
        _, duracao, pico = medicao.rodar(comando, self.ambiente)
        return Medida(duracao, duracao, pico)

    def _administrar(self, comando: str, *nomes: str) -> None:
        with psycopg.connect(self.origem.dsn(), autocommit=True) as conexao:
            conexao.execute(sql.SQL(comando).format(*map(sql.Identifier, nomes)))

    def fonte_nova(self) -> str:
        """Return the address of a fresh copy of the source."""
        self._administrar("drop database if exists {} with (force)", "banco_fonte")
        self._administrar(
            "create database {} template {} strategy file_copy",
            "banco_fonte",
            _nome_da_fonte(self.movimentos),
        )
        return self.origem.dsn("banco_fonte")

    def esvaziar(self) -> None:
        """Start with no warehouse."""
        if self.motor == "duckdb":
            shutil.rmtree(self.arquivo.parent, ignore_errors=True)
            self.arquivo.parent.mkdir(parents=True)
        else:
            self._administrar("drop database if exists {} with (force)", self.banco)
            self._administrar("create database {}", self.banco)

    def guardar(self, nome: str) -> None:
        """Keep the warehouse as it is under a name."""
        self._copiar(self.arquivo, self.pasta / nome, self.banco, f"banco_{nome}")

    def repor(self, nome: str) -> None:
        """Bring back the warehouse that was kept under a name."""
        self._copiar(self.pasta / nome, self.arquivo, f"banco_{nome}", self.banco)

    def _copiar(self, arquivo: Path, copia: Path, banco: str, banco_copia: str) -> None:
        if self.motor == "duckdb":
            copia.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(arquivo, copia)
            return
        self._administrar("drop database if exists {} with (force)", banco_copia)
        self._administrar("create database {} template {} strategy file_copy", banco_copia, banco)

    def limpar(self) -> None:
        """Delete everything but the sources."""
        for banco in ("banco_fonte", self.banco, "banco_base", "banco_novidade"):
            self._administrar("drop database if exists {} with (force)", banco)
        for pasta in ("armazem", "juncao", "copia"):
            shutil.rmtree(self.pasta / pasta, ignore_errors=True)
        for arquivo in ("base", "novidade"):
            (self.pasta / arquivo).unlink(missing_ok=True)


def _nome_da_fonte(movimentos: int) -> str:
    return f"sicooperative_{movimentos}"


def _executar(dsn: str, comando: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conexao:
        conexao.execute(comando)


def _mudar_origem(dsn: str, digito: str) -> None:
    """Let one associado in ten change and a few late movements arrive."""
    _executar(dsn, NOVAS.format(lote=f"poucas {digito}", dia=EM_TODOS_OS_DIAS, ate=POUCAS))
    _executar(dsn, MUDAR_ASSOCIADOS.format(digito=digito))


def _copia_simples(b: Bancada, dsn: str) -> Medida:
    if b.motor == "postgres":
        return b.tarefa("copiar_para_postgres", dsn=dsn, destino=b.origem.dsn(b.banco))
    pasta = b.pasta / "copia"
    shutil.rmtree(pasta, ignore_errors=True)
    pasta.mkdir(parents=True)
    return b.tarefa("copiar_para_duckdb", dsn=dsn, arquivo=str(pasta / "copia.duckdb"))


def medir(b: Bancada, vezes: int, dizer: Callable[[Linha], None]) -> None:
    """Measure everything for one size on one engine."""

    def linha(
        nome: str,
        medidas: Sequence[Medida],
        base: Medida | None = None,
        alvo: float | None = None,
    ) -> Medida:
        melhor = _melhor(medidas)
        dizer(Linha(b.movimentos, b.motor, nome, melhor, base, alvo))
        return melhor

    dsn = b.fonte_nova()
    etapas = [etapa.isoformat() for etapa in gerador.ETAPAS]
    duas_vezes = 2.0

    # First load, in turns with the plain copy.
    copias, cargas = [], []
    for _ in range(vezes):
        b.esvaziar()
        copias.append(_copia_simples(b, dsn))
        b.esvaziar()
        cargas.append(b.tarefa("carregar", dsn=dsn, instante=etapas[0], dias_recentes=None))
    copia = linha("plain copy of the four tables", copias)
    linha("first load", cargas, copia, duas_vezes)

    # Two more extractions with changed associados and a few movements, so that the fact meets
    # several versions.
    for digito, etapa in zip(DIGITOS, etapas[1:], strict=True):
        _mudar_origem(dsn, digito)
        b.tarefa("carregar", dsn=dsn, instante=etapa, dias_recentes=None)
    for nome, dias in (("load, nothing new", None), ("load --recent-days 90, nothing new", 90)):
        linha(
            nome,
            [
                b.tarefa("carregar", dsn=dsn, instante=etapas[-1], dias_recentes=dias)
                for _ in range(vezes)
            ],
            copia,
        )
    linha("lastro snapshot, three extractions", [b.lastro("snapshot")])
    b.dbt("parse")
    inicial = b.dbt("build")
    linha("dbt build, everything, from nothing", [_do_processo(inicial)])

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
            juncoes.append(b.tarefa("juntar_no_postgres", dsn=b.origem.dsn(b.banco)))
        fatos.append(b.dbt("run", "--select", FATO, "--full-refresh"))
    juncao = linha("bare SQL join", juncoes)
    cheio = linha(f"{FATO}, full refresh", fatos, juncao, duas_vezes)

    # 1 % more movements: late ones on every day, then, from a fresh source, in the newest week.
    _executar(dsn, NOVAS.format(lote="novas", dia=EM_TODOS_OS_DIAS, ate=UM_POR_CENTO))
    b.repor("base")
    linha(
        "load, 1 % new movements on all days",
        [b.tarefa("carregar", dsn=dsn, instante=UMA_SEMANA_DEPOIS, dias_recentes=None)],
        copia,
    )
    dsn = b.fonte_nova()
    for digito in DIGITOS:
        _mudar_origem(dsn, digito)
    _executar(dsn, NOVAS.format(lote="novas", dia=NA_ULTIMA_SEMANA, ate=UM_POR_CENTO))
    for nome, dias in (
        ("load --recent-days 90, 1 % new movements in a week", 90),
        ("load, 1 % new movements in a week", None),
    ):
        medidas = []
        for _ in range(vezes):
            b.repor("base")
            medidas.append(
                b.tarefa("carregar", dsn=dsn, instante=UMA_SEMANA_DEPOIS, dias_recentes=dias)
            )
        linha(nome, medidas, copia)
    linha("lastro snapshot, one extraction", [b.lastro("snapshot")])
    b.guardar("novidade")
    medidas = []
    for _ in range(vezes):
        b.repor("novidade")
        # With its views: on PostgreSQL the snapshot's run took them away when it made theirs anew.
        medidas.append(b.dbt("run", "--select", f"+{FATO}"))
    linha(f"{FATO}, 1 % new movements", medidas, cheio, 0.1)
    linha(
        f"{FATO}, nothing new",
        [b.dbt("run", "--select", FATO) for _ in range(vezes)],
        cheio,
    )
    b.repor("novidade")
    linha("dbt build, everything, 1 % new movements", [_do_processo(b.dbt("build"))])


def _do_processo(medida: Medida) -> Medida:
    """The measurement of a whole process instead of the fact's node."""
    return Medida(medida.processo, medida.processo, medida.pico_mb, medida.linhas)


def relatar(linhas: Sequence[Linha], vezes: int, postgres: str) -> str:
    """The results as a Markdown document."""
    return medicao.relatorio(
        "Results",
        "extracao_e_fato.py",
        ("duckdb", "pyarrow", "adbc-driver-postgresql", "dbt-core", "dbt-duckdb"),
        (f"PostgreSQL {postgres}", f"best of {vezes}"),
        [CABECALHO, ("--:", "---", "---", *["--:"] * 6, "---"), *(li.celulas() for li in linhas)],
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
        medicao.mostrar(linha.celulas(), LARGURAS, NUMEROS)

    pasta = argumentos.pasta.resolve()
    origem = servidor.iniciar(pasta)
    try:
        medicao.mostrar(CABECALHO, LARGURAS, NUMEROS)
        for movimentos in argumentos.movimentos:
            for motor in argumentos.motores:
                bancada = Bancada(pasta, origem, movimentos, motor)
                nome = _nome_da_fonte(movimentos)
                origem.criar_banco(nome)
                bancada.tarefa("gerar", dsn=origem.dsn(nome), movimentos=movimentos)
                try:
                    medir(bancada, argumentos.vezes, dizer)
                finally:
                    bancada.limpar()
        versao = medicao.versao_do_postgres(origem.dsn())
        argumentos.saida.write_text(relatar(linhas, argumentos.vezes, versao), encoding="utf-8")
        print(f"written to {argumentos.saida}")
    finally:
        origem.parar()


if __name__ == "__main__":
    main()
