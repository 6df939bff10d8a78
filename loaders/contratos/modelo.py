"""What a contract may say of a source, its tables and its columns.

A contract is a dbt sources file. dbt's own keys stay dbt's; all that lastro reads stands under
`config: meta:`, where a key or value that is not known is refused: a misspelt `leitura` would read
all of a table, and a misspelt `titular` make its rows nobody's.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self, get_args

import pyarrow as pa
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from loaders.contratos import pessoal, tipos
from loaders.contratos.padroes import Padrao, confundidos
from loaders.contratos.pessoal import Marca

ILEGIVEIS = "_ilegiveis"
"""Column of a raw table that is read from a database: what its typed columns cannot hold, as text
(`<column>=<value>`, separated by `; `). There the typed columns are null."""

POSTGRES, ARQUIVOS = "postgres", "arquivos"

TECNICAS: dict[str, dict[str, str]] = {
    POSTGRES: {
        ILEGIVEIS: "text",
        "_operacao": "text",
        "_carga_id": "bigint",
        "_tabela": "text",
        "_linha": "bigint",
        "_carregado_em": "timestamptz",
    },
    ARQUIVOS: {
        "_carga_id": "bigint",
        "_arquivo": "text",
        "_linha": "bigint",
        "_carregado_em": "timestamptz",
    },
}
"""The loader's own columns of a raw table, by the way its source is read."""

TODAS = "*"
"""In `ignoradas`: every column that the contract does not name."""

NOME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
FECHADO = ConfigDict(extra="forbid", frozen=True)
DO_DBT = {
    "fonte": {
        "name", "description", "schema", "tables", "tags", "freshness", "loaded_at_field",
        "loader", "data_tests", "config", "overrides", "quoting", "database",
    },
    "tabela": {
        "name", "description", "columns", "data_tests", "tests", "tags", "freshness", "identifier",
        "loaded_at_field", "config", "quoting", "external",
    },
    "coluna": {
        "name", "description", "data_type", "data_tests", "tests", "tags", "config", "quote",
    },
}  # fmt: skip
"""Keys of dbt; what they mean is for dbt to judge."""
DE_FORA = ("fonte", "esquema")
"""What a table has from its source, and cannot say itself."""
DA_FONTE = "da fonte"
"""Where that stands until it is a `Tabela`: no key of a file is called so."""


def _nome(texto: str) -> str:
    if not NOME.fullmatch(texto) or texto in tipos.RESERVADAS:
        raise ValueError(
            f"{texto!r} cannot be a name in the warehouse: up to 63 lower-case letters, digits and"
            " _, beginning with a letter, no word of SQL; its name in the source is `na_fonte`"
        )
    return texto


def _tipo(texto: str) -> str:
    tipos.em_arrow(texto)
    return texto.replace(", ", ",")


def _padrao(texto: str) -> str:
    Padrao.de(texto)
    return texto


def _lido(texto: str) -> str:
    if texto not in ("date", "timestamp") and tipos.partes_decimais(texto) is None:
        raise ValueError(f"{texto!r} is none of date, timestamp and decimal(precision,scale)")
    return texto


def _uma_ou_varias(dito: object) -> object:
    return (dito,) if isinstance(dito, str) else dito


Nome = Annotated[str, AfterValidator(_nome)]
Nomes = Annotated[tuple[Nome, ...], BeforeValidator(_uma_ou_varias)]
Textos = Annotated[tuple[str, ...], BeforeValidator(_uma_ou_varias)]
Separador = Literal[",", ";", "|", "\t"]
SEPARADORES: tuple[Separador, ...] = get_args(Separador)
"""What may stand between the columns of a CSV file."""
Separadores = Annotated[tuple[Separador, ...], BeforeValidator(_uma_ou_varias), Field(min_length=1)]


