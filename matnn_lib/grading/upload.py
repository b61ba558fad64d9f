"""The gradebook of Canvas or Moodle, filled, in the form in which the platform takes it back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from matnn_lib.grading import tables
from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.matching import Matched
from matnn_lib.grading.roster import CANVAS, Roster, Student
from matnn_lib.grading.sheet import Sheet, number

_KINDS = ("canvas", "moodle")
_KEPT = (*CANVAS, "SIS User ID", "SIS Login ID")


def write(
    roster: Roster | None,
    matched: Matched,
    absent: Mapping[int, Sheet],
    sheets: Sequence[Sheet],
    out: Path,
    column: str = "",
) -> Path | None:
    """Write the platform's gradebook with the points in it, and return where it is.

    Without a platform's roster there is none. In Canvas's the points of all chapters go into the
    assignment's `column`, or, where none is named, into a column a chapter.

    Raises
    ------
    ValueError
        The roster has no such column.
    """
    kind = roster.kind if roster else ""
    for other in {*_KINDS} - {kind}:
        (out / f"{other}.csv").unlink(missing_ok=True)  # of an earlier run with another roster
    if column and kind != "canvas":
        raise ValueError("--column names a column of a roster that Canvas exported")
    if roster is None or kind == "plain":
        return None
    reached = {
        line: (sum(s.points for s in own.values()), sum(s.of for s in own.values()))
        for line, own in matched.lines.items()
    } | {line: (sheet.points, sheet.of) for line, sheet in absent.items()}
    if kind == "moodle":
        rows = _moodle(roster, reached)
    elif column:
        rows = _canvas_assignment(roster, reached, _title(roster, column))
    else:
        rows = _canvas_chapters(roster, matched, absent, sheets)
    path = out / f"{kind}.csv"
    head, *lines = rows
    tables.write(path, head, lines)
    return path


def _moodle(roster: Roster, reached: Mapping[int, tuple[float, int]]) -> list[list[str]]:
    rows = [list(roster.columns)]
    for line, student in enumerate(roster.students):
        row = dict(student.row)
        if line in reached:
            row["Grade"] = _share(reached[line], row.get("Maximum Grade", ""))
        rows.append([_safe(row[name]) for name in roster.columns])
    return rows


def _canvas_assignment(
    roster: Roster, reached: Mapping[int, tuple[float, int]], column: str
) -> list[list[str]]:
    keep = _kept(roster)
    rows = [[*keep, column]]
    if roster.possible:
        rows.append([*(roster.possible[name] for name in keep), roster.possible[column]])
    for line, student in enumerate(roster.students):
        # Where it isn't clear whose line it is, Canvas keeps what it has.
        points = (
            _share(reached[line], roster.possible.get(column, ""))
            if line in reached
            else _safe(student.row[column])
        )
        rows.append([*_who(student, keep), points])
    return rows


def _canvas_chapters(
    roster: Roster, matched: Matched, absent: Mapping[int, Sheet], sheets: Sequence[Sheet]
) -> list[list[str]]:
    keep, of = _kept(roster), {sheet.chapter: sheet.of for sheet in sheets}
    rows = [[*keep, *(_chapter_column(roster, chapter) for chapter in sorted(of))]]
    if roster.possible:
        rows.append([*(roster.possible[name] for name in keep), *(str(of[c]) for c in sorted(of))])
    for line, student in enumerate(roster.students):
        rows.append([*_who(student, keep)])
        for chapter in sorted(of):
            sheet = matched.lines.get(line, {}).get(chapter)
            if line in absent:
                own = [m.points for m in absent[line].marks if int(m.exercise[:2]) == chapter]
                rows[-1].append(number(sum(own)))
            elif line in matched.open:
                rows[-1].append("")
            else:
                rows[-1].append(number(sheet.points) if sheet else "0")
    return rows


def _kept(roster: Roster) -> list[str]:
    return [name for name in roster.columns if name in _KEPT]


def _who(student: Student, keep: Sequence[str]) -> list[str]:
    return [_safe(student.row[name]) for name in keep]


def _title(roster: Roster, wanted: str) -> str:
    """Return the column of an assignment, named in full or without Canvas's number behind it."""
    found = [c for c in roster.columns if wanted in (c, re.sub(r" \(\d+\)$", "", c))]
    if len(found) != 1 or found[0] in _KEPT:
        raise ValueError(
            f"the roster has {len(found) or 'no'} columns {wanted!r}"
            if len(found) != 1
            else f"{wanted!r} is no assignment's column"
        )
    return found[0]


def _chapter_column(roster: Roster, chapter: int) -> str:
    """Return the column that Canvas made of an earlier upload, or the name of a new one."""
    title = f"matnn chapter {chapter:02d}"
    made = [c for c in roster.columns if re.fullmatch(rf"{title}( \(\d+\))?", c)]
    return made[0] if len(made) == 1 else title


def _share(reached: tuple[float, int], most: str) -> str:
    """Return the points, out of the maximum that the platform has set, if it has."""
    points, of = reached
    try:
        maximum = float(most.replace(",", ".") or of)
    except ValueError:
        maximum = of
    if not 0 <= maximum < 1e6:  # "nan" is none of it
        maximum = of
    return number(points / of * maximum) if of else "0"


def _safe(text: str) -> str:
    """Return a cell of the platform's own; a number or a lone minus is no formula."""
    try:
        float(text)
    except ValueError:
        return clean(text) if text.strip() == "-" else cell(text, 500)
    return clean(text)
