"""The score of a decision, the order of events and the funnel as the pages define them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from oraculo_credito import (
    LOCAL,
    ORDINAIS,
    SAIDAS,
    SEM_FIM,
    Chamada,
    Evento,
    Linha,
    Pedido,
    Score,
    Versao,
    dia_local,
    um_de_cada,
)

UM_DIA = timedelta(days=1)
MODELO_DO_PRODUTO = {"CREDITO PESSOAL": "BUREAU", "CARTAO": "INTERNO"}
FAIXAS = {
    "BUREAU": ((800, "A"), (600, "B"), (400, "C"), (200, "D"), (0, "E")),
    "INTERNO": ((750, "A"), (600, "B"), (450, "C"), (250, "D"), (0, "E")),
}
ESCALAS = {"BUREAU": (0, 1000), "INTERNO": (0, 1000)}
FALHAS = ("limite", "erro_servidor", "tempo_esgotado", "rede", "corpo_invalido", "disjuntor_aberto")


def bom(s: Score) -> bool:
    """Whether a score is not set aside."""
    menor, maior = ESCALAS.get(s.modelo, (1, 0))
    return menor <= s.score <= maior


def revisoes(scores: Iterable[Score]) -> list[tuple[Score, datetime]]:
    """Of each revision the content that was published first, with the end of its time."""
    ficam: dict[tuple[str, int], Score] = {}
    for s in sorted((s for s in scores if bom(s)), key=lambda s: s.publicado):
        ficam.setdefault((s.consulta, s.revisao), s)
    por_consulta: dict[str, list[Score]] = defaultdict(list)
    for chave in sorted(ficam):
        por_consulta[chave[0]].append(ficam[chave])
    return [
        (s, delas[n + 1].publicado if n + 1 < len(delas) else SEM_FIM)
        for delas in por_consulta.values()
        for n, s in enumerate(delas)
    ]


def score_da_decisao(
    p: Pedido | None,
    decisao: datetime | None,
    agora: datetime,
    scores: Sequence[tuple[Score, datetime]],
    chamadas: Sequence[Chamada],
) -> Linha:
    """What a decision could know."""
    t = decisao or agora
    modelo = MODELO_DO_PRODUTO.get(p.produto or "") if p else None
    deles = [
        (s, ate)
        for s, ate in scores
        if p and s.modelo == modelo and (
            s.pedido == p.id or (s.pedido is None and s.cliente == p.cliente)
        )
    ]  # fmt: skip
    sabidos = [s for s, ate in deles if s.publicado <= t < ate and s.calculado <= t]
    proprios = [s for s in sabidos if s.pedido]
    frescos = [s for s in sabidos if t - s.calculado <= 30 * UM_DIA]
    entre = proprios or frescos
    melhor = max(
        entre,
        key=lambda s: (s.publicado, s.calculado, s.revisao, s.consulta.encode()),
        default=None,
    )
    if decisao is None:
        situacao = "sem_decisao"
    elif melhor:
        situacao = "vigente"
    elif sabidos:
        situacao = "vencido"
    elif any(s.publicado > t for s, _ in deles):
        situacao = "posterior"
    elif not deles and any(c.resultado in FALHAS and t - UM_DIA <= c.em < t for c in chamadas):
        situacao = "indisponivel"
    else:
        situacao = "sem_score"
    faixa = "SEM SCORE"
    if melhor:
        faixa = next(f for minimo, f in FAIXAS[melhor.modelo] if melhor.score >= minimo)
    return {
        "situacao_score": situacao,
        "score_decisao": melhor and melhor.score,
        "id_consulta_decisao": melhor and melhor.consulta,
        "revisao_decisao": melhor and melhor.revisao,
        "modelo_decisao": melhor and melhor.modelo,
        "faixa_score": faixa,
        "qtd_scores_ate_decisao": len(entre),
    }


def fora_de_ordem(eventos: Iterable[Evento]) -> list[Linha]:
    """Each event, and whether one of its application that happened later had come before."""
    todos = um_de_cada(eventos)
    return [
        {
            "id_evento": e.id,
            "id_pedido": e.pedido,
            "chegou_fora_de_ordem": e.pedido is not None
            and any(
                o.pedido == e.pedido and o.recebido < e.recebido and o.em > e.em for o in todos
            ),
        }
        for e in todos
    ]


def meia_noite(dia: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(dia, time(), LOCAL).astimezone(UTC)


def funil(
    pedidos: Mapping[str, Pedido],
    versoes: Mapping[str, Sequence[Versao]],
    submissoes: Mapping[str, datetime | None],
    agora: datetime,
) -> list[Linha]:
    """The funnel's counts, by local day, product and channel."""
    celulas: dict[tuple[date, str, str], Counter[str]] = defaultdict(Counter)
    for id_, todas in versoes.items():
        dela = [v for v in todas if v.de < agora]
        passo = max((_passo(v) for v in dela), default=0)
        if not passo:
            continue
        p, submissao = pedidos.get(id_), submissoes[id_]
        assert submissao is not None
        produto = (p and p.produto) or "NAO INFORMADO"
        canal = (p and p.canal) or "NAO INFORMADO"
        conta = celulas[dia_local(submissao), produto, canal]
        for n in range(6):
            conta[f"qtd_{n}"] += passo > n
        ultima = dela[-1].situacao
        if passo == 6:
            classe = "desembolsado"
        elif ultima in SAIDAS:
            classe = ultima.lower()
        elif p and p.excluido and p.excluido < agora:
            classe = "excluido"
        else:
            classe = "em_aberto"
        conta[f"classe_{classe}"] += 1
    nomes = ("submetido", "em_analise", "decidido", "aprovado", "contratado", "desembolsado")
    saidas = ("recusado", "cancelado", "expirado", "excluido", "em_aberto")
    return [
        {
            "data_coorte": dia,
            "produto": produto,
            "canal": canal,
            **{f"qtd_{nome}": conta[f"qtd_{n}"] for n, nome in enumerate(nomes)},
            **{f"qtd_{nome}": conta[f"classe_{nome}"] for nome in saidas},
        }
        for (dia, produto, canal), conta in celulas.items()
    ]


def _passo(v: Versao) -> int:
    if v.situacao == "RECUSADO":
        return 3
    ordinal = ORDINAIS.get(v.situacao, 0)
    return ordinal + 1 if ordinal >= 3 else ordinal
