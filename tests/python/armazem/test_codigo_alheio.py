"""What the owner of a table puts on it never runs with the rights of a stronger user (PostgreSQL).

The builder owns what it builds. Each trap would make it a superuser once an administrator writes or
reads the table; each command finds it before, names it, and changes nothing.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from apoio_publicacao import DIMINUIR, ler, reconstruir, versao_lida
from conftest import ArmazemDeTeste, Fonte
from psycopg import errors

from loaders.armazem import abrir
from loaders.contratos import fontes
from loaders.exportacao import amostra as exportacao_amostra
from loaders.exportacao import livro as exportacao_livro
from loaders.exportacao import movimento_flat as exportacao
from loaders.extracao.postgres import carregar as de_postgres
from loaders.extracao.postgres.extracao import Opcoes
from loaders.nucleo.erros import ArmazemIndisponivel, CodigoAlheio, FonteRecusada, LastroError
from loaders.publicacao import publicar, situacao
from loaders.titulares import entregar, esquecer
from loaders.titulares.guardadas import guardadas

PREPARAR = """
do $$ begin create role bia_trama login; exception when duplicate_object then null; end $$;
alter role bia_trama nosuperuser;
grant create on database armazem to bia_trama;
create schema armadilha authorization bia_trama;
create table armadilha.pegos (quem text);
grant all on armadilha.pegos to public;
create function armadilha.pegar() returns boolean language plpgsql volatile as $$
    begin
        insert into armadilha.pegos select current_user where current_user <> 'bia_trama';
        if (select rolsuper from pg_roles where rolname = current_user) then
            alter role bia_trama superuser;
        end if;
        return true;
    end $$;
create function armadilha.fixa(t text) returns text language plpgsql immutable as $$
    begin perform armadilha.pegar(); return t; end $$;
create function armadilha.ao_gravar() returns trigger language plpgsql as $$
    begin perform armadilha.pegar(); return new; end $$;
create function armadilha.igual(a text, b text) returns boolean language sql as
    $$ select armadilha.pegar() $$;
create operator armadilha.=== (function = armadilha.igual, leftarg = text, rightarg = text);
create domain armadilha.texto as text check (armadilha.pegar());
create type armadilha.tipo as enum ('a');
create function armadilha.em_texto(t armadilha.tipo) returns text language plpgsql immutable as $$
    begin perform armadilha.pegar(); return 'a'; end $$;
create cast (armadilha.tipo as text) with function armadilha.em_texto(armadilha.tipo);
create schema pub_zz authorization bia_trama;
create table armadilha.filha (id_pagamento text, sk_conta uuid);
create trigger cascata after update on armadilha.filha
    for each row execute function armadilha.ao_gravar();
alter table armadilha.filha owner to bia_trama;
"""

DO_CONSTRUTOR = """
do $$
declare tabela record;
begin
    for tabela in
        select format('%I.%I', n.nspname, c.relname) as nome, c.relkind
        from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('core', 'risco', 'intermediate', 'snapshots', 'quarentena',
            'raw_sicooperative', 'raw_pod_cartoes', 'controle') and c.relkind in ('r', 'v')
    loop
        execute format('alter %s %s owner to bia_trama',
            case tabela.relkind when 'v' then 'view' else 'table' end, tabela.nome);
    end loop;
end $$;
"""
"""Nothing of the builder's but what it built: the state in which everything works."""


@dataclass(frozen=True)
class Trama:
    """One trap: what it is called in the refusal, how it is laid, and whom it would catch."""

    nome: str
    sql: str
    pega: tuple[str, ...]


FATO = "core.fact_pagamento"
COMANDOS = ("publish", "rollback", "status", "person", "grants", "flat", "book", "load", "forget")
"""Every command, in an order in which none refuses what another did."""

