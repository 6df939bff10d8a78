"""Versions of a person, of which an erasure leaves one where several differ in nothing any more."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loaders.armazem import Armazem
from loaders.titulares.condicoes import condicao
from loaders.titulares.guardadas import Guardada
from loaders.titulares.mapa import coluna_da_pessoa, temporaria
from loaders.titulares.trocas import Trocas, chave_substituta

SEM_FIM = "9999-12-31"


@dataclass(frozen=True)
class Vigencia:
    """How a table keeps versions of a person: the columns of their bounds.

    Attributes:
        de: since when a version holds.
        ate: until when.
        numero: its number, if it has one; the surrogate key is made of it.
    """

    de: str
    ate: str
    numero: str | None


DA_VIGENCIA = {"registro_ativo", "extraido_em"}
"""Other columns that follow from which version it is."""

VIGENCIAS = (
    Vigencia("valido_de", "valido_ate", "versao"),
    Vigencia("dbt_valid_from", "dbt_valid_to", None),
)


def juntar_versoes(
    armazem: Armazem, trocas: Trocas, tabelas: Sequence[Guardada], derivada: str
) -> tuple[list[tuple[str, ...]], dict[Guardada, int]]:
    """Leave one version where several differ in nothing any more.

    Args:
        armazem: the warehouse, inside a transaction.
        trocas: the people, who stand in `titular_achado`.
        tabelas: where versions may be.
        derivada: the surrogate key that is made of the person's own id and the version's number.

    Returns:
        The surrogate keys that this changes (column, old, new), and the rows deleted by table.
    """
    chaves: dict[tuple[str, int], int] = {}
    apagadas: dict[Guardada, int] = defaultdict(int)
    pessoa = coluna_da_pessoa(trocas.fonte)
    for tabela in tabelas:
        for vigencia in VIGENCIAS:
            if _so_versoes(tabela, vigencia, pessoa):
                apagadas[tabela] += _juntar_em(armazem, trocas, tabela, vigencia, chaves)
    trocadas: list[tuple[str, ...]] = [
        (
            derivada,
            str(chave_substituta(id_, str(antes))),
            str(chave_substituta(trocas.token(pessoa, id_), str(depois))),
        )
        for (id_, antes), depois in chaves.items()
    ]
    return trocadas, apagadas


def _so_versoes(tabela: Guardada, v: Vigencia, pessoa: str) -> bool:
    """Whether nothing but personal data tells the versions of a person in a table apart."""
    outras = {
        c
        for c in tabela.colunas - tabela.pessoais.keys() - tabela.derivadas.keys()
        if not c.startswith(("_", "dbt_"))
    }
    return (
        {pessoa, v.de, v.ate} <= tabela.colunas
        and pessoa in tabela.textos
        and outras <= {pessoa, v.de, v.ate, v.numero, *DA_VIGENCIA}
    )


def _juntar_em(
    armazem: Armazem,
    trocas: Trocas,
    tabela: Guardada,
    v: Vigencia,
    chaves: dict[tuple[str, int], int],
) -> int:
    """The same in one table; returns how many rows that deletes."""
    pessoa, deles = coluna_da_pessoa(trocas.fonte), condicao(tabela, trocas.fonte)
    linhas = armazem.linhas(
        f"select {pessoa}, cast({v.de} as text), cast({v.ate} as text), {v.numero or 0}"
        f" from {tabela} where {deles} order by {pessoa}, {v.de}"
    )
    por_pessoa: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for id_, *resto in linhas:
        por_pessoa[id_].append(tuple(resto))
    cortes = []
    for id_, versoes in por_pessoa.items():
        trechos: list[tuple[str, str]] = []
        for de, ate, numero in versoes:
            if trechos and trechos[-1][1] == de:
                trechos[-1] = (trechos[-1][0], ate)
            else:
                trechos.append((de, ate))
            if v.numero:
                chaves[id_, numero] = len(trechos)
        cortes += [(id_, de, ate, str(n)) for n, (de, ate) in enumerate(trechos, 1)]
    temporaria(armazem, "trecho", ("pessoa", "de", "ate", "numero"), cortes)
    apagadas = armazem.executar(
        f"delete from {tabela} where {deles} and not exists"
        f" (select 1 from trecho as t where t.pessoa = {tabela}.{pessoa}"
        f" and cast(t.de as timestamp) = {tabela}.{v.de})"
    )
    valores = [f"{v.ate} = cast(t.ate as timestamp)"]
    if v.numero:
        valores.append(f"{v.numero} = cast(t.numero as integer)")
    if "registro_ativo" in tabela.colunas:
        valores.append(f"registro_ativo = starts_with(t.ate, '{SEM_FIM}')")
    armazem.executar(
        f"update {tabela} as d set {', '.join(valores)} from trecho as t"
        f" where d.{pessoa} = t.pessoa and d.{v.de} = cast(t.de as timestamp)"
    )
    if "dbt_scd_id" in tabela.colunas:  # dbt only asks that it be nobody else's
        armazem.executar(
            f"update {tabela} as d"
            f" set dbt_scd_id = md5(a.token || '|' || cast(d.{v.de} as text))"
            f" from titular_achado as a where a.coluna = '{pessoa}' and d.{pessoa} = a.valor"
        )
    return apagadas
