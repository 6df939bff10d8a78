"""The shapes in which an amount may be written, by how many digits its column holds."""

from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

PONTO, VIRGULA = "ponto", "virgula"
DUVIDA, NADA = "duvida", ""

CENTAVOS = (15, 2)
"""Precision and scale of money."""

ESPACO = "[ \t\u00a0]"
"""The same characters that make a field blank."""
ENFEITES = rf"^{ESPACO}*-?(?:[Rr][$]{ESPACO}*)?-?([0-9][0-9.,]*)-?{ESPACO}*$"
ARTEFATO = r"^([0-9]+[.,][0-9]{2})(?:0{1,2}|000[0-9]*|0010*|999[0-9]*)$"
"""A number within 0.00001 of its rounding to two decimals."""
ALGARISMOS_DE_ARTEFATO = 15
"""Significant digits, from which on further decimals come from the arithmetic of floats."""
NUNCA = r"[^\s\S]"


@dataclass(frozen=True)
class Escrita:
    """One shape of an amount.

    Attributes:
        prova: the form for which it is evidence, or that it leaves a doubt, or nothing.
        lida_em: the forms by which it can be read.
        sinais: the bytes without which it cannot occur.
        expressao: what it looks like; with no more digits than its column holds.
        milhares: whether it has thousands separators.
    """

    prova: str
    lida_em: tuple[str, ...]
    sinais: bytes
    expressao: str
    milhares: bool = False


class Escritas:
    """All shapes of the amounts of one precision and scale.

    Attributes:
        todas: in the order in which a text is held against them.
        legiveis: what can be read by each form.
        numero: what can be read by any.
    """

    def __init__(self, precisao: int, escala: int) -> None:
        """Make them; `Escritas.de` keeps what was made."""
        self.inteiros, self.escala = precisao - escala, escala
        self.todas = tuple(self._todas())
        self.legiveis = {
            forma: "|".join(e.expressao for e in self.todas if forma in e.lida_em)
            for forma in (PONTO, VIRGULA)
        }
        self.numero = "|".join(self.legiveis.values())

    @staticmethod
    @cache
    def de(precisao: int, escala: int) -> "Escritas":
        """Those of a precision and scale."""
        return Escritas(precisao, escala)

    def _todas(self) -> list[Escrita]:
        inteiro = f"[0-9]{{1,{max(1, self.inteiros)}}}"
        decimais = f"[0-9]{{1,{self.escala}}}"
        escritas = []
        de_milhares = min(3, self.inteiros - 3)
        if self.escala > 2 and de_milhares > 0:
            # Thousands, or three decimals: it can be read by both, and tells of none.
            primeiros = f"[1-9][0-9]{{0,{de_milhares - 1}}}"
            escritas += [
                Escrita(DUVIDA, (PONTO, VIRGULA), b".", f"^-?{primeiros}[.][0-9]{{3}}$"),
                Escrita(DUVIDA, (PONTO, VIRGULA), b",", f"^-?{primeiros},[0-9]{{3}}$"),
            ]
        if self.escala:
            com_virgula = f"^{self._agrupado('[.]', 1)},{decimais}$"
            com_ponto = f"^{self._agrupado(',', 1)}[.]{decimais}$"
            escritas += [
                Escrita(PONTO, (PONTO,), b".", f"^-?{inteiro}[.]{decimais}$"),
                Escrita(VIRGULA, (VIRGULA,), b",", f"^-?{inteiro},{decimais}$"),
                Escrita(VIRGULA, (VIRGULA,), b".,", com_virgula, True),
                Escrita(PONTO, (PONTO,), b".,", com_ponto, True),
            ]
        return [
            *escritas,
            Escrita(VIRGULA, (VIRGULA,), b".", f"^{self._agrupado('[.]', 2)}$", True),
            Escrita(PONTO, (PONTO,), b",", f"^{self._agrupado(',', 2)}$", True),
            Escrita(DUVIDA, (VIRGULA,), b".", f"^{self._agrupado('[.]', 1)}$", True),
            Escrita(DUVIDA, (PONTO,), b",", f"^{self._agrupado(',', 1)}$", True),
            Escrita(NADA, (PONTO, VIRGULA), b"", f"^-?{inteiro}$"),
        ]

    def _agrupado(self, separador: str, minimo: int) -> str:
        """Digits in at least so many groups of three after the first; as many as a column holds."""
        grupos = (self.inteiros - 1) // 3
        primeiros = self.inteiros - 3 * grupos
        if grupos < minimo:
            return NUNCA
        grupo = f"(?:{separador}[0-9]{{3}})"
        # A leading 0 is none of thousands: `0,125` is a fraction. With points it is read as ever.
        comeco = "[1-9]" if separador == "," else "[0-9]"
        zeros = "" if separador == "," else f"0{{0,{3 - primeiros}}}"
        cheio = f"{zeros}{comeco}[0-9]{{0,{primeiros - 1}}}{grupo}{{{grupos}}}"
        if grupos == minimo:
            return f"-?{cheio}"
        return f"-?(?:{comeco}[0-9]{{0,2}}{grupo}{{{minimo},{grupos - 1}}}|{cheio})"

    def nucleos(self, textos: pa.StringArray) -> pa.StringArray:
        """Amounts without sign and what stands around them; other texts as they are, or empty."""
        nucleos = pc.replace_substring_regex(textos, ENFEITES, r"\1")
        nucleos = pc.if_else(pc.less_equal(pc.count_substring(textos, "-"), 1), nucleos, "")
        outros = pc.invert(pc.match_substring_regex(nucleos, self.numero))
        if not outros.true_count:
            return nucleos
        return pc.replace_with_mask(nucleos, outros, self._arredondados(nucleos.filter(outros)))

    def _arredondados(self, nucleos: pa.StringArray) -> pa.StringArray:
        """Float artefacts with two decimals, and amounts without zeros before them."""
        decimais = f"(?:[.,][0-9]{{1,{self.escala}}})?" if self.escala else ""
        zeros = rf"^0+([0-9]{{1,{max(1, self.inteiros)}}}{decimais})$"
        nucleos = pc.replace_substring_regex(nucleos, zeros, r"\1")
        if (self.inteiros + self.escala, self.escala) != CENTAVOS:
            return nucleos  # which digits of a rate are an artefact, nobody can tell
        algarismos = pc.utf8_ltrim(pc.replace_substring_regex(nucleos, "[.,]", ""), "0")
        return pc.if_else(
            pc.greater_equal(pc.utf8_length(algarismos), ALGARISMOS_DE_ARTEFATO),
            pc.replace_substring_regex(nucleos, ARTEFATO, r"\1"),
            nucleos,
        )
