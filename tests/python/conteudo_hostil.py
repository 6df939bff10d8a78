"""Random content for every column of both sources: what a source may hold, however odd.

Dates reach from PostgreSQL's first one to infinity, amounts to NaN, and texts are of all that
Unicode has. A seed always gives the same content.
"""

import csv
import io
import random
import re
from collections.abc import Sequence

import psycopg
from conftest import Fonte

ESQUISITOS = [
    # blank, and what looks blank
    "", " ", "\t", "\u00a0", "\u00a0\t ", "\u1680", "\u2003", "\u202f", "\u3000", "\u200b",
    "\ufeff", "\x0b", "\x0c", "\x1f", "\x85", "\u2028", "\u2029", "\r\n", "\n",
    # control and direction
    "\x01", "\x08", "\x1b[31m", "\x7f", "\x9b", "\u200e", "\u200f", "\u202e", "\u2066x", "\u2069",
    # combining, joined, and at the edges of planes and surrogates
    "e\u0301", "\u0301", "a\u0345", "\u1100\u1161", "👨\u200d👩\u200d👧", "🇧🇷",
    "☕\ufe0f", "\U0001f9d1\U0001f3fd",
    "\ud7ff", "\ue000", "\ufdd0", "\ufffd", "\uffff", "\U0001fffe", "\U0010ffff", "\U000e0001",
    # letters that casing or sorting treats in its own way
    "ß", "ẞ", "ﬁ", "İ", "ı", "i̇", "ſ", "ŉ", "ǰ", "ǆ", "ǅ", "ᾳ", "ᾼ", "ΐ", "ς", "µ", "ÿ", "ð", "Ł",
    "жук", "ꭰ", "ა", "ⓐ", "ｚ", "𐐨", "𞤢", "ªº°²½", "١٢٣", "१२", "１２", "Ⅷ", "ⅷ",
    # signs of SQL, of files, of templates and of spreadsheets
    "'", "''", '"', '""', "\\", "\\N", "%", "_", "$1", ";", ",", "|", "`", "--", "/*", "{{ x }}",
    "{% raw %}", "=1+1", "+1", "-1", "@a", "NULL", "null", "None", "NaN", "#N/A", "true", "0", "00",
    "41.0", "1e5", "7,89012E+11", "DESCONHECIDO", "NAO MAPEADO", "solteiro(a)",
    "União\u00a0Estável",     "4111 1111 1111 1111", "４１１１１１１１", "411111",
]  # fmt: skip
DATAS = [
    "infinity", "-infinity", "4714-11-24 BC", "0044-03-15 BC", "0001-12-31 BC", "0001-01-01",
    "0997-05-03", "1582-10-10", "1582-10-15", "1677-09-21", "1899-12-31", "1900-01-01",
    "1904-02-29", "1989-12-31", "1990-01-01", "2000-02-29", "2023-02-28", "2024-02-29",
    "2031-06-30", "2040-12-31", "2262-04-12", "9999-12-31", "10000-01-01", "20224-03-01",
    "294275-06-01", None,
]  # fmt: skip
SO_DATAS = ["5874897-12-31"]
INSTANTES = [
    "9999-12-31 23:59:59.999999", "10000-01-01 00:00:00", "1990-01-01 00:00:00",
    "1989-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999", "2024-02-29 23:59:59.999999",
]  # fmt: skip
VALORES = ["NaN", "0", "-0.01", "0.01", "99999999.99", "-99999999.99", None]
ESCRITAS = {
    "data": ["2024-01-05", "2024-02-29", "2023-02-29", "0000-01-01", "0001-01-01", "0997-05-03",
             "1989-12-31", "1990-01-01", "9999-12-31", "10000-01-01", "infinity", "-infinity",
             "4713-01-01 BC", "today", "05/01/2024", "2024-1-5",
             "２０２４-01-05", "2024-01-05T00:00"],
    "valor": ["10.50", "0", "0.00", "-0.01", "9999999999999.99", "10000000000000.00", "NaN", "nan",
              "infinity", "1e3", "1_000", "0x1F", "1.005", "10,50", "1.234,56", "١٢", "-", ".5"],
}  # fmt: skip
"""Days and amounts as the issuer's files may write them."""
COMPRIDO = "café com pão " * 80_000
"""A million characters."""

Linha = tuple[str | None, ...]


