"""Versions that have rows in common: what is written anew, what is kept, and for how long."""

import re
from collections.abc import Collection
from pathlib import Path

import duckdb
import pytest
from apoio_publicacao import DIMINUIR, UM_CARTAO, ler, reconstruir, versao_lida, versoes
from conftest import ArmazemDeTeste

from loaders.nucleo import andamento
from loaders.publicacao import acessos, publicar
from loaders.publicacao.modelos import ESTRELA, PLANO
from loaders.titulares.esquecer import esquecer

UMA = "risco.dicionario_variaveis"
DELA = {nome for nome, area in acessos.areas().items() if UMA in area.le}
"""The areas that read it."""
MENOS_UMA = f"delete from {UMA} where nome = (select min(nome) from {UMA})"
GRAVADAS = {modelo.tabela for modelo in acessos.gravados()}


def copiadas(armazem: ArmazemDeTeste, manter: int | None = None) -> set[str]:
    """Publish; the tables that this copied for some area."""
    sinais: list[str] = []
    with andamento.ouvido(sinais.append):
        publicar.publicar(armazem.config, manter=manter)
    tudo = "\n".join(sinais)
    return {tabela for tabela in GRAVADAS if re.search(rf"^copying {tabela}\b", tudo, re.M)}


def arquivos(armazem: ArmazemDeTeste, versao: str) -> dict[str, int]:
    """The inode of each area's file."""
    pasta = armazem.publicado / versao
    return {arquivo.stem: arquivo.stat().st_ino for arquivo in pasta.glob("*.duckdb")}


def tudo_igual(armazem: ArmazemDeTeste) -> None:
    """Every area reads the rows that the warehouse holds."""
    impressao = {
        "duckdb": "cast(hash({}) as hugeint)",
        "postgres": "cast(hashtextextended(cast(row({}) as text), 0) as numeric)",
    }[armazem.motor]
    for area, dados in acessos.areas().items():
        for modelo in dados.modelos():
            claras = ", ".join(c.nome for c in modelo.colunas if not dados.mascarada(c.pessoal))
            pedido = f"select count(*), sum({impressao.format(claras)}) from {{}}{modelo.tabela}"
            lidas = ler(armazem, area, pedido.format("pub_"))
            assert lidas == armazem.linhas(pedido.format("")), (area, modelo.tabela)


@pytest.mark.nightly_on("duckdb")
def test_so_o_que_mudou_e_copiado(publicado: ArmazemDeTeste) -> None:
    primeira = versao_lida(publicado)
    quantas = ler(publicado, "plataforma", f"select count(*) from pub_{UMA}")
    reconstruir(publicado, MENOS_UMA)
    assert copiadas(publicado) == {UMA}
    segunda = versao_lida(publicado)
    assert segunda > primeira
    if publicado.motor == "duckdb":
        antes, depois = arquivos(publicado, primeira), arquivos(publicado, segunda)
        assert {area for area in antes if antes[area] != depois[area]} == DELA
    tudo_igual(publicado)
    publicar.voltar(publicado.config, primeira)
    assert ler(publicado, "plataforma", f"select count(*) from pub_{UMA}") == quantas
    publicar.voltar(publicado.config, segunda)
    tudo_igual(publicado)


@pytest.mark.nightly_on("duckdb")
def test_o_que_uma_versao_apagada_escreveu_fica_enquanto_se_le(publicado: ArmazemDeTeste) -> None:
    reconstruir(publicado, MENOS_UMA)
    assert copiadas(publicado, manter=1) == {UMA}
    assert len(versoes(publicado)) == 1
    tudo_igual(publicado)
    reconstruir(publicado, DIMINUIR)
    assert copiadas(publicado, manter=1) == {"core.fact_pagamento"}
    tudo_igual(publicado)
    (unica,) = publicar.listar(publicado.config)[1]
    assert not publicar.danos(publicado.config)
    if publicado.motor == "postgres":
        mostradas = publicado.linhas("select conjunto || '__' || versao from publicacao.partes")
        existentes = publicado.linhas(
            "select relname from pg_class where relnamespace = 'publicacao'::regnamespace"
            " and relispartition"
        )
        assert sorted(mostradas) == sorted(existentes), "partitions that no version shows"
        assert len(mostradas) == len(unica.tabelas)


def _com(pasta: Path, textos: Collection[bytes]) -> list[str]:
    """The files below a folder in which one of these stands."""
    return [
        str(arquivo)
        for arquivo in pasta.rglob("*")
        if arquivo.is_file() and any(texto in arquivo.read_bytes() for texto in textos)
    ]


@pytest.mark.nightly_on("duckdb")
def test_quem_e_esquecido_sai_de_todas_as_versoes(publicado: ArmazemDeTeste) -> None:
    """Also of what a version shows that an earlier one wrote, and of blocks that are free."""
    [(pessoa,)] = publicado.linhas("select min(id_associado) from raw_sicooperative.associado")
    reconstruir(publicado, UM_CARTAO)
    # All of these: else nothing in the version's tables would tell whose a row of the extract is.
    assert copiadas(publicado) == {f"core.{t}" for t in (*ESTRELA, PLANO)}
    tudo_igual(publicado)
    if publicado.motor == "duckdb":
        arquivo = publicado.publicado / "current" / "compliance.duckdb"
        with duckdb.connect(str(arquivo), read_only=True) as conexao:
            livres = conexao.execute("select free_blocks from pragma_database_size()").fetchall()
        assert livres[0][0] > 0
        assert _com(publicado.publicado, [pessoa.encode()])
    reconstruir(publicado, MENOS_UMA)
    assert copiadas(publicado) == {UMA}
    feito = esquecer(publicado.config, "sicooperative", [pessoa])
    assert not feito.restantes
    for versao in versoes(publicado):
        publicar.voltar(publicado.config, versao)
        deles = f"select count(*) from pub_core.dim_associado where id_associado = '{pessoa}'"
        assert ler(publicado, "compliance", deles) == [(0,)]
    apagadas = {
        v.nome: {t for t, m in v.tabelas.items() if m.impressao == "apagada"}
        for v in publicar.listar(publicado.config)[1]
    }
    assert all("core.dim_associado" in dela for dela in apagadas.values()), apagadas
    if publicado.motor == "duckdb":
        assert not _com(publicado.publicado, [pessoa.encode()])


@pytest.mark.slow
@pytest.mark.parametrize(
    "perdida", ["drop table publicacao.partes", "delete from publicacao.partes"]
)
def test_versoes_de_antes_do_catalogo_das_partes(publicado: ArmazemDeTeste, perdida: str) -> None:
    """A publication of an older version of the project has no such table."""
    if publicado.motor == "duckdb":
        pytest.skip("a DuckDB version is a folder")
    publicado.executar(perdida)
    inteira = perdida.startswith("drop")
    assert bool(publicar.danos(publicado.config)) is not inteira
    reconstruir(publicado, MENOS_UMA)
    assert (copiadas(publicado) == {UMA}) is inteira
    tudo_igual(publicado)
