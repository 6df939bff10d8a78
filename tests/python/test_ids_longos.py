"""An id longer than 200 characters is set aside, wherever it comes, and nothing is built of it.

Ids of 9,000 random characters, which no index of PostgreSQL takes, come in every id column of the
database and of the files, beside ids of 200 characters of four bytes, which go all the way.
"""

import random
import string
from pathlib import Path

import apoio
import apoio_arquivos
import pytest
from conftest import AVISOS_PERMITIDOS, VAZIO, ArmazemDeTeste, Fonte, _recriar_banco

from loaders.demo import servidor

MAXIMO = 200
COMPRIDO = "".join(random.Random(9).choices(string.ascii_letters + string.digits, k=9_000))
NO_LIMITE = "".join(random.Random(4).choices([chr(0x20000 + n) for n in range(40_000)], k=MAXIMO))
TABELAS_SEM_CHAVE = """
    create table associado (
        id_associado text, nome text, data_nascimento date, estado_civil text, escolaridade text);
    create table conta (
        id_conta text, id_associado text, tipo_conta text, agencia text, situacao_conta text,
        data_criacao_conta date);
    create table cartao (
        id_cartao text, id_conta text, numero_cartao text, nome_impresso_cartao text,
        bandeira_cartao text, tipo_cartao text, data_emissao date);
    create table movimentacao_cartao (
        id_movimentacao_cartao text, id_cartao text, descricao_movimentacao text,
        valor_movimentacao decimal(10, 2), data_movimentacao timestamp)
"""
DO_BANCO: dict[str, tuple[list[str], str]] = {
    "associado": (["id_associado"], "'Ana Lima', '1990-01-01', 'casada', 'superior'"),
    "conta": (["id_conta", "id_associado"], "'corrente', '0001', 'ativa', '2020-01-01'"),
    "cartao": (
        ["id_cartao", "id_conta"], "'4111111111111111', 'ANA', 'visa', 'credito', '2020-01-01'",
    ),
    "movimentacao_cartao": (
        ["id_movimentacao_cartao", "id_cartao"], "'padaria', 10.50, '2024-01-05 10:00:00'",
    ),
}  # fmt: skip
"""The ids of each table, and what follows them in a row."""
DE_ARQUIVOS: dict[str, tuple[list[str], str]] = {
    "faturas": (["id_fatura", "id_cliente"], "2024-01-05,2024-02-05,10.50,1.05"),
    "pagamentos": (["id_pagamento", "id_fatura", "id_cliente"], "2024-02-01,10.50"),
}
"""The same of the files."""


def _linhas(ids: list[str]) -> list[list[str]]:
    """A good row, one at the limit, one with each id too long, one with all of them."""
    bons = [f"{coluna}-1" for coluna in ids]
    com_um = [[*bons[:n], COMPRIDO, *bons[n + 1 :]] for n in range(len(ids))]
    for numero, linha in enumerate(com_um):
        if linha[0] == bons[0]:
            linha[0] = f"{bons[0]}-{numero}"
    todas = [bons, [NO_LIMITE] * len(ids), *com_um]
    return todas if len(ids) == 1 else [*todas, [COMPRIDO + "a"] + [COMPRIDO] * (len(ids) - 1)]


@pytest.fixture(scope="module")
def com_longos(
    lugar: ArmazemDeTeste, postgres: servidor.Servidor, tmp_path_factory: pytest.TempPathFactory
) -> ArmazemDeTeste:
    """Both sources with such ids, loaded, built, tested and published."""
    lugar.restaurar(VAZIO)
    _recriar_banco(postgres, "fonte_longa", "template0")
    fonte = Fonte(postgres.dsn("fonte_longa"), postgres)
    fonte.executar(TABELAS_SEM_CHAVE)
    for tabela, (ids, resto) in DO_BANCO.items():
        for linha in _linhas(ids):
            valores = ", ".join(f"'{id_}'" for id_ in linha)
            fonte.executar(f"insert into {tabela} values ({valores}, {resto})")
    apoio.extrair(lugar, fonte)
    entregas: Path = tmp_path_factory.mktemp("longos")
    for entidade, (ids, resto) in DE_ARQUIVOS.items():
        cabecalho = getattr(apoio_arquivos, entidade.upper())
        linhas = [",".join([*linha, resto]) for linha in _linhas(ids)]
        arquivo = entregas / f"tb_{entidade}_202401.csv"
        arquivo.write_text("\n".join([cabecalho, *linhas, ""]), encoding="utf-8")
    apoio_arquivos.carregar(lugar, entregas)
    lugar.dbt("build", "--warn-error-options", AVISOS_PERMITIDOS, DBT_WRITE_JSON="True")
    lugar.lastro("publish")
    lugar.guardar("ids_longos")
    return lugar