class Sorteio:
    """Random values of each type of the contracts."""

    def __init__(self, semente: int) -> None:
        self.sorteio = random.Random(semente)

    def texto(self) -> str:
        """An odd text, a word among odd texts, or characters of all of Unicode."""
        r = self.sorteio
        caso = r.random()
        if caso < 0.4:
            return r.choice(ESQUISITOS)
        if caso < 0.7:
            return "".join(r.choice([*ESQUISITOS, "ana", "Rua São João", " "]) for _ in range(4))
        return "".join(self._caractere() for _ in range(r.randrange(30)))

    def _caractere(self) -> str:
        fim = self.sorteio.choice([0x7F, 0xFF, 0x24F, 0x2FFF, 0xFFFF, 0x1FFFF, 0x10FFFF])
        codigo = self.sorteio.randint(1, fim)
        return "x" if 0xD800 <= codigo <= 0xDFFF else chr(codigo)

    def texto_ou_nulo(self) -> str | None:
        """The same, or null."""
        return None if self.sorteio.random() < 0.05 else self.texto()

    def data(self) -> str | None:
        """A day at one of the edges, or a plain one."""
        r = self.sorteio
        return r.choice([*DATAS, *SO_DATAS]) if r.random() < 0.7 else f"20{r.randint(10, 25)}-03-15"

    def instante(self) -> str | None:
        """A moment likewise; two of three are plain."""
        r = self.sorteio
        if r.random() < 0.35:
            return r.choice([*DATAS, *INSTANTES])
        return (
            f"20{r.randint(20, 25)}-0{r.randint(1, 9)}-1{r.randint(0, 9)} 10:00:0{r.randint(0, 9)}"
        )

    def valor(self) -> str | None:
        """An amount likewise."""
        r = self.sorteio
        return (
            r.choice(VALORES)
            if r.random() < 0.4
            else f"{r.randint(-9999, 99999)}.{r.randint(10, 99)}"
        )

    def chaves(self, quantas: int) -> list[str]:
        """Different ids; half of them odd."""
        achadas: dict[str, None] = {}
        while len(achadas) < quantas:
            plana = f"k{len(achadas)}"
            achadas[plana if self.sorteio.random() < 0.5 else self.texto()[:150]] = None
        return list(achadas)

    def uma_de(self, chaves: Sequence[str]) -> str | None:
        """An id of another table, mostly one that is there."""
        return self.sorteio.choice(chaves) if self.sorteio.random() < 0.9 else self.texto_ou_nulo()


def tabelas(semente: int, quantas: int) -> dict[str, list[Linha]]:
    """Rows of the four tables of the database, `quantas` in each."""
    s = Sorteio(semente)
    associados, contas, cartoes, movimentos = (s.chaves(quantas) for _ in range(4))
    texto = s.texto_ou_nulo
    linhas: dict[str, list[Linha]] = {
        "associado": [(c, texto(), s.data(), texto(), texto()) for c in associados],
        "conta": [
            (c, s.uma_de(associados), texto(), texto(), texto(), s.data()) for c in contas
        ],
        "cartao": [
            (c, s.uma_de(contas), texto(), texto(), texto(), texto(), s.data()) for c in cartoes
        ],
        "movimentacao_cartao": [
            (c, s.uma_de(cartoes), texto(), s.valor(), s.instante()) for c in movimentos
        ],
    }  # fmt: skip
    linhas["associado"].append(("comprido", COMPRIDO, "1990-01-01", COMPRIDO[:100_000], COMPRIDO))
    linhas["movimentacao_cartao"] += [
        ("comprido", cartoes[0], COMPRIDO, "1.00", "2024-01-05 10:00:00"),
        ("nulo", cartoes[0], None, None, None),
    ]
    return linhas


def inserir(fonte: Fonte, linhas: dict[str, list[Linha]]) -> None:
    """Write rows into the source, each value by its text."""
    with psycopg.connect(fonte.dsn) as conexao:
        for tabela, todas in linhas.items():
            marcas = ", ".join(["%s"] * len(todas[0]))
            with conexao.cursor() as cursor:
                cursor.executemany(f"insert into {tabela} values ({marcas})", todas)


def ilegivel(valor: str | None) -> bool:
    """Whether no warehouse can hold a day or an amount that PostgreSQL holds."""
    return re.search(r"BC$|infinity|NaN|^\d{5,}-", valor or "") is not None


def arquivo(semente: int, quantas: int, colunas: str) -> str:
    """Lines of a file of the issuer with these columns, without its header."""
    s = Sorteio(semente)
    saida = io.StringIO()
    escritor = csv.writer(saida, lineterminator="\n")
    for n in range(quantas):
        campos = []
        for coluna in colunas.split(","):
            tipo = coluna.split("_")[0]
            plano = {"id": f"{coluna}-{n}", "data": "2024-02-10", "valor": f"{n + 1}.{10 + n % 90}"}
            odd = s.sorteio.choice([*ESCRITAS.get(tipo, []), s.texto()])
            campo = odd[:150] if s.sorteio.random() < 0.15 else plano[tipo]
            campos.append("".join(c for c in campo if c not in "\r\n"))
        escritor.writerow(campos)
    return saida.getvalue()
