"""What the tests of the card issuer's files share."""

from pathlib import Path
from typing import Any

from conftest import ArmazemDeTeste

from loaders import pod_cartoes
from loaders.configuracao import Configuracao
from loaders.pod_cartoes import Opcoes, Resultado


def carregar(armazem: ArmazemDeTeste, onde: Path | str, **opcoes: Any) -> Resultado:
    """Load in this process, which spares a second of start-up."""
    config = Configuracao(_env_file=None, **armazem.ambiente)
    return pod_cartoes.carregar(config, str(onde), Opcoes(**opcoes))


def conferir(armazem: ArmazemDeTeste, onde: Path | str, **opcoes: Any) -> Resultado:
    """Check in this process."""
    config = Configuracao(_env_file=None, **armazem.ambiente)
    return pod_cartoes.conferir(config, str(onde), Opcoes(**opcoes))
