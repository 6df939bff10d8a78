"""CreditoDB at each of its two stages, with what the partner and the app tell until then."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from random import Random

from loaders.demo import copia, fintech
from loaders.demo.credito import eventos, pedidos, scores
from loaders.demo.credito import falhas as planta
from loaders.demo.credito.parceiro import SCORES
from loaders.demo.credito.pedidos import HISTORICO, Pedido
from loaders.demo.fintech.calendario import ANTES, DEPOIS, ETAPAS, NUNCA, escrito
from loaders.demo.fintech.comum import NULO, Falhas, Versao, parte, por_etapa, reais

EVENTOS = "eventos"
"""The folder of the app's events, in the one of the start-up."""
_ORIGENS = ("sistema", "analista", "cliente", "parceiro")
_TABELAS = {
    "pedido_credito": (
        "id_pedido text, id_cliente text, produto text, canal text, campanha text,"
        " valor_solicitado numeric(15,2), prazo_meses integer, valor_aprovado numeric(15,2),"
        " taxa_mensal numeric(9,6), status text, motivos_recusa text, id_contrato text,"
        " criado_em timestamptz, decidido_em timestamptz, atualizado_em timestamptz,"
        " versao integer",
        "add primary key (id_pedido)",
    ),
    "pedido_credito_historico": (
        "id_historico bigint, id_pedido text, status_anterior text, status_novo text, motivo text,"
        " origem text, id_requisicao text, ocorrido_em timestamptz, registrado_em timestamptz",
        "add primary key (id_historico)",
    ),
}


@dataclass(frozen=True)
class Tamanho:
    """How many applications there are."""

    pedidos: int = 20_000


@dataclass(frozen=True)
class Plano:
    """All that the start-up has, by the moments at which it is seen.

    Attributes:
        versoes: the rows of each table.
        scores: in the order in which they were published.
        arquivos: of events, in the order in which they were written.
        falhas: what is planted.
    """

    versoes: Mapping[str, Sequence[Versao]]
    scores: Sequence[scores.Publicado]
    arquivos: Sequence[eventos.Arquivo]
    falhas: Falhas

    def linhas(self, tabela: str, etapa: int) -> Iterable[str]:
        """Return the rows of a table as a moment shows them, in the text format of COPY."""
        return (linha for de, ate, linha in self.versoes[tabela] if de <= etapa < ate)


@lru_cache(maxsize=1)
def _planejar(tamanho: Tamanho, digital: fintech.Tamanho, semente: int) -> Plano:
    da_conta = fintech.planejar(digital, semente)
    sorteio, plantadas = Random(f"{semente}/credito"), Falhas()
    quantas = parte(tamanho.pedidos, 4_000)
    feitos = pedidos.planejar(sorteio, tamanho.pedidos, da_conta.usuarios, da_conta.emprestimos)
    planta.plantar(sorteio, feitos, plantadas, quantas)
    tabelas: dict[str, list[Versao]] = {tabela: [] for tabela in _TABELAS}
    for pedido in feitos:
        por_etapa(
            tabelas["pedido_credito"], *(_do_pedido(pedido, etapa) for etapa in (ANTES, DEPOIS))
        )
    tabelas["pedido_credito_historico"] = _historico(sorteio, feitos, plantadas, quantas)
    conhecidos = [p for p in feitos if not p.falha]
    return Plano(
        tabelas,
        scores.planejar(sorteio, conhecidos, plantadas, quantas),
        eventos.planejar(sorteio, conhecidos, plantadas, quantas),
        plantadas,
    )


def falhas(
    tamanho: Tamanho | None = None,
    digital: fintech.Tamanho | None = None,
    semente: int = 7,
    etapa: int = len(ETAPAS) - 1,
) -> dict[str, list[str]]:
    """Return what is planted and shows at a stage: ids by reconciliation or table.

    =========================  ====================================================================
    `rec_originacao/`          ids of applications, by class; of loans (`emprestimo_sem_pedido`)
    `rec_pedido_transicao`     ids of applications
    `rec_pedido_status/`       ids of applications, by class
    `rec_alteracao_indevida/`  ids of changes of status
    `rec_score_conflito`       ids of queries
    `rec_eventos_conflito`     ids of events
    `quarentena/`              ids by table
    `nao_mapeado/`             ids of applications whose status nobody knows
    =========================  ====================================================================
    """
    plano = _planejar(tamanho or Tamanho(), digital or fintech.Tamanho(), semente)
    return plano.falhas.ate((ANTES, DEPOIS)[etapa])


def preparar(
    dsn: str,
    pasta: Path,
    etapa: int,
    tamanho: Tamanho | None = None,
    digital: fintech.Tamanho | None = None,
    semente: int = 7,
) -> None:
    """Bring database, scores and events to a stage, whatever it was; what is there is left alone.

    Args:
        dsn: the database, empty or filled by this function.
        pasta: where the partner's scores and the folder of events are.
        etapa: index of the moment in `ETAPAS`.
        tamanho: how much to make; the demonstration's size where it is left out.
        digital: the size of FintechDB, whose loans are what applications became.
        semente: the seed of all that is made up.

    Raises:
        ValueError: the database holds tables of somebody else.
    """
    tamanho, digital = tamanho or Tamanho(), digital or fintech.Tamanho()
    momento = (ANTES, DEPOIS)[etapa]
    receita = {"etapa": etapa, "semente": semente, **asdict(tamanho), "digital": asdict(digital)}
    marca = json.dumps(receita)
    feito = pasta / ".receita.json"

    def planejar() -> Plano:
        return _planejar(tamanho, digital, semente)

    if not feito.exists() or feito.read_text() != marca:
        feito.unlink(missing_ok=True)
        _escrever_arquivos(pasta, planejar(), momento)
        feito.write_text(marca)
    copia.escrever(dsn, _TABELAS, marca, lambda: partial(planejar().linhas, etapa=momento))


