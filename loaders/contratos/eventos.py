"""What a contract may say of a table that is a log of events."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from loaders.contratos import tipos
from loaders.contratos.coluna import FECHADO, Nome

if TYPE_CHECKING:
    from loaders.contratos.tabela import Tabela

DE_OUTROS = frozenset(
    {
        "arquivo", "separadores", "fim_de_linha", "leitura", "dia", "valor", "na_fonte", "visao",
        "opcional", "somente_insercao",
    }
)  # fmt: skip
"""What a contract may say of databases or files only."""


class Eventos(BaseModel):
    """How events are read, whichever way they come.

    Attributes:
        resto: the column in which all lands that no other one names, as JSON.
        arquivos: which files of a folder hold events, as a shell writes it.
        lote: how many messages are landed at once.
        intervalo: seconds after which fewer are, while the log is followed.
        rodada: seconds after which a load of `--follow` is ended and another one begins.
        tamanho_maximo: bytes of an event.
    """

    model_config = FECHADO

    resto: Nome | None = None
    arquivos: str = Field(default="*", pattern=r"^[^/\\]+$")
    lote: int = Field(default=20_000, ge=1, le=1_000_000)
    intervalo: float = Field(default=1, gt=0, le=3600)
    rodada: float = Field(default=300, ge=0)
    tamanho_maximo: int = Field(default=1_000_000, ge=1, le=64_000_000)


def conferir(tabela: "Tabela", tipos_ditos: Mapping[str, str]) -> None:
    """See that a table of events says what such a one has, and nothing of another kind.

    Raises:
        ValueError: it does not.
    """
    if sobras := sorted(DE_OUTROS & tabela.model_fields_set):
        raise ValueError(f"`{sobras[0]}` is not for events")
    if not tabela.chave:
        raise ValueError("a table of events has a `chave`: what tells an event from all others")
    resto = tabela.eventos.resto if tabela.eventos else None
    if resto:
        if tipos_ditos[resto] != tipos.TEXTO:
            raise ValueError(f"`resto: {resto}` is {tipos_ditos[resto]}, and no text")
        if resto in tabela.ids or resto in tabela.chave:
            raise ValueError(f"`resto: {resto}` cannot say which event it is, nor whose")
    for coluna in tabela.colunas:
        if coluna.derivada_de or coluna.le_como:
            raise ValueError(f"{coluna.nome}: `derivada_de` and `le_como` are not for events")
