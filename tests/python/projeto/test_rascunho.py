"""`lastro contract`: the draft of a database's contract loads and builds as it was written."""

import gzip
import os
import shutil
import subprocess
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from apoio_contratos import com_contratos
from conftest import BIN, ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.extracao.arquivos import esboco as de_arquivos
from loaders.extracao.arquivos.carregar import Opcoes as OpcoesDeArquivos
from loaders.extracao.arquivos.carregar import carregar as carregar_arquivos
from loaders.extracao.postgres import esboco
from loaders.extracao.postgres.carregar import carregar
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.projeto import rascunho, rascunho_de_arquivos, rascunho_de_banco
from loaders.projeto.impressao import ARQUIVOS

pytestmark = pytest.mark.nightly_on("duckdb")

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
    feitos = rascunho_de_banco.rascunhar(
        "banco", "public", esboco.olhar(banco.dsn, "public"), fontes()
    )
    rascunho.gravar(feitos)
    return feitos


def copiar_projeto(projeto: Path) -> None:
    """All that dbt reads of the project, in a folder."""
    projeto.mkdir()
    for onde in (*ARQUIVOS, "loaders", "docs"):
        if (PROJETO / onde).is_dir():
            shutil.copytree(PROJETO / onde, projeto / onde)
        else:
            shutil.copy(PROJETO / onde, projeto / onde)


def construir(armazem: ArmazemDeTeste, projeto: Path) -> None:
    """Build and test what was drafted."""
    feito = subprocess.run(
        [
            str(BIN / "dbt"), "build", "--select", "path:models/staging/banco",
            "source:banco", "--project-dir", str(projeto), "--profiles-dir", str(projeto),
        ],
        env={**os.environ, **armazem.ambiente, "PYTHONPATH": str(projeto)},
        cwd=projeto, capture_output=True, text=True,
    )  # fmt: skip
    assert feito.returncode == 0, feito.stdout[-3000:]


def test_o_rascunho_carrega_e_constroi(
    armazem_vazio: ArmazemDeTeste, banco: Fonte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copiar_projeto(tmp_path / "projeto")
    with com_contratos(tmp_path) as projeto:
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
    construir(armazem_vazio, projeto)
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
            rascunho_de_banco.rascunhar(nome, "public", esboco.olhar(banco.dsn, "public"), fontes())
    with pytest.raises(FonteRecusada, match="has no table in the schema vazio"):
        esboco.olhar(banco.dsn, "vazio")


CSV = "id_tarifa|id_cliente|data_tarifa|valor_tarifa|criada_em|Código do Serviço\n" + "".join(
    f"T{n}|C{n % 3}|2026-01-{n:02}|{n},1234|2026-01-{n:02}T10:00:00Z|uma\n" for n in range(1, 10)
)


def test_o_rascunho_de_arquivos_carrega(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entregas = tmp_path / "entregas"
    entregas.mkdir()
    (entregas / "tb_tarifas_202512.csv").write_text("id_tarifa\n1\n")
    (entregas / "tb_tarifas_202601.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (entregas / "eventos-20260131.jsonl").write_text('{"id": 1, "tipo": "a"}\n{"id": 2}\n')
    tabela = pa.table({"codigo": ["a"], "taxa": pa.array(["1.5"]).cast(pa.decimal128(9, 4))})
    pq.write_table(tabela, entregas / "taxas.parquet")
    (entregas / "leia.txt").write_text("nada")
    copiar_projeto(tmp_path / "projeto")
    with com_contratos(tmp_path) as projeto:
        monkeypatch.setattr(rascunho, "PROJETO", projeto)
        especies = de_arquivos.olhar(str(entregas), 100)
        rascunho.gravar(rascunho_de_arquivos.rascunhar("banco", especies, fontes()))
        fontes.cache_clear()
        tabelas = {t.nome: t for t in fontes()["banco"].tabelas}
        assert {n: (t.arquivo, t.chave, t.titular) for n, t in tabelas.items()} == {
            "eventos": ("eventos-{AAAAMMDD}.jsonl", ("id",), None),
            "taxas": ("taxas.parquet", (), None),
            "tarifas": ("tb_tarifas_{AAAAMM}.csv", ("id_tarifa",), "id_cliente_banco"),
        }
        assert tabelas["tarifas"].separadores == ("|",)
        assert {c.nome: c.le_como for c in tabelas["tarifas"].colunas if c.le_como} == {
            "data_tarifa": "date", "valor_tarifa": "decimal(17,4)", "criada_em": "timestamp",
        }  # fmt: skip
        assert {c.nome: c.na_fonte for t in tabelas.values() for c in t.colunas if c.na_fonte} == {
            "id_cliente_banco": "id_cliente", "codigo_do_servico": "código do serviço",
        }  # fmt: skip
        (entregas / "tb_tarifas_202512.csv").unlink()
        (entregas / "eventos-20260131.jsonl").write_text('{"id": 1, "tipo": "a"}\n')
        feito = carregar_arquivos(
            armazem_vazio.config, fontes()["banco"], str(entregas), OpcoesDeArquivos()
        )
    assert {c.origem: (c.status, c.gravadas) for c in feito.cargas} == {
        "eventos-20260131.jsonl": ("ok", 1), "taxas.parquet": ("ok", 1),
        "tb_tarifas_202601.csv.gz": ("ok", 9),
    }  # fmt: skip
    construir(armazem_vazio, projeto)
    assert armazem_vazio.linhas(
        "select id_tarifa, data_tarifa, valor_tarifa, criada_em, codigo_do_servico"
        " from staging.stg_banco__tarifas where id_cliente_banco = 'C0' order by 1"
    ) == [
        (f"T{n}", date(2026, 1, n), Decimal(f"{n}.1234"), datetime(2026, 1, n, 10), "uma")
        for n in (3, 6, 9)
    ]
    assert armazem_vazio.linhas("select codigo, taxa from staging.stg_banco__taxas") == [
        ("a", Decimal("1.5000"))
    ]


def test_onde_nao_ha_arquivo_que_se_le_e_dito(tmp_path: Path) -> None:
    (tmp_path / "leia.txt").write_text("nada")
    with pytest.raises(FonteRecusada, match=r"holds no file that ends in \.csv"):
        de_arquivos.olhar(str(tmp_path), 100)
