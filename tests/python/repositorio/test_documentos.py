"""The commands of the documents, run as they are written there.

Each block is a test: in a shell, in a copy of the project, on the sample's warehouse. What is not
run stands before the block, in a comment `<!-- not run: reason -->`, or for some of its commands
``<!-- not run `make test`: reason -->``.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from apoio_publicacao import DIMINUIR, reconstruir, versao_lida
from blocos import Bloco, blocos, nomeados
from comandos_quentes import QUENTES, quentes
from conftest import VAZIO, ArmazemDeTeste, Fonte

from loaders import PROJETO
from loaders.armazem import abrir_para_ler
from loaders.cli import app
from loaders.nucleo.erros import LastroError
from loaders.publicacao import acessos, construcao

MARCADOS = 19
"""Commands that are not run. One more is a decision: say there why."""
CONSTROEM_TUDO = {"make build", "dbt build --exclude-resource-type unit_test"}
"""The same build, in two ways to write it: it takes half a minute, and is done once."""
PREPARAM = ("export ", "set ", ". ")
"""What a shell keeps for the commands after it."""
NOS_DOIS = re.compile(
    r"lastro (publish|versions|rollback|audit)\b|\.venv/bin/(dbt build --select|pytest)\b"
)
"""What differs by engine, and is short: blocks of these alone run on both."""
MUDANCA = """
insert into associado select 'A-9' || id_associado, nome, data_nascimento, estado_civil,
    escolaridade from associado order by 1 limit 20;
insert into conta select 'C-9' || id_conta, 'A-9' || id_associado, tipo_conta, agencia,
    situacao_conta, data_criacao_conta from conta
    where 'A-9' || id_associado in (select id_associado from associado);
insert into cartao select 'K-9' || id_cartao, 'C-9' || id_conta, numero_cartao,
    nome_impresso_cartao, bandeira_cartao, tipo_cartao, data_emissao from cartao
    where 'C-9' || id_conta in (select id_conta from conta);
insert into movimentacao_cartao select 'M-9' || id_movimentacao_cartao, 'K-9' || id_cartao,
    descricao_movimentacao, valor_movimentacao, data_movimentacao from movimentacao_cartao
    where 'K-9' || id_cartao in (select id_cartao from cartao);
