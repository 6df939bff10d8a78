"""The card issuer's deliveries as a loader leaves them, and the books that are built of them."""

import math
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import oraculo_livro
from apoio import matar
from conftest import ArmazemDeTeste

from loaders.projeto.sql_do_livro import livros

Linha = dict[str, Any]

JANELAS = [f"book_fatura_cliente_u{n}m" for n in (1, 3, 6, 9, 12)]
TABELAS = ["book_fatura", *JANELAS]
INTEIRO = "book_fatura_cliente"
MODELOS = ("+book_fatura", f"+{INTEIRO}", "+estabilidade_variaveis", "+poder_variaveis")
"""The books and what stands on them, with all that they read."""
SEM_FATURAS = date(2021, 12, 31)
REF_DATAS = [SEM_FATURAS, date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31)]


def construcao(ref_datas: Sequence[date], **variaveis: str) -> tuple[str, ...]:
    """dbt's arguments for a build of the books."""
    datas = ", ".join(d.isoformat() for d in ref_datas)
    todas = ", ".join((f"ref_datas: [{datas}]", *(f"{k}: '{v}'" for k, v in variaveis.items())))
    return ("run", "--select", *MODELOS, "--vars", f"{{{todas}}}")


@dataclass
class Entregas:
    """The card issuer's deliveries, put into raw as a loader would have landed them."""

    armazem: ArmazemDeTeste
    carga: int = 0
    faturas: dict[str, Linha] = field(default_factory=dict)
    pagamentos: dict[str, Linha] = field(default_factory=dict)

    @property
    def instante(self) -> datetime:
        """When the newest load ended: one a minute."""
        return datetime(2024, 6, 1) + timedelta(minutes=self.carga)

    def entregar(
        self, entrega: str, faturas: Iterable[Linha] = (), pagamentos: Iterable[Linha] = ()
    ) -> None:
        """Land a delivery of each entity that has rows; it replaces the one of the same name."""
        for entidade, linhas, conhecidas in (
            ("faturas", list(faturas), self.faturas),
            ("pagamentos", list(pagamentos), self.pagamentos),
        ):
            if not linhas:
                continue
            for chave in [k for k, v in conhecidas.items() if v["entrega"] == entrega]:
                del conhecidas[chave]
            conhecidas |= {next(iter(li.values())): li | {"entrega": entrega} for li in linhas}
            self._gravar(entidade, entrega, linhas)

    def _gravar(self, entidade: str, entrega: str, linhas: Sequence[Linha]) -> None:
        self.carga += 1
        colunas = ", ".join(linhas[0])
        valores = ",\n".join(
            "({}, {}, 'f.csv', {}, timestamptz '{}+00')".format(
                ", ".join(f"'{v}'" for v in linha.values()), self.carga, numero, self.instante
            )
            for numero, linha in enumerate(linhas, 2)
        )
        self.armazem.executar(
            f"insert into raw_pod_cartoes.{entidade} ({colunas}, _carga_id, _arquivo, _linha,"
            f" _carregado_em) values {valores};"
            " insert into controle.cargas (_carga_id, fonte, origem, status, lidas, rejeitadas,"
            " gravadas, inicio, fim, entidade, entrega, forma_decimal, forma_data) values"
            f" ({self.carga}, 'pod_cartoes', 'tb_{entidade}_{entrega}.csv', 'ok', {len(linhas)}, 0,"
            f" {len(linhas)}, timestamptz '{self.instante}+00',"
            f" timestamptz '{self.instante}+00', '{entidade}', '{entrega}', 'ponto',"
            " 'AAAA-MM-DD')"
        )

    @property
    def calculadas(self) -> tuple[str, ...]:
        """The tables that are computed; the others are views of them."""
        return livros(self.armazem.config)

    def construir(self, ref_datas: Sequence[date], *opcoes: str, **variaveis: str) -> str:
        """Build the books; returns what dbt printed."""
        return self.armazem.dbt(*construcao(ref_datas, **variaveis), *opcoes).stdout

    def conferir(self, ref_datas: Sequence[date]) -> None:
        """Compare with the oracle: every column of every customer, window and variable's PSI."""
        faturas, pagamentos = list(self.faturas.values()), list(self.pagamentos.values())
        anterior: dict[str, Linha] = {}
        for ref_date in sorted(ref_datas):
            clientes = oraculo_livro.livro_do_cliente(faturas, pagamentos, ref_date)
            # Of the averages as they stand in the book: their last bit may fall beside a decile.
            lidos = self.ler("book_fatura_cliente", "id_cliente", ref_date)
            psi = oraculo_livro.estabilidade(anterior, lidos) if anterior else {}
            anterior = lidos
            for tabela, chave, esperado in (
                ("book_fatura_cliente", "id_cliente", clientes),
                ("estabilidade_variaveis", "nome", psi),
                (
                    "book_fatura",
                    "periodo",
                    oraculo_livro.livro_da_carteira(faturas, pagamentos, ref_date),
                ),
            ):
                comparar(f"{tabela} at {ref_date}", self.ler(tabela, chave, ref_date), esperado)

    def ler(self, tabela: str, chave: str, ref_date: date) -> dict[str, Linha]:
        """A book of one ref_date, by customer or window."""
        colunas = [
            nome
            for (nome,) in self.armazem.linhas(
                "select column_name from information_schema.columns where table_schema = 'risco'"
                f" and table_name = '{tabela}' order by ordinal_position"
            )
            if nome not in ("ref_date", "ref_date_anterior", chave)
        ]
        lidas = self.armazem.linhas(
            f"select {chave}, {', '.join(colunas)} from risco.{tabela}"
            f" where ref_date = date '{ref_date}'"
        )
        por_chave = {linha[0]: dict(zip(colunas, linha[1:], strict=True)) for linha in lidas}
        assert len(por_chave) == len(lidas), f"{tabela}: two rows of one key"
        return por_chave

    def livros(self, prefixo: str = "") -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the books, of the live ones where no prefix of their schema is given."""
        return {
            t: sorted(self.armazem.linhas(f"select * from {prefixo}risco.{t}"), key=repr)
            for t in TABELAS
        }

    def retrato(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the books and the time at which each was computed."""
        calculados = self.armazem.linhas("select * from intermediate.int_livro__calculados")
        return {**self.livros(), "calculados": sorted(calculados, key=repr)}

    def morrer_construindo(self, ref_datas: Sequence[date], sorte: random.Random) -> bool:
        """Kill a build of the books at a random moment; returns whether it was still running."""
        comando = ("dbt", *construcao(ref_datas))
        with tempfile.TemporaryDirectory() as pasta:
            return matar(self.armazem, comando, sorte.randrange(60, 320), Path(pasta) / "morte")


