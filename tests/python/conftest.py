"""Real servers, real files, real processes: what every test of the loaders and models stands on.

Two processes share the tests (pytest-xdist): one has all those of DuckDB, the other those of
PostgreSQL, and both take the rest. In each, one PostgreSQL server serves as the source and as the
server warehouse, and each engine has one warehouse at a place that never changes, because dbt
parses the whole project again when its profile does; tests that need a state of their own put the
place back to a kept one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import psycopg
import pytest
from comandos_quentes import quentes
from entre_motores import MOTORES, EntreMotores
from psycopg.rows import dict_row
from terminal_de_teste import Visto, no_terminal
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from loaders import PROJETO
from loaders.demo import credito, faturas, fintech, gerador, servidor
from loaders.nucleo.configuracao import Configuracao
from loaders.projeto import ambiente_dbt

BIN = Path(sys.executable).parent
DO_COMECO = ("PYTHON", "LC_", "LANG", "COLUMNS", "TERM")
"""Variables that are read as a program starts: a command that is given one starts by itself."""
PEQUENO = gerador.Tamanho(associados=300, contas=460, cartoes=690, movimentacoes=6_000)
VAZIO = "vazio"
CONSTRUIDO = "construido"
PUBLICADO = "publicado"
AVISOS_PERMITIDOS = (
    '{"error": "all", "warn": ["JinjaLogWarning", "TypeCodeNotFound", "LogTestResult"]}'
)
"""Texts that no list maps, which the sample holds; dbt-postgres, which does not know uuid; and the
one test that only warns, of variables that moved, as those of few customers do."""
POUCAS_FATURAS = faturas.Medida(clientes=120, meses=14, inicio=date(2025, 5, 1))
POUCAS_CONTAS = fintech.Tamanho(
    usuarios=150, contas=200, lancamentos=13_000, pagamentos=1_200, emprestimos=400, chamadas=800,
    auditorias=4_000,
)  # fmt: skip
POUCOS_PEDIDOS = credito.Tamanho(pedidos=1_200)
ENCONTRO = "PASTA_DO_ENCONTRO"
"""The variable that tells every process of the session where the engines meet."""
PARTES = ("duckdb", "postgres", "both")
"""Marks of which every test has one: what CI runs side by side."""
SEM_TESTES = ("--exclude", "resource_type:test", "resource_type:unit_test")


pytest.register_assert_rewrite(*(a.stem for a in Path(__file__).parent.glob("apoio*.py")))


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder where the engines meet, in the process that starts the others."""
    if not hasattr(config, "workerinput"):
        os.environ[ENCONTRO] = tempfile.mkdtemp(prefix="motores")


