"""The commands: publish, list, go back, prune."""

from dataclasses import dataclass

from loaders.armazem import abrir, abrir_sem_escritores
from loaders.controle import auditoria
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError, PublicacaoRecusada
from loaders.publicacao import acessos, construcao, entregas, versoes
from loaders.publicacao.base import Publicacao
from loaders.publicacao.duck import PublicacaoDuckDB
from loaders.publicacao.postgres import PublicacaoPostgres
from loaders.publicacao.versoes import Versao


@dataclass(frozen=True)
class Publicada:
    """What became of a publication.

    Attributes:
        versao: the version that is read now.
        nova: false where the current version holds the same already.
        apagadas: versions that were pruned.
        poupadas: versions that were to be pruned, and that somebody reads.
    """

    versao: Versao
    nova: bool
    apagadas: list[str]
    poupadas: list[str]


def publicacao(config: Configuracao) -> Publicacao:
    """The published versions of the engine in use.

    Raises:
        ArmazemIndisponivel: the server cannot be reached.
    """
    return PublicacaoDuckDB(config) if config.alvo == "duckdb" else PublicacaoPostgres(config)


@auditoria.auditada(
    "publish",
    pedido=lambda aceitar=False, mudanca_maxima=None, manter=None: {
        "aceitar": aceitar, "mudanca_maxima": mudanca_maxima, "manter": manter,
    },
    resultado=lambda feita: {
        "versao": feita.versao.nome, "construcao": feita.versao.construcao, "nova": feita.nova,
        "apagadas": feita.apagadas,
    },
)  # fmt: skip
def publicar(
    config: Configuracao,
    aceitar: bool = False,
    mudanca_maxima: float | None = None,
    manter: int | None = None,
) -> Publicada:
    """Make what the last build left the version that people read.

    Args:
        config: the settings.
        aceitar: publish even if a table moved by more than `mudanca_maxima`, or more of a delivery
            that came since was rejected or set aside than the settings' `perda_maxima`.
        mudanca_maxima: the largest share by which the rows or the key amount of a table may move
            against the current version; the settings' where it is left out.
        manter: how many of the newest versions to keep; all where it is left out.

    Raises:
        PublicacaoRecusada: the warehouse, the project or a test says no, or a table moved too far.
        ArmazemIndisponivel: the warehouse cannot be opened, or another publication is under way.
        LastroError: the folder cannot be written, a role cannot be made.
    """
    with publicacao(config) as p, p.sozinha("lastro publish"):
        existentes = p.versoes()
        corrente = p.corrente()
        atual = next((v for v in existentes if v.nome == corrente), None)
        armazem = abrir_sem_escritores(config, "lastro publish")
        if armazem is None:
            raise PublicacaoRecusada(f"Nothing was built here yet. {construcao.MANDA_CONSTRUIR}")
        with armazem:
            construcao.anotar_novas(config, armazem)
            construida = construcao.ultima(armazem)
            desde = entregas.publicada(atual.cargas) if atual else 0
            perdas = entregas.perdas(config, armazem, desde)
            versao = versoes.nova(construida, atual, [v.nome for v in existentes])
            nova = atual is None or not versao.igual(atual) or bool(p.faltas(atual))
            if not nova:  # a copy is checked where it is made
                gravados = acessos.gravados()
                with armazem.transacao_de_leitura(
                    [f"{config.prefixo}{m.tabela}" for m in gravados]
                ):
                    construcao.conferir_tabelas(config, construida, armazem.linhas, gravados)
        if atual is None or atual.projeto != versao.projeto:  # else dbt was asked already
            construcao.conferir_projeto(config, construida)
        if not aceitar:
            entregas.conferir(perdas, config.perda_maxima)
            parte = config.mudanca_maxima if mudanca_maxima is None else mudanca_maxima
            versoes.conferir_mudancas(atual, versao, parte)
        if nova:
            # A publication that was killed, or could not switch, may have left the copy.
            prontas = [v for v in existentes if v.mesma_copia(versao, atual) and not p.faltas(v)]
            pronta = next(iter(prontas), None)
            if pronta:
                versao = pronta
            else:
                inteira = None if atual is None or p.faltas(atual) else atual
                p.copiar(construida, versao, inteira)
            p.apontar(versao.nome)
        elif atual is not None:
            p.apontar(atual.nome)
        apagadas, poupadas = ([], []) if manter is None else _podar(p, manter)
    return Publicada(versao if atual is None or nova else atual, nova, apagadas, poupadas)


