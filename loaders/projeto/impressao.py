"""The files that dbt reads the project from, and how to tell whether any of them changed."""

import hashlib

from loaders import PROJETO

ARQUIVOS = (
    "dbt_project.yml", "packages.yml", "profiles.yml", "models", "macros", "seeds", "snapshots",
    "tests/data", "tests/generic", "dbt_packages",
)  # fmt: skip
"""What dbt reads the project from."""


def impressao_dos_arquivos() -> str:
    """A fingerprint of the bytes of every file that dbt reads the project from."""
    resumo = hashlib.sha256()
    for onde in ARQUIVOS:
        for arquivo in sorted((PROJETO / onde).rglob("*")) or [PROJETO / onde]:
            if arquivo.is_file():
                resumo.update(f"{arquivo.relative_to(PROJETO)}\n".encode())
                resumo.update(hashlib.sha256(arquivo.read_bytes()).digest())
    return resumo.hexdigest()
