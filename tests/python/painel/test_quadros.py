"""The boards: what a file of questions may say, and that exposures name what they ask."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders import PROJETO
from loaders.nucleo.erros import LastroError
from loaders.painel import quadro
from loaders.painel.quadro import quadros
from loaders.publicacao import acessos

UM: dict[str, Any] = {
    "nome": "um",
    "pergunta": "Quantas faturas?",
    "nota": "Todas.",
    "tipo": "linhas",
    "consulta": "select data_emissao, count(*) as n from {core.fact_fatura} group by 1",
    "colunas": {
        "data_emissao": {"rotulo": "Dia", "forma": "dia"},
        "n": {"rotulo": "Faturas", "forma": "inteiro"},
    },
    "x": "data_emissao",
    "y": "n",
}


def test_cada_pergunta_tem_quem_a_leia_e_um_nome_so_seu() -> None:
    graficos = [g for q in quadros().values() for g in q.graficos]
    assert len({g.nome for g in graficos}) == len(graficos) > 20
    for grafico in graficos:
        assert any(set(grafico.tabelas) <= set(area.le) for area in acessos.areas().values()), (
            f"nobody reads all that {grafico.nome} asks"
        )


def test_so_o_que_a_area_le() -> None:
    for nome, area in acessos.areas().items():
        for q in quadros().values():
            for grafico in q.de(nome):
                assert set(grafico.tabelas) <= set(area.le)
    assert not quadros()["emprestimos"].de("marketing")


@pytest.mark.parametrize(
    ("mudanca", "dito"),
    [
        ({"pergunta": "Faturas"}, "pergunta"),
        ({"tipo": "pizza"}, "tipo"),
        ({"serie": "dia"}, "serie is dia, which is no column"),
        ({"y": None}, "linhas takes serie, x, y"),
        ({"tipo": "numeros"}, "numeros takes"),
        ({"cor": "azul"}, "cor"),
        ({"consulta": "select 1 as n from core.fact_fatura"}, "names no table"),
        ({"consulta": "select 1 as n from {core.fact_nada}"}, "no public model core.fact_nada"),
        (
            {"consulta": "select nome_associado from {core.dim_associado}"},
            "nome_associado of core.dim_associado is personal data",
        ),
    ],
    ids=lambda dado: dado if isinstance(dado, str) else "",
)
def test_um_quadro_que_nao_serve_e_recusado_pelo_nome(
    mudanca: dict[str, Any], dito: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dele = {"titulo": "Um", "graficos": [{k: v for k, v in (UM | mudanca).items() if v}]}
    (tmp_path / "10_um.yml").write_text(yaml.safe_dump(dele), encoding="utf-8")
    monkeypatch.setattr(quadro, "PASTA", tmp_path)
    quadros.cache_clear()
    try:
        with pytest.raises(LastroError, match=dito) as erro:
            quadros()
        assert str(erro.value).startswith("10_um.yml cannot be used")
    finally:
        quadros.cache_clear()


def test_as_exposures_sao_os_quadros() -> None:
    ditas = yaml.safe_load((PROJETO / "models/core/_painel__exposures.yml").read_text("utf-8"))
    de_quadros = {e["name"]: set(e["depends_on"]) for e in ditas["exposures"]}
    assert de_quadros == {
        f"painel_{nome}": {
            f"ref('{tabela.partition('.')[2]}')" for g in q.graficos for tabela in g.tabelas
        }
        for nome, q in quadros().items()
    }
