"""Everything that is held about one person, as a data subject may ask for it (LGPD, article 18)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from loaders.armazem import Armazem, abrir_para_ler
from loaders.armazem.duck import ArmazemDuckDB
from loaders.armazem.sql import em_branco, identificador
from loaders.controle import auditoria
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada
from loaders.projeto import manifesto
from loaders.publicacao.publicar import publicacao
from loaders.titulares import arquivos, condicoes, mapa
from loaders.titulares.esquecer import conferir_ids
from loaders.titulares.extratos import Pastas, pastas_de_exportacoes
from loaders.titulares.publicados import de_arquivo
from loaders.titulares.tabelas import Apagamento
from loaders.titulares.trocas import Trocas

Linha = dict[str, Any]


@auditoria.auditada(
    "export-person",
    pedido=lambda fonte, _id, locais=(): {"fonte": fonte, "locais": list(locais)},
    resultado=lambda tudo: {
        "tabelas": {tabela: len(linhas) for tabela, linhas in tudo["armazem"].items()}
    },
)
def entregar(
    config: Configuracao, fonte: str, id_: str, locais: Iterable[str] = ()
) -> dict[str, Any]:
    """What every table, published version, delivered file and export holds about a person.

    Args:
        config: the settings.
        fonte: the source that knows the person.
        id_: the person's id in it.
        locais: other places that hold delivered files.

    Returns:
        `chaves` by column; `armazem`: rows by table; `publicado`: the same by version and area,
        where versions are files of their own; `arquivos`: lines by file; `exportacoes`: folders of
        extracts that are made of these rows.

    Raises:
        FonteRecusada: nothing is held.
        ArmazemIndisponivel: the warehouse cannot be read.
        LastroError: the id cannot be one.
    """
    conferir_ids([id_])
    manifesto.nos(config)  # dbt is asked before the warehouse is held
    tudo: dict[str, Any] = {
        "fonte": fonte,
        "gerado_em": datetime.now(UTC).isoformat(timespec="seconds"),
        "chaves": {},
        "armazem": {},
        "publicado": {},
        "arquivos": {},
        "nao_pesquisados": [],
    }
    da_pessoa = trocas = Trocas(fonte, "", {mapa.coluna_da_pessoa(fonte): {id_}})
    armazem = abrir_para_ler(config, "lastro export-person")
    if armazem is None:
        lugares, pastas = arquivos.lugares_de(config, None, fonte, locais), Pastas()
    else:
        with armazem, armazem.transacao():
            chaves = mapa.chaves_de(armazem, fonte, [id_])
            trocas = Trocas(fonte, "", chaves, mapa.unicos_de(armazem, fonte, chaves))
            tudo["chaves"] = {c: sorted(valores) for c, valores in trocas.chaves.items() if valores}
            tudo["armazem"] = _linhas(armazem, trocas, tudo["nao_pesquisados"])
            lugares = arquivos.lugares_de(config, armazem, fonte, locais)
            pastas = pastas_de_exportacoes(armazem, fonte)
    with publicacao(config) as p:
        for versao, caminhos in p.arquivos().items():
            for caminho in caminhos:
                with ArmazemDuckDB(de_arquivo(config, caminho), "lastro", escrita=False) as lido:
                    if linhas := _linhas(lido, trocas, tudo["nao_pesquisados"]):
                        tudo["publicado"].setdefault(versao, {})[caminho.stem] = linhas
    tudo["nao_pesquisados"] += [
        f"{onde} (not there)" for onde in lugares.ausentes + pastas.ausentes
    ] + lugares.recusados
    for local in lugares.locais:
        for nome, numero, texto in arquivos.procurar_em(local, da_pessoa, tudo["nao_pesquisados"]):
            tudo["arquivos"].setdefault(f"{local.endereco}/{nome}", []).append(
                {"linha": numero, "texto": texto}
            )
    tudo["exportacoes"] = pastas.nomes
    if not any(tudo[onde] for onde in ("armazem", "publicado", "arquivos")):
        raise FonteRecusada(f"Nothing is held of that person in {fonte}. Check the id.")
    return tudo


def _linhas(armazem: Armazem, trocas: Trocas, nao_pesquisados: list[str]) -> dict[str, list[Linha]]:
    """The rows about the person, by table; not those of others that name a key of theirs.

    What is not this project's is only named: whose its rows are is not known.
    """
    apagamento = Apagamento(armazem, trocas)
    pessoa = mapa.coluna_da_pessoa(trocas.fonte)
    resultado = {}
    for tabela in apagamento.procurar():
        if not tabela.do_projeto:
            nao_pesquisados.append(f"{tabela.onde} (not of this project; it names the person)")
            continue
        colunas = sorted(tabela.colunas)
        onde = apagamento.onde(tabela)
        if pessoa in colunas:
            ids = f"(select valor from titular_achado where coluna = '{pessoa}')"
            dela = condicoes.como_texto(tabela, pessoa, "f.")
            onde = f"({onde}) and ({em_branco(dela)} or {dela} in {ids})"
        nomes = ", ".join(f"f.{identificador(c)}" for c in colunas)
        lidas = armazem.linhas(f"select {nomes} from {tabela} as f where {onde}")
        if lidas:
            resultado[tabela.onde] = [dict(zip(colunas, linha, strict=True)) for linha in lidas]
    nao_pesquisados += [
        f"{t.onde} (not of this project, and not to be read)" for t in apagamento.fechadas
    ]
    return resultado
