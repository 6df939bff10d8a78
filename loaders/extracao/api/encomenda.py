"""Orders a single item of a partner, which may cost money: a retry never buys a second one.

An order is told from others by its Idempotency-Key, made of what the contract names. Killed on the
way and given again on the same day, it has the same key, and the partner answers what it answered.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from loaders.armazem import abrir
from loaders.contratos import Fonte, Tabela
from loaders.contratos.api import Api, SobDemanda
from loaders.controle import auditoria
from loaders.controle.cargas import PARCIAL, Carga
from loaders.extracao.api import corpo
from loaders.extracao.api.carregar import Opcoes, erro_da, varreduras
from loaders.extracao.api.cliente import Cliente, Pedido, Resposta
from loaders.extracao.api.corpo import Pagina
from loaders.extracao.api.falhas import Falha
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError

DIA = "dia"
"""In a key: the local day of the order."""
SEPARADOR = "|"
"""What stands between the parts of a key."""


def chave(sob_demanda: SobDemanda, campos: Mapping[str, str], agora: datetime) -> str:
    """The Idempotency-Key of an order: 64 hexadecimal digits."""
    dia = agora.astimezone(ZoneInfo(sob_demanda.fuso)).date().isoformat()
    partes = (dia if c == DIA else campos[c] for c in sob_demanda.chave)
    return hashlib.sha256(SEPARADOR.join(partes).encode()).hexdigest()


def recusar_incompleta(tabela: Tabela, campos: Mapping[str, str]) -> SobDemanda:
    """How an order is given, if it has all that one has.

    Raises:
        LastroError: the table has none, or a field is missing, unknown, empty or ambiguous.
    """
    sob_demanda = tabela.api and tabela.api.sob_demanda
    if not sob_demanda:
        raise LastroError(f"{tabela.nome} has no `sob_demanda` in its contract: none is ordered.")
    campos = {c: v for c, v in campos.items() if v}
    if campos.keys() != set(sob_demanda.corpo):
        raise LastroError(f"An order has the fields {', '.join(sob_demanda.corpo)}, none of them"
                          " empty.")  # fmt: skip
    if any(SEPARADOR in campos.get(c, "") for c in sob_demanda.chave):
        raise LastroError(
            f"No field of an order's key holds {SEPARADOR!r}: two orders could have one key."
        )
    return sob_demanda


@auditoria.auditada(
    lambda fonte, *_: f"request {fonte.nome}",
    pedido=lambda _fonte, _url, tabela, _campos: {"tabela": tabela.nome},
    resultado=lambda carga: {"cargas": {carga.id: carga.status}},
)
def encomendar(
    config: Configuracao, fonte: Fonte, url: str, tabela: Tabela, campos: Mapping[str, str]
) -> Carga:
    """Order one item and land it, by the rules by which a sweep lands it.

    Args:
        config: the settings.
        fonte: the source.
        url: its address.
        tabela: the table.
        campos: the fields of the order.

    Raises:
        LastroError: the order is not complete.
        FonteIndisponivel: the partner does not answer.
        FonteRecusada: it refuses the order, or its answer is no row.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    sob_demanda = recusar_incompleta(tabela, campos)
    opcoes = Opcoes((tabela.nome,))
    with (
        Cliente.de(config, fonte.nome, url) as cliente,
        abrir(config, f"lastro request {fonte.nome}") as armazem,
    ):
        (varredura,) = varreduras(armazem, config, fonte, cliente, opcoes, lambda _t, _n: None)
        api = varredura.api
        pedido = Pedido(
            api.caminho,
            cliente.endereco.url(api.caminho),
            corpo=json.dumps(dict(campos), sort_keys=True).encode(),
            chave=chave(sob_demanda, campos, datetime.now(UTC)),
        )
        try:
            pagina = varredura.pedinte.pedir(pedido, lambda resposta: _um_item(api, resposta))
        except Falha as falha:
            erro = erro_da(varredura, falha)
            recusado = isinstance(erro, FonteRecusada)
            varredura.encerrar("rejeitado" if recusado else PARCIAL, str(erro), falha)
            raise erro from None
        varredura.por_encomenda(pagina)
        carga = varredura.carga
    if carga.rejeitadas:
        raise FonteRecusada(
            f"{fonte.nome}.{tabela.nome}: what was answered is no row by the contract; it is in"
            " controle.rejeicoes, with the reason."
        )
    return carga


def _um_item(api: Api, resposta: Resposta) -> Pagina:
    """The item of an answer, alone or in the list in which a sweep finds it."""
    lido = corpo.ler(resposta)
    itens = corpo.achar(lido, api.itens) if api.itens else lido
    return Pagina(itens if isinstance(itens, list) else [lido], None, resposta.http_status)
