"""The command as a person or a script meets it: help, exit codes, streams, settings, memory."""

import subprocess
from pathlib import Path

import psycopg
import pytest
from apoio import (
    CHAVE,
    MOVIMENTACOES,
    TABELAS,
    com_primeira_carga,
    extrair,
    iniciar,
    na_fonte,
    no_armazem,
    pico_mb,
    sem_segredos,
    sem_sinais,
)
from click.testing import Result
from conftest import BIN, PROJETO, ArmazemDeTeste, Fonte
from typer.testing import CliRunner

from loaders.cli import app

COMANDOS = (
    (),
    ("load",),
    ("request",),
    ("check",),
    ("sources",),
    ("contract",),
    ("export",),
    ("export", "movimento_flat"),
    ("export", "book"),
    ("status",),
    ("book",),
    ("book-sql",),
    ("snapshot",),
    ("rebuild",),
    ("lake",),
    ("publish",),
    ("versions",),
    ("rollback",),
    ("grants",),
    ("audit",),
    ("audit", "verify"),
    ("forget",),
    ("export-person",),
    ("catalog",),
    ("dashboard",),
    ("metrics",),
    ("bi",),
    ("demo",),
    ("key",),
)
ESCAPE = "\x1b"
MEMORIA_A_MAIS_MB = 150


