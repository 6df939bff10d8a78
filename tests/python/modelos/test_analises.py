"""Each analysis runs as it stands on the published version, as a reader of its area."""

from decimal import Decimal
from typing import Any

import pytest
import yaml
from apoio_publicacao import ler
from conftest import ArmazemDeTeste
from entre_motores import EntreMotores

from loaders import PROJETO
from loaders.publicacao import acessos

PASTA = PROJETO / "analyses"
ANALISES = {
    analise["name"]: analise
    for analise in yaml.safe_load((PASTA / "_analyses.yml").read_text(encoding="utf-8"))["analyses"]
}


def _valor(dito: Any) -> Any:
    """A number as both engines give it: one divides integers as decimals, the other as doubles."""
    return round(float(dito), 6) if isinstance(dito, Decimal | float) else dito


def test_cada_consulta_tem_pergunta_e_area() -> None:
    assert {arquivo.stem for arquivo in PASTA.glob("*.sql")} == set(ANALISES)
    areas = {analise["config"]["meta"]["area"] for analise in ANALISES.values()}
    assert areas == set(acessos.areas())
    for nome, analise in ANALISES.items():
        assert "?" in analise["description"], f"{nome}: what does it answer?"


@pytest.mark.parametrize("nome", sorted(ANALISES))
def test_roda_no_publicado_como_sua_area(
    publicado: ArmazemDeTeste, entre_motores: EntreMotores, nome: str
) -> None:
    sql = (PASTA / f"{nome}.sql").read_text(encoding="utf-8")
    linhas = ler(publicado, ANALISES[nome]["config"]["meta"]["area"], sql)
    entre_motores.comparar(
        f"analise_{nome}",
        publicado.motor,
        {"linhas": tuple(tuple(map(_valor, linha)) for linha in linhas)},
    )
