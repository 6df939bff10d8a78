"""The tables that hold rows: whose people can be in each, and whether an erasure may change it.

A raw table belongs to its source. What dbt makes descends from the sources that dbt says
(loaders/projeto/manifesto.py); a published table from those of the model that it is a copy of. A
table of which neither is known, as one that a deleted model left, may hold anybody. What stands in
schemas that are not the project's is only looked at.

What a column tells of a person, its mark says (loaders/contratos/pessoal.py). Where nobody
describes the column, as in a table that no model makes any more or a kept failure of a test, the
mark that its name has elsewhere does.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loaders.armazem import Armazem
from loaders.armazem.sql import identificador
from loaders.contratos import DO_CONTROLE, DO_DBT, Marca, carregaveis, confundidas, fontes
from loaders.nucleo.configuracao import Configuracao, prefixo_valido
from loaders.nucleo.erros import LastroError
from loaders.projeto import manifesto
from loaders.projeto.manifesto import CONHECIDO_ATE

DA_VERSAO = re.compile(r"(.+)__[0-9a-f]{12}__(v.+)")
"""How a partition of a published version is called: the model and the version."""
DE_PUBLICACAO = "pub_"
NINGUEM: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Origem:
    """Where the rows of a table come from.

    Attributes:
        tipo: `raw`, `controle`, what dbt calls it (`model`, `snapshot`, `seed`, `test`), `resto` of
            a table that neither loaders nor the project make, `alheia` in a schema of others.
        fontes: the sources whose people can be in it; nothing where that is not known.
        colunas: the columns that somebody describes, each with its mark, if it has one.
    """

    tipo: str
    fontes: frozenset[str] | None
    colunas: Mapping[str, Marca | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Guardada:
    """A table that holds rows.

    Attributes:
        esquema: its schema, as it is.
        nome: its name, as it is.
        colunas: its columns.
        textos: the types of those that hold text.
        obrigatorias: those that may not be null.
        marcas: what its columns tell of a person.
        derivadas: its surrogate keys of people, each with the key whose hash it is.
        origem: where its rows come from.
        fixa: whether the engine makes its rows itself (a materialized view).
        legivel: whether the user may read it.
    """

    esquema: str
    nome: str
    colunas: frozenset[str] = field(repr=False, compare=False)
    textos: Mapping[str, str] = field(repr=False, compare=False)
    obrigatorias: frozenset[str] = field(repr=False, compare=False)
    marcas: Mapping[str, Marca] = field(repr=False, compare=False)
    derivadas: Mapping[str, str] = field(repr=False, compare=False)
    origem: Origem = field(repr=False, compare=False)
    fixa: bool = field(repr=False, compare=False)
    legivel: bool = field(repr=False, compare=False)

    def __str__(self) -> str:
        """Schema and name, quoted."""
        return f"{identificador(self.esquema)}.{identificador(self.nome)}"

    @property
    def onde(self) -> str:
        """Schema and name, as a person reads them."""
        return f"{self.esquema}.{self.nome}"

    @property
    def do_projeto(self) -> bool:
        """Whether it stands in a schema of the project's."""
        return self.origem.tipo != "alheia"

    @property
    def modelo(self) -> str:
        """What it is a copy of: its name, but for a partition of a published version."""
        achado = DA_VERSAO.fullmatch(self.nome)
        return achado[1] if achado else self.nome

    @property
    def versao(self) -> str:
        """The published version whose partition it is; empty for other tables."""
        achado = DA_VERSAO.fullmatch(self.nome)
        return achado[2] if achado else ""

    @property
    def grupo(self) -> tuple[str, str]:
        """What it shares with the tables that were made with it: schema, and version if any."""
        return self.esquema, self.versao

    @property
    def muda(self) -> bool:
        """Whether an erasure may change it."""
        return self.do_projeto and not self.fixa

    @property
    def pessoais(self) -> dict[str, Marca]:
        """The columns of which nothing is left once the person is erased."""
        return {coluna: marca for coluna, marca in self.marcas.items() if marca.some}

    @property
    def texto(self) -> str | None:
        """The column in which values of several columns are one text, where it can be changed."""
        return next(
            (c for c, m in self.marcas.items() if m.texto and c in self.textos and self.muda), None
        )

    def ids(self, chaves: Sequence[str]) -> dict[str, str]:
        """Its columns that hold ids of some keys, each with the key: by their names or marks."""
        do_nome = {c: c for c in chaves if c in self.colunas}
        return do_nome | {
            c: m.ids_de
            for c, m in sorted(self.marcas.items())
            if m.ids_de and m.ids_de in chaves and c not in do_nome
        }

    def pode_ter(self, fonte: str) -> bool:
        """Whether people of a source can be in it."""
        return self.origem.fontes is None or fonte in self.origem.fontes


