"""Makes the site of the pages with Zensical, and sees that it asks no other host."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaders import PROJETO
from loaders.catalogo.lingua import INGLES, MOLDES, PORTUGUES, rotulos
from loaders.catalogo.paginas import DOCUMENTOS, LINGUAS, documentos
from loaders.catalogo.tabelas import Tabela
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos

GERADOR = PROJETO / ".venv-docs" / "bin" / "zensical"
"""It has an environment of its own: see requirements-docs.in."""
DE_FORA = "https://unpkg.com/iframe-worker/shim"
"""What the generator would have a reader's browser fetch; the site brings its own."""
ANCORA_VAZIA = re.compile(r'<a id="__codelineno[^>]*></a>')
"""A link without a name before each line of code, which a screen reader would read."""
ESTILO = "catalogo.css"
TRABALHADOR = "assets/javascripts/frame-worker.js"
SEM_ACENTO = (
    '.normalize("NFKD").toLowerCase()',
    '.normalize("NFKD").replace(/\\p{M}/gu,"").toLowerCase()',
)
"""What its search takes for the same word, and what ours does: with and without accents."""


def fazer(trabalho: Path, tabelas: Mapping[str, Tabela]) -> Path:
    """Make HTML of the Markdown in `docs`.

    Args:
        trabalho: the folder that holds `docs`.
        tabelas: the tables that have a page.

    Returns:
        The folder of the site.

    Raises:
        LastroError: Zensical is not installed, or cannot make it.
    """
    if not GERADOR.exists():
        raise LastroError("The catalogue's generator is not installed: run `make docs`.")
    shutil.copy(MOLDES / ESTILO, trabalho / "docs")
    (trabalho / "zensical.toml").write_text(_configuracao(tabelas), encoding="utf-8")
    feito = subprocess.run(  # noqa: S603 - a program at a place of ours, and a file that we wrote
        [str(GERADOR), "build", "--config-file", "zensical.toml"],
        cwd=trabalho,
        capture_output=True,
        text=True,
        check=False,
    )
    site = trabalho / "site"
    if feito.returncode or not (site / "index.html").is_file():
        raise LastroError(
            f"Zensical cannot make the site:\n{(feito.stdout + feito.stderr)[-2000:]}"
        )
    _sem_outros(site)
    return site


def _configuracao(tabelas: Mapping[str, Tabela]) -> str:
    """What Zensical is told, as TOML: JSON's texts and lists are TOML, too."""
    pt = rotulos()[PORTUGUES]
    esquemas = sorted({t.esquema for t in tabelas.values()})
    nav: list[dict[str, object]] = [
        {pt["inicio"]: "index.md"},
        {pt["areas"]: [{nome.capitalize(): f"areas/{nome}.md"} for nome in acessos.areas()]},
        {
            pt["tabelas"]: [
                {
                    e: [
                        {pt["desenho"]: f"esquemas/{e}.md"},
                        *({n: f"tabelas/{n}.md"} for n, t in tabelas.items() if t.esquema == e),
                    ]
                }
                for e in esquemas
            ]
        },
        {pt["documentacao"]: [f"{DOCUMENTOS}{d.name}" for d in documentos()]},
        {"English": f"{LINGUAS[INGLES]}index.md"},
    ]
    return (
        '[project]\nsite_name = "Lastro"\nuse_directory_urls = false\n'
        f'extra_css = ["{ESTILO}"]\n'
        f"nav = {_toml(nav)}\n"
        "[project.extra]\ngenerator = false\n"
        "[project.plugins.offline]\n"
        '[project.theme]\nlanguage = "pt"\nfont = false\n'
        'features = ["navigation.indexes", "navigation.top", "content.code.copy"]\n'
        + _tema("light", "default", "lucide/moon", pt["escuro"])
        + _tema("dark", "slate", "lucide/sun", pt["claro"])
    )


def _tema(modo: str, esquema: str, icone: str, outro: str) -> str:
    """Colours as the reader's system wants them, with a button for the others."""
    return (
        f'[[project.theme.palette]]\nmedia = "(prefers-color-scheme: {modo})"\n'
        f'scheme = "{esquema}"\ntoggle.icon = "{icone}"\ntoggle.name = "{outro}"\n'
    )


def _toml(valor: object) -> str:
    if isinstance(valor, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in valor.items()) + "}"
    if isinstance(valor, list):
        return "[" + ", ".join(map(_toml, valor)) + "]"
    return json.dumps(valor, ensure_ascii=False)


def _sem_outros(site: Path) -> None:
    """Put our own in the place of what would come from another host; teach the search accents.

    Raises:
        LastroError: Zensical is another than the pinned one, so that they are not where they were.
    """
    (site / TRABALHADOR).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(MOLDES / "frame-worker.js", site / TRABALHADOR)
    (site / "404.html").unlink()  # a server's matter: its links are those of one place alone
    trocadas = 0
    for pagina in site.rglob("*.html"):
        texto = pagina.read_text(encoding="utf-8")
        acima = "../" * (len(pagina.relative_to(site).parts) - 1)
        trocadas += DE_FORA in texto
        texto = ANCORA_VAZIA.sub("", texto.replace(DE_FORA, acima + TRABALHADOR))
        pagina.write_text(texto, encoding="utf-8")
    buscas = list(site.glob("assets/javascripts/workers/search.*.js"))
    for busca in buscas:
        texto = busca.read_text(encoding="utf-8")
        trocadas += texto.count(SEM_ACENTO[0]) == 1
        busca.write_text(texto.replace(*SEM_ACENTO), encoding="utf-8")
    indice = json.loads((site / "search.json").read_text(encoding="utf-8"))
    indice["items"] = _uma_vez(indice["items"])
    escrito = json.dumps(indice, ensure_ascii=False)
    (site / "search.json").write_text(escrito, encoding="utf-8")
    (site / "search.js").write_text(f"var __index = {escrito}", encoding="utf-8")
    if len(buscas) != 1 or trocadas < 2:
        raise LastroError("Zensical makes other pages than the pinned one does: run `make docs`.")


def _uma_vez(itens: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the search knows: a page and its translation are one, found by the words of both."""
    em_ingles: dict[str, list[str]] = {}
    for item in itens:
        if item["location"].startswith(LINGUAS[INGLES]):
            pagina = item["location"].removeprefix(LINGUAS[INGLES]).partition("#")[0]
            em_ingles.setdefault(pagina, []).append(f"{item['title']} {item['text']}")
    uma_vez = [i for i in itens if not i["location"].startswith(LINGUAS[INGLES])]
    return [i | {"text": " ".join([i["text"], *em_ingles.get(i["location"], ())])} for i in uma_vez]
