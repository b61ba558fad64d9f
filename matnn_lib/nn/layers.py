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

from matnn_lib._validation import as_size

from .affine import Dense, LayerNorm
from .entrywise import Identity, ReLU, ScaleGradient, Sigmoid, Tanh
from .initializers import BiasInitializer, Initializer, zeros
from .layer import Floats, Layer, Params, Pullback, check_layer

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
class Residual:
    """Y = X + layer(X): the Jacobian is I plus the layer's.

    Parameters
    ----------
    layer : layer
        Returns as many columns as it reads.

    Raises
    ------
    TypeError, ValueError
        `layer` is none; from a call: it changes the shape, or what it raises itself.

    References
    ----------
    He, Zhang, Ren & Sun, Deep residual learning for image recognition, CVPR 2016, section 3.
    """

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

    Raises
    ------
    TypeError, ValueError
        `layers` holds none, or something else; from a call: there are not as many params as layers,
        or what a layer raises itself.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323
    (1986); Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.5.

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

    Returns
    -------
    Sequential

    Raises
    ------
    TypeError, ValueError
        Fewer than two widths, one that is no integer from 1 to 10⁸, or an activation that is no
        layer.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), chapter 6.

    Examples
    --------
    >>> from matnn_lib.nn import standard
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
