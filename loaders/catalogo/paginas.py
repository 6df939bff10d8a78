"""The pages as Markdown, in Portuguese and in English; the project's own documents beside them."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from loaders import PROJETO
from loaders.catalogo.desenho import estrela, familia
from loaders.catalogo.lingua import INGLES, MOLDES, PORTUGUES, dita, primeira_frase, rotulos
from loaders.catalogo.tabelas import Tabela
from loaders.publicacao import acessos
from loaders.publicacao.versoes import Versao

LINGUAS = {PORTUGUES: "", INGLES: "en/"}
"""Each language with its folder: the readers' own stands at the root."""
DOCUMENTOS = "documentos/"
SO_DO_DBT = {"blocos.md"}
"""Documents that dbt alone reads."""
MOSTRADAS = 6
"""Columns that are named of those of which one is made."""
NO_TEXTO = re.compile(r"\]\(#[^)\s]+\)")
"""A link to a heading of the same document."""
LIGACAO = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def escrever(pasta: Path, tabelas: Mapping[str, Tabela], versao: Versao | None) -> None:
    """Write every page.

    Args:
        pasta: an empty folder, of which the generator of the site makes HTML.
        tabelas: the published tables.
        versao: the version that people read now, if there is one.
    """
    todas = _paginas(tabelas, versao)
    for lingua, sub in LINGUAS.items():
        outra = next(o for o in LINGUAS if o != lingua)
        for nome, molde, proprio in todas:
            acima = "../" * (sub + nome).count("/")
            texto = _moldes().get_template(molde).render(
                r=rotulos()[lingua],
                lingua=lingua,
                raiz=acima,
                outra=f"{acima}{LINGUAS[outra]}{nome}",
                documentos=f"{acima}{DOCUMENTOS}",
                tabelas=tabelas,
                areas=acessos.areas(),
                MOSTRADAS=MOSTRADAS,
                **proprio,
            )  # fmt: skip
            destino = pasta / sub / nome
            destino.parent.mkdir(parents=True, exist_ok=True)
            destino.write_text(texto, encoding="utf-8")
    (pasta / DOCUMENTOS).mkdir()
    paginas = {documento.name for documento in documentos()}
    for documento in documentos():
        texto = _so_de_dentro(documento.read_text(encoding="utf-8"), paginas)
        (pasta / DOCUMENTOS / documento.name).write_text(texto, encoding="utf-8")


def documentos() -> list[Path]:
    """The project's documents that are pages of the site."""
    return [d for d in sorted((PROJETO / "docs").glob("*.md")) if d.name not in SO_DO_DBT]


def _paginas(
    tabelas: Mapping[str, Tabela], versao: Versao | None
) -> list[tuple[str, str, dict[str, Any]]]:
    """Of each page its place, its template, and what it says besides what all do."""
    enderecos = {nome: f"{nome}.html" for nome in tabelas}
    de_fora = {nome: f"../tabelas/{endereco}" for nome, endereco in enderecos.items()}
    esquemas = [(e, list(delas)) for e, delas in groupby(tabelas.values(), lambda t: t.esquema)]
    return [
        ("index.md", "inicio.md", {"versao": versao, "esquemas": [e for e, _ in esquemas]}),
        *(
            (f"areas/{nome}.md", "area.md", {"area": nome, "dela": area})
            for nome, area in acessos.areas().items()
        ),
        *(
            (
                f"esquemas/{nome}.md",
                "esquema.md",
                {"esquema": nome, "dele": dele, "desenho": familia(dele, de_fora)},
            )
            for nome, dele in esquemas
        ),
        *(
            (f"tabelas/{nome}.md", "tabela.md", {"t": t, "estrela": estrela(t, enderecos)})
            for nome, t in tabelas.items()
        ),
    ]


@cache
def _moldes() -> jinja2.Environment:
    ambiente = jinja2.Environment(  # noqa: S701 - what it writes is Markdown: see `texto`
        loader=jinja2.FileSystemLoader(MOLDES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    ambiente.filters |= {"texto": texto, "em": dita, "primeira_frase": primeira_frase}
    return ambiente


def texto(escrito: str) -> str:
    """A description as a cell of a table holds it: code stays code, all else is only text."""
    partes = re.split(r"(`[^`]*`)", escrito)
    return "".join(
        parte.replace("|", "\\|")
        if n % 2
        else re.sub(r"([\\*_\[\]|])", r"\\\1", parte).replace("<", "&lt;")
        for n, parte in enumerate(partes)
    )


def _so_de_dentro(documento: str, daqui: set[str]) -> str:
    """A document of which links to what is no page here are only words."""

    def trocar(ligacao: re.Match[str]) -> str:
        dito, alvo = ligacao[1], ligacao[2]
        return ligacao[0] if alvo in daqui or "://" in alvo else f"{dito} (`{alvo}`)"

    return NO_TEXTO.sub(lambda parte: _sem_acento(parte[0]), LIGACAO.sub(trocar, documento))


def _sem_acento(texto: str) -> str:
    """As the generator names the headings to which links lead."""
    return unicodedata.normalize("NFKD", texto).encode("ascii", "ignore").decode()
