"""Deliveries of monthly files: sent again, corrected, cut off, mixed up; in folders and on S3."""

import gzip
import os
import re
from pathlib import Path

import duckdb
import fsspec
import pytest
from apoio import iniciar, pico_mb
from apoio_arquivos import (
    arvore,
    carregar,
    conferir,
    correntes,
    estados,
    faturas,
    fotografia,
    pagamentos,
)
from apoio_s3 import balde, s3
from conftest import ArmazemDeTeste

from loaders.contratos import fontes
from loaders.contratos.padroes import periodo
from loaders.extracao.arquivos.nomes import identificar, parecido
from loaders.nucleo.erros import FonteIndisponivel

__all__ = ["balde", "s3"]

JANEIRO = "tb_faturas_202401.csv"
FEVEREIRO = "tb_faturas_202402.csv"
PAGAMENTOS_DE_JANEIRO = "tb_pagamentos_202401.csv"


@pytest.fixture
def pasta(tmp_path: Path) -> Path:
    """A folder with a month's two files."""
    (tmp_path / JANEIRO).write_bytes(faturas("1-11", "11-1", "3", "4"))
    (tmp_path / PAGAMENTOS_DE_JANEIRO).write_bytes(pagamentos("P1", "P2"))
    return tmp_path


@pytest.mark.parametrize(
    ("nome", "tabela", "entrega"),
    [
        ("tb_faturas_202402.csv", "faturas", "2024-02"),
        ("tb_pagamentos_202412.csv.gz", "pagamentos", "2024-12"),
        ("TB_Pagamentos_199901.CSV.ZST", "pagamentos", "1999-01"),
        ("tb_faturas.csv", "faturas", "historico"),
        ("tb_faturas_202402.zip", "faturas", "2024-02"),
        ("tb_pagamentos_202402.csv.zip", "pagamentos", "2024-02"),
        ("tb_faturas_202400.csv", "faturas", None),
        ("tb_faturas_20240².csv", "faturas", None),
        ("tb_clientes_202401.csv", None, None),
        ("tb_faturas_202401.csv.part", None, None),
        ("tb_faturas_202401.txt", None, None),
        ("faturas_202401.csv", None, None),
    ],
)
def test_o_nome_diz_a_entrega(nome: str, tabela: str | None, entrega: str | None) -> None:
    arquivo = identificar(fontes()["pod_cartoes"], nome)
    if tabela is None:
        assert arquivo is None
    else:
        assert arquivo is not None
        assert (arquivo.tabela.nome, arquivo.entrega) == (tabela, entrega)


@pytest.mark.parametrize(
    ("nome", "certo"),
    [
        ("tb_faturas_202404.txt", "call it tb_faturas_202404.csv"),
        ("tb_faturas_202404.csv.csv", "call it tb_faturas_202404.csv"),
        ("tb_fatura_202404.csv", "call it tb_faturas_202404.csv"),
        ("tb_faturas202404.csv.gz", "call it tb_faturas_202404.csv.gz"),
        ("TB Pagamento 2024-04.CSV", "call it tb_pagamentos_202404.csv"),
        ("faturas_202404.csv", "call it tb_faturas_202404.csv"),
        ("tb_faturas_202404", "call it tb_faturas_202404.csv"),
        ("tb_faturas_202404.xlsx", "have it exported as tb_faturas_202404.csv"),
        ("tb_faturas_202404.csv.bz2", "have it exported as tb_faturas_202404.csv"),
        ("tb_faturas.txt", "call it tb_faturas_YYYYMM.csv"),
        ("tb_faturas_202404/", "a folder of parts is called tb_faturas_202404.csv"),
        ("tb_faturas_202404.csv", None),
        ("tb_faturas_antigas/", None),
        ("tb_faturas_202404.csv.part", None),
        ("tb_faturas_202404.csv.filepart", None),
        ("tb_faturas_202404.csv.tmp", None),
        ("tb_faturas_202404.csv.md5", None),
        ("TB_FATURAS_202404.csv.SHA256", None),
        ("faturamento_2024.xlsx", None),
        ("tb_clientes_202404.csv", None),
        ("leia-me.txt", None),
    ],
)
def test_o_que_se_chama_quase_como_um_arquivo(nome: str, certo: str | None) -> None:
    achado = parecido(fontes()["pod_cartoes"], nome.rstrip("/"), pasta=nome.endswith("/"))
    assert achado == certo if certo is None else certo in str(achado)


