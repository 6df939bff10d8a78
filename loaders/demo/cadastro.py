"""The plan of the register: who exists at each stage, and with what data.

The whole life of every associado, conta and cartão is made up at once, from the seed; what happens
between two stages is the difference of their states.
"""

# Made-up data want to be repeatable, not secret.
# ruff: noqa: S311

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Literal

from loaders.demo import vocabulario as v
from loaders.demo.digitacao import digitar, digitar_ou_nao, nome_impresso, redigitar

ETAPAS: tuple[datetime, ...] = (
    datetime(2025, 7, 1, 6, tzinfo=UTC),
    datetime(2026, 1, 1, 6, tzinfo=UTC),
    datetime(2026, 7, 1, 6, tzinfo=UTC),
)
COLUNAS: dict[str, tuple[str, ...]] = {
    "associado": ("id_associado", "nome", "data_nascimento", "estado_civil", "escolaridade"),
    "conta": (
        "id_conta", "id_associado", "tipo_conta", "agencia", "situacao_conta", "data_criacao_conta",
    ),
    "cartao": (
        "id_cartao", "id_conta", "numero_cartao", "nome_impresso_cartao", "bandeira_cartao",
        "tipo_cartao", "data_emissao",
    ),
}  # fmt: skip
Linha = tuple[object, ...]
Estado = dict[str, Linha]  # the rows of a table by their key


@dataclass(frozen=True)
class Tamanho:
    """How many rows ever exist, over the three stages; a few are deleted on the way."""

    associados: int = 2_100
    contas: int = 3_200
    cartoes: int = 4_800
    movimentacoes: int = 205_000

    def __post_init__(self) -> None:
        """Refuse sizes that leave an associado without a conta, or no room for every change."""
        if not 100 <= self.associados <= self.contas <= self.cartoes:
            raise ValueError(
                "At least 100 associados, as many contas as associados, and cartões as contas."
            )
        if self.movimentacoes < 1_000:
            raise ValueError("At least 1,000 movimentações.")


@dataclass(frozen=True)
class Plano:
    """All three stages of the register."""

    tamanho: Tamanho
    semente: int
    estados: tuple[dict[str, Estado], ...]  # by stage, then by table
    # By stage: day of issue and id of the cartões that move, each as often as it is used.
    em_uso: tuple[list[tuple[date, str]], ...]


@dataclass(frozen=True)
class Pessoa:
    """An associado as the data stand at one stage, the texts as they were typed."""

    nome: str
    data_nascimento: date
    estado_civil: str | None
    escolaridade: str | None


Vida = tuple[Pessoa | None, Pessoa | None, Pessoa | None]
Campo = Literal["estado_civil", "escolaridade", "nome", "data_nascimento", "texto"]
# What happens to associados of the first stage: how many of 2,000, the field, and either its
# canonical value at each stage or the stage at which it is corrected or typed again.
_TRAJETORIAS: tuple[tuple[int, Campo, tuple[str, str, str] | int], ...] = (
    (40, "estado_civil", ("SOLTEIRO", "CASADO", "CASADO")),
    (20, "estado_civil", ("CASADO", "CASADO", "DIVORCIADO")),
    (8, "estado_civil", ("CASADO", "VIUVO", "VIUVO")),
    (6, "estado_civil", ("SOLTEIRO", "CASADO", "SEPARADO")),
    (8, "estado_civil", ("SOLTEIRO", "UNIAO ESTAVEL", "SOLTEIRO")),
    (6, "estado_civil", ("CASADO", "SEPARADO", "CASADO")),
    (30, "escolaridade", ("SUPERIOR INCOMPLETO", "SUPERIOR", "SUPERIOR")),
    (20, "escolaridade", ("SUPERIOR", "SUPERIOR", "POS-GRADUACAO")),
    (8, "escolaridade", ("MEDIO", "SUPERIOR", "MEDIO")),
    (12, "nome", 1),
    (10, "nome", 2),
    (8, "data_nascimento", 1),
    (6, "data_nascimento", 2),
    (40, "texto", 1),
    (25, "texto", 2),
)
# Who leaves at the second stage, of 2,000; the movements of the last go with them.
_SAEM, _SAEM_E_VOLTAM, _SAEM_COM_MOVIMENTOS = 14, 10, 3


