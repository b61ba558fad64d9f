"""Frobenius norms that neither underflow nor overflow on the way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import as_array

from ..tree import Tree, tree_leaves


def frobenius_norm(A: NDArray[Any]) -> float:
    """Return ‖A‖_F, exact to rounding even where the squares of the entries are 0 or infinite.

    The entries are divided by the largest before they are squared.

    Parameters
    ----------
    A : array of any shape

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        `A` is not real, is empty, or an entry is NaN or infinite.

    References
    ----------
    Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), the chapter on
    software issues (overflow and underflow in a norm).
    """
    A = as_array("A", A, finite=False).astype(np.float64, copy=False)
    scale = float(np.abs(A).max())
    if not math.isfinite(scale):
        raise ValueError(f"the entries must be finite to have a norm, but the largest is {scale}")
    if scale == 0.0:
        return 0.0
    ratios = A / scale
    return scale * math.sqrt(float(np.vdot(ratios, ratios)))


def gradient_norms(gradients: Tree) -> NDArray[np.float64]:
    """Return the Frobenius norm of each weight matrix's gradient, first layer first.

    A gradient of 1e-30 in float32 has squares that are 0; its norm is right all the same.

    Parameters
    ----------
    gradients : nested tuple of arrays
        As a pullback returns them; arrays that are not 2-D (biases) are passed over.

    Returns
    -------
    (matrices,) array of float64

    Raises
    ------
    TypeError, ValueError
        There is no matrix, or an entry is not real or not finite.

    Examples
    --------
    >>> gradient_norms(((np.array([[3e-200, 4e-200]]), np.zeros(2)),))
    array([5.e-200])
    """
    matrices = [
        as_array("an array in gradients", G) for G in tree_leaves(gradients) if np.ndim(G) == 2
    ]
    if not matrices:
        raise ValueError("gradients must hold at least one matrix, but it holds none")
    return np.array([frobenius_norm(G) for G in matrices])
