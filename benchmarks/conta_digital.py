"""Measures the digital account: its load, its marts, and one more day after 18 months.

Loads and builds begin at FintechDB, made in a PostgreSQL server of the benchmark's own. For marts
alone the facts are made in SQL and put where dbt expects them, so that only they are built. What is
compared is measured in turns, each in a process of its own, and the best of each counts. Nothing
here fails because something was slow.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bancada
import dados_conta_digital as dados
import duckdb
import medicao
import psycopg
from bancada import Bancada, Linha, Medida

from loaders.demo import servidor

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "python"))

from apoio_fintech import DDL

DESTA_FONTE = "@source:fintech"
PRIMEIRO_DIA, DIA_SEGUINTE = "2026-07-01", "2026-07-02"
MEMORIA = "3GB"
"""What the project gives DuckDB (LASTRO_DUCKDB_MEMORY), given to what it is compared with, too."""
CARTEIRA = ("int_carteira__emprestimos", "int_carteira__estados", "carteira_mensal")
DA_CARTEIRA = ("safra", "rolagem", "par")
SLI = (
    "int_chamada_terceiro__retentativas",
    "int_chamada_terceiro__disparos",
    *(f"int_chamada_terceiro__por_{janela}" for janela in ("hora", "dia", "mes")),
    "sli_terceiro",
)
MARTS = ("saldo_conta", *DA_CARTEIRA, "sli_terceiro")
MOTORES = ("duckdb", "postgres")
PARTES = ("carga", "saldo", "carteira", "sli")
CABECALHO = bancada.cabecalho("size")

JANELA_SIMPLES = """
    select
        id_conta, criada_em, id_transacao,
        sum(valor_assinado) over (partition by id_conta order by criada_em, id_transacao) as saldo
    from core.fact_transacao
"""
PERCENTIS = {
    "duckdb": "quantile_cont(duracao_ms, [0.50, 0.95, 0.99])",
    "postgres": "percentile_cont(array[0.50, 0.95, 0.99]) within group (order by duracao_ms)",
}
PERCENTIS_SIMPLES = """
    select provedor, endpoint, date_trunc('hour', chamada_em) as hora, {percentis} as percentis
    from core.fact_chamada_terceiro
    group by provedor, endpoint, date_trunc('hour', chamada_em)
"""


# What runs in a fresh process.


def _gerar_fonte(dsn: str, transacoes: int, outros: int) -> dict[str, Any]:
    """Fill FintechDB, unless it is there."""
    inicio = time.perf_counter()
    with psycopg.connect(dsn) as conexao:
        (ha,) = conexao.execute("select to_regclass('audit_logs') is not null").fetchone() or (0,)
    if not ha:
        contas = max(transacoes // dados.LANCAMENTOS_POR_CONTA, 2)
        tamanhos = {"contas": contas, "outros": outros, "transacoes": transacoes}
        bancada.executar(dsn, DDL, *(c.format(**tamanhos) for c in dados.FONTE))
    return {"segundos": time.perf_counter() - inicio}


def _gerar_fatos(arquivo: str, comandos: Sequence[str]) -> dict[str, Any]:
    """Make facts in a DuckDB file of their own."""
    inicio = time.perf_counter()
    with duckdb.connect(arquivo) as conexao:
        conexao.execute(f"set memory_limit = '{MEMORIA}'; set preserve_insertion_order = false")
        for comando in comandos:
            conexao.execute(comando)
    return {"segundos": time.perf_counter() - inicio}


def _por_no_duckdb(fatos: str, tabelas: Sequence[str], arquivo: str) -> dict[str, Any]:
    """Put facts into the DuckDB warehouse's tables."""
    inicio = time.perf_counter()
    with duckdb.connect(arquivo) as conexao:
        conexao.execute(f"set memory_limit = '{MEMORIA}'; attach '{fatos}' as fatos (read_only)")
        for tabela in tabelas:
            conexao.execute(f"delete from core.{tabela}")
            conexao.execute(f"insert into core.{tabela} by name select * from fatos.{tabela}")
    return {"segundos": time.perf_counter() - inicio}


def _por_no_postgres(fatos: str, tabelas: Sequence[str], dsn: str) -> dict[str, Any]:
    """Put facts into the PostgreSQL warehouse's tables."""
    inicio = time.perf_counter()
    with (
        duckdb.connect(fatos, read_only=True) as origem,
        psycopg.connect(dsn, autocommit=True) as destino,
    ):
        for tabela in tabelas:
            destino.execute(f"truncate core.{tabela}")
            medicao.copiar_ao_postgres(origem, tabela, destino, f"core.{tabela}")
            destino.execute(f"vacuum analyze core.{tabela}")
    return {"segundos": time.perf_counter() - inicio}


