"""Factors of a matrix: its nearest orthogonal matrix and its best low-rank pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from matnn_lib._validation import Floats, as_array, as_integer, as_matrix
from matnn_lib.linalg.scaling import split_scale

CUBIC = (1.5, -0.5, 0.0)
MUON = (3.4445, -4.7750, 2.0315)
MOST_STEPS = 10_000  # CUBIC takes 1,800 for a singular value of 1e-308 to reach 1


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
    B, exponent = split_scale(as_matrix("A", A))
    r = as_integer("r", r, minimum=1, maximum=min(B.shape))
    U, S, Vt = np.linalg.svd(B, full_matrices=False)
    half, odd = divmod(exponent, 2)
    root = np.ldexp(np.sqrt(np.ldexp(S[:r], odd)), half)
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
    B, _ = split_scale(as_matrix("A", A))
    U, _, Vt = np.linalg.svd(B, full_matrices=False)
    return np.asarray(U @ Vt)


def newton_schulz(
    A: ArrayLike, steps: int = 30, coefficients: tuple[float, float, float] = CUBIC
) -> Floats:
    """Return an approximation of `polar_factor`, by matrix products alone.

    From X = A / ‖A‖_F, repeat X ← a X + b (XXᵀ) X + c (XXᵀ)² X. The singular vectors stay and
    each singular value x, all of them between 0 and 1 at the start, moves to a x + b x³ + c x⁵.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.
    steps : int, optional
        Number of iterations, from 1 to 10,000.
    coefficients : (float, float, float), optional
        (a, b, c). `CUBIC`, the default, (3/2, −1/2, 0), converges to 1: a small singular value
        grows by 3/2 a step until it is near 1, then the error is squared at each step (and
        multiplied by 3/2). Zero stays zero. `MUON`, (3.4445, −4.7750, 2.0315), starts with
        growth by 3.4 and doesn't converge: singular values end up anywhere between about 0.68
        and 1.2; five steps take those of a 64 × 64 Gaussian matrix to about 0.57 … 1.2.

    Returns
    -------
    ndarray, shape (m, n)

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix, `steps` not an integer from 1 to 10,000,
        `coefficients` not three finite numbers, or the iteration diverges with them.

    References
    ----------
    Higham, Functions of Matrices (2008), chapter 8 (CUBIC); Jordan et al., Muon: an optimizer
    for hidden layers in neural networks (2024).

    Examples
    --------
    >>> newton_schulz([[0, -2], [3, 0]]).round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    X, _ = split_scale(as_matrix("A", A))
    steps = as_integer("steps", steps, minimum=1, maximum=MOST_STEPS)
    polynomial = as_array("coefficients", coefficients, ndim=1)
    if len(polynomial) != 3:
        raise ValueError(f"coefficients must be three numbers, but there are {len(polynomial)}")
    a, b, c = (X.dtype.type(x) for x in polynomial)
    length = np.linalg.norm(X)
    if length == 0:
        return X
    wide = X.shape[0] <= X.shape[1]  # XXᵀ is the smaller Gram matrix then, XᵀX otherwise
    X = (X if wide else X.T) / length
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            G = X @ X.T
            X = a * X + (b * G + c * (G @ G)) @ X
    if not np.isfinite(X).all():
        raise ValueError(
            f"coefficients {coefficients} make the iteration diverge within {steps} steps"
        )
    return np.asarray(X if wide else X.T)
