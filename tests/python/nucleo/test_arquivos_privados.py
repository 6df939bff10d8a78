"""Files in which people's data stands are their owner's, and one group's, whatever the umask."""

import grp
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from comandos_quentes import quentes
from conftest import BIN, PROJETO, ArmazemDeTeste

from loaders.armazem.duck import ArmazemDuckDB
from loaders.nucleo import chaves, privados
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError

TRANSBORDAR = """
import os
from loaders.armazem.duck import ArmazemDuckDB
from loaders.nucleo.configuracao import Configuracao
os.umask(0)
config = Configuracao(_env_file=None)
vistos = {}
with ArmazemDuckDB(config, "test") as armazem:
    armazem.executar("create table pessoas as select 'Ana' as nome")
    armazem.executar("set memory_limit = '40MB'; set threads = 1")
    armazem.executar(
        "create table muitas as select range, md5(cast(range as varchar)) as texto"
        " from range(600000) order by texto"
    )
    for caminho in config.caminho_duckdb.parent.rglob("*"):
        vistos[caminho.name] = oct(caminho.stat().st_mode & 0o777)
print(vistos)
"""


def modo(caminho: Path) -> int:
    return stat.S_IMODE(caminho.stat().st_mode)


def configurar(pasta: Path, **outros: str) -> Configuracao:
    valores = {"LASTRO_DUCKDB": str(pasta / "armazem.duckdb"), **outros}
    return Configuracao(_env_file=None, **valores)  # type: ignore[arg-type]


def abrir(config: Configuracao) -> None:
    ArmazemDuckDB(config, "test").fechar()


