"""`check`: what a learner calls in a notebook to hear which cases pass, and what went wrong.

Here, in self-study, the learner's function runs in this process; grading runs it apart
(`matnn_lib.grading`). Whatever it does, the learner sees sentences and no traceback from here.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import inspect
import io
import linecache
import os
import textwrap
import traceback
import warnings
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import numpy as np

from matnn_lib.exercises import progress, registry
from matnn_lib.exercises.exercise import Arguments, Exercise
from matnn_lib.exercises.feedback import options_text, report, say
from matnn_lib.exercises.judge import Failure, judge


def check(exercise_id: str, answer: object, *, variant: int = 0) -> float | None:
    """Print how `answer` does in an exercise: its cases, the first that fails, and a hint.

    Where a learner's copy of the course is kept (a folder ``.matnn`` here or above), the result is
    recorded for ``matnn progress``.

    Parameters
    ----------
    exercise_id
        Such as ``"04.2"``.
    answer
        The function, value, letter or text that the exercise asks for.
    variant
        The class's variant, as `matnn release` wrote it.

    Returns
    -------
    float or None
        None, but for nbgrader, which takes the points from here.
    """
    try:
        exercise = registry.load(exercise_id)
    except ValueError as error:
        print(say("unknown", reason=str(error)))
        return None
    try:
        arguments, answers, printed = _answers(exercise, answer, variant)
    except _InterruptedError as interrupted:
        print(say("interrupted", id=exercise.id, case=interrupted.case))
        return None
    judgement = judge(exercise, arguments, answers, variant)
    print(report(judgement, printed, filled=_is_filled(answer)))
    progress.record(judgement)
    return float(judgement.points) if os.environ.get("NBGRADER_EXECUTION") else None


def given(exercise_id: str, *, variant: int = 0) -> Any:
    """Return the numbers that an exercise's question is about: one thing, or a tuple.

    Raises
    ------
    ValueError
        There is no such exercise, or its question has no numbers.
    """
    exercise = registry.load(exercise_id)
    if exercise.kind != "value" or not (
        args := exercise.arguments(exercise.public_seed(variant))[0]
    ):
        raise ValueError(f"the question {exercise_id} has no numbers of its own")
    return args[0] if len(args) == 1 else args


def options(exercise_id: str, *, variant: int = 0) -> None:
    """Print the options of a choice, each with its letter."""
    exercise = registry.load(exercise_id)
    if exercise.kind != "choice":
        raise ValueError(f"{exercise_id} is not a choice but asks for a {exercise.kind}")
    print(options_text(exercise, variant))


class _InterruptedError(Exception):
    """The learner stopped the check while this case ran."""

    def __init__(self, case: str) -> None:
        self.case = case


def _answers(
    exercise: Exercise, answer: object, variant: int
) -> tuple[list[Arguments], list[object], list[str]]:
    arguments = exercise.arguments(exercise.public_seed(variant))
    if exercise.kind != "function":
        return arguments, [answer], [""]
    if answer is None or answer is Ellipsis:
        return arguments, [None] * len(arguments), [""] * len(arguments)
    if not callable(answer):
        failure = Failure(say("not a function", name=exercise.answer, value=_short(answer)))
        return arguments, [failure] * len(arguments), [""] * len(arguments)
    answers: list[object] = []
    printed: list[str] = []
    for case, args in zip(exercise.cases, arguments, strict=True):
        try:
            result, output = _call(answer, args)
        except KeyboardInterrupt:
            raise _InterruptedError(case.name) from None
        answers.append(result)
        printed.append(output)
    return arguments, answers, printed


def _call(function: Callable[..., object], args: Arguments) -> tuple[object, str]:
    """Call the learner's function on a copy of `args`: its answer or `Failure`, and its prints."""
    output = io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            result = function(*copy.deepcopy(args))
            # What it returned may be its own argument, or change when it is called again.
            return copy.deepcopy(result), output.getvalue()
        except NotImplementedError:
            return None, output.getvalue()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit, too, must not end the learner's notebook
            return Failure(_sentence(error, function)), output.getvalue()


def _sentence(error: BaseException, function: Callable[..., object]) -> str:
    """Return what was raised and at which line of the learner's code."""
    first_line = (str(error).strip().splitlines() or [""])[0][:200]
    what = f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType):
        for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
            if frame.f_code.co_filename == code.co_filename:
                line = linecache.getline(code.co_filename, number).strip()
                return say("raised at", what=what, number=number, line=line)
    return say("raised", what=what)


def _is_filled(answer: object) -> bool:
    """Return whether `answer` is a function that does not end in the stub's gap."""
    try:
        written = ast.parse(textwrap.dedent(inspect.getsource(answer))).body[0]  # type: ignore[arg-type]
    except (OSError, SyntaxError, TypeError):
        return False
    name = getattr(answer, "__name__", None)
    if not isinstance(written, ast.FunctionDef) or written.name != name:
        return False  # such as a lambda among other code
    last = written.body[-1]
    gap = isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant)
    return not (gap or isinstance(last, (ast.Pass, ast.Raise)))


def _short(value: object) -> str:
    try:
        text = repr(value)
    except Exception:
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "…"


def answers_of(exercise: Exercise, answer: object, seed: Sequence[int]) -> list[object]:
    """Return what `answer` gives for the cases of `seed`, without judging it."""
    if exercise.kind != "function":
        return [answer]
    if not callable(answer):
        return [None] * len(exercise.cases)
    return [_call(answer, args)[0] for args in exercise.arguments(seed)]
