"""What the tests and the benchmark of the publication share."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg
from conftest import ArmazemDeTeste

from loaders.armazem import abrir_para_ler
from loaders.publicacao import acessos, construcao, publicar

Linha = tuple[Any, ...]
DIMINUIR = (
    "delete from core.fact_pagamento where id_pagamento in"
    " (select id_pagamento from core.fact_pagamento order by id_pagamento limit 3)"
)
"""A change small enough for the monitor."""
UM_CARTAO = (
    "update core.dim_cartao set nome_impresso_cartao = 'X' where id_cartao ="
    " (select min(id_cartao) from core.fact_movimentacao"
    " inner join core.dim_cartao using (sk_cartao))"
)
"""What the extract says of it changes, too, and nothing else of what it is made of."""


@contextmanager
def leitor(armazem: ArmazemDeTeste, area: str) -> Iterator[Any]:
    """A connection as an area's BI tool opens it; it has `execute(sql).fetchall()`."""
    if armazem.motor == "duckdb":
        arquivo = armazem.publicado / "current" / f"{area}.duckdb"
        with duckdb.connect(str(arquivo), read_only=True) as conexao:
            yield conexao
        return
    with psycopg.connect(armazem.servidor.dsn("armazem")) as conexao_pg:
        conexao_pg.execute(f"set role lastro_leitor_{area}")
        yield conexao_pg


def ler(armazem: ArmazemDeTeste, area: str, sql: str) -> list[Linha]:
    with leitor(armazem, area) as conexao:
        linhas: list[Linha] = conexao.execute(sql).fetchall()
        return linhas


def versao_lida(armazem: ArmazemDeTeste, area: str = "risco") -> str:
    return str(ler(armazem, area, "select versao from publicacao.versao")[0][0])


def reconstruir(armazem: ArmazemDeTeste, mudanca: str = "") -> None:
    """Change the public tables and note that as a build of everything would, in a second."""
    if mudanca:
        armazem.executar(mudanca)
    novo = str(uuid.uuid4())
    valores = []
    with abrir_para_ler(armazem.config, "test") as aberto:  # type: ignore[union-attr]
        for modelo in acessos.gravados():
            m = construcao.medida(armazem.config, modelo, aberto.linhas)
            valor = "null" if m.valor is None else m.valor
            valores.append(f"('{novo}', '{modelo.tabela}', {m.linhas}, {valor}, '{m.impressao}')")
    armazem.executar(
        "insert into controle.tabelas_construidas"
        " (_construcao_id, tabela, linhas, valor, impressao)"
        f" values {', '.join(valores)};"
        " update controle.tabelas_construidas as n set materializacao = v.materializacao"
        " from controle.tabelas_construidas as v where n.tabela = v.tabela"
        f" and n._construcao_id = '{novo}' and v.materializacao is not null;"
        " insert into controle.construcoes"
        f" select '{novo}', status, inicio + interval '1 minute', fim + interval '1 minute',"
        " ultima_carga, variaveis, projeto, mensagem"
        " from controle.construcoes order by inicio desc limit 1"
    )


def versoes(armazem: ArmazemDeTeste) -> list[str]:
    """The names of the versions, newest first."""
    return [v.nome for v in publicar.listar(armazem.config)[1]]
