"""Functions that act on each entry by itself; their Jacobians are diagonal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from matnn_lib._validation import as_number

from .layer import Floats, Params, Pullback, as_floats, check_signal

SATURATED = 0.99995
"""A |Y| above this, |X| above 5.3, takes more than 4 of the 16 digits from 1 − Y²."""


@dataclass(frozen=True)
class Tanh:
    """Y = tanh(X); slope 1 − Y², at most 1 (at 0).

    Raises
    ------
    TypeError, ValueError
        From a call: X is no real array, or dY of another shape than Y.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.3.2.
    """

    def init(self, rng: np.random.Generator) -> Params:
        """Return ``()``: there is nothing to draw."""
        return ()

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return tanh(X), of the shape of X, and the pullback."""
        X = as_floats("X", X)
        Y = np.tanh(X)
        # X is kept only where it is needed: otherwise its memory, still in the cache, is free for
        # the next layer. (argmin and argmax take half the time of min and max.)
        steep = not Y.size or (Y.item(Y.argmin()) >= -SATURATED and Y.item(Y.argmax()) <= SATURATED)
        kept = None if steep else X
        return Y, partial(_pull_back_tanh, self, Y, kept)  # partial: as in Dense


def _pull_back_tanh(
    layer: Tanh, Y: Floats, kept: Floats | None, dY: Floats
) -> tuple[Floats, Params]:
    check_signal(layer, dY, Y.shape)
    slope = Y * Y
    np.subtract(1, slope, slope)
    if kept is not None:
        flat = np.abs(Y) > SATURATED
        E = np.exp(-2 * np.abs(kept[flat]))
        slope[flat] = 4 * E / (1 + E) ** 2
    slope *= dY
    return slope, ()


@dataclass(frozen=True)
class Sigmoid:
    """Y = 1 / (1 + exp(−X)); slope Y (1 − Y), at most 1/4 (at 0).

    Raises
    ------
    TypeError, ValueError
        From a call: X is no real array, or dY of another shape than Y.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.3.2.
    """

    def init(self, rng: np.random.Generator) -> Params:
        """Return ``()``: there is nothing to draw."""
        return ()

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return the sigmoid of X, of the shape of X, and the pullback."""
        X = as_floats("X", X)
        # exp(−|X|) never overflows, and keeps the digits of values and slopes near 0 on both sides.
        E = np.exp(-np.abs(X))
        D = 1 + E
        Y = np.where(X >= 0, 1.0, E) / D

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            check_signal(self, dY, Y.shape)
            return dY * (E / (D * D)), ()

        return Y, pullback


@dataclass(frozen=True)
class ReLU:
    """Y = max(X, 0); slope 1 where X > 0, else 0 (at 0, too).

    Raises
    ------
    TypeError, ValueError
        From a call: X is no real array, or dY of another shape than Y.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.3.1.
    """

    def init(self, rng: np.random.Generator) -> Params:
        """Return ``()``: there is nothing to draw."""
        return ()

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return max(X, 0), of the shape of X, and the pullback."""
        X = as_floats("X", X)
        Y = np.maximum(X, 0)

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            check_signal(self, dY, Y.shape)
            return dY * (Y > 0), ()

        return Y, pullback


@dataclass(frozen=True)
class Identity:
    """Y = X: what is left of a deep linear network when nothing bends.

    Raises
    ------
    TypeError, ValueError
        From a call: X is no real array, or dY of another shape than Y.

    References
    ----------
    Saxe, McClelland & Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, ICLR 2014 (deep linear networks).
    """

    def init(self, rng: np.random.Generator) -> Params:
        """Return ``()``: there is nothing to draw."""
        return ()

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return X itself and the pullback."""
        X = as_floats("X", X)

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            check_signal(self, dY, X.shape)
            return dY, ()

        return X, pullback


@dataclass(frozen=True)
class ScaleGradient:
    """The identity forward; the gradient times `factor` on its way back.

    Its pullback is no transposed Jacobian: it takes the gradient's fate apart from the signal's.

    Parameters
    ----------
    factor : float
        Finite, of any sign.

    Raises
    ------
    TypeError, ValueError
        `factor` is no finite number; from a call: X is no real array, or dY of another shape.
    """

    factor: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", as_number("factor", self.factor))

    def init(self, rng: np.random.Generator) -> Params:
        """Return ``()``: there is nothing to draw."""
        return ()

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return X itself and the pullback."""
        X = as_floats("X", X)

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            check_signal(self, dY, X.shape)
            return dY * self.factor, ()

        return X, pullback
