"""The public models as their YAML describes them: the tables that can be published."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loaders import PROJETO
from loaders.contratos import pessoal

PASTAS = ("models/core", "models/marts", "models/reconciliacao")
"""Folders whose models dbt_project.yml makes public."""

PLANO = "movimento_flat"
"""The extract without any key: its rows are recognised by all that they say."""
ESTRELA = ("fact_movimentacao", "dim_associado", "dim_conta", "dim_cartao")
"""What it is made of."""


@dataclass(frozen=True)
class Coluna:
    """One column.

    Attributes:
        nome: its name.
        tipo: its SQL type.
        pessoal: the class of personal data that it holds, if any.
        obrigatoria: whether its contract says that it is never null.
    """

    nome: str
    tipo: str
    pessoal: str | None
    obrigatoria: bool = False


@dataclass(frozen=True)
class Modelo:
    """One public model.

    Attributes:
        esquema: its schema, without the sandbox prefix.
        nome: its name.
        colunas: its columns, in order.
        visao: whether dbt makes a view of it.
        valor: the column of its key amount in BRL, if it has one.
        registro: whether it is a log (`meta.registro`), which moves with every load.
        chave: the columns by which a row is looked up; empty where the YAML names none.
        partes: the models of the same schema that hold its columns, side by side by `chave`; empty
            for most. On DuckDB these are views of it. A row of them all is wider than PostgreSQL
            can store: there it is the view.
    """

    esquema: str
    nome: str
    colunas: tuple[Coluna, ...]
    visao: bool
    valor: str | None
    registro: bool
    chave: tuple[str, ...]
    partes: tuple[str, ...]

    @property
    def tabela(self) -> str:
        """Schema and name, without the sandbox prefix."""
        return f"{self.esquema}.{self.nome}"

    @property
    def tabelas_das_partes(self) -> tuple[str, ...]:
        """Its parts, by schema and name."""
        return tuple(f"{self.esquema}.{parte}" for parte in self.partes)

    def reuniao(self, esquema: str) -> str:
        """The query that puts its parts side by side, from the schema in which they stand."""
        primeira, *outras = self.partes
        das_partes = {
            coluna.nome: parte
            for parte in reversed(self.partes)
            for coluna in modelos()[f"{self.esquema}.{parte}"].colunas
        }
        colunas = ", ".join(f"{das_partes[c.nome]}.{c.nome}" for c in self.colunas)
        juncoes = " ".join(
            f"join {esquema}.{parte} on "
            + " and ".join(f"{primeira}.{c} = {parte}.{c}" for c in self.chave)
            for parte in outras
        )
        return f"select {colunas} from {esquema}.{primeira} {juncoes}"


def _esquema(arquivo: Path) -> str:
    """The schema of the models of the file's folder: the layer's, or a mart's area."""
    camada, *areas = arquivo.parent.relative_to(PROJETO / "models").parts
    return areas[0] if camada == "marts" else camada


def _chave(dados: dict[str, Any]) -> tuple[str, ...]:
    """The columns that a test of the model holds to be unique."""
    for coluna in dados["columns"]:
        if "unique" in coluna.get("data_tests", ()):
            return (coluna["name"],)
    for teste in dados.get("data_tests", ()):
        unica = teste.get("dbt_utils.unique_combination_of_columns")
        if unica:
            return tuple(unica["arguments"]["combination_of_columns"])
    return ()


def _pessoal(modelo: str, coluna: dict[str, Any]) -> str | None:
    """The class of personal data that a column holds; nothing of keys, by which tables join."""
    marca = pessoal.da_coluna(modelo, coluna["name"], coluna)
    return marca.classe if marca and marca.classe in pessoal.CLASSES else None


def _modelo(esquema: str, dados: dict[str, Any]) -> Modelo:
    meta = dados.get("config", {}).get("meta", {})
    reune = meta.get("reune")
    return Modelo(
        esquema=esquema,
        nome=dados["name"],
        colunas=tuple(
            Coluna(
                c["name"],
                c["data_type"],
                _pessoal(dados["name"], c),
                any(r["type"] == "not_null" for r in c.get("constraints", ())),
            )
            for c in dados["columns"]
        ),
        visao=bool(meta.get("visao") or reune),
        valor=meta.get("valor"),
        registro=bool(meta.get("registro")),
        chave=tuple(reune["chaves"]) if reune else _chave(dados),
        partes=tuple(reune["partes"]) if reune else (),
    )


@cache
def modelos() -> dict[str, Modelo]:
    """Every public model, by schema and name; not those with `meta: {publicada: false}`."""
    leitor = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the book's files have 2,000 columns
    resultado = {}
    for pasta in PASTAS:
        for arquivo in sorted((PROJETO / pasta).rglob("*.yml")):
            lido = yaml.load(arquivo.read_text(encoding="utf-8"), leitor)  # noqa: S506 - a safe one
            for dados in lido.get("models", ()):
                if not dados.get("config", {}).get("meta", {}).get("publicada", True):
                    continue
                modelo = _modelo(_esquema(arquivo), dados)
                resultado[modelo.tabela] = modelo
    return resultado
