"""How far logs of events were read, as the state of a warehouse shows it."""

from typing import Any

from loaders.armazem import Armazem
from loaders.controle.tabelas import qualificada

NOMES = ("fonte", "tabela", "topico", "particoes", "em_dia_em", "atualizado_em", "lacunas")


def logs(armazem: Armazem) -> list[dict[str, Any]]:
    """Each log: its partitions, up to when all of them are read, and the gaps that were accepted.

    What has ended, a file that was read or a shard that was split, is read whole for good.
    """
    return [
        dict(zip(NOMES, linha, strict=True))
        for linha in armazem.linhas(
            f"""
            select
                p.fonte, p.tabela, p.topico, count(*),
                coalesce(min(p.em_dia_em) filter (where not p.encerrada), max(p.em_dia_em)),
                max(p.atualizado_em),
                (
                    select count(*) from {qualificada(armazem, "lacunas")} as f
                    where f.fonte = p.fonte and f.tabela = p.tabela and f.topico = p.topico
                )
            from {qualificada(armazem, "posicoes")} as p
            group by p.fonte, p.tabela, p.topico
            order by p.fonte, p.tabela, p.topico
            """
        )
    ]
