"""Jacobians of one example, end to end and layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from matnn_lib import linalg
from matnn_lib._validation import as_array

from ..layer import Floats, Layer, Params, as_params
from ..layers import Identity, ReLU, ScaleGradient, Sequential, Sigmoid, Tanh


def jacobian(network: Layer, params: Params, x: Floats) -> Floats:
    """Return J with J[i, j] = ∂y_i/∂x_j at the example x.

    Row i is what the pullback makes of the i-th unit vector, so J is the Jacobian as
    backpropagation sees it: a `ScaleGradient` inside scales it.

    Parameters
    ----------
    network : layer
    params : nested tuple of arrays
    x : (d_in,) array

    Returns
    -------
    (d_out, d_in) array

    Raises
    ------
    TypeError, ValueError
        params or x are not real and finite, or don't fit the network.

    References
    ----------
    Baydin, Pearlmutter, Radul & Siskind, Automatic differentiation in machine learning: a survey,
    J. Mach. Learn. Res. 18 (2018), section 3.2 (reverse mode, row by row).

    Examples
    --------
    >>> from matnn_lib.nn import Dense
    >>> jacobian(Dense(2, 1), (np.array([[2.0], [3.0]]), np.zeros(1)), np.ones(2))
    array([[2., 3.]])
    """
    return _jacobian_at(network, as_params(params), as_array("x", x, ndim=1))[1]


def layer_jacobians(network: Layer, params: Params, x: Floats) -> list[Floats]:
    """Return factors F₁, F₂, … with dy = dx F₁ F₂ ⋯ : the order in which a row meets the layers.

    One factor for each layer of the network, `(d_in, d_out)` of that layer; those that act on
    each entry by itself (activations, `ScaleGradient`) are merged into the factor before them.
    The product of all is the transpose of `jacobian`.

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    x : (d_in,) array

    Returns
    -------
    list of arrays

    Raises
    ------
    TypeError, ValueError
        The network is no `Sequential`, or params or x are not real and finite, or don't fit it.
    """
    if not isinstance(network, Sequential):
        raise TypeError(f"network must be a Sequential, but it is {network!r:.60}")
    entrywise = (Tanh, Sigmoid, ReLU, Identity, ScaleGradient)
    h = as_array("x", x, ndim=1)
    if not isinstance(params, tuple) or len(params) != len(network.layers):
        raise ValueError(f"params must be a tuple of {len(network.layers)}, one for each layer")
    params = as_params(params)
    groups: list[tuple[list[Layer], list[Any]]] = []
    for layer, own in zip(network.layers, params, strict=True):
        if groups and isinstance(layer, entrywise):
            groups[-1][0].append(layer)
            groups[-1][1].append(own)
        else:
            groups.append(([layer], [own]))
    factors = []
    for layers, own_params in groups:
        h, J = _jacobian_at(Sequential(layers), tuple(own_params), h)
        factors.append(J.T)
    return factors


def jacobian_spectrum(network: Layer, params: Params, x: Floats) -> Floats:
    """Return the log singular values of the Jacobian at the example x, largest first.

    Computed from the factors of `layer_jacobians` by `matnn_lib.linalg.product_spectrum`: the
    product, which loses all but the largest singular values, is never formed. Numerical
    deficiency gives −inf.

    Parameters
    ----------
    network : Sequential
    params : nested tuple of arrays
    x : (d_in,) array

    Returns
    -------
    (min(d_in, d_out),) array
        Natural logarithms.

    Raises
    ------
    TypeError, ValueError
        As `layer_jacobians`, or a Jacobian is not finite.

    References
    ----------
    Pennington, Schoenholz & Ganguli, Resurrecting the sigmoid in deep learning through dynamical
    isometry, NeurIPS 2017 (the singular values of the end-to-end Jacobian).
    """
    return linalg.product_spectrum(layer_jacobians(network, params, x))


def _jacobian_at(network: Layer, params: Params, x: Floats) -> tuple[Floats, Floats]:
    y, _ = network(params, x[np.newaxis])
    # One row of the batch for each output; the pullback of the identity is the whole Jacobian.
    d_out = y.shape[1]
    _, pullback = network(params, np.repeat(x[np.newaxis], d_out, axis=0))
    return y[0], pullback(np.eye(d_out, dtype=y.dtype))[0]
