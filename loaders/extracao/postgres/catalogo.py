"""What a source's catalog says of a contract's tables: that they fit, and show all of their rows.

A table that shows a part looks like one from which the rest was deleted, so whatever can hide rows
is refused by name: row-level security, a view in a table's place, another schema's table, a part
that lies elsewhere or is on its way out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.armazem.sql import identificador, literal
from loaders.contratos import Tabela, tipos
from loaders.contratos.tabela import TODAS
from loaders.extracao.postgres.consultas import ColunaLida, Lida
from loaders.extracao.postgres.tipos import NaFonte, passagem, recusa
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


@dataclass
class Achado:
    """What the catalog says of a contract.

    Attributes:
        formas: what does not fit it, a line each.
        direitos: what this role may not read, a line each.
        lidas: how each table is read, by its name in the contract.
        ausentes: tables that the contract calls optional, and that are not there.
    """

    formas: list[str] = field(default_factory=list)
    direitos: list[str] = field(default_factory=list)
    lidas: dict[str, Lida] = field(default_factory=dict)
    ausentes: list[str] = field(default_factory=list)


def conferir(perguntar: Consulta, tabelas: Sequence[Tabela], caminho: Sequence[str]) -> Achado:
    """Compare tables, columns, types, keys and rights with the contract.

    Args:
        perguntar: runs a query on the source.
        tabelas: the contract's tables.
        caminho: the schemas of this role's search path.
    """
    achado = Achado()
    relacoes: list[tuple[Lida, _Relacao]] = []
    for tabela in tabelas:
        esquema, nome = onde(tabela)
        por_esquema = _relacoes(perguntar, nome)
        relacao = por_esquema.get(esquema or ESQUEMA)
        if tabela.opcional and not por_esquema:
            achado.ausentes.append(tabela.nome)
            continue
        duvida = _duvida(tabela.nome, por_esquema, esquema, caminho)
        if duvida or relacao is None:
            achado.formas.append(duvida or f"table {tabela.nome}: not found")
            continue
        tipos_achados, legiveis = colunas(perguntar, relacao.oid)
        achado.formas += _que_mostra_parte(perguntar, tabela, relacao)
        lidas, bases, diferem = _lidas(tabela, tipos_achados)
        achado.formas += diferem
        achado.direitos += _sem_direito(tabela, relacao, legiveis)
        qualificada = f"{identificador(esquema or ESQUEMA)}.{identificador(nome)}"
        lida = Lida(tabela, qualificada, lidas, bases)
        achado.lidas[tabela.nome] = lida
        relacoes.append((lida, relacao))
    if not achado.formas and not achado.direitos:
        for lida, relacao in relacoes:
            achado.formas += _problemas_de_chave(perguntar, lida, relacao)
    return achado


def onde(tabela: Tabela) -> tuple[str | None, str]:
    """Schema and name of a table in the source; the schema is None where the contract is silent."""
    esquema, ponto, nome = (tabela.na_fonte or tabela.nome).rpartition(".")
    return (esquema if ponto else tabela.esquema_origem), nome


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


def colunas(perguntar: Consulta, oid: int) -> tuple[dict[str, NaFonte], set[str]]:
    """The type of each column, and the columns that this role may read."""
    linhas = perguntar(
        "with recursive tipos as ("
        " select attname, attnum, atttypid as oid, atttypmod as mod, attcollation,"
        " format_type(atttypid, atttypmod) as dito,"
        " has_column_privilege(attrelid, attnum, 'select') as legivel from pg_attribute"
        f" where attrelid = {oid} and attnum > 0 and not attisdropped"
        " union all select t.attname, t.attnum, p.typbasetype, case when p.typtypmod = -1"
        " then t.mod else p.typtypmod end, t.attcollation, t.dito, t.legivel from tipos as t"
        " inner join pg_type as p on p.oid = t.oid where p.typtype = 'd')"
        " select t.attname, case when p.typtype = 'e' then 'enum' when p.typname = 'citext'"
        " then 'citext' else format_type(t.oid, t.mod) end, t.dito,"
        " coalesce(c.collisdeterministic, true), t.legivel"
        " from tipos as t inner join pg_type as p on p.oid = t.oid"
        " left join pg_collation as c on c.oid = t.attcollation"
        " where p.typtype <> 'd' order by t.attnum"
    )
    achados = {str(n): NaFonte(str(f), str(d), bool(c)) for n, f, d, c, _ in linhas}
    return achados, {str(linha[0]) for linha in linhas if linha[-1]}


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
        for nome in dict.fromkeys([*(c.origem for c in tabela.da_fonte), *_bases(tabela)]):
            if nome not in legiveis:
                yield f"permission denied for {tabela.nome}.{nome} (SELECT, {relacao.papel})"
    if relacao.filtrada:
        yield f"table {tabela.nome}: row-level security shows {relacao.papel} a part of its rows"


def _bases(tabela: Tabela) -> list[str]:
    """Columns of the source that are read to derive others from, and do not land."""
    pousam = {c.origem for c in tabela.da_fonte}
    origens = dict.fromkeys(str(c.derivada_de) for c in tabela.derivadas)
    return [origem for origem in origens if origem not in pousam]


def _lidas(
    tabela: Tabela, achados: dict[str, NaFonte]
) -> tuple[tuple[ColunaLida, ...], tuple[ColunaLida, ...], list[str]]:
    """How each column is read, also of those that do not land; and what does not fit."""
    diferem: list[str] = []

    def lida(nome: str, tipo: str, origem: str) -> ColunaLida | None:
        if origem not in achados:
            diferem.append(f"{tabela.nome}.{origem}: missing (dropped or renamed?)")
            return None
        passa = passagem(tipo, achados[origem])
        if passa is None:
            diferem.append(f"{tabela.nome}.{origem}: {recusa(tipo, achados[origem])}")
            return None
        return ColunaLida(nome, tipo, identificador(origem), passa)

    colunas = [lida(c.nome, c.tipo, c.origem) for c in tabela.da_fonte]
    bases = [lida(nome, tipos.TEXTO, nome) for nome in _bases(tabela)]
    conhecidas = {c.origem for c in tabela.da_fonte} | set(_bases(tabela)) | set(tabela.ignoradas)
    for nome, na_fonte in achados.items():
        if nome not in conhecidas and TODAS not in tabela.ignoradas:
            diferem.append(
                f"{tabela.nome}.{nome}: new, of type {na_fonte.dito}, not in the contract"
            )
    return tuple(filter(None, colunas)), tuple(filter(None, bases)), diferem


def chaves(perguntar: Consulta, oid: int) -> list[list[str]]:
    """The sets of columns by which the server itself tells all rows apart, the primary key first.

    The index of a table that others inherit from does not know their rows.
    """
    linhas = perguntar(
        "select array_to_string(array_agg(cast(a.attname as text)"
        " order by array_position(cast(i.indkey as smallint[]), a.attnum)), chr(31))"
        " from pg_index as i inner join pg_class as c on c.oid = i.indrelid"
        " inner join pg_attribute as a"
        " on a.attrelid = i.indrelid and a.attnum = any(cast(i.indkey as smallint[]))"
        f" where i.indrelid = {oid} and i.indisunique and i.indisvalid"
        " and i.indpred is null and i.indexprs is null and i.indnkeyatts = i.indnatts"
        " and (c.relkind = 'p' or not exists"
        " (select 1 from pg_inherits as h where h.inhparent = i.indrelid))"
        " group by i.indexrelid, i.indisprimary, i.indnatts having bool_and(a.attnotnull)"
        " order by i.indisprimary desc, i.indnatts, i.indexrelid"
    )
    return [str(colunas).split(chr(31)) for (colunas,) in linhas]


def _problemas_de_chave(perguntar: Consulta, lida: Lida, relacao: _Relacao) -> list[str]:
    tabela = lida.tabela
    nomes = {c.origem for c in tabela.da_fonte if c.nome in tabela.chave}
    if not any(c.condicao for c in lida.chave) and any(
        nomes.issuperset(chave) for chave in chaves(perguntar, relacao.oid)
    ):
        return []
    sem_chave, repetidas = perguntar(lida.problemas_de_chave())[0]
    quem = f"{tabela.nome}.{tabela.chave[0]}"
    if len(tabela.chave) > 1:
        quem = f"{tabela.nome} ({', '.join(tabela.chave)})"
    problemas = []
    if sem_chave:
        problemas.append(f"{quem}: {sem_chave} rows have no key")
    if repetidas:
        problemas.append(f"{quem}: {repetidas} rows repeat a key")
    return problemas


def sem_unicode(
    perguntar: Consulta, recomecar: Callable[[], None], lida: Lida
) -> tuple[str, list[str]]:
    """Find the columns of which some text cannot be told as UTF-8.

    Args:
        perguntar: runs a query on the source.
        recomecar: begins a transaction after one that failed.
        lida: the table of which a row could not be told.

    Returns:
        The database's encoding, and a line for each column: the rows are counted where bytes can be
        judged without a conversion that fails.
    """
    codificacao = str(perguntar("select current_setting('server_encoding')")[0][0])
    problemas = []
    tabela = lida.tabela
    for lida_ in (c for c in (*lida.colunas, *lida.bases) if c.tipo == tipos.TEXTO):
        coluna = lida_.valor
        if codificacao == "SQL_ASCII":
            [(quantas,)] = perguntar(
                f"select count(*) from {lida.relacao} where {coluna} !~ {literal(UTF8)}"
            )
            if quantas:
                problemas.append(f"{tabela.nome}.{lida_.nome}: {quantas} rows")
            continue
        try:
            perguntar(f"select count(convert_to({coluna}, 'UTF8')) from {lida.relacao}")
        except FonteIndisponivel:
            recomecar()
            problemas.append(f"{tabela.nome}.{lida_.nome}: some rows")
    return codificacao, problemas
