"""Puts the jars that the lake needs where Spark of this environment looks: `make spark` runs it.

A Spark that is somebody else's gets them from `spark.jars.packages` (docs/spark.md).
"""

import importlib.util
import os
import sys
from pathlib import Path

DRIVER = Path("/usr/share/java/postgresql.jar")
"""Where Debian's libpostgresql-jdbc-java puts the JDBC driver."""
ICEBERG = "jars/iceberg-spark-runtime-3.5_2.12-*.jar"
"""In the package that carries it; pyspark from the package index is built with Scala 2.12."""


def _pacote(nome: str) -> Path:
    achado = importlib.util.find_spec(nome)
    if achado is None or not achado.submodule_search_locations:
        sys.exit(f"{nome} is not installed here; `make spark` installs it.")
    return Path(achado.submodule_search_locations[0])


def ligar(jars: Path, iceberg: Path, driver: Path) -> None:
    """Link the two jars into a folder; say what a missing driver means.

    Args:
        jars: the folder in which Spark looks.
        iceberg: Iceberg's runtime for Spark.
        driver: PostgreSQL's JDBC driver, which may not be there.
    """
    for jar in (iceberg, driver):
        ligacao = jars / jar.name
        ligacao.unlink(missing_ok=True)
        if jar.exists():
            ligacao.symlink_to(jar.resolve())
    if not driver.exists():
        print(
            f"No JDBC driver at {driver}: a catalogue on PostgreSQL needs it, a REST one does not."
            " Install the package libpostgresql-jdbc-java, or name the file in LASTRO_JDBC_JAR, and"
            " run `make spark` again.",
            file=sys.stderr,
        )


def main() -> None:
    """Link them into the pyspark of this environment."""
    (iceberg,) = _pacote("snowpark_connect_deps_iceberg").glob(ICEBERG)
    driver = Path(os.environ.get("LASTRO_JDBC_JAR") or DRIVER)
    ligar(_pacote("pyspark") / "jars", iceberg, driver)


if __name__ == "__main__":
    main()
