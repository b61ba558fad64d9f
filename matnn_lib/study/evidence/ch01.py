"""Chapter 01: what a forgotten transpose costs, by depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matnn_lib._validation import Floats
from matnn_lib.nn import Dense, Layer, Sequential
from matnn_lib.nn.layer import Params, Pullback
from matnn_lib.study import bench
from matnn_lib.study.evidence import Row, Table
from matnn_lib.study.starts import Architecture, Start


@dataclass(frozen=True)
class Untransposed:
    """A square dense layer that goes back through W where it should through Wᵀ."""

    layer: Dense

    def init(self, rng: np.random.Generator) -> Params:
        """Draw ``(W, b)``, as the layer itself does."""
        return self.layer.init(rng)

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return X W + b, and a pullback that forgets one transpose."""
        Y, right = self.layer(params, X)
        W, _ = params

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            _, gradients = right(dY)
            return dY @ W, gradients

        return Y, pullback


def untransposed(start: Start, widths: Sequence[int]) -> Sequential:
    """Return the start's plain net with the transpose forgotten in every square dense layer."""
    layers: list[Layer] = []
    for layer in start.network(widths).layers:
        if isinstance(layer, Dense) and layer.d_in == layer.d_out:
            layer = Untransposed(layer)
        layers.append(layer)
    return Sequential(layers)


def accuracy_by_depth(layers: int) -> Row:
    """Return test accuracies, one a seed, with and without the transpose, and of frozen layers."""
    arms: dict[str, Architecture] = {"with W.T": bench.plain, "with W": untransposed}
    row: Row = {}
    for name, architecture in arms.items():
        found = bench.run(bench.CRITICAL, architecture=architecture, layers=layers)
        row[name] = found.accuracy.tolist()
        row[f"{name}: rate"] = found.rate
    return {**row, "frozen": found.frozen.tolist(), "linear": found.linear.tolist()}


TABLES = (
    Table(
        "01-transpose",
        accuracy_by_depth,
        tuple({"layers": depth} for depth in (3, 5, 10, 25, 50, 100)),
    ),
)
