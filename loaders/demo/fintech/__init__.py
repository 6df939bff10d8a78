"""FintechDB, a digital account's database: made up from one seed, with faults that are known.

Users with their identity checks, accounts, a ledger of entries, payments, loans with instalments,
calls of third parties and an audit log, over 18 months, as they stand at two moments (`ETAPAS`).
What is not planted fits together: balances are the sums of their entries, payments have theirs,
schedules add up. What is planted is listed: `falhas`.
"""

from loaders.demo.fintech.banco import falhas, planejar, preencher
from loaders.demo.fintech.calendario import ETAPAS
from loaders.demo.fintech.comum import Tamanho

__all__ = ["ETAPAS", "Tamanho", "falhas", "planejar", "preencher"]
