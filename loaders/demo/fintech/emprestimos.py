"""Loans, their schedules by Price and SAC, and how people pay them."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from random import Random

from loaders.demo.fintech.calendario import (
    ANTES,
    DEPOIS,
    DIA,
    DIAS,
    NUNCA,
    data,
    dia_local,
    escrito,
    momento,
    somar_meses,
)
from loaders.demo.fintech.comum import (
    NULO,
    Auditoria,
    Falhas,
    Tamanho,
    Versao,
    parte,
    por_etapa,
    reais,
    uuids,
)
from loaders.demo.fintech.razao import Razao

_PRAZOS, _PESOS_PRAZO = (1, 3, 6, 12, 18, 24, 36), (2, 8, 20, 32, 14, 16, 8)
_DESEMBOLSOS = ("DESEMBOLSO DE EMPRESTIMO", "LIBERACAO DE EMPRESTIMO", "LOAN DISBURSEMENT")
_COSTUMES = ("pontual", "atrasa", "cura", "para", "antecipa")
_PESOS_COSTUME = (57, 18, 9, 9, 7)


@dataclass(slots=True)
class Parcela:
    """An instalment: when it was paid, and since when the database knows."""

    numero: int
    vence: int  # day
    centavos: int
    pago: int = NUNCA
    visto: int = NUNCA
    falha: str = ""


@dataclass(slots=True, eq=False)
class Emprestimo:
    """A loan; moments of NUNCA never come. The rate is in hundredths of a percent a month."""

    id: str
    conta: int
    solicitado: int
    aprovado: int
    prazo: int
    taxa: int
    sac: bool
    criado: int
    aprovado_em: int = NUNCA
    desembolso: int = NUNCA
    parcelas: list[Parcela] = field(default_factory=list)
    falha: str = ""

    def situacao(self, agora: int) -> str | None:
        """Return the status at a moment; None before there is one."""
        if self.criado > agora:
            return None
        if self.aprovado_em > agora:
            return "applied"
        if self.desembolso > agora:
            return "approved"
        abertas = [p.vence for p in self.parcelas if p.visto > agora]
        if not abertas:
            return "paid"
        return "defaulted" if dia_local(agora) - min(abertas) > 90 else "funded"


def planejar(
    tamanho: Tamanho, semente: int, razao: Razao, falhas: Falhas, auditoria: Auditoria
) -> tuple[list[Emprestimo], dict[str, list[Versao]]]:
    """Plan the loans with their entries, and return them with the rows of their tables."""
    sorteio = Random(f"{semente}/fintech/emprestimos")
    ids = uuids(sorteio)
    fora = 2 * parte(tamanho.emprestimos, 1_500)
    contas = razao.contas
    podem = [n for n, c in enumerate(contas) if c.moeda == "BRL" and c.criada < DEPOIS - 20 * DIA]
    emprestimos = [
        _pedir(sorteio, next(ids), n, contas[n].criada)
        for n in sorteio.choices(podem, k=tamanho.emprestimos - 2 * fora)
    ]
    _plantar(sorteio, emprestimos, falhas)
    tabelas: dict[str, list[Versao]] = {"loans": [], "loan_payments": []}
    numeros = count(1)
    for emprestimo in emprestimos:
        _lancar_desembolso(sorteio, razao, auditoria, emprestimo)
        dono = contas[emprestimo.conta].usuario.id
        por_etapa(
            tabelas["loans"],
            *(_do_emprestimo(emprestimo, dono, etapa) for etapa in (ANTES, DEPOIS)),
        )
        for parcela in emprestimo.parcelas:
            id_ = str(next(numeros))
            por_etapa(
                tabelas["loan_payments"],
                *(_da_parcela(id_, emprestimo, parcela, etapa) for etapa in (ANTES, DEPOIS)),
            )
            _lancar_parcela(razao, auditoria, falhas, id_, emprestimo, parcela)
            if parcela.falha == "parcela_de_nada":
                id_ = str(next(numeros))
                linha = f"{id_}\t{emprestimo.id}\t{data(parcela.vence)}\t0.00\tpending\t{NULO}\n"
                tabelas["loan_payments"].append((emprestimo.aprovado_em, NUNCA, linha))
                falhas.plantar("quarentena/loan_payments", id_, emprestimo.aprovado_em)
    for n, conta in enumerate(sorteio.sample(podem, 2 * fora)):
        # Half of them asked for nothing at all, half got a status that nobody knows.
        id_, criado = next(ids), contas[conta].criada + DIA
        valor, situacao = (
            (("0.00", "-100.00", "1500.005")[n % 3], "applied")
            if n < fora
            else ("1500.00", "on_hold")
        )
        falhas.plantar("quarentena/loans" if n < fora else "nao_mapeado/loans", id_, criado)
        linha = f"{id_}\t{contas[conta].usuario.id}\t{valor}\t{NULO}\t12\t1.99\t{situacao}"
        tabelas["loans"].append((criado, NUNCA, f"{linha}\t{escrito(criado)}\t{NULO}\n"))
    return emprestimos, tabelas


def _pedir(sorteio: Random, id_: str, conta: int, aberta: int) -> Emprestimo:
    """Draw a loan and all that becomes of it."""
    desde, random = aberta + 6 * DIA, sorteio.random
    criado = desde + int((DEPOIS - 2 * DIA - desde) * random())
    solicitado = 100 * (500 + 100 * int(195 * random() * random()))
    aprovado = solicitado if random() < 0.8 else solicitado * 8 // 10
    prazo = sorteio.choices(_PRAZOS, _PESOS_PRAZO)[0]
    taxa = 0 if random() < 0.02 else 99 + 10 * int(random() * 41)
    # Without interest both are the same, but for the last centavos.
    sac = random() < 0.3 and taxa > 0
    emprestimo = Emprestimo(id_, conta, solicitado, aprovado, prazo, taxa, sac, criado)
    sorte = random()
    if sorte < 0.12:
        return emprestimo
    emprestimo.aprovado_em = criado + 3_600 + int(random() * 3 * DIA)
    emprestimo.desembolso = emprestimo.aprovado_em + 3_600 + int(random() * DIA)
    dia = dia_local(emprestimo.desembolso)
    valores = (_sac if emprestimo.sac else _price)(aprovado, taxa, prazo)
    emprestimo.parcelas = [
        Parcela(k, somar_meses(dia, k), valor) for k, valor in enumerate(valores, 1)
    ]
    if sorte < 0.14:
        emprestimo.desembolso = NUNCA  # approved, and never taken
        return emprestimo
    _pagar(sorteio, emprestimo.parcelas)
    return emprestimo


def _price(principal: int, taxa: int, prazo: int) -> list[int]:
    """Equal instalments; the last one is what is then owed."""
    if prazo == 1:
        return [principal + _arredondar(Decimal(principal * taxa) / 10_000)]
    i = Decimal(taxa) / 10_000
    exata = principal * i / (1 - (1 + i) ** -prazo) if taxa else Decimal(principal) / prazo
    parcela, saldo = _arredondar(exata), principal
    for _ in range(prazo - 1):
        saldo += _arredondar(saldo * i) - parcela
    return [parcela] * (prazo - 1) + [saldo + _arredondar(saldo * i)]


def _sac(principal: int, taxa: int, prazo: int) -> list[int]:
    """Equal parts of the principal, and the interest on what is owed."""
    return [
        _arredondar(Decimal(principal * (10_000 + (prazo - k) * taxa)) / (10_000 * prazo))
        for k in range(prazo)
    ]


def _arredondar(valor: Decimal) -> int:
    return int(valor.quantize(Decimal(1), ROUND_HALF_UP))


def _pagar(sorteio: Random, parcelas: list[Parcela]) -> None:
    """Draw when each instalment is paid, and when the database knows it."""
    random, prazo = sorteio.random, len(parcelas)
    costume = sorteio.choices(_COSTUMES, _PESOS_COSTUME)[0]
    vez = 1 + int(random() * prazo)  # the instalment at which something happens
    volta = 0
    for p in parcelas:
        dia = p.vence - int(4 * random() * random())
        if costume == "para" and p.numero >= vez:
            return
        if costume == "atrasa" and random() < 0.35:
            dia = p.vence + 2 + int(random() * 24)
        if costume == "cura" and p.numero == vez:
            volta = p.vence + 40 + int(random() * 70)
        if costume == "antecipa" and p.numero == vez:
            volta = dia
        if volta:
            dia = volta if costume == "antecipa" else max(dia, volta)
        p.pago = p.visto = momento(dia, 25_200 + int(random() * 50_000))
        if dia >= DIAS:
            p.pago = p.visto = NUNCA  # behind the end of the sample
            if costume == "antecipa":
                return
        elif ANTES - 20 * DIA < p.pago < ANTES and random() < 0.02:
            p.visto = ANTES + DIA + int(random() * 10 * DIA)


def _plantar(sorteio: Random, emprestimos: list[Emprestimo], falhas: Falhas) -> None:
    """Choose loans that something is wrong with: in good standing, so that nothing else is."""
    bons = [
        e
        for e in emprestimos
        if e.situacao(DEPOIS) == "funded"
        and e.prazo >= 6
        and all(p.visto <= DEPOIS for p in e.parcelas if p.vence < DIAS)
        and e.parcelas[0].visto < DEPOIS
        and e.parcelas[-2].visto == NUNCA
    ]
    fila = sorteio.sample(bons, len(bons))

    def plantar(especie: str, e: Emprestimo, p: Parcela | None = None, desde: int = 0) -> None:
        fila.remove(e)
        e.falha = especie
        if p is None:
            falhas.plantar(f"rec_cronograma/{especie}", e.id, desde or e.desembolso)
        else:
            p.falha = especie

    for _ in range(max(1, len(emprestimos) // 1_000)):
        e = next(e for e in fila if e.parcelas[0].vence > DIAS - 40)
        e.parcelas[0].pago = e.desembolso - 2 * DIA
        plantar("paga_antes_do_desembolso", e, e.parcelas[0])
        # The last one that was paid, of late, is noted as open.
        e, p = next(
            (e, p)
            for e in fila
            for p, q in zip(e.parcelas, e.parcelas[1:], strict=False)
            if ANTES < p.visto <= DEPOIS < q.visto
        )
        plantar("data_sem_paga", e, p)
        e = next(e for e in fila if _sem_a_ultima(e) >= e.aprovado)
        e.parcelas.pop()
        plantar("linhas_divergentes", e)
        e, ultima = fila[0], fila[0].parcelas[-1]
        e.parcelas.append(Parcela(e.prazo + 1, somar_meses(ultima.vence, 1), ultima.centavos))
        plantar("linhas_divergentes", e)
        e = fila[0]
        for p in e.parcelas:
            p.centavos = e.aprovado * 8 // (10 * e.prazo)
        plantar("soma_menor_que_principal", e)
        plantar("quitado_com_parcela_aberta", fila[0], desde=DEPOIS)
        plantar("paga_sem_data", fila[0], fila[0].parcelas[0])
        plantar("situacao_nao_mapeada", fila[0], fila[0].parcelas[-1])
        plantar("parcela_de_nada", fila[0], fila[0].parcelas[-1])


def _sem_a_ultima(e: Emprestimo) -> int:
    return sum(p.centavos for p in e.parcelas[:-1])


def _do_emprestimo(e: Emprestimo, dono: str, etapa: int) -> str | None:
    """Return the row of a loan at a stage."""
    situacao = e.situacao(etapa)
    if situacao is None:
        return None
    if e.falha == "quitado_com_parcela_aberta" and etapa == DEPOIS:
        situacao = "paid"
    if situacao == "funded" and e.solicitado % 70_000 == 0:
        situacao = "disbursed"
    decidido = e.aprovado_em <= etapa
    return (
        f"{e.id}\t{dono}\t{reais(e.solicitado)}\t{reais(e.aprovado) if decidido else NULO}"
        f"\t{e.prazo}\t{e.taxa // 100}.{e.taxa % 100:02d}\t{situacao}\t{escrito(e.criado)}"
        f"\t{escrito(e.aprovado_em) if decidido else NULO}\n"
    )


def _lancar_desembolso(sorteio: Random, razao: Razao, auditoria: Auditoria, e: Emprestimo) -> None:
    """Credit the account, and tell the audit log, which now and then is not told."""
    if e.aprovado_em < NUNCA:
        dados = '{"old_status": "applied", "new_status": "approved"}'
        auditoria.anotar(e.aprovado_em, "loans", e.id, "approved", dados, "svc-loans")
    if e.desembolso > DEPOIS:
        return
    vida = ((e.desembolso, "completed"),)
    texto = _DESEMBOLSOS[e.prazo % len(_DESEMBOLSOS)]
    razao.lancar(e.conta, e.aprovado, texto, e.id, e.desembolso, vida)
    if sorteio.random() < 0.9:
        dados = '{"old_status": "approved", "new_status": "funded"}'
        auditoria.anotar(e.desembolso, "loans", e.id, "loan.funded", dados, "svc-loans")


def _da_parcela(id_: str, e: Emprestimo, p: Parcela, etapa: int) -> str | None:
    """Return the row of an instalment at a stage; the schedule is there from the approval on."""
    if e.aprovado_em > etapa:
        return None
    inicio = f"{id_}\t{e.id}\t{data(p.vence)}\t{reais(p.centavos)}"
    if p.visto <= etapa:
        situacao = "pending" if p.falha == "data_sem_paga" else "paid"
        return f"{inicio}\t{situacao}\t{NULO if p.falha == 'paga_sem_data' else escrito(p.pago)}\n"
    situacao = "open" if e.prazo % 4 == 0 else "pending"
    if p.falha == "situacao_nao_mapeada":
        situacao = "renegotiated"
    elif p.vence < dia_local(etapa) and e.desembolso <= etapa:
        situacao = "overdue" if p.numero % 5 == 0 else "late"
    return f"{inicio}\t{situacao}\t{NULO}\n"


def _lancar_parcela(
    razao: Razao, auditoria: Auditoria, falhas: Falhas, id_: str, e: Emprestimo, p: Parcela
) -> None:
    """Debit the account for an instalment that is paid, and note what is wrong with it."""
    if p.visto <= DEPOIS:
        texto = f"PARCELA {p.numero:02d}/{e.prazo:02d} DE EMPRESTIMO"
        vida = ((p.visto, "completed"),)
        razao.lancar(e.conta, -p.centavos, texto, f"loan_payments/{id_}", p.pago, vida)
        dados = '{"status": "paid"}'
        auditoria.anotar(p.visto, "loan_payments", id_, "installment.paid", dados, "svc-loans")
    if p.falha == "situacao_nao_mapeada":
        falhas.plantar("nao_mapeado/loan_payments", id_, e.aprovado_em)
    elif p.falha and p.falha != "parcela_de_nada":
        falhas.plantar(f"rec_cronograma/{p.falha}", id_, max(p.visto, e.aprovado_em))
