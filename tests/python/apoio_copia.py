"""The project with what a user added to it: marts, a source, a folder of files."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from comandos_quentes import quentes
from conftest import ArmazemDeTeste

from loaders import PROJETO

FORA = (".*", "target", "logs", "warehouse", "published", "saida", "landing", "benchmarks")
MAIORES_CLIENTES = """
with
vigentes as (
    select * from {{ ref('dim_associado') }} where registro_ativo
),
maiores_clientes as (
    select
        id_associado as codigo,
        nome_associado || ' ' || sobrenome_associado as cliente,
        upper(nome_associado) as tratamento,
        cast(1 as bigint) as posicao
    from vigentes
)
select * from maiores_clientes
"""
"""A mart that calls nothing as the project does."""
SO_NOMES = """
select cliente as quem, count(*) as vezes from {{ ref('maiores_clientes') }} group by cliente
"""
POR_VERSAO = """
select sk_associado, nome_associado as apelido, 'x' as parte from {{ ref('dim_associado') }}
"""
FATURAS_DE_QUEM = """
select id_cliente as quem_paga, count(*) as faturas from {{ ref('fact_fatura') }}
group by id_cliente
"""
FATURAS_DE_QUEM_DESCRITO = """
version: 2
models:
  - name: faturas_de_quem
    columns:
      - {name: quem_paga, data_type: text}
      - {name: faturas, data_type: bigint}
"""
DESCRITO = """
version: 2
models:
  - name: maiores_clientes
    columns:
      - {name: codigo, data_type: text}
      - {name: cliente, data_type: text}
      - {name: tratamento, data_type: text, config: {meta: {pessoal: nome}}}
      - {name: posicao, data_type: bigint}
  - name: so_nomes
    columns:
      - {name: quem, data_type: text}
      - {name: vezes, data_type: bigint}
  - name: por_versao
    columns:
      - {name: sk_associado, data_type: uuid}
      - {name: apelido, data_type: text, config: {meta: {pessoal: nome}}}
      - {name: parte, data_type: text}
"""
CRM = """
version: 2
sources:
  - name: crm
    schema: "{{{{ env_var('LASTRO_SCHEMA_PREFIX', '') }}}}raw_crm"
    tables:
      - name: pessoas
        config: {{meta: {{chave: {chave}, titular: {chave}}}}}
        columns:
          - {{name: {chave}, data_type: text}}
          - {{name: nome, data_type: text, config: {{meta: {{pessoal: nome}}}}}}
          - {{name: _carga_id, data_type: bigint}}
          - {{name: _linha, data_type: bigint}}
      - name: cidades
        config: {{meta: {{chave: cidade}}}}
        columns:
          - {{name: cidade, data_type: text}}
"""
DO_CRM = """
select id_pessoa as id_cliente, nome from {{ source('crm', 'pessoas') }}
"""
DO_CRM_DESCRITO = """
version: 2
models:
  - name: clientes_do_crm
    columns:
      - {name: id_cliente, data_type: text}
      - {name: nome, data_type: text, config: {meta: {pessoal: nome}}}
