"""A file source that is nothing but a contract: loaded, corrected, refused, killed, erased from."""

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apoio_contratos import com_contratos, comando
from conftest import ArmazemDeTeste

from loaders import contratos
from loaders.armazem import abrir
from loaders.contratos.leitura import ler
from loaders.contratos.padroes import HISTORICO, Padrao
from loaders.controle.supressao import TOKEN, ler_chave, nome_da_chave
from loaders.controle.supressao import identificar as identificador
from loaders.controle.tabelas import gravar
from loaders.extracao.arquivos.carregar import Opcoes, Resultado, carregar, conferir
from loaders.extracao.arquivos.locais import Local
from loaders.extracao.arquivos.nomes import identificar, parecido
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.titulares.arquivos import apagar_em, chaves_em, procurar_em
from loaders.titulares.esquecer import esquecer
from loaders.titulares.trocas import Trocas

COLUNAS = ("id_tarifa", "id_cliente_tarifa", "data_tarifa", "valor_tarifa", "criada_em")
"""The columns as they land."""
NO_ARQUIVO = ("id_tarifa", "id_cliente", "data_tarifa", "Valor (R$)", "criada_em")
"""The same as the files call them: one as another source calls its key, one that is no name."""
CABECALHO = ",".join(NO_ARQUIVO)
CONTRATO = """
sources:
  - name: tarifas
    description: Fees.
    schema: "{{ env_var('LASTRO_SCHEMA_PREFIX', '') }}raw_tarifas"
    config: {meta: {tipo: arquivos}}
    tables:
      - name: tarifas
        config: {meta: {arquivo: 'tb_tarifas_{AAAAMM}.csv', chave: id_tarifa,
          titular: id_cliente_tarifa}}
        columns: &colunas
          - {name: id_tarifa, data_type: text}
          - {name: id_cliente_tarifa, data_type: text, config: {meta: {na_fonte: id_cliente}}}
          - {name: data_tarifa, data_type: text, config: {meta: {le_como: date}}}
          - {name: valor_tarifa, data_type: text, config: {meta: {na_fonte: 'Valor (R$)',
             le_como: 'decimal(12,4)'}}}
          - {name: criada_em, data_type: text, config: {meta: {le_como: timestamp}}}
          - {name: _carga_id, data_type: bigint}
          - {name: _arquivo, data_type: text}
          - {name: _linha, data_type: bigint}
          - {name: _carregado_em, data_type: timestamptz}
"""
OUTRAS = """
      - name: em_parquet
        config: {meta: {arquivo: 'Tarifas-{AAAAMMDD}.parquet', chave: id_tarifa,
          titular: id_cliente_tarifa, opcional: true}}
        columns: *colunas
      - name: em_json
        config: {meta: {arquivo: 'tarifas_web_{AAAAMM}_v2.jsonl', chave: id_tarifa,
          titular: id_cliente_tarifa, opcional: true}}
        columns: *colunas
      - name: com_barras
        config: {meta: {arquivo: 'tarifas_todas.csv', chave: id_tarifa,
          titular: id_cliente_tarifa, separadores: ['|', "\\t"], opcional: true}}
        columns: *colunas
"""
LINHAS: list[tuple[str, str, date, Decimal, datetime]] = [
    (f"T{n}", f"C{n}", date(2024, 1, n), Decimal(f"{n}.{n}500"), datetime(2024, 1, n, 10, 20, 30))
    for n in range(1, 6)
]
TEXTOS = [(i, c, d.isoformat(), str(v), f"{e.isoformat()}Z") for i, c, d, v, e in LINHAS]


@pytest.fixture
def projeto(tmp_path: Path) -> Iterator[Path]:
    """A copy of the project's contracts with another source."""
    with com_contratos(tmp_path, tarifas=CONTRATO + OUTRAS) as raiz:
        yield raiz


@pytest.fixture
def entregas(tmp_path: Path) -> Path:
    """A folder for files."""
    pasta = tmp_path / "entregas"
    pasta.mkdir()
    return pasta


def em_csv(*linhas: tuple[str, ...], separador: str = ",") -> bytes:
    return "".join(f"{separador.join(li)}\n" for li in (NO_ARQUIVO, *linhas)).encode()


