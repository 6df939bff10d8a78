"""The entries that a payment leaves in the ledger, and those that it should not leave."""

# Made-up data want to be repeatable, not secret.

from bisect import bisect_right
from dataclasses import dataclass
from random import Random

from loaders.demo.fintech.calendario import DEPOIS, NUNCA
from loaders.demo.fintech.comum import Falhas, Vida
from loaders.demo.fintech.razao import Razao

# By method: what an amount is around, in centavos, and the words of the entries out and in.
METODOS = {
    "PIX": (12_000, "PIX ENVIADO", "PIX RECEBIDO"),
    "TED": (180_000, "TED ENVIADA", "TED RECEBIDA"),
    "BOLETO": (45_000, "PAGAMENTO DE BOLETO", "BOLETO RECEBIDO"),
    "CARD": (30_000, "COMPRA NO CARTAO", "VENDA NO CARTAO"),
}
PENDENTE = ("pending", "pending", "pending", "processing", "authorized")


@dataclass(slots=True)
class Pagamento:
    """A payment: indices of accounts, None for one elsewhere."""

    id: str
    origem: int | None
    destino: int | None
    centavos: int
    metodo: str
    criado: int
    workflow: str
    desfecho: str  # liquidado, falhou, cancelado, pendente
    fim: int
    devolvido: int = NUNCA
    por_workflow: bool = False
    falha: str = ""

    @property
    def direcao(self) -> str:
        """Which of its accounts are here."""
        if self.origem is None:
            return "entrada"
        return "saida" if self.destino is None else "interno"


class Partidas:
    """Posts the entries of payments."""

    def __init__(self, sorteio: Random, razao: Razao, falhas: Falhas) -> None:
        """Post into a ledger, and note what is planted."""
        self.sorteio, self.razao, self.falhas = sorteio, razao, falhas
        self.terceiras = [n for n, c in enumerate(razao.contas) if c.moeda == "BRL"]
        self.alternar = 0

    def lancar(self, p: Pagamento) -> None:
        """Post what a payment leaves in the ledger, and note what of it is wrong."""
        _, saida, entrada = METODOS[p.metodo]
        chave = p.workflow if p.por_workflow else p.id
        debita, credita = p.origem, p.destino
        a_debitar = a_creditar = p.centavos
        if p.falha in ("", "duplicado", "duplicado_exato", "lancado_sem_liquidacao"):
            pass
        elif p.falha == "sem_lancamento":
            debita = credita = None
        elif p.falha == "meia_partida":
            self.alternar += 1
            debita, credita = (debita, None) if self.alternar % 2 else (None, credita)
        elif p.falha == "conta_divergente":
            outra = self._terceira(p)
            debita, credita = (debita, outra) if p.direcao == "interno" else (outra, None)
        elif p.falha == "valor_divergente":
            a_creditar += 1 + int(self.sorteio.random() * 3_000)
            if credita is None:
                a_debitar = a_creditar
        if debita is not None:
            self._debitar(p, debita, a_debitar, saida, chave)
        if credita is not None and p.desfecho == "liquidado":
            vida = ((p.fim, "completed"), (p.devolvido, "reversed"))
            self.razao.lancar(credita, a_creditar, entrada, chave, p.fim, vida)
            self._devolver(p, credita, -a_creditar, entrada, chave)
        tarifado = p.metodo == "TED" and p.desfecho == "liquidado" and not p.falha
        if tarifado and debita is not None:
            self.razao.lancar(debita, -890, "TARIFA TED", chave, p.fim, ((p.fim, "completed"),))
        self._anotar_falha(p, chave)

    def _debitar(self, p: Pagamento, conta: int, centavos: int, texto: str, chave: str) -> None:
        """Take the money: at once for a PIX, else reserved until the payment ends."""
        fim = {"liquidado": "completed", "falhou": "failed", "cancelado": "cancelled"}
        vida: Vida
        if p.metodo == "PIX" and p.desfecho != "pendente":
            if p.desfecho != "liquidado" and p.criado % 3:
                return
            criada, vida = max(p.criado, p.fim - 1), ((p.fim, fim[p.desfecho]),)
        else:
            reserva = (p.criado, PENDENTE[p.criado % len(PENDENTE)])
            criada, vida = p.criado, (reserva, (p.fim, fim.get(p.desfecho, "pending")))
        vida = (*vida, (p.devolvido, "reversed"))
        id_ = self.razao.lancar(conta, -centavos, texto, chave, criada, vida)
        if p.falha == "devolvido_sem_oposto":
            self.falhas.plantar("rec_estorno/sem_oposto", id_, p.devolvido)
        else:
            self._devolver(p, conta, centavos, texto, chave)

    def _devolver(self, p: Pagamento, conta: int, centavos: int, texto: str, chave: str) -> None:
        """Post the opposite entry of a payment that goes back."""
        if p.devolvido <= DEPOIS:
            vida = ((p.devolvido, "completed"),)
            self.razao.lancar(conta, centavos, f"ESTORNO {texto}", chave, p.devolvido, vida)

    def _anotar_falha(self, p: Pagamento, chave: str) -> None:
        """Post what is too much, and note the fault."""
        especie, desde = p.falha, p.fim
        if not especie:
            return
        if especie == "devolvido_sem_oposto":
            especie, desde = "lancado_sem_liquidacao", p.devolvido
        elif especie in ("duplicado", "duplicado_exato", "lancado_sem_liquidacao"):
            desde = p.fim + 1 + int(self.sorteio.random() * 200)
            if especie == "duplicado":  # under the other key
                chave = p.id if p.por_workflow else p.workflow
            _, saida, entrada = METODOS[p.metodo]
            if p.origem is not None:
                conta, centavos, texto = p.origem, -p.centavos, saida
            elif p.destino is not None:
                conta, centavos, texto = p.destino, p.centavos, entrada
            vida = ((desde, "completed"),)
            id_ = self.razao.lancar(conta, centavos, texto, chave, desde, vida)
            if especie == "duplicado_exato":
                especie = "duplicado"
                self.falhas.plantar("rec_duplicidade/exata", id_, desde)
        self.falhas.plantar(f"rec_partidas/{especie}", p.id, desde)

    def _terceira(self, p: Pagamento) -> int:
        """Draw an account that is open and no part of the payment."""
        while True:
            # In the order in which they were opened.
            abertas = bisect_right(
                self.terceiras, p.criado, key=lambda n: self.razao.contas[n].criada
            )
            outra = self.terceiras[int(self.sorteio.random() * abertas)]
            if outra not in (p.origem, p.destino):
                return outra
