"""An answer is right when its form and every one of its entries is."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.mixins import NDArrayOperatorsMixin

from matnn_lib.exercises.compare import NotAnAnswerError, plain, why_wrong

Pair = namedtuple("Pair", "value vector")


class AlwaysEqual(np.ndarray):
    """A forged array: every comparison with it says yes."""

    def __eq__(self, other: object) -> Any:
        return np.ones(self.shape, bool)

    def __le__(self, other: object) -> Any:
        return np.ones(self.shape, bool)

    def __sub__(self, other: object) -> Any:
        return np.zeros(self.shape)

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return np.zeros(self.shape)


class Duck(NDArrayOperatorsMixin):
    """Something that would like to be taken for an array."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.ones(3)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (2, 2.0),
        (2.0, 2),
        (3.0000000000000004, 3),
        (np.float32(0.5), 0.5),
        (np.array(0.5), 0.5),
        ([1, 2, 3], np.array([1.0, 2.0, 3.0])),
        ((1, 2, 3), np.array([1.0, 2.0, 3.0])),
        ([np.zeros(2), np.ones(2)], np.array([[0.0, 0.0], [1.0, 1.0]])),
        (np.array([1 + 0j, 2]), np.array([1.0, 2.0])),
        ((np.ones(2), 3), Pair(np.ones(2), 3)),
        ([np.ones(2), np.ones(3)], (np.ones(2), np.ones(3))),
        (np.ones((2, 3)), (np.ones(3), np.ones(3))),
        ([2, 3], (2, 3)),
        (np.array([2.0, 3.0]), (2, 3.0)),
        (np.array([2, 3]), (2.0, 3.0)),
        (Pair(1, [1, 2]), (1, np.array([1, 2]))),
        (True, np.True_),
        ([True, False], np.array([True, False])),
        (" vanishes ", "vanishes"),
        ([-np.inf, 1.0], np.array([-np.inf, 1.0])),
        (1.0 + 1e-9, 1.0),
        (1e-13, 0.0),
    ],
)
def test_what_means_the_same_is_right(answer: object, expected: object) -> None:
    assert why_wrong(answer, expected) is None


@pytest.mark.parametrize(
    ("answer", "expected", "reason"),
    [
        (True, 1, "it is a truth value, not a number"),
        (1, True, "it is a number, not a truth value"),
        (
            np.ones(3, bool),
            np.ones(3),
            "it is an array of truth values, not an array of shape (3,)",
        ),
        (np.nan, 0.0, "it is not finite"),
        (np.full(3, np.nan), np.ones(3), "it is not finite"),
        (np.inf, 1.0, "it is not finite"),
        (1.0, np.inf, "it is not infinite where it should be"),
        (np.inf, -np.inf, "it is not infinite where it should be"),
        ([], np.ones(2), "its shape is (0,), not (2,)"),
        ([], np.zeros(0), "it is empty"),
        ([2.0], 2.0, "its shape is (1,), not ()"),
        (np.ones((3, 1)), np.ones(3), "its shape is (3, 1), not (3,)"),
        (np.ones((2, 3)), np.ones((3, 2)), "its shape is (2, 3), not (3, 2)"),
        ([1, 2, 4], np.array([1.0, 2.0, 3.0]), "1 of its 3 entries differ"),
        (2.001, 2.0, "its value differs"),
        (2.99, 3, "its value differs"),
        ((1, 2, 3), (np.ones(2), 2), "it has 3 parts, not 2"),
        ((np.ones(2), 3), (np.ones(2), 2), "part 2: its value differs"),
        ([2, 4], (2, 3), "part 2: its value differs"),
        (np.array([2, 3]), (np.ones(2), 3), "part 1: its shape is (), not (2,)"),
        (np.array([True, False]), (1, 0), "part 1: it is a truth value, not a number"),
        (1.0, (1.0, np.ones(2)), "it is a number, not a tuple of 2"),
        ((1.0, np.ones(2)), 1.0, "it is a tuple of 2, not a number"),
        ("3", 3, "it is a word, not a number"),
        (3, "3", "it is a number, not a word"),
        ("explodes", "vanishes", "it is another word"),
        (None, 1.0, "it is a NoneType"),
        ({}, 1.0, "it is a dict"),
        (np.array([None]), np.ones(1), "its entries are not numbers (object)"),
        (Duck(), np.ones(3), "it is a Duck"),
        (len, 1.0, "it is a builtin_function_or_method"),
    ],
)
def test_what_differs_is_wrong_and_says_how(answer: object, expected: object, reason: str) -> None:
    assert why_wrong(answer, expected) == reason


def test_the_comparison_does_not_ask_the_answer_whether_it_is_right() -> None:
    forged = np.zeros(3).view(AlwaysEqual)
    assert why_wrong(forged, np.ones(3)) == "3 of its 3 entries differ"


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(-300, 300), st.floats(-1, 1).filter(lambda x: abs(x) > 1e-3), st.integers(0, 9))
def test_the_tolerance_scales_with_the_largest_right_entry(
    exponent: int, direction: float, seed: int
) -> None:
    right = np.random.default_rng(seed).standard_normal(5) * 10.0**exponent
    step = direction * np.abs(right).max()
    assert why_wrong(right + 0.9e-6 * step, right, atol=0.0) is None
    assert why_wrong(right + 2e-3 * step, right, atol=0.0) is not None


@pytest.mark.parametrize("thing", [None, {}, set(), object(), np.array(["a", "b"]), b"bytes"])
def test_only_numbers_words_and_tuples_are_answers(thing: object) -> None:
    with pytest.raises(NotAnAnswerError):
        plain(thing)


def test_a_plain_array_is_a_copy() -> None:
    answer = np.zeros(2)
    taken = plain(answer)
    answer[0] = 1
    assert isinstance(taken, np.ndarray)
    assert taken[0] == 0