def comparar(assunto: str, lido: dict[str, Linha], esperado: dict[str, Linha]) -> None:
    """Counts and amounts are equal exactly, averages and percentages to a part in a billion."""
    assert lido.keys() == esperado.keys(), assunto
    diferencas = []
    for chave, linha in esperado.items():
        assert lido[chave].keys() == linha.keys(), assunto
        for coluna, valor in linha.items():
            obtido = lido[chave][coluna]
            if isinstance(valor, float) and isinstance(obtido, float):
                igual = math.isclose(obtido, valor, rel_tol=1e-9, abs_tol=1e-12)
            else:
                igual = obtido == valor and isinstance(obtido, Decimal) == isinstance(
                    valor, Decimal
                )
            if not igual:
                diferencas.append((chave, coluna, obtido, valor))
    assert not diferencas, f"{assunto}: {len(diferencas)} differ: {diferencas[:5]}"


def fatura(id_: str, cliente: str, emissao: date, prazo: int, total: Any, minimo: Any) -> Linha:
    """An invoice as the file has it, typed."""
    return {
        "id_fatura": id_,
        "id_cliente": cliente,
        "data_emissao": emissao,
        "data_vencimento": emissao + timedelta(days=prazo),
        "valor_fatura": Decimal(total).quantize(Decimal("0.01")),
        "valor_pagamento_minimo": Decimal(minimo).quantize(Decimal("0.01")),
    }


def pagamento(id_: str, de: Linha, quando: date, valor: Any, cliente: str | None = None) -> Linha:
    """A payment as the file has it, typed."""
    return {
        "id_pagamento": id_,
        "id_fatura": de["id_fatura"],
        "id_cliente": cliente or de["id_cliente"],
        "data_pagamento": quando,
        "valor_pagamento": Decimal(valor).quantize(Decimal("0.01")),
    }


def ao_acaso(
    sorte: random.Random, marca: str, de: date, ate: date, quantas: int
) -> tuple[list[Linha], list[Linha]]:
    """Random invoices issued in [de, ate) and payments of them, many at the boundaries."""
    faturas, pagamentos = [], []
    beiras = [
        oraculo_livro.meses_antes(r, n) + timedelta(days=d)
        for r in REF_DATAS
        for n in (0, *oraculo_livro.JANELAS)
        for d in (-1, 0)
    ]
    beiras = [b for b in beiras if de <= b < ate]
    centavo = Decimal("0.01")
    for i in range(quantas):
        emissao = de + timedelta(days=sorte.randrange((ate - de).days))
        if beiras and sorte.random() < 0.4:
            emissao = sorte.choice(beiras)
        total = Decimal(sorte.choice([0, 1, 5_000, sorte.randrange(10**7)])) / 100
        minimo = sorte.choice(
            [Decimal(0), total, min(centavo, total), (total * 15 / 100).quantize(centavo)]
        )
        nova = fatura(
            f"{marca}{i}-1" if i % 2 else f"{marca}1-{i}",
            f"C{sorte.randrange(25)}", emissao, sorte.choice([0, 1, 5, 10, 40]), total, minimo,
        )  # fmt: skip
        faturas.append(nova)
        for k in range(sorte.choice([0, 1, 1, 1, 2, 3])):
            base = sorte.choice([nova["data_emissao"], nova["data_vencimento"], *REF_DATAS])
            valor = sorte.choice(
                [total, minimo, total / 2, minimo - centavo, minimo + centavo, total + centavo,
                 total - minimo, centavo, Decimal(100)]
            ).quantize(centavo)  # fmt: skip
            if valor > 0:
                pagamentos.append(
                    pagamento(
                        f"{marca}{i}/{k}", nova, base + timedelta(days=sorte.randrange(-2, 35)),
                        valor, "outro" if sorte.random() < 0.03 else None,
                    )
                )  # fmt: skip
    return faturas, pagamentos
