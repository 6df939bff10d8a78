"""Settings and options that are paths: what cannot be used is said, and nothing is touched."""

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from apoio import fazer
from conftest import BIN, PROJETO
from pydantic import ValidationError

from loaders.armazem import abrir, abrir_para_ler
from loaders.contratos import fontes
from loaders.exportacao import amostra as exportacao_amostra
from loaders.exportacao import livro as exportacao_livro
from loaders.exportacao import movimento_flat as exportacao
from loaders.nucleo import arquivo_duckdb
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, ConstrucaoFalhou, LastroError
from loaders.nucleo.pastas import de_quem_engana
from loaders.publicacao import publicar

EXPORTAR = {
    "movimento_flat": exportacao.exportar_movimento_flat,
    "book": exportacao_livro.exportar_livros,
    "amostra": exportacao_amostra.exportar_amostra,
}


def ambiente(pasta: Path, **outros: str) -> dict[str, str]:
    """Settings under which every file of lastro lies in a folder of the test's own."""
    return {
        "LASTRO_TARGET": "duckdb",
        "LASTRO_DUCKDB": str(pasta / "armazem" / "a.duckdb"),
        "LASTRO_PUBLISHED": str(pasta / "publicado"),
        "LASTRO_AUDIT_LOG": str(pasta / "registro" / "log.jsonl"),
        "LASTRO_AUDIT_HEAD": str(pasta / "cabeca"),
        "LASTRO_AUDIT_KEY": "a key that only the tests know",
        "LASTRO_CARD_KEY": "another key that only the tests know",
        "LASTRO_LOCK_WAIT": "1",
        **outros,
    }


def configurar(pasta: Path, **outros: str) -> Configuracao:
    return Configuracao(_env_file=None, **ambiente(pasta, **outros))  # type: ignore[arg-type]


