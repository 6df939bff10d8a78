"""What a load of SiCooperativeDB lands: every state of every row, once, and nothing else."""

import hashlib
import hmac
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from apoio import (
    CHAVE,
    MOVIMENTACOES,
    TABELAS,
    Linha,
    Retrato,
    colunas,
    com_primeira_carga,
    conferir_cargas,
    conteudo,
    extrair,
    fonte_em,
    na_fonte,
    no_armazem,
    operacoes,
    sem_segredos,
    textos_de_controle,
    ultima_carga,
)
from conftest import ArmazemDeTeste, Fonte

from loaders import PROJETO, __version__
from loaders.extracao.postgres.conexao import FontePostgres
from loaders.nucleo.erros import FonteRecusada, LastroError

DIA = "2024-07-15"
"""A day of the sample with some movements, a year older than its newest."""

SOLTAR_CHAVES_ESTRANGEIRAS = """
    alter table conta drop constraint conta_id_associado_fkey;
    alter table cartao drop constraint cartao_id_conta_fkey;
    alter table movimentacao_cartao drop constraint movimentacao_cartao_id_cartao_fkey;
"""


@pytest.fixture
def carregado(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> ArmazemDeTeste:
    """A warehouse that holds the first stage of the demonstration."""
    return com_primeira_carga(armazem_vazio, fonte)


def ids_do_dia(fonte: Fonte, dia: str = DIA) -> list[str]:
    linhas = fonte.linhas(
        "select id_movimentacao_cartao from movimentacao_cartao"
        f" where data_movimentacao::date = '{dia}' order by 1"
    )
    return [str(li[0]) for li in linhas]


def no_dia(fonte: Fonte, *dias: str) -> int:
    """How many rows the source holds on these days."""
    return sum(len(ids_do_dia(fonte, dia)) for dia in dias)


def confere(armazem: ArmazemDeTeste, fonte: Fonte) -> None:
    """The newest states are the source's rows, and loading again changes nothing."""
    assert no_armazem(armazem) == na_fonte(fonte)
    assert {c.status for c in extrair(armazem, fonte).values()} == {"sem_novidade"}
    conferir_cargas(armazem)


# The first load and the next


def test_primeira_carga_grava_cada_linha_com_suas_colunas_tecnicas(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    antes = datetime.now(UTC)
    mostrado = armazem_vazio.carregar(fonte)
    depois = datetime.now(UTC)
    origem = na_fonte(fonte)
    assert no_armazem(armazem_vazio) == origem
    cargas = armazem_vazio.registros("select * from controle.cargas order by _carga_id")
    assert [c["origem"] for c in cargas] == list(TABELAS)
    assert len({c["extraido_em"] for c in cargas}) == 1, "one extraction, one moment"
    for carga in cargas:
        tabela, inicio = carga["origem"], carga["inicio"]
        linhas = len(origem[tabela])
        assert {
            "fonte": "sicooperative", "entidade": tabela, "sha256": None, "bytes": None,
            "lidas": linhas, "rejeitadas": 0, "gravadas": linhas, "linhas_origem": linhas,
            "status": "ok", "mensagem": None, "versao_loader": __version__,
        }.items() <= carga.items()  # fmt: skip
        assert carga["formato"].startswith("postgresql 18")
        assert antes <= inicio <= carga["fim"] <= depois
        assert abs(carga["extraido_em"] - inicio) < timedelta(minutes=1)
        assert re.search(rf"{tabela} +{linhas} +{linhas} +{linhas} +ok", mostrado)
        tecnicas = armazem_vazio.registros(
            "select _operacao, _carga_id, _tabela, _carregado_em, count(*) as linhas,"
            " min(_linha) as primeira, max(_linha) as ultima,"
            f" count(distinct _linha) as numeros from raw_sicooperative.{tabela}"
            " group by _operacao, _carga_id, _tabela, _carregado_em"
        )
        assert tecnicas == [{
            "_operacao": "inclusao", "_carga_id": carga["_carga_id"], "_tabela": tabela,
            "_carregado_em": inicio, "linhas": linhas, "primeira": 1, "ultima": linhas,
            "numeros": linhas,
        }]  # fmt: skip
    (soma,) = fonte.linhas(f"select sum(valor_movimentacao) from {MOVIMENTACOES}")[0]
    assert [c["valor_origem"] for c in cargas] == [None, None, None, soma]


def test_segunda_carga_sem_mudanca_nao_acrescenta_linha(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    antes = conteudo(carregado)
    cargas = extrair(carregado, fonte)
    assert {c.status for c in cargas.values()} == {"sem_novidade"}
    assert {c.gravadas for c in cargas.values()} == {0}
    assert cargas[MOVIMENTACOES].lidas == 0
    assert conteudo(carregado) == antes
    assert carregado.linhas("select count(*) from controle.cargas") == [(8,)]
    conferir_cargas(carregado)


@pytest.mark.parametrize(
    ("tabela", "coluna"),
    [("associado", "escolaridade"), ("conta", "situacao_conta"), ("cartao", "bandeira_cartao")],
)
def test_cadastro_que_muda_some_e_volta_grava_exatamente_esses_estados(
    carregado: ArmazemDeTeste, fonte: Fonte, tabela: str, coluna: str
) -> None:
    fonte.executar(SOLTAR_CHAVES_ESTRANGEIRAS)
    chave = TABELAS[tabela].chave_simples
    muda, some, volta_igual, volta_outro, vai_e_vem = (
        li[0] for li in fonte.linhas(f"select {chave} from {tabela} order by 1 limit 5")
    )

    def passo(sql: str) -> dict[str, str]:
        fonte.executar(sql)
        cargas = extrair(carregado, fonte)
        assert [n for n, c in cargas.items() if c.status == "ok"] in ([tabela], [])
        assert cargas[tabela].lidas == cargas[tabela].linhas_origem
        assert no_armazem(carregado) == na_fonte(fonte)
        return operacoes(carregado, cargas[tabela])

    fonte.executar(
        f"create table guarda as select * from {tabela}"
        f" where {chave} in ('{volta_igual}', '{volta_outro}')"
    )
    assert passo(
        f"update {tabela} set {coluna} = 'OUTRO' where {chave} = '{muda}';"
        f"update {tabela} set {coluna} = '?' where {chave} = '{vai_e_vem}';"
        f"delete from {tabela} where {chave} in ('{some}', '{volta_igual}', '{volta_outro}');"
        f"insert into {tabela} select 'novo', {colunas(TABELAS[tabela]).partition(', ')[2]}"
        f" from {tabela} where {chave} = '{muda}'"
    ) == {
        muda: "alteracao",
        vai_e_vem: "alteracao",
        some: "exclusao",
        volta_igual: "exclusao",
        volta_outro: "exclusao",
        "novo": "inclusao",
    }
    conteudo_excluido = carregado.linhas(
        f"select {colunas(TABELAS[tabela])} from raw_sicooperative.{tabela}"
        f" where {chave} = '{some}' and _operacao = 'exclusao'"
    )
    assert [v for v in conteudo_excluido[0] if v is not None] == [some]
    assert passo(
        f"insert into {tabela} select * from guarda;"
        f"update {tabela} set {coluna} = null where {chave} = '{volta_outro}';"
        f"update {tabela} set {coluna} = '!' where {chave} = '{vai_e_vem}';"
        f"update {tabela} set {coluna} = '?' where {chave} = '{vai_e_vem}'"
    ) == {volta_igual: "retorno", volta_outro: "retorno"}
    assert passo(f"delete from {tabela} where {chave} = '{volta_igual}'") == {
        volta_igual: "exclusao"
    }
    assert passo(f"update {tabela} set {coluna} = coalesce({coluna}, '')") == {
        volta_outro: "alteracao"
    } | {
        k: "alteracao"
        for (k,) in carregado.linhas(
            f"select distinct {chave} from raw_sicooperative.{tabela}"
            f" where {coluna} is null and {chave} not in ('{some}', '{volta_igual}')"
        )
    }
    confere(carregado, fonte)


# Movements


@dataclass(frozen=True)
class Cenario:
    """A change of the source, the states it must land, and the days that must be read."""

    nome: str
    sql: Callable[[list[str]], str]
    estados: Callable[[list[str]], dict[str, str]]
    dias: tuple[str, ...] = (DIA,)


def um(operacao: str) -> Callable[[list[str]], dict[str, str]]:
    return lambda ids: {ids[0]: operacao}


def alterar(atribuicao: str, qual: int = 0) -> Callable[[list[str]], str]:
    return lambda ids: (
        f"update movimentacao_cartao set {atribuicao} where id_movimentacao_cartao = '{ids[qual]}'"
    )


INSERIR = (
    "insert into movimentacao_cartao"
    " select '{}', id_cartao, 'ATRASADA', {}, {} from cartao limit 1;"
)

CENARIOS = [
    Cenario(
        "linha_atrasada_com_data_antiga",
        lambda _: INSERIR.format("nova", 12.34, f"'{DIA} 03:04:05'"),
        lambda _: {"nova": "inclusao"},
    ),
    Cenario(
        "linha_em_dia_sem_nenhuma",
        lambda _: INSERIR.format("nova", -1, "'1999-12-31 23:59:59.999999'"),
        lambda _: {"nova": "inclusao"},
        ("1999-12-31",),
    ),
    Cenario(
        "valor_muda", alterar("valor_movimentacao = valor_movimentacao + 0.01"), um("alteracao")
    ),
    Cenario("valor_para_nulo", alterar("valor_movimentacao = null"), um("alteracao")),
    Cenario(
        "valor_muda_de_sinal",
        alterar("valor_movimentacao = -valor_movimentacao"),
        um("alteracao"),
    ),
    Cenario("descricao_para_nulo", alterar("descricao_movimentacao = null"), um("alteracao")),
    Cenario("descricao_para_vazio", alterar("descricao_movimentacao = ''"), um("alteracao")),
    Cenario(
        "cartao_muda", alterar("id_cartao = (select min(id_cartao) from cartao)"), um("alteracao")
    ),
    Cenario(
        "hora_muda_no_mesmo_dia",
        alterar(f"data_movimentacao = '{DIA} 23:59:59.999999'"),
        um("alteracao"),
    ),
    Cenario(
        "data_vai_para_outro_dia",
        alterar("data_movimentacao = '2024-09-01 00:00:00'"),
        um("alteracao"),
        (DIA, "2024-09-01"),
    ),
    Cenario("data_para_nulo", alterar("data_movimentacao = null"), um("alteracao")),
    Cenario(
        "exclusao",
        lambda ids: f"delete from movimentacao_cartao where id_movimentacao_cartao = '{ids[0]}'",
        um("exclusao"),
    ),
    Cenario(
        "exclusao_do_dia_inteiro",
        lambda _: f"delete from movimentacao_cartao where data_movimentacao::date = '{DIA}'",
        lambda ids: dict.fromkeys(ids, "exclusao"),
    ),
    Cenario(
        "troca_de_valores_com_a_mesma_soma",
        lambda ids: (
            alterar("valor_movimentacao = 11.11")(ids)
            + ";"
            + alterar("valor_movimentacao = 22.22", 1)(ids)
        ),
        lambda ids: {ids[0]: "alteracao", ids[1]: "alteracao"},
    ),
    Cenario(
        "exclusao_e_inclusao_com_a_mesma_contagem",
        lambda ids: (
            f"delete from movimentacao_cartao where id_movimentacao_cartao = '{ids[0]}';"
            + INSERIR.format("nova", "1.00", f"'{DIA}'")
        ),
        lambda ids: {ids[0]: "exclusao", "nova": "inclusao"},
    ),
    Cenario(
        "chave_muda",
        alterar("id_movimentacao_cartao = 'outra'"),
        lambda ids: {ids[0]: "exclusao", "outra": "inclusao"},
    ),
]


@pytest.mark.nightly_on("postgres")
@pytest.mark.parametrize("cenario", CENARIOS, ids=lambda c: c.nome)
def test_mudanca_de_movimento_grava_seu_estado_lendo_so_seus_dias(
    carregado: ArmazemDeTeste, fonte: Fonte, cenario: Cenario
) -> None:
    ids = ids_do_dia(fonte)
    assert len(ids) > 2
    if cenario.nome.startswith("troca"):
        fonte.executar(
            alterar("valor_movimentacao = 22.22")(ids)
            + ";"
            + alterar("valor_movimentacao = 11.11", 1)(ids)
        )
        extrair(carregado, fonte)
    fonte.executar(cenario.sql(ids))
    cargas = extrair(carregado, fonte)
    movimentos = cargas[MOVIMENTACOES]
    assert operacoes(carregado, movimentos) == cenario.estados(ids)
    sem_data = len(
        fonte.linhas("select 1 from movimentacao_cartao where data_movimentacao is null")
    )
    assert movimentos.lidas == no_dia(fonte, *cenario.dias) + sem_data
    assert [n for n, c in cargas.items() if c.gravadas] == [MOVIMENTACOES]
    confere(carregado, fonte)


def test_movimento_excluido_e_reinserido_volta_como_retorno(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    igual, outro, sem_data = ids_do_dia(fonte)[:3]
    tres = f"('{igual}', '{outro}', '{sem_data}')"
    fonte.executar(
        "create table guarda as select * from movimentacao_cartao"
        f" where id_movimentacao_cartao in {tres};"
        f"delete from movimentacao_cartao where id_movimentacao_cartao in {tres}"
    )
    cargas = extrair(carregado, fonte)
    assert set(operacoes(carregado, cargas[MOVIMENTACOES]).values()) == {"exclusao"}
    fonte.executar(
        "insert into movimentacao_cartao select * from guarda;"
        "update movimentacao_cartao set valor_movimentacao = 1, data_movimentacao = '2025-01-05'"
        f" where id_movimentacao_cartao = '{outro}';"
        "update movimentacao_cartao set data_movimentacao = null"
        f" where id_movimentacao_cartao = '{sem_data}'"
    )
    cargas = extrair(carregado, fonte)
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {
        igual: "retorno",
        outro: "retorno",
        sem_data: "retorno",
    }
    assert no_armazem(carregado) == na_fonte(fonte)
    fonte.executar(
        "update movimentacao_cartao set data_movimentacao = '2024-07-15'"
        " where data_movimentacao is null"
    )
    cargas = extrair(carregado, fonte)
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {sem_data: "alteracao"}
    confere(carregado, fonte)


def test_mudancas_em_muitos_dias_espalhados_sao_lidas_so_nesses_dias(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    fonte.executar(
        "update movimentacao_cartao set valor_movimentacao = valor_movimentacao + 1"
        " where extract(day from data_movimentacao) in (1, 5, 9, 13)"
    )
    esperadas = len(
        fonte.linhas(
            "select 1 from movimentacao_cartao"
            " where extract(day from data_movimentacao) in (1, 5, 9, 13)"
        )
    )
    movimentos = extrair(carregado, fonte)[MOVIMENTACOES]
    assert (movimentos.lidas, movimentos.gravadas) == (esperadas, esperadas)
    confere(carregado, fonte)


@pytest.mark.parametrize(
    ("data", "ilegivel"),
    [
        ("20224-03-01 10:00:00", "data_movimentacao=20224-03-01 10:00:00"),
        ("4712-01-01 00:00:00 BC", "data_movimentacao=4712-01-01 00:00:00 BC"),
        ("infinity", "data_movimentacao=infinity"),
        ("-infinity", "data_movimentacao=-infinity"),
        ("9999-12-31 23:59:59.999999", None),
        ("0001-01-01 00:00:00", None),
    ],
)
@pytest.mark.nightly_on("postgres")
def test_data_absurda_entra_muda_e_sai(
    carregado: ArmazemDeTeste, fonte: Fonte, data: str, ilegivel: str | None
) -> None:
    def gravado() -> list[str]:
        cargas = extrair(carregado, fonte)
        return list(operacoes(carregado, cargas[MOVIMENTACOES]).values())

    fonte.executar(INSERIR.format("absurda", 1, f"'{data}'"))
    assert gravado() == ["inclusao"]
    assert gravado() == []
    ((lida, texto),) = carregado.linhas(
        "select cast(data_movimentacao as text), _ilegiveis"
        " from raw_sicooperative.movimentacao_cartao where id_movimentacao_cartao = 'absurda'"
    )
    assert (lida, texto) == (None if ilegivel else data.removesuffix(" BC"), ilegivel)
    for valor in ("2", "'NaN'"):
        fonte.executar(
            f"update movimentacao_cartao set valor_movimentacao = {valor}"
            " where id_movimentacao_cartao = 'absurda'"
        )
        assert gravado() == ["alteracao"]
    fonte.executar("delete from movimentacao_cartao where id_movimentacao_cartao = 'absurda'")
    assert gravado() == ["exclusao"]
    assert gravado() == []
    confere(carregado, fonte)


def test_full_encontra_mudanca_que_as_impressoes_escondem(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    ids = ids_do_dia(fonte)
    fonte.executar(alterar("valor_movimentacao = 99999.99")(ids))
    with FontePostgres(fonte.dsn) as origem:
        origem.verificar(list(TABELAS.values()))
        dia = next(d for d in origem.dias(TABELAS[MOVIMENTACOES], None) if d.dia == DIA)
    carregado.executar(
        f"update controle.impressoes_digitais set impressao = '{dia.impressao}' where dia = '{DIA}'"
    )
    cargas = extrair(carregado, fonte)
    assert (cargas[MOVIMENTACOES].lidas, cargas[MOVIMENTACOES].gravadas) == (0, 0)
    cargas = extrair(carregado, fonte, completa=True)
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {ids[0]: "alteracao"}
    assert cargas[MOVIMENTACOES].lidas == cargas[MOVIMENTACOES].linhas_origem
    confere(carregado, fonte)


def test_linha_perdida_no_armazem_e_notada_e_full_a_repoe(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    ids = ids_do_dia(fonte)
    carregado.executar(
        f"delete from raw_sicooperative.movimentacao_cartao"
        f" where id_movimentacao_cartao = '{ids[0]}'"
    )
    antes = conteudo(carregado)
    with pytest.raises(FonteRecusada, match=r"movimentacao_cartao: the source counts .* --full"):
        extrair(carregado, fonte)
    assert conteudo(carregado) == antes
    cargas = extrair(carregado, fonte, completa=True)
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {ids[0]: "inclusao"}
    assert no_armazem(carregado) == na_fonte(fonte)


def test_recent_days_ve_linha_antiga_atrasada_mas_nao_alteracao_antiga(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    antiga = ids_do_dia(fonte, "2024-08-10")[0]
    recente = str(
        fonte.linhas(
            "select id_movimentacao_cartao from movimentacao_cartao"
            " order by data_movimentacao desc limit 1"
        )[0][0]
    )
    fonte.executar(
        alterar("valor_movimentacao = 1.23")([antiga])
        + ";"
        + alterar("valor_movimentacao = 4.56")([recente])
        + ";"
        + INSERIR.format("nova", 1, f"'{DIA} 12:00:00'")
    )
    cargas = extrair(carregado, fonte, dias_recentes=30)
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {
        "nova": "inclusao",
        recente: "alteracao",
    }
    assert cargas[MOVIMENTACOES].valor_origem is None, "the sum of all days was not asked for"
    assert extrair(carregado, fonte, dias_recentes=30)[MOVIMENTACOES].lidas == 0
    cargas = extrair(carregado, fonte, completa=True)
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {antiga: "alteracao"}
    confere(carregado, fonte)


def test_carga_comum_depois_de_recent_days_ve_a_alteracao_antiga(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    ids = ids_do_dia(fonte)
    fonte.executar(alterar("valor_movimentacao = 1.23")(ids))
    assert extrair(carregado, fonte, dias_recentes=30)[MOVIMENTACOES].gravadas == 0
    movimentos = extrair(carregado, fonte)[MOVIMENTACOES]
    assert operacoes(carregado, movimentos) == {ids[0]: "alteracao"}
    assert movimentos.lidas <= no_dia(fonte, DIA) + 20, "the day, and that of the limit"
    confere(carregado, fonte)


# Whatever happens


TEXTOS = (
    None, "", " ", "JOÃO", "joão ", "a;b", 'aspas "duplas"', "aspas 'simples'", "linha\nnova",
    "\\N", "\\.", "barra\\", "tab\t", "🏦 café", "{}", "%s", "NULL", "x" * 500,
)  # fmt: skip
DIAS = [date(2025, 1, 1) + timedelta(days=n) for n in range(5)]


class FonteAleatoria:
    """Random rows for the four tables, and random changes of them."""

    def __init__(self, semente: int) -> None:
        self.sorteio = random.Random(semente)
        self.linhas: Retrato = {nome: {} for nome in TABELAS}
        self.apagadas: Retrato = {nome: {} for nome in TABELAS}
        for nome, quantas in zip(TABELAS, (20, 25, 30, 120), strict=True):
            for n in range(quantas):
                self.linhas[nome][f"{nome}-{n}"] = self._nova(nome, f"{nome}-{n}")

    def _valor(self, tipo: str) -> Any:
        s = self.sorteio
        if tipo == "text":
            return s.choice(TEXTOS)
        if tipo == "date":
            return s.choice([None, date(1, 1, 1), date(9999, 12, 31), *DIAS])
        if tipo == "timestamp":
            hora = timedelta(microseconds=s.choice([0, 1, 86_399_999_999, s.randrange(10**10)]))
            return s.choice(
                [None, *(datetime.combine(d, datetime.min.time()) + hora for d in DIAS)]
            )
        return s.choice([None, Decimal("0.00"), Decimal("-99999999.99"), Decimal("99999999.99"),
                         Decimal(s.randrange(-500, 500)) / 100])  # fmt: skip

    def _nova(self, tabela: str, chave: str) -> Linha:
        return (chave, *(self._valor(c.tipo) for c in TABELAS[tabela].da_fonte[1:]))

    def mudar(self) -> None:
        """Some changes of some tables, possibly none."""
        s = self.sorteio
        for nome, linhas in self.linhas.items():
            if s.random() < 0.3:
                continue
            for _ in range(s.randrange(1, 6)):
                chave = s.choice([*linhas, "nenhuma"])
                acao = s.choice(("mudar", "apagar", "inserir", "voltar", "trocar", "ir_e_vir"))
                if acao == "mudar" and chave in linhas:
                    linhas[chave] = self._com_um_campo_novo(nome, linhas[chave])
                elif acao == "apagar" and chave in linhas:
                    self.apagadas[nome][chave] = linhas.pop(chave)
                elif acao == "inserir":
                    nova = f"{nome}-{s.randrange(10**9)}"
                    linhas[nova] = self._nova(nome, nova)
                elif acao == "voltar" and self.apagadas[nome]:
                    chave, linha = self.apagadas[nome].popitem()
                    linhas[chave] = linha if s.random() < 0.5 else self._nova(nome, chave)
                elif acao == "trocar" and chave in linhas:
                    outra = s.choice(
                        [
                            k
                            for k in linhas
                            if nome != MOVIMENTACOES or linhas[k][4] == linhas[chave][4]
                        ]
                    )
                    um_, dois = linhas[chave], linhas[outra]
                    campo = s.randrange(1, len(um_))
                    linhas[chave] = (*um_[:campo], dois[campo], *um_[campo + 1 :])
                    linhas[outra] = (*dois[:campo], um_[campo], *dois[campo + 1 :])
            if nome == MOVIMENTACOES and s.random() < 0.2:
                dia = s.choice(DIAS)
                for chave in [k for k, li in linhas.items() if li[4] and li[4].date() == dia]:
                    self.apagadas[nome][chave] = linhas.pop(chave)

    def _com_um_campo_novo(self, tabela: str, linha: Linha) -> Linha:
        campo = self.sorteio.randrange(1, len(linha))
        valor = self._valor(TABELAS[tabela].da_fonte[campo].tipo)
        return (*linha[:campo], valor, *linha[campo + 1 :])

    def gravar(self, dsn: str) -> None:
        """Bring the database to these rows, touching only what differs."""
        with psycopg.connect(dsn) as conexao, conexao.cursor() as cursor:
            for nome, tabela in TABELAS.items():
                atuais = {
                    li[0]: li for li in cursor.execute(f"select {colunas(tabela)} from {nome}")
                }
                saem = [k for k, li in atuais.items() if self.linhas[nome].get(k) != li]
                entram = [li for k, li in self.linhas[nome].items() if atuais.get(k) != li]
                cursor.execute(f"delete from {nome} where {tabela.chave_simples} = any(%s)", [saem])
                marcas = ", ".join(["%s"] * len(tabela.da_fonte))
                cursor.executemany(f"insert into {nome} values ({marcas})", entram)


def esperadas(antes: dict[str, Linha], agora: dict[str, Linha], vistas: set[str]) -> dict[str, str]:
    """The states that a load must land, worked out from two pictures of a table."""
    resultado = {k: "exclusao" for k in antes if k not in agora}
    for chave, linha in agora.items():
        if chave not in antes:
            resultado[chave] = "retorno" if chave in vistas else "inclusao"
        elif antes[chave] != linha:
            resultado[chave] = "alteracao"
    return resultado


def dias_que_diferem(antes: dict[str, Linha], agora: dict[str, Linha]) -> set[date | None]:
    por_linha = Counter(antes.values())
    por_linha.subtract(Counter(agora.values()))
    return {li[4].date() if li[4] else None for li, n in por_linha.items() if n}


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("semente", [1, 2])
def test_qualquer_sequencia_de_mudancas_deixa_o_armazem_igual_a_fonte(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, semente: int
) -> None:
    fonte.executar(f"{SOLTAR_CHAVES_ESTRANGEIRAS} truncate {', '.join(TABELAS)}")
    fonte.executar(
        "alter table conta alter id_associado drop not null;"
        "alter table cartao alter id_conta drop not null;"
        "alter table movimentacao_cartao alter id_cartao drop not null"
    )
    aleatoria = FonteAleatoria(semente)
    vistas: dict[str, set[str]] = {nome: set() for nome in TABELAS}
    antes: Retrato = {nome: {} for nome in TABELAS}
    for rodada in range(10):
        aleatoria.gravar(fonte.dsn)
        agora = na_fonte(fonte)
        completa = rodada > 0 and aleatoria.sorteio.random() < 0.2
        cargas = extrair(armazem_vazio, fonte, completa=completa, aceitar_reducao=True)
        assert no_armazem(armazem_vazio) == agora
        for nome, carga in cargas.items():
            estados = esperadas(antes[nome], agora[nome], vistas[nome])
            assert operacoes(armazem_vazio, carga) == estados
            assert carga.status == ("ok" if estados else "sem_novidade")
            assert carga.linhas_origem == len(agora[nome])
            vistas[nome] |= set(agora[nome])
        if not completa:
            dias = dias_que_diferem(antes[MOVIMENTACOES], agora[MOVIMENTACOES])
            assert cargas[MOVIMENTACOES].lidas == sum(
                (li[4].date() if li[4] else None) in dias for li in agora[MOVIMENTACOES].values()
            )
        antes = {nome: dict(linhas) for nome, linhas in agora.items()}
        aleatoria.mudar()
    conferir_cargas(armazem_vazio)


# Tokens of card numbers


def test_token_e_o_hmac_dos_digitos_e_nulo_onde_nao_ha_digito(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    escritos = {
        "k1": "4111111111111111",
        "k2": " 4111 1111-1111.1111 ",
        "k3": None,
        "k4": "",
        "k5": "sem número",
        "k6": "٤١١١",
        "k7": "0",
    }
    for id_, numero in escritos.items():
        valor = "null" if numero is None else f"'{numero}'"
        fonte.executar(
            f"insert into cartao (id_cartao, id_conta, numero_cartao)"
            f" select '{id_}', id_conta, {valor} from conta limit 1"
        )
    extrair(armazem_vazio, fonte)
    linhas = armazem_vazio.linhas(
        "select id_cartao, numero_cartao, numero_cartao_token from raw_sicooperative.cartao"
    )
    assert len(linhas) > len(escritos)
    for _, numero, token in linhas:
        digitos = "".join(d for d in numero or "" if d in "0123456789")
        esperado = hmac.new(CHAVE.encode(), digitos.encode(), hashlib.sha256).hexdigest()
        assert token == (esperado if digitos else None)
    tokens = {id_: token for id_, _, token in linhas}
    assert tokens["k1"] == tokens["k2"]
    assert [tokens[k] for k in ("k3", "k4", "k5", "k6")] == [None] * 4


def test_outra_chave_de_cartao_e_recusada_e_aceita_com_new_card_key(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    outra = "another key that nobody knows"
    carga = ("load", "sicooperative", "--dsn", fonte.dsn)
    antes = conteudo(carregado)
    feito = carregado.lastro(*carga, esperado=3, LASTRO_CARD_KEY=outra)
    assert "--new-card-key" in feito.stderr
    assert feito.stdout == ""
    assert conteudo(carregado) == antes
    assert ultima_carga(carregado)[:2] == ("*", "rejeitado")
    sem_segredos([feito.stderr, textos_de_controle(carregado)], [CHAVE, outra])

    feito = carregado.lastro(*carga, "--new-card-key", LASTRO_CARD_KEY=outra)
    agora = na_fonte(fonte)
    cartoes = carregado.linhas(
        "select c.numero_cartao, c.numero_cartao_token, c._operacao"
        " from raw_sicooperative.cartao as c"
        " where c._carga_id = (select max(_carga_id) from raw_sicooperative.cartao)"
    )
    assert len(cartoes) == len(agora["cartao"])
    for numero, token, operacao in cartoes:
        assert token == hmac.new(outra.encode(), numero.encode(), hashlib.sha256).hexdigest()
        assert operacao == "alteracao"
    with pytest.raises(FonteRecusada, match="--new-card-key"):
        extrair(carregado, fonte)
    cargas = extrair(carregado, fonte, {"LASTRO_CARD_KEY": outra})
    assert {c.status for c in cargas.values()} == {"sem_novidade"}


def test_chave_vem_do_arquivo_privado_e_falta_ou_curta_e_erro_claro(
    carregado: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    arquivo = tmp_path / "card.key"
    do_arquivo = {"LASTRO_CARD_KEY": "", "LASTRO_CARD_KEY_FILE": str(arquivo)}
    antes = conteudo(carregado)
    with pytest.raises(LastroError, match="no key for the card-number tokens: set LASTRO_CARD_KEY"):
        extrair(carregado, fonte, do_arquivo)
    with pytest.raises(LastroError, match="shorter than 16 bytes") as curta:
        extrair(carregado, fonte, {"LASTRO_CARD_KEY": "curta demais"})
    assert "curta demais" not in str(curta.value)
    assert ultima_carga(carregado)[:2] == ("*", "erro")
    arquivo.write_text(f"{CHAVE}\n")
    assert {c.status for c in extrair(carregado, fonte, do_arquivo).values()} == {"sem_novidade"}
    assert conteudo(carregado) == antes


def test_chave_e_numero_de_cartao_nao_aparecem_em_lugar_nenhum(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    numeros = [str(li[2]) for li in na_fonte(fonte)["cartao"].values()]
    primeira = armazem_vazio.lastro("load", "sicooperative", "--dsn", fonte.dsn)
    fonte.executar("alter table movimentacao_cartao alter valor_movimentacao type numeric(12,2)")
    recusada = armazem_vazio.lastro("load", "sicooperative", "--dsn", fonte.dsn, esperado=3)
    estado = armazem_vazio.lastro("status", "--json")
    textos = [f.stdout + f.stderr for f in (primeira, recusada, estado)]
    senha = armazem_vazio.servidor.senha
    sem_segredos([*textos, textos_de_controle(armazem_vazio)], [CHAVE, senha, *numeros])
    sem_segredos(textos, [CHAVE[:12]])


# The moment an extraction stands for


def test_as_of_anterior_e_recusado_e_o_mesmo_momento_so_sem_mudanca(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    instante = datetime(2025, 7, 1, 6, tzinfo=UTC)
    cargas = extrair(armazem_vazio, fonte, instante=instante)
    assert {c.extraido_em for c in cargas.values()} == {instante}
    cargas = extrair(armazem_vazio, fonte, instante=instante)
    assert {c.status for c in cargas.values()} == {"sem_novidade"}
    antes = conteudo(armazem_vazio)
    with pytest.raises(FonteRecusada, match=r"before the last one \(2025-07-01 06:00:00 UTC\)"):
        extrair(armazem_vazio, fonte, instante=instante - timedelta(microseconds=1))
    fonte.executar(alterar("valor_movimentacao = 0")(ids_do_dia(fonte)))
    with pytest.raises(FonteRecusada, match=r"movimentacao_cartao changed.* --as-of"):
        extrair(armazem_vazio, fonte, instante=instante)
    assert conteudo(armazem_vazio) == antes
    assert ultima_carga(armazem_vazio)[:2] == ("*", "rejeitado")
    cargas = extrair(armazem_vazio, fonte, instante=instante + timedelta(microseconds=1))
    assert cargas[MOVIMENTACOES].gravadas == 1
    with pytest.raises(FonteRecusada, match=r"no other would be accepted.* Correct --as-of"):
        extrair(armazem_vazio, fonte, instante=datetime.now(UTC) + timedelta(minutes=6))
    assert ultima_carga(armazem_vazio)[:2] == ("*", "rejeitado")
    cargas = extrair(armazem_vazio, fonte)
    assert cargas["associado"].extraido_em > datetime(2026, 1, 1, tzinfo=UTC), "the source's clock"
    confere(armazem_vazio, fonte)
    extrair(armazem_vazio, fonte, instante=datetime.now(UTC) + timedelta(minutes=4))


def test_momento_do_futuro_que_ja_entrou_tem_a_volta_que_a_documentacao_diz(
    carregado: ArmazemDeTeste, fonte: Fonte
) -> None:
    carregado.executar(
        "update controle.cargas set extraido_em = cast('2099-01-01 00:00:00+00' as timestamptz)"
    )
    with pytest.raises(FonteRecusada, match="A moment in the future"):
        extrair(carregado, fonte)
    documento = (PROJETO / "docs" / "operations.md").read_text(encoding="utf-8")
    volta = documento.partition("## A moment in the future")[2].partition("```sql")[2]
    carregado.executar(volta.partition("```")[0])
    confere(carregado, fonte)


def test_as_of_e_utc_onde_nao_diz_o_fuso(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    momentos = [
        ("2025-07-01", "2025-07-01 00:00:00"),
        ("2025-07-01T06:00:00", "2025-07-01 06:00:00"),
        ("2025-07-01T06:00:00-0300", "2025-07-01 09:00:00"),
        ("2025-07-01T10:00:00Z", "2025-07-01 10:00:00"),
    ]
    for escrito, em_utc in momentos:
        assert f"as of {em_utc} UTC" in armazem_vazio.carregar(fonte, escrito)
        [(guardado,)] = armazem_vazio.linhas("select max(extraido_em) from controle.cargas")
        assert guardado == datetime.fromisoformat(em_utc).replace(tzinfo=UTC)


# Tables that shrink, and empty ones


@pytest.mark.nightly_on("postgres")
@pytest.mark.parametrize("tabela", list(TABELAS))
def test_tabela_com_menos_da_metade_e_recusada_salvo_allow_shrink(
    carregado: ArmazemDeTeste, fonte: Fonte, tabela: str
) -> None:
    fonte.executar(SOLTAR_CHAVES_ESTRANGEIRAS)
    chave = TABELAS[tabela].chave_simples
    total = len(na_fonte(fonte)[tabela])
    metade = (total + 1) // 2

    def deixar(quantas: int) -> None:
        fonte.executar(
            f"delete from {tabela} where {chave} not in"
            f" (select {chave} from {tabela} order by {chave} limit {quantas})"
        )

    antes = conteudo(carregado)
    fonte.executar(f"create table guarda as select * from {tabela}")
    deixar(metade - 1)
    with pytest.raises(FonteRecusada, match=rf"{tabela} has {metade - 1} rows.* --allow-shrink"):
        extrair(carregado, fonte)
    assert conteudo(carregado) == antes
    fonte.executar(f"truncate {tabela}; insert into {tabela} select * from guarda")
    deixar(metade)
    assert extrair(carregado, fonte)[tabela].gravadas == total - metade
    fonte.executar(f"truncate {tabela}")
    with pytest.raises(FonteRecusada, match=rf"{tabela} has 0 rows"):
        extrair(carregado, fonte)
    cargas = extrair(carregado, fonte, aceitar_reducao=True)
    assert set(operacoes(carregado, cargas[tabela]).values()) == {"exclusao"}
    assert cargas[tabela].gravadas == metade
    fonte.executar(f"insert into {tabela} select * from guarda")
    cargas = extrair(carregado, fonte)
    assert operacoes(carregado, cargas[tabela]) == {k: "retorno" for k in na_fonte(fonte)[tabela]}
    confere(carregado, fonte)


def test_tabelas_vazias_sao_aceitas_e_depois_enchidas(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    fonte.executar(
        "".join(f"create table guarda_{t} as select * from {t};" for t in TABELAS)
        + f"truncate {', '.join(TABELAS)}"
    )
    for _ in range(2):
        cargas = extrair(armazem_vazio, fonte)
        assert {(c.status, c.lidas, c.linhas_origem) for c in cargas.values()} == {
            ("sem_novidade", 0, 0)
        }
    fonte.executar("".join(f"insert into {t} select * from guarda_{t};" for t in TABELAS))
    assert {c.status for c in extrair(armazem_vazio, fonte).values()} == {"ok"}
    confere(armazem_vazio, fonte)


# What a source may hold


def test_textos_estranhos_chegam_como_sao(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    textos = [
        *(t for t in TEXTOS if t),
        "👩‍👩‍👧‍👦", "e\u0301", "\ufeffBOM", "\u200b", "\u00a0", "\x01\x1f\x7f", "\r\n", "\r",
        "ß \u0130 \u0131", "עברית", "\U0010ffff", "'; drop table associado; --", "$$", "a" * 10_000,
        "é" * 1_000_000,
    ]  # fmt: skip
    with psycopg.connect(fonte.dsn) as conexao, conexao.cursor() as cursor:
        cursor.executemany(
            "insert into associado (id_associado, nome, escolaridade) values (%s, %s, %s)",
            [(t[:200] + str(n), t, t) for n, t in enumerate(textos)],
        )
        cursor.execute("update movimentacao_cartao set descricao_movimentacao = %s", [textos[9]])
        cursor.execute(
            "update conta set agencia = %s where id_conta = (select min(id_conta) from conta)",
            [textos[-1]],
        )
    extrair(armazem_vazio, fonte)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    with psycopg.connect(fonte.dsn) as conexao:
        conexao.execute("update associado set nome = reverse(nome), escolaridade = nome")
    extrair(armazem_vazio, fonte)
    confere(armazem_vazio, fonte)


def test_fonte_em_latin1_chega_em_utf8(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    antiga = fonte_em(fonte, "LATIN1")
    antiga.executar("insert into associado values ('1', 'JOÃO AÇÃO', null, 'viúvo', 'pós')")
    extrair(armazem_vazio, antiga)
    assert no_armazem(armazem_vazio)["associado"] == {"1": ("1", "JOÃO AÇÃO", None, "viúvo", "pós")}
    confere(armazem_vazio, antiga)


def test_tipos_mais_estreitos_que_o_contrato_sao_aceitos(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    fonte.executar(
        "alter table associado alter nome type varchar(200), alter estado_civil type varchar;"
        "alter table movimentacao_cartao alter id_movimentacao_cartao type varchar(40),"
        " alter valor_movimentacao type numeric(9,1),"
        " alter data_movimentacao type timestamp(0)"
    )
    extrair(armazem_vazio, fonte)
    fonte.executar(alterar("valor_movimentacao = 7.5")(ids_do_dia(fonte)))
    assert extrair(armazem_vazio, fonte)[MOVIMENTACOES].gravadas == 1
    confere(armazem_vazio, fonte)


@pytest.mark.parametrize("tipo", ["numeric(12,2)", "numeric(10,3)", "double precision"])
def test_valor_que_pode_nao_caber_no_contrato_e_recusado(
    carregado: ArmazemDeTeste, fonte: Fonte, tipo: str
) -> None:
    fonte.executar(f"alter table movimentacao_cartao alter valor_movimentacao type {tipo}")
    antes = conteudo(carregado)
    with pytest.raises(FonteRecusada) as recusa:
        extrair(carregado, fonte)
    assert (
        f"movimentacao_cartao.valor_movimentacao: is {tipo}, the contract says decimal(10,2)"
    ) in str(recusa.value).replace("numeric(10, 3)", "numeric(10,3)")
    assert conteudo(carregado) == antes
