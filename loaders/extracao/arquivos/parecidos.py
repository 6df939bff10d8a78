"""Names that begin like those of a source's files and are none: what to do with each.

Who delivers `tb_faturas_202405.txt` believes that it was delivered. It is not read, and not moved
either, since it may be something else; so it has to be said.
"""

import re
from collections.abc import Iterable

from loaders.contratos.padroes import Padrao

ACOMPANHAM = re.compile(
    r"\.(part|partial|filepart|tmp|crdownload|download|inprogress|_copying_"
    r"|md5|sha1|sha224|sha256|sha384|sha512|crc|crc32|sfv|sig|asc|ok|done)(sums?)?$"
)
"""How names end of uploads under way, and of what is sent beside files: checksums and marks."""
OUTRAS_FORMAS = re.compile(
    r"\.(xlsx?|xlsm|xlsb|ods|json|jsonl|xml|parquet|avro|orc|pdf|7z|rar|bz2|xz|lz4|tar|tgz|gpg|pgp)$"
)
"""How names end of what is no CSV, and of what is no text."""
LIDOS = {"csv": "CSV", "parquet": "Parquet", "jsonl": "JSON Lines"}
PERIODOS = {
    "AAAAMM": re.compile(r"(?<!\d)((?:19|20)\d\d)[-_. ]?(0[1-9]|1[0-2])(?!\d)"),
    "AAAAMMDD": re.compile(
        r"(?<!\d)((?:19|20)\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?([0-2]\d|3[01])(?!\d)"
    ),
}
"""What is probably meant for a period."""
COMPRIMIDO = re.compile(r"\.(gz|zst|zip)$")


def dica(nome: str, pasta: bool, padroes: Iterable[Padrao]) -> str | None:
    """What to do with a file that seems to be of a source by its name; nothing with any other.

    Args:
        nome: a name that is not read.
        pasta: whether it is a folder.
        padroes: what the source's files are called.
    """
    nome = nome.lower()
    achado = next((p for p in padroes if _comeca_como(nome, p.prefixo.lower())), None)
    if achado is None or ACOMPANHAM.search(nome):
        return None
    periodo = PERIODOS[achado.periodo].search(nome) if achado.periodo else None
    certo = achado.nome("".join(periodo.groups())) if periodo else achado.exemplo
    if pasta:
        # A folder of another name may be somebody's archive.
        return f"a folder of parts is called {certo}" if periodo else None
    if OUTRAS_FORMAS.search(nome):
        return f"it is read as {LIDOS[achado.formato]} only; have it exported as {certo}"
    comprimido = COMPRIMIDO.search(nome)
    return f"if it is one, call it {certo}{comprimido[0] if comprimido else ''}"


def _comeca_como(nome: str, arquivo: str) -> bool:
    """Whether a name begins with another's word, with or without `s`, and with or without `tb_`."""
    prefixo, _, resto = arquivo.rpartition("_")
    antes = rf"(?:{re.escape(prefixo)})?[\W_]*" if prefixo else ""
    palavra = re.escape(resto.removesuffix("s"))
    return re.match(rf"{antes}{palavra}s?(?![^\W\d_])", nome) is not None
