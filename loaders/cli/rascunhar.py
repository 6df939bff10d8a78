"""The command that drafts a new source: `lastro contract`."""

from typing import Annotated

import typer

from loaders import PROJETO
from loaders.cli.base import CODIGOS, app
from loaders.cli.opcoes_de_carga import Dsn
from loaders.cli.terminal import a_vista, saida
from loaders.contratos import fontes
from loaders.extracao.arquivos.esboco import olhar as olhar_arquivos
from loaders.extracao.postgres.esboco import olhar as olhar_banco
from loaders.nucleo.configuracao import configuracao, nome_da_variavel
from loaders.projeto import rascunho, rascunho_de_arquivos, rascunho_de_banco


@app.command(
    epilog="Examples:\n\n    lastro contract banco --dsn postgresql://reader@db/Banco\n\n"
    "    lastro contract tarifas --files /data/landing\n\n" + CODIGOS
)
def contract(
    nome: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the new source.")],
    dsn: Dsn = None,
    local: Annotated[
        str | None,
        typer.Option("--files", metavar="LOCATION", help="Folder or s3:// address of its files."),
    ] = None,
    esquema: Annotated[
        str, typer.Option("--schema", help="Of a database: schema of its tables.")
    ] = "public",
) -> None:
    """Draft a new source: contract, staging models and YAML; nothing is overwritten."""
    config = configuracao()
    endereco = dsn or config.dsn_de(nome)
    if local and dsn:
        raise typer.BadParameter("a draft is of a database or of files", param_hint="--files")
    if not local and not endereco:
        variavel = nome_da_variavel(nome, None, "DSN")
        raise typer.BadParameter(f"give --dsn or --files, or set {variavel}", param_hint="--dsn")
    with a_vista():
        if local:
            especies = olhar_arquivos(local, config.expansao_maxima)
            arquivos = rascunho_de_arquivos.rascunhar(nome, especies, fontes())
        else:
            achadas = olhar_banco(str(endereco), esquema)
            arquivos = rascunho_de_banco.rascunhar(nome, esquema, achadas, fontes())
    rascunho.gravar(arquivos)
    for arquivo in arquivos:
        saida.print(str(arquivo.relative_to(PROJETO)), markup=False)
    saida.print(
        f"\n{len(arquivos)} files drafted. Edit them: keys, what is personal, whose a row is and"
        f" how large tables are read was guessed. Then: lastro check {nome}",
        markup=False,
    )