def lastro(*argumentos: str, esperado: int, **ambiente: str) -> "subprocess.CompletedProcess[str]":
    """The command without any setting but these."""
    feito = subprocess.run(
        [str(BIN / "lastro"), *argumentos],
        cwd=PROJETO,
        env={"PATH": str(BIN), "PYTHONPATH": str(PROJETO), "COLUMNS": "200", **ambiente},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert feito.returncode == esperado, feito.stdout + feito.stderr
    return feito


def em_processo(*argumentos: str, esperado: int, colunas: int = 200) -> Result:
    """The command in this process, for what reads neither settings nor servers."""
    ambiente = {"COLUMNS": str(colunas)}
    feito = CliRunner().invoke(app, argumentos, prog_name="lastro", env=ambiente)
    assert feito.exit_code == esperado, feito.output
    return feito


@pytest.mark.parametrize("comando", COMANDOS, ids=" ".join)
def test_help_mostra_codigos_de_saida_e_exemplo(comando: tuple[str, ...]) -> None:
    feito = em_processo(*comando, "--help", esperado=0)
    texto = " ".join(feito.stdout.split())
    assert feito.stderr == ""
    assert ESCAPE not in feito.stdout
    assert "Usage: lastro " + " ".join(comando) in texto
    assert "Exit codes: 0 done; 1 unexpected" in texto
    for codigo in "2345678":
        assert f" {codigo} " in texto.partition("Exit codes:")[2]
    if comando not in ((), ("export",), ("audit",)):
        assert "Example" in texto
        assert f"lastro {' '.join(comando)}" in texto.partition("Example")[2]


@pytest.mark.parametrize("comando", COMANDOS, ids=" ".join)
def test_help_cabe_em_80_colunas_sem_cortar_palavra(comando: tuple[str, ...]) -> None:
    largo, estreito = (
        em_processo(*comando, "--help", esperado=0, colunas=n).stdout for n in (200, 80)
    )
    assert max(map(len, estreito.splitlines())) <= 80
    palavras = {p for p in largo.split() if "─" not in p}
    assert palavras - set(estreito.split()) == set()


def test_sem_comando_mostra_a_ajuda_com_cada_comando() -> None:
    feito = em_processo(esperado=2)
    for comando in {nomes[0] for nomes in COMANDOS if nomes}:
        assert f" {comando} " in feito.stdout + feito.stderr


@pytest.mark.parametrize(
    "argumentos",
    [
        ("nada",),
        ("load", "nada"),
        ("load", "sicooperative", "--nada"),
        ("load", "sicooperative", "--recent-days", "0"),
        ("load", "sicooperative", "--recent-days", "x"),
        ("load", "sicooperative", "--as-of", "ontem"),
        ("load", "pod_cartoes", "uma", "outra"),
        ("load", "pod_cartoes", "--expect", "2024-02"),
        ("load", "pod_cartoes", "--full"),
        ("load", "sicooperative", "uma"),
        ("load", "sicooperative", "--expect", "202402"),
        ("load",),
        ("load", "--all", "sicooperative"),
        ("contract", "banco", "--dsn", "a", "--files", "b"),
        ("book-sql", "ontem"),
        ("check", "pod_cartoes", "--decimal", "point"),
        ("export", "movimento_flat"),
        ("status", "demais"),
        ("publish", "--keep", "0"),
        ("publish", "--max-change", "-1"),
        ("rollback",),
    ],
    ids=" ".join,
)
def test_uso_errado_sai_com_codigo_2_e_diz_no_stderr(argumentos: tuple[str, ...]) -> None:
    feito = em_processo(*argumentos, esperado=2)
    assert feito.stdout == ""
    assert "Usage" in feito.stderr
    assert ESCAPE not in feito.stderr


def test_load_sem_endereco_diz_como_se_da(tmp_path: Path) -> None:
    if (PROJETO / ".env").exists():
        pytest.skip("a .env of the developer may give the address")
    feito = lastro("load", "sicooperative", esperado=2)
    assert "--dsn" in feito.stderr
    assert "SICOOPERATIVE_DSN" in feito.stderr


@pytest.mark.parametrize(
    ("variavel", "valor"),
    [
        ("LASTRO_TARGET", "oracle"),
        ("LASTRO_SCHEMA_PREFIX", "Ana-Maria; drop"),
        ("LASTRO_SCHEMA_PREFIX", "1ana_"),
        ("PGPORT", "porta-secreta"),
        ("LASTRO_LOCK_WAIT", "muito"),
        ("LASTRO_LOCK_WAIT", "-7.25"),
        ("LASTRO_SOURCE_ATTEMPTS", "99"),
    ],
)
def test_ajuste_errado_sai_com_codigo_1_e_nomeia_a_variavel_e_nao_o_valor(
    variavel: str, valor: str
) -> None:
    feito = lastro("status", esperado=1, **{variavel: valor})
    assert feito.stdout == ""
    assert feito.stderr.startswith("lastro: Invalid setting")
    assert variavel in feito.stderr
    assert valor not in feito.stderr
    assert "Traceback" not in feito.stderr


def test_armazem_fora_do_ar_sai_com_codigo_5_sem_mostrar_a_senha(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    if armazem_vazio.motor == "duckdb":
        arquivo = tmp_path / "nao-e-um-banco.duckdb"
        arquivo.write_text("isto não é um banco\n" * 500)
        feito = armazem_vazio.lastro("status", esperado=5, LASTRO_DUCKDB=str(arquivo))
        assert "LASTRO_DUCKDB" in feito.stderr
    else:
        feito = armazem_vazio.lastro("status", esperado=5, PGPASSWORD="errada-mesmo")
        assert "PGHOST, PGPORT, PGUSER" in feito.stderr
        sem_segredos([feito.stderr], ["errada-mesmo"])
    assert feito.stdout == ""
    assert "Traceback" not in feito.stderr


def test_saida_e_simples_e_sem_cores_onde_nao_ha_terminal(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    carga = armazem_vazio.lastro("load", "sicooperative", "--dsn", fonte.dsn)
    estado = armazem_vazio.lastro("status")
    for feito in (carga, estado):
        assert sem_sinais(feito.stderr) == "", "nothing is drawn where nobody looks on"
        assert ESCAPE not in feito.stdout
        assert not set(feito.stdout) & set("─│┌└━┃╭╰…")
    for tabela in TABELAS:
        assert any(li.split()[1:2] == [tabela] for li in carga.stdout.splitlines())
    assert "Last loads" in estado.stdout


def test_endereco_e_chave_vem_do_ambiente(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    feito = armazem_vazio.lastro("load", "sicooperative", SICOOPERATIVE_DSN=fonte.dsn)
    assert sem_sinais(feito.stderr) == ""
    sem_segredos([feito.stdout], [fonte.servidor.senha])
    assert no_armazem(armazem_vazio) == na_fonte(fonte)


def test_prefixo_isola_uma_caixa_de_areia(armazem_vazio: ArmazemDeTeste, fonte: Fonte) -> None:
    com_primeira_carga(armazem_vazio, fonte)
    antes = na_fonte(fonte)
    fonte.executar("update associado set nome = 'OUTRO'")
    cargas = extrair(armazem_vazio, fonte, {"LASTRO_SCHEMA_PREFIX": "ana_"})
    assert {c.status for c in cargas.values()} == {"ok"}
    assert [c.id for c in cargas.values()] == [1, 2, 3, 4]
    assert no_armazem(armazem_vazio, "ana_") == na_fonte(fonte)
    assert no_armazem(armazem_vazio) == antes
    assert armazem_vazio.linhas("select count(*) from controle.cargas") == [(4,)]
    assert armazem_vazio.linhas("select count(*) from ana_controle.cargas") == [(4,)]
    cargas = extrair(armazem_vazio, fonte)
    assert cargas["associado"].gravadas == len(antes["associado"])
    assert cargas[MOVIMENTACOES].status == "sem_novidade"


@pytest.mark.nightly_on("postgres")
def test_memoria_da_carga_nao_cresce_com_a_tabela(
    armazem_vazio: ArmazemDeTeste, fonte: Fonte
) -> None:
    picos = []
    for linhas in (30_000, 300_000):
        with psycopg.connect(fonte.dsn) as conexao:
            conexao.execute("truncate movimentacao_cartao")
            conexao.execute(
                "insert into movimentacao_cartao"
                " select md5(n::text), k.id_cartao, 'COMPRA NUMERO ' || n, mod(n, 10000) / 100.0,"
                " timestamp '2024-07-01' + n * interval '90 seconds'"
                " from generate_series(1, %s) as n"
                " cross join (select min(id_cartao) as id_cartao from cartao) as k",
                [linhas],
            )
        armazem_vazio.restaurar("vazio")
        carga = iniciar(armazem_vazio, "load", "sicooperative", "--dsn", fonte.dsn)
        picos.append(pico_mb(carga))
    assert picos[1] - picos[0] < MEMORIA_A_MAIS_MB, picos


def test_chave_no_ambiente_dispensa_o_arquivo(tmp_path: Path) -> None:
    arquivo = tmp_path / "card.key"
    feito = lastro("key", esperado=0, LASTRO_CARD_KEY=CHAVE, LASTRO_CARD_KEY_FILE=str(arquivo))
    assert "LASTRO_CARD_KEY is set" in feito.stdout
    assert not arquivo.exists()
    lastro("key", esperado=0, LASTRO_CARD_KEY_FILE=str(arquivo))
    assert arquivo.stat().st_mode & 0o777 == 0o600
