"""Texts in which values of several columns stand: lines of files, and what two lines differ in.

Which columns hold such a text, and in which form, their marks say (`texto`).
"""

from loaders.armazem import Armazem
from loaders.armazem.sql import identificador
from loaders.contratos import DO_CONTROLE
from loaders.contratos.pessoal import DIFERENCAS
from loaders.titulares.guardadas import Guardada
from loaders.titulares.mapa import tabelas_da, temporaria
from loaders.titulares.trocas import Trocas

CHAVE, ENTIDADE = "chave", "entidade"
"""The columns of a row of differences that say of which key of which table they are."""


class Textos:
    """The texts of one database, of which some name the people; tables are called `f` in SQL."""

    def __init__(self, armazem: Armazem, trocas: Trocas) -> None:
        """Keep what is needed."""
        self.armazem = armazem
        self.trocas = trocas

    def onde(self, tabela: Guardada) -> str:
        """The condition that a row of a table of texts is about the people."""
        temporaria(
            self.armazem, "texto_achado", ("texto",), [(antes,) for antes, _ in self._de(tabela)]
        )
        do_texto = f"f.{tabela.texto} in (select texto from texto_achado)"
        if self._tem_chave(tabela):
            return f"{do_texto} or exists ({self._tokens_da_chave()})"
        return f"{do_texto} and {self._da_fonte(tabela)}"

    def apagar(self, tabela: Guardada) -> None:
        """Put tokens in the place of the people's values."""
        temporaria(self.armazem, "texto_trocado", ("de", "para"), self._de(tabela))
        self.armazem.executar(
            f"update {tabela} as f set {tabela.texto} = t.para from texto_trocado as t"
            f" where f.{tabela.texto} = t.de and {self._da_fonte(tabela)}"
        )
        if self._tem_chave(tabela):
            self.armazem.executar(
                f"update {tabela} as f set {CHAVE} = ({self._tokens_da_chave('a.token')})"
                f" where exists ({self._tokens_da_chave()})"
            )

    def _de(self, tabela: Guardada) -> list[tuple[str, str]]:
        """The texts of a table that name the people, with what they become."""
        diferencas = tabela.marcas[str(tabela.texto)].texto == DIFERENCAS
        trocar = self.trocas.em_diferencas if diferencas else self.trocas.em_linha
        return [
            (texto, novo)
            for (texto,) in self.armazem.linhas(
                f"select distinct {tabela.texto} from {tabela} as f"
                f" where {tabela.texto} is not null and {self._da_fonte(tabela)}"
            )
            if (novo := trocar(texto)) != texto
        ]

    def _tem_chave(self, tabela: Guardada) -> bool:
        return {CHAVE, ENTIDADE} <= tabela.colunas

    def _da_fonte(self, tabela: Guardada) -> str:
        """SQL: whether a row of a table of texts may have come from the source."""
        if tabela.origem.tipo != "controle":
            return "true"
        cargas = f"{identificador(self.armazem.esquema(DO_CONTROLE))}.cargas"
        return (
            f"f._carga_id not in (select _carga_id from {cargas}"
            f" where fonte <> '{self.trocas.fonte}')"
        )

    def _tokens_da_chave(self, o_que: str = "1") -> str:
        """The query of what stands for the key of a row of differences."""
        casos = " ".join(
            f"when '{t.nome}' then '{t.chave_simples}'"
            for t in tabelas_da(self.trocas.fonte)
            if t.arquivo and t.chave_simples
        )
        da_entidade = f"case f.{ENTIDADE} {casos} end" if casos else "null"
        return (
            f"select {o_que} from titular_achado as a"
            f" where a.valor = f.{CHAVE} and a.coluna = {da_entidade}"
        )
