"""The cooperative's database as people really have it: read by its contract alone."""

import re
from pathlib import Path

import pytest
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


def trocado(texto: str) -> str:
    """The contract with what differs in this database, and nothing else."""
    for antes, depois in {
        "{tipo: postgres}": f"{{tipo: postgres, esquema_origem: {CASA}}}",
        "{chave: id_associado, titular: id_associado, leitura: foto}": (
            "{chave: id_associado, titular: id_associado, leitura: foto, ignoradas: [email, score]}"
        ),
        "            leitura: incremental\n": (
            "            leitura: incremental\n            na_fonte: movimento\n"
        ),
    }.items():
        assert texto.count(antes) == 1
        texto = texto.replace(antes, depois)
    for coluna, mudanca in {
        "id_associado": "config: {meta: {na_fonte: id}}",
        "nome": "config: {meta: {na_fonte: nome_completo}}",
    }.items():
        texto = re.sub(
            rf"(          - name: {coluna}\n)", rf"\1            {mudanca}\n", texto, count=1
        )
    nascimento = "name: data_nascimento\n            description: Date of birth.\n"
    antes = f"{nascimento}            data_type: date"
    assert antes in texto
    return texto.replace(antes, f"{nascimento}            data_type: timestamp")


def test_o_banco_que_as_pessoas_tem_entra_pelo_contrato(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    original = na_fonte(fonte)
    fonte.executar(OUTRO_BANCO)
    texto = (PROJETO / CONTRATO).read_text(encoding="utf-8")
    with com_contratos(tmp_path, sicooperative=trocado(texto)):
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
    texto = (PROJETO / CONTRATO).read_text(encoding="utf-8")
    todas = texto.replace("{chave: id_conta,", "{chave: id_conta, ignoradas: '*',")
    with com_contratos(tmp_path, sicooperative=todas):
        assert extrair(armazem_vazio, fonte)["conta"].status == "ok"


def test_um_tipo_que_o_contrato_muda_nao_entra_no_que_ja_ha(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, tmp_path: Path
) -> None:
    """DuckDB and PostgreSQL would cut a moment to its day, and say nothing."""
    extrair(armazem_vazio, fonte)
    fonte.executar("alter table associado alter data_nascimento type timestamp")
    texto = (PROJETO / CONTRATO).read_text(encoding="utf-8")
    nascimento = "name: data_nascimento\n            description: Date of birth.\n"
    mudado = texto.replace(
        f"{nascimento}            data_type: date", f"{nascimento}            data_type: timestamp"
    )
    assert mudado != texto
    with (
        com_contratos(tmp_path, sicooperative=mudado),
        pytest.raises(
            ArmazemIndisponivel,
            match=r"raw_sicooperative\.associado\.data_nascimento is date, .* says timestamp",
        ),
    ):
        extrair(armazem_vazio, fonte)
    assert len(armazem_vazio.linhas("select * from controle.cargas")) == len(TABELAS)
