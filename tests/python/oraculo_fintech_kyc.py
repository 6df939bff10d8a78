"""Identification of users and service levels of third parties, in plain Python.

Written from the definitions, row by row and without haste; it shares no SQL with the models. Times
are naive and in UTC, as in the warehouse.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

Linha = dict[str, Any]
ZONA = ZoneInfo("America/Sao_Paulo")
SEGUNDO = timedelta(seconds=1)
ALVO = Fraction(1, 1000)
"""Share of the calls that may be bad."""


@dataclass
class Versao:
    """A version of a user."""

    id_usuario: str
    versao: int
    situacao_kyc: str | None
    criado_em: datetime | None
    kyc_decidido_em: datetime | None
    valido_ate: datetime


@dataclass
class Perfil:
    """What an extraction found of a user's profile."""

    id_usuario: str
    decidido_em: datetime | None
    operacao: str
    extraido_em: datetime


@dataclass
class Documento:
    """An uploaded document."""

    id_documento: str
    id_usuario: str
    id_consulta: str | None
    enviado_em: datetime | None
    excluido_na_fonte_em: datetime | None


@dataclass
class Consulta:
    """A check of a user by a provider."""

    id_consulta: str
    id_usuario: str
    provedor: str | None
    situacao: str
    consultado_em: datetime | None
    excluido_na_fonte_em: datetime | None


@dataclass
class Chamada:
    """A call of a third party."""

    id_chamada: str
    id_usuario: str | None
    provedor: str
    endpoint: str
    resultado: str
    ruim: bool
    requisicao_resumo: str | None
    duracao_ms: int | None
    chamada_em: datetime

    @property
    def lugar(self) -> tuple[datetime, bytes]:
        """Where it stands among the others."""
        return self.chamada_em, self.id_chamada.encode()

    @property
    def fim(self) -> datetime:
        """When it ended."""
        return self.chamada_em + timedelta(milliseconds=self.duracao_ms or 0)


def dia_local(quando: datetime) -> date:
    """The day in the business's zone."""
    return quando.replace(tzinfo=UTC).astimezone(ZONA).date()


def comeco_do_dia(dia: date) -> datetime:
    """The first moment of a local day, in UTC."""
    local = datetime(dia.year, dia.month, dia.day, tzinfo=ZONA)
    return local.astimezone(UTC).replace(tzinfo=None)


def percentil(valores: Iterable[Any], k: int) -> Fraction | None:
    """The percentile at k/100: linear between closest ranks, exact."""
    em_ordem = sorted(Fraction(v) for v in valores)
    if not em_ordem:
        return None
    posto, resto = divmod((len(em_ordem) - 1) * k, 100)
    lo = em_ordem[posto]
    hi = em_ordem[min(posto + 1, len(em_ordem) - 1)]
    return lo + (hi - lo) * Fraction(resto, 100)


def cem(parte: Any, todo: Any) -> Fraction | None:
    """A rate in percent."""
    return 100 * Fraction(parte) / Fraction(todo) if todo else None


