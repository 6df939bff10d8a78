"""One pass over the files of a place, which lands them and moves those that are refused."""

from pathlib import Path

import pyarrow as pa

from loaders.armazem import Armazem
from loaders.contratos import Fonte, Tabela
from loaders.controle import lugares
from loaders.controle.cargas import Carga, registrar
from loaders.controle.tabelas import Progresso, com_constantes, escrever, qualificada
from loaders.extracao.arquivos.conteudo import Conteudo
from loaders.extracao.arquivos.fluxo import adiantado
from loaders.extracao.arquivos.locais import Local, absoluto
from loaders.extracao.arquivos.nomes import Arquivo
from loaders.extracao.arquivos.passagem import Opcoes, Passagem, Resultado
from loaders.extracao.arquivos.recusas import Recusas
from loaders.extracao.arquivos.rejeicoes import Rejeicoes
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.falhas import ponto_de_falha


class Gravacao(Passagem):
    """One pass over a place's files that lands and moves them."""

    def __init__(
        self,
        config: Configuracao,
        fonte: Fonte,
        armazem: Armazem,
        local: Local,
        opcoes: Opcoes,
        progresso: Progresso,
    ) -> None:
        """Know what the warehouse has of the source; nothing is read from the place yet."""
        super().__init__(config, fonte, armazem, local, opcoes, progresso)
        self.armazem = armazem
        self.tocadas: set[Tabela] = set()

    def executar(self) -> Resultado:
        """Land every file, in the order of the deliveries."""
        resultado = super().executar()
        with self.armazem.transacao():
            for tabela in self.tocadas:
                self.armazem.atualizar_estatisticas(tabela)
        return resultado

    def _comecar(self) -> None:
        lugares.anotar(self.armazem, f"load {self.fonte.nome}", absoluto(self.local.endereco))

    def _gravar(self, arquivo: Arquivo, carga: Carga, conteudo: Conteudo, pasta: Path) -> None:
        """Land the rows, the rejects and the load in one transaction."""
        evidencia = arquivo.evidencia()
        tabela = arquivo.tabela
        esquema = pa.schema([(c.nome, c.arrow) for c in tabela.colunas])
        with (
            Rejeicoes(pasta / "rejeicoes", carga) as rejeicoes,
            self.armazem.transacao(),
        ):
            controle = [qualificada(self.armazem, nome) for nome in ("cargas", "rejeicoes")]
            self.armazem.resguardar([self.armazem.qualificado(tabela), *controle])
            ponto_de_falha("arquivo.antes_de_gravar")
            lotes = self._lotes(arquivo, carga, conteudo, evidencia, rejeicoes.anotar)
            constantes = {
                "_carga_id": carga.id,
                "_arquivo": carga.origem,
                "_carregado_em": carga.inicio,
            }
            escrever(
                com_constantes(adiantado(lotes), esquema, constantes),
                esquema,
                lambda dados: self.armazem.anexar(self.armazem.qualificado(tabela), dados),
            )
            self._encerrar_leitura(arquivo, carga, conteudo, evidencia)
            rejeicoes.gravar(self.armazem)
            registrar(self.armazem, [carga])
            ponto_de_falha("arquivo.antes_do_commit")
        ponto_de_falha("arquivo.depois_do_commit")
        self.tocadas.add(tabela)

    def _recusar(self, cargas: list[Carga], motivos: list[str]) -> None:
        super()._recusar(cargas, motivos)
        Recusas(self.armazem, self.fonte.nome, self.local).registrar(cargas)

    def _registrar(self, cargas: list[Carga]) -> None:
        with self.armazem.transacao():
            registrar(self.armazem, cargas)
