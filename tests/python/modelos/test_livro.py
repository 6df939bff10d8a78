"""The books of invoices: every value against the oracle, what is computed anew, what leaks in."""

import hashlib
import json
import random
import signal
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import oraculo_livro
import pyarrow.parquet as pq
import pytest
from apoio_livro import (
    INTEIRO,
    JANELAS,
    REF_DATAS,
    SEM_FATURAS,
    TABELAS,
    Entregas,
    ao_acaso,
    construcao,
    pagamento,
)
from comandos_quentes import MASCARA
from conftest import ArmazemDeTeste

from loaders.armazem import abrir
from loaders.nucleo.erros import ConstrucaoFalhou
from loaders.projeto import gerados, livro
from loaders.publicacao.situacao import livro_da_carteira


@pytest.fixture
def entregas(armazem_vazio: ArmazemDeTeste) -> Entregas:
    """A warehouse with one random delivery, from long before every ref_date to after the last."""
    abrir(armazem_vazio.config, "test").fechar()  # makes the raw tables
    resultado = Entregas(armazem_vazio)
    sorte = random.Random(20240229)
    resultado.entregar(
        "historico", *ao_acaso(sorte, "a", date(2022, 1, 15), date(2024, 4, 20), 900)
    )
    return resultado


def test_definicao_tem_exatamente_as_variaveis() -> None:
    nomes = [v["nome"] for v in livro.variaveis()]
    assert nomes == oraculo_livro.nomes()
    assert len(set(nomes)) == 1010


def test_yaml_dos_livros_sai_da_definicao() -> None:
    assert gerados.desatualizados(livro.arquivos()) == [], (
        "run `python -m loaders.projeto.livro` and commit"
    )


def sem_nenhuma_fatura(entregas: Entregas) -> None:
    """Before the first delivery of invoices the portfolio book is empty, and nothing breaks."""
    entregas.armazem.executar("update controle.cargas set status = 'rejeitado'")
    variaveis = construcao(REF_DATAS)[-2:]
    entregas.armazem.dbt("run", "--select", "+book_fatura", *variaveis)
    assert entregas.armazem.linhas("select count(*) from risco.book_fatura") == [(0,)]
    calculados = (
        "select count(*) from intermediate.int_livro__calculados where livro = 'book_fatura'"
    )
    assert entregas.armazem.linhas(calculados) == [(len(REF_DATAS),)]
    with pytest.raises(ConstrucaoFalhou, match="no invoice was ever loaded"):
        livro_da_carteira(entregas.armazem.config)
    entregas.armazem.executar("update controle.cargas set status = 'ok'")


def exportar_e_ler(entregas: Entregas, pasta: Path) -> None:
    """The files hold what the books hold; killed before the switch, the old ones stay."""
    exportar = ("export", "book", "--to", str(pasta))
    morto = {"esperado": -signal.SIGKILL, "LASTRO_FAILPOINT": "exportacao_livro.antes_de_trocar"}
    entregas.armazem.lastro(*exportar, **morto)
    assert not (pasta / "manifest.json").exists()
    entregas.armazem.lastro(*exportar)
    antes = (pasta / "manifest.json").read_bytes()
    entregas.armazem.lastro(*exportar, **morto)
    assert (pasta / "manifest.json").read_bytes() == antes
    entregas.armazem.lastro(*exportar)
    for caminho in (pasta / ".lastro-atual").resolve().rglob("*"):
        esperado = (0o777 if caminho.is_dir() else 0o666) & ~MASCARA
        assert caminho.stat().st_mode & 0o777 == esperado, "books are read by others"
    for livro_, partes in json.loads(antes)["livros"].items():
        assert [p["dt_base"] for p in partes] == sorted(map(str, REF_DATAS))
        arquivos = sorted((pasta / livro_).glob("dt_base=*/*.parquet"))
        assert [str(a.relative_to(pasta)) for a in arquivos] == [p["arquivo"] for p in partes]
        for parte, arquivo in zip(partes, arquivos, strict=True):
            lida = pq.read_table(arquivo, partitioning=None)
            chave = "periodo" if livro_ == "book_fatura" else "id_cliente"
            linhas = {li.pop(chave): li for li in lida.to_pylist()}
            assert {str(li.pop("ref_date")) for li in linhas.values()} <= {parte["dt_base"]}
            assert len(linhas) == parte["linhas"] == lida.num_rows
            do_armazem = entregas.ler(livro_, chave, date.fromisoformat(parte["dt_base"]))
            assert linhas == do_armazem
            assert hashlib.sha256(arquivo.read_bytes()).hexdigest() == parte["sha256"]


