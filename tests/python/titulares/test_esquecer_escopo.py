"""An erasure is of one source, and of all that descends from it, whoever added it.

The tests work in a copy of the project, to which they add what a user would: a mart, a source.
"""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from apoio import extrair
from apoio_arquivos import FATURAS, carregar
from apoio_contratos import com_contratos
from apoio_copia import (
    CRM,
    DESCARTAR,
    DO_CRM,
    DO_CRM_DESCRITO,
    FATURAS_DE_QUEM,
    FATURAS_DE_QUEM_DESCRITO,
    GRUPO,
    POR_VERSAO,
    SO_NOMES,
    Copia,
    copia,
)
from conftest import ArmazemDeTeste, Fonte

from loaders import PROJETO, contratos
from loaders.controle.supressao import TOKEN
from loaders.nucleo.erros import FonteRecusada
from loaders.titulares.esquecer import esquecer
from loaders.titulares.mapa import inconfundivel

__all__ = ["copia"]


def _pessoas(copia: Copia, quantas: int = 2) -> list[tuple[str, str]]:
    """Ids and names of people whose names, and first names, are nobody else's."""
    return [
        (id_, nome)
        for id_, nome in copia.linhas(
            "select codigo, cliente from financeiro.maiores_clientes where cliente in"
            " (select cliente from financeiro.maiores_clientes where length(cliente) > 12"
            " and not starts_with(codigo, 'D') group by 1 having count(*) = 1) order by 1"
        )
    ][:quantas]


def _textos(ler: Callable[[str], list[tuple[Any, ...]]], motor: str) -> Iterator[tuple[str, str]]:
    """Every cell of a column of text, with its table, asked of the engine alone."""
    colunas = (
        "select table_schema::text, table_name::text, column_name::text"
        " from information_schema.columns natural join information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema not in"
        " ('information_schema', 'pg_catalog') and data_type in ('VARCHAR', 'text')"
    )
    for esquema, tabela, coluna in ler(colunas):
        for (valor,) in ler(f'select distinct "{coluna}" from "{esquema}"."{tabela}"'):
            yield f"{esquema}.{tabela}.{coluna}", valor


def _nomeiam(copia: Copia, valores: set[str]) -> set[str]:
    """The columns, of the warehouse and of published files, in which one of some values stands."""
    motor = copia.armazem.motor
    achadas = {onde for onde, v in _textos(copia.armazem.linhas, motor) if v in valores}
    for arquivo in copia.armazem.publicado.rglob("*.duckdb"):
        with duckdb.connect(str(arquivo), read_only=True) as conexao:
            achadas |= {
                f"{arquivo.name}: {onde}"
                for onde, v in _textos(lambda sql: conexao.execute(sql).fetchall(), motor)
                if v in valores
            }
    return achadas


