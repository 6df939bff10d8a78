"""What passes for which type of a contract: each pair, asked of a real server, as documented."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from apoio_contratos import CITEXT
from conftest import Fonte

from loaders import PROJETO
from loaders.contratos import Fonte as Fonte_
from loaders.contratos import Tabela
from loaders.contratos.tecnicas import TECNICAS
from loaders.contratos.tipos import ARROW
from loaders.extracao.postgres.conexao import FontePostgres
from loaders.nucleo.erros import FonteRecusada

NA_FONTE = {
    "text": "'á'", "varchar": "'á'", "char(n)": "'á'", "name": "'á'", "enum": "'a'",
    "uuid": "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "citext": "'Á'", "smallint": "7",
    "integer": "7", "bigint": "7", "json": """'{"b": 1,  "a": 2}'""",
    "jsonb": """'{"b": 1,  "a": 2}'""", "inet": "'10.0.0.1'", "cidr": "'10.0.0.0/8'",
    "macaddr": "'08:00:2b:01:02:03'", "boolean": "true", "numeric(18,2)": "7.25",
    "numeric(9,1)": "7.5", "numeric": "7.25", "numeric(20,2)": "7", "numeric(18,3)": "7",
    "real": "7.5", "double precision": "7.1", "date": "'2026-02-28'", "time": "'10:20:30.5'",
    "timetz": "'10:20Z'", "timestamp": "'2026-02-28 10:20:30'",
    "timestamptz": "'2026-02-28 10:20:30-03'", "interval": "'1 day'", "bytea": "'\\x00'",
    "text[]": "'{a}'", "money": "1", "int4range": "'[1,2)'", "point": "'(1,2)'",
    "bit(3)": "B'101'",
}  # fmt: skip
"""Types of a source, with a value of each."""
TAMBEM = {"char(n)": "char(5)", "enum": "humor"}
"""How SQL calls what the documentation calls otherwise."""

CHEGA: dict[str, Any] = {
    "enum": "a", "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "citext": "Á",
    "json": '{"b": 1,  "a": 2}', "jsonb": '{"a": 2, "b": 1}', "inet": "10.0.0.1/32",
    "cidr": "10.0.0.0/8", "macaddr": "08:00:2b:01:02:03", "boolean": True, "real": 7.5,
    "double precision": 7.1, "time": time(10, 20, 30, 500000),
    "timestamp": datetime(2026, 2, 28, 10, 20, 30),
    "timestamptz": datetime(2026, 2, 28, 13, 20, 30, tzinfo=UTC),
}  # fmt: skip
"""What a value becomes, where it is not as below."""


def documentados() -> dict[str, set[str]]:
    """What docs/contracts.md says passes, by the contract's type."""
    texto = (PROJETO / "docs/contracts.md").read_text(encoding="utf-8").partition("## Types")[2]
    linhas = re.findall(r"^\| `([^`]+)` \| (.+) \|$", texto, re.MULTILINE)
    return {tipo: set(re.split(r", (?!\d)", passam)) for tipo, passam in linhas}


def tabela(colunas: dict[str, str], **meta: str) -> Tabela:
    """A table of a contract: its columns with their types, and what else its `meta` says."""
    ditas = [{"name": n, "data_type": t} for n, t in (colunas | TECNICAS["postgres"]).items()]
    uma = {"name": "t", "columns": ditas, "config": {"meta": {"chave": "id", **meta}}}
    return Fonte_.model_validate(
        {
            "name": "alguma", "schema": "raw_alguma", "tables": [uma],
            "config": {"meta": {"tipo": "postgres"}},
        }
    ).tabela("t")  # fmt: skip


def esperado(tipo: str, na_fonte: str) -> Any:
    if tipo == "text":
        return {"smallint": "7", "integer": "7", "bigint": "7"}.get(
            na_fonte, CHEGA.get(na_fonte, "á")
        )
    if tipo.startswith("decimal"):
        return Decimal(NA_FONTE[na_fonte])
    if na_fonte == "date":
        return date(2026, 2, 28) if tipo == "date" else datetime(2026, 2, 28)
    return CHEGA.get(na_fonte, 7)


@pytest.fixture
def com_tipos(fonte: Fonte) -> Iterator[Fonte]:
    fonte.executar(f"{CITEXT}; create type humor as enum ('a', 'b'); create table t ()")
    yield fonte


def test_cada_par_de_tipos_passa_ou_e_recusado_como_esta_documentado(com_tipos: Fonte) -> None:
    passam = documentados()
    assert set(passam) - {"decimal(18,2)"} == set(ARROW)
    for na_fonte, valor in NA_FONTE.items():
        sql = TAMBEM.get(na_fonte, na_fonte)
        com_tipos.executar(
            f"drop table t; create table t (id text primary key, valor {sql});"
            f"insert into t values ('1', cast({valor} as {sql})), ('2', null)"
        )
        with FontePostgres(com_tipos.dsn) as origem:
            for tipo, aceitos in passam.items():
                contratada = tabela({"id": "text", "valor": tipo})
                if na_fonte not in aceitos:
                    with pytest.raises(FonteRecusada, match=r"t\.valor: is .*, the contract says"):
                        origem.verificar([contratada])
                    continue
                origem.verificar([contratada])
                (lote,) = origem.ler(contratada)
                assert lote.column("valor").to_pylist() == [esperado(tipo, na_fonte), None], (
                    tipo, na_fonte,
                )  # fmt: skip
                assert lote.column("_ilegiveis").null_count == 2


def test_um_dominio_vale_pelo_seu_tipo_e_texto_que_so_difere_na_caixa_e_outro(
    com_tipos: Fonte,
) -> None:
    com_tipos.executar(
        "create domain curto as varchar(5); create domain mais_curto as curto check (value <> '');"
        "create domain centavos as numeric(9,2);"
        "drop table t; create table t (id text primary key, valor mais_curto, dia date,"
        " preco centavos, nome text, apelido citext, fixo char(3));"
        "insert into t values ('1', 'abc', '2026-01-01', 1.5, 'ana', 'ana', 'a')"
    )
    with FontePostgres(com_tipos.dsn) as origem:
        colunas = {
            "id": "text", "valor": "text", "dia": "date", "preco": "decimal(9,2)", "nome": "text",
            "apelido": "text", "fixo": "text",
        }  # fmt: skip
        contratada = tabela(colunas, leitura="incremental", dia="dia")
        origem.verificar([contratada])
        (lote,) = origem.ler(contratada)
        assert lote.column("preco").to_pylist() == [Decimal("1.50")]
        assert lote.column("fixo").to_pylist() == ["a"]
    impressoes = set()
    for mudanca in ("valor = valor", "nome = 'Ana'", "apelido = 'Ana'", "nome = 'ana'"):
        com_tipos.executar(f"update t set {mudanca}")
        with FontePostgres(com_tipos.dsn) as origem:
            origem.verificar([contratada])
            impressoes.add(origem.dias(contratada, None)[0].impressao)
    assert len(impressoes) == 4
