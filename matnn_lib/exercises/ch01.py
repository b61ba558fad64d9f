"""Chapter 01, Matrices: products, shapes, prices, and the way back through a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake

Array = NDArray[Any]
Shapes = Sequence[tuple[int, int]]


def _small(rng: np.random.Generator, *shape: int) -> Array:
    """Whole numbers from −4 to 5 without 0, as one multiplies by hand."""
    numbers: Array = rng.choice([-4, -3, -2, -1, 1, 2, 3, 4, 5], shape)
    return numbers


def _by_hand(rng: np.random.Generator) -> Arguments:
    while True:
        A, B = _small(rng, 2, 2), _small(rng, 2, 2)
        answers = [A @ B, B @ A, A * B, A @ B.T, A.T @ B]
        if len({a.tobytes() for a in answers}) == len(answers):
            return A, B


def _one_example(rng: np.random.Generator) -> Arguments:
    while True:
        x, W, dy = _small(rng, 2), _small(rng, 2, 2), _small(rng, 2)
        if W[0, 0] * W[1, 1] == W[0, 1] * W[1, 0]:
            continue  # no inverse to confuse with the transpose
        answers = [W @ dy, dy @ W, np.linalg.solve(W.T, dy), x @ W, dy]
        if len({tuple(np.round(a, 9) + 0.0) for a in answers}) == len(answers):
            return x, W, dy


def _scale(rng: np.random.Generator) -> float:
    return float(10.0 ** rng.uniform(-2, 2))


def _batch(rng: np.random.Generator) -> Arguments:
    n, d_in, d_out = rng.integers(3, 8), rng.integers(2, 5), rng.integers(5, 8)
    return rng.standard_normal((n, d_in)), rng.standard_normal((n, d_out)) * _scale(rng)


def _square_sheets(rng: np.random.Generator) -> Arguments:
    n, d = rng.integers(3, 6), rng.integers(3, 6)
    return rng.standard_normal((n, d)), rng.standard_normal((n, d))


def _single_example(rng: np.random.Generator) -> Arguments:
    return rng.standard_normal((1, 3)), rng.standard_normal((1, 4))


def _chain(rng: np.random.Generator, length: int) -> list[tuple[int, int]]:
    """Shapes that fit, with no two sizes alike."""
    sizes = rng.permutation(np.arange(2, 3 + 2 * length))[: length + 1].tolist()
    return [(sizes[i], sizes[i + 1]) for i in range(length)]


def _one_misfit(rng: np.random.Generator) -> Arguments:
    shapes = _chain(rng, 7)
    k = int(rng.integers(3, 6))
    shapes[k] = (shapes[k][0] + 20, shapes[k][1])
    return (shapes,)


def _two_misfits(rng: np.random.Generator) -> Arguments:
    shapes = _chain(rng, 9)
    for k in (int(rng.integers(2, 4)), int(rng.integers(5, 8))):
        shapes[k] = (shapes[k][0] + 30, shapes[k][1])
    return (shapes,)


def _turned(rng: np.random.Generator) -> Arguments:
    shapes = _chain(rng, 6)
    k = int(rng.integers(2, 4))
    shapes[k] = shapes[k][::-1]
    return (shapes,)


def _all_fit(rng: np.random.Generator) -> Arguments:
    return (_chain(rng, int(rng.integers(2, 6))),)


def _multiplied(shapes: Shapes) -> int:
    """Multiply zeros of these shapes until NumPy refuses."""
    product = np.zeros(shapes[0])
    for k, shape in enumerate(shapes[1:], start=1):
        try:
            product = np.matmul(product, np.zeros(shape))
        except ValueError:
            return k
    return len(shapes)


def _misfits(shapes: Shapes) -> list[int]:
    return [k for k in range(1, len(shapes)) if shapes[k - 1][1] != shapes[k][0]]


def _columns_compared(shapes: Shapes) -> int:
    """Where neighbours first differ in their numbers of columns."""
    return next((k for k in range(1, len(shapes)) if shapes[k - 1][1] != shapes[k][1]), 0)


def _one_row(rng: np.random.Generator) -> Arguments:
    return ((1, *rng.integers(10, 80, 6).tolist()),)


def _one_output(rng: np.random.Generator) -> Arguments:
    return ((*rng.integers(10, 80, 5).tolist(), 1),)


def _hourglass(rng: np.random.Generator) -> Arguments:
    return ((int(rng.integers(20, 30)), 100, int(rng.integers(2, 6)), 90, 40),)


def _two_factors(rng: np.random.Generator) -> Arguments:
    return (tuple(rng.integers(2, 30, 3).tolist()),)


def _counts(sizes: Sequence[int]) -> tuple[int, int]:
    """From the left every product has d_0 rows, from the right every one has d_k columns."""
    d = np.asarray(sizes)
    return int(d[0] * (d[1:-1] @ d[2:])), int(d[-1] * (d[:-2] @ d[1:-1]))


def _with_additions(sizes: Sequence[int]) -> tuple[int, int]:
    d = np.asarray(sizes)
    return int(d[0] * ((2 * d[1:-1] - 1) @ d[2:])), int(d[-1] * (d[:-2] @ (2 * d[1:-1] - 1)))


def _entries(sizes: Sequence[int]) -> tuple[int, int]:
    return int(sizes[0] * sum(sizes[2:])), int(sizes[-1] * sum(sizes[:-2]))


def _neighbours(sizes: Sequence[int]) -> tuple[int, int]:
    total = sum(sizes[i - 1] * sizes[i] * sizes[i + 1] for i in range(1, len(sizes) - 1))
    return total, total


def _layer(rng: np.random.Generator, n: int, d_in: int, d_out: int) -> Arguments:
    return (
        rng.standard_normal((n, d_in)),
        rng.standard_normal((d_in, d_out)),
        rng.standard_normal((n, d_out)) * _scale(rng),
    )


def _all_sizes_alike(rng: np.random.Generator) -> Arguments:
    d = int(rng.integers(3, 7))
    return _layer(rng, d, d, d)


def _square_layer(rng: np.random.Generator) -> Arguments:
    d = int(rng.integers(3, 6))
    return _layer(rng, d + 3, d, d)


def _narrowing(rng: np.random.Generator) -> Arguments:
    return _layer(rng, int(rng.integers(9, 12)), int(rng.integers(5, 8)), int(rng.integers(2, 5)))


def _lone_example(rng: np.random.Generator) -> Arguments:
    return _layer(rng, 1, 4, 3)


def _pulled_back(X: Array, W: Array, dY: Array) -> tuple[Array, Array, Array]:
    return (
        np.einsum("aj,ij->ai", dY, W),
        np.einsum("ai,aj->ij", X, dY),
        np.einsum("aj->j", dY),
    )


def _gaussian_chain(rng: np.random.Generator) -> Arguments:
    d = int(rng.integers(5, 9))
    return rng.standard_normal((5, d, d)) / np.sqrt(d), rng.standard_normal((4, d)) * _scale(rng)


def _orthogonal_chain(rng: np.random.Generator) -> Arguments:
    d = int(rng.integers(5, 9))
    return np.linalg.qr(rng.standard_normal((6, d, d)))[0], rng.standard_normal((3, d))


def _skew_chain(rng: np.random.Generator) -> Arguments:
    A = rng.standard_normal((4, 6, 6))
    return A - A.transpose(0, 2, 1), rng.standard_normal((5, 6))


def _symmetric_chain(rng: np.random.Generator) -> Arguments:
    A = rng.standard_normal((4, 5, 5))
    return A + A.transpose(0, 2, 1), rng.standard_normal((3, 5))


def _cosine(G: Array, F: Array) -> float:
    return float(np.sum(G * F) / np.sqrt(np.sum(G * G) * np.sum(F * F)))


def _explicit(weights: Array, dY: Array) -> Array:
    """Both gradients at each layer's input from the whole product, multiplied out first."""
    identity = np.eye(weights.shape[1])
    cosines = []
    for k in range(len(weights)):
        product = np.linalg.multi_dot([identity, *weights[k:]])
        reverse = np.linalg.multi_dot([*weights[k:][::-1], identity])
        cosines.append(_cosine(dY @ product.T, dY @ reverse))
    return np.array(cosines)


