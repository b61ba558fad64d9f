"""Chapter 07: accuracy by depth, by what is left of the gradient, by how many layers may learn.

Beside these, what stops the mild start, one thing changed at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from matnn_lib._validation import Floats
from matnn_lib.nn import schedules, updates
from matnn_lib.nn.layer import Params, Pullback
from matnn_lib.nn.layers import ScaleGradient, Sequential
from matnn_lib.nn.tree import Tree
from matnn_lib.nn.updates import Update
from matnn_lib.study import bench
from matnn_lib.study.bench import Measurement
from matnn_lib.study.datasets import Dataset, digits, spirals
from matnn_lib.study.evidence import Row, Table
from matnn_lib.study.starts import Architecture, Start, plain

# Layers near the output want much larger rates once those behind them get no gradient.
_RATES = (*bench.RATES, 3.0, 10.0)
_STARTS = {"dead": bench.DEAD, "mild": bench.MILD, "critical": bench.CRITICAL}


@dataclass(frozen=True)
class Protocol:
    """How a task is trained: passes, seeds, how its rate is tuned, rate by step."""

    epochs: int
    seeds: int
    tuning_seeds: int = 1
    schedule: Callable[[float], Callable[[int], float]] = schedules.constant


def falling(steps: int, rate: float) -> Callable[[int], float]:
    """Return the schedule that falls from `rate` to 0 in a straight line, in so many steps."""
    return partial(_fallen, steps, rate)


def _fallen(steps: int, rate: float, step: int) -> float:
    return rate * (1 - step / steps)


# Constant rates end the hard tasks in noise that hides what the layers do. 23 steps are an epoch.
# Of the hard tasks' starts some never get beyond chance, so that one tuning seed says too little.
_PROTOCOLS = {
    "digits": Protocol(epochs=5, seeds=5),
    "1.25 turns": Protocol(epochs=20, seeds=5),
    "1.25 turns, falling rate": Protocol(20, 5, schedule=partial(falling, 20 * 23)),
    "2 turns": Protocol(40, 5, tuning_seeds=3, schedule=partial(falling, 40 * 23)),
    "3 turns": Protocol(60, 3, tuning_seeds=3, schedule=partial(falling, 60 * 23)),
}
_BESIDE = 2  # rates of a grid on each side of its middle


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

    The grid holds `around` and the two rates on each side; all nine of the bench if it is 0.
    """
    architecture = plain if factor == 1 else bench.ScaledBackward(factor)
    return _row(_trained(task, start, layers, architecture, around))


def accuracy_by_trained_layers(
    task: str, layers: int, trained: int, factor: float, around: float
) -> Row:
    """Train only the top layers of a critical net, at the best rate `around`.

    Between those that learn, the gradient is multiplied by `factor`.
    """
    architecture = bench.TopOnly(trained) if factor == 1 else TopScaled(trained, factor)
    return _row(_trained(task, "critical", layers, architecture, around))


def accuracy_of_the_mild_start(biases: str, changed: str) -> Row:
    """Train 50 layers from the mild start on the digits, biases ``"trained"`` or ``"still"``.

    What is ``changed`` is ``"nothing"``, the ``"output"`` of layer 50, which the read-out gets
    enlarged to the size of layer 1's, or the ``"gradient"``, multiplied by 1/0.8 at each layer.
    """
    architectures: dict[str, Architecture] = {
        "nothing": plain,
        "output": EnlargedOutput(1e5),
        "gradient": bench.ScaledBackward(1.25),
    }
    update = updates.momentum()
    if biases == "still":
        update = biases_still(update)
    found = bench.run(bench.MILD, architecture=architectures[changed], update=update, rates=_RATES)
    size = found.end.forward[:, -1] / found.end.forward[:, 0]
    return {
        "accuracy": found.accuracy.tolist(),
        "rate": found.rate,
        "at_chance": found.at_chance,
        "spread": found.end.spread[:, -1].tolist(),
        "size": size.tolist(),
    }