def _escrever(consulta: str, motor: str, onde: str) -> dict[str, Any]:
    """Write the rows of a query to a table, and drop it."""
    comando = f"create table escrita as {consulta}"
    if motor == "duckdb":
        with duckdb.connect(onde) as base:
            base.execute(f"set memory_limit = '{MEMORIA}'; set enable_progress_bar = false")
            inicio = time.perf_counter()
            linhas = base.execute(comando).fetchall()[0][0]
            segundos = time.perf_counter() - inicio
            base.execute("drop table escrita")
    else:
        with psycopg.connect(onde, autocommit=True) as servido:
            inicio = time.perf_counter()
            linhas = servido.execute(comando).rowcount
            segundos = time.perf_counter() - inicio
            servido.execute("drop table escrita")
    return {"segundos": segundos, "lidas": linhas}


TAREFAS: dict[str, bancada.Tarefa] = {
    **bancada.TAREFAS,
    "gerar_fonte": _gerar_fonte,
    "gerar_fatos": _gerar_fatos,
    "por_no_duckdb": _por_no_duckdb,
    "por_no_postgres": _por_no_postgres,
    "escrever": _escrever,
}


# What measures


@dataclass
class Medicao:
    """What is measured on one engine.

    Attributes:
        b: where.
        opcoes: the sizes, and how often.
        mostrar: is told each line as it comes.
    """

    b: Bancada
    opcoes: argparse.Namespace
    mostrar: Callable[[Linha], None]

    def linha(
        self,
        tamanho: int,
        nome: str,
        medidas: Sequence[Medida],
        base: Medida | None = None,
        **alvos: float,
    ) -> Medida:
        """Show the best of several runs, and return it."""
        melhor = bancada.melhor(medidas)
        self.mostrar(Linha(tamanho, self.b.motor, nome, melhor, base, **alvos))
        return melhor

    def em_turnos(self, *fazer: Callable[[], Medida]) -> tuple[list[Medida], ...]:
        """Do each in turns, as often as asked, and return the runs of each."""
        feitas: tuple[list[Medida], ...] = tuple([] for _ in fazer)
        for _ in range(self.opcoes.vezes):
            for lista, uma in zip(feitas, fazer, strict=True):
                lista.append(uma())
        return feitas

    def dbt(self, comando: str, *nos: str) -> Medida:
        """Run dbt for some models; the peak is the server's where it is the warehouse."""
        with ExitStack() as pilha:
            pico = None
            if self.b.motor == "postgres":
                pico = pilha.enter_context(
                    medicao.pico(lambda: medicao.memoria_do_servidor(self.b.origem))
                )
            medida = self.b.dbt(comando, "--select", *nos, nos=nos)
        return medida if pico is None else replace(medida, pico_mb=pico[0])

    def escrever(self, consulta: str) -> Medida:
        """Write a query's rows to a table of the warehouse."""
        onde = str(self.b.arquivo) if self.b.motor == "duckdb" else self.b.dsn
        return self.b.tarefa("escrever", consulta=consulta, motor=self.b.motor, onde=onde)

    # The source

    def da_fonte(self) -> None:
        """First load, snapshot and build, and those of the next day."""
        b, n = self.b, self.opcoes.transacoes
        dsn = b.fonte_nova()
        copias, cargas = self.em_turnos(
            lambda: b.copia_simples(dsn, dados.TABELAS, **dados.EXATAS),
            lambda: self._carregar_do_nada(dsn),
        )
        copia = self.linha(n, "plain copy of the eleven tables", copias)
        alvo = 2.0 if b.motor == "duckdb" else 2.5
        primeira = self.linha(n, "first load", cargas, copia, alvo=alvo)
        historia, construcao = b.lastro("snapshot"), self.dbt("build", DESTA_FONTE)
        self.linha(n, "first snapshot", [historia])
        self.linha(n, "first build", [construcao])
        self._anotar_nos("first build")
        bancada.executar(dsn, *dados.NOVO_DIA)
        carga = self.linha(n, "one more day: load", [self._carregar(dsn, DIA_SEGUINTE)], primeira)
        mais = self.linha(n, "one more day: snapshot", [b.lastro("snapshot")], historia)
        nova = self.linha(n, "one more day: build", [self.dbt("build", DESTA_FONTE)], construcao)
        self._anotar_nos("one more day")
        todas = [primeira.do_processo(), historia, construcao]
        desta = [carga.do_processo(), mais, nova]
        self.linha(
            n, "one more day: all three", [bancada.soma(desta)], bancada.soma(todas), alvo=1 / 3
        )

    def _carregar(self, dsn: str, dia: str) -> Medida:
        return self.b.tarefa("carregar", dsn=dsn, fonte="fintech", instante=f"{dia}T06:00:00+00:00")

    def _carregar_do_nada(self, dsn: str) -> Medida:
        self.b.esvaziar()
        return self._carregar(dsn, PRIMEIRO_DIA)

    def _anotar_nos(self, quando: str) -> None:
        """Say which models took most of the last run, for who looks for what to improve."""
        segundos = sorted(self.b.segundos_dos_nos().items(), key=lambda par: -par[1])
        maiores = ", ".join(f"{no} {s:.1f} s" for no, s in segundos[:8])
        print(f"# {quando}: {maiores}", flush=True)

    # Marts, each from facts that are there

    def preparar(self) -> None:
        """Everything that the marts read, empty."""
        self.b.esvaziar()
        self.b.lastro("snapshot")
        nos = [f"+{no}" for no in MARTS]
        sem = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        self.b.dbt("build", "--select", *nos, *sem)

    def fatos(self, tabelas: dict[str, str]) -> None:
        """Make facts, and put them into the warehouse."""
        fatos = self.b.pasta / "fatos.duckdb"
        fatos.unlink(missing_ok=True)
        self.b.tarefa("gerar_fatos", arquivo=str(fatos), comandos=list(tabelas.values()))
        onde = {"arquivo": str(self.b.arquivo)} if self.b.motor == "duckdb" else {"dsn": self.b.dsn}
        self.b.tarefa(f"por_no_{self.b.motor}", fatos=str(fatos), tabelas=list(tabelas), **onde)
        fatos.unlink()

    def saldo(self) -> None:
        """saldo_conta, and the bare windowed sum."""
        n = self.opcoes.lancamentos
        self.fatos({"fact_transacao": dados.LANCAMENTOS.format(n=n)})
        janelas, saldos = self.em_turnos(
            lambda: self.escrever(JANELA_SIMPLES), lambda: self.dbt("run", "saldo_conta")
        )
        janela = self.linha(n, "bare windowed sum of the entries, written", janelas)
        self.linha(n, "saldo_conta", saldos, janela, alvo=1.5)

    def carteira(self) -> None:
        """carteira_mensal and what is read from it, and a table of its shape."""
        n = self.opcoes.emprestimos
        self.fatos(
            {
                "fact_emprestimo": dados.EMPRESTIMOS.format(n=n),
                "fact_parcela": dados.PARCELAS_DOS_EMPRESTIMOS,
            }
        )
        cronograma = self.dbt("run", "int_cronograma__planos", "cronograma_conferido")
        self.linha(n, "cronograma_conferido", [cronograma])
        self.dbt("run", *CARTEIRA)
        escritas, carteiras = self.em_turnos(
            lambda: self.escrever("select * from risco.carteira_mensal"),
            lambda: self.dbt("run", *CARTEIRA),
        )
        self._anotar_nos("carteira_mensal")
        escrita = self.linha(n, "write one table of carteira_mensal's shape", escritas)
        teto = {"teto_mb": 3072} if self.b.motor == "duckdb" else {}
        carteira = self.linha(n, "carteira_mensal", carteiras, escrita, alvo=5, **teto)
        for no in DA_CARTEIRA:
            feitas = [self.dbt("run", no) for _ in range(self.opcoes.vezes)]
            self.linha(n, f"{no}: ratio to carteira_mensal", feitas, carteira, alvo=0.1)

    def sli(self) -> None:
        """sli_terceiro, its hourly percentiles alone, and one bare GROUP BY."""
        n = self.opcoes.chamadas
        self.fatos({"fact_chamada_terceiro": dados.CHAMADAS.format(n=n)})
        simples = PERCENTIS_SIMPLES.format(percentis=PERCENTIS[self.b.motor])
        self.dbt("run", *SLI)
        grupos, horas, slis = self.em_turnos(
            lambda: self.escrever(simples),
            lambda: self.escrever(self._percentis_por_hora()),
            lambda: self.dbt("run", *SLI),
        )
        self._anotar_nos("sli_terceiro")
        grupo = self.linha(n, "bare GROUP BY with three percentiles", grupos)
        self.linha(n, "sli_terceiro's hourly percentiles", horas, grupo, alvo=2)
        self.linha(n, "sli_terceiro: hours, days, months, retries, breakers", slis, grupo)

    def _percentis_por_hora(self) -> str:
        """The model that groups by hour, as dbt compiled it."""
        compilados = Path(self.b.ambiente["DBT_TARGET_PATH"], "compiled")
        (arquivo,) = compilados.rglob("int_chamada_terceiro__por_hora.sql")
        return arquivo.read_text(encoding="utf-8")


