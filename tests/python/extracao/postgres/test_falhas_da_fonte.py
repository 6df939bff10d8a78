"""A source that is down, refuses, or drops in the middle: retried where that helps, then told."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote

import psycopg
import pytest
from apoio import (
    MOVIMENTACOES,
    TABELAS,
    Passagem,
    com_primeira_carga,
    conferir_cargas,
    conteudo,
    extrair,
    fonte_em,
    iniciar,
    na_fonte,
    no_armazem,
    sem_segredos,
    textos_de_controle,
    ultima_carga,
)
from conftest import ArmazemDeTeste, Fonte

from loaders.demo import servidor
from loaders.extracao.postgres.conexao import FonteCaiu, FontePostgres
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada

CARGA = ("load", "sicooperative", "--dsn")


@pytest.fixture
def leitor(fonte: Fonte) -> Iterator[str]:
    """The address of a role that may read the four tables and nothing else."""
    fonte.executar(
        "drop role if exists leitor;"
        "create role leitor login password 'so-leitura' connection limit 5;"
        f"grant select on {', '.join(TABELAS)} to leitor;"
        "revoke temporary on database fonte from public;"
        "revoke create on schema public from public"
    )
    yield fonte.dsn.replace(f"postgres:{fonte.servidor.senha}@", "leitor:so-leitura@")
    fonte.executar("begin read write; drop owned by leitor; drop role leitor; commit")


def nada_entrou(armazem: ArmazemDeTeste) -> None:
    """The tables are there and empty; one row of `controle.cargas` tells of the failure."""
    assert set(map(tuple, conteudo(armazem).values())) == {()}
    assert ultima_carga(armazem)[:2] == ("*", "erro")
    conferir_cargas(armazem)


def porta_fechada() -> int:
    with socket.create_server(("127.0.0.1", 0)) as tomada:
        return int(tomada.getsockname()[1])


# Down, or refusing


def test_fonte_fora_do_ar_e_tentada_de_novo_e_depois_dita_numa_mensagem(
    armazem_vazio: ArmazemDeTeste,
) -> None:
    dsn = f"postgresql://ana:uma-senha@127.0.0.1:{porta_fechada()}/SiCooperativeDB"
    inicio = time.monotonic()
    feito = armazem_vazio.lastro(*CARGA, dsn, esperado=4, LASTRO_SOURCE_ATTEMPTS="3")
    assert time.monotonic() - inicio > 1.5, "waits of 0.5 and 1 s"
    assert feito.stdout == ""
    assert feito.stderr.count("lastro: ") == 1
    assert "The source 127.0.0.1/SiCooperativeDB does not answer" in feito.stderr
    assert "Connection refused" in feito.stderr
    assert "Traceback" not in feito.stderr
    sem_segredos([feito.stderr, textos_de_controle(armazem_vazio)], ["uma-senha"])
    nada_entrou(armazem_vazio)


def test_as_esperas_entre_tentativas_crescem(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    with Passagem(fonte.dsn, itertools.repeat(0)) as passagem:
        with pytest.raises(FonteCaiu):
            extrair(armazem_vazio, passagem.dsn, {"LASTRO_SOURCE_ATTEMPTS": "3"})
        assert len(passagem.conexoes) == 3
        primeira, segunda = (b - a for a, b in itertools.pairwise(passagem.conexoes))
    assert primeira >= 0.5
    assert segunda >= 1.0
    nada_entrou(armazem_vazio)


def test_fonte_que_volta_entre_as_tentativas_e_lida(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    with Passagem(fonte.dsn, [0, 0]) as passagem:
        extrair(armazem_vazio, passagem.dsn, {"LASTRO_SOURCE_ATTEMPTS": "3"})
        assert len(passagem.conexoes) == 4
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    conferir_cargas(armazem_vazio)


def test_senha_errada_nao_e_tentada_de_novo_nem_mostrada(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    errada = fonte.dsn.replace(fonte.servidor.senha, "senha-errada")
    with Passagem(errada) as passagem:
        feito = armazem_vazio.lastro(*CARGA, passagem.dsn, esperado=4, LASTRO_SOURCE_ATTEMPTS="5")
        assert len(passagem.conexoes) == 1
    assert "password authentication failed" in feito.stderr
    assert "Check the user" in feito.stderr
    segredos = ["senha-errada", fonte.servidor.senha]
    sem_segredos([feito.stdout, feito.stderr, textos_de_controle(armazem_vazio)], segredos)
    nada_entrou(armazem_vazio)


@pytest.mark.parametrize(
    ("estado", "dito", "passageira"),
    [
        ("08006", "does not answer", True),
        ("0A000", "cannot do what is asked of it", False),
        ("22012", "cannot compute with", False),
        ("25P04", "transaction_timeout", False),
        ("28000", "Check the user, password", False),
        ("40001", "hot_standby_feedback", True),
        ("40P01", "Run the same command again", True),
        ("42501", "Grant this role SELECT", False),
        ("42P01", "lost a table while it was read", True),
        ("53100", "has no room for the query", False),
        ("53200", "has no room for the query", False),
        ("53300", "has no connection left", True),
        ("55000", "materialized view", False),
        ("55P03", "that somebody else holds", True),
        ("57014", "Raise it (alter role ... set statement_timeout", False),
        ("57P01", "does not answer", True),
        ("57P03", "does not answer", True),
        ("58030", "cannot read its own data", False),
        ("HV00N", "could not read a foreign table", False),
        ("XX002", "cannot read its own data", False),
        ("P0001", "ended a query with an error", False),
    ],
)
def test_cada_erro_da_fonte_diz_o_seu_e_so_o_de_acesso_fala_de_senha(
    fonte: Fonte, estado: str, dito: str, passageira: bool
) -> None:
    with FontePostgres(fonte.dsn) as origem, pytest.raises(FonteIndisponivel) as erro:
        origem.linhas(
            "do $$ begin raise exception 'o valor 4111111111111111'"
            f" using errcode = '{estado}'; end $$"
        )
    assert dito in str(erro.value)
    assert "Nothing was landed" in str(erro.value)
    assert isinstance(erro.value, FonteCaiu) == passageira
    assert ("password" in str(erro.value)) == (estado == "28000")
    assert ("4111" in str(erro.value)) == (estado not in ("22012", "P0001")), "may hold a value"


@pytest.mark.parametrize(
    ("sql", "dito", "passageira"),
    [
        ("select pg_terminate_backend(pg_backend_pid())", "does not answer", True),
        ("select 1 from pg_sleep(5)", "statement_timeout", False),
        ("lock table cartao in access share mode", "that somebody else holds", True),
        (
            "select count(*) from (select n from generate_series(1, 300000) as n order by -n) as t",
            "temp_file_limit",
            False,
        ),
        ("select 'A-1' || hash_de_hoje('A-2')", "ended a query with an error", False),
    ],
)
def test_erro_de_verdade_no_meio_da_leitura_diz_o_que_fazer(
    fonte: Fonte, sql: str, dito: str, passageira: bool
) -> None:
    with (
        psycopg.connect(fonte.dsn) as outra,
        FontePostgres(fonte.dsn) as origem,
        pytest.raises(FonteIndisponivel) as erro,
    ):
        outra.execute("lock table cartao in access exclusive mode")
        for limite in (
            "statement_timeout = 2000", "lock_timeout = 300", "temp_file_limit = '64kB'",
            "work_mem = '64kB'",
        ):  # fmt: skip
            origem.executar(f"set local {limite}")
        origem.linhas(sql)
    assert dito in str(erro.value)
    assert isinstance(erro.value, FonteCaiu) == passageira
    assert "A-1" not in str(erro.value), "the query may name people"
    assert "password" not in str(erro.value)


def test_limite_de_tempo_no_meio_das_linhas_e_dito(fonte: Fonte) -> None:
    """Past the first rows the driver's usual reader forgets which error it was."""
    fonte.executar(
        "insert into associado select 'N' || n, repeat('x', 200)"
        " from generate_series(1, 100000) as n"
    )
    with (
        FontePostgres(fonte.dsn) as origem,
        pytest.raises(FonteIndisponivel, match="cancelled the query"),
    ):
        origem.verificar(list(TABELAS.values()))
        for _ in origem.ler(TABELAS["associado"]):
            fonte.executar(
                "select pg_cancel_backend(pid) from pg_stat_activity"
                " where application_name = 'lastro' and datname = 'fonte'"
            )


