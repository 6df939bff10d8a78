"""`lastro status`: what it says of a warehouse in each state a user may find it in."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from apoio import sem_sinais
from apoio_arquivos import carregar, faturas, pagamentos
from conftest import ArmazemDeTeste, Fonte
from terminal_de_teste import LARGURA

from loaders.armazem import abrir
from loaders.contratos import fontes
from loaders.controle.conferencia import conferir as conferir_auditoria
from loaders.exportacao.livro import exportar_livros
from loaders.exportacao.movimento_flat import exportar_movimento_flat
from loaders.extracao.arquivos.carregar import Opcoes, conferir
from loaders.nucleo.erros import ArmazemIndisponivel
from loaders.publicacao import publicar
from loaders.publicacao.situacao import livro_da_carteira, situacao
from loaders.titulares.entregar import entregar


def estado(armazem: ArmazemDeTeste) -> dict[str, Any]:
    """What `lastro status --json` says."""
    dito: dict[str, Any] = json.loads(armazem.lastro("status", "--json").stdout)
    return dito


def test_depois_de_construir(armazem: ArmazemDeTeste) -> None:
    dito = estado(armazem)
    assert dito["armazem"] == armazem.motor
    assert dito["extracoes_pendentes"] == 0
    rejeitadas = armazem.linhas("select count(*) from controle.rejeicoes")[0][0]
    assert sum(r["linhas"] for r in dito["rejeicoes"]) == rejeitadas
    mostradas = armazem.linhas(
        "select _carga_id from controle.cargas"
        " where extraido_em is not null or status <> 'sem_novidade'"
    )
    assert sorted(c["_carga_id"] for c in dito["cargas"]) == sorted(n for (n,) in mostradas)
    da_cooperativa = [c["origem"] for c in dito["cargas"] if c["fonte"] == "sicooperative"]
    assert da_cooperativa[:4] == ["movimentacao_cartao", "cartao", "conta", "associado"]
    for carga in dito["cargas"]:
        assert {
            "_carga_id", "fonte", "origem", "status", "lidas", "gravadas", "rejeitadas",
            "extraido_em", "fim", "formato", "mensagem", "entidade", "entrega",
        } == set(carga)  # fmt: skip
        assert carga["status"] in ("ok", "sem_novidade", "rejeitado")
        if carga["entidade"] is None:
            assert datetime.fromisoformat(carga["extraido_em"]).utcoffset() is not None
    fato = armazem.linhas("select count(*), sum(valor_movimentacao) from core.fact_movimentacao")
    assert dito["camadas"]["core"]["fact_movimentacao"] == fato[0][0]
    for esquema in ("raw_sicooperative", "intermediate", "snapshots", "quarentena"):
        assert dito["camadas"][esquema], esquema
    assert {r["tabela"] for r in dito["reconciliacao"]} == {
        "rec_movimentacoes", "rec_faturas", "rec_pagamentos", "rec_fintech", "rec_credito",
    }  # fmt: skip
    achadas = armazem.linhas(
        "select classe, count(*) from reconciliacao.rec_partidas where classe <> 'ok' group by 1"
    )
    assert {(d["classe"], d["linhas"]) for d in dito["divergencias"]} >= {*achadas} != set()
    dias = armazem.linhas("select tabela, data from reconciliacao.rec_dias_alterados")
    assert dias
    assert {(d["tabela"], d["data"]) for d in dito["dias_alterados"]} == {
        (tabela, str(data)) for tabela, data in dias
    }
    partes = armazem.linhas("select origem from quarentena.entregas order by _carga_id desc")
    assert [(p["origem"],) for p in dito["partes"]] == partes
    assert all(Decimal(p["percentual_quarentena"]) < 5 for p in dito["partes"])
    assert {p["alertas"] for p in dito["partes"]} == {None}
    assert all(r["diferenca_linhas"] == 0 for r in dito["reconciliacao"])
    assert all(Decimal(r["diferenca_valor"]) == 0 for r in dito["reconciliacao"])
    reconciliado = [r for r in dito["reconciliacao"] if r["tabela"] == "rec_movimentacoes"]
    assert len(reconciliado) == 3
    assert sum(r["linhas_mart"] for r in reconciliado) == fato[0][0]
    assert sum(Decimal(r["valor_mart"]) for r in reconciliado) == fato[0][1]


def test_em_tabelas(armazem: ArmazemDeTeste) -> None:
    for larga, quando in (((), False), (("--wide",), True)):
        dito = armazem.lastro("status", *larga).stdout
        for texto in (
            "Rows by layer", "fact_movimentacao", "Last loads", "Deliveries in files",
            "Shares of a delivery",
            "Reconciliation, rec_movimentacoes", "Reconciliation, rec_faturas",
            "Reconciliation, rec_pagamentos", " loads reconciled, 0 with a difference",
        ):  # fmt: skip
            assert texto in dito
        assert ("2026-07-01 06:00:00" in dito) == quando
        assert "wait" not in dito


CABECALHOS = {
    "status": {
        "schema", "table", "rows", "load", "source", "origin", "status", "landed", "rejected",
        "entity", "deliveries", "first", "last", "refused", "lines", "superseded", "quarantine",
        "duplicate", "mart",
    },
    "status --wide": {"read", "delivery", "as of (UTC)", "staging", "amount that differs"},
    "book": {"variable", "U1M", "U3M", "U6M", "U9M", "U12M"},
    "versions": {"version", "current", "published (UTC)", "rows"},
}  # fmt: skip


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("comando", CABECALHOS)
def test_cabe_em_80_colunas(publicado: ArmazemDeTeste, comando: str) -> None:
    """On a terminal and where COLUMNS is set: whole words, and what is left out is counted."""
    tela = publicado.no_terminal(*comando.split())
    assert len(tela.mais_longa) <= LARGURA, tela.mais_longa
    papel = publicado.lastro(*comando.split(), COLUMNS=str(LARGURA))
    assert sem_sinais(papel.stderr) == ""
    assert "\x1b" not in papel.stdout
    assert max(map(len, papel.stdout.splitlines())) <= LARGURA
    titulos = {c for li in papel.stdout.splitlines() for c in re.split(r" {2,}", li.strip())}
    assert CABECALHOS[comando] - titulos == set()
    assert [li for li in tela.linhas if li] == [li for li in papel.stdout.splitlines() if li], (
        "the same on both"
    )


def test_nada_se_perde_calado(armazem: ArmazemDeTeste) -> None:
    """Each reconciliation says how many loads it shows of how many, and sums all of them."""
    conferidas = estado(armazem)["reconciliacao"]
    curta = armazem.lastro("status", COLUMNS="80").stdout
    inteira = armazem.lastro("status", "--wide").stdout
    for nome in ("rec_movimentacoes", "rec_faturas", "rec_pagamentos"):
        dela = [r for r in conferidas if r["tabela"] == nome]
        tudo = f"({len(dela)})" if len(dela) <= 8 else f"(newest 8 of {len(dela)})"
        titulo = f"Reconciliation, {nome} {tudo}\n"
        assert titulo in curta
        secao = curta.partition(titulo)[2].split("\n\n")[0].splitlines()
        assert len(secao) == 1 + min(len(dela), 8) + 1
        somas = [sum(r[c] for r in dela) for c in (
            "linhas_arquivo", "linhas_rejeitadas", "linhas_substituidas", "linhas_quarentena",
            "linhas_duplicadas", "linhas_mart",
        )]  # fmt: skip
        assert secao[-1].split() == ["all", *map(str, somas)]
        secao = inteira.partition(f"Reconciliation, {nome} ({len(dela)})\n")[2].split("\n\n")[0]
        assert [li.split()[0] for li in secao.splitlines()[1:-1]] == [
            str(r["_carga_id"]) for r in dela
        ]
    assert "lastro status --wide" in curta


def test_uma_diferenca_antiga_fica_a_vista(armazem: ArmazemDeTeste) -> None:
    """However many loads are newer."""
    armazem.executar(
        "create table reconciliacao.rec_de_teste as select n as _carga_id,"
        " 1 as linhas_arquivo, 0 as linhas_rejeitadas, 1 as linhas_raw, 0 as linhas_substituidas,"
        " 0 as linhas_quarentena, 0 as linhas_duplicadas, 1 as linhas_staging, 1 as linhas_mart,"
        " 2.5 as valor_mart, case when n = 3 then 7 else 0 end as diferenca_linhas,"
        " case when n = 3 then 1.25 else 0 end as diferenca_valor"
        " from generate_series(1, 50) as t (n)"
    )
    dito = armazem.lastro("status").stdout
    secao = dito.partition("Reconciliation, rec_de_teste (newest 8 of 50)\n")[2].splitlines()
    assert [li.split()[0] for li in secao[1:9]] == [str(n) for n in range(50, 42, -1)]
    assert secao[9].split()[0] == "3"
    assert secao[10].strip() == "differs by 7 rows and 1.25 BRL"
    assert secao[11].split() == ["all", "50", "0", "0", "0", "0", "50"]
    assert ", 1 with a difference" in dito


def test_um_livro_vazio_diz_porque(armazem: ArmazemDeTeste) -> None:
    armazem.executar("delete from risco.book_fatura")
    dito = armazem.lastro("book", esperado=6)
    assert dito.stdout == ""
    assert "The book is empty: no invoice was ever loaded" in dito.stderr


SEGURAR = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "ler") as conexao:
    conexao.execute("begin transaction; select count(*) from core.dim_data").fetchall()
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def aberto_por_outro(armazem: ArmazemDeTeste, para: str) -> Iterator[None]:
    """A notebook has the warehouse open to read (`ler`), or a load to write (`escrever`)."""
    if armazem.motor == "duckdb":
        comando = [sys.executable, "-c", SEGURAR, str(armazem.arquivo), para]
        with subprocess.Popen(
            comando, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as outro:
            assert outro.stdout
            assert outro.stdout.readline() == "open\n"
            yield
            outro.communicate()
    elif para == "ler":
        with psycopg.connect(armazem.servidor.dsn("armazem")) as conexao:
            conexao.execute("select count(*) from core.dim_data")
            yield
    else:
        with abrir(armazem.config, "test"):
            yield


@pytest.mark.nightly_on("postgres")
def test_quem_so_le_trabalha_ao_lado_de_leitores_e_nao_de_quem_escreve(
    publicado: ArmazemDeTeste, tmp_path: Path
) -> None:
    config = publicado.config.model_copy(update={"espera": 0.2})
    pessoa = publicado.linhas("select min(id_associado) from raw_sicooperative.associado")[0][0]
    entregas = str(publicado.pasta / "pod_cartoes")
    nao_abrem: dict[str, Callable[[], Any]] = {
        "versions": lambda: publicar.listar(config),
        "audit verify": lambda: conferir_auditoria(config),
    }
    so_leem: dict[str, Callable[[], Any]] = {
        "status": lambda: situacao(config),
        "book": lambda: livro_da_carteira(config),
        "check": lambda: conferir(config, fontes()["pod_cartoes"], entregas, Opcoes()),
        "export-person": lambda: entregar(config, "sicooperative", pessoa),
    }
    sem_escritores: dict[str, Callable[[], Any]] = {
        "publish": lambda: publicar.publicar(config),
        "export book": lambda: exportar_livros(config, tmp_path),
        "export movimento_flat": lambda: exportar_movimento_flat(config, tmp_path),
    }
    for fazer in sem_escritores.values():  # a folder that is new is written down
        fazer()
    with aberto_por_outro(publicado, "ler"):
        for fazer in (nao_abrem | so_leem | sem_escritores).values():
            fazer()
        if publicado.motor == "duckdb":
            with pytest.raises(ArmazemIndisponivel, match="in use by process"):
                exportar_livros(config, tmp_path / "nova")
    recusadas = sem_escritores | (so_leem if publicado.motor == "duckdb" else {})
    with aberto_por_outro(publicado, "escrever"):
        for nome, fazer in (nao_abrem | so_leem | sem_escritores).items():
            if nome not in recusadas:
                fazer()
                continue
            with pytest.raises(
                ArmazemIndisponivel, match=r"in use by process|being written by"
            ) as recusa:
                fazer()
            assert "LASTRO_LOCK_WAIT" in str(recusa.value), nome
    assert situacao(config)["camadas"]["core"]["dim_data"] > 0


@pytest.mark.nightly_on("duckdb")
def test_depois_de_uma_carga_recusada(armazem: ArmazemDeTeste, fonte: Fonte) -> None:
    fonte.executar("alter table conta rename column agencia to filial")
    armazem.lastro("load", "sicooperative", "--dsn", fonte.dsn, esperado=3)
    dito = estado(armazem)
    ultima = dito["cargas"][0]
    assert (ultima["status"], ultima["origem"], ultima["gravadas"]) == ("rejeitado", "*", 0)
    assert "contract" in ultima["mensagem"]
    assert dito["extracoes_pendentes"] == 0
    assert "rejeitado" in armazem.lastro("status", COLUMNS="200").stdout
    armazem.lastro(
        "load", "sicooperative", "--dsn", fonte.dsn.replace("/fonte", "/nao_existe"), esperado=4
    )
    assert estado(armazem)["cargas"][0]["status"] == "erro"


def test_linhas_rejeitadas_por_arquivo(armazem: ArmazemDeTeste) -> None:
    armazem.executar(
        "insert into controle.rejeicoes (_carga_id, _arquivo, _linha, linha_bruta, motivo) values"
        " (9, 'a.csv', 2, 'x', 'y'), (9, 'a.csv', 2, 'x', 'z'), (9, 'a.csv', 5, 'x', 'y')"
    )
    assert estado(armazem)["rejeicoes"] == [{"_carga_id": 9, "_arquivo": "a.csv", "linhas": 2}]
    assert "Rejected lines" in armazem.lastro("status").stdout


def test_com_extracoes_a_espera(armazem: ArmazemDeTeste, fonte: Fonte) -> None:
    opcoes = ("--allow-shrink",)
    armazem.carregar(fonte, "2026-08-01T06:00:00", *opcoes)
    armazem.carregar(fonte, "2026-09-01T06:00:00", *opcoes)
    assert estado(armazem)["extracoes_pendentes"] == 2
    dito = armazem.lastro("status").stdout
    assert "2 extractions wait" in dito
    assert "lastro snapshot" in dito


def test_armazem_em_que_nada_foi_feito(armazem_vazio: ArmazemDeTeste) -> None:
    """It is said, and none is made by who only asks; one that was made and is empty has tables."""
    dito = estado(armazem_vazio)
    assert dito == {
        "armazem": armazem_vazio.motor, "cargas": [], "entregas": [], "rejeicoes": [],
        "extracoes_pendentes": 0, "reconciliacao": [], "divergencias": [],
        "dias_alterados": [], "logs": [], "partes": [], "camadas": {},
    }  # fmt: skip
    feito = armazem_vazio.lastro("status")
    assert feito.stdout.startswith("Nothing was loaded yet into the warehouse ")
    for comando, codigo in (("book", 6), ("export book --to {}", 6), ("publish", 7)):
        argumentos = comando.format(armazem_vazio.pasta / "extratos").split()
        feito = armazem_vazio.lastro(*argumentos, esperado=codigo)
        assert feito.stderr.startswith("lastro: Nothing was "), feito.stderr
    if armazem_vazio.motor == "duckdb":
        assert not armazem_vazio.arquivo.exists()
    else:
        assert armazem_vazio.linhas(
            "select count(*) from information_schema.schemata where schema_name = 'controle'"
        ) == [(0,)]
    abrir(armazem_vazio.config, "test").fechar()
    dito = estado(armazem_vazio)
    assert (dito["cargas"], dito["reconciliacao"], dito["extracoes_pendentes"]) == ([], [], 0)
    assert dito["camadas"]["raw_sicooperative"] == {
        "associado": 0, "cartao": 0, "conta": 0, "movimentacao_cartao": 0,
    }  # fmt: skip
    assert dito["camadas"]["raw_pod_cartoes"] == {"faturas": 0, "pagamentos": 0}
    assert dito["entregas"] == []
    armazem_vazio.lastro("status")


def test_entregas_em_arquivos(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    for nome, conteudo in {
        "tb_faturas.csv": faturas("1"),
        "tb_faturas_202401.csv": faturas("2", "3"),
        "tb_faturas_202403.csv": faturas("4"),
        "tb_faturas_202404.csv": b"",
        "tb_pagamentos_202404.csv": b"",
    }.items():
        (tmp_path / nome).write_bytes(conteudo)
    carregar(armazem_vazio, tmp_path)
    carregar(armazem_vazio, tmp_path)
    (tmp_path / "tb_faturas_202401.csv").write_bytes(faturas("2", "3", "5"))
    (tmp_path / "tb_pagamentos_202404.csv").write_bytes(pagamentos("1"))
    carregar(armazem_vazio, tmp_path)
    dito = estado(armazem_vazio)
    assert [tuple(e.values()) for e in dito["entregas"]] == [
        ("pod_cartoes", "faturas", 3, "2024-01", "2024-03", 5, 1),
        ("pod_cartoes", "pagamentos", 1, "2024-04", "2024-04", 1, 0),
    ]
    assert "sem_novidade" not in {c["status"] for c in dito["cargas"]}