@lru_cache(maxsize=1)
def planejar(tamanho: Tamanho, semente: int) -> Plano:
    """Plan the life of every associado, conta and cartão."""
    sorteio = Random(f"{semente}/cadastro")
    estados: tuple[dict[str, Estado], ...] = tuple({t: {} for t in COLUNAS} for _ in ETAPAS)
    vidas, desde_etapa = _associados(sorteio, tamanho.associados)
    for numero, vida in enumerate(vidas):
        for estado, pessoa in zip(estados, vida, strict=True):
            if pessoa is not None:
                chave = _id_associado(numero)
                estado["associado"][chave] = (chave, *_colunas(pessoa))

    donos: list[tuple[int, int, date, str]] = []  # associado, first stage, day, id of each conta
    for numero in range(tamanho.contas):
        dono = numero if numero < len(vidas) else sorteio.randrange(len(vidas))
        nasceu = _primeira_etapa(vidas[dono])
        etapa = nasceu if numero < len(vidas) else max(nasceu, _etapa_nova(sorteio))
        adulto = _aniversario(_pessoa(vidas[dono]).data_nascimento, 16)
        criada = _dia_de_entrada(sorteio, etapa, max(adulto, date(2008, 1, 1)))
        chave = f"C-{_embaralhar(numero, semente, 10**8):08d}"
        donos.append((dono, etapa, criada, chave))
        tipo, agencia = sorteio.choice(v.TIPOS_CONTA), sorteio.choice(v.AGENCIAS)
        situacoes = _situacoes(sorteio)
        for momento, estado in enumerate(estados):
            if momento >= etapa and vidas[dono][momento] is not None:
                situacao = situacoes[momento]
                estado["conta"][chave] = (
                    chave,
                    _id_associado(dono),
                    tipo,
                    agencia,
                    situacao,
                    criada,
                )

    em_uso: tuple[list[tuple[date, str]], ...] = tuple([] for _ in ETAPAS)
    for numero in range(tamanho.cartoes):
        conta = numero if numero < len(donos) else sorteio.randrange(len(donos))
        dono, nasceu, criada, id_conta = donos[conta]
        etapa = nasceu if numero < len(donos) else max(nasceu, _etapa_nova(sorteio))
        emitido = _dia_de_entrada(sorteio, etapa, max(criada, date(2019, 1, 1)))
        chave = f"K{_embaralhar(numero, semente + 1, 16**7):07x}"
        bandeira, bins = sorteio.choices(v.BANDEIRAS, (45, 38, 13, 4))[0]
        linha = (
            chave,
            id_conta,
            _com_digito(sorteio.choice(bins) + f"{_embaralhar(numero, semente, 10**9):09d}"),
            nome_impresso(sorteio, _pessoa(vidas[dono]).nome),
            sorteio.choice(bandeira),
            sorteio.choice(v.TIPOS_CARTAO),
            emitido,
        )
        uso = sorteio.choice((1, 2, 3, 5, 8, 13))
        for momento, estado in enumerate(estados):
            if momento >= etapa and vidas[dono][momento] is not None:
                estado["cartao"][chave] = linha
                if momento >= desde_etapa.get(dono, 0):
                    em_uso[momento].extend([(emitido, chave)] * uso)
    return Plano(tamanho, semente, estados, em_uso)


