"""A warehouse of an older version: refused by name, completed by `lastro upgrade`, nothing lost."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from apoio_copia import Copia, copia
from apoio_publicacao import ler
from conftest import BIN, VAZIO, ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.contratos import DO_CONTROLE, fontes
from loaders.controle.atualizacao import ATUALIZACOES
from loaders.demo import gerador
from loaders.demo.servidor import Servidor
from loaders.nucleo.falhas import PONTOS

pytestmark = pytest.mark.nightly_on("postgres")

__all__ = ["copia"]

LASTRO = str(BIN / "lastro")
ANTIGA = "307916f"
"""A commit of 2026-11-26, before control, raw and mart tables were added (CHANGELOG.md)."""

FALTAM = (
    "controle.lugares",
    "controle.atualizacoes",
    "controle.cargas.posicao_origem",
    "raw_sicooperative.conta._ilegiveis",
    "snapshots.extracoes_aplicadas.codigo",
)
"""What the warehouse of these tests lacks."""
ENVELHECER = """
    drop table controle.lugares;
    drop table controle.atualizacoes;
    alter table controle.cargas drop column posicao_origem cascade;
    alter table raw_sicooperative.conta drop column _ilegiveis cascade;
    alter table snapshots.extracoes_aplicadas drop column codigo cascade;
    update controle.cargas set entidade = null where extraido_em is not null;
