"""Commands on the audit log: `lastro audit`."""

from loaders.cli.base import CODIGOS, auditar
from loaders.cli.terminal import a_vista, saida
from loaders.controle.conferencia import conferir
from loaders.nucleo.configuracao import configuracao
from loaders.nucleo.erros import AuditoriaQuebrada


@auditar.command("verify", epilog="Example: lastro audit verify\n\n" + CODIGOS)
def verificar_auditoria() -> None:
    """Look for lines of the audit log that were edited, moved or taken away, the last one too."""
    config = configuracao()
    with a_vista():
        achado = conferir(config)
    if achado.problemas:
        lista = "\n  ".join(achado.problemas[:20])
        raise AuditoriaQuebrada(f"{config.caminho_auditoria} is not whole:\n  {lista}")
    saida.print(f"{achado.linhas} lines, whole", markup=False)
    for interrompida in achado.interrompidas:
        saida.print(f"  {interrompida}", markup=False)
