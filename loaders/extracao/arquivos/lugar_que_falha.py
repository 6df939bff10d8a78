"""What reading a folder or a bucket may raise, and how that is said."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from loaders.nucleo import nomes
from loaders.nucleo.erros import FonteIndisponivel

ENTRADA_E_SAIDA = (OSError, BotoCoreError, ClientError)
"""What reading a folder or a bucket may raise."""


@contextmanager
def falando_de(endereco: str) -> Iterator[None]:
    """Say in one message what went wrong with a place."""
    try:
        yield
    except FileNotFoundError as erro:
        raise FonteIndisponivel(f"{endereco} does not exist, or nothing is in it.") from erro
    except NotADirectoryError as erro:
        raise FonteIndisponivel(f"{endereco} is not a folder.") from erro
    except ENTRADA_E_SAIDA as erro:
        raise FonteIndisponivel(f"{endereco} cannot be read: {por_que(erro)}") from erro


def por_que(erro: BaseException) -> str:
    """What a failed read or write says, on one line."""
    texto = erro.strerror if isinstance(erro, OSError) else None
    return nomes.visivel(" ".join((texto or str(erro) or type(erro).__name__).split()))