@pytest.fixture
def armazem_longo(com_longos: ArmazemDeTeste) -> ArmazemDeTeste:
    com_longos.restaurar("ids_longos")
    return com_longos


def test_cada_linha_esta_na_quarentena_com_seus_motivos(armazem_longo: ArmazemDeTeste) -> None:
    for tabela, (ids, _) in (DO_BANCO | DE_ARQUIVOS).items():
        esperados = sorted(
            "; ".join(
                f"{coluna} com mais de 200 caracteres"
                for coluna, id_ in zip(ids, linha, strict=True)
                if len(id_) > MAXIMO
            )
            for linha in _linhas(ids)[2:]
        )
        for onde in (tabela, f"{tabela}_historico"):
            achados = armazem_longo.linhas(f"select motivos from quarentena.{onde}")
            assert sorted(motivos for (motivos,) in achados) == esperados, onde


def test_nenhum_id_longo_passa(armazem_longo: ArmazemDeTeste) -> None:
    colunas = armazem_longo.linhas(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where lower(data_type) in ('varchar', 'text')"
        " and (column_name like 'id\\_%' escape '\\' or column_name = 'chave')"
        " and (table_schema in ('core', 'risco', 'reconciliacao', 'intermediate', 'snapshots')"
        " or table_schema like 'pub\\_%' escape '\\'"
        " or table_schema = 'staging' and table_name like 'stg\\_%' escape '\\')"
    )
    vistas = {(esquema, coluna) for esquema, _, coluna in colunas}
    assert {("core", "id_fatura"), ("risco", "id_cliente"), ("staging", "id_conta")} <= vistas
    maiores = {
        f"{esquema}.{tabela}.{coluna}": armazem_longo.linhas(
            f"select max(length({coluna})) from {esquema}.{tabela}"
        )[0][0]
        for esquema, tabela, coluna in colunas
    }
    assert {onde: maior for onde, maior in maiores.items() if (maior or 0) > MAXIMO} == {}
    assert maiores["core.dim_associado.id_associado"] == MAXIMO
    assert maiores["core.fact_pagamento.id_pagamento"] == MAXIMO


def test_cada_linha_conta_uma_vez(armazem_longo: ArmazemDeTeste) -> None:
    for tabela, raw in {
        "rec_movimentacoes": "raw_sicooperative.movimentacao_cartao",
        "rec_faturas": "raw_pod_cartoes.faturas",
        "rec_pagamentos": "raw_pod_cartoes.pagamentos",
    }.items():
        ((linhas, em_raw, boas, diferenca, diferenca_valor),) = armazem_longo.linhas(
            "select sum(linhas_arquivo), sum(linhas_raw), sum(linhas_mart), sum(diferenca_linhas),"
            f" sum(diferenca_valor) from reconciliacao.{tabela}"
        )
        ((todas,),) = armazem_longo.linhas(f"select count(*) from {raw}")
        assert (linhas, em_raw, boas, diferenca, diferenca_valor) == (todas, todas, 2, 0, 0)


def test_so_o_bom_e_o_do_limite_chegam_as_dimensoes(armazem_longo: ArmazemDeTeste) -> None:
    for dimensao in ("associado", "conta", "cartao"):
        achados = armazem_longo.linhas(f"select id_{dimensao} from core.dim_{dimensao}")
        assert {id_ for (id_,) in achados} == {f"id_{dimensao}-1", NO_LIMITE, "DESCONHECIDO"}


def test_movimento_de_cartao_em_quarentena_fica_sem_dono(
    armazem_longo: ArmazemDeTeste, postgres: servidor.Servidor
) -> None:
    """The newest state counts: a card that has become unusable is as unknown as one never seen."""
    fonte = Fonte(postgres.dsn("fonte_longa"), postgres)
    consulta = (
        "select a.id_associado, c.id_conta, k.id_cartao from core.fact_movimentacao as m"
        " inner join core.dim_associado as a on m.sk_associado = a.sk_associado"
        " inner join core.dim_conta as c on m.sk_conta = c.sk_conta"
        " inner join core.dim_cartao as k on m.sk_cartao = k.sk_cartao"
        " where m.id_movimentacao_cartao = 'id_movimentacao_cartao-1'"
    )
    dono = [("id_associado-1", "id_conta-1", "id_cartao-1")]
    assert armazem_longo.linhas(consulta) == dono
    for id_conta, esperado in ((COMPRIDO, [("DESCONHECIDO",) * 3]), ("id_conta-1", dono)):
        fonte.executar(f"update cartao set id_conta = '{id_conta}' where id_cartao = 'id_cartao-1'")
        apoio.extrair(armazem_longo, fonte)
        armazem_longo.dbt(
            "build", "--select", "+movimento_flat", "+rec_movimentacoes",
            "+cargas__totais_da_origem", "--exclude", "resource_type:unit_test",
        )  # fmt: skip
        assert armazem_longo.linhas(consulta) == esperado
