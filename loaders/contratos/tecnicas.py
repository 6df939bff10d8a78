"""The ways in which a source is read, and the loader's own columns of its tables in each."""

from collections.abc import Mapping

ILEGIVEIS = "_ilegiveis"
"""Column of a raw table that is read from a database: what its typed columns cannot hold, as text
(`<column>=<value>`, separated by `; `). There the typed columns are null."""
POSTGRES, ARQUIVOS, API, EVENTOS = "postgres", "arquivos", "api", "eventos"
TECNICAS: Mapping[str, Mapping[str, str]] = {
    POSTGRES: {
        ILEGIVEIS: "text",
        "_operacao": "text",
        "_carga_id": "bigint",
        "_tabela": "text",
        "_linha": "bigint",
        "_carregado_em": "timestamptz",
    },
    ARQUIVOS: {
        "_carga_id": "bigint",
        "_arquivo": "text",
        "_linha": "bigint",
        "_carregado_em": "timestamptz",
    },
    API: {
        "_operacao": "text",
        "_endpoint": "text",
        "_cursor": "text",
        "_ordem": "bigint",
        "_http_status": "integer",
        "_carga_id": "bigint",
        "_linha": "bigint",
        "_carregado_em": "timestamptz",
    },
    EVENTOS: {
        "_topico": "text",
        "_particao": "text",
        "_deslocamento": "text",
        "_recebido_em": "timestamptz",
        "_carga_id": "bigint",
        "_carregado_em": "timestamptz",
    },
}
"""The loader's own columns of a raw table, by the way its source is read."""
