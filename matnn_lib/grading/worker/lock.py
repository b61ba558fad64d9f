"""Give up, before a student's code is touched, what it could do harm with.

The order matters: what needs root comes before root is given up, what opens files before files
can't be opened, and the filter that forbids all this last.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import stat
import sys
from pathlib import Path
from typing import Any

from matnn_lib.grading.worker import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def lock(settings: dict[str, Any], parent: int) -> None:
    """Confine this process as `settings` say; nothing it does later can undo that.

    The end of its `parent` is also its own.
    """
    rules = None
    if settings["landlock"] is not None:
        rules = landlock.ruleset(**settings["landlock"])
    uid = settings["uid"]
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    end_with(parent)
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if rules is not None:
        landlock.restrict(rules)
    _limit(settings["limits"])
    if settings["seccomp"]:
        seccomp.restrict()


def end_with(parent: int) -> None:
    """Be killed when the parent ends, or end now if that has happened already."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))):
        raise OSError(f"prctl {option} is refused")


def _limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        which = getattr(resource, name, None)
        if which is not None:
            hard = resource.getrlimit(which)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(which, (most, most))


def keep_readable() -> None:
    """Let modules be imported after root is given up, also from a home that is private.

    An interpreter or a virtual environment below a folder such as ``/root`` can be read, but not
    reached, by another user. A path that leads through an open descriptor needs no permission on
    the folders above it, so such entries of ``sys.path`` are replaced by one.
    """
    replaced: dict[str, str] = {}
    for k, entry in enumerate(sys.path):
        if os.path.isdir(entry) and not _reachable_by_all(entry):
            descriptor = os.open(entry, os.O_PATH | os.O_DIRECTORY)
            sys.path[k] = replaced[entry] = f"/proc/self/fd/{descriptor}"
    for module in list(sys.modules.values()):
        places = getattr(module, "__path__", None)
        if isinstance(places, list):
            places[:] = [_moved(place, replaced) for place in places]
    sys.path_importer_cache.clear()


def _reachable_by_all(path: str) -> bool:
    folders = [Path(path), *Path(path).resolve().parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def _moved(path: str, replaced: dict[str, str]) -> str:
    for entry, through in replaced.items():
        if path == entry or path.startswith(entry + os.sep):
            return through + path[len(entry) :]
    return path
