"""Who is in the class, as a list or as a learning platform's gradebook.

From Canvas and Moodle the exported gradebook is both: the list of students, and the form in which
grades are taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matnn_lib.grading import tables
from matnn_lib.grading.identity import without_suffix

CANVAS = ("Student", "ID", "Section")
MOODLE = ("Identifier", "Full name", "Grade")
_PLAIN = ("student", "name", "Student", "Name", "id", "ID")
_POSSIBLE = "points possible"
_TEST_STUDENT = "studenttest"


@dataclass(frozen=True)
class Student:
    """One line of a roster: a name, the platform's number, and the line itself."""

    name: str
    known_as: str
    row: Mapping[str, str]


@dataclass(frozen=True)
class Roster:
    """A class; `kind` is ``"canvas"``, ``"moodle"`` or ``"plain"``.

    `possible` is the line in which Canvas says how many points a column has.
    """

    kind: str
    columns: tuple[str, ...]
    students: tuple[Student, ...]
    possible: Mapping[str, str] = field(default_factory=dict)

    def by_number(self, known_as: str) -> list[int]:
        """Return the lines that have this number."""
        return [k for k, s in enumerate(self.students) if known_as and s.known_as == known_as]

    def by_name(self, name: str, known_as: str) -> list[int]:
        """Return the lines that may be meant by a name as the pile shows it.

        In a platform's own gradebook whoever has another number is somebody else.
        """
        if known_as and self.kind != "plain":
            return []
        for wanted in map(_plain, (name, without_suffix(name, known_as))):
            lines = [
                k
                for k, s in enumerate(self.students)
                if wanted and wanted in (_plain(s.name), _plain(s.known_as))
            ]
            if lines:
                return lines
        return []


def read(path: Path) -> Roster:
    """Return the class in a CSV file.

    Raises
    ------
    ValueError
        It has no column that names students, or names nobody.
    """
    table = tables.read(path)
    columns, lines = table.columns, [row for _, row in table.rows]
    possible: Mapping[str, str] = {}
    if set(CANVAS) <= set(columns):
        kind, name, known_as = "canvas", "Student", "ID"
        possible = next((r for r in lines if r[name].strip().casefold() == _POSSIBLE), {})
        lines = [row for row in lines if row["ID"].strip().isdigit() and not _is_test(row)]
    elif set(MOODLE) <= set(columns):
        kind, name, known_as = "moodle", "Full name", "Identifier"
    else:
        kind = "plain"
        name = next((column for column in _PLAIN if column in columns), "")
        known_as = next((column for column in ("id", "ID") if column in columns), "")
    students = [
        Student(row[name].strip(), "".join(re.findall(r"\d+|^\D+$", row.get(known_as, ""))), row)
        for row in lines
        if name and row[name].strip()
    ]
    if not students:
        raise ValueError(
            f"{path} names no student: it needs a column student, or is to come from "
            "the gradebook of Canvas (Student, ID, Section) or Moodle (Identifier, "
            "Full name, Grade)"
        )
    return Roster(kind, columns, tuple(_once(students)), possible)


def _is_test(row: Mapping[str, str]) -> bool:
    """Return whether a line is the student that Canvas has for trying things out."""
    return _plain(row["Student"]) == _TEST_STUDENT and not row.get("SIS User ID", "").strip()


def _once(students: Sequence[Student]) -> list[Student]:
    """Leave out a line that says again what another one said: name and number are the same."""
    return list({(_plain(s.name), s.known_as): s for s in reversed(students)}.values())[::-1]


def _plain(name: str) -> str:
    """Return a name's letters and digits in lower case, in the order in which they stand."""
    spread = unicodedata.normalize("NFKD", name)
    return "".join(c for c in spread if c.isalnum()).casefold()
