"""Where the data of a person stand: from a source and an id to the rows of every table.

The sources' YAML says of each raw table what its key is and by which column a row is somebody's
(`meta.titular`). From there the keys of a person's accounts, cards, invoices are found.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from loaders.armazem import Armazem
from loaders.armazem.sql import diz_nada, em_branco
from loaders.contratos import EVENTOS, Tabela, fontes
from loaders.contratos.pessoal import IDENTIFICAM
from loaders.contratos.tipos import TEXTO

Valores = dict[str, set[str]]
"""Values of the key columns, by column."""


def tabelas_da(fonte: str) -> tuple[Tabela, ...]:
    """The tables of a source whose rows are about people, each after the one that it leads to."""
    return tuple(t for t in fontes()[fonte].em_ordem() if t.titular)


def fontes_com_titulares() -> list[str]:
    """The sources that know people."""
    return [fonte for fonte in fontes() if tabelas_da(fonte)]


def coluna_da_pessoa(fonte: str) -> str:
    """The column that is the person's own id."""
    return str(tabelas_da(fonte)[0].titular)


def colunas_que_levam(fonte: str) -> tuple[str, ...]:
    """The columns by which a row is somebody's: the person's own id, and those of what has rows."""
    return tuple(dict.fromkeys(chave for t in tabelas_da(fonte) for chave in t.donos.values()))


def colunas_de_chave(fonte: str) -> tuple[str, ...]:
    """All columns by which a row of the source is found, the person's own first."""
    chaves = [t.chave_simples for t in tabelas_da(fonte) if t.chave_simples]
    return tuple(dict.fromkeys([*colunas_que_levam(fonte), *chaves]))


def temporaria(
    armazem: Armazem, nome: str, colunas: Sequence[str], linhas: Iterable[Sequence[str]]
) -> None:
    """Put values beside the tables, where no text of a statement holds them."""
    dados = pa.Table.from_pylist(
        [dict(zip(colunas, linha, strict=True)) for linha in linhas],
        schema=pa.schema([(c, pa.string()) for c in colunas]),
    )
    armazem.anexar_temporaria(nome, dados.to_reader())


def chaves_de(armazem: Armazem, fonte: str, ids: Iterable[str]) -> Valores:
    """The values of all key columns that are some people's.

    A key is whose its newest row says: an account that passed to somebody else, an invoice whose
    customer was corrected are the other one's. What no row of its own tells of, as the invoice of
    a payment that came alone, is theirs who name it.

    Args:
        armazem: the warehouse, inside a transaction.
        fonte: the source.
        ids: the people's ids in it, known or not.

    Returns:
        By column; the people's own ids are among them, whether raw knows them or not.
    """
    pessoa = coluna_da_pessoa(fonte)
    achadas: Valores = {c: set() for c in colunas_de_chave(fonte)}
    achadas[pessoa] = set(ids)
    casas = _casas(armazem, fonte)
    for tabela in tabelas_da(fonte):
        _por_achadas(armazem, achadas)
        raw, chave = armazem.qualificado(tabela), tabela.chave_simples
        donos = tabela.donos
        deles = " or ".join(
            f"{c} in (select valor from titular_achado where coluna = '{de}')"
            for c, de in donos.items()
        )
        sem_dono = " and ".join(em_branco(c) for c in donos)
        if chave and chave != pessoa:
            achadas[chave] |= _valores(
                armazem,
                f"select {chave} from (select {', '.join({chave: 0, **donos})}, row_number() over"
                f" (partition by {chave} order by _carga_id desc, {_ordem(tabela)} desc) as ordem"
                f" from {raw} where not ({sem_dono})"
                f" and {chave} in (select {chave} from {raw} where {deles})) as donos"
                f" where ordem = 1 and ({deles})",
            )
        for coluna in sorted({c.nome for c in tabela.da_fonte} & casas.keys() - {chave, *donos}):
            achadas[coluna] |= _valores(
                armazem,
                f"select distinct r.{coluna} from {raw} as r where ({deles}) and not exists"
                f" (select 1 from {casas[coluna]} as c where c.{coluna} = r.{coluna})",
            )
    _por_achadas(armazem, achadas)
    return achadas


@dataclass(frozen=True)
class Unicos:
    """What is some people's and nobody else's, so that it is theirs wherever it stands alone.

    Attributes:
        chaves: values of key columns.
        nomes: names and card numbers, as raw holds them.
    """

    chaves: frozenset[str] = frozenset()
    nomes: frozenset[str] = frozenset()