@pytest.mark.nightly_on("duckdb")
def test_um_mart_que_ninguem_listou_esta_coberto(copia: Copia) -> None:
    """Shown by status and export-person, erased everywhere, and dropped by rebuild."""
    (id_, nome), (outro, nome_do_outro) = _pessoas(copia)
    copia.armazem.executar(
        "create table financeiro.de_antes as select * from financeiro.maiores_clientes;"
        " create schema conhecido_ate_20240310t120000_core;"
        " create table conhecido_ate_20240310t120000_core.dim_associado as"
        " select * from core.dim_associado;"
        " create table core.contatos as select codigo, cliente as contato, 'ok' as obs"
        " from financeiro.maiores_clientes"
    )
    copia.publicar()
    camadas = json.loads(copia.lastro("status", "--json").stdout)["camadas"]
    assert camadas["financeiro"]["maiores_clientes"] > 100
    tudo = json.loads(copia.lastro("export-person", "sicooperative", id_).stdout)
    for tabela in ("maiores_clientes", "so_nomes", "por_versao", "de_antes"):
        assert tudo["armazem"][f"financeiro.{tabela}"], tabela
    assert tudo["armazem"]["financeiro.maiores_clientes"] == [
        {"codigo": id_, "cliente": nome, "tratamento": nome.split()[0].upper(), "posicao": 1}
    ]
    assert "conhecido_ate_20240310t120000_core.dim_associado" in tudo["armazem"]
    onde = _nomeiam(copia, {id_, nome})
    assert {"financeiro.maiores_clientes.cliente", "financeiro.so_nomes.quem"} <= onde
    if copia.armazem.motor == "duckdb":
        assert "financeiro.duckdb: pub_financeiro.so_nomes.quem" in onde
        assert tudo["publicado"]

    copia.lastro(
        *("forget", "sicooperative", id_, outro),
        esperado=-signal.SIGKILL,
        LASTRO_FAILPOINT="esquecer.antes_do_commit",
    )
    copia.lastro("forget", "sicooperative", outro, id_)
    assert _nomeiam(copia, {id_, nome, outro, nome_do_outro}) == set()
    esquecidos = copia.linhas(
        "select codigo, cliente, tratamento, posicao from financeiro.maiores_clientes"
        f" where starts_with(codigo, '{TOKEN}')"
    )
    assert [e[1:] for e in esquecidos] == [(None, None, 1)] * 2
    tokens = {codigo for codigo, *_ in esquecidos}
    assert tokens < {i for (i,) in copia.linhas("select id_associado from core.dim_associado")}
    # A row of which only the surrogate key tells whose it is: it names nobody, and still joins.
    assert copia.linhas(
        "select distinct v.apelido, a.id_associado in"
        f" ({', '.join(repr(t) for t in sorted(tokens))}) from financeiro.por_versao as v"
        " left join core.dim_associado as a on v.sk_associado = a.sk_associado"
        f" where starts_with(a.id_associado, '{TOKEN}') or a.id_associado is null"
    ) == [(None, True)]
    for tabela in ("core.contatos", "financeiro.de_antes"):
        assert (
            len(copia.linhas(f"select * from {tabela}"))
            == camadas["financeiro"]["maiores_clientes"]
        )
    copia.lastro("export-person", "sicooperative", id_, esperado=3)

    copia.rodar("python", "-c", DESCARTAR)  # what rebuild does before it replays
    restam = {e for e, *_ in copia.linhas("select table_schema from information_schema.tables")}
    assert not restam & {"financeiro", "core", "risco", "quarentena", "reconciliacao"}
    assert {"raw_sicooperative", "raw_pod_cartoes", "controle"} <= restam


@pytest.mark.slow
def test_o_que_nao_se_pode_apagar_e_dito(copia: Copia) -> None:
    """A short id under another name, a seed, what is not the project's: exit code 3, and a name."""
    (id_, nome), (outro, _) = _pessoas(copia)
    copia.escrever("seeds/vip.csv", f"codigo_vip,desde\n{id_},2024-01-01\n")
    copia.rodar("dbt", "seed", "--select", "vip")
    copia.armazem.executar(
        "create schema estranho; create table estranho.copia as"
        " select cliente, codigo as ficha, '1' as id_cliente from financeiro.maiores_clientes"
    )
    tudo = json.loads(copia.lastro("export-person", "sicooperative", id_).stdout)
    assert tudo["nao_pesquisados"] == ["estranho.copia (not of this project; it names the person)"]
    dito = copia.lastro("forget", "sicooperative", id_, esperado=3).stderr
    assert "estranho.copia (not of this project)" in dito
    assert "staging.vip (a seed" in dito
    assert dito.count("\n  ") == 2, "nothing else is named"
    assert id_ not in dito
    assert nome not in dito
    assert _nomeiam(copia, {id_, nome}) == {"estranho.copia.cliente", "estranho.copia.ficha"}
    # What is not the project's is not touched, and its id_cliente is not that of pod_cartoes.
    copia.armazem.executar("drop schema estranho cascade")
    copia.lastro("forget", "sicooperative", outro)

    copia.escrever("models/marts/financeiro/faturas_de_quem.sql", FATURAS_DE_QUEM)
    copia.escrever("models/marts/financeiro/faturas_de_quem.yml", FATURAS_DE_QUEM_DESCRITO)
    copia.rodar("dbt", "run", "--select", "faturas_de_quem")
    cliente = next(
        c for (c,) in copia.linhas("select quem_paga from financeiro.faturas_de_quem order by 1")
        if not inconfundivel(c)
    )  # fmt: skip
    dito = copia.lastro("forget", "pod_cartoes", cliente, esperado=3).stderr
    assert "financeiro.faturas_de_quem.quem_paga (its values are of id_cliente" in dito
    assert dito.count("\n  ") == 1
    copia.rodar("dbt", "run", "--select", "faturas_de_quem")
    copia.lastro("forget", "pod_cartoes", cliente)


