"""Loads that are killed, and loads that meet: the result is that of one undisturbed load."""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress

import pytest
from apoio import (
    MOVIMENTACOES,
    TABELAS,
    Passagem,
    com_primeira_carga,
    conferir_cargas,
    conteudo,
    extrair,
    iniciar,
    na_fonte,
    no_armazem,
    sem_sinais,
)
from apoio_arquivos import esperar_soltar
from conftest import ArmazemDeTeste, Fonte

from loaders.nucleo.falhas import PONTOS

PONTOS_DA_CARGA = [p for p in PONTOS if p.startswith("carga.")]
CARGA = ("load", "sicooperative")
MUDAR = """
    update associado set escolaridade = 'OUTRA' where id_associado < 'M';
    delete from movimentacao_cartao where data_movimentacao < '2024-07-20';
    update movimentacao_cartao set valor_movimentacao = valor_movimentacao + 1
    where extract(month from data_movimentacao) in (9, 12);
    insert into movimentacao_cartao
    select 'N' || n, (select min(id_cartao) from cartao), 'NOVA', n, timestamp '2025-06-30'
    from generate_series(1, 50) as n;
"""

Conteudo = dict[str, list[str]]
_sem_perturbacao: dict[str, tuple[Conteudo, Conteudo]] = {}


def sem_perturbacao(armazem: ArmazemDeTeste, fonte: Fonte) -> tuple[Conteudo, Conteudo]:
    """What the first load and the second leave where nothing disturbs them.

    On return the warehouse is empty and the source stands before its changes.
    """
    if armazem.motor not in _sem_perturbacao:
        com_primeira_carga(armazem, fonte)
        depois_da_primeira = conteudo(armazem, com_carga=False)
        mudada = Fonte(fonte.servidor.dsn("fonte_mudada"), fonte.servidor)
        copiar(fonte, "fonte_mudada")
        mudada.executar(MUDAR)
        extrair(armazem, mudada)
        assert no_armazem(armazem) == na_fonte(mudada)
        _sem_perturbacao[armazem.motor] = depois_da_primeira, conteudo(armazem, com_carga=False)
        armazem.restaurar("vazio")
    return _sem_perturbacao[armazem.motor]


def copiar(fonte: Fonte, nome: str) -> None:
    administracao = Fonte(fonte.servidor.dsn(), fonte.servidor)
    administracao.executar(f"drop database if exists {nome} with (force)")
    administracao.executar(f"create database {nome} template fonte")


def matar(processo: "subprocess.Popen[str]") -> None:
    """Kill a load and all it started."""
    with suppress(ProcessLookupError):  # it had just ended
        os.killpg(processo.pid, signal.SIGKILL)
    processo.communicate(timeout=60)


@pytest.mark.nightly_on("duckdb")
@pytest.mark.parametrize("ponto", PONTOS_DA_CARGA)
def test_morta_em_cada_ponto_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, ponto: str
) -> None:
    esperados = sem_perturbacao(armazem_vazio, fonte)
    for esperado in esperados:
        antes = gravado(armazem_vazio)
        feito = armazem_vazio.lastro(
            *CARGA, "--dsn", fonte.dsn, esperado=-signal.SIGKILL, LASTRO_FAILPOINT=ponto
        )
        assert (feito.stdout, sem_sinais(feito.stderr)) == ("", "")
        esperar_soltar(armazem_vazio)
        if ponto != "carga.depois_do_commit":
            assert gravado(armazem_vazio) == antes, "all of it or nothing"
        cargas = extrair(armazem_vazio, fonte)
        repetida = ponto == "carga.depois_do_commit"
        assert cargas[MOVIMENTACOES].status == ("sem_novidade" if repetida else "ok")
        assert conteudo(armazem_vazio, com_carga=False) == esperado
        assert no_armazem(armazem_vazio) == na_fonte(fonte)
        conferir_cargas(armazem_vazio)
        if esperado is esperados[0]:
            fonte.executar(MUDAR)


def gravado(armazem: ArmazemDeTeste) -> Conteudo:
    """What the warehouse holds, a warehouse without tables included."""
    existem = armazem.motor == "postgres" or armazem.arquivo.exists()
    if existem and armazem.linhas(
        "select 1 from information_schema.tables where table_schema = 'raw_sicooperative'"
    ):
        return conteudo(armazem)
    return {nome: [] for nome in (*TABELAS, "impressoes_digitais")}


