"""The words that the generated data are made of."""


def _palavras(texto: str) -> tuple[str, ...]:
    return tuple(texto.split())


# Each canonical value and the ways it is typed, before case, accents and spaces vary. A list is
# indexed by gender: masculine, feminine; "(a)" forms belong to both.
FORMAS_ESTADO_CIVIL: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "SOLTEIRO": (("Solteiro", "Solteiro", "Solteiro(a)"), ("Solteira", "Solteira", "Solteiro(a)")),
    "CASADO": (("Casado", "Casado", "Casado(a)"), ("Casada", "Casada", "Casado(a)")),
    "DIVORCIADO": (("Divorciado", "Divorciado(a)"), ("Divorciada", "Divorciado(a)")),
    "VIUVO": (("Viúvo", "Viúvo(a)"), ("Viúva", "Viúvo(a)")),
    "SEPARADO": (("Separado", "Separado(a)"), ("Separada", "Separado(a)")),
    "UNIAO ESTAVEL": (("União Estável",), ("União Estável",)),
}
FORMAS_ESCOLARIDADE: dict[str, tuple[str, ...]] = {
    "FUNDAMENTAL": ("Ensino Fundamental", "Fundamental Completo", "Fundamental"),
    "FUNDAMENTAL INCOMPLETO": ("Ensino Fundamental Incompleto", "Fund. Incompleto"),
    "MEDIO": ("Ensino Médio", "Ensino Médio Completo", "Médio"),
    "MEDIO INCOMPLETO": ("Ensino Médio Incompleto", "Médio Incompleto"),
    "SUPERIOR": ("Ensino Superior Completo", "Superior Completo", "Sup. Completo", "Superior"),
    "SUPERIOR INCOMPLETO": ("Ensino Superior Incompleto", "Sup. Incompleto"),
    "POS-GRADUACAO": ("Pós-Graduação", "Pós Graduação", "Pós-Graduação Completa"),
    "POS-GRADUACAO INCOMPLETO": ("Pós-Graduação Incompleta",),
    "MESTRADO": ("Mestrado", "Mestrado Completo"),
    "MESTRADO INCOMPLETO": ("Mestrado Incompleto",),
    "DOUTORADO": ("Doutorado", "Doutorado Completo"),
    "DOUTORADO INCOMPLETO": ("Doutorado Incompleto",),
}
NAO_MAPEAVEIS = ("xxx", "Outros?")
VAZIOS = (None, "", "   ")

PESOS_ESTADO_CIVIL = (38, 36, 10, 6, 4, 6)
PESOS_ESCOLARIDADE = (12, 8, 26, 6, 20, 9, 8, 2, 4, 2, 2, 1)

NOMES = (
    _palavras(
        "José João Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís Gabriel Rafael "
        "Daniel Marcelo Bruno Eduardo Felipe Raimundo Rodrigo Mateus Fábio André Sebastião "
        "Márcio Vinícius Otávio Sérgio Cauã Thiago Caio Flávio Ítalo Heitor Murilo Joaquim"
    ),
    _palavras(
        "Maria Ana Francisca Antônia Adriana Juliana Márcia Fernanda Patrícia Aline Sandra "
        "Camila Amanda Bruna Jéssica Letícia Júlia Luciana Vanessa Mariana Gabriela Vera "
        "Vitória Larissa Cláudia Beatriz Rita Sônia Luíza Conceição Inês Débora Flávia Íris "
        "Helena Tânia"
    ),
)
SOBRENOMES = _palavras(
    "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa "
    "Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias "
    "Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos "
    "Gonçalves Santana Teixeira Araújo Simões Magalhães Brandão Galvão Conceição Assunção "
    "Guimarães Luz Prates Sá Antunes Queirós"
)
PARTICULAS = ("da", "de", "do", "dos", "das")

TIPOS_CONTA = (
    "Corrente",
    "Corrente",
    "conta corrente",
    "CORRENTE",
    "Poupança",
    "poupanca",
    "Salário",
    "salario ",
)
AGENCIAS = ("0001", "0017", "0101", "0340", "0715", "1024", "3007")
# BINs of the brands' published test cards: no real account can have one of these numbers.
BANDEIRAS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("VISA", "Visa", "visa", " Visa"), ("411111", "401288", "400000")),
    (("Mastercard", "MASTERCARD", "MasterCard ", "mastercard"), ("555555", "510510", "222300")),
    (("ELO", "Elo", "elo "), ("636297",)),
    (("Hipercard", "HIPERCARD", "hipercard"), ("606282",)),
)
TIPOS_CARTAO = (
    "Crédito",
    "CRÉDITO",
    "credito",
    "Débito",
    "débito ",
    "DEBITO",
    "Múltiplo",
    "multiplo",
)

# Descriptions with how often they occur and the typical amount.
COMPRAS: tuple[tuple[str | None, int, float], ...] = (
    ("PADARIA SAO JOSE", 8, 18), ("Padaria São José ", 2, 18), (" Posto Ipiranga  ", 6, 140),
    ("POSTO SHELL BR-101", 3, 150), ("iFood *RESTAURANTE", 8, 55), ("IFOOD *IFOOD", 4, 48),
    ("UBER *TRIP", 7, 22), ("99 *CORRIDA", 4, 19), ("PIX enviado", 6, 120), ("Pix Enviado ", 2, 90),
    ("SUPERMERCADO BOM PRECO", 9, 190), ("Supermercado  Bom Preço", 3, 190), ("ATACADAO", 4, 320),
    ("DROGARIA POPULAR", 5, 62), ("Farmácia do Bairro", 3, 45), ("NETFLIX.COM", 2, 45),
    ("Spotify", 2, 22), ("MERCADOLIVRE*3 PRODUTOS", 4, 130), ("AMAZON BR", 3, 110),
    ("MAGAZINE DA CASA", 2, 450), ("LOJAS DO CENTRO; FILIAL 2", 2, 160), ('BAR "DO ZE"', 2, 65),
    ('CANTINA "LA NONNA"; JANTAR', 1, 170), ("=PROMO APP", 1, 30), ("+ Saúde Clínica", 1, 220),
    ("-DESCONTO FIDELIDADE LOJA", 1, 60), ("@hamburgueria", 1, 48), ("AÇOUGUE BOI GORDO", 2, 95),
    ("Papelaria Estrela", 1, 40), ("HOTEL BEIRA MAR", 1, 620), ("CIA AEREA *PASSAGEM", 1, 900),
    ("PEDAGIO SEM PARAR", 2, 14), ("Academia Corpo & Ação", 2, 110), ("PET SHOP AMIGO", 2, 85),
    ("", 1, 70), ("   ", 1, 70), (None, 1, 70),
)  # fmt: skip
