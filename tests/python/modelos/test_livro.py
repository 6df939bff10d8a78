"""The books of invoices: every value against the oracle, what is computed anew, what leaks in."""

import hashlib
import json
import math
import random
import signal
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import oraculo_livro
import pyarrow.parquet as pq
import pytest
from apoio import matar
from comandos_quentes import MASCARA
from conftest import ArmazemDeTeste

from loaders.armazem import abrir
from loaders.nucleo.erros import ConstrucaoFalhou
from loaders.projeto import gerados, livro
from loaders.projeto.sql_do_livro import livros
from loaders.publicacao.situacao import livro_da_carteira

Linha = dict[str, Any]

JANELAS = [f"book_fatura_cliente_u{n}m" for n in (1, 3, 6, 9, 12)]
TABELAS = ["book_fatura", *JANELAS]
INTEIRO = "book_fatura_cliente"
SEM_FATURAS = date(2021, 12, 31)
REF_DATAS = [SEM_FATURAS, date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31)]


def construcao(ref_datas: Sequence[date], **variaveis: str) -> tuple[str, ...]:
    """dbt's arguments for a build of the books."""
    datas = ", ".join(d.isoformat() for d in ref_datas)
    todas = ", ".join((f"ref_datas: [{datas}]", *(f"{k}: '{v}'" for k, v in variaveis.items())))
    return ("run", "--select", "+marts.risco", "--vars", f"{{{todas}}}")


