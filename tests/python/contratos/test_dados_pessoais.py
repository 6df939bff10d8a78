"""Names, card numbers and days of birth of the sample stand where they belong and nowhere else."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from apoio_publicacao import leitor
from conftest import PROJETO, ArmazemDeTeste

from loaders.publicacao import acessos
from loaders.publicacao.modelos import Coluna

DE_TEXTO = ("text", "date")
"""Types of columns that could hold what is looked for."""


class Procurados:
    """What is looked for, taken from raw."""

    def __init__(self, armazem: ArmazemDeTeste) -> None:
        def valores(coluna: str, tabela: str) -> set[str]:
            lidas = armazem.linhas(f"select distinct {coluna} from raw_sicooperative.{tabela}")
            return {" ".join(str(v).upper().split()) for (v,) in lidas if v}

        inteiros = {n for n in valores("nome", "associado") if " " in n}
        self.por_classe = {
            "nome": inteiros
            | {n.partition(" ")[2] for n in inteiros if n.count(" ") > 1}
            | valores("nome_impresso_cartao", "cartao"),
            "nascimento": valores("data_nascimento", "associado"),
            "cartao": {re.sub("[^0-9]", "", n) for n in valores("numero_cartao", "cartao")},
        }
        self._contidos = {
            classe: re.compile("|".join(map(re.escape, sorted(n for n in nomes if len(n) > 9))))
            for classe, nomes in self.por_classe.items()
        }

    def achados(self, celulas: Iterable[Any], classes: Iterable[str]) -> set[str]:
        """Classes of which a cell is, or holds, one of those looked for."""
        unicas = {" ".join(str(c).upper().split()) for c in celulas if c is not None}
        texto = "\n".join(unicas)
        sem_sinais = re.sub("[ .-]", "", texto)
        return {
            classe
            for classe in classes
            if unicas & self.por_classe[classe]
            or self._contidos[classe].search(sem_sinais if classe == "cartao" else texto)
        }


@pytest.fixture
def procurados(publicado: ArmazemDeTeste) -> Procurados:
    feitos = Procurados(publicado)
    assert all(len(v) > 100 for v in feitos.por_classe.values())
    return feitos


def _lidas(
    armazem: ArmazemDeTeste, area: str, tabela: str, colunas: list[Coluna]
) -> dict[str, list[Any]]:
    """The different values of each column, as the area's readers see them."""
    with leitor(armazem, area) as conexao:
        return {
            coluna.nome: [
                celula
                for (celula,) in conexao.execute(
                    f"select distinct {coluna.nome} from pub_{tabela}"
                ).fetchall()
            ]
            for coluna in colunas
        }


def test_a_busca_acha_o_que_esta_la(publicado: ArmazemDeTeste, procurados: Procurados) -> None:
    """Each class is found in raw, in a column that shows it, and in the middle of a sentence."""
    for classe, sql in {
        "nome": "select nome from raw_sicooperative.associado",
        "nascimento": "select data_nascimento from raw_sicooperative.associado",
        "cartao": "select numero_cartao from raw_sicooperative.cartao",
    }.items():
        celulas = [c for (c,) in publicado.linhas(sql)]
        assert procurados.achados(celulas, procurados.por_classe) == {classe}
        um = max((c for c in celulas if c), key=lambda c: len(str(c)))
        assert procurados.achados([f"pago por {um} em dinheiro"], [classe]) == {classe}
    colunas = [c for m in acessos.publicados() for c in m.colunas if m.nome == "dim_associado"]
    do_nome = [c for c in colunas if c.nome == "sobrenome_associado"]
    (celulas,) = _lidas(publicado, "compliance", "core.dim_associado", do_nome).values()
    assert procurados.achados(celulas, ["nome"]) == {"nome"}


