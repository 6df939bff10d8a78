"""Settings: the environment first, then `.env` in the project's root."""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    computed_field,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from loaders import PROJETO
from loaders.nucleo import arquivo_duckdb
from loaders.nucleo.erros import LastroError

DoProjeto = Annotated[Path, AfterValidator(lambda caminho: PROJETO / caminho)]
"""A path; a relative one is taken from the project's root."""


PREFIXO = re.compile(r"([a-z][a-z0-9_]{0,23})?")
DE_OUTRO = re.compile(r"pg_.*|.*(pub_|raw_)|.*conhecido_ate_.*|current|v[0-9]{8}_.*")
"""Prefixes with which a schema, or the folder of published files, would be one of the server's or
of another warehouse's: `pub_` and `core` make `pub_core`. The macro prefixo_de_esquemas knows the
same, as dbt does not ask here."""


def prefixo_valido(texto: str) -> bool:
    """Whether a text can be the prefix of a sandbox."""
    return bool(PREFIXO.fullmatch(texto)) and not DE_OUTRO.fullmatch(texto)


def _prefixo(texto: str) -> str:
    if not prefixo_valido(texto):
        raise ValueError(
            "a prefix is up to 24 lower-case letters, digits and _, begins with a letter, and makes"
            " no name that is another warehouse's: it may not begin with pg_, end in pub_ or raw_,"
            " hold conhecido_ate_, or be called like a published version"
        )
    return texto


def _pasta_ou_endereco(texto: str) -> str:
    if "://" not in texto and not Path(texto).is_absolute():
        raise ValueError("a folder is absolute, as Spark and lastro begin elsewhere; or s3://")
    return texto


