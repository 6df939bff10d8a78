"""The cooperative's database as people really have it: read by its contract alone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from apoio import TABELAS, extrair, na_fonte, no_armazem
from apoio_contratos import com_contratos
from conftest import ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.nucleo.erros import ArmazemIndisponivel, FonteRecusada

CONTRATO = "models/staging/sicooperative/_sicooperative__sources.yml"
CASA = "core_banking"

OUTRO_BANCO = """
alter table conta drop constraint conta_id_associado_fkey;
alter table cartao drop constraint cartao_id_conta_fkey;
alter table movimentacao_cartao drop constraint movimentacao_cartao_id_cartao_fkey;
alter table associado alter id_associado type integer
    using cast(regexp_replace(id_associado, '\\D', '', 'g') as integer);
alter table conta alter id_associado type integer
    using cast(regexp_replace(id_associado, '\\D', '', 'g') as integer);
alter table associado rename id_associado to id;
alter table associado alter data_nascimento type timestamp, add email text, add score integer;
alter table associado rename nome to nome_completo;
alter table movimentacao_cartao rename to movimento;
alter table movimento alter valor_movimentacao type numeric;
update associado set email = 'a@b', score = 7;
create schema core_banking;
alter table associado set schema core_banking;
alter table conta set schema core_banking;
alter table cartao set schema core_banking;
alter table movimento set schema core_banking;
"""


def mudado(mudar: Callable[[dict[str, Any]], None]) -> str:
    """The contract with what differs in a database, and nothing else."""
    lido = yaml.safe_load((PROJETO / CONTRATO).read_text(encoding="utf-8"))
    mudar(lido["sources"][0])
    return yaml.safe_dump(lido, sort_keys=False)


def tabela(fonte: dict[str, Any], nome: str) -> dict[str, Any]:
    achada: dict[str, Any] = next(t for t in fonte["tables"] if t["name"] == nome)
    return achada


def coluna(fonte: dict[str, Any], nome_da_tabela: str, nome: str) -> dict[str, Any]:
    achada: dict[str, Any] = next(
        c for c in tabela(fonte, nome_da_tabela)["columns"] if c["name"] == nome
    )
    return achada


def chamada(onde: dict[str, Any], **meta: Any) -> None:
    """Say more of a table or column in its `meta`."""
    onde.setdefault("config", {}).setdefault("meta", {}).update(meta)


def como_as_pessoas_tem(fonte: dict[str, Any]) -> None:
    chamada(fonte, esquema_origem=CASA)
    chamada(tabela(fonte, "associado"), ignoradas=["email", "score"])
    chamada(tabela(fonte, "movimentacao_cartao"), na_fonte="movimento")
    chamada(coluna(fonte, "associado", "id_associado"), na_fonte="id")
    chamada(coluna(fonte, "associado", "nome"), na_fonte="nome_completo")
    coluna(fonte, "associado", "data_nascimento")["data_type"] = "timestamp"


def test_o_banco_que_as_pessoas_tem_entra_pelo_contrato(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    original = na_fonte(fonte)
    fonte.executar(OUTRO_BANCO)
    with com_contratos(tmp_path, sicooperative=mudado(como_as_pessoas_tem)):
        cargas = extrair(armazem_vazio, fonte)
        assert {c.status for c in cargas.values()} == {"ok"}
        assert {c.status for c in extrair(armazem_vazio, fonte).values()} == {"sem_novidade"}
    lidas = no_armazem(armazem_vazio)
    assert lidas["movimentacao_cartao"] == original["movimentacao_cartao"]
    assert lidas["cartao"] == original["cartao"]
    achados = {chave: linha[1:] for chave, linha in lidas["associado"].items()}
    for id_, linha in original["associado"].items():
        numero = str(int(re.sub(r"\D", "", str(id_))))
        nome, nascido, *resto = achados[numero]
        assert (nome, nascido and nascido.date(), *resto) == linha[1:]
    assert len(achados) == len(original["associado"])
    assert set(TABELAS) == set(lidas)


def test_uma_coluna_a_mais_e_recusada_ate_que_o_contrato_a_ignore(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    fonte.executar("alter table conta add observacao text, add outra integer")
    with pytest.raises(FonteRecusada, match=r"conta\.observacao: new.*\n.*conta\.outra: new"):
        extrair(armazem_vazio, fonte)
    todas = mudado(lambda f: chamada(tabela(f, "conta"), ignoradas="*"))
    with com_contratos(tmp_path, sicooperative=todas):
        assert extrair(armazem_vazio, fonte)["conta"].status == "ok"


def test_um_tipo_que_o_contrato_muda_nao_entra_no_que_ja_ha(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    """DuckDB and PostgreSQL would cut a moment to its day, and say nothing."""
    extrair(armazem_vazio, fonte)
    fonte.executar("alter table associado alter data_nascimento type timestamp")
    outro = mudado(
        lambda f: coluna(f, "associado", "data_nascimento").update(data_type="timestamp")
    )
    with (
        com_contratos(tmp_path, sicooperative=outro),
        pytest.raises(
            ArmazemIndisponivel,
            match=r"raw_sicooperative\.associado\.data_nascimento is date, .* says timestamp",
        ),
    ):
        extrair(armazem_vazio, fonte)
    assert len(armazem_vazio.linhas("select * from controle.cargas")) == len(TABELAS)
