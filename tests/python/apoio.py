"""What the tests of the loader share: loads, pictures of both sides, and a proxy that can fail."""

import itertools
import os
import re
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psutil
import psycopg
import pytest
from conftest import BIN, ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.contratos import Tabela, fontes
from loaders.controle.cargas import Carga
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.configuracao import Configuracao

TABELAS = {t.nome: t for t in fontes()["sicooperative"].tabelas}
MOVIMENTACOES = "movimentacao_cartao"
CARREGADO = "carregado"
CHAVE = "a key that only the tests know"

Linha = tuple[Any, ...]
Retrato = dict[str, dict[str, Linha]]
"""The rows of each table by their key."""

_com_carga: set[Path] = set()


def extrair(
    armazem: ArmazemDeTeste,
    fonte: Fonte | str,
    ambiente: dict[str, str] | None = None,
    instante: datetime | None = None,
    **opcoes: Any,
) -> dict[str, Carga]:
    """Load in this process, which spares a second of start-up; the loads by their table."""
    valores = {**armazem.ambiente, **(ambiente or {})}
    config = Configuracao(_env_file=None, **valores)
    dsn = fonte if isinstance(fonte, str) else fonte.dsn
    pedido = Opcoes(instante=instante, **opcoes)
    return {c.origem: c for c in carregar(config, fontes()["sicooperative"], dsn, pedido)}


def com_primeira_carga(armazem: ArmazemDeTeste, fonte: Fonte) -> ArmazemDeTeste:
    """Put the warehouse to where the first stage of the demonstration was loaded, once."""
    if armazem.pasta in _com_carga:
        armazem.restaurar(CARREGADO)
    else:
        extrair(armazem, fonte)
        armazem.guardar(CARREGADO)
        _com_carga.add(armazem.pasta)
    return armazem


