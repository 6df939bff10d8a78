"""Publication on both engines: what is refused, what readers see, how a version is lost."""

import json
import os
import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from apoio import iniciar, matar
from apoio_publicacao import DIMINUIR, leitor, ler, reconstruir, versao_lida, versoes
from conftest import POUCAS_FATURAS, PUBLICADO, VAZIO, ArmazemDeTeste
from psycopg import errors

from loaders.armazem import abrir
from loaders.contratos.pessoal import CLASSES
from loaders.demo import faturas, servidor
from loaders.exportacao.livro import exportar_livros
from loaders.exportacao.movimento_flat import exportar_movimento_flat
from loaders.nucleo.erros import (
    ArmazemIndisponivel,
    ConstrucaoFalhou,
    LastroError,
    PublicacaoRecusada,
)
from loaders.nucleo.falhas import PONTOS
from loaders.publicacao import acessos, entregas, publicar
from loaders.publicacao.construcao import Medida, leitura
from loaders.publicacao.direitos import Direitos
from loaders.publicacao.modelos import modelos
from loaders.publicacao.versoes import Mudanca


@pytest.mark.nightly_on("duckdb")
def test_publica_volta_e_poda(publicado: ArmazemDeTeste) -> None:
    primeira = versao_lida(publicado)
    for area, dados in acessos.areas().items():
        with leitor(publicado, area) as conexao:
            for modelo in dados.modelos():
                contadas = conexao.execute(f"select count(*) from pub_{modelo.tabela}").fetchall()
                assert contadas == publicado.linhas(f"select count(*) from {modelo.tabela}")
    assert publicado.lastro("publish").stdout == f"{primeira} holds the same already\n"
    assert versoes(publicado) == [primeira]

    reconstruir(publicado, DIMINUIR)
    feito = publicado.lastro("publish")
    segunda = versao_lida(publicado)
    assert segunda > primeira
    assert feito.stdout.startswith(f"{segunda} published: ")
    assert "core.fact_pagamento: " in feito.stdout
    assert " rows (-" in feito.stdout
    nova, velha = json.loads(publicado.lastro("versions", "--json").stdout)
    assert (nova["nome"], nova["corrente"], nova["anterior"]) == (segunda, True, primeira)
    assert (velha["corrente"], velha["anterior"], velha["mudancas"]) == (False, None, [])
    assert [m.split(":")[0] for m in nova["mudancas"]] == ["core.fact_pagamento"]
    assert nova["cargas"].keys() == {"credito", "fintech", "pod_cartoes", "sicooperative"}
    quantos = "select count(*) from pub_core.fact_pagamento"
    depois = ler(publicado, "risco", quantos)[0][0]

    assert publicado.lastro("rollback", primeira).stdout == f"{primeira} is current\n"
    assert versao_lida(publicado) == primeira
    assert ler(publicado, "risco", quantos)[0][0] == depois + 3
    publicar.voltar(publicado.config, segunda)
    assert ler(publicado, "risco", quantos)[0][0] == depois

    reconstruir(publicado, DIMINUIR)
    assert f"deleted: {primeira}" in publicado.lastro("publish", "--keep", "2").stdout
    assert versoes(publicado) == [versao_lida(publicado), segunda]
    publicar.voltar(publicado.config, segunda)
    assert "deleted" not in publicado.lastro("versions", "--keep", "1").stdout
    assert versao_lida(publicado) == segunda, "the current version stays, however old"


def test_tabelas_inteiras_iguais_as_do_armazem(publicado: ArmazemDeTeste) -> None:
    """Each value, the columns of personal data too, where the area needs them."""
    for tabela in ("core.dim_associado", "core.fact_fatura", "reconciliacao.rec_faturas"):
        colunas = ", ".join(c.nome for c in modelos()[tabela].colunas)
        ordenadas = f"select {colunas} from {{}}{tabela} order by 1"
        assert ler(publicado, "compliance", ordenadas.format("pub_")) == publicado.linhas(
            ordenadas.format("")
        )
    livro = "select * from {}risco.book_fatura_cliente order by ref_date, id_cliente"
    assert ler(publicado, "risco", livro.format("pub_")) == publicado.linhas(livro.format(""))


RECUSAS = {
    "never built": ("delete from controle.construcoes", "Nothing was built here yet"),
    "interrupted": ("update controle.construcoes set status = 'em_curso'", "has not ended"),
    "failed": (
        "update controle.construcoes set status = 'falhou', mensagem = 'unique_x (fail)'",
        "unique_x (fail)",
    ),
    "newer loads": (
        "update controle.construcoes set ultima_carga = ultima_carga - 1",
        "Loads came after the build",
    ),
    "another row": (DIMINUIR, "core.fact_pagamento ("),
    "another value": (
        "update core.fact_fatura set valor_pago = valor_pago + 0.01 where id_fatura ="
        " (select min(id_fatura) from core.fact_fatura)",
        "core.fact_fatura (",
    ),
    "a row that builds keep": (
        "update core.fact_movimentacao set descricao_movimentacao = 'X'"
        " where id_movimentacao_cartao ="
        " (select min(id_movimentacao_cartao) from core.fact_movimentacao)",
        "keeps the rows of core.fact_movimentacao and mends none. Run `make rebuild`",
    ),
    "values of two rows swapped": (
        "update core.fact_pagamento set valor_pagamento = case id_pagamento"
        " when (select min(id_pagamento) from core.fact_pagamento) then (select valor_pagamento"
        " from core.fact_pagamento order by id_pagamento desc limit 1)"
        " else (select valor_pagamento from core.fact_pagamento order by id_pagamento limit 1) end"
        " where id_pagamento in (select min(id_pagamento) from core.fact_pagamento"
        " union all select max(id_pagamento) from core.fact_pagamento)",
        "core.fact_pagamento (",
    ),
}


