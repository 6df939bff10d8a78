"""Whatever a source holds, load, build and publication stay green, and nothing is lost unseen.

Every column of both sources holds random content of its type (`conteudo_hostil`). Beside it come
ids of 9,000 random characters, which no index of PostgreSQL takes, in every id column, and ids of
200 characters of four bytes, which go all the way.
"""

import csv
import random
import string
from pathlib import Path
from typing import Any

import apoio
import apoio_arquivos
import conteudo_hostil
import pyarrow.parquet as pq
import pytest
from conftest import AVISOS_PERMITIDOS, SEM_TESTES, VAZIO, ArmazemDeTeste, Fonte, _recriar_banco
from entre_motores import EntreMotores

from loaders.demo import servidor
from loaders.exportacao.movimento_flat import exportar_movimento_flat

pytestmark = pytest.mark.slow

SEMENTE, QUANTAS = 13, 90

FONTE, MUDADA = "fonte_hostil", "fonte_mudada"
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
MUDANCAS = (
    "update movimentacao_cartao set data_movimentacao = '-infinity'"
    " where data_movimentacao = 'infinity'",
    "update movimentacao_cartao set data_movimentacao = '20224-03-01 10:00:00'"
    " where data_movimentacao between '2020-01-01' and '2023-01-01'",
    "update movimentacao_cartao set valor_movimentacao = 'NaN' where valor_movimentacao > 9999;"
    "delete from movimentacao_cartao where data_movimentacao < '0001-01-01'",
    "update movimentacao_cartao set data_movimentacao = '2024-05-05' where id_movimentacao_cartao"
    " in (select id_movimentacao_cartao from movimentacao_cartao"
    " where data_movimentacao > '9999-12-31' limit 5)",
    "insert into movimentacao_cartao values ('nova', '', '', 'NaN', '0044-03-15 BC')",
)
"""What changes of movements, one extraction each, between days and what is none."""
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
def _hostil(
    lugar: ArmazemDeTeste, postgres: servidor.Servidor, tmp_path_factory: pytest.TempPathFactory
) -> ArmazemDeTeste:
    """Both sources with such content, loaded, built, tested and published."""
    lugar.restaurar(VAZIO)
    _recriar_banco(postgres, FONTE, "template0")
    fonte = Fonte(postgres.dsn(FONTE), postgres)
    fonte.executar(TABELAS_SEM_CHAVE)
    conteudo_hostil.inserir(fonte, conteudo_hostil.tabelas(SEMENTE, QUANTAS))
    for tabela, (ids, resto) in DO_BANCO.items():
        for linha in _linhas(ids):
            valores = ", ".join(f"'{id_}'" for id_ in linha)
            fonte.executar(f"insert into {tabela} values ({valores}, {resto})")
    apoio.extrair(lugar, fonte)
    entregas: Path = tmp_path_factory.mktemp("hostis")
    for entidade, (ids, resto) in DE_ARQUIVOS.items():
        cabecalho = getattr(apoio_arquivos, entidade.upper())
        linhas = [",".join([*linha, resto]) for linha in _linhas(ids)]
        texto = "\n".join([cabecalho, *linhas, ""])
        texto += conteudo_hostil.arquivo(SEMENTE, QUANTAS, cabecalho)
        (entregas / f"tb_{entidade}_202401.csv").write_text(texto, encoding="utf-8")
    apoio_arquivos.carregar(lugar, entregas)
    so_dados = ("--exclude-resource-type", "unit_test")  # these need no data, and are run already
    lugar.dbt("build", *so_dados, "--warn-error-options", AVISOS_PERMITIDOS, DBT_WRITE_JSON="True")
    lugar.lastro("publish")
    lugar.guardar("conteudo_hostil")
    return lugar


@pytest.fixture
def hostil(_hostil: ArmazemDeTeste) -> ArmazemDeTeste:
    _hostil.restaurar("conteudo_hostil")
    return _hostil


def test_cada_linha_esta_na_quarentena_com_seus_motivos(hostil: ArmazemDeTeste) -> None:
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
            achados = hostil.linhas(
                f"select motivos from quarentena.{onde} where motivos like '%caracteres%'"
            )
            assert sorted(motivos for (motivos,) in achados) == esperados, onde


