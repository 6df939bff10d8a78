"""A partner's API, read by a contract alone, whatever the partner does meanwhile."""

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from apoio_api import (
    CONTAS,
    SCORES,
    TOKEN,
    Parceiro,
    cala,
    derruba,
    goteja,
    item,
    nada,
    parceiro,
    responde,
)
from apoio_contratos import com_contratos, contrato
from conftest import ArmazemDeTeste

from loaders.contratos import fontes
from loaders.contratos.api import SobDemanda
from loaders.controle import supressao
from loaders.controle.cargas import Carga
from loaders.extracao.api.carregar import Opcoes, carregar, conferir
from loaders.extracao.api.encomenda import chave, encomendar
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError
from loaders.publicacao import publicar
from loaders.titulares import esquecer

DA_FONTE = "id_consulta, id_cliente, modelo, score, publicado_em, revisao, motivo_revisao"


@pytest.fixture
def da_api() -> Iterator[Parceiro]:
    """The partner, with twelve scores."""
    with parceiro() as feito:
        feito.itens = [item(n) for n in range(12)]
        yield feito


@pytest.fixture(autouse=True)
def contratos(tmp_path: Path) -> Iterator[None]:
    """The contracts of two APIs beside the repository's."""
    bureau = contrato("bureau", "api", SCORES.format(mais=""))
    with com_contratos(tmp_path, bureau=bureau, banco=contrato("banco", "api", CONTAS)):
        yield


def ler(armazem: ArmazemDeTeste, p: Parceiro, fonte: str = "bureau") -> Carga:
    """Load, with a token."""
    config = Configuracao(
        _env_file=None,
        **armazem.ambiente,
        BUREAU_API_TOKEN=TOKEN,  # type: ignore[call-arg, arg-type]
    )
    return carregar(config, fontes()[fonte], p.url, Opcoes())[0]


def scores(armazem: ArmazemDeTeste) -> list[tuple[Any, ...]]:
    return sorted(armazem.linhas(f"select {DA_FONTE}, _operacao from raw_bureau.score"), key=repr)


def resultados(armazem: ArmazemDeTeste) -> list[str]:
    return [
        r for (r,) in armazem.linhas(
            "select resultado from raw_bureau.score_chamada order by iniciado_em, tentativa"
        )
    ]  # fmt: skip


def cargas(armazem: ArmazemDeTeste) -> list[tuple[Any, ...]]:
    return armazem.linhas(
        "select status, lidas, gravadas, rejeitadas from controle.cargas order by _carga_id"
    )


def chaves(armazem: ArmazemDeTeste) -> list[tuple[str, str]]:
    return sorted(
        (c, r) for c, r in armazem.linhas("select id_consulta, revisao from raw_bureau.score")
    )


