"""Measures what somebody waits for who changes a line: dbt's parse, and `make lint`.

It works in a clone of the repository's last commit, with the environment of this one.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import medicao

from loaders import PROJETO

CABECALHO = ("what", "seconds")
LARGURAS = (52, 8)
MUDADOS = ("models/core/dim_conta.sql", "models/marts/risco/book_fatura.sql")


def clonar(pasta: Path) -> Path:
    """A clone with this environment's programs, whose requirements are there already."""
    clone = pasta / "clone"
    subprocess.run(["git", "clone", "--quiet", str(PROJETO), str(clone)], check=True)
    (clone / ".venv").symlink_to(PROJETO / ".venv")
    shutil.copytree(PROJETO / "dbt_packages", clone / "dbt_packages")
    for pedido in (*clone.glob("requirements*.txt"), clone / "pyproject.toml"):
        os.utime(pedido, (0, 0))  # make installs nothing anew
    (clone / "dbt_packages" / ".pronto").touch()
    return clone


def rodar(comando: list[str], onde: Path) -> None:
    """Run a command with the code of a clone."""
    subprocess.run(
        comando,
        cwd=onde,
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(onde)},
    )


def tempo(vezes: int, antes: Callable[[], None], comando: list[str], onde: Path) -> float:
    """The best of some times, each after what puts things back."""
    melhores = []
    for _ in range(vezes):
        antes()
        inicio = time.perf_counter()
        rodar(comando, onde)
        melhores.append(time.perf_counter() - inicio)
    return min(melhores)


def main() -> None:
    """Measure, and write the results."""
    leitor = medicao.leitor("Measures parse and lint.", "_ferramentas")
    leitor.add_argument("--vezes", type=int, default=3, help="runs, of which the best counts")
    opcoes = leitor.parse_args()
    opcoes.pasta.mkdir(parents=True, exist_ok=True)
    clone = clonar(opcoes.pasta)
    dbt = [str(PROJETO / ".venv" / "bin" / "dbt"), "--quiet"]
    linhas: list[tuple[str, ...]] = []

    def linha(nome: str, antes: Callable[[], None], comando: list[str]) -> None:
        linhas.append((nome, f"{tempo(opcoes.vezes, antes, comando, clone):.1f}"))
        medicao.mostrar(linhas[-1], LARGURAS, (1,))

    def mudar(arquivo: str) -> Callable[[], None]:
        def acrescentar() -> None:
            with (clone / arquivo).open("a", encoding="utf-8") as aberto:
                aberto.write(f"-- {time.time()}\n")

        return acrescentar

    medicao.mostrar(CABECALHO, LARGURAS, (1,))
    linha("dbt parse, everything anew", lambda: None, [*dbt, "--no-partial-parse", "parse"])
    linha("dbt parse, nothing changed", lambda: None, [*dbt, "parse"])
    rodar(["make", "lint"], clone)
    linha("make lint, nothing changed", lambda: None, ["make", "lint"])
    for arquivo in MUDADOS:
        linha(f"make lint, {arquivo} changed", mudar(arquivo), ["make", "lint"])
    shutil.rmtree(clone)
    texto = medicao.relatorio(
        "Results: tools",
        "ferramentas.py",
        ("dbt-core", "sqlfluff", "mypy"),
        (f"the best of {opcoes.vezes}",),
        [CABECALHO, ("---", "--:"), *linhas],
    )
    opcoes.saida.write_text(texto, encoding="utf-8")
    print(f"written to {opcoes.saida}")


if __name__ == "__main__":
    main()
