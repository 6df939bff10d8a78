"""What a contract may say of a table that is read from an HTTP API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import unquote
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from loaders.contratos.coluna import FECHADO, Nome

if TYPE_CHECKING:
    from loaders.contratos.tabela import Tabela

CHAMADA: Mapping[str, str] = {
    "id_chamada": "text",
    "id_requisicao": "text",
    "endpoint": "text",
    "tentativa": "integer",
    "iniciado_em": "timestamptz",
    "duracao_ms": "bigint",
    "http_status": "integer",
    "resultado": "text",
    "espera_ms": "bigint",
    "_carga_id": "bigint",
}
"""The columns of a table in which each call of another one is noted."""
DE_OUTROS = frozenset(
    {
        "arquivo", "separadores", "fim_de_linha", "leitura", "dia", "valor", "na_fonte", "visao",
        "opcional",
    }
)  # fmt: skip
"""What a contract may say of databases or files only."""
CURSOR: Literal["cursor"] = "cursor"


def _caminho(texto: str) -> str:
    partes = unquote(texto).split("/")
    if not texto.startswith("/") or texto.startswith("//") or ".." in partes:
        raise ValueError("a path begins with one `/` and goes nowhere up, as in /v1/scores")
    if any(c in texto for c in "?#\\") or not texto.isprintable() or " " in texto:
        raise ValueError("a path has no query, fragment, backslash or blank")
    return texto


def _pontuado(texto: str) -> str:
    if not all(texto.split(".")):
        raise ValueError("names, with dots between them, as in data.items")
    return texto


Pontuado = Annotated[str, AfterValidator(_pontuado)]


class Parametros(BaseModel):
    """How the API calls what it is asked with; one that is null is not sent.

    Attributes:
        desde: since which publication.
        cursor: where to go on: a cursor, or the number of a page.
        limite: how many items.
    """

    model_config = FECHADO

    desde: str | None = None
    cursor: str = "cursor"
    limite: str | None = None


class SobDemanda(BaseModel):
    """A single item that is asked for by `POST`, and may cost money.

    Attributes:
        corpo: the fields of an order, all of which it has.
        chave: those, in this order, that tell one order from another: the Idempotency-Key is made
            of them, so that a retry never buys a second answer. `dia` is the local day.
        fuso: the zone whose days they are.
    """

    model_config = FECHADO

    corpo: tuple[Nome, ...] = Field(min_length=1)
    chave: tuple[Nome, ...] = Field(min_length=1)
    fuso: str = "America/Sao_Paulo"

    @field_validator("fuso")
    @classmethod
    def _conhecido(cls, fuso: str) -> str:
        if fuso not in available_timezones():
            raise ValueError(f"{fuso!r} is no time zone")
        return fuso

    @model_validator(mode="after")
    def _completa(self) -> Self:
        if outros := sorted({*self.chave} - {*self.corpo, "dia"}):
            raise ValueError(f"`chave` names what `corpo` does not: {', '.join(outros)}")
        return self


class Api(BaseModel):
    """How a table is read from an API.

    Attributes:
        caminho: the endpoint, below the address that the setting names.
        itens: where the items stand in an answer; empty where the answer is the list.
        paginacao: `cursor`, each answer says where the next one goes on; `pagina`, by number.
        proximo: where an answer says the next cursor.
        parametros: how the API calls what it is asked with.
        limite: how many items a page is asked for.
        ordem: the column by which the API lists; with it only what is new is asked for.
        inicio: since when the first sweep asks.
        sobreposicao_horas: how much before the newest item known a sweep begins.
        chamadas: the table in which each call is noted.
        cabecalho: the header of the token; under `Authorization` it is a bearer's.
        limite_por_minuto: calls that the partner allows in any minute.
        rajada: how many of them may come at once.
        repeticoes: how often a call that failed is made again.
        espera_base: seconds of which the second wait is four times, the third eight times.
        espera_maxima: seconds that no wait exceeds but one that the partner asks for.
        tempo_limite: seconds after which an answer is given up.
        tamanho_maximo: bytes of an answer.
        disjuntor_falhas: failures on end after which the partner is left alone.
        disjuntor_segundos: for so long.
        sob_demanda: how a single item is ordered; None where it cannot be.
    """

    model_config = FECHADO

    caminho: Annotated[str, AfterValidator(_caminho)]
    itens: Pontuado | None = None
    paginacao: Literal["cursor", "pagina"] = CURSOR
    proximo: Pontuado | None = None
    parametros: Parametros = Parametros()
    limite: int = Field(default=500, ge=1, le=10_000)
    ordem: Nome | None = None
    inicio: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    sobreposicao_horas: float = Field(default=24, ge=0)
    chamadas: Nome
    cabecalho: str = Field(default="Authorization", pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    limite_por_minuto: int = Field(default=60, ge=1)
    rajada: int = Field(default=1, ge=1)
    repeticoes: int = Field(default=6, ge=0, le=20)
    espera_base: float = Field(default=1, ge=0)
    espera_maxima: float = Field(default=60, ge=0)
    tempo_limite: float = Field(default=30, gt=0)
    tamanho_maximo: int = Field(default=16_000_000, ge=1)
    disjuntor_falhas: int = Field(default=5, ge=1)
    disjuntor_segundos: float = Field(default=300, ge=0)
    sob_demanda: SobDemanda | None = None

    @field_validator("inicio")
    @classmethod
    def _em_utc(cls, inicio: datetime) -> datetime:
        return inicio.replace(tzinfo=inicio.tzinfo or UTC).astimezone(UTC)

    @model_validator(mode="after")
    def _coerente(self) -> Self:
        if (self.paginacao == CURSOR) != (self.proximo is not None):
            raise ValueError("`paginacao: cursor` and `proximo` go together")
        if (self.parametros.desde is None) != (self.ordem is None):
            raise ValueError("`ordem` and `parametros: desde` go together")
        if self.rajada > self.limite_por_minuto:
            raise ValueError("`rajada` is no more than `limite_por_minuto`")
        return self


def conferir(tabela: "Tabela", tipos_ditos: Mapping[str, str]) -> None:
    """See that a table of an API says what such a one has, and nothing of another kind.

    Raises:
        ValueError: it does not.
    """
    if sobras := sorted(DE_OUTROS & tabela.model_fields_set):
        raise ValueError(f"`{sobras[0]}` is not for APIs")
    if not tabela.chave:
        raise ValueError("a table of an API has a `chave`")
    ordem = tabela.api.ordem if tabela.api else None
    if ordem and tipos_ditos[ordem] != "timestamptz":
        raise ValueError(f"`ordem: {ordem}` is {tipos_ditos[ordem]}, and no timestamptz")
    for coluna in tabela.colunas:
        if coluna.derivada_de or coluna.le_como:
            raise ValueError(f"{coluna.nome}: `derivada_de` and `le_como` are not for APIs")


def conferir_chamadas(tipo: str | None, tipos_ditos: Mapping[str, str]) -> None:
    """See that a table can hold what is noted of calls.

    Raises:
        ValueError: it cannot.
    """
    if tipo or tipos_ditos != CHAMADA:
        ditas = ", ".join(f"{n} {t}" for n, t in CHAMADA.items())
        raise ValueError(f"a table of `chamadas_de` has no `tipo`, and the columns {ditas}")
