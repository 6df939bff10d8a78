"""Erases people from the tables of one database: the warehouse, or a published file."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from loaders.armazem import Armazem
from loaders.titulares.mapa import (
    DERIVADAS,
    PESSOAIS,
    PLANO,
    TEXTOS,
    Guardada,
    Trocas,
    chave_substituta,
    coluna_da_pessoa,
    colunas_de_chave,
    condicao,
    condicao_no_plano,
    guardadas,
    por_trocas,
    temporaria,
)

SEM_FIM = "9999-12-31"
DA_ENTIDADE = (
    "a.valor = f.chave and a.coluna ="
    " case f.entidade when 'faturas' then 'id_fatura' else 'id_pagamento' end"
)
CHAVE_DUPLICADA = f"exists (select 1 from titular_achado as a where {DA_ENTIDADE})"
"""Whether the key of a row of rec_duplicatas, called `f`, is one of the people's."""


@dataclass(frozen=True)
class Vigencia:
    """How a table keeps versions of a person: the columns of their bounds.

    Attributes:
        de: since when a version holds.
        ate: until when.
        numero: its number, if it has one; the surrogate key is made of it.
    """

    de: str
    ate: str
    numero: str | None


VIGENCIAS = (
    Vigencia("valido_de", "valido_ate", "versao"),
    Vigencia("dbt_valid_from", "dbt_valid_to", None),
)


