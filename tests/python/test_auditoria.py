"""The audit log: what is noted, and that no edit, loss or forgery of a line goes unseen."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from apoio_publicacao import versao_lida
from conftest import BIN, PROJETO, ArmazemDeTeste

from loaders import auditoria
from loaders.configuracao import Configuracao
from loaders.erros import LastroError
from loaders.exportacao import exportar_movimento_flat
from loaders.publicacao import publicar

LINHAS = 6


def configurar(pasta: Path, **outros: str) -> Configuracao:
    valores = {
        "LASTRO_AUDIT_LOG": str(pasta / "registro" / "log.jsonl"),
        "LASTRO_AUDIT_HEAD": str(pasta / "cabeca"),
        "LASTRO_AUDIT_KEY": "",
        "LASTRO_AUDIT_KEY_FILE": str(pasta / "chave"),
        "LASTRO_DUCKDB": str(pasta / "armazem.duckdb"),
        **outros,
    }
    return Configuracao(_env_file=None, **valores)  # type: ignore[arg-type]


@pytest.fixture
def config(tmp_path: Path) -> Configuracao:
    """A log of six lines."""
    feita = configurar(tmp_path)
    for n in range(LINHAS):
        auditoria.anotar(feita, "load", "fim", {"cargas": [n], "nome": "João"})
    return feita


def test_um_registro_inteiro(config: Configuracao) -> None:
    assert auditoria.conferir(config) == (LINHAS, [])
    lidas = [json.loads(li) for li in config.caminho_auditoria.read_text().splitlines()]
    assert [li["n"] for li in lidas] == [1, 2, 3, 4, 5, 6]
    assert {li["acao"] for li in lidas} == {"load"}
    assert all("@" in li["quem"] for li in lidas)
    chave = config.caminho_chave_auditoria
    assert chave.stat().st_mode & 0o077 == 0
    assert config.caminho_auditoria.stat().st_mode & 0o077 == 0
    assert chave.read_text().strip() not in config.caminho_auditoria.read_text()


def _editar(onde: int, de: str, para: str) -> Callable[[list[str]], list[str]]:
    def mudar(linhas: list[str]) -> list[str]:
        assert de in linhas[onde]
        return [*linhas[:onde], linhas[onde].replace(de, para), *linhas[onde + 1 :]]

    return mudar


def _sem(linha: int) -> Callable[[list[str]], list[str]]:
    return lambda linhas: [*linhas[:linha], *linhas[linha + 1 :]]


ADULTERACOES: dict[str, Callable[[list[str]], list[str]]] = {
    "a value in the first line": _editar(0, "[0]", "[9]"),
    "a value in the middle": _editar(3, "[3]", "[9]"),
    "a value in the last line": _editar(LINHAS - 1, "[5]", "[9]"),
    "who did it": _editar(2, "@", "@x"),
    "when": _editar(2, "20", "19"),
    "its number": _editar(2, '"n": 3', '"n": 30'),
    "its seal": _editar(2, '"mac": "', '"mac": "0'),
    "first line gone": _sem(0),
    "middle line gone": _sem(3),
    "last line gone": _sem(LINHAS - 1),
    "all but the first gone": lambda linhas: linhas[:1],
    "all gone": lambda _: [],
    "two lines swapped": lambda li: [li[0], li[2], li[1], *li[3:]],
    "a line twice": lambda li: [*li[:3], li[2], *li[3:]],
    "a line of one's own": lambda li: [*li, li[-1].replace('"n": 6', '"n": 7')],
    "no JSON": lambda li: [*li[:2], "{", *li[3:]],
    "half a line": lambda li: [*li[:-1], li[-1][:40]],
}


@pytest.mark.parametrize("nome", ADULTERACOES)
def test_cada_adulteracao_e_achada_tambem_depois_de_mais_linhas(
    config: Configuracao, nome: str
) -> None:
    registro = config.caminho_auditoria
    linhas = ADULTERACOES[nome](registro.read_text(encoding="utf-8").splitlines())
    registro.write_text("".join(f"{li}\n" for li in linhas), encoding="utf-8")
    assert auditoria.conferir(config)[1], nome
    auditoria.anotar(config, "load", "fim", {})
    assert auditoria.conferir(config)[1], f"{nome}, and a line after it"


def test_cabeca_que_falta_ou_foi_editada(config: Configuracao) -> None:
    cabeca = config.caminho_cabeca
    antes = cabeca.read_text()
    cabeca.write_text(antes.replace('"n": 6', '"n": 5'))
    assert "was edited" in auditoria.conferir(config)[1][0]
    cabeca.unlink()
    auditoria.anotar(config, "load", "fim", {})
    assert "is missing" in auditoria.conferir(config)[1][0], "it is not made again unseen"
    cabeca.write_text(antes)
    assert auditoria.conferir(config) == (LINHAS + 1, []), "a head behind by a line: a kill"


def test_registro_e_cabeca_que_sumiram_nao_recomecam_sem_ser_notado(config: Configuracao) -> None:
    config.caminho_auditoria.unlink()
    config.caminho_cabeca.unlink()
    with pytest.raises(LastroError, match="are gone"):
        auditoria.anotar(config, "load", "fim", {})


def test_outra_chave_confere_nada(config: Configuracao, tmp_path: Path) -> None:
    outra = configurar(tmp_path, LASTRO_AUDIT_KEY="a key of somebody else")
    assert len(auditoria.conferir(outra)[1]) == LINHAS + 1
    config.caminho_chave_auditoria.unlink()
    with pytest.raises(LastroError, match="no key for the audit log"):
        auditoria.anotar(config, "load", "fim", {})
    assert not config.caminho_chave_auditoria.exists(), "a log that has lines gets no new key"


def test_muitos_ao_mesmo_tempo(tmp_path: Path) -> None:
    config = configurar(tmp_path)
    with ThreadPoolExecutor(8) as executor:
        list(executor.map(lambda n: auditoria.anotar(config, "load", "fim", {"n": n}), range(60)))
    assert auditoria.conferir(config) == (60, [])


def test_morta_entre_linha_e_cabeca(config: Configuracao, tmp_path: Path) -> None:
    programa = (
        "from loaders import auditoria; from loaders.configuracao import configuracao;"
        "auditoria.anotar(configuracao(), 'load', 'inicio', {})"
    )
    feito = subprocess.run(
        [sys.executable, "-c", programa],
        cwd=PROJETO,
        env={
            "PATH": str(BIN),
            "PYTHONPATH": str(PROJETO),
            "LASTRO_FAILPOINT": "auditoria.antes_da_cabeca",
            "LASTRO_AUDIT_LOG": str(config.caminho_auditoria),
            "LASTRO_AUDIT_HEAD": str(config.caminho_cabeca),
            "LASTRO_AUDIT_KEY_FILE": str(config.caminho_chave_auditoria),
        },
        capture_output=True,
    )
    assert feito.returncode == -9
    assert auditoria.conferir(config) == (LINHAS + 1, [])
    auditoria.anotar(config, "load", "fim", {})
    assert auditoria.conferir(config) == (LINHAS + 2, [])


def test_uma_falha_fica_anotada_sem_sua_mensagem(tmp_path: Path) -> None:
    config = configurar(tmp_path)
    with pytest.raises(LastroError):
        exportar_movimento_flat(config, tmp_path / "saida", numeros_em_claro=True)
    inicio, falha = (json.loads(li) for li in config.caminho_auditoria.read_text().splitlines())
    assert inicio["acao"] == falha["acao"] == "export movimento_flat"
    assert inicio["detalhes"] == {"pasta": str(tmp_path / "saida"), "numeros_em_claro": True}
    assert falha["fase"] == "falha"
    assert falha["detalhes"] == {"erro": "ConstrucaoFalhou"}


def test_o_que_nao_se_pode_anotar_nao_acontece(tmp_path: Path) -> None:
    obstaculo = tmp_path / "obstaculo"
    obstaculo.touch()
    config = configurar(tmp_path, LASTRO_AUDIT_LOG=str(obstaculo / "log.jsonl"))
    with pytest.raises(LastroError, match="cannot be written"):
        exportar_movimento_flat(config, tmp_path / "saida")
    assert not (tmp_path / "saida").exists()


def test_cargas_construcao_e_exportacao_estao_no_registro(publicado: ArmazemDeTeste) -> None:
    armazem = publicado
    feito = armazem.lastro("audit", "verify")
    assert feito.stdout.endswith(" lines, whole\n")
    cargas = {
        int(n): status
        for detalhes in (
            *auditoria.anotadas(armazem.config, "load pod_cartoes"),
            *auditoria.anotadas(armazem.config, "load sicooperative"),
        )
        for n, status in detalhes.get("cargas", {}).items()
    }
    for n, status in armazem.linhas("select _carga_id, status from controle.cargas"):
        assert cargas[n] == status
    pasta = armazem.pasta / "do_registro"
    armazem.lastro("export", "movimento_flat", "--to", str(pasta))
    assert any(
        d.get("pasta") == str(pasta)
        for d in auditoria.anotadas(armazem.config, "export movimento_flat")
    )
    publicar.publicar(publicado.config)
    construidas = {d["construcao"] for d in auditoria.anotadas(armazem.config, "build")}
    publicadas = {d.get("versao") for d in auditoria.anotadas(armazem.config, "publish")}
    assert {n for (n,) in armazem.linhas("select _construcao_id from controle.construcoes")} <= (
        construidas
    )
    assert versao_lida(armazem) in publicadas
    registro = armazem.config.caminho_auditoria
    texto = registro.read_text(encoding="utf-8")
    registro.write_text(texto.replace('"acao": "load', '"acao": "Load', 1), encoding="utf-8")
    try:
        feito = armazem.lastro("audit", "verify", esperado=8)
        assert "was edited" in feito.stderr
    finally:
        registro.write_text(texto, encoding="utf-8")
