"""What is put in the place of which value, once a person is erased."""

import hashlib
import hmac
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from loaders.armazem import Armazem
from loaders.controle.supressao import TOKEN, partes
from loaders.titulares.mapa import Unicos, Valores, sem_acentos, temporaria

DIFERENCA = re.compile(r"(id_\w+): (.*?), fica (.*?)(?=; \w+: |$)")
PARTICULAS = re.compile(r"\b(Da|Das|De|Do|Dos|E)\b")


def _escritas(nome: str) -> Iterator[str]:
    """The ways in which a model may write a whole name that raw holds."""
    for letras in (nome, sem_acentos(nome)):
        for espacos in (letras, " ".join(letras.split())):
            yield from (espacos, espacos.upper(), espacos.lower(), espacos.title())
            yield PARTICULAS.sub(lambda a: a[0].lower(), espacos.title())


@dataclass(frozen=True)
class Trocas:
    """What is put in the place of which value.

    Attributes:
        fonte: the source.
        segredo: of which the tokens are made.
        chaves: the values that are replaced, by column.
        unicos: what is replaced wherever it stands alone.
    """

    fonte: str
    segredo: str
    chaves: Valores
    unicos: Unicos = field(default_factory=Unicos)

    def token(self, coluna: str, valor: str) -> str:
        """What stands for a value of a column: nothing, to anybody without the secret."""
        resumo = hmac.digest(self.segredo.encode(), f"{coluna}\n{valor}".encode(), "sha256")
        return TOKEN + resumo.hex()[:32]

    def linhas(self) -> list[tuple[str, ...]]:
        """Column, value and token of all."""
        return [
            (coluna, valor, self.token(coluna, valor))
            for coluna, valores in self.chaves.items()
            for valor in sorted(valores)
        ]

    def valores(self) -> list[tuple[str, ...]]:
        """What is theirs wherever it stands alone: value, its token, and `chave` or `nome`."""
        escritos = {e for nome in self.unicos.nomes for e in _escritas(nome)}
        return [
            *((v, self._de_qualquer[v], "chave") for v in sorted(self.unicos.chaves)),
            *((e, self.token("nome", e), "nome") for e in sorted(escritos - self.unicos.chaves)),
        ]

    def em_linha(self, linha: str) -> str:
        """A line that is no row: where a field is one of the values, only tokens are left of it."""
        campos = partes(linha)
        tokens = [self._de_qualquer.get(campo.strip(), "") for campo in campos[::2]]
        if not any(tokens):
            return linha
        campos[::2] = tokens
        return "".join(campos)

    def em_diferencas(self, texto: str) -> str:
        """The text of rec_duplicatas (`id_cliente: 1, fica 2; ...`) with tokens for the values."""

        def trocar(achado: re.Match[str]) -> str:
            coluna, *valores = achado.groups()
            antes, depois = (
                self.token(coluna, v) if v in self.chaves.get(coluna, ()) else v for v in valores
            )
            return f"{coluna}: {antes}, fica {depois}"

        return DIFERENCA.sub(trocar, texto)

    @cached_property
    def _de_qualquer(self) -> dict[str, str]:
        """The token of each value, whatever its column."""
        return {valor: token for _, valor, token in self.linhas()}

    def com(self, outras: Valores) -> "Trocas":
        """The same with more values."""
        chaves = {c: v | outras.get(c, set()) for c, v in self.chaves.items()}
        return replace(self, chaves=chaves)


def chave_substituta(*campos: str) -> uuid.UUID:
    """The surrogate key that the macro chave_substituta makes of some fields."""
    texto = campos[0] if len(campos) == 1 else "-".join(f"{len(c)}:{c}" for c in campos)
    return uuid.UUID(hashlib.md5(texto.encode(), usedforsecurity=False).hexdigest())


def por_trocas(armazem: Armazem, trocas: Trocas) -> None:
    """Put what is replaced by what into `titular_achado`."""
    temporaria(armazem, "titular_achado", ("coluna", "valor", "token"), trocas.linhas())
