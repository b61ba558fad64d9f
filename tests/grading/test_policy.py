"""Lateness and decisions change points in the open: what was, what is, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from matnn_lib.grading import decisions, sheet
from matnn_lib.grading.decisions import Decision
from matnn_lib.grading.policy import LatePolicy
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
    given = {("anna", "00.1"): Decision(5, "the question was unclear")}
    decided = decisions.decided(SHEET, given)
    mark = decided.marks[0]
    assert (mark.points, mark.status) == (5, "set by hand")
    assert mark.note == "5 points, set by hand (judged before: 4): the question was unclear"
    assert decided.marks[1] == SHEET.marks[1]


def test_a_text_is_marked_by_hand() -> None:
    mark = decisions.decided(SHEET, {("anna", "00.2"): Decision(2.5, "")}).marks[1]
    assert (mark.points, mark.status) == (2.5, "marked by hand")


def test_points_for_a_text_are_not_another_texts() -> None:
    text = {("anna", "00.2"): Decision(2.5, "", decisions.version("because"))}
    assert decisions.decided(SHEET, text).points == 6.5
    for changed in (replace(MARKS[1], text="why not"), replace(MARKS[1], text="", status="wrong")):
        again = replace(SHEET, marks=(MARKS[0], changed))
        assert decisions.decided(again, text) == again


def test_a_single_point_is_a_point() -> None:
    mark = decisions.decided(SHEET, {("anna", "00.2"): Decision(1, "")}).marks[1]
    assert mark.note == "1 point, set by hand"


def test_points_for_a_text_keep_its_version(tmp_path: Path) -> None:
    given = {("anna", "00.2"): Decision(1, ""), ("anna", "00.1"): Decision(1, "why")}
    checked = decisions.checked(given, [SHEET], tmp_path)
    assert checked["anna", "00.2"].version == decisions.version("because")
    assert checked["anna", "00.1"].version == ""
    old = {("anna", "00.2"): Decision(1, "", decisions.version("before"))}
    with pytest.raises(ValueError, match="has changed since the table was written"):
        decisions.checked(old, [SHEET], tmp_path)


def test_two_rows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("student,exercise,points,comment\nanna,00.1,1,x\nanna,00.1,4,y\n")
    with pytest.raises(ValueError, match=r"line 3: anna has other points in 00.1 further up"):
        decisions.read(path)


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
        decisions.checked(decisions.read(path), [SHEET], path)


def test_decisions_are_kept_and_read_back(tmp_path: Path) -> None:
    given = {
        ("anna", "00.1"): Decision(4.5, 'a "reason", with a comma'),
        ("=evil", "00.2"): Decision(0, ""),
    }
    decisions.write(tmp_path / "d.csv", given)
    assert decisions.read(tmp_path / "d.csv") == given


def test_rows_without_points_are_not_decided_yet_and_columns_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("student,exercise,points\nanna,00.2,\nanna,00.1, \n")
    assert decisions.read(path) == {}
    path.write_text("name,exercise\n")
    with pytest.raises(ValueError, match="lacks the column points, student"):
        decisions.read(path)


def test_a_sheet_is_read_back_as_it_was(tmp_path: Path) -> None:
    full = replace(SHEET, troubles=("t",), layers=("a", "b"), log="x\ny")
    full = replace(full, marks=(replace(MARKS[0], cases=(("c", ""),), details=("d",)), MARKS[1]))
    sheet.write(tmp_path, full)
    assert sheet.read(tmp_path, "k") == full
    assert sheet.read(tmp_path, "other") is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"marks": [{}]}', '{"marks": 1}', "null"])
def test_a_damaged_sheet_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text(content)
    assert sheet.read(tmp_path, "k") is None
