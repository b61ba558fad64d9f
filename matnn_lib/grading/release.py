"""`matnn release`: write the question notebooks from the worked ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import matnn_lib
from matnn_lib.exercises import registry
from matnn_lib.grading import notebooks

COURSE = Path(matnn_lib.__file__).parents[1]


def numbers(text: str | None, known: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the chapters that a comma-separated list names, of `known`; all of them for None.

    Unless given, `known` are the chapters of the course that have exercises.

    Raises
    ------
    ValueError
        It names something else.

    Examples
    --------
    >>> numbers("00")
    (0,)
    """
    known = tuple(known) or registry.chapters()
    if text is None:
        return known
    names = [part.strip() for part in text.split(",") if part.strip()]
    chosen = {int(name) for name in names if name.isascii() and name.isdigit()} & set(known)
    if len(chosen) != len(set(names)) or not names:
        have = ", ".join(f"{number:02d}" for number in known)
        raise ValueError(f"chapters are named like 02,04, not {text!r}; exercises have {have}")
    return tuple(sorted(chosen))


def release(
    to: Path | None = None,
    chapters: Iterable[int] | None = None,
    *,
    solutions: Path | None = None,
    variant: int = 0,
    execute: bool = True,
) -> list[Path]:
    """Write the question notebooks of `chapters` (default: all) into a folder.

    Parameters
    ----------
    to
        Where the question notebooks go, made if need be; the course's own ``exercises`` if None.
    chapters
        Their numbers.
    solutions
        The folder of the worked notebooks; the course's own if None.
    variant
        A class's own number: other numbers in the questions than the published ones.
    execute
        Run each, so that it shows what the untouched stubs give.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ValueError
        A chapter has no exercises or no worked notebook, or the two don't fit together.
    """
    solutions = solutions or COURSE / "exercises" / "solutions"
    to = to or COURSE / "exercises"
    written = []
    for chapter in registry.chapters() if chapters is None else chapters:
        source = notebooks.find(solutions, chapter)
        worked = notebooks.read(source)
        _check_complete(source, worked, chapter)
        question = notebooks.question(worked, variant)
        if execute:
            question = notebooks.executed(question)
        notebooks.write(question, to / source.name)
        written.append(to / source.name)
    return written


def _check_complete(path: Path, worked: object, chapter: int) -> None:
    """Refuse a worked notebook that lacks an exercise or gives other points for it."""
    exercises = {exercise.id: exercise for exercise in registry.chapter(chapter)}
    checks = notebooks.check_cells(worked)
    for kind, cells in (("solution", notebooks.solution_cells(worked)), ("check", checks)):
        if sorted(cells) != sorted(exercises):
            raise ValueError(
                f"{path.name} must have one {kind} cell for each of {sorted(exercises)}, "
                f"but it has them for {sorted(cells)}"
            )
    for exercise_id, cell in checks.items():
        points = cell.metadata["nbgrader"].get("points")
        if points != exercises[exercise_id].points:
            raise ValueError(
                f"{path.name}: the check cell of {exercise_id} says {points} points, "
                f"but the exercise has {exercises[exercise_id].points}"
            )
