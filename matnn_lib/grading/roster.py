"""Who is in the class, as a list or as a learning platform's gradebook, and that gradebook filled.

From Canvas and Moodle the exported gradebook is both: the list of students, and the form in which
grades are taken back.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.sheet import Sheet, number

_CANVAS = ("Student", "ID", "Section")
_MOODLE = ("Identifier", "Full name", "Grade")
_PLAIN = ("student", "name", "Student", "Name", "id", "ID")


@dataclass(frozen=True)
class Student:
    """One line of a roster: a name, the platform's number, and the line itself."""

    name: str
    known_as: str
    row: Mapping[str, str]


@dataclass(frozen=True)
class Roster:
    """A class; `kind` is ``"canvas"``, ``"moodle"`` or ``"plain"``."""

    kind: str
    columns: tuple[str, ...]
    students: tuple[Student, ...]

    def find(self, name: str, known_as: str) -> Student | None:
        """Return the student whom a submission belongs to: by number, else by name."""
        if known_as:
            for student in self.students:
                if student.known_as == known_as:
                    return student
        wanted = _plain(name)
        found = [s for s in self.students if wanted in (_plain(s.name), _plain(s.known_as))]
        return found[0] if len(found) == 1 else None


def read(path: Path) -> Roster:
    """Return the class in a CSV file.

    Raises
    ------
    ValueError
        It has no column that names students, or names nobody.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = tuple(rows.fieldnames or ())
        lines = [{k: v or "" for k, v in row.items() if k in columns} for row in rows]
    if set(_CANVAS) <= set(columns):
        kind, name, known_as = "canvas", "Student", "ID"
        # Canvas writes a line of possible points, and a test student, among the students.
        lines = [row for row in lines if row["ID"].strip().isdigit()]
    elif set(_MOODLE) <= set(columns):
        kind, name, known_as = "moodle", "Full name", "Identifier"
    else:
        kind = "plain"
        name = next((column for column in _PLAIN if column in columns), "")
        known_as = next((column for column in ("id", "ID") if column in columns), "")
    students = tuple(
        Student(row[name].strip(), "".join(re.findall(r"\d+|^\D+$", row.get(known_as, ""))), row)
        for row in lines
        if name and row[name].strip()
    )
    if not students:
        raise ValueError(
            f"{path} names no student: it needs a column student, or is to come from "
            "the gradebook of Canvas (Student, ID, Section) or Moodle (Identifier, "
            "Full name, Grade)"
        )
    return Roster(kind, columns, students)


def _plain(name: str) -> str:
    """Return a name's letters and digits in lower case, in the order in which they stand."""
    spread = unicodedata.normalize("NFKD", name)
    return "".join(c for c in spread if c.isalnum()).casefold()


def split(roster: Roster | None, sheets: Iterable[Sheet]) -> tuple[list[Student], list[str]]:
    """Return who on the roster handed in nothing, and who handed in but is not on it."""
    if roster is None:
        return [], []
    met: set[int] = set()
    unknown: set[str] = set()
    for sheet in sheets:
        student = roster.find(sheet.student, sheet.known_as)
        if student is None:
            unknown.add(sheet.student)
        else:
            met.add(id(student))
    return [s for s in roster.students if id(s) not in met], sorted(unknown)


def write_back(roster: Roster, sheets: Sequence[Sheet], out: Path) -> Path | None:
    """Write the platform's gradebook with the points in it, to be uploaded.

    Return where it is, or None for a roster that is no platform's.
    """
    if roster.kind == "plain":
        return None
    chapters = sorted({sheet.chapter for sheet in sheets})
    by_line: dict[int, dict[int, Sheet]] = {}
    for sheet in sheets:
        student = roster.find(sheet.student, sheet.known_as)
        if student is not None:
            by_line.setdefault(id(student), {})[sheet.chapter] = sheet
    path = out / f"{roster.kind}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if roster.kind == "canvas":
            keep = [c for c in roster.columns if c in (*_CANVAS, "SIS User ID", "SIS Login ID")]
            writer.writerow([*keep, *(f"matnn chapter {chapter:02d}" for chapter in chapters)])
        else:
            keep = list(roster.columns)
            writer.writerow(keep)
        for student in roster.students:
            own = by_line.get(id(student), {})
            if roster.kind == "canvas":
                points = [number(own[c].points) if c in own else "0" for c in chapters]
                writer.writerow([*(_safe(student.row[c]) for c in keep), *points])
            else:
                row = {**student.row, "Grade": _moodle_grade(student.row, own)}
                writer.writerow([_safe(row[c]) for c in keep])
    return path


def _moodle_grade(row: Mapping[str, str], own: Mapping[int, Sheet]) -> str:
    """Return the share of all points, out of the maximum that the platform has set."""
    points, of = sum(s.points for s in own.values()), sum(s.of for s in own.values())
    try:
        most = float(row.get("Maximum Grade", "").replace(",", ".") or of)
    except ValueError:
        most = float(of)
    return number(points / of * most) if of else "0"


def _safe(text: str) -> str:
    try:
        float(text)
    except ValueError:
        return cell(text, 500)
    return clean(text)
