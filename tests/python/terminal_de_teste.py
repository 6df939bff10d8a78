"""Commands as somebody at a terminal meets them: a real one, 80 letters wide."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path

LARGURA = 80
CONTROLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Visto:
    """What a command showed.

    Attributes:
        codigo: its exit code.
        tudo: all that it wrote, what moves the cursor and draws over itself included.
        silencio: the longest time without a sign of life, in seconds, once the first was given.
    """

    codigo: int
    tudo: str
    silencio: float
    linhas: list[str] = field(init=False)
    """What stands on the screen at the end."""

    def __post_init__(self) -> None:
        tela, linha, coluna = [""], 0, 0
        for parte in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", self.tudo):
            if parte == "\r":
                coluna = 0
            elif parte == "\n":
                linha += 1
                tela += [""] * (linha == len(tela))
            elif sobe := re.fullmatch(r"\x1b\[(\d*)A", parte):
                linha -= int(sobe[1] or 1)
            elif parte == "\x1b[2K":
                tela[linha] = ""
            elif not parte.startswith("\x1b"):
                antes = tela[linha].ljust(coluna)
                tela[linha] = antes[:coluna] + parte + antes[coluna + len(parte) :]
                coluna += len(parte)
        self.linhas = [texto.rstrip() for texto in tela]

    @property
    def mais_longa(self) -> str:
        """The longest line that was ever on the screen, or drawn over."""
        simples = CONTROLE.sub("", self.tudo)
        return max(re.split(r"[\r\n]+", simples), key=len)


def no_terminal(comando: list[str], ambiente: dict[str, str], onde: Path) -> Visto:
    """Run a command on a terminal of its own until it ends."""
    lado_de_ca, lado_de_la = pty.openpty()
    fcntl.ioctl(lado_de_la, termios.TIOCSWINSZ, struct.pack("HHHH", 50, LARGURA, 0, 0))
    sem_largura = {k: v for k, v in ambiente.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    processo = subprocess.Popen(
        comando,
        cwd=onde,
        env={**sem_largura, "TERM": "xterm-256color"},
        stdin=lado_de_la,
        stdout=lado_de_la,
        stderr=lado_de_la,
        start_new_session=True,
    )
    os.close(lado_de_la)
    partes: list[bytes] = []
    silencio, ultimo = 0.0, None
    while True:
        try:
            parte = os.read(lado_de_ca, 65536)
        except OSError:  # the other side is closed
            break
        if not parte:
            break
        agora = time.monotonic()
        silencio = max(silencio, agora - (ultimo or agora))
        ultimo = agora
        partes.append(parte)
    os.close(lado_de_ca)
    return Visto(processo.wait(600), b"".join(partes).decode("utf-8", "replace"), silencio)
