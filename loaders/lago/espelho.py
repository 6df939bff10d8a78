"""Copies what loads committed into the lake, each load once.

Iceberg commits one table at a time. So a load is in the lake when its row of `controle.cargas` is,
which is written last: rows of a load that has none there yet are what a killed run left, and are
replaced. Nothing of a load changes later but by an erasure: a lake that was begun before one is
emptied, whole, and filled again.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from loaders.armazem import Armazem, abrir, abrir_completo
from loaders.contratos import Tabela, carregaveis
from loaders.controle import auditoria
from loaders.controle.cargas import EM_CURSO
from loaders.controle.tabelas import tabela_de_controle
from loaders.lago import catalogo as do_lago
from loaders.lago import limpeza
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LagoIndisponivel
from loaders.nucleo.falhas import ponto_de_falha

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog

APAGAMENTOS = "lastro.apagamentos"
"""Property of the lake's `cargas`: the erasures that had ended when it was begun."""
LINHAS_POR_VEZ = 1_000_000
"""How many rows are held in memory, and written to files, at once."""
QUEM = "lastro lake"


@dataclass(frozen=True)
class Espelhado:
    """What was done.

    Attributes:
        cargas: how many loads were copied.
        esvaziado: whether the lake was emptied before, since people were erased from the warehouse.
    """

    cargas: int
    esvaziado: bool = False


@auditoria.auditada("lake", resultado=lambda feito: vars(feito))
def espelhar(config: Configuracao) -> Espelhado:
    """Copy every load that the lake does not have yet, while nobody else writes to the warehouse.

    Raises:
        LagoIndisponivel: the lake cannot be opened or written, or it holds loads of another
            warehouse; or an erasure was interrupted.
        ArmazemIndisponivel: the warehouse cannot be opened.
    """
    catalogo = do_lago.abrir(config)
    if (lido := abrir_completo(config, QUEM)) is None:
        return Espelhado(0)
    with do_lago.explicado("Copying into the lake"):
        with lido:
            apagamentos = _apagamentos(lido)
            _que_faltam(lido, catalogo)  # nothing of another warehouse's is dropped
        esvaziado = _de_antes(config, catalogo, apagamentos)
        if esvaziado:
            limpeza.esvaziar(config, catalogo)
        with abrir(config, QUEM) as armazem:
            return Espelhado(_copiar_novas(armazem, catalogo), esvaziado)


def _apagamentos(armazem: Armazem) -> str:
    """The erasures of people from the warehouse, as the lake notes them.

    Raises:
        LagoIndisponivel: one has not ended, so that the warehouse may still hold the people.
    """
    quantos, ultimo, em_curso = armazem.linhas(
        "select count(*), max(apagado_em), count(*) filter (where apagado_em is null)"
        f" from {armazem.qualificado(tabela_de_controle('esquecidos'))}"
    )[0]
    if em_curso:
        raise LagoIndisponivel(
            "An erasure was interrupted; nothing is copied before it has ended. Run the same"
            " `lastro forget` again."
        )
    return f"{quantos} {ultimo}"


def _de_antes(config: Configuracao, catalogo: "Catalog", apagamentos: str) -> bool:
    """Whether the lake may hold people that the warehouse does not hold any more."""
    cargas = tabela_de_controle("cargas")
    nome = (config.prefixo + cargas.esquema, cargas.nome)
    if limpeza.comecada(config, catalogo):
        return True
    if not catalogo.table_exists(nome):
        return False
    return bool(catalogo.load_table(nome).properties.get(APAGAMENTOS) != apagamentos)


def _copiar_novas(armazem: Armazem, catalogo: "Catalog") -> int:
    """Copy what the lake lacks; a new one notes which people were erased before.

    Raises:
        LagoIndisponivel: people were erased since that was looked at.
    """
    cargas, agora = tabela_de_controle("cargas"), _apagamentos(armazem)
    nome = (armazem.esquema(cargas.esquema), cargas.nome)
    la = do_lago.tabela(catalogo, nome, cargas.colunas, {APAGAMENTOS: agora})
    if la.properties.get(APAGAMENTOS) != agora:
        raise LagoIndisponivel("People were erased meanwhile. Run this again.")
    novas = _que_faltam(armazem, catalogo)
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


def _que_faltam(armazem: Armazem, catalogo: "Catalog") -> list[int]:
    """The loads that the lake does not have, oldest first.

    Raises:
        LagoIndisponivel: one that it has is none of the warehouse's.
    """
    cargas = tabela_de_controle("cargas")
    colunas = ("_carga_id", "fonte", "origem", "inicio")
    aqui = {
        linha["_carga_id"]: tuple(linha.values())
        for linha in armazem.leitor(
            f"select {', '.join(colunas)} from {armazem.qualificado(cargas)}"
            f" where status <> '{EM_CURSO}'"  # rows are added to it still
        )
        .read_all()
        .to_pylist()
    }
    nome = (armazem.esquema(cargas.esquema), cargas.nome)
    la = []
    if catalogo.table_exists(nome):
        la = catalogo.load_table(nome).scan(selected_fields=colunas).to_arrow().to_pylist()
    conhecidas = {tuple(linha[c] for c in colunas) for linha in la}
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
        with destino.transaction() as transacao, warnings.catch_warnings():
            # it warns where there was nothing to delete, which is the rule
            warnings.simplefilter("ignore", UserWarning)
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