@dataclass
class Entregas:
    """The card issuer's deliveries, put into raw as a loader would have landed them."""

    armazem: ArmazemDeTeste
    carga: int = 0
    faturas: dict[str, Linha] = field(default_factory=dict)
    pagamentos: dict[str, Linha] = field(default_factory=dict)

    @property
    def instante(self) -> datetime:
        """When the newest load ended: one a minute."""
        return datetime(2024, 6, 1) + timedelta(minutes=self.carga)

    def entregar(
        self, entrega: str, faturas: Iterable[Linha] = (), pagamentos: Iterable[Linha] = ()
    ) -> None:
        """Land a delivery of each entity that has rows; it replaces the one of the same name."""
        for entidade, linhas, conhecidas in (
            ("faturas", list(faturas), self.faturas),
            ("pagamentos", list(pagamentos), self.pagamentos),
        ):
            if not linhas:
                continue
            for chave in [k for k, v in conhecidas.items() if v["entrega"] == entrega]:
                del conhecidas[chave]
            conhecidas |= {next(iter(li.values())): li | {"entrega": entrega} for li in linhas}
            self._gravar(entidade, entrega, linhas)

    def _gravar(self, entidade: str, entrega: str, linhas: Sequence[Linha]) -> None:
        self.carga += 1
        colunas = ", ".join(linhas[0])
        valores = ",\n".join(
            "({}, {}, 'f.csv', {}, timestamptz '{}+00')".format(
                ", ".join(f"'{v}'" for v in linha.values()), self.carga, numero, self.instante
            )
            for numero, linha in enumerate(linhas, 2)
        )
        self.armazem.executar(
            f"insert into raw_pod_cartoes.{entidade} ({colunas}, _carga_id, _arquivo, _linha,"
            f" _carregado_em) values {valores};"
            " insert into controle.cargas (_carga_id, fonte, origem, status, lidas, rejeitadas,"
            " gravadas, inicio, fim, entidade, entrega, forma_decimal, forma_data) values"
            f" ({self.carga}, 'pod_cartoes', 'tb_{entidade}_{entrega}.csv', 'ok', {len(linhas)}, 0,"
            f" {len(linhas)}, timestamptz '{self.instante}+00',"
            f" timestamptz '{self.instante}+00', '{entidade}', '{entrega}', 'ponto',"
            " 'AAAA-MM-DD')"
        )

    @property
    def calculadas(self) -> tuple[str, ...]:
        """The tables that are computed; the others are views of them."""
        return livros(self.armazem.config)

    def construir(self, ref_datas: Sequence[date], *opcoes: str) -> str:
        """Build the books; returns what dbt printed."""
        return self.armazem.dbt(*construcao(ref_datas), *opcoes).stdout

    def conferir(self, ref_datas: Sequence[date]) -> None:
        """Compare with the oracle: every column of every customer, window and variable's PSI."""
        faturas, pagamentos = list(self.faturas.values()), list(self.pagamentos.values())
        anterior: dict[str, Linha] = {}
        for ref_date in sorted(ref_datas):
            clientes = oraculo_livro.livro_do_cliente(faturas, pagamentos, ref_date)
            # Of the averages as they stand in the book: their last bit may fall beside a decile.
            lidos = self.ler("book_fatura_cliente", "id_cliente", ref_date)
            psi = oraculo_livro.estabilidade(anterior, lidos) if anterior else {}
            anterior = lidos
            for tabela, chave, esperado in (
                ("book_fatura_cliente", "id_cliente", clientes),
                ("estabilidade_variaveis", "nome", psi),
                (
                    "book_fatura",
                    "periodo",
                    oraculo_livro.livro_da_carteira(faturas, pagamentos, ref_date),
                ),
            ):
                comparar(f"{tabela} at {ref_date}", self.ler(tabela, chave, ref_date), esperado)

    def ler(self, tabela: str, chave: str, ref_date: date) -> dict[str, Linha]:
        """A book of one ref_date, by customer or window."""
        colunas = [
            nome
            for (nome,) in self.armazem.linhas(
                "select column_name from information_schema.columns where table_schema = 'risco'"
                f" and table_name = '{tabela}' order by ordinal_position"
            )
            if nome not in ("ref_date", "ref_date_anterior", chave)
        ]
        lidas = self.armazem.linhas(
            f"select {chave}, {', '.join(colunas)} from risco.{tabela}"
            f" where ref_date = date '{ref_date}'"
        )
        por_chave = {linha[0]: dict(zip(colunas, linha[1:], strict=True)) for linha in lidas}
        assert len(por_chave) == len(lidas), f"{tabela}: two rows of one key"
        return por_chave

    def livros(self, prefixo: str = "") -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the books, of the live ones where no prefix of their schema is given."""
        return {
            t: sorted(self.armazem.linhas(f"select * from {prefixo}risco.{t}"), key=repr)
            for t in TABELAS
        }

    def retrato(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the books and the time at which each was computed."""
        calculados = self.armazem.linhas("select * from intermediate.int_livro__calculados")
        return {**self.livros(), "calculados": sorted(calculados, key=repr)}

    def morrer_construindo(self, ref_datas: Sequence[date], sorte: random.Random) -> bool:
        """Kill a build of the books at a random moment; returns whether it was still running."""
        comando = ("dbt", *construcao(ref_datas))
        with tempfile.TemporaryDirectory() as pasta:
            return matar(self.armazem, comando, sorte.randrange(60, 320), Path(pasta) / "morte")


def comparar(assunto: str, lido: dict[str, Linha], esperado: dict[str, Linha]) -> None:
    """Counts and amounts are equal exactly, averages and percentages to a part in a billion."""
    assert lido.keys() == esperado.keys(), assunto
    diferencas = []
    for chave, linha in esperado.items():
        assert lido[chave].keys() == linha.keys(), assunto
        for coluna, valor in linha.items():
            obtido = lido[chave][coluna]
            if isinstance(valor, float) and isinstance(obtido, float):
                igual = math.isclose(obtido, valor, rel_tol=1e-9, abs_tol=1e-12)
            else:
                igual = obtido == valor and isinstance(obtido, Decimal) == isinstance(
                    valor, Decimal
                )
            if not igual:
                diferencas.append((chave, coluna, obtido, valor))
    assert not diferencas, f"{assunto}: {len(diferencas)} differ: {diferencas[:5]}"


