"""What is kept of a learner's work, in the ``.matnn`` folder of a learner's copy of the course.

Elsewhere (in the committed chapters, in tests) nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matnn_lib.study.storage import write_whole


def remember(key: str, values: Mapping[str, Any]) -> None:
    """Add to the learner's own file, whole or not at all; do nothing outside a learner's copy."""
    folder = learner_folder()
    if folder is None:
        return
    path = folder / "reader.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    kept.setdefault(key, {}).update(values)
    write_whole(path, json.dumps(kept, indent=1, sort_keys=True))


def learner_folder() -> Path | None:
    """Return the ``.matnn`` folder of the learner's copy that we are in, if we are in one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".matnn").is_dir():
            return folder / ".matnn"
    return None
