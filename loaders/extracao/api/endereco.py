"""Where a partner's API is: an address that cannot send a token to where nobody meant it."""

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin, urlsplit

from loaders.nucleo.erros import LastroError

PORTAS = {"http": 80, "https": 443}


def _local(maquina: str) -> bool:
    if maquina == "localhost":
        return True
    try:
        return ipaddress.ip_address(maquina).is_loopback
    except ValueError:
        return False


def _origem(url: str) -> tuple[str, str, int]:
    """Scheme, host and port.

    Raises:
        ValueError: it is no address.
    """
    partes = urlsplit(url)
    return partes.scheme, partes.hostname or "", partes.port or PORTAS.get(partes.scheme, 0)


@dataclass(frozen=True)
class Endereco:
    """The address that a setting names.

    Attributes:
        base: it, without a slash at its end.
    """

    base: str

    @classmethod
    def de(cls, texto: str, variavel: str) -> Self:
        """Read the setting; its value is not repeated, as it may hold what nobody should see.

        Raises:
            LastroError: it is no address, holds a user or a query, or is not encrypted.
        """
        try:
            partes = urlsplit(texto.strip())
            esquema, maquina, _ = _origem(texto.strip())
        except ValueError:
            raise LastroError(f"{variavel} is no address.") from None
        if esquema not in PORTAS or not maquina:
            raise LastroError(f"{variavel} is no address: it begins with https:// and a host.")
        if partes.username is not None or partes.password is not None:
            raise LastroError(
                f"{variavel} holds a user or a password, which would show in messages: give the"
                " token in its own setting."
            )
        if partes.query or partes.fragment:
            raise LastroError(f"{variavel} holds a query or a fragment: it is scheme, host, path.")
        if esquema == "http" and not _local(maquina):
            raise LastroError(
                f"{variavel} is http://, and a token would travel in clear: give https://. Only"
                " this machine itself may be asked so."
            )
        return cls(texto.strip().rstrip("/"))

    def __str__(self) -> str:
        """As it may be shown."""
        return self.base

    def url(self, caminho: str) -> str:
        """The address of an endpoint."""
        return self.base + caminho

    def seguinte(self, url: str, para: str) -> str | None:
        """Where a redirect leads from an address of this host; None where that is another one."""
        try:
            destino = urljoin(url, para)
            ainda_aqui = _origem(destino) == _origem(self.base)
        except ValueError:
            return None
        return destino if ainda_aqui and "@" not in urlsplit(destino).netloc else None
