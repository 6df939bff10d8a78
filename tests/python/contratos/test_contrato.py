"""A source that does not fit its contract is refused by name, and nothing of it is landed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apoio import (
    CHAVE,
    MOVIMENTACOES,
    TABELAS,
    com_primeira_carga,
    conferir_cargas,
    conteudo,
    extrair,
    na_fonte,
    no_armazem,
    operacoes,
    sem_segredos,
    textos_de_controle,
    ultima_carga,
)
from apoio_contratos import com_contratos
from conftest import ArmazemDeTeste, Fonte

from loaders import contratos
from loaders.controle.atualizacao import atualizar
from loaders.nucleo.erros import ArmazemAntigo, FonteIndisponivel, FonteRecusada, LastroError

SEGREDO = "valor-que-nao-pode-aparecer"


def sem_chave(tabela: str, select: str) -> str:
    """Another table in a table's place, which guarantees no key."""
    return f"alter table {tabela} rename to t_{tabela}; create table {tabela} as {select}"


RECUSADAS = {
    "coluna_que_falta": (
        "alter table associado drop column escolaridade",
        ["associado.escolaridade: missing (dropped or renamed?)"],
    ),
    "coluna_renomeada": (
        "alter table conta rename column agencia to ag",
        ["conta.agencia: missing (dropped or renamed?)", "conta.ag: new, of type text"],
    ),
    "outro_tipo": (
        "alter table cartao alter data_emissao type timestamp",
        ["cartao.data_emissao: is timestamp without time zone, the contract says date"],
    ),
    "data_com_fuso": (
        "alter table movimentacao_cartao alter data_movimentacao type timestamptz",
        [
            "movimentacao_cartao.data_movimentacao: is timestamp with time zone,"
            " the contract says timestamp"
        ],
    ),
    "coluna_nova": (
        "alter table associado add email text",
        ["associado.email: new, of type text, not in the contract"],
    ),
    "tabela_que_falta": (
        "drop table movimentacao_cartao",
        ["table movimentacao_cartao: not found"],
    ),
    "varias_de_uma_vez": (
        "alter table associado drop column nome; alter table cartao add cvv text;"
        "alter table movimentacao_cartao alter valor_movimentacao type numeric(12,2)",
        [
            "associado.nome: missing",
            "cartao.cvv: new",
            "movimentacao_cartao.valor_movimentacao: is numeric(12,2)",
        ],
    ),
    "sem_chave_e_repetida": (
        sem_chave("conta", "select * from t_conta union all (select * from t_conta limit 3)"),
        ["conta.id_conta: 3 rows repeat a key"],
    ),
    "sem_chave_e_nula": (
        sem_chave("cartao", "select * from t_cartao union all select null, id_conta, '1', '', '',"
                   " '', null from conta where id_conta in (select min(id_conta) from conta)"),
        ["cartao.id_cartao: 1 rows have no key"],
    ),
    "chave_so_unica_que_aceita_nulos": (
        "alter table movimentacao_cartao drop constraint movimentacao_cartao_pkey;"
        "alter table movimentacao_cartao alter id_movimentacao_cartao drop not null;"
        "create unique index on movimentacao_cartao (id_movimentacao_cartao);"
        "update movimentacao_cartao set id_movimentacao_cartao = null"
        " where data_movimentacao < '2024-07-02'",
        ["movimentacao_cartao.id_movimentacao_cartao: ", "rows have no key"],
    ),
    "chave_unica_so_em_parte": (
        "alter table movimentacao_cartao drop constraint movimentacao_cartao_pkey;"
        "create unique index on movimentacao_cartao (id_movimentacao_cartao)"
        " where id_movimentacao_cartao <> 'x';"
        "insert into movimentacao_cartao select 'x', id_cartao from cartao limit 2",
        ["movimentacao_cartao.id_movimentacao_cartao: 1 rows repeat a key"],
    ),
}  # fmt: skip


