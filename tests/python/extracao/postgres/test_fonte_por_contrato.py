"""A database that nobody wrote Python for: twelve tables of a digital bank, from YAML alone."""

import hashlib
import hmac
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from apoio_contratos import CITEXT, com_contratos, comando, contrato
from conftest import ArmazemDeTeste, Fonte

from loaders.contratos import fontes
from loaders.controle.cargas import AUSENTE, Carga
from loaders.extracao import fontes as situacao
from loaders.extracao.postgres.carregar import carregar, conferir
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.erros import FonteRecusada
from loaders.titulares import esquecer

BANCO = """
usuario:
  na_fonte: users
  chave: id_usuario
  titular: id_usuario
  ignoradas: senha_hash
  columns:
    id_usuario: {na_fonte: id}
    email_mascarado: {derivada_de: email, derivacao: mascara}
    email_token: {derivada_de: email, derivacao: token}
    nome_usuario: {na_fonte: name}
    nascido_em: {na_fonte: birth_date, data_type: date}
    ativo: {na_fonte: active, data_type: boolean}
    criado_em: {na_fonte: created_at, data_type: timestamptz}
    situacao_usuario: {na_fonte: status}
perfil:
  na_fonte: user_profiles
  chave: id_usuario
  titular: id_usuario
  columns:
    id_usuario: {na_fonte: user_id}
    tipo_documento: {na_fonte: document_type}
    documento_token: {derivada_de: document_number, derivacao: token}
documento:
  na_fonte: user_documents
  chave: id_documento
  titular: id_usuario
  columns:
    id_documento: {na_fonte: id}
    id_usuario: {na_fonte: user_id}
    enviado_em: {na_fonte: uploaded_at, data_type: timestamptz}
consulta_kyc:
  na_fonte: kyc_results
  chave: id_consulta
  titular: id_usuario
  columns:
    id_consulta: {na_fonte: id}
    id_usuario: {na_fonte: user_id}
    provedor: {na_fonte: provider}
    resposta_resumo: {derivada_de: provider_response, derivacao: resumo}
    resposta: {derivada_de: provider_response, derivacao: json_permitido}
conta_digital:
  na_fonte: accounts
  chave: id_conta_digital
  titular: id_usuario
  columns:
    id_conta_digital: {na_fonte: id}
    id_usuario: {na_fonte: user_id}
    saldo: {na_fonte: balance, data_type: "decimal(18,2)"}
    moeda: {na_fonte: currency}
transacao:
  na_fonte: transactions
  chave: id_transacao
  titular: id_conta_digital
  leitura: incremental
  dia: criada_em
  valor: valor
  columns:
    id_transacao: {na_fonte: id}
    id_conta_digital: {na_fonte: account_id}
    valor: {na_fonte: amount, data_type: "decimal(18,2)"}
    tipo: {na_fonte: type}
    criada_em: {na_fonte: created_at, data_type: timestamptz}
emprestimo:
  na_fonte: loans
  chave: id_emprestimo
  titular: id_usuario
  columns:
    id_emprestimo: {na_fonte: id}
    id_usuario: {na_fonte: user_id}
    prazo_meses: {na_fonte: term_months, data_type: bigint}
    taxa: {na_fonte: interest_rate, data_type: double precision}
    situacao_emprestimo: {na_fonte: status}
parcela:
  na_fonte: loan_payments
  chave: [id_emprestimo, numero]
  titular: id_emprestimo
  columns:
    id_emprestimo: {na_fonte: loan_id}
    numero: {na_fonte: number, data_type: integer}
    vence_em: {na_fonte: due_date, data_type: date}
    valor_parcela: {na_fonte: amount, data_type: "decimal(15,2)"}
pagamento:
  na_fonte: payments
  chave: id_pagamento_conta
  columns:
    id_pagamento_conta: {na_fonte: id, data_type: bigint}
    metodo: {na_fonte: method}
    hora_limite: {na_fonte: cutoff, data_type: time}
chamada_terceiro:
  na_fonte: integracao.third_party_calls
  chave: id_chamada
  leitura: incremental
  dia: chamada_em
  somente_insercao: true
  columns:
    id_chamada: {na_fonte: id}
    corpo_resumo: {derivada_de: request_payload, derivacao: resumo}
    duracao_ms: {na_fonte: duration_ms, data_type: integer}
    chamada_em: {na_fonte: called_at, data_type: timestamptz}
registro_auditoria:
  na_fonte: audit_logs
  chave: id_registro
  somente_insercao: true
  ignoradas: "*"
  columns:
    id_registro: {na_fonte: id}
    acao: {na_fonte: action}
    data_hora: {na_fonte: timestamp, data_type: timestamp}
consentimento:
  na_fonte: consents
  chave: id_consentimento
  opcional: true
  columns:
    id_consentimento: {na_fonte: consent_id}
"""

