"""The commands on a source of events: what they show, and how they end."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apoio_contratos import com_contratos, contrato
from apoio_eventos import EVENTO, Corretor, corretor, evento, por_arquivo
from conftest import ArmazemDeTeste
from typer.testing import CliRunner, Result

from loaders.armazem import abrir
from loaders.cli import app
from loaders.nucleo.configuracao import configuracao
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError
from loaders.publicacao import situacao

Rodar = Callable[..., Result]
CLIQUE = "clique: {chave: id, eventos: {}, columns: {id: text}}\n"


@pytest.fixture(scope="module")
def broker() -> Iterator[Corretor]:
    with corretor() as feito:
        yield feito


@pytest.fixture
def lastro(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> Iterator[Rodar]:
    """`lastro` in this process, by the contracts of a source with two tables of events."""

    def rodar(*argumentos: str, **ambiente: str | None) -> Result:
        configuracao.cache_clear()
        todo = {**armazem_vazio.ambiente, "COLUMNS": "200", **ambiente}
        return CliRunner().invoke(app, argumentos, prog_name="lastro", env=todo)

    with com_contratos(
        tmp_path, fluxo=contrato("fluxo", "eventos", EVENTO.format(mais="") + CLIQUE)
    ):
        yield rodar
    configuracao.cache_clear()


@pytest.mark.nightly_on("postgres")
def test_carregar_conferir_e_listar(
    lastro: Rodar, broker: Corretor, armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    onde = broker.criar("comandos", 2)
    broker.por("comandos", [*map(evento, range(7)), "x"], particao=1)
    pasta = por_arquivo(tmp_path / "e/a.jsonl", [{"id": "a"}, {"id": "b", "novo": 1}]).parent
    la = {"FLUXO_EVENTOS_EVENTO_URL": onde, "FLUXO_EVENTOS_CLIQUE_URL": str(pasta)}
    feito = lastro("check", "fluxo", **la)
    assert feito.exit_code == 0, feito.output
    assert "fluxo, check, nothing was changed: events" in feito.output
    assert not armazem_vazio.arquivo.exists()
    feito = lastro("load", "fluxo", "--only", "evento", **la)
    assert feito.exit_code == 0, feito.output
    assert "fluxo, how far the logs were read" in feito.output and "clique" not in feito.output
    assert ["1", "evento", "8", "1", "(12.5", "%)", "7", "ok"] in [
        li.split() for li in feito.output.splitlines()
    ]
    feito = lastro("load", "fluxo", **la)
    assert "fields that the contract does not name: novo" in feito.output
    listadas = json.loads(lastro("sources", "--json", **la).output)
    dela = {li["tabela"]: li for li in listadas if li["fonte"] == "fluxo"}
    assert {t: (li["leitura"], li["onde"]) for t, li in dela.items()} == {
        "evento": ("events, each once", onde), "clique": ("events, each once", str(pasta)),
    }  # fmt: skip
    assert dela["evento"]["ultima_carga"] and dela["clique"]["ultima_carga"]
    errado = lastro("sources", "--json", FLUXO_EVENTOS_EVENTO_URL="kafka://eu:senha@a/b").output
    assert [li["onde"] for li in json.loads(errado) if li["fonte"] == "fluxo"] == [
        "FLUXO_EVENTOS_EVENTO_URL cannot be read", "FLUXO_EVENTOS_CLIQUE_URL is not set",
    ]  # fmt: skip
    vazio = {nome: "" for nome in ("SICOOPERATIVE_DSN", "FINTECH_DSN")}
    feito = lastro("load", "--all", POD_CARTOES_LOCATION="/nao/ha", **vazio)
    nomes = "FLUXO_EVENTOS_EVENTO_URL or FLUXO_EVENTOS_CLIQUE_URL"
    assert f"fluxo: not loaded, {nomes} is not set" in " ".join(feito.output.split())
    feito = lastro("load", "--all", POD_CARTOES_LOCATION="/nao/ha", **vazio, **la)
    assert "sem_novidade" in feito.output and "fluxo: not loaded" not in feito.output


@pytest.mark.nightly_on("postgres")
def test_o_que_status_diz_dos_logs(
    armazem_vazio: ArmazemDeTeste, broker: Corretor, tmp_path: Path, lastro: Rodar
) -> None:
    onde = broker.criar("situacao", 2)
    broker.por("situacao", [evento(1)], particao=1)
    lastro("load", "fluxo", "--only", "evento", FLUXO_EVENTOS_EVENTO_URL=onde)
    broker.por("situacao", map(evento, range(2, 9)), particao=1)
    broker.mandar("esquecer", "situacao", 1, 3)
    recusada = lastro("load", "fluxo", "--only", "evento", FLUXO_EVENTOS_EVENTO_URL=onde)
    assert isinstance(recusada.exception, FonteRecusada) and recusada.exception.codigo == 3
    aceita = lastro(
        "load", "fluxo", "--only", "evento", "--accept-gap", FLUXO_EVENTOS_EVENTO_URL=onde
    )
    assert aceita.exit_code == 0 and "missing: kafka://" in aceita.output
    estado = json.loads(armazem_vazio.lastro("status", "--json").stdout)
    (dele,) = estado["logs"]
    assert {c: dele[c] for c in ("fonte", "tabela", "topico", "particoes", "lacunas")} == {
        "fonte": "fluxo", "tabela": "evento", "topico": "situacao", "particoes": 2, "lacunas": 1,
    }  # fmt: skip
    assert dele["em_dia_em"]
    with abrir(armazem_vazio.config, "the test") as aberto:
        assert situacao._entregas(aberto) == [], "events are no deliveries"
    assert "Logs of events" in armazem_vazio.lastro("status").stdout


@pytest.mark.nightly_on("postgres")
def test_o_que_falta_e_o_que_nao_cabe(
    lastro: Rodar, broker: Corretor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for argumentos, dito in (
        (("load", "fluxo", "--only", "evento"), "Set FLUXO_EVENTOS_EVENTO_URL"),
        (("load", "sicooperative", "--follow"), "--follow is for events"),
        (("check", "pod_cartoes", "--accept-gap"), "--accept-gap is for events"),
        (("load", "--all", "--follow"), "from where their settings say"),
        (("load", "fluxo", "--dsn", "x"), "--dsn is for a database"),
    ):
        feito = lastro(*argumentos)
        assert feito.exit_code != 0
        assert dito in " ".join((feito.output + str(feito.exception)).split()), argumentos
    por_arquivo(tmp_path / "e/a.gz", ["x"])
    (tmp_path / "e/a.gz").write_bytes(b"\x1f\x8b nada")
    por_arquivo(tmp_path / "e/b", [{"id": "a"}])
    feito = lastro(
        "load", "fluxo", "--only", "clique", FLUXO_EVENTOS_CLIQUE_URL=str(tmp_path / "e")
    )
    assert isinstance(feito.exception, FonteIndisponivel) and feito.exception.codigo == 4
    assert "1 files of events could not be read, and the others were landed:\n  a.gz: its" in str(
        feito.exception
    )
    for modulo, onde, extra in (
        ("confluent_kafka", "kafka://a/b", "kafka"), ("boto3", "kinesis://us-east-1/b", "kinesis"),
    ):  # fmt: skip
        with monkeypatch.context() as sem:
            sem.setitem(sys.modules, modulo, None)
            feito = lastro("load", "fluxo", "--only", "clique", FLUXO_EVENTOS_CLIQUE_URL=onde)
        assert isinstance(feito.exception, LastroError) and feito.exception.codigo == 1
        assert f"-m pip install 'lastro[{extra}]'" in str(feito.exception)