@pytest.mark.parametrize("caso", RECUSAS)
def test_recusa_o_que_nao_foi_construido_e_testado(publicado: ArmazemDeTeste, caso: str) -> None:
    antes = versao_lida(publicado)
    mudanca, mensagem = RECUSAS[caso]
    publicado.executar(mudanca)
    with pytest.raises(PublicacaoRecusada) as recusa:
        publicar.publicar(publicado.config)
    assert mensagem in str(recusa.value)
    assert versao_lida(publicado) == antes
    assert versoes(publicado) == [antes]


def test_so_o_que_entrou_espera_uma_construcao(publicado: ArmazemDeTeste, tmp_path: Path) -> None:
    """A refused file landed nothing; an extraction without news is replayed all the same."""
    (tmp_path / "tb_faturas_203012.csv").write_text("id_fatura\n")
    publicado.lastro("load", "pod_cartoes", str(tmp_path), esperado=3)
    ultima = "select max(_carga_id) from controle.cargas where status {} 'rejeitado'"
    ((recusada,),) = publicado.linhas(ultima.format("="))
    ((aceita,),) = publicado.linhas(ultima.format("<>"))
    assert recusada > aceita
    outra = (
        "insert into controle.cargas (_carga_id, fonte, origem, status, extraido_em)"
        " select max(_carga_id) + 1, 'sicooperative', 'associado', '{}', {} from controle.cargas"
    )
    publicado.executar(outra.format("erro", "null"))
    publicado.executar(outra.format("sem_novidade", "null"))  # a file that is known
    assert not publicar.publicar(publicado.config).nova
    perguntar = (
        "show",
        "--quiet",
        "--output",
        "json",
        "--inline",
        "{{ ultima_carga_que_conta() }}",
    )
    assert f": {aceita}\n" in publicado.dbt(*perguntar).stdout, "as the build asks"
    publicado.executar(outra.format("sem_novidade", "now()"))
    with pytest.raises(PublicacaoRecusada, match="Loads came after the build"):
        publicar.publicar(publicado.config)


@pytest.mark.slow
def test_construcao_que_falha_ou_morre_nao_se_publica(
    publicado: ArmazemDeTeste, tmp_path: Path
) -> None:
    """Real builds: a test of one fails, another is killed in its middle."""
    if publicado.motor == "duckdb":
        pytest.skip("one engine: what dbt notes, and when, is the same on both")
    antes = versao_lida(publicado)
    publicado.executar(
        "insert into raw_sicooperative.conta (id_conta, _operacao, _carga_id)"
        " values ('X', 'estranha', 1)"
    )
    tudo = ("build", "--exclude-resource-type", "unit_test")
    publicado.dbt(*tudo, "--fail-fast", esperado=1)
    dito = publicado.lastro("publish", esperado=7).stderr
    assert re.search(r"The build of .* failed: .*accepted_values_sicooperative_conta", dito)
    publicado.executar("delete from raw_sicooperative.conta where id_conta = 'X'")
    assert matar(publicado, ("dbt", *tudo), 60, tmp_path / "morta")
    dito = publicado.lastro("publish", esperado=7).stderr
    assert "has not ended: it runs, or was interrupted" in dito
    export = ("export", "movimento_flat", "--to", str(tmp_path / "saida"))
    assert "has not ended" in publicado.lastro(*export, esperado=6).stderr
    assert [versao_lida(publicado)] == versoes(publicado) == [antes]


@pytest.mark.nightly_on("postgres")
@pytest.mark.parametrize("caso", ["interrupted", "failed"])
def test_nao_exporta_o_que_nao_passou(publicado: ArmazemDeTeste, tmp_path: Path, caso: str) -> None:
    mudanca, mensagem = RECUSAS[caso]
    publicado.executar(mudanca)
    for exportar in (exportar_movimento_flat, exportar_livros):
        with pytest.raises(ConstrucaoFalhou, match=re.escape(mensagem)):
            exportar(publicado.config, tmp_path)
    assert list(tmp_path.iterdir()) == []
    for exportar in (exportar_movimento_flat, exportar_livros):
        exportar(publicado.config, tmp_path, so_testado=False)
    assert len(list(tmp_path.iterdir())) > 4


def test_recusa_outro_projeto_e_diz_qual_arquivo(armazem: ArmazemDeTeste) -> None:
    """As dbt reads it: a model that says something else now than when it was built."""
    armazem.executar(
        "update controle.construcoes set projeto = replace(projeto,"
        ' \'"macros/regras/idade_em_anos.sql": "\', \'"macros/regras/idade_em_anos.sql": "0\')'
    )
    feito = armazem.lastro("publish", esperado=7)
    assert "macros/regras/idade_em_anos.sql changed since" in feito.stderr
    assert feito.stdout == ""
    assert versoes(armazem) == []


