"""A keeper is a process that starts workers, and holds nothing which they may not see."""

from __future__ import annotations

import ctypes
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from matnn_lib.grading import probe, sandbox
from matnn_lib.grading.collect import Collected, Task, collect
from matnn_lib.grading.nursery import Nurseries, NurseryError
from matnn_lib.grading.sandbox import Sandbox
from matnn_lib.grading.stage import Stage, build

_PR_SET_DUMPABLE = 4
_own = threading.local()
_UNSAFE = (
    "a student's code could read what you can read and use the network: this machine has neither "
    "Landlock (Linux 5.13 or newer) nor a working bubblewrap; if you trust these submissions, add "
    "--trust-submissions"
)


@dataclass(frozen=True)
class Place:
    """A machine's means to keep workers: their folder, and what was seen to confine them."""

    stage: Stage
    sandbox: Sandbox


@contextmanager
def place(trust: bool) -> Iterator[Place]:
    """Prepare this machine, and remove afterwards what was made.

    Raises
    ------
    RuntimeError
        Workers can't be confined here, and there is no `trust`.
    """
    root = Path(tempfile.mkdtemp(prefix="matnn-"))
    try:
        yield _prepared(root, trust)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def keep(task: Task, *, at: Place | None = None, trust: bool = False) -> Collected:
    """Collect one submission's answers, in whatever process this runs.

    On another machine than the one where `place` was called, leave `at` out: then it is called
    for this process, at its first task.

    Raises
    ------
    RuntimeError
        Workers can't be confined here, and there is no `trust`; or none can be started.
    """
    be_private()
    nurseries = _nurseries(at or _elsewhere(trust))
    try:
        return collect(task, nurseries)
    except NurseryError:  # something else on this machine may have ended it: once more
        return collect(task, nurseries)


def _nurseries(where: Place) -> Nurseries:
    """Return this thread's, with a user id of its own: no worker can reach another thread's."""
    known: Nurseries | None = getattr(_own, "nurseries", None)
    if known is not None and _own.place == where:
        return known
    if known is not None:
        known.close()
    made = Nurseries(where.stage, replace(where.sandbox, uid=sandbox.unused_uid()))
    Finalize(None, made.close, exitpriority=20)
    _own.nurseries, _own.place = made, where
    return made


def be_private() -> None:
    """Let no process of the same user look into this one's memory."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


@cache
def _elsewhere(trust: bool) -> Place:
    root = Path(tempfile.mkdtemp(prefix="matnn-"))
    Finalize(None, shutil.rmtree, (root, True), exitpriority=10)
    return _prepared(root, trust)


def _prepared(root: Path, trust: bool) -> Place:
    stage = build(root)
    confined = probe.confine(stage)
    if not (confined.safe or trust):
        raise RuntimeError(_UNSAFE)
    return Place(stage, confined)
