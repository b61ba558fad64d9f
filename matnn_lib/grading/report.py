"""Write the grades of a class: a row a student and exercise, a row a student, the times apart."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from matnn_lib.grading.clean import cell
from matnn_lib.grading.mark import Mark


def write(marks: Sequence[Mark], out: Path) -> None:
    """Write ``grades.csv``, ``gradebook.csv`` and ``timings.csv`` into `out`.

    The first two depend on nothing but the submissions and the plan, to the byte.
    """
    marks = sorted(marks, key=lambda mark: (mark.student, mark.exercise))
    _table(
        out / "grades.csv",
        ("student", "exercise", "points", "of", "status", "hint"),
        (
            (cell(m.student), m.exercise, m.points, m.of, m.status, cell(m.reason, 400))
            for m in marks
        ),
    )
    exercises = sorted({mark.exercise for mark in marks})
    rows, times = [], []
    for student, own in groupby(marks, key=lambda mark: mark.student):
        by_exercise = {mark.exercise: mark for mark in own}
        points = [by_exercise[e].points if e in by_exercise else "" for e in exercises]
        total = sum(mark.points for mark in by_exercise.values())
        rows.append((cell(student), *points, total, sum(m.of for m in by_exercise.values())))
        chapters = {m.exercise[:2]: m.seconds for m in by_exercise.values()}
        times += [(cell(student), chapter, f"{s:.2f}") for chapter, s in sorted(chapters.items())]
    _table(out / "gradebook.csv", ("student", *exercises, "points", "of"), rows)
    _table(out / "timings.csv", ("student", "chapter", "seconds"), times)


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
    os.replace(part, path)


def summary(marks: Sequence[Mark], out: Path) -> list[str]:
    """Return what an instructor reads when all is done."""
    students = {mark.student for mark in marks}
    right = sum(mark.status == "right" for mark in marks)
    lines = [f"{len(students)} students, {len(marks)} answers, {right} of them right."]
    waiting = sum(mark.status == "to be marked" for mark in marks)
    if waiting:
        lines.append(f"{waiting} texts wait to be marked by a person.")
    return [*lines, f"Grades: {out / 'grades.csv'}; feedback pages: {out / 'feedback'}"]
