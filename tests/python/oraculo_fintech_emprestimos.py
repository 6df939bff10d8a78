"""Loans as the pages say, in plain Python: schedules line by line, the portfolio day by day.

Exact fractions in place of closed forms, and nothing shared with the models.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("America/Sao_Paulo")
NADA = Decimal(0)
CENTAVO = Fraction(1, 100)
UM_DIA = timedelta(days=1)
PARCELAS = {
    "paid": "PAGA", "settled": "PAGA", "pending": "ABERTA", "open": "ABERTA", "late": "ATRASADA",
    "overdue": "ATRASADA", "cancelled": "CANCELADA",
}  # fmt: skip
FAIXAS = (
    ("em_dia", 0), ("1-14", 14), ("15-30", 30), ("31-60", 60), ("61-90", 90), ("91-120", 120),
    ("121-150", 150), ("151-180", 180), ("181-240", 240), ("241-300", 300), ("301-360", 360),
    ("361-540", 540), ("mais_540", 99999),
)  # fmt: skip
ROLAGEM = (
    ("em_dia", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90), ("91-120", 120), ("121-150", 150),
    ("151-180", 180), ("mais_180", 99999),
)  # fmt: skip

Linha = dict[str, Any]


@dataclass(frozen=True)
class Parcela:
    """An instalment as the source has it."""

    id: str
    vencimento: date
    valor: Decimal
    situacao: str
    pago_em: datetime | None

    @property
    def situada(self) -> str:
        """Its canonical status."""
        return PARCELAS.get(self.situacao, "NAO MAPEADO")


@dataclass
class Emprestimo:
    """A loan, and what else is known of it."""

    id: str
    principal: Decimal | None
    prazo: int | None
    taxa: Decimal
    situacao: str
    aprovado_em: datetime | None
    auditado_em: datetime | None = None
    baixa: date | None = None
    produto: str = "NAO INFORMADO"
    parcelas: list[Parcela] = field(default_factory=list)

    @property
    def desembolso(self) -> date | None:
        """The local day on which the money went out."""
        if self.auditado_em:
            return dia_local(self.auditado_em)
        if self.situacao in ("funded", "paid", "defaulted") and self.aprovado_em:
            return dia_local(self.aprovado_em)
        return None

    @cached_property
    def em_ordem(self) -> list[Parcela]:
        """Its instalments by due date and id."""
        return sorted(self.parcelas, key=lambda p: (p.vencimento, p.id.encode()))

    def paga_em(self, p: Parcela) -> date | None:
        """The day from which an instalment counts as paid."""
        if p.situada != "PAGA":
            return None
        if p.pago_em is None:
            return p.vencimento
        dia = dia_local(p.pago_em)
        return None if self.desembolso and dia < self.desembolso else dia

    @cached_property
    def cronograma(self) -> list[Linha]:
        """financeiro.cronograma_conferido of the loan."""
        return _cronograma(self)


def dia_local(em: datetime) -> date:
    """The calendar day in São Paulo."""
    return em.astimezone(LOCAL).date()


def centavos(valor: Fraction) -> Decimal:
    """Half up, never below 0."""
    return Decimal(floor(max(valor, Fraction(0)) * 100 + Fraction(1, 2))) / 100


def _price(principal: Decimal, n: int, i: Fraction) -> tuple[list[Decimal], list[Decimal]]:
    """Instalments and balances, the balance from line to line without rounding."""
    p = Fraction(principal)
    fator = (1 + i) ** n
    pmt = centavos(p / n if i == 0 else p * i * fator / (fator - 1))
    saldo = p
    saldos = []
    for _ in range(n - 1):
        saldo = saldo * (1 + i) - Fraction(pmt)
        saldos.append(centavos(saldo))
    antes = saldos[-1] if saldos else principal
    return [pmt] * (n - 1) + [centavos(Fraction(antes) * (1 + i))], [*saldos, Decimal("0.00")]


def _sac(principal: Decimal, n: int, i: Fraction) -> tuple[list[Decimal], list[Decimal]]:
    p = Fraction(principal)
    saldo = p
    valores, saldos = [], []
    for _ in range(n):
        valores.append(centavos(p / n + saldo * i))
        saldo -= p / n
        saldos.append(centavos(saldo))
    return valores, saldos


def _cabe(valores: Sequence[Decimal], plano: Sequence[Decimal], i: Fraction) -> bool:
    if len(valores) != len(plano):
        return False
    n = len(plano)
    soma = sum(((1 + i) ** k for k in range(n)), Fraction(0))
    folgas = [CENTAVO] * (n - 1) + [CENTAVO * soma]
    return all(
        abs(Fraction(v - t)) <= folga for v, t, folga in zip(valores, plano, folgas, strict=True)
    )


def _cronograma(e: Emprestimo) -> list[Linha]:
    i = Fraction(e.taxa) / 100
    valores = [p.valor for p in e.em_ordem]
    principal = e.principal or NADA
    price: list[Decimal] = []
    sac: list[Decimal] = []
    metodo = "outro"
    saldos: list[Decimal] = []
    if e.principal and e.prazo:
        price, saldos_price = _price(principal, e.prazo, i)
        sac, saldos_sac = _sac(principal, e.prazo, i)
        em_price, em_sac = _cabe(valores, price, i), _cabe(valores, sac, i)
        if em_price:
            metodo, saldos = ("indistinto" if em_sac else "price"), saldos_price
        elif em_sac:
            metodo, saldos = "sac", saldos_sac
    if metodo == "outro" and valores:
        soma, saldo = sum(valores, NADA), principal
        for v in valores[:-1]:
            parte = centavos(Fraction(principal) * Fraction(v) / Fraction(soma))
            saldo = max(saldo - parte, NADA)
            saldos.append(saldo)
        saldos.append(NADA)
    linhas = []
    antes = principal
    for k, p in enumerate(e.em_ordem):
        valor_price = price[k] if k < len(price) else None
        valor_sac = sac[k] if k < len(sac) else None
        plano = valor_sac if metodo == "sac" else valor_price
        linhas.append({
            "id_parcela": p.id, "id_emprestimo": e.id, "numero": k + 1,
            "data_vencimento": p.vencimento, "situacao": p.situada, "data_paga": e.paga_em(p),
            "metodo": metodo, "divisao_aproximada": metodo == "outro", "valor_fonte": p.valor,
            "valor_price": valor_price, "valor_sac": valor_sac,
            "diferenca": None if plano is None else p.valor - plano,
            "juros": p.valor - (antes - saldos[k]), "amortizacao": antes - saldos[k],
            "saldo_apos": saldos[k],
        })  # fmt: skip
        antes = saldos[k]
    return linhas


def rec_cronograma(emprestimos: Iterable[Emprestimo]) -> list[Linha]:
    """reconciliacao.rec_cronograma."""
    achados = []
    for e in emprestimos:
        classes: list[tuple[str | None, str]] = []
        if (e.parcelas or e.desembolso) and len(e.parcelas) != e.prazo:
            classes.append((None, "linhas_divergentes"))
        if e.principal and e.parcelas and sum(p.valor for p in e.parcelas) < e.principal:
            classes.append((None, "soma_menor_que_principal"))
        if e.situacao == "paid" and any(p.situada not in ("PAGA", "CANCELADA") for p in e.parcelas):
            classes.append((None, "quitado_com_parcela_aberta"))
        for p in e.parcelas:
            if p.situada == "PAGA" and not p.pago_em:
                classes.append((p.id, "paga_sem_data"))
            if p.situada != "PAGA" and p.pago_em:
                classes.append((p.id, "data_sem_paga"))
            if p.situada == "PAGA" and p.pago_em and e.paga_em(p) is None:
                classes.append((p.id, "paga_antes_do_desembolso"))
        achados += [{"id_emprestimo": e.id, "id_parcela": p, "classe": c} for p, c in classes]
    return achados


def meses_entre(de: date, ate: date) -> int:
    """Calendar months, days ignored."""
    return 12 * (ate.year - de.year) + ate.month - de.month


def fim_de_mes(dia: date) -> bool:
    """Whether the next day is in another month."""
    return (dia + UM_DIA).day == 1


def _faixa(dias: int, faixas: Sequence[tuple[str, int]]) -> str:
    return next(nome for nome, ate in faixas if dias <= ate)


@dataclass(frozen=True)
class Fim:
    """How a month ended for a loan, whether or not it still is in the portfolio."""

    data: date
    saldo: Decimal
    vencidas: int
    vencido: Decimal
    atraso: int
    atraso_maximo: int
    mais_antiga: date | None
    saida: str | None
    """`quitado` or `baixado`, once it is."""
    na_carteira: bool


def historia(e: Emprestimo, referencia: date) -> list[Fim]:
    """Walk through the days of a loan up to the reference date."""
    desembolso = e.desembolso
    if desembolso is None or not e.principal:
        return []
    linhas = e.cronograma
    atrasos = [0] * len(linhas)
    saida: str | None = None
    mes_da_saida: tuple[int, int] | None = None
    fins = []
    dia = min([desembolso, *(linha["data_vencimento"] for linha in linhas)])
    while dia < referencia:
        abertas = []
        for n, linha in enumerate(linhas):
            if linha["situacao"] == "CANCELADA" or linha["data_vencimento"] >= dia:
                continue
            paga = linha["data_paga"]
            if paga is None or paga >= dia:
                atrasos[n] = (dia - linha["data_vencimento"]).days
            if paga is None or paga > dia:
                abertas.append(linha)
        if dia >= desembolso:
            pago = sum(
                (x["amortizacao"] for x in linhas if x["data_paga"] and x["data_paga"] <= dia), NADA
            )
            saldo = e.principal - pago
            if saida is None and saldo == 0:
                saida = "quitado"
            elif saida is None and e.baixa and e.baixa <= dia:
                saida = "baixado"
            if saida and mes_da_saida is None:
                mes_da_saida = dia.year, dia.month
            if fim_de_mes(dia):
                antiga = min((x["data_vencimento"] for x in abertas), default=None)
                fins.append(Fim(
                    dia, saldo, len(abertas), sum((x["valor_fonte"] for x in abertas), NADA),
                    (dia - antiga).days if antiga else 0, max(atrasos, default=0), antiga, saida,
                    mes_da_saida in (None, (dia.year, dia.month)),
                ))  # fmt: skip
        dia += UM_DIA
    return fins


def carteira_mensal(
    emprestimos: Iterable[Emprestimo], referencia: date, util: Callable[[date], bool]
) -> list[Linha]:
    """risco.carteira_mensal."""
    linhas = []
    for e in emprestimos:
        de, saldo_antes = "novo", NADA
        for f in historia(e, referencia):
            if not f.na_carteira or e.desembolso is None:
                continue
            para = f.saida or _faixa(f.atraso, ROLAGEM)
            sem_util = f.mais_antiga is not None and not any(
                util(f.mais_antiga + n * UM_DIA) for n in range(1, f.atraso + 1)
            )
            linhas.append({
                "id_emprestimo": e.id, "data_base": f.data, "produto": e.produto,
                "safra": e.desembolso.replace(day=1), "mob": meses_entre(e.desembolso, f.data),
                "situacao": f.saida or "ativo", "faixa_atraso": _faixa(f.atraso, FAIXAS),
                "faixa_rolagem": para, "faixa_rolagem_anterior": de,
                "divisao_aproximada": any(x["divisao_aproximada"] for x in e.cronograma),
                "so_dia_nao_util": sem_util, "dias_atraso": f.atraso,
                "dias_atraso_maximo": f.atraso_maximo, "parcelas_vencidas": f.vencidas,
                "valor_originado": e.principal, "saldo_principal": f.saldo,
                "saldo_principal_anterior": saldo_antes, "valor_vencido": f.vencido,
            })  # fmt: skip
            de, saldo_antes = para, f.saldo
    return linhas


def _grupos(linhas: Iterable[Linha], *chaves: str) -> dict[tuple[Any, ...], list[Linha]]:
    grupos = defaultdict(list)
    for linha in linhas:
        grupos[tuple(linha[c] for c in chaves)].append(linha)
    return grupos


def _soma(linhas: Iterable[Linha], coluna: str) -> Decimal:
    return sum((linha[coluna] for linha in linhas), NADA)


def _por_cento(parte: float | Decimal, todo: float | Decimal) -> float | None:
    return None if todo == 0 else float(100 * Fraction(parte) / Fraction(todo))


def _aproximado(linhas: Sequence[Linha], coluna: str) -> float | None:
    return _por_cento(
        _soma((x for x in linhas if x["divisao_aproximada"]), coluna), _soma(linhas, coluna)
    )


def envelhecimento(carteira: Sequence[Linha]) -> list[Linha]:
    """risco.envelhecimento."""
    ativos = [x for x in carteira if x["situacao"] == "ativo"]
    totais = {d: _soma(g, "saldo_principal") for (d,), g in _grupos(ativos, "data_base").items()}
    return [
        {
            "data_base": data, "faixa": faixa, "qtd": len(grupo),
            "saldo_principal": _soma(grupo, "saldo_principal"),
            "valor_vencido": _soma(grupo, "valor_vencido"),
            "percentual_saldo": _por_cento(_soma(grupo, "saldo_principal"), totais[data]),
            "percentual_aproximado": _aproximado(grupo, "saldo_principal"),
        }
        for (data, faixa), grupo in _grupos(ativos, "data_base", "faixa_atraso").items()
    ]  # fmt: skip


def par(carteira: Sequence[Linha]) -> list[Linha]:
    """risco.par."""
    linhas = []
    for (data,), grupo in _grupos(carteira, "data_base").items():
        ativos = [x for x in grupo if x["situacao"] == "ativo"]
        total = _soma(ativos, "saldo_principal")

        def acima(dias: int, ativos: list[Linha] = ativos, total: Decimal = total) -> float | None:
            atrasados = (x for x in ativos if x["dias_atraso"] > dias)
            return _por_cento(_soma(atrasados, "saldo_principal"), total)

        linhas.append({
            "data_base": data, "contratos_ativos": len(ativos), "carteira_ativa": total,
            "par1": acima(0), "par30": acima(30), "par60": acima(60), "par90": acima(90),
            "percentual_aproximado": _aproximado(ativos, "saldo_principal"),
            "valor_baixado_mes": _soma(
                (x for x in grupo if x["situacao"] == "baixado"), "saldo_principal"
            ),
            "inclui_reestruturados": False,
        })  # fmt: skip
    return linhas


def rolagem(carteira: Sequence[Linha]) -> list[Linha]:
    """risco.rolagem."""
    linhas = []
    com_saldo = [
        {
            **x,
            "saldo_de": x["valor_originado"]
            if x["faixa_rolagem_anterior"] == "novo"
            else x["saldo_principal_anterior"],
        }
        for x in carteira
    ]
    de = _grupos(com_saldo, "data_base", "faixa_rolagem_anterior")
    for (data, faixa, para), grupo in _grupos(
        com_saldo, "data_base", "faixa_rolagem_anterior", "faixa_rolagem"
    ).items():
        todos = de[data, faixa]
        linhas.append({
            "data_base": data, "faixa_de": faixa, "faixa_para": para, "qtd": len(grupo),
            "saldo_de": _soma(grupo, "saldo_de"),
            "percentual_qtd": _por_cento(len(grupo), len(todos)),
            "percentual_saldo": _por_cento(_soma(grupo, "saldo_de"), _soma(todos, "saldo_de")),
            "percentual_aproximado": _aproximado(grupo, "saldo_de"),
        })  # fmt: skip
    return linhas


def safra(emprestimos: Iterable[Emprestimo], referencia: date) -> list[Linha]:
    """risco.safra: each vintage is followed loan by loan, whether or not it is still there."""
    celulas: dict[tuple[date, str, int], Counter[str]] = defaultdict(Counter)
    for e in emprestimos:
        for f in historia(e, referencia):
            if e.desembolso is None or e.principal is None:
                continue
            mob = meses_entre(e.desembolso, f.data)
            soma = celulas[e.desembolso.replace(day=1), e.produto, mob]
            soma.update({"contratos": 1, "valor_originado": e.principal, f.saida or "": 1})
            for dias in (30, 60, 90):
                if f.atraso_maximo > dias or f.saida == "baixado":
                    soma.update({f"ever{dias}": 1, f"valor_ever{dias}": e.principal})
    linhas = []
    for (mes, produto, mob), soma in celulas.items():
        linha: Linha = {
            "safra": mes, "produto": produto, "mob": mob, "contratos": soma["contratos"],
            "valor_originado": soma["valor_originado"], "baixados": soma["baixado"],
            "quitados": soma["quitado"],
        }  # fmt: skip
        for dias in (30, 60, 90):
            qtd, valor = soma[f"ever{dias}"], soma[f"valor_ever{dias}"]
            linha[f"ever{dias}"], linha[f"valor_ever{dias}"] = qtd, valor
            linha[f"percentual_ever{dias}"] = _por_cento(qtd, soma["contratos"])
            linha[f"percentual_valor_ever{dias}"] = _por_cento(valor, soma["valor_originado"])
        linhas.append(linha)
    return linhas


def inadimplencia_inicial(emprestimos: Iterable[Emprestimo], referencia: date) -> list[Linha]:
    """risco.inadimplencia_inicial."""
    safras: dict[date, Counter[str]] = defaultdict(Counter)
    for e in emprestimos:
        if not e.principal or e.desembolso is None or e.desembolso >= referencia:
            continue
        soma = safras[e.desembolso.replace(day=1)]
        soma["contratos"] += 1
        devidas = [x for x in e.cronograma if x["situacao"] != "CANCELADA"]

        def passou(linha: Linha, dias: int) -> bool:
            fim = linha["data_vencimento"] + timedelta(days=dias + 1)
            return linha["data_paga"] is None or linha["data_paga"] >= fim

        def observavel(linha: Linha, dias: int) -> bool:
            return bool(linha["data_vencimento"] + timedelta(days=dias + 1) < referencia)

        for dias in (10, 30, 60):
            if devidas and observavel(devidas[0], dias):
                soma[f"contratos_observaveis_{dias}"] += 1
                soma[f"fpd_{dias}"] += passou(devidas[0], dias)
        if len(devidas) > 1 and observavel(devidas[1], 30):
            soma["contratos_observaveis_spd"] += 1
            soma["spd_30"] += passou(devidas[1], 30) and not passou(devidas[0], 30)
    linhas = []
    for mes, soma in safras.items():
        linha: Linha = {"safra": mes, "contratos": soma["contratos"]}
        for nome, observaveis in (
            ("fpd_10", "10"), ("fpd_30", "30"), ("fpd_60", "60"), ("spd_30", "spd"),
        ):  # fmt: skip
            n = soma[f"contratos_observaveis_{observaveis}"]
            linha[f"contratos_observaveis_{observaveis}"] = n
            linha[nome] = soma[nome]
            linha[f"percentual_{nome}"] = _por_cento(soma[nome], n)
        linhas.append(linha)
    return linhas
