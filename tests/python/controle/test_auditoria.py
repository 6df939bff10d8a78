"""The audit log: what is noted, and that no edit, loss or forgery of a line goes unseen."""

import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from apoio import fazer
from apoio_publicacao import versao_lida
from conftest import BIN, PROJETO, ArmazemDeTeste

from loaders.contratos import carregaveis
from loaders.controle import auditoria
from loaders.controle.conferencia import Conferencia, conferir
from loaders.exportacao.movimento_flat import exportar_movimento_flat
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError, NaoAnotada
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
    assert conferir(config) == Conferencia(LINHAS, [], [])
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
    assert conferir(config).problemas, nome
    auditoria.anotar(config, "load", "fim", {})
    assert conferir(config).problemas, f"{nome}, and a line after it"


def partes_de_uma_linha(config: Configuracao) -> list[bytes]:
    """A line that follows the log, cut off after some of its bytes, as a power cut leaves it."""
    registro, cabeca = config.caminho_auditoria, config.caminho_cabeca
    antes, selada = registro.read_bytes(), cabeca.read_bytes()
    auditoria.anotar(config, "export book", "inicio", {"pasta": "/dados/ação"})
    linha = registro.read_bytes()[len(antes) :]
    registro.write_bytes(antes)
    cabeca.write_bytes(selada)
    acentos = [i for i, byte in enumerate(linha) if byte > 127]
    onde = {1, 2, 40, *acentos, len(linha) - 2}
    return [linha[:n] for n in sorted(onde)] + [b"\0" * 4096, b"meia\nmeia", b"meia\n", b"\n"]


def test_linha_interrompida_e_dita_e_nao_e_adulteracao(config: Configuracao) -> None:
    registro, cabeca = config.caminho_auditoria, config.caminho_cabeca
    antes, selada = registro.read_bytes(), cabeca.read_bytes()
    for parte in partes_de_uma_linha(config):
        registro.write_bytes(antes + parte)
        cabeca.write_bytes(selada)
        achado = conferir(config)
        assert (achado.linhas, achado.problemas, len(achado.interrompidas)) == (LINHAS, [], 1)
        for n in range(1, 3):
            auditoria.anotar(config, "load", "fim", {})
            achado = conferir(config)
            assert (achado.linhas, achado.problemas) == (LINHAS + 1 + n, []), parte
            tamanho = len(parte.removesuffix(b"\n"))
            assert [li for li in achado.interrompidas if f" {tamanho} bytes" in li], parte
        assert registro.read_bytes().startswith(antes + parte), "the evidence stays"
        fechada = json.loads(registro.read_bytes().splitlines()[-2])
        assert (fechada["acao"], fechada["n"]) == ("load", LINHAS + 2)


def test_linha_inteira_a_que_so_falta_o_fim_vale(config: Configuracao) -> None:
    registro = config.caminho_auditoria
    registro.write_bytes(registro.read_bytes().removesuffix(b"\n"))
    assert conferir(config) == Conferencia(LINHAS, [], [])
    auditoria.anotar(config, "load", "fim", {})
    assert conferir(config) == Conferencia(LINHAS + 1, [], [])


