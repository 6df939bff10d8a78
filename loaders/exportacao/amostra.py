"""Writes the modelling sample as Parquet that trains as it is: the variables with the target.

```
DIR/dt_base=2025-08-01/particao=desenvolvimento/parte-0.parquet
DIR/_manifest.json
```

What begins with `.` or `_` readers of Parquet pass over, so `pandas.read_parquet(DIR)` is the
training set. Each `dt_base` is a link into one folder (loaders/exportacao/troca.py), and nothing
else may stand beside them. Amounts are doubles: a model takes no decimals. Rows are in the order of
their ids, so that the same sample is the same bytes.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from loaders.armazem import Armazem
from loaders.controle import auditoria, lugares
from loaders.exportacao import definicoes, vazamento
from loaders.exportacao.livro import ARQUIVO, sha256
from loaders.exportacao.troca import Troca
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import apagar_restos, literal, pasta_de_saida
from loaders.projeto import livro
from loaders.publicacao import construcao, publicar

ACAO = "export amostra"
PREFIXO = ".lastro-amostra-"
PREFIXO_DO_TRABALHO = ".lastro-parte-amostra-"
MANIFESTO = "_manifest.json"
DIAS = "dt_base="
TROCA = Troca("sample", PREFIXO, PREFIXO_DO_TRABALHO, "exportacao_amostra")
ESQUEMA = "risco"
MODELOS = ("amostra_modelagem", "amostra_definicao", "book_fatura_cliente")
DA_AMOSTRA = {
    "ref_date": "date", "id_cliente": "varchar", "alvo": "integer", "maduro": "boolean",
    "exclusao": "varchar",
}  # fmt: skip
"""Columns of the sample, before the variables; `particao` is in the name of the folder."""
DE_USO = "exclusao is null"


@dataclass(frozen=True)
class AmostraExportada:
    """What was written.

    Attributes:
        ref_datas: the reference dates of which there are rows.
        linhas: the rows of each part.
    """

    ref_datas: tuple[date, ...]
    linhas: dict[str, int]


@dataclass(frozen=True)
class _Grupo:
    """Rows of the sample that are alike: of a ref_date, a part and a reason to leave them out."""

    ref_date: date
    particao: str
    exclusao: str | None
    linhas: int


def _pedido(ref_datas: Collection[date] | None, tudo: bool) -> dict[str, Any]:
    """What was asked for, as manifest and audit log say it."""
    return {"ref_datas": [str(r) for r in sorted(ref_datas)] if ref_datas else None, "tudo": tudo}


@auditoria.auditada(
    ACAO,
    pedido=lambda pasta, ref_datas=None, tudo=False, so_testado=True: {
        "pasta": str(pasta.absolute()),
        **_pedido(ref_datas, tudo),
    },
    resultado=lambda feita: {"linhas": feita.linhas},
)
def exportar_amostra(
    config: Configuracao,
    pasta: Path,
    ref_datas: Collection[date] | None = None,
    tudo: bool = False,
    so_testado: bool = True,
) -> AmostraExportada:
    """Write the sample and its manifest, and switch to them at once.

    Args:
        config: the settings.
        pasta: folder to write to, which holds nothing else; made if it is missing.
        ref_datas: the reference dates; all of the sample if none are named.
        tudo: also rows that are of no use to a model.
        so_testado: only what passed its tests, and no variable that knows the future.

    Returns:
        What was written.

    Raises:
        ConstrucaoFalhou: the sample has not been built, or the build runs or failed, or its tables
            are not those that the build left, or a variable knows the future.
        LastroError: the folder cannot be written, or holds something else; a ref_date is not in the
            sample; no row is of use.
    """
    andamento.dizer("asking for the published version")
    publicada, versoes = publicar.listar(config)
    with pasta_de_saida(pasta, PREFIXO_DO_TRABALHO) as trabalho:
        pasta = trabalho.parent  # without links on the way
        TROCA.conferir(pasta, (MANIFESTO, *_de_outros(pasta)))
        with (
            lugares.abrir_anotado(config, ACAO, str(pasta.absolute())) as armazem,
            construcao.leitura(armazem, ESQUEMA, MODELOS, so_testado, tambem=vazamento.FATOS),
        ):
            feita = definicoes.construcao_da_amostra(armazem, so_testado)
            grupos = _grupos(armazem)
            escolhidas = _escolhidas(grupos, ref_datas, tudo)
            if so_testado:
                _conferir_pedido(grupos, ref_datas, escolhidas)
            verificadas = 0
            particoes: list[dict[str, Any]] = []
            for n, ref_date in enumerate(escolhidas):
                andamento.dizer(f"writing the sample at {ref_date}", n, len(escolhidas))
                if so_testado:
                    verificadas += vazamento.conferir(armazem, ref_date)
                for particao in _de_uso(grupos, ref_date, tudo):
                    particoes.append(_escrever(armazem, ref_date, particao, tudo, trabalho))
                    ponto_de_falha("exportacao_amostra.entre_particoes")
        manifesto = {
            **definicoes.em_json(feita, publicada, versoes),
            "pedido": _pedido(ref_datas, tudo),
            "linhas": sum(p["linhas"] for p in particoes),
            "particoes": particoes,
            "deixadas_de_fora": _deixadas(grupos, escolhidas, tudo),
            "vazamento": _vazamento(verificadas) if so_testado else None,
        }
        texto = json.dumps(manifesto, indent=2, ensure_ascii=False)
        (trabalho / MANIFESTO).write_text(texto + "\n", encoding="utf-8")
        ligacoes = {MANIFESTO, *(dia.name for dia in trabalho.glob(f"{DIAS}*"))}
        TROCA.apontar(pasta, trabalho, ligacoes)
        _apagar_ligacoes(pasta, poupar=ligacoes)
        TROCA.apagar_anteriores(pasta)
    return AmostraExportada(
        tuple(sorted({date.fromisoformat(p["dt_base"]) for p in particoes})),
        {
            parte: sum(p["linhas"] for p in particoes if p["particao"] == parte)
            for parte in sorted({p["particao"] for p in particoes})
        },
    )


def exportar_de_novo(config: Configuracao, pasta: Path) -> None:
    """Write what stands in a folder again, of those of its ref_dates that the sample still has.

    Whatever tests say of it: who was erased is to be gone. What a killed export left goes, too.
    """
    if not (pasta / MANIFESTO).exists():
        apagar_restos(pasta, PREFIXO_DO_TRABALHO)
        TROCA.apagar_anteriores(pasta)
        _apagar_ligacoes(pasta)
        return
    pedido = json.loads((pasta / MANIFESTO).read_text(encoding="utf-8"))["pedido"]
    ref_datas = [date.fromisoformat(r) for r in pedido["ref_datas"] or ()]
    exportar_amostra(config, pasta, ref_datas, pedido["tudo"], so_testado=False)


def _apagar_ligacoes(pasta: Path, poupar: Collection[str] = ()) -> None:
    """Take away the links to days that the current set does not hold."""
    for ligacao in (*pasta.glob(f"{DIAS}*"), pasta / MANIFESTO):
        if ligacao.is_symlink() and ligacao.name not in poupar:
            ligacao.unlink()


def _de_outros(pasta: Path) -> set[str]:
    """What readers of Parquet would find in a folder: each has to be a link of an export."""
    return {e.name for e in pasta.iterdir() if not e.name.startswith((".", "_"))}


def _grupos(armazem: Armazem) -> list[_Grupo]:
    """How many rows the sample has of each kind."""
    return [
        _Grupo(*linha)
        for linha in armazem.linhas(
            "select ref_date, particao, exclusao, count(*)"
            f" from {armazem.esquema(ESQUEMA)}.amostra_modelagem"
            " group by ref_date, particao, exclusao order by ref_date, particao, exclusao"
        )
    ]


def _escolhidas(
    grupos: Sequence[_Grupo], ref_datas: Collection[date] | None, tudo: bool
) -> list[date]:
    """The ref_dates to write: those that were asked for and of which there is something."""
    existentes = {g.ref_date for g in grupos}
    pedidas = existentes.intersection(ref_datas) if ref_datas else existentes
    return sorted(r for r in pedidas if _de_uso(grupos, r, tudo))


def _conferir_pedido(
    grupos: Sequence[_Grupo], ref_datas: Collection[date] | None, escolhidas: Sequence[date]
) -> None:
    """See that what was asked for is there.

    Raises:
        LastroError: one of the ref_dates is not in the sample; no row is of use.
    """
    existentes = sorted({g.ref_date for g in grupos})
    if faltam := sorted(set(ref_datas or ()) - set(existentes)):
        raise LastroError(
            f"The sample has no ref_date {', '.join(map(str, faltam))}; it has"
            f" {', '.join(map(str, existentes)) or 'none'}."
        )
    if not escolhidas:
        pedidas = ", ".join(map(str, sorted(ref_datas))) if ref_datas else "any ref_date"
        raise LastroError(
            f"No row of the sample is of use at {pedidas}: the months in which invoices fall due,"
            " and the days after them, have not ended. Build with older ref_datas, or export all"
            " rows with --all."
        )


def _de_uso(grupos: Sequence[_Grupo], ref_date: date, tudo: bool) -> list[str]:
    """The parts of a ref_date of which rows are written."""
    return sorted(
        {g.particao for g in grupos if g.ref_date == ref_date and (tudo or g.exclusao is None)}
    )


def _deixadas(
    grupos: Sequence[_Grupo], escolhidas: Collection[date], tudo: bool
) -> list[dict[str, Any]]:
    """The rows of the same ref_dates that were not written, with the reason."""
    return [
        {"dt_base": str(g.ref_date), "particao": g.particao, "exclusao": g.exclusao,
         "linhas": g.linhas}
        for g in grupos
        if g.ref_date in escolhidas and g.exclusao is not None and not tudo
    ]  # fmt: skip


def _vazamento(verificadas: int) -> dict[str, Any]:
    """What the manifest says of the check, which was passed: else nothing is written."""
    return {
        "verificacao": "variables counted again from the invoices issued and the payments made"
        " before each dt_base, of every customer of the sample",
        "variaveis": vazamento.figuras(),
        "linhas": verificadas,
        "diferencas": 0,
    }


def _colunas() -> dict[str, str]:
    """The columns of the files, with their types in DuckDB."""
    tipos = {"integer": "integer"}
    return DA_AMOSTRA | {v["nome"]: tipos.get(v["tipo"], "double") for v in livro.variaveis()}


def _escrever(
    armazem: Armazem, ref_date: date, particao: str, tudo: bool, trabalho: Path
) -> dict[str, Any]:
    """Write the file of a ref_date and part; returns what the manifest says of it."""
    destino = trabalho / f"{DIAS}{ref_date}" / f"particao={particao}" / ARQUIVO
    destino.parent.mkdir(parents=True)
    colunas = _colunas()
    nomes = ", ".join(f"{'a' if c in DA_AMOSTRA else 'l'}.{c}" for c in colunas)
    tipadas = ", ".join(f"cast({c} as {tipo}) as {c}" for c, tipo in colunas.items())
    esquema = armazem.esquema(ESQUEMA)
    consulta = (
        f"select {nomes} from {esquema}.amostra_modelagem as a"
        f" inner join {esquema}.book_fatura_cliente as l"
        " on a.ref_date = l.ref_date and a.id_cliente = l.id_cliente"
        f" where a.ref_date = date '{ref_date}' and a.particao = '{particao}'"
        f"{'' if tudo else f' and a.{DE_USO}'}"
    )
    with duckdb.connect() as rascunho:
        rascunho.execute(
            f"set temp_directory = '{literal(trabalho)}';"
            f" set memory_limit = '{armazem.config.memoria_duckdb}'"
        )
        rascunho.register("lido", armazem.leitor(consulta))
        rascunho.execute(
            f"copy (select {tipadas} from lido order by id_cliente) to '{literal(destino)}'"
            " (format parquet, compression zstd)"
        )
        ((linhas, maus),) = rascunho.execute(
            f"select count(*), count(*) filter (where alvo = 1) from '{literal(destino)}'"
        ).fetchall()
    return {
        "dt_base": str(ref_date),
        "particao": particao,
        "arquivo": destino.relative_to(trabalho).as_posix(),
        "linhas": linhas,
        "maus": maus,
        "bytes": destino.stat().st_size,
        "sha256": sha256(destino),
    }
