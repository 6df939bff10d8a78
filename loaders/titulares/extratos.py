"""The exports that hold people: where they are, and how they are made again."""

from dataclasses import dataclass, field
from pathlib import Path

from loaders import exportacao, exportacao_livro, lugares
from loaders.armazem import Armazem
from loaders.configuracao import Configuracao

DO_FLAT = (exportacao.CSV, exportacao.PARQUET, f"{exportacao.PREFIXO_DA_PASTA}*")
DOS_LIVROS = (exportacao_livro.MANIFESTO, f"{exportacao_livro.PREFIXO}*",
              f"{exportacao_livro.PREFIXO_DO_TRABALHO}*")  # fmt: skip
EXPORTACOES = {
    "sicooperative": (exportacao.ACAO, DO_FLAT),
    "pod_cartoes": (exportacao_livro.ACAO, DOS_LIVROS),
}
"""By source: the export that holds its people, and what it leaves in a folder, also if killed."""


@dataclass
class Pastas:
    """The folders to which extracts were written.

    Attributes:
        com_extrato: those in which there is one, or part of one.
        ausentes: those that are not there.
    """

    com_extrato: list[Path] = field(default_factory=list)
    ausentes: list[str] = field(default_factory=list)


def pastas_de_exportacoes(armazem: Armazem, fonte: str) -> Pastas:
    """Where the warehouse knows extracts of a source to be."""
    acao, nomes = EXPORTACOES[fonte]
    pastas = Pastas()
    for pasta in map(Path, lugares.anotados(armazem, acao)):
        if not pasta.is_dir():
            pastas.ausentes.append(str(pasta))
        elif any(any(pasta.glob(nome)) for nome in nomes):
            pastas.com_extrato.append(pasta)
    return pastas


def exportar_de_novo(config: Configuracao, fonte: str, pasta: Path) -> None:
    """Write an extract again as it was, card numbers in clear where they were."""
    if fonte == "sicooperative":
        em_claro = exportacao.com_numeros_em_claro(pasta)
        exportacao.exportar_movimento_flat(config, pasta, em_claro, so_testado=False)
    else:
        exportacao_livro.exportar_livros(config, pasta, so_testado=False)
        exportacao_livro.apagar_anteriores(pasta)
