"""The digital account's database from its contract to quarantine, staging and reconciliation."""

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from apoio_fintech import DADOS, DDL, MUDANCAS, MUDANCAS_DE_VINCULO
from conftest import VAZIO, ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.carregar import carregar as carregar_arquivos
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes
from loaders.titulares import esquecer

PARTE = (
    "--select",
    "+rec_fintech +rec_alteracao_indevida models/staging/fintech models/quarentena/fintech"
    " fintech__totais_da_origem",
    "--exclude",
    "resource_type:unit_test",
)
SEM_TESTES_DE_DADOS = (*PARTE, "resource_type:test")
SEM_SEMENTES = (*PARTE, "resource_type:seed")
PRIMEIRA, SEGUNDA, TERCEIRA = (
    datetime.fromisoformat(f"2026-{mes}-01T06:00Z") for mes in ("05", "07", "09")
)
INCREMENTAIS = {
    "fact_transacao": "id_transacao",
    "fact_pagamento_conta": "id_pagamento",
    "fact_chamada_terceiro": "id_chamada",
}
DO_CORE = (
    *(
        "--select",
        "snap_fintech__usuario",
        "dim_usuario",
        "dim_conta_digital",
        *INCREMENTAIS,
        "int_pagamento_conta__lancamentos",
    ),
    *("--exclude", "resource_type:unit_test", "resource_type:test"),
)


def extrair(armazem: ArmazemDeTeste, fonte: Fonte, quando: datetime) -> dict[str, Any]:
    feitas = carregar(armazem.config, fontes()["fintech"], fonte.dsn, Opcoes(instante=quando))
    return {c.origem: c for c in feitas}


@pytest.fixture
def banco(lugar: ArmazemDeTeste, fonte: Fonte) -> Fonte:
    lugar.restaurar(VAZIO)
    fonte.executar("drop schema public cascade; create schema public")
    fonte.executar(DDL + DADOS)
    return fonte


def motivos(armazem: ArmazemDeTeste, tabela: str, chave: str) -> dict[str, str]:
    return dict(
        armazem.linhas(f"select left({chave}, 36), motivos from quarentena.{tabela}")  # type: ignore[arg-type]
    )