def _aplanar(dados: Any, do_dbt: set[str], apelidos: Mapping[str, str]) -> Any:
    """One level of what dbt and lastro say of the same thing, by lastro's names.

    Args:
        dados: what stands in the file.
        do_dbt: the keys of dbt; what they say is dropped,
        apelidos: unless it is these, by dbt's name.

    Raises:
        ValueError: a key is neither dbt's nor lastro's.
    """
    if not isinstance(dados, dict) or not all(isinstance(c, str) for c in dados):
        return dados
    if desconhecidas := sorted(dados.keys() - do_dbt):
        if "meta" in desconhecidas:
            raise ValueError("meta stands under `config:`")
        raise ValueError(f"unknown: {', '.join(desconhecidas)}; what is lastro's stands under"
                         " `config: meta:`")  # fmt: skip
    config = dados.get("config") or {}
    meta = config.get("meta") or {} if isinstance(config, dict) else config
    if not isinstance(meta, dict):
        raise ValueError("`config: meta:` holds keys with values")
    if de_fora := sorted(meta.keys() & {*apelidos.values(), *DE_FORA}):
        raise ValueError(f"unknown in `meta`: {', '.join(de_fora)}")
    return {apelido: dados[c] for c, apelido in apelidos.items() if c in dados} | meta


