"""Lands what a partner's API has that is new, by the contract of its tables.

One page is one transaction: its rows, what of it is no row, the calls that were made for it, how
far the sweep is, and the row of `controle.cargas`. A load that is killed, or that the partner ends,
has the status `parcial`; the next one goes on where it stopped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from loaders.armazem import Armazem, abrir
from loaders.armazem.sql import literal
from loaders.contratos import API, Fonte, Tabela
from loaders.contratos.api import Api
from loaders.controle import auditoria
from loaders.controle.cargas import PARCIAL, Carga
from loaders.controle.supressao import Supressao
from loaders.controle.tabelas import Progresso, proximo_id
from loaders.extracao.api import falhas
from loaders.extracao.api.cliente import Cliente
from loaders.extracao.api.falhas import Falha
from loaders.extracao.api.gravacao import Gravacao
from loaders.extracao.api.pedinte import Parceiro
from loaders.extracao.api.ritmo import PACIENCIA, Balde, Disjuntor
from loaders.extracao.api.varredura import Varredura
from loaders.extracao.ensaio import armazem_de_ensaio, transacao_de_ensaio
from loaders.extracao.esquecidos import Esquecidos
from loaders.nucleo.configuracao import Configuracao, nome_da_variavel
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada, LastroError

SEM_CREDENCIAL = (401, 403)


@dataclass(frozen=True)
class Opcoes:
    """What the operator asked for.

    Attributes:
        tabelas: only these; none for all.
    """

    tabelas: tuple[str, ...] = ()

    def de(self, fonte: Fonte) -> list[tuple[Tabela, Api]]:
        """The tables of a source that are read, and how."""
        return [(t, a) for t, a in _de_api(fonte) if not self.tabelas or t.nome in self.tabelas]


def _de_api(fonte: Fonte) -> list[tuple[Tabela, Api]]:
    return [(t, t.api) for t in fonte.de_tipo(API) if t.api]


@auditoria.auditada(
    lambda fonte, *_: f"load {fonte.nome}",
    pedido=lambda _fonte, _url, opcoes, _progresso=None: {"opcoes": repr(opcoes)},
    resultado=lambda cargas: {"cargas": {c.id: c.status for c in cargas}},
)
def carregar(
    config: Configuracao,
    fonte: Fonte,
    url: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> list[Carga]:
    """Read all that is new in an API.

    Args:
        config: the settings.
        fonte: the source.
        url: its address.
        opcoes: what the operator asked for.
        progresso: told of each page that was read.

    Returns:
        One load per table, in the order in which they were read.

    Raises:
        FonteIndisponivel: the partner does not answer any more; what came before was landed.
        FonteRecusada: it answers what no load can go on with.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    cargas: list[Carga] = []
    with (
        Cliente.de(config, fonte.nome, url) as cliente,
        abrir(config, f"lastro load {fonte.nome}") as armazem,
    ):
        for varredura in varreduras(armazem, config, fonte, cliente, opcoes, progresso):
            cargas.append(varredura.carga)
            try:
                varredura.fazer()
            except Falha as falha:
                erro = erro_da(varredura, falha)
                recusada = isinstance(erro, FonteRecusada) and not varredura.paginas
                varredura.encerrar("rejeitado" if recusada else PARCIAL, str(erro), falha)
                raise erro from None
    return cargas


