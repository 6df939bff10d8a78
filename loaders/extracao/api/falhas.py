"""What can become of a call, as it is noted, and what may be done about it."""

OK = "ok"
LIMITE = "limite"
ERRO_SERVIDOR = "erro_servidor"
ERRO_CLIENTE = "erro_cliente"
TEMPO_ESGOTADO = "tempo_esgotado"
REDE = "rede"
CORPO_INVALIDO = "corpo_invalido"
DISJUNTOR_ABERTO = "disjuntor_aberto"
DO_PARCEIRO = frozenset({ERRO_SERVIDOR, TEMPO_ESGOTADO, REDE, CORPO_INVALIDO})
"""What tells that the partner is not well: one that asks for patience, or says no, is."""


class Falha(Exception):
    """A call that came to nothing.

    What it says is of our own making: an answer may repeat a token or a person's data.

    Attributes:
        resultado: as it is noted.
        http_status: what the partner answered; None where it did not.
        de_novo: whether the same call may go well later.
        ao_menos: seconds that the partner asks to wait.
        corpo: what was answered, and is set aside; None where that is not kept.
    """

    def __init__(
        self,
        dito: str,
        resultado: str,
        http_status: int | None = None,
        de_novo: bool = True,
        ao_menos: float = 0,
        corpo: bytes | None = None,
    ) -> None:
        """Keep what is known of it."""
        super().__init__(dito)
        self.resultado = resultado
        self.http_status = http_status
        self.de_novo = de_novo
        self.ao_menos = ao_menos
        self.corpo = corpo

    @property
    def do_parceiro(self) -> bool:
        """Whether it tells that the partner is not well."""
        return self.resultado in DO_PARCEIRO
