"""Lands the events of a source, by the contract of its tables.

A batch is one transaction: its rows, what of it is no row, how far each partition was read, and the
row of `controle.cargas`. `carregar` reads up to where the logs ended when it began; `seguir` goes
on, and lets others write to the warehouse between two batches.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache

from loaders.armazem import Armazem, abrir
from loaders.contratos import EVENTOS, Fonte, Tabela
from loaders.contratos.eventos import Eventos
from loaders.controle import auditoria
from loaders.controle.cargas import Carga
from loaders.controle.supressao import Supressao
from loaders.controle.tabelas import Progresso
from loaders.extracao.ensaio import armazem_de_ensaio, transacao_de_ensaio
from loaders.extracao.esquecidos import Esquecidos
from loaders.extracao.eventos.endereco import Endereco, enderecos, variavel
from loaders.extracao.eventos.kafka import Kafka
from loaders.extracao.eventos.kinesis import Kinesis
from loaders.extracao.eventos.leitura import Leitura
from loaders.extracao.eventos.pasta import Pasta
from loaders.extracao.eventos.seguimento import Seguimento
from loaders.extracao.eventos.transporte import Atraso, Recomecar, Transporte
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError

POR_VEZ = 0.2
"""Seconds that a log is waited for at once."""
ESPIAR = 3.0
"""Seconds in which a check reads what it can."""


Pedida = tuple[Tabela, Eventos, list[Endereco]]
"""A table, how it is read, and from where."""


@dataclass(frozen=True)
class Opcoes:
    """What the operator asked for.

    Attributes:
        tabelas: only these; none for all.
        aceita_lacunas: whether to go on behind what a log no longer has.
        seguir: whether to go on beyond where the logs end now.
        locais: where the events are, instead of where the settings say.
    """

    tabelas: tuple[str, ...] = ()
    aceita_lacunas: bool = False
    seguir: bool = False
    locais: tuple[str, ...] = ()

    def de(self, config: Configuracao, fonte: Fonte) -> list[Pedida]:
        """The tables of a source that are read.

        Raises:
            LastroError: it is not known where one of them is.
        """
        pedidas = [t for t in fonte.de_tipo(EVENTOS) if not self.tabelas or t.nome in self.tabelas]
        achadas = []
        for tabela in pedidas:
            onde = enderecos(config, fonte, tabela, self.locais)
            if not onde:
                raise LastroError(f"Set {variavel(fonte, tabela)}: where the events are.")
            if tabela.eventos:
                achadas.append((tabela, tabela.eventos, onde))
        return achadas


@dataclass
class Resultado:
    """What was done.

    Attributes:
        cargas: the loads.
        atrasos: how far behind each partition was in the end, by table.
        problemas: files that could not be read, with why.
    """

    cargas: list[Carga] = field(default_factory=list)
    atrasos: list[tuple[str, Atraso]] = field(default_factory=list)
    problemas: dict[str, str] = field(default_factory=dict)

    def juntar(self, leitura: Leitura) -> None:
        """Take in what was done of a table."""
        self.cargas += leitura.cargas
        self.atrasos += [(leitura.tabela.nome, a) for a in leitura.atrasos()]
        self.problemas |= leitura.problemas()


@auditoria.auditada(
    lambda fonte, *_: f"load {fonte.nome}",
    pedido=lambda _fonte, opcoes, _progresso=None: {"opcoes": repr(opcoes)},
    resultado=lambda feito: {"cargas": {c.id: c.status for c in feito.cargas}},
)
def carregar(
    config: Configuracao,
    fonte: Fonte,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> Resultado:
    """Land all events that the logs have, up to where they end now.

    Args:
        config: the settings.
        fonte: the source.
        opcoes: what the operator asked for.
        progresso: told of what was read.

    Raises:
        FonteIndisponivel: a log does not answer any more; what came before was landed.
        FonteRecusada: a log no longer has what comes next, or is another one.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    resultado = Resultado()
    pedidas = opcoes.de(config, fonte)
    with abrir(config, f"lastro load {fonte.nome}") as armazem:
        for pedida in pedidas:
            with _aberta(armazem, config, fonte, pedida, progresso) as leitura:
                _ler(leitura, opcoes)
                resultado.juntar(leitura)
            if any(c.gravadas for c in leitura.cargas):
                with armazem.transacao():
                    armazem.atualizar_estatisticas(leitura.tabela)
    return resultado