@pytest.mark.nightly_on("postgres")
def test_o_que_falta_de_uma_entrega_quer_ser_aceito(armazem: ArmazemDeTeste) -> None:
    """One line too many of a large delivery; with what was published somebody was content."""
    ((carga, arquivo, linhas),) = armazem.linhas(
        "select _carga_id, origem, linhas_arquivo from quarentena.entregas"
        " where linhas_arquivo >= 100 order by _carga_id desc limit 1"
    )
    limite = linhas * 15 // 100
    falta = (
        "update reconciliacao.rec_{entidade}s set linhas_rejeitadas = 1, linhas_quarentena = {n}"
        f" where _carga_id = {carga}"
    )
    entidade = "fatura" if arquivo.startswith("tb_fatura") else "pagamento"
    reconstruir(armazem, falta.format(entidade=entidade, n=limite))
    with abrir(armazem.config, "test") as aberto:
        assert entregas.Perda(arquivo, linhas, 1, limite) in entregas.perdas(
            armazem.config, aberto, carga - 1
        )
        assert entregas.perdas(armazem.config, aberto, carga) == []
    if armazem.motor == "duckdb":
        return  # what follows asks no engine, and is long
    recusa = armazem.lastro("publish", esperado=7).stderr
    dito = f"{arquivo}: {(limite + 1) / linhas:.1%} of {linhas:,} lines"
    assert dito in " ".join(recusa.split())
    assert "--accept" in recusa
    armazem.lastro("publish", "--accept")
    reconstruir(armazem, falta.format(entidade=entidade, n=limite + 1))
    armazem.lastro("publish")


def test_um_salto_quer_ser_aceito(publicado: ArmazemDeTeste) -> None:
    antes = versao_lida(publicado)
    reconstruir(
        publicado,
        "delete from core.fact_pagamento where id_pagamento in (select id_pagamento from"
        " core.fact_pagamento order by id_pagamento limit"
        " (select count(*) * 3 / 10 from core.fact_pagamento))"
        if publicado.motor == "postgres"
        else "delete from core.fact_pagamento where hash(id_pagamento) % 10 < 3",
    )
    feito = publicado.lastro("publish", esperado=7)
    assert "moved by more than 20%" in feito.stderr
    assert "core.fact_pagamento: " in feito.stderr
    assert "--accept" in feito.stderr
    assert feito.stdout == ""
    assert versao_lida(publicado) == antes
    publicado.lastro("publish", "--max-change", "0.5")
    assert versao_lida(publicado) > antes
    publicar.voltar(publicado.config, antes)
    with pytest.raises(PublicacaoRecusada):
        publicar.publicar(publicado.config)
    publicado.lastro("publish", "--accept")
    assert versao_lida(publicado) > antes


def test_um_registro_cresce_sem_que_se_pergunte(publicado: ArmazemDeTeste) -> None:
    area = "compliance"  # whose file says so: the others' stays as it was
    antes = versao_lida(publicado, area)
    registro = "reconciliacao.rec_movimentacoes"
    nomes = [c.nome for c in modelos()[registro].colunas]
    valores = ", ".join(f"t.{n}" if n != "_carga_id" else "t._carga_id + 1000 * v.n" for n in nomes)
    reconstruir(
        publicado,
        f"insert into {registro} ({', '.join(nomes)}) select {valores} from {registro} as t"
        " cross join (values (1), (2)) as v (n)",
    )
    assert "(+200.0 %)" in publicado.lastro("publish").stdout
    assert versao_lida(publicado, area) > antes


def _medida(linhas: int, valor: int | None = None) -> Medida:
    return Medida(linhas, None if valor is None else Decimal(valor), str(linhas))


@pytest.mark.parametrize(
    ("tabela", "antes", "depois", "grande"),
    [
        ("core.fact_fatura", _medida(100, 100), _medida(120, 120), False),
        ("core.fact_fatura", _medida(100, 100), _medida(121, 100), True),
        ("core.fact_fatura", _medida(100, 100), _medida(100, 79), True),
        (
            "core.fact_fatura",
            _medida(1, 1),
            _medida(3, 300),
            False,
        ),  # of so few a share says nothing
        ("core.fact_fatura", _medida(9, 9), _medida(1, 1), False),
        ("core.fact_fatura", _medida(1, 1), _medida(10, 10), True),
        ("core.fact_fatura", _medida(10, 10), _medida(1, 1), True),
        ("core.fact_fatura", _medida(3, 3), _medida(0), True),
        ("core.fact_fatura", _medida(3, 3), None, True),
        ("core.fact_fatura", None, _medida(3, 3), False),
        ("reconciliacao.rec_faturas", _medida(20, 20), _medida(60, 60), False),
        ("reconciliacao.rec_duplicatas", _medida(60), _medida(20), False),
        ("reconciliacao.rec_faturas", _medida(20, 20), None, True),
        ("core.de_antes", _medida(20, 20), _medida(60, 60), True),
    ],
)
def test_o_que_e_um_salto(
    tabela: str, antes: Medida | None, depois: Medida | None, grande: bool
) -> None:
    assert Mudanca(tabela, antes, depois).maior_que(0.2) is grande