@pytest.mark.parametrize(
    ("codificacao", "nome", "dito"),
    [
        ("SQL_ASCII", b"JO\xc3O", "encoding is SQL_ASCII.*associado.nome: 2 rows"),
        ("WIN1252", b"JO\x81O", "encoding is WIN1252.*associado.nome: some rows"),
        ("SQL_ASCII", "JOÃO 👩".encode(), None),
    ],
)
def test_texto_que_nao_se_escreve_em_utf8_e_dito_com_a_coluna_e_sem_o_valor(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, codificacao: str, nome: bytes, dito: str | None
) -> None:
    antiga = fonte_em(fonte, codificacao)
    with psycopg.connect(f"{antiga.dsn}?client_encoding={codificacao}") as conexao:
        conexao.execute(
            b"insert into associado select n, case when n < 3 then '" + nome + b"' else 'ANA' end,"
            b" null, 'solteira', 'ok' from generate_series(1, 9) as n"
        )
    if dito is None:
        extrair(armazem_vazio, antiga)
        assert no_armazem(armazem_vazio)["associado"]["1"][1] == nome.decode()
        return
    with pytest.raises(FonteRecusada, match=f"(?s){dito}") as erro:
        extrair(armazem_vazio, antiga)
    assert "password" not in str(erro.value)
    assert "escolaridade" not in str(erro.value)
    sem_segredos([str(erro.value), textos_de_controle(armazem_vazio)], ["JO", "0xc3", "0x81"])
    assert set(map(tuple, conteudo(armazem_vazio).values())) == {()}