def fatura(id_: str, cliente: str, emissao: date, prazo: int, total: Any, minimo: Any) -> Linha:
    """An invoice as the file has it, typed."""
    return {
        "id_fatura": id_,
        "id_cliente": cliente,
        "data_emissao": emissao,
        "data_vencimento": emissao + timedelta(days=prazo),
        "valor_fatura": Decimal(total).quantize(Decimal("0.01")),
        "valor_pagamento_minimo": Decimal(minimo).quantize(Decimal("0.01")),
    }


def pagamento(id_: str, de: Linha, quando: date, valor: Any, cliente: str | None = None) -> Linha:
    """A payment as the file has it, typed."""
    return {
        "id_pagamento": id_,
        "id_fatura": de["id_fatura"],
        "id_cliente": cliente or de["id_cliente"],
        "data_pagamento": quando,
        "valor_pagamento": Decimal(valor).quantize(Decimal("0.01")),
    }


def ao_acaso(
    sorte: random.Random, marca: str, de: date, ate: date, quantas: int
) -> tuple[list[Linha], list[Linha]]:
    """Random invoices issued in [de, ate) and payments of them, many at the boundaries."""
    faturas, pagamentos = [], []
    beiras = [
        oraculo_livro.meses_antes(r, n) + timedelta(days=d)
        for r in REF_DATAS
        for n in (0, *oraculo_livro.JANELAS)
        for d in (-1, 0)
    ]
    beiras = [b for b in beiras if de <= b < ate]
    centavo = Decimal("0.01")
    for i in range(quantas):
        emissao = de + timedelta(days=sorte.randrange((ate - de).days))
        if beiras and sorte.random() < 0.4:
            emissao = sorte.choice(beiras)
        total = Decimal(sorte.choice([0, 1, 5_000, sorte.randrange(10**7)])) / 100
        minimo = sorte.choice(
            [Decimal(0), total, min(centavo, total), (total * 15 / 100).quantize(centavo)]
        )
        nova = fatura(
            f"{marca}{i}-1" if i % 2 else f"{marca}1-{i}",
            f"C{sorte.randrange(25)}", emissao, sorte.choice([0, 1, 5, 10, 40]), total, minimo,
        )  # fmt: skip
        faturas.append(nova)
        for k in range(sorte.choice([0, 1, 1, 1, 2, 3])):
            base = sorte.choice([nova["data_emissao"], nova["data_vencimento"], *REF_DATAS])
            valor = sorte.choice(
                [total, minimo, total / 2, minimo - centavo, minimo + centavo, total + centavo,
                 total - minimo, centavo, Decimal(100)]
            ).quantize(centavo)  # fmt: skip
            if valor > 0:
                pagamentos.append(
                    pagamento(
                        f"{marca}{i}/{k}", nova, base + timedelta(days=sorte.randrange(-2, 35)),
                        valor, "outro" if sorte.random() < 0.03 else None,
                    )
                )  # fmt: skip
    return faturas, pagamentos


@pytest.fixture
def entregas(armazem_vazio: ArmazemDeTeste) -> Entregas:
    """A warehouse with one random delivery, from long before every ref_date to after the last."""
    abrir(armazem_vazio.config, "test").fechar()  # makes the raw tables
    resultado = Entregas(armazem_vazio)
    sorte = random.Random(20240229)
    resultado.entregar(
        "historico", *ao_acaso(sorte, "a", date(2022, 1, 15), date(2024, 4, 20), 900)
    )
    return resultado


def test_definicao_tem_exatamente_as_variaveis() -> None:
    nomes = [v["nome"] for v in livro.variaveis()]
    assert nomes == oraculo_livro.nomes()
    assert len(set(nomes)) == 1010


def test_yaml_dos_livros_sai_da_definicao() -> None:
    assert gerados.desatualizados(livro.arquivos()) == [], (
        "run `python -m loaders.projeto.livro` and commit"
    )