def unicos_de(armazem: Armazem, fonte: str, chaves: Valores) -> Unicos:
    """What raw holds of some people and of nobody else.

    Args:
        armazem: the warehouse, inside a transaction.
        fonte: the source.
        chaves: the values of all key columns that are theirs.
    """
    _por_achadas(armazem, chaves)
    return Unicos(_chaves_unicas(armazem, fonte, chaves), _nomes_unicos(armazem, fonte))


def _chaves_unicas(armazem: Armazem, fonte: str, chaves: Valores) -> frozenset[str]:
    candidatas = {v for valores in chaves.values() for v in valores if inconfundivel(v)}
    for dela, da_fonte in fontes().items():
        for tabela in da_fonte.tabelas if candidatas else ():
            for coluna in tabela.acham:
                de = tabela.ids[coluna]
                deles = f" where coluna = '{de}'" if dela == fonte else " where false"
                candidatas -= _valores(
                    armazem,
                    f"select distinct {coluna} from {armazem.qualificado(tabela)} where {coluna} in"
                    f" (select valor from titular_achado) and {coluna} not in"
                    f" (select valor from titular_achado{deles})",
                )
    return frozenset(candidatas)


def _nomes_unicos(armazem: Armazem, fonte: str) -> frozenset[str]:
    deles: dict[str, set[str]] = {}
    consultas = [
        f"select distinct {coluna.nome} from {armazem.qualificado(tabela)} where {{}}"
        f" ({por} in (select valor from titular_achado where coluna = '{tabela.ids[por]}'))"
        for tabela in tabelas_da(fonte)
        for por in (tabela.chave_simples or str(tabela.titular),)
        for coluna in tabela.colunas
        if coluna.tipo == TEXTO and coluna.nome in _que_identificam(tabela)
    ]
    for consulta in consultas:
        for valor in _valores(armazem, consulta.format("")):
            if len(valor) > 7 and re.search(r"[\d ]", valor.strip()):
                deles.setdefault(_forma(valor), set()).add(valor)
    for consulta in consultas if deles else ():
        for lote in armazem.leitor(consulta.format("not")):
            for valor in lote.column(0).to_pylist():
                if valor is not None:
                    deles.pop(_forma(valor), None)
    return frozenset[str]().union(*deles.values())


def _ordem(tabela: Tabela) -> str:
    """The column that says which of two rows of a load came last."""
    return "_deslocamento" if tabela.tipo == EVENTOS else "_linha"


def _que_identificam(tabela: Tabela) -> set[str]:
    return {coluna for coluna, marca in tabela.marcas.items() if marca.classe in IDENTIFICAM}


def _forma(nome: str) -> str:
    """A name without case, accents and more than one space."""
    return " ".join(sem_acentos(nome.casefold()).split())


def sem_acentos(nome: str) -> str:
    """A name without accents."""
    partidas = unicodedata.normalize("NFKD", nome)
    return "".join(c for c in partidas if not unicodedata.combining(c))


def inconfundivel(valor: str) -> bool:
    """Whether a key is long and mixed enough to be nothing else wherever it stands alone."""
    digitos = sum(c.isdigit() for c in valor)
    return len(valor) > 5 and digitos > 1 and (digitos > 10 or any(c.isalpha() for c in valor))


def _casas(armazem: Armazem, fonte: str) -> dict[str, str]:
    """The tables of a source about people, by the column that is their key."""
    return {t.chave_simples: armazem.qualificado(t) for t in tabelas_da(fonte) if t.chave_simples}


def sem_dono(armazem: Armazem, fonte: str, chaves: Valores) -> Valores:
    """Those of some keys of which raw has no row of their own."""
    _por_achadas(armazem, chaves)
    casas = _casas(armazem, fonte)
    return {
        coluna: _valores(
            armazem,
            f"select valor from titular_achado where coluna = '{coluna}' and valor not in"
            f" (select {coluna} from {casa} where {coluna} is not null)",
        )
        for coluna, casa in casas.items()
        if coluna != coluna_da_pessoa(fonte)
    }


def _valores(armazem: Armazem, consulta: str) -> set[str]:
    return {valor for (valor,) in armazem.linhas(consulta) if valor and not diz_nada(valor)}


def _por_achadas(armazem: Armazem, achadas: Valores) -> None:
    pares = [(c, v) for c, valores in achadas.items() for v in sorted(valores)]
    temporaria(armazem, "titular_achado", ("coluna", "valor"), pares)


def em_raw(armazem: Armazem, fonte: str, id_: str) -> bool:
    """Whether raw holds a row of a person."""
    pessoa = coluna_da_pessoa(fonte)
    _por_achadas(armazem, {pessoa: {id_}})
    return any(
        armazem.linhas(
            f"select 1 from {armazem.qualificado(t)}"
            f" where {pessoa} in (select valor from titular_achado) limit 1"
        )
        for t in tabelas_da(fonte)
        if t.titular == pessoa
    )