DDL = """
create schema integracao;
create type situacao as enum ('pending', 'active', 'blocked');
create domain sigla as varchar(3) check (value = upper(value));
create table users (id uuid primary key, email citext, name text, birth_date date,
    active boolean, created_at timestamptz not null default now(), status situacao,
    senha_hash bytea);
create table user_profiles (user_id uuid primary key, document_type char(4), document_number text);
create table user_documents (id bigserial primary key, user_id uuid, uploaded_at timestamptz);
create table kyc_results (id bigserial primary key, user_id uuid, provider text,
    provider_response jsonb);
create table accounts (id uuid primary key, user_id uuid, balance numeric, currency sigla);
create table transactions (id bigserial primary key, account_id uuid, amount numeric,
    type varchar(10), created_at timestamptz);
create table loans (id integer primary key, user_id uuid, term_months smallint,
    interest_rate real, status text);
create table loan_payments (loan_id integer, number integer, due_date date, amount numeric(15,2),
    primary key (loan_id, number));
create table payments (id bigint primary key, method text, cutoff time);
create table integracao.third_party_calls (id bigserial primary key, request_payload json,
    duration_ms integer, called_at timestamptz);
create table audit_logs (id bigserial primary key, action text, "timestamp" timestamp,
    data jsonb, performed_by text);
"""

DADOS = """
insert into users select cast(md5('u' || n) as uuid), 'Pessoa' || n || '@Exemplo.br',
    'Pessoa Número ' || n, date '1980-01-01' + n, n % 2 = 0,
    timestamptz '2026-01-01 12:00Z' + n * interval '1 hour',
    (array['pending', 'active', 'blocked'])[1 + n % 3]::situacao, '\\x00ff'
    from generate_series(1, 40) as n;
insert into user_profiles select id, 'CPF', '123.456.789-' || right(cast(id as text), 2)
    from users;
insert into user_documents (user_id, uploaded_at) select id, created_at from users;
insert into kyc_results (user_id, provider, provider_response)
    select id, 'Serasa', jsonb_build_object('score', 700, 'nome', name) from users;
insert into accounts select cast(md5('c' || n) as uuid), cast(md5('u' || n) as uuid),
    n * 10.5, 'BRL' from generate_series(1, 40) as n;
insert into transactions (account_id, amount, type, created_at)
    select a.id, n * 1.25, 'credit', timestamptz '2026-03-01Z' + n * interval '7 hours'
    from accounts as a cross join generate_series(1, 30) as n;
insert into loans select n, cast(md5('u' || n) as uuid), 12, 1.5, 'funded'
    from generate_series(1, 10) as n;
insert into loan_payments select l.id, n, date '2026-01-10' + n * 30, 100.01
    from loans as l cross join generate_series(1, 12) as n;
insert into payments select n, 'PIX', '17:30' from generate_series(1, 50) as n;
insert into integracao.third_party_calls (request_payload, duration_ms, called_at)
    select json_build_object('n', n), n, timestamptz '2026-05-01Z' + n * interval '1 hour'
    from generate_series(1, 100) as n;
insert into audit_logs (action, "timestamp", data)
    select 'login', timestamp '2026-05-01' + n * interval '1 minute', '{"ip": "10.0.0.1"}'
    from generate_series(1, 100) as n;
"""

NA_FONTE = {
    "usuario": "select cast(id as text), name, birth_date, active, created_at, status::text"
    " from users",
    "conta_digital": "select cast(id as text), cast(user_id as text), balance::numeric(18,2),"
    " currency::text from accounts",
    "transacao": "select cast(id as text), cast(account_id as text), amount::numeric(18,2), type,"
    " created_at from transactions",
    "emprestimo": "select cast(id as text), cast(user_id as text), term_months,"
    " interest_rate::float8, status from loans",
    "parcela": "select cast(loan_id as text), number, due_date, amount from loan_payments",
    "pagamento": "select id, method, cutoff from payments",
    "chamada_terceiro": "select cast(id as text), duration_ms, called_at from"
    " integracao.third_party_calls",
    "registro_auditoria": 'select cast(id as text), action, "timestamp" from audit_logs',
    "documento": "select cast(id as text), cast(user_id as text), uploaded_at from user_documents",
    "perfil": "select cast(user_id as text), rtrim(document_type) from user_profiles",
    "consulta_kyc": "select cast(id as text), cast(user_id as text), provider from kyc_results",
}
"""What each table must hold, asked of the source."""


