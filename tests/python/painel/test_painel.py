"""The pages of the dashboard: their numbers are the marts', and they ask no other host."""

import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import PUBLICADO, ArmazemDeTeste
from entre_motores import EntreMotores
from navegador import CELULAR, MESA, com_navegador, graves, navegador

from loaders.painel import desenho, escrita, pagina, painel
from loaders.painel.quadro import TABELA, quadros
from loaders.publicacao import acessos
from loaders.publicacao.versoes import Versao

na_pagina_de_um = pytest.mark.nightly_on("duckdb")
"""The page is the same on either engine, cell by cell: one of them is enough to look at."""
DE_CADA_CARGA = {"situacao_parceiro"}
"""How long a partner took to answer, which it does anew for each engine."""


class Lida(HTMLParser):
    """The cells of every table of a page, and its large numbers, by the name of the chart."""

    def __init__(self, texto: str) -> None:
        super().__init__()
        self.tabelas: dict[str, list[list[str]]] = {}
        self.numeros: dict[str, list[str]] = {}
        self._grafico, self._onde = "", ""
        self.feed(texto)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self._grafico = dict(attrs)["id"] or ""
            self.tabelas[self._grafico], self.numeros[self._grafico] = [], []
        if tag == "tr":
            self.tabelas[self._grafico].append([])
        if tag in ("td", "th", "dd"):
            self._onde = tag
            onde = self.numeros[self._grafico] if tag == "dd" else self.tabelas[self._grafico][-1]
            onde.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._onde:
            self._onde = ""

    def handle_data(self, data: str) -> None:
        if self._onde == "dd":
            self.numeros[self._grafico][-1] += data
        elif self._onde:
            self.tabelas[self._grafico][-1][-1] += data


Feitas = tuple[ArmazemDeTeste, Path]


@pytest.fixture(scope="module")
def _feitas(_publicado: ArmazemDeTeste, tmp_path_factory: pytest.TempPathFactory) -> Path:
    _publicado.restaurar(PUBLICADO)
    pasta = tmp_path_factory.mktemp("painel")
    painel.escrever(_publicado.config, pasta)
    return pasta


@pytest.fixture
def paginas(publicado: ArmazemDeTeste, _feitas: Path) -> Feitas:
    """A published warehouse, and the folder of the pages that were drawn of it once."""
    return publicado, _feitas


def _lida(pasta: Path, area: str) -> Lida:
    return Lida((pasta / f"{area}.html").read_text(encoding="utf-8"))


def test_os_numeros_sao_os_dos_marts(paginas: Feitas, entre_motores: EntreMotores) -> None:
    """Each cell of each page, against the same question asked to the tables that dbt built."""
    armazem, pasta = paginas
    tudo: dict[str, Any] = {}
    do_mart = {
        grafico.nome: armazem.registros(TABELA.sub(r"\1", grafico.consulta))
        for quadro in quadros().values()
        for grafico in quadro.graficos
    }
    for area in acessos.areas():
        lida = _lida(pasta, area)
        for grafico in (g for quadro in quadros().values() for g in quadro.de(area)):
            resposta = pagina.Resposta(grafico, do_mart[grafico.nome], "")
            celulas = lida.tabelas[grafico.nome]
            assert celulas[1:] == resposta.tabela.linhas, f"{area}: {grafico.nome}"
            assert lida.numeros[grafico.nome] == [n for _, n in resposta.numeros]
            if grafico.nome not in DE_CADA_CARGA:
                tudo[f"{area}.{grafico.nome}"] = tuple(map(tuple, celulas))
    assert sum(len(celulas) > 1 for celulas in tudo.values()) > 60
    entre_motores.comparar("painel", armazem.motor, tudo)


def test_o_que_falta_receber_soma_o_que_as_faturas_dizem(
    paginas: Feitas,
) -> None:
    """Figures that a reader will quote, recomputed here from the facts alone."""
    armazem, pasta = paginas
    lida = _lida(pasta, "financeiro")
    ((referencia,),) = armazem.linhas("select max(ref_date) from risco.book_fatura")
    falta = sum(
        valor - pago
        for valor, pago, vencimento in armazem.linhas(
            "select valor_fatura, valor_pago, data_vencimento from core.fact_fatura"
        )
        if pago < valor and vencimento < referencia
    )
    escritas = [celulas[1] for celulas in lida.tabelas["desde_quando"][1:]]
    assert sum(map(_reais, escritas)) == pytest.approx(float(falta), abs=0.005)
    par = armazem.linhas("select par30 from risco.par order by data_base desc limit 1")[0][0]
    assert escrita.escrito(par, "percentual") in lida.numeros["carteira_hoje"]


