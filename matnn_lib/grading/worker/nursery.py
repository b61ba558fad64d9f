"""A nursery: a process that has imported what workers need, and turns into one on demand.

Importing NumPy costs more than running an honest notebook. So it is done once, and each worker is
forked from a process that holds nothing but imported modules: it has met no notebook and no
secret. No student's code runs here; a worker locks itself before it looks at any.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import sys
from typing import Any

# The keeper's commands, and the answer to both: the last worker's exit status, or 0.
WORKER, END = b"w", b"e"
STATUS_BYTES = 4
_IMPORTED = ("numpy.random", "matnn_lib.linalg", "matnn_lib.nn", "matnn_lib.study.bench")


def serve(control: socket.socket, home: str) -> None:
    """Make workers as the keeper asks for them, one after another, until it hangs up."""
    child = 0
    while True:
        command, descriptors, _, _ = socket.recv_fds(control, 1, 3)
        if not command:
            os._exit(0)
        status = _ended(child) if child else 0
        child = 0
        _empty(home)
        if command == WORKER:
            child = os.fork()
            if child == 0:
                control.close()
                questions, answers, output = descriptors
                _become_worker(questions, answers, output, home)
        for descriptor in descriptors:
            os.close(descriptor)
        control.sendall((status & 0xFFFFFFFF).to_bytes(STATUS_BYTES, "little"))


def _ended(child: int) -> int:
    """Kill a worker, and return how it ended: its status, or minus the signal's number."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _empty(home: str) -> None:
    """Leave nothing of a worker to the next, and lay out what each finds at its beginning."""
    for entry in os.scandir(home):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)
    fonts = os.path.join(_library(), "fonts")
    for name in os.listdir(fonts):
        shutil.copyfile(os.path.join(fonts, name), os.path.join(home, name))


def _become_worker(questions: int, answers: int, output: int, home: str) -> None:
    from matnn_lib.grading.worker import main

    try:
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        os.chdir(home)
        main.run(questions, answers)
    finally:
        os._exit(1)


def _library() -> str:
    return os.path.abspath(__file__).rsplit(os.sep, 4)[0]


def main() -> None:
    """Import what workers need, in the places that the settings name, and serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings: dict[str, Any] = json.loads(sys.argv[2])
    sys.path[:] = [_library(), *sys.path, *settings["site"]]

    from matnn_lib.grading.worker import lock

    lock.end_with(os.getppid())
    if os.geteuid() == 0:
        lock.keep_readable()
    for name in _IMPORTED:
        __import__(name)
    from matnn_lib.exercises import compare  # noqa: F401
    from matnn_lib.grading.worker import main as worker  # noqa: F401

    gc.freeze()
    serve(control, settings["home"])


if __name__ == "__main__":
    main()
