"""Logs of events, each of which lands once: by Kafka, Kinesis, in files, and by several ways."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pyarrow as pa
import pytest
from apoio_contratos import com_contratos, contrato
from apoio_eventos import (
    DA_FONTE,
    EVENTO,
    INICIO,
    Corretor,
    config,
    corretor,
    em_bytes,
    evento,
    por_arquivo,
)
from apoio_s3 import balde, s3  # noqa: F401 - fixtures
from conftest import ArmazemDeTeste
from moto.kinesis.models import Shard, kinesis_backends

from loaders.contratos import fontes
from loaders.controle import supressao
from loaders.controle.cargas import Carga
from loaders.extracao.eventos import kafka, kinesis
from loaders.extracao.eventos.carregar import Opcoes, Resultado, carregar, conferir
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError
from loaders.publicacao import publicar
from loaders.titulares import esquecer

LANDING = "_topico, _particao, _deslocamento"
EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
CONTA = "123456789012"
REGIAO = "us-east-1"


@pytest.fixture(scope="module")
def broker() -> Iterator[Corretor]:
    """A broker for the module; each test has a topic of its own."""
    with corretor() as feito:
        yield feito


@pytest.fixture
def topico(tmp_path: Path) -> str:
    """The name of a topic, a stream or a folder that nobody else has."""
    return tmp_path.name.replace("[", "-").replace("]", "")


@pytest.fixture(autouse=True)
def contratos(tmp_path: Path) -> Iterator[Path]:
    """The contract of a table of events beside the repository's."""
    texto = contrato("fluxo", "eventos", EVENTO.format(mais="lote: 100\n    tamanho_maximo: 50000"))
    with com_contratos(tmp_path, fluxo=texto) as projeto:
        yield projeto


def ler(armazem: ArmazemDeTeste, *enderecos: str, **opcoes: Any) -> Carga:
    """Load, and return what the load counted."""
    return tudo(armazem, *enderecos, **opcoes).cargas[-1]


def tudo(armazem: ArmazemDeTeste, *enderecos: str, **opcoes: Any) -> Resultado:
    return carregar(config(armazem, *enderecos), fontes()["fluxo"], Opcoes(**opcoes))


def ids(armazem: ArmazemDeTeste) -> list[str]:
    return sorted(i for (i,) in armazem.linhas("select id_evento from raw_fluxo.evento"))


def linhas(armazem: ArmazemDeTeste, colunas: str, onde: str = "true") -> list[tuple[Any, ...]]:
    """Rows of raw, in their order in the logs."""
    return armazem.linhas(f"select {colunas} from raw_fluxo.evento where {onde} order by {LANDING}")


def rejeicoes(armazem: ArmazemDeTeste) -> list[tuple[Any, ...]]:
    return armazem.linhas(
        "select _arquivo, _deslocamento, linha_bruta, motivo from controle.rejeicoes order by 1, 2"
    )


def cada_uma_uma_vez(armazem: ArmazemDeTeste, quantas: int) -> None:
    """No position is there twice, every row is of a load, and each load has as many as it says."""
    assert armazem.linhas(
        "select count(*), count(distinct _topico || '/' || _particao || '/' || _deslocamento)"
        " from raw_fluxo.evento"
    ) == [(quantas, quantas)]
    ditas = armazem.linhas(
        "select _carga_id, gravadas from controle.cargas where gravadas > 0 order by 1"
    )
    assert ditas == armazem.linhas(
        "select _carga_id, count(*) from raw_fluxo.evento group by 1 order by 1"
    )


# Kafka


