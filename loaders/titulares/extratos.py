"""The exports that hold people: where they are, by the audit log, and how they are made again."""

from pathlib import Path
from typing import Any

from loaders import auditoria, exportacao, exportacao_livro
from loaders.configuracao import Configuracao

EXPORTACOES = {
    "sicooperative": ("export movimento_flat", "movimento_flat.csv"),
    "pod_cartoes": ("export book", exportacao_livro.MANIFESTO),
}
"""The exports that hold people of a source: as the audit log calls them, and a file of theirs."""


def exportar_de_novo(config: Configuracao, fonte: str) -> list[str]:
    """Write the extracts that hold the source's people again, where the audit log knows of them."""
    feitas = []
    for pasta, detalhes in pastas_de_exportacoes(config, fonte).items():
        if fonte == "sicooperative":
            em_claro = bool(detalhes.get("numeros_em_claro"))
            exportacao.exportar_movimento_flat(config, pasta, em_claro, so_testado=False)
        else:
            exportacao_livro.exportar_livros(config, pasta, so_testado=False)
            exportacao_livro.apagar_anteriores(pasta)
        feitas.append(str(pasta))
    return feitas


def pastas_de_exportacoes(config: Configuracao, fonte: str) -> dict[Path, dict[str, Any]]:
    """The folders that hold an extract of the source, with what was noted of the last one."""
    acao, arquivo = EXPORTACOES[fonte]
    pastas = {
        Path(d["pasta"]): d
        for d in auditoria.anotadas(config, acao)
        if isinstance(d.get("pasta"), str)
    }
    return {pasta: d for pasta, d in pastas.items() if (pasta / arquivo).exists()}
