"""Numerical, stable and effective rank: cases, right answers and wrong ones of chapter 02."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib import linalg
from matnn_lib.exercises.exercise import Arguments

Array = NDArray[Any]
EPS = float(np.finfo(float).eps)


def _low(rng: np.random.Generator, m: int, n: int) -> Array:
    r = int(rng.integers(2, min(m, n) - 1))
    return rng.standard_normal((m, r)) @ rng.standard_normal((r, n))


def rectangular(rng: np.random.Generator) -> Arguments:
    """More columns than rows, rank lower than both."""
    return (_low(rng, int(rng.integers(6, 9)), int(rng.integers(10, 14))),)


def tiny(rng: np.random.Generator) -> Arguments:
    """Every entry near 1e-20."""
    return (_low(rng, 7, 7) * 1e-20,)


def huge(rng: np.random.Generator) -> Arguments:
    """Every entry near 1e20."""
    return (_low(rng, 8, 8) * 1e20,)


def shift(rng: np.random.Generator) -> Arguments:
    """Nothing but a diagonal above the diagonal."""
    n = int(rng.integers(4, 9))
    return (np.diag(rng.uniform(0.5, 2, n - 1), k=1),)


def strictly_upper(rng: np.random.Generator) -> Arguments:
    """All entries above the diagonal: nilpotent, of rank n − 1."""
    n = int(rng.integers(9, 12))
    return (np.triu(rng.uniform(1, 2, (n, n)) * rng.choice([-1, 1], (n, n)), k=1) + 0.0,)


def near_tolerance(rng: np.random.Generator) -> Arguments:
    """Five singular values: one a little below max(m, n) ε σ_1, one a little above it."""
    U = np.linalg.qr(rng.standard_normal((40, 5)))[0]
    V = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    return (U * [1, 0.5, 0.1, 100 * EPS, 20 * EPS] @ V.T * 10.0 ** rng.uniform(-3, 3),)


def near_tolerance_wide(rng: np.random.Generator) -> Arguments:
    """The same with rows and columns exchanged, so that the larger size is the other one."""
    return (near_tolerance(rng)[0].T,)


def hilbert(rng: np.random.Generator) -> Arguments:
    """A Hilbert matrix, where pivots say another rank; a power of 2 changes no rounding.

    It is so large that a tolerance without a scale finds another rank than a loose one with it.
    """
    i = np.arange(20)
    return (2.0 ** rng.integers(30, 41) / (1 + i + i[:, None]),)


def zero_matrix(rng: np.random.Generator) -> Arguments:
    """No entry at all."""
    return (np.zeros((4, 5)),)


def absolute(A: Array) -> int:
    """Singular values above 1e-10, whatever the scale."""
    return int((np.linalg.svd(A, compute_uv=False) > 1e-10).sum())


def above_zero(A: Array) -> int:
    """Singular values that are not exactly zero."""
    return int((np.linalg.svd(A, compute_uv=False) > 0).sum())


def above(A: Array, tolerance: float) -> int:
    """Singular values above a share of the largest."""
    sigma = np.linalg.svd(A, compute_uv=False)
    return int((sigma > tolerance * sigma[0]).sum())


def through_squares(product: Array, size: int) -> int:
    """Roots of the eigenvalues of AᵀA or AAᵀ; a negative one has no root and does not count."""
    sigma = np.sqrt(np.maximum(np.linalg.eigvalsh(product), 0))
    return int((sigma > size * EPS * sigma.max()).sum())


def through_moduli(product: Array, size: int) -> int:
    """The same with the roots of their moduli."""
    sigma = np.sqrt(np.abs(np.linalg.eigvalsh(product)))
    return int((sigma > size * EPS * sigma.max()).sum())


def not_below(A: Array) -> int:
    """Singular values that are not below the tolerance: in the zero matrix, all."""
    sigma = np.linalg.svd(A, compute_uv=False)
    return int((sigma >= max(A.shape) * EPS * sigma[0]).sum())


def by_pivots(A: Array) -> int:
    """The pivots of elimination."""
    return len(linalg.row_echelon(A).pivots)


def by_eigenvalues(A: Array) -> int:
    """Eigenvalues above a tolerance relative to the largest."""
    moduli = np.abs(np.linalg.eigvals(A))
    return int((moduli > len(A) * np.finfo(float).eps * moduli.max()).sum())


def as_it_was(A: Array) -> int:
    """Eigenvalues, and an absolute tolerance."""
    return int((np.abs(np.linalg.eigvals(A)) > 1e-10).sum())


def _logarithms(rng: np.random.Generator, n: int, decades: float) -> Array:
    return -np.sort(rng.uniform(0, decades * np.log(10), n)) + rng.uniform(-3, 3)


def few(rng: np.random.Generator) -> Arguments:
    """A handful of singular values."""
    return (_logarithms(rng, int(rng.integers(3, 6)), 1.0),)


def many(rng: np.random.Generator) -> Arguments:
    """Sixty-four, over twenty decades."""
    return (_logarithms(rng, 64, 20.0),)


def vanished(rng: np.random.Generator) -> Arguments:
    """All far below the smallest float64, as after hundreds of layers."""
    return (_logarithms(rng, 10, 2.0) - rng.uniform(1500, 2500),)


def exploded(rng: np.random.Generator) -> Arguments:
    """All far above the largest float64."""
    return (_logarithms(rng, 12, 2.0) + rng.uniform(1500, 2500),)


def with_zeros(rng: np.random.Generator) -> Arguments:
    """Some singular values are exactly zero: their logarithms are −inf."""
    logs = _logarithms(rng, 8, 1.0)
    logs[-3:] = -np.inf
    return (logs,)


def effective(logs: Array) -> float:
    """The exponential of the entropy of the softmax."""
    from scipy.special import entr, softmax

    return float(np.exp(entr(softmax(logs)).sum()))


def of_squares(logs: Array) -> float:
    """With the shares of the squares."""
    return effective(2 * logs)


def in_bits(logs: Array) -> float:
    """e to the power of an entropy in bits."""
    return float(effective(logs) ** (1 / np.log(2)))


def entropy(logs: Array) -> float:
    """The entropy itself."""
    return float(np.log(effective(logs)))


def exponential_first(logs: Array) -> float:
    """The logarithms undone as they are: 0/0 or ∞/∞ where they are far from zero."""
    sigma = np.exp(logs)
    p = sigma / sigma.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def zero_shares(logs: Array) -> float:
    """Shifted as it should be, but 0 · ln 0 is left in the sum."""
    return exponential_first(logs - logs[0])


def inverse_participation(logs: Array) -> float:
    """One over the sum of the squared shares, another measure."""
    p = np.exp(logs - logs.max())
    p /= p.sum()
    return float(1 / (p @ p))


def _decades(sigma: Array) -> float:
    return float(np.log10(sigma[0]) - np.log10(sigma[-1]))


def _first(factors: Array, spread: Callable[[Array], float]) -> tuple[int, Array]:
    """How many factors it takes until `spread` is below n/2, and their product's σ, scaled."""
    P, n = np.eye(factors.shape[1]), factors.shape[1]
    for k, F in enumerate(factors, start=1):
        P = P @ F
        P = P / np.abs(P).max()
        sigma = np.linalg.svd(P, compute_uv=False)
        if spread(sigma) < n / 2:
            return k, sigma
    return 0, np.ones(n)


