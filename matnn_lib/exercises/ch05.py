"""Chapter 05, Powers and products of matrices: what many layers do."""

from __future__ import annotations

from typing import Any

import numpy as np

from matnn_lib import linalg
from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake
from matnn_lib.exercises.real_number import as_real

Matrix = np.ndarray[Any, Any]


def _jordan(rng: np.random.Generator) -> Arguments:
    # 3 divides no corner, so that no two ways of going wrong lead to the same number.
    return (np.array([[3.0, rng.choice([2, 4, 5, 7])], [0.0, 3.0]]), int(rng.integers(4, 8)))


def _contracting(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(3, 8))
    return (rng.standard_normal((n, n)) / n, int(rng.integers(5, 30)))


def _expanding(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(3, 6))
    return (rng.standard_normal((n, n)), int(rng.integers(6, 17)))


def _power_zero(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(3, 6))
    return (rng.standard_normal((n, n)), 0)


def _hopeless_for_a_loop(rng: np.random.Generator) -> Arguments:
    """A signed permutation, of which every power is exact, and a power that no loop reaches."""
    n = int(rng.integers(4, 8))
    A = np.eye(n)[rng.permutation(n)] * rng.choice([-1.0, 1.0], n)
    return (A, int(rng.integers(10**14, 10**15)))


def _chain(rng: np.random.Generator, layers: int, gain: float) -> Arguments:
    n = int(rng.integers(4, 9))
    factors = tuple(gain * rng.standard_normal((layers, n, n)) / np.sqrt(n))
    return (rng.standard_normal(n), factors)


def _vanishing_chain(rng: np.random.Generator) -> Arguments:
    return _chain(rng, int(rng.integers(20, 40)), 0.5)


def _exploding_chain(rng: np.random.Generator) -> Arguments:
    return _chain(rng, int(rng.integers(20, 40)), 3.0)


def _chain_below_the_smallest_float(rng: np.random.Generator) -> Arguments:
    return _chain(rng, 400, rng.uniform(0.05, 0.1))


def _block_that_grows_first(rng: np.random.Generator) -> Arguments:
    a, c = rng.uniform(0.85, 0.92), rng.uniform(5, 20)
    return (np.array([[a, c], [0.0, a]]), 60)


def _triangle_that_grows_first(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(6, 10))
    return (0.5 * np.eye(n) + np.triu(rng.uniform(0.2, 0.6, (n, n)), k=1), 40)


def _still_growing(rng: np.random.Generator) -> Arguments:
    a, c = rng.uniform(0.88, 0.92), rng.uniform(5, 20)
    return (np.array([[a, c], [0.0, a]]), int(rng.integers(3, 6)))


def _decays_at_once(rng: np.random.Generator) -> Arguments:
    Q = linalg.haar_orthogonal(5, rng)
    return (Q * rng.uniform(0.3, 0.9, 5) @ Q.T, 20)


def _recurrent(rng: np.random.Generator, A: Matrix, k: int) -> Arguments:
    return (A, rng.standard_normal(len(A)), rng.standard_normal(len(A)), k)


def _few_steps(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(3, 7))
    return _recurrent(rng, 0.5 * rng.standard_normal((n, n)) / np.sqrt(n), int(rng.integers(3, 7)))


def _growing_state(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(3, 6))
    A = rng.uniform(1.2, 1.5) * linalg.haar_orthogonal(n, rng)
    return _recurrent(rng, A, int(rng.integers(6, 17)))


def _no_step(rng: np.random.Generator) -> Arguments:
    return _recurrent(rng, 0.5 * linalg.haar_orthogonal(4, rng), 0)


def _quarter_turns_forever(rng: np.random.Generator) -> Arguments:
    """Quarter turns of two planes, of which every power is exact; what they add comes to little."""
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]]) * rng.choice([-1.0, 1.0])
    A = np.kron(np.eye(2)[rng.permutation(2)], turn)
    return _recurrent(rng, A, int(rng.integers(10**14, 10**15)))


def _width(rng: np.random.Generator) -> Arguments:
    return (32,)


def _power_but(at_zero: Matrix, A: Matrix, k: int) -> Matrix:
    """The power, but for k = 0."""
    return np.linalg.matrix_power(A, k) if k else at_zero


def _state(A: Matrix, b: Matrix, h: Matrix, k: int) -> Matrix:
    """The state that stays as it is, and what k steps leave of the distance from it."""
    fixed = np.linalg.solve((np.eye(len(A)) - A).T, b)
    left: Matrix = (h - fixed) @ np.linalg.matrix_power(A, k)
    return fixed + left


