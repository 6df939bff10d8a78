"""What a contract may say of an API, and what is refused by file, line and key."""

from pathlib import Path

import pytest
from apoio_api import CONTAS, SCORES
from apoio_contratos import com_contratos, contrato

from loaders.contratos import API, fontes
from loaders.nucleo.erros import LastroError

BASE = SCORES.format(mais="")
RECUSADOS = {
    "caminho_sem_barra": ("caminho: /v1/scores", "caminho: v1/scores", "begins with one `/`"),
    "caminho_de_outra_maquina": ("caminho: /v1/scores", "caminho: //x/scores", "begins with"),
    "caminho_para_cima": ("caminho: /v1/scores", "caminho: /v1/%2e%2e/x", "nowhere up"),
    "caminho_com_pergunta": ("caminho: /v1/scores", "caminho: /v1?chave=1", "no query"),
    "sem_caminho": ("    caminho: /v1/scores\n", "", "Field required"),
    "paginacao": ("itens: itens", "paginacao: outra", "'cursor' or 'pagina'"),
    "cursor_sem_proximo": ("    proximo: proximo_cursor\n", "", "`proximo` go together"),
    "ordem_sem_desde": ("desde: publicado_desde, ", "", "`parametros: desde` go together"),
    "ordem_que_nao_ha": ("ordem: publicado_em", "ordem: outra", "`ordem: outra` is none of"),
    "ordem_de_texto": ("ordem: publicado_em", "ordem: modelo", "no timestamptz"),
    "chave_que_falta": ("  chave: [id_consulta, revisao]\n", "", "has a `chave`"),
    "leitura": ("somente_insercao: true", "leitura: foto", "`leitura` is not for APIs"),
    "sem_api": ("somente_insercao: true", "tipo: postgres", "go together"),
    "chave_errada": ("itens: itens", "iten: itens", "unknown key"),
    "limite_de_zero": ("limite_por_minuto: 6000", "limite_por_minuto: 0", "greater than or equal"),
    "rajada_maior": ("limite_por_minuto: 6000", "rajada: 61", "no more than"),
    "cabecalho": ("itens: itens", "cabecalho: 'X-Chave: y'", "should match pattern"),
    "derivada": (
        "modelo: text", "modelo: {derivada_de: x, derivacao: token}", "are not for APIs",
    ),
    "chamadas_de_ninguem": ("chamadas: score_chamada", "chamadas: outra", "names another in"),
    "chamadas_com_outras_colunas": (
        "score_chamada: {{chamadas_de: score}}".format(),
        "score_chamada: {chamadas_de: score, columns: {mais: text}}", "and the columns id_chamada",
    ),
    "encomenda_sem_campo": (
        "itens: itens", "sob_demanda: {corpo: [a], chave: [b]}", "names what `corpo` does not: b",
    ),
    "fuso": (
        "itens: itens", "sob_demanda: {corpo: [a], chave: [a], fuso: Lua}", "no time zone",
    ),
}  # fmt: skip


@pytest.mark.parametrize("caso", RECUSADOS)
def test_o_que_o_contrato_nao_pode_dizer(tmp_path: Path, caso: str) -> None:
    era, fica, dito = RECUSADOS[caso]
    assert era in BASE
    texto = contrato("bureau", "api", BASE.replace(era, fica))
    with com_contratos(tmp_path, bureau=texto), pytest.raises(LastroError) as erro:
        fontes()
    assert dito in str(erro.value)
    assert "_bureau__sources.yml:" in str(erro.value)


def test_o_que_pode(tmp_path: Path) -> None:
    with com_contratos(tmp_path, bureau=contrato("bureau", "api", BASE + CONTAS)):
        fonte = fontes()["bureau"]
        assert fonte.tipos == (API,)
        assert [t.nome for t in fonte.de_tipo(API)] == ["score", "conta"]
        assert fonte.tabela("score_chamada").tipo is None
        api = fonte.tabela("conta").api
        assert api and (api.repeticoes, api.tamanho_maximo, api.sobreposicao_horas) == (
            6, 16_000_000, 24,
        )  # fmt: skip
