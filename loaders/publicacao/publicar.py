"""The commands: publish, list, go back, prune."""

from collections.abc import Callable
from dataclasses import dataclass

from loaders.armazem import abrir
from loaders.controle import auditoria
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError, PublicacaoRecusada
from loaders.publicacao import construcao, entregas, versoes
from loaders.publicacao.base import Publicacao
from loaders.publicacao.duck import PublicacaoDuckDB
from loaders.publicacao.lago import PublicacaoLago
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


def publicacao(config: Configuracao, no_lago: bool = False) -> Publicacao:
    """The published versions of the engine in use.

    Args:
        config: the settings.
        no_lago: those of the lake; its publications wait for those of the warehouse, and these for
            them.

    Raises:
        ArmazemIndisponivel: the server cannot be reached; or the lake cannot be opened.
    """
    do_armazem = PublicacaoDuckDB if config.alvo == "duckdb" else PublicacaoPostgres
    return PublicacaoLago(config, do_armazem(config)) if no_lago else do_armazem(config)


def _acao(nome: str) -> Callable[..., str]:
    """How the audit log calls an action: the command."""
    return lambda *_, no_lago=False, **__: f"lake {nome}" if no_lago else nome


def _lastro(no_lago: bool) -> str:
    """How the commands begin, for messages."""
    return "lastro lake" if no_lago else "lastro"


@auditoria.auditada(
    _acao("publish"),
    pedido=lambda aceitar=False, mudanca_maxima=None, manter=None, no_lago=False: {
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
    *,
    no_lago: bool = False,
) -> Publicada:
    """Make what the last build left the version that people read.

    Args:
        config: the settings.
        aceitar: publish even if a table moved by more than `mudanca_maxima`, or more of a delivery
            that came since was rejected or set aside than the settings' `perda_maxima`.
        mudanca_maxima: the largest share by which the rows or the key amount of a table may move
            against the current version; the settings' where it is left out.
        manter: how many of the newest versions to keep; all where it is left out.
        no_lago: of what Spark built in the lake.

    Raises:
        PublicacaoRecusada: the warehouse, the project or a test says no, or a table moved too far.
        ArmazemIndisponivel: the warehouse cannot be opened, or another publication is under way.
        LastroError: the folder cannot be written, a role cannot be made.
    """
    quem = f"{_lastro(no_lago)} publish"
    with publicacao(config, no_lago) as p, p.sozinha(quem):
        existentes = p.versoes()
        corrente = p.corrente()
        atual = next((v for v in existentes if v.nome == corrente), None)
        with p.construido(quem) as armazem:
            if armazem is None:
                raise PublicacaoRecusada(
                    f"Nothing was built here yet. {construcao.MANDA_CONSTRUIR}"
                )
            construcao.anotar_novas(config, armazem)
            construida = construcao.ultima(armazem)
            desde = entregas.publicada(atual.cargas) if atual else 0
            perdas = entregas.perdas(config, armazem, desde)
            versao = versoes.nova(construida, atual, [v.nome for v in existentes])
            nova = atual is None or not versao.igual(atual) or bool(p.faltas(atual))
            if not nova:  # a copy is checked where it is made
                p.conferir(construida, armazem)
        if atual is None or atual.projeto != versao.projeto:  # else dbt was asked already
            construcao.conferir_projeto(config, construida, p.alvo)
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
    _acao("rollback"),
    pedido=lambda nome, no_lago=False: {"versao": nome[:60]},
    resultado=lambda versao: {"versao": versao.nome},
)
def voltar(config: Configuracao, nome: str, *, no_lago: bool = False) -> Versao:
    """Make an older (or newer) version the one that people read.

    Args:
        config: the settings.
        nome: its name.
        no_lago: of those of the lake.

    Raises:
        PublicacaoRecusada: there is no version of that name, or it shows what nobody may see now.
        ArmazemIndisponivel: the server cannot be reached, or another publication is under way.
    """
    lastro = _lastro(no_lago)
    with publicacao(config, no_lago) as p, p.sozinha(f"{lastro} rollback"):
        existentes = {v.nome: v for v in p.versoes()}
        if nome not in existentes:
            raise PublicacaoRecusada(
                f"There is no version {nome!r}; `{lastro} versions` lists them."
            )
        if demais := p.demais(existentes[nome]):
            raise PublicacaoRecusada(
                f"{nome} shows what acessos.yml does not allow any more: {', '.join(demais)}."
            )
        if faltas := p.faltas(existentes[nome]):
            raise PublicacaoRecusada(
                f"{nome} is not whole any more, {', '.join(faltas)} is gone. `{lastro} publish`"
                " makes a new version."
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


def listar(config: Configuracao, *, no_lago: bool = False) -> tuple[str | None, list[Versao]]:
    """The name of the current version, and every version, newest first."""
    with publicacao(config, no_lago) as p:
        return p.corrente(), p.versoes()[::-1]


def anterior(config: Configuracao) -> str:
    """The version of the lake before the one that is read.

    Raises:
        PublicacaoRecusada: there is none.
    """
    corrente, todas = listar(config, no_lago=True)
    mais_antigas = [v.nome for v in todas if corrente and v.nome < corrente]
    if not mais_antigas:
        raise PublicacaoRecusada("There is no version before the current one.")
    return mais_antigas[0]


def danos(config: Configuracao, *, no_lago: bool = False) -> dict[str, list[str]]:
    """What is missing of which version, in words; nothing of those that are whole."""
    with publicacao(config, no_lago) as p:
        return {v.nome: achados for v in p.versoes() if (achados := p.danos(v))}


@auditoria.auditada(
    _acao("versions --keep"),
    pedido=lambda manter, no_lago=False: {"manter": manter},
    resultado=lambda podadas: {"apagadas": podadas[0]},
)
def podar(
    config: Configuracao, manter: int, *, no_lago: bool = False
) -> tuple[list[str], list[str]]:
    """Delete all but the newest versions; the current one stays whatever its age.

    Args:
        config: the settings.
        manter: how many to keep.
        no_lago: of those of the lake.

    Returns:
        The names of those deleted, and of those that somebody reads.
    """
    with publicacao(config, no_lago) as p, p.sozinha(f"{_lastro(no_lago)} versions"):
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
