"""The question notebooks are the worked ones without what gives the answer away."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from matnn_lib.cli import main
from matnn_lib.exercises import all_exercises, chapters
from matnn_lib.grading import notebooks
from matnn_lib.grading.release import chosen, release

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "exercises" / "solutions"
IDS = chosen(None, None)


@pytest.mark.parametrize("chapter", chapters())
def test_the_committed_question_notebook_is_in_step_with_the_worked_one(
    chapter: int, tmp_path: Path
) -> None:
    written, _ = release(tmp_path / "out", {chapter: IDS[chapter]}, execute=False)
    committed = notebooks.read(ROOT / "exercises" / written.name)
    for cell in committed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    assert committed == notebooks.read(written)


@pytest.mark.parametrize("chapter", chapters())
def test_the_committed_question_notebook_shows_not_answered_yet_for_each(chapter: int) -> None:
    committed = notebooks.read(notebooks.find(ROOT / "exercises", chapter))
    for cell in notebooks.check_cells(committed).values():
        assert "not answered yet" in "".join(output.text for output in cell.outputs)


@pytest.mark.parametrize("chapter", chapters())
def test_nothing_of_the_solutions_is_left_in_the_question_notebook(chapter: int) -> None:
    worked = notebooks.read(notebooks.find(SOLUTIONS, chapter))
    question = (ROOT / "exercises" / notebooks.find(SOLUTIONS, chapter).name).read_text("utf-8")
    assert "SOLUTION" not in question
    for cell in worked.cells:
        if notebooks.EXPLANATION in cell.metadata.get("tags", []):
            assert cell.source.splitlines()[0] not in question


def test_released_twice_is_the_same_to_the_byte(tmp_path: Path) -> None:
    first, second = (release(tmp_path / name, {0: IDS[0]})[0] for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    committed = ROOT / "exercises" / first.name
    assert first.read_bytes() == committed.read_bytes()


def test_a_variant_reaches_every_call_that_has_numbers() -> None:
    source = 'A, b = given("01.2")\ncheck("01.2", answer)\nprint(f(2))'
    assert notebooks.varied(source, 2027) == (
        'A, b = given("01.2", variant=2027)\ncheck("01.2", answer, variant=2027)\nprint(f(2))'
    )
    assert notebooks.varied(source, 0) == source


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\nx = 1",
        "x = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
    ],
)
def test_a_solution_that_is_not_closed_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="SOLUTION"):
        notebooks.stubbed(source)


def test_a_worked_notebook_without_one_of_its_exercises_is_refused(tmp_path: Path) -> None:
    notebook = notebooks.read(notebooks.find(SOLUTIONS, 0))
    notebook.cells = notebook.cells[:-1]
    notebooks.write(notebook, tmp_path / "00-x.ipynb")
    with pytest.raises(ValueError, match="one check cell for each"):
        release(tmp_path / "out", {0: IDS[0]}, solutions=tmp_path)


def test_points_that_differ_from_the_exercise_are_refused(tmp_path: Path) -> None:
    notebook = notebooks.read(notebooks.find(SOLUTIONS, 0))
    notebooks.check_cells(notebook)["00.1"].metadata["nbgrader"]["points"] = 99
    notebooks.write(notebook, tmp_path / "00-x.ipynb")
    with pytest.raises(ValueError, match="says 99 points"):
        release(tmp_path / "out", {0: IDS[0]}, solutions=tmp_path)


@pytest.mark.parametrize("text", ["", "no json", "{}", '{"cells": 3}', "[]"])
def test_what_is_not_a_notebook_is_refused_in_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "00-x.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError, match="is not a notebook"):
        notebooks.read(path)


def test_notebooks_are_written_as_the_format_asks(tmp_path: Path) -> None:
    notebook = notebooks.read(notebooks.find(SOLUTIONS, 0))
    notebooks.write(notebook, tmp_path / "x.ipynb")
    assert (tmp_path / "x.ipynb").read_bytes() == notebooks.find(SOLUTIONS, 0).read_bytes()
    nbformat.validate(notebook)


def test_an_assignment_of_some_exercises_has_only_these(tmp_path: Path) -> None:
    exercise = next(e for e in all_exercises() if e.kind == "value")
    what = chosen(None, f"{exercise.id}, 00.1")
    assert what == {0: ("00.1",), exercise.chapter: (exercise.id,)}
    first, second, _ = release(tmp_path / "out", what, execute=False)
    for path, ids in ((first, ["00.1"]), (second, [exercise.id])):
        assert list(notebooks.check_cells(notebooks.read(path))) == ids


def test_a_variant_has_other_numbers_and_runs(tmp_path: Path) -> None:
    exercise = next(e for e in all_exercises() if e.kind == "value")
    what = chosen(None, exercise.id)
    pages = {}
    for variant in (0, 2027):
        to = tmp_path / f"assignment {variant}"
        path, guide = release(to, what, variant=variant)
        text = path.read_text(encoding="utf-8")
        assert ("variant=2027" in text) == bool(variant)
        assert "not answered yet" in text
        pages[variant] = guide.read_text(encoding="utf-8")
        assert guide == tmp_path / f"assignment {variant}-guide.html"
        assert "BEGIN SOLUTION" not in text
    answers = [re.findall("The right answer.*<code>(.*)</code>", page) for page in pages.values()]
    assert len(answers[0]) == len(answers[1]) == 1
    assert answers[0] != answers[1]


def test_the_guide_has_times_points_solutions_and_every_hint(tmp_path: Path) -> None:
    guide = release(tmp_path / "all", execute=False)[-1]
    text = html.unescape(guide.read_text(encoding="utf-8"))
    assert guide.parent == tmp_path
    for exercise in all_exercises():
        assert exercise.title in text
        for mistake in exercise.mistakes:
            assert mistake.hint in text
    assert text.count("Worked solution</strong>") == len(all_exercises())
    assert "BEGIN SOLUTION" not in text
    assert "\\top" not in text
    assert f"{sum(e.points for e in all_exercises())} points" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("00", "00.1"), "not both"),
        ((None, "00.9"), "there is no exercise 00.9"),
        ((None, "x"), "is named like"),
        (("77", None), "chapters are named like"),
    ],
)
def test_what_can_not_be_released_is_one_sentence(
    arguments: tuple[str | None, str | None], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        chosen(*arguments)


def test_the_command_releases_an_assignment(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["release", "--exercises", "00.1", "--to", str(tmp_path / "a"), "--variant", "3"]
    )
    assert result.exit_code == 0, result.output
    assert "00-start-here.ipynb" in result.output
    assert "a-guide.html" in result.output