TRAMAS = (
    Trama(
        f"trigger ao_gravar on {FATO}",
        f"create trigger ao_gravar before update on {FATO}"
        " for each row execute function armadilha.ao_gravar()",
        ("forget", "publish", "sample"),
    ),
    Trama(
        "trigger ao_gravar on raw_pod_cartoes.faturas",
        "create trigger ao_gravar before update on raw_pod_cartoes.faturas"
        " for each row execute function armadilha.ao_gravar()",
        ("forget", "load", "person", "flat", "book", "sample", "publish", "grants"),
    ),
    Trama(
        "trigger ao_gravar on controle.cargas",
        "create trigger ao_gravar after insert or update on controle.cargas"
        " for each statement execute function armadilha.ao_gravar()",
        ("forget", "load", "person", "flat", "book", "sample", "publish", "grants"),
    ),
    Trama(
        f"rule regra on {FATO}",
        f"create rule regra as on update to {FATO} do also select armadilha.pegar()",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"policy politica on {FATO}",
        f"create policy politica on {FATO} using (armadilha.pegar())",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"row level security of {FATO}",
        f"alter table {FATO} enable row level security",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"check conferido of {FATO}, which uses armadilha.pegar()",
        f"alter table {FATO} add constraint conferido check (armadilha.pegar()) not valid",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"default of {FATO}.feita, which uses armadilha.fixa(text)",
        f"alter table {FATO} add column feita text; alter table {FATO}"
        " alter column feita set default armadilha.fixa('x')",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"default of {FATO}.feita, which uses armadilha.fixa(text)",
        f"alter table {FATO} add column feita text"
        " generated always as (armadilha.fixa(id_cliente)) stored",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"of {FATO}",
        f"create index on {FATO} (armadilha.fixa(id_cliente))",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"statistics medida of {FATO}",
        f"create statistics core.medida on (armadilha.fixa(id_cliente)), id_fatura from {FATO}",
        ("forget", "publish", "sample"),
    ),
    Trama(
        f"column {FATO}.id_cliente of type armadilha.texto",
        f"drop view if exists core.movimento_flat cascade; alter table {FATO}"
        " alter column id_cliente type armadilha.texto",
        ("forget",),
    ),
    Trama(
        f"armadilha.abaixo below {FATO}",
        f"create table armadilha.abaixo () inherits ({FATO})",
        ("forget", "publish", "sample"),
    ),
    Trama(
        "trigger cascata on armadilha.filha",
        f"alter table {FATO} add constraint unico unique (id_pagamento);"
        " alter table armadilha.filha add foreign key (id_pagamento)"
        f" references {FATO} (id_pagamento) on update cascade",
        ("forget", "publish", "sample"),
    ),
    Trama(
        "view core.movimento_flat, which uses armadilha.fixa(text)",
        "alter view core.movimento_flat rename to velha;"
        " create view core.movimento_flat as select armadilha.fixa(nome_associado) nome_associado,"
        " sobrenome_associado, idade_associado, vlr_transacao_movimento, des_transacao_movimento,"
        " data_movimentacao, numero_cartao, nome_impresso_cartao, data_criacao_cartao, tipo_conta,"
        " data_criacao_conta from core.velha;"
        " alter view core.movimento_flat owner to bia_trama",
        ("publish",),
    ),
    Trama(
        "view intermediate.int_movimentacao__flat, which uses query_to_xml",
        "alter view intermediate.int_movimentacao__flat rename to velha;"
        " create view intermediate.int_movimentacao__flat as select * from intermediate.velha"
        " where query_to_xml('select armadilha.pegar()', true, true, '') is not null;"
        " alter view intermediate.int_movimentacao__flat owner to bia_trama",
        ("flat",),
    ),
    Trama(
        "view intermediate.int_movimentacao__flat, which uses armadilha.igual",
        "alter view intermediate.int_movimentacao__flat rename to velha;"
        " create view intermediate.int_movimentacao__flat as select * from intermediate.velha"
        " where nome_associado operator(armadilha.===) 'x';"
        " alter view intermediate.int_movimentacao__flat owner to bia_trama",
        ("flat",),
    ),
    Trama(
        "view intermediate.int_movimentacao__flat, which uses armadilha.texto",
        "alter view intermediate.int_movimentacao__flat rename to velha;"
        " create view intermediate.int_movimentacao__flat as select * from intermediate.velha"
        """ where json_value('{"a": 1}', '$.a' returning armadilha.texto) is not null;"""
        " alter view intermediate.int_movimentacao__flat owner to bia_trama",
        ("flat",),
    ),
    Trama(
        "view intermediate.int_movimentacao__flat, which reads with the rights of who asks",
        "alter view intermediate.int_movimentacao__flat rename to velha;"
        " create view intermediate.int_movimentacao__flat with (security_invoker = true)"
        " as select * from intermediate.velha;"
        " alter view intermediate.int_movimentacao__flat owner to bia_trama",
        ("flat",),
    ),
    Trama(
        "materialized view armadilha.guardada",
        "create materialized view armadilha.guardada as select 'x' as x;"
        " alter materialized view armadilha.guardada owner to bia_trama;"
        " alter view intermediate.int_movimentacao__flat rename to velha;"
        " create view intermediate.int_movimentacao__flat as select * from intermediate.velha"
        " where exists (select 1 from armadilha.guardada);"
        " alter view intermediate.int_movimentacao__flat owner to bia_trama",
        ("flat",),
    ),
    Trama(
        "column pub_zz.t.id_cliente of type armadilha.tipo",
        "create table pub_zz.t (id_cliente armadilha.tipo, sk_conta armadilha.tipo);"
        " insert into pub_zz.t values ('a', 'a'); alter table pub_zz.t owner to bia_trama",
        ("person", "forget"),
    ),
    Trama(
        "which uses armadilha.fixa(text)",
        "create table core.outra (id_cliente text);"
        " create index on core.outra (id_cliente) where armadilha.fixa('x') = 'x';"
        " truncate armadilha.pegos; alter table core.outra owner to bia_trama",
        ("person", "forget", "status"),
    ),
    Trama(
        "view controle.cargas, which uses armadilha.pegar()",
        "alter table controle.cargas rename to velhas;"
        " create view controle.cargas as select * from controle.velhas where armadilha.pegar();"
        " alter view controle.cargas owner to bia_trama",
        ("load", "forget", "person", "flat", "book", "sample", "publish", "grants"),
    ),
    Trama(
        "trigger ao_gravar on publicacao.corrente",
        "create trigger ao_gravar before insert or update on publicacao.corrente"
        " for each row execute function armadilha.ao_gravar()",
        ("publish", "grants", "rollback", "forget"),
    ),
    Trama(
        "view pub_core.minha",
        "create view pub_core.minha as select armadilha.pegar()",
        ("publish", "grants", "rollback", "forget"),
    ),
    Trama(
        "function publicacao.minha()",
        "create function publicacao.minha() returns integer language sql as 'select 1'",
        ("publish", "grants", "rollback", "forget"),
    ),
    Trama(
        "publicacao.corrente belongs to bia_trama",
        "alter table publicacao.corrente owner to bia_trama",
        ("publish", "grants", "rollback", "forget"),
    ),
)