"""
ENTIDADES = "select _carga_id, entidade from controle.cargas order by _carga_id"
SEM_ENTIDADE = (
    "select count(*) from controle.cargas where entidade is null and extraido_em is not null"
)
COLUNAS = (
    "select table_schema, table_name, column_name from information_schema.columns"
    " where table_schema not in ('information_schema', 'pg_catalog') order by 1, 2, 3"
)


@pytest.fixture
def antigo(publicado: ArmazemDeTeste) -> ArmazemDeTeste:
    """The sample, published, as a version of before would have left it, in places."""
    for comando in filter(str.strip, ENVELHECER.split(";")):
        publicado.executar(comando)
    return publicado


def test_o_contrato_e_o_registro_pedem_o_mesmo() -> None:
    assert fontes()[DO_CONTROLE].tabela("atualizacoes").atualizacoes == tuple(ATUALIZACOES)


@pytest.mark.nightly_on("postgres")
def test_um_armazem_antigo_e_recusado_e_fica_como_esta(
    antigo: ArmazemDeTeste, fonte_atual: Fonte, tmp_path: Path
) -> None:
    antes = antigo.linhas(COLUNAS), antigo.linhas(ENTIDADES)
    for comando in (
        ("load", "sicooperative", "--dsn", fonte_atual.dsn),
        ("load", "pod_cartoes", str(antigo.pasta / "pod_cartoes")),
        ("check", "sicooperative", "--dsn", fonte_atual.dsn),
        ("sources",),
        ("status",),
        ("book",),
        ("snapshot",),
        ("rebuild",),
        ("publish",),
        ("export", "movimento_flat", "--to", str(tmp_path / "saida")),
        ("forget", "sicooperative", "1"),
        ("export-person", "sicooperative", "1"),
    ):
        feito = antigo.lastro(*comando, esperado=5)
        assert "Run `lastro upgrade`, then this again" in " ".join(feito.stderr.split()), comando
        assert "controle.lugares" in feito.stderr.replace("\n", ""), comando
    feito = antigo.dbt("run", "--select", "dim_data", esperado=2)
    assert "Run `.venv/bin/lastro upgrade`" in feito.stdout
    assert (antigo.linhas(COLUNAS), antigo.linhas(ENTIDADES)) == antes


def test_uma_atualizacao_completa_e_diz_o_que_fez(antigo: ArmazemDeTeste) -> None:
    velhas = antigo.linhas(COLUNAS)
    dito = antigo.lastro("upgrade", "--dry-run").stdout
    for falta in FALTAM:
        assert f"is missing: {falta}\n" in dito
    assert antigo.linhas(COLUNAS) == velhas

    dito = antigo.lastro("upgrade").stdout
    for falta in FALTAM:
        assert f"added: {falta}," in dito
    de_bancos = antigo.linhas(
        "select count(*) from controle.cargas where extraido_em is not null and origem <> '*'"
    )[0][0]
    assert f"{de_bancos} rows changed: controle.cargas" in dito
    assert set(velhas) < set(antigo.linhas(COLUNAS))
    assert antigo.linhas(SEM_ENTIDADE) == [(0,)]
    assert antigo.linhas("select nome, linhas from controle.atualizacoes") == [
        ("entidade_das_cargas", de_bancos)
    ]
    assert "has all that this version keeps" in antigo.lastro("upgrade").stdout
    antigo.lastro("status")


def test_morta_no_meio_e_rodada_de_novo(antigo: ArmazemDeTeste) -> None:
    for ponto in (p for p in PONTOS if p.startswith("atualizacao.")):
        antigo.lastro("upgrade", esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto)
        antigo.lastro("sources", esperado=5)
    antigo.lastro("upgrade")
    antigo.lastro("sources")
    assert antigo.linhas(SEM_ENTIDADE) == [(0,)]


def test_so_as_linhas_de_antes_bastam_para_recusar(armazem: ArmazemDeTeste) -> None:
    armazem.executar("update controle.cargas set entidade = null where extraido_em is not null")
    armazem.executar("delete from controle.atualizacoes")
    assert "entidade_das_cargas" in armazem.lastro("status", esperado=5).stderr
    assert "entidade_das_cargas" in armazem.dbt("run", "--select", "dim_data", esperado=2).stdout
    assert "rows changed" in armazem.lastro("upgrade").stdout
    armazem.dbt("run", "--select", "dim_data")


def test_outro_tipo_e_dito_antes_de_qualquer_mudanca(antigo: ArmazemDeTeste) -> None:
    antigo.executar("alter table controle.rejeicoes drop column motivo")
    antigo.executar("alter table controle.rejeicoes add column motivo bigint")
    antes = antigo.linhas(COLUNAS)
    for opcao in ((), ("--dry-run",)):
        feito = antigo.lastro("upgrade", *opcao, esperado=5)
        assert "controle.rejeicoes.motivo is bigint" in " ".join(feito.stderr.split())
    assert antigo.linhas(COLUNAS) == antes


def test_um_armazem_novo_nao_pede_nada(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    assert "Nothing was loaded yet" in armazem_vazio.lastro("upgrade").stdout
    armazem_vazio.dbt("seed", "--select", "mapa_estado_civil")
    assert "has all that this version keeps" in armazem_vazio.lastro("upgrade").stdout
    armazem_vazio.restaurar(VAZIO)
    armazem_vazio.carregar(fonte)
    assert "has all that this version keeps" in armazem_vazio.lastro("upgrade").stdout


@pytest.mark.slow
def test_o_que_ninguem_faz_mais_e_dito_e_fica(copia: Copia) -> None:
    armazem = copia.armazem
    armazem.executar("create table core.dim_calendario as select 1 as um")
    armazem.executar("create view risco.book_antigo as select 1 as um")
    copia.mudar(
        "models/core/dim_data.yml",
        "      materialized: table\n",
        "      materialized: table\n      meta: {antes: dim_calendario}\n",
    )
    dito = " ".join(copia.rodar("lastro", "upgrade").stdout.split())
    assert "core.dim_calendario is core.dim_data now" in dito
    assert "risco.book_antigo is made by no model" in dito
    assert "extracoes_aplicadas is made by no model" not in dito
    assert armazem.linhas("select um from core.dim_calendario") == [(1,)]


@pytest.fixture(scope="module")
def revisao_antiga(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it was at `ANTIGA`, in a folder of its own."""
    git = ("git", "-C", str(PROJETO))
    ha = subprocess.run([*git, "cat-file", "-e", f"{ANTIGA}^{{commit}}"], capture_output=True)
    if ha.returncode:
        pytest.skip(f"the history of this clone does not reach back to {ANTIGA}")
    pasta = tmp_path_factory.mktemp("antiga")
    arquivo = subprocess.run([*git, "archive", ANTIGA], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(arquivo)) as aberto:
        aberto.extractall(pasta, filter="data")
    return pasta


