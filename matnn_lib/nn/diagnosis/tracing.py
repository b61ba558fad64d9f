"""One pass forward and back through a network, of which all that passes is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_matrix

from ..layer import Floats, Layer, Params, as_params
from ..layers import Identity, ReLU, Residual, Sequential, Sigmoid, Tanh
from ..losses import softmax_cross_entropy

Loss = Callable[[Floats, NDArray[Any]], tuple[float, Floats]]


class Trace(NamedTuple):
    """One pass forward and back.

    ``hidden[l]`` is the output h of the (l + 1)-th hidden layer, ``backward[l]`` is ∂L/∂h there,
    both ``(n, width)``; `gradients` has the form of the params.
    """

    loss: float
    hidden: list[Floats]
    backward: list[Floats]
    gradients: Params


def hidden_indices(network: Layer) -> list[int]:
    """Return which of ``network.layers`` give the hidden layers' outputs.

    Those are the activations (`Tanh`, `Sigmoid`, `ReLU`, `Identity`) and the composites
    (`Residual`, `Sequential`), in order.

    Parameters
    ----------
    network : Sequential

    Returns
    -------
    list of int

    Raises
    ------
    TypeError
        The network is no `Sequential`.
    ValueError
        It has no such layer.

    Examples
    --------
    >>> from matnn_lib.nn import Tanh, mlp, standard
    >>> hidden_indices(mlp([4, 3, 3, 2], Tanh(), standard))
    [1, 3]
    """
    hidden = (Tanh, Sigmoid, ReLU, Identity, Residual, Sequential)
    indices = [i for i, layer in enumerate(_layers(network)) if isinstance(layer, hidden)]
    if not indices:
        raise ValueError("network must have an activation between its layers, but it has none")
    return indices


@np.errstate(all="ignore")  # An overflow ends in a sentence, here or where a norm is taken.
def trace(
    network: Layer,
    params: Params,
    X: Floats,
    labels: NDArray[Any],
    loss: Loss = softmax_cross_entropy,
) -> Trace:
    """Run one batch forward and back and keep what passes between the hidden layers.

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    X : (n, d_in) array
    labels : (n,) array of int, or whatever `loss` takes
    loss : callable, optional

    Returns
    -------
    Trace
        ``(loss, hidden, backward, gradients)``; see `hidden_indices` for the layers that count.

    Raises
    ------
    TypeError, ValueError
        The network is no `Sequential`, something doesn't fit, or the loss is not finite.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323
    (1986); Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.5.
    """
    indices = hidden_indices(network)
    outputs, pullbacks = forward(network, params, X)
    value, dY = loss(outputs[-1], np.asarray(labels))
    if not math.isfinite(value):
        raise ValueError(f"the loss must be finite to be traced back, but it is {value}")
    arriving: list[Floats] = []
    gradients: list[Params] = []
    for pullback in reversed(pullbacks):
        arriving.append(dY)
        dY, gradient = pullback(dY)
        gradients.append(gradient)
    arriving.reverse()
    gradients.reverse()
    return Trace(
        value, [outputs[i] for i in indices], [arriving[i] for i in indices], tuple(gradients)
    )


@np.errstate(all="ignore")
def forward(
    network: Layer, params: Params, X: Floats
) -> tuple[list[Floats], list[Callable[[Floats], tuple[Floats, Params]]]]:
    """Run one batch forward; return each layer's outputs and pullback."""
    layers = _layers(network)
    X = as_matrix("X", X)
    if not isinstance(params, tuple) or len(params) != len(layers):
        raise ValueError(f"params must be a tuple of {len(layers)}, one for each layer of network")
    params = as_params(params)
    outputs, pullbacks = [], []
    for layer, own in zip(layers, params, strict=True):
        X, pullback = layer(own, X)
        outputs.append(X)
        pullbacks.append(pullback)
    return outputs, pullbacks


def _layers(network: Layer) -> tuple[Layer, ...]:
    if not isinstance(network, Sequential):
        raise TypeError(f"network must be a Sequential, but it is {network!r:.60}")
    return network.layers