def aos_poucos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library fetch no more than it hands over, a batch of the producer at a time."""
    for nome, valor in (
        ("queued.min.messages", 1),
        ("queued.max.messages.kbytes", 1),
        ("fetch.message.max.bytes", 1000),
        ("fetch.queue.backoff.ms", 1),
    ):
        monkeypatch.setitem(kafka.PROPRIAS, nome, valor)  # type: ignore[arg-type]


def test_cada_evento_uma_vez(armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str) -> None:
    onde = broker.criar(topico)
    broker.por(topico, map(evento, range(250)), em=INICIO + timedelta(hours=1))
    feito = tudo(armazem_vazio, onde)
    (carga,) = feito.cargas
    assert (carga.status, carga.lidas, carga.gravadas, carga.rejeitadas) == ("ok", 250, 250, 0)
    assert [(a.topico, a.particao, a.posicao, a.fim, a.mensagens) for _, a in feito.atrasos] == [
        (topico, str(n), fim, fim, 0) for n, fim in enumerate(("84", "83", "83"))
    ]
    assert linhas(
        armazem_vazio, f"{DA_FONTE}, {LANDING}, _recebido_em", "id_evento = 'e000004'"
    ) == [
        (
            "e000004", "situacao_alterada", 2, "p4", "c4", None, INICIO + timedelta(seconds=4),
            INICIO + timedelta(seconds=4),
            '{"motivo":"análise","situacao_nova":"APROVADO","valor":10.5}',
            topico, "1", "00000000000000000001", INICIO + timedelta(hours=1),
        )
    ]  # fmt: skip
    assert armazem_vazio.linhas(
        "select fonte, tabela, topico, particao, posicao, encerrada, em_dia_em is not null, arquivo"
        " from controle.posicoes order by particao"
    ) == [
        ("fluxo", "evento", topico, str(n), f"{fim:020}", False, True, None)
        for n, fim in enumerate((84, 83, 83))
    ]
    assert ler(armazem_vazio, onde).status == "sem_novidade"
    broker.por(topico, map(evento, range(250, 260)))
    carga = ler(armazem_vazio, onde)
    assert (carga.status, carga.lidas, carga.gravadas) == ("ok", 10, 10)
    cada_uma_uma_vez(armazem_vazio, 260)
    assert ids(armazem_vazio) == [f"e{n:06}" for n in range(260)]


def test_le_ate_o_fim_de_quando_comecou(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico, 1)
    broker.por(topico, map(evento, range(150)), particao=0)
    vezes: list[int] = []

    def e_vem_mais(_tabela: str, lidas: int) -> None:
        vezes.append(lidas)
        broker.por(topico, [evento(1000 + len(vezes))] * 30, particao=0)

    carregar(config(armazem_vazio, onde), fontes()["fluxo"], Opcoes(), e_vem_mais)
    assert len(ids(armazem_vazio)) == 150
    ler(armazem_vazio, onde)
    cada_uma_uma_vez(armazem_vazio, 150 + 30 * len(vezes))


def test_uma_particao_a_mais_e_lida_desde_o_comeco(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    """A partition in which nothing was yet is known, too, so that what it lost would be noticed."""
    onde = broker.criar(topico, 2)
    assert ler(armazem_vazio, onde).status == "sem_novidade"
    assert armazem_vazio.linhas("select particao, posicao from controle.posicoes order by 1") == [
        ("0", "0" * 20), ("1", "0" * 20),
    ]  # fmt: skip
    broker.por(topico, map(evento, range(9)), particao=1)
    broker.mandar("esquecer", topico, 1, 4)
    with pytest.raises(FonteRecusada, match=r"partition 1: offsets 0 to 3 \(4 of them\)"):
        ler(armazem_vazio, onde)


VENENO: list[tuple[Any, str, str]] = [
    ("x\ty", "x\ty", "no JSON"),
    (b"\xff\xfea\xe1", r"\xff\xfea\xe1", "it is no UTF-8 text"),
    (b"a\0b", r"a\x00b", "no JSON"),
    ('{"id_evento": "a"}{"id_evento": "b"}', '{"id_evento": "a"}{"id_evento": "b"}',
     "more than one JSON value"),
    ('{"tipo_evento": "x"}', '{"tipo_evento": "x"}', "id_evento is missing"),
    ('{"id_evento": "a", "versao_esquema": "dois"}', '{"id_evento": "a", "versao_esquema": "dois"}',
     "versao_esquema is no integer"),
    ("[" * 3000, "[" * 3000, "it is nested too deeply"),
]  # fmt: skip
GRANDE = json.dumps(evento(1, texto="é" * 30_000), ensure_ascii=False)
"""An event of more bytes than one may have."""


def test_o_que_nao_e_evento_e_posto_de_lado_uma_vez(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico, 1)
    todos = [evento(0), *(dito for dito, _, _ in VENENO), None, GRANDE, evento(1)]
    broker.por(topico, todos, particao=0)
    carga = ler(armazem_vazio, onde)
    assert (carga.lidas, carga.rejeitadas, carga.gravadas) == (len(todos), len(todos) - 2, 2)
    esperadas = [*((texto, porque) for _, texto, porque in VENENO), ("", "it is empty")]
    esperadas.append(
        (GRANDE, f"it has {len(GRANDE.encode()):,} bytes, more than 50,000 (tamanho_maximo)")
    )
    assert rejeicoes(armazem_vazio) == [
        (f"{topico}/0", f"{n:020}", texto, porque) for n, (texto, porque) in enumerate(esperadas, 1)
    ]
    assert armazem_vazio.linhas("select _linha from controle.rejeicoes order by 1") == [
        (n,) for n in range(2, len(todos))
    ]
    assert ler(armazem_vazio, onde).rejeitadas == 0
    assert len(rejeicoes(armazem_vazio)) == len(todos) - 2
    assert ids(armazem_vazio) == ["e000000", "e000001"]


def test_o_que_o_broker_ja_nao_tem_e_dito_e_so_passa_quem_aceita(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico)
    broker.por(topico, map(evento, range(30)))
    ler(armazem_vazio, onde)
    broker.por(topico, map(evento, range(30, 90)))
    broker.mandar("esquecer", topico, 0, 15)
    broker.mandar("esquecer", topico, 2, 30)  # all of it
    broker.mandar("esquecer", topico, 1, 5)  # which was read
    with pytest.raises(FonteRecusada) as erro:
        ler(armazem_vazio, onde)
    dito = str(erro.value)
    assert f"{onde}, partition 0: offsets 10 to 14 (5 of them)" in dito
    assert f"{onde}, partition 2: offsets 10 to 29 (20 of them)" in dito
    assert "Nothing was landed" in dito and "--accept-gap" in dito and "partition 1" not in dito
    assert len(ids(armazem_vazio)) == 30
    with pytest.raises(FonteRecusada):
        conferir(config(armazem_vazio, onde), fontes()["fluxo"], Opcoes())
    carga = ler(armazem_vazio, onde, aceita_lacunas=True)
    assert (carga.status, carga.gravadas) == ("ok", 35)
    assert str(carga.mensagem).startswith("missing: kafka://")
    assert armazem_vazio.linhas(
        "select fonte, tabela, topico, particao, de, ate, _carga_id from controle.lacunas order by"
        " particao"
    ) == [
        ("fluxo", "evento", topico, "0", f"{10:020}", f"{15:020}", carga.id),
        ("fluxo", "evento", topico, "2", f"{10:020}", f"{30:020}", carga.id),
    ]
    assert ler(armazem_vazio, onde).status == "sem_novidade"
    cada_uma_uma_vez(armazem_vazio, 65)
    assert [s for (s,) in armazem_vazio.linhas(
        "select status from controle.cargas order by _carga_id"
    )] == ["ok", "rejeitado", "ok", "sem_novidade"]  # fmt: skip


@pytest.mark.nightly_on("postgres")
def test_o_que_se_perde_enquanto_se_le_tambem_e_dito(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aos_poucos(monkeypatch)
    onde = broker.criar(topico, 1)
    for n in range(400):  # a batch each, as the broker gives whole ones
        broker.por(topico, [evento(n)], particao=0)
    esquecido = False

    def esquece(_tabela: str, lidas: int) -> None:
        nonlocal esquecido
        if lidas and not esquecido:
            esquecido = True
            broker.mandar("esquecer", topico, 0, 390)

    with pytest.raises(FonteRecusada, match=r"offsets \d+ to 389 .*\n.* stays") as erro:
        carregar(config(armazem_vazio, onde), fontes()["fluxo"], Opcoes(), esquece)
    ficaram = len(ids(armazem_vazio))
    assert 0 < ficaram < 390 and f"What came before, {ficaram} rows" in str(erro.value)
    carga = ler(armazem_vazio, onde, aceita_lacunas=True)
    assert carga.gravadas == 10
    cada_uma_uma_vez(armazem_vazio, ficaram + 10)
    assert armazem_vazio.linhas("select de, ate from controle.lacunas") == [
        (f"{ficaram:020}", f"{390:020}")
    ]


@pytest.mark.nightly_on("postgres")
def test_outro_log_no_lugar_do_que_se_conhece_e_recusado(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico, 2)
    broker.por(topico, map(evento, range(9)), particao=1)
    ler(armazem_vazio, onde)
    with corretor() as outro:
        onde_outro = outro.criar(topico, 2)
        outro.por(topico, map(evento, range(20, 60)), particao=1)
        with pytest.raises(FonteRecusada, match=r"another cluster answers.*#name"):
            ler(armazem_vazio, onde_outro)
        assert ler(armazem_vazio, onde, f"{onde_outro}#outro").gravadas == 40
    armazem_vazio.executar(f"update controle.posicoes set posicao = '{99:020}' where topico"
                           f" = '{topico}' and particao = '1'")  # fmt: skip
    with pytest.raises(FonteRecusada, match="partition 1 ends before 9, and was read up to 99"):
        ler(armazem_vazio, onde)
    armazem_vazio.executar("update controle.posicoes set particao = '7' where particao = '1'")
    with pytest.raises(FonteRecusada, match="partition 7 is gone"):
        ler(armazem_vazio, onde)


@pytest.mark.nightly_on("postgres")
def test_um_broker_que_nao_responde(
    armazem_vazio: ArmazemDeTeste, topico: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "ESPERA", 1.0)
    monkeypatch.setattr(kafka, "PACIENCIA", 2.0)
    with corretor() as aqui:
        onde = aqui.criar(topico)
        aqui.por(topico, map(evento, range(300)))
        with pytest.raises(FonteIndisponivel, match="Unknown topic"):
            ler(armazem_vazio, f"kafka://{aqui.endereco}/nada")

        def cai(_tabela: str, lidas: int) -> None:
            if lidas:
                aqui.mandar("cair")

        aos_poucos(monkeypatch)
        for n in range(300):
            aqui.por(topico, [evento(1000 + n)], particao=2)
        with pytest.raises(FonteIndisponivel):
            carregar(config(armazem_vazio, onde), fontes()["fluxo"], Opcoes(), cai)
        with pytest.raises(FonteIndisponivel):
            ler(armazem_vazio, onde)
        estados = [s for (s,) in armazem_vazio.linhas("select status from controle.cargas")]
        assert estados[0] == "erro" and estados[-1] == "erro"
        aqui.mandar("levantar")
        ler(armazem_vazio, onde)
    cada_uma_uma_vez(armazem_vazio, 600)
    with pytest.raises(FonteIndisponivel):
        ler(armazem_vazio, onde)


def test_o_arquivo_que_diz_como_se_entra_no_kafka(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str, tmp_path: Path
) -> None:
    onde = broker.criar(topico)
    broker.por(topico, [evento(1)])
    arquivo = tmp_path / "kafka.properties"
    como = {"FLUXO_EVENTOS_KAFKA_FILE": str(arquivo)}
    arquivo.write_text("# ours\n\nclient.id = eu\nsocket.timeout.ms=5000\n")
    carregar(config(armazem_vazio, onde, **como), fontes()["fluxo"], Opcoes())
    assert ids(armazem_vazio) == ["e000001"]
    for texto, dito in (
        ("enable.auto.commit=true\n", "kafka.properties:1: "),
        ("client.id=a\nsenha\n", "kafka.properties:2: "),
        ("sasl.senha=segredo\n", "kafka.properties: .*sasl.senha"),
        ("sasl.mechanisms=segredo\nsecurity.protocol=segredo\n", "kafka.properties: "),
    ):
        arquivo.write_text(texto)
        with pytest.raises(LastroError, match=dito) as erro:
            carregar(config(armazem_vazio, onde, **como), fontes()["fluxo"], Opcoes())
        assert "segredo" not in str(erro.value)
    arquivo.unlink()
    with pytest.raises(LastroError, match="cannot be read"):
        carregar(config(armazem_vazio, onde, **como), fontes()["fluxo"], Opcoes())


# Files


def test_arquivos_de_toda_forma(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    pasta = tmp_path / "entregas"
    quando = INICIO + timedelta(minutes=5, microseconds=123456)
    por_arquivo(pasta / "2024/05/01/fluxo-1-uuid", [evento(0), evento(1)], quando)
    por_arquivo(pasta / "b.jsonl.gz", [evento(2), evento(3)])
    comprimido = pa.compress(em_bytes(evento(4)) + b"\n", "zstd", asbytes=True)
    (pasta / "c.json.zst").write_bytes(comprimido)
    # A mark, line ends of Windows, blank lines, and a last line without an end.
    (pasta / "d.jsonl").write_bytes(
        b"\xef\xbb\xbf" + em_bytes(evento(5)) + b"\r\n\r\n  \n" + em_bytes(evento(6))
    )
    (pasta / "e vazio").touch()
    for alheio in ("_SUCCESS", ".em-curso", "_temporary/x", "2024/.oculta/y"):
        por_arquivo(pasta / alheio, [evento(99)])
    feito = tudo(armazem_vazio, str(pasta))
    assert ids(armazem_vazio) == [f"e{n:06}" for n in range(7)]
    escrito = (pasta / "d.jsonl").stat().st_mtime_ns // 1000
    assert sorted(
        linhas(
            armazem_vazio,
            "id_evento, _topico, _deslocamento, _recebido_em",
            "id_evento in ('e000001', 'e000006')",
        )
    ) == [
        ("e000001", str(pasta), f"{2:020}", quando),
        ("e000006", str(pasta), f"{4:020}", EPOCA + timedelta(microseconds=escrito)),
    ]
    assert [(a.particao, a.mensagens) for _, a in feito.atrasos] == [("5 files", 0)]
    assert ler(armazem_vazio, str(pasta)).status == "sem_novidade"
    # Under another name, or written once more the same, it is the same file.
    (pasta / "b.jsonl.gz").rename(pasta / "z.jsonl.gz")
    os.utime(pasta / "d.jsonl", (1, 1))
    assert ler(armazem_vazio, str(pasta)).status == "sem_novidade"
    assert ler(armazem_vazio, str(pasta)).status == "sem_novidade"
    por_arquivo(pasta / "f.jsonl", ["x", evento(7)])
    carga = ler(armazem_vazio, str(pasta))
    assert (carga.gravadas, carga.rejeitadas) == (1, 1)
    (recusada,) = rejeicoes(armazem_vazio)
    assert recusada[0].startswith(f"{pasta}/") and recusada[1:] == (f"{1:020}", "x", "no JSON")
    cada_uma_uma_vez(armazem_vazio, 8)


@pytest.mark.nightly_on("postgres")
def test_so_os_arquivos_que_o_contrato_nomeia(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    pasta = tmp_path / "entregas"
    por_arquivo(pasta / "a.jsonl", [evento(0)])
    por_arquivo(pasta / "a.txt", [evento(1)])
    texto = contrato("fluxo", "eventos", EVENTO.format(mais="arquivos: '*.jsonl*'"))
    with com_contratos(tmp_path, fluxo=texto):
        ler(armazem_vazio, str(pasta))
    assert ids(armazem_vazio) == ["e000000"]


@pytest.mark.nightly_on("postgres")
def test_um_arquivo_que_nao_se_le_nao_detem_os_outros(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasta = tmp_path / "entregas"
    inteiro = por_arquivo(pasta / "a.gz", [evento(n) for n in range(9)]).read_bytes()
    (pasta / "a.gz").write_bytes(inteiro[:-9])
    (pasta / "b.zst").write_bytes(b"nada disso")
    por_arquivo(pasta / "c", [evento(20)])
    os.mkfifo(pasta / "d")
    (pasta / "e").symlink_to(pasta / "nao-ha")
    feito = tudo(armazem_vazio, str(pasta))
    assert {nome: porque[:21] for nome, porque in feito.problemas.items()} == {
        "a.gz": "its gzip data is cut ", "b.zst": "its zstd data is brok",
    }  # fmt: skip
    assert ids(armazem_vazio) == ["e000020"]
    (pasta / "a.gz").write_bytes(inteiro)
    feito = tudo(armazem_vazio, str(pasta))
    assert list(feito.problemas) == ["b.zst"]
    cada_uma_uma_vez(armazem_vazio, 10)
    por_arquivo(pasta / "f", [evento(30), "{" + "x" * 3000, evento(31)])
    monkeypatch.setattr("loaders.extracao.eventos.pasta.LINHA_MAXIMA", 1000)
    assert ler(armazem_vazio, str(pasta)).rejeitadas == 1
    assert rejeicoes(armazem_vazio)[0][1:3] == (f"{2:020}", "{" + "x" * 999)
    assert ids(armazem_vazio)[-2:] == ["e000030", "e000031"]
    with pytest.raises(FonteIndisponivel, match="does not exist"):
        ler(armazem_vazio, str(tmp_path / "nada"))


@pytest.mark.nightly_on("postgres")
def test_uma_pasta_de_que_some_o_que_se_lia(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    pasta = tmp_path / "entregas"
    por_arquivo(pasta / "a", [evento(n) for n in range(250)])

    def quebra(_tabela: str, lidas: int) -> None:
        if lidas >= 100:
            raise FonteIndisponivel("enough")

    def metade() -> None:
        with pytest.raises(FonteIndisponivel):
            carregar(config(armazem_vazio, str(pasta)), fontes()["fluxo"], Opcoes(), quebra)

    metade()
    assert armazem_vazio.linhas("select status, gravadas from controle.cargas") == [
        ("parcial", 100)
    ]
    (pasta / "a").rename(pasta / "b")  # it goes on in it, by whatever name
    assert ler(armazem_vazio, str(pasta)).gravadas == 150
    cada_uma_uma_vez(armazem_vazio, 250)
    por_arquivo(pasta / "c", [evento(n) for n in range(300, 550)])
    metade()
    (pasta / "c").unlink()
    with pytest.raises(FonteRecusada, match=r", c: what comes after line 100"):
        ler(armazem_vazio, str(pasta))
    assert ler(armazem_vazio, str(pasta), aceita_lacunas=True).gravadas == 0
    assert ler(armazem_vazio, str(pasta)).status == "sem_novidade"
    assert armazem_vazio.linhas("select de, ate from controle.lacunas") == [(f"{100:020}", None)]


@pytest.mark.nightly_on("postgres")
def test_no_s3(armazem_vazio: ArmazemDeTeste, balde: tuple[str, Any]) -> None:  # noqa: F811
    onde, sistema = balde
    with pytest.raises(FonteIndisponivel, match="does not exist, or nothing is in it"):
        ler(armazem_vazio, onde)
    sistema.pipe(f"{onde}/2024/05/01/a.gz", pa.compress(em_bytes(evento(0)), "gzip", asbytes=True))
    sistema.pipe(f"{onde}/2024/05/01/b", em_bytes(evento(1)) + b"\n" + em_bytes(evento(2)))
    sistema.pipe(f"{onde}/_temporario/c", em_bytes(evento(9)))
    assert ler(armazem_vazio, onde).gravadas == 3
    assert ler(armazem_vazio, onde).status == "sem_novidade"
    sistema.pipe(f"{onde}/2024/05/02/a", em_bytes(evento(3)))
    assert ler(armazem_vazio, onde).gravadas == 1
    cada_uma_uma_vez(armazem_vazio, 4)
    assert {t for (t,) in linhas(armazem_vazio, "_topico")} == {onde}
    (recente,) = armazem_vazio.linhas(
        "select min(_recebido_em) > current_timestamp - interval '10 minutes' from raw_fluxo.evento"
    )[0]
    assert recente


# Kinesis


class Fluxo:
    """A stream of Kinesis on loopback. Its shards are split here, as the server's own way of it
    moves records about, which AWS does not."""

    def __init__(self, nome: str, fragmentos: int = 1) -> None:
        self.nome = nome
        self.cliente = boto3.client("kinesis", region_name=REGIAO)
        self.cliente.create_stream(StreamName=nome, ShardCount=fragmentos)
        self.dentro = kinesis_backends[CONTA][REGIAO].streams[nome]

    @property
    def onde(self) -> str:
        return f"kinesis://{REGIAO}/{self.nome}"

    def por(self, fragmento: int, *eventos: Any) -> None:
        """Put records into a shard."""
        for dito in eventos:
            self.cliente.put_record(
                StreamName=self.nome, Data=em_bytes(dito), PartitionKey="x",
                ExplicitHashKey=str(self.shard(fragmento).starting_hash + 1),
            )  # fmt: skip

    def shard(self, n: int) -> Shard:
        return self.dentro.shards[f"shardId-{n:012}"]

    def repartir(self, pai: int, *filhos: int, outro_pai: int | None = None) -> None:
        """Close shards, and make others of them."""
        pais = [self.shard(p) for p in (pai, outro_pai) if p is not None]
        de, ate = min(p.starting_hash for p in pais), max(p.ending_hash for p in pais)
        passo = (ate - de + 1) // len(filhos)
        for velho in pais:
            velho.is_open = False
            velho.starting_hash = velho.ending_hash = -1  # nothing goes there any more
        for n, filho in enumerate(filhos):
            novo = Shard(
                filho, de + n * passo, de + (n + 1) * passo - 1, pais[0].shard_id,
                pais[1].shard_id if len(pais) > 1 else None,
            )  # fmt: skip
            self.dentro.shards[novo.shard_id] = novo


@pytest.fixture
def fluxo(s3: str, topico: str) -> Fluxo:  # noqa: F811
    return Fluxo(topico, 2)


def test_um_fluxo_do_kinesis(armazem_vazio: ArmazemDeTeste, fluxo: Fluxo) -> None:
    fluxo.por(0, *map(evento, range(10)), "x")
    fluxo.por(1, *map(evento, range(10, 15)))
    carga = ler(armazem_vazio, fluxo.onde)
    assert (carga.lidas, carga.gravadas, carga.rejeitadas) == (16, 15, 1)
    assert linhas(armazem_vazio, LANDING, "id_evento = 'e000011'") == [
        (fluxo.nome, "shardId-000000000001", f"{2:056}")
    ]
    (recente,) = armazem_vazio.linhas(
        "select min(_recebido_em) > current_timestamp - interval '1 minute'"
        " and max(_recebido_em) <= current_timestamp from raw_fluxo.evento"
    )[0]
    assert recente
    assert rejeicoes(armazem_vazio) == [
        (f"{fluxo.nome}/shardId-000000000000", f"{11:056}", "x", "no JSON")
    ]
    assert ler(armazem_vazio, fluxo.onde).status == "sem_novidade"
    fluxo.por(0, evento(20))
    assert ler(armazem_vazio, fluxo.onde).gravadas == 1
    cada_uma_uma_vez(armazem_vazio, 16)


def test_fragmentos_que_se_dividem_e_se_juntam_pais_antes_dos_filhos(
    armazem_vazio: ArmazemDeTeste, fluxo: Fluxo
) -> None:
    fluxo.por(0, *map(evento, range(5)))
    ler(armazem_vazio, fluxo.onde)
    fluxo.por(0, *map(evento, range(5, 150)))
    fluxo.repartir(0, 2, 3)
    fluxo.por(2, *map(evento, range(150, 160)))
    fluxo.repartir(2, 4, outro_pai=1)
    fluxo.por(4, *map(evento, range(160, 170)))
    feito = tudo(armazem_vazio, fluxo.onde)
    assert feito.cargas[-1].gravadas == 165
    assert ids(armazem_vazio) == [f"e{n:06}" for n in range(170)]
    # Batches are of 100 messages: what came later in the log is in no earlier batch.
    ordem = armazem_vazio.linhas(
        "select id_evento from raw_fluxo.evento order by _carregado_em, id_evento"
    )
    assert [i for (i,) in ordem] == ids(armazem_vazio)
    assert armazem_vazio.linhas("select particao, encerrada from controle.posicoes order by 1") == [
        (f"shardId-{n:012}", n not in (3, 4)) for n in range(5)
    ]
    assert ler(armazem_vazio, fluxo.onde).status == "sem_novidade"
    # What was read to its end need not be there any more.
    for n in (0, 1, 2):
        del fluxo.dentro.shards[f"shardId-{n:012}"]
    fluxo.por(4, evento(200))
    assert ler(armazem_vazio, fluxo.onde).gravadas == 1
    cada_uma_uma_vez(armazem_vazio, 171)


@pytest.mark.nightly_on("postgres")
def test_o_que_o_kinesis_pode_ter_esquecido(armazem_vazio: ArmazemDeTeste, fluxo: Fluxo) -> None:
    fluxo.por(0, *map(evento, range(5)))
    ler(armazem_vazio, fluxo.onde)
    fluxo.por(0, *map(evento, range(5, 9)))
    registros = fluxo.shard(0).records
    for n in list(registros)[:7]:
        del registros[n]
    ha_dias = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    armazem_vazio.executar(f"update controle.posicoes set em_dia_em = timestamptz '{ha_dias}'")
    with pytest.raises(FonteRecusada) as erro:
        ler(armazem_vazio, fluxo.onde)
    for n in (0, 1):
        assert f"shard shardId-00000000000{n}: after" in str(erro.value)
    assert "as the stream keeps 24 h" in str(erro.value)
    assert ler(armazem_vazio, fluxo.onde, aceita_lacunas=True).gravadas == 2
    assert armazem_vazio.linhas("select particao, de, ate from controle.lacunas order by 1") == [
        ("shardId-000000000000", f"{5:056}", None), ("shardId-000000000001", None, None),
    ]  # fmt: skip
    assert ler(armazem_vazio, fluxo.onde).status == "sem_novidade"
    fluxo.repartir(1, 2)
    del fluxo.dentro.shards["shardId-000000000001"]
    with pytest.raises(FonteRecusada, match="as the shard is gone"):
        ler(armazem_vazio, fluxo.onde)
    ler(armazem_vazio, fluxo.onde, aceita_lacunas=True)
    assert ler(armazem_vazio, fluxo.onde).status == "sem_novidade"


@pytest.mark.nightly_on("postgres")
def test_um_fluxo_feito_de_novo_e_um_que_nao_ha(
    armazem_vazio: ArmazemDeTeste, fluxo: Fluxo, monkeypatch: pytest.MonkeyPatch
) -> None:
    fluxo.por(0, evento(0))
    ler(armazem_vazio, fluxo.onde)
    fluxo.cliente.delete_stream(StreamName=fluxo.nome)
    with pytest.raises(FonteIndisponivel, match="not found"):
        ler(armazem_vazio, fluxo.onde)
    novo = Fluxo(fluxo.nome)
    novo.por(0, evento(1))
    with pytest.raises(FonteRecusada, match="is not the stream that was read before"):
        ler(armazem_vazio, novo.onde)
    assert ler(armazem_vazio, f"{novo.onde}#novo").gravadas == 1
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setitem(kinesis.CONEXAO, "connect_timeout", 1)
    with pytest.raises(FonteIndisponivel, match="Could not connect"):
        ler(armazem_vazio, novo.onde)


# By several ways


def test_o_mesmo_evento_por_tres_caminhos_e_o_mesmo(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str, fluxo: Fluxo, tmp_path: Path
) -> None:
    """Its content is the same to the letter, so that a model can tell that it is one."""
    onde = broker.criar(topico)
    ditos = [evento(n, dados={"z": 1.5, "a": ["é", {"y": None, "x": n}]}) for n in range(20)]
    broker.por(topico, ditos)
    for dito in ditos:  # as a sink writes it: keys in another order, letters escaped, 1.50
        texto = json.dumps(dict(reversed(dito.items()))).replace("1.5", "1.50")
        fluxo.por(0, texto.replace("+00:00", "Z"))
    por_arquivo(tmp_path / "f/x.gz", [json.dumps(d, indent=None).replace(" ", "  ") for d in ditos])
    carga = ler(armazem_vazio, onde, f"{fluxo.onde}#kinesis", str(tmp_path / "f"))
    assert carga.gravadas == 60
    cada_uma_uma_vez(armazem_vazio, 60)
    assert armazem_vazio.linhas(
        f"select count(*) from (select {DA_FONTE}, count(*) as n from raw_fluxo.evento"
        f" group by {DA_FONTE}) as t where n = 3"
    ) == [(20,)]
    assert {t for (t,) in linhas(armazem_vazio, "_topico")} == {
        topico, "kinesis", str(tmp_path / "f"),
    }  # fmt: skip
    # One of them may go, and come back.
    broker.por(topico, [evento(30)])
    fluxo.por(1, evento(30))
    assert ler(armazem_vazio, onde).gravadas == 1
    assert ler(armazem_vazio, f"{fluxo.onde}#kinesis", onde).gravadas == 1


def test_qualquer_divisao_em_cargas_da_as_mesmas_linhas(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str, tmp_path: Path
) -> None:
    onde = broker.criar(topico)
    todos: list[Any] = [evento(n) for n in range(120)]
    todos[7] = "veneno"
    vistas = []
    broker.por(topico, todos)
    for lote in ("lote: 7", "lote: 1000"):
        armazem_vazio.restaurar("vazio")
        texto = contrato("fluxo", "eventos", EVENTO.format(mais=lote))
        with com_contratos(tmp_path, fluxo=texto):
            ler(armazem_vazio, onde)
        vistas.append(
            (linhas(armazem_vazio, f"{DA_FONTE}, {LANDING}, _recebido_em"),
             rejeicoes(armazem_vazio))
        )  # fmt: skip
    assert vistas[0] == vistas[1]
    assert len(vistas[0][0]) == 119


def test_conferir_le_um_pouco_e_nada_fica(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico)
    broker.por(topico, [*map(evento, range(150)), "x"])
    como, fonte = config(armazem_vazio, onde), fontes()["fluxo"]
    feito = conferir(como, fonte, Opcoes())
    (carga,) = feito.cargas
    assert (carga.lidas, carga.status) == (100, "ok") and "first 100" in str(carga.formato)
    assert sum(a.mensagens or 0 for _, a in feito.atrasos) == 151
    ler(armazem_vazio, onde)
    antes = armazem_vazio.linhas("select * from controle.posicoes order by particao")
    (carga,) = conferir(como, fonte, Opcoes()).cargas
    assert (carga.lidas, carga.status) == (0, "sem_novidade")
    assert armazem_vazio.linhas("select * from controle.posicoes order by particao") == antes
    cada_uma_uma_vez(armazem_vazio, 150)


# People, and who may do what


@contextmanager
def esquecido(armazem: ArmazemDeTeste, id_: str) -> Iterator[None]:
    """Somebody is on the list of those who were erased."""
    segredo = supressao.ler_chave(armazem.config)
    dele = supressao.identificar(segredo, "fluxo", "id_cliente", id_)
    armazem.executar(
        "insert into controle.esquecidos values ('fluxo', 'id_cliente',"
        f" '{dele}', '{supressao.nome_da_chave(segredo)}', current_timestamp, null,"
        " current_timestamp)"
    )
    yield


def test_quem_foi_esquecido_nao_volta(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico, 1)
    broker.por(topico, map(evento, range(7)), particao=0)
    ler(armazem_vazio, onde)
    with esquecido(armazem_vazio, "c3"):
        broker.por(topico, [evento(10), evento(11), '{"id_cliente": "c3"}'], particao=0)
        carga = ler(armazem_vazio, onde)
    assert (carga.lidas, carga.gravadas, carga.suprimidas, carga.rejeitadas) == (3, 1, 1, 1)
    assert rejeicoes(armazem_vazio)[0][2] == ""
    assert ids(armazem_vazio)[-1] == "e000011" and "e000010" not in ids(armazem_vazio)
    assert ler(armazem_vazio, onde).status == "sem_novidade"


@pytest.mark.slow
def test_apagar_alguem_alcanca_os_seus_eventos(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    onde = broker.criar(topico, 1)
    dele = {"id_cliente": "cliente-33", "dados": {"nome": "Fulano de Tal"}}
    ruim = '{"id_cliente": "cliente-33"}'
    broker.por(topico, [evento(1), evento(2, **dele), evento(2, **dele), ruim], particao=0)
    ler(armazem_vazio, onde)
    esquecer.esquecer(armazem_vazio.config, "fluxo", ["cliente-33"], [])
    for tabela in ("raw_fluxo.evento", "controle.rejeicoes"):
        todo = repr(armazem_vazio.linhas(f"select * from {tabela}"))
        assert "cliente-33" not in todo and "Fulano" not in todo and "e000002" not in todo
    restam = linhas(armazem_vazio, "id_evento, dados", "id_evento <> 'e000001'")
    assert len(restam) == 2 and restam[0] == restam[1] and restam[0][1] is None
    broker.por(topico, [evento(3, **dele)], particao=0)
    assert ler(armazem_vazio, onde).gravadas == 0


def test_o_papel_de_quem_carrega_basta(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, topico: str
) -> None:
    if armazem_vazio.motor == "duckdb":
        pytest.skip("files have no roles")
    onde = broker.criar(topico)
    publicar.conceder(armazem_vazio.config)
    armazem_vazio.executar(
        "do $$ begin create role aldo_ouve login password 'uma senha qualquer';"
        " exception when duplicate_object then null; end $$; grant lastro_carga to aldo_ouve"
    )
    dele = {
        "PGUSER": "aldo_ouve", "PGPASSWORD": "uma senha qualquer", "LASTRO_PG_ROLE": "lastro_carga",
        "FLUXO_EVENTOS_URL": onde,
    }  # fmt: skip
    como = Configuracao(_env_file=None, **{**armazem_vazio.ambiente, **dele})  # type: ignore[arg-type]
    broker.por(topico, [evento(1), "x"])
    (carga,) = carregar(como, fontes()["fluxo"], Opcoes()).cargas
    assert (carga.gravadas, carga.rejeitadas, carga.status) == (1, 1, "ok")
    with psycopg.connect(armazem_vazio.servidor.dsn("armazem"), autocommit=True) as conexao:
        conexao.execute("drop owned by aldo_ouve; drop role aldo_ouve")
