"""A matrix kept as U eᵈ T, so that its singular values may differ by any power of ten."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matnn_lib._validation import Floats
from matnn_lib.linalg.scaling import equilibrate

LOG2 = float(np.log(2))
MILD_GRADING = 10  # in powers of two: QR loses 3 of 16 digits at most
SAFE_PIVOT = 1e-5


class Graded(NamedTuple):
    """The matrix ``U @ diag(exp(d)) @ T``: orthonormal columns, logarithms, rows of length 1."""

    U: Floats
    d: Floats
    T: Floats

    @classmethod
    def identity(cls, n: int) -> Graded:
        """Return the n × n identity."""
        return cls(np.eye(n), np.zeros(n), np.eye(n))


def multiply(F: Floats, P: Graded) -> Graded:
    """Return the product F P."""
    eps = float(np.finfo(F.dtype).eps)
    scaled, r, c = equilibrate(F)
    B: Floats = scaled.astype(np.float64)
    if np.ptp(c) > MILD_GRADING:
        P = _by_elimination(c * LOG2, np.eye(len(c)), P, eps)
    else:
        B = B * np.exp2(c)
    if np.ptp(r) <= MILD_GRADING:
        product = _by_qr(B * np.exp2(r - r.max())[:, None], P)
        if product is not None:
            return product._replace(d=product.d + r.max() * LOG2)
    return _by_elimination(r * LOG2, B, P, eps)


def _by_qr(B: Floats, P: Graded) -> Graded | None:
    """Return B P by a sorted QR factorisation, or None where its pivots are too small."""
    C = B @ P.U
    norms = np.linalg.norm(C, axis=0)
    if not norms.all():
        return None
    order = np.argsort(-(P.d + np.log(norms)))
    Q, R = np.linalg.qr(C[:, order])
    if np.abs(np.diag(R)).min() < SAFE_PIVOT * norms.max():
        return None
    return _graded(Q, P.d[order], R, P.T[order])


def _by_elimination(r: Floats, B: Floats, P: Graded, eps: float) -> Graded:
    """Return eʳ B P by Gaussian elimination with complete pivoting, then QR of the factor L."""
    U, d, T = P
    W = B @ U
    noise = (eps * (np.abs(B) @ np.abs(U))) ** 2
    m, n = W.shape
    rows, columns = np.arange(m), np.arange(n)
    k = 0
    while k < min(m, n):
        S = W[k:, k:]
        S[np.abs(S) <= 4 * np.sqrt(noise[k:, k:])] = 0
        with np.errstate(divide="ignore"):
            weight = np.log(np.abs(S)) + r[rows[k:], None] + d[columns[k:]]
        p, q = divmod(int(np.argmax(weight)), n - k)
        if weight[p, q] == -np.inf:
            break
        for M in (W, noise):
            M[[k, k + p]] = M[[k + p, k]]
            M[:, [k, k + q]] = M[:, [k + q, k]]
        rows[[k, k + p]] = rows[[k + p, k]]
        columns[[k, k + q]] = columns[[k + q, k]]
        lower, upper = W[k + 1 :, k] / W[k, k], W[k, k + 1 :] / W[k, k]
        noise[k + 1 :, k + 1 :] += (
            np.outer(lower**2, noise[k, k + 1 :])
            + np.outer(noise[k + 1 :, k], upper**2)
            + np.outer(lower**2, upper**2) * noise[k, k]
        )
        W[k + 1 :, k + 1 :] -= np.outer(lower, W[k, k + 1 :])
        k += 1
    r, d, T = r[rows], d[columns], T[columns]
    pivots = np.abs(np.diag(W)[:k])
    L = np.tril(W[:, :k], -1) / np.diag(W)[:k] * np.exp(np.minimum(r[:, None] - r[:k], 700))
    V = np.triu(W[:k]) / pivots[:, None] * np.exp(np.minimum(d - d[:k, None], 700))
    Q, R = np.linalg.qr(L + np.eye(m, k))
    U = np.empty_like(Q)
    U[rows] = Q
    return _graded(U, r[:k] + d[:k] + np.log(pivots), R, V @ T)


def _graded(Q: Floats, d: Floats, R: Floats, T: Floats) -> Graded:
    """Return Q R eᵈ T with R made well-conditioned: its diagonal goes into d."""
    size = np.abs(np.diag(R))
    d_kept = d[: len(R)]
    T = (R / size[:, None] * np.exp(np.minimum(d - d_kept[:, None], 20))) @ T
    length = np.linalg.norm(T, axis=1)
    return Graded(Q, d_kept + np.log(size * length), T / length[:, None])
