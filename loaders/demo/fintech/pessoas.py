"""Users, what is known of them, their identity checks, and who has which account."""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from loaders.demo import vocabulario as v
from loaders.demo.fintech.calendario import (
    ANTES,
    DEPOIS,
    DIA,
    DIAS,
    NUNCA,
    dia_local,
    escrito,
    horas,
    momento,
)
from loaders.demo.fintech.comum import (
    NULO,
    Auditoria,
    Falhas,
    Tamanho,
    Versao,
    parte,
    por_etapa,
    uuids,
)

_DOCUMENTOS = ("RG", "CNH", "CNH", "CPF")
_PROVEDORES = ("Receita", "Serasa")
_RUAS = ("Rua das Flores", "Av. Brasil", "Rua XV de Novembro", "Travessa do Sol", "Rua Açaí")


@dataclass(slots=True)
class Usuario:
    """A user; moments of NUNCA never come."""

    id: str
    criado: int
    desfecho: str = "sem_documento"  # aprovado, recusado, em_analise
    decidido: int = NUNCA
    # Moment, provider, status.
    consultas: list[tuple[int, str, str]] = field(default_factory=list)
    documentos: list[int] = field(default_factory=list)
    bloqueado: int = NUNCA
    falha: str = ""


@dataclass(slots=True)
class Conta:
    """An account."""

    id: str
    usuario: Usuario
    criada: int
    moeda: str
    renda: int  # salary in centavos; 0 for none
    peso: int  # how much it is used


@dataclass(frozen=True)
class Pessoas:
    """All users, and the accounts in the order in which they were opened."""

    usuarios: list[Usuario]
    contas: list[Conta]


def planejar(
    tamanho: Tamanho, semente: int, falhas: Falhas, auditoria: Auditoria
) -> tuple[Pessoas, dict[str, list[Versao]]]:
    """Plan the users, the accounts and the rows of the users' tables."""
    sorteio = Random(f"{semente}/fintech/pessoas")
    ids = uuids(sorteio)
    do_dia = horas(sorteio)
    momentos = sorted(
        momento(int(DIAS * sorteio.random() * sorteio.random()), sorteio.choice(do_dia))
        for _ in range(tamanho.usuarios)
    )
    usuarios = [Usuario(next(ids), criado) for criado in momentos]
    for usuario in usuarios:
        _identificar(sorteio, usuario)
    _plantar(sorteio, usuarios, falhas)
    tabelas: dict[str, list[Versao]] = {
        t: [] for t in ("users", "user_profiles", "kyc_results", "user_documents")
    }
    for numero, usuario in enumerate(usuarios):
        _cadastrar(sorteio, tabelas, numero, usuario)
        _documentar(sorteio, tabelas, usuario, falhas)
        if usuario.decidido < NUNCA:
            acao = "approved" if usuario.desfecho == "aprovado" else "declined"
            dados = f'{{"new_status": "{acao}"}}'
            auditoria.anotar(usuario.decidido, "user_profiles", usuario.id, acao, dados, "svc-kyc")
    return Pessoas(usuarios, _abrir(sorteio, tamanho, usuarios)), tabelas


def _identificar(sorteio: Random, usuario: Usuario) -> None:
    """Give a user documents, checks and a decision, or a part of them."""
    sorte = sorteio.random()
    if sorte < 0.04:
        return
    envio = usuario.criado + 60 + int(sorteio.random() * 3_000)
    if sorteio.random() < 0.12:  # on another day
        envio += DIA + int(sorteio.random() * 12 * DIA)
    usuario.documentos = [envio + 40 * n for n in range(1 + (sorteio.random() < 0.3))]
    quando = usuario.documentos[-1]
    for provedor in _PROVEDORES[: 1 + (sorteio.random() < 0.6)]:
        quando += 5 + int(sorteio.random() * 90)
        if sorteio.random() < 0.05:
            falhou = sorteio.choice(("failed", "timeout", "unavailable"))
            usuario.consultas.append((quando, provedor, falhou))
            quando += 30 + int(sorteio.random() * 600)
        aprovada = "match" if provedor == "Receita" else "approved"
        usuario.consultas.append((quando, provedor, aprovada))
    if sorte < 0.06:
        usuario.desfecho = "em_analise"
        usuario.consultas[-1] = (*usuario.consultas[-1][:2], "pending")
        return
    usuario.desfecho = "recusado" if sorte < 0.11 else "aprovado"
    if usuario.desfecho == "recusado":
        usuario.consultas[-1] = (*usuario.consultas[-1][:2], "declined")
    sorte, espera = sorteio.random(), sorteio.random()
    if sorte < 0.7:
        usuario.decidido = quando + 20 + int(espera * 600)
    else:
        usuario.decidido = quando + 3_600 + int(espera * (20 if sorte < 0.95 else 100) * 3_600)
    if usuario.desfecho == "aprovado" and sorteio.random() < 0.006:
        usuario.bloqueado = max(usuario.decidido, DEPOIS - int(sorteio.random() * 20 * DIA))


