"""The modelling sample and the power of its variables as defined, in plain Python.

Invoices and payments come as dicts of dates, decimals and texts, the book as dicts by customer.
Areas under curves count pairs, distances look at every value; nothing is shared with the models.
"""

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oraculo_livro import decis, meses_antes, nomes

Linha = dict[str, Any]
MENOR_PARTE = 0.0001
POUCOS = 30


@dataclass(frozen=True)
class Definicao:
    """How the target is defined."""

    referencia: date
    meses: int = 6
    dias: int = 60
    fora_do_tempo: int = 3

    def fim(self, ref_date: date) -> date:
        """The first day after the performance window."""
        return meses_antes(ref_date, -self.meses)

    def madura(self, ref_date: date) -> bool:
        """Whether the last invoice that can count has had its days."""
        return self.fim(ref_date) + timedelta(days=self.dias) <= self.referencia


def _cumprida_em(fatura: Linha, pagamentos: Iterable[Linha]) -> date | None:
    """The day on which what was paid reached the minimum."""
    soma = Decimal(0)
    for pagamento in sorted(pagamentos, key=lambda p: p["data_pagamento"]):
        soma += pagamento["valor_pagamento"]
        if soma >= fatura["valor_pagamento_minimo"]:
            dia: date = pagamento["data_pagamento"]
            return dia
    return None


def amostra(
    faturas: Sequence[Linha],
    pagamentos: Sequence[Linha],
    ref_datas: Iterable[date],
    como: Definicao,
) -> dict[tuple[date, str], Linha]:
    """The sample by ref_date and customer."""
    clientes = {f["id_fatura"]: f["id_cliente"] for f in faturas}
    pagos: dict[str, list[Linha]] = {}
    for p in pagamentos:
        if clientes.get(p["id_fatura"]) == p["id_cliente"]:
            pagos.setdefault(p["id_fatura"], []).append(p)
    suas: dict[str, list[tuple[Linha, date | None]]] = {}
    for f in faturas:
        cumprida = _cumprida_em(f, pagos.get(f["id_fatura"], ()))
        suas.setdefault(f["id_cliente"], []).append((f, cumprida))

    no_livro = {
        r: [
            c
            for c, dele in suas.items()
            if any(meses_antes(r, 12) <= f["data_emissao"] < r for f, _ in dele)
        ]
        for r in ref_datas
    }
    maduras = sorted(r for r, quem in no_livro.items() if quem and como.madura(r))
    fora = set(maduras[len(maduras) - como.fora_do_tempo :] if como.fora_do_tempo else ())
    return {
        (r, c): _linha(r, c, suas[c], como, r in fora) for r, quem in no_livro.items() for c in quem
    }


def _linha(
    r: date, cliente: str, suas: list[tuple[Linha, date | None]], como: Definicao, fora: bool
) -> Linha:
    dias = timedelta(days=como.dias)
    cobradas = [(f, em) for f, em in suas if r <= f["data_vencimento"] < como.fim(r)]
    ma = any(
        f["valor_pagamento_minimo"] > 0
        and f["data_vencimento"] + dias < como.referencia
        and (em is None or em > f["data_vencimento"] + dias)
        for f, em in cobradas
    )
    devia = any(
        f["valor_pagamento_minimo"] > 0
        and (r - f["data_vencimento"]).days > como.dias
        and (em is None or em >= r)
        for f, em in suas
    )
    madura = como.madura(r)
    return {
        "alvo": 1 if ma else 0 if madura and cobradas else None,
        "maduro": madura,
        "exclusao": (
            "ja_inadimplente" if devia
            else "sem_fatura_no_desempenho" if not cobradas
            else None if madura
            else "imaturo"
        ),
        "particao": (
            "fora_do_tempo" if fora
            else "desenvolvimento"
            if int(hashlib.md5(cliente.encode(), usedforsecurity=False).hexdigest()[:4], 16)
            < 0xB333
            else "validacao"
        ),
    }  # fmt: skip


