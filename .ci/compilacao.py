"""What dbt makes of the project, of which only that is compiled anew which changed.

A model compiles to the same SQL as long as its text is the same, that of all macros that it calls,
and the columns of the sources and seeds that it reads. Of what was found of it then, a file beside
dbt's own keeps it for the next time.
"""

import contextlib
import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

OLHA_EM_VOLTA = re.compile(r"\bgraph\b|\brun_query\b|\bstatement\b")
"""In a macro that looks at other models or asks the warehouse: what it gives is never the same."""
SEVERO = ("--warn-error-options", '{"error": "all", "silence": ["TypeCodeNotFound"]}')
TIPOS = ("source", "seed", "model", "snapshot")


class DbtFalhou(Exception):
    """What dbt says is wrong with the project."""


def _dbt(manifesto: Any, *argumentos: str) -> Any:
    """Run dbt in this process; returns its result.

    Raises:
        DbtFalhou: it says why.
    """
    comando = ["--quiet", "--no-use-colors", "--no-write-json", *argumentos]
    with contextlib.redirect_stdout(io.StringIO()):  # `compile` prints what it compiled
        feito = dbtRunner(manifest=manifesto).invoke(comando)
    if feito.exception:
        raise DbtFalhou(str(feito.exception))
    if not feito.success:
        falhas = [r.message for r in feito.result.results if r.message]
        raise DbtFalhou("\n".join(falhas))
    return feito.result


class Projeto:
    """The project as dbt reads it."""

    def __init__(self) -> None:
        """Read it.

        Raises:
            DbtFalhou: dbt cannot, or warns.
        """
        self.manifesto = _dbt(None, "parse", *SEVERO)

    def operacao(self, macro: str) -> None:
        """Run a macro that refuses something.

        Raises:
            DbtFalhou: it does.
        """
        _dbt(self.manifesto, "run-operation", macro)

    @cached_property
    def nos(self) -> dict[str, dict[str, Any]]:
        """The sources' tables, seeds, models and snapshots, by dbt's id."""
        todos = {**self.manifesto.sources, **self.manifesto.nodes}
        return {
            id_: no.to_dict(omit_none=False)
            for id_, no in todos.items()
            if no.resource_type.value in TIPOS
        }

    def compilar(self, ids: Iterable[str]) -> dict[str, str]:
        """The SQL of models and snapshots, by dbt's id."""
        nomes = [self.nos[id_]["name"] for id_ in ids]
        if not nomes:
            return {}
        resultados = _dbt(self.manifesto, "compile", "--select", *nomes).results
        return {r.node.unique_id: r.node.compiled_code or "" for r in resultados}

    def chave(self, id_: str, colunas: Mapping[str, Iterable[str]]) -> str | None:
        """A fingerprint of all that a model compiles from; none where there is more than that.

        Args:
            id_: dbt's id of it.
            colunas: the columns of what is no model.
        """
        no = self.nos[id_]
        chamadas = set(re.findall(r"\w+", no["raw_code"]))  # without those of hooks
        macros = self._macros(
            m for m in no["depends_on"]["macros"] if m.rpartition(".")[2] in chamadas
        )
        textos = [self.manifesto.macros[macro].macro_sql for macro in sorted(macros)]
        if any(map(OLHA_EM_VOLTA.search, (no["raw_code"], *textos))):
            return None
        pais = {pai: list(colunas.get(pai, ())) for pai in no["depends_on"]["nodes"]}
        tudo = [no["raw_code"], no["schema"], textos, pais]
        return hashlib.sha256(json.dumps(tudo).encode()).hexdigest()

    @cached_property
    def _corpos(self) -> dict[str, list[str]]:
        """By name of a macro those of each engine (`duckdb__tipo` of `tipo`)."""
        corpos: dict[str, list[str]] = defaultdict(list)
        for id_, macro in self.manifesto.macros.items():
            corpos[macro.name.partition("__")[2]].append(id_)
        return corpos

    def _macros(self, ids: Iterable[str]) -> set[str]:
        """These macros, and all that they call."""
        achados: set[str] = set()
        fila = list(ids)
        while fila:
            id_ = fila.pop()
            if id_ not in achados and id_ in self.manifesto.macros:
                achados.add(id_)
                macro = self.manifesto.macros[id_]
                fila += [*macro.depends_on.macros, *self._corpos.get(macro.name, ())]
        return achados


def ler_guardado(arquivo: Path) -> dict[str, Any]:
    """What was kept; nothing where there is no such file, or another program wrote it."""
    try:
        guardado = json.loads(arquivo.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return guardado if isinstance(guardado, dict) else {}
