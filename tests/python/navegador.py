"""A real browser that notes what a page asks of other hosts, and what it complains of."""

import shutil
from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
com_navegador = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")
CELULAR, MESA = {"width": 375, "height": 720}, {"width": 1280, "height": 900}
GRAVES = {"critical", "serious"}


def _de_fora(url: str) -> bool:
    """Whether an address is of another host than the page's own, a disk or 127.0.0.1."""
    return not url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))


@contextmanager
def navegador(tamanho: dict[str, int], **opcoes: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page of a real browser; and what it asked of other hosts, or complained of."""
    queixas: list[str] = []
    with sync_playwright() as p:
        navegador = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        aberta = navegador.new_page(viewport=tamanho, **opcoes)  # type: ignore[arg-type]
        aberta.on("request", lambda r: _de_fora(r.url) and queixas.append(r.url))
        aberta.on("console", lambda m: queixas.append(m.text))
        aberta.on("pageerror", lambda e: queixas.append(str(e)))
        yield aberta, queixas
        navegador.close()


def graves(aberta: Page, quanto: Set[str] = GRAVES) -> list[tuple[str, str]]:
    """What hinders readers with a keyboard, a screen reader or weak eyes: the rule, and where."""
    # Without preload: it would fetch what the page has, which a browser refuses on a disk.
    achados = Axe().run(aberta, options={"preload": False}).response["violations"]
    return [(a["id"], a["nodes"][0]["html"]) for a in achados if a["impact"] in quanto]
