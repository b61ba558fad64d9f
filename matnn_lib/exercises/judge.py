"""Judge the answers to an exercise: points by case, and which known mistake explains them.

Here answers meet what is right. No code of the learner's runs: `answers` are what it gave, or a
`Failure` where it gave nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from matnn_lib.exercises.compare import NotAnAnswerError, is_blank, plain, why_wrong
from matnn_lib.exercises.exercise import Arguments, Case, Exercise, Mistake

Status = Literal["right", "partly right", "wrong", "not answered", "to be marked"]


@dataclass(frozen=True)
class Failure:
    """What came instead of an answer: one sentence, such as ``"it raised ValueError: …"``."""

    reason: str


@dataclass(frozen=True)
class CaseResult:
    """How one case went; `reason` says why it failed and is empty where it passed."""

    case: Case
    args: Arguments
    answer: object
    expected: object
    reason: str
    points: int

    @property
    def passed(self) -> bool:
        """Whether the answer to this case is right."""
        return not self.reason


@dataclass(frozen=True)
class Judgement:
    """The verdict on one exercise; `hint` is empty where no known mistake explains the answers."""

    exercise: Exercise
    status: Status
    cases: tuple[CaseResult, ...]
    mistake: str = ""
    hint: str = ""

    @property
    def points(self) -> int:
        """What was earned."""
        return sum(result.points for result in self.cases)

    @property
    def first_failure(self) -> CaseResult | None:
        """The first case that failed: the one to show."""
        return next((result for result in self.cases if not result.passed), None)


def judge(
    exercise: Exercise, arguments: Sequence[Arguments], answers: Sequence[object], variant: int = 0
) -> Judgement:
    """Return the verdict on `answers`, one a case, given for `arguments`.

    A case that is not an edge case earns its points when it passes; edge cases only when one of
    those does. A mistake is named when its wrong answers agree with the learner's on at least two
    failing cases, or on the only one that fails.
    """
    if all(is_blank(answer) for answer in answers):
        # A function that lacks its `return` is as blank as the stub; the reason covers both.
        reason = "not answered" + ": nothing was returned" * (exercise.kind == "function")
        blank = [CaseResult(c, (), None, None, reason, 0) for c in exercise.cases]
        return Judgement(exercise, "not answered", tuple(blank))
    if exercise.kind == "text":
        return _text(exercise, answers[0])
    if exercise.kind == "choice":
        return _choice(exercise, answers[0], variant)
    judged = [
        _case(exercise, case, args, answer)
        for case, args, answer in zip(exercise.cases, arguments, answers, strict=True)
    ]
    generic = any(result.passed and not result.case.edge for result in judged)
    results = tuple(
        CaseResult(r.case, r.args, r.answer, r.expected, r.reason, r.case.points)
        if r.passed and (generic or not r.case.edge)
        else r
        for r in judged
    )
    mistake = _diagnose(exercise, results)
    return Judgement(
        exercise,
        _status(results),
        results,
        mistake.name if mistake else "",
        mistake.hint if mistake else "",
    )


def _case(exercise: Exercise, case: Case, args: Arguments, answer: object) -> CaseResult:
    expected = None
    if exercise.oracle is not None:
        with np.errstate(all="ignore"):
            expected = exercise.oracle(*copy.deepcopy(args))
    reason = _reason(exercise, args, answer, expected)
    return CaseResult(case, args, answer, expected, reason, 0)


def _reason(exercise: Exercise, args: Arguments, answer: object, expected: object) -> str:
    if isinstance(answer, Failure):
        return answer.reason
    if is_blank(answer):
        return "nothing was returned"
    if exercise.verify is None:
        return why_wrong(answer, expected, rtol=exercise.rtol, atol=exercise.atol) or ""
    try:
        given = plain(answer)
    except NotAnAnswerError as error:
        return str(error)
    if not _finite(given):
        return "it is not finite"
    try:
        with np.errstate(all="ignore"):
            verdict = exercise.verify(copy.deepcopy(args), given)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # A property of the right shapes can't even be computed of this answer.
        return f"it has not the form that is asked for: it is {_form(given)}"
    if isinstance(verdict, str):
        return verdict
    return "" if verdict else "it has not the property that is asked for"


def _finite(given: object) -> bool:
    if isinstance(given, tuple):
        return all(_finite(part) for part in given)
    return not isinstance(given, np.ndarray) or bool(np.isfinite(given).all())


def _form(given: object) -> str:
    if isinstance(given, tuple):
        return "(" + ", ".join(_form(part) for part in given) + ")"
    if isinstance(given, np.ndarray):
        return f"an array of shape {given.shape}" if given.ndim else "a number"
    return "a word"


def _status(results: Sequence[CaseResult]) -> Status:
    if all(result.passed for result in results):
        return "right"
    return "partly right" if any(result.points for result in results) else "wrong"


def _diagnose(exercise: Exercise, results: Sequence[CaseResult]) -> Mistake | None:
    failing = [r for r in results if not r.passed and not isinstance(r.answer, Failure)]
    needed = min(2, sum(not r.passed for r in results))
    best: tuple[int, int] = (0, 0)
    found = None
    for mistake in exercise.mistakes if failing else ():
        matches = sum(_agrees(exercise, mistake, r) for r in failing)
        # The hint stands below the first failure, so it must be about that one.
        if matches < needed or not _agrees(exercise, mistake, failing[0]):
            continue
        # Of two mistakes that explain as many failures, the one that explains the successes too.
        also = sum(_agrees(exercise, mistake, r) for r in results if r.passed)
        if (matches, also) > best:
            best, found = (matches, also), mistake
    return found


def _agrees(exercise: Exercise, mistake: Mistake, result: CaseResult) -> bool:
    try:
        with np.errstate(all="ignore"):
            wrong = plain(mistake.wrong(*copy.deepcopy(result.args)))
    except Exception:
        # The mistake, too, may crash on a case; then it says nothing about this one.
        return False
    return _same(result.answer, wrong, exercise)


def _same(answer: object, wrong: Any, exercise: Exercise) -> bool:
    if isinstance(wrong, np.ndarray) and not np.isfinite(wrong).all():
        try:
            given = plain(answer)
        except NotAnAnswerError:
            return False
        return (
            isinstance(given, np.ndarray)
            and given.shape == wrong.shape
            and np.array_equal(given, wrong, equal_nan=wrong.dtype.kind in "fc")
        )
    return why_wrong(answer, wrong, rtol=exercise.rtol, atol=exercise.atol) is None


def _choice(exercise: Exercise, answer: object, variant: int) -> Judgement:
    case = exercise.cases[0]
    letters = exercise.lettered(variant)
    chosen = letters.get(str(answer).strip(" ().").lower()) if isinstance(answer, str) else None
    if isinstance(answer, Failure):
        reason, hint = answer.reason, ""
    elif chosen is None:
        reason, hint = f"the answer is one of the letters {', '.join(letters)}", ""
    else:
        reason, hint = (
            "" if chosen.key == exercise.right else "another option is right",
            chosen.hint,
        )
    right = next(letter for letter, option in letters.items() if option.key == exercise.right)
    result = CaseResult(case, (), answer, right, reason, 0 if reason else case.points)
    mistake = chosen.key if chosen and reason else ""
    return Judgement(exercise, "wrong" if reason else "right", (result,), mistake, hint)


def _text(exercise: Exercise, answer: object) -> Judgement:
    case = exercise.cases[0]
    reason = "a person marks it"
    if isinstance(answer, Failure):
        reason = answer.reason
    elif not isinstance(answer, str) or not answer.strip():
        reason = 'the answer is a text, such as "…"'
    status: Status = "to be marked" if reason == "a person marks it" else "wrong"
    return Judgement(exercise, status, (CaseResult(case, (), answer, None, reason, 0),))