def _da_antiga(armazem: ArmazemDeTeste, pasta: Path, *comando: str) -> None:
    """Run a program of the older revision on the warehouse."""
    ambiente = {
        **armazem.ambiente,
        "PYTHONPATH": str(pasta),
        "PATH": f"{BIN}{os.pathsep}{armazem.ambiente['PATH']}",
        "DBT_TARGET_PATH": str(armazem.pasta / "alvo_antigo"),
    }
    feito = subprocess.run(comando, cwd=pasta, env=ambiente, capture_output=True, text=True)
    assert feito.returncode == 0, feito.stdout[-3000:] + feito.stderr[-3000:]


def _versoes(armazem: ArmazemDeTeste) -> list[dict[str, Any]]:
    """The published versions, newest first."""
    return list(json.loads(armazem.lastro("versions", "--json").stdout))


IGUAIS = (
    "snapshots.snap_sicooperative__associado",
    "core.dim_associado",
    "core.fact_movimentacao",
    "core.fact_fatura",
    "core.fact_pagamento",
    "risco.book_fatura",
)
"""What the older revision made, and this one makes the same."""
SEM_RELOGIO = {"data_hora_atualizacao_registro"}


def _tabela(armazem: ArmazemDeTeste, nome: str) -> list[dict[str, Any]]:
    """The rows of a table by the names of its columns, without those that say when it was built."""
    esquema, _, tabela = nome.partition(".")
    colunas = [
        c
        for (c,) in armazem.linhas(
            "select column_name from information_schema.columns"
            f" where table_schema = '{esquema}' and table_name = '{tabela}' order by 1"
        )
        if c not in SEM_RELOGIO
    ]
    linhas = armazem.linhas(f"select {', '.join(colunas)} from {nome}")
    return sorted((dict(zip(colunas, li, strict=True)) for li in linhas), key=repr)


@pytest.mark.slow
def test_de_uma_revisao_antiga(
    armazem: ArmazemDeTeste,
    revisao_antiga: Path,
    postgres: Servidor,
    modelos_de_fonte: dict[int, str],
) -> None:
    """Loaded, built and published by it; then upgraded, built and published by this one."""
    armazem.restaurar(VAZIO)

    def antiga(programa: str, *argumentos: str) -> None:
        _da_antiga(armazem, revisao_antiga, programa, *argumentos)

    antiga(sys.executable, "-m", "loaders.pacotes")
    antiga(LASTRO, "load", "pod_cartoes", str(armazem.pasta / "pod_cartoes"))
    for etapa, instante in enumerate(gerador.ETAPAS):
        dsn = postgres.dsn(modelos_de_fonte[etapa])
        antiga(LASTRO, "load", "sicooperative", "--dsn", dsn, "--as-of", instante.isoformat())
    antiga(LASTRO, "snapshot")
    antiga(str(BIN / "dbt"), "build", "--exclude-resource-type", "unit_test")
    antiga(LASTRO, "publish")
    antes = {nome: _tabela(armazem, nome) for nome in IGUAIS}
    assert all(antes.values())

    armazem.lastro("status", esperado=5)
    dito = armazem.lastro("upgrade").stdout
    assert "added: controle.lugares, empty" in dito
    assert "made anew, whole, by the next build: core.fact_movimentacao" in dito
    (versao,) = _versoes(armazem)

    armazem.lastro("snapshot")
    armazem.dbt("build", "--exclude-resource-type", "unit_test")
    for nome, linhas in antes.items():
        assert _tabela(armazem, nome) == linhas, nome
    armazem.lastro("publish", "--accept")
    nova, velha = _versoes(armazem)
    assert velha["nome"] == versao["nome"]
    assert (nova["corrente"], velha["corrente"]) == (True, False)
    assert [nova["danos"], velha["danos"]] == [[], []]
    armazem.lastro("rollback", versao["nome"])
    assert [v["nome"] for v in _versoes(armazem) if v["corrente"]] == [versao["nome"]]
    assert ler(armazem, "risco", "select count(*) from pub_core.fact_movimentacao") == [
        (len(antes["core.fact_movimentacao"]),)
    ]
    assert "has all that this version keeps" in armazem.lastro("upgrade").stdout