def _bias_at_first(A: Matrix, b: Matrix, h: Matrix, k: int) -> Matrix:
    """Where the enlarged matrix has 0 in its corner, the 1 beside the state lasts one step."""
    state: Matrix = h
    if k:
        state = (h @ A + b) @ np.linalg.matrix_power(A, k - 1)
    return state


def _corner(A: Matrix, k: int) -> float:
    return float(k * A[0, 0] ** (k - 1) * A[0, 1])


def _log_length(x: Matrix, factors: tuple[Matrix, ...]) -> float:
    """Take powers of two out of the vector, which rounds nothing, and count them."""
    twos = 0
    for W in factors:
        x = x @ W
        power = int(np.frexp(np.abs(x).max())[1])
        x, twos = np.ldexp(x, -power), twos + power
    return float(np.log10(np.linalg.norm(x)) + twos * np.log10(2))


def _naive(x: Matrix, factors: tuple[Matrix, ...]) -> float:
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        for W in factors:
            x = x @ W
        return float(np.log10(np.linalg.norm(x)))


def _hump(A: Matrix, k_max: int) -> float:
    return _highest(A, range(1, k_max + 1))


def _highest(A: Matrix, powers: range) -> float:
    return float(max(linalg.spectral_norm(linalg.matrix_power(A, k)) for k in powers))


def _in_six_directions(args: Arguments, answer: Any) -> bool | str:
    (n,) = args
    depth = as_real(answer)
    if isinstance(depth, str):
        return depth
    if depth != int(depth) or not 1 <= depth <= 200:
        return "a number of layers is whole, and here between 1 and 200"
    ranks = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        factors = rng.standard_normal((int(depth), n, n)) / np.sqrt(n)
        share = np.exp(linalg.product_spectrum(factors))
        share /= share.sum()
        share = share[share > 0]
        ranks.append(np.exp(-np.sum(share * np.log(share))))
    found = float(np.median(ranks))
    if 5.5 <= found <= 6.5:
        return True
    return f"with {depth:.0f} layers the effective rank is {found:.2f}"