DE_DUAS = """
select id_cliente from {{ source('crm', 'pessoas') }}
union all
select id_cliente from {{ source('pod_cartoes', 'faturas') }}
"""
DE_DUAS_DESCRITO = """version: 2
models:
  - name: de_duas
    columns: [{name: id_cliente}]
"""


@pytest.mark.slow
def test_uma_fonte_nao_apaga_as_pessoas_de_outra(copia: Copia) -> None:
    """A model of two sources with a key that both have is refused; what is another's stays."""
    contrato = "models/staging/crm/_crm__sources.yml"
    copia.escrever(contrato, CRM.format(chave="id_cliente"))
    copia.escrever("models/staging/crm/de_duas.sql", DE_DUAS)
    copia.escrever("models/staging/crm/de_duas.yml", DE_DUAS_DESCRITO)
    dito = copia.lastro("forget", "pod_cartoes", "A-1", esperado=1).stderr
    assert "staging.de_duas descends from crm and pod_cartoes, and id_cliente is" in dito
    assert "Traceback" not in dito
    (copia.projeto / "models/staging/crm/de_duas.sql").unlink()
    (copia.projeto / "models/staging/crm/de_duas.yml").unlink()
    copia.armazem.executar("drop schema raw_crm cascade")

    copia.escrever(contrato, CRM.format(chave="id_pessoa"))
    area = "models/marts/crm"
    copia.escrever(f"{area}/clientes_do_crm.sql", DO_CRM)
    copia.escrever(f"{area}/clientes_do_crm.yml", DO_CRM_DESCRITO)
    dito = copia.rodar("dbt", "run", "--select", "clientes_do_crm", esperado=2).stdout
    assert f"{area}/clientes_do_crm.sql: not in the group crm" in dito
    assert "crm: {+group: crm}" in dito
    copia.escrever(f"{area}/_crm__groups.yml", GRUPO.format(area="crm"))
    copia.escrever(f"{area}/clientes_do_crm.sql", "{{ config(group='crm') }}" + DO_CRM)
    copia.lastro("status")  # makes the tables
    cliente, fica = (
        c for (c,) in copia.linhas("select distinct id_cliente from raw_pod_cartoes.faturas"
                                   " where trim(id_cliente) <> '' order by 1 limit 2")
    )  # fmt: skip
    copia.armazem.executar(
        "insert into raw_crm.pessoas (id_pessoa, nome, _carga_id, _linha) values"
        f" ('{cliente}', 'Ana Pessoa do CRM', 1, 1), ('P-000002', 'Davi de Outra Fonte', 1, 2);"
        " insert into raw_crm.cidades (cidade) values ('Recife');"
        " insert into controle.cargas (_carga_id, fonte, origem, status) values"
        " (900001, 'crm', 'pessoas', 'ok'), (900002, 'pod_cartoes', 'x.csv', 'ok');"
        " insert into controle.rejeicoes (_carga_id, _arquivo, _linha, linha_bruta, motivo) values"
        f" (900001, 'a', 1, '{cliente};Ana', 'x'), (900002, 'x.csv', 1, '{cliente};Ana', 'x'),"
        f" (900003, 'b', 1, '{cliente};Ana', 'x')"
    )
    copia.rodar("dbt", "run", "--select", "clientes_do_crm")
    do_crm = "select * from raw_crm.pessoas order by 1", "select * from crm.clientes_do_crm"
    antes = [sorted(map(str, copia.linhas(sql))) for sql in do_crm]
    copia.lastro("forget", "pod_cartoes", cliente)
    assert [sorted(map(str, copia.linhas(sql))) for sql in do_crm] == antes
    assert copia.linhas(
        "select _carga_id from controle.rejeicoes where linha_bruta like '%Ana' order by 1"
    ) == [(900001,)], "what came from another source stays; of what is nobody's nothing is kept"

    tudo = json.loads(copia.lastro("export-person", "crm", "P-000002").stdout)
    assert set(tudo["armazem"]) == {"raw_crm.pessoas", "crm.clientes_do_crm"}
    # The mart gives a short id another name, so it is said, until the mart is built again.
    dito = copia.lastro("forget", "crm", cliente, "P-000002", esperado=3).stderr
    assert "crm.clientes_do_crm.id_cliente (its values are of id_pessoa: call it so)" in dito
    assert dito.count("\n  ") == 1
    copia.rodar("dbt", "run", "--select", "clientes_do_crm")
    copia.lastro("forget", "crm", cliente, "P-000002")
    assert _nomeiam(copia, {"P-000002", "Davi de Outra Fonte", "Ana Pessoa do CRM"}) == set()
    assert copia.linhas("select * from raw_crm.cidades") == [("Recife",)]
    assert copia.linhas(f"select 1 from raw_pod_cartoes.faturas where id_cliente = '{fica}'")


