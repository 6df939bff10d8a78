"""Writes the demonstration's monthly card files: invoices and payments of made-up customers.

Each customer has a day of issue, a level of spending and a habit of paying, which may get worse or
better from one month to the next. What comes of them fills one file of invoices and one of payments
a month, in the forms that issuers really send. About one row in two hundred is wrong in some way.
Of one month a first version is delivered and then corrected, and one file is of no month at all. No
clock: one seed gives the same bytes, always.
"""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

import gzip
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa

from loaders.demo.copia import gravar

FONTE = "pod_cartoes"
"""The source that the files are of."""
CABECALHO = {
    "faturas": (
        "id_fatura", "id_cliente", "data_emissao", "data_vencimento", "valor_fatura",
        "valor_pagamento_minimo",
    ),
    "pagamentos": ("id_pagamento", "id_fatura", "id_cliente", "data_pagamento", "valor_pagamento"),
}  # fmt: skip
CORRIGIDO = (2026, 3)
"""The month whose invoices are delivered a second time."""
RECUSADO = "tb_pagamentos_202613.csv"
_RECEITA = "receita.json"
_SAZONALIDADE = (112, 92, 96, 98, 104, 100, 100, 98, 97, 102, 112, 138)  # January first, in percent
_CENTAVO_POR_REAL = 100

JEITOS = ("no_dia", "antes", "parcelas", "minimo", "atrasado", "pouco", "a_mais", "nunca")
"""The ways in which an invoice is paid."""
HABITOS = {
    "em_dia": (50, 32, 8, 5, 2, 0, 3, 0),
    "apertado": (12, 4, 14, 28, 38, 2, 1, 1),
    "parado": (3, 1, 2, 6, 12, 16, 0, 60),
}
"""How often a customer of a habit pays in each of these ways, in percent."""
MUDANCAS = {"em_dia": (98, 2, 0), "apertado": (7, 84, 9), "parado": (0, 8, 92)}
"""To which habit each one turns in a month, in percent: who cannot pay has paid late before."""
_COMECO = (78, 18, 4)

Linha = list[str]
Arquivos = dict[str, dict[tuple[int, int], list[Linha]]]


@dataclass(frozen=True)
class Medida:
    """How much to make.

    Attributes:
        clientes: customers.
        meses: months of files, from `inicio` on.
        inicio: first day of the first month.
    """

    clientes: int = 5_000
    meses: int = 24
    inicio: date = date(2024, 7, 1)


@dataclass(frozen=True)
class Forma:
    """How a month's files are written."""

    separador: str = ","
    virgula: bool = False
    brasileira: bool = False
    codificacao: str = "utf-8"
    fim: str = "\n"
    sufixo: str = ".csv"


FORMAS = (
    Forma(),
    Forma(separador=";", virgula=True, brasileira=True, codificacao="latin-1", fim="\r\n"),
    Forma(codificacao="utf-8-sig", fim="\r\n"),
    Forma(separador=";", virgula=True, sufixo=".csv.gz"),
    Forma(brasileira=True, sufixo=".csv.zst"),
)
"""The forms that the months go through in turn."""


def preparar(pasta: Path, corrigida: bool, medida: Medida | None = None, semente: int = 7) -> bool:
    """Bring a folder to the first deliveries, or to those and the correction.

    Nothing happens where it is there already, so what a load has moved away stays away.

    Args:
        pasta: folder of the files; made if missing.
        corrigida: whether the corrected file has been delivered.
        medida: how much to make; the demonstration's size where it is left out.
        semente: the seed of all that is made up.

    Returns:
        Whether anything was delivered.

    Raises:
        ValueError: the folder was filled with another size or seed.
    """
    medida = medida or Medida()
    receita = {"semente": semente, "medida": {**asdict(medida), "inicio": str(medida.inicio)}}
    marca = pasta.with_name(f"{pasta.name}.{_RECEITA}")
    feito = json.loads(marca.read_text()) if marca.exists() else None
    if feito is not None and {k: feito[k] for k in receita} != receita:
        raise ValueError(f"{pasta} was filled with {feito}: remove it to make another.")
    if feito is not None and feito["corrigida"] >= corrigida:
        return False
    pasta.mkdir(parents=True, exist_ok=True)
    arquivos = _planejar(medida, semente)
    if feito is None:
        for entidade, meses in arquivos.items():
            for mes, linhas in meses.items():
                primeira = (entidade, mes) == ("faturas", CORRIGIDO)
                _escrever(pasta, entidade, mes, _a_corrigir(linhas) if primeira else linhas, medida)
        gravar(pasta / RECUSADO, _texto("pagamentos", arquivos["pagamentos"][CORRIGIDO], Forma()))
    if corrigida:
        _escrever(pasta, "faturas", CORRIGIDO, arquivos["faturas"][CORRIGIDO], medida)
    gravar(marca, json.dumps({**receita, "corrigida": corrigida}).encode())
    return True


