"""What the star schema must hold, computed in plain Python from what the source held.

Written from the definitions of the domain alone; it shares no SQL with the project. `calcular`
takes the extractions, `ler` asks a warehouse for the same things with every surrogate key followed
to the business key it stands for, and `conferir` compares the two: every column of every row.
"""

import csv
import hashlib
import hmac
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar

import psycopg

from loaders import PROJETO

TABELAS: dict[str, tuple[str, ...]] = {
    "associado": ("id_associado", "nome", "data_nascimento", "estado_civil", "escolaridade"),
    "conta": (
        "id_conta", "id_associado", "tipo_conta", "agencia", "situacao_conta", "data_criacao_conta",
    ),
    "cartao": (
        "id_cartao", "id_conta", "numero_cartao", "nome_impresso_cartao", "bandeira_cartao",
        "tipo_cartao", "data_emissao",
    ),
    "movimentacao_cartao": (
        "id_movimentacao_cartao", "id_cartao", "descricao_movimentacao", "valor_movimentacao",
        "data_movimentacao",
    ),
}  # fmt: skip
"""The source's tables and columns; the first column is the key."""

FLAT = (
    "nome_associado", "sobrenome_associado", "idade_associado", "vlr_transacao_movimento",
    "des_transacao_movimento", "data_movimentacao", "numero_cartao", "nome_impresso_cartao",
    "data_criacao_cartao", "tipo_conta", "data_criacao_conta",
)  # fmt: skip
"""The columns of movimento_flat, in the order the business asked for."""

INICIO_DOS_TEMPOS = datetime(1900, 1, 1)
FIM_DOS_TEMPOS = datetime(9999, 12, 31)
DESCONHECIDO = "DESCONHECIDO"
NAO_INFORMADO = "NAO INFORMADO"
CHAVE_DOS_CARTOES = "a key that only the tests know"

Linha = tuple[Any, ...]
Linhas = dict[str, Linha]
UmaLinha = TypeVar("UmaLinha", bound=Linha)


class Consultavel(Protocol):
    """A warehouse that can be asked."""

    def linhas(self, sql: str) -> list[Linha]:
        """Run a query and return its rows."""
        ...


@dataclass(frozen=True)
class Extracao:
    """The source's tables at a moment (UTC): rows by key, columns as in `TABELAS`."""

    instante: datetime
    tabelas: dict[str, Linhas]

    @property
    def sem_fuso(self) -> datetime:
        """The moment as the warehouse writes it: UTC, without a zone."""
        return self.instante.astimezone(UTC).replace(tzinfo=None)


@dataclass
class Versao:
    """One version of an associado."""

    atributos: tuple[int | None, str, str]
    valido_de: datetime
    valido_ate: datetime = FIM_DOS_TEMPOS


class DoAssociado(NamedTuple):
    """A row of core.dim_associado, but for its key."""

    id_associado: str
    nome: str | None
    sobrenome: str | None
    nascimento: date | None
    idade: int | None
    faixa: str
    estado_civil: str
    escolaridade: str
    valido_de: datetime
    valido_ate: datetime
    ativo: bool
    versao: int


class DoMovimento(NamedTuple):
    """A row of core.fact_movimentacao, its keys as the ids and the version that they stand for."""

    id_associado: str
    versao: int
    id_conta: str
    id_cartao: str
    sk_data: int
    id_movimentacao: str
    descricao: str | None
    valor: Decimal
    quando: datetime


@dataclass(frozen=True)
class Esperado:
    """The rows of core, keys replaced by what they stand for, sorted; and the flat extract."""

    dim_associado: list[DoAssociado]
    dim_conta: list[Linha]
    dim_cartao: list[Linha]
    fact_movimentacao: list[DoMovimento]
    movimento_flat: list[Linha]
    em_quarentena: list[str]
    cadastro_em_quarentena: list[Linha]


# Rules


def limpo(texto: str | None) -> str | None:
    """Trimmed, inner spaces collapsed, upper case; None where nothing is left."""
    return " ".join((texto or "").split()).upper() or None


