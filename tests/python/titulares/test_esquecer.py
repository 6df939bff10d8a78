"""Who was erased is found nowhere, figures stay, and the next loads do not bring anybody back."""

import json
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from apoio import extrair, iniciar
from apoio_leitores import ciclos, conferir, leitores
from apoio_publicacao import DIMINUIR, ler, reconstruir, versao_lida, versoes
from conftest import SEM_TESTES, ArmazemDeTeste, Fonte
from entre_motores import EntreMotores

from loaders.armazem import Armazem, abrir
from loaders.armazem.duck import ArmazemDuckDB
from loaders.armazem.postgres import ArmazemPostgres
from loaders.controle.supressao import TOKEN
from loaders.exportacao import movimento_flat as exportacao
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, FonteRecusada, LastroError
from loaders.nucleo.falhas import PONTOS
from loaders.projeto.sql_do_livro import livros
from loaders.publicacao import publicar
from loaders.titulares import mapa
from loaders.titulares.condicoes import condicao
from loaders.titulares.entregar import entregar
from loaders.titulares.esquecer import esquecer
from loaders.titulares.guardadas import guardadas

SO_EM_ARQUIVOS = ("compactacao.antes_de_trocar", "esquecer.entre_publicados")
RECONTAGENS = ("dim_associado__versoes_recontadas_da_origem", "cargas__totais_da_origem")
"""Tests that count history and totals anew from raw, without the models."""
PESSOAS = {"sicooperative": 60, "pod_cartoes": 40}
DA_PESSOA = {"sicooperative": "id_associado", "pod_cartoes": "id_cliente"}
SEMENTE = 20261122
FATOS = {
    "fact_movimentacao": "valor_movimentacao",
    "fact_fatura": "valor_fatura",
    "fact_pagamento": "valor_pagamento",
}
PONTOS_DO_ESQUECER = [
    p for p in PONTOS if p.startswith(("esquecer.", "compactacao.")) or "substituir" in p
]


@dataclass
class Cena:
    """A published warehouse with delivered files and exports of its own."""

    armazem: ArmazemDeTeste
    entregas: Path
    saida: Path

    def lastro(self, *argumentos: str, **ambiente: Any) -> subprocess.CompletedProcess[str]:
        return self.armazem.lastro(*argumentos, **ambiente)

    def valor(self, sql: str) -> Any:
        return self.armazem.linhas(sql)[0][0]

    def totais(self) -> dict[str, Any]:
        """Rows and amounts of the facts, by month of the load's year, and all differences."""
        return {
            tabela: self.armazem.linhas(
                f"select _carga_id, count(*), sum({valor}) from core.{tabela} group by 1 order by 1"
            )
            for tabela, valor in FATOS.items()
        }

    def totais_de_raw(self) -> list[Any]:
        return [
            self.valor(f"select count(*) from raw_sicooperative.{tabela}")
            for tabela in ("conta", "cartao", "movimentacao_cartao")
        ]

    def diferencas(self) -> list[Any]:
        return [
            linha
            for rec in ("faturas", "pagamentos", "movimentacoes")
            for linha in self.armazem.linhas(
                f"select '{rec}', _carga_id from reconciliacao.rec_{rec}"
                " where diferenca_linhas <> 0 or diferenca_valor <> 0"
            )
        ]

    def escolher(self, fonte: str) -> list[str]:
        tabela = {"sicooperative": "associado", "pod_cartoes": "faturas"}[fonte]
        coluna = DA_PESSOA[fonte]
        todas = self.armazem.linhas(
            f"select distinct {coluna} from raw_{fonte}.{tabela} where trim({coluna}) <> ''"
            f" and not starts_with({coluna}, '{TOKEN}') order by 1"
        )
        return random.Random(SEMENTE).sample([i for (i,) in todas], PESSOAS[fonte])