def _effective(sigma: Array) -> float:
    return effective(np.log(np.maximum(sigma / sigma[0], 1e-300)))


def first_below(factors: Array) -> tuple[int, float]:
    """From the products themselves, each scaled to an ordinary size."""
    k, sigma = _first(factors, _effective)
    return k, _decades(sigma)


def _gaussian(rng: np.random.Generator, n: int, scale: float) -> Array:
    """Gaussian factors whose product loses half its effective rank at layer 3 or later."""
    while True:
        factors = rng.standard_normal((9, n, n))
        if first_below(factors)[0] >= 3:
            return scale * factors


def narrow(rng: np.random.Generator) -> Arguments:
    """Four by four."""
    return (_gaussian(rng, 4, 1.0),)


def wider(rng: np.random.Generator) -> Arguments:
    """Six by six, of ordinary size."""
    return (_gaussian(rng, 6, 0.4),)


def shrinking(rng: np.random.Generator) -> Arguments:
    """Every layer shrinks by a factor of 1e-170: no product of two can be written down."""
    return (_gaussian(rng, 5, 1e-170),)


def rotations(rng: np.random.Generator) -> Arguments:
    """Orthogonal layers: nothing is lost at any depth."""
    return (np.linalg.qr(rng.standard_normal((2, 4, 4)))[0],)


def counted_from_zero(factors: Array) -> tuple[int, float]:
    """The position of the layer, counted from 0."""
    k, decades = first_below(factors)
    return k - 1, decades


def with_stable_rank(factors: Array) -> tuple[int, float]:
    """The same with stable rank."""
    k, sigma = _first(factors, lambda sigma: float((sigma**2).sum() / sigma[0] ** 2))
    return k, _decades(sigma)


def each_alone(factors: Array) -> tuple[int, float]:
    """Layers by themselves, no product: none of them is below."""
    n = factors.shape[1]
    for k, F in enumerate(factors, start=1):
        sigma = np.linalg.svd(F, compute_uv=False)
        if _effective(sigma) < n / 2:
            return k, _decades(sigma)
    return 0, 0.0


def in_natural_logarithms(factors: Array) -> tuple[int, float]:
    """The distance in units of e instead of decades."""
    k, decades = first_below(factors)
    return k, decades * float(np.log(10))


def from_one(factors: Array) -> tuple[int, float]:
    """How far the smallest singular value lies below 1, not below the largest."""
    k, _ = first_below(factors)
    logs = linalg.product_spectrum([*factors[:k]]) if k else np.zeros(1)
    return k, float(-logs[-1] / np.log(10))