@pytest.mark.nightly_on("postgres")
def test_a_pasta_de_um_mart_decide(copia: Copia) -> None:
    """Schema, contract, access and group of a new area; where one is lacking, lint says it."""
    assert (
        copia.linhas(
            "select table_schema, table_type from information_schema.tables"
            " where table_name in ('maiores_clientes', 'so_nomes', 'por_versao')"
        )
        == [("financeiro", "BASE TABLE")] * 3
    )
    pergunta = ("dbt", "--quiet", "run-operation", "recusar_modelos_sem_lugar")
    copia.rodar(*pergunta)
    sem_pasta, pasta = "models/marts/solto.sql", "models/marts/financeiro"
    copia.escrever(sem_pasta, "{{ config(contract={'enforced': false}) }}\nselect 1 as um")
    copia.escrever(f"{pasta}/so_nomes.sql", "{{ config(schema='outro', group='core') }}" + SO_NOMES)
    copia.escrever(
        f"{pasta}/por_versao.sql",
        "{{ config(access='protected', contract={'enforced': false}) }}" + POR_VERSAO,
    )
    dito = copia.rodar(*pergunta, esperado=1).stdout
    for falta in (
        f"{sem_pasta}: put it into a folder, models/marts/<area>/",
        f"{pasta}/so_nomes.sql: not in the group financeiro",
        f"{pasta}/so_nomes.sql: its schema is financeiro, as its folder",
        f"{pasta}/por_versao.sql: its contract is switched off",
        f"{pasta}/por_versao.sql: its access is not public",
    ):
        assert falta in dito
    assert dito.count(".sql: ") == 5
    assert '"recusar_modelos_sem_lugar"' in (PROJETO / ".ci/linhagem.py").read_text()


