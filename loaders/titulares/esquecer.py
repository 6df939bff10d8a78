"""Erases people from all that is kept, so that figures stay as they are and nobody is named.

What leads to a person goes last. First the list, which keeps the person out and holds the secret
that makes the tokens; then the delivered files and the published files; then, in one transaction,
every table of the warehouse, and with it the secret. From then on nobody can tell whose a token is.
What was deleted is still in the blocks of files, so these are written anew; and so are the exports.
The lake is emptied, and filled again from what the warehouse holds then. Killed anywhere, the same
command goes on, with the same tokens.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from loaders.armazem import Armazem, abrir
from loaders.armazem.sql import diz_nada
from loaders.controle import auditoria, supressao
from loaders.controle.tabelas import qualificada
from loaders.extracao.arquivos.locais import Local
from loaders.lago import catalogo as do_lago
from loaders.lago import espelho, limpeza
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import ArmazemIndisponivel, FonteRecusada, LastroError
from loaders.nucleo.falhas import ponto_de_falha
from loaders.projeto import manifesto
from loaders.publicacao.base import Publicacao
from loaders.publicacao.objetos import NOME_NA_PARTE
from loaders.publicacao.publicar import publicacao
from loaders.titulares import arquivos, mapa
from loaders.titulares.extratos import pastas_de_exportacoes
from loaders.titulares.guardadas import prefixos_de
from loaders.titulares.lista import Lista
from loaders.titulares.publicados import apagar_dos_publicados, com_apagadas
from loaders.titulares.tabelas import Apagamento
from loaders.titulares.trocas import Trocas, por_trocas


@dataclass
class Esquecidos:
    """What was done, without whose it was.

    Attributes:
        pessoas: how many people.
        tabelas: rows changed or taken away, by table of the warehouse.
        versoes: rows of the published versions, by version.
        arquivos: lines of delivered files, by file.
        exportacoes: folders whose extracts were written again.
        nao_pesquisados: files that may still name somebody, with why.
        restantes: columns and tables that name the people still, or may.
        ausentes: places from which files were loaded, and folders of exports, that are not there.
        outros: prefixes of other warehouses in the same database or lake that hold the source.
        lago: loads copied anew into the lake that was emptied; none where none was.
    """

    pessoas: int = 0
    tabelas: dict[str, int] = field(default_factory=dict)
    versoes: dict[str, int] = field(default_factory=dict)
    arquivos: dict[str, int] = field(default_factory=dict)
    exportacoes: list[str] = field(default_factory=list)
    nao_pesquisados: list[str] = field(default_factory=list)
    restantes: list[str] = field(default_factory=list)
    ausentes: list[str] = field(default_factory=list)
    outros: list[str] = field(default_factory=list)
    lago: int | None = None


@auditoria.auditada(
    "forget",
    pedido=lambda fonte, ids, locais=(), _progresso=None: {
        "fonte": fonte, "pessoas": len(set(ids)), "locais": list(locais),
    },
    resultado=lambda feito: vars(feito),
)  # fmt: skip
def esquecer(
    config: Configuracao,
    fonte: str,
    ids: Sequence[str],
    locais: Sequence[str] = (),
    progresso: Callable[[str], None] = lambda _passo: None,
) -> Esquecidos:
    """Erase people from raw, rejects, snapshots, quarantine, marts, versions, files and exports.

    Args:
        config: the settings.
        fonte: the source that knows them.
        ids: their ids in it.
        locais: other places that hold delivered files, beside those that were ever loaded from.
        progresso: told of each step.

    Raises:
        FonteRecusada: nothing is held of one of them; nothing was changed then. Or some delivered
            files could not be searched, or something that cannot be changed names them; all else
            was done.
        LastroError: the key of the list is missing, or other people's erasure was interrupted.
        ArmazemIndisponivel: another writer holds the warehouse, or a reader a table of it.
    """
    pessoas = list(dict.fromkeys(ids))
    conferir_ids(pessoas)
    feito = Esquecidos(pessoas=len(pessoas))
    manifesto.nos(config)  # dbt is asked before the warehouse is held
    with publicacao(config) as p, p.sozinha("lastro forget"):
        p.sem_restos()
        with abrir(config, "lastro forget") as armazem:
            lugares = arquivos.lugares_de(config, armazem, fonte, locais)
            pastas = pastas_de_exportacoes(armazem, fonte)
            feito.ausentes = lugares.ausentes + pastas.ausentes
            feito.nao_pesquisados += lugares.recusados
            feito.restantes += [
                f"{pasta} (its owner has to export anew)" for pasta in pastas.alheias
            ]
            esquemas = {esquema for esquema, *_ in armazem.linhas(armazem.COLUNAS)}
            feito.outros = _outros(config, esquemas, fonte)
            lista = Lista(config, armazem, fonte)
            _conferir_conhecidas(lista, lugares.locais, pessoas)
            trocas = lista.comecar(pessoas, lugares.locais)
            ponto_de_falha("esquecer.depois_da_lista")
            progresso("delivered files")
            for local in lugares.locais:
                _nos_arquivos(armazem, local, trocas, feito)
            progresso("published versions")
            feito.versoes = apagar_dos_publicados(config, p, trocas, feito.restantes)
            progresso("warehouse")
            onde = _no_armazem(armazem, p, trocas, feito)
            ponto_de_falha("esquecer.antes_de_compactar")
            progresso("writing what is stored anew")
            armazem.compactar(onde)
        ponto_de_falha("esquecer.antes_das_exportacoes")
        progresso("exports")
        for exportacao, pasta in pastas.com_extrato:
            exportacao.de_novo(config, pasta)
            feito.exportacoes.append(str(pasta))
        with abrir(config, "lastro forget") as armazem:
            Lista(config, armazem, fonte).concluir()
        if config.lago:
            progresso("lake")
            _no_lago(config, fonte, feito)
    if feito.nao_pesquisados or feito.restantes:
        raise FonteRecusada("Erased everywhere else. " + "\n".join(_ficou(feito)))
    return feito


def _ficou(feito: Esquecidos) -> Iterator[str]:
    """What is not erased, or not known to be."""
    if feito.nao_pesquisados:
        yield (
            "These delivered files may still name somebody. Look at them, or delete them:\n  "
            + "\n  ".join(feito.nao_pesquisados)
        )
    if feito.restantes:
        yield (
            "These still name them, or may. `make build publish` makes anew what is a model's; look"
            " at the rest, then run the same `lastro forget` again:\n  "
            + "\n  ".join(feito.restantes)
        )


def conferir_ids(ids: Sequence[str]) -> None:
    """Refuse what cannot be an id.

    Raises:
        LastroError: one is empty or holds control characters; the message does not repeat it.
    """
    if not ids:
        raise LastroError("No id was given.")
    for numero, id_ in enumerate(ids, 1):
        if diz_nada(id_) or not id_.isprintable() or id_.startswith(supressao.TOKEN):
            raise LastroError(
                f"Person {numero} of {len(ids)}: an id is a printable text that is not empty, and"
                " not the token of somebody who was erased. Nothing was changed."
            )


def _outros(config: Configuracao, esquemas: set[str], fonte: str) -> list[str]:
    """The prefixes of other warehouses among some schemas that hold the source."""
    raw = mapa.tabelas_da(fonte)[0].esquema
    return sorted(p for p in prefixos_de(esquemas) - {config.prefixo} if p + raw in esquemas)


def _no_lago(config: Configuracao, fonte: str, feito: Esquecidos) -> None:
    """Have the lake hold what the warehouse holds now, which has nobody of them."""
    try:
        espelhado = espelho.espelhar(config)
        feito.lago = espelhado.cargas if espelhado.esvaziado else None
        catalogo = do_lago.abrir(config)
        esquemas = set(limpeza.todos(catalogo))
        feito.outros = sorted({*feito.outros, *_outros(config, esquemas, fonte)})
        prefixos = prefixos_de(esquemas) | {config.prefixo}
        feito.restantes += [
            f"the namespace {esquema} of the lake (nothing of the project makes it; not searched)"
            for esquema in limpeza.de_ninguem(config, catalogo)
            if max((p for p in prefixos if esquema.startswith(p)), key=len, default=None)
            == config.prefixo
        ]
    except ArmazemIndisponivel as erro:
        feito.restantes.append(
            f"the lake {config.lago}: {erro}\n  `{do_lago.COMANDO}` takes them out of it, whole"
        )


def _conferir_conhecidas(lista: Lista, locais: Sequence[Local], pessoas: Sequence[str]) -> None:
    """Stop at a person of whom nothing is held: the id is mistyped."""
    armazem, fonte = lista.armazem, lista.fonte
    for numero, id_ in enumerate(pessoas, 1):
        with armazem.transacao():
            if lista.tem(id_) or mapa.em_raw(armazem, fonte, id_):
                continue
            trocas = Trocas(fonte, "", {c: set() for c in mapa.colunas_de_chave(fonte)})
            trocas = trocas.com({mapa.coluna_da_pessoa(fonte): {id_}})
            if Apagamento(armazem, trocas).procurar():
                continue
        if not any(True for local in locais for _ in arquivos.procurar_em(local, trocas, [])):
            raise FonteRecusada(
                f"Nothing is held of person {numero} of {len(pessoas)} in {fonte}; nothing was"
                " changed. Check the id."
            )


def _nos_arquivos(armazem: Armazem, local: Local, trocas: Trocas, feito: Esquecidos) -> None:
    """Rewrite delivered files; their loads know them by the new bytes before these are there."""
    cargas = qualificada(armazem, "cargas")

    def anotar(arquivo: arquivos.Reescrito) -> None:
        with armazem.transacao():
            armazem.resguardar([cargas], muda=True)
            armazem.executar(
                f"update {cargas}"
                f" set sha256 = '{arquivo.sha256}', bytes = {arquivo.tamanho}"
                f" where fonte = '{trocas.fonte}' and sha256 = '{arquivo.sha256_antes}'"
            )
        ponto_de_falha("esquecer.antes_de_trocar_arquivo")

    reescritos, nao_pesquisados = arquivos.apagar_em(local, trocas, anotar)
    feito.arquivos |= {f"{local.endereco}/{a.nome}": a.linhas for a in reescritos}
    feito.nao_pesquisados += [f"{local.endereco}/{nome}" for nome in nao_pesquisados]


def _no_armazem(armazem: Armazem, p: Publicacao, trocas: Trocas, feito: Esquecidos) -> list[str]:
    """Erase from every table at once, and forget the secret; returns the tables to write anew."""
    with armazem.transacao():
        construidas = [str(t) for t in Apagamento(armazem, trocas).com_pessoas() if not t.versao]
    with armazem.transacao_sozinha(construidas):
        apagamento = Apagamento(armazem, trocas)
        # Those who read a version go on, and a build may have made a table meanwhile.
        controle = [qualificada(armazem, nome) for nome in ("cargas", "esquecidos")]
        armazem.resguardar([*map(str, apagamento.a_mudar()), *controle], muda=True)
        _descontar(armazem, trocas)
        for tabela, linhas in apagamento.executar().items():
            feito.tabelas[tabela.onde] = linhas
        for versao in p.versoes():
            partes = p.partes_de(versao)
            das_partes = {
                t: int(armazem.valor(f"select count(*) from {parte}"))
                for parte in apagamento.feitas
                if parte.nome in partes
                for t in versao.tabelas
                if parte.modelo == t.split(".")[1][:NOME_NA_PARTE]
            }
            if das_partes:
                p.corrigir(com_apagadas(versao, das_partes))
        lista = qualificada(armazem, "esquecidos")
        armazem.executar(f"update {lista} set segredo = null where segredo is not null")
        feito.restantes += apagamento.restantes()
        ponto_de_falha("esquecer.antes_do_commit")
        return [*map(str, apagamento.com_pessoas()), lista]


def _descontar(armazem: Armazem, trocas: Trocas) -> None:
    """Take the people out of what the last extraction counted, as the next one will."""
    for tabela in mapa.tabelas_da(trocas.fonte):
        if tabela.arquivo or "_operacao" not in {c.nome for c in tabela.colunas}:
            continue
        por_trocas(armazem, trocas)
        por = tabela.chave_simples or tabela.titular
        cargas = qualificada(armazem, "cargas")
        linhas, valor = armazem.linhas(
            f"select count(*), {f'coalesce(sum({tabela.valor}), 0)' if tabela.valor else '0'}"
            f" from (select *, row_number() over (partition by {', '.join(tabela.chave)}"
            f" order by _carga_id desc) as ordem from {armazem.qualificado(tabela)}"
            f" where {por} in"
            f" (select valor from titular_achado where coluna = '{por}')) as estados"
            " where ordem = 1 and _operacao <> 'exclusao'"
        )[0]
        armazem.executar(
            f"update {cargas} set linhas_origem = linhas_origem - {int(linhas)},"
            f" valor_origem = valor_origem - {Decimal(valor)} where _carga_id ="
            f" (select max(_carga_id) from {cargas} where fonte = '{trocas.fonte}'"
            f" and origem = '{tabela.nome}' and status in ('ok', 'sem_novidade'))"
        )
