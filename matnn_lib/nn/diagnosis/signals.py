"""The signal on its way forward and the gradient on its way back, layer by layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_array

from ..layer import Floats, Layer, Params
from ..losses import softmax_cross_entropy
from .norms import frobenius_norm
from .tracing import Loss, forward, hidden_indices, trace


def backward_norms(
    network: Layer,
    params: Params,
    X: Floats,
    labels: NDArray[Any],
    loss: Loss = softmax_cross_entropy,
) -> NDArray[np.float64]:
    """Return ‖∂L/∂h_l‖_F for each hidden layer l: an (L,) array of float64, first to last.

    Right at any size, also where the squares of the entries underflow.

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    X : (n, d_in) array
    labels : (n,) array of int, or whatever `loss` takes
    loss : callable, optional

    Returns
    -------
    (L,) array of float64

    Raises
    ------
    TypeError, ValueError
        As `trace`, or a norm is not finite.

    References
    ----------
    Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010, the part on gradients at initialization (there as histograms of their entries).
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
    hidden layer.

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    X : (n, d_in) array
    labels : (n,) array of int, or whatever `loss` takes
    loss : callable, optional

    Returns
    -------
    float
        −inf where ∂L/∂h₁ is exactly 0 (also where nothing arrives at h_L), in decades.

    Raises
    ------
    TypeError, ValueError
        As `trace`, or a norm is not finite.

    References
    ----------
    Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010, the part on gradients at initialization (there as histograms of their entries).
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

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    X : (n, d_in) array

    Returns
    -------
    (L,) array of float64

    Raises
    ------
    TypeError, ValueError
        The network is no `Sequential`, something doesn't fit, or an output is not finite.

    References
    ----------
    Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli, Exponential expressivity in deep neural
    networks through transient chaos, NeurIPS 2016, the part on the length of one input.
    """
    outputs, _ = forward(network, params, X)
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

    Raises
    ------
    TypeError, ValueError
        The network is no `Sequential`, something doesn't fit, or an output is not finite.

    References
    ----------
    Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, Deep information propagation, ICLR 2017 (the
    correlation of two inputs, of which this is the mean over many).
    """
    outputs, _ = forward(network, params, X)
    return np.array([spread(outputs[i]) for i in hidden_indices(network)])


def spread(H: Floats) -> float:
    """Return ‖H − mean over rows‖_F / ‖H‖_F of one layer's outputs; 0 where H is 0.

    Parameters
    ----------
    H : (n, width) array

    Returns
    -------
    float
        Between 0 and 1.

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
