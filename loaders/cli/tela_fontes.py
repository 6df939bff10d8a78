"""How a load of a source, or what it would do, is shown; and when it fails."""

from collections.abc import Sequence

from loaders.cli.terminal import saida, tabela
from loaders.controle.cargas import Carga
from loaders.extracao.arquivos.carregar import Resultado as ResultadoDeArquivos
from loaders.extracao.arquivos.recebido import SEM_FIM
from loaders.extracao.eventos.carregar import Resultado
from loaders.nucleo.erros import FonteIndisponivel, FonteRecusada

MOSTRADOS = 5


def mostrar_tabelas(fonte: str, titulo: str, cargas: Sequence[Carga]) -> None:
    """Print what became of each table of a database."""
    tabela(
        f"{fonte}, {titulo}as of {cargas[0].extraido_em:%Y-%m-%d %H:%M:%S} UTC",
        ("load", "table", "rows in source", "read", "landed", "status", "format"),
        [
            (c.id, c.origem, c.linhas_origem, c.lidas, c.gravadas, c.status, c.formato)
            for c in cargas
        ],
        abaixo=("format",),
    )


def mostrar_chamadas(fonte: str, titulo: str, cargas: Sequence[Carga]) -> None:
    """Print what became of each table of an API."""
    tabela(
        f"{fonte}, {titulo}API",
        ("load", "table", "items", "rejected", "landed", "status", "format"),
        [(c.id, c.origem, c.lidas, _com_parte(c), c.gravadas, c.status, c.formato) for c in cargas],
        abaixo=("format",),
    )


def mostrar_eventos(fonte: str, titulo: str, resultado: Resultado) -> None:
    """Print what became of the events of each table, and how far behind each partition is."""
    tabela(
        f"{fonte}, {titulo}events",
        ("load", "table", "messages", "rejected", "landed", "status", "format", "message"),
        [
            (c.id, c.origem, c.lidas, _com_parte(c), c.gravadas, c.status, c.formato, c.mensagem)
            for c in resultado.cargas
        ],
        abaixo=("format", "message"),
    )
    tabela(
        f"{fonte}, how far the logs were read",
        ("table", "log", "partition", "read to", "end", "behind", "seconds behind"),
        [
            (
                nome, a.topico, a.particao, a.posicao, a.fim, a.mensagens,
                None if a.segundos is None else f"{a.segundos:.1f}",
            )
            for nome, a in resultado.atrasos
        ],
    )  # fmt: skip


def conferir_eventos(resultado: Resultado) -> None:
    """Fail if a file of events could not be read.

    Raises:
        FonteIndisponivel: one could not.
    """
    if problemas := sorted(resultado.problemas.items()):
        ditos = "".join(f"\n  {nome}: {porque}" for nome, porque in problemas[:MOSTRADOS])
        mais = len(problemas) - MOSTRADOS
        raise FonteIndisponivel(
            f"{len(problemas)} files of events could not be read, and the others were landed:"
            f"{ditos}" + (f"\n  and {mais} more" if mais > 0 else "")
        )


def mostrar_arquivos(fonte: str, titulo: str, onde: str, resultado: ResultadoDeArquivos) -> None:
    """Print what became of each file of a place."""
    tabela(
        f"{fonte}, {titulo}{onde}",
        ("file", "format", "rows", "rejected", "status", "message"),
        [
            (c.origem, c.formato, c.gravadas, _com_parte(c), c.status, c.mensagem)
            for c in resultado.cargas
        ],
        abaixo=("format", "message"),
    )
    if resultado.ignorados:
        saida.print(f"\nnot files of this source: {', '.join(resultado.ignorados)}", markup=False)
    if dito := _resumo(resultado.cargas):
        saida.print(f"\n{dito}", markup=False)


def _com_parte(carga: Carga) -> int | str:
    """The rejected lines, with their share of those of the file."""
    if not carga.rejeitadas:
        return 0
    return f"{carga.rejeitadas} ({_percentual(carga.rejeitadas, carga.lidas)})"


def _percentual(algumas: int, todas: int) -> str:
    return f"{100 * algumas / todas:.1f} %" if algumas * 1000 >= todas else "< 0.1 %"


def _resumo(cargas: Sequence[Carga]) -> str:
    """What the files that were landed lost on the way, and what is odd about them, on a line."""
    novas = [c for c in cargas if c.status == "ok"]
    if not novas:
        return ""
    lidas, rejeitadas = sum(c.lidas for c in novas), sum(c.rejeitadas for c in novas)
    dito = f"{rejeitadas} of {lidas} lines rejected"
    if rejeitadas:
        dito += f" ({_percentual(rejeitadas, lidas)})"
    sem_fim = [c.origem for c in novas if SEM_FIM in str(c.formato).split(", ")]
    return dito + (f"; {SEM_FIM}: {', '.join(sem_fim)}" if sem_fim else "")


def conferir_resultado(onde: str, resultado: ResultadoDeArquivos) -> None:
    """Fail if a file was refused, is missing, is not called like one or could not be read.

    Raises:
        FonteRecusada: a file was refused, is missing or is not called like one.
        FonteIndisponivel: a file could not be read.
    """
    recusados = [c.origem for c in resultado.cargas if c.status == "rejeitado"]
    com_erro = [c.origem for c in resultado.cargas if c.status == "erro"]
    problemas = []
    if resultado.parecidos:
        ditos = [f"\n  {nome}: {fazer}" for nome, fazer in resultado.parecidos]
        problemas.append(
            f"Not read, and left where they are in {onde}, since they seem to be of this source and"
            f" are not called so:{''.join(ditos)}"
        )
    if resultado.ausentes:
        problemas.append(f"Expected and missing in {onde}: {', '.join(resultado.ausentes)}.")
    if recusados:
        problemas.append(
            f"{len(recusados)} of {len(resultado.cargas)} files refused: {', '.join(recusados)}."
        )
    if com_erro:
        problemas.append(f"{len(com_erro)} files could not be read: {', '.join(com_erro)}.")
    if resultado.parecidos or resultado.ausentes or recusados:
        raise FonteRecusada("\n".join(problemas))
    if com_erro:
        raise FonteIndisponivel("\n".join(problemas))
