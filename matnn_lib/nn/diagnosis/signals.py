"""The signal on its way forward and the gradient on its way back, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_array, as_matrix

from ..layer import Floats, Layer, Params, as_params
from ..layers import Identity, ReLU, Residual, Sequential, Sigmoid, Tanh
from ..losses import softmax_cross_entropy
from .norms import frobenius_norm

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
    """
    indices = hidden_indices(network)
    outputs, pullbacks = _forward(network, params, X)
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


def backward_norms(
    network: Layer,
    params: Params,
    X: Floats,
    labels: NDArray[Any],
    loss: Loss = softmax_cross_entropy,
) -> NDArray[np.float64]:
    """Return ‖∂L/∂h_l‖_F for each hidden layer l: an (L,) array of float64, first to last.

    Right at any size, also where the squares of the entries underflow. Arguments as in `trace`.
    """
    return np.array([frobenius_norm(B) for B in trace(network, params, X, labels, loss).backward])


def backward_gain(
    network: Layer,
    params: Params,
    X: Floats,
    labels: NDArray[Any],
    loss: Loss = softmax_cross_entropy,
) -> float:
    """Return log₁₀(‖∂L/∂h₁‖_F / ‖∂L/∂h_L‖_F): what the hidden layers do to the gradient.

    −12 says that the gradient lost twelve orders of magnitude between the last and the first
    hidden layer. It is −inf where ∂L/∂h₁ is exactly 0 (also where nothing arrives at h_L).
    Arguments as in `trace`.
    """
    return decades(backward_norms(network, params, X, labels, loss))


def decades(norms: NDArray[np.float64]) -> float:
    """Return log₁₀(first / last) of norms by layer.

    Parameters
    ----------
    norms : (L,) array
        At least 0.

    Returns
    -------
    float
        −inf where the first norm is exactly 0, +inf where only the last is.

    Raises
    ------
    TypeError, ValueError
        The norms are not real, finite and at least 0, or there are none.

    Examples
    --------
    >>> decades(np.array([1e-200, 1.0, 1e200]))
    -400.0
    """
    N = as_array("norms", norms, ndim=1)
    if N.min() < 0:
        raise ValueError(f"norms must be at least 0, but one is {N.min():g}")
    if N[0] == 0.0:
        return -math.inf
    if N[-1] == 0.0:
        return math.inf
    return math.log10(N[0]) - math.log10(N[-1])


def forward_norms(network: Layer, params: Params, X: Floats) -> NDArray[np.float64]:
    """Return ‖h_l‖_F, over all inputs, for each hidden layer l: an (L,) array, first to last.

    Arguments as in `trace`; an output that is not finite is a ``ValueError``.
    """
    outputs, _ = _forward(network, params, X)
    return np.array([frobenius_norm(outputs[i]) for i in hidden_indices(network)])


def forward_spread(network: Layer, params: Params, X: Floats) -> NDArray[np.float64]:
    """Return ‖H − mean over inputs‖_F / ‖H‖_F for each hidden layer, first to last.

    1 says that the layer's outputs have no part in common; 0 that they are all the same, so that
    nothing behind this layer can tell one input from another (0 also where H is 0).

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    X : (n, d_in) array

    Returns
    -------
    (L,) array of float64
    """
    outputs, _ = _forward(network, params, X)
    return np.array([spread(outputs[i]) for i in hidden_indices(network)])


def spread(H: Floats) -> float:
    """Return ‖H − mean over rows‖_F / ‖H‖_F of one layer's outputs; 0 where H is 0.

    Parameters
    ----------
    H : (n, width) array

    Raises
    ------
    TypeError, ValueError
        `H` is not a finite real matrix.

    Examples
    --------
    >>> spread(np.array([[1.0, 2.0], [1.0, 2.0]]))
    0.0
    """
    H = as_array("H", H, ndim=2, finite=False)
    norm = frobenius_norm(H)
    if norm == 0.0:
        return 0.0
    # Subtracting one row first leaves differences without rounding where the rows nearly agree;
    # the rounding of a plain mean would itself be a spread of 1e-15 or more.
    D = (H - H[0]).astype(np.float64, copy=False)
    return frobenius_norm(D - D.mean(axis=0)) / norm


@np.errstate(all="ignore")
def _forward(
    network: Layer, params: Params, X: Floats
) -> tuple[list[Floats], list[Callable[[Floats], tuple[Floats, Params]]]]:
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
