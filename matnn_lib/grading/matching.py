"""Which line of a roster a submission belongs to, who is absent, and what a person must settle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from matnn_lib.grading.clean import clean
from matnn_lib.grading.identity import looks
from matnn_lib.grading.roster import Roster
from matnn_lib.grading.sheet import Mark, Sheet


@dataclass(frozen=True)
class Matched:
    """Sheets by line of the roster and chapter; the lines of nobody; and who isn't clear.

    No two students are ever on one line: where two may be meant, neither is, and `unclear` says
    so in words. Their lines are in `open`: not absent, but without points.
    """

    lines: dict[int, dict[int, Sheet]] = field(default_factory=dict)
    absent: list[int] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def match(roster: Roster | None, sheets: Sequence[Sheet]) -> Matched:
    """Find every student's line: by the platform's number, else by a name that only one has."""
    matched = Matched()
    if roster is None:
        return matched
    students: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        students[sheet.student].append(sheet)
    claims: dict[int, list[str]] = defaultdict(list)
    by_name = {}
    for student, own in students.items():
        numbered = roster.by_number(own[0].known_as)
        if len(numbered) == 1:
            claims[numbered[0]].append(student)
        else:
            by_name[student] = roster.by_name(student, own[0].known_as)
    taken = set(claims)  # a number says more than a name
    for student, lines in sorted(by_name.items()):
        free = [line for line in lines if line not in taken]
        if len(free) == 1:
            claims[free[0]].append(student)
        elif free:
            matched.open.update(free)
            names = " and ".join(roster.students[line].name for line in free)
            matched.unclear.append(f"{student} may be {len(free)} on the roster: {names}")
        else:
            matched.unknown.append(student)
    for line, who in claims.items():
        if len(who) == 1:
            matched.lines[line] = {sheet.chapter: sheet for sheet in students[who[0]]}
        else:
            matched.open.add(line)
            name = roster.students[line].name
            matched.unclear.append(f"{name} on the roster may be {' or '.join(sorted(who))}")
    settled = matched.open | set(matched.lines)
    matched.absent.extend(k for k in range(len(roster.students)) if k not in settled)
    matched.unclear.sort()
    return matched


def absent_sheets(
    roster: Roster | None, matched: Matched, sheets: Sequence[Sheet]
) -> dict[int, Sheet]:
    """Return a sheet without points for every absent student, by line, in all chapters together.

    So a person can give an absent student points as any other.
    """
    marks = {mark.exercise: mark for sheet in sheets for mark in sheet.marks}
    nothing = tuple(
        Mark(name, mark.title, 0, mark.of, "not handed in") for name, mark in sorted(marks.items())
    )
    shown = {looks(sheet.student) for sheet in sheets}
    absent: dict[int, Sheet] = {}
    if roster is None:
        return absent
    for line in matched.absent:
        student = roster.students[line]
        name = clean(student.name) or "(no name)"
        while looks(name) in shown:
            name = f"{name} ({student.known_as or 'absent'})"
        shown.add(looks(name))
        absent[line] = Sheet(name, 0, "", known_as=student.known_as, marks=nothing)
    return absent
