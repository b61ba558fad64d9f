"""Chapter 02: ranks of the end-to-end Jacobian by depth, from four starts."""

from __future__ import annotations

import itertools
import math

from matnn_lib import linalg
from matnn_lib.study import bench
from matnn_lib.study.claims.experiments.ranks import of_logarithms
from matnn_lib.study.evidence import Row, Table

STARTS = {one.name: one for one in (bench.GAUSSIAN, bench.DEAD, bench.ORTHOGONAL, bench.MILD)}
DEPTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def ranks_at_depth(start: str, layers: int) -> Row:
    """Return, one a seed, effective and stable rank of the hidden layers' Jacobian at one digit.

    With them the decimal logarithm of its largest singular value, which no rank tells.
    """
    spectra = bench.measure_start(STARTS[start], layers=layers).spectrum
    return {
        "effective": [of_logarithms(linalg.effective_rank, logs) for logs in spectra],
        "stable": [of_logarithms(linalg.stable_rank, logs) for logs in spectra],
        "largest": [float(logs[0]) / math.log(10) for logs in spectra],
    }


TABLES = (
    Table(
        "02-ranks",
        ranks_at_depth,
        tuple(
            {"start": start, "layers": layers}
            for layers, start in itertools.product(DEPTHS, STARTS)
        ),
    ),
)