def _both_ways(weights: Array, dY: Array) -> list[tuple[Array, Array]]:
    """The right and the wrong gradient at each layer's input, in the order of `weights`."""
    G = F = dY
    pairs = []
    for W in weights:
        G, F = G @ W.T, F @ W
        pairs.append((G, F))
    return pairs


def _rows_apart(weights: Array, dY: Array) -> Array:
    pairs = _both_ways(weights[::-1], dY)[::-1]
    return np.array([np.mean([_cosine(g, f) for g, f in zip(*p, strict=True)]) for p in pairs])


def _one_fault_each(weights: Array, dY: Array) -> Array:
    G, cosines = dY, []
    for W in weights[::-1]:
        cosines.append(_cosine(G @ W.T, G @ W))
        G = G @ W.T
    return np.array(cosines[::-1])


EXERCISES = (
    Exercise(
        id="01.1",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="product_by_hand",
        cases=(Case("the product", _by_hand, points=2),),
        oracle=lambda A, B: np.matmul(A, B),
        oracle_name="numpy.matmul",
        mistakes=(
            Mistake("entry by entry", lambda A, B: A * B),
            Mistake("other order", lambda A, B: B @ A),
            Mistake("rows with rows", lambda A, B: A @ B.T),
            Mistake("columns with columns", lambda A, B: A.T @ B),
        ),
    ),
    Exercise(
        id="01.2",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="gradient_of_input",
        cases=(Case("the gradient of x", _one_example, points=2),),
        oracle=lambda x, W, dy: np.inner(W, dy),
        oracle_name="numpy.inner",
        mistakes=(
            Mistake("transpose forgotten", lambda x, W, dy: dy @ W),
            Mistake("gradient of the weights", lambda x, W, dy: np.outer(x, dy)),
            Mistake("undone instead of transposed", lambda x, W, dy: dy @ np.linalg.inv(W)),
            Mistake("forward again", lambda x, W, dy: x @ W),
        ),
    ),
    Exercise(
        id="01.3",
        level="core",
        minutes=4,
        kind="function",
        answer="sheets",
        cases=(
            Case("a batch", _batch, points=2),
            Case("as many inputs as outputs", _square_sheets),
            Case("a single example", _single_example, edge=True),
        ),
        oracle=lambda X, dY: np.einsum("ai,aj->aij", X, dY),
        oracle_name="numpy.einsum",
        mistakes=(
            Mistake("sheets transposed", lambda X, dY: np.einsum("ai,aj->aji", X, dY)),
            Mistake("divided by n", lambda X, dY: np.einsum("ai,aj->aij", X, dY) / len(X)),
            Mistake("added up on the way", lambda X, dY: np.einsum("ai,aj->aij", X, dY).cumsum(0)),
            Mistake("only the sum", lambda X, dY: X.T @ dY),
        ),
    ),
    Exercise(
        id="01.4",
        level="core",
        minutes=5,
        kind="function",
        answer="first_misfit",
        cases=(
            Case("one matrix does not fit", _one_misfit, points=2),
            Case("two do not", _two_misfits),
            Case("one lies on its side", _turned),
            Case("all fit", _all_fit, edge=True),
        ),
        oracle=_multiplied,
        oracle_name="numpy.matmul",
        mistakes=(
            Mistake("counted from one", lambda shapes: _multiplied(shapes) + 1),
            Mistake("the one before", lambda shapes: _multiplied(shapes) - 1),
            Mistake("columns with columns", _columns_compared),
            Mistake("the last", lambda shapes: max(_misfits(shapes), default=len(shapes))),
        ),
    ),
    Exercise(
        id="01.5",
        level="core",
        minutes=5,
        kind="function",
        answer="multiplications",
        cases=(
            Case("one row", _one_row, points=2),
            Case("one column", _one_output),
            Case("an hourglass", _hourglass),
            Case("two factors only", _two_factors, edge=True),
        ),
        oracle=_counts,
        oracle_name="closed form: d_0 Σ d_i d_{i+1} and d_k Σ d_{i-1} d_i",
        mistakes=(
            Mistake("additions too", _with_additions),
            Mistake("entries only", _entries),
            Mistake("other way round", lambda sizes: _counts(sizes)[::-1]),
            Mistake("neighbours", _neighbours),
        ),
    ),
    Exercise(
        id="01.6",
        level="core",
        minutes=6,
        kind="function",
        answer="pullback",
        cases=(
            Case("batch, inputs and outputs of one size", _all_sizes_alike),
            Case("a square layer", _square_layer),
            Case("a narrowing layer", _narrowing, points=2),
            Case("a single example", _lone_example, edge=True),
        ),
        oracle=_pulled_back,
        oracle_name="numpy.einsum",
        mistakes=(
            Mistake("W not transposed", lambda X, W, dY: (dY @ W, X.T @ dY, dY.sum(axis=0))),
            Mistake(
                "gradient of W transposed", lambda X, W, dY: (dY @ W.T, dY.T @ X, dY.sum(axis=0))
            ),
            Mistake("mean for the bias", lambda X, W, dY: (dY @ W.T, X.T @ dY, dY.mean(axis=0))),
            Mistake("bias summed over outputs", lambda X, W, dY: (dY @ W.T, X.T @ dY, dY.sum(1))),
            Mistake("as it was", lambda X, W, dY: (dY @ W, dY.T @ X, dY.mean(axis=0))),
        ),
    ),
    Exercise(
        id="01.7",
        level="stretch",
        minutes=9,
        kind="function",
        answer="agreement",
        cases=(
            Case("Gaussian weights", _gaussian_chain, points=2),
            Case("orthogonal weights", _orthogonal_chain),
            Case("skew-symmetric weights", _skew_chain),
            Case("symmetric weights", _symmetric_chain, edge=True),
        ),
        oracle=_explicit,
        oracle_name="numpy.linalg.multi_dot",
        mistakes=(
            Mistake("rows apart", _rows_apart),
            Mistake("one fault each", _one_fault_each),
            Mistake(
                "first layer first",
                lambda weights, dY: np.array([_cosine(*p) for p in _both_ways(weights, dY)]),
            ),
            Mistake("listed backwards", lambda weights, dY: _explicit(weights, dY)[::-1]),
        ),
    ),
)
