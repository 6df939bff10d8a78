"""What a delivered file is by its name."""

from dataclasses import dataclass

from loaders.contratos import ARQUIVOS, Fonte, Tabela
from loaders.contratos.padroes import HISTORICO
from loaders.extracao.arquivos.formas import Evidencia
from loaders.extracao.arquivos.parecidos import dica


@dataclass(frozen=True)
class Arquivo:
    """A file by its name.

    Attributes:
        nome: its name.
        tabela: the raw table it belongs to.
        entrega: the delivery, or nothing where the name tells of none.
    """

    nome: str
    tabela: Tabela
    entrega: str | None

    @property
    def ordem(self) -> tuple[bool, bool, str, str, str]:
        """The history first, then by period; unfit names last."""
        entrega = self.entrega or ""
        return (not entrega, entrega != HISTORICO, entrega, self.tabela.nome, self.nome)

    def evidencia(self) -> Evidencia:
        """Nothing of how it writes its values yet."""
        mes = None if self.entrega in (HISTORICO, None) else str(self.entrega)[:7]
        tabela = self.tabela
        return Evidencia(tabela.valores, tabela.datas, mes, tabela.instantes, tabela.escalas)


def identificar(fonte: Fonte, nome: str) -> Arquivo | None:
    """What a file is by its name, or nothing if it is none of the source."""
    suas = [t for t in fonte.de_tipo(ARQUIVOS) if t.padrao.casa(nome)]
    if not suas:
        return None
    # `tb_faturas_extra_202401.csv` looks like one of tb_faturas, too, with a period that is none.
    tabela = max(suas, key=lambda t: (t.padrao.entrega(nome) is not None, len(t.padrao.prefixo)))
    return Arquivo(nome, tabela, tabela.padrao.entrega(nome))


def parecido(fonte: Fonte, nome: str, pasta: bool) -> str | None:
    """What to do with a name that seems to be of a source and is not; nothing with any other."""
    if identificar(fonte, nome) is not None:
        return None
    return dica(nome, pasta, [t.padrao for t in fonte.de_tipo(ARQUIVOS)])