def test_nenhuma_adulteracao_passa_por_linha_interrompida(config: Configuracao) -> None:
    registro, cabeca = config.caminho_auditoria, config.caminho_cabeca
    registro.write_bytes(registro.read_bytes() + b'{"n": 7, "mom')
    auditoria.anotar(config, "load", "fim", {"cargas": [7]})
    linhas = registro.read_bytes().splitlines(keepends=True)
    selada = cabeca.read_bytes()
    fecho = LINHAS + 1
    assert b"interrupted write" in linhas[fecho]
    mudados: dict[str, list[bytes]] = {
        "a line for the torn bytes": [*linhas[:LINHAS], linhas[2], *linhas[fecho:]],
        "a line among the torn bytes": [*linhas[:LINHAS], linhas[2], *linhas[LINHAS:]],
        "other bytes": [*linhas[:LINHAS], b'{"n": 7, "moo\n', *linhas[fecho:]],
        "no bytes": [*linhas[:LINHAS], *linhas[fecho:]],
        "more bytes": [*linhas[: LINHAS + 1], b"x\n", *linhas[fecho:]],
        "the closing line twice": [*linhas[: fecho + 1], *linhas[LINHAS:]],
        "the closing line gone": [*linhas[:fecho], *linhas[fecho + 1 :]],
        "the closing line edited": [
            li.replace(b'"bytes": 13', b'"bytes": 14') if i == fecho else li
            for i, li in enumerate(linhas)
        ],
        "a line made torn before it": [
            *linhas[: LINHAS - 1], linhas[LINHAS - 1][:40], b"\n", *linhas[LINHAS:]
        ],
        "a line made torn elsewhere, the pair moved there": [
            *linhas[:2], linhas[2][:40], b"\n", linhas[fecho], *linhas[3:]
        ],
        "a line after it made torn": [*linhas[: fecho + 1], linhas[fecho + 1][:40]],
    }  # fmt: skip
    for nome, mudadas in mudados.items():
        registro.write_bytes(b"".join(mudadas))
        cabeca.write_bytes(selada)
        assert conferir(config).problemas, nome
        auditoria.anotar(config, "load", "fim", {})
        assert conferir(config).problemas, f"{nome}, and a line after it"


DISCO_CHEIO = """
import resource, signal, sys
from loaders.controle import auditoria
from loaders.nucleo.configuracao import configuracao
from loaders.nucleo.erros import LastroError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limite = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limite, resource.RLIM_INFINITY))
try:
    auditoria.anotar(configuracao(), "load", "inicio", {"pasta": "x" * 300})
except LastroError as erro:
    print(erro)
    sys.exit(erro.codigo)
"""


def ambiente_de(config: Configuracao, **mais: str) -> dict[str, str]:
    return {
        "PATH": str(BIN),
        "PYTHONPATH": str(PROJETO),
        "LASTRO_AUDIT_LOG": str(config.caminho_auditoria),
        "LASTRO_AUDIT_HEAD": str(config.caminho_cabeca),
        "LASTRO_AUDIT_KEY_FILE": str(config.caminho_chave_auditoria),
        "LASTRO_DUCKDB": str(config.caminho_duckdb),
        **mais,
    }


def test_disco_cheio_nao_deixa_meia_linha(config: Configuracao) -> None:
    registro, cabeca = config.caminho_auditoria, config.caminho_cabeca
    antes, selada = registro.read_bytes(), cabeca.read_bytes()
    assert len(selada) < len(antes)
    for limite in (len(antes) + 1, len(antes) + 200, len(antes), len(antes) - 7, len(selada), 1):
        feito = subprocess.run(
            [sys.executable, "-c", DISCO_CHEIO, str(limite)],
            cwd=PROJETO,
            env=ambiente_de(config),
            capture_output=True,
            text=True,
        )
        assert feito.returncode == 1, feito.stderr
        assert "cannot be written" in feito.stdout
        assert (registro.read_bytes(), cabeca.read_bytes()) == (antes, selada), limite
        assert {p.name for p in cabeca.parent.iterdir()} == {"registro", "cabeca", "chave"}
    auditoria.anotar(config, "load", "fim", {})
    assert conferir(config) == Conferencia(LINHAS + 1, [], [])


def test_cabeca_que_nao_cabe_devolve_a_linha(config: Configuracao) -> None:
    registro, cabeca = config.caminho_auditoria, config.caminho_cabeca
    registro.write_bytes(registro.read_bytes()[:0])
    cabeca.unlink()
    config.caminho_chave_auditoria.unlink()
    feito = subprocess.run(
        [sys.executable, "-c", DISCO_CHEIO, "70"],  # the key fits, and the head does not
        cwd=PROJETO,
        env=ambiente_de(config),
        capture_output=True,
        text=True,
    )
    assert feito.returncode == 1, feito.stderr
    assert registro.read_bytes() == b""
    assert not cabeca.exists()
    auditoria.anotar(config, "load", "fim", {})
    assert conferir(config) == Conferencia(1, [], []), "a full disk begins no log"


