"""The source `credito` drawn at random, and how it lands."""

import dataclasses
import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from conftest import ArmazemDeTeste
from oraculo_credito import Chamada, Evento, Mudanca, Pedido, Score

AGORA = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
DIAS = [datetime.combine(AGORA.date(), time(), UTC) + timedelta(days=d) for d in range(-40, 1)]
HORAS = [timedelta(hours=2, minutes=59, seconds=59), timedelta(hours=3), timedelta(hours=12)]
MICRO = timedelta(microseconds=1)
DDL = """
create table pedido_credito (
    id_pedido text primary key, id_cliente text, produto text, canal text, campanha text,
    valor_solicitado decimal(15,2), prazo_meses int, valor_aprovado decimal(15,2),
    taxa_mensal decimal(9,6), status text, motivos_recusa text, id_contrato text,
    criado_em timestamptz, decidido_em timestamptz, atualizado_em timestamptz, versao int
);
create table pedido_credito_historico (
    id_historico bigint primary key, id_pedido text, status_anterior text, status_novo text,
    motivo text, origem text, id_requisicao text, ocorrido_em timestamptz, registrado_em timestamptz
);
"""
ESCRITAS = {
    "EM_ANALISE": ("EM_ANALISE", "em análise", "Under review"),
    "APROVADO": ("APROVADO", " approved"),
    "RECUSADO": ("RECUSADO", "refused", "Negado"),
}
"""Ways in which a source writes a status; of the others their own name."""
CAMINHO = ("RASCUNHO", "SUBMETIDO", "EM_ANALISE", "PENDENTE_DOCUMENTO", "APROVADO", "CONTRATADO",
           "DESEMBOLSADO")  # fmt: skip
FIM = ("RECUSADO", "RECUSADO", "CANCELADO", "EXPIRADO")


@dataclasses.dataclass
class Retrato:
    """What the database shows."""

    pedidos: list[Pedido]
    mudancas: list[Mudanca]


