"""MetricFlow, in an environment of its own, asked about models/marts/_metricas.yml."""

import os
import subprocess
from collections.abc import Sequence

from loaders import PROJETO
from loaders.nucleo.configuracao import Configuracao
from loaders.nucleo.erros import LastroError
from loaders.projeto.ambiente_dbt import ambiente, saida_de

PYTHON = PROJETO / ".venv-metrics" / "bin" / "python"
SEM_PERGUNTAR_FORA = (
    "import update_checker; update_checker.UpdateChecker.check = lambda *_, **__: None;"
    " from dbt_metricflow.cli.main import cli; cli()"
)
"""Its command without the question, to another host, whether there is a newer one."""


def perguntar(config: Configuracao, argumentos: Sequence[str]) -> int:
    """Run a command of MetricFlow on the warehouse of the settings, with our streams.

    Args:
        config: the settings.
        argumentos: as `mf` takes them.

    Returns:
        Its exit code.

    Raises:
        LastroError: MetricFlow is not installed.
        ConstrucaoFalhou: dbt cannot read the project.
    """
    if not PYTHON.exists():
        raise LastroError("MetricFlow is not installed: run `make metrics`.")
    # It looks for them there alone, whatever dbt is told by the environment.
    saida_de(config, "dbt", "--write-json", "parse", "--target-path", "target")
    variaveis = {**os.environ, **ambiente(config), "DBT_PROFILES_DIR": str(PROJETO)}
    variaveis.pop("DBT_TARGET_PATH", None)
    feito = subprocess.run(  # noqa: S603 - a program at a place of ours
        [str(PYTHON), "-c", SEM_PERGUNTAR_FORA, *argumentos],
        cwd=PROJETO,
        env=variaveis,
        check=False,
    )
    return feito.returncode
