"""C01 and C02: do gradients vanish with depth, and do the layers far from the output stay?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matnn_lib._validation import as_number
from matnn_lib.nn import updates
from matnn_lib.study import bench
from matnn_lib.study.claims.experiments.sizes import Size, draw_seeds, number_of_layers
from matnn_lib.study.claims.rule import Evidence
from matnn_lib.study.starts import CRITICAL, DEAD, MILD, Start


def gradients_shrink_with_depth(
    rng: np.random.Generator,
    size: Size,
    *,
    start: Start | None = None,
    control: Start | None = None,
    layers: int | None = None,
) -> Evidence:
    """Measure C01: decades of backward gain lost per ten layers, at three starts.

    The fall is the slope of a straight line through the gain at five depths (three at ``quick``).
    `start` takes the place of the dead and the mild start, `control` that of the critical one;
    `layers` is the greatest depth.
    """
    greatest = number_of_layers(size, layers, minimum=2)
    count = 3 if size == "quick" else 5
    depths = np.unique(np.linspace(max(1, greatest / 5), greatest, count).astype(int))
    seeds = draw_seeds(rng)
    roles = {"dead": start or DEAD, "mild": start or MILD, "critical": control or CRITICAL}
    quantities = {
        f"{role}: fall per ten layers": _fall_per_ten_layers(one, depths, seeds)
        for role, one in roles.items()
    }
    return Evidence("C01", size, quantities, {"depths": depths.tolist(), "seeds": seeds})


def first_layer_stays(
    rng: np.random.Generator,
    size: Size,
    *,
    start: Start | None = None,
    layers: int | None = None,
    rate: float | None = None,
) -> Evidence:
    """Measure C02: how far layer 1 moves, relative to its norm, in a whole training.

    Under SGD with momentum, whose step is proportional to the gradient, and under its sign alone;
    each at the best rate of its own grid, or at `rate`. At ``quick``, 30 layers, three epochs
    (69 steps) and the middle of the grid, which is the rate of an arm at chance everywhere.
    """
    depth = number_of_layers(size, layers)
    seeds = draw_seeds(rng)
    arms = {
        "SGD": (updates.momentum(), bench.RATES),
        "sign updates": (updates.sign_sgd(), (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)),
    }
    quantities: dict[str, tuple[float, ...]] = {}
    settings: dict[str, object] = {"layers": depth, "seeds": seeds}
    for name, (update, grid) in arms.items():
        rates: Sequence[float] | float = grid if size == "full" else grid[len(grid) // 2]
        if rate is not None:
            rates = as_number("rate", rate, above=0)
        found = bench.run(
            start or DEAD,
            update=update,
            rates=rates,
            layers=depth,
            seeds=seeds,
            epochs=3 if size == "quick" else 5,
        )
        quantities[f"dead, {name}: relative change of layer 1"] = tuple(found.moved[:, 0].tolist())
        quantities[f"dead, {name}: accuracy"] = tuple(found.accuracy.tolist())
        settings[f"{name}: rate"] = found.rate
    return Evidence("C02", size, quantities, settings)


def _fall_per_ten_layers(
    start: Start, depths: np.ndarray, seeds: Sequence[int]
) -> tuple[float, ...]:
    """Return one fall a seed: infinite if the gradient underflows to zero at a greater depth.

    NaN if it is zero at the least depth already, from which nothing can fall.
    """
    gains = np.array([bench.measure_start(start, layers=int(d), seeds=seeds).gain for d in depths])
    falls = np.where(np.isfinite(gains[0]), np.inf, np.nan)
    finite = np.isfinite(gains).all(axis=0)
    if finite.any():
        falls[finite] = -10 * np.polyfit(depths, gains[:, finite], 1)[0]
    return tuple(falls.tolist())
