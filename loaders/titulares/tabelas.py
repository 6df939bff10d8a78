"""Erases people from the tables of one database: the warehouse, or a published file.

Rows are found by the key columns of the source, by their names. Where a model gave these other
names, by what is nobody else's: long ids, whole names, numbers of cards. At last every text of what
can hold the people is looked through for these, and what still holds one is named.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from loaders.armazem import Armazem
from loaders.armazem.sql import identificador
from loaders.contratos import DO_CONTROLE
from loaders.nucleo import andamento
from loaders.publicacao.modelos import PLANO
from loaders.titulares.guardadas import Guardada, guardadas
from loaders.titulares.mapa import (
    DERIVADAS,
    PESSOAIS,
    TEXTOS,
    Trocas,
    chave_substituta,
    coluna_da_pessoa,
    colunas_de_chave,
    como_texto,
    condicao,
    condicao_no_plano,
    por_trocas,
    tabelas_da,
    temporaria,
)
from loaders.titulares.valores import (
    com_outro_nome,
    com_valor,
    livres,
    por_derivada,
    por_valor,
    textos_de,
)

SEM_FIM = "9999-12-31"


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


DA_VIGENCIA = {"registro_ativo", "extraido_em"}
"""Other columns that follow from which version it is."""

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
                or self._texto(t)
                or self._plana(t)
                or (self._livres(t) and (t.origem.fontes or t.origem.tipo == "resto"))
                or self._com(t, self._livres(t))
            )
        ]

    def onde(self, tabela: Guardada) -> str:
        """The condition that a row of a table, called `f`, is about the people."""
        if self._plana(tabela):
            return condicao_no_plano(tabela, self.tabelas, "f")
        if coluna := self._texto(tabela):
            trocados = [(antes,) for antes, _ in self._textos(tabela)]
            temporaria(self.armazem, "texto_achado", ("texto",), trocados)
            do_texto = f"f.{coluna} in (select texto from texto_achado)"
            if "chave" in tabela.colunas:
                return f"{do_texto} or exists ({self._tokens_da_chave()})"
            return f"{do_texto} and {self._da_fonte(tabela)}"
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
            self._apagar_no_plano(tabela)
        for tabela in a_mudar:
            self._apagar_pelo_valor(tabela)
        derivadas = self._juntar_versoes(a_mudar) + self._das_chaves()
        temporaria(self.armazem, "derivada_trocada", ("coluna", "de", "para"), derivadas)
        for n, tabela in enumerate(a_mudar):
            andamento.dizer(f"erasing from {tabela.onde}", n, len(a_mudar))
            self._apagar_em(tabela)
            self._apagar_textos(tabela)
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

    def _texto(self, tabela: Guardada) -> str | None:
        """The column of a table in which values of several columns are one text."""
        coluna = TEXTOS.get(tabela.modelo)
        nosso = tabela.muda and ("chave" in tabela.colunas or tabela.origem.tipo == "controle")
        return coluna if nosso and coluna in tabela.textos else None

    def _da_fonte(self, tabela: Guardada) -> str:
        """SQL: whether a row of a table of texts, called `f`, may have come from the source."""
        if "chave" in tabela.colunas:
            return "true"
        cargas = f"{identificador(self.armazem.esquema(DO_CONTROLE))}.cargas"
        return (
            f"f._carga_id not in (select _carga_id from {cargas}"
            f" where fonte <> '{self.trocas.fonte}')"
        )

    def _contar(self, tabela: Guardada, quantas: int) -> None:
        if quantas:
            self.feitas[tabela] += quantas

    def _derivadas_deles(self) -> list[tuple[str, ...]]:
        """The surrogate keys that stand beside the keys of the people: column and value."""
        chaves = colunas_de_chave(self.trocas.fonte)
        return [
            (derivada, valor)
            for tabela in self.tabelas
            for derivada, chave in DERIVADAS.items()
            if tabela.do_projeto and {derivada, chave} <= tabela.colunas and chave in chaves
            for (valor,) in self.armazem.linhas(
                f"select distinct cast({derivada} as text) from {tabela} where {derivada} is not"
                f" null and {como_texto(tabela, chave)} in"
                f" (select valor from titular_achado where coluna = '{chave}')"
            )
        ]

    def _livres(self, tabela: Guardada) -> list[str]:
        """The text columns that no name says anything of."""
        if self._plana(tabela) or self._texto(tabela):
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
        for coluna in sorted((PESSOAIS.keys() | tabela.origem.pessoais) & tabela.colunas):
            valor = PESSOAIS.get(coluna, "null")
            if coluna in chaves:
                continue
            if valor == "null" and coluna in tabela.obrigatorias:
                if coluna not in tabela.textos:
                    self._fica(tabela, coluna)
                    continue
                valor = "''"
            valores.append(f"{identificador(coluna)} = {valor}")
        return valores

    def _fica(self, tabela: Guardada, coluna: str) -> None:
        porque = f"{tabela.onde}.{coluna} (may not be null)"
        if porque not in self.ficam:
            self.ficam.append(porque)

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

    def _juntar_versoes(self, tabelas: Sequence[Guardada]) -> list[tuple[str, ...]]:
        """Leave one version where several differ in nothing any more.

        Returns:
            The surrogate keys that this changes: column, old, new.
        """
        chaves: dict[tuple[str, int], int] = {}
        pessoa = coluna_da_pessoa(self.trocas.fonte)
        for tabela in tabelas:
            for vigencia in VIGENCIAS:
                if _so_versoes(tabela, vigencia, pessoa):
                    self._juntar_em(tabela, vigencia, pessoa, chaves)
        return [
            (
                self._da_pessoa,
                str(chave_substituta(id_, str(antes))),
                str(chave_substituta(self.trocas.token(pessoa, id_), str(depois))),
            )
            for (id_, antes), depois in chaves.items()
        ]

    @cached_property
    def _da_pessoa(self) -> str:
        """The surrogate key that is made of the person's own id; empty where there is none."""
        pessoa = coluna_da_pessoa(self.trocas.fonte)
        return next((derivada for derivada, chave in DERIVADAS.items() if chave == pessoa), "")

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
            valores.append(f"{v.numero} = cast(t.numero as integer)")
        if "registro_ativo" in tabela.colunas:
            valores.append(f"registro_ativo = starts_with(t.ate, '{SEM_FIM}')")
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
        for coluna in colunas_de_chave(self.trocas.fonte) if onde else ():
            if coluna in tabela.colunas:
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
                        f" where a.coluna = '{coluna}'"
                        f" and {como_texto(tabela, coluna, 'd.')} = a.valor"
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
        coluna = self._texto(tabela)
        trocar = self.trocas.em_diferencas if "chave" in tabela.colunas else self.trocas.em_linha
        trocados = []
        for (texto,) in self.armazem.linhas(
            f"select distinct {coluna} from {tabela} as f where {coluna} is not null"
            f" and {self._da_fonte(tabela)}"
        ):
            novo = trocar(texto)
            if novo != texto:
                trocados.append((texto, novo))
        return trocados

    def _apagar_textos(self, tabela: Guardada) -> None:
        coluna = self._texto(tabela)
        if coluna is None:
            return
        self._contar(tabela, self._quantas(tabela, self.onde(tabela)))
        temporaria(self.armazem, "texto_trocado", ("de", "para"), self._textos(tabela))
        self.armazem.executar(
            f"update {tabela} as f set {coluna} = t.para from texto_trocado as t"
            f" where f.{coluna} = t.de and {self._da_fonte(tabela)}"
        )
        if "chave" in tabela.colunas:
            self.armazem.executar(
                f"update {tabela} as f set chave = ({self._tokens_da_chave('a.token')})"
                f" where exists ({self._tokens_da_chave()})"
            )

    def _tokens_da_chave(self, o_que: str = "1") -> str:
        """The query of what stands for the key of a row of rec_duplicatas, called `f`."""
        casos = " ".join(
            f"when '{t.nome}' then '{t.chave_simples}'"
            for t in tabelas_da(self.trocas.fonte)
            if t.arquivo and t.chave_simples
        )
        da_entidade = f"case f.entidade {casos} end" if casos else "null"
        return (
            f"select {o_que} from titular_achado as a"
            f" where a.valor = f.chave and a.coluna = {da_entidade}"
        )


def _so_versoes(tabela: Guardada, v: Vigencia, pessoa: str) -> bool:
    """Whether nothing but personal data tells the versions of a person in a table apart."""
    outras = {
        c
        for c in tabela.colunas - PESSOAIS.keys() - DERIVADAS.keys() - tabela.origem.pessoais
        if not c.startswith(("_", "dbt_"))
    }
    return (
        {pessoa, v.de, v.ate} <= tabela.colunas
        and pessoa in tabela.textos
        and outras <= {pessoa, v.de, v.ate, v.numero, *DA_VIGENCIA}
    )