def em_json(*linhas: tuple[str, ...]) -> bytes:
    """Objects whose amounts are numbers."""
    objetos = (dict(zip(NO_ARQUIVO, li, strict=True)) for li in linhas)
    return "".join(
        json.dumps(o).replace(f'"{o["Valor (R$)"]}"', o["Valor (R$)"]) + "\n" for o in objetos
    ).encode()


def em_parquet(caminho: Path, linhas: list[tuple[Any, ...]] = LINHAS, **outras: Any) -> None:
    """A file of typed columns."""
    tipos = [pa.string(), pa.string(), pa.date32(), pa.decimal128(12, 4), pa.timestamp("us", "UTC")]
    colunas = {
        nome: pa.array([linha[n] for linha in linhas], tipo)
        for n, (nome, tipo) in enumerate(zip(NO_ARQUIVO, tipos, strict=True))
    }
    pq.write_table(pa.table(colunas | outras), caminho)


def fazer(armazem: ArmazemDeTeste, onde: Path, so_ver: bool = False, **opcoes: Any) -> Resultado:
    config = Configuracao(_env_file=None, **armazem.ambiente)
    fonte = contratos.fontes()["tarifas"]
    return (conferir if so_ver else carregar)(config, fonte, str(onde), Opcoes(**opcoes))


def estados(resultado: Resultado) -> dict[str, str]:
    return {c.origem: c.status for c in resultado.cargas}


def em_raw(armazem: ArmazemDeTeste, tabela: str = "tarifas") -> list[tuple[Any, ...]]:
    """The rows of the last load."""
    return armazem.linhas(
        f"select {', '.join(COLUNAS)} from raw_tarifas.{tabela} where _carga_id ="
        f" (select max(_carga_id) from raw_tarifas.{tabela}) order by _linha"
    )


def conciliar(armazem: ArmazemDeTeste) -> None:
    """Each file that landed is its rows and its rejects."""
    for entidade, carga, lidas in armazem.linhas(
        "select entidade, _carga_id, lidas from controle.cargas where status = 'ok'"
    ):
        (raw,) = armazem.linhas(
            f"select count(*) from raw_tarifas.{entidade} where _carga_id = {carga}"
        )[0]
        (rejeitadas,) = armazem.linhas(
            f"select count(*) from controle.rejeicoes where _carga_id = {carga}"
        )[0]
        assert raw + rejeitadas == lidas


# The contract


@pytest.mark.parametrize(
    ("nome", "tabela", "entrega"),
    [
        ("tb_tarifas_202401.csv.gz", "tarifas", "2024-01"),
        ("tb_tarifas.csv", "tarifas", HISTORICO),
        ("tb_tarifas_20240131.csv", "tarifas", None),
        ("tarifas-20240229.parquet", "em_parquet", "2024-02-29"),
        ("Tarifas-20230229.parquet", "em_parquet", None),
        ("Tarifas.parquet", "em_parquet", HISTORICO),
        ("tarifas_web_202401_v2.jsonl.zst", "em_json", "2024-01"),
        ("tarifas_web_v2.jsonl", "em_json", HISTORICO),
        ("tarifas_todas.csv", "com_barras", HISTORICO),
        ("tarifas_todas_202401.csv", None, None),
        ("tb_tarifas_202401.parquet", None, None),
    ],
)
def test_o_nome_diz_a_entrega(
    projeto: Path, nome: str, tabela: str | None, entrega: str | None
) -> None:
    achado = identificar(contratos.fontes()["tarifas"], nome)
    assert (achado and (achado.tabela.nome, achado.entrega)) == (tabela and (tabela, entrega))


def test_o_que_se_chama_quase_assim(projeto: Path) -> None:
    fonte = contratos.fontes()["tarifas"]
    assert "call it tb_tarifas_202401.csv" in str(parecido(fonte, "tb_tarifas_202401.txt", False))
    dito = str(parecido(fonte, "tarifas-2024-01-31.csv", False))
    assert "Parquet only" in dito or "20240131" in dito or "tb_tarifas_202401.csv" in dito


