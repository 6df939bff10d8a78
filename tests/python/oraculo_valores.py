"""What a text of the card issuer's files is, worked out by hand: no expression, no SQL, no Arrow.

It also makes texts to ask about: values as programs write them, and the same with something amiss.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
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


def numero(texto: str, forma: str, precisao: int, escala: int) -> Decimal | None:
    """The number of some precision and scale that a text is in a form; none where it is none."""
    achado = _nucleo(texto)
    if achado is None:
        return None
    negativo, resto = achado
    decimal, milhar = (".", ",") if forma == "ponto" else (",", ".")
    inteiros, sinal, fracao = resto.partition(decimal)
    if sinal and not (_algarismos(fracao) and len(fracao) <= escala):
        return None
    if milhar in inteiros:
        primeiro, *grupos = inteiros.split(milhar)
        if not all(_algarismos(g) and len(g) == 3 for g in grupos):
            return None
        if len(grupos) > (precisao - escala - 1) // 3 or not 1 <= len(primeiro) <= 3:
            return None
        if forma == "ponto" and primeiro.startswith("0"):
            return None
        inteiros = primeiro + "".join(grupos)
    if not _algarismos(inteiros) or len(inteiros.lstrip("0")) > precisao - escala:
        return None
    with localcontext(prec=500):
        lido = Decimal(f"{inteiros}.{fracao or 0}")
        return -lido if negativo else lido


def instante(texto: str, forma: str) -> datetime | None:
    """The moment that a text is in a form, in UTC where it says how far it is; else none."""
    resto = texto.strip(ESPACOS)
    do_dia = dia(resto[:10], forma) if resto[:10].strip(ESPACOS) == resto[:10] else None
    if do_dia is None:
        return None
    meia_noite = datetime(do_dia.year, do_dia.month, do_dia.day)
    if not resto[10:]:
        return meia_noite
    if resto[10] not in " T":
        return None
    relogio, de_utc = resto[11:], None
    for sinal in "+-Z":
        if sinal in relogio:
            relogio, _, zona = relogio.partition(sinal)
            relogio = relogio.removesuffix(" ")
            de_utc = 0 if sinal == "Z" and not zona else _minutos(zona)
            if de_utc is None or (sinal == "Z" and zona):
                return None
            de_utc = -de_utc if sinal == "-" else de_utc
            break
    campos = relogio.split(":")
    if not 2 <= len(campos) <= 3:
        return None
    segundos, _, fracao = (campos[2] if len(campos) == 3 else "00").replace(",", ".").partition(".")
    if len(campos) == 3 and any(c in campos[2] for c in ".,") and not 1 <= len(fracao) <= 9:
        return None
    if (fracao and not _algarismos(fracao)) or not all(map(_algarismos, (*campos[:2], segundos))):
        return None
    if len(campos[0]) > 2 or len(campos[1]) != 2 or len(segundos) != 2:
        return None
    hora, minuto, segundo = int(campos[0]), int(campos[1]), int(segundos)
    if hora > 23 or minuto > 59 or segundo > 59:
        return None
    if de_utc is not None and do_dia.year in (1, 9999):
        return None
    return meia_noite + timedelta(
        hours=hora, minutes=minuto - (de_utc or 0), seconds=segundo,
        microseconds=int(fracao[:6].ljust(6, "0")),
    )  # fmt: skip


def _minutos(zona: str) -> int | None:
    """Minutes of `03`, `0300` or `03:00`; none of anything else."""
    if len(zona) == 5 and zona[2] == ":":
        zona = zona[:2] + zona[3:]
    if len(zona) not in (2, 4) or not _algarismos(zona):
        return None
    horas, minutos = int(zona[:2]), int(zona[2:] or 0)
    return None if horas > 14 or minutos > 59 else 60 * horas + minutos


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


def numeros(quantos: int, escala: int, semente: int = 13) -> Iterator[str]:
    """Texts of numbers: about half of them can be read by some form, at that scale."""
    acaso = random.Random(semente + escala)
    for _ in range(quantos):
        decimal, milhar = acaso.choice((".,", ",."))
        inteiro = acaso.randrange(10 ** acaso.randrange(1, 13))
        escrito = f"{inteiro:,}".replace(",", milhar) if acaso.random() < 0.4 else str(inteiro)
        escrito = "0" * acaso.choice((0, 0, 0, 1, 2, 3)) + escrito
        casas = acaso.choice((0, 1, escala, escala, acaso.randrange(12)))
        if casas:
            escrito += decimal + f"{acaso.randrange(10**casas):0{casas}}"
        moeda, sinal = acaso.choice(("", "", "", "R$ ")), acaso.choice(("", "", "-"))
        texto = acaso.choice((sinal + moeda + escrito, moeda + escrito + sinal))
        texto = acaso.choice(("", "", " ")) + texto + acaso.choice(("", "", "\u00a0"))
        while acaso.random() < 0.2:
            texto = _estragar(acaso, texto, "0123456789..,,-R$ \t\u00a0eE+'%_")
        yield texto


def instantes(quantos: int, semente: int = 13) -> Iterator[str]:
    """Texts of moments: about half of them can be read by some form."""
    acaso = random.Random(semente)
    for texto in dias(quantos, semente):
        relogio = acaso.choice((
            f"{acaso.randrange(26)}:{acaso.randrange(61):02}",
            f"{acaso.randrange(24):02}:{acaso.randrange(60):02}:{acaso.randrange(61):02}",
            f"{acaso.randrange(24):02}:{acaso.randrange(60):02}:{acaso.randrange(60):02}"
            f"{acaso.choice('.,')}{acaso.randrange(10**9):09}"[: acaso.randrange(8, 20)],
        ))  # fmt: skip
        zona = acaso.choice(("", "", "Z", " Z", "-03:00", "+0530", "-03", " +14:00", "+15:00"))
        escrito = texto.strip()[:10] + acaso.choice((" ", "T")) + relogio + zona
        escrito = acaso.choice(("", "", " ", "\t")) + escrito + acaso.choice(("", "", " "))
        while acaso.random() < 0.2:
            escrito = _estragar(acaso, escrito, "0123456789//--::.,+Z T")
        yield acaso.choice((texto, escrito, escrito, escrito))
