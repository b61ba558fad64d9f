"""Pass the verdict: raw answers meet the oracles, when no student's code runs any more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from matnn_lib.exercises.exercise import Exercise
from matnn_lib.exercises.feedback import describe
from matnn_lib.exercises.judge import CaseResult, Failure, Judgement, judge
from matnn_lib.grading import assigned, clock, looks, sheet, store
from matnn_lib.grading.brief import brief
from matnn_lib.grading.clean import clean
from matnn_lib.grading.collect import Answer, Collected
from matnn_lib.grading.looks import BY_HAND, Facts
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.prepare import attempt, seed_of
from matnn_lib.grading.sheet import Mark, Sheet
from matnn_lib.grading.submissions import Submission
from matnn_lib.grading.worker.frames import FrameError, decode

_LONGEST_LOG = 4000
_LONGEST_TEXT = 20_000
_SECONDS = 60.0  # to judge one submission; an honest one takes less than one
_SMALL = 10_000  # bytes of answers that are worth being remembered


def mark_submission(
    submission: Submission, *, plan: Plan, raw: Path, sheets: Path, only: str = ""
) -> str:
    """Judge one submission's kept answers, write its sheet, and return its key.

    With `only`, the marks of all other exercises stay what they are on the sheet there is. Whatever
    a submission makes judging do, it ends with a sheet: if need be one for a person to look at.
    """
    exercises = assigned.exercises(plan, submission.chapter)
    collected = Collected(submission.key)
    try:
        with clock.limit(_SECONDS):
            collected = _kept(submission, exercises, raw)
            verdicts = judgements(
                submission.student,
                attempt(submission),
                collected,
                exercises,
                plan.key,
                plan.variant,
            )
            facts = looks.decoded(collected.facts)
            marks = {
                verdict.exercise.id: _mark(verdict, facts.get(verdict.exercise.answer, Facts()))
                for verdict in verdicts
            }
    except clock.OutOfTimeError:
        marks = _by_hand(exercises, f"judging it took more than {_SECONDS:g} s")
    except Exception as error:
        marks = _by_hand(exercises, f"judging it raised {type(error).__name__}")
    return _write(submission, collected, marks, sheets, only)


def give_up(submission: Submission, *, plan: Plan, sheets: Path, only: str = "") -> str:
    """Write the sheet of a submission that ended the process which judged it."""
    exercises = assigned.exercises(plan, submission.chapter)
    marks = _by_hand(exercises, "judging it ended the judging process")
    return _write(submission, Collected(submission.key), marks, sheets, only)


def _by_hand(exercises: Sequence[Exercise], why: str) -> dict[str, Mark]:
    reason = f"{why}; {BY_HAND}"
    return {e.id: Mark(e.id, e.title, 0, e.points, "wrong", reason=reason) for e in exercises}


def _write(
    submission: Submission, collected: Collected, marks: dict[str, Mark], sheets: Path, only: str
) -> str:
    before = sheet.read(sheets, submission.key) if only else None
    if before is not None:
        marks |= {old.exercise: old for old in before.marks if old.exercise != only}
    sheet.write(
        sheets,
        Sheet(
            submission.student,
            submission.chapter,
            submission.key,
            submission.name,
            submission.known_as,
            submission.time.isoformat(timespec="seconds") if submission.time else "",
            submission.late,
            seconds=round(collected.seconds, 3),
            layers=collected.layers,
            troubles=tuple(clean(trouble, 400) for trouble in collected.troubles),
            log=clean(collected.log, _LONGEST_LOG, lines=True),
            marks=tuple(marks.values()),
        ),
    )
    return submission.key


def _kept(submission: Submission, exercises: Sequence[Exercise], raw: Path) -> Collected:
    kept = store.read(raw / submission.key)
    if kept is not None and not submission.problem:
        return kept[0]
    reason = submission.problem or "its answers were not kept"
    count = sum(len(exercise.cases) for exercise in exercises)
    return Collected(submission.key, [Answer(None, reason)] * count)


def judgements(
    student: str,
    attempt: str,
    collected: Collected,
    exercises: Sequence[Exercise],
    key: bytes,
    variant: int,
) -> list[Judgement]:
    """Return the verdicts on a submission's answers, exercise by exercise."""
    answers = iter(collected.answers)
    verdicts = []
    for exercise in exercises:
        own = tuple(next(answers, Answer(None, "it was not asked")) for _ in exercise.cases)
        seed = seed_of(exercise, key, student, attempt, variant)
        small = sum(len(answer.content or b"") for answer in own) <= _SMALL
        # Many give the same answer to a question that is the same for all, and judging it may
        # mean training a net; the inputs of functions are everyone's own.
        same = small and exercise.kind != "function"
        verdict = _verdict if same else _verdict.__wrapped__
        verdicts.append(verdict(exercise, seed, own, variant))
    return verdicts


@lru_cache(maxsize=1000)
def _verdict(
    exercise: Exercise, seed: tuple[int, ...], answers: tuple[Answer, ...], variant: int
) -> Judgement:
    try:
        return judge(exercise, exercise.arguments(seed), [decoded(a) for a in answers], variant)
    except Exception as error:
        # One answer that the judge is not ready for must not keep the others from their marks.
        reason = f"judging it raised {type(error).__name__}; {BY_HAND}"
        failed = [CaseResult(c, (), Failure(reason), None, reason, 0) for c in exercise.cases]
        return Judgement(exercise, "wrong", tuple(failed))


def decoded(answer: Answer) -> object:
    """Return an answer as the judge takes it; whatever is not in the agreed form is a failure."""
    if answer.content is None:
        return Failure(clean(answer.reason, 600) or "it gave no answer")
    try:
        return decode(answer.content)
    except FrameError as error:
        return Failure(f"its answer arrived damaged: {error}")


def _mark(judgement: Judgement, facts: Facts) -> Mark:
    exercise = judgement.exercise
    failure = judgement.first_failure
    right = judgement.status == "right"
    waits = judgement.status == "to be marked"
    reason = "" if right or waits else judgement.hint
    if not reason and failure is not None and not waits:
        reason = failure.reason
    answered = judgement.status != "not answered"
    return Mark(
        exercise.id,
        exercise.title,
        judgement.points,
        exercise.points,
        judgement.status,
        judgement.mistake,
        clean(brief(reason), 600),
        tuple((result.case.name, clean(brief(result.reason), 400)) for result in judgement.cases)
        if answered and exercise.kind == "function"
        else (),
        tuple(clean(line, 600) for line in describe(exercise, failure))
        if answered and failure is not None and not waits
        else (),
        clean(str(judgement.cases[0].answer), _LONGEST_TEXT, lines=True) if waits else "",
        calls=_judging_call(exercise, facts),
        prints=facts.prints if exercise.kind == "function" and answered else (),
    )


def _judging_call(exercise: Exercise, facts: Facts) -> str:
    """Return the call of the very function that the answer is judged by, if there is one."""
    if exercise.kind != "function" or " " in exercise.oracle_name:
        return ""
    judge_name = exercise.oracle_name.rpartition(".")[2]
    return next((call for call in facts.calls if call.rpartition(".")[2] == judge_name), "")
