"""Pass the verdict: raw answers meet the oracles, when no student's code runs any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matnn_lib.exercises import registry
from matnn_lib.exercises.exercise import Exercise
from matnn_lib.exercises.judge import Failure, Judgement, judge
from matnn_lib.grading import page, store
from matnn_lib.grading.clean import clean
from matnn_lib.grading.collect import Answer, Collected
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.prepare import seed_of
from matnn_lib.grading.submissions import Submission
from matnn_lib.grading.worker.frames import FrameError, decode


@dataclass(frozen=True)
class Mark:
    """One row of the grades: a student's points in one exercise, and why they are not full.

    `mistake` is the name of the known mistake that explains the answers, `reason` its hint or,
    where none does, in what the answer differs. `seconds` is what the whole notebook took.
    """

    student: str
    exercise: str
    title: str
    points: int
    of: int
    status: str
    mistake: str
    reason: str
    seconds: float


def mark_submission(submission: Submission, *, plan: Plan, raw: Path, feedback: Path) -> list[Mark]:
    """Judge one submission's kept answers, write its feedback page, and return its rows."""
    exercises = registry.chapter(submission.chapter)
    kept = store.read(raw / submission.key)
    if submission.problem or kept is None:
        reason = submission.problem or "its answers were not kept"
        count = sum(len(exercise.cases) for exercise in exercises)
        collected = Collected(submission.key, [Answer(None, reason)] * count)
    else:
        collected = kept[0]
    verdicts = judgements(submission.student, collected, exercises, plan.key, plan.variant)
    page.write(feedback, submission, verdicts, collected)
    return [_mark(submission, verdict, collected.seconds) for verdict in verdicts]


def judgements(
    student: str, collected: Collected, exercises: Sequence[Exercise], key: bytes, variant: int
) -> list[Judgement]:
    """Return the verdicts on a submission's answers, exercise by exercise."""
    answers = iter(collected.answers)
    verdicts = []
    for exercise in exercises:
        arguments = exercise.arguments(seed_of(exercise, key, student, variant))
        own = [decoded(next(answers, Answer(None, "it was not asked"))) for _ in exercise.cases]
        verdicts.append(judge(exercise, arguments, own, variant))
    return verdicts


def decoded(answer: Answer) -> object:
    """Return an answer as the judge takes it; whatever is not in the agreed form is a failure."""
    if answer.content is None:
        return Failure(clean(answer.reason, 300) or "it gave no answer")
    try:
        return decode(answer.content)
    except FrameError as error:
        return Failure(f"its answer arrived damaged: {error}")


def _mark(submission: Submission, judgement: Judgement, seconds: float) -> Mark:
    exercise = judgement.exercise
    failure = judgement.first_failure
    reason = judgement.hint if judgement.status != "right" else ""
    if not reason and failure is not None:
        reason = failure.reason
    return Mark(
        submission.student,
        exercise.id,
        exercise.title,
        judgement.points,
        exercise.points,
        judgement.status,
        judgement.mistake,
        reason,
        seconds,
    )
