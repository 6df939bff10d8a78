"""The demonstration: three databases, a partner's API, files and events, all the way to extracts.

Three extractions of the cooperative's database, two of the digital account's, two of the credit
start-up's with the scores and events that were there by then, two deliveries of the card files.
Run again it finds everything in place: the sources stand where they stood, the loads find nothing
new, and the build changes no row outside `controle`. The same goes the way of the lake, where Spark
builds.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from loaders.armazem import abrir
from loaders.contratos import fontes
from loaders.demo import credito, faturas, fintech, gerador, servidor
from loaders.exportacao import movimento_flat as exportacao
from loaders.extracao.api import carregar as de_api
from loaders.extracao.arquivos import carregar as de_arquivos
from loaders.extracao.eventos import carregar as de_eventos
from loaders.extracao.postgres import carregar as de_postgres
from loaders.extracao.postgres.extracao import Opcoes
from loaders.lago.catalogo import JDBC
from loaders.lago.espelho import espelhar
from loaders.lago.historia import ALVO
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.painel import painel
from loaders.projeto import manifesto
from loaders.projeto.ambiente_dbt import rodar, seguir_dbt
from loaders.publicacao.publicar import publicar
from loaders.publicacao.versoes import Versao

COOPERATIVA, DIGITAL, CREDITO, EMISSOR = "sicooperative", "fintech", "credito", "pod_cartoes"
"""The sources that the demonstration fills."""
LAGO = "lago"
"""The database of the lake's catalogue."""
VERSOES = 3
"""How many published versions the demonstration keeps."""
DATA_REFERENCIA = gerador.ETAPAS[-1].date()
"""The day on which the sample ends: the books of the demonstration are those of the year before."""


@dataclass(frozen=True)
class Medidas:
    """How large the sample is; each is the demonstration's where it is left out."""

    cooperativa: gerador.Tamanho | None = None
    digital: fintech.Tamanho | None = None
    pedidos: credito.Tamanho | None = None
    arquivos: faturas.Medida | None = None


DA_DEMONSTRACAO = Medidas()


@dataclass(frozen=True)
class _Banco:
    """A database of the sample.

    Attributes:
        nome: what it is called.
        fonte: its source.
        etapas: the moments at which it is seen.
        preencher: brings it to one of them.
        mais: loads what else the source has by then, and returns how many rows that were.
    """

    nome: str
    fonte: str
    etapas: tuple[datetime, ...]
    preencher: Callable[[servidor.Servidor, int], None]
    mais: Callable[[], int] = lambda: 0


def executar(
    config: Configuracao,
    saida: Path,
    paginas: Path,
    relatar: Callable[[str], None],
    medidas: Medidas = DA_DEMONSTRACAO,
) -> None:
    """Load, build, test, publish, export and draw the demonstration.

    Args:
        config: the settings; the warehouse they name must be empty or the demonstration's own.
        saida: folder for movimento_flat.
        paginas: folder for the dashboard.
        relatar: told of each step that is done.
        medidas: how large the sample is.

    Raises:
        LastroError: a step failed, or the warehouse holds other extractions.
    """
    feito = _cronometro(relatar)
    _carregar(config, feito, medidas)
    andamento.dizer("replaying the history through the dbt snapshot")
    feito("history: " + rodar(config, "lastro", "snapshot"))
    # Asked now: after the build, which has a variable, dbt would read all of the project anew.
    manifesto.nos(config)
    _construir(config, feito)
    publicada = publicar(config, manter=VERSOES)
    feito(f"{publicada.versao.nome} {'published' if publicada.nova else 'is published already'}")
    flat = exportacao.exportar_movimento_flat(config, saida)
    feito(f"{flat.linhas:,} rows written to {flat.csv} and {flat.parquet.name}")
    escrito = painel.escrever(config, paginas)
    feito(f"{sum(escrito.graficos.values())} charts drawn: {escrito.inicio}")


