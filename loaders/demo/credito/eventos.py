"""What the app tells: visits, simulations, submissions and changes of status, a file a day.

A file holds what reached the log in the 24 hours up to 06:00 UTC, and is written then.
"""

# Made-up data want to be repeatable, not secret.

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from loaders.demo.credito.pedidos import DIGITAIS, EVENTOS, HISTORICO, PRODUTOS, Pedido
from loaders.demo.fintech.calendario import DEPOIS, DIA, NUNCA, data, iso
from loaders.demo.fintech.comum import Falhas

ENTREGA = 6 * 3_600
"""The second of the day (UTC) at which a file is written: both stages are such moments."""
_SEGUNDA_VERSAO = 280 * DIA
"""Since when the app writes the second version of its schemas."""
Evento = dict[str, Any]


@dataclass
class Arquivo:
    """A file of a day.

    Attributes:
        entregue: when it was written.
        linhas: its events, in the order in which they came.
    """

    entregue: int
    linhas: list[str] = field(default_factory=list)

    @property
    def nome(self) -> str:
        """Its way from the folder, as sinks of logs write it."""
        dia = data((self.entregue - ENTREGA) // DIA)
        return f"{dia:%Y/%m}/eventos-{dia}.jsonl"


def planejar(sorteio: Random, pedidos: list[Pedido], falhas: Falhas, quantas: int) -> list[Arquivo]:
    """Draw the events, and return the files that hold them.

    Args:
        sorteio: what is drawn from.
        pedidos: the applications.
        falhas: where it is noted what is wrong.
        quantas: how many there are of each kind of fault.
    """
    arquivos: dict[int, Arquivo] = defaultdict(lambda: Arquivo(0))

    def receber(evento: Evento, em: int, espera: int = 0) -> None:
        entregue = _entrega(em + espera)
        if entregue <= DEPOIS:
            arquivos[entregue].entregue = entregue
            arquivos[entregue].linhas.append(json.dumps(evento, ensure_ascii=False))

    app = _App(sorteio)
    feitos: list[tuple[int, Evento]] = []
    for pedido in pedidos:
        feitos += app.do_pedido(pedido)
        if sorteio.random() < 0.4:
            feitos += app.visita(pedido)
    feitos.sort(key=lambda f: (f[0], f[1]["id_evento"]))
    for em, evento in feitos:
        atrasa = evento["tipo_evento"] != "situacao_alterada" and sorteio.random() < 0.003
        receber(evento, em, int(sorteio.random() * 40 * DIA) if atrasa else 0)
        if sorteio.random() < 0.02:  # delivered twice
            receber(evento, em, DIA)
    visitas = [(em, e) for em, e in feitos if e["tipo_evento"] == "sessao_iniciada"]
    for n, (em, evento) in enumerate(sorteio.sample(visitas, 4 * quantas)):
        novo = evento | {"id_evento": app.id()}
        if n % 4 == 0:
            outro = {**evento["dados"], "canal": "TOTEM"}
            receber(evento | {"dados": outro}, em, 3 * DIA)
            _plantar(falhas, "rec_eventos_conflito/dados", evento["id_evento"], em + 3 * DIA)
        elif n % 4 == 1:  # its clock is ahead: kept
            receber(novo | {"ocorrido_em": iso(em + 3 * DIA)}, em)
        elif n % 4 == 2:
            receber(novo | {"dados": {}}, em)
            _plantar(falhas, "quarentena/evento", novo["id_evento"], em)
        else:
            receber(novo | {"ocorrido_em": "1999-12-31T23:59:59Z"}, em)
            _plantar(falhas, "quarentena/evento", novo["id_evento"], em)
    return [arquivos[entregue] for entregue in sorted(arquivos)]


def _plantar(falhas: Falhas, especie: str, id_: str, em: int) -> None:
    """Note a fault of an event: it shows with the file that holds it."""
    falhas.plantar(especie, id_, _entrega(em))


def _entrega(em: int) -> int:
    """When the file is written that holds what came at a moment."""
    return -((ENTREGA - em) // DIA) * DIA + ENTREGA


def _canal(p: Pedido, em: int) -> str:
    """Through which channel somebody looks: one on the net, whichever the application comes by."""
    return p.canal if p.canal in DIGITAIS else DIGITAIS[em % 2]


class _App:
    """Tells what people do."""

    def __init__(self, sorteio: Random) -> None:
        self.sorteio = sorteio

    def id(self) -> str:
        return f"e-{self.sorteio.getrandbits(64):016x}"

    def do_pedido(self, p: Pedido) -> Iterator[tuple[int, Evento]]:
        """The visit that an application began with, and how it went on."""
        if p.canal in DIGITAIS:
            sessao = f"s-{self.sorteio.getrandbits(48):012x}"
            inicio = p.criado - 60 - int(self.sorteio.random() * 900)
            yield self._sessao(p, sessao, inicio)
            if self.sorteio.random() < 0.7:
                yield self._simulacao(p, sessao, inicio + 30)
            if p.submetido < NUNCA:
                dados = {
                    "canal": p.canal,
                    "produto": p.produto,
                    "valor_solicitado": f"{p.solicitado / 100:.2f}",
                }
                yield self._evento("pedido_submetido", p.submetido, dados, p, sessao, p.id)
        if p.contado_por == EVENTOS or (
            p.contado_por == HISTORICO and self.sorteio.random() < 0.12
        ):
            antes = None
            for em, situacao in p.passos:
                yield self._mudanca(p, em, antes, situacao)
                antes = situacao

    def visita(self, p: Pedido) -> Iterator[tuple[int, Evento]]:
        """Somebody who looks, in those days, and asks for nothing."""
        em = max(DIA, p.criado - int(self.sorteio.random() * 2 * DIA))
        sessao = f"s-{self.sorteio.getrandbits(48):012x}"
        yield self._sessao(p, sessao, em, conhecido=False)
        if self.sorteio.random() < 0.3:
            yield self._simulacao(p, sessao, em + 45, conhecido=False)

    def _sessao(
        self, p: Pedido, sessao: str, em: int, conhecido: bool = True
    ) -> tuple[int, Evento]:
        dados = {"canal": _canal(p, em)} | ({"campanha": p.campanha} if p.campanha else {})
        return self._evento("sessao_iniciada", em, dados, p if conhecido else None, sessao)

    def _simulacao(
        self, p: Pedido, sessao: str, em: int, conhecido: bool = True
    ) -> tuple[int, Evento]:
        nome = "valor" if em < _SEGUNDA_VERSAO else "valor_solicitado"
        dados = {
            "canal": _canal(p, em),
            "produto": p.produto if conhecido else PRODUTOS[em % len(PRODUTOS)],
            nome: p.solicitado / 100,
            "prazo_meses": p.prazo,
        }
        return self._evento("simulacao_realizada", em, dados, p if conhecido else None, sessao)

    def _mudanca(self, p: Pedido, em: int, antes: str | None, agora: str) -> tuple[int, Evento]:
        if em < _SEGUNDA_VERSAO:
            dados = {"situacao": p.escrita(agora)}
        else:
            dados = {"status_novo": p.escrita(agora), "status_anterior": antes or ""}
        return self._evento("situacao_alterada", em, dados, p, None, p.id)

    def _evento(
        self,
        tipo: str,
        em: int,
        dados: dict[str, Any],
        quem: Pedido | None,
        sessao: str | None,
        pedido: str | None = None,
    ) -> tuple[int, Evento]:
        if em >= _SEGUNDA_VERSAO and tipo == "sessao_iniciada":
            dados = dados | {"versao_app": "7.2"}  # the registry does not know it
        return em, {
            "id_evento": self.id(),
            "tipo_evento": tipo,
            "versao_esquema": 2 if em >= _SEGUNDA_VERSAO else 1,
            "id_pedido": pedido,
            "id_cliente": quem and quem.cliente,
            "id_sessao": sessao,
            "ocorrido_em": iso(em),
            "produzido_em": iso(em + 1),
            "dados": dados,
        }
