"""Fills SiCooperativeDB with made-up data, as messy as people type it.

The demonstration's database is seen at three nightly backups (``ETAPAS``). The register is planned
in memory, the movements are streamed through COPY. A stage is what changes between two moments,
applied in one transaction. No clock, no ``hash``, no library of fake data: one seed gives one
database, always.
"""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from itertools import accumulate, pairwise
from random import Random

import psycopg
from psycopg import sql

from loaders.demo import vocabulario as v
from loaders.demo.cadastro import COLUNAS, ETAPAS, Estado, Plano, Tamanho, planejar

__all__ = ["ETAPAS", "Tamanho", "etapa_atual", "preencher"]

INICIO_MOVIMENTACOES = date(2024, 7, 1)
NULO = r"\N"  # in the text format of COPY

_CRIAR = """
create table associado (
    id_associado text primary key,
    nome text,
    data_nascimento date,
    estado_civil text,
    escolaridade text
);
create table conta (
    id_conta text primary key,
    id_associado text not null references associado,
    tipo_conta text,
    agencia text,
    situacao_conta text,
    data_criacao_conta date
);
create table cartao (
    id_cartao text primary key,
    id_conta text not null references conta,
    numero_cartao text,
    nome_impresso_cartao text,
    bandeira_cartao text,
    tipo_cartao text,
    data_emissao date
);
create table movimentacao_cartao (
    id_movimentacao_cartao text not null,
    id_cartao text not null,
    descricao_movimentacao text,
    valor_movimentacao decimal(10, 2),
    data_movimentacao timestamp
);
"""
# Millions of rows go in before the keys, which then are built, and checked, at once.
_SOLTAR = """
alter table movimentacao_cartao
    drop constraint if exists movimentacao_cartao_id_cartao_fkey,
    drop constraint if exists movimentacao_cartao_pkey;
drop index if exists movimentacao_cartao_data_movimentacao_idx;
"""
_PRENDER = """
set local maintenance_work_mem = '256MB';
alter table movimentacao_cartao add primary key (id_movimentacao_cartao);
alter table movimentacao_cartao
    add constraint movimentacao_cartao_id_cartao_fkey foreign key (id_cartao) references cartao;
create index movimentacao_cartao_data_movimentacao_idx on movimentacao_cartao (data_movimentacao);
analyze associado, conta, cartao, movimentacao_cartao;
"""

Conexao = psycopg.Connection[tuple[object, ...]]


def preencher(dsn: str, etapa: int, tamanho: Tamanho | None = None, semente: int = 7) -> None:
    """Bring a database to a stage, through the stages before it, one transaction each.

    Nothing happens where it is there already, so a run that was killed is simply repeated.

    Args:
        dsn: the database, empty or filled by this function with the same size and seed.
        etapa: index of the moment in ``ETAPAS``.
        tamanho: rows to make; the demonstration's size where it is left out.
        semente: the seed of all that is made up.

    Raises:
        ValueError: the database is past the stage, or of another size or seed.
    """
    if not 0 <= etapa < len(ETAPAS):
        raise ValueError(f"There is no stage {etapa}: choose 0 to {len(ETAPAS) - 1}.")
    tamanho = tamanho or Tamanho()
    receita = {"semente": semente, "tamanho": asdict(tamanho)}
    with psycopg.connect(dsn) as conexao:
        marca = _marca(conexao)
        atual = -1 if marca is None else int(str(marca.pop("etapa")))
        if marca not in (None, receita):
            raise ValueError(f"This database was made with {marca}: drop it to make another.")
        if atual > etapa:
            raise ValueError(f"This database is at stage {atual} already: drop it to start over.")
        conexao.commit()
        if atual == etapa:
            return
        plano = planejar(tamanho, semente)
        for proxima in range(atual + 1, etapa + 1):
            with conexao.transaction():
                _aplicar(conexao, plano, proxima)
                comentario = json.dumps({"etapa": proxima, **receita})
                conexao.execute(
                    sql.SQL("comment on table associado is {}").format(sql.Literal(comentario))
                )


