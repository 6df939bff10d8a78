"""The modelling sample as files: what a reader of Parquet finds, and what is refused."""

import hashlib
import json
import signal
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from apoio_publicacao import reconstruir, versoes
from comandos_quentes import MASCARA
from conftest import CONSTRUIDO, ArmazemDeTeste

from loaders.exportacao import vazamento
from loaders.projeto import livro

pytestmark = pytest.mark.nightly_on("postgres")

Linha = dict[str, Any]

REFERENCIA = date(2026, 7, 1)
"""On which the sample's files end: the test asks for the same days in any year."""
DA_AMOSTRA = ("ref_date", "id_cliente", "alvo", "maduro", "exclusao")
PONTOS = (
    "exportacao_amostra.entre_particoes",
    "exportacao_amostra.antes_de_trocar",
    "exportacao_amostra.depois_de_trocar",
)


COM_AMOSTRA = "com_amostra"


@pytest.fixture(scope="module")
def _com_amostra(_construido: ArmazemDeTeste) -> ArmazemDeTeste:
    """The demonstration with the sample of the day on which its files end, as a build notes it."""
    _construido.restaurar(CONSTRUIDO)
    _construido.dbt(
        "run", "--select", "+amostra_modelagem", "+book_fatura_cliente", "amostra_definicao",
        "--vars", f"{{data_referencia: {REFERENCIA}}}",
    )  # fmt: skip
    reconstruir(_construido)
    _construido.guardar(COM_AMOSTRA)
    return _construido


@pytest.fixture
def construido(_com_amostra: ArmazemDeTeste) -> ArmazemDeTeste:
    """The same, as it was left."""
    _com_amostra.restaurar(COM_AMOSTRA)
    return _com_amostra


def exportar(
    armazem: ArmazemDeTeste, pasta: Path, *opcoes: str, esperado: int = 0, **ambiente: str
) -> str:
    """`lastro export amostra`; returns what it printed."""
    feito = armazem.lastro(
        "export", "amostra", "--to", str(pasta), *opcoes, esperado=esperado, **ambiente
    )
    return feito.stdout + feito.stderr


def ler(pasta: Path) -> dict[tuple[str, str], Linha]:
    """The folder as `pandas.read_parquet` reads it: by the same call of Arrow."""
    linhas = pq.read_table(str(pasta)).to_pylist()
    por_chave = {(li["dt_base"], li["id_cliente"]): li for li in linhas}
    assert len(por_chave) == len(linhas), "two rows of one key"
    return por_chave


def manifesto(pasta: Path) -> Linha:
    lido: Linha = json.loads((pasta / "_manifest.json").read_text(encoding="utf-8"))
    return lido


def do_armazem(armazem: ArmazemDeTeste, condicao: str) -> dict[tuple[str, str], Linha]:
    """What the files are to hold, amounts as doubles."""
    registros = armazem.registros(
        "select a.alvo, a.maduro, a.exclusao, a.particao, l.* from risco.amostra_modelagem as a"
        " inner join risco.book_fatura_cliente as l"
        f" on a.ref_date = l.ref_date and a.id_cliente = l.id_cliente where {condicao}"
    )
    numericas = {v["nome"] for v in livro.variaveis() if v["tipo"] != "integer"}
    return {
        (str(li["ref_date"]), li["id_cliente"]): {
            "dt_base": str(li["ref_date"]),
            **{
                c: float(v) if c in numericas and v is not None else v for c, v in li.items()
            },
        }
        for li in registros
    }  # fmt: skip


def arquivos(pasta: Path) -> dict[str, bytes]:
    """Each file that a reader finds, by its path, and the manifest."""
    achados = [*pasta.glob("dt_base=*/particao=*/*.parquet"), pasta / "_manifest.json"]
    return {str(a.relative_to(pasta)): a.read_bytes() for a in achados}


