"""One file of what was handed over, and which of them are looked into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

DEEPEST = 5
TIMESTAMP = "timestamp.txt"
LINK = "it is a link or device, which is not read"
HIDDEN = "files that begin with a dot, and checkpoints, are not read"
DEEP = f"what lies more than {DEEPEST} folders deep is not read"
_SKIPPED = ("__MACOSX", ".ipynb_checkpoints", "__pycache__")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name, where its bytes are, when it was changed, why it can't be used.

    A name that ends in ``/`` is a folder of which nothing, or not everything, was read.
    """

    name: str
    path: Path
    time: datetime = datetime.min
    problem: str = ""


def wanted(name: str) -> bool:
    """Return whether a file's content is of use: it is a notebook, or nbgrader's time."""
    return name.endswith((".ipynb", f"/{TIMESTAMP}"))


def unread(name: str) -> tuple[str, str] | None:
    """Return the folder of which something isn't read, and why; None for a file that is.

    A student's folder may begin with a dot, as may a student's name.
    """
    parts = name.split("/")
    if len(parts) > DEEPEST + 1:
        return "/".join(parts[:DEEPEST]) + "/", DEEP
    for k, part in enumerate(parts):
        first_of_several = k == 0 and len(parts) > 1 and name.endswith(".ipynb")
        if part in _SKIPPED or (part.startswith(".") and part != ".." and not first_of_several):
            return "/".join(parts[:k]) + "/", HIDDEN
    return None
