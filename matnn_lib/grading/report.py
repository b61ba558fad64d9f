"""The tables of a class: a row a student and exercise, a row a student, texts to read, times."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from matnn_lib.grading.clean import cell
from matnn_lib.grading.sheet import Mark, Sheet, number


def write(sheets: Sequence[Sheet], absent: Sequence[str], out: Path) -> None:
    """Write the tables into `out`.

    ``grades.csv`` and ``gradebook.csv`` depend on nothing but the submissions, the plan and what
    people decided, to the byte; times are apart, in ``timings.csv``.
    """
    sheets = sorted(sheets, key=lambda sheet: (sheet.student, sheet.chapter))
    _table(
        out / "grades.csv",
        ("student", "exercise", "points", "of", "status", "hint"),
        (
            (cell(s.student), m.exercise, number(m.points), m.of, m.status, cell(_hint(m), 600))
            for s in sheets
            for m in s.marks
        ),
    )
    _gradebook(sheets, absent, out / "gradebook.csv")
    _table(
        out / "timings.csv",
        ("student", "chapter", "seconds"),
        ((cell(s.student), f"{s.chapter:02d}", f"{s.seconds:.2f}") for s in sheets),
    )


@contextmanager
def texts(path: Path) -> Iterator[Callable[[Sheet], None]]:
    """Give what writes the texts that wait for a person into a table, for ``--merge``.

    Where none waits, there is no table.
    """
    part = path.with_suffix(".part")
    count = 0
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("student", "exercise", "of", "points", "comment", "text"))

        def add(sheet: Sheet) -> None:
            nonlocal count
            for mark in sheet.marks:
                if mark.status == "to be marked":
                    text = cell(mark.text, 20_000, lines=True)
                    writer.writerow((cell(sheet.student), mark.exercise, mark.of, "", "", text))
                    count += 1

        yield add
    if count:
        os.replace(part, path)
    else:
        part.unlink()
        path.unlink(missing_ok=True)


def _hint(mark: Mark) -> str:
    return "; ".join(part for part in (mark.note, mark.reason) if part)


def _gradebook(sheets: Sequence[Sheet], absent: Sequence[str], path: Path) -> None:
    of = {mark.exercise: mark.of for sheet in sheets for mark in sheet.marks}
    exercises = sorted(of)
    rows: list[tuple[object, ...]] = []
    for student, own in groupby(sheets, key=lambda sheet: sheet.student):
        theirs = list(own)
        points = {mark.exercise: mark.points for sheet in theirs for mark in sheet.marks}
        late = max(sheet.late_days for sheet in theirs)
        each = [number(points.get(exercise, 0)) for exercise in exercises]
        rows.append((cell(student), *each, number(sum(points.values())), sum(of.values()), late))
    nothing = ["0"] * (len(exercises) + 1)
    rows += [(cell(student), *nothing, sum(of.values()), 0) for student in absent]
    rows.sort(key=lambda row: str(row[0]))
    _table(path, ("student", *exercises, "points", "of", "days late"), rows)


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # Row by row: the table of a large class is larger than all else that is in memory.
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
    os.replace(part, path)


def summary(sheets: Sequence[Sheet], absent: Sequence[str], unknown: Sequence[str]) -> list[str]:
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
        lines.append(f"{waiting} texts wait to be marked: fill in to-mark.csv, then --merge it.")
    if absent:
        lines.append(f"{len(absent)} on the roster handed in nothing and get 0 points.")
    if unknown:
        shown = ", ".join(unknown[:10]) + (", …" if len(unknown) > 10 else "")
        lines.append(f"{len(unknown)} who handed in are not on the roster: {shown}")
    return lines