def executar_no_spark(
    config: Configuracao,
    relatar: Callable[[str], None],
    medidas: Medidas = DA_DEMONSTRACAO,
) -> Versao:
    """The same on Spark: load, mirror into a lake, replay, build, test, publish there.

    The lake's catalogue is a database of the sample's server, its files lie beside the warehouse.

    Args:
        config: the settings; the warehouse they name must be empty or the demonstration's own.
        relatar: told of each step that is done.
        medidas: how large the sample is.

    Returns:
        The version that is read in the lake.

    Raises:
        LastroError: a step failed, or the warehouse holds other extractions.
    """
    feito = _cronometro(relatar)
    fonte = _carregar(config, feito, medidas)
    fonte.criar_banco(LAGO)
    config = config.model_copy(
        update={
            "lago": f"{JDBC}{servidor.ENDERECO}:{fonte.porta}/{LAGO}",
            "usuario_lago": fonte.usuario,
            "senha_lago": fonte.senha,
            "pasta_lago": str(config.caminho_duckdb.with_name("lake")),
        }
    )
    feito(f"lake: {espelhar(config).cargas} loads copied to {config.pasta_lago}")
    andamento.dizer("replaying the history on Spark")
    feito("history: " + rodar(config, "lastro", "lake", "--replay"))
    _construir(config, feito, ALVO)
    publicada = publicar(config, manter=VERSOES, no_lago=True)
    feito(f"{publicada.versao.nome} {'published' if publicada.nova else 'is published already'}")
    return publicada.versao


def _cronometro(relatar: Callable[[str], None]) -> Callable[[str], None]:
    """Tells of steps with the seconds since now before each."""
    inicio = time.monotonic()
    return lambda passo: relatar(f"[{time.monotonic() - inicio:5.1f} s] {passo}")


