"""Applications: who asks for what, and all that becomes of it."""

# Made-up data want to be repeatable, not secret.

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from loaders.demo.fintech.calendario import DEPOIS, DIA, DIAS, NUNCA, dia_local
from loaders.demo.fintech.emprestimos import Emprestimo

HISTORICO, EVENTOS, RETRATO = "historico", "eventos", "retrato"
"""What tells how an application went: its history, its events alone, or the application itself."""
PRODUTOS = ("CREDITO PESSOAL", "CONSIGNADO", "CARTAO", "CAPITAL DE GIRO")
_PESOS_PRODUTO = (58, 20, 14, 8)
_PESOS_EMPRESTIMO = (70, 24, 0, 6)
CANAIS = ("APP", "SITE", "CORRESPONDENTE", "AGENCIA")
_PESOS_CANAL = (50, 24, 17, 9)
DIGITAIS = CANAIS[:2]
"""Channels whose visitors are counted."""
_CAMPANHAS = ("", "", "", "INDIQUE UM AMIGO", "BUSCA PAGA", "13 SALARIO")
_PRAZOS = (6, 12, 12, 18, 24, 24, 36, 48)
_OUTROS_MOTIVOS = (
    "RENDA_INSUFICIENTE", "RESTRICAO", "COMPROMETIMENTO_RENDA", "DOCUMENTO_INVALIDO", "HIGH_DTI",
    "DIVERGENCIA_CADASTRAL", "POLITICA_INTERNA", "SUSPEITA_FRAUDE",
)  # fmt: skip
_ESCRITAS = {
    "EM_ANALISE": ("EM_ANALISE", "EM_ANALISE", "in review"),
    "APROVADO": ("APROVADO", "APROVADO", "Approved"),
    "RECUSADO": ("RECUSADO", "RECUSADO", "declined"),
    "CANCELADO": ("CANCELADO", "CANCELADO", "withdrawn"),
}
"""Ways in which statuses are written; of all others there is one."""


@dataclass(slots=True, eq=False)
class Pedido:
    """An application. Amounts are centavos, the rate hundredths of a percent a month.

    Attributes:
        passos: its statuses, each with the moment from which on.
        contado_por: what tells of them.
        nota: from 0 to 1, what its score will say; below `corte` it is refused for that.
        mau: whether the loan that it became was a month late once.
        saiu: when the source deleted it.
        mostra: another status than its own, which the database shows.
    """

    id: str
    cliente: str
    produto: str
    canal: str
    campanha: str
    solicitado: int
    prazo: int
    aprovado: int = 0
    taxa: int = 0
    contrato: str = ""
    motivos: str = ""
    passos: list[tuple[int, str]] = field(default_factory=list)
    contado_por: str = HISTORICO
    nota: float = 0.0
    mau: bool = False
    saiu: int = NUNCA
    mostra: tuple[int, str] | None = None
    falha: str = ""

    @property
    def criado(self) -> int:
        """When it was made."""
        return self.passos[0][0]

    @property
    def submetido(self) -> int:
        """When it was sent; NUNCA if it never was."""
        return next((em for em, s in self.passos if s not in ("RASCUNHO", "EXPIRADO")), NUNCA)

    @property
    def decidido(self) -> int:
        """When it was decided first; NUNCA if it never was."""
        return self.desde("APROVADO", "RECUSADO")

    def desde(self, *situacoes: str) -> int:
        """When it got one of some statuses first; NUNCA if it never did."""
        return next((em for em, s in self.passos if s in situacoes), NUNCA)

    def escrita(self, situacao: str) -> str:
        """A status as the source writes it."""
        formas = _ESCRITAS.get(situacao, (situacao,))
        return formas[int(self.id[-2:]) % len(formas)]


def corte(produto: str) -> float:
    """The part of the scale below which a product is refused."""
    return 0.3 if produto == "CONSIGNADO" else 0.42


def planejar(
    sorteio: Random,
    quantos: int,
    usuarios: Sequence[tuple[int, str]],
    emprestimos: Sequence[tuple[str, Emprestimo]],
) -> list[Pedido]:
    """Draw the applications of all loans that were approved, and others that became none.

    Args:
        sorteio: what is drawn from.
        quantos: how many applications.
        usuarios: who has an account, and since when, in this order.
        emprestimos: the loans, each with whose it is.

    Raises:
        ValueError: there are more loans than applications.
    """
    tomados = [(dono, e) for dono, e in emprestimos if e.aprovado_em <= DEPOIS]
    if quantos < 2 * len(tomados):
        raise ValueError(f"At least {2 * len(tomados)} applications: half of them became loans.")
    sorteados = [_do_emprestimo(sorteio, dono, e) for dono, e in tomados]
    sorteados += [_sem_contrato(sorteio, usuarios) for _ in range(quantos - len(tomados))]
    sorteados.sort(key=lambda p: (p.criado, p.cliente))
    for n, pedido in enumerate(sorteados, 1):
        pedido.id = f"PED-{n:06d}"
        sorte = sorteio.random()
        pedido.contado_por = EVENTOS if sorte < 0.03 else HISTORICO
        ultimo = pedido.passos[-1][1]
        if 0.03 <= sorte < 0.04 and ultimo in ("APROVADO", "RECUSADO"):
            pedido.contado_por = RETRATO
    return sorteados


