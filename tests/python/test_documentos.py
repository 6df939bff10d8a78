"""The commands of the documents, run as they are written there."""

import json
import re
import shlex
from pathlib import Path

import pytest
from apoio_publicacao import DIMINUIR, reconstruir, versao_lida, versoes
from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.erros import LastroError
from loaders.publicacao import acessos

PARTES = {
    "README.md": ("What people read",),
    "docs/operations.md": ("Publish", "The audit log"),
}


def comandos(arquivo: str, titulo: str) -> list[str]:
    """The `lastro` commands in the blocks of a section, without their comments."""
    texto = (PROJETO / arquivo).read_text(encoding="utf-8")
    secao = re.split(r"^## ", texto.partition(f"## {titulo}\n")[2], flags=re.M)[0]
    blocos = re.findall(r"```sh\n(.*?)```", secao, flags=re.S)
    linhas = [li.partition("#")[0].strip() for bloco in blocos for li in bloco.splitlines()]
    return [li for li in linhas if li.startswith("lastro ")]


@pytest.mark.parametrize(
    ("arquivo", "titulo"), [(a, t) for a, titulos in PARTES.items() for t in titulos]
)
def test_os_comandos_fazem_o_que_esta_escrito(
    publicado: ArmazemDeTeste, arquivo: str, titulo: str
) -> None:
    primeira = versao_lida(publicado)
    reconstruir(publicado, DIMINUIR)
    escritos = comandos(arquivo, titulo)
    assert escritos
    for comando in escritos:
        publicado.lastro(*shlex.split(comando.replace("VERSION", primeira))[1:])
    assert primeira in versoes(publicado)


def test_a_pagina_dos_acessos_e_a_da_declaracao() -> None:
    assert acessos.DOCUMENTO.read_text(encoding="utf-8") == acessos.documento()


def test_um_nome_de_area_estranho_e_recusado(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name becomes a role, a file and part of SQL: it is a name, or all is refused."""
    for nome in ("x; drop role lastro_carga", "../risco", 'a" b', "Risco"):
        texto = acessos.ARQUIVO.read_text(encoding="utf-8")
        declaracao = tmp_path / "acessos.yml"
        declaracao.write_text(texto.replace("  risco:", f"  {json.dumps(nome)}:"))
        with monkeypatch.context() as contexto:
            contexto.setattr(acessos, "ARQUIVO", declaracao)
            acessos._declaracao.cache_clear()
            with pytest.raises(LastroError, match="a name is in lower case"):
                acessos.areas()
        acessos._declaracao.cache_clear()
    assert "risco" in acessos.areas()


def test_o_extrato_sem_chave_quer_a_estrela_ao_lado(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it nobody could be erased from the area's file."""
    declaracao = tmp_path / "acessos.yml"
    declaracao.write_text(
        "servicos: {}\nareas:\n  so:\n    descricao: x\n    em_claro: {}\n"
        "    le: [core.movimento_flat, core.dim_conta, core.dim_cartao]\n"
    )
    monkeypatch.setattr(acessos, "ARQUIVO", declaracao)
    acessos._declaracao.cache_clear()
    with pytest.raises(LastroError, match=r"add core\.dim_associado, core\.fact_movimentacao$"):
        acessos.areas()
    monkeypatch.undo()
    acessos._declaracao.cache_clear()
