"""The ledger of the article's claims, and the one rule by which each is judged."""

from matnn_lib.study.claims.ledger import Claim, Record, claim, claims, measure, search, stored
from matnn_lib.study.claims.rule import Criterion, Endpoint, Evidence, lessens, rescues, verdict

__all__ = [
    "Claim",
    "Criterion",
    "Endpoint",
    "Evidence",
    "Record",
    "claim",
    "claims",
    "lessens",
    "measure",
    "rescues",
    "search",
    "stored",
    "verdict",
]
