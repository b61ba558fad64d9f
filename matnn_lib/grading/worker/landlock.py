"""Let a process open no file but those it is given: Landlock, through its three system calls.

See landlock(7) of the Linux manual and Documentation/userspace-api/landlock.rst of the kernel.
What is named here is reached together with all that lies below it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
# How many rights over files each version of the interface knows: what it knows, it denies.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK = 0b11  # bind and connect by TCP, since version 4
_SCOPED = 0b11  # abstract Unix sockets and signals to processes outside, since version 6

_LIST = READ_DIR
_READ = READ_FILE | READ_DIR
_KEEP_FILES = _READ | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE


def version() -> int:
    """Return which version of Landlock the kernel has; 0 if it has none or it is switched off."""
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def ruleset(listed: Iterable[str], read: Iterable[str], kept: Iterable[str]) -> int:
    """Return a descriptor of rules; until `restrict`, nothing is denied.

    Parameters
    ----------
    listed
        Folders whose names may be listed, all the way down.
    read
        Files and folders that may be read. What doesn't exist is left out.
    kept
        Folders in which files may be made, written and removed, but no folders or links.
    """
    known = version()
    rights = (1 << _RIGHTS[min(known, max(_RIGHTS))]) - 1
    attributes = struct.pack(
        "<QQQ", rights, _NETWORK if known >= 4 else 0, _SCOPED if known >= 6 else 0
    )
    size = 8 if known < 4 else 16 if known < 6 else 24
    rules = _call(_CREATE_RULESET, attributes, size, 0)
    for paths, access in ((listed, _LIST), (read, _READ), (kept, _KEEP_FILES)):
        for path in paths:
            _allow(rules, path, access & rights)
    return rules


def _allow(rules: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not os.path.isdir(path):
            access &= _OF_A_FILE
        if access:
            _call(_ADD_RULE, rules, _RULE_PATH_BENEATH, struct.pack("<Qi", access, descriptor), 0)
    finally:
        os.close(descriptor)


def restrict(rules: int) -> None:
    """Deny everything but `rules` to this thread and all it starts, for good."""
    _call(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _call(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return int(result)