def endereco(pasta: Path) -> str:
    """The address of the app's events, which are called alike wherever the folder is."""
    return f"{pasta / EVENTOS}#{EVENTOS}"


def esquecer_planos() -> None:
    """Let go of what was made up, of the digital account too: it takes much memory."""
    _planejar.cache_clear()
    fintech.planejar.cache_clear()


def _escrever_arquivos(pasta: Path, plano: Plano, momento: int) -> None:
    """Write the scores, and the files of events that are not there; later ones are taken away."""
    (pasta / EVENTOS).mkdir(parents=True, exist_ok=True)
    for arquivo in plano.arquivos:
        destino = pasta / EVENTOS / arquivo.nome
        if arquivo.entregue > momento:
            destino.unlink(missing_ok=True)
            continue
        destino.parent.mkdir(parents=True, exist_ok=True)
        conteudo = "".join(f"{linha}\n" for linha in arquivo.linhas).encode()
        if not destino.exists() or destino.read_bytes() != conteudo:
            quando = ETAPAS[-1].timestamp() - DEPOIS + arquivo.entregue
            copia.gravar(destino, conteudo, quando)
    linhas = (json.dumps(item, ensure_ascii=False) for em, item in plano.scores if em <= momento)
    (pasta / SCORES).write_text("".join(f"{linha}\n" for linha in linhas), encoding="utf-8")


def _do_pedido(p: Pedido, etapa: int) -> str | None:
    """Return the row of an application at a stage."""
    passos = [(em, s) for em, s in p.passos if em <= etapa]
    if not passos or p.saiu <= etapa:
        return None
    mudado, situacao = passos[-1]
    if p.mostra and p.mostra[0] <= etapa:
        mudado, situacao = p.mostra
    decisoes = [(em, s) for em, s in passos if s in ("APROVADO", "RECUSADO")]
    aprovado = bool(decisoes) and decisoes[-1][1] == "APROVADO"
    recusado = bool(decisoes) and not aprovado
    solicitado = "-100.00" if p.falha == "negativo" else reais(p.solicitado)
    escrita = "PRE_APROVADO" if p.falha == "sem_nome" else p.escrita(situacao)
    contratado = p.contrato and any(s == "CONTRATADO" for _, s in passos)
    return "\t".join(
        (
            p.id,
            p.cliente,
            p.produto if p.prazo % 4 else p.produto.capitalize(),
            p.canal,
            p.campanha or NULO,
            solicitado,
            str(p.prazo),
            reais(p.aprovado) if aprovado else NULO,
            f"{p.taxa / 10_000:.6f}" if aprovado else NULO,
            escrita,
            p.motivos if recusado and p.motivos else NULO,
            p.contrato if contratado else NULO,
            escrito(p.criado),
            escrito(decisoes[0][0]) if decisoes else NULO,
            escrito(mudado),
            f"{len(passos)}\n",
        )
    )


def _historico(
    sorteio: Random, feitos: list[Pedido], plantadas: Falhas, quantas: int
) -> list[Versao]:
    """Return the rows of the history: they count up as they were noted."""
    mudancas: list[tuple[int, str, str, str, str]] = []
    for p in feitos:
        antes = NULO
        if p.contado_por != HISTORICO:
            continue
        for em, situacao in p.passos:
            requisicao = f"req-{sorteio.getrandbits(48):012x}"
            linha = f"{antes}\t{p.escrita(situacao)}", f"{_ORIGENS[em % 4]}\t{requisicao}"
            mudancas.append((em, p.id, linha[0], NULO, linha[1]))
            sorte = sorteio.random()
            if sorte < 0.008:  # asked for twice
                mudancas.append((em + 1, p.id, linha[0], NULO, linha[1]))
            elif sorte < 0.012:  # said once more
                outra = f"sistema\t{NULO}"
                mudancas.append((em + 2, p.id, linha[0], "reprocessamento", outra))
            antes = p.escrita(situacao)
    mudancas = sorted(m for m in mudancas if m[0] <= DEPOIS)
    antigas = [n for n, m in enumerate(mudancas) if m[0] < ANTES]
    mexidas = set(sorteio.sample(antigas, quantas))
    em_branco = set(sorteio.sample([n for n in antigas if n not in mexidas], quantas))
    versoes: list[Versao] = []
    numero = 0
    for n, (em, pedido, situacoes, motivo, resto) in enumerate(mudancas):
        fim = f"{resto}\t{escrito(em)}\t{escrito(em)}\n"
        numero += 1
        inicio = f"{numero}\t{pedido}\t{situacoes}"
        if n in mexidas:
            versoes.append((em, DEPOIS, f"{inicio}\t{motivo}\t{fim}"))
            versoes.append((DEPOIS, NUNCA, f"{inicio}\tcorrigido à mão\t{fim}"))
            plantadas.plantar(
                "rec_alteracao_indevida/pedido_credito_historico", str(numero), DEPOIS
            )
            continue
        versoes.append((em, NUNCA, f"{inicio}\t{motivo}\t{fim}"))
        if n in em_branco:
            numero += 1
            versoes.append((em, NUNCA, f"{numero}\t{pedido}\t{NULO}\t \t{NULO}\t{fim}"))
            plantadas.plantar("quarentena/pedido_credito_historico", str(numero), em)
    return versoes
