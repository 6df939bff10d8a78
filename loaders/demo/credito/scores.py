"""What the partner says of applicants: scores, their corrections, and what is wrong with some."""

# Made-up data want to be repeatable, not secret.

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

from loaders.demo.credito.pedidos import Pedido, corte
from loaders.demo.fintech.calendario import DIA, NUNCA, iso
from loaders.demo.fintech.comum import Falhas

MODELOS = {
    "CREDITO PESSOAL": "BUREAU",
    "CONSIGNADO": "BUREAU",
    "CARTAO": "INTERNO",
    "CAPITAL DE GIRO": "PD_INTERNA",
}
_CORTES = {"CREDITO PESSOAL": 500, "CONSIGNADO": 300, "CARTAO": 550}
"""Where on a scale of 0 to 1000 a product is refused: as the seed politica_credito says."""
Publicado = tuple[int, dict[str, Any]]
"""A score as the partner answers it, and when it was published."""


def planejar(
    sorteio: Random, pedidos: list[Pedido], falhas: Falhas, quantas: int
) -> list[Publicado]:
    """Draw the scores of all that were submitted.

    Args:
        sorteio: what is drawn from.
        pedidos: the applications.
        falhas: where it is noted what is wrong.
        quantas: how many there are of each kind of fault.

    Returns:
        In the order in which the partner published them.
    """
    ids = count(1)
    feitos: list[Publicado] = []
    for pedido in pedidos:
        if pedido.submetido < NUNCA:
            feitos += _do_pedido(sorteio, ids, pedido)
    feitos += _errados(sorteio, feitos, falhas, quantas)
    return sorted(feitos, key=lambda f: (f[0], f[1]["id_consulta"], f[1]["revisao"]))


def _do_pedido(sorteio: Random, ids: Iterator[int], p: Pedido) -> Iterator[Publicado]:
    """The scores of an application: most have one, in time."""
    sorte = sorteio.random()
    if sorte < 0.02 and p.nota >= corte(p.produto) and not p.contrato:
        return  # nobody asked for one
    em = p.submetido + 5 + int(sorteio.random() * 15)
    pedido: str | None = p.id
    if 0.02 <= sorte < 0.06:  # the customer's own, of some days before, or of too many
        idade = DIA + int(sorteio.random() * (34 if sorte < 0.03 else 27) * DIA)
        em = max(em - idade, 3_600)
        pedido = None
    elif 0.06 <= sorte < 0.07 and p.decidido < NUNCA:  # it came when all was decided
        em = p.decidido + 60
    item = _item(f"Q{next(ids):07d}", p, pedido, em, p.nota)
    yield em, item
    antes = 0.07 <= sorte < 0.10
    if antes or (0.10 <= sorte < 0.14 and p.decidido < NUNCA):
        nota = min(1.0, max(0.0, p.nota + sorteio.uniform(-0.15, 0.15)))
        quando = em + 5 if antes else p.decidido + 1 + int(sorteio.random() * 20 * DIA)
        corrigido = _item(item["id_consulta"], p, pedido, quando, p.nota if antes else nota)
        yield quando, corrigido | {"revisao": 2, "motivo_revisao": "contestação do titular"}


def _item(consulta: str, p: Pedido, pedido: str | None, em: int, nota: float) -> dict[str, Any]:
    return {
        "id_consulta": consulta,
        "id_cliente": p.cliente,
        "id_pedido": pedido,
        "modelo": MODELOS[p.produto],
        "versao_modelo": "1",
        "score": _na_escala(p.produto, nota),
        "calculado_em": iso(em - 2),
        "publicado_em": iso(em),
        "revisao": 1,
        "motivo_revisao": None,
    }


def _na_escala(produto: str, nota: float) -> str:
    """A score as its model writes it; what is worth the product's cut lies on it."""
    minimo = corte(produto)
    if produto == "CAPITAL DE GIRO":  # a probability of default: the higher, the worse
        pd = 0.08 * (1 - nota) / (1 - minimo) if nota >= minimo else 0.5 - 0.42 * nota / minimo
        return f"{pd:.6f}"
    limite = _CORTES[produto]
    if nota < minimo:
        return f"{limite * nota / minimo:.2f}"
    return f"{limite + (1000 - limite) * (nota - minimo) / (1 - minimo):.2f}"


def _errados(
    sorteio: Random, feitos: list[Publicado], falhas: Falhas, quantas: int
) -> Iterator[Publicado]:
    """What does not fit: two contents of one revision, and what is no score of its model."""
    bons = [f for f in feitos if f[1]["modelo"] == "BUREAU" and f[1]["revisao"] == 1]
    for n, (em, item) in enumerate(sorteio.sample(bons, 2 * quantas)):
        if n < quantas:
            yield em, item | {"score": "1000.00"}
            falhas.plantar("rec_score_conflito/score", item["id_consulta"], em)
            continue
        ruim = {"score": "1000.50"} if n % 2 else {"modelo": "MODELO X"}
        consulta = f"X{n:07d}"
        yield em, item | ruim | {"id_consulta": consulta, "id_pedido": None}
        falhas.plantar("quarentena/score", consulta, em)
