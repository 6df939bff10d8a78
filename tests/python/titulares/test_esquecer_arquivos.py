"""Delivered files of every form lose the person, and keep each line and every other byte."""

import gzip
import io
import os
import stat
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from apoio_arquivos import FATURAS, PAGAMENTOS
from apoio_s3 import balde, s3

from loaders.extracao.arquivos.locais import Local
from loaders.titulares.arquivos import apagar_em, chaves_em, procurar_em
from loaders.titulares.trocas import Trocas

__all__ = ["balde", "s3"]

TROCAS = Trocas(
    "pod_cartoes",
    "a secret",
    {"id_cliente": {"C1", "José 7", "35"}, "id_fatura": {"1-11"}, "id_pagamento": {"P1"}},
)
C1, C35, F1, P1 = (
    TROCAS.token(coluna, valor)
    for coluna, valor in (
        ("id_cliente", "C1"),
        ("id_cliente", "35"),
        ("id_fatura", "1-11"),
        ("id_pagamento", "P1"),
    )
)
DATAS = "2024-01-05,2024-02-05,10.50,1.05"
LINHA = f"{F1},{C1},{DATAS}\n"
DE_OUTRO = f"11-1,C11,{DATAS}\n"


def esquecer(pasta: Path, nome: str, conteudo: bytes) -> tuple[bytes, int]:
    """The file's bytes afterwards, and how many lines named somebody."""
    (pasta / nome).parent.mkdir(exist_ok=True)
    (pasta / nome).write_bytes(conteudo)
    antes = (pasta / nome).stat()
    local = Local(str(pasta))
    trocas = TROCAS.com(chaves_em([local], TROCAS))
    reescritos, nao_pesquisados = apagar_em(local, trocas, lambda _: None)
    assert not nao_pesquisados
    assert (pasta / nome).stat().st_mode == antes.st_mode
    assert not list(pasta.rglob(".lastro*"))
    assert not list(procurar_em(local, trocas, nao_pesquisados))
    assert not nao_pesquisados
    return (pasta / nome).read_bytes(), sum(a.linhas for a in reescritos)


CASOS = {
    "plain": (f"{FATURAS}\n1-11,C1,{DATAS}\n{DE_OUTRO}", f"{FATURAS}\n{LINHA}{DE_OUTRO}", 1),
    "no line end at the end": (f"{FATURAS}\n1-11,C1,{DATAS}", f"{FATURAS}\n{LINHA[:-1]}", 1),
    "CRLF": (
        f"{FATURAS}\r\n1-11,C1,{DATAS}\r\n{DE_OUTRO}",
        f"{FATURAS}\r\n{LINHA[:-1]}\r\n{DE_OUTRO}",
        1,
    ),
    "mark": (f"\ufeff{FATURAS}\n1-11,C1,{DATAS}\n", f"\ufeff{FATURAS}\n{LINHA}", 1),
    "quoted": (f'{FATURAS}\n"1-11","C1",{DATAS}\n', f"{FATURAS}\n{LINHA}", 1),
    "the separator said first": (
        f"sep=,\n{FATURAS}\n1-11,C1,{DATAS}\n{DE_OUTRO}",
        f"sep=,\n{FATURAS}\n{LINHA}{DE_OUTRO}",
        1,
    ),
    "a last column without a name": (
        f"{FATURAS},\n1-11,C1,{DATAS},\n{DE_OUTRO}",
        f"{FATURAS},\n{LINHA[:-1]},\n{DE_OUTRO}",
        1,
    ),
    "a separator at the end": (
        f"{FATURAS}\n1-11,C1,{DATAS},\n",
        f"{FATURAS}\n{LINHA[:-1]},\n",
        1,
    ),
    "semicolons": (
        f"{FATURAS}\n1-11,C1,{DATAS}\n".replace(",", ";"),
        f"{FATURAS}\n{LINHA}".replace(",", ";"),
        1,
    ),
    "a line with another separator in it": (
        f"{FATURAS}\n2-22,C1,2024-01-05;2024-02-05,10.50,1.05\n{DE_OUTRO}",
        f"{FATURAS}\n,{C1},;,,\n{DE_OUTRO}",
        1,
    ),
    "an amount that looks like an id": (
        f"{FATURAS}\n2-22,C2,2024-01-05,2024-02-05,1-11,C1\n",
        f"{FATURAS}\n2-22,C2,2024-01-05,2024-02-05,1-11,C1\n",
        0,
    ),
    "an invoice that raw does not know": (
        f"{FATURAS}\n9-99,C1,{DATAS}\n",
        f"{FATURAS}\n{TROCAS.token('id_fatura', '9-99')},{C1},{DATAS}\n",
        1,
    ),
    "a payment of somebody else for the invoice": (
        f"{PAGAMENTOS}\nP2,1-11,C2,2024-02-01,1.00\nP1,9-99,C1,2024-02-01,1.00\n",
        f"{PAGAMENTOS}\nP2,{F1},C2,2024-02-01,1.00\n"
        f"{P1},{TROCAS.token('id_fatura', '9-99')},{C1},2024-02-01,1.00\n",
        2,
    ),
    "a line that is no row": (
        f"{FATURAS}\n1-11,C1,2024-01-05\nC1;C11;C1-1\n",
        f"{FATURAS}\n{F1},{C1},\n{C1};;\n",
        2,
    ),
    "an unclosed quote": (f'{FATURAS}\n"1-11,C1,{DATAS}\n', f'{FATURAS}\n"{F1},{C1},,,,\n', 1),
    "an id with a space": (
        f"{FATURAS}\n2-22,José 7,{DATAS}\nJosé 7\n",
        f"{FATURAS}\n{TROCAS.token('id_fatura', '2-22')},"
        f"{TROCAS.token('id_cliente', 'José 7')},{DATAS}\n{TROCAS.token('id_cliente', 'José 7')}\n",
        2,
    ),
    "another header": ("nome,valor\nC1,C1\n", f"nome,valor\n{C1},{C1}\n", 1),
    "no header": (f"1-11,C1,{DATAS}\n{DE_OUTRO}", f"{F1},{C1},,,,\n{DE_OUTRO}", 1),
    "no header, and an amount that begins like an id": (
        "C2;35,00\nC1;35,00\nC2;C1,35,00\n",
        f"C2;35,00\n{C1};\n;{C1},{C35},\n",
        2,
    ),
    "CR alone": (
        f"{FATURAS}\r1-11,C1,{DATAS}\r{DE_OUTRO[:-1]}\r",
        f"{FATURAS}\r{LINHA[:-1]}\r{DE_OUTRO[:-1]}\r",
        1,
    ),
    "only a header": (f"{FATURAS}\n", f"{FATURAS}\n", 0),
    "empty": ("", "", 0),
}