class Apagamento:
    """The erasure of some people from one database, inside a transaction."""

    def __init__(self, armazem: Armazem, trocas: Trocas) -> None:
        """Put beside the tables what is replaced by what."""
        self.armazem = armazem
        self.trocas = trocas
        self.tabelas = guardadas(armazem)
        self.feitas: dict[Guardada, int] = defaultdict(int)
        por_trocas(armazem, trocas)

    def com_pessoas(self) -> list[Guardada]:
        """The tables whose rows can be about people."""
        return [
            t
            for t in self.tabelas
            if condicao(t, self.trocas.fonte) or t.modelo in TEXTOS or self._plana(t)
        ]

    def onde(self, tabela: Guardada) -> str:
        """The condition that a row of a table, called `f`, is about the people."""
        if self._plana(tabela):
            return condicao_no_plano(tabela, self.tabelas, "f")
        if tabela.modelo in TEXTOS:
            trocados = [(antes,) for antes, _ in self._textos(tabela)]
            temporaria(self.armazem, "texto_achado", ("texto",), trocados)
            do_texto = f"f.{TEXTOS[tabela.modelo]} in (select texto from texto_achado)"
            return f"{do_texto} or {CHAVE_DUPLICADA}" if "chave" in tabela.colunas else do_texto
        return condicao(tabela, self.trocas.fonte) or "false"

    def procurar(self) -> dict[Guardada, int]:
        """How many rows of which table are about the people."""
        achadas = {}
        for tabela in self.com_pessoas():
            quantas = int(
                self.armazem.valor(f"select count(*) from {tabela} as f where {self.onde(tabela)}")
            )
            if quantas:
                achadas[tabela] = quantas
        return achadas

    def executar(self) -> dict[Guardada, int]:
        """Erase; returns how many rows of which table were changed or taken away."""
        for tabela in filter(self._plana, self.tabelas):  # while the others still name the people
            self._apagar_no_plano(tabela)
        derivadas = self._juntar_versoes() + self._das_chaves()
        temporaria(self.armazem, "derivada_trocada", ("coluna", "de", "para"), derivadas)
        for tabela in self.tabelas:
            self._apagar_em(tabela)
            self._apagar_textos(tabela)
        return self.feitas

    def _plana(self, tabela: Guardada) -> bool:
        return tabela.modelo == PLANO and self.trocas.fonte == "sicooperative"

    def _contar(self, tabela: Guardada, quantas: int) -> None:
        if quantas:
            self.feitas[tabela] += quantas

    def _apagar_no_plano(self, tabela: Guardada) -> None:
        vazias = (
            "nome_associado", "sobrenome_associado", "idade_associado", "des_transacao_movimento",
            "numero_cartao", "nome_impresso_cartao",
        )  # fmt: skip
        valores = ", ".join(f"{c} = null" for c in vazias)
        self._contar(
            tabela,
            self.armazem.executar(f"update {tabela} as f set {valores} where {self.onde(tabela)}"),
        )

    def _juntar_versoes(self) -> list[tuple[str, ...]]:
        """Leave one version where several differ in nothing any more.

        Returns:
            The surrogate keys that this changes: column, old, new.
        """
        chaves: dict[tuple[str, int], int] = {}
        pessoa = coluna_da_pessoa(self.trocas.fonte)
        for tabela in self.tabelas:
            for vigencia in VIGENCIAS:
                if {pessoa, vigencia.de, vigencia.ate} <= tabela.colunas:
                    self._juntar_em(tabela, vigencia, pessoa, chaves)
        return [
            (
                "sk_associado",
                str(chave_substituta(id_, str(antes))),
                str(chave_substituta(self.trocas.token(pessoa, id_), str(depois))),
            )
            for (id_, antes), depois in chaves.items()
        ]

    def _juntar_em(
        self, tabela: Guardada, v: Vigencia, pessoa: str, chaves: dict[tuple[str, int], int]
    ) -> None:
        linhas = self.armazem.linhas(
            f"select {pessoa}, cast({v.de} as text), cast({v.ate} as text), {v.numero or 0}"
            f" from {tabela} where {condicao(tabela, self.trocas.fonte)} order by {pessoa}, {v.de}"
        )
        por_pessoa: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for id_, *resto in linhas:
            por_pessoa[id_].append(tuple(resto))
        cortes = []
        for id_, versoes in por_pessoa.items():
            trechos: list[tuple[str, str]] = []
            for de, ate, numero in versoes:
                if trechos and trechos[-1][1] == de:
                    trechos[-1] = (trechos[-1][0], ate)
                else:
                    trechos.append((de, ate))
                if v.numero:
                    chaves[id_, numero] = len(trechos)
            cortes += [(id_, de, ate, str(n)) for n, (de, ate) in enumerate(trechos, 1)]
        temporaria(self.armazem, "trecho", ("pessoa", "de", "ate", "numero"), cortes)
        apagadas = self.armazem.executar(
            f"delete from {tabela} where {condicao(tabela, self.trocas.fonte)} and not exists"
            f" (select 1 from trecho as t where t.pessoa = {tabela}.{pessoa}"
            f" and cast(t.de as timestamp) = {tabela}.{v.de})"
        )
        self._contar(tabela, apagadas)
        valores = [f"{v.ate} = cast(t.ate as timestamp)"]
        if v.numero:
            valores += [
                f"{v.numero} = cast(t.numero as integer)",
                f"registro_ativo = starts_with(t.ate, '{SEM_FIM}')",
            ]
        self.armazem.executar(
            f"update {tabela} as d set {', '.join(valores)} from trecho as t"
            f" where d.{pessoa} = t.pessoa and d.{v.de} = cast(t.de as timestamp)"
        )
        if "dbt_scd_id" in tabela.colunas:  # dbt only asks that it be nobody else's
            self.armazem.executar(
                f"update {tabela} as d"
                f" set dbt_scd_id = md5(a.token || '|' || cast(d.{v.de} as text))"
                f" from titular_achado as a where a.coluna = '{pessoa}' and d.{pessoa} = a.valor"
            )

    def _das_chaves(self) -> list[tuple[str, ...]]:
        """The surrogate keys of one field: column, old, new."""
        return [
            (derivada, str(chave_substituta(valor)), str(chave_substituta(token)))
            for derivada, chave in DERIVADAS.items()
            if derivada != "sk_associado"
            for coluna, valor, token in self.trocas.linhas()
            if coluna == chave
        ]

    def _apagar_em(self, tabela: Guardada) -> None:
        onde = condicao(tabela, self.trocas.fonte)
        if onde:
            self._contar(
                tabela, int(self.armazem.valor(f"select count(*) from {tabela} where {onde}"))
            )
        pessoais = "".join(f", {c} = {v}" for c, v in PESSOAIS.items() if c in tabela.colunas)
        for coluna in colunas_de_chave(self.trocas.fonte):
            if coluna in tabela.colunas:
                self.armazem.executar(
                    f"update {tabela} as d set {coluna} = a.token{pessoais}"
                    f" from titular_achado as a"
                    f" where a.coluna = '{coluna}' and d.{coluna} = a.valor"
                )
        for coluna in DERIVADAS:
            if coluna in tabela.colunas:
                self.armazem.executar(
                    f"update {tabela} as d set {coluna} = cast(t.para as uuid)"
                    f" from derivada_trocada as t where t.coluna = '{coluna}'"
                    f" and d.{coluna} = cast(t.de as uuid)"
                )

    def _textos(self, tabela: Guardada) -> list[tuple[str, str]]:
        """The texts of a table that name the people, with what they become."""
        coluna = TEXTOS[tabela.modelo]
        trocar = self.trocas.em_diferencas if "chave" in tabela.colunas else self.trocas.em_linha
        trocados = []
        for (texto,) in self.armazem.linhas(
            f"select distinct {coluna} from {tabela} where {coluna} is not null"
        ):
            novo = trocar(texto)
            if novo != texto:
                trocados.append((texto, novo))
        return trocados

    def _apagar_textos(self, tabela: Guardada) -> None:
        if tabela.modelo not in TEXTOS:
            return
        self._contar(
            tabela,
            int(
                self.armazem.valor(f"select count(*) from {tabela} as f where {self.onde(tabela)}")
            ),
        )
        coluna = TEXTOS[tabela.modelo]
        temporaria(self.armazem, "texto_trocado", ("de", "para"), self._textos(tabela))
        self.armazem.executar(
            f"update {tabela} as f set {coluna} = t.para from texto_trocado as t"
            f" where f.{coluna} = t.de"
        )
        if "chave" in tabela.colunas:
            self.armazem.executar(
                f"update {tabela} as f set chave = (select a.token from titular_achado as a"
                f" where {DA_ENTIDADE}) where {CHAVE_DUPLICADA}"
            )
