"""The demonstration: a cooperative's database, three extractions of it, and the whole way to files.

Run again it finds everything in place: the source stands where it stood, the load finds nothing
new, and the build changes no row outside `controle`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg

from loaders import PROJETO, exportacao, historia, sicooperative
from loaders.armazem import abrir
from loaders.configuracao import Configuracao
from loaders.demo import gerador, servidor
from loaders.erros import ConstrucaoFalhou, LastroError

BANCO = "SiCooperativeDB"


def executar(config: Configuracao, saida: Path, relatar: Callable[[str], None]) -> None:
    """Load, build, test and export the demonstration.

    Args:
        config: the settings; the warehouse they name must be empty or the demonstration's own.
        saida: folder for movimento_flat.
        relatar: told of each step that is done.

    Raises:
        LastroError: a step failed, or the warehouse holds other extractions.
    """
    ultima = _ultima_extracao(config)
    if ultima is not None and ultima not in gerador.ETAPAS:
        raise LastroError(
            "This warehouse holds extractions of another source. The demonstration wants one of "
            "its own: set LASTRO_DUCKDB to a new file, or run `make clean` to throw this one away."
        )
    inicio = time.monotonic()

    def feito(passo: str) -> None:
        relatar(f"[{time.monotonic() - inicio:5.1f} s] {passo}")

    try:
        fonte = servidor.iniciar(PROJETO / config.pasta_demo)
    except servidor.ServidorError as erro:
        raise LastroError(f"The demonstration's PostgreSQL does not start: {erro}") from erro
    feito(f"source database runs on 127.0.0.1:{fonte.porta}")
    faltam = [n for n, e in enumerate(gerador.ETAPAS) if ultima is None or e > ultima]
    for etapa in faltam or [len(gerador.ETAPAS) - 1]:
        _preencher(fonte, etapa)
        instante = gerador.ETAPAS[etapa]
        opcoes = sicooperative.Opcoes(instante=instante)
        cargas = sicooperative.carregar(config, fonte.dsn(BANCO), opcoes)
        gravadas = sum(c.gravadas for c in cargas)
        feito(f"extraction of {instante:%Y-%m-%d}: {gravadas:,} rows landed")
    feito("history: " + _rodar(config, "lastro", "snapshot"))
    # Unit tests prove the code, not the data: `make test` runs them, a daily build need not.
    construir = ("--no-use-colors", "build", "--exclude-resource-type", "unit_test")
    resumo = _rodar(config, "dbt", *construir).rpartition("Done. ")[2]
    feito(f"dbt build: {resumo}")
    flat = exportacao.exportar_movimento_flat(config, saida)
    feito(f"{flat.linhas:,} rows written to {flat.csv} and {flat.parquet.name}")


def _ultima_extracao(config: Configuracao) -> datetime | None:
    with abrir(config, "lastro demo") as armazem:
        ultima: datetime | None = armazem.valor(
            f"select max(extraido_em) from {armazem.esquema('controle')}.cargas"
            " where status in ('ok', 'sem_novidade')"
        )
    return ultima


def _preencher(fonte: servidor.Servidor, etapa: int) -> None:
    """Bring the source to a stage; one that is beyond it (another warehouse's) is made again."""
    fonte.criar_banco(BANCO)
    atual = gerador.etapa_atual(fonte.dsn(BANCO))
    if atual is not None and atual > etapa:
        with psycopg.connect(fonte.dsn(), autocommit=True) as conexao:
            conexao.execute(f'drop database "{BANCO}" with (force)')
        fonte.criar_banco(BANCO)
    gerador.preencher(fonte.dsn(BANCO), etapa)


def _rodar(config: Configuracao, programa: str, *argumentos: str) -> str:
    """A command of this environment, in a process of its own; its last line of output.

    Not in this process: dbt keeps the DuckDB file open for as long as its process lives.
    """
    feito = subprocess.run(  # noqa: S603 - a program of this environment
        [str(Path(sys.executable).parent / programa), *argumentos],
        cwd=PROJETO,
        env={**os.environ, **historia.ambiente(config)},
        capture_output=True,
        text=True,
    )
    if feito.returncode:
        raise ConstrucaoFalhou(f"{programa} failed:\n{feito.stdout[-4000:]}{feito.stderr[-2000:]}")
    return feito.stdout.strip().rpartition("\n")[2]
