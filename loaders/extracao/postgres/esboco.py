"""What a database says of itself, as a first draft of its contract: a person edits it."""

from collections.abc import Iterable
from dataclasses import dataclass

from loaders.armazem.sql import literal
from loaders.contratos import tipos
from loaders.extracao.postgres import catalogo
from loaders.extracao.postgres.catalogo import Consulta
from loaders.extracao.postgres.conexao import FontePostgres
from loaders.extracao.postgres.tipos import NUMERICO, NaFonte, passagem
from loaders.nucleo.erros import FonteRecusada

DECIMAL_LIVRE = "decimal(18,2)"
"""What a `numeric` without scale is drafted as; a value that does not fit stands as text beside."""
MUITAS = 100_000
"""Rows, as the server estimates them, from which on a table is drafted to be read by days."""
EXATOS = {
    "smallint": "bigint", "integer": "bigint", "bigint": "bigint", "boolean": "boolean",
    "real": "double precision", "double precision": "double precision", "date": "date",
}  # fmt: skip


@dataclass(frozen=True)
class ColunaAchada:
    """A column of the database.

    Attributes:
        nome: its name there.
        tipo: the contract's type that takes it; None where none does.
        json: whether it holds a payload.
        comentario: what the database says of it.
        de: the table whose key it refers to.
    """

    nome: str
    tipo: str | None
    json: bool
    comentario: str
    de: str | None


@dataclass(frozen=True)
class TabelaAchada:
    """A table of the database.

    Attributes:
        nome: its name there.
        chave: the columns of its primary key, or of a unique index without nulls.
        colunas: its columns, in order.
        linhas: its rows, as the server estimates them.
        comentario: what the database says of it.
    """

    nome: str
    chave: list[str]
    colunas: list[ColunaAchada]
    linhas: int
    comentario: str


def olhar(dsn: str, esquema: str) -> list[TabelaAchada]:
    """The tables of a schema, each after those that its columns refer to.

    Raises:
        FonteIndisponivel: the database cannot be reached.
        FonteRecusada: the schema has no table.
    """
    with FontePostgres(dsn) as origem:
        achadas = origem.linhas(
            "select cast(c.relname as text), cast(c.oid as bigint), cast(c.reltuples as bigint),"
            " coalesce(obj_description(c.oid, 'pg_class'), '') from pg_class as c"
            " inner join pg_namespace as n on n.oid = c.relnamespace"
            f" where n.nspname = {literal(esquema)} and c.relkind in ('r', 'p')"
            " and not c.relispartition order by 1"
        )
        if not achadas:
            raise FonteRecusada(
                f"The source {origem.onde} has no table in the schema {esquema}; name another with"
                " --schema."
            )
        tabelas = []
        for nome, oid, linhas, comentario in achadas:
            tabelas.append(
                TabelaAchada(
                    str(nome),
                    next(iter(catalogo.chaves(origem.linhas, oid)), []),
                    _colunas(origem.linhas, oid),
                    max(0, int(linhas)),
                    str(comentario),
                )
            )
    return _em_ordem(tabelas)


def _colunas(perguntar: Consulta, oid: int) -> list[ColunaAchada]:
    na_fonte, _ = catalogo.colunas(perguntar, oid)
    ditas = perguntar(
        "select cast(a.attname as text), coalesce(col_description(a.attrelid, a.attnum), ''),"
        " (select cast(r.relname as text) from pg_constraint as f"
        " inner join pg_class as r on r.oid = f.confrelid where f.conrelid = a.attrelid"
        " and f.contype = 'f' and f.conkey = array[a.attnum] limit 1)"
        f" from pg_attribute as a where a.attrelid = {oid} and a.attnum > 0"
        " and not a.attisdropped order by a.attnum"
    )
    return [
        ColunaAchada(
            nome=str(nome),
            tipo=_tipo(na_fonte[str(nome)]),
            json=na_fonte[str(nome)].forma in ("json", "jsonb"),
            comentario=" ".join(str(comentario).split()),
            de=None if de is None else str(de),
        )
        for nome, comentario, de in ditas
    ]


def _tipo(na_fonte: NaFonte) -> str | None:
    """The narrowest type of a contract that takes a column whole."""
    forma = na_fonte.forma
    if achado := NUMERICO.fullmatch(forma):
        if achado[1] is None:
            return DECIMAL_LIVRE
        dito = f"decimal({achado[1]},{achado[2]})"
        return dito if tipos.partes_decimais(dito) else None
    candidatos = (EXATOS.get(forma), "time", "timestamp", "timestamptz", tipos.TEXTO)
    return next((c for c in candidatos if c and passagem(c, na_fonte)), None)


def _em_ordem(tabelas: Iterable[TabelaAchada]) -> list[TabelaAchada]:
    """Tables each after those that it refers to; of a circle the first by name comes first."""
    restam = {t.nome: t for t in tabelas}
    em_ordem: list[TabelaAchada] = []
    while restam:
        livres = [
            t
            for t in restam.values()
            if not any(c.de in restam and c.de != t.nome for c in t.colunas)
        ] or list(restam.values())[:1]
        for tabela in livres:
            em_ordem.append(restam.pop(tabela.nome))
    return em_ordem
