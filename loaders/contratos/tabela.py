"""What a contract may say of a table, however its source is read."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from loaders.contratos import api as da_api
from loaders.contratos import eventos as de_eventos
from loaders.contratos import pessoal, tipos
from loaders.contratos.coluna import (
    DO_DBT,
    FECHADO,
    Coluna,
    Nome,
    Nomes,
    Textos,
    aplanar,
    uma_ou_varias,
)
from loaders.contratos.padroes import Padrao
from loaders.contratos.pessoal import Marca
from loaders.contratos.tecnicas import API, ARQUIVOS, EVENTOS, ILEGIVEIS, POSTGRES, TECNICAS

TODAS = "*"
"""In `ignoradas`: every column that the contract does not name."""
DA_FONTE = "da fonte"
"""Where that stands until it is a `Tabela`: no key of a file is called so."""


def _padrao(texto: str) -> str:
    Padrao.de(texto)
    return texto


Separador = Literal[",", ";", "|", "\t"]
SEPARADORES: tuple[Separador, ...] = get_args(Separador)
"""What may stand between the columns of a CSV file."""
Separadores = Annotated[tuple[Separador, ...], BeforeValidator(uma_ou_varias), Field(min_length=1)]


def como_cabecalho(nome: str) -> str:
    """The name of a file's column as it is compared: without blanks around it, in small letters."""
    return nome.strip().lower()


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
        api: how it is read from an HTTP API.
        eventos: how its events are read.
        chamadas_de: the table of an API whose calls are noted in it; no loader reads it by itself.
        atualizacoes: of the table that notes them: what was ever to be done to the stored rows of
            older versions (`controle/atualizacao.py`).
    """

    model_config = FECHADO

    fonte: str
    esquema: Nome
    nome: Nome
    colunas: tuple[Coluna, ...]
    tipo: Literal["postgres", "arquivos", "api", "eventos"] | None = None
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
    api: da_api.Api | None = None
    eventos: de_eventos.Eventos | None = None
    chamadas_de: Nome | None = None
    atualizacoes: Nomes = ()

    @model_validator(mode="before")
    @classmethod
    def _do_dbt(cls, dados: Any) -> Any:
        if not isinstance(dados, dict):
            return dados
        herdado = dados.get(DA_FONTE) or {}
        dela = {c: v for c, v in dados.items() if c != DA_FONTE}
        aplanados = aplanar(dela, DO_DBT["tabela"], {"name": "nome", "columns": "colunas"})
        if not isinstance(aplanados, dict):
            return aplanados
        if "chamadas_de" in aplanados:
            herdado = {c: v for c, v in herdado.items() if c != "tipo"}
        return herdado | aplanados

    @field_validator("colunas")
    @classmethod
    def _sem_repetidas(cls, colunas: tuple[Coluna, ...]) -> tuple[Coluna, ...]:
        nomes = [c.nome for c in colunas]
        if repetidas := sorted({n for n in nomes if nomes.count(n) > 1}):
            raise ValueError(f"more than once: {', '.join(repetidas)}")
        return colunas

    @model_validator(mode="after")
    def _coerente(self) -> Self:
        tipos_ditos = {c.nome: c.tipo for c in self.colunas}
        if self.chamadas_de:
            da_api.conferir_chamadas(self.tipo, tipos_ditos)
        if (self.tipo == API) != (self.api is not None):
            raise ValueError("`tipo: api` and `api` go together")
        if (self.tipo == EVENTOS) != (self.eventos is not None):
            raise ValueError("`tipo: eventos` and `eventos` go together")
        if self.tipo is None:
            return self
        tecnicas = TECNICAS[self.tipo]
        proprias = {n: t for n, t in tipos_ditos.items() if n.startswith("_")}
        if proprias != tecnicas:
            ditas = ", ".join(f"{n} {t}" for n, t in tecnicas.items())
            raise ValueError(f"a table of `tipo: {self.tipo}` has the loader's columns {ditas}")
        citadas = {
            "chave": self.chave, "dia": (self.dia,), "valor": (self.valor,),
            "titular": (self.titular,), "ordem": (self.api and self.api.ordem,),
            "resto": (self.eventos and self.eventos.resto,),
        }  # fmt: skip
        da_fonte = {c.nome for c in self.da_fonte}
        for palavra, nomes in citadas.items():
            for nome in filter(None, nomes):
                if nome not in da_fonte:
                    raise ValueError(f"`{palavra}: {nome}` is none of its columns of the source")
        if self.titular:
            for nome in self.ids:
                if tipos_ditos[nome] != tipos.TEXTO:
                    raise ValueError(
                        f"`{nome}` is {tipos_ditos[nome]}: in a table about people, key and"
                        " `titular` are text, as they become tokens when somebody is erased"
                    )
        if self.tipo == POSTGRES:
            self._coerente_no_banco(tipos_ditos)
        elif self.tipo == ARQUIVOS:
            self._coerente_em_arquivos()
        elif self.tipo == API:
            da_api.conferir(self, tipos_ditos)
        else:
            de_eventos.conferir(self, tipos_ditos)
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
            if coluna.ids_de:
                raise ValueError(f"{coluna.nome}: `ids_de` is for databases")
            if coluna.derivada_de:
                raise ValueError(f"{coluna.nome}: `derivada_de` is for databases")
            if coluna.na_fonte is not None and not coluna.na_fonte.strip():
                raise ValueError(f"{coluna.nome}: `na_fonte` is blank")
            if coluna.da_fonte and coluna.tipo != tipos.TEXTO:
                raise ValueError(
                    f"{coluna.nome} is {coluna.tipo}: what a file holds lands as text, and"
                    f" `meta: {{le_como: {coluna.tipo}}}` says what it is"
                )

        if len(self.do_cabecalho) < len(self.da_fonte):
            vistas = [como_cabecalho(c.origem) for c in self.da_fonte]
            duas = next(n for n in vistas if vistas.count(n) > 1)
            raise ValueError(f"two of its columns are {duas!r} in a file")

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

    @cached_property
    def donos(self) -> Mapping[str, str]:
        """The columns that say whose a row is, each with the key whose ids stand in it.

        A row of two accounts, as a payment, is of the people of both.
        """
        if not self.titular:
            return {}
        outros = {c.nome: c.ids_de for c in self.colunas if c.ids_de}
        return {self.titular: self.titular, **outros}

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """The same, and its own key."""
        return {**({self.chave_simples: self.chave_simples} if self.chave_simples else {}),
                **self.donos}  # fmt: skip

    @property
    def acham(self) -> frozenset[str]:
        """The columns of text by which a row is found: its own key, and whose it is."""
        textos = {c.nome for c in self.colunas if c.tipo == tipos.TEXTO}
        return frozenset(textos & self.ids.keys())

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
    def do_cabecalho(self) -> Mapping[str, str]:
        """The columns that a file has: how headers call them (`como_cabecalho`), and their names.

        In the order of the contract.
        """
        return {como_cabecalho(c.origem): c.nome for c in self.da_fonte}

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
        read, or what no column names, may be anything: these need no mark.
        """
        sabidas: dict[str, Marca] = {}
        if self.titular:
            sabidas = dict.fromkeys(self.acham, Marca(pessoal.CHAVE))
            livres = {ILEGIVEIS, self.eventos and self.eventos.resto}
            sabidas |= {c.nome: Marca("livre") for c in self.colunas if c.nome in livres}
        return sabidas | {c.nome: c.marca for c in self.colunas if c.marca}

    @property
    def fim_exigido(self) -> bool:
        """Whether a file without a line end at its end is refused."""
        return self.fim_de_linha is not None
