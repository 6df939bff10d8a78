"""What the warehouse holds: the last loads, rejects, waiting extractions, the reconciliation."""

from typing import Any

from loaders.armazem import Armazem, abrir
from loaders.configuracao import Configuracao
from loaders.historia import DERIVADOS, pendentes

DA_CARGA = (
    "_carga_id",
    "fonte",
    "origem",
    "status",
    "lidas",
    "gravadas",
    "rejeitadas",
    "extraido_em",
    "fim",
    "formato",
    "mensagem",
)
"""What is shown of each load."""

CLASSES = (
    "_carga_id",
    "linhas_arquivo",
    "linhas_raw",
    "linhas_substituidas",
    "linhas_quarentena",
    "linhas_staging",
    "linhas_mart",
    "valor_mart",
    "diferenca_linhas",
    "diferenca_valor",
)
"""What is shown of each row of a reconciliation."""

CAMADAS = ("raw_sicooperative", *DERIVADOS)


def _registros(armazem: Armazem, sql: str, nomes: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dict(zip(nomes, linha, strict=True)) for linha in armazem.linhas(sql)]


def _tabelas(armazem: Armazem, esquema: str, com: str | None = None) -> list[str]:
    """The tables of a schema; only those that have the column `com`, if one is given."""
    tabelas = "tables" if com is None else "columns"
    condicao = "" if com is None else f" and column_name = '{com}'"
    return [
        str(nome)
        for (nome,) in armazem.linhas(
            f"select table_name from information_schema.{tabelas}"
            f" where table_schema = '{armazem.esquema(esquema)}'{condicao} order by table_name"
        )
    ]


def situacao(config: Configuracao, cargas: int = 8) -> dict[str, Any]:
    """The state of the warehouse, as plain values.

    Args:
        config: the settings.
        cargas: how many of the newest loads to list.

    Returns:
        `armazem` (engine), `cargas`, `rejeicoes`, `extracoes_pendentes`, `reconciliacao` (one
        entry per load, newest first) and `camadas` (rows of each table by schema).

    Raises:
        ArmazemIndisponivel: the warehouse cannot be opened.
    """
    with abrir(config, "lastro status") as armazem:
        controle = armazem.esquema("controle")
        ultimas = _registros(
            armazem,
            f"select {', '.join(DA_CARGA)} from {controle}.cargas order by _carga_id desc"
            f" limit {cargas}",
            DA_CARGA,
        )
        rejeicoes = _registros(
            armazem,
            "select r._carga_id, r._arquivo, count(distinct r._linha)"
            f" from {controle}.rejeicoes as r group by r._carga_id, r._arquivo"
            " order by r._carga_id desc",
            ("_carga_id", "_arquivo", "linhas"),
        )
        reconciliacao = []
        rec = armazem.esquema("reconciliacao")
        for tabela in _tabelas(armazem, "reconciliacao", com="diferenca_linhas"):
            reconciliacao += [
                {"tabela": tabela, **linha}
                for linha in _registros(
                    armazem,
                    f"select {', '.join(CLASSES)} from {rec}.{tabela} order by _carga_id desc",
                    CLASSES,
                )
            ]
        camadas = {
            esquema: {
                tabela: int(
                    armazem.valor(f"select count(*) from {armazem.esquema(esquema)}.{tabela}")
                )
                for tabela in _tabelas(armazem, esquema)
            }
            for esquema in CAMADAS
        }
        esperam = pendentes(armazem)
    return {
        "armazem": config.alvo,
        "cargas": ultimas,
        "rejeicoes": rejeicoes,
        "extracoes_pendentes": esperam,
        "reconciliacao": reconciliacao,
        "camadas": camadas,
    }
