"""Eigenvalues of largest modulus: by iteration, and by LAPACK."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matnn_lib._validation import Floats, as_generator, as_integer, as_matrix, as_number
from matnn_lib.linalg.scaling import balance, join_scale, split_scale

MOST_PRODUCTS = 10_000_000

Cause = Literal["complex pair", "± pair", "defective", "several", "slow"]

LOOKS_LIKE: dict[Cause, str] = {
    "complex pair": "a complex pair of dominant eigenvalues, which turns the vector for ever",
    "± pair": "dominant eigenvalues of opposite sign, λ and −λ, between which the vector flips",
    "defective": "too few eigenvectors (defective), whose residual falls only like 1/k²",
    "several": "three or more dominant eigenvalues of the same modulus",
    "slow": "two dominant eigenvalues of nearly the same modulus, which needs more iterations",
}


class ConvergenceError(ArithmeticError):
    """An iteration didn't reach its tolerance.

    Attributes
    ----------
    cause : str
        What it looks like: "complex pair", "± pair", "defective", "several" or "slow".
    residuals : ndarray
        Residual of each iteration, to be plotted.
    """

    def __init__(self, message: str, cause: Cause, residuals: NDArray[np.float64]) -> None:
        super().__init__(message)
        self.cause = cause
        self.residuals = residuals


class Eigenpair(NamedTuple):
    """What `power_iteration` returns."""

    value: float
    vector: Floats
    residuals: NDArray[np.float64]


def spectral_radius(A: ArrayLike) -> float:
    """Return the spectral radius max |λ| over the eigenvalues λ of `A`.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real square matrix.

    Returns
    -------
    float
        At most ‖A‖₂. Where A is defective it is accurate to about ε^(1/k) only, k the size of
        the largest Jordan block: that is the eigenvalues' own sensitivity.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real square matrix, or the radius overflows.

    References
    ----------
    Horn & Johnson, Matrix Analysis, 2nd ed. (2013), section 1.2; Golub & Van Loan, Matrix
    Computations, 4th ed. (2013), section 7.2 (sensitivity).

    Examples
    --------
    >>> spectral_radius([[0, 100], [0, 0]])
    0.0
    """
    B, _ = balance(as_matrix("A", A, square=True))
    radius = float(np.abs(np.linalg.eigvals(B)).max())
    if not np.isfinite(radius):
        raise ValueError(f"the spectral radius of A overflows {B.dtype}, so A must be scaled down")
    return radius


def power_iteration(
    A: ArrayLike, rng: np.random.Generator, tol: float = 1e-10, max_iter: int = 10_000
) -> Eigenpair:
    """Return the eigenvalue of largest modulus and its eigenvector, by power iteration.

    From a random unit vector v, repeat v ← Av / ‖Av‖ with λ = vᵀAv. The error shrinks by
    |λ₂/λ₁| a step. A small residual says that (λ, v) is an exact eigenpair of a matrix that near
    to A; how near λ is to an eigenvalue of A itself depends on how far A is from normal.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real square matrix.
    rng : numpy.random.Generator
        Draws the start vector.
    tol : float, optional
        Between 0 and 1. Stop when ‖Av − λv‖ ≤ tol · |λ|, or is within rounding errors of A,
        n ε ‖A‖_F, as it is for λ = 0.
    max_iter : int, optional
        The most products with A, at most 10 million.

    Returns
    -------
    value : float
        The dominant eigenvalue.
    vector : ndarray, shape (n,)
        Its eigenvector, of length 1.
    residuals : ndarray, shape (iterations,)
        ‖Av − λv‖ at each iteration; the last is that of the returned pair. Where rows of A are
        far larger than the columns of the same index, or smaller, A and v are the balanced
        D⁻¹AD and D⁻¹v with a diagonal matrix D.

    Raises
    ------
    ConvergenceError
        The tolerance isn't reached. The message says what the matrix looks like: a complex pair
        of dominant eigenvalues (the vector turns for ever), a pair ±λ (it flips), defective (the
        residual falls like a power of 1/k), or λ₂ close to λ₁. A multiple eigenvalue with
        enough eigenvectors, such as the identity's, converges.
    TypeError, ValueError
        `A` is not a finite real square matrix, or another argument is out of range.

    References
    ----------
    Golub & Van Loan, Matrix Computations, 4th ed. (2013), section 7.3.1.

    Examples
    --------
    >>> value, vector, residuals = power_iteration([[2, 1], [1, 2]], np.random.default_rng(0))
    >>> round(value, 9)
    3.0
    """
    balanced, d = balance(as_matrix("A", A, square=True))
    B, exponent = split_scale(balanced)
    v = as_generator("rng", rng).standard_normal(len(B)).astype(B.dtype)
    tol = as_number("tol", tol, above=0, below=1)
    max_iter = as_integer("max_iter", max_iter, minimum=1, maximum=MOST_PRODUCTS)
    eps = float(np.finfo(B.dtype).eps)
    rounding = len(B) * eps * float(np.linalg.norm(B))
    v /= np.linalg.norm(v)
    residuals: list[float] = []
    for _ in range(max_iter):
        Bv = B @ v
        value, length = float(v @ Bv), float(np.linalg.norm(Bv))
        residuals.append(float(np.linalg.norm(Bv - value * v)))
        if residuals[-1] <= max(tol * abs(value), rounding):
            scaled = np.asarray(value)
            size = float(join_scale("the dominant eigenvalue of A", scaled, exponent))
            w = np.ldexp(v, d - d[v != 0].max())
            return Eigenpair(size, w / np.linalg.norm(w), _unscaled(residuals, exponent))
        v = Bv / length
    cause = _cause(B, v, residuals)
    raise ConvergenceError(
        f"power iteration on A is not done after {max_iter} products (‖Av − λv‖ = "
        f"{residuals[-1] / length:.1e} ‖Av‖ at the last, tol is {tol:g}): "
        f"A looks like a matrix with {LOOKS_LIKE[cause]}",
        cause,
        _unscaled(residuals, exponent),
    )


def _unscaled(residuals: list[float], exponent: int) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # a residual may exceed the largest number, to infinity
        return np.asarray(np.ldexp(residuals, exponent))


def _cause(B: Floats, v: Floats, residuals: list[float]) -> Cause:
    """Return what keeps the iteration from converging.

    Powers of k shrink by the same factor whenever k doubles; powers of |λ₂/λ₁| by its square.
    Where nothing shrinks, B² v = α B v + β v tells the two dominant eigenvalues: they are the
    roots of x² − αx − β.
    """
    count = len(residuals)
    if count < 16:
        return "slow"
    early, middle, late = (
        max(residuals[k - k // 8 - 1 : k]) for k in (count // 4, count // 2, count)
    )
    if late < middle / 1.5:
        return "defective" if middle / late < (early / middle) ** 1.5 else "slow"
    w = B @ v
    length = np.linalg.norm(w)
    basis = np.column_stack([w / length, v])
    target = B @ basis[:, 0] / length
    (alpha, beta), *_ = np.linalg.lstsq(basis, target, rcond=None)
    if np.linalg.norm(basis @ (alpha, beta) - target) > 1e-4:
        return "several"
    if alpha**2 + 4 * beta < 0:
        return "complex pair"
    return "± pair" if beta > 0 else "slow"
