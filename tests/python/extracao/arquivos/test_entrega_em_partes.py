"""A folder of parts, as Spark writes it, is one delivery: its lines, its bytes, and its people."""

import gzip
import hashlib
import os
from pathlib import Path

import fsspec
import pytest
from apoio_arquivos import (
    FATURAS,
    arvore,
    carregar,
    conferir,
    correntes,
    estados,
    faturas,
    fotografia,
    sem_numero,
)
from apoio_arquivos import receber as receber_da_memoria
from apoio_s3 import balde, s3
from conftest import ArmazemDeTeste

from loaders.extracao.arquivos import locais
from loaders.extracao.arquivos.entrega import Leitura, resumo
from loaders.extracao.arquivos.leitura import ler
from loaders.extracao.arquivos.locais import EmEscrita, Local
from loaders.extracao.arquivos.recebimento import receber
from loaders.titulares.arquivos import apagar_em, chaves_em, procurar_em
from loaders.titulares.trocas import Trocas

__all__ = ["balde", "s3"]
MAIO = "tb_faturas_202405.csv"
DATAS = "2024-01-05,2024-02-05,10.50,1.05"
PARTES = {
    "part-00000-a.csv": faturas("1", "2") + b"x\n",
    "part-00001-a.csv": b"",
    "part-00002-a.csv.gz": gzip.compress(faturas("3") + b"\n" + faturas("4")[len(FATURAS) + 1 :]),
    "part-00003-a.csv": faturas(),
    "part-00004-a.csv": faturas("5") + b"y\n" + faturas("6")[len(FATURAS) + 1 :],
    "part-00005-a.csv": faturas("7").replace(b"\n", b"\r\n")[:-2],
}
DE_SPARK = {"_SUCCESS": b"", "._SUCCESS.crc": b"crc\0", ".part-00000-a.csv.crc": b"crc\0"}
TROCAS = Trocas("pod_cartoes", "a secret", {"id_cliente": {"C1"}, "id_fatura": {"2", "4"}})


def inteiro(partes: dict[str, bytes]) -> bytes:
    """The bytes of the parts one after the other."""
    return b"".join(partes[nome] for nome in sorted(partes))


def linhas(partes: dict[str, bytes]) -> dict[int, str]:
    """The lines of the parts one after the other, headers included, by their number."""
    textos = []
    for nome in sorted(partes):
        conteudo = partes[nome]
        texto = (gzip.decompress(conteudo) if nome.endswith("gz") else conteudo).decode()
        textos += texto.replace("\r\n", "\n").removesuffix("\n").split("\n") if texto else []
    return dict(enumerate(textos, 1))


def entregar(pasta: Path, partes: dict[str, bytes] = PARTES, nome: str = MAIO) -> Path:
    """Write a folder of parts as Spark does."""
    (pasta / nome).mkdir(parents=True, exist_ok=True)
    for parte, conteudo in {**partes, **DE_SPARK}.items():
        (pasta / nome / parte).write_bytes(conteudo)
    return pasta / nome


