"""What confines a worker: an unprivileged user id and hard limits.

These bound time, memory and files, but don't keep a student's code from reading what its user can
read or from using the network: without more, `matnn grade` asks for ``--trust-submissions``.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Sandbox:
    """How workers are confined; `uid` is None where the grader isn't root."""

    uid: int | None
    limits: dict[str, int] = field(default_factory=lambda: dict(_LIMITS))

    @property
    def layers(self) -> tuple[str, ...]:
        """The active layers, in words for the report."""
        drop = ("an unprivileged user id of its own",) if self.uid is not None else ()
        return ("a process and session of its own", *drop, "resource limits")


def confine() -> Sandbox:
    """Return how this process confines the workers that it starts."""
    return Sandbox(_unused_uid())


def _unused_uid() -> int | None:
    """Return, for root, a user id that belongs to nobody; None for anyone else.

    It depends on the calling process, so that two that grade at the same time use different ones:
    a student's code can then signal nobody but itself.
    """
    if os.geteuid() != 0:
        return None
    known = {user.pw_uid for user in pwd.getpwall()}
    start = os.getpid() % _IDS
    candidates = (_FIRST_UID + (start + k) % _IDS for k in range(_IDS))
    return next(uid for uid in candidates if uid not in known)
