"""`lastro contract`: the draft of a database's contract loads and builds as it was written."""

import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from apoio_contratos import com_contratos
from conftest import BIN, ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.extracao.postgres import esboco
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.projeto import rascunho
from loaders.projeto.impressao import ARQUIVOS

DDL = """
drop schema public cascade; create schema public;
create table users (id uuid primary key, email text, "fullName" text, birth_date date,
    password_hash bytea, created_at timestamptz);
comment on column users.birth_date is 'Day of birth: as "declared"';
create table accounts (id bigserial primary key, user_id uuid references users, balance numeric,
    "order" integer);
create table entries (account_id bigint references accounts, seq integer, payload jsonb,
    amount numeric(12,2), primary key (account_id, seq));
create table rates (code varchar(5) primary key, valid_from date, value double precision);
insert into users select md5('u' || n)::uuid, 'p' || n || '@x.br', 'Pessoa ' || n, '1980-01-01'
    from generate_series(1, 5) as n;
insert into accounts (user_id, balance, "order") select id, 1.5, 3 from users;
insert into entries select id, 1, '{"a": 1}', 2.5 from accounts;
insert into rates values ('SELIC', '2026-01-01', 14.25);
"""


@pytest.fixture
def banco(fonte: Fonte) -> Fonte:
    fonte.executar(DDL)
    return fonte


def rascunhar(projeto: Path, banco: Fonte, monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    monkeypatch.setattr(rascunho, "PROJETO", projeto)
    feitos = rascunho.rascunho("banco", "public", esboco.olhar(banco.dsn, "public"), fontes())
    rascunho.gravar(feitos)
    return feitos


def test_o_rascunho_carrega_e_constroi(
    armazem_vazio: ArmazemDeTeste, banco: Fonte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projeto = tmp_path / "projeto"
    projeto.mkdir()
    for onde in (*ARQUIVOS, "loaders", "docs"):
        if (PROJETO / onde).is_dir():
            shutil.copytree(PROJETO / onde, projeto / onde)
        else:
            shutil.copy(PROJETO / onde, projeto / onde)
    with com_contratos(tmp_path):
        feitos = rascunhar(projeto, banco, monkeypatch)
        fontes.cache_clear()
        tabelas = {t.nome: t for t in fontes()["banco"].tabelas}
        assert {n: (t.chave, t.titular) for n, t in tabelas.items()} == {
            "users": (("id_user",), "id_user"),
            "accounts": (("id_account",), "id_user"),
            "entries": (("id_account", "seq"), "id_account"),
            "rates": (("code",), None),
        }
        assert [c.nome for c in tabelas["users"].colunas if not c.nome.startswith("_")] == [
            "id_user", "email_mascara", "email_token", "full_name", "birth_date", "created_at",
        ]  # fmt: skip
        assert tabelas["users"].ignoradas == ("password_hash",)
        assert {c.nome: c.pessoal for c in tabelas["users"].colunas if c.pessoal} == {
            "id_user": "chave", "email_mascara": "contato", "email_token": "contato",
            "full_name": "nome", "birth_date": "nascimento",
        }  # fmt: skip
        cargas = carregar(armazem_vazio.config, fontes()["banco"], banco.dsn, Opcoes())
        assert {c.origem: c.gravadas for c in cargas} == {
            "users": 5, "accounts": 5, "entries": 5, "rates": 1,
        }  # fmt: skip
    feito = subprocess.run(
        [
            str(BIN / "dbt"), "build", "--select", "path:models/staging/banco",
            "source:banco", "--project-dir", str(projeto), "--profiles-dir", str(projeto),
        ],
        env={**os.environ, **armazem_vazio.ambiente, "PYTHONPATH": str(projeto)},
        cwd=projeto, capture_output=True, text=True,
    )  # fmt: skip
    assert feito.returncode == 0, feito.stdout[-3000:]
    assert armazem_vazio.linhas(
        "select e.seq, e.amount, u.full_name from staging.stg_banco__entries as e"
        " inner join staging.stg_banco__accounts as a on e.id_account = a.id_account"
        " inner join staging.stg_banco__users as u on a.id_user = u.id_user"
        " where u.full_name = 'Pessoa 3'"
    ) == [(1, Decimal("2.50"), "Pessoa 3")]
    texto = feitos[projeto / "models/staging/banco/_banco__models.yml"]
    assert 'Day of birth: as \\"declared\\"' in texto and yaml.safe_load(texto)


def test_nada_do_que_ha_e_trocado(
    banco: Fonte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with com_contratos(tmp_path) as projeto:
        (projeto / "models/staging/banco").mkdir()
        meu = projeto / "models/staging/banco/stg_banco__rates.sql"
        meu.write_text("select 1 as um")
        with pytest.raises(LastroError, match=r"Nothing was written.*stg_banco__rates\.sql"):
            rascunhar(projeto, banco, monkeypatch)
        assert [p.name for p in meu.parent.iterdir()] == [meu.name]
        assert meu.read_text() == "select 1 as um"


def test_o_que_nao_pode_ser_uma_fonte_nova_e_dito(banco: Fonte) -> None:
    for nome in ("sicooperative", "Banco", "select", "a-b"):
        with pytest.raises(LastroError, match="cannot be a new source's name"):
            rascunho.rascunho(nome, "public", esboco.olhar(banco.dsn, "public"), fontes())
    with pytest.raises(FonteRecusada, match="has no table in the schema vazio"):
        esboco.olhar(banco.dsn, "vazio")
