"""The experiment of the course as one call: train a deep net from a start, with a remedy.

`run` tunes the learning rate on its own grid with a seed that is not reported, trains five seeds
at the best rate, and measures signal and gradient before and after. Two arms with the same seeds
begin with the same random numbers and see the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats, as_integer
from matnn_lib.nn import diagnosis, schedules, updates
from matnn_lib.nn.layers import Sequential
from matnn_lib.nn.tree import tree_leaves
from matnn_lib.nn.updates import Update
from matnn_lib.study.datasets import Dataset, digits
from matnn_lib.study.starts import (
    CRITICAL,
    DEAD,
    EXPLODING,
    GAUSSIAN,
    MILD,
    ORTHOGONAL,
    Architecture,
    ScaledBackward,
    Start,
    TopOnly,
    plain,
)
from matnn_lib.study.trials import (
    EdgeOfGridError,
    Params,
    Schedule,
    Setting,
    as_grid,
    begin,
    frozen_baseline,
    linear_baseline,
    predictions,
    train_seeds,
    tune,
)

__all__ = [
    "CRITICAL",
    "DEAD",
    "EXPLODING",
    "GAUSSIAN",
    "MILD",
    "ORTHOGONAL",
    "RATES",
    "EdgeOfGridError",
    "Measurement",
    "ScaledBackward",
    "Signal",
    "Start",
    "TopOnly",
    "measure_start",
    "plain",
    "run",
]

RATES: tuple[float, ...] = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
_PROBE = 64


class Signal(NamedTuple):
    """Signal and gradient in a net, one row a seed, measured on one batch of 64.

    gain : (seeds,)
        Backward gain, log10(‖∂L/∂h_1‖_F / ‖∂L/∂h_L‖_F), in decades.
    backward, forward : (seeds, layers)
        Frobenius norms of the gradient at, and of the output of, each hidden activation.
    spread : (seeds, layers)
        ‖H − mean over inputs‖_F / ‖H‖_F of that output: what still tells inputs apart.
    spectrum : (seeds, width)
        Natural logarithms of the singular values of the hidden layers' end-to-end Jacobian at
        the batch's first input, largest first.
    """

    gain: Floats
    backward: Floats
    forward: Floats
    spread: Floats
    spectrum: Floats


@dataclass(frozen=True)
class Measurement:
    """What `run` measured; arrays have one row a seed.

    Attributes
    ----------
    name : str
        The start's name.
    start, end : Signal
        Before and after training.
    accuracy : (seeds,) array
        On the test set after training (after the last whole epoch, where a run diverged).
    accuracy_by_epoch : (seeds, epochs + 1) array
        On the test set before training and after each epoch; NaN after a divergence.
    predictions : (seeds, examples) array of int
        The class that the net, as its training ended, gives to each example of the test set.
    losses : (seeds, steps) array
        Training loss at each step; NaN after a divergence.
    moved : (seeds, layers + 1) array
        ‖change of W_l‖_F / ‖W_l‖_F of each weight matrix over the whole training.
    rates, grid_accuracy : (rates,) arrays
        The grid, and the accuracy at each of its rates on a validation set, for a seed that is
        not reported; a run that diverged counts as 0.
    rate : float
        The best of the grid, or its middle if every rate stayed at chance.
    at_chance : bool
        Whether every rate of the grid stayed at chance.
    linear, frozen : (seeds,) arrays
        Accuracy of a linear classifier on the inputs, and of this net with its hidden layers
        frozen as they start, each at the best rate of a grid of its own.
    """

    name: str
    start: Signal
    end: Signal
    accuracy: Floats
    accuracy_by_epoch: Floats
    predictions: NDArray[np.int64]
    losses: Floats
    moved: Floats
    rates: Floats
    grid_accuracy: Floats
    rate: float
    at_chance: bool
    linear: Floats
    frozen: Floats


def run(
    start: Start,
    *,
    update: Update | None = None,
    schedule: Callable[[float], Schedule] = schedules.constant,
    penalty: Update | None = None,
    architecture: Architecture = plain,
    prepare: Callable[[Params], Params] | None = None,
    data: Dataset | None = None,
    layers: int = 50,
    width: int = 64,
    seeds: int | Sequence[int] = 5,
    epochs: int = 5,
    batch_size: int = 64,
    rates: Sequence[float] | float = RATES,
    executor: Executor | None = None,
    progress: bool = False,
) -> Measurement:
    """Train a deep net from `start` with a remedy, and measure what became of it.

    Parameters
    ----------
    start : Start
        `DEAD`, `MILD`, `CRITICAL`, `EXPLODING`, or one of your own.
    update : Update
        ``momentum(0.9)`` unless given.
    schedule : callable
        Takes the rate, returns a function of the step number.
    penalty : Update, optional
        Applied to the parameters at every step before `update`, such as ``weight_decay(1e-3)``.
    architecture : callable
        ``(start, widths) -> Sequential``: `plain`, `ScaledBackward(factor)`, `TopOnly(k)`.
    prepare : callable, optional
        Changes the parameters once, before the training: ``params -> params``.
    data : Dataset
        The digits unless given.
    layers, width, epochs, batch_size : int
        Hidden layers and their width; passes through the data; examples a step.
    seeds : int or sequence of int
        How many, or which. A seed draws the start and the batches.
    rates : increasing sequence of float, or float
        The grid; a single rate is taken as it is.
    executor : concurrent.futures.Executor, optional
        Runs the trainings; None runs them here. The numbers are the same.
    progress : bool
        Show a progress bar.

    Raises
    ------
    EdgeOfGridError
        If the best rate lies on the edge of the grid, unless every rate is at chance.
    ValueError, TypeError
        If an argument is not of the form above.
    RuntimeError
        If a training failed, with its rate and seed.
    """
    data = digits() if data is None else data
    parts = [part for part in (penalty, update or updates.momentum()) if part is not None]
    setting = Setting(
        start=start,
        architecture=architecture,
        prepare=prepare,
        update=parts[0] if len(parts) == 1 else updates.chain(*parts),
        schedule=schedule,
        data=data,
        widths=_widths(data, layers, width),
        epochs=as_integer("epochs", epochs, minimum=1),
        batch_size=as_integer("batch_size", batch_size, minimum=1),
    )
    chosen = _seeds(seeds)
    tuning = tune(setting, as_grid(rates), executor, progress)
    trainings = train_seeds(setting, tuning.rate, chosen, executor, progress)
    by_epoch = np.array([t.accuracy_by_epoch for t in trainings])
    network = setting.architecture(start, setting.widths)
    return Measurement(
        name=start.name,
        start=_signal(network, [t.start for t in trainings], data),
        end=_signal(network, [t.end for t in trainings], data),
        accuracy=np.array([row[~np.isnan(row)][-1] for row in by_epoch]),
        accuracy_by_epoch=by_epoch,
        predictions=np.array([predictions(network, t.end, data.X_test) for t in trainings]),
        losses=np.array([t.losses for t in trainings]),
        moved=np.array([_moved(t.start, t.end) for t in trainings]),
        rates=tuning.rates,
        grid_accuracy=tuning.accuracy,
        rate=tuning.rate,
        at_chance=tuning.at_chance,
        linear=linear_baseline(setting, chosen),
        frozen=frozen_baseline(setting, chosen),
    )


def measure_start(
    start: Start,
    *,
    architecture: Architecture = plain,
    prepare: Callable[[Params], Params] | None = None,
    data: Dataset | None = None,
    layers: int = 50,
    width: int = 64,
    seeds: int | Sequence[int] = 5,
) -> Signal:
    """Measure signal and gradient where `run` would begin, without training anything.

    The arguments are those of `run`; so are the starts that the seeds draw.
    """
    data = digits() if data is None else data
    network = architecture(start, _widths(data, layers, width))
    params = [begin(network, prepare, seed)[0] for seed in _seeds(seeds)]
    return _signal(network, params, data)


def _signal(network: Sequential, nets: Sequence[Params], data: Dataset) -> Signal:
    X, y = data.X_train[:_PROBE], data.y_train[:_PROBE]
    hidden = Sequential(network.layers[:-1])
    return Signal(
        gain=np.array([diagnosis.backward_gain(network, p, X, y) for p in nets]),
        backward=np.array([diagnosis.backward_norms(network, p, X, y) for p in nets]),
        forward=np.array([diagnosis.forward_norms(network, p, X) for p in nets]),
        spread=np.array([diagnosis.forward_spread(network, p, X) for p in nets]),
        spectrum=np.array([diagnosis.jacobian_spectrum(hidden, p[:-1], X[0]) for p in nets]),
    )


def _moved(start: Params, end: Params) -> Floats:
    pairs = zip(tree_leaves(start), tree_leaves(end), strict=True)
    return np.array(
        [np.linalg.norm(W_end - W) / np.linalg.norm(W) for W, W_end in pairs if W.ndim == 2]
    )


def _widths(data: Dataset, layers: int, width: int) -> tuple[int, ...]:
    layers = as_integer("layers", layers, minimum=1)
    width = as_integer("width", width, minimum=1)
    return (data.X_train.shape[1], *[width] * layers, data.classes)


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    if isinstance(seeds, Sequence):
        chosen = [as_integer("seeds", seed, minimum=0) for seed in seeds]
        if not chosen:
            raise ValueError("seeds must name at least one seed, but it is empty")
        return chosen
    return list(range(as_integer("seeds", seeds, minimum=1)))