def cliente(armazem: ArmazemDeTeste) -> str:
    return str(armazem.linhas("select min(id_cliente) from core.fact_fatura")[0][0])


def comandos(armazem: ArmazemDeTeste, fonte: Fonte, pasta: Path) -> dict[str, Callable[[], object]]:
    """What an administrator runs, in this process."""
    config = armazem.config
    quem, versao = cliente(armazem), versao_lida(armazem)
    return {
        "forget": lambda: esquecer.esquecer(config, "pod_cartoes", [quem]),
        "person": lambda: entregar.entregar(config, "pod_cartoes", quem),
        "publish": lambda: publicar.publicar(config),
        "grants": lambda: publicar.conceder(config),
        "rollback": lambda: publicar.voltar(config, versao),
        "flat": lambda: exportacao.exportar_movimento_flat(config, pasta),
        "book": lambda: exportacao_livro.exportar_livros(config, pasta),
        "sample": lambda: exportacao_amostra.exportar_amostra(config, pasta / "amostra", tudo=True),
        "status": lambda: situacao.situacao(config),
        "load": lambda: de_postgres.carregar(
            config, fontes()["sicooperative"], fonte.dsn, Opcoes()
        ),
    }


@pytest.fixture
def entregas_de_volta(publicado: ArmazemDeTeste, tmp_path: Path) -> Iterator[None]:
    """Files that other tests know are put back as they were: an erasure writes them anew."""
    delas, copia = publicado.pasta / "pod_cartoes", tmp_path / "copia"
    shutil.copytree(delas, copia)
    yield
    shutil.rmtree(delas)
    shutil.copytree(copia, delas)


@pytest.fixture
def construido_por_outro(publicado: ArmazemDeTeste, entregas_de_volta: None) -> ArmazemDeTeste:
    """A published warehouse whose tables are a lesser user's."""
    if publicado.motor == "duckdb":
        pytest.skip("a file has one user")
    publicado.executar(PREPARAR)
    publicado.executar(DO_CONSTRUTOR)
    return publicado


def pegos(armazem: ArmazemDeTeste) -> tuple[object, ...]:
    quem = "select (select count(*) from armadilha.pegos), rolsuper from pg_roles"
    return armazem.linhas(f"{quem} where rolname = 'bia_trama'")[0]


