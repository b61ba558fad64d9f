"""Every public function says in one sentence what is wrong with a bad argument."""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from matnn_lib import linalg

MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])
GOOD = {
    "A": MATRIX,
    "S": MATRIX,
    "factors": [MATRIX, MATRIX],
    "x": [0.5, 1.0],
    "rng": np.random.default_rng(0),
    "k": 3,
    "r": 1,
    "n": 3,
    "rows": 3,
    "columns": 2,
    "steps": 3,
    "max_iter": 1000,
    "p": 0.5,
    "tol": 1e-6,
    "damping": 0.1,
    "coefficients": (1.5, -0.5, 0.0),
}
RELATIVE = {"power_iteration", "spectral_norm"}
SQUARE_ONLY = {"power_iteration", "spectral_radius", "matrix_power", "inverse_root"}

NO_ARRAY = {
    "ragged": [[1.0, 2.0], [3.0]],
    "empty": [],
    "complex": [[1.0, 1j], [0.0, 1.0]],
    "NaN": [[1.0, np.nan], [0.0, 1.0]],
    "infinite": [[1.0, 0.0], [-np.inf, 1.0]],
    "text": "matrix",
    "texts": [["1", "2"], ["3", "4"]],
    "bytes": b"matrix",
    "None": None,
    "Nones": [[None, 1.0], [1.0, 1.0]],
    "a dictionary": {"A": 1},
    "a set": {1.0, 2.0},
    "dates": np.array([["2026-01-01"]], dtype="M8[D]"),
    "objects": np.array([[object()]], dtype=object),
    "integers beyond float64": [[10**400, 1], [1, 1]],
    "a function": np.linalg.svd,
    "a type": float,
}
NO_MATRIX = NO_ARRAY | {
    "a number": 3.0,
    "a vector": [1.0, 2.0],
    "a stack": np.ones((2, 2, 2)),
    "no rows": np.ones((0, 2)),
    "no columns": np.ones((2, 0)),
}
NO_CHAIN = NO_ARRAY | {
    "a number": 3.0,
    "a matrix": MATRIX,
    "shapes that don't match": [np.ones((2, 3)), np.ones((2, 3))],
    "an empty factor": [MATRIX, np.ones((2, 0))],
    "an infinite factor": [MATRIX, MATRIX * np.inf],
    "a complex factor": [MATRIX, MATRIX * 1j],
    "a generator": (MATRIX for _ in range(2)),
    "a memoryview": memoryview(MATRIX),
}
NO_INTEGER = {
    "a float": 2.0,
    "a fraction": 1.5,
    "text": "2",
    "None": None,
    "True": True,
    "a list": [1],
    "complex": 1 + 0j,
    "NaN": np.nan,
    "a matrix": MATRIX,
}
NO_COUNT = NO_INTEGER | {"zero": 0, "negative": -1}
NO_NUMBER = {
    "text": "0.5",
    "bytes": b"1",
    "complex": 1j,
    "NaN": np.nan,
    "infinite": np.inf,
    "a list": [0.5],
    "ragged": [[1], [1, 2]],
    "True": True,
    "an integer beyond float64": 10**400,
}
NO_POSITIVE = NO_NUMBER | {"negative": -0.5}
BAD = {
    "A": NO_MATRIX,
    "S": NO_MATRIX | {"asymmetric": [[1.0, 2.0], [0.0, 1.0]], "indefinite": [[0, 1], [1, 0]]},
    "factors": NO_CHAIN,
    "x": NO_ARRAY,
    "rng": {"None": None, "a seed": 0, "the module": np.random, "old": np.random.RandomState(0)},
    "k": NO_INTEGER,
    "r": NO_COUNT | {"more than there are": 3},
    "p": NO_NUMBER,
    "tol": NO_POSITIVE,
    "damping": NO_POSITIVE | {"None": None},
    "steps": NO_COUNT | {"more than could end": 10**19},
    "max_iter": NO_COUNT | {"more than could end": 10**19},
    "n": NO_COUNT | {"more than an array can have": 10**19},
    "rows": NO_COUNT | {"beyond float64": 10**400},
    "columns": NO_COUNT | {"beyond float64": 10**400},
    "coefficients": NO_ARRAY | {"two": (1.0, 2.0), "a matrix": MATRIX, "a number": 1.0},
}
FUNCTIONS = {
    name: getattr(linalg, name)
    for name in linalg.__all__
    if inspect.isfunction(getattr(linalg, name))
}
CASES = [
    pytest.param(name, argument, value, id=f"{name}-{argument}-{what}")
    for name, function in FUNCTIONS.items()
    for argument in inspect.signature(function).parameters
    for what, value in (
        BAD[argument]
        | ({"a rectangle": np.ones((2, 3))} if name in SQUARE_ONLY and argument in "AS" else {})
        | (
            {"zero": 0}
            if (name, argument) in {("inverse_root", "p"), ("spectral_norm", "tol")}
            else {}
        )
        | ({"one": 1.0} if argument == "tol" and name in RELATIVE else {})
    ).items()
]


def call(name, **changed):
    function = FUNCTIONS[name]
    return function(**{key: GOOD[key] for key in inspect.signature(function).parameters} | changed)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_good_arguments_are_good(name):
    call(name)


@pytest.mark.parametrize(("name", "argument", "value"), CASES)
def test_a_bad_argument_is_named_in_one_sentence(name, argument, value):
    with pytest.raises((ValueError, TypeError)) as caught:
        call(name, **{argument: value})
    sentence = str(caught.value)
    assert re.match(rf"{argument}\b", sentence), sentence
    assert re.search(r"\bmust\b|can't be multiplied", sentence), sentence
    assert "\n" not in sentence
    assert not re.search(r"[.!?]( |$)", sentence), sentence
    assert len(sentence) < 200
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if "A" in inspect.signature(FUNCTIONS[name]).parameters]
)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    A=arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_any_finite_matrix_gives_finite_numbers_or_one_sentence(name, A):
    before = A.copy()
    try:
        result = call(name, A=A)
    except (ValueError, linalg.ConvergenceError) as error:
        result, sentence = (), str(error)
    else:
        sentence = "A is fine"
    for part in result if isinstance(result, tuple) else (result,):
        assert np.isfinite(part).all()
    assert re.fullmatch(r"[^\n]*\b(A|coefficients|r)\b[^\n]*", sentence)
    assert np.array_equal(A, before)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32_is_kept(name):
    single = {
        "A": MATRIX.astype(np.float32),
        "S": MATRIX.astype(np.float32),
        "factors": [MATRIX.astype(np.float32)] * 2,
        "x": np.array([0.5, 1.0], np.float32),
    }
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    result = call(name, **{key: value for key, value in single.items() if key in parameters})
    parts = result if isinstance(result, tuple) else (result,)
    # A generator's own numbers, pivots and residuals follow no input's type.
    own = {"haar_orthogonal", "power_iteration", "row_echelon"}
    for part in parts[:1] if name == "row_echelon" else parts[1:2] if name in own else parts:
        if isinstance(part, np.ndarray):
            assert part.dtype == np.float32


def test_an_echelon_form_that_overflows_is_one_sentence():
    A = np.array([[1.0, 1.0, 2.0**1023], [2.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match=r"^A must have .*overflows at the pivot in column"):
        linalg.row_echelon(A, tol=0.0)
