"""Remember which exercises pass, in one small file that survives an interrupted write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matnn_lib.exercises import registry
from matnn_lib.exercises.exercise import Exercise
from matnn_lib.exercises.judge import Judgement
from matnn_lib.study.files import write_whole
from matnn_lib.study.memory import learner_folder

_FILE = "progress.json"
_SOLVED, _BEGUN, _OPEN = "  ✓ ", "  … ", "    "


def read(kept_in: Path) -> dict[str, dict[str, Any]]:
    """Return what is recorded by exercise id; a damaged file counts as empty.

    An entry has ``points`` (the best so far), ``of``, ``passed`` and ``attempts``.
    """
    try:
        entries = json.loads((kept_in / _FILE).read_text(encoding="utf-8"))["exercises"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return entries if isinstance(entries, dict) else {}


def table() -> list[str]:
    """Return what a learner has solved, a line a chapter and a line an exercise.

    Looked for is the copy of the course that we are in, else the one in ``work`` below.

    Raises
    ------
    ValueError
        There is no copy of the course.
    """
    kept_in = learner_folder() or Path.cwd() / "work" / ".matnn"
    if not kept_in.is_dir():
        raise ValueError(f"there is no copy of the course in {Path.cwd()}: matnn learn makes one")
    entries = read(kept_in)
    lines = []
    for number in registry.chapters():
        exercises = registry.chapter(number)
        rows = [_row(exercise, entries.get(exercise.id)) for exercise in exercises]
        solved = sum(row.startswith(_SOLVED) for row in rows)
        lines += [f"Chapter {number:02d}: {solved} of {len(rows)} solved", *rows]
    return lines


def _row(exercise: Exercise, entry: object) -> str:
    if not isinstance(entry, dict):
        return f"{_OPEN}{exercise.id} {exercise.title}"
    if exercise.kind == "text":
        return f"{_SOLVED}{exercise.id} {exercise.title}: written"
    points = f"{entry.get('points', 0)} of {exercise.points} points"
    return f"{_SOLVED if entry.get('passed') else _BEGUN}{exercise.id} {exercise.title}: {points}"


def record(judgement: Judgement) -> None:
    """Add a judged attempt to the learner's file; without a learner's copy, do nothing.

    What was reached once stays. The file is replaced in one step, so that an interruption leaves
    the old one or the new one. A folder that can't be written to is no reason to stop a learner.
    """
    kept_in = learner_folder()
    if kept_in is None or judgement.status == "not answered":
        return
    entries = read(kept_in)
    old = entries.get(judgement.exercise.id)
    old = old if isinstance(old, dict) else {}
    entries[judgement.exercise.id] = {
        "points": max(judgement.points, int(old.get("points", 0))),
        "of": judgement.exercise.points,
        "passed": judgement.status == "right" or bool(old.get("passed", False)),
        "attempts": int(old.get("attempts", 0)) + 1,
    }
    text = json.dumps({"version": 1, "exercises": entries}, indent=1, sort_keys=True) + "\n"
    try:
        write_whole(kept_in / _FILE, text.encode())
    except OSError:
        return