def matar_ao_acaso(armazem: ArmazemDeTeste, fonte: Fonte, vezes: int, semente: int) -> None:
    """Kill loads at random moments after they reached the source; each is run again and checked."""
    primeira, segunda = sem_perturbacao(armazem, fonte)
    com_primeira_carga(armazem, fonte)
    copiar(fonte, "fonte_mudada")
    mudada = Fonte(fonte.servidor.dsn("fonte_mudada"), fonte.servidor)
    mudada.executar(MUDAR)
    sorteio = random.Random(semente)
    duracao = 0.0
    mortas = 0
    for vez in range(vezes):
        de_quem, esperado = ((fonte, primeira), (mudada, segunda))[vez % 2]
        if vez % 2:
            com_primeira_carga(armazem, fonte)
        else:
            armazem.restaurar("vazio")
        with Passagem(de_quem.dsn) as passagem:
            carga = iniciar(armazem, *CARGA, "--dsn", passagem.dsn)
            assert passagem.conectada.wait(60)
            chegada = time.monotonic()
            if not duracao:  # the first one is measured, not killed
                carga.communicate(timeout=60)
                duracao = time.monotonic() - chegada
            else:
                time.sleep(sorteio.uniform(0, 0.7 * duracao))
                mortas += carga.poll() is None
                matar(carga)
        esperar_soltar(armazem)
        extrair(armazem, de_quem)
        assert conteudo(armazem, com_carga=False) == esperado
        conferir_cargas(armazem)
    assert mortas > vezes // 3, "too many had ended before they were killed"


@pytest.mark.slow
def test_morta_em_oito_momentos_ao_acaso_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    matar_ao_acaso(armazem_vazio, fonte, vezes=9, semente=11)


@pytest.mark.slow
def test_morta_em_quarenta_momentos_ao_acaso_e_rodada_de_novo_da_o_mesmo(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    matar_ao_acaso(armazem_vazio, fonte, vezes=41, semente=12)


@pytest.mark.parametrize("sinal", [signal.SIGINT, signal.SIGTERM])
def test_interrompida_por_quem_a_chamou_grava_tudo_ou_nada(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte, sinal: signal.Signals
) -> None:
    marca = fonte.linhas("select max(id_cartao) from cartao")[0][0]
    with Passagem(fonte.dsn, segurar_em=str(marca).encode()) as passagem:
        carga = iniciar(armazem_vazio, *CARGA, "--dsn", passagem.dsn)
        assert passagem.segurada.wait(60)
        carga.send_signal(sinal)
        time.sleep(0.2)
        passagem.seguir.set()
        _, erros = carga.communicate(timeout=60)
    assert "Traceback" not in erros
    esperar_soltar(armazem_vazio)
    if carga.returncode == 0:  # the driver may take Ctrl-C for a wish to cancel one statement
        assert sinal == signal.SIGINT
        assert no_armazem(armazem_vazio) == na_fonte(fonte)
    else:
        assert set(map(tuple, gravado(armazem_vazio).values())) == {()}
    extrair(armazem_vazio, fonte)
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    conferir_cargas(armazem_vazio)


# Two at once


def test_duas_cargas_ao_mesmo_tempo_a_segunda_diz_quem_escreve_ou_espera(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    marca = fonte.linhas("select max(id_associado) from associado")[0][0]
    with Passagem(fonte.dsn, segurar_em=str(marca).encode()) as passagem:
        primeira = iniciar(armazem_vazio, *CARGA, "--dsn", passagem.dsn)
        assert passagem.segurada.wait(60)
        impaciente = armazem_vazio.lastro(
            *CARGA, "--dsn", fonte.dsn, esperado=5, LASTRO_LOCK_WAIT="0.4"
        )
        assert impaciente.stdout == ""
        assert "LASTRO_LOCK_WAIT" in impaciente.stderr
        quem = {
            "duckdb": f"in use by process {primeira.pid}",
            "postgres": "being written by lastro load sicooperative (server process",
        }[armazem_vazio.motor]
        assert quem in impaciente.stderr
        paciente = iniciar(armazem_vazio, *CARGA, "--dsn", fonte.dsn, LASTRO_LOCK_WAIT="60")
        time.sleep(1.5)
        assert paciente.poll() is None
        passagem.seguir.set()
        for carga in (primeira, paciente):
            saida, erros = carga.communicate(timeout=90)
            assert (carga.returncode, erros) == (0, ""), saida
    assert armazem_vazio.linhas(
        "select status, count(*) from controle.cargas group by status order by status"
    ) == [("ok", 4), ("sem_novidade", 4)]
    assert no_armazem(armazem_vazio) == na_fonte(fonte)
    conferir_cargas(armazem_vazio)
