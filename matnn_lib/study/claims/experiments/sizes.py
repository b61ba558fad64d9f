"""How much an experiment measures: on how many seeds, through how many layers."""

from __future__ import annotations

from typing import Literal

import numpy as np

from matnn_lib._validation import as_integer

Size = Literal["quick", "full"]
SEEDS = 5


def draw_seeds(rng: np.random.Generator) -> list[int]:
    """Return five seeds for `bench`, drawn from `rng`."""
    return [int(seed) for seed in rng.integers(2**31, size=SEEDS)]


def number_of_layers(size: Size, layers: int | None, *, quick: int = 30, minimum: int = 1) -> int:
    """Return the number of `layers`, where one is asked for, else 50, or `quick` at ``quick``."""
    if layers is None:
        return quick if size == "quick" else 50
    return as_integer("layers", layers, minimum=minimum)
