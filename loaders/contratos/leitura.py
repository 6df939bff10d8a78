"""Reads the contracts: the dbt sources files of the project, each line of which can be named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from loaders import PROJETO
from loaders.contratos.fonte import Fonte
from loaders.nucleo.erros import LastroError

DO_DBT = "historia"
"""The source that dbt itself writes, beside its snapshots."""
DO_CONTROLE = "controle"
"""The source in which lastro says what was done."""

LEITOR: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Every command reads the contracts: libyaml's reader takes a tenth of the time of Python's."""

APELIDOS = {"nome": "name", "tipo": "data_type", "colunas": "columns", "tabelas": "tables"}
"""How dbt calls what the model calls otherwise."""


@cache
def fontes() -> Mapping[str, Fonte]:
    """Every source, by name.

    Raises:
        LastroError: a contract says what it cannot.
    """
    resultado: dict[str, Fonte] = {}
    for arquivo in sorted((PROJETO / "models").rglob("*__sources.yml")):
        for fonte in ler(arquivo):
            if fonte.nome in resultado:
                raise LastroError(f"{_mostrado(arquivo)}: the source {fonte.nome} is there twice.")
            resultado[fonte.nome] = fonte
    return resultado


def carregaveis() -> list[Fonte]:
    """The sources that a loader reads."""
    return [f for f in fontes().values() if f.carregavel]


def ler(arquivo: Path) -> list[Fonte]:
    """The sources of one file.

    Raises:
        LastroError: it is no contract; the message names file, line and key of all that is wrong.
    """
    try:
        arvore, dados = _lido(arquivo.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as erro:
        marca = getattr(erro, "problem_mark", None)
        onde = f":{marca.line + 1}" if marca else ""
        porque = getattr(erro, "problem", None) or "it is no UTF-8"
        raise LastroError(f"{_mostrado(arquivo)}{onde}: it is no YAML: {porque}.") from None
    if not isinstance(dados, dict) or not isinstance(dados.get("sources"), list):
        raise LastroError(f"{_mostrado(arquivo)}: a contract begins with `sources:`, a list.")
    lidas: list[Fonte] = []
    problemas = [
        f"{_mostrado(arquivo)}:{linha + 1}: {chave}: it is there twice"
        for chave, linha in _repetidas(arvore)
    ]
    for n, fonte in enumerate(dados["sources"]):
        try:
            lidas.append(Fonte.model_validate(fonte))
        except ValidationError as erro:
            problemas += [
                _problema(arquivo, arvore, ("sources", n, *e["loc"]), e["msg"], e["type"])
                for e in erro.errors()
                # Where a table is wrong, pydantic also says that there are too few.
                if e["type"] != "too_short" or len(erro.errors()) == 1
            ]
    if problemas:
        raise LastroError("The contract says what it cannot:\n  " + "\n  ".join(problemas))
    return lidas


def _lido(texto: str) -> tuple[Any, Any]:
    """The nodes of a YAML text, which know their lines, and what they say; read once."""
    leitor = LEITOR(texto)
    try:
        arvore = leitor.get_single_node()
        return arvore, None if arvore is None else leitor.construct_document(arvore)
    finally:
        leitor.dispose()


def _repetidas(no: Any) -> Iterator[tuple[str, int]]:
    """Keys that a mapping has twice, of which YAML would take the last, with their line from 0."""
    if isinstance(no, yaml.SequenceNode):
        for filho in no.value:
            yield from _repetidas(filho)
    elif isinstance(no, yaml.MappingNode):
        vistas: set[str] = set()
        for chave, valor in no.value:
            if chave.value in vistas:
                yield str(chave.value), chave.start_mark.line
            vistas.add(str(chave.value))
            yield from _repetidas(valor)


def _mostrado(arquivo: Path) -> Path:
    return arquivo.relative_to(PROJETO) if arquivo.is_relative_to(PROJETO) else arquivo


def _problema(
    arquivo: Path, arvore: Any, caminho: Sequence[int | str], dito: str, especie: str
) -> str:
    no, linha, nome = arvore, 0, ""
    for parte in caminho:
        filho = _filho(no, parte)
        if filho is None:
            nome = str(parte)
            break
        linha, no, chamado = filho
        nome = chamado or nome
    if especie == "extra_forbidden":
        dito = "unknown key"
    return f"{_mostrado(arquivo)}:{linha + 1}: {nome}: {dito.removeprefix('Value error, ')}"


def _filho(no: Any, parte: int | str) -> tuple[int, Any, str] | None:
    """Line (from 0), node and key of an element, or of a key, also where it is meta's."""
    if isinstance(no, yaml.SequenceNode) and isinstance(parte, int) and parte < len(no.value):
        return no.value[parte].start_mark.line, no.value[parte], ""
    if not isinstance(no, yaml.MappingNode):
        return None
    filhos = {str(chave.value): (chave.start_mark.line, valor) for chave, valor in no.value}
    for nome in (parte, APELIDOS.get(str(parte))):
        if nome in filhos:
            return (*filhos[str(nome)], str(nome))
    for envoltorio in ("config", "meta"):
        if envoltorio in filhos and (achado := _filho(filhos[envoltorio][1], parte)):
            return achado
    return None


def confundidas(de: Iterable[str]) -> frozenset[str]:
    """Columns by which somebody's rows are found in two or more of some sources.

    In what descends from one of them such a name says whose a row is; in what descends from both it
    could be either's.
    """
    achadas: set[str] = set()
    for uma, outra in combinations([fontes()[f].tabelas for f in sorted(de)], 2):
        for tabela, vizinha in product(uma, outra):
            if tabela.titular or vizinha.titular:
                achadas |= tabela.acham & vizinha.acham
    return frozenset(achadas)


def nomes(fontes_: Iterable[Fonte]) -> str:
    """Names of sources, as a message lists them."""
    return ", ".join(f.nome for f in fontes_) or "none"
