"""What a published version says of itself, and how far it moved from the one before."""

import json
import subprocess
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from loaders import PROJETO
from loaders.nucleo.erros import PublicacaoRecusada
from loaders.projeto.impressao import impressao_dos_arquivos
from loaders.publicacao import acessos
from loaders.publicacao.construcao import Construcao, Medida
from loaders.publicacao.modelos import ESTRELA, PLANO, modelos

POUCAS = 10
"""Rows below which a share says nothing: one more is a lot of three."""


@dataclass(frozen=True)
class Mudanca:
    """How a published table moved from one version to the next.

    Attributes:
        tabela: schema and name; `antes` or `depois` is none where a version lacks it.
        antes: what it held.
        depois: what it holds.
    """

    tabela: str
    antes: Medida | None
    depois: Medida | None

    def maior_que(self, parte: float) -> bool:
        """Whether its rows or its key amount moved by more than a share of what they were.

        A table that was empty or not there has nothing to be compared with; one that is gone or
        empty now has lost all. A log moves with every load, and a small table with every row.
        """
        if self.antes is None:
            return False
        if self.depois is None:
            return True
        if self._de_registro or 0 < self.depois.linhas < POUCAS > self.antes.linhas:
            return False
        pares = [(Decimal(self.antes.linhas), Decimal(self.depois.linhas))]
        if self.antes.valor is not None and self.depois.valor is not None:
            pares.append((self.antes.valor, self.depois.valor))
        return any(abs(d - a) > Decimal(str(parte)) * abs(a) for a, d in pares if a)

    @property
    def _de_registro(self) -> bool:
        """Whether the table is declared to be a log."""
        return self.tabela in modelos() and modelos()[self.tabela].registro

    def __str__(self) -> str:
        """`core.fact_fatura: 100 to 120 rows (+20.0 %), 10.00 to 12.00 BRL (+20.0 %)`."""
        if self.antes is None or self.depois is None:
            return f"{self.tabela}: {'new' if self.antes is None else 'gone'}"
        partes = [
            _movimento(Decimal(self.antes.linhas), Decimal(self.depois.linhas), "rows"),
            _movimento(self.antes.valor, self.depois.valor, "BRL"),
        ]
        return f"{self.tabela}: {', '.join(filter(None, partes)) or 'other values'}"


def _movimento(antes: Decimal | None, depois: Decimal | None, unidade: str) -> str:
    if antes is None or depois is None or antes == depois:
        return ""
    parte = f" ({100 * (depois - antes) / abs(antes):+.1f} %)" if antes else ""
    return f"{antes:,} to {depois:,} {unidade}{parte}"


@dataclass(frozen=True)
class Versao:
    """One published version.

    Attributes:
        nome: how it is called: `v` and the moment (UTC) of its publication. It sorts by time.
        publicada_em: that moment.
        construcao: the build that it is a copy of.
        construida_em: when that build ended.
        cargas: the newest load of each source in it.
        variaveis: the variables of that build's command line.
        revisao: the project's git revision, `-dirty` if files differed from it; empty without git.
        projeto: fingerprints of the project as it was built, and of its files, found the same.
        acessos: fingerprint of who reads what.
        tabelas: what each table held, by schema and name.
        classes: the class of personal data of each column that was published, none for most; the
            tables that are parts of another hold none and are left out.
        areas: the tables that each area could read, and the classes that it saw.
        formas: how the file of each area is made, as a fingerprint: columns, masks, comments; of
            an engine without files none.
        anterior: the version that was current before it; none for the first.
        mudancas: what moved against that one, in words.
    """

    nome: str
    publicada_em: datetime
    construcao: str
    construida_em: datetime
    cargas: dict[str, int]
    variaveis: dict[str, Any]
    revisao: str
    projeto: tuple[str, str]
    acessos: str
    tabelas: dict[str, Medida]
    classes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    areas: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    formas: dict[str, str] = field(default_factory=dict)
    anterior: str | None = None
    mudancas: list[str] = field(default_factory=list)

    @property
    def linhas(self) -> int:
        """The rows of all tables."""
        return sum(m.linhas for m in self.tabelas.values())

    def igual(self, outra: "Versao") -> bool:
        """Whether the same people read the same rows in both."""
        return (self.tabelas, self.acessos) == (outra.tabelas, outra.acessos)

    def mantidas(self, anterior: "Versao | None", possiveis: Collection[str]) -> set[str]:
        """The tables of which the rows need not be copied, as an earlier version shows the same.

        The extract without a key is searched for a person by the tables that it was made of: they
        and it are copied together.

        Args:
            anterior: the earlier version.
            possiveis: its tables whose copies have the columns of today.
        """
        if anterior is None:
            return set()
        iguais = {
            t for t, m in self.tabelas.items() if t in possiveis and anterior.tabelas.get(t) == m
        }
        juntas = {f"core.{t}" for t in (*ESTRELA, PLANO)} & self.tabelas.keys()
        return iguais if juntas <= iguais else iguais - juntas

    def mesma_copia(self, outra: "Versao", atual: "Versao | None") -> bool:
        """Whether it is a copy of the other's build that nobody reads: newer than the current."""
        nova = atual is None or self.nome > atual.nome
        return nova and self.construcao == outra.construcao and self.igual(outra)

    def mostra_demais(self, arquivos: bool) -> list[str]:
        """What the version shows that the declaration of today does not allow, in words.

        Args:
            arquivos: whether it is made of files, which keep the rights of their time too; in a
                database grants are those of today.
        """
        agora = {m.tabela: {c.nome: c.pessoal for c in m.colunas} for m in acessos.publicados()}
        hoje = {
            nome: {"le": list(area.le), "em_claro": list(area.em_claro)}
            for nome, area in acessos.areas().items()
        }
        demais = []
        for nome, dela in (self.areas if arquivos else hoje).items():
            le, em_claro = hoje.get(nome, {"le": [], "em_claro": []}).values()
            demais += [f"{tabela} to {nome}" for tabela in dela["le"] if tabela not in le]
            demais += [
                f"{tabela}.{coluna} ({classe}) to {nome}"
                for tabela in dela["le"]
                if tabela in le
                for coluna, antes in self.classes.get(tabela, {}).items()
                if (antes is None or antes in dela["em_claro"])
                and (classe := agora.get(tabela, {}).get(coluna, antes))
                and classe not in em_claro
            ]
        return demais

    def em_json(self) -> str:
        """Itself as JSON."""
        return json.dumps(asdict(self), default=str, indent=2, sort_keys=True)

    @classmethod
    def de_json(cls, texto: str) -> "Versao":
        """The version that `em_json` wrote."""
        lida: dict[str, Any] = json.loads(texto)
        for momento in ("publicada_em", "construida_em"):
            lida[momento] = datetime.fromisoformat(lida[momento])
        lida["projeto"] = tuple(lida["projeto"])
        lida["tabelas"] = {
            tabela: Medida(
                m["linhas"], None if m["valor"] is None else Decimal(m["valor"]), m["impressao"]
            )
            for tabela, m in lida["tabelas"].items()
        }
        return cls(**{f.name: lida[f.name] for f in fields(cls) if f.name in lida})