@pytest.mark.slow
def test_o_manifesto_velho_nao_vale(copia: Copia) -> None:
    """A file or a setting that changed, a file that cannot be read: dbt is asked again."""
    if copia.armazem.motor == "duckdb":
        pytest.skip("of files alone, and long")
    guardado = copia.projeto.parent / "target" / f"lastro_{copia.armazem.motor}_.json"

    def camadas(**ambiente: str) -> set[str]:
        return set(json.loads(copia.lastro("status", "--json", **ambiente).stdout)["camadas"])

    assert "financeiro" in camadas()
    primeiro = guardado.read_bytes()
    assert "financeiro" in camadas()
    assert guardado.read_bytes() == primeiro
    guardado.write_bytes(primeiro[: len(primeiro) // 2])
    assert "financeiro" in camadas()
    assert guardado.read_bytes() == primeiro
    copia.escrever(
        "models/marts/novo/so_um.sql",
        "{{ config(schema='novo', enabled=(env_var('COM_O_NOVO', '') == 'sim')) }} select 1 as um",
    )
    assert "novo" not in camadas()
    assert "novo" in camadas(COM_O_NOVO="sim")
    assert "novo" not in camadas()
    outro = "models/marts/outro/so_dois.sql"
    copia.escrever(outro, "{{ config(schema='outro') }} select 2 as dois")
    assert "outro" in camadas()
    (copia.projeto / outro).unlink()
    assert "outro" not in camadas()
    # The table of a model that is gone is named, though its schema is nobody's any more.
    copia.armazem.executar(
        "create schema outro; create table outro.copia as select * from financeiro.maiores_clientes"
    )
    ((id_, _),) = _pessoas(copia, 1)
    dito = copia.lastro("forget", "sicooperative", id_, esperado=3).stderr
    assert "outro.copia (not of this project)" in dito
    copia.escrever("models/marts/novo/errado.sql", "select * from {{ ref('nao_existe') }}")
    dito = copia.lastro("forget", "sicooperative", id_, esperado=6).stderr
    assert "nao_existe" in dito


def _com_contrato(
    fonte: str, pasta: Path, mudar: Callable[[list[dict[str, Any]]], None]
) -> Iterator[None]:
    """Let the contract of a source be a copy of the repository's with other tables."""
    arquivo = PROJETO / f"models/staging/{fonte}/_{fonte}__sources.yml"
    lido = yaml.safe_load(arquivo.read_text(encoding="utf-8"))
    mudar(lido["sources"][0]["tables"])
    with com_contratos(pasta, **{fonte: yaml.safe_dump(lido)}):
        yield


def _colunas(de: dict[str, Any], *proprias: str) -> list[dict[str, Any]]:
    """Columns of text, and those that the loader adds to another table."""
    do_loader = [c for c in de["columns"] if c["name"].startswith("_")]
    return [{"name": c, "data_type": "text"} for c in proprias] + do_loader


@pytest.fixture
def com_tabela_de_ninguem(tmp_path: Path) -> Iterator[None]:
    """A contract with a table whose rows are about nobody."""

    def mudar(tabelas: list[dict[str, Any]]) -> None:
        conta = next(t for t in tabelas if t["name"] == "conta")
        tabelas.append(
            {
                "name": "agencia",
                "config": {"meta": {"chave": "id_agencia", "leitura": "foto"}},
                "columns": _colunas(conta, "id_agencia", "cidade"),
            }
        )

    yield from _com_contrato("sicooperative", tmp_path, mudar)


@pytest.mark.usefixtures("com_tabela_de_ninguem")
def test_uma_tabela_de_ninguem_carrega_depois_de_um_apagamento(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    fonte.executar(
        "create table agencia (id_agencia text primary key, cidade text);"
        "insert into agencia values ('1', 'Recife'), ('2', 'Natal')"
    )
    extrair(armazem_vazio, fonte)
    ((id_,),) = fonte.linhas("select min(id_associado) from associado")
    esquecer(armazem_vazio.config, "sicooperative", [id_])
    fonte.executar("update agencia set cidade = 'Olinda' where id_agencia = '1'")
    cargas = extrair(armazem_vazio, fonte)
    assert (cargas["agencia"].status, cargas["agencia"].gravadas) == ("ok", 1)
    assert cargas["associado"].gravadas == 0


@pytest.fixture
def com_tarifas(tmp_path: Path) -> Iterator[None]:
    """A contract with a file table that knows people by their invoices alone, and one of nobody."""

    def mudar(tabelas: list[dict[str, Any]]) -> None:
        primeira = tabelas[0]
        for nome, colunas, meta in (
            ("tarifas", ("id_tarifa", "id_fatura", "valor"), {"titular": "id_fatura"}),
            ("bandeiras", ("id_bandeira", "nome_bandeira"), {}),
        ):
            meta |= {"arquivo": f"tb_{nome}_{{AAAAMM}}.csv", "chave": colunas[0]}
            tabela = {"config": {"meta": meta}, "columns": _colunas(primeira, *colunas)}
            tabelas.insert(0, {"name": nome, **tabela})

    yield from _com_contrato("pod_cartoes", tmp_path, mudar)


@pytest.mark.usefixtures("com_tarifas")
def test_uma_tabela_de_arquivo_sem_o_id_da_pessoa(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    """Whose a row is says its table's titular: here the invoice, which leads to the customer.

    `NULL` is nobody's invoice: who is erased takes no row of others along that has it, too.
    """
    onde = tmp_path / "entregas"
    onde.mkdir()

    def entregar(mes: str, tarifas: str, faturas: str) -> dict[str, tuple[str, int, int]]:
        (onde / f"tb_tarifas_{mes}.csv").write_text(f"id_tarifa,id_fatura,valor\n{tarifas}")
        (onde / f"tb_bandeiras_{mes}.csv").write_text(f"id_bandeira,nome_bandeira\nB{mes},x\n")
        (onde / f"tb_faturas_{mes}.csv").write_text(f"{FATURAS}\n{faturas}")
        cargas = carregar(armazem_vazio, onde).cargas
        assert {c.status for c in cargas} <= {"ok", "sem_novidade"}, [c.mensagem for c in cargas]
        return {
            str(c.entidade): (c.status, c.gravadas, c.rejeitadas) for c in cargas if mes in c.origem
        }

    datas = "2024-01-05,2024-02-05,10.50,1.05"
    delas = "".join(f"{f},C-{n},{datas}\n" for n in (1, 2) for f in (f"F-{n}", "NULL"))
    assert entregar("202401", "T1,F-1,2.50\nT2,F-2,2.50\n", delas) == {
        "tarifas": ("ok", 2, 0), "faturas": ("ok", 4, 0), "bandeiras": ("ok", 1, 0),
    }  # fmt: skip
    esquecer(armazem_vazio.config, "pod_cartoes", ["C-1"], [str(onde)])

    tarifas = "select id_tarifa, id_fatura from raw_pod_cartoes.tarifas order by id_tarifa"
    (_, do_outro), (id_tarifa, id_fatura) = sorted(
        armazem_vazio.linhas(tarifas), key=lambda t: t[0].startswith(TOKEN)
    )
    assert (do_outro, id_fatura.startswith(TOKEN), id_tarifa.startswith(TOKEN)) == (
        "F-2", True, True,
    )  # fmt: skip
    no_arquivo = (onde / "tb_tarifas_202401.csv").read_text()
    assert no_arquivo == f"id_tarifa,id_fatura,valor\n{id_tarifa},{id_fatura},2.50\nT2,F-2,2.50\n"

    faturas = "select id_fatura from raw_pod_cartoes.faturas where id_cliente = 'C-2' order by 1"
    assert armazem_vazio.linhas(faturas) == [("F-2",), ("NULL",)]
    assert f"\nNULL,C-2,{datas}\n" in (onde / "tb_faturas_202401.csv").read_text()

    depois = entregar(
        "202402",
        "T3,F-1,9.99\nT4,F-2,9.99\n",
        f"F-3,C-1,{datas}\nF-4,C-2,{datas}\nNULL,C-2,{datas}\n",
    )
    assert depois == {
        "tarifas": ("ok", 1, 1), "faturas": ("ok", 2, 1), "bandeiras": ("ok", 1, 0),
    }  # fmt: skip
    assert [t for t, _ in armazem_vazio.linhas(tarifas) if t.startswith("T")] == ["T2", "T4"]


def test_colunas_curtas_obrigatorias_e_de_outros_tipos(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    """Tables of the user's that no model makes: what can be erased is, the rest is named."""
    extrair(armazem_vazio, fonte)
    ((id_, nome, conta),) = fonte.linhas(
        "select id_associado, nome, min(id_conta) from associado inner join conta"
        " using (id_associado) where length(trim(nome)) > 12 and trim(nome) like '% %' and nome in"
        " (select nome from associado group by 1 having count(*) = 1) group by 1, 2 order by 1"
        " limit 1"
    )
    armazem_vazio.executar(
        "create schema core; create table core.contatos (codigo varchar(20) not null,"
        ' quem varchar(80) not null, data_nascimento date not null, "Nome Dela" text);'
        " create table core.contas (id_conta varchar(12), nome text not null, id_associado bigint);"
        " create table core.vazia (quem text)"
    )
    escrito = nome.upper().replace("'", "''")
    armazem_vazio.executar(
        f"insert into core.contatos values ('{id_}', '{escrito}', '1980-01-01', '{escrito}'),"
        " ('outro', 'Outra Pessoa', '1980-01-01', null);"
        f" insert into core.contas values ('{conta}', '{escrito}', 1), ('', 'Outra Pessoa', 2)"
    )
    esperadas = {"core.contatos.data_nascimento (may not be null)"}
    if armazem_vazio.motor == "postgres":
        armazem_vazio.executar(
            "create materialized view core.vista as select quem as ela from core.contatos"
        )
        esperadas.add("core.vista (materialized view: refresh it)")
    with pytest.raises(FonteRecusada) as dito:
        esquecer(armazem_vazio.config, "sicooperative", [id_])
    assert set(str(dito.value).split("\n  ")[1:]) == esperadas
    contatos = armazem_vazio.linhas("select * from core.contatos order by codigo")
    (codigo, quem, _, dela), outra = contatos
    assert codigo.startswith(TOKEN)
    assert quem.startswith(TOKEN), "it may not be null"
    assert dela is None
    assert outra[:2] == ("outro", "Outra Pessoa")
    ((da_conta, sem_nome, _), _) = armazem_vazio.linhas(
        "select * from core.contas order by id_associado"
    )
    assert da_conta.startswith(TOKEN)
    assert sem_nome == ""
    if armazem_vazio.motor == "postgres":
        assert (len(codigo), len(da_conta)) == (20, 12)


@pytest.mark.parametrize(
    ("valor", "sozinho"),
    [
        ("A-000014", True), ("10938475610", True), ("C12-77", True), ("42", False),
        ("2024-01-31", False), ("ATIVO", False), ("u12m", False), ("NAO INFORMADO", False),
    ],
)  # fmt: skip
def test_so_o_que_nao_se_confunde_se_procura_em_qualquer_coluna(valor: str, sozinho: bool) -> None:
    assert inconfundivel(valor) is sozinho


CONTRATOS = {
    "chave e chave": ({"chave": "id", "titular": "id"}, {"chave": "id"}, "id"),
    "dono e chave": ({"chave": "a", "titular": "dono"}, {"chave": "dono"}, "dono"),
    "dono e dono": ({"chave": "a", "titular": "x"}, {"chave": "b", "titular": "x"}, "x"),
    "de ninguem": ({"chave": "id"}, {"chave": "id"}, None),
    "outros nomes": ({"chave": "a", "titular": "b"}, {"chave": "c", "titular": "d"}, None),
}


@pytest.mark.parametrize("caso", CONTRATOS)
def test_chaves_de_duas_fontes_sao_ditas(
    caso: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uma, outra, comum = CONTRATOS[caso]
    for nome, meta in (("uma", uma), ("outra", outra)):
        colunas = [{"name": c, "data_type": "text"} for c in sorted({*meta.values()})]
        tabela = {"name": f"t_{nome}", "config": {"meta": meta}, "columns": colunas}
        fonte = {"name": nome, "schema": f"raw_{nome}", "tables": [tabela]}
        arquivo = tmp_path / "models" / f"_{nome}__sources.yml"
        arquivo.parent.mkdir(exist_ok=True)
        arquivo.write_text(yaml.safe_dump({"sources": [fonte]}), encoding="utf-8")
    monkeypatch.setattr(contratos.leitura, "PROJETO", tmp_path)
    contratos.fontes.cache_clear()
    try:
        assert set(contratos.fontes()) == {"uma", "outra"}
        assert contratos.confundidas(("uma", "outra")) == ({comum} if comum else set())
    finally:
        contratos.fontes.cache_clear()
