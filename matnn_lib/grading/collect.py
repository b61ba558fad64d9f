"""Collect the raw answers of one submission: the only phase in which a student's code runs.

A collecting process holds notebook bytes and generated inputs, nothing else: no oracle, no
expected value, no hidden seed and no other student's work. What it returns carries no verdict;
that is passed by `matnn_lib.grading.mark` once every worker is dead.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field

from matnn_lib.grading import worker_process
from matnn_lib.grading.brief import NO_ANSWER, RAISED
from matnn_lib.grading.nursery import Nurseries
from matnn_lib.grading.worker import frames
from matnn_lib.grading.worker_process import LostError, SlowError, WorkerProcess

LARGEST_NOTEBOOK = 20 << 20  # bytes; with its figures, an honest one has less than 2 MB
_MOST_RESTARTS = 4
_MOST_BYTES = 32 << 20  # of all answers together; those of an honest notebook have thousands
_MOST_LOST = 2  # answers to one exercise that may crash or hang before no more are asked for
_NOT_ASKED = f"it was not asked any more, as {_MOST_LOST} answers before had been lost"
_NOTHING = frames.encode(None)


@dataclass(frozen=True)
class Question:
    """What a worker is asked: a variable's value, or a function's on pickled arguments."""

    exercise: str
    name: str
    arguments: bytes | None
    seconds: float


@dataclass(frozen=True)
class Task:
    """All that is needed to collect one submission's answers; `numbers` is pickled."""

    key: str
    notebook: bytes
    questions: tuple[Question, ...]
    numbers: bytes
    notebook_seconds: float
    total_seconds: float = 120.0


@dataclass(frozen=True)
class Answer:
    """The encoded answer to one question, or the reason why there is none."""

    content: bytes | None
    reason: str = ""


@dataclass
class Collected:
    """What came of one submission. `slow`: a limit of time was met, so it deserves a second run."""

    key: str
    answers: list[Answer] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    log: str = ""
    seconds: float = 0.0
    slow: bool = False
    facts: str = ""
    layers: tuple[str, ...] = ()
    definitions_only: bool = False
    lost: Counter[str] = field(default_factory=Counter)


def collect(task: Task, nurseries: Nurseries) -> Collected:
    """Run a notebook in a worker and ask all questions, one after another.

    A worker that crashes or hangs is replaced, at most four times; the question that it was asked
    is lost. A notebook that can't be run to its end is run again with its imports and definitions
    only.

    Raises
    ------
    NurseryError
        No worker can be made here, whatever the notebook.
    """
    start = time.monotonic()
    result = Collected(task.key, layers=nurseries.sandbox.layers)
    reason = ""
    if len(task.notebook) > LARGEST_NOTEBOOK:
        reason = f"it is larger than the {LARGEST_NOTEBOOK >> 20} MB that are read"
    else:
        for _ in range(1 + _MOST_RESTARTS):
            reason, again = _ask_on(task, nurseries, result, start + task.total_seconds)
            if not again:
                break
    missing = len(task.questions) - len(result.answers)
    result.answers += [Answer(None, reason)] * missing
    result.seconds = time.monotonic() - start
    return result


def _ask_on(
    task: Task, nurseries: Nurseries, result: Collected, deadline: float
) -> tuple[str, bool]:
    """Ask a new worker what is still unanswered.

    Return why it could not go on, or an empty string, and whether another worker is worth a try.
    """
    with nurseries.nursery() as nursery, worker_process.running(nursery) as worker:
        settings = nurseries.sandbox.settings(nurseries.stage, nursery.home)
        settings["definitions_only"] = result.definitions_only
        settings["names"] = sorted({question.name for question in task.questions})
        contents = [json.dumps(settings).encode(), task.notebook, task.numbers]
        try:
            worker.begin(contents, _until(deadline, task.notebook_seconds))
        except LostError as error:
            _note(worker, result, error)
            result.troubles.append(str(error))
            again = bool(worker.cell) and not result.definitions_only
            result.definitions_only = True
            return str(error), again
        _note(worker, result)
        for question in task.questions[len(result.answers) :]:
            if result.lost[question.exercise] >= _MOST_LOST:
                result.answers.append(Answer(None, _NOT_ASKED))
                continue
            try:
                answer = _ask(worker, question, deadline)
                if _size(result.answers) + _size([answer]) > _MOST_BYTES:
                    answer = Answer(None, f"its answers have more than {_MOST_BYTES >> 20} MB")
                if result.definitions_only and answer.content == _NOTHING:
                    # What was to be answered stood where the notebook broke off, or after it.
                    answer = Answer(None, result.troubles[-1])
                result.answers.append(answer)
            except LostError as error:
                result.slow |= isinstance(error, SlowError)
                result.lost[question.exercise] += 1
                result.answers.append(Answer(None, str(error)))
                return f"it was not asked any more, as an earlier answer was lost: {error}", True
    return "", False


def _size(answers: list[Answer]) -> int:
    return sum(len(answer.content or b"") for answer in answers)


def _until(deadline: float, seconds: float) -> float:
    """Return the seconds that may still be used, of a limit and of the whole submission's time."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise SlowError("the time for the whole notebook was used up")
    return min(seconds, left)


def _note(worker: WorkerProcess, result: Collected, error: LostError | None = None) -> None:
    """Keep what the first run of the notebook said."""
    result.slow |= isinstance(error, SlowError)
    result.facts = result.facts or worker.facts
    if not result.log and not result.troubles:
        result.log = worker.log.decode("utf-8", "replace")
        result.troubles = list(worker.troubles)


def _ask(worker: WorkerProcess, question: Question, deadline: float) -> Answer:
    name = question.name.encode()
    if question.arguments is None:
        kind, message = frames.FETCH, name
    else:
        kind, message = frames.CALL, name + b"\0" + question.arguments
    kind, content = worker.ask(kind, message, _until(deadline, question.seconds))
    if kind == frames.ANSWER:
        return Answer(content)
    # The words come from the worker; that they are about its answer does not.
    about = RAISED if kind == frames.RAISED else f"{NO_ANSWER}:"
    return Answer(None, f"{about} {content.decode('utf-8', 'replace')}")
