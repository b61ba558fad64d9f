"""From the words of a command line to what they mean: ``matnn grade``."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from matnn_lib.grading import assigned, batch, plan, results
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
    variant: int | None = None,
    seconds: float | None = None,
    roster: Path | None = None,
    column: str | None = None,
    deadline: datetime | None = None,
    late: str | None = None,
    details: bool = False,
    regrade: str = "",
    workers: int | None = None,
    dask: str = "",
    trust_submissions: bool = False,
) -> list[str]:
    """Grade `submissions` as the options of ``matnn grade`` say; see `matnn_lib.grading.batch`.

    With `regrade`, whatever isn't given is as in the run that is in `out`: else marking one
    exercise anew would take lateness and roster from all others.

    Raises
    ------
    ValueError
        An option doesn't mean anything, or the submissions or files can't be read.
    """
    before = plan.read(out) if regrade else None
    private = str(exercises.resolve()) if exercises else before.private if before else ""
    # Exercises are looked at in a process of their own: this one will start workers.
    known = apart("matnn_lib.grading.assigned", "chapters", private) if private else ()
    asked = before or Plan((), 0)
    if chapters is not None or before is None:
        asked = replace(asked, chapters=assigned.numbers(chapters, known))
    what = replace(
        asked,
        seed=asked.seed if seed is None else seed,
        variant=asked.variant if variant is None else variant,
        notebook_seconds=asked.notebook_seconds if seconds is None else seconds,
        private=private,
    )
    if regrade and regrade not in apart("matnn_lib.grading.assigned", "ids", what):
        raise ValueError(f"there is no exercise {regrade!r} in these chapters to mark anew")
    given: dict[str, Any] = {}
    if deadline is not None:
        given["deadline"] = deadline.isoformat()
    if late is not None:
        given["late_days"], given["late_factor"] = _late(late)
    if roster is not None:
        given["roster"] = str(roster.resolve())
    if column is not None:
        given["column"] = column
    if details:
        given["details"] = True
    options = replace(results.recorded(out) if regrade else Options(), **given)
    running = Running(workers or _cores(), dask, trust_submissions)
    return batch.grade(
        submissions, out, what, running, options, has_seed=seed is not None, regrade=regrade
    )


def merge(out: Path, decided: Path) -> list[str]:
    """Take over points that a person gave; see `matnn_lib.grading.results.merge`."""
    return results.merge(out, decided)


def _late(text: str) -> tuple[int, float]:
    found = re.fullmatch(r"(\d{1,4}):(0(\.\d+)?|1(\.0+)?|\.\d+)", text)
    if not found:
        raise ValueError(f"--late is days and a factor from 0 to 1, as in 3:0.8, not {text!r}")
    return int(found[1]), float(found[2])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