def test_o_publicado_traz_as_descricoes(publicado: ArmazemDeTeste) -> None:
    """Of tables and columns, as BI tools ask the catalogue; and what is never null, in files."""
    de_tabelas, de_colunas = (
        (
            "select table_name, comment from duckdb_tables() where schema_name = '{0}' union all"
            " select view_name, comment from duckdb_views() where schema_name = '{0}'",
            "select table_name, column_name, comment, is_nullable from duckdb_columns()"
            " where schema_name = '{0}'",
        )
        if publicado.motor == "duckdb"
        else (
            "select c.relname, obj_description(c.oid, 'pg_class') from pg_class as c"
            " where c.relnamespace = to_regnamespace('{0}')",
            "select c.relname, a.attname, col_description(c.oid, a.attnum), true from pg_class as c"
            " inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0"
            " where c.relnamespace = to_regnamespace('{0}')",
        )
    )
    versao = versao_lida(publicado)
    do_armazem = cache(lambda esquema: dict(publicado.linhas(de_tabelas.format(esquema))))
    for nome, area in acessos.areas().items():
        # Of each schema once: DuckDB lists the columns of all tables for each question.
        tabelas = cache(lambda onde, nome=nome: dict(ler(publicado, nome, de_tabelas.format(onde))))
        todas = cache(lambda onde, nome=nome: ler(publicado, nome, de_colunas.format(onde)))
        for modelo in area.modelos():
            esquema = f"pub_{modelo.esquema}"
            for onde in {esquema, esquema + ("" if publicado.motor == "duckdb" else f"_{versao}")}:
                dito = tabelas(onde)[modelo.nome]
                assert dito == do_armazem(modelo.esquema)[modelo.nome]
                assert dito.startswith("One row per "), modelo.tabela
                colunas = {
                    coluna: (comentario, nula)
                    for tabela, coluna, comentario, nula in todas(onde)
                    if tabela == modelo.nome
                }
                assert list(colunas) == [c.nome for c in modelo.colunas]
                assert all(comentario for comentario, _ in colunas.values()), modelo.tabela
                if publicado.motor == "duckdb" and modelo.tabela not in acessos.partes():
                    assert [n for n, (_, nula) in colunas.items() if not nula] == [
                        c.nome
                        for c in modelo.colunas
                        if c.obrigatoria and not area.mascarada(c.pessoal)
                    ]
    valor = [
        c
        for t, n, c, _ in ler(publicado, "risco", de_colunas.format("pub_core"))
        if (t, n) == ("fact_movimentacao", "valor_movimentacao")
    ]
    assert valor == ["Amount in BRL; negative for a reversal."]


def test_cada_area_le_o_que_a_declaracao_diz_e_nada_mais(publicado: ArmazemDeTeste) -> None:
    todas = acessos.publicados()
    assert {m.tabela for m in todas} == set(modelos()), "every public model is read by some area"
    no_armazem = cache(publicado.linhas)
    mascaradas = 0
    for nome, area in acessos.areas().items():
        suas = {m.tabela for m in area.modelos()}
        with leitor(publicado, nome) as conexao:
            for modelo in todas:
                if modelo.tabela not in suas:
                    with pytest.raises((errors.InsufficientPrivilege, duckdb.CatalogException)):
                        conexao.execute(f"select count(*) from pub_{modelo.tabela}")
                    if publicado.motor == "postgres":
                        conexao.rollback()
                        conexao.execute(f"set role lastro_leitor_{nome}")
                    continue
                for coluna in modelo.colunas:
                    if coluna.pessoal is None:
                        continue
                    quantos = f"select count({coluna.nome}) from {{}}{modelo.tabela}"
                    achados = conexao.execute(quantos.format("pub_")).fetchall()
                    todos = no_armazem(quantos.format(""))
                    assert todos[0][0] > 0
                    if area.mascarada(coluna.pessoal):
                        mascaradas += 1
                        assert achados == [(0,)], (nome, modelo.tabela, coluna.nome)
                    else:
                        assert achados == todos, (nome, modelo.tabela, coluna.nome)
    assert mascaradas > 5


