"""Lands the monthly files of the card issuer in `raw_pod_cartoes`, each exactly once.

One transaction a file: its rows, the lines that are no rows, and its row of `controle.cargas` are
there together or not at all. What makes a file as a whole unfit (docs/decisions.md) is refused and
moved to the quarantine of the place it was delivered to; the other files go on.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.armazem import Armazem, abrir, abrir_para_ler
from loaders.contratos import Tabela, fontes
from loaders.controle import auditoria, lugares
from loaders.controle.cargas import Carga, registrar
from loaders.controle.supressao import Supressao
from loaders.controle.tabelas import (
    Progresso,
    escrever,
    proximo_id,
    qualificada,
    tabela_de_controle,
)
from loaders.extracao.arquivos.cortes import cortadas
from loaders.extracao.arquivos.fluxo import adiantado
from loaders.extracao.arquivos.formas import VIRGULA, Evidencia
from loaders.extracao.arquivos.leitura import SEM_NOME, LinhasEngolidas, ler
from loaders.extracao.arquivos.locais import ENTRADA_E_SAIDA, Leitura, Local, absoluto, por_que
from loaders.extracao.arquivos.parecidos import dica
from loaders.extracao.arquivos.recebimento import ILEGIVEL, Recebido, receber
from loaders.extracao.arquivos.recusas import Recusas
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.nomes import escapar, visivel
from loaders.nucleo.pastas import pasta_temporaria

FONTE = "pod_cartoes"
HISTORICO = "historico"
DE_ESQUECIDO = "of somebody who was erased (lastro forget); its text was not kept"
SEPARADORES: tuple[str, ...] = (",", ";")
LOTE_DE_REJEICOES = 10_000
ESTRANHAS_MOSTRADAS = 5
NOME_DA_FONTE = re.compile(r"tb_(\w+?)(_[^.]*)?(\.csv(\.gz|\.zst|\.zip)?|\.zip)", re.IGNORECASE)
NOME_DE_COLUNA = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Opcoes:
    """What the operator asked for.

    Attributes:
        esperados: months (`YYYY-MM`) of which the place must hold every file.
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
        """The history first, then by month; unfit names last."""
        entrega = self.entrega or ""
        return (not entrega, entrega != HISTORICO, entrega, self.tabela.nome, self.nome)

    def evidencia(self) -> Evidencia:
        """Nothing of how it writes its values yet."""
        mes = None if self.entrega == HISTORICO else self.entrega
        return Evidencia(self.tabela.valores, self.tabela.datas, mes)


def identificar(nome: str) -> Arquivo | None:
    """What a file is by its name, or nothing if it is none of this source."""
    achado = NOME_DA_FONTE.fullmatch(nome)
    if achado is None:
        return None
    tabela = next(
        (t for t in fontes()[FONTE].tabelas if prefixo(t) == f"tb_{achado[1].lower()}"), None
    )
    if tabela is None:
        return None
    if achado[2] is None:
        return Arquivo(nome, tabela, HISTORICO)
    return Arquivo(nome, tabela, mes(achado[2][1:]))


def parecido(nome: str, pasta: bool) -> str | None:
    """What to do with a name that seems to be of this source and is not; nothing with any other."""
    if identificar(nome) is not None:
        return None
    return dica(nome, pasta, [prefixo(t) for t in fontes()[FONTE].tabelas])


def prefixo(tabela: Tabela) -> str:
    """How the names of a table's files begin, `tb_faturas`."""
    return str(tabela.arquivo).partition("_{")[0]


def mes(texto: str) -> str | None:
    """`202401` as `2024-01`; nothing where it is no month."""
    if not re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])", texto, re.ASCII):
        return None
    return f"{texto[:4]}-{texto[4:]}"


