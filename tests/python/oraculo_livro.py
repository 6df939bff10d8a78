"""The books as the definitions say, in plain Python: no SQL, nothing shared with the models.

Invoices and payments come as dicts of dates, decimals and texts. Amounts stay decimals; averages
and percentages are made as floats at the very end.
"""

import calendar
import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

JANELAS = (1, 3, 6, 9, 12)
PRAZOS = ("antecipado", "no_prazo", "atrasado", "a_vencer", "sem_pagamento")
VALORES = ("sem_pagamento", "insuficiente", "minimo", "parcial", "total", "excedente")
DE_VALOR = ("soma", "media", "max", "min")
SEM_SOMA = ("media", "max", "min")
MEDIDAS = {
    "valor_fatura": DE_VALOR,
    "valor_pagamento_minimo": DE_VALOR,
    "valor_pago": DE_VALOR,
    "dias_atraso": SEM_SOMA,
    "percentual_pago": SEM_SOMA,
}
NADA = Decimal(0)

Linha = dict[str, Any]


@dataclass(frozen=True)
class Fatura:
    """An invoice as it is known at a ref_date."""

    id_cliente: str
    emissao: date
    valor_fatura: Decimal
    valor_pagamento_minimo: Decimal
    valor_pago: Decimal
    pagamentos: int
    prazo: str
    valor: str
    dias_atraso: int
    inadimplente: bool

    @property
    def saldo(self) -> Decimal:
        """What is still owed."""
        return max(self.valor_fatura - self.valor_pago, NADA)

    @property
    def percentual_pago(self) -> float | None:
        """How much of the amount is paid; unknown for an invoice of nothing."""
        if self.valor_fatura == 0:
            return None
        return float(100 * self.valor_pago / self.valor_fatura)

    def recortes(self) -> tuple[str, str, str]:
        """The slices that hold the invoice."""
        return "geral", f"prazo_{self.prazo}", f"valor_{self.valor}"


def meses_antes(dia: date, meses: int) -> date:
    """The same day some months earlier, or the last of a month that has no such day."""
    ano, mes = divmod(dia.year * 12 + dia.month - 1 - meses, 12)
    return date(ano, mes + 1, min(dia.day, calendar.monthrange(ano, mes + 1)[1]))


def constante(recorte: str, medida: str) -> bool:
    """Whether the definition of a slice already says what the measure is."""
    if recorte in ("prazo_sem_pagamento", "valor_sem_pagamento"):
        return medida in ("valor_pago", "percentual_pago")
    if recorte == "valor_total":
        return medida == "percentual_pago"
    if recorte in ("prazo_antecipado", "prazo_no_prazo", "prazo_a_vencer"):
        return medida == "dias_atraso"
    return False


def nomes() -> list[str]:
    """The names of all variables of the customer book."""
    todos = []
    for meses in JANELAS:
        recortes = ("geral", *(f"prazo_{p}" for p in PRAZOS), *(f"valor_{v}" for v in VALORES))
        for recorte in recortes:
            todos.append(f"u{meses}m_{recorte}_qtd_faturas")
            todos += [
                f"u{meses}m_{recorte}_{medida}_{agregacao}"
                for medida, agregacoes in MEDIDAS.items()
                if not constante(recorte, medida)
                for agregacao in agregacoes
            ]
    return todos