ERRADOS = {
    "two periods": ("tb_tarifas_{AAAAMM}.csv", "tb_{AAAA}_{MM}.csv", "more than one period"),
    "another period": ("tb_tarifas_{AAAAMM}.csv", "tb_tarifas_{MM}.csv", "is no period"),
    "another format": ("tb_tarifas_{AAAAMM}.csv", "tb_tarifas_{AAAAMM}.xlsx", "ends in none of"),
    "a folder": ("tb_tarifas_{AAAAMM}.csv", "a/tb_tarifas.csv", "is no name of a file"),
    "no word": ("tb_tarifas_{AAAAMM}.csv", "{AAAAMM}.csv", "begin with a word"),
    "another way of reading": ("decimal(12,4)", "money", "none of date, timestamp"),
    "another separator": ("'|',", "':',", "separadores"),
    "the same name": ("tarifas_todas.csv", "TB_TARIFAS_202402.csv", "tarifas and of com_barras"),
    "not text": ("id_tarifa, data_type: text", "id_tarifa, data_type: bigint", "bigint"),
    "an unknown word": ("opcional: true", "opcionall: true", "opcionall: unknown key"),
}


@pytest.mark.parametrize("caso", ERRADOS)
def test_o_contrato_errado_e_dito_com_arquivo_linha_e_chave(projeto: Path, caso: str) -> None:
    certo, errado, dito = ERRADOS[caso]
    arquivo = projeto / "models/staging/tarifas/_tarifas__sources.yml"
    assert certo in CONTRATO + OUTRAS
    arquivo.write_text((CONTRATO + OUTRAS).replace(certo, errado, 1))
    with pytest.raises(LastroError) as erro:
        ler(arquivo)
    linha = next(li for li in str(erro.value).splitlines() if dito in li)
    assert linha.strip().startswith("models/staging/tarifas/_tarifas__sources.yml:")


def test_todo_padrao_casa_com_o_nome_que_ele_mesmo_da() -> None:
    for texto in (
        "as de_{AAAAMM}.csv",
        "bruto{AAAAMMDD}.parquet",
        "abc.{AAAAMM}-x.jsonl",
        "tudo.csv",
    ):
        padrao = Padrao.de(texto)
        quando = {"AAAAMM": "202402", "AAAAMMDD": "20240229", None: None}[padrao.periodo]
        assert padrao.entrega(padrao.nome()) == HISTORICO
        assert str(padrao.entrega(padrao.nome(quando))).replace("-", "") == (quando or HISTORICO)


# Loads


def test_carrega_corrige_repete_recusa(
    projeto: Path, entregas: Path, armazem_vazio: ArmazemDeTeste
) -> None:
    janeiro = entregas / "tb_tarifas_202401.csv"
    janeiro.write_bytes(em_csv(*TEXTOS) + b"x,y\n")
    assert estados(fazer(armazem_vazio, entregas, so_ver=True)) == {janeiro.name: "ok"}
    (carga,) = fazer(armazem_vazio, entregas).cargas
    assert (carga.status, carga.gravadas, carga.rejeitadas) == ("ok", 5, 1)
    assert (carga.forma_decimal, carga.forma_data) == ("ponto", "AAAA-MM-DD")
    assert em_raw(armazem_vazio) == TEXTOS
    assert estados(fazer(armazem_vazio, entregas)) == {janeiro.name: "sem_novidade"}
    janeiro.write_bytes(em_csv(*TEXTOS[:4]))
    assert estados(fazer(armazem_vazio, entregas)) == {janeiro.name: "ok"}
    assert em_raw(armazem_vazio) == TEXTOS[:4]
    janeiro.write_bytes(em_csv(*TEXTOS[:1]))
    (entregas / "tb_tarifas_202402.csv").write_bytes(em_csv(*TEXTOS).replace(b"criada", b"feita"))
    (entregas / "tarifas_todas.csv").write_bytes(em_csv(*TEXTOS, separador="\t"))
    feito = fazer(armazem_vazio, entregas, esperados=("2024-03", "2024-01"))
    assert estados(feito) == {
        "tarifas_todas.csv": "ok", janeiro.name: "rejeitado", "tb_tarifas_202402.csv": "rejeitado",
    }  # fmt: skip
    assert feito.ausentes == ["tb_tarifas_202403.csv"]
    assert [str(c.mensagem).partition(" (")[0] for c in feito.cargas[1:]] == [
        "it has 1 rows, less than half of the 4 of the file it corrects; if that is true, load it"
        " with --allow-shrink",
        "its columns are not those of the contract",
    ]
    assert sorted(os.listdir(entregas / "quarentena"))[0] == janeiro.name
    assert em_raw(armazem_vazio, "com_barras") == TEXTOS
    conciliar(armazem_vazio)
    assert {f for (f,) in armazem_vazio.linhas("select fonte from controle.cargas")} == {"tarifas"}


