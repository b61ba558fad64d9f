"""Find exercises: every ``chNN.py`` of this package with the words in its ``chNN.toml``."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from matnn_lib.exercises.exercise import Exercise, Option


def load(exercise_id: str) -> Exercise:
    """Return the exercise with this id.

    Raises
    ------
    ValueError
        There is none; the message names those of its chapter.

    Examples
    --------
    >>> load("00.1").answer
    'orders_of_magnitude'
    """
    if not isinstance(exercise_id, str) or not re.fullmatch(r"\d\d\.\d+", exercise_id):
        raise ValueError(f'an exercise is named like "04.2", not {exercise_id!r}')
    number = int(exercise_id[:2])
    found = {e.id: e for e in chapter(number)} if number in chapters() else {}
    if exercise_id not in found:
        known = ", ".join(found) or "none"
        raise ValueError(f"there is no exercise {exercise_id}; chapter {number:02d} has {known}")
    return found[exercise_id]


@cache
def chapters() -> tuple[int, ...]:
    """Return the numbers of the chapters that have exercises."""
    package = importlib.import_module("matnn_lib.exercises")
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(int(name[2:]) for name in names if re.fullmatch(r"ch\d\d", name)))


@cache
def chapter(number: int) -> tuple[Exercise, ...]:
    """Return the exercises of a chapter in order.

    Raises
    ------
    ValueError
        The chapter has no exercises, or its module and its TOML file don't fit together.
    """
    if number not in chapters():
        raise ValueError(f"chapter {number!r} has no exercises; these have: {chapters()}")
    module = importlib.import_module(f"matnn_lib.exercises.ch{number:02d}")
    words = tomllib.loads(
        files("matnn_lib.exercises").joinpath(f"ch{number:02d}.toml").read_text(encoding="utf-8")
    )
    return join(module.EXERCISES, words)


def all_exercises() -> tuple[Exercise, ...]:
    """Return every exercise of the course, chapter by chapter."""
    return tuple(exercise for number in chapters() for exercise in chapter(number))


def join(exercises: Sequence[Exercise], words: Mapping[str, Any]) -> tuple[Exercise, ...]:
    """Return `exercises` with their words; both must name the same things.

    Raises
    ------
    ValueError
        Words are missing, or belong to nothing.
    """
    _same("exercises", [e.id for e in exercises], words)
    return tuple(_with_words(exercise, words[exercise.id]) for exercise in exercises)


def _with_words(exercise: Exercise, words: Mapping[str, Any]) -> Exercise:
    hints = words.get("mistakes", {})
    _same(f"mistakes of {exercise.id}", [m.name for m in exercise.mistakes], hints)
    options = words.get("options", {})
    if exercise.kind == "choice" and exercise.right not in options:
        raise ValueError(f"{exercise.id}: the right option, {exercise.right!r}, has no words")
    if exercise.kind == "text" and not words.get("rubric"):
        raise ValueError(f"{exercise.id}: a text needs a rubric")
    return replace(
        exercise,
        title=words["title"],
        mistakes=tuple(replace(m, hint=hints[m.name].strip()) for m in exercise.mistakes),
        options=tuple(Option(key, o["text"], o["hint"]) for key, o in options.items()),
        rubric=words.get("rubric", ""),
    )


def _same(what: str, names: Sequence[str], words: Mapping[str, Any]) -> None:
    if sorted(names) != sorted(words):
        raise ValueError(
            f"{what} must be the same in Python and TOML, but they are "
            f"{sorted(names)} and {sorted(words)}"
        )
