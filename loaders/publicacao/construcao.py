"""What the last build of everything left, and whether it still stands so."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import yaml

from loaders.armazem import Armazem
from loaders.controle import auditoria
from loaders.controle.tabelas import qualificada
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ConstrucaoFalhou, PublicacaoRecusada
from loaders.projeto.ambiente_dbt import rodar
from loaders.publicacao import acessos
from loaders.publicacao.modelos import Modelo

MANDA_CONSTRUIR = "Run `make build` (or `dbt build`), then publish again."
MANDA_REFAZER = (
    "Run `make rebuild` (or `dbt build --full-refresh`, which keeps the older ref_dates of the"
    " books), then publish again."
)
FEITAS_DE_NOVO = ("table", "view")
"""Materializations of which every build makes all rows anew."""


@dataclass(frozen=True)
class Medida:
    """What a table holds.

    Attributes:
        linhas: its rows.
        valor: the sum of its key amount in BRL; none where it has none.
        impressao: the sum of the hashes of its rows.
    """

    linhas: int
    valor: Decimal | None
    impressao: str


@dataclass(frozen=True)
class Construcao:
    """A build of everything that ended well.

    Attributes:
        id: dbt's invocation_id.
        fim: when it ended.
        ultima_carga: the newest load that it took in.
        cargas: the newest load of each source that it took in.
        variaveis: the variables of its command line.
        projeto: a fingerprint of each file of the project.
        tabelas: what each public table held, by schema and name.
        guardadas: those of which a build keeps the rows that it finds unchanged.
    """

    id: str
    fim: datetime
    ultima_carga: int
    cargas: dict[str, int]
    variaveis: dict[str, Any]
    projeto: dict[str, str]
    tabelas: dict[str, Medida]
    guardadas: frozenset[str]

    @property
    def impressao_do_projeto(self) -> str:
        """A fingerprint of the whole project."""
        return hashlib.sha256(json.dumps(self.projeto, sort_keys=True).encode()).hexdigest()


def anotar_novas(config: Configuracao, armazem: Armazem) -> None:
    """Note in the audit log the builds that are not in it yet: dbt cannot write to it."""
    conhecidas = {str(d.get("construcao")) for d in auditoria.anotadas(config, "build")}
    for id_, status, inicio, fim, ultima_carga, mensagem in armazem.linhas(
        "select _construcao_id, status, inicio, fim, ultima_carga, mensagem"
        f" from {qualificada(armazem, 'construcoes')} where fim is not null order by inicio"
    ):
        if id_ not in conhecidas:
            detalhes = {
                "construcao": id_,
                "status": status,
                "inicio": inicio.astimezone(UTC).isoformat(),
                "fim": fim.astimezone(UTC).isoformat(),
                "ultima_carga": ultima_carga,
                "falharam": mensagem,
            }
            auditoria.anotar(config, "build", "fim", detalhes)


def ultima(armazem: Armazem) -> Construcao:
    """The newest build of everything, if it can be published as far as it says itself.

    Raises:
        PublicacaoRecusada: there is none, it runs or was interrupted, it failed, or loads came
            since it began; the message says which.
    """
    linhas = armazem.linhas(
        "select _construcao_id, status, inicio, fim, ultima_carga, variaveis, projeto, mensagem"
        f" from {qualificada(armazem, 'construcoes')} order by inicio desc limit 1"
    )
    if not linhas:
        raise PublicacaoRecusada(f"Nothing was built here yet. {MANDA_CONSTRUIR}")
    id_, status, inicio, fim, ultima_carga, variaveis, projeto, mensagem = linhas[0]
    if impedimento := _impedimento(status, inicio, mensagem):
        raise PublicacaoRecusada(f"{impedimento} What was published stays.")
    UUID(id_)  # goes into a statement below
    cargas = _cargas(armazem)
    novas = [n for n in cargas.values() if n > ultima_carga]
    if novas:
        raise PublicacaoRecusada(
            f"Loads came after the build of {_quando(inicio)} had begun, the newest {max(novas)};"
            f" it took those up to {ultima_carga}. {MANDA_CONSTRUIR}"
        )
    tabelas = armazem.linhas(
        "select tabela, linhas, valor, impressao, materializacao"
        f" from {qualificada(armazem, 'tabelas_construidas')} where _construcao_id = '{id_}'"
        " order by tabela"
    )
    partes = acessos.partes()
    return Construcao(
        id=id_,
        fim=fim,
        ultima_carga=ultima_carga,
        cargas=cargas,
        variaveis=yaml.safe_load(variaveis),
        projeto=json.loads(projeto),
        tabelas={t: Medida(n, v, i) for t, n, v, i, _ in tabelas},
        guardadas=frozenset(
            t
            for t, *_, como in tabelas
            # A part of a table that keeps its rows may be a view of it.
            if (como and como not in FEITAS_DE_NOVO) or t in partes
        ),
    )


def nao_terminou_bem(armazem: Armazem) -> str | None:
    """Why what stands in the warehouse was not tested.

    Returns:
        A sentence; none if the newest build of everything ended well, or if there is none.
    """
    linhas = armazem.linhas(
        f"select status, inicio, mensagem from {qualificada(armazem, 'construcoes')}"
        " order by inicio desc limit 1"
    )
    return _impedimento(*linhas[0]) if linhas else None


def _impedimento(status: str, inicio: datetime, mensagem: str | None) -> str | None:
    """Why a build is not one that ended well."""
    if status == "em_curso":
        return (
            f"The build of {_quando(inicio)} has not ended: it runs, or was interrupted; then"
            " `make build` (or `dbt build`) builds again."
        )
    if status != "ok":
        return (
            f"The build of {_quando(inicio)} failed: {mensagem}. Mend that and build again; where"
            " somebody wrote to a table, `make rebuild` makes all of them anew."
        )
    return None


def _quando(momento: datetime) -> str:
    return f"{momento.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def leitura(
    armazem: Armazem,
    esquema: str,
    nomes: Sequence[str],
    so_testado: bool = True,
    tambem: Sequence[str] = (),
) -> Iterator[None]:
    """All that is read in the block is what one build left, whatever is built meanwhile.

    Args:
        armazem: the open warehouse.
        esquema: the schema of the tables, without the sandbox prefix.
        nomes: the tables and views that are read.
        so_testado: not if the newest build of everything has not ended, or failed.
        tambem: what these were made of and is read, too: schema without the prefix, and name.

    Raises:
        ConstrucaoFalhou: they were not built, or not tested.
        ArmazemIndisponivel: a build held one of them for longer than `config.espera` seconds.
    """
    esquema = armazem.esquema(esquema)
    lidas = [*(f"{esquema}.{nome}" for nome in nomes), *map(armazem.esquema, tambem)]

    def conferir() -> None:
        if so_testado and (impedimento := nao_terminou_bem(armazem)):
            raise ConstrucaoFalhou(f"{impedimento} Nothing was written.")

    conferir()  # before something is said to be missing that is being made
    existentes = armazem.linhas(
        f"select table_name from information_schema.tables where table_schema = '{esquema}'"
    )
    if faltam := set(nomes) - {nome for (nome,) in existentes}:
        raise ConstrucaoFalhou(
            f"The warehouse holds no {', '.join(sorted(faltam))} yet: run `make build` (or"
            " `dbt build`)."
        )
    with armazem.transacao_de_leitura(lidas):
        conferir()
        yield


def _cargas(armazem: Armazem) -> dict[str, int]:
    """The newest load of each source that a build has to take in (as the build itself asks)."""
    return {
        str(fonte): int(carga)
        for fonte, carga in armazem.linhas(
            f"select fonte, max(_carga_id) from {qualificada(armazem, 'cargas')}"
            " where status = 'ok' or (status = 'sem_novidade' and extraido_em is not null)"
            " or (status = 'parcial' and gravadas > 0)"
            " group by fonte order by fonte"
        )
    }


def conferir_projeto(config: Configuracao, construcao: Construcao, alvo: str | None = None) -> None:
    """Compare the project's files with those that were built.

    Args:
        config: the settings.
        construcao: the build.
        alvo: its target in profiles.yml, where it is not the warehouse's.

    Raises:
        PublicacaoRecusada: some differ; the message names them.
        ConstrucaoFalhou: dbt cannot read the project.
    """
    andamento.dizer("asking dbt whether the project is the one that was built")
    # The same variables as the build's, of the same types: with others dbt parses the whole
    # project again.
    texto = rodar(
        config,
        "dbt",
        *("--quiet", "--no-use-colors", "--no-write-json"),
        *("run-operation", "mostrar_impressao_do_projeto"),
        *(("--vars", yaml.safe_dump(construcao.variaveis)) if construcao.variaveis else ()),
        *(("--target", alvo) if alvo else ()),
    )
    agora = json.loads(texto)
    outros = sorted(
        arquivo
        for arquivo in agora.keys() | construcao.projeto.keys()
        if agora.get(arquivo) != construcao.projeto.get(arquivo)
    )
    if outros:
        raise PublicacaoRecusada(
            f"The project is not the one that was built; {_alguns(outros)} changed since. "
            f"{MANDA_CONSTRUIR}"
        )


def medida(
    config: Configuracao, modelo: Modelo, linhas: Callable[[str], list[tuple[Any, ...]]]
) -> Medida:
    """What a table holds, asked as the build does (impressoes_das_tabelas, hash_de_linha)."""
    colunas = ", ".join(c.nome for c in modelo.colunas)
    impressao = (
        f"hash({colunas})"
        if config.alvo == "duckdb"
        else f"hashtextextended(cast(row({colunas}) as text), 0)"
    )
    quantas, valor, soma = linhas(
        f"select count(*), cast({f'sum({modelo.valor})' if modelo.valor else 'null'} as text),"
        f" cast(coalesce(sum(cast({impressao} as decimal(38, 0))), 0) as text)"
        f" from {config.prefixo}{modelo.tabela}"
    )[0]
    return Medida(quantas, None if valor is None else Decimal(valor), soma)


def conferir_tabelas(
    config: Configuracao,
    construcao: Construcao,
    linhas: Callable[[str], list[tuple[Any, ...]]],
    quais: Sequence[Modelo],
) -> None:
    """Compare what tables hold with what they held when the tests passed.

    Args:
        config: the settings.
        construcao: the build.
        linhas: runs a query in the transaction in which the tables are copied.
        quais: the tables.

    Raises:
        PublicacaoRecusada: some differ, or are gone, or were not there; the message names them.
    """
    outras = []
    guardadas = []
    for n, modelo in enumerate(quais):
        andamento.dizer(f"checking {modelo.tabela}", n, len(quais))
        antes = construcao.tabelas.get(modelo.tabela)
        if antes is None:
            outras.append(f"{modelo.tabela} (not built then)")
            continue
        try:
            agora = medida(config, modelo, linhas)
        except (duckdb.CatalogException, duckdb.BinderException, adbc.ProgrammingError):
            outras.append(f"{modelo.tabela} (gone, or of other columns)")
            break  # PostgreSQL answers nothing more in this transaction
        if agora != antes:
            outras.append(f"{modelo.tabela} ({antes.linhas:,} rows then, {agora.linhas:,} now)")
            guardadas += [modelo.tabela] if modelo.tabela in construcao.guardadas else []
    if outras:
        mandado = (
            f"A build keeps the rows of {_alguns(guardadas)} and mends none. {MANDA_REFAZER}"
            if guardadas
            else MANDA_CONSTRUIR
        )
        raise PublicacaoRecusada(
            f"The tables are not those on which the tests passed; {_alguns(outras)} changed since. "
            f"{mandado}"
        )


def _alguns(nomes: list[str]) -> str:
    resto = f" and {len(nomes) - 5} more" if len(nomes) > 5 else ""
    return ", ".join(nomes[:5]) + resto