def idade(nascimento: date | None, dia: date) -> int | None:
    """Whole years on a day: counted on the birthday, which 29 February has on 1 March."""
    if nascimento is None or nascimento > dia:
        return None
    return dia.year - nascimento.year - ((dia.month, dia.day) < (nascimento.month, nascimento.day))


def chave(texto: str | None) -> str:
    """A text without case, accents, punctuation, gender endings and spaces."""
    decomposto = unicodedata.normalize("NFKD", texto or "")
    plano = "".join(c for c in decomposto if not unicodedata.combining(c)).upper()
    palavras = re.sub(r"[^A-Z0-9]+", " ", plano).split()
    return "".join(re.sub(r"[AO]S?$", "", palavra) for palavra in palavras)


@cache
def lista_canonica(coluna: str) -> dict[str, str]:
    """The canonical value of each text that the seed names, by the text's key."""
    arquivo = PROJETO / "seeds" / "sicooperative" / f"mapa_{coluna}.csv"
    with arquivo.open(encoding="utf-8", newline="") as aberto:
        return {chave(linha["texto"]): linha[coluna] for linha in csv.DictReader(aberto)}


def canonico(coluna: str, texto: str | None) -> str:
    """The canonical value of a typed text: only a blank one says nothing."""
    if limpo(texto) is None:
        return NAO_INFORMADO
    return lista_canonica(coluna).get(chave(texto), "NAO MAPEADO")


@cache
def _categorias() -> dict[tuple[str, str], str]:
    arquivo = PROJETO / "seeds" / "sicooperative" / "mapa_categorias.csv"
    with arquivo.open(encoding="utf-8", newline="") as aberto:
        return {
            (linha["coluna"], chave(linha["texto"])): linha["categoria"]
            for linha in csv.DictReader(aberto)
        }


def categoria(coluna: str, texto: str | None) -> str | None:
    """The category of an account or a card; a text that no list has stays as it is, cleaned."""
    return _categorias().get((coluna, chave(texto)), limpo(texto))


@cache
def _faixas() -> list[tuple[int, int, str]]:
    arquivo = PROJETO / "seeds" / "sicooperative" / "faixas_etarias.csv"
    with arquivo.open(encoding="utf-8", newline="") as aberto:
        return [
            (int(linha["idade_de"]), int(linha["idade_ate"]), linha["faixa_etaria"])
            for linha in csv.DictReader(aberto)
        ]


def faixa(anos: int | None) -> str:
    """The age band."""
    if anos is None:
        return NAO_INFORMADO
    return next((nome for de, ate, nome in _faixas() if de <= anos <= ate), NAO_INFORMADO)


def mascarado(numero: str | None) -> str | None:
    """A card number with its last four digits; none of a number too short to hide any."""
    if numero is None:
        return None
    digitos = re.sub("[^0-9]", "", numero)
    return f"**** **** **** {digitos[-4:] if len(digitos) >= 8 else '****'}"


def token(numero: str | None) -> str | None:
    """The keyed token of a card number."""
    digitos = re.sub("[^0-9]", "", numero or "")
    if not digitos:
        return None
    return hmac.new(CHAVE_DOS_CARTOES.encode(), digitos.encode(), hashlib.sha256).hexdigest()


SEM_VALOR = ("", "null", "nan", "\\n", "#n/a", "#n/d", "#ref!", "#value!")


def inutil(*ids: str | None) -> bool:
    """Whether one of some ids is blank, longer than 200 characters or a number in E notation."""
    return any(
        (id_ or "").strip(" \t\u00a0").lower() in SEM_VALOR
        or len(id_ or "") > 200
        or re.fullmatch(r"-?[0-9]([.,][0-9]+)?[eE]\+[0-9]{2,3}", id_ or "")
        for id_ in ids
    )


def em_quarentena(movimento: Linha, hoje: date) -> bool:
    """Whether a movement is set aside; `hoje` is the day of the load, by the clock."""
    id_, id_cartao, _, valor, quando = movimento
    if inutil(id_, id_cartao):
        return True
    if valor is None or quando is None:
        return True
    return quando < datetime(1990, 1, 1) or quando.date() > hoje.replace(year=hoje.year + 5, day=1)


# The star schema


