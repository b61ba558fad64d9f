"""The ledger of the article's claims, and the one rule by which each is judged."""
