"""One call to a partner: encrypted, with an end, and of bounded size.

httpx is imported where it is used: it takes a fifth of a second, which no other command need wait.
"""

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from loaders import __version__
from loaders.contratos import API
from loaders.contratos.api import Api
from loaders.extracao.api import falhas
from loaders.extracao.api.endereco import Endereco
from loaders.extracao.api.falhas import Falha
from loaders.extracao.api.ritmo import pedido_de_espera
from loaders.nucleo.configuracao import Configuracao, nome_da_variavel
from loaders.nucleo.erros import LastroError

if TYPE_CHECKING:
    import httpx

PEDE_PACIENCIA, DEMOROU_A_PEDIR = 429, 408
DE_UM_ERRO = 65_536
"""Bytes of an answer that is an error, after which the rest is not read."""


@dataclass(frozen=True)
class Pedido:
    """What is asked for.

    Attributes:
        endpoint: the path, as it is noted: without what it is asked with.
        url: the address.
        parametros: what stands behind it.
        corpo: of a `POST`, the JSON that is sent; None of a `GET`.
        chave: the Idempotency-Key of a `POST`.
    """

    endpoint: str
    url: str
    parametros: Mapping[str, str] = field(default_factory=dict)
    corpo: bytes | None = None
    chave: str | None = None


@dataclass(frozen=True)
class Resposta:
    """What was answered.

    Attributes:
        http_status: the code.
        corpo: the bytes.
        para: where the partner sends us on, on its own host.
    """

    http_status: int
    corpo: bytes
    para: Pedido | None = None


class Cliente:
    """A partner's API, as a context manager."""

    @classmethod
    def de(cls, config: Configuracao, fonte: str, url: str) -> Self:
        """The API of a source.

        Raises:
            LastroError: its address or its token cannot be used; neither is repeated.
        """
        endereco = Endereco.de(url, nome_da_variavel(fonte, API, "URL"))
        token = config.token_de(fonte)
        if token and not (token.isascii() and token.isprintable()):
            variavel = nome_da_variavel(fonte, API, "TOKEN")
            raise LastroError(f"{variavel} holds letters that no header can hold.")
        return cls(endereco, token)

    def __init__(self, endereco: Endereco, token: str | None) -> None:
        """Open no connection yet; certificates are verified, redirects never followed unseen."""
        import httpx

        self.endereco = endereco
        self.token = token
        self.http = httpx.Client(
            verify=True,
            follow_redirects=False,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": f"lastro/{__version__}",
            },
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, _tipo: type[BaseException] | None, _erro: object, _rasto: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.http.close()

    def sem_token(self, texto: str) -> str:
        """A text of the partner's in which our token does not stand, should it repeat it."""
        return texto.replace(self.token, "***") if self.token else texto

    def tentar(self, pedido: Pedido, api: Api) -> Resposta:
        """Call once.

        Raises:
            Falha: nothing came of it.
        """
        import httpx

        cabecalhos = {"Idempotency-Key": pedido.chave} if pedido.chave else {}
        if self.token:
            portador = api.cabecalho.lower() == "authorization"
            cabecalhos[api.cabecalho] = f"Bearer {self.token}" if portador else self.token
        if pedido.corpo is not None:
            cabecalhos["Content-Type"] = "application/json"
        limite = time.monotonic() + api.tempo_limite
        try:
            with self.http.stream(
                "GET" if pedido.corpo is None else "POST",
                pedido.url,
                params=pedido.parametros or None,
                content=pedido.corpo,
                headers=cabecalhos,
                timeout=api.tempo_limite,
            ) as resposta:
                corpo = b"".join(_lido(resposta, api, limite))
        except httpx.TimeoutException:
            raise _tarde(api) from None
        except httpx.TransportError as erro:
            raise _sem_rede(erro) from None
        except (httpx.InvalidURL, UnicodeError):
            raise Falha("its address cannot be asked", falhas.REDE, de_novo=False) from None
        if time.monotonic() > limite:
            raise _tarde(api)
        return self._julgar(pedido, resposta, corpo)

    def _julgar(self, pedido: Pedido, resposta: "httpx.Response", corpo: bytes) -> Resposta:
        status = resposta.status_code
        if 200 <= status < 300:
            return Resposta(status, corpo)
        if 300 <= status < 400:
            return self._desviado(pedido, status, resposta.headers.get("location", ""))
        espera = pedido_de_espera(resposta.headers)
        dito = f"it answers {status}"
        if status == PEDE_PACIENCIA:
            raise Falha(f"{dito}, too many calls", falhas.LIMITE, status, ao_menos=espera)
        if status >= 500:
            raise Falha(dito, falhas.ERRO_SERVIDOR, status, ao_menos=espera)
        raise Falha(
            dito, falhas.ERRO_CLIENTE, status, status == DEMOROU_A_PEDIR, espera, corpo
        )  # fmt: skip

    def _desviado(self, pedido: Pedido, status: int, para: str) -> Resposta:
        destino = self.endereco.seguinte(pedido.url, para)
        if destino is None or not para or pedido.corpo is not None:
            raise Falha(
                f"it answers {status} and sends us elsewhere, where our token is not given",
                falhas.ERRO_CLIENTE, status, de_novo=False,
            )  # fmt: skip
        return Resposta(status, b"", replace(pedido, url=destino, parametros={}))


def _lido(resposta: "httpx.Response", api: Api, limite: float) -> Iterator[bytes]:
    """The body, as long as it is neither too big nor too late; of an error its beginning."""
    status = resposta.status_code
    if not resposta.is_success:
        yield from _comeco(resposta, limite)
        return
    if resposta.headers.get("content-encoding", "identity").lower() != "identity":
        raise Falha("its answer is compressed, unasked", falhas.CORPO_INVALIDO, status, False)
    lidos = 0
    for parte in resposta.iter_raw():
        lidos += len(parte)
        if lidos > api.tamanho_maximo:
            raise Falha(
                f"its answer has more than {api.tamanho_maximo:,} bytes (tamanho_maximo)",
                falhas.CORPO_INVALIDO, status, de_novo=False,
            )  # fmt: skip
        if time.monotonic() > limite:
            raise _tarde(api)
        yield parte


def _comeco(resposta: "httpx.Response", limite: float) -> Iterator[bytes]:
    lidos = 0
    for parte in resposta.iter_raw():
        lidos += len(parte)
        yield parte
        if lidos >= DE_UM_ERRO or time.monotonic() > limite:
            return


def _tarde(api: Api) -> Falha:
    return Falha(
        f"it has not answered within {api.tempo_limite:g} s", falhas.TEMPO_ESGOTADO
    )  # fmt: skip


def _sem_rede(erro: "httpx.TransportError") -> Falha:
    import httpx

    elo: BaseException | None = erro
    while elo is not None:
        if isinstance(elo, ssl.SSLCertVerificationError):
            return Falha(
                f"its certificate is not to be trusted: {elo.verify_message}",
                falhas.REDE, de_novo=False,
            )  # fmt: skip
        elo = elo.__cause__ or elo.__context__
    if isinstance(erro, httpx.UnsupportedProtocol | httpx.ProxyError):
        return Falha("a proxy of this machine does not let us through", falhas.REDE, de_novo=False)
    if isinstance(erro, httpx.ConnectError):
        return Falha("it cannot be reached", falhas.REDE)
    return Falha("the connection broke off", falhas.REDE)
