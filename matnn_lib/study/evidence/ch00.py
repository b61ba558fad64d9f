"""Chapter 00: which rate is best for each of its two starts."""

from __future__ import annotations

from matnn_lib.study import bench
from matnn_lib.study.evidence import Row, Table


def best_rate(start: str) -> Row:
    """Return the grid of rates, the accuracy on the validation set at each, and the best."""
    found = bench.run({"dead": bench.DEAD, "critical": bench.CRITICAL}[start], seeds=1)
    return {
        "rates": found.rates.tolist(),
        "accuracy": found.grid_accuracy.tolist(),
        "rate": found.rate,
        "at_chance": found.at_chance,
    }


TABLES = (Table("00-rates", best_rate, ({"start": "dead"}, {"start": "critical"})),)
