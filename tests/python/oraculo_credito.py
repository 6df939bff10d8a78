"""Applications and their statuses as the pages define them, in plain Python.

No SQL, and nothing shared with the project. What comes in are rows as the sources tell them, in any
order; what comes out are the versions of each application.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("America/Sao_Paulo")
SEM_FIM = datetime(9999, 12, 31, tzinfo=UTC)

ORDINAIS = {
    "RASCUNHO": 0, "SUBMETIDO": 1, "EM_ANALISE": 2, "PENDENTE_DOCUMENTO": 2, "APROVADO": 3,
    "CONTRATADO": 4, "DESEMBOLSADO": 5,
}  # fmt: skip
SAIDAS = ("RECUSADO", "CANCELADO", "EXPIRADO")
DECISOES = {"APROVADO": "aprovado", "RECUSADO": "recusado"}
PASSOS = (
    ("SUBMETIDO",), ("EM_ANALISE", "PENDENTE_DOCUMENTO"), ("APROVADO", "RECUSADO"), ("APROVADO",),
    ("CONTRATADO",), ("DESEMBOLSADO",),
)  # fmt: skip
Linha = dict[str, Any]


def dia_local(instante: datetime) -> date:
    """The calendar day of a moment in São Paulo."""
    return instante.astimezone(LOCAL).date()


@dataclass(frozen=True)
class Pedido:
    """An application, as its newest state tells."""

    id: str
    cliente: str
    produto: str | None
    canal: str | None
    valor: Decimal
    aprovado: Decimal | None
    status: str
    criado: datetime
    decidido: datetime | None
    atualizado: datetime
    excluido: datetime | None = None


@dataclass(frozen=True)
class Mudanca:
    """A row of the history."""

    id: int
    pedido: str
    status: str
    requisicao: str | None
    ocorrida: datetime
    registrada: datetime


@dataclass(frozen=True)
class Evento:
    """A message of the log."""

    id: str | None
    tipo: str
    pedido: str | None
    status: str | None
    requisicao: str | None
    ocorrido: datetime
    produzido: datetime | None
    recebido: datetime
    topico: str
    deslocamento: int

    @property
    def boa(self) -> bool:
        """Whether it is not set aside."""
        mudou = self.tipo == "situacao_alterada"
        return bool(self.id) and self.ocorrido.year >= 2000 and not (mudou and not self.status)

    @property
    def lugar(self) -> tuple[datetime, bytes, int]:
        """Its place among the messages of the same event."""
        return self.recebido, self.topico.encode(), self.deslocamento

    @property
    def em(self) -> datetime:
        """When it happened, for what is put in order."""
        limite = self.recebido + timedelta(minutes=5)
        if self.ocorrido <= limite:
            return self.ocorrido
        if self.produzido and self.produzido <= limite:
            return self.produzido
        return self.recebido


@dataclass(frozen=True)
class Score:
    """What the partner answered."""

    consulta: str
    revisao: int
    cliente: str
    pedido: str | None
    modelo: str
    score: Decimal
    calculado: datetime
    publicado: datetime


@dataclass(frozen=True)
class Chamada:
    """An attempt to ask the partner."""

    resultado: str
    em: datetime


@dataclass(frozen=True)
class Versao:
    """A status of an application."""

    pedido: str
    sequencia: int
    situacao: str
    anterior: str | None
    de: datetime
    ate: datetime
    fonte: str

    @property
    def submetida(self) -> bool:
        """Whether it cannot be without a submission."""
        return ORDINAIS.get(self.situacao, 0) >= 1 or self.situacao == "RECUSADO"

    @property
    def retrocesso(self) -> bool:
        """Whether it goes back."""
        if self.anterior is None or self.situacao not in ORDINAIS:
            return False
        antes = ORDINAIS.get(self.anterior, 99 if self.anterior in SAIDAS else -1)
        return ORDINAIS[self.situacao] < antes

    @property
    def prevista(self) -> bool:
        """Whether somebody expects it."""
        if self.anterior is None:
            return True
        de, para = self.anterior, self.situacao
        if {de, para} == {"EM_ANALISE", "PENDENTE_DOCUMENTO"} or (de, para) == (
            "RECUSADO",
            "EM_ANALISE",
        ):
            return True
        if de not in ORDINAIS or de == "DESEMBOLSADO":
            return False
        if para in ORDINAIS:
            return ORDINAIS[de] < ORDINAIS[para]
        return para in SAIDAS and (de, para) != ("CONTRATADO", "RECUSADO")

    def linha(self) -> Linha:
        """Its row of fact_pedido_situacao."""
        aberta = self.ate == SEM_FIM
        return {
            "id_pedido": self.pedido,
            "sequencia": self.sequencia,
            "situacao": self.situacao,
            "situacao_anterior": self.anterior,
            "transicao_prevista": self.prevista,
            "retrocesso": self.retrocesso,
            "fonte": self.fonte,
            "valido_de": self.de.replace(tzinfo=None),
            "valido_ate": self.ate.replace(tzinfo=None),
            "duracao_segundos": None if aberta else (self.ate - self.de) / timedelta(seconds=1),
        }


def um_de_cada(eventos: Iterable[Evento]) -> list[Evento]:
    """Of each event the message that was received first."""
    vistos: dict[str, Evento] = {}
    for e in sorted((e for e in eventos if e.boa), key=lambda e: e.lugar):
        vistos.setdefault(str(e.id), e)
    return list(vistos.values())


def situacoes(
    pedidos: Iterable[Pedido], mudancas: Iterable[Mudanca], eventos: Iterable[Evento]
) -> tuple[dict[str, list[Versao]], Counter[str], Counter[str]]:
    """The versions of each application, and what repeats and what is there twice."""
    ditas: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for m in mudancas:
        ditas[m.pedido].append(
            (m.ocorrida, m.registrada, m.id, m.status, m.requisicao, "historico")
        )
    com_historico = set(ditas)
    for e in um_de_cada(eventos):
        if e.tipo == "situacao_alterada" and e.pedido and e.pedido not in com_historico:
            ditas[e.pedido].append(
                (e.em, e.recebido, str(e.id).encode(), e.status, e.requisicao, "evento")
            )
    for p in pedidos:
        if p.id not in ditas:
            ditas[p.id].append((p.decidido or p.criado, p.atualizado, 0, p.status, None, "retrato"))
    versoes: dict[str, list[Versao]] = {}
    repeticoes: Counter[str] = Counter()
    duplicadas: Counter[str] = Counter()
    for pedido, linhas in ditas.items():
        requisicoes: set[str] = set()
        ficam: list[tuple[datetime, str, str]] = []
        for em, _, _, status, requisicao, fonte in sorted(linhas, key=lambda linha: linha[:3]):
            if requisicao in requisicoes:
                duplicadas[pedido] += 1
                continue
            if requisicao:
                requisicoes.add(requisicao)
            if ficam and ficam[-1][1] == status:
                repeticoes[pedido] += 1
                continue
            ficam.append((em, status, fonte))
        versoes[pedido] = [
            Versao(
                pedido, n + 1, status, ficam[n - 1][1] if n else None, em,
                ficam[n + 1][0] if n + 1 < len(ficam) else SEM_FIM, fonte,
            )
            for n, (em, status, fonte) in enumerate(ficam)
        ]  # fmt: skip
    return versoes, repeticoes, duplicadas
