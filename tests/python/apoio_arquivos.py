"""What the tests of the card issuer's files share."""

import io
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from conftest import ArmazemDeTeste

from loaders import PROJETO
from loaders.contratos import fontes
from loaders.extracao.arquivos import carregar as de_arquivos
from loaders.extracao.arquivos import recebimento
from loaders.extracao.arquivos.carregar import Opcoes, Resultado
from loaders.extracao.arquivos.recebido import Recebido
from loaders.nucleo.configuracao import Configuracao


def carregar(armazem: ArmazemDeTeste, onde: Path | str, **opcoes: Any) -> Resultado:
    """Load in this process, which spares a second of start-up."""
    config = Configuracao(_env_file=None, **armazem.ambiente)
    return de_arquivos.carregar(config, fontes()["pod_cartoes"], str(onde), Opcoes(**opcoes))


def conferir(armazem: ArmazemDeTeste, onde: Path | str, **opcoes: Any) -> Resultado:
    """Check in this process."""
    config = Configuracao(_env_file=None, **armazem.ambiente)
    return de_arquivos.conferir(config, fontes()["pod_cartoes"], str(onde), Opcoes(**opcoes))


class EmMemoria(io.BytesIO):
    """A delivered file that may grow as much as it likes."""

    expandido = None


def receber(copia: Path, *partes: bytes, nome: str = "x.csv") -> Recebido:
    """Receive a file, or the parts of a folder, from memory."""
    entregues = ((nome, EmMemoria(parte)) for parte in partes)
    return recebimento.receber(entregues, copia, em_partes=len(partes) > 1)


FATURAS = "id_fatura,id_cliente,data_emissao,data_vencimento,valor_fatura,valor_pagamento_minimo"
PAGAMENTOS = "id_pagamento,id_fatura,id_cliente,data_pagamento,valor_pagamento"


def faturas(*ids: str, valor: str = "10.50") -> bytes:
    """A file of invoices, one line each."""
    linhas = (f"{i},C1,2024-01-05,2024-02-05,{valor},1.05" for i in ids)
    return "".join(f"{li}\n" for li in (FATURAS, *linhas)).encode()


def pagamentos(*ids: str) -> bytes:
    """A file of payments, one line each."""
    linhas = (f"{i},1-11,C1,2024-02-01,10.50" for i in ids)
    return "".join(f"{li}\n" for li in (PAGAMENTOS, *linhas)).encode()


def estados(resultado: Resultado) -> dict[str, str]:
    """What became of each file."""
    return {c.origem: c.status for c in resultado.cargas}


def correntes(armazem: ArmazemDeTeste, entidade: str = "faturas") -> dict[str, set[str]]:
    """The ids of each current delivery."""
    linhas = armazem.linhas(
        f"select c.entrega, r.id_{entidade.removesuffix('s')} from (select entrega,"
        f" max(_carga_id) as id from controle.cargas where entidade = '{entidade}'"
        " and status = 'ok' group by entrega) as c"
        f" left join raw_pod_cartoes.{entidade} as r on r._carga_id = c.id"
    )
    achadas: dict[str, set[str]] = {}
    for entrega, id_ in linhas:
        achadas.setdefault(entrega, set()).add(id_)
    return achadas


def arvore(pasta: Path) -> dict[str, bytes]:
    """Every file below a folder and what is in it."""
    achados = (p for p in sorted(pasta.rglob("*")) if p.is_file())
    return {str(p.relative_to(pasta)): sem_numero(p.read_bytes()) for p in achados}


def sem_numero(motivo: bytes) -> bytes:
    """A reason without the number of its load."""
    return re.sub(rb"^load \d+ refused", b"load N refused", motivo)


def fotografia(armazem: ArmazemDeTeste) -> dict[str, list[str]]:
    """All that loads of files left behind, but for times, places and files that had not changed.

    Loads are numbered without those, which is how an undisturbed run numbers them.
    """
    if armazem.motor == "duckdb" and not armazem.arquivo.exists():
        return {}
    sem = ("_carregado_em", "inicio", "fim", "feita_em")
    tabelas = [*fontes()["pod_cartoes"].tabelas, *fontes()["controle"].tabelas]
    achado = {}
    existem = {
        str(nome) for (nome,) in armazem.linhas("select table_name from information_schema.tables")
    }
    ordem = (
        "(select count(*) from controle.cargas as c where c._carga_id <= t._carga_id"
        " and c.status <> 'sem_novidade')"
    )
    for tabela in (t for t in tabelas if t.nome in existem - {"lugares"}):
        nomes = ", ".join(
            ordem if c.nome == "_carga_id" else c.nome for c in tabela.colunas if c.nome not in sem
        )
        onde = " where status <> 'sem_novidade'" if tabela.nome == "cargas" else ""
        achado[tabela.nome] = sorted(
            map(
                repr,
                armazem.linhas(f"select {nomes} from {tabela.esquema}.{tabela.nome} as t{onde}"),
            )
        )
    return achado


CARREGAR = (
    "import sys; from loaders.contratos import fontes;"
    "from loaders.extracao.arquivos.carregar import Opcoes, carregar;"
    "from loaders.nucleo.configuracao import Configuracao;"
    "carregar(Configuracao(_env_file=None), fontes()['pod_cartoes'], sys.argv[1], Opcoes())"
)
"""The load without the rest of the command, which takes longer to start."""
CARREGAR_E_ESPERAR = CARREGAR.replace(
    "Opcoes())",
    "Opcoes(), lambda arquivo, _: arquivo == 'tb_faturas_201001.csv'"
    " and (print('holding', flush=True), sys.stdin.readline()))",
)
"""The same, which waits with the warehouse locked while it reads that file."""


def processo(
    armazem: ArmazemDeTeste, onde: str, como: str = CARREGAR, **ambiente: str
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", como, onde],
        cwd=PROJETO,
        env={**armazem.ambiente, "PYTHONPATH": str(PROJETO), **ambiente},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def esperar_soltar(armazem: ArmazemDeTeste) -> None:
    """Until the server has seen that a killed client is gone."""
    limite = time.monotonic() + 30
    while armazem.motor == "postgres" and time.monotonic() < limite:
        if armazem.linhas(
            "select count(*) from pg_locks where locktype = 'advisory' and granted"
        ) == [(0,)]:
            return
        time.sleep(0.02)
