"""What sources there are, where each is, and when it was last loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.conninfo import conninfo_to_dict

from loaders.armazem import abrir_para_ler
from loaders.contratos import API, ARQUIVOS, EVENTOS, POSTGRES, Fonte, Tabela, carregaveis
from loaders.controle.tabelas import qualificada
from loaders.extracao.api.endereco import Endereco
from loaders.extracao.eventos import endereco as eventos
from loaders.nucleo.configuracao import Configuracao, nome_da_variavel
from loaders.nucleo.erros import LastroError


@dataclass(frozen=True)
class Situada:
    """One table of a source.

    Attributes:
        tabela: its contract.
        onde: the address, without user and password; or which setting is missing.
        ultima: when its last load that was accepted ended (UTC); None where there was none.
    """

    tabela: Tabela
    onde: str
    ultima: datetime | None

    @property
    def leitura(self) -> str:
        """How it is read, in words."""
        t = self.tabela
        if t.tipo == ARQUIVOS:
            como = f"files {t.arquivo}"
        elif t.api:
            como = f"{t.api.caminho}, " + (f"by {t.api.ordem}" if t.api.ordem else "whole")
        elif t.eventos:
            como = "events, each once"
        elif t.incremental:
            como = f"days of {t.dia} that changed"
        else:
            como = "whole, compared by key"
        return como + (", optional" if t.opcional else "")


def situadas(config: Configuracao) -> list[Situada]:
    """Every table that a loader reads.

    Raises:
        ArmazemIndisponivel: the warehouse is there and cannot be opened.
    """
    armazem = abrir_para_ler(config, "lastro sources")
    ultimas: dict[tuple[str, str], datetime] = {}
    if armazem is not None:
        with armazem:
            ultimas = {
                (fonte, tabela): fim
                for fonte, tabela, fim in armazem.linhas(
                    "select fonte, entidade, max(fim)"
                    f" from {qualificada(armazem, 'cargas')}"
                    " where status in ('ok', 'sem_novidade', 'em_curso', 'seguida') group by 1, 2"
                )
            }
    return [
        Situada(tabela, _onde(config, fonte, tabela), ultimas.get((fonte.nome, tabela.nome)))
        for fonte in carregaveis()
        for tabela in fonte.tabelas
        if tabela.tipo
    ]


def _onde(config: Configuracao, fonte: Fonte, tabela: Tabela) -> str:
    """Where a table is read, as it may be shown; or which setting would say it."""
    if tabela.tipo != EVENTOS:
        return endereco(config, fonte, str(tabela.tipo))
    nome = eventos.variavel(fonte, tabela)
    try:
        ditos = eventos.enderecos(config, fonte, tabela)
    except LastroError:
        return f"{nome} cannot be read"
    return " ".join(map(str, ditos)) or f"{nome} is not set"


def endereco(config: Configuracao, fonte: Fonte, tipo: str) -> str:
    """Where a source of one way is read, as it may be shown; or which setting would say it."""
    if tipo == ARQUIVOS:
        return config.local_de(fonte.nome, fonte.no_nome(tipo))
    if tipo == API:
        if (url := config.url_de(fonte.nome)) is None:
            return f"{variavel(fonte, tipo)} is not set"
        try:
            return str(Endereco.de(url, variavel(fonte, tipo)))
        except LastroError:
            return f"{variavel(fonte, tipo)} cannot be read"
    dsn = config.dsn_de(fonte.nome, fonte.no_nome(tipo))
    if dsn is None:
        return f"{variavel(fonte, tipo)} is not set"
    try:
        partes = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return f"{variavel(fonte, tipo)} cannot be read"
    porta = f":{partes['port']}" if partes.get("port") else ""
    return f"{partes.get('host', 'local')}{porta}/{partes.get('dbname', '')}"


def variavel(fonte: Fonte, tipo: str) -> str:
    """The setting that says where a source is."""
    if tipo == API:
        return nome_da_variavel(fonte.nome, API, "URL")
    if tipo == EVENTOS:
        return " or ".join(eventos.variavel(fonte, t) for t in fonte.de_tipo(EVENTOS))
    return nome_da_variavel(fonte.nome, None, "DSN" if tipo == POSTGRES else "LOCATION")


def configuradas(config: Configuracao) -> Iterator[tuple[Fonte, str]]:
    """Each source whose address is known, with the way in which it comes.

    Files are known by a default; they are none where nobody set another and no folder is there.
    """
    for fonte in carregaveis():
        for tipo in fonte.tipos:
            if tipo == POSTGRES and config.dsn_de(fonte.nome, fonte.no_nome(tipo)):
                yield fonte, tipo
            if tipo == API and config.url_de(fonte.nome):
                yield fonte, tipo
            if tipo == EVENTOS and all(
                config.eventos_de(fonte.nome, t.nome, eventos.sozinha(fonte))
                for t in fonte.de_tipo(EVENTOS)
            ):
                yield fonte, tipo
            if tipo == ARQUIVOS and config.ha_local_de(fonte.nome, fonte.no_nome(tipo)):
                yield fonte, tipo
