"""One pass over the files of a place, which judges each of them by its contract."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.armazem import Armazem
from loaders.contratos import ARQUIVOS, Fonte
from loaders.contratos.padroes import HISTORICO
from loaders.controle.cargas import Carga
from loaders.controle.supressao import Supressao
from loaders.controle.tabelas import Progresso, proximo_id, qualificada
from loaders.extracao.arquivos.conteudo import Conteudo, LidoErrado, receber_conteudo
from loaders.extracao.arquivos.entrega import Leitura
from loaders.extracao.arquivos.escritas import VIRGULA
from loaders.extracao.arquivos.formas import Evidencia
from loaders.extracao.arquivos.leitura import Rejeitar
from loaders.extracao.arquivos.locais import Local
from loaders.extracao.arquivos.lugar_que_falha import ENTRADA_E_SAIDA, por_que
from loaders.extracao.arquivos.nomes import Arquivo, identificar, parecido
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.nucleo.nomes import escapar
from loaders.nucleo.pastas import pasta_temporaria

DE_ESQUECIDO = "of somebody who was erased (lastro forget); its text was not kept"


@dataclass(frozen=True)
class Opcoes:
    """What the operator asked for.

    Attributes:
        esperados: months (`YYYY-MM`) or days (`YYYY-MM-DD`) of which the place must hold every file
            that is not optional.
        aceitar_reducao: accept a file with less than half of the rows of the one it corrects.
        forma_decimal: how amounts are written in files that do not show it.
    """

    esperados: Sequence[str] = ()
    aceitar_reducao: bool = False
    forma_decimal: str | None = None


@dataclass
class Resultado:
    """What became of a place's files.

    Attributes:
        cargas: one for each file, in the order in which they were read.
        parecidos: names that seem to be of this source and are not read, with what to do.
        ignorados: names of files that are none of this source.
        ausentes: names of files that were expected and are not there.
    """

    cargas: list[Carga] = field(default_factory=list)
    parecidos: list[tuple[str, str]] = field(default_factory=list)
    ignorados: list[str] = field(default_factory=list)
    ausentes: list[str] = field(default_factory=list)


class Passagem:
    """One pass over a place's files that only looks."""

    def __init__(
        self,
        config: Configuracao,
        fonte: Fonte,
        armazem: Armazem | None,
        local: Local,
        opcoes: Opcoes,
        progresso: Progresso,
    ) -> None:
        """Know what the warehouse has of the source; nothing is read from the place yet.

        Args:
            config: the settings.
            fonte: the source's contract.
            armazem: the warehouse; nothing where there is none yet.
            local: the place.
            opcoes: what the operator asked for.
            progresso: told of each batch that was read.
        """
        self.fonte = fonte
        self.local = local
        self.opcoes = opcoes
        self.progresso = progresso
        self.proximo_id = 1
        self.esquecidos: Supressao | None = None
        self.correntes: dict[tuple[str, str], tuple[str, int]] = {}
        """SHA-256 and rows of each current delivery, by entity and delivery."""
        if armazem is not None:
            self.proximo_id = proximo_id(armazem)
            self.esquecidos = Supressao(config, armazem, fonte.nome)
            for entidade, entrega, sha256, gravadas in armazem.linhas(
                "select entidade, entrega, sha256, gravadas"
                f" from {qualificada(armazem, 'cargas')}"
                f" where fonte = '{fonte.nome}' and status = 'ok' order by _carga_id"
            ):
                self.correntes[(entidade, entrega)] = (sha256, gravadas)

    def executar(self) -> Resultado:
        """Look at every file, in the order of the deliveries."""
        resultado = Resultado()
        arquivos = []
        achados = self.local.listar()
        self._comecar()
        for nome, pasta in achados.items():
            arquivo = identificar(self.fonte, nome)
            if arquivo is not None:
                arquivos.append(arquivo)
            elif fazer := parecido(self.fonte, nome, pasta):
                resultado.parecidos.append((escapar(nome), fazer))
            elif not pasta:
                resultado.ignorados.append(escapar(nome))
        grupos: dict[Any, list[Arquivo]] = defaultdict(list)
        for arquivo in sorted(arquivos, key=lambda a: a.ordem):
            grupos[(arquivo.tabela, arquivo.entrega or arquivo.nome)].append(arquivo)
        for grupo in grupos.values():
            if len(grupo) == 1:
                resultado.cargas.append(self._um(grupo[0]))
            else:
                resultado.cargas += self._demais(grupo)
        presentes = {(a.tabela, a.entrega) for a in arquivos}
        resultado.ausentes = [
            tabela.padrao.nome(esperado.replace("-", ""))
            for esperado in self.opcoes.esperados
            for tabela in self.fonte.de_tipo(ARQUIVOS)
            if tabela.padrao.espera(esperado)
            and not tabela.opcional
            and (tabela, esperado) not in presentes
        ]
        return resultado

    def _comecar(self) -> None:
        """The place is there, and nothing of it was read yet."""

    def _nova(self, arquivo: Arquivo) -> Carga:
        carga = Carga(
            self.proximo_id,
            self.fonte.nome,
            escapar(arquivo.nome),
            datetime.now(UTC),
            entidade=arquivo.tabela.nome,
            entrega=arquivo.entrega,
            nome=arquivo.nome,
        )
        self.proximo_id += 1
        return carga

    def _receber(self, arquivo: Arquivo, carga: Carga, pasta: Path) -> Conteudo | None:
        """Receive a file; nothing where it cannot be read, of which its load then tells."""
        try:
            leitura = Leitura(self.local, carga.nome)
            conteudo = receber_conteudo(arquivo.tabela, leitura, pasta)
        except ENTRADA_E_SAIDA as erro:
            carga.mensagem = f"it cannot be read: {por_que(erro)}"
            return None
        carga.marca = leitura.marca
        carga.sha256, carga.bytes = conteudo.sha256, conteudo.tamanho
        carga.lidas = conteudo.lidas
        carga.formato = ", ".join(conteudo.formato())
        return conteudo

    def _um(self, arquivo: Arquivo) -> Carga:
        """Judge one file, and land it if it is fit."""
        carga = self._nova(arquivo)
        with pasta_temporaria() as pasta:
            conteudo = self._receber(arquivo, carga, pasta)
            if conteudo is None:
                self._registrar([carga])
                return carga
            try:
                if self._julgar_inteiro(arquivo, conteudo):
                    self._ler_e_gravar(arquivo, carga, conteudo, pasta)
                else:
                    carga.status = "sem_novidade"
                    self._registrar([carga])
            except FonteRecusada as recusa:
                self._recusar([carga], [str(recusa)])
        return carga

    def _demais(self, grupo: list[Arquivo]) -> list[Carga]:
        """Refuse several files for one delivery: none of them says that it is the right one.

        While one of them cannot be read all stay: it would land alone when it can.
        """
        cargas = [self._nova(arquivo) for arquivo in grupo]
        recebidos = []
        for arquivo, carga in zip(grupo, cargas, strict=True):
            with pasta_temporaria() as pasta:
                recebidos.append(self._receber(arquivo, carga, pasta))
        nomes = " and ".join(carga.origem for carga in cargas)
        motivo = f"{nomes} are for the same delivery; leave one of them"
        if None not in recebidos:
            self._recusar(cargas, [motivo] * len(cargas))
            return cargas
        for carga in cargas:
            carga.mensagem = f"{carga.mensagem}; {motivo}" if carga.mensagem else motivo
        self._registrar(cargas)
        return cargas

    def _julgar_inteiro(self, arquivo: Arquivo, conteudo: Conteudo) -> bool:
        """Whether the file is new; a file that is unfit whatever its rows say is refused."""
        tabela, entrega = arquivo.tabela, arquivo.entrega
        if entrega is None:
            padrao = tabela.padrao
            raise FonteRecusada(
                f"its name holds no possible {'day' if padrao.por_dia else 'month'}: expected"
                f" {padrao.exemplo}, or {padrao.nome()} for a historical load"
            )
        if self.correntes.get((tabela.nome, entrega), ("",))[0] == conteudo.sha256:
            return False
        if conteudo.problema:
            raise FonteRecusada(conteudo.problema)
        if conteudo.vazio:
            raise FonteRecusada("it is empty")
        if conteudo.sem_fim and tabela.fim_exigido:
            raise FonteRecusada(
                "its last line has no line end, which its contract demands (fim_de_linha: exigido)"
            )
        outros = sorted(
            outra
            for (entidade, outra), (sha256, _) in self.correntes.items()
            if entidade == tabela.nome and sha256 == conteudo.sha256 and outra != HISTORICO
        )
        if outros and entrega != HISTORICO:
            raise FonteRecusada(f"its bytes are those of the file of {', '.join(outros)}")
        return True

    def _ler_e_gravar(
        self, arquivo: Arquivo, carga: Carga, conteudo: Conteudo, pasta: Path
    ) -> None:
        conteudo.conferir()
        carga.formato = ", ".join(conteudo.formato())
        if not conteudo.lidas:
            raise FonteRecusada(conteudo.SEM_LINHAS)
        self._conferir_tamanho(arquivo, carga, conteudo.lidas)
        try:
            self._gravar(arquivo, carga, conteudo, pasta)
        except LidoErrado:
            carga.gravadas = carga.rejeitadas = 0
            self._gravar(arquivo, carga, conteudo, pasta)
        chave = (arquivo.tabela.nome, arquivo.entrega or "")
        self.correntes[chave] = (conteudo.sha256, carga.gravadas)

    def _gravar(self, arquivo: Arquivo, carga: Carga, conteudo: Conteudo, _pasta: Path) -> None:
        """Read the rows; a check keeps none of them."""

        def rejeitar(_linha: int, _bruta: str, _motivo: str) -> None:
            carga.rejeitadas += 1

        evidencia = arquivo.evidencia()
        for _ in self._lotes(arquivo, carga, conteudo, evidencia, rejeitar):
            pass
        self._encerrar_leitura(arquivo, carga, conteudo, evidencia)

    def _lotes(
        self,
        arquivo: Arquivo,
        carga: Carga,
        conteudo: Conteudo,
        evidencia: Evidencia,
        rejeitar: Rejeitar,
    ) -> Iterator[pa.RecordBatch]:
        def anotar(linha: int, bruta: str, motivo: str) -> None:
            evidencia.rejeitar(linha, motivo)
            rejeitar(linha, "" if self._nomeia_esquecido(bruta) else bruta, motivo)

        nomes = arquivo.tabela.do_cabecalho
        for lido in conteudo.lotes(anotar):
            lote = lido.rename_columns([nomes.get(n, n) for n in lido.schema.names])
            evidencia.observar(lote)
            lote = self._sem_esquecidos(lote, arquivo.tabela.titular, rejeitar)
            carga.gravadas += lote.num_rows
            self.progresso(carga.origem, carga.gravadas)
            yield lote

    def _nomeia_esquecido(self, linha: str) -> bool:
        return self.esquecidos is not None and self.esquecidos.em_linha(linha)

    def _sem_esquecidos(
        self, lote: pa.RecordBatch, titular: str | None, rejeitar: Rejeitar
    ) -> pa.RecordBatch:
        """The rows of a batch but those of people who were erased, which are rejected, empty."""
        if not self.esquecidos or titular is None:
            return lote
        deles = self.esquecidos.de(titular, lote.column(titular).unique().to_pylist())
        if not deles:
            return lote
        fora = pc.is_in(lote.column(titular), pa.array(sorted(deles)))
        for linha in lote.column("_linha").filter(fora).to_pylist():
            rejeitar(linha, "", DE_ESQUECIDO)
        return lote.filter(pc.invert(fora))

    def _encerrar_leitura(
        self, arquivo: Arquivo, carga: Carga, conteudo: Conteudo, evidencia: Evidencia
    ) -> None:
        """What only the rows can tell: the forms, the size, and that no line was lost."""
        carga.forma_decimal = evidencia.forma_decimal(
            self.opcoes.forma_decimal or conteudo.forma_decimal
        )
        carga.forma_data = evidencia.forma_data()
        evidencia.conferir_legivel(carga.forma_decimal, carga.forma_data)
        self._conferir_tamanho(arquivo, carga, carga.gravadas)
        if carga.gravadas + carga.rejeitadas != carga.lidas:
            raise LastroError(
                f"{carga.origem}: {carga.lidas} lines were counted, but {carga.gravadas} rows and"
                f" {carga.rejeitadas} rejects came out of them; nothing was landed."
            )
        decimal = "comma" if carga.forma_decimal == VIRGULA else "point"
        achado = [f"decimal {decimal}"] if evidencia.escritas else []
        achado += [carga.forma_data] if evidencia.datas else []
        achado += evidencia.formato(carga.forma_decimal)
        carga.formato = ", ".join((carga.formato or "", *achado))
        carga.status = "ok"

    def _conferir_tamanho(self, arquivo: Arquivo, carga: Carga, linhas: int) -> None:
        chave = (arquivo.tabela.nome, arquivo.entrega or "")
        _, antes = self.correntes.get(chave, ("", 0))
        if linhas * 2 < antes and not self.opcoes.aceitar_reducao:
            raise FonteRecusada(
                f"it has {linhas} rows, less than half of the {antes} of the file it corrects; if "
                "that is true, load it with --allow-shrink"
            )

    def _recusar(self, cargas: list[Carga], motivos: list[str]) -> None:
        for carga, motivo in zip(cargas, motivos, strict=True):
            carga.status, carga.mensagem = "rejeitado", motivo
            carga.rejeitadas, carga.gravadas = carga.lidas, 0
            carga.forma_decimal = carga.forma_data = None

    def _registrar(self, cargas: list[Carga]) -> None:
        """A check leaves no trace."""
