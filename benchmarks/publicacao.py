"""Measures publication and erasure: how long they take, and what readers notice of a publication.

Eight processes read the published tables without pause, first of an idle warehouse, then while
versions are built, published and rolled back. The readers and the changes are those of the tests.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import medicao

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "python"))

from apoio_leitores import MUDANCA, leitores
from apoio_publicacao import reconstruir, versao_lida
from conftest import ArmazemDeTeste

from loaders.demo import servidor
from loaders.publicacao import publicar
from loaders.titulares.esquecer import esquecer

LEITORES = 8
UMA = "dicionario_variaveis"
MENOS_UMA = f"delete from risco.{UMA} where nome = (select min(nome) from risco.{UMA})"
CABECALHO = ("engine", "what", "reads", "median ms", "95 % ms", "slowest ms", "failed")
LARGURAS = (9, 36, 8, 10, 9, 11, 7)
NUMEROS = (2, 3, 4, 5, 6)


def parado(_armazem: ArmazemDeTeste, segundos: float) -> None:
    """Nothing happens but reading."""
    time.sleep(segundos)


def em_ciclos(armazem: ArmazemDeTeste, segundos: float) -> None:
    """A new version, back, and forth again, as often as fits."""
    fim = time.monotonic() + segundos
    while time.monotonic() < fim:
        antes = versao_lida(armazem)
        reconstruir(armazem, MUDANCA)
        nova = publicar.publicar(armazem.config, manter=3).versao.nome
        publicar.voltar(armazem.config, antes)
        publicar.voltar(armazem.config, nova)


def demoras(
    armazem: ArmazemDeTeste, fazer: Callable[[ArmazemDeTeste, float], None], segundos: float
) -> tuple[str, ...]:
    """What the readers saw meanwhile: how many answers, how long each took, how many failed."""
    with tempfile.TemporaryDirectory() as pasta, leitores(armazem, Path(pasta), LEITORES) as vistos:
        fazer(armazem, segundos)
    todas = sorted(1000 * d for visto in vistos for d in visto["demoras"])
    erros = sum(n for visto in vistos for n in visto["erros"].values())
    return (
        f"{len(todas):,}",
        f"{statistics.median(todas):.0f}",
        f"{todas[int(0.95 * len(todas))]:.0f}",
        f"{todas[-1]:.0f}",
        str(erros),
    )


def sem_publicacao(armazem: ArmazemDeTeste) -> None:
    """Take all versions away, so that the next one is the first."""
    if armazem.motor == "duckdb":
        shutil.rmtree(armazem.publicado)
        return
    for (esquema,) in armazem.linhas(
        "select nspname::text from pg_namespace"
        " where nspname = 'publicacao' or starts_with(nspname, 'pub_')"
    ):
        armazem.executar(f"drop schema {esquema} cascade")


def medir(armazem: ArmazemDeTeste, segundos: float) -> list[tuple[str, ...]]:
    """All lines of one engine."""
    motor = armazem.motor
    linhas: list[tuple[str, ...]] = []

    def linha(*celulas: str) -> None:
        linhas.append((motor, *celulas, *[""] * (len(CABECALHO) - 1 - len(celulas))))
        medicao.mostrar(linhas[-1], LARGURAS, NUMEROS)

    def tempo(nome: str, fazer: Callable[[], Any]) -> None:
        inicio = time.perf_counter()
        fazer()
        linha(nome, "", f"{1000 * (time.perf_counter() - inicio):.0f}")

    sem_publicacao(armazem)
    tempo("publish, the first", lambda: publicar.publicar(armazem.config))
    antes = versao_lida(armazem)
    reconstruir(armazem, MENOS_UMA)
    tempo(f"publish, {UMA} changed", lambda: publicar.publicar(armazem.config))
    reconstruir(armazem, MUDANCA)
    tempo("publish, two facts changed", lambda: publicar.publicar(armazem.config))
    tempo("roll back", lambda: publicar.voltar(armazem.config, antes))
    tempo("publish, nothing new", lambda: publicar.publicar(armazem.config, aceitar=True))
    linha(f"{LEITORES} readers, idle", *demoras(armazem, parado, segundos))
    linha(f"{LEITORES} readers, versions switched", *demoras(armazem, em_ciclos, 3 * segundos))
    pessoas = [
        id_
        for (id_,) in armazem.linhas(
            "select distinct id_associado from raw_sicooperative.associado order by 1 limit 101"
        )
    ]
    for quantas in (1, 100):
        ids, pessoas = pessoas[:quantas], pessoas[quantas:]
        tempo(f"erase {quantas}", lambda ids=ids: esquecer(armazem.config, "sicooperative", ids))
    return linhas


def main() -> None:
    """Build the demonstration on each engine, measure, and write the results."""
    leitor = medicao.leitor("Measures publication.", "_publicacao")
    leitor.add_argument(
        "--segundos", type=float, default=20, help="of idle reading; thrice for the rest"
    )
    opcoes = leitor.parse_args()
    pasta = opcoes.pasta.resolve()
    onde = servidor.iniciar(pasta)
    linhas: list[tuple[str, ...]] = []
    try:
        medicao.mostrar(CABECALHO, LARGURAS, NUMEROS)
        for motor in ("duckdb", "postgres"):
            da_vez = pasta / motor
            da_vez.mkdir(exist_ok=True)
            armazem = ArmazemDeTeste(motor, da_vez, onde)
            armazem.restaurar("vazio")
            armazem.lastro(
                "demo", "--to", str(da_vez / "saida"), LASTRO_DEMO_DIR=str(pasta / "fonte")
            )
            linhas += medir(armazem, opcoes.segundos)
        postgres = medicao.versao_do_postgres(onde.dsn())
    finally:
        servidor.remover(pasta / "fonte")
        onde.parar()
    texto = medicao.relatorio(
        "Results: publication",
        "publicacao.py",
        ("duckdb", "psycopg"),
        (f"PostgreSQL {postgres}, the demonstration, {LEITORES} reader processes",),
        [CABECALHO, ("---", "---", *["--:"] * 5), *linhas],
    )
    opcoes.saida.write_text(texto, encoding="utf-8")
    print(f"written to {opcoes.saida}")


if __name__ == "__main__":
    main()