class Coluna(BaseModel):
    """One column of a raw table.

    Attributes:
        nome: its name.
        tipo: its SQL type.
        na_fonte: its name in the source, where that is another one.
        derivada_de: the source's column that it is made of. The source's own need not land.
        derivacao: how it is made (`extracao/derivacoes.py`).
        le_como: of a file's column, whose type is text: what the text is (`decimal(15,2)`, `date`,
            `timestamp`); None where it is read as it stands.
        pessoal, motivo, apagado, chave_de, texto: what it tells of a person (`marca`).
    """

    model_config = FECHADO

    nome: Nome
    tipo: Annotated[str, AfterValidator(_tipo)]
    na_fonte: str | None = None
    derivada_de: str | None = None
    derivacao: Literal["token", "mascara", "json_permitido", "resumo"] | None = None
    le_como: Annotated[str, AfterValidator(_lido)] | None = None
    pessoal: str | None = None
    motivo: str | None = None
    apagado: str | None = None
    chave_de: str | None = None
    texto: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _do_dbt(cls, dados: Any) -> Any:
        return _aplanar(dados, DO_DBT["coluna"], {"name": "nome", "data_type": "tipo"})

    @model_validator(mode="after")
    def _coerente(self) -> Self:
        if (self.derivada_de is None) != (self.derivacao is None):
            raise ValueError("`derivada_de` and `derivacao` go together")
        if self.derivada_de and self.na_fonte:
            raise ValueError("a derived column has no `na_fonte`: `derivada_de` names the source's")
        _ = self.marca
        return self

    @cached_property
    def marca(self) -> Marca | None:
        """What it tells of a person, where it says so itself."""
        return pessoal.ler(self.model_dump(include={"pessoal", *pessoal.CHAVES}))

    @property
    def da_fonte(self) -> bool:
        """Whether the source itself holds the column."""
        return not self.nome.startswith("_") and self.derivada_de is None

    @property
    def origem(self) -> str:
        """Its name in the source."""
        return self.na_fonte or self.nome

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type in which the column travels."""
        return tipos.em_arrow(self.tipo)


class Tabela(BaseModel):
    """One raw table and how the loader reads its origin.

    Attributes:
        fonte: the source's name.
        esquema: the raw schema, without the sandbox prefix.
        nome: its name.
        colunas: its columns, the loader's own among them.
        tipo: how its source is read; None for what no loader reads.
        chave: the columns that tell a row from all others.
        leitura: `foto` reads all rows each time; `incremental` those of days that changed.
        dia: the column that says of which day a row is; `incremental` needs it.
        valor: the column whose sum must be the same in the source and here.
        titular: the column whose value says of which person a row is, itself or through the table
            whose key it is; none where rows are about nobody.
        somente_insercao: the source never changes a row; one that did is said.
        ignoradas: columns of the source that are never read; `*` for all that are not named.
        na_fonte: its name in the source, with or without the schema.
        esquema_origem: the schema in which the source has it; None where the contract says nothing.
        opcional: a source without it is complete; of files, none is expected.
        visao: the source may show it by a view, a materialized view or a foreign table.
        arquivo: how its files are called, `tb_faturas_{AAAAMM}.csv`.
        separadores: what may stand between the columns of a CSV file.
        fim_de_linha: `exigido` refuses a file whose last line has no end.
        atualizacoes: of the table that notes them: what was ever to be done to the stored rows of
            older versions (`controle/atualizacao.py`).
    """

    model_config = FECHADO

    fonte: str
    esquema: Nome
    nome: Nome
    colunas: tuple[Coluna, ...]
    tipo: Literal["postgres", "arquivos"] | None = None
    chave: Nomes = ()
    leitura: Literal["foto", "incremental"] = "foto"
    dia: str | None = None
    valor: str | None = None
    titular: str | None = None
    somente_insercao: bool = False
    ignoradas: Textos = ()
    na_fonte: str | None = None
    esquema_origem: str | None = None
    opcional: bool = False
    visao: bool = False
    arquivo: Annotated[str, AfterValidator(_padrao)] | None = None
    separadores: Separadores = (",", ";")
    fim_de_linha: Literal["exigido"] | None = None
    atualizacoes: Nomes = ()

    @model_validator(mode="before")
    @classmethod
    def _do_dbt(cls, dados: Any) -> Any:
        if not isinstance(dados, dict):
            return dados
        herdado = dados.get(DA_FONTE) or {}
        dela = {c: v for c, v in dados.items() if c != DA_FONTE}
        aplanados = _aplanar(dela, DO_DBT["tabela"], {"name": "nome", "columns": "colunas"})
        return herdado | aplanados if isinstance(aplanados, dict) else aplanados

    @field_validator("colunas")
    @classmethod
    def _sem_repetidas(cls, colunas: tuple[Coluna, ...]) -> tuple[Coluna, ...]:
        nomes = [c.nome for c in colunas]
        if repetidas := sorted({n for n in nomes if nomes.count(n) > 1}):
            raise ValueError(f"more than once: {', '.join(repetidas)}")
        return colunas

    @model_validator(mode="after")
    def _coerente(self) -> Self:
        if self.tipo is None:
            return self
        tipos_ditos = {c.nome: c.tipo for c in self.colunas}
        tecnicas = TECNICAS[self.tipo]
        proprias = {n: t for n, t in tipos_ditos.items() if n.startswith("_")}
        if proprias != tecnicas:
            ditas = ", ".join(f"{n} {t}" for n, t in tecnicas.items())
            raise ValueError(f"a table of `tipo: {self.tipo}` has the loader's columns {ditas}")
        citadas = {
            "chave": self.chave, "dia": (self.dia,), "valor": (self.valor,),
            "titular": (self.titular,),
        }  # fmt: skip
        da_fonte = {c.nome for c in self.da_fonte}
        for palavra, nomes in citadas.items():
            for nome in filter(None, nomes):
                if nome not in da_fonte:
                    raise ValueError(f"`{palavra}: {nome}` is none of its columns of the source")
        if self.titular:
            for nome in filter(None, {self.chave_simples, self.titular}):
                if tipos_ditos[nome] != tipos.TEXTO:
                    raise ValueError(
                        f"`{nome}` is {tipos_ditos[nome]}: in a table about people, key and"
                        " `titular` are text, as they become tokens when somebody is erased"
                    )
        if self.tipo == POSTGRES:
            self._coerente_no_banco(tipos_ditos)
        else:
            self._coerente_em_arquivos()
        return self

    def _coerente_em_arquivos(self) -> None:
        if not self.arquivo:
            raise ValueError("a table of files says how they are called: `arquivo`")
        do_banco = ("dia", "valor", "ignoradas", "na_fonte", "visao", "somente_insercao")
        if sobras := [n for n in do_banco if getattr(self, n)]:
            raise ValueError(f"`{sobras[0]}` is for databases")
        if self.incremental:
            raise ValueError("`leitura: incremental` is for databases")
        for coluna in self.colunas:
            if coluna.derivada_de or coluna.na_fonte:
                palavra = "derivada_de" if coluna.derivada_de else "na_fonte"
                raise ValueError(f"{coluna.nome}: `{palavra}` is for databases")
            if coluna.da_fonte and coluna.tipo != tipos.TEXTO:
                raise ValueError(
                    f"{coluna.nome} is {coluna.tipo}: what a file holds lands as text, and"
                    f" `meta: {{le_como: {coluna.tipo}}}` says what it is"
                )

    def _coerente_no_banco(self, tipos_ditos: dict[str, str]) -> None:
        do_arquivo = {"arquivo", "separadores", "fim_de_linha"} & self.model_fields_set
        if sobras := sorted(do_arquivo):
            raise ValueError(f"`{sobras[0]}` is for files")
        if lidas := [c.nome for c in self.colunas if c.le_como]:
            raise ValueError(f"{lidas[0]}: `le_como` is for files")
        if not self.chave:
            raise ValueError("a table of a database has a `chave`")
        if (self.leitura == "incremental") != (self.dia is not None):
            raise ValueError("`leitura: incremental` and `dia` go together")
        if self.dia and tipos_ditos[self.dia] not in ("date", "timestamp", "timestamptz"):
            raise ValueError(f"`dia: {self.dia}` is {tipos_ditos[self.dia]}, and no day")
        if self.valor and tipos.partes_decimais(tipos_ditos[self.valor]) is None:
            raise ValueError(f"`valor: {self.valor}` is {tipos_ditos[self.valor]}, and no decimal")

    @property
    def incremental(self) -> bool:
        """Whether only days that changed are read."""
        return self.leitura == "incremental"

    @property
    def chave_simples(self) -> str | None:
        """The only column of its key; None where it has several, or none."""
        return self.chave[0] if len(self.chave) == 1 else None

    @property
    def acham(self) -> frozenset[str]:
        """The columns of text by which a row is found: its own key, and whose it is."""
        textos = {c.nome for c in self.colunas if c.tipo == tipos.TEXTO}
        return frozenset(c for c in (self.chave_simples, self.titular) if c in textos)

    @cached_property
    def da_fonte(self) -> tuple[Coluna, ...]:
        """The columns that the source holds."""
        return tuple(c for c in self.colunas if c.da_fonte)

    @cached_property
    def derivadas(self) -> tuple[Coluna, ...]:
        """The columns that the loader makes of the source's."""
        return tuple(c for c in self.colunas if c.derivada_de)

    @cached_property
    def de_conteudo(self) -> tuple[Coluna, ...]:
        """The columns that make the content of a row: the source's and those derived from it."""
        return tuple(c for c in self.colunas if not c.nome.startswith("_") or c.nome == ILEGIVEIS)

    @cached_property
    def padrao(self) -> Padrao:
        """What its files are called.

        Raises:
            ValueError: it is no table of files.
        """
        return Padrao.de(self.arquivo or "")

    @cached_property
    def escalas(self) -> dict[str, tuple[int, int]]:
        """The columns of a file that hold amounts, with their precision and scale."""
        lidas = {c.nome: tipos.partes_decimais(c.le_como or "") for c in self.colunas}
        return {nome: partes for nome, partes in lidas.items() if partes}

    @property
    def valores(self) -> tuple[str, ...]:
        """The columns of a file that hold amounts."""
        return tuple(self.escalas)

    @property
    def datas(self) -> tuple[str, ...]:
        """The columns of a file that hold days; by the first one a row is of a month."""
        return tuple(c.nome for c in self.colunas if c.le_como == "date")

    @property
    def instantes(self) -> tuple[str, ...]:
        """The columns of a file that hold days with a time."""
        return tuple(c.nome for c in self.colunas if c.le_como == "timestamp")

    @cached_property
    def marcas(self) -> Mapping[str, Marca]:
        """What its columns tell of a person.

        In a table about people the columns by which a row is found are keys, and what could not be
        read may be anything: these need no mark.
        """
        sabidas: dict[str, Marca] = {}
        if self.titular:
            sabidas = dict.fromkeys(self.acham, Marca(pessoal.CHAVE))
            sabidas |= {c.nome: Marca("livre") for c in self.colunas if c.nome == ILEGIVEIS}
        return sabidas | {c.nome: c.marca for c in self.colunas if c.marca}

    @property
    def fim_exigido(self) -> bool:
        """Whether a file without a line end at its end is refused."""
        return self.fim_de_linha is not None