def test_nenhum_id_longo_passa(hostil: ArmazemDeTeste) -> None:
    colunas = hostil.linhas(
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
        f"{esquema}.{tabela}.{coluna}": hostil.linhas(
            f"select max(length({coluna})) from {esquema}.{tabela}"
        )[0][0]
        for esquema, tabela, coluna in colunas
    }
    assert {onde: maior for onde, maior in maiores.items() if (maior or 0) > MAXIMO} == {}
    assert maiores["core.dim_associado.id_associado"] == MAXIMO
    assert maiores["core.fact_pagamento.id_pagamento"] == MAXIMO


def test_cada_linha_conta_uma_vez(hostil: ArmazemDeTeste) -> None:
    for tabela, raw in {
        "rec_movimentacoes": "raw_sicooperative.movimentacao_cartao",
        "rec_faturas": "raw_pod_cartoes.faturas",
        "rec_pagamentos": "raw_pod_cartoes.pagamentos",
    }.items():
        ((linhas, rejeitadas, em_raw, diferenca, diferenca_valor),) = hostil.linhas(
            "select sum(linhas_arquivo), sum(linhas_rejeitadas), sum(linhas_raw),"
            f" sum(diferenca_linhas), sum(diferenca_valor) from reconciliacao.{tabela}"
        )
        ((todas,),) = hostil.linhas(f"select count(*) from {raw}")
        assert (linhas - rejeitadas, em_raw, diferenca, diferenca_valor) == (todas, todas, 0, 0)


def test_so_o_bom_e_o_do_limite_chegam_as_dimensoes(hostil: ArmazemDeTeste) -> None:
    for dimensao in ("associado", "conta", "cartao"):
        achados = hostil.linhas(f"select id_{dimensao} from core.dim_{dimensao}")
        ids = {id_ for (id_,) in achados}
        assert {f"id_{dimensao}-1", NO_LIMITE, "DESCONHECIDO"} <= ids
        assert COMPRIDO not in ids


@pytest.mark.nightly_on("postgres")
def test_movimento_de_cartao_em_quarentena_fica_sem_dono(
    hostil: ArmazemDeTeste, postgres: servidor.Servidor
) -> None:
    """The newest state counts: a card that has become unusable is as unknown as one never seen."""
    _recriar_banco(postgres, MUDADA, FONTE)
    fonte = Fonte(postgres.dsn(MUDADA), postgres)
    consulta = (
        "select a.id_associado, c.id_conta, k.id_cartao from core.fact_movimentacao as m"
        " inner join core.dim_associado as a on m.sk_associado = a.sk_associado"
        " inner join core.dim_conta as c on m.sk_conta = c.sk_conta"
        " inner join core.dim_cartao as k on m.sk_cartao = k.sk_cartao"
        " where m.id_movimentacao_cartao = 'id_movimentacao_cartao-1'"
    )
    dono = [("id_associado-1", "id_conta-1", "id_cartao-1")]
    assert hostil.linhas(consulta) == dono
    donos = ((COMPRIDO, [("DESCONHECIDO",) * 3]), ("id_conta-1", dono))
    for mudanca, (id_conta, esperado) in zip(MUDANCAS[1:], donos, strict=False):
        fonte.executar(mudanca)
        fonte.executar(f"update cartao set id_conta = '{id_conta}' where id_cartao = 'id_cartao-1'")
        apoio.extrair(hostil, fonte)
        alcance = ("+movimento_flat", "+rec_movimentacoes", "+cargas__totais_da_origem")
        hostil.dbt("build", *SEM_TESTES, "--select", *alcance)
        hostil.dbt("test", "--select", "cargas__totais_da_origem", "rec_movimentacoes")
        assert hostil.linhas(consulta) == esperado


FORA = {
    "date": "{c} < '0001-01-01' or {c} >= '10000-01-01'",
    "timestamp": "{c} < '0001-01-01' or {c} >= '10000-01-01'",
    "timestamp without time zone": "{c} < '0001-01-01' or {c} >= '10000-01-01'",
    "numeric": "{c} = 'NaN'",
}
"""Whether a column holds what no mart may, by its type; DuckDB's decimals have no NaN."""