@pytest.mark.nightly_on("duckdb")
def test_da_fonte_a_quarentena(lugar: ArmazemDeTeste, banco: Fonte, tmp_path: Path) -> None:
    """Loaded, built, changed, loaded and built again."""
    (tmp_path / "saldo_abertura.csv").write_text("id_conta;saldo\n1;1.000,50\n9;0,01\n")
    carregar_arquivos(lugar.config, fontes()["fintech"], str(tmp_path), OpcoesDeArquivos())
    cargas = extrair(lugar, banco, PRIMEIRA)
    assert cargas["transactions"].valor_origem is None, "a sum in tenths of a centavo"
    assert cargas["loan_payments"].valor_origem == Decimal("1224.09")
    dito = lugar.dbt("build", *SEM_TESTES_DE_DADOS).stdout
    for aviso in ("users.status: no canonical value for 'dormant' (1)", "'held' (1)"):
        assert aviso in dito
    uuid = {n: _uuid(banco, n) for n in ("t3", "t4", "t5", "t6", "t8", "p2", "p4", "p5", "l2")}
    assert motivos(lugar, "transactions", "id_transacao") == {
        uuid["t3"]: "valor zero ou negativo",
        uuid["t4"]: "valor com mais de duas casas decimais",
        uuid["t5"]: "valor ilegível",
        uuid["t6"]: "tipo fora de credit e debit",
    }
    assert motivos(lugar, "payments", "id_pagamento") == {
        uuid["p2"]: "contas de moedas diferentes",
        uuid["p4"]: "conta_origem e conta_destino em branco",
        uuid["p5"]: "valor com mais de duas casas decimais",
    }
    assert motivos(lugar, "loans", "id_emprestimo") == {
        uuid["l2"]: "valor_solicitado zero ou negativo"
    }
    assert lugar.linhas(
        "select id_conta, saldo_fonte, moeda from staging.stg_fintech__accounts order by id_conta"
    ) == [("1", Decimal(100), "BRL"), ("2", None, "BRL"), ("3", Decimal(0), "USD")]
    assert lugar.linhas(
        "select endpoint, resultado, ruim, requisicao_tamanho, resposta_permitida"
        " from staging.stg_fintech__third_party_calls order by endpoint"
    ) == [
        ("/v1/health", "tempo_esgotado", True, None, None),
        ("/v1/users/{id}/score", "ok", False, 22, '{"status":"ok"}'),
    ]
    assert lugar.linhas(
        "select id_conta, saldo from staging.stg_fintech__saldo_abertura order by id_conta"
    ) == [("1", Decimal("1000.50")), ("9", Decimal("0.01"))]
    assert lugar.linhas("select count(*) from reconciliacao.rec_alteracao_indevida") == [(0,)]
    assert {c.gravadas for c in extrair(lugar, banco, PRIMEIRA).values()} == {0}

    banco.executar(MUDANCAS)
    extrair(lugar, banco, SEGUNDA)
    lugar.dbt("build", *SEM_SEMENTES)
    assert motivos(lugar, "transactions", "id_transacao").keys() == {
        uuid["t3"], uuid["t5"], uuid["t6"],
    }  # fmt: skip
    assert uuid["p2"] not in motivos(lugar, "payments", "id_pagamento")
    assert lugar.linhas(
        "select afeta_saldo, excluido_na_fonte_em from staging.stg_fintech__transactions"
        f" where id_transacao = '{uuid['t8']}'"
    ) == [(False, SEGUNDA.replace(tzinfo=None))]
    assert lugar.linhas(
        "select tabela, id, operacao, extraido_em from reconciliacao.rec_alteracao_indevida"
        " order by tabela"
    ) == [
        ("audit_logs", "2", "exclusao", SEGUNDA.replace(tzinfo=None)),
        ("third_party_calls", "2", "alteracao", SEGUNDA.replace(tzinfo=None)),
    ]
    assert lugar.linhas(
        "select count(*), sum(linhas_raw), max(diferenca_linhas), max(diferenca_valor)"
        " from reconciliacao.rec_fintech"
    ) == [(15, 43, 0, 0)]

    banco.executar(MUDANCAS_DE_VINCULO)
    extrair(lugar, banco, TERCEIRA)
    lugar.dbt("build", *DO_CORE)
    aos_poucos = {tabela: _fato(lugar, tabela) for tabela in INCREMENTAIS}
    u1, p1, p3, p6 = (_uuid(banco, n) for n in ("u1", "p1", "p3", "p6"))
    de = {p["id_pagamento"]: p for p in aos_poucos["fact_pagamento_conta"]}
    assert {id_: (p["liquidado_em"], p["fonte_liquidacao"]) for id_, p in de.items()} == {
        # its own id stands in one entry; that of the workflow is of the payment that was first
        p1: (datetime(2026, 6, 30, 23), "lancamento"),
        p3: (datetime(2026, 3, 1, 12), "lancamento"),
        p6: (datetime(2026, 7, 1, 2, 59), "lancamento"),
        _uuid(banco, "p7"): (datetime(2026, 7, 2), "auditoria"),
    }
    assert motivos(lugar, "payments", "id_pagamento")[uuid["p2"]] == "contas de moedas diferentes"
    assert (de[p1]["moeda"], de[p6]["data_pagamento"].isoformat()) == ("BRL", "2026-01-31")
    assert _uuid(banco, "t2") not in {t["id_transacao"] for t in aos_poucos["fact_transacao"]}
    versoes = {
        d["sk_usuario"]: d["versao"]
        for d in lugar.registros("select sk_usuario, versao from core.dim_usuario")
    }
    assert sorted(
        (c["chamada_em"].isoformat()[:10], versoes[c["sk_usuario"]])
        for c in aos_poucos["fact_chamada_terceiro"]
        if c["id_usuario"] == u1
    ) == [("2026-03-01", 1), ("2026-06-30", 1), ("2026-09-02", 2)]
    lugar.dbt("build", *DO_CORE, "--full-refresh")
    assert {tabela: _fato(lugar, tabela) for tabela in INCREMENTAIS} == aos_poucos


def _fato(armazem: ArmazemDeTeste, tabela: str) -> list[dict[str, Any]]:
    linhas = armazem.registros(f"select * from core.{tabela} order by {INCREMENTAIS[tabela]}")
    return [
        {c: v for c, v in linha.items() if c != "data_hora_atualizacao_registro"}
        for linha in linhas
    ]


def test_pagamento_e_de_quem_paga_e_de_quem_recebe(lugar: ArmazemDeTeste, banco: Fonte) -> None:
    """Whose account a payment goes to is erased as whose it comes from, and does not come back."""
    extrair(lugar, banco, PRIMEIRA)
    esquecer.esquecer(lugar.config, "fintech", [_uuid(banco, "u2")])
    extrair(lugar, banco, SEGUNDA)
    contas = {
        c
        for par in lugar.linhas("select conta_origem, conta_destino from raw_fintech.payments")
        for c in par
    }
    assert "2" not in contas and {"1", "3"} <= contas
    assert lugar.linhas(
        "select count(*) from raw_fintech.payments where id_pagamento like 'esquecido-%'"
    ) == [(2,)]


def test_o_que_so_se_insere_e_vigiado() -> None:
    """rec_alteracao_indevida reads each table that a contract calls append-only."""
    modelo = (PROJETO / "models/reconciliacao/rec_alteracao_indevida.sql").read_text("utf-8")
    assert set(re.findall(r"\('(\w+)', '(\w+)', '(\w+)'\)", modelo)) == {
        (f.nome, t.nome, t.chave_simples)
        for f in fontes().values()
        for t in f.tabelas
        if t.somente_insercao
    }


def _uuid(banco: Fonte, nome: str) -> str:
    ((achado,),) = banco.linhas(f"select cast(cast(md5('{nome}') as uuid) as text)")
    return str(achado)
