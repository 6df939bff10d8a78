"""The demonstration's FintechDB: what is planted is wrong, and nothing else is."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from conftest import POUCAS_CONTAS as PEQUENO

from loaders import PROJETO
from loaders.demo import servidor
from loaders.demo.fintech import ETAPAS, Tamanho, falhas, planejar, preencher

SAO_PAULO = timezone(timedelta(hours=-3))
TABELAS = (
    "users", "user_profiles", "kyc_results", "user_documents", "accounts", "transactions", "loans",
    "loan_payments", "payments", "third_party_calls", "audit_logs",
)  # fmt: skip
Linha = dict[str, Any]
Retrato = dict[str, list[Linha]]
Achados = dict[str, list[str]]


def retrato(dsn: str) -> Retrato:
    """All rows of all tables, in the order of their keys; ids as text."""
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as conexao:
        return {
            tabela: [
                {c: str(v) if c.endswith("id") and v is not None else v for c, v in linha.items()}
                for linha in conexao.execute(f"select * from {tabela} order by 1").fetchall()
            ]
            for tabela in TABELAS
        }


def banco(postgres: servidor.Servidor, nome: str) -> str:
    postgres.criar_banco(nome)
    return postgres.dsn(nome)


@pytest.fixture(scope="module")
def retratos(postgres: servidor.Servidor) -> Iterator[list[Retrato]]:
    """A small FintechDB at each stage."""
    dsn = banco(postgres, "fintech_retratos")
    vistos = []
    for etapa in range(len(ETAPAS)):
        preencher(dsn, etapa, PEQUENO)
        vistos.append(retrato(dsn))
    yield vistos
    planejar.cache_clear()


# What the seeds say of a text, whatever its case and punctuation.


def lista(seed: str, coluna: str) -> Callable[[str], str | None]:
    def chave(texto: str) -> str:
        return re.sub("[^a-z0-9]+", " ", texto.lower()).strip()

    with (PROJETO / f"seeds/fintech/{seed}.csv").open() as arquivo:
        mapa = {chave(linha["valor_fonte"]): linha[coluna] for linha in csv.DictReader(arquivo)}
    return lambda texto: mapa.get(chave(texto))


SITUACOES = {
    "users": ("status", lista("situacao_usuario", "situacao")),
    "user_profiles": ("kyc_status", lista("situacao_kyc", "situacao")),
    "kyc_results": ("status", lista("situacao_consulta", "situacao")),
    "transactions": ("status", lista("situacao_transacao", "situacao")),
    "loans": ("status", lista("situacao_emprestimo", "situacao")),
    "loan_payments": ("status", lista("situacao_parcela", "situacao")),
    "payments": ("status", lista("situacao_pagamento", "situacao")),
    "audit_logs": ("action", lista("acao_auditoria", "acao")),
}


def situacao(tabela: str, linha: Linha) -> str | None:
    coluna, mapa = SITUACOES[tabela]
    return mapa(linha[coluna])


def valor_bom(valor: Decimal) -> bool:
    return valor > 0 and valor == round(valor, 2)


def dia(momento: datetime) -> date:
    return momento.astimezone(SAO_PAULO).date()


# What does not fit, found from the rows alone.


def contados(r: Retrato) -> list[Linha]:
    return [
        t
        for t in bons(r)
        if situacao("transactions", t) in ("liquidada", "estornada")
    ]  # fmt: skip


def bons(r: Retrato) -> list[Linha]:
    return [
        t for t in r["transactions"] if valor_bom(t["amount"]) and t["type"] in ("credit", "debit")
    ]


def assinado(t: Linha) -> Decimal:
    valor: Decimal = t["amount"]
    return valor if t["type"] == "credit" else -valor


def tarifa(t: Linha) -> bool:
    return (t["description"] or "").startswith("TARIFA")


def achar_saldos(r: Retrato) -> Achados:
    saldos: dict[str, Decimal] = defaultdict(Decimal)
    reservas: dict[str, Decimal] = defaultdict(Decimal)
    for t in contados(r):
        saldos[t["account_id"]] += assinado(t)
    for t in bons(r):
        if t["type"] == "debit" and situacao("transactions", t) == "pendente":
            reservas[t["account_id"]] += t["amount"]
    achados = defaultdict(list)
    for conta in r["accounts"]:
        diferenca = conta["balance"] - saldos[conta["id"]]
        if diferenca:
            explicada = diferenca == -reservas[conta["id"]]
            classe = "explicada_por_pendentes" if explicada else "divergente"
            achados[f"rec_saldo/{classe}"].append(conta["id"])
    return achados


def pagamentos_bons(r: Retrato) -> list[Linha]:
    moedas = {c["id"]: c["currency"] for c in r["accounts"]}
    return [
        p
        for p in r["payments"]
        if valor_bom(p["amount"])
        and (p["from_account_id"] or p["to_account_id"])
        and len({moedas[c] for c in (p["from_account_id"], p["to_account_id"]) if c}) == 1
    ]


def achar_partidas(r: Retrato) -> Achados:
    donos: dict[str, Linha] = {}
    bons_ = sorted(pagamentos_bons(r), key=lambda p: (p["created_at"], p["id"]))
    for chave in ("orchestrator_workflow_id", "id"):
        for p in reversed(bons_):
            donos[p[chave]] = p
    dele: dict[str, list[Linha]] = defaultdict(list)
    for t in contados(r):
        if t["related_external_id"] in donos and not tarifa(t):
            dele[donos[t["related_external_id"]]["id"]].append(t)
    achados = defaultdict(list)
    for p in bons_:
        # Opposite entries cancel out: what is left of an account and an amount is of one sign.
        restos: Counter[tuple[str, Decimal]] = Counter()
        for t in dele[p["id"]]:
            restos[t["account_id"], t["amount"]] += 1 if t["type"] == "credit" else -1
        e = {k: n for k, n in restos.items() if n}
        esperado = {}
        if p["from_account_id"]:
            esperado[p["from_account_id"], p["amount"]] = -1
        if p["to_account_id"]:
            esperado[p["to_account_id"], p["amount"]] = 1
        interno = len(esperado) == 2
        if situacao("payments", p) != "liquidado":
            classe = "lancado_sem_liquidacao" if e else "ok"
        elif e == esperado:
            classe = "ok"
        elif not e:
            classe = "sem_lancamento"
        elif interno and len({n > 0 for n in e.values()}) == 1:
            classe = "meia_partida"
        elif any(
            conta != (p["to_account_id"] if n > 0 else p["from_account_id"])
            for (conta, _), n in e.items()
        ):
            classe = "conta_divergente"
        elif any(valor != p["amount"] for _, valor in e):
            classe = "valor_divergente"
        else:
            classe = "duplicado"
        if classe != "ok":
            achados[f"rec_partidas/{classe}"].append(p["id"])
    return achados


def achar_duplicidades(r: Retrato) -> Achados:
    achados = defaultdict(list)
    grupos = defaultdict(list)
    for t in sorted(contados(r), key=lambda t: (t["created_at"], t["id"])):
        if (t["related_external_id"] or "").strip() and not tarifa(t):
            grupos[t["account_id"], t["type"], t["related_external_id"]].append(t)
    for primeiro, *outros in grupos.values():
        vistos = {primeiro["amount"]}
        for t in outros:
            classe = "exata" if t["amount"] in vistos else "conflito"
            vistos.add(t["amount"])
            achados[f"rec_duplicidade/{classe}"].append(t["id"])
    fluxos: set[str] = set()
    anteriores: dict[tuple[Any, ...], Linha] = {}
    for p in sorted(pagamentos_bons(r), key=lambda p: (p["created_at"], p["id"])):
        repetido = p["orchestrator_workflow_id"] in fluxos
        fluxos.add(p["orchestrator_workflow_id"])
        if repetido:
            achados["rec_duplicidade/pagamento_repetido"].append(p["id"])
        if situacao("payments", p) in ("falhou", "cancelado"):
            continue
        chave = tuple(p[c] for c in ("from_account_id", "to_account_id", "method", "amount"))
        antes = anteriores.get(chave)
        anteriores[chave] = p
        if (
            antes
            and p["created_at"] - antes["created_at"] <= timedelta(seconds=120)
            and p["orchestrator_workflow_id"] != antes["orchestrator_workflow_id"]
        ):
            achados["rec_duplicidade/suspeita"].append(p["id"])
    return achados


def achar_estornos(r: Retrato) -> Achados:
    def chave(t: Linha, tipo: str) -> tuple[Any, ...]:
        return t["account_id"], tipo, t["amount"], t["related_external_id"]

    contas = Counter(chave(t, t["type"]) for t in contados(r) if t["related_external_id"])
    outro = {"credit": "debit", "debit": "credit"}
    return {
        "rec_estorno/sem_oposto": [
            t["id"]
            for t in contados(r)
            if situacao("transactions", t) == "estornada" and not contas[chave(t, outro[t["type"]])]
        ]
    }


def achar_emprestimos(r: Retrato) -> Achados:
    achados = defaultdict(list)
    parcelas = defaultdict(list)
    for p in sorted(r["loan_payments"], key=lambda p: (p["due_date"], p["id"])):
        if valor_bom(p["amount"]):
            parcelas[p["loan_id"]].append(p)
    desembolsos = {
        t["related_external_id"]: t for t in contados(r) if t["type"] == "credit"
    }  # fmt: skip
    for e in r["loans"]:
        suas, estado = parcelas[e["id"]], situacao("loans", e)
        if not e["amount_approved"]:
            assert not suas
            continue
        if len(suas) != e["term_months"]:
            achados["rec_cronograma/linhas_divergentes"].append(e["id"])
        elif sum(p["amount"] for p in suas) < e["amount_approved"]:
            achados["rec_cronograma/soma_menor_que_principal"].append(e["id"])
        else:
            assert price(e, suas) or sac(e, suas), e
        abertas = [p for p in suas if situacao("loan_payments", p) != "PAGA"]
        if estado == "QUITADO" and abertas:
            achados["rec_cronograma/quitado_com_parcela_aberta"].append(e["id"])
        assert abertas or estado == "QUITADO"
        if estado == "APROVADO":
            assert e["id"] not in desembolsos and len(abertas) == len(suas)
            continue
        desembolso = desembolsos[e["id"]]
        assert desembolso["amount"] == e["amount_approved"]
        for p in suas:
            paga = situacao("loan_payments", p) == "PAGA"
            if paga and not p["paid_at"]:
                achados["rec_cronograma/paga_sem_data"].append(p["id"])
            elif p["paid_at"] and not paga:
                achados["rec_cronograma/data_sem_paga"].append(p["id"])
            elif paga and p["paid_at"] < desembolso["created_at"]:
                achados["rec_cronograma/paga_antes_do_desembolso"].append(p["id"])
    return achados


def price(e: Linha, parcelas: list[Linha]) -> bool:
    n, i = e["term_months"], e["interest_rate"] / 100
    pmt = e["amount_approved"] * (i / (1 - (1 + i) ** -n) if i else Decimal(1) / n)
    folga = Decimal("0.01") * (((1 + i) ** n - 1) / i if i else n)
    *primeiras, ultima = (abs(p["amount"] - round(pmt, 2)) for p in parcelas)
    return all(d <= Decimal("0.01") for d in primeiras) and ultima <= folga


def sac(e: Linha, parcelas: list[Linha]) -> bool:
    n, i, principal = e["term_months"], e["interest_rate"] / 100, e["amount_approved"]
    return all(
        abs(p["amount"] - principal / n * (1 + (n - k) * i)) <= Decimal("0.01")
        for k, p in enumerate(parcelas)
    )


def achar_kyc(r: Retrato) -> Achados:
    achados = defaultdict(list)
    consultas, documentos = defaultdict(list), defaultdict(list)
    for c in r["kyc_results"]:
        consultas[c["user_id"]].append(c)
    for d in r["user_documents"]:
        documentos[d["user_id"]].append(d)
    criados = {u["id"]: u["created_at"] for u in r["users"]}
    for perfil in r["user_profiles"]:
        id_, estado = perfil["user_id"], situacao("user_profiles", perfil)
        decidido, suas = perfil["kyc_completed_at"], consultas[id_]
        enviados = sorted(d["uploaded_at"] for d in documentos[id_])
        situacoes = [situacao("kyc_results", c) for c in suas]
        primeira = min((c["fetched_at"] for c in suas), default=None)
        faltas = {
            "aprovado_sem_consulta": estado == "aprovado" and not suas,
            "aprovado_com_consulta_reprovada": estado == "aprovado" and "recusada" in situacoes,
            "decisao_antes_do_documento": decidido and enviados and decidido < enviados[0],
            "decidido_sem_data": estado in ("aprovado", "recusado") and not decidido,
            "pendente_com_data": estado == "pendente" and decidido,
            "documento_sem_resultado": any(not d["kyc_result_id"] for d in documentos[id_]),
            "documento_antes_do_cadastro": enviados and enviados[0] < criados[id_],
            "consulta_antes_do_documento": enviados and primeira and primeira < enviados[0],
            "decisao_antes_da_consulta": decidido and primeira and decidido < primeira,
        }
        for falta, tem in faltas.items():
            if tem:
                achados[f"kyc_usuario/{falta}"].append(id_)
        if estado == "aprovado" and not any(faltas.values()):
            assert primeira and criados[id_] < enviados[0] < primeira < decidido
    return achados


def achar_fora_do_contrato(r: Retrato) -> Achados:
    def ids(tabela: str, bons: list[Linha]) -> list[str]:
        return sorted({linha["id"] for linha in r[tabela]} - {linha["id"] for linha in bons})

    achados = {
        "quarentena/transactions": ids("transactions", bons(r)),
        "quarentena/payments": ids("payments", pagamentos_bons(r)),
        "quarentena/loans": ids(
            "loans", [e for e in r["loans"] if valor_bom(e["amount_requested"])]
        ),
        "quarentena/loan_payments": ids(
            "loan_payments", [p for p in r["loan_payments"] if valor_bom(p["amount"])]
        ),
    }
    for tabela in SITUACOES:
        chave = "user_id" if tabela == "user_profiles" else "id"
        achados[f"nao_mapeado/{tabela}"] = [
            linha[chave] for linha in r[tabela] if situacao(tabela, linha) is None
        ]
    chamada = lista("resultado_chamada", "resultado")
    achados["nao_mapeado/third_party_calls"] = [
        c["id"]
        for c in r["third_party_calls"]
        if not re.fullmatch("[1-5][0-9][0-9]", c["status"]) and chamada(c["status"]) is None
    ]
    return achados


def achar(r: Retrato) -> Achados:
    """Everything that does not fit, by kind, ids in order."""
    achados: Achados = {}
    for parte in (
        achar_saldos, achar_partidas, achar_duplicidades, achar_estornos, achar_emprestimos,
        achar_kyc, achar_fora_do_contrato,
    ):  # fmt: skip
        achados |= parte(r)
    return {especie: sorted(ids) for especie, ids in achados.items() if ids}


def plantadas(tamanho: Tamanho | None, etapa: int) -> Achados:
    """What shows at one stage alone: all but what changed between the two."""
    return {
        especie: ids
        for especie, ids in falhas(tamanho, etapa=etapa).items()
        if ids and not especie.startswith("rec_alteracao_indevida/")
    }


ESPECIES = {
    "rec_partidas": {
        "sem_lancamento", "meia_partida", "conta_divergente", "valor_divergente", "duplicado",
        "lancado_sem_liquidacao",
    },
    "rec_duplicidade": {"exata", "conflito", "pagamento_repetido", "suspeita"},
    "rec_estorno": {"sem_oposto"},
    "rec_saldo": {"divergente", "explicada_por_pendentes"},
    "rec_cronograma": {
        "linhas_divergentes", "soma_menor_que_principal", "quitado_com_parcela_aberta",
        "paga_sem_data", "data_sem_paga", "paga_antes_do_desembolso",
    },
    "kyc_usuario": {
        "aprovado_sem_consulta", "aprovado_com_consulta_reprovada", "decisao_antes_do_documento",
        "decidido_sem_data", "pendente_com_data", "documento_sem_resultado",
        "documento_antes_do_cadastro", "consulta_antes_do_documento", "decisao_antes_da_consulta",
    },
    "rec_alteracao_indevida": {"third_party_calls", "audit_logs"},
    "quarentena": {"transactions", "payments", "loans", "loan_payments"},
    "nao_mapeado": {*SITUACOES, "third_party_calls"},
}  # fmt: skip


@pytest.mark.parametrize("etapa", [0, 1])
def test_acha_se_o_plantado_e_nada_mais(retratos: list[Retrato], etapa: int) -> None:
    assert achar(retratos[etapa]) == plantadas(PEQUENO, etapa)


def test_toda_especie_e_plantada() -> None:
    esperadas = {f"{rec}/{especie}" for rec, especies in ESPECIES.items() for especie in especies}
    assert {especie for especie, ids in falhas(PEQUENO).items() if ids} == esperadas


def test_e_deterministico(postgres: servidor.Servidor, retratos: list[Retrato]) -> None:
    """Made again, at once at the last stage, and then back at the first."""
    planejar.cache_clear()
    dsn = banco(postgres, "fintech_de_novo")
    for etapa in (1, 0):
        preencher(dsn, etapa, PEQUENO)
        assert retrato(dsn) == retratos[etapa]


def test_outra_semente_da_outro_banco(retratos: list[Retrato]) -> None:
    planejar.cache_clear()
    assert falhas(PEQUENO, semente=8) != falhas(PEQUENO)


def test_recusa_banco_alheio_e_etapa_que_nao_ha(postgres: servidor.Servidor) -> None:
    dsn = banco(postgres, "fintech_alheio")
    with psycopg.connect(dsn) as conexao:
        conexao.execute("create table loans (id text)")
    with pytest.raises(ValueError, match="another source"):
        preencher(dsn, 0, PEQUENO)
    with pytest.raises(ValueError, match="no stage 2"):
        preencher(dsn, 2, PEQUENO)


def test_entre_as_etapas(retratos: list[Retrato]) -> None:
    """Statuses change, facts of old days come late, entries vanish, and logs were tampered with."""
    antes, depois = (
        {tabela: {next(iter(linha.values())): linha for linha in r[tabela]} for tabela in TABELAS}
        for r in retratos
    )

    def mudancas(tabela: str) -> set[tuple[str | None, str | None]]:
        return {
            (situacao(tabela, a), situacao(tabela, d))
            for id_, a in antes[tabela].items()
            if (d := depois[tabela].get(id_)) and a != d
        }

    assert {("pendente", "liquidada"), ("liquidada", "estornada")} <= mudancas("transactions")
    assert {("pendente", "liquidado")} <= mudancas("payments")
    assert {("DESEMBOLSADO", "QUITADO"), ("DESEMBOLSADO", "INADIMPLENTE")} <= mudancas("loans")
    assert {("ABERTA", "PAGA"), ("ATRASADA", "PAGA")} <= mudancas("loan_payments")
    novos = depois["transactions"].keys() - antes["transactions"].keys()
    assert any(depois["transactions"][n]["created_at"] < ETAPAS[0] for n in novos)
    assert antes["transactions"].keys() - depois["transactions"].keys()
    for tabela in ("third_party_calls", "audit_logs"):
        mexidas = [id_ for id_, a in antes[tabela].items() if depois[tabela].get(id_) != a]
        assert sorted(mexidas) == falhas(PEQUENO)[f"rec_alteracao_indevida/{tabela}"]
    for r, etapa in zip(retratos, ETAPAS, strict=True):
        momentos = (v for linhas in r.values() for linha in linhas for v in linha.values())
        assert max(v for v in momentos if isinstance(v, datetime)) <= etapa


@pytest.mark.slow
def test_tamanho_da_demonstracao(postgres: servidor.Servidor) -> None:
    """At its full size too, nothing is wrong but what is planted, about 0.3 % of the rows."""
    dsn = banco(postgres, "fintech_inteiro")
    for etapa in range(len(ETAPAS)):
        preencher(dsn, etapa)
        r = retrato(dsn)
        assert achar(r) == plantadas(None, etapa)
    inteiro = Tamanho()
    assert len(r["users"]) == inteiro.usuarios
    assert len(r["accounts"]) == inteiro.contas
    assert len(r["transactions"]) == inteiro.lancamentos
    assert len(r["payments"]) == inteiro.pagamentos
    assert len(r["loans"]) == inteiro.emprestimos
    assert len(r["third_party_calls"]) == inteiro.chamadas
    assert abs(len(r["audit_logs"]) - inteiro.auditorias) < 100
    linhas = sum(map(len, r.values()))
    assert 0.002 < sum(map(len, falhas().values())) / linhas < 0.004
    planejar.cache_clear()
