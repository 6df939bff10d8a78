"""The files of CI: jobs may do what they need and no more, and what they run is pinned."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import PARTES, PROJETO

FLUXOS = sorted((PROJETO / ".github" / "workflows").glob("*.yml"))
ESCRITAS = {"docs": {"pages", "id-token"}}
"""What which job may write: publishing on GitHub Pages needs both."""
LIMITES = {"nightly": 240}
"""Minutes after which a job is stopped, where 30 are too few."""


def lido(caminho: Path) -> dict[Any, Any]:
    feito: dict[Any, Any] = yaml.safe_load(caminho.read_text(encoding="utf-8"))
    return feito


def passos() -> list[dict[str, Any]]:
    return [p for f in FLUXOS for job in lido(f)["jobs"].values() for p in job["steps"]]


@pytest.mark.parametrize("fluxo", FLUXOS, ids=lambda f: f.stem)
def test_cada_trabalho_diz_o_que_pode(fluxo: Path) -> None:
    assert lido(fluxo)["permissions"] == {}, "nothing, but what a job asks for"
    for nome, job in lido(fluxo)["jobs"].items():
        direitos = job["permissions"]
        escritas = {direito for direito, nivel in direitos.items() if nivel == "write"}
        assert escritas == ESCRITAS.get(nome, set())
        assert direitos["contents"] == "read"
        assert job["timeout-minutes"] <= LIMITES.get(fluxo.stem, 30)


def test_nenhum_passo_fica_com_a_credencial() -> None:
    checkouts = [p for p in passos() if p.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(p["with"]["persist-credentials"] is False for p in checkouts)


def test_o_que_vem_de_fora_tem_versao() -> None:
    for usada in (p["uses"] for p in passos() if "uses" in p):
        assert re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", usada), usada
    instalados = [
        pacote
        for p in passos()
        if "pip install" in p.get("run", "")
        for pacote in p["run"].partition("pip install ")[2].split()
    ]
    assert instalados
    assert all(re.fullmatch(r"[a-z-]+==[0-9.]+", pacote) for pacote in instalados)


def test_lado_a_lado_roda_o_que_o_make_test_roda(request: pytest.FixtureRequest) -> None:
    """Lint, and each test in exactly one part."""
    jobs = lido(PROJETO / ".github" / "workflows" / "ci.yml")["jobs"]
    rodam = {nome: job["steps"][-1].get("run") for nome, job in jobs.items()}
    assert rodam["lint"] == "make lint ALL=1"
    assert rodam["test"] == "make test-part PART=${{ matrix.part }}"
    assert rodam["spark"] == "make test-spark"
    assert set(jobs["docs"]["needs"]) == {"lint", "test"}
    assert sorted(jobs["test"]["strategy"]["matrix"]["part"]) == sorted(PARTES)
    for item in request.session.items:
        marcas = [m.name for m in item.iter_markers() if m.name in PARTES]
        assert len(marcas) == 1, item.nodeid


def test_os_demorados_rodam_toda_noite() -> None:
    noturno = lido(PROJETO / ".github" / "workflows" / "nightly.yml")
    assert noturno[True]["schedule"], "YAML reads `on` as a truth"
    rodam = {job["steps"][-1]["run"] for job in noturno["jobs"].values()}
    assert rodam == {"make test-slow", "make test-slow-spark"}


def test_o_exame_das_dependencias_ve_todas_e_nao_esta_no_make_test() -> None:
    job = lido(PROJETO / ".github" / "workflows" / "dependencies.yml")["jobs"]["audit"]
    arquivos = {p.name for p in PROJETO.glob("requirements*.txt")}
    assert set(job["strategy"]["matrix"]["requirements"]) == arquivos
    for arquivo in ("Makefile", ".ci/run", "pyproject.toml"):
        assert "pip-audit" not in (PROJETO / arquivo).read_text(encoding="utf-8")


def test_dependabot_ve_pacotes_e_acoes() -> None:
    dependabot = lido(PROJETO / ".github" / "dependabot.yml")
    assert dependabot["version"] == 2
    assert {a["package-ecosystem"] for a in dependabot["updates"]} == {"pip", "github-actions"}
    assert all(a["directory"] == "/" for a in dependabot["updates"])