def guardadas(armazem: Armazem) -> list[Guardada]:
    """Every table of the warehouse that holds rows, without those of other sandboxes."""
    colunas: dict[tuple[str, str], list[tuple[str, str | None, bool]]] = defaultdict(list)
    estados: dict[tuple[str, str], list[bool]] = {}
    for esquema, nome, coluna, texto, obrigatoria, *estado in armazem.linhas(armazem.GUARDADAS):
        colunas[esquema, nome].append((coluna, texto, obrigatoria))
        estados[esquema, nome] = estado
    projeto = _Projeto(armazem.config)
    prefixos = prefixos_de({esquema for esquema, _ in colunas}) | {armazem.config.prefixo}
    achadas = []
    for (esquema, nome), dela in sorted(colunas.items()):
        prefixo = max((p for p in prefixos if esquema.startswith(p)), key=len, default=None)
        sem_prefixo = CONHECIDO_ATE.sub("", esquema.removeprefix(armazem.config.prefixo), count=1)
        if esquema.startswith(armazem.config.prefixo) and sem_prefixo in projeto.nossos:
            prefixo = armazem.config.prefixo
        if prefixo not in (None, armazem.config.prefixo):
            continue
        origem = Origem("alheia", None)
        if prefixo is not None:
            origem = projeto.origem(esquema.removeprefix(prefixo), nome)
        nomes = frozenset(c for c, *_ in dela)
        fixa, legivel, de_outro = estados[esquema, nome]
        achadas.append(
            Guardada(
                esquema,
                nome,
                colunas=nomes,
                textos={c: texto for c, texto, _ in dela if texto},
                obrigatorias=frozenset(c for c, _, obrigatoria in dela if obrigatoria),
                marcas=projeto.marcas(origem, nomes),
                derivadas={c: k for c, k in projeto.derivadas.items() if c in nomes},
                origem=origem,
                fixa=fixa,
                # What others put on a table of theirs would run when it is read.
                legivel=legivel and not (de_outro and origem.tipo == "alheia"),
            )
        )
    return achadas


def prefixos_de(esquemas: set[str]) -> set[str]:
    """The prefixes of the warehouses that stand in a database, by its schemas."""
    raws = [f.esquema for f in carregaveis()]
    de_controle = fontes()[DO_CONTROLE].esquema
    prefixos = {e.removesuffix(de_controle) for e in esquemas if e.endswith(de_controle)}
    return {p for p in prefixos if prefixo_valido(p) and any(p + raw in esquemas for raw in raws)}


