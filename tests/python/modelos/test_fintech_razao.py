"""The digital account's ledger on random data, every row against the oracle.

Few accounts, amounts, moments and external ids, so that they meet. Three extractions: statuses
change, amounts are mended, rows appear and vanish, balances tie or do not.
"""

import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from apoio_fintech import DDL
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste
from oraculo_fintech_razao import (
    NADA,
    Conta,
    Lancamento,
    Linha,
    Pagamento,
    Retrato,
    pagamento_diario,
    razao_diario,
    rec_dias_alterados,
    rec_duplicidade,
    rec_estorno,
    rec_lancamento_sem_pagamento,
    rec_partidas,
    rec_saldo,
    saldo_conta,
    saldo_conta_diario,
)

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.demo import servidor
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.carregar import carregar as carregar_arquivos
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes

pytestmark = pytest.mark.nightly_on("duckdb")

AGORA = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
EXTRACOES = [AGORA - timedelta(hours=horas) for horas in (3, 2, 1)]
DIAS = [
    datetime.combine(AGORA.date(), time(), UTC) + timedelta(days=dias) for dias in range(-10, 2)
]
"""The days around the reference date, which is that of the run: another one would be a variable,
with which dbt parses all of the project again."""
HORAS = [
    timedelta(hours=2, minutes=58, seconds=59, microseconds=999_999),
    timedelta(hours=2, minutes=59), timedelta(hours=3), timedelta(hours=12),
    timedelta(hours=12, minutes=2), timedelta(hours=12, minutes=4, microseconds=1),
]  # fmt: skip
SITUACOES = ("completed", "Settled", "completed", "completed", "pending", "failed", "cancelled",
             "reversed", "held")  # fmt: skip
DESCRICOES = ("Pix enviado", "Pix enviado", "Tarifa mensal", "Parcela 1", "Juros", "Estorno 1",
              "Desembolso", "Compra")  # fmt: skip
VALORES = [Decimal(v) for v in ("0.01", "5.00", "10.00", "10.01")]
MODELOS = (
    "saldo_conta_diario", "razao_diario", "pagamento_diario", "rec_saldo", "rec_partidas",
    "rec_lancamento_sem_pagamento", "rec_duplicidade", "rec_estorno", "rec_dias_alterados",
)  # fmt: skip
IDENTIDADES = (
    "saldo_conta", "razao_diario", "pagamento_diario", "rec_saldo", "rec_partidas",
    "rec_duplicidade", "rec_estorno", "rec_lancamento_sem_pagamento",
    "razao_diario__tudo_que_conta", "saldo_conta__saldos_encadeiam", "saldo_conta__soma_por_moeda",
    "rec_saldo__saldo_conta_concorda", "rec_partidas__internos_somam_zero",
)  # fmt: skip


