"""How a file writes its amounts and days, found from all its rows.

Only values that can be read one way count as evidence: `10.50` (point), `10,50` or `1.234.567`
(comma), `2024-01-31`, `31/01/2024`. The form with more evidence wins; what does not fit it is
judged later, row by row. `1.234` may be either, and alone decides nothing. A day is evidence only
for the forms in which it exists, with a time after it or without.

The models read the texts again, by the form that was found (tentar_decimal, tentar_data), and a
test holds both readings against each other. What may stand around a value without changing its
meaning is looked for only in texts that are not plain.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from loaders.extracao.arquivos.escritas import (
    CENTAVOS,
    DUVIDA,
    ESPACO,
    NADA,
    PONTO,
    VIRGULA,
    Escritas,
)
from loaders.nucleo.erros import FonteRecusada

ISO, BRASILEIRA, AMERICANA = "AAAA-MM-DD", "DD/MM/AAAA", "MM/DD/AAAA"

DIA = (
    rf"^{ESPACO}*([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{2}}/[0-9]{{2}}/[0-9]{{4}})"
    rf"(?:[ T]0?0:00(?::00(?:[.]0+)?)?)?{ESPACO}*$"
)
INSTANTE = (
    rf"^{ESPACO}*([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{2}}/[0-9]{{2}}/[0-9]{{4}})"
    r"(?:[ T](?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    rf" ?(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?)?{ESPACO}*$"
)
"""A day with or without a time: of the clock where it stands, or with what parts it from UTC."""
DATAS = {
    ISO: (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d", 8),
    BRASILEIRA: (r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$", "%d/%m/%Y", 0),
    AMERICANA: (r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$", "%m/%d/%Y", 3),
}
"""What a day looks like, how it is read, and where the day of the month begins."""

AO_REDOR_DE_VALOR = {
    "currency signs": "[$]",
    "padding": f"^{ESPACO}|{ESPACO}$",
    "trailing minus": f"-{ESPACO}*$",
    "float artefacts": "[.,][0-9]{4,}",
}
AO_REDOR_DE_DIA = {"padding": f"^{ESPACO}|{ESPACO}$", "times of midnight": ":"}
"""What is said of a file if it was found in a value that can be read."""

DIAS_LEMBRADOS = 50_000
"""Far more than a file has, unless it holds something else in their place."""

PRIMEIRAS = 1_000
"""Rows in which one that can be read is looked for first: nearly every file has one there."""


class Evidencia:
    """Counts the evidence of all forms as the rows pass."""

    def __init__(
        self,
        valores: Sequence[str],
        datas: Sequence[str],
        mes: str | None = None,
        instantes: Sequence[str] = (),
        escalas: Mapping[str, tuple[int, int]] = MappingProxyType({}),
    ) -> None:
        """Nothing seen yet.

        Args:
            valores: columns that hold amounts.
            datas: columns that hold days; the first tells which month a row is of.
            mes: the month (`YYYY-MM`) that the file is of; none for a historical one.
            instantes: columns that hold days with a time.
            escalas: precision and scale of amounts that are not of money.
        """
        self.escritas = {v: Escritas.de(*escalas.get(v, CENTAVOS)) for v in valores}
        self.datas = (*datas, *instantes)
        self.instantes = frozenset(instantes)
        self.mes = mes
        self.decimais: Counter[str] = Counter()
        self.dias: Counter[str] = Counter()
        self.no_mes: Counter[str] = Counter()
        self.enfeites: set[str] = set()
        self.a_encontrar = list(product((PONTO, VIRGULA), (ISO, BRASILEIRA)))
        """Pairs of forms by which no row could be read yet."""
        self.conhecidos: dict[str, tuple[str, list[str]]] = {}
        """Of each day seen: what it is evidence for, and the forms by which it is of the month."""
        self.primeiro_rejeito = ""

    def rejeitar(self, linha: int, motivo: str) -> None:
        """Know of a line that is no row."""
        self.primeiro_rejeito = self.primeiro_rejeito or f"line {linha}: {motivo}"

    def observar(self, lote: pa.RecordBatch) -> None:
        """Count the evidence of a batch."""
        decimais = [self._observar_valores(e, lote.column(v)) for v, e in self.escritas.items()]
        dias = [self._observar_dias(nome, lote.column(nome)) for nome in self.datas]
        for vistos, todos in ((decimais, self.decimais), (dias, self.dias)):
            for contagem in vistos:
                todos.update(contagem)
        for valor, dia in list(self.a_encontrar):
            outra = VIRGULA if valor == PONTO else PONTO
            # Where all of a column is of another form there is nothing to look for.
            em_dia = (ISO,) if dia == ISO else (BRASILEIRA, DUVIDA)
            if all(any(d[f] for f in em_dia) for d in dias) and all(
                d[outra] < lote.num_rows for d in decimais
            ):
                self._procurar_legivel(lote, valor, dia)

    def forma_decimal(self, indicada: str | None) -> str:
        """The form of the amounts.

        Args:
            indicada: what the operator says it is, for a file that does not show it.

        Raises:
            FonteRecusada: the file does not show it, and nobody said.
        """
        ponto, virgula = self.decimais[PONTO], self.decimais[VIRGULA]
        if ponto != virgula:
            return PONTO if ponto > virgula else VIRGULA
        if indicada:
            return indicada
        if ponto:
            raise FonteRecusada(
                f"as many amounts are written with a decimal point as with a comma ({ponto} each); "
                "give --decimal"
            )
        if self.decimais[DUVIDA]:
            raise FonteRecusada(
                "its amounts may be thousands or have three decimals, and none shows which; "
                "give --decimal"
            )
        return PONTO

    def forma_data(self) -> str:
        """The form of the days.

        Raises:
            FonteRecusada: as many are written one way as the other, or the month comes first.
        """
        iso, so_brasileiras, so_americanas = (
            self.dias[forma] for forma in (ISO, BRASILEIRA, AMERICANA)
        )
        barras = so_brasileiras + so_americanas + self.dias[DUVIDA]
        if iso and iso == barras:
            raise FonteRecusada(
                f"as many days are written {ISO} as with slashes ({iso} each); write all of them"
                f" {ISO} or {BRASILEIRA}"
            )
        if iso >= barras:
            return ISO
        if so_americanas and so_americanas >= so_brasileiras:
            raise FonteRecusada(
                f"its days are written {AMERICANA}: {so_americanas} of them can be nothing else,"
                f" and {so_brasileiras} can only be {BRASILEIRA}; write them {ISO} or {BRASILEIRA}"
            )
        if not so_brasileiras and self.no_mes[AMERICANA] > self.no_mes[BRASILEIRA]:
            raise FonteRecusada(
                f"its days seem to be written {AMERICANA}: all of them may be either, and read so"
                f" {self.no_mes[AMERICANA]} in {self.datas[0]} are of {self.mes}, read as"
                f" {BRASILEIRA} {self.no_mes[BRASILEIRA]}; write them {ISO} or {BRASILEIRA}"
            )
        return BRASILEIRA

    def conferir_legivel(self, valor: str, dia: str) -> None:
        """See that something of the file can be used.

        Args:
            valor: the form of the amounts.
            dia: the form of the days.

        Raises:
            FonteRecusada: no row has all of its amounts and days in these forms.
        """
        if (valor, dia) in self.a_encontrar:
            raise FonteRecusada(
                f"it has no row in which {', '.join((*self.escritas, *self.datas))} can all be read"
                + (f" ({self.primeiro_rejeito})" if self.primeiro_rejeito else "")
            )

    def formato(self, valor: str) -> list[str]:
        """What was found around the values, in words.

        Args:
            valor: the form of the amounts.
        """
        milhares = ["thousands separators"] if f"thousands {valor}" in self.enfeites else []
        return milhares + sorted(e for e in self.enfeites if not e.startswith("thousands"))

    def _observar_valores(self, escritas: Escritas, coluna: pa.StringArray) -> Counter[str]:
        provas: Counter[str] = Counter()
        conteudo = _conteudo(coluna)
        sinais = {c for c in b".," if c in conteudo}
        if not sinais and not conteudo.translate(None, b"0123456789"):
            return provas  # whole numbers, which both forms read alike
        restam = self._contar(escritas, coluna, sinais, provas)
        if len(restam):
            nucleos = escritas.nucleos(restam)
            numeros = pc.match_substring_regex(nucleos, escritas.numero)
            self._notar(restam.filter(numeros), AO_REDOR_DE_VALOR)
            self._contar(escritas, nucleos, set(b".,"), provas)
        return provas

    def _contar(
        self, escritas: Escritas, textos: pa.StringArray, sinais: set[int], provas: Counter[str]
    ) -> pa.StringArray:
        """Count each shape that can occur; returns the texts that have none of them."""
        for escrita in escritas.todas:
            if not len(textos) or not set(escrita.sinais) <= sinais:
                continue
            achados = pc.match_substring_regex(textos, escrita.expressao)
            if achados.true_count:
                if escrita.prova:
                    provas[escrita.prova] += achados.true_count
                if escrita.milhares:
                    self.enfeites.add(f"thousands {escrita.lida_em[0]}")
                textos = textos.filter(pc.invert(achados))
        return textos

    def _observar_dias(self, nome: str, coluna: pa.StringArray) -> Counter[str]:
        """A file has few days: each is looked at once."""
        if nome in self.instantes:
            coluna = _sem_hora(coluna, INSTANTE)
        contagem = coluna.value_counts()
        vezes = dict(
            zip(*(contagem.field(c).to_pylist() for c in ("values", "counts")), strict=True)
        )
        if len(self.conhecidos) > DIAS_LEMBRADOS:
            self.conhecidos.clear()
        if novos := vezes.keys() - self.conhecidos.keys():
            self._conhecer(pa.array(sorted(novos), pa.string()))
        provas: Counter[str] = Counter()
        for texto, quantas in vezes.items():
            prova, no_mes = self.conhecidos[texto]
            provas[prova] += quantas
            if nome == self.datas[0]:
                for forma in no_mes:
                    self.no_mes[forma] += quantas
        return provas

    def _conhecer(self, textos: pa.StringArray) -> None:
        """Note of texts for which form they are evidence, and by which they are of the month."""
        dias = _sem_hora(textos)
        existem = {forma: _existe(dias, forma).to_pylist() for forma in DATAS}
        lidos = zip(textos.to_pylist(), dias.to_pylist(), *existem.values(), strict=True)
        ano, mes = self.mes.split("-") if self.mes else ("", "")
        for texto, dia, iso, brasileira, americana in lidos:
            so_uma = ISO if iso else BRASILEIRA if brasileira else AMERICANA if americana else NADA
            prova = DUVIDA if brasileira and americana else so_uma
            no_mes = [
                forma
                for forma, existe, do_mes in (
                    (BRASILEIRA, brasileira, dia[3:5]), (AMERICANA, americana, dia[:2]),
                )
                if existe and (dia[6:], do_mes) == (ano, mes)
            ]  # fmt: skip
            self.conhecidos[texto] = (prova, no_mes)
        self._notar(textos.filter(pc.match_substring_regex(textos, DIA)), AO_REDOR_DE_DIA)

    def _notar(self, textos: pa.StringArray, quais: dict[str, str]) -> None:
        """Note what stands around values that can be read."""
        for nome, expressao in quais.items():
            if nome not in self.enfeites and pc.match_substring_regex(textos, expressao).true_count:
                self.enfeites.add(nome)

    def _procurar_legivel(self, lote: pa.RecordBatch, valor: str, dia: str) -> None:
        for trecho in (lote[:PRIMEIRAS], lote[PRIMEIRAS:]):
            legiveis = pa.repeat(True, trecho.num_rows)
            for nome, escritas in self.escritas.items():
                nucleos = escritas.nucleos(trecho.column(nome))
                legivel = pc.match_substring_regex(nucleos, escritas.legiveis[valor])
                legiveis = pc.and_(legiveis, legivel)
            for nome in self.datas:
                forma = INSTANTE if nome in self.instantes else DIA
                legiveis = pc.and_(legiveis, _existe(_sem_hora(trecho.column(nome), forma), dia))
            if legiveis.true_count:
                self.a_encontrar.remove((valor, dia))
                return


def _conteudo(coluna: pa.StringArray) -> bytes:
    """The bytes of all values of a column, one after the other."""
    dados = coluna.buffers()[2]
    return b"" if dados is None else dados.to_pybytes()


def _sem_hora(textos: pa.StringArray, forma: str = DIA) -> pa.StringArray:
    """Days without what stands around them; other texts as they are."""
    return pc.replace_substring_regex(textos, forma, r"\1")


def _existe(dias: pa.StringArray, forma: str) -> pa.BooleanArray:
    """Whether there is such a day, of a year from 1 on: 31/02 would be read as a day of March."""
    expressao, diretivas, posicao = DATAS[forma]
    escritos = pc.match_substring_regex(dias, expressao)
    if not escritos.true_count:
        return escritos
    lidos = pc.strptime(dias, format=diretivas, unit="s", error_is_null=True)
    do_mes = pc.utf8_slice_codeunits(pc.if_else(escritos, dias, ""), posicao, posicao + 2)
    mesmo_dia = pc.equal(pc.day(lidos), pc.cast(pc.if_else(escritos, do_mes, "0"), pa.int64()))
    existem = pc.and_(escritos, pc.fill_null(mesmo_dia, False))
    return pc.and_not(existem, pc.match_substring_regex(dias, "^0000|0000$"))
