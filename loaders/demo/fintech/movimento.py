"""Entries that no payment stands behind: salaries, purchases by card, interest, fees."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

from random import Random

from loaders.demo import vocabulario as v
from loaders.demo.fintech.calendario import (
    ANTES,
    DEPOIS,
    DIA,
    DIAS,
    NUNCA,
    data,
    dia_da_semana,
    dia_local,
    dia_util,
    escrito,
    horas,
    momento,
    primeiros_dos_meses,
    repartir,
)
from loaders.demo.fintech.comum import NULO, Falhas, Tamanho, Vida, parte, reais
from loaders.demo.fintech.razao import Razao, Uso

_OUTRAS_GRAFIAS = ("Completed", "settled", "posted", "success", "confirmed")
_EMPREGADORES = ("PREFEITURA", "INDUSTRIA SAO BENTO", "HOSPITAL CENTRAL", "MERCADO BOM DIA")


def lancar(semente: int, tamanho: Tamanho, razao: Razao, falhas: Falhas) -> None:
    """Fill the ledger to its size; payments and loans are in it already."""
    sorteio = Random(f"{semente}/fintech/movimento")
    _de_todo_mes(sorteio, razao)
    compras = Compras(sorteio, tamanho, razao)
    _as_que_mudam(sorteio, tamanho.lancamentos, compras, falhas)
    _fora_do_contrato(sorteio, tamanho.lancamentos, compras, falhas)
    faltam = tamanho.lancamentos - razao.quantos()
    if faltam < 0:
        raise ValueError(f"{tamanho.lancamentos} entries are too few for all that happens.")
    compras.simples(faltam)


def _de_todo_mes(sorteio: Random, razao: Razao) -> None:
    """Salaries on the days on which they are paid, card bills, interest and fees."""
    meses = primeiros_dos_meses()
    for n, conta in enumerate(razao.contas):
        aberta = dia_local(conta.criada)
        if not conta.renda:
            inicial = int(20_000 + sorteio.random() * 700_000)
            _lancar(razao, n, inicial, "DEPOSITO INICIAL", conta.criada + 30)
        empregador = f"SALARIO {sorteio.choice(_EMPREGADORES)}"
        quinto = sorteio.random() < 0.75
        fatura, tarifa, rende = (sorteio.random() < p for p in (0.7, 0.12, 0.25))
        for primeiro in meses:
            if primeiro <= aberta:
                continue
            cedo = momento(primeiro, 6 * 3_600 + int(sorteio.random() * 9_000))
            if conta.renda:
                dia = dia_util(primeiro, 4) if quinto else dia_util(primeiro + 19)
                _lancar(razao, n, conta.renda, empregador, cedo + (dia - primeiro) * DIA)
                if fatura:
                    parcial = int(conta.renda * (0.3 + 0.5 * sorteio.random()))
                    vence = cedo + 11 * DIA + 14_000
                    _lancar(razao, n, -parcial, "FATURA DO CARTAO", vence)
            if rende:
                centavos = 1 + int(sorteio.random() * 900)
                _lancar(razao, n, centavos, "RENDIMENTO DA CONTA", cedo - 10_800)
            if tarifa:
                _lancar(razao, n, -1_290, "TARIFA MENSAL", cedo + 9 * DIA)


def _lancar(razao: Razao, conta: int, centavos: int, descricao: str, quando: int) -> None:
    if quando <= DEPOIS:
        razao.lancar(conta, centavos, descricao, NULO, quando, ((quando, "completed"),))


class Compras:
    """Purchases by card: who, what, when."""

    def __init__(self, sorteio: Random, tamanho: Tamanho, razao: Razao) -> None:
        """Prepare what is drawn from."""
        self.sorteio, self.razao = sorteio, razao
        self.uso = Uso(razao.contas)
        oferta = [c for c in v.COMPRAS if not (c[0] or "").upper().startswith("PIX")]
        sorteadas = sorteio.choices(oferta, [frequencia for _, frequencia, _ in oferta], k=5_000)
        self.ofertas: list[tuple[int, str]] = []
        for descricao, _, tipico in sorteadas:
            sorte = sorteio.random()
            centavos = int(100 * tipico * (0.3 + 2.8 * sorte * sorte * sorte))
            self.ofertas.append((centavos, NULO if descricao is None else descricao))
        self.horas = horas(sorteio)
        self.pesos = [float(self._peso(dia)) for dia in range(DIAS)]
        self.dias = sorteio.choices(range(DIAS), self.pesos, k=20_000)

    def _peso(self, dia: int) -> int:
        """More from Friday to Sunday, behind pay day and in December; more with each account."""
        quando = data(dia)
        abertas = self.uso.abertas(dia)
        if abertas < 8:
            return 0
        return (
            abertas
            * (14 if dia_da_semana(dia) >= 4 else 10)
            * (13 if 6 <= quando.day <= 12 else 10)
            * (14 if quando.month == 12 else 10)
        )

    def uma(self, desde: int = 0, ate: int = DIAS - 5) -> tuple[int, int, str, int]:
        """Draw an account, an amount, a description and a moment, of days from and until one."""
        dia = self.sorteio.choice(self.dias)
        while not desde <= dia < ate:
            dia = self.sorteio.choice(self.dias)
        abertas = self.uso.abertas(dia)
        conta = self.uso.indices[int(self.sorteio.random() * abertas)]
        centavos, descricao = self.sorteio.choice(self.ofertas)
        return conta, centavos, descricao, momento(dia, self.sorteio.choice(self.horas))

    def autorizacao(self) -> str:
        """Draw the number that a card network gives a purchase."""
        return f"AUT{self.sorteio.randbytes(6).hex()}"

    def simples(self, quantas: int) -> None:
        """Add purchases to which nothing happens."""
        sorteio, versoes, contas = self.sorteio, self.razao.versoes, self.razao.contas
        prontas = [
            (centavos, f"\t{reais(centavos)}\tdebit\t{descricao}\tcompleted\tAUT")
            for centavos, descricao in self.ofertas
        ]
        ids_das_contas = [f"\t{conta.id}" for conta in contas]
        for dia, do_dia in enumerate(repartir(quantas, self.pesos)):
            if not do_dia:
                continue
            em_uso = self.uso.indices[: self.uso.abertas(dia)]
            meia_noite = momento(dia, 0)
            sorteados = zip(
                sorteio.randbytes(16 * do_dia).hex("-", 16).split("-"),
                sorteio.choices(em_uso, k=do_dia),
                sorteio.choices(prontas, k=do_dia),
                sorteio.choices(self.horas, k=do_dia),
                strict=True,
            )
            for id_, conta, (centavos, texto), segundo in sorteados:
                t = meia_noite + segundo
                linha = f"{id_}{ids_das_contas[conta]}{texto}{id_[:12]}\t{escrito(t)}\n"
                versoes.append((t, NUNCA, linha, conta, -centavos, 0))


def _as_que_mudam(sorteio: Random, total: int, compras: Compras, falhas: Falhas) -> None:
    """Purchases that settle later, are undone, come late, vanish; and those that do not fit."""
    lancar = compras.razao.lancar
    ultimo_antes = dia_local(ANTES)
    vida: Vida
    for n in range(parte(total, 100)):  # settle days later; some around each stage
        perto = (ultimo_antes, DIAS)[n % 2]
        conta, centavos, descricao, t = (
            compras.uma(perto - 3, perto) if n % 10 < 2 else compras.uma()
        )
        fecha = t + DIA + int(sorteio.random() * 2 * DIA)
        fim = "completed" if sorteio.random() < 0.85 else sorteio.choice(("cancelled", "failed"))
        vida = ((t, sorteio.choice(("authorized", "pending", "processing"))), (fecha, fim))
        lancar(conta, -centavos, descricao, compras.autorizacao(), t, vida)
    for _ in range(parte(total, 400)):  # undone by an opposite entry
        conta, centavos, descricao, t = compras.uma()
        numero, desfeita = compras.autorizacao(), t + DIA + int(sorteio.random() * 60 * DIA)
        vida = ((t, "completed"), (desfeita, sorteio.choice(("reversed", "refunded"))))
        lancar(conta, -centavos, descricao, numero, t, vida)
        if desfeita <= DEPOIS:
            texto = "ESTORNO" if descricao == NULO else f"ESTORNO {descricao.strip()}"
            lancar(conta, centavos, texto, numero, desfeita, ((desfeita, "completed"),))
    for _ in range(parte(total, 60)):
        conta, centavos, descricao, t = compras.uma()
        vida = ((t, sorteio.choice(_OUTRAS_GRAFIAS)),)
        lancar(conta, -centavos, descricao, compras.autorizacao(), t, vida)
    for _ in range(parte(total, 1_000)):  # facts of old days that come late
        conta, centavos, descricao, t = compras.uma(0, ultimo_antes)
        chega = ANTES + DIA + int(sorteio.random() * 40 * DIA)
        lancar(conta, -centavos, descricao, compras.autorizacao(), t, ((chega, "completed"),))
    for _ in range(parte(total, 5_000)):  # the second stage has them no more
        conta, centavos, descricao, t = compras.uma(0, ultimo_antes)
        some = ANTES + DIA + int(sorteio.random() * 40 * DIA)
        numero = compras.autorizacao()
        lancar(conta, -centavos, descricao, numero, t, ((t, "completed"),), some)
    for _ in range(parte(total, 2_000)):
        conta, centavos, _, t = compras.uma()
        centavos *= sorteio.choice((1, -1))
        lancar(conta, centavos, "AJUSTE DE LANCAMENTO", NULO, t, ((t, "completed"),))

    for _ in range(parte(total, 800)):  # posted twice
        conta, centavos, descricao, t = compras.uma()
        numero, de_novo = compras.autorizacao(), t + 2 + int(sorteio.random() * 300)
        for quando in (t, de_novo):
            vida = ((quando, "completed"),)
            id_ = lancar(conta, -centavos, descricao, numero, quando, vida)
        falhas.plantar("rec_duplicidade/exata", id_, de_novo)
    for _ in range(parte(total, 1_200)):  # the same thing with another amount
        conta, centavos, descricao, t = compras.uma()
        numero, de_novo = compras.autorizacao(), t + 2 + int(sorteio.random() * 300)
        lancar(conta, -centavos, descricao, numero, t, ((t, "completed"),))
        outro = centavos + 1 + int(sorteio.random() * 5_000)
        id_ = lancar(conta, -outro, descricao, numero, de_novo, ((de_novo, "completed"),))
        falhas.plantar("rec_duplicidade/conflito", id_, de_novo)
    for _ in range(parte(total, 1_200)):  # undone, and nothing came back
        conta, centavos, descricao, t = compras.uma()
        desfeita = t + 600 + int(sorteio.random() * 4 * DIA)
        vida = ((t, "completed"), (desfeita, "reversed"))
        id_ = lancar(conta, -centavos, descricao, compras.autorizacao(), t, vida)
        falhas.plantar("rec_estorno/sem_oposto", id_, desfeita)


def _fora_do_contrato(sorteio: Random, total: int, compras: Compras, falhas: Falhas) -> None:
    """Entries to be set aside, and statuses that nobody knows; none counts in a balance."""
    razao = compras.razao
    for n in range(2 * parte(total, 1_500)):
        conta, centavos, descricao, t = compras.uma()
        id_ = next(razao.ids)
        valor, tipo = (
            ("0.00", "debit"),
            (f"-{reais(centavos)}", "debit"),
            (f"{reais(centavos)}5", "debit"),
            (reais(centavos), "transfer"),
        )[n % 4]
        linha = f"{id_}\t{razao.contas[conta].id}\t{valor}\t{tipo}\t{descricao}\tcompleted"
        linha += f"\t{NULO}\t{escrito(t)}\n"
        razao.versoes.append((t, NUNCA, linha, conta, 0, 0))
        falhas.plantar("quarentena/transactions", id_, t)
    for _ in range(parte(total, 1_500)):
        conta, centavos, descricao, t = compras.uma()
        situacao = sorteio.choice(("held", "on_hold", "in dispute"))
        id_ = razao.lancar(conta, -centavos, descricao, compras.autorizacao(), t, ((t, situacao),))
        falhas.plantar("nao_mapeado/transactions", id_, t)