@pytest.fixture
def carregado(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> ArmazemDeTeste:
    """A warehouse that holds the first stage of the demonstration."""
    return com_primeira_carga(armazem_vazio, fonte)


@pytest.fixture
def contrato(tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """Let the contract be a copy of the repository's in which a text is another."""
    with com_contratos(tmp_path) as projeto:
        arquivo = projeto / "models/staging/sicooperative/_sicooperative__sources.yml"

        def trocar(antes: str, depois: str) -> None:
            texto = arquivo.read_text(encoding="utf-8")
            assert antes in texto
            arquivo.write_text(texto.replace(antes, depois), encoding="utf-8")
            contratos.fontes.cache_clear()

        yield trocar


def nada_entrou(
    armazem: ArmazemDeTeste, antes: dict[str, list[str]], status: str, mensagem: str
) -> None:
    """Raw and fingerprints as before, one row in `controle.cargas` that tells of it."""
    assert conteudo(armazem) == antes
    assert ultima_carga(armazem) == ("*", status, " ".join(mensagem.split()))
    conferir_cargas(armazem)
    segredos = [SEGREDO, CHAVE, armazem.servidor.senha]
    sem_segredos([mensagem, textos_de_controle(armazem)], segredos)


@pytest.mark.parametrize("caso", RECUSADAS)
def test_fonte_fora_do_contrato_e_recusada_pelo_nome_da_coluna(
    carregado: ArmazemDeTeste, fonte: Fonte, caso: str
) -> None:
    sql, esperados = RECUSADAS[caso]
    fonte.executar("update associado set nome = '" + SEGREDO + "', escolaridade = nome")
    fonte.executar(sql)
    antes = conteudo(carregado)
    with pytest.raises(FonteRecusada) as recusa:
        extrair(carregado, fonte)
    for esperado in esperados:
        assert esperado in str(recusa.value)
    nada_entrou(carregado, antes, "rejeitado", str(recusa.value))


def test_recusa_sai_no_stderr_com_codigo_3(carregado: ArmazemDeTeste, fonte: Fonte) -> None:
    fonte.executar("alter table associado rename column nome to nome_completo")
    antes = conteudo(carregado)
    feito = carregado.lastro("load", "sicooperative", "--dsn", fonte.dsn, esperado=3)
    assert feito.stdout == ""
    assert feito.stderr.startswith("lastro: The source does not fit its contract")
    assert "associado.nome: missing" in feito.stderr
    assert "associado.nome_completo: new" in feito.stderr
    assert "_sicooperative__sources.yml" in feito.stderr
    assert "Traceback" not in feito.stderr
    nada_entrou(carregado, antes, "rejeitado", feito.stderr.removeprefix("lastro: "))


def test_primeira_carga_recusada_deixa_as_tabelas_vazias(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    fonte.executar(RECUSADAS["sem_chave_e_repetida"][0])
    with pytest.raises(FonteRecusada, match="3 rows repeat a key"):
        extrair(armazem_vazio, fonte)
    assert set(map(tuple, conteudo(armazem_vazio).values())) == {()}
    assert ultima_carga(armazem_vazio)[1] == "rejeitado"


@pytest.mark.parametrize("tabela", ["associado", MOVIMENTACOES])
def test_sem_direito_de_ler_sai_com_codigo_4_e_diz_a_tabela(
    carregado: ArmazemDeTeste, fonte: Fonte, tabela: str
) -> None:
    fonte.executar(
        "drop role if exists leitor_sem_direito;"
        "create role leitor_sem_direito login password 'so-para-o-teste';"
        "grant select on all tables in schema public to leitor_sem_direito;"
        f"revoke select on {tabela} from leitor_sem_direito"
    )
    dsn = fonte.dsn.replace(
        f"postgres:{fonte.servidor.senha}@", "leitor_sem_direito:so-para-o-teste@"
    )
    antes = conteudo(carregado)
    try:
        with pytest.raises(
            FonteIndisponivel, match=f"permission denied for table {tabela}"
        ) as erro:
            extrair(carregado, dsn)
    finally:
        fonte.executar("drop owned by leitor_sem_direito; drop role leitor_sem_direito")
    assert erro.value.codigo == 4
    assert "so-para-o-teste" not in str(erro.value)
    nada_entrou(carregado, antes, "erro", str(erro.value))


def test_visoes_noutro_esquema_sao_lidas_onde_o_contrato_as_nomeia(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, contrato: Callable[[str, str], None]
) -> None:
    fonte.executar("create schema cooperativa")
    for tabela in TABELAS:
        fonte.executar(f"create view cooperativa.{tabela} as select * from public.{tabela}")
    fonte.executar("alter table cartao rename to cartoes")
    with pytest.raises(FonteRecusada, match=r"cartao: not found in the schema public, but in coop"):
        extrair(armazem_vazio, fonte)
    contrato("{tipo: postgres}", "{tipo: postgres, esquema_origem: cooperativa}")
    with pytest.raises(FonteRecusada, match=r"(?s)associado: is a view.*cartao: is a view"):
        extrair(armazem_vazio, fonte)
    contrato("leitura: foto", "visao: true, leitura: foto")
    contrato("leitura: incremental", "leitura: incremental\n            visao: true")
    extrair(armazem_vazio, fonte)
    fonte.executar("alter table cartoes rename to cartao")
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    assert {c.status for c in extrair(armazem_vazio, fonte).values()} == {"sem_novidade"}


# A contract that grows


@pytest.fixture
def com_coluna(contrato: Callable[[str, str], None]) -> Callable[..., None]:
    """Let the contract be a copy of the repository's to which columns are added."""

    def acrescentar(depois_de: str, coluna: str, tipo: str) -> None:
        marca = f"          - name: {depois_de}\n"
        contrato(marca, f"          - name: {coluna}\n            data_type: {tipo}\n{marca}")

    return acrescentar


def test_coluna_nova_entra_quando_o_contrato_a_nomeia_e_e_nula_no_que_ja_havia(
    carregado: ArmazemDeTeste, fonte: Fonte, com_coluna: Callable[..., None]
) -> None:
    antes = conteudo(carregado)
    fonte.executar(
        "alter table associado add email text;"
        "alter table movimentacao_cartao add parcelas bigint;"
        "update associado set email = 'a@b' where id_associado in"
        " (select id_associado from associado order by 1 limit 2);"
        "update movimentacao_cartao set parcelas = 12 where data_movimentacao < '2024-07-02'"
    )
    com_parcelas = fonte.linhas(
        "select id_movimentacao_cartao from movimentacao_cartao where parcelas = 12"
    )
    with pytest.raises(FonteRecusada, match=r"associado\.email: new"):
        extrair(carregado, fonte)
    assert conteudo(carregado) == antes
    com_coluna("escolaridade", "email", "text")
    com_coluna("valor_movimentacao", "parcelas", "bigint")
    with pytest.raises(ArmazemAntigo, match=r"associado\.email, .*\.parcelas"):
        extrair(carregado, fonte)
    assert conteudo(carregado) == antes
    atualizar(carregado.config)
    cargas = extrair(carregado, fonte)
    assert list(operacoes(carregado, cargas["associado"]).values()) == ["alteracao"] * 2
    assert operacoes(carregado, cargas[MOVIMENTACOES]) == {
        id_: "alteracao" for (id_,) in com_parcelas
    }
    assert carregado.linhas(
        "select email, count(*) from raw_sicooperative.associado"
        f" where _carga_id = {cargas['associado'].id} group by email"
    ) == [("a@b", 2)]
    assert carregado.linhas(
        "select count(email) from raw_sicooperative.associado"
        f" where _carga_id < {cargas['associado'].id}"
    ) == [(0,)]
    assert {c.status for c in extrair(carregado, fonte).values()} == {"sem_novidade"}
    assert no_armazem(carregado) == na_fonte(fonte)


def test_coluna_nova_numa_tabela_ainda_vazia_nao_troca_as_colunas_de_lugar(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, com_coluna: Callable[..., None]
) -> None:
    fonte.executar("alter table associado add email text")
    with pytest.raises(LastroError):
        extrair(armazem_vazio, fonte)  # makes the tables, with the old columns
    fonte.executar("update associado set email = 'a@b'")
    com_coluna("escolaridade", "email", "text")
    atualizar(armazem_vazio.config)
    extrair(armazem_vazio, fonte)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    assert armazem_vazio.linhas("select distinct email from raw_sicooperative.associado") == [
        ("a@b",)
    ]


# What a contract says wrong is named by file, line and key

CERTO = """sources:
- name: banco
  schema: raw_banco
  config:
    meta: {tipo: postgres}
  tables:
  - name: conta
    config:
      meta:
        chave: id
        leitura: foto
    columns:
    - name: id
      data_type: text
    - {name: _ilegiveis, data_type: text}
    - {name: _operacao, data_type: text}
    - {name: _carga_id, data_type: bigint}
    - {name: _tabela, data_type: text}
    - {name: _linha, data_type: bigint}
    - {name: _carregado_em, data_type: timestamptz}
"""

ERRADOS = {
    "valor desconhecido": ("leitura: foto", "leitura: incremetal", 11, "leitura: Input should be"),
    "chave desconhecida": ("leitura: foto", "titualr: id", 11, "titualr: unknown key"),
    "duas vezes": ("leitura: foto", "chave: id", 11, "chave: it is there twice"),
    "meta fora do lugar": (
        "      data_type: text\n", "      meta: {na_fonte: x}\n", 13, "meta stands under",
    ),
    "nome no meta": ("leitura: foto", "nome: outra", 7, "unknown in `meta`: nome"),
    "de quem no meta": ("leitura: foto", "fonte: outra", 7, "unknown in `meta`: fonte"),
    "coluna que nao ha": ("chave: id\n", "chave: outra\n", 7, "`chave: outra` is none of its"),
    "coluna do loader": ("chave: id\n", "chave: _tabela\n", 7, "`chave: _tabela` is none of its"),
    "sem chave": ("        chave: id\n", "", 7, "a table of a database has a `chave`"),
    "dia de foto": ("leitura: foto", "dia: id", 7, "`leitura: incremental` and `dia` go"),
    "tipo que nao ha": ("data_type: text\n    - {name: _i", "data_type: varchar\n    - {name: _i",
                        14, "data_type: 'varchar' is none of text"),
    "palavra do SQL": ("name: conta", "name: order", 7, "'order' cannot be a name"),
    "outro esquema": ("schema: raw_banco", "schema: banco", 2, "has to be raw_banco"),
    "sem coluna do loader": (
        "    - {name: _linha, data_type: bigint}\n", "", 7, "has the loader's columns",
    ),
    "de arquivo": ("leitura: foto", "arquivo: banco.csv", 7, "is for files"),
}  # fmt: skip


@pytest.mark.parametrize("caso", ERRADOS)
def test_o_que_o_contrato_diz_errado_tem_arquivo_linha_e_chave(caso: str, tmp_path: Path) -> None:
    certo, errado, linha, dito = ERRADOS[caso]
    arquivo = tmp_path / "_banco__sources.yml"
    arquivo.write_text(CERTO, encoding="utf-8")
    assert [f.nome for f in contratos.leitura.ler(arquivo)] == ["banco"]
    assert CERTO.count(certo) == 1
    arquivo.write_text(CERTO.replace(certo, errado), encoding="utf-8")
    with pytest.raises(LastroError) as recusa:
        contratos.leitura.ler(arquivo)
    problema = next(p for p in str(recusa.value).split("\n  ")[1:] if dito in p)
    assert problema.startswith(f"{arquivo}:{linha}: ")
