"""The embedded warehouse: one DuckDB file, whose own lock lets one process write at a time."""

import re
import time
from typing import Any

import duckdb
import pyarrow as pa

from loaders.armazem.base import Armazem
from loaders.configuracao import Configuracao
from loaders.erros import ArmazemIndisponivel


class ArmazemDuckDB(Armazem):
    """The warehouse in a DuckDB file."""

    partilhado = False

    def __init__(self, config: Configuracao, quem: str, escrita: bool = True) -> None:
        """Open the file, waiting while another process has it open."""
        super().__init__(config)
        caminho = config.caminho_duckdb
        limite = time.monotonic() + config.espera
        while True:
            try:
                if escrita:
                    caminho.parent.mkdir(parents=True, exist_ok=True)
                self.conexao = duckdb.connect(
                    str(caminho),
                    read_only=not escrita,
                    config={"memory_limit": config.memoria_duckdb},
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
                    raise ArmazemIndisponivel(
                        f"The warehouse {caminho} is in use by process {dono[2]} ({dono[1]}); "
                        f"waited {config.espera:.0f} s for {quem}. Try again when it has ended, "
                        "or raise LASTRO_LOCK_WAIT."
                    ) from erro
                time.sleep(0.2)
        self.conexao.execute("set timezone = 'UTC'; set enable_progress_bar = false")

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

    def fechar(self) -> None:
        """Close the file."""
        self.conexao.close()
