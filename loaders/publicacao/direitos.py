"""Roles and grants in PostgreSQL, brought to what acessos.yml declares and to nothing besides."""

from collections.abc import Callable, Collection
from typing import Any

from psycopg import errors

from loaders.contratos.pessoal import CLASSES
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos

Executar = Callable[..., list[tuple[Any, ...]]]
Direito = tuple[str, str, str]
"""Object (`table pub_core.dim_data`), privilege, role."""

CONSTRUCAO = "construcao"
"""The service that makes schemas: dbt."""

CONCEDIDOS = """
with objetos as (
    select
        format('schema %%I', nspname) as objeto, nspname as esquema, nspowner as dono,
        '' as coluna, nspacl as acl
    from pg_namespace
    union all
    select format('table %%I.%%I', n.nspname, c.relname), n.nspname, c.relowner, '', c.relacl
    from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid
    where c.relkind in ('r', 'p', 'v')
    union all
    select
        format('table %%I.%%I', n.nspname, c.relname), n.nspname, c.relowner,
        format(' (%%I)', a.attname), a.attacl
    from pg_attribute as a
    inner join pg_class as c on a.attrelid = c.oid
    inner join pg_namespace as n on c.relnamespace = n.oid
    where c.relkind in ('r', 'p', 'v') and a.attacl is not null
    union all
    select 'function ' || f.oid::regprocedure::text, n.nspname, f.proowner, '', f.proacl
    from pg_proc as f inner join pg_namespace as n on f.pronamespace = n.oid
)
select
    o.esquema,
    o.objeto,
    lower(a.privilege_type) || o.coluna,
    case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as papel
from objetos as o cross join lateral aclexplode(o.acl) as a
where o.esquema = any(%s) and a.grantee <> o.dono
"""
"""Every grant in some schemas to others than the owner, names quoted where they have to be."""


def papel_do_leitor(prefixo: str, area: str) -> str:
    """The role of those who read for an area, in the warehouse with this sandbox prefix."""
    return f"{prefixo}lastro_leitor_{area}"


