"""History: what the star schema holds after any sequence of extractions, against the oracle.

One scenario holds every rule of the history, each on rows of its own, amid a crowd that changes at
random. It is built twice: step by step, as extractions come, and all at once; and rebuilt from raw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import oraculo
import psycopg
import pytest
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste, Fonte, _recriar_banco
from oraculo import Esperado, Extracao, Linha, Linhas

from loaders.contratos import fontes
from loaders.demo import gerador, servidor
from loaders.extracao.postgres import carregar as de_postgres
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.configuracao import Configuracao

CENARIO = "cenario"
DA_BASE = (
    *SEM_TESTES,
    "source:pod_cartoes+",
    "models/staging/pod_cartoes",
    "models/marts",
    "models/intermediate/livro",
)
"""Build what comes of the cooperative's database alone: its history is what is tested here."""
DO_CENARIO = (
    "--select",
    "snap_sicooperative__associado dim_associado dim_conta dim_cartao fact_movimentacao"
    " rec_movimentacoes int_associado__versoes int_movimentacao__flat movimento_flat"
    " models/quarentena/sicooperative",
)
"""What an extraction changes, and the views that PostgreSQL drops with what they read."""

REFEITOS = ("--select", "+dim_associado +fact_movimentacao dim_conta dim_cartao")
"""What must come out of a rebuild as it was."""

MEXER = (
    "update core.fact_movimentacao set valor_movimentacao = valor_movimentacao + 1,"
    " descricao_movimentacao = 'X' where id_movimentacao_cartao ="
    " (select min(id_movimentacao_cartao) from core.fact_movimentacao)"
)

_com_cenario: set[Path] = set()


class Mundo:
    """A source under way: rows to put, to change, to take away, and extractions to keep."""

    def __init__(self) -> None:
        self.tabelas: dict[str, Linhas] = {tabela: {} for tabela in oraculo.TABELAS}
        self.extracoes: list[Extracao] = []

    def por(self, tabela: str, *linha: Any) -> None:
        """Insert or replace a row."""
        self.tabelas[tabela][linha[0]] = linha

    def mudar(self, tabela: str, chave: str, **colunas: Any) -> None:
        """Change columns of a row."""
        nomes = oraculo.TABELAS[tabela]
        antes = dict(zip(nomes, self.tabelas[tabela][chave], strict=True))
        self.tabelas[tabela][chave] = tuple({**antes, **colunas}[nome] for nome in nomes)

    def tirar(self, tabela: str, chave: str) -> Linha:
        """Delete a row and return it, for its return."""
        return self.tabelas[tabela].pop(chave)

    def extrair(self, instante: datetime) -> None:
        """Keep what the source holds as the extraction of a moment."""
        copia = {tabela: dict(linhas) for tabela, linhas in self.tabelas.items()}
        self.extracoes.append(Extracao(instante, copia))


