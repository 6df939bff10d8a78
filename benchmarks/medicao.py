"""What the benchmarks share: processes that are measured, and the report of what they took."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psutil
import psycopg

from loaders import PROJETO
from loaders.demo import servidor


def leitor(descricao: str, sufixo: str = "") -> argparse.ArgumentParser:
    """A reader of arguments that knows where to work and where to write.

    Args:
        descricao: what the benchmark measures.
        sufixo: of the names of its folder and of its results.
    """
    leitor = argparse.ArgumentParser(description=descricao)
    leitor.add_argument(
        "--pasta",
        type=Path,
        default=Path(tempfile.gettempdir()) / f"lastro_benchmarks{sufixo}",
        help="working folder, where a server keeps what the next run can use",
    )
    leitor.add_argument(
        "--saida",
        type=Path,
        default=Path(__file__).with_name(f"resultados{sufixo}.md"),
        help="Markdown file to write",
    )
    return leitor


def mostrar(celulas: Sequence[str], larguras: Sequence[int], numeros: Container[int]) -> None:
    """Print a line of the results as it comes; the columns of `numeros` end in line."""
    pares = enumerate(zip(celulas, larguras, strict=True))
    texto = [c.rjust(n) if i in numeros else c.ljust(n) for i, (c, n) in pares]
    print("  ".join(texto).rstrip(), flush=True)


def ambiente(motor: str, dsn: str, **valores: str) -> dict[str, str]:
    """The environment of a measured process: this one's without settings of the project's own.

    Args:
        motor: the warehouse, `duckdb` or `postgres`.
        dsn: libpq URI of the database that is the PostgreSQL warehouse.
        valores: further variables.
    """
    endereco = urlsplit(dsn)
    herdado = {k: v for k, v in os.environ.items() if not k.startswith(("LASTRO_", "PG", "DBT_"))}
    caminho = [str(PROJETO), *filter(None, [herdado.get("PYTHONPATH")])]
    return {
        **herdado,
        "PYTHONPATH": os.pathsep.join(caminho),
        "LASTRO_TARGET": motor,
        **{
            f"LASTRO_AUDIT_{parte}": f"{tempfile.gettempdir()}/lastro_benchmark/{parte.lower()}"
            for parte in ("LOG", "HEAD", "KEY_FILE")
        },
        "PGHOST": str(endereco.hostname),
        "PGPORT": str(endereco.port),
        "PGUSER": str(endereco.username),
        "PGPASSWORD": str(endereco.password),
        "PGDATABASE": endereco.path.lstrip("/"),
        **valores,
    }


def rodar(
    comando: Sequence[str], ambiente: dict[str, str], onde: Path = PROJETO
) -> tuple[str, float, float]:
    """Run a process in a folder; return what it wrote, its seconds and its peak memory in MB.

    Raises:
        SystemExit: it failed; with what it wrote.
    """
    with tempfile.TemporaryFile("w+") as saida:
        inicio = time.perf_counter()
        processo = subprocess.Popen(
            comando, stdout=saida, stderr=subprocess.STDOUT, cwd=onde, env=ambiente
        )
        _, estado, uso = os.wait4(processo.pid, 0)
        duracao = time.perf_counter() - inicio
        processo.returncode = os.waitstatus_to_exitcode(estado)
        saida.seek(0)
        texto = saida.read()
    if processo.returncode:
        raise SystemExit(f"{' '.join(comando[:6])} failed:\n{texto[-4000:]}")
    unidade = 1024**2 if sys.platform == "darwin" else 1024
    return texto, duracao, uso.ru_maxrss / unidade


@contextmanager
def pico(medir: Callable[[], float]) -> Iterator[list[float]]:
    """Ask again and again how much memory something has; the list's one value is the most, in MB.

    Args:
        medir: the bytes at the moment.
    """
    maior = [0.0]
    parar = threading.Event()

    def olhar() -> None:
        while not parar.wait(0.5):
            maior[0] = max(maior[0], medir() / 1024**2)

    vigia = threading.Thread(target=olhar, daemon=True)
    vigia.start()
    try:
        yield maior
    finally:
        parar.set()
        vigia.join()


def memoria_do_servidor(onde: servidor.Servidor) -> float:
    """The bytes of all of a server's processes, memory that is shared once."""
    pid = (onde.pasta / "servidor" / "dados" / "postmaster.pid").read_text().split()[0]
    principal = psutil.Process(int(pid))
    soma = 0
    for processo in (principal, *principal.children()):
        with suppress(psutil.Error):
            soma += processo.memory_full_info().pss
    return soma


def copiar_ao_postgres(
    origem: duckdb.DuckDBPyConnection, tabela: str, destino: psycopg.Connection, onde: str
) -> None:
    """Copy the rows of a DuckDB table into a table of PostgreSQL, columns by their names."""
    colunas = ", ".join(c for c, *_ in origem.execute(f"describe {tabela}").fetchall())
    with tempfile.NamedTemporaryFile(suffix=".csv") as arquivo:
        origem.execute(f"copy {tabela} to '{arquivo.name}' (header)")
        comando = f"copy {onde} ({colunas}) from stdin (format csv, header)"
        with open(arquivo.name, "rb") as lido, destino.cursor().copy(comando) as copia:
            while bloco := lido.read(1 << 20):
                copia.write(bloco)


def versao_do_postgres(dsn: str) -> str:
    """The server's version."""
    with psycopg.connect(dsn) as conexao:
        return str(conexao.info.parameter_status("server_version")).split()[0]


def relatorio(
    titulo: str,
    programa: str,
    versoes: Iterable[str],
    notas: Iterable[str],
    linhas: Sequence[Sequence[str]],
) -> str:
    """The results as a Markdown document.

    Args:
        titulo: its heading.
        programa: file name of the benchmark.
        versoes: packages whose versions matter.
        notas: further lines about the run.
        linhas: the table: its head, its alignments, its rows.
    """
    memoria = psutil.virtual_memory().total / 1024**3
    pontos = [
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memoria:.0f} GB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        ", ".join(f"{nome} {version(nome)}" for nome in versoes),
        *notas,
    ]
    lista = "\n".join(f"- {ponto}" for ponto in pontos)
    tabela = "\n".join(f"| {' | '.join(celulas)} |" for celulas in linhas)
    return (
        f"# {titulo}\n\nWritten by `{programa}`; README.md says how to read it.\n\n"
        f"{lista}\n\n{tabela}\n"
    )
