"""What runs in Spark's environment, one JVM in one process: mirror, replay, build, read, publish.

`python no_spark.py tables.pickle rows.pickle`: the first file holds, for each table, its columns;
the second then holds, for each table, the types of its columns and its rows.
"""

import pickle
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from loaders.lago import espelho, historia
from loaders.nucleo.configuracao import configuracao
from loaders.nucleo.erros import PublicacaoRecusada
from loaders.publicacao import publicar
from loaders.publicacao.acessos import areas
from loaders.publicacao.lago import PublicacaoLago

Linhas = list[tuple[Any, ...]]
CONTAS = "core.dim_conta"


def construir() -> None:
    """All of the project, with every test."""
    config = configuracao()
    assert espelho.espelhar(config).cargas, "nothing was mirrored"
    assert espelho.espelhar(config).cargas == 0, "what is in the lake is mirrored again"
    assert historia.reproduzir(config, lambda _feitas, _total: None)
    assert set(historia.pendentes(config).values()) == {0}
    argumentos = ["--no-use-colors", "build", "--target", historia.ALVO]
    feito = dbtRunner().invoke(argumentos)
    assert feito.success, feito.exception or "see above"


def ler(tabelas: dict[str, list[str]]) -> dict[str, tuple[list[str], Linhas]]:
    """The types and the rows of some columns of each table."""
    spark = SparkSession.builder.getOrCreate()
    lidas: dict[str, tuple[list[str], Linhas]] = {}
    for tabela, colunas in tabelas.items():
        dados = spark.sql(f"select {', '.join(colunas)} from {tabela}")
        tipos = [tipo for _, tipo in dados.dtypes]
        lidas[tabela] = (tipos, [tuple(linha) for linha in dados.collect()])
    return lidas


def _um(sql: str) -> Any:
    """One value, of the tables as they are now and not as the session remembers them."""
    spark = SparkSession.builder.getOrCreate()
    spark.sql(f"refresh table {CONTAS}")
    return spark.sql(sql).collect()[0][0]


def _contas() -> int:
    """The rows that a reader sees."""
    return int(_um("select count(*) from pub_financeiro.dim_conta"))


def _escrever() -> None:
    """Take a row out of a published table."""
    SparkSession.builder.getOrCreate().sql(
        f"delete from {CONTAS} where sk_conta = (select min(sk_conta) from {CONTAS})"
    )


def _anotar_construcao(status: str) -> None:
    """Note a build of everything that ended so, as the build itself would."""
    spark = SparkSession.builder.getOrCreate()
    id_, agora = uuid4(), f"timestamp '{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}'"
    ultima = "(select * from controle.construcoes order by inicio desc limit 1)"
    spark.sql(
        "insert into controle.tabelas_construidas select"
        f" '{id_}', t.tabela, if(t.tabela = '{CONTAS}', (select count(*) from {CONTAS}), t.linhas),"
        f" t.valor, if(t.tabela = '{CONTAS}', '{id_}', t.impressao), t.materializacao"
        f" from controle.tabelas_construidas as t inner join {ultima} as u using (_construcao_id)"
    )
    spark.sql(
        f"insert into controle.construcoes select '{id_}', '{status}', {agora}, {agora},"
        f" ultima_carga, variaveis, projeto, 'um_teste (fail)' from {ultima}"
    )


def _recusada(porque: str) -> None:
    """Nothing is published, for a reason."""
    try:
        publicar.publicar(configuracao(), no_lago=True)
    except PublicacaoRecusada as erro:
        assert porque in str(erro), erro
    else:
        raise AssertionError(f"published, in spite of: {porque}")


def publicar_no_lago() -> None:
    """What is published, what is refused, and what readers see of either."""
    config = configuracao()
    spark = SparkSession.builder.getOrCreate()
    spark.sql("create namespace pub_marketing")
    spark.sql(
        "create view pub_marketing.dim_data_de_antes tblproperties"
        f" ('location' = '{config.pasta_lago}/refined/pub_marketing/dim_data_de_antes')"
        " as select * from core.dim_data"
    )
    primeira = publicar.publicar(config, no_lago=True)
    assert primeira.nova
    # the session's own stand in every namespace
    existentes = spark.sql("show views in pub_marketing").where("not isTemporary").collect()
    vistas = {linha.viewName for linha in existentes}
    assert vistas == {t.partition(".")[2] for t in areas()["marketing"].le}, "and no other"
    todas = _contas()
    assert todas == _um(f"select count(*) from {CONTAS}") > 2
    com_nome = "select count(nome_associado) from pub_{}.dim_associado"
    assert _um(com_nome.format("financeiro")) > 0, "an area that sees names"
    assert _um(com_nome.format("risco")) == 0, "an area that does not"
    assert _um("select count(*) from pub_risco.book_fatura_cliente") > 0, "parts side by side"
    assert _um("select count(*) from pub_compliance.movimento_flat") > 0
    assert not publicar.publicar(config, no_lago=True).nova, "the same again is no new version"

    _escrever()
    _recusada(f"{CONTAS} (written at")
    assert _contas() == todas, "readers do not see what was not published"
    _anotar_construcao("falhou")
    _recusada("um_teste")
    _anotar_construcao("ok")
    segunda = publicar.publicar(config, no_lago=True)
    assert segunda.nova and _contas() == todas - 1
    publicar.voltar(config, publicar.anterior(config), no_lago=True)
    assert _contas() == todas
    publicar.voltar(config, segunda.versao.nome, no_lago=True)
    assert publicar.danos(config, no_lago=True) == {}

    retratos = f"select count(*) from {CONTAS}.snapshots"
    antes = _um(retratos)
    PublicacaoLago.PRAZO = timedelta(0)
    assert publicar.podar(config, 1, no_lago=True) == ([primeira.versao.nome], [])
    assert _um(retratos) < antes
    assert _contas() == todas - 1
    _escrever()
    _anotar_construcao("ok")  # for who publishes next


if __name__ == "__main__":
    pedidas, resultado = map(Path, sys.argv[1:])
    construir()
    resultado.write_bytes(pickle.dumps(ler(pickle.loads(pedidas.read_bytes()))))
    publicar_no_lago()
