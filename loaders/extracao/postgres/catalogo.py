"""What a source's catalog says of a contract's tables: that they fit, and show all of their rows.

A table that shows a part looks like one from which the rest was deleted, so whatever can hide rows
is refused by name: row-level security, a view in a table's place, another schema's table, a part
that lies elsewhere or is on its way out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from loaders.armazem.sql import literal
from loaders.contratos import Coluna, Tabela
from loaders.nucleo.erros import FonteIndisponivel

ESQUEMA = "public"
"""Where the tables are, unless the contract says it (`esquema_origem` of the source)."""

ESPECIES = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}
"""What shows rows of tables that are elsewhere, by `pg_class.relkind`."""

UTF8 = (
    r"^([\u0001-\u007f]|[\u00c2-\u00df][\u0080-\u00bf]|\u00e0[\u00a0-\u00bf][\u0080-\u00bf]"
    r"|[\u00e1-\u00ec\u00ee\u00ef][\u0080-\u00bf]{2}|\u00ed[\u0080-\u009f][\u0080-\u00bf]"
    r"|\u00f0[\u0090-\u00bf][\u0080-\u00bf]{2}|[\u00f1-\u00f3][\u0080-\u00bf]{3}"
    r"|\u00f4[\u0080-\u008f][\u0080-\u00bf]{2})*$"
)
"""Bytes that are UTF-8, for a database of the encoding SQL_ASCII, to which each is a character."""

Consulta = Callable[[str], list[tuple[Any, ...]]]


class _Relacao(NamedTuple):
    """One relation of the source, as `pg_class` and this role's rights have it."""

    oid: int
    especie: str
    papel: str
    usa_esquema: bool
    filtrada: bool
    sendo_copiada: bool