@auditoria.auditada(
    f"load {FONTE}",
    pedido=lambda endereco, opcoes, _progresso=None: {
        "onde": visivel(absoluto(endereco)), "opcoes": repr(opcoes),
    },
    resultado=lambda feito: {"cargas": {c.id: c.status for c in feito.cargas}},
)  # fmt: skip
def carregar(
    config: Configuracao,
    endereco: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _arquivo, _linhas: None,
) -> Resultado:
    """Land every file of a place that is not there yet; move the refused ones to its quarantine.

    Args:
        config: the settings.
        endereco: a folder or an `s3://` address.
        opcoes: what the operator asked for.
        progresso: told of each batch that was read.

    Raises:
        FonteIndisponivel: the place cannot be read.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    local = Local(endereco, config.expansao_maxima)
    with abrir(config, f"lastro load {FONTE}") as armazem:
        concluidas = Recusas(armazem, local).concluir()
        resultado = _Carregamento(config, armazem, local, opcoes, progresso).executar()
        resultado.cargas[:0] = concluidas
        return resultado


def conferir(
    config: Configuracao,
    endereco: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _arquivo, _linhas: None,
) -> Resultado:
    """Say what `carregar` would do, and change nothing, neither in the place nor the warehouse.

    Args:
        config: the settings.
        endereco: a folder or an `s3://` address.
        opcoes: what the operator asked for.
        progresso: told of each batch that was read.

    Raises:
        FonteIndisponivel: the place cannot be read.
        ArmazemIndisponivel: the warehouse cannot be read.
    """
    local = Local(endereco, config.expansao_maxima)
    armazem = abrir_para_ler(config, f"lastro check {FONTE}")
    with ExitStack() as pilha:
        if armazem is not None:
            pilha.enter_context(armazem)
        return _Conferencia(config, armazem, local, opcoes, progresso).executar()


class _Conferencia:
    """One pass over a place's files that only looks."""

    def __init__(
        self,
        config: Configuracao,
        armazem: Armazem | None,
        local: Local,
        opcoes: Opcoes,
        progresso: Progresso,
    ) -> None:
        self.local = local
        self.opcoes = opcoes
        self.progresso = progresso
        self.proximo_id = 1
        self.esquecidos: Supressao | None = None
        self.correntes: dict[tuple[str, str], tuple[str, int]] = {}
        """SHA-256 and rows of each current delivery, by entity and delivery."""
        if armazem is not None:
            self.proximo_id = proximo_id(armazem)
            self.esquecidos = Supressao(config, armazem, FONTE)
            for entidade, entrega, sha256, gravadas in armazem.linhas(
                "select entidade, entrega, sha256, gravadas"
                f" from {qualificada(armazem, 'cargas')}"
                f" where fonte = '{FONTE}' and status = 'ok' order by _carga_id"
            ):
                self.correntes[(entidade, entrega)] = (sha256, gravadas)

    def executar(self) -> Resultado:
        """Look at every file, in the order of the deliveries."""
        resultado = Resultado()
        arquivos = []
        achados = self.local.listar()
        self._comecar()
        for nome, pasta in achados.items():
            arquivo = identificar(nome)
            if arquivo is not None:
                arquivos.append(arquivo)
            elif fazer := parecido(nome, pasta):
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
            f"{prefixo(tabela)}_{esperado.replace('-', '')}.csv"
            for esperado in self.opcoes.esperados
            for tabela in fontes()[FONTE].tabelas
            if (tabela, esperado) not in presentes
        ]
        return resultado

    def _comecar(self) -> None:
        """The place is there, and nothing of it was read yet."""

    def _nova(self, arquivo: Arquivo) -> Carga:
        carga = Carga(
            self.proximo_id,
            FONTE,
            escapar(arquivo.nome),
            datetime.now(UTC),
            entidade=arquivo.tabela.nome,
            entrega=arquivo.entrega,
            nome=arquivo.nome,
        )
        self.proximo_id += 1
        return carga

    def _receber(self, carga: Carga, pasta: Path) -> Recebido | None:
        """Receive a file; nothing where it cannot be read, of which its load then tells."""
        try:
            leitura = Leitura(self.local, carga.nome)
            recebido = receber(leitura, pasta / "copia", leitura.em_partes)
        except ENTRADA_E_SAIDA as erro:
            carga.mensagem = f"it cannot be read: {por_que(erro)}"
            return None
        carga.marca = leitura.marca
        carga.sha256, carga.bytes = recebido.sha256, recebido.tamanho
        carga.lidas = recebido.lidas
        carga.formato = ", ".join(recebido.formato())
        return recebido

    def _um(self, arquivo: Arquivo) -> Carga:
        """Judge one file, and land it if it is fit."""
        carga = self._nova(arquivo)
        with pasta_temporaria() as pasta:
            recebido = self._receber(carga, pasta)
            if recebido is None:
                self._registrar([carga])
                return carga
            try:
                if self._julgar_inteiro(arquivo, carga, recebido):
                    self._ler_e_gravar(arquivo, carga, recebido)
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
        for carga in cargas:
            with pasta_temporaria() as pasta:
                recebidos.append(self._receber(carga, pasta))
        nomes = " and ".join(carga.origem for carga in cargas)
        motivo = f"{nomes} are for the same delivery; leave one of them"
        if all(recebidos):
            self._recusar(cargas, [motivo] * len(cargas))
            return cargas
        for carga in cargas:
            carga.mensagem = f"{carga.mensagem}; {motivo}" if carga.mensagem else motivo
        self._registrar(cargas)
        return cargas

    def _julgar_inteiro(self, arquivo: Arquivo, carga: Carga, recebido: Recebido) -> bool:
        """Whether the file is new; a file that is unfit whatever its rows say is refused."""
        tabela, entrega = arquivo.tabela, arquivo.entrega
        if entrega is None:
            raise FonteRecusada(
                f"its name holds no possible month: expected {prefixo(tabela)}_YYYYMM.csv, or"
                f" {prefixo(tabela)}.csv for a historical load"
            )
        if self.correntes.get((tabela.nome, entrega), ("",))[0] == recebido.sha256:
            return False
        if recebido.problema:
            raise FonteRecusada(recebido.problema)
        if not recebido.cabecalho.strip() and not recebido.lidas:
            raise FonteRecusada("it is empty")
        if recebido.sem_fim and tabela.fim_exigido:
            raise FonteRecusada(
                "its last line has no line end, which its contract demands (fim_de_linha: exigido)"
            )
        outros = sorted(
            outra
            for (entidade, outra), (sha256, _) in self.correntes.items()
            if entidade == tabela.nome and sha256 == recebido.sha256 and outra != HISTORICO
        )
        if outros and entrega != HISTORICO:
            raise FonteRecusada(f"its bytes are those of the file of {', '.join(outros)}")
        return True

    def _ler_e_gravar(self, arquivo: Arquivo, carga: Carga, recebido: Recebido) -> None:
        separador, colunas = _cabecalho(recebido, [c.nome for c in arquivo.tabela.da_fonte])
        partes = [*recebido.formato(), f"separator {separador}"]
        partes += ["quoted"] if recebido.aspas else []
        partes += ["empty last column"] if colunas[-1] == SEM_NOME else []
        carga.formato = ", ".join(partes)
        if not recebido.lidas:
            raise FonteRecusada("it has only a header")
        self._conferir_tamanho(arquivo, carga, recebido.lidas)
        try:
            self._gravar(arquivo, carga, recebido, separador, colunas)
        except LinhasEngolidas:
            carga.gravadas = carga.rejeitadas = 0
            recebido.so_ao_redor = False
            self._gravar(arquivo, carga, recebido, separador, colunas)
        chave = (arquivo.tabela.nome, arquivo.entrega or "")
        self.correntes[chave] = (recebido.sha256, carga.gravadas)

    def _gravar(
        self,
        arquivo: Arquivo,
        carga: Carga,
        recebido: Recebido,
        separador: str,
        colunas: list[str],
    ) -> None:
        """Read the rows; a check keeps none of them."""

        def rejeitar(_linha: int, _bruta: str, _motivo: str) -> None:
            carga.rejeitadas += 1

        evidencia = arquivo.evidencia()
        for _ in self._lotes(arquivo, carga, recebido, separador, colunas, evidencia, rejeitar):
            pass
        self._encerrar_leitura(arquivo, carga, evidencia)

    def _lotes(
        self,
        arquivo: Arquivo,
        carga: Carga,
        recebido: Recebido,
        separador: str,
        colunas: list[str],
        evidencia: Evidencia,
        rejeitar: Any,
    ) -> Iterator[pa.RecordBatch]:
        tabela = arquivo.tabela
        contrato = [c.nome for c in tabela.da_fonte]

        def anotar(linha: int, bruta: str, motivo: str) -> None:
            evidencia.rejeitar(linha, motivo)
            rejeitar(linha, "" if self._nomeia_esquecido(bruta) else bruta, motivo)

        fora = cortadas(recebido, separador, colunas, tabela.valores, tabela.datas)
        for lote in ler(recebido, separador, colunas, contrato, anotar, fora):
            evidencia.observar(lote)
            lote = self._sem_esquecidos(lote, tabela.titular, rejeitar)
            carga.gravadas += lote.num_rows
            self.progresso(carga.origem, carga.gravadas)
            yield lote

    def _nomeia_esquecido(self, linha: str) -> bool:
        return self.esquecidos is not None and self.esquecidos.em_linha(linha)

    def _sem_esquecidos(
        self, lote: pa.RecordBatch, titular: str | None, rejeitar: Any
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

    def _encerrar_leitura(self, arquivo: Arquivo, carga: Carga, evidencia: Evidencia) -> None:
        """What only the rows can tell: the forms, the size, and that no line was lost."""
        carga.forma_decimal = evidencia.forma_decimal(self.opcoes.forma_decimal)
        carga.forma_data = evidencia.forma_data()
        evidencia.conferir_legivel(carga.forma_decimal, carga.forma_data)
        self._conferir_tamanho(arquivo, carga, carga.gravadas)
        if carga.gravadas + carga.rejeitadas != carga.lidas:
            raise LastroError(
                f"{carga.origem}: {carga.lidas} lines were counted, but {carga.gravadas} rows and"
                f" {carga.rejeitadas} rejects came out of them; nothing was landed."
            )
        decimal = "comma" if carga.forma_decimal == VIRGULA else "point"
        achado = [f"decimal {decimal}", carga.forma_data, *evidencia.formato(carga.forma_decimal)]
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


class _Carregamento(_Conferencia):
    """One pass over a place's files that lands and moves them."""

    def __init__(
        self,
        config: Configuracao,
        armazem: Armazem,
        local: Local,
        opcoes: Opcoes,
        progresso: Progresso,
    ) -> None:
        super().__init__(config, armazem, local, opcoes, progresso)
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
        lugares.anotar(self.armazem, f"load {FONTE}", absoluto(self.local.endereco))

    def _gravar(
        self,
        arquivo: Arquivo,
        carga: Carga,
        recebido: Recebido,
        separador: str,
        colunas: list[str],
    ) -> None:
        """Land the rows, the rejects and the load in one transaction."""
        evidencia = arquivo.evidencia()
        tabela = arquivo.tabela
        esquema = pa.schema([(c.nome, c.arrow) for c in tabela.colunas])
        with (
            _Rejeicoes(recebido.copia.with_name("rejeicoes"), carga) as rejeicoes,
            self.armazem.transacao(),
        ):
            controle = [qualificada(self.armazem, nome) for nome in ("cargas", "rejeicoes")]
            self.armazem.resguardar([self.armazem.qualificado(tabela), *controle])
            ponto_de_falha("arquivo.antes_de_gravar")
            lotes = self._lotes(
                arquivo, carga, recebido, separador, colunas, evidencia, rejeicoes.anotar
            )
            escrever(
                _com_constantes(adiantado(lotes), esquema, carga),
                esquema,
                lambda dados: self.armazem.anexar(self.armazem.qualificado(tabela), dados),
            )
            self._encerrar_leitura(arquivo, carga, evidencia)
            rejeicoes.gravar(self.armazem)
            registrar(self.armazem, [carga])
            ponto_de_falha("arquivo.antes_do_commit")
        ponto_de_falha("arquivo.depois_do_commit")
        self.tocadas.add(tabela)

    def _recusar(self, cargas: list[Carga], motivos: list[str]) -> None:
        super()._recusar(cargas, motivos)
        Recusas(self.armazem, self.local).registrar(cargas)

    def _registrar(self, cargas: list[Carga]) -> None:
        with self.armazem.transacao():
            registrar(self.armazem, cargas)


class _Rejeicoes:
    """Keeps the rejected lines of a file on disk until its rows are written."""

    def __init__(self, caminho: Path, carga: Carga) -> None:
        self.caminho = caminho
        self.carga = carga
        self.tabela = tabela_de_controle("rejeicoes")
        self.esquema = pa.schema([(c.nome, c.arrow) for c in self.tabela.colunas])
        self.pendentes: list[dict[str, Any]] = []

    def __enter__(self) -> "_Rejeicoes":
        self.destino = pa.ipc.new_stream(str(self.caminho), self.esquema)
        return self

    def __exit__(self, *_: object) -> None:
        self.destino.close()

    def anotar(self, linha: int, bruta: str, motivo: str) -> None:
        """Keep a line."""
        self.carga.rejeitadas += 1
        self.pendentes.append(
            {
                "_carga_id": self.carga.id,
                "_arquivo": self.carga.origem,
                "_linha": linha,
                "linha_bruta": bruta,
                "motivo": motivo,
            }
        )
        if len(self.pendentes) >= LOTE_DE_REJEICOES:
            self._descarregar()

    def _descarregar(self) -> None:
        self.destino.write(pa.RecordBatch.from_pylist(self.pendentes, schema=self.esquema))
        self.pendentes.clear()

    def gravar(self, armazem: Armazem) -> None:
        """Append all that was kept to `controle.rejeicoes`."""
        if not self.carga.rejeitadas:
            return
        self._descarregar()
        self.destino.close()
        with pa.OSFile(str(self.caminho)) as arquivo:
            armazem.anexar(armazem.qualificado(self.tabela), pa.ipc.open_stream(arquivo))


def _com_constantes(
    lotes: Iterator[pa.RecordBatch], esquema: pa.Schema, carga: Carga
) -> Iterator[pa.RecordBatch]:
    """The rows with the columns that are the same in all of them."""
    constantes: dict[str, Any] = {
        "_carga_id": carga.id,
        "_arquivo": carga.origem,
        "_carregado_em": carga.inicio,
    }
    blocos = {nome: pa.array([], esquema.field(nome).type) for nome in constantes}
    for lote in lotes:
        if len(blocos["_carga_id"]) < lote.num_rows:
            for nome, valor in constantes.items():
                escalar = pa.scalar(valor, esquema.field(nome).type)
                blocos[nome] = pa.repeat(escalar, lote.num_rows)
        vetores = [
            blocos[nome][: lote.num_rows] if nome in blocos else lote.column(nome)
            for nome in esquema.names
        ]
        yield pa.record_batch(vetores, schema=esquema)


def _cabecalho(recebido: Recebido, contrato: list[str]) -> tuple[str, list[str]]:
    """The separator, and the columns in the order of the file.

    Raises:
        FonteRecusada: the header is not that of the contract. No text of the file is repeated that
            does not look like the name of a column: a file without a header begins with data.
    """
    try:
        texto = recebido.cabecalho.decode(recebido.codificacao)
    except UnicodeDecodeError:
        raise FonteRecusada(ILEGIVEL) from None
    if "\r" in texto:
        raise FonteRecusada("its lines are not ended by LF or CRLF")
    separadores = SEPARADORES
    if dito := recebido.separador_dito:
        if dito not in SEPARADORES:
            raise FonteRecusada(
                f"its first line says that {dito!r} separates its columns; , and ; are read"
            )
        separadores = (dito,)
    candidatos = [(s, _nomes(texto, s)) for s in separadores]
    separador, colunas = max(candidatos, key=lambda c: len(set(c[1]) & set(contrato)))
    if not set(colunas) & set(contrato):
        raise FonteRecusada(
            "its first line is not a header: none of the columns "
            f"{', '.join(contrato)} is in it, separated by {' or '.join(separadores)}"
        )
    sem_nome = colunas[-1] == SEM_NOME
    if sem_nome:
        del colunas[-1]
    problemas = []
    if faltam := [c for c in contrato if c not in colunas]:
        problemas.append(f"missing: {', '.join(faltam)}")
    if repetidas := sorted({c for c in colunas if c in contrato and colunas.count(c) > 1}):
        problemas.append(f"more than once: {', '.join(repetidas)}")
    estranhas = [
        c if NOME_DE_COLUNA.fullmatch(c) else f"column {n}"
        for n, c in enumerate(colunas, 1)
        if c not in contrato
    ]
    if estranhas:
        demais = len(estranhas) - ESTRANHAS_MOSTRADAS
        mostradas = ", ".join(estranhas[:ESTRANHAS_MOSTRADAS])
        problemas.append(f"unknown: {mostradas}" + (f" and {demais} more" if demais > 0 else ""))
    if problemas:
        raise FonteRecusada(f"its columns are not those of the contract ({'; '.join(problemas)})")
    if recebido.com_ultimo_vazio and (
        sem_nome or _todas_tem_uma_vazia_a_mais(recebido, separador, len(colunas))
    ):
        colunas.append(SEM_NOME)
    return separador, colunas


def _todas_tem_uma_vazia_a_mais(recebido: Recebido, separador: str, colunas: int) -> bool:
    """Whether every line has all columns and then a separator, which the header has not."""
    if recebido.com_ultimo_vazio < recebido.lidas - recebido.sem_fim:
        return False
    with recebido.copia.open(
        encoding=recebido.codificacao, errors="replace", newline="\n"
    ) as copia:
        primeira = next(linha for linha in copia if linha != "\n")
    return len(_nomes(primeira, separador)) == colunas + 1


def _nomes(cabecalho: str, separador: str) -> list[str]:
    try:
        (campos,) = csv.reader([cabecalho.rstrip("\n")], delimiter=separador, strict=True)
    except (csv.Error, ValueError):
        campos = cabecalho.split(separador)
    return [c.strip().lower() for c in campos]
