"""Guesses the contract of a database from what its catalog says."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from loaders.contratos import POSTGRES, Fonte
from loaders.contratos.tipos import RESERVADAS, TEXTO
from loaders.extracao.postgres.esboco import MUITAS, ColunaAchada, TabelaAchada
from loaders.projeto import rascunho
from loaders.projeto.rascunho import A_DESCREVER, DE_PESSOAS, Coluna, Desenho, em_yaml, simples

NAO_POUSAM = ("documento", "contato")
"""Classes of which a token lands, and of addresses a mask, but not the value."""
DIAS = re.compile(r"creat|criad|data|date|moment|timestamp|called|_at$|_em$")
DO_MODELO = {
    "excluido_na_origem": "Whether the source has the key no more.",
    "_carga_id": "\"{{ doc('carga_id') }}\"",
}


def rascunhar(
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
    rascunho.conferir_nome(fonte, outras)
    achado = _Banco(fonte, tabelas, outras)
    return rascunho.arquivos(
        fonte, POSTGRES, {"esquema_origem": em_yaml(esquema)}, achado.desenhos()
    )


class _Banco:
    """What is guessed of each table."""

    def __init__(
        self, fonte: str, tabelas: Sequence[TabelaAchada], outras: Mapping[str, Fonte]
    ) -> None:
        self.fonte = fonte
        self.tabelas = {simples(t.nome): t for t in tabelas}
        self.alheias = {c for f in outras.values() for t in f.tabelas for c in t.acham}
        self.ids = {t.nome: self._id(t) for t in tabelas}
        """How the key of each table is called, where it is one column."""
        self.de_pessoas = {t.nome for t in tabelas if self._e_de_pessoas(t)}
        self.colunas = {nome: self._colunas(t) for nome, t in self.tabelas.items()}

    def _id(self, tabela: TabelaAchada) -> str:
        if len(tabela.chave) != 1:
            return ""
        nome = simples(tabela.chave[0])
        if nome == "id" or nome in self.alheias:
            nome = f"id_{_singular(simples(tabela.nome))}"
        return f"{nome}_{self.fonte}" if nome in self.alheias else nome

    def _e_de_pessoas(self, tabela: TabelaAchada) -> bool:
        classes = {rascunho.classe(c.nome) for c in tabela.colunas}
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
        nome = simples(coluna.nome)
        return f"{nome}_" if nome in RESERVADAS else nome

    def _colunas(self, tabela: TabelaAchada) -> list[Coluna]:
        chaves = {self._titular(tabela)} | {self.ids[tabela.nome]}
        achadas = []
        for coluna in tabela.colunas:
            nome = self._nome(tabela, coluna)
            dito = coluna.comentario or A_DESCREVER
            if coluna.json:
                achadas.append(
                    Coluna(
                        f"{nome}_resumo", TEXTO, f"Keyed digest of {coluna.nome}. {dito}",
                        {"derivada_de": coluna.nome, "derivacao": "resumo"},
                    )
                )  # fmt: skip
                continue
            if coluna.tipo is None:
                continue
            classe = None if coluna.de or nome in chaves else rascunho.classe(coluna.nome)
            if classe in NAO_POUSAM and coluna.tipo == TEXTO:
                achadas += _derivadas(nome, coluna.nome, str(classe), dito)
                continue
            e_id = nome in chaves or coluna.de is not None
            tipo = TEXTO if e_id and coluna.tipo in ("bigint", TEXTO) else coluna.tipo
            meta = {} if nome == coluna.nome else {"na_fonte": coluna.nome}
            if classe or (nome in chaves and self._titular(tabela)):
                meta["pessoal"] = classe or "chave"
            achadas.append(Coluna(nome, tipo, dito, meta))
        return achadas

    def desenhos(self) -> list[Desenho]:
        """The tables, as they are drafted."""
        return [
            Desenho(
                nome,
                f"{tabela.comentario or A_DESCREVER}. One row per state of a key.",
                self._meta(nome, tabela),
                self.colunas[nome],
                self._chave(nome, tabela),
                self._sql(nome, tabela),
                DO_MODELO,
            )
            for nome, tabela in self.tabelas.items()
        ]

    def _chave(self, nome: str, tabela: TabelaAchada) -> list[str]:
        por_origem = {c.meta.get("na_fonte", c.nome): c for c in self.colunas[nome]}
        return [por_origem[c].nome for c in tabela.chave if c in por_origem]

    def _meta(self, nome: str, tabela: TabelaAchada) -> dict[str, str]:
        chave = self._chave(nome, tabela)
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
            meta["na_fonte"] = em_yaml(tabela.nome)
        fora = [c.nome for c in tabela.colunas if c.tipo is None]
        if fora:
            meta["ignoradas"] = f"[{', '.join(map(em_yaml, fora))}]"
        return meta

    def _sql(self, nome: str, tabela: TabelaAchada) -> str:
        """The staging model: the newest state of each key."""
        chave = ", ".join(f"'{c}'" for c in self._chave(nome, tabela))
        colunas = "\n".join(f"        {c.nome}," for c in self.colunas[nome])
        modelo = f"stg_{self.fonte}__{nome}"
        return (
            "with\n\nestados as (\n"
            f"    {{{{ estado_mais_recente(source('{self.fonte}', '{nome}'), [{chave}]) }}}}\n"
            f"),\n\n{modelo} as (\n    select\n{colunas}\n"
            "        excluido_na_origem,\n        _ultima_carga_id as _carga_id\n"
            f"    from estados\n)\n\nselect * from {modelo}\n"
        )


def _derivadas(nome: str, origem: str, classe: str, dito: str) -> list[Coluna]:
    def uma(fim: str, derivacao: str, do_que: str) -> Coluna:
        meta = {"derivada_de": origem, "derivacao": derivacao, "pessoal": classe}
        return Coluna(f"{nome}_{fim}", TEXTO, f"{do_que} of {origem}. {dito}", meta)

    token = uma("token", "token", "Keyed token")
    return [token] if classe == "documento" else [uma("mascara", "mascara", "Mask"), token]


def _singular(nome: str) -> str:
    return nome[:-1] if nome.endswith("s") and not nome.endswith("ss") else nome
