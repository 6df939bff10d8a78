"""The ledger: entries of accounts, and the balances that they add up to at each stage."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

from bisect import bisect_left
from itertools import pairwise
from random import Random

from loaders.demo.fintech.calendario import ANTES, DEPOIS, NUNCA, dia_local, escrito
from loaders.demo.fintech.comum import Falhas, Lancamento, Vida, em_hexa, parte, reais, visivel
from loaders.demo.fintech.pessoas import Conta

CONTADAS = frozenset(
    ("completed", "Completed", "settled", "posted", "success", "confirmed", "reversed", "refunded")
)
PENDENTES = frozenset(("pending", "processing", "authorized"))


class Uso:
    """Accounts that are open on a day, each as often as it is used."""

    def __init__(self, contas: list[Conta], moeda: str | None = None) -> None:
        """Note when each account begins."""
        usadas = [(n, c) for n, c in enumerate(contas) if moeda in (None, c.moeda)]
        self.indices = [n for n, c in usadas for _ in range(c.peso)]
        self._dias = [dia_local(c.criada) for _, c in usadas for _ in range(c.peso)]

    def abertas(self, dia: int) -> int:
        """Return how many of the list were opened before a day."""
        return bisect_left(self._dias, dia)


class Razao:
    """All entries, each with its versions."""

    def __init__(self, semente: int, contas: list[Conta]) -> None:
        """Begin an empty ledger."""
        self.contas = contas
        self.versoes: list[Lancamento] = []
        self.ids = em_hexa(Random(f"{semente}/fintech/razao"))

    def lancar(
        self,
        conta: int,
        centavos: int,
        descricao: str,
        externo: str,
        criada: int,
        vida: Vida,
        ate: int = NUNCA,
    ) -> str:
        """Add an entry.

        Args:
            conta: index of the account.
            centavos: amount: a credit above zero, a debit below.
            descricao: description.
            externo: what the entry says it belongs to.
            criada: moment of the entry.
            vida: its statuses; the row is there from the first of them on.
            ate: when the row vanishes.

        Returns:
            Its id.
        """
        id_ = next(self.ids)
        tipo = "credit" if centavos > 0 else "debit"
        inicio = f"{id_}\t{self.contas[conta].id}\t{reais(abs(centavos))}\t{tipo}\t{descricao}\t"
        for (desde, situacao), (proxima, _) in pairwise((*vida, (ate, ""))):
            if visivel(desde, proxima):
                self.versoes.append(
                    (
                        desde,
                        proxima,
                        f"{inicio}{situacao}\t{externo}\t{escrito(criada)}\n",
                        conta,
                        centavos if situacao in CONTADAS else 0,
                        -centavos if centavos < 0 and situacao in PENDENTES else 0,
                    )
                )
        return id_

    def quantos(self) -> int:
        """Return how many entries the last stage shows."""
        return sum(1 for versao in self.versoes if versao[0] <= DEPOIS < versao[1])


def contas_em_cada_etapa(semente: int, razao: Razao, falhas: Falhas) -> tuple[list[str], list[str]]:
    """Return the rows of the accounts at each stage, and plant balances that do not tie."""
    sorteio = Random(f"{semente}/fintech/saldos")
    somas = _somar(razao)
    ha_tempo = [n for n, c in enumerate(razao.contas) if c.criada < ANTES]
    quantas = parte(len(razao.contas), 500)
    sem_reserva = [n for n in ha_tempo if not any(s[n][1] for s in somas.values())]
    desvios = {
        n: (-1) ** k * (1 if k < 2 else 1 + int(sorteio.random() * 50_000))
        for k, n in enumerate(sorteio.sample(sem_reserva, quantas))
    }
    reservadas = [n for n in ha_tempo if somas[DEPOIS][n][1]]
    liquidas = set(sorteio.sample(reservadas, min(len(reservadas), quantas)))
    for n in desvios:
        falhas.plantar("rec_saldo/divergente", razao.contas[n].id, ANTES)
    for n in liquidas:
        reservada_antes = somas[ANTES][n][1] != 0
        desde = ANTES if reservada_antes else DEPOIS
        falhas.plantar("rec_saldo/explicada_por_pendentes", razao.contas[n].id, desde)

    def linhas(etapa: int) -> list[str]:
        feitas = []
        for n, conta in enumerate(razao.contas):
            if conta.criada > etapa:
                continue
            saldo, reservado, quantos, ultimo = somas[etapa][n]
            saldo += desvios.get(n, 0) - (reservado if n in liquidas else 0)
            sinal = "-" if saldo < 0 else ""
            feitas.append(
                f"{conta.id}\t{conta.usuario.id}\t{sinal}{reais(abs(saldo))}\t{conta.moeda}"
                f"\t{escrito(conta.criada)}\t{escrito(max(ultimo, conta.criada))}\t{quantos}\n"
            )
        return feitas

    return linhas(ANTES), linhas(DEPOIS)


def _somar(razao: Razao) -> dict[int, list[list[int]]]:
    """Return, for each stage and account: balance, reserved, entries, moment of the last one."""
    antes = [[0, 0, 0, 0] for _ in razao.contas]
    depois = [[0, 0, 0, 0] for _ in razao.contas]
    for desde, ate, _, conta, contado, reservado in razao.versoes:
        if desde <= ANTES < ate:
            soma = antes[conta]
            soma[0] += contado
            soma[1] += reservado
            soma[2] += 1
            if desde > soma[3]:
                soma[3] = desde
        if desde <= DEPOIS < ate:
            soma = depois[conta]
            soma[0] += contado
            soma[1] += reservado
            soma[2] += 1
            if desde > soma[3]:
                soma[3] = desde
    return {ANTES: antes, DEPOIS: depois}
