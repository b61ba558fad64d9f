"""Scaling by powers of two: exact, and the cure for overflow on the way to a result that fits."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats

LARGEST_SHIFT = 5_000  # more than any two exponents of float64 differ
NO_EXPONENT = 1_000_000  # minus this stands for the exponent of zero
MILD_GRADING = 10  # powers of two between rows or columns: costs 3 of 16 digits at most
WIDE_RANGE = 20  # powers of two between entries: rounding the largest harms the smallest
MOST_SWEEPS = 30

Exponents = NDArray[np.signedinteger[Any]]


def split_scale(A: Floats) -> tuple[Floats, int]:
    """Return ``(B, e)`` with ``A = B * 2**e`` and the largest ``|B|`` in [1/2, 1); 0 gives (0, 0).

    Squares and sums of the entries of `B` can't overflow, and what underflows is negligible.
    """
    _, exponent = np.frexp(np.abs(A).max())
    return np.ldexp(A, -exponent), int(exponent)


def join_scale(name: str, B: Floats, exponent: int) -> Floats:
    """Return ``B * 2**exponent``, or raise ``ValueError`` which says that `name` overflows."""
    shift = max(-LARGEST_SHIFT, min(exponent, LARGEST_SHIFT))
    with np.errstate(over="ignore", under="ignore"):
        result: Floats = np.ldexp(B, shift)
    if not np.isfinite(result).all():
        decimals = np.log10(2) * exponent + float(np.log10(np.abs(B).max()))
        size = f"{10 ** (decimals % 1):.1f}e{decimals // 1:+.0f}"
        raise ValueError(
            f"{name} overflows: it reaches about {size}, and the largest "
            f"{result.dtype} is {np.finfo(result.dtype).max:.1e}"
        )
    return result


def scale_number(x: float, exponent: int) -> float:
    """Return ``x * 2**exponent`` of x ≥ 0, infinite where that doesn't fit."""
    mantissa, shift = math.frexp(x)
    fits = shift + exponent <= sys.float_info.max_exp
    return math.ldexp(mantissa, shift + exponent) if fits or x == 0 else math.inf


def equilibrate(A: Floats) -> tuple[Floats, Exponents, Exponents]:
    """Return ``(B, r, c)`` with ``A = 2**r[:, None] * B * 2**c``, B's rows and columns near 1.

    Exponents are integers: nothing is rounded, and rows or columns of 1e±200 side by side lose
    nothing. Dividing by the largest entries is enough for most matrices. Where it leaves rows or
    columns far apart, means of logarithms come first (Curtis & Reid 1972): they find back any
    diagonal matrices by which a matrix with entries near 1 was multiplied, zeros or not.
    """
    mantissa, exponent = np.frexp(A)
    present = mantissa != 0
    r, c = _largest(exponent, present)
    if max(np.ptp(r), np.ptp(c)) > MILD_GRADING:
        r, c = _means(exponent, present)
        r_rest, c_rest = _largest(exponent - r[:, None] - c, present)
        r, c = r + r_rest, c + c_rest
    shift = np.where(present, exponent - r[:, None] - c, 0)
    return np.ldexp(mantissa, np.maximum(shift, -LARGEST_SHIFT)), r, c


def balance(A: Floats) -> tuple[Floats, Exponents]:
    """Return ``(B, d)`` with ``B = D⁻¹ A D``, D = diag(2**d), which has the same eigenvalues.

    Where entries lie far apart, d brings the largest of each row and of the column of the same
    index together (after Parlett & Reinsch 1969), so that none is lost beside the others. Where
    they do so already, within a factor of 16, A is returned as it is, with d = 0.
    """
    mantissa, exponent = np.frexp(A)
    d = np.zeros(len(A), dtype=np.int64)
    present = mantissa != 0
    if not present.any() or np.ptp(exponent[present]) < WIDE_RANGE:
        return A, d
    linked = present & ~np.eye(len(A), dtype=bool)
    tied = linked.any(axis=1) & linked.any(axis=0)
    for _ in range(MOST_SWEEPS):
        shifted = np.where(linked, exponent - d[:, None] + d, -NO_EXPONENT)
        # A quarter from each of the two indices that an entry has: half would overshoot.
        step = np.trunc((shifted.max(axis=1) - shifted.max(axis=0)) / 4).astype(np.int64)
        if not step[tied].any():
            break
        d[tied] += step[tied]
    shift = np.clip(exponent - d[:, None] + d, -LARGEST_SHIFT, LARGEST_SHIFT)
    return np.ldexp(mantissa, np.where(present, shift, 0)), d


def _largest(exponent: Exponents, present: NDArray[np.bool_]) -> tuple[Exponents, Exponents]:
    """Return the largest exponent of each row, then of each column of what remains.

    Rows and columns of zeros only are given the largest of the others.
    """
    known = np.where(present, exponent, -NO_EXPONENT)
    r = known.max(axis=1)
    r = np.where(r == -NO_EXPONENT, max(int(r.max()), -LARGEST_SHIFT), r)
    known = np.where(present, exponent - r[:, None], -NO_EXPONENT)
    c = known.max(axis=0)
    return r, np.where(c == -NO_EXPONENT, max(int(c.max()), -LARGEST_SHIFT), c)


def _means(exponent: Exponents, present: NDArray[np.bool_]) -> tuple[Exponents, Exponents]:
    """Return r and c that bring r[:, None] + c near the exponents, in the least-squares sense."""
    r, c = np.zeros(len(exponent)), np.zeros(exponent.shape[1])
    rows, columns = np.maximum(present.sum(axis=1), 1), np.maximum(present.sum(axis=0), 1)
    for _ in range(MOST_SWEEPS):
        r = np.where(present, exponent - c, 0).sum(axis=1) / rows
        c = np.where(present, exponent - r[:, None], 0).sum(axis=0) / columns
    return np.rint(r).astype(np.int64), np.rint(c).astype(np.int64)
