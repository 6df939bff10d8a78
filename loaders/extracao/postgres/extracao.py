"""One extraction of a database, inside the transactions of both sides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.armazem import Armazem
from loaders.contratos import ILEGIVEIS, POSTGRES, Fonte, Tabela
from loaders.controle.cargas import AUSENTE, Carga, registrar
from loaders.controle.supressao import Supressao
from loaders.controle.tabelas import (
    Progresso,
    com_constantes,
    escrever,
    gravar,
    proximo_id,
    qualificada,
)
from loaders.extracao import derivacoes
from loaders.extracao.esquecidos import Esquecidos
from loaders.extracao.postgres.conexao import Dia, FontePostgres
from loaders.extracao.postgres.diferencas import LIDO, MUDANCA, diferencas, saldo
from loaders.extracao.postgres.momento import Momento, situar
from loaders.extracao.postgres.posicoes import Posicao
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada
from loaders.nucleo.falhas import ponto_de_falha

CENTAVO = Decimal("0.01")


@dataclass(frozen=True)
class Opcoes:
    """What the operator asked for.

    Attributes:
        instante: moment for which the source's content stands, instead of the source's clock.
        completa: read every movement and compare it, whatever the fingerprints say.
        dias_recentes: fingerprint only so many days; of older ones compare the count.
        aceitar_reducao: accept a table with less than half of the rows of the last extraction.
        nova_chave_cartao: accept a key of the card tokens other than the last extraction's.
    """

    instante: datetime | None = None
    completa: bool = False
    dias_recentes: int | None = None
    aceitar_reducao: bool = False
    nova_chave_cartao: bool = False


def _ultimo(armazem: Armazem, fonte: Fonte) -> Momento | None:
    """The moment of the last extraction."""
    linhas = armazem.linhas(
        f"select extraido_em, posicao_origem from {qualificada(armazem, 'cargas')}"
        f" where fonte = '{fonte.nome}' and extraido_em is not null"
        " and status in ('ok', 'sem_novidade')"
        " order by extraido_em desc, _carga_id desc limit 1"
    )
    if not linhas:
        return None
    instante, posicao = linhas[0]
    return Momento(instante, Posicao.lida(posicao) if posicao else None)


class Extracao:
    """One extraction under way."""

    def __init__(
        self,
        armazem: Armazem,
        fonte: Fonte,
        origem: FontePostgres,
        config: Configuracao,
        opcoes: Opcoes,
        progresso: Progresso,
    ) -> None:
        """Place it after the last one; nothing is read yet.

        Raises:
            FonteRecusada: it would stand for a moment before the last one, or in the future.
            LastroError: the key of the tokens, or of those who were erased, is missing.
        """
        self.armazem = armazem
        self.fonte = fonte.nome
        self.origem = origem
        self.opcoes = opcoes
        self.progresso = progresso
        derivadas = {c.derivacao for t in fonte.de_tipo(POSTGRES) for c in t.derivadas}
        self.chave = derivacoes.ler_chave(config) if derivadas & derivacoes.COM_CHAVE else b""
        self.esquecidos = Esquecidos(Supressao(config, armazem, fonte.nome))
        self.inicio = datetime.now(UTC)
        self.proximo_id = proximo_id(armazem)
        self.cargas: list[Carga] = []
        self.ultimo = _ultimo(armazem, fonte)
        self.momento = situar(origem.retrato, opcoes.instante, self.inicio, self.ultimo)

    def extrair(self, tabela: Tabela) -> None:
        """Read one table, land what differs, and keep its load for `encerrar`."""
        carga = Carga(
            self.proximo_id,
            self.fonte,
            tabela.nome,
            self.inicio,
            entidade=tabela.nome,
            extraido_em=self.momento.instante,
            posicao=str(self.momento.posicao) if self.momento.posicao else None,
            formato=f"postgresql {self.origem.versao}"
            + (", a replica" if self.origem.retrato.replica else ""),
        )
        self.cargas.append(carga)
        if tabela.nome in self.origem.ausentes:
            self._conferir_ausencia(tabela, carga)
            return
        self.proximo_id += 1
        if any(c.derivacao in derivacoes.COM_CHAVE for c in tabela.derivadas):
            self._conferir_chave(tabela, carga)
        if tabela.incremental:
            self._extrair_por_dia(tabela, carga)
        else:
            carga.linhas_origem = self.origem.contar(tabela)
            self._conferir_tamanho(tabela, carga)
            if self._vazia(tabela):
                self._gravar_tudo(tabela, carga)
            else:
                self._gravar_diferencas(tabela, carga, None)
            carga.linhas_origem -= carga.suprimidas
        if carga.ilegiveis:
            carga.formato = f"{carga.formato}; {carga.ilegiveis} rows read with illegible values"
        carga.status = "ok" if carga.gravadas else "sem_novidade"
        if carga.gravadas:
            self.armazem.atualizar_estatisticas(tabela)
        if carga.gravadas and self.ultimo and self.momento.instante == self.ultimo.instante:
            raise FonteRecusada(
                f"{tabela.nome} changed, but this extraction stands for the same moment as the "
                "last one; nothing was landed. Give a later --as-of."
            )

    def encerrar(self) -> None:
        """Write the rows of `controle.cargas`."""
        registrar(self.armazem, self.cargas)

    def _extrair_por_dia(self, tabela: Tabela, carga: Carga) -> None:
        dias = self.origem.dias(tabela, self.opcoes.dias_recentes)
        carga.linhas_origem = sum(d.linhas for d in dias)
        if tabela.valor and self.opcoes.dias_recentes is None:
            carga.valor_origem = sum((d.valor or Decimal(0) for d in dias), Decimal(0))
        linhas, valor = self.origem.contar_de(tabela, self.esquecidos.donos(tabela))
        carga.linhas_origem -= linhas
        if carga.valor_origem is not None:
            carga.valor_origem -= valor
            em_centavos = carga.valor_origem.quantize(CENTAVO)
            if em_centavos == carga.valor_origem:
                carga.valor_origem = em_centavos
            else:  # the column has two decimals, and a sum that was cut would be another one
                carga.valor_origem = None
                carga.formato = f"{carga.formato}; amounts of more than two decimals, not summed"
        self._conferir_tamanho(tabela, carga)
        conhecidos: dict[str, tuple[int, str | None]] = {
            dia: (linhas, impressao)
            for dia, linhas, impressao in self.armazem.linhas(
                "select dia, linhas, impressao from"
                f" {qualificada(self.armazem, 'impressoes_digitais')}"
                f" where fonte = '{self.fonte}' and origem = '{tabela.nome}'"
            )
        }
        atuais = {d.dia: d for d in dias}
        mudados = [d.dia for d in dias if _mudou(d, conhecidos.get(d.dia))]
        mudados += [dia for dia in conhecidos if dia not in atuais]
        carga.formato = f"{carga.formato}; {len(mudados)} of {len(atuais)} days differ"
        if self._vazia(tabela):
            self._gravar_tudo(tabela, carga)
        elif self.opcoes.completa:
            carga.formato = f"{carga.formato}; all compared"
            self._gravar_diferencas(tabela, carga, None)
        elif mudados:
            self._gravar_diferencas(tabela, carga, mudados)
        self._conferir_saldo(tabela, carga)
        if mudados:
            self._guardar_impressoes(
                tabela, carga, mudados, [atuais[d] for d in mudados if d in atuais]
            )

    def _guardar_impressoes(
        self, tabela: Tabela, carga: Carga, mudados: Sequence[str], dias: Sequence[Dia]
    ) -> None:
        lista = ", ".join(f"'{d}'" for d in mudados)
        impressoes = qualificada(self.armazem, "impressoes_digitais")
        self.armazem.resguardar([impressoes], muda=True)
        self.armazem.executar(
            f"delete from {impressoes}"
            f" where fonte = '{self.fonte}' and origem = '{tabela.nome}' and dia in ({lista})"
        )
        gravar(
            self.armazem,
            "impressoes_digitais",
            [
                {
                    "fonte": self.fonte,
                    "origem": tabela.nome,
                    "dia": d.dia,
                    "linhas": d.linhas,
                    "impressao": d.impressao,
                    "_carga_id": carga.id,
                }
                for d in dias
            ],
        )

    def _ultima(self, tabela: Tabela, coluna: str) -> Any:
        """What the table's last accepted load says of itself; None where there was none."""
        linhas = self.armazem.linhas(
            f"select {coluna} from {qualificada(self.armazem, 'cargas')}"
            f" where fonte = '{self.fonte}' and origem = '{tabela.nome}'"
            " and status in ('ok', 'sem_novidade') order by _carga_id desc limit 1"
        )
        return linhas[0][0] if linhas else None

    def _conferir_chave(self, tabela: Tabela, carga: Carga) -> None:
        """The key must be the last extraction's, or every card would get another token."""
        marca = f"token key {derivacoes.identificar(self.chave)}"
        carga.formato = f"{carga.formato}; {marca}"
        anterior = self._ultima(tabela, "formato")
        if anterior and marca not in anterior and not self.opcoes.nova_chave_cartao:
            raise FonteRecusada(
                "The key of the card-number tokens is not the one of the last extraction, so every "
                "card would get another token; nothing was landed. Restore LASTRO_CARD_KEY or the "
                "key file, or run again with --new-card-key to change all tokens."
            )

    def _conferir_ausencia(self, tabela: Tabela, carga: Carga) -> None:
        """A table that the contract calls optional may be missing, but not go missing."""
        antes = self._ultima(tabela, "linhas_origem")
        if antes and not self.opcoes.aceitar_reducao:
            raise FonteRecusada(
                f"{tabela.nome} is not there any more; at the last extraction it had {antes} rows."
                " Nothing was landed. If it is gone for good, run again with --allow-shrink: its"
                " rows stay as they were."
            )
        carga.status, carga.formato = AUSENTE, "optional, and not in the source"

    def _conferir_tamanho(self, tabela: Tabela, carga: Carga) -> None:
        antes, agora = self._ultima(tabela, "linhas_origem") or 0, carga.linhas_origem or 0
        if agora * 2 < antes and not self.opcoes.aceitar_reducao:
            raise FonteRecusada(
                f"{tabela.nome} has {agora} rows, less than half of the {antes} of the last "
                "extraction; nothing was landed. If they were really deleted, run again with "
                "--allow-shrink."
            )

    def _conferir_lidas(self, tabela: Tabela, carga: Carga) -> None:
        """A table that was read whole has as many rows as the source counted."""
        if carga.lidas - (carga.suprimidas if tabela.incremental else 0) != carga.linhas_origem:
            raise FonteRecusada(
                f"{tabela.nome}: the source counts {carga.linhas_origem} rows but sent "
                f"{carga.lidas}; nothing was landed. Run the same command again; if it happens "
                "again, an index of the table is damaged (reindex it, pg_amcheck)."
            )

    def _conferir_saldo(self, tabela: Tabela, carga: Carga) -> None:
        """What was landed must account for every row that the source counts."""
        ha = int(self.armazem.valor(saldo(tabela, self.armazem.qualificado(tabela))))
        if ha != carga.linhas_origem:
            raise FonteRecusada(
                f"{tabela.nome}: the source counts {carga.linhas_origem} rows, the warehouse would "
                f"hold {ha}; nothing was landed. Run again with --full, which compares every "
                "row."
            )

    def _vazia(self, tabela: Tabela) -> bool:
        return not self.armazem.linhas(f"select 1 from {self.armazem.qualificado(tabela)} limit 1")

    def _lotes(
        self, tabela: Tabela, carga: Carga, dias: Sequence[str] | None
    ) -> Iterator[pa.RecordBatch]:
        """The rows that the source holds, with the derived columns, counted as they pass."""
        for lote in self.origem.ler(tabela, dias):
            carga.lidas += lote.num_rows
            self.progresso(tabela.nome, carga.lidas)
            fora = self.esquecidos.deles(tabela, lote)
            if fora is not None:
                carga.suprimidas += pc.sum(fora).as_py() or 0
                lote = lote.filter(pc.invert(fora))
            carga.ilegiveis += lote.num_rows - lote.column(ILEGIVEIS).null_count
            yield derivacoes.com_derivadas(self.chave, tabela, lote)

    def _gravar_tudo(self, tabela: Tabela, carga: Carga) -> None:
        """A table's first load: every row is an inclusion, streamed straight into raw."""
        constantes = {
            "_operacao": "inclusao",
            "_carga_id": carga.id,
            "_tabela": tabela.nome,
            "_carregado_em": self.inicio,
        }
        esquema = pa.schema([(c.nome, c.arrow) for c in tabela.colunas])
        raw = self.armazem.qualificado(tabela)
        ponto_de_falha("carga.antes_de_gravar")
        escrever(
            com_constantes(self._lotes(tabela, carga, None), esquema, constantes),
            esquema,
            lambda dados: self.armazem.anexar(raw, dados),
        )
        self._conferir_lidas(tabela, carga)
        carga.gravadas = carga.lidas - carga.suprimidas

    def _gravar_diferencas(self, tabela: Tabela, carga: Carga, dias: Sequence[str] | None) -> None:
        """Compare what the source holds (of some days, or in all) with raw; land what differs."""
        esquema = pa.schema(
            [(c.nome, c.arrow) for c in tabela.de_conteudo] + [("_linha", pa.int64())]
        )

        def lotes() -> Iterator[pa.RecordBatch]:
            for lote in self._lotes(tabela, carga, dias):
                yield lote.select(esquema.names)

        escrever(lotes(), esquema, lambda r: self.armazem.anexar_temporaria(LIDO, r))
        if dias is None:
            self._conferir_lidas(tabela, carga)
        raw = self.armazem.qualificado(tabela)
        self.armazem.executar(diferencas(tabela, raw, carga.lidas, dias))
        carga.gravadas, excluidas, alteradas = self.armazem.linhas(
            "select count(*), count(*) filter (where _operacao = 'exclusao'),"
            f" count(*) filter (where _operacao = 'alteracao') from {MUDANCA}"
        )[0]
        if excluidas:
            carga.formato = f"{carga.formato}; {excluidas} deleted"
        if tabela.somente_insercao and (mexidas := excluidas + alteradas):
            carga.formato = f"{carga.formato}; {mexidas} changed or gone, and it is append-only"
        ponto_de_falha("carga.antes_de_gravar")
        colunas = ", ".join(c.nome for c in tabela.de_conteudo)
        self.armazem.resguardar([raw])
        self.armazem.executar(
            f"insert into {raw}"
            f" ({colunas}, _operacao, _linha, _carga_id, _tabela, _carregado_em)"
            f" select {colunas}, _operacao, _linha, {carga.id}, '{tabela.nome}',"
            f" cast('{self.inicio.isoformat()}' as timestamptz) from {MUDANCA}"
        )
        for temporaria in (MUDANCA, LIDO):
            self.armazem.executar(f"drop table {temporaria}")


def _mudou(dia: Dia, conhecido: tuple[int, str | None] | None) -> bool:
    """Whether a day's answer differs from the one stored at the last load."""
    if conhecido is None or conhecido[0] != dia.linhas:
        return True
    return dia.impressao is not None and conhecido[1] != dia.impressao
