"""From the words of a command line to what they mean: ``matnn grade``."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from matnn_lib.grading import assigned, batch, results
from matnn_lib.grading.batch import Running
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.processes import apart
from matnn_lib.grading.results import Options


def grade(
    submissions: Path,
    out: Path,
    *,
    chapters: str | None = None,
    exercises: Path | None = None,
    seed: int | None = None,
    variant: int = 0,
    seconds: float = 20.0,
    roster: Path | None = None,
    deadline: datetime | None = None,
    late: str | None = None,
    details: bool = False,
    regrade: str = "",
    workers: int | None = None,
    dask: str = "",
    trust_submissions: bool = False,
) -> list[str]:
    """Grade `submissions` as the options of ``matnn grade`` say; see `matnn_lib.grading.batch`.

    Raises
    ------
    ValueError
        An option doesn't mean anything, or the submissions or files can't be read.
    """
    private = str(exercises.resolve()) if exercises else ""
    # Exercises are looked at in a process of their own: this one will start workers.
    known = apart("matnn_lib.grading.assigned", "chapters", private) if private else ()
    plan = Plan(assigned.numbers(chapters, known), seed or 0, variant, seconds, private)
    if regrade and regrade not in apart("matnn_lib.grading.assigned", "ids", plan):
        raise ValueError(f"there is no exercise {regrade!r} in these chapters to mark anew")
    days, factor = _late(late)
    options = Options(
        deadline.isoformat() if deadline else "",
        days,
        factor,
        str(roster.resolve()) if roster else "",
        details,
    )
    running = Running(workers or _cores(), dask, trust_submissions)
    return batch.grade(
        submissions, out, plan, running, options, has_seed=seed is not None, regrade=regrade
    )


def merge(out: Path, decided: Path) -> list[str]:
    """Take over points that a person gave; see `matnn_lib.grading.results.merge`."""
    return results.merge(out, decided)


def _late(text: str | None) -> tuple[int, float]:
    if text is None:
        return 0, 1.0
    found = re.fullmatch(r"(\d{1,4}):(0(\.\d+)?|1(\.0+)?|\.\d+)", text)
    if not found:
        raise ValueError(f"--late is days and a factor from 0 to 1, as in 3:0.8, not {text!r}")
    return int(found[1]), float(found[2])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