@pytest.mark.parametrize("caso", CASOS)
def test_cada_linha_fica_sem_a_pessoa(tmp_path: Path, caso: str) -> None:
    antes, depois, linhas = CASOS[caso]
    nome = "tb_faturas_202401.csv"
    assert esquecer(tmp_path, nome, antes.encode()) == (depois.encode(), linhas)


@pytest.mark.parametrize("codificacao", ["latin-1", "utf-16", "utf-16-le"])
def test_em_outra_codificacao(tmp_path: Path, codificacao: str) -> None:
    antes = f"{FATURAS}\n1-11,C1,{DATAS}\n2-22,Ávila,{DATAS}\n2-23,José 7,{DATAS}\n"
    obtido, linhas = esquecer(
        tmp_path, "quarentena/3-tb_faturas_202401.csv", antes.encode(codificacao)
    )
    texto = obtido.decode(codificacao)
    assert linhas == 2
    assert texto.splitlines()[:3] == [FATURAS, LINHA[:-1], f"2-22,Ávila,{DATAS}"]


def test_em_varias_codificacoes(tmp_path: Path) -> None:
    """Each line in its own: Latin-1, Windows-1252, UTF-8."""
    trocas = Trocas("pod_cartoes", "a secret", {"id_cliente": {"José 7", "Z…"}, "id_fatura": set()})
    linhas = (("José 7", "latin-1"), ("Z…", "cp1252"), ("José 7", "utf-8"), ("É", "latin-1"))
    entregue = tmp_path / "tb_faturas_202401.csv"
    entregue.write_bytes(
        b"".join(
            [f"{FATURAS}\n".encode()]
            + [f"{n},{id_},{DATAS}\n".encode(forma) for n, (id_, forma) in enumerate(linhas)]
        )
    )
    (feito,), _ = apagar_em(Local(str(tmp_path)), trocas, lambda _: None)
    ids = [linha.split(b",")[1] for linha in entregue.read_bytes().splitlines()[1:]]
    tokens = [trocas.token("id_cliente", id_).encode() for id_, _ in linhas[:3]]
    assert (feito.linhas, ids) == (3, [*tokens, "É".encode("latin-1")])


