"""What both engines do with a published version."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from loaders.armazem import Armazem, abrir_sem_escritores
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel
from loaders.publicacao import acessos
from loaders.publicacao.construcao import Construcao, conferir_tabelas
from loaders.publicacao.modelos import Modelo
from loaders.publicacao.versoes import Versao

OUTRA_PUBLICACAO = "another publication to end"
"""What a publication waits for, as it is said to who looks on."""


def dizer_copia(versao: Versao, modelo: Modelo, area: str = "") -> None:
    """Say which table is copied, and how many rows it has, which is all that takes long."""
    medida = versao.tabelas.get(modelo.tabela)
    linhas = f", {medida.linhas:,} rows" if medida else ""
    andamento.dizer(f"copying {modelo.tabela}{area and f' for {area}'}{linhas}")


class Publicacao(ABC):
    """The published versions of one warehouse. Used as a context manager, which closes it."""

    alvo: str | None = None
    """The target of profiles.yml that builds what is published, where it is not the warehouse's."""

    def __init__(self, config: Configuracao) -> None:
        """Keep the settings; the engine's class connects, where it has to."""
        self.config = config

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:  # noqa: B027 - a folder has nothing to close
        """Close what is open; what was not committed is undone."""

    def _ocupada(self, porque: str, quem: str) -> ArmazemIndisponivel:
        """What is raised where another publication did not end in time."""
        return ArmazemIndisponivel(
            f"{porque}; waited {self.config.espera:.0f} s for {quem}. Try again when it has ended, "
            "or raise LASTRO_LOCK_WAIT."
        )

    @contextmanager
    def construido(self, quem: str) -> Iterator[Armazem | None]:
        """The warehouse in which builds note themselves, while nobody writes to it.

        Args:
            quem: what asks, as others are told while they wait.

        Raises:
            ArmazemIndisponivel: it cannot be opened.
        """
        if (armazem := abrir_sem_escritores(self.config, quem)) is None:
            yield None
        else:
            with armazem:
                yield armazem

    def conferir(self, construcao: Construcao, armazem: Armazem) -> None:
        """See that the tables hold what the build left; where they are copied, that asks itself.

        Raises:
            PublicacaoRecusada: they do not.
        """
        gravados = acessos.gravados()
        with armazem.transacao_de_leitura([f"{self.config.prefixo}{m.tabela}" for m in gravados]):
            conferir_tabelas(self.config, construcao, armazem.linhas, gravados)

    def demais(self, versao: Versao) -> list[str]:
        """What a version shows that nobody may see now, in words; views are as declared today."""
        return versao.mostra_demais(arquivos=False)

    @abstractmethod
    @contextmanager
    def sozinha(self, quem: str) -> Iterator[None]:
        """Keep other publications out while the block runs, and clear what a killed one left.

        Raises:
            ArmazemIndisponivel: another held the lock for longer than `config.espera` seconds.
        """

    @abstractmethod
    def conceder(self) -> None:
        """Bring roles and grants to the declaration, where the engine has them, and mend views.

        Raises:
            LastroError: the user may not.
        """

    @abstractmethod
    def versoes(self) -> list[Versao]:
        """Every version, oldest first."""

    @abstractmethod
    def corrente(self) -> str | None:
        """The name of the version that people read; none before the first."""

    def atual(self) -> Versao | None:
        """The version that people read; none before the first."""
        corrente = self.corrente()
        return next((v for v in self.versoes() if v.nome == corrente), None)

    @abstractmethod
    def faltas(self, versao: Versao) -> list[str]:
        """What of a version's rows is not there any more; people can read it while it is none."""

    @abstractmethod
    def danos(self, versao: Versao) -> list[str]:
        """All that is missing of a version, what the next publication mends included."""

    @abstractmethod
    def copiar(
        self, construcao: Construcao, versao: Versao, anterior: Versao | None = None
    ) -> None:
        """Write the version beside the others, from tables that hold what the build left.

        Args:
            construcao: the build.
            versao: what it becomes.
            anterior: a version that is whole: what is the same in it is not copied again.

        Raises:
            PublicacaoRecusada: a table to copy does not hold it; nothing was written.
        """

    @abstractmethod
    def apontar(self, nome: str) -> None:
        """Make a version the one that people read, in one step, and whole what hides its rows."""

    @abstractmethod
    def partes_de(self, versao: Versao) -> set[str]:
        """The tables of the warehouse in which a version's rows are, where the engine has them."""

    @abstractmethod
    def arquivos(self) -> dict[str, list[Path]]:
        """The files of each version, where the engine keeps them beside the warehouse."""

    def sem_restos(self) -> None:  # noqa: B027 - where a version is a folder, nothing is left
        """See to it that nothing of deleted versions is left.

        Raises:
            ArmazemIndisponivel: a reader kept it for longer than `config.espera` seconds.
        """

    @abstractmethod
    def corrigir(self, versao: Versao) -> None:
        """Write anew what a version says of itself."""

    @abstractmethod
    def apagar(self, nome: str) -> bool:
        """Delete a version that is not current; false if somebody reads it just now."""
