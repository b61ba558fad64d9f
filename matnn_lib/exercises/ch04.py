"""Chapter 04, Singular values: how much a matrix stretches, at most and at least."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake
from matnn_lib.exercises.real_number import as_real
from matnn_lib.linalg import haar_orthogonal
from matnn_lib.nn.initializers import orthogonal
from matnn_lib.study import bench

Matrix = np.ndarray[Any, Any]


def _with_singular_values(
    rng: np.random.Generator, rows: int, columns: int, sigma: Matrix
) -> Matrix:
    k = len(sigma)
    return haar_orthogonal(rows, rng)[:, :k] * sigma @ haar_orthogonal(columns, rng)[:k]


def _integers(rng: np.random.Generator) -> Arguments:
    a, c = rng.choice(np.arange(2, 8), size=2, replace=False)
    return (np.array([[a, 0], [rng.integers(2, 6), c]], dtype=float),)


def _square_apart(rng: np.random.Generator) -> Arguments:
    n = int(rng.integers(5, 12))
    sigma = 10 ** rng.uniform(-2, 2) * np.r_[1.0, rng.uniform(0.05, 0.8, n - 1)]
    return (_with_singular_values(rng, n, n, sigma),)


def _tall_apart(rng: np.random.Generator) -> Arguments:
    m, n = int(rng.integers(20, 30)), int(rng.integers(3, 8))
    sigma = 10 ** rng.uniform(1, 3) * np.r_[1.0, rng.uniform(0.05, 0.8, n - 1)]
    return (_with_singular_values(rng, m, n, sigma),)


def _wide_apart(rng: np.random.Generator) -> Arguments:
    return (_tall_apart(rng)[0].T / 100,)


def _tied_on_top(rng: np.random.Generator) -> Arguments:
    return (_with_singular_values(rng, 8, 8, np.r_[3.0, 3.0, rng.uniform(0.1, 2, 6)]),)


def _nothing(rng: np.random.Generator) -> Arguments:
    return (np.zeros((int(rng.integers(2, 6)), 3)),)


def _with_a_rank(rng: np.random.Generator, rows: int, columns: int) -> Arguments:
    k = min(rows, columns)
    sigma = np.sort(rng.uniform(0.5, 2, k) * np.geomspace(4, 0.2, k))[::-1]
    scale = 10 ** rng.uniform(-3, 3)
    return _with_singular_values(rng, rows, columns, scale * sigma), int(rng.integers(2, k - 2))


def _square_at_a_rank(rng: np.random.Generator) -> Arguments:
    return _with_a_rank(rng, 9, 9)


def _tall_at_a_rank(rng: np.random.Generator) -> Arguments:
    return _with_a_rank(rng, int(rng.integers(14, 22)), 7)


def _wide_at_a_rank(rng: np.random.Generator) -> Arguments:
    return _with_a_rank(rng, 8, int(rng.integers(12, 18)))


def _conditioned(rng: np.random.Generator, decades: float, n: int) -> Arguments:
    sigma = 10 ** rng.uniform(-1, 1) * 10 ** np.linspace(0, -decades, n)
    return (_with_singular_values(rng, n, n, sigma),)


def _mild_condition(rng: np.random.Generator) -> Arguments:
    return _conditioned(rng, rng.uniform(1, 3), int(rng.integers(4, 9)))


def _bad_condition(rng: np.random.Generator) -> Arguments:
    return _conditioned(rng, rng.uniform(6, 9), int(rng.integers(4, 9)))


def _beyond_all_digits(rng: np.random.Generator) -> Arguments:
    return (np.diag([1.0, 10.0 ** -rng.uniform(18, 25)]),)


def _fifty_layers(rng: np.random.Generator) -> Arguments:
    return (50,)


def _singular_values(A: Matrix) -> Matrix:
    import scipy.linalg

    values: Matrix = scipy.linalg.svdvals(A)
    return values


def _without_the_transpose(A: Matrix) -> float:
    x = np.random.default_rng(0).standard_normal(A.shape[1])
    for _ in range(200):
        x = A @ x
        x = x / np.linalg.norm(x)
    return float(np.linalg.norm(A @ x))


def _relative_error(A: Matrix, r: int, p: float = 2.0, skip: int = 0) -> float:
    sigma = _singular_values(A)
    return float(np.sum(sigma[r + skip :] ** p) ** (1 / p) / np.sum(sigma**p) ** (1 / p))


def _best_by_projection(A: Matrix, r: int) -> float:
    """The error left by projecting on the r leading eigenvectors of AAᵀ."""
    _, U = np.linalg.eigh(A @ A.T)
    Q = U[:, -r:]
    return float(np.linalg.norm(A - Q @ (Q.T @ A)) / np.linalg.norm(A))


def _digits_left(A: Matrix) -> float:
    return float(np.clip(16 - np.log10(np.linalg.cond(A)), 0, None))


def _eigenvalue_ratio(A: Matrix) -> float:
    size = np.abs(np.linalg.eigvals(A))
    return float(max(0.0, 16 - np.log10(size.max() / size.min())))


def _digits_by_the_last_column_of_U(A: Matrix) -> float:
    stretch = np.linalg.norm(A @ np.linalg.svd(A)[0][:, -1])
    return float(max(0.0, 16 - np.log10(_singular_values(A)[0] / stretch)))


def _largest_stretch(gain: float, layers: int) -> float:
    start = bench.Start("of your own", partial(orthogonal, gain=gain))
    return float(np.exp(bench.measure_start(start, layers=layers, seeds=1).spectrum[0, 0]))


def _near_one(args: Arguments, answer: Any) -> bool | str:
    gain = as_real(answer)
    if isinstance(gain, str):
        return gain
    if not 0 < gain < 10:
        return "a gain is a positive number, and here it is less than 10"
    stretch = _largest_stretch(gain, args[0])
    if 0.5 <= stretch <= 2:
        return True
    return f"at gain {gain:g} the largest stretch of {args[0]} layers is {stretch:.2g}"


EXERCISES = (
    Exercise(
        id="04.1",
        level="warm-up",
        minutes=3,
        kind="value",
        answer="sigma_04_1",
        cases=(Case("the matrix of the question", _integers, points=2),),
        oracle=_singular_values,
        oracle_name="scipy.linalg.svdvals",
        mistakes=(
            Mistake("no root", lambda A: np.linalg.eigvalsh(A.T @ A)[::-1]),
            Mistake("eigenvalues of A", lambda A: np.sort(np.diag(A))[::-1]),
            Mistake("smallest first", lambda A: np.sqrt(np.linalg.eigvalsh(A.T @ A))),
            Mistake("lengths of the columns", lambda A: np.sort(np.linalg.norm(A, axis=0))[::-1]),
        ),
        rtol=5e-3,  # three digits, rounded or cut off
    ),
    Exercise(
        id="04.2",
        level="warm-up",
        minutes=2,
        kind="choice",
        answer="answer_04_2",
        cases=(Case("the choice"),),
        right="singular",
    ),
    Exercise(
        id="04.3",
        level="core",
        minutes=6,
        kind="function",
        answer="largest_stretch",
        cases=(
            Case("a square matrix", _square_apart),
            Case("a tall matrix", _tall_apart),
            Case("a wide matrix", _wide_apart),
            Case("two equal largest singular values", _tied_on_top, edge=True),
            Case("a matrix of zeros", _nothing, edge=True),
        ),
        oracle=lambda A: _singular_values(A)[0],
        oracle_name="scipy.linalg.svdvals",
        mistakes=(
            Mistake("forgot the root", lambda A: np.linalg.eigvalsh(A.T @ A)[-1]),
            Mistake("Frobenius norm", lambda A: np.linalg.norm(A)),
            Mistake("largest column sum", lambda A: np.linalg.norm(A, 1)),
            Mistake("smallest stretch", lambda A: _singular_values(A)[-1]),
            Mistake("without the transpose", _without_the_transpose),
            Mistake("0/0", lambda A: _singular_values(A)[0] if A.any() else np.nan),
        ),
        rtol=1e-5,
    ),
    Exercise(
        id="04.4",
        level="core",
        minutes=4,
        kind="function",
        answer="relative_error",
        cases=(
            Case("a square matrix at a low rank", _square_at_a_rank),
            Case("a tall matrix at a low rank", _tall_at_a_rank),
            Case("a wide matrix at a low rank", _wide_at_a_rank),
        ),
        oracle=_best_by_projection,
        oracle_name="closed form: projection on the leading eigenvectors of A Aᵀ",
        mistakes=(
            Mistake("no squares", lambda A, r: _relative_error(A, r, p=1.0)),
            Mistake("one term too many", lambda A, r: _relative_error(A, r, skip=1)),
            Mistake("one term too few", lambda A, r: _relative_error(A, r, skip=-1)),
            Mistake(
                "only the next one", lambda A, r: _singular_values(A)[r] / _singular_values(A)[0]
            ),
            Mistake("no root", lambda A, r: _relative_error(A, r) ** 2),
            Mistake("as it stands", lambda A, r: _relative_error(A, r, p=1.0, skip=1)),
        ),
    ),
    Exercise(
        id="04.5",
        level="core",
        minutes=5,
        kind="function",
        answer="digits_left",
        cases=(
            Case("a harmless matrix", _mild_condition),
            Case("a matrix that loses half of the digits", _bad_condition),
            Case("a matrix that loses more digits than there are", _beyond_all_digits, edge=True),
        ),
        oracle=_digits_left,
        oracle_name="numpy.linalg.cond",
        mistakes=(
            Mistake("digits lost", lambda A: np.log10(np.linalg.cond(A))),
            Mistake("natural logarithm", lambda A: max(0.0, 16 - np.log(np.linalg.cond(A)))),
            Mistake("eigenvalues", _eigenvalue_ratio),
            Mistake("solves in the other order", _digits_by_the_last_column_of_U),
            Mistake("upside down", lambda A: 16 + np.log10(np.linalg.cond(A))),
            Mistake("less than none", lambda A: 16 - np.log10(np.linalg.cond(A))),
        ),
        rtol=1e-3,
        atol=1e-3,
    ),
    Exercise(
        id="04.6",
        level="stretch",
        minutes=8,
        kind="value",
        answer="gain_04_6",
        cases=(Case("fifty layers", _fifty_layers, points=3),),
        verify=_near_one,
        oracle_name="property: the largest singular value of the product lies between 1/2 and 2",
        mistakes=(
            Mistake("gain one", lambda layers: 1.0),
            Mistake("He's gain", lambda layers: float(np.sqrt(2))),
            Mistake("the mild start", lambda layers: 0.8),
        ),
        trains=True,
    ),
)
