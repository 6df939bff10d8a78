"""Reads one message by the contract: it is a row, or it is set aside as a whole."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from loaders.contratos import Tabela
from loaders.contratos.eventos import Eventos
from loaders.contratos.tabela import TODAS
from loaders.extracao.api.corpo import Numero, achar
from loaders.extracao.api.itens import leitor_de
from loaders.extracao.arquivos.textos import ALGARISMOS

EXATOS = 15
"""Digits of which a float loses none."""
NUL = "\\u0000"


class EventoRecusado(Exception):
    """A message that is no row; it says why, and repeats no value."""


class LeitorDeEventos:
    """Reads the messages of one table.

    Attributes:
        nomes: the columns of a row, in their order.
        desconhecidos: fields that no column holds, where none holds the rest; they are not read.
    """

    def __init__(self, tabela: Tabela, eventos: Eventos) -> None:
        """Know the columns."""
        self.eventos = eventos
        self.resto = eventos.resto
        colunas = [c for c in tabela.da_fonte if c.nome != eventos.resto]
        self.nomes = [*(c.nome for c in colunas), *([eventos.resto] if eventos.resto else [])]
        self.colunas = [
            (c.nome, c.origem, "." in c.origem, c.tipo, leitor_de(c), c.nome in tabela.chave)
            for c in colunas
        ]
        self.ignoradas = frozenset(tabela.ignoradas)
        self.fora = {c.origem for c in colunas if "." not in c.origem} | self.ignoradas
        self.todos = TODAS in tabela.ignoradas
        aninhado = next((c.origem for c in tabela.da_fonte if c.nome == eventos.resto), None)
        self.aninhado = aninhado
        """The field whose own fields are the rest, beside those that no column names."""
        self.desconhecidos: set[str] = set()
        self._decodificar = json.JSONDecoder(
            object_pairs_hook=_objeto, parse_float=_real, parse_int=_inteiro,
            parse_constant=_recusar,
        ).decode  # fmt: skip

    def ler(self, corpo: bytes | None) -> list[Any]:
        """The row that a message is: the values of `nomes`.

        Raises:
            EventoRecusado: it is none.
        """
        try:
            return self._linha(self._objeto(corpo))
        except RecursionError:
            raise EventoRecusado("it is nested too deeply") from None

    def _linha(self, evento: dict[str, Any]) -> list[Any]:
        linha: list[Any] = []
        for nome, origem, dentro, tipo, ler, exigida in self.colunas:
            valor = achar(evento, origem) if dentro else evento.get(origem)
            if valor is None:
                if exigida:
                    raise EventoRecusado(f"{nome} is missing")
                linha.append(None)
                continue
            if type(valor) in NUMEROS:
                valor = Numero(valor)
            try:
                linha.append(ler(valor))
            except (ValueError, OverflowError):
                raise EventoRecusado(f"{nome} is no {tipo}") from None
        if self.resto:
            linha.append(self._resto(evento))
        elif not self.todos:
            self.desconhecidos |= evento.keys() - self.fora
        return linha

    def _objeto(self, corpo: bytes | None) -> dict[str, Any]:
        if not corpo:
            raise EventoRecusado("it is empty")
        if len(corpo) > self.eventos.tamanho_maximo:
            raise EventoRecusado(
                f"it has {len(corpo):,} bytes, more than {self.eventos.tamanho_maximo:,}"
                " (tamanho_maximo)"
            )
        try:
            lido = self._decodificar(corpo.decode())
        except UnicodeDecodeError:
            raise EventoRecusado("it is no UTF-8 text") from None
        except json.JSONDecodeError as erro:
            mais = erro.msg == "Extra data"
            raise EventoRecusado("more than one JSON value" if mais else "no JSON") from None
        if not isinstance(lido, dict):
            raise EventoRecusado("no JSON object")
        return lido

    def _resto(self, evento: dict[str, Any]) -> str:
        """What no column names, as JSON of which there is one form only.

        Raises:
            EventoRecusado: a name is there twice, or a text is none that all engines hold.
        """
        fora = self.fora
        resto = {c: v for c, v in evento.items() if c not in fora}
        dentro = resto.get(self.aninhado or "")
        if isinstance(dentro, dict):
            del resto[self.aninhado or ""]
            if resto.keys() & dentro.keys():
                raise EventoRecusado(f"a name is in {self.aninhado} and beside it")
            resto |= {c: v for c, v in dentro.items() if c not in self.ignoradas}
        elif dentro is None:
            resto.pop(self.aninhado or "", None)
        return canonico(resto)


def canonico(valor: Any) -> str:
    """A value as JSON: keys in order, no blanks, each number in its shortest plain form.

    Raises:
        EventoRecusado: a text in it is none that all engines hold.
    """
    try:
        texto = _CODIFICADOR(valor)
    except (TypeError, ValueError):  # a number that is no float
        texto = _com_numeros(valor)
    if NUL in texto and _tem_nul(valor):
        raise EventoRecusado("a text in it holds a NUL")
    if not texto.isascii():
        try:
            texto.encode()
        except UnicodeEncodeError:
            raise EventoRecusado("a text in it holds half of a letter") from None
    return texto


_CODIFICADOR: Callable[[Any], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


class Exato:
    """A number that a float would round, in plain form."""

    __slots__ = ("texto",)

    def __init__(self, texto: str) -> None:
        """Keep it."""
        self.texto = texto

    def __str__(self) -> str:
        """As it stands in JSON."""
        return self.texto


NUMEROS = (int, float, Exato)


def _com_numeros(valor: Any) -> str:
    if isinstance(valor, Exato):
        return valor.texto
    if isinstance(valor, dict):
        pares = (f"{_CODIFICADOR(c)}:{_com_numeros(v)}" for c, v in sorted(valor.items()))
        return "{" + ",".join(pares) + "}"
    if isinstance(valor, list):
        return "[" + ",".join(map(_com_numeros, valor)) + "]"
    return _CODIFICADOR(valor)


def _tem_nul(valor: Any) -> bool:
    if isinstance(valor, dict):
        return any("\0" in c or _tem_nul(v) for c, v in valor.items())
    if isinstance(valor, list):
        return any(map(_tem_nul, valor))
    return isinstance(valor, str) and "\0" in valor


def _objeto(pares: list[tuple[str, Any]]) -> dict[str, Any]:
    feito = dict(pares)
    if len(feito) != len(pares):
        raise EventoRecusado("a key is there twice")
    return feito


def _inteiro(texto: str) -> int:
    if len(texto) > ALGARISMOS:
        raise EventoRecusado("a number with too many digits")
    return int(texto)


def _real(texto: str) -> int | float | Exato:
    """A number with a point or an exponent: the same, however it is written."""
    if len(texto) <= EXATOS and "e" not in texto and "E" not in texto:
        valor = float(texto)
        if valor == int(valor):
            return int(valor)
        if abs(valor) >= 0.001:
            return valor
    return _exato(texto)


def _exato(texto: str) -> int | Exato:
    mantissa, _, expoente = texto.lower().partition("e")
    sinal = "-" if mantissa.startswith("-") else ""
    inteiros, _, casas = mantissa.lstrip("-").partition(".")
    if len(expoente) > 4 or len(inteiros) + len(casas) + abs(int(expoente or 0)) > ALGARISMOS:
        if not (inteiros + casas).strip("0"):
            return 0
        raise EventoRecusado("a number with too many digits")
    algarismos, ponto = inteiros + casas, len(inteiros) + int(expoente or 0)
    if ponto <= 0:
        algarismos, ponto = "0" * (1 - ponto) + algarismos, 1
    algarismos = algarismos.ljust(ponto, "0")
    antes, depois = algarismos[:ponto].lstrip("0") or "0", algarismos[ponto:].rstrip("0")
    if not depois:
        return int(sinal + antes)
    return Exato(f"{sinal}{antes}.{depois}")


def _recusar(texto: str) -> NoReturn:
    raise EventoRecusado(f"{texto} is no JSON")