def _pedido(sorteio: Random, cliente: str, pesos: Sequence[int]) -> Pedido:
    produto = sorteio.choices(PRODUTOS, pesos)[0]
    canal = sorteio.choices(CANAIS, _PESOS_CANAL)[0]
    solicitado = 100 * (500 + 100 * int(195 * sorteio.random() * sorteio.random()))
    return Pedido(
        "", cliente, produto, canal, sorteio.choice(_CAMPANHAS), solicitado, sorteio.choice(_PRAZOS)
    )  # fmt: skip


def _do_emprestimo(sorteio: Random, dono: str, e: Emprestimo) -> Pedido:
    """The application that a loan came of."""
    p, random = _pedido(sorteio, dono, _PESOS_EMPRESTIMO), sorteio.random
    p.solicitado, p.prazo, p.aprovado, p.taxa = e.solicitado, e.prazo, e.aprovado, e.taxa
    p.mau = _atrasou(e)
    # Two such curves tell bad from good in three of four pairs.
    forma = (1.25, 2.1) if p.mau else (2.1, 1.5)
    minimo = corte(p.produto)
    p.nota = minimo + (1 - minimo) * sorteio.betavariate(*forma)
    if random() < 0.6:
        p.passos.append((e.criado - 120 - int(random() * 2_400), "RASCUNHO"))
    p.passos.append((e.criado, "SUBMETIDO"))
    if random() < 0.8:
        p.passos.append((e.criado + 30 + int(random() * 900), "EM_ANALISE"))
    p.passos.append((e.aprovado_em, "APROVADO"))
    if e.desembolso <= DEPOIS:
        p.contrato = e.id
        meio = int((e.desembolso - e.aprovado_em) * (0.2 + 0.6 * random()))
        p.passos += [(e.aprovado_em + meio, "CONTRATADO"), (e.desembolso, "DESEMBOLSADO")]
    elif e.desembolso == NUNCA:
        _acabar(p, "EXPIRADO", e.aprovado_em + 20 * DIA)
    return p


def _atrasou(e: Emprestimo) -> bool:
    """Whether an instalment of a loan was more than thirty days late by the end of the sample."""
    return any(min(dia_local(p.pago), DIAS) - p.vence > 30 for p in e.parcelas)


def _sem_contrato(sorteio: Random, usuarios: Sequence[tuple[int, str]]) -> Pedido:
    """An application that no loan came of."""
    random = sorteio.random
    em = DIA + int((DEPOIS - 2 * DIA) * (1 - random() * random()))
    conhecidos = bisect_left(usuarios, (em - 2 * DIA, ""))
    cliente = f"p-{sorteio.getrandbits(48):012x}"
    if conhecidos and random() < 0.6:
        cliente = usuarios[int(random() * conhecidos)][1]
    p = _pedido(sorteio, cliente, _PESOS_PRODUTO)
    p.nota = sorteio.betavariate(1.6, 1.9)
    if random() < 0.7:
        p.passos.append((em, "RASCUNHO"))
        em += 120 + int(random() * 3_600)
        if random() < 0.08:  # never sent
            _acabar(p, "EXPIRADO", em + 30 * DIA)
            return p
    p.passos.append((em, "SUBMETIDO"))
    em += 30 + int(random() * 840)
    if random() < 0.75:
        p.passos.append((em, "EM_ANALISE"))
        if random() < 0.14:
            em += 1_800 + int(random() * 6 * 3_600)
            p.passos.append((em, "PENDENTE_DOCUMENTO"))
            em += 7_200 + int(random() * 3 * DIA)
            if random() < 0.25:
                _acabar(p, "CANCELADO", em)
                return p
            p.passos.append((em, "EM_ANALISE"))
    em += 1_200 + int(random() ** 3 * 3 * DIA)
    _decidir(sorteio, p, em)
    p.passos = [(quando, s) for quando, s in p.passos if quando <= DEPOIS]
    return p


def _decidir(sorteio: Random, p: Pedido, em: int) -> None:
    """Refuse or approve an application, or let its customer go."""
    random = sorteio.random
    fraca = p.nota < corte(p.produto)
    if random() < 0.05:
        _acabar(p, "CANCELADO", em)
        return
    if fraca or random() < 0.3:
        p.passos.append((em, "RECUSADO"))
        motivos = ["SCORE_BAIXO"] if fraca else [sorteio.choice(_OUTROS_MOTIVOS)]
        if random() < 0.3:
            motivos.append(sorteio.choice(_OUTROS_MOTIVOS))
        p.motivos = "" if random() < 0.03 else ";".join(motivos)
        if fraca or random() > 0.06:
            return
        p.passos.append((em + 3_600 + int(random() * 5 * DIA), "EM_ANALISE"))
        em = p.passos[-1][0] + 3_600
        p.motivos = ""
    p.aprovado = p.solicitado if random() < 0.7 else p.solicitado * 7 // 10
    p.taxa = 149 + 10 * int(random() * 30)
    p.passos.append((em, "APROVADO"))
    fim = em + DIA + int(random() * 20 * DIA)
    if random() < 0.2:
        p.passos.append((em + 3_600, "CONTRATADO"))
        _acabar(p, "CANCELADO", fim)
    else:
        _acabar(p, "EXPIRADO" if random() < 0.6 else "CANCELADO", fim)


def _acabar(p: Pedido, situacao: str, em: int) -> None:
    if em <= DEPOIS:
        p.passos.append((em, situacao))