class Fonte(BaseModel):
    """One source.

    Attributes:
        nome: its name.
        esquema: its raw schema, without the sandbox prefix.
        tabelas: its tables, in the order of the contract.
        tipo: how it is read, where its tables do not say it each; None where no loader does.
        esquema_origem: the schema of its tables in the source; None where the contract is silent.
    """

    model_config = FECHADO

    nome: Nome
    esquema: str
    tabelas: tuple[Tabela, ...] = Field(min_length=1)
    tipo: Literal["postgres", "arquivos"] | None = None
    esquema_origem: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _do_dbt(cls, dados: Any) -> Any:
        apelidos = {"name": "nome", "schema": "esquema", "tables": "tabelas"}
        dados = _aplanar(dados, DO_DBT["fonte"], apelidos)
        if not isinstance(dados, dict):
            return dados
        esquema = str(dados.get("esquema", "")).rpartition("}}")[2].strip()
        herdado = {c: dados[c] for c in ("tipo", "esquema_origem") if c in dados}
        herdado |= {"fonte": dados.get("nome"), "esquema": esquema}
        tabelas = dados.get("tabelas")
        if isinstance(tabelas, list):
            tabelas = [t | {DA_FONTE: herdado} if isinstance(t, dict) else t for t in tabelas]
        return dados | {"esquema": esquema, "tabelas": tabelas}

    @model_validator(mode="after")
    def _coerente(self) -> Self:
        if self.carregavel and self.esquema != f"raw_{self.nome}":
            raise ValueError(f"its schema is {self.esquema!r}, and has to be raw_{self.nome}")
        nomes = [t.nome for t in self.tabelas]
        if repetidas := sorted({n for n in nomes if nomes.count(n) > 1}):
            raise ValueError(f"tables more than once: {', '.join(repetidas)}")
        de_arquivos = self.de_tipo(ARQUIVOS)
        if comuns := confundidos((t.nome, t.padrao) for t in de_arquivos):
            raise ValueError(
                f"a file may be one of {comuns[0]} and of {comuns[1]} by its name; give one of the"
                " two another `arquivo`"
            )
        return self

    @property
    def carregavel(self) -> bool:
        """Whether a loader reads it."""
        return any(t.tipo for t in self.tabelas)

    @property
    def tipos(self) -> tuple[str, ...]:
        """The ways in which it comes."""
        return tuple(dict.fromkeys(t.tipo for t in self.tabelas if t.tipo))

    def no_nome(self, tipo: str) -> str | None:
        """What settings of one of its ways say of it: nothing where there is but one."""
        return tipo if len(self.tipos) > 1 else None

    def de_tipo(self, tipo: str) -> tuple[Tabela, ...]:
        """Its tables that are read one way, each after the one that says whose its rows are."""
        return tuple(t for t in self.em_ordem() if t.tipo == tipo)

    def em_ordem(self) -> list[Tabela]:
        """Its tables, each after the one that says whose its rows are."""
        return sorted(self.tabelas, key=lambda t: len(self._caminho(t)))

    def _caminho(self, tabela: Tabela) -> list[Tabela]:
        """The tables from one to the person, each by the key that the one before names."""
        caminho = [tabela]
        while tabela.titular and (
            mais := [
                t
                for t in self.tabelas
                if t.titular and t.chave_simples == caminho[-1].titular and t not in caminho
            ]
        ):
            caminho += mais[:1]
        return caminho

    def tabela(self, nome: str) -> Tabela:
        """One of its tables.

        Raises:
            KeyError: it has none of that name.
        """
        for tabela in self.tabelas:
            if tabela.nome == nome:
                return tabela
        raise KeyError(nome)