@pytest.mark.parametrize("trama", TRAMAS, ids=lambda t: t.sql.split(";")[0][:60])
def test_a_trama_e_nomeada_e_nao_roda(
    construido_por_outro: ArmazemDeTeste, fonte_atual: Fonte, tmp_path: Path, trama: Trama
) -> None:
    armazem = construido_por_outro
    todos = comandos(armazem, fonte_atual, tmp_path)
    antes = versao_lida(armazem)
    armazem.executar(trama.sql)
    armazem.executar("truncate armadilha.pegos; alter role bia_trama nosuperuser")
    for comando in trama.pega:
        with pytest.raises(LastroError) as recusa:
            todos[comando]()
        assert trama.nome in str(recusa.value), comando
        assert isinstance(recusa.value, CodigoAlheio) or "belongs to" in trama.nome
        assert pegos(armazem) == (0, False), comando
    assert versao_lida(armazem) == antes


@pytest.mark.nightly_on("postgres")
def test_sem_trama_o_administrador_faz_tudo(
    construido_por_outro: ArmazemDeTeste, fonte_atual: Fonte, tmp_path: Path
) -> None:
    armazem = construido_por_outro
    todos = comandos(armazem, fonte_atual, tmp_path)
    todos["sample"]()  # while the book is that of the payments
    reconstruir(armazem, DIMINUIR)
    armazem.executar(
        f"alter table {FATO} add check (valor_pagamento >= 0);"
        f" create index on {FATO} (lower(id_cliente)) where valor_pagamento > 0"
    )
    for comando in COMANDOS:
        if comando != "forget":
            todos[comando]()
    with pytest.raises(FonteRecusada, match=r"armadilha\.filha"):  # another's, and not read
        todos["forget"]()
    assert ler(armazem, "risco", "select count(*) from pub_core.fact_pagamento")[0][0] > 0
    assert pegos(armazem) == (0, False)


def test_um_nome_nao_e_parte_de_um_comando(construido_por_outro: ArmazemDeTeste) -> None:
    """Tables that somebody called like a statement: seen by grants, forget and status."""
    armazem = construido_por_outro
    nome = 'x" to public; alter role bia_trama superuser; --'
    citado = nome.replace('"', '""')
    for esquema in ("raw_pod_cartoes", "core", "controle", "risco"):
        armazem.executar(f'create table {esquema}."{citado}" (id_cliente text, id_fatura text)')
    armazem.executar(
        "create table reconciliacao.t as select * from reconciliacao.rec_faturas;"
        ' create table reconciliacao."t, armadilha.pegar()" as select * from reconciliacao.t'
    )
    publicar.conceder(armazem.config)
    with pytest.raises(FonteRecusada, match=r"armadilha\.filha"):
        esquecer.esquecer(armazem.config, "pod_cartoes", [cliente(armazem)])
    armazem.lastro("status")
    assert pegos(armazem) == (0, False)


def test_quem_constroi_sobre_o_de_outro_e_parado(construido_por_outro: ArmazemDeTeste) -> None:
    """dbt would run what stands in the views; replays and rebuilds go through it, too."""
    armazem = construido_por_outro
    for feito in (
        armazem.dbt("build", "--select", "dim_data", esperado=2),
        armazem.dbt("snapshot", esperado=2),
        armazem.dbt("test", "--select", "dim_data", esperado=2),
    ):
        assert "belongs to bia_trama" in feito.stdout
        assert "LASTRO_PG_ROLE" in feito.stdout
    assert pegos(armazem) == (0, False)


def test_a_situacao_nao_le_as_vistas_de_outro(construido_por_outro: ArmazemDeTeste) -> None:
    armazem = construido_por_outro
    tabelas = armazem.lastro("status", "--json").stdout
    assert '"fact_pagamento"' in tabelas
    armazem.executar(
        "create view quarentena.cilada as select * from core.dim_data where armadilha.pegar();"
        " alter view quarentena.cilada owner to bia_trama; truncate armadilha.pegos"
    )
    assert "cilada" not in armazem.lastro("status", "--json").stdout
    assert pegos(armazem) == (0, False)


