"""`lastro demo`, which `make run` calls: the whole way, twice; the second changes nothing."""

from pathlib import Path

import duckdb
import pytest
from conftest import ArmazemDeTeste

from loaders.demo import servidor

SEM_CONTROLE = "table_schema not in ('controle', 'information_schema', 'pg_catalog')"


def _conteudo(arquivo: Path) -> dict[str, tuple[int, str]]:
    """Rows and an order-free checksum of every table outside controle."""
    with duckdb.connect(str(arquivo), read_only=True) as conexao:
        tabelas = conexao.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            f" where {SEM_CONTROLE} order by 1"
        ).fetchall()
        return {
            nome: conexao.execute(
                f"select count(*), cast(sum(cast(hash(t) as hugeint)) as varchar) from {nome} as t"
            ).fetchall()[0]
            for (nome,) in tabelas
        }


def test_demonstracao_duas_vezes(
    postgres: servidor.Servidor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Loads, builds, tests and exports; again, it changes no row outside controle."""
    pasta = tmp_path_factory.mktemp("demonstracao")
    lugar = ArmazemDeTeste("duckdb", pasta, postgres)
    demo = str(pasta / "demo")
    saida = pasta / "saida"
    try:
        primeira = lugar.lastro("demo", "--to", str(saida), LASTRO_DEMO_DIR=demo)
        antes = _conteudo(lugar.arquivo)
        extrato = (saida / "movimento_flat.csv").read_bytes()
        segunda = lugar.lastro("demo", "--to", str(saida), LASTRO_DEMO_DIR=demo)
    finally:
        servidor.remover(Path(demo))
    for saida_de in (primeira.stdout, segunda.stdout):
        assert "0 with a difference" in saida_de
        assert "WARN=0 ERROR=0" in saida_de
    assert antes["core.fact_movimentacao"][0] >= 200_000
    assert antes["core.dim_associado"][0] > antes["raw_sicooperative.conta"][0]
    assert _conteudo(lugar.arquivo) == antes
    assert (saida / "movimento_flat.csv").read_bytes() == extrato
