"""Files as card issuers send them, good and bad, each with what has to become of it.

Every case is one file; `@` in its text becomes the case's number, so that no two files are equal.
"""

import gzip
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
ILEGIVEL = "neither UTF-8 nor Latin-1"
BR = ("05/01/2024", "05/02/2024")


def ponto_e_virgula(*linhas: str) -> str:
    return texto(*linhas, cabecalho=CABECALHO.replace(",", ";"))


def valores(*pares: str, sep: str = ";") -> str:
    """A file of lines that differ in their amounts, written as `fatura|minimo`."""
    linhas = (linha(n, *par.split("|"), sep=sep) for n, par in enumerate(pares, 1))
    return texto(*linhas, cabecalho=CABECALHO.replace(",", sep))


def dias(*pares: tuple[str, str]) -> str:
    return texto(*(linha(n, dias=par) for n, par in enumerate(pares, 1)))


CASOS = (
    # Forms that are accepted
    aceito("plain", BOM, formato="utf-8, lf, separator ,, decimal point, AAAA-MM-DD"),
    aceito("semicolons", BOM.replace(",", ";"), formato="separator ;"),
    aceito("no final newline", BOM[:-1]),
    aceito("mark", "\ufeff" + BOM, formato="utf-8 with mark"),
    aceito("mark, quoted header", "\ufeff" + BOM.replace(CABECALHO, f'"{CABECALHO}"'.replace(
        ",", '","'))),
    aceito("crlf", texto(*BOAS, fim="\r\n"), formato="crlf"),
    aceito("crlf, no final one", texto(*BOAS, fim="\r\n")[:-2], formato="crlf"),
    aceito("crlf and lf", BOM.replace("\n", "\r\n", 2), formato="lf and crlf"),
    aceito("half a crlf at the end", texto(*BOAS, fim="\r\n")[:-1]),
    aceito("utf-8 letters", BOM.replace(SEGREDO, "João Çã"), valores=(("id_cliente", "CJoão Çã"),)),
    aceito("latin-1 letters", BOM.replace(SEGREDO, "João Çã"), latin1, formato="latin-1",
           valores=(("id_cliente", "CJoão Çã"),)),
    aceito("latin-1, crlf, quoted", texto(*BOAS, fim="\r\n").replace(f"C{SEGREDO}", '"É, É"'),
           latin1, formato="quoted", valores=(("id_cliente", "É, É"),)),
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
    aceito("zstd", BOM, zst, nome="tb_faturas_*.csv.zst", formato="zstd, utf-8"),
    aceito("gzip of two members", BOM, em_dois(gz), nome="tb_faturas_*.csv.gz"),
    aceito("zstd of two frames", BOM, em_dois(zst), nome="tb_faturas_*.csv.zst"),
    aceito("gzip, latin-1, crlf", texto(*BOAS, fim="\r\n").replace(SEGREDO, "ã"),
           lambda t: gzip.compress(latin1(t), mtime=0), nome="tb_faturas_*.csv.gz"),
    aceito("name in capitals", BOM, nome="TB_FATURAS_*.CSV"),
    aceito("historical load", BOM, nome="tb_faturas.csv"),
    # What is in the fields is judged later
    aceito("blank fields", texto(",,,,,", "@,,,,,", '"",,,,,')),
    aceito("numbers that are none", valores("1e3|NaN", "infinity|1_000", "0x1F|--1")),
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
    aceito("no day that is one", dias(*[("5/1/24", "amanhã")] * 3)),
    # Lines that are no rows
    aceito("half a line at the end", BOM[:-20], linhas=(2, 3), rejeitadas=((4, colunas(4)),)),
    aceito("too few columns", com("@-2,C1"), linhas=(2, 4), rejeitadas=((3, colunas(2)),)),
    aceito("too many columns", com(linha(2) + ",x"), linhas=(2, 4), rejeitadas=((3, colunas(7)),)),
    aceito("a separator at the end of one", com(linha(2) + ","), linhas=(2, 4),
           rejeitadas=((3, colunas(7)),)),
    aceito("a separator at the end of all", texto(*(li + "," for li in BOAS)), linhas=(),
           rejeitadas=tuple((n, colunas(7)) for n in TODAS)),
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
    recusado("utf-16", BOM, ILEGIVEL, lambda t: t.encode("utf-16"), contavel=False),
    recusado("utf-16, big end first", BOM, ILEGIVEL, lambda t: b"\xfe\xff" + t.encode("utf-16-be"),
             contavel=False),
    recusado("utf-16 without mark", BOM, ILEGIVEL, lambda t: t.encode("utf-16-le"), contavel=False),
    recusado("latin-1 with control bytes", BOM.replace(SEGREDO, "ã\x80"), ILEGIVEL, latin1,
             contavel=False),
    recusado("latin-1 with nul", BOM.replace(SEGREDO, "ã\0"), ILEGIVEL, latin1, contavel=False),
    recusado("mark before latin-1", BOM.replace(SEGREDO, "ã"), ILEGIVEL,
             lambda t: b"\xef\xbb\xbf" + latin1(t), contavel=False),
    recusado("noise", "", ILEGIVEL, lambda _: bytes(range(256)) * 20, contavel=False),
    recusado("cut gzip", BOM, "gzip data is broken", sem_fim(gz), nome="tb_faturas_*.csv.gz",
             contavel=False),
    recusado("no gzip", BOM, "gzip data is broken", nome="tb_faturas_*.csv.gz", contavel=False),
    recusado("gzip and more", BOM, "gzip data is broken", lambda t: gz(t) + b"more",
             nome="tb_faturas_*.csv.gz", contavel=False),
    recusado("cut zstd", BOM, "zstd data is broken", sem_fim(zst), nome="tb_faturas_*.csv.zst",
             contavel=False),
    recusado("one endless line", texto(*BOAS).replace(SEGREDO, "x" * 3_000_000),
             "a line of more than", contavel=False),
    recusado("column twice", texto(linha(1) + ",C1", cabecalho=CABECALHO + ",id_cliente"),
             "more than once: id_cliente"),
    recusado("unknown column", texto(linha(1) + ",1", cabecalho=CABECALHO + ",cpf"),
             "unknown: cpf"),
    recusado("column without a name", texto(linha(1) + ",", cabecalho=CABECALHO + ","),
             "unknown: column 7"),
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


def nome(numero: int) -> str:
    """The name of a case's file, of a month of its own."""
    return CASOS[numero].nome.replace("*", f"{1990 + numero // 12}{numero % 12 + 1:02}")


def conteudo(numero: int) -> bytes:
    """The bytes of a case's file."""
    caso = CASOS[numero]
    return caso.codificar(caso.texto.replace("@", f"{numero}"))
