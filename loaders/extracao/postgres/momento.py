"""The moment for which an extraction stands: never in the future, never before the last one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from loaders.extracao.postgres.posicoes import Posicao, Retrato
from loaders.nucleo.erros import FonteRecusada

FOLGA = timedelta(minutes=5)
"""By how much two clocks may differ before a moment counts as one of the future."""


@dataclass(frozen=True)
class Momento:
    """When (UTC) an extraction stands for, and how far in the source's log it is, where known."""

    instante: datetime
    posicao: Posicao | None


def situar(
    retrato: Retrato, dito: datetime | None, agora: datetime, ultimo: Momento | None
) -> Momento:
    """Place an extraction after the last one.

    Args:
        retrato: the source's snapshot.
        dito: the moment that the operator gave, who then answers for how old the content is.
        agora: this machine's clock (UTC).
        ultimo: the last extraction.

    Raises:
        FonteRecusada: the moment lies in the future, or the moment or the content before the last.
    """
    # A restored copy writes a log of its own, whose positions say nothing of the source's.
    momento = Momento(dito, None) if dito else _do_retrato(retrato, ultimo)
    if momento.instante > agora + FOLGA:
        culpado = (
            "--as-of (UTC where it names no zone)" if dito else "the source's clock, or this one"
        )
        raise FonteRecusada(
            f"This extraction would stand for {_utc(momento.instante)}, and now it is "
            f"{_utc(agora)}: until then no other would be accepted. Nothing was landed. "
            f"Correct {culpado}."
        )
    if ultimo and momento.instante < ultimo.instante:
        volta = (
            'The last one lies in the future: see docs/operations.md, "A moment in the future".'
            if ultimo.instante > agora + FOLGA
            else "Check the source's clock, or --as-of."
        )
        raise FonteRecusada(
            f"This extraction stands for {_utc(momento.instante)}, before the last one "
            f"({_utc(ultimo.instante)}); history is only ever added to. {volta}"
        )
    return momento


def _do_retrato(retrato: Retrato, ultimo: Momento | None) -> Momento:
    anterior = ultimo.posicao if ultimo else None
    recuou = retrato.piso.antes_de(anterior) if retrato.piso else None
    if ultimo and recuou:
        raise FonteRecusada(
            "The source shows an older state than the last extraction: it is at "
            f"{retrato.piso} in its log, the last extraction was at {anterior}. Nothing was "
            "landed. If it is a replica that lags behind, run again when it has caught up, or read "
            "the primary. If the source was put back to an earlier state for good, say since when "
            f"with --as-of, a moment after {_utc(ultimo.instante)}."
        )
    if retrato.instante is None:
        raise FonteRecusada(
            "The source is a replica that is not connected to its primary and has applied no "
            "transaction since it started, so it cannot say for which moment it stands. Nothing "
            "was landed. Read the primary, or give the moment with --as-of."
        )
    if ultimo and retrato.replica and recuou is False:
        # What it shows is no older, so an earlier moment is another clock's.
        return Momento(max(retrato.instante, ultimo.instante), retrato.posicao)
    return Momento(retrato.instante, retrato.posicao)


def _utc(instante: datetime) -> str:
    return f"{instante:%Y-%m-%d %H:%M:%S} UTC"