EXERCISES = (
    Exercise(
        id="05.1",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="corner_05_1",
        cases=(Case("the matrix and the power of the question", _jordan, points=2),),
        oracle=_corner,
        oracle_name="closed form: k a^(k-1) c",
        mistakes=(
            Mistake("entry by entry", lambda A, k: A[0, 1] ** k),
            Mistake("the diagonal", lambda A, k: A[0, 0] ** k),
            Mistake("one factor too many", lambda A, k: k * A[0, 0] ** k * A[0, 1]),
            Mistake("no factor k", lambda A, k: A[0, 0] ** (k - 1) * A[0, 1]),
        ),
    ),
    Exercise(
        id="05.2",
        level="warm-up",
        minutes=2,
        kind="choice",
        answer="answer_05_2",
        cases=(Case("the choice"),),
        right="normal",
    ),
    Exercise(
        id="05.3",
        level="core",
        minutes=5,
        kind="function",
        answer="power",
        cases=(
            Case("a power that shrinks", _contracting, points=2),
            Case("a power that grows", _expanding),
            Case("power zero", _power_zero, edge=True),
            Case("a power that no loop reaches", _hopeless_for_a_loop, edge=True),
        ),
        oracle=lambda A, k: np.linalg.matrix_power(A, k),  # named as the learner's arguments are
        oracle_name="closed form: numpy.linalg.matrix_power",
        mistakes=(
            # At k = 0 these two give ones and zeros, which other slips give as well.
            Mistake("entry by entry", lambda A, k: A**k if k else np.full_like(A, np.inf)),
            Mistake("k times A", lambda A, k: k * A if k else np.full_like(A, np.inf)),
            Mistake("one too many", lambda A, k: np.linalg.matrix_power(A, k + 1)),
            Mistake("one too few", lambda A, k: np.linalg.matrix_power(A, k - 1)),
            Mistake("zeros at power zero", lambda A, k: _power_but(np.zeros_like(A), A, k)),
            Mistake("ones at power zero", lambda A, k: _power_but(np.ones_like(A), A, k)),
            Mistake("A at power zero", lambda A, k: _power_but(A, A, k)),
        ),
        rtol=1e-5,
    ),
    Exercise(
        id="05.4",
        level="core",
        minutes=5,
        kind="function",
        answer="log10_length",
        cases=(
            Case("a chain that shrinks", _vanishing_chain, points=2),
            Case("a chain that grows", _exploding_chain),
            Case("a length below the smallest float", _chain_below_the_smallest_float, edge=True),
        ),
        oracle=_log_length,
        oracle_name="closed form: powers of two taken out exactly, and counted",
        mistakes=(
            Mistake("natural logarithm", lambda x, f: _log_length(x, f) * np.log(10)),
            Mistake("other order", lambda x, f: _log_length(x, f[::-1])),
            Mistake("columns", lambda x, f: _log_length(x, tuple(W.T for W in f))),
            Mistake("underflow", _naive),
            Mistake("scaled first", lambda x, f: _log_length(x / np.linalg.norm(x), f)),
            Mistake("its own length", lambda x, f: _log_length(np.linalg.norm(x) * x, f)),
            Mistake("sum of norms", lambda x, f: sum(np.log10(np.linalg.norm(W, 2)) for W in f)),
        ),
    ),
    Exercise(
        id="05.5",
        level="core",
        minutes=4,
        kind="function",
        answer="hump",
        cases=(
            Case("a Jordan block", _block_that_grows_first, points=2),
            Case("a triangular matrix", _triangle_that_grows_first),
            Case("a matrix that decays at once", _decays_at_once),
            Case("powers that still grow at the last one", _still_growing),
        ),
        oracle=_hump,
        oracle_name="closed form: each power on its own, by squaring",
        mistakes=(
            Mistake("spectral radius", lambda A, k: np.abs(np.linalg.eigvals(A)).max()),
            Mistake(
                "entry by entry",
                lambda A, k: max(np.linalg.norm(A**j, 2) for j in range(1, k + 1)),
            ),
            Mistake("only the last", lambda A, k: np.linalg.norm(np.linalg.matrix_power(A, k), 2)),
            Mistake(
                "Frobenius norm",
                lambda A, k: max(
                    np.linalg.norm(np.linalg.matrix_power(A, j)) for j in range(1, k + 1)
                ),
            ),
            Mistake("left out the last", lambda A, k: _highest(A, range(1, k))),
            Mistake("counted the power 0", lambda A, k: _highest(A, range(k + 1))),
            Mistake("began with the power 0", lambda A, k: _highest(A, range(k))),
            Mistake("as it stands", lambda A, k: np.linalg.norm(A ** (k - 1), 2)),
            Mistake(
                "the last but one",
                lambda A, k: np.linalg.norm(np.linalg.matrix_power(A, k - 1), 2),
            ),
            Mistake("power of the norm", lambda A, k: np.linalg.norm(A, 2) ** k),
        ),
    ),
    Exercise(
        id="05.6",
        level="stretch",
        minutes=7,
        kind="value",
        answer="layers_05_6",
        cases=(Case("a product of matrices of width 32", _width, points=3),),
        verify=_in_six_directions,
        oracle_name="property: the median effective rank of the product is between 5.5 and 6.5",
        mistakes=(
            Mistake("half of the width", lambda n: n // 2),
            Mistake("four times the width", lambda n: 4 * n),
            Mistake("two layers", lambda n: 2),
        ),
        trains=True,
    ),
    Exercise(
        id="05.7",
        level="core",
        minutes=5,
        kind="function",
        answer="state_after",
        cases=(
            Case("a few steps", _few_steps, points=2),
            Case("a state that grows", _growing_state),
            Case("no step at all", _no_step, edge=True),
            Case("more steps than any loop makes", _quarter_turns_forever, edge=True),
        ),
        oracle=_state,
        oracle_name="closed form: the fixed point, and a power of the distance from it",
        mistakes=(
            Mistake("no bias", lambda A, b, h, k: h @ np.linalg.matrix_power(A, k)),
            Mistake("no one in the corner", _bias_at_first),
            Mistake("bias once", lambda A, b, h, k: h @ np.linalg.matrix_power(A, k) + b),
            Mistake(
                "bias not multiplied", lambda A, b, h, k: h @ np.linalg.matrix_power(A, k) + k * b
            ),
            Mistake("one too many", lambda A, b, h, k: _state(A, b, h, k + 1)),
            Mistake("one too few", lambda A, b, h, k: _state(A, b, h, k - 1)),
            Mistake("columns", lambda A, b, h, k: _state(A.T, b, h, k)),
        ),
    ),
)
