"""What a text of the card issuer's files is, worked out by hand: no expression, no SQL, no Arrow.

It also makes texts to ask about: values as programs write them, and the same with something amiss.
"""

import random
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

ESPACOS = " \t\u00a0"
ALGARISMOS = set("0123456789")
CENTAVO = Decimal("0.01")


def _algarismos(texto: str) -> bool:
    return bool(texto) and set(texto) <= ALGARISMOS


def _nucleo(texto: str) -> tuple[bool, str] | None:
    """Whether there is a minus, and what is left without it, padding and currency."""
    if texto.count("-") > 1:
        return None
    resto = texto.strip(ESPACOS)
    negativo = "-" in resto
    resto = resto.removesuffix("-").removeprefix("-")
    if resto[:2] in ("R$", "r$"):
        resto = resto[2:].lstrip(ESPACOS).removeprefix("-")
    return None if "-" in resto else (negativo, resto)


def valor(texto: str, forma: str) -> Decimal | None:
    """The amount that a text is in a form, `ponto` or `virgula`; none where it is none."""
    achado = _nucleo(texto)
    if achado is None:
        return None
    negativo, resto = achado
    decimal, milhar = (".", ",") if forma == "ponto" else (",", ".")
    inteiros, sinal, fracao = resto.partition(decimal)
    if sinal and not _algarismos(fracao):
        return None
    if milhar in inteiros:
        primeiro, *grupos = inteiros.split(milhar)
        if not all(_algarismos(g) and len(g) == 3 for g in grupos) or len(grupos) > 4:
            return None
        if len(primeiro) > 3 or (forma == "ponto" and primeiro.startswith("0")):
            return None
        if len(fracao) > 2:
            return None
        inteiros = primeiro + "".join(grupos) if primeiro else ""
    if not _algarismos(inteiros):
        return None
    with localcontext(prec=500):
        exato = Decimal(f"{inteiros}.{fracao or 0}")
        redondo = exato.quantize(CENTAVO, ROUND_HALF_UP)
        if len(fracao) > 2 and (
            len((inteiros + fracao).lstrip("0")) < 15 or abs(exato - redondo) > Decimal("0.00001")
        ):
            return None
        return None if redondo >= 10**13 else (-redondo if negativo else redondo)


def duvidoso(texto: str) -> bool:
    """Whether a readable amount may be of thousands as well as of three decimals."""
    nucleo = "".join(c for c in texto if c in "0123456789.,")
    partes = nucleo.replace(",", ".").split(".")
    return len(partes) == 2 and len(partes[1]) == 3 and len(partes[0]) < 4


def dia(texto: str, forma: str) -> date | None:
    """The day that a text is in a form; none where it is none."""
    resto = texto.strip(ESPACOS)
    resto, hora = resto[:10], resto[10:]
    if hora:
        relogio, ponto, fracao = hora[1:].partition(".")
        if hora[0] not in " T" or relogio not in ("0:00", "00:00", "0:00:00", "00:00:00"):
            return None
        if ponto and (relogio.count(":") < 2 or not fracao or set(fracao) != {"0"}):
            return None
    separador = "-" if forma == "AAAA-MM-DD" else "/"
    partes = dict(zip(forma.split(separador), resto.split(separador), strict=False))
    if resto.count(separador) != 2 or any(len(k) != len(v) for k, v in partes.items()):
        return None
    if not all(map(_algarismos, partes.values())):
        return None
    try:
        return date(int(partes["AAAA"]), int(partes["MM"]), int(partes["DD"]))
    except ValueError:
        return None


# --- texts to ask about ------------------------------------------------------------------------


def _estragar(acaso: random.Random, texto: str, alfabeto: str) -> str:
    onde = acaso.randrange(len(texto) + 1)
    ate = onde + acaso.choice((0, 1))
    return texto[:onde] + acaso.choice((*alfabeto, "")) + texto[ate:]


def _um_valor(acaso: random.Random) -> str:
    decimal, milhar = acaso.choice((".,", ",."))
    inteiro = acaso.randrange(10 ** acaso.randrange(1, 15))
    escrito = str(inteiro)
    if acaso.random() < 0.4:
        escrito = f"{inteiro:,}".replace(",", milhar)
    como = acaso.random()
    if como < 0.5:
        escrito += decimal + f"{acaso.randrange(100):02}"[: acaso.choice((1, 2, 2))]
    elif como < 0.7:
        cauda = acaso.choice(("00000", "00001", "00009", "001", "0010", "00100", "0011", "99999",
                              "99989", "999", "998", "0", "00", "5", "50000"))  # fmt: skip
        zeros = "0" * acaso.randrange(8)
        escrito += decimal + f"{acaso.randrange(100):02}" + cauda + zeros + acaso.choice(("", "1"))
    elif como < 0.8:
        escrito = repr(acaso.randrange(10**7) / 100 * acaso.choice((1, 1.1, 3, 0.7)))
        escrito = escrito.replace(".", decimal)
    elif como < 0.85:
        escrito = "0" * acaso.randrange(1, 15) + escrito
    moeda = acaso.choice(("", "", "", "R$", "R$ ", "r$\u00a0"))
    sinal = acaso.choice(("", "", "", "-"))
    escrito = acaso.choice((sinal + moeda + escrito, moeda + sinal + escrito,
                            moeda + escrito + sinal))  # fmt: skip
    antes, depois = (
        acaso.choice(("", "", "", " ", "\t ")),
        acaso.choice(("", "", "", " ", "\u00a0")),
    )
    return antes + escrito + depois


def _um_dia(acaso: random.Random) -> str:
    ano = acaso.choice((acaso.randrange(10_000), 2024, 2023, 1900, 0))
    mes, do_mes = acaso.randrange(15), acaso.randrange(34)
    escrito = acaso.choice((f"{ano:04}-{mes:02}-{do_mes:02}", f"{do_mes:02}/{mes:02}/{ano:04}",
                            f"{mes:02}/{do_mes:02}/{ano:04}"))  # fmt: skip
    hora = acaso.choice(("", "", "", " 00:00:00", "T00:00:00", " 0:00", " 00:00:00.000", "T00:00",
                         " 00:00:01", "T00:00:00Z", " 12:00", "  00:00", " 00:00.0"))  # fmt: skip
    return acaso.choice(("", "", "", " ", "\t")) + escrito + hora + acaso.choice(("", "", " "))


def valores(quantos: int, semente: int = 13) -> Iterator[str]:
    """Texts of amounts: about half of them can be read by some form."""
    acaso = random.Random(semente)
    for _ in range(quantos):
        texto = _um_valor(acaso)
        while acaso.random() < 0.3:
            texto = _estragar(acaso, texto, "0123456789..,,-R$ \t\u00a0eE+'%_")
        yield texto


def dias(quantos: int, semente: int = 13) -> Iterator[str]:
    """Texts of days: about half of them can be read by some form."""
    acaso = random.Random(semente)
    for _ in range(quantos):
        texto = _um_dia(acaso)
        while acaso.random() < 0.3:
            texto = _estragar(acaso, texto, "0123456789//-- \tTZ:.")
        yield texto