def segundos(inicio: datetime | None, fim: datetime | None) -> Fraction | None:
    """From one moment to another, with its sign."""
    if inicio is None or fim is None:
        return None
    return Fraction((fim - inicio) // timedelta(microseconds=1), 1_000_000)


# --- identification ---------------------------------------------------------------------------


def kyc_usuario(
    versoes: Sequence[Versao], documentos: Sequence[Documento], consultas: Sequence[Consulta]
) -> list[Linha]:
    """A row per user."""
    ultimas: dict[str, Versao] = {}
    for v in versoes:
        if v.id_usuario not in ultimas or ultimas[v.id_usuario].versao < v.versao:
            ultimas[v.id_usuario] = v
    ha = {c.id_consulta for c in consultas if c.excluido_na_fonte_em is None}
    linhas = []
    for id_usuario, u in ultimas.items():
        docs = [d for d in documentos if d.id_usuario == id_usuario and not d.excluido_na_fonte_em]
        qs = [c for c in consultas if c.id_usuario == id_usuario and not c.excluido_na_fonte_em]
        envios = sorted(d.enviado_em for d in docs if d.enviado_em)
        respostas = sorted(c.consultado_em for c in qs if c.consultado_em)
        primeiro = envios[0] if envios else None
        primeira = respostas[0] if respostas else None
        tempos = {
            "tempo_cadastro_documento": segundos(u.criado_em, primeiro),
            "tempo_documento_consulta": segundos(primeiro, primeira),
            "tempo_consulta_decisao": segundos(primeira, u.kyc_decidido_em),
            "tempo_processamento": segundos(primeiro, u.kyc_decidido_em),
        }
        negativos = {n for n, t in tempos.items() if t is not None and t < 0}
        aprovado = u.situacao_kyc == "aprovado"
        faltas = [
            ("aprovado_sem_consulta", aprovado and not qs),
            (
                "aprovado_com_consulta_reprovada",
                aprovado and any(c.situacao == "recusada" for c in qs),
            ),
            ("decisao_antes_do_documento", "tempo_processamento" in negativos),
            (
                "decidido_sem_data",
                u.situacao_kyc in ("aprovado", "recusado") and u.kyc_decidido_em is None,
            ),
            ("pendente_com_data", u.situacao_kyc == "pendente" and u.kyc_decidido_em is not None),
            ("documento_sem_resultado", any(d.id_consulta not in ha for d in docs)),
            ("documento_antes_do_cadastro", "tempo_cadastro_documento" in negativos),
            ("consulta_antes_do_documento", "tempo_documento_consulta" in negativos),
            ("decisao_antes_da_consulta", "tempo_consulta_decisao" in negativos),
        ]
        linhas.append(
            {
                "id_usuario": id_usuario,
                "situacao_kyc": u.situacao_kyc,
                "cadastrado_em": u.criado_em,
                "primeiro_documento_em": primeiro,
                "ultimo_documento_em": envios[-1] if envios else None,
                "qtd_documentos": len(docs),
                "primeira_consulta_em": primeira,
                "ultima_consulta_em": respostas[-1] if respostas else None,
                "qtd_consultas": len(qs),
                "qtd_provedores": len({c.provedor for c in qs} - {None}),
                "qtd_consultas_falhas": sum(c.situacao == "falhou" for c in qs),
                "decidido_em": u.kyc_decidido_em,
                **{n: None if n in negativos else t for n, t in tempos.items()},
                "inconsistencias": "; ".join(n for n, sim in faltas if sim) or None,
            }
        )
    return linhas


def kyc_decisao(
    versoes: Sequence[Versao], perfis: Sequence[Perfil], usuarios: Sequence[Linha]
) -> list[Linha]:
    """A row per decision that is known."""
    documento = {u["id_usuario"]: u["primeiro_documento_em"] for u in usuarios}
    em_ordem = sorted(versoes, key=lambda v: (v.id_usuario, v.versao))
    decisoes: dict[tuple[str, str, datetime | None], bool] = {}
    for id_usuario, dele in groupby(em_ordem, key=lambda v: v.id_usuario):
        periodos = [list(p) for _, p in groupby(dele, key=lambda v: v.situacao_kyc)]
        for periodo in periodos:
            fim = periodo[-1]
            if fim.situacao_kyc not in ("aprovado", "recusado"):
                continue
            if periodo is periodos[-1]:
                decisoes[id_usuario, fim.situacao_kyc, fim.kyc_decidido_em] = False
                continue
            vistos = [
                p
                for p in perfis
                if p.id_usuario == id_usuario
                and p.operacao != "exclusao"
                and p.extraido_em < fim.valido_ate
            ]
            quando = max(vistos, key=lambda p: p.extraido_em).decidido_em if vistos else None
            if quando is not None:
                decisoes.setdefault((id_usuario, fim.situacao_kyc, quando), True)
    linhas = []
    for (id_usuario, situacao, decidido), reconstruida in decisoes.items():
        tempo = segundos(documento[id_usuario], decidido)
        linhas.append(
            {
                "id_usuario": id_usuario,
                "situacao_kyc": situacao,
                "decidido_em": decidido,
                "reconstruida": reconstruida,
                "tempo_processamento": tempo if tempo is None or tempo >= 0 else None,
            }
        )
    return linhas


def kyc_funil(usuarios: Sequence[Linha], referencia: date) -> list[Linha]:
    """A row per local day of signing up."""
    agora = comeco_do_dia(referencia)

    def antes(quando: datetime | None, horas: int = 0) -> bool:
        return quando is not None and quando < agora - timedelta(hours=horas)

    coortes = defaultdict(list)
    for u in usuarios:
        quando = u["cadastrado_em"]
        if quando is None or antes(quando):
            coortes[quando and dia_local(quando)].append(u)
    linhas = []
    for coorte, deles in coortes.items():
        conta: dict[str, int] = defaultdict(int)
        for u in deles:
            decidido = u["situacao_kyc"] in ("aprovado", "recusado") and (
                u["decidido_em"] is None or antes(u["decidido_em"])
            )
            alcancou = [
                antes(u["primeiro_documento_em"]),
                antes(u["primeira_consulta_em"]),
                decidido,
                decidido and u["situacao_kyc"] == "aprovado",
            ]
            conta["cadastrados"] += 1
            for n, passo in enumerate(("com_documento", "com_consulta", "decididos", "aprovados")):
                conta[passo] += any(alcancou[n:])
            conta["recusados"] += decidido and u["situacao_kyc"] == "recusado"
            conta["pendentes"] += not decidido
            for horas in (24, 72):
                conta[f"pendentes_{horas}h"] += not decidido and antes(
                    u["primeiro_documento_em"], horas
                )
        passos = ("cadastrados", "com_documento", "com_consulta", "decididos", "aprovados")
        linha: Linha = {"data_coorte": coorte, **conta}
        for n in range(1, 5):
            linha[f"conversao_{n + 1}"] = cem(conta[passos[n]], conta[passos[n - 1]])
            linha[f"conversao_total_{n + 1}"] = cem(conta[passos[n]], conta["cadastrados"])
        linhas.append(linha)
    return linhas


def kyc_tempo(decisoes: Sequence[Linha], referencia: date) -> list[Linha]:
    """A row per local day of decision."""
    dias = defaultdict(list)
    for d in decisoes:
        if d["decidido_em"] is not None and d["decidido_em"] < comeco_do_dia(referencia):
            dias[dia_local(d["decidido_em"])].append(d)
    linhas = []
    for dia, deles in dias.items():
        tempos = [d["tempo_processamento"] for d in deles if d["tempo_processamento"] is not None]
        horas = [t / 3600 for t in tempos]
        linhas.append(
            {
                "data_decisao": dia,
                "decididos": len(deles),
                "reconstruidas": sum(d["reconstruida"] for d in deles),
                "sem_tempo": len(deles) - len(tempos),
                "tempo_medio_processamento_horas": sum(horas) / len(horas) if horas else None,
                "p50": percentil(horas, 50),
                "p95": percentil(horas, 95),
                "maximo": max(horas, default=None),
                "dentro_do_prazo_24h": sum(t <= 86400 for t in tempos),
            }
        )
    return linhas


# --- third parties ----------------------------------------------------------------------------


def _por(chamadas: Iterable[Chamada], chave: Callable[[Chamada], Any]) -> dict[Any, list[Chamada]]:
    grupos = defaultdict(list)
    for c in sorted(chamadas, key=lambda c: c.lugar):
        grupos[chave(c)].append(c)
    return grupos


def requisicoes(chamadas: Sequence[Chamada], janela: int = 60) -> list[list[Chamada]]:
    """The logical requests, each as its attempts in order."""
    chegaram = [c for c in chamadas if c.resultado != "disjuntor_aberto"]
    feitas = [[c] for c in chegaram if c.requisicao_resumo is None]
    iguais = _por(
        (c for c in chegaram if c.requisicao_resumo is not None),
        lambda c: (c.provedor, c.endpoint, c.id_usuario, c.requisicao_resumo),
    )
    for delas in iguais.values():
        for n, c in enumerate(delas):
            repete = any(
                p.ruim and timedelta(0) <= c.chamada_em - p.fim <= janela * SEGUNDO
                for p in delas[:n]
            )
            if repete:
                feitas[-1].append(c)
            else:
                feitas.append([c])
    return feitas


def disparos(chamadas: Sequence[Chamada]) -> list[tuple[str, Chamada]]:
    """The trips of breakers: how each is known, and the call at which it was."""
    achados = []
    for delas in _por(chamadas, lambda c: (c.provedor, c.endpoint)).values():
        for n, c in enumerate(delas):
            aberto = c.resultado == "disjuntor_aberto"
            if aberto and (n == 0 or delas[n - 1].resultado != "disjuntor_aberto"):
                achados.append(("explicito", c))
            if n + 1 == len(delas) or n < 4 or not all(r.ruim for r in delas[n - 4 : n + 1]):
                continue
            silencio = delas[n + 1].chamada_em - c.chamada_em
            intervalos = [
                delas[i].chamada_em - delas[i - 1].chamada_em for i in range(max(1, n - 99), n + 1)
            ]
            soma = sum(intervalos, timedelta(0))
            if silencio >= 30 * SEGUNDO and silencio * len(intervalos) >= 5 * soma:
                achados.append(("inferido", c))
    return achados


def inicio(janela: str, quando: datetime) -> datetime:
    """The first moment of a window."""
    hora = quando.replace(minute=0, second=0, microsecond=0)
    if janela == "hora":
        return hora
    return hora.replace(hour=0) if janela == "dia" else hora.replace(hour=0, day=1)


def sli_terceiro(chamadas: Sequence[Chamada]) -> list[Linha]:
    """A row per provider, endpoint and window."""
    feitas, abertos = requisicoes(chamadas), disparos(chamadas)
    linhas = []
    for janela in ("hora", "dia", "mes"):

        def onde(c: Chamada, janela: str = janela) -> tuple[str, str, datetime]:
            return c.provedor, c.endpoint, inicio(janela, c.chamada_em)

        primeiras = defaultdict(list)
        repetidas: dict[Any, int] = defaultdict(int)
        for tentativas in feitas:
            primeiras[onde(tentativas[0])].append(tentativas)
            for c in tentativas[1:]:
                repetidas[onde(c)] += 1
        for lugar, todas in _por(chamadas, onde).items():
            delas = [c for c in todas if c.resultado != "disjuntor_aberto"]
            ruins = sum(c.ruim for c in delas)
            duracoes = [c.duracao_ms for c in delas if not c.ruim and c.duracao_ms is not None]
            daqui = primeiras[lugar]
            taxa = cem(ruins, len(delas))
            linhas.append(
                {
                    "provedor": lugar[0],
                    "endpoint": lugar[1],
                    "janela": janela,
                    "inicio_janela": lugar[2],
                    "chamadas": len(delas),
                    "ruins": ruins,
                    "taxa_erro": taxa,
                    "disponibilidade": None if taxa is None else 100 - taxa,
                    "p50": percentil(duracoes, 50),
                    "p95": percentil(duracoes, 95),
                    "p99": percentil(duracoes, 99),
                    "p95_todas": percentil(
                        [c.duracao_ms for c in delas if c.duracao_ms is not None], 95
                    ),
                    "sem_duracao": sum(c.duracao_ms is None for c in delas),
                    "retentativas": repetidas[lugar],
                    "percentual_retentativas": cem(repetidas[lugar], len(delas)),
                    "requisicoes_logicas": len(daqui),
                    "sucesso_final": cem(sum(t[-1].resultado == "ok" for t in daqui), len(daqui)),
                    "disparos_explicitos": sum(
                        tipo == "explicito" and onde(c) == lugar for tipo, c in abertos
                    ),
                    "disparos_inferidos": sum(
                        tipo == "inferido" and onde(c) == lugar for tipo, c in abertos
                    ),
                }
            )
    return linhas


def slo_mensal(chamadas: Sequence[Chamada], sli: Sequence[Linha]) -> list[Linha]:
    """A row per provider, endpoint and month."""
    minutos = _por(
        (c for c in chamadas if c.resultado != "disjuntor_aberto"),
        lambda c: (c.provedor, c.endpoint, c.chamada_em.replace(second=0, microsecond=0)),
    )
    maus: dict[Any, int] = defaultdict(int)
    for (provedor, endpoint, minuto), delas in minutos.items():
        if len(delas) >= 5 and 2 * sum(c.ruim for c in delas) > len(delas):
            maus[provedor, endpoint, inicio("mes", minuto)] += 1
    linhas = []
    for s in sli:
        if s["janela"] != "mes":
            continue
        mes = s["inicio_janela"]
        proximo = (mes + timedelta(days=32)).replace(day=1)
        permitidos = s["chamadas"] * ALVO
        atingido = None
        if s["chamadas"]:
            disponivel = s["ruins"] <= permitidos
            atingido = (
                disponivel and s["p95"] < 500
                if s["p95"] is not None
                else None
                if disponivel
                else False
            )
        linhas.append(
            {
                "provedor": s["provedor"],
                "endpoint": s["endpoint"],
                "mes": mes.date(),
                "alvo": Fraction(999, 10),
                "alvo_p95_ms": 500,
                "chamadas": s["chamadas"],
                "disponibilidade": s["disponibilidade"],
                "p95": s["p95"],
                "orcamento_erros": permitidos,
                "consumido": s["ruins"],
                "percentual_consumido": cem(s["ruins"], permitidos),
                "restante": permitidos - s["ruins"],
                "minutos_ruins": maus[s["provedor"], s["endpoint"], mes],
                "minutos_permitidos": (proximo - mes).days * 1440 * ALVO,
                "atingido": atingido,
            }
        )
    return linhas


def queima_orcamento(chamadas: Sequence[Chamada]) -> list[Linha]:
    """A row per provider, endpoint and hour."""
    janelas = {
        "5min": timedelta(minutes=5), "30min": timedelta(minutes=30), "1h": timedelta(hours=1),
        "6h": timedelta(hours=6), "3d": timedelta(days=3),
    }  # fmt: skip
    linhas = []
    for (provedor, endpoint), todas in _por(chamadas, lambda c: (c.provedor, c.endpoint)).items():
        delas = [c for c in todas if c.resultado != "disjuntor_aberto"]
        quando = [c.chamada_em for c in delas]
        for hora in sorted({inicio("hora", c.chamada_em) for c in todas}):
            fim = hora + timedelta(hours=1)
            queima: dict[str, Fraction | None] = {}
            for nome, tamanho in janelas.items():
                ate = bisect_right(quando, fim - timedelta(microseconds=1))
                de = bisect_right(quando, fim - tamanho - timedelta(microseconds=1))
                ruins = sum(c.ruim for c in delas[de:ate])
                queima[nome] = Fraction(ruins, ate - de) / ALVO if ate > de else None

            def ambas(limite: Fraction, *nomes: str, queima: Any = queima) -> bool:
                return all(queima[n] is not None and queima[n] >= limite for n in nomes)

            linhas.append(
                {
                    "provedor": provedor,
                    "endpoint": endpoint,
                    "hora": hora,
                    **{f"queima_{nome}": valor for nome, valor in queima.items()},
                    "alerta": ambas(Fraction(144, 10), "1h", "5min")
                    or ambas(Fraction(6), "6h", "30min"),
                }
            )
    return linhas
