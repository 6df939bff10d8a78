"""What a message says, and the one form in which what no column names lands."""

import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from apoio_contratos import com_contratos, contrato
from apoio_eventos import EVENTO, evento

from loaders.contratos import fontes
from loaders.extracao.eventos.leitor import EventoRecusado, LeitorDeEventos

Ler = Callable[[Any], dict[str, Any]]


def leitor(pasta: Path, texto: str = EVENTO.format(mais="")) -> LeitorDeEventos:
    with com_contratos(pasta, fluxo=contrato("fluxo", "eventos", texto)):
        tabela = fontes()["fluxo"].tabela("evento")
    assert tabela.eventos
    return LeitorDeEventos(tabela, tabela.eventos)


@pytest.fixture
def ler(tmp_path: Path) -> Ler:
    """A message as the row that it is."""
    feito = leitor(tmp_path)

    def linha(dito: dict[str, Any] | str | bytes | None) -> dict[str, Any]:
        texto = json.dumps(dito) if isinstance(dito, dict) else dito
        corpo = texto.encode() if isinstance(texto, str) else texto
        return dict(zip(feito.nomes, feito.ler(corpo), strict=True))

    return linha


def com_dados(texto: str) -> str:
    """An event whose `dados` stand so."""
    return json.dumps(evento(1)).replace('"dados": {', f'"dados": {texto}, "x": {{')


@pytest.mark.parametrize(
    ("escritos", "fica"),
    [
        (("0.10", "0.1", "1e-1", "0.1000000000000000000000", "10E-2"), "0.1"),
        (("1", "1.0", "1e0", "0.1E1", "1.00000000000000000000"), "1"),
        (("0", "-0", "0.0", "-0.0", "0e99999", "0E-400"), "0"),
        (("-12.50", "-1.25e1", "-12500E-3"), "-12.5"),
        (("0.0001", "1e-4", "0.00010"), "0.0001"),
        (("1e21", "1000000000000000000000"), "1000000000000000000000"),
        (("9007199254740993", "9007199254740993.0"), "9007199254740993"),
        (("0.1000000000000000055511151231257827",), "0.1000000000000000055511151231257827"),
        (("123456789012345678.123",), "123456789012345678.123"),
        (('"\\u00e1"', '"á"'), '"á"'),
        (('"\\/"', '"/"'), '"/"'),
        (('"a\\tb\\u007f\\"\\\\"',), '"a\\tb\x7f\\"\\\\"'),
        (('"\\\\u0000"',), '"\\\\u0000"'),
        (('{"b": 1, "a": {"d": null, "c": []}}', '{"a":{"c":[],"d":null},"b":1.0}'),
         '{"a":{"c":[],"d":null},"b":1}'),
        (("[1, true, null, 0.50]",), "[1,true,null,0.5]"),
    ],
)  # fmt: skip
def test_o_que_e_o_mesmo_tem_uma_forma_so(ler: Ler, escritos: tuple[str, ...], fica: str) -> None:
    for escrito in escritos:
        dito = json.dumps(evento(1, dados={"v": 0})).replace('"v": 0', f'"v": {escrito}')
        assert ler(dito)["dados"] == f'{{"v":{fica}}}', escrito


def _qualquer(sorteio: random.Random, fundo: int = 0) -> Any:
    """A random value; numbers as decimals."""
    especie = sorteio.randrange(8 if fundo < 4 else 6)
    if especie < 3:
        casas, expoente = sorteio.randrange(1, 25), sorteio.randrange(-8, 8)
        return Decimal(f"{sorteio.choice('-+')}{sorteio.randrange(10**casas)}e{expoente}")
    if especie == 3:
        return sorteio.choice([True, False, None])
    if especie < 6:
        return "".join(sorteio.choice('aé\\"/\n\t𝄞\u2028 ') for _ in range(sorteio.randrange(6)))
    if especie == 6:
        return [_qualquer(sorteio, fundo + 1) for _ in range(sorteio.randrange(4))]
    return {f"k{sorteio.randrange(9)}": _qualquer(sorteio, fundo + 1) for _ in range(4)}


def _escrito(valor: Any, sorteio: random.Random) -> str:
    """JSON of a value, one of the ways in which it may be written."""
    branco = sorteio.choice(["", " ", "\n\t"])
    if isinstance(valor, Decimal):
        formas = [format(valor, "f"), f"{valor:e}"]
        if "." in formas[0]:
            formas.append(formas[0] + "00")
        return sorteio.choice(formas)
    if isinstance(valor, list):
        return f"[{branco}" + f",{branco}".join(_escrito(v, sorteio) for v in valor) + "]"
    if isinstance(valor, dict):
        pares = list(valor.items())
        sorteio.shuffle(pares)
        ditos = (f"{json.dumps(c)}{branco}:{_escrito(v, sorteio)}" for c, v in pares)
        return "{" + f"{branco},".join(ditos) + "}"
    return json.dumps(valor, ensure_ascii=sorteio.random() < 0.5)


def test_valores_quaisquer_escritos_de_muitas_formas(ler: Ler) -> None:
    sorteio = random.Random(11)
    vistas: dict[str, Any] = {}
    for _ in range(400):
        valor = {"v": _qualquer(sorteio)}
        formas = {
            ler(json.dumps(evento(1, dados="@")).replace('"@"', _escrito(valor, sorteio)))["dados"]
            for _ in range(4)
        }
        (forma,) = formas
        assert json.loads(forma, parse_float=Decimal, parse_int=Decimal) == valor
        # Values that differ have forms that do.
        assert vistas.setdefault(forma, valor) == valor


