"""What others may have put on a table of PostgreSQL so that it runs with the rights of its user.

Whoever owns a table can put a trigger, a rule, a policy, a default, a check, an index over an
expression, a column of a domain, a child or a view in its place there. The server runs these as
whoever writes or reads the table: for an administrator, they may make a superuser. So they are
looked for, under a lock that keeps new ones out, before a command touches a table; the project
itself makes none of them.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from loaders.armazem.sql import literal, separar
from loaders.nucleo.erros import CodigoAlheio

INOFENSIVAS = (
    "concat", "date", "date_part", "date_trunc", "now", "timezone", "to_char", "to_date",
)  # fmt: skip
"""Functions of PostgreSQL that are not immutable, and run nothing that somebody wrote."""

MOSTRADOS = 5

Linhas = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query and returns its rows."""

DE_OUTRO = (
    "not d.rolsuper and (d.rolname <> current_user or current_user <> session_user and"
    " (select rolsuper or rolcreaterole from pg_roles where rolname = session_user))"
)
"""SQL: whether a role, a row of pg_roles called `d`, is one whose code may not run here."""

_RELACOES = """
with recursive
-- The tables; what a view reads, what is below a table, and what a cascade would reach.
ligadas (de, para) as (
    select r.ev_class, d.refobjid
    from pg_rewrite as r
    inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    where d.refclassid = 'pg_class'::regclass
    union all
    select inhparent, inhrelid from pg_inherits
    union all
    select confrelid, conrelid from pg_constraint where contype = 'f'
),
tocadas (oid) as (
    -- By name and not as a regclass, for which the user would have to have a right on the schema.
    select c.oid
    from unnest(array[{esquemas}]::text[], array[{nomes}]::text[]) as t (esquema, nome)
    inner join pg_namespace as n on n.nspname = t.esquema
    inner join pg_class as c on c.relnamespace = n.oid and c.relname = t.nome
    union
    select l.para from tocadas as t inner join ligadas as l on l.de = t.oid
),
relacoes as (
    select
        c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as nome,
        -- What this user or a superuser made is nobody's trap; the role in which a superuser works
        -- is somebody else, whose code can leave the role again.
        {de_outro} as de_outro,
        (select {de_outro} from pg_roles as d where d.oid = n.nspowner) as esquema_de_outro
    from tocadas as t
    inner join pg_class as c on c.oid = t.oid
    inner join pg_namespace as n on n.oid = c.relnamespace
    inner join pg_roles as d on d.oid = c.relowner
)
"""
"""The tables and views that are touched with some, and whether they are another user's."""

_A_SEGURAR = """
todas as (select * from relacoes)
select distinct true, nspname::text from todas
where esquema_de_outro and (select rolsuper from pg_roles where rolname = current_user)
union
select false, nome from todas
where (de_outro or esquema_de_outro) and relkind in ('r', 'p')
and has_schema_privilege(relnamespace, 'usage')
and has_table_privilege(oid, 'update, delete, truncate')
order by 1 desc, 2
"""
"""Schemas, and tables, in the order in which they are held."""

