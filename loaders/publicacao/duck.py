"""Published DuckDB files: a folder a version, a file an area, one link to the current folder.

```
published/current -> v20261122_134500
published/v20261122_134500/risco.duckdb
published/v20261122_134500/manifest.json
```

A reader opens a file of `published/current/`, read only, and keeps that version for as long as the
file is open, whatever is published or pruned meanwhile.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

from loaders.armazem import Armazem
from loaders.armazem.duck import ArmazemDuckDB
from loaders.armazem.sql import identificador
from loaders.armazem.sql import literal as texto
from loaders.nucleo.erros import LastroError, PublicacaoRecusada
from loaders.nucleo.espera import conseguir
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import (
    abrir_regular,
    apagar_restos,
    gravar_no_disco,
    literal,
    pasta_de_trabalho,
)
from loaders.nucleo.privados import como_o_usuario
from loaders.publicacao import acessos
from loaders.publicacao.acessos import Area
from loaders.publicacao.base import OUTRA_PUBLICACAO, Publicacao, dizer_copia
from loaders.publicacao.construcao import MANDA_CONSTRUIR, Construcao, conferir_tabelas
from loaders.publicacao.modelos import Modelo, modelos
from loaders.publicacao.versoes import Versao

CORRENTE = "current"
MANIFESTO = "manifest.json"
PREFIXO = ".lastro-publicacao-"
Comentarios = dict[str, dict[str | None, str]]
"""By table (schema and name), and by column; that of the table itself is under none."""
ANEXO = "lastro_publicada"
"""How the file of an area is called while it is written."""
FORMATO = "v1.0.0"
"""Storage version of the files: what older readers open, too."""


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

    def copiar(self, construcao: Construcao, versao: Versao) -> None:
        """Write a file for each area into a folder that gets its name when it is whole.

        While the warehouse is open to read, nobody can write to it.
        """
        with pasta_de_trabalho(self.pasta, PREFIXO) as nova:
            with ArmazemDuckDB(self.config, "lastro publish", escrita=False) as armazem:
                conferir_tabelas(self.config, construcao, armazem.linhas)
                comentarios = _comentarios(armazem)
                for nome, area in acessos.areas().items():
                    arquivo = nova / f"{nome}.duckdb"
                    _escrever(armazem, area, arquivo, versao, comentarios)
                    self._dar_direitos(arquivo)
                    ponto_de_falha("publicacao.entre_areas")
            _descrever(versao, nova)
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


def _comentarios(armazem: Armazem) -> Comentarios:
    """What dbt wrote beside the public tables of the warehouse."""
    lidos = armazem.linhas(
        "select schema_name, table_name, column_name, comment from duckdb_columns()"
        " where database_name = current_database() and comment is not null"
        " union all select schema_name, table_name, null, comment from duckdb_tables()"
        " where database_name = current_database() and comment is not null"
        " union all select schema_name, view_name, null, comment from duckdb_views()"
        " where database_name = current_database() and comment is not null"
    )
    achados: Comentarios = {}
    for esquema, tabela, coluna, comentario in lidos:
        achados.setdefault(f"{esquema}.{tabela}", {})[coluna] = comentario
    prefixo = armazem.config.prefixo
    resultado = {m.tabela: achados.get(f"{prefixo}{m.tabela}", {}) for m in modelos().values()}
    for modelo in modelos().values():
        for parte in modelo.tabelas_das_partes:  # dbt comments on their columns alone
            resultado[modelo.tabela] = resultado[parte] | resultado[modelo.tabela]
    return resultado


def _comentar(
    armazem: Armazem, modelo: Modelo, tipo: str, comentarios: dict[str | None, str]
) -> None:
    """Say of a published table or view, and of its columns, what dbt says of them."""
    publicado = f"{ANEXO}.pub_{modelo.tabela}"
    for coluna in (None, *(c.nome for c in modelo.colunas)):
        if comentario := comentarios.get(coluna):
            onde = f"column {publicado}.{coluna}" if coluna else f"{tipo} {publicado}"
            armazem.executar(f"comment on {onde} is {texto(comentario)}")


def _escrever(
    armazem: Armazem, area: Area, arquivo: Path, versao: Versao, comentarios: Comentarios
) -> None:
    """Write the file of one area.

    Raises:
        PublicacaoRecusada: a column that its contract calls not null is null in a row.
    """
    do_armazem = identificador(armazem.valor("select current_catalog()"))
    armazem.executar(
        f"attach '{literal(arquivo)}' as {ANEXO} (read_write, storage_version '{FORMATO}')"
    )
    try:
        armazem.executar(f"create schema {ANEXO}.publicacao")
        armazem.executar(
            f"create table {ANEXO}.publicacao.versao as select '{versao.nome}' as versao,"
            f" cast('{versao.publicada_em.isoformat()}' as timestamptz) as publicada_em"
        )
        inteiros = {parte: m for m in area.modelos() for parte in m.tabelas_das_partes}
        for modelo in area.modelos():
            if modelo.tabela in inteiros:
                continue
            destino = f"{ANEXO}.pub_{modelo.tabela}"
            armazem.executar(f"create schema if not exists {ANEXO}.pub_{modelo.esquema}")
            definidas = ", ".join(
                f"{c.nome} {c.tipo}"
                + (" not null" if c.obrigatoria and not area.mascarada(c.pessoal) else "")
                for c in modelo.colunas
            )
            dizer_copia(versao, modelo, arquivo.stem)
            colunas = ", ".join(
                "null" if area.mascarada(c.pessoal) else c.nome for c in modelo.colunas
            )
            origem = f"{do_armazem}.{armazem.esquema(modelo.esquema)}.{modelo.nome}"
            armazem.executar(f"create table {destino} ({definidas})")
            armazem.executar(f"insert into {destino} select {colunas} from {origem}")
        armazem.executar(f"use {ANEXO}")  # its name is another one when the file is opened
        with armazem.transacao():  # else each comment would wait for the disk
            for modelo in area.modelos():
                tipo = "table"
                if inteiro := inteiros.get(modelo.tabela):
                    tipo = "view"
                    colunas = ", ".join(c.nome for c in modelo.colunas)
                    armazem.executar(
                        f"create view pub_{modelo.tabela} as"
                        f" select {colunas} from pub_{inteiro.tabela}"
                    )
                _comentar(armazem, modelo, tipo, comentarios[modelo.tabela])
    except duckdb.ConstraintException as erro:
        raise PublicacaoRecusada(
            f"{modelo.tabela} holds no value where its contract says not_null. Test that column, or"
            f" take the constraint away. {MANDA_CONSTRUIR}"
        ) from erro
    finally:
        armazem.executar(f"use {do_armazem}; detach {ANEXO}")
