"""Everyone on the roster gets their own points, or a person is told why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matnn_lib.grading import matching, roster, tables, upload
from matnn_lib.grading.matching import Matched
from matnn_lib.grading.roster import Roster
from matnn_lib.grading.sheet import Mark, Sheet

MARKS = (Mark("00.1", "One", 4, 5, "partly right"), Mark("00.2", "Two", 0, 3, "to be marked"))
SHEET = Sheet("anna", 0, "k", "00.ipynb", "12", "2026-11-20T12:00:00", marks=MARKS)
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Old (3),Final Score
    Points Possible,,,,,10,
"Li, Anna",12,s12,anna,A,7,70
"Ng, Bo",13,s13,bo,A,,
"Student, Test",3000,,0a1b,A,,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)
Participant 12,Anna Li,a@x,Submitted,,20.00,-
Participant 13,Bo Ng,b@x,No submission,,20.00,-
"""


def enrolled(folder: Path, text: str) -> Roster:
    (folder / "r.csv").write_text(text, encoding="utf-8")
    return roster.read(folder / "r.csv")


def filled(folder: Path, text: str, *sheets: Sheet, column: str = "") -> list[str]:
    """Return the lines of the platform's gradebook."""
    known = enrolled(folder, text)
    matched = matching.match(known, sheets)
    absent = matching.absent_sheets(known, matched, sheets)
    path = upload.write(known, matched, absent, sheets, folder, column)
    return path.read_text().splitlines() if path else []


def matched(folder: Path, text: str, *sheets: Sheet) -> Matched:
    return matching.match(enrolled(folder, text), sheets)


def test_a_canvas_gradebook_is_filled(tmp_path: Path) -> None:
    assert filled(tmp_path, CANVAS, SHEET) == [
        "Student,ID,SIS User ID,SIS Login ID,Section,matnn chapter 00",
        "    Points Possible,,,,,8",
        '"Li, Anna",12,s12,anna,A,4',
        '"Ng, Bo",13,s13,bo,A,0',
    ]


@pytest.mark.parametrize("column", ["Old", "Old (3)"])
def test_an_assignments_column_is_filled_to_its_own_maximum(column: str, tmp_path: Path) -> None:
    assert filled(tmp_path, CANVAS, SHEET, column=column) == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Old (3)",
        "    Points Possible,,,,,10",
        '"Li, Anna",12,s12,anna,A,5',
        '"Ng, Bo",13,s13,bo,A,0',
    ]


@pytest.mark.parametrize("column", ["New", "ID"])
def test_a_column_that_is_no_assignments_is_one_sentence(column: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=column):
        filled(tmp_path, CANVAS, SHEET, column=column)
    with pytest.raises(ValueError, match="--column names a column of a roster that Canvas"):
        filled(tmp_path, MOODLE, SHEET, column=column)


def test_a_column_that_canvas_made_of_an_upload_is_filled_again(tmp_path: Path) -> None:
    text = CANVAS.replace("Old (3)", "matnn chapter 00 (5678)")
    assert filled(tmp_path, text, SHEET)[0].endswith(",matnn chapter 00 (5678)")


def test_a_moodle_gradebook_is_filled_to_its_own_maximum(tmp_path: Path) -> None:
    lines = filled(tmp_path, MOODLE, SHEET)
    assert lines[1] == "Participant 12,Anna Li,a@x,Submitted,10,20.00,-"
    assert lines[2] == "Participant 13,Bo Ng,b@x,No submission,0,20.00,-"


def test_the_table_of_an_earlier_roster_is_taken_away(tmp_path: Path) -> None:
    filled(tmp_path, MOODLE, SHEET)
    filled(tmp_path, CANVAS, SHEET)
    assert not (tmp_path / "moodle.csv").exists()
    assert filled(tmp_path, "student\nanna\n", SHEET) == []
    assert not (tmp_path / "canvas.csv").exists()


def test_absent_and_unknown_students_are_found(tmp_path: Path) -> None:
    found = matched(
        tmp_path, "student\nAnna\nBo\n", SHEET, replace(SHEET, student="eve", known_as="")
    )
    assert (found.absent, found.unknown, found.unclear) == ([1], ["eve"], [])


