"""Measures the loads of events: how fast a backlog is landed, and how soon what comes is visible.

Broker, producer and loader are processes of their own, on the same machine. Nothing here fails
because something was slow.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import medicao
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "python"))

from apoio_contratos import com_contratos, contrato
from apoio_eventos import EVENTO, corretor, em_bytes, evento, por_arquivo

from loaders.demo import servidor

BANCO = "banco_eventos"
TOPICO = "pedidos"
POR_PARTICAO = 10_000
"""Events of a partition: the broker keeps about 5 MB of each."""
DO_FLUXO = 24
"""Partitions of the topic that is followed."""
CABECALHO = ("warehouse", "what", "events", "seconds", "events/s", "peak MB", "target", "")
LARGURAS = (9, 40, 9, 8, 9, 8, 11, 6)
NUMEROS = (2, 3, 4, 5)


# What runs in a fresh process. Each says how long the work took, without the start of Python.


def _so_consumir(endereco: str) -> dict[str, Any]:
    """The bound: the messages as the library hands them over, and nothing done with them."""
    from loaders.extracao.eventos.endereco import Endereco
    from loaders.extracao.eventos.kafka import Kafka

    inicio = time.perf_counter()
    kafka, lidas = Kafka(Endereco.de(endereco, ""), None, 1), 0
    kafka.comecar({}, seguir=False)
    while not kafka.terminado:
        lidas += sum(len(b.corpos) for b in kafka.ler(20_000, 0.2))
    return {"segundos": time.perf_counter() - inicio, "lidas": lidas}


def _carregar() -> dict[str, Any]:
    """All that the logs have, as `lastro load` does it."""
    from loaders.contratos import fontes
    from loaders.extracao.eventos.carregar import Opcoes, carregar
    from loaders.nucleo.configuracao import configuracao

    inicio = time.perf_counter()
    (carga,) = carregar(configuracao(), fontes()["fluxo"], Opcoes()).cargas
    return {"segundos": time.perf_counter() - inicio, "lidas": carga.gravadas}


def _seguir() -> dict[str, Any]:
    """Follow until SIGTERM, noting when each batch could be seen by others."""
    from loaders.armazem import Armazem
    from loaders.cli.sinais import ate_um_sinal
    from loaders.contratos import fontes
    from loaders.extracao.eventos.carregar import Opcoes, seguir
    from loaders.extracao.eventos.seguimento import Seguimento
    from loaders.nucleo.configuracao import configuracao

    vistos: list[float] = []
    gravar = Seguimento._gravar

    def anotado(self: Seguimento) -> None:
        gravar(self)
        soltar: Callable[[], None] = type(self.armazem).soltar.__get__(self.armazem)

        def soltar_e_anotar() -> None:
            soltar()
            vistos.append(time.time())
            del armazem.soltar  # type: ignore[method-assign]

        armazem: Armazem = self.armazem
        armazem.soltar = soltar_e_anotar  # type: ignore[method-assign]

    Seguimento._gravar = anotado  # type: ignore[method-assign]
    inicio = time.perf_counter()
    with ate_um_sinal() as parar:
        print("following", file=sys.stderr, flush=True)
        feito = seguir(configuracao(), fontes()["fluxo"], Opcoes(seguir=True), parar)
    lidas = sum(c.gravadas for c in feito.cargas)
    return {"segundos": time.perf_counter() - inicio, "lidas": lidas, "vistos": vistos}


def _produzir(endereco: str, por_segundo: int, segundos: float) -> dict[str, Any]:
    """Events at a steady rate, each with the moment at which it is handed over."""
    from confluent_kafka import Producer

    # The broker of the tests hands over one batch of a partition at a time, and looks for it from
    # the partition's beginning: in batches of one event it falls behind after half a minute.
    produtor = Producer({"bootstrap.servers": endereco, "linger.ms": 100})
    inicio = time.time()
    feitos = 0
    while (ate_agora := time.time() - inicio) < segundos:
        while feitos < ate_agora * por_segundo:
            agora = datetime.now(UTC).isoformat()
            dito = evento(feitos, ocorrido_em=agora, produzido_em=agora)
            produtor.produce(TOPICO, em_bytes(dito), partition=feitos % DO_FLUXO)
            feitos += 1
        produtor.poll(0.002)
    produtor.flush(30)
    return {"segundos": time.time() - inicio, "lidas": feitos}


TAREFAS: dict[str, Callable[..., dict[str, Any]]] = {
    "so_consumir": _so_consumir,
    "carregar": _carregar,
    "seguir": _seguir,
    "produzir": _produzir,
}


# What measures


class Bancada:
    """The server and the folder in which everything happens."""

    def __init__(self, pasta: Path, projeto: Path, onde: servidor.Servidor, motor: str) -> None:
        """Begin with no warehouse."""
        self.pasta = pasta
        self.projeto = projeto
        self.servidor = onde
        self.motor = motor
        self.dsn = onde.dsn(BANCO)
        self.arquivo = pasta / "armazem.duckdb"
        self.esvaziar()

    def esvaziar(self) -> None:
        """Start with no warehouse."""
        self.arquivo.unlink(missing_ok=True)
        with psycopg.connect(self.servidor.dsn(), autocommit=True) as conexao:
            conexao.execute(f"drop database if exists {BANCO} with (force)")
            conexao.execute(f"create database {BANCO}")

    def comando(self, nome: str, **argumentos: Any) -> tuple[list[str], dict[str, str]]:
        """A task in a process of its own, and its environment."""
        comando = [sys.executable, __file__, "--tarefa", nome, json.dumps(argumentos)]
        ambiente = medicao.ambiente(
            self.motor,
            self.dsn,
            LASTRO_DUCKDB=str(self.arquivo),
            FLUXO_EVENTOS_URL=str(argumentos.pop("onde", "")),
            PROJETO_DOS_CONTRATOS=str(self.projeto),
        )
        return comando, ambiente

    def tarefa(self, nome: str, onde: str = "", **argumentos: Any) -> tuple[dict[str, Any], float]:
        """Run a task; return what it says, and its peak memory in MB."""
        comando, ambiente = self.comando(nome, **argumentos)
        ambiente["FLUXO_EVENTOS_URL"] = onde
        texto, _, pico = medicao.rodar(comando, ambiente, self.pasta)
        return json.loads(texto.splitlines()[-1]), pico

    def por_carregado(self) -> list[tuple[datetime, list[datetime]]]:
        """The events by the moment of their batch: when each was produced."""
        sql = (
            "select _carregado_em, produzido_em from raw_fluxo.evento"
            " order by _carregado_em, produzido_em"
        )
        if self.motor == "duckdb":
            import duckdb

            with duckdb.connect(str(self.arquivo)) as conexao:
                linhas = conexao.execute(sql).fetchall()
        else:
            with psycopg.connect(self.dsn) as conexao_pg:
                linhas = conexao_pg.execute(sql).fetchall()
        juntos: dict[datetime, list[datetime]] = {}
        for carregado, produzido in linhas:
            juntos.setdefault(carregado, []).append(produzido)
        return list(juntos.items())


def celulas(
    motor: str, nome: str, feito: dict[str, Any], pico: float, alvo: float = 0
) -> tuple[str, ...]:
    """A line of the results."""
    por_segundo = feito["lidas"] / feito["segundos"]
    return (
        motor,
        nome,
        f"{feito['lidas']:,}",
        f"{feito['segundos']:.1f}",
        f"{por_segundo:,.0f}",
        f"{pico:.0f}",
        f"≥ {alvo:,.0f}" if alvo else "",
        ("met" if por_segundo >= alvo else "missed") if alvo else "",
    )


def atraso(
    bancada: Bancada, broker: str, onde: str, por_segundo: int, segundos: float
) -> tuple[str, ...]:
    """How long what is produced at a steady rate takes to be seen."""
    comando, ambiente = bancada.comando("seguir")
    ambiente["FLUXO_EVENTOS_URL"] = onde
    seguidor = subprocess.Popen(
        comando, env=ambiente, cwd=bancada.pasta, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert seguidor.stderr
    while "following" not in (dito := seguidor.stderr.readline()):
        if not dito:
            raise SystemExit("the follower did not start")
    time.sleep(3)
    bancada.tarefa("produzir", endereco=broker, por_segundo=por_segundo, segundos=segundos)
    time.sleep(4)
    seguidor.send_signal(signal.SIGTERM)
    texto, erros = seguidor.communicate(timeout=120)
    if seguidor.returncode:
        raise SystemExit(erros)
    feito = json.loads(texto.splitlines()[-1])
    lotes = bancada.por_carregado()
    vistos = iter(sorted(feito["vistos"]))
    demoras: list[float] = []
    for carregado, produzidos in lotes:
        visto = next((v for v in vistos if v >= carregado.timestamp()), None)
        if visto is not None:  # the last batch is landed at the end, which nobody waits for
            demoras += [visto - p.timestamp() for p in produzidos]
    demoras.sort()
    meio, quase, ultimo = (demoras[int(q * (len(demoras) - 1))] for q in (0.5, 0.95, 1))
    return (
        bancada.motor,
        f"--follow at {por_segundo:,} a second: p50 {meio:.2f} s, max {ultimo:.2f} s",
        f"{len(demoras):,}",
        f"{quase:.2f}",
        f"{por_segundo:,}",
        "",
        "p95 < 5 s",
        "met" if quase < 5 else "missed",
    )


def medir(bancada: Bancada, argumentos: argparse.Namespace, dizer: Callable[..., None]) -> None:
    """All lines of one engine."""
    quantos = argumentos.eventos
    particoes = max(1, -(-quantos // POR_PARTICAO))
    with corretor() as c:
        onde = c.criar(TOPICO, particoes)
        for n in range(particoes):
            de = n * POR_PARTICAO
            c.por(TOPICO, map(evento, range(de, min(de + POR_PARTICAO, quantos))), particao=n)
        feito, pico = bancada.tarefa("so_consumir", endereco=onde)
        dizer(celulas(bancada.motor, "Kafka: read, nothing landed", feito, pico))
        feito, pico = bancada.tarefa("carregar", onde)
        dizer(celulas(bancada.motor, "Kafka: lastro load, a backlog", feito, pico, 20_000))
    bancada.esvaziar()
    entregas = bancada.pasta / "entregas"
    for n in range(0, quantos, 50_000):
        arquivo = entregas / f"{n:09}.jsonl.gz"
        if not arquivo.exists():
            por_arquivo(arquivo, [evento(i) for i in range(n, min(n + 50_000, quantos))])
    feito, pico = bancada.tarefa("carregar", str(entregas))
    dizer(celulas(bancada.motor, "files, gz: lastro load", feito, pico, 20_000))
    feito, pico = bancada.tarefa("carregar", str(entregas))
    bancada.esvaziar()
    with corretor() as c:
        onde = c.criar(TOPICO, DO_FLUXO)
        dizer(atraso(bancada, c.endereco, onde, argumentos.por_segundo, argumentos.segundos))


@contextmanager
def contratos(pasta: Path) -> Iterator[Path]:
    """The contract of a table of events, beside the repository's."""
    texto = contrato("fluxo", "eventos", EVENTO.format(mais="lote: 20000"))
    with com_contratos(pasta, fluxo=texto) as projeto:
        yield projeto


