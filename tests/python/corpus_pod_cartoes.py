"""Files as card issuers send them, good and bad, each with what has to become of it.

Every case is one file; `@` in its text becomes the case's number, so that no two files are equal,
`{mm}/{aaaa}` the month of its name.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

COLUNAS = (
    "id_fatura",
    "id_cliente",
    "data_emissao",
    "data_vencimento",
    "valor_fatura",
    "valor_pagamento_minimo",
)
CABECALHO = ",".join(COLUNAS)
SEGREDO = "s3gr3d0"
"""Stands in rows only; must never appear in a message."""

Bytes = Callable[[str], bytes]
TODAS = (2, 3, 4)


def utf8(texto: str) -> bytes:
    return texto.encode()


def latin1(texto: str) -> bytes:
    return texto.encode("latin-1")


def gz(texto: str) -> bytes:
    return gzip.compress(texto.encode(), mtime=0)


def zst(texto: str) -> bytes:
    return bytes(pa.compress(texto.encode(), "zstd", asbytes=True))


def windows(texto: str) -> bytes:
    return texto.encode("cp1252")


def mista(de_uma: Bytes, da_outra: Bytes) -> Bytes:
    """A text of which the lines that hold a `~` are in another encoding."""
    return lambda t: b"".join(
        (da_outra if "~" in li else de_uma)(li) for li in t.splitlines(keepends=True)
    )


def em_zip(*demais: str, senha: bool = False) -> Bytes:
    """A zip file with the text in it, and other members."""

    def comprimir(texto: str) -> bytes:
        destino = io.BytesIO()
        with zipfile.ZipFile(destino, "w") as aberto:
            for membro in demais:
                aberto.writestr(zipfile.ZipInfo(membro), "" if membro.endswith("/") else "more\n")
            if texto:
                membro_ = zipfile.ZipInfo("export/whatever.csv")
                aberto.writestr(membro_, texto, zipfile.ZIP_DEFLATED)
        dados = bytearray(destino.getvalue())
        if senha:
            dados[dados.index(b"PK\x01\x02") + 8] |= 1
        return bytes(dados)

    return comprimir


def em_dois(comprimir: Bytes) -> Bytes:
    """Two compressed members one after the other, cut in the middle of a line."""
    return lambda t: comprimir(t[: len(t) // 2]) + comprimir(t[len(t) // 2 :])


def sem_fim(codificar: Bytes, quantos: int = 5) -> Bytes:
    return lambda t: codificar(t)[:-quantos]


def linha(numero: int, *valores: str, sep: str = ",", dias: tuple[str, str] | None = None) -> str:
    """A good line but for the given amounts and days."""
    emissao, vencimento = dias or ("2024-01-05", "2024-02-05")
    fatura, minimo = (*valores, "10.50", "1.05")[:2] if len(valores) < 2 else valores[:2]
    return sep.join((f"@-{numero}", f"C{SEGREDO}", emissao, vencimento, fatura, minimo))


def texto(*linhas: str, cabecalho: str = CABECALHO, fim: str = "\n") -> str:
    return fim.join((cabecalho, *linhas)) + fim


BOAS = (linha(1), linha(2), linha(3))
BOM = texto(*BOAS)


@dataclass(frozen=True)
class Caso:
    """One file and what has to become of it.

    Attributes:
        id: what is odd about the file.
        texto: its content.
        codificar: makes the bytes.
        status: of the load.
        linhas: lines that land, by number.
        rejeitadas: reasons by line.
        motivo: part of the message of a refusal.
        valores: columns of the first landed row, where they matter.
        decimal: form of the amounts found.
        data: form of the days found.
        formato: part of the format found.
        nome: the name's pattern; `*` becomes a month of its own.
        contavel: whether a refused file's lines can be counted.
        antes: how many lines stand before the header.
    """

    id: str
    texto: str
    codificar: Bytes = utf8
    status: str = "ok"
    linhas: tuple[int, ...] = TODAS
    rejeitadas: tuple[tuple[int, str], ...] = ()
    motivo: str = ""
    valores: tuple[tuple[str, Any], ...] = ()
    decimal: str = "ponto"
    data: str = "AAAA-MM-DD"
    formato: str = ""
    nome: str = "tb_faturas_*.csv"
    contavel: bool = True
    antes: int = 0


def aceito(id_: str, conteudo: str, codificar: Bytes = utf8, **resto: Any) -> Caso:
    return Caso(id_, conteudo, codificar, **resto)


def recusado(id_: str, conteudo: str, motivo: str, codificar: Bytes = utf8, **resto: Any) -> Caso:
    return Caso(id_, conteudo, codificar, "rejeitado", (), motivo=motivo, **resto)


def com(*no_meio: str) -> str:
    """A good first line, the given ones, a good last line."""
    return texto(linha(1), *no_meio, linha(3))


def colunas(achadas: int) -> str:
    return f"expected 6 columns, found {achadas}"


CONTROLE = "control character or line break inside the line"
ILEGIVEL = "neither UTF-8, Latin-1 nor Windows-1252"
UTF16 = "it is UTF-16 text"
SEM_FIM = "no final line end"
CORTADA = ((4, "cut off"),)
DIA_NO_FIM = "id_fatura,id_cliente,valor_fatura,valor_pagamento_minimo,data_emissao,data_vencimento"
OUTRA = "not in the encoding of most lines"
BR = ("05/01/2024", "05/02/2024")


def ponto_e_virgula(*linhas: str) -> str:
    return texto(*linhas, cabecalho=CABECALHO.replace(",", ";"))


def valores(*pares: str, sep: str = ";") -> str:
    """A file of lines that differ in their amounts, written as `fatura|minimo`."""
    linhas = (linha(n, *par.split("|"), sep=sep) for n, par in enumerate(pares, 1))
    return texto(*linhas, cabecalho=CABECALHO.replace(",", sep))


def com_fim(*fins: str, sep: str = ",", cabecalho: str = CABECALHO) -> str:
    """A file without a final line end, of lines that differ in their last value."""
    linhas = (linha(n, "10.50", fim, sep=sep) for n, fim in enumerate(fins, 1))
    return texto(*linhas, cabecalho=cabecalho.replace(",", sep))[:-1]


def com_dia_no_fim(*fins: str) -> str:
    """The same, of lines that end with the due day."""
    linhas = (f"@-{n},C1,10.50,1.05,2024-01-05,{fim}" for n, fim in enumerate(fins, 1))
    return texto(*linhas, cabecalho=DIA_NO_FIM)[:-1]


SEP = BOM.replace(",", ";")
TRES = (3, 4, 5)
LETRAS = tuple(linha(n).replace(SEGREDO, "ã") for n in (1, 2, 3))
ESTRANHA = linha(4).replace(SEGREDO, "~é")


def dias(*pares: tuple[str, str]) -> str:
    return texto(*(linha(n, dias=par) for n, par in enumerate(pares, 1)))


CASOS = (
    # Forms that are accepted
    aceito("plain", BOM, formato="utf-8, lf, separator ,, decimal point, AAAA-MM-DD"),
    aceito("semicolons", BOM.replace(",", ";"), formato="separator ;"),
    aceito("no final newline", BOM[:-1], formato=f"lf, {SEM_FIM}"),
    aceito("mark", "\ufeff" + BOM, formato="utf-8 with mark"),
    aceito("mark, quoted header", "\ufeff" + BOM.replace(CABECALHO, f'"{CABECALHO}"'.replace(
        ",", '","'))),
    aceito("crlf", texto(*BOAS, fim="\r\n"), formato="crlf"),
    aceito("crlf, no final one", texto(*BOAS, fim="\r\n")[:-2], formato=f"utf-8, crlf, {SEM_FIM}"),
    aceito("crlf and lf", BOM.replace("\n", "\r\n", 2), formato="lf and crlf"),
    aceito("half a crlf at the end", texto(*BOAS, fim="\r\n")[:-1], formato=f"crlf, {SEM_FIM}"),
    aceito("the separator said first", f"sep=;\n{SEP}", linhas=TRES, antes=1,
           formato="separator ;"),
    aceito("the separator said first, crlf, mark, quotes", '\ufeff"SEP=,"\r\n' + texto(
           *BOAS, fim="\r\n"), linhas=TRES, antes=1, formato="utf-8 with mark, crlf, separator ,"),
    aceito("the separator said first, and rejects", "sep=;\n" + SEP.replace("@-2;", "@-2"),
           linhas=(3, 5), rejeitadas=((4, "expected 6 columns, found 5"),), antes=1),
    aceito("the separator said first, and blank lines", f"sep=;\n{SEP}\n;;;;;\n", linhas=(*TRES, 7),
           antes=1),
    aceito("a last column without a name", texto(*(li + "," for li in BOAS),
           cabecalho=CABECALHO + ","), formato="empty last column",
           valores=(("valor_pagamento_minimo", "1.05"),)),
    aceito("a last column without a name, quoted", texto(*(li + ',""' for li in BOAS),
           cabecalho=CABECALHO + ',""'), formato="empty last column"),
    aceito("a last column without a name, in the header alone", texto(*BOAS,
           cabecalho=CABECALHO + ",")),
    aceito("a last column without a name, with text in a line", texto(linha(1) + ",",
           linha(2) + ",x", linha(3), linha(4) + ",", cabecalho=CABECALHO + ","), linhas=(2, 5),
           rejeitadas=((3, "text after the last column"), (4, "expected 7 columns, found 6"))),
    aceito("a last column without a name, and a last line that is cut", texto(
           *(li + "," for li in BOAS), cabecalho=CABECALHO + ",")[:-3], linhas=(2, 3),
           rejeitadas=((4, "expected 7 columns, found 6"),), formato=SEM_FIM),
    aceito("a separator at the end of all lines", texto(*(li + "," for li in BOAS)),
           formato="empty last column", valores=(("valor_pagamento_minimo", "1.05"),)),
    aceito("a separator at the end of all lines, and a last one that is cut", texto(
           *(li + "," for li in BOAS))[:-3], linhas=(2, 3),
           rejeitadas=((4, "expected 7 columns, found 6"),), formato="empty last column"),
    aceito("utf-8 letters", BOM.replace(SEGREDO, "João Çã"), valores=(("id_cliente", "CJoão Çã"),)),
    aceito("latin-1 letters", BOM.replace(SEGREDO, "João Çã"), latin1, formato="latin-1",
           valores=(("id_cliente", "CJoão Çã"),)),
    aceito("latin-1, crlf, quoted", texto(*BOAS, fim="\r\n").replace(f"C{SEGREDO}", '"É, É"'),
           latin1, formato="quoted", valores=(("id_cliente", "É, É"),)),
    aceito("windows-1252", BOM.replace(SEGREDO, "…€ã"), windows, formato="windows-1252, lf",
           valores=(("id_cliente", "C…€ã"),)),
    aceito("windows-1252, and a line by itself", com('"', linha(2).replace(SEGREDO, "“")), windows,
           linhas=(2, 4, 5), rejeitadas=((3, "unclosed quote"),), formato="windows-1252"),
    aceito("latin-1 with signs that also continue utf-8", BOM.replace(SEGREDO, "nº ª°"), latin1,
           formato="latin-1", valores=(("id_cliente", "Cnº ª°"),)),
    aceito("mostly utf-8", texto(*LETRAS, ESTRANHA), mista(utf8, latin1),
           rejeitadas=((5, OUTRA),), formato="utf-8 but for some lines",
           valores=(("id_cliente", "Cã"),)),
    aceito("mostly latin-1", texto(*LETRAS, ESTRANHA), mista(latin1, utf8),
           rejeitadas=((5, OUTRA),), formato="latin-1 but for some lines",
           valores=(("id_cliente", "Cã"),)),
    aceito("mostly windows-1252", texto(*(li.replace("ã", "…") for li in LETRAS), ESTRANHA,
           linha(5)), mista(windows, utf8), linhas=(*TODAS, 6), rejeitadas=((5, OUTRA),),
           formato="windows-1252 but for some lines", valores=(("id_cliente", "C…"),)),
    aceito("mostly utf-8, with mark", "\ufeff" + texto(*LETRAS, ESTRANHA), mista(utf8, latin1),
           rejeitadas=((5, OUTRA),), formato="utf-8 with mark but for some lines"),
    aceito("letters outside latin-1", BOM.replace(SEGREDO, "日本€"),
           valores=(("id_cliente", "C日本€"),)),
    aceito("all fields quoted", '"' + BOM[:-1].replace(",", '","').replace("\n", '"\n"') + '"\n',
           valores=(("valor_fatura", "10.50"),), formato="quoted"),
    aceito("separator inside quotes", com(linha(2).replace(f"C{SEGREDO}", '"C,1"')),
           formato="quoted"),
    aceito("doubled quotes", BOM.replace(f"C{SEGREDO}", '"C""1"""'),
           valores=(("id_cliente", 'C"1"'),)),
    aceito("empty quotes", BOM.replace(f"C{SEGREDO}", '""')),
    aceito("quote in the middle", BOM.replace(SEGREDO, '1"2'), valores=(("id_cliente", 'C1"2'),)),
    aceito("apostrophes", BOM.replace(SEGREDO, "d'Água"), valores=(("id_cliente", "Cd'Água"),)),
    aceito("columns in another order",
           texto(*(f"{n}.05,@-{n},10.50,2024-02-05,2024-01-05,C1" for n in (1, 2, 3)),
                 cabecalho="valor_pagamento_minimo,id_fatura,valor_fatura,data_vencimento,"
                 "data_emissao,id_cliente"),
           valores=(("valor_pagamento_minimo", "1.05"), ("data_emissao", "2024-01-05"),
                    ("id_cliente", "C1"))),
    aceito("columns in another order, quoted", texto('"1.05",@-1,10.50,2024-02-05,2024-01-05,C1',
           cabecalho="valor_pagamento_minimo,id_fatura,valor_fatura,data_vencimento,"
                     "data_emissao,id_cliente"), linhas=(2,),
           valores=(("valor_pagamento_minimo", "1.05"), ("data_emissao", "2024-01-05"))),
    aceito("header in capitals", BOM.replace(CABECALHO, CABECALHO.upper())),
    aceito("header with spaces", BOM.replace(CABECALHO, f" {CABECALHO} ".replace(",", " , "))),
    aceito("header quoted with spaces", BOM.replace(CABECALHO, '" ID_Fatura ",' +
           ",".join(COLUNAS[1:]))),
    aceito("gzip", BOM, gz, nome="tb_faturas_*.csv.gz", formato="gzip, utf-8"),
    aceito(
        "gzip of more than 100 times its size, but of less than 1 GB",
        BOM + "\n" * 200_000,
        gz,
        nome="tb_faturas_*.csv.gz",
    ),
    aceito("gzip and zeros", BOM, lambda t: gz(t) + bytes(1000), nome="tb_faturas_*.csv.gz"),
    aceito("gzip of two members and zeros", BOM,
           lambda t: gz(t[:99]) + bytes(9) + gz(t[99:]) + b"\0", nome="tb_faturas_*.csv.gz"),
    aceito("zip", BOM, em_zip(), nome="tb_faturas_*.csv.zip", formato="zip, utf-8"),
    aceito("zip of a mac", BOM, em_zip("export/", "__MACOSX/._x.csv"), nome="tb_faturas_*.zip"),
    aceito("zstd", BOM, zst, nome="tb_faturas_*.csv.zst", formato="zstd, utf-8"),
    aceito("gzip of two members", BOM, em_dois(gz), nome="tb_faturas_*.csv.gz"),
    aceito("zstd of two frames", BOM, em_dois(zst), nome="tb_faturas_*.csv.zst"),
    aceito("gzip, latin-1, crlf", texto(*BOAS, fim="\r\n").replace(SEGREDO, "ã"),
           lambda t: gzip.compress(latin1(t), mtime=0), nome="tb_faturas_*.csv.gz"),
    aceito("name in capitals", BOM, nome="TB_FATURAS_*.CSV"),
    aceito("historical load", BOM, nome="tb_faturas.csv"),
    # What is in the fields is judged later
    aceito("blank fields", texto(",,,,,", linha(1), '"",,,,,')),
    aceito("numbers that are none", valores("1e3|NaN", "10|1", "0x1F|--1")),
    aceito("spaces around values", BOM.replace(",", " , ").replace(" , ", ",", 5),
           valores=(("id_cliente", f" C{SEGREDO} "),)),
    aceito("tabs inside values", BOM.replace(SEGREDO, "\t1"), valores=(("id_cliente", "C\t1"),)),
    aceito("header again in the middle", com(CABECALHO)),
    aceito("a long field", BOM.replace(SEGREDO, "x" * 300_000)),
    aceito("a long field, quoted", BOM.replace(f"C{SEGREDO}", '"' + "x" * 300_000 + '"')),
    aceito("a backslash", BOM.replace(SEGREDO, "\\"), valores=(("id_cliente", "C\\"),)),
    aceito("a backslash before a quote", BOM.replace(f"C{SEGREDO}", '"C\\"'),
           valores=(("id_cliente", "C\\"),)),
    aceito("words that mean null elsewhere", BOM.replace(f"C{SEGREDO}", "NULL"),
           valores=(("id_cliente", "NULL"),)),
    # How numbers and days are written
    aceito("decimal comma", valores("10,50|1,05", "7,5|0", "8|1"), decimal="virgula",
           formato="decimal comma"),
    aceito("decimal comma, quoted, between commas", valores('"10,50"|"1,05"', '"7,5"|0', "8|1",
           sep=","), decimal="virgula", valores=(("valor_fatura", "10,50"),)),
    aceito("thousands and comma", valores("1.234,56|1.234,5", "12|1.234", "-1.234.567,89|1"),
           decimal="virgula"),
    aceito("thousands twice", valores("1.234.567|1", "1|1", "1|1"), decimal="virgula"),
    aceito("whole numbers only", valores("10|1", "7|0", "1234|1")),
    aceito("more points than commas", valores("10.50|1.05", "7,5|0", "1.234|1")),
    aceito("more commas than points", valores("10,50|1,05", "7.5|0", "1.234|1"), decimal="virgula"),
    aceito("one comma decides", valores("1.234|1", "7,5|0", "1.234|1"), decimal="virgula"),
    aceito("one point decides", valores("1.234|1", "7.5|0", "1.234|1")),
    aceito("brazilian days", dias(BR, BR, BR), data="DD/MM/AAAA", formato="DD/MM/AAAA"),
    aceito("more brazilian days", dias(BR, BR, ("2024-01-05", "2024-01-06")), data="DD/MM/AAAA"),
    aceito("more iso days", dias(BR, *[("2024-01-05", "2024-01-06")] * 2)),
    aceito("days that are none", dias(("5/1/24", "amanhã"), *[("2024-01-05", "2024-01-06")] * 2)),
    # What is around values and cannot change their meaning
    aceito("currency", valores("R$ 1.500,00|R$ 1,05", "-R$ 7,5|R$ 0", "R$\u00a08|1"),
           decimal="virgula", valores=(("valor_fatura", "R$ 1.500,00"),),
           formato="decimal comma, AAAA-MM-DD, thousands separators, currency signs"),
    aceito("thousands by comma", valores('"9,876.54"|1.05', '"1,000,000.00"|0', '"1,234"|1',
           sep=","), formato="thousands separators"),
    aceito("whole thousands by comma", valores("1,234,567|1", "1,234|1", "999|1")),
    aceito("float artefacts", valores("100.10000000000001|1.05", "99.99999999999999|0", "8|1"),
           formato="float artefacts"),
    aceito("float artefacts with a comma", valores("100,10000000000001|1", "8|1", "9|1"),
           decimal="virgula", formato="float artefacts"),
    aceito("padded", valores(" 10,50 |1,05\t", "7,5\u00a0|0", "8|1"), decimal="virgula",
           formato="padding"),
    aceito("minus behind", valores("10.00-|1.05", "7.5-|0", "8-|1"), formato="trailing minus"),
    aceito("midnight", dias(*[("2024-01-05 00:00:00", "2024-02-05T00:00:00")] * 3),
           formato="times of midnight"),
    aceito("midnight, brazilian, padded", dias((f" {BR[0]} 00:00", BR[1]), BR, BR),
           data="DD/MM/AAAA", formato="padding, times of midnight"),
    aceito("days that do not exist say nothing", dias(("31/02/2024", "30/02/2024"),
           ("31/04/2024", "32/01/2024"), ("2024-01-05", "2024-02-05"))),
    aceito("one american day", dias(("20/01/2023", "25/01/2023"), ("01/20/2023", "05/02/2023"),
           BR), data="DD/MM/AAAA"),
    aceito("brazilian by its month", dias(*((f"0{d}/{{mm}}/{{aaaa}}", f"0{d}/{{mm}}/{{aaaa}}")
           for d in (1, 2, 3))), data="DD/MM/AAAA"),
    aceito("in no month", dias(*[("01/02/1970", "02/03/1970")] * 3), data="DD/MM/AAAA"),
    # Lines that are no rows
    aceito("half a line at the end", BOM[:-20], linhas=(2, 3), rejeitadas=((4, colunas(4)),)),
    *(aceito(f"a last amount that is cut to {fim!r}", com_fim("9.99", "449.38", fim), linhas=(2, 3),
             rejeitadas=CORTADA, formato=SEM_FIM) for fim in ("449.3", "449.", "449", "4", "")),
    aceito("a last amount that is cut, with commas", com_fim("9,99", "1.449,38", "1.449", sep=";")
           .replace("10.50", "10,50"), linhas=(2, 3), rejeitadas=CORTADA, decimal="virgula"),
    aceito("a last amount that is cut, others blank", com_fim("", "9.99", '""', "4.3"),
           linhas=(2, 3, 4), rejeitadas=((5, "cut off"),)),
    aceito("a last amount that is cut, after blank lines", com_fim("9.99", "8.99") + "\n\n\n@-3,C1,"
           "2024-01-05,2024-02-05,10.50,1.0", linhas=(2, 3), rejeitadas=((6, "cut off"),)),
    aceito("a last amount that is cut, quotes before", com_fim('"9.99"', '"8.99"', "4.3"),
           linhas=(2, 3), rejeitadas=CORTADA),
    aceito("a last amount that is cut, latin-1",
           com_fim("9.99", "8.99", "4.3").replace(SEGREDO, "ã"), latin1, linhas=(2, 3),
           rejeitadas=CORTADA),
    aceito("a last amount like all others", com_fim("9.99", "449.38", "449.30"), formato=SEM_FIM),
    aceito("a last amount of one decimal where another has one", com_fim("9.99", "449.3", "449.3")),
    aceito("a last whole amount where others are", com_fim("9", "449.38", "449")),
    aceito("a last amount that is blank like others", com_fim("", "449.38", "")),
    aceito("a last amount in quotes", com_fim("9.99", "449.38", '"449.3"')),
    aceito("a short last amount and half a crlf",
           com_fim("9.99", "449.38", "449.3").replace("\n", "\r\n") + "\r", formato=SEM_FIM),
    aceito("a short last amount with a line end", com_fim("9.99", "449.38", "449.3") + "\n"),
    aceito("an only line with a short amount", com_fim("449.3"), linhas=(2,), formato=SEM_FIM),
    aceito("a short last amount in gzip, which is whole", com_fim("9.99", "449.38", "449.3"), gz,
           nome="tb_faturas_*.csv.gz", formato=SEM_FIM),
    aceito("a short last amount in zip, which is whole", com_fim("9.99", "449.38", "449.3"),
           em_zip(), nome="tb_faturas_*.csv.zip", formato=SEM_FIM),
    aceito("a short last amount in zstd, which proves nothing", com_fim("9.99", "449.38", "449.3"),
           zst, nome="tb_faturas_*.csv.zst", linhas=(2, 3), rejeitadas=CORTADA),
    aceito("a last day that is cut", com_dia_no_fim("2024-02-05", "2024-02-06", "2024-02-0"),
           linhas=(2, 3), rejeitadas=CORTADA),
    aceito("a last day that is whole", com_dia_no_fim("2024-02-05", "2024-02-06", "2024-02-07"),
           formato=SEM_FIM),
    aceito("a last day that is short like others", com_dia_no_fim("2024-02-5", "2024-02-06",
           "2024-02-0")),
    aceito("too few columns", com("@-2,C1"), linhas=(2, 4), rejeitadas=((3, colunas(2)),)),
    aceito("too many columns", com(linha(2) + ",x"), linhas=(2, 4), rejeitadas=((3, colunas(7)),)),
    aceito("a separator at the end of one", com(linha(2) + ","), linhas=(2, 4),
           rejeitadas=((3, colunas(7)),)),
    aceito("a separator at the end of most", texto(linha(1) + ",", linha(2) + ",", linha(3)),
           linhas=(4,), rejeitadas=((2, colunas(7)), (3, colunas(7)))),
    aceito("too few columns, quoted", com('"@-2",C1'), linhas=(2, 4),
           rejeitadas=((3, colunas(2)),)),
    aceito("too few columns, latin-1", com("@-2,ã"), latin1, linhas=(2, 4),
           rejeitadas=((3, colunas(2)),)),
    aceito("first line too short", texto("x", *BOAS[1:]), linhas=(3, 4),
           rejeitadas=((2, colunas(1)),)),
    aceito("several, one after the other", texto("x", "y,y", linha(1), "z", linha(2), "w"),
           linhas=(4, 6), rejeitadas=((2, colunas(1)), (3, colunas(2)), (5, colunas(1)),
                                      (7, colunas(1)))),
    aceito("another separator in one", com(linha(2, sep=";")), linhas=(2, 4),
           rejeitadas=((3, colunas(1)),)),
    aceito("blank lines", texto("", linha(1), "", "", linha(2), ""), linhas=(3, 6)),
    aceito("blank lines, crlf", texto("", linha(1), "", fim="\r\n"), linhas=(3,)),
    aceito("blank and short lines", texto("", linha(1), "x", ""), linhas=(3,),
           rejeitadas=((4, colunas(1)),)),
    aceito("a line of spaces", com("   "), linhas=(2, 4), rejeitadas=((3, colunas(1)),)),
    aceito("nul", com(linha(2).replace(SEGREDO, "\0")), linhas=(2, 4), rejeitadas=((3, CONTROLE),)),
    aceito("escape", com(linha(2).replace(SEGREDO, "\x1b[31m")), linhas=(2, 4),
           rejeitadas=((3, CONTROLE),)),
    aceito("cr inside a line", com(linha(2).replace(SEGREDO, "\r")), linhas=(2, 4),
           rejeitadas=((3, CONTROLE),)),
    aceito("cr before crlf", texto(*BOAS, fim="\r\n").replace("1.05\r", "1.05\r\r", 1),
           linhas=(3, 4), rejeitadas=((2, CONTROLE),)),
    aceito("unclosed quote", com(linha(2).replace("C", '"C')), linhas=(2, 4),
           rejeitadas=((3, "unclosed quote"),)),
    aceito("the other separator after a closing quote", texto(
        *(linha(n, "10.50", "1.05", sep=";") for n in (1, 2)),
        linha(3, "10.50", "1.05", sep=";").replace(f"C{SEGREDO}", '"C",1'),
        cabecalho=CABECALHO.replace(",", ";")), linhas=(2, 3),
        rejeitadas=((4, "text after a closing quote"),)),
    aceito("unclosed quote, last", texto(linha(1), linha(2), linha(3).replace("C", '"C')),
           linhas=(2, 3), rejeitadas=((4, "unclosed quote"),)),
    aceito("unclosed quote at the end of a line", com(linha(2) + ',"'), linhas=(2, 4),
           rejeitadas=((3, "unclosed quote"),)),
    aceito("two unclosed quotes", com(*[linha(2).replace("C", '"C')] * 2), linhas=(2, 5),
           rejeitadas=((3, "unclosed quote"), (4, "unclosed quote"))),
    aceito("quotes that cancel each other out",
           texto(linha(1).replace("C", '"C'), linha(2), linha(3).replace(SEGREDO, '"'), linha(4)),
           linhas=(3, 4, 5), rejeitadas=((2, "unclosed quote"),)),
    aceito("quotes that cancel each other out in the wrong column",
           texto(linha(1) + ',"', linha(2), f'x",{linha(3)}', linha(4)), linhas=(3, 5),
           rejeitadas=((2, "unclosed quote"), (4, colunas(7)))),
    aceito("a line break inside quotes", com(linha(2).replace(f"C{SEGREDO}", '"C\n1"')),
           linhas=(2, 5), rejeitadas=((3, "unclosed quote"), (4, "expected 6 columns"))),
    aceito("text after a closing quote", com(linha(2).replace(f"C{SEGREDO}", '"C"1')),
           linhas=(2, 4), rejeitadas=((3, "text after a closing quote"),)),
    # Files that are refused
    recusado("empty", "", "it is empty"),
    recusado("a line break", "\n", "it is empty"),
    recusado("only a mark", "\ufeff", "it is empty"),
    recusado("empty gzip", "", "it is empty", gz, nome="tb_faturas_*.csv.gz"),
    recusado("no byte of gzip", "", "it is empty", nome="tb_faturas_*.csv.gz"),
    recusado("header only", texto(), "only a header"),
    recusado("header without line end", CABECALHO, "only a header"),
    recusado("header and blank lines", texto("", ""), "only a header"),
    recusado("utf-16", BOM, UTF16, lambda t: t.encode("utf-16"), contavel=False),
    recusado("utf-16, big end first", BOM, UTF16, lambda t: b"\xfe\xff" + t.encode("utf-16-be"),
             contavel=False),
    recusado("utf-16 without mark", BOM, UTF16, lambda t: t.encode("utf-16-le"), contavel=False),
    *(recusado(f"{byte:#x}, which is no sign in windows-1252",
               BOM.replace(SEGREDO, f"ã{chr(byte)}"), ILEGIVEL, latin1, contavel=False)
      for byte in (0x81, 0x9D)),
    recusado("as many lines in utf-8 as not", texto(linha(1), LETRAS[1], ESTRANHA),
             "as many of its lines are UTF-8 as are not (1 each)", mista(utf8, latin1),
             contavel=False),
    recusado("windows-1252 with control bytes", BOM.replace(SEGREDO, "…\x07"), ILEGIVEL, windows,
             contavel=False),
    recusado("latin-1 with nul", BOM.replace(SEGREDO, "ã\0"), ILEGIVEL, latin1, contavel=False),
    recusado("mark before latin-1", BOM.replace(SEGREDO, "ã"), ILEGIVEL,
             lambda t: b"\xef\xbb\xbf" + latin1(t), contavel=False),
    recusado("noise", "", ILEGIVEL, lambda _: bytes(range(256)) * 20, contavel=False),
    recusado("cut gzip", BOM, "gzip data is cut off", sem_fim(gz), nome="tb_faturas_*.csv.gz",
             contavel=False),
    recusado("gzip of two members, the second cut", BOM, "gzip data is cut off",
             lambda t: gz(t) + gz(t)[:-12], nome="tb_faturas_*.csv.gz", contavel=False),
    recusado("gzip with a wrong checksum", BOM, "gzip data is broken",
             lambda t: gz(t)[:-8] + bytes(8), nome="tb_faturas_*.csv.gz", contavel=False),
    recusado("no gzip", BOM, "gzip data is broken", nome="tb_faturas_*.csv.gz", contavel=False),
    recusado("gzip and more", BOM, "no gzip follows its gzip data", lambda t: gz(t) + b"\0more",
             nome="tb_faturas_*.csv.gz", contavel=False),
    recusado("zip of several files", BOM, "it is a zip of 2 files", em_zip("leia-me.txt"),
             nome="tb_faturas_*.csv.zip", contavel=False),
    recusado("zip of none", "", "it is a zip of 0 files", em_zip("export/"),
             nome="tb_faturas_*.zip", contavel=False),
    recusado("zip with a password", BOM, "a zip file with a password", em_zip(senha=True),
             nome="tb_faturas_*.zip", contavel=False),
    recusado("cut zip", BOM, "zip data is broken", sem_fim(em_zip(), 30),
             nome="tb_faturas_*.zip", contavel=False),
    recusado("zip with a wrong checksum", BOM, "zip data is broken",
             lambda t: em_zip()(t).replace(zlib.crc32(t.encode()).to_bytes(4, "little"), b"crc?"),
             nome="tb_faturas_*.zip", contavel=False),
    recusado("no zip", BOM, "zip data is broken", nome="tb_faturas_*.zip", contavel=False),
    recusado("no byte of zip", "", "it is empty", nome="tb_faturas_*.zip"),
    recusado("another separator said first", f"sep=|\n{BOM}", "first line says that '|'", antes=1),
    recusado("only the separator said", "sep=;\n", "it is empty"),
    recusado("the separator said first, and another used", f"sep=;\n{BOM}",
             "is in it, separated by ;", antes=1),
    recusado("no line that is one", texto("x", "y,y", "z"),
             "(line 2: expected 6 columns, found 1)"),
    recusado("cut zstd", BOM, "zstd data is broken", sem_fim(zst), nome="tb_faturas_*.csv.zst",
             contavel=False),
    recusado("one endless line", texto(*BOAS).replace(SEGREDO, "x" * 3_000_000),
             "a line of more than", contavel=False),
    recusado("column twice", texto(linha(1) + ",C1", cabecalho=CABECALHO + ",id_cliente"),
             "more than once: id_cliente"),
    recusado("unknown column", texto(linha(1) + ",1", cabecalho=CABECALHO + ",cpf"),
             "unknown: cpf"),
    recusado("two columns without a name", texto(linha(1) + ",,", cabecalho=CABECALHO + ",,"),
             "unknown: column 7"),
    recusado("column without a name", texto("," + linha(1), cabecalho="," + CABECALHO),
             "unknown: column 1"),
    recusado("missing column", texto(*BOAS, cabecalho=CABECALHO.replace(",valor_fatura", "")),
             "missing: valor_fatura"),
    recusado("columns of payments",
             "id_pagamento,id_fatura,id_cliente,data_pagamento,valor_pagamento\n1,@,1,2024-01-01,1\n",
             "unknown: id_pagamento, data_pagamento, valor_pagamento"),
    recusado("no header", "".join(f"{li}\n" for li in BOAS), "first line is not a header"),
    recusado("data below half a header", texto(*BOAS, cabecalho="id_fatura,1,2,3,4,5,6,7,8"),
             "unknown: column 2, column 3, column 4, column 5, column 6 and 3 more"),
    recusado("blank line first", "\n" + BOM, "first line is not a header"),
    recusado("tabs", BOM.replace(",", "\t"), "first line is not a header"),
    recusado("cr only", BOM.replace("\n", "\r"), "not ended by LF or CRLF"),
    recusado("thousands or decimals", valores("1.234|1", "5.678|1", "7|1"), "give --decimal"),
    recusado("as many points as commas", valores("10,50|1", "7.5|0", "1|1"), "give --decimal"),
    recusado("thousands or decimals, by comma", valores("1,234|1", "5,678|1", "7|1"),
             "give --decimal"),
    recusado("american days", dias(("01/20/2023", "02/05/2023"),
             *[("01/05/2023", "02/05/2023")] * 2), "its days are written MM/DD/AAAA: 1 of them"),
    recusado("as many american days as brazilian", dias(("01/20/2023", "02/05/2023"), BR,
             ("20/01/2023", "05/02/2023")), "its days are written MM/DD/AAAA: 1 of them"),
    recusado("american by its month", dias(*((f"{{mm}}/0{d}/{{aaaa}}", "01/02/2024")
             for d in (1, 2, 3))), "its days seem to be written MM/DD/AAAA"),
    recusado("a separator at the end of all, since the last value is blank",
             texto(*(linha(n, "10.50", "") for n in (1, 2, 3))), "can all be read"),
    recusado("no amount that is one", valores("1e3|1", "US$ 5|1", "|1"),
             "no row in which valor_fatura, valor_pagamento_minimo, data_emissao"),
    recusado("no day that is one", dias(*[("5/1/24", "amanhã")] * 3), "can all be read"),
    recusado("nothing but blanks", texto(",,,,,", "NULL,NULL,NULL,NULL,NULL,NULL"),
             "can all be read"),
    recusado("no row of which all can be read", valores("10.50|x", "x|1.05", "|1"),
             "can all be read"),
    recusado("as many iso days as brazilian", dias(BR, ("2024-01-05", "2024-01-06")),
             "as many days are written"),
    recusado("month 13", BOM, "no possible month", nome="tb_faturas_202413.csv"),
    recusado("month 0", BOM, "no possible month", nome="tb_faturas_000000.csv"),
    recusado("month of four digits", BOM, "no possible month", nome="tb_faturas_2024.csv"),
    recusado("a day for a month", BOM, "no possible month", nome="tb_faturas_20240101.csv"),
    recusado("a version after the month", BOM, "no possible month",
             nome="tb_faturas_202401_v2.csv"),
    recusado("a name after the entity", BOM, "no possible month", nome="tb_faturas_janeiro.csv"),
)  # fmt: skip


def _mes(numero: int) -> tuple[str, str]:
    return f"{1990 + numero // 12}", f"{numero % 12 + 1:02}"


def nome(numero: int) -> str:
    """The name of a case's file, of a month of its own."""
    return CASOS[numero].nome.replace("*", "".join(_mes(numero)))


def conteudo(numero: int) -> bytes:
    """The bytes of a case's file."""
    caso = CASOS[numero]
    ano, mes = _mes(numero)
    escrito = caso.texto.replace("{mm}", mes).replace("{aaaa}", ano)
    return caso.codificar(escrito.replace("@", f"{numero}"))
