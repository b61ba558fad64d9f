"""Generate what workers are asked. It runs in a process of its own, which ends before they start.

Generating needs the exercises, and with them come the oracles; so the process that starts workers
gets the pickled inputs and nothing else from here.
"""

from __future__ import annotations

import hashlib
import hmac
import pickle
from collections.abc import Iterable
from pathlib import Path

from matnn_lib.exercises.exercise import Exercise
from matnn_lib.grading import assigned
from matnn_lib.grading.collect import Question
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.submissions import Submission

_SECONDS = 3.0
_SECONDS_TO_TRAIN = 20.0


def attempt(submission: Submission) -> str:
    """Return what is another for each text that a student hands in, and the same for the same."""
    return "" if submission.problem else hashlib.sha256(submission.read()).hexdigest()


def hidden_seed(key: bytes, student: str, attempt: str, exercise_id: str) -> tuple[int, ...]:
    """Return the seed of the hidden inputs of a student's attempt.

    Nobody without the key can compute it, and what an attempt tells about its inputs is of no use
    to the next.
    """
    message = f"{student}\0{attempt}\0{exercise_id}".encode()
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return tuple(int.from_bytes(digest[k : k + 4], "little") for k in range(0, 16, 4))


def seed_of(
    exercise: Exercise, key: bytes, student: str, attempt: str, variant: int
) -> tuple[int, ...]:
    """Return the seed of what is asked: public where the question itself shows the numbers."""
    if exercise.kind == "function":
        return hidden_seed(key, student, attempt, exercise.id)
    return exercise.public_seed(variant)


def questions(
    exercises: Iterable[Exercise], key: bytes, student: str, attempt: str, variant: int
) -> tuple[Question, ...]:
    """Return what the worker of a student is asked, exercise by exercise, case by case."""
    return tuple(
        Question(
            exercise.id,
            exercise.answer,
            pickle.dumps(args) if exercise.kind == "function" else None,
            _SECONDS_TO_TRAIN if exercise.trains else _SECONDS,
        )
        for exercise in exercises
        for args in exercise.arguments(seed_of(exercise, key, student, attempt, variant))
    )


def numbers(exercises: Iterable[Exercise], variant: int) -> bytes:
    """Return the pickled numbers that `given` hands to everyone in this class."""
    table = {}
    for exercise in exercises:
        if exercise.kind == "value":
            args = exercise.arguments(exercise.public_seed(variant))[0]
            table[exercise.id] = args[0] if len(args) == 1 else args
    return pickle.dumps(table)


def write(found: Iterable[Submission], plan: Plan, folder: Path) -> None:
    """Write what the worker of each submission gets, one file each, into `folder`."""
    for submission in found:
        exercises = assigned.exercises(plan, submission.chapter)
        this = attempt(submission)
        asked = questions(exercises, plan.key, submission.student, this, plan.variant)
        content = pickle.dumps((asked, numbers(exercises, plan.variant)))
        (folder / submission.key).write_bytes(content)
