"""Every file of the corpus, loaded at once: what became of it, of its rows, of its lines."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from apoio_arquivos import carregar, conferir
from conftest import VAZIO, ArmazemDeTeste
from corpus_pod_cartoes import CASOS, COLUNAS, SEGREDO, Caso, conteudo, nome

from loaders.controle.cargas import Carga


@dataclass
class Carregado:
    """What the load of the corpus left behind."""

    pasta: Path
    conferidas: dict[str, Carga]
    cargas: dict[str, Carga]
    controle: dict[str, tuple[Any, ...]]
    linhas: dict[str, dict[int, dict[str, Any]]]
    rejeicoes: dict[str, dict[int, tuple[str, str]]]


@pytest.fixture(scope="module")
def carregado(lugar: ArmazemDeTeste, tmp_path_factory: pytest.TempPathFactory) -> Carregado:
    pasta = tmp_path_factory.mktemp("corpus")
    for numero in range(len(CASOS)):
        (pasta / nome(numero)).write_bytes(conteudo(numero))
    lugar.restaurar(VAZIO)
    conferidas = {c.origem: c for c in conferir(lugar, pasta).cargas}
    cargas = {c.origem: c for c in carregar(lugar, pasta).cargas}
    linhas: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for arquivo, numero, *valores in lugar.linhas(
        f"select _arquivo, _linha, {', '.join(COLUNAS)} from raw_pod_cartoes.faturas"
    ):
        assert numero not in linhas[arquivo]
        linhas[arquivo][numero] = dict(zip(COLUNAS, valores, strict=True))
    rejeicoes: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for arquivo, numero, bruta, motivo in lugar.linhas(
        "select _arquivo, _linha, linha_bruta, motivo from controle.rejeicoes"
    ):
        assert numero not in rejeicoes[arquivo]
        rejeicoes[arquivo][numero] = (bruta, motivo)
    colunas = "status, lidas, rejeitadas, gravadas, bytes, forma_decimal, forma_data, mensagem"
    controle = {
        arquivo: tuple(valores)
        for arquivo, *valores in lugar.linhas(f"select origem, {colunas} from controle.cargas")
    }
    return Carregado(pasta, conferidas, cargas, controle, linhas, rejeicoes)


@pytest.mark.nightly_on("postgres")
@pytest.mark.parametrize("numero", range(len(CASOS)), ids=[c.id for c in CASOS])
def test_cada_arquivo_tem_o_destino_esperado(carregado: Carregado, numero: int) -> None:
    caso, arquivo = CASOS[numero], nome(numero)
    carga = carregado.cargas[arquivo]
    assert (carga.status, carga.mensagem) == (caso.status, carga.mensagem if caso.motivo else None)
    assert sorted(carregado.linhas[arquivo]) == list(caso.linhas)
    achadas = {n: motivo for n, (_, motivo) in carregado.rejeicoes[arquivo].items()}
    esperadas = dict(caso.rejeitadas)
    assert achadas.keys() == esperadas.keys()
    for numero_da_linha, motivo in achadas.items():
        assert esperadas[numero_da_linha] in motivo
    bytes_ = len(conteudo(numero))
    quantas = linhas_do_texto(caso) if caso.contavel else 0
    if caso.status == "ok":
        gravado = (
            "ok",
            quantas,
            len(achadas),
            len(caso.linhas),
            bytes_,
            caso.decimal,
            caso.data,
            None,
        )
        assert quantas == len(achadas) + len(caso.linhas), "every line has become something"
        assert (carregado.pasta / arquivo).read_bytes() == conteudo(numero)
        assert caso.formato in str(carga.formato)
        for coluna, valor in caso.valores:
            assert carregado.linhas[arquivo][caso.linhas[0]][coluna] == valor
    else:
        gravado = ("rejeitado", quantas, quantas, 0, bytes_, None, None, carga.mensagem)
        assert caso.motivo in str(carga.mensagem)
        quarentena = carregado.pasta / "quarentena"
        assert not (carregado.pasta / arquivo).exists()
        assert (quarentena / arquivo).read_bytes() == conteudo(numero)
        assert str(carga.mensagem) in (quarentena / f"{arquivo}.motivo.txt").read_text()
    assert carregado.controle[arquivo] == gravado


def linhas_do_texto(caso: Caso) -> int:
    """The lines of a case, counted without any of the loader's code."""
    linhas = caso.texto.replace("\r\n", "\n").split("\n")
    return sum(1 for li in linhas[1 + caso.antes :] if li)


def test_cada_linha_rejeitada_fica_inteira(carregado: Carregado) -> None:
    rejeitadas = 0
    for numero, caso in enumerate(CASOS):
        linhas = caso.texto.replace("@", f"{numero}").replace("\r\n", "\n").split("\n")
        for n, (bruta, _) in carregado.rejeicoes[nome(numero)].items():
            esperada = linhas[n - 1]
            for controle in ("\0", "\x1b", "\r"):
                esperada = esperada.replace(controle, f"\\x{ord(controle):02x}")
            assert bruta == esperada
            rejeitadas += 1
    assert rejeitadas > 20


def test_conferir_diz_o_mesmo_que_carregar(carregado: Carregado) -> None:
    def dito(cargas: dict[str, Carga]) -> dict[str, tuple[Any, ...]]:
        return {
            nome_: (
                c.status, c.mensagem, c.lidas, c.rejeitadas, c.gravadas, c.formato, c.sha256,
                c.forma_decimal, c.forma_data, c.entidade, c.entrega,
            )
            for nome_, c in cargas.items()
        }  # fmt: skip

    assert dito(carregado.conferidas) == dito(carregado.cargas)


def test_nenhuma_mensagem_repete_um_valor(carregado: Carregado) -> None:
    ditos = [str(c.mensagem) + str(c.formato) for c in carregado.cargas.values()]
    ditos += [p.read_text() for p in (carregado.pasta / "quarentena").glob("*.motivo.txt")]
    assert SEGREDO not in "\n".join(ditos)


def test_a_pasta_so_tem_arquivos_aceitos_e_a_quarentena(carregado: Carregado) -> None:
    aceitos = {nome(n) for n, c in enumerate(CASOS) if c.status == "ok"}
    recusados = {nome(n) for n, c in enumerate(CASOS) if c.status != "ok"}
    assert set(os.listdir(carregado.pasta)) == {*aceitos, "quarentena"}
    assert set(os.listdir(carregado.pasta / "quarentena")) == {
        *recusados,
        *(f"{n}.motivo.txt" for n in recusados),
    }
    assert len(CASOS) >= 60