def test_o_conjunto_de_treino(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    pasta = tmp_path / "nova" / "amostra"
    dito = exportar(construido, pasta)
    lidas = ler(pasta)
    esperadas = do_armazem(construido, "a.exclusao is null")
    assert lidas == esperadas != {}
    assert {li["alvo"] for li in lidas.values()} == {0, 1}
    assert f"{len(lidas)} rows of " in dito
    um = next(iter(sorted(pasta.glob("dt_base=*/particao=*/*.parquet"))))
    colunas = pq.ParquetFile(um).schema_arrow
    assert colunas.names == [*DA_AMOSTRA, *(v["nome"] for v in livro.variaveis())]
    assert {str(colunas.field(v["nome"]).type) for v in livro.variaveis()} == {"int32", "double"}
    ids = pq.read_table(um, columns=["id_cliente"], partitioning=None)["id_cliente"].to_pylist()
    assert ids == sorted(ids, key=str.encode)
    for caminho in (pasta / ".lastro-atual").resolve().rglob("*"):
        esperado = (0o777 if caminho.is_dir() else 0o666) & ~MASCARA
        assert caminho.stat().st_mode & 0o777 == esperado, "a sample is read by others"


def test_o_manifesto(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    exportar(construido, tmp_path)
    dito = manifesto(tmp_path)
    linhas = do_armazem(construido, "true").values()
    ((id_,),) = construido.linhas(
        "select _construcao_id from controle.construcoes order by inicio desc limit 1"
    )
    assert dito["construcao"]["id"] == id_
    assert dito["publicada"] is None
    assert dito["pedido"] == {"ref_datas": None, "tudo": False}
    assert dito["definicoes"]["data_referencia"] == str(REFERENCIA)
    assert [dito["definicoes"][c] for c in ("meses_desempenho", "dias_alvo",
            "meses_fora_do_tempo", "variaveis")] == [6, 60, 3, 1010]  # fmt: skip
    assert dito["definicoes"]["janelas_em_meses"] == {f"u{n}m": n for n in (1, 3, 6, 9, 12)}
    de_uso = [li for li in linhas if li["exclusao"] is None]
    assert dito["linhas"] == len(de_uso)
    for parte in dito["particoes"]:
        arquivo = tmp_path / parte["arquivo"]
        assert arquivo.parent == (
            tmp_path / f"dt_base={parte['dt_base']}" / f"particao={parte['particao']}"
        )
        suas = [
            li["alvo"] for li in de_uso
            if (li["dt_base"], li["particao"]) == (parte["dt_base"], parte["particao"])
        ]  # fmt: skip
        assert (parte["linhas"], parte["maus"]) == (len(suas), sum(suas))
        assert parte["bytes"] == arquivo.stat().st_size
        assert parte["sha256"] == hashlib.sha256(arquivo.read_bytes()).hexdigest()
    dias = {p["dt_base"] for p in dito["particoes"]}
    fora = [li for li in linhas if li["exclusao"] is not None and li["dt_base"] in dias]
    assert sum(p["linhas"] for p in dito["deixadas_de_fora"]) == len(fora)
    assert {p["exclusao"] for p in dito["deixadas_de_fora"]} == {li["exclusao"] for li in fora}
    vazou = dito["vazamento"]
    assert vazou["variaveis"] == vazamento.figuras()
    assert (vazou["linhas"], vazou["diferencas"]) == (
        sum(li["dt_base"] in dias for li in linhas), 0
    )  # fmt: skip


def test_de_novo_sao_os_mesmos_bytes(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    exportar(construido, tmp_path)
    antes = arquivos(tmp_path)
    exportar(construido, tmp_path)
    assert arquivos(tmp_path) == antes
    assert len([p for p in tmp_path.iterdir() if p.name.startswith(".lastro-amostra-")]) == 1


@pytest.mark.slow
def test_os_dias_pedidos_e_todas_as_linhas(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    """A smaller set in the place of a larger one leaves no day of it behind."""
    exportar(construido, tmp_path)
    maduras = sorted(tmp_path.glob("dt_base=*"))
    pedidas = [maduras[0].name[8:], maduras[-1].name[8:]]
    exportar(construido, tmp_path, "--ref-datas", ",".join(pedidas))
    lidas = ler(tmp_path)
    assert lidas == do_armazem(
        construido,
        f"a.exclusao is null and a.ref_date in (date '{pedidas[0]}', date '{pedidas[1]}')",
    )
    assert sorted(p.name for p in tmp_path.glob("dt_base=*")) == [f"dt_base={d}" for d in pedidas]
    assert manifesto(tmp_path)["pedido"] == {"ref_datas": pedidas, "tudo": False}
    exportar(construido, tmp_path, "--all")
    assert ler(tmp_path) == do_armazem(construido, "true")
    assert manifesto(tmp_path)["deixadas_de_fora"] == []


def test_o_que_nao_se_pode_exportar(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    pasta = tmp_path / "amostra"
    dito = exportar(construido, pasta, "--ref-datas", "2001-01-01", esperado=1)
    assert "has no ref_date 2001-01-01; it has 2025-08-01" in dito
    dito = exportar(construido, pasta, "--ref-datas", str(REFERENCIA), esperado=1)
    assert f"No row of the sample is of use at {REFERENCIA}" in dito
    assert "write days as" in exportar(construido, pasta, "--ref-datas", "01/02/2026", esperado=2)
    assert list(pasta.iterdir()) == []
    (pasta / "meu.csv").write_text("a")
    assert "meu.csv is not from an export of the sample; move it away" in exportar(
        construido, pasta, esperado=1
    )
    outra = tmp_path / "livros"
    construido.lastro("export", "book", "--to", str(outra))
    assert "is not from an export of the sample" in exportar(construido, outra, esperado=1)
    dos_livros = sorted(p.name for p in outra.iterdir())
    (pasta / "meu.csv").unlink()
    exportar(construido, pasta)
    da_amostra = arquivos(pasta)
    construido.lastro("export", "book", "--to", str(pasta), esperado=1)
    assert arquivos(pasta) == da_amostra
    assert sorted(p.name for p in outra.iterdir()) == dos_livros


@pytest.mark.parametrize(
    "mudanca",
    [
        # An invoice of the day itself, one of the months before with another amount, a payment that
        # was made on the day, or before it and is not in the book.
        "update core.fact_fatura set data_emissao = date '{dia}' where id_fatura = '{fatura}'",
        "update core.fact_fatura set valor_fatura = valor_fatura + 1 where id_fatura = '{fatura}'",
        "update core.fact_pagamento set data_pagamento = date '{dia}' where id_fatura = '{fatura}'",
        "update risco.{tabela} set u12m_geral_dias_atraso_max = u12m_geral_dias_atraso_max + 1"
        " where ref_date = date '{dia}' and id_cliente = '{cliente}'",
    ],
)
def test_uma_variavel_que_sabe_o_futuro_nao_sai(
    construido: ArmazemDeTeste, tmp_path: Path, mudanca: str
) -> None:
    exportar(construido, tmp_path)
    antes = arquivos(tmp_path)
    dia = manifesto(tmp_path)["particoes"][0]["dt_base"]
    ((fatura, cliente),) = construido.linhas(
        "select f.id_fatura, f.id_cliente from core.fact_fatura as f"
        " inner join core.fact_pagamento as p"
        " on f.id_fatura = p.id_fatura and p.fatura_encontrada"
        f" where f.quantidade_pagamentos = 1 and p.data_pagamento < date '{dia}'"
        f" and f.data_emissao > date '{dia}' - 60 order by 1 limit 1"
    )
    tabela = "book_fatura_cliente" if construido.motor == "duckdb" else "book_fatura_cliente_u12m"
    construido.executar(mudanca.format(dia=dia, fatura=fatura, cliente=cliente, tabela=tabela))
    dito = exportar(construido, tmp_path, esperado=6)
    assert f"1 of {dia}"[:5] in dito
    assert f"customers at {dia} have variables that are not those of the invoices" in dito
    assert arquivos(tmp_path) == antes


def test_o_que_nao_e_da_construcao_nao_sai(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    """Built by other variables since, or touched: nobody could tell what the target means."""
    construido.dbt(
        "run", "--select", "amostra_definicao", "--vars",
        f"{{data_referencia: {REFERENCIA}, dias_alvo: 30}}",
    )  # fmt: skip
    dito = exportar(construido, tmp_path, esperado=6)
    assert "risco.amostra_definicao changed since the build of everything" in dito
    reconstruir(construido, "update risco.amostra_modelagem set alvo = 1 where alvo = 0")
    exportar(construido, tmp_path)
    assert manifesto(tmp_path)["definicoes"]["dias_alvo"] == 30
    construido.executar("update risco.amostra_modelagem set alvo = 0 where alvo = 1")
    assert "risco.amostra_modelagem changed since" in exportar(construido, tmp_path, esperado=6)


@pytest.mark.slow
def test_a_versao_publicada_e_dita(publicado: ArmazemDeTeste, tmp_path: Path) -> None:
    exportar(publicado, tmp_path, "--all")
    dita = manifesto(tmp_path)["publicada"]
    assert dita == {"versao": versoes(publicado)[0], "da_mesma_construcao": True}
    reconstruir(publicado)
    exportar(publicado, tmp_path, "--all")
    assert manifesto(tmp_path)["publicada"]["da_mesma_construcao"] is False


@pytest.mark.slow
def test_morte_deixa_um_conjunto_inteiro(construido: ArmazemDeTeste, tmp_path: Path) -> None:
    """Killed anywhere, a reader finds the old set or the new one, and the next run goes through."""
    nova = tmp_path / "nova"
    exportar(construido, nova, "--all")
    novos = arquivos(nova)
    for ponto in PONTOS:
        pasta = tmp_path / ponto
        morrer = {"esperado": -signal.SIGKILL, "LASTRO_FAILPOINT": ponto}
        exportar(construido, pasta, "--all", **morrer)
        if ponto != PONTOS[-1]:
            assert arquivos_ou_nada(pasta) == {}
        exportar(construido, pasta)
        velhos = arquivos(pasta)
        exportar(construido, pasta, "--all", **morrer)
        assert arquivos_ou_nada(pasta) == (novos if ponto == PONTOS[-1] else velhos), ponto
        lidas = pq.read_table(str(pasta), columns=["id_cliente"]).num_rows
        assert lidas == manifesto(pasta)["linhas"], "links that lead nowhere are passed over"
        exportar(construido, pasta, "--all")
        assert arquivos(pasta) == novos
        assert len([p for p in pasta.iterdir() if p.name.startswith(".lastro-")]) == 2


def arquivos_ou_nada(pasta: Path) -> dict[str, bytes]:
    """The same where there may be no manifest, and where links lead nowhere."""
    return arquivos(pasta) if (pasta / "_manifest.json").exists() else {
        str(a): a.read_bytes() for a in pasta.glob("dt_base=*/particao=*/*.parquet")
    }  # fmt: skip


def test_armazem_nunca_construido(armazem_vazio: ArmazemDeTeste, tmp_path: Path) -> None:
    dito = exportar(armazem_vazio, tmp_path, esperado=6)
    assert "dbt build" in dito
    assert list(tmp_path.iterdir()) == []