class _Projeto:
    """What loaders, dbt and publications make, by schema and name without a prefix."""

    def __init__(self, config: Configuracao) -> None:
        self.origens: dict[tuple[str, str], Origem] = {}
        self.dos_esquemas: dict[str, set[str]] = defaultdict(set)
        """The sources of each raw schema."""
        self.nossos = {"publicacao"}
        self.por_modelo: dict[str, list[Origem]] = defaultdict(list)
        for no in manifesto.nos(config):
            if duas := sorted(confundidas(no.fontes) & no.colunas.keys()):
                raise LastroError(
                    f"{no.esquema}.{no.nome} descends from {' and '.join(sorted(no.fontes))}, and"
                    f" {', '.join(duas)} is a key or holder column in two of them: nobody could"
                    " tell whose row is meant. Give it another name in the model, with `ids_de`."
                )
            # Of what names no source at all it is not known what it reads.
            origem = Origem(no.tipo, no.fontes or None, no.colunas)
            self.origens[no.esquema, no.nome] = origem
            self.por_modelo[no.nome].append(origem)
            self.nossos.add(no.esquema)
        for fonte, da_fonte in fontes().items():
            for tabela in da_fonte.tabelas:
                self.nossos.add(tabela.esquema)
                colunas = {c.nome: tabela.marcas.get(c.nome) for c in tabela.colunas}
                if fonte in (DO_CONTROLE, DO_DBT):
                    de_todas = None if tabela.nome == "rejeicoes" else NINGUEM
                    origem = Origem("controle", de_todas, colunas)
                else:
                    origem = Origem("raw", frozenset({fonte}), colunas)
                    self.dos_esquemas[tabela.esquema].add(fonte)
                self.origens[tabela.esquema, tabela.nome] = origem
        self.vocabulario, self.derivadas = _pelo_nome(self.origens.values())

    def marcas(self, origem: Origem, colunas: Iterable[str]) -> dict[str, Marca]:
        """What the columns of a table tell of a person."""
        achadas = {
            c: origem.colunas[c] if c in origem.colunas else self.vocabulario.get(c)
            for c in colunas
        }
        return {coluna: marca for coluna, marca in achadas.items() if marca}

    def origem(self, esquema: str, nome: str) -> Origem:
        """The origin of a table."""
        if achado := CONHECIDO_ATE.match(esquema):
            esquema = esquema[achado.end() :]
        if esquema == "publicacao":
            return self._da_parte(nome)
        publicada = esquema.startswith(DE_PUBLICACAO)
        esquema = esquema.removeprefix(DE_PUBLICACAO)
        if achada := self.origens.get((esquema, nome)):
            return achada
        if esquema in self.dos_esquemas:
            return Origem("resto", frozenset(self.dos_esquemas[esquema]))
        return Origem("resto" if publicada or esquema in self.nossos else "alheia", None)

    def _da_parte(self, nome: str) -> Origem:
        """The origin of a partition, whose name holds no more than the beginning of the model's."""
        achado = DA_VERSAO.fullmatch(nome)
        if achado is None:
            return Origem("resto", None) if "__" in nome else Origem("controle", NINGUEM)
        origens = self.por_modelo.get(achado[1]) or [
            o for modelo, deles in self.por_modelo.items() if modelo.startswith(achado[1])
            for o in deles
        ]  # fmt: skip
        if len(origens) == 1:
            return origens[0]
        todas = [o.fontes for o in origens]
        juntas = frozenset[str]().union(*(f for f in todas if f is not None))
        return Origem(
            "model" if origens else "resto",
            juntas if todas and None not in todas else None,
            {c: m for o in origens for c, m in o.colunas.items() if m},
        )


def _pelo_nome(origens: Iterable[Origem]) -> tuple[dict[str, Marca], dict[str, str]]:
    """What a name means where nobody describes the column, and the surrogate keys of people.

    Of several marks the one counts that says what stands there after an erasure.

    Raises:
        LastroError: a surrogate key is made of one key here and of another one there.
    """
    vocabulario: dict[str, Marca] = {}
    derivadas: dict[str, str] = {}
    for origem in origens:
        for coluna, marca in origem.colunas.items():
            if marca and marca.some and (marca.apagado or coluna not in vocabulario):
                vocabulario[coluna] = marca
            if not marca or not marca.chave_de:
                continue
            if derivadas.setdefault(coluna, marca.chave_de) != marca.chave_de:
                raise LastroError(
                    f"{coluna} is `chave_de: {marca.chave_de}` in one model and"
                    f" `chave_de: {derivadas[coluna]}` in another. Give one another name."
                )
    return vocabulario, derivadas
