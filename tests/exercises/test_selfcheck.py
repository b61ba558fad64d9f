"""In self-study a learner reads sentences, whatever their code does."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from matnn_lib.exercises import all_exercises, chapters, check, given, load, options, progress
from matnn_lib.exercises.feedback import show


def right(norms: Any) -> Any:
    return np.log10(norms[-1]) - np.log10(norms[0])


def wrong(norms: Any) -> Any:
    return np.log(norms[-1]) - np.log(norms[0])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    output = capsys.readouterr()
    assert output.err == ""
    return output.out


def test_a_right_answer_is_told_so_and_nothing_is_returned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("00.1", right) is None
    assert "all right, 5 points." in said(capsys)


def test_the_first_failure_shows_input_answer_expectation_and_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check("00.1", wrong)
    text = said(capsys)
    for part in (
        "0 of 4 cases",
        "norms =",
        "your answer: ",
        "expected: ",
        "Hint: your answer is 2",
    ):
        assert part in text


def test_the_same_answer_is_told_the_same_twice(capsys: pytest.CaptureFixture[str]) -> None:
    check("00.1", wrong)
    first = said(capsys)
    check("00.1", wrong)
    assert said(capsys) == first


def raises(norms: Any) -> Any:
    return norms["first"]


def leaves(norms: Any) -> Any:
    sys.exit(3)


def recurses(norms: Any) -> Any:
    return recurses(norms)


def warns(norms: Any) -> Any:
    warnings.warn("look out", stacklevel=1)
    return np.log10(-1.0)


class Evil:
    def __repr__(self) -> str:
        raise RuntimeError

    def __deepcopy__(self, memo: Any) -> Any:
        raise RuntimeError("no copies")


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (raises, ': return norms["first"])'),
        (leaves, "it raised SystemExit: 3"),
        (recurses, "it raised RecursionError"),
        (warns, "it is not finite"),
        (lambda: 1, "it raised TypeError"),
        (lambda norms: Evil(), "it raised RuntimeError: no copies"),
        (lambda norms: {"a": 1}, "it is a dict"),
        (np.log10, "its shape is"),
        (3.0, "should be a function, but it is 3.0"),
        (Evil(), "should be a function, but it is Evil"),
    ],
)
def test_whatever_the_answer_does_is_one_sentence(
    answer: Any, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check("00.1", answer)
    text = said(capsys)
    assert part in text
    assert "Traceback" not in text


def not_written(norms: Any) -> Any:
    raise NotImplementedError


@pytest.mark.parametrize("stub", [None, ..., lambda norms: None, lambda norms: ..., not_written])
def test_every_form_of_an_untouched_stub_is_not_answered_yet(
    stub: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    check("00.1", stub)
    assert said(capsys).strip().endswith("not answered yet.")


def forgets_to_return(norms: Any) -> Any:
    result = np.log10(norms[-1]) - np.log10(norms[0])
    print(result.shape)


def leaves_the_gap(norms: Any) -> Any:
    result = np.log10(norms[-1])  # noqa: F841
    ...


def test_a_filled_function_without_return_is_told_that_it_returns_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check("00.1", forgets_to_return)
    text = said(capsys)
    assert "not answered yet: it returns nothing." in text
    assert "It printed:\n    ()" in text
    check("00.1", leaves_the_gap)
    assert said(capsys).strip().endswith("not answered yet.")


@pytest.mark.parametrize("name", ["00.9", "77.1", "one", "", 3, None])
def test_an_unknown_exercise_is_one_sentence(name: Any, capsys: pytest.CaptureFixture[str]) -> None:
    check(name, right)
    assert said(capsys).startswith("Nothing was checked: ")


def test_an_answer_that_changes_its_input_harms_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def spoils(norms: Any) -> Any:
        answer = right(norms)
        norms[:] = 1.0
        return answer

    check("00.1", spoils)
    assert "all right" in said(capsys)


def test_what_the_function_printed_on_the_failing_case_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def talks(norms: Any) -> float:
        print("\n".join(f"step {k}" for k in range(20)))
        return 1.0

    check("00.1", talks)
    text = said(capsys)
    assert text.count("step ") == 8


def test_an_interrupted_check_names_the_case(capsys: pytest.CaptureFixture[str]) -> None:
    def hangs(norms: Any) -> Any:
        raise KeyboardInterrupt

    check("00.1", hangs)
    assert "you stopped the check in the case" in said(capsys)


def test_nbgrader_gets_the_points(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check("00.1", right) == 5.0
    assert check("00.1", wrong) == 0.0
    capsys.readouterr()


def test_only_questions_with_numbers_give_numbers_and_only_choices_have_options() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        given("00.1")
    with pytest.raises(ValueError, match="not a choice"):
        options("00.1")
    with pytest.raises(ValueError, match=r"there is no exercise 00\.9; chapter 00 has 00\.1"):
        load("00.9")


def test_without_a_learners_copy_nothing_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check("00.1", right)
    assert list(tmp_path.iterdir()) == []


def test_what_was_reached_once_stays_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in = tmp_path / ".matnn"
    (tmp_path / "exercises").mkdir()
    kept_in.mkdir()
    monkeypatch.chdir(tmp_path / "exercises")
    check("00.1", ...)
    assert progress.read(kept_in) == {}
    check("00.1", wrong)
    assert progress.read(kept_in)["00.1"] == {"points": 0, "of": 5, "passed": False, "attempts": 1}
    check("00.1", right)
    check("00.1", wrong)
    assert progress.read(kept_in)["00.1"] == {"points": 5, "of": 5, "passed": True, "attempts": 3}
    assert [path.name for path in kept_in.iterdir()] == ["progress.json"]


def test_the_command_shows_what_is_solved_begun_and_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work" / ".matnn").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    check("00.1", wrong)
    monkeypatch.chdir(tmp_path)
    lines = CliRunner().invoke(main, ["progress"]).output.splitlines()
    monkeypatch.chdir(tmp_path / "work")
    assert lines[0] == "Chapter 00: 0 of 1 solved"
    assert lines[1] == "  … 00.1 How many orders of magnitude are lost?: 0 of 5 points"
    check("00.1", right)
    lines = CliRunner().invoke(main, ["progress"]).output.splitlines()
    assert lines[0] == "Chapter 00: 1 of 1 solved"
    assert lines[1] == "  ✓ 00.1 How many orders of magnitude are lost?: 5 of 5 points"
    assert sum(line.startswith("Chapter") for line in lines) == len(chapters())
    assert len(lines) == len(chapters()) + len(all_exercises())


def test_progress_without_a_copy_of_the_course_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["progress"])
    assert result.exit_code == 1
    assert "there is no copy of the course" in result.output


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"exercises": 3}', '{"exercises": {"00.1": 3}}']
)
def test_a_damaged_record_is_begun_anew(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in = tmp_path / ".matnn"
    kept_in.mkdir()
    (kept_in / "progress.json").write_text(damage)
    monkeypatch.chdir(tmp_path)
    check("00.1", right)
    assert progress.read(kept_in)["00.1"]["passed"]


def test_an_interrupted_write_leaves_the_old_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in = tmp_path / ".matnn"
    kept_in.mkdir()
    monkeypatch.chdir(tmp_path)
    check("00.1", wrong)
    before = (kept_in / "progress.json").read_bytes()

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        check("00.1", right)
    assert (kept_in / "progress.json").read_bytes() == before
    assert json.loads(before)
    assert [path.name for path in kept_in.iterdir()] == ["progress.json"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.3333"),
        (7, "7"),
        (True, "True"),
        (np.zeros((2, 2), int), "[[0, 0], [0, 0]]"),
        (1 + 2j, "1+2j"),
        ("b", "'b'"),
        ((1.5,), "(1.5,)"),
        (np.tanh, "tanh"),
        (np.ones((50, 60)), "array of shape (50, 60), beginning [[1, 1, 1], [1, 1, 1], [1, 1, 1]]"),
    ],
)
def test_values_are_shown_short(value: object, text: str) -> None:
    assert show(value) == text


def test_numbers_that_look_alike_are_shown_with_more_digits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check("00.1", lambda norms: right(norms) * 1.0001)
    lines = said(capsys).splitlines()
    given_line = next(line for line in lines if "your answer" in line)
    expected_line = next(line for line in lines if "expected" in line)
    assert given_line.split(": ")[1] != expected_line.split(": ")[1]
