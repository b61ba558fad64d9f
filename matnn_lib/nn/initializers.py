"""How weights and biases start: functions ``(rng, d_in, d_out, *, options)`` to an array.

Options are bound with `functools.partial`: ``partial(orthogonal, gain=0.8)``. Every weight
initializer returns float64 of shape ``(d_in, d_out)``, every bias initializer ``(d_out,)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib import linalg
from matnn_lib._validation import as_generator, as_number, as_size

Weights = NDArray[np.floating[Any]]
Initializer = Callable[[np.random.Generator, int, int], Weights]
"""``initializer(rng, d_in, d_out)``: a weight matrix of shape ``(d_in, d_out)``."""
BiasInitializer = Callable[[np.random.Generator, int, int], Weights]
"""``bias_initializer(rng, d_in, d_out)``: a bias of shape ``(d_out,)``."""


def standard(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from U(±gain/√d_in), as common frameworks do when nothing is said.

    The variance is gain²/(3 d_in), a third of what keeps a tanh signal alive
    (LeCun et al. 1998, section 4.6, asks for 1/d_in).

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        At least 1.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    Examples
    --------
    >>> bool(np.abs(standard(np.random.default_rng(0), 100, 5)).max() <= 0.1)
    True
    """
    _check(rng, d_in, d_out)
    limit = _gain(gain) / math.sqrt(d_in)
    return rng.uniform(-limit, limit, (d_in, d_out))


def gaussian(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from N(0, gain²/d_in): at gain 1 the expected length of a row of X survives X W.

    Arguments, shape and errors as in `standard`.
    """
    _check(rng, d_in, d_out)
    return rng.standard_normal((d_in, d_out)) * (_gain(gain) / math.sqrt(d_in))


def glorot(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from U(±gain √(6/(d_in + d_out))): variance 2 gain²/(d_in + d_out).

    A compromise between the signal forward and the gradient backward (Glorot & Bengio 2010,
    equation 16). Arguments, shape and errors as in `standard`.
    """
    _check(rng, d_in, d_out)
    limit = _gain(gain) * math.sqrt(6 / (d_in + d_out))
    return rng.uniform(-limit, limit, (d_in, d_out))


def he(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from N(0, 2 gain²/d_in), which makes up for the half that ReLU cuts off.

    (He et al. 2015, section 2.2.) Arguments, shape and errors as in `standard`.
    """
    _check(rng, d_in, d_out)
    return rng.standard_normal((d_in, d_out)) * (_gain(gain) * math.sqrt(2 / d_in))


def lecun(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from U(±gain √(3/d_in)): mean 0 and variance gain²/d_in.

    (LeCun et al. 1998, section 4.6.) Arguments, shape and errors as in `standard`.
    """
    _check(rng, d_in, d_out)
    limit = _gain(gain) * math.sqrt(3 / d_in)
    return rng.uniform(-limit, limit, (d_in, d_out))


def orthogonal(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw a matrix all of whose singular values are `gain` (Saxe, McClelland & Ganguli 2013).

    Square: gain times a Haar-distributed orthogonal matrix. Rectangular: gain times some of its
    rows or columns, so that the shorter side is orthonormal. Arguments, shape and errors as in
    `standard`.

    Examples
    --------
    >>> W = orthogonal(np.random.default_rng(0), 3, 2, gain=0.5)
    >>> np.linalg.svd(W, compute_uv=False).round(12)
    array([0.5, 0.5])
    """
    _check(rng, d_in, d_out)
    Q = linalg.haar_orthogonal(max(d_in, d_out), rng)
    return np.ascontiguousarray(Q[:d_in, :d_out]) * _gain(gain)


def near_critical(rng: np.random.Generator, d_in: int, d_out: int, *, depth: int) -> Weights:
    """Draw an orthogonal matrix with gain² = 1 + 1/√depth.

    A little above gain 1, at which tanh without biases loses length slowly: the mean-field length
    map has its fixed point at a small positive length (Pennington, Schoenholz & Ganguli 2017).

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        At least 1.
    depth : int
        Of the network, in hidden layers; at least 1.

    Returns
    -------
    (d_in, d_out) array of float64
    """
    depth = as_size("depth", depth)
    return orthogonal(rng, d_in, d_out, gain=math.sqrt(1 + 1 / math.sqrt(depth)))


def zeros(rng: np.random.Generator, d_in: int, d_out: int) -> Weights:
    """Return the bias 0, a float64 array of shape ``(d_out,)``; nothing is drawn from `rng`."""
    _check(rng, d_in, d_out)
    return np.zeros(d_out)


def standard_bias(rng: np.random.Generator, d_in: int, d_out: int) -> Weights:
    """Draw a bias of shape ``(d_out,)`` from U(±1/√d_in), the companion of `standard`.

    `d_in`, at least 1, is the number of columns that the layer reads.
    """
    _check(rng, d_in, d_out)
    limit = 1 / math.sqrt(d_in)
    return rng.uniform(-limit, limit, d_out)


def _check(rng: np.random.Generator, d_in: int, d_out: int) -> None:
    as_generator("rng", rng)
    as_size("d_in", d_in)
    as_size("d_out", d_out)


def _gain(gain: float) -> float:
    return as_number("gain", gain, minimum=0)