def versoes(extracoes: Sequence[Extracao]) -> dict[str, list[Versao]]:
    """The versions of each associado, in order."""
    historia: dict[str, list[Versao]] = {}
    for extracao in extracoes:
        presentes = {
            id_: li for id_, li in extracao.tabelas["associado"].items() if not inutil(id_)
        }
        agora = extracao.sem_fuso
        for id_, todas in historia.items():
            if id_ not in presentes and todas[-1].valido_ate == FIM_DOS_TEMPOS:
                todas[-1].valido_ate = agora
        for id_, (_, _, nascimento, civil, escola) in presentes.items():
            atributos = (
                idade(nascimento, agora.date()),
                canonico("estado_civil", civil),
                canonico("escolaridade", escola),
            )
            todas = historia.setdefault(id_, [])
            aberta = bool(todas) and todas[-1].valido_ate == FIM_DOS_TEMPOS
            if aberta and todas[-1].atributos == atributos:
                continue
            if aberta:
                todas[-1].valido_ate = agora
            todas.append(Versao(atributos, agora if todas else INICIO_DOS_TEMPOS))
    return historia


IDS = {"associado": 1, "conta": 2, "cartao": 2}
"""How many ids stand at the beginning of a row."""


def _mais_recentes(extracoes: Sequence[Extracao], tabela: str) -> Linhas:
    """Each key ever seen, with its newest content, where the ids in that are usable."""
    linhas: Linhas = {}
    for extracao in extracoes:
        linhas.update(extracao.tabelas[tabela])
    return {id_: li for id_, li in linhas.items() if not inutil(*li[: IDS[tabela]])}


def _nomes(nome: str | None) -> tuple[str | None, str | None]:
    primeiro, _, resto = (limpo(nome) or "").partition(" ")
    return primeiro or None, resto or None


def calcular(extracoes: Sequence[Extracao], hoje: date | None = None) -> Esperado:
    """What core and the flat extract hold after these extractions, given in order of time."""
    hoje = hoje or datetime.now(UTC).date()
    associados = _mais_recentes(extracoes, "associado")
    contas = _mais_recentes(extracoes, "conta")
    cartoes = _mais_recentes(extracoes, "cartao")
    historia = versoes(extracoes)
    ultima = extracoes[-1].tabelas
    movimentos = [
        linha for linha in ultima["movimentacao_cartao"].values() if not em_quarentena(linha, hoje)
    ]

    dim_associado = [
        DoAssociado(DESCONHECIDO, DESCONHECIDO, None, None, None, NAO_INFORMADO, NAO_INFORMADO,
                    NAO_INFORMADO, INICIO_DOS_TEMPOS, FIM_DOS_TEMPOS, True, 1)
    ]  # fmt: skip
    for id_, todas in historia.items():
        _, nome, nascimento, _, _ = associados[id_]
        for numero, versao in enumerate(todas, start=1):
            anos, civil, escola = versao.atributos
            dim_associado.append(
                DoAssociado(id_, *_nomes(nome), nascimento, anos, faixa(anos), civil, escola,
                            versao.valido_de, versao.valido_ate,
                            versao.valido_ate == FIM_DOS_TEMPOS, numero)
            )  # fmt: skip

    dim_conta: list[Linha] = [(DESCONHECIDO, DESCONHECIDO, *[None] * 5, False)]
    for id_, (_, dono, tipo, agencia, situacao, criada) in contas.items():
        dim_conta.append(
            (id_, dono, categoria("tipo_conta", tipo), limpo(tipo), limpo(agencia),
             categoria("situacao_conta", situacao), criada, id_ not in ultima["conta"])
        )  # fmt: skip

    dim_cartao: list[Linha] = [(DESCONHECIDO, DESCONHECIDO, *[None] * 6, False)]
    for id_, (_, conta, numero, impresso, bandeira, tipo, emitido) in cartoes.items():
        dim_cartao.append(
            (id_, conta, mascarado(numero), token(numero), limpo(impresso),
             categoria("bandeira_cartao", bandeira), categoria("tipo_cartao", tipo), emitido,
             id_ not in ultima["cartao"])
        )  # fmt: skip

    fato, flat = [], []
    for id_, id_cartao, descricao, valor, quando in movimentos:
        cartao = cartoes.get(id_cartao)
        conta = contas.get(cartao[1]) if cartao else None
        todas = historia.get(conta[1]) if conta else None
        # The newest version that had begun when it happened, whether or not it still stood.
        qual = bisect_right([v.valido_de for v in todas], quando) if todas else 1
        fato.append(
            DoMovimento(
                conta[1] if conta and todas else DESCONHECIDO,
                qual,
                conta[0] if conta else DESCONHECIDO,
                id_cartao if cartao else DESCONHECIDO,
                int(f"{quando:%Y%m%d}"),
                id_,
                limpo(descricao),
                valor,
                quando,
            )
        )
        pessoa = associados[conta[1]] if conta and todas else None
        flat.append(
            (
                id_,
                *(_nomes(pessoa[1]) if pessoa else (DESCONHECIDO, None)),
                idade(pessoa[2], quando.date()) if pessoa else None,
                valor,
                limpo(descricao) or id_,
                quando.isoformat(timespec="seconds"),
                mascarado(cartao[2]) if cartao else None,
                limpo(cartao[3]) if cartao else None,
                cartao[6] if cartao else None,
                limpo(conta[2]) if conta else None,
                conta[5] if conta else None,
            )
        )
    return Esperado(
        ordenado(dim_associado),
        ordenado(dim_conta),
        ordenado(dim_cartao),
        ordenado(fato),
        [linha[1:] for linha in sorted(flat, key=lambda linha: linha[0].encode())],
        sorted(
            str(linha[0])
            for linha in ultima["movimentacao_cartao"].values()
            if em_quarentena(linha, hoje)
        ),
        ordenado(
            (tabela, *linha[:quantos])
            for tabela, quantos in IDS.items()
            for linha in ultima[tabela].values()
            if inutil(*linha[:quantos])
        ),
    )