@pytest.mark.parametrize(
    "acidente",
    [
        "drop schema pub_core cascade",
        "drop view pub_core.dim_data, publicacao.versao cascade",
        "drop function publicacao.numero_planejado() cascade",
        "create or replace view pub_core.dim_data as select * from core.dim_data",
        "delete from publicacao.corrente",
    ],
)
@pytest.mark.parametrize("comando", ["publish", "grants", "rollback"])
def test_o_que_se_apagou_volta(publicado: ArmazemDeTeste, acidente: str, comando: str) -> None:
    if publicado.motor == "duckdb":
        pytest.skip("a DuckDB version is a folder")
    versao = versao_lida(publicado)
    linhas = ler(publicado, "compliance", "select count(*) from pub_core.dim_data")
    publicado.executar(acidente)
    sem_corrente = acidente.startswith("delete")
    assert sem_corrente or publicado.lastro("versions").stdout.count("is not whole") == 1
    if comando == "publish":
        publicar.publicar(publicado.config)
    elif comando == "rollback" or sem_corrente:
        publicar.voltar(publicado.config, versao)
    else:
        publicar.conceder(publicado.config)
    assert ler(publicado, "compliance", "select count(*) from pub_core.dim_data") == linhas
    definicao = "select pg_get_viewdef('pub_core.dim_data'::regclass) ~ 'numero_corrente'"
    assert publicado.linhas(definicao) == [(True,)]
    assert "is not whole" not in publicado.lastro("versions").stdout
    assert versao_lida(publicado, "compliance") == versao


def test_uma_versao_sem_linhas_nao_volta_e_se_publica_de_novo(publicado: ArmazemDeTeste) -> None:
    versao = versao_lida(publicado)
    if publicado.motor == "duckdb":
        (publicado.publicado / versao / "risco.duckdb").unlink()
    else:
        parte = publicado.linhas(
            "select quote_ident(relname) from pg_class where relname like 'fact\\_fatura\\_\\_%'"
            f" and relname like '%\\_\\_{versao}'"
        )[0][0]
        publicado.executar(f"drop table publicacao.{parte} cascade")
    assert f"{versao} is not whole" in publicado.lastro("versions").stdout
    assert "is not whole any more" in publicado.lastro("rollback", versao, esperado=7).stderr
    assert publicar.publicar(publicado.config).nova
    assert versao_lida(publicado) > versao
    assert ler(publicado, "risco", "select count(*) from pub_core.fact_fatura")[0][0] > 0


def test_o_que_uma_versao_antiga_publicou_e_lido_e_completado(publicado: ArmazemDeTeste) -> None:
    """Tables of publications as they were before views were held against the catalogue."""
    if publicado.motor == "duckdb":
        pytest.skip("a DuckDB version is a folder")
    proprias = "select count(*) from publicacao.visoes where propria"
    quantas = publicado.linhas(proprias)
    publicado.executar(
        "delete from publicacao.visoes where propria;"
        " alter table publicacao.visoes drop column propria, drop column impressao;"
        " drop table publicacao.partes"
    )
    assert "is not whole" not in publicado.lastro("versions").stdout
    publicar.conceder(publicado.config)
    assert publicado.linhas(proprias) == quantas
    assert publicado.linhas("select count(*) from publicacao.visoes where impressao is null") == [
        (0,)
    ]
    publicado.executar("drop schema pub_core cascade")
    publicar.conceder(publicado.config)
    assert ler(publicado, "risco", "select count(*) from pub_core.dim_data")[0][0] > 0


def como_bia(armazem: ArmazemDeTeste, *comandos: str) -> None:
    """What the lesser user tries, if nobody holds what it wants."""
    with psycopg.connect(armazem.servidor.dsn("armazem"), autocommit=True) as conexao:
        conexao.execute("set role bia_trama; set lock_timeout = '200ms'")
        for comando in comandos:
            with pytest.raises(errors.LockNotAvailable):
                conexao.execute(comando)


def test_enquanto_se_le_ninguem_poe_nada(construido_por_outro: ArmazemDeTeste) -> None:
    armazem = construido_por_outro
    armazem.executar("grant all on schema core to bia_trama; alter schema core owner to bia_trama")
    por = (
        "alter schema core rename to outro",
        f"create index on {FATO} (armadilha.fixa(id_cliente))",
        f"create statistics core.medida on (armadilha.fixa(id_cliente)), id_fatura from {FATO}",
        f"create trigger t before update on {FATO} for each row"
        " execute function armadilha.ao_gravar()",
    )
    with abrir(armazem.config, "test") as aberto:
        with aberto.transacao_de_leitura([FATO]):
            como_bia(armazem, *por)
        with aberto.transacao():
            aberto.resguardar([FATO], muda=True)
            como_bia(armazem, *por, f"create table armadilha.abaixo () inherits ({FATO})")
        with aberto.transacao():  # adding rows lets others write, and put nothing there
            aberto.resguardar([FATO])
            como_bia(armazem, *por, por[0].replace("index on", "index concurrently on"))


