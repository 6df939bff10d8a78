"""What the manifest of a sample says of where it comes from: build, versions, target, windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from loaders import __version__
from loaders.armazem import Armazem
from loaders.controle.tabelas import qualificada
from loaders.nucleo.erros import ConstrucaoFalhou
from loaders.projeto import livro
from loaders.publicacao.construcao import medida
from loaders.publicacao.modelos import modelos
from loaders.publicacao.versoes import Versao

DA_AMOSTRA = ("risco.amostra_modelagem", "risco.amostra_definicao")
"""The tables of which one build made the rows together."""


@dataclass(frozen=True)
class Feita:
    """The build that made the sample, and how it defined the target.

    Attributes:
        id: dbt's invocation_id.
        fim: when it ended.
        data_referencia: the day before which it looked at invoices and payments.
        meses_desempenho: for how many months from a ref_date on invoices that fall due count.
        dias_alvo: how many days after its due date one is bad.
        meses_fora_do_tempo: how many of the newest complete ref_dates are out of time.
    """

    id: str
    fim: datetime
    data_referencia: date
    meses_desempenho: int
    dias_alvo: int
    meses_fora_do_tempo: int


def construcao_da_amostra(armazem: Armazem, so_testado: bool = True) -> Feita:
    """The newest build of everything, if the sample is as it left it.

    Args:
        armazem: the open warehouse, inside the transaction in which the sample is read.
        so_testado: whether it has to be.

    Raises:
        ConstrucaoFalhou: everything was never built, or the sample was built or changed since.
    """
    construcoes = qualificada(armazem, "construcoes")
    linhas = armazem.linhas(
        f"select _construcao_id, fim from {construcoes} where status = 'ok'"
        " order by inicio desc limit 1"
    )
    if not linhas:
        raise ConstrucaoFalhou(
            "Everything was never built here: run `make build` (or `dbt build`), then export again."
        )
    ((id_, fim),) = linhas
    if so_testado and (outras := _outras(armazem, id_)):
        raise ConstrucaoFalhou(
            f"{' and '.join(outras)} changed since the build of everything; nobody could tell how"
            " the target was defined. Run `make build` (or `dbt build`), then export again."
        )
    ((data_referencia, meses, dias, fora),) = armazem.linhas(
        "select data_referencia, meses_desempenho, dias_alvo, meses_fora_do_tempo"
        f" from {armazem.esquema('risco')}.amostra_definicao"
    )
    return Feita(id_, fim.astimezone(UTC), data_referencia, meses, dias, fora)


def _outras(armazem: Armazem, construcao: str) -> list[str]:
    """The sample's tables that do not hold what the build noted of them."""
    anotadas = dict(
        armazem.linhas(
            f"select tabela, impressao from {qualificada(armazem, 'tabelas_construidas')}"
            f" where _construcao_id = '{construcao}'"
        )
    )
    return [
        tabela
        for tabela in DA_AMOSTRA
        if medida(armazem.config, modelos()[tabela], armazem.linhas).impressao
        != anotadas.get(tabela)
    ]


def em_json(feita: Feita, publicada: str | None, versoes: Sequence[Versao]) -> dict[str, Any]:
    """The part of the manifest.

    Args:
        feita: the build.
        publicada: the version that people read; none if nothing was published.
        versoes: every version.
    """
    dela = next((v for v in versoes if v.nome == publicada), None)
    return {
        "lastro": __version__,
        "construcao": {"id": feita.id, "fim": feita.fim.isoformat()},
        "publicada": dela
        and {"versao": dela.nome, "da_mesma_construcao": dela.construcao == feita.id},
        "definicoes": {
            "data_referencia": str(feita.data_referencia),
            "meses_desempenho": feita.meses_desempenho,
            "dias_alvo": feita.dias_alvo,
            "meses_fora_do_tempo": feita.meses_fora_do_tempo,
            "alvo": (
                "1 if an invoice that falls due in the months of desempenho from dt_base on had not"
                " reached its minimum, above 0, dias_alvo days after its due date; 0 if there is"
                " one and none is such"
            ),
            "particoes": {
                "fora_do_tempo": "the meses_fora_do_tempo newest dt_base with a whole target",
                "desenvolvimento": "of the others customers with left(md5(id_cliente), 4) < 'b333'",
                "validacao": "the rest",
            },
            "janelas_em_meses": {
                janela: dados["meses"] for janela, dados in livro.definicao()["janelas"].items()
            },
            "variaveis": len(livro.variaveis()),
        },
    }
