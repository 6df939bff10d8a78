"""Identification of users and service levels of third parties against the oracle, every row.

The tables of core, and the profiles that core reads, are filled by SQL in the built warehouse. The
rows are made at random, and their times lie on the edges that the definitions name: equal ones, and
a microsecond before and after.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import oraculo_fintech_kyc as oraculo
import pytest
from conftest import CONSTRUIDO, ArmazemDeTeste
from oraculo_fintech_kyc import Chamada, Consulta, Documento, Linha, Perfil, Versao

from loaders import PROJETO
from loaders.contratos import fontes

MODELOS = (
    "int_kyc__decisoes models/intermediate/chamada_terceiro"
    " models/marts/compliance models/marts/plataforma"
)
US = timedelta(microseconds=1)
VAZIOS = {
    "uuid": "00000000-0000-0000-0000-000000000000", "integer": 0, "bigint": 0, "text": "",
    "boolean": True, "date": date(2026, 1, 1), "timestamp without time zone": datetime(2026, 1, 1),
}  # fmt: skip
"""What stands in columns that have to be filled and that these models do not read."""
TABELAS: dict[str, tuple[str, ...]] = {
    "compliance.kyc_usuario": ("id_usuario",),
    "compliance.kyc_decisao": ("id_usuario", "situacao_kyc", "decidido_em"),
    "compliance.kyc_funil": ("data_coorte",),
    "compliance.kyc_tempo": ("data_decisao",),
    "plataforma.sli_terceiro": ("provedor", "endpoint", "janela", "inicio_janela"),
    "plataforma.slo_mensal": ("provedor", "endpoint", "mes"),
    "plataforma.queima_orcamento": ("provedor", "endpoint", "hora"),
}


# --- rows at random ---------------------------------------------------------------------------


def _perto(acaso: random.Random, de: datetime) -> datetime:
    """A moment after another, or now and then before it, often on an edge of a day or a term."""
    passo = acaso.choice((0, 1, 60, 3600, 86400, 86400, 259200, 500_000, -1, -3600))
    return de + passo * oraculo.SEGUNDO + acaso.choice((0, 0, 1, -1)) * US


@dataclass
class Pessoas:
    """Users in one to three versions, with profiles, documents and checks in any order."""

    versoes: list[Versao]
    perfis: list[Perfil]
    documentos: list[Documento]
    consultas: list[Consulta]


def pessoas(acaso: random.Random, referencia: date) -> Pessoas:
    """Many of them."""
    agora = oraculo.comeco_do_dia(referencia)
    extracoes = [agora - timedelta(days=n) for n in (9, 6, 3)]
    versoes: list[Versao] = []
    perfis: list[Perfil] = []
    documentos: list[Documento] = []
    consultas: list[Consulta] = []
    for n in range(300):
        id_usuario = f"u{n}"
        criado = (
            agora
            - timedelta(days=acaso.randrange(-1, 6))
            + acaso.choice((-US, timedelta(0), timedelta(hours=acaso.randrange(24))))
        )
        envio = _perto(acaso, criado)
        if acaso.random() < 0.2:  # a term that ends with the reference date
            envio = agora - timedelta(hours=acaso.choice((24, 72))) + acaso.choice((-1, 0, 1)) * US
        consulta = _perto(acaso, envio)
        datas = [_perto(acaso, acaso.choice((envio, consulta, agora))) for _ in range(2)]
        situacoes = [
            acaso.choice(
                ("pendente", "pendente", "aprovado", "aprovado", "recusado", "NAO MAPEADO")
            )
            for _ in range(acaso.choice((1, 1, 2, 3)))
        ]
        com_data = (situacoes[-1] in ("aprovado", "recusado")) != (acaso.random() < 0.15)
        for versao, situacao in enumerate(situacoes, 1):
            ultima = versao == len(situacoes)
            versoes.append(
                Versao(
                    id_usuario, versao, situacao, None if n % 50 == 7 else criado,
                    datas[0] if com_data else None,
                    datetime(9999, 12, 31) if ultima else extracoes[versao],
                )
            )  # fmt: skip
        for numero, extracao in enumerate(extracoes):
            if numero == 0 or acaso.random() < 0.6:
                perfis.append(
                    Perfil(
                        id_usuario, acaso.choice((*datas, None)),
                        "inclusao" if numero == 0 else acaso.choice(("alteracao", "exclusao")),
                        extracao,
                    )
                )  # fmt: skip
        for _ in range(acaso.choice((0, 1, 1, 2))):
            consultas.append(
                Consulta(
                    f"q{len(consultas)}", id_usuario, acaso.choice(("Receita", "Serasa", None)),
                    acaso.choice(("aprovada", "aprovada", "recusada", "pendente", "falhou")),
                    consulta if acaso.random() < 0.95 else None,
                    agora if acaso.random() < 0.1 else None,
                )
            )  # fmt: skip
            consulta = _perto(acaso, consulta)
        for _ in range(acaso.choice((0, 1, 1, 2))):
            ligada = consultas[-1].id_consulta if consultas and acaso.random() < 0.8 else None
            documentos.append(
                Documento(
                    f"d{len(documentos)}", id_usuario, ligada,
                    envio if acaso.random() < 0.95 else None,
                    agora if acaso.random() < 0.1 else None,
                )
            )  # fmt: skip
            envio = _perto(acaso, envio)
    return Pessoas(versoes, perfis, documentos, consultas)


def chamadas_ao_acaso(acaso: random.Random) -> list[Chamada]:
    """Bursts of calls, some of them all bad, with the pauses that the definitions name."""
    feitas: list[Chamada] = []
    for _ in range(350):
        lugar = acaso.choice(("P", "Q")), acaso.choice(("/a", "/a/{id}"))
        # Around the ends of two months and of single hours.
        quando = datetime(2026, 3, 1) + timedelta(
            days=acaso.choice((-1, 0, 0, 1, 3, 30, 31)), minutes=acaso.choice((-6, 0, 25, 54, 600))
        )
        falha = acaso.choice((0.02, 0.3, 0.95))
        pausas = acaso.choice(((0, 1), (6,), (1, 5, 59, 60, 61), (1, 1, 1, 29, 30, 31)))
        for _ in range(acaso.randrange(2, 25)):
            ruim = acaso.random() < falha
            resultado = acaso.choice(
                ("erro_servidor", "tempo_esgotado", "rede", "limite")
                if ruim
                else ("ok",) * 8 + ("erro_cliente", "NAO MAPEADO", "disjuntor_aberto")
            )
            feitas.append(
                Chamada(
                    f"{acaso.choice('aBé')}{len(feitas)}", acaso.choice(("u", "v", None)), *lugar,
                    resultado, ruim, acaso.choice(("r", "s", "t", None)),
                    acaso.choice((None, 0, 100, 499, 500, 500, 501, 1000, 30_000)), quando,
                )
            )  # fmt: skip
            quando += acaso.choice(pausas) * oraculo.SEGUNDO + acaso.choice((0, 0, 0, 1, -1)) * US
    return feitas


# --- into the warehouse, and out --------------------------------------------------------------


def _sql(valor: Any) -> str:
    return "null" if valor is None else "'" + str(valor).replace("'", "''") + "'"


def _encher(armazem: ArmazemDeTeste, tabela: str, linhas: Sequence[Linha]) -> str:
    """The statements that leave these rows in a table."""
    obrigatorias = armazem.linhas(
        "select column_name, lower(data_type) from information_schema.columns"
        f" where table_schema || '.' || table_name = '{tabela}' and is_nullable = 'NO'"
    )
    outras = {
        c: VAZIOS.get(tipo, VAZIOS["timestamp without time zone"])
        for c, tipo in ((c, "text" if t == "varchar" else t) for c, t in obrigatorias)
        if c not in linhas[0]
    }
    colunas = (*linhas[0], *outras)
    valores = ", ".join(
        f"({', '.join(_sql({**outras, **linha}[c]) for c in colunas)})" for linha in linhas
    )
    return f"delete from {tabela}; insert into {tabela} ({', '.join(colunas)}) values {valores}"


@dataclass
class Cenario:
    """What was put in, and where."""

    armazem: ArmazemDeTeste
    esperado: dict[str, list[Linha]]


@pytest.fixture(scope="session")
def cenario(_construido: ArmazemDeTeste) -> Cenario:
    """The marts over rows at random, and what the oracle makes of them."""
    lugar = _construido
    acaso = random.Random(16)
    referencia = datetime.now(UTC).date()
    deles = pessoas(acaso, referencia)
    chamadas = chamadas_ao_acaso(acaso)
    lugar.restaurar(CONSTRUIDO)
    extracoes = sorted({p.extraido_em for p in deles.perfis})
    lugar.executar(
        "; ".join(
            _encher(lugar, tabela, linhas)
            for tabela, linhas in {
                "core.dim_usuario": [
                    {**asdict(v), "sk_usuario": f"{n:032x}"}
                    for n, v in enumerate(deles.versoes, 1)
                ],
                "core.fact_documento": [asdict(d) for d in deles.documentos],
                "core.fact_kyc_consulta": [asdict(c) for c in deles.consultas],
                "core.fact_chamada_terceiro": [asdict(c) for c in chamadas],
                "controle.cargas": [
                    {"_carga_id": n, "fonte": "fintech", "entidade": "user_profiles",
                     "origem": "user_profiles", "status": "ok", "extraido_em": f"{quando}+00",
                     "inicio": f"{quando}+00"}
                    for n, quando in enumerate(extracoes, 1)
                ],
                "raw_fintech.user_profiles": [
                    {"id_usuario": p.id_usuario, "_operacao": p.operacao, "_linha": n,
                     "kyc_completed_at": p.decidido_em and f"{p.decidido_em}+00",
                     "_carga_id": extracoes.index(p.extraido_em) + 1}
                    for n, p in enumerate(deles.perfis)
                ],
            }.items()
        )
    )  # fmt: skip
    lugar.dbt("run", "--select", MODELOS)
    usuarios = oraculo.kyc_usuario(deles.versoes, deles.documentos, deles.consultas)
    decisoes = oraculo.kyc_decisao(deles.versoes, deles.perfis, usuarios)
    sli = oraculo.sli_terceiro(chamadas)
    esperado = {
        "compliance.kyc_usuario": usuarios,
        "compliance.kyc_decisao": decisoes,
        "compliance.kyc_funil": oraculo.kyc_funil(usuarios, referencia),
        "compliance.kyc_tempo": oraculo.kyc_tempo(decisoes, referencia),
        "plataforma.sli_terceiro": sli,
        "plataforma.slo_mensal": oraculo.slo_mensal(chamadas, sli),
        "plataforma.queima_orcamento": oraculo.queima_orcamento(chamadas),
    }
    lugar.guardar("fintech_kyc")
    return Cenario(lugar, esperado)


def _igual(lido: Any, esperado: Any) -> bool:
    """The same; quotients to nine digits."""
    if lido is None or esperado is None or isinstance(esperado, (str, bool, date)):
        return bool(lido == esperado)
    return bool(float(lido) == pytest.approx(float(esperado), rel=1e-9, abs=1e-9))


@pytest.mark.parametrize("tabela", TABELAS)
def test_cada_linha_e_a_do_oraculo(cenario: Cenario, tabela: str) -> None:
    cenario.armazem.restaurar("fintech_kyc")
    chave = TABELAS[tabela]
    lidas = {
        tuple(linha[c] for c in chave): linha
        for linha in cenario.armazem.registros(f"select * from {tabela}")
    }
    esperadas = {tuple(linha[c] for c in chave): linha for linha in cenario.esperado[tabela]}
    assert lidas.keys() == esperadas.keys() and len(esperadas) > 3
    diferem = [
        (onde, coluna, lidas[onde][coluna], valor)
        for onde, linha in esperadas.items()
        for coluna, valor in linha.items()
        if not _igual(lidas[onde][coluna], valor)
    ]
    assert diferem == []
    assert lidas[next(iter(lidas))].keys() - {"sk_usuario"} == {
        c for linha in cenario.esperado[tabela][:1] for c in linha
    }


def test_o_acaso_alcanca_os_casos(cenario: Cenario) -> None:
    """What was made at random holds each contradiction, retries, trips and alerts of every kind."""
    e = cenario.esperado
    listas = [u["inconsistencias"] for u in e["compliance.kyc_usuario"]]
    assert len({n for lista in listas if lista for n in lista.split("; ")}) == 9
    assert {d["reconstruida"] for d in e["compliance.kyc_decisao"]} == {True, False}
    dias = [s for s in e["plataforma.sli_terceiro"] if s["janela"] == "dia"]
    for medida in ("retentativas", "disparos_explicitos", "disparos_inferidos", "sem_duracao"):
        assert sum(s[medida] for s in dias) > 10, medida
    assert {q["alerta"] for q in e["plataforma.queima_orcamento"]} == {True, False}
    assert sum(s["minutos_ruins"] for s in e["plataforma.slo_mensal"]) > 10


def test_capacidades_sao_as_tabelas_opcionais_do_contrato() -> None:
    """Each optional table of the contract is announced, as what it is."""
    modelo = (PROJETO / "models/marts/plataforma/capacidades.sql").read_text("utf-8")
    ditas = {
        nome: set(re.findall(r"'(\w+)'", lista))
        for nome, lista in re.findall(r"set (\w+) = \[(.*?)\]", modelo)
    }
    opcionais = [t for t in fontes()["fintech"].tabelas if t.opcional]
    assert ditas["do_banco"] == {t.nome for t in opcionais if t.tipo == "postgres"}
    assert ditas["de_arquivos"] == {t.nome for t in opcionais if t.tipo == "arquivos"}
    assert not ditas["sem_contrato"] & {t.nome for t in fontes()["fintech"].tabelas}