def _fora_do_alcance(armazem: ArmazemDeTeste) -> dict[str, int]:
    """The rows of each table and view with an amount that is none, or a day of no year of ours."""
    por_tabela: dict[str, list[str]] = {}
    for esquema, tabela, coluna, tipo in armazem.linhas(
        "select table_schema, table_name, column_name, lower(data_type)"
        " from information_schema.columns"
        " where table_schema not in ('information_schema', 'pg_catalog')"
    ):
        if tipo in FORA:
            por_tabela.setdefault(f"{esquema}.{tabela}", []).append(FORA[tipo].format(c=coluna))
    contagens = apoio.consultar(
        armazem,
        *(f"select count(*) from {t} where {' or '.join(c)}" for t, c in por_tabela.items()),
    )
    return {tabela: n for tabela, ((n,),) in zip(por_tabela, contagens, strict=True)}


def _conferir_alcance(armazem: ArmazemDeTeste) -> None:
    """No table or view holds a day that is infinite or of another year than 1 to 9999, or NaN."""
    contagens = _fora_do_alcance(armazem)
    esquemas = {tabela.split(".")[0] for tabela in contagens}
    assert {"raw_sicooperative", "staging", "core", "quarentena"} <= esquemas
    assert {tabela: n for tabela, n in contagens.items() if n} == {}


def _conferir_ilegiveis(armazem: ArmazemDeTeste, fonte: Fonte) -> None:
    """What no warehouse can hold stands as text beside a null, and nothing else does."""
    for nome, tabela in apoio.TABELAS.items():
        tipadas = [c.nome for c in tabela.da_fonte if c.tipo != "text"]
        textos = ", ".join(f"cast({c} as text)" for c in tipadas)
        esperadas = {
            chave: "; ".join(
                f"{c}={v}"
                for c, v in zip(tipadas, valores, strict=True)
                if conteudo_hostil.ilegivel(v)
            )
            or None
            for chave, *valores in fonte.linhas(
                f"select {tabela.chave_simples}, {textos} from {nome}"
            )
        }
        nulas = " or ".join(f"(_ilegiveis like '%{c}=%' and {c} is not null)" for c in tipadas)
        estados = (
            f"select * from (select *, row_number() over (partition by {tabela.chave_simples}"
            f" order by _carga_id desc) as ordem from raw_sicooperative.{nome}) as e"
            " where ordem = 1 and _operacao <> 'exclusao'"
        )
        achadas = armazem.linhas(f"select {tabela.chave_simples}, _ilegiveis from ({estados}) as e")
        assert dict(achadas) == esperadas
        assert armazem.linhas(f"select 1 from ({estados}) as e where {nulas}") == []
        assert sum(v is not None for v in esperadas.values()) > QUANTAS / 20, nome


def _conteudo(armazem: ArmazemDeTeste) -> dict[str, Any]:
    """All rows of what is built, but for when it was, in an order that both engines give."""
    quando = {"_carregado_em", "carregada_em", "entrou_em", "saiu_em", "valido_de", "valido_ate",
              "data_hora_atualizacao_registro", "data_hora_extracao"}  # fmt: skip
    por_tabela: dict[str, list[str]] = {}
    for esquema, tabela, coluna in armazem.linhas(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('core', 'quarentena', 'reconciliacao')"
        " or table_schema = 'staging' and table_name like 'stg%' order by 1, 2, 3"
    ):
        if coluna not in quando and tabela != "dim_data":
            por_tabela.setdefault(f"{esquema}.{tabela}", []).append(coluna)
    lidas = apoio.consultar(
        armazem, *(f"select {', '.join(c)} from {t}" for t, c in por_tabela.items())
    )
    return {
        tabela: sorted(tuple(map(str, linha)) for linha in linhas)
        for tabela, linhas in zip(por_tabela, lidas, strict=True)
    }


def test_nenhum_mart_tem_dia_ou_valor_ilegivel(hostil: ArmazemDeTeste) -> None:
    _conferir_alcance(hostil)


def test_o_ilegivel_fica_ao_lado_e_na_quarentena(
    hostil: ArmazemDeTeste, postgres: servidor.Servidor
) -> None:
    _conferir_ilegiveis(hostil, Fonte(postgres.dsn(FONTE), postgres))
    for coluna in ("valor_movimentacao", "data_movimentacao"):
        ilegiveis, em_branco = apoio.consultar(
            hostil,
            *(
                "select motivos, _ilegiveis from quarentena.movimentacao_cartao"
                f" where motivos like '%{coluna} {motivo}%'"
                for motivo in ("ilegível", "em branco")
            ),
        )
        assert ilegiveis
        assert em_branco
        assert all(f"{coluna}=" in i and f"{coluna} em branco" not in m for m, i in ilegiveis)
        assert not any(i and f"{coluna}=" in i for _, i in em_branco)


