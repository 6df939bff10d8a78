"""Refuse a model's column that descends from personal data and does not say so.

The marks of columns (loaders/contratos/pessoal.py) decide on erasure, disclosure and masks, so a
forgotten one leaves somebody's data where nobody looks for them. Here dbt compiles the project, and
each column is followed through the SQL to those that it is made of. What could not be followed is
said, and fails, too.

Some ways end by themselves: a count, `is null`, what a window is ordered and partitioned by, and a
key that is only compared. All others end with `pessoal: nao` and its `motivo`.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from loaders import PROJETO
from loaders.contratos import fontes, pessoal
from loaders.contratos.pessoal import CHAVE, NAO, Marca
from loaders.projeto.impressao import impressao_dos_arquivos

SEM_LINHAGEM = "sem_linhagem"
"""Meta of a model that cannot be followed: why. Its columns are then what their marks say."""
COMPILAR = (
    *("--quiet", "--no-use-colors", "compile"),
    *("--select", "resource_type:model", "resource_type:snapshot"),
)
TESTES_DE_TEXTO = (exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains)
FUNDO = 20_000
"""Levels of calls; the SQL of a book is deep."""

Relacao = tuple[str, str]
"""Schema and name of a table."""
Coluna = tuple[Relacao, str]


class NaoSeSegue(Exception):
    """Where a column comes from cannot be told."""


@dataclass
class No:
    """A source's table, a seed, a model or a snapshot.

    Attributes:
        nome: what it is called in messages.
        arquivo: where its columns are described.
        colunas: its columns, in order.
        marcas: what they tell of a person.
        modelo: whether it is a model or a snapshot.
        sql: what makes it.
        de: what it reads.
        sem_linhagem: why it cannot be followed.
        origens: for each column those it is made of, each with whether it is only compared.
    """

    nome: str
    arquivo: str
    colunas: tuple[str, ...]
    marcas: Mapping[str, Marca]
    modelo: bool = False
    sql: str = ""
    de: tuple[Relacao, ...] = ()
    sem_linhagem: str | None = None
    origens: dict[str, dict[Coluna, bool]] = field(default_factory=dict)


class Consulta:
    """The columns of one query, each with the columns of tables that it is made of."""

    def __init__(self, sql: str, nos: Mapping[Relacao, No]) -> None:
        """Parse a query.

        Args:
            sql: as dbt compiles it for DuckDB.
            nos: what it may read.

        Raises:
            NaoSeSegue: it cannot be read, or a column stands in no table that is known.
        """
        if not sql.strip():
            raise NaoSeSegue("dbt did not compile it")
        self.nos = nos
        esquema: dict[str, dict[str, dict[str, str]]] = {}
        try:
            arvore = sqlglot.parse_one(sql, dialect="duckdb")
            for tabela in list(arvore.find_all(exp.Table)):
                tabela.set("catalog", None)
                if isinstance(tabela.this, exp.Func) and not tabela.find(exp.Column):
                    tabela.replace(_de_constantes(tabela))
                elif no := nos.get((tabela.db, tabela.name)):
                    colunas = dict.fromkeys(no.colunas, "text")
                    esquema.setdefault(tabela.db, {})[tabela.name] = colunas
            self.arvore = qualify(
                arvore, dialect="duckdb", schema=esquema, quote_identifiers=False, identify=False
            )
            self.escopos = {id(e.expression): e for e in traverse_scope(self.arvore)}
        except SqlglotError as erro:
            raise NaoSeSegue(str(erro).partition("\n")[0]) from None
        if self.arvore.find(exp.Pivot):
            raise NaoSeSegue("a pivot")
        self._juncoes = {
            (id(juncao.parent), juncao.alias_or_name): juncao
            for juncao in self.arvore.find_all(exp.Join)
        }
        self._sabidas: dict[tuple[int, int], dict[Coluna, bool]] = {}

    def colunas(self) -> dict[str, dict[Coluna, bool]]:
        """What each column is made of; for each of those, whether it is only compared."""
        raiz = self._escopo(self.arvore)
        return {nome: self._da_saida(raiz, n) for n, nome in enumerate(_nomes(raiz))}

    def _escopo(self, expressao: exp.Expression) -> Scope:
        while isinstance(expressao, exp.Subquery | exp.Paren):
            expressao = expressao.this
        if id(expressao) not in self.escopos:
            raise NaoSeSegue(f"a {type(expressao).__name__.lower()} within it")
        return self.escopos[id(expressao)]

    def _da_saida(self, escopo: Scope, n: int) -> dict[Coluna, bool]:
        chave = id(escopo), n
        if chave not in self._sabidas:
            self._sabidas[chave] = {}  # a recursive query adds nothing on its second round
            self._sabidas[chave] = self._calcular(escopo, n)
        return self._sabidas[chave]

    def _calcular(self, escopo: Scope, n: int) -> dict[Coluna, bool]:
        expressao = escopo.expression
        achadas: dict[Coluna, bool] = {}
        if isinstance(expressao, exp.SetOperation):
            for lado in (expressao.left, expressao.right):
                _juntar(achadas, self._da_saida(self._escopo(lado), n))
        elif isinstance(expressao, exp.Select):
            self._de(expressao.selects[n], escopo, False, achadas)
        elif not isinstance(expressao, exp.Values):  # what a function makes of columns
            self._de(expressao, escopo, False, achadas)
        return achadas

    def _de(
        self, no: exp.Expression, escopo: Scope, comparada: bool, achadas: dict[Coluna, bool]
    ) -> None:
        """Add what an expression is made of."""
        if _nada_diz(no):
            return
        if isinstance(no, exp.Column):
            _juntar(achadas, self._da_coluna(no, escopo), comparada)
        elif isinstance(no, exp.Window):
            self._de(no.this, escopo, comparada, achadas)
        elif isinstance(no, exp.Query | exp.Subquery) and no is not escopo.expression:
            dentro = self._escopo(no)
            for n in range(len(_nomes(dentro))):
                _juntar(achadas, self._da_saida(dentro, n), comparada)
        else:
            compara = comparada or isinstance(no, (exp.Predicate, *TESTES_DE_TEXTO))
            for chave, filho in _filhos(no):
                condicao = (
                    (isinstance(no, exp.If | exp.Case) and chave == "this")
                    or (isinstance(no, exp.Filter) and chave == "expression")
                )  # fmt: skip
                self._de(filho, escopo, compara or condicao, achadas)

    def _da_coluna(self, coluna: exp.Column, escopo: Scope) -> dict[Coluna, bool]:
        de_onde: Scope | None = escopo
        while de_onde is not None and coluna.table not in de_onde.sources:
            de_onde = de_onde.parent
        if de_onde is None:
            raise NaoSeSegue(f"the column {coluna.sql()}")
        achadas = dict(self._da_fonte(coluna, de_onde))
        # What a join looks up tells of what it is looked up by.
        juncao = self._juncoes.get((id(de_onde.expression), coluna.table))
        if juncao is not None and (por := juncao.args.get("on")) is not None:
            for outra in por.find_all(exp.Column):
                if outra.table != coluna.table:
                    _juntar(achadas, self._da_coluna(outra, de_onde), True)
        return achadas

    def _da_fonte(self, coluna: exp.Column, de_onde: Scope) -> dict[Coluna, bool]:
        fonte = de_onde.sources[coluna.table]
        if isinstance(fonte, exp.Table):
            relacao = (fonte.db, fonte.name)
            if relacao not in self.nos or coluna.name not in self.nos[relacao].colunas:
                raise NaoSeSegue(f"the column {coluna.name} of {'.'.join(relacao)}")
            return {(relacao, coluna.name): False}
        nomes = _nomes(fonte)
        if coluna.name in nomes:
            return self._da_saida(fonte, nomes.index(coluna.name))
        if isinstance(fonte.expression, exp.Query):
            raise NaoSeSegue(f"the column {coluna.sql()}")
        return self._da_saida(fonte, 0)


def _nada_diz(no: exp.Expression) -> bool:
    """Whether an expression tells nothing of what it is made of: that there is something."""
    if isinstance(no, exp.Is):
        return isinstance(no.expression, exp.Null)
    return isinstance(no, exp.Count | exp.CountIf | exp.Exists | exp.ApproxDistinct)


def _de_constantes(tabela: exp.Table) -> exp.Expression:
    """A query with the column that a function of no column makes."""
    nome = (tabela.this.name or tabela.this.sql_name()).lower()
    return exp.select(exp.null().as_(nome)).subquery(tabela.alias or nome)


def _nomes(escopo: Scope) -> list[str]:
    expressao = escopo.expression
    if isinstance(expressao, exp.Query):
        return list(expressao.named_selects)
    return []


def _filhos(no: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    for chave, valor in no.args.items():
        for filho in valor if isinstance(valor, list) else [valor]:
            if isinstance(filho, exp.Expression):
                yield chave, filho


def _juntar(
    achadas: dict[Coluna, bool], outras: Mapping[Coluna, bool], comparada: bool = False
) -> None:
    for coluna, so_comparada in outras.items():
        achadas[coluna] = achadas.get(coluna, True) and (so_comparada or comparada)


class Projeto:
    """What dbt makes, and from which columns."""

    def __init__(self, manifesto: Mapping[str, Any]) -> None:
        """Read dbt's manifest, of a project that was compiled."""
        self.problemas: list[str] = []
        self.nos: dict[Relacao, No] = {}
        relacoes: dict[str, Relacao] = {}
        for id_, dito in {**manifesto["sources"], **manifesto["nodes"]}.items():
            if dito["resource_type"] not in ("source", "seed", "model", "snapshot"):
                continue
            relacao = dito["schema"], dito.get("identifier") or dito["alias"]
            relacoes[id_] = relacao
            self.nos[relacao] = self._no(dito)
        for id_, dito in manifesto["nodes"].items():
            if id_ in relacoes:
                pais = dito["depends_on"].get("nodes", ())
                self.nos[relacoes[id_]].de = tuple(relacoes[p] for p in pais if p in relacoes)
        de_pessoas = [t for f in fontes().values() for t in f.tabelas if t.titular]
        self.chaves = {c for t in de_pessoas for c in t.acham}
        self.chaves |= {c for no in self.nos.values() for c, m in no.marcas.items() if m.chave_de}

    def _no(self, dito: Mapping[str, Any]) -> No:
        colunas = tuple(dito["columns"])
        if dito["resource_type"] == "source":
            tabela = next(
                t for t in fontes()[dito["source_name"]].tabelas if t.nome == dito["name"]
            )
            colunas = tuple(c.nome for c in tabela.colunas)
            nome = f"raw_{dito['source_name']}.{dito['name']}"
            return No(nome, dito["original_file_path"], colunas, tabela.marcas)
        onde = (dito.get("patch_path") or dito["original_file_path"]).rpartition("//")[2]
        marcas = {}
        for nome, coluna in dito["columns"].items():
            try:
                marca = pessoal.ler({**coluna["meta"], **coluna["config"].get("meta", {})})
            except ValueError as erro:
                self.problemas.append(f"{onde}: {dito['name']}.{nome}: {erro}")
                marca = Marca(NAO)
            if marca:
                marcas[nome] = marca
        if dito["resource_type"] == "seed":
            with (PROJETO / dito["original_file_path"]).open(encoding="utf-8") as aberto:
                colunas = tuple(next(csv.reader(aberto)))
        return No(
            dito["name"], onde, colunas, marcas,
            modelo=dito["resource_type"] != "seed",
            sql=dito.get("compiled_code") or "",
            sem_linhagem=dito["config"]["meta"].get(SEM_LINHAGEM),
        )  # fmt: skip

    def conferir(self) -> list[str]:
        """What is wrong, one line each: file, column, and the way by which it descends."""
        for relacao in self._em_ordem():
            no = self.nos[relacao]
            if not no.modelo or no.sem_linhagem:
                continue
            try:
                no.origens = Consulta(no.sql, self.nos).colunas()
            except NaoSeSegue as porque:
                self.problemas.append(
                    f"{no.arquivo}: {no.nome} cannot be followed: {porque}. Write it in another"
                    f" way, or say why not: `meta: {{{SEM_LINHAGEM}: <why>}}`"
                )
                continue
            no.colunas = tuple(dict.fromkeys([*no.origens, *no.colunas]))
            for coluna in no.origens:
                vem = self._vem_de((relacao, coluna))
                if vem and not self._dita(relacao, coluna):
                    self.problemas.append(
                        f"{no.arquivo}: {no.nome}.{coluna} has no mark `pessoal`, and descends"
                        f" from personal data: {self._caminho((relacao, coluna))}"
                    )
        return self.problemas

    def _em_ordem(self) -> Iterable[Relacao]:
        """What is read stands before who reads it."""
        feitas: dict[Relacao, None] = {}

        def por(relacao: Relacao) -> None:
            if relacao not in feitas:
                for de in self.nos[relacao].de:
                    por(de)
                feitas[relacao] = None

        for relacao in self.nos:
            por(relacao)
        return feitas

    def _dita(self, relacao: Relacao, coluna: str) -> Marca | None:
        """The mark of a column; a key has one by its name."""
        marca = self.nos[relacao].marcas.get(coluna)
        return marca or (Marca(CHAVE) if coluna in self.chaves else None)

    def _vem_de(self, coluna: Coluna) -> Coluna | None:
        """The first column of personal data that a column is made of."""
        relacao, nome = coluna
        for origem, so_comparada in self.nos[relacao].origens.get(nome, {}).items():
            classe = self._classe(origem)
            if classe and not (so_comparada and classe == CHAVE):
                return origem
        return None

    def _classe(self, coluna: Coluna) -> str | None:
        """The class of a column: its mark's, or that of what it is made of, where it has none."""
        relacao, nome = coluna
        marca = self.nos[relacao].marcas.get(nome)
        if marca:
            return None if marca.classe == NAO else marca.classe
        vem = self._vem_de(coluna)
        return self._classe(vem) if vem else None

    def _caminho(self, coluna: Coluna) -> str:
        """From raw to the column."""
        passos = [coluna]
        while vem := self._vem_de(passos[-1]):
            passos.append(vem)
        return " → ".join(f"{self.nos[r].nome}.{c}" for r, c in reversed(passos))


@cache
def _impressao() -> str:
    """A fingerprint of all that decides on the answer."""
    resumo = hashlib.sha256(impressao_dos_arquivos().encode())
    for arquivo in (Path(__file__), Path(pessoal.__file__)):
        resumo.update(arquivo.read_bytes())
    return f"{resumo.hexdigest()} {sqlglot.__version__}"


def main() -> int:
    """Check the project, unless it is as it was when it was last found right."""
    alvo = PROJETO / os.environ.get("DBT_TARGET_PATH", "target")
    certa = alvo / "linhagem.ok"
    if certa.is_file() and certa.read_text(encoding="utf-8") == _impressao():
        return 0
    dbt = Path(sys.executable).with_name("dbt")
    feito = subprocess.run([str(dbt), *COMPILAR], cwd=PROJETO, capture_output=True, text=True)  # noqa: S603
    if feito.returncode:
        print(feito.stdout[-4000:])
        return feito.returncode
    sys.setrecursionlimit(FUNDO)
    problemas = Projeto(json.loads((alvo / "manifest.json").read_bytes())).conferir()
    if problemas:
        print("\n".join(sorted(problemas)))
        return 1
    certa.write_text(_impressao(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
