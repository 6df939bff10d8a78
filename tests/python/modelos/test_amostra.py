"""The modelling sample and the power of its variables, against the oracle; and no leak."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import oraculo_amostra
import pytest
from apoio_livro import SEM_FATURAS, Entregas, Linha, comparar, fatura, pagamento
from conftest import ArmazemDeTeste
from oraculo_amostra import Definicao
from oraculo_livro import meses_antes

from loaders.armazem import abrir

REFERENCIA = date(2024, 4, 29)
"""On which the sample of the last of August matures: half a year later comes a 29 February."""
NO_LIMITE, DEPOIS_DO_LIMITE = date(2023, 8, 31), date(2023, 9, 1)
REF_DATAS = [
    SEM_FATURAS, date(2023, 4, 30), date(2023, 5, 1), date(2023, 6, 30), date(2023, 7, 31),
    NO_LIMITE, DEPOIS_DO_LIMITE, date(2024, 1, 1),
]  # fmt: skip
FORA_DO_TEMPO = {date(2023, 6, 30), date(2023, 7, 31), NO_LIMITE}
CENTAVO = Decimal("0.01")
PRAZOS = (0, 5, 10, 40)


def clientes(sorte: random.Random, quantos: int) -> list[tuple[str, float]]:
    """Ids, many of them alike, each with how often the customer pays badly."""
    return [
        (f"{n}-1" if n % 2 else f"1-{n}", sorte.choice([0, 0, 0.02, 0.1, 0.6]))
        for n in range(quantos)
    ]


def vencimentos(de: date, ate: date) -> list[date]:
    """The days about which a due date decides on something."""
    dias = (
        base + timedelta(days=d)
        for r in REF_DATAS
        for base in (r, meses_antes(r, -6), r - timedelta(days=60), REFERENCIA - timedelta(days=60))
        for d in (-1, 0, 1)
    )
    return [d for d in dias if de <= d < ate]


def faturas_de(
    sorte: random.Random,
    marca: str,
    quem: Sequence[tuple[str, float]],
    de: date,
    ate: date,
    quantas: int,
) -> tuple[list[Linha], list[Linha]]:
    """Invoices issued in [de, ate), with payments about the days on which the target turns."""
    faturas: list[Linha] = []
    pagamentos: list[Linha] = []
    beiras = vencimentos(de, ate)
    for i in range(quantas):
        cliente, mau = sorte.choice(quem)
        prazo = sorte.choice(PRAZOS)
        vence = de + timedelta(days=sorte.randrange((ate - de).days))
        if beiras and sorte.random() < 0.5:
            vence = sorte.choice(beiras)
        total = Decimal(sorte.choice([5_000, 20_000, sorte.randrange(1, 10**6)])) / 100
        minimo = sorte.choice([(total * 15 / 100).quantize(CENTAVO)] * 5 + [Decimal(0), total])
        emissao = max(vence - timedelta(days=prazo), de)
        nova = fatura(f"{marca}{i}", cliente, emissao, (vence - emissao).days, total, minimo)
        faturas.append(nova)
        limite = nova["data_vencimento"] + timedelta(days=60)
        if sorte.random() < mau:
            pagas = sorte.choice(
                [[], [(limite + timedelta(days=1), total)], [(vence, minimo - CENTAVO)],
                 [(vence, minimo - CENTAVO), (limite + timedelta(days=1), CENTAVO)]]
            )  # fmt: skip
        else:
            meio = (minimo / 2).quantize(CENTAVO)
            pagas = sorte.choice(
                [[(vence, total)], [(vence - timedelta(days=1), minimo)], [(limite, minimo)],
                 [(vence, meio), (limite, minimo - meio)],
                 [(sorte.choice(REF_DATAS[1:]), total)]]
            )  # fmt: skip
        for k, (dia, valor) in enumerate(pagas):
            if valor > 0:
                outro = "outro" if sorte.random() < 0.01 else None
                pagamentos.append(pagamento(f"{marca}{i}/{k}", nova, dia, valor, outro))
    return faturas, pagamentos


@pytest.fixture
def entregas(armazem_vazio: ArmazemDeTeste) -> Entregas:
    """A warehouse with one random delivery of two years."""
    abrir(armazem_vazio.config, "test").fechar()  # makes the raw tables
    resultado = Entregas(armazem_vazio)
    sorte = random.Random(60)
    quem = clientes(sorte, 160)
    resultado.entregar(
        "historico", *faturas_de(sorte, "a", quem, date(2022, 6, 1), date(2024, 4, 29), 2_600)
    )
    return resultado


def construir(entregas: Entregas, referencia: date = REFERENCIA, **variaveis: str) -> str:
    """Build the books, the sample and what stands on them."""
    return entregas.construir(REF_DATAS, data_referencia=str(referencia), **variaveis)


def livro_inteiro(entregas: Entregas) -> dict[tuple[date, str], Linha]:
    """The customer book as it stands, of all ref_dates."""
    return {
        (ref_date, cliente): linha
        for ref_date in REF_DATAS
        for cliente, linha in entregas.ler("book_fatura_cliente", "id_cliente", ref_date).items()
    }


def lida(entregas: Entregas) -> dict[tuple[date, str], Linha]:
    """The sample as it stands."""
    linhas = entregas.armazem.linhas(
        "select ref_date, id_cliente, alvo, maduro, exclusao, particao from risco.amostra_modelagem"
    )
    nomes = ("alvo", "maduro", "exclusao", "particao")
    por_chave = {li[:2]: dict(zip(nomes, li[2:], strict=True)) for li in linhas}
    assert len(por_chave) == len(linhas), "two rows of one key"
    return por_chave


def poder_lido(entregas: Entregas) -> dict[str, Linha]:
    """The power of the variables as it stands."""
    registros = entregas.armazem.registros("select * from risco.poder_variaveis")
    por_nome = {str(li.pop("nome")): li for li in registros}
    assert len(por_nome) == len(registros), "two rows of one variable"
    return por_nome


def conferir(entregas: Entregas, como: Definicao) -> dict[tuple[date, str], Linha]:
    """Compare the sample and the power of every variable with the oracle; returns the sample."""
    faturas, pagamentos = list(entregas.faturas.values()), list(entregas.pagamentos.values())
    esperada = oraculo_amostra.amostra(faturas, pagamentos, REF_DATAS, como)
    assert lida(entregas) == esperada
    livro = livro_inteiro(entregas)
    assert livro.keys() == esperada.keys(), "a row of the sample is a row of the book"
    comparar("poder_variaveis", poder_lido(entregas), oraculo_amostra.poder(livro, esperada))
    return esperada


def tudo_ocorre(linhas: dict[tuple[date, str], Linha]) -> None:
    """What the random data are to hold, so that the comparison is of something."""
    de_uso = [li for li in linhas.values() if li["exclusao"] is None]
    assert {li["exclusao"] for li in linhas.values()} == {
        None, "ja_inadimplente", "sem_fatura_no_desempenho", "imaturo"
    }  # fmt: skip
    for parte in ("desenvolvimento", "validacao", "fora_do_tempo"):
        alvos = [li["alvo"] for li in de_uso if li["particao"] == parte]
        assert min(alvos.count(1), alvos.count(0)) >= 5, parte
    assert {r for (r, _), li in linhas.items() if li["particao"] == "fora_do_tempo"} == (
        FORA_DO_TEMPO
    )
    assert {li["maduro"] for (r, _), li in linhas.items() if r == NO_LIMITE} == {True}
    assert {li["maduro"] for (r, _), li in linhas.items() if r == DEPOIS_DO_LIMITE} == {False}
    assert any(li["alvo"] == 1 for li in linhas.values() if li["exclusao"] == "imaturo")


@pytest.mark.nightly_on("duckdb")
def test_amostra_e_poder_contra_o_oraculo(entregas: Entregas) -> None:
    construir(entregas)
    linhas = conferir(entregas, Definicao(REFERENCIA))
    tudo_ocorre(linhas)
    poder = poder_lido(entregas)
    assert len(poder) == 1010
    assert any(li["auc"] is None for li in poder.values())
    assert len({li["ks"] for li in poder.values() if not li["amostra_pequena"]}) > 50


@pytest.mark.slow
def test_outras_definicoes(entregas: Entregas) -> None:
    """Another day, window, term and test out of time; and with none of use there is no ranking."""
    construir(
        entregas, date(2024, 3, 1), meses_desempenho="3", dias_alvo="15", meses_fora_do_tempo="1"
    )
    conferir(entregas, Definicao(date(2024, 3, 1), 3, 15, 1))
    construir(entregas, date(2023, 3, 1))
    linhas = conferir(entregas, Definicao(date(2023, 3, 1)))
    assert not any(li["maduro"] for li in linhas.values())
    assert poder_lido(entregas) == {}


@pytest.mark.nightly_on("duckdb")
def test_nada_do_futuro_chega_as_variaveis(entregas: Entregas) -> None:
    """All that happened on a ref_date or later becomes something else: the row stays as it is."""
    construir(entregas)
    quando = DEPOIS_DO_LIMITE
    antes = (lida(entregas), livro_inteiro(entregas))
    sorte = random.Random(61)
    # Whoever paid well pays badly from that day on, and the reverse, other amounts on other days.
    trocados = [(cliente, 0.6 - mau) for cliente, mau in clientes(random.Random(60), 160)]
    novas, novos = faturas_de(sorte, "z", trocados, quando, date(2024, 4, 29), 1_300)
    faturas = [
        {k: v for k, v in f.items() if k != "entrega"}
        for f in entregas.faturas.values()
        if f["data_emissao"] < quando
    ]
    pagamentos = [
        {k: v for k, v in p.items() if k != "entrega"}
        for p in entregas.pagamentos.values()
        if p["data_pagamento"] < quando
    ]
    # Of the invoices that were known some are paid from then on, whatever was paid of them before.
    tardios = [
        pagamento(f"t{i}", f, quando + timedelta(days=sorte.randrange(90)), f["valor_fatura"])
        for i, f in enumerate(faturas)
        if f["valor_fatura"] > 0 and sorte.random() < 0.3
    ]
    entregas.entregar(
        "historico",
        faturas + novas,
        pagamentos + tardios + [p for p in novos if p["data_pagamento"] >= quando],
    )
    construir(entregas)
    depois = (lida(entregas), livro_inteiro(entregas))
    ate = [r for r in REF_DATAS if r <= quando]
    de_antes = {k for k in antes[0] if k[0] in ate}
    assert de_antes == {k for k in depois[0] if k[0] in ate}
    for chave in de_antes:
        assert antes[1][chave] == depois[1][chave], "a variable knows the future"
        assert antes[0][chave]["particao"] == depois[0][chave]["particao"]
    for coluna, ao_menos in (("alvo", 20), ("exclusao", 1)):
        mudaram = [k for k in de_antes if antes[0][k][coluna] != depois[0][k][coluna]]
        assert len(mudaram) >= ao_menos, f"{coluna}: nothing was altered that counts"
    conferir(entregas, Definicao(REFERENCIA))