def conferir(
    perguntar: Consulta, tabelas: Sequence[Tabela], esquema: str | None, caminho: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Compare tables, columns, types, keys and rights with the contract.

    Args:
        perguntar: runs a query on the source.
        tabelas: the contract's tables.
        esquema: the schema in which they are, where the contract says it.
        caminho: the schemas of this role's search path.

    Returns:
        What does not fit the contract, and what this role may not read; a line each.
    """
    formas: list[str] = []
    direitos: list[str] = []
    achadas: list[tuple[Tabela, _Relacao]] = []
    for tabela in tabelas:
        por_esquema = _relacoes(perguntar, tabela.nome)
        relacao = por_esquema.get(esquema or ESQUEMA)
        duvida = _duvida(tabela.nome, por_esquema, esquema, caminho)
        if duvida or relacao is None:
            formas.append(duvida or f"table {tabela.nome}: not found")
            continue
        achadas.append((tabela, relacao))
        tipos, legiveis = _colunas(perguntar, relacao)
        formas += _que_mostra_parte(perguntar, tabela, relacao)
        formas += _colunas_que_diferem(tabela, tipos)
        direitos += _sem_direito(tabela, relacao, legiveis)
    if not formas and not direitos:
        for tabela, relacao in achadas:
            formas += _problemas_de_chave(perguntar, tabela, relacao)
    return formas, direitos


def _relacoes(perguntar: Consulta, nome: str) -> dict[str, _Relacao]:
    """The relations of a name, by schema."""
    linhas = perguntar(
        "select cast(n.nspname as text), cast(c.oid as bigint), cast(c.relkind as text),"
        " cast(current_user as text), has_schema_privilege(n.oid, 'usage'),"
        " row_security_active(c.oid), exists (select 1 from pg_subscription_rel as s"
        " where s.srrelid = c.oid and s.srsubstate in ('i', 'd'))"
        " from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
        f" where c.relname = {literal(nome)} and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        " and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1"
    )
    return {str(esquema): _Relacao(*resto) for esquema, *resto in linhas}


def _duvida(
    nome: str, por_esquema: dict[str, _Relacao], esquema: str | None, caminho: Sequence[str]
) -> str | None:
    """Why it is not certain which relation of the name the contract means, if it is not."""
    dito = "say which it is with esquema_origem in the source's meta"
    if esquema is None:
        visiveis = [e for e in por_esquema if e == ESQUEMA or e in caminho]
        if len(visiveis) > 1:
            return f"table {nome}: the search path has {', '.join(visiveis)} with one each; {dito}"
    if (esquema or ESQUEMA) not in por_esquema:
        onde = f", but in {', '.join(por_esquema)}; {dito}" if por_esquema else ""
        return f"table {nome}: not found in the schema {esquema or ESQUEMA}{onde}"
    return None


def _colunas(perguntar: Consulta, relacao: _Relacao) -> tuple[dict[str, str], set[str]]:
    """The type of each column, and the columns that this role may read."""
    linhas = perguntar(
        "select attname, format_type(atttypid, atttypmod),"
        " has_column_privilege(attrelid, attnum, 'select') from pg_attribute"
        f" where attrelid = {relacao.oid} and attnum > 0 and not attisdropped order by attnum"
    )
    return {str(n): str(t) for n, t, _ in linhas}, {str(n) for n, _, legivel in linhas if legivel}


def _que_mostra_parte(perguntar: Consulta, tabela: Tabela, relacao: _Relacao) -> Iterator[str]:
    aceita = "may show a part of its rows; if it shows all, say so in the contract (visao: true)"
    if relacao.especie in ESPECIES and not tabela.visao:
        yield f"table {tabela.nome}: is {ESPECIES[relacao.especie]}, which {aceita}"
    if relacao.sendo_copiada:
        yield f"table {tabela.nome}: a subscription still copies its rows; load when it has ended"
    partes = perguntar(
        "with recursive familia as ("
        " select inhrelid, inhdetachpending from pg_inherits"
        f" where inhparent = {relacao.oid}"
        " union all select f.inhrelid, f.inhdetachpending from pg_inherits as f"
        " inner join familia as p on p.inhrelid = f.inhparent)"
        " select cast(f.inhrelid as regclass)::text, cast(c.relkind as text), f.inhdetachpending"
        " from familia as f inner join pg_class as c on c.oid = f.inhrelid order by 1"
    )
    for nome, especie, saindo in partes:
        if especie in ESPECIES and not tabela.visao:
            yield f"table {tabela.nome}: its part {nome} is {ESPECIES[especie]}, which {aceita}"
        if saindo:
            yield (
                f"table {tabela.nome}: its part {nome} is being detached, and its rows are hidden; "
                f"end it (alter table {tabela.nome} detach partition {nome} finalize)"
            )


def _sem_direito(tabela: Tabela, relacao: _Relacao, legiveis: set[str]) -> Iterator[str]:
    if not relacao.usa_esquema:
        yield f"permission denied for the schema of table {tabela.nome} (USAGE, {relacao.papel})"
    elif not legiveis:
        yield f"permission denied for table {tabela.nome} (SELECT, {relacao.papel})"
    else:
        for coluna in tabela.da_fonte:
            if coluna.nome not in legiveis:
                yield f"permission denied for {tabela.nome}.{coluna.nome} (SELECT, {relacao.papel})"
    if relacao.filtrada:
        yield f"table {tabela.nome}: row-level security shows {relacao.papel} a part of its rows"


def _colunas_que_diferem(tabela: Tabela, tipos: dict[str, str]) -> Iterator[str]:
    for coluna in tabela.da_fonte:
        if coluna.nome not in tipos:
            yield f"{tabela.nome}.{coluna.nome}: missing (dropped or renamed?)"
        elif not _tipo_aceito(coluna, tipos[coluna.nome]):
            yield (
                f"{tabela.nome}.{coluna.nome}: is {tipos[coluna.nome]}, "
                f"the contract says {coluna.tipo}"
            )
    conhecidas = {c.nome for c in tabela.da_fonte}
    for nome, tipo in tipos.items():
        if nome not in conhecidas:
            yield f"{tabela.nome}.{nome}: new, of type {tipo}, not in the contract"


def _tipo_aceito(coluna: Coluna, tipo: str) -> bool:
    """Whether a source type (as format_type writes it) fits the contract without loss."""
    if coluna.tipo == "text":
        return tipo == "text" or tipo.startswith("character varying")
    if coluna.tipo == "timestamp":
        return tipo.startswith("timestamp") and tipo.endswith("without time zone")
    if coluna.tipo.startswith("decimal("):
        achado = re.fullmatch(r"numeric\((\d+),(\d+)\)", tipo)
        if achado is None:
            return False
        precisao, escala = int(achado[1]), int(achado[2])
        contrato = coluna.arrow
        return bool(
            escala <= contrato.scale and precisao - escala <= contrato.precision - contrato.scale
        )
    return tipo == coluna.tipo


def _problemas_de_chave(perguntar: Consulta, tabela: Tabela, relacao: _Relacao) -> list[str]:
    # The index of a table that others inherit from does not know their rows.
    garantida = perguntar(
        "select count(*) from pg_index as i inner join pg_attribute as a"
        " on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        f" where i.indrelid = {relacao.oid} and i.indisunique and i.indisvalid"
        " and i.indnkeyatts = 1 and i.indpred is null and a.attnotnull"
        f" and a.attname = '{tabela.chave_simples}' and ('{relacao.especie}' = 'p' or not exists"
        " (select 1 from pg_inherits as h where h.inhparent = i.indrelid))"
    )[0][0]
    if garantida:
        return []
    nulas, repetidas = perguntar(
        f"select count(*) filter (where {tabela.chave_simples} is null),"
        f" count({tabela.chave_simples}) - count(distinct {tabela.chave_simples})"
        f" from {tabela.nome}"
    )[0]
    problemas = []
    if nulas:
        problemas.append(f"{tabela.nome}.{tabela.chave_simples}: {nulas} rows have no key")
    if repetidas:
        problemas.append(f"{tabela.nome}.{tabela.chave_simples}: {repetidas} rows repeat a key")
    return problemas


def sem_unicode(
    perguntar: Consulta, recomecar: Callable[[], None], tabela: Tabela
) -> tuple[str, list[str]]:
    """Find the columns of which some text cannot be told as UTF-8.

    Args:
        perguntar: runs a query on the source.
        recomecar: begins a transaction after one that failed.
        tabela: the table of which a row could not be told.

    Returns:
        The database's encoding, and a line for each column: the rows are counted where bytes can be
        judged without a conversion that fails.
    """
    codificacao = str(perguntar("select current_setting('server_encoding')")[0][0])
    problemas = []
    for coluna in (c.nome for c in tabela.da_fonte if c.tipo == "text"):
        if codificacao == "SQL_ASCII":
            [(quantas,)] = perguntar(
                f"select count(*) from {tabela.nome} where {coluna} !~ {literal(UTF8)}"
            )
            if quantas:
                problemas.append(f"{tabela.nome}.{coluna}: {quantas} rows")
            continue
        try:
            perguntar(f"select count(convert_to({coluna}, 'UTF8')) from {tabela.nome}")
        except FonteIndisponivel:
            recomecar()
            problemas.append(f"{tabela.nome}.{coluna}: some rows")
    return codificacao, problemas