def test_disco_cheio_de_verdade(tmp_path: Path) -> None:
    disco = tmp_path / "disco"
    disco.mkdir()
    montar = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disco)]
    if not shutil.which("mount") or subprocess.run(montar, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    try:
        config = configurar(disco)
        n = 0
        with pytest.raises(LastroError, match="No space left"):
            for n in range(1000):
                auditoria.anotar(config, "load", "fim", {"n": n})
        assert n > 10
        assert conferir(config) == Conferencia(n, [], [])
        with config.caminho_auditoria.with_name("outro").open("wb") as outro:
            outro.write(b"x")
        assert conferir(config) == Conferencia(n, [], [])
    finally:
        subprocess.run(["umount", str(disco)], check=True)


def test_feito_que_nao_se_anota_tem_seu_codigo(tmp_path: Path) -> None:
    @auditoria.auditada("export book", resultado=lambda feito: {"linhas": feito})
    def agir(config: Configuracao) -> int:
        config.caminho_auditoria.unlink()
        config.caminho_auditoria.mkdir()
        return 12

    with pytest.raises(NaoAnotada, match="`lastro export book` was done") as dito:
        agir(configurar(tmp_path))
    assert dito.value.codigo == 9
    assert '{"linhas": 12}' in str(dito.value)

    @auditoria.auditada("forget")
    def agir_por_fora(config: Configuracao) -> None:
        agir(config)

    with pytest.raises(LastroError, match="`lastro forget` stopped there") as parado:
        agir_por_fora(configurar(tmp_path / "outra"))
    assert parado.value.codigo == 1

    @auditoria.auditada("load")
    def falhar(config: Configuracao) -> None:
        config.caminho_auditoria.unlink()
        config.caminho_auditoria.mkdir()
        raise FonteRecusada("less than half of the rows")

    with pytest.raises(FonteRecusada, match="less than half") as falha:
        falhar(configurar(tmp_path / "terceira"))
    assert "could not be noted, either" in falha.value.__notes__[0]


def test_o_comando_feito_e_nao_anotado_sai_com_9(armazem_vazio: ArmazemDeTeste) -> None:
    if armazem_vazio.motor == "duckdb":
        pytest.skip("roles are PostgreSQL's")
    # The log's limit lies between the beginning of `grants` and its end.
    armazem_vazio.lastro("grants")
    registro = armazem_vazio.config.caminho_auditoria
    linhas = registro.read_bytes().splitlines(keepends=True)
    limite = registro.stat().st_size + len(linhas[-2]) + len(linhas[-1]) // 2

    def limitar() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limite, limite))

    feito = subprocess.run(
        [str(BIN / "lastro"), "grants"],
        cwd=PROJETO,
        env=armazem_vazio.ambiente,
        capture_output=True,
        text=True,
        preexec_fn=limitar,
    )
    assert feito.returncode == 9, feito.stderr
    assert "`lastro grants` was done, and its end could not be noted" in feito.stderr
    assert json.loads(registro.read_bytes().splitlines()[-1])["fase"] == "inicio"
    assert (
        armazem_vazio.lastro("audit", "verify").stdout.partition("\n")[0].endswith(" lines, whole")
    )
    with registro.open("ab") as aberto:
        aberto.write(b'{"n": 99')
    dito = armazem_vazio.lastro("audit", "verify").stdout
    assert " lines, whole\n" in dito
    assert "8 bytes of a write that was interrupted" in dito


