"""The views of published versions in PostgreSQL: what each is made of, and what is said of it.

A version has views of its own, which always show it. The view of the same name that people read
shows the current version; its text is kept with each version and changes with the columns.
"""

import hashlib
from collections.abc import Iterable

from loaders.armazem.sql import identificador
from loaders.publicacao.catalogo import Catalogo, Executar
from loaders.publicacao.direitos import Direitos
from loaders.publicacao.modelos import Coluna, Modelo, modelos
from loaders.publicacao.objetos import nome_do_conjunto

COMENTARIOS = """
select case when d.objsubid = 0
    then format('comment on view %%s is %%L', t.para, d.description)
    else format('comment on column %%s.%%I is %%L', t.para, a.attname, d.description) end
from unnest(%s::text[], %s::text[]) as t (de, para)
inner join pg_description as d
    on d.classoid = 'pg_class'::regclass and d.objoid = to_regclass(t.de)
left join pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid
left join pg_attribute as b on b.attrelid = to_regclass(t.para) and b.attname = a.attname
left join pg_description as e
    on e.classoid = d.classoid and e.objoid = to_regclass(t.para)
    and e.objsubid = coalesce(b.attnum, 0)
where (d.objsubid = 0 or b.attnum is not null) and e.description is distinct from d.description
"""
"""What gives views the comments of other tables or views, and of columns of the same names."""


class Visoes:
    """The views of all versions."""

    def __init__(
        self, executar: Executar, esquema: str, prefixo: str, catalogo: Catalogo, direitos: Direitos
    ) -> None:
        """Keep what is needed.

        Args:
            executar: runs a statement and returns its rows.
            esquema: the schema of the versions, with the sandbox prefix.
            prefixo: that prefix.
            catalogo: notes what each view should be.
            direitos: names the roles that see personal data.
        """
        self.executar = executar
        self.esquema = esquema
        self.prefixo = prefixo
        self.catalogo = catalogo
        self.direitos = direitos

    def do_armazem(self, modelo: Modelo) -> str:
        """The table that dbt built, qualified."""
        return f"{self.prefixo}{modelo.tabela}"

    def corrente_de(self, esquema: str) -> str:
        """The schema in which people read the current version of one."""
        return f"{self.prefixo}pub_{esquema}"

    def descrever(self, modelo: Modelo, numero: int, ordem: int, versao: str, escrita: str) -> None:
        """Make the version's own view, and note what the current one is when it is current.

        Args:
            modelo: the table.
            numero: the version's number.
            ordem: the place of the view among those of the version.
            versao: the version's name.
            escrita: the version in whose partition its rows are.
        """
        corrente = self.corrente_de(modelo.esquema)
        proprio = f"{corrente}_{versao}"
        if modelo.partes:
            da_versao = modelo.reuniao(proprio)
        else:
            conjunto = f"{self.esquema}.{nome_do_conjunto(modelo)}"
            da_versao = f"select {self._colunas(modelo)} from {conjunto}__{escrita}"
        self.executar(f"create view {proprio}.{modelo.nome} as {da_versao}")
        self.catalogo.anotar(numero, (proprio, modelo.nome), ordem, da_versao, propria=True)
        atual = self._corrente(modelo)
        self.catalogo.anotar(numero, (corrente, modelo.nome), ordem, atual, propria=False)

    def comentar_versao(self, publicados: list[Modelo], versao: str) -> None:
        """Say of the version's own views and their columns what dbt says of the tables."""
        proprias = [f"{self.corrente_de(m.esquema)}_{versao}.{m.nome}" for m in publicados]
        # dbt comments on no column of a view: those that it puts side by side have the comments.
        das_partes = [
            (self.do_armazem(modelos()[parte]), propria)
            for m, propria in zip(publicados, proprias, strict=True)
            for parte in m.tabelas_das_partes
        ]
        self._comentar(das_partes)
        self._comentar(zip(map(self.do_armazem, publicados), proprias, strict=True))

    def comentar_correntes(self, numero: int, versao: str) -> None:
        """Say of the views that people read what the version's own views say."""
        correntes = self.executar(
            f"select esquema, nome from {self.esquema}.visoes where numero = %s and not propria",
            numero,
        )
        self._comentar(
            (
                f"{identificador(f'{esquema}_{versao}')}.{identificador(nome)}",
                f"{identificador(esquema)}.{identificador(nome)}",
            )
            for esquema, nome in correntes
        )

    def _comentar(self, pares: Iterable[tuple[str, str]]) -> None:
        """Give views the comments of tables or views, where they have others."""
        pares = list(pares)
        de, para = [de for de, _ in pares], [para for _, para in pares]
        comandos = [comando for (comando,) in self.executar(COMENTARIOS, de, para)]
        if comandos:
            self.executar(";".join(comandos))

    def _corrente(self, modelo: Modelo) -> str:
        """The query of the view of the current version; it changes where a part's does."""
        if not modelo.partes:
            conjunto = nome_do_conjunto(modelo)
            p = self.esquema
            numero = f"(select {p}.numero_corrente('{conjunto}', {p}.numero_planejado()))"
            # The second condition names no column, so it is asked before any row is looked for:
            # an old snapshot, to which there are no rows, gets its failure and not an empty table.
            return (
                f"select {self._colunas(modelo)} from {self.esquema}.{conjunto}"
                f" where _versao = {numero} and {numero} is not null"
            )
        das_partes = "".join(
            self._corrente(modelos()[parte]) for parte in modelo.tabelas_das_partes
        )
        marca = hashlib.sha256(das_partes.encode()).hexdigest()[:16]
        return f"{modelo.reuniao(self.corrente_de(modelo.esquema))} /* {marca} */"

    def _colunas(self, modelo: Modelo) -> str:
        return ", ".join(map(self._coluna, modelo.colunas))

    def _coluna(self, coluna: Coluna) -> str:
        """A column, empty for those whose area does not need its class of personal data."""
        if coluna.pessoal is None:
            return coluna.nome
        papel = self.direitos.em_claro(coluna.pessoal)
        return (
            f"case when (select pg_has_role('{papel}', 'usage')) then {coluna.nome} end"
            f" as {coluna.nome}"
        )