def sem_nenhuma_fatura(entregas: Entregas) -> None:
    """Before the first delivery of invoices the portfolio book is empty, and nothing breaks."""
    entregas.armazem.executar("update controle.cargas set status = 'rejeitado'")
    variaveis = construcao(REF_DATAS)[-2:]
    entregas.armazem.dbt("run", "--select", "+book_fatura", *variaveis)
    assert entregas.armazem.linhas("select count(*) from risco.book_fatura") == [(0,)]
    calculados = (
        "select count(*) from intermediate.int_livro__calculados where livro = 'book_fatura'"
    )
    assert entregas.armazem.linhas(calculados) == [(len(REF_DATAS),)]
    with pytest.raises(ConstrucaoFalhou, match="no invoice was ever loaded"):
        livro_da_carteira(entregas.armazem.config)
    entregas.armazem.executar("update controle.cargas set status = 'ok'")


def exportar_e_ler(entregas: Entregas, pasta: Path) -> None:
    """The files hold what the books hold; killed before the switch, the old ones stay."""
    exportar = ("export", "book", "--to", str(pasta))
    morto = {"esperado": -signal.SIGKILL, "LASTRO_FAILPOINT": "exportacao_livro.antes_de_trocar"}
    entregas.armazem.lastro(*exportar, **morto)
    assert not (pasta / "manifest.json").exists()
    entregas.armazem.lastro(*exportar)
    antes = (pasta / "manifest.json").read_bytes()
    entregas.armazem.lastro(*exportar, **morto)
    assert (pasta / "manifest.json").read_bytes() == antes
    entregas.armazem.lastro(*exportar)
    for caminho in (pasta / ".lastro-atual").resolve().rglob("*"):
        esperado = (0o777 if caminho.is_dir() else 0o666) & ~MASCARA
        assert caminho.stat().st_mode & 0o777 == esperado, "books are read by others"
    for livro_, partes in json.loads(antes)["livros"].items():
        assert [p["dt_base"] for p in partes] == sorted(map(str, REF_DATAS))
        arquivos = sorted((pasta / livro_).glob("dt_base=*/*.parquet"))
        assert [str(a.relative_to(pasta)) for a in arquivos] == [p["arquivo"] for p in partes]
        for parte, arquivo in zip(partes, arquivos, strict=True):
            lida = pq.read_table(arquivo, partitioning=None)
            chave = "periodo" if livro_ == "book_fatura" else "id_cliente"
            linhas = {li.pop(chave): li for li in lida.to_pylist()}
            assert {str(li.pop("ref_date")) for li in linhas.values()} <= {parte["dt_base"]}
            assert len(linhas) == parte["linhas"] == lida.num_rows
            do_armazem = entregas.ler(livro_, chave, date.fromisoformat(parte["dt_base"]))
            assert linhas == do_armazem
            assert hashlib.sha256(arquivo.read_bytes()).hexdigest() == parte["sha256"]