def conhecer(fatura: Linha, pagamentos: Iterable[Linha], ref_date: date) -> Fatura:
    """One invoice with those of its payments that were made before the ref_date."""
    feitos = sorted(
        (p for p in pagamentos if p["data_pagamento"] < ref_date), key=lambda p: p["data_pagamento"]
    )
    total, minimo = fatura["valor_fatura"], fatura["valor_pagamento_minimo"]
    vencimento = fatura["data_vencimento"]
    pago, cumprida_em = NADA, None
    for pagamento in feitos:
        pago += pagamento["valor_pagamento"]
        if cumprida_em is None and pago >= minimo:
            cumprida_em = pagamento["data_pagamento"]
    if cumprida_em is not None:
        atraso = max((cumprida_em - vencimento).days, 0)
        prazo = (
            "antecipado" if cumprida_em < vencimento
            else "no_prazo" if cumprida_em == vencimento
            else "atrasado"
        )  # fmt: skip
    else:
        atraso = 0 if minimo == 0 else max((ref_date - vencimento).days, 0)
        prazo = (
            "a_vencer" if vencimento >= ref_date
            else "sem_pagamento" if pago == 0
            else "atrasado"
        )  # fmt: skip
    valor = (
        "sem_pagamento" if pago == 0
        else "insuficiente" if pago < minimo
        else "excedente" if pago > total
        else "total" if pago == total
        else "minimo" if pago == minimo
        else "parcial"
    )  # fmt: skip
    return Fatura(
        id_cliente=fatura["id_cliente"],
        emissao=fatura["data_emissao"],
        valor_fatura=total,
        valor_pagamento_minimo=minimo,
        valor_pago=pago,
        pagamentos=len(feitos),
        prazo=prazo,
        valor=valor,
        dias_atraso=atraso,
        inadimplente=vencimento < ref_date and pago < minimo,
    )


def conhecidas(faturas: list[Linha], pagamentos: list[Linha], ref_date: date) -> list[Fatura]:
    """The invoices of the twelve months before the ref_date, as they are known then."""
    por_fatura: dict[str, list[Linha]] = {}
    clientes = {f["id_fatura"]: f["id_cliente"] for f in faturas}
    for pagamento in pagamentos:
        if clientes.get(pagamento["id_fatura"]) == pagamento["id_cliente"]:
            por_fatura.setdefault(pagamento["id_fatura"], []).append(pagamento)
    inicio = meses_antes(ref_date, 12)
    return [
        conhecer(fatura, por_fatura.get(fatura["id_fatura"], []), ref_date)
        for fatura in faturas
        if inicio <= fatura["data_emissao"] < ref_date
    ]


def _celula(prefixo: str, recorte: str, faturas: list[Fatura]) -> Linha:
    linha: Linha = {f"{prefixo}_{recorte}_qtd_faturas": len(faturas)}
    for medida, agregacoes in MEDIDAS.items():
        if constante(recorte, medida):
            continue
        valores = [v for v in (getattr(f, medida) for f in faturas) if v is not None]
        feitas = {
            "soma": sum(valores) if valores else None,
            "media": float(sum(valores)) / len(valores) if valores else None,
            "max": max(valores, default=None),
            "min": min(valores, default=None),
        }
        for agregacao in agregacoes:
            linha[f"{prefixo}_{recorte}_{medida}_{agregacao}"] = feitas[agregacao]
    return linha


def livro_do_cliente(
    faturas: list[Linha], pagamentos: list[Linha], ref_date: date
) -> dict[str, Linha]:
    """The customer book of one ref_date, by id_cliente."""
    por_cliente: dict[str, list[Fatura]] = {}
    for fatura in conhecidas(faturas, pagamentos, ref_date):
        por_cliente.setdefault(fatura.id_cliente, []).append(fatura)
    livro = {}
    for cliente, suas in por_cliente.items():
        linha: Linha = {}
        for meses in JANELAS:
            na_janela = [f for f in suas if f.emissao >= meses_antes(ref_date, meses)]
            celulas: dict[str, list[Fatura]] = {}
            for fatura in na_janela:
                for recorte in fatura.recortes():
                    celulas.setdefault(recorte, []).append(fatura)
            todos = ("geral", *(f"prazo_{p}" for p in PRAZOS), *(f"valor_{v}" for v in VALORES))
            for recorte in todos:
                linha |= _celula(f"u{meses}m", recorte, celulas.get(recorte, []))
        livro[cliente] = linha
    return livro