class Sorteio:
    """Draws a start-up: few customers, moments and products, so that things meet."""

    def __init__(self, semente: int) -> None:
        """Begin anew with a seed."""
        self.acaso = random.Random(semente)
        self.ids = iter(range(1, 10_000))
        self.deslocamentos = iter(range(1, 100_000))

    def quando(self) -> datetime:
        """One of few moments, or a microsecond beside it."""
        a = self.acaso
        return (
            a.choice(DIAS[:-1]) + a.choice(HORAS) + a.choice([-MICRO, *(timedelta(0),) * 3, MICRO])
        )

    def depois_de(self, em: datetime) -> datetime:
        """The same moment, or one up to some days later."""
        a = self.acaso
        return em + a.choice(
            [timedelta(0), timedelta(0), MICRO, timedelta(hours=1), timedelta(days=a.randint(1, 6))]
        )

    def passos(self) -> list[tuple[str, datetime]]:
        """Statuses of an application, in no good order."""
        a, em = self.acaso, self.quando()
        feitos: list[tuple[str, datetime]] = []
        n = a.choice([0, 1, 1, 2])
        while n < len(CAMINHO) and len(feitos) < 8:
            feitos.append((CAMINHO[n], em))
            em = self.depois_de(em)
            sorte = a.random()
            if sorte < 0.15:
                feitos.append((a.choice(FIM), em))
                em = self.depois_de(em)
                if a.random() < 0.6:
                    break
            n += a.choice([1, 1, 1, 2, 0, -1] if sorte < 0.4 else [1])
            n = max(n, 0)
        return feitos

    def mudancas(self, pedido: str) -> list[Mudanca]:
        """The history of an application; some of its requests were noted twice."""
        a = self.acaso
        feitas = [
            Mudanca(
                next(self.ids), pedido, status, a.choice([None, f"r{a.randint(1, 6)}"]), em,
                em + a.choice([timedelta(0), timedelta(seconds=1)]),
            )
            for status, em in self.passos()
        ]  # fmt: skip
        return feitas

    def eventos(self, pedido: str | None) -> list[Evento]:
        """What the app tells of an application, or of nobody's."""
        feitos = []
        for status, em in self.passos():
            sorte = self.acaso.random()
            recebido = em + self.acaso.choice(
                [timedelta(seconds=1), timedelta(hours=2), timedelta(days=3)]
            )
            ocorrido = em
            if sorte < 0.05:
                ocorrido = recebido + timedelta(minutes=5) + self.acaso.choice([MICRO, -MICRO])
            if sorte > 0.97:
                ocorrido = datetime(1999, 12, 31, tzinfo=UTC)
            produzido = None if sorte < 0.02 else recebido - timedelta(seconds=1)
            if sorte > 0.95:
                produzido = recebido + timedelta(hours=1)
            feitos.append(Evento(
                None if 0.1 < sorte < 0.12 else f"e{next(self.ids)}",
                "situacao_alterada" if sorte > 0.15 else "app_aberto", pedido,
                None if 0.2 < sorte < 0.23 else status,
                self.acaso.choice([None, f"r{self.acaso.randint(1, 6)}"]), ocorrido, produzido,
                recebido, "eventos", next(self.deslocamentos),
            ))  # fmt: skip
        return feitos

    def repetido(self, e: Evento) -> Evento:
        """The same once more, on another way; seldom with another content."""
        outro = e.status
        if self.acaso.random() < 0.2:
            outro = self.acaso.choice(CAMINHO)
        return dataclasses.replace(
            e, status=outro, topico=self.acaso.choice(["eventos", "Pasta"]),
            deslocamento=next(self.deslocamentos),
            recebido=e.recebido + self.acaso.choice(
                [timedelta(0), timedelta(seconds=1), -timedelta(seconds=1)]
            ),
        )  # fmt: skip

    def scores(self, pedidos: Sequence[Pedido], decisoes: dict[str, datetime]) -> list[Score]:
        """Scores around the decisions, and their corrections."""
        a = self.acaso
        feitos = []
        for p in pedidos:
            t = decisoes.get(p.id) or self.quando()
            for _ in range(a.choice([0, 0, 1, 1, 2])):
                publicado = t + a.choice(
                    [timedelta(0), timedelta(0), MICRO, -timedelta(hours=3), -timedelta(days=31)]
                )
                calculado = min(publicado, t) - a.choice(
                    [timedelta(0), timedelta(days=30), timedelta(days=30, seconds=1)]
                )
                modelo = a.choice(["BUREAU", "BUREAU", "INTERNO", "OUTRO"])
                base = Score(
                    a.choice("aZ") + str(next(self.ids)), 1, p.cliente,
                    a.choice([p.id, None, None]), modelo,
                    Decimal(a.choice(["0", "399.999999", "400", "800", "1000", "1000.5"])),
                    calculado, publicado,
                )  # fmt: skip
                feitos.append(base)
                for revisao in range(2, a.choice([2, 2, 3, 4])):
                    publicado += a.choice([MICRO, timedelta(seconds=1), timedelta(days=2)])
                    feitos.append(dataclasses.replace(
                        base, revisao=revisao, publicado=publicado,
                        score=Decimal(a.choice(["1", "401", "799"])),
                    ))  # fmt: skip
                if a.random() < 0.1:  # one revision, said twice in two ways
                    feitos.append(dataclasses.replace(
                        base, score=Decimal("2"),
                        publicado=base.publicado + a.choice([MICRO, -MICRO]),
                    ))  # fmt: skip
        return feitos

    def pedido(self, n: int) -> Pedido:
        """An application."""
        a = self.acaso
        criado = self.quando()
        return Pedido(
            f"p{n:03}", f"c{a.randint(1, 25)}",
            a.choice(["CREDITO PESSOAL", "CREDITO PESSOAL", "CARTAO", "OUTRO", None]),
            a.choice(["APP", "WEB", None]), Decimal(a.randint(100, 900)),
            a.choice([None, Decimal("99.99")]), a.choice([*CAMINHO, *FIM]), criado,
            a.choice([None, self.depois_de(criado)]), self.depois_de(criado),
        )  # fmt: skip


