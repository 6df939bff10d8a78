"""Follows logs: what comes is landed soon, and others may write to the warehouse in between."""

import time
from collections.abc import Callable, Sequence

from loaders.armazem import Armazem
from loaders.controle.cargas import SEGUIDA
from loaders.extracao.eventos.leitura import Leitura
from loaders.extracao.eventos.transporte import Recomecar
from loaders.nucleo import andamento
from loaders.nucleo.erros import ArmazemOcupado, FonteIndisponivel, FonteRecusada

POR_VEZ = 0.1
"""Seconds that the logs are waited for at once."""
PAUSA_MAXIMA = 30.0
"""Seconds after which a log that cannot be reached is tried again, at most."""
OLHAR = 1.0
"""Seconds that another writer is waited for before it is seen whether it is enough."""


class Seguimento:
    """Follows the logs of some tables, with one warehouse."""

    def __init__(
        self,
        armazem: Armazem,
        leituras: Sequence[Leitura],
        parar: Callable[[], bool],
        aceita_lacunas: bool,
        espera: float,
    ) -> None:
        """Nothing is read yet.

        Args:
            armazem: the warehouse, held.
            leituras: the tables.
            parar: whether it is enough.
            aceita_lacunas: whether to go on behind what a log no longer has.
            espera: seconds to wait for another writer at the end.
        """
        self.armazem = armazem
        self.leituras = leituras
        self.parar = parar
        self.aceita_lacunas = aceita_lacunas
        self.espera = espera
        self.refazer: dict[Leitura, tuple[str, ...]] = {}
        """The tables of which logs are to be begun anew; none named: all."""
        self.falhas: dict[Leitura, int] = {}
        self.descanso: dict[Leitura, float] = {}
        """Until when a table of which a log cannot be reached is left alone."""

    def seguir(self) -> None:
        """Read until it is enough, then end the loads; the warehouse is held again at the end."""
        for leitura in self.leituras:
            leitura.encerrar_alheias()
            try:
                leitura.comecar(self.aceita_lacunas)
            except (FonteIndisponivel, FonteRecusada) as erro:
                leitura.interromper(erro)
                raise
            leitura.gravar()
        self.armazem.soltar()
        while not self.parar():
            for leitura in self.leituras:
                self._colher(leitura)
            if any(self._pede(leitura) for leitura in self.leituras) and self._retomar():
                self._gravar()
                self.armazem.soltar()
        self.armazem.retomar(self.espera)
        for leitura in self.leituras:
            leitura.mudou()
            if leitura.atual or leitura.lote.mensagens:
                leitura.encerrar(SEGUIDA)
            leitura.guardar()

    def _colher(self, leitura: Leitura) -> None:
        if leitura in self.refazer or time.monotonic() < self.descanso.get(leitura, 0):
            time.sleep(POR_VEZ / len(self.leituras))
            return
        try:
            leitura.colher(POR_VEZ / len(self.leituras))
        except Recomecar as topico:
            self.refazer[leitura] = topico.args
        except FonteIndisponivel as erro:
            self._descansar(leitura, erro)

    def _descansar(self, leitura: Leitura, erro: FonteIndisponivel) -> None:
        """Leave a table alone whose log cannot be reached; then it is begun anew."""
        self.falhas[leitura] = self.falhas.get(leitura, 0) + 1
        pausa = min(PAUSA_MAXIMA, 2.0 ** self.falhas[leitura] / 2)
        andamento.dizer(f"trying again in {pausa:.0f} s: {erro}")
        self.descanso[leitura] = time.monotonic() + pausa
        self.refazer[leitura] = ()

    def _pede(self, leitura: Leitura) -> bool:
        """Whether a table wants the warehouse."""
        descansou = time.monotonic() >= self.descanso.get(leitura, 0)
        return leitura.pronta or leitura.vence or (leitura in self.refazer and descansou)

    def _retomar(self) -> bool:
        """Hold the warehouse again, however long others write to it; not if it is enough."""
        while not self.parar():
            try:
                self.armazem.retomar(OLHAR)
            except ArmazemOcupado:
                continue
            return True
        return False

    def _gravar(self) -> None:
        for leitura in self.leituras:
            if leitura.mudou():
                self.refazer[leitura] = ()
            else:
                leitura.gravar()
                leitura.virar()
            if leitura in self.refazer and time.monotonic() >= self.descanso.get(leitura, 0):
                self._recomecar(leitura)

    def _recomecar(self, leitura: Leitura) -> None:
        """Begin logs anew behind what the warehouse says was read.

        Raises:
            FonteRecusada: one no longer has what comes next, or is another one.
        """
        try:
            leitura.comecar(self.aceita_lacunas, self.refazer[leitura])
        except FonteIndisponivel as erro:
            self._descansar(leitura, erro)
        except FonteRecusada as erro:
            leitura.interromper(erro)
            raise
        else:
            del self.refazer[leitura]
            self.falhas.pop(leitura, None)
            leitura.gravar()
