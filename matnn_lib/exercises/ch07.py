"""Chapter 07, Why gradients vanish: chains and bounds, honest logs, and which half has died."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

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
    """Draw until no two of the right answer and the known mistakes round to one another."""
    while True:
        x, weights = round(rng.uniform(0.4, 1.2), 1), rng.uniform(0.7, 1.6, 3).round(1)
        ways = (_complex_step, *_CHAIN_MISTAKES.values())
        found = np.sort([abs(way(x, weights)) for way in ways])
        if (np.diff(found) > 0.04 * found[1:]).all():
            return x, weights


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


def _slopes(x: float, weights: np.ndarray) -> np.ndarray:
    return 1 - _units(x, weights)[1] ** 2


_CHAIN_MISTAKES: dict[str, Callable[[float, np.ndarray], float]] = {
    "weights alone": lambda x, weights: np.prod(weights),
    "slopes alone": lambda x, weights: np.prod(_slopes(x, weights)),
    "slope at the input": lambda x, weights: np.prod(weights * (1 - _units(x, weights)[0] ** 2)),
    "tanh once more": lambda x, weights: np.prod(
        weights * (1 - np.tanh(_units(x, weights)[1]) ** 2)
    ),
    "slope one unit early": lambda x, weights: np.prod(
        weights * (1 - np.array([x, *_units(x, weights)[1][:-1]]) ** 2)
    ),
    "output": lambda x, weights: _units(x, weights)[1][-1],
    "last factor alone": lambda x, weights: (weights * _slopes(x, weights))[-1],
}


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


# 07.4 The gain of a whole net, from its weights and its outputs.


def _whole_net(rng: np.random.Generator, widths: Sequence[int], size: float) -> Arguments:
    weights = [
        size * rng.uniform(0.7, 1.4) * rng.standard_normal((d, n)) / np.sqrt(d)
        for d, n in pairwise(widths)
    ]
    outputs = [rng.standard_normal((5, widths[0]))]
    for W in weights:
        outputs.append(np.tanh(outputs[-1] @ W))
    return weights, outputs[1:]


def _one_width(rng: np.random.Generator) -> Arguments:
    return _whole_net(rng, [8] * int(rng.integers(6, 12)), 0.8)


def _other_widths(rng: np.random.Generator) -> Arguments:
    return _whole_net(rng, rng.permutation(np.arange(4, 11)).tolist(), 1.5)


def _beyond_floats(rng: np.random.Generator) -> Arguments:
    return _whole_net(rng, [6] * int(rng.integers(401, 421)), 0.08)


def _sum_of_logs(weights: list[np.ndarray], outputs: list[np.ndarray]) -> float:
    parts = [_svd_and_logistic(W, H) for W, H in zip(weights[1:], outputs[1:], strict=True)]
    return math.fsum(math.log10(stretch) + math.log10(bend) for stretch, bend in parts)


def _gain(weights: list[np.ndarray], outputs: list[np.ndarray]) -> float:
    pairs = zip(weights, outputs, strict=True)
    return float(sum(np.log10(_stretch(W) * _bend(H)) for W, H in pairs))


# 07.5 A norm that does not vanish before its matrix does.


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


def _all_negative(rng: np.random.Generator) -> Arguments:
    return (-np.abs(_entries(rng, np.float64, 1.0)[0]) - 0.1,)


def _nothing(rng: np.random.Generator) -> Arguments:
    return (np.zeros((3, 4), dtype=np.float32),)


def _hypot(G: np.ndarray) -> float:
    return math.hypot(*G.astype(np.float64).ravel().tolist())


def _scaled_by(scale: float, G: np.ndarray) -> float:
    return float(scale * np.sqrt(np.sum((G.astype(np.float64) / scale) ** 2)))


# 07.6 Which half has died?


def _kinds(rng: np.random.Generator, nets: int) -> np.ndarray:
    """Return which half has died, (nets, 2): all four kinds, in random order."""
    kinds = rng.permutation(np.resize(np.arange(4), nets))
    return np.column_stack([kinds % 2, kinds // 2])


def _histories(
    rng: np.random.Generator, lost: np.ndarray, layers: int, first: float = 0.7
) -> Arguments:
    """Return spread and gradient of nets that lose so many decades of each, on straight lines.

    The gradient's overall size is any: nothing can be read from it.
    """
    steps = np.arange(layers) / (layers - 1)
    spread = first * rng.uniform(0.7, 1.2, (len(lost), 1)) * 10.0 ** (-lost[:, :1] * steps)
    size = 10.0 ** rng.uniform(-9, 2, (len(lost), 1))
    return spread, size * 10.0 ** (-lost[:, 1:] * (1 - steps))


def _far_apart(rng: np.random.Generator, nets: int) -> np.ndarray:
    lost: np.ndarray = rng.uniform(5, 11, (nets, 2)) * _kinds(rng, nets)
    return lost + rng.uniform(0, 1.5, (nets, 2))


def _four_kinds(rng: np.random.Generator) -> Arguments:
    return _histories(rng, _far_apart(rng, 8), 50)


def _shallow_nets(rng: np.random.Generator) -> Arguments:
    nets = int(rng.integers(9, 13))
    return _histories(rng, _far_apart(rng, nets), int(rng.integers(8, 15)))


def _near_the_line(rng: np.random.Generator) -> Arguments:
    """Nets that end at 2.5 or 3.5 decades, the signal from a first layer that is small already."""
    first = 0.05
    lost = 2.5 + _kinds(rng, 8) + rng.uniform(-0.2, 0.2, (8, 2))
    lost[:, 0] += math.log10(first)
    return _histories(rng, lost, 20, first)


def _with_a_dip(rng: np.random.Generator) -> Arguments:
    """Nets that lose much on the way; where a half has not died, it comes back."""
    lost = _far_apart(rng, 8)
    spread, backward = _histories(rng, lost, 12)
    spread[:, 5] *= 1e-4
    backward[:, 5] *= 1e-4
    return spread, backward


def _underflowed(rng: np.random.Generator) -> Arguments:
    spread, backward = _histories(rng, _far_apart(rng, 6), 20)
    lowest = backward[:, :1] / backward[:, -1:] < 1e-3
    return spread, np.where(lowest & (np.arange(20) < 5), 0.0, backward)


def _by_decades(spread: np.ndarray, backward: np.ndarray) -> np.ndarray:
    codes = []
    for signal, gradient in zip(spread.tolist(), backward.tolist(), strict=True):
        left = math.log10(gradient[0]) - math.log10(gradient[-1]) if gradient[0] else -math.inf
        codes.append((math.log10(signal[-1]) < -3) + 2 * (left < -3))
    return np.array(codes)


def _codes(signal: np.ndarray, gradient: np.ndarray, least: float = 1e-3) -> np.ndarray:
    return (signal < least) + 2 * (gradient < least)


# 07.8 An experiment: reading without the gradient.


def _little_net(rng: np.random.Generator) -> Arguments:
    return int(rng.integers(4, 6)), int(rng.integers(15, 31))


def _deeper_net(rng: np.random.Generator) -> Arguments:
    return int(rng.integers(6, 8)), int(rng.integers(31, 60))


def _reads_without(args: Arguments, answer: object) -> bool | str:
    """Build the net, measure its gain and train it for three epochs."""
    layers, decades = args
    pair = np.asarray(answer)
    if pair.shape != (2,) or pair.dtype.kind not in "iuf":
        return "it must be a pair of two real numbers, (factor, rate)"
    factor, rate = pair.tolist()
    data = digits()
    X, y = data.X_train, data.y_train
    network = bench.ScaledBackward(factor)(bench.CRITICAL, (64, *[64] * layers, 10))
    rng = np.random.default_rng(0)
    params = network.init(rng)
    gain = diagnosis.backward_gain(network, params, X[:64], y[:64])
    if not np.isfinite(gain):
        return "nothing at all is left of the gradient: the gain must be a finite number"
    if not gain <= -decades:
        return f"the gain of your net is {gain:.1f} decades, not −{decades} or less"
    if gain < -decades - 3:
        return (
            f"the gain of your net is {gain:.1f} decades: more is lost than was asked, "
            "and by more than three decades"
        )
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
        minutes=4,
        kind="value",
        answer="answer_07_1",
        cases=(Case("the chain of the question", _chain, points=3),),
        oracle=_complex_step,
        oracle_name="closed form: complex step, Im f(x + ih) / h",
        rtol=1e-2,  # three digits, and some lost on the way
        mistakes=tuple(Mistake(name, wrong) for name, wrong in _CHAIN_MISTAKES.items()),
    ),
    Exercise(
        id="07.2",
        level="warm-up",
        minutes=4,
        kind="value",
        answer="answer_07_2",
        cases=(Case("the bound of the question", _bound, points=3),),
        oracle=_first_depth,
        oracle_name="closed form: exact fractions, layer by layer",
        mistakes=(
            Mistake("one too few", lambda norm, k: _first_depth(norm, k) - 1),
            Mistake("layers of the net", lambda norm, k: _first_depth(norm, k) + 1),
            Mistake("not a whole number", lambda norm, k: k / -math.log10(norm / 4)),
            Mistake("natural logarithm", lambda norm, k: math.ceil(k / -math.log(norm / 4))),
            Mistake("no slope", lambda norm, k: math.ceil(k / math.log10(norm))),
            Mistake("half for a quarter", lambda norm, k: math.ceil(k / -math.log10(norm / 2))),
        ),
    ),
    Exercise(
        id="07.3",
        level="core",
        minutes=6,
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
            Mistake(
                "both slips",
                lambda W, H: (np.linalg.norm(W) / np.sqrt(W.shape[0]), np.mean(1 - H**2)),
            ),
            Mistake(
                "standard deviation",
                lambda W, H: (np.std(W) * np.sqrt(W.shape[0]), _bend(H)),
            ),
            Mistake("largest singular value", lambda W, H: (np.linalg.norm(W, 2), _bend(H))),
            Mistake("plain mean", lambda W, H: (_stretch(W), np.mean(1 - H**2))),
            Mistake(
                "squares without the roots",
                lambda W, H: (_stretch(W) ** 2, _bend(H) ** 2),
            ),
            Mistake("the pair exchanged", lambda W, H: (_bend(H), _stretch(W))),
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
        answer="predicted_gain",
        cases=(
            Case("all layers of one width", _one_width, points=2),
            Case("layers of other widths", _other_widths, points=2),
            Case("a gain beyond what a float64 can hold", _beyond_floats, points=2),
        ),
        oracle=_sum_of_logs,
        oracle_name="scipy.linalg.svdvals",
        rtol=1e-6,
        atol=0.0,
        mistakes=(
            Mistake("all layers", _gain),
            Mistake("outputs of the layer below", lambda Ws, Hs: _gain(Ws[1:], Hs[:-1])),
            Mistake("the last layer left out", lambda Ws, Hs: _gain(Ws[:-1], Hs[:-1])),
            Mistake("sign reversed", lambda Ws, Hs: -_gain(Ws[1:], Hs[1:])),
            Mistake("natural logarithm", lambda Ws, Hs: np.log(10) * _gain(Ws[1:], Hs[1:])),
            Mistake(
                "product first",
                lambda Ws, Hs: np.log10(
                    np.prod([_stretch(W) * _bend(H) for W, H in zip(Ws[1:], Hs[1:], strict=True)])
                ),
            ),
            Mistake("weights alone", lambda Ws, Hs: sum(np.log10(_stretch(W)) for W in Ws[1:])),
            Mistake(
                "plain mean",
                lambda Ws, Hs: sum(
                    np.log10(_stretch(W) * np.mean(1 - H**2))
                    for W, H in zip(Ws[1:], Hs[1:], strict=True)
                ),
            ),
            Mistake(
                "divided by the inputs",
                lambda Ws, Hs: sum(
                    np.log10(np.linalg.norm(W) / np.sqrt(W.shape[0]) * _bend(H))
                    for W, H in zip(Ws[1:], Hs[1:], strict=True)
                ),
            ),
        ),
    ),
    Exercise(
        id="07.5",
        level="core",
        minutes=6,
        kind="function",
        answer="logged_norm",
        cases=(
            Case("an ordinary gradient in float32", _ordinary),
            Case("a vanished one in float32", _small32, points=2),
            Case("an exploded one in float32", _large32),
            Case("a vanished one in float64", _small64),
            Case("an exploded one in float64", _large64),
            Case("one whose entries are all negative", _all_negative),
            Case("a gradient that is really zero", _nothing, edge=True),
        ),
        oracle=_hypot,
        oracle_name="math.hypot",
        rtol=1e-5,
        atol=0.0,
        mistakes=(
            Mistake("squares first", lambda G: np.sqrt(np.sum(G**2))),
            Mistake("float64 first", lambda G: np.sqrt(np.sum(G.astype(np.float64) ** 2))),
            Mistake("a fixed scale", lambda G: _scaled_by(1e-150, G)),
            Mistake("a small number added", lambda G: np.sqrt(np.sum(G**2) + 1e-12)),
            Mistake("largest entry", lambda G: np.abs(G).max()),
            Mistake("no absolute value", lambda G: _scaled_by(float(G.max()) or 1.0, G)),
            Mistake("zero over zero", lambda G: _scaled_by(np.abs(G).max().astype(float), G)),
        ),
    ),
    Exercise(
        id="07.6",
        level="core",
        minutes=8,
        kind="function",
        answer="which_half",
        cases=(
            Case("eight nets of 50 layers", _four_kinds, points=2),
            Case("shallow nets", _shallow_nets, points=2),
            Case("nets near the line", _near_the_line),
            Case("nets with a dip on the way", _with_a_dip),
            Case("gradients that have become exactly zero", _underflowed, edge=True),
        ),
        oracle=_by_decades,
        oracle_name="closed form: net by net, in decades with math.log10",
        mistakes=(
            Mistake("gradient read forward", lambda S, B: _codes(S[:, -1], B[:, -1] / B[:, 0])),
            Mistake("size instead of share", lambda S, B: _codes(S[:, -1], B[:, 0])),
            Mistake(
                "halves exchanged",
                lambda S, B: 2 * (S[:, -1] < 1e-3) + (B[:, 0] / B[:, -1] < 1e-3),
            ),
            Mistake("signal at layer 1", lambda S, B: _codes(S[:, 0], B[:, 0] / B[:, -1])),
            Mistake("a hundredth", lambda S, B: _codes(S[:, -1], B[:, 0] / B[:, -1], 1e-2)),
            Mistake(
                "signal relative to layer 1",
                lambda S, B: _codes(S[:, -1] / S[:, 0], B[:, 0] / B[:, -1]),
            ),
            Mistake(
                "never both",
                lambda S, B: np.where(
                    S[:, -1] < 1e-3, 1, np.where(B[:, 0] < 1e-3 * B[:, -1], 2, 0)
                ),
            ),
            Mistake(
                "smallest spread",
                lambda S, B: _codes(S.min(axis=1), B[:, 0] / B[:, -1]),
            ),
            Mistake(
                "smallest on the way",
                lambda S, B: _codes(S.min(axis=1), B.min(axis=1) / B[:, -1]),
            ),
        ),
    ),
    Exercise(
        id="07.7",
        level="core",
        minutes=3,
        kind="choice",
        answer="answer_07_7",
        cases=(Case("the choice", points=2),),
        right="frozen",
    ),
    Exercise(
        id="07.8",
        level="stretch",
        minutes=11,
        kind="function",
        answer="without_gradient",
        cases=(
            Case("a net of four or five layers", _little_net, points=3),
            Case("a deeper one, a smaller gradient", _deeper_net, points=3),
        ),
        verify=_reads_without,
        oracle_name="property: the net is built, measured, and trained for three epochs",
        trains=True,
        atol=0.0,  # factors of any size are told apart
        mistakes=(
            Mistake("no gradient at all", lambda layers, decades: (0.0, 0.1)),
            Mistake(
                "one factor too few",
                lambda layers, decades: (10.0 ** (-decades / layers), 0.1),
            ),
            Mistake("far too small a factor", lambda layers, decades: (1e-20, 0.1)),
            Mistake("all in one layer", lambda layers, decades: (10.0**-decades, 0.1)),
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