@pytest.fixture
def banco(fonte: Fonte, tmp_path: Path) -> Iterator[Fonte]:
    """The bank's database, in the place of the cooperative's, and its contract."""
    fonte.executar("drop schema public cascade; create schema public")
    fonte.executar(CITEXT + DDL + DADOS)
    with com_contratos(tmp_path, banco=contrato("banco", "postgres", BANCO)):
        yield fonte


def extrair(armazem: ArmazemDeTeste, banco: Fonte, **opcoes: Any) -> dict[str, Carga]:
    feitas = carregar(armazem.config, fontes()["banco"], banco.dsn, Opcoes(**opcoes))
    return {c.origem: c for c in feitas}


def no_armazem(armazem: ArmazemDeTeste, tabela: str) -> list[tuple[Any, ...]]:
    """The newest state of each key, of the columns that the source holds."""
    contratada = fontes()["banco"].tabela(tabela)
    colunas = ", ".join(c.nome for c in contratada.da_fonte)
    chave = ", ".join(contratada.chave)
    return armazem.linhas(
        f"select {colunas} from (select *, row_number() over (partition by {chave}"
        f" order by _carga_id desc) as n from raw_banco.{tabela}) as t"
        " where n = 1 and _operacao <> 'exclusao'"
    )


def confere(armazem: ArmazemDeTeste, banco: Fonte) -> None:
    """Every row of every table is there, and nothing else."""
    for tabela, consulta in NA_FONTE.items():
        achadas = {_linha(li) for li in no_armazem(armazem, tabela)}
        assert achadas == {_linha(li) for li in banco.linhas(consulta)}, tabela


