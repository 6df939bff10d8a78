"""What a contract may say of a log of events, and what is refused by file, line and key."""

from pathlib import Path

import pytest
from apoio_contratos import com_contratos, contrato
from apoio_eventos import EVENTO

from loaders.contratos import EVENTOS, fontes
from loaders.extracao.eventos.endereco import Endereco, enderecos, variavel
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError

BASE = EVENTO.format(mais="lote: 100")
RECUSADOS = {
    "sem_eventos": ("  eventos:\n    resto: dados\n    lote: 100\n", "", "`eventos` go together"),
    "com_api": (
        "  titular", "  api: {caminho: /x, chamadas: y, proximo: z}\n  titular", "`api` go",
    ),
    "sem_chave": ("  chave: id_evento\n", "", "has a `chave`"),
    "leitura": ("  titular", "  leitura: foto\n  titular", "`leitura` is not for events"),
    "opcional": ("  titular", "  opcional: true\n  titular", "`opcional` is not for events"),
    "chave_que_nao_ha": ("chave: id_evento", "chave: id", "`chave: id` is none of its columns"),
    "chave_errada": ("resto: dados", "restos: dados", "unknown key"),
    "resto_que_nao_ha": ("resto: dados", "resto: outra", "`resto: outra` is none of"),
    "resto_que_nao_e_texto": ("resto: dados", "resto: versao_esquema", "is integer, and no text"),
    "resto_que_e_chave": ("resto: dados", "resto: id_evento", "cannot say which event"),
    "resto_que_e_de_quem": ("resto: dados", "resto: id_cliente", "cannot say which event"),
    "lote_de_zero": ("lote: 100", "lote: 0", "greater than or equal"),
    "intervalo_de_zero": ("lote: 100", "intervalo: 0", "greater than 0"),
    "arquivos_de_uma_pasta": ("lote: 100", "arquivos: a/*.jsonl", "should match pattern"),
    "titular_que_nao_e_texto": ("id_cliente: text", "id_cliente: bigint", "are text"),
    "derivada": (
        "tipo_evento: text", "tipo_evento: {derivada_de: x, derivacao: token}", "not for events",
    ),
}  # fmt: skip


@pytest.mark.parametrize("caso", RECUSADOS)
def test_o_que_o_contrato_nao_pode_dizer(tmp_path: Path, caso: str) -> None:
    era, fica, dito = RECUSADOS[caso]
    assert era in BASE
    texto = contrato("fluxo", "eventos", BASE.replace(era, fica))
    with com_contratos(tmp_path, fluxo=texto), pytest.raises(LastroError) as erro:
        fontes()
    assert dito in str(erro.value)
    assert "_fluxo__sources.yml:" in str(erro.value)


def test_o_que_pode(tmp_path: Path) -> None:
    sem_resto = "clique:\n  chave: id\n  eventos: {arquivos: '*.jsonl'}\n  columns: {id: text}\n"
    with com_contratos(tmp_path, fluxo=contrato("fluxo", "eventos", BASE + sem_resto)):
        fonte = fontes()["fluxo"]
        assert fonte.tipos == (EVENTOS,)
        tabela = fonte.tabela("evento")
        assert tabela.eventos and (tabela.eventos.lote, tabela.eventos.intervalo) == (100, 1)
        # What no column names may be anything, and so goes with the person.
        assert {c: m.classe for c, m in tabela.marcas.items()} == {
            "id_evento": "chave", "id_cliente": "chave", "dados": "livre",
        }  # fmt: skip
        assert [c.nome for c in tabela.colunas][-6:] == [
            "_topico", "_particao", "_deslocamento", "_recebido_em", "_carga_id", "_carregado_em",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("texto", "tipo", "onde", "nome", "topico"),
    [
        ("kafka://a:1,b:2/pedidos", "kafka", "a:1,b:2", "pedidos", "pedidos"),
        ("kafka://a/pedidos#velhos", "kafka", "a", "pedidos", "velhos"),
        ("kinesis://sa-east-1/fluxo", "kinesis", "sa-east-1", "fluxo", "fluxo"),
        ("s3://balde/x/", "pasta", "s3://balde/x", "", "s3://balde/x"),
        ("file:///a/b", "pasta", "file:///a/b", "", "file:///a/b"),
        ("/a/b/#c", "pasta", "/a/b", "", "c"),
    ],
)
def test_enderecos(texto: str, tipo: str, onde: str, nome: str, topico: str) -> None:
    lido = Endereco.de(texto, "X_EVENTOS_URL")
    assert (lido.tipo, lido.onde, lido.nome, lido.topico) == (tipo, onde, nome, topico)
    assert str(lido) == texto


@pytest.mark.parametrize(
    ("texto", "dito"),
    [
        ("kafka://eu:senha@a/pedidos", "a user or a password"), ("kafka://a", "an address is"),
        ("kafka://a/b/senha", "an address is"), ("kafka://a/b?senha=x", "a query"),
        ("kinesis:///senha", "an address is"), ("http://senha/b", "an address is"),
        ("kafka://[senha/b", "an address is"), ("s3://", "an address is"),
    ],
)  # fmt: skip
def test_o_que_nao_e_endereco_nao_e_repetido(texto: str, dito: str) -> None:
    with pytest.raises(LastroError, match=dito) as erro:
        Endereco.de(texto, "X_EVENTOS_URL")
    assert "X_EVENTOS_URL" in str(erro.value) and "senha" not in str(erro.value)


def test_cada_tabela_tem_os_seus(tmp_path: Path) -> None:
    outra = "clique:\n  chave: id\n  eventos: {}\n  columns: {id: text}\n"
    ditos = {
        "FLUXO_EVENTOS_URL": "kafka://a/x", "FLUXO_EVENTOS_CLIQUE_URL": "kafka://a/y  /b/c\n/d",
    }  # fmt: skip
    config = Configuracao(_env_file=None, **ditos)  # type: ignore[call-arg, arg-type]
    with com_contratos(tmp_path, fluxo=contrato("fluxo", "eventos", BASE + outra)):
        fonte = fontes()["fluxo"]
        evento, clique = fonte.tabela("evento"), fonte.tabela("clique")
        assert [str(e) for e in enderecos(config, fonte, clique)] == ["kafka://a/y", "/b/c", "/d"]
        assert enderecos(config, fonte, evento) == [], "of two tables it is not known whose it is"
        assert variavel(fonte, evento) == "FLUXO_EVENTOS_EVENTO_URL"
    with com_contratos(tmp_path, fluxo=contrato("fluxo", "eventos", BASE)):
        fonte = fontes()["fluxo"]
        assert [e.topico for e in enderecos(config, fonte, fonte.tabela("evento"))] == ["x"]
        ditos["FLUXO_EVENTOS_URL"] = "kafka://a/x kinesis://b/x"
        config = Configuracao(_env_file=None, **ditos)  # type: ignore[call-arg, arg-type]
        with pytest.raises(LastroError, match=r"x is the name of two of its logs.*#name"):
            enderecos(config, fonte, fonte.tabela("evento"))
