"""What dbt makes and from what, as dbt says itself: each table or view, with its sources.

dbt is asked in a process of its own, and what it says is kept in its target folder for as long as
no file of the project and no setting that decides on it changes. Nothing else is believed: not
`manifest.json`, which may be missing, or of other files, another target or other variables.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from loaders import PROJETO
from loaders.contratos import DO_CONTROLE, DO_DBT, Marca, fontes, pessoal
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.pasta_aberta import PastaAberta
from loaders.projeto.ambiente_dbt import ambiente, pasta_alvo, saida_de
from loaders.projeto.impressao import ARQUIVOS, impressao_dos_arquivos

LISTAR = (
    *("--quiet", "--no-use-colors", "--no-write-json", "--log-format", "text"),
    *("ls", "--project-dir", str(PROJETO), "--profiles-dir", str(PROJETO)),
    # All of them, whatever default selector or variable of the environment makes builds smaller.
    *("--select", "fqn:*", "--exclude-resource-type", "metric"),
    *("--resource-type", "model", "snapshot", "seed", "test", "--output", "json"),
    *("--output-keys", "unique_id", "resource_type", "schema", "alias"),
    *("depends_on", "columns", "config"),
)
CONHECIDO_ATE = re.compile("^conhecido_ate_[0-9t_]+_")
"""What stands before a schema, after the sandbox prefix, in a build with that variable."""
FORMA = 3
"""Number of the form in which it is kept."""
DO_AMBIENTE = re.compile(r"env_var\(\s*['\"](\w+)['\"]")
SO_DA_LIGACAO = re.compile("PG.*|.*PASS.*|.*SECRET.*|LASTRO_DUCKDB.*|LASTRO_PG_ROLE")
"""Variables of the environment that say how the warehouse is reached, and decide on no node."""


@dataclass(frozen=True)
class No:
    """What dbt makes a table or a view of.

    Attributes:
        tipo: `model`, `snapshot`, `seed` or `test` (which keeps failures, if it is told to).
        esquema: its schema, without the sandbox prefix.
        nome: its name there.
        fontes: the sources that it descends from; not those in which lastro and dbt keep their own.
        colunas: the columns that its YAML describes, each with its mark, if it has one.
        antes: what it was called in older versions (`meta: {antes: …}`), newest first.
    """

    tipo: str
    esquema: str
    nome: str
    fontes: frozenset[str]
    colunas: Mapping[str, Marca | None] = field(hash=False)
    antes: tuple[str, ...] = ()


_lidos: dict[str, tuple[No, ...]] = {}
"""By target. The project of a command is the one that it found: it does not change on the way."""


def nos(config: Configuracao) -> tuple[No, ...]:
    """Every node of the project.

    Call it before the warehouse is opened: what it does not know yet takes dbt some seconds.

    Raises:
        ConstrucaoFalhou: dbt cannot read the project; the message says why.
        LastroError: a column has a mark of personal data that cannot be.
    """
    if config.alvo not in _lidos:
        chave = _chave(config)
        guardados = _guardados(_arquivo(config), chave)
        if guardados is None:
            guardados = _perguntar(config)
            _guardar(_arquivo(config), chave, guardados)
        _lidos[config.alvo] = guardados
    return _lidos[config.alvo]


def esquemas(config: Configuracao) -> list[str]:
    """The schemas that a build makes, without the prefix: nothing in them but can be made again.

    A model may stand beside what the loaders wrote; that schema is none of these.
    """
    dos_loaders = {f.esquema for f in fontes().values() if f.nome != DO_DBT}
    return sorted({n.esquema for n in nos(config) if n.tipo != "test"} - dos_loaders)


def _arquivo(config: Configuracao) -> Path:
    return pasta_alvo() / f"lastro_{config.alvo}_{config.prefixo}.json"


def _chave(config: Configuracao) -> str:
    """A fingerprint of all that decides on the nodes."""
    de_fora = {n: v for n, v in {**os.environ, **ambiente(config)}.items() if n in _variaveis()}
    tudo = [FORMA, version("dbt-core"), config.alvo, config.prefixo, sorted(de_fora.items())]
    return hashlib.sha256(f"{impressao_dos_arquivos()}{json.dumps(tudo)}".encode()).hexdigest()


@cache
def _variaveis() -> frozenset[str]:
    """The variables of the environment that files of the project name."""
    nomes: set[str] = set()
    for onde in ARQUIVOS:
        for arquivo in (
            (PROJETO / onde).rglob("*") if (PROJETO / onde).is_dir() else [PROJETO / onde]
        ):
            if arquivo.suffix in (".sql", ".yml", ".yaml", ".py", ".md") and arquivo.is_file():
                nomes.update(DO_AMBIENTE.findall(arquivo.read_text("utf-8", "replace")))
    return frozenset(n for n in nomes if not SO_DA_LIGACAO.fullmatch(n))


def _perguntar(config: Configuracao) -> tuple[No, ...]:
    lidos = {}
    andamento.dizer("asking dbt what the project makes")
    for linha in saida_de(config, "dbt", *LISTAR).splitlines():
        if linha.startswith("{"):
            no = json.loads(linha)
            lidos[no["unique_id"]] = no
    return tuple(_no(config, no, lidos) for no in lidos.values())


def _no(config: Configuracao, no: Mapping[str, Any], todos: Mapping[str, Any]) -> No:
    return No(
        tipo=no["resource_type"],
        esquema=no["schema"].removeprefix(config.prefixo),
        nome=no["alias"],
        fontes=_descende_de(no, todos) - {DO_CONTROLE, DO_DBT},
        colunas={c: pessoal.da_coluna(no["alias"], c, dita) for c, dita in no["columns"].items()},
        antes=_antes(no["config"].get("meta") or {}),
    )


def _antes(meta: Mapping[str, Any]) -> tuple[str, ...]:
    dito = meta.get("antes", ())
    return (dito,) if isinstance(dito, str) else tuple(dito)


def _descende_de(no: Mapping[str, Any], todos: Mapping[str, Any]) -> frozenset[str]:
    """The sources that are reached from a node, by name."""
    achadas, vistos = set(), set()
    adiante = list(no["depends_on"].get("nodes", ()))
    while adiante:
        id_ = adiante.pop()
        if id_ in vistos:
            continue
        vistos.add(id_)
        if id_.startswith("source."):
            achadas.add(id_.split(".")[2])
        elif id_ in todos:
            adiante += todos[id_]["depends_on"].get("nodes", ())
    return frozenset(achadas)


def _guardados(arquivo: Path, chave: str) -> tuple[No, ...] | None:
    """What is kept; nothing where it is of other files or settings, or cannot be read."""
    try:
        lido = json.loads(arquivo.read_bytes())
        if lido["chave"] != chave:
            return None
        return tuple(
            No(
                **{
                    **no,
                    "fontes": frozenset(no["fontes"]),
                    "antes": tuple(no["antes"]),
                    "colunas": {c: m and Marca(**m) for c, m in no["colunas"].items()},
                }
            )
            for no in lido["nos"]
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _guardar(arquivo: Path, chave: str, lidos: Iterable[No]) -> None:
    """Keep it, where the user may; whoever reads meanwhile finds the old file or the new one."""
    tudo = {"chave": chave, "nos": [asdict(no) for no in lidos]}
    texto = json.dumps(tudo, default=sorted).encode()
    with suppress(OSError):
        arquivo.parent.mkdir(parents=True, exist_ok=True)
        with PastaAberta.abrir(str(arquivo.parent)) as pasta:
            pasta.gravar(arquivo.name, lambda aberto: aberto.write(texto))
