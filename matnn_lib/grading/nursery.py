"""The keeper's side of a nursery: get a worker, and have it ended.

A nursery serves one worker after another where these can't touch it, that is, inside Landlock and
seccomp. Where they could, each worker has a nursery of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matnn_lib.grading.sandbox import Sandbox
from matnn_lib.grading.stage import Stage
from matnn_lib.grading.worker import nursery as inside

_GRACE = 0.5  # seconds for a nursery to end by itself
_PATIENCE = 20.0  # seconds for a nursery to answer: long enough to import NumPy on a busy machine


class NurseryError(RuntimeError):
    """The nursery makes no workers."""


@dataclass
class Nursery:
    """A running nursery; made by `start`. One that is not `reusable` has had its last worker."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    home: Path
    reusable: bool

    def worker(self, questions: int, answers: int, output: int) -> None:
        """Make a worker that reads and writes these descriptors.

        Raises
        ------
        NurseryError
            There is no answer.
        """
        self._command(inside.WORKER, [questions, answers, output])

    def end_worker(self) -> int | None:
        """Kill the worker, wait until it is gone, and return its status, or minus its signal.

        None, where the worker has ended the nursery itself.
        """
        try:
            return self._command(inside.END, [])
        except NurseryError:
            self.reusable = False
            return None

    def _command(self, command: bytes, descriptors: list[int]) -> int:
        try:
            socket.send_fds(self.control, [command], descriptors)
            status = self.control.recv(inside.STATUS_BYTES, socket.MSG_WAITALL)
        except OSError as error:
            raise NurseryError(f"no worker can be made: {error}") from None
        if len(status) < inside.STATUS_BYTES:
            raise NurseryError("no worker can be made: the process that makes them has ended")
        return int.from_bytes(status, "little", signed=True)

    def close(self) -> None:
        """End the nursery and whatever comes from it, and remove its folder."""
        self.control.close()  # it takes this for its end
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def start(stage: Stage, sandbox: Sandbox) -> Nursery:
    """Start a nursery in its own session, inside bubblewrap if that is a layer of `sandbox`."""
    home = Path(tempfile.mkdtemp(dir=stage.homes))
    if sandbox.uid is not None:
        os.chown(home, sandbox.uid, sandbox.uid)
    ours, theirs = socket.socketpair()
    ours.settimeout(_PATIENCE)
    settings = json.dumps({"site": stage.site, "home": str(home)})
    # Of what -I does, only -E is left out: the environment is ours, and gives the hash seed.
    interpreter = [os.path.realpath(sys.executable), "-s", "-P", "-B", "-S"]
    program = [*interpreter, str(stage.main), str(theirs.fileno()), settings]
    with theirs:
        process = subprocess.Popen(
            sandbox.command(program, stage, home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            cwd=home,
            env=_environment(home),
        )
    return Nursery(process, ours, home, sandbox.landlock and sandbox.seccomp)


def _environment(home: Path) -> dict[str, str]:
    """Return all that a worker gets of an environment; nothing is passed on."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    folders = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(home))
    return threads | folders | {"MPLBACKEND": "Agg", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


@dataclass
class Nurseries:
    """The nursery of one thread of a keeper, started when it is needed, and again when it broke."""

    stage: Stage
    sandbox: Sandbox
    _running: Nursery | None = None

    @contextmanager
    def nursery(self) -> Iterator[Nursery]:
        """Give a nursery for one worker; after any error in it, the next call starts another."""
        if self._running is None:
            self._running = start(self.stage, self.sandbox)
        try:
            yield self._running
        except BaseException:
            self.close()
            raise
        if not self._running.reusable:
            self.close()

    def close(self) -> None:
        """End the nursery, if there is one."""
        if self._running is not None:
            self._running.close()
            self._running = None
