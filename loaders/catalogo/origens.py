"""Of which columns each column is made, and from which of the sources it descends."""

from collections.abc import Iterable, Mapping
from typing import Any

from loaders.contratos import DO_CONTROLE, DO_DBT
from loaders.projeto.colunas_do_sql import Coluna, Consulta, NaoSeSegue, Relacao, ate_o_fundo

DaColuna = dict[Coluna, bool]
"""The columns that one is made of; for each, whether it is only compared."""


class Origens:
    """The columns of all that dbt made, followed through its SQL."""

    def __init__(self, manifesto: Mapping[str, Any], catalogo: Mapping[str, Any]) -> None:
        """Follow every model and snapshot once.

        Args:
            manifesto: dbt's manifest, with what it compiled.
            catalogo: dbt's catalogue: what stands in the warehouse.
        """
        dialeto = manifesto["metadata"]["adapter_type"]
        self.nos = {**manifesto["sources"], **manifesto["nodes"]}
        existem = {**catalogo["sources"], **catalogo["nodes"]}
        self.por_relacao: dict[Relacao, str] = {}
        colunas: dict[Relacao, list[str]] = {}
        for id_, existe in existem.items():
            relacao = existe["metadata"]["schema"], existe["metadata"]["name"]
            self.por_relacao[relacao] = id_
            colunas[relacao] = list(existe["columns"])
        self.diretas: dict[str, dict[str, DaColuna]] = {}
        self._sem: dict[str, str] = {}
        with ate_o_fundo():
            for id_ in existem:
                if self.nos[id_]["resource_type"] in ("model", "snapshot"):
                    try:
                        sql = self.nos[id_].get("compiled_code") or ""
                        self.diretas[id_] = Consulta(sql, colunas, dialeto).colunas()
                    except NaoSeSegue as porque:
                        self._sem[id_] = str(porque)

    def porque_nao(self, id_: str) -> str:
        """Why the columns of a table cannot be followed; empty where they are."""
        return "" if id_ in self.diretas else self._sem.get(id_, "dbt did not build it")

    def feita_de(self, id_: str, coluna: str) -> list[tuple[str, str]]:
        """The columns that it takes its values from, by dbt's id of their table.

        Args:
            id_: dbt's id of the table.
            coluna: its column.
        """
        return [(self.por_relacao[r], nome) for r, nome in self._valores(id_, coluna)]

    def na_fonte(self, id_: str, coluna: str) -> list[tuple[str, str]]:
        """The columns of sources and seeds from which its values descend, in order."""
        achadas, vistas, faltam = set[tuple[str, str]](), set[tuple[str, str]](), [(id_, coluna)]
        while faltam:
            atual = faltam.pop()
            if atual in vistas:  # an incremental model reads itself
                continue
            vistas.add(atual)
            if self.nos[atual[0]]["resource_type"] not in ("source", "seed"):
                faltam += self.feita_de(*atual)
            elif self.nos[atual[0]].get("source_name") not in (DO_CONTROLE, DO_DBT):
                achadas.add(atual)
        return sorted(achadas)

    def _valores(self, id_: str, coluna: str) -> Iterable[Coluna]:
        """What it is made of, but for what is only compared, if it is made of anything else."""
        todas = self.diretas.get(id_, {}).get(coluna, {})
        return [c for c, so_comparada in todas.items() if not so_comparada] or todas
