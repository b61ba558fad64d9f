"""What a later run, a mark anew or a decision leaves as it was."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matnn_lib.cli import main
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook
from tests.grading.test_results import PRIVATE, WORDS

CANVAS = 'Student,ID,Section\n"Li, Anna",12,A\n"Ng, Bo",13,A\n"Ax, Zoe",14,A\n'


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["grade", *map(str, arguments)])


def done(*arguments: object) -> str:
    result = command(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def points(out: Path) -> dict[str, str]:
    with (out / "gradebook.csv").open(newline="", encoding="utf-8") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run on files from Canvas, late by a policy, with private exercises and a roster."""
    hand_in(tmp_path / "in", "", notebook(RIGHT, "why = 'because'"), "lianna_LATE_12_5_00.ipynb")
    hand_in(tmp_path / "in", "", notebook(WRONG, "why = 'it is so'"), "ngbo_13_6_00.ipynb")
    (tmp_path / "mine.py").write_text(PRIVATE)
    (tmp_path / "mine.toml").write_text(WORDS)
    (tmp_path / "roster.csv").write_text(CANVAS)
    options = ["--chapters", "00", "--seed", 1, "--variant", 3, "--exercises", tmp_path / "mine.py"]
    options += ["--roster", tmp_path / "roster.csv", "--late", "2:0.5", "--workers", 2]
    output = done(tmp_path / "in", "--out", tmp_path / "out", *options)
    assert "1 on the roster handed in nothing and get 0 points: Ax, Zoe" in output
    assert "Ax, Zoe" in (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    return tmp_path


def test_a_mark_anew_keeps_options_and_everyone_elses_marks(run: Path) -> None:
    before = {name: (run / "out" / name).read_bytes() for name in ("gradebook.csv", "canvas.csv")}
    assert points(run / "out") == {"lianna": "2.5", "ngbo": "0", "Ax, Zoe": "0"}
    appeal = run / "appeal"
    appeal.mkdir()
    shutil.copy(run / "in" / "lianna_LATE_12_5_00.ipynb", appeal)
    done(appeal, "--out", run / "out", "--regrade", "00.1")
    assert {name: (run / "out" / name).read_bytes() for name in before} == before
    done(run / "in", "--out", run / "out", "--regrade", "00.1", "--late", "2:0.2")
    assert points(run / "out")["lianna"] == "1"
    hand_in(run / "other", "eve", notebook(RIGHT))
    result = command(run / "other", "--out", run / "out", "--regrade", "00.1")
    assert result.exit_code == 1
    assert "eve's notebook of chapter 00 is not in the run" in result.output


def test_texts_are_listed_in_order_with_rubric_and_lose_points_with_their_text(run: Path) -> None:
    table = run / "out" / "to-mark.csv"
    with table.open(newline="", encoding="utf-8") as file:
        waiting = list(csv.DictReader(file))
    assert [(row["student"], row["exercise"]) for row in waiting] == [
        ("lianna", "00.9"),
        ("ngbo", "00.9"),
    ]
    assert {row["rubric"] for row in waiting} == {"4 points: because"}
    given = run / "given.csv"
    given.write_text("student,exercise,points,comment\nngbo,00.9,3,good\n", encoding="utf-8")
    done("--out", run / "out", "--merge", given)
    assert points(run / "out")["ngbo"] == "3"
    hand_in(run / "in", "", notebook(WRONG, "why = 'or not'"), "ngbo_13_7_00-1.ipynb")
    options = ["--chapters", "00", "--seed", 1, "--variant", 3, "--exercises", run / "mine.py"]
    output = done(run / "in", "--out", run / "out", *options)
    assert "Notebooks not graded, as earlier attempts or of another chapter: 1" in output
    assert points(run / "out")["ngbo"] == "0"
    assert "or not" in table.read_text(encoding="utf-8")
    # This run was told of no roster.
    assert not (run / "out" / "canvas.csv").exists()


def test_an_absent_student_can_be_given_points(run: Path) -> None:
    given = run / "given.csv"
    given.write_text('student;exercise;points;comment\n"Ax, Zoe";00.1;2,5;was ill\n', "cp1252")
    done("--out", run / "out", "--merge", given)
    assert points(run / "out")["Ax, Zoe"] == "2.5"
    assert '"Ax, Zoe",14,A,2.5' in (run / "out" / "canvas.csv").read_text(encoding="utf-8")


def test_a_damaged_sheet_is_named(run: Path) -> None:
    sheet = next((run / "out" / "sheets").glob("*.json"))
    sheet.write_text("")
    given = run / "given.csv"
    given.write_text("student,exercise,points\n")
    result = command("--out", run / "out", "--merge", given)
    assert result.exit_code == 1
    assert f"{sheet} is damaged" in result.output


def test_results_do_not_go_among_the_submissions(tmp_path: Path) -> None:
    hand_in(tmp_path, "anna", notebook(RIGHT))
    for out in (tmp_path, tmp_path / "graded"):
        result = command(tmp_path, "--out", out, "--chapters", "00")
        assert result.exit_code == 1
        assert "lies among the submissions" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["anna"]


@pytest.mark.parametrize("time", ["2019-11-20T23:59", "2019-11-20 23:59", "2019-11-20"])
def test_a_deadline_has_minutes(time: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    result = command(tmp_path / "in", "--out", tmp_path / "out", "--deadline", time)
    assert "there is no notebook here" in result.output
