"""The lines of a file that are no rows, on their way into `controle.rejeicoes`."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.armazem import Armazem
from loaders.controle.cargas import Carga
from loaders.controle.tabelas import tabela_de_controle

LOTE = 10_000


class Rejeicoes:
    """Keeps the rejected lines of a file on disk until its rows are written."""

    def __init__(self, caminho: Path, carga: Carga) -> None:
        """Know where; nothing is written yet.

        Args:
            caminho: a temporary file.
            carga: the load, which counts them.
        """
        self.caminho = caminho
        self.carga = carga
        self.tabela = tabela_de_controle("rejeicoes")
        self.esquema = pa.schema([(c.nome, c.arrow) for c in self.tabela.colunas])
        self.pendentes: list[dict[str, Any]] = []

    def __enter__(self) -> "Rejeicoes":
        """Open the file."""
        self.destino = pa.ipc.new_stream(str(self.caminho), self.esquema)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.destino.close()

    def anotar(self, linha: int, bruta: str, motivo: str) -> None:
        """Keep a line."""
        self.carga.rejeitadas += 1
        self.pendentes.append(
            {
                "_carga_id": self.carga.id,
                "_arquivo": self.carga.origem,
                "_linha": linha,
                "linha_bruta": bruta,
                "motivo": motivo,
            }
        )
        if len(self.pendentes) >= LOTE:
            self._descarregar()

    def _descarregar(self) -> None:
        self.destino.write(pa.RecordBatch.from_pylist(self.pendentes, schema=self.esquema))
        self.pendentes.clear()

    def gravar(self, armazem: Armazem) -> None:
        """Append all that was kept to `controle.rejeicoes`."""
        if not self.carga.rejeitadas:
            return
        self._descarregar()
        self.destino.close()
        with pa.OSFile(str(self.caminho)) as arquivo:
            armazem.anexar(armazem.qualificado(self.tabela), pa.ipc.open_stream(arquivo))
