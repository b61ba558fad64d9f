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

    The variance is gain²/(3 d_in), a third of what keeps a tanh signal alive.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    LeCun, Bottou, Orr & Müller, Efficient BackProp, in Neural Networks: Tricks of the Trade
    (1998), section 4.6, asks for three times the variance, 1/d_in.

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

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    LeCun, Bottou, Orr & Müller, Efficient BackProp, in Neural Networks: Tricks of the Trade
    (1998), section 4.6 (the variance).
    """
    _check(rng, d_in, d_out)
    return rng.standard_normal((d_in, d_out)) * (_gain(gain) / math.sqrt(d_in))


def glorot(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from U(±gain √(6/(d_in + d_out))): variance 2 gain²/(d_in + d_out).

    A compromise between the signal forward and the gradient backward.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010, equation 16.
    """
    _check(rng, d_in, d_out)
    limit = _gain(gain) * math.sqrt(6 / (d_in + d_out))
    return rng.uniform(-limit, limit, (d_in, d_out))


def he(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from N(0, 2 gain²/d_in), which makes up for the half that ReLU cuts off.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    He, Zhang, Ren & Sun, Delving deep into rectifiers, ICCV 2015, section 2.2.
    """
    _check(rng, d_in, d_out)
    return rng.standard_normal((d_in, d_out)) * (_gain(gain) * math.sqrt(2 / d_in))


def lecun(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw from U(±gain √(3/d_in)): mean 0 and variance gain²/d_in.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    LeCun, Bottou, Orr & Müller, Efficient BackProp, in Neural Networks: Tricks of the Trade
    (1998), section 4.6.
    """
    _check(rng, d_in, d_out)
    limit = _gain(gain) * math.sqrt(3 / d_in)
    return rng.uniform(-limit, limit, (d_in, d_out))


def orthogonal(rng: np.random.Generator, d_in: int, d_out: int, *, gain: float = 1.0) -> Weights:
    """Draw a matrix all of whose singular values are `gain`.

    Square: gain times a Haar-distributed orthogonal matrix. Rectangular: gain times some of its
    rows or columns, so that the shorter side is orthonormal.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    gain : float, optional
        Multiplies the weights; at least 0.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    Saxe, McClelland & Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, ICLR 2014, the part on random orthogonal initial conditions.

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
    map has its fixed point at a small positive length.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        From 1 to 10⁸.
    depth : int
        Of the network, in hidden layers; at least 1.

    Returns
    -------
    (d_in, d_out) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.

    References
    ----------
    Pennington, Schoenholz & Ganguli, Resurrecting the sigmoid in deep learning through dynamical
    isometry, NeurIPS 2017, the part on tanh with orthogonal weights.
    """
    depth = as_size("depth", depth)
    return orthogonal(rng, d_in, d_out, gain=math.sqrt(1 + 1 / math.sqrt(depth)))


def zeros(rng: np.random.Generator, d_in: int, d_out: int) -> Weights:
    """Return the bias 0.

    Parameters
    ----------
    rng : numpy.random.Generator
        Nothing is drawn from it.
    d_in, d_out : int
        Columns that the layer reads and returns, from 1 to 10⁸.

    Returns
    -------
    (d_out,) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.
    """
    _check(rng, d_in, d_out)
    return np.zeros(d_out)


def standard_bias(rng: np.random.Generator, d_in: int, d_out: int) -> Weights:
    """Draw a bias of shape ``(d_out,)`` from U(±1/√d_in), the companion of `standard`.

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int
        Columns that the layer reads and returns, from 1 to 10⁸.

    Returns
    -------
    (d_out,) array of float64

    Raises
    ------
    TypeError, ValueError
        An argument is of another kind or out of its bounds.
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
