"""Extracts the cooperative's database (SiCooperativeDB) into `raw_sicooperative`.

One extraction reads the four tables in one snapshot of the source and commits them with their rows
of `controle.cargas` in one transaction of the warehouse: all of it is there, or none.

associado, conta and cartao are read whole and compared with the newest state of each key; only what
differs is landed. movimentacao_cartao is compared by day first: the source counts and fingerprints
each day, and only days whose answer differs from the last load's are read and compared. A row that
arrives late, changes or disappears changes its day's answer, however old the day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import tenacity

from loaders.armazem import Armazem, abrir
from loaders.contratos import ILEGIVEIS, Tabela, fontes
from loaders.controle import auditoria
from loaders.controle.cargas import Carga, registrar
from loaders.controle.supressao import TOKEN, Supressao
from loaders.controle.tabelas import Progresso, escrever, gravar, proximo_id, qualificada
from loaders.extracao import chave_cartao
from loaders.extracao.postgres.conexao import Dia, FonteCaiu, FontePostgres, no_calendario
from loaders.extracao.postgres.momento import Momento, situar
from loaders.extracao.postgres.posicoes import Posicao
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import FonteRecusada, LastroError
from loaders.nucleo.falhas import ponto_de_falha

FONTE = "sicooperative"


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


@auditoria.auditada(
    f"load {FONTE}",
    pedido=lambda _dsn, opcoes, _progresso=None: {"opcoes": repr(opcoes)},
    resultado=lambda cargas: {"cargas": {c.id: c.status for c in cargas}},
)
def carregar(
    config: Configuracao,
    dsn: str,
    opcoes: Opcoes,
    progresso: Progresso = lambda _tabela, _linhas: None,
) -> list[Carga]:
    """Extract the four tables once.

    Args:
        config: the settings.
        dsn: libpq address of the source; a role that may only SELECT suffices, also on a replica.
        opcoes: what the operator asked for.
        progresso: told of each batch that was read.

    Returns:
        One load per table, in the order in which they were read.

    Raises:
        FonteIndisponivel: the source cannot be reached, after `config.tentativas` tries.
        FonteRecusada: the source breaks its contract, looks truncated, or lies before the last
            extraction.
        ArmazemIndisponivel: another writer holds the warehouse.
    """
    with abrir(config, f"lastro load {FONTE}") as armazem:
        tentar = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(config.tentativas),
            wait=tenacity.wait_exponential(multiplier=0.5, max=8),
            retry=tenacity.retry_if_exception_type(FonteCaiu),
            reraise=True,
        )
        inicio = datetime.now(UTC)
        try:
            return tentar(_extrair, armazem, config, dsn, opcoes, progresso)
        except LastroError as erro:
            status = "rejeitado" if isinstance(erro, FonteRecusada) else "erro"
            _registrar_falha(armazem, inicio, status, str(erro))
            raise


def _extrair(
    armazem: Armazem, config: Configuracao, dsn: str, opcoes: Opcoes, progresso: Progresso
) -> list[Carga]:
    tabelas = fontes()[FONTE].tabelas
    esquema = tabelas[0].esquema_origem
    with FontePostgres(dsn, esquema) as fonte, armazem.transacao():
        fonte.verificar(tabelas)
        raw = map(armazem.qualificado, tabelas)
        armazem.resguardar([*raw, qualificada(armazem, "cargas")])
        extracao = _Extracao(armazem, fonte, config, opcoes, progresso)
        for tabela in tabelas:
            extracao.extrair(tabela)
            ponto_de_falha("carga.entre_tabelas")
        extracao.encerrar()
        ponto_de_falha("carga.antes_do_commit")
    ponto_de_falha("carga.depois_do_commit")
    return extracao.cargas


def _registrar_falha(armazem: Armazem, inicio: datetime, status: str, mensagem: str) -> None:
    """A row of `controle.cargas` that tells of a load that landed nothing."""
    with armazem.transacao():
        carga = Carga(proximo_id(armazem), FONTE, "*", inicio, status=status)
        carga.mensagem = " ".join(mensagem.split())
        registrar(armazem, [carga])


class _Esquecidos:
    """The rows of people who were erased, as the source still holds them.

    The list has their ids and those of the accounts and cards that they had. New ones are found as
    the tables are read one after the other: an account by its person, a card by its account.
    """

    def __init__(self, lista: Supressao) -> None:
        self.lista = lista
        self.achadas: dict[str, set[str]] = {}
        """Ids of theirs that the source holds, by column."""

    def deles(self, tabela: Tabela, lote: pa.RecordBatch) -> pa.BooleanArray | None:
        """Which rows of a batch are theirs; nothing where the list or the table has nobody."""
        if not self.lista or not tabela.titular:
            return None
        fora = pa.array([False] * lote.num_rows)
        for coluna in dict.fromkeys((tabela.titular, str(tabela.chave_simples))):
            valores = lote.column(coluna)
            deles = set(self.achadas.get(coluna, ()))
            if coluna in self.lista.listas:
                deles |= self.lista.de(coluna, valores.unique().to_pylist())
            achados = pc.is_in(valores, pa.array(sorted(deles), pa.string()))
            fora = pc.or_(fora, pc.fill_null(achados, False))
        if not tabela.incremental:
            achadas = self.achadas.setdefault(str(tabela.chave_simples), set())
            achadas.update(lote.column(str(tabela.chave_simples)).filter(fora).to_pylist())
        return fora

    def donos(self, tabela: Tabela) -> set[str]:
        """The values of the column that says whose a row is, where that is one of them."""
        return self.achadas.get(str(tabela.titular), set())


def _ultimo(armazem: Armazem) -> Momento | None:
    """The moment of the last extraction."""
    linhas = armazem.linhas(
        f"select extraido_em, posicao_origem from {qualificada(armazem, 'cargas')}"
        f" where fonte = '{FONTE}' and status in ('ok', 'sem_novidade')"
        " order by extraido_em desc, _carga_id desc limit 1"
    )
    if not linhas:
        return None
    instante, posicao = linhas[0]
    return Momento(instante, Posicao.lida(posicao) if posicao else None)


class _Extracao:
    """One extraction under way, inside the transactions of both sides."""

    def __init__(
        self,
        armazem: Armazem,
        fonte: FontePostgres,
        config: Configuracao,
        opcoes: Opcoes,
        progresso: Progresso,
    ) -> None:
        self.armazem = armazem
        self.fonte = fonte
        self.opcoes = opcoes
        self.progresso = progresso
        self.chave = chave_cartao.ler(config)
        self.esquecidos = _Esquecidos(Supressao(config, armazem, FONTE))
        self.inicio = datetime.now(UTC)
        self.proximo_id = proximo_id(armazem)
        self.cargas: list[Carga] = []
        self.ultimo = _ultimo(armazem)
        self.momento = situar(fonte.retrato, opcoes.instante, self.inicio, self.ultimo)

    def extrair(self, tabela: Tabela) -> None:
        """Read one table, land what differs, and keep its load for `encerrar`."""
        carga = Carga(
            self.proximo_id,
            FONTE,
            tabela.nome,
            self.inicio,
            entidade=tabela.nome,
            extraido_em=self.momento.instante,
            posicao=str(self.momento.posicao) if self.momento.posicao else None,
            formato=f"postgresql {self.fonte.versao}"
            + (", a replica" if self.fonte.retrato.replica else ""),
        )
        self.proximo_id += 1
        self.cargas.append(carga)
        if any(c.derivada_de for c in tabela.colunas):
            self._conferir_chave(tabela, carga)
        if tabela.incremental:
            self._extrair_por_dia(tabela, carga)
        else:
            carga.linhas_origem = self.fonte.contar(tabela)
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
        dias = self.fonte.dias(tabela, self.opcoes.dias_recentes)
        carga.linhas_origem = sum(d.linhas for d in dias)
        if self.opcoes.dias_recentes is None:
            carga.valor_origem = sum((d.valor or Decimal(0) for d in dias), Decimal(0))
        linhas, valor = self.fonte.contar_de(tabela, self.esquecidos.donos(tabela))
        carga.linhas_origem -= linhas
        if carga.valor_origem is not None:
            carga.valor_origem -= valor
        self._conferir_tamanho(tabela, carga)
        conhecidos: dict[str, tuple[int, str | None]] = {
            dia: (linhas, impressao)
            for dia, linhas, impressao in self.armazem.linhas(
                "select dia, linhas, impressao from"
                f" {qualificada(self.armazem, 'impressoes_digitais')}"
                f" where fonte = '{FONTE}' and origem = '{tabela.nome}'"
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
            f" where fonte = '{FONTE}' and origem = '{tabela.nome}' and dia in ({lista})"
        )
        gravar(
            self.armazem,
            "impressoes_digitais",
            [
                {
                    "fonte": FONTE,
                    "origem": tabela.nome,
                    "dia": d.dia,
                    "linhas": d.linhas,
                    "impressao": d.impressao,
                    "_carga_id": carga.id,
                }
                for d in dias
            ],
        )

    def _ultima_contagem(self, tabela: Tabela) -> int:
        linhas = self.armazem.linhas(
            f"select linhas_origem from {qualificada(self.armazem, 'cargas')}"
            f" where fonte = '{FONTE}' and origem = '{tabela.nome}'"
            " and status in ('ok', 'sem_novidade') order by _carga_id desc limit 1"
        )
        return int(linhas[0][0]) if linhas else 0

    def _conferir_chave(self, tabela: Tabela, carga: Carga) -> None:
        """The key must be the last extraction's, or every card would get another token."""
        marca = f"token key {chave_cartao.identificar(self.chave)}"
        carga.formato = f"{carga.formato}; {marca}"
        anteriores = self.armazem.linhas(
            f"select formato from {qualificada(self.armazem, 'cargas')}"
            f" where fonte = '{FONTE}' and origem = '{tabela.nome}'"
            " and status in ('ok', 'sem_novidade') order by _carga_id desc limit 1"
        )
        if anteriores and marca not in anteriores[0][0] and not self.opcoes.nova_chave_cartao:
            raise FonteRecusada(
                "The key of the card-number tokens is not the one of the last extraction, so every "
                "card would get another token; nothing was landed. Restore LASTRO_CARD_KEY or the "
                "key file, or run again with --new-card-key to change all tokens."
            )

    def _conferir_tamanho(self, tabela: Tabela, carga: Carga) -> None:
        antes, agora = self._ultima_contagem(tabela), carga.linhas_origem or 0
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
        saldo = self.armazem.valor(
            "select coalesce(sum(case _operacao when 'inclusao' then 1 when 'retorno' then 1"
            f" when 'exclusao' then -1 else 0 end), 0) from {self.armazem.qualificado(tabela)}"
            f" where not starts_with({tabela.chave_simples}, '{TOKEN}')"
        )
        if int(saldo) != carga.linhas_origem:
            raise FonteRecusada(
                f"{tabela.nome}: the source counts {carga.linhas_origem} rows, the warehouse would "
                f"hold {saldo}; nothing was landed. Run again with --full, which compares every "
                "row."
            )

    def _vazia(self, tabela: Tabela) -> bool:
        return not self.armazem.linhas(f"select 1 from {self.armazem.qualificado(tabela)} limit 1")

    def _lotes(
        self, tabela: Tabela, carga: Carga, dias: Sequence[str] | None
    ) -> Iterator[pa.RecordBatch]:
        """The rows that the source holds, with the derived columns, counted as they pass."""
        for lote in self.fonte.ler(tabela, dias):
            carga.lidas += lote.num_rows
            self.progresso(tabela.nome, carga.lidas)
            fora = self.esquecidos.deles(tabela, lote)
            if fora is not None:
                carga.suprimidas += pc.sum(fora).as_py() or 0
                lote = lote.filter(pc.invert(fora))
            carga.ilegiveis += lote.num_rows - lote.column(ILEGIVEIS).null_count
            for coluna in tabela.colunas:
                if coluna.derivada_de:
                    numeros = lote.column(coluna.derivada_de).to_pylist()
                    tokens = [chave_cartao.token(self.chave, n) for n in numeros]
                    lote = lote.append_column(coluna.nome, pa.array(tokens, pa.string()))
            yield lote

    def _gravar_tudo(self, tabela: Tabela, carga: Carga) -> None:
        """A table's first load: every row is an inclusion, streamed straight into raw."""
        constantes: dict[str, Any] = {
            "_operacao": "inclusao",
            "_carga_id": carga.id,
            "_tabela": tabela.nome,
            "_carregado_em": self.inicio,
        }
        esquema = pa.schema([(c.nome, c.arrow) for c in tabela.colunas])
        blocos = {nome: pa.array([], esquema.field(nome).type) for nome in constantes}

        def lotes() -> Iterator[pa.RecordBatch]:
            for lote in self._lotes(tabela, carga, None):
                if len(blocos["_carga_id"]) < lote.num_rows:
                    for nome, valor in constantes.items():
                        escalar = pa.scalar(valor, esquema.field(nome).type)
                        blocos[nome] = pa.repeat(escalar, lote.num_rows)
                vetores = [
                    blocos[c.nome][: lote.num_rows] if c.nome in blocos else lote.column(c.nome)
                    for c in tabela.colunas
                ]
                yield pa.record_batch(vetores, schema=esquema)

        ponto_de_falha("carga.antes_de_gravar")
        escrever(
            lotes(), esquema, lambda r: self.armazem.anexar(self.armazem.qualificado(tabela), r)
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

        escrever(lotes(), esquema, lambda r: self.armazem.anexar_temporaria("lido", r))
        if dias is None:
            self._conferir_lidas(tabela, carga)
        self.armazem.executar(self._sql_diferencas(tabela, carga, dias))
        carga.gravadas, excluidas = self.armazem.linhas(
            "select count(*), count(*) filter (where _operacao = 'exclusao') from mudanca"
        )[0]
        if excluidas:
            carga.formato = f"{carga.formato}; {excluidas} deleted"
        ponto_de_falha("carga.antes_de_gravar")
        colunas = ", ".join(c.nome for c in tabela.de_conteudo)
        self.armazem.resguardar([self.armazem.qualificado(tabela)])
        self.armazem.executar(
            f"insert into {self.armazem.qualificado(tabela)}"
            f" ({colunas}, _operacao, _linha, _carga_id, _tabela, _carregado_em)"
            f" select {colunas}, _operacao, _linha, {carga.id}, '{tabela.nome}',"
            f" cast('{self.inicio.isoformat()}' as timestamptz) from mudanca"
        )
        for temporaria in ("mudanca", "lido"):
            self.armazem.executar(f"drop table {temporaria}")

    def _sql_diferencas(self, tabela: Tabela, carga: Carga, dias: Sequence[str] | None) -> str:
        raw, chave = self.armazem.qualificado(tabela), tabela.chave_simples
        colunas = [c.nome for c in tabela.de_conteudo]
        atributos = [c for c in colunas if c != chave]
        lidas = ", ".join(f"l.{c}" for c in colunas)
        difere = " or ".join(f"l.{c} is distinct from a.{c}" for c in atributos)
        so_a_chave = ", ".join(
            f"a.{chave}" if c.nome == chave else f"cast(null as {c.tipo})"
            for c in tabela.de_conteudo
        )
        do_periodo, tocada = "true", "true"
        if dias is not None:
            datas = [f"date '{d}'" for d in dias if no_calendario(d)]
            partes = [f"cast({tabela.dia} as date) in ({', '.join(datas)})"] if datas else []
            partes += [f"{tabela.dia} is null"] if len(datas) < len(dias) else []
            do_periodo = f"({' or '.join(partes)})"
            tocada = (
                f"{chave} in (select {chave} from lido union"
                f" select {chave} from {raw} where {do_periodo})"
            )
        return f"""
            create temporary table mudanca as
            with estados as (
                select *, row_number() over (partition by {chave} order by _carga_id desc) as ordem
                from {raw}
                where {tocada}
            ),
            atuais as (
                select * from estados where ordem = 1
            )
            select
                {lidas},
                case
                    when a.{chave} is null then 'inclusao'
                    when a._operacao = 'exclusao' then 'retorno'
                    else 'alteracao'
                end as _operacao,
                l._linha
            from lido as l
            left join atuais as a on l.{chave} = a.{chave}
            where a.{chave} is null or a._operacao = 'exclusao' or {difere}
            union all
            select
                {so_a_chave},
                'exclusao',
                {carga.lidas} + row_number() over (order by a.{chave})
            from atuais as a
            where
                a._operacao <> 'exclusao'
                and not starts_with(a.{chave}, '{TOKEN}')
                and {do_periodo}
                and not exists (select 1 from lido as l where l.{chave} = a.{chave})
        """


def _mudou(dia: Dia, conhecido: tuple[int, str | None] | None) -> bool:
    """Whether a day's answer differs from the one stored at the last load."""
    if conhecido is None or conhecido[0] != dia.linhas:
        return True
    return dia.impressao is not None and conhecido[1] != dia.impressao
