"""Writes both books as Parquet, a folder a ref_date, as Athena, Spark and QuickSight read them.

```
DIR/book_fatura/dt_base=2024-02-01/parte-0.parquet
DIR/book_fatura_cliente/dt_base=2024-02-01/parte-0.parquet
DIR/manifest.json
```

The three are links into one folder (loaders/exportacao/troca.py). The folder before the current one
stays until the next export, for whoever still reads it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from loaders import __version__
from loaders.armazem import Armazem
from loaders.controle import auditoria, lugares
from loaders.exportacao.troca import Troca
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import literal, pasta_de_saida
from loaders.projeto import livro
from loaders.publicacao import construcao

ACAO = "export book"
PREFIXO = ".lastro-book-"
PREFIXO_DO_TRABALHO = ".lastro-parte-book-"
MANIFESTO = "manifest.json"
ARQUIVO = "parte-0.parquet"


@dataclass(frozen=True)
class LivroExportado:
    """What was written of one book."""

    nome: str
    ref_datas: tuple[date, ...]
    linhas: int


def colunas(nome: str) -> list[tuple[str, str]]:
    """The columns of a book with their types, in order."""
    chaves = [("ref_date", "date"), ("id_cliente", "varchar")]
    variaveis = livro.variaveis()
    if nome == "book_fatura":
        chaves = [
            ("ref_date", "date"),
            ("periodo", "varchar"),
            ("inicio_janela", "date"),
            ("fim_janela", "date"),
        ]
        variaveis = livro.variaveis_da_carteira()
    return chaves + [(v["nome"], v["tipo"]) for v in variaveis]


ESQUEMA, LIVROS = "risco", ("book_fatura", "book_fatura_cliente")
LIGACOES = (*LIVROS, MANIFESTO)
TROCA = Troca("book", PREFIXO, PREFIXO_DO_TRABALHO, "exportacao_livro")


@auditoria.auditada(
    ACAO,
    pedido=lambda pasta, so_testado=True: {"pasta": str(pasta.absolute())},
    resultado=lambda livros: {livro.nome: livro.linhas for livro in livros},
)
def exportar_livros(
    config: Configuracao, pasta: Path, so_testado: bool = True
) -> list[LivroExportado]:
    """Write both books and their manifest, and switch to them at once.

    Args:
        config: the settings.
        pasta: folder to write to; made if it is missing.
        so_testado: only what passed its tests.

    Returns:
        What was written of each book.

    Raises:
        ConstrucaoFalhou: the books have not been built, or the build runs or failed.
        LastroError: the folder cannot be written, or holds something of its own in their place.
    """
    with pasta_de_saida(pasta, PREFIXO_DO_TRABALHO) as trabalho:
        pasta = trabalho.parent  # without links on the way
        TROCA.conferir(pasta, LIGACOES)
        with (
            lugares.abrir_anotado(config, ACAO, str(pasta.absolute())) as armazem,
            construcao.leitura(armazem, ESQUEMA, LIVROS, so_testado),
        ):
            particoes = {nome: _escrever(armazem, nome, trabalho) for nome in LIVROS}
        manifesto = {"lastro": __version__, "livros": particoes}
        (trabalho / MANIFESTO).write_text(json.dumps(manifesto, indent=2) + "\n", encoding="utf-8")
        anterior = TROCA.em_uso(pasta)
        TROCA.apontar(pasta, trabalho, LIGACOES)
        TROCA.apagar_anteriores(pasta, poupar=anterior)
    return [
        LivroExportado(
            nome,
            tuple(date.fromisoformat(p["dt_base"]) for p in partes),
            sum(p["linhas"] for p in partes),
        )
        for nome, partes in particoes.items()
    ]


def apagar_anteriores(pasta: Path) -> None:
    """Take away the books before the current ones, which are kept for those who still read them."""
    TROCA.apagar_anteriores(pasta)


def _escrever(armazem: Armazem, nome: str, pasta: Path) -> list[dict[str, Any]]:
    """Write a book, a file for each ref_date; returns what the manifest says of them."""
    tabela = f"{armazem.esquema('risco')}.{nome}"
    ref_datas = armazem.linhas(
        f"select distinct ref_date from {armazem.esquema('risco')}.book_fatura order by ref_date"
    )
    (pasta / nome).mkdir()  # also where no invoice was ever loaded, and so no ref_date is there
    das_colunas = colunas(nome)
    nomes = ", ".join(coluna for coluna, _ in das_colunas)
    tipadas = ", ".join(f"cast({coluna} as {tipo}) as {coluna}" for coluna, tipo in das_colunas)
    ordem = " order by inicio_janela desc" if nome == "book_fatura" else ""
    particoes = []
    for n, (ref_date,) in enumerate(ref_datas):
        andamento.dizer(f"writing {nome} at {ref_date}", n, len(ref_datas))
        destino = pasta / nome / f"dt_base={ref_date.isoformat()}" / ARQUIVO
        destino.parent.mkdir(parents=True)
        with duckdb.connect() as rascunho:
            rascunho.execute(f"set temp_directory = '{literal(pasta)}'")
            lido = armazem.leitor(
                f"select {nomes} from {tabela}"
                f" where ref_date = date '{ref_date.isoformat()}'{ordem}"
            )
            rascunho.register("lido", lido)
            linhas = rascunho.execute(
                f"copy (select {tipadas} from lido) to '{literal(destino)}'"
                " (format parquet, compression zstd)"
            ).fetchall()[0][0]
        particoes.append(
            {
                "dt_base": ref_date.isoformat(),
                "arquivo": destino.relative_to(pasta).as_posix(),
                "linhas": int(linhas),
                "bytes": destino.stat().st_size,
                "sha256": sha256(destino),
            }
        )
        ponto_de_falha("exportacao_livro.entre_particoes")
    return particoes


def sha256(caminho: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with caminho.open("rb") as arquivo:
        return hashlib.file_digest(arquivo, "sha256").hexdigest()
