"""Of which columns of tables each column of a query is made."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

TESTES_DE_TEXTO = (exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains)

FUNDO = 20_000
"""Levels of calls that following may take: the SQL of a book is deep."""
Relacao = tuple[str, str]
"""Schema and name of a table."""
Coluna = tuple[Relacao, str]


@contextmanager
def ate_o_fundo() -> Iterator[None]:
    """Let calls go as deep as the SQL is; who reads JSON in this process has its limit again."""
    antes = sys.getrecursionlimit()
    sys.setrecursionlimit(max(antes, FUNDO))
    try:
        yield
    finally:
        sys.setrecursionlimit(antes)


class NaoSeSegue(Exception):
    """Where a column comes from cannot be told."""


class Consulta:
    """The columns of one query, each with the columns of tables that it is made of."""

    def __init__(
        self, sql: str, tabelas: Mapping[Relacao, Sequence[str]], dialeto: str = "duckdb"
    ) -> None:
        """Parse a query.

        Args:
            sql: as dbt compiles it.
            tabelas: the columns of what it may read.
            dialeto: the engine for which it is compiled.

        Raises:
            NaoSeSegue: it cannot be read, or a column stands in no table that is known.
        """
        if not sql.strip():
            raise NaoSeSegue("dbt did not compile it")
        self.tabelas = tabelas
        esquema: dict[str, Any] = {}
        try:
            arvore = sqlglot.parse_one(sql, dialect=dialeto)
            for tabela in list(arvore.find_all(exp.Table)):
                tabela.set("catalog", None)
                if isinstance(tabela.this, exp.Func) and not tabela.find(exp.Column):
                    tabela.replace(_de_constantes(tabela))
                elif dela := tabelas.get((tabela.db, tabela.name)):
                    esquema.setdefault(tabela.db, {})[tabela.name] = dict.fromkeys(dela, "text")
            self.arvore = qualify(
                arvore, dialect=dialeto, schema=esquema, quote_identifiers=False, identify=False
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

    def _escopo(self, expressao: exp.Expr) -> Scope:
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
        self, no: exp.Expr, escopo: Scope, comparada: bool, achadas: dict[Coluna, bool]
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
            if coluna.name not in self.tabelas.get(relacao, ()):
                raise NaoSeSegue(f"the column {coluna.name} of {'.'.join(relacao)}")
            return {(relacao, coluna.name): False}
        nomes = _nomes(fonte)
        if coluna.name in nomes:
            return self._da_saida(fonte, nomes.index(coluna.name))
        if isinstance(fonte.expression, exp.Query):
            raise NaoSeSegue(f"the column {coluna.sql()}")
        return self._da_saida(fonte, 0)


def _nada_diz(no: exp.Expr) -> bool:
    """Whether an expression tells nothing of what it is made of: that there is something."""
    if isinstance(no, exp.Is):
        return isinstance(no.expression, exp.Null)
    return isinstance(no, exp.Count | exp.CountIf | exp.Exists | exp.ApproxDistinct)


def _de_constantes(tabela: exp.Table) -> exp.Expr:
    """A query with the column that a function of no column makes."""
    nome = (tabela.this.name or tabela.this.sql_name()).lower()
    return exp.select(exp.null().as_(nome)).subquery(tabela.alias or nome)


def _nomes(escopo: Scope) -> list[str]:
    expressao = escopo.expression
    if isinstance(expressao, exp.Query):
        return list(expressao.named_selects)
    return []


def _filhos(no: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for chave, valor in no.args.items():
        for filho in valor if isinstance(valor, list) else [valor]:
            if isinstance(filho, exp.Expr):
                yield chave, filho


def _juntar(
    achadas: dict[Coluna, bool], outras: Mapping[Coluna, bool], comparada: bool = False
) -> None:
    for coluna, so_comparada in outras.items():
        achadas[coluna] = achadas.get(coluna, True) and (so_comparada or comparada)