@pytest.mark.slow
def test_livros_ao_longo_do_tempo(entregas: Entregas, tmp_path: Path) -> None:
    """The oracle, twice the same, a correction, late arrivals, later ones, a failed build."""
    sem_nenhuma_fatura(entregas)
    dito = entregas.construir(REF_DATAS)
    assert all(f"{t} {r}: " in dito for t in entregas.calculadas for r in REF_DATAS)
    entregas.conferir(REF_DATAS)
    assert len(entregas.ler("book_fatura", "periodo", SEM_FATURAS)) == len(JANELAS)

    antes = entregas.retrato()
    dito = entregas.construir(REF_DATAS)
    assert ": missing" not in dito
    assert entregas.retrato() == antes, "nothing new, and something was computed"

    # What happens on or after a ref_date, of any invoice, leaves its book as it was.
    sorte = random.Random(7)
    faturas, pagamentos = ao_acaso(sorte, "b", date(2024, 3, 1), date(2024, 5, 1), 150)
    velhas = sorte.sample([*entregas.faturas.values()], 300)
    tardios = [
        pagamento(f"t{i}", f, date(2024, 3, 1) + timedelta(days=sorte.randrange(30)), 1 + i)
        for i, f in enumerate(velhas)
        if f["data_emissao"] < date(2024, 3, 1)
    ]
    pagamentos = [p for p in pagamentos if p["data_pagamento"] >= date(2024, 3, 1)] + tardios
    entregas.entregar("2024-03", faturas, pagamentos)
    dito = entregas.construir(REF_DATAS)
    for tabela in entregas.calculadas:
        assert f"{tabela} 2024-03-31: its invoices or payments changed" in dito
    depois = entregas.retrato()
    for tabela in TABELAS:
        anteriores = [
            [linha for linha in foto[tabela] if linha[0] <= date(2024, 3, 1)]
            for foto in (antes, depois)
        ]
        assert anteriores[0] == anteriores[1] != [], f"{tabela} knows the future"
        assert f"{tabela} 2024-03-01" not in dito
        assert f"{tabela} {SEM_FATURAS}" not in dito
    entregas.conferir(REF_DATAS)

    # A correction of one amount reaches exactly the ref_dates whose windows hold it.
    corrigidas = [f for f in faturas if f["data_emissao"] < date(2024, 3, 31)]
    corrigidas[0]["valor_fatura"] += 1
    fora = [f for f in faturas if f not in corrigidas]
    entregas.entregar("2024-03", corrigidas + fora)
    antes = depois
    perdida = entregas.calculadas[1]
    entregas.armazem.executar(f"drop table risco.{perdida} cascade")
    dito = entregas.construir(REF_DATAS)
    depois = entregas.retrato()
    for tabela in TABELAS:
        mudaram = {linha[0] for linha in set(antes[tabela]) ^ set(depois[tabela])}
        assert mudaram == {date(2024, 3, 31)}, tabela
    for tabela in entregas.calculadas:
        if tabela == perdida:
            assert all(f"{tabela} {r}: missing" in dito for r in REF_DATAS)
            continue
        assert f"{tabela} 2024-03-31: its invoices or payments changed" in dito
        assert f"{tabela} 2024-03-01" not in dito
    entregas.conferir(REF_DATAS)
    exportar_e_ler(entregas, tmp_path)


def por_em_outra_forma(entregas: Entregas) -> None:
    """On DuckDB a table a window, as an older version had it; on PostgreSQL the reverse."""
    armazem = entregas.armazem
    if armazem.motor == "duckdb":
        for janela in JANELAS:
            armazem.executar(
                f"create table risco.outra as select * from risco.{janela};"
                f" drop view risco.{janela}; alter table risco.outra rename to {janela}"
            )
        primeira, *outras = JANELAS
        juntas = " ".join(f"join risco.{j} using (ref_date, id_cliente)" for j in outras)
        nomes = ", ".join(f"('{j}')" for j in JANELAS)
        armazem.executar(
            f"drop table risco.{INTEIRO};"
            f" create view risco.{INTEIRO} as select * from risco.{primeira} {juntas};"
            " insert into intermediate.int_livro__calculados (livro, ref_date, impressao)"
            " select j.livro, c.ref_date, c.impressao from intermediate.int_livro__calculados as c"
            f" cross join (values {nomes}) as j (livro)"
            f" where c.livro = '{INTEIRO}';"
            f" delete from intermediate.int_livro__calculados where livro = '{INTEIRO}'"
        )
        return
    armazem.executar(
        f"create table risco.outra as select * from risco.{INTEIRO} limit 0;"
        f" drop table {', '.join(f'risco.{j}' for j in JANELAS)} cascade;"
        f" alter table risco.outra rename to {INTEIRO}"
    )
    for janela in JANELAS:
        armazem.executar(f"create view risco.{janela} as select ref_date from risco.{INTEIRO}")