def _argumentos() -> argparse.Namespace:
    analisador = medicao.leitor("Measures the loads of events.", "_eventos")
    analisador.add_argument("--eventos", type=int, default=1_000_000, help="of the backlog")
    analisador.add_argument("--por-segundo", type=int, default=2_000, help="events that come")
    analisador.add_argument("--segundos", type=float, default=60, help="for so long")
    analisador.add_argument(
        "--motores", nargs="+", choices=("duckdb", "postgres"), default=["duckdb", "postgres"]
    )
    analisador.add_argument("--tarefa", nargs=2, help=argparse.SUPPRESS)
    return analisador.parse_args()


def main() -> None:
    """Measure, show each line as it comes, and write the results."""
    argumentos = _argumentos()
    if argumentos.tarefa:
        from loaders import contratos as lidos

        nome, valores = argumentos.tarefa
        lidos.leitura.PROJETO = Path(os.environ["PROJETO_DOS_CONTRATOS"])
        print(json.dumps(TAREFAS[nome](**json.loads(valores))))
        return
    linhas: list[tuple[str, ...]] = []

    def dizer(linha: tuple[str, ...]) -> None:
        linhas.append(linha)
        medicao.mostrar(linha, LARGURAS, NUMEROS)

    pasta = argumentos.pasta.resolve()
    onde = servidor.iniciar(pasta)
    try:
        medicao.mostrar(CABECALHO, LARGURAS, NUMEROS)
        with (
            tempfile.TemporaryDirectory() as dos_contratos,
            contratos(Path(dos_contratos)) as projeto,
        ):
            for motor in argumentos.motores:
                medir(Bancada(pasta, projeto, onde, motor), argumentos, dizer)
        postgres = medicao.versao_do_postgres(onde.dsn())
    finally:
        onde.parar()
    texto = medicao.relatorio(
        "Results: events",
        "eventos.py",
        ("duckdb", "pyarrow", "adbc-driver-postgresql", "confluent-kafka"),
        (f"PostgreSQL {postgres}, {timedelta(seconds=argumentos.segundos)} of --follow",),
        [CABECALHO, ("---", "---", *["--:"] * 4, "---", "---"), *linhas],
    )
    argumentos.saida.write_text(texto, encoding="utf-8")
    print(f"written to {argumentos.saida}")


if __name__ == "__main__":
    main()