def _ler(leitura: Leitura, opcoes: Opcoes) -> None:
    """Read a table up to where its logs end now."""
    try:
        leitura.encerrar_alheias()
        leitura.comecar(opcoes.aceita_lacunas)
        while not leitura.terminada:
            try:
                leitura.colher(POR_VEZ)
            except Recomecar as topico:
                leitura.gravar()
                leitura.comecar(opcoes.aceita_lacunas, topico.args)
            if leitura.pronta:
                leitura.gravar()
    except (FonteIndisponivel, FonteRecusada) as erro:
        leitura.interromper(erro)
        raise
    leitura.encerrar("ok" if leitura.lidas else "sem_novidade")


@auditoria.auditada(
    lambda fonte, *_: f"load {fonte.nome} --follow",
    pedido=lambda _fonte, opcoes, *_: {"opcoes": repr(opcoes)},
    resultado=lambda feito: {"cargas": {c.id: c.status for c in feito.cargas}},
)
def seguir(
    config: Configuracao,
    fonte: Fonte,
    opcoes: Opcoes,
    parar: Callable[[], bool],
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> Resultado:
    """Land events as they come, until somebody says that it is enough.

    Args:
        config: the settings.
        fonte: the source.
        opcoes: what the operator asked for.
        parar: whether it is enough.
        progresso: told of what was read.

    Raises:
        FonteIndisponivel: a log cannot be reached at first; later it is waited for.
        FonteRecusada: as `carregar`.
        ArmazemIndisponivel: the warehouse cannot be opened; once it was, who else writes to it is
            waited for.
    """
    resultado = Resultado()
    pedidas = opcoes.de(config, fonte)
    with abrir(config, f"lastro load {fonte.nome} --follow") as armazem, ExitStack() as pilha:
        leituras = [
            pilha.enter_context(_aberta(armazem, config, fonte, pedida, progresso, seguir=True))
            for pedida in pedidas
        ]
        Seguimento(armazem, leituras, parar, opcoes.aceita_lacunas, config.espera).seguir()
        for leitura in leituras:
            resultado.juntar(leitura)
    return resultado


def conferir(
    config: Configuracao,
    fonte: Fonte,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> Resultado:
    """Read what of each table a load would land first, and change nothing.

    Raises:
        FonteIndisponivel, FonteRecusada, ArmazemIndisponivel: as `carregar`.
    """
    resultado = Resultado()
    pedidas = opcoes.de(config, fonte)
    with (
        armazem_de_ensaio(config, f"lastro check {fonte.nome}") as (armazem, config),
        transacao_de_ensaio(armazem),
    ):
        for pedida in pedidas:
            with _aberta(armazem, config, fonte, pedida, progresso) as leitura:
                leitura.comecar(opcoes.aceita_lacunas)
                resultado.juntar(leitura)
                _espiar(leitura)
                resultado.cargas += leitura.cargas
    return resultado


def _espiar(leitura: Leitura) -> None:
    """Read what would be landed first, and write nothing that stays."""
    limite = time.monotonic() + ESPIAR
    while not (leitura.terminada or leitura.pronta) and time.monotonic() < limite:
        leitura.colher(POR_VEZ)
    leitura.espiar()


@contextmanager
def _aberta(
    armazem: Armazem,
    config: Configuracao,
    fonte: Fonte,
    pedida: Pedida,
    progresso: Progresso,
    seguir: bool = False,
) -> Iterator[Leitura]:
    """The reading of a table, with its logs; these are let go of at the end."""
    tabela, eventos, onde = pedida

    def esquecidos() -> Esquecidos:
        return Esquecidos(Supressao(config, armazem, fonte.nome))

    if not seguir:  # nobody is erased while the warehouse is held
        esquecidos = cache(esquecidos)
    with ExitStack() as pilha:
        transportes = []
        for endereco in onde:
            transportes.append(_transporte(config, fonte, eventos, endereco))
            pilha.callback(transportes[-1].fechar)
        yield Leitura(armazem, tabela, eventos, transportes, esquecidos, progresso, seguir)


def _transporte(
    config: Configuracao, fonte: Fonte, eventos: Eventos, endereco: Endereco
) -> Transporte:
    if endereco.tipo == "kafka":
        return Kafka(endereco, config.kafka_de(fonte.nome), config.tentativas)
    if endereco.tipo == "kinesis":
        return Kinesis(endereco, config.tentativas)
    return Pasta(endereco, config.expansao_maxima, eventos.arquivos)
