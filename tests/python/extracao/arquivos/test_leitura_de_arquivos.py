"""The readers against a plain one that takes each line by itself, on random files cut anywhere."""

import csv
import io
import random
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from apoio_arquivos import conferir, estados, faturas, pagamentos, receber
from apoio_contratos import com_contratos
from conftest import ArmazemDeTeste

from loaders import PROJETO, contratos
from loaders.extracao.arquivos import leitura, recebimento
from loaders.extracao.arquivos.descompressao import Descompressao
from loaders.extracao.arquivos.formas import BRASILEIRA, ISO, PONTO, VIRGULA, Evidencia
from loaders.extracao.arquivos.leitura import LinhasEngolidas, ler
from loaders.extracao.arquivos.recebido import Recebido
from loaders.nucleo.erros import FonteRecusada, LastroError

COLUNAS = ["a", "b", "c"]
PEDACOS = {
    "plain": ["x", "10", "é", ",", ",", ",", "\n", "\n", ";", " "],
    "quotes": ["x", "10", '"', '"', '","', '"\n"', ",", ",", "\n", '""'],
    "quoted": ['"x"', '"1,0"', '""', ",", ",", "\n", "\n", "y"],
    "anything": ["x", '"', ",", ",", "\n", "\n\n", "\r\n", "\r", "\0", "\t", "é", "\x1b"],
}
Achado = tuple[dict[int, tuple[str, ...]], set[int]]


def linha_a_linha(texto: str) -> Achado:
    """What the rows and rejects are, by taking each line by itself."""
    linhas, rejeitadas = {}, set()
    for numero, linha in enumerate(texto.replace("\r\n", "\n").split("\n"), 1):
        if numero == 1 or not linha:
            continue
        try:
            (campos,) = csv.reader([linha], strict=True)
        except (csv.Error, ValueError):
            campos = []
        if len(campos) == len(COLUNAS) and not re.search(r"[\x00-\x08\x0b-\x1f]", linha):
            linhas[numero] = tuple(campos)
        else:
            rejeitadas.add(numero)
    return linhas, rejeitadas


def lido(recebido: Recebido) -> Achado:
    linhas: dict[int, tuple[str, ...]] = {}
    rejeitadas: Counter[int] = Counter()
    for lote in ler(recebido, ",", COLUNAS, COLUNAS, lambda n, *_: rejeitadas.update([n])):
        for *campos, numero in zip(*(c.to_pylist() for c in lote.columns), strict=True):
            assert numero not in linhas
            linhas[numero] = tuple(campos)
    assert set(rejeitadas.values()) <= {1}
    return linhas, set(rejeitadas)


@pytest.mark.parametrize("pedacos", PEDACOS.values(), ids=PEDACOS)
@pytest.mark.parametrize("codificacao", ["utf-8", "latin-1"])
def test_da_o_mesmo_que_linha_a_linha(
    pedacos: list[str], codificacao: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recebimento, "BLOCO", 23)
    monkeypatch.setattr(leitura, "BLOCO", 400)
    sorteio = random.Random(7)
    de_novo = 0
    for _ in range(150):
        texto = "a,b,c\n" + "".join(sorteio.choices(pedacos, k=sorteio.randint(1, 150)))
        texto = texto.rstrip("\r")  # half a line end at the end is one
        recebido = receber(tmp_path / "copia", texto.encode(codificacao))
        if recebido.problema or not recebido.lidas:
            continue
        try:
            achado = lido(recebido)
        except LinhasEngolidas:
            de_novo += 1
            recebido.so_ao_redor = False
            achado = lido(recebido)
        assert achado == linha_a_linha(texto), repr(texto)
        assert recebido.lidas == sum(map(len, achado))
    assert de_novo < 15


def test_numero_da_linha_onde_quase_todas_sao_rejeitadas(tmp_path: Path) -> None:
    texto = "a,b,c\n" + "".join("1,2,3\n" if n % 7 == 0 else "x\n" for n in range(200_000))
    recebido = receber(tmp_path / "copia", texto.encode())
    assert recebido.simples
    linhas, rejeitadas = lido(recebido)
    assert set(linhas) == {n + 2 for n in range(0, 200_000, 7)}
    assert len(linhas) + len(rejeitadas) == 200_000


