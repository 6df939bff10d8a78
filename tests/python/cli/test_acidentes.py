"""What may befall the warehouse: a full disk, odd settings of a session, writers side by side."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from apoio import consultar, extrair, na_fonte, no_armazem
from comandos_quentes import quentes
from conftest import POUCAS_FATURAS, ArmazemDeTeste, Fonte, _recriar_banco

from loaders import PROJETO
from loaders.demo import faturas, servidor
from loaders.nucleo.imprevistos import traduzir

NAO_COUBE = "does not get onto the disk: no space left on device"
OUTRA_SESSAO = (
    "datestyle = 'SQL, MDY'", "timezone = 'Asia/Kolkata'", "intervalstyle = 'sql_standard'",
    "bytea_output = 'escape'", "extra_float_digits = -5", "standard_conforming_strings = off",
    "default_transaction_isolation = 'serializable'",
)  # fmt: skip
HISTORIA = "snapshots.snap_sicooperative__associado"
OUTRA_MAQUINA = {
    "TZ": "America/Sao_Paulo", "PGTZ": "Asia/Kolkata", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0",
}  # fmt: skip


class Disco:
    """A small disk of its own, of which a test chooses the size."""

    def __init__(self, pasta: Path) -> None:
        self.pasta = pasta
        montar = ["mount", "-t", "tmpfs", "-o", "size=500m", "tmpfs", str(pasta)]
        if os.geteuid() or subprocess.run(montar, capture_output=True).returncode:
            pytest.skip("a disk can only be mounted by root, and not in every container")

    def deixar(self, kib: int) -> None:
        """Leave so much room."""
        sistema = os.statvfs(self.pasta)
        usados = (sistema.f_blocks - sistema.f_bfree) * sistema.f_frsize // 1024
        subprocess.run(
            ["mount", "-o", f"remount,size={usados + kib}k", str(self.pasta)], check=True
        )

    def arquivos(self) -> list[str]:
        """What stands on it, but for a lock file."""
        achados = (p for p in self.pasta.rglob("*") if p.is_file() and p.name != ".trava")
        return sorted(str(p.relative_to(self.pasta)) for p in achados)


@pytest.fixture
def disco() -> Iterator[Disco]:
    # The server's account may not enter pytest's folders.
    pasta = Path(tempfile.mkdtemp(prefix="disco"))
    pasta.chmod(0o755)
    try:
        yield Disco(pasta)
        subprocess.run(["umount", "--lazy", str(pasta)], check=True)
    finally:
        pasta.rmdir()


@pytest.fixture
def armazem_no_disco(
    lugar: ArmazemDeTeste, disco: Disco, postgres: servidor.Servidor
) -> Iterator[ArmazemDeTeste]:
    """An empty warehouse, which is all that stands on the small disk."""
    if lugar.motor == "duckdb":
        no_disco = ArmazemDeTeste("duckdb", disco.pasta, postgres)
        no_disco.ambiente |= {k: v for k, v in lugar.ambiente.items() if k.startswith("LASTRO_AUD")}
        yield no_disco
        return
    shutil.chown(disco.pasta, (postgres.pasta / "servidor").resolve().owner())
    with psycopg.connect(postgres.dsn(), autocommit=True) as conexao:
        conexao.execute("drop database if exists armazem with (force)")
        conexao.execute(f"create tablespace cheio location '{disco.pasta}'")
        conexao.execute("create database armazem template template0 tablespace cheio")
        yield lugar
        conexao.execute("drop database armazem with (force)")
        conexao.execute("drop tablespace cheio")
    _recriar_banco(postgres, "armazem", "template0")


def test_disco_do_armazem_cheio(
    armazem_no_disco: ArmazemDeTeste, disco: Disco, fonte: Fonte
) -> None:
    """The load lands nothing and says why; with room the same load lands all."""
    duckdb = armazem_no_disco.motor == "duckdb"
    disco.deixar(300)
    feita = armazem_no_disco.lastro(
        "load", "sicooperative", "--dsn", fonte.dsn, esperado=1 if duckdb else 5
    )
    assert (NAO_COUBE if duckdb else "Make room on the server") in feita.stderr
    disco.deixar(100_000)
    armazem_no_disco.carregar(fonte)
    assert no_armazem(armazem_no_disco) == na_fonte(fonte)


def test_disco_temporario_cheio(
    armazem_vazio: ArmazemDeTeste, disco: Disco, tmp_path: Path
) -> None:
    """A file that does not fit where it is unpacked; what came before it stays landed."""
    entregas = tmp_path / "entregas"
    faturas.preparar(entregas, False, POUCAS_FATURAS)
    disco.deixar(8)
    carga = ("load", "pod_cartoes", str(entregas))
    feita = armazem_vazio.lastro(*carga, esperado=1, TMPDIR=str(disco.pasta))
    assert NAO_COUBE in feita.stderr
    assert disco.arquivos() == []
    armazem_vazio.lastro(*carga, esperado=3)
    linhas, lidas = consultar(
        armazem_vazio,
        "select count(*) from raw_pod_cartoes.faturas",
        "select sum(gravadas) from controle.cargas where entidade = 'faturas'",
    )
    assert [int(linhas[0][0])] == [int(lidas[0][0])] != [0]


@pytest.mark.slow
def test_disco_cheio_ao_escrever_para_fora(
    publicado: ArmazemDeTeste, disco: Disco, tmp_path: Path
) -> None:
    """Exports and publications on a full disk leave nothing; with room they are as elsewhere."""
    comandos = {"movimento_flat": (1, 100, 500), "book": (100, 900)}
    for extrato, sobras in comandos.items():
        for kib in sobras:
            disco.deixar(kib)
            onde = disco.pasta / extrato
            feito = publicado.lastro("export", extrato, "--to", str(onde), esperado=1)
            assert NAO_COUBE in feito.stderr
            assert disco.arquivos() == []
        disco.deixar(100_000)
        for onde in (disco.pasta, tmp_path):
            publicado.lastro("export", extrato, "--to", str(onde / extrato))
        assert _conteudos(disco.pasta / extrato) == _conteudos(tmp_path / extrato)
        shutil.rmtree(disco.pasta / extrato)
    if publicado.motor == "postgres":
        return
    for kib in (4, 3_000, 15_000):
        disco.deixar(kib)
        onde = disco.pasta / "published"
        feita = publicado.lastro("publish", esperado=1, LASTRO_PUBLISHED=str(onde))
        assert NAO_COUBE in feita.stderr
        assert disco.arquivos() == []
    disco.deixar(100_000)
    publicado.lastro("publish", LASTRO_PUBLISHED=str(onde))
    assert (onde / "current" / "risco.duckdb").stat().st_size


def _conteudos(pasta: Path) -> dict[str, bytes]:
    """The bytes of every file that a reader finds."""
    return {
        str(p.relative_to(pasta)): p.read_bytes()
        for p in pasta.rglob("*")
        if p.is_file() and not any(parte.startswith(".") for parte in p.relative_to(pasta).parts)
    }


@pytest.mark.nightly_on("duckdb")
def test_sessao_de_outro_feitio(publicado: ArmazemDeTeste, fonte: Fonte, tmp_path: Path) -> None:
    """Zone, locale and date style of machine, server and source change no byte and no row."""
    publicado.lastro("export", "movimento_flat", "--to", str(tmp_path / "antes"))
    bancos = {"fonte": "fonte"}
    if publicado.motor == "postgres":
        bancos["armazem"] = "armazem"
    with psycopg.connect(fonte.servidor.dsn(), autocommit=True) as conexao:
        for banco in bancos:
            for valor in OUTRA_SESSAO:
                conexao.execute(f"alter database {banco} set {valor}")
    publicada = publicado.lastro("publish", **OUTRA_MAQUINA)
    assert "holds the same already" in publicada.stdout
    publicado.lastro("export", "movimento_flat", "--to", str(tmp_path / "depois"), **OUTRA_MAQUINA)
    assert _conteudos(tmp_path / "antes") == _conteudos(tmp_path / "depois")
    carga = ("load", "sicooperative", "--dsn", fonte.dsn, "--as-of", "2026-10-01T06:00:00Z")
    publicado.lastro(*carga, "--allow-shrink", "--full", **OUTRA_MAQUINA)
    assert no_armazem(publicado) == na_fonte(fonte)


@pytest.mark.parametrize(
    ("ajuste", "dito"),
    [("default_transaction_read_only = on", "read-only"), ("statement_timeout = 1", "timeout")],
)
def test_servidor_que_nao_deixa(publicado: ArmazemDeTeste, ajuste: str, dito: str) -> None:
    """What an administrator forbids is one message that says so, and changes nothing."""
    if publicado.motor == "duckdb":
        pytest.skip("a server's setting")
    with psycopg.connect(publicado.servidor.dsn(), autocommit=True) as conexao:
        conexao.execute(f"alter database armazem set {ajuste}")
    try:
        for comando in (("publish",), ("grants",), ("rebuild",), ("status",)):
            feito = publicado.lastro(*comando, esperado=None)
            if comando == ("status",) and dito == "read-only":
                continue  # which only reads
            assert feito.returncode == 5, comando
            assert dito in feito.stderr, comando
    finally:
        with psycopg.connect(publicado.servidor.dsn(), autocommit=True) as conexao:
            conexao.execute("alter database armazem reset all")


def test_erros_que_se_escondem_uns_nos_outros() -> None:
    """The full disk is found below what became of it; what no one knows stays unexpected."""
    try:
        try:
            raise OSError(28, "No space left on device", "/data/x")
        except OSError:
            raise RuntimeError("cannot rollback - no transaction is active")  # noqa: B904
    except RuntimeError as erro:
        assert "/data/x " + NAO_COUBE in str(traduzir(erro))
    assert traduzir(ValueError("No such thing")) is None


@pytest.mark.slow
def test_variavel_que_ninguem_le(lugar: ArmazemDeTeste) -> None:
    """A misspelt variable stops a run, and does not build the live schemas unseen."""
    feito = lugar.dbt(
        "seed", "--select", "faixas_etarias", "--vars", "{conhecido_at: 2024-03-10}", esperado=2
    )
    assert re.search(r"no variable 'conhecido_at'; there are .*\bconhecido_ate\b", feito.stdout)


def test_duas_reproducoes_ao_mesmo_tempo(
    armazem: ArmazemDeTeste, fonte_atual: Fonte, tmp_path: Path
) -> None:
    """One applies the extraction that waits; the other waits, and finds nothing new."""
    if armazem.motor == "duckdb":
        pytest.skip("a file is opened by one process at a time")
    fonte_atual.executar("update associado set estado_civil = 'Viúvo'")
    extrair(armazem, fonte_atual)
    aplicadas = "snapshots.extracoes_aplicadas"
    with psycopg.connect(armazem.servidor.dsn("armazem")) as outra:
        outra.execute(f"lock table {aplicadas} in share row exclusive mode")
        duas = [
            _dbt(armazem, tmp_path / nome, "snapshot", "--select", "snap_sicooperative__associado")
            for nome in ("uma", "outra")
        ]
        limite = time.monotonic() + 120
        while time.monotonic() < limite and armazem.linhas(
            "select count(*) from pg_locks where not granted"
        ) != [(2,)]:
            time.sleep(0.1)
    assert [uma.wait(120) for uma in duas] == [0, 0]
    for tabela, chave in ((HISTORIA, "dbt_scd_id"), (aplicadas, "snapshot, extraido_em")):
        repetidas = f"select {chave} from {tabela} group by {chave} having count(*) > 1"
        assert not armazem.linhas(repetidas)


def _dbt(armazem: ArmazemDeTeste, pasta: Path, *argumentos: str) -> "subprocess.Popen[bytes]":
    """Start dbt in a process of its own, and do not wait for it."""
    shutil.copytree(Path(armazem.ambiente["DBT_TARGET_PATH"]), pasta)
    return subprocess.Popen(
        [quentes().pasta / "dbt", *argumentos],
        cwd=PROJETO,
        env={**armazem.ambiente, "DBT_TARGET_PATH": str(pasta), "DBT_LOG_PATH": str(pasta)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_carga_durante_a_construcao(
    armazem: ArmazemDeTeste, fonte_atual: Fonte, tmp_path: Path
) -> None:
    """A build beside which a load came fails, cannot be published or exported; the next one can."""
    if armazem.motor == "duckdb":
        pytest.skip("a file is opened by one process at a time")
    quantas = "select count(*) from controle.construcoes"
    antes = armazem.linhas(quantas)

    def carregar_no_meio() -> None:
        while armazem.linhas(quantas) == antes:
            time.sleep(0.1)
        extrair(armazem, fonte_atual)

    carga = threading.Thread(target=carregar_no_meio)
    carga.start()
    construir = ("build", "--exclude-resource-type", "unit_test")
    feita = armazem.dbt(*construir, esperado=None)
    carga.join()
    assert feita.returncode != 0
    assert "(came while it ran)" in feita.stdout
    assert "came while it ran" in armazem.lastro("publish", esperado=7).stderr
    armazem.lastro("export", "movimento_flat", "--to", str(tmp_path), esperado=6)
    armazem.dbt(*construir)
    armazem.lastro("publish")


@pytest.mark.slow
def test_duas_construcoes_ao_mesmo_tempo(armazem: ArmazemDeTeste, tmp_path: Path) -> None:
    """Neither passes for a good one; the next build mends what they left."""
    if armazem.motor == "duckdb":
        pytest.skip("a file is opened by one process at a time")
    construir = ("build", "--exclude-resource-type", "unit_test")
    quantas = "select count(*) from controle.construcoes"
    (antes,) = armazem.linhas(quantas)[0]
    uma = _dbt(armazem, tmp_path / "uma", *construir)
    while armazem.linhas(quantas) == [(antes,)]:
        time.sleep(0.1)
    armazem.dbt(*construir, esperado=None)
    assert uma.wait(600)
    armazem.lastro("publish", esperado=7)
    armazem.dbt(*construir)
    armazem.lastro("publish")