def _linha(valores: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(v.astimezone(UTC) if isinstance(v, datetime) and v.tzinfo else v for v in valores)


def test_doze_tabelas_entram_mudam_somem_e_voltam(
    armazem_vazio: ArmazemDeTeste, banco: Fonte
) -> None:
    cargas = extrair(armazem_vazio, banco)
    assert len(cargas) == len(fontes()["banco"].tabelas)
    assert {c.status for n, c in cargas.items() if n != "consentimento"} == {"ok"}
    assert cargas["consentimento"].status == AUSENTE
    confere(armazem_vazio, banco)
    assert {c.gravadas for c in extrair(armazem_vazio, banco).values()} == {0}

    banco.executar(
        "update users set status = 'blocked', email = 'x@exemplo.br' where id = md5('u3')::uuid;"
        "update users set email = upper(email::text) where id = md5('u4')::uuid;"
        "delete from payments where id <= 5;"
        "update loan_payments set amount = 7 where number = 3;"
        "delete from transactions where id = 17;"
        "update transactions set amount = 3.99 where id = 9;"
        "update audit_logs set action = 'outro' where id = 1; create table consents"
        " (consent_id text primary key); insert into consents values ('a')"
    )
    cargas = extrair(armazem_vazio, banco)
    assert {n: c.gravadas for n, c in cargas.items() if c.gravadas} == {
        "usuario": 2, "pagamento": 5, "parcela": 10, "transacao": 2, "registro_auditoria": 1,
        "consentimento": 1,
    }  # fmt: skip
    assert "1 changed or gone, and it is append-only" in str(cargas["registro_auditoria"].formato)
    confere(armazem_vazio, banco)

    banco.executar("insert into payments values (3, 'TED', '16:00')")
    extrair(armazem_vazio, banco)
    assert armazem_vazio.linhas(
        "select _operacao from raw_banco.pagamento where id_pagamento_conta = 3 order by _carga_id"
    ) == [("inclusao",), ("exclusao",), ("retorno",)]
    confere(armazem_vazio, banco)

    banco.executar("drop table consents")
    with pytest.raises(FonteRecusada, match="consentimento is not there any more"):
        extrair(armazem_vazio, banco)
    assert extrair(armazem_vazio, banco, aceitar_reducao=True)["consentimento"].status == AUSENTE


def test_derivadas_entram_e_as_suas_bases_nao(armazem_vazio: ArmazemDeTeste, banco: Fonte) -> None:
    extrair(armazem_vazio, banco)
    chave = armazem_vazio.ambiente["LASTRO_CARD_KEY"].encode()

    def resumo(texto: str) -> str:
        return hmac.new(chave, texto.encode(), hashlib.sha256).hexdigest()

    ((id_, mascara, token),) = armazem_vazio.linhas(
        "select id_usuario, email_mascarado, email_token from raw_banco.usuario"
        " where nome_usuario = 'Pessoa Número 7'"
    )
    assert (mascara, token) == ("P***@Exemplo.br", resumo("pessoa7@exemplo.br"))
    ((documento,),) = armazem_vazio.linhas(
        f"select documento_token from raw_banco.perfil where id_usuario = '{id_}'"
    )
    digitos = "".join(c for c in "123.456.789-" + id_[-2:] if c.isdigit())
    assert documento == resumo(digitos)
    ((feito, permitido),) = armazem_vazio.linhas(
        f"select resposta_resumo, resposta from raw_banco.consulta_kyc where id_usuario = '{id_}'"
    )
    assert feito == resumo(
        json.dumps({"nome": "Pessoa Número 7", "score": 700}, separators=(",", ":"),
                   ensure_ascii=False)
    )  # fmt: skip
    assert permitido == "{}", "no seed allows anything"
    tudo = "".join(repr(armazem_vazio.linhas(f"select * from raw_banco.{t}")) for t in NA_FONTE)
    for segredo in ("pessoa7@", "123.456.789", "10.0.0.1", "senha_hash", "\\x00ff"):
        assert segredo not in tudo.lower()


def test_valor_que_nao_cabe_fica_como_texto_ao_lado(
    armazem_vazio: ArmazemDeTeste, banco: Fonte
) -> None:
    banco.executar(
        "update transactions set amount = 1.005 where id = 1;"
        "update transactions set amount = 'NaN' where id = 2;"
        "update transactions set amount = 1e20 where id = 3;"
        "update transactions set amount = 'Infinity' where id = 4;"
        "update payments set cutoff = '24:00' where id = 1"
    )
    cargas = extrair(armazem_vazio, banco)
    achadas = dict(
        armazem_vazio.linhas(
            "select id_transacao, _ilegiveis from raw_banco.transacao where valor is null"
        )
    )
    assert achadas == {
        "1": "valor=1.005", "2": "valor=NaN", "3": "valor=100000000000000000000",
        "4": "valor=Infinity",
    }  # fmt: skip
    assert armazem_vazio.linhas(
        "select hora_limite, _ilegiveis from raw_banco.pagamento where id_pagamento_conta = 1"
    ) == [(None, "hora_limite=24:00:00")]
    ((soma,),) = armazem_vazio.linhas("select sum(valor) from raw_banco.transacao")
    assert cargas["transacao"].valor_origem == Decimal(soma)
    assert {c.gravadas for c in extrair(armazem_vazio, banco).values()} == {0}


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("onde", ["carga.antes_do_commit", "carga.depois_do_commit"])
def test_morta_e_outra_vez_e_como_se_nada_fosse(
    armazem_vazio: ArmazemDeTeste, banco: Fonte, tmp_path: Path, onde: str
) -> None:
    carregar_ = comando(tmp_path / "projeto", "load", "banco")
    ambiente = {**armazem_vazio.ambiente, "BANCO_DSN": banco.dsn, "LASTRO_FAILPOINT": onde}
    morta = subprocess.run(carregar_, env=ambiente, capture_output=True, text=True)
    assert morta.returncode < 0 or morta.returncode == 137, morta.stderr
    del ambiente["LASTRO_FAILPOINT"]
    feita = subprocess.run(carregar_, env=ambiente, capture_output=True, text=True)
    assert feita.returncode == 0, feita.stderr
    confere(armazem_vazio, banco)
    assert len(armazem_vazio.linhas("select 1 from raw_banco.usuario")) == 40


def test_check_diz_o_que_entraria_e_nao_muda_nada(
    armazem_vazio: ArmazemDeTeste, banco: Fonte
) -> None:
    def ver() -> dict[str, int]:
        feitas = conferir(armazem_vazio.config, fontes()["banco"], banco.dsn, Opcoes())
        return {c.origem: c.gravadas for c in feitas}

    visto = ver()
    assert (visto["usuario"], visto["transacao"]) == (40, 1200)
    extrair(armazem_vazio, banco)
    banco.executar("delete from payments where id = 1")
    antes = armazem_vazio.linhas("select * from controle.cargas order by 1")
    assert {n: g for n, g in ver().items() if g} == {"pagamento": 1}
    assert armazem_vazio.linhas("select * from controle.cargas order by 1") == antes
    assert len(armazem_vazio.linhas("select 1 from raw_banco.pagamento")) == 50


def test_esquecido_sai_e_nao_volta(armazem_vazio: ArmazemDeTeste, banco: Fonte) -> None:
    extrair(armazem_vazio, banco)
    banco.executar("update loans set id = 3007 where id = 7")
    banco.executar("update loan_payments set loan_id = 3007 where loan_id = 7")
    extrair(armazem_vazio, banco)
    ((id_, conta),) = banco.linhas(
        "select cast(u.id as text), cast(a.id as text) from users as u inner join accounts as a"
        " on a.user_id = u.id where u.name = 'Pessoa Número 7'"
    )
    esquecer.esquecer(armazem_vazio.config, "banco", [id_])
    for tabela in fontes()["banco"].tabelas:
        linhas = armazem_vazio.linhas(f"select * from raw_banco.{tabela.nome}")
        assert id_ not in repr(linhas) and conta not in repr(linhas), tabela.nome
        assert "3007" not in {str(valor) for linha in linhas for valor in linha}, tabela.nome
    banco.executar(
        f"insert into accounts values (md5('nova')::uuid, '{id_}', 1, 'BRL');"
        "insert into transactions (account_id, amount, type, created_at)"
        " values (md5('nova')::uuid, 5, 'credit', '2026-03-02Z')"
    )
    cargas = extrair(armazem_vazio, banco)
    assert {c.gravadas for c in cargas.values()} == {0}
    texto = repr(armazem_vazio.linhas("select * from raw_banco.conta_digital"))
    assert id_ not in texto


def test_lastro_sources_diz_cada_fonte_sem_senha(
    armazem_vazio: ArmazemDeTeste, banco: Fonte, tmp_path: Path
) -> None:
    ver = comando(tmp_path / "projeto", "sources", "--json")
    ambiente = {**armazem_vazio.ambiente, "BANCO_DSN": banco.dsn}
    feito = subprocess.run(ver, env=ambiente, capture_output=True, text=True, check=True)
    lidas = {(li["fonte"], li["tabela"]): li for li in json.loads(feito.stdout)}
    assert "days of criada_em" in lidas["banco", "transacao"]["leitura"]
    assert "optional" in lidas["banco", "consentimento"]["leitura"]
    assert lidas["banco", "usuario"]["ultima_carga"] is None
    assert lidas["sicooperative", "conta"]["onde"] == "SICOOPERATIVE_DSN is not set"
    assert str(banco.servidor.porta) in lidas["banco", "usuario"]["onde"]
    assert banco.servidor.senha not in feito.stdout
    extrair(armazem_vazio, banco)
    assert all(
        s.ultima for s in situacao.situadas(armazem_vazio.config)
        if s.tabela.fonte == "banco" and not s.tabela.opcional
    )  # fmt: skip


def test_load_all_carrega_o_que_tem_endereco_e_diz_o_que_nao(
    armazem_vazio: ArmazemDeTeste, banco: Fonte, tmp_path: Path
) -> None:
    ambiente = {
        **armazem_vazio.ambiente, "BANCO_DSN": banco.dsn,
        "POD_CARTOES_LOCATION": str(tmp_path / "nada"),
    }  # fmt: skip
    todas = comando(tmp_path / "projeto", "load", "--all")
    feito = subprocess.run(todas, env=ambiente, capture_output=True, text=True)
    assert feito.returncode == 4, feito.stderr
    assert "sicooperative: not loaded, SICOOPERATIVE_DSN is not set" in feito.stdout
    assert "pod_cartoes: " in feito.stderr and "1 of 2 sources" in feito.stderr
    os.makedirs(tmp_path / "nada")
    feito = subprocess.run(todas, env=ambiente, capture_output=True, text=True)
    assert feito.returncode == 0, feito.stderr
    confere(armazem_vazio, banco)
