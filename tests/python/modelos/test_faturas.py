"""Rows of the card issuer's files: judged, reconciled, made into facts, corrected, seen as before.

The deliveries are put into raw and controle by SQL, as the loader would; what must come out is
computed here in plain Python from the values they were written from, and shares no SQL with the
models. One warehouse an engine serves all tests of this module.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import SEM_TESTES, VAZIO, ArmazemDeTeste

from loaders.armazem import abrir
from loaders.nucleo.configuracao import Configuracao

pytestmark = pytest.mark.nightly_on("postgres")

FATURAS = ("id_fatura", "id_cliente", "data_emissao", "data_vencimento", "valor_fatura",
           "valor_pagamento_minimo")  # fmt: skip
PAGAMENTOS = ("id_pagamento", "id_fatura", "id_cliente", "data_pagamento", "valor_pagamento")
COLUNAS = {"faturas": FATURAS, "pagamentos": PAGAMENTOS}
FORMAS: dict[str, Callable[[Any], str]] = {
    "ponto": str,
    "virgula": lambda v: f"{v:,}".translate(str.maketrans(",.", ".,")),
    "AAAA-MM-DD": str,
    "DD/MM/AAAA": lambda d: f"{d:%d/%m/%Y}",
}
CAMINHO = ("--select", "+quarentena_entregas", "+rec_duplicatas",
           "--indirect-selection", "cautious")  # fmt: skip
PRIMEIRA = datetime(2024, 3, 1, 6, tzinfo=UTC)
CONHECIDO = "conhecido_ate_20240301t063000_"

# --- row faults -------------------------------------------------------------------------------

NENHUM_DECIMAL = ("1e3", "infinity", "inf", "1_000", "1.", ".5", "-", "+1",
                  "1 000", "0x1F", "US$ 1.00", "R$", "-1-", "- 1", "--1", "१.00", "abc",
                  "10000000000000.00", "99999999999999999999")  # fmt: skip
SO_COM_PONTO = ("1.5", "1.50", "1.2345", "1234.567,00", "1.23,00", "1,234.56", "R$ 1.50",
                "100.10000000000001")  # fmt: skip
SO_COM_VIRGULA = ("1,50", "1.234,56", "1,5", "R$ 1,50", "100,10000000000001")
NENHUM_DIA = ("2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "0000-01-01",
              "2024-1-1", "24-01-10", "2024-01-10 00:00:01", "2024-01-10T00:00:00Z", "today",
              "infinity", "epoch", "20240110", "2024/01/10", "10/01/2024", "२०२४-01-10",
              "12024-01-10")  # fmt: skip
NENHUM_DIA_BRASILEIRO = ("30/02/2024", "29/02/2023", "01/13/2024", "00/01/2024", "1/1/2024",
                         "01/01/24", "01/01/0000", "2024-01-10", "01-01-2024", "today",
                         "01/20/2024 00:00:00", "०१/01/2024")  # fmt: skip
BRANCOS = ("", " ", "    ", None, "NULL", " nan ", "\\N", "#N/A", "#n/d", "#REF!", "#Value!")
E_MAIS = ("7,89012E+11", "-7.89e+11", "7E+100")

Falha = tuple[str, str, str | None, str]
"""Entity and form, column, text, reason."""


def _ilegiveis(onde: str, coluna: str, *textos: str) -> list[Falha]:
    return [(onde, coluna, texto, f"{coluna} ilegível") for texto in textos]


def _brancos(onde: str, *colunas: str) -> list[Falha]:
    return [(onde, c, texto, f"{c} em branco") for c in colunas for texto in BRANCOS]


FALHAS: list[Falha] = [
    *_brancos("faturas ponto", *FATURAS),
    *_brancos("pagamentos ponto", *PAGAMENTOS),
    *[("faturas ponto", c, texto, f"{c} em notação científica")
      for c in FATURAS[:2] for texto in E_MAIS],
    *[("pagamentos ponto", c, texto, f"{c} em notação científica")
      for c in PAGAMENTOS[:3] for texto in E_MAIS],
    *_ilegiveis("faturas ponto", "valor_fatura", *NENHUM_DECIMAL, *SO_COM_VIRGULA, "1.005"),
    *_ilegiveis("faturas virgula", "valor_fatura", *SO_COM_PONTO),
    *_ilegiveis("faturas virgula", "valor_pagamento_minimo", *NENHUM_DECIMAL, "1,005", ",5", "1,"),
    *_ilegiveis("pagamentos ponto", "valor_pagamento", *NENHUM_DECIMAL, *SO_COM_VIRGULA),
    *_ilegiveis("faturas ponto", "data_emissao", *NENHUM_DIA),
    *_ilegiveis("faturas virgula", "data_vencimento", *NENHUM_DIA_BRASILEIRO),
    *_ilegiveis("pagamentos ponto", "data_pagamento", *NENHUM_DIA),
    ("faturas ponto", "valor_pagamento_minimo", "-0.01", "valor_pagamento_minimo negativo"),
    ("faturas ponto", "valor_pagamento_minimo", "100.01",
     "valor_pagamento_minimo maior que valor_fatura"),
    ("faturas virgula", "valor_pagamento_minimo", "1.234,56",
     "valor_pagamento_minimo maior que valor_fatura"),
    ("faturas ponto", "valor_pagamento_minimo", "R$ 1,234.56",
     "valor_pagamento_minimo maior que valor_fatura"),
    ("faturas ponto", "valor_pagamento_minimo", "15.00-", "valor_pagamento_minimo negativo"),
    ("faturas ponto", "data_vencimento", " 2024-01-09T00:00:00 ",
     "data_vencimento antes de data_emissao"),
    ("faturas ponto", "valor_fatura", "-0.01",
     "valor_fatura negativo; valor_pagamento_minimo maior que valor_fatura"),
    ("faturas ponto", "data_vencimento", "2024-01-09", "data_vencimento antes de data_emissao"),
    ("faturas ponto", "data_emissao", "1989-12-31", "data_emissao antes de 1990-01-01"),
    ("faturas ponto", "data_vencimento", "2029-03-02",
     "data_vencimento mais de 5 anos depois da carga"),
    ("faturas virgula", "data_vencimento", "02/03/2029",
     "data_vencimento mais de 5 anos depois da carga"),
    ("pagamentos ponto", "valor_pagamento", "0", "valor_pagamento zero ou negativo"),
    ("pagamentos ponto", "valor_pagamento", "-0.00", "valor_pagamento zero ou negativo"),
    ("pagamentos ponto", "valor_pagamento", "-1", "valor_pagamento zero ou negativo"),
    ("pagamentos ponto", "data_pagamento", "1989-12-31", "data_pagamento antes de 1990-01-01"),
    ("pagamentos ponto", "data_pagamento", "2029-03-02",
     "data_pagamento mais de 5 anos depois da carga"),
]  # fmt: skip
assert len(FALHAS) >= 100


# --- deliveries -------------------------------------------------------------------------------

Valores = tuple[Any, ...]


@dataclass
class Entrega:
    """One file as it was landed: good rows by their values, bad ones by their texts."""

    carga: int
    entidade: str
    entrega: str
    linhas: list[Valores]
    decimal: str = "ponto"
    data: str = "AAAA-MM-DD"
    ruins: list[tuple[str | None, ...]] = field(default_factory=list)
    status: str = "ok"

    @property
    def de_varias(self) -> set[str]:
        """Keys under which the file has rows that differ."""
        return {chave for chave, n in Counter(li[0] for li in set(self.linhas)).items() if n > 1}

    @property
    def inicio(self) -> datetime:
        """One load a minute, a day later from the correction on."""
        return PRIMEIRA + timedelta(minutes=self.carga, days=int(self.carga >= CORRECAO))

    def textos(self) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """The lines of the file by their number."""
        escritas = [tuple(self._escrever(v) for v in linha) for linha in self.linhas]
        yield from enumerate([*escritas, *self.ruins], start=2)

    def _escrever(self, valor: Any) -> str:
        if isinstance(valor, Decimal):
            return FORMAS[self.decimal](valor)
        return FORMAS[self.data](valor) if isinstance(valor, date) else str(valor)


CORRECAO = 20
BOA = {
    "faturas ponto": ("f", "c", "2024-01-10", "2024-01-20", "100.00", "15.00"),
    "faturas virgula": ("f", "c", "10/01/2024", "20/01/2024", "1.000,50", "150"),
    "pagamentos ponto": ("p", "f", "c", "2024-01-10", "1.00"),
}


def _com_falhas(carga: int, onde: str) -> Entrega:
    entidade, decimal = onde.split()
    data = "AAAA-MM-DD" if decimal == "ponto" else "DD/MM/AAAA"
    colunas = COLUNAS[entidade]
    ruins = [
        tuple(texto if c == coluna else bom for c, bom in zip(colunas, BOA[onde], strict=True))
        for o, coluna, texto, _ in FALHAS
        if o == onde
    ]
    return Entrega(carga, entidade, "2023-12" if decimal == "ponto" else "2023-11", [], decimal,
                   data, ruins)  # fmt: skip


def _valor(acaso: random.Random, ate: int) -> Decimal:
    return Decimal(acaso.randrange(ate)).scaleb(-2)


def _ao_acaso() -> tuple[list[Valores], list[Valores]]:
    """Invoices, some twice, some under one id; payments: early, late, in parts, orphans."""
    acaso = random.Random(20240229)
    faturas: list[Valores] = []
    pagamentos: list[Valores] = []
    for n in range(80):
        emissao = date(2024, 1, 1) + timedelta(days=acaso.randrange(60))
        valor = Decimal("0.00") if n % 16 == 0 else _valor(acaso, 300_000)
        minimo = Decimal("0.00") if n % 9 == 0 else (valor * 15 / 100).quantize(Decimal("0.01"))
        cliente = f"{n % 7}-{n % 3}"
        id_fatura = f"{n}-{n // 2}"
        faturas.append((id_fatura, cliente, emissao, emissao + timedelta(days=10), valor, minimo))
        for parte in range(acaso.randrange(5)):
            pago = acaso.choice([minimo, valor, valor - minimo, _valor(acaso, 90_000)])
            dia = emissao + timedelta(days=acaso.randrange(40))
            if pago > 0:
                dono = cliente if acaso.random() > 0.1 else "outro"
                pagamentos.append((f"{n}-{parte}", id_fatura, dono, dia, pago))
    pagamentos += [(f"sem fatura {n}", f"{n}", "c", date(2024, 2, 1), Decimal("1.00"))
                   for n in range(3)]  # fmt: skip
    faturas += faturas[5::10]
    faturas += [(*f[:4], f[4] + 1, f[5]) for f in faturas[:80:10]]
    return faturas, pagamentos


def _d(texto: str) -> Decimal:
    return Decimal(texto)


def entregas() -> list[Entrega]:
    """What was known first, and from `CORRECAO` on what mends it."""
    faturas, pagamentos = _ao_acaso()
    janeiro = date(2024, 1, 31)
    antes: list[Valores] = [
        ("1-11", "c", janeiro, date(2024, 2, 29), _d("100.00"), _d("15.00")),
        ("11-1", "c", janeiro, date(2024, 2, 29), _d("100.00"), _d("15.00")),
        ("nos dois", "c", janeiro, date(2024, 2, 29), _d("50.00"), _d("5.00")),
        ("corrigida", "c", janeiro, date(2024, 2, 29), _d("70.00"), _d("7.00")),
    ]
    ruim = ("ruim", "c", "2024-01-31", "2024-02-30", "80.00", "8.00")
    mendada = ("ruim", "c", janeiro, date(2024, 3, 1), _d("80.00"), _d("8.00"))
    de_janeiro: list[Valores] = [
        ("a", "1-11", "c", date(2024, 2, 29), _d("15.00")),
        ("b", "1-11", "c", date(2024, 3, 1), _d("85.00")),
        ("c", "11-1", "outro", date(2024, 2, 1), _d("99.00")),
        ("d", "ruim", "c", date(2024, 2, 2), _d("80.00")),
        ("e", "so depois", "c", date(2024, 2, 3), _d("9.00")),
    ]
    historico: list[Valores] = [
        ("nos dois", "c", janeiro, date(2024, 2, 29), _d("1234.50"), _d("5.00")),
        ("antiga", "c", date(1990, 1, 1), date(1990, 1, 1), _d("9999999999999.99"), _d("0.00")),
    ]
    de_novo: list[Valores] = [
        (f"{n}", "c", date(2022, 1, n), date(2022, 2, n), _d("9.00"), _d("1.00")) for n in (1, 2, 3)
    ]
    com_ponto: list[Valores] = [(f"de {f[0]}", f"{f[0]}.0", "c", f[3], _d("9.00")) for f in de_novo]
    corrigida = (*antes[3][:4], _d("77.77"), _d("7.00"))
    depois: Valores = ("so depois", "c", janeiro, janeiro, _d("9.00"), _d("9.00"))
    return [
        Entrega(1, "faturas", "2024-01", antes, ruins=[ruim]),
        Entrega(2, "pagamentos", "2024-01", de_janeiro),
        Entrega(3, "faturas", "2024-02", faturas),
        Entrega(4, "pagamentos", "2024-02", pagamentos, "virgula", "DD/MM/AAAA"),
        Entrega(5, "faturas", "historico", historico, "virgula", "DD/MM/AAAA"),
        Entrega(6, "faturas", "2024-03", [], status="rejeitado"),
        _com_falhas(7, "faturas ponto"),
        _com_falhas(8, "faturas virgula"),
        _com_falhas(9, "pagamentos ponto"),
        Entrega(10, "faturas", "2022-01", de_novo),
        Entrega(11, "faturas", "2022-02", de_novo),
        Entrega(12, "pagamentos", "2022-02", com_ponto),
        Entrega(CORRECAO, "faturas", "2024-01", [*antes[:3], corrigida, mendada]),
        Entrega(CORRECAO + 1, "faturas", "2024-03", [depois]),
        Entrega(CORRECAO + 2, "pagamentos", "2024-02", pagamentos[: len(pagamentos) // 2]),
    ]


def _sql(valor: Any) -> str:
    return "null" if valor is None else "'" + str(valor).replace("'", "''") + "'"


def aterrar(armazem: ArmazemDeTeste, novas: list[Entrega]) -> None:
    """Put the deliveries into raw and controle, as the loader would."""
    comandos = []
    for e in novas:
        linhas = [
            f"({', '.join(_sql(t) for t in textos)}, {e.carga}, 'tb_{e.entidade}.csv', {numero},"
            f" '{e.inicio}')"
            for numero, textos in e.textos()
        ]
        if linhas:
            comandos.append(f"insert into raw_pod_cartoes.{e.entidade} values {', '.join(linhas)}")
        lidas = len(linhas) or 3
        comandos.append(
            "insert into controle.cargas (_carga_id, fonte, origem, entidade, entrega,"
            " forma_decimal, forma_data, status, lidas, rejeitadas, gravadas, inicio, fim) values"
            f" ({e.carga}, 'pod_cartoes', 'tb_{e.entidade}.csv', '{e.entidade}', '{e.entrega}',"
            f" '{e.decimal}', '{e.data}', '{e.status}', {lidas}, {lidas - len(linhas)},"
            f" {len(linhas)}, '{e.inicio}', '{e.inicio + timedelta(seconds=30)}')"
        )
    armazem.executar("; ".join(comandos))


# --- what must come out -----------------------------------------------------------------------


def _vigentes(todas: list[Entrega], entidade: str) -> dict[str, tuple[Valores, int]]:
    """The row that stays of each key, and its load."""
    correntes: dict[str, Entrega] = {}
    for e in todas:
        if e.entidade == entidade and e.status == "ok":
            correntes[e.entrega] = e
    escolhidas: dict[str, tuple[Valores, int]] = {}
    meses_por_ultimo = sorted(correntes.values(), key=lambda e: (e.entrega != "historico", e.carga))
    for e in meses_por_ultimo:
        boas = (linha for linha in e.linhas if linha[0] not in e.de_varias)
        escolhidas.update({linha[0]: (linha, e.carga) for linha in boas})
    return escolhidas


def _ruins_correntes(todas: list[Entrega]) -> set[str | None]:
    ultimas = {e.entrega: e for e in todas if e.entidade == "faturas" and e.status == "ok"}
    return {
        *(ruim[0] for e in ultimas.values() for ruim in e.ruins),
        *(chave for e in ultimas.values() for chave in e.de_varias),
    }


def fatos(todas: list[Entrega]) -> tuple[set[Valores], set[Valores]]:
    """The rows of fact_fatura and fact_pagamento, without surrogate keys of days."""
    faturas, pagamentos = _vigentes(todas, "faturas"), _vigentes(todas, "pagamentos")
    em_quarentena = _ruins_correntes(todas)
    por_fatura: dict[str, list[tuple[date, Decimal]]] = {}
    de_pagamento = set()
    for linha, carga in pagamentos.values():
        _, id_fatura, cliente, dia, valor = linha
        motivo = None
        if id_fatura not in faturas:
            motivo = "fatura em quarentena" if id_fatura in em_quarentena else "fatura ausente"
        elif faturas[id_fatura][0][1] != cliente:
            motivo = "cliente divergente"
        else:
            por_fatura.setdefault(id_fatura, []).append((dia, valor))
        de_pagamento.add((*linha, motivo is None, motivo, carga))
    de_fatura = set()
    for linha, carga in faturas.values():
        pagos = sorted(por_fatura.get(linha[0], []))
        dias = [dia for dia, _ in pagos]

        def alcance(meta: Decimal, pagos: list[tuple[date, Decimal]] = pagos) -> date | None:
            for dia, _ in pagos:
                if sum(v for d, v in pagos if d <= dia) >= meta:
                    return dia
            return None

        de_fatura.add((
            *linha, sum((v for _, v in pagos), Decimal("0.00")), len(pagos),
            min(dias, default=None), max(dias, default=None), alcance(linha[5]),
            alcance(linha[4]), carga,
        ))  # fmt: skip
    return de_fatura, de_pagamento


# --- one warehouse an engine ------------------------------------------------------------------


@dataclass
class Retrato:
    """What the warehouse held at a moment."""

    faturas: set[Valores]
    pagamentos: set[Valores]
    quarentena: set[Valores]


def retratar(armazem: ArmazemDeTeste, prefixo: str = "") -> Retrato:
    """Both facts and what is in quarantine."""
    return Retrato(
        set(armazem.linhas(
            f"select {', '.join(FATURAS)}, valor_pago, quantidade_pagamentos,"
            " data_primeiro_pagamento, data_ultimo_pagamento, data_minimo_atingido,"
            f" data_quitacao, _carga_id from {prefixo}core.fact_fatura"
        )),
        set(armazem.linhas(
            f"select {', '.join(PAGAMENTOS)}, fatura_encontrada, motivo_orfao, _carga_id"
            f" from {prefixo}core.fact_pagamento"
        )),
        {
            (entidade, *linha)
            for entidade, colunas in COLUNAS.items()
            for linha in armazem.linhas(
                f"select _carga_id, _linha, motivos, {', '.join(colunas)}"
                f" from {prefixo}quarentena.{entidade}"
            )
        },
    )  # fmt: skip


@dataclass
class Cenario:
    """The warehouse after the correction, with the pictures taken on the way."""

    armazem: ArmazemDeTeste
    antes: Retrato
    depois: Retrato
    conhecido: Retrato
    depois_de_conhecido: Retrato
    dito: str


@pytest.fixture(scope="session")
def cenario(lugar: ArmazemDeTeste) -> Cenario:
    """Landed, built, corrected, built and tested, and built once more as it was known."""
    lugar.restaurar(VAZIO)
    abrir(Configuracao(_env_file=None, **lugar.ambiente), "teste").fechar()  # type: ignore[arg-type]
    todas = entregas()
    aterrar(lugar, [e for e in todas if e.carga < CORRECAO])
    lugar.dbt("build", *CAMINHO, *SEM_TESTES)
    antes = retratar(lugar)
    aterrar(lugar, [e for e in todas if e.carga >= CORRECAO])
    construido = lugar.dbt("build", *CAMINHO, "--exclude-resource-type", "unit_test")
    depois = retratar(lugar)
    ate = f"{PRIMEIRA + timedelta(minutes=30):%Y-%m-%d %H:%M:%S}"
    momento = json.dumps({"conhecido_ate": ate, "ref_datas": ["2024-03-01"]})
    lugar.dbt(
        "build", "--vars", momento, "--exclude-resource-type", "unit_test", "test",
        "--warn-error-options", '{"error": "all", "silence": ["TypeCodeNotFound"]}',
    )  # fmt: skip
    conhecido = retratar(lugar, CONHECIDO)
    cenario = Cenario(lugar, antes, depois, conhecido, retratar(lugar), construido.stdout)
    lugar.guardar("faturas")
    return cenario


@pytest.fixture
def construido(cenario: Cenario) -> Cenario:
    """The scenario, with the warehouse as it left it."""
    cenario.armazem.restaurar("faturas")
    return cenario


@pytest.mark.parametrize(("onde", "coluna", "texto", "motivo"), FALHAS)
def test_cada_falha_de_linha_tem_seu_motivo(
    cenario: Cenario, onde: str, coluna: str, texto: str | None, motivo: str
) -> None:
    carga = {"faturas ponto": 7, "faturas virgula": 8, "pagamentos ponto": 9}[onde]
    entidade = onde.split()[0]
    numero = 2 + [f for f in FALHAS if f[0] == onde].index((onde, coluna, texto, motivo))
    colunas = COLUNAS[entidade]
    bruta = [texto if c == coluna else bom for c, bom in zip(colunas, BOA[onde], strict=True)]
    assert (entidade, carga, numero, motivo, *bruta) in cenario.depois.quarentena


@pytest.mark.parametrize("momento", ["antes", "depois"])
def test_fatos_sao_os_do_oraculo(cenario: Cenario, momento: str) -> None:
    """On each engine, so that both agree with each other too."""
    conhecidas = [e for e in entregas() if momento == "depois" or e.carga < CORRECAO]
    faturas, pagamentos = fatos(conhecidas)
    retrato: Retrato = getattr(cenario, momento)
    assert retrato.faturas == faturas
    assert retrato.pagamentos == pagamentos


def test_correcao_esvazia_a_quarentena_e_une_os_orfaos(construido: Cenario) -> None:
    def de_janeiro(retrato: Retrato) -> set[Valores]:
        return {q for q in retrato.quarentena if q[1] in (1, CORRECAO)}

    assert {q[3] for q in de_janeiro(construido.antes)} == {"data_vencimento ilegível"}
    assert de_janeiro(construido.depois) == set()
    motivos = [
        {p[0]: p[-2] for p in retrato.pagamentos if p[0] in "abcde"}
        for retrato in (construido.antes, construido.depois)
    ]
    assert motivos[0] == {"a": None, "b": None, "c": "cliente divergente",
                          "d": "fatura em quarentena", "e": "fatura ausente"}  # fmt: skip
    assert motivos[1] == {**motivos[0], "d": None, "e": None}
    saida = PRIMEIRA + timedelta(days=1, minutes=CORRECAO)
    assert construido.armazem.linhas(
        "select id_fatura, entrou_em at time zone 'UTC', saiu_em at time zone 'UTC'"
        " from quarentena.faturas_historico where saiu_em is not null"
    ) == [("ruim", *((m.replace(tzinfo=None)) for m in (PRIMEIRA + timedelta(minutes=1), saida)))]


def test_reconciliacao_diz_quanto_mudou(construido: Cenario) -> None:
    por_carga = {
        linha["_carga_id"]: linha
        for linha in construido.armazem.registros("select * from reconciliacao.rec_faturas")
    }
    zero = Decimal("0.00")
    for carga, dela in {
        1: {"linhas_arquivo": 5, "linhas_substituidas": 5, "linhas_mart": 0,
            "valor_raw": _d("400.00"), "valor_substituido": _d("400.00"), "valor_mart": zero},
        CORRECAO: {"linhas_arquivo": 5, "linhas_substituidas": 0, "linhas_mart": 5,
                   "valor_raw": _d("407.77"), "valor_substituido": zero,
                   "valor_mart": _d("407.77")},
        6: {"linhas_arquivo": 3, "linhas_substituidas": 0, "linhas_mart": 0, "valor_raw": zero,
            "valor_substituido": zero, "valor_mart": zero},
    }.items():  # fmt: skip
        sem = {"linhas_quarentena": 0, "linhas_duplicadas": 0}
        assert (dela | sem).items() <= por_carga[carga].items(), carga
    assert {(li["diferenca_linhas"], li["diferenca_valor"]) for li in por_carga.values()} == {
        (0, zero)
    }
    assert sum(linha["linhas_duplicadas"] for linha in por_carga.values()) == 8 + 1 + 3
    do_mesmo_id = {
        q for q in construido.depois.quarentena
        if q[3] == "id_fatura repetido no arquivo com outros valores"
    }  # fmt: skip
    assert {q[1] for q in do_mesmo_id} == {3}
    assert len(do_mesmo_id) == por_carga[3]["linhas_quarentena"] == 2 * 8
    orfas = sum(not p[-3] for p in construido.depois.pagamentos)
    assert construido.armazem.linhas(
        "select sum(linhas_orfas), sum(diferenca_linhas), sum(diferenca_valor)"
        " from reconciliacao.rec_pagamentos"
    ) == [(orfas, 0, 0)]
    assert construido.armazem.linhas(
        "select chave, diferencas, entrega, entrega_que_fica from reconciliacao.rec_duplicatas"
        " where entrega = 'historico'"
    ) == [("nos dois", "valor_fatura: 1234.50, fica 50.00", "historico", "2024-01")]


def test_partes_de_cada_entrega_e_avisos(construido: Cenario) -> None:
    """All of a month that came again, all of the payments of `41.0` for `41`, all that is bad."""
    partes = {
        carga: linha for carga, *linha in construido.armazem.linhas(
            "select _carga_id, entidade, entrega, linhas_arquivo, percentual_rejeitado,"
            " percentual_quarentena, percentual_duplicado, percentual_orfao, alertas"
            " from quarentena.entregas"
        )
    }  # fmt: skip
    zero, tudo = _d("0.00"), _d("100.00")
    assert partes[10] == ["faturas", "2022-01", 3, zero, zero, tudo, zero, "duplicadas"]
    assert partes[11] == ["faturas", "2022-02", 3, zero, zero, zero, zero, None]
    assert partes[12] == ["pagamentos", "2022-02", 3, zero, zero, zero, tudo, "orfas"]
    ruins = len([f for f in FALHAS if f[0] == "pagamentos ponto"])
    assert partes[9] == ["pagamentos", "2023-12", ruins, zero, tudo, zero, zero, "quarentena"]
    assert partes[5] == ["faturas", "historico", 2, zero, zero, _d("50.00"), zero, None]
    vigentes = {e.entrega + e.entidade: e.carga for e in entregas() if e.status == "ok"}
    assert set(partes) == set(vigentes.values())
    for carga in (9, 10, 12):
        entidade, _, _, _, *percentuais, _ = partes[carga]
        (maior,) = (
            f"{p} % {dito}"
            for p, dito in zip(
                percentuais, ("in quarantine", "duplicates", "payments without"), strict=True
            )
            if p
        )
        assert f"tb_{entidade}.csv: {maior}" in construido.dito
    avisos = sum(bool(p[-1]) for p in partes.values())
    assert construido.dito.count("'Shares of a delivery'") == avisos
    assert f"Deliveries of pod_cartoes: {len(partes)} with" in construido.dito


def test_conhecido_ate_devolve_o_retrato_de_entao(construido: Cenario) -> None:
    assert construido.conhecido == construido.antes
    assert construido.depois_de_conhecido == construido.depois
    assert construido.antes != construido.depois
    esquemas = {e for (e,) in construido.armazem.linhas(
        "select distinct table_schema from information_schema.tables"
        f" where table_schema like '{CONHECIDO}%'"
    )}  # fmt: skip
    camadas = (
        "core", "credito", "intermediate", "marketing", "quarentena", "risco", "staging",
    )  # fmt: skip
    assert esquemas == {CONHECIDO + e for e in camadas}


@pytest.mark.parametrize(
    ("variavel", "valor", "dito"),
    [
        ("conhecido_ate", "2999-01-01", "conhecido_ate (2999-01-01 00:00:00) lies in the future"),
        ("conhecido_ate", "ontem", "conhecido_ate is not a moment in UTC: 'ontem'"),
        ("data_referencia", "2024-02-30", "data_referencia holds '2024-02-30', which is not a day"),
        ("ref_datas", "01/02/2024", "ref_datas holds '01/02/2024', which is not a day"),
    ],
)
def test_variavel_que_nao_se_le_para_tudo(
    lugar: ArmazemDeTeste, variavel: str, valor: str, dito: str
) -> None:
    if lugar.motor != "postgres":
        pytest.skip("read before any engine is asked")
    feito = lugar.dbt(
        "parse", "--vars", json.dumps({variavel: valor}), esperado=None
    )  # fmt: skip
    assert feito.returncode != 0
    assert dito in feito.stdout
