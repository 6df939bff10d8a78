"""movimento_flat as files: what they hold, and that a reader never finds half of one."""

import csv
import os
import signal
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import oraculo
import pyarrow.parquet as pq
import pytest
from apoio_historia import cenario, cenario_construido
from conftest import BIN, PROJETO, ArmazemDeTeste
from entre_motores import EntreMotores
from oraculo import Esperado, Linha

from loaders.demo import gerador, servidor
from loaders.nucleo.pastas import pasta_de_trabalho

CSV, PARQUET = "movimento_flat.csv", "movimento_flat.parquet"
TEXTOS = (
    "nome_associado", "sobrenome_associado", "des_transacao_movimento", "numero_cartao",
    "nome_impresso_cartao", "tipo_conta",
)  # fmt: skip
PONTOS = ("exportacao.antes_de_mover", "exportacao.entre_arquivos", "exportacao.depois_de_mover")


@pytest.fixture
def construido(lugar: ArmazemDeTeste) -> ArmazemDeTeste:
    """The scenario of the history, built."""
    return cenario_construido(lugar)


def exportar(armazem: ArmazemDeTeste, pasta: Path, *opcoes: str) -> str:
    """`lastro export movimento_flat`; returns what it printed."""
    return armazem.lastro("export", "movimento_flat", "--to", str(pasta), *opcoes).stdout


DESCRICAO = "des_transacao_movimento"


def ler_csv(pasta: Path) -> list[list[str]]:
    """The rows of the CSV file as a program reads them; the first is the header."""
    with (pasta / CSV).open(encoding="utf-8", newline="") as arquivo:
        return list(csv.reader(arquivo, delimiter=";"))


def ler_parquet(pasta: Path) -> list[Linha]:
    """The rows of the Parquet file."""
    tabela = pq.read_table(pasta / PARQUET)
    assert tuple(tabela.column_names) == oraculo.FLAT
    return list(zip(*(coluna.to_pylist() for coluna in tabela.itercolumns()), strict=True))


def celula(coluna: str, valor: Any) -> str:
    """A value as the CSV file writes it."""
    if valor is None:
        return ""
    texto = f"{valor:.2f}" if isinstance(valor, Decimal) else str(valor)
    return f"'{texto}" if coluna in TEXTOS and texto[:1] in ("=", "+", "-", "@") else texto


def conferir(pasta: Path, esperadas: list[Linha]) -> None:
    """Compare both files with the rows they should hold, in order."""
    assert sorted(p.name for p in pasta.iterdir()) == [CSV, PARQUET]
    cabecalho, *linhas = ler_csv(pasta)
    assert tuple(cabecalho) == oraculo.FLAT
    oraculo.iguais("the Parquet file", ler_parquet(pasta), esperadas)
    oraculo.iguais(
        "the CSV file",
        [tuple(linha) for linha in linhas],
        [
            tuple(celula(c, v) for c, v in zip(oraculo.FLAT, linha, strict=True))
            for linha in esperadas
        ],
    )
    for linha in linhas:
        for coluna, texto in zip(cabecalho, linha, strict=True):
            if coluna in TEXTOS:
                assert not texto.startswith(("=", "+", "-", "@", "\t", "\r")), coluna


def em_claro(esperado: Esperado) -> list[Linha]:
    """The expected rows with the numbers of the cards as the source wrote them."""
    numeros = {}
    for extracao in cenario():
        numeros.update({c[0]: c[2] for c in extracao.tabelas["cartao"].values()})
    cartoes = {m.id_movimentacao: m.id_cartao for m in esperado.fact_movimentacao}
    ids = sorted(cartoes, key=str.encode)
    posicao = oraculo.FLAT.index("numero_cartao")
    return [
        (*linha[:posicao], numeros.get(cartoes[id_]), *linha[posicao + 1 :])
        for id_, linha in zip(ids, esperado.movimento_flat, strict=True)
    ]


def test_demonstracao(
    armazem: ArmazemDeTeste,
    postgres: servidor.Servidor,
    modelos_de_fonte: dict[int, str],
    tmp_path: Path,
    entre_motores: EntreMotores,
) -> None:
    extracoes = [
        oraculo.ler_fonte(postgres.dsn(modelos_de_fonte[etapa]), instante)
        for etapa, instante in enumerate(gerador.ETAPAS)
    ]
    esperado = oraculo.calcular(extracoes)
    dito = exportar(armazem, tmp_path)
    assert f"{len(esperado.movimento_flat)} rows" in dito
    conferir(tmp_path, esperado.movimento_flat)
    entre_motores.comparar("demonstration", armazem.motor, {CSV: (tmp_path / CSV).read_bytes()})