def _plantar(sorteio: Random, usuarios: list[Usuario], falhas: Falhas) -> None:
    """Choose users of whom something does not fit, and make it so."""
    quantos = parte(len(usuarios), 1_700)
    aprovados = [
        u
        for u in usuarios
        if u.desfecho == "aprovado" and u.decidido < ANTES and u.bloqueado > ANTES
    ]
    fila = iter(sorteio.sample(aprovados, 10 * quantos))
    for _ in range(quantos):
        u = next(fila)
        u.falha, u.consultas, u.documentos = "aprovado_sem_consulta", [], []
        u = next(fila)
        u.falha = "aprovado_com_consulta_reprovada"
        u.consultas[-1] = (*u.consultas[-1][:2], "declined")
        u = next(fila)
        u.falha = "decisao_antes_do_documento"
        u.documentos = [u.decidido + 7_200]
        u.consultas.append((u.decidido + 7_260, "Serasa", "approved"))
        u = next(fila)
        u.falha, u.documentos = "documento_antes_do_cadastro", [u.criado - 600]
        u = next(fila)
        u.falha, u.decidido = "decisao_antes_da_consulta", u.documentos[0] + 1
        for falha in ("decidido_sem_data", "documento_sem_resultado", "pendente_com_data"):
            next(fila).falha = falha
    for u in usuarios:
        if u.falha:
            falhas.plantar(f"kyc_usuario/{u.falha}", u.id, u.decidido)
        if u.falha == "decisao_antes_do_documento":  # the check came before it, too
            falhas.plantar("kyc_usuario/consulta_antes_do_documento", u.id, u.decidido)
    for _ in range(quantos):
        u = next(fila)
        u.falha = "situacao_nao_mapeada"
        falhas.plantar("nao_mapeado/users", u.id, u.decidido)
        u = next(fila)
        u.consultas.insert(0, (u.consultas[0][0] - 2, "Serasa", "partial-match"))
    sem_documento = [u for u in usuarios if u.desfecho == "sem_documento" and u.criado < ANTES]
    for u in sorteio.sample(sem_documento, min(len(sem_documento), 1)):
        u.falha = "kyc_nao_mapeado"
        falhas.plantar("nao_mapeado/user_profiles", u.id, u.criado)


