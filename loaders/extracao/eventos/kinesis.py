"""Kinesis: shards, of which those that others were split or merged into come after them."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from loaders.extracao.eventos.endereco import Endereco
from loaders.extracao.eventos.transporte import Atraso, Bloco, Lacuna, Lugar
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError
from loaders.nucleo.nomes import visivel

T = TypeVar("T")
LARGURA = 56
"""Digits of a sequence number, with zeros before it: as texts they stand in their order."""
POR_VEZ = 10_000
"""Records of one answer, at most."""
ENTRE_LEITURAS = 0.21
"""Seconds between two answers of a shard: it gives five in a second, to all of its readers."""
REVER = 30.0
"""Seconds after which new shards are looked for, while the log is followed."""
INSTANTE = "%Y-%m-%d %H:%M:%S UTC"
CONEXAO = {"connect_timeout": 10, "read_timeout": 30}


@dataclass
class Fragmento:
    """One shard.

    Attributes:
        lugar: how far it was read.
        pais: the shards that it was made of.
        fechado: whether nothing more is written to it.
        iterador: where the next answer begins; None where that is to be asked for.
        atras: milliseconds that the last answer was behind the newest record.
        lido: whether all is read that was there when it was begun.
        ultima: when it was last asked.
    """

    lugar: Lugar
    pais: tuple[str, ...]
    fechado: bool
    iterador: str | None = None
    atras: int | None = None
    lido: bool = False
    ultima: float = 0.0


class Kinesis:
    """One stream."""

    def __init__(self, endereco: Endereco, tentativas: int) -> None:
        """Nothing is asked yet.

        Args:
            endereco: region and stream.
            tentativas: how often something is asked.

        Raises:
            LastroError: boto3 is not installed, or knows no such region.
        """
        try:
            import boto3
        except ImportError:
            raise LastroError(
                "Kinesis is read by boto3, which is not installed here: run"
                f" `{sys.executable} -m pip install 'lastro[kinesis]'`, or `make events`."
            ) from None
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        self.erros = (BotoCoreError, ClientError)
        self.endereco = endereco
        self.topico = endereco.topico
        self.problemas: dict[str, str] = {}
        self.fragmentos: dict[str, Fragmento] = {}
        self.seguir = False
        self.inicio = datetime.now(UTC)
        self.marca = ""
        self.revisto = time.monotonic()
        como = Config(**CONEXAO, retries={"mode": "standard", "max_attempts": tentativas})
        self.cliente = self._falando(
            lambda: boto3.client("kinesis", region_name=endereco.onde, config=como)
        )

    @property
    def terminado(self) -> bool:
        """Whether all was read that was there when it was begun."""
        return all(f.lido for f in self.fragmentos.values())

    def comecar(self, lugares: Mapping[str, Lugar], seguir: bool) -> list[Lacuna]:
        """Begin behind what was read (see `Transporte`)."""
        self.seguir, self.inicio = seguir, datetime.now(UTC)
        resumo = self._falando(
            lambda: self.cliente.describe_stream_summary(StreamName=self.endereco.nome)
        )["StreamDescriptionSummary"]
        feito_em = resumo["StreamCreationTimestamp"].astimezone(UTC).isoformat()
        self.marca = f"{resumo['StreamARN']} {feito_em}"
        if any(lugar.marca not in (None, self.marca) for lugar in lugares.values()):
            raise FonteRecusada(
                f"{self.endereco} is not the stream that was read before, but one that was made at"
                f" {feito_em}. If it is in its place for good, give it another name here: add"
                " `#name` to its address."
            )
        horas = int(resumo["RetentionPeriodHours"])
        self.fragmentos = {}
        self._listar(lugares)
        return self._lacunas(lugares, horas)

    def ler(self, quantas: int, segundos: float) -> list[Bloco]:
        """What comes next (see `Transporte`)."""
        if self.terminado and not self.seguir:
            return []
        if self.seguir and time.monotonic() - self.revisto > REVER:
            self._listar({})
        limite = time.monotonic() + segundos
        while True:
            blocos, resta = [], quantas
            for nome, fragmento in list(self.fragmentos.items()):
                if resta > 0 and self._pode(nome):
                    blocos.append(self._responder(nome, fragmento, min(resta, POR_VEZ)))
                    resta -= len(blocos[-1].corpos)
            if blocos or time.monotonic() >= limite:
                return blocos
            time.sleep(min(0.05, max(0.0, limite - time.monotonic())))

    def atrasos(self) -> list[Atraso]:
        """How far behind each shard was when it was last asked."""
        return [
            Atraso(
                self.topico,
                nome,
                f.lugar.posicao and f.lugar.posicao.lstrip("0"),
                None,
                0 if f.lugar.encerrada or f.atras == 0 else None,
                None if f.atras is None else f.atras / 1000,
            )
            for nome, f in self.fragmentos.items()
        ]

    def fechar(self) -> None:
        """Let go of it."""
        self.cliente.close()

    def _listar(self, lugares: Mapping[str, Lugar]) -> None:
        """Know the shards that there are; those that are known stay as they are."""
        self.revisto = time.monotonic()
        paginas = self.cliente.get_paginator("list_shards").paginate(StreamName=self.endereco.nome)
        listados: list[dict[str, Any]] = self._falando(
            lambda: [s for pagina in paginas for s in pagina["Shards"]]
        )
        for dito in listados:
            nome = dito["ShardId"]
            fechado = dito["SequenceNumberRange"].get("EndingSequenceNumber") is not None
            if nome in self.fragmentos:
                self.fragmentos[nome].fechado = fechado
                continue
            pais = tuple(
                p for c in ("ParentShardId", "AdjacentParentShardId") if (p := dito.get(c))
            )
            lugar = lugares.get(nome, Lugar(nome))
            self.fragmentos[nome] = Fragmento(
                replace(lugar, marca=self.marca), pais, fechado, lido=lugar.encerrada
            )

    def _lacunas(self, lugares: Mapping[str, Lugar], horas: int) -> list[Lacuna]:
        """Of which shards records may be gone that were not read.

        Sequence numbers have holes, so that a gap does not show in them. What came after a shard
        was known to be read whole is there for as long as the stream keeps its records.
        """
        guardado_de = self.inicio - timedelta(hours=horas)
        achadas = []
        for nome, lugar in lugares.items():
            desde = lugar.em_dia_em or guardado_de
            if lugar.encerrada or (nome in self.fragmentos and desde >= guardado_de):
                continue
            if nome in self.fragmentos:
                dita = f"what came until {guardado_de:{INSTANTE}}, as the stream keeps {horas} h"
            else:
                dita = "all of it, as the shard is gone"
                lugar = replace(lugar, encerrada=True)
            dita = f"{self.endereco}, shard {nome}: after {desde:{INSTANTE}}, {dita}"
            achadas.append(Lacuna(self.topico, lugar.posicao, None, dita, lugar))
        return achadas

    def _pode(self, nome: str) -> bool:
        """Whether a shard is to be asked now: its parents first, and not too often."""
        f = self.fragmentos[nome]
        if f.lugar.encerrada or (f.lido and not self.seguir):
            return False
        if time.monotonic() - f.ultima < ENTRE_LEITURAS:
            return False
        pais = (self.fragmentos[p] for p in f.pais if p in self.fragmentos)
        return all(p.lugar.encerrada for p in pais)

    def _responder(self, nome: str, f: Fragmento, quantas: int) -> Bloco:
        f.ultima, perguntado_em = time.monotonic(), datetime.now(UTC)
        resposta = self._registros(nome, f, quantas)
        registros = resposta["Records"]
        f.iterador = resposta.get("NextShardIterator")
        f.atras = int(resposta.get("MillisBehindLatest", 0))
        deslocamentos = [r["SequenceNumber"].zfill(LARGURA) for r in registros]
        recebidos = [r["ApproximateArrivalTimestamp"].astimezone(UTC) for r in registros]
        lugar = f.lugar
        if registros:
            lugar = replace(lugar, posicao=deslocamentos[-1], em_dia_em=recebidos[-1])
        em_dia = f.atras == 0
        if em_dia:
            lugar = replace(lugar, em_dia_em=perguntado_em)
        # A closed shard ends where no next answer is, or where nothing is behind this one.
        acabou = f.iterador is None or (f.fechado and em_dia and not registros)
        if acabou:
            lugar = replace(lugar, encerrada=True)
            self.revisto = -REVER  # those that were made of it come next
        passou = bool(recebidos) and recebidos[-1] > self.inicio
        f.lido = f.lido or acabou or (em_dia and not f.fechado) or (passou and not f.fechado)
        f.lugar = lugar
        return Bloco(
            self.topico,
            deslocamentos,
            [_microssegundos(r) for r in recebidos],
            [r["Data"] for r in registros],
            lugar,
        )

    def _registros(self, nome: str, f: Fragmento, quantas: int) -> dict[str, Any]:
        """The next answer of a shard; where it begins keeps for five minutes."""
        from botocore.exceptions import ClientError

        for _ in range(2):
            iterador = f.iterador or self._iterador(nome, f.lugar)
            try:
                lidos: dict[str, Any] = self.cliente.get_records(
                    ShardIterator=iterador, Limit=quantas
                )
                return lidos
            except ClientError as erro:
                if erro.response.get("Error", {}).get("Code") != "ExpiredIteratorException":
                    raise self._fora(erro) from None
                f.iterador = None
            except self.erros as erro:
                raise self._fora(erro) from None
        raise FonteIndisponivel(f"{self.endereco}: shard {nome} gives no lasting iterator.")

    def _iterador(self, nome: str, lugar: Lugar) -> str:
        de: dict[str, str] = {"ShardIteratorType": "TRIM_HORIZON"}
        if lugar.posicao is not None:
            de = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": lugar.posicao.lstrip("0"),
            }
        feito: str = self._falando(
            lambda: self.cliente.get_shard_iterator(
                StreamName=self.endereco.nome, ShardId=nome, **de
            )
        )["ShardIterator"]
        return feito

    def _falando(self, pedir: Callable[[], T]) -> T:
        try:
            return pedir()
        except self.erros as erro:
            raise self._fora(erro) from None

    def _fora(self, erro: Exception) -> FonteIndisponivel:
        return FonteIndisponivel(f"{self.endereco}: {visivel(' '.join(str(erro).split()))}")


def _microssegundos(momento: datetime) -> int:
    desde = momento - datetime(1970, 1, 1, tzinfo=UTC)
    return desde // timedelta(microseconds=1)
