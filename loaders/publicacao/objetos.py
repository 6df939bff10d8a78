"""Objects of the published versions in PostgreSQL, as SQL: tables, functions, names, questions."""

import hashlib
import re

from loaders.armazem.alheio import DE_OUTRO
from loaders.publicacao.modelos import Modelo

IMPRESSAO = "md5(pg_get_viewdef(c.oid))"
"""A fingerprint of how the server writes what a view is."""
TABELAS = f"""
create table if not exists {{p}}.versoes (
    numero integer primary key,
    versao text not null unique,
    publicada_em timestamptz not null,
    manifesto text not null
);
create table if not exists {{p}}.corrente (
    unica boolean primary key default true check (unica),
    numero integer not null references {{p}}.versoes
);
create table if not exists {{p}}.visoes (
    numero integer not null references {{p}}.versoes on delete cascade,
    esquema text not null,
    nome text not null,
    ordem integer not null,
    definicao text not null,
    primary key (numero, esquema, nome)
);
create table if not exists {{p}}.partes (
    numero integer not null references {{p}}.versoes on delete cascade,
    conjunto text not null,
    gravada_em integer not null,
    versao text not null,
    primary key (numero, conjunto)
);
-- Older versions have written all that they show.
insert into {{p}}.partes (numero, conjunto, gravada_em, versao)
select o.numero, pai.relname, o.numero, o.versao
from pg_inherits as i
inner join pg_class as pai on pai.oid = i.inhparent
inner join pg_class as parte on parte.oid = i.inhrelid
inner join {{p}}.versoes as o on parte.relname = pai.relname || '__' || o.versao
where pai.relnamespace = to_regnamespace('{{p}}')
on conflict do nothing;
alter table {{p}}.visoes add column if not exists impressao text;
alter table {{p}}.visoes add column if not exists propria boolean not null default false;
-- What the views of older versions are is what stands there.
update {{p}}.visoes as v set impressao = {IMPRESSAO}
from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = v.esquema and c.relname = v.nome and c.relkind = 'v'
and v.numero = (select numero from {{p}}.corrente);
insert into {{p}}.visoes (numero, esquema, nome, ordem, definicao, impressao, propria)
select o.numero, n.nspname, c.relname, v.ordem, pg_get_viewdef(c.oid), {IMPRESSAO}, true
from {{p}}.visoes as v
inner join {{p}}.versoes as o on o.numero = v.numero
inner join pg_namespace as n on n.nspname = v.esquema || '_' || o.versao
inner join pg_class as c on c.relnamespace = n.oid and c.relname = v.nome and c.relkind = 'v'
where not v.propria
on conflict do nothing;
"""
"""The versions, the one that is read, the partition that each shows of each table (its own, or that
of the version that wrote the same rows), and the views of each: those that always show it
(`propria`) and those that show it while it is current."""
DO_CATALOGO = ("versoes", "corrente", "partes", "visoes")
"""The tables in it."""
VERSAO = "versao"
VERSAO_CORRENTE = (
    "select v.versao, v.publicada_em from {p}.corrente c join {p}.versoes v on c.numero = v.numero"
)
"""The view that says which version is read, but for brackets as the server writes it."""
FUNCOES = {
    # Declared immutable so that the planner asks it, before it looks at the partitions.
    "numero_planejado()": (
        "immutable",
        " begin return (select max(numero) from {p}.versoes); end ",
    ),
    "numero_corrente(conjunto text, planejado integer)": (
        "stable",
        """
declare
    achado record;
begin
    select c.numero, p.gravada_em, p.versao into achado
    from {p}.corrente as c inner join {p}.partes as p on p.numero = c.numero
    where p.conjunto = numero_corrente.conjunto;
    if found and achado.numero <= planejado then
        -- The name is looked up as things are now, not as they were when the transaction began.
        if to_regclass(format('{p}.%I', conjunto || '__' || achado.versao)) is not null then
            return achado.gravada_em;
        end if;
    end if;
    raise exception 'the published version changed while this was planned, or was deleted'
        using errcode = 'serialization_failure', hint = 'Begin a new transaction.';
end
""",
    ),
}
"""By signature: its volatility and its text."""
NOME_NA_PARTE = 26
"""How much of a model's name stands in that of its partitions."""
LIXO = "lixo_"
"""How the name of a partition of a deleted version begins."""
NOSSAS = re.compile(
    rf"{'|'.join(DO_CATALOGO)}|{LIXO}[0-9a-f]{{16}}"
    rf"|\w{{1,{NOME_NA_PARTE}}}__[0-9a-f]{{12}}(__v[0-9]{{8}}_[0-9]{{6}}(_[0-9]+)?)?"
)
"""How the tables beside the versions are called."""
RELACOES = f"""
select n.nspname, c.relname, c.relkind = 'v', {IMPRESSAO},
    format('%%I.%%I', n.nspname, c.relname)
from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = any(%s) and c.relkind not in ('i', 'I', 't')
"""
LIGACOES = """
select distinct n.nspname, c.relname, m.nspname, b.relname
from pg_rewrite as r
inner join pg_class as c on c.oid = r.ev_class
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
inner join pg_class as b on b.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
inner join pg_namespace as m on m.oid = b.relnamespace
where n.nspname = any(%s) and b.relkind = 'v' and b.oid <> c.oid
"""
"""Which view reads which."""
DE_OUTROS = f"""
select 'schema ' || quote_ident(n.nspname), n.nspowner::regrole::text
from pg_namespace as n inner join pg_roles as d on d.oid = n.nspowner
where n.nspname = any(%s) and {DE_OUTRO}
union all
select format('%%I.%%I', n.nspname, c.relname), c.relowner::regrole::text
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_roles as d on d.oid = c.relowner
where n.nspname = any(%s) and {DE_OUTRO}
order by 1
"""
"""What is neither the current user's nor a superuser's."""


def nome_do_conjunto(modelo: Modelo) -> str:
    """The name of the partitioned table: with other columns it is another one.

    A partition's name is this and the version's, and PostgreSQL cuts names at 63 bytes.
    """
    forma = "|".join((modelo.tabela, *(f"{c.nome} {c.tipo}" for c in modelo.colunas)))
    sufixo = hashlib.sha256(forma.encode()).hexdigest()[:12]
    return f"{modelo.nome[:NOME_NA_PARTE]}__{sufixo}"
