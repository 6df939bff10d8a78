"""Draws a chart as SVG: a Vega-Lite description, turned into a picture without a browser.

Colours are the page's (CSS variables), so that one drawing fits light, dark and paper.
"""

import json
from typing import Any

from loaders.painel.quadro import Coluna, Grafico

LARGURA, ALTURA = 420, 230
"""Size of a drawing, before the page stretches it."""
CORES = 8
"""How many colours the page has for series."""
GRANDES = (
    "datum.value >= 1e6 ? format(datum.value / 1e6, ',~f') + ' mi'"
    " : datum.value >= 1e4 ? format(datum.value / 1e3, ',~f') + ' mil' : format(datum.value, ',~f')"
)
"""How an axis writes a number: thousands and millions in words, where there are many."""
APARENCIA: dict[str, Any] = {
    "background": None,
    "font": "sans-serif",
    "padding": {"left": 16, "right": 8, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12,
        "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": "var(--grade)",
        "domainColor": "var(--grade)", "tickColor": "var(--grade)", "labelLimit": 170,
        "labelSeparation": 12,
    },
    "legend": {
        "labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12,
        "orient": "bottom", "title": None, "columns": 4, "symbolType": "square", "labelLimit": 200,
    },
}  # fmt: skip


def descricao(grafico: Grafico, linhas: list[dict[str, Any]]) -> str:
    """The Vega-Lite description of a chart that has rows: the same for the same picture."""
    desenhar = {"linhas": _linhas, "barras": _barras, "matriz": _matriz}[grafico.tipo]
    partes = {
        "data": {"values": linhas},
        "width": LARGURA,
        "config": APARENCIA,
        **desenhar(grafico, linhas),
    }
    return json.dumps(partes, default=_em_json)


def svg(descrito: str) -> str:
    """The picture of a description, without a script."""
    import vl_convert  # brings a JavaScript engine along, which no other command needs

    return str(
        vl_convert.vegalite_to_svg(
            descrito, vl_version="5.20", format_locale="pt-BR", time_format_locale="pt-BR"
        )
    )


def _linhas(grafico: Grafico, linhas: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "height": ALTURA,
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 18}},
        "encoding": {
            "x": _eixo(grafico, grafico.x),
            "y": _valor(grafico, grafico.y),
            **_series(grafico, linhas),
        },
    }


def _barras(grafico: Grafico, linhas: list[dict[str, Any]]) -> dict[str, Any]:
    """Bars stand over time, and lie beside words."""
    assert grafico.x  # noqa: S101 - a board without it is refused
    deitadas = grafico.colunas[grafico.x].forma == "texto"
    eixo, valor = ("y", "x") if deitadas else ("x", "y")
    return {
        "height": {"step": 26} if deitadas else ALTURA,
        "mark": {"type": "bar"},
        "encoding": {
            eixo: _palavras(grafico.x, linhas) if deitadas else _eixo(grafico, grafico.x, True),
            valor: _valor(grafico, grafico.y),
            **_series(grafico, linhas),
        },
    }


def _matriz(grafico: Grafico, linhas: list[dict[str, Any]]) -> dict[str, Any]:
    """Cells with their value; the fuller, the darker, and the writing lighter."""
    valores = [float(linha[grafico.valor or ""] or 0) for linha in linhas]
    meio = max(valores) * 0.55
    campo = {"field": grafico.valor, "type": "quantitative"}
    return {
        "height": {"step": 30},
        "encoding": {
            "x": _palavras(grafico.x, linhas) | {"axis": {"orient": "top", "labelAngle": -40}},
            "y": _palavras(grafico.y, linhas),
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "var(--fundo)"},
                "encoding": {
                    "color": campo
                    | {"scale": {"range": ["#e8f1fa", "#0b4f8a"]}, "legend": None}
                },
            },
            {
                "transform": [{"filter": f"isValid(datum['{grafico.valor}'])"}],
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "text": campo | {"format": ".1f"},
                    "color": {
                        "condition": {
                            "test": f"datum['{grafico.valor}'] > {meio}", "value": "#ffffff",
                        },
                        "value": "#10202f",
                    },
                },
            },
        ],
    }  # fmt: skip


def _coluna(grafico: Grafico, nome: str | None) -> Coluna:
    return grafico.colunas[nome or ""]


def _eixo(grafico: Grafico, nome: str | None, em_passos: bool = False) -> dict[str, Any]:
    """Time or a number along the axis; bars take each value for a step."""
    coluna = _coluna(grafico, nome)
    if coluna.forma not in ("mes", "dia", "instante"):
        return {"field": nome, "type": "quantitative", "title": coluna.rotulo,
                "axis": {"tickMinStep": 1, "grid": False}}  # fmt: skip
    escrita = "%b/%y" if coluna.forma == "mes" else "%d/%m/%y"
    campo: dict[str, Any] = {
        "field": nome, "type": "temporal", "title": None, "scale": {"type": "utc"},
        "axis": {"format": escrita, "labelAngle": 0, "labelOverlap": True, "grid": False},
    }  # fmt: skip
    if em_passos:
        unidade = "utcyearmonth" if coluna.forma == "mes" else "utcyearmonthdate"
        campo |= {"timeUnit": unidade, "bandPosition": 0.5}
        del campo["scale"]
    return campo


def _palavras(nome: str | None, linhas: list[dict[str, Any]]) -> dict[str, Any]:
    """Words in the order of the rows."""
    ordem = list(dict.fromkeys(linha[nome or ""] for linha in linhas))
    return {
        "field": nome, "type": "nominal", "title": None,
        "sort": ordem, "scale": {"domain": ordem},
    }  # fmt: skip


def _valor(grafico: Grafico, nome: str | None) -> dict[str, Any]:
    coluna = _coluna(grafico, nome)
    return {
        "field": nome, "type": "quantitative", "title": coluna.rotulo,
        "axis": {"labelExpr": GRANDES, "tickCount": 5},
        "scale": {"zero": grafico.do_zero or grafico.tipo == "barras"},
    }  # fmt: skip


def _series(grafico: Grafico, linhas: list[dict[str, Any]]) -> dict[str, Any]:
    """A colour for each series, and a dash: colour alone tells nothing to some readers."""
    if not grafico.serie:
        return {"color": {"value": "var(--c1)"}}
    nomes = list(dict.fromkeys(linha[grafico.serie] for linha in linhas))
    letra = "o" if grafico.ordenada else "c"
    cores = [f"var(--{letra}{1 + n % CORES})" for n in range(len(nomes))]
    campo: dict[str, Any] = {"field": grafico.serie, "type": "nominal", "sort": None}
    series = {"color": campo | {"scale": {"domain": nomes, "range": cores}}}
    if grafico.tipo == "linhas" and not grafico.ordenada:
        tracos = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2]]
        series["strokeDash"] = campo | {
            "scale": {"domain": nomes, "range": [tracos[n % 4] for n in range(len(nomes))]},
            "legend": {"symbolType": "stroke", "symbolSize": 400},
        }
        series["color"]["legend"] = {"symbolType": "stroke"}
    return series


def _em_json(valor: Any) -> Any:
    """Days as text, amounts as numbers: to draw is not to count."""
    return valor.isoformat() if hasattr(valor, "isoformat") else float(valor)