def test_em_zip(tmp_path: Path) -> None:
    def comprimir(*membros: str) -> bytes:
        destino = io.BytesIO()
        with zipfile.ZipFile(destino, "w", zipfile.ZIP_DEFLATED) as aberto:
            for membro in membros:
                aberto.writestr(zipfile.ZipInfo(membro, (2024, 2, 1, 9, 0, 0)), CASOS["plain"][0])
        return destino.getvalue()

    obtido, linhas = esquecer(tmp_path, "tb_faturas_202401.csv.zip", comprimir("x/y.csv"))
    with zipfile.ZipFile(io.BytesIO(obtido)) as aberto:
        assert aberto.namelist() == ["x/y.csv"]
        assert aberto.read("x/y.csv").decode() == CASOS["plain"][1]
    assert linhas == 1
    assert esquecer(tmp_path, "tb_faturas_202401.csv.zip", comprimir("x/y.csv"))[0] == obtido
    (tmp_path / "tb_faturas_202402.zip").write_bytes(comprimir("a.csv", "b.csv"))
    (dito,) = apagar_em(Local(str(tmp_path)), TROCAS, lambda _: None)[1]
    assert dito.startswith("tb_faturas_202402.zip (it is a zip of 2 files")


@pytest.mark.parametrize("nome", ["tb_faturas_202401.csv.gz", "TB_FATURAS_202401.CSV.ZST"])
def test_comprimida(tmp_path: Path, nome: str) -> None:
    forma = "gzip" if nome.lower().endswith("gz") else "zstd"

    def comprimir(texto: str) -> bytes:
        destino = pa.BufferOutputStream()
        with pa.CompressedOutputStream(destino, forma) as fluxo:
            fluxo.write(texto.encode())
        return destino.getvalue().to_pybytes()

    obtido, linhas = esquecer(tmp_path, nome, comprimir(CASOS["plain"][0]))
    assert (obtido, linhas) == (comprimir(CASOS["plain"][1]), 1)
    # The same again: an erasure that was killed finds the bytes that it announced.
    assert esquecer(tmp_path, nome, comprimir(CASOS["plain"][0]))[0] == obtido


def test_o_que_nao_se_le_e_dito_e_o_resto_vai_em_frente(tmp_path: Path) -> None:
    inteiro = gzip.compress(CASOS["plain"][0].encode() * 1000)
    (tmp_path / "tb_faturas_202401.csv.gz").write_bytes(inteiro[: len(inteiro) // 2])
    (tmp_path / "tb_faturas_202402.csv").write_text(CASOS["plain"][0])
    alheios = {"notas.bin": b"C1\x00\xff", "vendas.csv": b"caneta,C1\n"}
    for nome, conteudo in alheios.items():
        (tmp_path / nome).write_bytes(conteudo)
    reescritos, nao_pesquisados = apagar_em(Local(str(tmp_path)), TROCAS, lambda _: None)
    assert [a.nome for a in reescritos] == ["tb_faturas_202402.csv"]
    (um,) = nao_pesquisados
    assert um.startswith("tb_faturas_202401.csv.gz (")
    assert {nome: (tmp_path / nome).read_bytes() for nome in alheios} == alheios


def test_o_que_chega_enquanto_se_apaga_nao_se_perde(tmp_path: Path) -> None:
    entregue = tmp_path / "tb_faturas_202401.csv"
    entregue.write_text(CASOS["plain"][0])
    vezes = []

    def crescer(_: object) -> None:
        if not vezes:
            entregue.write_text(CASOS["plain"][0] + DE_OUTRO)
        vezes.append(1)

    reescritos, nao_pesquisados = apagar_em(Local(str(tmp_path)), TROCAS, crescer)
    assert (len(vezes), len(reescritos), nao_pesquisados) == (2, 1, [])
    assert entregue.read_text() == CASOS["plain"][1] + DE_OUTRO


def test_o_dono_fica(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root gives files away")
    entregue = tmp_path / "tb_faturas_202401.csv"
    entregue.write_text(CASOS["plain"][0])
    os.chown(entregue, 12345, 23456)
    entregue.chmod(0o640)
    apagar_em(Local(str(tmp_path)), TROCAS, lambda _: None)
    lido = entregue.stat()
    assert (lido.st_uid, lido.st_gid, stat.S_IMODE(lido.st_mode)) == (12345, 23456, 0o640)
    assert entregue.read_text() == CASOS["plain"][1]


def test_no_s3(balde: tuple[str, object]) -> None:
    endereco, sistema = balde
    nome = f"{endereco}/tb_faturas_202401.csv"
    sistema.pipe_file(nome, CASOS["plain"][0].encode())  # type: ignore[attr-defined]
    recusada = f"{endereco}/quarentena/tb_faturas_9.csv"
    sistema.pipe_file(recusada, b"C1\n")  # type: ignore[attr-defined]
    reescritos, _ = apagar_em(Local(endereco), TROCAS, lambda _: None)
    assert [a.nome for a in reescritos] == ["tb_faturas_202401.csv", "quarentena/tb_faturas_9.csv"]
    assert sistema.cat_file(nome).decode() == CASOS["plain"][1]  # type: ignore[attr-defined]
