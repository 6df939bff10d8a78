"""A source that shows a part of its rows, or an older state: refused, and nothing lands as deleted.

What hides the rest is told by the catalog alone, so most of these look at a source without loading.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from apoio import (
    MOVIMENTACOES,
    TABELAS,
    com_primeira_carga,
    conteudo,
    criar_tabelas,
    extrair,
    na_fonte,
    no_armazem,
    operacoes,
    ultima_carga,
)
from conftest import ArmazemDeTeste, Fonte

from loaders.contratos import Tabela
from loaders.demo import servidor
from loaders.extracao.postgres.conexao import FontePostgres
from loaders.extracao.postgres.momento import Momento, situar
from loaders.extracao.postgres.posicoes import Posicao, Retrato
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada

MEIA_TABELA = "create policy metade on movimentacao_cartao using (hashtext(id_cartao) % 2 = 0);"


@pytest.fixture
def leitor(fonte: Fonte) -> Iterator[str]:
    """The address of a role that may read the four tables, unless row-level security says no."""
    fonte.executar(
        "drop role if exists leitor_de_parte;"
        "create role leitor_de_parte login password 'so-leitura';"
        f"grant select on {', '.join(TABELAS)} to leitor_de_parte"
    )
    yield fonte.dsn.replace(f"postgres:{fonte.servidor.senha}@", "leitor_de_parte:so-leitura@")
    fonte.executar(
        "drop owned by leitor_de_parte cascade; drop schema if exists leitor_de_parte cascade;"
        "drop role leitor_de_parte"
    )


# Row-level security


def test_politica_de_linhas_recusa_a_carga_em_vez_de_excluir_o_que_esconde(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, leitor: str
) -> None:
    carregado = com_primeira_carga(armazem_vazio, fonte)
    antes = conteudo(carregado)
    fonte.executar(f"alter table movimentacao_cartao enable row level security; {MEIA_TABELA}")
    with psycopg.connect(leitor) as conexao:
        [(vistas,)] = conexao.execute("select count(*) from movimentacao_cartao").fetchall()
    assert 0 < vistas < len(na_fonte(fonte)[MOVIMENTACOES])
    with pytest.raises(FonteIndisponivel) as recusa:
        extrair(carregado, leitor)
    assert "table movimentacao_cartao: row-level security shows leitor_de_parte a part" in str(
        recusa.value
    )
    assert "BYPASSRLS" in str(recusa.value)
    assert conteudo(carregado) == antes
    assert ultima_carga(carregado)[:2] == ("*", "erro")
    fonte.executar("alter role leitor_de_parte bypassrls")
    assert {c.status for c in extrair(carregado, leitor).values()} == {"sem_novidade"}


def test_dono_le_tudo_salvo_onde_a_politica_vale_para_ele_tambem(fonte: Fonte, leitor: str) -> None:
    fonte.executar(
        "alter table movimentacao_cartao owner to leitor_de_parte;"
        f"alter table movimentacao_cartao enable row level security; {MEIA_TABELA}"
    )
    conferir(leitor)
    fonte.executar("alter table movimentacao_cartao force row level security")
    with pytest.raises(FonteIndisponivel, match="row-level security"):
        conferir(leitor)


def test_politica_debaixo_de_uma_visao_aceita_recusa_tambem(fonte: Fonte, leitor: str) -> None:
    fonte.executar(
        "alter table movimentacao_cartao rename to movimentos; create role dona_da_visao;"
        "grant select on movimentos to dona_da_visao; grant all on schema public to dona_da_visao;"
        "create view movimentacao_cartao as select * from movimentos;"
        "alter view movimentacao_cartao owner to dona_da_visao;"
        "grant select on movimentacao_cartao to leitor_de_parte;"
        "alter table movimentos enable row level security;"
        "create policy metade on movimentos using (hashtext(id_cartao) % 2 = 0)"
    )
    try:
        with (
            pytest.raises(FonteIndisponivel, match=r"row-level security.*BYPASSRLS"),
            FontePostgres(leitor) as origem,
        ):
            origem.verificar([com(t, visao=True) for t in TABELAS.values()])
    finally:
        fonte.executar("drop owned by dona_da_visao cascade; drop role dona_da_visao")


# Tables that are not what the contract means


def do_esquema(esquema: str | None) -> list[Tabela]:
    return [com(t, esquema_origem=esquema) for t in TABELAS.values()]


def com(tabela: Tabela, **outros: Any) -> Tabela:
    """A table of the contract as another contract would have it."""
    return tabela.model_copy(update=outros)


def conferir(dsn: str, esquema: str | None = None) -> None:
    with FontePostgres(dsn) as origem:
        origem.verificar(do_esquema(esquema))


VISAO = "alter table cartao rename to cartoes; create {} cartao as select * from cartoes limit 9"
TERCEIROS = (
    "create foreign data wrapper nenhum; create server fora foreign data wrapper nenhum;"
    "create foreign table {} server fora"
)
CARTAO = (
    "(id_cartao text, id_conta text, numero_cartao text, nome_impresso_cartao text,"
    " bandeira_cartao text, tipo_cartao text, data_emissao date)"
)
PARTICIONADA = (
    "alter table cartao rename to cartoes; create table cartao (like cartoes including defaults)"
    " partition by list (bandeira_cartao); create table cartao_resto partition of cartao default;"
    "insert into cartao select * from cartoes;"
)
OUTRO = "create schema arquivo; create table arquivo.cartao (like public.cartao including all);"


@pytest.mark.parametrize(
    ("sql", "dito"),
    [
        (VISAO.format("view"), "table cartao: is a view, which may show a part"),
        (VISAO.format("materialized view"), "table cartao: is a materialized view"),
        (
            "alter table cartao rename to cartoes;" + TERCEIROS.format(f"cartao {CARTAO}"),
            "table cartao: is a foreign table",
        ),
        (
            PARTICIONADA + TERCEIROS.format("cartao_longe partition of cartao for values in ('X')"),
            "table cartao: its part cartao_longe is a foreign table",
        ),
        (
            TERCEIROS.format("cartao_velho () inherits (cartao)"),
            "table cartao: its part cartao_velho is a foreign table",
        ),
        (
            "create table cartao_novo () inherits (cartao);"
            "insert into cartao_novo select * from only cartao limit 2",
            "cartao.id_cartao: 2 rows repeat a key",
        ),
        (
            f"{OUTRO} alter role all set search_path = arquivo, public",
            "table cartao: the search path has arquivo, public with one each; say which",
        ),
        (
            f"{OUTRO} drop table public.cartao cascade; alter role all set search_path = arquivo",
            "table cartao: not found in the schema public, but in arquivo; say which",
        ),
        ("drop table cartao cascade", "table cartao: not found in the schema public\n"),
        (
            "set allow_system_table_mods = on; insert into pg_subscription_rel"
            " values (0, 'cartao'::regclass, 'd')",
            "table cartao: a subscription still copies its rows",
        ),
    ],
)
def test_o_que_pode_mostrar_so_uma_parte_e_recusado_pelo_nome(
    fonte: Fonte, sql: str, dito: str
) -> None:
    fonte.executar(SOLTAR + sql.replace("role all", "role postgres in database fonte"))
    try:
        with pytest.raises(FonteRecusada) as recusa:
            conferir(fonte.dsn)
        assert dito in str(recusa.value)
    finally:
        fonte.executar("alter role postgres in database fonte reset search_path")


SOLTAR = "alter table movimentacao_cartao drop constraint movimentacao_cartao_id_cartao_fkey;"


def test_particao_que_esta_saindo_e_recusada(fonte: Fonte) -> None:
    fonte.executar(
        SOLTAR + "alter table cartao rename to cartoes;"
        "create table cartao (like cartoes including defaults) partition by list (bandeira_cartao);"
        "create table cartao_visa partition of cartao for values in ('VISA')"
    )
    conferir(fonte.dsn)
    with (
        psycopg.connect(fonte.dsn) as outra,
        psycopg.connect(fonte.dsn, autocommit=True) as conexao,
        suppress(psycopg.errors.QueryCanceled),
    ):
        outra.execute("select count(*) from cartao")  # the detachment waits for its end
        conexao.execute("set statement_timeout = 300")
        conexao.execute("alter table cartao detach partition cartao_visa concurrently")
    with pytest.raises(FonteRecusada, match=r"its part cartao_visa is being detached.* finalize"):
        conferir(fonte.dsn)
    fonte.executar("alter table cartao detach partition cartao_visa finalize")
    conferir(fonte.dsn)


def test_tabela_particionada_e_lida_pela_mae_por_quem_nao_le_as_partes(
    fonte: Fonte, leitor: str
) -> None:
    fonte.executar(f"{SOLTAR} {PARTICIONADA} grant select on cartao to leitor_de_parte")
    with FontePostgres(leitor) as origem:
        origem.verificar(list(TABELAS.values()))
        assert origem.contar(TABELAS["cartao"]) == len(na_fonte(fonte)["cartao"])


def test_visao_que_o_contrato_aceita_e_lida(fonte: Fonte) -> None:
    fonte.executar(SOLTAR + VISAO.format("view"))
    with FontePostgres(fonte.dsn) as origem:
        origem.verificar([com(t, visao=t.nome == "cartao") for t in TABELAS.values()])
        assert origem.contar(TABELAS["cartao"]) == 9


def test_esquema_do_contrato_vale_e_nem_search_path_nem_temporaria_o_muda(fonte: Fonte) -> None:
    fonte.executar(
        'create schema "Da Cooperativa";'
        + "".join(f'alter table {t} set schema "Da Cooperativa";' for t in TABELAS)
        + 'create table cartao as select * from "Da Cooperativa".cartao limit 3'
    )
    with FontePostgres(fonte.dsn) as origem:
        origem.conexao.rollback()
        origem.executar("create temporary table cartao (id_cartao text)")  # by a shared session
        origem.conexao.commit()
        origem._comecar()
        origem.verificar(do_esquema("Da Cooperativa"))
        total = origem.contar(TABELAS["cartao"])
    assert [(total,)] == fonte.linhas('select count(*) from "Da Cooperativa".cartao')
    assert total > 3


@pytest.mark.parametrize(
    ("sql", "dito"),
    [
        ("revoke select on cartao from {}", "permission denied for table cartao (SELECT, {})"),
        (
            "revoke select on cartao from {}; grant select (id_cartao, id_conta) on cartao to {}",
            "permission denied for cartao.numero_cartao (SELECT, {})",
        ),
        (
            "revoke usage on schema public from public",
            "permission denied for the schema of table cartao (USAGE, {})",
        ),
    ],
)
def test_direito_que_falta_e_dito_por_tabela_e_coluna(
    fonte: Fonte, leitor: str, sql: str, dito: str
) -> None:
    papel = "leitor_de_parte"
    fonte.executar(sql.replace("{}", papel))
    with pytest.raises(FonteIndisponivel) as recusa:
        conferir(leitor)
    assert dito.format(papel) in str(recusa.value)
    assert "password" not in str(recusa.value)


def test_indice_estragado_que_conta_menos_do_que_ha_e_notado(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    carregado = com_primeira_carga(armazem_vazio, fonte)
    fonte.executar("create index on associado (data_nascimento)")
    prontos = "update pg_index set indisready = {} where indrelid = 'associado'::regclass"
    fonte.executar(prontos.format("false"))
    fonte.executar("insert into associado values ('fora dos índices', 'X')")
    fonte.executar(prontos.format("true"))
    fonte.executar("vacuum associado")
    fonte.executar("alter database fonte set enable_seqscan = off")
    antes, total = conteudo(carregado), len(na_fonte(fonte)["associado"])
    dito = f"associado: the source counts {total - 1} rows but sent {total}"
    with pytest.raises(FonteRecusada, match=dito):
        extrair(carregado, fonte)
    assert conteudo(carregado) == antes
    fonte.executar("reindex table associado")
    assert extrair(carregado, fonte)["associado"].gravadas == 1


# An older state


@dataclass
class Par:
    """A primary and its replica, each with the four tables."""

    primario: Fonte
    replica: Fonte

    def em_dia(self) -> None:
        """Wait until the replica shows what the primary has."""
        [(ate,)] = self.primario.linhas("select pg_current_wal_flush_lsn()::text")
        # not in the source's database, which the replica may not have yet
        with psycopg.connect(self.replica.servidor.dsn()) as conexao:
            for _ in range(200):
                em_dia = conexao.execute(f"select pg_last_wal_replay_lsn() >= '{ate}'").fetchall()
                if em_dia == [(True,)]:
                    return
                time.sleep(0.05)
        pytest.fail("the replica does not catch up")


@pytest.fixture(scope="module")
def par(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Par]:
    """Two real servers, of which one follows the other."""
    pasta = tmp_path_factory.mktemp("par")
    with pytest.MonkeyPatch.context() as troca:
        troca.setitem(servidor.AJUSTES, "wal_level", "replica")
        troca.setitem(servidor.AJUSTES, "max_wal_senders", "4")
        troca.setitem(servidor.AJUSTES, "synchronous_commit", "on")
        primario = servidor.iniciar(pasta)
        casa = (pasta / "servidor").resolve()
        with _replica(casa, primario, dict(servidor.AJUSTES)) as porta:
            seguidor = replace(primario, porta=porta)
            primario.criar_banco("fonte")
            origem = Fonte(primario.dsn("fonte"), primario)
            origem.executar(criar_tabelas())
            yield Par(origem, Fonte(seguidor.dsn("fonte"), seguidor))
    servidor.remover(pasta)


@contextmanager
def _replica(casa: Path, primario: servidor.Servidor, ajustes: dict[str, str]) -> Iterator[int]:
    """A replica of a server, and its port."""
    conta, dados = servidor._conta_de(casa), casa / "replica"

    def rodar(*comando: str | Path) -> None:
        codigo, saida = servidor._executar(comando, conta)
        assert codigo == 0, saida

    copia = servidor._binario(casa, "pg_basebackup")
    rodar(copia, "-D", dados, "-R", "-c", "fast", "--no-sync", "-d", primario.dsn())
    porta = servidor._porta_livre(Path("nenhuma"))
    opcoes = " ".join(f"-c {nome}='{valor}'" for nome, valor in ajustes.items())
    pg_ctl = servidor._binario(casa, "pg_ctl")
    rodar(
        pg_ctl, "-D", dados, "-l", dados / "servidor.log", "-w", "-o",
        f"-p {porta} {opcoes}", "start",
    )  # fmt: skip
    try:
        yield porta
    finally:
        rodar(pg_ctl, "-D", dados, "-w", "-m", "immediate", "stop")
        shutil.rmtree(dados)


def test_replica_vale_pelo_que_aplicou_e_nunca_por_menos_que_a_ultima_carga(
    armazem_vazio: ArmazemDeTeste, par: Par
) -> None:
    primario, replica = par.primario, par.replica
    primario.executar(f"truncate {', '.join(TABELAS)}")
    primario.executar("insert into associado values ('1', 'ANA'), ('2', 'BIA')")
    par.em_dia()
    replica.executar("select pg_wal_replay_pause()")
    [(aplicada,)] = replica.linhas("select pg_last_xact_replay_timestamp()")
    primario.executar("insert into associado values ('3', 'CRIS')")
    try:
        while replica.linhas("select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()") != [
            (True,)
        ]:
            time.sleep(0.05)
        atrasada = extrair(armazem_vazio, replica)["associado"]
        assert atrasada.extraido_em == aplicada, "not the clock"
        assert set(operacoes(armazem_vazio, atrasada)) == {"1", "2"}
        assert "a replica" in str(atrasada.formato)
        assert operacoes(armazem_vazio, extrair(armazem_vazio, primario)["associado"]) == {
            "3": "inclusao"
        }
        antes = conteudo(armazem_vazio)
        with pytest.raises(FonteRecusada, match="shows an older state than the last extraction"):
            extrair(armazem_vazio, replica)
        assert conteudo(armazem_vazio) == antes
        assert ultima_carga(armazem_vazio)[:2] == ("*", "rejeitado")
    finally:
        replica.executar("select pg_wal_replay_resume()")
    par.em_dia()
    cargas = extrair(armazem_vazio, replica)
    assert {c.status for c in cargas.values()} == {"sem_novidade"}
    agora = datetime.now(UTC)
    assert agora - cargas["associado"].extraido_em < timedelta(seconds=30)  # type: ignore[operator]
    assert no_armazem(armazem_vazio) == na_fonte(primario)


AGORA = datetime(2026, 3, 1, 12, tzinfo=UTC)
CINCO = timedelta(minutes=5)
INSTANTE = timedelta(microseconds=1)


def retrato(
    instante: datetime | None = AGORA, replica: bool = False, lsn: int | None = None, sistema="a"
) -> Retrato:
    posicao = None if lsn is None else Posicao(sistema, lsn)
    return Retrato(instante, replica, posicao, posicao)


@pytest.mark.parametrize(
    ("situacao", "esperado"),
    [
        ((retrato(AGORA + CINCO), None, None), Momento(AGORA + CINCO, None)),
        ((retrato(AGORA + CINCO + INSTANTE), None, None), "Correct the source's clock"),
        ((retrato(), AGORA + CINCO, None), Momento(AGORA + CINCO, None)),
        ((retrato(), AGORA + CINCO + INSTANTE, None), "Correct --as-of"),
        ((retrato(), None, Momento(AGORA + INSTANTE, None)), "before the last one .* clock"),
        ((retrato(), None, Momento(AGORA + 2 * CINCO, None)), "A moment in the future"),
        ((retrato(lsn=7), None, Momento(AGORA, Posicao("a", 7))), Momento(AGORA, Posicao("a", 7))),
        ((retrato(lsn=6), None, Momento(AGORA, Posicao("a", 7))), "older state .* --as-of"),
        ((retrato(lsn=6), None, Momento(AGORA, Posicao("b", 7))), Momento(AGORA, Posicao("a", 6))),
        ((retrato(lsn=6), AGORA, Momento(AGORA, Posicao("a", 7))), Momento(AGORA, None)),
        (
            (retrato(AGORA - CINCO, True, 8), None, Momento(AGORA, Posicao("a", 7))),
            Momento(AGORA, Posicao("a", 8)),
        ),
        (
            (retrato(AGORA - CINCO, True), None, Momento(AGORA, Posicao("a", 7))),
            "before the last one",
        ),
        (
            (retrato(AGORA - CINCO, False, 8), None, Momento(AGORA, Posicao("a", 7))),
            "before the last one",
        ),
        ((retrato(None, True, 8), None, None), "cannot say for which moment"),
        ((retrato(None, True, 8), AGORA, None), Momento(AGORA, None)),
    ],
)
def test_momento_nunca_e_do_futuro_nem_de_antes_da_ultima_carga(
    situacao: tuple[Retrato, datetime | None, Momento | None], esperado: Momento | str
) -> None:
    visto, dito, ultimo = situacao
    if isinstance(esperado, Momento):
        assert situar(visto, dito, AGORA, ultimo) == esperado
    else:
        with pytest.raises(FonteRecusada, match=esperado):
            situar(visto, dito, AGORA, ultimo)


def test_posicao_volta_igual_do_texto() -> None:
    for lsn in (0, 1, 2**32 - 1, 2**32, 2**63 + 12345):
        assert Posicao.lida(str(Posicao("7312", lsn))) == Posicao("7312", lsn)