def test_nada_fora_do_publicado_e_legivel(publicado: ArmazemDeTeste) -> None:
    if publicado.motor == "duckdb":
        for area, dados in acessos.areas().items():
            achadas = ler(
                publicado, area,
                "select table_schema || '.' || table_name from information_schema.tables",
            )  # fmt: skip
            assert {t for (t,) in achadas} == {
                "publicacao.versao", *(f"pub_{m.tabela}" for m in dados.modelos()),
            }  # fmt: skip
            arquivo = publicado.publicado / "current" / f"{area}.duckdb"
            assert arquivo.stat().st_mode & 0o222 == 0
        return
    relacoes = publicado.linhas(
        "select n.nspname || '.' || c.relname from pg_class as c"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        " where c.relkind in ('r', 'v', 'p', 'm')"
        " and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
    )
    publicado.executar(
        "do $$ begin create role lastro_de_fora nologin;"
        " exception when duplicate_object then null; end $$"
    )
    papeis = {f"lastro_leitor_{nome}": area for nome, area in acessos.areas().items()}
    classes = [f"lastro_em_claro_{classe}" for classe in CLASSES]
    for papel in (*papeis, *classes, "lastro_de_fora"):
        dela = papeis.get(papel)
        suas = {m.tabela for m in dela.modelos()} if dela else set()
        with psycopg.connect(publicado.servidor.dsn("armazem"), autocommit=True) as conexao:
            conexao.execute(f"set role {papel}")
            legiveis = set()
            for (relacao,) in relacoes:
                try:
                    conexao.execute(f"select 1 from {relacao} limit 1")
                except errors.InsufficientPrivilege:
                    continue
                legiveis.add(relacao)
            esquema_da_versao = "_" + versao_lida(publicado)
            corretas = {"publicacao.versao"} if dela else set()
            for tabela in suas:
                esquema, nome = tabela.split(".")
                corretas |= {f"pub_{tabela}", f"pub_{esquema}{esquema_da_versao}.{nome}"}
            assert legiveis == corretas, papel
            with pytest.raises(errors.InsufficientPrivilege):
                conexao.execute("update pub_core.dim_data set dia = 1")


TENTATIVAS = {
    "select": "select 1 from {0} limit 1",
    "insert": "insert into {0} select * from {0} limit 0",
    "update": "update {0} set {1} = {1} where false",
    "delete": "delete from {0} where false",
}


def test_os_servicos_podem_o_que_a_declaracao_diz_e_nada_mais(publicado: ArmazemDeTeste) -> None:
    """Every privilege tried on every table and view of every schema, by loaders, dbt, readers."""
    if publicado.motor == "duckdb":
        assert publicado.lastro("grants", esperado=1).stderr.startswith("lastro: DuckDB has no")
        return
    tabelas = publicado.linhas(
        "select n.nspname, c.relname, min(a.attname) from pg_class as c"
        " inner join pg_namespace as n on c.relnamespace = n.oid"
        " inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0"
        " and not a.attisdropped and a.attgenerated = '' where c.relkind in ('r', 'v', 'p')"
        " and not starts_with(n.nspname, 'pg_') and n.nspname <> 'information_schema'"
        " group by 1, 2"
    )
    esquemas = {e for e, *_ in tabelas}
    assert esquemas > {"raw_sicooperative", "controle", "core", "snapshots", "publicacao"}
    assert {t for e, t, _ in tabelas if e == "controle"} > {"esquecidos", "construcoes", "lugares"}
    papeis = {f"lastro_{nome}": servico.em for nome, servico in acessos.servicos().items()}
    papeis |= {f"lastro_leitor_{area}": {} for area in acessos.areas()}
    for papel, em in papeis.items():
        # What readers may select is tried on every relation above.
        privilegios = [p for p in TENTATIVAS if p != "select" or "leitor" not in papel]
        with psycopg.connect(publicado.servidor.dsn("armazem"), autocommit=True) as conexao:
            conexao.execute(f"set role {papel}")
            for esquema, tabela, coluna in tabelas:
                devidos = em.get(esquema, em.get(f"{esquema}.{tabela}", ()))
                for privilegio in privilegios:
                    # a change reads what it changes
                    deve = privilegio in devidos and "select" in devidos
                    sql = TENTATIVAS[privilegio].format(f"{esquema}.{tabela}", coluna)
                    try:
                        conexao.execute(sql)
                    except errors.InsufficientPrivilege:
                        assert not deve, (papel, esquema, tabela, privilegio)
                    except psycopg.Error:  # a view cannot be changed, whoever asks
                        assert not deve, (papel, esquema, tabela, privilegio)
                    else:
                        assert deve, (papel, esquema, tabela, privilegio)


def test_o_que_se_concedeu_a_mao_se_perde(publicado: ArmazemDeTeste) -> None:
    if publicado.motor == "duckdb":
        pytest.skip("files have no grants")
    publicado.executar(
        "grant select on pub_core.dim_associado to public;"
        " grant usage on schema pub_core to public;"
        " grant lastro_em_claro_nome to lastro_leitor_risco;"
        " revoke select on pub_risco.book_fatura from lastro_leitor_risco"
    )
    publicar.conceder(publicado.config)
    assert ler(publicado, "risco", "select count(nome_associado) from pub_core.dim_associado") == [
        (0,)
    ]
    assert ler(publicado, "risco", "select count(*) from pub_risco.book_fatura")[0][0] > 0
    with pytest.raises(errors.InsufficientPrivilege):
        ler(publicado, "plataforma", "select 1 from pub_core.dim_associado")


def test_o_que_outro_concedeu_se_perde_ou_se_diz(publicado: ArmazemDeTeste) -> None:
    """A membership that a superuser granted, and a publisher who is none."""
    if publicado.motor == "duckdb":
        pytest.skip("files have no roles")
    associado = "grant lastro_em_claro_nome to lastro_leitor_risco"
    nome = "select count(nome_associado) from pub_core.dim_associado"
    publicado.executar(
        f"{associado}; do $$ begin create role carla_publica login createrole password 'outra';"
        " exception when duplicate_object then null; end $$"
    )
    with psycopg.connect(publicado.servidor.dsn("armazem"), autocommit=True) as conexao:
        conexao.execute("set role carla_publica")
        direitos = Direitos(lambda sql, *v: _linhas(conexao, sql, v), "", "carla_publica")
        with pytest.raises(LastroError, match="revoke lastro_em_claro_nome from lastro_leitor_r"):
            direitos._associar()
    publicado.executar(f"{associado} granted by current_user")
    publicar.conceder(publicado.config)
    assert ler(publicado, "risco", nome) == [(0,)]


