"""The readers against a plain one that takes each line by itself, on random files cut anywhere."""

import csv
import random
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from apoio_arquivos import receber

from loaders.arquivos import leitura, recebimento
from loaders.arquivos.formas import BRASILEIRA, ISO, PONTO, VIRGULA, Evidencia
from loaders.arquivos.leitura import LinhasEngolidas, ler
from loaders.arquivos.recebimento import Recebido
from loaders.erros import FonteRecusada

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
