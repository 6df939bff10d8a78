"""Erases people from the tables of one database: the warehouse, or a published file.

Rows are found by the key columns of the source, by their names. Where a model gave these other
names, by what is nobody else's: long ids, whole names, numbers of cards. At last every text of what
can hold the people is looked through for these, and what still holds one is named.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from loaders.armazem import Armazem
from loaders.armazem.sql import identificador
from loaders.contratos import ILEGIVEIS, Marca
from loaders.nucleo import andamento
from loaders.publicacao.modelos import PLANO
from loaders.titulares.condicoes import como_texto, condicao, condicao_no_plano
from loaders.titulares.guardadas import Guardada, guardadas
from loaders.titulares.mapa import coluna_da_pessoa, colunas_de_chave, temporaria
from loaders.titulares.textos import Textos
from loaders.titulares.trocas import Trocas, chave_substituta, por_trocas
from loaders.titulares.valores import (
    com_outro_nome,
    com_valor,
    livres,
    por_derivada,
    por_valor,
    textos_de,
)
from loaders.titulares.vigencias import juntar_versoes


class Apagamento:
    """The erasure of some people from one database, inside a transaction."""

    def __init__(self, armazem: Armazem, trocas: Trocas) -> None:
        """Put beside the tables what is replaced by what."""
        self.armazem = armazem
        self.trocas = trocas
        self.textos = Textos(armazem, trocas)
        todas = [t for t in guardadas(armazem) if t.pode_ter(trocas.fonte)]
        self.fechadas = [t for t in todas if not t.legivel and not t.muda]
        self.tabelas = [t for t in todas if t not in self.fechadas]
        armazem.vistoriar(map(str, self.tabelas))
        self.feitas: dict[Guardada, int] = defaultdict(int)
        self.ficam: list[str] = []
        """Columns that cannot be emptied, because they may not be null."""
        por_trocas(armazem, trocas)
        colunas = ("valor", "token", "tipo")
        self.valores = trocas.valores()
        temporaria(armazem, "titular_valor", colunas, self.valores)
        temporaria(armazem, "titular_derivada", ("coluna", "valor"), self._derivadas_deles())

    def a_mudar(self) -> list[Guardada]:
        """The tables that an erasure may change."""
        return [t for t in self.tabelas if t.muda]

    def com_pessoas(self) -> list[Guardada]:
        """The tables to change whose rows can be about people."""
        return [
            t
            for t in self.tabelas
            if t.muda
            and (
                t in self.feitas
                or condicao(t, self.trocas.fonte)
                or t.texto
                or self._plana(t)
                or (self._livres(t) and (t.origem.fontes or t.origem.tipo == "resto"))
                or self._com(t, self._livres(t))
            )
        ]

    def onde(self, tabela: Guardada) -> str:
        """The condition that a row of a table, called `f`, is about the people."""
        if self._plana(tabela):
            return condicao_no_plano(tabela, self.tabelas, "f")
        if tabela.texto:
            return self.textos.onde(tabela)
        if not tabela.do_projeto:  # what its ids are is not known
            return por_valor(textos_de(tabela)) or "false"
        partes = (condicao(tabela, self.trocas.fonte), self._pelo_valor(tabela))
        return " or ".join(filter(None, partes)) or "false"

    def procurar(self) -> dict[Guardada, int]:
        """How many rows of which table are about the people."""
        achadas = {}
        for n, tabela in enumerate(self.tabelas):
            andamento.dizer(f"searching {tabela.onde}", n, len(self.tabelas))
            onde = self.onde(tabela)
            if onde != "false" and (quantas := self._quantas(tabela, onde)):
                achadas[tabela] = quantas
        return achadas

    def executar(self) -> dict[Guardada, int]:
        """Erase; returns how many rows of which table were changed or taken away."""
        a_mudar = self.a_mudar()
        for tabela in filter(self._plana, a_mudar):  # while the others still name the people
            valores = ", ".join(self._vazias(tabela))
            feito = f"update {tabela} as f set {valores} where {self.onde(tabela)}"
            self._contar(tabela, self.armazem.executar(feito))
        for tabela in a_mudar:
            self._apagar_pelo_valor(tabela)
        derivadas, apagadas = juntar_versoes(self.armazem, self.trocas, a_mudar, self._da_pessoa)
        for tabela, quantas in apagadas.items():
            self._contar(tabela, quantas)
        derivadas += self._das_chaves()
        temporaria(self.armazem, "derivada_trocada", ("coluna", "de", "para"), derivadas)
        for n, tabela in enumerate(a_mudar):
            andamento.dizer(f"erasing from {tabela.onde}", n, len(a_mudar))
            self._apagar_em(tabela)
            if tabela.texto:
                self._contar(tabela, self._quantas(tabela, self.onde(tabela)))
                self.textos.apagar(tabela)
        return self.feitas

    def restantes(self) -> list[str]:
        """What still names the people, or may: columns and tables, with why."""
        achados = list(self.ficam)
        achados += [f"{t.onde} (not of this project, and not to be read)" for t in self.fechadas]
        achados += [
            f"{t.onde} (a seed: its file in the project holds them)"
            for t in self.feitas
            if t.origem.tipo == "seed"
        ]
        for tabela in self.tabelas:
            if tabela.muda:
                achados += [f"{tabela.onde}.{c}" for c in self._com(tabela, textos_de(tabela))]
                achados += [
                    f"{tabela.onde}.{coluna} (its values are of {chave}: call it so)"
                    for coluna, chave in com_outro_nome(self.armazem, tabela, self.trocas)
                ]
            elif (onde := self.onde(tabela)) != "false" and self._quantas(tabela, onde):
                porque = "materialized view: refresh it" if tabela.fixa else "not of this project"
                achados.append(f"{tabela.onde} ({porque})")
        return achados

    def _quantas(self, tabela: Guardada, onde: str) -> int:
        return int(self.armazem.valor(f"select count(*) from {tabela} as f where {onde}"))

    def _plana(self, tabela: Guardada) -> bool:
        return tabela.modelo == PLANO and tabela.muda

    def _contar(self, tabela: Guardada, quantas: int) -> None:
        if quantas:
            self.feitas[tabela] += quantas

    def _derivadas_deles(self) -> list[tuple[str, ...]]:
        """The surrogate keys that stand beside the keys of the people: column and value."""
        chaves = colunas_de_chave(self.trocas.fonte)
        return [
            (derivada, valor)
            for tabela in self.tabelas
            for derivada, chave in tabela.derivadas.items()
            if tabela.do_projeto and chave in tabela.colunas and chave in chaves
            for (valor,) in self.armazem.linhas(
                f"select distinct cast({derivada} as text) from {tabela} where {derivada} is not"
                f" null and {como_texto(tabela, chave)} in"
                f" (select valor from titular_achado where coluna = '{chave}')"
            )
        ]

    def _livres(self, tabela: Guardada) -> list[str]:
        """The text columns that no name says anything of."""
        if self._plana(tabela) or tabela.texto:
            return []
        return livres(tabela, self.trocas.fonte)

    def _pelo_valor(self, tabela: Guardada) -> str:
        """SQL: whether a row of a table, called `f`, is theirs by what no name tells of."""
        partes = [por_valor(self._livres(tabela))]
        if not condicao(tabela, self.trocas.fonte):
            partes.append(por_derivada(tabela))
        return " or ".join(filter(None, partes))

    def _com(self, tabela: Guardada, colunas: Sequence[str]) -> list[str]:
        """Those of some columns in which something stands that is theirs alone."""
        return com_valor(self.armazem, tabela, colunas) if self.valores else []

    def _apagar_pelo_valor(self, tabela: Guardada) -> None:
        """Empty the rows that no key tells of, and take what is theirs alone out of any."""
        onde = self._pelo_valor(tabela)
        if self._plana(tabela) or not onde or not (quantas := self._quantas(tabela, onde)):
            return
        achadas = self._com(tabela, self._livres(tabela))
        self._contar(tabela, quantas)
        vazias = self._vazias(tabela)
        if vazias and not condicao(tabela, self.trocas.fonte):
            self.armazem.executar(f"update {tabela} as f set {', '.join(vazias)} where {onde}")
        for coluna in achadas:
            token = f"cast(v.token as {tabela.textos[coluna]})"
            if coluna not in tabela.obrigatorias:
                token = f"case v.tipo when 'chave' then {token} end"
            self.armazem.executar(
                f"update {tabela} as f set {identificador(coluna)} = {token}"
                f" from titular_valor as v where f.{identificador(coluna)} = v.valor"
            )

    def _vazias(self, tabela: Guardada) -> list[str]:
        """SQL: what the columns about a person become."""
        chaves = colunas_de_chave(self.trocas.fonte)
        valores = []
        for coluna, marca in sorted(tabela.pessoais.items()):
            if coluna in chaves:
                continue
            valor = _apagado(tabela, coluna, marca)
            if valor is None:
                self._fica(tabela, coluna)
            else:
                valores.append(f"{identificador(coluna)} = {valor}")
        return valores

    def _fica(self, tabela: Guardada, coluna: str) -> None:
        porque = f"{tabela.onde}.{coluna} (may not be null)"
        if porque not in self.ficam:
            self.ficam.append(porque)

    @cached_property
    def _derivadas(self) -> dict[str, str]:
        """The surrogate keys of people in all tables, with the key whose hash each is."""
        return {d: chave for tabela in self.tabelas for d, chave in tabela.derivadas.items()}

    @cached_property
    def _da_pessoa(self) -> str:
        """The surrogate key that is made of the person's own id; empty where there is none."""
        pessoa = coluna_da_pessoa(self.trocas.fonte)
        return next((d for d, chave in self._derivadas.items() if chave == pessoa), "")

    def _das_chaves(self) -> list[tuple[str, ...]]:
        """The surrogate keys of one field: column, old, new."""
        return [
            (derivada, str(chave_substituta(valor)), str(chave_substituta(token)))
            for derivada, chave in self._derivadas.items()
            if derivada != self._da_pessoa
            for coluna, valor, token in self.trocas.linhas()
            if coluna == chave
        ]

    def _apagar_em(self, tabela: Guardada) -> None:
        onde = condicao(tabela, self.trocas.fonte)
        if onde:
            self._contar(
                tabela, int(self.armazem.valor(f"select count(*) from {tabela} where {onde}"))
            )
        ids = tabela.ids(colunas_de_chave(self.trocas.fonte)) if onde else {}
        for coluna, chave in ids.items():
            valores = self._vazias(tabela)
            if coluna in tabela.textos:
                valores.append(f"{coluna} = cast(a.token as {tabela.textos[coluna]})")
            elif coluna not in tabela.obrigatorias:
                valores.append(f"{coluna} = null")
            else:
                self._fica(tabela, coluna)
            if valores:
                self.armazem.executar(
                    f"update {tabela} as d set {', '.join(valores)} from titular_achado as a"
                    f" where a.coluna = '{chave}'"
                    f" and {como_texto(tabela, coluna, 'd.')} = a.valor"
                )
        for coluna in tabela.derivadas:
            self.armazem.executar(
                f"update {tabela} as d set {coluna} = cast(t.para as uuid)"
                f" from derivada_trocada as t where t.coluna = '{coluna}'"
                f" and d.{coluna} = cast(t.de as uuid)"
            )


def _apagado(tabela: Guardada, coluna: str, marca: Marca) -> str | None:
    """SQL: what stands in a personal column after an erasure; None where it cannot be emptied.

    It is what the models make of nothing: the text that the mark names, else null, else an empty
    text. Of what could not be read it stays that there was something.
    """
    if coluna == ILEGIVEIS:
        return f"regexp_replace({coluna}, '=[^;]*', '=', 'g')"
    if marca.apagado and coluna in tabela.textos:
        return "'" + marca.apagado.replace("'", "''") + "'"
    if coluna not in tabela.obrigatorias:
        return "null"
    return "''" if coluna in tabela.textos else None
