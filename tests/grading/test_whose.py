"""Whatever a student calls a file, it stays that student's own, and came when it came."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.grading.identity import looks, told_apart, without_suffix
from tests.grading.submitted import hand_in
from tests.grading.test_submissions import found_in, zipped


def test_a_students_file_name_is_not_read_as_another_platforms(tmp_path: Path) -> None:
    for k, own in enumerate(
        (
            "x_1204_assignsubmission_file_00.ipynb",
            "x_viereve_attempt_2020-01-01-00-00-00_00.ipynb",
            "x_limei_attempt_2099-01-01-00-00-00_00.ipynb",
            "x_limei_1204_88_00.ipynb",
        )
    ):
        files = {"limei_1204_88_00.ipynb": b"mei", f"viereve_LATE_1399_99_{own}": b"eve"}
        found = found_in(zipped(tmp_path / f"{k}.zip", files), tmp_path / "to")
        assert [(s.student, s.known_as, s.late) for s in found] == [
            ("limei", "1204", False),
            ("viereve", "1399", True),
        ]


def test_on_blackboard_the_first_attempt_in_a_name_is_the_platforms(tmp_path: Path) -> None:
    files = {
        "HW_limei_attempt_2026-11-18-10-00-00_00.ipynb": b"mei",
        "HW_viereve_attempt_2026-11-18-11-00-00_x_limei_attempt_2099-01-01-00-00-00_00.ipynb": b"e",
    }
    found = found_in(zipped(tmp_path / "b.zip", files), tmp_path / "to")
    assert [(s.student, s.time) for s in found] == [
        ("limei", datetime(2026, 11, 18, 10)),
        ("viereve", datetime(2026, 11, 18, 11)),
    ]


def test_alone_in_the_pile_a_file_name_is_read_from_the_left_too(tmp_path: Path) -> None:
    for name, student in (
        ("Eve_78_assignsubmission_file_x_mei_attempt_2020-01-01-00-00-00_00.ipynb", "Eve"),
        ("HW_eve_attempt_2026-11-18-11-00-00_x_1204_assignsubmission_file_00.ipynb", "eve"),
        ("eve_13_99_x_mei_attempt_2020-01-01-00-00-00_00.ipynb", "eve"),
    ):
        (found,) = found_in(zipped(tmp_path / "o.zip", {name: b"e"}), tmp_path / "to")
        assert found.student == student


def test_underlines_in_titles_and_names_on_blackboard_mix_nobody_up(tmp_path: Path) -> None:
    time = "attempt_2026-11-18-10-00-00"
    files = {f"Week_4_mei_{name}_{time}_00.ipynb": name.encode() for name in ("li", "lin")}
    files[f"Week_4_bo_{time}_essay.pdf"] = b"%PDF"
    found = found_in(zipped(tmp_path / "b.zip", files), tmp_path / "to")
    assert [s.student for s in found] == ["bo", "mei_li", "mei_lin"]


def test_a_text_typed_on_moodle_is_the_same_students(tmp_path: Path) -> None:
    files = {
        "Mei_77_assignsubmission_file/00.ipynb": b"mei",
        "Mei_77_assignsubmission_onlinetext/onlinetext.html": b"hello",
        "Bo_78_assignsubmission_onlinetext/onlinetext.html": b"hello",
    }
    bo, mei = found_in(zipped(tmp_path / "m.zip", files), tmp_path / "to")
    assert (bo.student, bo.problem) == (
        "Bo",
        "no notebook 00-….ipynb was handed in, but onlinetext.html",
    )
    assert (mei.student, mei.read()) == ("Mei", b"mei")


@pytest.mark.parametrize("stamp", [b"2020-01-01 00:00:00", b"2020-01-01T00+01:00"])
def test_a_time_that_a_student_wrote_does_not_count(stamp: bytes, tmp_path: Path) -> None:
    files = {
        "Eve_78_assignsubmission_file/00.ipynb": b"eve",
        "Eve_78_assignsubmission_file/timestamp.txt": stamp,
        "Bo_79_assignsubmission_file/00.ipynb": b"bo",
    }
    found = found_in(zipped(tmp_path / "m.zip", files), tmp_path / "to")
    assert [s.time for s in found] == [datetime(2026, 11, 20, 12)] * 2
    for student in ("eve", "bo"):
        hand_in(tmp_path / "in", student, b"x", "ps1/00.ipynb")
    hand_in(tmp_path / "in", "eve", stamp, "ps1/timestamp.txt")
    found = found_in(tmp_path / "in", tmp_path / "to")
    assert all(s.time and s.time.year > 2025 for s in found)


def test_a_time_zone_in_nbgraders_file_is_left_out(tmp_path: Path) -> None:
    hand_in(tmp_path / "submitted", "anna", b"a", "ps1/00.ipynb")
    hand_in(tmp_path / "submitted", "anna", b"2026-11-20T15+01:00", "ps1/timestamp.txt")
    (anna,) = found_in(tmp_path, tmp_path.parent / "to")
    assert anna.time == datetime(2026, 11, 20, 15)


def test_nobody_takes_the_name_that_tells_two_others_apart(tmp_path: Path) -> None:
    files = {
        "Anna Li_77_assignsubmission_file/00.ipynb": b"1",
        "Anna Li_98_assignsubmission_file/00.ipynb": b"2",
        "Anna Li (77)_99_assignsubmission_file/00.ipynb": b"3",
    }
    found = found_in(zipped(tmp_path / "m.zip", files), tmp_path / "to")
    assert sorted(s.read() for s in found) == [b"1", b"2", b"3"]
    assert len({s.student for s in found}) == len({s.key for s in found}) == 3


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Anna", "Anna (1)", "Anna (1) (1)", "An\u200bna", "Anna\ufe0f"])
            | st.text("A\u0301\u3164 (1)", max_size=8),
            st.sampled_from(["", "1", "2", "1) (1"]),
        ),
        max_size=12,
    )
)
def test_no_two_students_look_the_same(students: list[tuple[str, str]]) -> None:
    shown = told_apart(students)
    assert len({looks(name) for name in shown.values()}) == len(set(students))


def test_names_that_only_a_computer_tells_apart_are_told_apart() -> None:
    students = [(f"Zo{e}", "") for e in ("\u00eb", "e\u0308", "\u00eb\ufe0f", "\u00eb\u3164")]
    shown = told_apart(students)
    assert len({looks(name) for name in shown.values()}) == 4
    assert {without_suffix(name, "") for name in list(shown.values())[:2]} == {"Zo\u00eb"}


def test_who_else_handed_in_does_not_change_a_students_key(tmp_path: Path) -> None:
    files = {"Anna Li_77_assignsubmission_file/00.ipynb": b"1"}
    (alone,) = found_in(zipped(tmp_path / "1.zip", files), tmp_path / "to")
    files["Anna Li_98_assignsubmission_file/00.ipynb"] = b"2"
    found = found_in(zipped(tmp_path / "2.zip", files), tmp_path / "to")
    assert alone.student == "Anna Li"
    assert {s.student: s.key for s in found}["Anna Li (77)"] == alone.key


@pytest.mark.parametrize("around", ["homework4", "submissions", "class-main/submitted"])
def test_a_folder_around_the_whole_class_is_taken_off(around: str, tmp_path: Path) -> None:
    files = {f"{around}/{name}/00.ipynb": name.encode() for name in ("anna", "bo", "cleo")}
    found = found_in(zipped(tmp_path / "a.zip", {f"{around}/": b"", **files}), tmp_path / "to")
    assert [s.student for s in found] == ["anna", "bo", "cleo"]


def test_a_folder_around_a_platforms_files_is_taken_off(tmp_path: Path) -> None:
    (mei,) = found_in(zipped(tmp_path / "c.zip", {"hw/limei_12_9_00.ipynb": b""}), tmp_path / "to")
    assert (mei.student, mei.known_as) == ("limei", "12")


def test_one_students_folder_with_an_assignments_is_one_student(tmp_path: Path) -> None:
    (anna,) = found_in(zipped(tmp_path / "a.zip", {"anna/ps1/00.ipynb": b""}), tmp_path / "to")
    assert anna.student == "anna"
