"""Superset in a real browser: its numbers are the marts', and an area sees its own and no more."""

import re
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import psycopg
import pytest
from conftest import PUBLICADO, ArmazemDeTeste
from navegador import com_navegador, navegador
from playwright.sync_api import Page

from loaders.bi import ativos, servico
from loaders.bi.desenho import FORMATOS, com_unidade
from loaders.demo import servidor
from loaders.painel.quadro import TABELA, Forma, Grafico
from loaders.publicacao import acessos
from loaders.publicacao.leitura import leitor
from loaders.publicacao.publicar import publicacao

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (servico.BIN / "gunicorn").exists(), reason="make bi was not run"),
]
ALTO = {"width": 1400, "height": 3000}
"""All of a dashboard at once: what is out of sight Superset does not draw."""
SENHA = secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Servido:
    """Superset on one engine's published version, with a user for each area."""

    armazem: ArmazemDeTeste
    url: str
    senhas: list[str | None]
    clientes: dict[str, httpx.Client] = field(default_factory=dict)

    def entrar(self, quem: str, senha: str) -> httpx.Client:
        """A client of the API with somebody's rights."""
        cliente = httpx.Client(base_url=f"{self.url}/api/v1/", timeout=60)
        pedido = {"username": quem, "password": senha, "provider": "db"}
        recebido = cliente.post("security/login", json=pedido).raise_for_status().json()
        cliente.headers["Authorization"] = f"Bearer {recebido['access_token']}"
        cliente.headers["X-CSRFToken"] = cliente.get("security/csrf_token/").json()["result"]
        return cliente

    def de(self, quem: str) -> httpx.Client:
        """The same, once for each user."""
        if quem not in self.clientes:
            senha = self.senhas[0] if quem == "admin" else SENHA
            self.clientes[quem] = self.entrar(quem, str(senha))
        return self.clientes[quem]

    def ids(self, o_que: str, nome: str) -> dict[str, int]:
        """The numbers of things, by their names, as the administrator sees them."""
        pedido = {"q": "(page_size:100)"}
        todos = self.de("admin").get(f"{o_que}/", params=pedido).raise_for_status().json()
        assert len(todos["result"]) == todos["count"]
        return {um[nome]: um["id"] for um in todos["result"]}


@pytest.fixture(scope="module")
def servido(
    _publicado: ArmazemDeTeste, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servido]:
    """Superset set up twice, as it is with every start, and served on a free port."""
    _publicado.restaurar(PUBLICADO)
    pasta = tmp_path_factory.mktemp("bi")
    with socket.socket() as livre:
        livre.bind((servico.ENDERECO, 0))
        porta = livre.getsockname()[1]
    senhas = []
    try:
        with servico.preparado(_publicado.config, pasta) as uma_vez:
            senhas.append(uma_vez.senha)
        with (
            servico.preparado(_publicado.config, pasta) as superset,
            servico.servido(superset, porta) as aberto,
        ):
            feito = Servido(_publicado, aberto.url, [*senhas, superset.senha])
            _com_usuarios(feito)
            yield feito
    finally:
        servidor.remover(pasta)
        if _publicado.motor == "postgres":
            with psycopg.connect(_publicado.servidor.dsn("armazem"), autocommit=True) as conexao:
                for area in acessos.areas():
                    conexao.execute(f"drop role if exists lastro_bi_{area}")


def _com_usuarios(feito: Servido) -> None:
    """A user for each area, with the area's role alone."""
    papeis = feito.ids("security/roles", "name")
    for area in acessos.areas():
        pedido = {
            "username": area, "first_name": area, "last_name": "x", "active": True,
            "email": f"{area}@example.com", "password": SENHA, "roles": [papeis[f"lastro {area}"]],
        }  # fmt: skip
        feito.de("admin").post("security/users/", json=pedido).raise_for_status()


def _do_mart(armazem: ArmazemDeTeste, area: str, grafico: Grafico) -> list[dict[str, Any]]:
    """The answer to a question, read from the published version with the area's rights."""
    with publicacao(armazem.config) as p:
        versao = p.atual()
    assert versao is not None
    with leitor(armazem.config, versao, area) as aberto:
        return aberto.linhas(TABELA.sub(lambda t: aberto.tabela(t[1]), grafico.consulta))


def _entrar(aberta: Page, url: str, quem: str) -> None:
    aberta.goto(f"{url}/login/")
    aberta.locator("input#username").fill(quem)
    aberta.locator("input#password").fill(SENHA)
    aberta.locator("button[type=submit]").click()
    aberta.wait_for_url(lambda onde: "/login" not in onde)


def _numero(texto: str) -> float:
    """A number as it is written in Brazil."""
    limpo = re.sub(r"[^\d,\u2212-]", "", texto)  # D3 writes a minus of its own
    return float(limpo.replace("\u2212", "-").replace(",", "."))