def test_os_formatos_dao_as_mesmas_linhas(
    projeto: Path, entregas: Path, armazem_vazio: ArmazemDeTeste
) -> None:
    (entregas / "tb_tarifas_202401.csv").write_bytes(em_csv(*TEXTOS))
    (entregas / "tarifas_web_202401_v2.jsonl.gz").write_bytes(
        gzip.compress(em_json(*TEXTOS) + b'{"id_tarifa": "T9"}\n[1]\n{"x": \n\n')
    )
    em_parquet(entregas / "Tarifas-20240131.parquet")
    partes = entregas / "Tarifas-20240201.parquet"
    partes.mkdir()
    em_parquet(partes / "part-0.parquet", LINHAS[:2])
    em_parquet(partes / "part-1.parquet", LINHAS[2:])
    (partes / "_SUCCESS").touch()
    em_parquet(entregas / "Tarifas-20240202.parquet", extra=pa.array(range(5)))
    em_parquet(entregas / "Tarifas-20240203.parquet")
    cortado = entregas / "Tarifas-20240203.parquet"
    cortado.write_bytes(cortado.read_bytes()[:-100])
    antes = {p.name for p in entregas.iterdir()}
    assert estados(fazer(armazem_vazio, entregas, so_ver=True)) == estados(
        fazer(armazem_vazio, entregas)
    )
    assert antes - {p.name for p in entregas.iterdir()} == {
        "Tarifas-20240202.parquet", cortado.name,
    }  # fmt: skip
    mensagens = dict(
        armazem_vazio.linhas("select origem, mensagem from controle.cargas where status <> 'ok'")
    )
    assert "unknown: extra" in mensagens["Tarifas-20240202.parquet"]
    assert "broken or cut off" in mensagens[cortado.name]
    for tabela in ("tarifas", "em_json", "em_parquet"):
        assert em_raw(armazem_vazio, tabela) == TEXTOS
    assert armazem_vazio.linhas(
        "select _linha, motivo from controle.rejeicoes order by _linha"
    ) == [
        (6, "missing: id_cliente, data_tarifa, valor (r$), criada_em"),
        (7, "no JSON object"),
        (8, "no JSON"),
    ]
    conciliar(armazem_vazio)


@pytest.mark.parametrize(
    ("na_fonte", "dito"),
    [("' ID_Tarifa '", "two of its columns are 'id_tarifa' in a file"), ("' '", "is blank")],
)
def test_duas_colunas_nao_vem_da_mesma(tmp_path: Path, na_fonte: str, dito: str) -> None:
    arquivo = tmp_path / "_tarifas__sources.yml"
    arquivo.write_text(CONTRATO.replace("na_fonte: id_cliente}", f"na_fonte: {na_fonte}}}"))
    with pytest.raises(LastroError, match=dito):
        ler(arquivo)


@pytest.mark.parametrize(
    ("escritos", "decimal", "data"),
    [
        (("1.234,5678", "05/01/2024", "05/01/2024 10:20:30"), "virgula", "DD/MM/AAAA"),
        (("1234.5678", "2024-01-05", "2024-01-05T10:20:30.123-03:00"), "ponto", "AAAA-MM-DD"),
        (("1.234", "2024-01-05", "2024-01-05 10:20"), None, None),
        (("1.5", "2024-01-05", "2024-01-05T25:20:30"), None, None),
        (("123456789.5", "2024-01-05", "2024-01-05"), None, None),
    ],
)
def test_como_se_leem_os_textos(
    projeto: Path, tmp_path: Path, lugar: ArmazemDeTeste, escritos: tuple[str, str, str],
    decimal: str | None, data: str | None,
) -> None:  # fmt: skip
    """Thousands or three decimals, an hour that is none, more digits than 12,4: nothing is read."""
    valor, dia, quando = escritos
    pasta = tmp_path / "entregas"
    pasta.mkdir()
    conteudo = em_csv(("T1", "C1", dia, valor, quando), separador=";")
    (pasta / "tb_tarifas_201001.csv").write_bytes(conteudo)
    (carga,) = fazer(lugar, pasta, so_ver=True).cargas
    assert (carga.forma_decimal, carga.forma_data) == (decimal, data), carga.mensagem


