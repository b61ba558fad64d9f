"""A product kept as U eᵈ T, so that its singular values may differ by any power of ten."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats
from matnn_lib.linalg.scaling import MILD_GRADING, Exponents, equilibrate

LOG2 = float(np.log(2))
SAFE_PIVOT = 1e-4  # of QR, in units of the largest column: costs 4 of 16 digits at most
NOISE_MARGIN = 10.0  # an entry this many times larger than its rounding errors is real


class Graded(NamedTuple):
    """The matrix ``U @ diag(exp(d)) @ T``: orthonormal columns, logarithms, rows of length 1.

    T is well-conditioned, so all that is large or small is in d, where nothing overflows.
    """

    U: Floats
    d: Floats
    T: Floats

    @classmethod
    def identity(cls, n: int) -> Graded:
        """Return the n × n identity."""
        return cls(np.eye(n), np.zeros(n), np.eye(n))


def multiply(F: Floats, P: Graded) -> Graded:
    """Return the product F P.

    A well-conditioned F goes through one QR factorisation. If its rows or columns are of very
    different size, these sizes are kept apart as logarithms; then, and if F is nearly singular,
    elimination with complete pivoting is used, which respects both gradings and finds the rank.
    """
    if not len(P.d):
        return P._replace(U=np.zeros((len(F), 0)))
    eps = float(np.finfo(F.dtype).eps)
    scaled, r, c = equilibrate(F)
    B: Floats = scaled.astype(np.float64)
    if np.ptp(c) > MILD_GRADING:
        P = _by_elimination(c, np.eye(len(c)), P, float(np.finfo(np.float64).eps))
    else:
        B = B * np.exp2(c)
    product = _by_qr(B * np.exp2(r - r.max())[:, None], P, eps)
    if product is None:
        return _by_elimination(r, B, P, eps)
    return product._replace(d=product.d + r.max() * LOG2)


def _by_qr(B: Floats, P: Graded, eps: float) -> Graded | None:
    """Return B P, or None where a pivot is too small: B nearly singular, or its rows graded.

    B U = Q R, with the columns sorted by their size in B U eᵈ, gives B P = Q (R eᵈ) T. Sorting
    first does nearly as well as pivoting on the way, at a fraction of its cost. Each entry of
    B U carries rounding errors of about ε times the length of its row in B, however small it is
    itself: where B takes all of U to zero, B U is nothing but them, and well-conditioned.
    """
    C = B @ P.U
    size = np.linalg.norm(C, axis=0)
    if not size.all():
        return None
    order = np.argsort(-(P.d + np.log(size)))
    Q, R = np.linalg.qr(C[:, order])
    noise = 10 * NOISE_MARGIN * max(C.shape) * eps
    least = max(SAFE_PIVOT * size.max(), noise * float(np.linalg.norm(B)))
    if np.abs(np.diag(R)).min() < least:
        return None
    return _condense(Q, R, P.d[order], P.T[order])


def _by_elimination(r: Exponents, B: Floats, P: Graded, eps: float) -> Graded:
    """Return 2ʳ B P, of the rank that rounding errors leave.

    Elimination on B U with pivots chosen by size in 2ʳ B U eᵈ gives 2ʳ B U eᵈ = L eᵟ V with unit
    triangular L and V, all entries at most 1 and pivots eᵟ in falling order; then L = Q R. Each
    step commutes with scaling rows and columns, so r and d enter only in the choice of pivots.
    Integers r keep L exact to rounding, and with it the directions that a later factor may take
    to zero; logarithms of 1e200 would take two digits from them.
    """
    W, rows, columns, k = _eliminate(B @ P.U, eps * (np.abs(B) @ np.abs(P.U)), eps, r * LOG2, P.d)
    r, d = r[rows], P.d[columns]
    pivots = np.diag(W)[:k]
    # Where a scale overflows, the entry it multiplies is 0: the product is at most 1.
    L = np.eye(len(W), k)
    L += np.tril(W[:, :k], -1) / pivots * np.exp2(np.minimum(r[:, None] - r[:k], 1000))
    V = np.triu(W[:k]) / np.abs(pivots)[:, None] * np.exp(np.minimum(d - d[:k, None], 700))
    Q, R = np.linalg.qr(L)
    U = np.empty_like(Q)
    U[rows] = Q
    return _condense(U, R, r[:k] * LOG2 + d[:k] + np.log(np.abs(pivots)), V @ P.T[columns])


def _eliminate(
    W: Floats, noise: Floats, eps: float, r: Floats, d: Floats
) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp], int]:
    """Return (W, rows, columns, k): multipliers × pivots below the diagonal, and the rank k.

    `noise` bounds the rounding errors in W, and grows by those of each step. An entry within
    them is no pivot; where no other is left, the rest is zero as far as anyone can know.
    """
    m, n = W.shape
    rows, columns = np.arange(m), np.arange(n)
    for k in range(min(m, n)):
        S = W[k:, k:]
        with np.errstate(divide="ignore"):
            weight = np.log(np.abs(S)) + r[rows[k:], None] + d[columns[k:]]
        real = np.abs(S) > NOISE_MARGIN * max(m, n) * noise[k:, k:]
        candidates = np.where(real, weight, -np.inf)
        p, q = divmod(int(candidates.argmax()), n - k)
        if not real[p, q]:
            return W, rows, columns, k
        S[weight > weight[p, q]] = 0  # noise in rows or columns that are large
        for M in (W, noise):
            M[[k, k + p]] = M[[k + p, k]]
            M[:, [k, k + q]] = M[:, [k + q, k]]
        rows[[k, k + p]] = rows[[k + p, k]]
        columns[[k, k + q]] = columns[[k + q, k]]
        update = np.outer(W[k + 1 :, k] / W[k, k], W[k, k + 1 :])
        W[k + 1 :, k + 1 :] -= update
        noise[k + 1 :, k + 1 :] += eps * np.abs(update)
    return W, rows, columns, min(m, n)


def _condense(Q: Floats, R: Floats, d: Floats, T: Floats) -> Graded:
    """Return Q R eᵈ T, of which the diagonal of R and the lengths of T's rows go into d."""
    size = np.abs(np.diag(R))
    kept = d[: len(R)]
    # Above the diagonal the exponent is at most −log(SAFE_PIVOT); below it R is 0.
    T = (R / size[:, None] * np.exp(np.minimum(d - kept[:, None], 20))) @ T
    length = np.linalg.norm(T, axis=1)
    return Graded(Q, kept + np.log(size * length), T / length[:, None])