def iniciar(armazem: ArmazemDeTeste, *argumentos: str, **ambiente: str) -> "subprocess.Popen[str]":
    """Start `lastro` in a process group of its own and do not wait for it."""
    return subprocess.Popen(
        [str(BIN / "lastro"), *argumentos],
        cwd=PROJETO,
        env={**armazem.ambiente, **ambiente},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def fonte_em(fonte: Fonte, codificacao: str) -> Fonte:
    """A source of another encoding, with the four tables and no row."""
    nome = f"fonte_{codificacao.lower()}"
    with psycopg.connect(fonte.servidor.dsn(), autocommit=True) as conexao:
        conexao.execute(f"drop database if exists {nome} with (force)")
        conexao.execute(
            f"create database {nome} encoding '{codificacao}' locale_provider libc locale 'C'"
            " template template0"
        )
    outra = Fonte(fonte.servidor.dsn(nome), fonte.servidor)
    outra.executar(criar_tabelas())
    return outra


def criar_tabelas() -> str:
    """SQL that makes the four tables as the contract has them, each with its key."""
    return "".join(
        f"create table {nome} ("
        + ", ".join(f"{c.nome} {c.tipo}" for c in tabela.da_fonte)
        + f", primary key ({tabela.chave_simples}));"
        for nome, tabela in TABELAS.items()
    )


def colunas(tabela: Tabela) -> str:
    """The columns of a table that the source holds, the key first."""
    return ", ".join(c.nome for c in tabela.da_fonte)


def consultar(armazem: ArmazemDeTeste, *consultas: str) -> list[list[Linha]]:
    """Ask the warehouse several things on one connection."""
    if armazem.motor == "duckdb":
        with duckdb.connect(str(armazem.arquivo), read_only=True) as conexao:
            conexao.execute("set timezone = 'UTC'")
            return [conexao.execute(sql).fetchall() for sql in consultas]
    with psycopg.connect(armazem.servidor.dsn("armazem")) as conexao_pg:
        conexao_pg.execute("set timezone = 'UTC'")
        return [conexao_pg.execute(sql).fetchall() for sql in consultas]


def na_fonte(fonte: Fonte) -> Retrato:
    """What the source holds."""
    with psycopg.connect(fonte.dsn) as conexao:
        return {
            nome: {li[0]: li for li in conexao.execute(f"select {colunas(tabela)} from {nome}")}
            for nome, tabela in TABELAS.items()
        }


def no_armazem(armazem: ArmazemDeTeste, prefixo: str = "") -> Retrato:
    """What the warehouse takes the source to hold: the newest state of each key."""
    respostas = consultar(
        armazem,
        *(
            f"select {colunas(tabela)} from (select *, row_number() over"
            f" (partition by {tabela.chave_simples} order by _carga_id desc) as ordem"
            f" from {prefixo}raw_sicooperative.{nome}) as estados"
            " where ordem = 1 and _operacao <> 'exclusao'"
            for nome, tabela in TABELAS.items()
        ),
    )
    return {
        nome: {li[0]: li for li in linhas} for nome, linhas in zip(TABELAS, respostas, strict=True)
    }


def operacoes(armazem: ArmazemDeTeste, carga: Carga) -> dict[str, str]:
    """What a load landed: the operation by key. A key twice in one load would be an error."""
    linhas = armazem.linhas(
        f"select {TABELAS[carga.origem].chave_simples}, _operacao"
        f" from raw_sicooperative.{carga.origem} where _carga_id = {carga.id}"
    )
    assert len(dict(linhas)) == len(linhas) == carga.gravadas
    return dict(linhas)


def conteudo(armazem: ArmazemDeTeste, com_carga: bool = True) -> dict[str, list[str]]:
    """Every raw row and every fingerprint, as text; without the marks of the load if asked."""
    marcas = ("_carga_id", "_carregado_em")
    tabelas = [*TABELAS.values()]
    tabelas += [t for t in fontes()["controle"].tabelas if t.nome == "impressoes_digitais"]
    respostas = consultar(
        armazem,
        *(
            "select {} from {}.{}".format(
                ", ".join(c.nome for c in t.colunas if com_carga or c.nome not in marcas),
                t.esquema,
                t.nome,
            )
            for t in tabelas
        ),
    )
    return {t.nome: sorted(map(repr, li)) for t, li in zip(tabelas, respostas, strict=True)}


def ultima_carga(armazem: ArmazemDeTeste) -> tuple[str, str, str]:
    """Origin, status and message of the newest row of `controle.cargas`."""
    linha = armazem.linhas(
        "select origem, status, mensagem from controle.cargas order by _carga_id desc limit 1"
    )[0]
    return str(linha[0]), str(linha[1]), str(linha[2])


def textos_de_controle(armazem: ArmazemDeTeste) -> str:
    """All that the control tables say, as one text to search for what must not stand there."""
    return repr(
        consultar(
            armazem, "select * from controle.cargas", "select * from controle.impressoes_digitais"
        )
    )


def conferir_cargas(armazem: ArmazemDeTeste) -> None:
    """No raw row or fingerprint without its load, no load that landed more or less than it says."""
    gravadas, achadas, ids, orfas = consultar(
        armazem,
        "select origem, _carga_id, gravadas from controle.cargas where gravadas > 0",
        " union all ".join(
            f"select '{nome}', _carga_id, count(*) from raw_sicooperative.{nome} group by _carga_id"
            for nome in TABELAS
        ),
        "select _carga_id, status, gravadas, origem from controle.cargas order by _carga_id",
        "select count(*) from controle.impressoes_digitais as i where not exists"
        " (select 1 from controle.cargas as c where c._carga_id = i._carga_id and status = 'ok')",
    )
    assert sorted(achadas) == sorted(gravadas)
    assert orfas == [(0,)]
    assert [li[0] for li in ids] == list(range(1, len(ids) + 1))
    for _, status, quantas, origem in ids:
        assert (origem in TABELAS, quantas > 0) == {
            "ok": (True, True),
            "sem_novidade": (True, False),
            "rejeitado": (False, False),
            "erro": (False, False),
        }[status]


def fazer(o_que: str, onde: Path) -> Path:
    """Put something that is no file in a place, and return the path to ask for."""
    if o_que == "folder":
        onde.mkdir()
    elif o_que == "pipe":
        os.mkfifo(onde)
    elif o_que == "device":  # one of its own: a fault here must not cost the machine's
        try:
            os.mknod(onde, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("this user may not make a device")
    elif o_que == "below a file":
        onde.write_text("meu")
        return onde / "dentro.duckdb"
    elif o_que == "long":
        return onde.with_name("n" * 300)
    elif o_que == "loop":
        onde.symlink_to(onde.name)
    elif o_que == "empty":
        onde.touch()
    elif o_que == "text":
        onde.write_text("isto não é um banco\n" * 500)
    return onde


class Passagem:
    """A loopback TCP proxy before the source, as a context manager; it can hold or cut.

    The driver connects twice: it asks the types on one connection, all the rest on another.

    Attributes:
        dsn: the source's address through the proxy.
        conexoes: when each connection came (monotonic seconds).
        passados: bytes of the answers passed on, by connection.
        segurada: set once the answer holds `segurar_em`; that part and what follows wait for
            `seguir`.
    """

    def __init__(
        self, dsn: str, cortes: Iterable[int | None] = (), segurar_em: bytes = b""
    ) -> None:
        """Listen.

        Args:
            dsn: the source's own address.
            cortes: for each connection in turn, after how many bytes of the answer to cut it;
                None, and past the end, never.
            segurar_em: bytes of the answer at which to hold it.
        """
        endereco = urlsplit(dsn)
        self._destino = (str(endereco.hostname), int(endereco.port or 5432))
        self._cortes = itertools.chain(cortes, itertools.repeat(None))
        self._segurar_em = segurar_em
        self._fim = threading.Event()
        self._tomadas: list[socket.socket] = []
        self._escuta = socket.create_server(("127.0.0.1", 0))
        self._escuta.settimeout(0.1)
        self.conexoes: list[float] = []
        self.passados: list[int] = []
        self.conectada, self.segurada, self.seguir = (threading.Event() for _ in range(3))
        credencial = endereco.netloc.rpartition("@")[0]
        porta = self._escuta.getsockname()[1]
        # Without TLS the answer can be searched, and one try is one connection.
        self.dsn = urlunsplit(
            endereco._replace(netloc=f"{credencial}@127.0.0.1:{porta}", query="sslmode=disable")
        )

    def __enter__(self) -> Self:
        self._fio = threading.Thread(target=self._receber, daemon=True)
        self._fio.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._fim.set()
        self.seguir.set()
        self._fio.join()
        self._fechar(self._escuta, *self._tomadas)

    @staticmethod
    def _fechar(*tomadas: socket.socket) -> None:
        for tomada in tomadas:
            with suppress(OSError):
                tomada.shutdown(socket.SHUT_RDWR)
            tomada.close()

    def _receber(self) -> None:
        while not self._fim.is_set():
            try:
                cliente, _ = self._escuta.accept()
            except TimeoutError:
                continue
            servidor = socket.create_connection(self._destino)
            cliente.setblocking(True)
            self._tomadas += [cliente, servidor]
            numero = len(self.conexoes)
            self.conexoes.append(time.monotonic())
            self.passados.append(0)
            self.conectada.set()
            corte = next(self._cortes)
            for alvo, argumentos in (
                (self._perguntar, (cliente, servidor)),
                (self._responder, (cliente, servidor, numero, corte)),
            ):
                threading.Thread(target=alvo, args=argumentos, daemon=True).start()

    def _perguntar(self, cliente: socket.socket, servidor: socket.socket) -> None:
        with suppress(OSError):
            while dados := cliente.recv(65536):
                servidor.sendall(dados)
        self._fechar(cliente, servidor)

    def _responder(
        self, cliente: socket.socket, servidor: socket.socket, numero: int, corte: int | None
    ) -> None:
        cauda = b""
        with suppress(OSError):
            while dados := servidor.recv(65536):
                if self._segurar_em and self._segurar_em in cauda + dados:
                    self.segurada.set()
                    self.seguir.wait(60)
                cauda = dados[-len(self._segurar_em) :]
                if corte is not None:
                    dados = dados[: corte - self.passados[numero]]
                cliente.sendall(dados)
                self.passados[numero] += len(dados)
                if self.passados[numero] == corte:
                    break
        self._fechar(cliente, servidor)


def sem_sinais(texto: str) -> str:
    """What a log says, without the lines by which long work shows that it goes on."""
    return re.sub(r"^\[ *\d+ s\] .*\n", "", texto, flags=re.M)


def sem_segredos(textos: Sequence[str], segredos: Sequence[str]) -> None:
    """None of the texts holds any of the secrets."""
    for segredo in segredos:
        assert segredo not in "\n".join(textos), "a secret was shown"


RESPOSTA = re.compile(rb"SQL status: ")


def matar(armazem: ArmazemDeTeste, comando: tuple[str, ...], respostas: int, pasta: Path) -> bool:
    """Run a command in a group of its own and kill it after so many answers of the engine.

    Returns:
        Whether it was killed; False where it ended before.
    """
    pasta.mkdir()
    registro = pasta / "dbt.log"
    processo = subprocess.Popen(
        [BIN / comando[0], *comando[1:]],
        cwd=PROJETO,
        env={**armazem.ambiente, "DBT_LOG_PATH": str(pasta), "DBT_LOG_LEVEL_FILE": "debug"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    limite = time.monotonic() + 300
    while processo.poll() is None and time.monotonic() < limite:
        if registro.exists() and len(RESPOSTA.findall(registro.read_bytes())) >= respostas:
            break
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(processo.pid, signal.SIGKILL)
    codigo = processo.wait()
    assert codigo in (0, -signal.SIGKILL), "it may be killed, never fail"
    return codigo != 0


def pico_mb(processo: "subprocess.Popen[str]") -> float:
    """The most memory that a process held, looked at until it ends."""
    pico = 0
    alvo = psutil.Process(processo.pid)
    while processo.poll() is None:
        try:
            pico = max(pico, alvo.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.01)
    saida, erros = processo.communicate(timeout=60)
    assert processo.returncode == 0, saida + erros
    return pico / 2**20
