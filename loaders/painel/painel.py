"""Asks the published version each area's questions, and writes the pages of the answers."""

from dataclasses import dataclass
from pathlib import Path

from loaders.controle import auditoria
from loaders.nucleo import andamento, privados
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.pastas import conferir_destino, gravar_no_disco, pasta_de_saida
from loaders.painel import desenho, pagina
from loaders.painel.quadro import TABELA, Grafico, Quadro, quadros
from loaders.publicacao import acessos
from loaders.publicacao.leitura import Leitor, leitor
from loaders.publicacao.publicar import publicacao
from loaders.publicacao.versoes import Versao

ACAO = "dashboard"
PREFIXO_DA_PASTA = ".lastro-painel-"
INICIO = "index.html"


@dataclass(frozen=True)
class Escrito:
    """What was written.

    Attributes:
        versao: the published version that the pages show.
        inicio: the page that leads to the others.
        graficos: how many charts stand on each area's page.
    """

    versao: str
    inicio: Path
    graficos: dict[str, int]


@auditoria.auditada(
    ACAO,
    pedido=lambda pasta: {"pasta": str(pasta)},
    resultado=lambda escrito: {"versao": escrito.versao, "graficos": escrito.graficos},
)
def escrever(config: Configuracao, pasta: Path) -> Escrito:
    """Write a page for each area from the current version, and one that leads to them.

    A page is replaced when its new one is whole. What an area may not read is asked with its
    rights, and so cannot be on its page.

    Args:
        config: the settings.
        pasta: the folder; made if missing.

    Raises:
        LastroError: nothing is published, a question cannot be answered, or the folder cannot be
            written.
        ArmazemIndisponivel: the server cannot be reached.
    """
    with publicacao(config) as p:
        versao = p.atual()
    if versao is None:
        raise LastroError("Nothing is published yet: run `make build publish`, then this again.")
    desenhos: dict[str, str] = {}
    paginas, feitos = {}, {}
    for area in acessos.areas():
        andamento.dizer(f"drawing the page of {area}")
        partes = _respondidos(config, versao, area, desenhos)
        paginas[f"{area}.html"] = pagina.da_area(area, versao, partes)
        feitos[area] = sum(len(respostas) for _, respostas in partes)
    paginas[INICIO] = pagina.inicio(versao, feitos)
    with pasta_de_saida(pasta, PREFIXO_DA_PASTA) as trabalho:
        for nome, texto in paginas.items():
            conferir_destino(pasta / nome)
            (trabalho / nome).write_text(texto, encoding="utf-8")
        privados.abrir_ao_usuario(trabalho)
        for nome in paginas:  # the start page comes last: it leads to what is there
            gravar_no_disco(trabalho / nome)
            ponto_de_falha("painel.antes_de_trocar")
            (trabalho / nome).replace(pasta / nome)
    return Escrito(versao.nome, pasta / INICIO, feitos)


def _respondidos(
    config: Configuracao, versao: Versao, area: str, desenhos: dict[str, str]
) -> list[tuple[Quadro, list[pagina.Resposta]]]:
    """The boards of an area with the answers to their questions."""
    partes = []
    with leitor(config, versao, area) as aberto:
        for quadro in quadros().values():
            if graficos := quadro.de(area):
                partes.append((quadro, [_resposta(aberto, g, desenhos) for g in graficos]))
    return partes


def _resposta(aberto: Leitor, grafico: Grafico, desenhos: dict[str, str]) -> pagina.Resposta:
    sql = TABELA.sub(lambda nome: aberto.tabela(nome[1]), grafico.consulta)
    linhas = aberto.linhas(sql)
    if not linhas or grafico.tipo in ("numeros", "tabela"):
        return pagina.Resposta(grafico, linhas, "")
    descrito = desenho.descricao(grafico, linhas)
    if descrito not in desenhos:  # what several areas see is drawn once
        desenhos[descrito] = desenho.svg(descrito)
    return pagina.Resposta(grafico, linhas, desenhos[descrito])