def test_tudo_o_que_o_duckdb_escreve_e_do_dono(tmp_path: Path) -> None:
    pasta = tmp_path / "armazem"
    pasta.mkdir()
    feito = subprocess.run(
        [sys.executable, "-c", TRANSBORDAR],
        cwd=PROJETO,
        env={
            "PATH": str(BIN),
            "PYTHONPATH": str(PROJETO),
            "LASTRO_DUCKDB": str(pasta / "armazem.duckdb"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    vistos = {p.strip("{}' \n") for par in feito.stdout.split(",") for p in par.split(":")}
    assert {"armazem.duckdb", "armazem.duckdb.wal", "armazem.duckdb.tmp"} <= vistos, vistos
    modos = {v for v in vistos if v.startswith("0o")}
    assert modos <= {"0o600", "0o700"}, feito.stdout


def test_o_arquivo_que_o_dbt_faz_e_do_dono(armazem_vazio: ArmazemDeTeste) -> None:
    if armazem_vazio.motor != "duckdb":
        pytest.skip("a server keeps its own files")
    subprocess.run(
        [str(quentes().pasta / "dbt"), "run-operation", "criar_tabelas_de_fontes"],
        cwd=PROJETO,
        env=armazem_vazio.ambiente,
        capture_output=True,
        check=True,
        umask=0,
    )
    assert modo(armazem_vazio.arquivo) == 0o600
    armazem_vazio.arquivo.chmod(0o664)
    armazem_vazio.dbt("run-operation", "criar_tabelas_de_fontes")
    assert modo(armazem_vazio.arquivo) == 0o600


def test_o_que_estava_mais_aberto_e_estreitado_e_o_mais_fechado_fica(tmp_path: Path) -> None:
    config = configurar(tmp_path)
    abrir(config)
    arquivo = config.caminho_duckdb
    for antes, depois in ((0o666, 0o600), (0o640, 0o600), (0o755, 0o600), (0o600, 0o600)):
        arquivo.chmod(antes)
        abrir(config)
        assert modo(arquivo) == depois, oct(antes)
    arquivo.chmod(0o644)
    ArmazemDuckDB(config, "test", escrita=False).fechar()
    assert modo(arquivo) == 0o644, "who reads changes nothing"
    if os.geteuid() == 0:
        arquivo.chmod(0o400)  # which stops no administrator
        abrir(config)
        assert modo(arquivo) == 0o400
        arquivo.chmod(0o644)
        os.chown(arquivo, 12345, -1)
        abrir(config)
        assert modo(arquivo) == 0o644, "somebody else's is left alone"


def um_grupo() -> int:
    """A group to which this user may give a file."""
    outros = [g for g in os.getgroups() if g != os.getegid()]
    return 4321 if os.geteuid() == 0 else (outros or [os.getegid()])[0]


def test_com_um_grupo_ele_le(tmp_path: Path) -> None:
    grupo = um_grupo()
    config = configurar(tmp_path, LASTRO_FILE_GROUP=str(grupo))
    abrir(config)
    arquivo = config.caminho_duckdb
    assert (modo(arquivo), arquivo.stat().st_gid) == (0o640, grupo)
    arquivo.chmod(0o600)
    abrir(config)
    assert modo(arquivo) == 0o600, "what its owner closed stays closed"
    os.chown(arquivo, -1, os.getegid())
    arquivo.chmod(0o664)
    abrir(config)
    assert (modo(arquivo), arquivo.stat().st_gid) == (0o640, grupo)


def test_grupo_pelo_nome_e_grupo_que_nao_ha(tmp_path: Path) -> None:
    nome = grp.getgrgid(os.getegid()).gr_name
    abrir(configurar(tmp_path, LASTRO_FILE_GROUP=nome))
    assert modo(tmp_path / "armazem.duckdb") == 0o640
    with pytest.raises(LastroError, match="no group 'nenhum_assim'"):
        abrir(configurar(tmp_path, LASTRO_FILE_GROUP="nenhum_assim"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only an administrator becomes another user")
def test_grupo_de_outros_e_dito(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    arquivo = tmp_path / "arquivo"
    arquivo.touch()
    os.chown(arquivo, 12345, 12345)
    filho = os.fork()
    if not filho:  # in this process, as the other user may not reach the interpreter
        try:
            os.chdir(tmp_path)
            os.setgroups([])
            os.setgid(12345)
            os.setuid(12345)
            privados.proteger(Path(arquivo.name), 4321)
        except LastroError as erro:
            os._exit(7 if "no member" in str(erro) else 8)
        finally:
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(filho, 0)[1]) == 7
    assert modo(arquivo) == 0o600


def test_o_que_e_para_outros_segue_a_mascara_do_usuario(tmp_path: Path) -> None:
    programa = (
        "import os; os.umask(0o027); from pathlib import Path;"
        "from loaders.nucleo import privados as p;"
        "p.restringir(); p.restringir(); Path('livro/dt_base=x').mkdir(parents=True);"
        "Path('livro/dt_base=x/parte').touch(); p.abrir_ao_usuario(Path('livro'));"
        "Path('segredo').touch()\n"
        "with p.como_o_usuario(): Path('pasta').mkdir()\n"
        "Path('outro').mkdir()"
    )
    subprocess.run(
        [sys.executable, "-c", programa],
        cwd=tmp_path,
        env={"PATH": str(BIN), "PYTHONPATH": str(PROJETO)},
        check=True,
    )
    assert {str(p.relative_to(tmp_path)): modo(p) for p in tmp_path.rglob("*")} == {
        "livro": 0o750,
        "livro/dt_base=x": 0o750,
        "livro/dt_base=x/parte": 0o640,
        "pasta": 0o750,
        "segredo": 0o600,
        "outro": 0o700,
    }


def test_chave_que_nao_cabe_no_disco_nao_fica_pela_metade(tmp_path: Path) -> None:
    programa = (
        "import resource, signal, sys; from pathlib import Path; from loaders.nucleo import chaves;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1));"
        "chaves.criar_arquivo(Path(sys.argv[2]))"
    )
    chave = tmp_path / "nova" / "card.key"
    for limite in ("0", "64"):
        feito = subprocess.run(
            [sys.executable, "-c", programa, limite, str(chave)],
            cwd=PROJETO,
            env={"PATH": str(BIN), "PYTHONPATH": str(PROJETO), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
        )
        assert feito.returncode == 1
        assert list(chave.parent.iterdir()) == []
    assert chaves.criar_arquivo(chave)
    assert len(chaves.ler(None, chave, "the tests", "")) == 64


@pytest.mark.parametrize(
    ("o_que", "dito"),
    [
        ("empty", "is empty"),
        ("pipe", "no regular file"),
        ("folder", "no regular file"),
        ("bytes", "it is no text"),
        ("below a file", "Not a directory"),
        ("nothing", "There is no key"),
        ("dangling", "There is no key"),
    ],
)
def test_arquivo_que_nao_e_chave_e_dito(tmp_path: Path, o_que: str, dito: str) -> None:
    chave = tmp_path / "chave"
    if o_que == "empty":
        chave.touch()
    elif o_que == "pipe":
        os.mkfifo(chave)
    elif o_que == "folder":
        chave.mkdir()
    elif o_que == "bytes":
        chave.write_bytes(b"\xff" * 64)
    elif o_que == "dangling":
        chave.symlink_to("nada")
    elif o_que == "below a file":
        chave.touch()
        chave = chave / "dentro"
    with pytest.raises(LastroError, match=dito):
        chaves.ler(None, chave, "the tests", "make one")
