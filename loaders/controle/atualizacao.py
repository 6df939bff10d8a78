"""A warehouse of an older version: its control and raw tables get what this version keeps in them.

What is missing is told by the contracts, and what is to be done to rows that are there by names in
the contract of `controle.atualizacoes`. No row is deleted, and no column dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loaders.armazem import Armazem, abrir_como_esta, estrutura
from loaders.armazem.estrutura import Falta
from loaders.controle import auditoria
from loaders.controle.tabelas import qualificada
from loaders.nucleo import andamento
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha


@dataclass(frozen=True)
class Mudanca:
    """A change of rows that an older version stored in a table of `controle`.

    Attributes:
        tabela: the table.
        valores: SQL of what is set.
        onde: SQL of the rows; what was changed is none of them any more.
        o_que: what that does, in words.
    """

    tabela: str
    valores: str
    onde: str
    o_que: str


ATUALIZACOES: Mapping[str, Mudanca] = {
    "entidade_das_cargas": Mudanca(
        "cargas",
        valores="entidade = origem",
        onde="entidade is null and extraido_em is not null and origem <> '*'",
        o_que="loads of databases name their raw table in `entidade`",
    ),
}
"""By the names in the contract of `controle.atualizacoes`, oldest first."""


@dataclass(frozen=True)
class Atualizada:
    """What a warehouse lacked.

    Attributes:
        faltavam: tables and columns.
        mudadas: the changes of rows, by name, each with how many rows it changed.
    """

    faltavam: list[Falta] = field(default_factory=list)
    mudadas: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether it lacked anything."""
        return bool(self.faltavam or self.mudadas)


def conferir(config: Configuracao) -> Atualizada | None:
    """What `atualizar` would do; of rows 0 are changed. None where nothing was ever loaded.

    Raises:
        ArmazemIndisponivel: the warehouse cannot be opened, or has a column of another type.
    """
    if (armazem := abrir_como_esta(config, "lastro upgrade")) is None:
        return None
    with armazem:
        ha = estrutura.existentes(armazem)
        estrutura.recusar_outros_tipos(armazem, ha)
        faltam = estrutura.faltas(armazem, ha)
        return Atualizada(faltam, dict.fromkeys(_pedidas(armazem, faltam), 0))


@auditoria.auditada("upgrade", resultado=lambda feito: _anotavel(feito))
def atualizar(config: Configuracao) -> Atualizada | None:
    """Give a warehouse of an older version what this version keeps; None where there is none.

    First tables and columns, in one transaction, then each change of rows in one of its own. Killed
    on the way and run again, it does what is left.

    Raises:
        ArmazemIndisponivel: as `conferir`.
    """
    if (armazem := abrir_como_esta(config, "lastro upgrade")) is None:
        return None
    with armazem:
        with armazem.transacao():
            ha = estrutura.existentes(armazem)
            estrutura.recusar_outros_tipos(armazem, ha)
            faltavam = estrutura.faltas(armazem, ha)
            for n, falta in enumerate(faltavam):
                andamento.dizer(f"adding {falta}", n, len(faltavam))
                _completar(armazem, falta, ha)
            ponto_de_falha("atualizacao.antes_de_completar")
        ponto_de_falha("atualizacao.depois_de_completar")
        mudadas: dict[str, int] = {}
        for nome in _pedidas(armazem, []):
            andamento.dizer(f"rows of before: {ATUALIZACOES[nome].o_que}")
            mudadas[nome] = _mudar(armazem, nome)
    return Atualizada(faltavam, mudadas)


def _anotavel(feito: Atualizada | None) -> dict[str, object]:
    feito = feito or Atualizada()
    return {"faltavam": [str(f) for f in feito.faltavam], "mudadas": feito.mudadas}


def _pedidas(armazem: Armazem, faltam: list[Falta]) -> list[str]:
    """The changes of rows to be done; all, where the table that notes them is not there yet."""
    if any(f.coluna is None and f.tabela.nome == estrutura.ATUALIZACOES for f in faltam):
        return list(ATUALIZACOES)
    return estrutura.atualizacoes_pedidas(armazem)


def _completar(armazem: Armazem, falta: Falta, ha: estrutura.Existentes) -> None:
    if falta.coluna is None:
        estrutura.criar_tabela(armazem, falta.tabela, ha)
    else:
        armazem.executar(
            f"alter table {falta.nome} add column {falta.coluna.nome} {falta.coluna.tipo}"
        )


def _mudar(armazem: Armazem, nome: str) -> int:
    mudanca = ATUALIZACOES[nome]
    tabela = qualificada(armazem, mudanca.tabela)
    with armazem.transacao():
        armazem.resguardar([tabela], muda=True)
        linhas = armazem.executar(f"update {tabela} set {mudanca.valores} where {mudanca.onde}")
        estrutura.anotar_atualizacao(armazem, nome, linhas)
        ponto_de_falha("atualizacao.antes_de_mudar")
    return linhas
