"""The partner that sells scores: an HTTP server on this machine, for as long as a load asks it.

`GET /v1/scores?publicado_desde=&cursor=&limite=` answers a page of what it published, in the order
of publication, and the cursor of the next one.
"""

import json
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SCORES = "scores.jsonl"
"""The file of what the partner has published, in that order."""
CAMINHO = "/v1/scores"


@contextmanager
def parceiro(pasta: Path) -> Iterator[str]:
    """Serve what was published, and give the address.

    Args:
        pasta: the folder in which `preparar` wrote it.
    """
    texto = (pasta / SCORES).read_text(encoding="utf-8")
    itens = [json.loads(linha) for linha in texto.splitlines()]
    publicados = [item["publicado_em"] for item in itens]

    class Atendente(BaseHTTPRequestHandler):
        """Answers one connection."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            partes = urlsplit(self.path)
            if partes.path != CAMINHO:
                self.send_error(404)
                return
            pedido = {nome: valores[0] for nome, valores in parse_qs(partes.query).items()}
            desde = pedido.get("publicado_desde", "")[:19]
            inicio = int(pedido.get("cursor") or bisect_left(publicados, desde))
            fim = inicio + int(pedido.get("limite", "500"))
            self._responder(
                {
                    "itens": itens[inicio:fim],
                    "proximo_cursor": str(fim) if fim < len(itens) else None,
                }
            )

        def _responder(self, corpo: dict[str, Any]) -> None:
            dados = json.dumps(corpo).encode()
            self.send_response_only(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(dados)))
            self.end_headers()
            self.wfile.write(dados)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    servidor = ThreadingHTTPServer(("127.0.0.1", 0), Atendente)
    servidor.daemon_threads = True
    threading.Thread(target=servidor.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{servidor.server_port}"
    finally:
        servidor.shutdown()
        servidor.server_close()
