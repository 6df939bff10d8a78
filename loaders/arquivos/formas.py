"""How a file writes its amounts and days, found from all its rows.

Only values that can be read one way count as evidence: `10.50` (point), `10,50` or `1.234.567`
(comma), `2024-01-31`, `31/01/2024`. The form with more evidence wins; what does not fit it is
judged later, row by row. `1.234` may be either, and alone decides nothing.
"""

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from loaders.erros import FonteRecusada

PONTO, VIRGULA = "ponto", "virgula"
ISO, BRASILEIRA = "AAAA-MM-DD", "DD/MM/AAAA"
DUVIDA = "duvida"

DECIMAIS = {
    PONTO: r"^\s*-?\d+\.\d{1,2}\s*$",
    VIRGULA: r"^\s*-?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}\s*$|^\s*-?\d{1,3}(\.\d{3}){2,}\s*$",
    DUVIDA: r"^\s*-?\d{1,3}\.\d{3}\s*$",
}
SINAIS_DECIMAIS = {PONTO: b".", VIRGULA: b",.", DUVIDA: b"."}
DATAS = {ISO: r"^\s*\d{4}-\d{2}-\d{2}\s*$", BRASILEIRA: r"^\s*\d{2}/\d{2}/\d{4}\s*$"}


class Evidencia:
    """Counts the evidence of both forms as the rows pass."""

    def __init__(self, valores: Sequence[str], datas: Sequence[str]) -> None:
        """Nothing seen yet.

        Args:
            valores: columns that hold amounts.
            datas: columns that hold days.
        """
        self.valores = valores
        self.datas = datas
        self.decimais: Counter[str] = Counter()
        self.dias: Counter[str] = Counter()

    def observar(self, lote: pa.RecordBatch) -> None:
        """Count the evidence of a batch."""
        for nome in self.valores:
            restam = lote.column(nome)
            presentes = bytes(c for c in b".," if c in _conteudo(restam))
            for forma, expressao in DECIMAIS.items():
                if not len(restam) or not set(SINAIS_DECIMAIS[forma]) & set(presentes):
                    continue
                achados = pc.match_substring_regex(restam, expressao)
                self.decimais[forma] += achados.true_count
                if achados.true_count:
                    restam = restam.filter(pc.invert(achados))
        for nome in self.datas:
            # A month has few days: each is looked at once.
            contagem = lote.column(nome).value_counts()
            dias, vezes = contagem.field("values"), contagem.field("counts")
            for forma, expressao in DATAS.items():
                achados = pc.match_substring_regex(dias, expressao)
                self.dias[forma] += pc.sum(vezes.filter(achados)).as_py() or 0

    def forma_decimal(self, indicada: str | None) -> str:
        """The form of the amounts.

        Args:
            indicada: what the operator says it is, for a file that does not show it.

        Raises:
            FonteRecusada: the file does not show it, and nobody said.
        """
        ponto, virgula = self.decimais[PONTO], self.decimais[VIRGULA]
        if ponto != virgula:
            return PONTO if ponto > virgula else VIRGULA
        if indicada:
            return indicada
        if ponto:
            raise FonteRecusada(
                f"as many amounts are written with a decimal point as with a comma ({ponto} each); "
                "give --decimal"
            )
        if self.decimais[DUVIDA]:
            raise FonteRecusada(
                "its amounts may be thousands or have three decimals, and none shows which; "
                "give --decimal"
            )
        return PONTO

    def forma_data(self) -> str:
        """The form of the days.

        Raises:
            FonteRecusada: as many are written one way as the other.
        """
        iso, brasileira = self.dias[ISO], self.dias[BRASILEIRA]
        if iso and iso == brasileira:
            raise FonteRecusada(f"as many days are written {ISO} as {BRASILEIRA} ({iso} each)")
        return BRASILEIRA if brasileira > iso else ISO


def _conteudo(coluna: pa.StringArray) -> memoryview | bytes:
    """The bytes of all values of a column, one after the other."""
    dados = coluna.buffers()[2]
    return b"" if dados is None else dados.to_pybytes()
