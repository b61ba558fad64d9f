"""The training loop: minibatches, one update each, and an honest end."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_array, as_generator, as_integer, as_matrix, as_number

from .layer import Floats, Layer, Params, as_params
from .losses import check_labels, softmax_cross_entropy
from .moving import all_finite, unmarked
from .schedules import Schedule
from .tree import tree_leaves, tree_map
from .updates import Update, check_update

Loss = Callable[[Floats, NDArray[Any]], tuple[float, Floats]]

BAD_START = "weights that start too large, or data that are not standardised"
TOO_BOLD = "a learning rate that is too large, or a start whose gradients explode"


class DivergenceWarning(RuntimeWarning):
    """Training stopped because its loss or its parameters were no longer finite."""


@dataclass(frozen=True)
class History:
    """What happened, step by step.

    Attributes
    ----------
    losses, rates : (steps,) arrays
        The loss of each step's batch before the step, and the step's rate.
    steps : int
        Steps that the returned parameters have taken.
    outcome : {"finished", "interrupted", "diverged"}
    message : str
        One sentence: how it ended, and if it diverged, the likeliest causes.
    """

    losses: NDArray[np.float64]
    rates: NDArray[np.float64]
    steps: int
    outcome: Literal["finished", "interrupted", "diverged"]
    message: str


def train(
    network: Layer,
    params: Params,
    data: tuple[Floats, NDArray[Any]],
    loss: Loss,
    update: Update,
    schedule: Schedule,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    on_step: Callable[[int, float, Params], object] | None = None,
) -> tuple[Params, History]:
    """Train `network` on `data` and return its parameters and the history.

    Each epoch shuffles the examples and takes them in batches; the last batch of an epoch may be
    shorter. All is computed in float32 if X and all params are float32, else in float64. Ctrl-C
    ends the training after the last complete step. A loss or parameter that is no longer finite
    ends it with a `DivergenceWarning` and the last parameters that were finite.

    Parameters
    ----------
    network : layer
    params : nested tuple of arrays
        As `network.init` returns them.
    data : pair of arrays
        X of shape ``(n, d_in)`` and y: for `softmax_cross_entropy` n integer labels, else n rows
        of what the loss takes.
    loss : callable
        ``loss(output, y) -> (value, gradient)``; see `matnn_lib.nn.losses`.
    update : Update
        Such as ``momentum()``; see `matnn_lib.nn.updates`.
    schedule : callable
        From the step number (from 0) to the rate, such as ``constant(0.01)``.
    epochs : int
        At least 0.
    batch_size : int
        At least 1; one larger than n means the whole set.
    rng : numpy.random.Generator
        Shuffles.
    on_step : callable, optional
        Called as ``on_step(step, loss, params)`` after every step, with the new params.

    Returns
    -------
    params : nested tuple of arrays
    history : History

    Raises
    ------
    TypeError, ValueError
        Arguments of the wrong kind, shape or value; all are checked before the first step.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.1.3 (minibatches).
    """
    epochs = as_integer("epochs", epochs, minimum=0)
    batch_size = as_integer("batch_size", batch_size, minimum=1)
    as_generator("rng", rng)
    check_update("update", update)
    for name, given in (("network", network), ("loss", loss), ("schedule", schedule)):
        if not callable(given):
            raise TypeError(f"{name} must be a function, but it is {given!r:.60}")
    if on_step is not None and not callable(on_step):
        raise TypeError(f"on_step must be a function or None, but it is {on_step!r:.60}")
    params, X, y = _prepare(network, params, data, loss)
    state = update.init(params)
    losses: list[float] = []
    rates: list[float] = []
    step = 0
    # One assignment moves params and step together, so that Ctrl-C never finds one without the
    # other; losses and rates are cut to length at the end.
    reached = (params, step)
    try:
        # Overflow is this function's own subject: it reports it, NumPy need not.
        with np.errstate(all="ignore"):
            for rows in _batches(len(X), epochs, batch_size, rng):
                rate = as_number(f"schedule({step})", schedule(step), minimum=0)
                value, gradients = _value_and_gradients(network, params, loss, X[rows], y[rows])
                if not math.isfinite(value):
                    causes = TOO_BOLD if step else BAD_START
                    return _diverged(reached, losses, rates, f"the loss is {value}", causes)
                stepped, state = update.step(params, gradients, state, rate)
                del gradients  # The next step's arrays take their place, still in the cache.
                if not all_finite(stepped):
                    what = f"a step at rate {rate:g} makes a parameter infinite or NaN"
                    return _diverged(reached, losses, rates, what, TOO_BOLD)
                losses.append(value)
                rates.append(rate)
                params, step = reached = unmarked(stepped), step + 1
                if on_step is not None:
                    on_step(step - 1, value, params)
    except KeyboardInterrupt:
        message = f"Interrupted after {reached[1]} steps."
        return reached[0], _history(reached[1], losses, rates, "interrupted", message)
    return params, _history(step, losses, rates, "finished", f"Finished {step} steps.")


def _batches(
    n: int, epochs: int, batch_size: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    for _ in range(epochs):
        order = rng.permutation(n)
        for start in range(0, n, batch_size):
            yield order[start : start + batch_size]


def _prepare(
    network: Layer, params: Params, data: tuple[Floats, NDArray[Any]], loss: Loss
) -> tuple[Params, Floats, NDArray[Any]]:
    try:
        X, y = data
    except (TypeError, ValueError):
        raise TypeError("data must be a pair (X, y), but it can't be taken apart as one") from None
    X = as_matrix("X", X)
    params = as_params(params)
    dtype = np.result_type(X, *tree_leaves(params))
    X = X.astype(dtype, copy=False)
    params = tree_map(lambda w: w.astype(dtype, copy=False), params)
    y = np.asarray(y)
    if y.dtype.kind not in "iu" and loss is not softmax_cross_entropy:
        y = as_array("y", y).astype(dtype, copy=False)
    if y.ndim == 0 or len(y) != len(X):
        raise ValueError(f"y must have as many rows as X, {len(X)}, but its shape is {y.shape}")
    # One example through network and loss: whatever doesn't fit speaks up before the first step.
    with np.errstate(all="ignore"):
        output, _ = network(params, X[:1])
        if loss is softmax_cross_entropy:
            check_labels(np.broadcast_to(output, (len(X), output.shape[1])), y)
        else:
            _check_pair(loss(output, y[:1]))
    return params, X, y


def _check_pair(returned: object) -> None:
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise TypeError(
            f"loss must return a pair (value, gradient), but it returned {returned!r:.60}"
        )


def _value_and_gradients(
    network: Layer, params: Params, loss: Loss, X: Floats, y: NDArray[Any]
) -> tuple[float, Params]:
    output, pullback = network(params, X)
    value, gradient = loss(output, y)
    return value, pullback(gradient)[1]


def _diverged(
    reached: tuple[Params, int], losses: list[float], rates: list[float], what: str, causes: str
) -> tuple[Params, History]:
    params, step = reached
    message = f"Training diverged at step {step} ({what}); the likeliest causes are {causes}."
    warnings.warn(message, DivergenceWarning, stacklevel=3)
    return params, _history(step, losses, rates, "diverged", message)


def _history(
    steps: int,
    losses: list[float],
    rates: list[float],
    outcome: Literal["finished", "interrupted", "diverged"],
    message: str,
) -> History:
    return History(np.array(losses[:steps]), np.array(rates[:steps]), steps, outcome, message)
