"""Guesses the contract of delivered files from what the newest of each kind looks like."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from loaders.contratos import ARQUIVOS, Fonte
from loaders.contratos.coluna import NOME
from loaders.extracao.arquivos.esboco import TabelaDeArquivos
from loaders.nucleo.erros import LastroError
from loaders.projeto import rascunho
from loaders.projeto.rascunho import DE_PESSOAS, Coluna, Desenho, em_yaml, simples

DO_MODELO = {"_carga_id": "\"{{ doc('carga_id') }}\""}


def rascunhar(
    fonte: str, tabelas: Sequence[TabelaDeArquivos], outras: Mapping[str, Fonte]
) -> dict[Path, str]:
    """The files of a draft, by where they belong.

    Args:
        fonte: the source's name.
        tabelas: the kinds of files that there are.
        outras: the sources that there are, whose keys must have other names.

    Raises:
        LastroError: the name cannot be a source's, a column's none in the warehouse, or one of the
            files is there.
    """
    rascunho.conferir_nome(fonte, outras)
    alheias = {c for f in outras.values() for t in f.tabelas for c in t.acham}
    return rascunho.arquivos(
        fonte, ARQUIVOS, {}, [_desenho(fonte, tabela, alheias) for tabela in tabelas]
    )


def _desenho(fonte: str, tabela: TabelaDeArquivos, alheias: set[str]) -> Desenho:
    nome = simples(tabela.padrao.partition("{")[0].partition(".")[0]).removeprefix("tb_").strip("_")
    if ruins := [c.nome for c in tabela.colunas if not NOME.fullmatch(c.nome)]:
        raise LastroError(
            f"{tabela.padrao}: a column of a file has its name in the warehouse, too, and"
            f" {', '.join(map(repr, ruins))} can be none: have the header written otherwise."
        )
    ids = [c.nome for c in tabela.colunas if c.nome.startswith("id") or c.nome.endswith("_id")]
    chave = next((c for c in ids if c in tabela.unicas), "")
    titular = next((c for c in ids if DE_PESSOAS.search(c)), "")
    colunas = []
    for coluna in tabela.colunas:
        meta = {"le_como": coluna.le_como} if coluna.le_como else {}
        if coluna.nome not in ids and (classe := rascunho.classe(coluna.nome)):
            meta["pessoal"] = classe
        colunas.append(Coluna(coluna.nome, meta=meta))
    meta = {"arquivo": em_yaml(tabela.padrao)}
    if tabela.separador:
        meta["separadores"] = f"[{em_yaml(tabela.separador)}]"
    for palavra, qual in (("chave", chave), ("titular", titular)):
        if qual in alheias:
            meta[f"# {palavra}"] = f"{qual}, but another source has a key of that name"
        elif qual:
            meta[palavra] = qual
    modelo = f"stg_{fonte}__{nome}"
    lidas = "\n".join(f"        l.{c.nome}," for c in colunas)
    sql = f"""with

linhas as (
    select * from {{{{ source('{fonte}', '{nome}') }}}}
),

cargas as (
    select * from {{{{ source('controle', 'cargas') }}}}
),

-- A delivery that came again, corrected, takes the place of the older one.
entregas as (
    select max(_carga_id) as _carga_id
    from cargas
    where
        fonte = '{fonte}'
        and entidade = '{nome}'
        and status = 'ok'
    group by entrega
),

{modelo} as (
    select
{lidas}
        l._carga_id
    from linhas as l
    inner join entregas as e on l._carga_id = e._carga_id
)

select * from {modelo}
"""
    dito = f"{rascunho.A_DESCREVER}. One row per line of each accepted file."
    return Desenho(nome, dito, meta, colunas, [chave] if chave else [], sql, DO_MODELO)