def _construir(config: Configuracao, feito: Callable[[str], None], alvo: str | None = None) -> None:
    """Build and test everything; the newest book is that of the day on which the sample ends."""
    # Unit tests prove the code, not the data: `make test` runs them, a daily build need not.
    construir = (
        *("build", "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps({"data_referencia": str(DATA_REFERENCIA)})),
        *(("--target", alvo) if alvo else ()),
    )
    resumo = seguir_dbt(config, *construir).rpartition("Done. ")[2]
    feito(f"dbt build: {resumo}")


def _carregar(
    config: Configuracao, feito: Callable[[str], None], medidas: Medidas
) -> servidor.Servidor:
    """Start the sample's server, and load what the databases and the files hold that is new."""
    pasta = config.pasta_demo / CREDITO
    bancos = (
        _Banco(
            "SiCooperativeDB",
            COOPERATIVA,
            gerador.ETAPAS,
            lambda onde, etapa: _preencher(onde, etapa, medidas.cooperativa),
        ),
        _Banco(
            "FintechDB",
            DIGITAL,
            fintech.ETAPAS,
            lambda onde, etapa: fintech.preencher(onde.dsn("FintechDB"), etapa, medidas.digital),
        ),
        _Banco(
            "CreditoDB",
            CREDITO,
            credito.ETAPAS,
            lambda onde, etapa: credito.preparar(
                onde.dsn("CreditoDB"), pasta, etapa, medidas.pedidos, medidas.digital
            ),
            lambda: _carregar_scores_e_eventos(config, pasta),
        ),
    )
    ultimas = {banco.fonte: _ultima_extracao(config, banco.fonte) for banco in bancos}
    if any(ultimas[banco.fonte] not in (None, *banco.etapas) for banco in bancos):
        raise LastroError(
            "This warehouse holds extractions of another source. The demonstration wants one of "
            "its own: set LASTRO_DUCKDB to a new file, or run `make clean` to throw this one away."
        )
    andamento.dizer("starting the sample's PostgreSQL server")
    try:
        fonte = servidor.iniciar(config.pasta_demo)
    except servidor.ServidorError as erro:
        raise LastroError(f"The demonstration's PostgreSQL does not start: {erro}") from erro
    feito(f"source databases run on 127.0.0.1:{fonte.porta}")
    for banco in bancos:
        _carregar_banco(config, feito, fonte, banco, ultimas[banco.fonte])
    credito.esquecer_planos()
    for entrega in _carregar_faturas(config, medidas.arquivos):
        feito(entrega)
    return fonte


def _carregar_banco(
    config: Configuracao,
    feito: Callable[[str], None],
    onde: servidor.Servidor,
    banco: _Banco,
    ultima: datetime | None,
) -> None:
    """Load each stage of a database that the warehouse has not seen, or the last one again."""
    onde.criar_banco(banco.nome)
    faltam = [n for n, e in enumerate(banco.etapas) if ultima is None or e > ultima]
    for etapa in faltam or [len(banco.etapas) - 1]:
        instante = banco.etapas[etapa]
        andamento.dizer(f"filling {banco.nome} as of {instante:%Y-%m-%d}")
        banco.preencher(onde, etapa)
        cargas = de_postgres.carregar(
            config,
            fontes()[banco.fonte],
            onde.dsn(banco.nome),
            Opcoes(instante=instante),
            andamento.linhas_lidas,
        )
        gravadas = sum(c.gravadas for c in cargas) + banco.mais()
        feito(f"{banco.nome} as of {instante:%Y-%m-%d}: {gravadas:,} rows landed")


def _carregar_scores_e_eventos(config: Configuracao, pasta: Path) -> int:
    """Ask the partner and read the app's events, as far as they have come; return the rows."""
    fonte = fontes()[CREDITO]
    with credito.parceiro(pasta) as url:
        cargas = de_api.carregar(config, fonte, url, de_api.Opcoes(), andamento.linhas_lidas)
    locais = (credito.endereco(pasta),)
    eventos = de_eventos.carregar(
        config, fonte, de_eventos.Opcoes(locais=locais), andamento.linhas_lidas
    )
    return sum(c.gravadas for c in [*cargas, *eventos.cargas])


def _ultima_extracao(config: Configuracao, fonte: str) -> datetime | None:
    with abrir(config, "lastro demo") as armazem:
        ultima: datetime | None = armazem.valor(
            f"select max(extraido_em) from {armazem.esquema('controle')}.cargas"
            f" where fonte = '{fonte}' and status in ('ok', 'sem_novidade')"
        )
    return ultima


def _carregar_faturas(config: Configuracao, medida: faturas.Medida | None) -> Iterator[str]:
    """Deliver the files of the card issuer, then the correction of one, and land them."""
    pasta = config.pasta_demo / EMISSOR
    with abrir(config, "lastro demo") as armazem:
        vazio = not armazem.valor(
            f"select count(*) from {armazem.esquema('controle')}.cargas where fonte = '{EMISSOR}'"
        )
    if vazio:
        faturas.remover(pasta)
    for corrigida in (False, True):
        andamento.dizer("writing the sample's card files")
        if faturas.preparar(pasta, corrigida, medida) or corrigida:
            cargas = de_arquivos.carregar(
                config,
                fontes()[EMISSOR],
                str(pasta),
                de_arquivos.Opcoes(),
                andamento.linhas_lidas,
            ).cargas
            destinos = Counter(c.status for c in cargas)
            gravadas = sum(c.gravadas for c in cargas)
            yield (
                f"card files: {destinos['ok']} landed ({gravadas:,} rows),"
                f" {destinos['sem_novidade']} known, {destinos['rejeitado']} refused"
            )


def _preencher(onde: servidor.Servidor, etapa: int, tamanho: gerador.Tamanho | None) -> None:
    """Bring SiCooperativeDB to a stage; one beyond it (another warehouse's) is made again."""
    dsn = onde.dsn("SiCooperativeDB")
    atual = gerador.etapa_atual(dsn)
    if atual is not None and atual > etapa:
        with psycopg.connect(onde.dsn(), autocommit=True) as conexao:
            conexao.execute('drop database "SiCooperativeDB" with (force)')
        onde.criar_banco("SiCooperativeDB")
    gerador.preencher(dsn, etapa, tamanho)
