"""Amounts and days as texts: the oracle, both engines and the evidence of a file say the same."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import product

import oraculo_valores
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from conftest import VAZIO, ArmazemDeTeste

from loaders.extracao.arquivos.escritas import CENTAVOS, Escritas
from loaders.extracao.arquivos.formas import (
    AMERICANA,
    BRASILEIRA,
    DUVIDA,
    ISO,
    PONTO,
    VIRGULA,
    Evidencia,
)
from loaders.nucleo.erros import FonteRecusada

QUANTOS = 4_000
CONSULTA = """
select
    n,
    {{ tentar_decimal('v', "'ponto'") }} as ponto,
    {{ tentar_decimal('v', "'virgula'") }} as virgula,
    {{ tentar_data('d', "'AAAA-MM-DD'") }} as iso,
    {{ tentar_data('d', "'DD/MM/AAAA'") }} as brasileira
from textos
"""


@cache
def textos() -> list[tuple[str, str]]:
    """Pairs of texts, of an amount and of a day."""
    valores, dias = oraculo_valores.valores(QUANTOS), oraculo_valores.dias(QUANTOS)
    return list(zip(valores, dias, strict=True))


def lidos(valor: str, dia: str) -> tuple[Decimal | None, Decimal | None, date | None, date | None]:
    return (
        oraculo_valores.valor(valor, PONTO),
        oraculo_valores.valor(valor, VIRGULA),
        oraculo_valores.dia(dia, ISO),
        oraculo_valores.dia(dia, BRASILEIRA),
    )


def test_os_motores_leem_o_que_o_oraculo_le(lugar: ArmazemDeTeste) -> None:
    lugar.restaurar(VAZIO)
    sem_aspas = [(v.replace("'", "''"), d) for v, d in textos()]
    tupla = ", ".join(f"({n}, '{v}', '{d}')" for n, (v, d) in enumerate(sem_aspas))
    lugar.executar(
        f"create table textos (n integer, v text, d text); insert into textos values {tupla}"
    )
    feito = lugar.dbt("--quiet", "compile", "--inline", CONSULTA)
    achados = {n: tuple(linha) for n, *linha in lugar.linhas(feito.stdout)}
    esperados = {n: lidos(*par) for n, par in enumerate(textos())}
    outros = [(textos()[n], achados[n], e) for n, e in esperados.items() if achados[n] != e]
    assert outros == []
    for coluna in range(4):
        vazios = sum(e[coluna] is None for e in esperados.values())
        assert QUANTOS / 5 < vazios < QUANTOS * 0.95, "the texts say little"


def _observado(pares: list[tuple[str, str]]) -> Evidencia:
    evidencia = Evidencia(["v"], ["d"])
    valores, dias = zip(*pares, strict=True)
    evidencia.observar(pa.record_batch({"v": pa.array(valores), "d": pa.array(dias)}))
    return evidencia


def _prova_de_valor(valor: str) -> str | None:
    ponto, virgula = (oraculo_valores.valor(valor, forma) for forma in (PONTO, VIRGULA))
    if (ponto is None) == (virgula is None):
        assert ponto == virgula
        return None
    if oraculo_valores.duvidoso(valor):
        return DUVIDA
    return VIRGULA if ponto is None else PONTO


def _prova_de_dia(dia: str) -> str | None:
    formas = [f for f in (ISO, BRASILEIRA, AMERICANA) if oraculo_valores.dia(dia, f)]
    return DUVIDA if len(formas) == 2 else next(iter(formas), None)


def test_a_evidencia_e_do_que_se_le() -> None:
    """A text counts once at most, so a group of equal evidence shows each text that differs."""
    de_valor, de_dia = defaultdict(list), defaultdict(list)
    for valor, dia in textos():
        de_valor[_prova_de_valor(valor)].append((valor, ""))
        de_dia[_prova_de_dia(dia)].append(("", dia))
    assert de_valor.keys() == {PONTO, VIRGULA, DUVIDA, None}
    assert de_dia.keys() == {ISO, BRASILEIRA, AMERICANA, DUVIDA, None}
    for prova, pares in de_valor.items():
        decimais = _observado(pares).decimais
        assert {f: decimais[f] for f in (PONTO, VIRGULA, DUVIDA)} == {
            f: len(pares) if f == prova else 0 for f in (PONTO, VIRGULA, DUVIDA)
        }
    for prova, pares in de_dia.items():
        dias = _observado(pares).dias
        assert {f: dias[f] for f in (ISO, BRASILEIRA, AMERICANA, DUVIDA)} == {
            f: len(pares) if f == prova else 0 for f in (ISO, BRASILEIRA, AMERICANA, DUVIDA)
        }


def test_uma_linha_legivel_basta() -> None:
    for valor, dia in textos()[:60]:
        ponto, virgula, iso, brasileira = lidos(valor, dia)
        legiveis = {
            (f, d)
            for f, v in ((PONTO, ponto), (VIRGULA, virgula))
            for d, lido in ((ISO, iso), (BRASILEIRA, brasileira))
            if v is not None and lido
        }
        todas = set(product((PONTO, VIRGULA), (ISO, BRASILEIRA)))
        ruins = [("", ""), (valor, ""), ("", dia)] * 400
        assert set(_observado(ruins).a_encontrar) == todas
        assert set(_observado([*ruins, (valor, dia)]).a_encontrar) == todas - legiveis


def test_dias_duvidosos_pelo_mes_do_arquivo() -> None:
    """More days of issue in the month by MM/DD than by DD/MM; the due dates have no say."""
    dias = {"emissao": ["03/04/2024", "03/05/2024", "04/03/2024"], "vencimento": ["04/03/2024"] * 3}
    for mes, forma in (("2024-03", None), ("2024-04", BRASILEIRA), (None, BRASILEIRA)):
        evidencia = Evidencia([], ["emissao", "vencimento"], mes)
        evidencia.observar(pa.record_batch({nome: pa.array(d) for nome, d in dias.items()}))
        if forma:
            assert evidencia.forma_data() == forma
        else:
            with pytest.raises(FonteRecusada, match="read so 2 in emissao are of 2024-03"):
                evidencia.forma_data()


ESCALAS = ((12, 0), (15, 2), (17, 4), (18, 6), (20, 10), (12, 10))
"""Precision and scale of numbers that are no money."""


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize(("precisao", "escala"), ESCALAS)
def test_numeros_de_qualquer_escala(lugar: ArmazemDeTeste, precisao: int, escala: int) -> None:
    textos_ = list(oraculo_valores.numeros(1_500, escala))
    consulta = (
        "select n, {{ tentar_decimal_de('v', \"'ponto'\", P, E) }} as ponto,"
        " {{ tentar_decimal_de('v', \"'virgula'\", P, E) }} as virgula from textos"
    ).replace("P, E", f"{precisao}, {escala}")
    achados = _lidos_por(lugar, textos_, consulta)
    for forma, coluna in ((PONTO, 0), (VIRGULA, 1)):
        esperados = [oraculo_valores.numero(t, forma, precisao, escala) for t in textos_]
        outros = [
            (t, a[coluna], e)
            for t, a, e in zip(textos_, achados, esperados, strict=True)
            if a[coluna] != e
        ]
        assert outros == []
        assert len(textos_) / 20 < sum(e is not None for e in esperados) < len(textos_) * 0.9
        if (precisao, escala) != CENTAVOS:  # of money more is read: float artefacts
            escritas = Escritas.de(precisao, escala)
            nucleos = escritas.nucleos(pa.array(textos_))
            legiveis = pc.match_substring_regex(nucleos, escritas.legiveis[forma]).to_pylist()
            assert [t for t, e, li in zip(textos_, esperados, legiveis, strict=True)
                    if (e is not None) != li] == []  # fmt: skip


def test_instantes(lugar: ArmazemDeTeste) -> None:
    textos_ = list(oraculo_valores.instantes(3_000))
    consulta = (
        "select n, {{ tentar_data_hora('v', \"'AAAA-MM-DD'\") }} as iso,"
        " {{ tentar_data_hora('v', \"'DD/MM/AAAA'\") }} as brasileira from textos"
    )
    achados = _lidos_por(lugar, textos_, consulta)
    for forma, coluna in ((ISO, 0), (BRASILEIRA, 1)):
        esperados = [oraculo_valores.instante(t, forma) for t in textos_]
        outros = [
            (t, a[coluna], e)
            for t, a, e in zip(textos_, achados, esperados, strict=True)
            if a[coluna] != e
        ]
        assert outros == []
        assert len(textos_) / 20 < sum(e is not None for e in esperados) < len(textos_) * 0.9
        for texto, esperado in list(zip(textos_, esperados, strict=True))[:300]:
            evidencia = Evidencia([], [], instantes=["v"])
            evidencia.observar(pa.record_batch({"v": pa.array([texto])}))
            no_fim = esperado is None and texto.strip(oraculo_valores.ESPACOS)[:4] == "0001"
            legivel = (PONTO, forma) not in evidencia.a_encontrar
            assert no_fim or legivel == (esperado is not None), (texto, forma)


def _lidos_por(
    lugar: ArmazemDeTeste, textos_: list[str], consulta: str
) -> list[tuple[object, ...]]:
    """What an engine reads of texts, in their order."""
    lugar.restaurar(VAZIO)
    tupla = ", ".join(f"({n}, '{v}')" for n, v in enumerate(t.replace("'", "''") for t in textos_))
    lugar.executar(f"create table textos (n integer, v text); insert into textos values {tupla}")
    feito = lugar.dbt("--quiet", "compile", "--inline", consulta)
    return [tuple(linha) for _, *linha in sorted(lugar.linhas(feito.stdout), key=lambda li: li[0])]
