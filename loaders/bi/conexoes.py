"""How Superset reaches what an area may read: its published file, or a login of the area's role."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import errors, sql

from loaders.armazem.sessao_postgres import conectar
from loaders.bi.desenho import SO_O_ARQUIVO
from loaders.nucleo.configuracao import Configuracao, nome_da_variavel
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos
from loaders.publicacao.direitos import papel_do_leitor

SO_LER: dict[str, Any] = {"options": "-c default_transaction_read_only=on"}


@dataclass(frozen=True)
class Conexao:
    """The connection of one area.

    Attributes:
        endereco: as SQLAlchemy takes it; it may hold a password.
        argumentos: what the driver is given besides.
    """

    endereco: str = field(repr=False)
    argumentos: dict[str, Any]


def com_driver(dsn: str) -> str:
    """An address of PostgreSQL as SQLAlchemy takes it."""
    _, _, resto = dsn.partition("://")
    return f"postgresql+psycopg2://{resto}"


def conexoes(config: Configuracao) -> dict[str, Conexao]:
    """The connection of each area.

    On PostgreSQL it is LASTRO_BI_<AREA>_DSN; for areas without it a login `lastro_bi_<area>` is
    made, which has the area's role and nothing else, and a new password each time.

    Raises:
        ArmazemIndisponivel: the server cannot be reached.
        LastroError: the user may not make logins; the message says what to do.
    """
    if config.alvo == "duckdb":
        pasta = config.caminho_publicado / "current"
        return {
            area: Conexao(f"duckdb:///{pasta / area}.duckdb", SO_O_ARQUIVO)
            for area in acessos.areas()
        }
    ditas = {area: config.dsn_de(f"lastro_bi_{area}") for area in acessos.areas()}
    feitas = _logins(config, [area for area, dsn in ditas.items() if not dsn])
    return {
        area: Conexao(com_driver(dsn or feitas[area]), SO_LER) for area, dsn in ditas.items()
    }  # fmt: skip


def _logins(config: Configuracao, areas: list[str]) -> dict[str, str]:
    """The addresses of logins of these areas, made or given another password."""
    feitos: dict[str, str] = {}
    if not areas:
        return feitos
    with conectar(config, "lastro bi") as conexao:
        ha = {nome for (nome,) in conexao.execute("select rolname from pg_roles").fetchall()}
        for area in areas:
            login, senha = f"{config.prefixo}lastro_bi_{area}", secrets.token_urlsafe(24)
            papel = papel_do_leitor(config.prefixo, area)
            try:
                _dar_login(conexao, login, papel, senha, novo=login not in ha)
            except errors.InsufficientPrivilege as erro:
                variavel = nome_da_variavel(f"lastro_bi_{area}", None, "DSN")
                raise LastroError(
                    f"{config.pg_usuario} may not make the login {login}. Have an administrator"
                    f" make a user, run `grant {papel} to` it, and set {variavel} to its address."
                ) from erro
            onde = f"{config.pg_host}:{config.pg_porta}/{quote(config.pg_banco, safe='')}"
            feitos[area] = f"postgresql://{login}:{senha}@{onde}"
    return feitos


def _dar_login(
    conexao: psycopg.Connection[Any], login: str, papel: str, senha: str, novo: bool
) -> None:
    """Have the server know a login by a password that it is never told in clear."""
    cifrada = conexao.pgconn.encrypt_password(
        senha.encode(), login.encode(), b"scram-sha-256"
    ).decode()
    comando = sql.SQL("{} role {} login nosuperuser nocreatedb nocreaterole password {}").format(
        sql.SQL("create" if novo else "alter"), sql.Identifier(login), sql.Literal(cifrada)
    )
    conexao.execute(comando)
    conexao.execute(sql.SQL("grant {} to {}").format(sql.Identifier(papel), sql.Identifier(login)))