# The source and the warehouse, in the same terms


def ler_fonte(dsn: str, instante: datetime) -> Extracao:
    """What a source database holds, as the extraction of a moment."""
    with psycopg.connect(dsn) as conexao:
        return Extracao(
            instante,
            {
                tabela: {
                    linha[0]: linha
                    for linha in conexao.execute(f"select {', '.join(colunas)} from {tabela}")
                }
                for tabela, colunas in TABELAS.items()
            },
        )


def ler(armazem: Consultavel) -> Esperado:
    """What a warehouse holds, every key followed to the row it names.

    A key that stands twice, or that finds no row, fails here.
    """
    colunas = {
        "dim_associado": (
            "id_associado, nome_associado, sobrenome_associado, data_nascimento_associado,"
            " idade_associado, faixa_etaria, estado_civil_associado, escolaridade_associado,"
            " valido_de, valido_ate, registro_ativo, versao"
        ),
        "dim_conta": (
            "id_conta, id_associado, tipo_conta, tipo_conta_digitado, agencia, situacao_conta,"
            " data_criacao_conta, excluido_na_origem"
        ),
        "dim_cartao": (
            "id_cartao, id_conta, numero_cartao, numero_cartao_token, nome_impresso_cartao,"
            " bandeira_cartao, tipo_cartao, data_emissao_cartao, excluido_na_origem"
        ),
    }
    dimensoes: dict[str, dict[Any, Linha]] = {}
    for tabela, lista in colunas.items():
        linhas = armazem.linhas(
            f"select sk_{tabela.removeprefix('dim_')}, {lista} from core.{tabela}"
        )
        dimensoes[tabela] = {linha[0]: linha[1:] for linha in linhas}
        assert len(dimensoes[tabela]) == len(linhas), f"a key of {tabela} stands twice"
    datas = dict(armazem.linhas("select sk_data, data from core.dim_data"))
    fato = []
    for associado, conta, cartao, sk_data, *resto in armazem.linhas(
        "select sk_associado, sk_conta, sk_cartao, sk_data, id_movimentacao_cartao,"
        " descricao_movimentacao, valor_movimentacao, data_hora_movimentacao"
        " from core.fact_movimentacao"
    ):
        pessoa = DoAssociado._make(dimensoes["dim_associado"][associado])
        assert datas[sk_data] == resto[-1].date(), "the day of a movement"
        fato.append(
            DoMovimento(pessoa.id_associado, pessoa.versao, dimensoes["dim_conta"][conta][0],
                        dimensoes["dim_cartao"][cartao][0], sk_data, *resto)
        )  # fmt: skip
    flat = armazem.linhas(
        f"select id_movimentacao_cartao, {', '.join(FLAT)} from intermediate.int_movimentacao__flat"
    )
    publicado = armazem.linhas(f"select {', '.join(FLAT)} from core.movimento_flat")
    assert ordenado(publicado) == ordenado(linha[1:] for linha in flat)
    return Esperado(
        ordenado(map(DoAssociado._make, dimensoes["dim_associado"].values())),
        ordenado(dimensoes["dim_conta"].values()),
        ordenado(dimensoes["dim_cartao"].values()),
        fact_movimentacao=ordenado(fato),
        movimento_flat=[linha[1:] for linha in sorted(flat, key=lambda linha: linha[0].encode())],
        em_quarentena=sorted(
            str(id_)
            for (id_,) in armazem.linhas(
                "select id_movimentacao_cartao from quarentena.movimentacao_cartao"
            )
        ),
        cadastro_em_quarentena=ordenado(
            (tabela, *linha)
            for tabela, quantos in IDS.items()
            for linha in armazem.linhas(
                f"select {', '.join(TABELAS[tabela][:quantos])} from quarentena.{tabela}"
            )
        ),
    )


