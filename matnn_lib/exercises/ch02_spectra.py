"""Numerical, stable and effective rank: cases, right answers and wrong ones of chapter 02."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib.exercises.exercise import Arguments

Array = NDArray[Any]


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


def zero_matrix(rng: np.random.Generator) -> Arguments:
    """No entry at all."""
    return (np.zeros((4, 5)),)


def absolute(A: Array) -> int:
    """Singular values above 1e-10, whatever the scale."""
    return int((np.linalg.svd(A, compute_uv=False) > 1e-10).sum())


def above_zero(A: Array) -> int:
    """Singular values that are not exactly zero."""
    return int((np.linalg.svd(A, compute_uv=False) > 0).sum())


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


def inverse_participation(logs: Array) -> float:
    """One over the sum of the squared shares, another measure."""
    p = np.exp(logs - logs.max())
    p /= p.sum()
    return float(1 / (p @ p))


def _spread(P: Array) -> float:
    sigma = np.linalg.svd(P, compute_uv=False)
    return effective(np.log(np.maximum(sigma / sigma[0], 1e-300)))


def first_below(factors: Array) -> int:
    """From the products themselves, each scaled to an ordinary size."""
    P, n = np.eye(factors.shape[1]), factors.shape[1]
    for k, F in enumerate(factors, start=1):
        P = P @ F
        P = P / np.abs(P).max()
        if _spread(P) < n / 2:
            return k
    return 0


def _gaussian(rng: np.random.Generator, n: int, scale: float) -> Array:
    """Gaussian factors whose product loses half its effective rank at layer 3 or later."""
    while True:
        factors = scale * rng.standard_normal((9, n, n))
        if first_below(factors) >= 3:
            return factors


def narrow(rng: np.random.Generator) -> Arguments:
    """Four by four."""
    return (_gaussian(rng, 4, 1.0),)


def wider(rng: np.random.Generator) -> Arguments:
    """Six by six, of ordinary size."""
    return (_gaussian(rng, 6, 0.4),)


def shrinking(rng: np.random.Generator) -> Arguments:
    """Every layer shrinks by a factor of 1e-60: no product of six can be written down."""
    return (_gaussian(rng, 5, 1e-60),)


def rotations(rng: np.random.Generator) -> Arguments:
    """Orthogonal layers: nothing is lost at any depth."""
    return (np.linalg.qr(rng.standard_normal((2, 4, 4)))[0],)


def counted_from_zero(factors: Array) -> int:
    """The position of the layer, counted from 0."""
    return first_below(factors) - 1


def with_stable_rank(factors: Array) -> int:
    """The same with stable rank."""
    P, n = np.eye(factors.shape[1]), factors.shape[1]
    for k, F in enumerate(factors, start=1):
        P = P @ F
        P = P / np.abs(P).max()
        if np.linalg.norm(P) ** 2 / np.linalg.norm(P, 2) ** 2 < n / 2:
            return k
    return 0


def each_alone(factors: Array) -> int:
    """Layers by themselves, no product: none of them is below."""
    n = factors.shape[1]
    return next((k for k, F in enumerate(factors, start=1) if _spread(F) < n / 2), 0)
