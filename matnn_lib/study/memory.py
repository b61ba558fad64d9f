"""What is kept of a learner's work, in the ``.matnn`` folder of a learner's copy of the course.

Elsewhere (in the committed chapters, in tests) nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matnn_lib.study.files import write_whole

_FILE = "reader.json"


def remember(key: str, values: Mapping[str, Any]) -> None:
    """Add to the learner's own file, whole or not at all; do nothing outside a learner's copy.

    A damaged file is begun anew. One that can't be read or written is left as it is: one line
    says so, and the learner goes on.
    """
    try:
        folder = learner_folder()
        if folder is None:
            return
        kept = _read(folder / _FILE)
        old = kept.get(key)
        kept[key] = {**(old if isinstance(old, dict) else {}), **values}
        write_whole(folder / _FILE, json.dumps(kept, indent=1, sort_keys=True).encode())
    except OSError as error:
        print(f"(This is not kept, as {_FILE} can't be written: {error.strerror}.)")


def learner_folder() -> Path | None:
    """Return the ``.matnn`` folder of the learner's copy that we are in, if we are in one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".matnn").is_dir():
            return folder / ".matnn"
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