def escrever(dsn: str, r: Retrato) -> None:
    """Make the database what a snapshot says."""

    def escrito(status: str, n: int) -> str:
        modos = ESCRITAS.get(status, (status,))
        return modos[n % len(modos)]

    with psycopg.connect(dsn) as conexao, conexao.cursor() as cursor:
        cursor.execute("truncate pedido_credito, pedido_credito_historico")
        cursor.executemany(
            "insert into pedido_credito (id_pedido, id_cliente, produto, canal, valor_solicitado,"
            " valor_aprovado, status, criado_em, decidido_em, atualizado_em)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (p.id, p.cliente, p.produto and p.produto.lower(), p.canal, p.valor, p.aprovado,
                 escrito(p.status, len(p.id)), p.criado, p.decidido, p.atualizado)
                for p in r.pedidos if not p.excluido
            ],
        )  # fmt: skip
        cursor.executemany(
            "insert into pedido_credito_historico (id_historico, id_pedido, status_novo,"
            " id_requisicao, ocorrido_em, registrado_em) values (%s, %s, %s, %s, %s, %s)",
            [
                (m.id, m.pedido, escrito(m.status, m.id), m.requisicao, m.ocorrida, m.registrada)
                for m in r.mudancas
            ],
        )


def _sql(valor: Any) -> str:
    if valor is None:
        return "null"
    if isinstance(valor, datetime):
        return f"cast('{valor.isoformat()}' as timestamptz)"
    if isinstance(valor, int | Decimal):
        return str(valor)
    return "'" + str(valor).replace("'", "''") + "'"


def pousar(
    armazem: ArmazemDeTeste, linhas: Iterable[Score | Evento | Chamada], agora: datetime
) -> None:
    """Land rows in one load, as a loader would."""
    tabelas: dict[str, list[dict[str, Any]]] = {"score": [], "evento": [], "score_chamada": []}
    for n, linha in enumerate(linhas):
        if isinstance(linha, Score):
            tabelas["score"].append({
                "id_consulta": linha.consulta, "revisao": linha.revisao,
                "id_cliente": linha.cliente, "id_pedido": linha.pedido, "modelo": linha.modelo,
                "versao_modelo": "1", "score": linha.score, "calculado_em": linha.calculado,
                "publicado_em": linha.publicado, "_operacao": "inclusao", "_linha": n,
            })  # fmt: skip
        elif isinstance(linha, Evento):
            dados = {"status_novo": linha.status, "id_requisicao": linha.requisicao}
            tabelas["evento"].append({
                "id_evento": linha.id, "tipo_evento": linha.tipo, "versao_esquema": 2,
                "id_pedido": linha.pedido, "ocorrido_em": linha.ocorrido,
                "produzido_em": linha.produzido, "_topico": linha.topico, "_particao": "0",
                "_deslocamento": f"{linha.deslocamento:020d}", "_recebido_em": linha.recebido,
                "dados": json.dumps({c: v for c, v in dados.items() if v}, separators=(",", ":")),
            })  # fmt: skip
        else:
            tabelas["score_chamada"].append({
                "id_chamada": f"{agora.timestamp()}-{n}", "endpoint": "/v1/scores",
                "tentativa": 1, "resultado": linha.resultado, "iniciado_em": linha.em,
            })  # fmt: skip
    for tabela, dela in tabelas.items():
        if not dela:
            continue
        ((carga,),) = armazem.linhas("select coalesce(max(_carga_id), 0) + 1 from controle.cargas")
        _inserir(armazem, "controle.cargas", [{
            "_carga_id": carga, "fonte": "credito", "origem": tabela, "entidade": tabela,
            "status": "ok", "gravadas": len(dela), "rejeitadas": 0, "inicio": agora,
            "fim": datetime.now(UTC),
        }])  # fmt: skip
        _inserir(armazem, f"raw_credito.{tabela}", [d | {"_carga_id": carga} for d in dela])


def _inserir(armazem: ArmazemDeTeste, tabela: str, linhas: list[dict[str, Any]]) -> None:
    valores = ", ".join(f"({', '.join(map(_sql, linha.values()))})" for linha in linhas)
    armazem.executar(f"insert into {tabela} ({', '.join(linhas[0])}) values {valores}")