def area(maus: Sequence[float], bons: Sequence[float]) -> float | None:
    """Of all pairs of a bad and a good one, how many have the bad one above; equal ones half."""
    if not maus or not bons:
        return None
    em_ordem = sorted(bons)
    dobro = sum(bisect_left(em_ordem, m) + bisect_right(em_ordem, m) for m in maus)
    return dobro / (2 * len(maus) * len(bons))


def distancia(maus: Sequence[float], bons: Sequence[float]) -> float | None:
    """How far the two distributions lie apart, at the value where that is most."""
    if not maus or not bons:
        return None
    dos_maus, dos_bons = sorted(maus), sorted(bons)
    return max(
        abs(
            bisect_right(dos_maus, v) * len(bons) - bisect_right(dos_bons, v) * len(maus)
        )
        / (len(maus) * len(bons))
        for v in {*maus, *bons}
    )  # fmt: skip


def divergencia(uns: Sequence[int], outros: Sequence[int]) -> float:
    """Of two populations counted by bin: the sum of their shares' differences by logarithms."""
    total = 0.0
    for um, outro in zip(uns, outros, strict=True):
        a = max(um / sum(uns), MENOR_PARTE)
        b = max(outro / sum(outros), MENOR_PARTE)
        total += (a - b) * math.log(a / b)
    return total


def _faixas(valores: Iterable[float | None], limites: list[float]) -> list[int]:
    """How many lie in each of ten bins, a value equal to a cut below it, and how many are null."""
    contadas = [0] * 11
    for valor in valores:
        contadas[10 if valor is None else bisect_left(limites, valor)] += 1
    return contadas


def poder(
    livro: Mapping[tuple[date, str], Linha], linhas: Mapping[tuple[date, str], Linha]
) -> dict[str, Linha]:
    """The power of each variable, by its name; nothing without a row to look at."""
    uteis = {
        parte: [(livro[k], li["alvo"]) for k, li in linhas.items()
                if li["exclusao"] is None and li["particao"] == parte]
        for parte in ("desenvolvimento", "fora_do_tempo")
    }  # fmt: skip
    aqui, fora = uteis["desenvolvimento"], uteis["fora_do_tempo"]
    if not aqui:
        return {}
    return {nome: _da_variavel(nome, aqui, fora) for nome in nomes()}


def _da_variavel(nome: str, aqui: list[tuple[Linha, int]], fora: list[tuple[Linha, int]]) -> Linha:
    def valor(linha: Linha) -> float | None:
        if linha[nome] is None:
            return None
        media = nome.endswith("percentual_pago_media")  # its last digits are of the order of a sum
        return round(float(linha[nome]), 9) if media else float(linha[nome])

    por_alvo = {a: [valor(li) for li, alvo in aqui if alvo == a] for a in (1, 0)}
    maus, bons = ([v for v in por_alvo[a] if v is not None] for a in (1, 0))
    limites = decis(maus + bons) if maus + bons else []
    auc = area(maus, bons)
    return {
        "qtd": len(aqui),
        "qtd_mau": len(maus),
        "qtd_bom": len(bons),
        "amostra_pequena": min(len(maus), len(bons)) < POUCOS,
        "preenchimento": 100 * (len(maus) + len(bons)) / len(aqui),
        "auc": auc,
        "gini": None if auc is None else 2 * auc - 1,
        "ks": distancia(maus, bons),
        "iv": (
            divergencia(_faixas(por_alvo[1], limites), _faixas(por_alvo[0], limites))
            if por_alvo[1] and por_alvo[0]
            else None
        ),
        "psi": (
            divergencia(
                _faixas((valor(li) for li, _ in fora), limites),
                _faixas((valor(li) for li, _ in aqui), limites),
            )
            if fora
            else None
        ),
    }  # fmt: skip