update associado set estado_civil = 'Viúvo' where id_associado < 'A-000100';
"""
"""People, accounts, cards and movements that came, and versions of those who are there."""
_feitos: set[str] = set()
"""Builds of everything that were done already in this session."""


def trocas(lugar: Path) -> dict[str, str]:
    """Places, versions and days of the pages, with what stands for them here."""
    agora = datetime.now(UTC)
    return {
        "/data/landing": str(lugar / "entregas"),
        "/data/books": str(lugar / "livros"),
        "/data/extracts": str(lugar / "extratos"),
        # The small sample's targets are whole on some days only.
        "--to /data/training": f"--to {lugar / 'treino'} --all",
        "/some/folder": str(lugar / "pasta"),
        "--expect 202402": "--expect 202505",
        "2024-03-10 12:00:00": f"{agora:%Y-%m-%d %H:%M:%S}",
        "rollback VERSION": "rollback {versao}",
        ".venv/bin/pytest ": ".venv/bin/pytest --collect-only -q -n 0 ",
    }


class Leitor:
    """Somebody who types what a block says, line by line, into a shell."""

    def __init__(self, armazem: ArmazemDeTeste, fonte: Fonte, projeto: Path) -> None:
        self.armazem = armazem
        self.projeto = projeto
        self.lugar = projeto.parent
        self.ambiente = armazem.ambiente | {
            "PATH": f"{projeto}/.venv/bin:{os.environ['PATH']}",
            # One block's change comes on top of the years by which a small sample has grown older.
            "LASTRO_MAX_CHANGE": "0.5",
            "PYTHONPATH": str(projeto),
            "SICOOPERATIVE_DSN": fonte.dsn,
            "POD_CARTOES_LOCATION": str(self.lugar / "entregas"),
            "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",  # they prove the code, and run elsewhere
        }
        self.preparo: list[str] = []
        self.versao = versao_lida(armazem)
        self.vazio = False

    def esvaziar(self) -> None:
        """Begin with a warehouse to which nothing was ever done."""
        self.armazem.restaurar(VAZIO)
        self.vazio = True

    def ler(self, bloco: Bloco) -> None:
        """Do all that the block says, but what is marked."""
        for comando in bloco.comandos:
            if bloco.motivo(comando) is not None:
                self._existe(comando)
            elif comando.startswith(PREPARAM):
                self.preparo.append(comando)
            elif comando.startswith("make "):
                variaveis = [p for p in comando.split() if "=" in p]
                for alvo in comando.split()[1:]:
                    if "=" not in alvo:
                        self.fazer(" ".join(("make", alvo, *variaveis)))
            else:
                self.fazer(comando)

    def fazer(self, comando: str) -> None:
        """Type one command, and fail if it fails."""
        if comando in CONSTROEM_TUDO:
            if CONSTROEM_TUDO & _feitos and not self.vazio:
                self._fazer_de_conta()
                return
            self.vazio = False
        for escrito, aqui in trocas(self.lugar).items():
            comando = comando.replace(escrito, aqui.replace("{versao}", self.versao))
        feito = subprocess.run(
            ["bash", "-euc", "\n".join((*self.preparo, comando))],
            cwd=self.projeto,
            env=self.ambiente,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if feito.returncode:
            pytest.fail(
                f"{comando}: exit code {feito.returncode}\n"
                f"{feito.stdout[-5000:]}\n{feito.stderr[-3000:]}"
            )
        _feitos.add(comando)
        if ".env.example .env" in comando:
            self.preencher()

    def _existe(self, comando: str) -> None:
        """What is not run of make is at least a target; of others, the name is looked at below."""
        sem_rodar, de_make = re.subn(r"\bmake ", "make -n ", comando)
        if not de_make:
            return
        subprocess.run(
            ["bash", "-c", sem_rodar], cwd=self.projeto, env=self.ambiente,
            check=True, capture_output=True,
        )  # fmt: skip

    def _fazer_de_conta(self) -> None:
        """The loads since the last build are taken for built."""
        reconstruir(self.armazem)
        self.armazem.executar(
            "update controle.construcoes"
            " set ultima_carga = (select max(_carga_id) from controle.cargas)"
        )

    def preencher(self) -> None:
        """Write the settings into `.env`, as the page says."""
        linhas = []
        for linha in (self.projeto / ".env.example").read_text(encoding="utf-8").splitlines():
            nome, igual, valor = linha.partition("=")
            linhas.append(f"{nome}={igual and shlex.quote(self.ambiente.get(nome, valor))}"
                          if igual and not linha.startswith("#") else linha)  # fmt: skip
        (self.projeto / ".env").write_text("\n".join(linhas) + "\n", encoding="utf-8")


def _com_programas_quentes(venv: Path) -> None:
    """The project's `.venv`, but for a `dbt` and a `lastro` that need not be imported again."""
    (venv / "bin").mkdir(parents=True)
    for feito in (f for f in (PROJETO / ".venv").iterdir() if f.name != "bin"):
        (venv / feito.name).symlink_to(feito)
    for programa in (PROJETO / ".venv" / "bin").iterdir():
        quente = programa.name in QUENTES
        (venv / "bin" / programa.name).symlink_to(
            quentes().pasta / programa.name if quente else programa
        )


@pytest.fixture
def leitor(publicado: ArmazemDeTeste, fonte_atual: Fonte) -> Leitor:
    """A reader in a copy of the project, which stands where the one before stood."""
    projeto = publicado.pasta / "paginas" / "projeto"
    shutil.rmtree(projeto.parent, ignore_errors=True)
    ficam = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJETO, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for nome in ficam:
        if (PROJETO / nome).is_file():
            (projeto / nome).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJETO / nome, projeto / nome)
    for pedido in projeto.glob("requirements*.txt"), [projeto / "pyproject.toml"]:
        for arquivo in pedido:
            os.utime(arquivo, (0, 0))  # make installs nothing anew
    _com_programas_quentes(projeto / ".venv")
    (projeto / ".venv-docs").symlink_to(PROJETO / ".venv-docs")
    shutil.copytree(PROJETO / "dbt_packages", projeto / "dbt_packages")
    (projeto / "dbt_packages" / ".pronto").touch()
    (projeto / "published").symlink_to(publicado.publicado)
    shutil.copytree(publicado.pasta / "pod_cartoes", projeto.parent / "entregas")
    publicado.executar(f"update controle.lugares set lugar = '{projeto.parent / 'entregas'}'")
    clientes = publicado.linhas(
        "select distinct id_cliente from core.fact_fatura order by 1 limit 2"
    )
    (projeto / "ids.txt").write_text("".join(f"{id_}\n" for (id_,) in clientes))
    feito = Leitor(publicado, fonte_atual, projeto)
    feito.preencher()
    return feito


def _constroi_tudo(bloco: Bloco) -> bool:
    """Whether a block builds everything, anew or of other days: a minute each."""
    tudo = CONSTROEM_TUDO | {"make clean"}
    return not tudo.isdisjoint(bloco.comandos) or "dbt build --vars" in bloco.texto


