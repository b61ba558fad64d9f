"""What an instructor and the students get to see, and what a person can still decide."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matnn_lib.cli import main
from matnn_lib.grading import assigned, class_page, tables
from matnn_lib.grading.plan import Plan
from matnn_lib.grading.sheet import Mark, Sheet
from tests.grading.submitted import RIGHT, WRONG, hand_in, notebook

PRIVATE = """
import numpy as np
from matnn_lib.exercises import Case, Exercise, Mistake

def sizes(rng):
    return (rng.uniform(1, 9, int(rng.integers(3, 6))),)

EXERCISES = (
    Exercise(id="00.8", level="core", minutes=5, kind="function", answer="total",
             cases=(Case("one", sizes), Case("two", sizes)), oracle=lambda x: np.sum(x),
             oracle_name="numpy.sum", mistakes=(Mistake("product", lambda x: np.prod(x)),)),
    Exercise(id="00.9", level="core", minutes=5, kind="text", answer="why",
             cases=(Case("the text", points=4),)),
)
"""
WORDS = """
["00.8"]
title = "A sum"
[ "00.8".mistakes ]
product = "that is the product"
["00.9"]
title = "Why?"
rubric = "4 points: because"
"""
TOTAL = "import math\ndef total(x):\n    return math.fsum(x)"


class Text(HTMLParser):
    """Checks that tags are closed, and collects what would be loaded or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "rect"):
            self.open.append(tag)
        names = {name for name, _ in attrs}
        if tag in ("script", "link", "img", "iframe", "object") or names & {
            "src",
            "href",
            "onload",
        }:
            self.foreign.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    parser = Text()
    parser.feed(text)
    assert parser.open == []
    assert parser.foreign == []
    return text


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["grade", *map(str, arguments)])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class graded with private exercises, a roster, a deadline and details."""
    root = tmp_path_factory.mktemp("class")
    text = "why = 'because <b>A</b> is =not= symmetric'"
    hand_in(root / "in", "anna", notebook(RIGHT, TOTAL, text))
    hand_in(root / "in", "bert", notebook(WRONG, TOTAL.replace("fsum", "prod")))
    hand_in(root / "in", "carl", notebook(WRONG, "why = '  '"))
    (root / "private.py").write_text(PRIVATE)
    (root / "private.toml").write_text(WORDS)
    (root / "roster.csv").write_text("student\nAnna\nBert\nDora\n")
    result = command(*graded(root))
    assert result.exit_code == 0, result.output
    assert "1 on the roster handed in nothing" in result.output
    assert "1 who handed in are not on the roster: carl" in result.output
    assert "1 texts wait to be marked" in result.output
    return root


def graded(root: Path, *more: object) -> list[object]:
    options: list[object] = [root / "in", "--out", root / "out", "--seed", 5, "--workers", 2]
    options += ["--exercises", root / "private.py", "--roster", root / "roster.csv", "--details"]
    return [*options, "--deadline", "2020-01-01", "--late", "5000:0.5", "--chapters", "00", *more]


def test_private_exercises_are_graded_with_the_public_ones(files: Path) -> None:
    found = {(r["student"], r["exercise"]): r for r in rows(files / "out" / "grades.csv")}
    assert found["anna", "00.8"]["points"] == "1"
    assert found["bert", "00.8"]["status"] == "wrong"
    assert found["bert", "00.8"]["hint"] == "that is the product"
    assert found["anna", "00.9"]["status"] == "to be marked"
    assert found["carl", "00.9"]["status"] == "wrong"
    assert found["bert", "00.9"]["status"] == "not answered"


def test_late_points_are_halved_in_the_open(files: Path) -> None:
    found = {(r["student"], r["exercise"]): r for r in rows(files / "out" / "grades.csv")}
    assert found["anna", "00.1"]["points"] == "2.5"
    assert re.fullmatch(r"\d+ days late: 5 × 0\.5 points", found["anna", "00.1"]["hint"])


def test_the_gradebook_has_a_row_a_student_and_zeros_for_the_absent(files: Path) -> None:
    book = {row["student"]: row for row in rows(files / "out" / "gradebook.csv")}
    assert list(book) == ["Dora", "anna", "bert", "carl"]
    assert (book["anna"]["points"], book["anna"]["of"]) == ("3.5", "11")
    assert (book["Dora"]["points"], book["Dora"]["of"]) == ("0", "11")
    assert int(book["bert"]["days late"]) > 2000


def test_a_feedback_page_tells_hint_and_details_and_loads_nothing(files: Path) -> None:
    (page,) = (files / "out" / "feedback").glob("bert-*.html")
    text = parsed(page)
    assert "your answer is 2.303 times too large" in text
    assert "your answer: " in text
    assert "expected: " in text
    (anna,) = (files / "out" / "feedback").glob("anna-*.html")
    assert "because &lt;b&gt;A&lt;/b&gt;" in parsed(anna)


def test_the_page_of_the_class_names_its_misconceptions(files: Path) -> None:
    text = parsed(files / "out" / "class.html")
    assert "natural logarithm" in text
    assert "2 students" in text
    assert "that is the product" in text
    assert text.count('<svg role="img"') == 3
    assert all(label for label in re.findall(r'aria-label="([^"]*)"', text))
    assert "The hidden inputs&#39; seed was 5" in text or "seed was 5" in text


def test_texts_are_marked_by_hand_and_merged_back(files: Path) -> None:
    (waiting,) = rows(files / "out" / "to-mark.csv")
    assert waiting["text"] == "because <b>A</b> is =not= symmetric"
    table = files / "marked.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, waiting)
        writer.writeheader()
        writer.writerow({**waiting, "points": "3", "comment": "well argued"})
    result = command("--out", files / "out", "--merge", table)
    assert result.exit_code == 0, result.output
    assert "1 decisions were taken over" in result.output
    found = {(r["student"], r["exercise"]): r for r in rows(files / "out" / "grades.csv")}
    assert (found["anna", "00.9"]["points"], found["anna", "00.9"]["status"]) == (
        "3",
        "marked by hand",
    )
    (page,) = (files / "out" / "feedback").glob("anna-*.html")
    assert "well argued" in parsed(page)
    assert not (files / "out" / "to-mark.csv").exists()


def test_points_set_by_hand_keep_their_reason_through_another_run(files: Path) -> None:
    table = files / "override.csv"
    table.write_text("student,exercise,points,comment\nbert,00.1,5,my mistake in the question\n")
    assert command("--out", files / "out", "--merge", table).exit_code == 0
    assert command(*graded(files)).exit_code == 0
    found = {(r["student"], r["exercise"]): r for r in rows(files / "out" / "grades.csv")}
    assert (found["bert", "00.1"]["points"], found["bert", "00.1"]["status"]) == (
        "5",
        "set by hand",
    )
    (page,) = (files / "out" / "feedback").glob("bert-*.html")
    assert "5 points, set by hand (judged before: 0): my mistake in the question" in parsed(page)


def test_a_regrade_of_one_exercise_leaves_the_others(files: Path, tmp_path: Path) -> None:
    changed = PRIVATE.replace("np.sum(x),", "2 * np.sum(x),")
    for name in ("in", "roster.csv", "private.toml"):
        (tmp_path / name).symlink_to(files / name)
    (tmp_path / "private.py").write_text(PRIVATE)
    assert command(*graded(tmp_path)).exit_code == 0
    before = {(r["student"], r["exercise"]): r for r in rows(tmp_path / "out" / "grades.csv")}
    (tmp_path / "private.py").write_text(changed)
    assert command(*graded(tmp_path, "--regrade", "00.1")).exit_code == 0
    after = {(r["student"], r["exercise"]): r for r in rows(tmp_path / "out" / "grades.csv")}
    assert after == before
    assert command(*graded(tmp_path, "--regrade", "00.8")).exit_code == 0
    after = {(r["student"], r["exercise"]): r for r in rows(tmp_path / "out" / "grades.csv")}
    assert after["anna", "00.8"]["points"] == "0"
    assert before.keys() == after.keys()
    result = command(*graded(tmp_path, "--regrade", "00.7"))
    assert result.exit_code == 1
    assert "no exercise '00.7'" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--late", "soon"], "--late is days and a factor"),
        (["--late", "3:1.5"], "--late is days and a factor"),
        (["--regrade", "00.1"], "is not the output of matnn grade"),
        (["--exercises", "missing.py"], "is needed for the private exercises"),
    ],
)
def test_options_that_mean_nothing_are_one_sentence(
    options: list[str], message: str, tmp_path: Path
) -> None:
    hand_in(tmp_path / "in", "anna", notebook(RIGHT))
    result = command(tmp_path / "in", "--out", tmp_path / "out", *options)
    assert result.exit_code == 1
    assert message in result.output


def test_merging_into_no_run_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("student,exercise,points\n")
    result = command("--out", tmp_path, "--merge", tmp_path / "m.csv")
    assert result.exit_code == 1
    assert "is not the output of matnn grade" in result.output


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (PRIVATE.replace("00.8", "00.1"), "same in Python and TOML"),
        (
            PRIVATE.replace('"total"', '"orders_of_magnitude"'),
            "have the answer orders_of_magnitude",
        ),
        (PRIVATE.replace("rng.uniform(1, 9", "sizes or (1, 9"), "can't be sent to a worker"),
    ],
)
def test_private_exercises_that_do_not_fit_are_refused(
    code: str, message: str, tmp_path: Path
) -> None:
    if "sizes or" in code:
        code = PRIVATE.replace("return (rng", "return (lambda: 0, rng")
    (tmp_path / "p.py").write_text(code)
    (tmp_path / "p.toml").write_text(WORDS)
    with pytest.raises(ValueError, match=message):
        assigned.exercises(Plan((0,), 0, private=str(tmp_path / "p.py")), 0)


def test_a_class_in_which_nobody_did_anything_has_a_page(tmp_path: Path) -> None:
    sheets = [Sheet("a", 0, "k", marks=(Mark("00.1", "One", 0, 5, "not answered"),))]
    class_page.write(sheets, ["b"], ["line"], ["layer"], 1, tmp_path / "c.html")
    text = parsed(tmp_path / "c.html")
    assert "No answer agrees with a known mistake." in text
    assert "0 % of the points in the median" in text


def test_a_table_whose_rows_break_off_leaves_the_one_before(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[str]]:
        yield ("1",)
        raise ValueError("no more")

    path = tmp_path / "new" / "table.csv"
    tables.write(path, ("a",), [("=x",), ("two\nlines",)])
    before = path.read_bytes()
    assert before == b'a\n=x\n"two\nlines"\n'
    with pytest.raises(ValueError, match="no more"):
        tables.write(path, ("a",), broken())
    assert {p: p.read_bytes() for p in path.parent.iterdir()} == {path: before}
