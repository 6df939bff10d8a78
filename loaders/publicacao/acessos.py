"""Who may read what: the declaration in acessos.yml, checked against the models.

`python -m loaders.publicacao.acessos` writes docs/acessos.md from it, `--check` only says whether
that is out of date.
"""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from loaders import PROJETO
from loaders.contratos import carregaveis
from loaders.contratos.pessoal import CLASSES
from loaders.nucleo.erros import LastroError
from loaders.projeto import gerados
from loaders.publicacao.modelos import ESTRELA, PLANO, Modelo, modelos

DOCUMENTO = PROJETO / "docs" / "acessos.md"
ARQUIVO = Path(__file__).with_name("acessos.yml")
DE_TODAS = "raw"
"""In `servicos`: the raw schemas of all sources."""


Privilegios = tuple[Literal["select", "insert", "update", "delete"], ...]


class Servico(BaseModel):
    """What the loaders or dbt do.

    Attributes:
        descricao: which of them it is.
        em: privileges on all tables of a schema, or on one table (without the sandbox prefix).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    descricao: str
    em: dict[str, Privilegios]


class Area(BaseModel):
    """What one area reads.

    Attributes:
        descricao: what the area does.
        apresentacao: the same in Portuguese, for the pages that it reads.
        le: its tables, by schema and name.
        em_claro: the classes of personal data that it sees, with what for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    descricao: str
    apresentacao: str
    le: tuple[str, ...]
    em_claro: dict[str, str]

    def modelos(self) -> list[Modelo]:
        """Its tables in the order of the declaration; the parts of one stand before it."""
        resultado = []
        for tabela in self.le:
            modelo = modelos()[tabela]
            resultado += [modelos()[parte] for parte in modelo.tabelas_das_partes]
            resultado.append(modelo)
        return resultado

    def mascarada(self, classe: str | None) -> bool:
        """Whether a column of this class of personal data is empty for the area."""
        return classe is not None and classe not in self.em_claro


class _Declaracao(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    servicos: dict[str, Servico]
    areas: dict[str, Area]


def areas() -> dict[str, Area]:
    """Every area, by name."""
    return _declaracao().areas


def servicos() -> dict[str, Servico]:
    """The services, by name."""
    return {
        nome: servico.model_copy(update={"em": _por_fonte(servico.em)})
        for nome, servico in _declaracao().servicos.items()
    }


def _por_fonte(em: dict[str, Privilegios]) -> dict[str, Privilegios]:
    """Privileges with the raw schema of each source in the place of `raw`."""
    de_raw = {f.esquema: em[DE_TODAS] for f in carregaveis()} if DE_TODAS in em else {}
    return de_raw | {onde: privilegios for onde, privilegios in em.items() if onde != DE_TODAS}


@cache
def _declaracao() -> _Declaracao:
    """The declaration.

    Raises:
        LastroError: the declaration is not of its form, or names a table or class that is not
            there; the message says where.
    """
    try:
        lidas = _Declaracao.model_validate(yaml.safe_load(ARQUIVO.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as erro:
        raise LastroError(f"{ARQUIVO.name} cannot be used: {erro}") from erro
    problemas = []
    for nome in (*lidas.servicos, *lidas.areas):
        if not nome.isidentifier() or not nome.islower():
            problemas.append(f"{nome}: a name is in lower case, without spaces")
    for nome, area in lidas.areas.items():
        problemas += [f"{nome}: no public model {t}" for t in area.le if t not in modelos()]
        problemas += [
            f"{nome}: no class of personal data {c}" for c in area.em_claro if c not in CLASSES
        ]
        faltam = {f"core.{t}" for t in ESTRELA} - {*area.le}
        if f"core.{PLANO}" in area.le and faltam:
            problemas.append(
                f"{nome}: core.{PLANO} has no key, so a person is found in it by the tables that it"
                f" was made of; add {', '.join(sorted(faltam))}"
            )
    if problemas:
        raise LastroError(f"{ARQUIVO.name} cannot be used:\n  " + "\n  ".join(problemas))
    return lidas


def publicados() -> list[Modelo]:
    """Every model that some area reads, once, the parts of one before it."""
    return list({m.tabela: m for area in areas().values() for m in area.modelos()}.values())


def gravados() -> list[Modelo]:
    """Those of them that hold all rows; the others say nothing new."""
    return [modelo for modelo in publicados() if not modelo.partes]


def partes() -> set[str]:
    """The tables that people read through another, by schema and name."""
    return {parte for m in publicados() for parte in m.tabelas_das_partes}


def impressao() -> str:
    """A fingerprint of who reads which columns and how; it changes with what is published."""
    tudo = [
        (nome, modelo.tabela, [(c.nome, c.tipo, area.mascarada(c.pessoal)) for c in modelo.colunas])
        for nome, area in sorted(areas().items())
        for modelo in area.modelos()
    ]
    return hashlib.sha256(json.dumps(tudo).encode()).hexdigest()[:16]


def documento() -> str:
    """The declaration as a page: each area, then each table with who sees it and how."""
    linhas = [
        "# Who may read what",
        "",
        "Written by `.venv/bin/python -m loaders.publicacao.acessos` from",
        "[acessos.yml](../loaders/publicacao/acessos.yml). Change that, run it, and commit both.",
        '[Operations](operations.md), "Publish", says how a reader gets in.',
        "",
        "## Areas",
        "| area | what it does | personal data it sees | what for |",
        "|---|---|---|---|",
    ]
    for nome, area in areas().items():
        classes = ", ".join(area.em_claro) or "none"
        linhas.append(
            f"| {nome} | {area.descricao} | {classes} | {'; '.join(area.em_claro.values())} |"
        )
    linhas += [
        "",
        "## Services",
        "| service | what it is | privileges on schemas that it does not own |",
        "|---|---|---|",
    ]
    for nome, servico in servicos().items():
        privilegios = "; ".join(f"{e}: {', '.join(p)}" for e, p in servico.em.items())
        linhas.append(f"| {nome} | {servico.descricao} | {privilegios} |")
    linhas += [
        "",
        "## Personal data",
        "The mark of a column (`pessoal`, in its YAML) says of which class it is. For an area that",
        "does not see the class it is there and empty. Card numbers are masked for all;",
        "their token is a keyed HMAC.",
        "",
        "| class | what it is | columns |",
        "|---|---|---|",
    ]
    for classe, descricao in CLASSES.items():
        colunas = ", ".join(
            f"{m.nome}.{c.nome}" for m in publicados() for c in m.colunas if c.pessoal == classe
        )
        linhas.append(f"| {classe} | {descricao} | {colunas} |")
    nomes = list(areas())
    linhas += [
        "",
        "## Tables",
        f"| table | {' | '.join(nomes)} |",
        f"|---|{'---|' * len(nomes)}",
    ]
    for modelo in publicados():
        if modelo.tabela in partes():
            continue
        celulas = []
        for area in areas().values():
            marcadas = dict.fromkeys(c.pessoal for c in modelo.colunas if c.pessoal)
            vazias = list(filter(area.mascarada, marcadas))
            como = f"without {', '.join(vazias)}" if vazias else "yes"
            celulas.append(como if modelo.tabela in area.le else "")
        linhas.append(f"| {modelo.tabela} | {' | '.join(celulas)} |")
    return "\n".join(linhas) + "\n"


if __name__ == "__main__":
    sys.exit(gerados.gravar({DOCUMENTO: documento()}, sys.argv[1:]))
