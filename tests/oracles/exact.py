"""Matrix analysis in as many digits as it takes: Python's integers and mpmath.

Run as ``python -m tests.oracles.exact`` (about three minutes) this writes the reference values
of long products that tests/linalg/data keeps.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import mpmath as mp
import numpy as np

DATA = Path(__file__).parents[1] / "linalg" / "data"
DIGITS = 60


def matrix(A):
    """Return the float64 matrix as an mpmath matrix: the same numbers, nothing is rounded."""
    return mp.matrix(np.asarray(A, dtype=np.float64).tolist())


def svd(A, digits=DIGITS):
    """Return U, the list of singular values, largest first, and Vᵀ, for any shape."""
    with mp.workdps(digits):
        M = A if isinstance(A, mp.matrix) else matrix(A)
        if M.rows >= M.cols:
            U, S, Vt = mp.svd_r(M)
        else:
            V, S, Ut = mp.svd_r(M.T)
            U, Vt = Ut.T, V.T
        return U, [+s for s in S], Vt


def singular_values(A, digits=DIGITS):
    """Return the singular values as mpmath numbers, largest first."""
    with mp.workdps(digits):
        M = A if isinstance(A, mp.matrix) else matrix(A)
        return list(mp.svd_r(M if M.rows >= M.cols else M.T, compute_uv=False))


def eigenvalues(A, digits=DIGITS):
    """Return the eigenvalues as mpmath numbers."""
    with mp.workdps(digits):
        return list(mp.eig(matrix(A), left=False, right=False))


def to_float(M):
    """Return an mpmath matrix or list rounded to float64, exactly once."""
    return np.array([[float(x) for x in row] for row in M.tolist()])


def product(factors, bits):
    """Return integers P and an exponent e: the product is 2**e P up to 2**-bits of its size."""
    P, exponent = _integers(factors[0])
    for F in factors[1:]:
        G, shift = _integers(F)
        P, exponent = P.dot(G), exponent + shift
        excess = max(abs(int(x)) for x in P.flat).bit_length() - bits
        if excess > 0:
            P, exponent = P >> excess, exponent + excess
    return P, exponent


def product_log_singular_values(factors, digits):
    """Return the log singular values of the product of float64 matrices, largest first.

    `digits` is what the intermediate numbers carry: the digits wanted and as many as the
    smallest singular value is smaller than the largest.
    """
    P, exponent = product(factors, int(digits * 3.33) + 64)
    with mp.workdps(digits):
        sigma = singular_values(mp.matrix(P.tolist()), digits)
        return [mp.log(s) + exponent * mp.log(2) if s else mp.mpf("-inf") for s in sigma]


def gaussian_factors(count):
    """Return the factors of the stored products: 64 × 64, variance 1/64, seed 0."""
    return np.random.default_rng(0).standard_normal((count, 64, 64)) / 8


def checksum(factors):
    """Return the SHA-256 of the factors' bytes: reference values are of no use for others."""
    return hashlib.sha256(np.ascontiguousarray(factors, dtype="<f8").tobytes()).hexdigest()


def _integers(A):
    """Return A as integers and the exponent of two that scales them."""
    mantissa, exponent = np.frexp(np.asarray(A, dtype=np.float64))
    exponent = np.where(mantissa == 0, exponent.max(), exponent) - 53
    lowest = int(exponent.min())
    whole = [
        [int(m) << int(e - lowest) for m, e in zip(row, shifts, strict=True)]
        for row, shifts in zip(mantissa * 2.0**53, exponent, strict=True)
    ]
    return np.array(whole, dtype=object), lowest


def write_references():
    """Compute and write tests/linalg/data/product_*.json."""
    for count, digits in ((50, 110), (1000, 1260)):
        A = gaussian_factors(count)
        orders = {"reversed": A[::-1], "as_listed": A} if count == 50 else {"as_listed": A}
        content = {
            "what": "natural logarithms of the 64 singular values, largest first, of the product "
            f"of numpy.random.default_rng(0).standard_normal(({count}, 64, 64)) / 8, its "
            "factors taken in the order listed or reversed",
            "made_by": "python -m tests.oracles.exact",
            "sha256_of_factors": checksum(A),
        }
        for order, factors in orders.items():
            logs = product_log_singular_values(factors, digits)
            content[order] = [mp.nstr(x, 25) for x in logs]
        text = json.dumps(content, indent=1) + "\n"
        (DATA / f"product_{count}x64x64.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_references()
