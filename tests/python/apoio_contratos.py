"""Sources that are nothing but a contract: the repository's models with one more YAML."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from loaders import PROJETO, contratos
from loaders.contratos.api import CHAMADA
from loaders.contratos.tecnicas import TECNICAS

COMO_LASTRO = (
    "import sys; from pathlib import Path; from loaders.contratos import leitura;"
    "leitura.PROJETO = Path(sys.argv.pop(1)); from loaders.cli import main; main()"
)

CITEXT = """
create type citext;
create function citextin(cstring) returns citext as 'textin' language internal immutable strict;
create function citextout(citext) returns cstring as 'textout' language internal immutable strict;
create type citext (input = citextin, output = citextout, like = text, category = 'S');
create cast (citext as text) without function as implicit;
create cast (text as citext) without function as assignment;
"""
"""The package's server has no extension: a type of that name, as the extension makes it."""


def contrato(fonte: str, tipo: str, tabelas: str) -> str:
    """The text of a contract.

    Args:
        fonte: the source's name.
        tipo: how it is read.
        tabelas: its tables as YAML, by name: dbt's keys, `meta`, and `columns` by name with their
            type, or with what `config: meta:` says beside it. The loader's columns are added.
    """
    lidas = yaml.safe_load(tabelas)
    return yaml.safe_dump(
        {
            "version": 2,
            "sources": [
                {
                    "name": fonte,
                    "description": "A source of the tests.",
                    "schema": "{{ env_var('LASTRO_SCHEMA_PREFIX', '') }}raw_" + fonte,
                    "config": {"meta": {"tipo": tipo}},
                    "tables": [_tabela(nome, tipo, dita) for nome, dita in lidas.items()],
                }
            ],
        },
        sort_keys=False,
    )


def _tabela(nome: str, tipo: str, dita: dict[str, object]) -> dict[str, object]:
    colunas = dita.pop("columns", {})
    assert isinstance(colunas, dict)
    proprias = CHAMADA if "chamadas_de" in dita else TECNICAS[tipo]
    return {
        "name": nome,
        "description": "One of them.",
        "config": {"meta": dita},
        "columns": [
            *(_coluna(c, t) for c, t in colunas.items()),
            *(_coluna(c, t) for c, t in proprias.items()),
        ],
    }


def _coluna(nome: str, dita: object) -> dict[str, object]:
    if isinstance(dita, str):
        return {"name": nome, "description": "One.", "data_type": dita}
    assert isinstance(dita, dict)
    tipo = dita.pop("data_type", "text")
    return {
        "name": nome, "description": "One.", "data_type": tipo, "config": {"meta": dita},
    }  # fmt: skip


@contextmanager
def com_contratos(pasta: Path, **textos: str) -> Iterator[Path]:
    """Let the contracts be the repository's, and those of some texts, by their source."""
    projeto = pasta / "projeto"
    if not projeto.exists():
        shutil.copytree(PROJETO / "models", projeto / "models")
    for fonte, texto in textos.items():
        onde = projeto / "models/staging" / fonte
        onde.mkdir(exist_ok=True)
        (onde / f"_{fonte}__sources.yml").write_text(texto, encoding="utf-8")
    antes = contratos.leitura.PROJETO
    contratos.leitura.PROJETO = projeto
    contratos.fontes.cache_clear()
    try:
        yield projeto
    finally:
        contratos.leitura.PROJETO = antes
        contratos.fontes.cache_clear()


def comando(projeto: Path, *argumentos: str) -> list[str]:
    """`lastro` in a process of its own, by the contracts of a project."""
    return [sys.executable, "-c", COMO_LASTRO, str(projeto), *argumentos]
