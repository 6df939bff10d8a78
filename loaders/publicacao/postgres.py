"""Published tables in PostgreSQL: a partition a version, and one row that says which is read.

```
publicacao.corrente                              the version that people read: one row
publicacao.fact_fatura__1f3a…                    all versions with these columns, partitioned
publicacao.fact_fatura__1f3a…__v2026…            its rows in one version
pub_core.fact_fatura                             a view: the rows of the version in `corrente`
pub_core_v2026….fact_fatura                      a view: the rows of that version, always
```

Switching updates the row. A statement sees one version, because it sees one state of the row; it
never waits for a switch, nor a switch for it. Only where the columns of a table changed is its view
made anew, which waits for those who read it. Whoever reads on in an old snapshot then, or after its
version was deleted, gets a serialization failure (40001), never no rows or another version's.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from psycopg import errors

from loaders.armazem import alheio
from loaders.armazem.postgres import conectar
from loaders.armazem.sql import identificador
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, LastroError, PublicacaoRecusada
from loaders.nucleo.espera import conseguir
from loaders.nucleo.falhas import ponto_de_falha
from loaders.publicacao import acessos
from loaders.publicacao.base import OUTRA_PUBLICACAO, Publicacao, dizer_copia
from loaders.publicacao.catalogo import LIXO, NOME_NA_PARTE, Catalogo
from loaders.publicacao.construcao import MANDA_CONSTRUIR, Construcao, conferir_tabelas
from loaders.publicacao.direitos import Direitos
from loaders.publicacao.modelos import Coluna, Modelo, modelos
from loaders.publicacao.versoes import Versao

ESPERA_CURTA = "200ms"
"""How long a change waits for readers; those who come after it wait as long at most."""

ESPERA_DOS_PLANOS = 5
"""Seconds for which a switch waits for statements that began before it."""
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
OCUPADA = (errors.LockNotAvailable, errors.ObjectNotInPrerequisiteState)
"""What says that a partition cannot be detached or dropped while it is read."""


class PublicacaoPostgres(Publicacao):
    """Versions as partitions."""

    def __init__(self, config: Configuracao) -> None:
        """Connect."""
        super().__init__(config)
        self.conexao = conectar(config, "lastro publish")
        self.esquema = config.prefixo + "publicacao"
        self.catalogo = Catalogo(self._executar, self.esquema, config.prefixo)
        self.direitos = Direitos(self._executar, config.prefixo, config.pg_usuario)

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.conexao.close()

    def _executar(self, sql: str, *valores: Any) -> list[tuple[Any, ...]]:
        """Run a statement made of declared names; values go beside it."""
        cursor = self.conexao.execute(sql, valores or None)
        return cursor.fetchall() if cursor.description else []

    @contextmanager
    def sozinha(self, quem: str) -> Iterator[None]:
        """Hold an advisory lock of the session; the server lets go of it if this process dies."""
        trava = f"hashtextextended('lastro publish:{self.config.prefixo}', 0)"
        if not conseguir(
            lambda: bool(self._executar(f"select pg_try_advisory_lock({trava})")[0][0]),
            self.config.espera,
            pausa=0.1,
            por=OUTRA_PUBLICACAO,
        ):
            raise self._ocupada("Another publication is under way", quem)
        try:
            with self.conexao.transaction():
                self.catalogo.preparar()
            self._varrer()
            yield
        finally:
            if not self.conexao.closed:
                self._executar(f"select pg_advisory_unlock({trava})")

    def conceder(self) -> None:
        """Make the roles that are missing; mend views and grants of the current version."""
        with self.conexao.transaction():
            self.direitos.criar_papeis()
            if (corrente := self.corrente()) is None:
                self._conceder()
        if corrente:
            self.apontar(corrente)

    def _conceder(self) -> None:
        """Older versions that show more than may be shown now are read by nobody."""
        fechadas = [v.nome for v in self.versoes() if v.mostra_demais(arquivos=False)]
        self.direitos.conceder(self.esquema, fechadas)

    def versoes(self) -> list[Versao]:
        """Every version, oldest first."""
        if not self.catalogo.existe():
            return []
        return [
            Versao.de_json(texto)
            for (texto,) in self._executar(
                f"select manifesto from {self.esquema}.versoes order by numero"
            )
        ]

    def corrente(self) -> str | None:
        """The version in the one row."""
        if not self.catalogo.existe():
            return None
        p = self.esquema
        linhas = self._executar(
            f"select v.versao from {p}.corrente as c"
            f" inner join {p}.versoes as v on c.numero = v.numero"
        )
        return str(linhas[0][0]) if linhas else None

    def faltas(self, versao: Versao) -> list[str]:
        """The tables whose partition is not there."""
        partes = [parte for _, parte, _ in self._partes() if parte.endswith(f"__{versao.nome}")]
        return [
            tabela
            for tabela in versao.tabelas
            if not any(p.startswith(f"{tabela.split('.')[1][:NOME_NA_PARTE]}__") for p in partes)
        ]

    def danos(self, versao: Versao) -> list[str]:
        """The same, and of the current version the views that are gone or others."""
        danos = [f"rows of {tabela}" for tabela in self.faltas(versao)]
        if versao.nome == self.corrente():
            danos += self.catalogo.danos(self._numero(versao.nome))
        return danos

    def _numero(self, nome: str) -> int:
        return int(
            self._executar(f"select numero from {self.esquema}.versoes where versao = %s", nome)[0][
                0
            ]
        )

    def copiar(self, construcao: Construcao, versao: Versao) -> None:
        """Write each table's partition, and the schemas of the version, in one transaction.

        The tables are locked against being replaced before the snapshot is taken that checks and
        copies them: a build that runs meanwhile waits, and what it wrote is not seen.
        """
        publicados = acessos.publicados()
        with _explicada(), self.conexao.transaction():
            self._executar("set transaction isolation level repeatable read")
            self._executar("set local timezone = 'UTC'")
            tabelas = ", ".join(map(self._do_armazem, acessos.gravados()))
            self._executar(f"lock table {tabelas} in access share mode")
            self._so_tabelas(publicados)
            gravados = list(map(self._do_armazem, acessos.gravados()))
            alheio.segurar(self._executar, self._executar, gravados)
            alheio.recusar(self._executar, gravados)
            self.catalogo.conferir()
            conferir_tabelas(self.config, construcao, self._executar)
            numero = self._executar(
                f"insert into {self.esquema}.versoes select coalesce(max(numero), 0) + 1,"
                f" %s, %s, %s from {self.esquema}.versoes returning numero",
                *(versao.nome, versao.publicada_em, versao.em_json()),
            )[0][0]
            self.direitos.criar_papeis()
            for esquema in sorted({modelo.esquema for modelo in publicados}):
                self._executar(f"create schema {self._corrente_de(esquema)}_{versao.nome}")
            for ordem, modelo in enumerate(publicados):
                if not modelo.partes:
                    dizer_copia(versao, modelo)
                    self._gravar(modelo, numero, versao.nome)
                self._descrever(modelo, numero, ordem, versao.nome)
                ponto_de_falha("publicacao.entre_areas")
            self._comentar_versao(publicados, versao.nome)
            self._conceder()
            ponto_de_falha("publicacao.antes_de_nomear")
        self._esperar_planos()

    def _esperar_planos(self) -> None:
        """Let those go who planned before the new partitions were there, some seconds at most.

        A statement that is planned before and executed after the switch gets a failure (40001);
        this leaves those alone who would have been planning through both.
        """
        # A statement takes its snapshot just before it locks the view that it names.
        time.sleep(0.05)
        antigos = self._executar(
            "select coalesce(array_agg(distinct t.virtualtransaction), '{}') from pg_locks as t"
            " inner join pg_class as c on t.relation = c.oid"
            " inner join pg_namespace as n on c.relnamespace = n.oid"
            " inner join pg_stat_activity as a on t.pid = a.pid"
            " where c.relkind in ('p', 'v') and (n.nspname = %s or starts_with(n.nspname, %s))"
            " and t.pid <> pg_backend_pid() and a.state is distinct from 'idle in transaction'",
            *(self.esquema, f"{self.config.prefixo}pub_"),
        )[0][0]
        ainda = "select 1 from pg_locks where virtualtransaction = any(%s) limit 1"
        conseguir(lambda: not self._executar(ainda, antigos), ESPERA_DOS_PLANOS, pausa=0.02)

    def _so_tabelas(self, publicados: list[Modelo]) -> None:
        """A view in a table's place would run its owner's functions with this user's rights."""
        nomes = [self._do_armazem(m) for m in publicados if not m.visao]
        outras = self._executar(
            "select t from unnest(%s::text[]) as t inner join pg_class as c on c.oid = t::regclass"
            " where c.relkind <> 'r'",
            nomes,
        )
        if outras:
            raise PublicacaoRecusada(
                f"{', '.join(t for (t,) in outras)}: not a table any more. {MANDA_CONSTRUIR}"
            )

    def _do_armazem(self, modelo: Modelo) -> str:
        return f"{self.config.prefixo}{modelo.tabela}"

    def _conjunto(self, modelo: Modelo) -> str:
        """The name of the partitioned table: with other columns it is another one.

        A partition's name is this and the version's, and PostgreSQL cuts names at 63 bytes.
        """
        forma = "|".join((modelo.tabela, *(f"{c.nome} {c.tipo}" for c in modelo.colunas)))
        sufixo = hashlib.sha256(forma.encode()).hexdigest()[:12]
        return f"{modelo.nome[:NOME_NA_PARTE]}__{sufixo}"

    def _gravar(self, modelo: Modelo, numero: int, versao: str) -> None:
        """Copy a table into a new partition of its own."""
        conjunto = f"{self.esquema}.{self._conjunto(modelo)}"
        parte = f"{conjunto}__{versao}"
        colunas = ", ".join(f"{c.nome} {c.tipo}" for c in modelo.colunas)
        nomes = ", ".join(c.nome for c in modelo.colunas)
        self._executar(
            f"create table if not exists {conjunto} (_versao integer not null, {colunas})"
            " partition by list (_versao)"
        )
        # The check tells the server, without another look at the rows, that they fit.
        self._executar(f"create table {parte} (like {conjunto}, check (_versao = {numero}))")
        self._executar(
            f"insert into {parte} (_versao, {nomes})"
            f" select {numero}, {nomes} from {self._do_armazem(modelo)}"
        )
        if modelo.chave:
            self._indexar(parte, modelo)
        self._executar(f"analyze {parte}")
        self._executar(f"alter table {conjunto} attach partition {parte} for values in ({numero})")

    def _indexar(self, parte: str, modelo: Modelo) -> None:
        """Let rows be found by key; a text of any length does not fit into an index."""
        with suppress(errors.ProgramLimitExceeded), self.conexao.transaction():
            self._executar(f"create index on {parte} ({', '.join(modelo.chave)})")

    def _corrente_de(self, esquema: str) -> str:
        """The schema in which people read the current version of one."""
        return f"{self.config.prefixo}pub_{esquema}"

    def _descrever(self, modelo: Modelo, numero: int, ordem: int, versao: str) -> None:
        """Make the version's own view, and note what the current one is when it is current."""
        corrente = self._corrente_de(modelo.esquema)
        proprio = f"{corrente}_{versao}"
        if modelo.partes:
            da_versao = modelo.reuniao(proprio)
        else:
            conjunto = f"{self.esquema}.{self._conjunto(modelo)}"
            da_versao = f"select {self._colunas(modelo)} from {conjunto}__{versao}"
        self._executar(f"create view {proprio}.{modelo.nome} as {da_versao}")
        self.catalogo.anotar(numero, (proprio, modelo.nome), ordem, da_versao, propria=True)
        atual = self._corrente(modelo)
        self.catalogo.anotar(numero, (corrente, modelo.nome), ordem, atual, propria=False)

    def _comentar_versao(self, publicados: list[Modelo], versao: str) -> None:
        """Say of the version's own views and their columns what dbt says of the tables."""
        proprias = [f"{self._corrente_de(m.esquema)}_{versao}.{m.nome}" for m in publicados]
        # dbt comments on no column of a view: those that it puts side by side have the comments.
        das_partes = [
            (f"{self._do_armazem(modelos()[f'{m.esquema}.{parte}'])}", propria)
            for m, propria in zip(publicados, proprias, strict=True)
            for parte in m.partes
        ]
        self._comentar(das_partes)
        self._comentar(zip(map(self._do_armazem, publicados), proprias, strict=True))

    def _comentar_correntes(self, numero: int, versao: str) -> None:
        """Say of the views that people read what the version's own views say."""
        correntes = self._executar(
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
        comandos = [comando for (comando,) in self._executar(COMENTARIOS, de, para)]
        if comandos:
            self._executar(";".join(comandos))

    def _corrente(self, modelo: Modelo) -> str:
        """The query of the view of the current version; it changes where a part's does."""
        if not modelo.partes:
            conjunto = self._conjunto(modelo)
            p = self.esquema
            numero = f"(select {p}.numero_corrente('{conjunto}', {p}.numero_planejado()))"
            # The second condition names no column, so it is asked before any row is looked for:
            # an old snapshot, to which there are no rows, gets its failure and not an empty table.
            return (
                f"select {self._colunas(modelo)} from {self.esquema}.{conjunto}"
                f" where _versao = {numero} and {numero} is not null"
            )
        das_partes = "".join(
            self._corrente(modelos()[f"{modelo.esquema}.{parte}"]) for parte in modelo.partes
        )
        marca = hashlib.sha256(das_partes.encode()).hexdigest()[:16]
        return f"{modelo.reuniao(self._corrente_de(modelo.esquema))} /* {marca} */"

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

    def apontar(self, nome: str) -> None:
        """Update the one row, and make the views that are missing, or others, anew."""
        if not conseguir(lambda: self._apontar(nome), self.config.espera, pausa=0.5):
            raise ArmazemIndisponivel(
                "Views of published tables have to be made anew, and a reader has held them for "
                f"more than {self.config.espera:.0f} s. Try again when it has ended; what was "
                "published stays."
            )
        ponto_de_falha("publicacao.depois_de_apontar")

    def _apontar(self, nome: str) -> bool:
        """The same, unless a reader holds a view that has to be made anew."""
        try:
            with self.conexao.transaction():
                self._executar(f"set local lock_timeout = '{ESPERA_CURTA}'")
                self._trocar(nome)
                ponto_de_falha("publicacao.antes_de_apontar")
        except errors.LockNotAvailable:
            return False
        except errors.DependentObjectsStillExist as erro:
            raise LastroError(
                f"The columns of a published view changed, and others depend on it:\n"
                f"{erro.diag.message_detail}\nDrop those, and publish again."
            ) from erro
        return True

    def _trocar(self, nome: str) -> None:
        self.catalogo.conferir()
        numero = self._numero(nome)
        self.catalogo.emendar(numero)
        self._comentar_correntes(numero, nome)
        p = self.esquema
        self._executar(
            f"insert into {p}.corrente (numero) values (%s)"
            " on conflict (unica) do update set numero = excluded.numero",
            numero,
        )
        self._conceder()

    def arquivos(self) -> dict[str, list[Path]]:
        """None: the partitions stand in the warehouse."""
        return {}

    def corrigir(self, versao: Versao) -> None:
        """Update the version's row."""
        self._executar(
            f"update {self.esquema}.versoes set manifesto = %s where versao = %s",
            *(versao.em_json(), versao.nome),
        )

    def apagar(self, nome: str) -> bool:
        """Rename the partitions, in which those who read them hinder it; then take them away."""
        p = self.esquema
        try:
            with self.conexao.transaction():
                self._executar(f"set local lock_timeout = '{ESPERA_CURTA}'")
                self.catalogo.conferir()
                visoes = self._executar(
                    f"select v.esquema, v.nome from {p}.visoes as v"
                    f" inner join {p}.versoes as o on v.numero = o.numero"
                    " where o.versao = %s and v.propria order by v.ordem desc",
                    nome,
                )
                # Without cascade: views that somebody made on these stay, and so does the version.
                for esquema, visao in visoes:
                    self._executar(
                        f"drop view if exists {identificador(esquema)}.{identificador(visao)}"
                    )
                for esquema in {esquema for esquema, _ in visoes}:
                    self._executar(f"drop schema if exists {identificador(esquema)}")
                for _, parte, _ in self._partes():
                    if parte.endswith(f"__{nome}"):
                        velha = identificador(parte)
                        self._executar(f"alter table {p}.{velha} rename to {_de_lixo(parte)}")
                self._executar(f"delete from {p}.versoes where versao = %s", nome)
                ponto_de_falha("publicacao.antes_de_apagar")
        except (errors.LockNotAvailable, errors.DependentObjectsStillExist):
            return False
        self._varrer()
        return True

    def _partes(self) -> list[tuple[str, str, bool]]:
        """Each partition: the table that it is of, its name, and whether it is half detached."""
        return cast(
            list[tuple[str, str, bool]],
            self._executar(
                "select pai.relname, parte.relname, i.inhdetachpending from pg_inherits as i"
                " inner join pg_class as pai on i.inhparent = pai.oid"
                " inner join pg_class as parte on i.inhrelid = parte.oid"
                " where parte.relkind = 'r' and pai.relnamespace = to_regnamespace(%s)"
                # One that is half detached keeps others of its table from being detached.
                " order by i.inhdetachpending desc, parte.relname",
                self.esquema,
            ),
        )

    def _varrer(self) -> None:
        """Drop the partitions of deleted versions; those that a reader holds stay for next time."""
        p = self.esquema
        self._executar(f"set lock_timeout = '{ESPERA_CURTA}'")
        try:
            for conjunto, parte, pela_metade in self._partes():
                if parte.startswith(LIXO):
                    como = "finalize" if pela_metade else "concurrently"
                    with suppress(*OCUPADA):
                        self._executar(
                            f"alter table {p}.{identificador(conjunto)}"
                            f" detach partition {p}.{identificador(parte)} {como}"
                        )
            for parte in self._lixo("and not relispartition"):
                with suppress(*OCUPADA):
                    self._executar(f"drop table {p}.{identificador(parte)}")
        finally:
            self._executar("reset lock_timeout")

    def _lixo(self, quais: str = "") -> list[str]:
        """The partitions of deleted versions, attached or not."""
        achadas = self._executar(
            "select relname from pg_class where relnamespace = to_regnamespace(%s)"
            f" and relkind = 'r' and starts_with(relname, %s) {quais}",
            *(self.esquema, LIXO),
        )
        return [parte for (parte,) in achadas]

    def sem_restos(self) -> None:
        """Drop the partitions of deleted versions, and wait for those who read them."""

        def nenhum() -> bool:
            self._varrer()
            return not self._lixo()

        if not conseguir(nenhum, self.config.espera, pausa=0.5):
            raise ArmazemIndisponivel(
                "Somebody has read published tables for more than"
                f" {self.config.espera:.0f} s, so a deleted version of them is there still. Run the"
                " same command again when that has ended."
            )


@contextmanager
def _explicada() -> Iterator[None]:
    """Say what to do about a table that is gone or that the user may not read."""
    try:
        yield
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as erro:
        raise PublicacaoRecusada(
            f"{str(erro).splitlines()[0]}: it was there when the build ended. {MANDA_CONSTRUIR}"
        ) from erro
    except errors.InsufficientPrivilege as erro:
        raise LastroError(
            f"{str(erro).splitlines()[0]}. The user that publishes has to read what the build owns"
            " and to make schemas: let it be a member of the builder's role."
        ) from erro


def _de_lixo(parte: str) -> str:
    return LIXO + hashlib.sha256(parte.encode()).hexdigest()[:16]