@pytest.mark.nightly_on("duckdb")
def test_nada_pessoal_onde_nao_pertence(publicado: ArmazemDeTeste, procurados: Procurados) -> None:
    vistas = 0
    for nome, area in acessos.areas().items():
        for modelo in area.modelos():
            colunas = [c for c in modelo.colunas if c.tipo in DE_TEXTO]
            lidas = _lidas(publicado, nome, modelo.tabela, colunas)
            for classe in procurados.por_classe:
                # Where the area sees the class, it stands in the tagged columns only.
                outras = [c for c in colunas if c.pessoal != classe or area.mascarada(c.pessoal)]
                if classe == "nascimento":  # any day may be somebody's
                    outras = [c for c in outras if c.tipo == "text" or c.pessoal == classe]
                celulas = [celula for c in outras for celula in lidas[c.nome]]
                vistas += len(celulas)
                assert not procurados.achados(celulas, [classe]), (nome, modelo.tabela, classe)
    assert vistas > 50_000


def _textos(armazem: ArmazemDeTeste) -> dict[str, str]:
    """Every log and artifact of what was done to the warehouse so far."""
    pastas = [armazem.pasta / "logs", armazem.pasta / "target", armazem.publicado]
    arquivos = [
        arquivo
        for pasta in pastas
        for arquivo in pasta.rglob("*")
        if arquivo.suffix in (".json", ".log", ".sql", ".html", ".1") and arquivo.is_file()
    ]
    textos = {
        str(a): a.read_text(encoding="utf-8", errors="replace")
        for a in (*arquivos, armazem.config.caminho_auditoria)
    }
    for tabela in ("cargas", "construcoes", "tabelas_construidas", "impressoes_digitais"):
        textos[tabela] = repr(armazem.linhas(f"select * from controle.{tabela}"))
    return textos


def test_nada_pessoal_em_registros_e_artefatos(
    publicado: ArmazemDeTeste, procurados: Procurados
) -> None:
    # Names that the project's own unit tests make up are no persons.
    inventados = "\n".join(
        a.read_text(encoding="utf-8").upper() for a in Path(PROJETO, "models").rglob("*.yml")
    )
    inteiros = sorted(n for n in procurados.por_classe["nome"] if n.count(" ") > 1)
    nomes = [n for n in inteiros if len(n) > 14 and n not in inventados][:60]
    assert len(nomes) > 50
    # Younger people are born on days of the calendar, of which artifacts speak.
    dias = {d for d in procurados.por_classe["nascimento"] if d < "1989" and d not in inventados}
    assert len(dias) > 50
    if publicado.motor == "duckdb":  # the page is the same for both
        publicado.dbt("docs", "generate", "--static", DBT_WRITE_JSON="True")
    textos = _textos(publicado)
    if publicado.motor == "duckdb":
        assert any(nome.endswith("static_index.html") for nome in textos)
    assert any(nome.endswith("manifest.json") for nome in textos)
    assert any("dbt.log" in nome for nome in textos)
    for onde, texto in textos.items():
        maiusculo = texto.upper()
        assert not [n for n in nomes if n in maiusculo], onde
        assert not dias.intersection(re.findall("[0-9]{4}-[0-9]{2}-[0-9]{2}", texto)), onde
        assert not procurados.por_classe["cartao"].intersection(re.findall("[0-9]{12,}", texto)), (
            onde
        )


def test_nascimentos_so_onde_a_area_os_ve(publicado: ArmazemDeTeste) -> None:
    with leitor(publicado, "compliance") as conexao:
        (quantos,) = conexao.execute(
            "select count(data_nascimento_associado) from pub_core.dim_associado"
        ).fetchall()[0]
        alguns = conexao.execute(
            "select min(data_nascimento_associado) from pub_core.dim_associado"
        ).fetchall()
    assert quantos > 100
    assert isinstance(alguns[0][0], date)
    for nome, area in acessos.areas().items():
        if "core.dim_associado" in area.le and "nascimento" not in area.em_claro:
            with leitor(publicado, nome) as conexao:
                lidas = conexao.execute(
                    "select distinct data_nascimento_associado from pub_core.dim_associado"
                ).fetchall()
                assert lidas == [(None,)]