def decis(valores: list[float]) -> list[float]:
    """The nine deciles, interpolated between neighbours."""
    ordenados = sorted(valores)
    feitos = []
    for decil in range(1, 10):
        posicao, resto = divmod(decil * (len(ordenados) - 1), 10)
        abaixo = ordenados[posicao]
        acima = ordenados[min(posicao + 1, len(ordenados) - 1)]
        feitos.append(abaixo + (acima - abaixo) * resto / 10)
    return feitos


def _comparavel(nome: str, valor: Any) -> float:
    """A value as it is held against a cut: averages of quotients without their last digits."""
    return round(float(valor), 9) if nome.endswith("percentual_pago_media") else float(valor)


def estabilidade(antes: dict[str, Linha], agora: dict[str, Linha]) -> dict[str, Linha]:
    """The PSI of each variable between two ref_dates' customer books, by its name.

    The bins are the deciles of the earlier one, a value equal to a decile below it, and one for
    null; where the earlier one has no value, all of the later one's stand together.
    """
    psi = {}
    for nome in nomes():
        de_antes = [_comparavel(nome, li[nome]) for li in antes.values() if li[nome] is not None]
        limites = decis(de_antes) if de_antes else []
        contagens = []
        for livro in (antes, agora):
            faixas = [0] * 11
            for linha in livro.values():
                valor = linha[nome]
                faixas[10 if valor is None else bisect_left(limites, _comparavel(nome, valor))] += 1
            contagens.append([max(n / len(livro), 0.0001) for n in faixas])
        psi[nome] = {
            "psi": sum((b - a) * math.log(b / a) for a, b in zip(*contagens, strict=True)),
            "clientes": len(agora),
            "clientes_anteriores": len(antes),
        }
    return psi


def _sobre(parte: Decimal | int, todo: Decimal | int, vezes: int = 1) -> float | None:
    return float(vezes * Decimal(parte) / Decimal(todo)) if todo else None


def livro_da_carteira(
    faturas: list[Linha], pagamentos: list[Linha], ref_date: date
) -> dict[str, Linha]:
    """The portfolio book of one ref_date, by window."""
    todas = conhecidas(faturas, pagamentos, ref_date)
    livro = {}
    for meses in JANELAS:
        inicio = meses_antes(ref_date, meses)
        suas = [f for f in todas if f.emissao >= inicio]
        faturado = sum((f.valor_fatura for f in suas), NADA)
        pago = sum((f.valor_pago for f in suas), NADA)
        feitos = sum(f.pagamentos for f in suas)
        clientes = len({f.id_cliente for f in suas})
        atrasos = [f.dias_atraso for f in suas if f.dias_atraso > 0]
        devedoras = [f for f in suas if f.inadimplente]
        pontuais = [f for f in suas if f.prazo in ("antecipado", "no_prazo")]
        livro[f"U{meses}M"] = {
            "inicio_janela": inicio,
            "fim_janela": ref_date,
            "total_faturas": len(suas),
            "valor_total_faturas": faturado,
            "valor_medio_faturas": _sobre(faturado, len(suas)),
            "total_pagamentos": feitos,
            "valor_total_pagamentos": pago,
            "valor_medio_pagamentos": _sobre(pago, feitos),
            "percentual_pagamento_prazo": _sobre(len(pontuais), len(suas), 100),
            "percentual_inadimplencia": _sobre(len(devedoras), len(suas), 100),
            "total_atrasos": len(atrasos),
            "percentual_atrasos": _sobre(len(atrasos), len(suas), 100),
            "media_dias_atraso": _sobre(sum(atrasos), len(atrasos)),
            "max_dias_atraso": max((f.dias_atraso for f in suas), default=None),
            "valor_inadimplente": sum((f.saldo for f in devedoras), NADA),
            "percentual_valor_pago": _sobre(pago, faturado, 100),
            "total_clientes": clientes,
            "media_fatura_por_cliente": _sobre(faturado, clientes),
            "media_pagamento_por_cliente": _sobre(pago, clientes),
        }
    return livro
