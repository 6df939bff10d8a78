"""What is asked of a source: SQL, composed of a contract and of what the source's catalog says."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from loaders.armazem.sql import identificador, literal
from loaders.contratos import ILEGIVEIS, Tabela
from loaders.extracao.derivacoes import base
from loaders.extracao.postgres.tipos import SO_SEM_NAN, Passagem

SEM_DATA = "sem data"
"""Name of the day of rows that have none, or one that no calendar of ours has."""

DIA = re.compile(r"\d{4}-\d{2}-\d{2}")
"""A day as the source names it: of the years 1 to 9999."""

INTERVALOS_POR_CONSULTA = 32
"""Up to so many ranges of days are asked for as ranges, which an index can serve."""


@dataclass(frozen=True)
class ColunaLida:
    """A column of the source, as it is read.

    Attributes:
        nome: its name in the contract; of one that does not land, its name in the source.
        tipo: the contract's type.
        na_fonte: its name in the source, quoted.
        passagem: how it is read.
    """

    nome: str
    tipo: str
    na_fonte: str
    passagem: Passagem

    @property
    def valor(self) -> str:
        """SQL of its value, whatever the contract's type holds."""
        return self.passagem.valor.format(self.na_fonte)

    @property
    def condicao(self) -> str | None:
        """SQL: whether the contract's type holds a value, null for none; None if it holds all."""
        return self.passagem.condicao and self.passagem.condicao.format(self.na_fonte)

    @property
    def legivel(self) -> str:
        """SQL of its value, null where the contract's type does not hold it."""
        return f"case when {self.condicao} then {self.valor} end" if self.condicao else self.valor

    @property
    def impressao(self) -> str:
        """SQL of what tells two contents apart."""
        return self.passagem.impressao.format(self.na_fonte)


