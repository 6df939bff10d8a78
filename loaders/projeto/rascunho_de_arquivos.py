"""Guesses the contract of delivered files from what the newest of each kind looks like."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from loaders.contratos import ARQUIVOS, Fonte
from loaders.contratos.tipos import RESERVADAS, partes_decimais
from loaders.extracao.arquivos.esboco import TabelaDeArquivos
from loaders.extracao.arquivos.escritas import CENTAVOS
from loaders.projeto import rascunho
from loaders.projeto.rascunho import DE_PESSOAS, Coluna, Desenho, em_yaml, simples

E_ID = re.compile(r"^id(?!ade)|_id$")
"""How columns are called that tell one thing from another; an age is none."""
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


def _nomes(fonte: str, tabela: TabelaDeArquivos, alheias: set[str]) -> dict[str, str]:
    """How each column of a file is called in the warehouse, where its own name can be none."""
    nomes: dict[str, str] = {}
    for coluna in tabela.colunas:
        nome = simples(coluna.nome)
        if nome in RESERVADAS:
            nome = f"{nome}_"
        if nome in alheias:
            nome = f"{nome}_{fonte}"
        livres = chain((nome,), (f"{nome}_{n}" for n in count(2)))
        nomes[coluna.nome] = next(n for n in livres if n not in nomes.values())
    return nomes


def _desenho(fonte: str, tabela: TabelaDeArquivos, alheias: set[str]) -> Desenho:
    nome = simples(tabela.padrao.partition("{")[0].partition(".")[0]).removeprefix("tb_").strip("_")
    nomes = _nomes(fonte, tabela, alheias)
    ids = [nomes[c.nome] for c in tabela.colunas if E_ID.search(simples(c.nome))]
    chave = next((nomes[c] for c in nomes if nomes[c] in ids and c in tabela.unicas), "")
    titular = next((c for c in ids if DE_PESSOAS.search(c)), "")
    colunas = []
    for coluna in tabela.colunas:
        nome_dela = nomes[coluna.nome]
        meta = {"na_fonte": coluna.nome} if nome_dela != coluna.nome else {}
        if coluna.le_como:
            meta["le_como"] = coluna.le_como
        if nome_dela not in ids and (classe := rascunho.classe(nome_dela)):
            meta["pessoal"] = classe
        colunas.append(Coluna(nome_dela, meta=meta))
    meta = {"arquivo": em_yaml(tabela.padrao)}
    if tabela.separador:
        meta["separadores"] = f"[{em_yaml(tabela.separador)}]"
    for palavra, qual in (("chave", chave), ("titular", titular)):
        if qual:
            meta[palavra] = qual
    modelo = f"stg_{fonte}__{nome}"
    lidas = "\n".join(f"        {_lida(c)}," for c in colunas)
    sql = f"""with

linhas as (
    select * from {{{{ source('{fonte}', '{nome}') }}}}
),

cargas as (
    select * from {{{{ source('controle', 'cargas') }}}}
),

-- A delivery that came again, corrected, takes the place of the older one.
correntes as (
    select max(_carga_id) as _carga_id
    from cargas
    where
        fonte = '{fonte}'
        and entidade = '{nome}'
        and status = 'ok'
    group by entrega
),

entregas as (
    select
        c._carga_id,
        c.forma_decimal,
        c.forma_data
    from cargas as c
    inner join correntes as r on c._carga_id = r._carga_id
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


def _lida(coluna: Coluna) -> str:
    """A column of the staging model: what `le_como` says, and null where its text is none."""
    como, texto = coluna.meta.get("le_como", ""), f"'l.{coluna.nome}'"
    if partes := partes_decimais(como):
        macro = "tentar_decimal" if partes == CENTAVOS else "tentar_decimal_de"
        demais = "" if partes == CENTAVOS else f", {partes[0]}, {partes[1]}"
        lida = f"{macro}({texto}, 'e.forma_decimal'{demais})"
    elif como:
        macro = "tentar_data" if como == "date" else "tentar_data_hora"
        lida = f"{macro}({texto}, 'e.forma_data')"
    else:
        return f"l.{coluna.nome}"
    return f"{{{{ {lida} }}}} as {coluna.nome}"
