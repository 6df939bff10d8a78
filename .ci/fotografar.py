"""Take the pictures of README: dashboard and catalogue, as `make run docs` left them in site/.

    .venv/bin/python .ci/fotografar.py

It wants Debian's chromium.
"""

import shutil
import sys

from playwright.sync_api import sync_playwright

from loaders import PROJETO

PAGINAS = {
    "painel": ("painel/risco.html", "#parte-2", 1040),
    "catalogo": ("tabelas/core.fact_movimentacao.html", "body", 700),
}
"""Of each picture the page, what stands at its top, and its height in pixels."""
LARGURA = 1160


def main() -> int:
    """Write docs/imagens/*.png; the exit code is 1 where a page or the browser is not there."""
    navegador = shutil.which("chromium")
    faltam = [p for p, _, _ in PAGINAS.values() if not (PROJETO / "site" / p).is_file()]
    if navegador is None or faltam:
        print(f"not there: {', '.join(faltam) or 'chromium'}; run `make run docs`", file=sys.stderr)
        return 1
    destino = PROJETO / "docs" / "imagens"
    destino.mkdir(exist_ok=True)
    with sync_playwright() as p:
        aberto = p.chromium.launch(executable_path=navegador, args=["--no-sandbox"])
        for nome, (pagina, topo, altura) in PAGINAS.items():
            tela = aberto.new_page(viewport={"width": LARGURA, "height": altura})
            tela.goto((PROJETO / "site" / pagina).as_uri())
            tela.locator(topo).first.evaluate("topo => topo.scrollIntoView()")
            tela.screenshot(path=destino / f"{nome}.png")
        aberto.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
