"""Superset's assets as they stand in the repository: written from the questions, and complete."""

import json
import re
import runpy

import yaml

from loaders import PROJETO
from loaders.bi import ativos
from loaders.bi.desenho import SO_O_ARQUIVO
from loaders.painel.quadro import TABELA
from loaders.projeto import gerados
from loaders.publicacao import acessos


def test_os_arquivos_sao_os_das_perguntas() -> None:
    """`python -m loaders.bi.ativos` was run, and nothing else lies there."""
    feitos = ativos.arquivos()
    assert gerados.desatualizados(feitos) == []
    assert {*ativos.PASTA.rglob("*.yaml"), ativos.EXPOSURES} == {*feitos}


def test_cada_area_tem_um_quadro_do_que_le() -> None:
    assert ativos.ESCOLHIDOS.keys() == acessos.areas().keys()
    for area, dela in acessos.areas().items():
        escolhidos = list(ativos.escolhidos(area))
        assert len(escolhidos) >= 3
        assert {t for grafico, _ in escolhidos for t in grafico.tabelas} <= {*dela.le}
        titulos = [desenhado.titulo for _, desenhado in escolhidos]
        assert len({*titulos}) == len(titulos), "a chart is found by its title"


def test_cada_identidade_e_de_um_so_e_leva_a_outra() -> None:
    lidos = {c: yaml.safe_load(c.read_text("utf-8")) for c in ativos.PASTA.rglob("*.yaml")}
    uuids = [lido["uuid"] for lido in lidos.values() if "uuid" in lido]
    assert len({*uuids}) == len(uuids) > 60
    for caminho, lido in lidos.items():
        for nome in ("database_uuid", "dataset_uuid"):
            assert lido.get(nome, uuids[0]) in uuids, caminho
        graficos = re.findall(r'"uuid": "([^"]+)"', json.dumps(lido.get("position", {})))
        assert {*graficos} <= {*uuids}, caminho


def test_nenhum_segredo_e_nenhum_outro_lugar() -> None:
    """An address in the repository is a file of the project, opened to be read and nothing else."""
    for caminho in (PROJETO / "bi" / "superset" / "databases").glob("*.yaml"):
        lido = yaml.safe_load(caminho.read_text("utf-8"))
        assert lido["sqlalchemy_uri"] == f"duckdb:///published/current/{caminho.stem}.duckdb"
        assert lido["extra"]["engine_params"]["connect_args"] == SO_O_ARQUIVO
        assert not any(lido[f"allow_{o}"] for o in ("ctas", "cvas", "dml", "file_upload"))


def test_um_conjunto_e_a_consulta_da_pergunta() -> None:
    for area in acessos.areas():
        for grafico, _ in ativos.escolhidos(area):
            caminho = ativos.PASTA / "datasets" / area / f"{grafico.nome}.yaml"
            sql = yaml.safe_load(caminho.read_text("utf-8"))["sql"]
            assert sql == TABELA.sub(r"pub_\1", grafico.consulta).strip()


def test_o_que_se_importa_tem_os_lugares_de_quem_serve() -> None:
    """Each database with its address, each query with the sandbox's prefix; no file changes."""
    preparar = runpy.run_path(str(ativos.PASTA / "preparar.py"))
    bancos = {
        area: {"endereco": f"postgresql+psycopg2://{area}@host/armazem", "argumentos": {}}
        for area in acessos.areas()
    }
    feitos = {n: yaml.safe_load(t) for n, t in preparar["ativos"](bancos, "ana_").items()}
    assert {ativos.PASTA / nome for nome in feitos} == {*ativos.PASTA.rglob("*.yaml")}
    assert feitos["databases/risco.yaml"]["sqlalchemy_uri"] == bancos["risco"]["endereco"]
    sql = feitos["datasets/risco/par.yaml"]["sql"]
    assert "ana_pub_risco.par" in sql and not re.search(r"(?<!ana_)pub_", sql)
    assert feitos["metadata.yaml"]["type"] == "assets"
