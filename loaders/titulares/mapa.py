"""Where the data of a person stand: from a source and an id to the rows of every table.

The sources' YAML says of each raw table what its key is and by which column a row is somebody's
(`meta.titular`). From there the keys of a person's accounts, cards, invoices are found. In what
descends from the source, rows are found by the names of these columns, which mean the same
everywhere, and by values that cannot be anybody else's.
"""

import hashlib
import hmac
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from loaders.armazem import Armazem
from loaders.armazem.sql import diz_nada, em_branco, identificador
from loaders.contratos import ILEGIVEIS, Tabela, fontes
from loaders.controle.supressao import TOKEN, partes
from loaders.nucleo.erros import LastroError
from loaders.publicacao.modelos import ESTRELA
from loaders.titulares.guardadas import Guardada

NAO_INFORMADO = "'NAO INFORMADO'"
PESSOAIS = {
    "nome": "null",
    "data_nascimento": "null",
    "estado_civil": "null",
    "escolaridade": "null",
    "estado_civil_digitado": "null",
    "escolaridade_digitada": "null",
    "nome_associado": "null",
    "sobrenome_associado": "null",
    "data_nascimento_associado": "null",
    "idade_associado": "null",
    "faixa_etaria": NAO_INFORMADO,
    "estado_civil_associado": NAO_INFORMADO,
    "escolaridade_associado": NAO_INFORMADO,
    "numero_cartao": "null",
    "numero_cartao_token": "null",
    "nome_impresso_cartao": "null",
    "descricao_movimentacao": "null",
    ILEGIVEIS: f"regexp_replace({ILEGIVEIS}, '=[^;]*', '=', 'g')",
}
"""Columns that are about a person, and what stands there (SQL) once the person is erased: what the
models make of nothing."""

DERIVADAS = {"sk_conta": "id_conta", "sk_cartao": "id_cartao", "sk_associado": "id_associado"}
"""Surrogate keys, which are hashes of a business key (macro chave_substituta), with that key."""

TEXTOS = {"rejeicoes": "linha_bruta", "rec_duplicatas": "diferencas"}
"""Tables in which values of several columns are one text, with its column."""
DIFERENCA = re.compile(r"(id_\w+): (.*?), fica (.*?)(?=; \w+: |$)")

DESCRICAO_NO_PLANO = "coalesce(m.descricao_movimentacao, m.id_movimentacao_cartao)"
IDENTIFICAM = ("nome", "nome_impresso_cartao", "numero_cartao", "numero_cartao_token")
"""Columns of raw whose values, whole, can tell who somebody is: names, and numbers of cards."""
PARTICULAS = re.compile(r"\b(Da|Das|De|Do|Dos|E)\b")

Valores = dict[str, set[str]]
"""Values of the key columns, by column."""


def tabelas_da(fonte: str) -> tuple[Tabela, ...]:
    """The tables of a source whose rows are about people, each after the one that it leads to."""
    com_titular = [t for t in fontes()[fonte].tabelas if t.titular]
    return tuple(sorted(com_titular, key=lambda t: len(_caminho(t, com_titular))))


def _caminho(tabela: Tabela, tabelas: Iterable[Tabela]) -> list[Tabela]:
    """The tables from one to the person, each by the key that the one before names."""
    caminho = [tabela]
    while mais := [
        t for t in tabelas if t.chave_simples == caminho[-1].titular and t not in caminho
    ]:
        caminho += mais[:1]
    return caminho


def fontes_com_titulares() -> list[str]:
    """The sources that know people."""
    return [fonte for fonte in fontes() if tabelas_da(fonte)]


def coluna_da_pessoa(fonte: str) -> str:
    """The column that is the person's own id."""
    return str(tabelas_da(fonte)[0].titular)