@pytest.mark.parametrize("onde", ["arquivo.antes_do_commit", "arquivo.depois_do_commit"])
def test_morta_e_feita_de_novo(
    projeto: Path, entregas: Path, armazem_vazio: ArmazemDeTeste, onde: str
) -> None:
    (entregas / "tb_tarifas_202401.csv").write_bytes(em_csv(*TEXTOS))
    em_parquet(entregas / "Tarifas-20240131.parquet")
    ambiente = {**armazem_vazio.ambiente, "LASTRO_FAILPOINT": onde}
    carregar_ = comando(projeto, "load", "tarifas", str(entregas))
    morta = subprocess.run(carregar_, env=ambiente, capture_output=True, text=True)
    assert morta.returncode < 0, morta.stderr
    fazer(armazem_vazio, entregas)
    assert em_raw(armazem_vazio) == em_raw(armazem_vazio, "em_parquet") == TEXTOS
    assert armazem_vazio.linhas("select count(*) from raw_tarifas.tarifas") == [(5,)]
    conciliar(armazem_vazio)


# People


def test_um_cabecalho_entre_aspas_e_o_do_contrato(tmp_path: Path) -> None:
    """Erased is the person's row, and nothing that reads alike in another's."""
    com_aspas = CONTRATO.replace("na_fonte: 'Valor (R$)'", """na_fonte: 'Valor, "bruto"'""")
    with com_contratos(tmp_path, tarifas=com_aspas):
        pasta = tmp_path / "entregas"
        pasta.mkdir()
        arquivo = pasta / "tb_tarifas_202401.csv"
        cabecalho = 'id_tarifa,id_cliente,data_tarifa,"Valor, ""bruto""",criada_em\n'
        do_outro = "C1,C2,2024-01-01,2.5,C1\n"
        arquivo.write_text(cabecalho + "T1,C1,2024-01-01,1.5,2024-01-01\n" + do_outro)
        trocas = Trocas("tarifas", "a secret", {"id_cliente_tarifa": {"C1"}, "id_tarifa": set()})
        trocas = trocas.com(chaves_em([Local(str(pasta))], trocas))
        assert trocas.chaves["id_tarifa"] == {"T1"}
        ((reescrito,), demais) = apagar_em(Local(str(pasta)), trocas, lambda _: None)
        assert (reescrito.linhas, demais) == (1, [])
        linhas = arquivo.read_text().splitlines(keepends=True)
        assert (linhas[0], linhas[2]) == (cabecalho, do_outro)
        assert "T1" not in linhas[1]


def test_cabecalhos_iguais_de_donos_diferentes_sao_recusados(tmp_path: Path) -> None:
    arquivo = tmp_path / "_tarifas__sources.yml"
    outra = OUTRAS.replace(
        "titular: id_cliente_tarifa, opcional", "titular: id_tarifa, opcional", 1
    )
    arquivo.write_text(CONTRATO + outra)
    with pytest.raises(LastroError, match="have the same header"):
        ler(arquivo)


def test_quem_foi_apagado_nao_volta(
    projeto: Path, entregas: Path, armazem_vazio: ArmazemDeTeste
) -> None:
    """Neither as a row nor in a line that is none, and not where its id is a number."""
    (entregas / "tb_tarifas_202401.csv").write_bytes(em_csv(*TEXTOS))
    fazer(armazem_vazio, entregas)
    chave = ler_chave(armazem_vazio.config)
    quando = datetime.now(UTC)
    esquecidos = [
        {
            "fonte": "tarifas", "coluna": "id_cliente_tarifa", "chave": nome_da_chave(chave),
            "identificador": identificador(chave, "tarifas", "id_cliente_tarifa", id_),
            "pedido_em": quando, "segredo": None, "apagado_em": quando,
        }
        for id_ in ("C2", "42")
    ]  # fmt: skip
    with abrir(armazem_vazio.config, "test") as armazem, armazem.transacao():
        gravar(armazem, "esquecidos", esquecidos)
    for nome, conteudo in {
        "tb_tarifas_202402.csv": em_csv(*TEXTOS) + b"C2,x\n",
        "tarifas_web_202402_v2.jsonl": em_json(*TEXTOS) + b'{"id_cliente": 42}\n',
    }.items():
        (entregas / nome).write_bytes(conteudo)
    em_parquet(entregas / "Tarifas-20240201.parquet")
    novas = {c.entidade: c for c in fazer(armazem_vazio, entregas).cargas if c.status == "ok"}
    assert {e: (c.gravadas, c.rejeitadas) for e, c in novas.items()} == {
        "em_parquet": (4, 1), "em_json": (4, 2), "tarifas": (4, 2),
    }  # fmt: skip
    assert {b for (b,) in armazem_vazio.linhas("select linha_bruta from controle.rejeicoes")} == {
        ""
    }
    conciliar(armazem_vazio)


