"""Named points at which a test may kill the process, to prove that nothing is half done."""

import os
import signal

PONTOS = (
    "carga.antes_de_gravar",
    "carga.entre_tabelas",
    "carga.antes_do_commit",
    "carga.depois_do_commit",
    "arquivo.antes_de_gravar",
    "arquivo.antes_do_commit",
    "arquivo.depois_do_commit",
    "arquivo.antes_de_recusar",
    "arquivo.antes_de_mover",
    "arquivo.entre_copias",
    "arquivo.entre_copiar_e_apagar",
    "arquivo.entre_apagadas",
    "arquivo.depois_de_mover",
    "arquivo.depois_do_motivo",
    "api.antes_de_gravar",
    "api.antes_do_commit",
    "api.depois_do_commit",
    "eventos.antes_de_gravar",
    "eventos.antes_das_posicoes",
    "eventos.antes_do_commit",
    "eventos.depois_do_commit",
    "exportacao.antes_de_mover",
    "exportacao.entre_arquivos",
    "exportacao.depois_de_mover",
    "exportacao_livro.entre_particoes",
    "exportacao_livro.antes_de_trocar",
    "exportacao_livro.depois_de_trocar",
    "exportacao_amostra.entre_particoes",
    "exportacao_amostra.antes_de_trocar",
    "exportacao_amostra.depois_de_trocar",
    "atualizacao.antes_de_completar",
    "atualizacao.depois_de_completar",
    "atualizacao.antes_de_mudar",
    "lago.antes_do_commit",
    "lago.entre_tabelas",
    "lago.ao_tirar",
    "lago.ao_apagar",
    "historia.antes_da_extracao",
    "historia.depois_da_extracao",
    "auditoria.antes_da_cabeca",
    "publicacao.entre_areas",
    "publicacao.antes_de_nomear",
    "publicacao.antes_de_apontar",
    "publicacao.depois_de_apontar",
    "publicacao.antes_de_apagar",
    "esquecer.depois_da_lista",
    "esquecer.antes_de_trocar_arquivo",
    "esquecer.antes_de_substituir",
    "esquecer.entre_publicados",
    "esquecer.antes_do_commit",
    "esquecer.antes_de_compactar",
    "compactacao.antes_de_trocar",
    "esquecer.antes_das_exportacoes",
)
"""Every failpoint, in the order in which loads, exports, publications and erasures pass them."""


def ponto_de_falha(nome: str) -> None:
    """Kill this process with SIGKILL if LASTRO_FAILPOINT names this point; else do nothing.

    Args:
        nome: one of `PONTOS`.
    """
    if os.environ.get("LASTRO_FAILPOINT") == nome:
        os.kill(os.getpid(), signal.SIGKILL)
