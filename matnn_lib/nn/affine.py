"""Layers with parameters of their own: a matrix and a bias, a gain and an offset."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from matnn_lib._validation import as_generator, as_number, as_size

from .initializers import BiasInitializer, Initializer, standard, zeros
from .layer import Floats, Params, Pullback, check_batch, check_params, check_signal
from .products import sum_of_rows, times_transpose


@dataclass(frozen=True, slots=True)
class Dense:
    """Y = X W + b, with W of shape ``(d_in, d_out)`` and b of shape ``(d_out,)``.

    Parameters
    ----------
    d_in, d_out : int
        Widths: columns of X and of Y.
    initializer, bias_initializer : callable
        ``(rng, d_in, d_out)`` to W and to b; see `matnn_lib.nn.initializers`.

    Raises
    ------
    TypeError, ValueError
        A width is no integer from 1 to 10⁸; from `init`: `rng` is no generator, or an initializer
        returns another shape; from a call: params, X or dY don't fit, in kind or shape.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323
    (1986); Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.5.

    Examples
    --------
    >>> layer = Dense(2, 1)
    >>> Y, pullback = layer((np.array([[2.0], [3.0]]), np.array([1.0])), np.array([[1.0, 1.0]]))
    >>> Y, pullback(np.array([[1.0]]))[0]
    (array([[6.]]), array([[2., 3.]]))
    """

    d_in: int
    d_out: int
    initializer: Initializer = standard
    bias_initializer: BiasInitializer = zeros

    def __post_init__(self) -> None:
        as_size("d_in", self.d_in)
        as_size("d_out", self.d_out)

    def __repr__(self) -> str:
        return f"Dense({self.d_in}, {self.d_out})"

    def init(self, rng: np.random.Generator) -> Params:
        """Draw ``(W, b)``."""
        as_generator("rng", rng)
        params = (
            self.initializer(rng, self.d_in, self.d_out),
            self.bias_initializer(rng, self.d_in, self.d_out),
        )
        check_params(self, params, (self.d_in, self.d_out), (self.d_out,))
        return params

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return X W + b, of shape ``(n, d_out)``, and the pullback."""
        d_in, d_out = self.d_in, self.d_out
        check_params(self, params, (d_in, d_out), (d_out,))
        check_batch(self, X, d_in)
        W, b = params
        Y = X.dot(W)  # of two matrices the same as X @ W, and less ado
        Y += b
        # A partial function is fewer objects than a closure: a deep net keeps thousands at a time.
        return Y, partial(_pull_back_dense, self, W, X)


def _pull_back_dense(layer: Dense, W: Floats, X: Floats, dY: Floats) -> tuple[Floats, Params]:
    check_signal(layer, dY, (len(X), layer.d_out))
    return times_transpose(dY, W), (X.T.dot(dY), sum_of_rows(dY))


@dataclass(frozen=True)
class LayerNorm:
    """Each row brought to mean 0 and variance 1, then times `gain` plus `offset`.

    Y = (X − mean) / √(variance + epsilon) · gain + offset, with mean and variance over the d
    entries of a row; starts with gain 1 and offset 0.

    Parameters
    ----------
    d : int
        Width: columns of X and of Y.
    epsilon : float, optional
        Positive, in units of the variance.

    Raises
    ------
    TypeError, ValueError
        `d` is no integer from 1 to 10⁸ or `epsilon` not positive; from a call: params, X or dY
        don't fit, in kind or shape.

    References
    ----------
    Ba, Kiros & Hinton, Layer normalization, arXiv:1607.06450 (2016), section 3.
    """

    d: int
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        as_size("d", self.d)
        object.__setattr__(self, "epsilon", as_number("epsilon", self.epsilon, above=0))

    def __repr__(self) -> str:
        return f"LayerNorm({self.d})"

    def init(self, rng: np.random.Generator) -> Params:
        """Return ``(gain, offset)``: ones and zeros of shape ``(d,)``."""
        return np.ones(self.d), np.zeros(self.d)

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return the normalised rows, of the shape of X, and the pullback."""
        check_params(self, params, (self.d,), (self.d,))
        check_batch(self, X, self.d)
        gain, offset = params
        centred = X - X.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + self.epsilon)
        Z = centred / deviation
        Y = Z * gain + offset

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            check_signal(self, dY, Y.shape)
            dZ = dY * gain
            # Row by row the Jacobian projects out the mean and the direction of Z itself.
            dX = dZ - dZ.mean(axis=1, keepdims=True) - Z * (dZ * Z).mean(axis=1, keepdims=True)
            return dX / deviation, ((dY * Z).sum(axis=0), dY.sum(axis=0))

        return Y, pullback
