"""The way back through a layer: cases, right answers and wrong ones of chapter 01's exercises."""

from __future__ import annotations

import numpy as np

from matnn_lib.exercises.ch01_shapes import Array, small
from matnn_lib.exercises.exercise import Arguments


def one_example(rng: np.random.Generator) -> Arguments:
    """One example, a layer and a gradient for which every known mistake gives another answer."""
    while True:
        x, W, dy = small(rng, 2), small(rng, 2, 2), small(rng, 2)
        if W[0, 0] * W[1, 1] == W[0, 1] * W[1, 0]:
            continue  # no inverse to confuse with the transpose
        answers = [W @ dy, dy @ W, np.linalg.solve(W.T, dy), x @ W, dy]
        if len({tuple(np.round(a, 9) + 0.0) for a in answers}) == len(answers):
            return x, W, dy


def scale(rng: np.random.Generator) -> float:
    """A scale between 0.01 and 100, so that no absolute size is expected."""
    return float(10.0 ** rng.uniform(-2, 2))


def batch(rng: np.random.Generator) -> Arguments:
    """A batch through a layer that widens."""
    n, d_in, d_out = rng.integers(3, 8), rng.integers(2, 5), rng.integers(5, 8)
    return rng.standard_normal((n, d_in)), rng.standard_normal((n, d_out)) * scale(rng)


def square_sheets(rng: np.random.Generator) -> Arguments:
    """As many inputs as outputs, so that a sheet on its side has the same shape."""
    n, d = rng.integers(3, 6), rng.integers(3, 6)
    return rng.standard_normal((n, d)), rng.standard_normal((n, d))


def single_example(rng: np.random.Generator) -> Arguments:
    """A batch of one."""
    return rng.standard_normal((1, 3)), rng.standard_normal((1, 4))


def layer(rng: np.random.Generator, n: int, d_in: int, d_out: int) -> Arguments:
    """A layer's input and weights, and a gradient at its output."""
    return (
        rng.standard_normal((n, d_in)),
        rng.standard_normal((d_in, d_out)),
        rng.standard_normal((n, d_out)) * scale(rng),
    )


def all_sizes_alike(rng: np.random.Generator) -> Arguments:
    """Batch, inputs and outputs alike: shapes tell nothing."""
    d = int(rng.integers(3, 7))
    return layer(rng, d, d, d)


def square_layer(rng: np.random.Generator) -> Arguments:
    """As many inputs as outputs, and more examples."""
    d = int(rng.integers(3, 6))
    return layer(rng, d + 3, d, d)


def narrowing(rng: np.random.Generator) -> Arguments:
    """All three sizes different."""
    return layer(rng, int(rng.integers(9, 12)), int(rng.integers(5, 8)), int(rng.integers(2, 5)))


def lone_example(rng: np.random.Generator) -> Arguments:
    """A batch of one through a narrowing layer."""
    return layer(rng, 1, 4, 3)


def pulled_back(X: Array, W: Array, dY: Array) -> tuple[Array, Array, Array]:
    """The three gradients of a dense layer, index by index."""
    return (
        np.einsum("aj,ij->ai", dY, W),
        np.einsum("ai,aj->ij", X, dY),
        np.einsum("aj->j", dY),
    )


def means_for_both(X: Array, W: Array, dY: Array) -> tuple[Array, Array, Array]:
    """The gradients of weights and bias divided by the number of examples."""
    dX, dW, db = pulled_back(X, W, dY)
    return dX, dW / len(X), db / len(X)


def gaussian_chain(rng: np.random.Generator) -> Arguments:
    """Five Gaussian layers."""
    d = int(rng.integers(5, 9))
    return rng.standard_normal((5, d, d)) / np.sqrt(d), rng.standard_normal((4, d)) * scale(rng)


def orthogonal_chain(rng: np.random.Generator) -> Arguments:
    """Six orthogonal layers."""
    d = int(rng.integers(5, 9))
    return np.linalg.qr(rng.standard_normal((6, d, d)))[0], rng.standard_normal((3, d))


def skew_chain(rng: np.random.Generator) -> Arguments:
    """Four layers with W = −Wᵀ: a forgotten transpose turns the gradient round."""
    A = rng.standard_normal((4, 6, 6))
    return A - A.transpose(0, 2, 1), rng.standard_normal((5, 6))


def symmetric_chain(rng: np.random.Generator) -> Arguments:
    """Four layers with W = Wᵀ: a forgotten transpose does no harm."""
    A = rng.standard_normal((4, 5, 5))
    return A + A.transpose(0, 2, 1), rng.standard_normal((3, 5))


def cosine(G: Array, F: Array) -> float:
    """The cosine of two matrices, over all their entries."""
    return float(np.sum(G * F) / np.sqrt(np.sum(G * G) * np.sum(F * F)))


def explicit(weights: Array, dY: Array) -> Array:
    """Both gradients at each layer's input from the whole product, multiplied out first."""
    identity = np.eye(weights.shape[1])
    cosines = []
    for k in range(len(weights)):
        product = np.linalg.multi_dot([identity, *weights[k:]])
        reverse = np.linalg.multi_dot([*weights[k:][::-1], identity])
        cosines.append(cosine(dY @ product.T, dY @ reverse))
    return np.array(cosines)


def both_ways(weights: Array, dY: Array) -> list[tuple[Array, Array]]:
    """The right and the wrong gradient at each layer's input, in the order of `weights`."""
    G = F = dY
    pairs = []
    for W in weights:
        G, F = G @ W.T, F @ W
        pairs.append((G, F))
    return pairs


def rows_apart(weights: Array, dY: Array) -> Array:
    """The mean of the examples' own cosines."""
    pairs = both_ways(weights[::-1], dY)[::-1]
    return np.array([np.mean([cosine(g, f) for g, f in zip(*p, strict=True)]) for p in pairs])


def one_fault_each(weights: Array, dY: Array) -> Array:
    """The cosines when each layer starts from the right gradient."""
    G, cosines = dY, []
    for W in weights[::-1]:
        cosines.append(cosine(G @ W.T, G @ W))
        G = G @ W.T
    return np.array(cosines[::-1])


def at_the_output(weights: Array, dY: Array) -> Array:
    """The cosine at each layer's output: one place too far up, so that it ends in a 1."""
    return np.array([*explicit(weights, dY)[1:], 1.0])
