"""Draws what tables lead to: on the left they, on the right the tables where it ends."""

from collections.abc import Mapping, Sequence
from html import escape
from statistics import fmean

from loaders.catalogo.tabelas import Tabela

LARGURA, CAIXA, LINHA, MARGEM, ENTRE = 680, 290, 26, 6, 10
"""Widths of the drawing and of a box, height of a line, space around and between boxes: pixels."""

Saida = tuple[str, str]
"""A column that leads to a table, and the table; no column where the whole table does."""


def estrela(tabela: Tabela, enderecos: Mapping[str, str]) -> str:
    """The keys of one table as SVG; empty where it has none.

    Args:
        tabela: the table in the middle.
        enderecos: the page of each table that it may lead to.
    """
    return _desenhar({tabela.nome: [(r.coluna, r.tabela) for r in tabela.relacoes]}, enderecos)


def familia(tabelas: Sequence[Tabela], enderecos: Mapping[str, str]) -> str:
    """The tables of a schema as SVG, with their keys; one without a key with what it is made of.

    Args:
        tabelas: the tables.
        enderecos: the page of each table.
    """
    saidas = {
        t.nome: [(r.coluna, r.tabela) for r in t.relacoes] or [("", base) for base in t.bases]
        for t in tabelas
    }
    return _desenhar(saidas, enderecos)


def _desenhar(saidas: Mapping[str, Sequence[Saida]], enderecos: Mapping[str, str]) -> str:
    caixas, y = [], MARGEM
    chegam: dict[str, list[int]] = {}
    for nome, delas in saidas.items():
        colunas = list(dict.fromkeys(coluna for coluna, _ in delas if coluna))
        y_coluna = {coluna: y + LINHA * n for n, coluna in enumerate(colunas, start=1)}
        caixas.append(_caixa(MARGEM, y, nome, LINHA * (len(colunas) + 1), enderecos.get(nome)))
        caixas += [_texto(MARGEM + 10, no + 17, coluna) for coluna, no in y_coluna.items()]
        for coluna, alvo in delas:
            chegam.setdefault(alvo, []).append(y_coluna.get(coluna, y))
        y += LINHA * (len(colunas) + 1) + ENTRE
    if not chegam:
        return ""
    x_alvo, linhas, fim = LARGURA - CAIXA - MARGEM, [], MARGEM
    for alvo, de_onde in sorted(chegam.items(), key=lambda par: fmean(par[1])):
        y_alvo = max(fim, round(fmean(de_onde)))  # beside what leads there, below the one before
        caixas.append(_caixa(x_alvo, y_alvo, alvo, LINHA, enderecos[alvo]))
        linhas += [_linha(MARGEM + CAIXA, de, x_alvo, y_alvo) for de in de_onde]
        fim = y_alvo + LINHA + ENTRE
    altura = MARGEM - ENTRE + max(y, fim)
    levam = "; ".join(
        f"{nome}: " + ", ".join(f"{coluna} → {alvo}" if coluna else alvo for coluna, alvo in delas)
        for nome, delas in saidas.items()
        if delas
    )
    return (
        f'<svg viewBox="0 0 {LARGURA} {altura}" width="{LARGURA}" role="group"'
        f' style="max-width:100%;height:auto" aria-label="{escape(levam)}"'
        f' font-family="sans-serif" font-size="13">{"".join(linhas + caixas)}</svg>'
    )


def _linha(de_x: float, de_y: float, para_x: float, para_y: float) -> str:
    """From the middle of one line of text to that of another."""
    de, para, meio = de_y + LINHA / 2, para_y + LINHA / 2, (de_x + para_x) / 2
    return (
        f'<path d="M{de_x} {de} C{meio} {de} {meio} {para} {para_x} {para}"'
        ' fill="none" stroke="currentColor" stroke-opacity="0.6"/>'
    )


def _caixa(x: float, y: float, nome: str, altura: float, endereco: str | None) -> str:
    caixa = (
        f'<rect x="{x}" y="{y}" width="{CAIXA}" height="{altura}" rx="4" fill="none"'
        f' stroke="currentColor"/>{_texto(x + 10, y + 17, nome, "600")}'
    )
    return f'<a href="{escape(endereco)}">{caixa}</a>' if endereco else caixa


def _texto(x: float, y: float, texto: str, peso: str = "400") -> str:
    return (
        f'<text x="{x}" y="{y}" fill="currentColor" font-weight="{peso}">{escape(texto)}</text>'
    )  # fmt: skip
