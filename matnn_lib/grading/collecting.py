"""Run all notebooks of a class, a few at a time, and keep what they answer.

Whoever calls this may not have imported an oracle: inputs come from `matnn_lib.grading.prepare`
in a process of its own, which has ended before the first worker starts.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from matnn_lib.grading import store
from matnn_lib.grading.collect import Answer, Collected, Task
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.processes import Where, apart, results
from matnn_lib.grading.submissions import Submission

_TOGETHER = 500  # submissions whose inputs lie on the disk at the same time


def collect_all(
    found: Sequence[Submission],
    plan: Plan,
    raw: Path,
    where: Where,
    at_once: int,
    keep_one: Callable[[Task], Collected],
) -> None:
    """Collect the answers of every submission whose answers aren't in `raw` yet."""
    with tqdm(total=len(found), desc="running", unit="notebook", disable=None) as bar:
        todo = []
        for submission in found:
            if submission.problem or _done(submission, plan, raw):
                bar.update()
            else:
                todo.append(submission)
        for start in range(0, len(todo), _TOGETHER):
            some = todo[start : start + _TOGETHER]
            with _folder_of_inputs(raw) as inputs:
                apart("matnn_lib.grading.prepare", "write", some, plan, inputs)
                run = _Run(plan, raw, inputs, where, keep_one)
                slow = list(run.collect(some, at_once, bar))
                # A busy machine is not the student's fault: once more, with nobody beside.
                list(run.collect(slow, 1, None, final=True))


def _done(submission: Submission, plan: Plan, raw: Path) -> bool:
    kept = store.read(raw / submission.key)
    # What was too slow has not had its second run: the grader was interrupted before.
    return kept is not None and not kept[0].slow and kept[1] == plan.digest(submission.read())


@contextmanager
def _folder_of_inputs(raw: Path) -> Iterator[Path]:
    """Give a folder for inputs, and remove those that a killed run has left."""
    for left in raw.glob("inputs-*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="inputs-", dir=raw) as folder, _held(Path(folder)):
        yield Path(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder as long as this process lives; fails when another one holds it."""
    import fcntl  # not everywhere

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class _Run:
    """Some submissions whose inputs lie in a folder."""

    plan: Plan
    raw: Path
    inputs: Path
    where: Where
    keep_one: Callable[[Task], Collected]

    def collect(
        self,
        some: Sequence[Submission],
        at_once: int,
        bar: tqdm[NoReturn] | None,
        *,
        final: bool = False,
    ) -> Iterator[Submission]:
        """Keep the answers of `some`, and yield those that were too slow, if it isn't `final`."""
        by_key = {submission.key: submission for submission in some}
        tasks = map(self._task, some)
        for collected in results(self.where, self.keep_one, tasks, at_once, _given_up):
            submission = by_key[collected.key]
            collected.slow &= not final
            digest = self.plan.digest(submission.read())
            store.write(self.raw / submission.key, collected, digest)
            if collected.slow:
                yield submission
            if bar is not None:
                bar.update()

    def _task(self, submission: Submission) -> Task:
        asked, numbers = pickle.loads((self.inputs / submission.key).read_bytes())
        return Task(submission.key, submission.read(), asked, numbers, self.plan.notebook_seconds)


def _given_up(task: Task) -> Collected:
    reason = "running it ended the process that watches over it, twice; look at it by hand"
    return Collected(task.key, [Answer(None, reason)] * len(task.questions), [reason])
