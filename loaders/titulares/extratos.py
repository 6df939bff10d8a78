"""The exports that hold people: where they are, and how they are made again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loaders.armazem import Armazem
from loaders.controle import lugares
from loaders.exportacao import amostra as exportacao_amostra
from loaders.exportacao import livro as exportacao_livro
from loaders.exportacao import movimento_flat as exportacao
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.pastas import de_quem_engana
from loaders.projeto import manifesto

DO_FLAT = (exportacao.CSV, exportacao.PARQUET, f"{exportacao.PREFIXO_DA_PASTA}*")
DOS_LIVROS = (exportacao_livro.MANIFESTO, f"{exportacao_livro.PREFIXO}*",
              f"{exportacao_livro.PREFIXO_DO_TRABALHO}*")  # fmt: skip
DA_AMOSTRA = (exportacao_amostra.MANIFESTO, f"{exportacao_amostra.PREFIXO}*",
              f"{exportacao_amostra.PREFIXO_DO_TRABALHO}*")  # fmt: skip


@dataclass(frozen=True)
class Exportacao:
    """A command that writes what is held about people to folders.

    Attributes:
        acao: how the warehouse notes its folders.
        modelos: schema and name of what it reads.
        nomes: what it leaves in a folder, also if killed.
        de_novo: writes what stands in a folder again as it was.
    """

    acao: str
    modelos: tuple[tuple[str, str], ...]
    nomes: tuple[str, ...]
    de_novo: Callable[[Configuracao, Path], None]


def _flat_de_novo(config: Configuracao, pasta: Path) -> None:
    """Card numbers in clear where they were."""
    em_claro = exportacao.com_numeros_em_claro(pasta)
    exportacao.exportar_movimento_flat(config, pasta, em_claro, so_testado=False)


def _livros_de_novo(config: Configuracao, pasta: Path) -> None:
    exportacao_livro.exportar_livros(config, pasta, so_testado=False)
    exportacao_livro.apagar_anteriores(pasta)


EXPORTACOES = (
    Exportacao(exportacao.ACAO, ((exportacao.ESQUEMA, exportacao.MODELO),), DO_FLAT, _flat_de_novo),
    Exportacao(
        exportacao_livro.ACAO,
        tuple((exportacao_livro.ESQUEMA, nome) for nome in exportacao_livro.LIVROS),
        DOS_LIVROS,
        _livros_de_novo,
    ),
    Exportacao(
        exportacao_amostra.ACAO,
        tuple((exportacao_amostra.ESQUEMA, nome) for nome in exportacao_amostra.MODELOS),
        DA_AMOSTRA,
        exportacao_amostra.exportar_de_novo,
    ),
)


@dataclass
class Pastas:
    """The folders to which extracts were written.

    Attributes:
        com_extrato: those in which there is one, or part of one, with the export that wrote it.
        ausentes: those that are not there.
        alheias: those with an extract in which others could mislead this user.
    """

    com_extrato: list[tuple[Exportacao, Path]] = field(default_factory=list)
    ausentes: list[str] = field(default_factory=list)
    alheias: list[str] = field(default_factory=list)

    @property
    def nomes(self) -> list[str]:
        """The folders that are there."""
        return [*(str(pasta) for _, pasta in self.com_extrato), *self.alheias]


def exportacoes_de(config: Configuracao, fonte: str) -> list[Exportacao]:
    """The exports that hold people of a source: they read what descends from it."""
    descendem = {(no.esquema, no.nome) for no in manifesto.nos(config) if fonte in no.fontes}
    return [e for e in EXPORTACOES if descendem.intersection(e.modelos)]


def pastas_de_exportacoes(armazem: Armazem, fonte: str) -> Pastas:
    """Where the warehouse knows extracts of a source to be."""
    pastas = Pastas()
    for feita in exportacoes_de(armazem.config, fonte):
        for pasta in map(Path, lugares.anotados(armazem, feita.acao)):
            if not pasta.is_dir():
                pastas.ausentes.append(str(pasta))
            elif not any(any(pasta.glob(nome)) for nome in feita.nomes):
                continue
            elif de_quem_engana(pasta):
                pastas.alheias.append(str(pasta))
            else:
                pastas.com_extrato.append((feita, pasta))
    return pastas
