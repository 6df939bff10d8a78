"""How Superset draws a question: which of its charts, with which parameters, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from loaders.nucleo.erros import LastroError
from loaders.painel.quadro import Coluna, Forma, Grafico

FORMATOS: dict[Forma, str] = {
    "inteiro": ",d", "decimal": ",.2f", "reais": "$,.2f", "percentual": ",.1f", "horas": ",.1f",
    "segundos": ",.1f", "milissegundos": ",.0f",
}  # fmt: skip
"""How D3 writes a number; the signs are those of superset_config.py."""
DE_TEMPO: dict[Forma, str] = {"mes": "%m/%Y", "dia": "%d/%m/%Y", "instante": "%d/%m/%Y %H:%M"}
UNIDADES: dict[Forma, str] = {
    "percentual": "%", "horas": "h", "segundos": "s", "milissegundos": "ms",
}  # fmt: skip
SO_O_ARQUIVO: dict[str, Any] = {
    "read_only": True,
    "config": {
        "allow_community_extensions": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
    },
}
"""What the connection of a file may do: read it, and no other file, whatever a query says."""
NUMEROS = 4
"""How many large numbers stand in a row."""
COLUNAS, ALTO, BAIXO = 12, 48, 20
"""The grid of a dashboard: columns across, and the height of a chart and of a large number."""


@dataclass(frozen=True)
class Desenho:
    """One chart of a question.

    Attributes:
        nome: what its file is called.
        titulo: what stands above it.
        tipo: Superset's name of the kind of chart.
        parametros: what Superset is told of it.
    """

    nome: str
    titulo: str
    tipo: str
    parametros: dict[str, Any]


def medida(coluna: str) -> str:
    """The name of the measure that sums a column."""
    return f"soma_{coluna}"


def com_unidade(coluna: Coluna) -> str:
    """The label of a column, with the unit where its form alone would say it."""
    unidade = UNIDADES.get(coluna.forma)
    return coluna.rotulo if unidade in (None, "") or f"({unidade}" in coluna.rotulo else (
        f"{coluna.rotulo} ({unidade})"
    )  # fmt: skip


def desenhos(grafico: Grafico, como: str | None = None) -> Iterator[Desenho]:
    """The charts of a question: one, or one for each of its first large numbers.

    Args:
        grafico: the question.
        como: another kind of drawing than its own.
    """
    tipo = como or grafico.tipo
    nome = f"{grafico.nome}_{como}" if como else grafico.nome
    if tipo == "numeros":
        numeros = [(n, c) for n, c in grafico.colunas.items() if c.forma in FORMATOS]
        for coluna, dita in numeros[:NUMEROS]:
            yield Desenho(
                f"{nome}_{coluna}",
                com_unidade(dita),
                "big_number_total",
                {
                    "metric": medida(coluna),
                    "adhoc_filters": [],
                    "header_font_size": 0.4,
                    "y_axis_format": FORMATOS[dita.forma],
                },
            )
    elif tipo == "tabela":
        yield Desenho(nome, _titulo(grafico, como), "table", _tabela(grafico))
    elif tipo in ("linhas", "barras"):
        yield Desenho(
            nome, grafico.pergunta, f"echarts_timeseries_{_SERIES[tipo]}", _eixos(grafico)
        )
    else:
        raise LastroError(
            f"{grafico.nome} is drawn as {tipo}, for which no chart of Superset is chosen: show its"
            f" numbers, `{grafico.nome}:tabela` in loaders/bi/ativos.py."
        )


_SERIES = {"linhas": "line", "barras": "bar"}


def _titulo(grafico: Grafico, como: str | None) -> str:
    return f"{grafico.pergunta} Os números" if como else grafico.pergunta


def _tabela(grafico: Grafico) -> dict[str, Any]:
    tempos = {DE_TEMPO[c.forma] for c in grafico.colunas.values() if c.forma in DE_TEMPO}
    return {
        "query_mode": "raw",
        "all_columns": list(grafico.colunas),
        "adhoc_filters": [],
        "order_by_cols": [],
        "row_limit": 1000,
        "table_timestamp_format": next(iter(tempos), "smart_date"),
        "show_cell_bars": False,
        "column_config": {
            nome: {"d3NumberFormat": FORMATOS[coluna.forma]}
            for nome, coluna in grafico.colunas.items()
            if coluna.forma in FORMATOS
        },
    }


def _eixos(grafico: Grafico) -> dict[str, Any]:
    """Of lines and bars: along a time, a number, or what else there is."""
    if grafico.x is None or grafico.y is None:
        raise LastroError(f"{grafico.nome} names no x and y, along which lines and bars are drawn.")
    ao_longo, alto = grafico.colunas[grafico.x], grafico.colunas[grafico.y]
    feitos: dict[str, Any] = {
        "x_axis": grafico.x,
        "time_grain_sqla": None,
        "metrics": [medida(grafico.y)],
        "groupby": [grafico.serie] if grafico.serie else [],
        "adhoc_filters": [],
        "row_limit": 10_000,
        "truncate_metric": True,
        "color_scheme": "supersetColors",
        "show_legend": grafico.serie is not None,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "y_axis_format": FORMATOS[alto.forma],
        "y_axis_title": com_unidade(alto),
        "y_axis_title_margin": 15,
        "y_axis_title_position": "Top",
        "truncateYAxis": not grafico.do_zero,
    }
    if tempo := DE_TEMPO.get(ao_longo.forma):
        feitos |= {"x_axis_time_format": tempo, "tooltipTimeFormat": tempo}
    elif ao_longo.forma in FORMATOS:
        feitos |= {"x_axis_title": ao_longo.rotulo, "x_axis_title_margin": 30}
    elif not grafico.serie:
        pelo_nome = grafico.x.startswith("faixa")  # bands are in the order of their names
        feitos |= {
            "x_axis_sort": grafico.x if pelo_nome else medida(grafico.y),
            "x_axis_sort_asc": pelo_nome,
            "xAxisLabelInterval": "0",
            "xAxisLabelRotation": 45,
        }
    if grafico.tipo == "barras" and grafico.serie:
        feitos["stack"] = "Stack"
    return feitos


def posicoes(titulo: str, postos: Sequence[tuple[Grafico, Desenho, str]]) -> dict[str, Any]:
    """Where each chart of a dashboard stands: large numbers in a row of their own, others in pairs.

    Args:
        titulo: what the dashboard is called.
        postos: each chart with its question and its uuid, in the order of the dashboard.
    """
    linhas: list[tuple[str | None, list[tuple[Desenho, str]]]] = []
    for grafico, grupo in groupby(postos, key=lambda posto: posto[0]):
        juntos = [(desenhado, uuid) for _, desenhado, uuid in grupo]
        if juntos[0][0].tipo == "big_number_total":
            linhas.append((grafico.pergunta, juntos))
        else:
            for um in juntos:
                if linhas and linhas[-1][0] is None and len(linhas[-1][1]) == 1:
                    linhas[-1][1].append(um)
                else:
                    linhas.append((None, [um]))
    feitas: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": titulo}},
    }
    numero = 0
    for n, (pergunta, juntos) in enumerate(linhas, 1):
        if pergunta:
            feitas["GRID_ID"]["children"].append(f"HEADER-{n}")
            feitas[f"HEADER-{n}"] = {
                "type": "HEADER",
                "id": f"HEADER-{n}",
                "children": [],
                "meta": {"text": pergunta, "headerSize": "MEDIUM_HEADER"},
                "parents": ["ROOT_ID", "GRID_ID"],
            }
        linha = f"ROW-{n}"
        feitas["GRID_ID"]["children"].append(linha)
        feitas[linha] = {
            "type": "ROW",
            "id": linha,
            "children": [f"CHART-{desenhado.nome}" for desenhado, _ in juntos],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
            "parents": ["ROOT_ID", "GRID_ID"],
        }
        for desenhado, uuid in juntos:
            numero += 1
            feitas[f"CHART-{desenhado.nome}"] = {
                "type": "CHART",
                "id": f"CHART-{desenhado.nome}",
                "children": [],
                "meta": {
                    "chartId": numero,
                    "uuid": uuid,
                    "sliceName": desenhado.titulo,
                    "width": COLUNAS // len(juntos),
                    "height": BAIXO if pergunta else ALTO,
                },
                "parents": ["ROOT_ID", "GRID_ID", linha],
            }
    return feitas
