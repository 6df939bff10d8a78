"""Published DuckDB files: a folder a version, a file an area, one link to the current folder.

```
published/current -> v20261122_134500
published/v20261122_134500/risco.duckdb
published/v20261122_134500/manifest.json
```

A reader opens a file of `published/current/`, read only, and keeps that version for as long as the
file is open, whatever is published or pruned meanwhile.

The file of an area for which nothing changed is the last version's, linked; where some of its
tables did, it begins as a copy of that file, and these are written anew.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from loaders.armazem.duck import ArmazemDuckDB
from loaders.nucleo.erros import LastroError
from loaders.nucleo.espera import conseguir
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import (
    abrir_regular,
    apagar_restos,
    gravar_no_disco,
    pasta_de_trabalho,
)
from loaders.nucleo.privados import como_o_usuario
from loaders.publicacao import acessos, arquivo_da_area
from loaders.publicacao.base import OUTRA_PUBLICACAO, Publicacao
from loaders.publicacao.construcao import Construcao, conferir_tabelas
from loaders.publicacao.versoes import Versao

CORRENTE = "current"
MANIFESTO = "manifest.json"
PREFIXO = ".lastro-publicacao-"


class PublicacaoDuckDB(Publicacao):
    """Versions as folders of files."""

    @property
    def pasta(self) -> Path:
        """The folder that holds them."""
        return self.config.caminho_publicado

    @contextmanager
    def sozinha(self, quem: str) -> Iterator[None]:
        """Hold a lock on the folder; the system lets go of it if this process dies."""
        try:
            with como_o_usuario():
                self.pasta.mkdir(parents=True, exist_ok=True)
                como = os.O_RDWR | os.O_CREAT
                trava = os.fdopen(abrir_regular(self.pasta / ".trava", como, 0o666), "r+b")
        except OSError as erro:
            raise LastroError(
                f"The folder {self.pasta} cannot be written: {erro.strerror}."
            ) from erro
        with trava:
            ligacao = self.pasta / CORRENTE
            if os.path.lexists(ligacao) and (
                not ligacao.is_symlink() or "/" in os.readlink(ligacao)
            ):
                raise LastroError(f"{ligacao} is not from a publication; move it away.")
            if not conseguir(
                lambda: _travar(trava), self.config.espera, pausa=0.1, por=OUTRA_PUBLICACAO
            ):
                raise self._ocupada(f"Another publication is writing to {self.pasta}", quem)
            apagar_restos(self.pasta, PREFIXO)
            yield

    def demais(self, versao: Versao) -> list[str]:
        """The same; files keep the rights of their time."""
        return versao.mostra_demais(arquivos=True)

    def conceder(self) -> None:
        """Files have no roles; their groups and modes go from version to version."""

    def versoes(self) -> list[Versao]:
        """Every version, oldest first."""
        manifestos = sorted(self.pasta.glob(f"v*/{MANIFESTO}"))
        return [_lida(manifesto) for manifesto in manifestos]

    def corrente(self) -> str | None:
        """The folder to which the link points."""
        ligacao = self.pasta / CORRENTE
        return os.readlink(ligacao) if ligacao.is_symlink() and ligacao.is_dir() else None

    def faltas(self, versao: Versao) -> list[str]:
        """The files of areas that are not there."""
        pasta = self.pasta / versao.nome
        return [area for area in versao.areas if not (pasta / f"{area}.duckdb").is_file()]

    def danos(self, versao: Versao) -> list[str]:
        """The same: no view is kept beside them."""
        return [f"the file of {area}" for area in self.faltas(versao)]

    def copiar(
        self, construcao: Construcao, versao: Versao, anterior: Versao | None = None
    ) -> None:
        """Write a file for each area into a folder that gets its name when it is whole.

        While the warehouse is open to read, nobody can write to it.
        """
        iguais = versao.mantidas(anterior, versao.tabelas)
        for modelo in acessos.publicados():  # its parts are views of it here
            if not arquivo_da_area.mantida(modelo, iguais):
                iguais.difference_update(modelo.tabelas_das_partes)
        with pasta_de_trabalho(self.pasta, PREFIXO) as nova:
            with ArmazemDuckDB(self.config, "lastro publish", escrita=False) as armazem:
                ditos = arquivo_da_area.comentarios(armazem)
                areas = acessos.areas()
                formas = {nome: arquivo_da_area.forma(a, ditos) for nome, a in areas.items()}
                de_antes = anterior.formas if anterior else {}
                mantidas = {
                    nome: iguais if de_antes.get(nome) == forma else set()
                    for nome, forma in formas.items()
                }
                novas = arquivo_da_area.novas(areas, mantidas)
                conferir_tabelas(self.config, construcao, armazem.linhas, novas)
                for nome, area in areas.items():
                    arquivo = nova / f"{nome}.duckdb"
                    antes = self.pasta / anterior.nome / arquivo.name if anterior else arquivo
                    if not arquivo_da_area.novas({nome: area}, mantidas):
                        arquivo_da_area.ligar(antes, arquivo)
                    else:
                        if mantidas[nome]:
                            shutil.copyfile(antes, arquivo)
                        arquivo_da_area.escrever(
                            armazem, area, arquivo, versao, ditos, mantidas[nome]
                        )
                        self._dar_direitos(arquivo)
                    ponto_de_falha("publicacao.entre_areas")
            _descrever(replace(versao, formas=formas), nova)
            for arquivo in (*nova.iterdir(), nova):
                gravar_no_disco(arquivo)
            ponto_de_falha("publicacao.antes_de_nomear")
            nova.chmod(0o755)
            nova.rename(self.pasta / versao.nome)

    def _dar_direitos(self, arquivo: Path) -> None:
        """The group and mode of the area's current file; a first one is its owner's and group's."""
        try:
            atual = (self.pasta / CORRENTE / arquivo.name).stat()
        except FileNotFoundError:
            arquivo.chmod(0o440)
            return
        try:
            os.chown(arquivo, -1, atual.st_gid)
        except PermissionError as erro:
            raise LastroError(
                f"{arquivo.name} is to have the group {atual.st_gid} of the current version's, of"
                " which the user that publishes is no member."
            ) from erro
        arquivo.chmod(atual.st_mode & 0o444)

    def apontar(self, nome: str) -> None:
        """Replace the link, which the system does in one step."""
        with pasta_de_trabalho(self.pasta, PREFIXO) as trabalho:
            (trabalho / CORRENTE).symlink_to(nome)
            ponto_de_falha("publicacao.antes_de_apontar")
            os.replace(trabalho / CORRENTE, self.pasta / CORRENTE)
            ponto_de_falha("publicacao.depois_de_apontar")
            gravar_no_disco(self.pasta)

    def partes_de(self, versao: Versao) -> set[str]:
        """None: they stand in the files."""
        return set()

    def arquivos(self) -> dict[str, list[Path]]:
        """The files of the areas, by version."""
        return {v.nome: sorted((self.pasta / v.nome).glob("*.duckdb")) for v in self.versoes()}

    def corrigir(self, versao: Versao) -> None:
        """Replace the manifest at once."""
        with pasta_de_trabalho(self.pasta, PREFIXO) as trabalho:
            _descrever(versao, trabalho)
            os.replace(trabalho / MANIFESTO, self.pasta / versao.nome / MANIFESTO)

    def apagar(self, nome: str) -> bool:
        """Take the folder's name away, and then what is in it; open files stay readable."""
        with pasta_de_trabalho(self.pasta, PREFIXO) as trabalho:
            (self.pasta / nome).rename(trabalho / nome)
            ponto_de_falha("publicacao.antes_de_apagar")
        return True


def _lida(manifesto: Path) -> Versao:
    try:
        with os.fdopen(abrir_regular(manifesto), encoding="utf-8") as arquivo:
            return Versao.de_json(arquivo.read())
    except (OSError, ValueError, KeyError, TypeError) as erro:
        raise LastroError(
            f"{manifesto} cannot be read, or is not what a publication wrote: restore it, or move"
            f" {manifesto.parent} away."
        ) from erro


def _travar(trava: IO[bytes]) -> bool:
    try:
        fcntl.flock(trava, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _descrever(versao: Versao, pasta: Path) -> None:
    """Write what a version says of itself, for those who publish: it sums tables of all areas."""
    manifesto = pasta / MANIFESTO
    manifesto.write_text(versao.em_json() + "\n", encoding="utf-8")
    manifesto.chmod(0o640)
    gravar_no_disco(manifesto)