"""
GRUPO = """
version: 2
groups:
  - {{name: {area}, description: Of the user's., owner: {{name: x, email: x@example.com}}}}
"""
DESCARTAR = """
from loaders.nucleo.configuracao import configuracao
from loaders.projeto.historia import descartar
descartar(configuracao())
"""
REGISTRAR = """
import sys, json, uuid
from loaders.armazem import abrir_para_ler
from loaders.nucleo.configuracao import configuracao
from loaders.publicacao import acessos, construcao
from loaders.projeto.ambiente_dbt import rodar
config = configuracao()
projeto = rodar(config, "dbt", "--quiet", "--no-use-colors", "--no-write-json",
                "run-operation", "mostrar_impressao_do_projeto")
with abrir_para_ler(config, "test") as aberto:
    medidas = {m.tabela: construcao.medida(config, m, aberto.linhas) for m in acessos.gravados()}
print(json.dumps([projeto, {t: [m.linhas, m.valor and str(m.valor), m.impressao]
                            for t, m in medidas.items()}]))
"""


@dataclass
class Copia:
    """A copy of the project that works on a warehouse of the session."""

    armazem: ArmazemDeTeste
    projeto: Path

    @property
    def ambiente(self) -> dict[str, str]:
        pasta = self.projeto.parent
        return self.armazem.ambiente | {
            "PYTHONPATH": str(self.projeto),
            "DBT_TARGET_PATH": str(pasta / "target"),
            "DBT_LOG_PATH": str(pasta / "logs"),
            "LASTRO_AUDIT_LOG": str(pasta / "auditoria.jsonl"),
            "LASTRO_AUDIT_HEAD": str(pasta / "auditoria.cabeca"),
            "POD_CARTOES_LOCATION": str(pasta / "entregas"),
        }

    def rodar(
        self, programa: str, *argumentos: str, esperado: int = 0, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        feito = quentes().rodar((programa, *argumentos), self.ambiente | ambiente, self.projeto)
        assert feito.returncode == esperado, feito.stdout[-4000:] + feito.stderr[-4000:]
        return feito

    def lastro(
        self, *argumentos: str, esperado: int = 0, **ambiente: str
    ) -> subprocess.CompletedProcess[str]:
        return self.rodar("lastro", *argumentos, esperado=esperado, **ambiente)

    def escrever(self, nome: str, texto: str) -> None:
        arquivo = self.projeto / nome
        arquivo.parent.mkdir(parents=True, exist_ok=True)
        arquivo.write_text(texto, encoding="utf-8")

    def mudar(self, nome: str, era: str, fica: str) -> None:
        texto = (self.projeto / nome).read_text(encoding="utf-8")
        assert era in texto
        self.escrever(nome, texto.replace(era, fica, 1))

    def linhas(self, sql: str) -> list[tuple[Any, ...]]:
        return self.armazem.linhas(sql)

    def publicar(self) -> None:
        """Publish what stands in the warehouse, as if a build of everything had made it."""
        dito = self.rodar("python", "-c", REGISTRAR).stdout
        projeto, medidas = json.loads(dito.strip().rpartition("\n")[2])
        texto = projeto.replace("'", "''")
        valores = ", ".join(
            f"('copia', '{t}', {n}, {'null' if v is None else v}, '{i}')"
            for t, (n, v, i) in medidas.items()
        )
        self.armazem.executar(
            "insert into controle.construcoes select '00000000-0000-0000-0000-00000000c091',"
            " status, inicio + interval '1 minute', fim + interval '1 minute', ultima_carga,"
            f" variaveis, '{texto}', mensagem from controle.construcoes"
            " order by inicio desc limit 1; insert into controle.tabelas_construidas"
            " (_construcao_id, tabela, linhas, valor, impressao) values "
            + valores.replace("'copia'", "'00000000-0000-0000-0000-00000000c091'")
        )
        self.lastro("publish", "--accept")


@pytest.fixture
def copia(publicado: ArmazemDeTeste) -> Iterator[Copia]:
    """The project with a mart folder of the user's, built.

    It stands where the one of the test before stood, so that dbt reads again what differs alone.
    """
    feita = Copia(publicado, publicado.pasta / "copia" / "projeto")
    alvo = feita.projeto.parent / "target"
    if not alvo.exists():  # the first begins with what dbt has read of the project itself
        alvo.mkdir(parents=True)
        shutil.copy(publicado.pasta / "target" / "partial_parse.msgpack", alvo)
    shutil.copytree(PROJETO, feita.projeto, ignore=shutil.ignore_patterns(*FORA))
    entregas = feita.projeto.parent / "entregas"
    shutil.copytree(publicado.pasta / "pod_cartoes", entregas)
    publicado.executar(f"update controle.lugares set lugar = '{entregas}'")
    pasta = "models/marts/financeiro"
    feita.escrever(f"{pasta}/maiores_clientes.sql", MAIORES_CLIENTES)
    feita.escrever(f"{pasta}/so_nomes.sql", SO_NOMES)
    feita.escrever(f"{pasta}/por_versao.sql", POR_VERSAO)
    feita.escrever(f"{pasta}/financeiro.yml", DESCRITO)
    feita.escrever(f"{pasta}/_financeiro__groups.yml", GRUPO.format(area="financeiro"))
    risco = "      risco:\n"
    feita.mudar("dbt_project.yml", risco, f"      financeiro: {{+group: financeiro}}\n{risco}")
    feita.mudar(
        "loaders/publicacao/acessos.yml",
        "      - core.movimento_flat\n",
        "      - core.movimento_flat\n      - financeiro.maiores_clientes\n"
        "      - financeiro.so_nomes\n",
    )
    feita.rodar("dbt", "run", "--select", "marts.financeiro")
    yield feita
    shutil.rmtree(feita.projeto)
    shutil.rmtree(entregas)
