"""What confines a worker, and whether it really does so on this machine.

Three layers, each enough to hold the others' gaps: Landlock (which files), seccomp (which system
calls), bubblewrap (a file system, network and process table of its own). A layer counts only when
a worker inside it was seen to be refused what the layer forbids.
"""

from __future__ import annotations

import os
import pwd
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matnn_lib.grading.stage import Stage
from matnn_lib.grading.worker import landlock

HOME_BYTES = 64 << 20  # what a worker may write
_FIRST_UID = 61184  # of the ids that systemd sets aside for users that exist for a moment
_IDS = 4000

_LIMITS = {
    "RLIMIT_CPU": 180,  # seconds
    "RLIMIT_AS": 2 << 30,
    "RLIMIT_FSIZE": 16 << 20,
    "RLIMIT_NOFILE": 64,
    "RLIMIT_NPROC": 0,
    "RLIMIT_CORE": 0,
    "RLIMIT_MEMLOCK": 0,
    "RLIMIT_MSGQUEUE": 0,
}
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime")
_SHARED = ("/usr/share/fonts", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom", "/dev/random")


@dataclass(frozen=True)
class Sandbox:
    """How workers are confined; `uid` is None where the grader isn't root."""

    uid: int | None
    landlock: bool = False
    seccomp: bool = False
    bubblewrap: str = ""

    @property
    def safe(self) -> bool:
        """Whether files, network and other processes are out of a worker's reach."""
        return bool(self.bubblewrap) or (self.landlock and self.seccomp)

    @property
    def layers(self) -> tuple[str, ...]:
        """The active layers, in words for the report."""
        named = {
            "Landlock": self.landlock,
            "seccomp": self.seccomp,
            "bubblewrap": self.bubblewrap,
            "a user id of its own": self.uid is not None,
        }
        return (*(name for name, active in named.items() if active), "resource limits")

    def settings(self, stage: Stage, home: Path) -> dict[str, Any]:
        """Return what a worker in `home` does to itself before it touches a student's code."""
        return {
            "uid": self.uid,
            "limits": _LIMITS,
            "landlock": _files(stage, home) if self.landlock else None,
            "seccomp": self.seccomp,
        }

    def command(self, program: Sequence[str], stage: Stage, home: Path) -> list[str]:
        """Return the command that starts a worker's `program`, inside bubblewrap if need be."""
        if not self.bubblewrap:
            return list(program)
        return [self.bubblewrap, *_walls(stage, home, self.uid), "--", *program]


def _files(stage: Stage, home: Path) -> dict[str, list[str]]:
    """Return what Landlock opens to a worker: code to import, few devices, and its own folder."""
    code = [*stage.standard, *stage.site]
    # Some install into a folder of the system's, such as /usr/lib/python3/site-packages.
    opened = [path for folder in (*_SYSTEM, *code) for path in _without(stage.package, folder)]
    read = [*dict.fromkeys(opened), str(stage.library), *_SHARED]
    return {"listed": code, "read": read, "kept": [str(home)]}


def _without(package: Path, folder: str) -> Iterator[str]:
    """Yield a folder, or, if the whole library is somewhere below, whatever is there beside it."""
    real = Path(folder).resolve()
    if not package.is_relative_to(real):
        yield folder
    elif real != package:
        for path in real.iterdir():
            # What has our name is about the library; a link that leads around it isn't followed.
            if path.name[:5] != "matnn" and not (
                path.is_symlink() and package.is_relative_to(path.resolve())
            ):
                yield from _without(package, str(path))


def _walls(stage: Stage, home: Path, uid: int | None) -> list[str]:
    """Return bubblewrap's options: nothing of the machine is there but what is bound, read-only."""
    python = (
        sys.base_prefix,
        sys.base_exec_prefix,
        os.path.dirname(os.path.realpath(sys.executable)),
    )
    code = [*map(os.path.realpath, python), *stage.site, str(stage.library)]
    bound = [path for path in _SYSTEM if not os.path.islink(path)]
    bound += [*dict.fromkeys(code), *_SHARED[:2]]
    # Folders above a bound one would be made for their owner only, who is not this worker.
    above = sorted({str(folder) for path in bound for folder in Path(path).parents} - {"/"})
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--die-with-parent"]
    options += ["--unshare-user", "--disable-userns"] if uid is None else []
    for path in above:
        options += ["--dir", path]
    for path in _SYSTEM:
        options += ["--symlink", os.readlink(path), path] if os.path.islink(path) else []
    for path in bound:
        options += ["--ro-bind-try", path, path]
    for path in _hidden(stage.package, bound):
        options += ["--tmpfs", path, "--remount-ro", path]
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--perms", "0777", "--size", str(HOME_BYTES), "--tmpfs", str(home)]
    return [*options, "--remount-ro", "/", "--chdir", str(home)]


def _hidden(package: Path, bound: Iterable[str]) -> list[str]:
    """Return where the whole library would be seen: a link that is bound is a folder there."""
    around = [(path, Path(path).resolve()) for path in bound]
    return [
        str(Path(path) / package.relative_to(real))
        for path, real in dict.fromkeys(around)
        if package.is_relative_to(real)
    ]


def candidates() -> list[Sandbox]:
    """Return what could be tried here, the strictest first; the last has no layer at all."""
    plain = Sandbox(unused_uid())
    if sys.platform != "linux":
        return [plain]
    tried = []
    inner = replace(plain, landlock=True, seccomp=True) if landlock.version() else plain
    bubblewrap = shutil.which("bwrap")
    if bubblewrap:
        tried += [replace(inner, bubblewrap=bubblewrap), replace(plain, bubblewrap=bubblewrap)]
    tried += [inner, plain]
    return list(dict.fromkeys(tried))


def unused_uid() -> int | None:
    """Return, for root, a user id that belongs to nobody; None for anyone else.

    It depends on the calling thread, so that two that grade at the same time use different ones:
    a student's code can then signal nobody but itself.
    """
    if os.geteuid() != 0:
        return None
    known = {user.pw_uid for user in pwd.getpwall()}
    start = threading.get_native_id() % _IDS
    candidates = (_FIRST_UID + (start + k) % _IDS for k in range(_IDS))
    return next(uid for uid in candidates if uid not in known)
