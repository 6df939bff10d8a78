"""What somebody may deliver who means harm, or whose disk, pipe or name is odd."""

import gzip
import io
import json
import os
import shutil
import signal
import socket
import stat
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import fsspec
import psycopg
import pyarrow as pa
import pytest
from apoio_arquivos import (
    FATURAS,
    arvore,
    carregar,
    conferir,
    correntes,
    esperar_soltar,
    estados,
    faturas,
    processo,
)
from apoio_arquivos import fotografia as fotografar
from apoio_s3 import balde, s3
from conftest import VAZIO, ArmazemDeTeste

from loaders.cli import terminal
from loaders.extracao.arquivos import locais
from loaders.extracao.arquivos.entrega import Leitura, resumo
from loaders.extracao.arquivos.locais import EmEscrita, Local
from loaders.extracao.arquivos.quarentena import MOTIVO, Quarentena
from loaders.extracao.arquivos.recebimento import receber
from loaders.nucleo import nomes
from loaders.nucleo.nomes import escapar, visivel
from loaders.nucleo.pasta_aberta import PREFIXO_DA_TROCA, PastaAberta
from loaders.titulares.arquivos import apagar_em, procurar_em
from loaders.titulares.trocas import Trocas

__all__ = ["balde", "s3"]
JANEIRO = "tb_faturas_202401.csv"
FEVEREIRO = "tb_faturas_202402.csv"
SEM_SUCESSO = "it is a folder without _SUCCESS, so not all of its parts are there yet"
UNFIT = b"so isto\n1\n"
TROCAS = Trocas("pod_cartoes", "a secret", {"id_cliente": {"C1"}, "id_fatura": {"1-11"}})
EM_CURSO = "select count(*) from controle.recusas_em_curso"


@pytest.fixture
def fora(tmp_path: Path) -> Iterator[Path]:
    """A folder beside the deliveries with a file of somebody else, in which nothing may change."""
    pasta = tmp_path / "fora"
    pasta.mkdir()
    (pasta / "alheio.csv").write_text("nobody's but mine")
    yield pasta
    assert arvore(pasta) == {"alheio.csv": b"nobody's but mine"}


@pytest.fixture
def pasta(tmp_path: Path) -> Path:
    entregas = tmp_path / "entregas"
    entregas.mkdir()
    return entregas


# What is planted in the quarantine


@pytest.mark.parametrize("destino", ["../../fora/novo", "../../fora/alheio.csv", "", "..", "/x"])
def test_marca_plantada_nao_leva_a_lugar_nenhum(
    armazem_vazio: ArmazemDeTeste, pasta: Path, fora: Path, destino: str
) -> None:
    (pasta / FEVEREIRO).write_bytes(UNFIT)
    assert estados(carregar(armazem_vazio, pasta)) == {FEVEREIRO: "rejeitado"}
    os.replace(pasta / "quarentena" / FEVEREIRO, pasta / FEVEREIRO)
    plantada = pasta / "quarentena" / f"{FEVEREIRO}.movendo.json"
    plantada.write_text(f'{{"carga": 1, "destino": "{destino}"}}')
    (pasta / "quarentena" / f"{JANEIRO}.movendo.json").write_bytes(b"")  # as a full disk leaves it
    assert estados(carregar(armazem_vazio, pasta)) == {FEVEREIRO: "rejeitado"}
    assert (pasta / "quarentena" / FEVEREIRO).read_bytes() == UNFIT
    assert {p.name for p in pasta.parent.iterdir()} == {"entregas", "fora"}
    assert armazem_vazio.linhas(EM_CURSO) == [(0,)]


def test_quarentena_que_e_um_link_nao_se_segue(
    armazem_vazio: ArmazemDeTeste, pasta: Path, fora: Path
) -> None:
    (pasta / "quarentena").symlink_to(fora)
    (pasta / FEVEREIRO).write_bytes(UNFIT)
    (pasta / JANEIRO).write_bytes(faturas("1-11"))
    for de_janeiro in ("ok", "sem_novidade"):
        resultado = carregar(armazem_vazio, pasta)
        assert estados(resultado) == {JANEIRO: de_janeiro, FEVEREIRO: "rejeitado"}
        mensagem = str(resultado.cargas[-1].mensagem)
        assert (
            "(not moved to quarentena: quarentena is a link or a file, and no folder)" in mensagem
        )
        assert (pasta / FEVEREIRO).read_bytes() == UNFIT
    (pasta / JANEIRO).write_bytes(faturas("2-22"))
    _, nao_pesquisados = apagar_em(Local(str(pasta)), TROCAS, lambda _: None)
    assert nao_pesquisados == ["quarentena (quarentena is a link or a file, and no folder)"]
    (pasta / "quarentena").unlink()
    carregar(armazem_vazio, pasta)
    assert (pasta / "quarentena" / FEVEREIRO).read_bytes() == UNFIT


