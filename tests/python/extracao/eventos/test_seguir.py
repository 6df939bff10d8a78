"""`--follow`: what comes is visible within seconds, and others write to the warehouse too."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from apoio_contratos import com_contratos, comando, contrato
from apoio_eventos import EVENTO, Corretor, config, corretor, evento, por_arquivo
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.armazem import abrir
from loaders.contratos import fontes
from loaders.controle import supressao
from loaders.extracao.eventos.carregar import Opcoes, carregar
from loaders.nucleo.erros import ArmazemOcupado

TOPICO = "pedidos"
VISTA = (PROJETO / "macros/historia/carga_encerrada.sql").read_text(encoding="utf-8")
VISTA = VISTA.partition("-%}")[2].partition("{%-")[0].replace("{{ carga }}", "_carga_id")
VISTA = re.sub(r"{{ source.*?}}", "controle.cargas", VISTA)
"""What the macro carga_encerrada makes: the condition by which a model reads events."""
RODADA = "lote: 50\n    intervalo: 0.2\n    rodada: {}"


@pytest.fixture(scope="module")
def broker() -> Iterator[Corretor]:
    with corretor() as feito:
        yield feito


@pytest.fixture
def onde(broker: Corretor, tmp_path: Path) -> str:
    """A topic of its own."""
    return broker.criar(tmp_path.name.replace("[", "-").replace("]", ""))


def por(broker: Corretor, onde: str, *ns: int, **mais: Any) -> None:
    broker.por(onde.rpartition("/")[2], [evento(n, **mais) for n in ns])


@contextmanager
def projeto(pasta: Path, rodada: float = 300) -> Iterator[Path]:
    texto = contrato("fluxo", "eventos", EVENTO.format(mais=RODADA.format(rodada)))
    with com_contratos(pasta, fluxo=texto) as feito:
        yield feito


@contextmanager
def seguindo(
    armazem: ArmazemDeTeste, projeto: Path, *enderecos: str
) -> Iterator["subprocess.Popen[str]"]:
    """A follower, in a process of its own."""
    processo = subprocess.Popen(
        comando(projeto, "load", "fluxo", "--follow"),
        cwd=PROJETO,
        env=armazem.ambiente | {"FLUXO_EVENTOS_URL": " ".join(enderecos), "LASTRO_LOCK_WAIT": "30"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield processo
    finally:
        with suppress(ProcessLookupError):
            os.killpg(processo.pid, signal.SIGKILL)
        processo.communicate(timeout=60)


def linhas(armazem: ArmazemDeTeste, sql: str) -> list[tuple[Any, ...]]:
    """Ask while others write: a file has one of them at a time."""
    while True:
        try:
            return armazem.linhas(sql)
        except duckdb.IOException as erro:
            if "lock" not in str(erro).lower():
                raise
            time.sleep(0.02)


def ate(condicao: Callable[[], bool], segundos: float = 60) -> None:
    limite = time.monotonic() + segundos
    while not condicao():
        assert time.monotonic() < limite, "it did not come to that"
        time.sleep(0.1)


def quantos(armazem: ArmazemDeTeste) -> int:
    with suppress(duckdb.CatalogException, duckdb.BinderException, duckdb.Error):
        if armazem.motor == "duckdb" and not armazem.arquivo.exists():
            return 0
        if linhas(
            armazem, "select 1 from information_schema.tables where table_schema = 'raw_fluxo'"
        ):
            return int(linhas(armazem, "select count(*) from raw_fluxo.evento")[0][0])
    return 0


def cada_um_uma_vez(armazem: ArmazemDeTeste, total: int) -> None:
    assert linhas(
        armazem,
        "select count(*), count(distinct _topico || _particao || '/' || _deslocamento),"
        " count(distinct id_evento) from raw_fluxo.evento",
    ) == [(total,) * 3]
    assert linhas(
        armazem, "select _carga_id, gravadas from controle.cargas where gravadas > 0 order by 1"
    ) == linhas(armazem, "select _carga_id, count(*) from raw_fluxo.evento group by 1 order by 1")


def terminar(processo: "subprocess.Popen[str]", sinal: signal.Signals = signal.SIGTERM) -> str:
    processo.send_signal(sinal)
    dito, erros = processo.communicate(timeout=60)
    assert processo.returncode == 0, dito + erros
    return dito


@pytest.mark.nightly_on("duckdb")
def test_o_que_vem_se_ve_em_segundos_e_acaba_quando_se_manda(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    pasta = tmp_path / "entregas"
    pasta.mkdir()
    por(broker, onde, *range(10))
    with projeto(tmp_path) as dele:
        with seguindo(armazem_vazio, dele, onde, str(pasta)) as seguidor:
            ate(lambda: quantos(armazem_vazio) == 10)
            for n in range(10, 90):
                por(broker, onde, n, produzido_em=datetime.now(UTC).isoformat())
                time.sleep(0.05)
            por_arquivo(pasta / "a.gz", [evento(90), evento(91)])
            ate(lambda: quantos(armazem_vazio) == 92)
            dito = terminar(seguidor)
        cada_um_uma_vez(armazem_vazio, 92)
        demoras = sorted(
            (visto - produzido).total_seconds()
            for visto, produzido in linhas(
                armazem_vazio,
                "select _carregado_em, produzido_em from raw_fluxo.evento"
                " where id_evento between 'e000010' and 'e000089'",
            )
        )
        assert len(demoras) == 80 and demoras[0] >= 0 and demoras[75] < 5, demoras
        assert "fluxo, how far the logs were read" in dito
        (carga,) = linhas(
            armazem_vazio, "select status, lidas, gravadas, mensagem from controle.cargas"
        )
        assert carga == ("seguida", 92, 92, None)
        with seguindo(armazem_vazio, dele, onde, str(pasta)) as seguidor:
            time.sleep(3)
            terminar(seguidor, signal.SIGINT)
        assert len(linhas(armazem_vazio, "select * from controle.cargas")) == 1, "nothing came"


@pytest.mark.nightly_on("postgres")
def test_outros_escrevem_enquanto_se_segue(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    """Who holds the warehouse is waited for, and who reads the same log takes nothing twice."""
    with projeto(tmp_path) as dele, seguindo(armazem_vazio, dele, onde) as seguidor:
        por(broker, onde, *range(20))
        ate(lambda: quantos(armazem_vazio) == 20)
        como = config(armazem_vazio, onde, LASTRO_LOCK_WAIT="30")
        with abrir(como, "the test"):
            por(broker, onde, *range(20, 40))
            time.sleep(3)
            assert seguidor.poll() is None
        ate(lambda: quantos(armazem_vazio) == 40)
        for n in range(40, 100, 10):
            por(broker, onde, *range(n, n + 10))
            carregar(como, fontes()["fluxo"], Opcoes())
        ate(lambda: quantos(armazem_vazio) == 100)
        por(broker, onde, *range(100, 110))
        ate(lambda: quantos(armazem_vazio) == 110)
        terminar(seguidor)
    cada_um_uma_vez(armazem_vazio, 110)
    assert linhas(armazem_vazio, "select count(*) from controle.cargas where status = 'em_curso'"
                  ) == [(0,)]  # fmt: skip


@pytest.mark.nightly_on("duckdb")
def test_dois_que_seguem_o_mesmo(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    with (
        projeto(tmp_path) as dele,
        seguindo(armazem_vazio, dele, onde) as um,
        seguindo(armazem_vazio, dele, onde) as outro,
    ):
        for n in range(0, 200, 10):
            por(broker, onde, *range(n, n + 10))
            time.sleep(0.2)
        ate(lambda: quantos(armazem_vazio) == 200)
        terminar(um)
        por(broker, onde, *range(200, 210))
        ate(lambda: quantos(armazem_vazio) == 210)
        terminar(outro)
    cada_um_uma_vez(armazem_vazio, 210)


@pytest.mark.nightly_on("postgres")
def test_uma_construcao_ve_so_cargas_que_acabaram_antes_dela(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    estados = "select status from controle.cargas order by _carga_id"
    with projeto(tmp_path, rodada=0.5) as dele, seguindo(armazem_vazio, dele, onde) as seguidor:
        por(broker, onde, *range(10))
        ate(lambda: quantos(armazem_vazio) == 10)
        ate(lambda: linhas(armazem_vazio, estados) == [("seguida",)])
        construindo = (
            "insert into controle.construcoes (_construcao_id, status, inicio, fim) values"
        )
        com_o_armazem(armazem_vazio, f"{construindo} ('x', 'em_curso', current_timestamp, null)")
        por(broker, onde, *range(10, 20))
        ate(lambda: quantos(armazem_vazio) == 20)
        time.sleep(2)
        assert linhas(armazem_vazio, estados) == [("seguida",), ("em_curso",)]
        assert linhas(armazem_vazio, f"select count(*) from raw_fluxo.evento where {VISTA}") == [
            (10,)
        ]
        com_o_armazem(
            armazem_vazio, "update controle.construcoes set status = 'ok', fim = current_timestamp"
        )
        ate(lambda: linhas(armazem_vazio, estados) == [("seguida",)] * 2)
        terminar(seguidor)
    # Neither a build nor a publication waits for them.
    assert linhas(
        armazem_vazio, "select count(*) from controle.cargas where status in ('ok', 'parcial')"
    ) == [(0,)]
    cada_um_uma_vez(armazem_vazio, 20)


def com_o_armazem(armazem: ArmazemDeTeste, sql: str) -> None:
    """Do something as another writer."""
    while True:
        try:
            with abrir(armazem.config, "the test") as aberto, aberto.transacao():
                aberto.executar(sql)
            return
        except ArmazemOcupado:
            continue


@pytest.mark.slow
def test_o_dbt_tem_a_sua_vez(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    """Of a file he waits for, as `lastro` does."""
    with projeto(tmp_path) as dele, seguindo(armazem_vazio, dele, onde) as seguidor:
        por(broker, onde, *range(10))
        ate(lambda: quantos(armazem_vazio) == 10)
        for n in range(10, 40, 10):
            por(broker, onde, *range(n, n + 10))
            armazem_vazio.dbt("show", "--inline", "select 1 as um", LASTRO_LOCK_WAIT="30")
        ate(lambda: quantos(armazem_vazio) == 40)
        terminar(seguidor)
    cada_um_uma_vez(armazem_vazio, 40)
    if armazem_vazio.motor == "duckdb":
        with abrir(armazem_vazio.config, "the test"):
            feito = armazem_vazio.dbt("show", "--inline", "select 1 as um", esperado=2)
        assert "is in use by process" in feito.stdout and "waited 2 s" in feito.stdout


def test_morto_quem_seguia_a_carga_que_crescia_e_encerrada(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    with projeto(tmp_path) as dele:
        with seguindo(armazem_vazio, dele, onde) as seguidor:
            por(broker, onde, *range(10))
            ate(lambda: quantos(armazem_vazio) == 10)
            seguidor.kill()
            seguidor.wait()
        assert linhas(armazem_vazio, "select status from controle.cargas") == [("em_curso",)]
        feito = carregar(
            config(armazem_vazio, onde, LASTRO_LOCK_WAIT="30"), fontes()["fluxo"], Opcoes()
        )
        assert [c.status for c in feito.cargas] == ["sem_novidade"]
        assert linhas(armazem_vazio, "select status, mensagem from controle.cargas order by 1") == [
            ("seguida", "ended by a later load"), ("sem_novidade", None),
        ]  # fmt: skip
    cada_um_uma_vez(armazem_vazio, 10)


@pytest.mark.nightly_on("postgres")
def test_um_broker_que_cai_e_esperado(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    with corretor() as caduco, projeto(tmp_path) as dele:
        onde = caduco.criar(TOPICO)
        with seguindo(armazem_vazio, dele, onde) as seguidor:
            por(caduco, onde, *range(10))
            ate(lambda: quantos(armazem_vazio) == 10)
            caduco.mandar("cair")
            time.sleep(4)
            assert seguidor.poll() is None
            caduco.mandar("levantar")
            por(caduco, onde, *range(10, 20))
            ate(lambda: quantos(armazem_vazio) == 20)
            terminar(seguidor)
    cada_um_uma_vez(armazem_vazio, 20)


@pytest.mark.nightly_on("postgres")
def test_o_que_se_perde_acaba_com_quem_segue(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    with projeto(tmp_path) as dele:
        with seguindo(armazem_vazio, dele, onde) as seguidor:
            por(broker, onde, *range(30))
            ate(lambda: quantos(armazem_vazio) == 30)
            terminar(seguidor)
        por(broker, onde, *range(30, 60))
        broker.mandar("esquecer", onde.rpartition("/")[2], 0, 15)
        with seguindo(armazem_vazio, dele, onde) as seguidor:
            _, erros = seguidor.communicate(timeout=60)
            assert seguidor.returncode == 3 and "partition 0: offsets 10 to 14" in erros
    assert linhas(armazem_vazio, "select status from controle.cargas order by _carga_id") == [
        ("seguida",), ("rejeitado",),
    ]  # fmt: skip


@pytest.mark.nightly_on("postgres")
def test_quem_e_esquecido_enquanto_se_segue_nao_vem_mais(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, onde: str, tmp_path: Path
) -> None:
    with projeto(tmp_path) as dele, seguindo(armazem_vazio, dele, onde) as seguidor:
        por(broker, onde, 1)
        ate(lambda: quantos(armazem_vazio) == 1)
        segredo = supressao.ler_chave(armazem_vazio.config)
        dele_ = supressao.identificar(segredo, "fluxo", "id_cliente", "c3")
        com_o_armazem(
            armazem_vazio,
            f"insert into controle.esquecidos values ('fluxo', 'id_cliente', '{dele_}',"
            f" '{supressao.nome_da_chave(segredo)}', current_timestamp, null, current_timestamp)",
        )
        por(broker, onde, 3, 10, 4)
        ate(lambda: quantos(armazem_vazio) == 2)
        terminar(seguidor)
    assert linhas(armazem_vazio, "select id_evento from raw_fluxo.evento order by 1") == [
        ("e000001",), ("e000004",),
    ]  # fmt: skip
