"""Which processes come from one, as Linux tells: other tests' processes run beside ours."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def facts(process: Path) -> tuple[int, str, str]:
    """A process's parent, when it started, and its state; nobody's where it is gone."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, "", "Z"
    return int(fields[1]), fields[19], fields[0]


def descendants(leader: int) -> dict[Path, str]:
    """All that comes from a process, and when each was started."""
    children: dict[int, list[tuple[Path, str]]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        parent, started, _ = facts(process)
        children.setdefault(parent, []).append((process, started))
    found: dict[Path, str] = {}
    todo = [leader]
    while todo:
        for process, started in children.get(todo.pop(), []):
            found[process] = started
            todo.append(int(process.name))
    return found


def alive(recorded: dict[Path, str]) -> list[Path]:
    """Those that have not ended, nor given their number to another."""
    now = {process: facts(process) for process in recorded}
    return [
        p
        for p, (_, started, state) in now.items()
        if (started, state != "Z") == (recorded[p], True)
    ]


def command(process: Path) -> str:
    """What a process was started with; nothing where it is gone."""
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@contextmanager
def keeping_orphans() -> Iterator[None]:
    """Let a descendant whose parent has ended be this process's child, not somebody else's."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
