"""The catalogue: each table has its page, each link an end; the search finds; nobody is asked."""

import html
import http.server
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import PUBLICADO, ArmazemDeTeste
from navegador import CELULAR, MESA, com_navegador, graves, navegador
from playwright.sync_api import Page

from loaders import PROJETO
from loaders.catalogo import catalogo, lingua, paginas
from loaders.catalogo.desenho import estrela, familia
from loaders.catalogo.origens import Origens
from loaders.catalogo.tabelas import Coluna, Relacao, Tabela
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos
from loaders.publicacao.modelos import modelos

LINK = re.compile(r'(?:href|src)="([^"]+)"')
LIDAS = {tabela for area in acessos.areas().values() for tabela in area.le}


@pytest.fixture(scope="module")
def site(_publicado: ArmazemDeTeste, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dashboard and catalogue, as `make dashboard docs` writes them."""
    _publicado.restaurar(PUBLICADO)
    pasta = tmp_path_factory.mktemp("site")
    _publicado.lastro("dashboard", "--to", str(pasta / "painel"))
    # As after a build: what dbt wrote of its tests is there, until it writes of the pages.
    _publicado.dbt("test", "--select", "fact_movimentacao", DBT_WRITE_JSON="True")
    dito = _publicado.lastro("catalog", "--to", str(pasta), DBT_WRITE_JSON="True").stdout
    assert f"{len(LIDAS)} tables described: open {pasta}/index.html" in dito.replace("\n", "")
    return pasta


pytestmark = pytest.mark.nightly_on("duckdb")  # its process has more to do


def _texto(site: Path, nome: str) -> str:
    return (site / nome).read_text(encoding="utf-8")


def test_cada_tabela_e_area_tem_pagina_nas_duas_linguas(site: Path) -> None:
    for sub in ("", "en/"):
        tem = {p.stem for p in (site / sub / "tabelas").glob("*.html")}
        assert tem == LIDAS
        assert {p.stem for p in (site / sub / "areas").glob("*.html")} == set(acessos.areas())
        esquemas = {tabela.partition(".")[0] for tabela in LIDAS}
        assert {p.stem for p in (site / sub / "esquemas").glob("*.html")} == esquemas
        for tabela in LIDAS:
            texto = _texto(site, f"{sub}tabelas/{tabela}.html")
            for coluna in modelos()[tabela].colunas:
                assert f"<code>{coluna.nome}</code>" in texto, (tabela, coluna.nome)
    assert "passou" in _texto(site, "tabelas/core.fact_movimentacao.html")
    assert "passed" in _texto(site, "en/tabelas/core.fact_movimentacao.html")
    assert "não se sabe" in _texto(site, "tabelas/core.dim_data.html")


VEM_DE = {
    "core.dim_conta": {
        "tipo_conta": {
            "staging.stg_sicooperative__conta.tipo_conta",
            "staging.mapa_categorias.categoria",
            "sicooperative.conta.tipo_conta",
        },
        "sk_conta": {"sicooperative.conta.id_conta"},
    },
    "core.fact_movimentacao": {
        "valor_movimentacao": {"sicooperative.movimentacao_cartao.valor_movimentacao"},
        "sk_associado": {"sicooperative.associado.id_associado"},
    },
    "core.fact_evento": {"id_evento": {"credito.evento.id_evento"}},
    # All parts of a union.
    "plataforma.sli_terceiro": {
        "chamadas": {
            f"intermediate.int_chamada_terceiro__por_{janela}.chamadas"
            for janela in ("hora", "dia", "mes")
        },
    },
    "risco.book_fatura_cliente": {
        "u3m_geral_valor_fatura_max": {"pod_cartoes.faturas.valor_fatura"},
    },
}
"""Of some columns some of those that they must be said to come from."""


def _celulas(texto: str, titulo: str) -> dict[str, str]:
    """The rows of the table that has a heading: by its first cell, the rest as text."""
    tabela = next(t for t in re.findall(r"<table>.*?</table>", texto, re.S) if titulo in t)
    linhas = [re.findall(r"<td[^>]*>(.*?)</td>", li, re.S) for li in tabela.split("</tr>")]
    ditas = [[html.unescape(re.sub(r"<[^>]+>", "", celula)) for celula in li] for li in linhas]
    return {nome: " ".join(resto) for nome, *resto in filter(None, ditas)}


def test_cada_coluna_diz_de_que_colunas_vem(site: Path) -> None:
    sem_nada = 0
    for tabela in LIDAS:
        texto = _texto(site, f"tabelas/{tabela}.html")
        assert "não se seguem pelo SQL" not in texto, tabela
        linhas = _celulas(texto, "Toma os valores de")
        assert set(linhas) == {c.nome for c in modelos()[tabela].colunas}, tabela
        sem_nada += sum(not dito.strip() for dito in linhas.values())
        for coluna, esperadas in VEM_DE.get(tabela, {}).items():
            assert all(e in linhas[coluna] for e in esperadas), (tabela, coluna, linhas[coluna])
    todas = sum(len(modelos()[tabela].colunas) for tabela in LIDAS)
    assert sem_nada < todas / 10


def test_cada_descricao_esta_tambem_em_portugues(site: Path, _publicado: ArmazemDeTeste) -> None:
    manifesto = Path(_publicado.ambiente["DBT_TARGET_PATH"]) / "manifest.json"
    nomes = {tabela.partition(".")[2] for tabela in LIDAS}
    ditas = {
        " ".join(descrito["description"].split())
        for no in json.loads(manifesto.read_text(encoding="utf-8"))["nodes"].values()
        if no["resource_type"] == "model" and no["name"] in nomes
        for descrito in (no, *no["columns"].values())
    }
    so_em_ingles = {d for d in ditas if lingua.NAS_DUAS not in d}
    faltam = "\n\n".join(
        f'msgid {json.dumps(d, ensure_ascii=False)}\nmsgstr ""'
        for d in sorted(so_em_ingles - set(lingua.traducoes()))
    )
    assert not faltam, f"translate these in {lingua.DESCRICOES.name}:\n\n{faltam}"
    assert sorted(set(lingua.traducoes()) - so_em_ingles) == [], "no description is so any more"
    for descricao, portugues in lingua.traducoes().items():
        assert portugues, descricao
        codigos = re.findall(r"`[^`]+`", descricao)
        assert sorted(codigos) == sorted(re.findall(r"`[^`]+`", portugues)), descricao
    assert "Uma linha por" in _texto(site, "tabelas/core.dim_conta.html")
    assert "One row per" in _texto(site, "en/tabelas/core.dim_conta.html")


def test_cada_link_leva_a_algum_lugar_e_nada_vem_de_fora(site: Path) -> None:
    ids: dict[Path, set[str]] = {}
    vistos = 0
    for pagina in site.rglob("*.html"):
        if pagina.parent.name == "dbt":
            continue
        texto = pagina.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|iframe|link)[^>]+(?:src|href)="https?:', texto)
        for link in LINK.findall(texto):
            if link.startswith(("http", "data:", "mailto:")) or link == ".":
                continue
            partes = urlsplit(unquote(link))
            alvo = (pagina.parent / partes.path).resolve() if partes.path else pagina
            assert alvo.exists(), f"{pagina.relative_to(site)}: {link}"
            if partes.fragment and alvo.suffix == ".html":
                if alvo not in ids:
                    ids[alvo] = set(re.findall(r'id="([^"]+)"', alvo.read_text("utf-8")))
                assert partes.fragment in ids[alvo], f"{pagina.relative_to(site)}: {link}"
            vistos += 1
    assert vistos > 5000


def test_nao_diz_pastas_da_maquina_nem_segredos(site: Path, _publicado: ArmazemDeTeste) -> None:
    ambiente = _publicado.ambiente
    segredos = [v for k, v in ambiente.items() if k == "PGPASSWORD" or k.endswith("_KEY")]
    assert (site / "dbt/index.html").stat().st_size > 2**20
    for arquivo in site.rglob("*"):
        if arquivo.is_file():
            conteudo = arquivo.read_bytes()
            for proibido in (str(PROJETO), *segredos):
                assert proibido.encode() not in conteudo, arquivo


@contextmanager
def _servido(pasta: Path) -> Iterator[str]:
    class Calado(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    servidor = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Calado, directory=str(pasta))
    )
    with servidor:
        threading.Thread(target=servidor.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{servidor.server_port}/"
        servidor.shutdown()


def _achados(aberta: Page, termo: str) -> list[str]:
    """The titles that the search shows for a term, best first."""
    aberta.keyboard.press("/")
    aberta.wait_for_timeout(300)
    aberta.keyboard.type(termo)
    lista = aberta.locator("ol[id$=-results] a")
    lista.first.wait_for(state="visible", timeout=15_000)
    aberta.wait_for_timeout(500)
    return [texto.replace("\n", " ") for texto in lista.all_inner_texts() if texto.strip()]


@com_navegador
@pytest.mark.parametrize("onde", ["disk", "server"])
def test_a_busca_acha_com_e_sem_acento_e_duas_palavras(site: Path, onde: str) -> None:
    with _servido(site) as endereco, navegador(MESA) as (aberta, queixas):
        inicio = (site / "index.html").as_uri() if onde == "disk" else f"{endereco}index.html"
        for termo, achado in (
            ("inadimplencia", "risco.inadimplencia_inicial"),
            ("inadimplência", "risco.inadimplencia_inicial"),
            ("safra contratos", "risco.safra"),
            ("overdue instalments", "risco.envelhecimento"),
        ):
            aberta.goto(inicio)
            assert any(achado in titulo for titulo in _achados(aberta, termo)[:12]), termo
        assert not queixas


@com_navegador
@pytest.mark.parametrize("tamanho", [MESA, CELULAR], ids=["mesa", "celular"])
def test_no_navegador(site: Path, tamanho: dict[str, int]) -> None:
    with navegador(tamanho) as (aberta, queixas):
        for nome in ("index", "areas/risco", "tabelas/core.fact_movimentacao", "en/index"):
            aberta.goto((site / f"{nome}.html").as_uri())
            largura, tela = aberta.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert largura <= tela, nome
            assert not graves(aberta, {"critical"}), nome
            assert not queixas, nome


@com_navegador
@pytest.mark.parametrize(
    ("caminho", "achado"),
    [
        (["Painel: financeiro"], "#atraso_hoje dd"),
        (["Painel: risco"], "#safras svg"),
        (["Painel: compliance"], "#linhas_da_fonte_ao_mart td"),
        (["risco"], "h2#o-que-posso-ver"),
        (["risco.par"], "h2#de-onde-vem"),
    ],
    ids=["overdue", "vintages", "reconcile", "what I may see", "where from"],
)
def test_cinco_perguntas_a_partir_do_inicio(site: Path, caminho: list[str], achado: str) -> None:
    with navegador(CELULAR) as (aberta, queixas):
        aberta.goto((site / "index.html").as_uri())
        for passo in caminho:
            aberta.locator("article").get_by_role("link", name=passo, exact=True).first.click()
        aberta.locator(achado).first.wait_for(state="visible")
        assert not queixas


def test_o_que_nao_e_de_um_catalogo_fica(tmp_path: Path) -> None:
    novo, pasta = tmp_path / "novo", tmp_path / "pasta"
    (novo / "assets").mkdir(parents=True)
    (novo / "index.html").write_text("nova")
    (pasta / "assets").mkdir(parents=True)
    (pasta / "assets" / "meu").write_text("meu")
    with pytest.raises(LastroError, match="assets is not from a catalogue; move it away"):
        catalogo._trocar(novo, pasta)
    assert (pasta / "assets" / "meu").read_text() == "meu"
    (pasta / "assets" / "meu").unlink()
    (pasta / "assets").rmdir()
    (pasta / "painel").mkdir()
    catalogo._trocar(novo, pasta)
    assert (pasta / "index.html").read_text() == "nova"
    assert (pasta / "painel").is_dir()


def test_uma_descricao_e_so_texto() -> None:
    assert paginas.texto("a | b *c* [d](e) <script>") == "a \\| b \\*c\\* \\[d\\](e) &lt;script>"
    assert paginas.texto("`a|b*_c_` e {c}_{d}_e") == "`a\\|b*_c_` e {c}\\_{d}\\_e"


def test_a_estrela_leva_a_cada_tabela() -> None:
    relacoes = (
        Relacao("sk_a", "core.dim_a", "sk"), Relacao("sk_b", "core.dim_b", "sk"),
        Relacao("sk_c", "core.dim_a", "sk"),
    )  # fmt: skip
    nada = ((), (), (), (), (), ())
    um = Tabela("core.f", "One row.", "id", "", (Coluna("id", "text", "", None, True),), (), *nada)
    enderecos = {"core.dim_a": "core.dim_a.html", "core.dim_b": "core.dim_b.html"}
    assert estrela(um, enderecos) == ""
    com = Tabela(**{**um.__dict__, "relacoes": relacoes})
    desenho = estrela(com, enderecos)
    assert desenho.count("<path") == 3
    assert desenho.count("<a href") == 2
    # Beside its neighbours each is a link; what has no key leads to what it is made of.
    mart = Tabela(**{**um.__dict__, "nome": "risco.m", "bases": ("core.f",)})
    enderecos |= {"core.f": "core.f.html", "risco.m": "risco.m.html"}
    juntas = familia([com, mart], enderecos)
    assert juntas.count("<path") == 4
    assert juntas.count("<a href") == 5
    assert "risco.m: core.f" in juntas


def test_o_que_nao_se_segue_diz_porque_e_a_conta_de_chamadas_volta() -> None:
    def no(sql: str) -> dict[str, object]:
        return {"resource_type": "model", "compiled_code": sql}

    def existe(nome: str) -> dict[str, object]:
        return {"metadata": {"schema": "s", "name": nome}, "columns": {"a": {}, "b": {}}}

    manifesto = {
        "metadata": {"adapter_type": "duckdb"},
        "sources": {"source.p.f.t": {"resource_type": "source", "source_name": "f"}},
        "nodes": {
            "model.p.m": no("select a, 1 as b from s.t union all select b, a from s.t"),
            "model.p.torto": no("select a from (("),
        },
    }
    catalogado = {
        "sources": {"source.p.f.t": existe("t")},
        "nodes": {"model.p.m": existe("m"), "model.p.torto": existe("torto")},
    }
    antes = sys.getrecursionlimit()
    origens = Origens(manifesto, catalogado)
    assert sys.getrecursionlimit() == antes, "deep JSON of a source is refused by it"
    assert origens.na_fonte("model.p.m", "a") == [("source.p.f.t", "a"), ("source.p.f.t", "b")]
    assert origens.na_fonte("model.p.m", "b") == [("source.p.f.t", "a")]
    assert origens.porque_nao("model.p.m") == ""
    assert origens.porque_nao("model.p.torto")
    assert origens.porque_nao("model.p.outro") == "dbt did not build it"