class Configuracao(BaseSettings):
    """Every setting the loaders read. Names of the environment are in each field's alias."""

    model_config = SettingsConfigDict(
        env_file=PROJETO / ".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    alvo: Literal["duckdb", "postgres"] = Field(default="duckdb", alias="LASTRO_TARGET")
    arquivo_duckdb: Path = Field(default=Path("warehouse/lastro.duckdb"), alias="LASTRO_DUCKDB")
    memoria_duckdb: Annotated[str, StringConstraints(pattern=r"^[0-9]+ ?[KMGT]i?B$")] = Field(
        default="3GB", alias="LASTRO_DUCKDB_MEMORY"
    )
    grupo_dos_arquivos: str | None = Field(default=None, alias="LASTRO_FILE_GROUP")
    prefixo: Annotated[str, AfterValidator(_prefixo)] = Field(
        default="", alias="LASTRO_SCHEMA_PREFIX"
    )
    pg_host: str = Field(default="127.0.0.1", alias="PGHOST")
    pg_porta: int = Field(default=5432, alias="PGPORT")
    pg_usuario: str | None = Field(default=None, alias="PGUSER")
    pg_senha: str | None = Field(default=None, alias="PGPASSWORD", repr=False)
    pg_banco: str = Field(default="lastro", alias="PGDATABASE")
    papel_pg: Annotated[str | None, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = Field(
        default=None, alias="LASTRO_PG_ROLE"
    )
    expansao_maxima: int = Field(default=100, alias="LASTRO_MAX_EXPANSION", ge=1)
    chave_cartao: str | None = Field(default=None, alias="LASTRO_CARD_KEY", repr=False)
    caminho_chave_cartao: DoProjeto = Field(
        default=Path(".lastro/card.key"), alias="LASTRO_CARD_KEY_FILE"
    )
    caminho_auditoria: DoProjeto = Field(
        default=Path(".lastro/audit/log.jsonl"), alias="LASTRO_AUDIT_LOG"
    )
    caminho_cabeca: DoProjeto = Field(default=Path(".lastro/audit.head"), alias="LASTRO_AUDIT_HEAD")
    chave_auditoria: str | None = Field(default=None, alias="LASTRO_AUDIT_KEY", repr=False)
    caminho_chave_auditoria: DoProjeto = Field(
        default=Path(".lastro/audit.key"), alias="LASTRO_AUDIT_KEY_FILE"
    )
    chave_esquecimento: str | None = Field(default=None, alias="LASTRO_FORGET_KEY", repr=False)
    caminho_chave_esquecimento: DoProjeto = Field(
        default=Path(".lastro/forget.key"), alias="LASTRO_FORGET_KEY_FILE"
    )
    pasta_publicada: DoProjeto = Field(default=Path("published"), alias="LASTRO_PUBLISHED")
    mudanca_maxima: float = Field(default=0.2, alias="LASTRO_MAX_CHANGE", gt=0)
    perda_maxima: float = Field(default=0.15, alias="LASTRO_MAX_LOSS", ge=0, le=1)
    pasta_demo: DoProjeto = Field(default=Path(".lastro/demo"), alias="LASTRO_DEMO_DIR")
    senha_bi: str | None = Field(default=None, alias="LASTRO_BI_PASSWORD", repr=False)
    https_bi: bool = Field(default=False, alias="LASTRO_BI_HTTPS")
    lago: str | None = Field(
        default=None, alias="LASTRO_LAKE_URI", pattern=r"^(jdbc:postgresql://.+|https?://.+)$"
    )
    usuario_lago: str | None = Field(default=None, alias="LASTRO_LAKE_USER")
    senha_lago: str | None = Field(default=None, alias="LASTRO_LAKE_PASSWORD", repr=False)
    pasta_lago: Annotated[str, AfterValidator(_pasta_ou_endereco)] | None = Field(
        default=None, alias="LASTRO_LAKE_WAREHOUSE"
    )
    tentativas: int = Field(default=4, alias="LASTRO_SOURCE_ATTEMPTS", ge=1, le=20)
    espera: float = Field(default=60.0, alias="LASTRO_LOCK_WAIT", ge=0)

    _todas: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(self, **dados: Any) -> None:
        """Read the settings; what only sources know, no list names."""
        super().__init__(**dados)
        arquivo = dados.get("_env_file", PROJETO / ".env")
        do_arquivo = dotenv_values(arquivo) if arquivo else {}
        self._todas = {**do_arquivo, **os.environ, **dados}

    @model_validator(mode="after")
    def _conferir_arquivo(self) -> Self:
        if self.alvo == "duckdb":
            arquivo_duckdb.conferir_nome(self.arquivo_duckdb, self.prefixo)
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def caminho_duckdb(self) -> Path:
        """The DuckDB file; a relative one is taken from the project's root, as dbt does there."""
        return PROJETO / self.arquivo_duckdb

    @property
    def armazem(self) -> str:
        """Which warehouse it is: `duckdb /path/a.duckdb`, `postgres host:port/database ana_`."""
        onde = (
            str(self.caminho_duckdb)
            if self.alvo == "duckdb"
            else f"{self.pg_host}:{self.pg_porta}/{self.pg_banco}"
        )
        return f"{self.alvo} {onde} {self.prefixo}".rstrip()

    @property
    def caminho_publicado(self) -> Path:
        """The folder of the published DuckDB files; a sandbox has one of its own in it."""
        return self.pasta_publicada / self.prefixo

    def dsn_de(self, fonte: str, tipo: str | None = None) -> str | None:
        """The address of a source's database, `<SOURCE>_DSN`; None where it is not set.

        Args:
            fonte: the source.
            tipo: how it is read, where it comes several ways: `<SOURCE>_<TIPO>_DSN` goes first.
        """
        return self._da_fonte(fonte, tipo, "DSN")

    def local_de(self, fonte: str, tipo: str | None = None) -> str:
        """Where a source's files are delivered, `<SOURCE>_LOCATION`; a relative folder is ours.

        Args:
            fonte: the source.
            tipo: how it is read, where it comes several ways: `<SOURCE>_<TIPO>_LOCATION` goes
                first.
        """
        endereco = self._da_fonte(fonte, tipo, "LOCATION") or f"landing/{fonte}"
        return endereco if "://" in endereco else str(PROJETO / endereco)

    def ha_local_de(self, fonte: str, tipo: str | None = None) -> bool:
        """Whether somebody said where a source's files are, or the folder of the default is there.

        Args:
            fonte: the source.
            tipo: how it is read, where it comes several ways.
        """
        dito = self._da_fonte(fonte, tipo, "LOCATION")
        return dito is not None or Path(self.local_de(fonte, tipo)).is_dir()

    def url_de(self, fonte: str) -> str | None:
        """The address of a source's API, `<SOURCE>_API_URL`; None where it is not set."""
        return self._da_fonte(fonte, "api", "URL")

    def token_de(self, fonte: str) -> str | None:
        """The token of a source's API, `<SOURCE>_API_TOKEN`; None where it asks for none."""
        return self._da_fonte(fonte, "api", "TOKEN")

    def eventos_de(self, fonte: str, tabela: str, sozinha: bool) -> tuple[str, ...]:
        """The addresses of a table's events, `<SOURCE>_EVENTOS_URL`; none where they are not set.

        Args:
            fonte: the source.
            tabela: the table: `<SOURCE>_EVENTOS_<TABLE>_URL` goes first.
            sozinha: whether it is the source's only table of events.
        """
        dito = self._todas.get(nome_da_variavel(fonte, f"eventos_{tabela}", "URL"))
        if not dito and sozinha:
            dito = self._todas.get(nome_da_variavel(fonte, "eventos", "URL"))
        return tuple((dito or "").split())

    def kafka_de(self, fonte: str) -> Path | None:
        """The file that says how a source's Kafka is reached, `<SOURCE>_EVENTOS_KAFKA_FILE`."""
        dito = self._todas.get(nome_da_variavel(fonte, "eventos_kafka", "FILE"))
        return PROJETO / dito if dito else None

    def _da_fonte(self, fonte: str, tipo: str | None, fim: str) -> str | None:
        """A setting of a source: the environment goes before `.env`."""
        ditos = (self._todas.get(nome_da_variavel(fonte, t, fim)) for t in (tipo, None))
        return next(filter(None, ditos), None)


def nome_da_variavel(fonte: str, tipo: str | None, fim: str) -> str:
    """How a setting of a source is called: `SICOOPERATIVE_DSN`."""
    return "_".join(filter(None, (fonte, tipo, fim))).upper()


@lru_cache(maxsize=1)
def configuracao() -> Configuracao:
    """The settings, read once.

    Raises:
        LastroError: a variable holds a value that is not allowed; the message names it and never
            repeats the value, which may be a secret.
    """
    try:
        return Configuracao()
    except ValidationError as erro:
        linhas = [
            f"{'.'.join(map(str, e['loc'])) or 'LASTRO_DUCKDB'}: {e['msg']}" for e in erro.errors()
        ]
        raise LastroError(
            "Invalid setting in the environment or .env:\n  " + "\n  ".join(linhas)
        ) from None