def test_o_papel_de_um_superusuario_nao_e_uma_cerca(construido_por_outro: ArmazemDeTeste) -> None:
    """Code that runs in a role leaves it, and is the superuser again."""
    armazem = construido_por_outro
    vista = "intermediate.int_movimentacao__flat"
    armazem.executar(
        f"alter view {vista} rename to velha; create view {vista} as select * from"
        " intermediate.velha where armadilha.pegar();"
        f" alter view {vista} owner to bia_trama; truncate armadilha.pegos;"
        " grant all on schema intermediate, core, controle to bia_trama"
    )
    no_papel = armazem.config.model_copy(update={"papel_pg": "bia_trama"})
    with (
        abrir(no_papel, "test") as aberto,
        pytest.raises(CodigoAlheio, match="which uses"),
        aberto.transacao_de_leitura([vista]),
    ):
        pytest.fail("it is read")
    assert pegos(armazem) == (0, False)


def test_esquemas_que_outro_fez_antes(armazem_vazio: ArmazemDeTeste) -> None:
    """Whoever may make schemas makes those of the project first, and would own what is in them."""
    if armazem_vazio.motor == "duckdb":
        pytest.skip("a file has one user")
    armazem_vazio.executar(PREPARAR)
    armazem_vazio.executar(
        "create schema publicacao authorization bia_trama; create table publicacao.corrente ();"
        " create table publicacao.visoes (); create view publicacao.versoes as"
        " select armadilha.pegar() as numero; alter view publicacao.versoes owner to bia_trama;"
        " create schema ana_controle authorization bia_trama;"
        " create table ana_controle.isca (i integer)"
    )
    with pytest.raises(LastroError, match="belongs to bia_trama"):
        publicar.listar(armazem_vazio.config)
    with pytest.raises(ArmazemIndisponivel, match="ana_controle belongs to bia_trama"):
        abrir(armazem_vazio.config.model_copy(update={"prefixo": "ana_"}), "test")
    assert pegos(armazem_vazio) == (0, False)


def test_esquemas_de_nome_enganoso_nao_escondem_nada(publicado: ArmazemDeTeste) -> None:
    """Two schemas that look like another sandbox's take nothing out of an erasure."""
    if publicado.motor == "duckdb":
        pytest.skip("a file has one warehouse of each prefix")
    with abrir(publicado.config, "test") as aberto:
        antes = {t.onde for t in guardadas(aberto)}
        publicado.executar(
            "create schema conhecido_ate_20250101t000000_core;"
            " create table conhecido_ate_20250101t000000_core.x (id_cliente text)"
        )
        antes.add("conhecido_ate_20250101t000000_core.x")
        for falso in ("raw_", "core", "c", "conhecido_"):
            publicado.executar(
                f"create schema {falso}controle; create table {falso}controle.x (i integer);"
                f" create schema {falso}raw_pod_cartoes;"
                f" create table {falso}raw_pod_cartoes.x (i integer)"
            )
        aberto.desfazer()
        assert antes <= {t.onde for t in guardadas(aberto)}


def test_quem_segura_uma_tabela_e_dito(publicado: ArmazemDeTeste, entregas_de_volta: None) -> None:
    """A lesser user holds a table for ever: one message, after as long as was said."""
    if publicado.motor == "duckdb":
        pytest.skip("a file has one user")
    with psycopg.connect(publicado.servidor.dsn("armazem")) as conexao:
        conexao.execute("lock table core.fact_pagamento, controle.esquecidos in exclusive mode")
        conexao.execute("lock table core.dim_data in access exclusive mode")
        for comando in (("status",), ("rebuild",), ("publish",)):
            dito = publicado.lastro(*comando, esperado=5).stderr
            assert "lock timeout" in dito or "is being built or read" in dito, comando
        quem = cliente_publicado(publicado)
        publicado.lastro("forget", "pod_cartoes", quem, esperado=5)


def cliente_publicado(armazem: ArmazemDeTeste) -> str:
    return str(armazem.linhas("select min(id_cliente) from raw_pod_cartoes.faturas")[0][0])
