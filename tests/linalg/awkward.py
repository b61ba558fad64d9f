"""The classic matrices on which naive linear algebra goes wrong."""

import numpy as np


def hilbert(n):
    """Entries 1/(i + j − 1): full rank for ever, but to rounding errors only up to n = 11."""
    i = np.arange(n)
    return 1.0 / (i[:, None] + i + 1)


def vandermonde(n):
    """Powers of n points in [0, 1]."""
    return np.vander(np.linspace(0, 1, n))


def kahan(n, angle=1.2):
    """Triangular: its last pivot is far larger than its smallest singular value (Kahan 1966)."""
    s, c = np.sin(angle), np.cos(angle)
    return s ** np.arange(n)[:, None] * (np.eye(n) - c * np.triu(np.ones((n, n)), 1))


def frank(n):
    """Integers, determinant 1, eigenvalues λ and 1/λ in pairs of which the small are delicate."""
    i = np.arange(n)
    return np.triu(n - np.maximum(i[:, None], i), -1).astype(float)


def grcar(n):
    """Toeplitz, eigenvalues in complex pairs and far from its numerical range (Grcar 1989)."""
    return np.triu(np.ones((n, n))) - np.triu(np.ones((n, n)), 4) - np.eye(n, k=-1)


def jordan(n, lam):
    """One eigenvalue, one eigenvector."""
    return lam * np.eye(n) + np.eye(n, k=1)


def wilkinson(n):
    """Symmetric tridiagonal, pairs of eigenvalues that agree to many digits (Wilkinson 1965)."""
    return np.diag(np.abs(np.arange(n) - (n - 1) / 2)) + np.eye(n, k=1) + np.eye(n, k=-1)


def rotation(angle):
    """A turn of the plane."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def nilpotent(n):
    """The shift: its n-th power is zero."""
    return np.eye(n, k=1)


def rank_one(m, n):
    """An outer product of two vectors of rounded numbers."""
    return np.outer(np.cos(np.arange(m) + 1), np.sqrt(np.arange(n) + 2))


AWKWARD = {
    "Hilbert 4": hilbert(4),
    "Hilbert 10": hilbert(10),
    "Hilbert 12": hilbert(12),
    "Vandermonde": vandermonde(8),
    "Kahan": kahan(10),
    "Frank": frank(9),
    "Grcar": grcar(10),
    "Jordan": jordan(6, 0.5),
    "Wilkinson": wilkinson(11),
    "rotation": rotation(0.3),
    "nilpotent": nilpotent(5),
    "rank one": rank_one(6, 6),
    "rank one, wide": rank_one(3, 7),
    "huge": 1e200 * grcar(5),
    "tiny": 1e-200 * grcar(5),
    "one row": rank_one(1, 5),
    "tall": vandermonde(9)[:, :4],
    "zero": np.zeros((3, 4)),
}
SQUARE = {name: A for name, A in AWKWARD.items() if A.shape[0] == A.shape[1]}
