"""The question notebooks are the worked ones without what gives the answer away."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from matnn_lib.exercises import chapters
from matnn_lib.grading import notebooks
from matnn_lib.grading.release import release

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "exercises" / "solutions"


@pytest.mark.parametrize("chapter", chapters())
def test_the_committed_question_notebook_is_in_step_with_the_worked_one(
    chapter: int, tmp_path: Path
) -> None:
    (written,) = release(tmp_path, [chapter], execute=False)
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
    first, second = (release(tmp_path / name, [0])[0] for name in "ab")
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
        release(tmp_path / "out", [0], solutions=tmp_path)


def test_points_that_differ_from_the_exercise_are_refused(tmp_path: Path) -> None:
    notebook = notebooks.read(notebooks.find(SOLUTIONS, 0))
    notebooks.check_cells(notebook)["00.1"].metadata["nbgrader"]["points"] = 99
    notebooks.write(notebook, tmp_path / "00-x.ipynb")
    with pytest.raises(ValueError, match="says 99 points"):
        release(tmp_path / "out", [0], solutions=tmp_path)


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
