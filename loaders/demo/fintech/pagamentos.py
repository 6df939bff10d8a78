"""Payments of the four methods: who orders what, when, and how it ends."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from random import Random

from loaders.demo.fintech.calendario import (
    DEPOIS,
    DIA,
    DIAS,
    NUNCA,
    dia_da_semana,
    dia_local,
    dia_util,
    escrito,
    horas,
    momento,
    repartir,
)
from loaders.demo.fintech.comum import (
    NULO,
    Auditoria,
    Falhas,
    Tamanho,
    Versao,
    parte,
    reais,
    uuids,
    visivel,
)
from loaders.demo.fintech.partidas import METODOS, PENDENTE, Pagamento, Partidas
from loaders.demo.fintech.pessoas import Conta
from loaders.demo.fintech.razao import Razao, Uso

_LIQUIDADO = ("completed",) * 14 + ("COMPLETED", "settled", "settled", "success", "paid")
# Faults of liquidated payments; how many, as a divisor of all payments, and of what directions.
_DE_PARTIDAS = (
    ("sem_lancamento", 2_700, ("interno", "saida", "entrada")),
    ("meia_partida", 2_700, ("interno",)),
    ("conta_divergente", 3_300, ("interno", "saida")),
    ("valor_divergente", 3_300, ("interno", "saida", "entrada")),
    ("duplicado", 3_300, ("interno", "saida")),
    ("duplicado_exato", 6_000, ("interno", "saida")),
)


def planejar(
    tamanho: Tamanho, semente: int, razao: Razao, falhas: Falhas, auditoria: Auditoria
) -> list[Versao]:
    """Plan the payments with their entries, and return the rows of their table."""
    sorteio = Random(f"{semente}/fintech/pagamentos")
    fora = 2 * parte(tamanho.pagamentos, 8_000)
    repetidos, suspeitos = (parte(tamanho.pagamentos, d) for d in (2_700, 2_000))
    # Those to be set aside are of four kinds; as many again have a status that nobody knows.
    quantos = tamanho.pagamentos - 3 * fora - repetidos - suspeitos
    pagamentos = _Ordens(sorteio, razao.contas).todas(quantos)
    _plantar(sorteio, pagamentos, repetidos, suspeitos, falhas)
    partidas = Partidas(sorteio, razao, falhas)
    versoes: list[Versao] = []
    for p in pagamentos:
        partidas.lancar(p)
        _anotar(sorteio, p, auditoria)
        versoes += _versoes(sorteio, p, razao.contas)
    versoes += _fora_do_contrato(sorteio, pagamentos, fora, razao.contas, falhas)
    return versoes


class _Ordens:
    """Who orders what, when, and how it ends."""

    def __init__(self, sorteio: Random, contas: list[Conta]) -> None:
        self.sorteio, self.contas = sorteio, contas
        self.todas_as_contas, self.em_reais = Uso(contas), Uso(contas, "BRL")
        self.horas = sorted(horas(sorteio))
        self.ids, self.fluxos = uuids(sorteio), uuids(sorteio)

    def todas(self, quantas: int) -> list[Pagamento]:
        """Return so many: each month more, fewer on weekends."""
        pesos = [
            0.0
            if (abertas := self.em_reais.abertas(dia)) < 20
            else (300 + dia) * abertas * (10 if dia_da_semana(dia) < 5 else 7)
            for dia in range(DIAS)
        ]
        feitas: list[Pagamento] = []
        for dia, do_dia in enumerate(repartir(quantas, pesos)):
            de_novo: Pagamento | None = None
            for _ in range(do_dia):
                p = self._uma(dia) if de_novo is None else self._outra_vez(de_novo)
                feitas.append(p)
                falhou = p.desfecho == "falhou" and dia_local(p.fim) == dia
                de_novo = p if falhou and self.sorteio.random() < 0.3 else None
        return feitas

    def _uma(self, dia: int) -> Pagamento:
        sorteio, random = self.sorteio, self.sorteio.random
        segundo = self.horas[int(random() * len(self.horas))]
        metodo, sorte = "PIX", random()
        if random() > 0.36 + 0.34 * dia / DIAS:  # fewer and fewer use another method
            metodo = "TED" if sorte < 0.25 else "BOLETO" if sorte < 0.7 else "CARD"
        if metodo == "TED":  # on working days, in working hours
            if dia_da_semana(dia) >= 5:
                metodo = "PIX"
            else:
                segundo = 24_000 + segundo * 36_000 // DIA
        criado, sorte = momento(dia, segundo), random()
        interno, saida = {
            "PIX": (0.5, 0.8), "TED": (0.0, 0.6), "BOLETO": (0.0, 0.75), "CARD": (0.0, 0.7),
        }[metodo]  # fmt: skip
        origem = destino = None
        if sorte < interno:
            origem = destino = self._conta(self.em_reais, dia)
            while destino == origem:
                destino = self._conta(self.em_reais, dia)
        elif sorte < saida:
            origem = self._conta(self.todas_as_contas, dia)
        else:
            destino = self._conta(self.todas_as_contas, dia)
        grandeza = random()
        centavos = 100 + int(METODOS[metodo][0] * (0.1 + 3.5 * grandeza * grandeza * grandeza))
        desfecho, fim = self._fim(metodo, criado)
        devolvido = NUNCA
        if desfecho == "liquidado" and random() < 0.008:
            devolvido = fim + 3_600 + int(random() * 25 * DIA)
        return Pagamento(
            next(self.ids), origem, destino, centavos, metodo, criado, next(self.fluxos),
            desfecho, fim, devolvido, sorteio.random() < 0.25,
        )  # fmt: skip

    def _conta(self, uso: Uso, dia: int) -> int:
        return uso.indices[int(self.sorteio.random() * uso.abertas(dia))]

    def _fim(self, metodo: str, criado: int) -> tuple[str, int]:
        """Draw how a payment ends, and when."""
        sorte, u = self.sorteio.random(), self.sorteio.random()
        if sorte < 0.045:
            return "falhou", criado + 1 + int(u * 25)
        if sorte < 0.06:
            return "cancelado", criado + 300 + int(u * DIA / 2)
        if sorte < 0.063:
            return "pendente", NUNCA
        if metodo == "PIX":
            return "liquidado", criado + 1 + int(900 * u if sorte > 0.99 else 8 * u * u)
        if metodo == "TED" and sorte < 0.95:
            return "liquidado", criado + 600 + int(u * 4_800)
        if metodo == "CARD":
            return "liquidado", criado + DIA + int(u * DIA / 2)
        dia = dia_util(dia_local(criado) + 1, 1 if sorte > 0.8 else 0)
        return "liquidado", momento(dia, 21_600 + int(u * 9_000))

    def _outra_vez(self, p: Pagamento) -> Pagamento:
        """Order again what has just failed."""
        criado = p.fim + 10 + int(self.sorteio.random() * 80)
        desfecho, fim = self._fim(p.metodo, criado)
        return replace(
            p,
            id=next(self.ids),
            criado=criado,
            workflow=next(self.fluxos),
            desfecho=desfecho,
            fim=fim,
        )


def _plantar(
    sorteio: Random, pagamentos: list[Pagamento], repetidos: int, suspeitos: int, falhas: Falhas
) -> None:
    """Choose the payments that something is wrong with, and add those that come twice."""
    total, fila = len(pagamentos), iter(sorteio.sample(pagamentos, len(pagamentos)))
    for especie, divisor, direcoes in _DE_PARTIDAS:
        for _ in range(parte(total, divisor)):
            p = next(p for p in fila if p.direcao in direcoes and _simples(p))
            p.falha = especie
    for _ in range(parte(total, 2_700)):
        p = next(p for p in fila if p.desfecho in ("falhou", "cancelado") and p.fim < DEPOIS - DIA)
        p.falha = "lancado_sem_liquidacao"
    for _ in range(parte(total, 10_000)):
        p = next(p for p in fila if p.direcao == "saida" and _simples(p))
        p.falha, p.devolvido = "devolvido_sem_oposto", p.fim + DIA
    ids = uuids(sorteio)
    for n in range(repetidos + suspeitos):
        p = next(p for p in fila if _simples(p))
        p.por_workflow = False  # the entries of the two have to be told apart
        if n < repetidos:
            especie, workflow = "pagamento_repetido", p.workflow
            depois = 200 + int(sorteio.random() * DIA)
        else:
            especie, workflow = "suspeita", next(ids)
            depois = 5 + int(sorteio.random() * 100)
        outro = replace(
            p, id=next(ids), workflow=workflow, criado=p.criado + depois, fim=p.fim + depois
        )
        pagamentos.append(outro)
        falhas.plantar(f"rec_duplicidade/{especie}", outro.id, outro.criado)


def _simples(p: Pagamento) -> bool:
    """Say whether a payment was carried out well before the last stage, and is so still."""
    return p.desfecho == "liquidado" and p.devolvido == NUNCA and p.fim < DEPOIS - 3 * DIA


def _anotar(sorteio: Random, p: Pagamento, auditoria: Auditoria) -> None:
    """Tell the audit log how a payment ended; now and then it is not told."""
    if p.desfecho == "pendente" or sorteio.random() < 0.06:
        return
    acao = {"liquidado": "settled", "falhou": "failed", "cancelado": "cancelled"}[p.desfecho]
    dados = f'{{"old_status": "pending", "new_status": "{acao}"}}'
    dita = "payment.settled" if p.desfecho == "liquidado" else acao
    auditoria.anotar(p.fim, "payments", p.id, dita, dados, "svc-payments")
    if p.devolvido < NUNCA:
        dados = '{"old_status": "settled", "new_status": "reversed"}'
        auditoria.anotar(p.devolvido, "payments", p.id, "reversed", dados, "svc-payments")


def _versoes(sorteio: Random, p: Pagamento, contas: list[Conta]) -> Iterator[Versao]:
    """Yield the rows of a payment, one for each status that a stage shows."""
    inicio = _inicio(p.id, p.origem, p.destino, reais(p.centavos), p.metodo, contas)
    resto = f"\t{p.workflow}\t{escrito(p.criado)}\n"
    fim = {
        "liquidado": _LIQUIDADO[int(sorteio.random() * len(_LIQUIDADO))],
        "falhou": "failed" if p.criado % 4 else "rejected",
        "cancelado": "cancelled" if p.criado % 4 else "canceled",
        "pendente": "pending",
    }[p.desfecho]
    estados = ((p.criado, PENDENTE[p.criado % 5]), (p.fim, fim), (p.devolvido, "reversed"))
    for (desde, situacao), (ate, _) in pairwise((*estados, (NUNCA, ""))):
        if visivel(desde, ate):
            yield desde, ate, f"{inicio}\t{situacao}{resto}"


def _inicio(
    id_: str, origem: int | None, destino: int | None, valor: str, metodo: str, contas: list[Conta]
) -> str:
    de = NULO if origem is None else contas[origem].id
    para = NULO if destino is None else contas[destino].id
    return f"{id_}\t{de}\t{para}\t{valor}\t{metodo}"


def _fora_do_contrato(
    sorteio: Random, pagamentos: list[Pagamento], fora: int, contas: list[Conta], falhas: Falhas
) -> Iterator[Versao]:
    """Yield payments to be set aside, and some of a status that nobody knows; none is posted."""
    ids = uuids(sorteio)
    em_dolares = [n for n, c in enumerate(contas) if c.moeda != "BRL"]
    internos = [p for p in pagamentos if p.direcao == "interno" and p.criado < DEPOIS - DIA]
    for n, p in enumerate(sorteio.sample(internos, 3 * fora)):
        id_, origem, destino = next(ids), p.origem, p.destino
        criado, valor, situacao = p.criado, reais(p.centavos + 7), "failed"
        if n >= 2 * fora:
            situacao = sorteio.choice(("in_limbo", "waiting bank"))
            falhas.plantar("nao_mapeado/payments", id_, p.criado)
        else:
            if n % 4 == 0:
                valor = "0.00"
            elif n % 4 == 1:
                valor += "5"
            elif n % 4 == 2:
                origem = destino = None
            else:
                destino = em_dolares[0]
                criado = max(criado, contas[destino].criada + DIA)
            falhas.plantar("quarentena/payments", id_, criado)
        inicio = _inicio(id_, origem, destino, valor, p.metodo, contas)
        yield criado, NUNCA, f"{inicio}\t{situacao}\t{next(ids)}\t{escrito(criado)}\n"
