"""Partitions of the published tables in PostgreSQL: writing one, and taking them away."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import cast

from psycopg import errors

from loaders.armazem.sql import identificador
from loaders.nucleo.espera import conseguir
from loaders.publicacao.catalogo import Executar
from loaders.publicacao.modelos import Modelo
from loaders.publicacao.objetos import LIXO, nome_do_conjunto

Transacao = Callable[[], AbstractContextManager[object]]
ESPERA_CURTA = "200ms"
"""How long a change waits for readers; those who come after it wait as long at most."""
OCUPADA = (errors.LockNotAvailable, errors.ObjectNotInPrerequisiteState)
"""What says that a partition cannot be detached or dropped while it is read."""


class Partes:
    """The partitions in the schema of the versions, a version's each."""

    def __init__(self, executar: Executar, transacao: Transacao, esquema: str) -> None:
        """Keep what is needed.

        Args:
            executar: runs a statement and returns its rows.
            transacao: begins a transaction, or one within the one under way.
            esquema: the schema of the versions, with the sandbox prefix.
        """
        self.executar = executar
        self.transacao = transacao
        self.esquema = esquema

    def gravar(self, modelo: Modelo, origem: str, numero: int, versao: str) -> None:
        """Copy a table into a new partition of its own."""
        todas = f"{self.esquema}.{nome_do_conjunto(modelo)}"
        parte = f"{todas}__{versao}"
        colunas = ", ".join(f"{c.nome} {c.tipo}" for c in modelo.colunas)
        nomes = ", ".join(c.nome for c in modelo.colunas)
        self.executar(
            f"create table if not exists {todas} (_versao integer not null, {colunas})"
            " partition by list (_versao)"
        )
        # The check tells the server, without another look at the rows, that they fit.
        self.executar(f"create table {parte} (like {todas}, check (_versao = {numero}))")
        self.executar(
            f"insert into {parte} (_versao, {nomes}) select {numero}, {nomes} from {origem}"
        )
        if modelo.chave:
            self._indexar(parte, modelo)
        self.executar(f"analyze {parte}")
        self.executar(f"alter table {todas} attach partition {parte} for values in ({numero})")
        self.executar(
            f"insert into {self.esquema}.partes values (%s, %s, %s, %s)",
            *(numero, nome_do_conjunto(modelo), numero, versao),
        )

    def _indexar(self, parte: str, modelo: Modelo) -> None:
        """Let rows be found by key; a text of any length does not fit into an index."""
        with suppress(errors.ProgramLimitExceeded), self.transacao():
            self.executar(f"create index on {parte} ({', '.join(modelo.chave)})")

    def manter(self, modelo: Modelo, numero: int, anterior: str) -> None:
        """Let a version show the rows that an earlier one shows."""
        p = self.esquema
        self.executar(
            f"insert into {p}.partes (numero, conjunto, gravada_em, versao)"
            f" select %s, a.conjunto, a.gravada_em, a.versao from {p}.partes as a"
            f" inner join {p}.versoes as v on a.numero = v.numero"
            " where v.versao = %s and a.conjunto = %s",
            *(numero, anterior, nome_do_conjunto(modelo)),
        )

    def da_versao(self, versao: str) -> dict[str, str]:
        """The partitioned tables of which a version shows rows that are there, with who wrote them.

        Args:
            versao: the version's name.

        Returns:
            By table the name of the version in whose partition they are.
        """
        p = self.esquema
        existentes = {parte: conjunto for conjunto, parte, _ in self.todas()}
        if not self.executar("select 1 where to_regclass(%s) is not null", f"{p}.partes"):
            return {c: versao for parte, c in existentes.items() if parte == f"{c}__{versao}"}
        mostradas = self.executar(
            f"select a.conjunto, a.versao from {p}.partes as a"
            f" inner join {p}.versoes as v on a.numero = v.numero where v.versao = %s",
            versao,
        )
        return {c: v for c, v in mostradas if f"{c}__{v}" in existentes}

    def largar(self) -> None:
        """Rename the partitions that no version shows, in which those who read them hinder it."""
        p = self.esquema
        for (parte,) in self.executar(
            "select parte.relname from pg_class as parte"
            " where parte.relnamespace = to_regnamespace(%s) and parte.relkind = 'r'"
            " and parte.relispartition and not starts_with(parte.relname, %s) and not exists"
            f" (select 1 from {p}.partes as a"
            " where parte.relname = a.conjunto || '__' || a.versao)",
            *(p, LIXO),
        ):
            velha = identificador(parte)
            self.executar(f"alter table {p}.{velha} rename to {nome_de_lixo(parte)}")

    def todas(self) -> list[tuple[str, str, bool]]:
        """Each partition: the table that it is of, its name, and whether it is half detached."""
        return cast(
            list[tuple[str, str, bool]],
            self.executar(
                "select pai.relname, parte.relname, i.inhdetachpending from pg_inherits as i"
                " inner join pg_class as pai on i.inhparent = pai.oid"
                " inner join pg_class as parte on i.inhrelid = parte.oid"
                " where parte.relkind = 'r' and pai.relnamespace = to_regnamespace(%s)"
                # One that is half detached keeps others of its table from being detached.
                " order by i.inhdetachpending desc, parte.relname",
                self.esquema,
            ),
        )

    def varrer(self) -> None:
        """Drop the partitions of deleted versions; those that a reader holds stay for next time."""
        p = self.esquema
        self.executar(f"set lock_timeout = '{ESPERA_CURTA}'")
        try:
            for conjunto, parte, pela_metade in self.todas():
                if parte.startswith(LIXO):
                    como = "finalize" if pela_metade else "concurrently"
                    with suppress(*OCUPADA):
                        self.executar(
                            f"alter table {p}.{identificador(conjunto)}"
                            f" detach partition {p}.{identificador(parte)} {como}"
                        )
            for parte in self._lixo("and not relispartition"):
                with suppress(*OCUPADA):
                    self.executar(f"drop table {p}.{identificador(parte)}")
        finally:
            self.executar("reset lock_timeout")

    def _lixo(self, quais: str = "") -> list[str]:
        """The partitions of deleted versions, attached or not."""
        achadas = self.executar(
            "select relname from pg_class where relnamespace = to_regnamespace(%s)"
            f" and relkind = 'r' and starts_with(relname, %s) {quais}",
            *(self.esquema, LIXO),
        )
        return [parte for (parte,) in achadas]

    def sem_restos(self, espera: float) -> bool:
        """Drop the partitions of deleted versions, waiting some seconds for those who read them."""

        def nenhum() -> bool:
            self.varrer()
            return not self._lixo()

        return conseguir(nenhum, espera, pausa=0.5)


def nome_de_lixo(parte: str) -> str:
    """What a partition of a deleted version is called until nobody reads it."""
    return LIXO + hashlib.sha256(parte.encode()).hexdigest()[:16]