def test_o_que_nenhuma_coluna_nomeia_fica_no_resto(ler: Ler) -> None:
    assert ler(evento(1, dados={"a": 1}, canal="app"))["dados"] == '{"a":1,"canal":"app"}'
    assert ler(evento(1, dados={"id_cliente": "c9"}))["dados"] == '{"id_cliente":"c9"}'
    for nada in ({}, None):
        assert ler(evento(1, dados=nada))["dados"] == "{}"
    for outro in ([1], "x", 0):
        assert json.loads(ler(evento(1, dados=outro))["dados"]) == {"dados": outro}
    sem = evento(1)
    del sem["dados"]
    assert ler({**sem, "valor": 3})["dados"] == '{"valor":3}'
    with pytest.raises(EventoRecusado, match="a name is in dados and beside it"):
        ler(evento(1, dados={"a": 1}, a=1))


def test_campos_de_outro_nome_de_dentro_e_ignorados(tmp_path: Path) -> None:
    texto = (
        "evento:\n  chave: id_evento\n  ignoradas: [cpf]\n"
        "  eventos: {resto: dados}\n"
        "  columns:\n"
        "    id_evento: {na_fonte: id}\n"
        "    id_pedido: {na_fonte: data.pedido.id}\n"
        "    valor: {data_type: 'decimal(10,2)', na_fonte: data.valor}\n"
        "    dados: {na_fonte: data}\n"
    )
    feito = leitor(tmp_path, texto)
    dito = '{"id": 7, "cpf": "1", "data": {"pedido": {"id": "p"}, "valor": 1.10, "cpf": "2"}}'
    linha = feito.ler(dito.encode())
    resto = '{"pedido":{"id":"p"},"valor":1.1}'
    assert dict(zip(feito.nomes, linha, strict=True)) == {
        "id_evento": "7", "id_pedido": "p", "valor": Decimal("1.1"), "dados": resto,
    }  # fmt: skip


def test_sem_resto_o_que_nao_se_le_e_dito(tmp_path: Path) -> None:
    texto = "evento: {chave: id, eventos: {}, columns: {id: text}}"
    feito = leitor(tmp_path, texto)
    assert feito.ler(b'{"id": "a", "novo": 1}') == ["a"]
    assert feito.desconhecidos == {"novo"}
    calado = leitor(tmp_path, texto.replace("chave", "ignoradas: '*', chave"))
    assert calado.ler(b'{"id": "a", "novo": 1}') == ["a"]
    assert not calado.desconhecidos


RUINS: list[tuple[Any, str]] = [
    (None, "it is empty"),
    (b"", "it is empty"),
    (b"x", "no JSON"),
    (b"\xff\xfe{\x00}\x00", "it is no UTF-8 text"),
    (b'{"id_evento": "\xe1"}', "it is no UTF-8 text"),
    ("[]", "no JSON object"),
    ('"x"', "no JSON object"),
    ("null", "no JSON object"),
    ('{"id_evento": "a"} {"id_evento": "b"}', "more than one JSON value"),
    ('{"id_evento": "a"', "no JSON"),
    ('{"id_evento": NaN}', "NaN is no JSON"),
    ('{"id_evento": -Infinity}', "-Infinity is no JSON"),
    ('{"id_evento": "a", "id_evento": "b"}', "a key is there twice"),
    ('{"id_evento": "a", "x": {"y": 1, "y": 2}}', "a key is there twice"),
    ({}, "id_evento is missing"),
    ({"id_evento": None}, "id_evento is missing"),
    ({"id_evento": ["a"]}, "id_evento is no text"),
    ({"id_evento": "a\0"}, "id_evento is no text"),
    ('{"id_evento": "\\ud800"}', "id_evento is no text"),
    ({"id_evento": "a", "versao_esquema": "dois"}, "versao_esquema is no integer"),
    ({"id_evento": "a", "versao_esquema": 2.5}, "versao_esquema is no integer"),
    ({"id_evento": "a", "versao_esquema": 2**31}, "versao_esquema is no integer"),
    ({"id_evento": "a", "versao_esquema": True}, "versao_esquema is no integer"),
    ({"id_evento": "a", "ocorrido_em": 1714564800}, "ocorrido_em is no timestamptz"),
    ({"id_evento": "a", "ocorrido_em": "2024-05-01T12:00:00"}, "ocorrido_em is no timestamptz"),
    ({"id_evento": "a", "ocorrido_em": "2024-13-01T12:00:00Z"}, "ocorrido_em is no timestamptz"),
    ({"id_evento": "a", "x": "a\0b"}, "a text in it holds a NUL"),
    ({"id_evento": "a", "\0": 1}, "a text in it holds a NUL"),
    ('{"id_evento": "a", "x": ["\\udc00"]}', "half of a letter"),
    ('{"id_evento": "a", "x": ' + "[" * 5000 + "]" * 5000 + "}", "nested too deeply"),
    ('{"id_evento": "a", "x": ' + "[" * 900 + "1e-9" + "]" * 900 + "}", "nested too deeply"),
    ('{"id_evento": "a", "x": 1e999999999}', "a number with too many digits"),
    ('{"id_evento": "a", "x": -' + "1" * 5000 + "}", "a number with too many digits"),
    ('{"id_evento": "a", "x": "' + "y" * 1_000_000 + '"}', "1,000,027 bytes, more than 1,000,000"),
]


@pytest.mark.parametrize(("dito", "porque"), RUINS, ids=[p.split(",")[0] for _, p in RUINS])
def test_o_que_nao_e_evento(ler: Ler, dito: Any, porque: str) -> None:
    with pytest.raises(EventoRecusado, match=porque):
        ler(dito)
