"""`matnn release`: write question notebooks, and the instructor's guide, from the worked ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import matnn_lib
from matnn_lib.exercises import registry
from matnn_lib.grading import assigned, guide, notebooks

COURSE = Path(matnn_lib.__file__).parents[1]


def chosen(chapters: str | None, exercises: str | None) -> dict[int, tuple[str, ...]]:
    """Return the exercises to release by chapter, from comma-separated lists of either.

    Raises
    ------
    ValueError
        Both are given, or one names something that isn't there.

    Examples
    --------
    >>> chosen(None, "00.1")
    {0: ('00.1',)}
    """
    if exercises is None:
        return {n: tuple(e.id for e in registry.chapter(n)) for n in assigned.numbers(chapters)}
    if chapters is not None:
        raise ValueError("name chapters or exercises, not both")
    found = [registry.load(name.strip()) for name in exercises.split(",")]
    ordered = sorted({(e.chapter, e.number): e.id for e in found}.items())
    return {
        chapter: tuple(name for (of, _), name in ordered if of == chapter)
        for chapter in sorted({e.chapter for e in found})
    }


def release(
    to: Path | None = None,
    what: Mapping[int, Collection[str]] | None = None,
    *,
    solutions: Path | None = None,
    variant: int = 0,
    execute: bool = True,
) -> list[Path]:
    """Write question notebooks into a folder; for an assignment, the instructor's guide beside it.

    Parameters
    ----------
    to
        Where the question notebooks go, made if need be; the course's own ``exercises`` if None,
        and then there is no guide.
    what
        The exercises by chapter, as `chosen` returns them; all if None.
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
    what = chosen(None, None) if what is None else what
    folder = to or COURSE / "exercises"
    written = []
    worked = {}
    for chapter, exercises in what.items():
        source = notebooks.find(solutions, chapter)
        whole = notebooks.read(source)
        _check_complete(source, whole, chapter)
        worked[chapter] = notebooks.only(whole, exercises)
        question = notebooks.question(worked[chapter], variant)
        if execute:
            question = notebooks.executed(question)
        notebooks.write(question, folder / source.name)
        written.append(folder / source.name)
    if to is not None:
        beside = to.with_name(f"{to.resolve().name}-guide.html")
        guide.write(worked, what, variant, beside)
        written.append(beside)
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
