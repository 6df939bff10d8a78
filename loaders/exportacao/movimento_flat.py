"""Writes the flat extract `movimento_flat` as CSV and Parquet, the same bytes from either engine.

Both files are written beside their place and moved there when they are whole, so a reader finds the
old file or the new one, never half of one.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.armazem import Armazem
from loaders.controle import auditoria, lugares
from loaders.nucleo import andamento, privados
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import conferir_destino, gravar_no_disco, literal, pasta_de_saida
from loaders.publicacao import construcao

COLUNAS = (
    "nome_associado",
    "sobrenome_associado",
    "idade_associado",
    "vlr_transacao_movimento",
    "des_transacao_movimento",
    "data_movimentacao",
    "numero_cartao",
    "nome_impresso_cartao",
    "data_criacao_cartao",
    "tipo_conta",
    "data_criacao_conta",
)
"""The columns of the extract, in the order the business asked for."""

TEXTOS = (
    "nome_associado",
    "sobrenome_associado",
    "des_transacao_movimento",
    "numero_cartao",
    "nome_impresso_cartao",
    "tipo_conta",
)
"""Columns that hold text which people typed, and which a spreadsheet might take for a formula."""

ACAO = "export movimento_flat"
CSV, PARQUET = "movimento_flat.csv", "movimento_flat.parquet"
ESQUEMA, MODELO = "intermediate", "int_movimentacao__flat"
"""What is read: the extract with the ids by which it is ordered and its card numbers found."""

PREFIXO_DA_PASTA = ".lastro-export-"


@dataclass(frozen=True)
class Exportado:
    """What an export wrote: the files and the rows in each."""

    csv: Path
    parquet: Path
    linhas: int


def _numero_em_claro(armazem: Armazem) -> str:
    """SQL of the newest number of each card, in clear; it exists in raw only."""
    raw = f"{armazem.esquema('raw_sicooperative')}.cartao"
    return (
        "select id_cartao, numero_cartao from (select id_cartao, numero_cartao, row_number() over"
        f" (partition by id_cartao order by _carga_id desc) as ordem from {raw}"
        " where _operacao <> 'exclusao') as estados where ordem = 1"
    )


def _consulta(armazem: Armazem, numeros_em_claro: bool) -> str:
    colunas = ", ".join(
        "coalesce(n.numero_cartao, f.numero_cartao) as numero_cartao"
        if numeros_em_claro and c == "numero_cartao"
        else f"f.{c}"
        for c in COLUNAS
    )
    juncao = (
        f" left join ({_numero_em_claro(armazem)}) as n on f.id_cartao = n.id_cartao"
        if numeros_em_claro
        else ""
    )
    return (
        f"select f.id_movimentacao_cartao, {colunas}"
        f" from {armazem.esquema(ESQUEMA)}.{MODELO} as f{juncao}"
    )


@auditoria.auditada(
    ACAO,
    pedido=lambda pasta, numeros_em_claro=False, so_testado=True: {
        "pasta": str(pasta.absolute()),
        "numeros_em_claro": numeros_em_claro,
    },
    resultado=lambda feito: {"linhas": feito.linhas},
)
def exportar_movimento_flat(
    config: Configuracao, pasta: Path, numeros_em_claro: bool = False, so_testado: bool = True
) -> Exportado:
    """Write `movimento_flat.csv` and `movimento_flat.parquet`, ordered by the movement's id.

    Args:
        config: the settings.
        pasta: folder to write to; made if it is missing.
        numeros_em_claro: write card numbers in full instead of masked.
        so_testado: only what passed its tests.

    Returns:
        The files and the number of rows.

    Raises:
        ConstrucaoFalhou: the warehouse has not been built, or the build runs or failed.
        LastroError: the folder cannot be written, or something else is in the files' place.
    """
    grupo = privados.numero_do_grupo(config.grupo_dos_arquivos)
    with pasta_de_saida(pasta, PREFIXO_DA_PASTA) as trabalho:
        pasta = trabalho.parent  # without links on the way
        for nome in (CSV, PARQUET):
            conferir_destino(pasta / nome)
        with (
            lugares.abrir_anotado(config, ACAO, str(pasta.absolute())) as armazem,
            construcao.leitura(armazem, ESQUEMA, (MODELO,), so_testado),
        ):
            linhas = _escrever(armazem, _consulta(armazem, numeros_em_claro), trabalho)
        for nome in (CSV, PARQUET):
            _dar_modo(trabalho / nome, pasta / nome, numeros_em_claro, grupo)
        destino = Exportado(pasta / CSV, pasta / PARQUET, linhas)
        ponto_de_falha("exportacao.antes_de_mover")
        os.replace(trabalho / destino.csv.name, destino.csv)
        ponto_de_falha("exportacao.entre_arquivos")
        os.replace(trabalho / destino.parquet.name, destino.parquet)
        ponto_de_falha("exportacao.depois_de_mover")
    return destino


def _dar_modo(novo: Path, antes: Path, em_claro: bool, grupo: int | None) -> None:
    """What shows card numbers is private, whatever was there before; the rest is the umask's."""
    privados.dar_dono_de_antes(novo, antes)
    if em_claro:
        privados.proteger_extrato(novo, grupo)
    else:
        privados.abrir_ao_usuario(novo)
    gravar_no_disco(novo)


def com_numeros_em_claro(pasta: Path) -> bool:
    """Whether an extract in a folder shows numbers of cards in full; not if it cannot be read."""
    leitores = {
        PARQUET: "read_parquet('{}')",
        CSV: "read_csv('{}', delim = ';', header = true, quote = '\"', all_varchar = true)",
    }
    achados = []
    with duckdb.connect() as conexao:
        for nome, leitor in leitores.items():
            lido = leitor.format(literal(pasta / nome))
            with suppress(duckdb.Error):
                achados += conexao.execute(
                    f"select 1 from {lido} where numero_cartao not like '****%' limit 1"
                ).fetchall()
    return bool(achados)


def _escrever(armazem: Armazem, consulta: str, pasta: Path) -> int:
    """Stream the query into a scratch DuckDB, and write both files from there in order."""
    with duckdb.connect(str(pasta / "ordem.duckdb")) as rascunho:
        andamento.dizer(f"reading {ESQUEMA}.{MODELO}")
        lido = armazem.leitor(consulta)
        rascunho.register("lido", lido)
        tipos = "cast(vlr_transacao_movimento as decimal(10, 2)) as vlr_transacao_movimento"
        rascunho.execute(f"create table flat as select * replace ({tipos}) from lido")
        colunas = ", ".join(COLUNAS)
        protegidas = ", ".join(_protegida(c) if c in TEXTOS else c for c in COLUNAS)
        linhas = rascunho.execute("select count(*) from flat").fetchall()[0][0]
        andamento.dizer(f"writing {CSV}, {linhas:,} rows")
        ordem = "from flat order by id_movimentacao_cartao"
        rascunho.execute(
            f"copy (select {protegidas} {ordem}) to '{literal(pasta / CSV)}'"
            " (format csv, delimiter ';', header)"
        )
        andamento.dizer(f"writing {PARQUET}, {linhas:,} rows")
        rascunho.execute(
            f"copy (select {colunas} {ordem}) to '{literal(pasta / PARQUET)}'"
            " (format parquet, compression zstd)"
        )
    return int(linhas)


def _protegida(coluna: str) -> str:
    """SQL of a text that no spreadsheet takes for a formula: an apostrophe goes before it."""
    formula = f"regexp_matches({coluna}, '^[=+@\\t\\r\\n-]')"
    return f"case when {formula} then chr(39) || {coluna} else {coluna} end as {coluna}"