def test_a_student_is_known_by_number_before_name(tmp_path: Path) -> None:
    known = enrolled(tmp_path, CANVAS)
    assert [student.name for student in known.students] == ["Li, Anna", "Ng, Bo"]
    assert known.by_number("13") == [1]
    assert known.by_name("lianna", "") == [0]
    # In Canvas's own gradebook another number is another person, whatever the name.
    assert known.by_name("lianna", "99") == []
    anna, eve = replace(SHEET, student="x"), replace(SHEET, student="lianna", known_as="")
    found = matching.match(known, [anna, eve])
    assert (found.lines[0][0].student, found.unknown) == ("x", ["lianna"])


def test_two_of_one_name_are_neither_absent_nor_mixed_up(tmp_path: Path) -> None:
    twins = [replace(SHEET, student=f"Anna Li ({k})", known_as=str(k)) for k in (77, 98)]
    found = matched(tmp_path, "student\nAnna Li\nBo\n", *twins)
    assert (found.lines, found.absent, found.unknown) == ({}, [1], [])
    assert found.unclear == ["Anna Li on the roster may be Anna Li (77) or Anna Li (98)"]
    # One of them alone is known without what tells them apart.
    assert matched(tmp_path, "student\nAnna Li\n", twins[0]).lines[0][0].known_as == "77"


def test_one_who_may_be_two_on_the_roster_is_told(tmp_path: Path) -> None:
    found = matched(tmp_path, "name,id\nAnna Li,1\nAnna Li,2\n", replace(SHEET, student="Anna Li"))
    assert (found.absent, found.unknown) == ([], [])
    assert found.unclear == ["Anna Li may be 2 on the roster: Anna Li and Anna Li"]


def test_a_line_that_is_not_clear_keeps_what_the_platform_has(tmp_path: Path) -> None:
    two = [replace(SHEET, student=name, known_as="") for name in ("li anna", "Li-Anna")]
    assert filled(tmp_path, CANVAS, *two)[2] == '"Li, Anna",12,s12,anna,A,'
    assert filled(tmp_path, CANVAS, *two, column="Old")[2] == '"Li, Anna",12,s12,anna,A,7'


def test_the_same_line_twice_is_one_student(tmp_path: Path) -> None:
    found = matched(tmp_path, "student\nanna\nAnna\nbo\nbo\n", SHEET)
    assert (len(found.lines), found.absent, found.unknown) == (1, [1], [])


def test_absent_students_have_a_sheet_under_a_name_of_their_own(tmp_path: Path) -> None:
    known = enrolled(tmp_path, 'Student,ID,Section\n"Li, Mei",12,A\n"Ng, Bo",13,A\n')
    eve = replace(SHEET, student="Li, Mei", known_as="99")
    sheets = matching.absent_sheets(known, matching.match(known, [eve]), [eve])
    assert [s.student for s in sheets.values()] == ["Li, Mei (12)", "Ng, Bo"]
    assert [(m.points, m.of, m.status) for m in sheets[1].marks] == [
        (0, 5, "not handed in"),
        (0, 3, "not handed in"),
    ]


def test_formulas_in_a_gradebook_are_neutralised(tmp_path: Path) -> None:
    lines = filled(tmp_path, 'Student,ID,Section\n"=cmd|x",12,-1\n', SHEET)
    assert lines[1] == "'=cmd|x,12,-1,4"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "student\n\n"])
def test_a_roster_that_names_nobody_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names no student"):
        enrolled(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_are_read_as_spreadsheets_write_them(
    encoding: str, separator: str, tmp_path: Path
) -> None:
    text = f"student{separator}id\r\nMüller{separator}7\r\n"
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    (student,) = roster.read(tmp_path / "r.csv").students
    assert (student.name, student.known_as) == ("Müller", "7")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"student\n" + b"x" * 10_000_001, "field larger than field limit"),
        (b"student\na\0b\n", "is not a table of text"),
        (b"student,student\na,b\n", "has the column 'student' twice"),
        (b"\xff\xfea", "is not a table of text"),
    ],
)
def test_what_is_no_table_is_one_sentence(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        tables.read(tmp_path / "r.csv")
