"""Points follow the cases, and a hint follows a known mistake, never a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matnn_lib.exercises import Case, Exercise, Mistake
from matnn_lib.exercises.exercise import Option
from matnn_lib.exercises.judge import Failure, Judgement, judge


def vector(rng: np.random.Generator) -> tuple[Any, ...]:
    return (rng.uniform(2, 3, int(rng.integers(3, 6))),)


def zero(rng: np.random.Generator) -> tuple[Any, ...]:
    return (np.zeros(4),)


LENGTH = Exercise(
    id="99.1",
    level="core",
    minutes=5,
    kind="function",
    answer="length",
    cases=(
        Case("a vector", vector, points=2),
        Case("another vector", vector),
        Case("zero", zero, points=3, edge=True),
    ),
    oracle=np.linalg.norm,
    oracle_name="numpy.linalg.norm",
    mistakes=(
        Mistake("no root", lambda x: np.sum(x * x), hint="the root"),
        Mistake("sum", lambda x: np.sum(x), hint="squares"),
        Mistake("sum, but not of zero", lambda x: np.sum(x) if x.any() else 7.0, hint="other"),
    ),
)
DIRECTION = replace(
    LENGTH,
    oracle=None,
    verify=lambda args, answer: (
        bool(np.allclose(np.linalg.norm(answer), 1)) or "its length is not 1"
    ),
    oracle_name="property: its length is one",
    mistakes=(),
)
CHOICE = Exercise(
    id="99.2",
    level="warm-up",
    minutes=1,
    kind="choice",
    answer="choice",
    cases=(Case("the choice", points=2),),
    right="b",
    options=(Option("a", "A", "no: a"), Option("b", "B", "yes: b"), Option("c", "C", "no: c")),
)


def answers(exercise: Exercise, function: Any) -> Judgement:
    arguments = exercise.arguments((1, 2))
    return judge(exercise, arguments, [function(*args) for args in arguments])


def test_all_cases_right_is_full_points() -> None:
    result = answers(LENGTH, lambda x: float(np.sqrt(x @ x)))
    assert (result.status, result.points, result.hint) == ("right", 6, "")


def test_an_edge_case_earns_nothing_while_every_generic_case_fails() -> None:
    result = answers(LENGTH, lambda x: 0.0)
    assert [case.passed for case in result.cases] == [False, False, True]
    assert (result.status, result.points) == ("wrong", 0)


def test_a_generic_case_lets_the_edge_case_count() -> None:
    arguments = LENGTH.arguments((1, 2))
    result = judge(LENGTH, arguments, [np.linalg.norm(arguments[0][0]), -1.0, 0.0])
    assert (result.status, result.points) == ("partly right", 5)


def test_the_mistake_that_explains_two_failures_is_named() -> None:
    result = answers(LENGTH, lambda x: np.sum(x**2))
    assert (result.mistake, result.hint, result.points) == ("no root", "the root", 0)


def test_of_two_mistakes_the_one_that_explains_the_successes_too_is_named() -> None:
    assert answers(LENGTH, lambda x: sum(x)).mistake == "sum"
    assert answers(LENGTH, lambda x: sum(x) if x.any() else 7).mistake == "sum, but not of zero"


def test_a_hint_is_about_the_failure_that_is_shown() -> None:
    more = replace(LENGTH, cases=(*LENGTH.cases[:2], Case("a third", vector), LENGTH.cases[2]))
    arguments = more.arguments((1, 2))
    sums = [np.sum(x) for (x,) in arguments]
    assert judge(more, arguments, sums).mistake == "sum"
    assert judge(more, arguments, [-1.0, *sums[1:]]).mistake == ""


def test_one_agreement_among_several_failures_is_no_diagnosis() -> None:
    arguments = LENGTH.arguments((1, 2))
    result = judge(LENGTH, arguments, [np.sum(arguments[0][0]), 5.0, 5.0])
    assert result.mistake == ""


def test_the_only_failure_is_enough_for_a_diagnosis() -> None:
    arguments = LENGTH.arguments((1, 2))
    lengths = [np.linalg.norm(args[0]) for args in arguments]
    lengths[2] = 7.0
    assert judge(LENGTH, arguments, lengths).mistake == "sum, but not of zero"


def test_failures_give_their_reason_and_no_diagnosis() -> None:
    arguments = LENGTH.arguments((1, 2))
    result = judge(LENGTH, arguments, [Failure("it took too long")] * 3)
    assert result.first_failure is not None
    assert (result.first_failure.reason, result.mistake) == ("it took too long", "")


def test_a_blank_among_answers_is_a_failed_case_and_all_blank_is_not_answered() -> None:
    arguments = LENGTH.arguments((1, 2))
    lengths = [np.linalg.norm(args[0]) for args in arguments]
    result = judge(LENGTH, arguments, [*lengths[:2], None])
    assert (result.points, result.cases[2].reason) == (3, "nothing was returned")
    assert judge(LENGTH, arguments, [None, None, ...]).status == "not answered"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (np.array([0.6, 0.8]), ""),
        (np.array([1.0, 1.0]), "its length is not 1"),
        (np.array([np.nan, 1.0]), "it is not finite"),
        ("north", "it has not the form that is asked for: it is a word"),
        ({}, "it is a dict"),
    ],
)
def test_a_property_decides_where_the_answer_is_not_unique(answer: object, reason: str) -> None:
    result = judge(DIRECTION, DIRECTION.arguments((1, 2)), [answer] * 3)
    assert [case.reason for case in result.cases] == [reason] * 3


def test_neither_oracle_nor_mistake_can_change_the_recorded_input() -> None:
    def spoils(x: Any) -> float:
        x[:] = 0
        return 0.0

    spoiled = replace(LENGTH, oracle=spoils, mistakes=(Mistake("m", spoils, "h"),))
    result = judge(spoiled, spoiled.arguments((1, 2)), [1.0, 1.0, 1.0])
    assert all(case.args[0].any() for case in result.cases[:2])


@pytest.mark.parametrize("letter", ["b", "B", " (b) ", "b)"])
def test_the_right_letter_is_recognised_however_it_is_written(letter: str) -> None:
    result = judge(CHOICE, [()], [letter])
    assert (result.points, result.hint) == (2, "yes: b")


def test_a_variant_gives_the_options_other_letters_and_the_same_one_is_right() -> None:
    orders = set()
    for variant in range(1, 12):
        letters = CHOICE.lettered(variant)
        orders.add("".join(option.key for option in letters.values()))
        right = next(letter for letter, option in letters.items() if option.key == "b")
        assert judge(CHOICE, [()], [right], variant).points == 2
    assert len(orders) > 2


@pytest.mark.parametrize("answer", ["d", "", "ab", 2, True, np.ones(2), ["b"]])
def test_what_is_no_letter_earns_nothing_and_is_told_the_letters(answer: object) -> None:
    result = judge(CHOICE, [()], [answer])
    assert result.points == 0
    assert result.cases[0].reason == "the answer is one of the letters a, b, c"


def test_a_text_waits_for_a_person() -> None:
    text = replace(CHOICE, kind="text", rubric="1 point: …")
    result = judge(text, [()], ["because"])
    assert (result.status, result.points) == ("to be marked", 0)
    assert judge(text, [()], ["  "]).status == "wrong"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "1.2"}, "id must be like"),
        ({"answer": "not a name"}, "answer must be a name"),
        ({"oracle": None}, "an oracle or a verify"),
        ({"oracle_name": ""}, "oracle_name must say"),
        ({"cases": (Case("zero", zero, edge=True),)}, "not be an edge case"),
        ({"kind": "value"}, "a value has one case"),
    ],
)
def test_an_exercise_that_could_not_be_judged_is_refused(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(LENGTH, **change)
