"""What a person should look at is found before a student's code runs, and costs nobody points."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from matnn_lib.exercises import all_exercises
from matnn_lib.grading import looks
from matnn_lib.grading.looks import Facts, Looks
from matnn_lib.grading.sheet import Mark, Sheet
from matnn_lib.grading.worker.facts import facts
from tests.grading.submitted import hand_in, notebook

LONG = """
def answer(norms):
    '''A text.'''
    total = 0.0
    for index in range(len(norms) - 1):
        before, after = norms[index], norms[index + 1]
        if before > 0 and after > 0:
            total = total + math.log10(after) - math.log10(before)
        else:
            total = total + 0.5 * (after - before) ** 2
    return total / (1 + abs(total - norms[0]))
"""
RENAMED = """
def answer(sizes):
    # My own work!
    result = 0.0

    for k in range(len(sizes) - 1):
        a, b = sizes[k], sizes[k + 1]
        if a > 0 and b > 0:
            result = result + math.log10(b) - math.log10(a)
        else:
            result = result + 0.5 * (b - a) ** 2
    return result / (1 + abs(result - sizes[0]))
"""
OTHER = """
def answer(norms):
    logs = [math.log(n, 10) if n else 0 for n in norms]
    steps = zip(logs, logs[1:])
    found = sum(b - a for a, b in steps)
    while found > 1000:
        found /= 10
    return {True: found, False: -found}[len(logs) > 1]
"""


def prints(source: str) -> set[object]:
    return set(facts([source], ["answer"])["answer"]["prints"])


def test_a_fingerprint_survives_other_names_comments_and_layout() -> None:
    assert prints(LONG) == prints(RENAMED)
    assert len(prints(LONG)) >= 12


def test_other_work_has_another_fingerprint() -> None:
    common = prints(LONG) & prints(OTHER)
    assert len(common) < 0.3 * len(prints(OTHER))


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("import numpy as np\ndef answer(x): return np.linalg.norm(x)", ["numpy.linalg.norm"]),
        ("from numpy.linalg import norm as n\ndef answer(x): return n(x)", ["numpy.linalg.norm"]),
        (
            "import scipy.linalg\ndef answer(x): return scipy.linalg.svdvals(x)",
            ["scipy.linalg.svdvals"],
        ),
        ("def answer(x): return x.sum() + f(x)[0]()", ["f", "x.sum"]),
        ("def answer(x):\n    from math import hypot\n    return hypot(*x)", ["math.hypot"]),
        ("answer = len", []),
    ],
)
def test_calls_are_named_by_where_they_are_from(source: str, calls: list[str]) -> None:
    assert facts([source], ["answer"])["answer"]["calls"] == calls


def test_the_last_definition_counts_and_broken_cells_do_not() -> None:
    found = facts(["def answer(x): return f(x)", "def", "def answer(x): return g(x)"], ["answer"])
    assert found["answer"]["calls"] == ["g"]
    assert facts(["-" * 100_000 + "1"], ["answer"]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "[]",
        '{"a": 3}',
        '{"a": {"calls": [], "prints": ["x"]}}',
        "[" * 100_000,
        '{"a": {}}',
    ],
)
def test_facts_in_another_form_are_none(text: str) -> None:
    assert looks.decoded(text) == {}


def test_facts_are_bounded_and_clean() -> None:
    text = '{"a": {"calls": ["\\u202ef\\u001b"], "prints": [-1, 5]}}'
    assert looks.decoded(text) == {"a": Facts(("f",), (0xFFFFFFFF, 5))}


def sheet(student: str, numbers: set[object], calls: str = "", points: float = 1) -> Sheet:
    mark = Mark("00.1", "One", points, 1, "right", calls=calls, prints=tuple(numbers))  # type: ignore[arg-type]
    return Sheet(student, 0, student, marks=(mark,))


def rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def test_two_who_share_what_nobody_else_has_are_listed(tmp_path: Path) -> None:
    found = Looks()
    for student, source in (("anna", LONG), ("bert", RENAMED), ("carl", OTHER)):
        found.add(sheet(student, prints(source)))
    assert found.write(tmp_path / "l.csv") == 1
    same = "100% of the two answers is the same"
    assert rows(tmp_path / "l.csv") == [("00.1", "anna", "bert", same)]


def test_what_many_write_is_how_it_is_written(tmp_path: Path) -> None:
    found = Looks()
    for number in range(9):
        found.add(sheet(f"s{number}", prints(LONG)))
    (tmp_path / "l.csv").write_text("old")
    assert found.write(tmp_path / "l.csv") == 0
    assert not (tmp_path / "l.csv").exists()


def test_short_answers_may_be_alike(tmp_path: Path) -> None:
    found = Looks()
    for student in ("anna", "bert"):
        found.add(sheet(student, prints("def answer(x):\n    return x[0] - x[1]")))
    assert found.write(tmp_path / "l.csv") == 0


def test_in_a_graded_class_calls_and_copies_are_listed_and_cost_nothing(tmp_path: Path) -> None:
    exercise = next(e for e in all_exercises() if e.oracle_name == "numpy.linalg.cond")
    left = "max(0.0, 16 - np.log10(np.linalg.cond(A)))"
    call = f"import numpy as np\ndef {exercise.answer}(A):\n    return {left}"
    options = ["--out", str(tmp_path / "out"), "--chapters", f"{exercise.chapter:02d}"]
    name = f"{exercise.chapter:02d}-x.ipynb"
    hand_in(tmp_path / "in", "anna", notebook(call), name)
    result = CliRunner().invoke(main, ["grade", str(tmp_path / "in"), *options])
    assert result.exit_code == 0, result.output
    assert "should be looked at" in result.output
    (row,) = [r for r in rows(tmp_path / "out" / "to-look-at.csv") if r[0] == exercise.id]
    assert row[1:] == ("anna", "", "calls numpy.linalg.cond, which the answer is judged by")
    grades = {r[1]: r for r in rows(tmp_path / "out" / "grades.csv")}
    assert float(grades[exercise.id][2]) > 0
