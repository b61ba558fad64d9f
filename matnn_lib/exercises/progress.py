"""Remember which exercises pass, in one small file that survives an interrupted write."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from matnn_lib.exercises.judge import Judgement

_FILE = "progress.json"


def folder(start: Path | None = None) -> Path | None:
    """Return the folder ``.matnn`` here or above, which marks a learner's copy, or None."""
    here = (start or Path.cwd()).resolve()
    for parent in (here, *here.parents):
        if (parent / ".matnn").is_dir():
            return parent / ".matnn"
    return None


def read(kept_in: Path) -> dict[str, dict[str, Any]]:
    """Return what is recorded by exercise id; a damaged file counts as empty.

    An entry has ``points`` (the best so far), ``of``, ``passed`` and ``attempts``.
    """
    try:
        entries = json.loads((kept_in / _FILE).read_text(encoding="utf-8"))["exercises"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return entries if isinstance(entries, dict) else {}


def record(judgement: Judgement, start: Path | None = None) -> None:
    """Add a judged attempt to the learner's file; without a learner's copy, do nothing.

    What was reached once stays. The file is replaced in one step, so that an interruption leaves
    the old one or the new one. A folder that can't be written to is no reason to stop a learner.
    """
    kept_in = folder(start)
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
        _replace(kept_in / _FILE, text)
    except OSError:
        return


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