def _cadastrar(
    sorteio: Random, tabelas: dict[str, list[Versao]], numero: int, usuario: Usuario
) -> None:
    """Add a user and the profile as they stand at each stage."""
    nome = f"{sorteio.choice(v.NOMES[numero % 2])} {sorteio.choice(v.SOBRENOMES)}"
    if sorteio.random() < 0.4:
        nome += f" {sorteio.choice(v.SOBRENOMES)}"
    plano = unicodedata.normalize("NFD", nome).encode("ascii", "ignore").decode().lower()
    fone = int(sorteio.random() * 10**8)
    nascimento = date(1950, 1, 1) + timedelta(days=int(sorteio.random() * 20_000))
    contato = (
        f"{usuario.id}\t{plano.replace(' ', '.')}.{numero}@exemplo.br"
        f"\t+55 11 9{fone // 10_000:04d}-{fone % 10_000:04d}\t{nome}\t{nascimento}"
        f"\t{escrito(usuario.criado)}\t"
    )
    numeros = int(sorteio.random() * 10**11)
    documento = f"{numeros // 10**8:03d}.{numeros // 10**5 % 1000:03d}"
    documento += f".{numeros // 100 % 1000:03d}-{numeros % 100:02d}"
    perfil = (
        f"{usuario.id}\t{sorteio.choice(_RUAS)}, {1 + int(sorteio.random() * 2_000)}"
        f"\t{sorteio.choice(_DOCUMENTOS)}\t{documento}\t"
    )
    digitado = sorteio.random()

    def do_usuario(agora: int) -> str | None:
        if usuario.criado > agora:
            return None
        mudado = max(m for m in (usuario.criado, usuario.decidido, usuario.bloqueado) if m <= agora)
        situacao = "pending"
        if usuario.decidido <= agora:
            ativa = "active" if digitado < 0.96 else "Active "
            situacao = ativa if usuario.desfecho == "aprovado" else "blocked"
        if usuario.bloqueado <= agora:
            situacao = "blocked"
        if usuario.falha == "situacao_nao_mapeada" and usuario.decidido <= agora:
            situacao = "dormant"
        return f"{contato}{escrito(mudado)}\t{situacao}\n"

    def do_perfil(agora: int) -> str | None:
        if usuario.criado > agora:
            return None
        if usuario.falha == "kyc_nao_mapeado":
            return f"{perfil}escalated\t{NULO}\n"
        if usuario.decidido > agora:
            return f"{perfil}{'pending' if digitado < 0.9 else 'in review'}\t{NULO}\n"
        if usuario.desfecho == "aprovado":
            situacao = "approved" if digitado < 0.97 else "APPROVED"
        else:
            situacao = "declined" if digitado < 0.7 else "rejected"
        if usuario.falha == "pendente_com_data":
            situacao = "pending"
        quando = NULO if usuario.falha == "decidido_sem_data" else escrito(usuario.decidido)
        return f"{perfil}{situacao}\t{quando}\n"

    por_etapa(tabelas["users"], do_usuario(ANTES), do_usuario(DEPOIS))
    por_etapa(tabelas["user_profiles"], do_perfil(ANTES), do_perfil(DEPOIS))


def _documentar(
    sorteio: Random, tabelas: dict[str, list[Versao]], usuario: Usuario, falhas: Falhas
) -> None:
    """Add the checks of a user, and the documents, noted with the check that read them."""
    consultas, documentos = tabelas["kyc_results"], tabelas["user_documents"]
    for quando, provedor, situacao in usuario.consultas:
        nota = int(sorteio.random() * 1_000)
        resposta = f'{{"status": "{situacao}", "score": {nota}, "name": "Pessoa {nota}"}}'
        numero = len(consultas) + 1
        if situacao == "partial-match":
            falhas.plantar("nao_mapeado/kyc_results", str(numero), quando)
        linha = f"{numero}\t{usuario.id}\t{provedor}\t{resposta}\t{situacao}"
        consultas.append((quando, NUNCA, f"{linha}\t{escrito(quando)}\n"))
    if not usuario.documentos:
        return
    leitora, lido_em = len(consultas), usuario.consultas[-1][0]
    for enviado in usuario.documentos:
        sem_resultado = usuario.falha == "documento_sem_resultado"
        resumo = sorteio.randbytes(16).hex()
        documentos.append(
            (
                lido_em,
                NUNCA,
                f"{len(documentos) + 1}\t{usuario.id}\t{sorteio.choice(_DOCUMENTOS)}"
                f"\ts3://documentos/{resumo[:8]}.jpg\t{resumo}\t{escrito(enviado)}"
                f"\t{NULO if sem_resultado else leitora}\n",
            )
        )


def _abrir(sorteio: Random, tamanho: Tamanho, usuarios: list[Usuario]) -> list[Conta]:
    """Open one account for each approved user, and more for some."""
    ids = uuids(sorteio)
    aprovados = [
        u for u in usuarios if u.desfecho == "aprovado" and dia_local(u.decidido) < DIAS - 4
    ]
    contas = []
    for numero in range(tamanho.contas):
        primeira = numero < len(aprovados)
        dono = aprovados[numero] if primeira else sorteio.choice(aprovados)
        criada = dono.decidido + 60
        if not primeira:
            criada += int(sorteio.random() * (DEPOIS - 3 * DIA - criada))
        renda = 0
        if primeira and sorteio.random() < 0.65:
            sorte = sorteio.random()
            renda = int(151_800 + 900_000 * sorte * sorte * sorte)
        moeda = "USD" if (numero - len(aprovados)) % 16 == 3 and not primeira else "BRL"
        peso = sorteio.choice((2, 3, 5, 8) if renda else (1, 1, 2, 3))
        contas.append(Conta(next(ids), dono, criada, moeda, renda, peso))
    contas.sort(key=lambda conta: (conta.criada, conta.id))
    return contas
