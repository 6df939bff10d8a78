"""The calendar of the built warehouse, every day of it, against one computed in Python."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from dateutil.easter import easter

PRIMEIRO_DIA = date(1990, 1, 1)
ULTIMO_DIA = date(2045, 12, 31)
TOTAL_DE_DIAS = 20_454

FIXOS = ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25))
DIAS_DA_PASCOA = (-48, -47, -2, 60)
PRIMEIRO_ANO_CONSCIENCIA_NEGRA = 2024

DIAS_DA_SEMANA = (
    "SEGUNDA-FEIRA",
    "TERÇA-FEIRA",
    "QUARTA-FEIRA",
    "QUINTA-FEIRA",
    "SEXTA-FEIRA",
    "SÁBADO",
    "DOMINGO",
)
MESES = (
    "JANEIRO",
    "FEVEREIRO",
    "MARÇO",
    "ABRIL",
    "MAIO",
    "JUNHO",
    "JULHO",
    "AGOSTO",
    "SETEMBRO",
    "OUTUBRO",
    "NOVEMBRO",
    "DEZEMBRO",
)

# data, feriado_nacional, fim_de_semana, dia_util, dia_da_semana, nome_mes, trimestre, semestre,
# ano_mes
Linha = tuple[date, bool, bool, bool, str, str, int, int, str]


def feriados(ano: int) -> set[date]:
    """The national holidays of a year, as banks count business days."""
    datas = {date(ano, mes, dia) for mes, dia in FIXOS}
    datas |= {easter(ano) + timedelta(days=dias) for dias in DIAS_DA_PASCOA}
    if ano >= PRIMEIRO_ANO_CONSCIENCIA_NEGRA:
        datas.add(date(ano, 11, 20))
    return datas


def linha_esperada(dia: date, feriados_do_ano: set[date]) -> Linha:
    feriado = dia in feriados_do_ano
    fim_de_semana = dia.isoweekday() >= 6
    return (
        dia,
        feriado,
        fim_de_semana,
        not fim_de_semana and not feriado,
        DIAS_DA_SEMANA[dia.weekday()],
        MESES[dia.month - 1],
        (dia.month + 2) // 3,
        1 if dia.month < 7 else 2,
        f"{dia.year:04d}-{dia.month:02d}",
    )


def calendario_esperado() -> list[Linha]:
    por_ano = {ano: feriados(ano) for ano in range(PRIMEIRO_DIA.year, ULTIMO_DIA.year + 1)}
    total = (ULTIMO_DIA - PRIMEIRO_DIA).days + 1
    dias = (PRIMEIRO_DIA + timedelta(days=n) for n in range(total))
    return [linha_esperada(dia, por_ano[dia.year]) for dia in dias]


def divergencias(linhas: Iterable[tuple]) -> list[str]:
    """What differs between the rows of a calendar, in any order, and the one computed here.

    Types count as well as values, so that neither 1 for true nor a timestamp for a date passes.
    """
    obtidas = sorted(linhas)
    achadas = [
        f"{anterior[0]}: repeated"
        for anterior, seguinte in pairwise(obtidas)
        if anterior[0] == seguinte[0]
    ]
    por_dia = {linha[0]: linha for linha in obtidas}
    for esperada in calendario_esperado():
        obtida = por_dia.pop(esperada[0], None)
        if obtida is None:
            achadas.append(f"{esperada[0]}: missing")
        elif tuple(obtida) != esperada or [*map(type, obtida)] != [*map(type, esperada)]:
            achadas.append(f"{esperada[0]}: expected {esperada}, got {tuple(obtida)}")
    return achadas + [f"{dia}: outside the calendar" for dia in por_dia]


def test_cada_dia_confere(armazem) -> None:
    linhas = armazem.linhas(
        "select data, feriado_nacional, fim_de_semana, dia_util, dia_da_semana, nome_mes,"
        " trimestre, semestre, ano_mes from core.dim_data where data is not null"
    )
    assert divergencias(linhas)[:10] == []
    assert len(linhas) == TOTAL_DE_DIAS


def test_chave_e_partes_de_cada_dia(armazem) -> None:
    linhas = armazem.linhas(
        "select sk_data, data, dia, mes, ano from core.dim_data where data is not null"
    )
    erradas = [
        (sk_data, data, dia, mes, ano)
        for sk_data, data, dia, mes, ano in linhas
        if (dia, mes, ano) != (data.day, data.month, data.year)
        or sk_data != int(data.strftime("%Y%m%d"))
    ]
    assert erradas[:10] == []


def test_dia_desconhecido(armazem) -> None:
    (desconhecido,) = armazem.registros("select * from core.dim_data where data is null")
    textos, sinais = ("dia_da_semana", "nome_mes", "ano_mes"), (
        "fim_de_semana", "feriado_nacional", "dia_util",
    )  # fmt: skip
    partes = ("data", "dia", "mes", "ano", "trimestre", "semestre")
    assert desconhecido == {"sk_data": 0} | dict.fromkeys(partes) | dict.fromkeys(
        textos, "DESCONHECIDO"
    ) | dict.fromkeys(sinais, False)


@pytest.mark.parametrize(
    ("ano", "publicados"),
    [
        (2000, "0101 0306 0307 0421 0501 0622 0907 1012 1102 1115 1225"),
        (2023, "0101 0220 0221 0407 0421 0501 0608 0907 1012 1102 1115 1225"),
        (2024, "0101 0212 0213 0329 0421 0501 0530 0907 1012 1102 1115 1120 1225"),
        (2025, "0101 0303 0304 0418 0421 0501 0619 0907 1012 1102 1115 1120 1225"),
    ],
)
def test_oraculo_confere_com_a_anbima(ano: int, publicados: str) -> None:
    """The dates ANBIMA publishes; in 2000 Sexta-feira Santa fell on Tiradentes."""
    assert sorted(f"{dia:%m%d}" for dia in feriados(ano)) == publicados.split()


def test_oraculo_acusa_cada_tipo_de_erro() -> None:
    """A check that finds nothing proves something only if it would find something."""
    certo = calendario_esperado()
    assert len(certo) == TOTAL_DE_DIAS
    assert divergencias(reversed(certo)) == []

    dia, feriado, *resto = certo[0]
    assert feriado
    assert len(divergencias([(dia, False, *resto), *certo[1:]])) == 1
    assert len(divergencias([(dia, 1, *resto), *certo[1:]])) == 1
    assert divergencias(certo[1:]) == ["1990-01-01: missing"]
    assert divergencias([*certo, certo[0]]) == ["1990-01-01: repeated"]
    fora = linha_esperada(date(2046, 1, 1), feriados(2046))
    assert divergencias([*certo, fora]) == ["2046-01-01: outside the calendar"]
