"""Gaussian elimination, as taught: for rank and solutions by hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from matnn_lib._validation import Floats, as_matrix, as_number
from matnn_lib.linalg.scaling import scale_number, split_scale


class Echelon(NamedTuple):
    """What `row_echelon` returns."""

    R: Floats
    pivots: tuple[int, ...]


def row_echelon(A: ArrayLike, tol: float | None = None) -> Echelon:
    """Return the reduced row echelon form of `A`, by elimination with partial pivoting.

    Each pivot is the entry of largest size left in its column. It is divided to 1 and all else
    in its column is eliminated.

    This shows what rank *is*: the number of pivots. It is not the way to decide the rank of
    measured or computed data, since one tolerance on pivots can be far from one on the distance
    to a matrix of lower rank (Kahan's matrix). `rank`, by the singular value decomposition, is.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real matrix.
    tol : float, optional
        Pivot candidates up to `tol` count as zero. The default is max(m, n) · ε · ‖A‖∞.

    Returns
    -------
    R : ndarray, shape (m, n)
        Reduced row echelon form.
    pivots : tuple of int
        Columns of the pivots, from 0, one a non-zero row.

    Raises
    ------
    TypeError, ValueError
        `A` is not a finite real matrix, `tol` is negative, or an entry of the result overflows.

    References
    ----------
    Strang, Introduction to Linear Algebra, 5th ed. (2016), section 3.2; Golub & Van Loan, Matrix
    Computations, 4th ed. (2013), section 5.4.3 (why pivots are not singular values).

    Examples
    --------
    >>> R, pivots = row_echelon([[1, 2, 3], [2, 4, 8]])
    >>> R
    array([[1., 2., 0.],
           [0., 0., 1.]])
    >>> pivots
    (0, 2)
    """
    R, exponent = split_scale(as_matrix("A", A))
    m, n = R.shape
    if tol is None:
        threshold = max(m, n) * float(np.finfo(R.dtype).eps * np.abs(R).sum(axis=1).max())
    else:
        threshold = scale_number(as_number("tol", tol, minimum=0), -exponent)
    pivots: list[int] = []
    for column in range(n):
        row = len(pivots)
        if row == m:
            break
        p = row + int(np.abs(R[row:, column]).argmax())
        if abs(R[p, column]) <= threshold:
            R[row:, column] = 0
            continue
        R[[row, p]] = R[[p, row]]
        others = np.arange(m) != row
        with np.errstate(over="ignore", invalid="ignore"):
            R[row] /= R[row, column]
            R[others] -= np.outer(R[others, column], R[row])
        if not np.isfinite(R).all():
            raise ValueError(
                f"A must have a reduced row echelon form within {R.dtype}, but an entry of it "
                f"overflows at the pivot in column {column}: scale the columns or raise tol"
            )
        pivots.append(column)
    return Echelon(R + 0.0, tuple(pivots))  # −0, which puzzles readers, becomes 0
