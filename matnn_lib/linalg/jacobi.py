"""One-sided Jacobi in log scale: singular values that no floating-point number could hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_SWEEPS = 60
COSINE_TOLERANCE = 1e-14


def log_singular_values(
    log_scale: NDArray[np.float64], X: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log singular values, largest first, of the matrix with rows e^log_scale · X.

    Rotating two rows until they are orthogonal, pair after pair, leaves rows whose lengths are
    the singular values. Here each row is a unit vector and the logarithm of its length, and the
    rotation of a pair needs nothing but the ratio of the two lengths, ρ ≤ 1, and their cosine c:

        tan θ = −2ρc / (1 − ρ² + √((1 − ρ²)² + 4ρ²c²)).

    Where ρ underflows this is a Gram–Schmidt step on the shorter row, as it should be. The error
    of each result is about ε times the condition number of X with rows of length 1, however far
    apart the lengths are (Demmel & Veselić 1992). The pairs of a round are disjoint, so a round
    is done at once; the rounds are those of a round-robin tournament.
    """
    length = np.linalg.norm(X, axis=1)
    log_length, X = log_scale + np.log(length), X / length[:, None]
    rounds = _rounds(len(X))
    for _ in range(MOST_SWEEPS):
        largest_cosine = 0.0
        for first, second in rounds:
            swap = log_length[first] < log_length[second]
            i, j = np.where(swap, second, first), np.where(swap, first, second)
            a, b = X[i], X[j]
            c = np.einsum("ij,ij->i", a, b)
            largest_here = float(np.abs(c).max(initial=0.0))
            if largest_here <= COSINE_TOLERANCE:
                continue
            largest_cosine = max(largest_cosine, largest_here)
            log_ratio = log_length[j] - log_length[i]
            ratio = np.exp(log_ratio)
            gap = -np.expm1(2 * log_ratio)  # 1 − ρ²
            denominator = gap + np.hypot(gap, 2 * ratio * c)
            slope = np.divide(-2 * c, denominator, out=np.zeros_like(c), where=denominator > 0)
            cosine = 1 / np.hypot(1, ratio * slope)
            a_new = cosine[:, None] * (a - (ratio**2 * slope)[:, None] * b)
            b_new = cosine[:, None] * (slope[:, None] * a + b)
            for rows, new in ((i, a_new), (j, b_new)):
                length = np.sqrt(np.einsum("ij,ij->i", new, new))
                X[rows] = new / length[:, None]
                log_length[rows] += np.log(length)
        if largest_cosine <= COSINE_TOLERANCE:
            return np.sort(log_length)[::-1]
    raise ArithmeticError(f"one-sided Jacobi is not done after {MOST_SWEEPS} sweeps")


def _rounds(count: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the rounds of a tournament in which each of `count` players meets each other once."""
    even = count + count % 2
    players = np.arange(even)
    rounds = []
    for _ in range(even - 1):
        first, second = players[: even // 2], players[: even // 2 - 1 : -1]
        real = (first < count) & (second < count)  # an odd count sits one out
        rounds.append((first[real], second[real]))
        players = np.concatenate([players[:1], players[-1:], players[1:-1]])
    return rounds