def test_uma_disponibilidade_cabe_em_100(paginas: Feitas) -> None:
    """The mart says percent: nothing is taken times 100 once more."""
    _, pasta = paginas
    ditas = [linha[2] for linha in _lida(pasta, "plataforma").tabelas["disponibilidade"][1:]]
    assert ditas and all(0 <= _reais(dita) <= 100 for dita in ditas)


def _reais(texto: str) -> float:
    return float(re.sub(r"[^\d,]", "", texto).replace(",", "."))


def test_uma_area_ve_so_o_que_le(paginas: Feitas) -> None:
    _, pasta = paginas
    marketing = _lida(pasta, "marketing")
    assert marketing.tabelas.keys() == {"movimentacoes", "aquisicao"}
    assert "risco.par" not in (pasta / "marketing.html").read_text(encoding="utf-8")
    for area, dela in acessos.areas().items():
        texto = (pasta / f"{area}.html").read_text(encoding="utf-8")
        ditas = set(re.findall(r"pub_(\w+\.\w+)", texto))
        assert ditas == set(dela.le)


def test_nada_de_ninguem(paginas: Feitas) -> None:
    """No name of a person and no key of one stands on a page."""
    armazem, pasta = paginas
    textos = "".join(p.read_text(encoding="utf-8") for p in pasta.glob("*.html"))
    palavras = set(re.findall(r"[\w@.-]+", textos))
    for sql in (
        "select distinct id_pedido from core.fact_pedido_credito",
        "select distinct id_conta from core.dim_conta_digital",
        "select distinct sobrenome_associado from core.dim_associado"
        " where length(sobrenome_associado) > 8",
    ):
        chaves = {str(valor) for (valor,) in armazem.linhas(sql) if len(str(valor)) > 5}
        assert chaves and not palavras & chaves, sql