@auditoria.auditada(
    "rollback",
    pedido=lambda nome: {"versao": nome[:60]},
    resultado=lambda versao: {"versao": versao.nome},
)
def voltar(config: Configuracao, nome: str) -> Versao:
    """Make an older (or newer) version the one that people read.

    Raises:
        PublicacaoRecusada: there is no version of that name, or it shows what nobody may see now.
        ArmazemIndisponivel: the server cannot be reached, or another publication is under way.
    """
    with publicacao(config) as p, p.sozinha("lastro rollback"):
        existentes = {v.nome: v for v in p.versoes()}
        if nome not in existentes:
            raise PublicacaoRecusada(f"There is no version {nome!r}; `lastro versions` lists them.")
        demais = existentes[nome].mostra_demais(arquivos=config.alvo == "duckdb")
        if demais:
            raise PublicacaoRecusada(
                f"{nome} shows what acessos.yml does not allow any more: {', '.join(demais)}."
            )
        if faltas := p.faltas(existentes[nome]):
            raise PublicacaoRecusada(
                f"{nome} is not whole any more, {', '.join(faltas)} is gone. `lastro publish` makes"
                " a new version."
            )
        p.apontar(nome)
        return existentes[nome]


@auditoria.auditada("grants")
def conceder(config: Configuracao) -> None:
    """Make roles, raw and control tables that are missing; bring all grants to the declaration.

    Raises:
        LastroError: the engine has no roles, or the user may not make them.
        ArmazemIndisponivel: the server cannot be reached, or another publication is under way.
    """
    if config.alvo == "duckdb":
        raise LastroError(
            "DuckDB has no roles: give the users of each area the right to read its file in "
            f"{config.caminho_publicado}/current."
        )
    with publicacao(config) as p, p.sozinha("lastro grants"):
        abrir(config, "lastro grants").fechar()
        p.conceder()


def listar(config: Configuracao) -> tuple[str | None, list[Versao]]:
    """The name of the current version, and every version, newest first."""
    with publicacao(config) as p:
        return p.corrente(), p.versoes()[::-1]


def danos(config: Configuracao) -> dict[str, list[str]]:
    """What is missing of which version, in words; nothing of those that are whole."""
    with publicacao(config) as p:
        return {v.nome: achados for v in p.versoes() if (achados := p.danos(v))}


@auditoria.auditada(
    "versions --keep",
    pedido=lambda manter: {"manter": manter},
    resultado=lambda podadas: {"apagadas": podadas[0]},
)
def podar(config: Configuracao, manter: int) -> tuple[list[str], list[str]]:
    """Delete all but the newest versions; the current one stays whatever its age.

    Args:
        config: the settings.
        manter: how many to keep.

    Returns:
        The names of those deleted, and of those that somebody reads.
    """
    with publicacao(config) as p, p.sozinha("lastro versions"):
        return _podar(p, manter)


def _podar(p: Publicacao, manter: int) -> tuple[list[str], list[str]]:
    todas = [v.nome for v in p.versoes()]
    corrente = p.corrente()
    apagadas: list[str] = []
    poupadas: list[str] = []
    for nome in todas[: max(len(todas) - manter, 0)]:
        if nome != corrente:
            (apagadas if p.apagar(nome) else poupadas).append(nome)
    return apagadas, poupadas
