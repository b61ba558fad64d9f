"""Put a verdict into words, for notebook, terminal and feedback page alike.

The words are data (``feedback.toml``), so that they can be translated. Numbers are shown with
four digits: enough to recognise, few enough to be the same on another machine.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from matnn_lib.exercises.compare import NotAnAnswerError, plain
from matnn_lib.exercises.exercise import Exercise
from matnn_lib.exercises.judge import CaseResult, Failure, Judgement

_LONGEST = 400  # characters of one shown value
_MOST_ENTRIES = 30
_PRINTED_LINES = 8


@cache
def _sentences() -> dict[str, str]:
    text = files("matnn_lib.exercises").joinpath("feedback.toml").read_text(encoding="utf-8")
    sentences: dict[str, str] = tomllib.loads(text)["sentences"]
    return sentences


def say(key: str, **words: object) -> str:
    """Return a sentence of ``feedback.toml`` with its gaps filled.

    Examples
    --------
    >>> say("raised", what="ValueError: no")
    'it raised ValueError: no'
    """
    return _sentences()[key].format(**words)


def report(judgement: Judgement, printed: Sequence[str] = (), *, filled: bool = False) -> str:
    """Return what a learner reads: cases, the first failure in detail, the hint.

    With `filled` the answer is a function that the learner has written, which may lack a return.
    """
    exercise = judgement.exercise
    head = f"{exercise.id} {exercise.title}: "
    if judgement.status == "not answered" and filled:
        return "\n".join([head + say("returns nothing"), *_prints(printed, 0)])
    if judgement.status == "not answered":
        return head + say("not answered")
    if judgement.status == "to be marked":
        return head + say("to be marked", rubric=exercise.rubric.strip())
    lines = [head + _summary(judgement)]
    if exercise.kind == "function":
        lines += [_line(result) for result in judgement.cases]
    failure = judgement.first_failure
    if failure is not None:
        lines += describe(exercise, failure)
        lines += _prints(printed, judgement.cases.index(failure))
    if judgement.hint:
        lines.append(say("hint" if judgement.mistake else "reason", hint=judgement.hint))
    return "\n".join(lines)


def describe(exercise: Exercise, failure: CaseResult) -> list[str]:
    """Return the failing case's input, the answer given and what was expected, a line each.

    The right value of a question that has only one is not given away.
    """
    lines = [say("why", reason=failure.reason)]
    if exercise.kind == "function":
        names = _names(exercise, len(failure.args))
        lines += [
            say("input", name=name, value=show(value))
            for name, value in zip(names, failure.args, strict=True)
        ]
    if exercise.kind in ("choice", "text") or isinstance(failure.answer, Failure):
        return lines
    answer, expected = show(failure.answer), show(failure.expected)
    if answer == expected:
        answer, expected = show(failure.answer, 12), show(failure.expected, 12)
    if failure.answer is not None:
        lines.append(say("answer", value=answer))
    if exercise.kind == "function" and failure.expected is not None:
        key = "expected" if exercise.verify is None else "one right answer"
        lines.append(say(key, value=expected))
    return lines


def options_text(exercise: Exercise, variant: int = 0) -> str:
    """Return the options of a choice, a line each."""
    return "\n".join(
        f"({letter}) {option.text.strip()}" for letter, option in exercise.lettered(variant).items()
    )


def show(value: object, digits: int = 4) -> str:
    """Return `value` as a reader wants to see it: few digits, large arrays shortened.

    Examples
    --------
    >>> show(np.float64(2) / 3)
    '0.6667'
    >>> show((np.eye(2), 3))
    '([[1, 0], [0, 1]], 3)'
    """
    try:
        text = _shown(plain(value), digits)
    except NotAnAnswerError:
        text = getattr(value, "__name__", None) or f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _shown(value: object, digits: int) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, tuple):
        inner = ", ".join(_shown(part, digits) for part in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return _number(value[()] if isinstance(value, np.ndarray) else value, digits)
    if value.size > _MOST_ENTRIES:
        corner = value[tuple(slice(0, 3) for _ in value.shape)]
        return f"array of shape {value.shape}, beginning {_shown(corner, digits)}"
    return "[" + ", ".join(_shown(row, digits) for row in value) + "]"


def _number(value: object, digits: int) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, np.complexfloating):
        return f"{complex(value):.{digits}g}"
    return f"{value:.{digits}g}" if isinstance(value, np.floating) else str(value)


def _summary(judgement: Judgement) -> str:
    exercise = judgement.exercise
    if judgement.status == "right":
        return say("right in one" if exercise.points == 1 else "right", points=exercise.points)
    if exercise.kind != "function":
        return say("wrong")
    passed = sum(result.passed for result in judgement.cases)
    return say(
        "cases",
        passed=passed,
        cases=len(judgement.cases),
        points=judgement.points,
        of=exercise.points,
    )


def _line(result: CaseResult) -> str:
    return say("passes" if result.passed else "fails", case=result.case.name)


def _prints(printed: Sequence[str], k: int) -> list[str]:
    lines = printed[k].splitlines() if k < len(printed) else []
    if not lines:
        return []
    more = ["…"] if len(lines) > _PRINTED_LINES else []
    return [say("printed"), *(f"    {line[:200]}" for line in lines[:_PRINTED_LINES] + more)]


def _names(exercise: Exercise, count: int) -> list[str]:
    """Return what the arguments are called: as in the oracle, or in the first mistake."""
    for function in (exercise.oracle, *(mistake.wrong for mistake in exercise.mistakes)):
        if function is not None:
            try:
                names = list(inspect.signature(function).parameters)
            except (TypeError, ValueError):  # some built-in functions have no signature
                continue
            if len(names) == count and "args" not in names:
                return names
    return [f"argument {k}" for k in range(1, count + 1)]
