"""The pages: charts with their tables, as HTML that asks nothing of anybody."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from loaders.painel import escrita
from loaders.painel.quadro import Coluna, Grafico, Quadro
from loaders.publicacao import acessos
from loaders.publicacao.versoes import Versao

MOLDES = Path(__file__).with_name("molde")


@dataclass(frozen=True)
class Resposta:
    """What a question was answered with.

    Attributes:
        grafico: the question.
        linhas: the rows of its query.
        svg: the drawing; empty where there is none.
    """

    grafico: Grafico
    linhas: list[dict[str, Any]]
    svg: str

    @property
    def numeros(self) -> list[tuple[str, str]]:
        """Labels and large numbers of one row."""
        if self.grafico.tipo != "numeros" or not self.linhas:
            return []
        return [
            (coluna.rotulo, escrita.resumido(self.linhas[0][nome], coluna.forma))
            for nome, coluna in self.grafico.colunas.items()
        ]

    @property
    def tabela(self) -> "Tabela":
        """The rows as a table: a column for each series, where there are some."""
        g = self.grafico
        if g.tipo == "matriz":
            return _aberta(g, self.linhas, g.y or "", g.x or "", g.valor or "")
        if g.serie and set(g.colunas) == {g.x, g.serie, g.y}:
            return _aberta(g, self.linhas, g.x or "", g.serie, g.y or "")
        linhas = [
            [escrita.escrito(linha[nome], coluna.forma) for nome, coluna in g.colunas.items()]
            for linha in self.linhas
        ]
        return Tabela(list(g.colunas.values()), linhas)


@dataclass(frozen=True)
class Tabela:
    """What stands under a chart: the columns, and each row as it is written."""

    colunas: list[Coluna]
    linhas: list[list[str]]


def _aberta(
    grafico: Grafico, linhas: list[dict[str, Any]], linha_de: str, coluna_de: str, valor: str
) -> Tabela:
    """A row for each value of one column, and a column for each of another."""
    nomes = list(dict.fromkeys(linha[coluna_de] for linha in linhas))
    por_linha: dict[Any, dict[Any, Any]] = {}
    for linha in linhas:
        por_linha.setdefault(linha[linha_de], {})[linha[coluna_de]] = linha[valor]
    primeira, forma = grafico.colunas[linha_de], grafico.colunas[valor].forma
    rotulos = [
        Coluna(rotulo=escrita.escrito(nome, grafico.colunas[coluna_de].forma), forma=forma)
        for nome in nomes
    ]
    return Tabela(
        [primeira, *rotulos],
        [
            [escrita.escrito(qual, primeira.forma)]
            + [escrita.escrito(valores.get(nome), forma) for nome in nomes]
            for qual, valores in por_linha.items()
        ],
    )


@cache
def _moldes() -> jinja2.Environment:
    ambiente = jinja2.Environment(
        loader=jinja2.FileSystemLoader(MOLDES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    ambiente.filters["escrito"] = escrita.escrito
    ambiente.filters["desenho"] = Markup  # what vl-convert drew, of which all texts are escaped
    return ambiente


def da_area(area: str, versao: Versao, partes: list[tuple[Quadro, list[Resposta]]]) -> str:
    """The page of an area.

    Args:
        area: its name.
        versao: the published version that the answers are of.
        partes: boards, with the answers of those of their questions that the area may ask.
    """
    return _moldes().get_template("area.html").render(
        area=area, dela=acessos.areas()[area], versao=versao, partes=partes
    )  # fmt: skip


def inicio(versao: Versao, graficos: dict[str, int]) -> str:
    """The page that leads to those of the areas.

    Args:
        versao: the published version that they show.
        graficos: how many charts each has.
    """
    return _moldes().get_template("inicio.html").render(
        versao=versao, areas=acessos.areas(), graficos=graficos
    )  # fmt: skip
