"""`matnn grade`: collect what all submissions answer, then judge it, then write it down.

This process imports no oracle: inputs come from `matnn_lib.grading.prepare`, verdicts from
`matnn_lib.grading.marking`, in processes of their own that live before and after the workers and
never beside them.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from tqdm import tqdm

from matnn_lib.grading import report, store, submissions
from matnn_lib.grading.collect import Task
from matnn_lib.grading.keeper import Place, be_private, keep, place
from matnn_lib.grading.mark import mark_submission
from matnn_lib.grading.plan import Plan, recorded
from matnn_lib.grading.processes import apart, pool, results
from matnn_lib.grading.submissions import Submission

_TOGETHER = 200  # submissions whose inputs lie on the disk at the same time
Advance = Callable[[], object]


def grade(
    folder: Path,
    out: Path,
    *,
    chapters: Sequence[int],
    seed: int | None = None,
    variant: int = 0,
    notebook_seconds: float = 20.0,
    workers: int = 1,
    trust: bool = False,
) -> list[str]:
    """Grade all submissions in `folder`, and write grades and feedback pages into `out`.

    Interrupted and started again with the same `out`, it goes on where it was.

    Returns
    -------
    list of str
        What to tell the instructor: the active layers, the counts, where the results are.

    Raises
    ------
    ValueError
        There is nothing to grade, neither sandbox nor `trust`, or `out` holds another run.
    """
    be_private()
    found = submissions.find(folder, tuple(chapters))
    raw, feedback = out / "raw", out / "feedback"
    with place(trust) as here:
        plan = recorded(out, chapters, seed, variant, notebook_seconds)
        raw.mkdir(exist_ok=True)
        _collect_all(found, plan, raw, workers, here)
    feedback.mkdir(exist_ok=True)
    judge = partial(mark_submission, plan=plan, raw=raw, feedback=feedback)
    with (
        pool(min(workers, len(found))) as executor,
        tqdm(total=len(found), desc="judging", unit="notebook", disable=None) as bar,
    ):
        marks = []
        for rows in results(executor, judge, found, 4 * workers):
            marks += rows
            bar.update()
    report.write(marks, out)
    layers = ", ".join(here.sandbox.layers)
    return [f"Workers were confined by {layers}.", *report.summary(marks, out)]


def _collect_all(
    found: Sequence[Submission], plan: Plan, raw: Path, workers: int, here: Place
) -> None:
    """Collect the answers of every submission whose answers aren't there yet."""
    with tqdm(total=len(found), desc="running", unit="notebook", disable=None) as bar:
        todo = []
        for submission in found:
            if submission.problem or _done(submission, plan, raw):
                bar.update()
            else:
                todo.append(submission)
        for start in range(0, len(todo), _TOGETHER):
            _collect(todo[start : start + _TOGETHER], plan, raw, workers, here, bar.update)


def _done(submission: Submission, plan: Plan, raw: Path) -> bool:
    kept = store.read(raw / submission.key)
    return kept is not None and kept[1] == plan.digest(submission.read())


def _collect(
    todo: Sequence[Submission], plan: Plan, raw: Path, workers: int, here: Place, advance: Advance
) -> None:
    """Collect the answers of a few; those that were too slow run once more, with nobody beside."""
    by_key = {submission.key: submission for submission in todo}
    counted: set[str] = set()
    with tempfile.TemporaryDirectory(dir=raw) as inputs:
        apart("matnn_lib.grading.prepare", "write", todo, plan, Path(inputs))

        def task(submission: Submission) -> Task:
            asked, numbers = pickle.loads((Path(inputs) / submission.key).read_bytes())
            return Task(submission.key, submission.read(), asked, numbers, plan.notebook_seconds)

        def run(some: Iterable[Submission], executor: Executor, at_once: int) -> list[Submission]:
            slow = []
            for collected in results(executor, partial(keep, at=here), map(task, some), at_once):
                submission = by_key[collected.key]
                store.write(raw / submission.key, collected, plan.digest(submission.read()))
                if collected.slow:
                    slow.append(submission)
                if submission.key not in counted:
                    counted.add(submission.key)
                    advance()
            return slow

        with pool(min(workers, len(todo))) as executor:
            slow = run(todo, executor, 2 * workers)
            run(slow, executor, 1)
