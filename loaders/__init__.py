"""Loaders: land the sources in the warehouse's raw schemas, exactly once and with nothing lost."""

from pathlib import Path

__version__ = "0.1.0"

PROJETO = Path(__file__).resolve().parent.parent
"""Root of the dbt project (the folder that holds dbt_project.yml)."""
