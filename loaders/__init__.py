"""Lands the sources exactly once, replays history, and publishes and exports what was built."""

from pathlib import Path

__version__ = "0.1.0"

PROJETO = Path(__file__).resolve().parent.parent
"""Root of the dbt project (the folder that holds dbt_project.yml)."""
