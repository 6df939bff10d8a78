"""Calls of third parties, with slow tails, retries and outages; and the source's audit log."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

from bisect import bisect_right
from random import Random

from loaders.demo.fintech.calendario import (
    ANTES,
    DEPOIS,
    DIA,
    DIAS,
    NUNCA,
    dia_da_semana,
    escrito,
    horas,
    momento,
    repartir,
)
from loaders.demo.fintech.comum import NULO, Auditoria, Falhas, Tamanho, Versao, parte
from loaders.demo.fintech.pessoas import Usuario

# Provider, path, how often, and what a call takes, in milliseconds.
_SERVICOS = (
    ("SPI", "/v2/dict/entries/{}", 44, 60),
    ("Processadora", "/v1/authorizations/{}", 26, 110),
    ("Serasa", "/v1/people/{}/score?fields=all", 16, 240),
    ("Receita", "/api/cpf/{}", 14, 380),
)
# Provider, the first moment, how long it lasted, and how often a call failed in it.
_QUEDAS = (
    ("Serasa", momento(435, 46_800), 5_400, 0.9),  # 2026-03-12, 13:00 to 14:30
    ("SPI", momento(533, 72_000), 2_400, 0.7),  # 2026-06-18, 20:00 to 20:40
)
_FALHAS = ("500", "503", "TIMEOUT", "504", "network error", "429")
Chamada = tuple[int, str]


def chamar(tamanho: Tamanho, semente: int, usuarios: list[Usuario], falhas: Falhas) -> list[Versao]:
    """Plan the calls, and return the rows of their table."""
    sorteio = Random(f"{semente}/fintech/chamadas")
    central = _Central(sorteio, usuarios)
    central.quedas(tamanho.chamadas // 60)
    central.normais(tamanho.chamadas)
    feitas = sorted(central.feitas[: tamanho.chamadas])
    desconhecidas = parte(tamanho.chamadas, 3_000)
    for n in sorteio.sample(range(len(feitas)), desconhecidas):
        quando, linha = feitas[n]
        partes = linha.split("\t")
        partes[5] = "HALF_OPEN"
        feitas[n] = quando, "\t".join(partes)
        falhas.plantar("nao_mapeado/third_party_calls", str(n + 1), quando)
    mudam = parte(tamanho.chamadas, 3_000)
    antigas = bisect_right(feitas, (ANTES - DIA, ""))
    mexidas = set(sorteio.sample(range(antigas), mudam))
    versoes: list[Versao] = []
    for n, (quando, linha) in enumerate(feitas):
        fim = f"\t{escrito(quando)}\n"
        if n not in mexidas:
            versoes.append((quando, NUNCA, f"{n + 1}\t{linha}{fim}"))
            continue
        versoes.append((quando, DEPOIS, f"{n + 1}\t{linha}{fim}"))
        sem_duracao = linha.rpartition("\t")[0]
        versoes.append((DEPOIS, NUNCA, f"{n + 1}\t{sem_duracao}\t7{fim}"))
        falhas.plantar("rec_alteracao_indevida/third_party_calls", str(n + 1), DEPOIS)
    return versoes


class _Central:
    """Makes calls, each with the retries that it takes."""

    def __init__(self, sorteio: Random, usuarios: list[Usuario]) -> None:
        self.sorteio, self.usuarios = sorteio, usuarios
        self.criados = [u.criado for u in usuarios]
        self.feitas: list[Chamada] = []
        self.pedidos = 0

    def normais(self, ate: int) -> None:
        """Call until there are so many."""
        pesos = [(300 + dia) * (12 if dia_da_semana(dia) < 5 else 8) for dia in range(DIAS)]
        do_dia, faltam = horas(self.sorteio), ate - len(self.feitas)
        frequencias = [frequencia for _, _, frequencia, _ in _SERVICOS]
        for dia, quantas in enumerate(repartir(faltam, pesos)):
            meia_noite = momento(dia, 0)
            servicos = self.sorteio.choices(_SERVICOS, frequencias, k=quantas)
            alvo = len(self.feitas) + quantas
            for servico, segundo in zip(
                servicos, self.sorteio.choices(do_dia, k=quantas), strict=True
            ):
                if len(self.feitas) >= alvo:
                    break
                self._pedir(servico, meia_noite + segundo, 0.012)

    def quedas(self, quantas: int) -> None:
        """Call while a provider is down: failures, retries, and a breaker that opens at last."""
        for provedor, inicio, duracao, fracasso in _QUEDAS:
            servico = next(s for s in _SERVICOS if s[0] == provedor)
            aberto = inicio + duracao * 2 // 3
            for _ in range(quantas):
                quando = inicio + int(self.sorteio.random() * duracao)
                if quando < aberto:
                    self._pedir(servico, quando, fracasso)
                else:
                    self._registrar(servico, quando, "CIRCUIT_OPEN", 0, self._pedido(quando))

    def _pedir(self, servico: tuple[str, str, int, int], quando: int, fracasso: float) -> None:
        """Make a call, and again up to twice where it fails."""
        random, pedido = self.sorteio.random, self._pedido(quando)
        for _ in range(3):
            sorte, u = random(), random()
            duracao = int(servico[3] * (0.7 + 0.8 * u))
            if random() < 0.03:
                duracao *= 4 + int(26 * u * u)
            if sorte >= fracasso:
                situacao = "200"
                if sorte > 0.97:
                    situacao = ("404", "422")[int(2 * u)]
                elif sorte > 0.9:
                    situacao = ("201", "SUCCESS", "304")[int(3 * u)]
                self._registrar(servico, quando, situacao, duracao, pedido)
                return
            situacao = _FALHAS[int(len(_FALHAS) * u)]
            if situacao in ("TIMEOUT", "504"):
                duracao = 10_000
            self._registrar(servico, quando, situacao, duracao, pedido)
            if random() < 0.2:
                return
            quando += duracao // 1_000 + 1 + int(random() * 15)

    def _pedido(self, quando: int) -> tuple[str, int]:
        """Draw whom a call is about, and number what is asked."""
        self.pedidos += 1
        existem = max(1, bisect_right(self.criados, quando))
        return self.usuarios[int(self.sorteio.random() * existem)].id, self.pedidos

    def _registrar(
        self,
        servico: tuple[str, str, int, int],
        quando: int,
        situacao: str,
        duracao: int,
        pedido: tuple[str, int],
    ) -> None:
        provedor, caminho, _, _ = servico
        usuario, numero = pedido
        resposta = NULO
        if situacao.isdecimal() and situacao != "504":
            resposta = f'{{"code": {situacao}, "data": {{"protocol": "{numero:010d}"}}}}'
        self.feitas.append(
            (
                quando,
                f"{usuario}\t{provedor}\t{caminho.format(10**6 + numero)}"
                f'\t{{"request": {numero}, "document": "{numero * 7919 % 10**11:011d}"}}'
                f"\t{resposta}\t{situacao}\t{duracao}",
            )
        )


def auditar(
    tamanho: Tamanho, semente: int, usuarios: list[Usuario], auditoria: Auditoria, falhas: Falhas
) -> list[Versao]:
    """Return the rows of the audit log: what the others told, and logins up to its size."""
    sorteio = Random(f"{semente}/fintech/auditoria")
    fatos = auditoria.fatos
    do_dia, criados = horas(sorteio), [u.criado for u in usuarios]
    desconhecidas = parte(tamanho.auditorias, 5_000)
    for n in range(max(0, tamanho.auditorias - len(fatos))):
        quando = momento(int(sorteio.random() * DIAS), sorteio.choice(do_dia))
        existem = max(1, bisect_right(criados, quando))
        usuario = usuarios[int(sorteio.random() * existem)]
        acao = "frobnicated" if n < desconhecidas else "login" if n % 3 else "logout"
        dados = f'{{"ip": "10.{n % 250}.{n // 250 % 250}.7"}}'
        fatos.append((max(quando, usuario.criado), "users", usuario.id, acao, dados, usuario.id))
    fatos.sort()
    acessos = [
        n
        for n, (quando, entidade, _, acao, _, _) in enumerate(fatos)
        if entidade == "users" and acao != "frobnicated" and quando < ANTES - DIA
    ]
    quantas = parte(tamanho.auditorias, 6_000)
    mexidas = sorteio.sample(acessos, 2 * quantas)
    mudam, somem = set(mexidas[:quantas]), set(mexidas[quantas:])
    versoes: list[Versao] = []
    for n, (quando, entidade, id_, acao, dados, quem) in enumerate(fatos):
        inicio, fim = f"{n + 1}\t{entidade}\t{id_}\t{acao}\t", f"\t{quem}\t{escrito(quando)}\n"
        ate = DEPOIS if n in mudam or n in somem else NUNCA
        versoes.append((quando, ate, f"{inicio}{dados}{fim}"))
        if n in mudam:
            versoes.append((DEPOIS, NUNCA, f'{inicio}{{"ip": "0.0.0.0"}}{fim}'))
        if ate == DEPOIS:
            falhas.plantar("rec_alteracao_indevida/audit_logs", str(n + 1), DEPOIS)
        if acao == "frobnicated":
            falhas.plantar("nao_mapeado/audit_logs", str(n + 1), quando)
    return versoes