def nova(construcao: Construcao, anterior: Versao | None, existentes: Collection[str]) -> Versao:
    """The version that a build becomes now.

    Args:
        construcao: the build.
        anterior: the current version, if there is one.
        existentes: names that are taken.
    """
    agora = datetime.now(UTC)
    nome = base = f"v{agora:%Y%m%d_%H%M%S}"
    vez = 1
    while nome in existentes:
        vez += 1
        nome = f"{base}_{vez}"
    gravadas = {m.tabela: m for m in acessos.gravados()}
    tabelas = {t: m for t, m in construcao.tabelas.items() if t in gravadas}
    return Versao(
        nome=nome,
        publicada_em=agora,
        construcao=construcao.id,
        construida_em=construcao.fim.astimezone(UTC),
        cargas=construcao.cargas,
        variaveis=construcao.variaveis,
        revisao=_revisao(),
        projeto=(construcao.impressao_do_projeto, impressao_dos_arquivos()),
        acessos=acessos.impressao(),
        tabelas=tabelas,
        classes={
            tabela: {c.nome: c.pessoal for c in gravadas[tabela].colunas}
            for tabela in gravadas.keys() - acessos.partes()
        },
        areas={
            nome: {"le": list(area.le), "em_claro": list(area.em_claro)}
            for nome, area in acessos.areas().items()
        },
        anterior=anterior.nome if anterior else None,
        mudancas=[str(m) for m in mudancas(anterior, tabelas)],
    )


def mudancas(anterior: Versao | None, tabelas: dict[str, Medida]) -> list[Mudanca]:
    """The tables that differ from those of the version before; none without one."""
    if anterior is None:
        return []
    return [
        Mudanca(tabela, anterior.tabelas.get(tabela), tabelas.get(tabela))
        for tabela in sorted(anterior.tabelas.keys() | tabelas.keys())
        if anterior.tabelas.get(tabela) != tabelas.get(tabela)
    ]


def conferir_mudancas(anterior: Versao | None, versao: Versao, parte: float) -> None:
    """Stop if a table moved by more than a share of what it was.

    Raises:
        PublicacaoRecusada: some did; the message says what moved.
    """
    grandes = [m for m in mudancas(anterior, versao.tabelas) if m.maior_que(parte)]
    if grandes:
        linhas = "\n  ".join(map(str, grandes))
        raise PublicacaoRecusada(
            f"{len(grandes)} tables moved by more than {parte:.0%} since the current version:\n"
            f"  {linhas}\nIf that is right, publish with --accept."
        )


def _revisao() -> str:
    """The git revision of the project's folder; empty where there is no git or no repository."""
    try:
        feito = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607
            cwd=PROJETO,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return feito.stdout.strip() if feito.returncode == 0 else ""
