"""What the contracts want to stand in a warehouse: what is there, what is missing, what is made."""

from collections.abc import Iterable
from dataclasses import dataclass

from loaders.armazem.base import Armazem, do_armazem
from loaders.contratos import DO_CONTROLE, Coluna, Tabela, fontes
from loaders.contratos.tipos import do_catalogo
from loaders.nucleo.erros import ArmazemAntigo, ArmazemIndisponivel

CARGAS, ATUALIZACOES = "cargas", "atualizacoes"
"""Tables of `controle`: the one that every warehouse has; and what was done to older rows."""
Existentes = dict[tuple[str, str], dict[str, str]]
"""By schema and name of each table: its columns with their types."""


@dataclass(frozen=True)
class Falta:
    """A table or column that this version keeps, and a warehouse of an older one does not have.

    Attributes:
        nome: schema and name of the table.
        tabela: what the contract says of it.
        coluna: the column; None where all of the table is missing.
    """

    nome: str
    tabela: Tabela
    coluna: Coluna | None = None

    def __str__(self) -> str:
        """As a message names it."""
        return f"{self.nome}.{self.coluna.nome}" if self.coluna else self.nome


def existentes(armazem: Armazem) -> Existentes:
    """The columns of every table that is there, with their types as contracts call them."""
    ha: Existentes = {}
    for esquema, tabela, coluna, tipo in armazem.linhas(armazem.TIPOS):
        ha.setdefault((esquema, tabela), {})[coluna] = do_catalogo(tipo)
    return ha


def comecado(armazem: Armazem, ha: Existentes) -> bool:
    """Whether anything was ever loaded into it, or built in it."""
    return (armazem.esquema(DO_CONTROLE), CARGAS) in ha


def completo(armazem: Armazem) -> bool:
    """Whether the tables of all sources are there."""
    ha = existentes(armazem)
    return all((armazem.esquema(t.esquema), t.nome) in ha for t in do_armazem())


def faltas(armazem: Armazem, ha: Existentes) -> list[Falta]:
    """What this version keeps, and a warehouse that is there does not have.

    A table of a source that is not there yet is none: it comes with the source's first load.
    """
    if not comecado(armazem, ha):
        return []
    achadas: list[Falta] = []
    for tabela in (t for f in fontes().values() for t in f.tabelas):
        nome = armazem.qualificado(tabela)
        dela = ha.get((armazem.esquema(tabela.esquema), tabela.nome))
        if dela is not None:
            achadas += [Falta(nome, tabela, c) for c in tabela.colunas if c.nome not in dela]
        elif tabela.fonte == DO_CONTROLE:
            achadas.append(Falta(nome, tabela))
    return achadas


def atualizacoes_pedidas(armazem: Armazem) -> list[str]:
    """The changes of stored rows that this version asks for, and nobody noted as done.

    Of a warehouse that lacks no table.
    """
    tabela = fontes()[DO_CONTROLE].tabela(ATUALIZACOES)
    feitas = {n for (n,) in armazem.linhas(f"select nome from {armazem.qualificado(tabela)}")}
    return [n for n in tabela.atualizacoes if n not in feitas]


def recusar_antigo(pedidas: Iterable[object]) -> None:
    """Refuse a warehouse of an older version.

    Args:
        pedidas: what it lacks, or what is to be done to its rows.

    Raises:
        ArmazemAntigo: there is something.
    """
    if ditas := [str(p) for p in pedidas]:
        mais = f" and {len(ditas) - 5} more" if len(ditas) > 5 else ""
        raise ArmazemAntigo(
            "The warehouse is of an older version than this Lastro: it lacks"
            f" {', '.join(ditas[:5])}{mais}. Nothing was changed. Run `lastro upgrade`, then this"
            " again."
        )


def recusar_outros_tipos(armazem: Armazem, ha: Existentes) -> None:
    """See that no column has another type than its contract says.

    Raises:
        ArmazemIndisponivel: one has, so that what is landed would be cut to fit.
    """
    mudados = [
        f"{armazem.qualificado(tabela)}.{coluna.nome} is {tipo}, and its contract says"
        f" {coluna.tipo}"
        for tabela in do_armazem()
        for coluna in tabela.colunas
        if (tipo := ha.get((armazem.esquema(tabela.esquema), tabela.nome), {}).get(coluna.nome))
        not in (None, coluna.tipo)
    ]
    if mudados:
        raise ArmazemIndisponivel(
            "The warehouse holds columns of another type than their contracts say; nothing"
            " was changed:\n  " + "\n  ".join(mudados) + "\nGive such a column a new name"
            " in the contract (with `na_fonte`), so that what was landed stays as it is."
        )


def criar_tabelas(armazem: Armazem) -> None:
    """Create, in a transaction, the schemas and tables of all sources that are not there yet.

    Raises:
        ArmazemAntigo: an older version made this warehouse; `lastro upgrade` completes it.
        ArmazemIndisponivel: a column has another type than its contract says.
    """
    ha = existentes(armazem)
    recusar_antigo(faltas(armazem, ha))
    recusar_outros_tipos(armazem, ha)
    for tabela in do_armazem():
        if (armazem.esquema(tabela.esquema), tabela.nome) not in ha:
            criar_tabela(armazem, tabela, ha)
    if not comecado(armazem, ha):  # no row in it is of an older version
        for nome in fontes()[DO_CONTROLE].tabela(ATUALIZACOES).atualizacoes:
            anotar_atualizacao(armazem, nome, 0)


def criar_tabela(armazem: Armazem, tabela: Tabela, ha: Existentes) -> None:
    """Create one table of a contract, and its schema where that is new."""
    esquema = armazem.esquema(tabela.esquema)
    if all(e != esquema for e, _ in ha):
        armazem.executar(f"create schema if not exists {esquema}")
    armazem.conferir_esquema(esquema)
    colunas = ", ".join(f"{c.nome} {c.tipo}" for c in tabela.colunas)
    armazem.executar(f"create table if not exists {armazem.qualificado(tabela)} ({colunas})")


def anotar_atualizacao(armazem: Armazem, nome: str, linhas: int) -> None:
    """Note that a change of stored rows was done, in a transaction."""
    tabela = fontes()[DO_CONTROLE].tabela(ATUALIZACOES)
    armazem.executar(
        f"insert into {armazem.qualificado(tabela)} (nome, linhas, feita_em)"
        f" values ('{nome}', {linhas}, current_timestamp)"
    )
