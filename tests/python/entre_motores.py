"""Where what one engine gave meets what the other gave: as files, as each has its own process."""

import math
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oraculo

MOTORES = {"duckdb", "postgres"}
Conteudo = dict[str, Any]
UM_BILIONESIMO = 1e-9
"""How far doubles may lie apart, as a share of the larger: engines add them up in another order."""


class Doubles(tuple[float | None, ...]):
    """A column in double precision, its rows in an order that both engines give."""

    def conferir(self, nome: str, outros: "Doubles") -> None:
        """Fail where one of them is not the other engine's to a billionth."""
        assert len(self) == len(outros), nome
        diferem = [
            f"row {numero}: {a} and {b}"
            for numero, (a, b) in enumerate(zip(self, outros, strict=True))
            if a != b
            and (
                a is None
                or b is None
                or not math.isclose(a, b, rel_tol=UM_BILIONESIMO, abs_tol=UM_BILIONESIMO)
            )
        ]
        assert not diferem, f"{nome}: {len(diferem)} differ\n" + "\n".join(diferem[:5])


def conferir(nome: str, um: Any, outro: Any) -> None:
    """Fail where what one engine gave is not what the other gave."""
    if isinstance(um, Doubles):
        um.conferir(nome, outro)
        return
    if isinstance(um, list):
        oraculo.iguais(nome, um, outro)
    assert um == outro, nome


@dataclass
class EntreMotores:
    """A folder that holds, for each subject, what each engine gave: `<subject>.<engine>`."""

    pasta: Path

    def comparar(self, assunto: str, motor: str, conteudo: Conteudo) -> None:
        """Keep what one engine gave; compare it with the other's if that is there already.

        Both may come at once: each writes before it looks, so at least one finds the other.
        """
        assert conteudo, f"nothing to compare of {assunto}"
        inteiro = self.pasta / f"{assunto}.{motor}"
        parte = self.pasta / f"{assunto}.{motor}.parte"
        parte.write_bytes(pickle.dumps(conteudo))
        parte.replace(inteiro)
        (outro,) = MOTORES - {motor}
        do_outro = self.pasta / f"{assunto}.{outro}"
        if not do_outro.exists():
            return
        conhecido: Conteudo = pickle.loads(do_outro.read_bytes())
        assert conteudo.keys() == conhecido.keys(), f"{assunto}: {motor} and {outro}"
        for nome, valor in conteudo.items():
            conferir(f"{nome} on {motor} and {outro}", valor, conhecido[nome])

    def sem_par(self) -> list[str]:
        """What one engine gave and the other did not: compared with nothing."""
        return sorted(
            feito.name
            for feito in self.pasta.iterdir()
            if not all((self.pasta / f"{feito.stem}.{m}").exists() for m in MOTORES)
        )


ESQUEMAS = (
    "compliance", "core", "financeiro", "plataforma", "quarentena", "reconciliacao", "risco",
    "snapshots",
)  # fmt: skip
DO_RELOGIO = {
    "data_hora_atualizacao_registro", "_carregado_em", "carregada_em", "entrou_em", "saiu_em",
}  # fmt: skip
"""Columns that hold when a load or a build ran."""

TIPOS = {
    "varchar": "text",
    "double": "double precision",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}


def tipos(armazem: oraculo.Consultavel) -> dict[str, dict[str, str]]:
    """The type of each column of each table, in order, in the words of the contracts."""
    colunas: dict[str, dict[str, str]] = {}
    for esquema, tabela, coluna, tipo, precisao, escala in armazem.linhas(
        "select table_schema, table_name, column_name, lower(data_type), numeric_precision,"
        " numeric_scale from information_schema.columns where table_schema in"
        f" ({', '.join(repr(e) for e in ESQUEMAS)}) order by 1, 2, ordinal_position"
    ):
        nome = TIPOS.get(tipo, tipo)
        if tipo.startswith(("numeric", "decimal")):
            nome = f"decimal({precisao},{escala})"
        colunas.setdefault(f"{esquema}.{tabela}", {})[coluna] = nome
    return colunas
