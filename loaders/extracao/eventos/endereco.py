"""Where events are: a topic of Kafka, a stream of Kinesis, a folder or a prefix of S3."""

from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import urlsplit

from loaders import PROJETO
from loaders.contratos import EVENTOS, Fonte, Tabela
from loaders.nucleo.configuracao import Configuracao, nome_da_variavel
from loaders.nucleo.erros import LastroError
from loaders.nucleo.nomes import visivel

FORMAS = "kafka://host:9092/topic, kinesis://region/stream, s3://bucket/prefix or a folder"


@dataclass(frozen=True)
class Endereco:
    """One of the addresses that a setting names.

    Attributes:
        tipo: by what events come from there.
        onde: Kafka's brokers, Kinesis' region, or the folder as it is opened.
        nome: the topic or stream; empty of a folder.
        topico: what the log is called here, in `_topico` and in `controle.posicoes`.
        dito: the address, as it may be shown.
    """

    tipo: Literal["kafka", "kinesis", "pasta"]
    onde: str
    nome: str
    topico: str
    dito: str

    @classmethod
    def de(cls, texto: str, variavel: str) -> Self:
        """Read an address; what is wrong with one is said without repeating it.

        Args:
            texto: `kafka://`, `kinesis://`, `s3://`, `file://` or a folder, with `#name` where it
                is to be called otherwise here.
            variavel: the setting that holds it.

        Raises:
            LastroError: it is none, or it holds a user or a query.
        """
        endereco, _, apelido = texto.partition("#")
        esquema, separador, _ = endereco.partition("://")
        if not separador:
            onde = endereco.rstrip("/") or "/"
            return cls("pasta", str(PROJETO / onde), "", apelido or onde, visivel(texto))
        try:
            partes = urlsplit(endereco)
        except ValueError:
            raise LastroError(f"{variavel}: an address is {FORMAS}.") from None
        if "@" in partes.netloc:
            raise LastroError(
                f"{variavel} holds a user or a password, which would show in messages: how Kafka is"
                " entered says the file of <SOURCE>_EVENTOS_KAFKA_FILE; AWS reads AWS_*."
            )
        if partes.query:
            raise LastroError(f"{variavel} holds a query: an address is {FORMAS}.")
        if esquema in ("s3", "file") and (partes.netloc or partes.path):
            onde = endereco.rstrip("/")
            return cls("pasta", onde, "", apelido or onde, visivel(texto))
        nome = partes.path.strip("/")
        if esquema not in ("kafka", "kinesis") or not partes.netloc or not nome or "/" in nome:
            raise LastroError(f"{variavel}: an address is {FORMAS}.")
        tipo: Literal["kafka", "kinesis"] = "kafka" if esquema == "kafka" else "kinesis"
        return cls(tipo, partes.netloc, nome, apelido or nome, visivel(texto))

    def __str__(self) -> str:
        """As it may be shown."""
        return self.dito


def sozinha(fonte: Fonte) -> bool:
    """Whether a source has but one table of events."""
    return len(fonte.de_tipo(EVENTOS)) == 1


def variavel(fonte: Fonte, tabela: Tabela) -> str:
    """The setting that says where a table's events are."""
    como = EVENTOS if sozinha(fonte) else f"{EVENTOS}_{tabela.nome}"
    return nome_da_variavel(fonte.nome, como, "URL")


def enderecos(
    config: Configuracao, fonte: Fonte, tabela: Tabela, locais: tuple[str, ...] = ()
) -> list[Endereco]:
    """Where a table's events are; nowhere where no setting says it.

    Args:
        config: the settings.
        fonte: the source.
        tabela: the table.
        locais: addresses that go before the settings'.

    Raises:
        LastroError: one is no address, or two have one name here, so that their positions would
            mix.
    """
    nome = variavel(fonte, tabela)
    textos = locais or config.eventos_de(fonte.nome, tabela.nome, sozinha(fonte))
    achados = [Endereco.de(texto, nome) for texto in textos]
    topicos = [e.topico for e in achados]
    if repetidos := sorted({t for t in topicos if topicos.count(t) > 1}):
        raise LastroError(
            f"{nome}: {visivel(repetidos[0])} is the name of two of its logs, whose positions would"
            " mix. Give one of them another name here: add `#name` to its address."
        )
    return achados
