"""Kafka: partitions are assigned by hand, and no position is ever left with the broker."""

import functools
import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from loaders.extracao.eventos.endereco import Endereco
from loaders.extracao.eventos.transporte import (
    LARGURA,
    Atraso,
    Bloco,
    Lacuna,
    Lugar,
    Recomecar,
)
from loaders.nucleo import andamento
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError
from loaders.nucleo.nomes import visivel

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message

T = TypeVar("T")
ESPERA = 10.0
"""Seconds for one answer."""
PACIENCIA = 30.0
"""Seconds without a message after which a load takes the broker for gone."""
REVER = 60.0
"""Seconds after which new partitions are looked for, while the log is followed."""
ULTIMO_INSTANTE = 253_402_300_799_999
"""Milliseconds: the end of the year 9999."""
PROPRIAS: Mapping[str, Any] = {
    "group.id": "lastro",  # the library wants one; nothing is committed under it
    "client.id": "lastro",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "allow.auto.create.topics": False,
    "fetch.wait.max.ms": 100,
    "fetch.queue.backoff.ms": 100,
    "queued.max.messages.kbytes": 65_536,
}
"""What the reading rests on; a file cannot say it otherwise."""
PROPRIEDADE = re.compile(r'property:? "?([\w.]+)')


def propriedades(arquivo: Path | None) -> dict[str, str]:
    """How brokers are entered, as librdkafka calls it: a file of lines `name=value`.

    Raises:
        LastroError: the file cannot be read, or says what is not for it to say.
    """
    if arquivo is None:
        return {}
    try:
        linhas = arquivo.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as erro:
        raise LastroError(f"{arquivo} cannot be read; see <SOURCE>_EVENTOS_KAFKA_FILE.") from erro
    achadas: dict[str, str] = {}
    for n, linha in enumerate(linhas, 1):
        if not (texto := linha.strip()) or texto.startswith("#"):
            continue
        nome, igual, valor = texto.partition("=")
        if not igual or nome.strip() in {*PROPRIAS, "bootstrap.servers"} - {"client.id"}:
            raise LastroError(f"{arquivo}:{n}: it is no `name=value`, or not for a file to say.")
        achadas[nome.strip()] = valor.strip()
    return achadas


