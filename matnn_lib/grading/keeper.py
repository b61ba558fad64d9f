"""A keeper is the process that starts workers and holds nothing which they may not see."""

from __future__ import annotations

import ctypes
import shutil
import sys
import tempfile
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from matnn_lib.grading.collect import Collected, Task, collect
from matnn_lib.grading.sandbox import Sandbox, confine
from matnn_lib.grading.stage import Stage, build

_PR_SET_DUMPABLE = 4


def keep(task: Task) -> Collected:
    """Collect one submission's answers, in whatever process or on whatever machine this runs."""
    stage, sandbox = ready()
    return collect(task, stage, sandbox)


@cache
def ready() -> tuple[Stage, Sandbox]:
    """Prepare this process to keep workers: once, at its first task."""
    if sys.platform == "linux":
        # No process of the same user may look into this one's memory.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    root = Path(tempfile.mkdtemp(prefix="matnn-"))
    Finalize(None, shutil.rmtree, (root, True), exitpriority=10)
    return build(root), confine()