def _associados(sorteio: Random, quantos: int) -> tuple[list[Vida], dict[int, int]]:
    """Return the life of each associado, and the first stage of those who use no card before."""
    generos = [sorteio.randrange(2) for _ in range(quantos)]
    pessoas = [_pessoa_nova(sorteio, numero, genero) for numero, genero in enumerate(generos)]
    de_inicio = quantos * 88 // 100
    vidas: list[Vida] = [
        (p, p, p) if n < de_inicio else (None, p, p) if n < quantos * 94 // 100 else (None, None, p)
        for n, p in enumerate(pessoas)
    ]
    fila = iter(sorteio.sample(range(de_inicio), de_inicio))

    def proximos(de_dois_mil: int) -> list[int]:
        return [next(fila) for _ in range(max(1, de_dois_mil * quantos // 2_000))]

    for parte, campo, valores in _TRAJETORIAS:
        for n in proximos(parte):
            vidas[n] = _vida(sorteio, pessoas[n], generos[n], campo, valores)
    # Most of those who leave have never used a card, so that no movement hinders the deletion.
    desde_etapa: dict[int, int] = {}
    for n in proximos(_SAEM):
        vidas[n], desde_etapa[n] = (pessoas[n], None, None), len(ETAPAS)
    for n in proximos(_SAEM_E_VOLTAM):
        vidas[n], desde_etapa[n] = (pessoas[n], None, pessoas[n]), 2
    for _ in range(_SAEM_COM_MOVIMENTOS):
        n = next(fila)
        vidas[n] = (pessoas[n], None, None)
    return vidas, desde_etapa


def _vida(
    sorteio: Random,
    pessoa: Pessoa,
    genero: int,
    campo: Campo,
    valores: tuple[str, str, str] | int,
) -> Vida:
    """Return the three states of an associado to whom something happens."""
    if isinstance(valores, tuple):
        # Each value is typed once: who goes back to an older one gets the older text.
        textos = {
            valor: digitar(sorteio, _forma(sorteio, campo, valor, genero)) for valor in valores
        }
        if campo == "estado_civil":
            a, b, c = (replace(pessoa, estado_civil=textos[valor]) for valor in valores)
        else:
            a, b, c = (replace(pessoa, escolaridade=textos[valor]) for valor in valores)
        return a, b, c
    if campo == "nome":
        depois = replace(pessoa, nome=f"{pessoa.nome.strip()} {sorteio.choice(v.SOBRENOMES)}")
    elif campo == "data_nascimento":
        depois = replace(pessoa, data_nascimento=pessoa.data_nascimento - timedelta(days=30))
    else:
        depois = replace(
            pessoa,
            estado_civil=redigitar(pessoa.estado_civil),
            escolaridade=redigitar(pessoa.escolaridade),
        )
    return (pessoa, depois, depois) if valores == 1 else (pessoa, pessoa, depois)


def _pessoa_nova(sorteio: Random, numero: int, genero: int) -> Pessoa:
    civil = sorteio.choices(tuple(v.FORMAS_ESTADO_CIVIL), v.PESOS_ESTADO_CIVIL)[0]
    escola = sorteio.choices(tuple(v.FORMAS_ESCOLARIDADE), v.PESOS_ESCOLARIDADE)[0]
    if numero % 40 == 0:
        nascimento = date(1936 + 4 * sorteio.randrange(19), 2, 29)
    else:
        nascimento = date(1935, 2, 1) + timedelta(days=sorteio.randrange(26_998))
    return Pessoa(
        _nome(sorteio, genero),
        nascimento,
        digitar_ou_nao(sorteio, _forma(sorteio, "estado_civil", civil, genero)),
        digitar_ou_nao(sorteio, _forma(sorteio, "escolaridade", escola, genero)),
    )


def _nome(sorteio: Random, genero: int) -> str:
    nomes = [sorteio.choice(v.NOMES[genero])]
    if sorteio.random() < 0.25:
        nomes.append(sorteio.choice(v.NOMES[genero]))
    for _ in range(sorteio.choice((1, 2, 2, 2, 3))):
        if sorteio.random() < 0.2:
            nomes.append(sorteio.choice(v.PARTICULAS))
        nomes.append(sorteio.choice(v.SOBRENOMES))
    if sorteio.random() < 0.01:
        del nomes[1:]
    return digitar(sorteio, " ".join(nomes))


def _forma(sorteio: Random, campo: Campo, valor: str, genero: int) -> str:
    formas = (
        v.FORMAS_ESTADO_CIVIL[valor][genero]
        if campo == "estado_civil"
        else v.FORMAS_ESCOLARIDADE[valor]
    )
    return sorteio.choice(formas)


def _situacoes(sorteio: Random) -> tuple[str, str, str]:
    """Return the state of a conta at each stage: most stay, some are blocked or closed."""
    iniciais = ("ativa", "Ativa", "ATIVA ", "bloqueada", "Encerrada")
    situacoes = sorteio.choices(iniciais, (60, 20, 10, 6, 4))
    for _ in ETAPAS[1:]:
        muda = sorteio.random() < 0.02
        situacoes.append(sorteio.choice(("bloqueada", "encerrada")) if muda else situacoes[-1])
    return situacoes[0], situacoes[1], situacoes[2]


def _com_digito(quinze: str) -> str:
    """Return a card number with its Luhn check digit."""
    soma = sum(
        sum(divmod(int(algarismo) * (2 - posicao % 2), 10))
        for posicao, algarismo in enumerate(quinze)
    )
    return f"{quinze}{-soma % 10}"


def _embaralhar(numero: int, semente: int, modulo: int) -> int:
    """Spread consecutive numbers over a range, each to a place of its own."""
    return (numero * 7_368_787 + semente * 104_729) % modulo


def _id_associado(numero: int) -> str:
    return f"A-{numero + 1:06d}"


def _colunas(pessoa: Pessoa) -> Linha:
    return pessoa.nome, pessoa.data_nascimento, pessoa.estado_civil, pessoa.escolaridade


def _pessoa(vida: Vida) -> Pessoa:
    return next(pessoa for pessoa in vida if pessoa is not None)


def _primeira_etapa(vida: Vida) -> int:
    return next(etapa for etapa, pessoa in enumerate(vida) if pessoa is not None)


def _etapa_nova(sorteio: Random) -> int:
    return sorteio.choices((0, 1, 2), (86, 7, 7))[0]


def _aniversario(nascimento: date, anos: int) -> date:
    ano = nascimento.year + anos
    return nascimento.replace(year=ano, day=min(nascimento.day, 28))


def _dia_de_entrada(sorteio: Random, etapa: int, desde: date) -> date:
    """Return a day before the stage: in its own period, or for the first stage at any time."""
    inicio = max(desde, ETAPAS[etapa - 1].date()) if etapa else desde
    return inicio + timedelta(days=sorteio.randrange(max(1, (ETAPAS[etapa].date() - inicio).days)))
