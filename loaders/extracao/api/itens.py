"""Reads an item by the contract: each value must be what its column says, or the item is no row."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from loaders.contratos import Coluna, Tabela
from loaders.contratos.tabela import TODAS
from loaders.contratos.tipos import partes_decimais
from loaders.extracao.api.corpo import Numero, achar

INTEIRO = re.compile(r"-?[0-9]{1,19}")
DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
REAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DIA = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HORA = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
ZONA = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})$")
BITS = {"smallint": 16, "integer": 32, "bigint": 64}


class ItemRecusado(Exception):
    """An item that is no row; it says why, and repeats no value."""


def _texto(valor: Any) -> str:
    if not isinstance(valor, str):
        raise ValueError
    if "\0" in valor:
        raise ValueError
    valor.encode()  # a lone half of a letter is none
    return str(valor)


def _booleano(valor: Any) -> bool:
    if not isinstance(valor, bool):
        raise ValueError
    return valor


def _inteiro(bits: int) -> Callable[[Any], int]:
    def ler(valor: Any) -> int:
        lido = int(_casado(INTEIRO, valor))
        if not -(2 ** (bits - 1)) <= lido < 2 ** (bits - 1):
            raise ValueError
        return lido

    return ler


def _decimal(precisao: int, escala: int) -> Callable[[Any], Decimal]:
    def ler(valor: Any) -> Decimal:
        achado = DECIMAL.fullmatch(_texto(valor))
        if achado is None:
            raise ValueError
        inteiros, casas = achado[2].lstrip("0"), (achado[3] or "").rstrip("0")
        if len(inteiros) > precisao - escala or len(casas) > escala:
            raise ValueError
        return Decimal(valor)

    return ler


def _real(valor: Any) -> float:
    lido = float(_casado(REAL, valor))
    if lido in (float("inf"), float("-inf")):
        raise ValueError
    return lido


def _dia(valor: Any) -> date:
    return date.fromisoformat(_casado(DIA, valor))


def _hora(valor: Any) -> time:
    return time.fromisoformat(_casado(HORA, valor))


def _momento(valor: Any) -> datetime:
    dito = _texto(valor)
    if isinstance(valor, Numero) or not DIA.match(dito) or len(dito) < len("2024-01-01T00:00"):
        raise ValueError
    if not HORA.match(dito[11:]) or dito[10] not in "T ":
        raise ValueError
    return datetime.fromisoformat(dito)


def _instante(valor: Any) -> datetime:
    lido = _momento(valor)
    if lido.tzinfo is None:
        raise ValueError
    return lido.astimezone(UTC)


def _local(valor: Any) -> datetime:
    lido = _momento(valor)
    if lido.tzinfo is not None:
        raise ValueError
    return lido


def _casado(forma: re.Pattern[str], valor: Any) -> str:
    if not isinstance(valor, str) or not forma.fullmatch(valor):
        raise ValueError
    return valor


LEITORES: Mapping[str, Callable[[Any], Any]] = {
    "text": _texto,
    "boolean": _booleano,
    "double precision": _real,
    "date": _dia,
    "time": _hora,
    "timestamp": _local,
    "timestamptz": _instante,
    **{tipo: _inteiro(bits) for tipo, bits in BITS.items()},
}
"""By the contract's type; of decimals it depends on their digits."""


def leitor_de(coluna: Coluna) -> Callable[[Any], Any]:
    """What reads a value of a column; it raises ValueError or OverflowError where it is none."""
    partes = partes_decimais(coluna.tipo)
    return _decimal(*partes) if partes else LEITORES[coluna.tipo]


class LeitorDeItens:
    """Reads the items of one table.

    Attributes:
        desconhecidos: fields that the contract does not name; they are not read.
    """

    def __init__(self, tabela: Tabela) -> None:
        """Know the columns."""
        self.colunas = [(c, leitor_de(c)) for c in tabela.da_fonte]
        ordem = tabela.api.ordem if tabela.api else None
        self.exigidas = {*tabela.chave, *filter(None, [ordem])}
        self.sabidos = {c.origem.split(".")[0] for c in tabela.da_fonte} | set(tabela.ignoradas)
        self.todos = TODAS in tabela.ignoradas
        self.desconhecidos: set[str] = set()

    def ler(self, item: Any) -> dict[str, Any]:
        """The row that an item is.

        Raises:
            ItemRecusado: it is none.
        """
        if not isinstance(item, dict):
            raise ItemRecusado("it is no object")
        linha: dict[str, Any] = {}
        for coluna, leitor in self.colunas:
            valor = achar(item, coluna.origem)
            if valor is None:
                if coluna.nome in self.exigidas:
                    raise ItemRecusado(f"{coluna.nome} is missing")
                linha[coluna.nome] = None
                continue
            try:
                linha[coluna.nome] = leitor(valor)
            except (ValueError, OverflowError):
                raise ItemRecusado(f"{coluna.nome} is no {coluna.tipo}") from None
        if not self.todos:
            self.desconhecidos |= item.keys() - self.sabidos
        return linha
