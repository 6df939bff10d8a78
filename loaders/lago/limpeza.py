"""Takes all that is of one warehouse out of the lake, as after an erasure of people.

To drop a table leaves its files, and old snapshots, statistics of columns and the tables that Spark
built name people, too. So nothing is looked for: the entries of the catalogue go, then the folders
of their namespaces as they are. What a killed run left is known by a mark, and goes with the next.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import fsspec

from loaders.contratos import DO_CONTROLE, DO_DBT, carregaveis, fontes
from loaders.controle.tabelas import tabela_de_controle
from loaders.lago import catalogo as do_lago
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha
from loaders.projeto import manifesto
from loaders.projeto.manifesto import CONHECIDO_ATE

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

MARCA = "lastro.esvaziando"
"""Property of the namespace `controle` while the lake is being emptied."""
PUBLICACAO, DOS_LEITORES = "publicacao", "pub_"
"""The namespace of what is said of versions, and how those begin in which people read."""


def comecada(config: Configuracao, catalogo: "Catalog") -> bool:
    """Whether a run that was emptying the lake was killed."""
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        return MARCA in catalogo.load_namespace_properties(_controle(config))
    except NoSuchNamespaceError:
        return False


def esvaziar(config: Configuracao, catalogo: "Catalog") -> None:
    """Drop and delete all that the lake holds of this warehouse, the list of its loads first.

    dbt is asked which schemas a build makes: the warehouse must not be open.

    Raises:
        ConstrucaoFalhou: dbt cannot read the project.
    """
    andamento.dizer("emptying the lake")
    nosso = _quais(config, catalogo)
    esquemas = [esquema for esquema in todos(catalogo) if nosso(esquema)]
    catalogo.update_namespace_properties(_controle(config), updates={MARCA: "true"})
    cargas = (_controle(config), tabela_de_controle("cargas").nome)
    nomes = {nome for esquema in esquemas for nome in catalogo.list_tables(esquema)}
    for nome in sorted(nomes, key=lambda nome: (nome != cargas, nome)):
        catalogo.drop_table(nome)
        ponto_de_falha("lago.ao_tirar")
    _tirar_vistas(catalogo, esquemas)
    sistema, raiz = fsspec.url_to_fs(catalogo.properties[do_lago.PASTA])
    for camada in do_lago.CAMADAS:
        for pasta in sistema.glob(f"{raiz}/{camada}/*"):
            if nosso(pasta.rpartition("/")[2]):
                sistema.rm(pasta, recursive=True)
                ponto_de_falha("lago.ao_apagar")
    catalogo.update_namespace_properties(_controle(config), removals={MARCA})


def _tirar_vistas(catalogo: "Catalog", esquemas: Sequence[str]) -> None:
    """Drop all views; of a catalogue in SQL pyiceberg knows none, so there their rows go."""
    from pyiceberg.catalog.sql import SqlCatalog

    if isinstance(catalogo, SqlCatalog):
        with catalogo.engine.begin() as conexao:
            conexao.exec_driver_sql(
                "delete from iceberg_tables where catalog_name = %s and table_namespace = any(%s)",
                (catalogo.name, list(esquemas)),
            )
        return
    for esquema in esquemas:
        for vista in catalogo.list_views(esquema):
            catalogo.drop_view(vista)


def de_ninguem(config: Configuracao, catalogo: "Catalog") -> list[str]:
    """The namespaces of the lake that nothing of this warehouse makes."""
    nosso = _quais(config, catalogo)
    return [esquema for esquema in todos(catalogo) if not nosso(esquema)]


def todos(catalogo: "Catalog") -> list[str]:
    """Every namespace of the lake."""
    return sorted(esquema for esquema, *_ in catalogo.list_namespaces())


def dos_leitores(config: Configuracao, catalogo: "Catalog") -> list[str]:
    """The namespaces in which people read what this warehouse publishes.

    With a prefix that begins so, a sandbox could have others that are called alike.
    """
    controle, meu = fontes()[DO_CONTROLE].esquema, config.prefixo
    prefixos = {e.removesuffix(controle) for e in todos(catalogo) if e.endswith(controle)}
    mais_longos = tuple(p for p in prefixos if len(p) > len(meu))
    return [
        esquema
        for esquema in todos(catalogo)
        if esquema.startswith(meu + DOS_LEITORES) and not esquema.startswith(mais_longos)
    ]


def _quais(config: Configuracao, catalogo: "Catalog") -> Callable[[str], bool]:
    """What tells whether loads, builds or publications of this warehouse make a namespace."""
    conhecidos = {fonte.esquema for fonte in carregaveis()} | set(manifesto.esquemas(config))
    conhecidos |= {PUBLICACAO, *(fontes()[nome].esquema for nome in (DO_CONTROLE, DO_DBT))}
    lidos = dos_leitores(config, catalogo)

    def nosso(esquema: str) -> bool:
        nome = CONHECIDO_ATE.sub("", esquema.removeprefix(config.prefixo), count=1)
        return esquema in lidos or (esquema.startswith(config.prefixo) and nome in conhecidos)

    return nosso


def _controle(config: Configuracao) -> str:
    return config.prefixo + fontes()[DO_CONTROLE].esquema
