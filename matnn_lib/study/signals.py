"""Signal and gradient in the nets of an arm, measured on one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats
from matnn_lib.nn import diagnosis
from matnn_lib.nn.layers import Sequential
from matnn_lib.nn.tree import tree_leaves
from matnn_lib.study.datasets import Dataset
from matnn_lib.study.trials import Params, Training

_PROBE = 64


@dataclass(frozen=True, eq=False)
class Signal:
    """Signal and gradient in a net, one row a seed, measured on one batch of 64.

    gain : (seeds,)
        Backward gain, log10(‖∂L/∂h_1‖_F / ‖∂L/∂h_L‖_F), in decades.
    backward, forward : (seeds, layers)
        Frobenius norms of the gradient at, and of the output of, each hidden activation.
    spread : (seeds, layers)
        ‖H − mean over inputs‖_F / ‖H‖_F of that output: what still tells inputs apart.
    spectrum : (seeds, width)
        Natural logarithms of the singular values of the hidden layers' end-to-end Jacobian at
        the batch's first input, largest first, as the way back sees it (`ScaledBackward` counts).

    The row of a net whose training diverged is NaN.
    """

    gain: Floats
    backward: Floats
    forward: Floats
    spread: Floats
    _jacobians: _Jacobians

    @cached_property
    def spectrum(self) -> Floats:
        # Four fifths of the time of a measurement, which most experiments never look at.
        return self._jacobians.spectra()

    def __getstate__(self) -> dict[str, Any]:
        """Return all numbers and no layers, which might not pass to another process."""
        everything = {**vars(self), "spectrum": self.spectrum}
        return {name: value for name, value in everything.items() if name != "_jacobians"}


class _Jacobians(NamedTuple):
    """What the spectra are computed from: hidden layers, their parameters, the input."""

    hidden: Sequential
    nets: tuple[Params, ...]
    diverged: NDArray[np.bool_]
    x: Floats

    def spectra(self) -> Floats:
        rows = [diagnosis.jacobian_spectrum(self.hidden, own, self.x) for own in self.nets]
        return np.where(self.diverged[:, np.newaxis], np.nan, np.array(rows))


def measure_nets(network: Sequential, nets: Sequence[Params], data: Dataset) -> Signal:
    """Return signal and gradient in `network` with each of the `nets`, its parameters."""
    return _measure(network, nets, np.zeros(len(nets), dtype=bool), data)


def measure_ends(network: Sequential, trainings: Sequence[Training], data: Dataset) -> Signal:
    """Return signal and gradient after training; NaN in the rows of those that diverged."""
    # Where a training diverged its start is measured, for the shape, and then crossed out.
    nets = [t.start if t.diverged else t.end for t in trainings]
    return _measure(network, nets, np.array([t.diverged for t in trainings]), data)


def _measure(
    network: Sequential, nets: Sequence[Params], diverged: NDArray[np.bool_], data: Dataset
) -> Signal:
    measured = [_measure_one(network, params, data) for params in nets]
    gain, backward, forward, spread = (np.array(rows) for rows in zip(*measured, strict=True))
    for rows in (gain, backward, forward, spread):
        rows[diverged] = np.nan
    hidden = Sequential(network.layers[:-1])
    own = tuple(params[:-1] for params in nets)
    jacobians = _Jacobians(hidden, own, diverged, data.X_train[0])
    return Signal(gain, backward, forward, spread, jacobians)


def _measure_one(
    network: Sequential, params: Params, data: Dataset
) -> tuple[float, Floats, list[float], list[float]]:
    """Return gain, backward, forward and spread of one net, from one pass forward and back."""
    X, y = data.X_train[:_PROBE], data.y_train[:_PROBE]
    _, hidden, backward, _ = diagnosis.trace(network, params, X, y)
    norms = np.array([diagnosis.frobenius_norm(B) for B in backward])
    return (
        diagnosis.decades(norms),
        norms,
        [diagnosis.frobenius_norm(H) for H in hidden],
        [diagnosis.spread(H) for H in hidden],
    )


def moved(training: Training) -> Floats:
    """Return ‖change of W_l‖_F / ‖W_l‖_F of each weight matrix over the whole training.

    Infinite where a matrix of zeros has moved; NaN if the training diverged.
    """
    pairs = zip(tree_leaves(training.start), tree_leaves(training.end), strict=True)
    matrices = [(W, W_end) for W, W_end in pairs if W.ndim == 2]
    if training.diverged:
        return np.full(len(matrices), np.nan)
    changes = np.array([diagnosis.frobenius_norm(W_end - W) for W, W_end in matrices])
    norms = np.array([diagnosis.frobenius_norm(W) for W, _ in matrices])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(changes == 0, 0.0, changes / norms)
