"""Loans on random data, every row against the oracle.

Schedules as lenders draw them up, and wrong ones. Days about month ends, leap days and the limits
of the bins; payments out of order, early, before the disbursement; statuses that contradict them.
"""

import dataclasses
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from functools import cached_property
from uuid import UUID

import oraculo_fintech_emprestimos as oraculo
import psycopg
import pytest
from apoio_fintech import DDL
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste
from oraculo_fintech_emprestimos import Emprestimo, Linha, Parcela

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.demo import servidor
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.carregar import carregar as carregar_arquivos
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes

pytestmark = pytest.mark.nightly_on("duckdb")

REFERENCIA = date(2025, 3, 15)
EXTRACOES = [datetime(2025, mes, 20, 6, tzinfo=UTC) for mes in (3, 4)]
SEXTA_SANTA = date(2024, 3, 29)
DESEMBOLSOS = [
    date(2023, 12, 29), date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 28), date(2024, 2, 29),
    date(2024, 5, 15), date(2024, 8, 31), date(2024, 12, 30), date(2025, 1, 31), date(2025, 2, 28),
    date(2025, 3, 3), date(2025, 3, 14), date(2025, 3, 20),
]  # fmt: skip
ATRASOS = (-40, -3, 0, 0, 0, 0, 0, 0, 1, 10, 11, 14, 15, 29, 30, 31, 32, 60, 61, 90, 91, 121, 181)
TAXAS = [Decimal(t) for t in ("0", "0.5", "1", "1.99", "2.75", "6", "13.4")]
PRINCIPAIS = [Decimal(p) for p in ("50.00", "1200.00", "1234.50", "999.99", "15000.00", "100.01")]
MODELOS = (
    "rec_cronograma", "envelhecimento", "par", "safra", "inadimplencia_inicial", "rolagem",
)  # fmt: skip
IDENTIDADES = (
    *MODELOS, "cronograma_conferido", "carteira_mensal", "int_carteira__estados",
    "int_carteira__emprestimos", "cronograma_conferido__principal_termina_em_zero",
    "envelhecimento__soma_da_carteira", "rolagem__fecha_na_carteira", "safra__curvas_nunca_caem",
    "safra__toda_a_safra",
)  # fmt: skip
VARIAVEIS = ("--vars", f"{{data_referencia: {REFERENCIA}}}")
CENTAVO = Decimal("0.01")


