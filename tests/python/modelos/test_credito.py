"""Applications on random data, every row against the oracle.

Few customers, moments and keys, so that they meet. Two extractions of the database, and scores and
events that land in two loads, in no order and some of them twice; built after each.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import psycopg
import pytest
from apoio_api import item, parceiro
from apoio_credito import AGORA, DDL, Retrato, Sorteio, escrever, pousar
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste
from oraculo_credito import DECISOES, Chamada, Evento, Linha, Pedido, Score, Versao, situacoes
from oraculo_credito_decisoes import fora_de_ordem, funil, meia_noite, revisoes, score_da_decisao

from loaders.contratos import fontes
from loaders.demo import servidor
from loaders.extracao.api.carregar import Opcoes as OpcoesDaApi
from loaders.extracao.api.carregar import carregar as carregar_da_api
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes

pytestmark = pytest.mark.nightly_on("postgres")

MODELOS = (
    "funil_pedido",
    "fact_evento",
    "rec_pedido_transicao",
    "rec_pedido_status",
    "rec_credito",
)
SELECAO = ("build", "--select", *(f"+{m}" for m in MODELOS), *SEM_TESTES)
FATOS = {
    "core.fact_pedido_situacao": "*",
    "core.fact_pedido_credito": "*",
    "core.fact_score": "*",
    "core.fact_evento": "*",
    "credito.funil_pedido": "*",
}
T = TypeVar("T", Score, Evento, Chamada)
DE_CADA_CARGA = {"_carga_id", "data_hora_atualizacao_registro"}
Pousadas = list[Score | Evento | Chamada]


@dataclasses.dataclass
class Caso:
    """A built warehouse, what it was built from, and what it held in between."""

    armazem: ArmazemDeTeste
    retratos: list[Retrato]
    cargas: list[Pousadas]
    referencia: date
    entre: datetime = AGORA
    funil_de_antes: Counter[tuple[Any, ...]] = dataclasses.field(default_factory=Counter)

    @property
    def agora(self) -> datetime:
        """The first moment of the reference date."""
        return meia_noite(self.referencia)

    @property
    def pedidos(self) -> dict[str, Pedido]:
        """Each application as it was last seen."""
        vistos = {p.id: p for r in self.retratos for p in r.pedidos}
        return vistos

    def de_tipo(self, tipo: type[T]) -> list[T]:
        """All rows of a kind that landed."""
        return [linha for carga in self.cargas for linha in carga if isinstance(linha, tipo)]

    def situacoes(self) -> tuple[dict[str, list[Versao]], Counter[str], Counter[str]]:
        """What the oracle says of all statuses."""
        mudancas = {m.id: m for r in self.retratos for m in r.mudancas}
        return situacoes(self.pedidos.values(), mudancas.values(), self.de_tipo(Evento))

    def confere(self, tabela: str, esperadas: Iterable[Linha], onde: str = "true") -> None:
        """Hold a table against what the oracle says, every row and every column that it names."""
        linhas = list(esperadas)
        colunas = list(linhas[0])
        achadas = self.armazem.linhas(f"select {', '.join(colunas)} from {tabela} where {onde}")
        devidas = Counter(tuple(linha[c] for c in colunas) for linha in linhas)
        tidas = Counter(achadas)
        assert (tidas - devidas, devidas - tidas) == (Counter(), Counter()), (tabela, colunas)


def _sortear() -> tuple[list[Retrato], list[Pousadas]]:
    sorteio = Sorteio(20261128)
    acaso = sorteio.acaso
    pedidos = [sorteio.pedido(n) for n in range(90)]
    com_historico = [p for p in pedidos if acaso.random() < 0.55]
    mudancas = [m for p in com_historico for m in sorteio.mudancas(p.id)]
    eventos = [
        e
        for id_ in [None, "x1", "x2", *(p.id for p in pedidos)]
        if acaso.random() < 0.6
        for e in sorteio.eventos(id_)
    ]
    eventos += [sorteio.repetido(e) for e in eventos if acaso.random() < 0.3]
    versoes, *_ = situacoes(pedidos, mudancas, eventos)
    decisoes = {
        id_: next((v.de for v in delas if v.situacao in DECISOES), None)
        for id_, delas in versoes.items()
    }
    scores = sorteio.scores(pedidos, {id_: t for id_, t in decisoes.items() if t})
    scores += [s for s in scores if acaso.random() < 0.3]
    chamadas = [
        Chamada(acaso.choice(["ok", "rede", "erro_cliente", "disjuntor_aberto"]), sorteio.quando())
        for _ in range(12)
    ]
    primeiro = Retrato(pedidos[:80], [m for m in mudancas if acaso.random() < 0.7])
    some = {p.id for p in pedidos[:80] if acaso.random() < 0.07}
    segundo = Retrato(
        [
            dataclasses.replace(
                p,
                status=p.status if p.id in some else acaso.choice([p.status, "APROVADO"]),
                excluido=AGORA - timedelta(days=2) if p.id in some else None,
            )
            for p in pedidos
        ],
        mudancas,
    )
    linhas: Pousadas = [*eventos, *scores, *chamadas]
    acaso.shuffle(linhas)
    metade = len(linhas) * 6 // 10
    return [primeiro, segundo], [linhas[:metade], linhas[metade:]]


@pytest.fixture(scope="module")
def caso(lugar: ArmazemDeTeste, postgres: servidor.Servidor) -> Iterator[Caso]:
    """Two extractions and two loads of all else; built after each."""
    retratos, cargas = _sortear()
    banco = f"credito_{lugar.motor}"
    postgres.criar_banco(banco)
    with psycopg.connect(postgres.dsn(banco), autocommit=True) as conexao:
        conexao.execute(DDL)
    lugar.restaurar(VAZIO)
    antes = datetime.now(UTC).date()
    feito = Caso(lugar, retratos, cargas, antes)
    for n, (retrato, carga) in enumerate(zip(retratos, cargas, strict=True)):
        escrever(postgres.dsn(banco), retrato)
        opcoes = Opcoes(instante=AGORA - timedelta(days=3 - n), aceitar_reducao=True)
        carregar(lugar.config, fontes()["credito"], postgres.dsn(banco), opcoes)
        pousar(lugar, carga, datetime.now(UTC))
        lugar.dbt(*SELECAO)
        if n == 0:
            feito.funil_de_antes = Counter(lugar.linhas("select * from credito.funil_pedido"))
            feito.entre = datetime.now(UTC)
    assert datetime.now(UTC).date() == antes, "the reference date has changed meanwhile"
    yield feito


def test_situacoes(caso: Caso) -> None:
    versoes, _, _ = caso.situacoes()
    todas = [v for delas in versoes.values() for v in delas]
    assert {v.fonte for v in todas} == {"historico", "evento", "retrato"}
    caso.confere("core.fact_pedido_situacao", [v.linha() for v in todas])
    imprevistas = [v for v in todas if not v.prevista]
    assert imprevistas
    caso.confere(
        "reconciliacao.rec_pedido_transicao",
        [{"id_pedido": v.pedido, "de": v.anterior, "para": v.situacao} for v in imprevistas],
    )


def test_pedidos_e_o_score_da_decisao(caso: Caso) -> None:
    versoes, repeticoes, duplicadas = caso.situacoes()
    scores, chamadas = revisoes(caso.de_tipo(Score)), caso.de_tipo(Chamada)
    esperadas = []
    for id_, delas in versoes.items():
        decisoes = [v for v in delas if v.situacao in DECISOES]
        t = decisoes[0].de if decisoes else None
        submissao = _submissao(caso.pedidos.get(id_), delas)
        esperadas.append({
            "id_pedido": id_,
            "situacao_atual": delas[-1].situacao,
            "decisao": DECISOES[decisoes[-1].situacao] if decisoes else None,
            "submetido_em": _sem_zona(submissao),
            "decidido_em": _sem_zona(t),
            "decidido_em_final": _sem_zona(decisoes[-1].de if decisoes else None),
            "qtd_transicoes": len(delas) - 1,
            "qtd_retrocessos": sum(v.retrocesso for v in delas),
            "qtd_repeticoes": repeticoes[id_],
            "qtd_duplicadas": duplicadas[id_],
            **score_da_decisao(caso.pedidos.get(id_), t, caso.agora, scores, chamadas),
        })  # fmt: skip
    assert {e["situacao_score"] for e in esperadas} == {
        "vigente", "vencido", "posterior", "indisponivel", "sem_score", "sem_decisao",
    }  # fmt: skip
    caso.confere("core.fact_pedido_credito", esperadas)


def test_revisoes_e_eventos(caso: Caso) -> None:
    deles = revisoes(caso.de_tipo(Score))
    caso.confere(
        "core.fact_score",
        [
            {
                "id_consulta": s.consulta,
                "revisao": s.revisao,
                "score": s.score,
                "conhecido_de": _sem_zona(s.publicado),
                "conhecido_ate_revisao": _sem_zona(ate),
            }
            for s, ate in deles
        ],
    )
    eventos = fora_de_ordem(caso.de_tipo(Evento))
    assert len({e["chegou_fora_de_ordem"] for e in eventos}) == 2
    caso.confere("core.fact_evento", eventos)


def test_funil(caso: Caso) -> None:
    versoes, _, _ = caso.situacoes()
    submissoes = {id_: _submissao(caso.pedidos.get(id_), v) for id_, v in versoes.items()}
    linhas = funil(caso.pedidos, versoes, submissoes, caso.agora)
    assert any(linha["qtd_excluido"] for linha in linhas)
    caso.confere("credito.funil_pedido", linhas)


def test_status_da_fonte(caso: Caso) -> None:
    versoes, _, _ = caso.situacoes()
    esperadas = [
        {
            "id_pedido": p.id,
            "situacao_na_fonte": p.status,
            "situacao_atual": versoes[p.id][-1].situacao,
        }
        for p in caso.pedidos.values()
        if not p.excluido and versoes[p.id][-1].situacao != p.status
    ]
    assert esperadas
    caso.confere("reconciliacao.rec_pedido_status", esperadas)


def test_cada_linha_uma_vez(caso: Caso) -> None:
    caso.armazem.dbt("test", "--select", "rec_credito fact_pedido_credito fact_pedido_situacao")
    por_tabela = "select distinct tabela from reconciliacao.rec_credito where linhas_mart > 0"
    assert {t for (t,) in caso.armazem.linhas(por_tabela)} == {
        "pedido_credito", "pedido_credito_historico", "score", "evento",
    }  # fmt: skip


def test_como_era_sabido(caso: Caso) -> None:
    """What landed late changed old rows; as it was known before, the funnel is the old one."""
    agora = Counter(caso.armazem.linhas("select * from credito.funil_pedido"))
    assert agora != caso.funil_de_antes
    ate = f"{caso.entre:%Y-%m-%d %H:%M:%S.%f}"
    caso.armazem.dbt(
        "build",
        "--select",
        "+funil_pedido",
        *SEM_TESTES,
        "--vars",
        json.dumps({"conhecido_ate": ate}),
    )
    esquema = f"conhecido_ate_{caso.entre:%Y%m%dt%H%M%S_%f}".rstrip("0") + "_credito"
    antes = Counter(caso.armazem.linhas(f"select * from {esquema}.funil_pedido"))
    assert (antes - caso.funil_de_antes, caso.funil_de_antes - antes) == (Counter(), Counter())


def test_funcao_do_conjunto(caso: Caso, postgres: servidor.Servidor) -> None:
    """In any order, cut into other loads, some rows once more: the same tables, row by row."""
    lugar = caso.armazem
    devidas = {tabela: _linhas(lugar, tabela) for tabela in FATOS}
    sorteio = Sorteio(7)
    linhas = [linha for carga in caso.cargas for linha in carga]
    linhas += [s for s in caso.de_tipo(Score) if sorteio.acaso.random() < 0.3]
    sorteio.acaso.shuffle(linhas)
    cortes = sorted(sorteio.acaso.sample(range(1, len(linhas)), 2))
    lugar.restaurar(VAZIO)
    for n, retrato in enumerate(caso.retratos):
        escrever(postgres.dsn(f"credito_{lugar.motor}"), retrato)
        opcoes = Opcoes(instante=AGORA - timedelta(days=3 - n), aceitar_reducao=True)
        carregar(lugar.config, fontes()["credito"], postgres.dsn(f"credito_{lugar.motor}"), opcoes)
    for de, ate in zip([0, *cortes], [*cortes, len(linhas)], strict=True):
        pousar(lugar, linhas[de:ate], datetime.now(UTC))
        lugar.dbt(*SELECAO)
    for tabela, dela in devidas.items():
        tidas = _linhas(lugar, tabela)
        assert (tidas - dela, dela - tidas) == (Counter(), Counter()), tabela


def _linhas(lugar: ArmazemDeTeste, tabela: str) -> Counter[tuple[Any, ...]]:
    registros = lugar.registros(f"select * from {tabela}")
    colunas = [c for c in registros[0] if c not in DE_CADA_CARGA]
    return Counter(tuple(r[c] for c in colunas) for r in registros)


def _submissao(p: Pedido | None, versoes: Sequence[Versao]) -> datetime | None:
    submetidas = [v for v in versoes if v.submetida]
    if not submetidas:
        return None
    if submetidas[0].fonte == "retrato":
        return p.criado if p else None
    expressas = [v.de for v in submetidas if v.situacao == "SUBMETIDO"]
    return min(expressas or [v.de for v in submetidas])


def _sem_zona(instante: datetime | None) -> datetime | None:
    return instante and instante.replace(tzinfo=None)


def test_do_parceiro_ao_fato(lugar: ArmazemDeTeste) -> None:
    """By the contract, over real HTTP: what the partner says, corrects and says twice."""

    def dito(n: int, revisao: int = 1, **mais: Any) -> dict[str, Any]:
        novo = {"modelo": "BUREAU", "versao_modelo": "1", "calculado_em": "2024-05-01T11:00:00Z"}
        return item(n, revisao, **novo | mais)

    lugar.restaurar(VAZIO)
    with parceiro() as la:
        la.itens = [dito(1), dito(2), dito(2, score="502.75"), dito(3, score="1000.01"), dito(4)]
        carregar_da_api(lugar.config, fontes()["credito"], la.url, OpcoesDaApi())
        la.itens += [dito(4, 2, publicado_em="2024-05-01T12:09:00Z", score="1000")]
        carregar_da_api(lugar.config, fontes()["credito"], la.url, OpcoesDaApi())
    modelos = ("fact_score", "rec_credito", "rec_score_conflito", "stg_credito__score_chamada")
    lugar.dbt("build", "--select", *(f"+{m}" for m in modelos), *SEM_TESTES)
    lugar.dbt("test", "--select", "rec_credito fact_score")
    achados = lugar.linhas("select id_consulta, revisao, vigente from core.fact_score")
    assert sorted(achados) == [
        ("q0001", 1, True), ("q0002", 1, True), ("q0004", 1, False), ("q0004", 2, True),
    ]  # fmt: skip
    assert lugar.linhas("select id_consulta, campos from reconciliacao.rec_score_conflito") == [
        ("q0002", "score")
    ]
    assert lugar.linhas("select id_consulta, motivos from quarentena.score") == [
        ("q0003", "score fora da escala do modelo")
    ]
    chamadas = lugar.linhas("select endpoint, resultado from staging.stg_credito__score_chamada")
    assert chamadas == [("/v1/scores", "ok")] * 2