def medir(m: Medicao) -> None:
    """Measure what is asked for on one engine."""
    partes = m.opcoes.partes
    try:
        m.b.dbt("parse")
        if "carga" in partes:
            m.da_fonte()
        if set(partes) - {"carga"}:
            m.preparar()
            for parte in ("saldo", "carteira", "sli"):
                if parte in partes:
                    getattr(m, parte)()
    finally:
        m.b.limpar()


def relatar(linhas: Sequence[Linha], opcoes: argparse.Namespace, postgres: str) -> None:
    """Write the results so far as a Markdown document."""
    tamanhos = {
        "carga": f"{opcoes.transacoes:,} transactions and {opcoes.outros:,} rows of each other"
        " table in the source",
        "saldo": f"{opcoes.lancamentos:,} entries",
        "carteira": f"{opcoes.emprestimos:,} loans of {dados.PARCELAS} instalments over"
        f" {dados.MESES} months",
        "sli": f"{opcoes.chamadas:,} calls",
    }
    texto = medicao.relatorio(
        "Results: the digital account",
        "conta_digital.py",
        ("duckdb", "dbt-core", "dbt-duckdb", "dbt-postgres"),
        (
            f"PostgreSQL {postgres}, best of {opcoes.vezes}",
            "; ".join(tamanhos[parte] for parte in PARTES if parte in opcoes.partes),
            *opcoes.nota,
        ),
        [CABECALHO, bancada.ALINHAMENTOS, *(li.celulas() for li in linhas)],
    )
    opcoes.saida.write_text(texto, encoding="utf-8")


