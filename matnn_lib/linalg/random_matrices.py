"""Random matrices: how their singular values spread, and a uniformly random rotation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matnn_lib._validation import (
    Floats,
    as_array,
    as_generator,
    as_integer,
    as_number,
    as_size,
)


def haar_orthogonal(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random orthogonal matrix, uniform (Haar) on the orthogonal group O(n).

    The Q of a Gaussian matrix's QR factorisation is not uniform as LAPACK returns it: its signs
    follow a convention. Multiplying column j by the sign of R[j, j] makes it so.

    Parameters
    ----------
    n : int
        Number of rows and columns, at least 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Q : ndarray, shape (n, n)
        ``Q.T @ Q`` is the identity up to rounding.

    Raises
    ------
    TypeError, ValueError
        `n` is not a positive integer, or `rng` not a generator.

    References
    ----------
    Mezzadri, How to generate random matrices from the classical compact groups, Notices of the
    AMS 54 (2007), section 5.

    Examples
    --------
    >>> Q = haar_orthogonal(3, np.random.default_rng(0))
    >>> bool(np.allclose(Q.T @ Q, np.eye(3)))
    True
    """
    n = as_size("n", n)
    G = as_generator("rng", rng).standard_normal((n, n))
    Q, R = np.linalg.qr(G)
    return np.asarray(Q * np.where(np.diag(R) < 0, -1.0, 1.0))


def marchenko_pastur(x: ArrayLike, rows: int, columns: int) -> Floats:
    """Return the limiting density at `x` of the singular values of a Gaussian matrix.

    The matrix is `rows` × `columns`, its entries independent with mean 0 and variance 1/rows, as
    the weights of a layer with `rows` inputs. With c = columns/rows and s± = |1 ± √c|,

        g(x) = √((s₊² − x²)(x² − s₋²)) / (π min(c, 1) x)    for s₋ ≤ x ≤ s₊, and 0 elsewhere.

    For a square matrix this is the quarter circle √(4 − x²)/π.

    Parameters
    ----------
    x : array_like
        Points, of any shape.
    rows, columns : int
        Shape of the matrix, each at least 1.

    Returns
    -------
    g : ndarray, shape of `x`
        Integrates to 1 over x ≥ 0: a matrix has min(rows, columns) singular values, and g is
        their density. (The zeros that XᵀX has besides, columns − rows of them where there are
        more columns than rows, are not singular values of X: there is no point mass.)

    Raises
    ------
    TypeError, ValueError
        `x` is not finite and real, or a dimension is not a positive integer.

    References
    ----------
    Marčenko & Pastur, Distribution of eigenvalues for some sets of random matrices, Math. USSR
    Sbornik 1 (1967); Bai & Silverstein, Spectral Analysis of Large Dimensional Random Matrices
    (2010), section 3.1. Theirs is the density of the eigenvalues x²; the factor 2x of the
    substitution is included here.

    Examples
    --------
    >>> marchenko_pastur([0.0, 1.0, 2.0], 64, 64).round(6)
    array([0.63662 , 0.551329, 0.      ])
    """
    points = as_array("x", x)
    rows, columns = as_integer("rows", rows, minimum=1), as_integer("columns", columns, minimum=1)
    ratio = as_number("columns", columns) / as_number("rows", rows)
    low, high = abs(1 - ratio**0.5), 1 + ratio**0.5
    inside = (points >= low) & (points <= high)
    safe = np.where(inside & (points > 0), points, 1)  # at 0 only a square matrix has density
    edge = np.where(low > 0, (safe - low) * (safe + low) / safe**2, 1)
    held = np.where(inside, points, high)  # where there is no density, squares could overflow
    radicand = (high - held) * (high + held) * edge
    return np.asarray(np.sqrt(radicand) / (np.pi * min(ratio, 1)), dtype=points.dtype)