def test_nomes_plantados_na_quarentena_nao_se_seguem_nem_se_perdem(
    armazem_vazio: ArmazemDeTeste, pasta: Path, fora: Path
) -> None:
    """The name of the file, that of its reason, and what a load writes aside, as links."""
    quarentena = pasta / "quarentena"
    quarentena.mkdir()
    alheio = fora / "alheio.csv"
    (quarentena / FEVEREIRO).symlink_to(alheio)
    (quarentena / f"2-{FEVEREIRO}").mkdir()
    (quarentena / f"2-2-{FEVEREIRO}{MOTIVO}").mkdir()
    (quarentena / f"2-3-{FEVEREIRO}{MOTIVO}").symlink_to(alheio)
    (quarentena / f"{PREFIXO_DA_TROCA}planted").symlink_to(alheio)
    (pasta / JANEIRO).write_bytes(faturas("1-11"))
    (pasta / FEVEREIRO).write_bytes(UNFIT)
    carregar(armazem_vazio, pasta)
    assert (quarentena / FEVEREIRO).is_symlink()
    assert (quarentena / f"2-3-{FEVEREIRO}").read_bytes() == UNFIT
    motivo = quarentena / f"2-3-{FEVEREIRO}{MOTIVO}"
    assert motivo.read_text().startswith("load 2 refused this file: ")
    assert not motivo.is_symlink()


@pytest.mark.parametrize("nome", ["", ".", "..", "a/b", "../a", "/etc/passwd", "a\0b"])
def test_um_nome_que_leva_a_outro_lugar_nao_e_nome(tmp_path: Path, nome: str) -> None:
    with PastaAberta.abrir(str(tmp_path)) as aberta:
        with pytest.raises(OSError, match="is not the name of a file"):
            aberta.gravar(nome, lambda _: None)
        with pytest.raises(OSError, match="is not the name of a file"):
            aberta.mover("x", aberta, nome)
    assert list(tmp_path.iterdir()) == []


def test_o_que_uma_gravacao_morta_deixou_some_com_a_seguinte(tmp_path: Path) -> None:
    (tmp_path / f"{PREFIXO_DA_TROCA}killed").write_bytes(b"half")
    with PastaAberta.abrir(str(tmp_path)) as aberta:

        def escrever(destino: io.BufferedIOBase) -> None:
            # another writer spares what this one holds
            aberta.gravar("outro", lambda aberto: aberto.write(b"2"))
            destino.write(b"1")

        aberta.gravar("um", escrever)  # type: ignore[arg-type]
    assert arvore(tmp_path) == {"um": b"1", "outro": b"2"}


