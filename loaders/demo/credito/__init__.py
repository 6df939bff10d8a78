"""A credit start-up: its database of applications, its partner's scores, the events of its app.

Made up from one seed, at the same two moments as the digital account (`ETAPAS`), whose loans are
what its approved applications became. Scores are higher of who will pay. What is not planted fits
together; what is planted is listed: `falhas`.
"""

from loaders.demo.credito.banco import Tamanho, endereco, esquecer_planos, falhas, preparar
from loaders.demo.credito.parceiro import parceiro
from loaders.demo.fintech.calendario import ETAPAS

__all__ = ["ETAPAS", "Tamanho", "endereco", "esquecer_planos", "falhas", "parceiro", "preparar"]
