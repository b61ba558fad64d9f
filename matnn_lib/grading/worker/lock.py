"""Give up, before a student's code is touched, what it could do harm with."""

from __future__ import annotations

import os
import resource
import stat
import sys
from pathlib import Path
from typing import Any


def lock(settings: dict[str, Any]) -> None:
    """Drop root, then set hard limits that nothing in this process can lift again."""
    uid = settings["uid"]
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    for name, most in settings["limits"].items():
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