def test_sem_publicacao_diz_o_que_fazer(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    feito = armazem_vazio.lastro("dashboard", "--to", str(tmp_path), esperado=1)
    assert "Nothing is published yet: run `make build publish`" in feito.stderr
    assert not list(tmp_path.iterdir())


def test_uma_escrita_morta_deixa_paginas_inteiras(
    paginas: Feitas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What stood there stands until a whole page takes its place; no rest stays."""
    armazem, pasta = paginas
    for antes in pasta.glob("*.html"):
        shutil.copy(antes, tmp_path)
    (tmp_path / "risco.html").write_text("antes", encoding="utf-8")

    def morrer(nome: str) -> None:
        if nome == "painel.antes_de_trocar":
            raise KeyboardInterrupt

    with monkeypatch.context() as aqui:
        aqui.setattr(painel, "ponto_de_falha", morrer)
        with pytest.raises(KeyboardInterrupt):
            painel.escrever(armazem.config, tmp_path)
    assert (tmp_path / "risco.html").read_text(encoding="utf-8") == "antes"
    escrito = painel.escrever(armazem.config, tmp_path)
    assert escrito.inicio.read_text(encoding="utf-8")
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in pasta.iterdir()}


def test_o_que_nao_e_uma_pagina_fica(paginas: Feitas, tmp_path: Path) -> None:
    armazem, _ = paginas
    (tmp_path / "risco.html").mkdir()
    feito = armazem.lastro("dashboard", "--to", str(tmp_path), esperado=1)
    assert "risco.html is not from an export; move it away." in feito.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["risco.html"]


MAU = "</text></svg><script>alert(1)</script>{{ 7 * 7 }}&amp;"


def test_o_que_alguem_escreveu_e_so_texto() -> None:
    """A category that would be markup, or a template, is drawn and written as it is."""
    grafico = next(g for g in quadros()["pedidos"].graficos if g.nome == "motivos")
    linhas = [{"motivo": MAU, "principal": 2, "citado": 3}]
    desenhado = desenho.svg(desenho.descricao(grafico, linhas))
    assert "<script" not in desenhado and desenhado.count("</svg>") == 1
    resposta = pagina.Resposta(grafico, linhas, desenhado)
    quadro = quadros()["pedidos"]
    texto = pagina.da_area("credito", _versao(), [(quadro, [resposta])])
    assert "<script" not in texto
    assert Lida(texto).tabelas["motivos"][1][0] == MAU


def _versao() -> Versao:
    agora = datetime(2026, 7, 1, tzinfo=UTC)
    return Versao("v1", agora, "c", agora, {}, {}, "", ("", ""), "", {})


def test_uma_pergunta_sem_linhas_diz_que_nao_ha() -> None:
    quadro = quadros()["emprestimos"]
    grafico = next(g for g in quadro.graficos if g.nome == "par")
    texto = pagina.da_area("risco", _versao(), [(quadro, [pagina.Resposta(grafico, [], "")])])
    assert grafico.vazio in texto
    assert Lida(texto).tabelas[grafico.nome] == []


@pytest.mark.parametrize(
    ("valor", "forma", "escrito"),
    [
        (None, "reais", escrita.SEM_VALOR),
        (1234567, "inteiro", "1.234.567"),
        (-1234.5, "reais", "-R$ 1.234,50"),
        (12.25, "percentual", "12,2 %"),
        (0.125, "decimal", "0,12"),
        (True, "sim_ou_nao", "sim"),
    ],
)
def test_escrito_como_no_brasil(valor: Any, forma: Any, escrito: str) -> None:
    assert escrita.escrito(valor, forma).replace("\xa0", " ") == escrito


@com_navegador
@na_pagina_de_um
@pytest.mark.parametrize("tamanho", [MESA, CELULAR], ids=["mesa", "celular"])
def test_no_navegador(paginas: Feitas, tamanho: dict[str, int]) -> None:
    """No request, no complaint, nothing wider than the screen, nothing that hinders a reader."""
    _, pasta = paginas
    with navegador(tamanho) as (aberta, queixas):
        for nome in sorted(p.name for p in pasta.glob("*.html")):
            aberta.goto((pasta / nome).as_uri())
            larguras = aberta.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert larguras[0] <= larguras[1], nome
            assert not queixas, nome
        for nome in ("index", "compliance"):
            aberta.goto((pasta / f"{nome}.html").as_uri())
            assert not graves(aberta)


@com_navegador
@na_pagina_de_um
def test_escuro_e_no_papel(paginas: Feitas) -> None:
    _, pasta = paginas
    with navegador(MESA, color_scheme="dark") as (aberta, _):
        aberta.goto((pasta / "risco.html").as_uri())
        fundo = aberta.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, re.findall(r"\d+", fundo)[:3])) < 60
        assert not graves(aberta)
        aberta.emulate_media(media="print", color_scheme="light")
        assert not aberta.locator("nav").first.is_visible()
        assert aberta.locator("#par table").is_visible()
        assert len(aberta.pdf()) > 10_000


@com_navegador
@na_pagina_de_um
@pytest.mark.parametrize(
    ("pergunta", "caminho", "achado"),
    [
        ("how much is overdue", ["Financeiro"], "#atraso_hoje dd"),
        ("since when", ["Financeiro", "#desde_quando summary"], "#desde_quando table"),
        ("which vintages got worse", ["Risco", "Carteira de empréstimos"], "#safras svg"),
        ("does it reconcile", ["Compliance", "Os números fecham?"], "#linhas_da_fonte_ao_mart td"),
        ("what may I see", ["Credito", "O que posso ver?"], ".tabelas li"),
        ("where does this number come from", ["Risco", "#par .origem summary"], "#par pre"),
    ],
    ids=lambda dado: dado if isinstance(dado, str) and " " in dado else "",
)  # fmt: skip
def test_cinco_perguntas_em_tres_cliques(
    paginas: Feitas, pergunta: str, caminho: list[str], achado: str
) -> None:
    _, pasta = paginas
    assert len(caminho) <= 3
    with navegador(CELULAR) as (aberta, queixas):
        aberta.goto((pasta / "index.html").as_uri())
        for passo in caminho:
            if passo.startswith("#"):
                aberta.locator(passo).first.click()
            else:
                aberta.get_by_role("link", name=passo, exact=True).click()
        alvo = aberta.locator(achado).first
        alvo.wait_for(state="visible")
        assert alvo.is_visible(), pergunta
        assert not queixas
