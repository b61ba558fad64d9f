"""Cases, right answers and mistakes of 06.1 to 06.5: gradients as products."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from matnn_lib._validation import Floats
from matnn_lib.exercises.exercise import Arguments


def slopes(loss: Callable[[Sequence[Any]], Any], params: Sequence[Floats]) -> tuple[Floats, ...]:
    """Return the gradient of a real-analytic loss by complex steps: exact to rounding.

    Im ℓ(w + ih) / h has no difference in it that could cancel (Squire & Trapp 1998).
    """
    found = []
    for k, W in enumerate(params):
        G = np.zeros(W.shape)
        for i in np.ndindex(W.shape):
            moved = [V.astype(complex) for V in params]
            moved[k][i] += 1e-30j
            G[i] = complex(loss(moved)).imag / 1e-30
        found.append(G)
    return tuple(found)


# 06.1: one example, one unit a layer, by hand.


def scalar_net(rng: np.random.Generator) -> Arguments:
    """Numbers for which no slope is near 1, no two mistakes agree, and no answer is at hand."""
    while True:
        # Not 2: to leave out x would be to leave out the factor 2.
        x = float(rng.choice([-3, -2, 2.5, 3]))
        w2 = float(rng.choice([-1.7, -1.6, -1.4, 1.4, 1.6, 1.7]))
        w1 = float(rng.choice([-0.5, -0.4, -0.3, 0.3, 0.4, 0.5]))
        t, b1, b2 = (float(rng.integers(-3, 4)) / 10 for _ in range(3))
        z1 = w1 * x + b1
        z2 = w2 * np.tanh(z1) + b2
        if not (0.5 < abs(z1) < 1.2 and 0.4 < abs(z2) < 1.1):
            continue
        numbers = x, t, w1, b1, w2, b2
        answers = [scalar_slope(*numbers), *(wrong(*numbers) for wrong in BY_HAND.values())]
        apart = min(abs(s - r) for s, r in itertools.combinations(answers, 2))
        at_hand = min(abs(answers[0] - s) for s in (0, 1, *numbers))
        # Two answers that are taken for each other differ by 2 × 0.006 of the larger one.
        if at_hand > 0.05 and apart > 0.02 * max(map(abs, answers)):
            return numbers


def scalar_slope(x: float, t: float, w1: float, b1: float, w2: float, b2: float) -> float:
    (G,) = slopes(
        lambda p: (np.tanh(w2 * np.tanh(p[0] * x + b1) + b2) - t) ** 2, [np.array(w1, dtype=float)]
    )
    return float(G)


def by_hand(
    outer: Callable[[float, float], float] = lambda y, z: 1 - y * y,
    hidden: Callable[[float, float], float] = lambda a, z: 1 - a * a,
    two: float = 2.0,
    through: bool = True,
    reaches_x: bool = True,
) -> Callable[..., float]:
    """Return dℓ/dw1 computed with what a learner put in place of a factor."""

    def wrong(x: float, t: float, w1: float, b1: float, w2: float, b2: float) -> float:
        z1 = w1 * x + b1
        a = np.tanh(z1)
        z2 = w2 * a + b2
        y = np.tanh(z2)
        dz2 = two * (y - t) * outer(y, z2)
        dz1 = dz2 * (w2 if through else 1.0) * hidden(a, z1)
        return float(dz1 * (x if reaches_x else 1.0))

    return wrong


def _no_slope(value: float, before: float) -> float:
    return 1.0


def _sigmoid_slope(value: float, before: float) -> float:
    return value * (1 - value)


def _slope_of_z(value: float, before: float) -> float:
    return 1 - before**2


BY_HAND: dict[str, Callable[..., float]] = {
    "not through w2": by_hand(through=False),
    "no hidden slope": by_hand(hidden=_no_slope),
    "no outer slope": by_hand(outer=_no_slope),
    "no factor 2": by_hand(two=1.0),
    "no x": by_hand(reaches_x=False),
    "wrong sign": by_hand(two=-2.0),
    "the sigmoid's slope": by_hand(outer=_sigmoid_slope, hidden=_sigmoid_slope),
    "slope of z": by_hand(outer=_slope_of_z, hidden=_slope_of_z),
}


# 06.2: two layers, whole batches.


def net(rng: np.random.Generator, n: int, d: int, h: int, k: int) -> Arguments:
    scale = 10.0 ** rng.uniform(-0.5, 0.3)
    shapes = ((n, d), (n, k), (d, h), (h,), (h, k), (k,))
    return tuple(scale * rng.standard_normal(shape) for shape in shapes)


def narrow(rng: np.random.Generator) -> Arguments:
    return net(rng, int(rng.integers(6, 10)), 4, 2, 3)


def wide(rng: np.random.Generator) -> Arguments:
    return net(rng, 5, 2, int(rng.integers(5, 8)), 2)


def one_example(rng: np.random.Generator) -> Arguments:
    return net(rng, 1, 3, 2, 2)


def two_layer_loss(x: Floats, t: Floats) -> Callable[[Sequence[Any]], Any]:
    return lambda p: np.mean((np.tanh(np.tanh(x @ p[0] + p[1]) @ p[2] + p[3]) - t) ** 2)


def two_layers(x: Floats, t: Floats, *params: Floats) -> tuple[Floats, ...]:
    return slopes(two_layer_loss(x, t), params)


def two_layers_with(
    hidden_slope: Callable[[Floats, Floats], Floats] = lambda a, z: 1 - a * a,
    gather: Callable[[Floats], Any] = lambda d: d.sum(axis=0),
    order: Sequence[int] = (0, 1, 2, 3),
) -> Callable[..., tuple[Floats, ...]]:
    """Return the gradients computed with what a learner put in place of a step."""

    def wrong(
        x: Floats, t: Floats, w1: Floats, b1: Floats, w2: Floats, b2: Floats
    ) -> tuple[Floats, ...]:
        z = x @ w1 + b1
        a = np.tanh(z)
        y = np.tanh(a @ w2 + b2)
        d2 = 2 * (y - t) / y.size * (1 - y * y)
        d1 = d2 @ w2.T * hidden_slope(a, z)
        found = x.T @ d1, gather(d1), a.T @ d2, gather(d2)
        return tuple(found[k] for k in order)

    return wrong


# 06.3: one step of descent, three errors in it.


def step_case(rng: np.random.Generator, n: int, h: int, k: int) -> Arguments:
    shapes = ((n, 2), (n, k), (2, h), (h,), (h, k), (k,))
    arrays = tuple(0.8 * rng.standard_normal(shape) for shape in shapes)
    return (*arrays, float(rng.uniform(0.2, 0.9)))


def small_step(rng: np.random.Generator) -> Arguments:
    return step_case(rng, int(rng.integers(4, 8)), 3, 1)


def several_outputs(rng: np.random.Generator) -> Arguments:
    return step_case(rng, 6, int(rng.integers(2, 5)), 3)


def single_example(rng: np.random.Generator) -> Arguments:
    return step_case(rng, 1, 3, 2)


def step(x: Floats, t: Floats, *rest: Any) -> tuple[Floats, ...]:
    *params, rate = rest
    gradients = slopes(two_layer_loss(x, t), params)
    return tuple(W - rate * G for W, G in zip(params, gradients, strict=True))


def broken_step(
    *,
    new_w2: bool = False,
    slope_of_z: bool = False,
    divisor: Callable[[Floats], int] = lambda y: y.size,
) -> Callable[..., tuple[Floats, ...]]:
    """Return the step with some of its errors still in it, or new ones."""

    def wrong(
        x: Floats, t: Floats, w1: Floats, b1: Floats, w2: Floats, b2: Floats, rate: float
    ) -> tuple[Floats, ...]:
        z = x @ w1 + b1
        a = np.tanh(z)
        y = np.tanh(a @ w2 + b2)
        d2 = 2 * (y - t) * (1 - y**2) / divisor(y)
        after = w2 - rate * a.T @ d2
        d1 = d2 @ (after if new_w2 else w2).T * (1 - (z if slope_of_z else a) ** 2)
        return w1 - rate * x.T @ d1, b1 - rate * d1.sum(axis=0), after, b2 - rate * d2.sum(axis=0)

    return wrong


# 06.4: any number of layers.


def chain(rng: np.random.Generator, widths: Sequence[int]) -> Arguments:
    n = int(rng.integers(4, 9))
    scale = 10.0 ** rng.uniform(-0.2, 0.2)
    weights = tuple(
        rng.standard_normal((m, k)) * scale / np.sqrt(m) for m, k in itertools.pairwise(widths)
    )
    return rng.standard_normal((n, widths[0])), rng.standard_normal((n, widths[-1])), weights


def three_links(rng: np.random.Generator) -> Arguments:
    return chain(rng, [3, 4, 2, int(rng.integers(2, 5))])


def six_links(rng: np.random.Generator) -> Arguments:
    return chain(rng, [2, 3, 3, 2, 4, 3, 2])


def one_link(rng: np.random.Generator) -> Arguments:
    return chain(rng, [3, 2])


def chain_slopes(X: Floats, T: Floats, weights: Sequence[Floats]) -> tuple[Any, float]:
    def loss(W: Sequence[Any]) -> Any:
        H: Any = X
        for own in W:
            H = np.tanh(H @ own)
        return np.mean((H - T) ** 2)

    # The largest singular value, as the root of the largest eigenvalue of WᵀW.
    squared = [np.linalg.eigvalsh(W.T @ W).max() for W in weights]
    return slopes(loss, weights), float(np.sqrt(np.prod(squared)))


def frobenius_bound(W: Floats) -> float:
    return float(np.linalg.norm(W))


def eigenvalue_bound(W: Floats) -> float:
    """Return λ_max(WᵀW): the largest stretch with its root forgotten."""
    return float(np.linalg.norm(W, 2) ** 2)


def chain_with(
    divisor: Callable[[Floats], int] = lambda Y: Y.size,
    last_slope: bool = True,
    hidden_slopes: bool = True,
    backwards: bool = False,
    stretch: Callable[[Floats], float] = lambda W: float(np.linalg.norm(W, 2)),
    joined: Callable[[Sequence[float]], Any] = np.prod,
) -> Callable[..., tuple[Any, float]]:
    """Return gradients and bound computed with what a learner put in place of a step."""

    def wrong(X: Floats, T: Floats, weights: Sequence[Floats]) -> tuple[Any, float]:
        outputs = [X]
        for W in weights:
            outputs.append(np.tanh(outputs[-1] @ W))
        D = 2 * (outputs[-1] - T) / divisor(T)
        found: list[Floats] = []
        for k in reversed(range(len(weights))):
            if last_slope if k == len(weights) - 1 else hidden_slopes:
                D = D * (1 - outputs[k + 1] ** 2)
            found.insert(0, outputs[k].T @ D)
            D = D @ weights[k].T
        return tuple(found[::-1] if backwards else found), float(
            joined([stretch(W) for W in weights])
        )

    return wrong


# 06.5: one matrix, used twice.


def tied(rng: np.random.Generator, n: int, d: int, h: int) -> Arguments:
    return rng.standard_normal((n, d)), rng.standard_normal((d, h)) / np.sqrt(d)


def squeezing(rng: np.random.Generator) -> Arguments:
    return tied(rng, int(rng.integers(5, 9)), 5, 2)


def widening(rng: np.random.Generator) -> Arguments:
    return tied(rng, 6, 2, int(rng.integers(3, 6)))


def one_hidden_unit(rng: np.random.Generator) -> Arguments:
    return tied(rng, 4, 3, 1)


def tied_slopes(X: Floats, W: Floats) -> Floats:
    return slopes(lambda p: np.mean((np.tanh(X @ p[0]) @ p[0].T - X) ** 2), [W])[0]


def tied_parts(X: Floats, W: Floats, *, slope: bool = True) -> tuple[Floats, Floats]:
    """Return what comes back by way of the first use of W, and by way of the second."""
    H = np.tanh(X @ W)
    D = 2 * (H @ W.T - X) / X.size
    return X.T @ (D @ W * (1 - H * H if slope else 1)), D.T @ H
