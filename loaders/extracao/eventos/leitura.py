"""Reads the events of one table, from all logs by which they come, and lands them."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from loaders.armazem import Armazem
from loaders.armazem.sql import literal
from loaders.contratos import Tabela
from loaders.contratos.eventos import Eventos
from loaders.controle.cargas import EM_CURSO, PARCIAL, SEGUIDA, Carga
from loaders.controle.tabelas import Progresso, proximo_id, qualificada
from loaders.extracao.esquecidos import Esquecidos
from loaders.extracao.eventos.gravacao import Gravacao, Lote, Onde, Recusada
from loaders.extracao.eventos.leitor import EventoRecusado, LeitorDeEventos
from loaders.extracao.eventos.transporte import (
    Atraso,
    Bloco,
    Lacuna,
    Lugar,
    Recomecar,
    Transporte,
)
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.nucleo.nomes import visivel

BYTES_POR_VEZ = 64_000_000
"""Bytes of messages after which they are landed, however few."""
DE_NOVO = 5.0
"""Seconds after which it is seen again whether a build has ended."""
MOSTRADAS = 5


class Leitura:
    """Reads one table."""

    def __init__(
        self,
        armazem: Armazem,
        tabela: Tabela,
        eventos: Eventos,
        transportes: Sequence[Transporte],
        esquecidos: Callable[[], Esquecidos],
        progresso: Progresso,
        seguir: bool = False,
    ) -> None:
        """Nothing is asked yet.

        Args:
            armazem: the warehouse.
            tabela: the table.
            eventos: how it is read.
            transportes: the logs.
            esquecidos: whose rows are left out, as the warehouse says just then.
            progresso: told of what was read.
            seguir: whether it is read beyond the ends that were there at first.
        """
        self.armazem = armazem
        self.tabela = tabela
        self.eventos = eventos
        self.transportes = {t.topico: t for t in transportes}
        self.esquecidos = esquecidos
        self.progresso = progresso
        self.seguir = seguir
        self.leitor = LeitorDeEventos(tabela, eventos)
        self.gravacao = Gravacao(armazem, tabela, self.leitor.nomes)
        self.lote = Lote()
        self.desde: float | None = None
        """When the first message came that waits to be landed."""
        self.gravados: dict[Onde, Lugar] = {}
        self.cargas: list[Carga] = []
        self.atual: Carga | None = None
        """The load that grows; it is the last of `cargas`."""
        self.virada = time.monotonic()

    def carga(self) -> Carga:
        """The load that grows; another one begins where there is none."""
        if self.atual is None:
            self.atual = Carga(
                proximo_id(self.armazem),
                self.tabela.fonte,
                self.tabela.nome,
                datetime.now(UTC),
                entidade=self.tabela.nome,
                status=EM_CURSO if self.seguir else PARCIAL,
            )
            self.cargas.append(self.atual)
        return self.atual

    @property
    def terminada(self) -> bool:
        """Whether all was read that was there at first."""
        return all(t.terminado for t in self.transportes.values())

    @property
    def lidas(self) -> int:
        """Messages of the load that grows, the ones that were not landed yet among them."""
        return (self.atual.lidas if self.atual else 0) + self.lote.mensagens

    @property
    def vence(self) -> bool:
        """Whether the load that grows, or what is known beside it, is old enough to be stored."""
        velha = time.monotonic() - self.virada >= self.eventos.rodada
        return velha and bool(self.atual or self.lote.lugares)

    @property
    def pronta(self) -> bool:
        """Whether what was read is to be landed now."""
        if self.lote.mensagens >= self.eventos.lote or self.lote.bytes >= BYTES_POR_VEZ:
            return True
        if self.desde is None or not self.seguir:
            return False
        return time.monotonic() - self.desde >= self.eventos.intervalo

    def comecar(self, aceita_lacunas: bool, topicos: Sequence[str] | None = None) -> None:
        """Begin, once more if need be, behind what the warehouse says was read.

        Args:
            aceita_lacunas: whether to go on behind what a log no longer has.
            topicos: these logs only.

        Raises:
            FonteRecusada: a log no longer has what comes next, and that is not accepted; or it is
                another log.
            FonteIndisponivel: one cannot be reached.
        """
        self.gravados = self.gravacao.lugares()
        lacunas: list[Lacuna] = []
        for topico in topicos or self.transportes:
            dele = {p: lugar for (t, p), lugar in self.gravados.items() if t == topico}
            lacunas += self.transportes[topico].comecar(dele, self.seguir)
        if lacunas and not aceita_lacunas:
            raise FonteRecusada(self._falta(lacunas))
        for lacuna in lacunas:
            self.lote.lacunas.append(lacuna)
            self.lote.lugares[lacuna.topico, lacuna.lugar.particao] = lacuna.lugar
            self.desde = self.desde or time.monotonic()

    def colher(self, segundos: float) -> None:
        """Read what comes next, waiting no longer than so.

        Raises:
            FonteIndisponivel: a log cannot be reached.
            Recomecar: one has to be begun anew, once what was read is landed.
        """
        ativos = [t for t in self.transportes.values() if self.seguir or not t.terminado]
        for transporte in ativos:
            resta = self.eventos.lote - self.lote.mensagens
            if resta <= 0:
                return
            try:
                blocos = transporte.ler(resta, segundos / len(ativos))
            except Recomecar:
                raise Recomecar(transporte.topico) from None
            for bloco in blocos:
                self._juntar(bloco)
        lidas = sum(c.lidas for c in self.cargas)
        self.progresso(self.tabela.nome, lidas + self.lote.mensagens)

    def _juntar(self, bloco: Bloco) -> None:
        particao = bloco.lugar.particao
        lote, topico, ler = self.lote, bloco.topico, self.leitor.ler
        antes = (self.atual.lidas if self.atual else 0) + 1
        for onde, em, corpo in zip(bloco.deslocamentos, bloco.recebidos, bloco.corpos, strict=True):
            lote.bytes += len(corpo or b"")
            try:
                lote.linhas.append(ler(corpo))
            except EventoRecusado as recusa:
                numero = antes + lote.mensagens
                texto = _texto(corpo)
                lote.recusadas.append(Recusada(topico, particao, onde, numero, texto, str(recusa)))
            else:
                lote.origens.append((topico, particao, onde, em))
        lote.lugares[topico, particao] = bloco.lugar
        if bloco.corpos and self.desde is None:
            self.desde = time.monotonic()

    def gravar(self) -> None:
        """Land what was read, and commit it; the warehouse is held."""
        if not (self.lote.mensagens or self.lote.lacunas):
            return
        carga = self.carga()
        self._descrever(carga)
        self.gravacao.gravar(self.lote, carga, self.esquecidos())
        self._esvaziar()

    def mudou(self) -> bool:
        """Whether others landed of the same partitions meanwhile.

        What was read is thrown away then: it is read again from where they came to. Where others
        ended this load, another one begins.
        """
        if self.atual and not self.armazem.linhas(
            f"select 1 from {qualificada(self.armazem, 'cargas')}"
            f" where _carga_id = {self.atual.id} and status = {literal(EM_CURSO)}"
        ):
            self.atual = None
        onde = self.lote.lugares.keys()
        sabidos = {o: self.gravados[o] for o in onde if o in self.gravados}
        if not onde or self.gravacao.lugares(onde) == sabidos:
            return False
        self.lote, self.desde = Lote(), None
        return True

    def encerrar(self, status: str, mensagem: str | None = None) -> None:
        """End the load, with what was read and not landed yet.

        One of `--follow` is left to the next one to end while a build is under way, which would see
        its rows in some models and not in others.
        """
        carga = self.carga()
        self._descrever(carga)
        adiada = status == SEGUIDA and em_construcao(self.armazem)
        carga.status = EM_CURSO if adiada else status
        carga.mensagem = mensagem or carga.mensagem
        self.gravacao.gravar(self.lote, carga, self.esquecidos())
        self._esvaziar()
        self.atual = None

    def interromper(self, erro: LastroError) -> None:
        """End the load, with what was read before its source failed."""
        ficou = self.lidas > 0
        status = "rejeitado" if isinstance(erro, FonteRecusada) else "erro"
        ate_aqui = SEGUIDA if self.seguir else PARCIAL
        self.encerrar(ate_aqui if ficou else status, str(erro))

    def espiar(self) -> None:
        """Write what was read, inside a transaction in which nothing is to stay."""
        carga = self.carga()
        lidas = self.lidas
        self.gravacao.por(self.lote, carga, self.esquecidos())
        carga.status = "ok" if lidas else "sem_novidade"
        carga.formato = f"the first {lidas} messages" if not self.terminada else self._formato()

    def virar(self) -> None:
        """End the load of `--follow` that is old enough, if no build is under way.

        A build sees the loads that had ended when it began, and no other.
        """
        if not self.vence:
            return
        if em_construcao(self.armazem):
            self.virada = time.monotonic() - self.eventos.rodada + DE_NOVO
            return
        self.virada = time.monotonic()
        if self.atual:
            self.encerrar(SEGUIDA)
        self.guardar()
        self.encerrar_alheias()

    def guardar(self) -> None:
        """Store how far partitions were read of which nothing came."""
        if not self.lote.mensagens:
            self.gravacao.guardar(self.lote.lugares)
            self._esvaziar()

    def encerrar_alheias(self) -> None:
        """End the loads of `--follow` that were killed, if no build is under way.

        Whoever adds to one still notices, and begins another one.
        """
        if em_construcao(self.armazem):
            return
        cargas = qualificada(self.armazem, "cargas")
        with self.armazem.transacao():
            self.armazem.resguardar([cargas], muda=True)
            self.armazem.executar(
                f"update {cargas} set status = '{SEGUIDA}', mensagem = 'ended by a later load'"
                f" where status = '{EM_CURSO}' and fonte = '{self.tabela.fonte}'"
                f" and origem = '{self.tabela.nome}'"
            )

    def _esvaziar(self) -> None:
        self.gravados |= self.lote.lugares
        self.lote, self.desde = Lote(), None

    def _descrever(self, carga: Carga) -> None:
        carga.formato = self._formato()
        carga.mensagem = _ditas(self.lote.lacunas) or carga.mensagem

    def _falta(self, lacunas: Sequence[Lacuna]) -> str:
        mais = f"\n  and {len(lacunas) - MOSTRADAS} more" if len(lacunas) > MOSTRADAS else ""
        gravadas = sum(c.gravadas for c in self.cargas)
        ficou = f"What came before, {gravadas} rows, stays" if gravadas else "Nothing was landed"
        return (
            f"{self.tabela.fonte}.{self.tabela.nome}: events are gone from the log that were never"
            " read:\n  "
            + "\n  ".join(lacuna.dita for lacuna in lacunas[:MOSTRADAS])
            + mais
            + f"\n{ficou}. If they lie in files, name these in the setting, too; --accept-gap goes"
            " on behind the gap, and notes it in controle.lacunas."
        )

    def _formato(self) -> str:
        partes = [f"{len(self.gravados | self.lote.lugares)} partitions"]
        if problemas := self.problemas():
            partes.append(f"{len(problemas)} files could not be read")
        if self.leitor.desconhecidos:
            nomes = ", ".join(visivel(n) for n in sorted(self.leitor.desconhecidos)[:5])
            partes.append(f"fields that the contract does not name: {nomes[:200]}")
        return "; ".join(partes)

    def problemas(self) -> Mapping[str, str]:
        """What could not be read, and may be later."""
        todos: dict[str, str] = {}
        for transporte in self.transportes.values():
            todos |= transporte.problemas
        return todos

    def atrasos(self) -> list[Atraso]:
        """How far behind its logs are."""
        return [a for t in self.transportes.values() for a in t.atrasos()]


def em_construcao(armazem: Armazem) -> bool:
    """Whether a build of everything is under way; for a while one that was killed seems to be."""
    return bool(
        armazem.valor(
            "select count(*) from (select status, inicio from"
            f" {qualificada(armazem, 'construcoes')} order by inicio desc limit 1) as ultima"
            " where status = 'em_curso' and inicio > current_timestamp - interval '6 hours'"
        )
    )


def _texto(corpo: bytes | None) -> str:
    """A message as text that any engine holds; what is no UTF-8 stands as its bytes."""
    return (corpo or b"").decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _ditas(lacunas: Sequence[Lacuna]) -> str | None:
    mais = f"; and {len(lacunas) - MOSTRADAS} more" if len(lacunas) > MOSTRADAS else ""
    ditas = "; ".join(lacuna.dita for lacuna in lacunas[:MOSTRADAS])
    return f"missing: {ditas}{mais}" if lacunas else None