@pytest.fixture
def cena(publicado: ArmazemDeTeste, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cena:
    entregas = shutil.copytree(publicado.pasta / "pod_cartoes", tmp_path / "entregas")
    for variavel, valor in {
        "LASTRO_AUDIT_LOG": str(tmp_path / "auditoria.jsonl"),
        "LASTRO_AUDIT_HEAD": str(tmp_path / "auditoria.cabeca"),
        "POD_CARTOES_LOCATION": str(entregas),
    }.items():
        monkeypatch.setitem(publicado.ambiente, variavel, valor)
    # As if the copy were what was loaded: erasing from the session's own files would last.
    publicado.executar(f"update controle.lugares set lugar = '{entregas}'")
    return Cena(publicado, entregas, tmp_path / "saida")


class Vestigios:
    """What is looked for: all that is told of some people and of nobody else.

    Attributes:
        valores: ids, names, card numbers and their tokens.
        clientes: ids that are short numbers, and are looked for in their own column.
        unicos: those of `valores` that cannot come about where two others meet in a file's bytes.
    """

    def __init__(self, armazem: ArmazemDeTeste, pessoas: dict[str, list[str]]) -> None:
        self.clientes = set(pessoas.get("pod_cartoes", ()))
        self.valores: set[str] = set()
        self.unicos: set[str] = set()
        with abrir(armazem.config, "test") as aberto, aberto.transacao():
            for fonte, ids in pessoas.items():
                chaves = mapa.chaves_de(aberto, fonte, ids)
                self.valores.update(*(v for c, v in chaves.items() if c != "id_cliente"))
                if fonte == "sicooperative":
                    for tabela, coluna in (
                        ("associado", "nome"),
                        ("cartao", "numero_cartao"),
                        ("cartao", "numero_cartao_token"),
                        ("cartao", "nome_impresso_cartao"),
                    ):
                        self.valores |= _so_deles(aberto, tabela, coluna, chaves)
                    self.unicos |= self.valores
        assert len(self.valores) > 5

    def em_texto(self, texto: str) -> set[str]:
        """Those that a text holds as whole words, or as names."""
        palavras = set(re.findall(r"[\w.-]+", texto))
        return (self.valores & palavras) | {v for v in self.valores if " " in v and v in texto}

    def em_bytes(self, caminhos: Iterable[Path]) -> set[str]:
        """Those that stand in the bytes of files, which grep goes through once for all of them."""
        achados = subprocess.run(
            ["grep", "-ahoFs", "-f", "-", "--", *map(str, caminhos)],
            input="\n".join(self.unicos).encode(),
            capture_output=True,
            env={"LC_ALL": "C"},
        )
        # It ends with 2 where a server took a file of its own away meanwhile.
        assert achados.returncode in (0, 1, 2), achados.stderr
        juntos = b"\n".join(set(achados.stdout.split(b"\n"))).decode(errors="replace")
        return {v for v in self.unicos if v in juntos}

    def em_tabelas(self, aberto: Armazem) -> set[str]:
        """Those that stand in a column of a table, decoded, or in a text within it."""
        achados: set[str] = set()
        for esquema, tabela, coluna in aberto.linhas(COM_TEXTO[aberto.config.alvo]):
            lidas = [
                celula
                for (celula,) in aberto.linhas(
                    f'select distinct cast({coluna} as text) from "{esquema}"."{tabela}"'
                    f" where {coluna} is not null"
                )
            ]
            achados |= self.valores.intersection(lidas)
            if coluna == "id_cliente":
                achados |= self.clientes.intersection(lidas)
            if coluna in COM_VALORES_DENTRO:
                achados |= self.em_texto("\n".join(lidas))
        return achados


COM_TEXTO = {
    "duckdb": "select schema_name, table_name, column_name from duckdb_columns()"
    " inner join duckdb_tables() using (database_name, schema_name, table_name)"
    " where database_name = current_database() and data_type like '%VARCHAR%'",
    "postgres": "select n.nspname::text, c.relname::text, a.attname::text from pg_attribute as a"
    " inner join pg_class as c on a.attrelid = c.oid inner join pg_type as t on a.atttypid = t.oid"
    " inner join pg_namespace as n on c.relnamespace = n.oid"
    " where a.attnum > 0 and c.relkind = 'r' and t.typcategory in ('S', 'A')"
    " and not starts_with(n.nspname, 'pg_') and n.nspname <> 'information_schema'",
}
"""Schema, table and name of every column that can hold a text; asked of the engine alone."""
COM_VALORES_DENTRO = ("linha_bruta", "diferencas")
"""Columns in which values of several columns are one text."""


def _so_deles(aberto: Any, tabela: str, coluna: str, chaves: mapa.Valores) -> set[str]:
    """Values of a column that nobody else has."""
    dono = {"associado": "id_associado", "cartao": "id_cartao"}[tabela]
    por_valor: dict[str, set[bool]] = {}
    for valor, id_ in aberto.linhas(
        f"select {coluna}, {dono} from raw_sicooperative.{tabela} where {coluna} is not null"
    ):
        por_valor.setdefault(valor, set()).add(id_ in chaves[dono])
    return {v for v, quem in por_valor.items() if quem == {True} and len(v) > 7}


def _no_armazem(cena: Cena, vestigios: Vestigios) -> set[str]:
    """What is found in the decoded values of every table of the warehouse."""
    with abrir(cena.armazem.config, "test") as aberto:
        return vestigios.em_tabelas(aberto)


def _em_tabelas(cena: Cena, vestigios: Vestigios) -> set[str]:
    """The same, and in the files of each version."""
    achados = _no_armazem(cena, vestigios)
    for arquivo in cena.armazem.publicado.rglob("*.duckdb"):
        de_arquivo = cena.armazem.config.model_copy(update={"arquivo_duckdb": arquivo})
        with ArmazemDuckDB(de_arquivo, "test", escrita=False) as lido:
            achados |= vestigios.em_tabelas(lido)
    return achados


def _em_bancos(cena: Cena, vestigios: Vestigios) -> set[str]:
    """What is found in the bytes of the files in which the engine keeps its tables."""
    if cena.armazem.motor == "duckdb":
        arquivos = [*cena.armazem.pasta.glob("lastro.duckdb*")]
        arquivos += cena.armazem.publicado.rglob("*.duckdb")
    else:
        cena.armazem.executar("checkpoint")
        pasta = Path(cena.valor("show data_directory"))
        banco = cena.valor("select oid from pg_database where datname = current_database()")
        arquivos = [*(pasta / "base" / str(banco)).iterdir()]
    assert arquivos
    return vestigios.em_bytes(arquivos)


def _em_entregas(cena: Cena, vestigios: Vestigios) -> set[str]:
    return set().union(
        *(
            vestigios.em_texto(a.read_text(encoding="utf-8", errors="replace"))
            for a in cena.entregas.rglob("*")
            if a.is_file()
        )
    )


def _em_extratos(cena: Cena, vestigios: Vestigios) -> set[str]:
    achados = vestigios.em_texto((cena.saida / "movimento_flat.csv").read_text(encoding="utf-8"))
    with duckdb.connect() as conexao:
        for coluna, onde in (
            ("numero_cartao", "movimento_flat.parquet"),
            ("nome_impresso_cartao", "movimento_flat.parquet"),
            ("id_cliente", "book_fatura_cliente/*/*.parquet"),
            ("id_cliente", ".lastro-book-*/book_fatura_cliente/*/*.parquet"),
            ("id_cliente", "amostra/.lastro-amostra-*/*/*/*.parquet"),
        ):
            celulas = conexao.execute(
                f"select distinct {coluna} from read_parquet('{cena.saida / onde}')"
            ).fetchall()
            achados |= {c for (c,) in celulas} & (vestigios.valores | vestigios.clientes)
    return achados


BUSCAS = (_em_tabelas, _em_bancos, _em_entregas, _em_extratos)


@pytest.mark.slow
def test_cem_pessoas_somem_e_os_numeros_ficam(
    cena: Cena, fonte_atual: Fonte, entre_motores: EntreMotores
) -> None:
    armazem = cena.armazem
    pessoas = {fonte: cena.escolher(fonte) for fonte in PESSOAS}
    vestigios = Vestigios(armazem, pessoas)
    cena.lastro("export", "movimento_flat", "--to", str(cena.saida), "--show-card-numbers")
    cena.lastro("export", "book", "--to", str(cena.saida))
    cena.lastro("export", "amostra", "--to", str(cena.saida / "amostra"), "--all")
    reconstruir(armazem, DIMINUIR)
    publicar.publicar(armazem.config)
    anterior = versoes(armazem)[1]
    originais = shutil.copytree(cena.entregas, cena.saida.parent / "originais")

    # What is looked for is all that the source says is theirs, asked without the code under test.
    ids = ", ".join(f"'{id_}'" for id_ in pessoas["sicooperative"])
    contas = f"select id_conta from conta where id_associado in ({ids})"
    cartoes = f"select id_cartao from cartao where id_conta in ({contas})"
    movimentos = (
        f"select id_movimentacao_cartao from movimentacao_cartao where id_cartao in ({cartoes})"
    )
    for consulta in (contas, cartoes, movimentos):
        assert {v for (v,) in fonte_atual.linhas(consulta)} <= vestigios.valores
    # The searches find what they are to find, before its absence means anything.
    assert _em_tabelas(cena, vestigios) >= vestigios.valores | vestigios.clientes
    assert _em_bancos(cena, vestigios) == vestigios.unicos
    assert _em_entregas(cena, vestigios) >= vestigios.valores - vestigios.unicos
    assert _em_extratos(cena, vestigios) >= vestigios.clientes
    assert {v for v in _em_extratos(cena, vestigios) if re.fullmatch("[0-9 ]{16,}", v)}
    totais, versao = cena.totais(), versao_lida(armazem)
    planos = ler(armazem, "compliance", "select count(*) from pub_core.movimento_flat")

    dito = cena.lastro("forget", "sicooperative", *pessoas["sicooperative"]).stdout
    assert dito.startswith(f"{PESSOAS['sicooperative']} people erased: ")
    cena.lastro("forget", "pod_cartoes", *pessoas["pod_cartoes"])

    assert [busca.__name__ for busca in BUSCAS if busca(cena, vestigios)] == []
    assert cena.totais() == totais, "no row and no centavo moved"
    assert versao_lida(armazem) == versao
    for area in ("risco", "compliance", "financeiro"):  # each version still opens
        assert ler(armazem, area, "select count(*) from pub_core.fact_fatura")[0][0] > 100
    assert ler(armazem, "compliance", "select count(*) from pub_core.movimento_flat") == planos
    publicar.voltar(armazem.config, anterior)
    assert ler(armazem, "compliance", "select count(*) from pub_core.movimento_flat") == planos
    publicar.voltar(armazem.config, versao)
    registro = armazem.config.caminho_auditoria.read_text(encoding="utf-8")
    assert not vestigios.em_texto(registro), "the log tells how many, not who"
    feitos = [li["detalhes"]["tabelas"] for li in map(json.loads, registro.splitlines())
              if (li["acao"], li["fase"]) == ("forget", "fim")]  # fmt: skip
    entre_motores.comparar(
        "esquecidos",
        armazem.motor,
        {
            # what is one table here may be one by window there
            fonte: {
                re.sub(r"_u\d+m$", "", t): n
                for t, n in feito.items()
                if not t.startswith("publicacao.")
            }
            for fonte, feito in zip(PESSOAS, feitos, strict=True)
        },
    )

    # The source still has them, and the issuer delivers its files as they were.
    armazem.carregar(fonte_atual, "2026-08-25T06:00:00")
    armazem.lastro("load", "pod_cartoes", str(originais), esperado=None)
    assert cena.valor("select count(*) from controle.rejeicoes where motivo like 'of somebody%'")
    armazem.dbt("build", *SEM_TESTES, "--select", "+reconciliacao", "+dim_associado", "quarentena")
    armazem.dbt("test", "--select", *RECONTAGENS)
    assert cena.diferencas() == []
    assert not _no_armazem(cena, vestigios)


@pytest.mark.nightly_on("duckdb")
def test_morta_em_cada_ponto_vai_ate_o_fim(cena: Cena) -> None:
    """Killed at one point after the other; each run goes on where the one before was."""
    clientes = cena.escolher("pod_cartoes")[:2]
    vestigios = Vestigios(cena.armazem, {"pod_cartoes": clientes})
    totais = cena.totais()
    for ponto in PONTOS_DO_ESQUECER:
        if cena.armazem.motor == "postgres" and ponto in SO_EM_ARQUIVOS:
            continue
        cena.lastro("forget", "pod_cartoes", *clientes, esperado=-9, LASTRO_FAILPOINT=ponto)
        assert ler(cena.armazem, "risco", "select count(*) from pub_core.fact_fatura")[0][0] > 100
        if ponto in ("esquecer.antes_do_commit", "esquecer.antes_das_exportacoes"):
            parada = cena.lastro("load", "pod_cartoes", esperado=3).stderr
            assert "An erasure was interrupted" in parada
            outros = cena.escolher("pod_cartoes")[1:4]
            parada = cena.lastro("forget", "pod_cartoes", *outros, esperado=1).stderr
            assert "Another erasure was interrupted" in parada
    cena.lastro("forget", "pod_cartoes", *clientes)
    assert not _em_tabelas(cena, vestigios) | _em_entregas(cena, vestigios)
    assert cena.totais() == totais
    pastas = (cena.armazem.pasta, cena.armazem.publicado, cena.entregas)
    assert not [r for pasta in pastas for r in pasta.rglob(".lastro*") if r.is_dir()]
    assert set(re.findall(r" (ok|sem_novidade)\b", cena.lastro("load", "pod_cartoes").stdout)) == {
        "sem_novidade"
    }, "no file is landed again"


@pytest.mark.slow
def test_morta_em_cinquenta_momentos(cena: Cena, tmp_path: Path) -> None:
    """Killed at random; the published version is whole for its readers, and a re-run completes."""
    sorte = random.Random(SEMENTE)
    pessoas = iter(cena.escolher("sicooperative"))
    esperada = ler(cena.armazem, "risco", SOMA)
    mortas = 0
    inicio = time.monotonic()
    cena.lastro("forget", "sicooperative", next(pessoas))
    duracao = time.monotonic() - inicio
    with leitores(cena.armazem, tmp_path, 2) as vistos:
        for _ in range(50):
            ids = [next(pessoas)]
            processo = iniciar(cena.armazem, "forget", "sicooperative", *ids)
            with suppress(subprocess.TimeoutExpired):
                processo.wait(sorte.uniform(0.1, 0.9) * duracao)
            processo.kill()
            processo.communicate()
            mortas += processo.returncode == -signal.SIGKILL
            assert ler(cena.armazem, "risco", SOMA) == esperada
            cena.lastro("forget", "sicooperative", *ids)
            assert cena.lastro("export-person", "sicooperative", *ids, esperado=3)
    assert mortas > 40
    conferir(vistos, ciclos(cena.armazem, 0))


SOMA = (
    "select count(*), sum(m.valor_movimentacao) from pub_core.fact_movimentacao as m"
    " inner join pub_core.dim_associado as a on m.sk_associado = a.sk_associado"
    " inner join pub_core.dim_cartao as k on m.sk_cartao = k.sk_cartao"
)


def test_tudo_o_que_se_guarda_de_uma_pessoa(cena: Cena) -> None:
    id_ = cena.valor(
        "select id_associado from core.fact_movimentacao inner join core.dim_associado"
        " using (sk_associado) where id_associado <> 'DESCONHECIDO'"
        " group by 1 order by count(*) desc, 1 limit 1"
    )
    tudo = json.loads(cena.lastro("export-person", "sicooperative", id_).stdout)
    armazem = tudo["armazem"]
    for tabela, onde in {
        "raw_sicooperative.associado": f"id_associado = '{id_}'",
        "raw_sicooperative.conta": f"id_associado = '{id_}'",
        "core.dim_associado": f"id_associado = '{id_}'",
        "snapshots.snap_sicooperative__associado": f"id_associado = '{id_}'",
        "core.fact_movimentacao": "sk_associado in (select sk_associado from core.dim_associado"
        f" where id_associado = '{id_}')",
    }.items():
        quantas = cena.valor(f"select count(*) from {tabela} where {onde}")
        assert len(armazem[tabela]) == quantas > 0, tabela
    (pessoa, *_) = armazem["raw_sicooperative.associado"]
    assert pessoa["nome"] == cena.valor(
        f"select nome from raw_sicooperative.associado where id_associado = '{id_}' limit 1"
    )
    planos = [
        linhas
        for tabelas in ([armazem] if cena.armazem.motor == "postgres" else tudo["publicado"][
            versao_lida(cena.armazem)
        ].values())
        for tabela, linhas in tabelas.items()
        if "movimento_flat" in tabela
    ]  # fmt: skip
    assert planos and all(len(p) == len(armazem["core.fact_movimentacao"]) for p in planos)
    cliente = cena.escolher("pod_cartoes")[0]
    do_cliente = json.loads(cena.lastro("export-person", "pod_cartoes", cliente).stdout)
    linhas = [li for linhas in do_cliente["arquivos"].values() for li in linhas]
    assert len(linhas) > 5 and all(cliente in li["texto"] for li in linhas)
    assert do_cliente["armazem"][f"risco.{livros(cena.armazem.config)[-1]}"]
    for tabela, lidas in do_cliente["armazem"].items():
        assert {li.get("id_cliente", cliente) for li in lidas} == {cliente}, tabela
    assert do_cliente["nao_pesquisados"] == []


@pytest.mark.parametrize(
    "id_", ["A-1' or '1'='1", "x'; drop table core.dim_data; --", "$(id)", "../../etc", "%"]
)
def test_um_id_estranho_nao_muda_nada(cena: Cena, id_: str) -> None:
    antes = cena.totais()
    config = cena.armazem.config
    for fazer in (
        lambda: esquecer(config, "sicooperative", [id_]),
        lambda: entregar(config, "sicooperative", id_),
    ):
        with pytest.raises(FonteRecusada, match="Nothing is held of") as recusa:
            fazer()
        assert id_ not in str(recusa.value)
    assert cena.totais() == antes
    assert cena.valor("select count(*) from core.dim_data") > 20_000
    assert cena.valor("select count(*) from controle.esquecidos") == 0
    assert id_ not in config.caminho_auditoria.read_text(encoding="utf-8")


def test_o_que_nao_e_um_id(cena: Cena) -> None:
    um = cena.escolher("sicooperative")[0]
    for ids in (["  "], ["null"], ["A\x1b[0m"], [um, ""], [um, f"{TOKEN}0"], []):
        with pytest.raises(LastroError) as recusa:
            esquecer(cena.armazem.config, "sicooperative", ids)
        assert f"Person {len(ids)} of {len(ids)}: an id is" in str(recusa.value) or not ids
    assert "one of" in cena.lastro("forget", "controle", "1", esperado=2).stderr
    assert cena.valor("select count(*) from controle.esquecidos") == 0


def test_outra_chave_para_as_cargas(cena: Cena, fonte_atual: Fonte) -> None:
    esquecer(cena.armazem.config, "sicooperative", cena.escolher("sicooperative")[:1])
    outra = {"LASTRO_FORGET_KEY": "not the key of this list of people"}
    with pytest.raises(LastroError, match="they would come back"):
        extrair(cena.armazem, fonte_atual, outra)
    config = Configuracao(_env_file=None, **{**cena.armazem.ambiente, **outra})
    with pytest.raises(LastroError, match="not the one that it was written with"):
        esquecer(config, "sicooperative", ["A-1"])


def test_o_que_e_novo_de_quem_foi_esquecido_nao_entra(cena: Cena, fonte_atual: Fonte) -> None:
    """New movements of theirs stay out, those of others come, and both sides count the same."""
    esquecida, outra = cena.escolher("sicooperative")[:2]
    cartoes = {
        id_: fonte_atual.linhas(
            "select k.id_cartao from cartao as k inner join conta as c on k.id_conta = c.id_conta"
            f" where c.id_associado = '{id_}' order by 1 limit 1"
        )[0][0]
        for id_ in (esquecida, outra)
    }
    cena.armazem.executar(
        "update raw_sicooperative.associado set _ilegiveis = 'data_nascimento=0044-03-15 BC; a=NaN'"
        f" where id_associado = '{esquecida}'"
    )
    esquecer(cena.armazem.config, "sicooperative", [esquecida])
    assert cena.armazem.linhas(
        "select distinct _ilegiveis from raw_sicooperative.associado where _ilegiveis is not null"
    ) == [("data_nascimento=; a=",)], "that there was something stays, and not what"
    for numero, (id_, valor) in enumerate(((esquecida, "'NaN'"), (outra, "10.50"))):
        fonte_atual.executar(
            "insert into movimentacao_cartao values"
            f" ('NOVO-{numero}', '{cartoes[id_]}', 'padaria', {valor}, '2026-08-20 10:00:00')"
        )
    fonte_atual.executar(
        f"update associado set nome = 'Outro Nome' where id_associado = '{esquecida}'"
    )
    cena.armazem.carregar(fonte_atual, "2026-08-25T06:00:00")
    novos = cena.armazem.linhas(
        "select id_movimentacao_cartao from raw_sicooperative.movimentacao_cartao"
        " where id_movimentacao_cartao like 'NOVO-%'"
    )
    assert novos == [("NOVO-1",)]
    assert not cena.valor(
        "select count(*) from raw_sicooperative.associado where nome like 'Outro%'"
    )
    # A day that is read again does not take their older movements for deleted.
    assert not cena.valor(
        "select count(*) from raw_sicooperative.movimentacao_cartao"
        f" where _operacao = 'exclusao' and starts_with(id_movimentacao_cartao, '{TOKEN}')"
    )
    # The source erases the person its own way: the account is somebody else's now.
    fonte_atual.executar(
        f"update conta set id_associado = '{outra}' where id_associado = '{esquecida}';"
        f"delete from associado where id_associado = '{esquecida}'"
    )
    totais = cena.totais_de_raw()
    cena.armazem.carregar(fonte_atual, "2026-08-26T06:00:00")
    cena.armazem.carregar(fonte_atual, "2026-08-27T06:00:00", "--full")
    assert cena.totais_de_raw() == totais


def test_espera_por_quem_ainda_ve_o_que_se_apagou(cena: Cena) -> None:
    """A vacuum keeps deleted rows for a transaction that began before, whatever that reads."""
    if cena.armazem.motor == "duckdb":
        pytest.skip("the file is copied without what was deleted")
    um = cena.escolher("sicooperative")[0]
    vestigios = Vestigios(cena.armazem, {"sicooperative": [um]})
    with psycopg.connect(cena.armazem.servidor.dsn("armazem")) as antiga:
        antiga.execute("set transaction isolation level repeatable read")
        antiga.execute("select 1 from core.dim_data limit 1")
        dito = cena.lastro("forget", "sicooperative", um, esperado=5, LASTRO_LOCK_WAIT="1").stderr
        assert f"server process {antiga.info.backend_pid}, since" in dito
        assert um not in dito
        assert _em_bancos(cena, vestigios), "it is still there for that transaction"
    cena.lastro("forget", "sicooperative", um)
    assert not _em_bancos(cena, vestigios)


def test_so_quem_pode_escrever_tudo_de_novo_apaga(cena: Cena) -> None:
    """The samples of the planner are the database owner's: others are told, not passed over."""
    if cena.armazem.motor == "duckdb":
        pytest.skip("a file is its owner's")
    cena.armazem.executar(
        "do $$ begin create role dora_apaga login password 'uma senha' in role pg_read_all_data;"
        " exception when duplicate_object then null; end $$"
    )
    config = cena.armazem.config.model_copy(
        update={"pg_usuario": "dora_apaga", "pg_senha": "uma senha"}
    )
    with (
        ArmazemPostgres(config, "test", escrita=False) as dela,
        pytest.raises(ArmazemIndisponivel, match=r"permission denied.*owner of the database"),
    ):
        dela.compactar([])


def test_o_que_sobrou_de_uma_versao_apagada_tambem_some(cena: Cena) -> None:
    """A reader kept a deleted version's partitions from being dropped: it is waited for."""
    if cena.armazem.motor == "duckdb":
        pytest.skip("a deleted version is a deleted folder")
    um = cena.escolher("sicooperative")[0]
    vestigios = Vestigios(cena.armazem, {"sicooperative": [um]})
    with psycopg.connect(cena.armazem.servidor.dsn("armazem")) as lendo:
        lendo.execute("set transaction isolation level repeatable read")
        lendo.execute("select count(*) from pub_core.fact_pagamento")
        for _ in range(2):
            reconstruir(cena.armazem, DIMINUIR)
            publicar.publicar(cena.armazem.config, manter=1)
        dito = cena.lastro("forget", "sicooperative", um, esperado=5, LASTRO_LOCK_WAIT="1").stderr
        assert "a deleted version of them is there still" in dito
    cena.lastro("forget", "sicooperative", um)
    assert not _em_tabelas(cena, vestigios)


@pytest.mark.nightly_on("postgres")
def test_extratos_se_conhecem_pelo_armazem(cena: Cena, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever exported, in whichever log; killed, moved or refused; in clear only where it was."""
    um = cena.escolher("sicooperative")[0]
    vestigios = Vestigios(cena.armazem, {"sicooperative": [um]})
    exportar = ("export", "movimento_flat", "--to")
    mascarado, claro, morto, sumido = (
        cena.saida / nome for nome in ("mascarado", "claro", "morto", "sumido")
    )
    cena.lastro(*exportar, str(mascarado))
    cena.lastro(*exportar, str(claro), "--show-card-numbers")
    cena.lastro(*exportar, str(sumido))
    shutil.rmtree(sumido)
    cena.lastro(
        *exportar,
        str(morto),
        esperado=-signal.SIGKILL,
        LASTRO_FAILPOINT="exportacao.antes_de_mover",
    )
    cena.armazem.executar(
        "update controle.construcoes set status = 'falhou', mensagem = 'x (fail)'"
    )
    cena.lastro(*exportar, str(mascarado), "--show-card-numbers", esperado=6)
    (mascarado / "movimento_flat.csv").unlink()
    monkeypatch.setitem(cena.armazem.ambiente, "LASTRO_AUDIT_LOG", str(cena.saida / "outro.jsonl"))
    monkeypatch.setitem(cena.armazem.ambiente, "LASTRO_AUDIT_HEAD", str(cena.saida / "outra"))
    feito = cena.lastro("forget", "sicooperative", um)
    assert f"not there, so not searched: {sumido}" in feito.stderr
    for pasta, em_claro in ((mascarado, False), (claro, True), (morto, False)):
        assert exportacao.com_numeros_em_claro(pasta) is em_claro
        for arquivo in pasta.rglob("*"):
            assert not vestigios.em_bytes([arquivo])
        assert not vestigios.em_texto((pasta / "movimento_flat.csv").read_text(encoding="utf-8"))


def test_espera_por_quem_constroi(cena: Cena) -> None:
    """A statement of dbt that is under way could write what it has read already."""
    if cena.armazem.motor == "duckdb":
        pytest.skip("one process writes to the file")
    um = cena.escolher("sicooperative")[0]
    with psycopg.connect(cena.armazem.servidor.dsn("armazem")) as construindo:
        construindo.execute("create table core.nova as select * from core.dim_cartao")
        dito = cena.lastro("forget", "sicooperative", um, esperado=5, LASTRO_LOCK_WAIT="1").stderr
        assert "is being built or read" in dito
        construindo.commit()
    vestigios = Vestigios(cena.armazem, {"sicooperative": [um]})
    cena.lastro("forget", "sicooperative", um)
    assert not _em_tabelas(cena, vestigios), "nor in the table that came meanwhile"


FICAM = re.compile(
    "_.*|sk_data.*|valor_.*|data_(emissao|vencimento|pagamento|movimentacao|criacao_conta)"
    "|data_(emissao_cartao|primeiro_pagamento|ultimo_pagamento|minimo_atingido|quitacao)"
    "|data_hora_.*|quantidade_pagamentos|fatura_encontrada|motivo_orfao|motivos|situacao|entrega"
    "|entrou_em|saiu_em|tipo_conta|agencia|situacao_conta|bandeira_cartao|tipo_cartao"
    "|[a-z0-9_]*_(at|date|em|resumo|tamanho|permitid[ao]|digitad[ao]|fonte|time)|provider|status"
    "|amount.*|balance|currency|moeda|method|metodo|type|tipo(_documento)?|document_type|checksum"
    "|ledger_pointer|ponteiro_razao|term_months|prazo_meses|interest_rate|taxa_juros|duration_ms"
    "|duracao_ms|kyc_status|situacao_kyc|categoria|afeta_saldo|provedor|resultado|ruim"
    "|related_external_id|id_externo|orchestrator_workflow_id|id_workflow|saldo|data_baixa|produto"
    "|carteira|permission.*|rejected_by|rejection_code|period_.*|linhas|conta_(origem|destino)"
    "|id_(transacao|pagamento)_(anterior|oposta)|fonte_.*|reconstruida|inconsistencias|tempo_.*|qtd_.*|direcao|valor|numero|data_(paga|base|transacao)"
    "|data_(desembolso|credito|debito)|taxa_mensal|amortizacao|juros|diferenca|divisao_aproximada"
    "|saldo_.*|creditos|debitos|negativo|mes_(desembolso|fim)|n_emprestimo|(requisicao_)?boa|tentativa"
    "|classe|linhas_esperadas|parcelas_.*|principal|soma_parcelas|perda|esperada|ultima_extracao"
    "|dias_atraso.*|faixa_.*|mob|safra|so_dia_nao_util"
    "|endpoint|excluido_na_origem|extraido_em|dbt_.*|valido_.*|registro_ativo|versao|ref_date|u[0-9]+m_.*"
    # of applications, scores and events
    "|fonte|campanha|canal|origem|situacao_.*|ultima_situacao|status_.*|de|para|sequencia|ordinal|final|passo"
    "|submetida|decisao|decisao_mudaria|corte|retrocesso|repetida|duplicada|lugar|id_requisicao"
    "|modelo(_.*)?|versao_.*|score(_.*)?|revisao(_.*)?|idade_.*|sentido|risco|ever[0-9]+|janela_mob"
    "|conhecido_.*|vigente|transicao_prevista|duracao_segundos|atraso_segundos|chegou_fora_de_ordem"
    "|relogio_adiantado|tipo_(conhecido|evento)|campos|(topico|particao|deslocamento)(_que_fica)?"
    "|(publicado|recebido|decidido)_em_.*|data_no_.*|alvo|exclusao|maduro"
    # what leads to another source, whose own erasure reaches it, or to the partner
    "|id_contrato|id_consulta(_.*)?"
)
"""Columns that stay as they are in the rows of an erased person: what happened, to nobody."""


def test_de_cada_coluna_se_sabe_o_que_sera_dela(armazem: ArmazemDeTeste) -> None:
    """A new column of a table about people is a key, is emptied, or was decided to stay."""
    with abrir(armazem.config, "test") as aberto:
        tabelas = guardadas(aberto)
    vistas = 0
    fontes = mapa.fontes_com_titulares()
    # A key of another source is that one's to erase.
    chaves = {coluna for fonte in fontes for coluna in mapa.colunas_de_chave(fonte)}
    for fonte in fontes:
        for tabela in tabelas:
            if condicao(tabela, fonte):
                vistas += 1
                sabidas = {*chaves, *tabela.pessoais, *tabela.derivadas}
                outras = {c for c in tabela.colunas - sabidas if not FICAM.fullmatch(c)}
                assert not outras, f"{tabela}, {fonte}"
    assert vistas > 15