def dito(
    pasta: Path, argumentos: tuple[str, ...], codigo: int, *textos: str, **outros: str
) -> None:
    """A command ends with one message that says this, and without a traceback."""
    feito = subprocess.run(
        [str(BIN / "lastro"), *argumentos],
        cwd=PROJETO,
        env={"PATH": str(BIN), "PYTHONPATH": str(PROJETO), **ambiente(pasta, **outros)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert feito.returncode == codigo, feito.stdout + feito.stderr
    assert feito.stderr.startswith("lastro: ")
    assert "Traceback" not in feito.stderr
    assert "unexpected" not in feito.stderr
    for texto in textos:
        assert texto in feito.stderr


@pytest.fixture(autouse=True)
def _nada_prende() -> Iterator[None]:
    """A pipe that somebody waits for fails its test, unless the engine itself waits."""
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it waits for ever"))
    signal.alarm(60)
    yield
    signal.alarm(0)


def retrato(pasta: Path) -> dict[str, tuple[int, bytes | str]]:
    """Everything in a folder: kind and content."""
    achado: dict[str, tuple[int, bytes | str]] = {}
    for caminho in sorted(pasta.rglob("*")):
        tipo = stat.S_IFMT(caminho.lstat().st_mode)
        conteudo: bytes | str = ""
        if tipo == stat.S_IFREG:
            conteudo = caminho.read_bytes()
        elif tipo == stat.S_IFLNK:
            conteudo = os.readlink(caminho)
        achado[str(caminho.relative_to(pasta))] = (tipo, conteudo)
    return achado


@pytest.mark.parametrize(
    "o_que", ["folder", "pipe", "device", "below a file", "long", "loop", "empty", "text"]
)
def test_armazem_que_nao_e_arquivo(tmp_path: Path, o_que: str) -> None:
    pasta = tmp_path / "dados é 'x' \"y\"\n"
    pasta.mkdir()
    caminho = fazer(o_que, pasta / "coisa.duckdb")
    antes = retrato(pasta)
    config = configurar(tmp_path, LASTRO_DUCKDB=str(caminho))
    with pytest.raises(ArmazemIndisponivel) as recusa:
        abrir(config, "test")
    assert str(caminho) in str(recusa.value)
    if o_que in ("folder", "pipe", "device", "empty", "text"):
        with pytest.raises(ArmazemIndisponivel, match="cannot be opened"):
            abrir_para_ler(config, "test")
    assert retrato(pasta) == antes


def test_armazem_que_e_cano_nao_prende_o_comando(tmp_path: Path) -> None:
    cano = fazer("pipe", tmp_path / "cano.duckdb")
    dito(tmp_path, ("status",), 5, "no regular file", LASTRO_DUCKDB=str(cano))
    longo = fazer("long", tmp_path / "longo")
    dito(tmp_path, ("status",), 5, "too long", LASTRO_DUCKDB=str(longo))


def test_armazem_com_nome_dificil_funciona(tmp_path: Path) -> None:
    pasta = tmp_path / "dados é 'x' \"y\""
    for nome in ("ação 2-b.duckdb", "sem_extensao", "a.b.duckdb", "1.duckdb", "select.db"):
        abrir(configurar(tmp_path, LASTRO_DUCKDB=str(pasta / nome)), "test").fechar()
        assert (pasta / nome).is_file()


@pytest.mark.parametrize(
    ("nome", "prefixo"),
    [
        ("controle.duckdb", ""),
        ("Core.duckdb", ""),
        ("risco", ""),
        ("raw_pod_cartoes.v2.duckdb", ""),
        ("ana_core.duckdb", "ana_"),
        ("main.duckdb", ""),
        ("temp.db", ""),
        ("pg_catalog.duckdb", ""),
        ("lastro_copia.duckdb", ""),
        ('a"b.duckdb', ""),
        ("a'b.duckdb", ""),
        ("a;b.duckdb", ""),
        ("a\nb.duckdb", ""),
        ("a?b.duckdb", ""),
        ("a#b/c.duckdb", ""),
        (":memory:", ""),
        ("md:meu", ""),
    ],
)
def test_armazem_com_nome_que_nao_serve(tmp_path: Path, nome: str, prefixo: str) -> None:
    caminho = nome if ":" in nome else str(tmp_path / nome)
    pedido = {"LASTRO_DUCKDB": caminho, "LASTRO_SCHEMA_PREFIX": prefixo}
    with pytest.raises(ValidationError, match="warehouse's file may"):
        configurar(tmp_path, **pedido)
    configurar(tmp_path, **pedido, LASTRO_TARGET="postgres")  # of which it is no setting


def test_nome_que_nao_serve_e_dito_numa_linha(tmp_path: Path) -> None:
    caminho = tmp_path / "controle.duckdb"
    dito(tmp_path, ("status",), 1, "LASTRO_DUCKDB", "controle", LASTRO_DUCKDB=str(caminho))
    assert list(tmp_path.iterdir()) == []


def test_o_dbt_recusa_o_mesmo(tmp_path: Path) -> None:
    from loaders.projeto.plugin_dbt import Plugin

    class Credenciais:
        path = str(tmp_path / "controle.duckdb")

    with pytest.raises(RuntimeError, match="may not be called controle"):
        Plugin("plugin_dbt", {"prefixo": "", "grupo": ""}, Credenciais())  # type: ignore[arg-type]
    perfil = yaml.safe_load((PROJETO / "profiles.yml").read_text(encoding="utf-8"))
    (plugin,) = perfil["lastro"]["outputs"]["duckdb"]["plugins"]
    assert plugin["module"] == Plugin.__module__
    assert set(plugin["config"]) == {"prefixo", "grupo"}


def test_nenhum_esquema_do_projeto_falta_entre_os_nomes_tomados() -> None:
    projeto = (PROJETO / "dbt_project.yml").read_text(encoding="utf-8")
    esquemas = set(re.findall(r"\+schema: (\w+)", projeto))
    esquemas |= {f.esquema for f in fontes().values()}
    assert esquemas <= arquivo_duckdb._esquemas()


@pytest.mark.parametrize("o_que", ["folder", "pipe", "device", "link", "dangling", "loop"])
@pytest.mark.parametrize(
    ("extrato", "nome"),
    [
        ("movimento_flat", "movimento_flat.csv"),
        ("movimento_flat", "movimento_flat.parquet"),
        ("book", "book_fatura"),
        ("book", "book_fatura_cliente"),
        ("book", "manifest.json"),
        ("book", ".lastro-atual"),
        ("amostra", "dt_base=2026-01-01"),
        ("amostra", "_manifest.json"),
        ("amostra", ".lastro-atual"),
    ],
)
def test_exportacao_nao_toma_o_lugar_de_outra_coisa(
    tmp_path: Path, extrato: str, nome: str, o_que: str
) -> None:
    saida, alheia = tmp_path / "saida", tmp_path / "alheia"
    saida.mkdir()
    alheia.mkdir()
    (alheia / "meu.txt").write_text("meu")
    if o_que == "link":
        (saida / nome).symlink_to(alheia)
    elif o_que == "dangling":
        (saida / nome).symlink_to(alheia / "nada")
    else:
        fazer(o_que, saida / nome)
    antes = retrato(tmp_path)
    with pytest.raises(LastroError, match="move it away") as recusa:
        EXPORTAR[extrato](configurar(tmp_path), saida)
    assert recusa.value.codigo == 1
    assert str(saida / nome) in str(recusa.value)
    depois = {k: v for k, v in retrato(tmp_path).items() if not k.startswith(("registro", "cab"))}
    assert depois == antes


@pytest.mark.parametrize("extrato", EXPORTAR)
def test_o_que_uma_exportacao_deixou_nao_a_impede(tmp_path: Path, extrato: str) -> None:
    ligacoes = {"amostra": ("dt_base=2026-01-01", "_manifest.json")}.get(
        extrato, ("book_fatura", "book_fatura_cliente", "manifest.json")
    )
    pasta = tmp_path / "saida"  # a training set has a folder of its own
    pasta.mkdir()
    for nome in ligacoes:
        (pasta / nome).symlink_to(f".lastro-atual/{nome}")
    (pasta / ".lastro-atual").symlink_to(
        ".lastro-amostra-abc" if extrato == "amostra" else ".lastro-book-abc"
    )
    if extrato != "amostra":
        for nome in ("movimento_flat.csv", "movimento_flat.parquet"):
            (pasta / nome).touch()
    with pytest.raises(ConstrucaoFalhou):
        EXPORTAR[extrato](configurar(tmp_path), pasta)


@pytest.mark.parametrize("o_que", ["pipe", "device", "below a file", "long", "loop"])
@pytest.mark.parametrize("extrato", EXPORTAR)
def test_pasta_de_exportacao_que_nao_serve(tmp_path: Path, extrato: str, o_que: str) -> None:
    pasta = fazer(o_que, tmp_path / "coisa é 'x'\n")
    with pytest.raises(LastroError, match="cannot be written") as recusa:
        EXPORTAR[extrato](configurar(tmp_path), pasta)
    assert str(pasta) in str(recusa.value)


@pytest.mark.parametrize("o_que", ["folder", "link", "pipe"])
def test_publicacao_que_acha_outra_coisa(tmp_path: Path, o_que: str) -> None:
    config = configurar(tmp_path)
    publicado = tmp_path / "publicado"
    publicado.mkdir()
    corrente = publicado / "current"
    if o_que == "link":
        corrente.symlink_to(tmp_path)
    else:
        fazer(o_que, corrente)
    with pytest.raises(LastroError, match="current is not from a publication"):
        publicar.publicar(config)
    corrente.rename(publicado / "outro")
    (publicado / ".trava").unlink()
    fazer("pipe", publicado / ".trava")
    with pytest.raises(LastroError, match="cannot be written"):
        publicar.publicar(config)


@pytest.mark.parametrize("texto", ["", "{", "[]", '{"nome": 1}', "\0" * 200])
def test_manifesto_que_nao_se_le(tmp_path: Path, texto: str) -> None:
    versao = tmp_path / "publicado" / "v20260101_000000"
    versao.mkdir(parents=True)
    (versao / "manifest.json").write_text(texto)
    with pytest.raises(LastroError, match="json cannot be read"):
        publicar.listar(configurar(tmp_path))


def test_lastro_key_diz_o_que_nao_e_chave(tmp_path: Path) -> None:
    chave = fazer("empty", tmp_path / "card.key")
    pedido = {"LASTRO_CARD_KEY": "", "LASTRO_CARD_KEY_FILE": str(chave)}
    dito(tmp_path, ("key",), 1, "is empty", str(chave), **pedido)
    abaixo = {"LASTRO_CARD_KEY": "", "LASTRO_CARD_KEY_FILE": str(chave / "dentro")}
    dito(tmp_path, ("key",), 1, str(chave), **abaixo)


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": ""},
        {"LC_ALL": "tr_TR.UTF-8"},
    ],
    ids=str,
)
def test_saida_e_utf8_seja_qual_for_o_locale(locale: dict[str, str]) -> None:
    programa = (
        "from loaders.cli.terminal import *; preparar_saidas();"
        r"tabela('I\u0130 \xe7', ('\xe7',), [('\u20ac',)]);"
        r"saida.print('\xe7\xe3o \udce7'); erros.print('\xe7\xe3o')"
    )
    feito = subprocess.run(
        [sys.executable, "-c", programa],
        cwd=PROJETO,
        env={"PATH": str(BIN), "PYTHONPATH": str(PROJETO), **locale},
        capture_output=True,
        check=True,
    )
    assert feito.stdout.decode() == "\nIİ ç\nç\n€\nção \\xe7\n"
    assert feito.stderr.decode() == "ção\n"