def etapa_atual(dsn: str) -> int | None:
    """Return the stage of a database; None where it has not been filled."""
    with psycopg.connect(dsn) as conexao:
        marca = _marca(conexao)
    return None if marca is None else int(str(marca["etapa"]))


def _marca(conexao: Conexao) -> dict[str, object] | None:
    """Return what ``preencher`` noted on the table, in the transaction that filled it."""
    linha = conexao.execute(
        "select obj_description(to_regclass('public.associado'), 'pg_class')"
    ).fetchone()
    marca: dict[str, object] | None = json.loads(str(linha[0])) if linha and linha[0] else None
    return marca


def _aplicar(conexao: Conexao, plano: Plano, etapa: int) -> None:
    """Change the database from the stage before into this one."""
    antes = plano.estados[etapa - 1] if etapa else {tabela: {} for tabela in COLUNAS}
    depois = plano.estados[etapa]
    conexao.execute(_SOLTAR if etapa else _CRIAR)
    if etapa:
        saem = list(antes["cartao"].keys() - depois["cartao"].keys())
        conexao.execute("delete from movimentacao_cartao where id_cartao = any(%s)", [saem])
        _emendar_movimentacoes(conexao, plano, etapa)
    for tabela in reversed(COLUNAS):
        _excluir(conexao, tabela, list(antes[tabela].keys() - depois[tabela].keys()))
    for tabela in COLUNAS:
        _gravar(conexao, tabela, antes[tabela], depois[tabela])
    with (
        conexao.cursor() as cursor,
        cursor.copy("copy movimentacao_cartao from stdin") as copia,
    ):
        for bloco in _movimentacoes(plano, etapa):
            copia.write(bloco)
    conexao.execute(_PRENDER)


def _excluir(conexao: Conexao, tabela: str, chaves: list[str]) -> None:
    comando = sql.SQL("delete from {} where {} = any(%s)")
    chave = COLUNAS[tabela][0]
    conexao.execute(comando.format(sql.Identifier(tabela), sql.Identifier(chave)), [chaves])


def _gravar(conexao: Conexao, tabela: str, antes: Estado, depois: Estado) -> None:
    """Insert the rows that are new and update those that differ."""
    nome, (chave, *resto) = sql.Identifier(tabela), map(sql.Identifier, COLUNAS[tabela])
    with conexao.cursor() as cursor:
        with cursor.copy(sql.SQL("copy {} from stdin").format(nome)) as copia:
            for id_, linha in depois.items():
                if id_ not in antes:
                    copia.write_row(linha)
        cursor.executemany(
            sql.SQL("update {} set ({}) = row({}) where {} = %s").format(
                nome,
                sql.SQL(", ").join(resto),
                sql.SQL(", ").join([sql.Placeholder()] * len(resto)),
                chave,
            ),
            [
                (*linha[1:], id_)
                for id_, linha in depois.items()
                if id_ in antes and antes[id_] != linha
            ],
        )


# Movements