@pytest.mark.slow
def test_quem_se_apaga_some_das_entregas_e_nao_volta(
    projeto: Path, entregas: Path, armazem_vazio: ArmazemDeTeste
) -> None:
    (entregas / "tb_tarifas_202401.csv").write_bytes(em_csv(*TEXTOS))
    (entregas / "tarifas_web_202401_v2.jsonl").write_bytes(
        em_json(*TEXTOS) + b'{"id_tarifa": "T8", "id_cliente": "C2"}\n'
    )
    em_parquet(entregas / "Tarifas-20240131.parquet")
    fazer(armazem_vazio, entregas)
    config = Configuracao(_env_file=None, **armazem_vazio.ambiente)
    feito = esquecer(config, "tarifas", ["C2"], [str(entregas)])
    assert feito.pessoas == 1
    for tabela in ("tarifas", "em_json", "em_parquet"):
        linhas = em_raw(armazem_vazio, tabela)
        assert [li[2:] for li in linhas] == [li[2:] for li in TEXTOS]
        assert [li[1].startswith(TOKEN) for li in linhas] == [False, True, False, False, False]
    for arquivo in entregas.iterdir():
        assert b"C2" not in arquivo.read_bytes()
    assert set(estados(fazer(armazem_vazio, entregas)).values()) == {"sem_novidade"}
    (entregas / "tb_tarifas_202402.csv").write_bytes(em_csv(*TEXTOS))
    em_parquet(entregas / "Tarifas-20240201.parquet")
    novas = [c for c in fazer(armazem_vazio, entregas).cargas if c.status == "ok"]
    assert [(c.gravadas, c.rejeitadas) for c in novas] == [(4, 1), (4, 1)]
    conciliar(armazem_vazio)


def test_numeros_e_partes_perdem_a_pessoa(projeto: Path, entregas: Path) -> None:
    """An id that a typed file holds as a number becomes a token, and the rest stays as it is."""
    trocas = Trocas("tarifas", "a secret", {"id_cliente_tarifa": {"42"}, "id_tarifa": set()})
    linha = '{"id_cliente":42,"id_tarifa":"T42","Valor (R$)":1.50,"criada_em":null,'
    resto = '"data_tarifa":["é",1e5]}\n'
    (entregas / "tarifas_web_202401_v2.jsonl").write_text(linha + resto + "[42]\n42\n")
    tabela = pa.table({
        "id_tarifa": ["a", "b"], "id_cliente": pa.array([42, 43], pa.int64()),
        "data_tarifa": pa.array([1, 2], pa.date32()), "Valor (R$)": [1.5, 2.5],
        "criada_em": ["x", None],
    })  # fmt: skip
    pq.write_table(tabela, entregas / "Tarifas-20240131.parquet", compression="zstd")
    local = Local(str(entregas))
    trocas = trocas.com(chaves_em([local], trocas))
    assert trocas.chaves["id_tarifa"] == {"T42", "a"}
    antes: list[str] = []
    assert len(list(procurar_em(local, trocas, antes))) == 4
    reescritos, demais = apagar_em(local, trocas, lambda _: None)
    assert (antes, demais, sum(r.linhas for r in reescritos)) == ([], [], 4)
    assert not list(procurar_em(local, trocas, antes))
    em_linhas = (entregas / "tarifas_web_202401_v2.jsonl").read_text().splitlines(keepends=True)
    assert em_linhas[0].endswith(',"Valor (R$)":1.50,"criada_em":null,' + resto)
    lida = pq.read_table(entregas / "Tarifas-20240131.parquet")
    assert lida.column("id_cliente")[1].as_py() == "43"
    assert lida.drop(NO_ARQUIVO[:2]) == tabela.drop(NO_ARQUIVO[:2])
