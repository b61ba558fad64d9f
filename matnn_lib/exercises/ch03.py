"""Chapter 03, Eigenvalues and eigenvectors: directions that a map keeps."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake
from matnn_lib.exercises.real_number import as_real
from matnn_lib.linalg import haar_orthogonal
from matnn_lib.study import bench
from matnn_lib.study.preparations import similar

Matrix = np.ndarray[Any, Any]


def _symmetric(rng: np.random.Generator, values: Matrix) -> Matrix:
    Q = haar_orthogonal(len(values), rng)
    return Q * values @ Q.T


def _two_by_two(rng: np.random.Generator) -> Arguments:
    """Two whole eigenvalues in a matrix of whole numbers, triangular in a sheared basis."""
    first, second = rng.choice(np.arange(1, 8), size=2, replace=False) * [1, rng.choice([-1, 1])]
    s, gap = float(rng.choice([-2, -1, 1, 2])), first - second
    # For these products with s the matrix is triangular, or symmetric (so that singular values
    # are right up to a sign), or its diagonal is what an unhalved root gives.
    same = (gap, gap * s**2 / (1 + s**2), 1.5 * gap, -0.5 * gap)
    t = next(t for t in (1.0, 2.0, 3.0, 4.0) if not np.isclose(s * t, same).any())
    shear = np.array([[1.0, 0.0], [s, 1.0]])
    return (shear @ np.array([[first, t], [0.0, second]]) @ np.linalg.inv(shear),)


def _dominated_above(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(5, 12))
    # So large that a vector which is never scaled overflows in 200 steps.
    return (_symmetric(rng, 10 ** rng.uniform(2, 3) * np.r_[1.0, rng.uniform(-0.7, 0.7, n)]),)


def _dominated_below(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(5, 12))
    # So small that a vector which is never scaled underflows in 200 steps.
    return (_symmetric(rng, 10 ** rng.uniform(-3, -2) * np.r_[-1.0, rng.uniform(-0.7, 0.7, n)]),)


def _all_alike(rng: np.random.Generator) -> Arguments:
    return (float(rng.uniform(1.5, 4)) * np.eye(int(rng.integers(3, 6))),)


def _hessian(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(4, 10))
    return (_symmetric(rng, 10 ** rng.uniform(-2, 2) * np.r_[rng.uniform(0.1, 1, n), 1.5]),)


def _stiff_hessian(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(4, 10))
    return (_symmetric(rng, np.geomspace(1e-2, 10 ** rng.uniform(1, 3), n)),)


def _flat_hessian(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(5, 9))
    return (_symmetric(rng, np.r_[np.zeros(2), rng.uniform(0.5, 5, n)]),)


def _negative_leads(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(4, 9))
    values = np.r_[-1.0, rng.uniform(0.75, 0.9), rng.uniform(-0.5, 0.5, n)]
    return (_symmetric(rng, 10 ** rng.uniform(-1, 1) * values),)


def _negative_follows(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(4, 9))
    values = np.r_[1.0, -rng.uniform(0.75, 0.9), rng.uniform(-0.5, 0.5, n)]
    return (_symmetric(rng, 10 ** rng.uniform(-1, 1) * values),)


def _rank_one(rng: np.random.Generator) -> Arguments:
    v = rng.standard_normal(int(rng.integers(3, 7)))
    return (np.outer(v, v) - 1e-3 * np.eye(len(v)),)


def _a_dead_net(rng: np.random.Generator) -> Arguments:
    return (bench.DEAD,)


def _eigenvalues(A: Matrix) -> Matrix:
    import scipy.linalg

    values: Matrix = scipy.linalg.eigvalsh(A)
    return values


def _moduli(A: Matrix) -> Matrix:
    """The moduli of a symmetric matrix's eigenvalues, largest first: its singular values."""
    import scipy.linalg

    values: Matrix = scipy.linalg.svdvals(A)
    return values


def _dominant(A: Matrix) -> float:
    return float(max(_eigenvalues(A), key=abs))


def _never_scaled(A: Matrix) -> Matrix:
    v: Matrix = np.random.default_rng(0).standard_normal(len(A))
    for _ in range(200):
        v = A @ v
    return v


def _unscaled_quotient(A: Matrix) -> float:
    v = _never_scaled(A)
    return float(v @ A @ v / (v @ v))


def _unscaled_product(A: Matrix) -> float:
    v = _never_scaled(A)
    return float(v @ A @ v)


def _gap(A: Matrix) -> float:
    largest, second, *_ = _moduli(A)
    return float(second / largest)


def _signed_gap(A: Matrix) -> float:
    *_, second, largest = sorted(_eigenvalues(A), key=abs)
    return float(second / largest)


def _root_not_halved(A: Matrix) -> Matrix:
    trace = float(np.trace(A))
    values: Matrix = trace / 2 + np.array([1, -1]) * np.sqrt(trace**2 - 4 * np.linalg.det(A))
    return values


def _largest_first(A: Matrix) -> Matrix:
    return np.sort(np.linalg.eigvals(A).real)[::-1]


