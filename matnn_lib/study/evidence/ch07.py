"""Chapter 07: accuracy by depth, by what is left of the gradient, by how many layers may learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from matnn_lib.nn import schedules
from matnn_lib.study import bench
from matnn_lib.study.bench import Measurement
from matnn_lib.study.datasets import Dataset, digits, spirals
from matnn_lib.study.evidence import Row, Table
from matnn_lib.study.starts import Architecture, plain

# Layers near the output want much larger rates once those behind them get no gradient.
_RATES = (*bench.RATES, 3.0, 10.0)
_STARTS = {"dead": bench.DEAD, "mild": bench.MILD, "critical": bench.CRITICAL}


@dataclass(frozen=True)
class Protocol:
    """How a task is trained: passes, seeds, rates on each side of the middle, rate by step."""

    epochs: int
    seeds: int
    beside: int
    schedule: Callable[[float], Callable[[int], float]] = schedules.constant


def _falling(steps: int, rate: float) -> Callable[[int], float]:
    """Return the schedule that falls from `rate` to 0 in a straight line, in so many steps."""
    return partial(_fallen, steps, rate)


def _fallen(steps: int, rate: float, step: int) -> float:
    return rate * (1 - step / steps)


# Constant rates end the hard tasks in noise that hides what the layers do. 23 steps are an epoch.
_PROTOCOLS = {
    "digits": Protocol(epochs=5, seeds=5, beside=2),
    "1.25 turns": Protocol(epochs=20, seeds=5, beside=2),
    "2 turns": Protocol(epochs=40, seeds=3, beside=1, schedule=partial(_falling, 40 * 23)),
    "3 turns": Protocol(epochs=60, seeds=3, beside=1, schedule=partial(_falling, 60 * 23)),
}


def task(name: str) -> Dataset:
    """Return the data set of a task: the digits, or spirals of so many turns."""
    if name == "digits":
        return digits()
    return spirals(np.random.default_rng(0), turns=float(name.split()[0]))


def accuracy_by_depth(start: str, layers: int) -> Row:
    """Train a plain net on the digits at the best of nine rates."""
    return _row(bench.run(_STARTS[start], layers=layers))


def accuracy_by_gradient(task: str, start: str, layers: int, factor: float, around: float) -> Row:
    """Train a net whose gradient is multiplied by `factor` a layer, at the best rate `around`.

    The grid holds the rates beside `around`, one or two on each side; all nine of the bench if it
    is 0.
    """
    architecture = plain if factor == 1 else bench.ScaledBackward(factor)
    return _row(_trained(task, start, layers, architecture, around))


def accuracy_by_trained_layers(task: str, layers: int, trained: int, around: float) -> Row:
    """Train only the top layers of a critical net, at the best rate `around`."""
    return _row(_trained(task, "critical", layers, bench.TopOnly(trained), around))


def _trained(
    name: str, start: str, layers: int, architecture: Architecture, around: float
) -> Measurement:
    protocol = _PROTOCOLS[name]
    middle, beside = _RATES.index(around) if around else 0, protocol.beside
    return bench.run(
        _STARTS[start],
        architecture=architecture,
        schedule=protocol.schedule,
        data=task(name),
        layers=layers,
        epochs=protocol.epochs,
        seeds=protocol.seeds,
        rates=_RATES[middle - beside : middle + beside + 1] if around else bench.RATES,
    )


def _row(found: Measurement) -> Row:
    return {
        "accuracy": found.accuracy.tolist(),
        "rate": found.rate,
        "at_chance": found.at_chance,
        "moved": float(np.median(found.moved[:, 0])),
        "linear": found.linear.tolist(),
        "frozen": found.frozen.tolist(),
    }


def _two_by_two(task: str, layers: int, around: float) -> list[Row]:
    cells = (("critical", 1.0), ("critical", 0.57), ("dead", 1 / 0.57), ("dead", 1.0))
    return [
        {"task": task, "start": start, "layers": layers, "factor": factor, "around": around}
        for start, factor in cells
    ]


def _factors(task: str, middles: dict[float, float]) -> list[Row]:
    return [
        {"task": task, "start": "critical", "layers": 50, "factor": factor, "around": around}
        for factor, around in middles.items()
    ]


def _tops(task: str, layers: int, middles: dict[int, float]) -> list[Row]:
    return [
        {"task": task, "layers": layers, "trained": trained, "around": around}
        for trained, around in middles.items()
    ]


TABLES = (
    Table(
        "07-depth",
        accuracy_by_depth,
        tuple(
            {"start": start, "layers": layers}
            for layers in (5, 10, 20, 50, 100)
            for start in _STARTS
        ),
    ),
    Table(
        "07-gradient",
        accuracy_by_gradient,
        (
            *_two_by_two("digits", 5, 0),
            *_two_by_two("digits", 50, 0),
            {"task": "digits", "start": "mild", "layers": 50, "factor": 1.25, "around": 0},
            *_factors("digits", {0.9: 1e-2, 0.8: 3e-2, 0.7: 3e-2, 0.3: 1e-1, 0.1: 1e-1, 0.0: 1e-1}),
            *_two_by_two("1.25 turns", 50, 0),
            *_factors("1.25 turns", {0.8: 1e-2, 0.3: 3e-2, 0.1: 3e-1, 0.0: 1e-1}),
            *_factors("2 turns", {1.0: 3e-3, 0.8: 1e-1, 0.57: 3e-1, 0.3: 3e-1, 0.0: 3e-1}),
        ),
    ),
    Table(
        "07-layers",
        accuracy_by_trained_layers,
        (
            *_tops("digits", 5, {1: 1e-1}),
            *_tops("digits", 50, {2: 1e-1, 3: 1e-1, 5: 3e-2, 10: 1e-2, 20: 1e-2}),
            *_tops("2 turns", 50, {2: 3e-1, 3: 3e-1, 5: 1e-1, 10: 3e-2}),
            *_tops("3 turns", 50, {5: 1e-1, 10: 1e-1, 20: 3e-2, 50: 3e-3}),
        ),
    ),
)