def _movimentacoes(plano: Plano, etapa: int) -> Iterator[str]:
    """Yield the movements that a stage brings, a day at a time, in COPY's text format."""
    sorteio = Random(f"{plano.semente}/movimentacoes/{etapa}")
    lancamentos = _lancamentos(plano.semente)
    horas = _horas(sorteio)
    em_uso = sorted(plano.em_uso[etapa])
    cartoes = [id_ for _, id_ in em_uso]

    def bloco(dia: date, ids: list[str]) -> str:
        em_maos = cartoes[: max(1, bisect_left(em_uso, (dia + timedelta(days=1), "")))]
        sorteados = zip(
            ids,
            sorteio.choices(em_maos, k=len(ids)),
            sorteio.choices(lancamentos, k=len(ids)),
            sorteio.choices(horas, k=len(ids)),
            strict=True,
        )
        data = str(dia)
        return "".join(
            [
                f"{id_}\t{cartao}\t{lancamento}\t{data} {hora}\n"
                for id_, cartao, lancamento, hora in sorteados
            ]
        )

    do_periodo = _dias_da_etapa(etapa)
    quantas = _quantas_por_dia(plano.tamanho.movimentacoes)
    for dia in do_periodo:
        yield bloco(dia, _ids(plano.semente, str(dia), quantas[dia]))
    if etapa:  # Movements that arrive late, long after they happened.
        passados = [dia for dia in quantas if dia < do_periodo[0]]
        atrasadas = max(5, plano.tamanho.movimentacoes // 500)
        for id_ in _ids(plano.semente, f"atrasadas/{etapa}", atrasadas):
            yield bloco(sorteio.choice(passados), [id_])


def _emendar_movimentacoes(conexao: Conexao, plano: Plano, etapa: int) -> None:
    """Correct the amount of some movements of the stage before and delete others."""
    quantas = _quantas_por_dia(plano.tamanho.movimentacoes)
    anteriores = [
        id_
        for dia in _dias_da_etapa(etapa - 1)
        for id_ in _ids(plano.semente, str(dia), quantas[dia])
    ]
    metade = max(5, plano.tamanho.movimentacoes // 2_000)
    ids = Random(f"{plano.semente}/emendas/{etapa}").sample(anteriores, 2 * metade)
    conexao.execute(
        "update movimentacao_cartao"
        " set valor_movimentacao = round(valor_movimentacao * 1.1, 2) + 0.01"
        " where id_movimentacao_cartao = any(%s)",
        [ids[:metade]],
    )
    conexao.execute(
        "delete from movimentacao_cartao where id_movimentacao_cartao = any(%s)", [ids[metade:]]
    )


def _ids(semente: int, lote: str, quantos: int) -> list[str]:
    """Return the ids of a batch of movements, in no order: the same whenever they are asked for."""
    octetos = Random(f"{semente}/ids/{lote}").randbytes(16 * quantos)
    return octetos.hex("-", 16).split("-") if quantos else []


def _dias_da_etapa(etapa: int) -> list[date]:
    """Return the days between the stage before and this one."""
    inicio = ETAPAS[etapa - 1].date() if etapa else INICIO_MOVIMENTACOES
    return [inicio + timedelta(days=n) for n in range((ETAPAS[etapa].date() - inicio).days)]


def _quantas_por_dia(total: int) -> dict[date, int]:
    """Share the movements among the days: more from Friday to Sunday, and in December."""
    dias = [dia for etapa in range(len(ETAPAS)) for dia in _dias_da_etapa(etapa)]
    pesos = [(13 if dia.weekday() >= 4 else 10) * (15 if dia.month == 12 else 10) for dia in dias]
    limites = list(accumulate(pesos, initial=0))
    cortes = [total * limite // limites[-1] for limite in limites]
    return {dia: fim - inicio for dia, (inicio, fim) in zip(dias, pairwise(cortes), strict=True)}


def _lancamentos(semente: int) -> list[str]:
    """Return pairs of a description and an amount that fits it, to be drawn from."""
    sorteio = Random(f"{semente}/lancamentos")
    frequencias = [frequencia for _, frequencia, _ in v.COMPRAS]
    pares = []
    for descricao, _, tipico in sorteio.choices(v.COMPRAS, frequencias, k=50_000):
        centavos = min(max(round(100 * tipico * sorteio.lognormvariate(0, 0.6)), 100), 5_000_000)
        valor = f"{centavos // 100}.{centavos % 100:02d}"
        if descricao and sorteio.random() < 0.02:
            pares.append(f"ESTORNO {descricao.strip()}\t-{valor}")
        else:
            pares.append(f"{NULO if descricao is None else descricao}\t{valor}")
    return pares


def _horas(sorteio: Random) -> list[str]:
    """Return times of the day to be drawn from: few at night, most around noon and after work."""
    pesos = (2, 1, 1, 1, 1, 2, 5, 9, 12, 14, 16, 20, 24, 18, 14, 14, 16, 20, 24, 22, 16, 12, 8, 4)
    return [
        f"{hora:02d}:{sorteio.randrange(60):02d}:{sorteio.randrange(60):02d}"
        for hora in sorteio.choices(range(24), pesos, k=10_000)
    ]