class Multidao:
    """Associados, contas, cartões and movements that change at random."""

    def __init__(self, mundo: Mundo, semente: int, quantos: int) -> None:
        self.mundo, self.sorteio, self.fora = mundo, Random(semente), list[tuple[str, Linha]]()
        self.quantos = quantos
        self.numero = 0
        for _ in range(quantos):
            self._novo()

    def _novo(self) -> None:
        self.numero += 1
        n = f"{self.numero:03d}"
        por = self.mundo.por
        por("associado", f"R-{n}", self._nome(), self._nascimento(), *self._textos())
        por("conta", f"RC-{n}", f"R-{n}", " conta  corrente", "01", "ativa", date(2020, 1, 1))
        por("cartao", f"RK-{n}", f"RC-{n}", f"5555 6666 7777 {self.numero:04d}", f"pessoa {n}",
            "visa", "credito", date(2021, 2, 3))  # fmt: skip

    def _nome(self) -> str | None:
        return self.sorteio.choice((" ana  maria ", "José", "Íris da luz", "", None))

    def _nascimento(self) -> date | None:
        if self.sorteio.random() < 0.05:
            return None
        return date(1950, 2, 27) + timedelta(days=self.sorteio.randrange(20_000))

    def _textos(self) -> tuple[str | None, str | None]:
        civis = ("solteira ", "SOLTEIRO", "Casado(a)", " viúva", "união  estável", "xxx", " ", None)
        escolas = ("Ensino Médio", "ensino medio", "SUP. INCOMPLETO", "Pós-Graduação", "??", None)
        return self.sorteio.choice(civis), self.sorteio.choice(escolas)

    def _minhas(self, tabela: str) -> list[str]:
        return sorted(chave for chave in self.mundo.tabelas[tabela] if chave.startswith("R"))

    def viver(self, instantes: Sequence[datetime]) -> None:
        """Change some of everything; `instantes` are moments that movements like to fall on."""
        sorteio, mundo = self.sorteio, self.mundo
        voltam = [fora for fora in self.fora if sorteio.random() < 0.4]
        self.fora = [fora for fora in self.fora if fora not in voltam]
        for tabela, linha in voltam:
            mundo.por(tabela, *linha)
        for _ in range(self.quantos // 10):
            self._novo()
        for tabela in oraculo.TABELAS:
            for chave in self._minhas(tabela):
                sorte = sorteio.random()
                if sorte < 0.06:
                    self.fora.append((tabela, mundo.tirar(tabela, chave)))
                elif sorte < 0.30:
                    self._mudar(tabela, chave, instantes)
        for _ in range(self.quantos * 2):
            self.numero += 1
            mundo.por("movimentacao_cartao", f"R-M-{self.numero}", *self._movimento(instantes))

    def _movimento(self, instantes: Sequence[datetime]) -> Linha:
        sorteio = self.sorteio
        quando = datetime(2022, 6, 1) + timedelta(seconds=sorteio.randrange(70_000_000))
        if sorteio.random() < 0.3:
            quando = sorteio.choice(instantes).replace(tzinfo=None)
            quando += timedelta(microseconds=sorteio.choice((-1, 0, 1)))
        valor = Decimal(sorteio.randrange(-10_000, 1_000_000)) / 100
        cartao = f"RK-{sorteio.randrange(1, self.quantos * 2):03d}"
        return (
            sorteio.choice((cartao, cartao, cartao, cartao, "RK-nunca", " ")),
            sorteio.choice((" padaria  do zé", "=1+1", "Posto", "", None)),
            sorteio.choice((valor, valor, valor, valor, None)),
            sorteio.choice((quando, quando, quando, quando, quando, datetime(1989, 12, 31), None)),
        )

    def _mudar(self, tabela: str, chave: str, instantes: Sequence[datetime]) -> None:
        sorteio, mundo = self.sorteio, self.mundo
        civil, escola = self._textos()
        if tabela == "associado":
            mudancas: tuple[dict[str, Any], ...] = (
                {"estado_civil": civil},
                {"escolaridade": escola},
                {"estado_civil": civil, "escolaridade": escola},
                {"nome": self._nome()},
                {"data_nascimento": self._nascimento()},
            )
            mundo.mudar(tabela, chave, **sorteio.choice(mudancas))
        elif tabela == "conta":
            dono = f"R-{sorteio.randrange(1, self.quantos * 2):03d}"
            mudancas = ({"id_associado": dono}, {"situacao_conta": "BLOQUEADA "})
            mundo.mudar(tabela, chave, **sorteio.choice(mudancas))
        elif tabela == "cartao":
            conta = f"RC-{sorteio.randrange(1, self.quantos * 2):03d}"
            mudancas = ({"id_conta": conta}, {"nome_impresso_cartao": " x"}, {"numero_cartao": "1"})
            mundo.mudar(tabela, chave, **sorteio.choice(mudancas))
        else:
            mundo.por(tabela, chave, *self._movimento(instantes))


LONGO = "A-" + 40 * "longo"
"""An id of more than 200 characters."""

INSTANTES = (
    datetime(2023, 2, 28, 6, tzinfo=UTC),
    datetime(2023, 3, 1, 6, tzinfo=UTC),  # nothing changes: only birthdays pass
    datetime(2023, 6, 15, 12, tzinfo=UTC),
    datetime(2023, 8, 1, 6, tzinfo=UTC),
    datetime(2023, 10, 1, 6, tzinfo=UTC),
    datetime(2024, 2, 29, 0, tzinfo=UTC),
)


@cache
def cenario() -> tuple[Extracao, ...]:
    """The extractions of the scenario."""
    mundo = Mundo()
    multidao = Multidao(mundo, 11, 30)
    multidao.viver(INSTANTES)
    _primeira(mundo)
    mundo.extrair(INSTANTES[0])
    mundo.extrair(INSTANTES[1])
    for instante, etapa in zip(INSTANTES[2:], (_terceira, _quarta, _quinta, _sexta), strict=True):
        multidao.viver(INSTANTES)
        etapa(mundo)
        mundo.extrair(instante)
    return tuple(mundo.extracoes)


def _movimentar(mundo: Mundo, chave: str, cartao: str, quando: datetime, descricao: str) -> None:
    mundo.por("movimentacao_cartao", chave, cartao, descricao, Decimal("10.10"), quando)


def _primeira(mundo: Mundo) -> None:
    pessoas: dict[str, tuple[str | None, date | None, str | None, str | None]] = {
        "A-VAI-E-VOLTA": ("Bia Prado", date(1980, 5, 5), "Solteira", "Superior"),
        "A-SAI": ("Caio Reis", date(1981, 5, 5), "casado", "Superior"),
        "A-SAI-E-VOLTA": ("Davi Luz", date(1982, 5, 5), "Viúvo ", "médio"),
        "A-BISSEXTO": ("Eva Sá", date(2000, 2, 29), "Solteira", None),
        "A-DE-MARCO": ("Fábio", date(1990, 3, 1), "divorciado", "Mestrado"),
        "A-DIA-DOIS": (" gil  de   Sá ", date(1990, 3, 2), "DIVORCIADA", "mestrado"),
        "A-DUAS": ("Hugo Lima", date(1970, 12, 1), "Separado", "Ensino Superior Incompleto"),
        "A-CORRIGIDO": ("Jose Silv", date(1970, 5, 10), "união estavel", "Doutorado"),
        "A-MAIS-VELHO": ("Lia Dias", date(1970, 5, 10), "casada", "Fund. Incompleto"),
        "A-SEM-NADA": (None, None, "  ", ""),
        "A-FUTURO": ("Nina", date(2030, 1, 1), "xxx", "Outros?"),
        "A-OUTRO": ("=cmd|' /C calc'!A0", date(1960, 6, 15), "SOLTEIRO", "superior completo"),
    }
    for chave, pessoa in pessoas.items():
        mundo.por("associado", chave, *pessoa)
    for dono in (*pessoas, "A-TARDE"):
        nome = dono.removeprefix("A-")
        mundo.por("conta", f"C-{nome}", dono, "@corrente ", "0001", " ativa", date(2019, 1, 31))
        mundo.por("cartao", f"K-{nome}", f"C-{nome}", "4111 1111 1111 1234", "+ana; \"b\"  c",
                  "Visa ", " crédito", date(2019, 2, 1))  # fmt: skip
    mundo.por("cartao", "K-CONTA-TARDE", "C-TARDIA", "4222-2222-2222-2222", None, None, None, None)
    mundo.por("cartao", "K-CURTO", "C-SAI", "12345", "", "x", "y", date(2020, 2, 29))
    mundo.por("cartao", "K-SEM-NUMERO", "C-SAI", None, " z ", "x", "y", date(2020, 2, 29))
    mundo.por("associado", LONGO, "Rui Sol", date(1980, 1, 1), "casado", "Superior")
    for nome, dono in {"DO-LONGO": LONGO, "DOENTE": "A-DUAS", "DO-DOENTE": "A-DUAS"}.items():
        mundo.por("conta", f"C-{nome}", dono, "corrente", "0001", "ativa", date(2019, 1, 31))
        mundo.por("cartao", f"K-{nome}", f"C-{nome}", "4" * 16, "x", "y", "z", date(2019, 2, 1))
        _movimentar(mundo, f"M-{nome}", f"K-{nome}", datetime(2023, 2, 1), "de ids ruins")
    antes, agora = timedelta(microseconds=-1), timedelta()
    for nome in ("VAI-E-VOLTA", "SAI", "SAI-E-VOLTA", "BISSEXTO", "DE-MARCO", "DUAS", "TARDE",
                 "CONTA-TARDE", "CARTAO-TARDE", "CURTO", "SEM-NUMERO", "OUTRO"):  # fmt: skip
        for numero, instante in enumerate(INSTANTES):
            for lado, desvio in enumerate((antes, agora)):
                quando = instante.replace(tzinfo=None) + desvio
                _movimentar(mundo, f"M-{nome}-{numero}-{lado}", f"K-{nome}", quando, " na  hora ")
    velho, novo = datetime(1999, 12, 31, 23, 59, 59), datetime(2023, 2, 1, 10, 20, 30, 456789)
    _movimentar(mundo, "M-ANTIGO", "K-DUAS", velho, "antes de tudo")
    _movimentar(mundo, "M-NO-VAO", "K-SAI-E-VOLTA", datetime(2023, 7, 1), "no vão")
    _movimentar(mundo, "M-DEPOIS-DE-SAIR", "K-SAI", datetime(2023, 12, 24), "depois")
    _movimentar(mundo, "M-DEPOIS-DE-VOLTAR", "K-SAI-E-VOLTA", datetime(2023, 8, 2), "voltou")
    _movimentar(mundo, "M-DO-FUTURO", "K-DUAS", datetime(2023, 9, 1), "futuro")
    _movimentar(mundo, "M-MUDA", "K-DUAS", novo, "muda")
    _movimentar(mundo, "M-SOME", "K-DUAS", novo, "some")
    _movimentar(mundo, "M-SOME-E-VOLTA", "K-DUAS", novo, "some e volta")
    _movimentar(mundo, "M-TROCA-DE-CARTAO", "K-DUAS", novo, "troca")
    _movimentar(mundo, "M-ADOECE", "K-DUAS", novo, "adoece")
    _movimentar(mundo, "M-NASCE-DOENTE", "  ", novo, "nasce doente")
    _movimentar(mundo, "M-DE-2090", "K-DUAS", datetime(2090, 1, 1), "longe demais")
    _movimentar(mundo, "M-DE-1989", "K-DUAS", datetime(1989, 12, 31, 23, 59, 59), "cedo demais")
    _movimentar(mundo, "M-DE-1990", "K-DUAS", datetime(1990, 1, 1), "o primeiro dia")
    for numero, texto in enumerate(
        ("=1+1", "+5511", "-9 reais", "@alguem", 'bar "do zé"; filial', "çãÉ", "  a\t b\n c ", "'x")
    ):
        _movimentar(mundo, f"M-TEXTO-{numero}", "K-OUTRO", novo, texto)
    for chave in ("-1", '=a;"b"\nc', "M ~", "M-a", "M-é", "M-B"):
        _movimentar(mundo, chave, "K-OUTRO", novo, " ")


def _terceira(mundo: Mundo) -> None:
    mundo.mudar("associado", "A-VAI-E-VOLTA", estado_civil="CASADA")
    mundo.mudar("associado", "A-DUAS", estado_civil="casado(a)", escolaridade="Superior Completo")
    mundo.mudar("associado", "A-CORRIGIDO", nome="José Silva", data_nascimento=date(1970, 5, 11))
    mundo.mudar("associado", "A-MAIS-VELHO", data_nascimento=date(1960, 5, 10))
    mundo.mudar("associado", "A-OUTRO", estado_civil=" solteiro", escolaridade="SUPERIOR")
    mundo.tirar("associado", "A-SAI")
    mundo.tirar("associado", "A-SAI-E-VOLTA")
    mundo.mudar("conta", "C-DUAS", situacao_conta="Bloqueada")
    mundo.mudar("movimentacao_cartao", "M-MUDA", valor_movimentacao=Decimal("-99999999.99"))
    mundo.mudar("movimentacao_cartao", "M-ADOECE", valor_movimentacao=None)
    mundo.tirar("movimentacao_cartao", "M-SOME")
    mundo.tirar("movimentacao_cartao", "M-SOME-E-VOLTA")
    mundo.mudar("movimentacao_cartao", "M-TROCA-DE-CARTAO", id_cartao="K-OUTRO")


def _quarta(mundo: Mundo) -> None:
    mundo.mudar("associado", "A-VAI-E-VOLTA", estado_civil="solteiro")
    mundo.por("associado", "A-SAI-E-VOLTA", "Davi Luz", date(1982, 5, 5), "VIUVO", "Ensino Médio")
    mundo.por("associado", "A-TARDE", "Olga Reis", date(1991, 1, 1), "casada", "superior")
    mundo.por("conta", "C-TARDIA", "A-TARDE", "poupança", "0002", "ativa", date(2018, 1, 1))
    mundo.mudar("movimentacao_cartao", "M-MUDA", data_movimentacao=datetime(2023, 6, 15, 12))
    mundo.mudar("movimentacao_cartao", "M-NASCE-DOENTE", id_cartao="K-DUAS")


def _quinta(mundo: Mundo) -> None:
    mundo.por("cartao", "K-CARTAO-TARDE", "C-DUAS", "5" * 16, "hugo", "Elo", "débito", None)
    mundo.mudar("conta", "C-OUTRO", id_associado="A-DUAS")
    mundo.mudar("conta", "C-DOENTE", id_associado=" ")
    mundo.mudar("cartao", "K-DO-DOENTE", id_conta=LONGO)
    mundo.mudar("movimentacao_cartao", "M-ADOECE", valor_movimentacao=Decimal("0.01"))
    mundo.tirar("cartao", "K-CURTO")
    mundo.tirar("conta", "C-BISSEXTO")
    mundo.tirar("movimentacao_cartao", "M-TEXTO-0")


def _sexta(mundo: Mundo) -> None:
    novo = datetime(2023, 2, 1, 10, 20, 30, 456789)
    _movimentar(mundo, "M-SOME-E-VOLTA", "K-DUAS", novo, "voltou")
    _movimentar(mundo, "M-TEXTO-0", "K-OUTRO", novo, "=1+1")
    _movimentar(mundo, "M-ATRASADO", "K-BISSEXTO", datetime(2020, 1, 1), "atrasado")
    mundo.mudar("associado", "A-DUAS", estado_civil="união estável")
    mundo.mudar("conta", "C-OUTRO", id_associado="A-OUTRO")
    mundo.mudar("conta", "C-DOENTE", id_associado="A-OUTRO")
    mundo.mudar("cartao", "K-DO-DOENTE", id_conta="C-DO-DOENTE")
    mundo.tirar("associado", LONGO)


def gravar(fonte: Fonte, extracao: Extracao) -> None:
    """Make a source hold what an extraction says."""
    with psycopg.connect(fonte.dsn) as conexao, conexao.cursor() as cursor:
        for tabela, linhas in extracao.tabelas.items():
            cursor.execute(f"truncate {tabela}")
            with cursor.copy(f"copy {tabela} from stdin") as copia:
                for linha in linhas.values():
                    copia.write_row(linha)


def fonte_sem_amarras(onde: servidor.Servidor) -> Fonte:
    """An empty source without foreign keys, so that rows may come late."""
    _recriar_banco(onde, "fonte_historia", "template0")
    fonte = Fonte(onde.dsn("fonte_historia"), onde)
    fonte.executar(
        "create table associado (id_associado text primary key, nome text, data_nascimento date,"
        " estado_civil text, escolaridade text);"
        "create table conta (id_conta text primary key, id_associado text, tipo_conta text,"
        " agencia text, situacao_conta text, data_criacao_conta date);"
        "create table cartao (id_cartao text primary key, id_conta text, numero_cartao text,"
        " nome_impresso_cartao text, bandeira_cartao text, tipo_cartao text, data_emissao date);"
        "create table movimentacao_cartao (id_movimentacao_cartao text primary key,"
        " id_cartao text, descricao_movimentacao text, valor_movimentacao decimal(10, 2),"
        " data_movimentacao timestamp)"
    )
    return fonte


def carregar(armazem: ArmazemDeTeste, fonte: Fonte, *extracoes: Extracao) -> None:
    """Extract each state of the source, at its moment; in this process, which spares a second."""
    config = Configuracao(_env_file=None, **armazem.ambiente)
    for extracao in extracoes:
        gravar(fonte, extracao)
        opcoes = Opcoes(instante=extracao.instante)
        de_postgres.carregar(config, fontes()["sicooperative"], fonte.dsn, opcoes)


def nucleo(armazem: ArmazemDeTeste) -> dict[str, list[Linha]]:
    """Every row of every table of core, but for insertion times."""
    conteudo = {}
    for tabela in oraculo.tabelas(armazem):
        esquema, nome = tabela.split(".")
        if esquema != "core":
            continue
        colunas = [
            coluna
            for (coluna,) in armazem.linhas(
                "select column_name from information_schema.columns where table_schema = 'core'"
                f" and table_name = '{nome}' order by ordinal_position"
            )
            if coluna != "data_hora_atualizacao_registro"
        ]
        linhas = armazem.linhas(f"select {', '.join(colunas)} from {tabela}")
        conteudo[tabela] = oraculo.ordenado(linhas)
    return conteudo


def insercoes(armazem: ArmazemDeTeste) -> dict[str, tuple[datetime, Linha]]:
    """When each movement came into the fact, and how it stands there now."""
    return {
        id_: (quando, tuple(resto))
        for id_, quando, *resto in armazem.linhas(
            "select id_movimentacao_cartao, data_hora_atualizacao_registro, sk_associado, sk_conta,"
            " sk_cartao, sk_data, descricao_movimentacao, valor_movimentacao,"
            " data_hora_movimentacao from core.fact_movimentacao"
        )
    }


def construir(armazem: ArmazemDeTeste) -> None:
    """Replay what waits, then build."""
    armazem.lastro("snapshot")
    armazem.dbt("build", *DA_BASE)


def cenario_construido(lugar: ArmazemDeTeste) -> ArmazemDeTeste:
    """The scenario, loaded, replayed and built at once; made the first time, restored later."""
    if lugar.pasta not in _com_cenario:
        lugar.restaurar(VAZIO)
        carregar(lugar, fonte_sem_amarras(lugar.servidor), *cenario())
        construir(lugar)
        lugar.guardar(CENARIO)
        _com_cenario.add(lugar.pasta)
    lugar.restaurar(CENARIO)
    return lugar


@dataclass
class Passos:
    """What the warehouse held after each build of the scenario, step by step."""

    leituras: dict[int, Esperado] = field(default_factory=dict)
    insercoes: dict[int, dict[str, tuple[datetime, Linha]]] = field(default_factory=dict)
    recusa: str = ""
    antes_da_recusa: dict[str, str] = field(default_factory=dict)
    depois_da_recusa: dict[str, str] = field(default_factory=dict)
    ultima: dict[str, str] = field(default_factory=dict)
    repetida: dict[str, str] = field(default_factory=dict)
    nucleo: dict[str, list[Linha]] = field(default_factory=dict)
    refeito: dict[str, list[Linha]] = field(default_factory=dict)
    cargas: list[Linha] = field(default_factory=list)


@pytest.fixture(scope="session")
def passos(lugar: ArmazemDeTeste) -> Passos:
    """The scenario, built as its extractions come; then built again, and rebuilt from raw."""
    feito = Passos()
    fonte = fonte_sem_amarras(lugar.servidor)
    extracoes = cenario()

    def anotar(numero: int) -> None:
        feito.leituras[numero] = oraculo.ler(lugar)
        feito.insercoes[numero] = insercoes(lugar)

    lugar.restaurar(VAZIO)
    carregar(lugar, fonte, extracoes[0])
    lugar.dbt("build", *DA_BASE)
    anotar(1)
    carregar(lugar, fonte, extracoes[1])
    lugar.dbt("build", *DA_BASE, *DO_CENARIO)
    anotar(2)
    carregar(lugar, fonte, *extracoes[2:5])
    feito.antes_da_recusa = oraculo.somas(lugar)
    recusado = lugar.dbt("build", *DA_BASE, esperado=None)
    assert recusado.returncode != 0, "a build that would skip an extraction"
    feito.recusa = recusado.stdout
    feito.depois_da_recusa = oraculo.somas(lugar)
    assert "3 extractions applied" in lugar.lastro("snapshot").stdout
    lugar.dbt("build", *DA_BASE, *DO_CENARIO)
    anotar(5)
    carregar(lugar, fonte, extracoes[5])
    lugar.dbt("build", *DA_BASE)
    anotar(6)
    feito.nucleo = nucleo(lugar)
    feito.ultima = oraculo.somas(lugar, "controle")
    lugar.dbt("build", *DA_BASE)
    feito.repetida = oraculo.somas(lugar, "controle")
    feito.cargas = lugar.linhas(
        "select extraido_em at time zone 'UTC', origem, status from controle.cargas"
        " order by _carga_id"
    )
    lugar.executar(MEXER)  # which a build would keep, and a rebuild mends
    lugar.lastro("rebuild")
    lugar.dbt("build", *DA_BASE, *REFEITOS)
    feito.refeito = nucleo(lugar)
    return feito


def test_demonstracao_e_o_que_o_oraculo_calcula(
    armazem: ArmazemDeTeste, postgres: servidor.Servidor, modelos_de_fonte: dict[int, str]
) -> None:
    extracoes = [
        oraculo.ler_fonte(postgres.dsn(modelos_de_fonte[etapa]), instante)
        for etapa, instante in enumerate(gerador.ETAPAS)
    ]
    oraculo.conferir(armazem, extracoes)


@pytest.mark.parametrize("numero", [1, 2, 5, 6])
@pytest.mark.parametrize("tabela", list(Esperado.__annotations__))
def test_cada_estado_e_o_que_o_oraculo_calcula(passos: Passos, numero: int, tabela: str) -> None:
    esperado = oraculo.calcular(cenario()[:numero])
    oraculo.iguais(tabela, getattr(passos.leituras[numero], tabela), getattr(esperado, tabela))


def test_tudo_de_uma_vez_e_o_que_o_oraculo_calcula(lugar: ArmazemDeTeste) -> None:
    oraculo.conferir(cenario_construido(lugar), cenario())


def test_em_passos_de_uma_vez_e_refeito_dao_o_mesmo(passos: Passos, lugar: ArmazemDeTeste) -> None:
    de_uma_vez = nucleo(cenario_construido(lugar))
    assert set(passos.nucleo) == set(de_uma_vez)
    # The number of a load is part of a row of the fact, and all went through the same loads.
    for tabela, linhas in passos.nucleo.items():
        oraculo.iguais(f"{tabela}, at once", de_uma_vez[tabela], linhas)
    assert set(passos.refeito) == {
        "core.dim_associado", "core.dim_cartao", "core.dim_conta", "core.fact_movimentacao",
    }  # fmt: skip
    for tabela, linhas in passos.refeito.items():
        oraculo.iguais(f"{tabela}, rebuilt", linhas, passos.nucleo[tabela])


def _versoes(leitura: Esperado, id_associado: str) -> list[Linha]:
    return [linha for linha in leitura.dim_associado if linha[0] == id_associado]


def _versao_de(leitura: Esperado, id_movimentacao: str) -> tuple[str, int]:
    (linha,) = [linha for linha in leitura.fact_movimentacao if linha[5] == id_movimentacao]
    return linha[0], linha[1]


def _chaves_de(leitura: Esperado, id_movimentacao: str) -> tuple[str, str, str]:
    (linha,) = [linha for linha in leitura.fact_movimentacao if linha[5] == id_movimentacao]
    return linha[0], linha[2], linha[3]


def test_o_cenario_mostra_cada_regra(passos: Passos) -> None:
    """The rules by name, so that the oracle itself is not all that says them."""
    depois = passos.leituras[6]
    t3, t4 = (instante.replace(tzinfo=None) for instante in INSTANTES[2:4])
    civis = [(v[6], v[8], v[9]) for v in _versoes(depois, "A-VAI-E-VOLTA")]
    fim = datetime(9999, 12, 31)
    # Born on 5 May: a birthday falls between the second extraction and the third.
    assert civis == [
        ("SOLTEIRO", datetime(1900, 1, 1), t3),
        ("CASADO", t3, t4),
        ("SOLTEIRO", t4, fim),
    ]
    assert [v[9:12] for v in _versoes(depois, "A-SAI")] == [(t3, False, 1)]
    saiu, voltou = _versoes(depois, "A-SAI-E-VOLTA")
    assert (saiu[9], saiu[10]) == (t3, False)
    assert (voltou[8], voltou[9], voltou[10]) == (t4, fim, True)
    assert _versao_de(depois, "M-NO-VAO") == ("A-SAI-E-VOLTA", 1)
    assert _versao_de(depois, "M-DEPOIS-DE-VOLTAR") == ("A-SAI-E-VOLTA", 2)
    assert _versao_de(depois, "M-DEPOIS-DE-SAIR") == ("A-SAI", 1)
    assert [v[4] for v in _versoes(passos.leituras[2], "A-BISSEXTO")] == [22, 23]
    assert [v[4] for v in _versoes(depois, "A-BISSEXTO")] == [22, 23, 24]
    assert [v[4] for v in _versoes(passos.leituras[2], "A-DE-MARCO")] == [32, 33]
    assert [v[4] for v in _versoes(passos.leituras[2], "A-DIA-DOIS")] == [32]
    assert len(_versoes(depois, "A-CORRIGIDO")) == 2, "a birthday; no version for a correction"
    assert {v[1:4] for v in _versoes(depois, "A-CORRIGIDO")} == {
        ("JOSÉ", "SILVA", date(1970, 5, 11))
    }
    assert _versao_de(passos.leituras[2], "M-DO-FUTURO") == ("A-DUAS", 1)
    assert _versao_de(depois, "M-DO-FUTURO") == ("A-DUAS", 2)
    assert _versao_de(depois, "M-DUAS-2-0") == ("A-DUAS", 1), "a microsecond before the extraction"
    assert _versao_de(depois, "M-DUAS-2-1") == ("A-DUAS", 2), "at the very moment"
    assert _versao_de(passos.leituras[2], "M-TARDE-0-1") == ("DESCONHECIDO", 1)
    assert _versao_de(depois, "M-TARDE-0-1") == ("A-TARDE", 1)
    assert _versao_de(depois, "M-CONTA-TARDE-0-1") == ("A-TARDE", 1)
    assert _versao_de(passos.leituras[2], "M-CARTAO-TARDE-0-1") == ("DESCONHECIDO", 1)
    assert _versao_de(depois, "M-CARTAO-TARDE-0-1") == ("A-DUAS", 1)
    assert _versao_de(passos.leituras[5], "M-TEXTO-1")[0] == "A-DUAS", "the conta was moved"
    assert _versao_de(depois, "M-TEXTO-1")[0] == "A-OUTRO", "and moved back"
    donos = [
        [_chaves_de(passos.leituras[n], f"M-{nome}") for n in (2, 5, 6)]
        for nome in ("DO-LONGO", "DOENTE", "DO-DOENTE")
    ]
    ninguem = "DESCONHECIDO"
    assert donos == [
        [(ninguem, ninguem, "K-DO-LONGO")] * 3,
        [
            ("A-DUAS", "C-DOENTE", "K-DOENTE"),
            (ninguem, ninguem, "K-DOENTE"),
            ("A-OUTRO", "C-DOENTE", "K-DOENTE"),
        ],
        [
            ("A-DUAS", "C-DO-DOENTE", "K-DO-DOENTE"),
            (ninguem, ninguem, ninguem),
            ("A-DUAS", "C-DO-DOENTE", "K-DO-DOENTE"),
        ],
    ]
    do_longo = ("conta", "C-DO-LONGO", LONGO)
    assert [passos.leituras[n].cadastro_em_quarentena for n in (1, 5, 6)] == [
        [("associado", LONGO), do_longo],
        [("associado", LONGO), ("cartao", "K-DO-DOENTE", LONGO), ("conta", "C-DO-LONGO", LONGO),
         ("conta", "C-DOENTE", " ")],
        [do_longo],
    ]  # fmt: skip
    quarentena = passos.leituras[1].em_quarentena
    assert {"M-DE-2090", "M-DE-1989", "M-NASCE-DOENTE"} <= set(quarentena)
    assert "M-DE-1990" not in quarentena


def test_aniversario_abre_versao_numa_extracao_sem_novidade(passos: Passos) -> None:
    segundo = INSTANTES[1].replace(tzinfo=None)
    assert {status for quando, _, status in passos.cargas if quando == segundo} == {"sem_novidade"}
    assert any(linha[8] == segundo for linha in passos.leituras[2].dim_associado)


def test_construir_com_varias_extracoes_recusa_e_nada_muda(passos: Passos) -> None:
    assert "3 extractions" in passos.recusa
    assert "lastro snapshot" in passos.recusa
    assert passos.depois_da_recusa == passos.antes_da_recusa


def test_construir_de_novo_nao_muda_linha_nenhuma(passos: Passos) -> None:
    assert "core.fact_movimentacao" in passos.ultima
    assert passos.repetida == passos.ultima


def test_a_hora_da_primeira_insercao_fica(passos: Passos) -> None:
    for antes, depois in ((1, 2), (2, 5), (5, 6)):
        velhas, novas = passos.insercoes[antes], passos.insercoes[depois]
        ficaram = velhas.keys() & novas.keys()
        mudaram = {id_ for id_ in ficaram if velhas[id_][1] != novas[id_][1]}
        # A movement that left and came back between two builds was never seen to leave.
        assert {id_ for id_ in ficaram if velhas[id_][0] != novas[id_][0]} == set()
        ultima = max(quando for quando, _ in velhas.values())
        assert all(novas[id_][0] > ultima for id_ in novas.keys() - velhas.keys())
        assert (
            mudaram
            if depois > 2
            else not any(velhas[id_][1][1:] != novas[id_][1][1:] for id_ in ficaram)
        )
    assert "M-DO-FUTURO" in passos.insercoes[6], "re-keyed"
    assert passos.insercoes[6]["M-MUDA"][0] == passos.insercoes[1]["M-MUDA"][0], "updated"


def test_construir_num_armazem_vazio(armazem_vazio: ArmazemDeTeste) -> None:
    if armazem_vazio.motor == "duckdb":
        pytest.skip("on the engine that is stricter about types; the next test builds on this one")
    armazem_vazio.dbt("build", "--exclude", "resource_type:unit_test")
    tabelas = oraculo.tabelas(armazem_vazio)
    for tabela in oraculo.TABELAS:
        assert f"raw_sicooperative.{tabela}" in tabelas
        assert armazem_vazio.linhas(f"select count(*) from raw_sicooperative.{tabela}") == [(0,)]
    for tabela in ("cargas", "rejeicoes", "impressoes_digitais"):
        assert armazem_vazio.linhas(f"select count(*) from controle.{tabela}") == [(0,)]
    livro = "select count(*) from risco.book_fatura"
    assert armazem_vazio.linhas(livro) == [(0,)], "no invoice ever came"
    assert oraculo.ler(armazem_vazio) == oraculo.calcular(
        [Extracao(INSTANTES[0], {tabela: {} for tabela in oraculo.TABELAS})]
    )


def test_prefixo_e_data_de_referencia(
    armazem: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    """Either makes dbt parse everything again, so they go together, beside the others' parse."""
    if armazem.motor != "duckdb":
        pytest.skip("one engine: what is tested is how schemas are named, before any SQL runs")
    antes = oraculo.somas(armazem)
    caixa = {"LASTRO_SCHEMA_PREFIX": "ana_", "DBT_TARGET_PATH": str(tmp_path / "target")}
    primeira = "2025-07-01T06:00:00Z"
    armazem.lastro("load", "sicooperative", "--dsn", fonte.dsn, "--as-of", primeira, **caixa)
    armazem.dbt("build", *SEM_TESTES, "--vars", "{data_referencia: 2025-09-01}", **caixa)
    depois = oraculo.somas(armazem)
    novas = depois.keys() - antes.keys()
    assert {tabela for tabela in novas if not tabela.startswith("ana_")} == set()
    assert {tabela.removeprefix("ana_") for tabela in novas} == set(antes)
    assert {tabela: depois[tabela] for tabela in antes} == antes
    movimentos = fonte.linhas("select count(*) from movimentacao_cartao")
    assert armazem.linhas("select count(*) from ana_core.fact_movimentacao") == movimentos


@pytest.mark.slow
@pytest.mark.parametrize("semente", range(4))
def test_extracoes_ao_acaso(lugar: ArmazemDeTeste, semente: int) -> None:
    """Random changes, built now and then; where several wait, through the replay."""
    sorteio, mundo = Random(semente), Mundo()
    inicio = datetime(2022, 12, 31, 22, tzinfo=UTC)
    instantes = [inicio + timedelta(hours=sorteio.randrange(1, 300) + 300 * n) for n in range(10)]
    multidao = Multidao(mundo, semente, 60)
    fonte = fonte_sem_amarras(lugar.servidor)
    lugar.restaurar(VAZIO)
    for numero, instante in enumerate(instantes):
        if sorteio.random() < 0.8:
            multidao.viver(instantes)
        mundo.extrair(instante)
        carregar(lugar, fonte, mundo.extracoes[-1])
        if numero in (2, 5, 6):
            construir(lugar)
            oraculo.conferir(lugar, mundo.extracoes)
    construir(lugar)
    oraculo.conferir(lugar, mundo.extracoes)
    feito = nucleo(lugar)
    lugar.lastro("rebuild")
    lugar.dbt("build", *DA_BASE)
    assert nucleo(lugar) == feito
