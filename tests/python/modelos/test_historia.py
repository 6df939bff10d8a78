"""History: what the star schema holds after any sequence of extractions, against the oracle.

One scenario holds every rule of the history, each on rows of its own, amid a crowd that changes at
random. It is built twice: step by step, as extractions come, and all at once; and rebuilt from raw.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import oraculo
import pytest
from apoio_historia import (
    DA_BASE,
    DO_CENARIO,
    INSTANTES,
    LONGO,
    MEXER,
    Multidao,
    Mundo,
    carregar,
    cenario,
    cenario_construido,
    construir,
    fonte_sem_amarras,
    nucleo,
)
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste, Fonte
from oraculo import DoAssociado, DoMovimento, Esperado, Extracao, Linha

from loaders.demo import gerador, servidor

REFEITOS = ("--select", "+dim_associado +fact_movimentacao dim_conta dim_cartao")
"""What must come out of a rebuild as it was."""


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


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("numero", [1, 2, 5, 6])
@pytest.mark.parametrize("tabela", list(Esperado.__annotations__))
def test_cada_estado_e_o_que_o_oraculo_calcula(passos: Passos, numero: int, tabela: str) -> None:
    esperado = oraculo.calcular(cenario()[:numero])
    oraculo.iguais(tabela, getattr(passos.leituras[numero], tabela), getattr(esperado, tabela))


@pytest.mark.nightly_on("duckdb")
def test_tudo_de_uma_vez_e_o_que_o_oraculo_calcula(lugar: ArmazemDeTeste) -> None:
    oraculo.conferir(cenario_construido(lugar), cenario())


@pytest.mark.nightly_on("duckdb")
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


def _versoes(leitura: Esperado, id_associado: str) -> list[DoAssociado]:
    return [v for v in leitura.dim_associado if v.id_associado == id_associado]


def _movimento(leitura: Esperado, id_movimentacao: str) -> DoMovimento:
    (achado,) = [m for m in leitura.fact_movimentacao if m.id_movimentacao == id_movimentacao]
    return achado


def _versao_de(leitura: Esperado, id_movimentacao: str) -> tuple[str, int]:
    achado = _movimento(leitura, id_movimentacao)
    return achado.id_associado, achado.versao


def _chaves_de(leitura: Esperado, id_movimentacao: str) -> tuple[str, str, str]:
    achado = _movimento(leitura, id_movimentacao)
    return achado.id_associado, achado.id_conta, achado.id_cartao


@pytest.mark.nightly_on("duckdb")
def test_o_cenario_mostra_cada_regra(passos: Passos) -> None:
    """The rules by name, so that the oracle itself is not all that says them."""
    depois = passos.leituras[6]
    t3, t4 = (instante.replace(tzinfo=None) for instante in INSTANTES[2:4])
    civis = [(v.estado_civil, v.valido_de, v.valido_ate) for v in _versoes(depois, "A-VAI-E-VOLTA")]
    fim = datetime(9999, 12, 31)
    # Born on 5 May: a birthday falls between the second extraction and the third.
    assert civis == [
        ("SOLTEIRO", datetime(1900, 1, 1), t3),
        ("CASADO", t3, t4),
        ("SOLTEIRO", t4, fim),
    ]
    assert [(v.valido_ate, v.ativo, v.versao) for v in _versoes(depois, "A-SAI")] == [
        (t3, False, 1)
    ]
    saiu, voltou = _versoes(depois, "A-SAI-E-VOLTA")
    assert (saiu.valido_ate, saiu.ativo) == (t3, False)
    assert (voltou.valido_de, voltou.valido_ate, voltou.ativo) == (t4, fim, True)
    assert _versao_de(depois, "M-NO-VAO") == ("A-SAI-E-VOLTA", 1)
    assert _versao_de(depois, "M-DEPOIS-DE-VOLTAR") == ("A-SAI-E-VOLTA", 2)
    assert _versao_de(depois, "M-DEPOIS-DE-SAIR") == ("A-SAI", 1)
    assert [v.idade for v in _versoes(passos.leituras[2], "A-BISSEXTO")] == [22, 23]
    assert [v.idade for v in _versoes(depois, "A-BISSEXTO")] == [22, 23, 24]
    assert [v.idade for v in _versoes(passos.leituras[2], "A-DE-MARCO")] == [32, 33]
    assert [v.idade for v in _versoes(passos.leituras[2], "A-DIA-DOIS")] == [32]
    assert len(_versoes(depois, "A-CORRIGIDO")) == 2, "a birthday; no version for a correction"
    assert {(v.nome, v.sobrenome, v.nascimento) for v in _versoes(depois, "A-CORRIGIDO")} == {
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


@pytest.mark.nightly_on("duckdb")
def test_aniversario_abre_versao_numa_extracao_sem_novidade(passos: Passos) -> None:
    segundo = INSTANTES[1].replace(tzinfo=None)
    assert {status for quando, _, status in passos.cargas if quando == segundo} == {"sem_novidade"}
    assert any(v.valido_de == segundo for v in passos.leituras[2].dim_associado)


@pytest.mark.nightly_on("duckdb")
def test_construir_com_varias_extracoes_recusa_e_nada_muda(passos: Passos) -> None:
    assert "3 extractions" in passos.recusa
    assert "lastro snapshot" in passos.recusa
    assert passos.depois_da_recusa == passos.antes_da_recusa


@pytest.mark.nightly_on("duckdb")
def test_construir_de_novo_nao_muda_linha_nenhuma(passos: Passos) -> None:
    assert "core.fact_movimentacao" in passos.ultima
    assert passos.repetida == passos.ultima


@pytest.mark.nightly_on("duckdb")
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


@pytest.mark.slow
def test_construir_num_armazem_vazio(armazem_vazio: ArmazemDeTeste) -> None:
    if armazem_vazio.motor == "duckdb":
        pytest.skip("on the engine that is stricter about types; the next test builds on this one")
    armazem_vazio.dbt("build", *SEM_TESTES)
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


@pytest.mark.nightly_on("duckdb")
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
    dias = "{data_referencia: 2025-09-01, ref_datas: [2025-09-01]}"
    armazem.dbt("build", *SEM_TESTES, "--vars", dias, **caixa)
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
