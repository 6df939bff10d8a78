"""How much of each delivery is missing in what is to be published."""

from collections.abc import Mapping
from dataclasses import dataclass

from loaders.armazem import Armazem
from loaders.contratos import ARQUIVOS, carregaveis
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import PublicacaoRecusada

ENTREGAS = "entregas"
"""The view of schema `quarentena` that has a row for each current delivery."""

MUITAS = 100
"""Lines of a file, from which on a share of them says something."""


@dataclass(frozen=True)
class Perda:
    """What is missing of a delivery.

    Attributes:
        origem: name of the file.
        linhas: lines of the file.
        rejeitadas: lines that never reached raw.
        quarentena: rows that are set aside.
    """

    origem: str
    linhas: int
    rejeitadas: int
    quarentena: int

    def __str__(self) -> str:
        """The file and its shares, in a line."""
        parte = (self.rejeitadas + self.quarentena) / self.linhas
        return (
            f"{self.origem}: {parte:.1%} of {self.linhas:,} lines ({self.rejeitadas:,} rejected,"
            f" {self.quarentena:,} in quarantine)"
        )


def existem(armazem: Armazem) -> bool:
    """Whether a build made the view of the deliveries."""
    return bool(
        armazem.linhas(
            f"select 1 from ({armazem.CONTAVEIS}) as c (esquema, tabela, vista)"
            f" where esquema = '{armazem.esquema('quarentena')}' and tabela = '{ENTREGAS}'"
        )
    )


def publicada(cargas: Mapping[str, int]) -> int:
    """The newest load of files in what is published: what came before it was there, too.

    Args:
        cargas: the newest load of each source in it.
    """
    return max((cargas.get(f.nome, 0) for f in carregaveis() if f.de_tipo(ARQUIVOS)), default=0)


def perdas(config: Configuracao, armazem: Armazem, desde: int) -> list[Perda]:
    """What is missing of the current deliveries that came after a load.

    Args:
        config: the settings.
        armazem: the open warehouse.
        desde: the newest load in what is published; with what was published somebody was content.

    Returns:
        Those of at least `MUITAS` lines, newest first; none where no build counted them.
    """
    if not existem(armazem):
        return []
    onde = f"{config.prefixo}quarentena.{ENTREGAS}"
    with armazem.transacao_de_leitura([onde]):
        linhas = armazem.linhas(
            "select origem, linhas_arquivo, linhas_rejeitadas, linhas_quarentena"
            f" from {onde} where linhas_arquivo >= {MUITAS} and _carga_id > {desde}"
            " order by _carga_id desc"
        )
    return [Perda(*linha) for linha in linhas]


def conferir(todas: list[Perda], parte: float) -> None:
    """Stop if too much of some delivery is missing.

    Args:
        todas: what is missing of which delivery.
        parte: the largest share that is allowed, 0 to 1.

    Raises:
        PublicacaoRecusada: more is; the message says of which.
    """
    grandes = [p for p in todas if p.rejeitadas + p.quarentena > parte * p.linhas]
    if grandes:
        mostradas = "\n  ".join(map(str, grandes[:5]))
        resto = f"\n  and {len(grandes) - 5} more" if len(grandes) > 5 else ""
        raise PublicacaoRecusada(
            f"More than {parte:.0%} is rejected or in quarantine in {len(grandes)} deliveries:\n"
            f"  {mostradas}{resto}\nThe reasons stand in the schema quarentena and in"
            " controle.rejeicoes. If that is right, publish with --accept."
        )
