"""Extracts a PostgreSQL database into its raw schema, by its contract.

One extraction reads all tables in one snapshot of the source and commits them with their rows of
`controle.cargas` in one transaction of the warehouse: all of it is there, or none.

A table of `leitura: foto` is read whole and compared with the newest state of each key; only what
differs is landed. One of `leitura: incremental` is compared by day first: the source counts and
fingerprints each day, and only days whose answer differs from the last load's are read and
compared. A row that arrives late, changes or disappears changes its day's answer, however old the
day.
"""

from datetime import UTC, datetime

import tenacity

from loaders.armazem import Armazem, abrir
from loaders.contratos import POSTGRES, Fonte
from loaders.controle import auditoria
from loaders.controle.cargas import AUSENTE, Carga, registrar
from loaders.controle.tabelas import Progresso, proximo_id, qualificada
from loaders.extracao.ensaio import armazem_de_ensaio, transacao_de_ensaio
from loaders.extracao.postgres.conexao import FonteCaiu, FontePostgres
from loaders.extracao.postgres.extracao import Extracao, Opcoes
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.nucleo.falhas import ponto_de_falha


@auditoria.auditada(
    lambda fonte, *_: f"load {fonte.nome}",
    pedido=lambda _fonte, _dsn, opcoes, _progresso=None: {"opcoes": repr(opcoes)},
    resultado=lambda cargas: {"cargas": {c.id: c.status for c in cargas if c.status != AUSENTE}},
)
def carregar(
    config: Configuracao,
    fonte: Fonte,
    dsn: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> list[Carga]:
    """Extract all tables of a database once.

    Args:
        config: the settings.
        fonte: the source.
        dsn: its libpq address; a role that may only SELECT suffices, also on a replica.
        opcoes: what the operator asked for.
        progresso: told of each batch that was read.

    Returns:
        One load per table, in the order in which they were read; of tables that are optional and
        not there with the status `AUSENTE`.

    Raises:
        FonteIndisponivel: the source cannot be reached, after `config.tentativas` tries.
        FonteRecusada: the source breaks its contract, looks truncated, or lies before the last
            extraction.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    with abrir(config, f"lastro load {fonte.nome}") as armazem:
        inicio = datetime.now(UTC)
        try:
            return _tentar(config)(_extrair, armazem, config, fonte, dsn, opcoes, progresso, True)
        except LastroError as erro:
            status = "rejeitado" if isinstance(erro, FonteRecusada) else "erro"
            _registrar_falha(armazem, fonte, inicio, status, str(erro))
            raise


def conferir(
    config: Configuracao,
    fonte: Fonte,
    dsn: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> list[Carga]:
    """Say what `carregar` would do, and change nothing: the same extraction, which is undone.

    Where nothing was ever loaded, it goes into a warehouse of its own, which is thrown away.

    Raises:
        FonteIndisponivel, FonteRecusada, ArmazemIndisponivel: as `carregar`.
    """
    with armazem_de_ensaio(config, f"lastro check {fonte.nome}") as (armazem, config):
        return _tentar(config)(_extrair, armazem, config, fonte, dsn, opcoes, progresso, False)


def _tentar(config: Configuracao) -> tenacity.Retrying:
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(config.tentativas),
        wait=tenacity.wait_exponential(multiplier=0.5, max=8),
        retry=tenacity.retry_if_exception_type(FonteCaiu),
        reraise=True,
    )


def _extrair(
    armazem: Armazem,
    config: Configuracao,
    fonte: Fonte,
    dsn: str,
    opcoes: Opcoes,
    progresso: Progresso,
    fica: bool,
) -> list[Carga]:
    tabelas = fonte.de_tipo(POSTGRES)
    transacao = armazem.transacao() if fica else transacao_de_ensaio(armazem)
    with FontePostgres(dsn) as origem, transacao:
        origem.verificar(tabelas)
        raw = map(armazem.qualificado, tabelas)
        armazem.resguardar([*raw, qualificada(armazem, "cargas")])
        extracao = Extracao(armazem, fonte, origem, config, opcoes, progresso)
        for tabela in tabelas:
            extracao.extrair(tabela)
            ponto_de_falha("carga.entre_tabelas")
        if fica:
            extracao.encerrar()
            ponto_de_falha("carga.antes_do_commit")
    if fica:
        ponto_de_falha("carga.depois_do_commit")
    return extracao.cargas


def _registrar_falha(
    armazem: Armazem, fonte: Fonte, inicio: datetime, status: str, mensagem: str
) -> None:
    """A row of `controle.cargas` that tells of a load that landed nothing."""
    with armazem.transacao():
        carga = Carga(proximo_id(armazem), fonte.nome, "*", inicio, status=status)
        carga.mensagem = " ".join(mensagem.split())
        registrar(armazem, [carga])