def test_banco_que_nao_existe_nao_e_tentado_de_novo(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    with Passagem(fonte.servidor.dsn("nenhum")) as passagem:
        with pytest.raises(FonteIndisponivel, match='database "nenhum" does not exist') as erro:
            extrair(armazem_vazio, passagem.dsn)
        assert len(passagem.conexoes) == 1
    assert not isinstance(erro.value, FonteCaiu)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://ana:se@gredo-1@127.0.0.1:{porta}/x",
        "postgresql://ana:se/gredo-1@127.0.0.1:{porta}/x",
        "postgresql://ana:se?gredo-1@127.0.0.1:{porta}/x",
        "postgresql://ana:se%gredo-1@127.0.0.1:{porta}/x",
        "postgresql://ana:se:gredo-1@127.0.0.1:{porta}/x",
        "postgresql://ana:gredo-1@127.0.0.1:{porta}:99/x",
        "postgresql://ana:gredo-1@127.0.0.1:{porta}/x?nada=gredo-1",
        "postgres://ana:#gredo-1@[127.0.0.1:{porta}/x",
        "host=127.0.0.1 port={porta} password=se gredo-1 user=ana",
        "host=127.0.0.1 port={porta} password='gredo-1 user=ana",
        "gredo-1",
    ],
)
def test_senha_nao_aparece_nem_num_endereco_mal_escrito(
    armazem_vazio: ArmazemDeTeste, dsn: str
) -> None:
    with pytest.raises(FonteIndisponivel) as erro:
        extrair(armazem_vazio, dsn.format(porta=porta_fechada()), {"LASTRO_SOURCE_ATTEMPTS": "1"})
    sem_segredos([str(erro.value), textos_de_controle(armazem_vazio)], ["gredo", "se/", "se@"])
    assert erro.value.codigo == 4


