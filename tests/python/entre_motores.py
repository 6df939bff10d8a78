"""Where what one engine gave meets what the other gave: as files, as each has its own process."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oraculo

MOTORES = {"duckdb", "postgres"}
Conteudo = dict[str, Any]


@dataclass
class EntreMotores:
    """A folder that holds, for each subject, what each engine gave: `<subject>.<engine>`."""

    pasta: Path

    def comparar(self, assunto: str, motor: str, conteudo: Conteudo) -> None:
        """Keep what one engine gave; compare it with the other's if that is there already.

        Both may come at once: each writes before it looks, so at least one finds the other.
        """
        assert conteudo, f"nothing to compare of {assunto}"
        inteiro = self.pasta / f"{assunto}.{motor}"
        parte = self.pasta / f"{assunto}.{motor}.parte"
        parte.write_bytes(pickle.dumps(conteudo))
        parte.replace(inteiro)
        (outro,) = MOTORES - {motor}
        do_outro = self.pasta / f"{assunto}.{outro}"
        if not do_outro.exists():
            return
        conhecido: Conteudo = pickle.loads(do_outro.read_bytes())
        assert conteudo.keys() == conhecido.keys(), f"{assunto}: {motor} and {outro}"
        for nome, valor in conteudo.items():
            if isinstance(valor, list):
                oraculo.iguais(f"{nome} on {motor}, not {outro}", valor, conhecido[nome])
            assert valor == conhecido[nome], f"{nome} on {motor} and {outro}"

    def sem_par(self) -> list[str]:
        """What one engine gave and the other did not: compared with nothing."""
        return sorted(
            feito.name
            for feito in self.pasta.iterdir()
            if not all((self.pasta / f"{feito.stem}.{m}").exists() for m in MOTORES)
        )