def test_o_mesmo_item_uma_vez_o_corrigido_um_estado_mais(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    assert ler(armazem_vazio, da_api).status == "ok"
    assert len(scores(armazem_vazio)) == 12
    assert [v[2].get("cursor") is None for v in da_api.vistas] == [True, False, False]
    assert da_api.vistas[0][2]["publicado_desde"] == "1970-01-01T00:00:00.000000Z"
    assert da_api.vistas[0][3]["Authorization"] == f"Bearer {TOKEN}"
    assert ler(armazem_vazio, da_api).status == "sem_novidade"
    # 24 h before the newest item, so that all of them are read again
    assert da_api.vistas[3][2]["publicado_desde"] == "2024-04-30T12:11:00.000000Z"
    da_api.itens[3] = item(3, score="1.250000")
    da_api.itens += [item(3, revisao=2), item(12, score=700)]
    random.Random(1).shuffle(da_api.itens)
    carga = ler(armazem_vazio, da_api)
    assert (carga.status, carga.gravadas) == ("ok", 3)
    terceiro = armazem_vazio.linhas(
        "select score, revisao, _operacao from raw_bureau.score where id_consulta = 'q0003'"
    )
    assert sorted((str(s), r, o) for s, r, o in terceiro) == [
        ("1.250000", "1", "alteracao"),
        ("503.500000", "1", "inclusao"),
        ("503.500000", "2", "inclusao"),
    ]
    da_api.itens = [*da_api.itens, item(3)]  # as it was before: that content is known
    assert ler(armazem_vazio, da_api).status == "sem_novidade"
    assert cargas(armazem_vazio)[0] == ("ok", 12, 12, 0)
    assert armazem_vazio.linhas(
        "select fonte, chave, cursor, publicado_ate = timestamptz '2024-05-01 12:12:00+00',"
        " visto_ate from controle.cursores"
    ) == [("bureau", "score", None, True, None)]
    ordens = armazem_vazio.linhas(
        "select _endpoint, _ordem, _http_status, _linha from raw_bureau.score"
        " where _carga_id = 1 and id_consulta = 'q0006'"
    )
    assert ordens == [("/v1/scores", 2, 200, 7)]


PASSAM: list[tuple[Any, str]] = [
    (responde(500), "erro_servidor"),
    (responde(503, Retry_After="0"), "erro_servidor"),
    (responde(502, b"x" * 200_000), "erro_servidor"),
    (responde(429, Retry_After="0"), "limite"),
    (responde(408), "erro_cliente"),
    (responde(200, '{"itens": ['), "corpo_invalido"),
    (responde(200, '{"outra": 1}'), "corpo_invalido"),
    (responde(200, b"\xff\xfe"), "corpo_invalido"),
    (responde(200, '{"itens": NaN}'), "corpo_invalido"),
    (responde(200, "[" * 5000), "corpo_invalido"),
    (derruba, "rede"),
    (cala, "tempo_esgotado"),
    (goteja, "tempo_esgotado"),
]
"""What goes wrong and passes, and how it is noted."""


def test_o_que_passa_e_tentado_de_novo(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    da_api.itens = [item(n) for n in range(5 * len(PASSAM))]
    for falta, _ in PASSAM:
        da_api.faltas.extend([falta, falta, nada])
    assert ler(armazem_vazio, da_api).status == "ok"
    assert len(scores(armazem_vazio)) == len(da_api.itens)
    esperados = [r for _, resultado in PASSAM for r in (resultado, resultado, "ok")]
    assert resultados(armazem_vazio) == esperados
    tentativas = armazem_vazio.linhas(
        "select id_requisicao, count(*), max(tentativa) from raw_bureau.score_chamada group by 1"
    )
    assert [li[1:] for li in tentativas] == [(3, 3)] * len(PASSAM)
    assert armazem_vazio.linhas("select count(*) from controle.rejeicoes") == [(0,)]


def test_o_que_o_parceiro_pede_para_esperar_e_esperado(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    agora = datetime.now(UTC).replace(microsecond=0)
    da_api.faltas.extend(
        [
            responde(429, Retry_After="1"),
            # by the partner's own clock, an hour late
            responde(
                503,
                Retry_After=format_datetime(agora - timedelta(seconds=3599), usegmt=True),
                Date=format_datetime(agora - timedelta(hours=1), usegmt=True),
            ),
        ]
    )
    ler(armazem_vazio, da_api)
    momentos = [v[0] for v in da_api.vistas]
    assert [b - a >= 0.95 for a, b in pairwise(momentos[:3])] == [True, True]
    esperas = armazem_vazio.linhas(
        "select espera_ms >= 1000 from raw_bureau.score_chamada order by iniciado_em"
    )
    assert [e for (e,) in esperas] == [False, True, True, False, False]


def test_quem_pede_mais_de_um_quarto_de_hora_e_deixado(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    da_api.faltas.extend([nada, responde(429, Retry_After="901")])
    with pytest.raises(FonteIndisponivel, match=r"left alone until .* UTC: run again then"):
        ler(armazem_vazio, da_api)
    assert len(da_api.vistas) == 2
    assert cargas(armazem_vazio) == [("parcial", 5, 5, 0)]
    ler(armazem_vazio, da_api)
    assert da_api.vistas[2][2]["cursor"] == "2024-05-01T12:04:00Z|q0004|1"
    assert len(scores(armazem_vazio)) == 12


def test_o_disjuntor_abre_e_a_carga_fica_em_parte(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, tmp_path: Path
) -> None:
    texto = SCORES.format(mais="").replace("segundos: 0.2", "segundos: 2")
    with com_contratos(tmp_path, bureau=contrato("bureau", "api", texto)):
        _disjuntor(armazem_vazio, da_api)


def _disjuntor(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    da_api.faltas.extend([nada, *[responde(500)] * 6])
    with pytest.raises(FonteIndisponivel, match="answers 500") as erro:
        ler(armazem_vazio, da_api)
    assert erro.value.codigo == 4
    esperados = ["ok", *["erro_servidor"] * 5, "disjuntor_aberto", "erro_servidor"]
    assert resultados(armazem_vazio) == esperados
    momentos = [v[0] for v in da_api.vistas]
    assert momentos[6] - momentos[5] >= 2
    # The next load, at once, leaves the partner alone for as long, and goes on where it was.
    assert ler(armazem_vazio, da_api).status == "ok"
    assert da_api.vistas[7][0] - momentos[6] >= 2
    assert resultados(armazem_vazio) == [*esperados, "disjuntor_aberto", "ok", "ok"]
    assert [li[0] for li in cargas(armazem_vazio)] == ["parcial", "ok"]
    assert len(scores(armazem_vazio)) == 12


@pytest.mark.parametrize(
    ("status", "classe", "da_carga"),
    [(400, FonteRecusada, "rejeitado"), (401, FonteIndisponivel, "parcial"),
     (404, FonteRecusada, "rejeitado")],
)  # fmt: skip
@pytest.mark.nightly_on("postgres")
def test_um_nao_e_um_nao(
    armazem_vazio: ArmazemDeTeste,
    da_api: Parceiro,
    status: int,
    classe: type[LastroError],
    da_carga: str,
) -> None:
    da_api.faltas.append(responde(status, f"no: {TOKEN}\x1b[2J"))
    with pytest.raises(classe):
        ler(armazem_vazio, da_api)
    assert len(da_api.vistas) == 1
    assert cargas(armazem_vazio) == [(da_carga, 0, 0, 1)]
    assert armazem_vazio.linhas("select _arquivo, _linha, linha_bruta from controle.rejeicoes") == [
        ("/v1/scores", 0, r"no: ***\x1b[2J")
    ]


@pytest.mark.parametrize("para", ["http://localhost:1/v1", "https://{aqui}/v1", "//outro.example/"])
@pytest.mark.nightly_on("postgres")
def test_quem_manda_a_outro_lugar_nao_recebe_a_chave_la(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, para: str
) -> None:
    aqui = da_api.url.removeprefix("http://")
    da_api.faltas.append(responde(302, Location=para.format(aqui=aqui)))
    with pytest.raises(FonteRecusada, match="sends us elsewhere"):
        ler(armazem_vazio, da_api)
    assert len(da_api.vistas) == 1


def test_no_mesmo_lugar_e_seguido_mas_nao_em_circulo(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    da_api.faltas.append(responde(307, Location="/v2/scores?limite=5"))
    assert ler(armazem_vazio, da_api).status == "ok"
    assert da_api.vistas[1][1:3] == ("/v2/scores", {"limite": "5"})
    da_api.faltas.extend([responde(302, Location="/v1/scores")] * 9)
    with pytest.raises(FonteRecusada, match="on and on"):
        ler(armazem_vazio, da_api)


@pytest.mark.parametrize(
    ("falta", "dito"),
    [
        (responde(200, b" " * 20001), "more than 20,000 bytes"),
        (responde(200, "{}", Content_Encoding="gzip"), "compressed, unasked"),
    ],
    ids=["grande", "comprimido"],
)
@pytest.mark.nightly_on("postgres")
def test_um_corpo_que_nao_se_le(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, falta: Any, dito: str
) -> None:
    da_api.faltas.extend([nada, falta])
    with pytest.raises(FonteRecusada, match=dito):
        ler(armazem_vazio, da_api)
    assert cargas(armazem_vazio) == [("parcial", 5, 5, 0)]
    ler(armazem_vazio, da_api)
    assert len(scores(armazem_vazio)) == 12


DEFEITOS: list[dict[str, Any]] = [
    {"score": "1.2345678"}, {"score": "1e3"}, {"score": "NaN"}, {"score": True},
    {"score": "1" * 13}, {"publicado_em": "2024-05-01T12:00:00"}, {"publicado_em": None},
    {"publicado_em": 1714564800}, {"publicado_em": "2024-13-01T00:00:00Z"},
    {"publicado_em": "0001-01-01T00:00:00+14:00"}, {"modelo": "a\0b"}, {"modelo": "\ud800"},
    {"modelo": {}}, {"revisao": None}, {"id_consulta": ["x"]},
]  # fmt: skip


def test_um_item_ruim_custa_so_a_si_mesmo(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    ruins = [item(n) | defeito for n, defeito in enumerate(DEFEITOS)]
    corpo = json.dumps({"itens": [item(50), *ruins, "x", item(51)], "proximo_cursor": None})
    da_api.faltas.extend([responde(200, corpo)] * 2)
    assert ler(armazem_vazio, da_api).rejeitadas == len(DEFEITOS) + 1
    assert ler(armazem_vazio, da_api).rejeitadas == 0, "the sweep meets them again"
    assert chaves(armazem_vazio) == [("q0050", "1"), ("q0051", "1")]
    guardados = armazem_vazio.linhas(
        "select linha_bruta, motivo from controle.rejeicoes order by _linha"
    )
    assert [json.loads(texto) for texto, _ in guardados] == [*ruins, "x"]
    for (_, motivo), defeito in zip(guardados, DEFEITOS, strict=False):
        ((coluna, valor),) = defeito.items()
        assert motivo.startswith(f"{coluna} is")
        assert str(valor) not in motivo or valor is True
    assert guardados[-1][1] == "it is no object"


def test_numeros_ficam_como_vieram_e_o_que_o_contrato_nao_conhece_e_dito(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    itens = [item(1, score=0), item(2, score=700), item(3, novo=1)]
    corpo = json.dumps({"itens": itens, "proximo_cursor": None}).replace(": 0,", ": 0.100000,")
    da_api.faltas.append(responde(200, corpo))
    assert "does not name: novo" in str(ler(armazem_vazio, da_api).formato)
    lidos = armazem_vazio.linhas("select score from raw_bureau.score order by id_consulta")
    assert [str(s) for (s,) in lidos] == ["0.100000", "700.000000", "503.500000"]


def test_paginas_que_andam_enquanto_sao_lidas(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    da_api.por_deslocamento = True
    da_api.por_pedido = lambda: (
        da_api.itens.pop(0) if len(da_api.vistas) == 2 else None,
        da_api.itens.append(item(100 + len(da_api.vistas))),
    )  # type: ignore[assignment, return-value]
    ler(armazem_vazio, da_api)
    da_api.por_pedido = lambda: None
    ler(armazem_vazio, da_api)
    assert {(i["id_consulta"], "1") for i in da_api.itens} <= set(chaves(armazem_vazio))
    assert len(chaves(armazem_vazio)) == len(set(chaves(armazem_vazio)))


def test_repetidos_e_fora_de_ordem_dao_o_mesmo(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    bons = [item(n) for n in range(12)] + [item(4, score="9.0")]
    sorteio = random.Random(7)
    vistos = []
    for _ in range(3):
        armazem_vazio.restaurar("vazio")
        todos = bons + sorteio.sample(bons, 5)
        sorteio.shuffle(todos)
        paginas = [todos[i : i + 4] for i in range(0, len(todos), 4)]
        for n, parte in enumerate(paginas, 1):
            proximo = str(n) if n < len(paginas) else None
            corpo = json.dumps({"itens": parte, "proximo_cursor": proximo})
            da_api.faltas.append(responde(200, corpo))
        ler(armazem_vazio, da_api)
        vistos.append([li[:-1] for li in scores(armazem_vazio)])
    assert vistos[0] == vistos[1] == vistos[2]
    assert len(vistos[0]) == 13


def test_um_cursor_que_nao_anda_e_um_que_nao_vale_mais(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    corpo = json.dumps({"itens": [item(1)], "proximo_cursor": "x"})
    da_api.faltas.extend([responde(200, corpo)] * 2)
    with pytest.raises(FonteRecusada, match="named before"):
        ler(armazem_vazio, da_api)
    da_api.faltas.append(responde(410))
    assert ler(armazem_vazio, da_api).status == "ok"
    assert [v[2].get("cursor") for v in da_api.vistas[2:4]] == ["x", None]
    assert len(scores(armazem_vazio)) == 12


def test_uma_publicacao_do_futuro_nao_esconde_o_que_vem_antes(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    da_api.itens.append(item(99, publicado_em="2999-01-01T00:00:00Z"))
    ler(armazem_vazio, da_api)
    (ate,) = armazem_vazio.linhas(
        "select publicado_ate <= current_timestamp from controle.cursores"
    )[0]
    assert ate
    agora = datetime.now(UTC)
    da_api.itens.append(item(98, publicado_em=f"{agora:%Y-%m-%dT%H:%M:%SZ}"))
    assert ler(armazem_vazio, da_api).gravadas == 1


def test_nunca_mais_depressa_do_que_o_parceiro_permite(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, tmp_path: Path
) -> None:
    texto = SCORES.format(mais="").replace("6000", "600").replace("limite: 5", "limite: 1")
    with com_contratos(tmp_path, bureau=contrato("bureau", "api", texto)):
        da_api.faltas.extend([nada] * 5 + [responde(500)])
        ler(armazem_vazio, da_api)
        ler(armazem_vazio, da_api)
    momentos = [v[0] for v in da_api.vistas]
    assert len(momentos) == 25
    assert min(b - a for a, b in pairwise(momentos)) > 0.085
    assert momentos[-1] - momentos[0] > 24 * 0.099


def test_por_numero_de_pagina_e_sem_ordem_o_estado_mais_novo(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    def conta(n: int, saldo: str, ativa: bool = True) -> dict[str, Any]:
        return {"id": n, "dados": {"saldo": saldo}, "ativa": ativa}

    da_api.contas = [conta(n, f"{n}.10") for n in range(7)]
    # While the first pass reads, an account before the page goes away, and another one slips by.
    da_api.por_pedido = lambda: da_api.contas.pop(0) and None if len(da_api.vistas) == 2 else None
    assert ler(armazem_vazio, da_api, "banco").status == "ok"
    assert {n for (n,) in armazem_vazio.linhas("select id_conta from raw_banco.conta")} == set(
        range(7)
    )
    da_api.por_pedido = lambda: None
    for saldo in ("99.99", "6.10", "99.99"):
        da_api.contas[-1] = conta(6, saldo)
        assert ler(armazem_vazio, da_api, "banco").gravadas == 1
    assert ler(armazem_vazio, da_api, "banco").gravadas == 0
    estados = armazem_vazio.linhas(
        "select saldo, _operacao from raw_banco.conta where id_conta = 6 order by _carga_id, _linha"
    )
    assert [(str(s), o) for s, o in estados] == [
        ("6.10", "inclusao"), ("99.99", "alteracao"), ("6.10", "alteracao"), ("99.99", "alteracao"),
    ]  # fmt: skip
    da_api.faltas.extend([responde(200, json.dumps(da_api.contas[:1]))] * 2)
    with pytest.raises(FonteRecusada, match="the same page twice"):
        ler(armazem_vazio, da_api, "banco")


def test_conferir_le_uma_pagina_e_nada_fica(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    config, fonte = armazem_vazio.config, fontes()["bureau"]
    (carga,) = conferir(config, fonte, da_api.url, Opcoes())
    assert (carga.lidas, carga.gravadas, len(da_api.vistas)) == (5, 5, 1)
    ler(armazem_vazio, da_api)
    antes = armazem_vazio.linhas("select count(*) from raw_bureau.score_chamada")
    (carga,) = conferir(config, fonte, da_api.url, Opcoes())
    assert (carga.gravadas, carga.status) == (0, "sem_novidade")
    assert armazem_vazio.linhas("select count(*) from raw_bureau.score_chamada") == antes


@pytest.mark.parametrize(
    ("url", "dito"),
    [
        ("http://scores.example", "in clear"), ("https://eu:senha@scores.example", "a user"),
        ("https://scores.example?chave=senha", "a query"), ("ftp://scores.example", "no address"),
        ("https://[::1", "no address"), ("https://", "no address"),
    ],
)  # fmt: skip
@pytest.mark.nightly_on("postgres")
def test_um_endereco_a_que_nada_se_confia(
    armazem_vazio: ArmazemDeTeste, url: str, dito: str
) -> None:
    with pytest.raises(LastroError, match=dito) as erro:
        carregar(armazem_vazio.config, fontes()["bureau"], url, Opcoes())
    assert "senha" not in str(erro.value)


def com_o_terceiro(p: Parceiro) -> None:
    """A new score of the customer c3, and one that is no row."""
    itens = [item(10), item(17), item(3, score="x")]
    p.faltas.append(responde(200, json.dumps({"itens": itens, "proximo_cursor": None})))


def test_quem_foi_esquecido_nao_volta(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    da_api.itens = [item(1)]
    ler(armazem_vazio, da_api)
    segredo = supressao.ler_chave(armazem_vazio.config)
    dele = supressao.identificar(segredo, "bureau", "id_cliente", "c3")
    armazem_vazio.executar(
        "insert into controle.esquecidos values ('bureau', 'id_cliente',"
        f" '{dele}', '{supressao.nome_da_chave(segredo)}', current_timestamp, null,"
        " current_timestamp)"
    )
    com_o_terceiro(da_api)
    carga = ler(armazem_vazio, da_api)
    assert (carga.gravadas, carga.suprimidas, carga.rejeitadas) == (0, 2, 1)
    assert armazem_vazio.linhas("select linha_bruta from controle.rejeicoes") == [("",)]
    assert chaves(armazem_vazio) == [("q0001", "1")]


@pytest.mark.slow
def test_apagar_alguem_alcanca_o_que_a_api_trouxe(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro
) -> None:
    da_api.itens.append(item(3, score="c3"))
    ler(armazem_vazio, da_api)
    esquecer.esquecer(armazem_vazio.config, "bureau", ["c3"], [])
    com_o_terceiro(da_api)
    assert ler(armazem_vazio, da_api).gravadas == 0
    for tabela in ("raw_bureau.score", "controle.rejeicoes"):
        assert "c3" not in repr(armazem_vazio.linhas(f"select * from {tabela}"))
    assert len(scores(armazem_vazio)) == 12


def test_a_chave_nao_esta_em_lugar_nenhum(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    da_api.itens[2]["modelo"] = 5.5
    da_api.faltas.extend([nada, responde(403, f"{{'dito': '{TOKEN}'}}")])
    with pytest.raises(FonteIndisponivel) as erro:
        ler(armazem_vazio, da_api)
    assert TOKEN not in str(erro.value)
    for tabela in ("raw_bureau.score", "raw_bureau.score_chamada", "controle.rejeicoes",
                   "controle.cargas", "controle.cursores"):  # fmt: skip
        assert TOKEN not in repr(armazem_vazio.linhas(f"select * from {tabela}"))
    assert TOKEN not in Path(armazem_vazio.ambiente["LASTRO_AUDIT_LOG"]).read_text()


ENCOMENDA = {"id_pedido": "P1", "modelo": "M2", "motivo": "analise"}


def test_uma_encomenda_repetida_nao_e_comprada_duas_vezes(
    armazem_vazio: ArmazemDeTeste, da_api: Parceiro, tmp_path: Path
) -> None:
    mais = (
        "sob_demanda: {corpo: [id_pedido, modelo, motivo], chave: [id_pedido, modelo, dia, motivo]}"
    )
    with com_contratos(tmp_path, bureau=contrato("bureau", "api", SCORES.format(mais=mais))):
        config, fonte = armazem_vazio.config, fontes()["bureau"]

        def encomendada(**campos: str) -> Carga:
            return encomendar(config, fonte, da_api.url, fonte.tabela("score"), ENCOMENDA | campos)

        da_api.faltas.extend([responde(500), derruba, nada])
        assert encomendada().gravadas == 1
        assert encomendada().status == "sem_novidade"
        assert len(da_api.vistas) == 4 and len(da_api.vendidos) == 1
        assert encomendada(motivo="outro").gravadas == 1
        assert len(da_api.vendidos) == 2
        with pytest.raises(LastroError, match="An order has the fields id_pedido, modelo, motivo"):
            encomendada(motivo="")
        with pytest.raises(LastroError, match="two orders could have one key"):
            encomendada(motivo="a|b")
        da_api.faltas.append(responde(307, Location="/v1/scores"))
        with pytest.raises(FonteRecusada, match="sends us elsewhere"):
            encomendada(motivo="terceiro")
        da_api.faltas.append(responde(201, json.dumps(item(7, score="x"))))
        with pytest.raises(FonteRecusada, match="no row by the contract"):
            encomendada(motivo="quarto")
    assert chaves(armazem_vazio) == [("q1000", "1"), ("q1001", "1")]
    assert armazem_vazio.linhas("select count(*) from controle.cursores") == [(0,)]


def test_a_chave_de_uma_encomenda_e_do_dia_local() -> None:
    sob_demanda = SobDemanda(
        corpo=("id_pedido", "modelo", "motivo"), chave=("id_pedido", "modelo", "dia", "motivo")
    )
    for instante, dia in (
        ("2018-12-01T02:30:00+00:00", "2018-12-01"),  # in summer time
        ("2024-01-01T02:30:00+00:00", "2023-12-31"),
    ):
        esperada = hashlib.sha256(f"P1|M2|{dia}|analise".encode()).hexdigest()
        assert chave(sob_demanda, ENCOMENDA, datetime.fromisoformat(instante)) == esperada


@pytest.mark.nightly_on("postgres")
def test_uma_hora_de_faltas_num_minuto(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    sorteio = random.Random(2026)
    faltas = [f for f, _ in PASSAM if f not in (cala, goteja)]
    da_api.itens = [item(n) for n in range(25)]
    novos = iter(range(25, 10_000))

    def acontece() -> None:
        """Scores are published, and some corrected, while they are read."""
        if sorteio.random() < 0.3:
            da_api.itens.append(item(next(novos)))
        if sorteio.random() < 0.1:
            n = sorteio.randrange(len(da_api.itens))
            da_api.itens.append(da_api.itens[n] | {"revisao": f"{len(da_api.itens)}"})
        sorteio.shuffle(da_api.itens)
        if not da_api.faltas:
            da_api.faltas.append(sorteio.choice(faltas) if sorteio.random() < 0.5 else nada)

    da_api.por_pedido = acontece
    for _ in range(4):
        with suppress(FonteIndisponivel):
            ler(armazem_vazio, da_api)
    da_api.por_pedido = lambda: None
    da_api.faltas.clear()
    ler(armazem_vazio, da_api)
    assert chaves(armazem_vazio) == sorted((i["id_consulta"], i["revisao"]) for i in da_api.itens)
    noturnas = armazem_vazio.linhas(
        "select count(*), count(distinct id_chamada), max(tentativa) from raw_bureau.score_chamada"
        " where resultado <> 'disjuntor_aberto'"
    )
    assert noturnas[0][:2] == (len(da_api.vistas),) * 2
    assert noturnas[0][2] <= 7
    momentos = [v[0] for v in da_api.vistas]
    assert min(b - a for a, b in pairwise(momentos)) > 0.005


def test_uma_chave_que_nenhum_cabecalho_leva(armazem_vazio: ArmazemDeTeste) -> None:
    config = Configuracao(
        _env_file=None,
        **armazem_vazio.ambiente,
        BUREAU_API_TOKEN="segrêdo\n",  # type: ignore[call-arg, arg-type]
    )
    with pytest.raises(LastroError, match="BUREAU_API_TOKEN holds letters") as erro:
        carregar(config, fontes()["bureau"], "http://127.0.0.1:1", Opcoes())
    assert "segr" not in str(erro.value)


def test_o_papel_de_quem_carrega_basta(armazem_vazio: ArmazemDeTeste, da_api: Parceiro) -> None:
    if armazem_vazio.motor == "duckdb":
        pytest.skip("files have no roles")
    publicar.conceder(armazem_vazio.config)
    armazem_vazio.executar(
        "do $$ begin create role aldo_pede login password 'uma senha qualquer';"
        " exception when duplicate_object then null; end $$; grant lastro_carga to aldo_pede"
    )
    dele = {
        "PGUSER": "aldo_pede", "PGPASSWORD": "uma senha qualquer", "LASTRO_PG_ROLE": "lastro_carga",
    }  # fmt: skip
    config = Configuracao(_env_file=None, **{**armazem_vazio.ambiente, **dele})  # type: ignore[arg-type]
    da_api.itens.append(item(3, score="x"))
    (carga,) = carregar(config, fontes()["bureau"], da_api.url, Opcoes())
    assert (carga.gravadas, carga.rejeitadas) == (12, 1)
    assert cargas(armazem_vazio) == [("ok", 13, 12, 1)]
    with psycopg.connect(armazem_vazio.servidor.dsn("armazem"), autocommit=True) as conexao:
        conexao.execute("drop owned by aldo_pede; drop role aldo_pede")
