"""What a loader may land in a column's place: one entry of `DERIVACOES` each.

A contract names it (`meta: {derivada_de: numero_cartao, derivacao: token}`), so that the value
itself need not land. What is keyed is an HMAC: a card or document number has few unknown digits,
and an unkeyed hash of it is undone by trying them all. The key lives in the environment or in a
private file, never in SQL, a log or the warehouse.
"""

import csv
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from loaders import PROJETO
from loaders.contratos import Coluna, Tabela
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao

MOSTRADOS = 4
"""Last characters of a number that a mask shows."""


def ler_chave(config: Configuracao) -> bytes:
    """The key of all keyed derivations: LASTRO_CARD_KEY, else the private file.

    Raises:
        LastroError: there is none, or it is too short to protect anything.
    """
    return chaves.ler(
        config.chave_cartao,
        config.caminho_chave_cartao,
        "the card-number tokens",
        "set LASTRO_CARD_KEY, or restore {}, or, if no card was ever loaded, make one with"
        " `lastro key`",
    )


def identificar(chave: bytes) -> str:
    """A short name of the key that tells two keys apart and says nothing about either."""
    return hmac.new(chave, b"lastro: key id", hashlib.sha256).hexdigest()[:12]


@dataclass(frozen=True)
class Pedido:
    """What a derivation is made of.

    Attributes:
        chave: the key.
        tabela: the table's contract.
        coluna: the column that is made.
        valores: of the source's column, as text.
        provedores: whose answer each value is, where the table says it (`provider`, `provedor`).
    """

    chave: bytes
    tabela: Tabela
    coluna: Coluna
    valores: Sequence[str | None]
    provedores: Sequence[str | None]


def base(nome: str) -> str:
    """The name under which a column travels that does not land."""
    return f"base {nome}"


def com_derivadas(chave: bytes, tabela: Tabela, lote: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with the columns that its contract derives from others.

    Args:
        chave: the key; empty where no derivation needs one.
        tabela: the contract.
        lote: rows as the source gave them, with what the derived columns are made of.
    """
    nomes = lote.schema.names
    por_origem = {c.origem: c.nome for c in tabela.da_fonte}
    provedor = next((n for n in ("provedor", "provider") if n in nomes), None)
    for coluna in tabela.derivadas:
        origem = str(coluna.derivada_de)
        de = por_origem.get(origem, base(origem))
        pedido = Pedido(
            chave,
            tabela,
            coluna,
            lote.column(de).to_pylist(),
            lote.column(provedor).to_pylist() if provedor else [None] * lote.num_rows,
        )
        feitos = DERIVACOES[str(coluna.derivacao)](pedido)
        lote = lote.append_column(coluna.nome, pa.array(feitos, coluna.arrow))
    return lote


def token(chave: bytes, texto: str | None) -> str | None:
    """A token by which equal values can be found without showing one.

    Args:
        chave: the key.
        texto: a number (of a card, a document, a telephone), of which only the digits count; or an
            e-mail address, in lower case and without spaces.

    Returns:
        64 hexadecimal digits, or None where nothing is left.
    """
    texto = texto or ""
    endereco = "@" in texto
    resto = "".join(texto.casefold().split()) if endereco else re.sub(r"[^0-9]", "", texto)
    if not resto:
        return None
    return hmac.new(chave, resto.encode(), hashlib.sha256).hexdigest()


def mascara(texto: str | None) -> str | None:
    """What may be shown: `a***@host` of an address, of anything else the last four characters."""
    if not texto or not texto.strip():
        return None
    usuario, arroba, maquina = texto.strip().rpartition("@")
    if arroba:
        return f"{usuario[:1]}***@{maquina}"
    resto = re.sub(r"[\W_]", "", texto)
    if len(resto) <= MOSTRADOS:
        return "*" * len(resto)
    return "*" * (len(resto) - MOSTRADOS) + resto[-MOSTRADOS:]


def resumo(chave: bytes, texto: str | None) -> str | None:
    """A keyed digest of a payload; of JSON that says the same it is the same.

    Returns:
        64 hexadecimal digits, or None of nothing.
    """
    if texto is None:
        return None
    lido = _json(texto)
    canonico = texto if lido is None else json.dumps(
        lido, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )  # fmt: skip
    return hmac.new(chave, canonico.encode(), hashlib.sha256).hexdigest()


def tamanho(texto: str | None) -> int | None:
    """How many bytes a payload has, as the source writes it."""
    return None if texto is None else len(texto.encode())


def permitidos(texto: str | None, caminhos: Sequence[str]) -> str | None:
    """Of a JSON payload what is allowed to land, flat: each path (`a.b`) with its value."""
    lido = None if texto is None else _json(texto)
    if not isinstance(lido, dict):
        return None
    achados = {}
    for caminho in caminhos:
        valor: Any = lido
        for parte in caminho.split("."):
            valor = valor.get(parte) if isinstance(valor, dict) else None
        if valor is not None and not isinstance(valor, dict | list):
            achados[caminho] = valor
    return json.dumps(achados, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _json(texto: str) -> Any:
    try:
        return json.loads(texto)
    except ValueError:
        return None


@cache
def campos_permitidos() -> Mapping[tuple[str, str], tuple[tuple[str, str], ...]]:
    """What the seed campos_permitidos allows: provider (empty: any) and path, by source and table.

    Without the seed nothing of a payload lands.
    """
    achados: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for arquivo in sorted((PROJETO / "seeds").rglob("campos_permitidos.csv")):
        with arquivo.open(encoding="utf-8", newline="") as aberto:
            for linha in csv.DictReader(aberto):
                onde = (linha["fonte"], linha["tabela"])
                achados.setdefault(onde, []).append((linha["provedor"], linha["caminho"]))
    return {onde: tuple(pares) for onde, pares in achados.items()}


def _permitidos(pedido: Pedido) -> list[str | None]:
    regras = campos_permitidos().get((pedido.tabela.fonte, pedido.tabela.nome), ())
    return [
        permitidos(texto, [caminho for p, caminho in regras if p in ("", provedor)])
        for texto, provedor in zip(pedido.valores, pedido.provedores, strict=True)
    ]


DERIVACOES: dict[str, Callable[[Pedido], Sequence[str | int | None]]] = {
    "token": lambda p: [token(p.chave, v) for v in p.valores],
    "mascara": lambda p: [mascara(v) for v in p.valores],
    "resumo": lambda p: [resumo(p.chave, v) for v in p.valores],
    "json_permitido": _permitidos,
    "tamanho": lambda p: [tamanho(v) for v in p.valores],
}
"""By the name that contracts give it; `Coluna.derivacao` of contratos/coluna.py knows the same."""
COM_CHAVE = frozenset({"token", "resumo"})
"""Derivations that another key would change."""
