"""How the state of a warehouse and the book are shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loaders.cli.terminal import a_vista, saida, tabela
from loaders.nucleo.configuracao import Configuracao
from loaders.publicacao.situacao import livro_da_carteira


def mostrar_situacao(estado: dict[str, Any], larga: bool = False, cargas: int = 8) -> None:
    """Print the state as tables: rows by layer, loads, rejects, reconciliation.

    Args:
        estado: what `situacao` found.
        larga: show every column and every row.
        cargas: how many of the newest loads to show otherwise.
    """
    limite = None if larga else cargas
    tabela(
        f"Rows by layer ({estado['armazem']})",
        ("schema", "table", "rows"),
        [(e, t, n) for e, tabelas in estado["camadas"].items() for t, n in tabelas.items()],
    )
    _mostrar_cargas(estado["cargas"], limite, larga)
    if estado["entregas"]:
        tabela(
            "Deliveries in files",
            ("source", "entity", "deliveries", "first", "last", "rows", "refused"),
            [tuple(e.values()) for e in estado["entregas"]],
        )
    if estado["logs"]:
        tabela(
            "Logs of events",
            ("source", "table", "log", "partitions", "read whole until (UTC)", "stored", "gaps"),
            [[_em_texto(valor) for valor in dele.values()] for dele in estado["logs"]],
        )
    if partes := estado["partes"]:
        tabela(
            "Shares of a delivery (newest, and those above a limit; % of its lines)",
            ("file", "lines", "rejected", "quarantine", "duplicate", "orphan", "above"),
            [
                tuple(p.values())[1:]
                for n, p in enumerate(partes)
                if limite is None or n < limite or p["alertas"]
            ],
        )
    if rejeicoes := estado["rejeicoes"]:
        tabela(
            _parte("Rejected lines", rejeicoes, limite),
            ("load", "file", "lines"),
            [tuple(r.values()) for r in rejeicoes[:limite]],
        )
    _mostrar_reconciliacao(estado["reconciliacao"], limite, larga)
    if estado["divergencias"]:
        tabela(
            "In what the sources disagree with themselves (schema reconciliacao)",
            ("reconciliation", "class", "rows"),
            [[d["tabela"], d["classe"], d["linhas"]] for d in estado["divergencias"]],
        )
    if dias := estado["dias_alterados"]:
        tabela(
            _parte("Past days that the newest extraction changed", dias, limite),
            ("table", "day", "new", "changed", "gone"),
            [tuple(d.values()) for d in dias[:limite]],
        )
    if estado["extracoes_pendentes"]:
        saida.print(
            f"\n{estado['extracoes_pendentes']} extractions wait for the snapshot: run "
            "`.venv/bin/lastro snapshot`, then `dbt build`"
        )
    if not larga:
        saida.print("\nAll columns and all loads: `lastro status --wide`, or `--json`")


def _parte(titulo: str, todas: Sequence[Any], limite: int | None) -> str:
    """A title that says how much is shown of how much."""
    if limite is None or len(todas) <= limite:
        return f"{titulo} ({len(todas)})"
    return f"{titulo} (newest {limite} of {len(todas):,})"


def _mostrar_cargas(cargas: list[dict[str, Any]], limite: int | None, larga: bool) -> None:
    nomes = {
        "_carga_id": "load", "fonte": "source", "origem": "origin", "status": "status",
        "gravadas": "landed", "rejeitadas": "rejected",
    }  # fmt: skip
    if larga:
        nomes |= {
            "lidas": "read", "extraido_em": "as of (UTC)", "fim": "ended (UTC)",
            "entidade": "entity", "entrega": "delivery", "formato": "format",
        }  # fmt: skip
    nomes["mensagem"] = "message"
    tabela(
        _parte("Last loads", cargas, limite),
        tuple(nomes.values()),
        [[_em_texto(c[nome]) for nome in nomes] for c in cargas[:limite]],
        abaixo=("format", "message") if larga else ("message",),
    )


def _em_texto(valor: Any) -> Any:
    return f"{valor:%Y-%m-%d %H:%M:%S}" if isinstance(valor, datetime) else valor


def _mostrar_reconciliacao(
    conferidas: list[dict[str, Any]], limite: int | None, larga: bool
) -> None:
    """A table for each reconciliation: its newest loads, those that differ, and the sum of all."""
    nomes = {
        "_carga_id": "load", "linhas_arquivo": "lines", "linhas_rejeitadas": "rejected",
        "linhas_substituidas": "superseded", "linhas_quarentena": "quarantine",
        "linhas_duplicadas": "duplicate", "linhas_mart": "mart",
    }  # fmt: skip
    if larga:
        nomes |= {
            "linhas_raw": "raw", "linhas_staging": "staging", "valor_mart": "amount (BRL)",
            "diferenca_linhas": "rows that differ", "diferenca_valor": "amount that differs",
        }  # fmt: skip
    diferentes = list(filter(_diferenca, conferidas))
    for nome in dict.fromkeys(r["tabela"] for r in conferidas):
        dela = [r for r in conferidas if r["tabela"] == nome]
        mostradas = [r for n, r in enumerate(dela) if limite is None or n < limite or _diferenca(r)]
        somadas = [coluna for coluna in nomes if coluna != "_carga_id"]
        tabela(
            _parte(f"Reconciliation, {nome}", dela, limite),
            (*nomes.values(), "difference"),
            [
                *([*(r[coluna] for coluna in nomes), _diferenca(r)] for r in mostradas),
                ["all", *(sum(r[coluna] or 0 for r in dela) for coluna in somadas), ""],
            ],
            abaixo=("difference",),
        )
    if conferidas:
        saida.print(f"\n{len(conferidas)} loads reconciled, {len(diferentes)} with a difference")


def _diferenca(linha: dict[str, Any]) -> str:
    if not linha["diferenca_linhas"] and not linha["diferenca_valor"]:
        return ""
    return f"differs by {linha['diferenca_linhas']} rows and {linha['diferenca_valor']} BRL"


def mostrar_livro(config: Configuracao) -> None:
    """Print the newest portfolio book: a row for each variable, a column for each period."""
    with a_vista():
        ref_date, periodos, linhas = livro_da_carteira(config)
    tabela(
        f"Portfolio book at {ref_date} (risco.book_fatura)",
        ("variable", *periodos),
        [[nome, *map(_numero, valores)] for nome, *valores in linhas],
    )


def _numero(valor: Any) -> str:
    if valor is None:
        return ""
    return f"{valor:,}" if isinstance(valor, int) else f"{valor:,.2f}"
