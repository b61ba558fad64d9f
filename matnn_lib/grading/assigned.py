"""Which exercises a run is about: a chapter's own, and the instructor's private ones."""

from __future__ import annotations

import importlib.util
import pickle
import pickletools
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from matnn_lib.exercises import registry
from matnn_lib.exercises.exercise import Exercise
from matnn_lib.grading.plan import Plan


def exercises(plan: Plan, chapter: int) -> tuple[Exercise, ...]:
    """Return the exercises that a notebook of `chapter` is graded by, in order.

    Raises
    ------
    ValueError
        A private exercise has the id or the answer's name of another.
    """
    public = registry.chapter(chapter) if chapter in registry.chapters() else ()
    private = tuple(e for e in _private(plan.private) if e.chapter == chapter)
    together = sorted((*public, *private), key=lambda exercise: exercise.number)
    for what in ("id", "answer"):
        used = [getattr(exercise, what) for exercise in together]
        twice = {name for name in used if used.count(name) > 1}
        if twice:
            raise ValueError(f"two exercises have the {what} {min(twice)}: {plan.private}")
    return tuple(together)


def chapters(private: str) -> tuple[int, ...]:
    """Return the chapters that have exercises, public or in the file `private`."""
    return tuple(sorted({*registry.chapters(), *(e.chapter for e in _private(private))}))


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


def ids(plan: Plan) -> list[str]:
    """Return the ids of all exercises that a plan is about."""
    return [exercise.id for chapter in plan.chapters for exercise in exercises(plan, chapter)]


def rubrics(plan: Plan) -> dict[str, str]:
    """Return by id how the texts that a plan asks for are to be marked."""
    asked = (e for chapter in plan.chapters for e in exercises(plan, chapter))
    return {exercise.id: exercise.rubric for exercise in asked if exercise.rubric}


@cache
def _private(file: str) -> tuple[Exercise, ...]:
    """Return the exercises of a Python file, with the words in the TOML file beside it."""
    if not file:
        return ()
    path = Path(file)
    words_path = path.with_suffix(".toml")
    for needed in (path, words_path):
        if not needed.is_file():
            raise ValueError(f"{needed} is needed for the private exercises, but isn't there")
    spec = importlib.util.spec_from_file_location("matnn_private_exercises", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is not a Python file (.py)")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        words = tomllib.loads(words_path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{words_path} is not TOML: {error}") from None
    found = registry.join(module.EXERCISES, words)
    for exercise in found:
        _check_portable(exercise)
    return found


def _check_portable(exercise: Exercise) -> None:
    """Refuse inputs that a worker could not take apart, as it knows no exercise."""
    for args in exercise.arguments((0, 0)):
        try:
            names = [name for _, name, _ in pickletools.genops(pickle.dumps(args))]
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ValueError(
                f"{exercise.id}: an input can't be sent to a worker: {error}"
            ) from None
        if "matnn_private_exercises" in names:
            raise ValueError(f"{exercise.id}: inputs may not be made of what the file defines")
