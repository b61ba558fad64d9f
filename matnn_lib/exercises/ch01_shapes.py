"""Products, shapes and prices: cases, right answers and wrong ones of chapter 01's exercises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib.exercises.exercise import Arguments

Array = NDArray[Any]
Shapes = Sequence[tuple[int, int]]


def small(rng: np.random.Generator, *shape: int) -> Array:
    """Whole numbers from −4 to 5 without 0, as one multiplies by hand."""
    numbers: Array = rng.choice([-4, -3, -2, -1, 1, 2, 3, 4, 5], shape)
    return numbers


def by_hand(rng: np.random.Generator) -> Arguments:
    """Two small matrices for which every known mistake gives another product."""
    while True:
        A, B = small(rng, 2, 2), small(rng, 2, 2)
        answers = [A @ B, B @ A, A * B, A @ B.T, A.T @ B]
        if len({a.tobytes() for a in answers}) == len(answers):
            return A, B


def chain(rng: np.random.Generator, length: int) -> list[tuple[int, int]]:
    """Shapes that fit, with no two sizes alike."""
    sizes = rng.permutation(np.arange(2, 3 + 2 * length))[: length + 1].tolist()
    return [(sizes[i], sizes[i + 1]) for i in range(length)]


def one_misfit(rng: np.random.Generator) -> Arguments:
    """One matrix behind the middle has too many rows.

    Behind position 3: there a chain that is compared with X alone gives the position before it.
    """
    shapes = chain(rng, 7)
    k = int(rng.integers(4, 7))
    shapes[k] = (shapes[k][0] + 20, shapes[k][1])
    return (shapes,)


def two_misfits(rng: np.random.Generator) -> Arguments:
    """Two matrices have too many rows, the first of them early."""
    shapes = chain(rng, 9)
    for k in (int(rng.integers(2, 4)), int(rng.integers(5, 8))):
        shapes[k] = (shapes[k][0] + 30, shapes[k][1])
    return (shapes,)


def turned(rng: np.random.Generator) -> Arguments:
    """One matrix is transposed, so that it fits on neither side."""
    shapes = chain(rng, 6)
    k = int(rng.integers(2, 4))
    shapes[k] = shapes[k][::-1]
    return (shapes,)


def all_fit(rng: np.random.Generator) -> Arguments:
    """A chain without a fault."""
    return (chain(rng, int(rng.integers(2, 6))),)


def multiplied(shapes: Shapes) -> int:
    """Multiply zeros of these shapes until NumPy refuses."""
    product = np.zeros(shapes[0])
    for k, shape in enumerate(shapes[1:], start=1):
        try:
            product = np.matmul(product, np.zeros(shape))
        except ValueError:
            return k
    return len(shapes)


def misfits(shapes: Shapes) -> list[int]:
    """Positions at which a factor does not fit the one before it."""
    return [k for k in range(1, len(shapes)) if shapes[k - 1][1] != shapes[k][0]]


def columns_compared(shapes: Shapes) -> int:
    """Where neighbours first differ in their numbers of columns."""
    return next((k for k in range(1, len(shapes)) if shapes[k - 1][1] != shapes[k][1]), 0)


def not_updated(shapes: Shapes) -> int:
    """Where a factor does not fit X, as if nothing had been multiplied since."""
    return next((k for k in range(1, len(shapes)) if shapes[0][1] != shapes[k][0]), len(shapes))


def one_row(rng: np.random.Generator) -> Arguments:
    """A single example: cheap from the left."""
    return ((1, *rng.integers(10, 80, 6).tolist()),)


def one_output(rng: np.random.Generator) -> Arguments:
    """A single output: cheap from the right."""
    return ((*rng.integers(10, 80, 5).tolist(), 1),)


def hourglass(rng: np.random.Generator) -> Arguments:
    """A narrow waist in the middle."""
    return ((int(rng.integers(20, 30)), 100, int(rng.integers(2, 6)), 90, 40),)


def two_factors(rng: np.random.Generator) -> Arguments:
    """One product, so one order."""
    return (tuple(rng.integers(2, 30, 3).tolist()),)


def counts(sizes: Sequence[int]) -> tuple[int, int]:
    """From the left every product has d_0 rows, from the right every one has d_k columns."""
    d = np.asarray(sizes)
    return int(d[0] * (d[1:-1] @ d[2:])), int(d[-1] * (d[:-2] @ d[1:-1]))


def with_additions(sizes: Sequence[int]) -> tuple[int, int]:
    """Multiplications and additions together."""
    d = np.asarray(sizes)
    return int(d[0] * ((2 * d[1:-1] - 1) @ d[2:])), int(d[-1] * (d[:-2] @ (2 * d[1:-1] - 1)))


def entries(sizes: Sequence[int]) -> tuple[int, int]:
    """Numbers that come out, instead of the multiplications that go in."""
    return int(sizes[0] * sum(sizes[2:])), int(sizes[-1] * sum(sizes[:-2]))


def neighbours(sizes: Sequence[int]) -> tuple[int, int]:
    """Each factor with its neighbour, as if no product had been taken before."""
    total = sum(sizes[i - 1] * sizes[i] * sizes[i + 1] for i in range(1, len(sizes) - 1))
    return total, total


def from_the_identity(sizes: Sequence[int]) -> tuple[int, int]:
    """The first factor counted too, as a product with an identity that was begun with."""
    left, right = counts(sizes)
    return left + sizes[0] ** 2 * sizes[1], right + sizes[-2] * sizes[-1] ** 2
