"""One sweep over a table of an API: from where the last one ended, with overlap, page by page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from loaders.contratos import Tabela
from loaders.contratos.api import CURSOR
from loaders.controle.cargas import PARCIAL, Carga
from loaders.controle.tabelas import Progresso
from loaders.extracao.api import corpo, falhas
from loaders.extracao.api.cliente import Pedido
from loaders.extracao.api.corpo import Pagina
from loaders.extracao.api.falhas import Falha
from loaders.extracao.api.gravacao import Gravacao, Lote, Posicao
from loaders.extracao.api.itens import ItemRecusado, LeitorDeItens
from loaders.extracao.api.pedinte import Parceiro, Pedinte
from loaders.nucleo.nomes import visivel

VOLTAS = 3
"""How often pages by number are read, until nothing new was between them."""
GUARDADOS = 65_536
"""Letters of an answer that are set aside."""


class Varredura:
    """Reads one table."""

    def __init__(
        self,
        gravacao: Gravacao,
        parceiro: Parceiro,
        carga: Carga,
        progresso: Progresso,
    ) -> None:
        """Know how far the last sweep came; nothing is asked yet."""
        self.gravacao = gravacao
        self.tabela: Tabela = gravacao.tabela
        self.api = gravacao.api
        self.carga = carga
        self.progresso = progresso
        self.parceiro = parceiro
        self.pedinte = Pedinte(parceiro, self.api, carga.id)
        self.leitor = LeitorDeItens(self.tabela)
        self.posicao = gravacao.posicao()
        self.paginas = 0
        self.vistos: set[str] = set()

    def fazer(self) -> None:
        """Read all that is new, and commit each page.

        Raises:
            Falha: the partner does not answer any more; what came before stays.
        """
        voltas = 1 if self.api.paginacao == CURSOR else VOLTAS
        for _ in range(voltas):
            antes = self.carga.gravadas
            self._volta()
            if self.carga.gravadas == antes:
                break
        self.encerrar("ok" if self.carga.gravadas else "sem_novidade")

    def espiar(self) -> None:
        """Read the first page, and write nothing that stays."""
        pagina = self._pedir(self.posicao.cursor or self._primeiro)
        self.gravacao.por(self._lote(pagina, self.posicao.cursor), self.carga)
        self.carga.formato = "the first page only" if pagina.itens else "an empty page"
        self.carga.status = "ok" if self.carga.gravadas else "sem_novidade"

    def por_encomenda(self, pagina: Pagina) -> None:
        """Write what was ordered by itself; how far the sweeps are is not touched."""
        self.paginas = 1
        self.carga.status = PARCIAL
        self.gravacao.gravar(self._lote(pagina, None), self.carga, None)
        self.encerrar("ok" if self.carga.gravadas else "sem_novidade")

    def encerrar(
        self, status: str, mensagem: str | None = None, falha: Falha | None = None
    ) -> None:
        """Write how the load ended, the calls of its last page, and an answer that is set aside."""
        self.carga.status = status
        self.carga.mensagem = mensagem
        self.carga.formato = self._formato()
        lote = Lote(chamadas=self.pedinte.tomar_chamadas())
        if falha and falha.corpo:
            texto = visivel(self.parceiro.cliente.sem_token(falha.corpo.decode("utf-8", "replace")))
            lote.recusados.append((0, texto[:GUARDADOS], str(falha)))
        self.gravacao.gravar(lote, self.carga, None)

    def _volta(self) -> None:
        """From where the last sweep ended to the last page."""
        comecou = datetime.now(UTC)
        retomado = self.posicao.cursor
        cursor = retomado or self._primeiro
        self.vistos = set()
        anterior: list[Any] | None = None
        while True:
            try:
                pagina = self._pedir(cursor)
            except Falha as falha:
                if not (retomado and falha.resultado == falhas.ERRO_CLIENTE):
                    raise
                # A cursor does not keep for ever: the sweep begins anew from where it began.
                retomado, cursor = None, self._primeiro
                self.posicao = replace(self.posicao, cursor=None)
                continue
            retomado = None
            proximo = self._proximo(pagina, cursor, anterior)
            lote = self._lote(pagina, cursor)
            anterior = pagina.itens
            self._avancar(proximo, comecou)
            self.carga.status = PARCIAL
            self.carga.formato = self._formato()
            self.gravacao.gravar(lote, self.carga, self.posicao)
            self.progresso(self.tabela.nome, self.carga.lidas)
            if proximo is None:
                return
            cursor = proximo

    @property
    def _primeiro(self) -> str | None:
        return None if self.api.paginacao == CURSOR else "1"

    def _pedir(self, cursor: str | None) -> Pagina:
        nomes = self.api.parametros
        pedidos = {}
        if nomes.desde:
            ate = self.posicao.publicado_ate
            desde = ate - timedelta(hours=self.api.sobreposicao_horas) if ate else self.api.inicio
            pedidos[nomes.desde] = f"{desde.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        if cursor is not None:
            pedidos[nomes.cursor] = cursor
        if nomes.limite:
            pedidos[nomes.limite] = str(self.api.limite)
        url = self.parceiro.cliente.endereco.url(self.api.caminho)
        pedido = Pedido(self.api.caminho, url, pedidos)
        pagina = self.pedinte.pedir(pedido, lambda resposta: corpo.ler_pagina(self.api, resposta))
        self.paginas += 1
        return pagina

    def _lote(self, pagina: Pagina, cursor: str | None) -> Lote:
        lote = Lote(chamadas=self.pedinte.tomar_chamadas())
        ordem = self.api.ordem
        for n, item in enumerate(pagina.itens, 1):
            self.carga.lidas += 1
            try:
                linha = self.leitor.ler(item)
            except ItemRecusado as recusa:
                texto = self.parceiro.cliente.sem_token(corpo.texto(item))
                lote.recusados.append((n, texto[:GUARDADOS], str(recusa)))
                continue
            lote.linhas.append(
                linha
                | {
                    "_endpoint": self.api.caminho,
                    "_cursor": cursor,
                    "_ordem": n,
                    "_http_status": pagina.http_status,
                    "_carga_id": self.carga.id,
                    "_linha": self.carga.lidas,
                    "_carregado_em": self.carga.inicio,
                }
            )
            if ordem:
                visto = max(linha[ordem], self.posicao.visto_ate or linha[ordem])
                self.posicao = replace(self.posicao, visto_ate=visto)
        return lote

    def _proximo(
        self, pagina: Pagina, cursor: str | None, anterior: list[Any] | None
    ) -> str | None:
        """Where the next page goes on.

        Raises:
            Falha: the partner goes round in a circle.
        """
        if self.api.paginacao != CURSOR:
            if pagina.itens and pagina.itens == anterior:
                raise self._circulo(pagina, "it answers the same page twice")
            return str(int(cursor or "1") + 1) if pagina.itens else None
        if pagina.proximo is not None and pagina.proximo in {cursor, *self.vistos}:
            raise self._circulo(pagina, "it names a cursor that it has named before")
        self.vistos.add(pagina.proximo or "")
        return pagina.proximo

    @staticmethod
    def _circulo(pagina: Pagina, dito: str) -> Falha:
        return Falha(dito, falhas.CORPO_INVALIDO, pagina.http_status, de_novo=False)

    def _avancar(self, proximo: str | None, comecou: datetime) -> None:
        """How far the sweep is once this page is written.

        Up to where it has seen counts once it has ended; a publication of the future does not.
        """
        if proximo is not None:
            fica = proximo if self.api.paginacao == CURSOR else None
            self.posicao = replace(self.posicao, cursor=fica)
            return
        vistos = [v for v in (self.posicao.publicado_ate, self.posicao.visto_ate) if v]
        self.posicao = Posicao(None, min(max(vistos), comecou) if vistos else None)

    def _formato(self) -> str:
        partes = [f"{self.paginas} pages in {self.pedinte.feitas} calls"]
        if self.leitor.desconhecidos:
            nomes = ", ".join(visivel(n) for n in sorted(self.leitor.desconhecidos)[:5])
            partes.append(f"fields that the contract does not name: {nomes[:200]}")
        return "; ".join(partes)