def somar_meses(dia: date, n: int) -> date:
    """The same day of a later month, or its last."""
    meses = dia.year * 12 + dia.month - 1 + n
    for ultimo in range(dia.day, 27, -1):
        try:
            return date(meses // 12, meses % 12 + 1, ultimo)
        except ValueError:
            continue
    return date(meses // 12, meses % 12 + 1, dia.day)


class Sorteio:
    """Draws a database of loans."""

    def __init__(self, semente: int) -> None:
        """Begin anew with a seed."""
        self.acaso = random.Random(semente)
        self.ids = 0

    def valores(self, p: Decimal, n: int, taxa: Decimal) -> list[Decimal]:
        """Instalments as one lender or another rounds them."""
        i = taxa / 100
        como = self.acaso.choice(("price", "price", "price", "para cima", "sac", "sac", "torto"))
        if como == "torto":
            return [(p / n * 2 * Decimal(self.acaso.random()) + CENTAVO).quantize(CENTAVO)
                    for _ in range(n)]  # fmt: skip
        pmt = p / n if i == 0 else p * i / (1 - (1 + i) ** -n)
        pmt = pmt.quantize(CENTAVO, ROUND_UP if como == "para cima" else ROUND_HALF_UP)
        saldo, feitos = p, []
        for k in range(n):
            juros = (saldo * i).quantize(CENTAVO, ROUND_HALF_UP)
            parte = (p / n).quantize(CENTAVO, ROUND_HALF_UP) if como == "sac" else pmt - juros
            if k == n - 1:
                parte = saldo
            feitos.append(max(parte + juros, CENTAVO))
            saldo -= parte
        if self.acaso.random() < 0.25:
            feitos[self.acaso.randrange(n)] += self.acaso.choice(
                [CENTAVO, 2 * CENTAVO, 3 * CENTAVO, Decimal("0.30")]
            )
        return feitos

    def hora(self, dia: date) -> datetime:
        """A moment of a local day, its first and last ones among them."""
        em = datetime(dia.year, dia.month, dia.day, tzinfo=UTC)
        return em + self.acaso.choice(
            [timedelta(hours=3), timedelta(hours=15), timedelta(hours=26, minutes=59, seconds=59)]
        )

    def parcela(self, vencimento: date, valor: Decimal, modo: str) -> Parcela:
        """An instalment and whether it was paid; a few contradict themselves."""
        self.ids += 1
        atraso = 0 if modo == "bom" else self.acaso.choice(ATRASOS)
        paga = vencimento + timedelta(days=atraso)
        situacao, pago_em = "paid", self.hora(paga) if paga < REFERENCIA else None
        if paga >= REFERENCIA:
            situacao = "open"
        sorte = self.acaso.random()
        if modo == "ruim" and sorte < 0.3:
            situacao, pago_em = self.acaso.choice(("open", "late")), None
        elif modo == "estranho" and sorte < 0.5:
            situacao, pago_em = self.acaso.choice([
                ("cancelled", None), ("paid", None), ("late", self.hora(paga)), ("???", None),
                ("paid", self.hora(date(2023, 12, 25))), ("overdue", None),
            ])  # fmt: skip
        return Parcela(str(self.ids), vencimento, valor, situacao, pago_em)

    def emprestimo(self) -> Emprestimo:
        """A loan with its instalments."""
        p, taxa = self.acaso.choice(PRINCIPAIS), self.acaso.choice(TAXAS)
        n = self.acaso.choice([1, 2, 3, 3, 5, 6, 8, 12, 14])
        dia = self.acaso.choice(DESEMBOLSOS)
        e = Emprestimo(
            str(UUID(int=self.acaso.getrandbits(128))), p, n, taxa,
            self.acaso.choice(("funded", "funded", "paid", "defaulted", "approved")),
            self.hora(dia),
            produto=self.acaso.choice(("NAO INFORMADO", "PESSOAL")),
        )  # fmt: skip
        if self.acaso.random() < 0.3:
            e.auditado_em = self.hora(dia + timedelta(days=self.acaso.choice((0, 1))))
        valores = self.valores(p, n, taxa)
        primeiro = dia + timedelta(days=self.acaso.choice((5, 17, 20, 30, 31)))
        vencimentos = [somar_meses(primeiro, k) for k in range(n)]
        if self.acaso.random() < 0.1:
            valores.append(self.acaso.choice(valores))
            vencimentos.append(self.acaso.choice(vencimentos))
        modo = self.acaso.choice(("bom", "bom", "misto", "misto", "ruim", "ruim", "estranho"))
        e.parcelas = [self.parcela(*par, modo) for par in zip(vencimentos, valores, strict=True)]
        if self.acaso.random() < 0.06:
            e.parcelas.pop(self.acaso.randrange(len(e.parcelas)))
        if modo == "ruim" and self.acaso.random() < 0.4:
            e.baixa = dia + timedelta(days=self.acaso.choice((45, 91, 150, 200)))
        if modo == "estranho" and self.acaso.random() < 0.2:
            e.principal = None
        return e


def escrever(dsn: str, emprestimos: Sequence[Emprestimo]) -> None:
    """Make the source what is drawn."""
    with psycopg.connect(dsn) as conexao, conexao.cursor() as cursor:
        cursor.execute("truncate users, loans, loan_payments, audit_logs cascade")
        pessoa = str(UUID(int=1))
        cursor.execute("insert into users (id) values (%s)", (pessoa,))
        cursor.executemany(
            "insert into loans values (%s, %s, %s, %s, %s, %s, %s, '2023-12-01Z', %s)",
            [(e.id, pessoa, e.principal or 1, e.principal, e.prazo, e.taxa, e.situacao,
              e.aprovado_em) for e in emprestimos],
        )  # fmt: skip
        cursor.executemany(
            "insert into loan_payments (id, loan_id, due_date, amount, status, paid_at)"
            " values (%s, %s, %s, %s, %s, %s)",
            [(p.id, e.id, p.vencimento, p.valor, p.situacao, p.pago_em)
             for e in emprestimos for p in e.parcelas],
        )  # fmt: skip
        cursor.executemany(
            'insert into audit_logs (id, entity, entity_id, action, "timestamp")'
            " values (%s, 'loans', %s, 'loan.funded', %s)",
            [(int(e.id[:8], 16), e.id, e.auditado_em) for e in emprestimos if e.auditado_em],
        )


@dataclass
class Caso:
    """A built warehouse, and the loans that the source has now."""

    armazem: ArmazemDeTeste
    emprestimos: list[Emprestimo]

    @cached_property
    def carteira(self) -> list[Linha]:
        """What carteira_mensal holds by the oracle."""
        return oraculo.carteira_mensal(
            self.emprestimos, REFERENCIA, lambda d: d.weekday() < 5 and d != SEXTA_SANTA
        )

    def confere(self, tabela: str, chaves: Sequence[str], esperadas: Iterable[Linha]) -> None:
        """Hold a table against what the oracle says, every row and every column that it names."""
        devidas = {tuple(linha[c] for c in chaves): linha for linha in esperadas}
        tidas: dict[tuple[object, ...], Linha] = {
            tuple(linha[c] for c in chaves): linha
            for linha in self.armazem.registros(f"select * from {tabela}")
        }
        assert devidas
        assert devidas.keys() == tidas.keys(), tabela
        for chave, devida in devidas.items():
            tida = {c: tidas[chave][c] for c in devida}
            for coluna, valor in devida.items():
                if isinstance(valor, float):
                    tida[coluna] = pytest.approx(tida[coluna], rel=1e-9, abs=1e-9)
            assert tida == devida, (tabela, chave)


@pytest.fixture(scope="module")
def caso(
    lugar: ArmazemDeTeste, postgres: servidor.Servidor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Caso]:
    """Two extractions of random loans, loaded and built once an engine."""
    sorteio = Sorteio(20250315)
    todos = [sorteio.emprestimo() for _ in range(420)]
    agora = [dataclasses.replace(e, parcelas=list(e.parcelas)) for e in todos[6:]]
    agora[0].parcelas.pop()
    banco = f"emprestimos_{lugar.motor}"
    postgres.criar_banco(banco)
    with psycopg.connect(postgres.dsn(banco), autocommit=True) as conexao:
        conexao.execute(DDL)
    pasta = tmp_path_factory.mktemp("arquivos")
    baixas = "".join(f"{e.id};{e.baixa}\n" for e in todos if e.baixa)
    (pasta / "baixa_prejuizo.csv").write_text("id_emprestimo;data_baixa\n" + baixas)
    produtos = "".join(f"{e.id};Pessoal;C5\n" for e in todos if e.produto == "PESSOAL")
    (pasta / "carteira_emprestimo.csv").write_text("id_emprestimo;produto;carteira\n" + produtos)
    lugar.restaurar(VAZIO)
    carregar_arquivos(lugar.config, fontes()["fintech"], str(pasta), OpcoesDeArquivos())
    for em, emprestimos in zip(EXTRACOES, (todos, agora), strict=True):
        escrever(postgres.dsn(banco), emprestimos)
        opcoes = Opcoes(instante=em, aceitar_reducao=True)
        carregar(lugar.config, fontes()["fintech"], postgres.dsn(banco), opcoes)
    lugar.lastro("snapshot")
    lugar.dbt("build", "--select", *(f"+{m}" for m in MODELOS), *SEM_TESTES, *VARIAVEIS)
    yield Caso(lugar, agora)


def test_cronograma(caso: Caso) -> None:
    linhas = [linha for e in caso.emprestimos for linha in e.cronograma]
    assert {linha["metodo"] for linha in linhas} == {"price", "sac", "indistinto", "outro"}
    caso.confere("financeiro.cronograma_conferido", ["id_parcela"], linhas)
    achados = oraculo.rec_cronograma(caso.emprestimos)
    assert len({a["classe"] for a in achados}) == 6
    caso.confere("reconciliacao.rec_cronograma", ["id_emprestimo", "id_parcela", "classe"], achados)


def test_carteira(caso: Caso) -> None:
    assert {linha["situacao"] for linha in caso.carteira} == {"ativo", "quitado", "baixado"}
    assert any(linha["so_dia_nao_util"] for linha in caso.carteira)
    caso.confere("risco.carteira_mensal", ["id_emprestimo", "data_base"], caso.carteira)


def test_resumos(caso: Caso) -> None:
    caso.confere(
        "risco.envelhecimento", ["data_base", "faixa"], oraculo.envelhecimento(caso.carteira)
    )
    caso.confere("risco.par", ["data_base"], oraculo.par(caso.carteira))
    caso.confere(
        "risco.rolagem", ["data_base", "faixa_de", "faixa_para"], oraculo.rolagem(caso.carteira)
    )


def test_safras(caso: Caso) -> None:
    caso.confere(
        "risco.safra", ["safra", "produto", "mob"], oraculo.safra(caso.emprestimos, REFERENCIA)
    )
    caso.confere(
        "risco.inadimplencia_inicial", ["safra"],
        oraculo.inadimplencia_inicial(caso.emprestimos, REFERENCIA),
    )  # fmt: skip


def test_identidades(caso: Caso) -> None:
    """What our own processing must guarantee holds; where the source disagrees, a build warns."""
    pedido = ("--select", *IDENTIDADES, "--exclude", "resource_type:unit_test", *VARIAVEIS)
    dito = caso.armazem.dbt("test", *pedido).stdout
    assert "WARN" in dito and "rec_cronograma_cronogramas_coerentes" in dito
    assert "ERROR=0" in dito


def test_o_oraculo_le_as_mesmas_palavras() -> None:
    """The oracle's statuses and bins are those of the seeds."""
    linhas = (PROJETO / "seeds/fintech/situacao_parcela.csv").read_text("utf-8").splitlines()
    tidas = {linha.split(",")[0]: linha.split(",")[1] for linha in linhas}
    assert oraculo.PARCELAS.items() <= tidas.items()
    linhas = (PROJETO / "seeds/fintech/faixa_atraso.csv").read_text("utf-8").splitlines()
    assert [(linha.split(",")[1], int(linha.split(",")[3])) for linha in linhas[1:]] == list(
        oraculo.FAIXAS
    )
