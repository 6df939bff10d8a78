"""Print the SQL that `make lint` looks at: what differs from main, and what its macros are in.

sqlfluff compiles each file, which takes it more than a minute for all of them. It prints everything
in CI, with ALL=1, where what decides on all files differs, and where git cannot say what does.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

PASTAS = ("models", "tests/data", "analyses")
DE_TODOS = re.compile(
    r"\.sqlfluff|dbt_project\.yml|profiles\.yml|packages\.yml|packages/.*|requirements.*\.txt"
)
"""Files on which the result of every other depends."""
MACRO = re.compile(r"\{%-?\s*(?:macro|test|materialization)\s+(\w+)")
CORPO = re.compile(r"^(?:default|duckdb|postgres|spark)__")
"""What stands before the name in the body that an engine has of a macro."""


def _git(*argumentos: str) -> list[str]:
    """The lines that git prints; an error where it fails."""
    feito = subprocess.run(  # noqa: S603
        ["git", *argumentos],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return feito.stdout.splitlines()


def _mudados() -> list[tuple[str, str]] | None:
    """Each file that differs from main, with what stood in it there; none if git cannot say."""
    for principal in ("origin/main", "main"):
        try:
            base = _git("merge-base", "HEAD", principal)[0]
            nomes = _git("diff", "--no-renames", "--relative", "--name-only", base, "--", ".")
            novos = _git("ls-files", "--others", "--exclude-standard")
            antes = {n: _git("ls-tree", "--name-only", base, "--", n) for n in nomes}
            return [
                (n, "\n".join(_git("show", f"{base}:./{n}")) if antes.get(n) else "")
                for n in (*nomes, *novos)
            ]
        except (OSError, subprocess.CalledProcessError, UnicodeDecodeError):
            continue
    return None


def _nomes_de_macros(texto: str) -> set[str]:
    return {CORPO.sub("", nome) for nome in MACRO.findall(texto)}


def _texto(arquivo: Path) -> str:
    return arquivo.read_text(encoding="utf-8") if arquivo.is_file() else ""


def _com_dependentes(macros: set[str]) -> set[str]:
    """These macros, and those that call one of them, through any number of others."""
    textos = [_texto(a) for a in sorted(Path("macros").rglob("*.sql"))]
    cresceu = bool(macros)
    while cresceu:
        chamam = re.compile(rf"\b({'|'.join(sorted(macros))})\b")
        todas = macros.union(
            *(
                _nomes_de_macros(parte)
                for texto in textos
                for parte in re.split(r"(?=\{%-?\s*(?:macro|test|materialization)\s)", texto)
                if chamam.search(parte)
            )
        )
        cresceu, macros = todas != macros, todas
    return macros


def a_conferir() -> list[str]:
    """The files, or the folders where it is all of them."""
    mudados = None if os.environ.get("CI") or os.environ.get("ALL") else _mudados()
    if mudados is None or any(DE_TODOS.fullmatch(nome) for nome, _ in mudados):
        return list(PASTAS)
    macros: set[str] = set()
    for nome, antes in mudados:
        if nome.startswith("macros/") and nome.endswith(".sql"):
            macros |= _nomes_de_macros(antes) | _nomes_de_macros(_texto(Path(nome)))
    macros = _com_dependentes(macros)
    usam = re.compile(rf"\b({'|'.join(sorted(macros))})\b") if macros else None
    nomes = {nome for nome, _ in mudados}
    return [
        str(arquivo)
        for pasta in PASTAS
        for arquivo in sorted(Path(pasta).rglob("*.sql"))
        if str(arquivo) in nomes or (usam and usam.search(_texto(arquivo)))
    ]


if __name__ == "__main__":
    sys.stdout.write("".join(f"{nome}\n" for nome in a_conferir()))