def _linhas(conexao: psycopg.Connection, sql: str, valores: tuple[Any, ...]) -> list[Any]:
    cursor = conexao.execute(sql, valores or None)
    return cursor.fetchall() if cursor.description else []


@pytest.mark.slow
def test_cada_um_com_seu_papel(
    lugar: ArmazemDeTeste, postgres: servidor.Servidor, modelos_de_fonte: dict[int, str]
) -> None:
    """An administrator prepares and publishes; one user loads, another builds; none does more."""
    if lugar.motor == "duckdb":
        pytest.skip("files have no roles")
    lugar.restaurar(VAZIO)
    lugar.lastro("grants")
    for usuario, papel in (("ana_carrega", "carga"), ("bia_constroi", "construcao")):
        lugar.executar(
            f"do $$ begin create role {usuario} login password 'uma senha qualquer';"
            f" exception when duplicate_object then null; end $$;"
            f" grant lastro_{papel} to {usuario};"
            f" alter role {usuario} set role = 'lastro_{papel}'"
        )
    carrega = {"PGUSER": "ana_carrega", "PGPASSWORD": "uma senha qualquer",
               "LASTRO_PG_ROLE": "lastro_carga"}  # fmt: skip
    constroi = {**carrega, "PGUSER": "bia_constroi", "LASTRO_PG_ROLE": "lastro_construcao"}
    entregas = lugar.pasta / "entregas_de_ana"
    faturas.preparar(entregas, True, POUCAS_FATURAS)
    lugar.lastro("load", "pod_cartoes", str(entregas), esperado=3, **carrega)
    dsn = postgres.dsn(modelos_de_fonte[0])
    lugar.lastro("load", "sicooperative", "--dsn", dsn, **carrega)
    lugar.dbt("run", "--select", "dim_data", esperado=2, **carrega)
    lugar.dbt("build", "--exclude-resource-type", "unit_test", **constroi)
    lugar.lastro("load", "pod_cartoes", str(entregas), esperado=5, **constroi)
    lugar.lastro("publish", esperado=5, **constroi)
    lugar.lastro("publish")
    assert ler(lugar, "risco", "select count(*) from pub_core.fact_fatura")[0][0] > 0


@pytest.mark.nightly_on("duckdb")
def test_morta_em_cada_ponto_deixa_uma_versao_inteira(publicado: ArmazemDeTeste) -> None:
    quantos = "select count(*) from pub_core.fact_pagamento"
    for ponto in (p for p in PONTOS if p.startswith("publicacao.")):
        antes = versao_lida(publicado)
        reconstruir(publicado, DIMINUIR)
        pagamentos = publicado.linhas("select count(*) from core.fact_pagamento")[0][0]
        feito = publicado.lastro("publish", "--keep", "1", esperado=-9, LASTRO_FAILPOINT=ponto)
        assert feito.stderr == ""
        lida = versao_lida(publicado)
        contados = ler(publicado, "risco", quantos)[0][0]
        assert contados == (pagamentos + 3 if lida == antes else pagamentos), ponto
        assert lida in versoes(publicado)
        publicar.publicar(publicado.config, manter=1)
        assert len(versoes(publicado)) == 1
        assert ler(publicado, "risco", quantos) == [(pagamentos,)]
        if publicado.motor == "duckdb":
            assert {p.name for p in publicado.publicado.iterdir()} == {
                ".trava", "current", versao_lida(publicado),
            }  # fmt: skip
        else:
            sobras = "select relname from pg_class where relname like 'lixo%'"
            assert publicado.linhas(sobras) == []


def test_duas_publicacoes_ao_mesmo_tempo(publicado: ArmazemDeTeste) -> None:
    reconstruir(publicado, DIMINUIR)
    processos = [iniciar(publicado, "publish", LASTRO_LOCK_WAIT="60") for _ in range(2)]
    saidas = sorted(p.communicate()[0] for p in processos)
    assert [p.returncode for p in processos] == [0, 0]
    assert "holds the same already" in saidas[0] + saidas[1]
    assert len(versoes(publicado)) == 2


def test_nomes_estranhos_nao_mudam_nada(publicado: ArmazemDeTeste) -> None:
    antes = versao_lida(publicado)
    for nome in ("", "..", "current", "x'; drop schema publicacao cascade; --", "../" + antes):
        with pytest.raises(PublicacaoRecusada, match="There is no version"):
            publicar.voltar(publicado.config, nome)
    assert versao_lida(publicado) == antes


