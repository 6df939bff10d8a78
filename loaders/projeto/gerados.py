"""Files of the project that are written from a definition and committed with it."""

from pathlib import Path

from loaders import PROJETO


def desatualizados(arquivos: dict[Path, str]) -> list[Path]:
    """The files that differ from the text that they should have."""
    return [
        caminho
        for caminho, texto in arquivos.items()
        if not caminho.exists() or caminho.read_text(encoding="utf-8") != texto
    ]


def gravar(arquivos: dict[Path, str], argumentos: list[str]) -> int:
    """Write what is out of date, or with `--check` only name it; the exit code is then 1."""
    faltam = desatualizados(arquivos)
    for caminho in faltam:
        print(caminho.relative_to(PROJETO))
        if "--check" not in argumentos:
            caminho.write_text(arquivos[caminho], encoding="utf-8")
    return int(bool(faltam) and "--check" in argumentos)