def test_disco_cheio_na_entrega_nao_impede_a_carga_seguinte(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    if os.system(f"mount -t tmpfs -o size=64k none {pasta} 2>/dev/null"):
        pytest.skip("this user mounts nothing")
    try:
        (pasta / FEVEREIRO).write_bytes(UNFIT)
        with pytest.raises(OSError, match="No space left"), (pasta / "resto").open("wb") as resto:
            while True:
                resto.write(b"x" * 4096)
                resto.flush()
        assert estados(carregar(armazem_vazio, pasta)) == {FEVEREIRO: "rejeitado"}
        (pasta / "resto").unlink()
        assert carregar(armazem_vazio, pasta).cargas == []
        assert (pasta / "quarentena" / FEVEREIRO).read_bytes() == UNFIT
        assert armazem_vazio.linhas(EM_CURSO) == [(0,)]
    finally:
        os.system(f"umount {pasta}")


# What is no file


def test_so_arquivos_se_leem(armazem_vazio: ArmazemDeTeste, pasta: Path, fora: Path) -> None:
    """A load, a check, an erasure and a person's export say what is none, and do not hang."""
    (pasta / JANEIRO).write_bytes(faturas("2-22"))
    os.mkfifo(pasta / "tb_faturas_202402.csv")
    os.mkfifo(pasta / "tb_faturas_202403.csv.gz")
    (pasta / "tb_faturas_202404.csv").symlink_to("/dev/zero")
    (pasta / "tb_faturas_202405.csv").mkdir()
    (pasta / "tb_faturas_202406.csv").symlink_to(fora)
    (pasta / "outra").mkdir()
    esperados = {
        "tb_faturas_202402.csv": "a FIFO",
        "tb_faturas_202403.csv.gz": "a FIFO",
        "tb_faturas_202404.csv": "a device",
        "tb_faturas_202406.csv": "a folder",
        "tb_faturas_202407.csv": "a socket",
    }
    with socket.socket(socket.AF_UNIX) as tomada, pytest.MonkeyPatch.context() as ambiente:
        ambiente.chdir(pasta)  # the path of a socket is short
        tomada.bind("tb_faturas_202407.csv")
    mensagens = {
        n: f"it cannot be read: it is {t}, and only files are read" for n, t in esperados.items()
    }
    mensagens["tb_faturas_202405.csv"] = f"it cannot be read: {SEM_SUCESSO}"
    antes = sorted(os.listdir(pasta))
    for fazer, titulo in ((conferir, "check"), (carregar, "load")):
        resultado = fazer(armazem_vazio, pasta)
        achadas = {c.origem: c.mensagem for c in resultado.cargas if c.status == "erro"}
        assert achadas == mensagens, titulo
        assert estados(resultado)[JANEIRO] == "ok"
        assert resultado.ignorados == []
    dito = armazem_vazio.lastro("load", "pod_cartoes", str(pasta), esperado=4).stderr
    assert "6 files could not be read" in dito
    _, nao_pesquisados = apagar_em(Local(str(pasta)), TROCAS, lambda _: None)
    da_pessoa: list[str] = []
    assert not list(procurar_em(Local(str(pasta)), TROCAS, da_pessoa))
    ditos = [f"{n} (it is {t}, and only files are read)" for n, t in esperados.items()]
    assert nao_pesquisados == ditos
    assert da_pessoa == [f"{pasta}/{dito}" for dito in ditos]
    assert sorted(os.listdir(pasta)) == antes


def test_pasta_no_s3_que_se_chama_como_um_arquivo(
    armazem_vazio: ArmazemDeTeste, balde: tuple[str, fsspec.AbstractFileSystem]
) -> None:
    endereco, sistema = balde
    sistema.pipe_file(f"{endereco}/{FEVEREIRO}/part-0.csv", faturas("1"))
    sistema.pipe_file(f"{endereco}/{JANEIRO}", faturas("2"))
    resultado = carregar(armazem_vazio, endereco)
    assert estados(resultado) == {JANEIRO: "ok", FEVEREIRO: "erro"}
    assert resultado.cargas[1].mensagem == f"it cannot be read: {SEM_SUCESSO}"
    # An object may have the name of a folder.
    sistema.pipe_file(f"{endereco}/{FEVEREIRO}", faturas("3"))
    (carga,) = (c for c in carregar(armazem_vazio, endereco).cargas if c.origem == FEVEREIRO)
    assert carga.mensagem == "it cannot be read: a file and a folder have its name"


def test_dois_para_uma_entrega_ficam_enquanto_um_nao_se_le(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    """Else the one that could not be read would land alone, once it can."""
    (pasta / JANEIRO).write_bytes(faturas("1"))
    os.mkfifo(pasta / JANEIRO.upper())
    resultado = carregar(armazem_vazio, pasta)
    assert set(estados(resultado).values()) == {"erro"}
    assert all("are for the same delivery" in str(c.mensagem) for c in resultado.cargas)
    assert sorted(os.listdir(pasta)) == [JANEIRO.upper(), JANEIRO]
    (pasta / JANEIRO.upper()).unlink()
    (pasta / JANEIRO.upper()).write_bytes(faturas("2"))
    assert set(estados(carregar(armazem_vazio, pasta)).values()) == {"rejeitado"}
    assert correntes(armazem_vazio) == {}


# What is not whole yet


def test_enquanto_se_escreve_nada_entra_e_a_carga_seguinte_o_leva(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    linhas = [*map(str, range(100_000))]
    (pasta / FEVEREIRO).write_bytes(faturas("1"))
    parar = threading.Event()

    def escrever() -> None:
        with (pasta / JANEIRO).open("ab", buffering=0) as entrega:
            while not parar.is_set():
                entrega.write(b"9-99,C1,2024-01-05,2024-02-05,10.50,1.05\n")
                parar.wait(0.0005)

    (pasta / JANEIRO).write_bytes(faturas(*linhas))
    fio = threading.Thread(target=escrever)
    fio.start()
    try:
        resultado = carregar(armazem_vazio, pasta)
    finally:
        parar.set()
        fio.join()
    assert estados(resultado) == {JANEIRO: "erro", FEVEREIRO: "ok"}
    assert resultado.cargas[0].mensagem == (
        "it cannot be read: it changed while it was read, so it is still being written"
    )
    assert correntes(armazem_vazio) == {"2024-02": {"1"}}
    assert estados(carregar(armazem_vazio, pasta))[JANEIRO] == "ok"
    assert set(linhas) <= correntes(armazem_vazio)["2024-01"]


def test_trocado_ou_crescido_enquanto_se_le(tmp_path: Path) -> None:
    local, entrega = Local(str(tmp_path)), tmp_path / JANEIRO
    entrega.write_bytes(b"12")
    with pytest.raises(EmEscrita), local.abrir(JANEIRO) as aberto:
        with entrega.open("ab") as escritor:
            escritor.write(b"345")
        assert aberto.read() + aberto.read(9) == b"12", "not more than there was"
    outra = tmp_path / "outra"
    outra.write_bytes(b"12345")
    os.utime(outra, ns=(0, entrega.stat().st_mtime_ns))
    with pytest.raises(EmEscrita), local.abrir(JANEIRO):
        os.replace(outra, entrega)
    with local.abrir(JANEIRO) as aberto:
        assert aberto.read() == b"12345"


def test_trocado_no_s3_enquanto_se_le(balde: tuple[str, fsspec.AbstractFileSystem]) -> None:
    endereco, sistema = balde
    sistema.pipe_file(f"{endereco}/{JANEIRO}", b"12")
    with pytest.raises(EmEscrita), Local(endereco).abrir(JANEIRO):
        sistema.pipe_file(f"{endereco}/{JANEIRO}", b"34")
    with Local(endereco).abrir(JANEIRO) as aberto:
        assert aberto.read() == b"34"


def test_trocado_antes_de_ir_para_a_quarentena_fica(pasta: Path) -> None:
    (pasta / JANEIRO).write_bytes(UNFIT)
    local = Local(str(pasta))
    marca = resumo(local, JANEIRO)[1]
    (pasta / JANEIRO).write_bytes(faturas("1"))
    with pytest.raises(EmEscrita, match="another file has its name"):
        Quarentena(local).mover(JANEIRO, JANEIRO, marca)
    assert (pasta / JANEIRO).read_bytes() == faturas("1")


# What is larger than it seems


def zst(conteudo: bytes, vezes: int = 1) -> bytes:
    destino = pa.BufferOutputStream()
    with pa.CompressedOutputStream(destino, "zstd") as fluxo:
        for _ in range(vezes):
            fluxo.write(conteudo)
    return bytes(destino.getvalue())


def test_bomba_e_recusada_e_nao_enche_o_disco(
    pasta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigabyte is allowed to any file, here a fiftieth of it; not more to a small one."""
    assert locais.SEMPRE_PERMITIDO == 1_000_000_000
    monkeypatch.setattr(locais, "SEMPRE_PERMITIDO", 20_000_000)
    bloco = faturas(*(["1-11"] * 24_000))[len(FATURAS) + 1 :]
    (pasta / f"{JANEIRO}.zst").write_bytes(zst(bloco, 400))
    trabalho = tmp_path / "trabalho"
    trabalho.mkdir()
    recebido = receber(Leitura(Local(str(pasta)), f"{JANEIRO}.zst"), trabalho / "copia", False)
    assert recebido.problema == (
        "decompressed it has more than 20,000,000 bytes, which is more than"
        " LASTRO_MAX_EXPANSION allows"
    )
    assert (trabalho / "copia").stat().st_size <= 20_000_000


@pytest.mark.parametrize(("vezes", "status"), [(3, "rejeitado"), (4, "ok")])
@pytest.mark.parametrize("forma", ["gz", "zst"])
def test_expansao_ate_o_limite(
    armazem_vazio: ArmazemDeTeste, pasta: Path, monkeypatch: pytest.MonkeyPatch,
    vezes: int, status: str, forma: str,
) -> None:  # fmt: skip
    """Beyond both: the size that is always allowed, and so many times what was delivered."""
    monkeypatch.setattr(locais, "SEMPRE_PERMITIDO", 1000)
    conteudo = faturas(*(f"{n}-11" for n in range(100)))
    comprimido = gzip.compress(conteudo) if forma == "gz" else zst(conteudo)
    enchimento = len(conteudo) // 4 + 1 - len(comprimido)  # what makes it four times as large
    assert enchimento > 8
    comprimido += (
        _gzip_vazio(enchimento)
        if forma == "gz"
        else b"\x50\x2a\x4d\x18" + (enchimento - 8).to_bytes(4, "little") + bytes(enchimento - 8)
    )
    (pasta / f"{JANEIRO}.{forma}").write_bytes(comprimido)
    monkeypatch.setitem(armazem_vazio.ambiente, "LASTRO_MAX_EXPANSION", str(vezes))
    nao_pesquisados: list[str] = []
    achadas = list(procurar_em(Local(str(pasta), vezes), TROCAS, nao_pesquisados))
    assert len(achadas) == (100 if status == "ok" else 0)
    resultado = carregar(armazem_vazio, pasta)
    assert estados(resultado) == {f"{JANEIRO}.{forma}": status}, resultado.cargas[0].mensagem
    if status == "ok":
        assert nao_pesquisados == []
    else:
        assert "decompressed it has more than" in str(resultado.cargas[0].mensagem)
        assert "LASTRO_MAX_EXPANSION allows" in nao_pesquisados[0]


def _gzip_vazio(quantos: int) -> bytes:
    """A member without content that has so many bytes, by a name of its own."""
    vazio = bytearray(gzip.compress(b""))
    vazio[3] |= 8
    nome = b"x" * (quantos - len(vazio) - 1) + b"\0"
    return bytes(vazio[:10]) + nome + bytes(vazio[10:])


# Erasure, and what has more than one name


def esquecer(pasta: Path) -> tuple[list[str], list[str]]:
    reescritos, nao_pesquisados = apagar_em(Local(str(pasta)), TROCAS, lambda _: None)
    return [a.nome for a in reescritos], nao_pesquisados


def test_o_alvo_de_um_link_e_apagado_e_o_link_fica(pasta: Path, tmp_path: Path) -> None:
    alvo = tmp_path / "alvos" / "x.csv"
    alvo.parent.mkdir()
    alvo.write_bytes(faturas("1-11"))
    alvo.chmod(0o640)
    (tmp_path / "meio").symlink_to("alvos/x.csv")
    (pasta / JANEIRO).symlink_to("../meio")
    assert esquecer(pasta) == ([JANEIRO], [])
    assert (pasta / JANEIRO).is_symlink()
    assert (tmp_path / "meio").is_symlink()
    assert b"C1," not in alvo.read_bytes()
    assert alvo.read_bytes().count(b"\n") == 2
    assert stat.S_IMODE(alvo.stat().st_mode) == 0o640
    assert os.listdir(alvo.parent) == ["x.csv"]
    assert esquecer(pasta) == ([], [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_link_para_o_arquivo_de_outro_nao_o_reescreve(pasta: Path, tmp_path: Path) -> None:
    """Else who delivers could have an administrator write to what is none of theirs."""
    alheio = tmp_path / "alheio.csv"
    alheio.write_bytes(faturas("1-11"))
    (pasta / JANEIRO).symlink_to(alheio)
    os.lchown(pasta / JANEIRO, 12345, 12345)
    dito = f"{JANEIRO} (it is a link to a file of another owner, which was left as it is)"
    assert esquecer(pasta) == ([], [dito])
    assert alheio.read_bytes() == faturas("1-11")
    os.chown(alheio, 12345, 23456)
    assert esquecer(pasta) == ([JANEIRO], [])
    assert (alheio.stat().st_uid, alheio.stat().st_gid) == (12345, 23456)
    assert b"C1," not in alheio.read_bytes()


def test_os_outros_nomes_de_um_arquivo_sao_ditos(pasta: Path, tmp_path: Path) -> None:
    (pasta / JANEIRO).write_bytes(faturas("1-11"))
    (pasta / FEVEREIRO).write_bytes(faturas("2-22").replace(b"C1", b"C2"))
    for nome in (JANEIRO, FEVEREIRO):
        os.link(pasta / nome, tmp_path / f"copia_{nome}")
    reescritos, (dito,) = esquecer(pasta)
    assert reescritos == [JANEIRO]
    assert dito.startswith(f"{JANEIRO} (erased under this name; the 1 other names, hard links,")
    assert b"C1," not in (pasta / JANEIRO).read_bytes()
    assert b"C1," in (tmp_path / f"copia_{JANEIRO}").read_bytes()


def test_o_comando_diz_o_que_nao_apagou(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    alvo = pasta.parent / "alvo.csv"
    alvo.write_bytes(faturas("1-11"))
    (pasta / JANEIRO).symlink_to(alvo)
    (pasta / FEVEREIRO).write_bytes(faturas("2-22"))
    carregar(armazem_vazio, pasta)
    os.link(pasta / FEVEREIRO, pasta.parent / "outro_nome")
    os.mkfifo(pasta / "tb_faturas_202403.csv")
    estranho = os.fsencode(pasta) + b"/tb_faturas_\xff.csv"
    Path(os.fsdecode(estranho)).write_bytes(UNFIT + b"C1\n")
    feito = armazem_vazio.lastro("forget", "pod_cartoes", "C1", esperado=3)
    assert f"{pasta}/{FEVEREIRO} (erased under this name" in feito.stderr
    assert f"{pasta}/tb_faturas_202403.csv (it is a FIFO" in feito.stderr
    assert JANEIRO not in feito.stderr
    assert b"C1," not in alvo.read_bytes()
    assert b"C1" not in Path(os.fsdecode(estranho)).read_bytes()
    for nome in (JANEIRO, FEVEREIRO):
        assert estados(carregar(armazem_vazio, pasta))[nome] == "sem_novidade"


# Names


LONGO = "tb_faturas_" + "ã" * 115 + ".csv.gz"
ESTRANHOS = {
    b"tb_faturas_\x1b[2Jx.csv": r"tb_faturas_\x1b[2Jx.csv",
    b"tb_faturas_\xff\xfe.csv": r"tb_faturas_\xff\xfe.csv",
    rb"tb_faturas_\xff\xfe.csv": r"tb_faturas_\x5cxff\x5cxfe.csv",
    "tb_faturas_\u202egnp.csv".encode(): r"tb_faturas_\xe2\x80\xaegnp.csv",
    b"tb_faturas_[red]x[blink].csv": "tb_faturas_[red]x[blink].csv",
    b"tb_faturas_\nload 1.csv": r"tb_faturas_\x0aload 1.csv",
    LONGO.encode(): LONGO,
}


def entregar_estranhos(pasta: Path, quais: Iterable[bytes] = ESTRANHOS) -> None:
    for nome in quais:
        Path(os.fsdecode(os.fsencode(pasta) + b"/" + nome)).write_bytes(UNFIT + nome)


def na_quarentena(pasta: Path) -> dict[bytes, bytes]:
    onde = os.fsencode(pasta / "quarentena")
    return {n: Path(os.fsdecode(onde + b"/" + n)).read_bytes() for n in os.listdir(onde)}


def test_nomes_de_quaisquer_bytes(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    entregar_estranhos(pasta)
    Path(os.fsdecode(os.fsencode(pasta) + b"/n\xc3\xa3o \x9b.txt")).write_bytes(b"")
    assert {c.origem for c in conferir(armazem_vazio, pasta).cargas} == set(ESTRANHOS.values())
    feito = armazem_vazio.lastro("load", "pod_cartoes", str(pasta), esperado=3)
    for texto in (feito.stdout, feito.stderr):
        assert all(linha.isprintable() for linha in texto.split("\n"))
        assert [dito for dito in ESTRANHOS.values() if dito not in texto] == []
    assert r"not files of this source: não \x9b.txt" in feito.stdout
    origens = armazem_vazio.linhas("select origem from controle.cargas")
    assert sorted(o for (o,) in origens) == sorted(ESTRANHOS.values())
    achados = na_quarentena(pasta)
    encurtado = os.fsencode(nomes.encurtar(LONGO, nomes.MAXIMO - len(MOTIVO)))
    assert len(encurtado) <= nomes.MAXIMO - len(MOTIVO)
    assert len(LONGO.encode()) > nomes.MAXIMO - len(MOTIVO)
    for nome in ESTRANHOS:
        la = nome if nome != LONGO.encode() else encurtado
        assert achados.pop(la) == UNFIT + nome
        assert b"refused this file: " in achados.pop(la + MOTIVO.encode())
    assert achados == {}
    # Delivered once more, each gets the number of its load, and is found by an erasure.
    entregar_estranhos(pasta)
    carregar(armazem_vazio, pasta)
    assert len(na_quarentena(pasta)) == 4 * len(ESTRANHOS)
    recusados = [n for n in Local(str(pasta)).quarentena() if not n.endswith(MOTIVO)]
    for nome in recusados:
        if not nome.endswith(".gz"):
            (pasta / "quarentena" / nome).write_bytes(b"C1\n")
    reescritos, nao_pesquisados = esquecer(pasta)
    assert len(reescritos) == len(recusados) - 2 == 2 * len(ESTRANHOS) - 2
    assert len(nao_pesquisados) == 2, "those that are called compressed, and are not"
    assert all(texto.isprintable() for texto in (*reescritos, *nao_pesquisados))


@pytest.mark.parametrize("ponto", ["arquivo.antes_de_mover", "arquivo.depois_de_mover"])
def test_morta_e_rodada_de_novo_move_nomes_de_quaisquer_bytes(
    armazem_vazio: ArmazemDeTeste, pasta: Path, ponto: str
) -> None:
    quais = [b"tb_faturas_\xff\xfe.csv", LONGO.encode()]
    entregar_estranhos(pasta, quais)
    carregar(armazem_vazio, pasta)
    esperado = na_quarentena(pasta), fotografar(armazem_vazio)
    armazem_vazio.restaurar(VAZIO)
    shutil.rmtree(pasta / "quarentena")
    entregar_estranhos(pasta, quais)
    for _ in quais:
        morta = processo(armazem_vazio, str(pasta), LASTRO_FAILPOINT=ponto)
        assert (morta.communicate(timeout=60)[1], morta.returncode) == (b"", -signal.SIGKILL)
        esperar_soltar(armazem_vazio)
    assert carregar(armazem_vazio, pasta).cargas
    assert (na_quarentena(pasta), fotografar(armazem_vazio)) == esperado


def test_depois_da_morta_um_arquivo_novo_com_o_nome_nao_e_movido(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    (pasta / JANEIRO).write_bytes(UNFIT)
    morta = processo(armazem_vazio, str(pasta), LASTRO_FAILPOINT="arquivo.antes_de_mover")
    assert morta.communicate(timeout=60)[1] == b""
    esperar_soltar(armazem_vazio)
    assert armazem_vazio.linhas("select _carga_id, destino from controle.recusas_em_curso") == [
        (1, JANEIRO)
    ]
    (pasta / JANEIRO).write_bytes(faturas("1-11"))
    (pasta / "quarentena" / JANEIRO).write_bytes(b"planted")
    assert estados(carregar(armazem_vazio, pasta)) == {JANEIRO: "ok"}
    assert os.listdir(pasta / "quarentena") == [JANEIRO], "and no reason for what was planted"
    assert armazem_vazio.linhas(EM_CURSO) == [(0,)]


def test_colchetes_e_asteriscos_no_s3_so_sao_um_nome(
    armazem_vazio: ArmazemDeTeste, balde: tuple[str, fsspec.AbstractFileSystem]
) -> None:
    endereco, sistema = balde
    estranho = "tb_faturas_[a-z]*?.csv"
    sistema.pipe_file(f"{endereco}/{estranho}", UNFIT)
    sistema.pipe_file(f"{endereco}/tb_faturas_ab.csv", UNFIT + b"2")
    assert set(estados(carregar(armazem_vazio, endereco)).values()) == {"rejeitado"}
    base = endereco.removeprefix("s3://")
    assert {n: sistema.cat_file(n) for n in sistema.find(endereco) if n.endswith(".csv")} == {
        f"{base}/quarentena/{estranho}": UNFIT,
        f"{base}/quarentena/tb_faturas_ab.csv": UNFIT + b"2",
    }


def test_lugar_que_nao_e_texto_e_recusado(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    onde = os.fsdecode(os.fsencode(pasta) + b"/\x1b[31m\xff")
    Path(onde).mkdir()
    feito = armazem_vazio.lastro("load", "pod_cartoes", onde, esperado=4)
    assert r"\x1b[31m\xff: the name of the folder is no text in UTF-8" in feito.stderr


@pytest.mark.parametrize(
    ("nome", "dito"),
    [
        ("tb_é_ß.csv", "tb_é_ß.csv"),
        ("a\x1b[0m\x9b\x7f", r"a\x1b[0m\xc2\x9b\x7f"),
        ("a\tb\r\n", r"a\x09b\x0d\x0a"),
        ("\u202e\u2066\u200f\u200b", r"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xe2\x80\x8b"),
        ("\udcff\ud800", r"\xff\xed\xa0\x80"),
    ],
)
def test_o_que_se_ve_de_um_texto(nome: str, dito: str) -> None:
    assert visivel(nome) == escapar(nome) == dito


def test_nomes_diferentes_se_mostram_diferentes() -> None:
    assert escapar(r"\xff") == r"\x5cxff"
    assert visivel(r"\xff") == r"\xff"


@pytest.mark.parametrize("tamanho", [244, 245, 255, 300])
def test_um_nome_longo_e_encurtado_e_continua_da_fonte(tamanho: int) -> None:
    nome = "tb_faturas_" + "é" * tamanho
    nome = nome.encode()[: tamanho - 8].decode(errors="ignore") + ".csv.zst"
    curto = nomes.encurtar(nome, 244)
    assert len(curto.encode()) <= 244
    assert (curto == nome) == (len(nome.encode()) <= 244)
    assert curto.startswith("tb_faturas_é")
    assert curto.endswith(".csv.zst")
    assert nomes.encurtar(nome + "x", 244) != curto


@pytest.mark.parametrize("no_terminal", [True, False])
def test_tabelas_nao_deixam_passar_controles(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_terminal: bool
) -> None:
    tela = terminal._Terminal(
        file=io.StringIO() if no_terminal else None,
        force_terminal=no_terminal,
        width=200,
        highlight=False,
    )
    monkeypatch.setattr(terminal, "saida", tela)
    hostil = "a\x1b]0;x\x07\u202eb\nc[blink]d"
    terminal.tabela(hostil, ("x",), [(hostil,), (None,), (7,)])
    terminal.saida.print(hostil, markup=False)
    visto = tela.file.getvalue() if no_terminal else capsys.readouterr().out  # type: ignore[attr-defined]
    assert visto.count(r"a\x1b]0;x\x07\xe2\x80\xaeb") == 3
    assert visto.count("c[blink]") == 3
    for proibido in ("\x1b]", "\x07", "\u202e", "\x1b[5m"):
        assert proibido not in visto


def test_json_para_ler_nao_deixa_passar_controles_e_continua_igual() -> None:
    tudo = {"a\x9b\u202e": ["\x7fé", "\x1b[2J", None, 7]}
    escrito = terminal.em_json(tudo)
    assert escrito.replace("\n", "").isprintable()
    assert "é" in escrito
    assert json.loads(escrito) == tudo


# Who loads with a role of its own


def test_o_papel_de_quem_carrega_basta_para_recusar(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    if armazem_vazio.motor == "duckdb":
        pytest.skip("files have no roles")
    armazem_vazio.lastro("grants")
    armazem_vazio.executar(
        "do $$ begin create role rita_recusa login password 'uma senha qualquer';"
        " exception when duplicate_object then null; end $$; grant lastro_carga to rita_recusa"
    )
    (pasta / FEVEREIRO).write_bytes(UNFIT)
    armazem_vazio.lastro(
        "load", "pod_cartoes", str(pasta), esperado=3, PGUSER="rita_recusa",
        PGPASSWORD="uma senha qualquer", LASTRO_PG_ROLE="lastro_carga",
    )  # fmt: skip
    assert (pasta / "quarentena" / FEVEREIRO).read_bytes() == UNFIT
    assert armazem_vazio.linhas(EM_CURSO) == [(0,)]
    with psycopg.connect(armazem_vazio.servidor.dsn("armazem"), autocommit=True) as conexao:
        conexao.execute("drop owned by rita_recusa; drop role rita_recusa")