class TestPostgres:
    """What only the server warehouse can show: transactions that outlive a switch."""

    @pytest.fixture
    def no_postgres(self, publicado: ArmazemDeTeste) -> ArmazemDeTeste:
        if publicado.motor != "postgres":
            pytest.skip("a DuckDB reader holds a file")
        return publicado

    def test_quem_le_nao_espera_nem_faz_esperar(self, no_postgres: ArmazemDeTeste) -> None:
        antes = versao_lida(no_postgres)
        quantos = "select count(*) from pub_core.fact_pagamento"
        with leitor(no_postgres, "risco") as conexao:
            conexao.execute("set transaction isolation level repeatable read")
            contados = conexao.execute(quantos).fetchall()
            reconstruir(no_postgres, DIMINUIR)
            assert publicar.publicar(no_postgres.config, manter=1).poupadas == [antes]
            assert conexao.execute(quantos).fetchall() == contados
            assert conexao.execute("select versao from publicacao.versao").fetchall() == [(antes,)]
            depois = versao_lida(no_postgres)
            assert depois > antes
        assert publicar.podar(no_postgres.config, 1) == ([antes], [])

    def test_exportacao_ve_um_estado(self, no_postgres: ArmazemDeTeste) -> None:
        """While it reads, rows that a build writes are not seen, and no table is replaced."""
        contar = "select count(*) from core.fact_fatura"
        antes = no_postgres.linhas(contar)
        impaciente = no_postgres.config.model_copy(update={"espera": 0.3})
        with (
            abrir(no_postgres.config, "test") as armazem,
            leitura(armazem, "core", ("fact_fatura", "movimento_flat")),
        ):
            no_postgres.executar("delete from core.fact_fatura")
            no_postgres.executar("update controle.construcoes set status = 'em_curso'")
            assert armazem.linhas(contar) == antes
            for tabela in ("fact_fatura", "dim_cartao"):  # one of them through the view
                with pytest.raises(errors.LockNotAvailable):
                    no_postgres.executar(
                        "set lock_timeout = '50ms'; begin;"
                        f" alter table core.{tabela} rename to velha; commit"
                    )
        no_postgres.executar("update controle.construcoes set status = 'ok'")
        with psycopg.connect(no_postgres.servidor.dsn("armazem")) as construindo:
            construindo.execute("alter table core.fact_fatura rename to velha")
            with (
                abrir(impaciente, "test") as armazem,
                pytest.raises(ArmazemIndisponivel, match="is being built"),
                leitura(armazem, "core", ("fact_fatura",)),
            ):
                pytest.fail("it is being replaced")
            construindo.rollback()

    def test_instantaneo_antigo_de_versao_apagada_falha_alto(
        self, no_postgres: ArmazemDeTeste
    ) -> None:
        with leitor(no_postgres, "risco") as conexao:
            conexao.execute("set transaction isolation level repeatable read")
            conexao.execute("select 1")
            reconstruir(no_postgres, DIMINUIR)
            assert len(publicar.publicar(no_postgres.config, manter=1).apagadas) == 1
            with pytest.raises(errors.SerializationFailure):
                conexao.execute("select count(*) from pub_core.fact_pagamento")

    def test_uma_versao_para_varias_consultas(self, no_postgres: ArmazemDeTeste) -> None:
        antes = versao_lida(no_postgres)
        quantos = "select count(*) from fact_pagamento"
        with leitor(no_postgres, "risco") as conexao:
            conexao.execute(f"set search_path = pub_core_{antes}")
            contados = conexao.execute(quantos).fetchall()
            conexao.commit()
            reconstruir(no_postgres, DIMINUIR)
            publicar.publicar(no_postgres.config)
            assert conexao.execute(quantos).fetchall() == contados

    def test_colunas_que_mudam(
        self, no_postgres: ArmazemDeTeste, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A version of other columns has tables and views of its own, and there is a way back."""
        antes = versao_lida(no_postgres)
        tabela = "core.dim_conta"
        modelo = modelos()[tabela]
        uma_a_menos = replace(modelo, colunas=modelo.colunas[:-1])
        colunas = f"select * from pub_{tabela} limit 1"
        with leitor(no_postgres, "risco") as conexao:
            conexao.execute("set transaction isolation level repeatable read")
            conexao.execute("select 1")
            with monkeypatch.context() as m:
                m.setitem(modelos(), tabela, uma_a_menos)
                reconstruir(no_postgres, DIMINUIR)
                publicar.publicar(no_postgres.config)
            with pytest.raises(errors.SerializationFailure):
                conexao.execute(colunas)
        assert len(ler(no_postgres, "risco", colunas)[0]) == len(modelo.colunas) - 1
        publicar.voltar(no_postgres.config, antes)
        assert len(ler(no_postgres, "risco", colunas)[0]) == len(modelo.colunas)
        quantas = f"select count(*) from pub_{tabela}"
        assert ler(no_postgres, "risco", quantas) == no_postgres.linhas(
            f"select count(*) from {tabela}"
        )

    def test_leitor_longo_nao_prende_as_proximas(self, no_postgres: ArmazemDeTeste) -> None:
        """Two versions are deleted while somebody reads; what is left goes when he has gone."""
        with leitor(no_postgres, "risco") as conexao:
            conexao.execute("set transaction isolation level repeatable read")
            conexao.execute("select count(*) from pub_core.fact_pagamento")
            for _ in range(3):
                reconstruir(no_postgres, DIMINUIR)
                publicar.publicar(no_postgres.config, manter=1)
        publicar.podar(no_postgres.config, 1)
        assert len(versoes(no_postgres)) == 1
        publicar.conceder(no_postgres.config)
        sobras = "select relname from pg_class where relname like 'lixo%'"
        assert no_postgres.linhas(sobras) == []

    def test_vista_alheia_guarda_a_versao(self, no_postgres: ArmazemDeTeste) -> None:
        antes = versao_lida(no_postgres)
        no_postgres.executar(
            f"create schema bi; create view bi.f as select * from pub_core_{antes}.dim_data"
        )
        reconstruir(no_postgres, DIMINUIR)
        assert publicar.publicar(no_postgres.config, manter=1).poupadas == [antes]
        no_postgres.executar("drop schema bi cascade")
        assert publicar.podar(no_postgres.config, 1) == ([antes], [])


def test_versao_que_mostra_demais_nao_volta(
    publicado: ArmazemDeTeste, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column became personal data after it was published: no way back, and nobody reads it."""
    antes = versao_lida(publicado)
    _agencia_e(monkeypatch, "nome")
    assert publicar.publicar(publicado.config).nova
    assert ler(publicado, "risco", "select count(agencia) from pub_core.dim_conta") == [(0,)]
    with pytest.raises(PublicacaoRecusada, match=r"core\.dim_conta\.agencia \(nome\) to risco"):
        publicar.voltar(publicado.config, antes)
    assert versao_lida(publicado) > antes
    if publicado.motor == "postgres":
        with pytest.raises(errors.InsufficientPrivilege):
            ler(publicado, "risco", f"select 1 from pub_core_{antes}.dim_conta")


def test_versao_que_mostra_o_que_se_pode_ver_volta(
    publicado: ArmazemDeTeste, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, of a class that all who read the table see."""
    antes = versao_lida(publicado)
    _agencia_e(monkeypatch, "livre")
    reconstruir(publicado, DIMINUIR)
    assert publicar.publicar(publicado.config).nova
    publicar.voltar(publicado.config, antes)
    assert versao_lida(publicado) == antes
    (lidas,) = ler(publicado, "risco", "select count(agencia) from pub_core.dim_conta")[0]
    assert lidas > 0


def _agencia_e(monkeypatch: pytest.MonkeyPatch, classe: str) -> None:
    """Let a column be personal data from now on."""
    modelo = modelos()["core.dim_conta"]
    colunas = tuple(
        replace(c, pessoal=classe) if c.nome == "agencia" else c for c in modelo.colunas
    )
    monkeypatch.setitem(modelos(), "core.dim_conta", replace(modelo, colunas=colunas))


def test_tabela_que_falta_e_recusada(publicado: ArmazemDeTeste) -> None:
    reconstruir(publicado, DIMINUIR)
    publicado.executar("drop table risco.estabilidade_variaveis")
    feito = publicado.lastro("publish", esperado=7)
    assert "estabilidade_variaveis" in feito.stderr
    reconstruir_sem = "delete from controle.tabelas_construidas where tabela = 'core.dim_conta'"
    publicado.restaurar(PUBLICADO)
    reconstruir(publicado, DIMINUIR)
    publicado.executar(reconstruir_sem)
    with pytest.raises(PublicacaoRecusada, match="not built then"):
        publicar.publicar(publicado.config, aceitar=True)


def test_linhas_de_um_arquivo_em_ordem_de_chave(publicado: ArmazemDeTeste) -> None:
    if publicado.motor == "postgres":
        pytest.skip("a server's tables have no such bounds")
    vistas = 0
    for nome, area in acessos.areas().items():
        for modelo in area.modelos():
            if modelo.chave and modelo.tabela not in acessos.partes():
                chave = f"row({', '.join(modelo.chave)})"
                fora = (
                    f"select count(*) from (select {chave} < lag({chave}) over (order by rowid)"
                    f" as antes from pub_{modelo.tabela}) where antes"
                )
                assert ler(publicado, nome, fora) == [(0,)], modelo.tabela
                vistas += 1
    assert vistas > len(acessos.publicados()) / 2


def test_direitos_dos_arquivos_passam_a_proxima_versao(publicado: ArmazemDeTeste) -> None:
    if publicado.motor == "postgres":
        pytest.skip("a server has roles")
    arquivo = publicado.publicado / "current" / "risco.duckdb"
    assert arquivo.stat().st_mode & 0o777 == 0o440
    manifesto = arquivo.with_name("manifest.json")
    assert manifesto.stat().st_mode & 0o777 == 0o640, "it sums tables of all areas"
    with arquivo.open("rb") as aberto:
        assert int.from_bytes(aberto.read(20)[12:20], "little") == 64, "storage version of 1.0"
    os.chown(arquivo, -1, 4321)
    arquivo.chmod(0o400)
    reconstruir(publicado, DIMINUIR)
    publicar.publicar(publicado.config)
    assert (arquivo.stat().st_mode & 0o777, arquivo.stat().st_gid) == (0o400, 4321)


def test_construcao_de_uma_parte_nao_conta(publicado: ArmazemDeTeste) -> None:
    quantas = "select count(*) from controle.construcoes"
    antes = publicado.linhas(quantas)
    publicado.dbt("build", "--select", "dim_data", "--exclude-resource-type", "unit_test")
    assert publicado.linhas(quantas) == antes