class Sorteio:
    """Draws a database, and what becomes of it."""

    def __init__(self, semente: int) -> None:
        """Begin anew with a seed."""
        self.acaso = random.Random(semente)
        self.contas = [str(n) for n in range(1, 19)]
        self.moedas = {c: "USD" if int(c) % 6 == 0 else "BRL" for c in self.contas}

    def id(self) -> str:
        """An id as PostgreSQL writes a uuid."""
        return str(UUID(int=self.acaso.getrandbits(128)))

    def quando(self) -> datetime:
        """One of few moments."""
        return self.acaso.choice(DIAS) + self.acaso.choice(HORAS)

    def pagamento(self, fluxos: Sequence[str]) -> Pagamento:
        """A payment; some of neither account, or between two currencies, to be set aside."""
        lados = self.acaso.choices(["interno", "saida", "entrada", "nenhum"], [6, 4, 3, 0.3])[0]
        origem = destino = None
        if lados in ("interno", "saida"):
            origem = self.acaso.choice(self.contas[:6] if lados == "saida" else self.contas)
        if lados in ("interno", "entrada"):
            destino = self.acaso.choice([c for c in self.contas if c != origem])
        return Pagamento(
            self.id(), origem, destino, self.acaso.choice(VALORES),
            self.acaso.choice(("PIX", "PIX", "TED", "BOLETO", "CARD")),
            self.acaso.choice(SITUACOES), self.acaso.choice([None, *fluxos, self.id(), self.id()]),
            self.quando(),
        )  # fmt: skip

    def repetido(self, p: Pagamento) -> Pagamento:
        """The same once more, or nearly, about two minutes later."""
        demora = self.acaso.choice([timedelta(0), *(
            timedelta(seconds=120, microseconds=n) for n in (-1, 0, 1)
        )])  # fmt: skip
        return dataclasses.replace(
            p, id=self.id(), fluxo=self.acaso.choice([p.fluxo, self.id(), None]), em=p.em + demora,
            situacao=self.acaso.choice([p.situacao, *SITUACOES]),
        )  # fmt: skip

    def partidas(self, p: Pagamento) -> list[Lancamento]:
        """The entries of a payment, as a rule the right ones."""
        externo = self.acaso.choice([p.id, p.id, p.fluxo or p.id])
        feitas = []
        for conta, tipo in ((p.origem, "debit"), (p.destino, "credit")):
            for _ in range(self.acaso.choices([0, 1, 2], [1, 12, 1])[0] if conta else 0):
                sorte = self.acaso.random()
                feitas.append(Lancamento(
                    self.id(), self.acaso.choice(self.contas) if sorte < 0.04 else conta or "",
                    self.acaso.choice(VALORES) if 0.04 < sorte < 0.08 else p.valor,
                    self.acaso.choice(("debit", "credit")) if 0.08 < sorte < 0.12 else tipo,
                    self.acaso.choice(DESCRICOES) if sorte > 0.8 else "Pix enviado",
                    self.acaso.choice(SITUACOES) if sorte > 0.9 else "completed", externo,
                    max(p.em, self.quando()),
                ))  # fmt: skip
        for e in list(feitas):
            if self.acaso.random() < (0.5 if p.situado == "devolvido" else 0.08):
                oposto = "credit" if e.tipo == "debit" else "debit"
                feitas.append(dataclasses.replace(
                    e, id=self.id(), tipo=oposto, descricao="Estorno 1", em=self.quando(),
                ))  # fmt: skip
        return feitas

    def avulso(self) -> Lancamento:
        """An entry that belongs to nothing, or happens to; some are to be set aside."""
        return Lancamento(
            self.id(), self.acaso.choice(self.contas),
            self.acaso.choice([*VALORES, *VALORES, *VALORES, Decimal("1.005"), NADA]),
            self.acaso.choice((*("debit", "credit") * 3, "transfer")),
            self.acaso.choice(DESCRICOES), self.acaso.choice(SITUACOES),
            self.acaso.choice([None, " ", "x1", "x2", "x3"]), self.quando(),
        )  # fmt: skip

    def saldos(self, r: Retrato, aberturas: dict[str, Decimal]) -> None:
        """State a balance of each account, as a rule the right one."""
        certos = {(s["id_conta"]): s["saldo_recalculado"] for s in rec_saldo([r], aberturas)}
        reservas = {s["id_conta"]: s["valor_pendente"] for s in rec_saldo([r], aberturas)}
        for n, conta in enumerate(r.contas):
            saldo: Decimal | None = certos[conta.id]
            sorte = self.acaso.random()
            if saldo is not None and sorte < 0.4:
                erro = self.acaso.choice(
                    [-reservas[conta.id], Decimal("0.01"), reservas[conta.id], Decimal("0.001")]
                )
                saldo += erro
            if sorte > 0.95:
                saldo = None
            r.contas[n] = dataclasses.replace(conta, saldo=saldo)

    def primeiro(self, aberturas: dict[str, Decimal]) -> Retrato:
        """What the first extraction finds."""
        fluxos = [self.id() for _ in range(12)]
        pagamentos = [self.pagamento(fluxos) for _ in range(200)]
        pagamentos += [self.repetido(p) for p in pagamentos if self.acaso.random() < 0.15]
        lancamentos = [e for p in pagamentos for e in self.partidas(p)]
        lancamentos += [self.avulso() for _ in range(260)]
        r = Retrato(
            EXTRACOES[0], [Conta(c, None, self.moedas[c]) for c in self.contas[:16]],
            lancamentos, pagamentos,
        )  # fmt: skip
        self._sem_orfaos(r)
        self.saldos(r, aberturas)
        self._liquidacoes(r)
        return r

    def seguinte(self, r: Retrato, em: datetime, aberturas: dict[str, Decimal]) -> Retrato:
        """What the next one finds: a tenth of all is another, some are new, some are gone."""
        fluxos = [p.fluxo for p in r.pagamentos if p.fluxo]
        novos = [self.pagamento(fluxos) for _ in range(20)]
        contas = [c for c in self.contas if self.acaso.random() > 0.06]
        s = Retrato(
            em, [Conta(c, None, self.moedas[c]) for c in contas],
            [self._mudado(e) for e in r.lancamentos if self.acaso.random() > 0.03]
            + [e for p in novos for e in self.partidas(p)] + [self.avulso() for _ in range(20)],
            [
                dataclasses.replace(p, situacao=self.acaso.choice(SITUACOES))
                if self.acaso.random() < 0.1 else p
                for p in r.pagamentos if self.acaso.random() > 0.03
            ] + novos,
        )  # fmt: skip
        self._sem_orfaos(s)
        self._sem_fluxos_de_quem_sumiu(r, s)
        self.saldos(s, aberturas)
        if self.acaso.random() < 0.5:  # what was stated before may tie now, or no more
            antes = {c.id: c.saldo for c in r.contas}
            s.contas = [dataclasses.replace(c, saldo=antes.get(c.id, c.saldo)) for c in s.contas]
        self._liquidacoes(s)
        return s

    def _mudado(self, e: Lancamento) -> Lancamento:
        sorte = self.acaso.random()
        if sorte < 0.05:
            return dataclasses.replace(e, situacao=self.acaso.choice(SITUACOES))
        if sorte < 0.08:
            return dataclasses.replace(e, valor=self.acaso.choice(VALORES))
        if sorte < 0.1:
            return dataclasses.replace(e, conta=self.acaso.choice(self.contas))
        return e

    def _sem_orfaos(self, r: Retrato) -> None:
        """The database holds no entry and no payment of an account that it has not."""
        ha = {c.id for c in r.contas} | {None}
        r.pagamentos = [p for p in r.pagamentos if p.origem in ha and p.destino in ha]
        r.lancamentos = [e for e in r.lancamentos if e.conta in ha]

    def _sem_fluxos_de_quem_sumiu(self, antes: Retrato, depois: Retrato) -> None:
        """Nobody else has the workflow of a payment that is gone."""
        ficam = {p.id for p in depois.pagamentos}
        deles = {p.fluxo for p in antes.pagamentos if p.id not in ficam}
        depois.pagamentos = [
            dataclasses.replace(p, fluxo=self.id()) if p.fluxo in deles else p
            for p in depois.pagamentos
        ]

    def _liquidacoes(self, r: Retrato) -> None:
        r.liquidacoes = {
            p.id: p.em + self.acaso.choice([timedelta(seconds=1.5), timedelta(days=1)])
            for p in r.pagamentos
            if int(p.id[:4], 16) % 3 == 0
        }


