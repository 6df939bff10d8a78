"""`python -m loaders.cli.dbt_seguido ARGUMENTS`: a dbt that says where it is.

`dbt docs generate` works for a minute without a word.
"""

import sys

from loaders.cli.terminal import a_vista, erros, preparar_saidas
from loaders.nucleo.configuracao import configuracao
from loaders.nucleo.erros import LastroError
from loaders.projeto.ambiente_dbt import seguir_dbt


def main(argumentos: list[str]) -> int:
    """Run dbt and show what it does.

    Args:
        argumentos: the command and its options.

    Returns:
        The exit code.
    """
    preparar_saidas()
    try:
        with a_vista():
            seguir_dbt(configuracao(), *argumentos)
    except LastroError as erro:
        erros.print(f"lastro: {erro}", markup=False)
        return erro.codigo
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
