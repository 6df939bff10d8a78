"""What can go wrong, as the person at the terminal sees it: one message, one exit code."""


class LastroError(Exception):
    """A failure with a message that says what happened and what to do."""

    codigo = 1


class FonteRecusada(LastroError):
    """The source's content breaks its contract or looks truncated: nothing was landed."""

    codigo = 3


class FonteIndisponivel(LastroError):
    """The source cannot be reached, or refuses the connection."""

    codigo = 4


class ArmazemIndisponivel(LastroError):
    """The warehouse cannot be opened, or somebody else is writing to it."""

    codigo = 5


class ArmazemOcupado(ArmazemIndisponivel):
    """Somebody else writes to the warehouse, and did for longer than was waited."""


class ArmazemAntigo(ArmazemIndisponivel):
    """An older version made the warehouse, and `lastro upgrade` was not run since."""


class LagoIndisponivel(ArmazemIndisponivel):
    """The lake cannot be opened, or it is another warehouse's."""


class CodigoAlheio(ArmazemIndisponivel):
    """Something on a table would run what others wrote with this user's rights."""


class ConstrucaoFalhou(LastroError):
    """A dbt run failed: a model, a test or the reconciliation."""

    codigo = 6


class PublicacaoRecusada(LastroError):
    """What stands in the warehouse is not what was built and tested, or moved too much."""

    codigo = 7


class AuditoriaQuebrada(LastroError):
    """A line of the audit log was edited, moved or taken away."""

    codigo = 8


class NaoAnotada(LastroError):
    """An action was done, and its end could not be written to the audit log."""

    codigo = 9