_ACHADOS = r"""
-- What the server would evaluate: of views the query, of tables what hangs on them.
arvores (o_que, classe, objeto, arvore) as (
    select 'view ' || r.nome, 'pg_rewrite'::regclass, w.oid, w.ev_action::text
    from relacoes as r inner join pg_rewrite as w on w.ev_class = r.oid
    where r.de_outro and r.relkind = 'v'
    union all
    select format('default of %s.%I', r.nome, a.attname), 'pg_attrdef'::regclass, d.oid,
        d.adbin::text
    from relacoes as r
    inner join pg_attrdef as d on d.adrelid = r.oid
    inner join pg_attribute as a on a.attrelid = r.oid and a.attnum = d.adnum
    where r.de_outro
    union all
    select format('check %I of %s', k.conname, r.nome), 'pg_constraint'::regclass, k.oid,
        k.conbin::text
    from relacoes as r inner join pg_constraint as k on k.conrelid = r.oid
    where r.de_outro and k.contype = 'c'
    union all
    select format('index %s of %s', i.indexrelid::regclass, r.nome), 'pg_class'::regclass,
        i.indexrelid, concat(i.indexprs::text, i.indpred::text)
    from relacoes as r inner join pg_index as i on i.indrelid = r.oid
    where r.de_outro
    union all
    select format('statistics %I of %s', s.stxname, r.nome), 'pg_statistic_ext'::regclass, s.oid,
        s.stxexprs::text
    from relacoes as r inner join pg_statistic_ext as s on s.stxrelid = r.oid
    where r.de_outro
    union all
    select 'partitions of ' || r.nome, 'pg_class'::regclass, r.oid, p.partexprs::text
    from relacoes as r inner join pg_partitioned_table as p on p.partrelid = r.oid
    where r.de_outro
),
-- PostgreSQL's own functions are in no list of dependencies, but stand in the tree.
perigos (o_que, usa) as (
    select a.o_que, p.oid::regprocedure::text
    from arvores as a
    cross join lateral regexp_matches(
        a.arvore, ':(?:funcid|opfuncid|aggfnoid|winfnoid) ([0-9]+)', 'g'
    ) as f
    inner join pg_proc as p on p.oid = f[1]::oid
    where p.pronamespace <> 'pg_catalog'::regnamespace
    or p.provolatile <> 'i' and p.proname <> all(array[{inofensivas}])
    union
    -- Types stand there, too; some have their place in no list of dependencies (JSON functions).
    select a.o_que, format_type(t.oid, null)
    from arvores as a
    cross join lateral regexp_matches(
        a.arvore, ':(?!\w*typmod )(\w*typ[a-z]*|typeId|resulttype) ([0-9]+)', 'g'
    ) as f
    inner join pg_type as t on t.oid = f[2]::oid
    where t.typnamespace <> 'pg_catalog'::regnamespace
    and t.oid not in (select reltype from relacoes)
    union
    select a.o_que, pg_describe_object(d.refclassid, d.refobjid, 0)
    from arvores as a
    inner join pg_depend as d on d.classid = a.classe and d.objid = a.objeto
    where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
)
select format('trigger %I on %s', g.tgname, r.nome) as achado
from relacoes as r inner join pg_trigger as g on g.tgrelid = r.oid
where not g.tgisinternal
union
select format('rule %I on %s', w.rulename, r.nome)
from relacoes as r inner join pg_rewrite as w on w.ev_class = r.oid
where w.rulename <> '_RETURN'
union
select format('policy %I on %s', p.polname, r.nome)
from relacoes as r inner join pg_policy as p on p.polrelid = r.oid
union
select 'row level security of ' || nome from relacoes where relrowsecurity
union
select 'foreign table ' || nome from relacoes where relkind = 'f'
union
select 'materialized view ' || nome from relacoes where relkind = 'm' and de_outro
union
select format('%s below %s', r.nome, i.inhparent::regclass)
from relacoes as r
inner join pg_inherits as i on i.inhrelid = r.oid
inner join pg_class as pai on pai.oid = i.inhparent
where pai.relkind <> 'p'
union
select format('column %s.%I of type %s', r.nome, a.attname, format_type(a.atttypid, null))
from relacoes as r
inner join pg_attribute as a on a.attrelid = r.oid
inner join pg_type as t on t.oid = a.atttypid
where r.de_outro and a.attnum > 0 and not a.attisdropped
and t.typnamespace <> 'pg_catalog'::regnamespace
union
select format('%s, which uses %s', o_que, usa) from perigos
union
select format('view %s, which reads with the rights of who asks', nome)
from relacoes
where de_outro and exists (
    select 1 from unnest(reloptions) as o where starts_with(o, 'security_invoker')
)
union
select format('event trigger %I', e.evtname)
from pg_event_trigger as e inner join pg_roles as d on d.oid = e.evtowner
where e.evtenabled <> 'D' and {de_outro}
order by achado
"""


def _com_relacoes(consulta: str, tabelas: Iterable[str]) -> str:
    pares = [separar(tabela) for tabela in tabelas]
    relacoes = _RELACOES.replace("{esquemas}", ", ".join(literal(e) for e, _ in pares))
    relacoes = relacoes.replace("{nomes}", ", ".join(literal(n) for _, n in pares))
    return f"{relacoes},\n{consulta}".replace("{de_outro}", DE_OUTRO)


def ha_de_outros(linhas: Linhas, tabelas: Collection[str]) -> bool:
    """Whether some tables, or their schemas, are another user's."""
    consulta = "todas as (select * from relacoes) select 1 from todas"
    return bool(
        linhas(_com_relacoes(f"{consulta} where de_outro or esquema_de_outro limit 1", tabelas))
    )


def segurar(linhas: Linhas, executar: Callable[[str], object], tabelas: Collection[str]) -> None:
    """Hold what others could put in the way while some tables are read or written.

    The tables of others, and those in schemas of others, are locked so that nobody puts anything on
    them; as far as this user may lock them. A superuser holds the schemas of others, too, so that
    none is renamed and another put in its place.

    Args:
        linhas: runs a query, in the transaction that is to hold them.
        executar: runs a statement there.
        tabelas: the tables and views, as SQL names them.
    """
    achados = linhas(_com_relacoes(_A_SEGURAR, tabelas))
    esquemas = ", ".join(literal(nome) for esquema, nome in achados if esquema)
    if esquemas:
        linhas(f"select 1 from pg_namespace where nspname in ({esquemas}) for key share")
    dos_outros = ", ".join(nome for esquema, nome in achados if not esquema)
    if dos_outros:
        executar(f"lock table {dos_outros} in share update exclusive mode")


def recusar(
    linhas: Linhas,
    tabelas: Iterable[str],
    outros: Collection[str] = (),
) -> None:
    """Stop if something that others wrote would run with this user's rights.

    Also a read runs it: the planner computes what an index or statistics are over.

    Args:
        linhas: runs a query, in the transaction that holds the tables.
        tabelas: the tables and views, as SQL names them; those that are not there are passed over.
        outros: what was found besides.

    Raises:
        CodigoAlheio: there is something; the message names it.
    """
    consulta = _com_relacoes(_ACHADOS, tabelas)
    consulta = consulta.replace("{inofensivas}", ", ".join(map(literal, INOFENSIVAS)))
    achados = [*outros, *(achado for (achado,) in linhas(consulta))]
    if achados:
        resto = f"\n  and {len(achados) - MOSTRADOS} more" if len(achados) > MOSTRADOS else ""
        raise CodigoAlheio(
            "What others put on tables would run with this user's rights, so they were not touched:"
            "\n  " + "\n  ".join(achados[:MOSTRADOS]) + resto + "\nHave its owner drop it, and run"
            " the same command again."
        )
