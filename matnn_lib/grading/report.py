"""The tables of a class: a row a student and exercise, a row a student, times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from matnn_lib.grading import tables
from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.matching import Matched
from matnn_lib.grading.sheet import Mark, Sheet, number

_MOST_NAMES = 10


def write(sheets: Sequence[Sheet], absent: Sequence[Sheet], out: Path) -> None:
    """Write the tables into `out`.

    ``grades.csv`` and ``gradebook.csv`` depend on nothing but the submissions, the plan and what
    people decided, to the byte; times are apart, in ``timings.csv``.
    """
    sheets = sorted(sheets, key=lambda sheet: (sheet.student, sheet.chapter))
    everyone = sorted([*sheets, *absent], key=lambda sheet: (sheet.student, sheet.chapter))
    tables.write(
        out / "grades.csv",
        ("student", "exercise", "points", "of", "status", "hint"),
        (
            (cell(s.student), m.exercise, number(m.points), m.of, m.status, cell(_hint(m), 600))
            for s in everyone
            for m in s.marks
        ),
    )
    _gradebook(everyone, out / "gradebook.csv")
    tables.write(
        out / "timings.csv",
        ("student", "chapter", "seconds"),
        ((cell(s.student), f"{s.chapter:02d}", f"{s.seconds:.2f}") for s in sheets),
    )


def _hint(mark: Mark) -> str:
    return "; ".join(part for part in (mark.note, mark.reason) if part)


def _gradebook(sheets: Sequence[Sheet], path: Path) -> None:
    of = {mark.exercise: mark.of for sheet in sheets for mark in sheet.marks}
    exercises = sorted(of)
    rows: list[tuple[object, ...]] = []
    for student, own in groupby(sheets, key=lambda sheet: sheet.student):
        theirs = list(own)
        points = {mark.exercise: mark.points for sheet in theirs for mark in sheet.marks}
        late = max(sheet.late_days for sheet in theirs)
        each = [number(points.get(exercise, 0)) for exercise in exercises]
        rows.append((cell(student), *each, number(sum(points.values())), sum(of.values()), late))
    rows.sort(key=lambda row: str(row[0]))
    tables.write(path, ("student", *exercises, "points", "of", "days late"), rows)


def summary(sheets: Sequence[Sheet], absent: Sequence[str], matched: Matched) -> list[str]:
    """Return what an instructor reads when all is done."""
    marks = [mark for sheet in sheets for mark in sheet.marks]
    students = len({sheet.student for sheet in sheets})
    right = sum(mark.status == "right" for mark in marks)
    lines = [f"{students} students, {len(marks)} answers, {right} of them right."]
    late = len({sheet.student for sheet in sheets if sheet.late_days})
    waiting = sum(mark.status == "to be marked" for mark in marks)
    if late:
        lines.append(f"{late} handed in late.")
    if waiting:
        lines.append(
            f"{waiting} texts wait to be marked, so marks are not final: "
            "fill in to-mark.csv, then --merge it."
        )
    if absent:
        lines.append(
            f"{len(absent)} on the roster handed in nothing and get 0 points: {_some(absent)}"
        )
    if matched.unknown:
        unknown = sorted(matched.unknown)
        lines.append(f"{len(unknown)} who handed in are not on the roster: {_some(unknown)}")
    if matched.unclear:
        lines.append(
            "It isn't clear who is who, and a platform's table is left as it was there: "
            + _some(matched.unclear, "; ")
        )
    return lines


def _some(names: Sequence[str], between: str = ", ") -> str:
    shown = [clean(name) for name in names[:_MOST_NAMES]]
    return between.join(shown) + (f"{between}…" if len(names) > _MOST_NAMES else "")
