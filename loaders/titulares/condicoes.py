"""SQL that tells whether a row is about some people, who stand in `titular_achado`.

In what descends from the source, rows are found by the names of its key columns, which mean the
same everywhere.
"""

from loaders.armazem.sql import identificador
from loaders.nucleo.erros import LastroError
from loaders.publicacao.modelos import ESTRELA
from loaders.titulares.guardadas import Guardada
from loaders.titulares.mapa import colunas_de_chave

DESCRICAO_NO_PLANO = "coalesce(m.descricao_movimentacao, m.id_movimentacao_cartao)"


def condicao(tabela: Guardada, fonte: str) -> str:
    """SQL: whether a row is about the people in `titular_achado`; empty where none can be."""
    if not tabela.pode_ter(fonte):
        return ""
    return " or ".join(
        f"{como_texto(tabela, c)} in (select valor from titular_achado where coluna = '{chave}')"
        for c, chave in tabela.ids(colunas_de_chave(fonte)).items()
    )


def como_texto(tabela: Guardada, coluna: str, de: str = "") -> str:
    """SQL: a column, as text where it is none.

    Args:
        tabela: its table.
        coluna: its name.
        de: how the statement calls the table, with a dot.
    """
    nome = f"{de}{identificador(coluna)}"
    return nome if coluna in tabela.textos else f"cast({nome} as text)"


def condicao_no_plano(tabela: Guardada, todas: list[Guardada], como: str) -> str:
    """The same for the extract without a key: a row says all that a movement of theirs says.

    The kind of account is left out: the extract has it as it was typed, and so has dim_conta only
    since it has the column `tipo_conta_digitado`. The card says whose account it is.

    Args:
        tabela: the extract.
        todas: the tables among which those that it was made of are.
        como: the name under which the statement knows the extract.
    """
    feita_de = {t.modelo: t for t in todas if t.grupo == tabela.grupo and t.modelo in ESTRELA}
    if len(feita_de) < len(ESTRELA):
        raise LastroError(
            f"{tabela} cannot be searched for a person: the tables that it was made of"
            f" ({', '.join(ESTRELA)}) are not beside it."
        )
    fato, associado, conta, cartao = (str(feita_de[nome]) for nome in ESTRELA)
    iguais = " and ".join(
        f"{como}.{coluna} is not distinct from {valor}"
        for coluna, valor in {
            "nome_associado": "a.nome_associado",
            "sobrenome_associado": "a.sobrenome_associado",
            "vlr_transacao_movimento": "m.valor_movimentacao",
            "des_transacao_movimento": DESCRICAO_NO_PLANO,
            "numero_cartao": "k.numero_cartao",
            "nome_impresso_cartao": "k.nome_impresso_cartao",
            "data_criacao_cartao": "k.data_emissao_cartao",
            "data_criacao_conta": "c.data_criacao_conta",
        }.items()
    )
    return (
        f"exists (select 1 from {fato} as m"
        f" inner join {associado} as a on m.sk_associado = a.sk_associado"
        f" inner join {conta} as c on m.sk_conta = c.sk_conta"
        f" inner join {cartao} as k on m.sk_cartao = k.sk_cartao"
        " where m.id_movimentacao_cartao in"
        " (select valor from titular_achado where coluna = 'id_movimentacao_cartao')"
        f" and {como}.data_movimentacao = replace(cast("
        " date_trunc('second', m.data_hora_movimentacao) as text), ' ', 'T')"
        f" and {iguais})"
    )
