"""Remember which exercises pass, in one small file that survives an interrupted write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matnn_lib.exercises.judge import Judgement
from matnn_lib.study.files import write_whole
from matnn_lib.study.memory import learner_folder

_FILE = "progress.json"


def read(kept_in: Path) -> dict[str, dict[str, Any]]:
    """Return what is recorded by exercise id; a damaged file counts as empty.

    An entry has ``points`` (the best so far), ``of``, ``passed`` and ``attempts``.
    """
    try:
        entries = json.loads((kept_in / _FILE).read_text(encoding="utf-8"))["exercises"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return entries if isinstance(entries, dict) else {}


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
