"""The digital account's ledger as the pages define it, in plain Python: no SQL, nothing shared.

What comes in are snapshots of FintechDB, one per extraction, as the database would show them. Under
the default variables: a reversal is an entry of its own, and a balance is not net of reservations.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.easter import easter

NADA = Decimal("0.00")
SEM_FIM = date(9999, 12, 31)
LOCAL = ZoneInfo("America/Sao_Paulo")
DUPLICIDADE = timedelta(seconds=120)

ENTRADAS = {
    "completed": "liquidada", "Settled": "liquidada", "pending": "pendente", "failed": "falhou",
    "cancelled": "cancelada", "reversed": "estornada",
}  # fmt: skip
PAGAMENTOS = {
    "completed": "liquidado", "Settled": "liquidado", "pending": "pendente", "failed": "falhou",
    "cancelled": "cancelado", "reversed": "devolvido",
}  # fmt: skip
CATEGORIAS = {
    "Tarifa": "tarifa", "Desembolso": "desembolso", "Parcela": "parcela", "Juros": "juros",
    "Estorno": "ajuste",
}  # fmt: skip

FERIADOS = ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25))
DA_PASCOA = (-48, -47, -2, 60)

Linha = dict[str, Any]


@dataclass(frozen=True)
class Conta:
    """An account."""

    id: str
    saldo: Decimal | None
    moeda: str


@dataclass(frozen=True)
class Lancamento:
    """An entry."""

    id: str
    conta: str
    valor: Decimal
    tipo: str
    descricao: str
    situacao: str
    externo: str | None
    em: datetime

    @property
    def bom(self) -> bool:
        """Whether it is not set aside."""
        return self.valor > 0 and self.valor == round(self.valor, 2) and self.tipo != "transfer"

    @property
    def situada(self) -> str:
        """What its status means."""
        return ENTRADAS.get(self.situacao, "NAO MAPEADO")

    @property
    def conta_no_saldo(self) -> bool:
        """Whether it affects the balance."""
        return self.bom and self.situada in ("liquidada", "estornada")

    @property
    def credito(self) -> bool:
        """Whether it adds to the balance."""
        return self.tipo == "credit"

    @property
    def assinado(self) -> Decimal:
        """Its amount, less than 0 for a debit."""
        return self.valor if self.credito else -self.valor

    @property
    def dia(self) -> date:
        """Its local day."""
        return dia_local(self.em)

    @property
    def categoria(self) -> str:
        """What its description says."""
        return CATEGORIAS.get(self.descricao.split(" ")[0], "outros")

    @property
    def ordem(self) -> tuple[datetime, bytes]:
        """Its place among others."""
        return self.em, self.id.encode()


@dataclass(frozen=True)
class Pagamento:
    """A payment."""

    id: str
    origem: str | None
    destino: str | None
    valor: Decimal
    metodo: str
    situacao: str
    fluxo: str | None
    em: datetime

    @property
    def situado(self) -> str:
        """What its status means."""
        return PAGAMENTOS.get(self.situacao, "NAO MAPEADO")

    @property
    def direcao(self) -> str:
        """Where its money goes."""
        if self.origem and self.destino:
            return "interno"
        return "saida" if self.origem else "entrada"

    @property
    def ordem(self) -> tuple[datetime, bytes]:
        """Its place among others."""
        return self.em, self.id.encode()


@dataclass
class Retrato:
    """What one extraction found."""

    em: datetime
    contas: list[Conta]
    lancamentos: list[Lancamento]
    pagamentos: list[Pagamento]
    liquidacoes: dict[str, datetime] = field(default_factory=dict)
    """When the audit log says that a payment was settled."""

    @property
    def moedas(self) -> dict[str, str]:
        """The currency of each account."""
        return {c.id: c.moeda for c in self.contas}

    def bons(self) -> list[Lancamento]:
        """The entries that are not set aside."""
        return [e for e in self.lancamentos if e.bom]

    def contados(self) -> list[Lancamento]:
        """The entries that affect the balance."""
        return [e for e in self.lancamentos if e.conta_no_saldo]

    def pagamentos_bons(self) -> list[Pagamento]:
        """The payments that are not set aside."""
        moedas = self.moedas
        return [
            p
            for p in self.pagamentos
            if (p.origem or p.destino)
            and p.valor > 0
            and not (p.origem and p.destino and moedas[p.origem] != moedas[p.destino])
        ]

    def moeda_do(self, p: Pagamento) -> str:
        """The currency of a payment."""
        return self.moedas[p.origem or p.destino or ""]

    def donos(self) -> dict[str, Pagamento]:
        """The payment of each entry that belongs to one."""
        bons = sorted(self.pagamentos_bons(), key=lambda p: p.ordem)
        por_fluxo: dict[str, Pagamento] = {}
        for p in bons:
            if p.fluxo:
                por_fluxo.setdefault(p.fluxo, p)
        por_id = {p.id: p for p in bons}
        achados = {}
        for e in self.bons():
            dono = por_id.get(e.externo or "") or por_fluxo.get(e.externo or "")
            if dono:
                achados[e.id] = dono
        return achados


def dia_local(em: datetime) -> date:
    """The calendar day in São Paulo."""
    return em.astimezone(LOCAL).date()


def _grupos(coisas: Iterable[Any], chave: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    grupos = defaultdict(list)
    for coisa in coisas:
        grupos[chave(coisa)].append(coisa)
    return grupos


def saldo_conta(retrato: Retrato, aberturas: dict[str, Decimal]) -> list[Linha]:
    """financeiro.saldo_conta."""
    linhas = []
    for conta, dela in _grupos(retrato.contados(), lambda e: e.conta).items():
        saldo = aberturas.get(conta, NADA)
        por_dia = _grupos(dela, lambda e: e.dia)
        dias = sorted(por_dia)
        for dia, seguinte in zip(dias, [*dias[1:], SEM_FIM], strict=True):
            inicial = menor = saldo
            for e in sorted(por_dia[dia], key=lambda e: e.ordem):
                saldo += e.assinado
                menor = min(menor, saldo)
            creditos = [e.valor for e in por_dia[dia] if e.credito]
            debitos = [e.valor for e in por_dia[dia] if not e.credito]
            linhas.append({
                "id_conta": conta, "moeda": retrato.moedas[conta], "valido_de": dia,
                "valido_ate": seguinte, "saldo_inicial": inicial, "creditos": sum(creditos, NADA),
                "debitos": sum(debitos, NADA), "qtd_creditos": len(creditos),
                "qtd_debitos": len(debitos), "saldo_final": saldo, "saldo_minimo_intradia": menor,
                "negativo": saldo < 0,
            })  # fmt: skip
    return linhas


def saldo_conta_diario(saldos: Sequence[Linha], de: date, ate: date) -> list[Linha]:
    """financeiro.saldo_conta_diario for the days of a period, its last one included."""
    linhas = []
    for n in range((ate - de).days + 1):
        dia = de + timedelta(days=n)
        for s in saldos:
            if s["valido_de"] <= dia < s["valido_ate"]:
                movida = s["valido_de"] == dia
                linhas.append({
                    "data": dia, "id_conta": s["id_conta"],
                    "saldo_inicial": s["saldo_inicial"] if movida else s["saldo_final"],
                    "creditos": s["creditos"] if movida else NADA,
                    "debitos": s["debitos"] if movida else NADA, "saldo_final": s["saldo_final"],
                    "saldo_minimo_intradia":
                        s["saldo_minimo_intradia"] if movida else s["saldo_final"],
                })  # fmt: skip
    return linhas


def _somados(retrato: Retrato, lancamentos: Iterable[Lancamento]) -> list[Linha]:
    grupos = _grupos(lancamentos, lambda e: (e.dia, e.categoria, retrato.moedas[e.conta]))
    return [
        {
            "data": dia, "categoria": categoria, "moeda": moeda, "qtd": len(grupo),
            "creditos": sum((e.valor for e in grupo if e.credito), NADA),
            "debitos": sum((e.valor for e in grupo if not e.credito), NADA),
            "liquido": sum((e.assinado for e in grupo), NADA),
        }
        for (dia, categoria, moeda), grupo in grupos.items()
    ]  # fmt: skip


def razao_diario(retrato: Retrato) -> list[Linha]:
    """financeiro.razao_diario."""
    return _somados(retrato, retrato.contados())


def rec_lancamento_sem_pagamento(retrato: Retrato) -> list[Linha]:
    """reconciliacao.rec_lancamento_sem_pagamento."""
    donos = retrato.donos()
    return _somados(retrato, (e for e in retrato.contados() if e.id not in donos))


def rec_saldo(retratos: Sequence[Retrato], aberturas: dict[str, Decimal]) -> list[Linha]:
    """reconciliacao.rec_saldo."""
    linhas = []
    for retrato in retratos:
        ultima = retrato is retratos[-1]
        for conta in retrato.contas:
            dela = [e for e in retrato.bons() if e.conta == conta.id]
            contado = aberturas.get(conta.id, NADA) + sum(
                (e.assinado for e in dela if e.conta_no_saldo), NADA
            )
            pendente = sum(
                (e.valor for e in dela if e.situada == "pendente" and not e.credito), NADA
            )
            util = conta.saldo is not None and conta.saldo == round(conta.saldo, 2)
            diferenca = conta.saldo - contado if util and conta.saldo is not None else None
            if diferenca == 0:
                classe = "ok"
            elif diferenca == -pendente:
                classe = "explicada_por_pendentes"
            else:
                classe = "divergente"
            if ultima or classe != "ok":
                linhas.append({
                    "id_conta": conta.id, "data_hora_extracao": retrato.em.replace(tzinfo=None),
                    "ultima_extracao": ultima, "moeda": conta.moeda,
                    "saldo_fonte": conta.saldo if util else None, "saldo_recalculado": contado,
                    "valor_pendente": pendente, "diferenca": diferenca, "classe": classe,
                    "esperada": classe == "ok",
                })  # fmt: skip
    return linhas


def _restantes(entradas: Iterable[Lancamento]) -> list[Lancamento]:
    """Without the opposite pairs of one account and amount, matched in order."""
    sobram: list[Lancamento] = []
    for grupo in _grupos(entradas, lambda e: (e.conta, e.valor)).values():
        em_ordem = sorted(grupo, key=lambda e: e.ordem)
        creditos = [e for e in em_ordem if e.credito]
        debitos = [e for e in em_ordem if not e.credito]
        pares = min(len(creditos), len(debitos))
        sobram += creditos[pares:] + debitos[pares:]
    return sobram


def _classe(p: Pagamento, sobram: Sequence[Lancamento]) -> str:
    if p.situado != "liquidado":
        return "lancado_sem_liquidacao" if sobram else "ok"
    devidas = Counter[tuple[str, str, Decimal]]()
    if p.origem:
        devidas[p.origem, "debit", p.valor] += 1
    if p.destino:
        devidas[p.destino, "credit", p.valor] += 1
    if Counter((e.conta, e.tipo, e.valor) for e in sobram) == devidas:
        return "ok"
    if not sobram:
        return "sem_lancamento"
    if p.direcao == "interno" and len({e.tipo for e in sobram}) == 1:
        return "meia_partida"
    if any((e.conta, e.tipo) not in {d[:2] for d in devidas} for e in sobram):
        return "conta_divergente"
    if any(e.valor != p.valor for e in sobram):
        return "valor_divergente"
    return "duplicado"


def rec_partidas(retrato: Retrato) -> list[Linha]:
    """reconciliacao.rec_partidas."""
    donos = retrato.donos()
    deles = _grupos(
        (e for e in retrato.contados() if e.categoria != "tarifa" and e.id in donos),
        lambda e: donos[e.id].id,
    )
    linhas = []
    for p in retrato.pagamentos_bons():
        sobram = _restantes(deles.get(p.id, ()))
        creditos = [e for e in sobram if e.credito]
        debitos = [e for e in sobram if not e.credito]
        linhas.append({
            "id_pagamento": p.id, "direcao": p.direcao, "situacao": p.situado,
            "moeda": retrato.moeda_do(p), "valor": p.valor, "qtd_creditos": len(creditos),
            "qtd_debitos": len(debitos), "creditos": sum((e.valor for e in creditos), NADA),
            "debitos": sum((e.valor for e in debitos), NADA),
            "data_credito": max((e.dia for e in creditos), default=None),
            "data_debito": max((e.dia for e in debitos), default=None),
            "classe": _classe(p, sobram),
        })  # fmt: skip
    return linhas


def rec_duplicidade(retrato: Retrato) -> list[Linha]:
    """reconciliacao.rec_duplicidade: class, the surplus one and the one that it repeats."""
    linhas = []
    vistos: dict[tuple[Any, ...], Lancamento] = {}
    primeiros: dict[tuple[Any, ...], Lancamento] = {}
    for e in sorted(retrato.bons(), key=lambda e: e.ordem):
        if not (e.externo or "").strip() or e.categoria == "tarifa":
            continue
        primeiro = primeiros.setdefault((e.conta, e.tipo, e.externo), e)
        igual = e
        if e.conta_no_saldo:
            igual = vistos.setdefault((e.conta, e.tipo, e.externo, e.valor), e)
        if igual is not e:
            linhas.append({"classe": "exata", "a_mais": e.id, "anterior": igual.id})
        elif e.valor != primeiro.valor:
            linhas.append({"classe": "conflito", "a_mais": e.id, "anterior": primeiro.id})
    fluxos: dict[str, Pagamento] = {}
    ultimos: dict[tuple[Any, ...], Pagamento] = {}
    for p in sorted(retrato.pagamentos_bons(), key=lambda p: p.ordem):
        dono = fluxos.setdefault(p.fluxo, p) if p.fluxo else p
        anterior = None
        if p.situado not in ("falhou", "cancelado"):
            chave = (p.origem, p.destino, p.metodo, p.valor)
            anterior, ultimos[chave] = ultimos.get(chave), p
        if dono is not p:
            linhas.append({"classe": "pagamento_repetido", "a_mais": p.id, "anterior": dono.id})
        elif (
            anterior
            and p.em - anterior.em <= DUPLICIDADE
            and not (p.fluxo and p.fluxo == anterior.fluxo)
        ):
            linhas.append({"classe": "suspeita", "a_mais": p.id, "anterior": anterior.id})
    return linhas


def rec_estorno(retrato: Retrato) -> list[str]:
    """reconciliacao.rec_estorno: the reversed entries without their opposite."""
    sem_par = []
    grupos = _grupos(retrato.bons(), lambda e: (e.conta, e.valor, (e.externo or "").strip()))
    for (_, _, externo), grupo in grupos.items():
        for tipo in ("credit", "debit"):
            estornadas = sorted(
                (e for e in grupo if e.situada == "estornada" and e.tipo == tipo),
                key=lambda e: e.ordem,
            )
            opostas = [e for e in grupo if e.conta_no_saldo and e.tipo != tipo] if externo else []
            sem_par += [e.id for e in estornadas[len(opostas) :]]
    return sem_par


def percentil(valores: Sequence[float], p: float) -> float | None:
    """Linear between closest ranks."""
    if not valores:
        return None
    em_ordem = sorted(valores)
    lugar = (len(em_ordem) - 1) * p
    baixo = int(lugar)
    alto = min(baixo + 1, len(em_ordem) - 1)
    return em_ordem[baixo] + (em_ordem[alto] - em_ordem[baixo]) * (lugar - baixo)


def util(dia: date) -> bool:
    """Whether it is a business day of Brazilian banks, from 2024 on."""
    movel = (dia - easter(dia.year)).days in DA_PASCOA
    return dia.weekday() < 5 and not movel and (dia.month, dia.day) not in FERIADOS


def _vence(p: Pagamento) -> datetime | None:
    """When the term of a payment ends, in UTC."""

    def depois(quantos: int) -> date:
        dia = dia_local(p.em)
        while quantos:
            dia += timedelta(days=1)
            quantos -= util(dia)
        return dia

    if p.metodo == "PIX":
        return p.em + timedelta(seconds=60)
    if p.metodo == "CARD":
        return p.em + timedelta(days=2)
    if p.metodo == "TED":
        return datetime.combine(depois(1), time(18), LOCAL)
    if p.metodo == "BOLETO":
        return datetime.combine(depois(3), time(23, 59, 59, 999_999), LOCAL)
    return None


def pagamento_diario(retrato: Retrato, referencia: date) -> list[Linha]:
    """financeiro.pagamento_diario."""
    agora = datetime.combine(referencia, time(), LOCAL)
    donos = retrato.donos()
    ultimas: dict[str, datetime] = {}
    for e in retrato.contados():
        if e.id in donos:
            dele = donos[e.id].id
            ultimas[dele] = max(ultimas.get(dele, e.em), e.em)
    linhas = []
    for (dia, metodo, direcao, moeda), grupo in _grupos(
        retrato.pagamentos_bons(),
        lambda p: (dia_local(p.em), p.metodo, p.direcao, retrato.moeda_do(p)),
    ).items():
        quantos = Counter(p.situado for p in grupo)
        liquidados = [p for p in grupo if p.situado == "liquidado"]
        tempos = [
            (fim - p.em).total_seconds()
            for p in liquidados
            if (fim := retrato.liquidacoes.get(p.id, ultimas.get(p.id)))
        ]
        valor_liquidado = sum((p.valor for p in liquidados), NADA)
        certos = quantos["liquidado"] + quantos["falhou"]
        linhas.append({
            "data": dia, "metodo": metodo, "direcao": direcao, "moeda": moeda, "qtd": len(grupo),
            "valor": sum((p.valor for p in grupo), NADA), "qtd_liquidado": len(liquidados),
            "valor_liquidado": valor_liquidado, "qtd_falha": quantos["falhou"],
            "qtd_cancelado": quantos["cancelado"], "qtd_pendente": quantos["pendente"],
            "qtd_pendente_vencido": sum(
                p.situado == "pendente" and bool(fim := _vence(p)) and fim < agora
                for p in grupo
            ),
            "taxa_sucesso": 100 * quantos["liquidado"] / certos if certos else None,
            "segundos_p50": percentil(tempos, 0.5), "segundos_p95": percentil(tempos, 0.95),
            "segundos_p99": percentil(tempos, 0.99), "qtd_sem_tempo": len(liquidados) - len(tempos),
            "ticket_medio": float(valor_liquidado) / len(liquidados) if liquidados else None,
        })  # fmt: skip
    return linhas


def rec_dias_alterados(antes: Retrato, agora: Retrato) -> list[Linha]:
    """The days before that of one extraction that the next one found to be others."""
    contadas: dict[tuple[str, date], Counter[str]] = {}
    for tabela, antigas, novas in (
        ("transactions", antes.lancamentos, agora.lancamentos),
        ("payments", antes.pagamentos, agora.pagamentos),
    ):
        de, para = {a.id: a for a in antigas}, {n.id: n for n in novas}
        for id_ in de.keys() | para.keys():
            a, n = de.get(id_), para.get(id_)
            if a == n:
                continue
            especie = "linhas_novas" if a is None else "linhas_alteradas"
            for dia in {dia_local(estado.em) for estado in (a, n) if estado is not None}:
                if dia < dia_local(antes.em):
                    contadas.setdefault((tabela, dia), Counter())[
                        "linhas_excluidas" if n is None else especie
                    ] += 1
    especies = ("linhas_novas", "linhas_alteradas", "linhas_excluidas")
    return [
        {"tabela": tabela, "data": dia, **{e: quantas[e] for e in especies}}
        for (tabela, dia), quantas in contadas.items()
    ]