def colunas_que_levam(fonte: str) -> tuple[str, ...]:
    """The columns by which a row is somebody's: the person's own id, and those of what has rows."""
    return tuple(dict.fromkeys(str(t.titular) for t in tabelas_da(fonte)))


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
        raw, chave, dono = armazem.qualificado(tabela), tabela.chave_simples, tabela.titular
        deles = f"{dono} in (select valor from titular_achado where coluna = '{dono}')"
        if chave and chave != pessoa:
            achadas[chave] |= _valores(
                armazem,
                f"select {chave} from (select {chave}, {dono}, row_number() over"
                f" (partition by {chave} order by _carga_id desc, _linha desc) as ordem"
                f" from {raw} where not ({em_branco(str(dono))})"
                f" and {chave} in (select {chave} from {raw} where {deles})) as donos"
                f" where ordem = 1 and {deles}",
            )
        for coluna in sorted({c.nome for c in tabela.da_fonte} & casas.keys() - {chave, dono}):
            achadas[coluna] |= _valores(
                armazem,
                f"select distinct r.{coluna} from {raw} as r where r.{deles} and not exists"
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
                deles = f" where coluna = '{coluna}'" if dela == fonte else " where false"
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
        f"select distinct {coluna} from {armazem.qualificado(tabela)} where {{}}"
        f" ({por} in (select valor from titular_achado where coluna = '{por}'))"
        for tabela in tabelas_da(fonte)
        for por in (tabela.chave_simples or tabela.titular,)
        for coluna in IDENTIFICAM
        if any(c.nome == coluna and c.tipo == "text" for c in tabela.colunas)
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


def _forma(nome: str) -> str:
    """A name without case, accents and more than one space."""
    return " ".join(_sem_acentos(nome.casefold()).split())


def _escritas(nome: str) -> Iterator[str]:
    """The ways in which a model may write a whole name that raw holds."""
    for letras in (nome, _sem_acentos(nome)):
        for espacos in (letras, " ".join(letras.split())):
            yield from (espacos, espacos.upper(), espacos.lower(), espacos.title())
            yield PARTICULAS.sub(lambda a: a[0].lower(), espacos.title())


def _sem_acentos(nome: str) -> str:
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


@dataclass(frozen=True)
class Trocas:
    """What is put in the place of which value.

    Attributes:
        fonte: the source.
        segredo: of which the tokens are made.
        chaves: the values that are replaced, by column.
        unicos: what is replaced wherever it stands alone.
    """

    fonte: str
    segredo: str
    chaves: Valores
    unicos: Unicos = Unicos()

    def token(self, coluna: str, valor: str) -> str:
        """What stands for a value of a column: nothing, to anybody without the secret."""
        resumo = hmac.digest(self.segredo.encode(), f"{coluna}\n{valor}".encode(), "sha256")
        return TOKEN + resumo.hex()[:32]

    def linhas(self) -> list[tuple[str, ...]]:
        """Column, value and token of all."""
        return [
            (coluna, valor, self.token(coluna, valor))
            for coluna, valores in self.chaves.items()
            for valor in sorted(valores)
        ]

    def valores(self) -> list[tuple[str, ...]]:
        """What is theirs wherever it stands alone: value, its token, and `chave` or `nome`."""
        escritos = {e for nome in self.unicos.nomes for e in _escritas(nome)}
        return [
            *((v, self._de_qualquer[v], "chave") for v in sorted(self.unicos.chaves)),
            *((e, self.token("nome", e), "nome") for e in sorted(escritos - self.unicos.chaves)),
        ]

    def em_linha(self, linha: str) -> str:
        """A line that is no row: where a field is one of the values, only tokens are left of it."""
        campos = partes(linha)
        tokens = [self._de_qualquer.get(campo.strip(), "") for campo in campos[::2]]
        if not any(tokens):
            return linha
        campos[::2] = tokens
        return "".join(campos)

    def em_diferencas(self, texto: str) -> str:
        """The text of rec_duplicatas (`id_cliente: 1, fica 2; ...`) with tokens for the values."""

        def trocar(achado: re.Match[str]) -> str:
            coluna, *valores = achado.groups()
            antes, depois = (
                self.token(coluna, v) if v in self.chaves.get(coluna, ()) else v for v in valores
            )
            return f"{coluna}: {antes}, fica {depois}"

        return DIFERENCA.sub(trocar, texto)

    @cached_property
    def _de_qualquer(self) -> dict[str, str]:
        """The token of each value, whatever its column."""
        return {valor: token for _, valor, token in self.linhas()}

    def com(self, outras: Valores) -> "Trocas":
        """The same with more values."""
        chaves = {c: v | outras.get(c, set()) for c, v in self.chaves.items()}
        return replace(self, chaves=chaves)


def chave_substituta(*campos: str) -> uuid.UUID:
    """The surrogate key that the macro chave_substituta makes of some fields."""
    texto = campos[0] if len(campos) == 1 else "-".join(f"{len(c)}:{c}" for c in campos)
    return uuid.UUID(hashlib.md5(texto.encode(), usedforsecurity=False).hexdigest())


def por_trocas(armazem: Armazem, trocas: Trocas) -> None:
    """Put what is replaced by what into `titular_achado`."""
    temporaria(armazem, "titular_achado", ("coluna", "valor", "token"), trocas.linhas())


def condicao(tabela: Guardada, fonte: str) -> str:
    """SQL: whether a row is about the people in `titular_achado`; empty where none can be."""
    if not tabela.pode_ter(fonte):
        return ""
    return " or ".join(
        f"{como_texto(tabela, c)} in (select valor from titular_achado where coluna = '{c}')"
        for c in colunas_de_chave(fonte)
        if c in tabela.colunas
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
            "tipo_conta": "c.tipo_conta",
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
