"""Is a pullback right? Finite differences know."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_generator, as_integer, as_matrix, as_number

from ..layer import Floats, Layer, Params, as_params
from ..losses import softmax_cross_entropy
from ..tree import tree_leaves, tree_map

Loss = Callable[[Floats, NDArray[Any]], tuple[float, Floats]]


def gradient_check(
    network: Layer,
    params: Params,
    X: Floats,
    labels: NDArray[Any],
    loss: Loss = softmax_cross_entropy,
    *,
    rng: np.random.Generator,
    directions: int = 10,
    step: float = 1e-6,
) -> float:
    """Compare the gradients of a network and loss with central finite differences.

    Along random directions D in the space of (params, X) the slope of the loss is computed
    twice: as the inner product of D with the gradients, and as
    (L(θ + step·D) − L(θ − step·D)) / (2 step). All is done in float64.

    Parameters
    ----------
    network, params, X, labels, loss
        As in `trace`; any layer will do.
    rng : numpy.random.Generator
        Draws the directions, with independent normal entries of variance 1.
    directions : int, optional
        How many.
    step : float, optional

    Returns
    -------
    float
        ‖a − f‖ / max(‖a‖, ‖f‖), with a and f the vectors of slopes from the gradients and from
        the differences; 0 if both are 0. About 1e-9 when all is right; a gradient that is wrong
        by a factor 1.01 gives about 0.01. Differences can't see a gradient of 1e-12 beside a loss
        of 2, and a kink (ReLU at 0) that lies within a step costs digits: try a smaller one.

    Raises
    ------
    TypeError, ValueError
        Something is not real and finite, out of its bounds, or doesn't fit the network.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 11.5.

    Examples
    --------
    >>> from matnn_lib.nn import Tanh, mlp, standard
    >>> rng = np.random.default_rng(0)
    >>> network = mlp([3, 4, 2], Tanh(), standard)
    >>> X, labels = rng.standard_normal((5, 3)), rng.integers(0, 2, 5)
    >>> gradient_check(network, network.init(rng), X, labels, rng=rng) < 1e-7
    True
    """
    as_generator("rng", rng)
    directions = as_integer("directions", directions, minimum=1)
    step = as_number("step", step, above=0)
    labels = np.asarray(labels)
    point = tree_map(lambda w: w.astype(np.float64), (as_params(params), as_matrix("X", X)))

    def value(at: tuple[Params, Floats]) -> float:
        return loss(network(*at)[0], labels)[0]

    output, pullback = network(*point)
    dX, gradients = pullback(loss(output, labels)[1])
    slopes, differences = [], []
    for _ in range(directions):
        D = tree_map(lambda w: rng.standard_normal(w.shape), point)
        ahead = tree_map(lambda w, d: w + step * d, point, D)
        behind = tree_map(lambda w, d: w - step * d, point, D)
        products = tree_map(np.vdot, D, (gradients, dX))
        slopes.append(math.fsum(tree_leaves(products)))
        differences.append((value(ahead) - value(behind)) / (2 * step))
    a, f = np.array(slopes), np.array(differences)
    largest = max(float(np.linalg.norm(a)), float(np.linalg.norm(f)))
    return float(np.linalg.norm(a - f)) / largest if largest > 0 else 0.0
