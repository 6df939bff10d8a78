"""Writes the catalogue: dbt's artifacts, pages of them, and the site."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from loaders.catalogo import paginas, site, tabelas
from loaders.nucleo import andamento, privados
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.nucleo.pastas import pasta_de_saida
from loaders.projeto.ambiente_dbt import pasta_alvo, seguir_dbt
from loaders.publicacao.publicar import publicacao
from loaders.publicacao.versoes import Versao

PREFIXO_DA_PASTA = ".lastro-catalogo-"
DO_DBT = "dbt"
"""The folder of dbt's own pages in the site."""
MARCA = ".lastro-catalogo"
"""The file that says that a folder is a catalogue's."""
DESTA_MAQUINA = re.compile(r'"root_path": "[^"]*"')


@dataclass(frozen=True)
class Feito:
    """What was made: the start page, and how many tables have one."""

    inicio: Path
    tabelas: int


def escrever(config: Configuracao, pasta: Path) -> Feito:
    """Write the site of what dbt built and people read.

    What stands in the folder and is no part of the site, as the dashboard, stays.

    Args:
        config: the settings.
        pasta: the folder; made if missing.

    Raises:
        ConstrucaoFalhou: dbt cannot read the project or the warehouse; the message says why.
        LastroError: the site cannot be made, or the folder not be written.
    """
    alvo = pasta_alvo()
    resultados = tabelas.resultados_da_construcao(alvo)  # dbt overwrites them now
    seguir_dbt(config, "docs", "generate", "--static")
    lidas = tabelas.ler(alvo, resultados)
    with pasta_de_saida(pasta, PREFIXO_DA_PASTA) as trabalho:
        andamento.dizer(f"writing the pages of {len(lidas)} tables")
        paginas.escrever(trabalho / "docs", lidas, _corrente(config))
        feito = site.fazer(trabalho, lidas)
        (feito / DO_DBT).mkdir()
        estatica = (alvo / "static_index.html").read_text(encoding="utf-8")
        (feito / DO_DBT / "index.html").write_text(
            DESTA_MAQUINA.sub('"root_path": null', estatica), encoding="utf-8"
        )
        privados.abrir_ao_usuario(feito)
        _trocar(feito, pasta)
    return Feito(pasta / "index.html", len(lidas))


def _trocar(feito: Path, pasta: Path) -> None:
    """Put each part of the site in its place; the start page last, as it leads to the others.

    Raises:
        LastroError: something stands there that no catalogue wrote.
    """
    novos = sorted(feito.iterdir(), key=lambda novo: novo.name == "index.html")
    if not (pasta / MARCA).is_file():
        for novo in novos:
            if os.path.lexists(pasta / novo.name):
                raise LastroError(f"{pasta / novo.name} is not from a catalogue; move it away.")
        (pasta / MARCA).touch()
    for novo in novos:
        antes = pasta / novo.name
        if antes.is_dir() and not antes.is_symlink():
            shutil.rmtree(antes)
        novo.replace(antes)


def _corrente(config: Configuracao) -> Versao | None:
    """The version that people read, if somebody published one."""
    try:
        with publicacao(config) as p:
            return p.atual()
    except LastroError:
        return None
