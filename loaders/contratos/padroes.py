"""How the files of a table are called, as a contract says it: `tb_faturas_{AAAAMM}.csv`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Literal

HISTORICO = "historico"
"""The delivery of a file without a period in its name: all there is, up to some day."""

Formato = Literal["csv", "parquet", "jsonl"]
FORMATOS: dict[str, Formato] = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl"}
"""What is read, by the end of a name."""
COMPRIMIDOS: dict[Formato, str] = {
    "csv": r"(?:\.csv(?:\.gz|\.zst|\.zip)?|\.zip)",
    "parquet": r"\.parquet",  # it is compressed inside
    "jsonl": r"\.jsonl(?:\.gz|\.zst)?",
}
"""The same, with what a compressed file's name ends with."""
PERIODOS = {"AAAAMM": "YYYYMM", "AAAAMMDD": "YYYYMMDD"}
"""What a name may hold of the time that its rows are of, and how messages write it."""
PADRAO = re.compile(r"([^{}/\\]*?)([-_. ]?)(?:\{([^{}]*)\}([^{}/\\.]*))?(\.[a-z]+)")
COMECO = re.compile(r"[^\W\d_]{2}", re.ASCII)


@dataclass(frozen=True)
class Padrao:
    """What the names of a table's files look like.

    Attributes:
        prefixo: how they begin.
        separa: what stands between that and the period.
        periodo: which period, of `PERIODOS`; None where a file is always all there is.
        depois: what stands between the period and the end.
        extensao: how they end, compressed ones apart.
    """

    prefixo: str
    separa: str
    periodo: str | None
    depois: str
    extensao: str

    @classmethod
    def de(cls, texto: str) -> "Padrao":
        """Read what a contract says.

        Raises:
            ValueError: it is no pattern; the message says why.
        """
        if texto.count("{") > 1:
            raise ValueError(f"`{texto}` has more than one period; a file is of one")
        achado = PADRAO.fullmatch(texto)
        if achado is None:
            raise ValueError(f"`{texto}` is no name of a file, as `tb_faturas_{{AAAAMM}}.csv` is")
        prefixo, separa, periodo, depois, extensao = achado.groups()
        if extensao not in FORMATOS:
            raise ValueError(
                f"`{texto}` ends in none of {', '.join(FORMATOS)}; compressed files are read too,"
                " and need not be named"
            )
        if periodo is not None and periodo not in PERIODOS:
            raise ValueError(
                f"`{{{periodo}}}` is no period: {' and '.join(f'{{{p}}}' for p in PERIODOS)} are"
            )
        if periodo is None:
            prefixo, separa = prefixo + separa, ""
        if not COMECO.search(prefixo):
            raise ValueError(f"`{texto}` has to begin with a word: files of others may lie there")
        return cls(prefixo, separa, periodo, depois or "", extensao)

    @property
    def formato(self) -> Formato:
        """What such a file holds."""
        return FORMATOS[self.extensao]

    @cached_property
    def _forma(self) -> re.Pattern[str]:
        # Nearly a period is the table's too, and refused: who delivers it believes it was read.
        algo = re.escape(self.separa) + ("([^.]*)" if self.separa else "([0-9][^.]*)")
        meio = f"(?:{algo})?" if self.periodo else "()"
        return re.compile(
            re.escape(self.prefixo) + meio + re.escape(self.depois) + COMPRIMIDOS[self.formato],
            re.IGNORECASE | re.ASCII,
        )

    def casa(self, nome: str) -> bool:
        """Whether a file is the table's by its name, be its period possible or not."""
        return self._forma.fullmatch(nome) is not None

    def entrega(self, nome: str) -> str | None:
        """Which delivery a file of the table is; nothing where its name holds no possible one."""
        achado = self._forma.fullmatch(nome)
        if achado is None:
            return None
        if not self.periodo or achado[1] is None:
            return HISTORICO
        return periodo(achado[1]) if len(achado[1]) == len(self.periodo) else None

    def nome(self, quando: str | None = None) -> str:
        """What a file is called.

        Args:
            quando: its period in digits, or how a message writes one; a historical file without.
        """
        meio = f"{self.separa}{quando}" if quando else ""
        return f"{self.prefixo}{meio}{self.depois}{self.extensao}"

    @property
    def por_dia(self) -> bool:
        """Whether a file is of a day, and not of a month."""
        return self.periodo == "AAAAMMDD"

    @property
    def exemplo(self) -> str:
        """What a file is called, as messages say it: `tb_faturas_YYYYMM.csv`."""
        return self.nome(PERIODOS[self.periodo] if self.periodo else None)

    def espera(self, entrega: str) -> bool:
        """Whether it has a file for each period of a delivery's length, a month's or a day's."""
        return self.periodo is not None and len(entrega.replace("-", "")) == len(self.periodo)


def periodo(texto: str) -> str | None:
    """`202401` as `2024-01`, `20240131` as `2024-01-31`; nothing where it is no month or day."""
    achado = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(\d\d)?", texto, re.ASCII)
    if achado is None:
        return None
    partes = [parte for parte in achado.groups() if parte]
    try:
        date(*map(int, [*partes, "1"][:3]))
    except ValueError:
        return None
    return "-".join(partes)


def confundidos(padroes: Iterable[tuple[str, Padrao]]) -> tuple[str, str] | None:
    """Two tables that can have a file of the same name; nothing where no two can.

    Args:
        padroes: tables, and what their files are called.
    """
    for (uma, dela), (outra, da_outra) in combinations(padroes, 2):
        for este, aquele in ((dela, da_outra), (da_outra, dela)):
            quando = {"AAAAMM": "202402", "AAAAMMDD": "20240229", None: None}[este.periodo]
            if aquele.entrega(este.nome()) or aquele.entrega(este.nome(quando)):
                return uma, outra
    return None
