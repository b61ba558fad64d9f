"""Scaling by powers of two: exact, and the cure for overflow on the way to a result that fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matnn_lib._validation import Floats

LARGEST_SHIFT = 5_000  # more than any two exponents of float64 differ
NO_EXPONENT = -1_000_000  # that of zero


def split_scale(A: Floats) -> tuple[Floats, int]:
    """Return ``(B, e)`` with ``A = B * 2**e`` and the largest ``|B|`` in [1/2, 1); 0 gives (0, 0).

    Squares and sums of the entries of `B` can't overflow, and what underflows is negligible.
    """
    _, exponent = np.frexp(np.abs(A).max())
    return np.ldexp(A, -exponent), int(exponent)


def join_scale(name: str, B: Floats, exponent: int) -> Floats:
    """Return ``B * 2**exponent``, or raise ``ValueError`` which says that `name` overflows."""
    shift = int(np.clip(exponent, -LARGEST_SHIFT, LARGEST_SHIFT))
    with np.errstate(over="ignore", under="ignore"):
        result: Floats = np.ldexp(B, shift)
    if not np.isfinite(result).all():
        raise ValueError(
            f"{name} overflows: its largest entry is about "
            f"1e{round((exponent + float(np.log2(np.abs(B).max()))) * np.log10(2)):+d}, "
            f"beyond the largest {result.dtype} {np.finfo(result.dtype).max:.1e}"
        )
    return result


def equilibrate(A: Floats) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32]]:
    """Return ``(B, r, c)`` with ``A = 2**r[:, None] * B * 2**c``, B's rows and columns near 1.

    The largest entry of each non-zero column of `B` lies in [1/2, 1), and so does, for most
    matrices up to a small factor, that of each row. Exponents are integers: nothing is rounded,
    and rows or columns of 1e±200 side by side lose nothing. Those of zeros only are given the
    largest exponent of the others.
    """
    mantissa, exponent = np.frexp(A)
    exponent = np.where(mantissa == 0, NO_EXPONENT, exponent)
    r = exponent.max(axis=1)
    r = np.where(r == NO_EXPONENT, max(r.max(), -LARGEST_SHIFT), r)
    c = (exponent - r[:, None]).max(axis=0)
    c = np.where(c < -LARGEST_SHIFT, max(c.max(), -LARGEST_SHIFT), c)
    shift = np.maximum(exponent - r[:, None] - c, -LARGEST_SHIFT)
    return np.ldexp(mantissa, shift), r, c
