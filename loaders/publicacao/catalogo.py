"""What stands in PostgreSQL for the published versions, held against what should stand there.

The schema of the versions, its tables and functions, and the views that people read may be dropped
or replaced by whoever may, an administrator or an accident. So nothing is taken to be there because
it was made once: each command looks, makes anew what is gone or another, and refuses what is none
of the project's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import errors

from loaders.armazem import alheio
from loaders.armazem.sql import identificador
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos
from loaders.publicacao.objetos import (
    DE_OUTROS,
    DO_CATALOGO,
    FUNCOES,
    IMPRESSAO,
    LIGACOES,
    NOSSAS,
    RELACOES,
    TABELAS,
    VERSAO,
    VERSAO_CORRENTE,
)

Executar = Callable[..., list[tuple[Any, ...]]]
Visao = tuple[str, str]
"""Schema and name of a view."""


@dataclass(frozen=True)
class _Devida:
    """What a view should be: its text, how the server writes it, whether it shows one version."""

    definicao: str
    impressao: str | None
    propria: bool


class Catalogo:
    """The objects of the published versions, but for their rows."""

    def __init__(self, executar: Executar, esquema: str, prefixo: str) -> None:
        """Keep what is needed.

        Args:
            executar: runs a statement and returns its rows.
            esquema: the schema of the versions, with the sandbox prefix.
            prefixo: that prefix.
        """
        self.executar = executar
        self.esquema = esquema
        self.prefixo = prefixo

    def existe(self) -> bool:
        """Whether there was ever a publication.

        Raises:
            LastroError: something there is another user's.
        """
        self._so_nossos([self.esquema])
        quantas = self.executar(
            "select count(*) from pg_class where relnamespace = to_regnamespace(%s)"
            " and relname = any(%s) and relkind = 'r'",
            *(self.esquema, ["versoes", "corrente", "visoes"]),
        )
        return bool(quantas[0][0] == 3)

    def preparar(self) -> None:
        """Make what is missing, and look at what is there; inside a transaction.

        Raises:
            LastroError: something in these schemas is another user's.
            CodigoAlheio: something there is none of the project's.
        """
        self.executar(f"create schema if not exists {self.esquema}")
        self._so_nossos([self.esquema, *self._de_agora()])
        if not self._atual():
            self.executar(TABELAS.format(p=self.esquema))
        visao = f"{self.esquema}.{VERSAO}"
        if not self.executar("select 1 where to_regclass(%s) is not null", visao):
            self.executar(f"create view {visao} as {VERSAO_CORRENTE.format(p=self.esquema)}")
        self._so_nossos(self.esquemas())
        self.conferir()
        self._refazer_funcoes()

    def _atual(self) -> bool:
        """Whether there is what this version of the project keeps; older ones kept less."""
        return self.existe() and bool(
            self.executar(
                "select 1 from pg_attribute where attrelid = to_regclass(%s)"
                " and attname = 'propria' and to_regclass(%s) is not null",
                *(f"{self.esquema}.visoes", f"{self.esquema}.partes"),
            )
        )

    def _de_agora(self) -> list[str]:
        """The schemas that people read, as declared now."""
        return sorted({f"{self.prefixo}pub_{m.esquema}" for m in acessos.publicados()})

    def esquemas(self) -> list[str]:
        """All schemas of the publication."""
        usados = {e for (e,) in self.executar(f"select esquema from {self.esquema}.visoes")}
        return sorted({self.esquema, *self._de_agora(), *usados})

    def _so_nossos(self, esquemas: list[str]) -> None:
        """Stop at what belongs to a user who could change it under the hands of this one."""
        outros = self.executar(DE_OUTROS, esquemas, esquemas)
        if outros:
            donos = sorted({dono for _, dono in outros})
            raise LastroError(
                f"{outros[0][0]} belongs to {donos[0]}, who could have this user run what"
                f" {donos[0]} wrote. Log in as {' or '.join(donos)}, or give the"
                f" {len(outros)} objects of the publication to whoever publishes."
            )

    def conferir(self) -> None:
        """Look for what is none of the project's, under locks that keep more of it out.

        Raises:
            CodigoAlheio: there is something; the message names it.
        """
        esquemas = self.esquemas()
        conhecidas = {
            (esquema, nome)
            for esquema, nome in self.executar(
                f"select distinct esquema, nome from {self.esquema}.visoes"
            )
        } | {(self.esquema, VERSAO)}
        tabelas = ", ".join(f"{self.esquema}.{nome}" for nome in DO_CATALOGO)
        self.executar(f"lock table {tabelas} in share row exclusive mode")
        estranhos, nossas = [], []
        for esquema, nome, visao, _, qualificada in self.executar(RELACOES, esquemas):
            nossa = (
                (esquema, nome) in conhecidas
                if visao
                else esquema == self.esquema and NOSSAS.fullmatch(nome)
            )
            if nossa:
                nossas.append(qualificada)
            else:
                estranhos.append(f"{'view' if visao else 'table'} {qualificada}")
        assinaturas = [f"{self.esquema}.{_sem_nomes(f)}" for f in FUNCOES]
        estranhos += [
            f"function {funcao}"
            for (funcao,) in self.executar(
                "select oid::regprocedure::text from pg_proc where pronamespace::regnamespace::text"
                " = any(%s) and oid <> all(select coalesce(to_regprocedure(f), 0)"
                " from unnest(%s::text[]) as f)",
                *(esquemas, assinaturas),
            )
        ]
        alheio.recusar(self.executar, nossas, estranhos)

    def _refazer_funcoes(self) -> None:
        for assinatura, (quando, texto) in FUNCOES.items():
            corpo = texto.replace("{p}", self.esquema)
            certa = self.executar(
                "select 1 from pg_proc where oid = to_regprocedure(%s) and prosrc = %s"
                " and prosecdef and provolatile = %s"
                " and proconfig = array['search_path=pg_catalog, pg_temp']",
                *(f"{self.esquema}.{_sem_nomes(assinatura)}", corpo, quando[0]),
            )
            if not certa:
                self.executar(
                    f"create or replace function {self.esquema}.{assinatura} returns integer"
                    f" language plpgsql {quando} parallel safe security definer"
                    f" set search_path = pg_catalog, pg_temp as $funcao${corpo}$funcao$;"
                    f" revoke all on function {self.esquema}.{assinatura} from public"
                )

    def anotar(self, numero: int, visao: Visao, ordem: int, definicao: str, propria: bool) -> None:
        """Keep what a view of a version is; one that always shows it is there already."""
        impressao = self._impressao(visao)
        if not propria:
            # The same text is written the same way: no reader waits for a view that stays.
            impressoes = self.executar(
                f"select impressao from {self.esquema}.visoes where esquema = %s and nome = %s"
                " and definicao = %s and impressao is not null limit 1",
                *(*visao, definicao),
            )
            impressao = impressoes[0][0] if impressoes else None
        self.executar(
            f"insert into {self.esquema}.visoes values (%s, %s, %s, %s, %s, %s, %s)",
            *(numero, *visao, ordem, definicao, impressao, propria),
        )

    def _impressao(self, visao: Visao) -> str | None:
        """How the server writes a view, as a fingerprint; nothing where it is not there."""
        achada = self.executar(
            f"select {IMPRESSAO} from pg_class as c"
            " inner join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname = %s and c.relname = %s",
            *visao,
        )
        return str(achada[0][0]) if achada else None

    def danos(self, numero: int) -> list[str]:
        """The views that are gone or others than they should be while a version is current."""
        if not self._atual():  # the next publication completes them
            return []
        erradas = self._erradas(self._devidas(numero))
        return [f"view {esquema}.{nome}" for esquema, nome in erradas]

    def emendar(self, numero: int) -> None:
        """Make the views that are missing, or others than they should be, for a version.

        Raises:
            LockNotAvailable: somebody reads a view that has to be made anew.
            DependentObjectsStillExist: views of others depend on one.
        """
        devidas = self._devidas(numero)
        erradas = self._erradas(devidas)
        existentes = {(e, n) for e, n, visao, *_ in self._relacoes() if visao}
        demais = [
            (esquema, nome)
            for esquema, nome in self.executar(
                f"select esquema, nome from {self.esquema}.visoes where not propria"
                " group by esquema, nome order by max(ordem)"
            )
            if (esquema, nome) not in devidas
        ]
        for visao in reversed([*erradas, *demais]):
            if visao in existentes:
                self.executar(f"drop view {_nome(visao)}")
        for visao in erradas:
            self._fazer(numero, visao, devidas[visao])
        if erradas:
            self._so_nossos(self.esquemas())

    def _fazer(self, numero: int, visao: Visao, devida: _Devida) -> None:
        self.executar("savepoint visao")
        try:
            self.executar(f"create schema if not exists {identificador(visao[0])}")
            self.executar(f"create view {_nome(visao)} as {devida.definicao}")
        except errors.UndefinedTable:
            if not devida.propria:
                raise
            self.executar("rollback to savepoint visao")  # a version whose rows are gone
            return
        self.executar(
            f"update {self.esquema}.visoes set impressao = %s where esquema = %s and nome = %s"
            " and (propria or numero = %s)",
            *(self._impressao(visao), *visao, numero),
        )

    def _devidas(self, numero: int) -> dict[Visao, _Devida]:
        """What each view should be, parts before what is made of them."""
        versao = _Devida(VERSAO_CORRENTE.format(p=self.esquema), self._da_versao(), False)
        return {(self.esquema, VERSAO): versao} | {
            (esquema, nome): _Devida(definicao, impressao, propria)
            for esquema, nome, definicao, impressao, propria in self.executar(
                f"select esquema, nome, definicao, impressao, propria from {self.esquema}.visoes"
                " where propria or numero = %s order by propria desc, numero, ordem",
                numero,
            )
        }

    def _da_versao(self) -> str | None:
        """The fingerprint of the view of the current version's name, if it is the right one."""
        achada = self.executar(
            f"select lower(pg_get_viewdef(c.oid)), {IMPRESSAO} from pg_class as c"
            " where c.oid = to_regclass(%s) and c.relkind = 'v'",
            f"{self.esquema}.{VERSAO}",
        )
        certa = VERSAO_CORRENTE.format(p=self.esquema).split()
        return (
            str(achada[0][1])
            if achada and re.findall(r"[^\s();]+", achada[0][0]) == certa
            else None
        )

    def _relacoes(self) -> list[tuple[Any, ...]]:
        return self.executar(RELACOES, self.esquemas())

    def _erradas(self, devidas: dict[Visao, _Devida]) -> list[Visao]:
        """The views to make anew, parts first; one that reads such a one is among them."""
        existentes = {(e, n): i for e, n, visao, i, _ in self._relacoes() if visao}
        erradas = {
            visao
            for visao, devida in devidas.items()
            if devida.impressao is None or existentes.get(visao) != devida.impressao
        }
        ligacoes = [((a, b), (c, d)) for a, b, c, d in self.executar(LIGACOES, self.esquemas())]
        while mais := {v for v, lida in ligacoes if lida in erradas} & devidas.keys() - erradas:
            erradas |= mais
        return [visao for visao in devidas if visao in erradas]


def _nome(visao: Visao) -> str:
    return ".".join(map(identificador, visao))


def _sem_nomes(assinatura: str) -> str:
    """A signature with the types of its arguments alone."""
    return re.sub(r"\w+ (\w+)", r"\1", assinatura)
