"""Refuse a model's column that descends from personal data and does not say so.

The marks of columns (loaders/contratos/pessoal.py) decide on erasure, disclosure and masks, so a
forgotten one leaves somebody's data where nobody looks for them. Here dbt compiles what changed,
and each column is followed through the SQL to those that it is made of. What could not be followed
is said, and fails, too. So does what dbt warns of, and a public model that lacks its place.

Some ways end by themselves: a count, `is null`, what a window is ordered and partitioned by, and a
key that is only compared. All others end with `pessoal: nao` and its `motivo`.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import compilacao
import sqlglot
from compilacao import DbtFalhou

from loaders import PROJETO
from loaders.contratos import confundidas, fontes, pessoal
from loaders.contratos.pessoal import CHAVE, NAO, Marca
from loaders.projeto import colunas_do_sql
from loaders.projeto.ambiente_dbt import pasta_alvo
from loaders.projeto.colunas_do_sql import Coluna, Consulta, NaoSeSegue, Relacao, ate_o_fundo
from loaders.projeto.impressao import impressao_dos_arquivos

SEM_LINHAGEM = "sem_linhagem"
"""Meta of a model that cannot be followed: why. Its columns are then what their marks say."""
SEM_LUGAR = "recusar_modelos_sem_lugar"
"""The macro that refuses a model that people read and that lacks something."""


@dataclass
class No:
    """A source's table, a seed, a model or a snapshot.

    Attributes:
        id: what dbt calls it.
        nome: what it is called in messages.
        arquivo: where its columns are described.
        colunas: its columns, in order.
        marcas: what they tell of a person.
        modelo: whether it is a model or a snapshot.
        de: what it reads.
        sem_linhagem: why it cannot be followed.
        origens: for each column those it is made of, each with whether it is only compared.
    """

    id: str
    nome: str
    arquivo: str
    colunas: tuple[str, ...]
    marcas: Mapping[str, Marca]
    modelo: bool = False
    de: tuple[Relacao, ...] = ()
    sem_linhagem: str | None = None
    origens: dict[str, dict[Coluna, bool]] = field(default_factory=dict)


class Projeto:
    """What dbt makes, and from which columns."""

    def __init__(self, lido: compilacao.Projeto) -> None:
        """Take over what dbt read."""
        self.lido = lido
        self.problemas: list[str] = []
        self.nos: dict[Relacao, No] = {}
        relacoes: dict[str, Relacao] = {}
        for id_, dito in lido.nos.items():
            relacao = dito["schema"], dito.get("identifier") or dito["alias"]
            relacoes[id_] = relacao
            self.nos[relacao] = self._no(dito)
        for id_, dito in lido.nos.items():
            pais = dito.get("depends_on", {}).get("nodes", ())
            self.nos[relacoes[id_]].de = tuple(relacoes[p] for p in pais if p in relacoes)
        de_pessoas = [t for f in fontes().values() for t in f.tabelas if t.titular]
        self.chaves = {c for t in de_pessoas for c in t.acham}
        self.chaves |= {c for no in self.nos.values() for c, m in no.marcas.items() if m.chave_de}

    def _no(self, dito: Mapping[str, Any]) -> No:
        colunas = tuple(dito["columns"])
        if dito["resource_type"] == "source":
            tabela = fontes()[dito["source_name"]].tabela(dito["name"])
            colunas = tuple(c.nome for c in tabela.colunas)
            nome = f"raw_{dito['source_name']}.{dito['name']}"
            return No(dito["unique_id"], nome, dito["original_file_path"], colunas, tabela.marcas)
        onde = (dito.get("patch_path") or dito["original_file_path"]).rpartition("//")[2]
        marcas = {}
        for nome, coluna in dito["columns"].items():
            try:
                marca = pessoal.ler(pessoal.meta_de(coluna))
            except ValueError as erro:
                self.problemas.append(f"{onde}: {dito['name']}.{nome}: {erro}")
                marca = Marca(NAO)
            if marca:
                marcas[nome] = marca
        if dito["resource_type"] == "seed":
            with (PROJETO / dito["original_file_path"]).open(encoding="utf-8") as aberto:
                colunas = tuple(next(csv.reader(aberto)))
        return No(
            dito["unique_id"], dito["name"], onde, colunas, marcas,
            modelo=dito["resource_type"] != "seed",
            sem_linhagem=dito["config"]["meta"].get(SEM_LINHAGEM),
        )  # fmt: skip

    def conferir(self, guardado: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
        """What is wrong, one line each: file, column, and the way by which it descends.

        Args:
            guardado: what the last time found of each model, with what it was found from.

        Returns:
            What is wrong, and the same of this time.
        """
        colunas = {relacao: no.colunas for relacao, no in self.nos.items()}
        chaves = self._chaves()
        mudados = self._mudados(chaves, guardado)
        sql = self.lido.compilar(self.nos[relacao].id for relacao in mudados)
        achado: dict[str, Any] = {}
        self._conferir_chaves()
        for relacao in self._em_ordem():
            no = self.nos[relacao]
            if not no.modelo or no.sem_linhagem:
                continue
            try:
                if relacao in mudados:
                    no.origens = Consulta(sql.get(no.id, ""), colunas).colunas()
                else:
                    no.origens = _lidas(guardado[no.id]["origens"])
                achado[no.id] = {"chave": chaves[relacao], "origens": _escritas(no.origens)}
            except NaoSeSegue as porque:
                self.problemas.append(
                    f"{no.arquivo}: {no.nome} cannot be followed: {porque}. Write it in another"
                    f" way, or say why not: `meta: {{{SEM_LINHAGEM}: <why>}}`"
                )
                continue
            colunas[relacao] = tuple(dict.fromkeys([*no.origens, *no.colunas]))
            for coluna in no.origens:
                vem = self._vem_de((relacao, coluna))
                if vem and not self._dita(relacao, coluna):
                    self.problemas.append(
                        f"{no.arquivo}: {no.nome}.{coluna} has no mark `pessoal`, and descends"
                        f" from personal data: {self._caminho((relacao, coluna))}"
                    )
        return self.problemas, achado

    def _conferir_chaves(self) -> None:
        """Refuse a column that is a key of two sources from which its model descends."""
        de_fontes: dict[Relacao, frozenset[str]] = {}
        for relacao in self._em_ordem():
            no = self.nos[relacao]
            proprias = {no.id.split(".")[2]} if no.id.startswith("source.") else set()
            de_fontes[relacao] = frozenset(proprias.union(*(de_fontes[de] for de in no.de)))
            for coluna in sorted(confundidas(de_fontes[relacao]) & {*no.colunas}):
                self.problemas.append(
                    f"{no.arquivo}: {no.nome}.{coluna} is a key or holder column in two of the"
                    f" sources that it descends from, {', '.join(sorted(de_fontes[relacao]))}: an"
                    " erasure could not tell whose row is meant. Give it another name, and its mark"
                    " `ids_de`"
                )

    def _chaves(self) -> dict[Relacao, str | None]:
        """Of each model to follow, what it is made from, as a fingerprint."""
        de_fora = {no.id: no.colunas for no in self.nos.values() if not no.modelo}
        return {
            relacao: self.lido.chave(no.id, de_fora)
            for relacao, no in self.nos.items()
            if no.modelo and not no.sem_linhagem
        }

    def _mudados(
        self, chaves: Mapping[Relacao, str | None], guardado: Mapping[str, Any]
    ) -> set[Relacao]:
        """The models to follow anew: those that changed, and all that read them."""
        mudados: set[Relacao] = set()
        for relacao in self._em_ordem():
            no = self.nos[relacao]
            if relacao in chaves and (
                chaves[relacao] is None
                or guardado.get(no.id, {}).get("chave") != chaves[relacao]
                or mudados.intersection(no.de)
            ):
                mudados.add(relacao)
        return mudados

    def _em_ordem(self) -> Iterable[Relacao]:
        """What is read stands before who reads it."""
        feitas: dict[Relacao, None] = {}

        def por(relacao: Relacao) -> None:
            if relacao not in feitas:
                for de in self.nos[relacao].de:
                    por(de)
                feitas[relacao] = None

        for relacao in self.nos:
            por(relacao)
        return feitas

    def _dita(self, relacao: Relacao, coluna: str) -> Marca | None:
        """The mark of a column; a key has one by its name."""
        marca = self.nos[relacao].marcas.get(coluna)
        return marca or (Marca(CHAVE) if coluna in self.chaves else None)

    def _vem_de(self, coluna: Coluna) -> Coluna | None:
        """The first column of personal data that a column is made of."""
        relacao, nome = coluna
        for origem, so_comparada in self.nos[relacao].origens.get(nome, {}).items():
            classe = self._classe(origem)
            if classe and not (so_comparada and classe == CHAVE):
                return origem
        return None

    def _classe(self, coluna: Coluna) -> str | None:
        """The class of a column: its mark's, or that of what it is made of, where it has none."""
        relacao, nome = coluna
        marca = self.nos[relacao].marcas.get(nome)
        if marca:
            return None if marca.classe == NAO else marca.classe
        vem = self._vem_de(coluna)
        return self._classe(vem) if vem else None

    def _caminho(self, coluna: Coluna) -> str:
        """From raw to the column."""
        passos = [coluna]
        while vem := self._vem_de(passos[-1]):
            passos.append(vem)
        return " → ".join(f"{self.nos[r].nome}.{c}" for r, c in reversed(passos))


