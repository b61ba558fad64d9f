"""Lateness and decisions change points in the open: what was, what is, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from matnn_lib.grading import policy, roster, sheet
from matnn_lib.grading.policy import Decision, LatePolicy
from matnn_lib.grading.sheet import Mark, Sheet

MARKS = (
    Mark("00.1", "One", 4, 5, "partly right", reason="half"),
    Mark("00.2", "Two", 0, 3, "to be marked", text="because"),
)
SHEET = Sheet("anna", 0, "k", "00.ipynb", "12", "2026-11-20T12:00:00", marks=MARKS)


@pytest.mark.parametrize(
    ("deadline", "days", "points"),
    [
        ("2026-11-20T12:00:00", 0, 4.0),
        ("2026-11-20T11:59:59", 1, 3.0),
        ("2026-11-19T12:00:00", 1, 3.0),
        ("2026-11-19T11:00:00", 2, 3.0),
        ("2026-11-18T11:59:00", 3, 0.0),
        ("2026-12-01T00:00:00", 0, 4.0),
    ],
)
def test_begun_days_count_and_after_the_last_nothing_is_left(
    deadline: str, days: int, points: float
) -> None:
    late = LatePolicy(datetime.fromisoformat(deadline), days=2, factor=0.75).applied(SHEET)
    assert (late.late_days, late.marks[0].points) == (days, points)
    assert ("late" in late.marks[0].note) == (points < 4)


def test_without_a_policy_late_is_only_said() -> None:
    late = LatePolicy(datetime(2026, 11, 1)).applied(SHEET)
    assert (late.late_days, late.points) == (20, 4)


def test_what_the_platform_calls_late_is_a_day_late() -> None:
    late = LatePolicy(None, 2, 0.5).applied(replace(SHEET, late=True))
    assert (late.late_days, late.marks[0].points) == (1, 2.0)
    assert LatePolicy(None, 2, 0.5).applied(replace(SHEET, late=True, notebook="")).late_days == 0


def test_a_decision_is_final_and_says_what_was_before() -> None:
    decisions = {("anna", "00.1"): Decision(5, "the question was unclear")}
    decided = policy.decided(SHEET, decisions)
    mark = decided.marks[0]
    assert (mark.points, mark.status) == (5, "set by hand")
    assert mark.note == "5 points, set by hand (judged before: 4): the question was unclear"
    assert decided.marks[1] == SHEET.marks[1]


def test_a_text_is_marked_by_hand() -> None:
    mark = policy.decided(SHEET, {("anna", "00.2"): Decision(2.5, "")}).marks[1]
    assert (mark.points, mark.status) == (2.5, "marked by hand")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nobody,00.1,1,why", "no mark of 'nobody'"),
        ("anna,00.9,1,why", "no mark of 'anna' in '00.9'"),
        ("anna,00.1,6,why", "can have 0 to 5 points"),
        ("anna,00.1,-1,why", "can have 0 to 5 points"),
        ("anna,00.1,nan,why", "can have 0 to 5 points"),
        ("anna,00.1,many,why", "line 2: 'many' is not a number"),
        ("anna,00.1,5,", "give the reason"),
    ],
)
def test_a_decision_that_can_not_be_is_refused(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"student,exercise,points,comment\n{line}\n")
    with pytest.raises(ValueError, match=message):
        policy.check(policy.read(path), [SHEET], path)


def test_decisions_are_kept_and_read_back(tmp_path: Path) -> None:
    decisions = {
        ("anna", "00.1"): Decision(4.5, 'a "reason", with a comma'),
        ("=evil", "00.2"): Decision(0, ""),
    }
    policy.write(tmp_path / "d.csv", decisions)
    assert policy.read(tmp_path / "d.csv") == decisions


def test_rows_without_points_are_not_decided_yet_and_columns_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("student,exercise,points\nanna,00.2,\nanna,00.1, \n")
    assert policy.read(path) == {}
    path.write_text("name,exercise\n")
    with pytest.raises(ValueError, match="lacks the column points, student"):
        policy.read(path)


def test_a_sheet_is_read_back_as_it_was(tmp_path: Path) -> None:
    full = replace(SHEET, troubles=("t",), layers=("a", "b"), log="x\ny")
    full = replace(full, marks=(replace(MARKS[0], cases=(("c", ""),), details=("d",)), MARKS[1]))
    sheet.write(tmp_path, full)
    assert sheet.read(tmp_path, "k") == full
    assert sheet.read(tmp_path, "other") is None


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Old (3),Final Score
    Points Possible,,,,,10,
"Li, Anna",12,s12,anna,A,7,70
"Ng, Bo",13,s13,bo,A,,
"Student, Test",,,,A,,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade
Participant 12,Anna Li,a@x,Submitted,,20.00
Participant 13,Bo Ng,b@x,No submission,,20.00
"""


def test_a_canvas_gradebook_is_filled(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CANVAS)
    enrolled = roster.read(tmp_path / "c.csv")
    assert [student.name for student in enrolled.students] == ["Li, Anna", "Ng, Bo"]
    path = roster.write_back(enrolled, [SHEET], tmp_path)
    assert path is not None
    assert path.read_text().splitlines() == [
        "Student,ID,SIS User ID,SIS Login ID,Section,matnn chapter 00",
        '"Li, Anna",12,s12,anna,A,4',
        '"Ng, Bo",13,s13,bo,A,0',
    ]


def test_a_moodle_gradebook_is_filled_to_its_own_maximum(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(MOODLE)
    path = roster.write_back(roster.read(tmp_path / "m.csv"), [SHEET], tmp_path)
    assert path is not None
    lines = path.read_text().splitlines()
    assert lines[1] == "Participant 12,Anna Li,a@x,Submitted,10,20.00"
    assert lines[2] == "Participant 13,Bo Ng,b@x,No submission,0,20.00"


def test_absent_and_unknown_students_are_found(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("student\nAnna\nBo\n")
    enrolled = roster.read(tmp_path / "r.csv")
    absent, unknown = roster.split(enrolled, [SHEET, replace(SHEET, student="eve", known_as="")])
    assert [student.name for student in absent] == ["Bo"]
    assert unknown == ["eve"]
    assert roster.write_back(enrolled, [SHEET], tmp_path) is None


def test_a_student_is_known_by_number_before_name(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CANVAS)
    enrolled = roster.read(tmp_path / "c.csv")
    by_number, by_name = enrolled.find("somebody else", "13"), enrolled.find("lianna", "")
    assert by_number is not None
    assert by_name is not None
    assert (by_number.name, by_name.name) == ("Ng, Bo", "Li, Anna")
    assert enrolled.find("eve", "99") is None


def test_formulas_in_a_gradebook_are_neutralised(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text('Student,ID,Section\n"=cmd|x",12,-1\n')
    path = roster.write_back(roster.read(tmp_path / "c.csv"), [SHEET], tmp_path)
    assert path is not None
    assert path.read_text().splitlines()[1] == "'=cmd|x,12,-1,4"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "student\n\n"])
def test_a_roster_that_names_nobody_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(ValueError, match="names no student"):
        roster.read(tmp_path / "r.csv")
