"""One training, and the search for the rate at which it is run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats, as_array
from matnn_lib.nn.layers import Sequential
from matnn_lib.nn.losses import softmax_cross_entropy
from matnn_lib.nn.training import DivergenceWarning, train
from matnn_lib.nn.updates import Update, check_update
from matnn_lib.study.datasets import Dataset
from matnn_lib.study.starts import Architecture, Start, check_architecture, check_start
from matnn_lib.study.sweep import sweep

Params = Any
Schedule = Callable[[int], float]
TUNING_SEED = 1_000_000
"""The first of the seeds with which rates are chosen, and which no result is reported for."""


class EdgeOfGridError(ValueError):
    """The best rate lies on the edge of its grid, so that the arm says nothing."""


@dataclass(frozen=True)
class Setting:
    """All that a training needs but its rate and its seed."""

    start: Start
    architecture: Architecture
    prepare: Callable[[Params], Params] | None
    update: Update
    schedule: Callable[[float], Schedule]
    data: Dataset
    widths: tuple[int, ...]
    epochs: int
    batch_size: int

    def __post_init__(self) -> None:
        check_start(self.start)
        check_update("update", self.update)
        check_architecture(self.architecture)
        if self.prepare is not None and not callable(self.prepare):
            raise TypeError(f"prepare must be a function of params, but it is {self.prepare!r:.60}")
        if not callable(self.schedule):
            raise TypeError(
                "schedule must be a function of the rate, such as schedules.constant, "
                f"but it is {self.schedule!r:.60}"
            )
        if not callable(self.schedule(1.0)):
            raise TypeError(
                "schedule must return a function of the step number when given a rate, as "
                f"schedules.constant does, but it returns {self.schedule(1.0)!r:.60}"
            )


def begin(
    network: Sequential, prepare: Callable[[Params], Params] | None, seed: int
) -> tuple[Params, np.random.Generator]:
    """Return the parameters that `seed` draws, and the generator of its batches."""
    initial, batches = np.random.SeedSequence(seed).spawn(2)
    params = network.init(np.random.default_rng(initial))
    if prepare is not None:
        params = prepare(params)
    return params, np.random.default_rng(batches)


class Training(NamedTuple):
    """A training from `start` to `end`, with its losses (steps,) and accuracies (epochs + 1,).

    If it diverged, `end` holds the last parameters that were finite, and the rest of both is NaN.
    """

    start: Params
    end: Params
    diverged: bool
    losses: Floats
    accuracy_by_epoch: Floats

    @property
    def accuracy(self) -> float:
        """The accuracy after the last whole epoch."""
        return float(self.accuracy_by_epoch[~np.isnan(self.accuracy_by_epoch)][-1])


class Tuning(NamedTuple):
    """The grid, the accuracy at each of its rates, the rate chosen, and whether all were chance."""

    rates: Floats
    accuracy: Floats
    rate: float
    at_chance: bool


def train_once(setting: Setting, rate: float, seed: int) -> Training:
    """Train the net of `setting` at `rate` with the start and the batches of `seed`."""
    network = setting.architecture(setting.start, setting.widths)
    start, rng = begin(network, setting.prepare, seed)
    data = setting.data
    per_epoch = -(-len(data.X_train) // setting.batch_size)
    by_epoch = np.full(setting.epochs + 1, np.nan)
    by_epoch[0] = accuracy(network, start, data.X_test, data.y_test)

    def note(step: int, loss: float, params: Params) -> None:
        if (step + 1) % per_epoch == 0:
            epoch = (step + 1) // per_epoch
            by_epoch[epoch] = accuracy(network, params, data.X_test, data.y_test)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        end, history = train(
            network,
            start,
            (data.X_train, data.y_train),
            softmax_cross_entropy,
            setting.update,
            setting.schedule(rate),
            epochs=setting.epochs,
            batch_size=setting.batch_size,
            rng=rng,
            on_step=note,
        )
    if history.outcome == "interrupted":
        raise KeyboardInterrupt
    losses = np.full(setting.epochs * per_epoch, np.nan)
    losses[: len(history.losses)] = history.losses
    return Training(start, end, history.outcome == "diverged", losses, by_epoch)


def accuracy(network: Sequential, params: Params, X: Floats, y: np.ndarray) -> float:
    """Return the share of the rows of X whose largest output is the one that y names."""
    return float(np.mean(predictions(network, params, X) == y))


def predictions(network: Sequential, params: Params, X: Floats) -> NDArray[np.int64]:
    """Return the number of the largest output for each row of X."""
    with np.errstate(all="ignore"):  # A net that diverged may overflow here.
        largest: NDArray[np.int64] = np.argmax(network(params, X)[0], axis=1)
    return largest


def train_seeds(
    setting: Setting,
    rate: float,
    seeds: Sequence[int],
    executor: Executor | None,
    progress: bool,
) -> list[Training]:
    """Return the trainings at one rate, one a seed."""
    return _collect(_Trial(setting, train_once), [rate], seeds, executor, progress)


def tune(
    setting: Setting,
    rates: Floats,
    executor: Executor | None,
    progress: bool,
    seeds: int = 1,
) -> Tuning:
    """Choose the rate with the best mean accuracy on a validation set, for seeds not reported.

    The validation set is a fifth of the training set; the test set is not looked at. A training
    that diverges counts as 0. If every rate stays within half as much again of chance, the grid's
    middle is chosen. Of several best rates the middle one is taken, and none on the edge if there
    is another. A grid of one rate is taken as it is.
    """
    if len(rates) == 1:
        return Tuning(rates, np.full(1, np.nan), float(rates[0]), False)
    scores = try_rates(setting, rates, executor, progress, seeds)
    if scores.max() <= 1.5 / setting.data.classes:
        return Tuning(rates, scores, float(rates[len(rates) // 2]), True)
    ties = np.flatnonzero(scores == scores.max())
    inside = ties[(ties > 0) & (ties < len(rates) - 1)]
    if not inside.size:
        table = ", ".join(f"{r:g}: {s:.3f}" for r, s in zip(rates, scores, strict=True))
        raise EdgeOfGridError(
            f"the best rate, {rates[ties[0]]:g}, lies on the edge of its grid ({table}): "
            "widen the grid on that side"
        )
    return Tuning(rates, scores, float(rates[inside[len(inside) // 2]]), False)


def try_rates(
    setting: Setting,
    rates: Floats,
    executor: Executor | None,
    progress: bool,
    seeds: int = 1,
) -> Floats:
    """Return the mean accuracy at each of the rates on the validation set that `tune` describes."""
    data = setting.data
    if len(data.X_train) < 5:
        raise ValueError(
            "data must hold at least 5 training examples, of which one is kept aside to choose "
            f"the rate, but it holds {len(data.X_train)}"
        )
    order = np.random.default_rng(0).permutation(len(data.X_train))
    held_out, kept = np.split(order, [len(order) // 5])
    X, y = data.X_train, data.y_train
    setting = replace(setting, data=Dataset(X[kept], y[kept], X[held_out], y[held_out]))
    trial = _Trial(setting, _score)
    chosen = range(TUNING_SEED, TUNING_SEED + seeds)
    scores = np.array(_collect(trial, rates.tolist(), chosen, executor, progress))
    means: Floats = scores.reshape(len(rates), seeds).mean(axis=1)
    return means


def as_grid(rates: Sequence[float] | float) -> Floats:
    """Return `rates` as an increasing array of positive numbers."""
    if isinstance(rates, bool):
        raise TypeError(f"rates must be numbers, but it is {rates}")
    grid = np.atleast_1d(as_array("rates", rates))
    if grid.ndim != 1 or (grid <= 0).any() or (np.diff(grid) <= 0).any():
        raise ValueError(f"rates must be positive and increasing, but they are {rates!r}")
    return grid


@dataclass(frozen=True)
class _Trial:
    """A function of (setting, rate, seed) in the form that `sweep` calls.

    The sweep's own generator is not used: arms are compared on the same starts and batches, so
    that these hang on the seed alone.
    """

    setting: Setting
    function: Callable[[Setting, float, int], Any]

    def __call__(self, rate: float, seed: int, rng: np.random.Generator) -> Any:
        return self.function(self.setting, rate, seed)


def _score(setting: Setting, rate: float, seed: int) -> float:
    training = train_once(setting, rate, seed)
    return 0.0 if training.diverged else training.accuracy


def _collect(
    trial: _Trial,
    rates: Sequence[float],
    seeds: Sequence[int],
    executor: Executor | None,
    progress: bool,
) -> list[Any]:
    outcomes = sweep(trial, {"rate": rates, "seed": seeds}, executor, progress)
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if failed:
        rate, seed = failed[0].point.values()
        others = f" (and {len(failed) - 1} more of {len(outcomes)})" if len(failed) > 1 else ""
        raise RuntimeError(
            f"the training at rate {rate:g} with seed {seed}{others} failed: {failed[0].error}"
        )
    return [outcome.value for outcome in outcomes]