def escrever(dsn: str, r: Retrato) -> None:
    """Make the source what a snapshot says."""
    with psycopg.connect(dsn) as conexao, conexao.cursor() as cursor:
        cursor.execute("truncate users, accounts, transactions, payments, audit_logs cascade")
        cursor.execute("insert into users (id) values (%s)", (str(UUID(int=1)),))
        cursor.executemany(
            "insert into accounts (id, user_id, balance, currency, created_at)"
            " values (%s, %s, coalesce(%s, 'NaN'::numeric), %s, '2026-01-02Z')",
            [(c.id, str(UUID(int=1)), c.saldo, c.moeda) for c in r.contas],
        )
        cursor.executemany(
            "insert into transactions values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(e.id, e.conta, e.valor, e.tipo, e.descricao, e.situacao, e.externo, e.em)
             for e in r.lancamentos],
        )  # fmt: skip
        cursor.executemany(
            "insert into payments values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(p.id, p.origem, p.destino, p.valor, p.metodo, p.situacao, p.fluxo, p.em)
             for p in r.pagamentos],
        )  # fmt: skip
        cursor.executemany(
            'insert into audit_logs (id, entity, entity_id, action, "timestamp")'
            " values (%s, 'payments', %s, 'settled', %s)",
            [(int(id_[:8], 16), id_, em) for id_, em in r.liquidacoes.items()],
        )