@pytest.mark.nightly_on("postgres")
def test_livros_ao_longo_do_tempo(entregas: Entregas, tmp_path: Path) -> None:
    """The oracle, twice the same, a correction, late arrivals, later ones, a failed build."""
    sem_nenhuma_fatura(entregas)
    dito = entregas.construir(REF_DATAS)
    assert all(f"{t} {r}: " in dito for t in entregas.calculadas for r in REF_DATAS)
    entregas.conferir(REF_DATAS)
    assert len(entregas.ler("book_fatura", "periodo", SEM_FATURAS)) == len(JANELAS)

    antes = entregas.retrato()
    dito = entregas.construir(REF_DATAS)
    assert ": missing" not in dito
    assert entregas.retrato() == antes, "nothing new, and something was computed"

    # What happens on or after a ref_date, of any invoice, leaves its book as it was.
    sorte = random.Random(7)
    faturas, pagamentos = ao_acaso(sorte, "b", date(2024, 3, 1), date(2024, 5, 1), 150)
    velhas = sorte.sample([*entregas.faturas.values()], 300)
    tardios = [
        pagamento(f"t{i}", f, date(2024, 3, 1) + timedelta(days=sorte.randrange(30)), 1 + i)
        for i, f in enumerate(velhas)
        if f["data_emissao"] < date(2024, 3, 1)
    ]
    pagamentos = [p for p in pagamentos if p["data_pagamento"] >= date(2024, 3, 1)] + tardios
    entregas.entregar("2024-03", faturas, pagamentos)
    dito = entregas.construir(REF_DATAS)
    for tabela in entregas.calculadas:
        assert f"{tabela} 2024-03-31: its invoices or payments changed" in dito
    depois = entregas.retrato()
    for tabela in TABELAS:
        anteriores = [
            [linha for linha in foto[tabela] if linha[0] <= date(2024, 3, 1)]
            for foto in (antes, depois)
        ]
        assert anteriores[0] == anteriores[1] != [], f"{tabela} knows the future"
        assert f"{tabela} 2024-03-01" not in dito
        assert f"{tabela} {SEM_FATURAS}" not in dito
    entregas.conferir(REF_DATAS)

    # A correction of one amount reaches exactly the ref_dates whose windows hold it.
    corrigidas = [f for f in faturas if f["data_emissao"] < date(2024, 3, 31)]
    corrigidas[0]["valor_fatura"] += 1
    fora = [f for f in faturas if f not in corrigidas]
    entregas.entregar("2024-03", corrigidas + fora)
    antes = depois
    perdida = entregas.calculadas[1]
    entregas.armazem.executar(f"drop table risco.{perdida} cascade")
    dito = entregas.construir(REF_DATAS)
    depois = entregas.retrato()
    for tabela in TABELAS:
        mudaram = {linha[0] for linha in set(antes[tabela]) ^ set(depois[tabela])}
        assert mudaram == {date(2024, 3, 31)}, tabela
    for tabela in entregas.calculadas:
        if tabela == perdida:
            assert all(f"{tabela} {r}: missing" in dito for r in REF_DATAS)
            continue
        assert f"{tabela} 2024-03-31: its invoices or payments changed" in dito
        assert f"{tabela} 2024-03-01" not in dito
    entregas.conferir(REF_DATAS)
    exportar_e_ler(entregas, tmp_path)


def por_em_outra_forma(entregas: Entregas) -> None:
    """On DuckDB a table a window, as an older version had it; on PostgreSQL the reverse."""
    armazem = entregas.armazem
    if armazem.motor == "duckdb":
        for janela in JANELAS:
            armazem.executar(
                f"create table risco.outra as select * from risco.{janela};"
                f" drop view risco.{janela}; alter table risco.outra rename to {janela}"
            )
        primeira, *outras = JANELAS
        juntas = " ".join(f"join risco.{j} using (ref_date, id_cliente)" for j in outras)
        nomes = ", ".join(f"('{j}')" for j in JANELAS)
        armazem.executar(
            f"drop table risco.{INTEIRO};"
            f" create view risco.{INTEIRO} as select * from risco.{primeira} {juntas};"
            " insert into intermediate.int_livro__calculados (livro, ref_date, impressao)"
            " select j.livro, c.ref_date, c.impressao from intermediate.int_livro__calculados as c"
            f" cross join (values {nomes}) as j (livro)"
            f" where c.livro = '{INTEIRO}';"
            f" delete from intermediate.int_livro__calculados where livro = '{INTEIRO}'"
        )
        return
    armazem.executar(
        f"create table risco.outra as select * from risco.{INTEIRO} limit 0;"
        f" drop table {', '.join(f'risco.{j}' for j in JANELAS)} cascade;"
        f" alter table risco.outra rename to {INTEIRO}"
    )
    for janela in JANELAS:
        armazem.executar(f"create view risco.{janela} as select ref_date from risco.{INTEIRO}")


