"""Superset's assets, in its own format: for each area a database, datasets, charts and a dashboard.

`python -m loaders.bi.ativos` writes `bi/superset/` from the questions of `loaders/painel/quadros`;
`--check` only names what is out of date. A dataset is the query of a question, so that a number has
one definition on both dashboards. dbt's exposures name what each dashboard asks.
"""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from loaders import PROJETO
from loaders.bi import desenho
from loaders.painel.quadro import TABELA, Coluna, Grafico, quadros
from loaders.projeto import gerados
from loaders.publicacao import acessos

PASTA = PROJETO / "bi" / "superset"
EXPOSURES = PROJETO / "models" / "core" / "_superset__exposures.yml"
DE_LASTRO = uuid.UUID("5f0c3e52-6f63-4d0e-9f0b-0d5b6c1f7a10")
"""The root of all identities: an asset keeps its own however often it is written."""
VERSAO = "1.0.0"
ESCOLHIDOS: dict[str, tuple[str, ...]] = {
    "financeiro": (
        "atraso_hoje", "desde_quando", "movimentacoes", "razao", "por_metodo", "originacao",
    ),
    "credito": (
        "carteira_hoje", "aprovacao", "aprovacao_por_faixa", "funil", "motivos", "originacao",
    ),
    "risco": ("carteira_hoje", "par", "safras", "inadimplencia_por_janela", "estabilidade"),
    "marketing": ("movimentacoes", "aquisicao", "aquisicao:tabela"),
    "compliance": (
        "linhas_da_fonte_ao_mart", "linhas_do_credito", "contradicoes_da_conta",
        "contradicoes_do_credito", "funil_kyc", "prazo_kyc",
    ),
    "plataforma": (
        "disponibilidade", "orcamentos", "eventos_atrasados", "linhas_da_fonte_ao_mart",
        "linhas_do_credito",
    ),
}  # fmt: skip
"""What each area's dashboard shows, in its order; `name:tabela` is the same question as a table."""
TIPOS = {
    "texto": "VARCHAR", "inteiro": "BIGINT", "dia": "DATE", "mes": "DATE", "instante": "TIMESTAMP",
    "sim_ou_nao": "BOOLEAN",
}  # fmt: skip


def identidade(*partes: str) -> str:
    """The uuid of an asset, always the same."""
    return str(uuid.uuid5(DE_LASTRO, "/".join(partes)))


class _Escrita(yaml.SafeDumper):
    """Long texts, as queries are, over several lines."""


def _texto(escrita: yaml.SafeDumper, texto: str) -> yaml.ScalarNode:
    longo = len(texto) > 90
    return escrita.represent_scalar("tag:yaml.org,2002:str", texto, style=">" if longo else None)


_Escrita.add_representer(str, _texto)


def _yaml(dado: dict[str, Any]) -> str:
    return yaml.dump(dado, Dumper=_Escrita, sort_keys=False, allow_unicode=True, width=110)


def banco(area: str) -> dict[str, Any]:
    """The connection of an area: its published file, which `lastro bi` replaces by what is set."""
    return {
        "database_name": f"lastro {area}",
        "sqlalchemy_uri": f"duckdb:///published/current/{area}.duckdb",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {
            "allows_virtual_table_explore": True,
            "engine_params": {"connect_args": desenho.SO_O_ARQUIVO},
            "metadata_params": {},
        },
        "uuid": identidade("banco", area),
        "version": VERSAO,
    }


def _coluna(nome: str, coluna: Coluna) -> dict[str, Any]:
    return {
        "column_name": nome,
        "verbose_name": coluna.rotulo,
        "is_dttm": coluna.forma in desenho.DE_TEMPO,
        "is_active": True,
        "type": TIPOS.get(coluna.forma, "NUMERIC"),
        "groupby": True,
        "filterable": True,
    }


def conjunto(area: str, grafico: Grafico) -> dict[str, Any]:
    """The dataset of a question: its query over the published tables, with a measure a number."""
    tempos = [n for n, c in grafico.colunas.items() if c.forma in desenho.DE_TEMPO]
    return {
        "table_name": grafico.nome,
        "main_dttm_col": tempos[0] if tempos else None,
        "description": grafico.nota.strip(),
        "schema": None,
        "sql": TABELA.sub(r"pub_\1", grafico.consulta).strip(),
        "filter_select_enabled": True,
        "uuid": identidade("conjunto", area, grafico.nome),
        "metrics": [
            {
                "metric_name": desenho.medida(nome),
                "verbose_name": desenho.com_unidade(coluna),
                "expression": f"SUM({nome})",
                "d3format": desenho.FORMATOS[coluna.forma],
            }
            for nome, coluna in grafico.colunas.items()
            if coluna.forma in desenho.FORMATOS
        ],
        "columns": [_coluna(nome, coluna) for nome, coluna in grafico.colunas.items()],
        "version": VERSAO,
        "database_uuid": identidade("banco", area),
    }