CASAS: dict[Forma, float] = {
    forma: 0.5 * 10 ** -int(re.sub(r"\D", "", formato) or 0) for forma, formato in FORMATOS.items()
}
"""How far what is written may be from what it is: half of its last digit."""


def _chave(valor: Any) -> Any:
    """A value along an axis, as Superset sends it: days are milliseconds."""
    if isinstance(valor, datetime):
        return valor.replace(tzinfo=UTC).timestamp() * 1000
    if isinstance(valor, date):
        return datetime(valor.year, valor.month, valor.day, tzinfo=UTC).timestamp() * 1000
    return valor if isinstance(valor, str) else float(valor)


def _conferir_serie(grafico: Grafico, linhas: list[dict[str, Any]], vindas: Any) -> None:
    """What a chart was given to draw is what the mart says, point by point."""
    assert grafico.x and grafico.y
    esperados = {
        (_chave(li[grafico.x]), li[grafico.serie] if grafico.serie else ""): float(li[grafico.y])
        for li in linhas
        if li[grafico.y] is not None
    }
    recebidos = {
        (_chave(vinda[grafico.x]), nome.rpartition(", ")[2] if grafico.serie else ""): float(valor)
        for vinda in vindas
        for nome, valor in vinda.items()
        if nome != grafico.x and valor is not None
    }
    assert recebidos == pytest.approx(esperados, rel=1e-9, abs=1e-6), grafico.nome
    assert esperados, grafico.nome


def _conferir_tabela(grafico: Grafico, linhas: list[dict[str, Any]], celulas: list[str]) -> None:
    """The cells that stand on the page, row by row."""
    colunas = grafico.colunas
    vistas = [celulas[i : i + len(colunas)] for i in range(0, len(celulas), len(colunas))]
    assert len(vistas) == len(linhas) > 0, grafico.nome
    for vista, linha in zip(vistas, linhas, strict=True):
        for escrita, (nome, coluna) in zip(vista, colunas.items(), strict=True):
            if coluna.forma in FORMATOS and linha[nome] is not None:
                certo = pytest.approx(float(linha[nome]), abs=CASAS[coluna.forma] + 1e-9)
                assert _numero(escrita) == certo, f"{grafico.nome}.{nome}"
            elif coluna.forma == "texto":
                assert escrita == linha[nome]


@com_navegador
@pytest.mark.parametrize("area", sorted(acessos.areas()))
def test_os_numeros_da_pagina_sao_os_do_mart(servido: Servido, area: str) -> None:
    """Each chart of each area, in a browser that asks no other host."""
    dados: dict[int, Any] = {}
    graficos = servido.de(area).get(f"dashboard/lastro-{area}/charts").json()["result"]
    ids = {um["slice_name"]: um["id"] for um in graficos}
    recusados: set[str] = set()
    with navegador(ALTO) as (aberta, queixas):
        aberta.on("requestfailed", lambda r: "csp" in str(r.failure) and recusados.add(r.url))
        _entrar(aberta, servido.url, area)

        def guardar(resposta: Any) -> None:
            if "/api/v1/chart/data" in resposta.url:
                numero = int(re.findall(r"slice_id%22%3A(\d+)", resposta.url)[0])
                dados[numero] = resposta.json()["result"][0]["data"]

        aberta.on("response", guardar)
        aberta.goto(f"{servido.url}/superset/dashboard/lastro-{area}/")
        desenhados = list(ativos.escolhidos(area))
        assert ids.keys() == {desenhado.titulo for _, desenhado in desenhados}
        for grafico, desenhado in desenhados:
            linhas, numero = _do_mart(servido.armazem, area, grafico), ids[desenhado.titulo]
            posto = aberta.locator(f"[data-test-chart-id='{numero}']").first
            assert desenhado.titulo in posto.inner_text(timeout=60_000)
            if desenhado.tipo == "big_number_total":
                coluna = next(c for c in grafico.colunas if desenhado.nome.endswith(f"_{c}"))
                dita = grafico.colunas[coluna]
                assert desenhado.titulo == com_unidade(dita)
                escrito = posto.locator(".header-line").inner_text(timeout=60_000)
                certo = pytest.approx(float(linhas[0][coluna]), abs=CASAS[dita.forma] + 1e-9)
                assert _numero(escrito) == certo, desenhado.nome
            elif desenhado.tipo == "table":
                posto.locator("tbody tr").first.wait_for(timeout=60_000)
                _conferir_tabela(grafico, linhas, posto.locator("tbody td").all_inner_texts())
            else:
                posto.locator("canvas").first.wait_for(timeout=60_000)
                _conferir_serie(grafico, linhas, dados[numero])
        de_fora = {queixa for queixa in queixas if queixa.startswith("http")}
        assert de_fora <= recusados, "what the page says of other hosts the browser does not ask"
        assert all(url.startswith("https://apachesuperset.gateway.scarf.sh/") for url in de_fora)


