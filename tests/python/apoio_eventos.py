"""Logs of events on loopback: a broker of Kafka, a stream of Kinesis, folders; and their events."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from conftest import ArmazemDeTeste

from loaders.nucleo.configuracao import Configuracao

INICIO = datetime(2024, 5, 1, 12, tzinfo=UTC)
EVENTO = """
evento:
  chave: id_evento
  titular: id_cliente
  eventos:
    resto: dados
    {mais}
  columns:
    id_evento: text
    tipo_evento: text
    versao_esquema: integer
    id_pedido: text
    id_cliente: text
    id_sessao: text
    ocorrido_em: timestamptz
    produzido_em: timestamptz
    dados: text
"""
"""A table as that of the credit start-up."""
DA_FONTE = (
    "id_evento, tipo_evento, versao_esquema, id_pedido, id_cliente, id_sessao, ocorrido_em,"
    " produzido_em, dados"
)


def evento(n: int, **mais: Any) -> dict[str, Any]:
    """An event, n seconds after the beginning."""
    momento = f"{INICIO + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "id_evento": f"e{n:06}",
        "tipo_evento": "situacao_alterada",
        "versao_esquema": 2,
        "id_pedido": f"p{n % 50}",
        "id_cliente": f"c{n % 7}",
        "id_sessao": None,
        "ocorrido_em": momento,
        "produzido_em": momento,
        "dados": {"situacao_nova": "APROVADO", "valor": 10.5, "motivo": "análise"},
        **mais,
    }


def em_bytes(dito: dict[str, Any] | bytes | str) -> bytes:
    """An event as it travels."""
    if isinstance(dito, bytes):
        return dito
    return (dito if isinstance(dito, str) else json.dumps(dito, ensure_ascii=False)).encode()


@dataclass
class Corretor:
    """The broker.

    Attributes:
        endereco: where it listens.
    """

    processo: "subprocess.Popen[str]"
    endereco: str
    produtor: Producer = field(init=False)

    def __post_init__(self) -> None:
        self.produtor = Producer(
            {"bootstrap.servers": self.endereco, "linger.ms": 1, "log_level": 0}
        )

    def mandar(self, *ordem: Any) -> None:
        """Tell it something."""
        entrada, saida = self.processo.stdin, self.processo.stdout
        assert entrada and saida
        entrada.write(json.dumps(ordem) + "\n")
        entrada.flush()
        assert saida.readline() == "0\n", ordem

    def criar(self, topico: str, particoes: int = 3) -> str:
        """Make a topic; return its address."""
        self.mandar("criar", topico, particoes)
        return f"kafka://{self.endereco}/{topico}"

    def por(
        self,
        topico: str,
        eventos: Iterable[dict[str, Any] | bytes | str | None],
        particao: int | None = None,
        em: datetime | None = None,
    ) -> None:
        """Produce events, by turns into each partition where none is said."""
        for n, dito in enumerate(eventos):
            while True:
                try:
                    self.produtor.produce(
                        topico,
                        value=None if dito is None else em_bytes(dito),
                        partition=n % 3 if particao is None else particao,
                        timestamp=round((em or INICIO).timestamp() * 1000),
                    )
                    break
                except BufferError:
                    self.produtor.poll(0.05)
        assert self.produtor.flush(20) == 0


@contextmanager
def corretor() -> Iterator[Corretor]:
    """A broker, listening."""
    programa = Path(__file__).with_name("corretor_kafka.py")
    processo = subprocess.Popen(
        [sys.executable, str(programa)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert processo.stdout
        yield Corretor(processo, processo.stdout.readline().strip())
    finally:
        processo.kill()
        processo.communicate()


def por_arquivo(
    arquivo: Path, eventos: Sequence[dict[str, Any] | bytes | str], em: datetime = INICIO
) -> Path:
    """Put a file of events there, whole, as of a moment; compressed if its name says so."""
    import os

    texto = b"".join(em_bytes(e) + b"\n" for e in eventos)
    if arquivo.suffix == ".gz":
        texto = gzip.compress(texto, mtime=0)
    arquivo.parent.mkdir(parents=True, exist_ok=True)
    novo = arquivo.with_name(f".{arquivo.name}")
    novo.write_bytes(texto)
    os.utime(novo, (em.timestamp(), em.timestamp()))
    novo.rename(arquivo)
    return arquivo


def config(armazem: ArmazemDeTeste, *enderecos: str, **mais: Any) -> Configuracao:
    """The settings, with the addresses of the source `fluxo`."""
    ditos = {"FLUXO_EVENTOS_URL": " ".join(enderecos), **mais}
    return Configuracao(_env_file=None, **{**armazem.ambiente, **ditos})