@pytest.mark.parametrize(
    ("valores", "forma"),
    [
        (["1", "-2", ""], PONTO),
        (["1.5", "1,25", "1,5"], VIRGULA),
        (["1.234,5", "1.5", "1.234", "1.234"], None),
        (["1.234"], None),
        (["1.234", "12.345.678"], VIRGULA),
        (["1.234", "0.1"], PONTO),
        (["1234,567", "1,234.5", "1e3", "1.", ",5", "+1.0"], PONTO),
        ([" 1,5 "], VIRGULA),
    ],
)
def test_forma_dos_valores(valores: list[str], forma: str | None) -> None:
    evidencia = Evidencia(["v"], [])
    for valor in valores:
        evidencia.observar(pa.record_batch({"v": pa.array([valor])}))
    junta = Evidencia(["v"], [])
    junta.observar(pa.record_batch({"v": pa.array(valores)}))
    assert evidencia.decimais == junta.decimais
    if forma is None:
        with pytest.raises(FonteRecusada, match="--decimal"):
            junta.forma_decimal(None)
        assert junta.forma_decimal(VIRGULA) == VIRGULA
    else:
        assert junta.forma_decimal(None) == forma


def test_forma_das_datas() -> None:
    evidencia = Evidencia([], ["d", "e"])
    assert evidencia.forma_data() == ISO
    lote = {"d": pa.array(["01/02/2024", "1/2/24"]), "e": pa.array(["01/02/2024", "2024-01-01"])}
    evidencia.observar(pa.record_batch(lote))
    assert evidencia.forma_data() == BRASILEIRA
    evidencia.observar(pa.record_batch({"d": pa.array(["2024-01-01"]), "e": pa.array([""])}))
    with pytest.raises(FonteRecusada, match="as many days"):
        evidencia.forma_data()


# One line, "a,b", and another without an end, "1,2", as the program zstd compresses them.
COM_SOMA = bytes.fromhex("28b52ffd2407390000612c620a312c32e2060c42")
SEM_SOMA = bytes.fromhex("28b52ffd0058390000612c620a312c32")
PULADO = bytes.fromhex("502a4d1803000000") + b"abc"


@pytest.mark.parametrize("bloco", [1, 3, 1000])
@pytest.mark.parametrize(
    ("quadros", "provada"),
    [
        ((COM_SOMA,), True),
        ((SEM_SOMA,), False),
        ((COM_SOMA, COM_SOMA), True),
        ((COM_SOMA, SEM_SOMA), False),
        ((SEM_SOMA, PULADO, COM_SOMA), False),
        ((PULADO, COM_SOMA, PULADO, COM_SOMA), True),
        ((pa.compress(b"a,b\n" * 300_000, "zstd", asbytes=True), COM_SOMA), False),
    ],
)
def test_zstd_prova_que_veio_inteiro_se_todo_quadro_tem_soma(
    quadros: tuple[bytes, ...], provada: bool, bloco: int
) -> None:
    class AosPoucos(io.BytesIO):
        def read(self, quantos: int | None = -1, /) -> bytes:
            return super().read(min(bloco, quantos) if quantos and quantos > 0 else bloco)

    aberta = Descompressao(AosPoucos(b"".join(quadros)), "zstd")
    assert b"".join(aberta).endswith(b"a,b\n1,2")
    assert aberta.provada == provada


def test_o_contrato_pode_exigir_o_fim_da_ultima_linha(
    tmp_path: Path, lugar: ArmazemDeTeste
) -> None:
    """A file of the other table, whose contract does not demand it, lands."""
    contrato = "models/staging/pod_cartoes/_pod_cartoes__sources.yml"
    arquivo = "{arquivo: 'tb_faturas_{AAAAMM}.csv',"
    texto = (PROJETO / contrato).read_text()
    assert arquivo in texto
    for dito, certo in (("exigido", True), ("talvez", False)):
        mudado = texto.replace(arquivo, f"{arquivo} fim_de_linha: {dito},")
        with com_contratos(tmp_path, pod_cartoes=mudado):
            if not certo:
                with pytest.raises(
                    LastroError, match=r"__sources.yml:\d+: fim_de_linha: .*'exigido'"
                ):
                    contratos.fontes()
                continue
            for nome, conteudo in (
                ("tb_faturas_202401.csv", faturas("1")),
                ("tb_faturas_202402.csv", faturas("2")[:-1]),
                ("tb_pagamentos_202402.csv", pagamentos("3")[:-1]),
            ):
                (tmp_path / nome).write_bytes(conteudo)
            feito = conferir(lugar, tmp_path)
    assert estados(feito) == {
        "tb_faturas_202401.csv": "ok",
        "tb_faturas_202402.csv": "rejeitado",
        "tb_pagamentos_202402.csv": "ok",
    }
    assert "its last line has no line end" in str(feito.cargas[1].mensagem)