class Kafka:
    """One topic."""

    def __init__(self, endereco: Endereco, arquivo: Path | None, tentativas: int) -> None:
        """Nothing is asked yet.

        Args:
            endereco: brokers and topic.
            arquivo: how they are entered.
            tentativas: how often something is asked.

        Raises:
            LastroError: confluent-kafka is not installed, or does not take what the file says.
        """
        try:
            import confluent_kafka
        except ImportError:
            raise LastroError(
                "Kafka is read by confluent-kafka, which is not installed here: run"
                f" `{sys.executable} -m pip install 'lastro[kafka]'`, or `make events`."
            ) from None
        self.biblioteca = confluent_kafka
        self.endereco = endereco
        self.nome = endereco.nome
        self.topico = endereco.topico
        self.tentativas = tentativas
        self.problemas: dict[str, str] = {}
        self.erro = ""
        self.codigo: int | None = None
        self.lugares: dict[int, Lugar] = {}
        self.fins: dict[int, int] = {}
        self.abertas: set[int] = set()
        self.seguir = False
        self.inicio = datetime.now(UTC)
        self.revisto = self.andou = time.monotonic()
        mudo = logging.Logger("librdkafka")
        mudo.addHandler(logging.NullHandler())
        ditas = {"bootstrap.servers": endereco.onde, **PROPRIAS, **propriedades(arquivo)}
        try:
            self.consumidor = confluent_kafka.Consumer(
                ditas | {"error_cb": self._notar}, logger=mudo
            )
        except (confluent_kafka.KafkaException, ValueError, TypeError) as erro:
            achada = PROPRIEDADE.search(str(erro))
            raise LastroError(
                f"{arquivo or endereco}: Kafka's library does not take"
                f" {achada[1] if achada else 'what is said of it'}."
            ) from None

    @property
    def terminado(self) -> bool:
        """Whether all was read that was there when it was begun."""
        return not self.abertas

    def comecar(self, lugares: Mapping[str, Lugar], seguir: bool) -> list[Lacuna]:
        """Begin behind what was read (see `Transporte`)."""
        self.seguir, self.inicio = seguir, datetime.now(UTC)
        self.erro, self.codigo = "", None
        metadados = self._perguntar(
            lambda: self.consumidor.list_topics(self.nome, timeout=ESPERA), "its topic"
        )
        topico = metadados.topics[self.nome]
        if topico.error is not None:
            raise FonteIndisponivel(f"{self.endereco}: {topico.error.str()}.")
        if idas := sorted(lugares.keys() - {str(n) for n in topico.partitions}):
            raise self._outra(f"partition {idas[0]} is gone")
        lacunas: list[Lacuna] = []
        comecos = []
        self.lugares, self.fins, self.abertas = {}, {}, set()
        for n in sorted(topico.partitions):
            lugar = lugares.get(str(n), Lugar(str(n)))
            if lugar.marca not in (None, metadados.cluster_id):
                raise self._outra("another cluster answers")
            baixo, alto = self._limites(n)
            proximo = baixo if lugar.posicao is None else int(lugar.posicao)
            if proximo > alto:
                raise self._outra(f"partition {n} ends before {alto}, and was read up to {proximo}")
            de, proximo = proximo, max(proximo, baixo)
            self.lugares[n] = replace(lugar, posicao=_texto(proximo), marca=metadados.cluster_id)
            if de < baixo:
                lacunas.append(self._lacuna(n, de, baixo))
            self.fins[n] = alto
            if proximo < alto or lugar.posicao is None:
                self.abertas.add(n)
            if n in self.abertas or seguir:
                comecos.append(self.biblioteca.TopicPartition(self.nome, n, proximo))
        self.consumidor.assign(comecos)
        self.revisto = self.andou = time.monotonic()
        return lacunas

    def ler(self, quantas: int, segundos: float) -> list[Bloco]:
        """What comes next (see `Transporte`)."""
        if self.terminado and not self.seguir:
            return []
        self._rever()
        grupos: dict[int, tuple[list[str], list[int], list[bytes | None]]] = {}
        tocadas: dict[int, None] = {}
        comeco = datetime.now(UTC)
        agora = time.time_ns() // 1000
        for m in self._consumidas(quantas, segundos):
            n, onde, erro = m.partition(), m.offset(), m.error()
            if erro is not None:
                if self._chegou_ao_fim(n, onde, erro, comeco):
                    tocadas[n or 0] = None
                continue
            if n is None or onde is None:
                continue
            if onde >= self.fins[n] and not self.seguir:
                self._fechar(n)
                continue
            if n not in grupos:
                grupos[n] = ([], [], [])
                tocadas[n] = None
            deslocamentos, recebidos, corpos = grupos[n]
            tipo, ms = m.timestamp()
            deslocamentos.append(f"{onde:0{LARGURA}d}")
            recebidos.append(ms * 1000 if tipo and 0 <= ms <= ULTIMO_INSTANTE else agora)
            corpos.append(m.value())
        for n, (deslocamentos, _, _) in grupos.items():
            proximo = max(int(deslocamentos[-1]) + 1, int(self.lugares[n].posicao or 0))
            self.lugares[n] = replace(self.lugares[n], posicao=_texto(proximo))
            if n in self.abertas and proximo >= self.fins[n]:
                self.lugares[n] = replace(self.lugares[n], em_dia_em=self.inicio)
                self._fechar(n)
        self._ver_se_anda(bool(tocadas))
        return [Bloco(self.topico, *grupos.get(n, ([], [], [])), self.lugares[n]) for n in tocadas]

    def atrasos(self) -> list[Atraso]:
        """How far behind each partition is now."""
        achados = []
        responde = True
        for n, lugar in self.lugares.items():
            fim, faltam = None, None
            if responde:
                try:
                    _, alto = self._limites(n)
                except FonteIndisponivel:
                    responde = False
                else:
                    fim, faltam = str(alto), max(0, alto - int(lugar.posicao or 0))
            achados.append(Atraso(self.topico, str(n), _curto(lugar.posicao), fim, faltam, None))
        return achados

    def fechar(self) -> None:
        """Let go of the brokers."""
        self.consumidor.close()

    def _consumidas(self, quantas: int, segundos: float) -> "list[Message]":
        try:
            lidas = self.consumidor.consume(quantas, segundos)
        except self.biblioteca.KafkaException as erro:
            raise self._fora(str(erro.args[0])) from None
        return list(lidas)

    def _chegou_ao_fim(
        self, n: int | None, onde: int | None, erro: "KafkaError", comeco: datetime
    ) -> bool:
        """Whether what came instead of a message says that there is none just now.

        What stands at the end may be no message: the marker of a transaction. So the end counts,
        and not the message before it.

        Raises:
            Recomecar: the log no longer has what comes next.
            FonteIndisponivel: it cannot be read.
        """
        codigos = self.biblioteca.KafkaError
        if erro.code() in (codigos._AUTO_OFFSET_RESET, codigos.OFFSET_OUT_OF_RANGE):
            raise Recomecar
        if erro.code() == codigos._PARTITION_EOF and n is not None and onde is not None:
            fim = onde if self.seguir else min(onde, self.fins[n])
            proximo = max(fim, int(self.lugares[n].posicao or 0))
            self.lugares[n] = replace(self.lugares[n], posicao=_texto(proximo), em_dia_em=comeco)
            self._fechar(n)
            return True
        if erro.retriable() or erro.code() == codigos._TRANSPORT:
            self._notar(erro)
            return False
        raise self._fora(erro.str())

    def _fechar(self, n: int) -> None:
        if n in self.abertas:
            self.abertas.discard(n)
            self.andou = time.monotonic()
            if not self.seguir:
                self.consumidor.pause([self.biblioteca.TopicPartition(self.nome, n)])

    def _ver_se_anda(self, andou: bool) -> None:
        codigos = self.biblioteca.KafkaError
        if andou:
            self.andou, self.erro, self.codigo = time.monotonic(), "", None
            return
        parada = time.monotonic() - self.andou
        if self.erro and self.seguir:
            andamento.dizer(f"waiting for {self.endereco}: {self.erro}")
        if not self.seguir and not self.terminado and parada > PACIENCIA:
            raise self._fora(self.erro or f"nothing came for {PACIENCIA:.0f} s")
        if self.codigo in (codigos._AUTHENTICATION, codigos._SSL):
            raise self._fora(self.erro)

    def _notar(self, erro: "KafkaError") -> None:
        """Keep what the library says went wrong; it tries again by itself."""
        self.codigo, self.erro = erro.code(), erro.str()

    def _rever(self) -> None:
        """See whether the topic has more partitions, now and then.

        Raises:
            Recomecar: it has.
        """
        if not self.seguir or time.monotonic() - self.revisto < REVER:
            return
        self.revisto = time.monotonic()
        try:
            topico = self.consumidor.list_topics(self.nome, timeout=ESPERA).topics[self.nome]
        except self.biblioteca.KafkaException:
            return
        if topico.error is None and len(topico.partitions) > len(self.lugares):
            raise Recomecar

    def _limites(self, n: int) -> tuple[int, int]:
        """The first offset of a partition, and the one that comes after its last."""
        particao = self.biblioteca.TopicPartition(self.nome, n)
        pedir = functools.partial(
            self.consumidor.get_watermark_offsets, particao, timeout=ESPERA, cached=False
        )
        baixo, alto = self._perguntar(pedir, f"the end of partition {n}")
        return baixo, alto

    def _perguntar(self, pedir: Callable[[], T | None], o_que: str) -> T:
        for n in range(self.tentativas):
            if n:
                andamento.dizer(f"asking {self.endereco} again: {self.erro}")
            try:
                if (lido := pedir()) is not None:
                    return lido
            except self.biblioteca.KafkaException as erro:
                self.erro = self.erro or erro.args[0].str()
            self.consumidor.poll(0)  # which lets the library tell of its errors
            if self.codigo == self.biblioteca.KafkaError._AUTHENTICATION:
                break
        raise self._fora(f"{self.erro or 'no answer'} ({o_que} was asked for)")

    def _fora(self, dito: str) -> FonteIndisponivel:
        return FonteIndisponivel(f"{self.endereco}: {visivel(dito)}.")

    def _outra(self, dito: str) -> FonteRecusada:
        return FonteRecusada(
            f"{self.endereco} is not the log that was read before: {dito}. Where another one is in"
            " its place for good, give it another name here: add `#name` to its address."
        )

    def _lacuna(self, n: int, de: int, ate: int) -> Lacuna:
        return Lacuna(
            self.topico,
            _texto(de),
            _texto(ate),
            f"{self.endereco}, partition {n}: offsets {de} to {ate - 1} ({ate - de} of them)",
            self.lugares[n],
        )


def _texto(deslocamento: int) -> str:
    return f"{deslocamento:0{LARGURA}d}"


def _curto(posicao: str | None) -> str | None:
    return None if posicao is None else str(int(posicao))
