"""The demonstration's server and its generated SiCooperativeDB."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from loaders.demo import servidor
from loaders.demo.gerador import ETAPAS, Tamanho, etapa_atual, preencher
from loaders.demo.servidor import Servidor, ServidorError

PEQUENO = Tamanho(associados=200, contas=300, cartoes=450, movimentacoes=4_000)
TABELAS = ("associado", "conta", "cartao", "movimentacao_cartao")
Linhas = dict[str, tuple[object, ...]]
Retrato = dict[str, Linhas]  # the rows of each table by their key


@pytest.fixture(scope="module")
def pasta() -> Iterator[Path]:
    """A folder that every account can enter, so that root's server lies in it."""
    with tempfile.TemporaryDirectory() as nome:
        Path(nome).chmod(0o755)
        yield Path(nome)
        servidor.remover(Path(nome))


@pytest.fixture(scope="module")
def origem(pasta: Path) -> Servidor:
    return servidor.iniciar(pasta)


@pytest.fixture
def banco(origem: Servidor, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Make empty databases of this test's own."""
    nomes = iter(range(10))

    def novo() -> str:
        nome = f"{request.node.name}_{next(nomes)}"
        origem.criar_banco(nome)
        return origem.dsn(nome)

    return novo


@pytest.fixture(scope="module")
def retratos(origem: Servidor) -> list[Retrato]:
    """The small database at each stage."""
    origem.criar_banco("retratos")
    dsn = origem.dsn("retratos")
    vistos = []
    for etapa in range(len(ETAPAS)):
        preencher(dsn, etapa, PEQUENO)
        vistos.append(retrato(dsn))
    return vistos


def retrato(dsn: str) -> Retrato:
    with psycopg.connect(dsn) as conexao:
        return {
            tabela: {str(linha[0]): linha for linha in conexao.execute(f"table {tabela}")}
            for tabela in TABELAS
        }


def contar(dsn: str, consulta: str) -> int:
    with psycopg.connect(dsn) as conexao:
        linha = conexao.execute(consulta).fetchone()
    assert linha is not None
    return int(linha[0])


def coluna(linhas: Linhas, posicao: int) -> dict[str, object]:
    return {chave: linha[posicao] for chave, linha in linhas.items()}


def pid_do_servidor(pasta: Path) -> int:
    return int((pasta / "servidor" / "dados" / "postmaster.pid").read_text().split()[0])


def test_servidor_e_o_mesmo_quando_ja_roda(origem: Servidor, pasta: Path) -> None:
    pid = pid_do_servidor(pasta)
    assert servidor.iniciar(pasta) == origem
    assert pid_do_servidor(pasta) == pid
    assert contar(origem.dsn(), "select 1") == 1


def test_senha_e_exigida_e_fica_escondida(origem: Servidor, pasta: Path) -> None:
    assert stat.S_IMODE((pasta / "servidor" / "senha").stat().st_mode) == 0o600
    assert origem.senha not in repr(origem)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(origem.dsn().replace(origem.senha, "outra"))


def test_servidor_sobrevive_a_kill_9(origem: Servidor, pasta: Path) -> None:
    os.kill(pid_do_servidor(pasta), signal.SIGKILL)
    assert servidor.iniciar(pasta) == origem
    assert contar(origem.dsn(), "select 1") == 1


def test_servidor_passa_por_cima_de_pid_de_outro_processo(tmp_path: Path) -> None:
    try:
        primeiro = servidor.iniciar(tmp_path)
        primeiro.parar()
        (tmp_path / "servidor" / "dados" / "postmaster.pid").write_text(f"{os.getpid()}\n")
        assert contar(servidor.iniciar(tmp_path).dsn(), "select 1") == 1
    finally:
        servidor.remover(tmp_path)
    assert not (tmp_path / "servidor").exists()


def test_servidor_sobrevive_a_quem_o_iniciou_e_refaz_instalacao_pela_metade(tmp_path: Path) -> None:
    resto = tmp_path / ".servidor-novo" / "dados"
    resto.mkdir(parents=True)
    (resto / "PG_VERSION").write_text("18\n")
    programa = (
        "import sys, pathlib, loaders.demo.servidor as s; s.iniciar(pathlib.Path(sys.argv[1]))"
    )
    try:
        subprocess.run([sys.executable, "-c", programa, str(tmp_path)], check=True)
        pid = pid_do_servidor(tmp_path)
        assert contar(servidor.iniciar(tmp_path).dsn(), "select 1") == 1
        assert pid_do_servidor(tmp_path) == pid
        assert servidor.parar(tmp_path)
        assert not servidor.parar(tmp_path)
    finally:
        servidor.remover(tmp_path)


def test_servidor_que_nao_parte_diz_por_que(tmp_path: Path) -> None:
    try:
        servidor.iniciar(tmp_path).parar()
        (tmp_path / "servidor" / "dados" / "PG_VERSION").write_text("9.6\n")
        with pytest.raises(ServidorError, match="not compatible"):
            servidor.iniciar(tmp_path)
    finally:
        servidor.remover(tmp_path)


def test_gerador_e_deterministico(banco: Callable[[], str], retratos: list[Retrato]) -> None:
    dsn = banco()
    for etapa, esperado in enumerate(retratos):
        preencher(dsn, etapa, PEQUENO)
        assert retrato(dsn) == esperado
        preencher(dsn, etapa, PEQUENO)
        assert retrato(dsn) == esperado


def test_gerador_passa_pelas_etapas_do_meio(
    banco: Callable[[], str], retratos: list[Retrato]
) -> None:
    dsn = banco()
    assert etapa_atual(dsn) is None
    preencher(dsn, 2, PEQUENO)
    assert etapa_atual(dsn) == 2
    assert retrato(dsn) == retratos[2]


def test_gerador_recusa_voltar_ou_misturar(banco: Callable[[], str]) -> None:
    dsn = banco()
    preencher(dsn, 1, PEQUENO)
    with pytest.raises(ValueError, match="at stage 1 already"):
        preencher(dsn, 0, PEQUENO)
    with pytest.raises(ValueError, match="was made with"):
        preencher(dsn, 2, PEQUENO, semente=8)
    with pytest.raises(ValueError, match="no stage 3"):
        preencher(dsn, 3, PEQUENO)
    assert etapa_atual(dsn) == 1


def test_etapa_interrompida_nao_deixa_rastro(
    banco: Callable[[], str], retratos: list[Retrato], monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = banco()
    preencher(dsn, 0, PEQUENO)
    with monkeypatch.context() as remendo:
        remendo.setattr("loaders.demo.gerador._PRENDER", "select 1 / 0")
        with pytest.raises(psycopg.errors.DivisionByZero):
            preencher(dsn, 1, PEQUENO)
    assert etapa_atual(dsn) == 0
    assert retrato(dsn) == retratos[0]
    preencher(dsn, 1, PEQUENO)
    assert retrato(dsn) == retratos[1]


def test_tamanho_da_demonstracao(banco: Callable[[], str]) -> None:
    dsn = banco()
    preencher(dsn, 2)
    assert contar(dsn, "select count(*) from associado") >= 2_000
    assert contar(dsn, "select count(*) from conta") >= 3_000
    assert contar(dsn, "select count(*) from cartao") >= 4_500
    assert contar(dsn, "select count(*) from movimentacao_cartao") >= 200_000
    meses = "select count(distinct date_trunc('month', data_movimentacao)) from movimentacao_cartao"
    assert contar(dsn, meses) == 24
    antes = (
        "select count(*) from movimentacao_cartao join cartao using (id_cartao)"
        " where data_movimentacao < data_emissao"
    )
    assert contar(dsn, antes) == 0


@pytest.mark.parametrize("posicao", [1, 2, 3, 4])
@pytest.mark.parametrize("etapa", [1, 2])
def test_cada_campo_do_associado_muda(retratos: list[Retrato], etapa: int, posicao: int) -> None:
    antes, depois = (coluna(retratos[e]["associado"], posicao) for e in (etapa - 1, etapa))
    assert any(antes[chave] != depois[chave] for chave in antes.keys() & depois.keys())


@pytest.mark.parametrize("posicao", [3, 4])
def test_ha_idas_e_voltas_e_textos_so_redigitados(retratos: list[Retrato], posicao: int) -> None:
    def igual(a: object, b: object) -> bool:
        return str(a or "").strip().upper() == str(b or "").strip().upper()

    a, b, c = (coluna(retrato["associado"], posicao) for retrato in retratos)
    sempre = a.keys() & b.keys() & c.keys()
    assert any(a[k] == c[k] and not igual(a[k], b[k]) for k in sempre)
    assert any(a[k] != b[k] and igual(a[k], b[k]) for k in sempre)


def test_associados_chegam_saem_e_voltam_com_conta_e_cartao(retratos: list[Retrato]) -> None:
    for tabela in ("associado", "conta", "cartao"):
        a, b, c = (retrato[tabela].keys() for retrato in retratos)
        assert b - a and c - b, "new ones at each stage"
        assert (a - b) - c, "gone for good"
        assert (a - b) & c, "gone and back"


@pytest.mark.parametrize("etapa", [1, 2])
def test_movimentacoes_atrasam_mudam_e_somem(retratos: list[Retrato], etapa: int) -> None:
    antes, depois = (retratos[e]["movimentacao_cartao"] for e in (etapa - 1, etapa))
    comuns = antes.keys() & depois.keys()
    inicio = ETAPAS[etapa - 1].replace(hour=0, tzinfo=None)
    datas = coluna(depois, 4)
    novas = [data for k in depois.keys() - antes.keys() if isinstance(data := datas[k], datetime)]
    assert any(data < inicio for data in novas)
    assert any(data >= inicio for data in novas)
    assert any(antes[k][3] != depois[k][3] for k in comuns)
    assert any(antes[k][1] in retratos[etapa]["cartao"] for k in antes.keys() - depois.keys())
    if etapa == 1:
        donos = {antes[k][1] for k in antes.keys() - depois.keys()}
        assert donos - retratos[1]["cartao"].keys(), "movements of cards that are gone"
    assert list(depois) != sorted(depois)


def test_numeros_de_cartao_passam_no_luhn_e_sao_unicos(retratos: list[Retrato]) -> None:
    numeros = [str(linha[2]) for linha in retratos[2]["cartao"].values()]
    assert len(set(numeros)) == len(numeros)
    for numero in numeros:
        algarismos = [int(a) * (2 - i % 2) for i, a in enumerate(numero)]
        assert len(numero) == 16
        assert sum(sum(divmod(a, 10)) for a in algarismos) % 10 == 0
