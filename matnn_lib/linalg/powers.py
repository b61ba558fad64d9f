"""Powers of a matrix, of its singular values, and inverse roots."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from matnn_lib._validation import Floats, as_integer, as_matrix
from matnn_lib.linalg.scaling import equilibrate, join_scale, split_scale


def matrix_power(A: ArrayLike, k: int) -> Floats:
    """Return `A` to the integer power `k`, by repeated squaring.

    Every product is scaled by an exact power of two, so only a result that doesn't fit
    overflows, never a step on the way to it.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real square matrix.
    k : int
        Exponent. 0 gives the identity; a negative one is the power of the inverse, for which a
        linear system is solved.

    Returns
    -------
    ndarray, shape (n, n)
        Aᵏ, after about 2 log₂|k| products at most.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real square matrix, `k` not an integer, the result overflows, or `k`
        is negative and `A` singular up to rounding.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 9.2.5; Higham, Functions of
    Matrices (2008), section 4.1.

    Examples
    --------
    >>> matrix_power([[1, 1], [1, 0]], 10)  # Fibonacci numbers
    array([[89., 55.],
           [55., 34.]])
    """
    A = as_matrix("A", A, square=True)
    k = as_integer("k", k)
    base, e_base = split_scale(A) if k >= 0 else _inverse(A)
    result, e_result = np.eye(len(A), dtype=A.dtype), 0
    for bit in bin(abs(k))[2:]:
        result, shift = split_scale(result @ result)
        e_result = 2 * e_result + shift
        if bit == "1":
            result, shift = split_scale(result @ base)
            e_result += e_base + shift
    return join_scale(f"A to the power {k}", result, e_result)


def _inverse(A: Floats) -> tuple[Floats, int]:
    """Return the inverse of `A` as a scaled matrix and its exponent.

    Equilibration first: whether A is singular doesn't depend on the scale of rows and columns,
    so diag(1e200, 1e-200) must not look as if it were.
    """
    B, r, c = equilibrate(A)
    sigma = np.linalg.svd(B, compute_uv=False)
    if sigma[-1] <= len(A) * np.finfo(A.dtype).eps * sigma[0]:
        raise ValueError(
            "A must be invertible for a negative k, but it is singular to working precision"
        )
    X, e = split_scale(np.linalg.solve(B, np.eye(len(A), dtype=A.dtype)))
    shift = -(c[:, None] + r)
    top = int((shift + np.frexp(X)[1])[X != 0].max())
    return np.ldexp(X, np.maximum(shift - top, -5000)), e + top
