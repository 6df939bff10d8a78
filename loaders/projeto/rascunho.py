"""Writes the draft of a new database source: contract, staging models and their YAML.

A person edits it: what a column tells of a person, whose a row is and how a large table is read are
guessed from names and keys, and said to be guessed. Nothing that is there is ever overwritten.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders import PROJETO
from loaders.contratos import Fonte
from loaders.contratos.modelo import NOME, POSTGRES, TECNICAS
from loaders.contratos.tipos import RESERVADAS, TEXTO
from loaders.extracao.postgres.esboco import MUITAS, ColunaAchada, TabelaAchada
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
NAO_POUSAM = ("documento", "contato")
"""Classes of which a token lands, and of addresses a mask, but not the value."""
DIAS = re.compile(r"creat|criad|data|date|moment|timestamp|called|_at$|_em$")

DO_LOADER = {
    "_ilegiveis": "\"{{ doc('ilegiveis') }}\"",
    "_operacao": "\"{{ doc('operacao') }}\"",
    "_carga_id": "\"{{ doc('carga_id') }}\"",
    "_tabela": "Table of the source that the row comes from.",
    "_linha": "Ordinal of the row in what the load read; deletions follow behind.",
    "_carregado_em": "\"{{ doc('carregado_em') }}\"",
}
A_DESCREVER = "To be described"


@dataclass
class _Coluna:
    nome: str
    tipo: str
    dito: str
    meta: dict[str, str]


def rascunho(
    fonte: str, esquema: str, tabelas: Sequence[TabelaAchada], outras: Mapping[str, Fonte]
) -> dict[Path, str]:
    """The files of a draft, by where they belong.

    Args:
        fonte: the source's name.
        esquema: the schema of its tables.
        tabelas: what the database has, each table after those that it refers to.
        outras: the sources that there are, whose keys must have other names.

    Raises:
        LastroError: the name cannot be a source's, or one of the files is there.
    """
    if not NOME.fullmatch(fonte) or fonte in RESERVADAS or fonte in outras:
        raise LastroError(
            f"{fonte!r} cannot be a new source's name: lower-case letters, digits and _, and none"
            f" of {', '.join(sorted(outras))}."
        )
    pasta = PROJETO / "models" / "staging" / fonte
    feitas = _Rascunho(fonte, esquema, tabelas, outras)
    arquivos = {
        pasta / f"_{fonte}__sources.yml": feitas.contrato(),
        pasta / f"_{fonte}__models.yml": feitas.modelos(),
        **{
            pasta / f"stg_{fonte}__{nome}.sql": feitas.sql(nome) for nome in feitas.colunas
        },
    }  # fmt: skip
    if ha := [a for a in arquivos if a.exists()]:
        raise LastroError(
            "Nothing was written, as these are there: "
            + ", ".join(str(a.relative_to(PROJETO)) for a in ha)
        )
    return arquivos


def gravar(arquivos: Mapping[Path, str]) -> None:
    """Write a draft; a file that came to be meanwhile is left as it is.

    Raises:
        FileExistsError: one is there.
    """
    for caminho, texto in arquivos.items():
        caminho.parent.mkdir(parents=True, exist_ok=True)
        with caminho.open("x", encoding="utf-8") as aberto:
            aberto.write(texto)


class _Rascunho:
    """What is guessed of each table."""

    def __init__(
        self, fonte: str, esquema: str, tabelas: Sequence[TabelaAchada], outras: Mapping[str, Fonte]
    ) -> None:
        self.fonte = fonte
        self.esquema = esquema
        self.tabelas = {_simples(t.nome): t for t in tabelas}
        self.alheias = {c for f in outras.values() for t in f.tabelas for c in t.acham}
        self.ids = {t.nome: self._id(t) for t in tabelas}
        """How the key of each table is called, where it is one column."""
        self.de_pessoas = {t.nome for t in tabelas if self._e_de_pessoas(t)}
        self.colunas = {nome: self._colunas(t) for nome, t in self.tabelas.items()}

    def _id(self, tabela: TabelaAchada) -> str:
        if len(tabela.chave) != 1:
            return ""
        nome = _simples(tabela.chave[0])
        if nome == "id" or nome in self.alheias:
            nome = f"id_{_singular(_simples(tabela.nome))}"
        return f"{nome}_{self.fonte}" if nome in self.alheias else nome

    def _e_de_pessoas(self, tabela: TabelaAchada) -> bool:
        classes = {_classe(c.nome) for c in tabela.colunas}
        refere = any(c.de for c in tabela.colunas if c.nome not in tabela.chave)
        return (
            len(tabela.chave) == 1
            and DE_PESSOAS.search(tabela.nome.lower()) is not None
            and bool(classes & {"nome", "documento", "contato", "nascimento"})
            and not refere
        )

    def _titular(self, tabela: TabelaAchada, vistas: frozenset[str] = frozenset()) -> str | None:
        """The column by which rows are somebody's: the table's own key, or a foreign key."""
        if tabela.nome in self.de_pessoas:
            return self.ids[tabela.nome]
        por_nome = {t.nome: t for t in self.tabelas.values()}
        for coluna in tabela.colunas:
            de = coluna.de
            if de is None or de in vistas or de not in por_nome or de == tabela.nome:
                continue
            if self.ids[de] and self._titular(por_nome[de], vistas | {tabela.nome}):
                return self._nome(tabela, coluna)
        return None

    def _nome(self, tabela: TabelaAchada, coluna: ColunaAchada) -> str:
        """How a column is called here: keys as the key that they are, others as the source does."""
        if tabela.chave == [coluna.nome] and not coluna.de:
            return self.ids[tabela.nome]
        iguais = [c for c in tabela.colunas if c.de == coluna.de]
        if coluna.de and self.ids.get(coluna.de) and iguais[0] is coluna:
            return self.ids[coluna.de]
        nome = _simples(coluna.nome)
        return f"{nome}_" if nome in RESERVADAS else nome

    def _colunas(self, tabela: TabelaAchada) -> list[_Coluna]:
        chaves = {self._titular(tabela)} | {self.ids[tabela.nome]}
        achadas = []
        for coluna in tabela.colunas:
            nome = self._nome(tabela, coluna)
            dito = coluna.comentario or A_DESCREVER
            if coluna.json:
                achadas.append(
                    _Coluna(
                        f"{nome}_resumo", TEXTO, f"Keyed digest of {coluna.nome}. {dito}",
                        {"derivada_de": coluna.nome, "derivacao": "resumo"},
                    )
                )  # fmt: skip
                continue
            if coluna.tipo is None:
                continue
            classe = None if coluna.de or nome in chaves else _classe(coluna.nome)
            if classe in NAO_POUSAM and coluna.tipo == TEXTO:
                achadas += _derivadas(nome, coluna.nome, str(classe), dito)
                continue
            e_id = nome in chaves or coluna.de is not None
            tipo = TEXTO if e_id and coluna.tipo in ("bigint", TEXTO) else coluna.tipo
            meta = {} if nome == coluna.nome else {"na_fonte": coluna.nome}
            if classe or (nome in chaves and self._titular(tabela)):
                meta["pessoal"] = classe or "chave"
            achadas.append(_Coluna(nome, tipo, dito, meta))
        return achadas

    def contrato(self) -> str:
        """The sources file."""
        linhas = [
            "version: 2",
            "",
            f"# Drafted from the database: look at each `pessoal`, `titular` and `leitura`, and at"
            f" what is\n# ignored; describe what is called {A_DESCREVER!r}. docs/contracts.md lists"
            " all keys.",
            "",
            "sources:",
            f"  - name: {self.fonte}",
            f"    description: {A_DESCREVER}.",
            "    schema: \"{{ env_var('LASTRO_SCHEMA_PREFIX', '') }}raw_" + self.fonte + '"',
            "    config:",
            f"      meta: {{tipo: {POSTGRES}, esquema_origem: {_yaml(self.esquema)}}}",
            "    tables:",
        ]
        for nome, tabela in self.tabelas.items():
            dito = f"{tabela.comentario or A_DESCREVER}. One row per state of a key."
            linhas += [
                f"      - name: {nome}",
                f"        description: {_yaml(dito)}",
                "        config:",
                "          meta:",
                *(f"            {c}: {v}" for c, v in self._meta(nome, tabela).items()),
                "        columns:",
            ]
            for coluna in self.colunas[nome]:
                linhas += [
                    f"          - name: {coluna.nome}",
                    f"            description: {_yaml(coluna.dito)}",
                    f"            data_type: {coluna.tipo}",
                ]
                if coluna.meta:
                    ditos = ", ".join(f"{c}: {_yaml(v)}" for c, v in coluna.meta.items())
                    linhas += ["            config:", f"              meta: {{{ditos}}}"]
            for tecnica, tipo in TECNICAS[POSTGRES].items():
                linhas += [
                    f"          - name: {tecnica}",
                    f"            description: {DO_LOADER[tecnica]}",
                    f"            data_type: {tipo}",
                ]
            linhas.append("")
        return "\n".join(linhas)

    def _meta(self, nome: str, tabela: TabelaAchada) -> dict[str, str]:
        por_origem = {c.meta.get("na_fonte", c.nome): c for c in self.colunas[nome]}
        chave = [por_origem[c].nome for c in tabela.chave if c in por_origem]
        meta = {"chave": f"[{', '.join(chave)}]" if len(chave) != 1 else chave[0]}
        if not chave:
            meta["chave"] = "[]  # it has no key: name the columns that tell its rows apart"
        if titular := self._titular(tabela):
            meta["titular"] = titular
        dias = [
            c
            for c in self.colunas[nome]
            if c.tipo in ("date", "timestamp", "timestamptz") and DIAS.search(c.nome)
        ]
        if tabela.linhas > MUITAS and dias:
            meta |= {"leitura": "incremental", "dia": dias[0].nome}
        if nome != tabela.nome:
            meta["na_fonte"] = _yaml(tabela.nome)
        fora = [c.nome for c in tabela.colunas if c.tipo is None]
        if fora:
            meta["ignoradas"] = f"[{', '.join(map(_yaml, fora))}]"
        return meta

    def sql(self, nome: str) -> str:
        """The staging model of a table: the newest state of each key."""
        tabela = self.tabelas[nome]
        por_origem = {c.meta.get("na_fonte", c.nome): c for c in self.colunas[nome]}
        chave = ", ".join(f"'{por_origem[c].nome}'" for c in tabela.chave if c in por_origem)
        colunas = "\n".join(f"        {c.nome}," for c in self.colunas[nome])
        modelo = f"stg_{self.fonte}__{nome}"
        return (
            "with\n\nestados as (\n"
            f"    {{{{ estado_mais_recente(source('{self.fonte}', '{nome}'), [{chave}]) }}}}\n"
            f"),\n\n{modelo} as (\n    select\n{colunas}\n"
            "        excluido_na_origem,\n        _ultima_carga_id as _carga_id\n"
            f"    from estados\n)\n\nselect * from {modelo}\n"
        )

    def modelos(self) -> str:
        """The YAML of the staging models."""
        linhas = ["version: 2", "", "models:"]
        for nome, tabela in self.tabelas.items():
            por_origem = {c.meta.get("na_fonte", c.nome): c for c in self.colunas[nome]}
            chave = [por_origem[c].nome for c in tabela.chave if c in por_origem]
            linhas += [
                f"  - name: stg_{self.fonte}__{nome}",
                f"    description: One row per key of {nome}, as it was last.",
            ]
            if len(chave) > 1:
                linhas += [
                    "    data_tests:",
                    "      - dbt_utils.unique_combination_of_columns:",
                    "          arguments:",
                    f"            combination_of_columns: [{', '.join(chave)}]",
                ]
            linhas.append("    columns:")
            for coluna in self.colunas[nome]:
                linhas += [
                    f"      - name: {coluna.nome}",
                    f"        description: {_yaml(coluna.dito)}",
                ]
                if coluna.meta.get("pessoal"):
                    linhas += [
                        "        config:",
                        f"          meta: {{pessoal: {coluna.meta['pessoal']}}}",
                    ]
                if [coluna.nome] == chave:
                    linhas.append("        data_tests: [unique, not_null]")
            linhas += [
                "      - name: excluido_na_origem",
                "        description: Whether the source has the key no more.",
                "      - name: _carga_id",
                "        description: \"{{ doc('carga_id') }}\"",
                "",
            ]
        return "\n".join(linhas)


def _derivadas(nome: str, origem: str, classe: str, dito: str) -> list[_Coluna]:
    def uma(fim: str, derivacao: str, do_que: str) -> _Coluna:
        meta = {"derivada_de": origem, "derivacao": derivacao, "pessoal": classe}
        return _Coluna(f"{nome}_{fim}", TEXTO, f"{do_que} of {origem}. {dito}", meta)

    token = uma("token", "token", "Keyed token")
    return [token] if classe == "documento" else [uma("mascara", "mascara", "Mask"), token]


def _classe(nome: str) -> str | None:
    return next((c for c, como in PESSOAIS if re.search(como, _simples(nome))), None)


def _simples(nome: str) -> str:
    """A name of the source as the warehouse can have it."""
    simples = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", nome).lower()
    simples = re.sub(r"[^a-z0-9_]", "_", simples)
    return simples[:60] if NOME.fullmatch(simples[:60]) else f"c_{simples}"[:60]


def _singular(nome: str) -> str:
    return nome[:-1] if nome.endswith("s") and not nome.endswith("ss") else nome


def _yaml(texto: str) -> str:
    """A text as YAML writes it; quoted where it could be anything else."""
    simples = re.fullmatch(r"[A-Za-z_][\w .,()-]*", texto) and texto.lower() not in (
        "yes", "no", "on", "off", "true", "false", "null", "y", "n",
    )  # fmt: skip
    return texto if simples and not texto.endswith(" ") else json.dumps(texto, ensure_ascii=False)
