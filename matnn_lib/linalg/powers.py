"""Powers of a matrix, of its singular values, and inverse roots."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from matnn_lib._validation import (
    Floats,
    as_integer,
    as_matrix,
    as_number,
    as_symmetric,
    in_words,
)
from matnn_lib.linalg.rank import rank_tolerance
from matnn_lib.linalg.scaling import equilibrate


def matrix_power(A: ArrayLike, k: int) -> Floats:
    """Return `A` to the integer power `k`, by repeated squaring.

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
        `A` is not a finite real square matrix, `k` not an integer, a power up to the k-th
        overflows, or `k` is negative and `A` singular up to rounding.

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
    if k == 0:
        return np.eye(len(A), dtype=A.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        base = A if k > 0 else _inverse(A)
        result = base.copy()
        for bit in bin(abs(k))[3:]:  # binary digits after the first, which is 1
            result = result @ result
            if bit == "1":
                result = result @ base
    if not np.isfinite(result).all():
        raise ValueError(
            f"A to the power {in_words(k)} overflows {A.dtype}, whose largest number is "
            f"{np.finfo(A.dtype).max:.1e}, so A must be scaled down or k be nearer to 0"
        )
    return np.asarray(result)


def spectrum_power(A: ArrayLike, p: float, damping: float = 0.0) -> Floats:
    """Return U Sᵖ Vᵀ of the singular value decomposition A = U S Vᵀ.

    The directions stay, the stretches change: p = 1 is A, p = 0 its polar factor, between them
    the spectrum is drawn together, and p = −1 is the transposed (pseudo-)inverse. Singular
    values that are zero up to rounding (see `rank`) stay zero for every p, so p = 0 gives the
    partial isometry of A's range.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.
    p : float
        Exponent, of any sign.
    damping : float, optional
        With δ > 0, in units of the singular values, σ becomes σ (σ² + δ²)^((p − 1)/2): σᵖ where
        σ ≫ δ, and proportional to σ where σ ≪ δ. For p = −1 this is Tikhonov's regularised
        inverse, σ / (σ² + δ²).

    Returns
    -------
    ndarray, shape (m, n)

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix, `p` not a finite number, `damping` negative, the result
        overflows, or so do the damped singular values, or p < 0 without damping and `A` isn't of
        full rank.

    References
    ----------
    Horn & Johnson, Topics in Matrix Analysis (1991), section 3.1; Golub & Van Loan, Matrix
    Computations, 4th ed. (2013), section 6.1 (damping); Hawkins & Ben-Israel, On generalized
    matrix functions, Linear and Multilinear Algebra 1 (1973), section 2.

    Examples
    --------
    >>> spectrum_power([[0, 4], [9, 0]], 0.5).round(12) + 0.0
    array([[0., 2.],
           [3., 0.]])
    """
    A = as_matrix("A", A)
    p = as_number("p", p)
    damping = as_number("damping", damping, minimum=0)
    U, S, Vt = np.linalg.svd(A, full_matrices=False)
    if not np.isfinite(S).all():
        raise ValueError("A must have singular values that fit its type, but the largest overflows")
    zero = rank_tolerance(S, A.shape) >= S
    if p < 0 and damping == 0 and zero.any():
        raise ValueError(
            f"A must have full rank for a negative p without damping, but its rank is "
            f"{np.count_nonzero(~zero)}, less than {len(S)}"
        )
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        sigma = S.astype(np.float64)
        damped = np.hypot(sigma, damping)
        _check_damped("the singular values of A", damped, damping)
        stretches = np.where(zero, 0, sigma / damped * damped**p)
        result = ((U * stretches) @ Vt).astype(A.dtype, copy=False)
    if not np.isfinite(result).all():
        raise ValueError(f"A to the spectral power {p:g} overflows, so p must be nearer to 0")
    return np.asarray(result)


def inverse_root(S: ArrayLike, p: float, damping: float = 0.0) -> Floats:
    """Return (S + damping · I)^(−1/p) of a symmetric positive (semi-)definite `S`.

    p = 1 is the inverse, p = 2 the whitening matrix, p = 4 the preconditioner of Shampoo.
    Eigenvalues that are zero up to rounding count as zero, so the result doesn't depend on how
    they happen to be rounded.

    Parameters
    ----------
    S : array_like, shape (n, n)
        Symmetric positive semi-definite matrix.
    p : float
        Which root, greater than 0.
    damping : float, optional
        Added to the eigenvalues, in their units, at least 0.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric positive definite.

    Raises
    ------
    TypeError, ValueError
        `S` is not symmetric or has a negative eigenvalue, `p` isn't positive, `damping` is
        negative, the result or S + damping · I overflows, or `S` is singular and there is no
        damping.

    References
    ----------
    Higham, Functions of Matrices (2008), section 7.1; Gupta, Koren & Singer, Shampoo:
    preconditioned stochastic tensor optimization, ICML 2018 (p = 4).

    Examples
    --------
    >>> inverse_root(np.diag([16.0, 81.0]), 4) * 6
    array([[3., 0.],
           [0., 2.]])
    """
    S = as_symmetric("S", S)
    p = as_number("p", p, above=0)
    damping = as_number("damping", damping, minimum=0)
    lam, V = np.linalg.eigh(S)
    if not np.isfinite(lam).all():
        raise ValueError("S must have eigenvalues that fit its type, but the largest overflows")
    zero = len(S) * float(np.finfo(S.dtype).eps) * float(np.abs(lam).max())
    if lam[0] < -zero:
        raise ValueError(
            f"S must be positive semi-definite, but its smallest eigenvalue is {lam[0]:.3g}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        damped = np.where(lam <= zero, 0, lam).astype(np.float64) + damping
        _check_damped("the eigenvalues of S", damped, damping)
        if damped.min() == 0:
            raise ValueError(
                "S must be positive definite without damping, but it is singular to working "
                "precision"
            )
        half = V * damped ** (-0.5 / p)
        result = (half @ half.T).astype(S.dtype, copy=False)
    if not np.isfinite(result).all():
        raise ValueError(f"S to the power -1/{p:g} overflows, so p must be larger")
    return np.asarray(result)


def _check_damped(what: str, damped: Floats, damping: float) -> None:
    if not np.isfinite(damped).all():
        raise ValueError(
            f"damping must leave {what} within ±1.8e308, but it is {damping:g} and they don't fit"
        )


def _inverse(A: Floats) -> Floats:
    """Return the inverse of `A`, infinite where it overflows.

    Equilibration first: whether A is singular doesn't depend on the scale of rows and columns,
    so diag(1e200, 1e-200) must not look as if it were.
    """
    B, r, c = equilibrate(A)
    sigma = np.linalg.svd(B, compute_uv=False)
    if sigma[-1] <= rank_tolerance(sigma, B.shape):
        raise ValueError(
            "A must be invertible for a negative k, but it is singular to working precision"
        )
    X = np.linalg.solve(B, np.eye(len(B), dtype=B.dtype))
    return np.asarray(np.ldexp(X, -(c[:, None] + r)))
