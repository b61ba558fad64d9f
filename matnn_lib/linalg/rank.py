"""How many dimensions a matrix keeps: exactly, up to rounding, and in effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from matnn_lib._validation import Floats, as_matrix, as_number
from matnn_lib.linalg.norms import spectral_norm
from matnn_lib.linalg.scaling import scale_number, split_scale


def rank_tolerance(sigma: Floats, shape: tuple[int, ...]) -> float:
    """Return the size up to which singular values of a matrix of this shape count as zero."""
    return float(sigma.max() * (max(shape) * np.finfo(sigma.dtype).eps))


def rank(A: ArrayLike, tol: float | None = None) -> int:
    """Return the numerical rank of `A`: how many singular values are larger than `tol`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.
    tol : float, optional
        Singular values up to `tol` count as zero. The default is that of
        ``numpy.linalg.matrix_rank``, σ₁ · max(m, n) · ε with ε of A's own precision: what
        rounding the entries of A can do to its singular values.

    Returns
    -------
    int
        Between 0 (the zero matrix) and min(m, n).

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix, or `tol` is negative.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 5.4.1.

    Examples
    --------
    >>> rank([[1, 2], [2, 4]])
    1
    """
    B, exponent = split_scale(as_matrix("A", A))
    sigma = np.linalg.svd(B, compute_uv=False)
    if tol is None:
        threshold = rank_tolerance(sigma, B.shape)
    else:
        threshold = scale_number(as_number("tol", tol, minimum=0), -exponent)
    return int(np.count_nonzero(sigma > threshold))


def stable_rank(A: ArrayLike) -> float:
    """Return ‖A‖_F² / ‖A‖₂², the sum of squared singular values in units of the largest.

    It is at most the rank, doesn't jump when A is perturbed, and is n only if all n singular
    values are equal.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.

    Returns
    -------
    float
        Between 1 and min(m, n); 0 for the zero matrix, as its rank.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix.

    References
    ----------
    Rudelson & Vershynin, Sampling from large matrices, J. ACM 54 (2007), section 1.

    Examples
    --------
    >>> round(stable_rank([[2, 0], [0, 1]]), 6)
    1.25
    """
    B, _ = split_scale(as_matrix("A", A))
    if not B.any():
        return 0.0
    return float((np.linalg.norm(B.astype(np.float64)) / spectral_norm(B, tol=1e-12)) ** 2)


def effective_rank(A: ArrayLike) -> float:
    """Return exp(−Σ pᵢ ln pᵢ), pᵢ = σᵢ / Σσ: the exponential of the singular values' entropy.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.

    Returns
    -------
    float
        Between 1 (rank one) and min(m, n) (all singular values equal); 0 for the zero matrix.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix.

    References
    ----------
    Roy & Vetterli, The effective rank: a measure of effective dimensionality, EUSIPCO 2007,
    section 2.

    Examples
    --------
    >>> round(effective_rank([[3, 0], [0, 1]]), 6)
    1.754765
    """
    B, _ = split_scale(as_matrix("A", A))
    sigma = np.linalg.svd(B.astype(np.float64), compute_uv=False)
    if sigma[0] == 0:
        return 0.0
    p = sigma / sigma.sum()
    p = p[p > 0]
    return float(np.exp(-(p * np.log(p)).sum()))