@dataclass(frozen=True)
class Lida:
    """A table of the source, as it is read.

    Attributes:
        tabela: its contract.
        relacao: its schema and name in the source, quoted.
        colunas: what is read of it, and lands.
        bases: what is read to derive columns from, and does not land.
    """

    tabela: Tabela
    relacao: str
    colunas: tuple[ColunaLida, ...]
    bases: tuple[ColunaLida, ...] = ()

    @cached_property
    def _por_nome(self) -> dict[str, ColunaLida]:
        return {c.nome: c for c in self.colunas}

    def coluna(self, nome: str | None) -> ColunaLida:
        """The column of a name of the contract."""
        return self._por_nome[str(nome)]

    @property
    def chave(self) -> tuple[ColunaLida, ...]:
        """The columns of its key."""
        return tuple(map(self.coluna, self.tabela.chave))

    @cached_property
    def condicoes(self) -> dict[str, str]:
        """SQL: whether the contract's type holds a value, by the columns where it may not."""
        return {c.nome: c.condicao for c in self.colunas if c.condicao}

    def contar(self) -> str:
        """The query of its rows, and of those with a value that its column cannot hold."""
        legiveis = " and ".join(self.condicoes.values()) or "true"
        return f"select count(*), count(*) filter (where not ({legiveis})) from {self.relacao}"

    def contar_de(self, donos: Mapping[str, Collection[str]]) -> str:
        """The query of rows and amounts (BRL) of some people."""
        valor = self.coluna(self.tabela.valor).legivel if self.tabela.valor else "0"
        deles = " or ".join(
            f"{self.coluna(c).valor} in ({', '.join(map(literal, sorted(valores)))})"
            for c, valores in donos.items()
        )
        return (
            f"select count(*), cast(coalesce(sum({valor}), 0) as text) from {self.relacao}"
            f" where {deles}"
        )

    def por_dia(self, dias_recentes: int | None) -> str:
        """The query of count, sum and fingerprint by day (see `FontePostgres.dias`)."""
        dia, relacao = self.coluna(self.tabela.dia).na_fonte, self.relacao
        lidas = [*self.colunas, *self.bases]
        sinais = "".join(f", {c.na_fonte} < 0" for c in lidas if c.tipo.startswith("decimal"))
        linha = f"row({', '.join(c.impressao for c in lidas)}{sinais})"
        completo = (
            f"select cast({dia} as date) as dia, count(*) as linhas, {self._soma} as valor,"
            f" sum(hashtextextended('', hash_record_extended({linha}, 0))) as impressao"
            f" from {relacao}"
        )
        if dias_recentes is None:
            consulta = f"{completo} group by 1"
        else:
            corte = (
                f"coalesce((select date_trunc('day', max({dia}))"
                f" - interval '{dias_recentes} days' from {relacao}"
                f" where {dia} < transaction_timestamp() + interval '1 day'"
                f" and {dia} >= '0001-01-01'), '0001-01-01')"
            )
            consulta = (
                f"{completo} where {dia} >= {corte} or {sem_data(dia)}"
                f" group by 1 union all select cast({dia} as date), count(*), null, null"
                f" from {relacao} where {dia} < {corte} and {dia} >= '0001-01-01' group by 1"
            )
        return (
            f"select coalesce(cast(dia as text), '{SEM_DATA}'), cast(sum(linhas) as bigint),"
            " cast(sum(valor) as text), cast(sum(impressao) as text)"
            f" from ({consulta}) as por_dia group by 1"
        )

    @property
    def _soma(self) -> str:
        if self.tabela.valor is None:
            return "cast(null as numeric)"
        valor = self.coluna(self.tabela.valor)
        # Of the common type only NaN is none, and it shows in the sum.
        return f"sum({valor.na_fonte if self.nan_se_mostra else valor.legivel})"

    @property
    def nan_se_mostra(self) -> bool:
        """Whether a sum of the amounts is NaN where one of them is, and tells of all illegible."""
        valor = self.tabela.valor
        return valor is not None and self.coluna(valor).passagem == SO_SEM_NAN

    @property
    def que_os_dias_mostram(self) -> set[str | None]:
        """The columns of which the days and their sums tell whether a value is illegible."""
        return {self.tabela.dia, *([self.tabela.valor] if self.nan_se_mostra else [])}

    def sem_nan_por_dia(self) -> str:
        """The query of the sums by day, of the amounts that are any."""
        dia, valor = self.coluna(self.tabela.dia).na_fonte, self.coluna(self.tabela.valor)
        return (
            f"select coalesce(cast(cast({dia} as date) as text), '{SEM_DATA}'),"
            f" cast(sum({valor.legivel}) as text) from {self.relacao} group by 1"
        )

    def ler(self, dias: Sequence[str] | None, so_legiveis: bool) -> str:
        """The query of its rows, or of those of some days.

        Args:
            dias: the days (`YYYY-MM-DD` or `SEM_DATA`); None for all rows.
            so_legiveis: whether it is known that the contract's types hold every value.
        """
        colunas = [
            f"{c.valor if so_legiveis else c.legivel} as {identificador(c.nome)}"
            for c in self.colunas
        ]
        colunas += [f"{b.valor} as {identificador(base(b.nome))}" for b in self.bases]
        if not so_legiveis:
            colunas.append(self._ilegiveis())
        onde = ""
        if dias is not None:
            onde = f" where {condicao_de_dias(self.coluna(self.tabela.dia).na_fonte, dias)}"
        return (
            f"select {', '.join(colunas)}, row_number() over () as _linha from {self.relacao}{onde}"
        )

    def _ilegiveis(self) -> str:
        """SQL of the column `_ilegiveis`; null for nearly all rows."""
        partes = ", ".join(
            f"case when not {legivel} then '{nome}=' ||"
            f" cast({self.coluna(nome).na_fonte} as text) end"
            for nome, legivel in self.condicoes.items()
        )
        todas = " and ".join(self.condicoes.values())
        valores = f"case when not ({todas}) then concat_ws('; ', {partes}) end" if todas else "null"
        return f"cast({valores} as text) as {ILEGIVEIS}"

    def problemas_de_chave(self) -> str:
        """The query of rows without a key that its columns hold, and of rows that repeat one."""
        faltas = [f"{c.na_fonte} is null" for c in self.chave]
        faltas += [f"not {c.condicao}" for c in self.chave if c.condicao]
        chave = ", ".join(c.valor for c in self.chave)
        sem = " or ".join(faltas)
        return (
            f"select count(*) filter (where {sem}), count(*) filter (where not ({sem}))"
            f" - count(distinct ({chave})) filter (where not ({sem})) from {self.relacao}"
        )


def sem_data(coluna: str) -> str:
    """SQL: whether a row's day is `SEM_DATA`."""
    return f"({coluna} is null or not ({coluna} >= '0001-01-01' and {coluna} < '10000-01-01'))"


def no_calendario(dia: str) -> bool:
    """Whether a day that a source named is one of the years 1 to 9999, and not `SEM_DATA`."""
    return DIA.fullmatch(dia) is not None


def condicao_de_dias(coluna: str, dias: Sequence[str]) -> str:
    """A condition that holds for the rows of these days; few ranges are written as ranges."""
    datas = sorted(filter(no_calendario, dias))
    sem = [sem_data(coluna)] if len(datas) < len(dias) else []
    intervalos: list[list[date]] = []
    for dia in map(date.fromisoformat, datas):
        if intervalos and intervalos[-1][1] + timedelta(days=1) == dia:
            intervalos[-1][1] = dia
        else:
            intervalos.append([dia, dia])
    if len(intervalos) > INTERVALOS_POR_CONSULTA:
        lista = ", ".join(f"'{d}'" for d in datas)
        partes = [f"cast({coluna} as date) = any(cast(array[{lista}] as date[]))"]
    else:
        partes = [
            f"({coluna} >= '{de}' and {coluna} < cast('{ate}' as date) + 1)"
            for de, ate in intervalos
        ]
    return "(" + " or ".join([*sem, *partes] or ["false"]) + ")"
