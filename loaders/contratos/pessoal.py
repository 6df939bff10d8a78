"""What a column tells of a person: its mark, the same in contracts and in models.

A mark stands under `config: meta:` of a column. Erasure, disclosure, masks and the lint of lineage
follow from it, and from nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders.nucleo.erros import LastroError

CLASSES = {
    "nome": "what a person is called, as typed or as embossed on a card",
    "documento": "a document or card: its number, masked or not, and the token that stands for it",
    "contato": "how to reach a person: a telephone, an address of mail",
    "nascimento": "the day of birth",
    "endereco": "where a person lives",
    "dispositivo": "what a person connects with: a device, a network address",
    "perfil": "what a person is like: age, marital status, schooling",
    "livre": "what somebody typed, in which anything may stand",
}
"""Classes of personal data, with what they are. What stands in such a column goes with the person,
and an area sees it only where it says what for."""

CHAVE = "chave"
"""A key that leads to a person. A token takes its place; no area sees it masked, as tables join by
it."""
NAO = "nao"
"""A column that descends from personal data and tells nothing of anybody, for a `motivo`."""

IDENTIFICAM = frozenset({"nome", "documento", "contato"})
"""Classes whose values, whole, can tell who somebody is."""

LINHA, DIFERENCAS = "linha", "diferencas"
TEXTOS = {
    LINHA: "a line of a file as it was delivered",
    DIFERENCAS: "`<column>: <value>, fica <value>; ...`",
}
"""Forms of a text that holds values of several columns."""

CHAVES = ("motivo", "apagado", "chave_de", "ids_de", "texto")
"""What may stand beside `pessoal`."""
ANTIGA = "lgpd"
"""What `pessoal` was called: passed over, it would leave a column without a mask."""


@dataclass(frozen=True)
class Marca:
    """The mark of a column.

    Attributes:
        classe: one of CLASSES, `chave` or `nao`.
        motivo: why a column that descends from personal data tells nothing of anybody (`nao`).
        apagado: what stands in the column once the person is erased; null, where nothing is said.
        chave_de: the key of whose hash the surrogate key is made.
        ids_de: the key whose ids stand in the column, which is called otherwise.
        texto: the form in which values of several columns stand in it.
    """

    classe: str
    motivo: str | None = None
    apagado: str | None = None
    chave_de: str | None = None
    ids_de: str | None = None
    texto: str | None = None

    @property
    def some(self) -> bool:
        """Whether all that stands in the column goes with the person."""
        return self.classe in CLASSES and self.texto is None


def ler(meta: Mapping[str, Any]) -> Marca | None:
    """The mark that `meta` of a column holds; None where it holds none.

    Raises:
        ValueError: it is none that can be; the message says why.
    """
    if ANTIGA in meta:
        raise ValueError(f"`{ANTIGA}` is called `pessoal` now")
    classe = meta.get("pessoal")
    dito = {chave: meta[chave] for chave in CHAVES if meta.get(chave) is not None}
    if classe is None:
        if dito:
            raise ValueError(f"`{next(iter(dito))}` goes with `pessoal`")
        return None
    if classe not in (*CLASSES, CHAVE, NAO):
        raise ValueError(f"`pessoal: {classe}` is none of {', '.join((*CLASSES, CHAVE, NAO))}")
    for chave, valor in dito.items():
        if not isinstance(valor, str) or not valor.strip():
            raise ValueError(f"`{chave}` is a text")
    if (classe == NAO) != ("motivo" in dito):
        raise ValueError("`pessoal: nao` goes with a `motivo`, and nothing else does")
    for chave in ("chave_de", "ids_de"):
        if chave in dito and classe != CHAVE:
            raise ValueError(f"`{chave}` goes with `pessoal: chave`")
    if "apagado" in dito and classe not in CLASSES:
        raise ValueError(f"`apagado` says nothing of a column that is `pessoal: {classe}`")
    if dito.get("texto", LINHA) not in TEXTOS:
        raise ValueError(f"`texto: {dito['texto']}` is none of {', '.join(TEXTOS)}")
    return Marca(classe, **dito)


def meta_de(coluna: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `meta` of a column says, as a model's YAML or dbt's manifest holds it."""
    return {**coluna.get("meta", {}), **coluna.get("config", {}).get("meta", {})}


def da_coluna(modelo: str, nome: str, coluna: Mapping[str, Any]) -> Marca | None:
    """The mark of a model's column.

    Raises:
        LastroError: it is none that can be; the message names model and column.
    """
    try:
        return ler(meta_de(coluna))
    except ValueError as erro:
        raise LastroError(f"The YAML of {modelo}, column {nome}: {erro}.") from None