def _sql(cliente: httpx.Client, banco: int, sql: str) -> httpx.Response:
    pedido = {"database_id": banco, "sql": sql, "runAsync": False, "queryLimit": 10}
    return cliente.post("sqllab/execute/", json=pedido)


def test_uma_area_ve_o_seu_e_nada_mais(servido: Servido) -> None:
    bancos = servido.ids("database", "database_name")
    conjuntos = servido.ids("dataset", "id")
    assert len(servido.ids("dashboard", "slug")) == len(bancos) == len(acessos.areas())
    for area in acessos.areas():
        cliente = servido.de(area)
        vistos = [um["slug"] for um in cliente.get("dashboard/").json()["result"]]
        assert vistos == [f"lastro-{area}"]
        seus = cliente.get("dataset/", params={"q": "(page_size:100)"}).json()["result"]
        assert {um["database"]["database_name"] for um in seus} == {f"lastro {area}"}
        alheios = sorted({*conjuntos} - {um["id"] for um in seus})
        assert len(alheios) + len(seus) == len(conjuntos)
        for conjunto in alheios:
            assert cliente.get(f"dataset/{conjunto}").status_code == 404
        for conjunto, esperado in ((alheios[0], 403), (alheios[-1], 403), (seus[0]["id"], 200)):
            contar = {"expressionType": "SQL", "sqlExpression": "count(*)", "label": "linhas"}
            pedido = {
                "datasource": {"id": conjunto, "type": "table"},
                "queries": [{"columns": [], "metrics": [contar], "row_limit": 1}],
            }
            recebido = cliente.post("chart/data", json=pedido)
            assert recebido.status_code == esperado, recebido.text
        for outra in {*acessos.areas()} - {area}:
            assert cliente.get(f"dashboard/lastro-{outra}").status_code in (403, 404)
            recusada = _sql(cliente, bancos[f"lastro {outra}"], "select 1 as um")
            assert not recusada.is_success, "of a database that it may not see it knows nothing"
            assert "data" not in recusada.json()
        assert _sql(cliente, bancos[f"lastro {area}"], "select 1 as um").json()["data"] == [
            {"um": 1}
        ]


def test_os_direitos_sao_os_do_armazem(servido: Servido) -> None:
    """Whatever somebody asks in SQL: masked columns are empty, other tables and files are none."""
    bancos = servido.ids("database", "database_name")
    nomes = "select count(nome_associado) as nomes, count(*) as todos from pub_core.dim_associado"
    for area, ve_nomes in (("risco", False), ("financeiro", True)):
        lido = _sql(servido.de(area), bancos[f"lastro {area}"], nomes).raise_for_status()
        assert lido.json()["data"][0]["todos"] > 0
        assert (lido.json()["data"][0]["nomes"] > 0) is ve_nomes
    proibidas = ["select * from pub_core.movimento_flat", "create table pub_core.nova (um integer)"]
    if servido.armazem.motor == "duckdb":
        alheio = servido.armazem.publicado / "current" / "compliance.duckdb"
        proibidas += [
            "select * from read_text('/etc/hostname')",
            f"attach '{alheio}' as alheio",
            f"select * from '{alheio}'",
            "set enable_external_access = true",
        ]
    else:
        proibidas += [
            "select * from core.fact_fatura",
            "select * from raw_sicooperative.cartao",
            "set role lastro_leitor_compliance",
            "select pg_read_file('/etc/hostname')",
        ]
    for sql in proibidas:
        recusada = _sql(servido.de("risco"), bancos["lastro risco"], sql)
        assert recusada.status_code >= 400, f"{sql}: {recusada.text[:300]}"
        assert "data" not in recusada.json()


def test_montar_de_novo_nada_repete_e_a_senha_fica(servido: Servido) -> None:
    primeira, segunda = servido.senhas
    assert primeira and segunda is None
    assert len(servido.ids("chart", "uuid")) == sum(
        len(list(ativos.escolhidos(area))) for area in acessos.areas()
    )
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        servido.entrar("admin", "another")


def test_so_esta_maquina_e_nenhuma_outra(servido: Servido) -> None:
    """What tells the browser to ask no other host; and the server listens here alone."""
    politica = httpx.get(f"{servido.url}/login/").headers["content-security-policy"]
    assert "img-src 'self' data:;" in f"{politica};"
    assert not re.search(r"https?:|\*", politica)
    porta = int(servido.url.rpartition(":")[2])
    fora = socket.gethostbyname(socket.gethostname())
    if not fora.startswith("127."):
        with pytest.raises(OSError), socket.create_connection((fora, porta), timeout=2):
            pass
