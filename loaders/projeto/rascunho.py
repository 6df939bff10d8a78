"""Writes the draft of a new source: contract, staging models and their YAML.

A person edits it: what a column tells of a person, whose a row is and how a large table is read are
guessed from names and keys, and said to be guessed. Nothing that is there is ever overwritten.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loaders import PROJETO
from loaders.contratos import Fonte
from loaders.contratos.coluna import NOME
from loaders.contratos.tecnicas import TECNICAS
from loaders.contratos.tipos import RESERVADAS, TEXTO
from loaders.nucleo.erros import LastroError

PESSOAIS: tuple[tuple[str, str], ...] = (
    ("documento", r"cpf|cnpj|^rg$|passa?port|document|card_?number|numero_?cartao|ssn|tax_?id"),
    ("contato", r"e_?mail|phone|telefone|celular|whatsapp"),
    ("nascimento", r"nasc|birth"),
    ("endereco", r"enderec|address|logradouro|\bcep\b|zip_?code|postal"),
    ("dispositivo", r"^ip$|ip_?address|device|dispositivo|user_?agent"),
    ("nome", r"nome|(^|_)name$|apelido|nick"),
    ("livre", r"descri|observ|comment|comentario|^notes?$"),
)
"""What a column may tell of a person, by what its name holds; the first that fits."""
DE_PESSOAS = re.compile(r"user|usuario|client|customer|associad|pessoa|person|member|titular")
"""How tables of people are called."""

DO_LOADER = {
    "_ilegiveis": "\"{{ doc('ilegiveis') }}\"",
    "_operacao": "\"{{ doc('operacao') }}\"",
    "_carga_id": "\"{{ doc('carga_id') }}\"",
    "_tabela": "Table of the source that the row comes from.",
    "_arquivo": "Name of the file that holds the line.",
    "_linha": "Ordinal of the row, or line, in what the load read.",
    "_carregado_em": "\"{{ doc('carregado_em') }}\"",
}
A_DESCREVER = "To be described"


@dataclass(frozen=True)
class Coluna:
    """A column of a draft: name, type, description, and what its `meta` says."""

    nome: str
    tipo: str = TEXTO
    dito: str = A_DESCREVER
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Desenho:
    """A table of a draft.

    Attributes:
        nome: its name.
        dito: its description.
        meta: what its `meta` says, as YAML.
        colunas: its columns, those of the loader apart.
        chave: the columns that tell its rows apart.
        sql: its staging model.
        do_modelo: columns that the staging model has beside these, with their descriptions.
    """

    nome: str
    dito: str
    meta: Mapping[str, str]
    colunas: Sequence[Coluna]
    chave: Sequence[str]
    sql: str
    do_modelo: Mapping[str, str]


def conferir_nome(fonte: str, outras: Mapping[str, Fonte]) -> None:
    """See that a name can be a new source's.

    Raises:
        LastroError: it cannot.
    """
    if not NOME.fullmatch(fonte) or fonte in RESERVADAS or fonte in outras:
        raise LastroError(
            f"{fonte!r} cannot be a new source's name: lower-case letters, digits and _, and none"
            f" of {', '.join(sorted(outras))}."
        )


def arquivos(
    fonte: str, tipo: str, da_fonte: Mapping[str, str], desenhos: Sequence[Desenho]
) -> dict[Path, str]:
    """The files of a draft, by where they belong.

    Args:
        fonte: the source's name.
        tipo: how it is read.
        da_fonte: what else its `meta` says, as YAML.
        desenhos: its tables.

    Raises:
        LastroError: one of the files is there.
    """
    pasta = PROJETO / "models" / "staging" / fonte
    feitos = {
        pasta / f"_{fonte}__sources.yml": _contrato(fonte, tipo, da_fonte, desenhos),
        pasta / f"_{fonte}__models.yml": _modelos(fonte, desenhos),
        **{pasta / f"stg_{fonte}__{d.nome}.sql": d.sql for d in desenhos},
    }
    if ha := [a for a in feitos if a.exists()]:
        raise LastroError(
            "Nothing was written, as these are there: "
            + ", ".join(str(a.relative_to(PROJETO)) for a in ha)
        )
    return feitos


def gravar(arquivos: Mapping[Path, str]) -> None:
    """Write a draft; a file that came to be meanwhile is left as it is.

    Raises:
        FileExistsError: one is there.
    """
    for caminho, texto in arquivos.items():
        caminho.parent.mkdir(parents=True, exist_ok=True)
        with caminho.open("x", encoding="utf-8") as aberto:
            aberto.write(texto)


def _contrato(
    fonte: str, tipo: str, da_fonte: Mapping[str, str], desenhos: Sequence[Desenho]
) -> str:
    meta = ", ".join(f"{c}: {v}" for c, v in {"tipo": tipo, **da_fonte}.items())
    linhas = [
        "version: 2",
        "",
        "# A draft: look at each `pessoal`, `titular`, `chave` and `leitura`, and at what is",
        f"# ignored; describe what is called {A_DESCREVER!r}. docs/contracts.md lists all keys.",
        "",
        "sources:",
        f"  - name: {fonte}",
        f"    description: {A_DESCREVER}.",
        "    schema: \"{{ env_var('LASTRO_SCHEMA_PREFIX', '') }}raw_" + fonte + '"',
        "    config:",
        f"      meta: {{{meta}}}",
        "    tables:",
    ]
    for desenho in desenhos:
        linhas += [
            f"      - name: {desenho.nome}",
            f"        description: {em_yaml(desenho.dito)}",
            "        config:",
            "          meta:",
            *(f"            {c}: {v}" for c, v in desenho.meta.items()),
            "        columns:",
        ]
        for coluna in desenho.colunas:
            linhas += [
                f"          - name: {coluna.nome}",
                f"            description: {em_yaml(coluna.dito)}",
                f"            data_type: {coluna.tipo}",
            ]
            if coluna.meta:
                ditos = ", ".join(f"{c}: {em_yaml(v)}" for c, v in coluna.meta.items())
                linhas += ["            config:", f"              meta: {{{ditos}}}"]
        for tecnica, do_tipo in TECNICAS[tipo].items():
            linhas += [
                f"          - name: {tecnica}",
                f"            description: {DO_LOADER[tecnica]}",
                f"            data_type: {do_tipo}",
            ]
        linhas.append("")
    return "\n".join(linhas)


def _modelos(fonte: str, desenhos: Sequence[Desenho]) -> str:
    linhas = ["version: 2", "", "models:"]
    for desenho in desenhos:
        linhas += [
            f"  - name: stg_{fonte}__{desenho.nome}",
            f"    description: One row per key of {desenho.nome}, as it was last.",
        ]
        if len(desenho.chave) > 1:
            linhas += [
                "    data_tests:",
                "      - dbt_utils.unique_combination_of_columns:",
                "          arguments:",
                f"            combination_of_columns: [{', '.join(desenho.chave)}]",
            ]
        linhas.append("    columns:")
        for coluna in desenho.colunas:
            linhas += [
                f"      - name: {coluna.nome}",
                f"        description: {em_yaml(coluna.dito)}",
            ]
            if coluna.meta.get("pessoal"):
                linhas += [
                    "        config:",
                    f"          meta: {{pessoal: {coluna.meta['pessoal']}}}",
                ]
            if [coluna.nome] == list(desenho.chave):
                linhas.append("        data_tests: [unique, not_null]")
        for nome, dito in desenho.do_modelo.items():
            linhas += [f"      - name: {nome}", f"        description: {dito}"]
        linhas.append("")
    return "\n".join(linhas)


def classe(nome: str) -> str | None:
    """What a column of a name may tell of a person."""
    return next((c for c, como in PESSOAIS if re.search(como, simples(nome))), None)


def simples(nome: str) -> str:
    """A name of the source as the warehouse can have it: without accents, words joined by _."""
    sem_acentos = unicodedata.normalize("NFKD", nome).encode("ascii", "ignore").decode()
    baixo = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", sem_acentos).lower()
    baixo = re.sub(r"^[^a-z0-9_]+|[^a-z0-9_]+$", "", baixo)
    baixo = re.sub(r"[^a-z0-9_]+", "_", baixo)
    return baixo[:60] if NOME.fullmatch(baixo[:60]) else f"c_{baixo}"[:60]


def em_yaml(texto: str) -> str:
    """A text as YAML writes it; quoted where it could be anything else."""
    limpo = re.fullmatch(r"[A-Za-z_][\w .()-]*", texto) and texto.lower() not in (
        "yes", "no", "on", "off", "true", "false", "null", "y", "n",
    )  # fmt: skip
    return texto if limpo and not texto.endswith(" ") else json.dumps(texto, ensure_ascii=False)
