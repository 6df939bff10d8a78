"""The dbt packages: the hub's where it can be reached, the project's own where it cannot.

`packages/README.md` says what the project's own are. Everything is prepared in a folder inside
`dbt_packages/` that dbt does not look into (its name begins with `__`) and moved into place whole,
so that a run killed at any moment leaves nothing dbt would trip over that the next does not repair.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders import PROJETO
from loaders.nucleo.erros import LastroError

PACOTES = ("dbt_utils", "dbt_expectations")
MARCA = ".lastro"
"""File in each copy of the project's own packages; it holds the hash of what was copied."""


def instalar(projeto: Path, limite: float = 10.0) -> str:
    """Make `dbt_packages/` hold dbt_utils and dbt_expectations, complete.

    Packages already there stay, unless they are copies of the project's own that no longer equal
    `packages/`: those are refreshed. What is missing comes from `dbt deps`, or else is copied.

    Args:
        projeto: root of the dbt project.
        limite: seconds that `dbt deps` may take before it is killed.

    Returns:
        One line: the packages in use and, if any is the project's own, how to get the hub's.

    Raises:
        LastroError: neither the hub nor `packages/` gave a package, or the disk refused a write.
    """
    destino = projeto / "dbt_packages"
    try:
        destino.mkdir(exist_ok=True)
        with _oficina(destino) as oficina:
            _remover_restos(destino, oficina)
            if not all(_completo(destino / nome) for nome in PACOTES):
                _baixar(projeto, destino, oficina, limite)
            for nome in PACOTES:
                _copiar_se_preciso(projeto / "packages" / nome, destino / nome, oficina)
    except OSError as erro:
        raise LastroError(f"Could not install the dbt packages in {destino}: {erro}") from erro
    return _situacao(destino)


def main() -> int:
    """Install the packages of this project and print the line that says which are in use.

    Returns:
        The exit code.
    """
    try:
        print(instalar(PROJETO))
    except LastroError as erro:
        print(erro, file=sys.stderr)
        return erro.codigo
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def _oficina(destino: Path) -> Iterator[Path]:
    """An empty folder to prepare packages in; one installation at a time has it."""
    oficina = destino / "__lastro"
    with (destino / "__lastro.lock").open("w") as trava:
        fcntl.flock(trava, fcntl.LOCK_EX)
        shutil.rmtree(oficina, ignore_errors=True)
        oficina.mkdir()
        try:
            yield oficina
        finally:
            shutil.rmtree(oficina, ignore_errors=True)


def _remover_restos(destino: Path, oficina: Path) -> None:
    """Remove what a killed `dbt deps` leaves: a package unpacked, but not yet under its name.

    dbt would refuse to start on it, as a package without a project file or as one given twice.
    """
    for pasta in sorted(destino.iterdir()):
        if pasta.name.startswith("__") or pasta.name in PACOTES or not pasta.is_dir():
            continue
        if _declarado(pasta, "name") in (None, *PACOTES):
            os.replace(pasta, oficina / f"resto-{pasta.name}")


def _baixar(projeto: Path, destino: Path, oficina: Path, limite: float) -> None:
    """Run `dbt deps` in a folder of its own and move the packages in, if all of them came."""
    pasta = oficina / "deps"
    pasta.mkdir()
    for nome in ("packages.yml", "package-lock.yml"):
        if (projeto / nome).is_file():
            shutil.copyfile(projeto / nome, pasta / nome)
    (pasta / "dbt_project.yml").write_text("name: pacotes\nversion: '1.0'\nconfig-version: 2\n")
    if not _dbt_deps(pasta, limite):
        return
    baixados = pasta / "dbt_packages"
    if not all(_completo(baixados / nome) for nome in PACOTES):
        return
    # What the two depend on goes first: once they are in place, nothing is missing.
    for pacote in sorted(baixados.iterdir(), key=lambda p: (p.name in PACOTES, p.name)):
        if pacote.is_dir() and (
            _proprio(destino / pacote.name) or not _completo(destino / pacote.name)
        ):
            _trocar(pacote, destino / pacote.name, oficina)


def _dbt_deps(pasta: Path, limite: float) -> bool:
    """Run `dbt deps` on a folder, quietly and for so many seconds, and say if it ended well."""
    caminhos = ("--project-dir", "--profiles-dir", "--log-path")
    try:
        processo = subprocess.Popen(  # noqa: S603 (no shell, and nothing in it comes from outside)
            [
                str(Path(sys.executable).parent / "dbt"),
                "deps",
                *(parte for caminho in caminhos for parte in (caminho, str(pasta))),
            ],
            env=os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return processo.wait(timeout=limite) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if processo.poll() is None:
            os.killpg(processo.pid, signal.SIGKILL)
            processo.wait()


def _copiar_se_preciso(origem: Path, pacote: Path, oficina: Path) -> None:
    """Copy one of the project's own packages, unless what is there is the hub's or equal to it."""
    if _completo(pacote) and not _proprio(pacote):
        return
    if not _completo(origem):
        if _completo(pacote):
            return
        raise LastroError(
            f"The dbt package {pacote.name} is missing: the hub was not reached and there is no "
            f"{origem}. Run `dbt deps` where the hub can be reached."
        )
    resumo = _resumo(origem)
    if _completo(pacote) and _resumo(pacote) == resumo:
        return
    nova = oficina / pacote.name
    for arquivo in _arquivos(origem):
        copia = nova / arquivo.relative_to(origem)
        copia.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(arquivo, copia)
    (nova / MARCA).write_text(resumo + "\n")
    _trocar(nova, pacote, oficina)


def _trocar(nova: Path, pacote: Path, oficina: Path) -> None:
    """Put a finished package in place of what stands under its name."""
    if os.path.lexists(pacote):
        os.replace(pacote, oficina / f"velho-{pacote.name}")
    os.replace(nova, pacote)


def _situacao(destino: Path) -> str:
    """The line that says which packages are in use."""
    partes = [
        f"{nome} (the project's own)"
        if _proprio(destino / nome)
        else f"{nome} {_declarado(destino / nome, 'version')} (the hub's)"
        for nome in PACOTES
    ]
    linha = f"dbt packages in use: {', '.join(partes)}."
    if any(_proprio(destino / nome) for nome in PACOTES):
        linha += " For the hub's, run `dbt deps` where the hub can be reached."
    return linha


def _completo(pacote: Path) -> bool:
    """Whether a folder holds the package it is named after."""
    return _declarado(pacote, "name") == pacote.name


def _proprio(pacote: Path) -> bool:
    """Whether a folder is a copy of one of the project's own packages."""
    return (pacote / MARCA).is_file()


def _declarado(pacote: Path, chave: str) -> str | None:
    """What a package's project file states under a key of its top level."""
    try:
        texto = (pacote / "dbt_project.yml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    achado = re.search(rf"^{chave}:\s*['\"]?([^'\"\s#]+)", texto, re.MULTILINE)
    return achado[1] if achado else None


def _arquivos(pacote: Path) -> list[Path]:
    """The files of a package, in a fixed order."""
    return sorted(p for p in pacote.rglob("*") if p.is_file() and not p.name.startswith("."))


def _resumo(pacote: Path) -> str:
    """Hash of a package's files, their names included."""
    soma = hashlib.sha256()
    for arquivo in _arquivos(pacote):
        nome = arquivo.relative_to(pacote).as_posix()
        soma.update(f"{nome}\0{arquivo.stat().st_size}\0".encode())
        soma.update(arquivo.read_bytes())
    return soma.hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
