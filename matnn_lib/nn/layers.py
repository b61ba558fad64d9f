"""Layers: a network is a chain of matrices with bends between them.

``Y, pullback = layer(params, X)`` goes forward and ``dX, gradients = pullback(dY)`` back;
`Sequential` composes pullbacks in reverse, and that is backpropagation (Rumelhart, Hinton &
Williams 1986).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from matnn_lib._validation import as_generator, as_number, as_size

from .entrywise import Identity, ReLU, ScaleGradient, Sigmoid, Tanh
from .initializers import BiasInitializer, Initializer, standard, zeros
from .layer import (
    Floats,
    Layer,
    Params,
    Pullback,
    check_batch,
    check_layer,
    check_params,
    check_signal,
)

__all__ = [
    "Dense",
    "Identity",
    "Layer",
    "LayerNorm",
    "ReLU",
    "Residual",
    "ScaleGradient",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "mlp",
]


@dataclass(frozen=True)
class Dense:
    """Y = X W + b, with W of shape ``(d_in, d_out)`` and b of shape ``(d_out,)``.

    Parameters
    ----------
    d_in, d_out : int
        Widths, at least 1.
    initializer, bias_initializer : callable
        ``(rng, d_in, d_out)`` to W and to b; see `matnn_lib.nn.initializers`.

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
        check_params(self, params, (self.d_in, self.d_out), (self.d_out,))
        check_batch(self, X, self.d_in)
        W, b = params
        Y = X @ W
        Y += b
        shape = Y.shape  # Y itself need not outlive the activation that follows.

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            check_signal(self, dY, shape)
            # The product with ones sums the columns in half the time of sum(axis=0).
            return dY @ W.T, (X.T @ dY, np.ones(len(dY), dY.dtype) @ dY)

        return Y, pullback


@dataclass(frozen=True)
class LayerNorm:
    """Each row brought to mean 0 and variance 1, then times `gain` plus `offset`.

    Y = (X − mean) / √(variance + epsilon) · gain + offset, with mean and variance over the d
    entries of a row (Ba, Kiros & Hinton 2016, section 3); starts with gain 1 and offset 0.
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


@dataclass(frozen=True)
class Residual:
    """Y = X + layer(X): the Jacobian is I plus the layer's (He et al. 2016, section 3)."""

    layer: Layer

    def __post_init__(self) -> None:
        check_layer("layer", self.layer)

    def init(self, rng: np.random.Generator) -> Params:
        """Draw the parameters of the layer inside."""
        return self.layer.init(rng)

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return X + layer(X), of the shape of X, and the pullback."""
        F, inner = self.layer(params, X)
        if F.shape != X.shape:
            raise ValueError(
                f"Residual needs a layer that keeps the shape {X.shape}, but it returned {F.shape}"
            )

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            dX, gradients = inner(dY)
            return dY + dX, gradients

        return X + F, pullback


@dataclass(frozen=True)
class Sequential:
    """One layer after another; the parameters are the tuple of the layers' own.

    Parameters
    ----------
    layers : iterable of layers
        At least one; kept as a tuple.

    Examples
    --------
    >>> Sequential([Dense(3, 2), Tanh()])
    Sequential(layers=(Dense(3, 2), Tanh()))
    """

    layers: tuple[Layer, ...] = field()

    def __init__(self, layers: Iterable[Layer]) -> None:
        try:
            object.__setattr__(self, "layers", tuple(layers))
        except TypeError:
            raise TypeError(
                f"layers must be a sequence of layers, but it is {layers!r:.60}"
            ) from None
        if not self.layers:
            raise ValueError("layers must hold at least one layer, but it is empty")
        for i, layer in enumerate(self.layers):
            check_layer(f"layers[{i}]", layer)

    def init(self, rng: np.random.Generator) -> Params:
        """Draw the parameters of all layers, first to last."""
        return tuple([layer.init(rng) for layer in self.layers])

    def __call__(self, params: Params, X: Floats) -> tuple[Floats, Pullback]:
        """Return the last layer's value and the pullback through all."""
        if not isinstance(params, tuple) or len(params) != len(self.layers):
            got = (
                f"a tuple of {len(params)}" if isinstance(params, tuple) else type(params).__name__
            )
            raise ValueError(
                f"Sequential of {len(self.layers)} layers needs as many params, but got {got}"
            )
        pullbacks = []
        for layer, own in zip(self.layers, params, strict=True):
            X, pullback_of_layer = layer(own, X)
            pullbacks.append(pullback_of_layer)

        def pullback(dY: Floats) -> tuple[Floats, Params]:
            gradients = []
            for pull in reversed(pullbacks):
                dY, gradient = pull(dY)
                gradients.append(gradient)
            return dY, tuple(reversed(gradients))

        return X, pullback


def mlp(
    widths: Sequence[int],
    activation: Layer,
    initializer: Initializer,
    bias_initializer: BiasInitializer = zeros,
) -> Sequential:
    """Build dense layers between the `widths`, with the activation after each but the last.

    Parameters
    ----------
    widths : sequence of int
        Of the input, the hidden layers and the output: at least two.
    activation : layer
        Such as ``Tanh()``.
    initializer, bias_initializer : callable
        As in `Dense`.

    Examples
    --------
    >>> mlp([64, 32, 10], Tanh(), standard).layers
    (Dense(64, 32), Tanh(), Dense(32, 10))
    """
    try:
        sizes = [as_size(f"widths[{i}]", d) for i, d in enumerate(widths)]
    except TypeError as error:
        raise TypeError(f"widths must be a sequence of integers ({error})") from None
    if len(sizes) < 2:
        raise ValueError(f"widths must hold at least two numbers, but it holds {len(sizes)}")
    layers: list[Layer] = []
    for d_in, d_out in itertools.pairwise(sizes):
        layers += [Dense(d_in, d_out, initializer, bias_initializer), activation]
    return Sequential(layers[:-1])
