"""What a board is: a file of questions, each with a query over published tables and a drawing.

A new board is a new file in `quadros/`. Its charts join the page of every area that reads all the
tables that they ask. No query names a column of personal data.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos
from loaders.publicacao.modelos import modelos

PASTA = Path(__file__).with_name("quadros")
TABELA = re.compile(r"\{(\w+\.\w+)\}")
"""How a query names a published table: its schema and name in braces."""

Forma = Literal[
    "texto", "inteiro", "decimal", "reais", "percentual", "horas", "segundos", "milissegundos",
    "mes", "dia", "instante", "sim_ou_nao",
]  # fmt: skip
"""What a value is, and so how it is written; a percentage is 0 to 100."""


class _Fechado(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Coluna(_Fechado):
    """A column of a query's result.

    Attributes:
        rotulo: how people call it, with its unit where its form does not say one.
        forma: how it is written.
    """

    rotulo: str = Field(min_length=1)
    forma: Forma


class Grafico(_Fechado):
    """One question and its answer.

    Attributes:
        nome: what the chart is called in addresses and tests, unique in its board.
        pergunta: the question, its title.
        nota: what is counted, of which day, and what to make of it.
        tipo: how it is drawn: large numbers of one row, lines over time, bars, a matrix of cells,
            or a table alone.
        consulta: SQL that both engines understand; tables stand in it as `{schema.name}`.
        colunas: every column of the result, in the order in which the table shows them.
        x: the column along the axis; of a matrix the one across.
        y: the column drawn; of a matrix the one down.
        serie: the column that tells lines, or the parts of a bar, from each other.
        valor: of a matrix the column in its cells.
        ordenada: whether the series follow each other, as months do, so that colours do, too.
        do_zero: whether the axis of `y` begins at 0; bars always do.
        vazio: what stands in the place of a chart without a row.
    """

    nome: str = Field(pattern="^[a-z][a-z0-9_]*$")
    pergunta: str = Field(pattern=r"\?$")
    nota: str = Field(min_length=1)
    tipo: Literal["numeros", "linhas", "barras", "matriz", "tabela"]
    consulta: str
    colunas: dict[str, Coluna] = Field(min_length=1)
    x: str | None = None
    y: str | None = None
    serie: str | None = None
    valor: str | None = None
    ordenada: bool = False
    do_zero: bool = True
    vazio: str = "Nada a mostrar nesta versão."

    @property
    def tabelas(self) -> list[str]:
        """The published tables that the query reads."""
        return list(dict.fromkeys(TABELA.findall(self.consulta)))

    @model_validator(mode="after")
    def _com_o_que_o_tipo_pede(self) -> Self:
        pedidas = {
            "numeros": set[str](), "tabela": set(), "linhas": {"x", "y"}, "barras": {"x", "y"},
            "matriz": {"x", "y", "valor"},
        }[self.tipo]  # fmt: skip
        papeis = {papel: getattr(self, papel) for papel in ("x", "y", "serie", "valor")}
        dados = {papel for papel, coluna in papeis.items() if coluna}
        permitidas = pedidas | ({"serie"} if self.tipo in ("linhas", "barras") else set())
        if not pedidas <= dados <= permitidas:
            raise ValueError(f"{self.nome}: {self.tipo} takes {', '.join(sorted(permitidas))}")
        for papel in dados:
            if papeis[papel] not in self.colunas:
                raise ValueError(f"{self.nome}: {papel} is {papeis[papel]}, which is no column")
        if faltam := [t for t in self.tabelas if t not in modelos()]:
            raise ValueError(f"{self.nome}: no public model {', '.join(faltam)}")
        for tabela in self.tabelas:
            marcadas = (c.nome for c in modelos()[tabela].colunas if c.pessoal)
            if ditas := [c for c in marcadas if re.search(rf"\b{c}\b", self.consulta)]:
                raise ValueError(
                    f"{self.nome}: {', '.join(ditas)} of {tabela} is personal data,"
                    " which no page shows"
                )
        if not self.tabelas:
            raise ValueError(f"{self.nome}: the query names no table as {{schema.name}}")
        return self


class Quadro(_Fechado):
    """A part of a page: one subject.

    Attributes:
        titulo: the subject.
        graficos: its questions, in the order in which somebody would ask them.
    """

    titulo: str
    graficos: tuple[Grafico, ...]

    def de(self, area: str) -> list[Grafico]:
        """The charts that an area may see."""
        le = set(acessos.areas()[area].le)
        return [g for g in self.graficos if le.issuperset(g.tabelas)]


@cache
def quadros() -> dict[str, Quadro]:
    """Every board, by the name of its file without number, in the order of the numbers.

    Raises:
        LastroError: a file is not of this form; the message names file and place.
    """
    lidos = {}
    for arquivo in sorted(PASTA.glob("*.yml")):
        try:
            quadro = Quadro.model_validate(yaml.safe_load(arquivo.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ValidationError) as erro:
            raise LastroError(f"{arquivo.name} cannot be used: {erro}") from erro
        lidos[arquivo.stem.partition("_")[2]] = quadro
    return lidos