def conferir(
    config: Configuracao,
    fonte: Fonte,
    url: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> list[Carga]:
    """Read the first page of each table that a load would, and change nothing.

    Raises:
        FonteIndisponivel, FonteRecusada, ArmazemIndisponivel: as `carregar`.
    """
    cargas: list[Carga] = []
    with (
        Cliente.de(config, fonte.nome, url) as cliente,
        armazem_de_ensaio(config, f"lastro check {fonte.nome}") as (armazem, config),
    ):
        try:
            with transacao_de_ensaio(armazem):
                for varredura in varreduras(armazem, config, fonte, cliente, opcoes, progresso):
                    cargas.append(varredura.carga)
                    varredura.espiar()
        except Falha as falha:
            raise erro_da(varredura, falha) from None
    return cargas


def varreduras(
    armazem: Armazem,
    config: Configuracao,
    fonte: Fonte,
    cliente: Cliente,
    opcoes: Opcoes,
    progresso: Progresso,
) -> Iterator[Varredura]:
    """One for each table; it begins where the one before has ended."""
    esquecidos = Esquecidos(Supressao(config, armazem, fonte.nome))
    parceiro = _parceiro(armazem, fonte, cliente)
    for tabela, api in opcoes.de(fonte):
        gravacao = Gravacao(armazem, tabela, api, fonte.tabela(api.chamadas), esquecidos)
        carga = Carga(
            proximo_id(armazem), fonte.nome, tabela.nome, datetime.now(UTC), entidade=tabela.nome
        )
        yield Varredura(gravacao, parceiro, carga, progresso)


def _parceiro(armazem: Armazem, fonte: Fonte, cliente: Cliente) -> Parceiro:
    """The partner as the last load left it: one that failed a minute ago is still left alone."""
    ditos = [api for _, api in _de_api(fonte)]
    limite = min(a.limite_por_minuto for a in ditos)
    balde = Balde(limite, min(limite, *(a.rajada for a in ditos)))
    falhas_seguidas = min(a.disjuntor_falhas for a in ditos)
    segundos = max(a.disjuntor_segundos for a in ditos)
    chamadas = " union all ".join(
        "select resultado, iniciado_em, duracao_ms from"
        f" {armazem.qualificado(fonte.tabela(a.chamadas))}"
        f" where resultado <> {literal(falhas.DISJUNTOR_ABERTO)}"
        for a in ditos
    )
    ultimas: list[tuple[Any, ...]] = armazem.linhas(
        f"select * from ({chamadas}) as chamadas order by iniciado_em desc limit {falhas_seguidas}"
    )
    resta = 0.0
    if len(ultimas) == falhas_seguidas and all(r in falhas.DO_PARCEIRO for r, *_ in ultimas):
        _, inicio, durou = ultimas[0]
        ate = inicio + timedelta(milliseconds=durou, seconds=segundos)
        resta = min(segundos, max(0.0, (ate - datetime.now(UTC)).total_seconds()))
    return Parceiro(
        cliente,
        balde,
        Disjuntor(falhas_seguidas, segundos, falhas_seguidas if resta else 0, resta),
    )


def erro_da(varredura: Varredura, falha: Falha) -> LastroError:
    """What the person at the terminal is told."""
    ficou = (
        f"What came before, {varredura.carga.gravadas} rows in {varredura.paginas} pages, stays"
        if varredura.paginas
        else "Nothing was landed"
    )
    tabela = varredura.tabela
    dito = f"{tabela.fonte}.{tabela.nome}: {falha} ({varredura.api.caminho}). {ficou}."
    if falha.http_status in SEM_CREDENCIAL:
        variavel = nome_da_variavel(tabela.fonte, API, "TOKEN")
        return FonteIndisponivel(f"{dito} See whether {variavel} is set, and still good.")
    if falha.ao_menos > PACIENCIA:
        ate = datetime.now(UTC) + timedelta(seconds=min(falha.ao_menos, 366 * 86_400))
        return FonteIndisponivel(
            f"{dito} It asks to be left alone until {ate:%Y-%m-%d %H:%M} UTC: run again then."
        )
    if not falha.de_novo and falha.http_status:
        return FonteRecusada(
            f"{dito} What it answered is in controle.rejeicoes, where it could be kept: correct the"
            " contract, or ask the partner."
        )
    feitas = varredura.pedinte.feitas
    return FonteIndisponivel(
        f"{dito} {feitas} calls were made. Run the same command again later: it goes on from there."
    )