def test_os_motores_dao_o_mesmo(hostil: ArmazemDeTeste, entre_motores: EntreMotores) -> None:
    entre_motores.comparar("conteudo_hostil", hostil.motor, _conteudo(hostil))


def test_o_extrato_tem_cada_movimento_inteiro(
    hostil: ArmazemDeTeste, tmp_path: Path, entre_motores: EntreMotores
) -> None:
    feito = exportar_movimento_flat(hostil.config, tmp_path)
    with feito.csv.open(encoding="utf-8", newline="") as aberto:
        cabecalho, *linhas = csv.reader(aberto, delimiter=";")
    lido = pq.read_table(feito.parquet)
    assert cabecalho == lido.column_names
    assert len(linhas) == lido.num_rows == feito.linhas > QUANTAS / 4
    for numero, coluna in enumerate(cabecalho):
        em_parquet = ["" if v is None else str(v) for v in lido.column(coluna).to_pylist()]
        assert [li[numero].removeprefix("'") for li in linhas] == [
            v.removeprefix("'") for v in em_parquet
        ], coluna
    entre_motores.comparar("extrato_hostil", hostil.motor, lido.to_pydict())


def test_o_ilegivel_muda_sai_e_volta(hostil: ArmazemDeTeste, postgres: servidor.Servidor) -> None:
    """Rows without a day of ours are compared as those of any day are, however they change."""
    _recriar_banco(postgres, MUDADA, FONTE)
    fonte = Fonte(postgres.dsn(MUDADA), postgres)
    for opcoes in ({}, {"dias_recentes": 30}, {"completa": True}):
        assert {c.gravadas for c in apoio.extrair(hostil, fonte, **opcoes).values()} == {0}, opcoes
    for numero, mudanca in enumerate(MUDANCAS):
        fonte.executar(mudanca)
        opcoes = {"dias_recentes": 30} if numero % 2 else {}
        movimentos = apoio.extrair(hostil, fonte, **opcoes)[apoio.MOVIMENTACOES]
        assert movimentos.gravadas > 0, mudanca
        assert "rows read with illegible values" in str(movimentos.formato)
        _conferir_ilegiveis(hostil, fonte)
    assert {c.gravadas for c in apoio.extrair(hostil, fonte, completa=True).values()} == {0}


@pytest.mark.slow
@pytest.mark.parametrize("semente", range(5))
def test_muitos_sorteios(
    lugar: ArmazemDeTeste,
    postgres: servidor.Servidor,
    entre_motores: EntreMotores,
    tmp_path: Path,
    semente: int,
) -> None:
    """A load, a change of everything, and a build, of many more rows and other seeds."""
    lugar.restaurar(VAZIO)
    _recriar_banco(postgres, MUDADA, "template0")
    fonte = Fonte(postgres.dsn(MUDADA), postgres)
    fonte.executar(TABELAS_SEM_CHAVE)
    for entidade in DE_ARQUIVOS:
        cabecalho = getattr(apoio_arquivos, entidade.upper())
        linhas = conteudo_hostil.arquivo(semente, 3_000, cabecalho)
        (tmp_path / f"tb_{entidade}_202401.csv").write_text(
            f"{cabecalho}\n{linhas}", encoding="utf-8"
        )
    apoio_arquivos.carregar(lugar, tmp_path)
    for vez in range(3):
        fonte.executar("truncate associado, conta, cartao, movimentacao_cartao")
        conteudo_hostil.inserir(fonte, conteudo_hostil.tabelas(100 * semente + vez, 3_000))
        apoio.extrair(lugar, fonte)
        lugar.lastro("snapshot")
        lugar.dbt("build", "--warn-error-options", AVISOS_PERMITIDOS)
        _conferir_alcance(lugar)
        _conferir_ilegiveis(lugar, fonte)
        entre_motores.comparar(f"sorteio_{semente}_{vez}", lugar.motor, _conteudo(lugar))