@dataclasses.dataclass
class Caso:
    """A built warehouse, and what it was built from."""

    armazem: ArmazemDeTeste
    retratos: list[Retrato]
    aberturas: dict[str, Decimal]
    referencia: date

    @property
    def ultimo(self) -> Retrato:
        """What the newest extraction found."""
        return self.retratos[-1]

    def confere(self, tabela: str, esperadas: Iterable[Linha], onde: str = "true") -> None:
        """Hold a table against what the oracle says, every row and every column that it names."""
        linhas = list(esperadas)
        colunas = list(linhas[0])
        achadas = self.armazem.linhas(f"select {', '.join(colunas)} from {tabela} where {onde}")
        devidas = Counter(tuple(linha[c] for c in colunas) for linha in linhas)
        tidas = Counter(achadas)
        assert (tidas - devidas, devidas - tidas) == (Counter(), Counter()), (tabela, colunas)


@pytest.fixture(scope="module")
def caso(
    lugar: ArmazemDeTeste, postgres: servidor.Servidor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Caso]:
    """Three extractions of random content, loaded; built after the first and after the last."""
    sorteio = Sorteio(20260424)
    aberturas = {"1": Decimal("1000.50"), "2": Decimal("-3.00"), "17": Decimal("0.01")}
    retratos = [sorteio.primeiro(aberturas)]
    for em in EXTRACOES[1:]:
        retratos.append(sorteio.seguinte(retratos[-1], em, aberturas))
    banco = f"razao_{lugar.motor}"
    postgres.criar_banco(banco)
    with psycopg.connect(postgres.dsn(banco), autocommit=True) as conexao:
        conexao.execute(DDL)
    pasta = tmp_path_factory.mktemp("aberturas")
    texto = "".join(f"{c};{v}\n" for c, v in aberturas.items()).replace(".", ",")
    (pasta / "saldo_abertura.csv").write_text("id_conta;saldo\n" + texto)
    lugar.restaurar(VAZIO)
    carregar_arquivos(lugar.config, fontes()["fintech"], str(pasta), OpcoesDeArquivos())
    selecao = ("build", "--select", *(f"+{m}" for m in MODELOS), *SEM_TESTES)
    for r in retratos:
        escrever(postgres.dsn(banco), r)
        opcoes = Opcoes(instante=r.em, aceitar_reducao=True)
        carregar(lugar.config, fontes()["fintech"], postgres.dsn(banco), opcoes)
        if r is retratos[0]:
            lugar.dbt(*selecao)
    antes = datetime.now(UTC).date()
    lugar.lastro("snapshot")
    lugar.dbt(*selecao, "resource_type:seed")
    ((ultimo,),) = lugar.linhas("select max(data) from financeiro.saldo_conta_diario")
    referencia = ultimo + timedelta(days=1)
    assert antes <= referencia <= datetime.now(UTC).date()
    yield Caso(lugar, retratos, aberturas, referencia)


def test_saldo_conta(caso: Caso) -> None:
    saldos = saldo_conta(caso.ultimo, caso.aberturas)
    caso.confere("financeiro.saldo_conta", saldos)
    ate = caso.referencia - timedelta(days=1)
    de = ate - timedelta(days=7)
    caso.confere(
        "financeiro.saldo_conta_diario",
        saldo_conta_diario(saldos, de, ate),
        f"data between date '{de}' and date '{ate}'",
    )


def test_razao_diario(caso: Caso) -> None:
    caso.confere("financeiro.razao_diario", razao_diario(caso.ultimo))
    caso.confere(
        "reconciliacao.rec_lancamento_sem_pagamento", rec_lancamento_sem_pagamento(caso.ultimo)
    )


def test_rec_saldo(caso: Caso) -> None:
    linhas = rec_saldo(caso.retratos, caso.aberturas)
    classes = {"ok", "explicada_por_pendentes", "divergente"}
    assert {linha["classe"] for linha in linhas} == classes
    caso.confere("reconciliacao.rec_saldo", linhas)


