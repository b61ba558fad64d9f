"""The instructor's guide: one page with times, points, worked solutions and typical mistakes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from matnn_lib.exercises import registry
from matnn_lib.exercises.exercise import Exercise
from matnn_lib.exercises.feedback import show
from matnn_lib.grading import formulas, notebooks
from matnn_lib.grading.page import template


@dataclass(frozen=True)
class Entry:
    """What the guide says of one exercise."""

    exercise: Exercise
    question: Markup
    solution: str
    explanation: Markup
    answer: str


def write(
    worked: Mapping[int, Any], what: Mapping[int, Collection[str]], variant: int, path: Path
) -> None:
    """Write the guide to the exercises in `what`, from the `worked` notebooks by chapter."""
    chapters = {
        chapter: [_entry(registry.load(name), notebook, variant) for name in what[chapter]]
        for chapter, notebook in worked.items()
    }
    exercises = [entry.exercise for entries in chapters.values() for entry in entries]
    text = template("guide.html").render(
        chapters=chapters,
        variant=variant,
        minutes=sum(exercise.minutes for exercise in exercises),
        points=sum(exercise.points for exercise in exercises),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _entry(exercise: Exercise, notebook: Any, variant: int) -> Entry:
    cells = notebooks.sections(notebook)[exercise.id]
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    explains = [notebooks.EXPLANATION in cell.metadata.get("tags", []) for cell in prose]
    question = [cell.source for cell, no in zip(prose, explains, strict=True) if not no]
    explanation = [cell.source for cell, yes in zip(prose, explains, strict=True) if yes]
    return Entry(
        exercise,
        _html("\n\n".join(question).partition("\n")[2]),
        notebooks.unmarked(notebooks.solution_cells(notebook)[exercise.id].source),
        _html("\n\n".join(explanation)),
        _answer(exercise, variant),
    )


def _answer(exercise: Exercise, variant: int) -> str:
    """Return the right answer to a question that has one, in this variant."""
    if exercise.kind == "choice":
        letters = exercise.lettered(variant)
        return next(a for a, option in letters.items() if option.key == exercise.right)
    if exercise.kind == "value" and exercise.oracle is not None:
        return show(exercise.oracle(*exercise.arguments(exercise.public_seed(variant))[0]))
    return ""


def _html(text: str) -> Markup:
    """Return the course's own Markdown as HTML, its mathematics with it."""
    return Markup(formulas.shown(markdown2html_mistune(text)))
