"""Asks a partner until it answers or it makes no sense to go on; each call is noted."""

import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import tenacity

from loaders.contratos.api import Api
from loaders.extracao.api import falhas
from loaders.extracao.api.cliente import Cliente, Pedido, Resposta
from loaders.extracao.api.falhas import Falha
from loaders.extracao.api.ritmo import PACIENCIA, Balde, Disjuntor, recuo
from loaders.nucleo import andamento

T = TypeVar("T")
MUDOU = 302
DESVIOS = 3
"""Redirects within the partner's host that are followed."""


@dataclass(frozen=True)
class Parceiro:
    """What all tables of a source share: the partner has one limit and one state.

    Attributes:
        cliente: its API.
        balde: how fast it is asked.
        disjuntor: whether it is left alone.
    """

    cliente: Cliente
    balde: Balde
    disjuntor: Disjuntor


class Pedinte:
    """Asks for one table."""

    def __init__(self, parceiro: Parceiro, api: Api, carga_id: int) -> None:
        """Nothing was asked yet."""
        self.parceiro = parceiro
        self.api = api
        self.carga_id = carga_id
        self.chamadas: list[dict[str, Any]] = []
        """The calls that are not in the warehouse yet."""
        self.feitas = 0
        self._esperado = 0.0

    def pedir(self, pedido: Pedido, ler: Callable[[Resposta], T]) -> T:
        """Call until an answer can be read.

        Args:
            pedido: what is asked for.
            ler: reads an answer; what it cannot read raises `Falha`.

        Raises:
            Falha: the last one, after which no call was made.
        """
        requisicao = uuid.uuid4().hex
        for _ in range(DESVIOS + 1):
            lido = self._insistir(pedido, requisicao, ler)
            if not isinstance(lido, Pedido):
                return lido
            pedido = lido
        raise Falha("it sends us on and on", falhas.ERRO_CLIENTE, MUDOU, de_novo=False)

    def tomar_chamadas(self) -> list[dict[str, Any]]:
        """The calls that are to be noted now."""
        tomadas, self.chamadas = self.chamadas, []
        return tomadas

    def _insistir(
        self, pedido: Pedido, requisicao: str, ler: Callable[[Resposta], T]
    ) -> T | Pedido:
        """What an answer says; or where the partner sends us on, on its own host."""
        insistente = tenacity.Retrying(
            stop=self._basta,
            wait=self._quanto,
            sleep=self._dormir,
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, Falha) and e.de_novo),
            reraise=True,
        )
        tentativa = itertools.count(1)
        return insistente(lambda: self._uma(pedido, requisicao, next(tentativa), ler))

    def _uma(
        self, pedido: Pedido, requisicao: str, tentativa: int, ler: Callable[[Resposta], T]
    ) -> T | Pedido:
        disjuntor = self.parceiro.disjuntor
        if (resta := disjuntor.resta) > 0:
            self._notar(
                pedido, requisicao, tentativa, datetime.now(UTC), 0.0, falhas.DISJUNTOR_ABERTO, None
            )
            andamento.dizer(f"the partner fails; asking again in {resta:.0f} s")
            self._dormir(resta)
        self._esperado += self.parceiro.balde.tomar()
        inicio, comeco = datetime.now(UTC), time.monotonic()
        try:
            resposta = self.parceiro.cliente.tentar(pedido, self.api)
            lido = resposta.para or ler(resposta)
        except Falha as falha:
            disjuntor.notar(falha.do_parceiro)
            durou = time.monotonic() - comeco
            self._notar(
                pedido, requisicao, tentativa, inicio, durou, falha.resultado, falha.http_status
            )
            raise
        disjuntor.notar(False)
        durou = time.monotonic() - comeco
        self._notar(pedido, requisicao, tentativa, inicio, durou, falhas.OK, resposta.http_status)
        return lido

    def _notar(
        self,
        pedido: Pedido,
        requisicao: str,
        tentativa: int,
        inicio: datetime,
        durou: float,
        resultado: str,
        status: int | None,
    ) -> None:
        self.feitas += resultado != falhas.DISJUNTOR_ABERTO
        self.chamadas.append(
            {
                "id_chamada": uuid.uuid4().hex,
                "id_requisicao": requisicao,
                "endpoint": pedido.endpoint,
                "tentativa": tentativa,
                "iniciado_em": inicio,
                "duracao_ms": round(durou * 1000),
                "http_status": status,
                "resultado": resultado,
                "espera_ms": round(self._esperado * 1000),
                "_carga_id": self.carga_id,
            }
        )
        self._esperado = 0.0

    def _basta(self, estado: tenacity.RetryCallState) -> bool:
        return (
            estado.attempt_number > self.api.repeticoes
            or self.parceiro.disjuntor.desistiu
            or _falha(estado).ao_menos > PACIENCIA
        )

    def _quanto(self, estado: tenacity.RetryCallState) -> float:
        por_nos = recuo(estado.attempt_number, self.api.espera_base, self.api.espera_maxima)
        return max(por_nos, _falha(estado).ao_menos)

    def _dormir(self, segundos: float) -> None:
        self._esperado += segundos
        time.sleep(segundos)


def _falha(estado: tenacity.RetryCallState) -> Falha:
    erro = estado.outcome.exception() if estado.outcome else None
    if not isinstance(erro, Falha):
        raise TypeError("only such a failure is tried again") from erro
    return erro
