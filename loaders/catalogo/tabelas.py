"""What dbt knows of each published table, put together for a reader."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.catalogo.origens import Origens
from loaders.contratos import DO_CONTROLE, DO_DBT
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos
from loaders.publicacao.modelos import modelos

ALVO_DE_RELACAO = re.compile(r"ref\(['\"](\w+)['\"]\)")


@dataclass(frozen=True)
class Coluna:
    """A column as its YAML has it.

    Attributes:
        nome: its name.
        tipo: its SQL type.
        descricao: what it is.
        classe: the class of personal data that it holds, if any.
        chave: whether it is part of the key.
        feita_de: the columns that it takes its values from, each with its table before it; empty
            for a constant, and where its table cannot be followed.
        na_fonte: the columns of sources and seeds from which its values descend.
    """

    nome: str
    tipo: str
    descricao: str
    classe: str | None
    chave: bool
    feita_de: tuple[tuple[str, str], ...] = ()
    na_fonte: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Teste:
    """A data test of a table.

    Attributes:
        nome: what it tests: `not_null`, or the name of a test of its own.
        coluna: the column, if it is one's.
        resultado: dbt's status in the last build; empty where that is not known.
    """

    nome: str
    coluna: str
    resultado: str


@dataclass(frozen=True)
class Relacao:
    """A column that is found in another table."""

    coluna: str
    tabela: str
    coluna_la: str


@dataclass(frozen=True)
class Tabela:
    """A published table.

    Attributes:
        nome: schema and name, as the warehouse calls it.
        descricao: what one of its rows is.
        grao: the columns that tell its rows apart, as its YAML says.
        valor: the column of its key amount, if any.
        colunas: its columns.
        testes: its tests.
        relacoes: what leads to other published tables.
        pais: what it is made of directly.
        filhos: what is made of it, published tables and exposures.
        fontes: the tables of sources that it descends from.
        bases: the nearest published tables that it descends from.
        areas: who reads it.
        sem_linhagem: why it is not known of which columns its own are made; empty where it is.
    """

    nome: str
    descricao: str
    grao: str
    valor: str
    colunas: tuple[Coluna, ...]
    testes: tuple[Teste, ...]
    relacoes: tuple[Relacao, ...]
    pais: tuple[str, ...]
    filhos: tuple[str, ...]
    fontes: tuple[str, ...]
    bases: tuple[str, ...]
    areas: tuple[str, ...]
    sem_linhagem: str = ""

    @property
    def esquema(self) -> str:
        """The schema in which it stands."""
        return self.nome.partition(".")[0]

    @property
    def consulta(self) -> str:
        """A query to begin with."""
        colunas = ", ".join(c.nome for c in self.colunas[:6])
        return f"select {colunas}\nfrom pub_{self.nome}\nlimit 100"


def ler(alvo: Path, resultados: Mapping[str, str]) -> dict[str, Tabela]:
    """Every table that some area reads, by schema and name.

    Args:
        alvo: the folder where dbt wrote `manifest.json` and `catalog.json`.
        resultados: the status of each test by its unique id.

    Raises:
        LastroError: a file is not there, or not dbt's.
    """
    try:
        escrito = json.loads((alvo / "manifest.json").read_text(encoding="utf-8"))
        existe = json.loads((alvo / "catalog.json").read_text(encoding="utf-8"))
        return _Manifesto(escrito, Origens(escrito, existe), resultados).tabelas()
    except (OSError, ValueError, KeyError) as erro:
        raise LastroError(f"What dbt wrote to {alvo} cannot be read: {erro!r}") from erro


def resultados_da_construcao(alvo: Path) -> dict[str, str]:
    """What the tests of the last `dbt build` or `dbt test` said, by unique id; none if unknown."""
    try:
        escrito = json.loads((alvo / "run_results.json").read_text(encoding="utf-8"))
        if escrito["args"]["which"] not in ("build", "test"):
            return {}
        return {r["unique_id"]: r["status"] for r in escrito["results"]}
    except (OSError, ValueError, KeyError):
        return {}


class _Manifesto:
    """dbt's manifest, asked for what stands around each model."""

    def __init__(
        self, escrito: dict[str, Any], origens: Origens, resultados: Mapping[str, str]
    ) -> None:
        self.origens = origens
        self.nos: dict[str, dict[str, Any]] = escrito["nodes"]
        self.fontes: dict[str, dict[str, Any]] = escrito["sources"]
        self.exposures: dict[str, dict[str, Any]] = escrito["exposures"]
        self.resultados = resultados
        lidas = {t: [n for n, area in acessos.areas().items() if t in area.le] for t in modelos()}
        self.publicadas = {tabela: tuple(areas) for tabela, areas in lidas.items() if areas}
        nomes = {tabela.partition(".")[2]: tabela for tabela in self.publicadas}
        self.por_id = {
            id_: nomes[no["name"]]
            for id_, no in self.nos.items()
            if no["resource_type"] == "model" and no["name"] in nomes
        }
        self.testes: dict[str, list[dict[str, Any]]] = {}
        for no in self.nos.values():
            if no["resource_type"] == "test":
                self.testes.setdefault(no.get("attached_node") or "", []).append(no)

    def tabelas(self) -> dict[str, Tabela]:
        """All of them, in the order of their names."""
        return {
            t: self._tabela(id_, t) for t, id_ in sorted((t, i) for i, t in self.por_id.items())
        }

    def _tabela(self, id_: str, tabela: str) -> Tabela:
        no, modelo = self.nos[id_], modelos()[tabela]
        classes = {c.nome: c.pessoal for c in modelo.colunas}
        return Tabela(
            nome=tabela,
            descricao=" ".join(no["description"].split()),
            grao=str(no["config"]["meta"].get("grao", ", ".join(modelo.chave))),
            valor=str(no["config"]["meta"].get("valor", "")),
            colunas=tuple(
                Coluna(
                    nome=c["name"],
                    tipo=c.get("data_type") or "",
                    descricao=" ".join(c["description"].split()),
                    classe=classes.get(c["name"]),
                    chave=c["name"] in modelo.chave,
                    feita_de=self._ditas(self.origens.feita_de(id_, c["name"])),
                    na_fonte=self._ditas(self.origens.na_fonte(id_, c["name"])),
                )
                for c in no["columns"].values()
            ),
            testes=tuple(self._teste(t) for t in self.testes.get(id_, ())),
            relacoes=tuple(self._relacoes(id_)),
            pais=tuple(self._nome(pai) for pai in no["depends_on"]["nodes"]),
            filhos=tuple(self._filhos(id_)),
            fontes=tuple(sorted(self._fontes(id_))),
            bases=tuple(sorted(self._bases(id_))),
            areas=self.publicadas[tabela],
            sem_linhagem=self.origens.porque_nao(id_),
        )

    def _nome(self, id_: str) -> str:
        """A table as the warehouse calls it, a source's as it is called there."""
        if id_ in self.por_id:
            return self.por_id[id_]
        no = self.nos.get(id_) or self.fontes[id_]
        return f"{no['schema'] if id_ in self.nos else no['source_name']}.{no['name']}"

    def _ditas(self, colunas: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((self._nome(id_), coluna) for id_, coluna in colunas)

    def _teste(self, no: dict[str, Any]) -> Teste:
        dito = no.get("test_metadata") or {"name": no["name"]}
        nome = dito["name"]
        if nome == "expression_is_true":  # what it says stands in its own name
            nome = no["config"].get("alias") or no["name"]
        return Teste(nome, no.get("column_name") or "", self.resultados.get(no["unique_id"], ""))

    def _relacoes(self, id_: str) -> list[Relacao]:
        achadas = []
        for no in self.testes.get(id_, ()):
            dito = no.get("test_metadata") or {}
            if dito.get("name") != "relationships":
                continue
            alvo = ALVO_DE_RELACAO.search(dito["kwargs"]["to"])
            la = self.por_id.get(f"model.{no['package_name']}.{alvo[1]}") if alvo else None
            if la:
                achadas.append(Relacao(no["column_name"], la, dito["kwargs"]["field"]))
        return achadas

    def _filhos(self, id_: str) -> list[str]:
        proximos = [t for i, t in self.por_id.items() if id_ in self.nos[i]["depends_on"]["nodes"]]
        usos = [e["label"] for e in self.exposures.values() if id_ in e["depends_on"]["nodes"]]
        return sorted(proximos) + sorted(usos)

    def _fontes(self, id_: str) -> set[str]:
        """The sources that it descends from, but for those in which loads are noted."""
        achadas = self._acima(id_, self.fontes.__contains__)
        return {
            self._nome(i)
            for i in achadas
            if self.fontes[i]["source_name"] not in (DO_CONTROLE, DO_DBT)
        }

    def _bases(self, id_: str) -> set[str]:
        achadas = self._acima(id_, self.por_id.__contains__)
        return {self.por_id[i] for i in achadas}

    def _acima(self, id_: str, para: Callable[[str], bool]) -> set[str]:
        """What it descends from, up to the first on each way where one is to stop."""
        vistos, achados, faltam = set[str](), set[str](), list(self._pais(id_))
        while faltam:
            atual = faltam.pop()
            if atual in vistos:
                continue
            vistos.add(atual)
            if para(atual):
                achados.add(atual)
            else:
                faltam += self._pais(atual)
        return achados

    def _pais(self, id_: str) -> list[str]:
        if id_ in self.fontes:
            return []
        pais: list[str] = self.nos[id_]["depends_on"].get("nodes", [])
        return pais