def escolhidos(area: str) -> Iterator[tuple[Grafico, desenho.Desenho]]:
    """The charts of an area's dashboard with their questions, in its order."""
    todos = {g.nome: g for quadro in quadros().values() for g in quadro.de(area)}
    for escolhido in ESCOLHIDOS[area]:
        nome, _, como = escolhido.partition(":")
        for desenhado in desenho.desenhos(todos[nome], como or None):
            yield todos[nome], desenhado


def _grafico(area: str, grafico: Grafico, desenhado: desenho.Desenho) -> dict[str, Any]:
    return {
        "slice_name": desenhado.titulo,
        "description": grafico.nota.strip(),
        "viz_type": desenhado.tipo,
        "params": {"viz_type": desenhado.tipo, **desenhado.parametros},
        "cache_timeout": None,
        "uuid": identidade("grafico", area, desenhado.nome),
        "version": VERSAO,
        "dataset_uuid": identidade("conjunto", area, grafico.nome),
    }


def _quadro(area: str) -> dict[str, Any]:
    postos = [
        (grafico, desenhado, identidade("grafico", area, desenhado.nome))
        for grafico, desenhado in escolhidos(area)
    ]
    return {
        "dashboard_title": f"Lastro: {area}",
        "description": acessos.areas()[area].apresentacao,
        "slug": f"lastro-{area}",
        "uuid": identidade("quadro", area),
        "published": True,
        "position": desenho.posicoes(f"Lastro: {area}", postos),
        "metadata": {"cross_filters_enabled": False, "color_scheme": "supersetColors"},
        "version": VERSAO,
    }


def _exposure(area: str) -> dict[str, Any]:
    """What dbt knows of an area's dashboard, so that lineage ends at it."""
    tabelas = {t.partition(".")[2] for grafico, _ in escolhidos(area) for t in grafico.tabelas}
    return {
        "name": f"superset_{area}",
        "label": f"Superset: {area}",
        "type": "dashboard",
        "maturity": "medium",
        "description": f"The dashboard of {area} in Apache Superset, served by `lastro bi`.",
        "depends_on": [f"ref('{tabela}')" for tabela in sorted(tabelas)],
        "owner": {
            "name": "Engenharia de dados",
            "email": "engenharia-de-dados@example.com",
        },
    }


def arquivos() -> dict[Path, str]:
    """Every file that is written from the boards, with its text."""
    feitos: dict[str, dict[str, Any]] = {
        "metadata.yaml": {
            "version": VERSAO,
            "type": "assets",
            "timestamp": "2026-11-29T00:00:00+00:00",
        }
    }
    for area in acessos.areas():
        feitos[f"databases/{area}.yaml"] = banco(area)
        for grafico, desenhado in escolhidos(area):
            feitos[f"datasets/{area}/{grafico.nome}.yaml"] = conjunto(area, grafico)
            feitos[f"charts/{area}/{desenhado.nome}.yaml"] = _grafico(area, grafico, desenhado)
        feitos[f"dashboards/{area}.yaml"] = _quadro(area)
    exposures = {"version": 2, "exposures": [_exposure(area) for area in acessos.areas()]}
    return {PASTA / nome: _yaml(feito) for nome, feito in feitos.items()} | {
        EXPOSURES: _yaml(exposures)
    }


def main(argumentos: list[str]) -> int:
    """Write what is out of date and delete what no question is behind; the exit code says."""
    feitos = arquivos()
    demais = sorted({*PASTA.rglob("*.yaml")} - {*feitos})
    for caminho in demais:
        print(caminho.relative_to(PROJETO))
        if "--check" not in argumentos:
            caminho.unlink()
    for caminho in feitos:
        caminho.parent.mkdir(parents=True, exist_ok=True)
    return gerados.gravar(feitos, argumentos) or int(bool(demais) and "--check" in argumentos)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