@pytest.mark.slow
def test_um_livro_de_outra_forma_e_refeito(entregas: Entregas) -> None:
    """What was a table becomes a view, and the reverse; ref_dates that nobody asks for stay."""
    entregas.construir(REF_DATAS)
    antes = entregas.livros()
    por_em_outra_forma(entregas)
    dito = entregas.construir(REF_DATAS[:1])
    for tabela in entregas.calculadas[1:]:
        assert all(f"{tabela} {r}: missing" in dito for r in REF_DATAS)
    formas = entregas.armazem.linhas(
        "select table_name, table_type from information_schema.tables where table_schema = 'risco'"
    )
    for tabela in (*JANELAS, INTEIRO):
        forma = "BASE TABLE" if tabela in entregas.calculadas else "VIEW"
        assert (tabela, forma) in formas
    assert sem_ultimos_bits(entregas.livros()) == sem_ultimos_bits(antes)
    entregas.conferir(REF_DATAS)
    assert {t for (t,) in entregas.armazem.linhas(
        "select distinct livro from intermediate.int_livro__calculados"
    )} == {*entregas.calculadas, "estabilidade_variaveis", "poder_variaveis"}  # fmt: skip
    assert ": missing" not in entregas.construir(REF_DATAS)


def sem_ultimos_bits(fotos: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[Any]]:
    """The books with averages to 12 digits: PostgreSQL adds doubles in the order they come in."""

    def curta(linha: tuple[Any, ...]) -> list[Any]:
        return [f"{v:.12g}" if isinstance(v, float) else v for v in linha]

    return {t: sorted(map(curta, fotos[t]), key=repr) for t in TABELAS}


def morrer_e_conferir(entregas: Entregas, vezes: int, sorte: random.Random) -> None:
    """Deaths one after the other, each amid what the last left, then a build to the end."""
    mortas = sum(entregas.morrer_construindo(REF_DATAS, sorte) for _ in range(vezes))
    assert mortas, "most moments fall before the end"
    entregas.construir(REF_DATAS)
    entregas.conferir(REF_DATAS)


@pytest.mark.slow
def test_livros_como_se_conheciam_antes_da_correcao(entregas: Entregas, tmp_path: Path) -> None:
    """Beside the live books, which stay as they are."""
    entregas.construir(REF_DATAS)
    antes, ate = entregas.livros(), entregas.instante
    corrigidas = [f | {"valor_fatura": f["valor_fatura"] + 1} for f in entregas.faturas.values()]
    entregas.entregar(
        "2024-02", [{k: v for k, v in f.items() if k != "entrega"} for f in corrigidas]
    )
    entregas.construir(REF_DATAS)
    entregas.conferir(REF_DATAS)
    depois = entregas.retrato()
    assert depois["book_fatura"] != antes["book_fatura"]
    entregas.armazem.dbt(
        *construcao(REF_DATAS, conhecido_ate=str(ate)), DBT_TARGET_PATH=str(tmp_path / "conhecido")
    )
    prefixo = f"conhecido_ate_{ate:%Y%m%dt%H%M%S}_"
    assert sem_ultimos_bits(entregas.livros(prefixo)) == sem_ultimos_bits(antes)
    assert entregas.retrato() == depois


@pytest.mark.slow
def test_livros_depois_de_cinquenta_mortes(entregas: Entregas) -> None:
    """Fifty deaths, with a delivery that changes the books after every tenth."""
    sorte = random.Random(f"50/{entregas.armazem.motor}")
    for volta in range(5):
        morrer_e_conferir(entregas, 10, sorte)
        novas = ao_acaso(sorte, f"v{volta}", date(2023, 6, 1), date(2024, 4, 1), 80)
        entregas.entregar(f"2024-0{volta + 4}", *novas)
    # All that the books hold is computed again, not only what the run asks for.
    entregas.construir(REF_DATAS[:1], "--full-refresh")
    entregas.conferir(REF_DATAS)