@pytest.mark.parametrize(
    "bloco",
    [pytest.param(b, marks=pytest.mark.slow) if _constroi_tudo(b) else b for b in blocos()],
    ids=str,
)
def test_cada_bloco_faz_o_que_esta_escrito(
    leitor: Leitor, fonte_atual: Fonte, bloco: Bloco
) -> None:
    armazem = leitor.armazem
    curto = all(
        NOS_DOIS.match(comando) or bloco.motivo(comando) is not None for comando in bloco.comandos
    )
    if armazem.motor == "postgres" and not curto:
        pytest.skip("the same on either engine, or too long for both")
    rodam = [comando for comando in bloco.comandos if bloco.motivo(comando) is None]
    if "make clean" in rodam:
        leitor.esvaziar()  # what it deletes stands elsewhere here
    elif any("dbt build" in comando for comando in rodam):
        fonte_atual.executar(MUDANCA)
        armazem.carregar(fonte_atual)  # one builds after a load
    elif rodam:
        # No sample leaves that is not of the payments that stand there.
        reconstruir(armazem, "" if "export amostra" in bloco.texto else DIMINUIR)
    leitor.ler(bloco)
    dias = re.search(r"^dbt build --vars '(.*ref_datas.*)'", bloco.texto, re.M)
    if dias is not None:
        with abrir_para_ler(armazem.config, "test") as aberto:  # type: ignore[union-attr]
            assert construcao.ultima(aberto).variaveis == yaml.safe_load(dias[1])
        leitor.fazer("lastro publish --accept")


def test_o_que_nao_se_roda_tem_motivo(record_property: Callable[[str, object], None]) -> None:
    """Each mark is of a command that its block has, and says why; they are few, and listed."""
    marcados = []
    for bloco in blocos():
        for inicio, motivo in bloco.marcas.items():
            assert len(motivo.split()) > 3, f"{bloco}: why?"
            sem_rodar = [c for c in bloco.comandos if c.startswith(inicio)]
            assert sem_rodar, f"{bloco}: no command begins with {inicio}"
            marcados += [f"{bloco}: {comando} ({motivo})" for comando in sem_rodar]
    record_property("not run", marcados)
    print("not run:", *marcados, sep="\n  ")
    assert len(marcados) == MARCADOS, marcados
    assert len(blocos()) > 10
    assert {b.arquivo for b in blocos()} >= {"README.md", "CONTRIBUTING.md", "docs/operations.md"}


def test_cada_troca_e_de_algum_bloco(tmp_path: Path) -> None:
    comandos = "\n".join(comando for bloco in blocos() for comando in bloco.comandos)
    for escrito in trocas(tmp_path):
        assert comandos.count(escrito), escrito


def _comando(raiz: Any, palavras: list[str]) -> tuple[Any, list[str]]:
    """The command of click or typer that words name, and the words that are left."""
    nome = next((p for p in palavras if not p.startswith("-")), None)
    if nome is None or not hasattr(raiz, "commands"):
        return raiz, palavras
    assert nome in raiz.commands, f"no command {nome}"
    return _comando(raiz.commands[nome], [p for p in palavras if p != nome])


def _opcoes(comando: Any) -> set[str]:
    return {"--help"} | {o for p in comando.params for o in (*p.opts, *p.secondary_opts)}


def test_o_que_os_documentos_nomeiam_existe() -> None:
    """Each `lastro …`, `make …` and `dbt …` of the pages, its options and targets too."""
    from dbt.cli.main import cli as dbt

    programas = {"lastro": typer.main.get_command(app), "dbt": dbt}
    alvos = set(re.findall(r"^([a-z-]+)(?:\s+[a-z-]+)*:", (PROJETO / "Makefile").read_text(), re.M))
    vistos = 0
    for onde, (programa, *palavras) in nomeados():
        vistos += 1
        if programa == "make":
            faltam = [p for p in palavras if p not in alvos and "=" not in p and p != "..."]
            assert not faltam, f"{onde}: make {faltam}"
            continue
        try:
            comando, restam = _comando(programas[programa], palavras)
        except AssertionError as erro:
            pytest.fail(f"{onde}: {programa}: {erro}")
        if comando.context_settings.get("ignore_unknown_options"):
            continue  # the options are those of another program
        usadas = {p.partition("=")[0] for p in restam if re.match(r"--?[a-z]", p)}
        assert usadas <= _opcoes(comando) | _opcoes(programas[programa]), f"{onde}: {restam}"
    assert vistos > 80


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
        "servicos: {}\nareas:\n  so:\n    descricao: x\n    apresentacao: x\n    em_claro: {}\n"
        "    le: [core.movimento_flat, core.dim_conta, core.dim_cartao]\n"
    )
    monkeypatch.setattr(acessos, "ARQUIVO", declaracao)
    acessos._declaracao.cache_clear()
    with pytest.raises(LastroError, match=r"add core\.dim_associado, core\.fact_movimentacao$"):
        acessos.areas()
    monkeypatch.undo()
    acessos._declaracao.cache_clear()