@pytest.mark.nightly_on("duckdb")
def test_textos_dificeis_voltam_inteiros(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    esperado = oraculo.calcular(cenario())
    exportar(construido, tmp_path / "pasta" / "nova")
    pasta = tmp_path / "pasta" / "nova"
    conferir(pasta, esperado.movimento_flat)
    cabecalho, *linhas = ler_csv(pasta)
    descricoes = [dict(zip(cabecalho, li, strict=True))[DESCRICAO] for li in linhas]
    for texto in ("'=1+1", "'+5511", "'-9 REAIS", "'@ALGUEM", 'BAR "DO ZÉ"; FILIAL', "'X", "'-1"):
        assert texto in descricoes
    assert '\'=a;"b"\nc' in descricoes, "the movement's id, where the description is blank"
    registros = pq.read_table(pasta / PARQUET).to_pylist()
    assert "=1+1" in [r[DESCRICAO] for r in registros]
    assert {r["numero_cartao"] for r in registros} >= {
        "**** **** **** 1234", "**** **** **** ****", None
    }  # fmt: skip


@pytest.mark.nightly_on("duckdb")
def test_numeros_em_claro_so_quando_pedidos(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    esperado = oraculo.calcular(cenario())
    dito = exportar(construido, tmp_path, "--show-card-numbers")
    conferir(tmp_path, em_claro(esperado))
    assert "4111 1111 1111 1234" in (tmp_path / CSV).read_text(encoding="utf-8")
    assert "4111" not in dito
    exportar(construido, tmp_path)
    assert "4111" not in (tmp_path / CSV).read_text(encoding="utf-8")
    conferir(tmp_path, esperado.movimento_flat)


def exportar_com(armazem: ArmazemDeTeste, mascara: int, *argumentos: str, **outros: str) -> None:
    """`lastro export` by a user of this umask."""
    subprocess.run(
        [str(BIN / "lastro"), "export", *argumentos],
        cwd=PROJETO,
        env={**armazem.ambiente, **outros},
        umask=mascara,
        check=True,
        capture_output=True,
    )


@pytest.mark.nightly_on("duckdb")
def test_em_claro_e_do_dono_e_o_resto_como_o_usuario_quer(
    construido: ArmazemDeTeste, tmp_path: Path
) -> None:
    def modos(pasta: Path = tmp_path) -> set[tuple[str, int]]:
        return {("d" if p.is_dir() else "f", p.stat().st_mode & 0o777) for p in pasta.rglob("*")}

    flat = ("movimento_flat", "--to", str(tmp_path))
    exportar_com(construido, 0o002, *flat)
    assert modos() == {("f", 0o664)}
    exportar_com(construido, 0, *flat, "--show-card-numbers")
    assert modos() == {("f", 0o600)}
    grupo = 4321 if os.geteuid() == 0 else os.getegid()
    exportar_com(construido, 0, *flat, "--show-card-numbers", LASTRO_FILE_GROUP=str(grupo))
    assert modos() == {("f", 0o640)}
    assert {p.stat().st_gid for p in tmp_path.iterdir()} == {grupo}
    exportar_com(construido, 0o027, *flat)
    assert modos() == {("f", 0o640)}
    if os.geteuid() == 0:
        for caminho in tmp_path.iterdir():
            os.chown(caminho, 12345, 23456)
        exportar_com(construido, 0o022, *flat, "--show-card-numbers")
        assert modos() == {("f", 0o600)}
        assert {p.stat().st_uid for p in tmp_path.iterdir()} == {12345}, "it stays its user's"


def test_exportar_de_novo_da_os_mesmos_bytes(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    exportar(construido, tmp_path)
    antes = {nome: (tmp_path / nome).read_bytes() for nome in (CSV, PARQUET)}
    exportar(construido, tmp_path)
    assert {nome: (tmp_path / nome).read_bytes() for nome in (CSV, PARQUET)} == antes


@pytest.mark.nightly_on("postgres")
def test_morte_deixa_arquivos_inteiros(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    nova = tmp_path / "nova"
    exportar(construido, nova, "--show-card-numbers")
    novos = {nome: (nova / nome).read_bytes() for nome in (CSV, PARQUET)}
    for ponto in PONTOS:
        pasta = tmp_path / ponto
        exportar(construido, pasta)
        velhos = {nome: (pasta / nome).read_bytes() for nome in (CSV, PARQUET)}
        morto = construido.lastro(
            "export", "movimento_flat", "--to", str(pasta), "--show-card-numbers",
            esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto,
        )  # fmt: skip
        assert morto.stdout == ""
        trocados = [nome for nome in (CSV, PARQUET) if (pasta / nome).read_bytes() == novos[nome]]
        for nome in (CSV, PARQUET):
            assert (pasta / nome).read_bytes() in (velhos[nome], novos[nome]), f"{ponto}: {nome}"
        assert len(trocados) == PONTOS.index(ponto)
        exportar(construido, pasta, "--show-card-numbers")
        assert {p.name: p.read_bytes() for p in pasta.iterdir()} == novos, ponto


def test_primeira_exportacao_morta_nao_deixa_metade(
    construido: ArmazemDeTeste, tmp_path: Path
) -> None:
    construido.lastro(
        "export", "movimento_flat", "--to", str(tmp_path),
        esperado=-signal.SIGKILL, LASTRO_FAILPOINT=PONTOS[0],
    )  # fmt: skip
    assert not (tmp_path / CSV).exists()
    assert not (tmp_path / PARQUET).exists()
    exportar(construido, tmp_path)
    conferir(tmp_path, oraculo.calcular(cenario()).movimento_flat)


def test_outros_arquivos_da_pasta_ficam(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    (tmp_path / "meu.txt").write_text("meu")
    morta = tmp_path / ".lastro-export-morta"
    morta.mkdir()
    with pasta_de_trabalho(tmp_path, ".lastro-export-") as de_quem_ainda_vive:
        exportar(construido, tmp_path)
        assert de_quem_ainda_vive.exists()
        assert not morta.exists()
    assert (tmp_path / "meu.txt").read_text() == "meu"
    assert not de_quem_ainda_vive.exists()


def test_pasta_que_nao_serve_e_dita(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    arquivo = tmp_path / "arquivo"
    arquivo.write_text("x")
    somente_leitura = tmp_path / "somente_leitura"
    somente_leitura.mkdir()
    somente_leitura.chmod(0o555)
    pastas = [arquivo, arquivo / "dentro"]
    if os.geteuid() != 0:  # whom no mode of a folder stops
        pastas += [somente_leitura, somente_leitura / "dentro"]
    for pasta in pastas:
        feito = construido.lastro("export", "movimento_flat", "--to", str(pasta), esperado=1)
        assert "cannot be written" in feito.stderr
        assert "Traceback" not in feito.stderr
    assert arquivo.read_text() == "x"


def test_armazem_nunca_construido(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    feito = armazem_vazio.lastro("export", "movimento_flat", "--to", str(tmp_path), esperado=6)
    assert "dbt build" in feito.stderr
    assert list(tmp_path.iterdir()) == []


def test_formato_de_cada_celula(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    exportar(construido, tmp_path)
    texto = (tmp_path / CSV).read_bytes()
    assert texto.startswith(";".join(oraculo.FLAT).encode() + b"\n")
    assert not texto.startswith(b"\xef\xbb\xbf")
    colunas = {nome: posicao for posicao, nome in enumerate(oraculo.FLAT)}
    for linha in ler_csv(tmp_path)[1:]:
        assert linha[colunas["data_movimentacao"]][10] == "T"
        assert len(linha[colunas["data_movimentacao"]]) == 19
        assert Decimal(linha[colunas["vlr_transacao_movimento"]]).as_tuple().exponent == -2
        for nome in ("data_criacao_cartao", "data_criacao_conta"):
            assert not linha[colunas[nome]] or date.fromisoformat(linha[colunas[nome]])
    esquema = {c.name: str(c.type) for c in pq.read_schema(tmp_path / PARQUET)}
    assert esquema["vlr_transacao_movimento"] == "decimal128(10, 2)"
    assert esquema["data_criacao_cartao"] == esquema["data_criacao_conta"] == "date32[day]"
    assert esquema["idade_associado"] == "int32"
