"""The experiment of the course as one call: train a deep net from a start, with a remedy.

`run` tunes the learning rate on its own grid with seeds that are not reported, trains five seeds
at the best rate, and measures signal and gradient before and after. Two arms with the same seeds
begin with the same random numbers and see the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats, as_integer, as_size
from matnn_lib.nn import schedules, updates
from matnn_lib.nn.updates import Update, check_update
from matnn_lib.study.baselines import frozen_baseline, linear_baseline
from matnn_lib.study.datasets import Dataset, digits
from matnn_lib.study.signals import Signal, measure_ends, measure_nets, moved
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
    check_architecture,
    check_start,
    plain,
)
from matnn_lib.study.trials import (
    TUNING_SEED,
    EdgeOfGridError,
    Params,
    Schedule,
    Setting,
    as_grid,
    begin,
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
        ‖change of W_l‖_F / ‖W_l‖_F of each weight matrix over the whole training; NaN where it
        diverged.
    rates, grid_accuracy : (rates,) arrays
        The grid, and the mean accuracy at each of its rates on a validation set, for seeds that
        are not reported; a run that diverged counts as 0, and a grid of one rate is not tried
        (NaN).
    rate : float
        The best of the grid, or its middle if every rate stayed at chance.
    at_chance : bool
        Whether every rate of the grid stayed at chance.
    linear, frozen : (seeds,) arrays
        Accuracy of a linear classifier on the inputs, and of this net with its hidden layers
        frozen as they start, each at the best rate of a grid of its own; the frozen layers'
        output is scaled to a mean square of 1, so that a small signal counts like a large one.
    initial_params, params : tuple of parameters, one a seed
        Of the nets before and after training, for what is not measured above.
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
    initial_params: tuple[Params, ...]
    params: tuple[Params, ...]
    _trained: tuple[Setting, list[int]]

    # A dozen small trainings each, which many an experiment never asks for: computed when it does.
    @cached_property
    def linear(self) -> Floats:
        return linear_baseline(*self._trained)

    @cached_property
    def frozen(self) -> Floats:
        return frozen_baseline(*self._trained)

    def __getstate__(self) -> dict[str, Any]:
        """Return all numbers and no functions, which might not pass to another process."""
        everything = {**vars(self), "linear": self.linear, "frozen": self.frozen}
        return {name: value for name, value in everything.items() if name != "_trained"}


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
    tuning_seeds: int = 1,
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
    tuning_seeds : int
        Over how many seeds, none of them reported, the accuracy at a rate is averaged. Where a
        task is learned from some starts only, one says little.
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
    update = updates.momentum() if update is None else update
    if penalty is not None:
        check_update("penalty", penalty)
        check_update("update", update)
        update = updates.chain(penalty, update)
    setting = Setting(
        start=start,
        architecture=architecture,
        prepare=prepare,
        update=update,
        schedule=schedule,
        data=data,
        widths=_widths(data, layers, width),
        epochs=as_integer("epochs", epochs, minimum=1),
        batch_size=as_integer("batch_size", batch_size, minimum=1),
    )
    tuning_seeds = as_integer("tuning_seeds", tuning_seeds, minimum=1)
    chosen = _seeds(seeds, tuning_seeds)
    tuning = tune(setting, as_grid(rates), executor, progress, tuning_seeds)
    trainings = train_seeds(setting, tuning.rate, chosen, executor, progress)
    network = setting.architecture(start, setting.widths)
    return Measurement(
        name=start.name,
        start=measure_nets(network, [t.start for t in trainings], data),
        end=measure_ends(network, trainings, data),
        accuracy=np.array([t.accuracy for t in trainings]),
        accuracy_by_epoch=np.array([t.accuracy_by_epoch for t in trainings]),
        predictions=np.array([predictions(network, t.end, data.X_test) for t in trainings]),
        losses=np.array([t.losses for t in trainings]),
        moved=np.array([moved(t) for t in trainings]),
        rates=tuning.rates,
        grid_accuracy=tuning.accuracy,
        rate=tuning.rate,
        at_chance=tuning.at_chance,
        initial_params=tuple(t.start for t in trainings),
        params=tuple(t.end for t in trainings),
        _trained=(setting, chosen),
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
    check_start(start)
    check_architecture(architecture)
    data = digits() if data is None else data
    network = architecture(start, _widths(data, layers, width))
    return measure_nets(network, [begin(network, prepare, s)[0] for s in _seeds(seeds)], data)


def _widths(data: Dataset, layers: int, width: int) -> tuple[int, ...]:
    if not isinstance(data, Dataset):
        raise TypeError(
            f"data must be a Dataset such as digits(), but it is of type {type(data).__name__}"
        )
    layers, width = as_size("layers", layers), as_size("width", width)
    return (data.X_train.shape[1], *[width] * layers, data.classes)


def _seeds(seeds: int | Sequence[int], tuning_seeds: int = 1) -> list[int]:
    if not isinstance(seeds, (Sequence, np.ndarray)):
        return list(range(as_integer("seeds", seeds, minimum=1)))
    chosen = [as_integer("an entry of seeds", seed, minimum=0) for seed in seeds]
    if not chosen:
        raise ValueError("seeds must name at least one seed, but it is empty")
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"seeds must differ, but {max(chosen, key=chosen.count)} is named twice")
    for seed in range(TUNING_SEED, TUNING_SEED + tuning_seeds):
        if seed in chosen:
            raise ValueError(
                f"seeds must not hold {seed}, with which the rate is chosen, but it does"
            )
    return chosen
