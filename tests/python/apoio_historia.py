"""A history of many extractions that shows each rule, and what is built of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import oraculo
import psycopg
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste, Fonte, _recriar_banco
from oraculo import Extracao, Linha, Linhas

from loaders.contratos import fontes
from loaders.demo import servidor
from loaders.extracao.postgres import carregar as de_postgres
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.configuracao import Configuracao

CENARIO = "cenario"
DA_BASE = (
    *SEM_TESTES,
    "source:pod_cartoes+",
    "source:fintech+",
    "source:credito+",
    "seeds/fintech",
    "seeds/credito",
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