def _escritas(origens: Mapping[str, Mapping[Coluna, bool]]) -> dict[str, list[Any]]:
    """The columns that each is made of, as JSON has them."""
    return {
        coluna: [[*relacao, nome, so_comparada] for (relacao, nome), so_comparada in dela.items()]
        for coluna, dela in origens.items()
    }


def _lidas(escritas: Mapping[str, list[Any]]) -> dict[str, dict[Coluna, bool]]:
    """The same, read again."""
    return {
        coluna: {((esquema, tabela), nome): so for esquema, tabela, nome, so in dela}
        for coluna, dela in escritas.items()
    }


@cache
def _de_quem() -> str:
    """A fingerprint of the programs that decide on the answer."""
    resumo = hashlib.sha256(sqlglot.__version__.encode())
    for modulo in (__file__, colunas_do_sql.__file__, compilacao.__file__, pessoal.__file__):
        resumo.update(Path(modulo).read_bytes())
    return resumo.hexdigest()


def main() -> int:
    """Check the project, unless it is as it was when it was last found right."""
    arquivo = pasta_alvo() / "linhagem.json"
    guardado = compilacao.ler_guardado(arquivo)
    if guardado.get("de_quem") != _de_quem():
        guardado = {}
    projeto = impressao_dos_arquivos()
    if guardado.get("projeto") == projeto:
        return 0
    try:
        lido = compilacao.Projeto()
        lido.operacao(SEM_LUGAR)
        with ate_o_fundo():
            problemas, achado = Projeto(lido).conferir(guardado.get("nos", {}))
    except DbtFalhou as erro:
        print(erro)
        return 1
    guardar = {"de_quem": _de_quem(), "projeto": None if problemas else projeto, "nos": achado}
    arquivo.parent.mkdir(parents=True, exist_ok=True)
    arquivo.write_text(json.dumps(guardar), encoding="utf-8")
    print("\n".join(sorted(problemas)), end="\n" * bool(problemas))
    return bool(problemas)


if __name__ == "__main__":
    sys.exit(main())
