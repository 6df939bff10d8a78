"""The list of the erased: who is kept out, and the secret of tokens while an erasure runs."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from loaders.armazem import Armazem
from loaders.controle import supressao
from loaders.controle.tabelas import gravar, qualificada
from loaders.extracao.arquivos.locais import Local
from loaders.nucleo import chaves
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.titulares import arquivos, mapa
from loaders.titulares.trocas import Trocas


class Lista:
    """Who is to be kept out, as an erasure writes it."""

    def __init__(self, config: Configuracao, armazem: Armazem, fonte: str) -> None:
        """Read the key, which is made with the list's first entry.

        Raises:
            LastroError: the key is missing, or is not the one of the list.
        """
        self.armazem = armazem
        self.fonte = fonte
        self.tabela = qualificada(armazem, "esquecidos")
        nomes = {nome for (nome,) in armazem.linhas(f"select chave from {self.tabela}")}
        if not nomes and not config.chave_esquecimento:
            chaves.criar_arquivo(config.caminho_chave_esquecimento)
        self.chave = supressao.ler_chave(config)
        if nomes - {supressao.nome_da_chave(self.chave)}:
            raise LastroError(
                "The key of the list of erased people is not the one that it was written with."
                f" Restore LASTRO_FORGET_KEY or {config.caminho_chave_esquecimento}. Nothing was"
                " changed."
            )

    def _identificar(self, coluna: str, valor: str) -> str:
        return supressao.identificar(self.chave, self.fonte, coluna, valor)

    def tem(self, pessoa: str) -> bool:
        """Whether a person is on it."""
        identificador = self._identificar(mapa.coluna_da_pessoa(self.fonte), pessoa)
        return bool(
            self.armazem.linhas(
                f"select 1 from {self.tabela} where identificador = '{identificador}'"
            )
        )

    def comecar(self, pessoas: Sequence[str], locais: Sequence[Local]) -> Trocas:
        """Find the keys of people, and put them on the list with the secret of their tokens.

        Raises:
            LastroError: the erasure of others was interrupted.
        """
        pessoa = mapa.coluna_da_pessoa(self.fonte)
        em_curso = self.armazem.linhas(
            f"select fonte, coluna, identificador, segredo from {self.tabela}"
            " where apagado_em is null"
        )
        delas = {(self.fonte, self._identificar(pessoa, id_)) for id_ in pessoas}
        if em_curso and {(f, i) for f, c, i, _ in em_curso if c == pessoa} != delas:
            raise LastroError(
                "Another erasure was interrupted. Run that one again first, with just its ids;"
                " nothing was changed now."
            )
        segredo = next((s for *_, s in em_curso if s), None) or secrets.token_hex(32)
        with self.armazem.transacao():
            achadas = mapa.chaves_de(self.armazem, self.fonte, pessoas)
            trocas = Trocas(self.fonte, segredo, achadas)
            nos_arquivos = arquivos.chaves_em(locais, trocas)
            trocas = trocas.com(mapa.sem_dono(self.armazem, self.fonte, nos_arquivos))
            unicos = mapa.unicos_de(self.armazem, self.fonte, trocas.chaves)
            trocas = replace(trocas, unicos=unicos)
            self._anotar(trocas)
        return trocas

    def _anotar(self, trocas: Trocas) -> None:
        identificadores = [
            (coluna, self._identificar(coluna, valor))
            for coluna in mapa.colunas_que_levam(self.fonte)
            for valor in sorted(trocas.chaves[coluna])
        ]
        self.armazem.resguardar([self.tabela], muda=True)
        mapa.temporaria(self.armazem, "a_esquecer", ("coluna", "identificador"), identificadores)
        conhecidos = {i for (i,) in self.armazem.linhas(f"select identificador from {self.tabela}")}
        agora = datetime.now(UTC)
        gravar(
            self.armazem,
            "esquecidos",
            [
                {
                    "fonte": self.fonte, "coluna": coluna, "identificador": identificador,
                    "chave": supressao.nome_da_chave(self.chave), "pedido_em": agora,
                }
                for coluna, identificador in identificadores
                if identificador not in conhecidos
            ],
        )  # fmt: skip
        self.armazem.executar(
            f"update {self.tabela} set apagado_em = null, segredo = '{trocas.segredo}'"
            " where identificador in (select identificador from a_esquecer)"
        )

    def concluir(self) -> None:
        """Note that nothing is left."""
        with self.armazem.transacao():
            self.armazem.resguardar([self.tabela], muda=True)
            self.armazem.executar(
                f"update {self.tabela}"
                f" set apagado_em = cast('{datetime.now(UTC).isoformat()}' as timestamptz)"
                " where apagado_em is null"
            )