def test_senha_com_sinais_codificados_serve(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    senha = "a@b/c:d%e?f#g h"
    fonte.executar(
        f"drop role if exists sinais; create role sinais login superuser password '{senha}'"
    )
    try:
        credencial = f"sinais:{quote(senha, safe='')}@"
        extrair(armazem_vazio, fonte.dsn.replace(f"postgres:{fonte.servidor.senha}@", credencial))
    finally:
        fonte.executar("drop role sinais")
    assert no_armazem(armazem_vazio) == na_fonte(fonte)


# Dropped in the middle


@pytest.fixture(scope="module")
def bytes_de_uma_carga() -> dict[str, int]:
    """How many bytes the source answers to a first load; filled by the first test that asks."""
    return {}


def medir(armazem: ArmazemDeTeste, fonte: Fonte, medida: dict[str, int]) -> int:
    if not medida:
        with Passagem(fonte.dsn) as passagem:
            extrair(armazem, passagem.dsn)
            medida["bytes"] = passagem.passados[1]
        armazem.restaurar("vazio")
    return medida["bytes"]


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("fracao", [0.05, 0.3, 0.6, 0.97])
def test_queda_no_meio_uma_vez_e_refeita_sem_dobrar_nada(
    armazem_vazio: ArmazemDeTeste,
    fonte: Fonte,
    bytes_de_uma_carga: dict[str, int],
    fracao: float,
) -> None:
    total = medir(armazem_vazio, fonte, bytes_de_uma_carga)
    with Passagem(fonte.dsn, [None, int(total * fracao)]) as passagem:
        cargas = extrair(armazem_vazio, passagem.dsn)
        assert len(passagem.conexoes) == 4
    assert {c.status for c in cargas.values()} == {"ok"}
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    assert armazem_vazio.linhas("select count(*) from controle.cargas") == [(4,)]
    conferir_cargas(armazem_vazio)


def test_queda_em_toda_tentativa_sai_com_codigo_4_e_nada_pela_metade(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, bytes_de_uma_carga: dict[str, int]
) -> None:
    corte = int(medir(armazem_vazio, fonte, bytes_de_uma_carga) * 0.8)
    with Passagem(fonte.dsn, itertools.cycle([None, corte])) as passagem:
        feito = armazem_vazio.lastro(*CARGA, passagem.dsn, esperado=4)
        assert len(passagem.conexoes) == 4
    assert feito.stdout == ""
    assert feito.stderr.count("lastro: ") == 1
    assert "does not answer" in feito.stderr
    assert "Nothing was landed" in feito.stderr
    assert "Traceback" not in feito.stderr
    sem_segredos([feito.stderr, textos_de_controle(armazem_vazio)], [fonte.servidor.senha])
    nada_entrou(armazem_vazio)
    extrair(armazem_vazio, fonte)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)


def test_queda_numa_carga_de_diferencas_deixa_tudo_como_estava(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, bytes_de_uma_carga: dict[str, int]
) -> None:
    corte = int(medir(armazem_vazio, fonte, bytes_de_uma_carga) * 0.3)
    com_primeira_carga(armazem_vazio, fonte)
    fonte.executar(
        "update associado set nome = 'OUTRO';"
        "update movimentacao_cartao set valor_movimentacao = valor_movimentacao + 1"
    )
    antes = conteudo(armazem_vazio)
    with Passagem(fonte.dsn, [None, corte, None, corte, None, corte]) as passagem:
        with pytest.raises(FonteCaiu):
            extrair(armazem_vazio, passagem.dsn)
        assert conteudo(armazem_vazio) == antes
        extrair(armazem_vazio, passagem.dsn)
        assert len(passagem.conexoes) == 8
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    conferir_cargas(armazem_vazio)


def um_id(fonte: Fonte, tabela: str) -> bytes:
    """A key that the answer holds once, in the middle of a table."""
    chave = TABELAS[tabela].chave_simples
    return str(
        fonte.linhas(f"select {chave} from {tabela} offset (select count(*) / 2 from {tabela})")[0][
            0
        ]
    ).encode()