def _alive(args: Arguments, answer: Any) -> bool | str:
    ratio = as_real(answer)
    if isinstance(ratio, str):
        return ratio
    # Far above, where tanh is saturated, the gain falls again, and once more crosses zero.
    if not 1 <= ratio <= 100:
        return "a ratio is at least 1, and here at most 100"
    gain = bench.measure_start(args[0], prepare=partial(similar, ratio=ratio), seeds=1).gain[0]
    if abs(gain) <= 1:
        return True
    return f"at ratio {ratio:g} the backward gain is {gain:.1f} decades"


EXERCISES = (
    Exercise(
        id="03.1",
        level="warm-up",
        minutes=4,
        kind="value",
        answer="eigenvalues_03_1",
        cases=(Case("the matrix of the question", _two_by_two, points=2),),
        oracle=_largest_first,
        oracle_name="numpy.linalg.eigvals",
        mistakes=(
            Mistake("singular values", lambda A: np.linalg.svd(A, compute_uv=False)),
            Mistake("smallest first", lambda A: _largest_first(A)[::-1]),
            Mistake("wrong sign", lambda A: -_largest_first(A)[::-1]),
            Mistake("the diagonal", lambda A: np.sort(np.diag(A))[::-1]),
            Mistake("root not halved", _root_not_halved),
            Mistake("nothing halved", lambda A: 2 * _largest_first(A)),
        ),
        rtol=1e-3,
    ),
    Exercise(
        id="03.2",
        level="warm-up",
        minutes=2,
        kind="choice",
        answer="answer_03_2",
        cases=(Case("the choice"),),
        right="normal",
    ),
    Exercise(
        id="03.3",
        level="core",
        minutes=6,
        kind="function",
        answer="dominant_eigenvalue",
        cases=(
            Case("the dominant eigenvalue is positive", _dominated_above, points=2),
            Case("the dominant eigenvalue is negative", _dominated_below, points=2),
            Case("a multiple of the identity", _all_alike, edge=True),
        ),
        oracle=_dominant,
        oracle_name="scipy.linalg.eigvalsh",
        mistakes=(
            Mistake("lost sign", lambda A: abs(_dominant(A))),
            Mistake("largest, not dominant", lambda A: _eigenvalues(A)[-1]),
            Mistake("trace", lambda A: np.trace(A)),
            Mistake("squared", lambda A: _dominant(A) ** 2),
            Mistake("cubed", lambda A: _dominant(A) ** 3),
            Mistake("never scaled", _unscaled_quotient),
            Mistake("never scaled, not divided", _unscaled_product),
        ),
        rtol=1e-5,
    ),
    Exercise(
        id="03.4",
        level="core",
        minutes=4,
        kind="function",
        answer="largest_rate",
        cases=(
            Case("a quadratic", _hessian, points=2),
            Case("a quadratic with very different curvatures", _stiff_hessian),
            Case("a quadratic with flat directions", _flat_hessian),
        ),
        oracle=lambda H: 2 / _moduli(H)[0],
        oracle_name="scipy.linalg.svdvals",
        mistakes=(
            Mistake("one over", lambda H: 1 / _eigenvalues(H)[-1]),
            Mistake("the best rate", lambda H: 2 / (_eigenvalues(H)[-1] + _eigenvalues(H)[0])),
            Mistake("the trace", lambda H: 2 / np.trace(H)),
            Mistake("the smallest", lambda H: 2 / _eigenvalues(H)[0]),
            Mistake("the diagonal", lambda H: 2 / np.diag(H).max()),
        ),
    ),
    Exercise(
        id="03.5",
        level="core",
        minutes=4,
        kind="function",
        answer="convergence_factor",
        cases=(
            Case("the dominant eigenvalue is negative", _negative_leads, points=2),
            Case("the second eigenvalue is negative", _negative_follows, points=2),
            Case("nearly rank one", _rank_one, edge=True),
        ),
        oracle=_gap,
        oracle_name="scipy.linalg.svdvals",
        mistakes=(
            Mistake("signed order", lambda A: _eigenvalues(A)[-2] / _eigenvalues(A)[-1]),
            Mistake("modulus of signed", lambda A: abs(_eigenvalues(A)[-2] / _eigenvalues(A)[-1])),
            Mistake("sign kept", _signed_gap),
            Mistake("upside down", lambda A: 1 / _gap(A)),
            Mistake("squared", lambda A: _gap(A) ** 2),
        ),
    ),
    Exercise(
        id="03.6",
        level="stretch",
        minutes=8,
        kind="value",
        answer="ratio_03_6",
        cases=(Case("the dead net", _a_dead_net, points=3),),
        verify=_alive,
        oracle_name="property: the backward gain of the rescaled net is within one decade of 0",
        mistakes=(
            Mistake("nothing changed", lambda start: 1.0),
            Mistake("too much", lambda start: 100.0),
            Mistake("a little", lambda start: 3.0),
        ),
        trains=True,
    ),
)
