"""Refused files on their way into the quarantine."""

from collections.abc import Sequence

from loaders.armazem import Armazem
from loaders.controle.cargas import Carga, registrar
from loaders.controle.tabelas import gravar, qualificada
from loaders.extracao.arquivos.entrega import resumo
from loaders.extracao.arquivos.locais import QUARENTENA, Local, absoluto
from loaders.extracao.arquivos.lugar_que_falha import ENTRADA_E_SAIDA, por_que
from loaders.extracao.arquivos.quarentena import Quarentena
from loaders.nucleo.erros import FonteIndisponivel
from loaders.nucleo.falhas import ponto_de_falha
from loaders.nucleo.nomes import escapar


class Recusas:
    """Refused files on their way into the quarantine, such that a move that was killed is ended.

    Each is noted in the transaction of its refusal, until file and reason are in place.
    """

    TABELA = "recusas_em_curso"

    def __init__(self, armazem: Armazem, fonte: str, local: Local) -> None:
        """Those of a source in a place; nothing is read yet."""
        self.armazem = armazem
        self.fonte = fonte
        self.local = local
        self.lugar = absoluto(local.endereco)
        self.quarentena = Quarentena(local)

    def registrar(self, cargas: Sequence[Carga]) -> None:
        """Commit the refusal of files, and move them; where that fails, the message says so."""
        destinos = {}
        for carga in cargas:
            try:
                destinos[carga.id] = self.quarentena.destino(carga.nome, carga.id)
            except ENTRADA_E_SAIDA as erro:
                self._nao_movida(carga, erro)
        ponto_de_falha("arquivo.antes_de_recusar")
        em_curso = [
            {"_carga_id": id_, "lugar": self.lugar, "destino": escapar(destino)}
            for id_, destino in destinos.items()
        ]
        with self.armazem.transacao():
            registrar(self.armazem, cargas)
            gravar(self.armazem, self.TABELA, em_curso)
        for carga in cargas:
            if carga.id in destinos:
                self._mover(carga, destinos[carga.id])
                self._encerrar(carga)

    def concluir(self) -> list[Carga]:
        """End the moves that a killed load had begun, and tell of them as it would have."""
        colunas = "inicio, entidade, entrega, sha256, bytes, lidas, rejeitadas, formato, mensagem"
        em_curso = self.armazem.linhas(
            f"select r._carga_id, r.lugar, r.destino, c.fonte, c.origem, {colunas}"
            f" from {qualificada(self.armazem, self.TABELA)} as r"
            f" inner join {qualificada(self.armazem, 'cargas')} as c on r._carga_id = c._carga_id"
            " order by r._carga_id"
        )
        em_curso = [li for li in em_curso if (li[1], li[3]) == (self.lugar, self.fonte)]
        if not em_curso:
            return []
        try:
            entregues = {escapar(nome): nome for nome in self.local.listar()}
            na_quarentena = {escapar(nome): nome for nome in self.local.quarentena()}
        except (*ENTRADA_E_SAIDA, FonteIndisponivel):
            return []  # the place itself says what is wrong with it when it is read
        concluidas = []
        for id_, _, destino, fonte, origem, *valores in em_curso:
            registro = dict(zip(colunas.split(", "), valores, strict=True))
            carga = Carga(id_, fonte, origem, status="rejeitado", **registro)
            carga.nome = entregues.get(origem, "")
            carga.marca = self._marca_se_igual(carga.nome, carga)
            movido = na_quarentena.get(destino, "")
            la = self._marca_se_igual(movido and f"{QUARENTENA}/{movido}", carga)
            if carga.marca:
                self._mover(carga, movido if la or self._pela_metade(movido) else "")
            elif la:
                self._apagar_resto(carga, movido)
                self._explicar(carga, movido)
            self._encerrar(carga)
            if carga.marca or la:
                concluidas.append(carga)
        return concluidas

    def _marca_se_igual(self, nome: str, carga: Carga) -> object:
        """The mark of a file that has the bytes of a refused one; nothing of any other."""
        try:
            achado, marca = resumo(self.local, nome) if nome else ("", None)
        except ENTRADA_E_SAIDA:
            return None
        return marca if achado == carga.sha256 else None

    def _pela_metade(self, movido: str) -> bool:
        try:
            return bool(movido) and self.quarentena.pela_metade(movido)
        except ENTRADA_E_SAIDA:
            return False

    def _apagar_resto(self, carga: Carga, movido: str) -> None:
        try:
            if carga.nome:
                self.quarentena.apagar_resto(carga.nome, movido)
        except ENTRADA_E_SAIDA as erro:
            carga.mensagem = f"{carga.mensagem} (not all of it was deleted: {por_que(erro)})"

    @staticmethod
    def _nao_movida(carga: Carga, erro: BaseException) -> None:
        carga.mensagem = f"{carga.mensagem} (not moved to {QUARENTENA}: {por_que(erro)})"

    def _mover(self, carga: Carga, destino: str = "") -> None:
        ponto_de_falha("arquivo.antes_de_mover")
        try:
            destino = destino or self.quarentena.destino(carga.nome, carga.id)
            self.quarentena.mover(carga.nome, destino, carga.marca)
        except ENTRADA_E_SAIDA as erro:
            self._nao_movida(carga, erro)
            return
        ponto_de_falha("arquivo.depois_de_mover")
        self._explicar(carga, destino)

    def _explicar(self, carga: Carga, destino: str) -> None:
        try:
            self.quarentena.explicar(
                destino, f"load {carga.id} refused this file: {carga.mensagem}\n"
            )
        except ENTRADA_E_SAIDA as erro:
            carga.mensagem = f"{carga.mensagem} (its reason was not written: {por_que(erro)})"
        ponto_de_falha("arquivo.depois_do_motivo")

    def _encerrar(self, carga: Carga) -> None:
        tabela = qualificada(self.armazem, self.TABELA)
        with self.armazem.transacao():
            self.armazem.resguardar([tabela], muda=True)
            self.armazem.executar(f"delete from {tabela} where _carga_id = {carga.id}")
