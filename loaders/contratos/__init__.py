"""The contract with each source: the tables and columns named in its dbt sources file.

One file serves both sides: dbt documents, tests and creates the raw tables from it; the loaders
check the source against it and land exactly those columns.
"""

from loaders.contratos.coluna import Coluna
from loaders.contratos.fonte import Fonte
from loaders.contratos.leitura import DO_CONTROLE, DO_DBT, carregaveis, confundidas, fontes
from loaders.contratos.pessoal import Marca
from loaders.contratos.tabela import Tabela
from loaders.contratos.tecnicas import API, ARQUIVOS, EVENTOS, ILEGIVEIS, POSTGRES

__all__ = [
    "API",
    "ARQUIVOS",
    "DO_CONTROLE",
    "DO_DBT",
    "EVENTOS",
    "ILEGIVEIS",
    "POSTGRES",
    "Coluna",
    "Fonte",
    "Marca",
    "Tabela",
    "carregaveis",
    "confundidas",
    "fontes",
]
