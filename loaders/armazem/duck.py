"""The embedded warehouse: one DuckDB file, whose own lock lets one process write at a time."""

import os
import re
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loaders.armazem.base import Armazem
from loaders.armazem.sql import identificador
from loaders.nucleo import andamento, arquivo_duckdb, privados
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, ArmazemOcupado, LastroError
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import (
    apagar_restos,
    dar_dono,
    gravar_no_disco,
    literal,
    pasta_de_trabalho,
)

PREFIXO_DA_COPIA = ".lastro-copia-"


def copiar_sem_restos(
    conexao: duckdb.DuckDBPyConnection, de: Path, para: Path, formato: str | None = None
) -> None:
    """Write what an open database holds into a file of its own, which then gets its name.

    A value that is deleted stays in the blocks of a file, also after a checkpoint. Killed on the
    way, the file at `para` is the old one.

    Args:
        conexao: has the database open and keeps others from writing to it.
        de: its file, whose owner, group and mode the new one gets.
        para: the name of the new one.
        formato: the storage version, if it is not the engine's own.
    """
    origem = identificador(conexao.execute("select current_catalog()").fetchall()[0][0])
    conexao.execute("checkpoint")
    apagar_restos(para.parent, PREFIXO_DA_COPIA)
    with pasta_de_trabalho(para.parent, PREFIXO_DA_COPIA) as trabalho:
        nova = trabalho / "copia.duckdb"
        como = f" (storage_version '{formato}')" if formato else ""
        conexao.execute(f"attach '{literal(nova)}' as lastro_copia{como}")
        conexao.execute(f"copy from database {origem} to lastro_copia")
        conexao.execute("checkpoint lastro_copia; detach lastro_copia")
        dar_dono(nova, de.stat())
        gravar_no_disco(nova)
        ponto_de_falha("compactacao.antes_de_trocar")
        os.replace(nova, para)
        gravar_no_disco(para.parent)


class ArmazemDuckDB(Armazem):
    """The warehouse in a DuckDB file."""

    GUARDADAS = (
        "select c.schema_name, c.table_name, lower(c.column_name),"
        " case when c.data_type = 'VARCHAR' then 'text' end, not c.is_nullable, false, true, false"
        " from duckdb_columns() as c"
        " inner join duckdb_tables() as t on c.table_oid = t.table_oid"
        " and c.database_oid = t.database_oid"
        " where c.database_name = current_database() and not c.internal"
    )
    partilhado = False

    def __init__(self, config: Configuracao, quem: str, escrita: bool = True) -> None:
        """Open the file, waiting while another process has it open."""
        super().__init__(config)
        self.quem = quem
        self._abrir(escrita, config.espera)

    def _abrir(self, escrita: bool, espera: float) -> None:
        caminho = self.config.caminho_duckdb
        grupo = privados.numero_do_grupo(self.config.grupo_dos_arquivos)
        limite = time.monotonic() + espera
        while True:
            try:
                arquivo_duckdb.antes_de_abrir(caminho)
                novo = not caminho.exists()
                self.conexao = duckdb.connect(
                    str(caminho),
                    read_only=not escrita,
                    config={"memory_limit": self.config.memoria_duckdb},
                )
                break
            except (duckdb.Error, OSError) as erro:
                dono = re.search(r"Conflicting lock is held in (.*?) \(PID (\d+)\)", str(erro))
                if dono is None:
                    raise ArmazemIndisponivel(
                        f"The warehouse {caminho} cannot be opened: {str(erro).splitlines()[0]}\n"
                        "Check LASTRO_DUCKDB and the file's permissions."
                    ) from erro
                if time.monotonic() >= limite:
                    raise ArmazemOcupado(
                        f"The warehouse {caminho} is in use by process {dono[2]} ({dono[1]}); "
                        f"waited {espera:.0f} s for {self.quem}. Try again when it has ended, "
                        "or raise LASTRO_LOCK_WAIT."
                    ) from erro
                andamento.dizer(f"waiting: process {dono[2]} ({dono[1]}) has the warehouse open")
                time.sleep(0.2)
        if escrita:
            try:
                arquivo_duckdb.depois_de_abrir(caminho, grupo, novo)
            except LastroError:
                self.fechar()
                raise
        self.conexao.execute("set timezone = 'UTC'; set enable_progress_bar = false")

    def soltar(self) -> None:
        """Close the file."""
        self.fechar()

    def retomar(self, espera: float) -> None:
        """Open the file again."""
        self._abrir(True, espera)

    def iniciar(self) -> None:
        """Begin a transaction."""
        self.conexao.execute("begin transaction")

    def confirmar(self) -> None:
        """Commit the transaction."""
        self.conexao.execute("commit")

    def desfazer(self) -> None:
        """Roll the transaction back."""
        self.conexao.execute("rollback")

    def executar(self, sql: str) -> int:
        """Run a statement; return the number of rows it wrote."""
        linhas = self.conexao.execute(sql).fetchall()
        return int(linhas[0][0]) if linhas and isinstance(linhas[0][0], int) else 0

    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        return self.conexao.execute(sql).fetchall()

    def leitor(self, sql: str) -> pa.RecordBatchReader:
        """Run a query and return its rows as a stream of Arrow batches."""
        return self.conexao.sql(sql).to_arrow_reader()

    def anexar(self, destino: str, dados: pa.RecordBatchReader) -> None:
        """Append a stream of Arrow batches to a table; the engine finds `dados` by its name."""
        self.conexao.execute(f"insert into {destino} by name select * from dados")

    def anexar_temporaria(self, nome: str, dados: pa.RecordBatchReader) -> None:
        """Write a stream of Arrow batches to a temporary table; `dados` is found by its name."""
        self.conexao.execute(f"create or replace temporary table {nome} as select * from dados")

    def compactar(self, tabelas: Iterable[str]) -> None:
        """Copy what is there into a new file, which takes the place of the old one."""
        caminho = self.config.caminho_duckdb.resolve()
        try:
            copiar_sem_restos(self.conexao, caminho, caminho)
        except (duckdb.IOException, OSError) as erro:
            raise ArmazemIndisponivel(
                f"The warehouse {caminho} cannot be written anew: {str(erro).splitlines()[0]}\n"
                "It needs as much space again in its folder. Run the same command again."
            ) from erro
        shutil.rmtree(f"{caminho}.tmp", ignore_errors=True)  # what a killed query had put aside
        self.fechar()

    def fechar(self) -> None:
        """Close the file."""
        self.conexao.close()
