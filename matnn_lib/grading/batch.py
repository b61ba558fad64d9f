"""`matnn grade`: collect what all submissions answer, then judge it, then write it down.

This process imports no oracle: inputs come from `matnn_lib.grading.prepare`, verdicts from
`matnn_lib.grading.mark`, in processes of their own that live before and after the workers and
never beside them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from matnn_lib.grading import entries, keeper, plan, processes, results, sheet, submissions
from matnn_lib.grading.collecting import collect_all
from matnn_lib.grading.entry import Entry
from matnn_lib.grading.keeper import Place
from matnn_lib.grading.mark import mark_submission
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.processes import Where, apart
from matnn_lib.grading.results import Options
from matnn_lib.grading.submissions import Submission


@dataclass(frozen=True)
class Running:
    """How a class is run: how many notebooks at a time, where, and whether without a sandbox.

    `dask` is the address of a cluster's scheduler; empty, this machine's processes are used.
    """

    workers: int = 1
    dask: str = ""
    trust: bool = False


def grade(
    source: Path,
    out: Path,
    what: Plan,
    running: Running,
    options: Options,
    *,
    has_seed: bool = True,
    regrade: str = "",
) -> list[str]:
    """Grade all submissions in `source`; write grades, feedback and the class's page into `out`.

    Interrupted and started again with the same `out`, it goes on where it was. Without `has_seed`
    the plan's seed is the one that `out` has, or drawn. With `regrade`, an exercise's id, the marks
    of all other exercises, and of all students who aren't in `source`, stay what they are.

    Returns
    -------
    list of str
        What to tell the instructor: the active layers, the counts, where the results are.

    Raises
    ------
    ValueError
        There is nothing to grade, `out` holds another run, or lies among the submissions.
    RuntimeError
        Workers can't be confined here, and they aren't trusted.
    """
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise ValueError(f"{out} lies among the submissions: choose a folder outside {source}")
    keeper.be_private()
    with (
        processes.interruptible(),
        tempfile.TemporaryDirectory(prefix="matnn-") as unpacked,
    ):
        pile = entries.listed(source, Path(unpacked))
        found = submissions.find(pile, what.chapters)
        if regrade:
            found = _met_before(found, out)
        with _place(running) as here, _where(running) as where:
            what = plan.recorded(out, what, has_seed=has_seed)
            for folder in ("raw", "sheets"):
                (out / folder).mkdir(exist_ok=True)
            keep = partial(keeper.keep, at=here, trust=running.trust)
            collect_all(found, what, out / "raw", where, 2 * running.workers, keep)
        _judge(found, what, out, running.workers, regrade)
    return [*_left_over(pile, found), *results.write(out, options)]


def _left_over(pile: Sequence[Entry], found: Sequence[Submission]) -> list[str]:
    """Say how many notebooks are not graded, so that nobody's is left out unseen."""
    count = sum(entry.name.endswith(".ipynb") for entry in pile) - sum(bool(s.name) for s in found)
    if count <= 0:
        return []
    return [f"Notebooks not graded, as earlier attempts or of another chapter: {count}"]


def _met_before(found: Sequence[Submission], out: Path) -> list[Submission]:
    """Return the submissions under the names that they have in the run in `out`.

    What is needed to tell students apart depends on who is there, and here it may be one of them.
    """
    met = []
    for submission in found:
        before = sheet.read(out / "sheets", submission.key)
        if before is None:
            who = f"{submission.student}'s notebook of chapter {submission.chapter:02d}"
            raise ValueError(f"{who} is not in the run in {out}: grade it without --regrade first")
        met.append(replace(submission, student=before.student))
    return met


def _place(running: Running) -> AbstractContextManager[Place | None]:
    return nullcontext() if running.dask else keeper.place(running.trust)


def _where(running: Running) -> AbstractContextManager[Where]:
    if running.dask:
        return processes.cluster(running.dask)
    return nullcontext(processes.cores(running.workers))


def _judge(found: Sequence[Submission], what: Plan, out: Path, workers: int, regrade: str) -> None:
    """Write a sheet for every submission, here, where the oracles and the private exercises are."""
    kept = set() if regrade else {path.stem for path in (out / "sheets").glob("*.json")}
    for stale in kept - {submission.key for submission in found}:
        (out / "sheets" / f"{stale}.json").unlink()
    judge = partial(
        mark_submission, plan=what, raw=out / "raw", sheets=out / "sheets", only=regrade
    )
    given_up = partial(
        apart,
        "matnn_lib.grading.mark",
        "give_up",
        plan=what,
        sheets=out / "sheets",
        only=regrade,
    )
    here = processes.cores(min(workers, len(found)))
    with tqdm(total=len(found), desc="judging", unit="notebook", disable=None) as bar:
        for _ in processes.results(here, judge, found, 4 * workers, given_up):
            bar.update()
