"""Published tables in PostgreSQL: a partition a version, and one row that says which is read.

```
publicacao.corrente                              the version that people read: one row
publicacao.fact_fatura__1f3a…                    all versions with these columns, partitioned
publicacao.fact_fatura__1f3a…__v2026…            its rows in one version, and in those after it
                                                 in which they are the same
publicacao.partes                                which partition each version shows
pub_core.fact_fatura                             a view: the rows of the version in `corrente`
pub_core_v2026….fact_fatura                      a view: the rows of that version, always
```

Switching updates the row. A statement sees one version, because it sees one state of the row; it
never waits for a switch, nor a switch for it. Only where the columns of a table changed is its view
made anew, which waits for those who read it. Whoever reads on in an old snapshot then, or after its
version was deleted, gets a serialization failure (40001), never no rows or another version's.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import errors

from loaders.armazem import alheio
from loaders.armazem.sessao_postgres import conectar
from loaders.armazem.sql import identificador
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, LastroError, PublicacaoRecusada
from loaders.nucleo.espera import conseguir
from loaders.nucleo.falhas import ponto_de_falha
from loaders.publicacao import acessos
from loaders.publicacao.base import OUTRA_PUBLICACAO, Publicacao, dizer_copia
from loaders.publicacao.catalogo import Catalogo
from loaders.publicacao.construcao import MANDA_CONSTRUIR, Construcao, conferir_tabelas
from loaders.publicacao.direitos import Direitos
from loaders.publicacao.modelos import Modelo
from loaders.publicacao.objetos import NOME_NA_PARTE, nome_do_conjunto
from loaders.publicacao.partes import ESPERA_CURTA, Partes
from loaders.publicacao.versoes import Versao
from loaders.publicacao.visoes import Visoes

ESPERA_DOS_PLANOS = 5
"""Seconds for which a switch waits for statements that began before it."""


class PublicacaoPostgres(Publicacao):
    """Versions as partitions."""

    def __init__(self, config: Configuracao) -> None:
        """Connect."""
        super().__init__(config)
        self.conexao = conectar(config, "lastro publish")
        self.esquema = config.prefixo + "publicacao"
        self.catalogo = Catalogo(self._executar, self.esquema, config.prefixo)
        self.direitos = Direitos(self._executar, config.prefixo, config.pg_usuario)
        self.partes = Partes(self._executar, self.conexao.transaction, self.esquema)
        self.visoes = Visoes(
            self._executar, self.esquema, config.prefixo, self.catalogo, self.direitos
        )

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
            self.partes.varrer()
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
        fechadas = [v.nome for v in self.versoes() if self.demais(v)]
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
        conjuntos = self.partes.da_versao(versao.nome)
        return [
            tabela
            for tabela in versao.tabelas
            if not any(c.startswith(f"{tabela.split('.')[1][:NOME_NA_PARTE]}__") for c in conjuntos)
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

    def copiar(
        self, construcao: Construcao, versao: Versao, anterior: Versao | None = None
    ) -> None:
        """Write the partitions of what changed, and the version's schemas, in one transaction.

        The tables are locked against being replaced before the snapshot is taken that checks and
        copies them: a build that runs meanwhile waits, and what it wrote is not seen.
        """
        publicados = acessos.publicados()
        escritas = self._mantidas(versao, anterior)
        with _explicada(), self.conexao.transaction():
            self._executar("set transaction isolation level repeatable read")
            self._executar("set local timezone = 'UTC'")
            gravados = list(map(self.visoes.do_armazem, acessos.gravados()))
            self._executar(f"lock table {', '.join(gravados)} in access share mode")
            self._so_tabelas(publicados)
            alheio.segurar(self._executar, self._executar, gravados)
            alheio.recusar(self._executar, gravados)
            self.catalogo.conferir()
            novas = [m for m in acessos.gravados() if m.tabela not in escritas]
            conferir_tabelas(self.config, construcao, self._executar, novas)
            numero = self._executar(
                f"insert into {self.esquema}.versoes select coalesce(max(numero), 0) + 1,"
                f" %s, %s, %s from {self.esquema}.versoes returning numero",
                *(versao.nome, versao.publicada_em, versao.em_json()),
            )[0][0]
            self.direitos.criar_papeis()
            for esquema in sorted({modelo.esquema for modelo in publicados}):
                self._executar(f"create schema {self.visoes.corrente_de(esquema)}_{versao.nome}")
            for ordem, modelo in enumerate(publicados):
                if modelo in novas:
                    dizer_copia(versao, modelo)
                    self.partes.gravar(modelo, self.visoes.do_armazem(modelo), numero, versao.nome)
                elif anterior and not modelo.partes:
                    self.partes.manter(modelo, numero, anterior.nome)
                escrita = escritas.get(modelo.tabela, versao.nome)
                self.visoes.descrever(modelo, numero, ordem, versao.nome, escrita)
                ponto_de_falha("publicacao.entre_areas")
            self.visoes.comentar_versao(publicados, versao.nome)
            self._conceder()
            ponto_de_falha("publicacao.antes_de_nomear")
        self._esperar_planos()

    def _mantidas(self, versao: Versao, anterior: Versao | None) -> dict[str, str]:
        """The tables that stay as an earlier version shows them, with who wrote each."""
        if anterior is None:
            return {}
        conjuntos = self.partes.da_versao(anterior.nome)
        escritas = {
            m.tabela: conjuntos[conjunto]
            for m in acessos.gravados()
            if (conjunto := nome_do_conjunto(m)) in conjuntos
        }
        return {t: escritas[t] for t in versao.mantidas(anterior, escritas)}

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
        nomes = [self.visoes.do_armazem(m) for m in publicados if not m.visao]
        outras = self._executar(
            "select t from unnest(%s::text[]) as t inner join pg_class as c on c.oid = t::regclass"
            " where c.relkind <> 'r'",
            nomes,
        )
        if outras:
            raise PublicacaoRecusada(
                f"{', '.join(t for (t,) in outras)}: not a table any more. {MANDA_CONSTRUIR}"
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
        self.visoes.comentar_correntes(numero, nome)
        p = self.esquema
        self._executar(
            f"insert into {p}.corrente (numero) values (%s)"
            " on conflict (unica) do update set numero = excluded.numero",
            numero,
        )
        self._conceder()

    def partes_de(self, versao: Versao) -> set[str]:
        """Its partitions, and those that it has in common with earlier versions."""
        return {f"{conjunto}__{v}" for conjunto, v in self.partes.da_versao(versao.nome).items()}

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
        """Give up the partitions that no other version shows; then take them away."""
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
                self._executar(f"delete from {p}.versoes where versao = %s", nome)
                self.partes.largar()
                ponto_de_falha("publicacao.antes_de_apagar")
        except (errors.LockNotAvailable, errors.DependentObjectsStillExist):
            return False
        self.partes.varrer()
        return True

    def sem_restos(self) -> None:
        """Drop the partitions of deleted versions, and wait for those who read them."""
        if not self.partes.sem_restos(self.config.espera):
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