@pytest.mark.parametrize("texto", ["", "2024", "202413", "000000", "2024-01", "189912", "٢٠٢٤٠١"])
def test_o_que_nao_e_mes(texto: str) -> None:
    assert periodo(texto) is None


def test_de_novo_igual_nao_acrescenta_nada_e_diz(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    assert set(estados(carregar(armazem_vazio, pasta)).values()) == {"ok"}
    antes = fotografia(armazem_vazio)
    repetida = carregar(armazem_vazio, pasta)
    assert set(estados(repetida).values()) == {"sem_novidade"}
    assert fotografia(armazem_vazio) == antes
    assert armazem_vazio.linhas(
        "select origem, lidas, rejeitadas, gravadas, status from controle.cargas"
        " where _carga_id = 3"
    ) == [(JANEIRO, 4, 0, 0, "sem_novidade")]


def test_corrigida_substitui_e_a_antiga_mandada_de_novo_volta(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    antiga = (pasta / JANEIRO).read_bytes()
    carregar(armazem_vazio, pasta)
    (pasta / JANEIRO).write_bytes(faturas("1-11", "11-1", "5"))
    assert estados(carregar(armazem_vazio, pasta))[JANEIRO] == "ok"
    assert correntes(armazem_vazio) == {"2024-01": {"1-11", "11-1", "5"}}
    assert armazem_vazio.linhas("select count(*) from raw_pod_cartoes.faturas") == [(7,)]
    (pasta / JANEIRO).write_bytes(antiga)
    assert estados(carregar(armazem_vazio, pasta))[JANEIRO] == "ok"
    assert correntes(armazem_vazio) == {"2024-01": {"1-11", "11-1", "3", "4"}}
    assert armazem_vazio.linhas("select count(*) from raw_pod_cartoes.faturas") == [(11,)]
    assert estados(carregar(armazem_vazio, pasta))[JANEIRO] == "sem_novidade"


def test_comprimida_corrige_a_que_nao_era(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    carregar(armazem_vazio, pasta)
    conteudo = (pasta / JANEIRO).read_bytes()
    (pasta / JANEIRO).unlink()
    (pasta / f"{JANEIRO}.gz").write_bytes(gzip.compress(conteudo))
    assert estados(carregar(armazem_vazio, pasta))[f"{JANEIRO}.gz"] == "ok"
    assert correntes(armazem_vazio) == {"2024-01": {"1-11", "11-1", "3", "4"}}


@pytest.mark.parametrize(("restam", "status"), [(2, "ok"), (1, "rejeitado")])
def test_cortada_ao_meio_e_recusada_a_menos_que_se_aceite(
    armazem_vazio: ArmazemDeTeste, pasta: Path, restam: int, status: str
) -> None:
    carregar(armazem_vazio, pasta)
    cortada = faturas(*"1234"[:restam])
    (pasta / JANEIRO).write_bytes(cortada)
    resultado = carregar(armazem_vazio, pasta)
    assert estados(resultado)[JANEIRO] == status
    if status == "ok":
        return
    assert "less than half of the 4" in str(resultado.cargas[0].mensagem)
    assert correntes(armazem_vazio) == {"2024-01": {"1-11", "11-1", "3", "4"}}
    os.replace(pasta / "quarentena" / JANEIRO, pasta / JANEIRO)
    assert estados(carregar(armazem_vazio, pasta, aceitar_reducao=True))[JANEIRO] == "ok"
    assert correntes(armazem_vazio) == {"2024-01": {"1"}}


def test_linhas_que_nao_se_leem_tambem_encurtam(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    carregar(armazem_vazio, pasta)
    (pasta / JANEIRO).write_bytes(faturas("1") + b"x\n" * 9)
    assert estados(carregar(armazem_vazio, pasta))[JANEIRO] == "rejeitado"
    assert armazem_vazio.linhas("select count(*) from controle.rejeicoes") == [(0,)]


def test_bytes_de_outro_mes_sao_recusados(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    (pasta / FEVEREIRO).write_bytes((pasta / JANEIRO).read_bytes())
    resultado = carregar(armazem_vazio, pasta)
    assert estados(resultado)[FEVEREIRO] == "rejeitado"
    assert "bytes are those of the file of 2024-01" in str(resultado.cargas[-1].mensagem)
    assert estados(carregar(armazem_vazio, pasta)) == {
        JANEIRO: "sem_novidade",
        PAGAMENTOS_DE_JANEIRO: "sem_novidade",
    }


def test_bytes_que_outro_mes_teve_por_engano_nao_impedem_o_mes_certo(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    de_fevereiro = (pasta / JANEIRO).read_bytes()
    carregar(armazem_vazio, pasta)
    (pasta / JANEIRO).write_bytes(faturas("j1", "j2"))
    (pasta / FEVEREIRO).write_bytes(de_fevereiro)
    assert set(estados(carregar(armazem_vazio, pasta)).values()) == {"ok", "sem_novidade"}
    assert correntes(armazem_vazio) == {
        "2024-01": {"j1", "j2"},
        "2024-02": {"1-11", "11-1", "3", "4"},
    }


def test_dois_arquivos_para_uma_entrega_sao_recusados_os_dois(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    (pasta / JANEIRO.upper()).write_bytes(faturas("9"))
    resultado = carregar(armazem_vazio, pasta)
    assert estados(resultado) == {
        JANEIRO: "rejeitado",
        JANEIRO.upper(): "rejeitado",
        PAGAMENTOS_DE_JANEIRO: "ok",
    }
    assert f"{JANEIRO.upper()} and {JANEIRO} are for the same" in str(resultado.cargas[0].mensagem)
    assert set(os.listdir(pasta)) == {"quarentena", PAGAMENTOS_DE_JANEIRO}
    assert correntes(armazem_vazio) == {}


def test_recusado_duas_vezes_fica_duas_vezes_na_quarentena(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    for vez in ("first", "second"):
        (pasta / FEVEREIRO).write_text(f"{vez}\n1\n")
        assert estados(carregar(armazem_vazio, pasta))[FEVEREIRO] == "rejeitado"
    assert set(os.listdir(pasta / "quarentena")) == {
        FEVEREIRO, f"{FEVEREIRO}.motivo.txt", f"6-{FEVEREIRO}", f"6-{FEVEREIRO}.motivo.txt",
    }  # fmt: skip
    assert (pasta / "quarentena" / FEVEREIRO).read_text() == "first\n1\n"


def test_forma_indicada_so_vale_onde_o_arquivo_nao_mostra(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    duvidosa = faturas("9", "8", valor="1.234").replace(b"1.05", b"1")
    (pasta / FEVEREIRO).write_bytes(duvidosa.replace(b"1.234", b"7", 1))
    assert estados(carregar(armazem_vazio, pasta))[FEVEREIRO] == "rejeitado"
    os.replace(pasta / "quarentena" / FEVEREIRO, pasta / FEVEREIRO)
    (pasta / JANEIRO).write_bytes(faturas("1", "2", "3"))
    for forma in ("virgula", "ponto"):
        achadas = {
            c.origem: c.forma_decimal
            for c in conferir(armazem_vazio, pasta, forma_decimal=forma).cargas
        }
        assert achadas == {JANEIRO: "ponto", FEVEREIRO: forma, PAGAMENTOS_DE_JANEIRO: None}
    carregar(armazem_vazio, pasta, forma_decimal="virgula")
    assert armazem_vazio.linhas(
        f"select forma_decimal from controle.cargas where status = 'ok' and origem = '{FEVEREIRO}'"
    ) == [("virgula",)]


def test_esperados_que_faltam(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    (pasta / FEVEREIRO).write_bytes(faturas("9"))
    resultado = carregar(armazem_vazio, pasta, esperados=("2024-01", "2024-02", "2024-03"))
    assert resultado.ausentes == [
        "tb_pagamentos_202402.csv", "tb_faturas_202403.csv", "tb_pagamentos_202403.csv",
    ]  # fmt: skip
    assert set(estados(resultado).values()) == {"ok"}


def test_conferir_nao_muda_nada(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    (pasta / FEVEREIRO).write_bytes(b"")
    (pasta / "leia-me.txt").write_bytes(b"")
    (pasta / f"{JANEIRO}.part").write_bytes(b"")
    (pasta / f"{JANEIRO}.txt").write_bytes(b"")
    antes = arvore(pasta)
    resultado = conferir(armazem_vazio, pasta)
    assert estados(resultado) == {
        JANEIRO: "ok",
        FEVEREIRO: "rejeitado",
        PAGAMENTOS_DE_JANEIRO: "ok",
    }
    assert resultado.ignorados == ["leia-me.txt", f"{JANEIRO}.part"]
    assert [nome for nome, _ in resultado.parecidos] == [f"{JANEIRO}.txt"]
    assert arvore(pasta) == antes
    assert fotografia(armazem_vazio) == {}
    carregar(armazem_vazio, pasta)
    depois, gravado = arvore(pasta), fotografia(armazem_vazio)
    assert set(estados(conferir(armazem_vazio, pasta)).values()) == {"sem_novidade"}
    assert (arvore(pasta), fotografia(armazem_vazio)) == (depois, gravado)


def test_arquivo_que_nao_se_le_nao_para_os_outros(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    (pasta / FEVEREIRO).symlink_to(pasta / "nada")
    resultado = carregar(armazem_vazio, pasta)
    assert estados(resultado) == {JANEIRO: "ok", FEVEREIRO: "erro", PAGAMENTOS_DE_JANEIRO: "ok"}
    assert (pasta / FEVEREIRO).is_symlink(), "what cannot be read is not moved"
    assert armazem_vazio.linhas(
        f"select status, mensagem from controle.cargas where origem = '{FEVEREIRO}'"
    ) == [("erro", "it cannot be read: No such file or directory")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_arquivo_sem_permissao(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    (pasta / JANEIRO).chmod(0)
    assert estados(carregar(armazem_vazio, pasta))[JANEIRO] == "erro"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_pasta_em_que_nao_se_escreve(armazem_vazio: ArmazemDeTeste, pasta: Path) -> None:
    (pasta / FEVEREIRO).write_bytes(b"")
    pasta.chmod(0o500)
    try:
        resultado = carregar(armazem_vazio, pasta)
    finally:
        pasta.chmod(0o700)
    assert estados(resultado)[FEVEREIRO] == "rejeitado"
    assert "not moved to quarentena" in str(resultado.cargas[-1].mensagem)


@pytest.mark.parametrize("onde", ["nada", JANEIRO, "http://127.0.0.1/x"])
def test_lugar_que_nao_existe(armazem_vazio: ArmazemDeTeste, pasta: Path, onde: str) -> None:
    endereco = onde if "://" in onde else str(pasta / onde)
    for fazer in (carregar, conferir):
        with pytest.raises(FonteIndisponivel, match=r"does not exist|not a folder|only folders"):
            fazer(armazem_vazio, endereco)


def test_pasta_vazia(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    assert carregar(armazem_vazio, tmp_path).cargas == []


def test_o_comando_mostra_cada_arquivo_e_sai_com_3_se_algum_foi_recusado(
    armazem_vazio: ArmazemDeTeste, pasta: Path
) -> None:
    (pasta / FEVEREIRO).write_bytes(b"")
    (pasta / f"{PAGAMENTOS_DE_JANEIRO}.gz").write_bytes(
        gzip.compress((pasta / PAGAMENTOS_DE_JANEIRO).read_bytes())
    )
    (pasta / PAGAMENTOS_DE_JANEIRO).unlink()
    (pasta / JANEIRO).write_bytes((pasta / JANEIRO).read_bytes()[:-1] + b"\nx")
    parecida = pasta / "tb_fatura_202404.csv"
    parecida.write_bytes(faturas("9"))
    for comando in ("check", "load"):
        feito = armazem_vazio.lastro(
            comando, "pod_cartoes", esperado=3, POD_CARTOES_LOCATION=str(pasta)
        )
        assert re.search(
            rf"{JANEIRO} +4 +1 \(20\.0 %\) +ok\n +utf-8, lf, no final line end, separator ,,"
            r" decimal point, AAAA-MM-DD\n",
            feito.stdout,
        )
        assert feito.stdout.splitlines()[-1] == (
            f"1 of 7 lines rejected (14.3 %); no final line end: {JANEIRO}"
        )
        assert "tb_fatura_202404.csv: if it is one, call it tb_faturas_202404.csv" in feito.stderr
        assert re.search(r"rejeitado\n(.+\n)? +it is empty", feito.stdout)
        assert f"1 of 3 files refused: {FEVEREIRO}" in feito.stderr
        assert "Error ignored" not in feito.stderr, (
            "what a library says of its own is not for users"
        )
    assert parecida.exists()
    parecida.unlink()
    dito = armazem_vazio.lastro("status").stdout
    assert "Deliveries in files" in dito
    assert "it is empty" in dito
    falta = armazem_vazio.lastro(
        "load", "pod_cartoes", str(pasta), "--expect", "202402", "--expect", "202401", esperado=3
    )
    assert "missing" in falta.stderr
    assert FEVEREIRO in falta.stderr
    assert "sem_novidade" in falta.stdout


@pytest.mark.parametrize(
    "linhas", [300_000, pytest.param(10_000_000, marks=pytest.mark.slow)], ids="{:,}".format
)
def test_um_arquivo_grande_cabe_em_pouca_memoria(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path, linhas: int
) -> None:
    colunas = (
        "'F' || i as id_fatura, 'C' || i % 500000 as id_cliente, date '2024-01-05' as data_emissao,"
        " date '2024-02-05' as data_vencimento, i / 100 as valor_fatura, 0.5 as"
        " valor_pagamento_minimo"
    )
    duckdb.execute(
        f"copy (select {colunas} from range({linhas}) as t (i)) to '{tmp_path / JANEIRO}' (header)"
    )
    limite_mb = 1000 if linhas < 1_000_000 else 2000  # DuckDB takes what it is allowed to
    assert pico_mb(iniciar(armazem_vazio, "load", "pod_cartoes", str(tmp_path))) < limite_mb
    assert armazem_vazio.linhas(
        "select count(*), count(distinct _linha), min(_linha), max(_linha)"
        " from raw_pod_cartoes.faturas where cast(substr(id_fatura, 2) as bigint) + 2 = _linha"
    ) == [(linhas, linhas, 2, linhas + 1)]


def test_um_nome_de_arquivo_estranho_so_e_um_nome(
    armazem_vazio: ArmazemDeTeste, tmp_path: Path
) -> None:
    estranhos = {
        "tb_faturas_202401'; drop table controle.cargas; --.csv",
        "tb_faturas_$(touch x).csv",
        'tb_faturas_");drop.csv',
    }
    for nome in (*estranhos, "tb_faturas_202401.csv"):
        (tmp_path / nome).write_bytes(faturas("1-11"))
    resultado = carregar(armazem_vazio, tmp_path)
    aceitos = {n for n, estado in estados(resultado).items() if estado == "ok"}
    assert aceitos == {"tb_faturas_202401.csv"}
    recusados = {n for n, estado in estados(resultado).items() if estado == "rejeitado"}
    parecidos = {n for n, _ in resultado.parecidos}
    assert recusados | set(resultado.ignorados) | parecidos == estranhos
    assert {p.name for p in (tmp_path / "quarentena").glob("*.csv")} == recusados
    origens = armazem_vazio.linhas("select origem from controle.cargas")
    assert {o for (o,) in origens} == recusados | aceitos


def test_s3(
    armazem_vazio: ArmazemDeTeste, pasta: Path, balde: tuple[str, fsspec.AbstractFileSystem]
) -> None:
    endereco, sistema = balde
    with pytest.raises(FonteIndisponivel, match="does not exist"):
        carregar(armazem_vazio, endereco)
    for arquivo in pasta.iterdir():
        sistema.put(str(arquivo), f"{endereco}/{arquivo.name}")
    sistema.pipe_file(f"{endereco}/{FEVEREIRO}", b"so isto")
    assert estados(conferir(armazem_vazio, endereco))[FEVEREIRO] == "rejeitado"
    esperado = {JANEIRO: "ok", FEVEREIRO: "rejeitado", PAGAMENTOS_DE_JANEIRO: "ok"}
    assert estados(carregar(armazem_vazio, endereco + "/")) == esperado
    assert set(estados(carregar(armazem_vazio, endereco)).values()) == {"sem_novidade"}
    achados = sistema.find(endereco)
    assert [a.partition("/pod_cartoes/")[2] for a in achados] == [
        f"quarentena/{FEVEREIRO}", f"quarentena/{FEVEREIRO}.motivo.txt", JANEIRO,
        PAGAMENTOS_DE_JANEIRO,
    ]  # fmt: skip
    assert sistema.cat_file(f"{endereco}/quarentena/{FEVEREIRO}") == b"so isto"
    assert correntes(armazem_vazio) == {"2024-01": {"1-11", "11-1", "3", "4"}}


def test_s3_que_nao_responde(
    armazem_vazio: ArmazemDeTeste, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(FonteIndisponivel, match="cannot be read"):
        carregar(armazem_vazio, s3)