class Direitos:
    """The roles of one warehouse; a sandbox has roles of its own."""

    def __init__(self, executar: Executar, prefixo: str, usuario: str | None) -> None:
        """Keep what is needed.

        Args:
            executar: runs a statement and returns its rows.
            prefixo: the sandbox prefix.
            usuario: who runs them, for messages.
        """
        self.executar = executar
        self.prefixo = prefixo
        self.usuario = usuario

    def servico(self, nome: str) -> str:
        """The role of the loaders or of dbt."""
        return f"{self.prefixo}lastro_{nome}"

    def leitor(self, area: str) -> str:
        """The role of those who read for an area."""
        return papel_do_leitor(self.prefixo, area)

    def em_claro(self, classe: str) -> str:
        """The role of those who see a class of personal data."""
        return f"{self.prefixo}lastro_em_claro_{classe}"

    def papeis(self) -> list[str]:
        """All of them."""
        return [
            *map(self.servico, acessos.servicos()),
            *map(self.leitor, acessos.areas()),
            *map(self.em_claro, CLASSES),
        ]

    def criar_papeis(self) -> None:
        """Make the roles that are missing.

        Raises:
            LastroError: the user may not; the message says what an administrator has to run.
        """
        existentes = {nome for (nome,) in self.executar("select rolname from pg_roles")}
        faltam = [papel for papel in self.papeis() if papel not in existentes]
        try:
            for papel in faltam:
                self.executar(f"create role {papel} nologin")
        except errors.InsufficientPrivilege as erro:
            comandos = "\n  ".join(
                f"create role {papel} nologin; grant {papel} to {self.usuario} with admin option;"
                for papel in faltam
            )
            raise LastroError(
                "The user of the warehouse may not create roles. Give it CREATEROLE, or have an "
                f"administrator run:\n  {comandos}"
            ) from erro

    def conceder(self, publicacao: str, fechadas: Collection[str]) -> None:
        """Bring every grant to the declaration.

        In the published schemas nothing else is left, whoever granted it; in raw and control
        nothing else of the public and of these roles.

        Args:
            publicacao: the schema that holds the versions.
            fechadas: versions whose own schemas nobody may read.
        """
        # Each published schema, with the current one that it is a version of.
        publicados = {
            esquema: atual
            for atual, da_versao in self.executar(
                "select distinct v.esquema, v.esquema || '_' || o.versao"
                f" from {publicacao}.visoes as v"
                f" inner join {publicacao}.versoes as o on v.numero = o.numero"
                " where not v.propria"
            )
            for esquema in (atual, da_versao)
        }
        dos_servicos = {
            self.prefixo + onde.split(".")[0]
            for servico in acessos.servicos().values()
            for onde in servico.em
        }
        esquemas = sorted({publicacao, *publicados, *dos_servicos})
        objetos = self.executar(
            "select n.nspname, c.relname, format('table %%I.%%I', n.nspname, c.relname)"
            " from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid"
            " where c.relkind in ('r', 'v') and n.nspname = any(%s)",
            esquemas,
        )
        abertos = [
            (esquema, publicados[esquema], nome, objeto)
            for esquema, nome, objeto in objetos
            if esquema in publicados and not any(esquema.endswith(f"_{v}") for v in fechadas)
        ]
        devidos = self._dos_leitores(publicacao, abertos) | self._dos_servicos(objetos)
        achados = set()
        for esquema, objeto, privilegio, papel in self.executar(CONCEDIDOS, esquemas):
            achados.add((objeto, privilegio, papel))
            nosso = papel == "public" or papel.startswith(f"{self.prefixo}lastro_")
            if (objeto, privilegio, papel) not in devidos and (
                nosso or esquema not in dos_servicos
            ):
                self.executar(f"revoke {privilegio} on {objeto} from {papel} cascade")
        for objeto, privilegio, papel in sorted(devidos - achados):
            self.executar(f"grant {privilegio} on {objeto} to {papel}")
        self._associar()
        self._deixar_criar()

    def _deixar_criar(self) -> None:
        """Let dbt make its schemas."""
        papel = self.servico(CONSTRUCAO)
        if not self.executar(
            "select has_database_privilege(%s, current_database(), 'create')", papel
        )[0][0]:
            banco = self.executar("select quote_ident(current_database())")[0][0]
            self.executar(f"grant create on database {banco} to {papel}")

    def _dos_leitores(
        self, publicacao: str, abertos: list[tuple[str, str, str, str]]
    ) -> set[Direito]:
        """What the areas may do.

        Args:
            publicacao: the schema that holds the versions.
            abertos: the published objects: schema, the current schema that it stands for, name,
                and how SQL calls it.
        """
        devidos: set[Direito] = set()
        for nome, area in acessos.areas().items():
            papel = self.leitor(nome)
            devidos |= {
                (f"schema {publicacao}", "usage", papel),
                (f"table {publicacao}.versao", "select", papel),
                (f"function {publicacao}.numero_corrente(text,integer)", "execute", papel),
                (f"function {publicacao}.numero_planejado()", "execute", papel),
            }
            dela = {(f"{self.prefixo}pub_{m.esquema}", m.nome) for m in area.modelos()}
            for esquema, atual, nome_dele, objeto in abertos:
                if (atual, nome_dele) in dela:
                    devidos |= {(f"schema {esquema}", "usage", papel), (objeto, "select", papel)}
        return devidos

    def _dos_servicos(self, objetos: list[tuple[Any, ...]]) -> set[Direito]:
        devidos: set[Direito] = set()
        for nome, servico in acessos.servicos().items():
            for onde, privilegios in servico.em.items():
                esquema, _, tabela = onde.partition(".")
                for do_objeto, nome_dele, objeto in objetos:
                    if do_objeto == self.prefixo + esquema and tabela in ("", nome_dele):
                        devidos.add((f"schema {do_objeto}", "usage", self.servico(nome)))
                        devidos |= {(objeto, p, self.servico(nome)) for p in privilegios}
        return devidos

    def _associar(self) -> None:
        """Make the readers of an area members of the classes of personal data that it needs.

        Nobody else is a member of a class, and no area's readers are members of another's.

        Raises:
            LastroError: somebody else is, by a grant that the user may not take back.
        """
        devidas = {
            (self.em_claro(classe), self.leitor(nome))
            for nome, area in acessos.areas().items()
            for classe in area.em_claro
        }
        em_claro = list(map(self.em_claro, CLASSES))
        leitores = list(map(self.leitor, acessos.areas()))
        achadas = set(
            self.executar(
                "select papel.oid::regrole::text, membro.oid::regrole::text,"
                " m.grantor::regrole::text from pg_auth_members as m"
                " inner join pg_roles as papel on m.roleid = papel.oid"
                " inner join pg_roles as membro on m.member = membro.oid"
                " where membro.rolname <> current_user and (papel.rolname = any(%s)"
                " or papel.rolname = any(%s) and membro.rolname = any(%s))",
                *(em_claro, leitores, em_claro + leitores),
            )
        )
        for papel, membro, quem in sorted(achadas):
            if (papel, membro) not in devidas:
                self._tirar(f"{papel} from {membro} granted by {quem}")
        for papel, membro in sorted(devidas - {(papel, membro) for papel, membro, _ in achadas}):
            self.executar(f"grant {papel} to {membro}")

    def _tirar(self, associacao: str) -> None:
        """Take a membership back; where another granted it, the server only warns without this."""
        try:
            self.executar(f"revoke {associacao}")
        except errors.InsufficientPrivilege as erro:
            raise LastroError(
                "A role sees more than acessos.yml declares, by a grant that is not this user's to"
                f" take back. Have an administrator run:\n  revoke {associacao};"
            ) from erro
