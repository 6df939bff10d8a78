"""A partner's API on loopback: real HTTP, in threads, that can do all that partners do."""

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "segredo-que-ninguem-deve-ver"
INICIO = datetime(2024, 5, 1, 12, tzinfo=UTC)
SCORES = """
score:
  chave: [id_consulta, revisao]
  titular: id_cliente
  somente_insercao: true
  api:
    caminho: /v1/scores
    itens: itens
    proximo: proximo_cursor
    parametros: {{desde: publicado_desde, limite: limite}}
    ordem: publicado_em
    limite: 5
    chamadas: score_chamada
    limite_por_minuto: 6000
    espera_base: 0.01
    espera_maxima: 0.05
    disjuntor_segundos: 0.2
    tempo_limite: 0.4
    tamanho_maximo: 20000
    {mais}
  columns:
    id_consulta: text
    id_cliente: text
    modelo: text
    score: decimal(18,6)
    publicado_em: timestamptz
    revisao: text
    motivo_revisao: text
score_chamada: {{chamadas_de: score}}
"""
"""A list by publication, by cursor."""
CONTAS = """
conta:
  chave: id_conta
  api:
    caminho: /contas
    paginacao: pagina
    parametros: {cursor: pagina, limite: por_pagina}
    limite: 3
    chamadas: conta_chamada
    limite_por_minuto: 6000
    espera_base: 0.01
    espera_maxima: 0.05
  columns:
    id_conta: {data_type: bigint, na_fonte: id}
    saldo: {data_type: "decimal(15,2)", na_fonte: dados.saldo}
    ativa: boolean
conta_chamada: {chamadas_de: conta}
"""
"""A list without an order, by number of page."""


def item(n: int, revisao: int = 1, **mais: Any) -> dict[str, Any]:
    """The score of a query, published n minutes after the beginning."""
    return {
        "id_consulta": f"q{n:04}",
        "id_cliente": f"c{n % 7}",
        "modelo": "M1",
        "score": f"{500 + n}.5",
        "publicado_em": f"{INICIO + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}",
        "revisao": f"{revisao}",
        "motivo_revisao": None,
        **mais,
    }


Falta = Callable[["Atendente"], bool]
"""What goes wrong with a call; it says whether it has answered."""


@dataclass
class Parceiro:
    """The partner.

    Attributes:
        itens: what it has, in no order.
        faltas: what goes wrong with the next calls, one each.
        vistas: the calls: when (monotonic), path, what stands behind it, headers.
        por_deslocamento: its cursor is a place in the list, which moves, and no key.
        contas: what `/contas` lists, as it stands.
        vendidos: what was bought, by Idempotency-Key.
        por_pedido: called before each answer.
    """

    itens: list[dict[str, Any]] = field(default_factory=list)
    faltas: deque[Falta] = field(default_factory=deque)
    vistas: list[tuple[float, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    por_deslocamento: bool = False
    contas: list[dict[str, Any]] = field(default_factory=list)
    vendidos: dict[str, dict[str, Any]] = field(default_factory=dict)
    por_pedido: Callable[[], None] = lambda: None
    url: str = ""

    def pagina(self, pedido: dict[str, str]) -> dict[str, Any]:
        """The answer to a sweep."""
        desde = pedido.get("publicado_desde", "")
        todos = sorted(
            (i for i in self.itens if i["publicado_em"][:19] >= desde[:19]),
            key=lambda i: (i["publicado_em"], i["id_consulta"], i["revisao"]),
        )
        limite = int(pedido["limite"])
        cursor = pedido.get("cursor")
        if self.por_deslocamento:
            inicio = int(cursor or 0)
            partes = todos[inicio : inicio + limite]
            proximo = str(inicio + limite) if inicio + limite < len(todos) else None
        else:
            resto = [i for i in todos if _lugar(i) > (cursor or "")]
            partes, proximo = resto[:limite], None
            if len(resto) > limite:
                proximo = _lugar(partes[-1])
        return {"itens": partes, "proximo_cursor": proximo}


def _lugar(i: dict[str, Any]) -> str:
    return "|".join((i["publicado_em"], i["id_consulta"], i["revisao"]))


class Atendente(BaseHTTPRequestHandler):
    """One call."""

    protocol_version = "HTTP/1.1"
    parceiro: Parceiro

    def do_GET(self) -> None:
        partes = urlsplit(self.path)
        pedido = {c: v[0] for c, v in parse_qs(partes.query).items()}
        p = self.parceiro
        p.vistas.append((time.monotonic(), partes.path, pedido, dict(self.headers)))
        p.por_pedido()
        if p.faltas and p.faltas.popleft()(self):
            return
        if partes.path == "/contas":
            n, por = int(pedido["pagina"]), int(pedido["por_pagina"])
            self.responder(200, json.dumps(p.contas[(n - 1) * por : n * por]))
            return
        self.responder(200, json.dumps(p.pagina(pedido)))

    def do_POST(self) -> None:
        pedido = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        p, chave = self.parceiro, self.headers["Idempotency-Key"]
        p.vistas.append((time.monotonic(), self.path, pedido, dict(self.headers)))
        if chave not in p.vendidos:
            p.vendidos[chave] = item(1000 + len(p.vendidos), **{"modelo": pedido["modelo"]})
        if p.faltas and p.faltas.popleft()(self):
            return
        self.responder(201, json.dumps(p.vendidos[chave]))

    def responder(self, status: int, corpo: str | bytes = "", **cabecalhos: str) -> None:
        dados = corpo.encode() if isinstance(corpo, str) else corpo
        self.send_response_only(status)
        for nome, valor in cabecalhos.items():
            self.send_header(nome.replace("_", "-"), valor)
        self.send_header("Content-Length", str(len(dados)))
        self.end_headers()
        self.wfile.write(dados)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def responde(status: int, corpo: str | bytes = "", **cabecalhos: str) -> Falta:
    def falta(a: Atendente) -> bool:
        a.responder(status, corpo, **cabecalhos)
        return True

    return falta


def derruba(a: Atendente) -> bool:
    """The connection breaks off in the middle of the answer."""
    a.send_response(200)
    a.send_header("Content-Length", "1000")
    a.end_headers()
    a.wfile.write(b'{"itens": [')
    a.wfile.flush()
    a.connection.shutdown(socket.SHUT_RDWR)
    a.close_connection = True
    return True


def cala(a: Atendente) -> bool:
    """Nothing comes for longer than is waited."""
    time.sleep(0.7)
    a.close_connection = True
    return True


def goteja(a: Atendente) -> bool:
    """Each byte comes in time, and the answer never."""
    a.send_response(200)
    a.send_header("Content-Length", "1000")
    a.end_headers()
    try:
        for _ in range(15):
            a.wfile.write(b" ")
            a.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    a.close_connection = True
    return True


def nada(_: Atendente) -> bool:
    """This call goes well."""
    return False


class Servidor(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Who asked has gone away: that is a part of the tests."""


@contextmanager
def parceiro() -> Iterator[Parceiro]:
    """The partner, listening."""
    feito = Parceiro()
    classe = type("DestaVez", (Atendente,), {"parceiro": feito})
    servidor = Servidor(("127.0.0.1", 0), classe)
    threading.Thread(target=servidor.serve_forever, args=(0.02,), daemon=True).start()
    feito.url = f"http://127.0.0.1:{servidor.server_port}"
    try:
        yield feito
    finally:
        servidor.shutdown()
        servidor.server_close()