@pytest.mark.parametrize("qual", ["LASTRO_AUDIT_LOG", "LASTRO_AUDIT_HEAD", "LASTRO_AUDIT_KEY_FILE"])
@pytest.mark.parametrize("o_que", ["folder", "pipe", "device", "below a file", "long", "loop"])
def test_caminho_estranho_e_dito_e_nao_prende(tmp_path: Path, qual: str, o_que: str) -> None:
    onde = fazer(o_que, tmp_path / "coisa é 'x'")
    config = configurar(tmp_path, **{qual: str(onde)})
    feito = subprocess.run(
        [sys.executable, "-c", DISCO_CHEIO, "1000000"],
        cwd=PROJETO,
        env=ambiente_de(config),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert feito.returncode == 1, feito.stdout + feito.stderr
    assert str(onde).removesuffix("/dentro.duckdb") in feito.stdout
    assert not feito.stderr
    assert not os.path.isfile(onde), "what was there stays"
    if qual != "LASTRO_AUDIT_LOG":
        assert config.caminho_auditoria.read_bytes() == b""


def test_cabeca_que_falta_ou_foi_editada(config: Configuracao) -> None:
    cabeca = config.caminho_cabeca
    antes = cabeca.read_text()
    cabeca.write_text(antes.replace('"n": 6', '"n": 5'))
    assert "was edited" in conferir(config).problemas[0]
    cabeca.unlink()
    auditoria.anotar(config, "load", "fim", {})
    assert "is missing" in conferir(config).problemas[0], "it is not made again unseen"
    cabeca.write_text(antes)
    assert conferir(config) == Conferencia(LINHAS + 1, [], []), "a head behind by a line: a kill"


def test_registro_e_cabeca_que_sumiram_nao_recomecam_sem_ser_notado(config: Configuracao) -> None:
    config.caminho_auditoria.unlink()
    config.caminho_cabeca.unlink()
    with pytest.raises(LastroError, match="are gone"):
        auditoria.anotar(config, "load", "fim", {})


def test_outra_chave_confere_nada(config: Configuracao, tmp_path: Path) -> None:
    outra = configurar(tmp_path, LASTRO_AUDIT_KEY="a key of somebody else")
    assert len(conferir(outra).problemas) == LINHAS + 1
    config.caminho_chave_auditoria.unlink()
    with pytest.raises(LastroError, match="no key for the audit log"):
        auditoria.anotar(config, "load", "fim", {})
    assert not config.caminho_chave_auditoria.exists(), "a log that has lines gets no new key"


def test_muitos_ao_mesmo_tempo(tmp_path: Path) -> None:
    config = configurar(tmp_path)
    with ThreadPoolExecutor(8) as executor:
        list(executor.map(lambda n: auditoria.anotar(config, "load", "fim", {"n": n}), range(60)))
    assert conferir(config) == Conferencia(60, [], [])


def test_morta_entre_linha_e_cabeca(config: Configuracao, tmp_path: Path) -> None:
    programa = (
        "from loaders.controle import auditoria;"
        "from loaders.nucleo.configuracao import configuracao;"
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
    assert conferir(config) == Conferencia(LINHAS + 1, [], [])
    auditoria.anotar(config, "load", "fim", {})
    assert conferir(config) == Conferencia(LINHAS + 2, [], [])


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
    assert feito.stdout.partition("\n")[0].endswith(" lines, whole")
    cargas = {
        int(n): status
        for fonte in carregaveis()
        for detalhes in auditoria.anotadas(armazem.config, f"load {fonte.nome}")
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


@pytest.mark.parametrize(
    "planted",
    [
        b'{"n": %s, "mac": "a"}' % (b"9" * 4300),
        b'{"n": 2, "mac": "a", "acao": "build", "detalhes": [1]}',
        b'{"n": 2, "mac": "a", "acao": "build", "detalhes": {"construcao": [1]}}',
        b'{"n": -5, "mac": "a"}',
    ],
)
def test_o_que_alguem_sem_a_chave_escreve_nao_para_ninguem(tmp_path: Path, planted: bytes) -> None:
    config = configurar(tmp_path)
    auditoria.anotar(config, "build", "fim", {"construcao": "x"})
    with config.caminho_auditoria.open("ab") as registro:
        registro.write(planted + b"\n")
    auditoria.anotar(config, "build", "fim", {"construcao": "y"})
    assert {str(d.get("construcao")) for d in auditoria.anotadas(config, "build")} >= {"x", "y"}
    visto = conferir(config)
    assert visto.problemas or visto.interrompidas, "it is said, as one or the other"


def test_quem_segura_o_registro_e_dito(tmp_path: Path) -> None:
    config = configurar(tmp_path).model_copy(update={"espera": 0.2})
    auditoria.anotar(config, "build", "fim", {})
    with config.caminho_auditoria.open("rb") as seguro:
        fcntl.flock(seguro, fcntl.LOCK_SH)
        with pytest.raises(LastroError, match="held by another process"):
            auditoria.anotar(config, "build", "fim", {})
    auditoria.anotar(config, "build", "fim", {})
