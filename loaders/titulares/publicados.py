"""Erases people from the files of published versions, and keeps what the versions say true."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from loaders.armazem.duck import ArmazemDuckDB, copiar_sem_restos
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import pasta_de_trabalho
from loaders.publicacao.arquivo_da_area import FORMATO
from loaders.publicacao.base import Publicacao
from loaders.publicacao.duck import PREFIXO
from loaders.publicacao.modelos import modelos
from loaders.publicacao.versoes import Versao
from loaders.titulares.guardadas import Guardada, guardadas
from loaders.titulares.tabelas import Apagamento
from loaders.titulares.trocas import Trocas

APAGADA = "apagada"
"""What stands for the fingerprint of a published table from which people were erased."""


def apagar_dos_publicados(
    config: Configuracao, p: Publicacao, trocas: Trocas, restantes: list[str]
) -> dict[str, int]:
    """Erase from the files of each version; each is replaced at once, and readers keep theirs.

    Args:
        config: the settings.
        p: the published versions.
        trocas: the people.
        restantes: gets what still names them, or may.

    Returns:
        How many rows of all files were about them, by version.
    """
    linhas: dict[str, int] = {}
    for versao in p.versoes():
        caminhos = p.arquivos().get(versao.nome, [])
        a_reescrever: dict[Path, dict[Guardada, int]] = {}
        for caminho in caminhos:
            with ArmazemDuckDB(de_arquivo(config, caminho), "lastro forget", False) as lido:
                achadas = Apagamento(lido, trocas).procurar()
                # In free blocks are rows of the version that the file began as a copy of.
                if achadas or lido.valor("select free_blocks from pragma_database_size()"):
                    a_reescrever[caminho] = achadas
        mudadas = {n for achadas in a_reescrever.values() for t in achadas for n in _na_versao(t)}
        if mudadas:  # before they are: killed on the way, the next run counts them all the same
            p.corrigir(com_apagadas(versao, dict.fromkeys(mudadas)))
            linhas[versao.nome] = sum(sum(a.values()) for a in a_reescrever.values())
        for caminho in a_reescrever:
            _no_publicado(config, caminho, trocas)
            ponto_de_falha("esquecer.entre_publicados")
        contadas = {t for t, m in versao.tabelas.items() if m.impressao == APAGADA} | mudadas
        if contadas:
            p.corrigir(com_apagadas(versao, _contar(config, caminhos, contadas)))
        for caminho in caminhos:
            with ArmazemDuckDB(de_arquivo(config, caminho), "lastro forget", False) as lido:
                restantes += [f"{caminho}: {r}" for r in Apagamento(lido, trocas).restantes()]
    return linhas


def de_arquivo(config: Configuracao, caminho: Path) -> Configuracao:
    """The settings with which a published file is opened as if it were a warehouse."""
    return config.model_copy(update={"arquivo_duckdb": caminho, "prefixo": ""})


def _no_publicado(config: Configuracao, caminho: Path, trocas: Trocas) -> None:
    """Erase from a copy of one file, and put what that holds then in the file's place."""
    with pasta_de_trabalho(config.caminho_publicado, PREFIXO) as trabalho:
        copia = Path(shutil.copyfile(caminho, trabalho / caminho.name))
        with ArmazemDuckDB(de_arquivo(config, copia), "lastro forget") as armazem:
            with armazem.transacao():
                Apagamento(armazem, trocas).executar()
            copiar_sem_restos(armazem.conexao, caminho, caminho, FORMATO)


def _na_versao(tabela: Guardada) -> tuple[str, ...]:
    """How a version calls one of the tables of its files: by its parts, where it has some."""
    nome = f"{tabela.esquema.removeprefix('pub_')}.{tabela.nome}"
    modelo = modelos().get(nome)
    return modelo.tabelas_das_partes if modelo and modelo.partes else (nome,)


def _contar(config: Configuracao, caminhos: Iterable[Path], tabelas: set[str]) -> dict[str, int]:
    contadas = {}
    for caminho in caminhos:
        with ArmazemDuckDB(de_arquivo(config, caminho), "lastro forget", False) as lido:
            for tabela in guardadas(lido):
                for nome in tabelas.intersection(_na_versao(tabela)):
                    contadas[nome] = int(lido.valor(f"select count(*) from {tabela}"))
    return contadas


def com_apagadas(versao: Versao, tabelas: Mapping[str, int | None]) -> Versao:
    """The version, of which some tables do not hold any more what the build left in them."""
    return replace(
        versao,
        tabelas={
            t: replace(m, impressao=APAGADA, linhas=m.linhas if (n := tabelas[t]) is None else n)
            if t in tabelas
            else m
            for t, m in versao.tabelas.items()
        },
    )
