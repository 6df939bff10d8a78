"""How far a PostgreSQL server's snapshot goes, so that an older one is told from a newer one.

A server's clock says when a snapshot was taken, not how new it is: a replica shows the state up to
which it has applied its primary's write-ahead log. Positions of that log (LSN) only ever grow, and
a cluster, its replicas and its physical copies share one system identifier.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

CONSULTA = """
    select
        cast(system_identifier as text),
        cast(
            pg_wal_lsn_diff(
                case
                    when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                    else pg_current_wal_flush_lsn()
                end,
                '0/0'
            ) as bigint
        )
    from pg_control_system()
"""

INSTANTE = """
    select
        case
            when not pg_is_in_recovery() then transaction_timestamp()
            when
                pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
                and exists (select 1 from pg_stat_wal_receiver)
                then transaction_timestamp()
            else pg_last_xact_replay_timestamp()
        end,
        pg_is_in_recovery()
"""
"""The moment for which a snapshot stands. A replica that is connected and has applied all that it
received stands for now, however long its primary has been idle; else for the last transaction that
it applied, and where there is none, for no moment that it could name."""


@dataclass(frozen=True)
class Posicao:
    """A position in the write-ahead log of a cluster.

    Attributes:
        sistema: the cluster's system identifier.
        lsn: bytes since its log began.
    """

    sistema: str
    lsn: int

    def __str__(self) -> str:
        """As it is stored: the system identifier, and the position as PostgreSQL writes it."""
        return f"{self.sistema} {self.lsn >> 32:X}/{self.lsn & 0xFFFFFFFF:X}"

    @classmethod
    def lida(cls, texto: str) -> Self:
        """The position that was stored so."""
        sistema, lsn = texto.split()
        alto, baixo = lsn.split("/")
        return cls(sistema, (int(alto, 16) << 32) + int(baixo, 16))

    def antes_de(self, outra: "Posicao | None") -> bool | None:
        """Whether it lies before another of the same cluster; None where that cannot be said."""
        if outra is None or self.sistema != outra.sistema:
            return None
        return self.lsn < outra.lsn


@dataclass(frozen=True)
class Retrato:
    """What is known of a snapshot of the source.

    Attributes:
        instante: the moment (UTC) for which it stands; None where a replica cannot say.
        replica: it was taken on a replica.
        posicao: a position that it does not go beyond; None where the server does not tell.
        piso: a position up to which it holds everything.
    """

    instante: datetime | None
    replica: bool
    posicao: Posicao | None
    piso: Posicao | None
