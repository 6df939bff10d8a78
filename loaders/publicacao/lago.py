"""Published versions of the lake: a tag of each table, and views of each area that read one tag.

```
publicacao.versoes                         a row a version; a property says which is current
core.fact_fatura, tag v20261122_134500     its rows in that version
core.fact_fatura, tag publicada            its rows in the current one
pub_risco.fact_fatura                      a view of the area risco: the rows of `publicada`, masked
```

No row is copied: a tag keeps a snapshot of a table, whatever builds write afterwards. Iceberg
commits one table at a time. So a switch moves one tag after the other, and one that is killed in
between goes on with the next publication.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from loaders.armazem import Armazem, abrir
from loaders.controle.tabelas import tabela_de_controle
from loaders.lago import catalogo as do_lago
from loaders.lago import limpeza
from loaders.lago.historia import ALVO
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import PublicacaoRecusada
from loaders.nucleo.falhas import ponto_de_falha
from loaders.projeto.ambiente_dbt import neste_processo
from loaders.publicacao import acessos, visoes_do_lago
from loaders.publicacao.base import Publicacao
from loaders.publicacao.construcao import MANDA_CONSTRUIR, Construcao
from loaders.publicacao.entregas import ENTREGAS
from loaders.publicacao.versoes import Versao
from loaders.publicacao.visoes_do_lago import PUBLICADA

if TYPE_CHECKING:
    from pyiceberg.table import Table

CORRENTE, VISOES = "lastro.corrente", "lastro.visoes"
"""Properties of the table of versions: the current one, and a fingerprint of the views."""
DA_CONSTRUCAO = ("cargas", "construcoes", "tabelas_construidas")
"""The tables of `controle` that say whether a build can be published."""
DE_VERSAO = re.compile(r"v[0-9]{8}_[0-9]{6}(_[0-9]+)?")
"""How the tag of a version is called."""


class PublicacaoLago(Publicacao):
    """Versions as tags of Iceberg tables."""

    alvo = ALVO
    PRAZO = timedelta(days=1)
    """How long a snapshot stays that no version and no table needs: somebody may read it yet."""

    def __init__(self, config: Configuracao, do_armazem: Publicacao) -> None:
        """Open the catalogue.

        Args:
            config: the settings.
            do_armazem: the publication of the warehouse, whose lock this one takes.

        Raises:
            LagoIndisponivel: no catalogue is set, or it does not answer.
        """
        super().__init__(config)
        self.do_armazem = do_armazem
        self.catalogo = do_lago.abrir(config)
        self.nome = (config.prefixo + limpeza.PUBLICACAO, "versoes")

    def __exit__(self, *erro: object) -> None:
        """Close what the warehouse's publication has open."""
        self.do_armazem.__exit__(*erro)

    @contextmanager
    def sozinha(self, quem: str) -> Iterator[None]:
        """Hold the lock of the warehouse's publications; take away what a killed one left."""
        with self.do_armazem.sozinha(quem), do_lago.explicado("Publishing in the lake"):
            conhecidas = {versao.nome for versao in self.versoes()}
            for tabela in self._tabelas().values():
                tags = [t for t in _tags(tabela) if DE_VERSAO.fullmatch(t)]
                _tirar(tabela, [t for t in tags if t not in conhecidas])
            try:
                yield
            except PublicacaoRecusada as erro:
                erro.add_note(f"Of the lake, a build is `dbt build --target {ALVO}`.")
                raise

    @contextmanager
    def construido(self, quem: str) -> Iterator[Armazem | None]:
        """A warehouse for as long as it takes, which holds what the lake's builds noted."""
        with tempfile.TemporaryDirectory(prefix="lastro-") as pasta:
            aqui = {"alvo": "duckdb", "arquivo_duckdb": Path(pasta) / "lago.duckdb"}
            with abrir(self.config.model_copy(update=aqui), quem) as armazem:
                for nome in DA_CONSTRUCAO:
                    tabela = tabela_de_controle(nome)
                    if linhas := self._linhas(tabela.esquema, nome):
                        armazem.anexar(armazem.qualificado(tabela), linhas.to_reader())
                if entregas := self._linhas("quarentena", ENTREGAS):
                    esquema = armazem.esquema("quarentena")
                    armazem.executar(f"create schema {esquema}")
                    armazem.anexar_temporaria("do_lago", entregas.to_reader())
                    armazem.executar(f"create table {esquema}.{ENTREGAS} as from do_lago")
                yield armazem

    def _linhas(self, esquema: str, nome: str) -> pa.Table | None:
        """All rows of a table of the lake; none where it is not there."""
        qualificado = (self.config.prefixo + esquema, nome)
        if not self.catalogo.table_exists(qualificado):
            return None
        return self.catalogo.load_table(qualificado).scan().to_arrow()

    def _tabelas(self) -> dict[str, "Table"]:
        """The published tables that are there, by schema and name without the prefix."""
        achadas = {}
        for modelo in acessos.gravados():
            nome = (self.config.prefixo + modelo.esquema, modelo.nome)
            if self.catalogo.table_exists(nome):
                achadas[modelo.tabela] = self.catalogo.load_table(nome)
        return achadas

    def conferir(self, construcao: Construcao, armazem: Armazem) -> None:
        """See that no table was written since the build measured it."""
        self._retratos(construcao)

    def _retratos(self, construcao: Construcao) -> dict[str, int]:
        """The snapshot of each table that the build left.

        Raises:
            PublicacaoRecusada: some tables were written since, are gone, or were not there.
        """
        retratos, outras = {}, []
        tabelas = self._tabelas()
        for modelo in acessos.gravados():
            tabela = tabelas.get(modelo.tabela)
            retrato = tabela.current_snapshot() if tabela else None
            if modelo.tabela not in construcao.tabelas:
                outras.append(f"{modelo.tabela} (not built then)")
            elif retrato is None:
                outras.append(f"{modelo.tabela} (gone)")
            elif (escrita := _momento(retrato.timestamp_ms)) > construcao.fim:
                outras.append(f"{modelo.tabela} (written at {escrita:%Y-%m-%d %H:%M:%S} UTC)")
            else:
                retratos[modelo.tabela] = retrato.snapshot_id
        if outras:
            raise PublicacaoRecusada(
                "The tables are not those on which the tests passed; "
                f"{', '.join(outras)} changed since. {MANDA_CONSTRUIR}"
            )
        return retratos

    def copiar(
        self, construcao: Construcao, versao: Versao, anterior: Versao | None = None
    ) -> None:
        """Tag each table's snapshot, then note the version."""
        retratos = self._retratos(construcao)
        tabelas = self._tabelas()
        for n, (nome, retrato) in enumerate(retratos.items()):
            andamento.dizer(f"tagging {nome}", n, len(retratos))
            _marcar(tabelas[nome], versao.nome, retrato)
            ponto_de_falha("publicacao.entre_areas")
        ponto_de_falha("publicacao.antes_de_nomear")
        self.corrigir(versao)

    def corrigir(self, versao: Versao) -> None:
        """Write the version's row, in the place of the one of that name."""
        from pyiceberg.expressions import EqualTo

        if not self.catalogo.table_exists(self.nome):
            esquema = pa.schema({"versao": pa.string(), "manifesto": pa.string()})
            do_lago.criar(self.catalogo, self.nome, esquema, do_lago.REFINADA)
        ja_esta = versao.nome in {v.nome for v in self.versoes()}
        with self.catalogo.load_table(self.nome).transaction() as transacao:
            if ja_esta:
                transacao.delete(EqualTo("versao", versao.nome))
            transacao.append(pa.table({"versao": [versao.nome], "manifesto": [versao.em_json()]}))

    def versoes(self) -> list[Versao]:
        """Every version, oldest first."""
        linhas = self._linhas(limpeza.PUBLICACAO, "versoes")
        manifestos = linhas["manifesto"].to_pylist() if linhas else []
        return sorted(map(Versao.de_json, manifestos), key=lambda versao: versao.nome)

    def corrente(self) -> str | None:
        """The version that the table of versions names."""
        return self._propriedade(CORRENTE)

    def _propriedade(self, nome: str) -> str | None:
        if not self.catalogo.table_exists(self.nome):
            return None
        dita: str | None = self.catalogo.load_table(self.nome).properties.get(nome)
        return dita

    def faltas(self, versao: Versao) -> list[str]:
        """The tables that have lost the tag of the version."""
        tabelas = self._tabelas()
        return [
            t for t in versao.tabelas if t not in tabelas or versao.nome not in _tags(tabelas[t])
        ]

    def danos(self, versao: Versao) -> list[str]:
        """The same, and of the current version the tables of which people read another."""
        danos = self.faltas(versao)
        if versao.nome == self.corrente():
            tabelas = self._tabelas()
            danos += [
                f"the tag {PUBLICADA} of {t}"
                for t in versao.tabelas
                if t in tabelas and not _mesmo(tabelas[t], versao.nome, PUBLICADA)
            ]
        return danos

    def demais(self, versao: Versao) -> list[str]:
        """Nothing: the views are of today, of whichever version."""
        return []

    def apontar(self, nome: str) -> None:
        """Move the tag that the views read, table by table; make views that are others anew."""
        versao = next(v for v in self.versoes() if v.nome == nome)
        tabelas = self._tabelas()
        for n, tabela in enumerate(versao.tabelas):
            if not _mesmo(tabelas[tabela], nome, PUBLICADA):
                andamento.dizer(f"switching {tabela}", n, len(versao.tabelas))
                _marcar(tabelas[tabela], PUBLICADA, _tags(tabelas[tabela])[nome])
                ponto_de_falha("publicacao.antes_de_apontar")
        da_versao = {t: m for t, m in self._tabelas().items() if t in versao.tabelas}
        self._fazer_visoes(da_versao)
        if self.corrente() != nome:
            self._anotar(CORRENTE, nome)
        ponto_de_falha("publicacao.depois_de_apontar")

    def _fazer_visoes(self, tabelas: visoes_do_lago.Tabelas) -> None:
        """Make the views anew, in a session of Spark, where their texts are others than noted."""
        pasta = self.catalogo.properties[do_lago.PASTA]
        comandos = visoes_do_lago.comandos(self.config.prefixo, pasta, tabelas)
        impressao = hashlib.sha256("\n".join(comandos).encode()).hexdigest()
        if self._propriedade(VISOES) != impressao:
            andamento.dizer("making the views that people read")
            esquemas = limpeza.dos_leitores(self.config, self.catalogo)
            ficam = visoes_do_lago.declaradas(self.config.prefixo)
            self._no_spark("fazer_visoes", esquemas=esquemas, ficam=ficam, comandos=comandos)
            self._anotar(VISOES, impressao)

    def _no_spark(self, macro: str, **dados: Sequence[str]) -> None:
        """Run a macro that only a session of Spark can."""
        with neste_processo(self.config, ALVO) as dbt:
            dbt("run-operation", macro, "--args", json.dumps(dados))

    def _anotar(self, nome: str, valor: str) -> None:
        with self.catalogo.load_table(self.nome).transaction() as transacao:
            transacao.set_properties({nome: valor})

    def conceder(self) -> None:
        """A session of Spark knows no rights: they are those of the catalogue and of the bucket."""

    def partes_de(self, versao: Versao) -> set[str]:
        """None: they are tables of the lake."""
        return set()

    def arquivos(self) -> dict[str, list[Path]]:
        """None beside the warehouse."""
        return {}

    def apagar(self, nome: str) -> bool:
        """Forget the version, take its tags away, and delete what no version needs any more."""
        from pyiceberg.expressions import EqualTo

        self.catalogo.load_table(self.nome).delete(EqualTo("versao", nome))
        ponto_de_falha("publicacao.antes_de_apagar")
        tabelas = self._tabelas()
        for tabela in tabelas.values():
            _tirar(tabela, [t for t in _tags(tabela) if t == nome])
        antes_de = (datetime.now(UTC) - self.PRAZO).strftime("%Y-%m-%d %H:%M:%S.%f")
        self._no_spark(
            "executar_no_lago",
            comandos=[
                f"call {do_lago.NOME}.system.expire_snapshots("
                f"table => '{self.config.prefixo}{tabela}',"
                f" older_than => timestamp '{antes_de}', retain_last => 1)"
                for tabela in tabelas
            ],
        )
        return True


def _tags(tabela: "Table") -> dict[str, int]:
    """The snapshot that each tag of a table names."""
    return {
        nome: r.snapshot_id for nome, r in tabela.refs().items() if r.snapshot_ref_type == "tag"
    }


def _mesmo(tabela: "Table", um: str, outro: str) -> bool:
    """Whether two tags of a table name the same snapshot."""
    tags = _tags(tabela)
    return tags.get(um) == tags.get(outro)


def _marcar(tabela: "Table", tag: str, retrato: int) -> None:
    """Have a tag name a snapshot, wherever it stood."""
    with tabela.manage_snapshots() as retratos:
        retratos.create_tag(retrato, tag)


def _tirar(tabela: "Table", tags: Sequence[str]) -> None:
    """Take tags away, in one commit."""
    if tags:
        with tabela.manage_snapshots() as retratos:
            for tag in tags:
                retratos.remove_tag(tag)


def _momento(milissegundos: int) -> datetime:
    return datetime.fromtimestamp(milissegundos / 1000, UTC)