def remover(pasta: Path) -> None:
    """Throw the folder away, so that it can be filled from the beginning."""
    shutil.rmtree(pasta, ignore_errors=True)
    pasta.with_name(f"{pasta.name}.{_RECEITA}").unlink(missing_ok=True)


# Rows


def _planejar(medida: Medida, semente: int) -> Arquivos:
    """Every row of every file, clean ones first turned wrong here and there."""
    arquivos: Arquivos = {"faturas": defaultdict(list), "pagamentos": defaultdict(list)}
    fim = _somar_meses(medida.inicio, medida.meses)
    for cliente in range(1, medida.clientes + 1):
        sorteio = Random(f"{semente}/cliente/{cliente}")
        for emissao, vencimento, valor, minimo, habito in _faturas(sorteio, medida):
            id_fatura = f"{cliente}-{emissao:%y%m}"
            arquivos["faturas"][emissao.year, emissao.month].append(
                [id_fatura, str(cliente), str(emissao), str(vencimento), str(valor), str(minimo)]
            )
            jeito = sorteio.choices(JEITOS, HABITOS[habito])[0]
            pagas = _pagamentos(sorteio, jeito, emissao, vencimento, valor, minimo)
            for ordem, (dia, quanto) in enumerate(pagas, 1):
                if dia < fim:
                    arquivos["pagamentos"][dia.year, dia.month].append(
                        [f"{id_fatura}-{ordem}", id_fatura, str(cliente), str(dia), str(quanto)]
                    )
    for entidade, meses in arquivos.items():
        for (ano, mes), linhas in meses.items():
            sorteio = Random(f"{semente}/sujeira/{entidade}/{ano}-{mes}")
            sorteio.shuffle(linhas)
            _sujar(sorteio, entidade, linhas)
    return arquivos


def _somar_meses(dia: date, meses: int) -> date:
    anos, mes = divmod(dia.month - 1 + meses, 12)
    return dia.replace(year=dia.year + anos, month=mes + 1)


def _faturas(sorteio: Random, medida: Medida) -> Iterator[tuple[date, date, int, int, str]]:
    """The invoices of one customer: issue, due date, amount and minimum (centavos), and habit."""
    dia = sorteio.randint(1, 28)
    prazo = sorteio.choice((7, 10, 10, 12))
    nivel = sorteio.lognormvariate(6.6, 0.8)
    entrada = 0 if sorteio.random() < 0.7 else sorteio.randrange(medida.meses)
    habito = sorteio.choices(list(HABITOS), _COMECO)[0]
    for mes in range(entrada, medida.meses):
        habito = sorteio.choices(list(HABITOS), MUDANCAS[habito])[0]
        if sorteio.random() < 0.06:  # nothing bought that month
            continue
        emissao = _somar_meses(medida.inicio, mes).replace(day=dia)
        ritmo = _SAZONALIDADE[emissao.month - 1] / 100 * sorteio.lognormvariate(0, 0.35)
        valor = 0 if sorteio.random() < 0.004 else max(round(nivel * ritmo * 100), 500)
        minimo = min(valor, max(round(valor * 0.15), 2_000))
        yield emissao, emissao + timedelta(days=prazo), valor, minimo, habito


