"""The largest singular value of a matrix, without the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matnn_lib._validation import as_matrix, as_number
from matnn_lib.linalg.scaling import join_scale, split_scale

SMALL = 400  # below this LAPACK's whole SVD is as fast
MOST_STEPS = 160  # a Gaussian matrix takes 50 to 100; nearly orthogonal ones no end
CHECK_EVERY = 10


def spectral_norm(A: ArrayLike, tol: float = 1e-8) -> float:
    """Return the spectral norm ‖A‖₂ = max ‖Ax‖ / ‖x‖, the largest singular value of `A`.

    Large matrices are reduced by Golub–Kahan–Lanczos bidiagonalisation with full
    reorthogonalisation until the *residual* of the largest Ritz value is small: a stop by the
    change from step to step ends too early where the two largest singular values nearly tie.
    Small ones go to LAPACK, and so do those on which the iteration doesn't end soon, such as
    matrices all of whose singular values lie close together: they take up to twice its time.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.
    tol : float, optional
        Relative accuracy, between 0 and 1. The error is usually about the square of it.

    Returns
    -------
    float
        The same at every call: the start vector is drawn from a generator seeded with A's bits.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix, `tol` not between 0 and 1, or the norm overflows.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 10.4.

    Examples
    --------
    >>> spectral_norm([[3, 0], [4, 0]])
    5.0
    """
    B, exponent = split_scale(as_matrix("A", A))
    tol = as_number("tol", tol, above=0, below=1)
    sigma = _lanczos(np.asarray(B, dtype=np.float64), tol) if min(B.shape) >= SMALL else None
    if sigma is None:
        sigma = float(np.linalg.svd(B, compute_uv=False)[0])
    return float(join_scale("the spectral norm of A", np.asarray(sigma), exponent))


def _lanczos(A: NDArray[np.float64], tol: float) -> float | None:
    """Return A's largest singular value, or None where the iteration doesn't get there.

    After k steps A Vᵀ = Uᵀ B and Aᵀ Uᵀ = Vᵀ Bᵀ + β v eₖᵀ hold with orthonormal rows of U and V
    and a bidiagonal B. A left singular vector p of B with singular value θ gives the pair
    (Uᵀp, θ) of A up to a residual of exactly β |pₖ|.
    """
    m, n = A.shape
    steps = min(m // 4, n // 4, MOST_STEPS)
    U, V, B = np.empty((steps, m)), np.empty((steps, n)), np.zeros((steps, steps))
    rng = np.random.default_rng(int(A.view(np.uint64).sum()))
    v = rng.standard_normal((n,))
    v /= np.linalg.norm(v)
    for k in range(steps):
        V[k] = v
        alpha, U[k] = _orthonormal_part(A @ V[k], U[:k])
        beta, v = _orthonormal_part(A.T @ U[k], V[: k + 1])
        B[k, k] = alpha
        if k + 1 < steps:
            B[k, k + 1] = beta
        if beta == 0 or (k + 1) % CHECK_EVERY == 0:
            square, P = np.linalg.eigh(B[: k + 1, : k + 1] @ B[: k + 1, : k + 1].T)
            theta = float(np.sqrt(square[-1]))
            if beta * abs(P[-1, -1]) <= tol / 10 * theta:
                return theta
    return None


def _orthonormal_part(
    x: NDArray[np.float64], basis: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the length and direction of x's part orthogonal to the rows of `basis`, or zeros."""
    part = x - basis.T @ (basis @ x)
    part -= basis.T @ (basis @ part)
    length = float(np.linalg.norm(part))
    if length <= x.size * np.finfo(x.dtype).eps * np.linalg.norm(x):
        return 0.0, np.zeros_like(x)  # nothing but rounding errors is left
    return length, part / length
