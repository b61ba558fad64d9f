"""Chapter 07, Why gradients vanish: chains, bounds, honest logs, and which half has died."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake
from matnn_lib.nn import diagnosis, updates
from matnn_lib.nn.losses import softmax_cross_entropy
from matnn_lib.nn.schedules import constant
from matnn_lib.nn.training import train
from matnn_lib.study import bench
from matnn_lib.study.datasets import digits

# 07.1 The slope of a chain of three units, by hand.


def _chain(rng: np.random.Generator) -> Arguments:
    return round(rng.uniform(0.4, 1.2), 1), rng.uniform(0.7, 1.6, 3).round(1)


def _complex_step(x: float, weights: np.ndarray) -> float:
    h: complex = x + 1e-30j
    for w in weights:
        h = np.tanh(w * h)
    return float(h.imag / 1e-30)


def _units(x: float, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z, h = [], [x]
    for w in weights:
        z.append(w * h[-1])
        h.append(np.tanh(z[-1]))
    return np.array(z), np.array(h[1:])


# 07.2 How deep until it is certain?


def _bound(rng: np.random.Generator) -> Arguments:
    return round(rng.uniform(1.1, 1.7), 2), int(rng.integers(6, 31))


def _first_depth(norm: float, decades: int) -> int:
    factor, left, layers = Fraction(f"{norm:.2f}") / 4, Fraction(1), 0
    while left > Fraction(1, 10**decades):
        left, layers = left * factor, layers + 1
    return layers


# 07.3 What a layer does to a gradient, from its weights and its outputs.


def _layer(rng: np.random.Generator, d_in: int, d_out: int, size: float) -> Arguments:
    W = rng.standard_normal((d_in, d_out)) * 10 ** rng.uniform(-1, 0.3)
    return W, np.tanh(size * rng.standard_normal((int(rng.integers(5, 12)), d_out)))


def _square(rng: np.random.Generator) -> Arguments:
    return _layer(rng, 6, 6, 0.5)


def _widening(rng: np.random.Generator) -> Arguments:
    return _layer(rng, 4, int(rng.integers(7, 10)), 1.0)


def _narrowing(rng: np.random.Generator) -> Arguments:
    return _layer(rng, int(rng.integers(8, 12)), 3, 2.0)


def _svd_and_logistic(W: np.ndarray, H: np.ndarray) -> tuple[float, float]:
    """The Frobenius norm from the singular values; 1 − h² as a product of two sums."""
    import scipy.linalg

    stretch = math.sqrt(math.fsum(scipy.linalg.svdvals(W) ** 2) / W.shape[1])
    slopes = (1 - H.ravel()) * (1 + H.ravel())
    return stretch, math.sqrt(math.fsum(slopes * slopes) / slopes.size)


def _stretch(W: np.ndarray) -> float:
    return float(np.linalg.norm(W) / np.sqrt(W.shape[1]))


def _bend(H: np.ndarray) -> float:
    return float(np.sqrt(np.mean((1 - H**2) ** 2)))


# 07.4 A norm that does not vanish before its matrix does.


def _entries(rng: np.random.Generator, dtype: type, size: float) -> Arguments:
    shape = (int(rng.integers(3, 8)), int(rng.integers(3, 8)))
    return ((rng.standard_normal(shape) * size).astype(dtype),)


def _ordinary(rng: np.random.Generator) -> Arguments:
    return _entries(rng, np.float32, rng.uniform(0.1, 10))


def _small32(rng: np.random.Generator) -> Arguments:
    return _entries(rng, np.float32, 10 ** rng.uniform(-33, -28))


def _large32(rng: np.random.Generator) -> Arguments:
    return _entries(rng, np.float32, 10 ** rng.uniform(25, 33))


def _small64(rng: np.random.Generator) -> Arguments:
    return _entries(rng, np.float64, 10 ** rng.uniform(-280, -200))


def _large64(rng: np.random.Generator) -> Arguments:
    return _entries(rng, np.float64, 10 ** rng.uniform(200, 280))


def _nothing(rng: np.random.Generator) -> Arguments:
    return (np.zeros((3, 4), dtype=np.float32),)


def _hypot(G: np.ndarray) -> float:
    return math.hypot(*G.astype(np.float64).ravel().tolist())


# 07.5 Which half has died?


def _nets(rng: np.random.Generator, nets: int, layers: int) -> Arguments:
    """Nets of all four kinds in random order, at any overall size of the gradient."""
    kinds = rng.permutation(np.resize(np.arange(4), nets))
    steps = np.arange(layers) / (layers - 1)
    lost = rng.uniform(5, 11, (nets, 2)) * np.stack([kinds % 2, kinds // 2], axis=1)
    lost += rng.uniform(0, 1.5, (nets, 2))
    spread = rng.uniform(0.5, 0.9, (nets, 1)) * 10.0 ** (-lost[:, :1] * steps)
    size = 10.0 ** rng.uniform(-9, 2, (nets, 1))
    return spread, size * 10.0 ** (-lost[:, 1:] * (1 - steps))


def _four_kinds(rng: np.random.Generator) -> Arguments:
    return _nets(rng, 8, 50)


def _shallow_nets(rng: np.random.Generator) -> Arguments:
    return _nets(rng, int(rng.integers(9, 13)), int(rng.integers(8, 15)))


def _underflowed(rng: np.random.Generator) -> Arguments:
    spread, backward = _nets(rng, 6, 20)
    lowest = backward[:, :1] / backward[:, -1:] < 1e-3
    return spread, np.where(lowest & (np.arange(20) < 5), 0.0, backward)


def _by_decades(spread: np.ndarray, backward: np.ndarray) -> np.ndarray:
    codes = []
    for signal, gradient in zip(spread.tolist(), backward.tolist(), strict=True):
        left = math.log10(gradient[0]) - math.log10(gradient[-1]) if gradient[0] else -math.inf
        codes.append((math.log10(signal[-1]) < -3) + 2 * (left < -3))
    return np.array(codes)


# 07.7 An experiment: reading without the gradient.


def _little_net(rng: np.random.Generator) -> Arguments:
    return int(rng.integers(4, 6)), int(rng.integers(15, 31))


def _deeper_net(rng: np.random.Generator) -> Arguments:
    return int(rng.integers(6, 8)), int(rng.integers(31, 60))


def _reads_without(args: Arguments, answer: object) -> bool | str:
    """Build the net, measure its gain and train it for three epochs."""
    layers, decades = args
    factor, rate = (float(part) for part in np.asarray(answer).ravel())
    data = digits()
    X, y = data.X_train, data.y_train
    network = bench.ScaledBackward(factor)(bench.CRITICAL, (64, *[64] * layers, 10))
    rng = np.random.default_rng(0)
    params = network.init(rng)
    gain = diagnosis.backward_gain(network, params, X[:64], y[:64])
    if not gain <= -decades:
        return f"the gain of your net is {gain:.1f} decades, not −{decades} or less"
    if not rate > 0:
        return "the rate must be positive"
    params, _ = train(
        network,
        params,
        (X, y),
        softmax_cross_entropy,
        updates.momentum(),
        constant(rate),
        epochs=3,
        batch_size=64,
        rng=rng,
    )
    right = np.argmax(network(params, data.X_test)[0], axis=1) == data.y_test
    if right.mean() < 0.85:
        return f"the gradient is gone as asked, but the net reads only {right.mean():.0%}"
    return True


EXERCISES = (
    Exercise(
        id="07.1",
        level="warm-up",
        minutes=5,
        kind="value",
        answer="answer_07_1",
        cases=(Case("the chain of the question", _chain, points=3),),
        oracle=_complex_step,
        oracle_name="closed form: complex step, Im f(x + ih) / h",
        rtol=2e-3,
        mistakes=(
            Mistake("weights alone", lambda x, weights: np.prod(weights)),
            Mistake("slopes alone", lambda x, weights: np.prod(1 - _units(x, weights)[1] ** 2)),
            Mistake(
                "slope at the input",
                lambda x, weights: np.prod(weights * (1 - _units(x, weights)[0] ** 2)),
            ),
            Mistake(
                "tanh once more",
                lambda x, weights: np.prod(weights * (1 - np.tanh(_units(x, weights)[1]) ** 2)),
            ),
        ),
    ),
    Exercise(
        id="07.2",
        level="warm-up",
        minutes=5,
        kind="value",
        answer="answer_07_2",
        cases=(Case("the bound of the question", _bound, points=3),),
        oracle=_first_depth,
        oracle_name="closed form: exact fractions, layer by layer",
        mistakes=(
            Mistake("one too few", lambda norm, k: _first_depth(norm, k) - 1),
            Mistake("natural logarithm", lambda norm, k: math.ceil(k / -math.log(norm / 4))),
            Mistake("no slope", lambda norm, k: math.ceil(k / math.log10(norm))),
            Mistake("half for a quarter", lambda norm, k: math.ceil(k / -math.log10(norm / 2))),
        ),
    ),
    Exercise(
        id="07.3",
        level="core",
        minutes=8,
        kind="function",
        answer="what_a_layer_does",
        cases=(
            Case("a square layer", _square, points=2),
            Case("a layer that widens", _widening, points=2),
            Case("a layer that narrows, far into saturation", _narrowing, points=2),
        ),
        oracle=_svd_and_logistic,
        oracle_name="scipy.linalg.svdvals",
        atol=0.0,
        mistakes=(
            Mistake(
                "divided by the inputs",
                lambda W, H: (np.linalg.norm(W) / np.sqrt(W.shape[0]), _bend(H)),
            ),
            Mistake("largest singular value", lambda W, H: (np.linalg.norm(W, 2), _bend(H))),
            Mistake("plain mean", lambda W, H: (_stretch(W), np.mean(1 - H**2))),
            Mistake(
                "the sigmoid's slope",
                lambda W, H: (_stretch(W), np.sqrt(np.mean((H * (1 - H)) ** 2))),
            ),
        ),
    ),
    Exercise(
        id="07.4",
        level="core",
        minutes=8,
        kind="function",
        answer="logged_norm",
        cases=(
            Case("an ordinary gradient in float32", _ordinary),
            Case("a vanished one in float32", _small32, points=2),
            Case("an exploded one in float32", _large32),
            Case("a vanished one in float64", _small64, points=2),
            Case("an exploded one in float64", _large64),
            Case("a gradient that is really zero", _nothing, edge=True),
        ),
        oracle=_hypot,
        oracle_name="math.hypot",
        rtol=1e-5,
        atol=0.0,
        mistakes=(
            Mistake("squares first", lambda G: np.sqrt(np.sum(G**2))),
            Mistake("float64 first", lambda G: np.sqrt(np.sum(G.astype(np.float64) ** 2))),
            Mistake("a small number added", lambda G: np.sqrt(np.sum(G**2) + 1e-12)),
            Mistake("largest entry", lambda G: np.abs(G).max()),
        ),
    ),
    Exercise(
        id="07.5",
        level="core",
        minutes=10,
        kind="function",
        answer="which_half",
        cases=(
            Case("eight nets of 50 layers", _four_kinds, points=3),
            Case("shallow nets", _shallow_nets, points=3),
            Case("gradients that have become exactly zero", _underflowed, edge=True),
        ),
        oracle=_by_decades,
        oracle_name="closed form: net by net, in decades with math.log10",
        mistakes=(
            Mistake(
                "gradient read forward",
                lambda S, B: (S[:, -1] < 1e-3) + 2 * (B[:, -1] / B[:, 0] < 1e-3),
            ),
            Mistake(
                "size instead of share",
                lambda S, B: (S[:, -1] < 1e-3) + 2 * (B[:, 0] < 1e-3),
            ),
            Mistake(
                "halves exchanged",
                lambda S, B: 2 * (S[:, -1] < 1e-3) + (B[:, 0] / B[:, -1] < 1e-3),
            ),
            Mistake(
                "signal at layer 1",
                lambda S, B: (S[:, 0] < 1e-3) + 2 * (B[:, 0] / B[:, -1] < 1e-3),
            ),
        ),
    ),
    Exercise(
        id="07.6",
        level="core",
        minutes=4,
        kind="choice",
        answer="answer_07_6",
        cases=(Case("the choice", points=2),),
        right="frozen",
    ),
    Exercise(
        id="07.7",
        level="stretch",
        minutes=15,
        kind="function",
        answer="without_gradient",
        cases=(
            Case("a net of four or five layers", _little_net, points=3),
            Case("a deeper one, a smaller gradient", _deeper_net, points=3),
        ),
        verify=_reads_without,
        oracle_name="property: the net is built, measured, and trained for three epochs",
        trains=True,
        mistakes=(
            Mistake(
                "one factor too few",
                lambda layers, decades: (10.0 ** (-decades / layers), 0.1),
            ),
            Mistake(
                "the healthy net's rate",
                lambda layers, decades: (10.0 ** (-(decades + 1) / (layers - 1)), 3e-3),
            ),
            Mistake(
                "a rate that makes up for the loss",
                lambda layers, decades: (10.0 ** (-(decades + 1) / (layers - 1)), 10.0**decades),
            ),
        ),
    ),
)
