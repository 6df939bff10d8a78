"""What a way by which events come has to offer, so that one reader suffices for all of them.

Every way is a log: partitions, in each of which messages stand in an order that never changes. How
far a partition was read is a `Lugar`, which is stored with what was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LARGURA = 20
"""Digits of an offset or a line, with zeros before it: as texts they stand in their order."""


@dataclass(frozen=True)
class Lugar:
    """How far a partition was read: a row of `controle.posicoes`.

    Attributes:
        particao: the partition.
        posicao: of Kafka the offset that comes next, of Kinesis the last sequence number, of a file
            the lines read; None where nothing of it was read.
        encerrada: whether nothing more can come.
        em_dia_em: what had come until then is read, all of it; None where that was never known.
        marca: what tells the log from another one that was put in its place.
        arquivo: of a file: its name.
    """

    particao: str
    posicao: str | None = None
    encerrada: bool = False
    em_dia_em: datetime | None = None
    marca: str | None = None
    arquivo: str | None = None


@dataclass(frozen=True)
class Bloco:
    """Messages of one partition, in their order.

    Attributes:
        topico: the log.
        deslocamentos: where each stands in the partition.
        recebidos: when the log got each, in microseconds since 1970 (UTC).
        corpos: what each says; None of one without a value.
        lugar: how far the partition is read once these are landed.
    """

    topico: str
    deslocamentos: Sequence[str]
    recebidos: Sequence[int]
    corpos: Sequence[bytes | None]
    lugar: Lugar


@dataclass(frozen=True)
class Lacuna:
    """What a log no longer has, and was never read.

    Attributes:
        topico: the log.
        de: where the gap begins: the position up to which it was read.
        ate: where what is there begins; None where nothing is.
        dita: the gap, in words.
        lugar: where reading goes on behind it.
    """

    topico: str
    de: str | None
    ate: str | None
    dita: str
    lugar: Lugar


@dataclass(frozen=True)
class Atraso:
    """How far behind a partition is.

    Attributes:
        topico: the log.
        particao: its partition; of a folder how many files.
        posicao: how far it was read.
        fim: its end now; None where the log does not tell.
        mensagens: how many stand between; None where the log does not tell.
        segundos: how much older than now what comes next is; None where the log does not tell.
    """

    topico: str
    particao: str
    posicao: str | None
    fim: str | None
    mensagens: int | None
    segundos: float | None


class Recomecar(Exception):
    """The log no longer has what comes next: it is to be begun anew, which says what is missing."""


class Transporte(Protocol):
    """One log.

    Attributes:
        topico: what it is called here.
        problemas: what could not be read, and may be later.
    """

    topico: str
    problemas: dict[str, str]

    @property
    def terminado(self) -> bool:
        """Whether all was read that was there when it was begun."""
        ...

    def comecar(self, lugares: Mapping[str, Lugar], seguir: bool) -> list[Lacuna]:
        """Begin, once more if need be, behind what was read; the ends are those of now.

        Args:
            lugares: how far each partition was read.
            seguir: whether it is read beyond these ends, too.

        Returns:
            What is missing; reading goes on behind it.

        Raises:
            FonteIndisponivel: it cannot be reached.
            FonteRecusada: it is not the log whose positions are known.
        """
        ...

    def ler(self, quantas: int, segundos: float) -> list[Bloco]:
        """What comes next: no more than so many messages, waiting no longer than so.

        Raises:
            FonteIndisponivel: it cannot be reached.
            Recomecar: it has to be begun anew.
        """
        ...

    def atrasos(self) -> list[Atraso]:
        """How far behind it is now, as far as the log can be asked."""
        ...

    def fechar(self) -> None:
        """Let go of it."""
        ...