def conferir(armazem: Consultavel, extracoes: Sequence[Extracao], hoje: date | None = None) -> None:
    """Compare a warehouse with the oracle, and its reconciliation with both."""
    esperado, obtido = calcular(extracoes, hoje), ler(armazem)
    for tabela in Esperado.__annotations__:
        iguais(tabela, getattr(obtido, tabela), getattr(esperado, tabela))
    soma = sum((linha.valor for linha in esperado.fact_movimentacao), Decimal(0))
    reconciliado = armazem.linhas(
        "select coalesce(sum(linhas_staging), 0), coalesce(sum(valor_staging), 0),"
        " coalesce(sum(linhas_mart), 0), coalesce(sum(valor_mart), 0),"
        " coalesce(sum(linhas_quarentena), 0), coalesce(sum(diferenca_linhas), 0),"
        " coalesce(sum(diferenca_valor), 0) from reconciliacao.rec_movimentacoes"
    )
    linhas = len(esperado.fact_movimentacao)
    assert reconciliado == [
        (linhas, soma, linhas, soma, len(esperado.em_quarentena), 0, Decimal(0))
    ]


def iguais(nome: str, obtido: Sequence[Any], esperado: Sequence[Any]) -> None:
    """Assert that two lists are equal, and show the first rows that are not."""
    if obtido == esperado:
        return
    sobram = list((Counter(obtido) - Counter(esperado)).elements())
    faltam = list((Counter(esperado) - Counter(obtido)).elements())
    raise AssertionError(
        f"{nome}: {len(sobram)} rows too many, {len(faltam)} missing"
        + "".join(f"\n  found    {linha}" for linha in sobram[:5])
        + "".join(f"\n  expected {linha}" for linha in faltam[:5])
        + ("" if sobram or faltam else "\n  the same rows in another order")
    )


def ordenado(linhas: Iterable[UmaLinha]) -> list[UmaLinha]:
    """Rows in an order that does not depend on the engine."""
    return sorted(linhas, key=lambda linha: [str(valor) for valor in linha])


def tabelas(armazem: Consultavel) -> list[str]:
    """Every table and view of the warehouse, as `schema.name`."""
    return sorted(
        f"{esquema}.{nome}"
        for esquema, nome in armazem.linhas(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema not in ('information_schema', 'pg_catalog')"
        )
    )


def somas(armazem: Consultavel, *fora: str) -> dict[str, str]:
    """A checksum of every row and column of each table and view, but for the schemas `fora`."""
    resultado = {}
    for tabela in tabelas(armazem):
        if tabela.split(".")[0] in fora:
            continue
        linhas = sorted(
            str(texto) for (texto,) in armazem.linhas(f"select cast(t as text) from {tabela} as t")
        )
        resultado[tabela] = hashlib.sha256("\n".join(linhas).encode()).hexdigest()
    return resultado
