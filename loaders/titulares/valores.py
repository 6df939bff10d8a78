"""Finds people in columns whose names say nothing, by values that are nobody else's.

They stand beside the tables: `titular_valor` holds what is theirs alone wherever it stands, and
`titular_derivada` their surrogate keys.
"""

from collections.abc import Sequence

from loaders.armazem import Armazem
from loaders.armazem.sql import identificador
from loaders.contratos import fontes
from loaders.titulares.condicoes import condicao
from loaders.titulares.guardadas import Guardada
from loaders.titulares.mapa import colunas_de_chave, inconfundivel, tabelas_da
from loaders.titulares.trocas import Trocas


def textos_de(tabela: Guardada) -> list[str]:
    """The text columns of a table, but for those that a loader wrote of its own accord."""
    do_loader = "_" if tabela.origem.tipo == "raw" else "\0"
    return sorted(c for c in tabela.textos if not c.startswith(do_loader))


def livres(tabela: Guardada, fonte: str) -> list[str]:
    """The text columns that no name says anything of.

    Beside a key the personal ones are emptied with the row; alone they may tell whose it is.
    """
    sabidas = set(tabela.ids(colunas_de_chave(fonte)))
    if condicao(tabela, fonte):
        sabidas |= tabela.pessoais.keys()
    return [c for c in textos_de(tabela) if c not in sabidas]


def por_valor(colunas: Sequence[str]) -> str:
    """SQL: whether a column of a table called `f` holds what is theirs alone."""
    return " or ".join(
        f"f.{identificador(c)} in (select valor from titular_valor)" for c in colunas
    )


def por_derivada(tabela: Guardada) -> str:
    """SQL: whether a row of a table, called `f`, has a surrogate key of theirs."""
    return " or ".join(
        f"cast(f.{c} as text) in (select valor from titular_derivada where coluna = '{c}')"
        for c in tabela.derivadas
    )


def com_valor(armazem: Armazem, tabela: Guardada, colunas: Sequence[str]) -> list[str]:
    """Those of some columns in which something stands that is theirs alone."""
    return _achadas(armazem, tabela, {c: por_valor([c]) for c in colunas})


def com_outro_nome(armazem: Armazem, tabela: Guardada, trocas: Trocas) -> list[tuple[str, str]]:
    """Columns that hold a short id of theirs and nothing but such ids, with the key that it is.

    A short id may be anything, but not where everything beside it is an id, too. What has a key
    column is left out, and so is a published file, beside which there is no raw to compare with;
    and what a contract names as the key of rows of its own, which count from 1 as others do.
    """
    fonte = trocas.fonte
    if not tabela.origem.fontes or condicao(tabela, fonte):
        return []
    proprias = {t.chave_simples for t in fontes()[fonte].tabelas}
    textos = [c for c in textos_de(tabela) if c not in proprias]
    existentes = {(e, t) for e, t, *_ in armazem.linhas(armazem.COLUNAS)}
    achadas = []
    for chave, valores in trocas.chaves.items():
        if all(map(inconfundivel, valores)):
            continue
        casas = [t for t in tabelas_da(fonte) if chave in t.acham]
        casas = [t for t in casas if (armazem.esquema(t.esquema), t.nome) in existentes]
        if not casas:
            continue
        deles = f"select valor from titular_achado where coluna = '{chave}'"
        todos = " union ".join(
            f"select {chave} from {armazem.qualificado(t)} where {chave} is not null" for t in casas
        )
        com = {c: f"f.{identificador(c)} in ({deles})" for c in textos}
        sem = {c: f"f.{identificador(c)} not in ({deles} union {todos})" for c in com}
        suspeitas = _achadas(armazem, tabela, com)
        outras = _achadas(armazem, tabela, {c: sem[c] for c in suspeitas})
        achadas += [(coluna, chave) for coluna in suspeitas if coluna not in outras]
    return achadas


def _achadas(armazem: Armazem, tabela: Guardada, condicoes: dict[str, str]) -> list[str]:
    """The columns whose condition holds in some row of a table, called `f`."""
    if not condicoes:
        return []
    somas = ", ".join(f"max(case when {c} then 1 else 0 end)" for c in condicoes.values())
    (lidas,) = armazem.linhas(f"select {somas} from {tabela} as f")
    return [coluna for coluna, achada in zip(condicoes, lidas, strict=True) if achada]