def test_conexao_terminada_pelo_servidor_e_refeita(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    with Passagem(fonte.dsn, segurar_em=um_id(fonte, "cartao")) as passagem:
        carga = iniciar(armazem_vazio, *CARGA, passagem.dsn)
        assert passagem.segurada.wait(60)
        terminadas = fonte.linhas(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'lastro' and datname = 'fonte'"
        )
        assert terminadas == [(True,)]
        passagem.seguir.set()
        saida, erros = carga.communicate(timeout=60)
        assert (carga.returncode, erros) == (0, ""), saida
        assert len(passagem.conexoes) == 4
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    conferir_cargas(armazem_vazio)


# Read only, and consistent


def test_papel_que_so_le_num_banco_que_so_se_le_basta(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, leitor: str
) -> None:
    fonte.executar("alter database fonte set default_transaction_read_only = on")
    with psycopg.connect(leitor) as conexao:
        for proibido in ("create temporary table t (a int)", "delete from associado"):
            with suppress(psycopg.Error):
                conexao.execute(proibido)
                pytest.fail(f"the reader may {proibido}")
            conexao.rollback()
    extrair(armazem_vazio, leitor)
    fonte.executar(
        "begin read write; update movimentacao_cartao set descricao_movimentacao = 'X';"
        "update associado set nome = 'X'; commit"
    )
    cargas = extrair(armazem_vazio, leitor)
    assert cargas[MOVIMENTACOES].gravadas == cargas[MOVIMENTACOES].linhas_origem
    extrair(armazem_vazio, leitor, completa=True)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)


def test_a_extracao_e_um_retrato_de_um_so_momento(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    retrato = na_fonte(fonte)
    with Passagem(fonte.dsn, segurar_em=um_id(fonte, "associado")) as passagem:
        carga = iniciar(armazem_vazio, *CARGA, passagem.dsn)
        assert passagem.segurada.wait(60)
        fonte.executar(
            "insert into associado values ('novo', 'NOVO');"
            "insert into conta (id_conta, id_associado) values ('nova', 'novo');"
            "insert into cartao (id_cartao, id_conta) values ('novo', 'nova');"
            "update movimentacao_cartao set id_cartao = 'novo';"
            "delete from cartao where id_cartao <> 'novo';"
            "delete from conta where id_conta <> 'nova'"
        )
        passagem.seguir.set()
        saida, erros = carga.communicate(timeout=60)
        assert (carga.returncode, erros) == (0, ""), saida
    assert no_armazem(armazem_vazio) == retrato
    extrair(armazem_vazio, fonte, aceitar_reducao=True)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)


def test_retrato_e_inteiro_com_quem_escreve_sem_parar(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, postgres: servidor.Servidor
) -> None:
    """A writer moves one conta with its cartão between associados, in one transaction each time."""
    fonte.executar(
        "insert into associado select 'W' || n, 'W' from generate_series(0, 9) as n;"
        "insert into conta (id_conta, id_associado, agencia) values ('W', 'W0', '0');"
        "insert into cartao (id_cartao, id_conta, tipo_cartao) values ('W', 'W', '0')"
    )
    fim = threading.Event()

    def escrever() -> None:
        with psycopg.connect(fonte.dsn) as conexao:
            for n in itertools.count():
                conexao.execute(
                    "update associado set nome = %s where id_associado = 'W0'", [str(n)]
                )
                conexao.execute("update conta set agencia = %s where id_conta = 'W'", [str(n)])
                conexao.execute(
                    "update cartao set tipo_cartao = %s where id_cartao = 'W'", [str(n)]
                )
                conexao.execute(
                    "insert into movimentacao_cartao values (%s, 'W', null, 1, '2024-07-15')",
                    [f"W{n}"],
                )
                conexao.commit()
                if fim.wait(0.002):
                    return

    fio = threading.Thread(target=escrever)
    fio.start()
    try:
        for _ in range(4):
            extrair(armazem_vazio, fonte)
            visto = no_armazem(armazem_vazio)
            n = visto["associado"]["W0"][1]
            if n == "W":
                continue
            assert visto["conta"]["W"][3] == n
            assert visto["cartao"]["W"][5] == n
            escritos = [k for k in visto[MOVIMENTACOES] if k.startswith("W")]
            assert len(escritos) == int(n) + 1
    finally:
        fim.set()
        fio.join()
    extrair(armazem_vazio, fonte)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    assert int(no_armazem(armazem_vazio)["associado"]["W0"][1]) > 0
