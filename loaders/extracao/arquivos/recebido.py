"""What is known of a delivery once its bytes were seen."""

from dataclasses import dataclass, field
from pathlib import Path

UTF8, LATIN1, WINDOWS = "utf-8", "latin-1", "windows-1252"
SEM_FIM = "no final line end"


@dataclass
class Recebido:
    """What is known of a delivery once its bytes were seen.

    Attributes:
        copia: the lines after the header, those of all parts; not decoded.
        sha256: of the bytes as delivered, those of all parts one after the other.
        tamanho: their number.
        partes: how many parts it has; 0 where it is one file.
        cabecalho: the line with the names of the columns, not decoded.
        separador_dito: what a line before the header says to be the separator, or nothing.
        linhas: lines after the header, the blank ones included.
        em_branco: how many of those are empty.
        saltos: of each part its first line in the copy, from 0, and how many lines of the delivery
            up to there are not in the copy: headers, and lines before them.
        codificacao: `utf-8`, `latin-1` or `windows-1252`.
        mista: whether some lines are of another encoding than most.
        com_marca: whether a byte order mark came first.
        quebras: line endings seen, of `lf` and `crlf`.
        compressoes: how it is compressed.
        sem_fim: how many last lines, one of each part, have no line end.
        incertas: last lines that nothing proves to have come whole, by their number in the copy
            from 0, with where they begin there.
        com_ultimo_vazio: lines whose last field is empty; counted where that of the first is.
        aspas: whether a quote occurs anywhere.
        so_ao_redor: whether quotes seem to stand around fields only; unlikely faults that cancel
            each other out are found out by the number of rows.
        controles: whether a control character, or a line break other than LF, occurs anywhere.
        problema: why the content cannot be read at all, or nothing.
    """

    copia: Path
    sha256: str = ""
    tamanho: int = 0
    partes: int = 0
    cabecalho: bytes = b""
    separador_dito: str | None = None
    linhas: int = 0
    em_branco: int = 0
    saltos: list[tuple[int, int]] = field(default_factory=list)
    codificacao: str = UTF8
    mista: bool = False
    com_marca: bool = False
    quebras: tuple[str, ...] = ()
    compressoes: tuple[str, ...] = ()
    sem_fim: int = 0
    incertas: dict[int, int] = field(default_factory=dict)
    com_ultimo_vazio: int = 0
    aspas: bool = False
    so_ao_redor: bool = True
    controles: bool = False
    problema: str | None = None

    @property
    def lidas(self) -> int:
        """Lines that hold something, without the header; none where they cannot be told apart."""
        return 0 if self.problema else self.linhas - self.em_branco

    @property
    def simples(self) -> bool:
        """Whether every line is its columns, separators and quotes around fields."""
        return self.so_ao_redor and not (self.controles or self.em_branco or self.mista)

    def formato(self) -> list[str]:
        """What was found, as readable parts."""
        partes = [f"{self.partes} parts"] if self.partes else []
        if self.compressoes:
            partes.append(" and ".join(self.compressoes))
        partes.append(
            self.codificacao
            + (" with mark" if self.com_marca else "")
            + (" but for some lines" if self.mista else "")
        )
        partes.append(" and ".join(self.quebras) or "one line")
        return partes + ([SEM_FIM] if self.sem_fim else [])
