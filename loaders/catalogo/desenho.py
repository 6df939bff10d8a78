"""Draws what tables lead to: on the left they, on the right the tables where it ends."""

from collections.abc import Mapping, Sequence
from html import escape

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
    alvos = list(dict.fromkeys(alvo for delas in saidas.values() for _, alvo in delas))
    if not alvos:
        return ""
    y_alvo = {alvo: MARGEM + (LINHA + ENTRE) * n for n, alvo in enumerate(alvos)}
    x_alvo, y = LARGURA - CAIXA - MARGEM, MARGEM
    caixas, linhas = [], []
    for nome, delas in saidas.items():
        colunas = list(dict.fromkeys(coluna for coluna, _ in delas if coluna))
        y_coluna = {coluna: y + LINHA * n for n, coluna in enumerate(colunas, start=1)}
        caixas.append(_caixa(MARGEM, y, nome, LINHA * (len(colunas) + 1), enderecos.get(nome)))
        caixas += [_texto(MARGEM + 10, no + 17, coluna) for coluna, no in y_coluna.items()]
        linhas += [
            _linha(MARGEM + CAIXA, y_coluna.get(coluna, y), x_alvo, y_alvo[alvo])
            for coluna, alvo in delas
        ]
        y += LINHA * (len(colunas) + 1) + ENTRE
    caixas += [_caixa(x_alvo, y_alvo[alvo], alvo, LINHA, enderecos[alvo]) for alvo in alvos]
    altura = MARGEM * 2 - ENTRE + max(y - MARGEM, (LINHA + ENTRE) * len(alvos))
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