def _motor(nodeid: str) -> str | None:
    """The engine of a test, if it is of one."""
    parametros = nodeid.rpartition("[")[2].rstrip("]").split("-")
    return next((motor for motor in MOTORES if motor in parametros), None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark each test with its part, which CI runs beside the others (`make test-part`)."""
    for item in items:
        encontra, motor = "entre_motores" in item.fixturenames, _motor(item.nodeid)
        item.add_marker("both" if encontra else motor or "duckdb")
        if any(motor in marca.args for marca in item.iter_markers("nightly_on")):
            if encontra:
                dito = (
                    f"{item.nodeid} is compared with the other engine: it cannot be nightly_on one"
                )
                print(dito, file=sys.__stderr__)  # of its processes pytest shows none
                raise pytest.UsageError(dito)
            item.add_marker("slow")


class UmProcessoPorMotor(LoadScopeScheduling):
    """All tests of an engine go to one process, as they share its warehouse; others to any."""

    def _split_scope(self, nodeid: str) -> str:
        return _motor(nodeid) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the tests out by engine."""
    return UmProcessoPorMotor(config, log)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if anything was seen on one engine only, so that nothing passes uncompared."""
    if hasattr(session.config, "workerinput"):
        return
    pasta = Path(os.environ[ENCONTRO])
    if sos := EntreMotores(pasta).sem_par():
        print(f"\ncompared with nothing, for want of the other engine: {', '.join(sos)}")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
    shutil.rmtree(pasta)


@pytest.fixture
def entre_motores() -> EntreMotores:
    """The place where what one engine gave is compared with what the other gave."""
    return EntreMotores(Path(os.environ[ENCONTRO]))


@dataclass
class Fonte:
    """A SiCooperativeDB of its own, for one test."""

    dsn: str
    servidor: servidor.Servidor

    def executar(self, sql: str) -> None:
        """Run SQL in the source, as its application would."""
        with psycopg.connect(self.dsn, autocommit=True) as conexao:
            conexao.execute(sql)

    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the source."""
        with psycopg.connect(self.dsn) as conexao:
            return conexao.execute(sql).fetchall()


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    conexao = duckdb.connect()
    conexao.execute("set timezone = 'UTC'")
    return conexao


@contextmanager
def aberto(arquivo: Path, como: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in a file, for one question: an engine for each takes thrice the time."""
    conexao = _duckdb()
    conexao.execute(f"attach '{arquivo}' as lastro ({como}); use lastro")
    try:
        yield conexao
    finally:
        conexao.execute("use memory; detach lastro")


@dataclass
class ArmazemDeTeste:
    """A warehouse at a fixed place, and the commands a user runs against it."""

    motor: str
    pasta: Path
    servidor: servidor.Servidor
    ambiente: dict[str, str] = field(default_factory=dict)
    primeira_publicacao: Visto | None = None
    """What the first publication of the built warehouse showed on a terminal."""
    intacto: Any = None
    """The state to which it was put back, with what it looked like then."""

    def __post_init__(self) -> None:
        endereco = urlsplit(self.servidor.dsn("armazem"))
        proprias = ("LASTRO_", "PG", "DBT_", "COLUMNS")  # xdist sets the last one
        herdado = {k: v for k, v in os.environ.items() if not k.startswith(proprias)}
        self.ambiente = {
            **herdado,
            "LASTRO_TARGET": self.motor,
            "LASTRO_DUCKDB": str(self.pasta / "lastro.duckdb"),
            "LASTRO_PUBLISHED": str(self.publicado),
            "LASTRO_AUDIT_LOG": str(self.pasta / "auditoria.jsonl"),
            "LASTRO_AUDIT_HEAD": str(self.pasta / "auditoria.cabeca"),
            "LASTRO_AUDIT_KEY": "another key that only the tests know",
            "LASTRO_CARD_KEY": "a key that only the tests know",
            "LASTRO_FORGET_KEY": "yet another key that only the tests know",
            "LASTRO_LOCK_WAIT": "2",
            "LASTRO_SOURCE_ATTEMPTS": "2",
            "PGHOST": str(endereco.hostname),
            "PGPORT": str(endereco.port),
            "PGUSER": str(endereco.username),
            "PGPASSWORD": str(endereco.password),
            "PGDATABASE": "armazem",
            "DBT_TARGET_PATH": str(self.pasta / "target"),
            "DBT_LOG_PATH": str(self.pasta / "logs"),
            "DBT_WRITE_JSON": "False",  # a third of a short command's time
            "DBT_LOG_LEVEL_FILE": "info",  # a twelfth of a build's
        }

    @property
    def arquivo(self) -> Path:
        """The DuckDB file."""
        return self.pasta / "lastro.duckdb"

    @property
    def publicado(self) -> Path:
        """The folder of the published DuckDB files."""
        return self.pasta / "published"

    def _rodar(
        self, programa: str, argumentos: tuple[str, ...], esperado: int | None, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        todo = {**self.ambiente, **ambiente}
        feito = quentes().rodar(
            (programa, *argumentos),
            todo,
            PROJETO,
            frio=any(nome.startswith(DO_COMECO) for nome in ambiente),
        )
        if esperado is not None and feito.returncode != esperado:
            pytest.fail(
                f"{programa} {' '.join(argumentos)}: exit code {feito.returncode}, not {esperado}\n"
                f"{feito.stdout[-6000:]}\n{feito.stderr[-3000:]}"
            )
        return feito

    def lastro(
        self, *argumentos: str, esperado: int | None = 0, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `lastro` in a process of its own, imported beforehand.

        `esperado` None accepts any exit code.
        """
        return self._rodar("lastro", argumentos, esperado, **ambiente)

    def no_terminal(self, *argumentos: str, esperado: int = 0, **ambiente: str) -> Visto:
        """Run `lastro` on a terminal."""
        comando = [str(BIN / "lastro"), *argumentos]
        visto = no_terminal(comando, {**self.ambiente, **ambiente}, PROJETO)
        assert visto.codigo == esperado, "\n".join(visto.linhas)
        return visto

    def dbt(
        self, *argumentos: str, esperado: int | None = 0, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `dbt` from the project's root in a process of its own, imported beforehand.

        With other variables it parses the whole project: beside what it keeps of it without them.
        """
        if "--vars" in argumentos:
            ambiente.setdefault("DBT_TARGET_PATH", str(self.pasta / "conhecido"))
        return self._rodar("dbt", ("--no-use-colors", *argumentos), esperado, **ambiente)

    @property
    def config(self) -> Configuracao:
        """The settings, for what is called in this process."""
        return Configuracao(_env_file=None, **self.ambiente)  # type: ignore[arg-type]

    def carregar(self, fonte: Fonte, instante: str | None = None, *opcoes: str) -> str:
        """`lastro load sicooperative`, as of a moment if one is given; returns what it printed."""
        quando = ("--as-of", instante) if instante else ()
        return self.lastro("load", "sicooperative", "--dsn", fonte.dsn, *quando, *opcoes).stdout

    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse. Schemas are written without a prefix."""
        if self.motor == "duckdb":
            with aberto(self.arquivo, "read_only") as conexao:
                return conexao.execute(sql).fetchall()
        with psycopg.connect(self.servidor.dsn("armazem")) as conexao:
            conexao.execute("set timezone = 'UTC'")
            return conexao.execute(sql).fetchall()

    def registros(self, sql: str) -> list[dict[str, Any]]:
        """The same, each row by the names of its columns."""
        if self.motor == "duckdb":
            with aberto(self.arquivo, "read_only") as conexao:
                return conexao.execute(sql).to_arrow_table().to_pylist()
        with psycopg.connect(self.servidor.dsn("armazem"), row_factory=dict_row) as conexao_pg:
            conexao_pg.execute("set timezone = 'UTC'")
            return conexao_pg.execute(sql).fetchall()

    def executar(self, sql: str) -> None:
        """Change the warehouse behind the back of loaders and models."""
        if self.motor == "duckdb":
            with aberto(self.arquivo, "read_write") as conexao:
                conexao.execute(sql)
            return
        with psycopg.connect(self.servidor.dsn("armazem"), autocommit=True) as conexao:
            conexao.execute("set timezone = 'UTC'")
            conexao.execute(sql)

    @property
    def _registro(self) -> tuple[Path, ...]:
        """The audit log and its head."""
        return tuple(Path(self.ambiente[f"LASTRO_AUDIT_{qual}"]) for qual in ("LOG", "HEAD"))

    def guardar(self, estado: str) -> None:
        """Keep the warehouse, with its audit log, as it stands under a name."""
        for arquivo in filter(Path.exists, self._registro):
            shutil.copy(arquivo, f"{arquivo}.{estado}")
        if self.motor == "duckdb":
            if self.arquivo.exists():
                shutil.copy(self.arquivo, self.pasta / f"{estado}.guardado")
            if self.publicado.exists():
                shutil.copytree(
                    self.publicado, self.pasta / f"{estado}.publicado", symlinks=True,
                    dirs_exist_ok=True,
                )  # fmt: skip
            return
        _recriar_banco(self.servidor, f"guardado_{estado}", "armazem")

    def _marcas(self) -> Any:
        """What tells whether anything was written: the files' times, or the server's last record.

        Where somebody is still connected to the server's warehouse it is never the same.
        """
        if self.motor == "duckdb":
            arquivos = (*self.pasta.glob("lastro.duckdb*"), *self.publicado.rglob("*"))
            lidas = ((str(a), a.lstat()) for a in arquivos)
            return {nome: (lido.st_ino, lido.st_mtime_ns, lido.st_mode) for nome, lido in lidas}
        with psycopg.connect(self.servidor.dsn(), autocommit=True) as conexao:
            conectados = "select count(*) from pg_stat_activity where datname = 'armazem'"
            if conexao.execute(conectados).fetchall() != [(0,)]:
                return object()
            return conexao.execute("select pg_current_wal_insert_lsn()").fetchall()

    def restaurar(self, estado: str) -> None:
        """Put the warehouse back to a kept state; `VAZIO` is one in which nothing was ever done."""
        for arquivo in self._registro:
            arquivo.unlink(missing_ok=True)
            if (guardado := Path(f"{arquivo}.{estado}")).exists():
                shutil.copy(guardado, arquivo)
        if self.intacto == (estado, self._marcas()):
            return
        self._repor(estado)
        self.intacto = (estado, self._marcas())

    def _repor(self, estado: str) -> None:
        """Copy a kept state into the place of what is there."""
        if self.motor == "duckdb":
            shutil.rmtree(self.publicado, ignore_errors=True)
            for resto in self.pasta.glob("lastro.duckdb*"):
                resto.unlink()
            guardado = self.pasta / f"{estado}.guardado"
            if guardado.exists():
                shutil.copy(guardado, self.arquivo)
            publicado = self.pasta / f"{estado}.publicado"
            if publicado.exists():
                shutil.copytree(publicado, self.publicado, symlinks=True)
            return
        modelo = "template0" if estado == VAZIO else f"guardado_{estado}"
        _recriar_banco(self.servidor, "armazem", modelo)


def _recriar_banco(onde: servidor.Servidor, nome: str, modelo: str) -> None:
    with psycopg.connect(onde.dsn(), autocommit=True) as conexao:
        conexao.execute(f"drop database if exists {nome} with (force)")
        conexao.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [modelo]
        )
        conexao.execute(f"create database {nome} template {modelo} strategy file_copy")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servidor.Servidor]:
    """A real PostgreSQL server on 127.0.0.1, gone with the session."""
    pasta = tmp_path_factory.mktemp("postgres")
    yield servidor.iniciar(pasta)
    servidor.remover(pasta)


@pytest.fixture(scope="session")
def modelos_de_fonte(postgres: servidor.Servidor) -> dict[int, str]:
    """Databases at each stage of the demonstration, from which tests get copies."""
    nomes = {}
    for etapa in range(len(gerador.ETAPAS)):
        nomes[etapa] = f"modelo_{etapa}"
        postgres.criar_banco(nomes[etapa])
        gerador.preencher(postgres.dsn(nomes[etapa]), etapa, PEQUENO)
    return nomes


def _fonte(onde: servidor.Servidor, nome: str, modelo: str) -> Fonte:
    _recriar_banco(onde, nome, modelo)
    return Fonte(onde.dsn(nome), onde)


@pytest.fixture
def fonte(postgres: servidor.Servidor, modelos_de_fonte: dict[int, str]) -> Fonte:
    """A source of its own for one test, at the demonstration's first stage."""
    return _fonte(postgres, "fonte", modelos_de_fonte[0])


@pytest.fixture
def fonte_atual(postgres: servidor.Servidor, modelos_de_fonte: dict[int, str]) -> Fonte:
    """The same at the demonstration's last stage, as a built warehouse knows it."""
    return _fonte(postgres, "fonte", modelos_de_fonte[max(modelos_de_fonte)])


@pytest.fixture(scope="session", params=sorted(MOTORES))
def lugar(
    request: pytest.FixtureRequest,
    postgres: servidor.Servidor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ArmazemDeTeste]:
    """The place of one engine's warehouse, for the session.

    What is called in this process asks the same warm dbt, which keeps the project as it read it in
    the same place: in the project's own, the engines would each undo what the other kept.
    """
    feito = ArmazemDeTeste(request.param, tmp_path_factory.mktemp(request.param), postgres)
    with pytest.MonkeyPatch.context() as aqui:
        aqui.setattr(ambiente_dbt, "PROGRAMAS", quentes().pasta)
        for nome in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
            aqui.setenv(nome, feito.ambiente[nome])
        yield feito


@pytest.fixture(scope="session")
def _construido(
    lugar: ArmazemDeTeste, postgres: servidor.Servidor, modelos_de_fonte: dict[int, str]
) -> ArmazemDeTeste:
    """The demonstration's files and databases, loaded, replayed, built, tested; kept.

    Unit tests run on DuckDB; on PostgreSQL at night, in test_motores.py.
    """
    lugar.restaurar(VAZIO)
    entregas = lugar.pasta / "pod_cartoes"
    for corrigida in (False, True):
        faturas.preparar(entregas, corrigida, POUCAS_FATURAS)
        lugar.lastro("load", "pod_cartoes", str(entregas), esperado=0 if corrigida else 3)
    for etapa, instante in enumerate(gerador.ETAPAS):
        fonte = _fonte(postgres, "fonte_demonstracao", modelos_de_fonte[etapa])
        lugar.carregar(fonte, instante.isoformat())
    digital = _fonte(postgres, "fonte_digital", "template0")
    for etapa, instante in enumerate(fintech.ETAPAS):
        fintech.preencher(digital.dsn, etapa, POUCAS_CONTAS)
        quando = ("--as-of", instante.isoformat())
        lugar.lastro("load", "fintech", "--dsn", digital.dsn, *quando)
    pedidos, pasta = _fonte(postgres, "fonte_pedidos", "template0"), lugar.pasta / "credito"
    for etapa, instante in enumerate(credito.ETAPAS):
        credito.preparar(pedidos.dsn, pasta, etapa, POUCOS_PEDIDOS, POUCAS_CONTAS)
        with credito.parceiro(pasta) as url:
            onde = {"CREDITO_API_URL": url, "CREDITO_EVENTOS_URL": credito.endereco(pasta)}
            quando = ("--as-of", instante.isoformat())
            lugar.lastro("load", "credito", "--dsn", pedidos.dsn, *quando, **onde)
    lugar.lastro("snapshot")
    tudo_registrado = {"DBT_WRITE_JSON": "True", "DBT_LOG_LEVEL_FILE": "debug"}
    so_dados = () if lugar.motor == "duckdb" else ("--exclude-resource-type", "unit_test")
    lugar.dbt("build", *so_dados, "--warn-error-options", AVISOS_PERMITIDOS, **tudo_registrado)
    lugar.guardar(CONSTRUIDO)
    return lugar


@pytest.fixture
def armazem(_construido: ArmazemDeTeste) -> ArmazemDeTeste:
    """A built warehouse with the demonstration's files and databases, on each engine."""
    _construido.restaurar(CONSTRUIDO)
    return _construido


@pytest.fixture
def armazem_vazio(lugar: ArmazemDeTeste) -> ArmazemDeTeste:
    """A warehouse to which nothing was ever done, on each engine."""
    lugar.restaurar(VAZIO)
    return lugar


@pytest.fixture(scope="session")
def _publicado(_construido: ArmazemDeTeste) -> ArmazemDeTeste:
    """The built warehouse published once, so that dbt need not be asked about the project again."""
    _construido.restaurar(CONSTRUIDO)
    _construido.primeira_publicacao = _construido.no_terminal("publish")
    _construido.guardar(PUBLICADO)
    return _construido


@pytest.fixture
def publicado(_publicado: ArmazemDeTeste) -> ArmazemDeTeste:
    """A built warehouse, published once, on each engine."""
    _publicado.restaurar(PUBLICADO)
    return _publicado
