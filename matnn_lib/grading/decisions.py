"""Points that a person gives: to a text, to an absent student, or instead of what was judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from matnn_lib.grading import tables
from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.sheet import Mark, Sheet, number

_COLUMNS = ("student", "exercise", "points", "comment", "version")


@dataclass(frozen=True)
class Decision:
    """Points that a person gives, and why; they are final, whatever else happens to a mark.

    A text's `version` is kept: the points are this text's, not those of another handed in later.
    """

    points: float
    comment: str
    version: str = ""


Decisions = Mapping[tuple[str, str], Decision]


def version(text: str) -> str:
    """Return a short name of a text, which no other has; empty if there is none."""
    return "v" + hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def decided(sheet: Sheet, decisions: Decisions) -> Sheet:
    """Return the sheet with what was decided about its exercises."""
    return replace(
        sheet,
        marks=tuple(
            _decided(mark, decisions.get((sheet.student, mark.exercise))) for mark in sheet.marks
        ),
    )


def _decided(mark: Mark, decision: Decision | None) -> Mark:
    if decision is None or (decision.version and decision.version != version(mark.text)):
        return mark
    before = f" (judged before: {number(mark.points)})" if _judged(mark) else ""
    status = "marked by hand" if mark.status == "to be marked" else "set by hand"
    points = f"{number(decision.points)} point{'s' if decision.points != 1 else ''}"
    note = f"{points}, set by hand{before}"
    note += f": {decision.comment}" if decision.comment else ""
    return replace(mark, points=decision.points, status=status, note=note)


def _judged(mark: Mark) -> bool:
    return mark.status not in ("to be marked", "not handed in")


def read(path: Path) -> dict[tuple[str, str], Decision]:
    """Return the decisions in a CSV file; rows whose points are empty are not decided yet.

    Raises
    ------
    ValueError
        A column is missing, points are no number, or a reason is missing where it is needed.
    """
    table = tables.read(path)
    missing = {"student", "exercise", "points"} - set(table.columns)
    if missing:
        raise ValueError(f"{path} lacks the column {', '.join(sorted(missing))}")
    decisions: dict[tuple[str, str], Decision] = {}
    for line, row in table.rows:
        if not row["points"].strip():
            continue
        try:
            # Where cells are separated by semicolons, fractions are written with a comma.
            points = float(row["points"].replace(",", "."))
        except ValueError:
            raise ValueError(
                f"{path}, line {line}: {row['points']!r} is not a number of points"
            ) from None
        who = clean(row["student"].removeprefix("'")), row["exercise"].strip()
        comment = clean(row.get("comment", ""), 1000)
        decision = Decision(points, comment, row.get("version", "").strip())
        if decisions.setdefault(who, decision) != decision:
            raise ValueError(
                f"{path}, line {line}: {who[0]} has other points in {who[1]} further up"
            )
    return decisions


def checked(
    decisions: Decisions, sheets: Iterable[Sheet], path: Path
) -> dict[tuple[str, str], Decision]:
    """Return the decisions, each with the version of the text that it is about.

    Raises
    ------
    ValueError
        A decision is about nobody, gives points that an exercise doesn't have, has no reason for
        changing points that were judged already, or is about a text that is another by now.
    """
    known = {
        (sheet.student, mark.exercise): (mark.of, _judged(mark), version(mark.text))
        for sheet in sheets
        for mark in sheet.marks
        if (sheet.student, mark.exercise) in decisions
    }
    complete = {}
    for (student, exercise), decision in decisions.items():
        if (student, exercise) not in known:
            raise ValueError(f"{path}: there is no mark of {student!r} in {exercise!r}")
        of, judged, current = known[student, exercise]
        if not 0 <= decision.points <= of:
            raise ValueError(
                f"{path}: {student} can have 0 to {of} points in {exercise}, "
                f"not {number(decision.points)}"
            )
        if judged and not decision.comment:
            raise ValueError(
                f"{path}: {student}'s points in {exercise} were judged already; to set them by "
                "hand, give the reason in the column comment"
            )
        if decision.version and decision.version != current:
            raise ValueError(
                f"{path}: {student}'s text for {exercise} has changed since the table was "
                "written; it stands in the new to-mark.csv, unless it is gone"
            )
        complete[student, exercise] = replace(decision, version=current)
    return complete


def write(path: Path, decisions: Decisions) -> None:
    """Keep decisions for all later runs in the same folder."""
    rows = (
        (cell(student), exercise, number(one.points), one.comment, one.version)
        for (student, exercise), one in sorted(decisions.items())
    )
    tables.write(path, _COLUMNS, rows)
