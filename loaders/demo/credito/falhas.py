"""What does not fit in the start-up's database, and what the list of it says."""

# Made-up data want to be repeatable, not secret.

from collections.abc import Callable, Iterator
from random import Random

from loaders.demo.credito.pedidos import HISTORICO, RETRATO, Pedido
from loaders.demo.fintech.calendario import ANTES, DEPOIS, DIA, NUNCA
from loaders.demo.fintech.comum import Falhas, uuids


def plantar(sorteio: Random, pedidos: list[Pedido], falhas: Falhas, quantas: int) -> None:
    """Choose applications, and make each wrong in one way; a few are added, a few taken away.

    Args:
        sorteio: what is drawn from.
        pedidos: all of them; changed.
        falhas: where it is noted what is wrong.
        quantas: how many of each kind.
    """
    contratados = sorted((p for p in pedidos if p.contrato), key=lambda p: p.passos[-1][0])
    primeiros, outros = contratados[:quantas], contratados[quantas:]
    com_contrato = iter(sorteio.sample(outros, 2 * quantas))
    sem_contrato = _sem_volta(sorteio, pedidos)
    contratos = uuids(sorteio)
    for n in range(quantas):
        p = next(com_contrato)
        falhas.plantar("rec_originacao/emprestimo_sem_pedido", p.contrato, p.passos[-1][0])
        pedidos.remove(p)
        p = next(com_contrato)
        p.aprovado += 10_000
        falhas.plantar("rec_originacao/valor_difere", p.id, p.passos[-1][0])

        p = next(sem_contrato(lambda p: p.passos[-1][0] < ANTES))
        p.contrato = next(contratos)
        falhas.plantar("rec_originacao/pedido_sem_emprestimo", p.id, _desembolsar(p))
        p = next(sem_contrato(lambda p: p.criado > primeiros[-1].passos[-1][0]))
        p.contrato = primeiros[n].contrato
        falhas.plantar("rec_originacao/contrato_repetido", p.id, _desembolsar(p))

        p = next(sem_contrato(lambda p: p.desde("APROVADO") < NUNCA))
        onde = [s for _, s in p.passos].index("APROVADO") + 1
        em = p.desde("APROVADO")
        p.passos[onde:onde] = [(em + 600, "EM_ANALISE"), (em + 1_200, "APROVADO")]
        falhas.plantar("rec_pedido_transicao/imprevista", p.id, em + 600)

        p = next(sem_contrato(lambda p: p.passos[-1][1] == "RECUSADO"))
        p.mostra = p.passos[-1][0] + 2 * DIA, "CANCELADO"
        falhas.plantar("rec_pedido_status/divergente", p.id, p.mostra[0])
        p = next(sem_contrato(lambda p: p.passos[-1][1] == "RECUSADO"))
        p.mostra = p.passos[-1][0] + 600, "EM_ANALISE"
        falhas.plantar("rec_pedido_status/historico_atrasado", p.id, p.mostra[0])

        p = next(sem_contrato(lambda p: p.passos[-1][0] < ANTES))
        p.saiu = DEPOIS  # deleted: no fault
        for especie, falha in (
            ("quarentena/pedido_credito", "negativo"),
            ("nao_mapeado/pedido_credito", "sem_nome"),
        ):
            em = ANTES - (n + 2) * DIA
            ruim = Pedido(f"PED-{falha}-{n}", f"p-{falha}{n}", "CONSIGNADO", "AGENCIA", "", 1, 12)
            ruim.passos, ruim.contado_por, ruim.falha = [(em, "SUBMETIDO")], RETRATO, falha
            pedidos.append(ruim)
            falhas.plantar(especie, ruim.id, em)


def _sem_volta(
    sorteio: Random, pedidos: list[Pedido]
) -> Callable[[Callable[[Pedido], bool]], Iterator[Pedido]]:
    """Draw applications without a loan whose history tells of them, each but once."""
    bons = [p for p in pedidos if not p.contrato and p.contado_por == HISTORICO]
    fila = sorteio.sample(bons, len(bons))

    def escolher(serve: Callable[[Pedido], bool]) -> Iterator[Pedido]:
        for p in fila:
            if serve(p) and p.passos[-1][0] < DEPOIS - 3 * DIA:
                fila.remove(p)
                yield p
                return

    return escolher


def _desembolsar(p: Pedido) -> int:
    """Have an application approved and paid out after all that it went through."""
    p.aprovado, p.taxa, p.motivos = p.solicitado, 199, ""
    if p.passos[-1][1] in ("RECUSADO", "CANCELADO", "EXPIRADO"):
        p.passos.pop()
    em = p.passos[-1][0] + 1_800
    if p.passos[-1][1] == "RASCUNHO":
        p.passos.append((em, "SUBMETIDO"))
    if p.passos[-1][1] not in ("APROVADO", "CONTRATADO"):
        p.passos.append((em + 1_800, "APROVADO"))
    em = p.passos[-1][0] + 1_800
    p.passos += [(em, "CONTRATADO")] if p.passos[-1][1] == "APROVADO" else []
    p.passos.append((em + 1_800, "DESEMBOLSADO"))
    return p.passos[-1][0]
