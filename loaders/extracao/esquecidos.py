"""The rows of people who were erased, as a source still holds them."""

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contratos import Tabela
from loaders.controle.supressao import Supressao


class Esquecidos:
    """Tells whose rows are left out.

    The list has their ids and those of the accounts and cards that they had. New ones are found as
    the tables are read one after the other: an account by its person, a card by its account.
    """

    def __init__(self, lista: Supressao) -> None:
        """Nobody found yet beside those of the list."""
        self.lista = lista
        self.achadas: dict[str, set[str]] = {}
        """Ids of theirs that the source holds, by column."""

    def deles(self, tabela: Tabela, lote: pa.RecordBatch) -> pa.BooleanArray | None:
        """Which rows of a batch are theirs; nothing where the list or the table has nobody."""
        if not self.lista or not tabela.titular:
            return None
        chave = tabela.chave_simples
        fora = pa.array([False] * lote.num_rows)
        for coluna, de in tabela.ids.items():
            valores = lote.column(coluna)
            deles = set(self.achadas.get(de, ()))
            if de in self.lista.listas:
                deles |= self.lista.de(de, valores.unique().to_pylist())
            achados = pc.is_in(valores, pa.array(sorted(deles), pa.string()))
            fora = pc.or_(fora, pc.fill_null(achados, False))
        if chave and not tabela.incremental:
            achadas = self.achadas.setdefault(chave, set())
            achadas.update(lote.column(chave).filter(fora).to_pylist())
        return fora

    def donos(self, tabela: Tabela) -> dict[str, set[str]]:
        """The values of the columns that say whose a row is, where that is one of them."""
        achados = {coluna: self.achadas.get(de, set()) for coluna, de in tabela.donos.items()}
        return {coluna: valores for coluna, valores in achados.items() if valores}
