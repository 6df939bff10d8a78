"""The list of those who were erased: it keeps them out, and does not say who they are.

An id that led to a person's rows stands in `controle.esquecidos` as an HMAC of source, column and
id, whose key is in the environment or in a private file. A load asks of each id in its source
whether it is there.
"""

import hmac
import re
from collections.abc import Iterable

from loaders.armazem import Armazem
from loaders.controle.tabelas import existe, qualificada
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError

TOKEN = "esquecido-"  # noqa: S105 - how the ids of those who were erased begin
SEPARADORES = re.compile(r"([;\t\r\"]+)")
DE_JSON = re.compile(r"([;\t\r\"{}\[\]:]+)")
"""The same in what begins like JSON, where numbers stand without quotes."""
VIRGULA = re.compile("(,)")
VALOR = re.compile(r" *-?[0-9.]+,[0-9]{1,2} *")
"""An amount; where semicolons separate, its comma is part of it."""


def ler_chave(config: Configuracao) -> bytes:
    """The key: LASTRO_FORGET_KEY, else the private file.

    Raises:
        LastroError: there is none, or it is too short to protect anything.
    """
    return chaves.ler(
        config.chave_esquecimento,
        config.caminho_chave_esquecimento,
        "the list of erased people",
        "set LASTRO_FORGET_KEY, or restore {}",
    )


def nome_da_chave(chave: bytes) -> str:
    """A short name that tells two keys apart and says nothing about either."""
    return hmac.digest(chave, b"lastro: key id", "sha256").hex()[:12]


def identificar(chave: bytes, fonte: str, coluna: str, id_: str) -> str:
    """How an id stands in the list: 64 hexadecimal digits."""
    return hmac.digest(chave, f"{fonte}\n{coluna}\n{id_}".encode(), "sha256").hex()


def partes(linha: str) -> list[str]:
    """The fields of a line that could not be read as a row, with what separates them in between."""
    resultado = []
    separadores = DE_JSON if linha.lstrip().startswith(("{", "[")) else SEPARADORES
    for posicao, parte in enumerate(separadores.split(linha)):
        inteira = posicao % 2 or (";" in linha and VALOR.fullmatch(parte))
        resultado += [parte] if inteira else VIRGULA.split(parte)
    return resultado


class Supressao:
    """The ids of one source that are not to be landed."""

    def __init__(self, config: Configuracao, armazem: Armazem, fonte: str) -> None:
        """Read the list.

        Raises:
            FonteRecusada: an erasure was interrupted, so that something may still hold the person.
            LastroError: the key is missing, or is not the one of the list.
        """
        self.fonte = fonte
        self.listas: dict[str, set[str]] = {}
        self.vistos: dict[tuple[str, str], bool] = {}
        if not existe(armazem, "esquecidos"):  # as an older version left the warehouse
            return
        linhas = armazem.linhas(
            "select coluna, identificador, chave, apagado_em is null"
            f" from {qualificada(armazem, 'esquecidos')} where fonte = '{fonte}'"
        )
        if not linhas:
            return
        if any(em_curso for *_, em_curso in linhas):
            raise FonteRecusada(
                "An erasure was interrupted; nothing is landed before it has ended. Run the same"
                f" `lastro forget {fonte}` again."
            )
        self.chave = ler_chave(config)
        if {nome for _, _, nome, _ in linhas} != {nome_da_chave(self.chave)}:
            raise LastroError(
                "The key of the list of erased people is not the one that it was written with, so"
                " they would come back; nothing was landed. Restore LASTRO_FORGET_KEY or "
                f"{config.caminho_chave_esquecimento}."
            )
        for coluna, identificador, *_ in linhas:
            self.listas.setdefault(coluna, set()).add(identificador)

    def __bool__(self) -> bool:
        """Whether it has anybody."""
        return bool(self.listas)

    def contem(self, coluna: str, id_: str) -> bool:
        """Whether the list has an id of a column."""
        if coluna not in self.listas:
            return False
        if (coluna, id_) not in self.vistos:
            identificador = identificar(self.chave, self.fonte, coluna, id_)
            self.vistos[coluna, id_] = identificador in self.listas[coluna]
        return self.vistos[coluna, id_]

    def de(self, coluna: str, ids: Iterable[str | None]) -> set[str]:
        """Those of some ids of a column that the list has."""
        return {i for i in ids if i is not None and self.contem(coluna, i)}

    def em_linha(self, linha: str) -> bool:
        """Whether a line that is no row names one of them."""
        return any(
            self.contem(coluna, parte.strip()) for coluna in self.listas for parte in partes(linha)
        )
