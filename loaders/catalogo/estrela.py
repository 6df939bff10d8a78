"""Draws what a table leads to: its columns, and beside them the tables where they are found."""

from html import escape

from loaders.catalogo.tabelas import Tabela

LARGURA, CAIXA, LINHA, MARGEM = 680, 290, 26, 6
"""Widths of the drawing and of a box, height of a line, and space around, in pixels."""


def estrela(tabela: Tabela, enderecos: dict[str, str]) -> str:
    """The picture as SVG; empty where the table leads nowhere.

    Args:
        tabela: the table in the middle.
        enderecos: the page of each table that it may lead to.
    """
    if not tabela.relacoes:
        return ""
    alvos = list(dict.fromkeys(r.tabela for r in tabela.relacoes))
    colunas = list(dict.fromkeys(r.coluna for r in tabela.relacoes))
    y_coluna = {nome: MARGEM + LINHA * (n + 1) for n, nome in enumerate(colunas)}
    y_alvo = {nome: MARGEM + (LINHA + 10) * n for n, nome in enumerate(alvos)}
    altura = MARGEM * 2 + max(LINHA * (len(colunas) + 1), (LINHA + 10) * len(alvos))
    x_alvo = LARGURA - CAIXA - MARGEM
    partes = [_caixa(MARGEM, MARGEM, tabela.nome, LINHA * (len(colunas) + 1))]
    partes += [_texto(MARGEM + 10, y + 17, nome) for nome, y in y_coluna.items()]
    for relacao in tabela.relacoes:
        de, para = y_coluna[relacao.coluna] + LINHA / 2, y_alvo[relacao.tabela] + LINHA / 2
        meio = (MARGEM + CAIXA + x_alvo) / 2
        partes.append(
            f'<path d="M{MARGEM + CAIXA} {de} C{meio} {de} {meio} {para} {x_alvo} {para}"'
            ' fill="none" stroke="currentColor" stroke-opacity="0.6"/>'
        )
    for alvo, y in y_alvo.items():
        partes.append(
            f'<a href="{escape(enderecos[alvo])}">{_caixa(x_alvo, y, alvo, LINHA)}</a>'
        )  # fmt: skip
    leva = ", ".join(f"{r.coluna}: {r.tabela}" for r in tabela.relacoes)
    return (
        f'<svg viewBox="0 0 {LARGURA} {altura}" width="{LARGURA}" role="group"'
        f' style="max-width:100%;height:auto" aria-label="{escape(f"{tabela.nome}: {leva}")}"'
        f' font-family="sans-serif" font-size="13">{"".join(partes)}</svg>'
    )


def _caixa(x: float, y: float, nome: str, altura: float) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{CAIXA}" height="{altura}" rx="4" fill="none"'
        f' stroke="currentColor"/>{_texto(x + 10, y + 17, nome, "600")}'
    )


def _texto(x: float, y: float, texto: str, peso: str = "400") -> str:
    return (
        f'<text x="{x}" y="{y}" fill="currentColor" font-weight="{peso}">{escape(texto)}</text>'
    )  # fmt: skip
