"""Losses: the value, and its gradient with respect to what the network returned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layer import Floats, as_floats, shape_of


def softmax_cross_entropy(logits: Floats, labels: NDArray[Any]) -> tuple[float, Floats]:
    """Return the mean over the batch of −log softmax(logits)[label], and its gradient.

    Nothing overflows, and small losses and gradients keep their digits: both are computed from
    the differences to the largest logit.

    Parameters
    ----------
    logits : (n, classes) array
    labels : (n,) array of int
        From 0 to classes − 1.

    Returns
    -------
    value : float
        In nats.
    gradient : (n, classes) array
        (softmax − one-hot) / n.

    Raises
    ------
    TypeError, ValueError
        Logits that are no real matrix; labels that are not integers, are out of range, or not
        one a row.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3; Blanchard, Higham &
    Higham, Accurately computing the log-sum-exp and softmax functions, IMA Journal of Numerical
    Analysis 41 (2021) (the shifted formulas).

    Examples
    --------
    >>> value, gradient = softmax_cross_entropy(np.zeros((1, 4)), np.array([0]))
    >>> round(value, 6), gradient
    (1.386294, array([[-0.75,  0.25,  0.25,  0.25]]))
    """
    check_labels(logits, labels)
    logits = as_floats("logits", logits)
    n = len(labels)
    rows = np.arange(n)
    Z = logits - logits.max(axis=1, keepdims=True)
    z = Z[rows, labels]
    E = np.exp(Z)
    own = E[rows, labels]
    # The others are summed without the label's own term: 1 − p would lose the digits of a small p.
    E[rows, labels] = 0
    others = E.sum(axis=1)
    value = (np.log1p(others + np.expm1(z)) - z).mean(dtype=np.float64)
    E[rows, labels] = -others
    E /= ((own + others) * n)[:, np.newaxis]
    return float(value), E


def mean_squared_error(prediction: Floats, target: Floats) -> tuple[float, Floats]:
    """Return the mean over all entries of (prediction − target)², and its gradient.

    Parameters
    ----------
    prediction, target : (n, d) arrays

    Returns
    -------
    value : float
    gradient : (n, d) array
        2 (prediction − target) / (n d).

    Raises
    ------
    TypeError, ValueError
        An argument is no real array, the shapes differ, or are empty.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 5.1.4.

    Examples
    --------
    >>> mean_squared_error(np.array([[1.0, 3.0]]), np.array([[1.0, 1.0]]))
    (2.0, array([[0., 2.]]))
    """
    prediction, target = as_floats("prediction", prediction), as_floats("target", target)
    if prediction.shape != target.shape:
        raise ValueError(
            f"target must have the shape of the prediction, {prediction.shape}, "
            f"but its shape is {target.shape}"
        )
    if prediction.size == 0:
        raise ValueError(f"prediction must not be empty, but its shape is {prediction.shape}")
    D = prediction - target
    value = float(np.mean(D * D, dtype=np.float64))
    D *= 2 / D.size
    return value, D.astype(prediction.dtype, copy=False)


def check_labels(logits: Floats, labels: NDArray[Any]) -> None:
    """Raise unless there is one integer label a row of logits, each the number of a column."""
    shape = shape_of("logits", logits)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(f"logits must be a matrix (n, classes), but its shape is {shape}")
    if shape_of("labels", labels) != shape[:1]:
        raise ValueError(
            f"labels must be one integer a row of logits, shape {shape[:1]}, "
            f"but its shape is {labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers, but they are {labels.dtype}")
    low, high = labels.min(), labels.max()
    if low < 0 or high >= shape[1]:
        raise ValueError(
            f"labels must be from 0 to {shape[1] - 1}, the number of logits less one, "
            f"but they go from {low} to {high}"
        )
