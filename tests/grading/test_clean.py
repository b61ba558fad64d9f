"""Names and texts of students are harmless where people and spreadsheets read them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matnn_lib.grading.clean import cell, clean
from matnn_lib.grading.page import file_name


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters(), max_size=300))
def test_no_control_direction_or_surrogate_character_is_left(text: str) -> None:
    result = clean(text)
    assert len(result) <= 200
    assert not {unicodedata.category(c) for c in result} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    result.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Zoë O'Neil", "Zoë O'Neil"),
        ("李明", "李明"),
        ("a\u202eb\u2066c", "abc"),
        ("a\x00\x1b[2Jb", "a[2Jb"),
        ("a\r\n\tb", "a b"),
        ("x\ud800y", "xy"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 3),
        ("zero\u200bwidth", "zerowidth"),
        ("n" * 300, "n" * 199 + "…"),
    ],
)
def test_text_is_shown_as_text(text: str, result: str) -> None:
    assert clean(text) == result


def test_lines_of_a_log_stay_lines() -> None:
    assert clean("a\r\nb\tc\x07", lines=True) == "a\nb    c"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r+", "\u202e=", "＝", "'"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert cell(start + "cmd|' /C calc'!A0").startswith("'")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_a_file_name_stays_in_its_folder(student: str) -> None:
    name = file_name(student, "0f3a")
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>|\0\n ')
    assert not name.startswith((".", "-"))
    assert name.endswith("-0f3a.html")
