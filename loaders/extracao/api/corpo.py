"""What an answer says: its items, and where the next page goes on. Numbers stay as they stand."""

import json
from dataclasses import dataclass
from typing import Any

from loaders.contratos.api import Api
from loaders.extracao.api import falhas
from loaders.extracao.api.cliente import Resposta
from loaders.extracao.api.falhas import Falha


class Numero(str):
    """A number of a JSON text, as it stands there: 0.10 is not 0.1, nor a float."""

    __slots__ = ()


@dataclass(frozen=True)
class Pagina:
    """One answer.

    Attributes:
        itens: as they were sent.
        proximo: where the next page goes on; None after the last one.
        http_status: the code.
    """

    itens: list[Any]
    proximo: str | None
    http_status: int


def ler_pagina(api: Api, resposta: Resposta) -> Pagina:
    """Read an answer by its declared shape.

    Raises:
        Falha: it has another one.
    """
    lido = ler(resposta)
    itens = achar(lido, api.itens)
    if not isinstance(itens, list):
        onde = f"at `{api.itens}`" if api.itens else "in it"
        raise _torto(resposta, f"its answer is not of the declared shape: no list {onde}")
    proximo = achar(lido, api.proximo) if api.proximo else None
    if proximo is not None and not (isinstance(proximo, str) and proximo.isprintable()):
        raise _torto(resposta, f"its answer is not of the declared shape: `{api.proximo}`")
    return Pagina(itens, proximo or None, resposta.http_status)


def ler(resposta: Resposta) -> Any:
    """Read a body.

    Raises:
        Falha: it is no JSON.
    """
    try:
        return json.loads(
            resposta.corpo.decode("utf-8"),
            parse_float=Numero, parse_int=Numero, parse_constant=_sem_constantes,
        )  # fmt: skip
    except (ValueError, RecursionError):
        raise _torto(resposta, "its answer is no JSON") from None


def achar(de: Any, caminho: str | None) -> Any:
    """What stands at a dot path; None where nothing does."""
    for parte in caminho.split(".") if caminho else ():
        de = de.get(parte) if isinstance(de, dict) else None
    return de


def texto(valor: Any) -> str:
    """A value as JSON again, in letters that any engine holds."""
    try:
        return _texto(valor)
    except RecursionError:
        return '"nested too deeply to be kept"'


def _texto(valor: Any) -> str:
    if isinstance(valor, Numero):
        return str(valor)
    if isinstance(valor, dict):
        return "{" + ", ".join(f"{json.dumps(c)}: {_texto(v)}" for c, v in valor.items()) + "}"
    if isinstance(valor, list):
        return "[" + ", ".join(map(_texto, valor)) + "]"
    return json.dumps(valor)


def _torto(resposta: Resposta, dito: str) -> Falha:
    return Falha(dito, falhas.CORPO_INVALIDO, resposta.http_status, corpo=resposta.corpo)


def _sem_constantes(texto: str) -> Any:
    raise ValueError(f"{texto} is no JSON")
