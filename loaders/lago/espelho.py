"""Copies what loads committed into the lake, each load once.

Iceberg commits one table at a time. So a load is in the lake when its row of `controle.cargas` is,
which is written last: rows of a load that has none there yet are what a killed run left, and are
replaced. Nothing of a load changes later but by an erasure, which does not reach the lake yet: one
that was filled before it is refused.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from loaders.armazem import Armazem, abrir_completo
from loaders.contratos import Tabela, carregaveis
from loaders.controle import auditoria
from loaders.controle.tabelas import tabela_de_controle
from loaders.lago import catalogo as do_lago
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LagoIndisponivel
from loaders.nucleo.falhas import ponto_de_falha

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

APAGAMENTOS = "lastro.apagamentos"
"""Property of the lake's `cargas`: the erasures that were known when it was begun."""
LINHAS_POR_VEZ = 1_000_000
"""How many rows are held in memory, and written to files, at once."""


@auditoria.auditada("lake", resultado=lambda cargas: {"cargas": cargas})
def espelhar(config: Configuracao) -> int:
    """Copy every load that the lake does not have yet; no other process may do so meanwhile.

    Returns:
        How many there were.

    Raises:
        LagoIndisponivel: the lake cannot be opened, or it holds loads of another warehouse.
        ArmazemIndisponivel: the warehouse cannot be opened.
    """
    catalogo = do_lago.abrir(config)
    armazem = abrir_completo(config, "lastro lake")
    if armazem is None:
        return 0
    with armazem:
        cargas = tabela_de_controle("cargas")
        _conferir_apagamentos(armazem, catalogo, cargas)
        novas = _que_faltam(armazem, catalogo, cargas)
        if novas:
            for tabela in _com_linhas_de_cargas():
                _copiar(armazem, catalogo, tabela, novas)
                ponto_de_falha("lago.entre_tabelas")
            _copiar(armazem, catalogo, cargas, novas)
        return len(novas)


def _com_linhas_de_cargas() -> list[Tabela]:
    """What loads append to, but the list of the loads itself."""
    brutas = [tabela for fonte in carregaveis() for tabela in fonte.tabelas]
    return [*brutas, tabela_de_controle("rejeicoes")]


def _conferir_apagamentos(armazem: Armazem, catalogo: "Catalog", cargas: Tabela) -> None:
    """See that nobody was erased since the lake was begun; a new one notes who was before.

    Raises:
        LagoIndisponivel: somebody was, and the lake still holds what was loaded of them.
    """
    quantos, quando = armazem.linhas(
        "select count(*), max(pedido_em)"
        f" from {armazem.qualificado(tabela_de_controle('esquecidos'))}"
    )[0]
    agora = f"{quantos} {quando}"
    la = do_lago.tabela(catalogo, (armazem.esquema(cargas.esquema), cargas.nome), cargas.colunas)
    if la.current_snapshot() is None:
        with la.transaction() as transacao:
            transacao.set_properties({APAGAMENTOS: agora})
    elif la.properties.get(APAGAMENTOS) != agora:
        raise LagoIndisponivel(
            "People were erased since this lake was begun, and it still holds their rows: drop its"
            " tables and files, and run this again with an empty catalogue and folder"
            " (docs/spark.md)."
        )


def _que_faltam(armazem: Armazem, catalogo: "Catalog", cargas: Tabela) -> list[int]:
    """The loads that the lake does not have, oldest first.

    Raises:
        LagoIndisponivel: one that it has is none of the warehouse's.
    """
    colunas = ("_carga_id", "fonte", "origem", "inicio")
    aqui = {
        linha["_carga_id"]: tuple(linha.values())
        for linha in armazem.leitor(
            f"select {', '.join(colunas)} from {armazem.qualificado(cargas)}"
        )
        .read_all()
        .to_pylist()
    }
    nome = (armazem.esquema(cargas.esquema), cargas.nome)
    la = do_lago.tabela(catalogo, nome, cargas.colunas).scan(selected_fields=colunas).to_arrow()
    conhecidas = {tuple(linha[c] for c in colunas) for linha in la.to_pylist()}
    if alheias := conhecidas - set(aqui.values()):
        raise LagoIndisponivel(
            f"The lake holds {len(alheias)} loads that this warehouse does not have: it is another"
            " warehouse's, or this one was made anew. Set LASTRO_LAKE_URI to an empty catalogue."
        )
    return sorted(aqui.keys() - {linha[0] for linha in conhecidas})


def _copiar(armazem: Armazem, catalogo: "Catalog", tabela: Tabela, cargas: Sequence[int]) -> None:
    """Put the rows of some loads into a table of the lake, in one commit, in place of their own."""
    from pyiceberg.exceptions import CommitFailedException
    from pyiceberg.expressions import In

    qualificada = armazem.qualificado(tabela)
    andamento.dizer(f"copying {qualificada} into the lake")
    destino = do_lago.tabela(
        catalogo, (armazem.esquema(tabela.esquema), tabela.nome), tabela.colunas
    )
    # ADBC hands PostgreSQL's numerics over as text that Arrow cannot cast
    nomes = ", ".join(
        f"cast({c.nome} as text) as {c.nome}" if pa.types.is_decimal(c.arrow) else c.nome
        for c in tabela.colunas
    )
    leitor = armazem.leitor(
        f"select {nomes} from {qualificada} where _carga_id in ({', '.join(map(str, cargas))})"
        " order by _carga_id"
    )
    try:
        with destino.transaction() as transacao:
            if destino.current_snapshot() is not None:
                transacao.delete(In("_carga_id", cargas))
            for linhas in _em_partes(leitor):
                transacao.append(linhas.cast(do_lago.esquema_no_lago(tabela.colunas)))
            ponto_de_falha("lago.antes_do_commit")
    except CommitFailedException as erro:
        raise LagoIndisponivel(
            f"Somebody else wrote to {qualificada} in the lake meanwhile. Run this again."
        ) from erro


def _em_partes(leitor: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The rows of a stream, so many at once."""
    lotes: list[pa.RecordBatch] = []
    for lote in leitor:
        lotes.append(lote)
        if sum(lote.num_rows for lote in lotes) >= LINHAS_POR_VEZ:
            yield pa.Table.from_batches(lotes)
            lotes = []
    if lotes:
        yield pa.Table.from_batches(lotes)