def test_e_uma_entrega(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    entrega = entregar(tmp_path)
    (conferida,) = conferir(armazem_vazio, tmp_path).cargas
    (carga,) = carregar(armazem_vazio, tmp_path).cargas
    assert (carga.status, carga.mensagem) == ("ok", None)
    assert (carga.sha256, carga.formato) == (conferida.sha256, conferida.formato)
    assert str(carga.formato).startswith("6 parts, gzip, utf-8, lf and crlf, no final line end")
    sha256 = hashlib.sha256(inteiro(PARTES)).hexdigest()
    assert armazem_vazio.linhas(
        "select origem, entrega, sha256, bytes, lidas, rejeitadas, gravadas from controle.cargas"
    ) == [(MAIO, "2024-05", sha256, len(inteiro(PARTES)), 9, 2, 7)]
    numeradas = linhas(PARTES)
    for id_, numero in armazem_vazio.linhas(
        "select id_fatura, _linha from raw_pod_cartoes.faturas order by id_fatura"
    ):
        assert numeradas[numero].startswith(f"{id_},")
    rejeitadas = armazem_vazio.linhas("select linha_bruta, _linha from controle.rejeicoes")
    assert sorted(rejeitadas) == [(numeradas[n], n) for n in (4, 12)]
    assert correntes(armazem_vazio) == {"2024-05": set("1234567")}
    assert set(estados(carregar(armazem_vazio, tmp_path)).values()) == {"sem_novidade"}
    (entrega / "part-00004-a.csv").write_bytes(faturas("5"))
    assert estados(carregar(armazem_vazio, tmp_path)) == {MAIO: "ok"}
    assert correntes(armazem_vazio) == {"2024-05": set("123457")}


def test_espera_por_success_e_pelo_que_so_tem_partes(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    entrega = entregar(tmp_path)
    (entrega / "_SUCCESS").unlink()
    antes = arvore(tmp_path)
    (carga,) = carregar(armazem_vazio, tmp_path).cargas
    assert (carga.status, carga.sha256) == ("erro", None)
    assert "it is a folder without _SUCCESS" in str(carga.mensagem)
    assert arvore(tmp_path) == antes
    (entrega / "_SUCCESS").touch()
    for alheio in ("outra.csv", "pasta"):
        (entrega / alheio).mkdir() if alheio == "pasta" else (entrega / alheio).touch()
        (carga,) = carregar(armazem_vazio, tmp_path).cargas
        assert f"in which there is something else: {alheio}" in str(carga.mensagem)
        assert carga.status == "erro"
        (entrega / alheio).rmdir() if alheio == "pasta" else (entrega / alheio).unlink()
    (tmp_path / MAIO.upper()).write_bytes(faturas("8"))
    assert set(estados(carregar(armazem_vazio, tmp_path)).values()) == {"rejeitado"}
    assert sorted(os.listdir(tmp_path)) == ["quarentena"]
    assert arvore(tmp_path / "quarentena" / MAIO) == {**PARTES, **DE_SPARK}
    os.replace(tmp_path / "quarentena" / MAIO, entrega)
    assert estados(carregar(armazem_vazio, tmp_path)) == {MAIO: "ok"}
    assert correntes(armazem_vazio) == {"2024-05": set("1234567")}


def test_no_s3(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path, balde: tuple[str, fsspec.AbstractFileSystem]
) -> None:
    endereco, sistema = balde
    entregar(tmp_path)
    entregar(tmp_path, {"part-0.csv": faturas("1"), "part-1.csv": b"outra,coisa\n1,2\n"},
             "tb_faturas_202406.csv")  # fmt: skip
    sistema.put(f"{tmp_path}/", f"{endereco}/", recursive=True)
    balde_, _, chave = endereco.removeprefix("s3://").partition("/")
    # What tools leave that show buckets as folders.
    sistema.call_s3("put_object", Bucket=balde_, Key=f"{chave}/tb_faturas_202406.csv/", Body=b"")
    carregar(armazem_vazio, tmp_path)
    esperado = fotografia(armazem_vazio), arvore(tmp_path)
    armazem_vazio.restaurar("vazio")
    feito = carregar(armazem_vazio, endereco)
    assert estados(feito) == {MAIO: "ok", "tb_faturas_202406.csv": "rejeitado"}
    assert feito.cargas[1].mensagem == (
        "the header of part-1.csv is not that of the parts before it"
    )
    no_s3 = {
        nome.partition("/pod_cartoes/")[2]: sem_numero(sistema.cat_file(nome))
        for nome in sistema.find(endereco)
        if not nome.endswith("/")
    }
    assert (fotografia(armazem_vazio), no_s3) == esperado
    assert Local(endereco).listar() == {MAIO: True, "quarentena": True}
    reescritos, nao_pesquisados = apagar_em(Local(endereco), TROCAS, lambda _: None)
    assert ([a.nome for a in reescritos], nao_pesquisados) == (
        [MAIO, "quarentena/tb_faturas_202406.csv"], [],
    )  # fmt: skip
    assert resumo(Local(endereco), MAIO)[0] == reescritos[0].sha256


def test_quem_mudou_enquanto_se_le_nao_chegou(tmp_path: Path) -> None:
    entrega, local = entregar(tmp_path), Local(str(tmp_path))

    def crescer() -> None:
        with (entrega / "part-00000-a.csv").open("ab") as aberta:
            aberta.write(b"more\n")

    for mudar in (crescer, (entrega / "part-00009-a.csv").touch, (entrega / "_SUCCESS").unlink):
        leitura = Leitura(local, MAIO)
        partes = iter(leitura)
        assert next(partes)[0] == f"{MAIO}/part-00000-a.csv"
        assert next(partes)[0] == f"{MAIO}/part-00001-a.csv"
        mudar()
        with pytest.raises(OSError, match=r"still being written|_SUCCESS"):
            for _ in partes:
                pass
    with pytest.raises(OSError, match="without _SUCCESS"):
        Leitura(local, MAIO)
    (entrega / "_SUCCESS").touch()
    marca = local.marca(MAIO)
    crescer()
    assert local.marca(MAIO) != marca
    assert issubclass(EmEscrita, OSError)


def test_link_no_lugar_da_pasta_ou_dentro_dela(tmp_path: Path) -> None:
    fora = entregar(tmp_path / "fora")
    entregas = tmp_path / "entregas"
    entregas.mkdir()
    (entregas / MAIO).symlink_to(fora)
    with pytest.raises(OSError, match="only files are read"):
        list(Leitura(Local(str(entregas)), MAIO))
    dentro = entregar(entregas, {"part-0.csv": faturas("1")}, "tb_faturas_202406.csv")
    os.mkfifo(dentro / "part-1.csv")
    with pytest.raises(OSError, match="it is a FIFO"):
        list(Leitura(Local(str(entregas)), "tb_faturas_202406.csv"))


@pytest.mark.parametrize(("vezes", "cabe"), [(4, True), (5, False)])
def test_as_partes_crescem_juntas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vezes: int, cabe: bool
) -> None:
    """Many parts that grow a little are one delivery that grows much."""
    uma = faturas(*map(str, range(1000)))
    monkeypatch.setattr(locais, "SEMPRE_PERMITIDO", 4 * len(uma))
    entregar(tmp_path, {f"part-{n}.csv.gz": gzip.compress(uma) for n in range(vezes)})
    leitura = Leitura(Local(str(tmp_path), expansao=1), MAIO)
    recebido = receber(leitura, tmp_path / "copia", leitura.em_partes)
    assert (recebido.problema is None) == cabe
    assert cabe or "LASTRO_MAX_EXPANSION" in str(recebido.problema)


def test_numeros_das_linhas_em_muitas_partes(tmp_path: Path) -> None:
    """With the quick reader, whose batches hold lines of several parts."""
    partes = [b"a,b\n" + b"".join(b"%d,1\n" % n for n in range(k)) + b"x\n" for k in range(300)]
    recebido = receber_da_memoria(tmp_path / "copia", *partes)
    assert recebido.simples
    inteiras = b"".join(partes).decode().split("\n")
    rejeitadas: list[int] = []
    achadas = 0
    for lote in ler(recebido, ",", ["a", "b"], ["a", "b"], lambda n, *_: rejeitadas.append(n)):
        for a, b, numero in zip(*(c.to_pylist() for c in lote.columns), strict=True):
            assert inteiras[numero - 1] == f"{a},{b}"
            achadas += 1
    assert rejeitadas == [n for n, linha in enumerate(inteiras, 1) if linha == "x"]
    assert achadas == sum(range(300))


def test_a_pessoa_some_de_todas_as_partes(tmp_path: Path) -> None:
    """The load knows the delivery by what it will be before any part is replaced."""
    deles = {
        "part-0.csv": faturas("1", "2"),
        "part-1.csv.gz": gzip.compress(faturas("4"), mtime=0),
        "part-2.csv": faturas("5").replace(b"C1", b"C2"),
        "part-3.csv.gz": b"broken",
    }
    entrega, local = entregar(tmp_path, deles), Local(str(tmp_path))
    trocas = TROCAS.com(chaves_em([local], TROCAS))
    assert trocas.chaves["id_fatura"] == {"1", "2", "4"}
    antes = resumo(local, MAIO)[0]
    vistos = []

    def anotar(_: object) -> None:
        vistos.append(resumo(local, MAIO)[0])

    (feito,), nao_pesquisados = apagar_em(local, trocas, anotar)
    assert vistos == [antes] == [feito.sha256_antes]
    assert (feito.nome, feito.linhas) == (MAIO, 3)
    assert resumo(local, MAIO)[0] == feito.sha256
    assert nao_pesquisados == [
        f"{MAIO}/part-3.csv.gz (its gzip data is broken: it does not begin like gzip)"
    ]
    assert (entrega / "part-2.csv").read_bytes() == deles["part-2.csv"]
    assert b"C1" not in (entrega / "part-0.csv").read_bytes()
    assert b"C1" not in gzip.decompress((entrega / "part-1.csv.gz").read_bytes())
    assert feito.tamanho == sum((entrega / nome).stat().st_size for nome in deles)
    assert not list(procurar_em(local, trocas, []))
    # One that was killed on the way goes on: what is there is not what was, and ends as announced.
    (entrega / "part-0.csv").write_bytes(deles["part-0.csv"])
    (de_novo,), _ = apagar_em(local, trocas, lambda _: None)
    assert de_novo.sha256 == feito.sha256 != de_novo.sha256_antes


def test_a_pessoa_some_de_pastas_incompletas_e_o_resto_e_dito(tmp_path: Path) -> None:
    entrega = entregar(tmp_path, {"part-0.csv": faturas("1")})
    (entrega / "_SUCCESS").unlink()
    (entrega / "_temporary").mkdir()
    entregar(tmp_path / "quarentena", {"part-0.csv": faturas("3")}, f"7-{MAIO}")
    (tmp_path / "tb_faturas_202406.txt").write_bytes(faturas("1"))
    reescritos, nao_pesquisados = apagar_em(Local(str(tmp_path)), TROCAS, lambda _: None)
    assert [a.nome for a in reescritos] == [MAIO, f"quarentena/7-{MAIO}"]
    assert nao_pesquisados == [
        "tb_faturas_202406.txt (no load reads it: rename or delete it)",
        f"{MAIO}/_temporary (a folder in a folder)",
    ]
    assert b"C1" not in (entrega / "part-0.csv").read_bytes()
