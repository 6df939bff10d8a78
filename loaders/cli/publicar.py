"""Commands on the published version: `lastro publish`, `versions`, `rollback`, `grants`.

Those of the lake (`lastro lake publish`) share what they show.
"""

import json
from typing import Annotated, Any

import typer

from loaders.cli.base import CODIGOS, ComoJson, Manter, app
from loaders.cli.terminal import a_vista, em_json, saida, tabela
from loaders.nucleo.configuracao import configuracao
from loaders.publicacao import publicar as publicacao
from loaders.publicacao.versoes import Versao

Aceitar = Annotated[
    bool,
    typer.Option(
        "--accept",
        help="Publish although a table moved by more than allowed, or much of a delivery is "
        "rejected or in quarantine (LASTRO_MAX_LOSS, 0.15).",
    ),
]
MudancaMaxima = Annotated[
    float | None,
    typer.Option(
        "--max-change",
        metavar="SHARE",
        min=0.0001,
        help="Share by which rows or key amounts of a table may move against the current "
        "version; default: LASTRO_MAX_CHANGE, 0.2.",
    ),
]


@app.command(epilog="Examples: lastro publish --keep 7\n\nlastro publish --accept\n\n" + CODIGOS)
def publish(
    aceitar: Aceitar = False, mudanca_maxima: MudancaMaxima = None, manter: Manter = None
) -> None:
    """Publish what the last build left, if it passed its tests."""
    with a_vista():
        feita = publicacao.publicar(configuracao(), aceitar, mudanca_maxima, manter)
    contar_publicacao(feita)


def contar_publicacao(feita: publicacao.Publicada) -> None:
    """Print what became of a publication."""
    versao = feita.versao
    if feita.nova:
        saida.print(f"{versao.nome} published: {versao.linhas:,} rows", markup=False)
        for mudanca in versao.mudancas:
            saida.print(f"  {mudanca}", markup=False)
    else:
        saida.print(f"{versao.nome} holds the same already", markup=False)
    _contar_poda(feita.apagadas, feita.poupadas)


def _contar_poda(apagadas: list[str], poupadas: list[str]) -> None:
    if apagadas:
        saida.print(f"deleted: {', '.join(apagadas)}", markup=False)
    if poupadas:
        saida.print(
            f"kept, because somebody reads or depends on them: {', '.join(poupadas)}", markup=False
        )


@app.command(epilog="Example: lastro versions --json | jq '.[].nome'\n\n" + CODIGOS)
def versions(
    como_json: ComoJson = False,
    manter: Manter = None,
) -> None:
    """List the published versions, newest first."""
    mostrar_versoes(como_json, manter)


def mostrar_versoes(como_json: bool, manter: int | None, no_lago: bool = False) -> None:
    """Print the published versions, after deleting those that are not to be kept.

    Args:
        como_json: machine-readable.
        manter: how many of the newest to keep; all where it is left out.
        no_lago: those of the lake.
    """
    config = configuracao()
    with a_vista():
        podadas: tuple[list[str], list[str]] = ([], [])
        if manter is not None:
            podadas = publicacao.podar(config, manter, no_lago=no_lago)
        corrente, todas = publicacao.listar(config, no_lago=no_lago)
        danos = publicacao.danos(config, no_lago=no_lago)
    if como_json:
        lidas = [
            {
                **json.loads(v.em_json()),
                "corrente": v.nome == corrente,
                "danos": danos.get(v.nome, []),
            }
            for v in todas
        ]
        print(em_json(lidas))
        return
    tabela(
        "Published versions",
        ("version", "current", "published (UTC)", "rows", "revision", "loads", "moved"),
        [_linha_da_versao(v, corrente) for v in todas],
        abaixo=("loads", "moved"),
    )
    for nome, faltas in danos.items():
        mais = f" and {len(faltas) - 5} more" if len(faltas) > 5 else ""
        saida.print(
            f"\n{nome} is not whole: {', '.join(faltas[:5])}{mais}; publishing again mends it or"
            " makes a new version",
            markup=False,
        )
    _contar_poda(*podadas)


def _linha_da_versao(versao: Versao, corrente: str | None) -> tuple[Any, ...]:
    return (
        versao.nome,
        "yes" if versao.nome == corrente else "",
        f"{versao.publicada_em:%Y-%m-%d %H:%M:%S}",
        versao.linhas,
        versao.revisao,
        "loads: " + ", ".join(f"{fonte} {carga}" for fonte, carga in versao.cargas.items()),
        "moved: " + ("; ".join(versao.mudancas) or ("nothing" if versao.anterior else "first")),
    )


@app.command(epilog="Example: lastro rollback v20261122_134500\n\n" + CODIGOS)
def rollback(
    versao: Annotated[str, typer.Argument(metavar="VERSION", help="One of `lastro versions`.")],
) -> None:
    """Make another published version the one that people read."""
    with a_vista():
        corrente = publicacao.voltar(configuracao(), versao)
    saida.print(f"{corrente.nome} is current", markup=False)


@app.command(epilog="Example: lastro grants\n\n" + CODIGOS)
def grants() -> None:
    """Make PostgreSQL's roles, and all grants those of acessos.yml; `publish` does so, too."""
    with a_vista():
        publicacao.conceder(configuracao())
    saida.print("roles and grants are those of acessos.yml")