def _pagamentos(
    sorteio: Random, jeito: str, emissao: date, vencimento: date, valor: int, minimo: int
) -> list[tuple[date, int]]:
    """The payments of one invoice, by day: what comes of each of `JEITOS`."""
    if valor == 0:
        return []
    espera = (vencimento - emissao).days
    antes = vencimento - timedelta(days=sorteio.randint(1, espera))
    depois = vencimento + timedelta(days=min(round(sorteio.expovariate(1 / 18)) + 1, 200))
    parte = sorteio.randint(1, valor)
    return {
        "no_dia": [(vencimento, valor)],
        "antes": [(antes, valor)],
        "parcelas": [(antes, parte), (depois, valor - parte)]
        if parte < valor
        else [(antes, valor)],
        "minimo": [(vencimento, max(minimo, 1))],
        "atrasado": [(depois, valor)],
        "pouco": [(depois, max(minimo // 2, 1))],
        "a_mais": [(vencimento, valor + sorteio.choice((1, 100, 5_000)))],
        "nunca": [],
    }[jeito]


# What is wrong with some rows


def _trocar(coluna: int, novo: str) -> Callable[[Linha], list[Linha]]:
    return lambda linha: [[*linha[:coluna], novo, *linha[coluna + 1 :]]]


def _repetida_diferente(linha: Linha) -> list[Linha]:
    return [linha, [*linha[:-1], str(int(linha[-1]) // 2 + 1)]]


SUJEIRAS: dict[str, tuple[Callable[[Linha], list[Linha]], ...]] = {
    "faturas": (
        _trocar(0, ""),
        _trocar(1, "   "),
        _trocar(2, "2025-02-30"),
        _trocar(2, "1889-11-15"),
        _trocar(3, "2099-12-31"),
        _trocar(3, "sem data"),
        _trocar(3, "2001-01-01"),
        _trocar(4, "1e3"),
        _trocar(4, "-100"),
        _trocar(5, "99999999"),
        _trocar(5, "-1"),
        lambda linha: [linha, linha],
        _repetida_diferente,
        lambda linha: [linha[:-1]],
        lambda linha: [[*linha, "sobra"]],
        lambda linha: [[f'"{linha[0]}', *linha[1:]]],
    ),
    "pagamentos": (
        _trocar(0, ""),
        _trocar(1, ""),
        _trocar(3, "hoje"),
        _trocar(3, "1989-12-31"),
        _trocar(4, "0"),
        _trocar(4, "-100"),
        _trocar(4, "NaN"),
        _trocar(1, "0-0000"),
        _trocar(2, "0"),
        lambda linha: [linha, linha],
        _repetida_diferente,
        lambda linha: [linha[:-1]],
        lambda linha: [[*linha, "sobra"]],
        lambda linha: [[f'"{linha[0]}', *linha[1:]]],
    ),
}
"""The wrong rows that a row may turn into. Amounts are centavos until they are written; what is no
number of centavos is written as it stands."""


def _sujar(sorteio: Random, entidade: str, linhas: list[Linha]) -> None:
    """Turn one row in two hundred wrong, each kind in turn."""
    escolhidas = sorted(sorteio.sample(range(len(linhas)), len(linhas) // 200), reverse=True)
    tipos = SUJEIRAS[entidade]
    comeco = sorteio.randrange(len(tipos))
    for ordem, posicao in enumerate(escolhidas):
        linhas[posicao : posicao + 1] = tipos[(comeco + ordem) % len(tipos)](linhas[posicao])


def _a_corrigir(linhas: list[Linha]) -> list[Linha]:
    """A month as first delivered: rows missing at the end, some amounts ten times too big."""
    return [
        [*li[:4], f"{li[4]}0", *li[5:]] if n % 97 == 0 and len(li) == 6 and li[4].isdigit() else li
        for n, li in enumerate(linhas[: len(linhas) * 49 // 50])
    ]


# Files


def _escrever(
    pasta: Path, entidade: str, mes: tuple[int, int], linhas: list[Linha], medida: Medida
) -> None:
    desde = (mes[0] - medida.inicio.year) * 12 + mes[1] - medida.inicio.month
    forma = FORMAS[desde // 5 % len(FORMAS)]
    nome = f"tb_{entidade}_{mes[0]}{mes[1]:02d}{forma.sufixo}"
    gravar(pasta / nome, _texto(entidade, linhas, forma))


def _texto(entidade: str, linhas: list[Linha], forma: Forma) -> bytes:
    """A file's bytes."""
    dinheiro = range(4, 6)
    datas = (2, 3) if entidade == "faturas" else (3,)
    saida = [forma.separador.join(CABECALHO[entidade])]
    for linha in linhas:
        celulas = list(linha)
        for i, celula in enumerate(linha):
            if i in dinheiro and celula.lstrip("-").isdigit():
                celulas[i] = _reais(int(celula), forma.virgula)
                if "," in celulas[i] and forma.separador == ",":
                    celulas[i] = f'"{celulas[i]}"'
            elif i in datas and forma.brasileira and celula[4:5] == celula[7:8] == "-":
                celulas[i] = f"{celula[8:]}/{celula[5:7]}/{celula[:4]}"
        saida.append(forma.separador.join(celulas))
    conteudo = (forma.fim.join(saida) + forma.fim).encode(forma.codificacao)
    if forma.sufixo.endswith(".gz"):
        return gzip.compress(conteudo, mtime=0)
    if forma.sufixo.endswith(".zst"):
        comprimido: bytes = pa.Codec("zstd").compress(conteudo, asbytes=True)
        return comprimido
    return conteudo


def _reais(centavos: int, virgula: bool) -> str:
    """An amount as an issuer writes it: `-1234.50`, or `-1.234,50`."""
    sinal = "-" if centavos < 0 else ""
    reais, resto = divmod(abs(centavos), _CENTAVO_POR_REAL)
    return (
        f"{sinal}{reais:,}".replace(",", ".") + f",{resto:02d}"
        if virgula
        else (f"{sinal}{reais}.{resto:02d}")
    )