@pytest.mark.slow
def test_um_livro_de_outra_forma_e_refeito(entregas: Entregas) -> None:
    """What was a table becomes a view, and the reverse; ref_dates that nobody asks for stay."""
    entregas.construir(REF_DATAS)
    antes = entregas.livros()
    por_em_outra_forma(entregas)
    dito = entregas.construir(REF_DATAS[:1])
    for tabela in entregas.calculadas[1:]:
        assert all(f"{tabela} {r}: missing" in dito for r in REF_DATAS)
    formas = entregas.armazem.linhas(
        "select table_name, table_type from information_schema.tables where table_schema = 'risco'"
    )
    for tabela in (*JANELAS, INTEIRO):
        forma = "BASE TABLE" if tabela in entregas.calculadas else "VIEW"
        assert (tabela, forma) in formas
    assert sem_ultimos_bits(entregas.livros()) == sem_ultimos_bits(antes)
    entregas.conferir(REF_DATAS)
    assert {t for (t,) in entregas.armazem.linhas(
        "select distinct livro from intermediate.int_livro__calculados"
    )} == {*entregas.calculadas, "estabilidade_variaveis"}  # fmt: skip
    assert ": missing" not in entregas.construir(REF_DATAS)


def sem_ultimos_bits(fotos: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[Any]]:
    """The books with averages to 12 digits: PostgreSQL adds doubles in the order they come in."""

    def curta(linha: tuple[Any, ...]) -> list[Any]:
        return [f"{v:.12g}" if isinstance(v, float) else v for v in linha]

    return {t: sorted(map(curta, fotos[t]), key=repr) for t in TABELAS}


def morrer_e_conferir(entregas: Entregas, vezes: int, sorte: random.Random) -> None:
    """Deaths one after the other, each amid what the last left, then a build to the end."""
    mortas = sum(entregas.morrer_construindo(REF_DATAS, sorte) for _ in range(vezes))
    assert mortas, "most moments fall before the end"
    entregas.construir(REF_DATAS)
    entregas.conferir(REF_DATAS)


@pytest.mark.slow
def test_livros_como_se_conheciam_antes_da_correcao(entregas: Entregas, tmp_path: Path) -> None:
    """Beside the live books, which stay as they are."""
    entregas.construir(REF_DATAS)
    antes, ate = entregas.livros(), entregas.instante
    corrigidas = [f | {"valor_fatura": f["valor_fatura"] + 1} for f in entregas.faturas.values()]
    entregas.entregar(
        "2024-02", [{k: v for k, v in f.items() if k != "entrega"} for f in corrigidas]
    )
    entregas.construir(REF_DATAS)
    entregas.conferir(REF_DATAS)
    depois = entregas.retrato()
    assert depois["book_fatura"] != antes["book_fatura"]
    entregas.armazem.dbt(
        *construcao(REF_DATAS, conhecido_ate=str(ate)), DBT_TARGET_PATH=str(tmp_path / "conhecido")
    )
    prefixo = f"conhecido_ate_{ate:%Y%m%dt%H%M%S}_"
    assert sem_ultimos_bits(entregas.livros(prefixo)) == sem_ultimos_bits(antes)
    assert entregas.retrato() == depois


@pytest.mark.slow
def test_livros_depois_de_cinquenta_mortes(entregas: Entregas) -> None:
    """Fifty deaths, with a delivery that changes the books after every tenth."""
    sorte = random.Random(f"50/{entregas.armazem.motor}")
    for volta in range(5):
        morrer_e_conferir(entregas, 10, sorte)
        novas = ao_acaso(sorte, f"v{volta}", date(2023, 6, 1), date(2024, 4, 1), 80)
        entregas.entregar(f"2024-0{volta + 4}", *novas)
    # All that the books hold is computed again, not only what the run asks for.
    entregas.construir(REF_DATAS[:1], "--full-refresh")
    entregas.conferir(REF_DATAS)