def test_rec_partidas(caso: Caso) -> None:
    linhas = rec_partidas(caso.ultimo)
    classes = Counter(linha["classe"] for linha in linhas)
    assert set(classes) == {
        "ok", "sem_lancamento", "meia_partida", "conta_divergente", "valor_divergente",
        "duplicado", "lancado_sem_liquidacao",
    }, classes  # fmt: skip
    caso.confere("reconciliacao.rec_partidas", linhas)


def test_rec_duplicidade_e_estorno(caso: Caso) -> None:
    linhas = [
        {
            "classe": linha["classe"],
            "coalesce(id_transacao, id_pagamento)": linha["a_mais"],
            "coalesce(id_transacao_anterior, id_pagamento_anterior)": linha["anterior"],
        }
        for linha in rec_duplicidade(caso.ultimo)
    ]
    classes = {"exata", "conflito", "pagamento_repetido", "suspeita"}
    assert {linha["classe"] for linha in linhas} == classes
    caso.confere("reconciliacao.rec_duplicidade", linhas)
    estornos = [{"id_transacao": id_} for id_ in rec_estorno(caso.ultimo)]
    assert estornos
    caso.confere("reconciliacao.rec_estorno", estornos)


def test_dias_alterados(caso: Caso) -> None:
    """The past days that the last extraction changed, as `lastro status` lists them."""
    dias = rec_dias_alterados(*caso.retratos[-2:])
    for especie in ("linhas_novas", "linhas_alteradas", "linhas_excluidas"):
        assert any(linha[especie] for linha in dias)
    caso.confere("reconciliacao.rec_dias_alterados", dias)
    ditos = json.loads(caso.armazem.lastro("status", "--json").stdout)["dias_alterados"]
    assert sorted(list(d.values()) for d in ditos) == sorted(
        [str(v) if isinstance(v, date) else v for v in d.values()] for d in dias
    )


def test_pagamento_diario(caso: Caso) -> None:
    chaves = ("data", "metodo", "direcao", "moeda")
    devidas = {
        tuple(linha[c] for c in chaves): linha
        for linha in pagamento_diario(caso.ultimo, caso.referencia)
    }
    tidas: dict[tuple[Any, ...], Linha] = {
        tuple(linha[c] for c in chaves): linha
        for linha in caso.armazem.registros("select * from financeiro.pagamento_diario")
    }
    assert devidas.keys() == tidas.keys()
    assert any(linha["qtd_pendente_vencido"] for linha in devidas.values())
    for chave, devida in devidas.items():
        assert tidas[chave] == {
            c: pytest.approx(v, rel=1e-9) if isinstance(v, float) else v for c, v in devida.items()
        }, chave


def test_identidades(caso: Caso) -> None:
    """What our own processing must guarantee holds; where the source disagrees, a build warns."""
    pedido = ("--select", *IDENTIDADES, "--exclude", "resource_type:unit_test")
    dito = caso.armazem.dbt("test", *pedido).stdout
    assert {linha.split()[6] for linha in dito.splitlines() if " WARN " in linha} == {
        "rec_saldo_saldos_da_ultima_extracao", "rec_partidas_pagamentos_com_suas_partidas",
        "rec_duplicidade_nada_a_mais", "rec_estorno_estornos_com_seu_par",
    }  # fmt: skip


@pytest.mark.slow
def test_severidade_da_fonte(caso: Caso) -> None:
    """Who wants a build to stop where the source disagrees with itself says so."""
    dito = caso.armazem.dbt(
        "test", "--select", "rec_partidas_pagamentos_com_suas_partidas",
        "--vars", "{severidade_fonte: error}", esperado=1,
    ).stdout  # fmt: skip
    assert "FAIL" in dito


def test_o_oraculo_le_as_mesmas_palavras() -> None:
    """The statuses and descriptions of the random data are words that the seeds hold."""
    for seed in ("situacao_transacao", "situacao_pagamento"):
        linhas = (PROJETO / f"seeds/fintech/{seed}.csv").read_text("utf-8").splitlines()
        tidas = {linha.split(",")[0] for linha in linhas}
        assert {s.lower() for s in SITUACOES} - tidas == {"held"}
