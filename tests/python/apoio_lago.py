"""A lake of its own for one test, and what runs in Spark's environment."""

import gzip
import os
import pickle
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pyarrow.parquet as pq
import pytest
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.contratos import carregaveis
from loaders.demo.servidor import Servidor

PYTHON = PROJETO / ".venv-spark" / "bin" / "python"
BRUTAS = tuple(f"raw_{fonte.nome}" for fonte in carregaveis())
so_duckdb = pytest.mark.parametrize("lugar", ["duckdb"], indirect=True)
AJUSTES = """
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.log.level ERROR
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""
"""For few rows: to plan and to compile a query takes longer than to run it."""
LER = """
import pickle, sys
from loaders.lago import catalogo
from loaders.nucleo.configuracao import configuracao
la = catalogo.abrir(configuracao())
lidas = {}
for esquema, in la.list_namespaces():
    for nome in la.list_tables(esquema):
        linhas = la.load_table(nome).scan().to_arrow().to_pylist()
        lidas[".".join(nome)] = [tuple(linha.values()) for linha in linhas]
sys.stdout.buffer.write(pickle.dumps(lidas))
"""


@dataclass
class Lago:
    """An empty catalogue in a database of its own, and a folder."""

    ambiente: dict[str, str]
    catalogo: str
    """The address of the catalogue's database, for psycopg."""

    def lastro(
        self, *argumentos: str, esperado: int = 0, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `lastro` of Spark's environment."""
        comando = [str(PYTHON.with_name("lastro")), *argumentos]
        todo = {**self.ambiente, **ambiente}
        feito = subprocess.run(comando, cwd=PROJETO, env=todo, capture_output=True, text=True)
        assert feito.returncode == esperado, feito.stdout[-2000:] + feito.stderr[-4000:]
        return feito

    @property
    def pasta(self) -> Path:
        """The folder of its files."""
        return Path(self.ambiente["LASTRO_LAKE_WAREHOUSE"])

    @property
    def ajustes(self) -> dict[str, str]:
        """The settings that name it, for commands of the other environment."""
        return {n: v for n, v in self.ambiente.items() if n.startswith("LASTRO_LAKE_")}

    def camadas(self) -> dict[str, set[str]]:
        """The namespaces that have files, by the folder of their layer."""
        return {
            camada.name: {esquema.name for esquema in camada.iterdir()}
            for camada in self.pasta.iterdir()
        }

    def python(self, texto: str) -> bytes:
        """What a script prints in Spark's environment."""
        comando = [str(PYTHON), "-c", texto]
        return subprocess.run(
            comando, cwd=PROJETO, env=self.ambiente, capture_output=True, check=True
        ).stdout

    def linhas(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of each table in the lake."""
        lidas: dict[str, list[tuple[Any, ...]]] = pickle.loads(self.python(LER))
        return lidas

    def vestigios(self, agulhas: Iterable[str]) -> dict[str, set[str]]:
        """Where some texts stand: files of the lake, of whatever kind, and its catalogue."""
        procuradas = {a: a.encode() for a in agulhas}
        achadas: dict[str, set[str]] = {}

        def procurar(onde: str, conteudo: bytes) -> None:
            if vistas := {a for a, b in procuradas.items() if b in conteudo}:
                achadas.setdefault(onde, set()).update(vistas)

        for arquivo in filter(Path.is_file, self.pasta.rglob("*")):
            for conteudo in _aberto(arquivo):
                procurar(str(arquivo.relative_to(self.pasta)), conteudo)
        with psycopg.connect(self.catalogo) as conexao:
            for tabela in ("iceberg_tables", "iceberg_namespace_properties"):
                linhas = conexao.execute(f"select * from {tabela}").fetchall()
                procurar(tabela, repr(linhas).encode())
        return achadas


def _aberto(arquivo: Path) -> Iterator[bytes]:
    """The bytes of a file as they are, and what they hold once unpacked."""
    cru = arquivo.read_bytes()
    yield cru
    if cru.startswith(b"PAR1"):
        lida = pq.read_table(arquivo)
        yield "\n".join(str(v) for coluna in lida.columns for v in coluna.to_pylist()).encode()
    elif cru.startswith(b"Obj\x01"):
        yield from _blocos(cru)
    elif cru.startswith(b"\x1f\x8b"):
        yield gzip.decompress(cru)


def _blocos(cru: bytes) -> Iterator[bytes]:
    """The blocks of an Avro file, which Iceberg packs by deflate."""
    posicao = 4

    def numero() -> int:
        nonlocal posicao
        valor = desloca = 0
        while True:
            byte = cru[posicao]
            posicao += 1
            valor |= (byte & 127) << desloca
            desloca += 7
            if byte < 128:
                return (valor >> 1) ^ -(valor & 1)

    def texto() -> bytes:
        nonlocal posicao
        tamanho = numero()
        posicao += tamanho
        return cru[posicao - tamanho : posicao]

    dados: dict[bytes, bytes] = {}
    while quantos := numero():
        if quantos < 0:
            numero()
        dados |= {texto(): texto() for _ in range(abs(quantos))}
    posicao += 16
    while posicao < len(cru):
        numero()
        bloco = texto()
        posicao += 16
        codec = dados.get(b"avro.codec", b"null")
        assert codec in (b"null", b"deflate"), codec
        yield zlib.decompress(bloco, -15) if codec == b"deflate" else bloco


def criar(armazem: ArmazemDeTeste, servidor: Servidor, pasta: Path) -> Lago:
    """An empty lake beside a warehouse."""
    with psycopg.connect(servidor.dsn(), autocommit=True) as conexao:
        conexao.execute("drop database if exists lago with (force)")
    servidor.criar_banco("lago")
    (pasta / "conf").mkdir()
    (pasta / "conf" / "spark-defaults.conf").write_text(AJUSTES)
    endereco = urlsplit(servidor.dsn("lago"))
    ambiente = {
        **armazem.ambiente,
        "LASTRO_LAKE_URI": f"jdbc:postgresql://{endereco.hostname}:{endereco.port}/lago",
        "LASTRO_LAKE_USER": str(endereco.username),
        "LASTRO_LAKE_PASSWORD": str(endereco.password),
        "LASTRO_LAKE_WAREHOUSE": str(pasta / "lago"),
        "LASTRO_SPARK_MASTER": "local[2]",
        "SPARK_CONF_DIR": str(pasta / "conf"),
        "DBT_TARGET_PATH": str(pasta / "target"),
        "DBT_LOG_PATH": str(pasta / "logs"),
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
    }
    return Lago(ambiente, servidor.dsn("lago"))


@pytest.fixture
def lago(armazem: ArmazemDeTeste, postgres: Servidor, tmp_path: Path) -> Lago:
    """An empty lake beside the built warehouse."""
    return criar(armazem, postgres, tmp_path)


def conferir_espelho(lago: Lago, armazem: ArmazemDeTeste) -> None:
    """Every row of raw and every load is in the lake, once, and nothing else."""
    la = lago.linhas()
    tabelas = armazem.linhas(
        "select table_schema, table_name from information_schema.tables"
        f" where table_schema in {BRUTAS}"
    )
    assert {tuple(nome.split(".")) for nome in la} == {
        *tabelas, ("controle", "cargas"), ("controle", "rejeicoes"),
    }  # fmt: skip
    for nome, linhas in la.items():
        aqui = armazem.linhas(f"select * from {nome}")
        # a column that came later stands last there, and in its place in the contract here
        assert sorted(map(_em_texto, linhas)) == sorted(map(_em_texto, aqui)), nome


def _em_texto(linha: tuple[Any, ...]) -> list[str]:
    """A row without the order of its columns; the lake's times all have a zone, UTC."""
    return sorted(str(valor).removesuffix("+00:00") for valor in linha)


def alguem(armazem: ArmazemDeTeste) -> tuple[str, list[str]]:
    """Somebody with an account and a card; the ids, names and documents that are nobody else's."""
    associado, conta, cartao, nome, impresso, numero = armazem.linhas("""
        with pessoas as (
            select a.id_associado, c.id_conta, t.id_cartao, a.nome, t.nome_impresso_cartao,
                t.numero_cartao, count(*) over (partition by a.nome) as homonimos
            from raw_sicooperative.associado as a
            inner join raw_sicooperative.conta as c on a.id_associado = c.id_associado
            inner join raw_sicooperative.cartao as t on c.id_conta = t.id_conta
        )
        select * exclude (homonimos) from pessoas
        where homonimos = 1 and length(nome) > 8 and length(id_associado) > 5
            and length(id_conta) > 5 and length(id_cartao) > 5
        order by id_associado limit 1
    """)[0]
    return associado, [v for v in (associado, conta, cartao, nome, impresso, numero) if v]
