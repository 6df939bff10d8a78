"""The commands on a source that is an API: what they show, and how they end."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apoio_api import CONTAS, SCORES, Parceiro, item, parceiro, responde
from apoio_contratos import com_contratos, contrato
from conftest import ArmazemDeTeste
from typer.testing import CliRunner, Result

from loaders.cli import app
from loaders.nucleo.configuracao import configuracao
from loaders.nucleo.erros import FonteIndisponivel

Rodar = Callable[..., Result]


@pytest.fixture
def da_api() -> Iterator[Parceiro]:
    with parceiro() as feito:
        feito.itens = [item(n) for n in range(7)]
        yield feito


@pytest.fixture
def lastro(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> Iterator[Rodar]:
    """`lastro` in this process, by the contracts of a source with two APIs."""
    das_duas = SCORES.format(mais="") + CONTAS
    encomenda = "sob_demanda: {corpo: [modelo], chave: [modelo, dia]}"

    def rodar(*argumentos: str, **ambiente: str | None) -> Result:
        configuracao.cache_clear()
        todo = {**armazem_vazio.ambiente, "COLUMNS": "200", **ambiente}
        return CliRunner().invoke(app, argumentos, prog_name="lastro", env=todo)

    with com_contratos(
        tmp_path,
        bureau=contrato("bureau", "api", das_duas),
        outro=contrato("outro", "api", SCORES.format(mais=encomenda)),
    ):
        yield rodar
    configuracao.cache_clear()


@pytest.mark.nightly_on("postgres")
def test_carregar_conferir_e_listar(lastro: Rodar, da_api: Parceiro) -> None:
    la = {"BUREAU_API_URL": da_api.url}
    feito = lastro("load", "bureau")
    assert feito.exit_code == 2
    assert "set BUREAU_API_URL" in feito.output
    feito = lastro("check", "bureau", "--only", "score", **la)
    assert feito.exit_code == 0, feito.output
    assert "nothing was changed" in feito.output and "the first page only" in feito.output
    feito = lastro("load", "bureau", "--only", "score", **la)
    assert feito.exit_code == 0, feito.output
    assert "score" in feito.output and "conta" not in feito.output
    assert "2 pages in 2 calls" in feito.output
    feito = lastro("load", "bureau", "--only", "score_chamada", **la)
    assert feito.exit_code == 2
    assert "bureau has score, conta" in feito.output
    assert lastro("load", "bureau", "--dsn", "x", **la).exit_code == 2
    listadas = json.loads(lastro("sources", "--json", **la).output)
    dela = {li["tabela"]: li for li in listadas if li["fonte"] == "bureau"}
    assert {t: (li["leitura"], li["onde"]) for t, li in dela.items()} == {
        "score": ("/v1/scores, by publicado_em", da_api.url),
        "conta": ("/contas, whole", da_api.url),
    }
    assert dela["score"]["ultima_carga"] and not dela["conta"]["ultima_carga"]
    listadas = json.loads(lastro("sources", "--json", BUREAU_API_URL="http://a:b@c").output)
    assert {li["onde"] for li in listadas if li["fonte"] == "bureau"} == {
        "BUREAU_API_URL cannot be read"
    }
    vazio = {nome: "" for nome in ("SICOOPERATIVE_DSN", "FINTECH_DSN")}
    feito = lastro("load", "--all", POD_CARTOES_LOCATION="/nao/ha", **vazio, **la)
    assert "outro: not loaded, OUTRO_API_URL is not set" in feito.output
    assert "conta" in feito.output


@pytest.mark.nightly_on("postgres")
def test_um_parceiro_que_falha_e_uma_encomenda(
    lastro: Rodar, da_api: Parceiro, armazem_vazio: ArmazemDeTeste
) -> None:
    la = {"OUTRO_API_URL": da_api.url}
    da_api.faltas.extend([lambda _: False, responde(401)])
    feito = lastro("load", "outro", **la)
    assert isinstance(feito.exception, FonteIndisponivel) and feito.exception.codigo == 4
    assert "5 rows in 1 pages, stays. See whether OUTRO_API_TOKEN is set" in str(feito.exception)
    feito = lastro("request", "outro", "score", "modelo=M9", **la)
    assert feito.exit_code == 0, feito.output
    assert armazem_vazio.linhas("select modelo from raw_outro.score where _cursor is null"
                                " and id_consulta = 'q1000'") == [("M9",)]  # fmt: skip
    for errado in (("nada=1",), ("modelo",), ()):
        assert lastro("request", "outro", "score", *errado, **la).exit_code != 0
    assert lastro("request", "sicooperative", "conta", "a=b", **la).exit_code == 2
    assert lastro("request", "outro", "score", "modelo=M9").exit_code == 2