@dataclass(frozen=True)
class TopScaled:
    """The plain net whose top hidden layers learn from a gradient scaled between them."""

    trained: int
    factor: float

    def __call__(self, start: Start, widths: Sequence[int]) -> Sequential:
        """Return the net; `trained` is less than its hidden layers."""
        layers = list(bench.ScaledBackward(self.factor)(start, widths).layers)
        # From the top: the read-out, then activation, dense layer and factor of each hidden layer.
        layers[-1 - 3 * self.trained] = ScaleGradient(0.0)
        return Sequential(layers)


@dataclass(frozen=True)
class EnlargedOutput:
    """The plain net whose read-out gets the last hidden layer's output enlarged."""

    factor: float

    def __call__(self, start: Start, widths: Sequence[int]) -> Sequential:
        """Return the net."""
        *hidden, read_out = start.network(widths).layers
        return Sequential([*hidden, ScaleForward(self.factor), read_out])


@dataclass(frozen=True)
class ScaleForward:
    """The mirror of `ScaleGradient`: a factor on the way forward, none on the way back."""

    factor: float

    def init(self, rng: np.random.Generator) -> Params:
        """Return (): nothing is learned here."""
        return ()

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return ``factor * X`` and a pullback that hands the gradient on as it is."""
        return self.factor * X, lambda dY: (dY, ())


def biases_still(update: Update) -> Update:
    """Return `update` for the weights of a plain net, which leaves its biases as they start."""
    return Update(update.init, partial(_step_without_biases, update))


def _step_without_biases(
    update: Update, params: Params, gradients: Params, state: Tree, rate: float
) -> tuple[Params, Tree]:
    moved, state = update.step(params, gradients, state, rate)
    pairs = zip(params, moved, strict=True)
    return tuple((new[0], old[1]) if old else old for old, new in pairs), state


def _trained(
    name: str, start: str, layers: int, architecture: Architecture, around: float
) -> Measurement:
    protocol = _PROTOCOLS[name]
    middle = _RATES.index(around) if around else 0
    return bench.run(
        _STARTS[start],
        architecture=architecture,
        schedule=protocol.schedule,
        data=task(name),
        layers=layers,
        epochs=protocol.epochs,
        seeds=protocol.seeds,
        rates=_RATES[middle - _BESIDE : middle + _BESIDE + 1] if around else bench.RATES,
        tuning_seeds=protocol.tuning_seeds,
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


def _tops(task: str, layers: int, middles: dict[int, float], factor: float = 1.0) -> list[Row]:
    return [
        {"task": task, "layers": layers, "trained": trained, "factor": factor, "around": around}
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
            *_factors("digits", {0.9: 1e-2, 0.8: 3e-2, 0.7: 3e-2, 0.3: 1e-1, 0.1: 1e-1, 0.0: 1e-1}),
            *_two_by_two("1.25 turns", 50, 0),
            *_factors("1.25 turns", {0.8: 1e-2, 0.3: 3e-2, 0.1: 3e-1, 0.0: 1e-1}),
            *_factors("1.25 turns, falling rate", {0.3: 1e-1}),
            *_factors("2 turns", {1.0: 3e-3, 0.8: 1e-1, 0.57: 3e-1, 0.3: 3e-1, 0.0: 3e-1}),
        ),
    ),
    Table(
        "07-layers",
        accuracy_by_trained_layers,
        (
            *_tops("digits", 5, {1: 1e-1}),
            *_tops("digits", 50, {2: 1e-1, 3: 1e-1, 5: 3e-2, 10: 1e-2, 20: 1e-2}),
            *_tops("2 turns", 50, {2: 3e-1, 3: 3e-1, 4: 3e-1, 5: 1e-1, 10: 3e-2}),
            *_tops("2 turns", 50, {3: 3e-1, 5: 3e-1}, factor=0.57),
            *_tops("3 turns", 50, {5: 1e-1, 10: 1e-1, 20: 3e-2, 50: 3e-3}),
        ),
    ),
    Table(
        "07-mild",
        accuracy_of_the_mild_start,
        tuple(
            {"biases": biases, "changed": changed}
            for biases in ("trained", "still")
            for changed in ("nothing", "output", "gradient")
        ),
    ),
)