def test_nome_que_nao_e_utf8_e_dito(tmp_path: Path) -> None:
    pasta = os.fsencode(tmp_path) + b"/ISO\xe9"
    dito(tmp_path, ("export", "book", "--to", os.fsdecode(pasta)), 1, "UTF-8", LC_ALL="C.UTF-8")
    assert not os.path.exists(pasta)


def test_administrador_nao_exporta_para_onde_outro_pode_desviar(tmp_path: Path) -> None:
    """The folder, one above it, or one to which a link leads is somebody else's, or open to all."""
    if os.geteuid() != 0:
        pytest.skip("only an administrator can be led to give away what others may not have")
    de_outro = tmp_path / "de_outro"
    dentro = de_outro / "de_root" / "saida"
    dentro.mkdir(parents=True)
    os.chown(de_outro, 65534, 65534)
    aberta = tmp_path / "aberta"
    aberta.mkdir()
    aberta.chmod(0o777)
    ligacao = tmp_path / "ligacao"
    ligacao.symlink_to(dentro)
    for pasta in (de_outro, dentro, dentro / "nova", aberta, ligacao):
        dito(tmp_path, ("export", "book", "--to", str(pasta)), 1, "Others may rename")
        assert de_quem_engana(pasta)
    aberta.chmod(0o1777)
    for pasta in (tmp_path, aberta):
        assert not de_quem_engana(pasta)
