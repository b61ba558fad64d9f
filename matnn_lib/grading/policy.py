"""What changes marks after they were judged: coming late, and decisions by a person."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.sheet import Mark, Sheet, number

_COLUMNS = ("student", "exercise", "points", "comment")


@dataclass(frozen=True)
class LatePolicy:
    """Points are multiplied by `factor` for up to `days` begun days after the deadline.

    After that they are lost; with ``days=0`` being late is noted and costs nothing. Without a
    deadline only what the learning platform itself calls late is late, by a day.
    """

    deadline: datetime | None = None
    days: int = 0
    factor: float = 1.0

    def days_late(self, sheet: Sheet) -> int:
        """Return how many days after the deadline, begun ones counted, a notebook came."""
        if not sheet.notebook:
            return 0
        if self.deadline is None or not sheet.time:
            return int(sheet.late)
        over = datetime.fromisoformat(sheet.time) - self.deadline
        return max(math.ceil(over / timedelta(days=1)), int(sheet.late))

    def applied(self, sheet: Sheet) -> Sheet:
        """Return the sheet with its days, and its points if there is something to take off."""
        days = self.days_late(sheet)
        sheet = replace(sheet, late_days=days)
        factor = self.factor if days <= self.days else 0.0
        if not days or not self.days or factor == 1:
            return sheet
        return replace(sheet, marks=tuple(_late(mark, days, factor) for mark in sheet.marks))


def _late(mark: Mark, days: int, factor: float) -> Mark:
    if not mark.points:
        return mark
    note = f"{days} day{'s' if days > 1 else ''} late: {number(mark.points)} × {factor:g} points"
    return replace(mark, points=round(mark.points * factor, 2), note=note)


@dataclass(frozen=True)
class Decision:
    """Points that a person gives, and why; they are final, whatever else happens to a mark."""

    points: float
    comment: str


Decisions = Mapping[tuple[str, str], Decision]


def decided(sheet: Sheet, decisions: Decisions) -> Sheet:
    """Return the sheet with what was decided about its exercises."""
    return replace(
        sheet,
        marks=tuple(
            _decided(mark, decisions.get((sheet.student, mark.exercise))) for mark in sheet.marks
        ),
    )


def _decided(mark: Mark, decision: Decision | None) -> Mark:
    if decision is None:
        return mark
    before = f" (judged before: {number(mark.points)})" if mark.status != "to be marked" else ""
    status = "marked by hand" if mark.status == "to be marked" else "set by hand"
    note = f"{number(decision.points)} points, set by hand{before}"
    note += f": {decision.comment}" if decision.comment else ""
    return replace(mark, points=decision.points, status=status, note=note)


def read(path: Path) -> dict[tuple[str, str], Decision]:
    """Return the decisions in a CSV file; rows whose points are empty are not decided yet.

    Raises
    ------
    ValueError
        A column is missing, points are no number, or a reason is missing where it is needed.
    """
    decisions = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        missing = {"student", "exercise", "points"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path} lacks the column {', '.join(sorted(missing))}")
        for row in rows:
            if not (row["points"] or "").strip():
                continue
            where = f"{path}, line {rows.line_num}"
            try:
                points = float(row["points"])
            except ValueError:
                raise ValueError(f"{where}: {row['points']!r} is not a number of points") from None
            student = clean((row["student"] or "").removeprefix("'"))
            comment = clean(row.get("comment") or "", 1000)
            decisions[student, (row["exercise"] or "").strip()] = Decision(points, comment)
    return decisions


def check(decisions: Decisions, sheets: Iterable[Sheet], path: Path) -> None:
    """Refuse decisions about nobody, or with points that an exercise doesn't have.

    Raises
    ------
    ValueError
        Such a decision, or one without a reason for points that were judged already.
    """
    known = {(sheet.student, mark.exercise): mark for sheet in sheets for mark in sheet.marks}
    for (student, exercise), decision in decisions.items():
        mark = known.get((student, exercise))
        if mark is None:
            raise ValueError(f"{path}: there is no mark of {student!r} in {exercise!r}")
        if not 0 <= decision.points <= mark.of:
            raise ValueError(
                f"{path}: {student} can have 0 to {mark.of} points in {exercise}, "
                f"not {number(decision.points)}"
            )
        if mark.status != "to be marked" and not decision.comment:
            raise ValueError(
                f"{path}: {student}'s points in {exercise} were judged already; to set them by "
                "hand, give the reason in the column comment"
            )


def write(path: Path, decisions: Decisions) -> None:
    """Keep decisions for all later runs in the same folder."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for (student, exercise), decision in sorted(decisions.items()):
            writer.writerow((cell(student), exercise, number(decision.points), decision.comment))
