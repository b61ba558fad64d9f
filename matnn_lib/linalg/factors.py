"""Factors of a matrix: its nearest orthogonal matrix and its best low-rank pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from matnn_lib._validation import Floats, as_integer, as_matrix


def low_rank(A: ArrayLike, r: int) -> tuple[Floats, Floats]:
    """Return factors of the best approximation of `A` by a matrix of rank `r`.

    The singular value decomposition A = U S Vᵀ, cut after r terms, is nearest to A both in the
    spectral and in the Frobenius norm (Eckart–Young–Mirsky). The roots of the singular values
    are shared between the two factors: L = U √S, R = √S Vᵀ, so that ‖L‖_F = ‖R‖_F.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.
    r : int
        Rank of the approximation, between 1 and min(m, n).

    Returns
    -------
    L : ndarray, shape (m, r)
    R : ndarray, shape (r, n)
        ``L @ R`` is the approximation; ‖A − LR‖₂ is A's singular value number r + 1.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix, or `r` not an integer between 1 and min(m, n).

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), theorem 2.4.8.

    Examples
    --------
    >>> L, R = low_rank([[3, 0], [0, 1]], 1)
    >>> np.abs(L @ R).round(12)
    array([[3., 0.],
           [0., 0.]])
    """
    A = as_matrix("A", A)
    r = as_integer("r", r, minimum=1, maximum=min(A.shape))
    U, S, Vt = np.linalg.svd(A, full_matrices=False)
    root = np.sqrt(S[:r])
    return U[:, :r] * root, root[:, None] * Vt[:r]


def polar_factor(A: ArrayLike) -> Floats:
    """Return the (semi-)orthogonal matrix nearest to `A`: U Vᵀ of A = U S Vᵀ.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.

    Returns
    -------
    Q : ndarray, shape (m, n)
        Has orthonormal columns if m ≥ n, orthonormal rows if m ≤ n. Where A is rank-deficient
        there are several nearest ones, of which this is one.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix.

    References
    ----------
    Higham, Functions of Matrices (2008), theorem 8.4.

    Examples
    --------
    >>> polar_factor([[0, -2], [3, 0]]).round(12)
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    U, _, Vt = np.linalg.svd(as_matrix("A", A), full_matrices=False)
    return np.asarray(U @ Vt)
