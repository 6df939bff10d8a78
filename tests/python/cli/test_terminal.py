"""What a command shows while it works, and how what it says fits: on a terminal and in a log."""

import os
import pty
import re
import subprocess
import sys
import time

import pytest
from apoio_publicacao import DIMINUIR, reconstruir
from conftest import PROJETO, ArmazemDeTeste
from terminal_de_teste import LARGURA, no_terminal

from loaders.cli import terminal
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ConstrucaoFalhou
from loaders.projeto.ambiente_dbt import seguir_dbt
from loaders.publicacao import publicar

SILENCIO = 3.0
"""Seconds that a terminal may show nothing new."""


def test_uma_publicacao_da_sinais_de_vida(publicado: ArmazemDeTeste) -> None:
    """The first one, which asks dbt about the project, and that takes long."""
    visto = publicado.primeira_publicacao
    assert visto is not None
    assert visto.silencio < SILENCIO
    assert len(visto.mais_longa) <= LARGURA, visto.mais_longa
    assert "asking dbt whether the project is the one that was built" in visto.tudo
    na_tela = [linha for linha in visto.linhas if linha]
    assert re.fullmatch(r"v\d+_\d+ published: [\d,]+ rows", na_tela[0])
    assert len(na_tela) == 1, "what was drawn is gone"


def test_uma_publicacao_diz_cada_tabela(publicado: ArmazemDeTeste) -> None:
    reconstruir(publicado, DIMINUIR)
    passos: list[str] = []
    with andamento.ouvido(passos.append):
        publicar.publicar(publicado.config)
    for passo in (
        r"\d+ of \d+, checking core\.fact_pagamento",
        r"copying core\.fact_pagamento\b.*, [\d,]+ rows",
    ):
        assert any(re.fullmatch(passo, dito) for dito in passos), passo


@pytest.mark.nightly_on("postgres")
@pytest.mark.parametrize("comando", ["rollback v1", "book --nada", "load sicooperative --dsn x=y"])
def test_erros_cabem_no_terminal(publicado: ArmazemDeTeste, comando: str) -> None:
    """Whole words on lines that fit, and the exit code of a log."""
    no_diario = publicado.lastro(*comando.split(), esperado=None, COLUMNS=str(LARGURA))
    visto = publicado.no_terminal(*comando.split(), esperado=no_diario.returncode)
    assert no_diario.returncode in (2, 4, 7)
    assert len(visto.mais_longa) <= LARGURA, visto.mais_longa
    na_tela = {p for linha in visto.linhas for p in linha.split()}
    assert {p for p in no_diario.stderr.split() if len(p) <= LARGURA} - na_tela == set()


PROGRAMA = """
import time
from loaders.nucleo import andamento
from loaders.cli.terminal import a_vista, saida, tabela
with a_vista():
    andamento.dizer("a long\\x1b[2J step " + "x" * 100, 3, 1_000)
    time.sleep(0.4)
    saida.print("one is done")
    andamento.dizer("another")
    time.sleep(0.3)
saida.print("the end")
tabela("Wide", ("key", "first words", *("c%d" % n for n in range(9)), "note"),
    [("k1", "w" * 50, *(10 ** 12 + n for n in range(9)), "long words " * 20)], abaixo=("note",))
"""


def test_a_linha_do_que_se_faz_nao_estraga_o_que_se_imprime() -> None:
    comando = [sys.executable, "-c", PROGRAMA]
    visto = no_terminal(comando, {**os.environ, "PYTHONPATH": str(PROJETO)}, PROJETO)
    assert visto.codigo == 0
    assert r"a long\x1b[2J step x" in visto.tudo
    assert "another" in visto.tudo
    assert len(visto.mais_longa) <= LARGURA, visto.mais_longa
    na_tela = [linha for linha in visto.linhas if linha]
    assert na_tela[:3] == ["one is done", "the end", "Wide"]
    assert sum(map(len, re.findall(r"\bw+\b", " ".join(na_tela)))) == 50, "folded, and all there"
    assert " ".join(na_tela).split().count("words") == 21
    for n in range(9):
        assert sum(linha.count(str(10**12 + n)) for linha in na_tela) == 1
        assert sum(f"c{n}" in linha.split() for linha in na_tela) == 1
    assert sum(linha.split()[0] == "k1" for linha in na_tela) > 1, "each part begins with the key"


def test_um_diario_ouve_de_vez_em_quando(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain lines, so many seconds apart; nothing of what is short, nor once it is over."""
    monkeypatch.setattr(terminal, "SILENCIO", 0.1)
    with terminal.a_vista():
        andamento.dizer("short")
    assert capsys.readouterr() == ("", "")
    with terminal.a_vista():
        andamento.dizer("step", 2, 3_000)
        time.sleep(0.35)
    andamento.dizer("nobody listens")
    time.sleep(0.15)
    dito, avisos = capsys.readouterr()
    assert dito == ""
    assert 2 <= len(avisos.splitlines()) <= 3
    for linha in avisos.splitlines():
        assert re.fullmatch(r"\[ +0 s\] 2 of 3,000, step", linha)


def test_onde_nada_se_desenha_ha_um_diario() -> None:
    """A terminal that cannot move its cursor gets lines, too."""
    programa = "from loaders.cli import terminal; exit(terminal.anima())"
    lado_de_ca, lado_de_la = pty.openpty()
    for tipo, esperado in (("dumb", 0), ("xterm", 1)):
        feito = subprocess.run(
            [sys.executable, "-c", programa],
            env={**os.environ, "PYTHONPATH": str(PROJETO), "TERM": tipo},
            stdout=lado_de_la,
            stderr=lado_de_la,
        )
        assert feito.returncode == esperado
    os.close(lado_de_la)
    os.close(lado_de_ca)


def test_o_que_falhou_em_dbt_e_dito() -> None:
    """Also what it says before it has a log."""
    passos: list[str] = []
    with andamento.ouvido(passos.append), pytest.raises(ConstrucaoFalhou) as falha:
        seguir_dbt(Configuracao(_env_file=None), "ls", "--nada")
    assert passos == ["dbt ls: reading the project"]
    assert "No such option" in str(falha.value)