def _argumentos() -> argparse.Namespace:
    leitor = medicao.leitor("Measures the digital account.", "_conta_digital")
    for nome, padrao, ajuda in (
        ("transacoes", 20_000_000, "transactions of the source"),
        ("outros", 2_000_000, "rows of each other table of the source"),
        ("lancamentos", 20_000_000, "entries of which balances are made"),
        ("emprestimos", 500_000, "loans"),
        ("chamadas", 60_000_000, "calls of third parties"),
        ("vezes", 3, "runs of which the best counts"),
    ):
        leitor.add_argument(f"--{nome}", type=int, default=padrao, help=ajuda)
    leitor.add_argument("--motores", nargs="+", choices=MOTORES, default=MOTORES)
    leitor.add_argument("--partes", nargs="+", choices=PARTES, default=PARTES)
    leitor.add_argument(
        "--nota", action="append", default=[], help="what the results should say of this run"
    )
    leitor.add_argument("--tarefa", nargs=2, help=argparse.SUPPRESS)
    return leitor.parse_args()


def main() -> None:
    """Measure, show each line as it comes, and write the results."""
    opcoes = _argumentos()
    if opcoes.tarefa:
        nome, valores = opcoes.tarefa
        print(json.dumps(TAREFAS[nome](**json.loads(valores))))
        return
    linhas: list[Linha] = []
    pasta = opcoes.pasta.resolve()
    origem = servidor.iniciar(pasta)
    postgres = medicao.versao_do_postgres(origem.dsn())

    def dizer(linha: Linha) -> None:
        linhas.append(linha)
        medicao.mostrar(linha.celulas(), bancada.LARGURAS, bancada.NUMEROS)
        relatar(linhas, opcoes, postgres)

    try:
        medicao.mostrar(CABECALHO, bancada.LARGURAS, bancada.NUMEROS)
        fonte = f"fintech_{opcoes.transacoes}_{opcoes.outros}"
        for motor in opcoes.motores:
            b = Bancada(pasta, origem, motor, __file__, fonte)
            if "carga" in opcoes.partes:
                origem.criar_banco(fonte)
                tamanhos = {"transacoes": opcoes.transacoes, "outros": opcoes.outros}
                b.tarefa("gerar_fonte", dsn=origem.dsn(fonte), **tamanhos)
            medir(Medicao(b, opcoes, dizer))
    finally:
        origem.parar()
    print(f"written to {opcoes.saida}")


if __name__ == "__main__":
    main()
