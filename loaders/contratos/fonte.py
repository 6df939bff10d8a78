"""What a contract may say of a source.

A contract is a dbt sources file. dbt's own keys stay dbt's; all that lastro reads stands under
`config: meta:`, where a key or value that is not known is refused: a misspelt `leitura` would read
all of a table, and a misspelt `titular` make its rows nobody's.
"""

from itertools import combinations
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    Field,
    model_validator,
)

from loaders.contratos.coluna import (
    DO_DBT,
    FECHADO,
    Nome,
    aplanar,
)
from loaders.contratos.padroes import confundidos
from loaders.contratos.tabela import DA_FONTE, Tabela
from loaders.contratos.tecnicas import ARQUIVOS


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
    tipo: Literal["postgres", "arquivos", "api", "eventos"] | None = None
    esquema_origem: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _do_dbt(cls, dados: Any) -> Any:
        apelidos = {"name": "nome", "schema": "esquema", "tables": "tabelas"}
        dados = aplanar(dados, DO_DBT["fonte"], apelidos)
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
        das_chamadas = {t.chamadas_de: t.nome for t in self.tabelas if t.chamadas_de}
        anotadas = {t.nome: t.api.chamadas for t in self.tabelas if t.api}
        if das_chamadas != anotadas:
            raise ValueError(
                "each table of an API names another in `chamadas`, which names it in `chamadas_de`:"
                f" {sorted(anotadas.items())} and {sorted(das_chamadas.items())}"
            )
        de_arquivos = self.de_tipo(ARQUIVOS)
        if comuns := confundidos((t.nome, t.padrao) for t in de_arquivos):
            raise ValueError(
                f"a file may be one of {comuns[0]} and of {comuns[1]} by its name; give one of the"
                " two another `arquivo`"
            )
        for uma, outra in combinations((t for t in de_arquivos if t.titular), 2):
            if uma.do_cabecalho.keys() == outra.do_cabecalho.keys() and (
                (uma.do_cabecalho, uma.titular) != (outra.do_cabecalho, outra.titular)
            ):
                raise ValueError(
                    f"files of {uma.nome} and of {outra.nome} have the same header, and their"
                    " columns other names or holders here: by a file alone, an erasure could not"
                    " tell whose its rows are"
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
                if t.titular and t.chave_simples in caminho[-1].donos.values() and t not in caminho
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
